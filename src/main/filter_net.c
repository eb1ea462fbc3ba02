/*
 * feist-worker --filter KIND (only with --enable-test-filters): the parsers of the protocols over JSON
 * lines, without a connection.
 */
#include "main/filter.h"
#include "net/filter.h"

#define NET_KIND(fn, name)                                                                                    \
	static bool fn(struct arena *arena, const struct json *input, struct str *out, struct err *e)               \
	{                                                                                                           \
		struct sv bytes;                                                                                    \
                                                                                                                    \
		return filter_bytes(arena, input, &bytes, e) && net_filter(name, bytes, out, e);                    \
	}

NET_KIND(imap_response, "imap-response")
NET_KIND(imap_bodystructure, "imap-bodystructure")
NET_KIND(imap_envelope, "imap-envelope")
NET_KIND(smtp_reply, "smtp-reply")
NET_KIND(pop3_reply, "pop3-reply")

const struct filter_kind filter_net_kinds[] = {
	{"imap-response", imap_response}, {"imap-bodystructure", imap_bodystructure}, {"imap-envelope", imap_envelope},
	{"smtp-reply", smtp_reply}, {"pop3-reply", pop3_reply}, {NULL, NULL},
};
