#include "base/mem.h"

#include "tests/unit/t.h"

static void arena_memory_is_zeroed_and_aligned(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 1; i < 5000; i += 37) {
		char *p = arena_alloc(a, i);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < i; k++)
			assert_int_equal(p[k], 0);
		memset(p, 0xff, i);
	}
	assert_true(arena_used(a) > 5000);
	arena_reset(a);
	assert_int_equal(arena_used(a), 0);
	assert_string_equal(arena_printf(a, "%s-%d", "x", 7), "x-7");
	assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
	assert_null(arena_strdup(a, NULL));
	char *big = arena_alloc(a, 10 << 20);
	big[(10 << 20) - 1] = 1;
	arena_free(a);
}

static void array_grow_keeps_what_is_there(void **state)
{
	int *v = NULL;
	size_t n = 0, cap = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		array_grow(v, n, cap);
		v[n++] = i;
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(v[i], i);
	free(v);
}

static void secret_holds_text_up_to_its_max(void **state)
{
	char big[SECRET_MAX + 100];

	(void)state;
	struct secret *s = secret_new("pass\0word", 9);
	assert_int_equal(secret_len(s), 9);
	assert_memory_equal(secret_text(s), "pass\0word", 10);
	secret_free(s);
	memset(big, 'x', sizeof(big));
	s = secret_new(big, sizeof(big));
	assert_int_equal(secret_len(s), SECRET_MAX);
	assert_int_equal(strlen(secret_text(s)), SECRET_MAX);
	secret_free(s);
	secret_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_memory_is_zeroed_and_aligned),
		cmocka_unit_test(array_grow_keeps_what_is_there),
		cmocka_unit_test(secret_holds_text_up_to_its_max),
	};

	return t_run(tests);
}
