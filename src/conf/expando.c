#include "conf/expando_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "text/utf8.h"

/* What ends the list of nodes being read. */
enum list_end { END_OF_TEXT, END_IF_MUTT, END_ELSE_MUTT, END_IF_ANGLE, END_ELSE_ANGLE };

struct reader {
	struct expando *x;
	struct scan s;
	bool lenient;
	struct err *e;
};

static bool read_list(struct reader *r, enum list_end end, int depth, struct exp_node **out);

static bool bad(struct reader *r, const char *what, struct sv where)
{
	return err_set(
		r->e, ERR_INPUT, "format: %s at '" SV_FMT "'", what, SV_ARG(sv_head(where, 40)));
}

static bool ends(char c, enum list_end end)
{
	switch (end) {
	case END_IF_MUTT:
		return c == '?' || c == '&';
	case END_ELSE_MUTT:
		return c == '?';
	case END_IF_ANGLE:
		return c == '>' || c == '&';
	case END_ELSE_ANGLE:
		return c == '>';
	default:
		return false;
	}
}

/* ---- text ---- */

/* Up to % or the end of the list; backslashes are resolved. */
static void read_text(struct reader *r, enum list_end end, struct exp_node *node)
{
	struct str text;

	str_init(&text, EXPANDO_OUT_MAX);
	while (!scan_end(&r->s) && *r->s.p != '%' && !ends(*r->s.p, end)) {
		char c = *r->s.p++;
		if (c == '\\' && !scan_end(&r->s)) {
			static const char from[] = "ntrfv", to[] = "\n\t\r\f\v";
			c = *r->s.p++;
			const char *at = c ? strchr(from, c) : NULL;
			c = at ? to[at - from] : c;
		}
		str_addc(&text, c);
	}
	node->kind = EXP_TEXT;
	node->text = sv_make(arena_strndup(r->x->arena, text.s, text.len), text.len);
	str_fini(&text);
}

/* ---- what follows a % ---- */

static int read_int(struct scan *s)
{
	uint64_t n = 0;

	if (!scan_u64(s, &n))
		return 0;
	return (int)MIN(n, (uint64_t)EXPANDO_WIDTH_MAX);
}

static void read_width(struct reader *r, struct exp_width *w)
{
	const char *start = r->s.p;

	*w = (struct exp_width){.max = -1};
	for (int c; (c = scan_peek(&r->s)) == '-' || c == '=' || c == '0'; r->s.p++) {
		if (c == '0')
			w->zero = true;
		else
			w->align = (char)c;
	}
	w->min = read_int(&r->s);
	if (scan_byte(&r->s, '.')) {
		bool minus = scan_byte(&r->s, '-');
		w->max = read_int(&r->s);
		if (minus)
			w->max = -1;
	}
	for (int c; (c = scan_peek(&r->s)) == '_' || c == ':'; r->s.p++) {
		if (c == '_')
			w->lower = true;
		else
			w->nodots = true;
	}
	w->given = r->s.p > start;
}

static bool has_dates(enum expando_set set)
{
	return set == SET_INDEX || set == SET_FOLDER || set == SET_PGPKEY || set == SET_STATUS;
}

/* %{...}, %[...], %(...), %<...>, %@...@: the inside. */
static bool read_bracket(struct reader *r, struct expando_ref *ref)
{
	char open = *r->s.p, close = open == '{'   ? '}'
				     : open == '[' ? ']'
				     : open == '(' ? ')'
				     : open == '<' ? '>'
						   : '@';
	struct sv rest = sv_from(scan_rest(&r->s), 1);
	ptrdiff_t n = sv_chr(rest, close);

	if (n < 0) {
		char what[32];
		snprintf(what, sizeof(what), "a missing '%c'", close);
		return bad(r, what, scan_rest(&r->s));
	}
	*ref = (struct expando_ref){.kind = open,
		.letters = sv_head(scan_rest(&r->s), 1),
		.arg = sv_head(rest, (size_t)n)};
	r->s.p += n + 2;
	return true;
}

/* A letter, or two. */
static bool read_letters(struct reader *r, struct expando_ref *ref)
{
	struct sv rest = scan_rest(&r->s);
	const struct expando_word *w = expando_find(r->x->set, rest);

	if (!w && !r->lenient && r->x->set != SET_NONE) {
		size_t n = rest.len ? utf8_next(rest, 0) : 0;
		return err_set(r->e, ERR_INPUT, "format: unknown expando '%%" SV_FMT "'",
			SV_ARG(sv_head(rest, n)));
	}
	size_t n = w ? strlen(w->letter) : 1;
	/* a tag format: %Gx; whether there is one shows when it is formatted */
	if (w && r->x->set == SET_INDEX && n == 1 && rest.p[0] == 'G' && rest.len > 1 &&
		ascii_is_alnum((unsigned char)rest.p[1]))
		n = 2;
	*ref = (struct expando_ref){.word = w, .kind = rest.p[0], .letters = sv_head(rest, n)};
	r->s.p += n;
	return true;
}

/* Reads two lists and the byte that ends them. */
static bool read_branches(struct reader *r, struct exp_node *node, bool angle, int depth)
{
	char close = angle ? '>' : '?';

	if (depth >= EXPANDO_DEPTH)
		return bad(r, "conditions nested too deeply", scan_rest(&r->s));
	if (!read_list(r, angle ? END_IF_ANGLE : END_IF_MUTT, depth + 1, &node->yes))
		return false;
	if (scan_byte(&r->s, '&') &&
		!read_list(r, angle ? END_ELSE_ANGLE : END_ELSE_MUTT, depth + 1, &node->no))
		return false;
	if (!scan_byte(&r->s, close))
		return bad(r, "a condition without its end", scan_rest(&r->s));
	return true;
}

/* %?x?yes&no? */
static bool read_mutt_if(struct reader *r, struct exp_node *node, int depth)
{
	struct scan start = r->s;

	r->s.p++;
	node->kind = EXP_IF;
	if (scan_end(&r->s))
		return bad(r, "a condition without its end", scan_rest(&start));
	if (has_dates(r->x->set) && strchr("{[(", *r->s.p)) {
		/* NeoMutt: a date condition */
		struct sv unit = scan_until(&r->s, "?");
		node->ref = (struct expando_ref){
			.kind = unit.p[0], .letters = sv_head(unit, 1), .arg = sv_from(unit, 1)};
	} else if (*r->s.p == '@') {
		if (!read_bracket(r, &node->ref))
			return false;
	} else if (!read_letters(r, &node->ref)) {
		return false;
	}
	if (!scan_byte(&r->s, '?'))
		return bad(r, "a condition without '?'", scan_rest(&start));
	return read_branches(r, node, false, depth);
}

/*
 * Does %< start a condition (and not a date)? The condition is letters, or a date unit, up to a ?.
 */
static bool is_angle_if(struct sv inside)
{
	size_t n = 0;

	if (inside.len && strchr("[{(", inside.p[0]))
		n = 1;
	else if (inside.len && inside.p[0] == '@')
		return true;
	while (n < inside.len && (ascii_is_alnum((unsigned char)inside.p[n]) || inside.p[n] == '!'))
		n++;
	return n > 0 && n < inside.len && inside.p[n] == '?';
}

/* %<x?yes&no> */
static bool read_angle_if(struct reader *r, struct exp_node *node, int depth)
{
	struct scan start = r->s;

	r->s.p++;
	node->kind = EXP_IF;
	if (strchr("[{(", *r->s.p)) {
		struct sv unit = scan_until(&r->s, "?");
		node->ref = (struct expando_ref){
			.kind = unit.p[0], .letters = sv_head(unit, 1), .arg = sv_from(unit, 1)};
	} else if (*r->s.p == '@') {
		if (!read_bracket(r, &node->ref))
			return false;
	} else if (!read_letters(r, &node->ref)) {
		return false;
	}
	if (!scan_byte(&r->s, '?'))
		return bad(r, "a condition without '?'", scan_rest(&start));
	return read_branches(r, node, true, depth);
}

/* %>X %|X %*X: X may be any character; none at the end means a blank. */
static void read_pad(struct reader *r, struct exp_node *node)
{
	node->kind = EXP_PAD;
	node->pad = *r->s.p++;
	struct sv rest = scan_rest(&r->s);
	size_t n = rest.len ? utf8_next(rest, 0) : 0;
	node->text = n ? sv_head(rest, n) : SV(" ");
	r->s.p += n;
}

static bool read_percent(struct reader *r, struct exp_node *node, int depth)
{
	struct scan start = r->s;

	r->s.p++;
	int c = scan_peek(&r->s);
	if (c == '%') {
		*node = (struct exp_node){.kind = EXP_TEXT, .text = SV("%")};
		r->s.p++;
		return true;
	}
	if (c == '?')
		return read_mutt_if(r, node, depth);
	read_width(r, &node->width);
	c = scan_peek(&r->s);
	if (c < 0)
		return bad(r, "a '%' without a letter", scan_rest(&start));
	node->kind = EXP_VALUE;
	if (c == '>' || c == '|' || c == '*') {
		read_pad(r, node);
		return true;
	}
	if (c == '<' && is_angle_if(sv_from(scan_rest(&r->s), 1)))
		return read_angle_if(r, node, depth);
	if (c == '@' || (has_dates(r->x->set) && strchr("{[(<", c)) ||
		(r->x->set == SET_NONE && strchr("{[", c)))
		return read_bracket(r, &node->ref);
	return read_letters(r, &node->ref);
}

static bool read_list(struct reader *r, enum list_end end, int depth, struct exp_node **out)
{
	struct exp_node **tail = out;

	*out = NULL;
	while (!scan_end(&r->s) && !ends(*r->s.p, end)) {
		struct exp_node *node = arena_alloc(r->x->arena, sizeof(*node));
		struct scan before = r->s;
		/* inside %?x?...? a %? can only be the end, as in mutt */
		bool last = (end == END_IF_MUTT || end == END_ELSE_MUTT) && r->s.p + 1 < r->s.end &&
			    r->s.p[1] == '?';
		if (*r->s.p != '%' || last) {
			if (*r->s.p == '%') {
				*node = (struct exp_node){.kind = EXP_TEXT, .text = SV("%")};
				r->s.p++;
			} else {
				read_text(r, end, node);
			}
		} else if (!read_percent(r, node, depth)) {
			if (!r->lenient || depth > 0)
				return false;
			/* what is not understood shows as it is */
			r->s = before;
			*node = (struct exp_node){.kind = EXP_TEXT, .text = SV("%")};
			r->s.p++;
		}
		*tail = node;
		tail = &node->next;
	}
	return true;
}

static bool compile(
	struct expando *x, struct sv text, bool lenient, struct exp_node **out, struct err *e)
{
	struct reader r = {.x = x, .s = scan_of(text), .lenient = lenient, .e = e};

	return read_list(&r, END_OF_TEXT, 0, out);
}

/* ---- filters ---- */

/* The next word of a command line as a shell would cut it; quotes are taken off. */
static bool next_word(struct scan *s, struct str *word)
{
	char quote = 0;

	str_clear(word);
	scan_wsp(s);
	if (scan_end(s))
		return false;
	for (; !scan_end(s); s->p++) {
		char c = *s->p;
		if (!quote && ascii_is_space((unsigned char)c))
			break;
		if (quote ? c == quote : c == '\'' || c == '"')
			quote = quote ? 0 : c;
		else
			str_addc(word, c);
	}
	return true;
}

static bool compile_filter(struct expando *x, struct sv command, bool lenient, struct err *e)
{
	struct scan s = scan_of(command);
	struct str word;
	size_t cap = 0;
	bool ok = true;

	str_init(&word, EXPANDO_OUT_MAX);
	while (ok && next_word(&s, &word)) {
		struct sv copy = sv_make(arena_strndup(x->arena, word.s, word.len), word.len);
		array_grow(x->words, x->nwords, cap);
		ok = compile(x, copy, lenient, &x->words[x->nwords], e);
		x->nwords += ok;
	}
	str_fini(&word);
	return ok;
}

static bool is_filter(struct sv text)
{
	return text.len > 1 && text.p[text.len - 1] == '|' && text.p[text.len - 2] != '\\' &&
	       text.p[text.len - 2] != '%';
}

static struct expando *make(enum expando_set set, struct sv format, bool lenient, struct err *e)
{
	struct expando *x = xcalloc(1, sizeof(*x));

	x->arena = arena_new();
	x->set = set;
	x->source = arena_strndup(x->arena, format.p, format.len);
	x->filter = is_filter(format);
	struct sv text = sv_make(x->source, format.len - x->filter);
	if (x->filter ? compile_filter(x, text, lenient, e)
		      : compile(x, text, lenient, &x->nodes, e))
		return x;
	expando_free(x);
	return NULL;
}

struct expando *expando_new(enum expando_set set, struct sv format, struct err *e)
{
	return make(set, format, false, e);
}

struct expando *expando_new_lenient(enum expando_set set, struct sv format)
{
	struct err e;
	struct expando *x = make(set, format, true, &e);

	if (!x)
		bug("a lenient format failed: %s", e.text);
	return x;
}

void expando_free(struct expando *x)
{
	if (!x)
		return;
	arena_free(x->arena);
	free(x->words);
	free(x);
}

const char *expando_source(const struct expando *x)
{
	return x->source;
}

bool expando_is_filter(const struct expando *x)
{
	return x->filter;
}
