/*
 * Style declarations and the rules of <style> (CSS 2.1, sections 4, 5 and 6, the parts that mail
 * uses). Selectors: type, class, id and descendants of these; anything else makes a rule void.
 * @media blocks are void unless they are for every screen. See html_css.h for the limits.
 */
#include "render/html_css.h"

#include <stdlib.h>

#include "text/doc.h"

#define PX_MAX 100000

/* ---- values ---- */

/* "12.5px" as pixels; *unit gets what stands behind the number. False when it is no number. */
static bool number(struct sv v, int *hundredths, struct sv *unit)
{
	struct scan s = scan_of(v);
	int sign = scan_byte(&s, '-') ? -1 : 1;
	int64_t n = 0;
	bool any = false;

	scan_byte(&s, '+');
	for (; ascii_is_digit(scan_peek(&s)); s.p++, any = true)
		n = MIN(n * 10 + (*s.p - '0'), PX_MAX);
	n *= 100;
	if (scan_byte(&s, '.'))
		for (int scale = 10; ascii_is_digit(scan_peek(&s)); s.p++, any = true, scale /= 10)
			n += (*s.p - '0') * scale;
	*hundredths = (int)(sign * n);
	*unit = sv_trim(scan_rest(&s));
	return any;
}

/* A length in px; em and the like by a font of 16 px; percentages are not lengths here. */
static bool length(struct sv v, int *px)
{
	struct sv unit;
	int n;

	if (!number(v, &n, &unit))
		return false;
	if (sv_is_case(unit, "em") || sv_is_case(unit, "rem"))
		n *= 16;
	else if (sv_is_case(unit, "pt"))
		n = n * 4 / 3;
	else if (sv_is_case(unit, "in"))
		n *= 96;
	else if (sv_is_case(unit, "cm"))
		n *= 38;
	else if (sv_is_case(unit, "mm"))
		n = n * 38 / 10;
	else if (sv_is(unit, "%") && n != 0)
		return false;
	*px = n / 100;
	return true;
}

static bool is_zero(struct sv v)
{
	struct sv unit;
	int n;

	return number(v, &n, &unit) && n == 0;
}

/* ---- properties ---- */

static void set_display(struct css *c, struct sv v)
{
	if (sv_is_case(v, "none"))
		c->display = CSS_NONE;
	else if (sv_is_case(v, "inline"))
		c->display = CSS_INLINE;
	else if (sv_starts_case(v, SV("inline-")))
		c->display = CSS_INLINE_BLOCK;
	else if (sv_starts_case(v, SV("table")))
		c->display = CSS_TABLE_PART;
	else
		c->display = CSS_BLOCK;
	c->set |= CSS_DISPLAY;
}

static void set_visibility(struct css *c, struct sv v)
{
	c->invisible = sv_is_case(v, "hidden") || sv_is_case(v, "collapse");
	c->set |= CSS_VISIBILITY;
}

static void set_font_size(struct css *c, struct sv v)
{
	struct sv unit;
	int n;

	if (!number(v, &n, &unit))
		c->font_size = CSS_SIZE_RELATIVE; /* "small" */
	else if (n != 0 && (sv_is(unit, "%") || sv_is_case(unit, "em") || sv_is_case(unit, "rem")))
		c->font_size = CSS_SIZE_RELATIVE;
	else
		c->font_size = (sv_is_case(unit, "pt") ? n * 4 / 3 : n) / 100;
	c->set |= CSS_FONT_SIZE;
}

static void set_weight(struct css *c, struct sv v)
{
	struct sv unit;
	int n;

	c->bold = sv_is_case(v, "bold") || sv_is_case(v, "bolder") ||
		  (number(v, &n, &unit) && n >= 60000);
	c->set |= CSS_BOLD;
}

static void set_italic(struct css *c, struct sv v)
{
	c->italic = sv_is_case(v, "italic") || sv_is_case(v, "oblique");
	c->set |= CSS_ITALIC;
}

static void set_decoration(struct css *c, struct sv v)
{
	c->decoration = 0;
	if (sv_find_case(v, SV("underline")) >= 0)
		c->decoration |= CSS_UNDERLINE;
	if (sv_find_case(v, SV("line-through")) >= 0)
		c->decoration |= CSS_STRIKE;
	c->set |= CSS_DECORATION;
}

static void set_color(struct css *c, struct sv v)
{
	uint32_t color = css_color(v);

	if (!color)
		return;
	c->color = color;
	c->set |= CSS_COLOR;
}

static void set_background(struct css *c, struct sv v)
{
	struct sv word;

	if (sv_find_case(v, SV("url(")) >= 0 || sv_find_case(v, SV("gradient(")) >= 0) {
		c->image = true;
		c->set |= CSS_IMAGE;
	}
	uint32_t whole = css_color(v);
	if (whole) {
		c->background = whole;
		c->set |= CSS_BACKGROUND;
		return;
	}
	while (sv_split(&v, ' ', &word)) {
		uint32_t color = css_color(word);
		if (!color)
			continue;
		c->background = color;
		c->set |= CSS_BACKGROUND;
		return;
	}
}

static void set_white_space(struct css *c, struct sv v)
{
	c->pre = sv_starts_case(v, SV("pre")) && !sv_is_case(v, "pre-line");
	c->set |= CSS_WHITE_SPACE;
}

static void set_align(struct css *c, struct sv v)
{
	c->align = sv_is_case(v, "right") || sv_is_case(v, "end") ? CSS_RIGHT
		   : sv_is_case(v, "center")                      ? CSS_CENTER
								  : CSS_LEFT;
	c->set |= CSS_ALIGN;
}

static void set_above(struct css *c, struct sv v)
{
	int px;

	if (!length(v, &px))
		return;
	c->above = px;
	c->set |= CSS_SPACE_ABOVE;
}

static void set_below(struct css *c, struct sv v)
{
	int px;

	if (!length(v, &px))
		return;
	c->below = px;
	c->set |= CSS_SPACE_BELOW;
}

static void set_left(struct css *c, struct sv v)
{
	int px;

	if (!length(v, &px))
		return;
	c->left = px;
	c->set |= CSS_MARGIN_LEFT;
}

static void set_padding_left(struct css *c, struct sv v)
{
	int px;

	if (!length(v, &px))
		return;
	c->padding_left = px;
	c->set |= CSS_PADDING_LEFT;
}

/* The four sides of a shorthand in the order top, right, bottom, left; returns how many were given. */
static int four_sides(struct sv v, struct sv side[4])
{
	static const unsigned char from[5][4] = {
		{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 1, 0, 1}, {0, 1, 2, 1}, {0, 1, 2, 3}};
	struct sv given[4] = {{"", 0}}, word;
	int n = 0;

	while (n < 4 && sv_split(&v, ' ', &word))
		if (word.len)
			given[n++] = word;
	for (int i = 0; i < 4; i++)
		side[i] = given[from[n][i]];
	return n;
}

static void set_margin(struct css *c, struct sv v)
{
	struct sv side[4];

	if (!four_sides(v, side))
		return;
	set_above(c, side[0]);
	set_below(c, side[2]);
	set_left(c, side[3]);
}

/* Padding only ever adds room: a zero there says nothing about margins. */
static void set_padding(struct css *c, struct sv v)
{
	struct sv side[4];
	int px;

	if (!four_sides(v, side))
		return;
	if (length(side[0], &px) && px > c->above)
		set_above(c, side[0]);
	if (length(side[2], &px) && px > c->below)
		set_below(c, side[2]);
	set_padding_left(c, side[3]);
}

static void set_padding_above(struct css *c, struct sv v)
{
	int px;

	if (length(v, &px) && px > c->above)
		set_above(c, v);
}

static void set_padding_below(struct css *c, struct sv v)
{
	int px;

	if (length(v, &px) && px > c->below)
		set_below(c, v);
}

static void set_border_left(struct css *c, struct sv v)
{
	c->bordered_left = !is_zero(v) && sv_find_case(v, SV("none")) < 0;
	c->set |= CSS_BORDER_LEFT;
}

static void set_max_height(struct css *c, struct sv v)
{
	c->no_max_height = is_zero(v);
	c->set |= CSS_MAX_HEIGHT;
}

static void set_height(struct css *c, struct sv v)
{
	c->no_height = is_zero(v);
	c->set |= CSS_HEIGHT;
}

static void set_width(struct css *c, struct sv v)
{
	c->no_width = is_zero(v);
	c->set |= CSS_WIDTH;
}

static void set_overflow(struct css *c, struct sv v)
{
	c->clipped = sv_is_case(v, "hidden") || sv_is_case(v, "clip");
	c->set |= CSS_OVERFLOW;
}

static void set_opacity(struct css *c, struct sv v)
{
	c->transparent = is_zero(v);
	c->set |= CSS_OPACITY;
}

static void set_offset(struct css *c, struct sv v)
{
	int px;

	if (!length(v, &px))
		return;
	c->out_of_sight = px <= -900;
	c->set |= CSS_INDENT;
}

static void set_mso_hide(struct css *c, struct sv v)
{
	c->mso_hide = sv_is_case(v, "all");
	c->set |= CSS_MSO_HIDE;
}

/* Word's lists: "l0 level2 lfo1" on a paragraph, "Ignore" on the mark in it. */
static void set_mso_list(struct css *c, struct sv v)
{
	ptrdiff_t at = sv_find_case(v, SV("level"));
	struct scan s = scan_of(sv_from(v, (size_t)(at + 5)));
	uint64_t n = 0;

	if (sv_is_case(v, "ignore"))
		c->mso_list = CSS_MSO_MARK;
	else if (at >= 0 && scan_u64(&s, &n) && n > 0)
		c->mso_list = (int8_t)MIN(n, (uint64_t)CSS_MSO_LEVEL_MAX);
	else
		return;
	c->set |= CSS_MSO_LIST;
}

static void set_line_height(struct css *c, struct sv v)
{
	struct sv unit;
	int n;

	c->flat = number(v, &n, &unit) && (n == 0 || (n <= 100 && sv_is_case(unit, "px")));
	c->set |= CSS_LINE_HEIGHT;
}

/* "font: italic bold 12px/30px Georgia" */
static void set_font(struct css *c, struct sv v)
{
	struct sv word;

	while (sv_split(&v, ' ', &word)) {
		if (!word.len)
			continue;
		if (sv_is_case(word, "bold"))
			set_weight(c, word);
		else if (sv_is_case(word, "italic"))
			set_italic(c, word);
		else if (ascii_is_digit(word.p[0]) && !sv_ends_case(word, SV("00")))
			set_font_size(c,
				sv_head(word, (size_t)(sv_chr(word, '/') < 0 ? (ptrdiff_t)word.len
									     : sv_chr(word, '/'))));
	}
}

static const struct {
	const char *name;
	void (*set)(struct css *, struct sv);
} properties[] = {
	/* sorted */
	{"background", set_background},
	{"background-color", set_background},
	{"background-image", set_background},
	{"border-left", set_border_left},
	{"color", set_color},
	{"display", set_display},
	{"font", set_font},
	{"font-size", set_font_size},
	{"font-style", set_italic},
	{"font-weight", set_weight},
	{"height", set_height},
	{"left", set_offset},
	{"line-height", set_line_height},
	{"margin", set_margin},
	{"margin-bottom", set_below},
	{"margin-left", set_left},
	{"margin-top", set_above},
	{"max-height", set_max_height},
	{"mso-hide", set_mso_hide},
	{"mso-list", set_mso_list},
	{"opacity", set_opacity},
	{"overflow", set_overflow},
	{"padding", set_padding},
	{"padding-bottom", set_padding_below},
	{"padding-left", set_padding_left},
	{"padding-top", set_padding_above},
	{"text-align", set_align},
	{"text-decoration", set_decoration},
	{"text-decoration-line", set_decoration},
	{"text-indent", set_offset},
	{"visibility", set_visibility},
	{"white-space", set_white_space},
	{"width", set_width},
};

static int compare_property(const void *key, const void *entry)
{
	const struct sv *name = key;

	return sv_cmp_case(*name, sv_of(((const char *const *)entry)[0]));
}

/* Takes "!important" off the end of a value. */
static bool take_important(struct sv *v)
{
	ptrdiff_t bang = sv_rchr(*v, '!');

	if (bang < 0 || !sv_is_case(sv_trim(sv_from(*v, (size_t)bang + 1)), "important"))
		return false;
	*v = sv_trim(sv_head(*v, (size_t)bang));
	return true;
}

static void declaration(struct css *c, struct sv text)
{
	ptrdiff_t colon = sv_chr(text, ':');

	if (colon <= 0)
		return;
	struct sv name = sv_trim(sv_head(text, (size_t)colon));
	struct sv value = sv_trim(sv_from(text, (size_t)colon + 1));
	bool important = take_important(&value);
	if (!value.len || sv_is_case(value, "inherit") || sv_is_case(value, "initial"))
		return;
	size_t i = 0, n = ARRAY_LEN(properties);
	while (n > 0) { /* binary search for the name */
		size_t mid = i + n / 2;
		int d = compare_property(&name, &properties[mid]);
		if (d == 0) {
			uint32_t locked = c->important, had = c->set;
			struct css before = *c;
			c->set = 0;
			properties[mid].set(c, value);
			uint32_t did = c->set;
			if (!important && (did & locked))
				*c = before; /* an important one stands */
			else
				c->set = had | did;
			if (important)
				c->important = locked | did;
			return;
		}
		if (d > 0) {
			i = mid + 1;
			n -= n / 2 + 1;
		} else {
			n /= 2;
		}
	}
}

void css_declarations(struct css *css, struct sv text)
{
	size_t at = 0, start = 0;
	int parens = 0;
	char quote = 0;

	for (; at < text.len; at++) {
		char c = text.p[at];
		if (quote) {
			quote = c == quote ? 0 : quote;
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '(') {
			parens++;
		} else if (c == ')') {
			parens = MAX(parens - 1, 0);
		} else if (c == ';' && !parens) {
			declaration(css, sv_make(text.p + start, at - start));
			start = at + 1;
		}
	}
	declaration(css, sv_make(text.p + start, at - start));
}

/* ---- style sheets ---- */

/* One compound selector: all that is not empty must match. */
struct step {
	struct sv name, id, class[2];
	uint64_t words; /* a bit for each of them, see word_bit */
	bool child; /* '>': the next one up must be the parent itself */
};

struct rule {
	struct rule *next_in_bucket;
	struct step step[CSS_STEPS_MAX]; /* step[0] is the element itself, then outwards */
	int steps;
	uint64_t outer; /* bits of step[1] and outwards */
	unsigned weight, order;
	struct css css;
};

#define BUCKETS 256
#define BLANKS " \t\r\n\f"

struct css_sheet {
	struct arena *arena;
	struct rule *bucket[BUCKETS]; /* by id, else class, else name, else the empty word */
	unsigned rules;
	size_t bytes;
	unsigned work;
};

struct css_sheet *css_sheet_new(struct arena *arena)
{
	struct css_sheet *s = arena_alloc(arena, sizeof(*s));

	s->arena = arena;
	return s;
}

static uint32_t word_hash(struct sv word)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < word.len; i++)
		h = (h ^ (uint32_t)ascii_lower((unsigned char)word.p[i])) * 16777619u;
	return h ^ (h >> 13);
}

/*
 * Most rules fail on most elements: a word has one bit of 64, and what lacks a bit lacks the word. The empty word is in
 * everything.
 */
static uint64_t word_bit(struct sv word)
{
	return word.len ? 1ull << (word_hash(word) >> 8 & 63) : 0;
}

static unsigned bucket_of(struct sv word)
{
	return word_hash(word) % BUCKETS;
}

static struct sv rule_key(const struct rule *r)
{
	const struct step *s = &r->step[0];

	return s->id.len ? s->id : s->class[0].len ? s->class[0] : s->name;
}

static bool is_name_char(int c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_' || c >= 0x80;
}

static struct sv take_name(struct scan *s)
{
	const char *start = s->p;

	while (!scan_end(s) && is_name_char(scan_peek(s)))
		s->p++;
	return sv_make(start, (size_t)(s->p - start));
}

/* "td.a.b#c"; false when there is something here that we do not know. */
static bool compound(struct scan *s, struct step *step, unsigned *weight)
{
	const char *start = s->p;

	*step = (struct step){.name = SV("")};
	if (!scan_byte(s, '*')) {
		step->name = take_name(s);
		*weight += step->name.len ? 1 : 0;
	}
	for (;;) {
		if (scan_byte(s, '.')) {
			struct sv class = take_name(s);
			if (!class.len || step->class[1].len)
				return false;
			step->class[step->class[0].len ? 1 : 0] = class;
			*weight += 100;
		} else if (scan_byte(s, '#')) {
			step->id = take_name(s);
			if (!step->id.len)
				return false;
			*weight += 10000;
		} else {
			return s->p > start && (scan_end(s) || strchr(" \t\r\n\f>", *s->p));
		}
	}
}

/* One selector of a list; false: not for us. */
static bool selector(struct sv text, struct rule *r)
{
	struct step step[CSS_STEPS_MAX];
	struct scan s = scan_of(sv_trim(text));
	bool child = false;
	int n = 0;

	r->weight = 0;
	while (!scan_end(&s)) {
		if (n == CSS_STEPS_MAX || !compound(&s, &step[n], &r->weight))
			return false;
		step[n++].child = child;
		scan_while(&s, BLANKS);
		child = scan_byte(&s, '>');
		scan_while(&s, BLANKS);
	}
	for (int i = 0; i < n; i++) {
		struct step *to = &r->step[i];
		*to = step[n - 1 - i];
		to->words = word_bit(to->name) | word_bit(to->id) | word_bit(to->class[0]) | word_bit(to->class[1]);
		r->outer |= i > 0 ? to->words : 0;
	}
	r->steps = n;
	return n > 0;
}

static void add_rule(struct css_sheet *sheet, struct sv selectors, struct sv body)
{
	struct css css = {0};
	struct sv one;

	css_declarations(&css, body);
	if (!css.set)
		return;
	while (sv_split(&selectors, ',', &one)) {
		struct rule r = {.css = css};
		if (sheet->rules >= CSS_RULES_MAX || !selector(one, &r))
			continue;
		struct rule *kept = arena_alloc(sheet->arena, sizeof(*kept));
		unsigned b = bucket_of(rule_key(&r));
		*kept = r;
		kept->order = sheet->rules++;
		kept->next_in_bucket = sheet->bucket[b];
		sheet->bucket[b] = kept;
	}
}

/* What comes out of a sheet: comments, and the <!-- --> around old ones. 0: nothing here. */
static size_t comment_at(struct sv rest)
{
	if (sv_starts(rest, SV("/*"))) {
		ptrdiff_t end = sv_find(sv_from(rest, 2), SV("*/"));
		return end < 0 ? rest.len : 4 + (size_t)end;
	}
	return sv_starts(rest, SV("<!--")) ? 4 : sv_starts(rest, SV("-->")) ? 3 : 0;
}

static struct sv without_comments(struct arena *arena, struct sv text)
{
	char *out = arena_alloc(arena, text.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.len;) {
		char c = text.p[i];
		size_t skip = c == '/' || c == '<' || c == '-' ? comment_at(sv_from(text, i)) : 0;
		if (skip)
			i += skip;
		else
			out[n++] = text.p[i++];
	}
	return sv_make(out, n);
}

/* The bytes of a block; *s stands behind its '{' and is moved behind its '}'. */
static struct sv block(struct scan *s)
{
	const char *start = s->p;
	int depth = 1;

	for (; !scan_end(s); s->p++) {
		if (*s->p == '{')
			depth++;
		else if (*s->p == '}' && --depth == 0)
			return sv_make(start, (size_t)(s->p++ - start));
	}
	return sv_make(start, (size_t)(s->p - start));
}

/* "@media screen", "@media all": for us, too. A condition in brackets is about windows that we are not. */
static bool media_is_ours(struct sv prelude)
{
	return sv_starts_case(prelude, SV("@media")) && sv_chr(prelude, '(') < 0 &&
	       (sv_find_case(prelude, SV("screen")) >= 0 || sv_find_case(prelude, SV("all")) >= 0);
}

/* Rules of one level; nested @media blocks that are ours are read as if they stood here. */
static void add_rules(struct css_sheet *sheet, struct sv text)
{
	struct scan s = scan_of(text);

	while (!scan_end(&s)) {
		struct sv prelude = scan_until(&s, "{};");
		if (scan_end(&s))
			return;
		if (*s.p++ != '{')
			continue; /* "@import x;", or a stray '}': also the end of a block entered below */
		prelude = sv_trim(prelude);
		if (media_is_ours(prelude))
			continue; /* its rules follow, its '}' is a stray one */
		struct sv body = block(&s);
		if (prelude.len && prelude.p[0] != '@')
			add_rule(sheet, prelude, body);
	}
}

void css_sheet_add(struct css_sheet *sheet, struct sv text)
{
	text = sv_head(text, CSS_SHEET_MAX - sheet->bytes);
	sheet->bytes += text.len;
	if (text.len)
		add_rules(sheet, without_comments(sheet->arena, text));
}

static inline bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next of the words between blanks; the empty one at the end. Asked for each rule and each element: by hand. */
static inline struct sv next_class(struct scan *s)
{
	while (s->p < s->end && is_blank(*s->p))
		s->p++;
	const char *start = s->p;
	while (s->p < s->end && !is_blank(*s->p))
		s->p++;
	return sv_make(start, (size_t)(s->p - start));
}

static bool has_class(struct sv classes, struct sv class)
{
	struct scan s = scan_of(classes);

	for (struct sv one; (one = next_class(&s)).len;)
		if (one.len == class.len && sv_eq_case(one, class))
			return true;
	return false;
}

static bool step_matches(const struct step *s, const struct css_node *n)
{
	return !(s->words & ~n->words) && (!s->name.len || sv_eq_case(s->name, n->name)) &&
	       (!s->id.len || sv_eq(s->id, n->id)) &&
	       (!s->class[0].len || has_class(n->classes, s->class[0])) &&
	       (!s->class[1].len || has_class(n->classes, s->class[1]));
}

/* Each outer step is looked for upwards, nearest first: right for all but contrived selectors. */
static bool rule_matches(struct css_sheet *sheet, const struct rule *r, const struct css_node *n)
{
	if (r->outer & ~n->outer || !step_matches(&r->step[0], n))
		return false;
	bool child = r->step[0].child;
	n = n->up;
	for (int i = 1; i < r->steps; i++) {
		for (; n && !step_matches(&r->step[i], n); n = n->up) {
			sheet->work++;
			if (child)
				return false;
		}
		if (!n)
			return false;
		child = r->step[i].child;
		n = n->up;
	}
	return true;
}

#define MATCHES_MAX 64

struct matches {
	const struct rule *rule[MATCHES_MAX];
	int count;
};

static void match_bucket(
	struct css_sheet *sheet, struct sv key, const struct css_node *n, struct matches *m)
{
	for (const struct rule *r = sheet->bucket[bucket_of(key)]; r && sheet->work < CSS_WORK_MAX;
		r = r->next_in_bucket) {
		sheet->work++;
		if (m->count < MATCHES_MAX && sv_eq_case(rule_key(r), key) &&
			rule_matches(sheet, r, n))
			m->rule[m->count++] = r;
	}
}

static int compare_rules(const void *a, const void *b)
{
	const struct rule *x = *(const struct rule *const *)a, *y = *(const struct rule *const *)b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Lays one set of properties over another; what is important below stays. */
static void lay_over(struct css *css, const struct css *top)
{
	uint32_t take = top->set & ~(css->important & ~top->important);

#define TAKE(bit, field) \
	if (take & (bit)) \
	css->field = top->field
	TAKE(CSS_DISPLAY, display);
	TAKE(CSS_VISIBILITY, invisible);
	TAKE(CSS_FONT_SIZE, font_size);
	TAKE(CSS_BOLD, bold);
	TAKE(CSS_ITALIC, italic);
	TAKE(CSS_DECORATION, decoration);
	TAKE(CSS_COLOR, color);
	TAKE(CSS_BACKGROUND, background);
	TAKE(CSS_WHITE_SPACE, pre);
	TAKE(CSS_ALIGN, align);
	TAKE(CSS_SPACE_ABOVE, above);
	TAKE(CSS_SPACE_BELOW, below);
	TAKE(CSS_MARGIN_LEFT, left);
	TAKE(CSS_PADDING_LEFT, padding_left);
	TAKE(CSS_BORDER_LEFT, bordered_left);
	TAKE(CSS_MAX_HEIGHT, no_max_height);
	TAKE(CSS_HEIGHT, no_height);
	TAKE(CSS_WIDTH, no_width);
	TAKE(CSS_OVERFLOW, clipped);
	TAKE(CSS_OPACITY, transparent);
	TAKE(CSS_INDENT, out_of_sight);
	TAKE(CSS_IMAGE, image);
	TAKE(CSS_MSO_HIDE, mso_hide);
	TAKE(CSS_MSO_LIST, mso_list);
	TAKE(CSS_LINE_HEIGHT, flat);
#undef TAKE
	css->set |= take;
	css->important |= top->important & take;
}

static void mark_words(struct css_node *node)
{
	struct scan s = scan_of(node->classes);

	node->words = word_bit(node->name) | word_bit(node->id);
	for (struct sv class; (class = next_class(&s)).len;)
		node->words |= word_bit(class);
	node->outer = node->up ? node->up->words | node->up->outer : 0;
}

void css_sheet_apply(struct css_sheet *sheet, struct css_node *node, struct css *css)
{
	struct matches m = {.count = 0};
	struct scan s = scan_of(node->classes);

	if (!sheet->rules)
		return;
	mark_words(node);
	match_bucket(sheet, SV(""), node, &m);
	match_bucket(sheet, node->name, node, &m);
	for (struct sv class; (class = next_class(&s)).len;)
		match_bucket(sheet, class, node, &m);
	if (node->id.len)
		match_bucket(sheet, node->id, node, &m);
	qsort(m.rule, (size_t)m.count, sizeof(m.rule[0]), compare_rules);
	for (int i = 0; i < m.count; i++)
		lay_over(css, &m.rule[i]->css);
}
