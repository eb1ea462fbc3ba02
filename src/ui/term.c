/*
 * The terminal. Cells go out through ncurses only; everything else is written between frames with
 * write(2), and either changes no cell or writes the same cells again (links). What we switch on is
 * kept as one undo string, so that a signal handler can put the terminal back.
 *
 * curses.h is included here and in term_show.c only (through term_priv.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>
#ifdef HAVE_UNIBILIUM
#include <unibilium.h>
#endif

#include "ui/term_priv.h"

#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "text/utf8.h"

#define READ_MAX 4096
#define OVERLAY_MAX 32768

/* For signal handlers: what puts the terminal back. Filled before each mode is switched on. */
static char undo_text[512];
static volatile sig_atomic_t undo_len;
static struct termios undo_termios;
static volatile sig_atomic_t undo_termios_set;

static void undo_add(const char *s)
{
	size_t n = strlen(s);
	if ((size_t)undo_len + n >= sizeof(undo_text) || strstr(undo_text, s))
		return;
	memcpy(undo_text + undo_len, s, n + 1);
	undo_len += (sig_atomic_t)n;
}

const char *term_undo_string(size_t *len)
{
	*len = (size_t)undo_len;
	return undo_text;
}

static void on_crash(int signo)
{
	if (undo_len > 0 && write(STDOUT_FILENO, undo_text, (size_t)undo_len) < 0) {
		/* nothing left to do */
	}
	if (undo_termios_set)
		tcsetattr(STDIN_FILENO, TCSANOW, &undo_termios);
	signal(signo, SIG_DFL);
	raise(signo);
}

void term_emit(struct term *t, const char *s, size_t n)
{
	struct err e;
	if (t->null || t->suspended || n == 0)
		return;
	if (!fs_write_all(STDOUT_FILENO, sv_make(s, n), &e))
		log_write(LOG_WARN, "term", "%s", e.text);
}

void term_emits(struct term *t, const char *s)
{
	term_emit(t, s, strlen(s));
}

/* ---- features ---- */

static const struct {
	const char *name;
	unsigned bit;
} feature_names[] = {
	{"rgb", TERM_TRUECOLOR}, {"truecolor", TERM_TRUECOLOR}, {"osc8", TERM_LINKS}, {"links", TERM_LINKS},
	{"osc52", TERM_CLIPBOARD}, {"clipboard", TERM_CLIPBOARD}, {"sync", TERM_SYNC}, {"kitty", TERM_KITTY},
	{"paste", TERM_PASTE}, {"focus", TERM_FOCUS}, {"title", TERM_TITLE}, {"mouse", TERM_MOUSE},
};

/* "-osc8,+sync" */
static void force_features(struct term *t, const char *list)
{
	struct sv rest = sv_of(list), word;
	while (sv_split(&rest, ',', &word)) {
		word = sv_trim(word);
		bool off = word.len > 0 && word.p[0] == '-';
		if (word.len > 0 && (word.p[0] == '-' || word.p[0] == '+'))
			word = sv_from(word, 1);
		for (size_t i = 0; i < ARRAY_LEN(feature_names); i++) {
			if (sv_is_case(word, feature_names[i].name))
				*(off ? &t->forced_off : &t->forced_on) |= feature_names[i].bit;
		}
	}
}

/* What is switched on with a sequence, and how it is undone. */
static const struct {
	unsigned bit;
	const char *on, *off;
} modes[] = {
	{TERM_PASTE, "\033[?2004h", "\033[?2004l"},
	{TERM_FOCUS, "\033[?1004h", "\033[?1004l"},
	{TERM_MOUSE, "\033[?1006;1000h", "\033[?1006;1000l"},
	{TERM_KITTY, "\033[>1u", "\033[<u"},
	{TERM_TITLE, "\033[22;2t", "\033[23;2t"},
};

static void modes_on(struct term *t, unsigned bits)
{
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		if (bits & modes[i].bit) {
			undo_add(modes[i].off);
			term_emits(t, modes[i].on);
		}
	}
}

static void modes_off(struct term *t)
{
	for (size_t i = ARRAY_LEN(modes); i-- > 0;) {
		if (t->features & modes[i].bit)
			term_emits(t, modes[i].off);
	}
}

static void learn(struct term *t, unsigned bits)
{
	bits &= ~t->forced_off & ~t->features;
	if (!bits)
		return;
	t->features |= bits;
	modes_on(t, bits);
	if (bits & (TERM_TRUECOLOR | TERM_LINKS))
		term_redraw(t);
}

static bool env_is(const char *name, const char *value)
{
	const char *v = getenv(name);
	return v && strcmp(v, value) == 0;
}

/* Before any answer: what the environment says. */
static unsigned features_of_environment(const char *name)
{
	unsigned f = TERM_PASTE;
	const char *vte = getenv("VTE_VERSION");
	bool mux = getenv("TMUX") || getenv("STY");
	if (env_is("COLORTERM", "truecolor") || env_is("COLORTERM", "24bit"))
		f |= TERM_TRUECOLOR;
	if (strncmp(name, "linux", 5) != 0 && strncmp(name, "vt", 2) != 0)
		f |= TERM_CLIPBOARD | TERM_FOCUS;
	else
		f = 0;
	if (!mux && vte && strtol(vte, NULL, 10) >= 5000)
		f |= TERM_LINKS;
	if (!mux && (strstr(name, "kitty") || strstr(name, "foot") || strstr(name, "ghostty") ||
		env_is("TERM_PROGRAM", "WezTerm") || env_is("TERM_PROGRAM", "iTerm.app")))
		f |= TERM_LINKS | TERM_TRUECOLOR;
	return f;
}

static void query(struct term *t, const char *name)
{
	if (strncmp(name, "linux", 5) == 0 || strncmp(name, "vt", 2) == 0 || strcmp(name, "dumb") == 0 ||
		(t->in_screen && !getenv("TMUX")))
		return;
	/* XTVERSION, kitty keys, mode 2026, RGB, and DA1 as the fence. */
	term_emits(t, "\033[>0q\033[?u\033[?2026$p\033P+q524742\033\\\033[c");
}

void term_reply(struct term *t, struct sv r)
{
	if (sv_starts(r, SV("\033[?")) && r.p[r.len - 1] == 'u') {
		learn(t, TERM_KITTY);
	} else if (sv_starts(r, SV("\033[?2026;"))) {
		char how = r.p[sizeof("\033[?2026;") - 1];
		if (how == '1' || how == '2')
			learn(t, TERM_SYNC);
	} else if (sv_starts(r, SV("\033P1+r524742"))) {
		learn(t, TERM_TRUECOLOR);
	} else if (sv_starts(r, SV("\033P>|"))) {
		static const char *const good[] = {"kitty", "foot", "WezTerm", "ghostty", "iTerm2", "VTE(7", "VTE(8",
			"tmux 3.4", "tmux 3.5", "tmux 3.6", "tmux 3.7", "tmux 4", "Konsole", "contour", "rio"};
		for (size_t i = 0; i < ARRAY_LEN(good); i++) {
			if (sv_find_case(r, sv_of(good[i])) < 0)
				continue;
			bool tmux = good[i][0] == 't';
			learn(t, TERM_LINKS | (tmux ? 0u : TERM_TRUECOLOR));
		}
	}
}

/* ---- terminfo overlay ---- */

static void add_base64(struct str *out, const unsigned char *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)p[i] << 16 | (i + 1 < n ? (unsigned)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0);
		str_addc(out, digits[v >> 18]);
		str_addc(out, digits[v >> 12 & 63]);
		str_addc(out, i + 1 < n ? digits[v >> 6 & 63] : '=');
		str_addc(out, i + 2 < n ? digits[v & 63] : '=');
	}
}

#ifdef HAVE_UNIBILIUM
#define COLOUR_CAP(basic, extended)                                                                \
	"\033[%?%p1%{8}%<%t" basic "%p1%d%e%p1%{256}%<%t" extended ";5;%p1%d%e" extended           \
	";2;%p1%{65536}%/%{255}%&%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m"

/*
 * The user's own terminfo entry, made to carry palette and 24-bit colours side by side, as a value for
 * $TERMINFO. False when there is no entry with 256 colours.
 */
static bool describe(const char *name, struct str *value)
{
	unibi_term *ut = unibi_from_term(name);
	if (!ut)
		return false;
	bool ok = unibi_get_num(ut, unibi_max_colors) >= 256;
	if (ok) {
		unibi_set_num(ut, unibi_max_colors, 0x1000000);
		unibi_set_num(ut, unibi_max_pairs, 0x10000);
		unibi_set_bool(ut, unibi_can_change, false);
		unibi_set_str(ut, unibi_set_a_foreground, COLOUR_CAP("3", "38"));
		unibi_set_str(ut, unibi_set_a_background, COLOUR_CAP("4", "48"));
		unibi_add_ext_bool(ut, "RGB", true);
		/* We draw lines in Unicode: leaving the alternate character set with each attribute is waste. */
		const char *sgr0 = unibi_get_str(ut, unibi_exit_attribute_mode);
		if (sgr0 && strstr(sgr0, "\033(B")) {
			unibi_set_str(ut, unibi_exit_attribute_mode, "\033[m");
			unibi_set_str(ut, unibi_set_attributes,
				"\033[0%?%p6%t;1%;%?%p5%t;2%;%?%p2%t;4%;%?%p1%p3%|%t;7%;%?%p4%t;5%;%?%p7%t;8%;m");
		}
		char *buf = xmalloc(OVERLAY_MAX);
		size_t n = unibi_dump(ut, buf, OVERLAY_MAX);
		ok = n > 0 && n <= OVERLAY_MAX;
		if (ok) {
			str_adds(value, "b64:");
			add_base64(value, (const unsigned char *)buf, n);
		}
		free(buf);
	}
	unibi_destroy(ut);
	return ok;
}
#else
static bool describe(const char *name, struct str *value)
{
	(void)name;
	(void)value;
	return false;
}
#endif

/* newterm with the better description; TERMINFO is put back, since children must see their own. */
static SCREEN *new_screen(const char *name)
{
	struct str value;
	SCREEN *s = NULL;
	str_init(&value, OVERLAY_MAX * 2);
	if (describe(name, &value)) {
		char *old = xstrdup(getenv("TERMINFO"));
		setenv("TERMINFO", value.s, 1);
		s = newterm(name, stdout, stdin);
		if (old)
			setenv("TERMINFO", old, 1);
		else
			unsetenv("TERMINFO");
		free(old);
	}
	str_fini(&value);
	return s ? s : newterm(name, stdout, stdin);
}

/* ---- opening and closing ---- */

static void read_size(struct term *t)
{
	struct winsize ws;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 0 && ws.ws_col > 0) {
		t->rows = MIN(ws.ws_row, GRID_ROWS_MAX);
		t->cols = MIN(ws.ws_col, GRID_COLS_MAX);
	} else {
		t->rows = LINES;
		t->cols = COLS;
	}
}

static void undo_capability(const char *name)
{
	const char *s = tigetstr((char *)name);
	if (s && s != (char *)-1)
		undo_add(s);
}

static void catch_crashes(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct sigaction sa = {.sa_handler = on_crash, .sa_flags = SA_RESETHAND};
		sigemptyset(&sa.sa_mask);
		sigaction(signals[i], &sa, NULL);
	}
}

static void set_up_colours(struct term *t)
{
	const char *no_color = getenv("NO_COLOR");
	if (no_color && *no_color)
		return;
	if (!has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	t->colours = COLORS > 256 ? 256 : (unsigned)MAX(COLORS, 0);
}

/*
 * Until it has come back from endwin once, ncurses (6.4, lib_mvcur.c) writes out its buffer with each move of the
 * cursor: a screenful is some fifty writes, and as many packets over ssh. So it leaves once, into nowhere.
 */
static void leave_once(void)
{
	const char *acs = tigetstr("enacs");
	int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (out >= 0 && nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0) {
		endwin();
		dup2(out, STDOUT_FILENO);
		if (acs && acs != (char *)-1)
			putp(acs); /* newterm's went into nowhere, too */
	}
	if (out >= 0)
		close(out);
	if (nowhere >= 0)
		close(nowhere);
}

/*
 * UTF-8 where the locale says so, and where it says nothing (C, the usual case of ssh and containers),
 * unless the terminal is one of those that never knew it. In another locale the terminal must not get
 * UTF-8: its bytes 0x80 to 0x9f are control characters there.
 */
static bool use_utf8(const char *terminal)
{
	const char *set = nl_langinfo(CODESET);
	bool nothing = strcmp(set, "ANSI_X3.4-1968") == 0 || strcmp(set, "US-ASCII") == 0;
	if (strcmp(set, "UTF-8") == 0)
		return true;
	if (nothing && strncmp(terminal, "vt", 2) != 0 && setlocale(LC_CTYPE, "C.UTF-8"))
		return true;
	log_write(LOG_INFO, "term", "the terminal is written to in %s, as the locale says", set);
	return false;
}

struct term *term_open(const struct term_opts *opts, struct err *e)
{
	const char *name = getenv("TERM");
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(e, ERR_INPUT, "this is not a terminal: use feist --list, --dump or the other batch options");
		return NULL;
	}
	if (!name || !*name || strcmp(name, "dumb") == 0) {
		err_set(e, ERR_INPUT, "the terminal \"%s\" cannot show screens: set TERM, or use the batch options",
			name ? name : "");
		return NULL;
	}
	bool utf8 = use_utf8(name);
	if (tcgetattr(STDIN_FILENO, &undo_termios) == 0)
		undo_termios_set = 1;
	SCREEN *screen = new_screen(name);
	if (!screen) {
		err_set(e, ERR_INPUT, "no description of the terminal \"%s\" (terminfo): set TERM to one that is known", name);
		return NULL;
	}
	struct term *t = xcalloc(1, sizeof(*t));
	t->screen = screen;
	t->utf8 = utf8;
	t->cursor_visible = -1;
	t->in_screen = strncmp(name, "screen", 6) == 0 && !getenv("TMUX");
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	idlok(stdscr, TRUE);
	leaveok(stdscr, FALSE);
	set_up_colours(t);
	read_size(t);
	if (t->rows != LINES || t->cols != COLS)
		resizeterm(t->rows, t->cols);
	undo_add("\033[0m");
	undo_capability("cnorm");
	undo_capability("rmkx");
	undo_capability("rmcup");
	catch_crashes();
	if (opts->features)
		force_features(t, opts->features);
	unsigned f = features_of_environment(name);
	if (opts->colour >= 0)
		f = opts->colour ? f | TERM_TRUECOLOR : f & ~(unsigned)TERM_TRUECOLOR;
	if (!utf8) /* their text would have to be told apart from what curses writes */
		t->forced_off |= TERM_LINKS;
	if (opts->colour == 0)
		t->forced_off |= TERM_TRUECOLOR;
	if (opts->mouse)
		f |= TERM_MOUSE;
	t->set_title = opts->set_title && f != 0;
	if (t->set_title)
		f |= TERM_TITLE;
	leave_once();
	refresh(); /* the alternate screen is entered before our own sequences go out */
	learn(t, (f | t->forced_on) & ~t->forced_off);
	if (opts->query)
		query(t, name);
	return t;
}

struct term *term_open_null(int rows, int cols)
{
	struct term *t = xcalloc(1, sizeof(*t));
	t->null = true;
	t->rows = rows;
	t->cols = cols;
	t->colours = 256;
	t->features = TERM_TRUECOLOR;
	return t;
}

void term_close(struct term *t)
{
	if (!t)
		return;
	if (!t->null) {
		modes_off(t);
		if (!t->suspended)
			endwin();
		undo_len = 0;
		undo_text[0] = '\0';
		undo_termios_set = 0;
		delscreen(t->screen);
	}
	grid_free(t->shown);
	free(t->line);
	free(t->title);
	free(t);
}

bool term_is_null(const struct term *t)
{
	return t->null;
}

int term_rows(const struct term *t)
{
	return t->rows;
}

int term_cols(const struct term *t)
{
	return t->cols;
}

unsigned term_features(const struct term *t)
{
	return t->features;
}

unsigned term_colours(const struct term *t)
{
	return t->colours;
}

bool term_resized(struct term *t)
{
	int rows = t->rows, cols = t->cols;
	if (t->null)
		return false;
	read_size(t);
	if (rows == t->rows && cols == t->cols)
		return false;
	if (!t->suspended)
		resizeterm(t->rows, t->cols);
	term_redraw(t);
	return true;
}

void term_set_size(struct term *t, int rows, int cols)
{
	t->rows = rows;
	t->cols = cols;
}

/* ---- small things ---- */

void term_beep(struct term *t)
{
	term_emits(t, "\a");
}

void term_mouse(struct term *t, bool on)
{
	if (t->null || on == !!(t->features & TERM_MOUSE))
		return;
	if (on) {
		learn(t, TERM_MOUSE);
		return;
	}
	term_emits(t, "\033[?1006;1000l");
	t->features &= ~(unsigned)TERM_MOUSE;
}

/* ---- reading ---- */

int term_fd(const struct term *t)
{
	return t->null ? -1 : STDIN_FILENO;
}

/* Keys of a locale that is not UTF-8. What is no character there is a question mark. */
static void feed_converted(struct term *t, struct input *in, struct sv bytes)
{
	struct str text;
	str_init(&text, READ_MAX * 4);
	while (bytes.len > 0) {
		wchar_t c;
		size_t n = mbrtowc(&c, bytes.p, bytes.len, &t->typed);
		if (n == (size_t)-2)
			break;
		if (n == (size_t)-1) {
			memset(&t->typed, 0, sizeof(t->typed));
			c = L'?';
			n = 1;
		}
		utf8_add(&text, (uint32_t)c);
		bytes = sv_from(bytes, n > 0 ? n : 1);
	}
	input_feed(in, str_sv(&text));
	str_fini(&text);
}

bool term_read(struct term *t, struct input *in)
{
	char buf[READ_MAX];
	if (t->null || t->suspended)
		return true;
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));
	if (n > 0 && t->utf8) {
		input_feed(in, sv_make(buf, (size_t)n));
		return true;
	}
	if (n > 0) {
		feed_converted(t, in, sv_make(buf, (size_t)n));
		return true;
	}
	return n < 0 && (errno == EINTR || errno == EAGAIN);
}

void term_define_keys(struct term *t, struct input *in)
{
	static const struct {
		const char *cap;
		uint32_t key;
	} caps[] = {
		{"kcuu1", K_UP}, {"kcud1", K_DOWN}, {"kcub1", K_LEFT}, {"kcuf1", K_RIGHT}, {"khome", K_HOME},
		{"kend", K_END}, {"kpp", K_PAGE_UP}, {"knp", K_PAGE_DOWN}, {"kich1", K_INSERT}, {"kdch1", K_DELETE},
		{"kbs", K_BACKSPACE}, {"kent", K_ENTER}, {"kcbt", K_BACKTAB}, {"kLFT", K_SHIFT | K_LEFT},
		{"kRIT", K_SHIFT | K_RIGHT}, {"kri", K_SHIFT | K_UP}, {"kind", K_SHIFT | K_DOWN},
	};
	if (t->null)
		return;
	for (size_t i = 0; i < ARRAY_LEN(caps); i++) {
		const char *s = tigetstr((char *)caps[i].cap);
		if (s && s != (char *)-1 && *s)
			input_define(in, s, caps[i].key);
	}
	for (int n = 1; n <= 24; n++) {
		char cap[8];
		snprintf(cap, sizeof(cap), "kf%d", n);
		const char *s = tigetstr(cap);
		if (s && s != (char *)-1 && *s)
			input_define(in, s, (uint32_t)(K_F0 + n));
	}
}

/* ---- children ---- */

void term_suspend(struct term *t)
{
	if (t->suspended)
		return;
	if (!t->null) {
		modes_off(t);
		curs_set(1);
		endwin();
	}
	t->suspended = true;
}

void term_resume(struct term *t)
{
	if (!t->suspended)
		return;
	t->suspended = false;
	if (t->null)
		return;
	read_size(t);
	resizeterm(t->rows, t->cols);
	clearok(stdscr, TRUE);
	t->cursor_visible = -1;
	refresh();
	modes_on(t, t->features);
	free(t->title);
	t->title = NULL;
	term_redraw(t);
	if (t->guarded)
		term_guard(t, true);
}

void term_guard(struct term *t, bool on)
{
	struct termios tio;

	t->guarded = on;
	if (t->null || t->suspended || tcgetattr(STDIN_FILENO, &tio) != 0)
		return;
	tio.c_lflag &= ~(tcflag_t)TOSTOP;
	tio.c_lflag |= on ? TOSTOP : 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &tio);
}

bool term_suspended(const struct term *t)
{
	return t->suspended;
}

void term_wait_key(struct term *t)
{
	struct termios tio;
	if (t->null || tcgetattr(STDIN_FILENO, &tio) != 0)
		return;
	tio.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tio.c_cc[VMIN] = 1;
	tio.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &tio);
}

/* ---- beside the picture ---- */

static void add_plain(const struct term *t, struct str *out, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (!t->utf8 && *p >= 0x80) {
			if (*p >= 0xc0)
				str_addc(out, '?');
		} else if (*p >= ' ' && *p != 0x7f && !(*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
			str_addc(out, (char)*p);
	}
}

void term_title(struct term *t, const char *title, const char *icon)
{
	if (t->null || t->suspended || !t->set_title || (t->title && strcmp(t->title, title) == 0))
		return;
	struct str out;
	str_init(&out, 4 * TERM_TITLE_MAX);
	if (icon && *icon) {
		str_adds(&out, "\033]1;");
		add_plain(t, &out, icon);
		str_adds(&out, "\033\\");
	}
	str_adds(&out, "\033]2;");
	add_plain(t, &out, title);
	str_adds(&out, "\033\\");
	term_emit(t, out.s, out.len);
	str_fini(&out);
	free(t->title);
	t->title = xstrdup(title);
}

bool term_copy(struct term *t, struct sv text)
{
	if (!(t->features & TERM_CLIPBOARD) || t->suspended || text.len > TERM_COPY_MAX * 3 / 4)
		return false;
	struct str out;
	str_init(&out, TERM_COPY_MAX * 2);
	str_adds(&out, t->in_screen ? "\033P\033]52;c;" : "\033]52;c;");
	add_base64(&out, (const unsigned char *)text.p, text.len);
	str_adds(&out, t->in_screen ? "\a\033\\" : "\033\\");
	term_emit(t, out.s, out.len);
	str_fini(&out);
	return true;
}

void term_notify(struct term *t, const char *text)
{
	if (t->null || t->suspended || t->in_screen)
		return;
	struct str out;
	str_init(&out, 1024);
	str_adds(&out, "\033]777;notify;feist;");
	add_plain(t, &out, text);
	str_adds(&out, "\033\\");
	term_emit(t, out.s, out.len);
	str_fini(&out);
}
