/*
 * What must stand in a text for an expression to match. Careful rather than clever: what is in
 * parentheses may be one of several or not be there at all, so it does not count.
 */
#include "base/rx.h"

#define RUN_MAX 65536

struct run {
	struct str now;
	size_t last; /* where the last character of now begins */
	rx_literal_fn *fn;
	void *data;
};

static void end_run(struct run *r)
{
	if (r->now.len > 0)
		r->fn(r->data, str_sv(&r->now));
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

static void ignore(void *data, struct sv literal)
{
	(void)data;
	(void)literal;
}

/* At the first level every alternative may be the one: then nothing is certain. */
static bool has_alternatives(const char *pattern)
{
	struct run r = {0};
	bool certain = true;
	int depth = 0;

	str_init(&r.now, 0);
	r.fn = ignore;
	for (const char *p = pattern; certain && *p; p++)
		certain = step(&r, &p, &depth);
	str_fini(&r.now);
	return !certain;
}

bool rx_literals(const char *pattern, rx_literal_fn *fn, void *data)
{
	struct run r = {.fn = fn, .data = data};
	int depth = 0;

	if (has_alternatives(pattern))
		return false;
	str_init(&r.now, RUN_MAX);
	for (const char *p = pattern; *p; p++)
		(void)step(&r, &p, &depth);
	end_run(&r);
	str_fini(&r.now);
	return true;
}

static void keep_longest(void *data, struct sv literal)
{
	struct str *best = data;

	if (literal.len <= best->len)
		return;
	str_clear(best);
	(void)str_add(best, literal);
}

bool rx_literal(const char *pattern, struct str *out, bool *whole)
{
	struct str best;
	bool certain;

	str_init(&best, RUN_MAX);
	certain = rx_literals(pattern, keep_longest, &best) && best.len >= 2 && str_add(out, str_sv(&best));
	*whole = certain && !strpbrk(pattern, "^$*+?.|()[]{}\\");
	str_fini(&best);
	return certain;
}

/* ---- expressions on one word ---- */

static bool is_word_char(char c)
{
	return ascii_is_alnum((unsigned char)c) || c == '_';
}

/* "[a-z_[:digit:]]", the cursor behind the '[' and left on the ']'. */
static bool word_set(const char **at)
{
	static const char *const classes[] = {"[:alpha:]", "[:alnum:]", "[:digit:]", "[:xdigit:]", "[:upper:]", "[:lower:]"};
	const char *p = *at;

	while (*p && *p != ']') {
		size_t n = 0;

		for (size_t i = 0; *p == '[' && i < ARRAY_LEN(classes); i++) {
			if (strncmp(p, classes[i], strlen(classes[i])) == 0)
				n = strlen(classes[i]);
		}
		if (n == 0 && !is_word_char(*p))
			return false;
		if (n == 0 && p[1] == '-') {
			bool same = (ascii_is_digit(p[0]) && ascii_is_digit(p[2])) ||
				    (ascii_is_alpha(p[0]) && ascii_is_alpha(p[2]) && (p[0] < 'a') == (p[2] < 'a'));

			if (!same)
				return false;
			n = 3;
		}
		p += n ? n : 1;
	}
	*at = p;
	return *p == ']';
}

bool rx_is_in_word(const char *pattern)
{
	for (const char *p = pattern; *p; p++) {
		if (is_word_char(*p) || strchr("|)*+?", *p))
			continue;
		switch (*p) {
		case '(':
			if (p[1] == '?' || p[1] == '*')
				return false;
			break;
		case '{':
			p++;
			p += strspn(p, "0123456789,");
			if (*p != '}')
				return false;
			break;
		case '[':
			p++;
			if (!word_set(&p))
				return false;
			break;
		case '\\':
			if (!p[1] || !strchr("<>bwd", p[1]))
				return false;
			p++;
			break;
		default:
			return false;
		}
	}
	return true;
}
