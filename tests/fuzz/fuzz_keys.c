/* Keys, macros and server URLs: what is printed reads again as the same. */
#include "base/mem.h"
#include "conf/account.h"
#include "conf/keys.h"
#include "tests/fuzz/fuzz.h"

static void keys(struct sv text)
{
	struct keys a, b;
	struct str out;
	uint32_t *v;
	struct err e;
	size_t n;

	str_init(&out, 1 << 16);
	if (keys_parse(text, &a, &e)) {
		keys_print_rc(&a, &out);
		fuzz_must(keys_parse_rc(str_sv(&out), &b, &e));
		fuzz_must(a.n == b.n && memcmp(a.k, b.k, (size_t)a.n * sizeof(a.k[0])) == 0);
	}
	(void)!keys_parse_rc(text, &a, &e);
	if (macro_parse(MENU_INDEX, text, &v, &n, &e)) {
		fuzz_must(n <= text.len);
		free(v);
	}
	str_fini(&out);
}

static void url(struct sv text)
{
	struct server s;
	struct err e;

	if (!server_parse(text, &s, &e))
		return;
	fuzz_must(s.host && *s.host && s.path && server_port(&s) > 0);
	server_fini(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv text = fuzz_sv(data, MIN(size, 4096u));
	struct str out;

	keys(text);
	url(text);
	str_init(&out, 1 << 16);
	str_adds(&out, "imaps://");
	str_add(&out, text);
	url(str_sv(&out));
	str_fini(&out);
	return 0;
}
