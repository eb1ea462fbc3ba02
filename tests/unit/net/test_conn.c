#include "net/conn.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "tests/unit/t.h"

struct pair {
	struct conn *c;
	int other;
};

static struct pair make(int timeout_ms)
{
	int fds[2];
	struct pair p;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	p.c = conn_new(fds[0], "peer");
	p.other = fds[1];
	conn_set_timeout(p.c, timeout_ms);
	return p;
}

static void drop(struct pair *p)
{
	conn_free(p->c);
	close(p->other);
}

static void say(struct pair *p, const char *s)
{
	assert_int_equal(write(p->other, s, strlen(s)), (ssize_t)strlen(s));
}

static void lines_have_any_end_and_a_limit(void **state)
{
	struct pair p = make(1000);
	struct err e = {0};
	struct sv line;

	(void)state;
	say(&p, "one\r\ntwo\n\r\n\nlast one\r\n");
	assert_true(conn_read_line(p.c, 100, &line, &e));
	assert_true(sv_is(line, "one"));
	assert_true(conn_read_line(p.c, 100, &line, &e));
	assert_true(sv_is(line, "two"));
	assert_true(conn_read_line(p.c, 100, &line, &e) && line.len == 0);
	assert_true(conn_read_line(p.c, 100, &line, &e) && line.len == 0);
	assert_false(conn_read_line(p.c, 5, &line, &e));
	assert_int_equal(e.class, ERR_LIMIT);
	drop(&p);
}

static void silence_is_a_timeout(void **state)
{
	struct pair p = make(30);
	int64_t before = clock_ms();
	struct err e = {0};
	struct sv line;

	(void)state;
	say(&p, "half a li");
	assert_false(conn_read_line(p.c, 100, &line, &e));
	assert_int_equal(e.class, ERR_NET);
	assert_true(clock_ms() - before >= 30);
	drop(&p);
}

/* $socket_send_timeout is a patience of its own. */
static void a_jam_has_its_own_timeout(void **state)
{
	struct pair p = make(60000);
	char *big = xcalloc(1, 8 << 20);
	struct err e = {0};

	(void)state;
	conn_set_send_timeout(p.c, 30);
	assert_false(conn_write(p.c, sv_make(big, 8 << 20), &e) && conn_flush(p.c, &e));
	assert_int_equal(e.class, ERR_NET);
	assert_non_null(strstr(e.text, "has taken nothing"));
	free(big);
	drop(&p);
}

static bool stop_waiting(void *data)
{
	char byte;

	assert_int_equal(read(*(int *)data, &byte, 1), 1);
	return byte == 'x';
}

static void *say_later(void *arg)
{
	struct pollfd none = {.fd = -1};

	poll(&none, 1, 50);
	assert_int_equal(write(*(int *)arg, "line\r\n", 6), 6);
	return NULL;
}

static void the_wake_descriptor_interrupts(void **state)
{
	struct pair p = make(5000);
	enum conn_event event;
	struct err e = {0};
	struct sv line;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	conn_set_wake(p.c, (struct wake){fds[0], stop_waiting, &fds[0]});
	/* '.' is looked at and goes on; 'x' gives up. */
	assert_int_equal(write(fds[1], ".", 1), 1);
	assert_true(conn_wait(p.c, 5000, &event, &e));
	assert_int_equal(event, CONN_WOKEN);
	/* Who came while we waited for a line is not forgotten in the next wait, though his byte is taken. */
	assert_int_equal(write(fds[1], ".", 1), 1);
	pthread_t t;
	assert_int_equal(pthread_create(&t, NULL, say_later, &p.other), 0);
	assert_true(conn_read_line(p.c, 100, &line, &e));
	pthread_join(t, NULL);
	int64_t before = clock_ms();
	assert_true(conn_wait(p.c, 5000, &event, &e));
	assert_int_equal(event, CONN_WOKEN);
	assert_true(clock_ms() - before < 2000);
	assert_int_equal(write(fds[1], ".x", 2), 2);
	assert_false(conn_read_line(p.c, 100, &line, &e));
	assert_int_equal(e.class, ERR_CANCEL);
	drop(&p);
	close(fds[0]);
	close(fds[1]);
}

static void waiting_says_what_came(void **state)
{
	struct pair p = make(5000);
	enum conn_event event;
	struct err e = {0};
	struct sv line;

	(void)state;
	assert_true(conn_wait(p.c, 10, &event, &e));
	assert_int_equal(event, CONN_QUIET);
	say(&p, "a\r\nb\r\n");
	assert_true(conn_wait(p.c, 1000, &event, &e));
	assert_int_equal(event, CONN_INPUT);
	assert_true(conn_read_line(p.c, 100, &line, &e));
	/* What is in the buffer counts, though the descriptor is quiet. */
	assert_true(conn_wait(p.c, 1000, &event, &e));
	assert_int_equal(event, CONN_INPUT);
	assert_int_equal(conn_buffered(p.c), 3);
	assert_int_equal(conn_discard(p.c), 3);
	shutdown(p.other, SHUT_RDWR);
	assert_true(conn_wait(p.c, 1000, &event, &e));
	assert_int_equal(event, CONN_INPUT);
	assert_false(conn_read_line(p.c, 100, &line, &e));
	assert_int_equal(e.class, ERR_NET);
	drop(&p);
}

/* A peer that answers everything at once and reads only when all of it is out. */
static void *flood(void *arg)
{
	int fd = *(int *)arg;
	static char big[1 << 20];
	size_t got = 0;
	ssize_t n;

	for (size_t at = 0; at < sizeof(big); at += (size_t)n)
		if ((n = write(fd, big + at, sizeof(big) - at)) <= 0)
			return NULL;
	while (got < sizeof(big) && (n = read(fd, big, sizeof(big))) > 0)
		got += (size_t)n;
	return NULL;
}

static void two_sides_that_write_do_not_lock_up(void **state)
{
	struct pair p = make(5000);
	char *big = xcalloc(1, 1 << 20);
	struct err e = {0};
	pthread_t t;

	(void)state;
	assert_int_equal(pthread_create(&t, NULL, flood, &p.other), 0);
	assert_true(conn_write(p.c, sv_make(big, 1 << 20), &e) && conn_flush(p.c, &e));
	pthread_join(t, NULL);
	assert_true(conn_buffered(p.c) > 0);
	free(big);
	drop(&p);
}

static void secrets_are_stars_in_the_transcript(void **state)
{
	struct pair p = make(1000);
	char text[1000] = "";
	FILE *log = tmpfile();
	struct err e = {0};
	struct sv line;

	(void)state;
	conn_set_wire_log(p.c, log);
	assert_true(conn_write(p.c, SV("AUTH PLAIN "), &e));
	assert_true(conn_write_secret(p.c, SV("c2VjcmV0"), &e));
	assert_true(conn_write(p.c, SV("\r\n"), &e) && conn_flush(p.c, &e));
	conn_mask(p.c, true);
	assert_true(conn_write(p.c, SV("f1 LOGIN joe secret\r\n"), &e));
	conn_mask(p.c, false);
	say(&p, "ok \x1b[31m\r\n");
	assert_true(conn_read_line(p.c, 100, &line, &e));
	conn_set_wire_log(p.c, NULL);
	rewind(log);
	text[fread(text, 1, sizeof(text) - 1, log)] = 0;
	assert_non_null(strstr(text, "C: AUTH PLAIN ********\n"));
	assert_non_null(strstr(text, "S: ok \\x1b[31m\n"));
	assert_null(strstr(text, "secret"));
	assert_null(strstr(text, "c2VjcmV0"));
	fclose(log);
	drop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_have_any_end_and_a_limit),
		cmocka_unit_test(silence_is_a_timeout),
		cmocka_unit_test(a_jam_has_its_own_timeout),
		cmocka_unit_test(the_wake_descriptor_interrupts),
		cmocka_unit_test(waiting_says_what_came),
		cmocka_unit_test(two_sides_that_write_do_not_lock_up),
		cmocka_unit_test(secrets_are_stars_in_the_transcript),
	};

	return t_run(tests);
}
