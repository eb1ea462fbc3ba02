/*
 * Reading parameters (see param.h). First all "name=value" pieces are collected, then those of one
 * name are put together: name* (RFC 2231 section 4), name*0, name*1* ... (section 3), plain.
 */
#include "mime/param.h"

#include <stdlib.h>

#include "base/hash.h"
#include "mime/encword.h"
#include "mime/encword_priv.h"
#include "mime/header.h"
#include "text/utf8.h"

#define GROUPS_FEW 16 /* up to here names are compared one by one */

enum { SECTION_PLAIN = -1, SECTION_WHOLE = -2 }; /* else the number after '*' */

struct piece {
	struct sv value; /* without quotes; escapes undone */
	int64_t section;
	bool extended;      /* percent-encoded */
	struct piece *next; /* of the same name, in order */
};

struct group {
	const char *name;
	struct piece *first, *last;
	size_t count;
	unsigned seen; /* 1: a plain value, 2: one as a whole in RFC 2231 form */
};

struct reader {
	struct arena *arena;
	const struct charset_rules *rules;
	unsigned flags;
	struct scan s;
	struct group *groups;
	size_t count, cap, pieces;
	struct map *by_name; /* made when there are many */
	bool odd;
};

/* Over blanks and comments; nesting is counted. */
static void skip_cfws(struct scan *s)
{
	for (;;) {
		int depth = 0;

		scan_wsp(s);
		if (scan_peek(s) != '(')
			return;
		for (; !scan_end(s); s->p++) {
			if (*s->p == '\\' && s->p + 1 < s->end)
				s->p++;
			else if (*s->p == '(')
				depth++;
			else if (*s->p == ')' && --depth == 0)
				break;
		}
		scan_byte(s, ')');
	}
}

/* The group of that name (lower case), NULL when there is none yet. */
static struct group *find_group(struct reader *r, struct sv name)
{
	size_t i;

	if (r->by_name) {
		void *at = map_get(r->by_name, name);

		return at ? &r->groups[(uintptr_t)at - 1] : NULL;
	}
	for (i = 0; i < r->count; i++)
		if (sv_is(name, r->groups[i].name))
			return &r->groups[i];
	return NULL;
}

static void map_groups(struct reader *r, size_t from)
{
	for (; from < r->count; from++)
		map_set(r->by_name, sv_of(r->groups[from].name), (void *)(uintptr_t)(from + 1));
}

static struct group *group_of(struct reader *r, struct sv name)
{
	struct str lower;
	struct group *g;
	size_t i;

	str_init(&lower, name.len + 1);
	str_add(&lower, name);
	for (i = 0; i < lower.len; i++)
		lower.s[i] = (char)ascii_lower((unsigned char)lower.s[i]);
	g = find_group(r, str_sv(&lower));
	if (!g) {
		array_grow(r->groups, r->count, r->cap);
		g = &r->groups[r->count++];
		*g = (struct group){.name = arena_strndup(r->arena, lower.s, lower.len)};
		if (r->by_name) {
			map_groups(r, r->count - 1);
		} else if (r->count == GROUPS_FEW) {
			r->by_name = map_new();
			map_groups(r, 0);
		}
	}
	str_fini(&lower);
	return g;
}

/* Takes "*", "*3", "*3*" off the end of a name. False when what stands there is none of these. */
static bool split_name(struct sv *name, int64_t *section, bool *extended)
{
	ptrdiff_t star = sv_chr(*name, '*');
	struct sv tail;
	uint64_t n;

	*section = SECTION_PLAIN;
	*extended = false;
	if (star < 0)
		return true;
	tail = sv_from(*name, (size_t)star + 1);
	*name = sv_head(*name, (size_t)star);
	if (tail.len == 0) {
		*section = SECTION_WHOLE;
		*extended = true;
		return true;
	}
	if (tail.p[tail.len - 1] == '*') {
		*extended = true;
		tail.len--;
	}
	if (tail.len == 0 || tail.len > 9 || (tail.p[0] == '0' && tail.len > 1) ||
		!sv_u64(tail, &n))
		return false;
	*section = (int64_t)n;
	return true;
}

static void add_piece(struct reader *r, struct sv name, struct sv value)
{
	struct piece *p;
	struct group *g;
	int64_t section;
	bool extended;

	if (r->pieces >= PARAM_MAX || !split_name(&name, &section, &extended) || name.len == 0) {
		r->odd = true;
		return;
	}
	g = group_of(r, name);
	/* Of values that are not numbered only the first counts. */
	if (section < 0 && (g->seen & (section == SECTION_PLAIN ? 1u : 2u)))
		return;
	g->seen |= section == SECTION_PLAIN ? 1u : section == SECTION_WHOLE ? 2u : 0;
	r->pieces++;
	p = arena_alloc(r->arena, sizeof(*p));
	*p = (struct piece){value, section, extended, NULL};
	if (g->last)
		g->last->next = p;
	else
		g->first = p;
	g->last = p;
	g->count++;
}

/* "C:\dir\a.pdf": what browsers of old took for the name of a file. */
static bool is_windows_path(struct sv raw)
{
	return raw.len > 3 && ascii_is_alpha((unsigned char)raw.p[0]) && raw.p[1] == ':' && raw.p[2] == '\\' &&
	       raw.p[3] != '\\' && raw.p[3] != '"';
}

/* Behind the opening quote. An unclosed one goes to the end. */
static struct sv quoted_value(struct reader *r)
{
	struct scan *s = &r->s;
	const char *start = s->p, *p;
	char *made, *to;
	bool escapes = false;

	for (p = start; p < s->end && *p != '"'; p++)
		if (*p == '\\') {
			escapes = true;
			if (p + 1 < s->end)
				p++;
		}
	p = MIN(p, s->end);
	s->p = p < s->end ? p + 1 : p;
	r->odd |= p == s->end;
	if (!escapes || is_windows_path(sv_make(start, (size_t)(p - start))))
		return sv_make(start, (size_t)(p - start));
	made = to = arena_alloc(r->arena, (size_t)(p - start) + 1);
	for (; start < p; start++) {
		if (*start == '\\' && ++start == p)
			break;
		*to++ = *start;
	}
	return sv_make(made, (size_t)(to - made));
}

/* Is there "token=" at p? Then an unquoted value ended before it, though the ';' is missing. */
static bool next_parameter(const char *p, const char *end)
{
	const char *start = p;

	while (p < end && (ascii_is_alnum((unsigned char)*p) || strchr("-_*", *p)) && *p)
		p++;
	return p > start && p < end && *p == '=' && p - start < 40;
}

/* Without a comment at its end; names of files keep theirs ("letter (1).pdf" is often not
 * quoted). */
static struct sv without_comment(struct sv value, struct sv name)
{
	ptrdiff_t at;

	if (value.len == 0 || value.p[value.len - 1] != ')' ||
		sv_starts_case(name, SV("filename")) || sv_starts_case(name, SV("name")))
		return value;
	at = sv_find(value, SV(" ("));
	return at > 0 ? sv_rtrim(sv_head(value, (size_t)at)) : value;
}

/* Up to ';'. Blanks inside belong to it: many mailers forget the quotes. */
static struct sv bare_value(struct reader *r, struct sv name)
{
	struct scan *s = &r->s;
	const char *start = s->p, *end = NULL;
	struct encword word;
	struct sv value;

	for (; s->p < s->end && *s->p != ';'; s->p++) {
		if (*s->p == '=' && encword_match(sv_head(scan_rest(s), 1024), &word)) {
			s->p += word.len - 1;
			continue;
		}
		if (!end && ascii_is_space((unsigned char)*s->p) &&
			next_parameter(s->p + 1, s->end)) {
			end = s->p;
			r->odd = true;
		}
	}
	value = sv_trim(sv_make(start, (size_t)((end ? end : s->p) - start)));
	return without_comment(value, name);
}

static void read_pieces(struct reader *r)
{
	struct scan *s = &r->s;

	while (!scan_end(s)) {
		struct sv name, value;

		skip_cfws(s);
		if (scan_byte(s, ';'))
			continue;
		name = scan_until(s, "=;");
		if (!scan_byte(s, '=')) {
			r->odd |= sv_trim(name).len > 0;
			continue;
		}
		name = sv_trim(name);
		skip_cfws(s);
		if (scan_byte(s, '"')) {
			value = quoted_value(r);
			r->odd |= sv_trim(scan_until(s, ";")).len > 0;
		} else {
			value = bare_value(r, name);
		}
		if (sv_chr(name, ' ') >= 0 || sv_chr(name, '\t') >= 0)
			r->odd = true;
		else
			add_piece(r, name, value);
	}
}

/* ---- putting together ---- */

static bool percent_decode(struct str *out, struct sv s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '%' && i + 2 < s.len) {
			int high = ascii_hex((unsigned char)s.p[i + 1]),
			    low = ascii_hex((unsigned char)s.p[i + 2]);

			if (high >= 0 && low >= 0) {
				c = (char)(high << 4 | low);
				i += 2;
			}
		}
		if (!str_addc(out, c))
			return false;
	}
	return true;
}

/* charset'language'value; tolerates the forms with one quote or none. */
static struct sv split_charset(struct sv value, struct sv *charset)
{
	ptrdiff_t first = sv_chr(value, '\''), second;

	*charset = SV("");
	if (first < 0)
		return value;
	*charset = sv_head(value, (size_t)first);
	value = sv_from(value, (size_t)first + 1);
	second = sv_chr(value, '\'');
	return second < 0 ? value : sv_from(value, (size_t)second + 1);
}

/* Controls have no place in a value, and bidi controls would let ".txt.exe" read otherwise. */
static const char *clean(struct reader *r, struct sv s)
{
	struct str out;
	const char *made;
	size_t used;

	str_init(&out, PARAM_VALUE_MAX * 2);
	for (; s.len > 0; s = sv_from(s, used)) {
		uint32_t c = utf8_decode(s, &used);

		if (c == '\t' || utf8_is_bidi(c))
			str_addc(&out, ' ');
		else if (!utf8_is_control(c))
			str_add(&out, sv_head(s, used));
	}
	made = arena_strndup(r->arena, out.s ? out.s : "", out.len);
	str_fini(&out);
	return made;
}

/* Bytes in charset; *exact tells whether all were right. */
static const char *to_text(struct reader *r, struct sv bytes, struct sv charset, bool *exact)
{
	struct charset_report report;
	struct str text;
	const char *made;

	str_init(&text, PARAM_VALUE_MAX);
	charset_to_utf8(&text, bytes, charset, r->rules, &report);
	made = clean(r, str_sv(&text));
	str_fini(&text);
	*exact = report.replaced == 0 && !report.unknown;
	return made;
}

static const char *plain_text(struct reader *r, struct sv value)
{
	struct str text;
	const char *made;
	bool exact;

	if (r->flags & PARAM_NO_2047)
		return to_text(r, value, SV(""), &exact);
	str_init(&text, PARAM_VALUE_MAX);
	encword_decode(&text, value, r->rules);
	made = clean(r, str_sv(&text));
	str_fini(&text);
	return made;
}

static struct piece *find_section(const struct group *g, int64_t section)
{
	struct piece *p;

	for (p = g->first; p; p = p->next)
		if (p->section == section)
			return p;
	return NULL;
}

static const char *whole_value(struct reader *r, const struct piece *p, bool *exact)
{
	struct sv charset, rest = split_charset(p->value, &charset);
	struct str bytes;
	const char *made;

	str_init(&bytes, PARAM_VALUE_MAX);
	percent_decode(&bytes, rest);
	made = to_text(r, str_sv(&bytes), charset, exact);
	str_fini(&bytes);
	return made;
}

/* name*0 name*1 ... as far as they go without a gap. */
static const char *joined_value(struct reader *r, const struct group *g, bool *exact)
{
	struct piece **slots = xcalloc(g->count, sizeof(struct piece *)), *p;
	struct sv charset = SV("");
	struct str bytes;
	const char *made;
	bool extended = false;
	size_t i;

	for (p = g->first; p; p = p->next) {
		if (p->section < 0 || (size_t)p->section >= g->count)
			continue;
		if (slots[p->section]) /* a second set begins: it is not mixed with the first */
			break;
		slots[p->section] = p;
	}
	str_init(&bytes, PARAM_VALUE_MAX);
	for (i = 0; i < g->count && slots[i]; i++) {
		struct sv value = slots[i]->value;

		extended |= slots[i]->extended;
		if (i == 0 && slots[i]->extended)
			value = split_charset(value, &charset);
		if (slots[i]->extended)
			percent_decode(&bytes, value);
		else
			str_add(&bytes, value);
	}
	free(slots);
	*exact = true;
	made = extended ? to_text(r, str_sv(&bytes), charset, exact)
			: plain_text(r, str_sv(&bytes));
	str_fini(&bytes);
	return made;
}

static const char *group_value(struct reader *r, const struct group *g)
{
	const struct piece *whole = find_section(g, SECTION_WHOLE),
			   *plain = find_section(g, SECTION_PLAIN);
	const char *made = NULL;
	bool exact = true;

	if (whole)
		made = whole_value(r, whole, &exact);
	else if (find_section(g, 0))
		made = joined_value(r, g, &exact);
	/* What cannot be decoded gives way to the plain form that the sender put there for such
	 * a case. */
	if (plain && (!made || !exact))
		made = plain_text(r, plain->value);
	return made;
}

/* What stands before the first ';' without comments, blanks at its ends and quotes. */
static const char *read_value(struct reader *r)
{
	struct scan *s = &r->s;
	struct str out;
	const char *made;
	bool blank = false;

	str_init(&out, PARAM_VALUE_MAX);
	while (!scan_end(s) && scan_peek(s) != ';') {
		const char *before = s->p;

		skip_cfws(s);
		blank = blank || s->p > before;
		if (scan_end(s) || scan_peek(s) == ';')
			break;
		/* "text/html charset=x": the ';' was forgotten. */
		if (blank && out.len > 0 && next_parameter(s->p, s->end)) {
			r->odd = true;
			break;
		}
		if (blank && out.len > 0)
			str_addc(&out, ' ');
		blank = false;
		if (*s->p != '"')
			str_addc(&out, *s->p);
		s->p++;
	}
	made = arena_strndup(r->arena, out.s ? out.s : "", out.len);
	str_fini(&out);
	return made;
}

void params_parse(struct arena *arena, struct sv raw, const struct charset_rules *rules,
	unsigned flags, struct params *out)
{
	struct reader r = {.arena = arena, .rules = rules, .flags = flags};
	struct params params = {0};
	struct str text;
	size_t i;

	raw = sv_trim(raw);
	if (raw.len > 0 && memchr(raw.p, '\n', raw.len)) {
		str_init(&text, raw.len + 1);
		header_unfold(&text, raw);
		raw = sv_make(arena_strndup(arena, text.s, text.len), text.len);
		str_fini(&text);
	}
	r.s = scan_of(raw);
	params.value = read_value(&r);
	read_pieces(&r);
	params.list = r.count ? arena_alloc(arena, r.count * sizeof(*params.list)) : NULL;
	for (i = 0; i < r.count; i++) {
		const char *value = group_value(&r, &r.groups[i]);

		if (value)
			params.list[params.count++] = (struct param){r.groups[i].name, value};
	}
	params.odd = r.odd;
	free(r.groups);
	map_free(r.by_name);
	*out = params;
}

const char *params_get(const struct params *params, const char *name)
{
	size_t i;

	for (i = 0; i < params->count; i++)
		if (strcmp(params->list[i].name, name) == 0)
			return params->list[i].value;
	return NULL;
}
