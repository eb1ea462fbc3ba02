#include "main/args.h"

#include "tests/unit/t.h"

#define ARGV_MAX 16

/* Parses the words of line (blanks separate). */
static bool parse(struct args *a, const char *line, struct err *e)
{
	static char text[512];
	static char *argv[ARGV_MAX + 1];
	int argc = 0;
	char *save = NULL;

	snprintf(text, sizeof(text), "feist %s", line);
	for (char *w = strtok_r(text, " ", &save); w && argc < ARGV_MAX; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	argv[argc] = NULL;
	err_clear(e);
	return args_parse(a, argc, argv, e);
}

static void modes_are_recognised(void **state)
{
	static const struct {
		const char *line;
		enum mode mode;
	} rows[] = {
		{"", MODE_SCREEN}, {"-v", MODE_VERSION}, {"-h", MODE_HELP}, {"--help", MODE_HELP}, {"-Q folder", MODE_QUERY},
		{"-D", MODE_DUMP_OPTIONS}, {"-D --json", MODE_DUMP_OPTIONS}, {"--check-config --no-exec", MODE_CHECK_CONFIG},
		{"--list", MODE_LIST}, {"--list=json -f x", MODE_LIST}, {"--dump=text -", MODE_DUMP}, {"--sync work", MODE_SYNC},
		{"--outbox", MODE_OUTBOX}, {"--outbox-drop 3", MODE_OUTBOX_DROP}, {"--filter date", MODE_FILTER},
		{"--reply m --stdout", MODE_ANSWER}, {"--extract 1.2 -o - m", MODE_EXTRACT}, {"-f x", MODE_SCREEN},
		{"--print keys --format=muttrc", MODE_PRINT}, {"-A alice", MODE_ALIAS},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct args a;
		struct err e;
		if (!parse(&a, rows[i].line, &e) || a.mode != rows[i].mode)
			fail_msg("%s: mode %d, %s", rows[i].line, a.mode, e.text);
		args_fini(&a);
	}
}

static void attachments_end_at_two_dashes(void **state)
{
	struct args a;
	struct err e;

	(void)state;
	assert_true(parse(&a, "-s subject -a f1 f2 -- to@x.org cc@x.org", &e));
	assert_int_equal(a.attach.n, 2);
	assert_string_equal(a.attach.v[1], "f2");
	assert_int_equal(a.operands.n, 2);
	assert_string_equal(a.operands.v[0], "to@x.org");
	assert_string_equal(a.subject, "subject");
	assert_true(a.compose);
	args_fini(&a);
	/* An option ends the list, too, and -afile is one word. */
	assert_true(parse(&a, "-af1 -s x to@x.org", &e));
	assert_int_equal(a.attach.n, 1);
	assert_int_equal(a.operands.n, 1);
	args_fini(&a);
}

static void sendmail_calls_are_understood(void **state)
{
	struct args a;
	struct err e;

	(void)state;
	assert_true(parse(&a, "-t -oi -f me@x.org", &e));
	assert_true(a.recipients_from_header);
	assert_string_equal(a.from, "me@x.org");
	assert_null(a.mailbox);
	args_fini(&a);
	assert_true(parse(&a, "-f =Archive", &e));
	assert_string_equal(a.mailbox, "=Archive");
	args_fini(&a);
}

static void letters_can_be_joined(void **state)
{
	struct args a;
	struct err e;

	(void)state;
	assert_true(parse(&a, "-nRf/tmp/m -e one -e two", &e));
	assert_true(a.no_system && a.readonly);
	assert_string_equal(a.mailbox, "/tmp/m");
	assert_int_equal(a.commands.n, 2);
	args_fini(&a);
}

static void faults_are_named(void **state)
{
	static const char *const rows[][2] = {{"--nope", "--nope"}, {"-k", "-k"}, {"-s", "-s wants"},
		{"--list=xml", "xml"}, {"--weed=yes", "--weed takes no value"}, {"--list --sync", "two things"},
		{"--width 99999999", "--width"}, {"--width x", "--width"}, {"-d 9", "--debug-level"}, {"-G", "news"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct args a;
		struct err e;
		assert_false(parse(&a, rows[i][0], &e));
		assert_int_equal(e.class, ERR_INPUT);
		if (!strstr(e.text, rows[i][1]))
			fail_msg("%s: %s", rows[i][0], e.text);
		args_fini(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes_are_recognised),
		cmocka_unit_test(attachments_end_at_two_dashes),
		cmocka_unit_test(sendmail_calls_are_understood),
		cmocka_unit_test(letters_can_be_joined),
		cmocka_unit_test(faults_are_named),
	};

	return t_run(tests);
}
