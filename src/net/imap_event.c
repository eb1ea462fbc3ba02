/*
 * What the server says goes to whom it concerns: answers to their commands, data to the state of the session
 * and to the caller's handlers. This is the only place that sees sequence numbers.
 */
#include <stdlib.h>

#include "net/imap_priv.h"
#include "text/mutf7.h"

/* ---- sequence numbers ---- */

void msn_fini(struct msn *m)
{
	free(m->uid);
	memset(m, 0, sizeof(*m));
}

static size_t msn_index(const struct msn *m, size_t seq)
{
	size_t i = seq - 1;

	return i < m->gap ? i : i + m->gap_len;
}

void msn_reset(struct msn *m, size_t len)
{
	msn_fini(m);
	msn_grow(m, len);
}

/* The gap goes to the end first, so that new messages are simply behind. */
static void msn_move_gap(struct msn *m, size_t to)
{
	if (to < m->gap)
		memmove(m->uid + to + m->gap_len, m->uid + to, (m->gap - to) * sizeof(*m->uid));
	else if (to > m->gap)
		memmove(m->uid + m->gap, m->uid + m->gap + m->gap_len,
			(to - m->gap) * sizeof(*m->uid));
	m->gap = to;
}

void msn_grow(struct msn *m, size_t len)
{
	if (len <= m->len)
		return;
	msn_move_gap(m, m->len);
	m->gap_len = 0;
	if (len > m->cap) {
		m->cap = MAX(len, m->cap + m->cap / 2);
		m->uid = xreallocarray(m->uid, m->cap, sizeof(*m->uid));
	}
	memset(m->uid + m->len, 0, (len - m->len) * sizeof(*m->uid));
	m->len = len;
	m->gap = len;
}

uint32_t msn_get(const struct msn *m, size_t seq)
{
	return seq >= 1 && seq <= m->len ? m->uid[msn_index(m, seq)] : 0;
}

void msn_set(struct msn *m, size_t seq, uint32_t uid)
{
	if (seq >= 1 && seq <= m->len)
		m->uid[msn_index(m, seq)] = uid;
}

uint32_t msn_remove(struct msn *m, size_t seq)
{
	uint32_t uid;

	if (seq < 1 || seq > m->len)
		return 0;
	uid = msn_get(m, seq);
	msn_move_gap(m, seq - 1);
	m->gap_len++;
	m->len--;
	return uid;
}

/* ---- who gets what ---- */

static struct slot *slot_of_tag(struct imap *im, struct sv tag)
{
	uint64_t n;
	struct slot *s;

	if (tag.len < 2 || tag.p[0] != 'f' || !sv_u64(sv_from(tag, 1), &n) || n == 0 ||
		n > UINT32_MAX)
		return NULL;
	s = &im->slot[n % IMAP_PIPELINE_MAX];
	return s->tag == n && !s->done ? s : NULL;
}

static struct slot *slot_under_way(struct imap *im, enum imap_verb verb)
{
	struct slot *best = NULL;

	for (size_t i = 0; i < IMAP_PIPELINE_MAX; i++) {
		struct slot *s = &im->slot[i];

		if (s->tag && !s->done && s->verb == verb && (!best || s->tag < best->tag))
			best = s;
	}
	return best;
}

struct imap_set imap_set_dup(struct arena *a, struct imap_set set)
{
	struct imap_set copy = {arena_alloc(a, (set.n + 1) * sizeof(*set.r)), set.n};

	if (set.n)
		memcpy(copy.r, set.r, set.n * sizeof(*set.r));
	return copy;
}

static void take_copyuid(struct slot *s, const struct imap_resp *r)
{
	s->answer.uidvalidity = r->uidvalidity;
	s->answer.from = imap_set_dup(s->arena, r->set);
	s->answer.to = imap_set_dup(s->arena, r->set2);
}

static void take_appenduid(struct slot *s, const struct imap_resp *r)
{
	s->answer.uidvalidity = r->uidvalidity;
	s->answer.to = imap_set_dup(s->arena, r->set);
}

static void take_code(struct slot *s, const struct imap_resp *r)
{
	/* quirk: COPYUID_WITH_OK */
	if (r->code == CODE_COPYUID && (s->verb == VERB_COPY || s->verb == VERB_MOVE))
		take_copyuid(s, r);
	if (r->code == CODE_APPENDUID && s->verb == VERB_APPEND)
		take_appenduid(s, r);
}

/* Also with NO: nothing or only a part of it was done. */
static void take_modified(struct slot *s, const struct imap_resp *r)
{
	if (r->code == CODE_MODIFIED && s->verb == VERB_STORE)
		s->answer.modified = imap_set_dup(s->arena, r->set);
}

static void copy_text(char *out, size_t size, struct sv text)
{
	snprintf(out, size, SV_FMT, SV_ARG(sv_head(text, size - 1)));
}

static void alert(struct imap *im, struct sv text)
{
	if (im->ev.alert && !im->mute)
		im->ev.alert(im->ev.data, text);
}

static bool on_tagged(struct imap *im, struct imap_resp *r, struct err *e)
{
	struct slot *s = slot_of_tag(im, r->tag);

	if (!s) {
		err_set(e, ERR_PROTO, "the server answers a command that was not given");
		return imap_die(im, e);
	}
	s->done = true;
	s->answer.status = r->status;
	s->answer.code = r->code;
	copy_text(s->answer.text, sizeof(s->answer.text), r->text);
	if (r->status == IMAP_OK)
		take_code(s, r);
	take_modified(s, r);
	if (r->code == CODE_CAPABILITY)
		imap_set_caps(im, r->words);
	if (r->code == CODE_ALERT)
		alert(im, r->text);
	if (s->verb == VERB_SELECT) {
		im->leaving = false;
		im->selected = r->status == IMAP_OK;
		if (r->status == IMAP_OK)
			im->sel.read_only = r->code == CODE_READ_ONLY;
	}
	if (s->verb == VERB_SEARCH)
		im->searching = false;
	if (s->verb == VERB_ENABLE) {
		im->qresync = im->qresync_told;
		im->enabling = 0;
	}
	if (s->own) {
		arena_free(s->arena);
		*s = (struct slot){0};
	}
	return true;
}

static void on_permanent_flags(struct imap *im, struct imap_words words)
{
	im->sel.permanent = imap_flags_of(im->arena, words, NULL);
	im->sel.keywords = false;
	str_clear(&im->kept);
	for (size_t i = 0; i < words.n; i++) {
		if (sv_is(words.w[i], "\\*"))
			im->sel.keywords = true;
		else if (!str_addc(&im->kept, ' ') || !str_add(&im->kept, words.w[i]) || !str_addc(&im->kept, ' '))
			break;
	}
}

bool imap_keeps_keyword(const struct imap *im, struct sv keyword)
{
	struct sv list = str_sv(&im->kept), word;

	if (im->sel.keywords)
		return true;
	while (sv_split(&list, ' ', &word))
		if (sv_eq_case(word, keyword))
			return true;
	return false;
}

static bool on_status(struct imap *im, struct imap_resp *r)
{
	struct slot *s;

	if (r->status == IMAP_BYE) {
		copy_text(im->bye, sizeof(im->bye), r->text);
		if (!slot_under_way(im, VERB_LOGOUT))
			alert(im, r->text);
		return true;
	}
	switch (r->code) {
	case CODE_ALERT:
		alert(im, r->text);
		break;
	case CODE_CAPABILITY:
		imap_set_caps(im, r->words);
		break;
	case CODE_UIDVALIDITY:
		im->leaving = false;
		if (r->number <= UINT32_MAX)
			im->sel.uidvalidity = (uint32_t)r->number;
		break;
	case CODE_UIDNEXT:
		if (r->number <= UINT32_MAX)
			im->sel.uidnext = (uint32_t)r->number;
		break;
	case CODE_HIGHESTMODSEQ:
		im->sel.highestmodseq = r->number;
		break;
	case CODE_NOMODSEQ:
		im->sel.highestmodseq = 0;
		break;
	case CODE_PERMANENTFLAGS:
		on_permanent_flags(im, r->words);
		break;
	case CODE_READ_ONLY:
		im->sel.read_only = true;
		break;
	case CODE_COPYUID: /* of MOVE: RFC 6851 4.3 */
		s = slot_under_way(im, VERB_MOVE);
		if (s)
			take_copyuid(s, r);
		break;
	case CODE_APPENDUID: /* of REPLACE: RFC 8508 3.4 */
		s = slot_under_way(im, VERB_APPEND);
		if (s)
			take_appenduid(s, r);
		break;
	case CODE_CLOSED: /* what follows is about the mailbox that is being selected */
		im->leaving = false;
		msn_reset(&im->msn, 0);
		im->sel.exists = 0;
		break;
	default:
		break;
	}
	return true;
}

/* Nobody may hear this: it comes from before TLS, or is about the mailbox that we leave. */
static bool is_muted(const struct imap *im)
{
	return im->mute || im->leaving;
}

static void unclear(struct imap *im)
{
	if (im->ev.unclear && !is_muted(im))
		im->ev.unclear(im->ev.data);
}

static bool on_exists(struct imap *im, uint64_t n, struct err *e)
{
	if (n > IMAP_MESSAGES_MAX) {
		err_set(e, ERR_LIMIT,
			"the mailbox has %llu messages, more than this program can hold",
			(unsigned long long)n);
		return imap_die(im, e);
	}
	if (n < im->sel.exists) {
		/* quirk: EXISTS_SHRINKS */
		msn_reset(&im->msn, n);
		unclear(im);
	}
	if (n > im->sel.exists)
		im->sel.arrived += (uint32_t)n - im->sel.exists;
	msn_grow(&im->msn, n);
	im->sel.exists = (uint32_t)n;
	if (im->ev.exists && !is_muted(im))
		im->ev.exists(im->ev.data, im->sel.exists);
	return true;
}

/* The command under way that takes away messages, and has not taken away all of them yet. */
static struct slot *slot_that_removes(struct imap *im)
{
	for (size_t i = 0; i < IMAP_PIPELINE_MAX; i++)
		if (im->slot[i].tag && !im->slot[i].done && im->slot[i].removes > 0)
			return &im->slot[i];
	return NULL;
}

static void on_expunge(struct imap *im, uint64_t seq)
{
	uint32_t uid;
	struct slot *s;

	if (seq > im->sel.exists) { /* quirk: EXPUNGE_BEYOND */
		unclear(im);
		return;
	}
	uid = msn_remove(&im->msn, seq);
	im->sel.exists--;
	s = slot_that_removes(im);
	if (s)
		s->removes--;
	if (!uid) {
		/* Which one is not known, but no riddle when it was us who wanted one away. */
		if (!s)
			unclear(im);
	} else if (im->ev.vanished && !is_muted(im)) {
		struct imap_range one = {uid, uid};

		im->ev.vanished(im->ev.data, &(struct imap_set){&one, 1});
	}
}

static void on_vanished(struct imap *im, struct imap_resp *r)
{
	if (!r->earlier) {
		uint64_t n = imap_set_count(&r->set);

		/* Which places in the row they had is not said. */
		im->sel.exists -= (uint32_t)MIN(n, (uint64_t)im->sel.exists);
		msn_reset(&im->msn, im->sel.exists);
	}
	if (im->ev.vanished && !is_muted(im))
		im->ev.vanished(im->ev.data, &r->set);
}

/* The body that we wait for, in one of its forms. */
static bool take_body(struct imap *im, struct imap_msg *m, struct err *e)
{
	for (size_t i = 0; i < m->nsections; i++) {
		struct imap_section *sec = &m->sections[i];

		if (!sv_eq_case(sec->name, sv_of(im->sink_section)))
			continue;
		if (m->uid != im->sink_uid) {
			err_set(e, ERR_PROTO,
				"the server sent another message than the one asked for");
			return imap_die(im, e);
		}
		im->sink_nil = sec->nil;
		if (sec->nil || sec->streamed)
			continue;
		im->sink_got = true;
		im->sink_len += sec->data.len;
		if (sec->data.len && !im->sink(im->sink_data, sec->data, e))
			return imap_die(im, e);
	}
	return true;
}

/* Something was said that is not understood: what we know may be wrong (quirk: ODD_LINE). */
static bool on_broken(struct imap *im, struct imap_resp *r)
{
	conn_note(im->conn, "not understood: " SV_FMT, SV_ARG(sv_head(r->text, 120)));
	unclear(im);
	return true;
}

static bool on_fetch(struct imap *im, struct imap_resp *r, struct err *e)
{
	struct imap_msg m;

	if (!imap_parse_fetch(r, &m, im->sink ? e : NULL))
		return im->sink ? imap_die(im, e) : on_broken(im, r);
	m.gmail = imap_has(im, CAP_GMAIL);
	if (m.has & FETCH_UID)
		msn_set(&im->msn, r->number, m.uid);
	else
		m.uid = msn_get(&im->msn, r->number);
	if (m.uid == 0) {
		if (im->sink && im->sink_got) {
			err_set(e, ERR_PROTO, "the server sent a body without saying whose");
			return imap_die(im, e);
		}
		unclear(im);
		return true;
	}
	if (im->sink && !take_body(im, &m, e))
		return false;
	if (im->ev.message && !is_muted(im))
		im->ev.message(im->ev.data, &m);
	return true;
}

static bool on_search(struct imap *im, struct imap_resp *r)
{
	uint64_t n = imap_set_count(&r->set);

	if (!im->searching || n > IMAP_MESSAGES_MAX || im->nfound + n > IMAP_MESSAGES_MAX)
		return true;
	if (im->nfound + n > im->found_cap) {
		im->found_cap = im->nfound + (size_t)n;
		im->found = xreallocarray(im->found, im->found_cap, sizeof(*im->found));
	}
	for (size_t i = 0; i < r->set.n; i++)
		for (uint64_t v = r->set.r[i].lo; v <= r->set.r[i].hi; v++)
			im->found[im->nfound++] = (uint32_t)v;
	return true;
}

/* A server's name as UTF-8 in the response's arena; NULL when it cannot be one (quirk: ODD_NAMES). */
static const char *name_of(struct imap *im, struct sv raw)
{
	struct str name, again;
	const char *copy;

	if (raw.len == 0 || raw.len > MUTF7_MAX || memchr(raw.p, 0, raw.len))
		return NULL;
	if (sv_is_case(raw, "INBOX"))
		return "INBOX";
	if (im->utf8)
		return arena_strndup(im->arena, raw.p, raw.len);
	str_init(&name, MUTF7_MAX * 4);
	str_init(&again, MUTF7_MAX * 4);
	if (!mutf7_decode(&name, raw, NULL)) {
		str_clear(&name);
		str_add(&name, raw);
	}
	copy = arena_strndup(im->arena, name.s, name.len);
	if (!mutf7_encode(&again, str_sv(&name), NULL) || !sv_eq(str_sv(&again), raw)) {
		if (!map_has(im->odd_names, str_sv(&name)) && map_len(im->odd_names) < 10000)
			map_set(im->odd_names, str_sv(&name), sv_dup(raw));
	}
	str_fini(&name);
	str_fini(&again);
	return copy;
}

static bool on_list(struct imap *im, struct imap_resp *r)
{
	struct imap_list_item item = {.name = name_of(im, r->mailbox),
		.raw = r->mailbox,
		.delim = r->delim,
		.attr = r->attr,
		.lsub = r->lsub};

	if (!item.name || !im->ev.list || im->mute)
		return true;
	item.special = r->special.len ? r->special.p : "";
	im->ev.list(im->ev.data, &item);
	return true;
}

static bool on_mailbox(struct imap *im, struct imap_resp *r)
{
	struct imap_status_item item = {.name = name_of(im, r->mailbox), .has = r->has, .object = r->object};

	memcpy(item.items, r->items, sizeof(item.items));
	if (item.name && im->ev.status && !im->mute)
		im->ev.status(im->ev.data, &item);
	return true;
}

static bool on_namespace(struct imap *im, struct imap_resp *r)
{
	imap_forget_spaces(im);
	im->spaces = xcalloc(r->nspaces + 1, sizeof(*im->spaces));
	for (size_t i = 0; i < r->nspaces; i++) {
		const char *name = r->spaces[i].prefix.len ? name_of(im, r->spaces[i].prefix) : "";

		if (name)
			im->spaces[im->nspaces++] =
				(struct space){r->spaces[i].space, xstrdup(name), r->spaces[i].delim};
	}
	im->namespace_known = true;
	return true;
}

static bool on_quota(struct imap *im, struct imap_resp *r)
{
	for (size_t i = 0; im->ev.quota && !im->mute && i < r->nquotas; i++)
		im->ev.quota(im->ev.data, r->mailbox, &r->quotas[i]);
	return true;
}

static bool on_enabled(struct imap *im, struct imap_words words)
{
	for (size_t i = 0; i < words.n; i++) {
		if (sv_is_case(words.w[i], "QRESYNC"))
			im->qresync_told = im->condstore = true;
		if (sv_is_case(words.w[i], "CONDSTORE"))
			im->condstore = true;
		if (sv_is_case(words.w[i], "UTF8=ACCEPT"))
			im->utf8 = true;
		if (sv_is_case(words.w[i], "IMAP4rev2"))
			im->rev2 = im->utf8 = true;
	}
	return true;
}

bool imap_dispatch(struct imap *im, struct imap_resp *r, struct err *e)
{
	switch (r->kind) {
	case RESP_CONTINUE:
		im->go_ahead = true;
		str_clear(&im->go_text);
		str_add(&im->go_text, r->text);
		return true;
	case RESP_TAGGED:
		return on_tagged(im, r, e);
	case RESP_STATUS:
		return on_status(im, r);
	case RESP_CAPABILITY:
		imap_set_caps(im, r->words);
		return true;
	case RESP_ENABLED:
		return on_enabled(im, r->words);
	case RESP_LIST:
		return on_list(im, r);
	case RESP_MAILBOX:
		im->news++; /* by NOTIFY it comes unasked */
		return on_mailbox(im, r);
	case RESP_NAMESPACE:
		return on_namespace(im, r);
	case RESP_QUOTA:
		return on_quota(im, r);
	case RESP_SEARCH:
		return on_search(im, r);
	case RESP_EXISTS:
		im->news++;
		return on_exists(im, r->number, e);
	case RESP_EXPUNGE:
		im->news++;
		on_expunge(im, r->number);
		return true;
	case RESP_VANISHED:
		im->news++;
		on_vanished(im, r);
		return true;
	case RESP_FETCH:
		im->news++;
		return on_fetch(im, r, e);
	case RESP_FLAGS:
	case RESP_RECENT:
		break;
	case RESP_OTHER:
		return !r->broken || on_broken(im, r);
	}
	return true;
}
