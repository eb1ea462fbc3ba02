/*
 * Counting attachments by the user's rules (see parts.h).
 */
#include "core/parts.h"

#include "mime/shape.h"

bool parts_has_rules(const struct conf *c)
{
	return c->rc.attachments.n > 0;
}

static bool rule_matches(const struct rc_attach *rule, const struct parts_part *p)
{
	return (strcmp(rule->major, "*") == 0 || sv_is_case(p->type, rule->major)) &&
	       (strcmp(rule->minor, "*") == 0 || rx_match(rule->rx, p->subtype));
}

/* Allowed by a + rule of its disposition and excluded by no - rule: the order of the commands does not matter. */
static bool rules_allow(const struct conf *c, const struct parts_part *p)
{
	bool allowed = false;

	for (size_t i = 0; i < c->rc.attachments.n; i++) {
		const struct rc_attach *rule = &c->rc.attachments.v[i];
		if (rule->inlined == p->attached || !rule_matches(rule, p))
			continue;
		if (rule->exclude)
			return false;
		allowed = true;
	}
	return allowed;
}

/* Does the walk go into it? */
static bool is_open(const struct conf *c, const struct parts_part *p)
{
	if (sv_is(p->type, "multipart"))
		return !sv_is(p->subtype, "alternative") || c->count_alternatives;
	return sv_is(p->type, "message") && !sv_is(p->subtype, "external-body");
}

bool parts_counts(struct parts_walk *w, const struct conf *c, const struct parts_part *p)
{
	bool container = sv_is(p->type, "multipart") || sv_is(p->type, "message");

	if (p->depth < 0 || p->depth >= PARTS_DEPTH_MAX)
		return false;
	w->dead[p->depth] = true;
	if (p->depth > 0 && w->dead[p->depth - 1])
		return false;
	w->dead[p->depth] = !is_open(c, p);
	if (p->depth == 0 && container)
		return false; /* the message itself */
	if (p->first && !p->attached && !container)
		return false; /* the text that everything else hangs on */
	return rules_allow(c, p);
}

static uint32_t count_shape(const struct conf *c, struct sv shape)
{
	struct shape_scan s = shape_scan_of(shape);
	struct parts_walk w = {.dead = {false}};
	struct shape_part p;
	uint32_t n = 0;

	while (shape_next(&s, &p)) {
		struct parts_part part = {p.depth, p.first, p.attached, p.type, p.subtype};
		n += parts_counts(&w, c, &part);
	}
	return n;
}

struct parts_part parts_part_of(const char *type, const char *disposition, int depth, bool first)
{
	struct sv t = sv_of(type);
	ptrdiff_t slash = sv_chr(t, '/');

	return (struct parts_part){.depth = depth, .first = first,
		.attached = *disposition && strcmp(disposition, "inline") != 0,
		.type = slash < 0 ? t : sv_head(t, (size_t)slash),
		.subtype = slash < 0 ? SV("") : sv_from(t, (size_t)slash + 1)};
}

uint32_t parts_count(const struct conf *c, const struct msg_facts *m)
{
	if (!parts_has_rules(c))
		return m->attachments;
	if (m->shape.len)
		return count_shape(c, m->shape);
	if (sv_starts_case(m->content_type, SV("multipart/")) || sv_starts_case(m->content_type, SV("message/")))
		return m->attachments;
	return 0; /* a single inline part is the message */
}
