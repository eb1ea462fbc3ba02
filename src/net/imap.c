/*
 * The commands of an IMAP session, one function each.
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
	free(im->found);
	free(im->prefix);
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
	im->prefix = xstrdup("");
	str_init(&im->raw, IMAP_RESPONSE_MAX);
	str_init(&im->mechs, IMAP_LINE_MAX);
	str_init(&im->go_text, 65536);
	if (!imap_login(im, e)) {
		im->dead = true;
		imap_free(im);
		return false;
	}
	*out = im;
	return true;
}

bool imap_has(const struct imap *im, enum imap_cap cap)
{
	return (im->caps & cap) != 0;
}

bool imap_quirk(const struct imap *im, enum quirk quirk)
{
	return quirks_have(&im->quirks, quirk);
}

bool imap_is_dead(const struct imap *im)
{
	return im->dead;
}

struct conn *imap_conn(struct imap *im)
{
	return im->conn;
}

const char *imap_prefix(const struct imap *im)
{
	return im->prefix;
}

char imap_delim(const struct imap *im)
{
	return im->delim;
}

bool imap_compress(struct imap *im, struct err *e)
{
	if (!imap_has(im, CAP_COMPRESS))
		return true;
	if (!imap_do_text(im, "COMPRESS DEFLATE", e))
		return false;
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

/* ---- names ---- */

/* A mailbox argument: the server's own spelling where it is not the usual one. */
static void out_mailbox(struct imap *im, struct imap_out *o, const char *name)
{
	const char *raw = map_get(im->odd_names, sv_of(name));

	if (raw)
		imap_out_astring(o, sv_of(raw));
	else
		imap_out_mailbox(o, sv_of(name));
}

static imap_tag begin_mailbox(struct imap *im, enum imap_verb verb, const char *command,
	const char *mailbox, const char *rest, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, command);
	imap_out_raw(&o, " ");
	out_mailbox(im, &o, mailbox);
	imap_out_raw(&o, rest);
	tag = imap_begin(im, verb, &o, e);
	imap_out_fini(&o);
	return tag;
}

/* ---- lists ---- */

imap_tag imap_enable_send(struct imap *im, struct err *e)
{
	struct str s;
	imap_tag tag;

	str_init(&s, 256);
	str_adds(&s, imap_has(im, CAP_ENABLE) ? "ENABLE" : "NOOP");
	if (imap_has(im, CAP_ENABLE)) {
		/*
		 * Taken for granted at once, so that a SELECT can follow without a round trip
		 * between.
		 */
		im->qresync = imap_has(im, CAP_QRESYNC);
		if (im->qresync)
			str_adds(&s, " QRESYNC");
		else if (imap_has(im, CAP_CONDSTORE))
			str_adds(&s, " CONDSTORE");
		if (imap_has(im, CAP_UTF8_ACCEPT))
			str_adds(&s, " UTF8=ACCEPT");
		if (sv_is(str_sv(&s), "ENABLE"))
			str_adds(&s, " IMAP4rev2");
	}
	tag = imap_begin_text(im, VERB_OTHER, s.s, e);
	str_fini(&s);
	return tag;
}

/* NAMESPACE goes along unasked the first time; nobody waits for it. */
static bool send_namespace(struct imap *im, struct err *e)
{
	imap_tag tag;

	if (im->namespace_known || !imap_has(im, CAP_NAMESPACE))
		return true;
	tag = imap_begin_text(im, VERB_OTHER, "NAMESPACE", e);
	if (!tag)
		return false;
	im->slot[tag % IMAP_PIPELINE_MAX].own = true;
	return true;
}

static const char *status_items(const struct imap *im)
{
	return imap_has(im, CAP_CONDSTORE) ? "(MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ)"
					   : "(MESSAGES UNSEEN UIDNEXT UIDVALIDITY)";
}

imap_tag imap_list_send(struct imap *im, bool with_status, struct err *e)
{
	struct str s;
	imap_tag tag = 0;

	str_init(&s, 512);
	str_adds(&s, "LIST \"\" \"*\"");
	if (imap_has(im, CAP_LIST_EXTENDED)) {
		str_adds(&s, " RETURN (SUBSCRIBED CHILDREN");
		if (imap_has(im, CAP_SPECIAL_USE))
			str_adds(&s, " SPECIAL-USE");
		if (with_status && imap_has(im, CAP_LIST_STATUS))
			str_addf(&s, " STATUS %s", status_items(im));
		str_addc(&s, ')');
	}
	if (send_namespace(im, e))
		tag = imap_begin_text(im, VERB_OTHER, s.s, e);
	str_fini(&s);
	return tag;
}

imap_tag imap_lsub_send(struct imap *im, struct err *e)
{
	return imap_begin_text(im, VERB_OTHER, "LSUB \"\" \"*\"", e);
}

imap_tag imap_status_send(struct imap *im, const char *mailbox, struct err *e)
{
	char rest[128];

	snprintf(rest, sizeof(rest), " %s", status_items(im));
	return begin_mailbox(im, VERB_OTHER, "STATUS", mailbox, rest, e);
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
	im->selected = false;
	im->sel = (struct imap_selected){.permanent = ~0u};
	msn_reset(&im->msn, 0);
	tag = begin_mailbox(im, VERB_SELECT, read_only ? "EXAMINE" : "SELECT", mailbox,
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

static bool end_all(struct imap *im, const imap_tag *tags, size_t n, struct err *e)
{
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		struct err one;

		err_clear(&one);
		if (imap_end(im, tags[i], NULL, &one) || !ok)
			continue;
		ok = false;
		if (e)
			*e = one;
	}
	return ok;
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

static bool run_search(
	struct imap *im, struct imap_out *o, uint32_t **uids, size_t *n, struct err *e)
{
	im->nfound = 0;
	if (!imap_do(im, VERB_SEARCH, o, NULL, e))
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

	for (size_t i = 0; i < text.len; i++)
		eight_bit |= (unsigned char)text.p[i] >= 128;
	imap_out_start(im, &o, "UID SEARCH ");
	if (imap_has(im, CAP_ESEARCH))
		imap_out_raw(&o, "RETURN (ALL) ");
	/* With UTF8=ACCEPT a CHARSET is forbidden (RFC 6855 3). */
	if (eight_bit && !im->utf8)
		imap_out_raw(&o, "CHARSET UTF-8 ");
	imap_out_raw(&o, criteria);
	if (text.p) {
		imap_out_raw(&o, " ");
		imap_out_astring(&o, text);
	}
	return run_search(im, &o, uids, n, e);
}

/* The UIDs of a set, fetched in as many commands as the length of a line asks for. */
static bool fetch_uids(
	struct imap *im, const uint32_t *uids, size_t n, const char *items, struct err *e)
{
	size_t at = 0;

	for (;;) {
		imap_tag tags[IMAP_PIPELINE_MAX / 2];
		size_t count = 0;
		bool more = true;

		while (count < ARRAY_LEN(tags)) {
			struct str set;

			str_init(&set, IMAP_SET_TEXT_MAX + 64);
			more = imap_write_set(&set, uids, n, &at);
			tags[count] = more ? imap_fetch_send(im, set.s, items, 0, false, e) : 0;
			str_fini(&set);
			if (!more)
				break;
			if (!tags[count])
				return false;
			count++;
		}
		if (!end_all(im, tags, count, e))
			return false;
		if (!more)
			return true;
	}
}

bool imap_fetch_newest(struct imap *im, uint32_t skip, uint32_t n, const char *items, struct err *e)
{
	uint32_t hi, lo, *uids;
	struct imap_out o;
	size_t count;
	bool ok;

	if (im->sel.exists <= skip || n == 0)
		return true;
	hi = im->sel.exists - skip;
	lo = hi > n ? hi - n + 1 : 1;
	if (imap_has(im, CAP_SEARCHRES) && imap_has(im, CAP_ESEARCH)) {
		imap_tag tags[2];

		imap_out_start(im, &o, "");
		imap_out_f(&o, "UID SEARCH RETURN (SAVE) %u:%u", lo, hi);
		tags[0] = imap_begin(im, VERB_OTHER, &o, e);
		imap_out_fini(&o);
		tags[1] = tags[0] ? imap_fetch_send(im, "$", items, 0, false, e) : 0;
		return tags[1] && end_all(im, tags, 2, e);
	}
	imap_out_start(im, &o, "");
	imap_out_f(&o, "UID SEARCH %u:%u", lo, hi);
	if (!run_search(im, &o, &uids, &count, e))
		return false;
	ok = fetch_uids(im, uids, count, items, e);
	free(uids);
	return ok;
}

bool imap_fetch_body(struct imap *im, uint32_t uid, const char *section, uint64_t from,
	uint64_t max, imap_sink *sink, void *data, uint64_t *len, struct err *e)
{
	struct imap_out o;
	bool ok;

	imap_out_start(im, &o, "UID FETCH ");
	imap_out_f(&o, "%u (UID BODY.PEEK[%s]", uid, section);
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

/* ---- changing ---- */

imap_tag imap_store_send(struct imap *im, const char *set, char op, unsigned flags,
	const struct sv *keywords, size_t nkeywords, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, "UID STORE ");
	imap_out_raw(&o, set);
	imap_out_raw(&o, op == '+'   ? " +FLAGS.SILENT "
			 : op == '-' ? " -FLAGS.SILENT "
				     : " FLAGS.SILENT ");
	imap_out_flags(&o, flags, keywords, nkeywords);
	tag = imap_begin(im, VERB_OTHER, &o, e);
	imap_out_fini(&o);
	return tag;
}

static imap_tag copy_or_move(
	struct imap *im, enum imap_verb verb, const char *set, const char *mailbox, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, verb == VERB_MOVE ? "UID MOVE " : "UID COPY ");
	imap_out_raw(&o, set);
	imap_out_raw(&o, " ");
	out_mailbox(im, &o, mailbox);
	tag = imap_begin(im, verb, &o, e);
	imap_out_fini(&o);
	return tag;
}

imap_tag imap_copy_send(struct imap *im, const char *set, const char *mailbox, struct err *e)
{
	return copy_or_move(im, VERB_COPY, set, mailbox, e);
}

imap_tag imap_move_send(struct imap *im, const char *set, const char *mailbox, struct err *e)
{
	return copy_or_move(im, VERB_MOVE, set, mailbox, e);
}

imap_tag imap_expunge_send(struct imap *im, const char *set, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, "UID EXPUNGE ");
	imap_out_raw(&o, set);
	tag = imap_begin(im, VERB_OTHER, &o, e);
	imap_out_fini(&o);
	return tag;
}

/* \Deleted of all these on or off. */
static bool mark_all(struct imap *im, const uint32_t *uids, size_t n, char op, struct err *e)
{
	size_t at = 0;
	bool more = true, ok = true;

	while (ok && more) {
		struct str set;

		str_init(&set, IMAP_SET_TEXT_MAX + 64);
		more = imap_write_set(&set, uids, n, &at);
		if (more) {
			imap_tag tag = imap_store_send(im, set.s, op, IMAP_DELETED, NULL, 0, e);

			ok = tag && imap_end(im, tag, NULL, e);
		}
		str_fini(&set);
	}
	return ok;
}

/* Without UIDPLUS an EXPUNGE takes everything that is marked: the others are unmarked meanwhile. */
static bool expunge_only(struct imap *im, const char *set, struct err *e)
{
	char *criteria = xasprintf("DELETED NOT UID %s", set);
	uint32_t *others;
	size_t n;
	bool ok;

	ok = imap_search(im, criteria, sv_make(NULL, 0), &others, &n, e);
	free(criteria);
	if (!ok)
		return false;
	ok = mark_all(im, others, n, '-', e) && imap_do_text(im, "EXPUNGE", e);
	if (!im->dead)
		ok = mark_all(im, others, n, '+', ok ? e : NULL) && ok;
	free(others);
	return ok;
}

bool imap_expunge(struct imap *im, const char *set, struct err *e)
{
	imap_tag tag;

	if (!imap_has(im, CAP_UIDPLUS))
		return expunge_only(im, set, e);
	tag = imap_expunge_send(im, set, e);
	return tag && imap_end(im, tag, NULL, e);
}

/* ---- APPEND ---- */

static const char *const months[] = {
	"Jan",
	"Feb",
	"Mar",
	"Apr",
	"May",
	"Jun",
	"Jul",
	"Aug",
	"Sep",
	"Oct",
	"Nov",
	"Dec",
};

static void out_date(struct imap_out *o, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (seconds <= 0 || !gmtime_r(&t, &tm))
		return;
	imap_out_f(o, "\"%2d-%s-%04d %02d:%02d:%02d +0000\" ", tm.tm_mday, months[tm.tm_mon],
		tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/*
 * Exactly size bytes: a literal that ends early cannot be taken back, so the session dies with it.
 */
static bool append_bytes(struct imap *im, const struct imap_append *a, struct err *e)
{
	uint64_t left = a->size;

	for (;;) {
		struct sv piece;

		if (!a->read(a->data, &piece, e))
			return imap_die(im, e);
		if (piece.len > left || (piece.len == 0 && left > 0)) {
			err_set(e, ERR_DISK, "the message has changed its size while it was sent");
			return imap_die(im, e);
		}
		if (piece.len == 0)
			return true;
		left -= piece.len;
		if (!conn_write(im->conn, piece, e))
			return imap_die(im, e);
	}
}

/*
 * Big messages wait for the go-ahead even with LITERAL+: a server over quota says so before we send
 * it all.
 */
#define APPEND_UNASKED_MAX 65536

static bool append_unasked(const struct imap *im, uint64_t size)
{
	return (imap_has(im, CAP_LITERAL_PLUS) && size <= APPEND_UNASKED_MAX) ||
	       (imap_has(im, CAP_LITERAL_MINUS) && size <= 4096);
}

bool imap_append(
	struct imap *im, const struct imap_append *a, struct imap_answer *answer, struct err *e)
{
	bool unasked = append_unasked(im, a->size), go = true;
	struct imap_out o;
	imap_tag tag;
	struct slot *s;

	imap_out_start(im, &o, "APPEND ");
	out_mailbox(im, &o, a->mailbox);
	imap_out_raw(&o, " ");
	imap_out_flags(&o, a->flags, a->keywords, a->nkeywords);
	imap_out_raw(&o, " ");
	out_date(&o, a->date);
	imap_out_f(&o, "%s{%llu%s}", im->utf8 ? "UTF8 (~" : "", (unsigned long long)a->size,
		unasked ? "+" : "");
	tag = imap_begin(im, VERB_APPEND, &o, e);
	imap_out_fini(&o);
	if (!tag)
		return false;
	s = &im->slot[tag % IMAP_PIPELINE_MAX];
	if (!unasked && !imap_await_go(im, s, &go, e))
		return false;
	if (go && (!append_bytes(im, a, e) ||
			  !conn_write(im->conn, im->utf8 ? SV(")\r\n") : SV("\r\n"), e)))
		return imap_die(im, e);
	return imap_end(im, tag, answer, e);
}

/* ---- mailboxes ---- */

static bool do_mailbox(struct imap *im, const char *command, const char *mailbox, struct err *e)
{
	imap_tag tag = begin_mailbox(im, VERB_OTHER, command, mailbox, "", e);

	return tag && imap_end(im, tag, NULL, e);
}

bool imap_create(struct imap *im, const char *mailbox, struct err *e)
{
	return do_mailbox(im, "CREATE", mailbox, e);
}

bool imap_delete(struct imap *im, const char *mailbox, struct err *e)
{
	/* Servers end the session when the selected mailbox goes. */
	return imap_unselect(im, e) && do_mailbox(im, "DELETE", mailbox, e);
}

bool imap_rename(struct imap *im, const char *from, const char *to, struct err *e)
{
	struct imap_out o;

	imap_out_start(im, &o, "RENAME ");
	out_mailbox(im, &o, from);
	imap_out_raw(&o, " ");
	out_mailbox(im, &o, to);
	return imap_do(im, VERB_OTHER, &o, NULL, e);
}

bool imap_subscribe(struct imap *im, const char *mailbox, bool on, struct err *e)
{
	return do_mailbox(im, on ? "SUBSCRIBE" : "UNSUBSCRIBE", mailbox, e);
}

bool imap_noop(struct imap *im, struct err *e)
{
	return imap_do_text(im, "NOOP", e);
}

/* ---- waiting ---- */

/* Takes in what is there, without waiting for more. */
static bool drain(struct imap *im, struct err *e)
{
	do {
		if (!imap_step(im, e))
			return false;
	} while (conn_buffered(im->conn) > 0);
	return true;
}

static bool idle_command(struct imap *im, int wait_ms, bool *woken, struct err *e)
{
	unsigned news = im->news;
	imap_tag tag = imap_begin_text(im, VERB_OTHER, "IDLE", e);
	enum conn_event event = CONN_QUIET;
	struct slot *s;
	bool go;

	if (!tag)
		return false;
	s = &im->slot[tag % IMAP_PIPELINE_MAX];
	if (!imap_await_go(im, s, &go, e))
		return false;
	if (!go) /* refused */
		return imap_end(im, tag, NULL, e);
	/* quirk: IDLE_NEWS_BEFORE_PLUS */
	if (conn_buffered(im->conn) == 0 && im->news == news && !conn_wait(im->conn, wait_ms, &event, e))
		return imap_die(im, e);
	*woken = event == CONN_WOKEN;
	if ((event == CONN_INPUT || conn_buffered(im->conn) > 0) && !drain(im, e))
		return false;
	if (!conn_write(im->conn, SV("DONE\r\n"), e))
		return imap_die(im, e);
	return imap_end(im, tag, NULL, e);
}

bool imap_idle(struct imap *im, int max_ms, int poll_ms, bool *woken, struct err *e)
{
	int wait_ms = max_ms < 0 ? INT32_MAX : max_ms;
	enum conn_event event;

	*woken = false;
	if (imap_has(im, CAP_IDLE))
		return idle_command(im, MIN(wait_ms, IMAP_IDLE_RENEW_MS), woken, e);
	if (!conn_wait(im->conn, MIN(wait_ms, poll_ms), &event, e))
		return imap_die(im, e);
	*woken = event == CONN_WOKEN;
	if (event == CONN_INPUT)
		return drain(im, e);
	return *woken || imap_noop(im, e);
}
