/* URLs and mailto: nothing that comes out can break a header line. */
#include "mime/mailto.h"
#include "tests/fuzz/fuzz.h"
#include "text/url.h"

static bool one_line(const char *s)
{
	return !s || !strpbrk(s, "\r\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct sv in = fuzz_sv(data, MIN(size, 1u << 16));
	struct mailto m;
	struct url u;
	struct str out;
	size_t i;

	str_init(&out, 1u << 20);
	if (url_parse(arena, in, &u, NULL)) {
		fuzz_must(one_line(u.user) && one_line(u.host) && one_line(u.path) &&
			  one_line(u.pass));
		fuzz_must(url_format(&out, &u));
	}
	str_clear(&out);
	str_adds(&out, "mailto:");
	str_add(&out, in);
	if (mailto_parse(arena, str_sv(&out), NULL, &m, NULL)) {
		fuzz_must(one_line(m.subject) && one_line(m.in_reply_to) && m.bcc.count == 0);
		for (i = 0; i < m.to.count; i++)
			fuzz_must(one_line(m.to.list[i].addr) && one_line(m.to.list[i].name));
	}
	str_fini(&out);
	arena_free(arena);
	return 0;
}
