#include "store/pack.h"

#include <stdlib.h>

#include "base/mem.h"
#include "tests/unit/t.h"

static void bytes_come_back(void **state)
{
	char *raw = xmalloc(100000), *back = xmalloc(100000);
	uint32_t seed = 7;

	(void)state;
	for (size_t len = 0; len < 100000; len = len * 3 + 1) {
		struct str s;

		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245 + 12345;
			raw[i] = (char)((seed >> 16) % (len % 2 ? 256 : 4));
		}
		str_init(&s, 200000);
		assert_true(pack(&s, sv_make(raw, len)));
		assert_true(unpack(str_sv(&s), back, len));
		assert_memory_equal(raw, back, len);
		/* of another length, cut, changed, nothing at all */
		assert_false(unpack(str_sv(&s), back, len + 1));
		assert_true(len == 0 || !unpack(str_sv(&s), back, len - 1));
		assert_false(unpack(sv_head(str_sv(&s), s.len / 2), back, len));
		s.s[0] = '?';
		assert_false(unpack(str_sv(&s), back, len));
		assert_false(unpack(SV(""), back, len));
		str_fini(&s);
	}
	free(raw);
	free(back);
}

static void what_has_no_room_is_not_packed(void **state)
{
	struct str s;

	(void)state;
	str_init(&s, 8);
	assert_false(pack(&s, SV("some bytes that cannot become so few")));
	str_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_back),
		cmocka_unit_test(what_has_no_room_is_not_packed),
	};

	return t_run(tests);
}
