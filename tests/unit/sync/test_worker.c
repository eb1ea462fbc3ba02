/*
 * The worker's state machine against a backend that does what the test tells it: this file defines
 * box_kind and submit_kind itself, so the real kinds are not linked. The worker runs in a thread.
 */
#include "sync/worker.h"

#include <pthread.h>

#include "base/fs.h"
#include "base/proc.h"
#include "store/state.h"
#include "sync/host_priv.h"
#include "tests/unit/store/tmp.h"
#include "tests/unit/t.h"

enum { CALLS_MAX = 512 };

/* What the backend is to do, and what it was asked. Set before the worker may look. */
static struct script {
	enum err_class connect[8]; /* of the n-th attempt; ERR_NONE: success */
	int connects;
	bool ask;                  /* connect asks for a password */
	int pieces;                /* of a sync */
	enum err_class sync_error;
	int sync_error_at;         /* of the n-th sync piece, from 1; 0 never */
	int synced;
	struct str calls;          /* "connect sync:1 ..." */
	char password[32];
	bool commit;
	char said[16];
} script;

static void note(const char *what)
{
	(void)str_addf(&script.calls, "%s%s", script.calls.len ? " " : "", what);
}

static struct box *test_open(struct host *h, struct err *e)
{
	struct box *b = xcalloc(1, sizeof(*b));

	(void)e;
	b->ops = box_kind("test");
	b->host = h;
	note("open");
	return b;
}

static bool test_connect(struct box *b, struct err *e)
{
	enum err_class class = script.connect[MIN(script.connects, 7)];
	struct secret *secret;

	script.connects++;
	note("connect");
	if (script.ask) {
		if (!host_ask_secret(b->host, "password", "me@host", "Password for me@host: ", &secret, e))
			return false;
		snprintf(script.password, sizeof(script.password), "%s", secret_text(secret));
		secret_free(secret);
	}
	if (class != ERR_NONE)
		return err_set(e, class, "attempt %d", script.connects);
	b->online = true;
	return true;
}

static void test_disconnect(struct box *b, bool politely)
{
	(void)b;
	note(politely ? "logout" : "drop");
}

static bool test_list(struct box *b, bool *more, struct err *e)
{
	(void)b, (void)e;
	*more = false;
	note("list");
	return true;
}

static bool test_sync(struct box *b, uint64_t mailbox, bool *more, struct err *e)
{
	char what[32];

	snprintf(what, sizeof(what), "sync:%d", (int)mailbox);
	note(what);
	script.synced++;
	if (script.synced == script.sync_error_at)
		return err_set(e, script.sync_error, "lost");
	host_changed(b->host, mailbox, "new", 1);
	*more = script.synced < script.pieces;
	return true;
}

static bool test_watch(struct box *b, uint64_t mailbox, int timeout_ms, uint64_t *changed, struct err *e)
{
	(void)mailbox, (void)e;
	*changed = 0;
	/* Another watcher of the channel would poll; a short wait will do. */
	host_wait(b->host, MIN(timeout_ms, 50));
	return true;
}

static bool test_fetch(struct box *b, uint64_t message, const char *section, struct err *e)
{
	(void)message;
	note("fetch");
	return body_put(host_cache(b->host), message, section, SV("Subject: x\n\nbody\n"), e);
}

static bool test_apply(struct box *b, struct apply_step *s, struct err *e)
{
	(void)b, (void)e;
	note("apply");
	for (size_t i = 0; i < s->count; i++) {
		s->one[i].done = s->one[i].uid != 13;
		if (!s->one[i].done)
			err_set(&s->one[i].error, ERR_PROTO, "server says NO");
	}
	return true;
}

static void test_close(struct box *b)
{
	note("close");
	free(b);
}

static const struct box_ops test_ops = {
	.kind = "test",
	.open = test_open,
	.connect = test_connect,
	.disconnect = test_disconnect,
	.list = test_list,
	.sync = test_sync,
	.watch = test_watch,
	.fetch = test_fetch,
	.apply = test_apply,
	.close = test_close,
};

const struct box_ops *box_kind(const char *kind)
{
	return strcmp(kind, "test") == 0 ? &test_ops : NULL;
}

static bool test_send(struct host *h, uint64_t job, int64_t outbox, struct err *e)
{
	if (outbox == 2)
		return err_set(e, ERR_NET, "cannot reach it");
	if (!host_may_commit(h, job, outbox, e))
		return false;
	script.commit = true;
	host_sent(h, job, outbox, "sent", ERR_NONE, "250 ok");
	return true;
}

static void test_submit_disconnect(struct host *h)
{
	(void)h;
}

static const struct submit_ops test_submit = {test_send, test_submit_disconnect};

const struct submit_ops *submit_kind(const char *kind)
{
	(void)kind;
	return &test_submit;
}

/* ---- the stage ---- */

struct fix {
	char *dir, *state_path;
	struct chan *ui;
	struct state *state;
	pthread_t thread;
	bool running;
};

static void *run(void *chan)
{
	return (void *)(intptr_t)worker_run(chan);
}

static void start(struct fix *f, const char *role, uint64_t version)
{
	struct err e;
	int fds[2];

	assert_true(proc_socketpair(fds, &e));
	f->ui = chan_new(fds[0], SIDE_UI, SIDE_WORKER, "worker");
	assert_true(chan_tell(f->ui, &e, HELLO, .version = version, .account = SV("a"), .kind = SV("test"),
		.role = sv_of(role), .cache_dir = sv_of(f->dir), .state_db = sv_of(f->state_path)));
	assert_int_equal(pthread_create(&f->thread, NULL, run, chan_new(fds[1], SIDE_WORKER, SIDE_UI, "ui")), 0);
	f->running = true;
}

static int setup(void **state)
{
	struct fix *f = xcalloc(1, sizeof(*f));
	struct err e;

	memset(&script, 0, sizeof(script));
	script.pieces = 1;
	str_init(&script.calls, 65536);
	setenv("FEIST_SANDBOX", "off", 1);
	f->dir = tmp_dir();
	f->state_path = fs_join(f->dir, "state/state.db");
	if (!state_open(&f->state, f->state_path, &e))
		fail_msg("%s", e.text);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;

	chan_free(f->ui);
	if (f->running)
		pthread_join(f->thread, NULL);
	state_close(f->state);
	str_fini(&script.calls);
	tmp_remove(f->dir);
	free(f->state_path);
	free(f);
	return 0;
}

/*
 * Hears messages until one of that type comes. Its texts are copied into text. LOG, "busy" and "idle"
 * are passed over.
 */
static void expect(struct fix *f, enum msg_type type, struct msg *m)
{
	struct err e;

	for (;;) {
		enum chan_got got = chan_recv(f->ui, 10000, m, &e);

		if (got != CHAN_MSG)
			fail_msg("waiting for %s: the channel says %d", wire_name(type), got);
		if (m->type == type && !(type == MSG_STATE && (sv_is(m->STATE.state, "busy") || sv_is(m->STATE.state, "idle"))))
			return;
	}
}

static void expect_failed(struct fix *f, uint64_t job, const char *class)
{
	struct msg m;

	expect(f, MSG_FAILED, &m);
	if (m.FAILED.job != job || !sv_is(m.FAILED.class, class))
		fail_msg("job %d failed with " SV_FMT ": " SV_FMT, (int)m.FAILED.job, SV_ARG(m.FAILED.class),
			SV_ARG(m.FAILED.text));
}

static void expect_done(struct fix *f, uint64_t job)
{
	struct msg m;

	do
		expect(f, MSG_DONE, &m);
	while (m.DONE.job != job);
}

static void quit(struct fix *f)
{
	struct msg m;
	struct err e;

	assert_true(chan_tell(f->ui, &e, QUIT, .job = 99));
	expect_done(f, 99);
	while (chan_recv(f->ui, 10000, &m, &e) == CHAN_MSG)
		;
	pthread_join(f->thread, NULL);
	f->running = false;
}

#define say(f, ...) do { struct err e_; assert_true(chan_tell((f)->ui, &e_, __VA_ARGS__)); } while (0)

/* ---- the cases ---- */

static void wrong_versions_and_kinds_are_refused(void **state)
{
	struct fix *f = *state;

	start(f, "box", WIRE_VERSION + 1);
	expect_failed(f, 0, "proto");
}

static void a_quiet_life(void **state)
{
	struct fix *f = *state;
	struct msg m;

	start(f, "box", WIRE_VERSION);
	expect(f, MSG_READY, &m);
	assert_true(sv_is(m.READY.info, "new cache"));
	say(f, WATCH, .job = 1, .name = SV("INBOX"));
	expect(f, MSG_STATE, &m);
	assert_true(sv_is(m.STATE.state, "connecting"));
	expect(f, MSG_STATE, &m);
	assert_true(sv_is(m.STATE.state, "online"));
	expect_done(f, 1);
	quit(f);
	assert_non_null(strstr(script.calls.s, "open connect sync:1"));
	assert_non_null(strstr(script.calls.s, "logout close"));
}

static void no_network_is_told_and_tried_again(void **state)
{
	struct fix *f = *state;
	struct msg m;

	script.connect[0] = ERR_NET;
	start(f, "box", WIRE_VERSION);
	say(f, WATCH, .job = 1, .name = SV("INBOX"));
	expect(f, MSG_STATE, &m); /* connecting */
	expect(f, MSG_STATE, &m);
	assert_true(sv_is(m.STATE.state, "waiting"));
	assert_int_equal(m.STATE.retry_s, 1);
	assert_true(sv_is(m.STATE.text, "attempt 1"));
	expect_failed(f, 1, "net");
	say(f, SYNC, .job = 2, .mailbox = 1); /* the user does something: at once, not in a second */
	expect_done(f, 2);
	quit(f);
	assert_int_equal(script.connects, 2);
}

static void it_comes_back_by_itself(void **state)
{
	struct fix *f = *state;
	struct msg m;

	script.sync_error = ERR_NET;
	script.sync_error_at = 1;
	start(f, "box", WIRE_VERSION);
	say(f, WATCH, .job = 1, .name = SV("INBOX"));
	expect_failed(f, 1, "net");
	do /* after the back-off: connected again, and the open mailbox is brought up to date */
		expect(f, MSG_CHANGED, &m);
	while (!sv_is(m.CHANGED.what, "new"));
	assert_int_equal(script.connects, 2);
	quit(f);
	assert_non_null(strstr(script.calls.s, "connect sync:1 drop connect"));
}

static void a_refused_login_is_not_repeated(void **state)
{
	struct fix *f = *state;
	struct msg m;

	script.connect[0] = ERR_AUTH;
	start(f, "box", WIRE_VERSION);
	say(f, SYNC, .job = 1);
	expect(f, MSG_STATE, &m);
	expect(f, MSG_STATE, &m);
	assert_true(sv_is(m.STATE.state, "offline"));
	expect_failed(f, 1, "auth");
	say(f, SYNC, .job = 2);
	expect_done(f, 2);
	quit(f);
	assert_int_equal(script.connects, 2);
}

static void offline_by_wish(void **state)
{
	struct fix *f = *state;

	start(f, "box", WIRE_VERSION);
	say(f, CONF, .name = SV("offline"), .value = SV("yes"));
	say(f, SYNC, .job = 1);
	expect_failed(f, 1, "net");
	say(f, CONF, .name = SV("offline"), .value = SV("no"));
	say(f, SYNC, .job = 2);
	expect_done(f, 2);
	quit(f);
	assert_int_equal(script.connects, 1);
}

static void questions(void **state)
{
	struct fix *f = *state;
	struct msg m;

	script.ask = true;
	start(f, "box", WIRE_VERSION);
	say(f, SYNC, .job = 1);
	expect(f, MSG_NEED, &m);
	assert_true(sv_is(m.NEED.what, "password") && sv_is(m.NEED.key, "me@host"));
	uint64_t question = m.NEED.job;
	say(f, SYNC, .job = 2); /* waits its turn */
	say(f, SECRET, .job = question + 77, .value = SV("not for this one"));
	say(f, SECRET, .job = question, .value = SV("hunter2"));
	expect_done(f, 1);
	expect_done(f, 2);
	assert_string_equal(script.password, "hunter2");
	quit(f);
}

static void a_question_may_be_refused(void **state)
{
	struct fix *f = *state;
	struct msg m;

	script.ask = true;
	start(f, "box", WIRE_VERSION);
	say(f, SYNC, .job = 1);
	expect(f, MSG_NEED, &m);
	say(f, SECRET, .job = m.NEED.job);
	expect_failed(f, 1, "cancel");
	say(f, SYNC, .job = 2);
	expect(f, MSG_NEED, &m);
	quit(f); /* with the question open */
}

static void urgent_work_comes_between_pieces(void **state)
{
	struct fix *f = *state;
	struct msg m;
	bool body = false;

	script.pieces = 100000;
	start(f, "box", WIRE_VERSION);
	say(f, WATCH, .job = 1, .name = SV("INBOX"));
	expect(f, MSG_CHANGED, &m);
	say(f, FETCH, .job = 2, .message = message_id_of(1, 5), .urgent = 1);
	for (int i = 0; i < 5000 && !body; i++) {
		struct err e;

		assert_int_equal(chan_recv(f->ui, 10000, &m, &e), CHAN_MSG);
		assert_false(m.type == MSG_DONE && m.DONE.job == 1);
		body = m.type == MSG_BODY;
	}
	assert_true(body);
	say(f, CANCEL, .job = 1);
	expect_failed(f, 1, "cancel");
	quit(f);
}

static void another_mailbox_replaces_the_first(void **state)
{
	struct fix *f = *state;
	struct msg m;

	script.pieces = 1000000;
	start(f, "box", WIRE_VERSION);
	say(f, WATCH, .job = 1, .name = SV("INBOX"));
	expect(f, MSG_CHANGED, &m);
	say(f, WATCH, .job = 2, .name = SV("Other"));
	do /* job 1 ends, one way or the other, and the pieces are of the new one */
		expect(f, MSG_CHANGED, &m);
	while (m.CHANGED.mailbox != 2);
	for (int i = 0; i < 3; i++) {
		expect(f, MSG_CHANGED, &m);
		assert_int_equal(m.CHANGED.mailbox, 2);
	}
	quit(f);
}

static void intents_are_answered_one_by_one(void **state)
{
	struct fix *f = *state;
	struct intent i = {.kind = INTENT_FLAG, .state = INTENT_PENDING, .account = "a", .mailbox = "INBOX", .add = MSG_SEEN};
	struct msg m;
	struct err e;
	int64_t good, bad;

	start(f, "box", WIRE_VERSION);
	say(f, WATCH, .job = 1, .name = SV("INBOX"));
	expect_done(f, 1);
	i.uid = 12;
	assert_true(intent_add(f->state, &i, &good, &e));
	i.uid = 13;
	assert_true(intent_add(f->state, &i, &bad, &e));
	say(f, APPLY, .job = 2);
	expect(f, MSG_APPLIED, &m);
	assert_true(m.APPLIED.intent == good && sv_is(m.APPLIED.class, "none"));
	do /* it may be said again as long as it stands in the queue */
		expect(f, MSG_APPLIED, &m);
	while (m.APPLIED.intent == good);
	assert_true(m.APPLIED.intent == bad && sv_is(m.APPLIED.class, "proto") && sv_is(m.APPLIED.text, "server says NO"));
	expect_done(f, 2);
	quit(f);
}

static void sending_waits_for_the_word_to_go(void **state)
{
	struct fix *f = *state;
	struct msg m;

	start(f, "submit", WIRE_VERSION);
	say(f, SEND, .job = 1, .outbox = 7);
	expect(f, MSG_SENT, &m);
	assert_true(sv_is(m.SENT.state, "committing"));
	assert_false(script.commit);
	say(f, ANSWER, .job = 1, .value = SV("go"));
	expect(f, MSG_SENT, &m);
	assert_true(sv_is(m.SENT.state, "sent") && sv_is(m.SENT.text, "250 ok") && m.SENT.outbox == 7);
	expect_done(f, 1);
	say(f, SEND, .job = 2, .outbox = 2);
	expect(f, MSG_SENT, &m);
	assert_true(sv_is(m.SENT.state, "queued") && sv_is(m.SENT.text, "cannot reach it"));
	expect_failed(f, 2, "net");
	say(f, SYNC, .job = 3); /* not for this role */
	expect_failed(f, 3, "proto");
	quit(f);
}

static void a_worker_ends_with_its_ui(void **state)
{
	struct fix *f = *state;
	struct msg m;
	void *status;

	script.pieces = 1000000000;
	start(f, "box", WIRE_VERSION);
	say(f, WATCH, .job = 1, .name = SV("INBOX"));
	expect(f, MSG_CHANGED, &m);
	chan_free(f->ui);
	f->ui = NULL;
	assert_int_equal(pthread_join(f->thread, &status), 0);
	f->running = false;
	assert_int_equal((intptr_t)status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(wrong_versions_and_kinds_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_quiet_life, setup, teardown),
		cmocka_unit_test_setup_teardown(no_network_is_told_and_tried_again, setup, teardown),
		cmocka_unit_test_setup_teardown(it_comes_back_by_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refused_login_is_not_repeated, setup, teardown),
		cmocka_unit_test_setup_teardown(offline_by_wish, setup, teardown),
		cmocka_unit_test_setup_teardown(questions, setup, teardown),
		cmocka_unit_test_setup_teardown(a_question_may_be_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(urgent_work_comes_between_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(another_mailbox_replaces_the_first, setup, teardown),
		cmocka_unit_test_setup_teardown(intents_are_answered_one_by_one, setup, teardown),
		cmocka_unit_test_setup_teardown(sending_waits_for_the_word_to_go, setup, teardown),
		cmocka_unit_test_setup_teardown(a_worker_ends_with_its_ui, setup, teardown),
	};

	return t_run(tests);
}
