/*
 * Servers that do not do what their RFC says, and what we make of it: one table for all protocols
 * (quirks.def, doc/quirks.md). Quirks that need to be known by the server are found here by what it
 * says of itself; the rest of the table is unconditional.
 */
#ifndef NET_QUIRK_H
#define NET_QUIRK_H

#include "base/str.h"

enum quirk {
#define QUIRK(id, protocol, when, server, does, we) QUIRK_##id,
#include "net/quirks.def"
#undef QUIRK
	QUIRKS
};

enum quirk_protocol { QUIRK_ANY, QUIRK_IMAP, QUIRK_POP3, QUIRK_SMTP };
enum quirk_sign {
	QUIRK_BY_NOTHING, /* handled whatever the server is */
	QUIRK_BY_GREETING, QUIRK_BY_CAPABILITY, QUIRK_BY_IDENTITY
};

/* Which quirks a server is known to have; all zero: none yet. */
struct quirks {
	uint64_t bits[(QUIRKS + 63) / 64];
};

/*
 * The server has said text: its greeting, one capability, or the name in its answer to ID. Adds
 * what that tells. Greeting and name match where they hold the table's text, a capability as a
 * whole; case does not count.
 */
void quirks_learn(struct quirks *, enum quirk_protocol, enum quirk_sign, struct sv text);
bool quirks_have(const struct quirks *, enum quirk);
const char *quirk_name(enum quirk);

#endif
