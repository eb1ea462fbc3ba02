/*
 * Messages written anew: parts stripped, fields changed, decoded.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "render/rewrite.h"
#include "tests/unit/t.h"

#define HEAD "From: Ana <ana@x.org>\nSubject: =?utf-8?q?caf=C3=A9?=\nReferences: <a@x> <b@x>\nIn-Reply-To:\n <b@x>\n" \
	     "Received: from a\n"
#define MIXED(parts) HEAD "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n" parts "--b--\n"
#define TEXT "--b\n\nhello\n"
#define PDF "--b\nContent-Type: application/pdf; name=\"a.pdf\"\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n"
#define GONE                                                                                        \
	"--b\nContent-Type: message/external-body; access-type=x-mutt-deleted;\n"                   \
	"\texpiration=\"Thu, 1 Jan 1970 00:16:40 +0000\"; length=8\n\n"                            \
	"Content-Type: application/pdf; name=\"a.pdf\"\nContent-Transfer-Encoding: base64\n\n\n"

/* NULL and *e when it failed; the caller frees. */
static char *rewritten(const char *message, const char *options, struct err *e)
{
	struct render_opts o;
	struct str out;
	uint64_t bytes;
	char *text = NULL;
	int fd = fs_memfd("out", e);

	assert_true(fd >= 0);
	render_opts_init(&o);
	assert_true(render_opts_parse(&o, sv_of(options), e));
	if (render_rewrite(sv_of(message), &o, fd, &bytes, e)) {
		assert_true(lseek(fd, 0, SEEK_SET) == 0 && fs_read_fd(fd, 1 << 20, &out, e));
		assert_int_equal(out.len, bytes);
		text = sv_dup(str_sv(&out));
		str_fini(&out);
	}
	render_opts_fini(&o);
	close(fd);
	return text;
}

static void messages_are_rewritten(void **state)
{
	static const struct {
		const char *name, *message, *options, *want;
	} rows[] = {
		{"as it is", MIXED(TEXT PDF), "", MIXED(TEXT PDF)},
		{"a part goes", MIXED(TEXT PDF), "strip=2\n", MIXED(TEXT GONE)},
		{"the first of two", MIXED(TEXT PDF PDF), "strip=2\n", MIXED(TEXT GONE PDF)},
		{"both, in any order", MIXED(TEXT PDF PDF), "strip=3\nstrip=2\n", MIXED(TEXT GONE GONE)},
		{"fields go", "A: 1\nReferences: <a>\n <b>\nB: 2\nreferences: <c>\n\nReferences: body\n", "drop=References\n",
			"A: 1\nB: 2\n\nReferences: body\n"},
		{"fields come", "A: 1\nIn-Reply-To: <a>\n\nbody\n", "drop=In-Reply-To\nadd=In-Reply-To: <z>\n",
			"A: 1\nIn-Reply-To: <z>\n\nbody\n"},
		{"with the line ends of the message", "A: 1\r\n\r\nbody\r\n", "add=B: 2\n", "A: 1\r\nB: 2\r\n\r\nbody\r\n"},
		{"no empty line before the body", "A: 1\nbody without\n", "add=B: 2\n", "A: 1\nB: 2\n\nbody without\n"},
		{"out of an mbox", "A: 1\n\n>From here\n>>From there\n", "unescape=yes\n", "A: 1\n\nFrom here\n>From there\n"},
		{"decoded", MIXED(TEXT PDF), "decode=yes\nignore=received\nignore=references\nignore=in-reply-to\n",
			"From: Ana <ana@x.org>\nSubject: café\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
			"Content-Transfer-Encoding: 8bit\n\nhello\n\n[-- Attachment #2: a.pdf (application/pdf, 0.1K) --]\n"},
	};
	struct err e;

	(void)state;
	setenv("SOURCE_DATE_EPOCH", "1000", 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *got = rewritten(rows[i].message, rows[i].options, &e);

		if (!got)
			fail_msg("%s: %s", rows[i].name, e.text);
		t_streq(got, rows[i].want, rows[i].name);
		free(got);
	}
}

static void what_cannot_go_is_refused(void **state)
{
	static const struct {
		const char *name, *message, *id;
		enum err_class class;
	} rows[] = {
		{"no such part", MIXED(TEXT), "7", ERR_GONE},
		{"the message", "A: 1\n\nbody\n", "1", ERR_INPUT},
		{"all of it", MIXED(TEXT), "0", ERR_INPUT},
		{"on the server", MIXED(TEXT "--b\nContent-Type: message/external-body; access-type=x-feist; section=\"2\"\n\n\n"),
			"2", ERR_GONE},
		{"in an encoded message", MIXED("--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
			"Q29udGVudC1UeXBlOiBtdWx0aXBhcnQvbWl4ZWQ7IGJvdW5kYXJ5PXgKCi0teAoKYQotLXgKCmIKLS14LS0K\n"), "1.1", ERR_INPUT},
		{"uuencoded", "A: 1\n\nbegin 644 x\n#86)C\n`\nend\n", "1.u1", ERR_INPUT},
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char options[64];

		snprintf(options, sizeof(options), "strip=%s\n", rows[i].id);
		char *got = rewritten(rows[i].message, options, &e);
		if (got)
			fail_msg("%s: went through", rows[i].name);
		assert_int_equal(e.class, rows[i].class);
	}
}

static void deleted_parts_say_so(void **state)
{
	struct err e;
	struct render_opts o;
	struct str text;

	(void)state;
	setenv("SOURCE_DATE_EPOCH", "1000", 1);
	char *message = rewritten(MIXED(TEXT PDF), "strip=2\n", &e);
	assert_non_null(message);
	render_opts_init(&o);
	struct doc *d = render_message(sv_of(message), &o);
	str_init(&text, 1 << 20);
	doc_text(d, d->body_line, d->line_count, &text);
	assert_string_equal(text.s, "hello\n\n[-- Attachment #2: a.pdf (application/pdf) was deleted --]\n");
	str_fini(&text);
	doc_free(d);
	render_opts_fini(&o);
	free(message);
}

static void types_are_overridden(void **state)
{
	struct render_opts o;
	struct err e;
	struct str text;

	(void)state;
	render_opts_init(&o);
	assert_true(render_opts_parse(&o, SV("type=1 text/plain; charset=koi8-r\n"), &e));
	struct doc *d = render_message(SV("Content-Type: application/octet-stream\n\n\xd0\xd2\xc9\n"), &o);
	str_init(&text, 1 << 20);
	doc_text(d, d->body_line, d->line_count, &text);
	assert_string_equal(text.s, "при\n");
	assert_string_equal(doc_part_by_id(d, "1")->type, "text/plain");
	str_fini(&text);
	doc_free(d);
	render_opts_fini(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_rewritten),
		cmocka_unit_test(what_cannot_go_is_refused),
		cmocka_unit_test(deleted_parts_say_so),
		cmocka_unit_test(types_are_overridden),
	};

	return t_run(tests);
}
