#include "net/quirk.h"

#define ALWAYS QUIRK_BY_NOTHING, ""
#define GREETING(text) QUIRK_BY_GREETING, text
#define CAPABILITY(text) QUIRK_BY_CAPABILITY, text
#define IDENTITY(text) QUIRK_BY_IDENTITY, text

static const struct {
	const char *name;
	enum quirk_protocol protocol;
	enum quirk_sign sign;
	const char *text;
} table[] = {
#define ENTRY(id, protocol, ...) {#id, QUIRK_##protocol, __VA_ARGS__}
#define QUIRK(id, protocol, when, server, does, we) [QUIRK_##id] = ENTRY(id, protocol, when),
#include "net/quirks.def"
#undef QUIRK
};

void quirks_learn(struct quirks *q, enum quirk_protocol protocol, enum quirk_sign sign, struct sv text)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].sign != sign || sign == QUIRK_BY_NOTHING ||
			(table[i].protocol != protocol && table[i].protocol != QUIRK_ANY))
			continue;
		if (sign == QUIRK_BY_CAPABILITY ? sv_is_case(text, table[i].text)
						: sv_find_case(text, sv_of(table[i].text)) >= 0)
			q->bits[i / 64] |= UINT64_C(1) << i % 64;
	}
}

bool quirks_have(const struct quirks *q, enum quirk quirk)
{
	return table[quirk].sign == QUIRK_BY_NOTHING || (q->bits[quirk / 64] >> quirk % 64 & 1);
}

const char *quirk_name(enum quirk quirk)
{
	return table[quirk].name;
}
