#include "core/view_priv.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/proc.h"
#include "conf/rc.h"
#include "core/format.h"
#include "store/mailbox.h"
#include "tests/unit/t.h"

#define UIDVALIDITY 77
#define START 1700000000

static char dir[] = "/tmp/feist-view-XXXXXX";
static struct conf *conf;

struct box {
	struct cache *writer, *reader;
	struct state *state;
	struct view *view;
	uint64_t id;
};

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	conf = conf_new(CONF_MUTT);
	return conf ? 0 : -1;
}

static int teardown(void **state)
{
	const char *argv[] = {"rm", "-rf", dir, NULL};
	struct proc_opts opts = PROC_OPTS_INIT;
	struct err e;
	pid_t pid;

	(void)state;
	conf_free(conf);
	return proc_spawn(argv, &opts, &pid, &e) ? proc_wait(pid) : -1;
}

static void box_open(struct box *b, const char *name)
{
	struct mailbox m;
	struct err e;
	char *path = xasprintf("%s/state-%s.db", dir, name);

	memset(b, 0, sizeof(*b));
	if (!cache_open(&b->writer, dir, name, CACHE_WRITE, &e))
		fail_msg("%s", e.text);
	assert_true(mailbox_add(b->writer, "INBOX", "INBOX", '/', &b->id, &e));
	assert_true(mailbox_reset(b->writer, b->id, UIDVALIDITY, &e));
	assert_true(cache_open(&b->reader, dir, name, CACHE_READ, &e));
	assert_true(state_open(&b->state, path, &e));
	assert_true(mailbox_by_name(b->reader, "INBOX", &m, &e));
	mailbox_fini(&m);
	b->view = view_new(NULL, conf, name, "INBOX", "=INBOX");
	free(path);
}

static void box_attach(struct box *b)
{
	view_attach_source(b->view, 0, b->reader, b->state, b->id, UIDVALIDITY);
	view_load_all(b->view);
}

static void box_close(struct box *b)
{
	view_free(b->view);
	cache_close(b->reader);
	cache_close(b->writer);
	state_close(b->state);
}

/* n -> a message that is its own: id <n@x>; parent 0: none. */
static void put(struct box *b, uint32_t n, uint32_t parent, int64_t date, const char *subject,
	unsigned flags)
{
	char id[32], ref[32] = "";
	struct message_row m = {.id = message_id_of(b->id, n),
		.flags = flags,
		.date_sent = START + date,
		.date_received = START + n,
		.size = 100 * n,
		.subject = sv_of(subject),
		.from = n % 2 ? SV("Odd <odd@example.org>") : SV("Even <even@example.org>"),
		.to = SV("me@example.org")};
	struct err e;

	snprintf(id, sizeof(id), "<%u@x>", n);
	if (parent)
		snprintf(ref, sizeof(ref), "<%u@x>", parent);
	m.message_id = sv_of(id);
	m.in_reply_to = sv_of(ref);
	m.refs = sv_of(ref);
	assert_true(message_put(b->writer, &m, &e));
}

/* A message that only the server knows to be of that thread. */
static void put_in_thread(struct box *b, uint32_t n, const char *parent, const char *thread)
{
	struct message_row m = {.id = message_id_of(b->id, n), .date_sent = START + n, .date_received = START + n,
		.subject = SV("x"), .from = SV("a@example.org"), .refs = sv_of(parent), .thread = sv_of(thread)};
	char id[32], subject[32];
	struct err e;

	snprintf(id, sizeof(id), "<%u@x>", n);
	snprintf(subject, sizeof(subject), "subject %u", n);
	m.message_id = sv_of(id);
	m.subject = sv_of(subject);
	assert_true(message_put(b->writer, &m, &e));
}

/* The list as uids: "3 1 2", collapsed roots with '+', trees as letters. */
static char *list_of(struct view *v, bool trees)
{
	static const char letters[] = " `,+-|/\\ >*&=?"; /* by enum view_tree */
	struct str out;

	str_init(&out, 100000);
	for (uint32_t line = 0; line < view_lines(v); line++) {
		struct msg_facts m;
		char tree[64];
		size_t n = 0;

		assert_true(view_msg(v, view_row(v, line), &m));
		assert_int_equal(view_line_of(v, view_row(v, line)), line);
		if (trees)
			n = view_tree(v, view_row(v, line), tree, sizeof(tree));
		assert_true(str_adds(&out, line ? trees ? "\n" : " " : ""));
		for (size_t i = 0; i < n; i++)
			assert_true(str_addc(&out, letters[(int)tree[i]]));
		assert_true(str_addf(&out, "%u%s", m.uid, m.flags & FLAG_COLLAPSED ? "+" : ""));
	}
	return str_detach(&out);
}

static void expect(struct view *v, const char *want)
{
	char *got = list_of(v, strchr(want, '\n') != NULL);

	if (strcmp(got, want) != 0)
		fail_msg("got:\n%s\nwant:\n%s", got, want);
	free(got);
}

static void set(const char *name, const char *value)
{
	struct err e;

	if (!conf_set(conf, opt_find(sv_of(name)), sv_of(value), (struct conf_origin){0}, &e))
		fail_msg("%s: %s", name, e.text);
}

static void sorts(void **state)
{
	static const struct {
		const char *sort, *aux, *want;
	} cases[] = {
		{"date", "date", "2 1 4 3 5"},
		{"reverse-date", "date", "5 3 4 1 2"},
		{"mailbox-order", "date", "1 2 3 4 5"},
		{"date-received", "date", "1 2 3 4 5"},
		{"subject", "date", "2 3 1 4 5"},
		{"subject", "reverse-date", "3 2 1 5 4"},
		{"from", "date", "2 4 1 3 5"},
		{"size", "date", "1 2 3 4 5"},
		{"to", "date", "2 1 4 3 5"},
		{"reverse-to", "date", "2 1 4 3 5"},
		{"threads", "date", "2 3\n1\n4\n5"},
	};
	struct box b;

	(void)state;
	box_open(&b, "sorts");
	put(&b, 1, 0, 20, "beta", 0);
	put(&b, 2, 0, 10, "Alpha", 0);
	put(&b, 3, 2, 40, "Re: alpha", 0);
	put(&b, 4, 0, 30, "beta 2", 0);
	put(&b, 5, 0, 50, "BETA 2", 0);
	box_attach(&b);
	for (size_t i = 0; i < ARRAY_LEN(cases) - 1; i++) {
		set("sort", cases[i].sort);
		set("sort_aux", cases[i].aux);
		view_resort(b.view);
		char *got = list_of(b.view, false);
		t_streq(got, cases[i].want, cases[i].sort);
		free(got);
	}
	set("sort_aux", "date");
	box_close(&b);
}

static void threads_and_trees(void **state)
{
	struct box b;

	(void)state;
	set("sort", "threads");
	box_open(&b, "trees");
	put(&b, 1, 0, 10, "one", 0);
	put(&b, 2, 1, 20, "Re: one", MSG_SEEN);
	put(&b, 3, 2, 30, "Re: one", 0);
	put(&b, 4, 1, 40, "Re: one", 0);
	put(&b, 5, 99, 50, "lost a", 0);
	put(&b, 6, 99, 60, "lost b", 0);
	put(&b, 7, 0, 70, "Re: one", 0);
	box_attach(&b);
	expect(b.view, "1\n+->2\n| `->3\n+->4\n`*>7\n/->5\n`->6");
	assert_int_equal(view_thread_size(b.view, view_row(b.view, 0)), 5);
	assert_int_equal(view_thread_number(b.view, view_row(b.view, 2)), 3);
	assert_int_equal(view_depth(b.view, view_row(b.view, 2)), 2);
	assert_false(view_subject_shown(b.view, view_row(b.view, 1)));
	set("hide_missing", "no");
	view_resort(b.view);
	expect(b.view, "1\n+->2\n| `->3\n+->4\n`*>7\n?->5\n`->6");
	set("hide_missing", "yes");
	set("sort", "reverse-threads");
	view_resort(b.view);
	expect(b.view, ",->6\n\\->5\n,*>7\n+->4\n| ,->3\n+->2\n1");
	set("sort", "threads");
	set("sort_aux", "last-date");
	view_resort(b.view);
	expect(b.view, "/->5\n`->6\n1\n+->2\n| `->3\n+->4\n`*>7");
	set("sort_aux", "date");
	set("strict_threads", "yes");
	view_resort(b.view);
	expect(b.view, "1\n+->2\n| `->3\n`->4\n/->5\n`->6\n7");
	set("strict_threads", "no");
	view_resort(b.view);
	box_close(&b);
}

static void limits_collapses_and_the_cursor(void **state)
{
	struct box b;
	struct err e;
	uint32_t row;

	(void)state;
	set("sort", "threads");
	box_open(&b, "limits");
	put(&b, 1, 0, 10, "one", MSG_SEEN);
	put(&b, 2, 1, 20, "Re: one", 0);
	put(&b, 3, 0, 30, "two", MSG_SEEN | MSG_FLAGGED);
	put(&b, 4, 3, 40, "Re: two", MSG_SEEN);
	put(&b, 5, 0, 50, "three", 0);
	box_attach(&b);
	assert_int_equal(view_start_line(b.view), 1);
	view_set_cursor(b.view, 3);
	row = view_row(b.view, 3);
	view_collapse(b.view, row, true);
	expect(b.view, "1 2 3+ 5");
	assert_int_equal(view_cursor(b.view), 2);
	assert_int_equal(view_hidden_count(b.view, view_row(b.view, 2)), 1);
	view_collapse(b.view, row, false);
	expect(b.view, "1 2 3 4 5");
	assert_true(view_limit(b.view, "~F", &e));
	expect(b.view, "3");
	assert_true(view_limit(b.view, "~(~F)", &e));
	expect(b.view, "3 4");
	assert_true(view_limit(b.view, "~<(~F)", &e));
	expect(b.view, "4");
	assert_true(view_limit(b.view, "~>(~N)", &e));
	expect(b.view, "1");
	assert_true(view_limit(b.view, "~m 2-3", &e)); /* numbers of the list as it is now */
	expect(b.view, "");
	assert_false(view_limit(b.view, "~j", &e));
	assert_true(view_limit(b.view, "all", &e));
	expect(b.view, "1 2 3 4 5");
	assert_true(view_limit(b.view, "~m 2-3", &e));
	expect(b.view, "2 3");
	assert_true(view_limit(b.view, NULL, &e));
	assert_int_equal(view_counts(b.view)->unread, 2);
	assert_int_equal(view_counts(b.view)->total, 5);
	view_collapse_all(b.view, true);
	expect(b.view, "1+ 3+ 5");
	assert_int_equal(
		view_step(b.view, STEP_NEXT_UNREAD, 2, NULL), 0); /* behind the collapsed root */
	/* A new answer opens its thread. */
	put(&b, 6, 4, 60, "Re: two", 0);
	view_source_changed(b.view, 0, "new");
	view_load_all(b.view);
	expect(b.view, "1+ 3 4 6 5");
	box_close(&b);
}

static void steps(void **state)
{
	static const struct {
		enum view_step step;
		uint32_t from, want;
		bool wrapped;
	} cases[] = {
		{STEP_NEXT, 0, 1, false},
		{STEP_NEXT, 5, VIEW_NONE, false},
		{STEP_PREV, 0, VIEW_NONE, false},
		{STEP_NEXT_NEW, 0, 1, false},
		{STEP_NEXT_NEW, 1, 4, false},
		{STEP_NEXT_NEW, 4, 1, true},
		{STEP_NEXT_UNREAD, 1, 2, false},
		{STEP_PREV_UNREAD, 1, 4, true},
		{STEP_NEXT_THREAD, 0, 3, false},
		{STEP_PREV_THREAD, 4, 3, false},
		{STEP_NEXT_THREAD, 4, 5, false},
		{STEP_PARENT, 2, 1, false},
		{STEP_ROOT, 2, 0, false},
		{STEP_PARENT, 0, VIEW_NONE, false},
		{STEP_NEXT_UNDELETED, 4, VIEW_NONE, false},
		{STEP_PREV_UNDELETED, 5, 4, false},
		{STEP_NEXT_NEW_THEN_UNREAD, 0, 1, false},
	};
	struct box b;

	(void)state;
	set("sort", "threads");
	box_open(&b, "steps");
	put(&b, 1, 0, 10, "one", MSG_SEEN);
	put(&b, 2, 1, 20, "Re: one", 0);
	put(&b, 3, 2, 30, "Re: one", MSG_OLD);
	put(&b, 4, 0, 40, "two", MSG_SEEN);
	put(&b, 5, 4, 50, "Re: two", 0);
	put(&b, 6, 0, 60, "three", MSG_SEEN | MSG_DELETED);
	box_attach(&b);
	expect(b.view, "1 2 3 4 5 6");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool wrapped = false;
		uint32_t got = view_step(b.view, cases[i].step, cases[i].from, &wrapped);

		if (got != cases[i].want || wrapped != cases[i].wrapped)
			fail_msg("case %zu: got %u%s", i, got, wrapped ? " wrapped" : "");
	}
	box_close(&b);
}

static int64_t intend(struct box *b, enum intent_kind kind, enum intent_state is, uint32_t uid,
	unsigned add, unsigned del)
{
	struct intent i = {.kind = kind,
		.state = is,
		.account = b->view->src[0].account,
		.mailbox = "INBOX",
		.uidvalidity = UIDVALIDITY,
		.uid = uid,
		.add = add,
		.del = del,
		.dest = "Archive"};
	int64_t id;
	struct err e;

	assert_true(intent_add(b->state, &i, &id, &e));
	view_overlay_stale(b->view);
	return id;
}

static unsigned flags_of(struct box *b, uint32_t uid)
{
	return view_flags(b->view, view_find_id(b->view, message_id_of(b->id, uid))) &
	       (FLAG_SEEN | FLAG_OLD | FLAG_FLAGGED | FLAG_DELETED | FLAG_PURGE | FLAG_TAGGED |
		       FLAG_ANSWERED);
}

static void intents_overlay(void **state)
{
	struct box b;
	struct err e;
	int64_t seen, mark, move;

	(void)state;
	set("sort", "mailbox-order");
	box_open(&b, "overlay");
	for (uint32_t n = 1; n <= 5; n++)
		put(&b, n, 0, n, "x", n == 2 ? MSG_OLD : 0);
	box_attach(&b);
	view_set_cursor(b.view, 2);
	assert_true(view_tag(b.view, view_row(b.view, 1), true));
	seen = intend(&b, INTENT_FLAG, INTENT_PENDING, 2, MSG_SEEN | MSG_FLAGGED, 0);
	assert_int_equal(flags_of(&b, 2), FLAG_SEEN | FLAG_FLAGGED | FLAG_TAGGED);
	mark = intend(&b, INTENT_DELETE, INTENT_MARKED, 3, 0, 0);
	assert_int_equal(flags_of(&b, 3), FLAG_DELETED);
	expect(b.view, "1 2 3 4 5");
	move = intend(&b, INTENT_MOVE, INTENT_PENDING, 3, 0, 0);
	expect(b.view, "1 2 4 5");
	assert_int_equal(view_cursor(b.view), 2); /* on 4 now */
	assert_true(intent_drop(b.state, move, &e));
	assert_true(intent_drop(b.state, mark, &e));
	view_overlay_stale(b.view);
	expect(b.view, "1 2 3 4 5");
	assert_int_equal(view_cursor(b.view), 3);
	assert_int_equal(flags_of(&b, 3), 0);
	/* The worker has carried the flags out; then the intent goes. */
	assert_true(message_set_flags(
		b.writer, message_id_of(b.id, 2), MSG_SEEN | MSG_FLAGGED, SV(""), 0, &e));
	view_source_changed(b.view, 0, "flags");
	view_load_all(b.view);
	assert_true(intent_drop(b.state, seen, &e));
	view_overlay_stale(b.view);
	assert_int_equal(flags_of(&b, 2), FLAG_SEEN | FLAG_FLAGGED | FLAG_TAGGED);
	/* Intents of another UIDVALIDITY touch nothing. */
	b.view->src[0].uidvalidity++;
	intend(&b, INTENT_FLAG, INTENT_PENDING, 1, MSG_FLAGGED, 0);
	assert_int_equal(flags_of(&b, 1), 0);
	b.view->src[0].uidvalidity--;
	/* Gone on the server while the cursor is on it. */
	view_set_cursor(b.view, 4);
	assert_true(message_delete(b.writer, message_id_of(b.id, 5), &e));
	view_source_changed(b.view, 0, "flags");
	view_load_all(b.view);
	expect(b.view, "1 2 3 4");
	assert_int_equal(view_cursor(b.view), 3);
	box_close(&b);
}

/* However the messages come in, the list in the end is the same. */
static void arrival_does_not_matter(void **state)
{
	uint32_t seed = 1;

	(void)state;
	set("sort", "threads");
	for (int round = 0; round < 20; round++) {
		char name[32];
		struct box all, some;
		uint32_t parents[60], order[60], n = 60;
		char *want, *got;

		snprintf(name, sizeof(name), "arrival-a%d", round);
		box_open(&all, name);
		snprintf(name, sizeof(name), "arrival-b%d", round);
		box_open(&some, name);
		for (uint32_t i = 0; i < n; i++) {
			seed = seed * 1664525u + 1013904223u;
			parents[i] = (seed >> 8) % 70; /* some are missing, some are themselves */
			order[i] = i;
		}
		for (uint32_t i = n; i-- > 1;) {
			uint32_t j, swap = order[i];

			seed = seed * 1664525u + 1013904223u;
			j = (seed >> 8) % (i + 1);
			order[i] = order[j];
			order[j] = swap;
		}
		for (uint32_t i = 0; i < n; i++)
			put(&all, i + 1, parents[i], i, i % 3 ? "Re: topic" : "topic", 0);
		box_attach(&all);
		box_attach(&some);
		for (uint32_t i = 0; i < n; i++) {
			put(&some, order[i] + 1, parents[order[i]], order[i],
				order[i] % 3 ? "Re: topic" : "topic", 0);
			if (i % 7 == 0) {
				view_source_changed(some.view, 0, "new");
				view_load_all(some.view);
				(void)view_lines(some.view);
			}
		}
		view_source_changed(some.view, 0, "messages");
		view_load_all(some.view);
		want = list_of(all.view, true);
		got = list_of(some.view, true);
		assert_string_equal(got, want);
		free(want);
		free(got);
		box_close(&all);
		box_close(&some);
	}
}

static void say_mailbox(struct box *b, uint64_t low_uid, bool complete)
{
	struct mailbox m;
	struct err e;

	assert_true(mailbox_by_id(b->writer, b->id, &m, &e));
	m.low_uid = low_uid;
	m.flags = complete ? (m.flags | MAILBOX_COMPLETE) & ~(unsigned)MAILBOX_COUNTED : m.flags;
	assert_true(mailbox_update(b->writer, &m, &e) && mailbox_count(b->writer, b->id, &e));
	mailbox_fini(&m);
}

/*
 * A mailbox is downloaded from its newest end: each piece comes in by itself, also above what a search found
 * further down, and what went in between is seen at the end.
 */
static void older_mail_comes_downward(void **state)
{
	struct err e;
	struct box b;

	(void)state;
	set("sort", "mailbox-order");
	box_open(&b, "older");
	for (uint32_t n = 9; n <= 10; n++)
		put(&b, n, 0, n, "x", 0);
	say_mailbox(&b, 9, false);
	box_attach(&b);
	expect(b.view, "9 10");
	put(&b, 3, 0, 3, "x", 0);
	view_source_changed(b.view, 0, "messages");
	view_load_all(b.view);
	expect(b.view, "3 9 10");
	for (uint32_t n = 7; n <= 8; n++)
		put(&b, n, 0, n, "x", 0);
	say_mailbox(&b, 7, false);
	view_source_changed(b.view, 0, "older");
	view_load_all(b.view);
	expect(b.view, "3 7 8 9 10");
	/* One goes, and the rest comes: the last piece says that the mailbox is complete. */
	assert_true(message_delete(b.writer, message_id_of(b.id, 9), &e));
	for (uint32_t n = 1; n <= 6; n++)
		put(&b, n, 0, n, "x", 0);
	say_mailbox(&b, 1, true);
	view_source_changed(b.view, 0, "older");
	view_load_all(b.view);
	expect(b.view, "1 2 3 4 5 6 7 8 10");
	box_close(&b);
}

static void threads_of_the_server(void **state)
{
	struct box b;

	(void)state;
	set("sort", "threads");
	for (int on = 0; on < 2; on++) {
		set("thread_by_server", on ? "yes" : "no");
		box_open(&b, on ? "server-on" : "server-off");
		put_in_thread(&b, 1, "", "T1");
		put_in_thread(&b, 2, "", "");
		put_in_thread(&b, 3, "<1@x>", "T1");
		put_in_thread(&b, 4, "", "T1");
		put_in_thread(&b, 5, "", "T2");
		box_attach(&b);
		expect(b.view, on ? "1 3 4 2 5" : "1 3 2 4 5");
		box_close(&b);
	}
	set("thread_by_server", "no");
	set("sort", "date");
}

static void a_hundred_thousand(void **state)
{
	struct view *v = view_new(NULL, conf, "big", "INBOX", "=INBOX");
	int64_t start, put_ms, order_ms;
	uint32_t n = 100000;

	(void)state;
	set("sort", "threads");
	view_resort(v);
	start = clock_us();
	for (uint32_t i = 1; i <= n; i++) {
		char id[40], ref[80], subject[40];
		struct message_row m = {.id = message_id_of(1, i),
			.date_sent = START + (i * 7919) % n,
			.date_received = START + i,
			.size = i,
			.from = SV("Somebody <somebody@example.org>")};

		snprintf(id, sizeof(id), "<%u.long.id@mail.example.org>", i);
		snprintf(ref, sizeof(ref), "<%u.long.id@mail.example.org>",
			i % 5 ? i - i % 5 : i + n);
		snprintf(subject, sizeof(subject), "%sSubject %u", i % 5 ? "Re: " : "", i / 5);
		m.message_id = sv_of(id);
		m.refs = sv_of(ref);
		m.subject = sv_of(subject);
		view_put(v, 0, &m);
	}
	v->overlay_valid = true;
	put_ms = (clock_us() - start) / 1000;
	start = clock_us();
	assert_int_equal(view_lines(v), n);
	order_ms = (clock_us() - start) / 1000;
	print_message("100,000 rows: %lld ms to put, %lld ms to thread and sort\n",
		(long long)put_ms, (long long)order_ms);
	view_free(v);
}

/* ---- scores, tags, subjects ---- */

static void rc_line(const char *line)
{
	struct rc_opts opts = {0};
	struct rc *rc = rc_new(conf, &opts);

	rc_read_text(rc, "test", sv_of(line));
	if (rc_problem_count(rc))
		fail_msg("%s: %s", line, rc_problem_at(rc, 0)->text);
	rc_free(rc);
}

static void expect_format(struct box *b, uint32_t uid, const char *format, const char *want)
{
	uint32_t row = view_row_by_id(b->view, (int64_t)message_id_of(b->id, uid));
	struct msg_facts m;
	struct format_msg f = {.conf = conf, .facts = &m, .view = b->view, .row = row, .tree = true};
	struct str out;

	assert_true(view_msg(b->view, row, &m));
	str_init(&out, 1000);
	format_msg_once(format, &f, &out);
	t_streq(out.s, want, format);
	str_fini(&out);
}

static void expect_scores(struct box *b, const char *want)
{
	struct str out;

	str_init(&out, 1000);
	for (uint32_t uid = 1; uid <= 4; uid++) {
		struct msg_facts m;

		assert_true(view_msg(b->view, view_row_by_id(b->view, (int64_t)message_id_of(b->id, uid)), &m));
		assert_true(str_addf(&out, "%s%d", uid > 1 ? " " : "", m.score));
	}
	t_streq(out.s, want, "scores");
	str_fini(&out);
}

static void scores(void **state)
{
	struct view_verdicts x;
	struct pattern *p;
	struct err e;
	struct box b;

	(void)state;
	set("sort", "mailbox-order");
	box_open(&b, "scores");
	put(&b, 1, 0, 10, "alpha", MSG_FLAGGED);
	put(&b, 2, 0, 20, "beta", 0);
	put(&b, 3, 0, 30, "alpha beta", 0);
	put(&b, 4, 0, 40, "gamma", MSG_SEEN);
	box_attach(&b);
	expect_scores(&b, "0 0 0 0");
	rc_line("score '~s alpha' 10");
	rc_line("score '~s beta' -4\nscore ~F 5");
	expect_scores(&b, "15 0 6 0"); /* less than nothing is nothing */
	rc_line("score ~A 7");
	expect_scores(&b, "22 3 13 7");
	expect_format(&b, 3, "%N", "13");
	set("sort", "score");
	view_resort(b.view);
	expect(b.view, "2 4 3 1");
	set("sort", "reverse-score");
	view_resort(b.view);
	expect(b.view, "1 3 4 2");
	/* A line that is there takes another value, in its place; the list follows. */
	rc_line("score '~s beta' =100");
	expect_scores(&b, "22 100 100 7");
	expect(b.view, "2 3 1 4");
	rc_line("score '~s alpha' 9999");
	expect_scores(&b, "9999 100 9999 7");
	rc_line("score '~s alpha' -9999"); /* final, too */
	expect_scores(&b, "0 100 0 7");
	/* ~n, and lines on scores. */
	p = pattern_compile(conf, "~n 7-100", 0, clock_now(), &e);
	assert_non_null(p);
	assert_true(view_row_matches(b.view, p, view_row_by_id(b.view, (int64_t)message_id_of(b.id, 2))));
	assert_false(view_row_matches(b.view, p, view_row_by_id(b.view, (int64_t)message_id_of(b.id, 1))));
	pattern_free(p);
	/* Newcomers find their place. */
	put(&b, 5, 0, 50, "beta", 0);
	view_refresh(b.view, row_key(0, message_id_of(b.id, 5)));
	assert_int_equal(view_line_of(b.view, view_row_by_id(b.view, (int64_t)message_id_of(b.id, 5))), 1);
	/* Thresholds: each message once. */
	set("score_threshold_read", "0");
	set("score_threshold_flag", "100");
	set("score_threshold_delete", "5");
	assert_false(view_judge(b.view, &x));
	assert_int_equal(x.n_read, 2);   /* 1 and 3 */
	assert_int_equal(x.n_flag, 2);   /* 2 and 5 */
	assert_int_equal(x.n_delete, 2); /* 1 and 3 */
	assert_false(view_judge(b.view, &x));
	assert_int_equal(x.n_delete + x.n_read + x.n_flag, 0);
	set("score", "no");
	expect_scores(&b, "0 0 0 0");
	set("score", "yes");
	expect_scores(&b, "0 100 0 7");
	rc_line("unscore '~s beta'");
	expect_scores(&b, "0 7 0 7");
	rc_line("unscore *");
	expect_scores(&b, "0 0 0 0");
	set("score_threshold_read", "-1");
	set("score_threshold_flag", "9999");
	set("score_threshold_delete", "-1");
	set("sort", "mailbox-order");
	box_close(&b);
}

static void tags_and_subjects_are_shown_as_wished(void **state)
{
	struct box b;
	struct err e;

	(void)state;
	set("sort", "threads");
	box_open(&b, "tags");
	put(&b, 1, 0, 10, "[team] Re: hello", 0);
	put(&b, 2, 1, 20, "Re: hello", 0);
	put(&b, 3, 2, 30, "plain", 0);
	put(&b, 4, 0, 40, "AUTO: build 42 failed (x86)", 0);
	assert_true(message_set_flags(b.writer, message_id_of(b.id, 1), 0, SV("work todo unread"), 0, &e));
	assert_true(message_set_flags(b.writer, message_id_of(b.id, 2), 0, SV("work todo unread"), 0, &e));
	assert_true(message_set_flags(b.writer, message_id_of(b.id, 3), 0, SV("home"), 0, &e));
	box_attach(&b);
	expect_format(&b, 1, "%g", "work todo"); /* $hidden_tags has unread */
	rc_line("tag-transforms work W todo T! home H");
	rc_line("tag-formats work GW home GH");
	expect_format(&b, 1, "%g", "W T!");
	expect_format(&b, 1, "%G", "W T!");
	expect_format(&b, 1, "%GW|%GH|%GX", "W||");
	expect_format(&b, 3, "%?GH?home&no? %?GW?work&no?", "home no");
	expect_format(&b, 1, "%J", "W T!");
	expect_format(&b, 2, "%J", ""); /* as above it */
	expect_format(&b, 3, "%J", "H");
	expect_format(&b, 4, "%g%J%GW", "");
	expect_format(&b, 4, "%za", "tags");
	rc_line("subjectrx '\\[team\\] *' '%L%R'");
	expect_format(&b, 1, "%s", "Re: hello");
	rc_line("subjectrx 'auto: build ([0-9]+) (\\w+)' '%1 %2:%R'");
	expect_format(&b, 4, "%s", "42 failed: (x86)");
	rc_line("subjectrx '^42 ' '#%0|'"); /* looks at what the lines before made */
	expect_format(&b, 4, "%s", "#42 |");
	rc_line("unsubjectrx '^42 '");
	expect_format(&b, 4, "%s", "42 failed: (x86)");
	rc_line("unsubjectrx *");
	expect_format(&b, 4, "%s", "AUTO: build 42 failed (x86)");
	/* Hidden until it is limited anew. */
	{
		uint32_t rows[] = {view_row_by_id(b.view, (int64_t)message_id_of(b.id, 2)),
			view_row_by_id(b.view, (int64_t)message_id_of(b.id, 4))};

		view_hide(b.view, rows, 2);
		char *got = list_of(b.view, false);
		t_streq(got, "1 3", "hidden");
		free(got);
		assert_true(view_limit(b.view, "all", &e));
		got = list_of(b.view, false);
		t_streq(got, "1 2 3 4", "shown again");
		free(got);
	}
	box_close(&b);
}

/* Letter by letter, forth and back: the list is always what the limit alone would show. */
static void typing_a_limit(void **state)
{
	static const char *const typed[] = {"~s o", "~s on", "~s one", "~s on", "~s o", "~s", "!~s o", "!~s on", "~s t", "~s tw",
		"~s twx", "~s tw | ~s", "~s tw | ~s o", "~s tw | ~s on", "~(~s t", "~(~s t)", "~(~s two)", "~f a ~s t", "~f an ~s two"};
	struct box b;
	struct err e;

	(void)state;
	set("sort", "threads");
	box_open(&b, "typing");
	put(&b, 1, 0, 10, "one", 0);
	put(&b, 2, 1, 20, "Re: one", 0);
	put(&b, 3, 0, 30, "two", 0);
	put(&b, 4, 3, 40, "Re: Onward, two", 0);
	put(&b, 5, 0, 50, "other", 0);
	box_attach(&b);
	for (size_t i = 0; i < ARRAY_LEN(typed); i++) {
		bool good = view_limit_guess(b.view, typed[i], &e);
		char *guessed = list_of(b.view, false);

		if (good) {
			assert_true(view_limit(b.view, "all", &e) && view_limit(b.view, typed[i], &e));
			char *meant = list_of(b.view, false);

			t_streq(guessed, meant, typed[i]);
			free(meant);
		}
		free(guessed);
	}
	box_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typing_a_limit),
		cmocka_unit_test(sorts),
		cmocka_unit_test(threads_and_trees),
		cmocka_unit_test(limits_collapses_and_the_cursor),
		cmocka_unit_test(steps),
		cmocka_unit_test(intents_overlay),
		cmocka_unit_test(arrival_does_not_matter),
		cmocka_unit_test(older_mail_comes_downward),
		cmocka_unit_test(threads_of_the_server),
		cmocka_unit_test(scores),
		cmocka_unit_test(tags_and_subjects_are_shown_as_wished),
		cmocka_unit_test(a_hundred_thousand),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
