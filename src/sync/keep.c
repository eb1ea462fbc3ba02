#include "sync/keep.h"

#include <stdlib.h>

#include "base/mem.h"

#define KEEP_MAX 100000 /* intents that are looked at */

struct keep {
	struct cache *cache;
	uint64_t *ids; /* messages */
	size_t n, cap;
	uint64_t *drafts; /* mailboxes */
	size_t ndrafts, drafts_cap;
};

static bool add_intent(void *data, const struct intent *i)
{
	struct keep *k = data;
	struct mailbox m;

	if (i->uid == 0 || !mailbox_by_name(k->cache, i->mailbox, &m, NULL))
		return true;
	if (m.uidvalidity == i->uidvalidity) {
		array_grow(k->ids, k->n, k->cap);
		k->ids[k->n++] = message_id_of(m.id, i->uid);
	}
	mailbox_fini(&m);
	return k->n < KEEP_MAX;
}

static bool add_drafts(void *data, const struct mailbox *m)
{
	struct keep *k = data;

	if (m->special == MAILBOX_DRAFTS) {
		array_grow(k->drafts, k->ndrafts, k->drafts_cap);
		k->drafts[k->ndrafts++] = m->id;
	}
	return true;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

struct keep *keep_new(struct host *h)
{
	struct keep *k = xcalloc(1, sizeof(*k));

	k->cache = host_cache(h);
	/* What cannot be read is no reason to throw away less: the bodies are on the server, too. */
	if (host_state(h))
		(void)!intent_each(host_state(h), host_account(h), NULL, add_intent, k, NULL);
	(void)!mailbox_each(k->cache, add_drafts, k, NULL);
	if (k->n > 0)
		qsort(k->ids, k->n, sizeof(*k->ids), compare);
	return k;
}

bool keep_has(void *keep, uint64_t message)
{
	struct keep *k = keep;

	for (size_t i = 0; i < k->ndrafts; i++)
		if (k->drafts[i] == message_mailbox(message))
			return true;
	return k->n > 0 && bsearch(&message, k->ids, k->n, sizeof(*k->ids), compare) != NULL;
}

void keep_free(struct keep *k)
{
	if (!k)
		return;
	free(k->ids);
	free(k->drafts);
	free(k);
}

uint64_t keep_budget(struct host *h)
{
	int64_t mb = host_conf_number(h, "imap_prefetch_size", 0);

	return mb > 0 ? (uint64_t)mb << 20 : UINT64_MAX;
}
