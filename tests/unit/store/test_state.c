#include "store/state.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "store/journal.h"
#include "store/message.h"
#include "store/outbox.h"
#include "store/state_priv.h"
#include "tests/unit/store/tmp.h"
#include "tests/unit/t.h"

struct fix {
	char *dir, *path;
	struct state *s;
	int64_t base;
};

static int setup(void **state)
{
	struct fix *f = xcalloc(1, sizeof(*f));
	struct err e;

	f->dir = tmp_dir();
	f->path = fs_join(f->dir, "state.db");
	if (!state_open(&f->s, f->path, &e))
		fail_msg("%s", e.text);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;

	state_close(f->s);
	tmp_remove(f->dir);
	free(f->path);
	free(f);
	return 0;
}

/* Ids begin at a thousand times the time of making; what counts here is which one it is. */
static int64_t nth(struct fix *f, int n)
{
	struct intent i = {.account = "probe", .mailbox = "probe"};
	struct err e;
	int64_t id = 0;

	if (f->base == 0) {
		assert_true(state_begin(f->s, &e) && intent_add(f->s, &i, &id, &e));
		state_rollback(f->s);
		f->base = id - id % 1000;
	}
	return f->base + n;
}

/* "id:kind:state:mailbox:uid:dest" of each row, blanks between. */
static bool add_line(void *data, const struct intent *i)
{
	return str_addf(data, "%s%d:%s:%s:%s:%d:%s:%u-%u", ((struct str *)data)->len ? " " : "", (int)(i->id % 1000),
		intent_kind_name(i->kind), intent_state_name(i->state), i->mailbox, (int)i->uid, i->dest, i->add, i->del);
}

static void expect_queue(struct fix *f, const char *want)
{
	struct str s;
	struct err e;

	str_init(&s, 4096);
	assert_true(intent_each(f->s, NULL, NULL, add_line, &s, &e));
	t_streq(s.s ? s.s : "", want, "queue");
	str_fini(&s);
}

static bool add_ready(void *data, const struct intent *i)
{
	return i->waits || add_line(data, i);
}

static void expect_ready(struct fix *f, const char *account, const char *want)
{
	struct str s;
	struct err e;

	str_init(&s, 4096);
	assert_true(intent_ready_each(f->s, account, 0, 100, add_ready, &s, &e));
	t_streq(s.s ? s.s : "", want, "ready");
	str_fini(&s);
}

static int64_t add(struct fix *f, struct intent i)
{
	struct err e;
	int64_t id;

	i.account = i.account ? i.account : "a";
	i.mailbox = i.mailbox ? i.mailbox : "INBOX";
	if (!intent_add(f->s, &i, &id, &e))
		fail_msg("%s", e.text);
	return id;
}

static void the_queue(void **state)
{
	struct fix *f = *state;
	struct err e;
	uint64_t counts[INTENT_STATES], released;

	add(f, (struct intent){.kind = INTENT_FLAG, .state = INTENT_PENDING, .uid = 4, .add = MSG_SEEN});
	add(f, (struct intent){.kind = INTENT_DELETE, .state = INTENT_MARKED, .uid = 5});
	add(f, (struct intent){.kind = INTENT_MOVE, .state = INTENT_MARKED, .uid = 6, .dest = "X"});
	add(f, (struct intent){.kind = INTENT_FLAG, .state = INTENT_PENDING, .uid = 7, .account = "b"});
	expect_ready(f, "a", "1:flag:pending:INBOX:4::1-0");
	assert_true(intent_release_marks(f->s, "a", "INBOX", "Trash", &released, &e));
	assert_int_equal(released, 2);
	expect_ready(f, "a", "1:flag:pending:INBOX:4::1-0 2:move:pending:INBOX:5:Trash:0-0 3:move:pending:INBOX:6:X:0-0");
	assert_true(intent_failed(f->s, nth(f, 2), INTENT_FAILED, "over quota", &e));
	assert_true(intent_counts(f->s, "a", counts, &e));
	assert_true(counts[INTENT_PENDING] == 2 && counts[INTENT_FAILED] == 1 && counts[INTENT_MARKED] == 0);
	assert_true(intent_retry(f->s, nth(f, 2), &e) && intent_done(f->s, nth(f, 1), &e));
	expect_ready(f, "a", "2:move:pending:INBOX:5:Trash:0-0 3:move:pending:INBOX:6:X:0-0");
	assert_false(intent_get(f->s, nth(f, 1), add_line, NULL, &e));
	assert_int_equal(e.class, ERR_GONE);
}

static void in_the_trash_a_mark_is_for_good(void **state)
{
	struct fix *f = *state;
	struct err e;
	uint64_t n;

	add(f, (struct intent){.kind = INTENT_DELETE, .state = INTENT_MARKED, .uid = 5, .mailbox = "Trash"});
	add(f, (struct intent){.kind = INTENT_DELETE, .state = INTENT_MARKED, .uid = 6, .uidvalidity = 3});
	add(f, (struct intent){.kind = INTENT_DELETE, .state = INTENT_MARKED, .uid = 7, .uidvalidity = 3});
	assert_true(intent_release_marks(f->s, "a", "Trash", "Trash", &n, &e));
	assert_true(journal_unmark(f->s, 0, "a", "INBOX", 3, 6, &n, &e));
	expect_queue(f, "1:delete:pending:Trash:5::0-0 3:delete:marked:INBOX:7::0-0");
	assert_true(journal_unmark(f->s, 0, "a", "INBOX", 0, 0, &n, &e));
	expect_queue(f, "1:delete:pending:Trash:5::0-0");
}

static void dependent_ones_wait(void **state)
{
	struct fix *f = *state;
	struct err e;
	int64_t append = add(f, (struct intent){.kind = INTENT_APPEND, .state = INTENT_PENDING, .account = "b"});

	add(f, (struct intent){.kind = INTENT_DELETE, .state = INTENT_PENDING, .uid = 1, .depends = append});
	expect_ready(f, "a", "");
	assert_true(intent_failed(f->s, append, INTENT_FAILED, "no", &e));
	expect_ready(f, "a", ""); /* the original stays */
	assert_true(intent_done(f->s, append, &e));
	expect_ready(f, "a", "2:delete:pending:INBOX:1::0-0");
	append = add(f, (struct intent){.kind = INTENT_APPEND, .state = INTENT_PENDING, .account = "b"});
	add(f, (struct intent){.kind = INTENT_DELETE, .state = INTENT_PENDING, .uid = 3, .depends = append});
	assert_true(intent_drop(f->s, append, &e)); /* and with it what depends on it */
	expect_queue(f, "2:delete:pending:INBOX:1::0-0");
}

static bool first_state(void *data, const struct outbox_row *r)
{
	*(enum outbox_state *)data = r->state;
	return false;
}

static bool count_rows(void *data, const struct outbox_row *r)
{
	(void)r;
	++*(uint64_t *)data;
	return true;
}

static void the_outbox(void **state)
{
	struct fix *f = *state;
	struct outbox_row r = {.state = OUTBOX_QUEUED, .account = "a", .from = "me@x", .recipients = "b@x\nc@x", .file = "/f"};
	int64_t id, due, wait;
	enum outbox_state now = OUTBOX_STATES;
	uint64_t unknown;
	struct err e;

	assert_true(outbox_add(f->s, &r, &id, &e));
	assert_true(outbox_due(f->s, "a", 100, &due, &wait, &e) && due == id);
	assert_true(outbox_due(f->s, "b", 100, &due, &wait, &e) && due == 0 && wait == -1);
	assert_true(outbox_change(f->s, id, OUTBOX_QUEUED, OUTBOX_SENDING, "", 0, &e));
	assert_false(outbox_change(f->s, id, OUTBOX_QUEUED, OUTBOX_SENDING, "", 0, &e)); /* another was first */
	assert_int_equal(e.class, ERR_GONE);
	assert_true(outbox_change(f->s, id, OUTBOX_SENDING, OUTBOX_QUEUED, "busy", 500, &e));
	assert_true(outbox_due(f->s, "a", 100, &due, &wait, &e) && due == 0 && wait == 400);
	assert_true(outbox_change(f->s, id, OUTBOX_QUEUED, OUTBOX_SENDING, "", 0, &e));
	assert_true(outbox_recover(f->s, "a", &unknown, &e) && unknown == 0);
	assert_true(outbox_get(f->s, id, first_state, &now, &e) && now == OUTBOX_QUEUED);
	assert_true(outbox_change(f->s, id, OUTBOX_QUEUED, OUTBOX_SENDING, "", 0, &e));
	assert_true(outbox_change(f->s, id, OUTBOX_SENDING, OUTBOX_COMMITTING, "", 0, &e));
	assert_true(outbox_recover(f->s, "a", &unknown, &e) && unknown == 1);
	assert_true(outbox_get(f->s, id, first_state, &now, &e) && now == OUTBOX_UNKNOWN);
	assert_true(outbox_due(f->s, "a", 1000, &due, &wait, &e) && due == 0); /* never by itself */
	r.state = OUTBOX_HELD;
	r.send_at = 700;
	assert_true(outbox_add(f->s, &r, &id, &e));
	assert_true(outbox_due(f->s, "a", 100, &due, &wait, &e) && due == 0 && wait == 600);
	assert_true(outbox_due(f->s, "a", 700, &due, &wait, &e) && due == id);
	for (int i = 0; i < OUTBOX_STATES; i++) {
		assert_true(outbox_state_by_name(sv_of(outbox_state_name((enum outbox_state)i)), &now));
		assert_int_equal(now, i);
	}
}

static bool join(void *data, struct sv text)
{
	return str_add(data, text) && str_addc(data, ' ');
}

static bool count_rcpt(void *data, const struct outbox_rcpt *r)
{
	str_addf(data, "%s %s %s;", r->addr, outbox_result_name(r->result), r->words);
	return true;
}

static void scheduled_rows(void **state)
{
	struct fix *f = *state;
	struct outbox_row r = {.state = OUTBOX_SCHEDULED, .account = "a", .recipients = "b@x", .file = "/f", .send_at = 700};
	int64_t id, due, wait;
	struct err e;

	assert_true(outbox_add(f->s, &r, &id, &e));
	assert_true(outbox_due(f->s, "a", 100, &due, &wait, &e) && due == 0 && wait == 600);
	/* the server may hold it: it is tried before its time */
	assert_true(outbox_schedule(f->s, id, OUTBOX_SCHEDULED, 900, 150, &e));
	assert_true(outbox_due(f->s, "a", 100, &due, &wait, &e) && due == 0 && wait == 50);
	assert_true(outbox_due(f->s, "a", 150, &due, &wait, &e) && due == id);
	assert_true(outbox_keep_here(f->s, id, &e));
	assert_true(outbox_due(f->s, "a", 150, &due, &wait, &e) && due == 0 && wait == 750);
	/* held until the user says so */
	assert_true(outbox_change(f->s, id, OUTBOX_SCHEDULED, OUTBOX_HELD, "", 0, &e));
	assert_true(outbox_due(f->s, "a", 5000, &due, &wait, &e) && due == 0 && wait == -1);
	assert_false(outbox_schedule(f->s, id, OUTBOX_SCHEDULED, 900, 0, &e));
	assert_int_equal(e.class, ERR_GONE);
}

static void recipients_and_what_is_through(void **state)
{
	struct fix *f = *state;
	struct outbox_row r = {.state = OUTBOX_SENT, .account = "a", .recipients = "b@x\nc@x", .file = "/f", .created = 1000};
	const struct outbox_rcpt said[] = {{"b@x", OUTBOX_RCPT_SENT, "250 ok"}, {"c@x", OUTBOX_RCPT_NEVER, "550 no"}};
	int64_t id = 0;
	uint64_t n = 0;
	struct str text;
	struct err e;

	str_init(&text, 4096);
	assert_true(outbox_add(f->s, &r, &id, &e) && outbox_rcpt_set(f->s, id, said, 2, &e));
	assert_true(outbox_rcpt_each(f->s, id, count_rcpt, &text, &e));
	assert_string_equal(text.s, "b@x sent 250 ok;c@x never 550 no;");
	assert_true(outbox_prune(f->s, 1000 + OUTBOX_DONE_S, &e));
	assert_true(outbox_get(f->s, id, count_rows, &n, &e) && n == 1);
	assert_true(outbox_prune(f->s, 1001 + OUTBOX_DONE_S, &e));
	assert_false(outbox_get(f->s, id, count_rows, &n, &e));
	str_clear(&text);
	assert_true(outbox_rcpt_each(f->s, id, count_rcpt, &text, &e) && text.len == 0);
	for (size_t i = 0; i < OUTBOX_DONE_MAX + 5; i++)
		assert_true(outbox_add(f->s, &r, &id, &e));
	assert_true(outbox_prune(f->s, 1000, &e));
	n = 0;
	assert_true(outbox_each(f->s, NULL, count_rows, &n, &e) && n == OUTBOX_DONE_MAX);
	str_clear(&text);
	assert_true(outbox_option_add(&text, "url", SV("smtp://x/\nfcc=evil")) && outbox_option_add(&text, "none", SV("")));
	assert_string_equal(text.s, "url=smtp://x/\n");
	assert_true(sv_is(outbox_option(str_sv(&text), "url"), "smtp://x/") && outbox_option(str_sv(&text), "ur").len == 0);
	str_fini(&text);
}

static void history_and_facts(void **state)
{
	struct fix *f = *state;
	struct str s;
	struct err e;

	str_init(&s, 100);
	assert_true(state_history_add(f->s, "cmd", SV("one"), &e) && state_history_add(f->s, "cmd", SV("two"), &e));
	assert_true(state_history_add(f->s, "addr", SV("x"), &e) && state_history_add(f->s, "cmd", SV("one"), &e));
	assert_true(state_history_each(f->s, "cmd", join, &s, &e));
	assert_string_equal(s.s, "one two ");
	assert_true(state_begin(f->s, &e));
	for (int i = 0; i < STATE_HISTORY_MAX + 50; i++) {
		char word[20];

		snprintf(word, sizeof(word), "w%d", i);
		assert_true(state_history_add(f->s, "many", sv_of(word), &e));
	}
	assert_true(state_commit(f->s, &e));
	str_fini(&s);
	str_init(&s, 20000);
	assert_true(state_history_each(f->s, "many", join, &s, &e));
	assert_true(sv_starts(str_sv(&s), SV("w1049 w1048 ")));
	assert_true(sv_ends_case(str_sv(&s), SV(" w50 ")));
	str_fini(&s);
	assert_null(state_get(f->s, "last"));
	assert_true(state_set(f->s, "last", SV("a"), &e) && state_set(f->s, "last", SV("b"), &e));
	char *v = state_get(f->s, "last");
	assert_string_equal(v, "b");
	free(v);
}

static bool join_address(void *data, struct sv addr, struct sv name)
{
	return str_addf(data, SV_FMT "=" SV_FMT " ", SV_ARG(addr), SV_ARG(name));
}

static void addresses(void **state)
{
	struct fix *f = *state;
	struct str s;
	struct err e;

	str_init(&s, 200);
	assert_true(state_address_seen(f->s, SV("ann@x"), SV("Ann Bee"), &e));
	assert_true(state_address_seen(f->s, SV("bob@x"), SV("Bob"), &e) && state_address_seen(f->s, SV("bob@x"), SV(""), &e));
	assert_true(state_address_seen(f->s, SV("x_y@x"), SV(""), &e) && state_address_seen(f->s, SV("xzy@x"), SV(""), &e));
	assert_true(state_address_find(f->s, SV("B"), 10, join_address, &s, &e));
	assert_string_equal(s.s, "bob@x=Bob ann@x=Ann Bee ");
	str_clear(&s);
	assert_true(state_address_find(f->s, SV("x_"), 10, join_address, &s, &e));
	assert_string_equal(s.s, "x_y@x= ");
	str_fini(&s);
}

static bool draft_id(void *data, int64_t id, int64_t changed, struct sv subject)
{
	assert_true(changed > 0 && sv_is(subject, "new subject"));
	*(int64_t *)data = id;
	return true;
}

static void drafts(void **state)
{
	struct fix *f = *state;
	struct str s;
	struct err e;
	int64_t id = 0, listed = 0;

	assert_true(state_draft_save(f->s, &id, SV("subject"), SV("data\0with nul"), &e));
	assert_true(id > 0);
	assert_true(state_draft_save(f->s, &id, SV("new subject"), sv_make("a\0b", 3), &e));
	assert_true(state_draft_each(f->s, draft_id, &listed, &e));
	assert_int_equal(listed, id);
	assert_true(state_draft_load(f->s, id, &s, &e));
	assert_int_equal(s.len, 3);
	str_fini(&s);
	assert_true(state_draft_delete(f->s, id, &e));
	assert_false(state_draft_load(f->s, id, &s, &e));
	assert_int_equal(e.class, ERR_GONE);
}

static void files(void **state)
{
	struct fix *f = *state;
	char *one = NULL, *two = NULL, *again = NULL;
	struct err e;
	int64_t id;
	struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

	assert_true(state_put_file(f->s, SV("hello"), &one, &e) && state_put_file(f->s, SV("hello"), &again, &e));
	assert_string_equal(one, again);
	assert_true(state_put_file(f->s, SV("other"), &two, &e));
	struct outbox_row r = {.account = "a", .file = one};
	assert_true(outbox_add(f->s, &r, &id, &e));
	assert_true(state_sweep_files(f->s, &e));
	assert_true(fs_exists(two)); /* young */
	assert_int_equal(utimensat(AT_FDCWD, one, old, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, two, old, 0), 0);
	assert_true(state_sweep_files(f->s, &e));
	assert_true(fs_exists(one));
	assert_false(fs_exists(two));
	free(one), free(two), free(again);
}

/* A full disk leaves no name behind that somebody would free again (found by the kill test: sending crashed). */
static void a_full_disk_leaves_nothing(void **state)
{
	struct fix *f = *state;
	struct rlimit was, small;
	struct err e;
	char *name = NULL;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = was;
	small.rlim_cur = 4;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_false(state_put_new_file(f->s, SV("longer than four bytes"), &name, &e));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(e.class, ERR_DISK);
	assert_null(name);
}

static void two_processes(void **state)
{
	struct fix *f = *state;
	struct state *other, *worker;
	struct err e;
	int64_t id;
	struct intent i = {.account = "a", .mailbox = "X"};

	assert_true(state_open(&other, f->path, &e));
	assert_null(state_note(other));
	assert_true(state_open_reader(&worker, f->path, &e));
	(void)state_changed(f->s), (void)state_changed(worker);
	assert_true(intent_add(other, &i, &id, &e));
	assert_true(state_changed(f->s));
	assert_true(state_changed(worker));
	expect_queue(f, "1:flag:marked:X:0::0-0");
	assert_false(intent_done(worker, id, &e)); /* workers only read */
	state_close(other);
	state_close(worker);
	char *none = fs_join(f->dir, "none.db");
	assert_false(state_open_reader(&worker, none, &e));
	assert_int_equal(e.class, ERR_GONE);
	free(none);
}

static void overwrite(const char *path, off_t at, const char *bytes, size_t n)
{
	int fd = open(path, O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	close(fd);
}

static void damage_is_moved_aside_never_deleted(void **state)
{
	struct fix *f = *state;
	struct err e;

	add(f, (struct intent){.kind = INTENT_DELETE, .uid = 1});
	state_close(f->s);
	overwrite(f->path, 0, "no SQLite file  ", 16);
	assert_true(state_open(&f->s, f->path, &e));
	assert_non_null(state_note(f->s));
	assert_non_null(strstr(state_note(f->s), ".bad-"));
	expect_queue(f, "");
}

static void what_can_be_read_is_rescued(void **state)
{
	struct fix *f = *state;
	char *mark = xasprintf("%s.corrupt", f->path);
	struct err e;

	add(f, (struct intent){.kind = INTENT_DELETE, .uid = 1});
	assert_true(state_set(f->s, "k", SV("v"), &e));
	state_close(f->s);
	assert_true(fs_write_atomic(mark, SV(""), 0600, &e));
	assert_true(state_open(&f->s, f->path, &e));
	assert_non_null(strstr(state_note(f->s), "2 entries were rescued"));
	expect_queue(f, "1:delete:marked:INBOX:1::0-0");
	free(mark);
}

static void a_newer_file_is_not_touched(void **state)
{
	struct fix *f = *state;
	struct state *s;
	struct err e;

	struct str bytes;
	char version[4];

	state_close(f->s);
	assert_true(fs_read(f->path, 1 << 20, &bytes, &e));
	memcpy(version, bytes.s + 60, sizeof(version));
	str_fini(&bytes);
	overwrite(f->path, 60, "\0\0\0\x63", 4);
	assert_false(state_open(&s, f->path, &e));
	assert_int_equal(e.class, ERR_INPUT);
	overwrite(f->path, 60, version, 4);
	assert_true(state_open(&f->s, f->path, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_queue, setup, teardown),
		cmocka_unit_test_setup_teardown(in_the_trash_a_mark_is_for_good, setup, teardown),
		cmocka_unit_test_setup_teardown(dependent_ones_wait, setup, teardown),
		cmocka_unit_test_setup_teardown(the_outbox, setup, teardown),
		cmocka_unit_test_setup_teardown(scheduled_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(recipients_and_what_is_through, setup, teardown),
		cmocka_unit_test_setup_teardown(history_and_facts, setup, teardown),
		cmocka_unit_test_setup_teardown(addresses, setup, teardown),
		cmocka_unit_test_setup_teardown(drafts, setup, teardown),
		cmocka_unit_test_setup_teardown(files, setup, teardown),
		cmocka_unit_test_setup_teardown(a_full_disk_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(two_processes, setup, teardown),
		cmocka_unit_test_setup_teardown(damage_is_moved_aside_never_deleted, setup, teardown),
		cmocka_unit_test_setup_teardown(what_can_be_read_is_rescued, setup, teardown),
		cmocka_unit_test_setup_teardown(a_newer_file_is_not_touched, setup, teardown),
	};

	return t_run(tests);
}
