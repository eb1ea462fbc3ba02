/*
 * A message that was cut in pieces, through the real helpers: shown and saved as the one that it was, in a
 * Maildir and in an mbox.
 */
#include "core/pieces.h"

#include "text/doc.h"
#include "tests/unit/core/world.h"

#define PIECE(number, body) \
	"From: ann@x.test\nTo: you@x.test\nDate: Fri, 26 Mar 1993 12:59:38 -0500\nSubject: long (" number "/3)\n" \
	"Message-ID: <" number "@x.test>\nMIME-Version: 1.0\n" \
	"Content-Type: message/partial; id=\"abc@x.test\"; number=" number "; total=3\n\n" body "\n"
#define FIRST PIECE("1", "Subject: long\nContent-Type: multipart/mixed; boundary=b\nMessage-ID: <all@x.test>\n\n--b\n\none")
#define SECOND PIECE("2", "two\n--b\nContent-Type: text/plain; name=a.txt\n\nin the")
#define THIRD PIECE("3", "file\n--b--")
#define OTHER "From: eve@x.test\nSubject: other\nMessage-ID: <o@x.test>\n" \
	"Content-Type: message/partial; id=\"other\"; number=1; total=1\n\nSubject: evil\n\nevil\n"

struct got {
	struct doc *doc;
	bool done;
};

static void got_doc(void *data, struct doc *doc, const struct err *e)
{
	struct got *g = data;

	if (!doc)
		fail_msg("no document: %s", e->text);
	g->doc = doc;
	g->done = true;
}

static uint32_t row_with(struct view *v, const char *subject)
{
	struct msg_facts m;

	for (uint32_t i = 0; i < v->count; i++)
		if (view_msg(v, i, &m) && sv_is(m.subject, subject))
			return i;
	return VIEW_NONE;
}

static void show(struct world *w, struct view *v, const char *subject, struct str *text)
{
	struct msg_source src = {.view = v, .row = row_with(v, subject)};
	struct got g = {0};

	assert_true(src.row != VIEW_NONE);
	assert_true(session_document(w->s, &src, "width=80\nweed=yes\nignore=*\nunignore=subject\n", got_doc, &g) > 0);
	WAIT(w, g.done);
	str_clear(text);
	assert_true(doc_text(g.doc, 0, g.doc->line_count, text));
	doc_free(g.doc);
}

static void saved(void *data, const struct err *e)
{
	if (e)
		fail_msg("%s", e->text);
	*(bool *)data = true;
}

static void save(struct world *w, struct view *v, const char *part, struct str *bytes)
{
	struct msg_source src = {.view = v, .row = row_with(v, "long (3/3)")};
	bool done = false;
	struct err e;
	int fd = fs_memfd("part", &e);

	assert_true(session_part(w->s, &src, part, "", fd, saved, &done) > 0);
	WAIT(w, done);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_true(fs_read_fd(fd, 10000, bytes, &e));
	close(fd);
}

static void all_is_there(struct world *w, const char *mailbox, bool whole)
{
	struct view *v = open_box(w, mailbox);
	struct str s;

	WAIT(w, row_with(v, "long (3/3)") != VIEW_NONE && row_with(v, "long (2/3)") != VIEW_NONE);
	str_init(&s, 100000);
	show(w, v, "long (2/3)", &s);
	if (whole) {
		assert_non_null(strstr(s.s, "Subject: long\n\none\ntwo\n"));
		assert_non_null(strstr(s.s, "a.txt"));
		assert_null(strstr(s.s, "evil"));
		str_fini(&s);
		save(w, v, "2", &s);
		assert_string_equal(s.s, "in the\nfile");
	} else {
		assert_non_null(strstr(s.s, "Piece 2 of 3"));
	}
	str_fini(&s);
	session_close(w->s, v);
}

static void put_message(const char *box, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s/cur/%s:2,S", world_root, box, name);

	put_file(path, text);
	free(path);
}

static void pieces_are_one_message(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, SESSION_NO_OUTBOX);
	make_maildir("all");
	put_message("all", "1.a", FIRST);
	put_message("all", "2.a", OTHER);
	put_message("all", "3.a", THIRD);
	put_message("all", "4.a", SECOND);
	all_is_there(&w, "all", true);
	make_maildir("some");
	put_message("some", "3.a", THIRD);
	put_message("some", "4.a", SECOND);
	all_is_there(&w, "some", false);
	char *path = at("box");
	put_file(path, "From a Fri Mar 26 12:59:38 1993\n" THIRD "\nFrom a Fri Mar 26 12:59:38 1993\n" FIRST
		"\nFrom a Fri Mar 26 12:59:38 1993\n" SECOND "\n");
	free(path);
	all_is_there(&w, "box", true);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(pieces_are_one_message)};

	return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
