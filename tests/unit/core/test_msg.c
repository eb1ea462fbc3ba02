#include "core/msg.h"

#include "tests/unit/t.h"

static void address_lists_are_walked(void **state)
{
	static const struct {
		const char *list, *want; /* name|addr; ... */
	} cases[] = {
		{"", ""},
		{"a@b.c", "|a@b.c;"},
		{"Ann Lee <a@b.c>, d@e.f", "Ann Lee|a@b.c;|d@e.f;"},
		{"\"Lee, Ann\" <a@b.c>", "Lee, Ann|a@b.c;"},
		{"\"a \\\" b, c\" <x@y>, z@y", "a \\\" b, c|x@y;|z@y;"},
		{" , ,a@b,", "|a@b;"},
		{"friends: a@b, c@d;, e@f", "|a@b;|c@d;|e@f;"},
		{"undisclosed-recipients:;", ""},
		{"<a@b>", "|a@b;"},
		{"root", "|root;"},
		{"just a name", "just a name|;"},
		{"Ann <not closed", "Ann|not closed;"},
		{"Ann (a, b) <a@b>", "Ann (a, b)|a@b;"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sv rest = sv_of(cases[i].list);
		struct addr_item item = {.name = {"", 0}, .addr = {"", 0}};
		struct str out;

		str_init(&out, 1000);
		while (addr_next(&rest, &item))
			assert_true(str_addf(
				&out, SV_FMT "|" SV_FMT ";", SV_ARG(item.name), SV_ARG(item.addr)));
		if (strcmp(out.s, cases[i].want) != 0)
			fail_msg("%s: got %s, want %s", cases[i].list, out.s, cases[i].want);
		str_fini(&out);
	}
}

static void ids_are_walked(void **state)
{
	struct sv rest = SV("<a@b> junk <c@d><not closed <e@f> <> <g"), id;
	const char *want[] = {"<a@b>", "<c@d>", "<e@f>"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_true(msgid_next(&rest, &id));
		assert_true(sv_is(id, want[i]));
	}
	assert_false(msgid_next(&rest, &id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_lists_are_walked),
		cmocka_unit_test(ids_are_walked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
