/*
 * How well a message fits a pattern that it matches: what is looked for in the subject counts more than in the sender,
 * and that more than in the text; whole words count twice. For $sort=relevance.
 */
#include "core/pattern_priv.h"

#define SUBJECT_WEIGHT 16
#define FROM_WEIGHT 4
#define FIT_MAX 100000

enum fit { FIT_NOT, FIT_PART, FIT_WORD };

static bool is_word_byte(char c)
{
	return ascii_is_alnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static enum fit fit_at(struct sv text, size_t from, size_t to)
{
	bool begins = from == 0 || !is_word_byte(text.p[from - 1]), ends = to >= text.len || !is_word_byte(text.p[to]);

	return begins && ends ? FIT_WORD : FIT_PART;
}

static enum fit fit_of(const struct pnode *n, struct sv text)
{
	ptrdiff_t groups[RX_GROUPS][2], at;

	if (n->rx)
		return rx_find(n->rx, text, 0, groups) ? fit_at(text, (size_t)groups[0][0], (size_t)groups[0][1]) : FIT_NOT;
	at = n->ignore_case ? sv_find_case(text, sv_of(n->arg)) : sv_find(text, sv_of(n->arg));
	return at < 0 ? FIT_NOT : fit_at(text, (size_t)at, (size_t)at + strlen(n->arg));
}

/* A term that says what somebody looks for, not what must not be there. */
static bool is_sought(const struct pattern *p, const struct pnode *n)
{
	if (n->op != P_TERM || !n->arg || n->prefix == '%' || !(n->rx || n->prefix == '='))
		return false;
	for (;; n = &p->nodes[n->parent]) {
		if (n->not )
			return false;
		if (n->parent == PATTERN_NONE)
			return true;
	}
}

/* ---- finer and finer ---- */

/* Letters and digits at the end of what is looked for: nothing else makes an expression only stricter. */
static bool is_longer(const struct pnode *now, const struct pnode *before)
{
	struct sv text = sv_of(now->arg), head = sv_of(before->arg);

	if (!sv_starts(text, head) || now->prefix == '%' || !(now->rx || now->prefix == '='))
		return false;
	for (size_t i = head.len; i < text.len; i++) {
		if (!ascii_is_alnum((unsigned char)text.p[i]) && (unsigned char)text.p[i] < 0x80)
			return false;
	}
	return head.len == 0 || head.p[head.len - 1] != '\\';
}

static bool same_arg(const struct pnode *a, const struct pnode *b)
{
	return a->arg && b->arg ? strcmp(a->arg, b->arg) == 0 : a->arg == b->arg;
}

bool pattern_is_finer(const struct pattern *now, const struct pattern *before)
{
	if (now->count != before->count || now->flags != before->flags || now->root != before->root)
		return false;
	for (uint32_t i = 0; i < now->count; i++) {
		const struct pnode *n = &now->nodes[i], *b = &before->nodes[i];

		if (n->op != b->op || n->not || b->not || n->first != b->first || n->next != b->next || n->parent != b->parent ||
			n->relation != b->relation || n->id != b->id || n->prefix != b->prefix || n->all != b->all ||
			n->alias != b->alias)
			return false;
		if (!same_arg(n, b) && !(n->arg && b->arg && is_longer(n, b)))
			return false;
	}
	return true;
}

/* ---- how well ---- */

unsigned pattern_fit(const struct pattern *p, const struct msg_facts *m)
{
	unsigned sum = 0;

	for (uint32_t i = 0; i < p->count && sum < FIT_MAX; i++) {
		const struct pnode *n = &p->nodes[i];

		if (is_sought(p, n))
			sum += SUBJECT_WEIGHT * (unsigned)fit_of(n, m->subject) + FROM_WEIGHT * (unsigned)fit_of(n, m->from);
	}
	return MIN(sum, FIT_MAX);
}
