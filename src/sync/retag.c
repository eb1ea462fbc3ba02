#include "sync/retag.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "store/body.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "sync/host_priv.h"
#include "sync/spam.h"

#define PIECE_MS 50
#define HEADER_BYTES 65536
#define META "spam" /* the rules that the rows were made with */

struct retag {
	struct host *host;
	char *rules; /* as CONF has them */
	uint64_t *mailboxes;
	size_t mailbox_count, mailbox_cap;
	uint64_t mailbox; /* at hand; 0: none */
	uint64_t *ids;    /* its messages */
	size_t count, at, changed;
	struct str bytes;
};

static bool add_mailbox(void *data, const struct mailbox *m)
{
	struct retag *r = data;

	array_grow(r->mailboxes, r->mailbox_count, r->mailbox_cap);
	r->mailboxes[r->mailbox_count++] = m->id;
	return true;
}

/* In a cache that is new there is nothing to do: its rows are made with the rules of now. */
static bool is_right(struct host *h, const char *rules)
{
	char *were = cache_meta(host_cache(h), META);
	bool same = strcmp(were ? were : "", rules) == 0;

	free(were);
	return same;
}

struct retag *retag_new(struct host *h)
{
	const char *rules = host_conf(h, "spam");
	struct retag *r;
	struct err e;

	rules = rules ? rules : "";
	if (is_right(h, rules))
		return NULL;
	r = xcalloc(1, sizeof(*r));
	r->host = h;
	r->rules = xstrdup(rules);
	str_init(&r->bytes, HEADER_BYTES + 1);
	if (mailbox_each(host_cache(h), add_mailbox, r, &e))
		return r;
	retag_free(r);
	return NULL;
}

void retag_free(struct retag *r)
{
	if (!r)
		return;
	free(r->rules);
	free(r->mailboxes);
	free(r->ids);
	str_fini(&r->bytes);
	free(r);
}

static bool read_header(struct retag *r, uint64_t id)
{
	struct body b;
	struct err e;

	if (!body_open(host_cache(r->host), id, "", &b, &e) && !body_open(host_cache(r->host), id, "text", &b, &e))
		return false;
	bool ok = body_read(&b, HEADER_BYTES, &r->bytes);

	body_close(&b);
	return ok;
}

static bool retag_one(struct retag *r, uint64_t id, struct err *e)
{
	struct arena *a = arena_new();
	struct message_row row;
	struct headers h;
	bool ok = true;

	if (read_header(r, id) && message_get(host_cache(r->host), id, a, &row, NULL)) {
		headers_parse(a, str_sv(&r->bytes), &h);
		struct sv tag = spam_tag(host_spam(r->host), a, &h);

		if (!sv_eq(tag, row.spam)) {
			ok = message_set_spam(host_cache(r->host), id, tag, e);
			r->changed++;
		}
	}
	arena_free(a);
	return ok;
}

static bool some_messages(struct retag *r, struct err *e)
{
	struct cache *c = host_cache(r->host);
	int64_t until = clock_ms() + PIECE_MS;
	bool ok = cache_begin(c, e);

	if (!ok)
		return false;
	while (ok && r->at < r->count && clock_ms() < until)
		ok = retag_one(r, r->ids[r->at++], e);
	if (ok)
		ok = cache_commit(c, e);
	else
		cache_rollback(c);
	return ok;
}

static bool next_mailbox(struct retag *r, struct err *e)
{
	if (r->changed > 0)
		host_changed(r->host, r->mailbox, "flags", r->changed);
	free(r->ids);
	r->ids = NULL;
	r->count = r->at = r->changed = 0;
	r->mailbox = r->mailbox_count > 0 ? r->mailboxes[--r->mailbox_count] : 0;
	return !r->mailbox || message_ids(host_cache(r->host), r->mailbox, &r->ids, &r->count, e);
}

bool retag_piece(struct retag *r, bool *more, struct err *e)
{
	*more = true;
	if (r->at < r->count)
		return some_messages(r, e);
	if (!next_mailbox(r, e))
		return false;
	*more = r->mailbox != 0;
	return *more || cache_set_meta(host_cache(r->host), META, sv_of(r->rules), e);
}
