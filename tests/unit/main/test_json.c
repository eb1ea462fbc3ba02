#include "main/json.h"

#include "tests/unit/t.h"

static void values_are_read(void **state)
{
	static const char text[] =
		" {\"a\": \"x\\u00e9\\ud83d\\ude00\\n\", \"b\": [1, -2.5e3, true, null, {}],"
		" \"c\": {\"d\": []}, \"a\": \"last\"} ";
	struct arena *arena = arena_new();
	const struct json *b;
	struct json *v;

	(void)state;
	assert_true(json_parse(arena, SV(text), &v, NULL));
	assert_int_equal(v->kind, JSON_OBJECT);
	assert_true(sv_is(v->child->text, "xé😀\n"));
	assert_true(sv_is(json_get(v, "a")->text, "last"));
	b = json_get(v, "b");
	assert_int_equal(b->child->number, 1);
	assert_int_equal(b->child->next->number, -2);
	assert_int_equal(b->child->next->next->kind, JSON_BOOL);
	assert_int_equal(json_get(json_get(v, "c"), "d")->kind, JSON_ARRAY);
	assert_null(json_get(v, "z"));
	assert_null(json_get(NULL, "a"));
	arena_free(arena);
}

static void a_lone_surrogate_is_replaced(void **state)
{
	struct arena *arena = arena_new();
	struct json *v;

	(void)state;
	assert_true(json_parse(arena, SV("\"\\ud83d\\u0041\""), &v, NULL));
	assert_true(sv_is(v->text, "\xef\xbf\xbd"
				   "A"));
	arena_free(arena);
}

static void what_is_no_json_is_refused(void **state)
{
	static const char *const rows[] = {"", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "\"open",
		"\"\\x\"", "\"\\u12\"", "01x", "nul", "1 2", "{a:1}", "\"tab\there\"", "[1}", "]"};
	struct arena *arena = arena_new();
	struct str deep;
	struct json *v;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (json_parse(arena, sv_of(rows[i]), &v, &e))
			fail_msg("%s is taken", rows[i]);
		assert_int_equal(e.class, ERR_INPUT);
	}
	str_init(&deep, 1000);
	str_addn(&deep, '[', JSON_DEPTH_MAX + 1);
	str_addn(&deep, ']', JSON_DEPTH_MAX + 1);
	assert_false(json_parse(arena, str_sv(&deep), &v, &e));
	str_fini(&deep);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(a_lone_surrogate_is_replaced),
		cmocka_unit_test(what_is_no_json_is_refused),
	};

	return t_run(tests);
}
