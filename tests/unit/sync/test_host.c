#include "sync/host_priv.h"

#include <unistd.h>

#include "base/fs.h"
#include "base/proc.h"
#include "sync/apply.h"
#include "tests/unit/store/tmp.h"
#include "tests/unit/t.h"

struct fix {
	char *dir, *state_path;
	struct host *h;
	struct chan *ui;
	struct state *state;
	uint64_t inbox;
	struct box box; /* nothing but what the plan asks of it */
};

static int setup(void **state)
{
	struct fix *f = xcalloc(1, sizeof(*f));
	struct err e;
	int fds[2];

	f->dir = tmp_dir();
	f->state_path = fs_join(f->dir, "state.db");
	if (!state_open(&f->state, f->state_path, &e) || !proc_socketpair(fds, &e))
		fail_msg("%s", e.text);
	f->ui = chan_new(fds[0], SIDE_UI, SIDE_WORKER, "worker");
	f->h = host_new(chan_new(fds[1], SIDE_WORKER, SIDE_UI, "ui"), "a", "local", f->dir, f->state_path);
	assert_true(cache_open(&f->h->cache, f->dir, "a", CACHE_WRITE, &e));
	assert_true(mailbox_add(f->h->cache, "INBOX", "INBOX", '/', &f->inbox, &e));
	assert_true(chan_tell(f->ui, &e, HELLO, .version = WIRE_VERSION));
	host_poll(f->h);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;
	struct chan *c = f->h->chan;

	host_free(f->h);
	chan_free(c);
	chan_free(f->ui);
	state_close(f->state);
	tmp_remove(f->dir);
	free(f->state_path);
	free(f);
	return 0;
}

/* Names of thousands of mailboxes are more than a message holds. */
static void long_options(void **state)
{
	struct fix *f = *state;
	struct err e;

	for (int i = 0; i < 2; i++) {
		assert_true(chan_tell(f->ui, &e, CONF, .name = SV("long+"), .value = SV("one\n")));
		assert_true(chan_tell(f->ui, &e, CONF, .name = SV("long+"), .value = SV("two\n")));
		assert_true(chan_tell(f->ui, &e, CONF, .name = SV("long"), .value = SV("three\n")));
		host_poll(f->h);
		assert_string_equal(host_conf(f->h, "long"), "one\ntwo\nthree\n");
		assert_null(host_conf(f->h, "long+"));
	}
	assert_true(chan_tell(f->ui, &e, CONF, .name = SV("long"), .value = SV("short")));
	host_poll(f->h);
	assert_string_equal(host_conf(f->h, "long"), "short");
}

static void options(void **state)
{
	struct fix *f = *state;
	struct err e;

	assert_true(chan_tell(f->ui, &e, CONF, .name = SV("n"), .value = SV("42")));
	assert_true(chan_tell(f->ui, &e, CONF, .name = SV("b"), .value = SV("yes")));
	assert_true(chan_tell(f->ui, &e, CONF, .name = SV("minus"), .value = SV("-1")));
	assert_true(chan_tell(f->ui, &e, CONF, .name = SV("b"), .value = SV("no")));
	host_poll(f->h);
	assert_int_equal(host_conf_number(f->h, "n", 7), 42);
	assert_int_equal(host_conf_number(f->h, "minus", 7), -1);
	assert_int_equal(host_conf_number(f->h, "b", 7), 7);
	assert_false(host_conf_bool(f->h, "b", true));
	assert_true(host_conf_bool(f->h, "none", true));
	assert_null(host_conf(f->h, "none"));
}

static void the_queue_is_by_urgency_then_age(void **state)
{
	struct fix *f = *state;
	struct err e;
	static const enum job_kind want[] = {JOB_READ, JOB_READ, JOB_WATCH, JOB_APPLY, JOB_SYNC, JOB_FETCH};
	static const uint64_t ids[] = {3, 6, 4, 5, 1, 2};
	size_t i = 0;

	assert_true(chan_tell(f->ui, &e, SYNC, .job = 1));
	assert_true(chan_tell(f->ui, &e, FETCH, .job = 2));
	assert_true(chan_tell(f->ui, &e, FETCH, .job = 3, .urgent = 1));
	assert_true(chan_tell(f->ui, &e, WATCH, .job = 4, .name = SV("x")));
	assert_true(chan_tell(f->ui, &e, APPLY, .job = 5));
	assert_true(chan_tell(f->ui, &e, FETCH, .job = 6, .urgent = 1));
	host_poll(f->h);
	for (struct job *j = f->h->queue; j; j = j->next, i++) {
		assert_int_equal(j->kind, want[i]);
		assert_int_equal(j->id, ids[i]);
	}
	assert_int_equal(i, 6);
	job_want(f->h, JOB_LIST, 0);
	job_want(f->h, JOB_LIST, 0);
	assert_int_equal(f->h->queued, 7);
}

static void what_interrupts(void **state)
{
	struct fix *f = *state;
	struct job *j = job_new(JOB_SYNC, 9);
	struct msg m;
	struct err e;

	f->h->current = j;
	assert_false(host_interrupted(f->h));
	assert_true(chan_tell(f->ui, &e, FETCH, .job = 1)); /* ahead: not urgent */
	assert_false(host_interrupted(f->h));
	assert_true(chan_tell(f->ui, &e, FETCH, .job = 2, .urgent = 1));
	assert_true(host_interrupted(f->h));
	assert_false(host_cancelled(f->h));
	assert_true(chan_tell(f->ui, &e, CANCEL, .job = 2)); /* not begun: answered at once */
	assert_false(host_interrupted(f->h));
	assert_int_equal(chan_next(f->ui, &m, &e), CHAN_MSG);
	assert_int_equal(m.type, MSG_FAILED);
	assert_true(sv_is(m.FAILED.class, "cancel"));
	assert_true(chan_tell(f->ui, &e, CANCEL, .job = 9));
	assert_true(host_cancelled(f->h));
	j->cancelled = false;
	assert_true(chan_tell(f->ui, &e, QUIT, .job = 10));
	assert_true(host_interrupted(f->h));
	assert_true(host_leaving(f->h));
}

static void the_end_of_the_ui_is_noticed(void **state)
{
	struct fix *f = *state;

	f->h->current = job_new(JOB_READ, 1);
	assert_false(host_interrupted(f->h));
	chan_free(f->ui);
	f->ui = NULL;
	assert_true(host_interrupted(f->h));
	assert_true(host_cancelled(f->h));
}

static int64_t add(struct fix *f, struct intent i)
{
	int64_t id;
	struct err e;

	i.account = "a";
	i.state = INTENT_PENDING;
	if (!i.mailbox)
		i.mailbox = "INBOX";
	if (!intent_add(f->state, &i, &id, &e))
		fail_msg("%s", e.text);
	return id;
}

/* "kind:uid,uid" of the next step. */
static bool expect_step(struct fix *f, struct plan_seen *seen, const char *want)
{
	struct plan p;
	struct str s;
	struct err e;

	if (!plan_next(f->h, seen, &f->box, &p, &e))
		fail_msg("%s", e.text);
	str_init(&s, 1000);
	if (p.has_step) {
		assert_true(str_adds(&s, intent_kind_name(p.step.kind)));
		for (size_t i = 0; i < p.step.count; i++)
			assert_true(str_addf(&s, "%c%d", i ? ',' : ':', (int)p.step.one[i].uid));
	}
	for (size_t i = 0; i < p.told_count; i++)
		assert_true(str_addf(&s, " %s:%d", p.told[i].done ? "done" : err_class_name(p.told[i].error.class),
			(int)(p.told[i].intent % 1000)));
	t_streq(s.s ? s.s : "", want, "step");
	str_fini(&s);
	bool looked = p.looked;
	plan_fini(&p);
	return looked;
}

static void neighbours_that_are_alike_come_together(void **state)
{
	struct fix *f = *state;
	struct plan_seen seen = {0};
	struct err e;

	add(f, (struct intent){.kind = INTENT_FLAG, .uid = 1, .add = MSG_SEEN});
	add(f, (struct intent){.kind = INTENT_FLAG, .uid = 2, .add = MSG_SEEN});
	add(f, (struct intent){.kind = INTENT_FLAG, .uid = 3, .add = MSG_SEEN, .del = MSG_FLAGGED});
	add(f, (struct intent){.kind = INTENT_MOVE, .uid = 1, .dest = "X"});
	add(f, (struct intent){.kind = INTENT_MOVE, .uid = 2, .dest = "X"});
	add(f, (struct intent){.kind = INTENT_MOVE, .uid = 3, .dest = "Y"});
	add(f, (struct intent){.kind = INTENT_CREATE, .mailbox = "New"});
	add(f, (struct intent){.kind = INTENT_CREATE, .mailbox = "Newer"});
	int64_t before = add(f, (struct intent){.kind = INTENT_FLAG, .uid = 8, .add = MSG_SEEN});
	assert_true(applied_set(f->h->cache, before, &(struct applied){APPLIED_DONE, 0, 0}, &e));
	add(f, (struct intent){.kind = INTENT_FLAG, .uid = 9, .add = MSG_SEEN});
	add(f, (struct intent){.kind = INTENT_FLAG, .mailbox = "Nowhere", .uid = 9, .add = MSG_SEEN});
	expect_step(f, &seen, "flag:1,2");
	expect_step(f, &seen, "flag:3");
	expect_step(f, &seen, "move:1,2");
	expect_step(f, &seen, "move:3");
	expect_step(f, &seen, "create:0");
	expect_step(f, &seen, "create:0");
	expect_step(f, &seen, "flag:9 done:9");
	expect_step(f, &seen, " gone:11");
	assert_false(expect_step(f, &seen, ""));
	plan_seen_fini(&seen);
}

/* A day offline: what was done in any order becomes a step for each kind, but never out of order for one message. */
static void different_messages_change_places(void **state)
{
	struct fix *f = *state;
	struct plan_seen seen = {0};

	add(f, (struct intent){.kind = INTENT_FLAG, .uid = 1, .add = MSG_SEEN});
	add(f, (struct intent){.kind = INTENT_MOVE, .uid = 2, .dest = "X"});
	add(f, (struct intent){.kind = INTENT_FLAG, .uid = 3, .add = MSG_FLAGGED});
	add(f, (struct intent){.kind = INTENT_FLAG, .uid = 4, .add = MSG_SEEN});
	add(f, (struct intent){.kind = INTENT_APPEND, .mailbox = "Y", .file = "/nowhere"});
	add(f, (struct intent){.kind = INTENT_FLAG, .uid = 3, .add = MSG_SEEN}); /* behind its other flag */
	add(f, (struct intent){.kind = INTENT_MOVE, .uid = 4, .dest = "X"});     /* behind its flag */
	add(f, (struct intent){.kind = INTENT_MOVE, .uid = 5, .dest = "X"});
	add(f, (struct intent){.kind = INTENT_CREATE, .mailbox = "New"}); /* nothing overtakes it */
	add(f, (struct intent){.kind = INTENT_FLAG, .uid = 6, .add = MSG_SEEN});
	expect_step(f, &seen, "flag:1,4");
	expect_step(f, &seen, "move:2,4,5");
	expect_step(f, &seen, "flag:3");
	expect_step(f, &seen, "append:0");
	expect_step(f, &seen, "flag:3");
	expect_step(f, &seen, "create:0");
	expect_step(f, &seen, "flag:6");
	assert_false(expect_step(f, &seen, ""));
	plan_seen_fini(&seen);
}

/* What waits for another intent is not overtaken by a later one on the same message. */
static void one_that_waits_holds_its_place(void **state)
{
	struct fix *f = *state;
	struct plan_seen seen = {0};
	struct err e;
	int64_t first = add(f, (struct intent){.kind = INTENT_FLAG, .uid = 1, .add = MSG_SEEN});

	add(f, (struct intent){.kind = INTENT_FLAG, .uid = 1, .del = MSG_SEEN, .depends = first});
	add(f, (struct intent){.kind = INTENT_FLAG, .uid = 1, .add = MSG_FLAGGED});
	add(f, (struct intent){.kind = INTENT_FLAG, .uid = 2, .add = MSG_FLAGGED});
	expect_step(f, &seen, "flag:1");
	expect_step(f, &seen, "flag:2"); /* uid 1 must wait */
	assert_false(expect_step(f, &seen, ""));
	assert_true(applied_set(f->h->cache, first, &(struct applied){.state = APPLIED_DONE}, &e));
	expect_step(f, &seen, "flag:1");
	expect_step(f, &seen, "flag:1");
	assert_false(expect_step(f, &seen, ""));
	plan_seen_fini(&seen);
}

static void a_paused_queue_gives_nothing(void **state)
{
	struct fix *f = *state;
	struct plan_seen seen = {0};
	struct err e;

	add(f, (struct intent){.kind = INTENT_FLAG, .uid = 1, .add = MSG_SEEN});
	assert_true(intent_pause(f->state, "a", true, &e) && intent_paused(f->state, "a") && !intent_paused(f->state, "b"));
	assert_false(expect_step(f, &seen, ""));
	assert_true(intent_pause(f->state, "a", false, &e));
	expect_step(f, &seen, "flag:1");
	plan_seen_fini(&seen);
}

/* A state.db from a backup gives ids again that were carried out already: by others, older than they are. */
static void an_old_note_is_not_of_a_new_intent(void **state)
{
	struct fix *f = *state;
	struct err e;
	int64_t id = add(f, (struct intent){.kind = INTENT_FLAG, .uid = 1, .add = MSG_SEEN, .created = INT64_C(1) << 40});

	assert_true(applied_set(f->h->cache, id, &(struct applied){.state = APPLIED_DONE}, &e));
	struct plan_seen seen = {0};
	expect_step(f, &seen, "flag:1");
	plan_seen_fini(&seen);
}

static void messages_of_another_uidvalidity_are_left_alone(void **state)
{
	struct fix *f = *state;
	struct err e;

	assert_true(mailbox_reset(f->h->cache, f->inbox, 100, &e));
	add(f, (struct intent){.kind = INTENT_DELETE, .uid = 1, .uidvalidity = 99});
	add(f, (struct intent){.kind = INTENT_DELETE, .uid = 2, .uidvalidity = 100});
	struct plan_seen seen = {0};
	expect_step(f, &seen, "delete:2 gone:1");
	plan_seen_fini(&seen);
}

/* A local mailbox is the same when its cache was made anew: what has a Message-ID is found by it, by the box. */
static void numbers_of_our_own_are_given_anew(void **state)
{
	struct fix *f = *state;
	struct message_row row = {.id = message_id_of(f->inbox, 1), .message_id = SV("<other@x>")};
	struct err e;

	f->box.own_uids = true;
	assert_true(mailbox_reset(f->h->cache, f->inbox, 100, &e) && message_put(f->h->cache, &row, &e));
	add(f, (struct intent){.kind = INTENT_DELETE, .uid = 1, .uidvalidity = 99, .message_id = "<m@x>"});
	add(f, (struct intent){.kind = INTENT_DELETE, .uid = 2, .uidvalidity = 99});
	add(f, (struct intent){.kind = INTENT_DELETE, .uid = 3, .uidvalidity = 100});
	struct plan_seen seen = {0};
	expect_step(f, &seen, "delete:0,0");
	expect_step(f, &seen, "delete:3");
	/* Nor need it be listed yet. */
	add(f, (struct intent){.kind = INTENT_DELETE, .mailbox = "unknown", .uid = 1, .uidvalidity = 99, .message_id = "<m@x>"});
	add(f, (struct intent){.kind = INTENT_DELETE, .mailbox = "unknown too", .uid = 1, .uidvalidity = 99});
	expect_step(f, &seen, "delete:0");
	expect_step(f, &seen, " gone:5");
	plan_seen_fini(&seen);
}

static void undo_finds_what_a_move_made(void **state)
{
	struct fix *f = *state;
	struct err e;
	int64_t move = add(f, (struct intent){.kind = INTENT_MOVE, .uid = 5, .dest = "INBOX"});
	struct message_row row = {.id = message_id_of(f->inbox, 40), .message_id = SV("<m@x>")};

	assert_true(mailbox_reset(f->h->cache, f->inbox, 100, &e));
	assert_true(applied_set(f->h->cache, move, &(struct applied){APPLIED_DONE, 100, 33}, &e));
	assert_true(message_put(f->h->cache, &row, &e) && intent_done(f->state, move, &e));
	add(f, (struct intent){.kind = INTENT_MOVE, .of = move, .dest = "X", .message_id = "<m@x>"});
	add(f, (struct intent){.kind = INTENT_MOVE, .of = 999, .dest = "X", .message_id = "<m@x>"});
	add(f, (struct intent){.kind = INTENT_MOVE, .of = 999, .dest = "X", .message_id = "<none@x>"});
	struct plan_seen seen = {0};
	expect_step(f, &seen, "move:33,40,0");
	plan_seen_fini(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(options, setup, teardown),
		cmocka_unit_test_setup_teardown(long_options, setup, teardown),
		cmocka_unit_test_setup_teardown(the_queue_is_by_urgency_then_age, setup, teardown),
		cmocka_unit_test_setup_teardown(what_interrupts, setup, teardown),
		cmocka_unit_test_setup_teardown(the_end_of_the_ui_is_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(neighbours_that_are_alike_come_together, setup, teardown),
		cmocka_unit_test_setup_teardown(different_messages_change_places, setup, teardown),
		cmocka_unit_test_setup_teardown(one_that_waits_holds_its_place, setup, teardown),
		cmocka_unit_test_setup_teardown(a_paused_queue_gives_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(an_old_note_is_not_of_a_new_intent, setup, teardown),
		cmocka_unit_test_setup_teardown(messages_of_another_uidvalidity_are_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(numbers_of_our_own_are_given_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_finds_what_a_move_made, setup, teardown),
	};

	return t_run(tests);
}
