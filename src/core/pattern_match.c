/*
 * Matching a message against a compiled pattern, with an explicit stack: a list is left as soon as
 * its result is known.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "core/parts.h"
#include "core/pattern_priv.h"
#include "store/message.h"

#define RELATION_DEPTH 8 /* ~(~(...)): as VIEW_NEST */

struct match {
	const struct pattern *p;
	const struct msg_facts *m;
	const struct pattern_thread *thread;
	const struct pattern_env *env;
	unsigned depth;
	struct lazy {
		struct msg_facts facts; /* those of m, to be completed */
		bool complete;
	} *lazy; /* NULL: m is complete */
};

/* ---- texts ---- */

static bool text_matches(const struct pnode *n, struct sv text)
{
	if (n->rx)
		return rx_match(n->rx, text);
	return n->ignore_case ? sv_find_case(text, sv_of(n->arg)) >= 0
			      : sv_find(text, sv_of(n->arg)) >= 0;
}

static bool is_alias(const struct match *x, struct addr_item item)
{
	const struct conf *conf = x->env ? x->env->conf : NULL;

	for (size_t i = 0; conf && i < conf->rc.aliases.n; i++) {
		struct sv list = sv_of(conf->rc.aliases.v[i].addresses);
		struct addr_item of;

		while (addr_next(&list, &of)) {
			if (sv_eq_case(of.addr, item.addr))
				return true;
		}
	}
	return false;
}

static bool address_matches(const struct match *x, const struct pnode *n, struct addr_item item)
{
	if (n->alias && !is_alias(x, item))
		return false;
	if (n->prefix == '%') {
		const struct rc_group *g = x->env && x->env->conf
						   ? rc_group_find(&x->env->conf->rc, sv_of(n->arg))
						   : NULL;

		return g && rc_group_matches(g, item.addr);
	}
	return text_matches(n, item.addr) ||
	       ((x->p->flags & PATTERN_FULL) && item.name.len && text_matches(n, item.name));
}

/* One of the lists has an address that matches; with ^ all of them do. */
static bool lists_match(
	const struct match *x, const struct pnode *n, const struct sv *lists, size_t count)
{
	struct addr_item item;
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		struct sv rest = lists[i];

		while (addr_next(&rest, &item)) {
			any = true;
			if (address_matches(x, n, item) != n->all)
				return !n->all;
		}
	}
	return n->all && any;
}

static bool ids_match(const struct pnode *n, struct sv ids)
{
	struct sv id;

	while (msgid_next(&ids, &id)) {
		if (text_matches(n, id))
			return true;
	}
	return false;
}

static bool words_match(const struct pnode *n, struct sv words)
{
	struct sv word;

	while (sv_split(&words, ' ', &word)) {
		if (word.len && text_matches(n, word))
			return true;
	}
	return false;
}

/* ---- numbers ---- */

static bool number_matches(const struct pnode *n, int64_t value)
{
	return value >= n->min && value <= n->max;
}

static int64_t bound(const struct match *x, int64_t value, enum pbase base)
{
	switch (base) {
	case BASE_CURRENT:
		return value + (x->env ? x->env->current : 0);
	case BASE_LAST:
		return x->env ? x->env->count : 0;
	case BASE_ABSOLUTE:
		break;
	}
	return value;
}

static bool message_number_matches(const struct match *x, const struct pnode *n)
{
	int64_t min = bound(x, n->min, n->min_base), max = bound(x, n->max, n->max_base);

	if (min > max) {
		int64_t swap = min;

		min = max;
		max = swap;
	}
	return x->m->number >= min && x->m->number <= max;
}

static bool always(void *ctx, const struct msg_facts *m)
{
	(void)ctx;
	(void)m;
	return true;
}

static bool is_alone(const struct match *x)
{
	return !x->thread ||
	       !(x->thread->any(x->thread->data, x->m->row, PATTERN_CHILD, always, NULL));
}

/* ---- what was found out already ---- */

#define MEMO_MAX (16u << 20) /* texts; with more, each is looked at again */

struct memo_node {
	uint8_t *seen; /* by number: 0 not yet, 1 no, 2 yes */
	uint32_t count;
};

struct pattern_memo {
	const struct pattern *p;
	struct memo_node *nodes;
};

struct pattern_memo *pattern_memo_new(const struct pattern *p)
{
	struct pattern_memo *memo = xcalloc(1, sizeof(*memo));

	memo->p = p;
	memo->nodes = xcalloc(p->count + 1, sizeof(*memo->nodes));
	return memo;
}

void pattern_memo_free(struct pattern_memo *memo)
{
	if (!memo)
		return;
	for (uint32_t i = 0; i < memo->p->count; i++)
		free(memo->nodes[i].seen);
	free(memo->nodes);
	free(memo);
}

/* Where the answer for this text is kept; NULL: nowhere. */
static uint8_t *memo_place(const struct match *x, const struct pnode *n, uint32_t number)
{
	struct pattern_memo *memo = x->env ? x->env->memo : NULL;

	if (!memo || number == 0 || number >= MEMO_MAX)
		return NULL;
	struct memo_node *node = &memo->nodes[n - x->p->nodes];

	if (number >= node->count) {
		uint32_t grown = MAX(number + 1, node->count * 2);

		node->seen = xreallocarray(node->seen, grown, 1);
		memset(node->seen + node->count, 0, grown - node->count);
		node->count = grown;
	}
	return &node->seen[number];
}

static bool subject_matches(const struct match *x, const struct pnode *n)
{
	uint8_t *seen = memo_place(x, n, x->m->subject_no);

	if (seen && *seen)
		return *seen == 2;
	bool is = text_matches(n, x->m->subject);

	if (seen)
		*seen = is ? 2 : 1;
	return is;
}

static bool from_matches(const struct match *x, const struct pnode *n)
{
	uint8_t *seen = memo_place(x, n, x->m->from_no);

	if (seen && *seen)
		return *seen == 2;
	bool is = lists_match(x, n, &x->m->from, 1);

	if (seen)
		*seen = is ? 2 : 1;
	return is;
}

static unsigned term_needs(enum pat_id id)
{
	switch (id) {
	case PAT_all:
	case PAT_body:
	case PAT_whole:
	case PAT_header:
	case PAT_from:
	case PAT_subject:
	case PAT_deleted:
	case PAT_flagged:
	case PAT_new:
	case PAT_old:
	case PAT_replied:
	case PAT_read:
	case PAT_unread:
	case PAT_tagged:
	case PAT_collapsed:
	case PAT_label:
	case PAT_spam:
	case PAT_tags:
		return 0;
	case PAT_score:
	case PAT_number:
		return PATTERN_NEEDS_NUMBER;
	case PAT_date:
	case PAT_received:
	case PAT_size:
		return PATTERN_NEEDS_WIDE;
	case PAT_duplicate:
	case PAT_list:
	case PAT_subscribed:
	case PAT_tome:
	case PAT_fromme:
	case PAT_superseded:
		return PATTERN_NEEDS_FLAGS;
	default:
		return PATTERN_NEEDS_TEXTS;
	}
}

/* Relatives are looked up by whoever knows them. */
unsigned pattern_needs(const struct pattern *p)
{
	unsigned needs = 0;

	for (uint32_t i = 0; i < p->count; i++) {
		if (p->nodes[i].op == P_TERM)
			needs |= term_needs(p->nodes[i].id);
	}
	return needs;
}

/* ---- terms ---- */

/* The texts that are not at hand for every message: most terms that stand before have sorted it out already. */
static void complete(const struct match *x)
{
	if (!x->lazy || x->lazy->complete)
		return;
	x->env->complete(x->env->data, &x->lazy->facts);
	x->lazy->complete = true;
}

static bool term_matches(const struct match *x, const struct pnode *n)
{
	if (x->lazy && (term_needs(n->id) & PATTERN_NEEDS_TEXTS))
		complete(x);
	const struct msg_facts *m = x->m;
	unsigned f = m->flags;

	switch (n->id) {
	case PAT_all:
		return true;
	case PAT_body:
	case PAT_whole:
	case PAT_header:
		return n->body >= 0 && idset_has(x->p->body[n->body].ids, m->id);
	case PAT_mime:
		return text_matches(n, m->content_type);
	case PAT_cc:
		return lists_match(x, n, &m->cc, 1);
	case PAT_recipient:
		return lists_match(x, n, (struct sv[]){m->to, m->cc, m->bcc}, 3);
	case PAT_address:
		return lists_match(
			x, n, (struct sv[]){m->from, m->sender, m->to, m->cc, m->bcc}, 5);
	case PAT_sender:
		return lists_match(x, n, &m->sender, 1);
	case PAT_from:
		return from_matches(x, n);
	case PAT_to:
		return lists_match(x, n, &m->to, 1);
	case PAT_bcc:
		return lists_match(x, n, &m->bcc, 1);
	case PAT_date:
		return number_matches(n, m->date_sent);
	case PAT_received:
		return number_matches(n, m->date_received);
	case PAT_deleted:
		return f & FLAG_DELETED;
	case PAT_expired:
		return m->date_expires && x->env && m->date_expires < x->env->now;
	case PAT_flagged:
		return f & FLAG_FLAGGED;
	case PAT_signed:
		return f & FLAG_SIGNED;
	case PAT_encrypted:
		return f & FLAG_ENCRYPTED;
	case PAT_id:
		return text_matches(n, m->message_id);
	case PAT_haskey:
		return f & FLAG_PGP_KEY;
	case PAT_list:
		return f & FLAG_TO_LIST;
	case PAT_subscribed:
		return f & FLAG_TO_SUBSCRIBED;
	case PAT_number:
		return message_number_matches(x, n);
	case PAT_score:
		return number_matches(n, m->score);
	case PAT_new:
		return !(f & (FLAG_SEEN | FLAG_OLD));
	case PAT_old:
		return (f & (FLAG_SEEN | FLAG_OLD)) == FLAG_OLD;
	case PAT_tome:
		return f & (FLAG_TO_ME | FLAG_CC_ME);
	case PAT_fromme:
		return f & FLAG_FROM_ME;
	case PAT_replied:
		return f & FLAG_ANSWERED;
	case PAT_read:
		return f & FLAG_SEEN;
	case PAT_unread:
		return !(f & FLAG_SEEN);
	case PAT_subject:
		return subject_matches(x, n);
	case PAT_superseded:
		return f & FLAG_SUPERSEDED;
	case PAT_tagged:
		return f & FLAG_TAGGED;
	case PAT_collapsed:
		return f & FLAG_IN_COLLAPSED;
	case PAT_reference:
		return ids_match(n, m->references) || ids_match(n, m->in_reply_to);
	case PAT_attachments:
		return number_matches(n, x->env && x->env->conf ? parts_count(x->env->conf, m) : m->attachments);
	case PAT_label:
		return m->label.len && text_matches(n, m->label);
	case PAT_tags:
		return words_match(n, m->keywords);
	case PAT_size:
		return number_matches(n, (int64_t)m->size);
	case PAT_duplicate:
		return f & FLAG_DUPLICATE;
	case PAT_alone:
		return is_alone(x);
	case PAT_spam:
		return m->spam.len && text_matches(n, m->spam);
	/* What feist does not keep: signatures that were good, newsgroups, outside searches. */
	case PAT_verified:
	case PAT_newsgroup:
	case PAT_external:
	case PAT_broken:
	case PAT_thread:
	case PAT_parent:
	case PAT_child:
	case PAT_COUNT:
		break;
	}
	return false;
}

/* ---- trees ---- */

static bool node_matches(const struct match *x, uint32_t root);

struct relation {
	const struct match *outer;
	uint32_t root;
};

static bool relative_matches(void *ctx, const struct msg_facts *m)
{
	const struct relation *r = ctx;
	struct match inner = *r->outer;

	inner.m = m;
	inner.lazy = NULL; /* relatives are asked for as a whole */
	inner.depth++;
	return node_matches(&inner, r->root);
}

static bool relation_holds(const struct match *x, const struct pnode *n)
{
	struct relation r = {.outer = x, .root = n->first};

	return x->thread && x->depth < RELATION_DEPTH &&
	       x->thread->any(x->thread->data, x->m->row, n->relation, relative_matches, &r);
}

static bool is_list(const struct pnode *n)
{
	return n->op == P_AND || n->op == P_OR;
}

static bool leaf_result(const struct match *x, const struct pnode *n)
{
	bool r = n->op == P_RELATION ? relation_holds(x, n) : term_matches(x, n);

	return r != n->not ;
}

/*
 * Down to the first leaf, then on from leaf to leaf; a result that decides its list goes up at once.
 * The parent links are the stack.
 */
static bool node_matches(const struct match *x, uint32_t root)
{
	const struct pnode *nodes = x->p->nodes;
	uint32_t at = root;

	for (;;) {
		bool result;

		while (is_list(&nodes[at]) && nodes[at].first != PATTERN_NONE)
			at = nodes[at].first;
		result = is_list(&nodes[at]) ? (nodes[at].op == P_AND) != nodes[at].not
					     : leaf_result(x, &nodes[at]);
		for (;;) {
			const struct pnode *up;

			if (at == root)
				return result;
			up = &nodes[nodes[at].parent];
			if (result == (up->op == P_AND) && nodes[at].next != PATTERN_NONE)
				break; /* not decided yet */
			at = nodes[at].parent;
			result = result != nodes[at].not ;
		}
		at = nodes[at].next;
	}
}

bool pattern_match(const struct pattern *p, const struct msg_facts *m,
	const struct pattern_thread *thread, const struct pattern_env *env)
{
	struct match x = {.p = p, .m = m, .thread = thread, .env = env};
	struct lazy lazy;

	if (env && env->complete) {
		lazy.facts = *m;
		lazy.complete = false;
		x.lazy = &lazy;
		x.m = &lazy.facts;
	}
	return p->root == PATTERN_NONE || node_matches(&x, p->root);
}
