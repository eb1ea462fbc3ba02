/* The hash table of numbers that grows while it is used. */
#include "core/slots.h"

#include "tests/unit/t.h"

struct owner {
	struct slots slots;
	uint32_t *hashes; /* by number */
};

static uint32_t hash_of_number(const void *owner, uint32_t n)
{
	return ((const struct owner *)owner)->hashes[n];
}

static uint32_t find(const struct owner *o, uint32_t hash)
{
	struct slots_look look;
	uint32_t n = slots_first(&o->slots, hash, &look);

	while (n && o->hashes[n] != hash)
		n = slots_next(&look);
	return n;
}

static void every_number_is_found_at_any_time(void **state)
{
	enum { COUNT = 50000, RESERVED_AT = 20000 };
	struct owner o = {.hashes = calloc(COUNT + 1, sizeof(uint32_t))};
	uint32_t most_tables = 0;

	(void)state;
	assert_int_equal(find(&o, 1), 0);
	for (uint32_t n = 1; n <= COUNT; n++) {
		o.hashes[n] = n * 2654435761u; /* all differ */
		assert_int_equal(find(&o, o.hashes[n]), 0);
		assert_int_equal(slots_add(&o.slots, o.hashes[n], hash_of_number, &o), n);
		assert_int_equal(find(&o, o.hashes[n]), n);
		assert_int_equal(find(&o, o.hashes[n / 2 + 1]), n / 2 + 1);
		assert_int_equal(find(&o, o.hashes[1]), 1);
		most_tables += o.slots.old != NULL;
		if (n == RESERVED_AT)
			slots_reserve(&o.slots, COUNT - n, hash_of_number, &o);
	}
	assert_true(most_tables > 100); /* it was asked while there were two */
	for (uint32_t n = 1; n <= COUNT; n++)
		assert_int_equal(find(&o, o.hashes[n]), n);
	assert_true(slots_bytes(&o.slots) < 12 * COUNT);
	slots_fini(&o.slots);
	free(o.hashes);
}

/* All at one place, and around the end of the table. */
static void equal_hashes_are_told_apart_by_their_owner(void **state)
{
	struct owner o = {.hashes = calloc(2001, sizeof(uint32_t))};

	(void)state;
	for (uint32_t n = 1; n <= 2000; n++) {
		o.hashes[n] = UINT32_MAX;
		assert_int_equal(slots_add(&o.slots, UINT32_MAX, hash_of_number, &o), n);
	}
	for (uint32_t n = 1; n <= 2000; n++) {
		struct slots_look look;
		uint32_t at = slots_first(&o.slots, UINT32_MAX, &look);

		while (at && at != n)
			at = slots_next(&look);
		assert_int_equal(at, n);
	}
	assert_int_equal(find(&o, UINT32_MAX - 1), 0);
	slots_fini(&o.slots);
	free(o.hashes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_is_found_at_any_time),
		cmocka_unit_test(equal_hashes_are_told_apart_by_their_owner),
	};

	return t_run(tests);
}
