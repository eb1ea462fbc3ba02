/*
 * What must stand in a text for an expression to match. Careful rather than clever: what is in
 * parentheses may be one of several or not be there at all, so it does not count.
 */
#include "base/rx.h"

struct run {
	struct str now, best;
	size_t last; /* where the last character of now begins */
};

static void end_run(struct run *r)
{
	if (r->now.len > r->best.len) {
		str_clear(&r->best);
		(void)str_add(&r->best, str_sv(&r->now));
	}
	str_clear(&r->now);
	r->last = 0;
}

static void add(struct run *r, char c)
{
	if (((unsigned char)c & 0xc0) != 0x80)
		r->last = r->now.len;
	if (!str_addc(&r->now, c))
		end_run(r);
}

/* "[^]a-z[:digit:]]": the cursor behind the '['. */
static const char *skip_set(const char *p)
{
	p += *p == '^';
	p += *p == ']';
	while (*p && *p != ']') {
		if (*p == '[' && p[1] && strchr(":.=", p[1])) {
			char kind = p[1];

			for (p += 2; *p && !(*p == kind && p[1] == ']'); p++)
				continue;
			p += *p ? 1 : 0;
		}
		p += *p ? 1 : 0;
	}
	return p;
}

/* One step; *p stands on its last byte afterwards. False: alternatives, so nothing is certain. */
static bool step(struct run *r, const char **p, int *depth)
{
	char c = **p;

	switch (c) {
	case '|':
		return *depth > 0;
	case '(':
		end_run(r);
		(*depth)++;
		return true;
	case ')':
		end_run(r);
		*depth -= *depth > 0;
		return true;
	case '[':
		end_run(r);
		*p = skip_set(*p + 1);
		*p -= **p == 0;
		return true;
	case '*':
	case '?':
	case '{': /* what stands before may be missing */
		str_cut(&r->now, r->last);
		end_run(r);
		if (c == '{' && strchr(*p, '}'))
			*p = strchr(*p, '}');
		return true;
	case '+':
	case '.':
	case '^':
	case '$':
		end_run(r);
		return true;
	case '\\':
		if (!(*p)[1])
			return true;
		(*p)++;
		if (ascii_is_alnum((unsigned char)**p) || strchr("<>`'", **p))
			end_run(r);
		else if (*depth == 0)
			add(r, **p);
		return true;
	default:
		if (*depth == 0)
			add(r, c);
		return true;
	}
}

bool rx_literal(const char *pattern, struct str *out, bool *whole)
{
	struct run r = {0};
	bool certain = true;
	int depth = 0;

	str_init(&r.now, 65536);
	str_init(&r.best, 65536);
	for (const char *p = pattern; certain && *p; p++)
		certain = step(&r, &p, &depth);
	end_run(&r);
	certain = certain && r.best.len >= 2 && str_add(out, str_sv(&r.best));
	*whole = certain && !strpbrk(pattern, "^$*+?.|()[]{}\\");
	str_fini(&r.now);
	str_fini(&r.best);
	return certain;
}
