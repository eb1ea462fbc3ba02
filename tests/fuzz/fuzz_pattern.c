/* Patterns: what compiles has a canonical form, which compiles again to itself; matching never fails. */
#include "core/pattern.h"

#include <stdlib.h>

#include "base/mem.h"
#include "tests/fuzz/fuzz.h"

const char *const fuzz_shared[] = {NULL};

#define NOW 1764000000

static const struct msg_facts facts = {.id = 1,
	.number = 3,
	.date_sent = NOW - 86400,
	.size = 2000,
	.subject = {"Re: lunch", 9},
	.from = {"Ann Lee <ann@example.org>", 25},
	.to = {"bob@example.org", 15},
	.message_id = {"<1@x>", 5},
	.references = {"<0@x>", 5}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf *conf;
	char *text = xstrndup((const char *)data, size), *canonical, *again_text;
	struct pattern *p, *again;
	struct sv rest = fuzz_sv(data, size);
	struct addr_item item;
	struct err e;

	if (!conf)
		conf = conf_new(CONF_MUTT);
	p = pattern_compile(conf, text, PATTERN_SIMPLE | PATTERN_FULL, NOW, &e);
	if (p) {
		struct pattern_env env = {.conf = conf, .current = 2, .count = 9, .now = NOW};

		(void)pattern_match(p, &facts, NULL, &env);
		canonical = pattern_canonical(p);
		again = pattern_compile(conf, canonical, PATTERN_FULL, NOW, &e);
		fuzz_must(again);
		again_text = pattern_canonical(again);
		fuzz_must(strcmp(canonical, again_text) == 0);
		fuzz_must(pattern_match(p, &facts, NULL, &env) ==
			  pattern_match(again, &facts, NULL, &env));
		pattern_free(p);
		pattern_free(again);
		free(canonical);
		free(again_text);
	}
	while (addr_next(&rest, &item))
		fuzz_must(item.name.len + item.addr.len > 0 || item.addr.len == 0);
	free(text);
	return 0;
}
