#include "core/sort.h"

#include "core/strpool.h"
#include "tests/unit/t.h"

static void numbers_become_classes(void **state)
{
	int64_t values[] = {5, -3, 5, INT64_MAX, INT64_MIN, 0};
	uint32_t want[] = {3, 1, 3, 4, 0, 2}, *got = sort_classes_i64(values, ARRAY_LEN(values));

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_int_equal(got[i], want[i]);
	free(got);
}

static struct sv text_of(void *data, uint32_t n)
{
	return strpool_text(data, n);
}

static void texts_ignore_case(void **state)
{
	struct strpool *p = strpool_new();
	const char *texts[] = {"beta", "ALPHA", "alpha", "", "Beta, and more than eight",
		"beta, AND more than eighty"};
	uint32_t numbers[6], *got;
	uint32_t want[] = {2, 1, 1, 0, 3, 4};

	(void)state;
	for (size_t i = 0; i < 6; i++)
		numbers[i] = strpool_add(p, sv_of(texts[i]));
	got = sort_classes_text(numbers, 6, strpool_limit(p), text_of, p, false);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(got[i], want[i]);
	free(got);
	got = sort_classes_text(numbers, 6, strpool_limit(p), text_of, p, true);
	assert_true(got[3] > got[5]);
	free(got);
	strpool_free(p);
}

static void equal_keys_keep_their_order(void **state)
{
	uint32_t order[] = {4, 3, 2, 1, 0}, class[] = {1, 0, 1, 0, 1};
	uint32_t up[] = {3, 1, 4, 2, 0}, down[] = {4, 2, 0, 3, 1}, *rank;

	(void)state;
	sort_by_class(order, 5, class, false);
	assert_memory_equal(order, up, sizeof(up));
	sort_by_class(order, 5, class, true);
	assert_memory_equal(order, down, sizeof(down));
	rank = sort_ranks(order, 5);
	assert_int_equal(rank[4], 0);
	assert_int_equal(rank[1], 4);
	free(rank);
}

static void equal_strings_have_one_number(void **state)
{
	struct strpool *p = strpool_new();
	char text[32];
	uint32_t first[5000];

	(void)state;
	assert_int_equal(strpool_add(p, SV("")), 0);
	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "string %u", i);
		first[i] = strpool_add(p, sv_of(text));
		assert_int_equal(first[i], i + 1);
	}
	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "string %u", i);
		assert_int_equal(strpool_find(p, sv_of(text)), first[i]);
		assert_int_equal(strpool_add(p, sv_of(text)), first[i]);
		assert_string_equal(strpool_text(p, first[i]).p, text);
	}
	assert_int_equal(strpool_find(p, SV("nowhere")), 0);
	/* A piece of a text of the pool while the pool grows. */
	for (uint32_t i = 0; i < 5000; i++) {
		struct sv whole = strpool_text(p, first[i]);
		uint32_t n = strpool_add(p, sv_from(whole, 4));

		snprintf(text, sizeof(text), "ng %u", i);
		assert_string_equal(strpool_text(p, n).p, text);
	}
	strpool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_become_classes),
		cmocka_unit_test(texts_ignore_case),
		cmocka_unit_test(equal_keys_keep_their_order),
		cmocka_unit_test(equal_strings_have_one_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
