/*
 * FETCH responses: the items of one message. BODYSTRUCTURE is a tree that a stranger drew, so it is
 * walked with a stack of our own and a limit. Servers are known to leave out fields, quotes and
 * children; what is missing is empty, what is broken ends the response.
 */
#include <stdlib.h>

#include "net/imap_fetch.h"

#define PARAMS_MAX 1000

/* ---- dates ---- */

static const char *const month_names[] = {
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

static bool scan_month(struct scan *s, int *month)
{
	for (int i = 0; i < 12; i++)
		if (scan_lit(s, month_names[i])) {
			*month = i + 1;
			return true;
		}
	return false;
}

/* Days from 1970-01-01 (proleptic Gregorian calendar). */
static int64_t days_from_civil(int64_t y, int m, int d)
{
	int64_t era, yoe, doy, doe;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

static bool scan_zone(struct scan *s, int *minutes)
{
	bool west = scan_byte(s, '-');
	uint64_t hhmm;

	*minutes = 0;
	if (!west && !scan_byte(s, '+'))
		return false;
	if (!scan_u64(s, &hhmm) || hhmm > 2400 || hhmm % 100 > 59)
		return false;
	*minutes = (int)(hhmm / 100 * 60 + hhmm % 100) * (west ? -1 : 1);
	return true;
}

bool imap_parse_date(struct sv text, int64_t *seconds, int *tz)
{
	struct scan s = scan_of(sv_trim(text));
	uint64_t d, y, hh = 0, mm = 0, ss = 0;
	int month;

	if (!scan_u64(&s, &d) || d < 1 || d > 31 || !scan_byte(&s, '-') ||
		!scan_month(&s, &month) || !scan_byte(&s, '-') || !scan_u64(&s, &y) || y > 9999)
		return false;
	if (y < 100)
		y += y < 70 ? 2000 : 1900;
	*tz = 0;
	scan_spaces(&s);
	if (!scan_end(&s)) {
		if (!scan_u64(&s, &hh) || hh > 24 || !scan_byte(&s, ':') || !scan_u64(&s, &mm) ||
			mm > 59)
			return false;
		if (scan_byte(&s, ':') && (!scan_u64(&s, &ss) || ss > 60))
			return false;
		scan_spaces(&s);
		scan_zone(&s, tz);
	}
	*seconds = days_from_civil((int64_t)y, month, (int)d) * 86400 +
		   (int64_t)(hh * 3600 + mm * 60 + ss) - (int64_t)*tz * 60;
	return true;
}

/* ---- flags ---- */

static const struct {
	const char *name;
	unsigned bit;
} system_flags[] = {
	{"\\Seen", IMAP_SEEN},
	{"\\Answered", IMAP_ANSWERED},
	{"\\Flagged", IMAP_FLAGGED},
	{"\\Deleted", IMAP_DELETED},
	{"\\Draft", IMAP_DRAFT},
	{"\\Recent", IMAP_RECENT},
};

static unsigned flag_bit(struct sv word)
{
	for (size_t i = 0; i < ARRAY_LEN(system_flags); i++)
		if (sv_is_case(word, system_flags[i].name))
			return system_flags[i].bit;
	return 0;
}

unsigned imap_flags_of(struct arena *a, struct imap_words words, struct imap_words *keywords)
{
	unsigned flags = 0;
	size_t n = 0;

	if (keywords)
		keywords->w = words.n ? arena_alloc(a, words.n * sizeof(struct sv)) : NULL;
	for (size_t i = 0; i < words.n; i++) {
		unsigned bit = flag_bit(words.w[i]);

		flags |= bit;
		if (!bit && keywords && words.w[i].len && words.w[i].p[0] != '\\')
			keywords->w[n++] = words.w[i];
	}
	if (keywords)
		keywords->n = n;
	return flags;
}

/* ---- ENVELOPE ---- */

/* The next field of a list; empty when the list ends early. The list's ')' stays. */
static bool next_nstring(struct imap_scan *s, struct sv *out)
{
	imap_scan_space(s);
	*out = sv_make(NULL, 0);
	if (scan_peek(&s->s) == ')')
		return true;
	if (scan_peek(&s->s) == '(') /* a list where a string should be: of no use */
		return imap_scan_skip(s);
	return imap_scan_nstring(s, out, NULL);
}

/* What is left of a list up to its ')'. */
static bool close_list(struct imap_scan *s)
{
	while (imap_scan_space(s), !scan_byte(&s->s, ')'))
		if (scan_end(&s->s) || !imap_scan_skip(s))
			return false;
	return true;
}

/* The cursor stands behind the '(' of an address. */
static bool parse_addr(struct imap_scan *s, struct imap_addr *a)
{
	struct sv route;

	return next_nstring(s, &a->name) && next_nstring(s, &route) &&
	       next_nstring(s, &a->mailbox) && next_nstring(s, &a->host) && close_list(s);
}

static bool parse_addrs(struct imap_scan *s, struct imap_addrs *out)
{
	struct imap_addr *list = NULL;
	size_t n = 0, cap = 0;
	struct sv unused;

	imap_scan_space(s);
	*out = (struct imap_addrs){0};
	if (!scan_byte(&s->s, '('))
		return next_nstring(s, &unused); /* NIL, or an early end */
	for (;;) {
		struct imap_addr a;

		imap_scan_space(s);
		if (scan_byte(&s->s, ')'))
			break;
		if (!scan_byte(&s->s, '(')) {
			if (!imap_scan_nstring(s, &unused, NULL))
				return false;
			continue;
		}
		if (!parse_addr(s, &a))
			return false;
		if (n >= IMAP_ADDRS_MAX)
			continue;
		if (n == cap) {
			struct imap_addr *bigger =
				arena_alloc(s->arena, (cap ? cap * 2 : 4) * sizeof(a));

			if (n)
				memcpy(bigger, list, n * sizeof(a));
			cap = cap ? cap * 2 : 4;
			list = bigger;
		}
		list[n++] = a;
	}
	*out = (struct imap_addrs){list, n};
	return true;
}

bool imap_parse_envelope(struct imap_scan *s, struct imap_envelope *out)
{
	struct imap_envelope v = {0};

	if (!scan_byte(&s->s, '('))
		return false;
	if (!next_nstring(s, &v.date) || !next_nstring(s, &v.subject) || !parse_addrs(s, &v.from) ||
		!parse_addrs(s, &v.sender) || !parse_addrs(s, &v.reply_to) ||
		!parse_addrs(s, &v.to) || !parse_addrs(s, &v.cc) || !parse_addrs(s, &v.bcc) ||
		!next_nstring(s, &v.in_reply_to) || !next_nstring(s, &v.message_id) ||
		!close_list(s))
		return false;
	*out = v;
	return true;
}

/* ---- BODYSTRUCTURE ---- */

enum frame_kind { FRAME_MULTI, FRAME_MESSAGE };

struct frame {
	size_t part;
	unsigned children;
	enum frame_kind kind;
};

struct walk {
	struct imap_scan *s;
	struct imap_part *p;
	size_t n, cap;
	struct frame stack[IMAP_DEPTH_MAX];
	size_t depth;
};

static bool parse_params(struct imap_scan *s, struct imap_param **out, size_t *count)
{
	struct imap_param *list = NULL;
	size_t n = 0, cap = 0;
	struct sv unused;

	imap_scan_space(s);
	if (!scan_byte(&s->s, '('))
		return next_nstring(s, &unused);
	for (;;) {
		struct imap_param p;

		if (!next_nstring(s, &p.name) || !next_nstring(s, &p.value))
			return false;
		if (p.name.p && n < PARAMS_MAX) {
			if (n == cap) {
				struct imap_param *bigger =
					arena_alloc(s->arena, (cap ? cap * 2 : 4) * sizeof(p));

				if (n)
					memcpy(bigger, list, n * sizeof(p));
				cap = cap ? cap * 2 : 4;
				list = bigger;
			}
			list[n++] = p;
		}
		imap_scan_space(s);
		if (scan_byte(&s->s, ')'))
			break;
		if (scan_end(&s->s))
			return false;
	}
	*out = list;
	*count = n;
	return true;
}

/* Numbers that servers give as NIL, "-1" or not at all are 0 (quirk: NUMBERS_NIL). */
static bool next_number(struct imap_scan *s, uint64_t *out)
{
	struct sv v;

	*out = 0;
	if (!next_nstring(s, &v))
		return false;
	if (!sv_u64(v, out))
		*out = 0;
	return true;
}

/* body-fld-dsp: ("attachment" ("filename" "x")) or NIL */
static bool parse_disposition(struct imap_scan *s, struct imap_part *p)
{
	imap_scan_space(s);
	if (!scan_byte(&s->s, '('))
		return next_nstring(s, &p->disposition); /* quirk: BARE_DISPOSITION */
	return next_nstring(s, &p->disposition) &&
	       parse_params(s, &p->disp_params, &p->ndisp_params) && close_list(s);
}

/* Extension data of a single part, up to and with the ')'. */
static bool finish_single(struct imap_scan *s, struct imap_part *p)
{
	struct sv md5;

	return next_nstring(s, &md5) && parse_disposition(s, p) && close_list(s);
}

/* The subtype and extension data of a multipart, up to and with the ')'. */
static bool finish_multi(struct imap_scan *s, struct imap_part *p)
{
	p->type = SV("multipart");
	return next_nstring(s, &p->subtype) && parse_params(s, &p->params, &p->nparams) &&
	       parse_disposition(s, p) && close_list(s);
}

/*
 * Where in the tree: RFC 9051 6.4.5. A multipart in a message/rfc822 goes by the message's number.
 */
static const char *part_id(struct walk *w, size_t index, bool multi)
{
	struct frame *f = w->depth ? &w->stack[w->depth - 1] : NULL;
	const char *above = f ? w->p[f->part].id : "";

	(void)index;
	if (!f)
		return multi ? "" : "1";
	if (f->kind == FRAME_MESSAGE && multi)
		return above;
	return arena_printf(w->s->arena, "%s%s%u", above, *above ? "." : "",
		f->kind == FRAME_MESSAGE ? 1 : f->children);
}

static struct imap_part *add_part(struct walk *w)
{
	struct imap_part *p;

	if (w->n >= IMAP_PARTS_MAX)
		return NULL;
	if (w->n == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 8;
		struct imap_part *bigger = arena_alloc(w->s->arena, cap * sizeof(*bigger));

		if (w->n)
			memcpy(bigger, w->p, w->n * sizeof(*bigger));
		w->p = bigger;
		w->cap = cap;
	}
	p = &w->p[w->n];
	p->parent = w->depth ? (int)w->stack[w->depth - 1].part : -1;
	if (w->depth)
		w->stack[w->depth - 1].children++;
	p->id = part_id(w, w->n, false);
	p->type = SV("application");
	p->subtype = SV("octet-stream");
	w->n++;
	return p;
}

static void push(struct walk *w, size_t part, enum frame_kind kind)
{
	w->stack[w->depth++] = (struct frame){part, 0, kind};
}

/*
 * ("AUDIO" NIL NIL NIL "base64" 356): a type without its subtype. The NIL is the parameters
 * (quirk: TWO_SUBTYPES).
 */
static bool next_subtype(struct imap_scan *s, struct imap_part *p)
{
	struct imap_scan before = *s;

	if (!next_nstring(s, &p->subtype))
		return false;
	if (!p->subtype.p && p->type.p)
		*s = before;
	return true;
}

/*
 * The fields of a part that is no multipart; the cursor stands behind its '('. *nested: a body
 * follows (message/rfc822) before the part can be finished.
 */
static bool parse_single(struct walk *w, struct imap_part *p, bool *nested)
{
	struct imap_scan *s = w->s;

	*nested = false;
	if (!next_nstring(s, &p->type))
		return false;
	imap_scan_space(s);
	if (scan_peek(&s->s) == '(') {
		/*
		 * ("ALTERNATIVE" ("BOUNDARY" "x") NIL NIL): a multipart without children
		 * (quirk: CHILDLESS_MULTIPART).
		 */
		p->subtype = p->type;
		p->type = SV("multipart");
		return parse_params(s, &p->params, &p->nparams) && parse_disposition(s, p) &&
		       close_list(s);
	}
	if (!next_subtype(s, p) || !parse_params(s, &p->params, &p->nparams) ||
		!next_nstring(s, &p->content_id) || !next_nstring(s, &p->description) ||
		!next_nstring(s, &p->encoding) || !next_number(s, &p->size))
		return false;
	imap_scan_space(s);
	if (sv_is_case(p->type, "message") && scan_peek(&s->s) == '(') {
		struct imap_scan before = *s;

		p->envelope = arena_alloc(s->arena, sizeof(*p->envelope));
		if (!imap_parse_envelope(s, p->envelope)) {
			*s = before;
			return false;
		}
		imap_scan_space(s);
		*nested = scan_peek(&s->s) == '(';
		if (*nested)
			return true;
	}
	if ((sv_is_case(p->type, "text") || p->envelope) && !next_number(s, &p->lines))
		return false;
	return finish_single(s, p);
}

/* Ends all parts that end here. *more: another child of a multipart follows. */
static bool finish_parts(struct walk *w, bool *more)
{
	*more = false;
	while (w->depth > 0) {
		struct frame *f = &w->stack[w->depth - 1];
		struct imap_part *p = &w->p[f->part];

		imap_scan_space(w->s);
		if (f->kind == FRAME_MULTI) {
			if (scan_peek(&w->s->s) == '(') {
				*more = true;
				return true;
			}
			if (!finish_multi(w->s, p))
				return false;
		} else if (!next_number(w->s, &p->lines) || !finish_single(w->s, p)) {
			return false;
		}
		w->depth--;
	}
	return true;
}

static bool walk_body(struct walk *w)
{
	bool more = true;

	while (more) {
		struct imap_part *p;
		size_t index = w->n;
		bool nested = false;

		imap_scan_space(w->s);
		if (scan_peek(&w->s->s) != '(')
			return false;
		if (w->depth == IMAP_DEPTH_MAX || !(p = add_part(w))) {
			if (!imap_scan_skip(w->s))
				return false;
			if (!finish_parts(w, &more))
				return false;
			continue;
		}
		w->s->s.p++;
		imap_scan_space(w->s);
		if (scan_peek(&w->s->s) == '(') {
			/*
			 * The children's count of the frame above has moved on: number it as a
			 * multipart.
			 */
			p->id = part_id(w, index, true);
			p->type = SV("multipart");
			p->subtype = SV("mixed");
			push(w, index, FRAME_MULTI);
			continue;
		}
		if (!parse_single(w, p, &nested))
			return false;
		if (nested) {
			push(w, index, FRAME_MESSAGE);
			continue;
		}
		if (!finish_parts(w, &more))
			return false;
	}
	return true;
}

bool imap_parse_body(struct imap_scan *s, struct imap_body *out)
{
	struct walk w = {.s = s};

	imap_scan_space(s);
	if (scan_lit(&s->s, "NIL")) {
		*out = (struct imap_body){0};
		return true;
	}
	if (!walk_body(&w))
		return false;
	*out = (struct imap_body){w.p, w.n};
	return true;
}

struct sv imap_param(const struct imap_param *params, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (sv_is_case(params[i].name, name))
			return params[i].value;
	return sv_make(NULL, 0);
}

/* ---- the items ---- */

/* A name ends at a blank, a parenthesis or the '[' of a section. */
static struct sv scan_item(struct imap_scan *s)
{
	return scan_until(&s->s, " [()");
}

/* "[HEADER.FIELDS ("x]y" z)]<0>"; the cursor stands on the '['. */
static bool scan_section(struct imap_scan *s, struct imap_section *sec)
{
	const char *from;
	bool quoted = false;

	s->s.p++;
	from = s->s.p;
	while (!scan_end(&s->s) && (quoted || *s->s.p != ']')) {
		if (*s->s.p == '"')
			quoted = !quoted;
		s->s.p++;
	}
	sec->name = sv_make(from, (size_t)(s->s.p - from));
	if (!scan_byte(&s->s, ']'))
		return false;
	if (!scan_byte(&s->s, '<'))
		return true;
	sec->partial = true;
	return imap_scan_number(s, &sec->origin) && scan_byte(&s->s, '>');
}

static bool section_data(struct imap_scan *s, struct imap_section *sec)
{
	imap_scan_space(s);
	if (scan_lit(&s->s, "NIL")) {
		sec->nil = true;
		return true;
	}
	return imap_scan_string(s, &sec->data, &sec->streamed);
}

static bool add_section(struct imap_scan *s, struct imap_msg *m, struct imap_section sec)
{
	if (!section_data(s, &sec))
		return false;
	if (m->nsections >= IMAP_SECTIONS_MAX)
		return true;
	/* One is what there is in 100,000 answers, so room is made for few. */
	if ((m->nsections & (m->nsections - 1)) == 0) {
		struct imap_section *more =
			arena_alloc(s->arena, MAX(m->nsections * 2, (size_t)1) * sizeof(sec));

		if (m->nsections)
			memcpy(more, m->sections, m->nsections * sizeof(sec));
		m->sections = more;
	}
	m->sections[m->nsections++] = sec;
	return true;
}

static bool item_uid(struct imap_scan *s, struct imap_msg *m)
{
	uint64_t n;

	if (!imap_scan_number(s, &n) || n == 0 || n > UINT32_MAX)
		return false;
	m->uid = (uint32_t)n;
	m->has |= FETCH_UID;
	return true;
}

static bool item_flags(struct imap_scan *s, struct imap_msg *m)
{
	struct imap_words words;

	if (!imap_scan_words(s, &words))
		return false;
	m->flags = imap_flags_of(s->arena, words, &m->keywords);
	m->has |= FETCH_FLAGS;
	return true;
}

static bool item_date(struct imap_scan *s, struct imap_msg *m)
{
	struct sv text;

	if (!imap_scan_nstring(s, &text, NULL))
		return false;
	if (imap_parse_date(text, &m->internaldate, &m->tz_minutes))
		m->has |= FETCH_INTERNALDATE;
	return true;
}

static bool item_size(struct imap_scan *s, struct imap_msg *m)
{
	struct sv word;

	if (!imap_scan_nstring(s, &word, NULL))
		return false;
	if (sv_u64(word, &m->size))
		m->has |= FETCH_SIZE;
	return true;
}

static bool item_modseq(struct imap_scan *s, struct imap_msg *m)
{
	if (!scan_byte(&s->s, '(') || !imap_scan_number(s, &m->modseq) || !scan_byte(&s->s, ')'))
		return false;
	m->has |= FETCH_MODSEQ;
	return true;
}

static bool item_labels(struct imap_scan *s, struct imap_msg *m)
{
	if (!imap_scan_words(s, &m->labels))
		return false;
	m->has |= FETCH_LABELS;
	return true;
}

/* EMAILID (M6d99) */
static bool item_object(struct imap_scan *s, struct imap_msg *m)
{
	if (!scan_byte(&s->s, '(') || !imap_scan_atom(s, &m->object) || !scan_byte(&s->s, ')'))
		return false;
	m->has |= FETCH_OBJECT;
	return true;
}

/* THREADID (T64b4) or NIL: the server knows no threads */
static bool item_thread(struct imap_scan *s, struct imap_msg *m)
{
	if (scan_lit(&s->s, "NIL"))
		return true;
	if (!scan_byte(&s->s, '(') || !imap_scan_atom(s, &m->thread) || !scan_byte(&s->s, ')'))
		return false;
	m->has |= FETCH_THREAD;
	return true;
}

static bool item_gmail_thread(struct imap_scan *s, struct imap_msg *m)
{
	if (!imap_scan_atom(s, &m->thread))
		return false;
	m->has |= FETCH_THREAD;
	return true;
}

/* Gmail's number of a message, the same under every label. */
static bool item_gmail_id(struct imap_scan *s, struct imap_msg *m)
{
	if (!imap_scan_atom(s, &m->object))
		return false;
	m->has |= FETCH_OBJECT;
	return true;
}

static bool item_saved(struct imap_scan *s, struct imap_msg *m)
{
	struct sv text;
	int tz;

	if (!imap_scan_nstring(s, &text, NULL))
		return false;
	if (imap_parse_date(text, &m->saved, &tz))
		m->has |= FETCH_SAVED;
	return true;
}

/* NIL: it would have cost too much (LAZY). */
static bool item_preview(struct imap_scan *s, struct imap_msg *m)
{
	bool nil;

	if (!imap_scan_nstring(s, &m->preview, &nil))
		return false;
	if (!nil)
		m->has |= FETCH_PREVIEW;
	return true;
}

/* Servers have bugs in these two; a message without them is better than none. */
static bool step_over(struct imap_scan *s, struct imap_scan before)
{
	*s = before;
	return imap_scan_skip(s);
}

static bool item_envelope(struct imap_scan *s, struct imap_msg *m)
{
	struct imap_scan before = *s;

	if (scan_lit(&s->s, "NIL"))
		return true;
	if (!imap_parse_envelope(s, &m->envelope))
		return step_over(s, before);
	m->has |= FETCH_ENVELOPE;
	return true;
}

static bool item_body(struct imap_scan *s, struct imap_msg *m)
{
	struct imap_scan before = *s;

	if (!imap_parse_body(s, &m->body))
		return step_over(s, before);
	m->has |= FETCH_BODY;
	return true;
}

static bool item_rfc822(struct imap_scan *s, struct imap_msg *m)
{
	return add_section(s, m, (struct imap_section){.name = SV("")});
}

static bool item_header(struct imap_scan *s, struct imap_msg *m)
{
	return add_section(s, m, (struct imap_section){.name = SV("HEADER")});
}

static const struct {
	const char *name;
	bool (*parse)(struct imap_scan *, struct imap_msg *);
} items[] = {
	{"UID", item_uid},
	{"FLAGS", item_flags},
	{"INTERNALDATE", item_date},
	{"RFC822.SIZE", item_size},
	{"MODSEQ", item_modseq},
	{"ENVELOPE", item_envelope},
	{"BODYSTRUCTURE", item_body},
	{"BODY", item_body},
	{"RFC822", item_rfc822},
	{"RFC822.HEADER", item_header},
	{"EMAILID", item_object},
	{"X-GM-MSGID", item_gmail_id},
	{"X-GM-LABELS", item_labels},
	{"THREADID", item_thread},
	{"X-GM-THRID", item_gmail_thread},
	{"SAVEDATE", item_saved},
	{"PREVIEW", item_preview},
};

static bool parse_item(struct imap_scan *s, struct imap_msg *m)
{
	struct sv name = scan_item(s);

	if (name.len == 0)
		return false;
	if (scan_peek(&s->s) == '[') {
		struct imap_section sec = {0};

		return scan_section(s, &sec) && add_section(s, m, sec);
	}
	imap_scan_space(s);
	for (size_t i = 0; i < ARRAY_LEN(items); i++)
		if (sv_is_case(name, items[i].name))
			return items[i].parse(s, m);
	return imap_scan_skip(s);
}

bool imap_parse_fetch(const struct imap_resp *r, struct imap_msg *out, struct err *e)
{
	struct imap_scan s = r->rest;
	struct imap_msg m = {0};

	if (!scan_byte(&s.s, '('))
		return err_set(e, ERR_PROTO, "the server's answer to FETCH is broken");
	while (imap_scan_space(&s), !scan_byte(&s.s, ')'))
		if (!parse_item(&s, &m))
			return err_set(e, ERR_PROTO,
				"the server's answer to FETCH is broken near \"" SV_FMT "\"",
				SV_ARG(sv_head(scan_rest(&s.s), 40)));
	*out = m;
	return true;
}
