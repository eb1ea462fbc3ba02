#include "base/hash.h"

#include "base/sha256.h"
#include "tests/unit/t.h"

static void sha256_matches_the_standard(void **state)
{
	char hex[SHA256_HEX_LEN + 1];

	(void)state;
	/* FIPS 180-4 examples. */
	hash_sha256_hex(SV("abc"), hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_sha256_hex(SV(""), hex);
	assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	hash_sha256_hex(SV("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), hex);
	assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	struct hash *h = hash_sha256_new();
	for (int i = 0; i < 1000000; i++)
		hash_add(h, SV("a"));
	hash_end_hex(h, hex);
	assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	h = hash_sha256_new();
	hash_add(h, SV("a"));
	hash_add(h, SV("bc"));
	hash_end_hex(h, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* With the processor's own instructions, where it has them, and without. */
static void sha256_is_the_same_both_ways(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed < 2000; seed++) {
		struct sha256 a, b;
		unsigned char block[64];
		uint32_t x = seed * 2654435761u;

		for (size_t i = 0; i < sizeof(block); i++) {
			x = x * 1103515245u + 12345u;
			block[i] = (unsigned char)(x >> 16);
		}
		sha256_init(&a);
		for (int i = 0; i < 8; i++)
			a.state[i] ^= x * (unsigned)i;
		b = a;
		sha256_add(&a, block, sizeof(block));
		sha256_plain_block(b.state, block);
		assert_memory_equal(a.state, b.state, sizeof(a.state));
	}
}

static void map_agrees_with_a_plain_array(void **state)
{
	enum { N = 500, STEPS = 20000 };
	static int values[N];
	bool there[N] = {false};
	struct map *m = map_new();
	unsigned seed = 1;
	char key[16];

	(void)state;
	for (int step = 0; step < STEPS; step++) {
		seed = seed * 1103515245u + 12345u;
		int i = (int)(seed >> 8) % N;
		snprintf(key, sizeof(key), "k%d", i);
		if (seed & 0x10000) {
			map_set(m, sv_of(key), &values[i]);
			there[i] = true;
		} else {
			map_del(m, sv_of(key));
			there[i] = false;
		}
	}
	size_t n = 0;
	for (int i = 0; i < N; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_ptr_equal(map_get(m, sv_of(key)), there[i] ? &values[i] : NULL);
		n += there[i];
	}
	assert_int_equal(map_len(m), n);
	size_t at = 0, seen = 0;
	struct sv k;
	void *v;
	while (map_next(m, &at, &k, &v))
		seen++;
	assert_int_equal(seen, n);
	map_free(m);
}

static void map_keeps_the_order_of_insertion(void **state)
{
	static const char *const words[] = {"zeta", "alpha", "mu"};
	struct map *m = map_new();
	size_t at = 0;
	struct sv k;
	void *v;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		map_set(m, sv_of(words[i]), (void *)words[i]);
	for (size_t i = 0; map_next(m, &at, &k, &v); i++)
		assert_true(sv_is(k, words[i]));
	assert_false(map_has(m, SV("al")));
	map_free(m);
}

static void random_words_are_names(void **state)
{
	char a[21], b[21];

	(void)state;
	random_word(a, 20);
	random_word(b, 20);
	assert_int_equal(strlen(a), 20);
	assert_int_equal(strspn(a, "abcdefghijklmnopqrstuvwxyz234567"), 20);
	assert_string_not_equal(a, b);
}

/* Texts of all lengths that differ in one bit, or in their length only, and ids that count upwards. */
static void hashes_of_alike_texts_differ(void **state)
{
	static uint8_t low[1 << 13];
	char text[70] = {0}, id[64];
	uint32_t hits = 0;

	(void)state;
	for (size_t len = 1; len < sizeof(text); len++) {
		uint64_t all = hash_of(sv_make(text, len));

		assert_int_equal(all, hash_of(sv_make(text, len)));
		assert_int_not_equal(all, hash_of(sv_make(text, len - 1)));
		for (size_t bit = 0; bit < 8 * len; bit++) {
			text[bit / 8] ^= (char)(1 << bit % 8);
			assert_int_not_equal(all, hash_of(sv_make(text, len)));
			text[bit / 8] ^= (char)(1 << bit % 8);
		}
	}
	for (unsigned n = 0; n < sizeof(low); n++) {
		snprintf(id, sizeof(id), "<2026%08u.GA17@mail.example.org>", n);
		low[hash_of(sv_of(id)) % sizeof(low)] |= 1;
		low[(hash_of(sv_of(id)) >> 32) % sizeof(low)] |= 2;
	}
	/* Thrown at random they hit 63 of 100 places. */
	for (size_t i = 0; i < sizeof(low); i++)
		hits += (low[i] & 1u) + (low[i] >> 1);
	assert_in_range(hits, 2 * sizeof(low) * 60 / 100, 2 * sizeof(low) * 66 / 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_matches_the_standard),
		cmocka_unit_test(sha256_is_the_same_both_ways),
		cmocka_unit_test(map_agrees_with_a_plain_array),
		cmocka_unit_test(map_keeps_the_order_of_insertion),
		cmocka_unit_test(random_words_are_names),
		cmocka_unit_test(hashes_of_alike_texts_differ),
	};

	return t_run(tests);
}
