/*
 * An IMAP session: its life, SELECT, FETCH, SEARCH and IDLE. The other commands are in imap_list.c
 * (mailboxes), imap_change.c (flags, copies, deleting) and imap_append.c.
 */
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "net/imap_priv.h"

/* ---- life ---- */

static void free_slots(struct imap *im)
{
	for (size_t i = 0; i < IMAP_PIPELINE_MAX; i++)
		arena_free(im->slot[i].arena);
}

static void free_odd_names(struct imap *im)
{
	size_t at = 0;
	struct sv key;
	void *raw;

	while (map_next(im->odd_names, &at, &key, &raw))
		free(raw);
	map_free(im->odd_names);
}

void imap_free(struct imap *im)
{
	if (!im)
		return;
	if (im->conn && !im->dead && conn_write(im->conn, SV("f0 LOGOUT\r\n"), NULL)) {
		conn_set_timeout(im->conn, 1000);
		if (!conn_flush(im->conn, NULL))
			im->dead = true;
	}
	conn_free(im->conn);
	free_slots(im);
	free_odd_names(im);
	arena_free(im->arena);
	msn_fini(&im->msn);
	str_fini(&im->raw);
	str_fini(&im->mechs);
	str_fini(&im->go_text);
	str_fini(&im->kept);
	free(im->found);
	imap_forget_spaces(im);
	free(im);
}

bool imap_open(
	struct server *server, const struct imap_events *events, struct imap **out, struct err *e)
{
	struct conn *c;

	return server_connect(server, &c, e) && imap_open_on(c, server, events, out, e);
}

bool imap_open_on(struct conn *c, struct server *server, const struct imap_events *events,
	struct imap **out, struct err *e)
{
	struct imap *im = xcalloc(1, sizeof(*im));

	im->conn = c;
	im->server = server;
	im->ev = *events;
	im->arena = arena_new();
	im->odd_names = map_new();
	str_init(&im->raw, IMAP_RESPONSE_MAX);
	str_init(&im->mechs, IMAP_LINE_MAX);
	str_init(&im->go_text, 65536);
	str_init(&im->kept, IMAP_LINE_MAX);
	if (!imap_login(im, e)) {
		im->dead = true;
		imap_free(im);
		return false;
	}
	*out = im;
	return true;
}

bool imap_quirk(const struct imap *im, enum quirk quirk)
{
	return quirks_have(&im->quirks, quirk);
}

bool imap_is_dead(const struct imap *im)
{
	return im->dead;
}

bool imap_refusal_passes(const struct imap *im)
{
	return im->passing;
}

struct conn *imap_conn(struct imap *im)
{
	return im->conn;
}

bool imap_compress(struct imap *im, struct err *e)
{
	if (!imap_has(im, CAP_COMPRESS))
		return true;
	if (!imap_do_text(im, "COMPRESS DEFLATE", e))
		return !im->dead;
	return conn_start_deflate(im->conn, e) || imap_die(im, e);
}

bool imap_send_id(struct imap *im, const char *name, const char *version, struct err *e)
{
	struct imap_out o;

	if (!imap_has(im, CAP_ID))
		return true;
	imap_out_start(im, &o, "ID (\"name\" ");
	imap_out_astring(&o, sv_of(name));
	imap_out_raw(&o, " \"version\" ");
	imap_out_astring(&o, sv_of(version));
	imap_out_raw(&o, ")");
	return imap_do(im, VERB_OTHER, &o, NULL, e) || !im->dead;
}

/* ---- extensions ---- */

/*
 * QRESYNC is taken for granted at once, so that a SELECT can follow without a round trip between;
 * what the answer says counts (on_tagged). Names in UTF-8 wait for it (imap_out_name).
 */
imap_tag imap_enable_send(struct imap *im, struct err *e)
{
	bool rev2 = imap_has(im, CAP_IMAP4REV2), utf8 = imap_has(im, CAP_UTF8_ACCEPT);
	struct str s;
	imap_tag tag;

	str_init(&s, 256);
	str_adds(&s, "ENABLE");
	if (imap_has(im, CAP_QRESYNC))
		str_adds(&s, " QRESYNC");
	else if (imap_has(im, CAP_CONDSTORE))
		str_adds(&s, " CONDSTORE");
	if (utf8)
		str_adds(&s, " UTF8=ACCEPT");
	if (rev2)
		str_adds(&s, " IMAP4rev2");
	if (!imap_has(im, CAP_ENABLE) || sv_is(str_sv(&s), "ENABLE")) {
		tag = imap_begin_text(im, VERB_OTHER, "NOOP", e);
	} else {
		tag = imap_begin_text(im, VERB_ENABLE, s.s, e);
		im->qresync = tag && imap_has(im, CAP_QRESYNC);
		im->enabling = utf8 || rev2 ? tag : 0;
	}
	str_fini(&s);
	return tag;
}

/* ---- selecting ---- */

imap_tag imap_select_send(struct imap *im, const char *mailbox, bool read_only,
	const struct imap_resync *re, struct err *e)
{
	struct str rest;
	imap_tag tag;

	str_init(&rest, 1u << 20);
	if (im->qresync && re && re->uidvalidity && re->modseq) {
		str_addf(&rest, " (QRESYNC (%u %llu", re->uidvalidity,
			(unsigned long long)re->modseq);
		if (re->known_uids && *re->known_uids)
			str_addf(&rest, " %s", re->known_uids);
		str_adds(&rest, "))");
	} else if (imap_has(im, CAP_CONDSTORE)) {
		str_adds(&rest, " (CONDSTORE)");
	}
	im->leaving = im->selected;
	im->selected = false;
	im->sel = (struct imap_selected){.permanent = ~0u, .keywords = true}; /* RFC 9051 7.1: all, unless told */
	str_clear(&im->kept);
	msn_reset(&im->msn, 0);
	tag = imap_begin_mailbox(im, VERB_SELECT, read_only ? "EXAMINE" : "SELECT", mailbox,
		rest.s ? rest.s : "", e);
	str_fini(&rest);
	return tag;
}

const struct imap_selected *imap_selected(const struct imap *im)
{
	return &im->sel;
}

bool imap_unselect(struct imap *im, struct err *e)
{
	if (!im->selected)
		return true;
	im->selected = false;
	if (imap_has(im, CAP_UNSELECT))
		return imap_do_text(im, "UNSELECT", e);
	/* CLOSE after EXAMINE expunges nothing; a name that cannot be closes as well (RFC 3691). */
	return imap_do_text(im, "EXAMINE \"\"", NULL) || !im->dead ||
	       err_set(e, ERR_NET, "the session is over");
}

bool imap_qresync(const struct imap *im)
{
	return im->qresync;
}

bool imap_condstore(const struct imap *im)
{
	return im->condstore || imap_has(im, CAP_CONDSTORE);
}

/* ---- fetching ---- */

imap_tag imap_fetch_send(struct imap *im, const char *set, const char *items,
	uint64_t changed_since, bool with_vanished, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, "UID FETCH ");
	imap_out_raw(&o, set);
	imap_out_f(&o, " (%s)", items);
	if (changed_since)
		imap_out_f(&o, " (CHANGEDSINCE %llu%s)", (unsigned long long)changed_since,
			with_vanished && im->qresync ? " VANISHED" : "");
	tag = imap_begin(im, VERB_OTHER, &o, e);
	imap_out_fini(&o);
	return tag;
}

static int compare_uids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Ascending and unique. */
static size_t sort_uids(uint32_t *uids, size_t n)
{
	size_t kept = 0;

	if (n > 0)
		qsort(uids, n, sizeof(*uids), compare_uids);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || uids[kept - 1] != uids[i])
			uids[kept++] = uids[i];
	return kept;
}

void imap_search_start(struct imap *im, struct imap_out *o, bool eight_bit)
{
	imap_out_start(im, o, "UID SEARCH ");
	if (imap_has(im, CAP_ESEARCH))
		imap_out_raw(o, "RETURN (ALL) ");
	/* With UTF8=ACCEPT a CHARSET is forbidden (RFC 6855 3). */
	if (eight_bit && !im->utf8)
		imap_out_raw(o, "CHARSET UTF-8 ");
}

imap_tag imap_search_send(struct imap *im, struct imap_out *o, struct err *e)
{
	imap_tag tag;

	im->nfound = 0;
	tag = imap_begin(im, VERB_SEARCH, o, e);
	imap_out_fini(o);
	return tag;
}

bool imap_search_end(struct imap *im, imap_tag tag, uint32_t **uids, size_t *n, struct err *e)
{
	if (!imap_end(im, tag, NULL, e))
		return false;
	*n = sort_uids(im->found, im->nfound);
	*uids = im->found;
	im->found = NULL;
	im->nfound = im->found_cap = 0;
	return true;
}

bool imap_search(struct imap *im, const char *criteria, struct sv text, uint32_t **uids, size_t *n,
	struct err *e)
{
	struct imap_out o;
	bool eight_bit = false;
	imap_tag tag;

	for (size_t i = 0; i < text.len; i++)
		eight_bit |= (unsigned char)text.p[i] >= 128;
	imap_search_start(im, &o, eight_bit);
	imap_out_raw(&o, criteria);
	if (text.p) {
		imap_out_raw(&o, " ");
		imap_out_astring(&o, text);
	}
	tag = imap_search_send(im, &o, e);
	return tag && imap_search_end(im, tag, uids, n, e);
}

/*
 * The one command that goes by sequence numbers. They can be trusted here: RFC 9051 7.5.1 forbids
 * the server to renumber before or during a FETCH, and what comes back names its UID.
 */
imap_tag imap_newest_send(struct imap *im, uint32_t n, uint32_t told, const char *items, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	if (im->selected && im->sel.exists == 0) {
		err_set(e, ERR_GONE, "the mailbox is empty");
		return 0;
	}
	imap_out_start(im, &o, "");
	if (!im->selected && imap_has(im, CAP_PARTIAL))
		imap_out_f(&o, "UID FETCH 1:* (%s) (PARTIAL -1:-%u)", items, n);
	else if (!im->selected)
		imap_out_f(&o, "FETCH %u:* (%s)", told > n ? told - n + 1 : 1, items);
	else
		imap_out_f(&o, "FETCH %u:%u (%s)", im->sel.exists > n ? im->sel.exists - n + 1 : 1,
			im->sel.exists, items);
	tag = imap_begin(im, VERB_OTHER, &o, e);
	imap_out_fini(&o);
	return tag;
}

static bool fetch_bytes(struct imap *im, uint32_t uid, const char *item, const char *section, uint64_t from,
	uint64_t max, imap_sink *sink, void *data, uint64_t *len, struct err *e)
{
	struct imap_out o;
	bool ok;

	imap_out_start(im, &o, "UID FETCH ");
	imap_out_f(&o, "%u (UID %s.PEEK[%s]", uid, item, section);
	if (max)
		imap_out_f(&o, "<%llu.%llu>", (unsigned long long)from, (unsigned long long)max);
	imap_out_raw(&o, ")");
	im->sink = sink;
	im->sink_data = data;
	im->sink_uid = uid;
	im->sink_section = section;
	im->sink_len = 0;
	im->sink_got = im->sink_nil = false;
	ok = imap_do(im, VERB_OTHER, &o, NULL, e);
	im->sink = NULL;
	im->sink_section = NULL;
	if (!ok)
		return false;
	if (!im->sink_got)
		return err_set(e, ERR_GONE,
			im->sink_nil ? "the server has no such part"
				     : "the message is not on the server any more");
	*len = im->sink_len;
	return true;
}

bool imap_fetch_body(struct imap *im, uint32_t uid, const char *section, uint64_t from, uint64_t max,
	imap_sink *sink, void *data, uint64_t *len, struct err *e)
{
	return fetch_bytes(im, uid, "BODY", section, from, max, sink, data, len, e);
}

bool imap_fetch_binary(struct imap *im, uint32_t uid, const char *section, uint64_t from, uint64_t max,
	imap_sink *sink, void *data, uint64_t *len, struct err *e)
{
	return fetch_bytes(im, uid, "BINARY", section, from, max, sink, data, len, e);
}
