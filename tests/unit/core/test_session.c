/*
 * The session with its real helpers (feist-worker, feist-render), without a screen, on Maildir and
 * mbox files of its own.
 */
#include "core/session.h"

#include <signal.h>

#include "core/draft.h"
#include "core/func.h"
#include "core/unified.h"
#include "core/mailboxes.h"
#include "core/pattern.h"
#include "conf/rc.h"
#include "core/session_priv.h"
#include "tests/unit/core/world.h"
#include "text/doc.h"

static void deliver(const char *box, int n, const char *headers, const char *body)
{
	char *path = xasprintf("%s/%s/new/%d.test.host", world_root, box, 1700000000 + n);
	char *text = xasprintf(
		"From: Ann Lee <ann@example.org>\nTo: me@example.net, Bob <bob@example.com>\n"
		"Date: Tue, 14 Nov 2023 22:%02d:00 +0100\nMessage-ID: <m%d@example.org>\n%s\n%s",
		n, n, headers, body);

	put_file(path, text);
	free(path);
	free(text);
}

static uint32_t row_of(struct view *v, int n)
{
	char id[64];

	snprintf(id, sizeof(id), "<m%d@example.org>", n);
	return view_row_by_msgid(v, sv_of(id));
}

static struct func_rows one_row(struct view *v, uint32_t *row)
{
	return (struct func_rows){.view = v, .rows = row, .count = 1};
}

/* ---- stories ---- */

static void a_maildir_is_read(void **state)
{
	struct world w;
	struct view *v;

	(void)state;
	make_maildir("read");
	for (int n = 1; n <= 5; n++)
		deliver("read", n,
			n > 1 ? "Subject: Re: lunch\nIn-Reply-To: <m1@example.org>\n"
			      : "Subject: lunch\n",
			"hello\n");
	world_open(&w, SESSION_NO_OUTBOX);
	v = open_box(&w, "read");
	WAIT(&w, view_lines(v) == 5);
	assert_int_equal(view_depth(v, row_of(v, 3)), 1);
	assert_int_equal(view_counts(v)->fresh, 5);
	/* New mail of another program. */
	deliver("read", 6, "Subject: more\n", "x\n");
	WAIT(&w, view_lines(v) == 6);
	session_close(w.s, v);
	world_close(&w);
	/* The next session shows it at once, from the cache. */
	world_open(&w, SESSION_NO_OUTBOX);
	v = open_box(&w, "read");
	assert_int_equal(view_lines(v), 6);
	WAIT(&w, view_counts(v)->fresh == 0 && view_counts(v)->old == 6); /* $mark_old */
	session_close(w.s, v);
	world_close(&w);
}

static void flags_marks_and_undo(void **state)
{
	struct world w;
	struct view *v, *trash;
	struct err e;
	uint32_t row;
	struct func_synced done;
	char *what;

	(void)state;
	make_maildir("flags");
	make_maildir("trash");
	for (int n = 1; n <= 4; n++)
		deliver("flags", n, "Subject: x\n", "hello\n");
	world_open(&w, SESSION_NO_OUTBOX);
	v = open_box(&w, "flags");
	WAIT(&w, view_lines(v) == 4);
	row = row_of(v, 1);
	assert_true(func_flag(w.s, one_row(v, &row), FLAG_FLAGGED, FUNC_SET, &e));
	assert_true(view_flags(v, row) & FLAG_FLAGGED); /* at once */
	WAIT(&w, session_is_idle(w.s) && view_counts(v)->pending == 0);
	assert_true(view_flags(v, row) & FLAG_FLAGGED); /* and when the worker has done it */
	assert_true(func_undo(w.s, &what, &e));
	free(what);
	assert_false(view_flags(v, row) & FLAG_FLAGGED);
	WAIT(&w, view_counts(v)->pending == 0);
	assert_false(view_flags(v, row) & FLAG_FLAGGED);
	assert_true(func_redo(w.s, &what, &e));
	free(what);
	assert_true(view_flags(v, row) & FLAG_FLAGGED);
	/* Delete marks survive the session. */
	row = row_of(v, 2);
	assert_true(func_delete(w.s, one_row(v, &row), FUNC_SET, false, &e));
	assert_true(view_flags(v, row) & FLAG_DELETED);
	row = row_of(v, 3);
	assert_true(func_delete(w.s, one_row(v, &row), FUNC_SET, true, &e));
	row = row_of(v, 4);
	assert_true(func_delete(w.s, one_row(v, &row), FUNC_SET, false, &e));
	assert_true(func_delete(w.s, one_row(v, &row), FUNC_CLEAR, false, &e));
	assert_false(view_flags(v, row) & FLAG_DELETED);
	assert_true(func_undo(w.s, &what, &e));
	free(what);
	assert_true(view_flags(v, row) & FLAG_DELETED);
	assert_true(func_redo(w.s, &what, &e));
	free(what);
	assert_false(view_flags(v, row) & FLAG_DELETED);
	WAIT(&w, view_counts(v)->pending == 0);
	session_close(w.s, v);
	world_close(&w);
	world_open(&w, SESSION_NO_OUTBOX);
	v = open_box(&w, "flags");
	WAIT(&w, view_lines(v) == 4);
	assert_int_equal(view_counts(v)->deleted, 2);
	assert_int_equal(func_marked(w.s, v), 2);
	assert_true(func_sync(w.s, v, &done, &e));
	assert_true(done.trashed == 1 && done.purged == 1 && done.moved == 0);
	assert_int_equal(view_lines(v), 2);
	WAIT(&w, view_counts(v)->pending == 0);
	trash = open_box(&w, "trash");
	WAIT(&w, view_lines(trash) == 1 && row_of(trash, 2) != VIEW_NONE); /* 3 was purged */
	session_close(w.s, trash);
	session_close(w.s, v);
	world_close(&w);
}

static void messages_are_saved(void **state)
{
	struct world w;
	struct view *v, *other;
	struct err e;
	uint32_t row;
	struct func_synced done;
	char *path = at("saved"), *box = at("box");

	(void)state;
	make_maildir("from");
	make_maildir("saved");
	deliver("from", 1, "Subject: one\n", "hello\n");
	deliver("from", 2, "Subject: two\n", "hello\n");
	put_file(box, "");
	world_open(&w, SESSION_NO_OUTBOX);
	v = open_box(&w, "from");
	WAIT(&w, view_lines(v) == 2);
	row = row_of(v, 1);
	assert_true(func_save(w.s, one_row(v, &row), path, false, false, &e));
	WAIT(&w, view_counts(v)->pending == 0);
	assert_int_equal(view_lines(v), 2);
	row = row_of(v, 2);
	assert_true(func_save(w.s, one_row(v, &row), box, true, false, &e));
	assert_true(view_flags(v, row) & FLAG_DELETED);
	assert_true(func_sync(w.s, v, &done, &e));
	assert_int_equal(done.moved, 1);
	WAIT(&w, view_counts(v)->pending == 0);
	assert_int_equal(view_lines(v), 1);
	other = open_box(&w, "saved");
	WAIT(&w, view_lines(other) == 1 && row_of(other, 1) != VIEW_NONE);
	session_close(w.s, other);
	other = open_box(&w, "box");
	WAIT(&w, view_lines(other) == 1 && row_of(other, 2) != VIEW_NONE);
	session_close(w.s, other);
	session_close(w.s, v);
	world_close(&w);
	free(path);
	free(box);
}

static bool run_line(struct world *w, const char *line)
{
	struct rc_opts opts = {0};
	struct rc *rc = rc_new(w->conf, &opts);
	struct err e;
	bool ok = rc_run(rc, "test", sv_of(line), &e);

	rc_free(rc);
	return ok;
}

/* One list of several mailboxes: flags, deletes and saves go where each message is. */
static void a_unified_mailbox(void **state)
{
	struct world w;
	struct view *v, *one;
	struct func_synced done;
	struct err e;
	uint32_t rows[2], row;
	char *line = xasprintf("mailboxes %s/u1 %s/u2; virtual-mailboxes Both ~A Flagged ~F Body '~b deep'", world_root, world_root);
	char *saved = at("u3"), *what;

	(void)state;
	make_maildir("u1");
	make_maildir("u2");
	make_maildir("u3");
	deliver("u1", 1, "Subject: one\n", "hello\n");
	deliver("u2", 2, "Subject: two\nIn-Reply-To: <m1@example.org>\n", "hello\n");
	deliver("u2", 3, "Subject: three\n", "hello, deep inside\n");
	world_open(&w, SESSION_NO_OUTBOX);
	assert_true(run_line(&w, line));
	session_conf_changed(w.s);
	assert_null(session_open(w.s, "virtual:Nothing", false, &e));
	v = session_open(w.s, "Body", false, &e);
	assert_non_null(v);
	WAIT(&w, view_lines(v) == 1 && row_of(v, 3) != VIEW_NONE);
	session_close(w.s, v);
	assert_null(session_open(w.s, "virtual:search:~b (", false, &e));
	assert_int_equal(e.class, ERR_INPUT);
	v = session_open(w.s, "virtual:search:feist://?query=~b%20inside%20%7C%20~s%20one", false, &e);
	assert_non_null(v);
	WAIT(&w, view_lines(v) == 2);
	session_close(w.s, v);
	v = session_open(w.s, "Both", false, &e);
	assert_non_null(v);
	WAIT(&w, view_lines(v) == 3);
	assert_string_equal(view_account(v), "");
	assert_non_null(mailboxes_find(w.s, "virtual:Both"));
	rows[0] = row_of(v, 1);
	rows[1] = row_of(v, 2);
	assert_true(func_flag(w.s, (struct func_rows){v, rows, 2}, FLAG_FLAGGED, FUNC_SET, &e));
	assert_int_equal(view_counts(v)->flagged, 2);
	WAIT(&w, view_counts(v)->pending == 0 && session_is_idle(w.s));
	assert_int_equal(view_counts(v)->flagged, 2);
	one = open_box(&w, "u2");
	WAIT(&w, view_lines(one) == 2);
	assert_int_equal(view_counts(one)->flagged, 1);
	/* What is delivered while it is open comes in. */
	deliver("u1", 4, "Subject: four\n", "hello\n");
	WAIT(&w, view_lines(v) == 4);
	row = row_of(v, 3);
	assert_true(func_save(w.s, one_row(v, &row), saved, true, false, &e));
	row = row_of(v, 4);
	assert_true(func_delete(w.s, one_row(v, &row), FUNC_SET, true, &e));
	assert_int_equal(func_marked(w.s, v), 2);
	assert_true(func_sync(w.s, v, &done, &e));
	assert_true(done.moved == 1 && done.purged == 1);
	assert_int_equal(view_lines(v), 2);
	WAIT(&w, view_counts(v)->pending == 0 && view_lines(one) == 1);
	/* What was deleted for good comes back as it was. */
	assert_true(func_undo(w.s, &what, &e));
	free(what);
	WAIT(&w, view_lines(v) == 3 && row_of(v, 4) != VIEW_NONE);
	session_close(w.s, v);
	v = session_open(w.s, "Flagged", false, &e);
	assert_non_null(v);
	WAIT(&w, view_lines(v) == 2);
	session_close(w.s, one);
	session_close(w.s, v);
	world_close(&w);
	free(line);
	free(saved);
}

/* What was sent stands where it belongs, and only that. */
static void conversations(void **state)
{
	struct world w;
	struct view *v;
	struct err e;

	(void)state;
	make_maildir("c1");
	make_maildir("out");
	deliver("c1", 11, "Subject: one\n", "hello\n");
	deliver("c1", 12, "Subject: two\n", "hello\n");
	deliver("c1", 13, "Subject: mine\nIn-Reply-To: <m23@example.org>\n", "an answer to what I wrote\n");
	deliver("out", 21, "Subject: Re: one\nIn-Reply-To: <m11@example.org>\n", "my answer\n");
	deliver("out", 22, "Subject: something else\n", "hello\n");
	deliver("out", 23, "Subject: mine\n", "hello\n");
	world_open(&w, SESSION_NO_OUTBOX);
	set(&w, "sort", "threads");
	v = open_box(&w, "c1");
	WAIT(&w, view_lines(v) == 3);
	assert_false(unified_conversations(w.s, v, true, &e)); /* nobody knows where */
	assert_int_equal(e.class, ERR_INPUT);
	set_path(&w, "record", "out");
	assert_true(unified_conversations(w.s, v, true, &e));
	WAIT(&w, view_lines(v) == 5);
	assert_int_equal(view_parent_row(v, row_of(v, 21)), row_of(v, 11));
	assert_int_equal(view_parent_row(v, row_of(v, 13)), row_of(v, 23));
	/* An answer to one that was no part of it brings that in. */
	deliver("c1", 14, "Subject: Re: something else\nIn-Reply-To: <m22@example.org>\n", "an answer\n");
	WAIT(&w, view_lines(v) == 7);
	assert_int_equal(view_parent_row(v, row_of(v, 14)), row_of(v, 22));
	assert_true(unified_conversations(w.s, v, false, &e));
	assert_int_equal(view_lines(v), 4);
	assert_string_equal(view_account(v), view_row_account(v, view_row(v, 0)));
	assert_true(unified_conversations(w.s, v, true, &e));
	WAIT(&w, view_lines(v) == 7);
	session_close(w.s, v);
	world_close(&w);
}

static void doc_came(void *data, struct doc *doc, const struct err *e)
{
	if (e)
		print_message("  %s\n", e->text);
	*(struct doc **)data = doc;
}

/* Kill -9 of either helper: said in a line, started again, nothing lost. */
static void helpers_die(void **state)
{
	struct world w;
	struct view *v;
	struct err e;
	struct doc *doc = NULL;
	struct str text;
	uint32_t row;

	(void)state;
	make_maildir("die");
	deliver("die", 1, "Subject: one\n", "first line\nsecond line\n");
	world_open(&w, SESSION_NO_OUTBOX);
	v = open_box(&w, "die");
	WAIT(&w, view_lines(v) == 1);
	row = row_of(v, 1);
	session_document(
		w.s, &(struct msg_source){.view = v, .row = row}, "mode=reply\n", doc_came, &doc);
	WAIT(&w, doc);
	str_init(&text, 1000);
	assert_true(doc_text(doc, 0, doc->line_count, &text));
	assert_string_equal(text.s, "first line\nsecond line\n");
	assert_string_equal(doc_header_value(doc, "subject"), "one");
	str_fini(&text);
	doc_free(doc);
	doc = NULL;
	assert_int_equal(kill(role_pid(session_acct_by_name(w.s, "local")->role), SIGKILL), 0);
	assert_true(func_flag(w.s, one_row(v, &row), FLAG_FLAGGED, FUNC_SET, &e));
	WAIT(&w, w.last_message && strstr(w.last_message, "killed by signal 9"));
	WAIT(&w, view_counts(v)->pending == 0 && (view_flags(v, row) & FLAG_FLAGGED));
	assert_int_equal(kill(role_pid(w.s->renderer), SIGKILL), 0);
	session_document(
		w.s, &(struct msg_source){.view = v, .row = row}, "mode=doc\n", doc_came, &doc);
	WAIT(&w, doc);
	doc_free(doc);
	session_close(w.s, v);
	world_close(&w);
}

static void draft_came(void *data, struct draft *d, const struct err *e)
{
	if (e)
		print_message("  %s\n", e->text);
	*(struct draft **)data = d;
}

static char *built(struct draft *d)
{
	struct err e;
	struct str text;
	int fd = fs_memfd("test", &e);

	assert_true(fd >= 0);
	if (!draft_build(d, false, fd, &e))
		fail_msg("%s", e.text);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_true(fs_read_fd(fd, 1 << 20, &text, &e));
	close(fd);
	return str_detach(&text);
}

static void answers_are_written(void **state)
{
	struct world w;
	struct view *v;
	struct err e;
	struct draft *d = NULL;
	uint32_t row;
	char *text, *path = at("note.txt");
	int64_t id;

	(void)state;
	make_maildir("answer");
	put_file(path, "a note\n");
	deliver("answer", 1,
		"Subject: =?utf-8?q?caf=C3=A9?=\nCc: carl@example.com, me@example.net\nReferences: "
		"<r1@x> <r2@x>\n",
		"How are you?\n\n> I said\nbye\n");
	world_open(&w, SESSION_NO_OUTBOX);
	set(&w, "attribution", "On %d, %n wrote:");
	set(&w, "date_format", "%Y-%m-%d");
	v = open_box(&w, "answer");
	WAIT(&w, view_lines(v) == 1);
	row = row_of(v, 1);
	assert_true(draft_start(w.s, DRAFT_GROUP_REPLY, v, &row, 1, true, draft_came, &d, &e));
	WAIT(&w, d);
	t_streq(draft_field(d, FIELD_TO), "Ann Lee <ann@example.org>", "To");
	t_streq(draft_field(d, FIELD_CC), "Bob <bob@example.com>, carl@example.com", "Cc");
	t_streq(draft_field(d, FIELD_SUBJECT), "Re: caf\xc3\xa9", "Subject");
	t_streq(draft_field(d, FIELD_IN_REPLY_TO), "<m1@example.org>", "In-Reply-To");
	t_streq(draft_field(d, FIELD_REFERENCES), "<r1@x> <r2@x> <m1@example.org>", "References");
	assert_true(draft_attach_file(d, path, &e));
	text = built(d);
	expect_in(text, "From: Me Myself <me@example.net>\n");
	expect_in(text, "Subject: Re: =?");
	expect_in(text, "On 2023-11-14, Ann Lee wrote:\n> How are you?\n>");
	expect_in(text, "> > I said\n> bye\n");
	expect_in(text, "filename=note.txt");
	free(text);
	draft_choose_fcc(d);
	/* Kept, found again, sent. */
	assert_true(draft_postpone(d, &e));
	draft_free(d);
	assert_int_equal(draft_postponed_count(w.s), 1);
	{
		struct draft_info *list;
		size_t n = draft_postponed_list(w.s, &list);

		assert_int_equal(n, 1);
		t_streq(list[0].to, "Ann Lee <ann@example.org>", "listed");
		d = draft_recall(w.s, list[0].id, &e);
		draft_info_free(list, n);
	}
	assert_non_null(d);
	assert_int_equal(draft_part_count(d), 2);
	if (!draft_send(d, &id, &e))
		fail_msg("%s", e.text);
	draft_free(d);
	assert_int_equal(draft_postponed_count(w.s), 0);
	{
		struct outbox_item *list;
		size_t n = outbox_list(w.s, false, &list);

		assert_int_equal(n, 1);
		t_streq(list[0].recipients, "ann@example.org\nbob@example.com\ncarl@example.com",
			"recipients");
		t_streq(list[0].from, "me@example.net", "sender");
		outbox_list_free(list, n);
	}
	d = outbox_recall_item(w.s, id, &e);
	assert_non_null(d);
	t_streq(draft_field(d, FIELD_SUBJECT), "Re: caf\xc3\xa9", "recalled");
	draft_discard(d);
	draft_free(d);
	assert_int_equal(draft_lost_count(w.s), 0);
	session_close(w.s, v);
	world_close(&w);
	free(path);
}

static void forwards_are_written(void **state)
{
	struct world w;
	struct view *v;
	struct err e;
	struct draft *d = NULL;
	uint32_t row;
	char *text;

	(void)state;
	make_maildir("forward");
	deliver("forward", 1,
		"Subject: files\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n",
		"--b\nContent-Type: text/plain\n\nsee below\n--b\nContent-Type: application/pdf; "
		"name=a.pdf\n"
		"Content-Disposition: attachment; filename=a.pdf\nContent-Transfer-Encoding: "
		"base64\n\naGVsbG8=\n--b--\n");
	world_open(&w, SESSION_NO_OUTBOX);
	v = open_box(&w, "forward");
	WAIT(&w, view_lines(v) == 1);
	row = row_of(v, 1);
	assert_true(draft_start(w.s, DRAFT_FORWARD, v, &row, 1, true, draft_came, &d, &e));
	WAIT(&w, d);
	t_streq(draft_field(d, FIELD_SUBJECT), "[ann@example.org: files]", "Subject");
	assert_int_equal(draft_part_count(d), 2);
	text = built(d);
	expect_in(text, "----- Forwarded message from");
	expect_in(text, "see below\n");
	expect_in(text, "aGVsbG8=");
	expect_in(text, "Content-Type: application/pdf");
	free(text);
	draft_discard(d);
	draft_free(d);
	d = NULL;
	assert_true(draft_start(w.s, DRAFT_FORWARD_MIME, v, &row, 1, true, draft_came, &d, &e));
	WAIT(&w, d);
	text = built(d);
	expect_in(text, "Content-Type: message/rfc822");
	expect_in(text, "Message-ID: <m1@example.org>");
	free(text);
	draft_discard(d);
	draft_free(d);
	d = NULL;
	assert_true(draft_start(w.s, DRAFT_RESEND, v, &row, 1, true, draft_came, &d, &e));
	WAIT(&w, d);
	t_streq(draft_field(d, FIELD_TO), "me@example.net, Bob <bob@example.com>", "To");
	assert_int_equal(draft_part_count(d), 2);
	text = built(d);
	expect_in(text, "\nsee below\n");
	free(text);
	draft_discard(d);
	draft_free(d);
	session_close(w.s, v);
	world_close(&w);
}

static void headers_are_edited(void **state)
{
	struct world w;
	struct err e;
	struct draft *d;
	struct str text;
	char *path, *more;
	unsigned line;
	bool changed;

	(void)state;
	path = at("note.txt");
	put_file(path, "a note\n");
	free(path);
	world_open(&w, SESSION_NO_OUTBOX);
	d = draft_new(w.s);
	assert_true(draft_set_field(d, FIELD_TO, "ann@example.org", &e));
	assert_true(draft_set_body(d, SV("Hello\n"), &e));
	assert_true(draft_edit_begin(d, true, &path, &line, &e));
	assert_true(fs_read(path, 10000, &text, &e));
	t_streq(text.s,
		"From: Me Myself <me@example.net>\nTo: ann@example.org\nCc: \nBcc: \nSubject: "
		"\nReply-To: \n\nHello\n",
		"file");
	assert_int_equal(line, 8);
	str_fini(&text);
	assert_true(draft_edit_end(d, &changed, &e));
	assert_false(changed);
	assert_true(draft_edit_begin(d, true, &path, &line, &e));
	more = xasprintf("From: Me Myself <me@example.net>\nTo: ann@example.org,\n "
			 "bob@example.com\nSubject: News\nX-Mood: good\n"
			 "Attach: %s/note.txt the note\n\nHello\nagain\n",
		world_root);
	put_file(path, more);
	if (!draft_edit_end(d, &changed, &e))
		fail_msg("%s", e.text);
	assert_true(changed);
	t_streq(draft_field(d, FIELD_TO), "ann@example.org, bob@example.com", "To");
	t_streq(draft_field(d, FIELD_SUBJECT), "News", "Subject");
	assert_int_equal(draft_part_count(d), 2);
	t_streq(draft_part(d, 1)->description, "the note", "description");
	assert_true(draft_body_text(d, &text, &e));
	t_streq(text.s, "Hello\nagain\n", "body");
	str_fini(&text);
	free(more);
	more = built(d);
	expect_in(more, "X-Mood: good\n");
	free(more);
	/* What was typed wrong is kept, and said. */
	assert_true(draft_edit_begin(d, true, &path, &line, &e));
	put_file(path, "To: not an address at all\nSubject: News\n\nHello\n");
	assert_false(draft_edit_end(d, &changed, &e));
	assert_int_equal(e.class, ERR_INPUT);
	t_streq(draft_field(d, FIELD_TO), "not an address at all", "kept");
	assert_false(draft_check(d, &e));
	draft_discard(d);
	draft_free(d);
	world_close(&w);
}

static void fill_done(void *data, const struct err *e)
{
	if (e)
		print_message("  %s\n", e->text);
	*(int *)data = e ? -1 : 1;
}

static void bodies_are_searched(void **state)
{
	struct world w;
	struct view *v;
	struct err e;
	struct pattern *p;
	int done = 0;

	(void)state;
	make_maildir("search");
	for (int n = 1; n <= 9; n++)
		deliver("search", n, n % 3 ? "Subject: x\n" : "Subject: x\nX-Special: yes\n",
			n % 2 ? "needle here\n" : "hay\n");
	world_open(&w, SESSION_NO_OUTBOX);
	v = open_box(&w, "search");
	WAIT(&w, view_lines(v) == 9);
	assert_true(view_limit(v, "~b needle", &e));
	WAIT(&w, view_lines(v) == 5);
	assert_true(view_limit(v, "~h '^x-special: yes' !~b needle", &e));
	WAIT(&w, view_lines(v) == 1 && view_row(v, 0) == row_of(v, 6));
	assert_true(view_limit(v, "all", &e));
	p = pattern_compile(w.conf, "~b needle", PATTERN_FULL, clock_now(), &e);
	assert_non_null(p);
	session_fill_pattern(w.s, v, p, fill_done, &done);
	WAIT(&w, done);
	assert_int_equal(view_tag_pattern(v, p, true), 5);
	pattern_free(p);
	session_close(w.s, v);
	world_close(&w);
}

static void mailboxes_are_listed(void **state)
{
	struct world w;
	struct rc_opts opts = {0};
	struct err e;
	struct rc *rc;
	char *line, *two = at("two");
	const struct mailbox_info *m;

	(void)state;
	make_maildir("one");
	make_maildir("two");
	deliver("two", 1, "Subject: x\n", "hello\n");
	world_open(&w, SESSION_NO_OUTBOX);
	rc = rc_new(w.conf, &opts);
	line = xasprintf("mailboxes %s/one %s/two", world_root, world_root);
	assert_true(rc_run(rc, "test", sv_of(line), &e));
	rc_free(rc);
	free(line);
	session_conf_changed(w.s);
	WAIT(&w, mailboxes_with_new(w.s) == 1);
	m = mailboxes_next_new(w.s, NULL);
	assert_non_null(m);
	assert_string_equal(m->name, two);
	assert_int_equal(m->total, 1);
	assert_int_equal(m->unread, 1);
	assert_string_equal(m->shown, "=two");
	free(two);
	world_close(&w);
}

/* A second feist on the profile: the worker of the first does its work, and when that ends its own takes over. */
static void two_of_us_share_a_profile(void **state)
{
	struct world a, b;
	struct view *va, *vb;
	struct err e;
	uint32_t row;

	(void)state;
	make_maildir("shared");
	deliver("shared", 1, "Subject: one\n", "hello\n");
	world_open(&b, SESSION_NO_OUTBOX);
	world_open_in(&a, b.loop, SESSION_NO_OUTBOX);
	va = open_box(&a, "shared");
	WAIT(&a, view_lines(va) == 1 && session_is_idle(a.s));
	vb = open_box(&b, "shared");
	assert_int_equal(view_lines(vb), 1);
	WAIT(&b, session_acct_by_name(b.s, "local")->follower);
	row = row_of(vb, 1);
	assert_true(func_flag(b.s, one_row(vb, &row), FLAG_FLAGGED, FUNC_SET, &e));
	assert_true(view_flags(vb, row) & FLAG_FLAGGED);
	WAIT(&b, (view_flags(va, row_of(va, 1)) & FLAG_FLAGGED) && view_counts(va)->pending == 0 &&
			 view_counts(vb)->pending == 0);
	session_close(a.s, va);
	world_close(&a);
	deliver("shared", 2, "Subject: two\n", "hello\n");
	WAIT(&b, view_lines(vb) == 2);
	session_close(b.s, vb);
	world_close(&b);
}

/* ---- scores ---- */

static unsigned flags_of(struct view *v, uint32_t uid)
{
	return view_flags(v, row_of(v, uid)) & (FLAG_SEEN | FLAG_FLAGGED | FLAG_DELETED);
}

/* $score_threshold_*: new messages get their flags, those of the user stay, and undo is about what he did. */
static void scores_set_flags(void **state)
{
	struct world w;
	struct rc_opts opts = {0};
	struct func_rows one;
	struct view *v;
	char *what = NULL;
	struct rc *rc;
	uint32_t row;
	struct err e;

	(void)state;
	make_maildir("scored");
	deliver("scored", 1, "Subject: good\n", "hello\n");
	deliver("scored", 2, "Subject: bad\n", "hello\n");
	deliver("scored", 3, "Subject: so so\n", "hello\n");
	world_open(&w, 0);
	rc = rc_new(w.conf, &opts);
	rc_read_text(rc, "test", SV("score ~A 5\nscore '~s good' 10\nscore '~s bad' -4\n"
				    "set score_threshold_flag=15 score_threshold_read=5 score_threshold_delete=1"));
	assert_int_equal(rc_problem_count(rc), 0);
	rc_free(rc);
	v = open_box(&w, "scored");
	WAIT(&w, view_lines(v) == 3);
	func_judge(w.s, v);
	assert_int_equal(flags_of(v, 1), FLAG_FLAGGED);
	assert_int_equal(flags_of(v, 2), FLAG_SEEN | FLAG_DELETED);
	assert_int_equal(flags_of(v, 3), FLAG_SEEN);
	row = row_of(v, 1);
	one = one_row(v, &row);
	assert_true(func_flag(w.s, one, FLAG_FLAGGED, FUNC_CLEAR, &e));
	func_judge(w.s, v);
	assert_int_equal(flags_of(v, 1), 0); /* each is judged once */
	deliver("scored", 4, "Subject: good news\n", "hello\n");
	WAIT(&w, view_lines(v) == 4);
	func_judge(w.s, v);
	assert_int_equal(flags_of(v, 4), FLAG_FLAGGED);
	assert_true(func_undo(w.s, &what, &e));
	free(what);
	assert_int_equal(flags_of(v, 1), FLAG_FLAGGED);
	assert_int_equal(flags_of(v, 4), FLAG_FLAGGED);
	WAIT(&w, session_is_idle(w.s));
	session_close(w.s, v);
	world_close(&w);
	world_open(&w, 0);
	v = open_box(&w, "scored");
	WAIT(&w, view_lines(v) == 4);
	assert_int_equal(flags_of(v, 2), FLAG_SEEN | FLAG_DELETED);
	assert_int_equal(flags_of(v, 4), FLAG_FLAGGED);
	session_close(w.s, v);
	world_close(&w);
}

/* ---- tags ---- */

static bool has_tags(struct view *v, uint32_t row, const char *want)
{
	struct msg_facts m;

	assert_true(view_msg(v, row, &m));
	return sv_is(m.keywords, want);
}

static bool all_settled(struct world *w, struct view *v)
{
	return session_is_idle(w->s) && view_counts(v)->pending == 0;
}

static void take_back(struct world *w, bool redo)
{
	char *what = NULL;
	struct err e;

	if (!(redo ? func_redo : func_undo)(w->s, &what, &e))
		fail_msg("%s", e.text);
	free(what);
}

/* A Maildir keeps no tags: they live here, through a restart, and undo takes them back. */
static void tags_live_here_where_the_mailbox_cannot_keep_them(void **state)
{
	struct world w;
	struct view *v;
	uint32_t row, rows[2];
	struct func_rows both = {.rows = rows, .count = 2};
	struct func_pending *list;
	struct err e;

	(void)state;
	make_maildir("tagged");
	deliver("tagged", 1, "Subject: one\n", "hello\n");
	deliver("tagged", 2, "Subject: two\n", "hello\n");
	world_open(&w, 0);
	v = open_box(&w, "tagged");
	WAIT(&w, view_lines(v) == 2);
	rows[0] = row_of(v, 1);
	rows[1] = row_of(v, 2);
	both.view = v;
	assert_true(func_tags(w.s, one_row(v, &rows[0]), "work, todo", &e));
	assert_true(has_tags(v, rows[0], "work todo"));
	WAIT(&w, all_settled(&w, v));
	assert_true(has_tags(v, rows[0], "work todo"));
	/* Nothing of it is trouble. */
	assert_int_equal(func_pending_list(w.s, &list), 0);
	func_pending_free(list, 0);
	assert_true(func_tags(w.s, both, "!work +later -todo", &e));
	WAIT(&w, all_settled(&w, v));
	assert_true(has_tags(v, rows[0], "later"));
	assert_true(has_tags(v, rows[1], "work later"));
	assert_false(func_tags(w.s, both, "a(b", &e));
	assert_false(func_tags(w.s, both, " , ", &e));
	/* Patterns see them. */
	assert_true(view_limit(v, "~Y work", &e));
	WAIT(&w, view_lines(v) == 1);
	assert_true(view_limit(v, NULL, &e));
	session_close(w.s, v);
	world_close(&w);

	world_open(&w, 0);
	v = open_box(&w, "tagged");
	WAIT(&w, view_lines(v) == 2);
	row = row_of(v, 1);
	assert_true(has_tags(v, row, "later"));
	assert_true(has_tags(v, row_of(v, 2), "work later"));
	/* One key was one step. */
	take_back(&w, false);
	assert_true(has_tags(v, row, "work todo"));
	assert_true(has_tags(v, row_of(v, 2), ""));
	WAIT(&w, all_settled(&w, v));
	assert_true(has_tags(v, row, "work todo"));
	take_back(&w, true);
	WAIT(&w, all_settled(&w, v));
	assert_true(has_tags(v, row, "later"));
	take_back(&w, false);
	take_back(&w, false);
	WAIT(&w, all_settled(&w, v));
	assert_true(has_tags(v, row, ""));
	session_close(w.s, v);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores_set_flags),
		cmocka_unit_test(tags_live_here_where_the_mailbox_cannot_keep_them),
		cmocka_unit_test(a_maildir_is_read),
		cmocka_unit_test(flags_marks_and_undo),
		cmocka_unit_test(messages_are_saved),
		cmocka_unit_test(a_unified_mailbox),
		cmocka_unit_test(conversations),
		cmocka_unit_test(helpers_die),
		cmocka_unit_test(headers_are_edited),
		cmocka_unit_test(answers_are_written),
		cmocka_unit_test(forwards_are_written),
		cmocka_unit_test(bodies_are_searched),
		cmocka_unit_test(mailboxes_are_listed),
		cmocka_unit_test(two_of_us_share_a_profile),
	};

	return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
