/*
 * The terminal of the end-to-end tests: see term.h.
 */
#include "term.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <regex.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#include <cmocka.h>

enum { ROWS_MAX = 200, COLS_MAX = 500, CELL_BYTES = 6 * 4 };

struct term {
	int fd;
	pid_t pid;
	int status; /* of waitpid, valid when pid is 0 */
	int rows, cols;
	size_t bytes;
	VTerm *vt;
	VTermScreen *screen;
	char *text;
	void (*watch)(void *data, const char *bytes, size_t n);
	void *watch_data;
	bool ascii;
};

static void (*failure_hook)(void);

void term_on_failure(void (*hook)(void))
{
	failure_hook = hook;
}

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000L + t.tv_nsec / 1000000L;
}

static long limit_ms(void)
{
	const char *s = getenv("FEIST_E2E_SECONDS");
	long n = s ? strtol(s, NULL, 10) : 0;

	return (n > 0 ? n : 30) * 1000L;
}

struct term *term_start(char *const argv[], char *const env[], int rows, int cols)
{
	struct term *t = calloc(1, sizeof(*t));
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	if (!t)
		abort();
	t->rows = rows;
	t->cols = cols;
	t->pid = forkpty(&t->fd, NULL, NULL, &size);
	if (t->pid < 0)
		fail_msg("forkpty: %s", strerror(errno));
	if (t->pid == 0) {
		for (size_t i = 0; env[i]; i++)
			putenv(env[i]);
		execv(argv[0], argv);
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	fcntl(t->fd, F_SETFD, FD_CLOEXEC);
	fcntl(t->fd, F_SETFL, fcntl(t->fd, F_GETFL) | O_NONBLOCK);
	t->vt = vterm_new(rows, cols);
	vterm_set_utf8(t->vt, 1);
	t->screen = vterm_obtain_screen(t->vt);
	vterm_screen_enable_altscreen(t->screen, 1);
	vterm_screen_reset(t->screen, 1);
	return t;
}

void term_free(struct term *t)
{
	if (!t)
		return;
	if (t->pid > 0) {
		kill(t->pid, SIGTERM);
		for (int i = 0; i < 100 && t->pid > 0; i++) {
			term_pump(t, 20);
			if (waitpid(t->pid, &t->status, WNOHANG) == t->pid)
				t->pid = 0;
		}
		if (t->pid > 0) {
			kill(t->pid, SIGKILL);
			waitpid(t->pid, &t->status, 0);
		}
	}
	close(t->fd);
	vterm_free(t->vt);
	free(t->text);
	free(t);
}

pid_t term_pid(const struct term *t)
{
	return t->pid;
}

size_t term_bytes(const struct term *t)
{
	return t->bytes;
}

void term_ascii(struct term *t)
{
	t->ascii = true;
}

void term_watch(struct term *t, void (*fn)(void *data, const char *bytes, size_t n), void *data)
{
	t->watch = fn;
	t->watch_data = data;
}

static void write_all(struct term *t, const char *p, size_t n)
{
	long end = now_ms() + limit_ms();

	while (n > 0) {
		ssize_t k = write(t->fd, p, n);

		if (k > 0) {
			p += k;
			n -= (size_t)k;
		} else if (k < 0 && errno != EAGAIN && errno != EINTR) {
			return; /* the program is gone; the next expect says so */
		} else if (now_ms() > end) {
			term_fail(t, "the program reads no keys", "");
		} else {
			term_pump(t, 5);
		}
	}
}

void term_type(struct term *t, const char *keys)
{
	write_all(t, keys, strlen(keys));
}

void term_resize(struct term *t, int rows, int cols)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	t->rows = rows;
	t->cols = cols;
	vterm_set_size(t->vt, rows, cols);
	ioctl(t->fd, TIOCSWINSZ, &size);
}

/* What the terminal answers (device attributes, cursor position) goes back to the program. */
static void answer(struct term *t)
{
	char buf[512];
	size_t n;

	while ((n = vterm_output_read(t->vt, buf, sizeof(buf))) > 0)
		if (write(t->fd, buf, n) < 0 && errno != EAGAIN)
			return;
}

/* Reads what is there, waiting at most ms for the first byte. False: the program has closed its end. */
static bool read_some(struct term *t, int ms)
{
	struct pollfd p = {.fd = t->fd, .events = POLLIN};
	char buf[16384];
	ssize_t n;

	if (poll(&p, 1, ms > 0 ? ms : 0) <= 0) /* below 0 it would wait for ever */
		return true;
	n = read(t->fd, buf, sizeof(buf));
	if (n > 0) {
		t->bytes += (size_t)n;
		if (t->watch)
			t->watch(t->watch_data, buf, (size_t)n);
		for (ssize_t i = 0; t->ascii && i < n; i++)
			if (buf[i] & 0x80)
				buf[i] = '?';
		vterm_input_write(t->vt, buf, (size_t)n);
		vterm_screen_flush_damage(t->screen);
		answer(t);
		return true;
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

void term_pump(struct term *t, int ms)
{
	long end = now_ms() + ms;
	long left;

	while ((left = end - now_ms()) > 0)
		if (!read_some(t, (int)left)) {
			left = end - now_ms();
			poll(NULL, 0, left > 0 ? (int)left : 0);
			return;
		}
}

static size_t put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 0x3f));
		to[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | c >> 18);
	to[1] = (char)(0x80 | (c >> 12 & 0x3f));
	to[2] = (char)(0x80 | (c >> 6 & 0x3f));
	to[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

const char *term_text(struct term *t)
{
	size_t max = (size_t)t->rows * ((size_t)t->cols * CELL_BYTES + 1) + 1;
	char *p;

	free(t->text);
	p = t->text = malloc(max);
	if (!p)
		abort();
	for (int row = 0; row < t->rows; row++) {
		char *line = p;

		for (int col = 0; col < t->cols; col++) {
			VTermScreenCell cell;

			if (!vterm_screen_get_cell(t->screen, (VTermPos){.row = row, .col = col}, &cell))
				continue;
			if (cell.chars[0] == (uint32_t)-1)
				continue; /* right half of a wide character */
			if (cell.chars[0] == 0)
				*p++ = ' ';
			for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
				p += put_utf8(p, cell.chars[i]);
		}
		while (p > line && p[-1] == ' ')
			p--;
		*p++ = '\n';
	}
	*p = '\0';
	return t->text;
}

void term_dump(struct term *t)
{
	const char *s = term_text(t);

	fprintf(stderr, "+--- screen %dx%d, %zu bytes written\n", t->cols, t->rows, t->bytes);
	while (*s) {
		size_t n = strcspn(s, "\n");

		fprintf(stderr, "|%.*s\n", (int)n, s);
		s += n + 1;
	}
	fprintf(stderr, "+---\n");
}

void term_fail(struct term *t, const char *why, const char *what)
{
	term_dump(t);
	if (failure_hook)
		failure_hook();
	fail_msg("%s%s%s", why, *what ? ": " : "", what);
}

static bool matches(struct term *t, regex_t *re)
{
	return regexec(re, term_text(t), 0, NULL, 0) == 0;
}

static void compile(regex_t *re, const char *regex)
{
	int code = regcomp(re, regex, REG_EXTENDED | REG_NOSUB | REG_NEWLINE);

	if (code != 0)
		fail_msg("bad regex in the test: %s", regex);
}

static void wait_for(struct term *t, const char *regex, bool wanted)
{
	long end = now_ms() + limit_ms();
	bool open = true;
	regex_t re;

	compile(&re, regex);
	for (;;) {
		if (matches(t, &re) == wanted)
			break;
		if (!open || now_ms() >= end) {
			regfree(&re);
			term_fail(t, !open ? "the program ended while the test waited for"
				     : wanted ? "not on the screen in time" : "still on the screen", regex);
		}
		open = read_some(t, (int)(end - now_ms()));
	}
	regfree(&re);
}

void term_expect(struct term *t, const char *regex)
{
	wait_for(t, regex, true);
}

void term_expect_gone(struct term *t, const char *regex)
{
	wait_for(t, regex, false);
}

bool term_shows(struct term *t, const char *regex)
{
	regex_t re;
	bool found;

	while (read_some(t, 0)) {
		struct pollfd p = {.fd = t->fd, .events = POLLIN};

		if (poll(&p, 1, 0) <= 0)
			break;
	}
	compile(&re, regex);
	found = matches(t, &re);
	regfree(&re);
	return found;
}

int term_wait_exit(struct term *t)
{
	long end = now_ms() + limit_ms();

	while (t->pid > 0) {
		if (waitpid(t->pid, &t->status, WNOHANG) == t->pid) {
			t->pid = 0;
			break;
		}
		if (now_ms() > end)
			term_fail(t, "the program does not end", "");
		term_pump(t, 10);
	}
	while (read_some(t, 0)) {
		struct pollfd p = {.fd = t->fd, .events = POLLIN};

		if (poll(&p, 1, 0) <= 0)
			break;
	}
	return WIFEXITED(t->status) ? WEXITSTATUS(t->status) : 128 + WTERMSIG(t->status);
}
