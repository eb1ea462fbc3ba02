/*
 * mailcap: entries, commands, quoting; plans for attachments; auto_view through the real renderer.
 */
#include "core/attach.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/loop.h"
#include "base/mem.h"
#include "conf/rc.h"
#include "core/mailcap.h"
#include "tests/unit/t.h"

#define PATIENCE_MS 120000

static char dir[] = "/tmp/feist-attach-XXXXXX";
static char *mailcap_path;

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	mailcap_path = fs_join(dir, "mailcap");
	setenv("HOME", dir, 1);
	setenv("XDG_STATE_HOME", dir, 1);
	setenv("XDG_CACHE_HOME", dir, 1);
	setenv("XDG_DATA_HOME", dir, 1);
	unsetenv("MAILCAPS");
	unsetenv("DISPLAY");
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = {"mailcap", "a.pdf", "a-1.pdf", "message"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *path = fs_join(dir, names[i]);
		unlink(path);
		free(path);
	}
	free(mailcap_path);
	return 0;
}

static void put(const char *path, const char *text)
{
	struct err e;

	if (!fs_write_atomic(path, sv_of(text), 0600, &e))
		fail_msg("%s", e.text);
}

static struct conf *conf_with(const char *mailcap)
{
	struct conf *c = conf_new(CONF_MUTT);
	struct rc_opts opts = {.no_exec = true};
	struct rc *rc = rc_new(c, &opts);
	char *line = xasprintf("set mailcap_path=%s; set tmpdir=%s", mailcap_path, dir);
	struct err e;

	put(mailcap_path, mailcap);
	assert_true(rc_run(rc, "test", sv_of(line), &e));
	free(line);
	rc_free(rc);
	return c;
}

static void entries_are_read(void **state)
{
	static const char text[] =
		"# comment\n\n text/html ; lynx -dump %s ; copiousoutput ; nametemplate = %s.html\n"
		"image/*; view \\\n  %s; test=test -n \"$DISPLAY\"; description=a\\;b; print=lp "
		"%s\n"
		"nothing\napplication/pdf; pdf %s; needsterminal; edit=ed %s; compose=co %s; "
		"composetyped=ct %s\n"
		"audio; play %s";
	struct sv rest = sv_of(text);
	struct mailcap_entry m;
	struct str joined;

	(void)state;
	str_init(&joined, MAILCAP_LINE_MAX);
	assert_true(mailcap_next(&rest, &joined, &m));
	assert_true(sv_is(m.type, "text/html") && sv_is(m.view, "lynx -dump %s") && m.copious &&
		    !m.terminal);
	assert_true(sv_is(m.nametemplate, "%s.html"));
	assert_true(mailcap_matches(&m, SV("TEXT/html")) && !mailcap_matches(&m, SV("text/plain")));
	assert_true(mailcap_next(&rest, &joined, &m));
	assert_true(sv_is(m.test, "test -n \"$DISPLAY\"") && sv_is(m.print, "lp %s"));
	assert_true(mailcap_matches(&m, SV("image/png")) && !mailcap_matches(&m, SV("video/png")));
	assert_true(mailcap_next(&rest, &joined, &m));
	assert_true(m.terminal && sv_is(m.edit, "ed %s") && sv_is(m.compose, "co %s") &&
		    sv_is(m.composetyped, "ct %s"));
	assert_true(mailcap_next(&rest, &joined, &m));
	assert_true(
		mailcap_matches(&m, SV("audio/basic")) && !mailcap_matches(&m, SV("audiox/basic")));
	assert_false(mailcap_next(&rest, &joined, &m));
	str_fini(&joined);
}

static void commands_are_quoted(void **state)
{
	static const struct {
		const char *command, *want;
		bool sanitize;
	} rows[] = {
		{"view %s", "view /tmp/x.pdf", true},
		{"view '%s'", "view '/tmp/x.pdf'", true},
		{"view %t", "view application/pdf", true},
		{"echo 100%%", "echo 100%", true},
		{"echo \\%s", "echo %s", true},
		{"iconv -f %{charset} %s", "iconv -f utf-8 /tmp/x.pdf", true},
		{"x %{evil}", "x _id__rm_-rf_/", true},
		{"x %{evil}", "x '`id`;rm -rf /'", false},
		{"x '%{evil}'", "x '`id`;rm -rf /'", false},
		{"x \"%{evil}\"", "x \"\\`id\\`;rm -rf /\"", false},
		{"x %{quote}", "x 'a'\\''b'", false},
		{"x '%{quote}'", "x 'a'\\''b'", false},
		{"x %{missing}", "x ''", true},
		{"x '%{missing}'", "x ''", true},
		{"x %{option}", "x _-help", true},
		{"test \\; y", "test ; y", true},
		{"mix %n %F", "mix 2 text/plain /tmp/1.txt image/png '/tmp/a b'", true},
		{"mix '%F'", "mix 'text/plain /tmp/1.txt image/png /tmp/a b'", true},
		{"odd %", "odd %", true},
		{"x %{unended", "x ''", true},
	};
	struct doc_param params[] = {{"charset", "utf-8"}, {"evil", "`id`;rm -rf /"},
		{"quote", "a'b"}, {"option", "--help"}};
	const struct mailcap_sub subs[] = {{"text/plain", "/tmp/1.txt"}, {"image/png", "/tmp/a b"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct mailcap_values v = {"/tmp/x.pdf", SV("application/pdf"), params,
			ARRAY_LEN(params), subs, ARRAY_LEN(subs), rows[i].sanitize};
		struct str out;
		bool used;
		str_init(&out, 1000);
		assert_true(mailcap_expand(&out, sv_of(rows[i].command), &v, &used));
		t_streq(out.s, rows[i].want, rows[i].command);
		str_fini(&out);
	}
}

static const struct doc_part pdf = {
	.id = "2", .type = "application/pdf", .safe_name = "a.pdf", .filename = "a.pdf"};
static const struct doc_part odd = {
	.id = "2", .type = "text/x-odd", .safe_name = "", .filename = ""};

static void plans_are_made(void **state)
{
	struct conf *c =
		conf_with("application/pdf; xpdf %s; test=test -n \"$DISPLAY\"\n"
			  "application/pdf; pdftotext %s -; copiousoutput\napplication/pdf; less "
			  "%s; needsterminal; edit=vi %s\n"
			  "text/x-odd; cat\ntext/x-no; false; test=false\n");
	struct attach_plan plan;
	struct err e;

	(void)state;
	assert_true(attach_plan(c, &pdf, ATTACH_VIEW, &plan, &e));
	assert_true(strncmp(plan.command, "pdftotext ", 10) == 0);
	assert_true(plan.run == ATTACH_FILTERED && !plan.on_stdin);
	assert_true(sv_ends_case(sv_of(plan.path), SV(".pdf")));
	assert_true(fs_exists(plan.path));
	char *path = xstrdup(plan.path);
	attach_plan_fini(&plan);
	assert_false(fs_exists(path));
	free(path);
	assert_true(attach_plan(c, &pdf, ATTACH_EDIT, &plan, &e));
	assert_true(strncmp(plan.command, "vi ", 3) == 0 && plan.run == ATTACH_TERMINAL);
	attach_plan_fini(&plan);
	assert_true(attach_plan(c, &odd, ATTACH_VIEW, &plan, &e));
	assert_true(plan.on_stdin);
	attach_plan_fini(&plan);
	assert_false(attach_plan(c, &odd, ATTACH_FILTER, &plan, &e));
	assert_int_equal(e.class, ERR_GONE);
	assert_false(attach_has_entry(c, &odd, ATTACH_PRINT));
	/* With a screen the viewer with a window comes first and leaves the terminal alone. */
	setenv("DISPLAY", ":0", 1);
	assert_true(attach_plan(c, &pdf, ATTACH_VIEW, &plan, &e));
	assert_true(strncmp(plan.command, "xpdf ", 5) == 0 && !plan.keep_file && plan.run == ATTACH_WINDOW);
	attach_plan_fini(&plan);
	unsetenv("DISPLAY");
	conf_free(c);
}

/* RFC 1524 section 2: a multipart is for its program a number, and types and files of its parts. */
static void multiparts_are_handed_out(void **state)
{
	struct conf *c = conf_with("multipart/mixed; mix %n %F; needsterminal\nmultipart/x; count %n %s\n");
	struct doc_part parts[] = {
		{.id = "0", .type = "multipart/mixed", .safe_name = "", .parent = -1, .flags = DOC_PART_MULTI},
		{.id = "1", .type = "text/plain", .safe_name = "a.txt", .parent = 0},
		{.id = "2", .type = "multipart/x", .safe_name = "", .parent = 0, .flags = DOC_PART_MULTI},
		{.id = "2.1", .type = "image/png", .safe_name = "b.png", .parent = 2},
	};
	struct doc doc = {.parts = parts, .part_count = ARRAY_LEN(parts)};
	struct attach_plan plan;
	struct err e;

	(void)state;
	assert_true(attach_plan_in(c, &doc, &parts[0], ATTACH_VIEW, &plan, &e));
	assert_int_equal(plan.sub_count, 2);
	assert_string_equal(plan.subs[0].id, "1");
	assert_true(sv_ends_case(sv_of(plan.subs[0].path), SV(".txt")) && plan.subs[0].fd >= 0);
	char *want = xasprintf("mix 2 text/plain %s multipart/x %s", plan.subs[0].path, plan.subs[1].path);
	assert_string_equal(plan.command, want);
	assert_false(plan.on_stdin);
	free(want);
	char *path = xstrdup(plan.subs[1].path);
	assert_true(fs_exists(path));
	attach_plan_fini(&plan);
	assert_false(fs_exists(path));
	free(path);
	assert_true(attach_plan_in(c, &doc, &parts[2], ATTACH_VIEW, &plan, &e));
	assert_true(sv_starts(sv_of(plan.command), SV("count 1 ")) && !plan.subs[0].path);
	attach_plan_fini(&plan);
	conf_free(c);
}

/* textualnewlines */
static void line_ends_are_made(void **state)
{
	struct conf *c = conf_with("text/x-odd; a %s; textualnewlines=1\napplication/pdf; b %s; textualnewlines=0\n");
	struct attach_plan plan;
	struct str text;
	struct err e;

	(void)state;
	assert_true(attach_plan(c, &odd, ATTACH_VIEW, &plan, &e) && plan.unix_lines);
	assert_true(fs_write_all(plan.fd, SV("a\r\nb\rc\r\n\r"), &e) && attach_plan_filled(&plan, &e));
	assert_true(fs_read(plan.path, 100, &text, &e));
	assert_string_equal(text.s, "a\nb\rc\n\r");
	str_fini(&text);
	attach_plan_fini(&plan);
	assert_true(attach_plan(c, &pdf, ATTACH_VIEW, &plan, &e) && !plan.unix_lines);
	attach_plan_fini(&plan);
	conf_free(c);
}

static void programs_run_as_they_need(void **state)
{
	static const struct {
		const char *entry;
		enum attach_run run;
		bool keep;
	} rows[] = {
		{"lesspipe %s; copiousoutput", ATTACH_FILTERED, false},
		{"less %s; needsterminal", ATTACH_TERMINAL, false},
		{"w3m %s", ATTACH_UNSURE, false},
		{"xdg-open %s", ATTACH_WINDOW, true},
		{"firefox %s", ATTACH_WINDOW, true},
		{"show %s &", ATTACH_WINDOW, true},
		{"openhtml %s; x-neomutt-keep", ATTACH_UNSURE, true},
		{"xpdf %s; test=test -z \"$DISPLAY\"", ATTACH_WINDOW, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *text = xasprintf("application/pdf; %s\n", rows[i].entry);
		struct conf *c = conf_with(text);
		struct attach_plan plan;
		struct err e;

		assert_true(attach_plan(c, &pdf, ATTACH_VIEW, &plan, &e));
		if (plan.run != rows[i].run || plan.keep_file != rows[i].keep)
			fail_msg("%s: run %d, keep %d", rows[i].entry, plan.run, plan.keep_file);
		char *path = xstrdup(plan.path);
		attach_plan_fini(&plan);
		assert_int_equal(fs_exists(path), rows[i].keep);
		attach_forget_files();
		assert_false(fs_exists(path));
		free(path);
		conf_free(c);
		free(text);
	}
}

static void files_are_not_overwritten(void **state)
{
	struct conf *c = conf_with("");
	char *path;
	struct err e;
	int fd;

	(void)state;
	assert_true(attach_save_open(c, dir, &pdf, ATTACH_REFUSE, &fd, &path, &e));
	assert_true(sv_ends_case(sv_of(path), SV("/a.pdf")));
	close(fd);
	free(path);
	assert_false(attach_save_open(c, dir, &pdf, ATTACH_REFUSE, &fd, &path, &e));
	assert_int_equal(e.class, ERR_LIMIT);
	assert_true(attach_save_open(c, dir, &pdf, ATTACH_OVERWRITE, &fd, &path, &e));
	close(fd);
	free(path);
	conf_free(c);
}

/* ---- auto_view ---- */

struct waiting {
	struct loop *loop;
	struct doc *doc;
	bool done;
};

static void got_doc(void *data, struct doc *doc, const struct err *e)
{
	struct waiting *w = data;

	if (e)
		print_message("  %s\n", e->text);
	w->doc = doc;
	w->done = true;
}

static void filters_show_parts(void **state)
{
	struct conf *c = conf_with(
		"text/x-odd; tr a-z A-Z; copiousoutput\ntext/x-bad; exit 1; copiousoutput\n");
	struct rc_opts opts = {.no_exec = true};
	struct rc *rc = rc_new(c, &opts);
	struct session_events events = {0};
	struct waiting w = {loop_new(), NULL, false};
	char *path = fs_join(dir, "message");
	struct err e;

	(void)state;
	assert_true(rc_run(rc, "test", SV("auto_view text/x-odd text/x-bad"), &e));
	put(path, "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; "
		  "boundary=b\n\n--b\n\nplain\n"
		  "--b\nContent-Type: text/x-odd\n\nfiltered\n--b\nContent-Type: "
		  "text/x-bad\n\nraw\n--b--\n");
	struct session *s = session_new(w.loop, c, &events, SESSION_BATCH, NULL, &e);
	if (!s)
		fail_msg("%s", e.text);
	struct msg_source src = {.path = path};
	struct str options, text;
	str_init(&options, 1 << 16);
	str_init(&text, 1 << 16);
	assert_true(session_render_options(s, 80, true, &options));
	assert_true(session_document(s, &src, options.s, got_doc, &w) > 0);
	for (int64_t end = clock_ms() + PATIENCE_MS; !w.done && clock_ms() < end;)
		loop_turn(w.loop, 100);
	assert_non_null(w.doc);
	assert_true(doc_text(w.doc, w.doc->body_line, w.doc->line_count, &text));
	t_streq(text.s, "plain\n\nFILTERED\n\nraw\n", "auto_view");
	doc_free(w.doc);
	str_fini(&options);
	str_fini(&text);
	session_free(s);
	rc_free(rc);
	conf_free(c);
	loop_free(w.loop);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_read),
		cmocka_unit_test(commands_are_quoted),
		cmocka_unit_test(plans_are_made),
		cmocka_unit_test(multiparts_are_handed_out),
		cmocka_unit_test(line_ends_are_made),
		cmocka_unit_test(programs_run_as_they_need),
		cmocka_unit_test(files_are_not_overwritten),
		cmocka_unit_test(filters_show_parts),
	};
	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}
