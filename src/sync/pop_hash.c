/* By what a message is known when its UIDL is no help. */
#include <stdlib.h>

#include "base/mem.h"
#include "sync/pop_priv.h"

#define HEAD_MAX (256u << 10) /* of the header count; what comes behind is body */

struct pop_hash {
	struct str head;
	bool whole;           /* the end of the header was there */
	struct hash *content; /* begun at the end of the header */
	char head_hex[SHA256_HEX_LEN + 1];
};

struct pop_hash *pop_hash_new(void)
{
	struct pop_hash *h = xcalloc(1, sizeof(*h));

	str_init(&h->head, HEAD_MAX);
	return h;
}

void pop_hash_free(struct pop_hash *h)
{
	char hex[SHA256_HEX_LEN + 1];

	if (!h)
		return;
	if (h->content)
		hash_end_hex(h->content, hex);
	str_fini(&h->head);
	free(h);
}

/* What changes while a message lies on a server. */
static bool is_mark(struct sv name)
{
	static const char *const names[] = {"status", "x-status", "x-keywords", "x-uid", "x-uidl", "x-imap", "x-imapbase",
		"content-length", "lines", "x-mozilla-status", "x-mozilla-status2", "x-mozilla-keys"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (sv_is_case(name, names[i]))
			return true;
	}
	return false;
}

/* What each delivery of the same message has of its own. */
static bool is_trace(struct sv name)
{
	static const char *const names[] = {"received", "return-path", "delivered-to", "x-original-to", "envelope-to",
		"x-envelope-to", "x-envelope-from", "x-received", "x-forwarded-to", "x-forwarded-for", "received-spf",
		"authentication-results", "delivery-date", "x-delivered-to", "x-resolved-to", "x-account-key"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (sv_is_case(name, names[i]))
			return true;
	}
	return sv_starts_case(name, SV("arc-")) || sv_starts_case(name, SV("x-spam-"));
}

/* Line ends do not count: some servers give others in TOP than in RETR. */
static void digest_head(struct pop_hash *h)
{
	struct hash *head = hash_sha256_new();
	struct sv rest = str_sv(&h->head), line;
	bool mark = false, trace = false;

	h->content = hash_sha256_new();
	while (sv_line(&rest, &line) && line.len) {
		if (line.p[0] != ' ' && line.p[0] != '\t') {
			struct sv name = sv_rtrim(sv_head(line, (size_t)MAX(sv_chr(line, ':'), 0)));

			mark = is_mark(name);
			trace = is_trace(name);
		}
		line = sv_rtrim(line);
		if (!mark) {
			hash_add(head, line);
			hash_add(head, SV("\n"));
		}
		if (!mark && !trace) {
			hash_add(h->content, line);
			hash_add(h->content, SV("\n"));
		}
	}
	hash_end_hex(head, h->head_hex);
	if (rest.len)
		hash_add(h->content, rest);
}

/* Where the header ends in what is there, behind the empty line; 0: not yet. */
static size_t end_of_head(struct sv v, size_t from)
{
	for (size_t i = from; i < v.len; i++) {
		if (v.p[i] != '\n')
			continue;
		if (i == 0 || (i == 1 && v.p[0] == '\r'))
			return i + 1;
		if (v.p[i - 1] == '\n' || (v.p[i - 1] == '\r' && v.p[i - 2] == '\n'))
			return i + 1;
	}
	return 0;
}

void pop_hash_add(struct pop_hash *h, struct sv piece)
{
	size_t before = h->head.len, end;

	if (h->content) {
		hash_add(h->content, piece);
		return;
	}
	struct sv part = sv_head(piece, HEAD_MAX - h->head.len);
	(void)str_add(&h->head, part);
	piece = sv_from(piece, part.len);
	end = end_of_head(str_sv(&h->head), before);
	h->whole = end > 0;
	if (!h->whole && h->head.len < HEAD_MAX)
		return;
	digest_head(h);
	if (piece.len)
		hash_add(h->content, piece);
}

struct sv pop_hash_head(const struct pop_hash *h, bool *whole)
{
	*whole = h->whole;
	return str_sv(&h->head);
}

void pop_hash_end(struct pop_hash *h, char head[SHA256_HEX_LEN + 1], char content[SHA256_HEX_LEN + 1])
{
	char hex[SHA256_HEX_LEN + 1];

	if (!h->content)
		digest_head(h);
	hash_end_hex(h->content, content ? content : hex);
	h->content = NULL;
	memcpy(head, h->head_hex, sizeof(h->head_hex));
	pop_hash_free(h);
}
