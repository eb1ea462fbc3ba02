#include "base/err.h"

#include <errno.h>

#include "base/log.h"
#include "tests/unit/t.h"

static void the_story_reads_from_outside_in(void **state)
{
	struct err e;

	(void)state;
	assert_false(err_set(&e, ERR_PROTO, "server says NO: %s", "over quota"));
	assert_false(err_at(&e, "opening %s", "Archive"));
	assert_string_equal(e.text, "opening Archive: server says NO: over quota");
	assert_int_equal(e.class, ERR_PROTO);
	assert_false(err_set(NULL, ERR_NET, "nobody listens"));
	assert_false(err_at(NULL, "x"));
}

static void errno_has_a_class(void **state)
{
	struct err e;

	(void)state;
	errno = ENOENT;
	err_sys(&e, "x");
	assert_int_equal(e.class, ERR_GONE);
	errno = ENOSPC;
	err_sys(&e, "writing %s", "y");
	assert_int_equal(e.class, ERR_DISK);
	assert_int_equal(e.sys, ENOSPC);
	assert_string_equal(e.text, "writing y: No space left on device");
}

static void long_texts_are_cut_not_overrun(void **state)
{
	struct err e;
	char big[ERR_TEXT_MAX * 2];

	(void)state;
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = 0;
	err_set(&e, ERR_NET, "%s", big);
	for (int i = 0; i < 10; i++)
		err_at(&e, "%s", "step");
	assert_true(strlen(e.text) < ERR_TEXT_MAX);
}

static void every_class_has_name_policy_and_status(void **state)
{
	(void)state;
	for (int i = 0; i < ERR_CLASSES; i++) {
		assert_non_null(err_class_name((enum err_class)i));
		assert_int_equal(err_class_by_name(err_class_name((enum err_class)i)), i);
		if (i != ERR_NONE)
			assert_int_not_equal(err_exit_status((enum err_class)i), 0);
	}
	assert_int_equal(err_exit_status(ERR_NET), 69);
	assert_int_equal(err_exit_status(ERR_AUTH), 77);
	assert_int_equal(err_exit_status(ERR_PROTO), 76);
	assert_int_equal(err_exit_status(ERR_INPUT), 65);
	assert_int_equal(err_exit_status(ERR_GONE), 66);
}

static void keep(void *data, enum log_level level, const char *room, const char *text)
{
	(void)level;
	(void)room;
	snprintf(data, 100, "%s", text);
}

static void log_lines_cannot_carry_controls(void **state)
{
	char got[100] = "";

	(void)state;
	log_to(keep, got);
	log_write(LOG_DEBUG, "t", "too fine");
	assert_string_equal(got, "");
	log_write(LOG_WARN, "t", "a\x1b[31m\nb");
	assert_string_equal(got, "a?[31m?b");
	log_to(NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_story_reads_from_outside_in),
		cmocka_unit_test(errno_has_a_class),
		cmocka_unit_test(long_texts_are_cut_not_overrun),
		cmocka_unit_test(every_class_has_name_policy_and_status),
		cmocka_unit_test(log_lines_cannot_carry_controls),
	};

	return t_run(tests);
}
