/*
 * mailcap: entries lie in the text; commands are made of any of them with values that a sender chose, which
 * never get out of the quotes in which they stand.
 */
#include "core/mailcap.h"
#include "tests/fuzz/fuzz.h"

#define MARK "\nx" /* of what the sender writes: only quotes keep it together */

static void expand(struct sv command, bool sanitize)
{
	static const struct doc_param params[] = {{"charset", "';" MARK "\"`$(x)\\"}, {"a", "-"}};
	static const struct mailcap_sub subs[] = {{"text/plain", "/tmp/a b"}, {MARK, "/tmp/c"}};
	struct mailcap_values values = {.path = "/tmp/x y",
		.type = SV("a/b"),
		.params = params,
		.param_count = ARRAY_LEN(params),
		.subs = subs,
		.sub_count = ARRAY_LEN(subs),
		.sanitize = sanitize};
	struct str out;
	bool used;

	str_init(&out, 1 << 20);
	if (mailcap_expand(&out, command, &values, &used) && sanitize && sv_chr(command, '\n') < 0)
		fuzz_must(sv_chr(str_sv(&out), '\n') < 0);
	if (mailcap_wants_subs(command))
		fuzz_must(command.len >= 2);
	str_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv rest = fuzz_sv(data, size);
	struct mailcap_entry m;
	struct str joined, suffix;

	str_init(&joined, MAILCAP_LINE_MAX);
	while (mailcap_next(&rest, &joined, &m)) {
		fuzz_must(m.type.len > 0);
		(void)mailcap_matches(&m, SV("text/plain"));
		expand(m.view, true);
		expand(m.view, false);
		expand(m.test, true);
		str_init(&suffix, 1000);
		mailcap_suffix(&suffix, m.nametemplate);
		fuzz_must(sv_chr(str_sv(&suffix), '/') < 0);
		str_fini(&suffix);
	}
	str_fini(&joined);
	return 0;
}
