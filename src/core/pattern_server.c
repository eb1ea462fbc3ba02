/*
 * A pattern as a question to a server (IMAP SEARCH). The answer may hold too much, never too little: a
 * term that the server cannot say counts as "all", and below a `!` only terms that mean exactly the same
 * there may stand. No recursion: the tree is walked by its links.
 */
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "core/pattern_priv.h"

#define DAY 86400

struct asking {
	const struct pattern *p;
	bool *ok;   /* by node: something can be said of it */
	bool *flip; /* by node: an odd number of `!` applies, its own included */
	struct str out;
};

/* ---- single terms ---- */

static const struct {
	enum pat_id id;
	const char *key;
	bool exact;
} flag_keys[] = {
	{PAT_new, "unseen", false}, {PAT_old, "unseen", false}, {PAT_unread, "unseen", true},
	{PAT_read, "seen", true}, {PAT_flagged, "flagged", true}, {PAT_replied, "answered", true},
};

/* Keys of one term; more than one: any of them. */
static const struct {
	enum pat_id id;
	const char *keys[4];
} text_keys[] = {
	{PAT_body, {"body"}},
	{PAT_whole, {"text"}},
	{PAT_header, {"text"}},
	{PAT_from, {"from"}},
	{PAT_to, {"to"}},
	{PAT_cc, {"cc"}},
	{PAT_bcc, {"bcc"}},
	{PAT_recipient, {"to", "cc", "bcc"}},
	{PAT_address, {"from", "to", "cc"}},
	{PAT_subject, {"subject"}},
	{PAT_sender, {"header Sender"}},
	{PAT_id, {"header Message-ID"}},
	{PAT_reference, {"header References", "header In-Reply-To"}},
	{PAT_label, {"header X-Label"}},
};

static const char *const *keys_of(enum pat_id id)
{
	for (size_t i = 0; i < ARRAY_LEN(text_keys); i++)
		if (text_keys[i].id == id)
			return text_keys[i].keys;
	return NULL;
}

/* The text that a term asks for; "" when there is none that must be there. */
static void literal_of(const struct pnode *n, struct str *out)
{
	bool whole;

	str_clear(out);
	if (!n->arg || n->prefix == '%' || n->alias || strchr(n->arg, '\n'))
		return;
	if (n->prefix == '=')
		(void)str_adds(out, n->arg);
	else if (!rx_literal(n->arg, out, &whole))
		str_clear(out);
}

static const char *flag_key(enum pat_id id, bool exact_only)
{
	for (size_t i = 0; i < ARRAY_LEN(flag_keys); i++)
		if (flag_keys[i].id == id && (flag_keys[i].exact || !exact_only))
			return flag_keys[i].key;
	return NULL;
}

static void out_date(struct str *out, const char *key, int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;

	if (gmtime_r(&t, &tm))
		(void)str_addf(out, "%s %04d-%02d-%02d\n", key, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

/* Days of servers are days somewhere on earth: one more on each side. */
static void out_dates(struct str *out, const struct pnode *n, const char *since, const char *before)
{
	bool low = n->min > DAY, high = n->max < INT64_MAX / 2 && n->max > 0;

	if (low && high)
		(void)str_adds(out, "(\n");
	if (low)
		out_date(out, since, n->min - DAY);
	if (high)
		out_date(out, before, n->max + 2 * DAY);
	if (low && high)
		(void)str_adds(out, ")\n");
	if (!low && !high)
		(void)str_adds(out, "all\n");
}

static void out_sizes(struct str *out, const struct pnode *n)
{
	bool low = n->min > 1, high = n->max >= 0 && n->max < UINT32_MAX - 1;

	if (low && high)
		(void)str_adds(out, "(\n");
	if (low)
		(void)str_addf(out, "larger %lld\n", (long long)MIN(n->min - 1, (int64_t)UINT32_MAX - 1));
	if (high)
		(void)str_addf(out, "smaller %lld\n", (long long)n->max + 1);
	if (low && high)
		(void)str_adds(out, ")\n");
	if (!low && !high)
		(void)str_adds(out, "all\n");
}

static void out_texts(struct str *out, const struct pnode *n, const char *const *keys)
{
	struct str text;
	size_t count = 0;

	str_init(&text, PATTERN_TEXT_MAX);
	literal_of(n, &text);
	while (count < 4 && keys[count])
		count++;
	for (size_t i = 0; i < count; i++)
		(void)str_addf(out, "%s%s %s\n", i + 1 < count ? "or\n" : "", keys[i], text.s);
	str_fini(&text);
}

static void out_term(struct str *out, const struct pnode *n, bool exact_only)
{
	const char *flag = flag_key(n->id, exact_only);
	const char *const *keys = keys_of(n->id);

	if (flag)
		(void)str_addf(out, "%s\n", flag);
	else if (keys)
		out_texts(out, n, keys);
	else if (n->id == PAT_date)
		out_dates(out, n, "sentsince", "sentbefore");
	else if (n->id == PAT_received)
		out_dates(out, n, "since", "before");
	else
		out_sizes(out, n);
}

static bool term_ok(const struct pnode *n, bool exact_only)
{
	struct str text;
	bool ok;

	if (flag_key(n->id, exact_only))
		return true;
	if (exact_only)
		return false;
	if (n->id == PAT_date || n->id == PAT_received || n->id == PAT_size)
		return true;
	if (!keys_of(n->id))
		return false;
	str_init(&text, PATTERN_TEXT_MAX);
	literal_of(n, &text);
	ok = text.len > 0;
	str_fini(&text);
	return ok;
}

/* ---- the tree ---- */

/* The next node in the order of the text; *up: how many end before it. PATTERN_NONE: the end. */
static uint32_t walk(const struct pattern *p, uint32_t at, bool into, int *up)
{
	*up = 0;
	if (into && p->nodes[at].op != P_RELATION && p->nodes[at].first != PATTERN_NONE)
		return p->nodes[at].first;
	while (at != p->root && p->nodes[at].next == PATTERN_NONE) {
		at = p->nodes[at].parent;
		(*up)++;
	}
	return at == p->root ? PATTERN_NONE : p->nodes[at].next;
}

static void note_flips(struct asking *a)
{
	int up;

	for (uint32_t n = a->p->root; n != PATTERN_NONE; n = walk(a->p, n, true, &up))
		a->flip[n] = a->p->nodes[n].not != (n != a->p->root && a->flip[a->p->nodes[n].parent]);
}

/* With its children known. An AND below `!` is an OR, and the other way round. */
static bool node_ok(const struct asking *a, uint32_t n)
{
	const struct pnode *x = &a->p->nodes[n];
	bool all = true, any = false;

	if (x->op == P_TERM)
		return term_ok(x, a->flip[n]);
	if (x->op == P_RELATION)
		return false;
	for (uint32_t c = x->first; c != PATTERN_NONE; c = a->p->nodes[c].next) {
		all &= a->ok[c];
		any |= a->ok[c];
	}
	return ((x->op == P_AND) != a->flip[n]) ? any : any && all;
}

/* Children before their parents: a node ends when the walk leaves it. */
static void note_ok(struct asking *a)
{
	uint32_t n = a->p->root, next;
	int up;

	while (n != PATTERN_NONE) {
		uint32_t done = n;
		bool leaf = a->p->nodes[n].op == P_TERM || a->p->nodes[n].op == P_RELATION ||
			    a->p->nodes[n].first == PATTERN_NONE;

		next = walk(a->p, n, true, &up);
		if (leaf) {
			a->ok[done] = node_ok(a, done);
			for (int i = 0; i < up; i++) {
				done = a->p->nodes[done].parent;
				a->ok[done] = node_ok(a, done);
			}
		}
		n = next;
	}
}

static size_t ok_children(const struct asking *a, uint32_t n)
{
	size_t count = 0;

	for (uint32_t c = a->p->nodes[n].first; c != PATTERN_NONE; c = a->p->nodes[c].next)
		count += a->ok[c];
	return count;
}

static void close_nodes(struct asking *a, uint32_t from, int up)
{
	uint32_t n = from;

	for (int i = 0; i < up; i++) {
		n = a->p->nodes[n].parent;
		if (a->p->nodes[n].op == P_AND)
			(void)str_adds(&a->out, ")\n");
	}
}

static void write_out(struct asking *a)
{
	uint32_t n = a->p->root, next;
	int up;

	while (n != PATTERN_NONE) {
		const struct pnode *x = &a->p->nodes[n];
		bool say = a->ok[n];

		if (say && x->not)
			(void)str_adds(&a->out, "not\n");
		if (say && x->op == P_TERM)
			out_term(&a->out, x, a->flip[n]);
		else if (say && x->op == P_AND)
			(void)str_adds(&a->out, "(\n");
		else if (say && x->op == P_OR)
			for (size_t i = 1; i < ok_children(a, n); i++)
				(void)str_adds(&a->out, "or\n");
		next = walk(a->p, n, say, &up);
		close_nodes(a, n, up);
		n = next;
	}
}

/* "or" takes two operands: an OR of three is "or or a b c". */
char *pattern_server_query(const struct pattern *p)
{
	struct asking a = {.p = p};
	char *text = NULL;

	if (p->root == PATTERN_NONE)
		return NULL;
	a.ok = xcalloc(p->count, sizeof(*a.ok));
	a.flip = xcalloc(p->count, sizeof(*a.flip));
	str_init(&a.out, 8 * PATTERN_TEXT_MAX);
	note_flips(&a);
	note_ok(&a);
	if (a.ok[p->root]) {
		write_out(&a);
		text = str_detach(&a.out);
	}
	str_fini(&a.out);
	free(a.ok);
	free(a.flip);
	return text;
}
