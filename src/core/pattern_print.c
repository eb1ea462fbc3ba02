/* The canonical text of a pattern. */
#include <stdlib.h>

#include "base/mem.h"
#include "core/pattern_priv.h"

#define CANONICAL_MAX (PATTERN_TEXT_MAX * 4)

static bool needs_quotes(const char *arg)
{
	if (!*arg)
		return true;
	for (; *arg; arg++) {
		if (ascii_is_space((unsigned char)*arg) || strchr("~%=!|()\"'\\", *arg))
			return true;
	}
	return false;
}

static bool print_arg(const char *arg, struct str *out)
{
	bool ok;

	if (!needs_quotes(arg))
		return str_adds(out, arg);
	ok = str_addc(out, '"');
	for (; ok && *arg; arg++)
		ok = (!strchr("\"\\", *arg) || str_addc(out, '\\')) && str_addc(out, *arg);
	return ok && str_addc(out, '"');
}

bool pattern_print_term(const struct pnode *n, struct str *out)
{
	bool ok = (!n->not || str_addc(out, '!')) && (!n->all || str_addc(out, '^')) &&
		  (!n->alias || str_addc(out, '@')) && str_addc(out, n->prefix) &&
		  str_addc(out, n->pat->letter);

	if (!n->arg)
		return ok;
	ok = ok && str_addc(out, ' ');
	/* Ranges and dates have signs of their own that need no quotes. */
	return ok &&
	       (n->pat->arg == PATARG_REGEX || n->pat->arg == PATARG_QUERY ? print_arg(n->arg, out)
									   : str_adds(out, n->arg));
}

/* A list of one thing that nothing is said about is that thing. */
static bool is_transparent(const struct pattern *p, const struct pnode *n)
{
	return (n->op == P_AND || n->op == P_OR) && n->first == n->last &&
	       !n->not &&n->first != PATTERN_NONE && p->count > 0;
}

static uint32_t skip_transparent(const struct pattern *p, uint32_t node)
{
	while (is_transparent(p, &p->nodes[node]))
		node = p->nodes[node].first;
	return node;
}

/* Parentheses around a list: negated, or inside another list that it does not melt into. */
static bool has_parens(const struct pnode *n, enum pnode_op inside)
{
	if (n->op != P_AND && n->op != P_OR)
		return false;
	return n->not || (n->op == P_OR && inside == P_AND);
}

struct print_frame {
	uint32_t next;
	enum pnode_op inside; /* what its children stand in */
	bool parens, first;
};

static bool print_open(const struct pnode *n, bool parens, struct str *out)
{
	static const char *const relations[] = {
		[PATTERN_MEMBER] = "~(", [PATTERN_PARENT] = "~<(", [PATTERN_CHILD] = "~>("};

	if (n->not &&!str_addc(out, '!'))
		return false;
	if (n->op == P_RELATION)
		return str_adds(out, relations[n->relation]);
	return !parens || str_addc(out, '(');
}

static bool print_tree(const struct pattern *p, struct str *out)
{
	struct print_frame stack[PATTERN_DEPTH_MAX * 4];
	unsigned depth = 0;

	stack[0] = (struct print_frame){.next = p->root, .inside = P_RELATION, .first = true};
	for (;;) {
		struct print_frame *f = &stack[depth];
		const struct pnode *n;
		uint32_t at;
		bool parens;

		if (f->next == PATTERN_NONE) {
			if (f->parens && !str_addc(out, ')'))
				return false;
			if (depth-- == 0)
				return true;
			continue;
		}
		if (!f->first && !str_adds(out, f->inside == P_OR ? " | " : " "))
			return false;
		f->first = false;
		at = skip_transparent(p, f->next);
		n = &p->nodes[at];
		f->next = depth == 0 ? PATTERN_NONE : p->nodes[f->next].next;
		if (n->op == P_TERM) {
			if (!pattern_print_term(n, out))
				return false;
			continue;
		}
		parens = has_parens(n, f->inside);
		if (!print_open(n, parens, out) || depth + 1 >= ARRAY_LEN(stack))
			return false;
		stack[++depth] = (struct print_frame){.next = n->first,
			.inside = n->op == P_RELATION ? P_RELATION : n->op,
			.parens = parens || n->op == P_RELATION,
			.first = true};
	}
}

char *pattern_canonical(const struct pattern *p)
{
	struct str out;

	str_init(&out, CANONICAL_MAX);
	if (p->root != PATTERN_NONE && !print_tree(p, &out))
		str_clear(&out);
	return out.len ? str_detach(&out) : xstrdup("~A");
}
