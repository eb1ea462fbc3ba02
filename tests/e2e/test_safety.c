/*
 * Foreign text never drives the terminal. A mailbox in which every place that we show (subject, names,
 * other fields, bodies, HTML, names of files, descriptions ...) holds bytes that a terminal would obey, raw
 * and in every encoding of mail, is read from the first message to the last in index, pager, attachment
 * menu and prompts, and every byte that comes out goes through a strict reader: sequences are ours or
 * the test fails. Ours never hold the number 31337, and what comes from mail always does.
 */
#include "story.h"

#include <unistd.h>

#define CANARY "31337"
#define SEQUENCE_MAX 4096

static const struct payload {
	const char *name, *bytes;
	size_t n; /* 0: strlen */
} payloads[] = {
	{"CSI colour", "\x1b[31337m", 0}, {"CSI private", "\x1b[?31337h", 0}, {"CSI position", "\x1b[31337;1H", 0},
	{"CSI erase", "\x1b[2J31337", 0}, {"CSI cut by a line end", "\x1b\n [31337m", 0}, {"ESC twice", "\x1b\x1b[31337m", 0},
	{"OSC title", "\x1b]0;31337\x07", 0}, {"OSC clipboard", "\x1b]52;c;31337\x07", 0},
	{"OSC link", "\x1b]8;;http://31337.example\x1b\\x", 0}, {"OSC palette", "\x1b]4;1;31337\x1b\\", 0},
	{"OSC without an end", "\x1b]0;31337", 0}, {"DCS", "\x1bP31337\x1b\\", 0}, {"DCS of tmux", "\x1bPtmux;\x1b\x1b[31337m\x1b\\", 0},
	{"APC", "\x1b_31337\x1b\\", 0}, {"PM", "\x1b^31337\x1b\\", 0}, {"SOS", "\x1bX31337\x1b\\", 0}, {"title of screen", "\x1bk31337\x1b\\", 0},
	{"reset", "\x1b" "c31337", 0}, {"fill", "\x1b#8 31337", 0}, {"report", "\x1b[31337;6n", 0},
	{"C1 CSI, one byte", "\x9b" "31337m", 0}, {"C1 OSC, one byte", "\x9d" "0;31337\x9c", 0}, {"C1 DCS, one byte", "\x90" "31337\x9c", 0},
	{"C1 CSI in UTF-8", "\xc2\x9b" "31337m", 0}, {"C1 OSC in UTF-8", "\xc2\x9d" "0;31337\xc2\x9c", 0},
	{"C1 NEL in UTF-8", "\xc2\x85" "31337", 0}, {"CSI overlong", "\xe0\x82\x9b" "31337m", 0}, {"ESC overlong", "\xc0\x9b" "[31337m", 0},
	{"surrogates", "\xed\xa0\x80\xed\xb0\x9b" "31337", 0}, {"bell", "\x07 31337", 0}, {"backspace", "31337\x08\x08\x08\x08\x08safe", 0},
	{"vertical tab, form feed", "\x0b 31337 \x0c", 0}, {"shift out", "\x0e 31337 \x0f", 0}, {"enquiry", "\x05 31337", 0},
	{"NUL", "a\0b 31337", 9}, {"DEL", "\x7f\x7f 31337", 0}, {"carriage return", "31337\r overwritten", 0},
	{"right-to-left override", "\xe2\x80\xae" "31337 gpj.exe\xe2\x80\xac", 0}, {"isolates", "\xe2\x81\xa6" "31337\xe2\x81\xa9", 0},
	{"marks", "\xe2\x80\x8f\xe2\x80\x8e\xd8\x9c" "31337", 0}, {"line separator", "31337\xe2\x80\xa8x\xe2\x80\xa9y", 0},
	{"tags", "\xf3\xa0\x81\x81\xf3\xa0\x81\x82" "31337", 0}, {"zero width", "\xe2\x80\x8b\xe2\x81\xa0\xef\xbb\xbf" "31337", 0},
	{"ISO-2022-JP state", "\x1b$B31337\x1b(B", 0}, {"UTF-7", "+ABs-[31337m", 0}, {"HZ", "~{31337~}", 0},
};
#define PAYLOADS (sizeof(payloads) / sizeof(payloads[0]))

enum form { RAW, BASE64, QP, FORMS };

/* ---- writing the mailbox ---- */

static void put_base64(FILE *f, const char *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		unsigned a = (unsigned char)p[i], b = i + 1 < n ? (unsigned char)p[i + 1] : 0,
			 c = i + 2 < n ? (unsigned char)p[i + 2] : 0;
		fprintf(f, "%c%c%c%c", digits[a >> 2], digits[(a & 3) << 4 | b >> 4], i + 1 < n ? digits[(b & 15) << 2 | c >> 6] : '=',
			i + 2 < n ? digits[c & 63] : '=');
	}
}

static void put_escaped(FILE *f, const char *p, size_t n, const char *format)
{
	for (size_t i = 0; i < n; i++)
		fprintf(f, format, (unsigned char)p[i]);
}

/* A value of a header field. */
static void put_word(FILE *f, const struct payload *p, enum form form)
{
	size_t n = p->n ? p->n : strlen(p->bytes);

	if (form == RAW) {
		fwrite(p->bytes, 1, n, f);
		return;
	}
	fprintf(f, "=?%s?%c?", strstr(p->name, "2022") ? "iso-2022-jp" : strstr(p->name, "UTF-7") ? "utf-7" : "utf-8",
		form == BASE64 ? 'B' : 'Q');
	if (form == BASE64)
		put_base64(f, p->bytes, n);
	else
		put_escaped(f, p->bytes, n, "=%02X");
	fputs("?=", f);
}

static void put_body(FILE *f, const struct payload *p, enum form form)
{
	size_t n = p->n ? p->n : strlen(p->bytes);

	fprintf(f, "Content-Transfer-Encoding: %s\n\n", form == RAW ? "8bit" : form == BASE64 ? "base64" : "quoted-printable");
	if (form == RAW)
		fwrite(p->bytes, 1, n, f);
	else if (form == BASE64)
		put_base64(f, p->bytes, n);
	else
		put_escaped(f, p->bytes, n, "=%02X");
	fputc('\n', f);
}

static void put_message(FILE *f, size_t number, const struct payload *p, enum form form)
{
	static const char *const fields[] = {"Cc", "Reply-To", "X-Other", "Organization", "List-Id", "User-Agent", "X-Label"};
	size_t n = p->n ? p->n : strlen(p->bytes);

	fprintf(f, "From mallory@evil.example Mon Nov 23 10:00:00 2026\nDate: Mon, 23 Nov 2026 10:%02zu:%02zu +0000\n",
		number / 60, number % 60);
	fprintf(f, "Subject: N%03zu ", number);
	put_word(f, p, form);
	fputs("\nFrom: ", f);
	put_word(f, p, form);
	fputs(" <mallory@evil.example>\nTo: \"", f);
	put_word(f, p, RAW);
	fputs("\" <alice@feist.test>\nMessage-ID: <", f);
	put_word(f, p, RAW);
	fprintf(f, "%zu@evil.example>\n", number);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		fprintf(f, "%s: ", fields[i]);
		put_word(f, p, form);
		fputs(" <x@evil.example>\n", f);
	}
	fputs("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n", f);
	put_body(f, p, form);
	fputs("--b\nContent-Type: text/html; charset=utf-8\nContent-Description: ", f);
	put_word(f, p, form);
	fputs("\nContent-Transfer-Encoding: 8bit\n\n<p title=\"x\">", f);
	fwrite(p->bytes, 1, n, f);
	put_escaped(f, p->bytes, n, "&#%u;");
	fputs("<a href=\"http://evil.example/", f);
	put_escaped(f, p->bytes, n, "&#x%x;");
	fputs("\">link</a>\n--b\nContent-Type: application/octet-stream; name*=utf-8''", f);
	put_escaped(f, p->bytes, n, "%%%02X");
	fputs("\nContent-Disposition: attachment; filename=\"", f);
	put_word(f, p, form);
	fputs(".txt\"\nContent-Transfer-Encoding: base64\n\neA==\n--b\nContent-Type: text/calendar; charset=utf-8\n\n"
	      "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:", f);
	fwrite(p->bytes, 1, n, f);
	fputs("\nLOCATION:", f);
	fwrite(p->bytes, 1, n, f);
	fputs("\nDTSTART:20261124T100000Z\nEND:VEVENT\nEND:VCALENDAR\n--b--\n\n", f);
}

/* Every step-th payload in every form, and a last message to wait for. */
static size_t write_mailbox(struct world *w, size_t step)
{
	FILE *f = fopen(world_path(w, "home/Mail/evil"), "w");
	size_t number = 0;

	assert_non_null(f);
	for (size_t i = 0; i < PAYLOADS; i += step)
		for (int form = 0; form < FORMS; form++)
			put_message(f, ++number, &payloads[i], (enum form)form);
	assert_int_equal(fclose(f), 0);
	return number;
}

/* ---- reading what comes out ---- */

enum state { GROUND, AFTER_ESC, IN_CSI, IN_STRING, STRING_ESC, IN_UTF8 };

struct reader {
	enum state state;
	unsigned point, left;
	char sequence[SEQUENCE_MAX];
	size_t n;
	bool utf8, euc; /* euc: 0x8e and 0x8f begin characters of more bytes */
	bool old; /* old: vt100 pads with NUL and draws lines with SO; SI ends attributes on many */
	char fault[256];
};

static void fault(struct reader *r, const char *what, unsigned code)
{
	if (!*r->fault)
		snprintf(r->fault, sizeof(r->fault), "%s (%#x) %.100s", what, code, r->sequence);
}

static void end_sequence(struct reader *r)
{
	r->sequence[r->n] = '\0';
	/* "pwned": what the titles and clipboards of the shared attacks hold; 8m, 6n: hidden text and questions */
	if (strstr(r->sequence, CANARY) || strstr(r->sequence, "pwned") || strcmp(r->sequence, "[8m") == 0 ||
		strcmp(r->sequence, "[6n") == 0)
		fault(r, "a sequence out of a mail", 0x1b);
	r->n = 0;
	r->state = GROUND;
}

static void point(struct reader *r, unsigned c)
{
	bool bidi = (c >= 0x202a && c <= 0x202e) || c == 0x200e || c == 0x200f || c == 0x61c; /* isolates are closed in their line */
	bool line = c == 0x2028 || c == 0x2029, tag = c >= 0xe0000 && c <= 0xe007f;

	if ((c >= 0x80 && c < 0xa0) || bidi || line || tag || c == 0xfeff)
		fault(r, "a character that must not come out", c);
}

static void control(struct reader *r, unsigned c)
{
	if (c == '\n' || c == '\r' || c == '\b' || c == '\t' || c == 15 || (r->old && (c == 0 || c == 14)))
		return;
	fault(r, "a control character", c);
}

static void ground(struct reader *r, unsigned c)
{
	if (c == 0x1b)
		r->state = AFTER_ESC;
	else if (c < 0x20 || c == 0x7f)
		control(r, c);
	else if (c >= 0x80 && !r->utf8)
		c < 0xa0 && !(r->euc && (c == 0x8e || c == 0x8f)) ? fault(r, "a C1 byte", c) : (void)0;
	else if (c >= 0x80) {
		r->left = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
		r->point = c & (0x3fu >> r->left);
		r->state = IN_UTF8;
		if (c < 0xc2 || c > 0xf4)
			fault(r, "no UTF-8", c);
	}
}

static void byte(struct reader *r, unsigned c)
{
	if (r->state != GROUND && r->state != IN_UTF8 && r->n + 1 < SEQUENCE_MAX)
		r->sequence[r->n++] = (char)c;
	switch (r->state) {
	case GROUND:
		ground(r, c);
		break;
	case IN_UTF8:
		if ((c & 0xc0) != 0x80)
			fault(r, "broken UTF-8", c);
		r->point = r->point << 6 | (c & 0x3f);
		if (--r->left == 0) {
			point(r, r->point);
			r->state = GROUND;
		}
		break;
	case AFTER_ESC:
		if (c == '[')
			r->state = IN_CSI;
		else if (c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X' || c == 'k')
			r->state = IN_STRING;
		else if (c >= 0x30 || c == 0x1b)
			end_sequence(r);
		break;
	case IN_CSI:
		if (c >= 0x40 && c < 0x7f)
			end_sequence(r);
		else if (c < 0x20)
			fault(r, "a control character in a sequence", c);
		break;
	case IN_STRING:
		if (c == 0x1b)
			r->state = STRING_ESC;
		else if (c == 7)
			end_sequence(r);
		break;
	case STRING_ESC:
		end_sequence(r);
		break;
	}
}

static void read_bytes(void *data, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		byte(data, (unsigned char)bytes[i]);
}

static void check(struct story *s, const struct reader *r, const char *where)
{
	if (*r->fault) {
		term_dump(s->t);
		fail_msg("%s: %s", where, r->fault);
	}
}

static struct reader reader_of(const char *terminal, const char *locale)
{
	return (struct reader){.utf8 = strstr(locale, "UTF-8") != NULL, .euc = strstr(locale, "EUC-") != NULL,
		.old = strcmp(terminal, "TERM=vt100") == 0};
}

/* ---- the tour ---- */

static void see_message(struct story *s, struct reader *r, size_t number)
{
	char seen[32], where[64];

	snprintf(seen, sizeof(seen), "Subject: N%03zu", number);
	snprintf(where, sizeof(where), "message %zu (%s)", number, payloads[(number - 1) / FORMS].name);
	term_expect(s->t, seen);
	term_type(s->t, " \b");
	term_type(s->t, "v");
	term_expect(s->t, "Parts of: N");
	term_type(s->t, "jjjjj");
	term_type(s->t, "q");
	term_expect_gone(s->t, "Parts of: N");
	if (number % 4 == 1) { /* prompts with foreign text in them */
		term_type(s->t, "s");
		term_expect(s->t, "Save to mailbox");
		term_type(s->t, "\a");
		term_expect_gone(s->t, "Save to mailbox");
		term_type(s->t, "@");
	}
	check(s, r, where);
}

static void tour(void **state, const char *terminal, const char *locale, size_t step)
{
	struct story *s = story_new(state, WORLD_LOCAL);
	struct reader r = reader_of(terminal, locale);
	size_t n = write_mailbox(s->w, step);
	char all[32];

	world_env(s->w, terminal);
	world_env(s->w, locale);
	world_rc(s->w, "set beep=no weed=no sort=mailbox-order pager_stop=yes mark_old=no sidebar_visible=yes pager_index_lines=4\n"
		       "set index_format='%4C %Z %-20.20F %-18.18L %s %y %M' pager_format='%s %n'\n");
	s->t = world_feist(s->w, "-f", "=evil", NULL);
	term_watch(s->t, read_bytes, &r);
	if (!r.utf8)
		term_ascii(s->t);
	snprintf(all, sizeof(all), "Msgs:%zu", n);
	term_expect(s->t, all);
	term_type(s->t, "zz=");
	term_expect(s->t, "N001");
	check(s, &r, "index");
	term_type(s->t, "1\r\r");
	for (size_t number = 1; number <= n; number++) {
		see_message(s, &r, number);
		if (number < n)
			term_type(s->t, "j");
	}
	term_type(s->t, "i");
	for (size_t screen = 0; screen < n / 20 + 1; screen++)
		term_type(s->t, "\x1b[6~");
	term_type(s->t, "x");
	assert_int_equal(term_wait_exit(s->t), 0);
	check(s, &r, "the end");
	print_message("%s %s: %zu messages, %zu bytes\n", terminal, locale, n, term_bytes(s->t));
}

static void xterm(void **state)
{
	tour(state, "TERM=xterm-256color", "LC_ALL=C.UTF-8", 1);
}

static void tmux(void **state)
{
	tour(state, "TERM=tmux-256color", "LC_ALL=C.UTF-8", 5);
}

static void console(void **state)
{
	tour(state, "TERM=linux", "LC_ALL=C.UTF-8", 5);
}

static void vt100(void **state)
{
	tour(state, "TERM=vt100", "LC_ALL=C", 4);
}

/* Locales that a bare machine lacks are made for the test, where localedef and its data are there. */
static void in_locale(void **state, void (*run)(void **, const char *, const char *, size_t), const char *input,
	const char *charset, size_t step)
{
	char command[1024], path[64], locale[128];

	snprintf(path, sizeof(path), "/tmp/feist-locale.%ld", (long)getpid());
	snprintf(command, sizeof(command), "mkdir -p %s && localedef -i %s -f %s %s/%s.%s >/dev/null 2>&1", path, input, charset, path,
		input, charset);
	if (system(command) != 0) {
		print_message("no locale %s.%s here: skipped\n", input, charset);
		skip();
	}
	snprintf(locale, sizeof(locale), "LC_ALL=%s.%s", input, charset);
	setenv("LOCPATH", path, 1);
	run(state, "TERM=xterm-256color", locale, step);
	unsetenv("LOCPATH");
	snprintf(command, sizeof(command), "rm -rf %s", path);
	if (system(command) != 0)
		print_message("cannot remove %s\n", path);
}

static void latin1(void **state)
{
	in_locale(state, tour, "de_DE", "ISO-8859-1", 4);
}

static void japanese(void **state)
{
	in_locale(state, tour, "ja_JP", "EUC-JP", 4);
}

/*
 * The collected attacks of a folder ($FEIST_SHARED), on the screen of one terminal. Each is opened, paged,
 * and its parts are looked at.
 */
static void attacks(void **state, const char *terminal, const char *locale, size_t step)
{
	struct story *s = story_new(state, WORLD_LOCAL);
	struct reader r = reader_of(terminal, locale);
	char command[1024], out[64] = "", seen[32];

	snprintf(command, sizeof(command),
		"mkdir -p home/Mail/evil/cur home/Mail/evil/new home/Mail/evil/tmp; n=0; "
		"find %s/corpus/6-security -name '*.eml' | sort | while read f; do n=$((n+1)); test $((n %% %zu)) = 0 && "
		"cp \"$f\" home/Mail/evil/cur/$n.x.y:2,; done; ls home/Mail/evil/cur | wc -l > count; touch canary",
		getenv("FEIST_SHARED"), step);
	world_expect_shell(s->w, NULL, command);
	FILE *f = fopen(world_path(s->w, "count"), "r");
	assert_non_null(f);
	assert_non_null(fgets(out, sizeof(out), f));
	fclose(f);
	int n = atoi(out);
	world_env(s->w, terminal);
	world_env(s->w, locale);
	world_rc(s->w, "set beep=no weed=no sort=mailbox-order pager_stop=yes mark_old=no sidebar_visible=yes pager_index_lines=4\n"
		       "set pager_format='<%C> %n %s'\n");
	s->t = world_feist(s->w, "-f", "=evil", NULL);
	term_watch(s->t, read_bytes, &r);
	if (!r.utf8)
		term_ascii(s->t);
	snprintf(seen, sizeof(seen), "Msgs:%d", n);
	term_expect(s->t, seen);
	term_type(s->t, "=\r");
	for (int i = 1; i <= n; i++) {
		snprintf(seen, sizeof(seen), "<%d>", i);
		term_expect(s->t, seen);
		term_type(s->t, "  v");
		term_expect(s->t, "Parts of:");
		term_type(s->t, "jjjq");
		term_expect(s->t, seen);
		check(s, &r, seen);
		term_type(s->t, "j");
	}
	term_type(s->t, "ix");
	assert_int_equal(term_wait_exit(s->t), 0);
	check(s, &r, "the end");
	world_expect_shell(s->w, NULL, "test -e canary");
	print_message("%s %s: %d attacks, %zu bytes\n", terminal, locale, n, term_bytes(s->t));
}

static void collected_attacks(void **state)
{
	static const char *const where[][2] = {{"TERM=vt100", "LC_ALL=C"}, {"TERM=linux", "LC_ALL=C.UTF-8"},
		{"TERM=xterm-256color", "LC_ALL=C.UTF-8"}, {"TERM=tmux-256color", "LC_ALL=C.UTF-8"}};
	const char *shared = getenv("FEIST_SHARED"), *all = getenv("FEIST_ALL_ATTACKS");

	if (!shared || access(shared, R_OK) != 0) {
		print_message("no FEIST_SHARED: skipped\n");
		skip();
	}
	for (size_t i = 0; i < (all ? 4u : 1u); i++) {
		attacks(state, where[i][0], where[i][1], all ? 1 : 16);
		if (all && i < 3)
			story_end(state);
	}
}

static void attacks_in_a_locale(void **state, const char *input, const char *charset)
{
	if (!getenv("FEIST_SHARED") || !getenv("FEIST_ALL_ATTACKS")) {
		print_message("no FEIST_ALL_ATTACKS: skipped\n");
		skip();
	}
	in_locale(state, attacks, input, charset, 1);
}

static void collected_attacks_latin1(void **state)
{
	attacks_in_a_locale(state, "de_DE", "ISO-8859-1");
}

static void collected_attacks_japanese(void **state)
{
	attacks_in_a_locale(state, "ja_JP", "EUC-JP");
}

/* The same without a screen. */
static void batch(void **state)
{
	struct story *s = story_new(state, WORLD_LOCAL);
	size_t n = write_mailbox(s->w, 1), size = 4 << 20;
	char *out = malloc(size), message[32];
	struct reader r = {.utf8 = true};

	assert_non_null(out);
	assert_int_equal(world_run(s->w, NULL, out, size, "feist", "--list", "-f", "=evil", NULL), 0);
	read_bytes(&r, out, strlen(out));
	for (size_t i = 1; i <= n && !*r.fault; i++) {
		snprintf(message, sizeof(message), "home/Mail/evil#%zu", i);
		assert_int_equal(world_run(s->w, NULL, out, size, "feist", "--dump=text", world_path(s->w, "%s", message), NULL), 0);
		read_bytes(&r, out, strlen(out));
	}
	free(out);
	if (*r.fault)
		fail_msg("--list and --dump: %s", r.fault);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORY(xterm), STORY(tmux), STORY(console), STORY(vt100), STORY(latin1),
		STORY(japanese), STORY(batch), STORY(collected_attacks), STORY(collected_attacks_latin1),
		STORY(collected_attacks_japanese)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
