/*
 * LIST and UIDL. Both are the server's word on what there is, and some servers' words are odd: lists
 * out of order, numbers twice, UIDLs that are missing, repeated, too long. What cannot be used is
 * left out; a message that is named by nobody is still a message.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "net/pop3_priv.h"

struct items {
	struct pop3_item *v;
	size_t n, cap;
	bool sorted;
};

void pop3_items_free(struct pop3_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(items[i].uidl);
	free(items);
}

/* "12 34567" */
static bool list_entry(struct items *it, struct sv line)
{
	struct scan s = scan_of(sv_trim(line));
	uint64_t number, size = 0;

	if (!scan_u64(&s, &number) || number == 0 || number > UINT32_MAX)
		return false;
	scan_spaces(&s);
	/* A size that is none does not make the message go away. */
	if (!scan_u64(&s, &size))
		size = 0;
	if (it->n && number <= it->v[it->n - 1].number)
		it->sorted = false;
	array_grow(it->v, it->n, it->cap);
	it->v[it->n++] = (struct pop3_item){(uint32_t)number, size, NULL};
	return true;
}

static int by_number(const void *a, const void *b)
{
	const struct pop3_item *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* In order, each number once (quirk: ODD_LIST). */
static void put_in_order(struct items *it)
{
	size_t n = 0;

	if (it->sorted || it->n == 0)
		return;
	qsort(it->v, it->n, sizeof(*it->v), by_number);
	for (size_t i = 0; i < it->n; i++) {
		if (n == 0 || it->v[i].number != it->v[n - 1].number)
			it->v[n++] = it->v[i];
	}
	it->n = n;
}

static bool read_list(struct pop3 *p, struct items *it, struct err *e)
{
	struct pop3_reply r;
	struct sv line;
	bool end = false;

	if (!pop3_read_reply(p, &r, e))
		return false;
	if (!r.ok)
		return pop3_refused(p, &r, ERR_PROTO, "LIST", e);
	while (true) {
		if (!pop3_list_line(p, &line, &end, e))
			return false;
		if (end)
			break;
		if (it->n >= POP3_MESSAGES_MAX) {
			err_set(e, ERR_LIMIT, "the server lists more than %u messages", POP3_MESSAGES_MAX);
			return pop3_die(p);
		}
		if (!list_entry(it, line))
			conn_note(p->conn, "LIST entry left out");
	}
	put_in_order(it);
	return true;
}

/* ---- UIDL ---- */

static struct pop3_item *find_item(struct items *it, uint64_t number)
{
	struct pop3_item key = {.number = (uint32_t)number};

	if (it->n == 0 || number > UINT32_MAX)
		return NULL;
	return bsearch(&key, it->v, it->n, sizeof(key), by_number);
}

/* RFC 1939: 1 to 70 bytes from 0x21 to 0x7e (quirk: LONG_UIDL). */
static bool is_plain(struct sv uidl)
{
	for (size_t i = 0; i < uidl.len; i++) {
		if ((unsigned char)uidl.p[i] < '!' || (unsigned char)uidl.p[i] > '~')
			return false;
	}
	return uidl.len <= POP3_UIDL_MAX;
}

static char *name_of(struct sv uidl)
{
	char hex[SHA256_HEX_LEN + 1];

	if (is_plain(uidl))
		return sv_dup(uidl);
	hash_sha256_hex(uidl, hex);
	return xasprintf("hash-%s", hex);
}

/* "12 whqtswO00WBw418f9t5JxYwZ". Named twice, neither of the two has a name (quirk: REPEATED_UIDL). */
static void uidl_entry(struct items *it, struct map *seen, struct sv line)
{
	struct scan s = scan_of(sv_trim(line));
	struct pop3_item *item, *other;
	uint64_t number;
	struct sv uidl;

	if (!scan_u64(&s, &number))
		return;
	scan_spaces(&s);
	uidl = sv_trim(scan_rest(&s));
	item = find_item(it, number);
	if (!item || item->uidl || uidl.len == 0)
		return;
	other = map_get(seen, uidl);
	if (other) {
		other->uidl[0] = '\0';
		item->uidl = xstrdup("");
		return;
	}
	item->uidl = name_of(uidl);
	map_set(seen, uidl, item);
}

static bool read_uidl(struct pop3 *p, struct items *it, struct err *e)
{
	struct map *seen = map_new();
	struct pop3_reply r;
	struct sv line;
	bool end = false, ok = pop3_read_reply(p, &r, e);

	/*
	 * A server without UIDL: then there is none, and the caller must know messages by other
	 * means.
	 */
	while (ok && r.ok && !end) {
		ok = pop3_list_line(p, &line, &end, e);
		if (ok && !end)
			uidl_entry(it, seen, line);
	}
	map_free(seen);
	return ok;
}

bool pop3_list(struct pop3 *p, struct pop3_item **items, size_t *n, struct err *e)
{
	struct items it = {.sorted = true};
	bool ahead = pop3_has_pipelining(p);

	if (p->dead)
		return err_set(e, ERR_NET, "the connection is over");
	if (p->count)
		bug("%zu commands are under way", p->count);
	if (!conn_write(p->conn, ahead ? SV("LIST\r\nUIDL\r\n") : SV("LIST\r\n"), e))
		return pop3_die(p);
	if ((p->capa_sent && !pop3_capa_answer(p, e)) || !read_list(p, &it, e) ||
		(!ahead && !conn_write(p->conn, SV("UIDL\r\n"), e)) || !read_uidl(p, &it, e)) {
		pop3_die(p); /* what was sent ahead is not answered */
		pop3_items_free(it.v, it.n);
		return false;
	}
	for (size_t i = 0; i < it.n; i++)
		if (!it.v[i].uidl)
			it.v[i].uidl = xstrdup("");
	*items = it.v;
	*n = it.n;
	return true;
}
