#include "base/rx.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "base/mem.h"

/* A runaway pattern ends within about 10 ms (measured in the design notes). */
#define RX_MATCH_LIMIT 100000
#define RX_DEPTH_LIMIT 10000
#define RX_PATTERN_MAX 65536
#define RX_SPANS 16      /* matches over an end of line that are borne with in a text */
#define RX_JIT_AFTER 8 /* matches: making machine code costs more than a few of them */

struct rx {
	char *pattern;
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *ctx;
	unsigned runs; /* up to RX_JIT_AFTER */
	bool line_like; /* rx_match_line may look at many lines at once */
	unsigned char start[128]; /* enum start: what rx_find_start knows of an ASCII byte */
};

enum start { START_UNKNOWN, START_POSSIBLE, START_NEVER };

/*
 * One bracket expression is copied as it is but for '\\', which POSIX takes for itself and PCRE2 for
 * an escape, and '[' that opens no class.
 */
static bool copy_bracket(struct scan *s, struct str *out)
{
	bool ok = str_addc(out, '[');

	if (scan_byte(s, '^'))
		ok = ok && str_addc(out, '^');
	if (scan_byte(s, ']'))
		ok = ok && str_adds(out, "\\]");
	if (scan_peek(s) == ':' || scan_peek(s) == '.' || scan_peek(s) == '=') /* [:alnum:] alone: PCRE2 refuses it */
		ok = ok && str_addc(out, '\\');
	while (ok && !scan_end(s) && *s->p != ']') {
		char c = *s->p++;
		int next = scan_peek(s);
		if (c == '[' && (next == ':' || next == '.' || next == '=')) {
			char close[3] = {(char)next, ']', 0};
			ptrdiff_t at = sv_find(sv_from(scan_rest(s), 1), sv_of(close));
			if (at >= 0) {
				ok = str_addc(out, '[') && str_add(out, sv_head(scan_rest(s), (size_t)at + 3));
				s->p += at + 3;
				continue;
			}
		}
		if (c == '\\' && (next == 'd' || next == 's' || next == 'w' || next == ']' || next == '\\' || next == '-')) {
			/* Written by people who think in Perl: what they mean is clear. */
			ok = str_addc(out, '\\') && str_addc(out, *s->p++);
			continue;
		}
		if (c == '\\' || c == '[')
			ok = str_addc(out, '\\');
		ok = ok && str_addc(out, c);
	}
	return scan_byte(s, ']') && ok && str_addc(out, ']');
}

/*
 * POSIX to PCRE2: word edges \< \>, \` \' ; a '{' that starts no bound is a plain character in both;
 * (? after '(' would be PCRE2 syntax that POSIX does not know but users of NeoMutt's PCRE2 do: kept.
 */
static bool translate(struct sv pattern, struct str *out)
{
	struct scan s = scan_of(pattern);
	bool ok = true;

	while (ok && !scan_end(&s)) {
		char c = *s.p++;
		if (c == '[') {
			ok = copy_bracket(&s, out);
			continue;
		}
		if (c == '*' && (out->len == 0 || out->s[out->len - 1] == '(' || out->s[out->len - 1] == '|') &&
			!(out->len >= 2 && out->s[out->len - 2] == '\\')) {
			ok = str_adds(out, "\\*"); /* a star with nothing before it is a star (glibc) */
			continue;
		}
		if (c != '\\') {
			ok = str_addc(out, c);
			continue;
		}
		switch (scan_end(&s) ? 0 : *s.p) {
		case 0:
			return false;
		case '<':
			ok = str_adds(out, "\\b(?=\\w)");
			break;
		case '>':
			ok = str_adds(out, "\\b(?<=\\w)");
			break;
		case '`':
			ok = str_adds(out, "\\A");
			break;
		case '\'':
			ok = str_adds(out, "\\z");
			break;
		default: /* a letter that means nothing after a backslash stands for itself (glibc) */
			if (!ascii_is_alpha((unsigned char)*s.p) || strchr("AZzbBdDfnprsStPwWx", *s.p))
				ok = str_addc(out, '\\');
			ok = ok && str_addc(out, *s.p);
		}
		s.p++;
	}
	return ok;
}

static bool has_upper(const char *s)
{
	for (; *s; s++) {
		if (*s == '\\' && s[1])
			s++; /* \W and friends are no capital letters */
		else if (*s >= 'A' && *s <= 'Z')
			return true;
	}
	return false;
}

static bool compile(struct rx *r, const char *pattern, unsigned flags, struct err *e)
{
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_MULTILINE | PCRE2_DOLLAR_ENDONLY;
	struct str s;
	int code;
	PCRE2_SIZE at;

	if ((flags & RX_ICASE) || ((flags & RX_SMARTCASE) && !has_upper(pattern)))
		options |= PCRE2_CASELESS;
	if (flags & RX_NOSUB)
		options |= PCRE2_NO_AUTO_CAPTURE;
	str_init(&s, RX_PATTERN_MAX);
	bool ok = translate(sv_of(pattern), &s);
	if (!ok) {
		err_set(e, ERR_INPUT, "regular expression '%.100s': %s", pattern,
			s.len + 16 >= s.max ? "too long" : "a bracket or backslash at its end is not closed");
	} else {
		r->code = pcre2_compile((PCRE2_SPTR)s.s, s.len, options, &code, &at, NULL);
		if (!r->code) {
			PCRE2_UCHAR text[160];
			pcre2_get_error_message(code, text, sizeof(text));
			ok = err_set(e, ERR_INPUT, "regular expression '%.100s': %s", pattern, (char *)text);
		}
	}
	str_fini(&s);
	return ok;
}

/*
 * What matches in a line also makes some match that begins at its place in the whole text: nothing looks
 * ahead or holds on to what it has taken, and there are no edges of the text.
 */
static bool is_line_like(const char *pattern)
{
	static const char *const unlike[] = {"(?", "++", "*+", "?+", "}+", "\\A", "\\Z", "\\z", "\\`", "\\'"};

	for (size_t i = 0; i < ARRAY_LEN(unlike); i++) {
		if (strstr(pattern, unlike[i]))
			return false;
	}
	return true;
}

struct rx *rx_new(const char *pattern, unsigned flags, struct err *e)
{
	struct rx *r = xcalloc(1, sizeof(*r));

	if (!compile(r, pattern, flags, e)) {
		rx_free(r);
		return NULL;
	}
	r->pattern = xstrdup(pattern);
	r->line_like = is_line_like(pattern);
	r->data = pcre2_match_data_create(RX_GROUPS, NULL);
	r->ctx = pcre2_match_context_create(NULL);
	if (!r->data || !r->ctx)
		bug("out of memory (pcre2)");
	pcre2_set_match_limit(r->ctx, RX_MATCH_LIMIT);
	pcre2_set_depth_limit(r->ctx, RX_DEPTH_LIMIT);
	return r;
}

void rx_free(struct rx *r)
{
	if (!r)
		return;
	pcre2_code_free(r->code);
	pcre2_match_data_free(r->data);
	pcre2_match_context_free(r->ctx);
	free(r->pattern);
	free(r);
}

const char *rx_pattern(const struct rx *r)
{
	return r->pattern;
}

static int run(struct rx *r, struct sv subject, size_t from)
{
	const char *p = subject.p ? subject.p : "";

	if (r->runs < RX_JIT_AFTER && ++r->runs == RX_JIT_AFTER)
		pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE); /* no JIT: the interpreter goes on */
	return from > subject.len ? -1
				  : pcre2_match(r->code, (PCRE2_SPTR)p, subject.len, from, 0, r->data, r->ctx);
}

bool rx_match(struct rx *r, struct sv subject)
{
	return run(r, subject, 0) >= 0;
}

static bool match_lines(struct rx *r, struct sv text)
{
	struct sv line;

	while (sv_line(&text, &line)) {
		if (rx_match(r, line))
			return true;
	}
	return false;
}

/*
 * The whole text at once; where that runs over the end of a line, the line is asked. When it does so again and
 * again, or becomes too much work, all that is left is gone through line by line.
 */
bool rx_match_line(struct rx *r, struct sv text)
{
	size_t from = 0;

	if (!r->line_like || memchr(text.p ? text.p : "", '\r', text.len))
		return match_lines(r, text);
	for (unsigned i = 0; i < RX_SPANS && from <= text.len; i++) {
		int n = run(r, text, from);

		if (n == PCRE2_ERROR_NOMATCH)
			return false;
		if (n < 0)
			break;
		PCRE2_SIZE *at = pcre2_get_ovector_pointer(r->data);
		struct sv rest = sv_from(text, at[0]), line = text;
		ptrdiff_t end = sv_chr(rest, '\n');

		if (at[0] > at[1] || at[0] == text.len)
			break; /* at the very end there may be no line */
		if (end < 0 || at[1] <= at[0] + (size_t)end)
			return true;
		size_t start = at[0];

		while (start > from && text.p[start - 1] != '\n')
			start--;
		line = sv_make(text.p + start, at[0] + (size_t)end - start);
		if (rx_match(r, line))
			return true;
		from = at[0] + (size_t)end + 1;
	}
	return from <= text.len && match_lines(r, sv_from(text, from));
}

static bool take_groups(struct rx *r, int n, ptrdiff_t groups[RX_GROUPS][2])
{
	if (n < 0)
		return false;
	if (n == 0)
		n = RX_GROUPS; /* more groups than we keep */
	PCRE2_SIZE *at = pcre2_get_ovector_pointer(r->data);
	for (int i = 0; i < RX_GROUPS; i++) {
		bool set = i < n && at[i * 2] != PCRE2_UNSET;
		groups[i][0] = set ? (ptrdiff_t)at[i * 2] : -1;
		groups[i][1] = set ? (ptrdiff_t)at[i * 2 + 1] : -1;
	}
	return true;
}

bool rx_find(struct rx *r, struct sv subject, size_t from, ptrdiff_t groups[RX_GROUPS][2])
{
	return take_groups(r, run(r, subject, from), groups);
}

/*
 * Can a match begin with this byte? Asked of PCRE2 by a subject that is nothing but the byte: when it says no without
 * having wanted to see more, nothing that may follow makes a difference.
 */
static bool can_start(struct rx *r, unsigned char c)
{
	if (c >= ARRAY_LEN(r->start))
		return true;
	if (r->start[c] == START_UNKNOWN) {
		int n = pcre2_match(r->code, &c, 1, 0, PCRE2_ANCHORED | PCRE2_PARTIAL_HARD, r->data, r->ctx);
		r->start[c] = n == PCRE2_ERROR_NOMATCH ? START_NEVER : START_POSSIBLE;
	}
	return r->start[c] == START_POSSIBLE;
}

bool rx_find_start(struct rx *r, struct sv subject, ptrdiff_t groups[RX_GROUPS][2])
{
	if (subject.len == 0)
		return rx_find(r, subject, 0, groups) && groups[0][0] == 0;
	if (!can_start(r, (unsigned char)subject.p[0]))
		return false;
	return take_groups(r, pcre2_match(r->code, (PCRE2_SPTR)subject.p, subject.len, 0, PCRE2_ANCHORED, r->data, r->ctx),
		groups);
}
