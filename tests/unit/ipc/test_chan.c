#include "ipc/chan.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/proc.h"
#include "tests/unit/t.h"

struct pair {
	struct chan *ui, *worker;
	int raw; /* the worker's socket, when the test wants to speak bytes */
};

static struct pair pair_new(void)
{
	struct pair p;
	struct err e;
	int fds[2];

	assert_true(proc_socketpair(fds, &e));
	p.raw = fds[1];
	p.ui = chan_new(fds[0], SIDE_UI, SIDE_WORKER, "worker");
	p.worker = chan_new(fds[1], SIDE_WORKER, SIDE_UI, "ui");
	return p;
}

static void pair_free(struct pair *p)
{
	chan_free(p->ui);
	chan_free(p->worker);
}

static void a_conversation(void **state)
{
	struct pair p = pair_new();
	struct msg m;
	struct err e;

	(void)state;
	assert_int_equal(chan_next(p.worker, &m, &e), CHAN_EMPTY);
	assert_false(chan_readable(p.worker));
	assert_true(chan_tell(p.ui, &e, HELLO, .version = WIRE_VERSION, .account = SV("work")));
	assert_true(chan_tell(p.ui, &e, FETCH, .job = 5, .message = 77, .section = SV("1.2")));
	assert_true(chan_readable(p.worker));
	assert_int_equal(chan_recv(p.worker, 1000, &m, &e), CHAN_MSG);
	assert_int_equal(m.type, MSG_HELLO);
	assert_true(sv_is(m.HELLO.account, "work"));
	assert_true(chan_readable(p.worker)); /* in the buffer by now */
	assert_int_equal(chan_recv(p.worker, 1000, &m, &e), CHAN_MSG);
	assert_int_equal(m.FETCH.message, 77);
	assert_int_equal(chan_recv(p.worker, 0, &m, &e), CHAN_EMPTY);
	assert_true(chan_say(p.worker, &e, READY, .version = WIRE_VERSION));
	assert_true(chan_say(p.worker, &e, BODY, .job = 5, .message = 77, .section = SV("1.2")));
	assert_int_equal(chan_next(p.ui, &m, &e), CHAN_MSG);
	assert_int_equal(chan_next(p.ui, &m, &e), CHAN_MSG);
	assert_int_equal(m.type, MSG_BODY);
	chan_free(p.worker);
	assert_int_equal(chan_next(p.ui, &m, &e), CHAN_EOF);
	assert_false(chan_tell(p.ui, &e, QUIT, .job = 1));
	assert_int_equal(e.class, ERR_GONE);
	chan_free(p.ui);
}

/* What was said before the end is still heard, even when our own words cannot go out any more. */
static void last_words_are_heard(void **state)
{
	struct pair p = pair_new();
	struct msg m;
	struct err e;

	(void)state;
	assert_true(chan_say(p.worker, &e, FAILED, .job = 0, .class = SV("disk"), .text = SV("no room")));
	chan_free(p.worker);
	assert_false(chan_tell(p.ui, &e, HELLO, .version = 1));
	assert_int_equal(chan_next(p.ui, &m, &e), CHAN_MSG);
	assert_true(sv_is(m.FAILED.text, "no room"));
	assert_int_equal(chan_next(p.ui, &m, &e), CHAN_EOF);
	chan_free(p.ui);
}

static void wrong_words_end_it(void **state)
{
	struct pair p = pair_new();
	struct msg m;
	struct err e;

	(void)state;
	assert_true(chan_tell(p.ui, &e, FETCH, .job = 1));
	assert_int_equal(chan_next(p.worker, &m, &e), CHAN_BAD);
	assert_int_equal(e.class, ERR_PROTO);
	assert_int_equal(chan_next(p.worker, &m, &e), CHAN_BAD);
	pair_free(&p);
}

static void garbage_ends_it(void **state)
{
	static const struct {
		const char *name;
		struct sv bytes;
	} rows[] = {
		{"length 0", {"\0\0\0\0", 4}},
		{"huge", {"\xff\xff\xff\x7f", 4}},
		{"unknown type", {"\1\0\0\0\xfe", 5}},
		{"short fields", {"\1\0\0\0\0", 5}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pair p = pair_new();
		struct msg m;
		struct err e;

		assert_true(fs_write_all(p.raw, rows[i].bytes, &e));
		if (chan_next(p.ui, &m, &e) != CHAN_BAD)
			fail_msg("%s", rows[i].name);
		pair_free(&p);
	}
}

static int file_with(const char *text)
{
	struct err e;
	int fd = fs_memfd("t", &e);

	assert_true(fd >= 0 && fs_write_all(fd, sv_of(text), &e));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void expect_file(int fd, const char *text)
{
	struct str s;
	struct err e;

	assert_true(fs_read_fd(fd, 100, &s, &e));
	assert_string_equal(s.s, text);
	str_fini(&s);
	close(fd);
}

static void descriptors_come_with_their_message(void **state)
{
	int fds[2];
	struct err e;
	struct msg m;

	(void)state;
	assert_true(proc_socketpair(fds, &e));
	struct chan *ui = chan_new(fds[0], SIDE_UI, SIDE_RENDER, "render");
	struct chan *render = chan_new(fds[1], SIDE_RENDER, SIDE_UI, "ui");
	int one = file_with("one"), two = file_with("two");

	assert_true(chan_tell(ui, &e, SAVEFD, .job = 1, .fd = one));
	assert_true(chan_tell(ui, &e, SAVEPART, .job = 1, .part = SV("1"), .fd = two));
	close(one); /* the channel has its own */
	close(two);
	assert_int_equal(chan_recv(render, 1000, &m, &e), CHAN_MSG);
	assert_int_equal(m.type, MSG_SAVEFD);
	expect_file(m.SAVEFD.fd, "one");
	assert_int_equal(chan_recv(render, 1000, &m, &e), CHAN_MSG);
	expect_file(m.SAVEPART.fd, "two");
	chan_free(ui);
	chan_free(render);
}

/* The ui never waits: what the socket does not take is kept up to a limit, and goes out later in order. */
static void a_slow_reader_is_noticed(void **state)
{
	struct pair p = pair_new();
	struct msg m;
	struct err e;
	char *big = malloc(60000);
	uint64_t sent = 0, got = 0;

	(void)state;
	memset(big, 'x', 60000);
	assert_true(chan_tell(p.ui, &e, HELLO, .version = 1));
	while (chan_tell(p.ui, &e, CONF, .name = SV("a"), .value = sv_make(big, 60000)))
		sent++;
	assert_int_equal(e.class, ERR_LIMIT);
	assert_true(chan_wants_out(p.ui));
	assert_true(sent * 60000 <= CHAN_OUT_MAX + (1 << 20) && sent > 60);
	for (enum chan_got g = CHAN_MSG; g != CHAN_EMPTY || chan_wants_out(p.ui);) {
		assert_true(chan_flush(p.ui, &e));
		g = chan_next(p.worker, &m, &e);
		assert_true(g == CHAN_MSG || g == CHAN_EMPTY);
		if (g == CHAN_MSG && m.type == MSG_CONF) {
			assert_int_equal(m.CONF.value.len, 60000);
			got++;
		}
	}
	assert_int_equal(got, sent);
	free(big);
	pair_free(&p);
}

static void sending_has_a_deadline(void **state)
{
	struct pair p = pair_new();
	struct err e;
	char big[60000] = {0};
	bool ok = true;

	(void)state;
	assert_true(chan_say(p.worker, &e, READY, .version = 1));
	for (int i = 0; ok && i < 1000; i++) {
		struct msg m = {.type = MSG_FOUND, .FOUND = {.messages = sv_make(big, sizeof(big))}};

		ok = chan_send(p.worker, &m, 1, &e);
	}
	assert_false(ok);
	assert_int_equal(e.class, ERR_LIMIT);
	pair_free(&p);
}

/* One byte at a time is as good as all at once. */
static void drip(void **state)
{
	struct pair p = pair_new();
	struct str out;
	struct msg m = {.type = MSG_LOG, .LOG = {.level = 1, .room = SV("imap"), .text = SV("hello")}}, got;
	struct err e;

	(void)state;
	str_init(&out, 1000);
	assert_true(wire_encode(&m, &out));
	for (size_t i = 0; i < out.len; i++) {
		assert_int_equal(chan_next(p.ui, &got, &e), CHAN_EMPTY);
		assert_int_equal(send(p.raw, out.s + i, 1, 0), 1);
	}
	assert_int_equal(chan_next(p.ui, &got, &e), CHAN_MSG);
	assert_true(sv_is(got.LOG.text, "hello"));
	str_fini(&out);
	pair_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conversation),
		cmocka_unit_test(last_words_are_heard),
		cmocka_unit_test(wrong_words_end_it),
		cmocka_unit_test(garbage_ends_it),
		cmocka_unit_test(descriptors_come_with_their_message),
		cmocka_unit_test(a_slow_reader_is_noticed),
		cmocka_unit_test(sending_has_a_deadline),
		cmocka_unit_test(drip),
	};

	return t_run(tests);
}
