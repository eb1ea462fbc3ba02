/* What may go from the server, by age, count and size. */
#include "sync/pop_priv.h"

#define DAY 86400

/* A number of an option; what is no number or below 0 is no limit. */
static uint64_t limit(struct host *h, const char *name, uint64_t most)
{
	int64_t n = host_conf_number(h, name, 0);

	return n > 0 ? MIN((uint64_t)n, most) : 0;
}

struct pop_rules pop_rules_of(struct host *h)
{
	return (struct pop_rules){
		.at_once = host_conf_bool(h, "pop_delete", false),
		.days = limit(h, "pop_keep_days", 100000),
		.count = limit(h, "pop_keep_count", UINT32_MAX),
		.bytes = limit(h, "pop_keep_size", UINT32_MAX) << 20,
	};
}

/* It is here, and nothing of it only there. */
static bool may_go(const struct pop_item *i)
{
	return i->state == UIDL_FETCHED && i->todo == POP_NOTHING;
}

void pop_rules_apply(const struct pop_rules *r, struct pop_item *items, size_t n, int64_t now)
{
	uint64_t count = 0, bytes = 0;

	for (size_t i = 0; i < n; i++) {
		struct pop_item *it = &items[i];
		bool old = r->days && it->since > 0 && it->since <= now - (int64_t)r->days * DAY;

		if (it->state == UIDL_DELETE || (may_go(it) && (r->at_once || old)))
			it->todo = POP_DELETE;
		if (it->todo != POP_DELETE) {
			count++;
			bytes += it->size;
		}
	}
	/* The server's order is that of arrival. */
	for (size_t i = 0; i < n; i++) {
		bool many = r->count && count > r->count, much = r->bytes && bytes > r->bytes;

		if (!many && !much)
			return;
		if (!may_go(&items[i]))
			continue;
		items[i].todo = POP_DELETE;
		count--;
		bytes -= items[i].size;
	}
}
