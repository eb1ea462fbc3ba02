/*
 * The outbox with its real ways out: what is sent, what is said about it, and what is known after a crash or when
 * state.db cannot be written for a while.
 */
#include "core/session.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "core/draft.h"
#include "core/func.h"
#include "core/session_priv.h"
#include "tests/unit/core/world.h"

static void write_sendmail(const char *name, const char *body)
{
	char *path = at(name), *text = xasprintf("#!/bin/sh\n%s\n", body);

	put_file(path, text);
	assert_int_equal(chmod(path, 0700), 0);
	free(path);
	free(text);
}

static int64_t send_one(struct world *w, const char *subject)
{
	struct draft *d = draft_new(w->s);
	struct err e;
	int64_t id;

	assert_true(draft_set_field(d, FIELD_TO, "ann@example.org", &e));
	assert_true(draft_set_field(d, FIELD_BCC, "secret@example.org", &e));
	assert_true(draft_set_field(d, FIELD_SUBJECT, subject, &e));
	assert_true(draft_set_body(d, SV("Hello\n"), &e));
	draft_choose_fcc(d);
	if (!draft_send(d, &id, &e))
		fail_msg("%s", e.text);
	draft_free(d);
	return id;
}

static size_t outbox_len(struct world *w, enum outbox_state_shown *first)
{
	struct outbox_item *list;
	size_t n = outbox_list(w->s, false, &list);

	if (n)
		*first = list[0].state;
	outbox_list_free(list, n);
	return n;
}

/* ---- big ones, beside the loop ---- */

struct end {
	bool over;
	int64_t id;
	struct err e;
};

static void note_end(void *data, int64_t id, const struct err *failed)
{
	struct end *end = data;

	assert_false(end->over);
	*end = (struct end){.over = true, .id = id};
	if (failed)
		end->e = *failed;
}

/* A draft with a megabyte at it, or a folder, which cannot be read. */
static struct draft *big_draft(struct world *w, bool readable)
{
	struct draft *d = draft_new(w->s);
	char *path = at("big.bin");
	struct err e;
	struct str s;

	str_init(&s, 2u << 20);
	while (s.len < 1u << 20)
		assert_true(str_addf(&s, "%zu ", s.len));
	put_file(path, s.s);
	assert_true(draft_set_field(d, FIELD_TO, "ann@example.org", &e));
	assert_true(draft_set_body(d, SV("Hello\n"), &e));
	assert_false(draft_is_big(d));
	assert_true(draft_attach_file(d, path, &e));
	assert_true(draft_is_big(d));
	if (!readable) {
		assert_int_equal(unlink(path), 0);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	str_fini(&s);
	free(path);
	return d;
}

static void big_ones_are_written_beside_the_loop(void **state)
{
	struct world w;
	struct end end = {0};
	enum outbox_state_shown first;
	char *got = at("got");
	struct str text;
	struct err e;

	(void)state;
	world_open(&w, 0);
	write_sendmail("mta", "cd \"$(dirname \"$0\")\" && cat >got.new && mv got.new got");
	set_path(&w, "sendmail", "mta");
	struct draft *d = big_draft(&w, true);
	assert_non_null(draft_send_start(d, note_end, &end, &e));
	assert_false(end.over);
	WAIT(&w, end.over);
	assert_int_equal(end.e.class, ERR_NONE);
	assert_true(end.id > 0);
	draft_free(d);
	WAIT(&w, outbox_len(&w, &first) == 0);
	assert_true(fs_read(got, 4u << 20, &text, &e));
	expect_in(text.s, "Message-ID: <");
	expect_in(text.s, "filename=big.bin");
	assert_true(text.len > 1u << 20);
	str_fini(&text);
	assert_int_equal(unlink(got), 0);
	free(got);
	world_close(&w);
}

static void a_big_one_that_cannot_be_read_or_is_stopped(void **state)
{
	struct world w;
	struct end end = {0};
	enum outbox_state_shown first;
	char *path = at("big.bin");
	struct err e;

	(void)state;
	world_open(&w, SESSION_NO_OUTBOX);
	set_path(&w, "sendmail", "mta");
	struct draft *d = big_draft(&w, false);
	assert_non_null(draft_send_start(d, note_end, &end, &e));
	WAIT(&w, end.over);
	assert_int_not_equal(end.e.class, ERR_NONE);
	expect_in(end.e.text, "big.bin");
	assert_int_equal(outbox_len(&w, &first), 0);
	assert_int_equal(rmdir(path), 0);
	draft_free(d);

	end = (struct end){0};
	d = big_draft(&w, true);
	struct draft_sending *job = draft_send_start(d, note_end, &end, &e);
	assert_non_null(job);
	draft_send_cancel(job);
	assert_int_equal(outbox_len(&w, &first), 0);
	/* It can be sent all the same. */
	assert_non_null(draft_send_start(d, note_end, &end, &e));
	WAIT(&w, end.over);
	assert_int_equal(end.e.class, ERR_NONE);
	assert_int_equal(outbox_len(&w, &first), 1);
	draft_free(d);
	free(path);
	world_close(&w);
}

/* A draft with an attachment is what the file will be: sent, or kept as a copy. */
static bool built_has(struct draft *d, bool copy, const char *words)
{
	char *path = at("built");
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct str text;
	struct err e;
	bool has;

	assert_true(fd >= 0 && draft_build(d, copy, fd, &e));
	close(fd);
	assert_true(fs_read(path, 100000, &text, &e));
	has = strstr(text.s, words) != NULL;
	str_fini(&text);
	free(path);
	return has;
}

/* $fcc_attach: the copy may be the text alone; what is sent is whole. */
static void the_copy_can_be_without_attachments(void **state)
{
	static const struct {
		const char *option;
		int answer; /* -1: nobody was asked */
		bool whole;
	} rows[] = {{"yes", -1, true}, {"no", -1, false}, {"ask-yes", -1, true}, {"ask-no", -1, false},
		{"ask-yes", 0, false}, {"ask-no", 1, true}};
	char *note = at("note.txt");
	enum outbox_state_shown first = OUT_HELD;

	(void)state;
	put_file(note, "the attachment\n");
	write_sendmail("mta", "cat >$(dirname $0)/whole");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w;
		struct draft *d;
		struct err e;
		int64_t id;

		world_open(&w, 0);
		set_path(&w, "sendmail", "mta");
		set_path(&w, "record", i % 2 ? "copies1" : "copies0");
		set(&w, "fcc_attach", rows[i].option);
		d = draft_new(w.s);
		assert_true(draft_set_field(d, FIELD_TO, "ann@example.org", &e));
		assert_true(draft_set_body(d, SV("the text\n"), &e));
		assert_true(draft_attach_file(d, note, &e));
		draft_choose_fcc(d);
		assert_true(draft_asks_fcc_attach(d));
		if (rows[i].answer >= 0)
			draft_set_fcc_attach(d, rows[i].answer);
		assert_true(built_has(d, true, "the text") && built_has(d, false, "the text"));
		assert_true(built_has(d, false, "the attachment"));
		assert_int_equal(built_has(d, true, "the attachment"), rows[i].whole);
		if (i < 2) {
			char *box = at(i ? "copies1" : "copies0");
			struct view *v;
			struct str text;

			if (!draft_send(d, &id, &e))
				fail_msg("%s", e.text);
			WAIT(&w, outbox_len(&w, &first) == 0);
			WAIT(&w, func_mailbox_exists(w.s, box));
			v = open_path(&w, box);
			WAIT(&w, view_lines(v) == 1);
			session_close(w.s, v);
			assert_true(fs_read(box, 100000, &text, &e));
			expect_in(text.s, "the text");
			assert_int_equal(strstr(text.s, "the attachment") != NULL, rows[i].whole);
			str_fini(&text);
			free(box);
		} else {
			draft_discard(d);
		}
		draft_free(d);
		world_close(&w);
	}
	free(note);
}

static void mail_leaves_through_sendmail(void **state)
{
	enum outbox_state_shown first = OUT_HELD;
	struct world w;
	struct view *v;
	struct str text;
	struct err e;
	char *out = at("out");

	(void)state;
	write_sendmail("mta", "echo \"ARGS $*\" >>$(dirname $0)/out; cat >>$(dirname $0)/out");
	world_open(&w, 0);
	set_path(&w, "sendmail", "mta");
	send_one(&w, "one");
	WAIT(&w, outbox_len(&w, &first) == 0);
	assert_true(fs_read(out, 100000, &text, &e));
	expect_in(text.s, "ARGS -- ann@example.org secret@example.org\n");
	expect_in(text.s, "Subject: one\n");
	assert_null(strstr(text.s, "Bcc"));
	str_fini(&text);
	WAIT(&w, func_mailbox_exists(w.s, "=sent"));
	v = open_box(&w, "sent");
	WAIT(&w, view_lines(v) == 1);
	assert_true(view_flags(v, view_row(v, 0)) & FLAG_SEEN);
	session_close(w.s, v);
	assert_int_equal(draft_lost_count(w.s), 0);
	/* Refused for good: kept, and sent when its cause is mended. */
	write_sendmail("mta", "cat >/dev/null; exit 67");
	send_one(&w, "two");
	WAIT(&w, outbox_len(&w, &first) == 1 && first == OUT_FAILED);
	write_sendmail("mta", "cat >/dev/null");
	{
		struct outbox_item *list;
		size_t n = outbox_list(w.s, false, &list);

		assert_true(outbox_retry_item(w.s, list[0].id, &e));
		outbox_list_free(list, n);
	}
	WAIT(&w, outbox_len(&w, &first) == 0);
	/* Killed in between: nobody knows, so the user is asked and it is not sent again. */
	write_sendmail("mta", "echo x >>$(dirname $0)/count; kill -9 $$");
	send_one(&w, "three");
	WAIT(&w, w.questions == 1);
	assert_int_equal(outbox_len(&w, &first), 1);
	assert_int_equal(first, OUT_UNKNOWN);
	assert_int_equal(w.last_question.kind, ASK_UNKNOWN_SEND);
	session_answer(w.s, w.last_question.id, "no");
	WAIT(&w, w.questions == 2);
	session_answer(w.s, w.last_question.id, "yes");
	WAIT(&w, outbox_len(&w, &first) == 0);
	free(out);
	out = at("count");
	assert_true(fs_read(out, 1000, &text, &e));
	t_streq(text.s, "x\nx\n", "sent as often as was said");
	str_fini(&text);
	free(out);
	world_close(&w);
}

/* $fcc_before_send: the copy does not wait for the mail, and there is never a second one. */
static void the_copy_may_come_first(void **state)
{
	enum outbox_state_shown first = OUT_HELD;
	struct conf_origin origin = {0};
	struct world w;
	struct view *v;
	struct err e;
	int64_t id;

	(void)state;
	make_maildir("first");
	write_sendmail("mta", "cat >/dev/null; exit 67");
	world_open(&w, 0);
	set_path(&w, "sendmail", "mta");
	set_path(&w, "record", "first");
	assert_true(conf_set(w.conf, OPT_fcc_before_send, SV("yes"), origin, &e));
	session_conf_changed(w.s);
	id = send_one(&w, "copied first");
	WAIT(&w, outbox_len(&w, &first) == 1 && first == OUT_FAILED);
	v = open_box(&w, "first");
	WAIT(&w, view_lines(v) == 1);
	write_sendmail("mta", "cat >/dev/null");
	assert_true(outbox_retry_item(w.s, id, &e));
	WAIT(&w, outbox_len(&w, &first) == 0 && session_is_idle(w.s));
	assert_int_equal(view_lines(v), 1);
	session_close(w.s, v);
	world_close(&w);
}

/* What the program says, and its exit status, in the words of the row. */
static void sendmail_says_why(void **state)
{
	static const struct {
		const char *script, *error;
		enum outbox_state_shown state;
	} rows[] = {
		{"echo 'relay is down' >&2; exit 75", "relay is down -- ", OUT_QUEUED},
		{"exit 75", "mta: it cannot send now (75)", OUT_QUEUED},
		{"exit 69", "mta: the service is not available (69)", OUT_QUEUED},
		{"echo 'no such user'; exit 67", "no such user -- ", OUT_FAILED},
		{"exit 77", "mta: the login was refused, or it may not send (77)", OUT_FAILED},
		{"exit 78", "mta: its configuration is wrong (78)", OUT_FAILED},
		{"exit 3", "mta ended with status 3", OUT_FAILED},
		{"exit 127", "mta: it was not found (127)", OUT_FAILED},
	};
	struct world w;
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum outbox_state_shown first = OUT_HELD;
		struct outbox_item *list;
		int64_t id;
		size_t n;

		write_sendmail("mta", rows[i].script);
		world_open(&w, 0);
		set_path(&w, "sendmail", "mta");
		id = send_one(&w, "why");
		WAIT(&w, outbox_len(&w, &first) == 1 && first == rows[i].state && outbox_idle(w.s));
		n = outbox_list(w.s, false, &list);
		if (!strstr(list[0].error, rows[i].error))
			fail_msg("%s: got \"%s\"", rows[i].error, list[0].error);
		outbox_list_free(list, n);
		assert_true(outbox_drop_item(w.s, id, &e));
		world_close(&w);
	}
}

static void refusals_in_plain_words(void **state)
{
	static const struct {
		const char *words, *cause;
	} rows[] = {
		{"550 5.1.1 <x@y>: no", "there is no such mailbox"},
		{"x@y: 552 5.2.2 over quota", "the mailbox is full"},
		{"the server refused the message: 554 5.7.1 spam", "the server does not allow it"},
		{"450 4.7.1 try again", "the server wants to see whether we come back (greylisting)"},
		{"550 no enhanced code", "there is no such mailbox, or the server does not allow it"},
		{"554 5.99.99 unheard of", "the server refuses it"},
		{"250 2.0.0 ok", ""},
		{"no code at all, 5500 of them", ""},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *cause = outbox_cause(rows[i].words);

		t_streq(cause, rows[i].cause, rows[i].words);
		free(cause);
	}
}

/* A feist that was killed while the message was going out leaves a row that is asked about, never sent again. */
static void a_crash_while_sending_is_asked_about(void **state)
{
	enum outbox_state_shown first = OUT_HELD;
	struct world w;
	struct err e;
	int64_t id;

	(void)state;
	write_sendmail("mta", "cat >/dev/null");
	world_open(&w, SESSION_NO_OUTBOX);
	set_path(&w, "sendmail", "mta");
	id = send_one(&w, "four");
	assert_true(outbox_change(w.s->state, id, OUTBOX_QUEUED, OUTBOX_SENDING, "", 0, &e));
	assert_true(outbox_change(w.s->state, id, OUTBOX_SENDING, OUTBOX_COMMITTING, "", 0, &e));
	world_close(&w);
	world_open(&w, 0);
	set_path(&w, "sendmail", "mta");
	WAIT(&w, w.questions == 1);
	assert_int_equal(outbox_len(&w, &first), 1);
	assert_int_equal(first, OUT_UNKNOWN);
	assert_true(outbox_drop_item(w.s, id, &e));
	world_close(&w);
}

/* ---- a disk that takes nothing ---- */

/* While it is full, whatever this process and those that it starts then write to a file is refused. */
static void disk_is_full(bool full)
{
	static struct rlimit before;
	struct rlimit none;

	if (full) {
		signal(SIGXFSZ, SIG_IGN);
		assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
		none = before;
		none.rlim_cur = 0;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	} else {
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	}
}

/* The mail has left, and that cannot be noted: it is when the disk is well again, and nobody is asked. */
static void what_is_known_is_noted_later(void **state)
{
	enum outbox_state_shown first = OUT_HELD;
	char *gate = at("gate");
	struct world w;
	int fd;

	(void)state;
	assert_int_equal(mkfifo(gate, 0600), 0);
	write_sendmail("mta", "read x <$(dirname $0)/gate; cat >/dev/null");
	world_open(&w, 0);
	set_path(&w, "sendmail", "mta");
	send_one(&w, "five");
	/* It opens when sendmail reads. */
	WAIT(&w, (fd = open(gate, O_WRONLY | O_NONBLOCK)) >= 0);
	disk_is_full(true);
	assert_int_equal(write(fd, "go\n", 3), 3);
	close(fd);
	WAIT(&w, w.last_message && strstr(w.last_message, "Noting what became of the mail"));
	assert_int_equal(outbox_len(&w, &first), 1);
	assert_int_equal(first, OUT_COMMITTING);
	disk_is_full(false);
	WAIT(&w, outbox_len(&w, &first) == 0);
	assert_int_equal(w.questions, 0);
	world_close(&w);
	free(gate);
}

static unsigned attempts_of(struct world *w, int64_t id)
{
	struct outbox_item *item;
	unsigned attempts;
	struct err e;

	if (!outbox_item(w->s, id, &item, &e))
		fail_msg("%s", e.text);
	attempts = item->attempts;
	outbox_list_free(item, 1);
	return attempts;
}

/* Its worker dies before it can do anything: it is started again soon, not when the outbox is looked at next. */
static void the_worker_dies_at_once(void **state)
{
	char *real = xstrdup(getenv("FEIST_LIBEXEC")), *libexec = at("libexec"), *ran = at("ran");
	struct world w;
	struct err e;
	int64_t id;

	(void)state;
	assert_true(fs_mkdirs(libexec, &e));
	write_sendmail("libexec/feist-worker", "echo >>$(dirname $0)/../ran; exit 1");
	setenv("FEIST_LIBEXEC", libexec, 1);
	world_open(&w, 0);
	set(&w, "smtp_url", "smtp://127.0.0.1:1/"); /* nobody listens there: the worker says so */
	id = send_one(&w, "seven");
	WAIT(&w, fs_exists(ran));
	setenv("FEIST_LIBEXEC", real, 1);
	WAIT(&w, attempts_of(&w, id) == 1);
	assert_true(outbox_drop_item(w.s, id, &e));
	world_close(&w);
	free(real);
	free(libexec);
	free(ran);
}

/* ---- drafts that are put off ---- */

static size_t files_in(const char *box)
{
	size_t n = 0;

	for (int i = 0; i < 2; i++) {
		char *dir = xasprintf("%s/%s/%s", world_root, box, i ? "cur" : "new");
		DIR *d = opendir(dir);
		struct dirent *ent;

		while (d && (ent = readdir(d)))
			n += ent->d_name[0] != '.';
		if (d)
			closedir(d);
		free(dir);
	}
	return n;
}

/* The mailbox was never opened, so nobody knows the number of the first copy there: its Message-ID finds it. */
static void a_draft_is_postponed_twice(void **state)
{
	struct draft_info *list;
	struct draft *d;
	struct world w;
	struct err e;

	(void)state;
	make_maildir("later");
	world_open(&w, SESSION_NO_OUTBOX);
	set_path(&w, "postponed", "later");
	d = draft_new(w.s);
	assert_true(draft_set_field(d, FIELD_SUBJECT, "six", &e));
	if (!draft_postpone(d, &e))
		fail_msg("%s", e.text);
	draft_free(d);
	for (int i = 0; i < 2; i++) {
		WAIT(&w, session_is_idle(w.s) && files_in("later") == 1);
		assert_int_equal(draft_postponed_list(w.s, &list), 1);
		d = draft_recall(w.s, list[0].id, &e);
		draft_info_free(list, 1);
		assert_non_null(d);
		if (!draft_postpone(d, &e))
		fail_msg("%s", e.text);
		draft_free(d);
	}
	WAIT(&w, session_is_idle(w.s) && files_in("later") == 1);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mail_leaves_through_sendmail),
		cmocka_unit_test(big_ones_are_written_beside_the_loop),
		cmocka_unit_test(a_big_one_that_cannot_be_read_or_is_stopped),
		cmocka_unit_test(the_copy_can_be_without_attachments),
		cmocka_unit_test(the_copy_may_come_first),
		cmocka_unit_test(sendmail_says_why),
		cmocka_unit_test(refusals_in_plain_words),
		cmocka_unit_test(a_crash_while_sending_is_asked_about),
		cmocka_unit_test(what_is_known_is_noted_later),
		cmocka_unit_test(the_worker_dies_at_once),
		cmocka_unit_test(a_draft_is_postponed_twice),
	};

	return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
