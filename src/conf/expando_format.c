/*
 * Formatting: the nodes are flattened into pieces of text and padding marks; then the line is put
 * together from the right, because the last padding gets the space that is left.
 */
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/proc.h"
#include "conf/expando_priv.h"
#include "text/utf8.h"
#include "text/width.h"

#define FILTER_TIMEOUT_MS 5000
#define FILTER_ROUNDS 4 /* output that ends in % is formatted again */

struct piece {
	size_t at, len; /* in the text */
	char pad;       /* 0: text */
	struct sv fill; /* of a padding */
	char letter;    /* of a value, else 0 */
};

struct line {
	const struct expando *x;
	const struct expando_env *env;
	struct str text;
	struct piece *v;
	size_t n, cap;
	bool closed; /* a %| was met: the rest does not count */
};

static void add_piece(struct line *l, struct sv text, char letter)
{
	if (text.len == 0)
		return;
	array_grow(l->v, l->n, l->cap);
	l->v[l->n] = (struct piece){.at = l->text.len, .letter = letter};
	if (str_add(&l->text, text))
		l->v[l->n].len = text.len;
	l->n++;
}

/* ---- values ---- */

static void lower_or_plain(struct str *out, struct sv text, const struct exp_width *w)
{
	while (text.len) {
		size_t used;
		uint32_t c = utf8_decode(text, &used);
		if (w->lower)
			c = utf8_lower(c);
		if (w->nodots && c == '.')
			c = '_';
		utf8_add(out, c);
		text = sv_from(text, used);
	}
}

/* Cuts and fills to the columns that the format says. */
static void apply_width(struct str *out, struct sv text, const struct exp_width *w)
{
	struct str changed;
	int used;

	str_init(&changed, EXPANDO_OUT_MAX);
	if (w->lower || w->nodots) {
		lower_or_plain(&changed, text, w);
		text = str_sv(&changed);
	}
	if (w->max >= 0)
		text = width_head(text, w->max, &used);
	else
		used = width_of(text);
	int space = w->min > used ? w->min - used : 0;
	int before = w->align == '-' ? 0 : w->align == '=' ? space / 2 : space;
	str_addn(out, ' ', (size_t)before);
	str_add(out, text);
	str_addn(out, ' ', (size_t)(space - before));
	str_fini(&changed);
}

static void number_text(struct str *out, long n, const struct exp_width *w)
{
	if (w->zero && w->align == 0)
		str_addf(out, "%0*ld", w->min, n);
	else
		str_addf(out, "%ld", n);
}

/* Asks for a value: its text is in *text. False when there is none. */
static bool ask(struct line *l, const struct expando_ref *ref, const struct exp_width *w,
	struct str *text, int *truth)
{
	struct expando_value v = {.text = text, .truth = -1};

	if (!l->env->value || !l->env->value(l->env->data, ref, &v)) {
		*truth = 0;
		return false;
	}
	switch (v.kind) {
	case EXPANDO_NUMBER:
		number_text(text, v.number, w);
		*truth = v.truth >= 0 ? v.truth : v.number != 0;
		return true;
	case EXPANDO_TIME:
		if (ref->in_condition && strchr("{[(", ref->kind))
			*truth = exp_date_is_new(
				ref->arg, v.time, l->env->now ? l->env->now : clock_now());
		else
			*truth = v.truth >= 0 ? v.truth : v.time != 0;
		date_format_in(text, v.time_fmt ? sv_of(v.time_fmt) : ref->arg, v.time, v.zone_min,
			v.local, l->env->locale);
		return true;
	default:
		*truth = v.truth >= 0 ? v.truth : text->len > 0;
		return true;
	}
}

static void add_value(struct line *l, const struct exp_node *node)
{
	struct str text, out;
	struct expando_ref ref = node->ref;
	struct sv behind = {0};
	int truth;

	str_init(&text, EXPANDO_OUT_MAX);
	str_init(&out, EXPANDO_OUT_MAX);
	bool known = ask(l, &ref, &node->width, &text, &truth);
	if (!known && ref.letters.len == 2 &&
		ref.kind == 'G') { /* no tag format of that name: %G and a letter */
		behind = sv_from(ref.letters, 1);
		ref.letters = sv_head(ref.letters, 1);
		known = ask(l, &ref, &node->width, &text, &truth);
	}
	if (!known && !ref.word && strchr("{[(<@", ref.kind) == NULL) {
		str_addf(&text, "%%" SV_FMT,
			SV_ARG(ref.letters)); /* not an expando of ours: as mutt shows it */
	}
	apply_width(&out, str_sv(&text), &node->width);
	add_piece(l, str_sv(&out), ref.kind);
	add_piece(l, behind, 0);
	str_fini(&text);
	str_fini(&out);
}

static void add_nodes(struct line *l, const struct exp_node *list, int depth);

/* A branch with a width of its own is a value: it is made up by itself first. */
static void add_branch(
	struct line *l, const struct exp_node *list, const struct exp_width *w, int depth)
{
	if (!w->given) {
		add_nodes(l, list, depth + 1);
		return;
	}
	struct line inner = {.x = l->x, .env = l->env};
	struct str out;
	str_init(&inner.text, EXPANDO_OUT_MAX);
	str_init(&out, EXPANDO_OUT_MAX);
	add_nodes(&inner, list, depth + 1);
	apply_width(&out, str_sv(&inner.text), w);
	add_piece(l, str_sv(&out), 0);
	str_fini(&inner.text);
	str_fini(&out);
	free(inner.v);
}

static void add_if(struct line *l, const struct exp_node *node, int depth)
{
	struct expando_ref ref = node->ref;
	struct str text;
	int truth;

	str_init(&text, EXPANDO_OUT_MAX);
	ref.in_condition = true;
	(void)ask(l, &ref, &node->width, &text, &truth);
	str_fini(&text);
	add_branch(l, truth ? node->yes : node->no, &node->width, depth);
}

/* depth is bounded by EXPANDO_DEPTH: the compiler does not nest deeper. */
static void add_nodes(struct line *l, const struct exp_node *list, int depth)
{
	for (; list && !l->closed; list = list->next) {
		switch (list->kind) {
		case EXP_TEXT:
			add_piece(l, list->text, 0);
			break;
		case EXP_VALUE:
			add_value(l, list);
			break;
		case EXP_IF:
			add_if(l, list, depth);
			break;
		case EXP_PAD:
			array_grow(l->v, l->n, l->cap);
			l->v[l->n++] = (struct piece){
				.at = l->text.len, .pad = list->pad, .fill = list->text};
			l->closed = list->pad == '|';
			break;
		}
	}
}

/* ---- the line ---- */

/* Text of pieces [from, to) with their spans. */
static void join_pieces(
	const struct line *l, size_t from, size_t to, struct str *out, struct expando_spans *spans)
{
	for (size_t i = from; i < to; i++) {
		const struct piece *p = &l->v[i];
		if (p->letter && spans && spans->n < ARRAY_LEN(spans->v))
			spans->v[spans->n++] = (struct expando_span){out->len, p->len, p->letter};
		if (!p->pad)
			str_add(out, sv_make(l->text.s + p->at, p->len));
	}
}

/* Takes from the text behind `start` what is too wide; spans are cut, too. */
static void cut_to(struct str *out, size_t start, int columns, struct expando_spans *spans)
{
	struct sv kept = width_head(sv_from(str_sv(out), start), MAX(columns, 0), NULL);

	str_cut(out, start + kept.len);
	for (size_t i = 0; spans && i < spans->n; i++) {
		struct expando_span *s = &spans->v[i];
		if (s->start > out->len)
			s->start = out->len;
		s->len = MIN(s->len, out->len - s->start);
	}
}

static void add_fill(struct str *out, struct sv fill, int columns)
{
	int each = width_of(fill);

	for (; each > 0 && columns >= each; columns -= each)
		str_add(out, fill);
	str_addn(out, ' ', columns > 0 ? (size_t)columns : 0);
}

static void add_shifted(struct expando_spans *to, const struct expando_spans *from, size_t shift)
{
	for (size_t i = 0; to && i < from->n && to->n < ARRAY_LEN(to->v); i++) {
		to->v[to->n] = from->v[i];
		to->v[to->n++].start += shift;
	}
}

static void put_together(
	const struct line *l, int width, struct str *out, struct expando_spans *spans)
{
	size_t start = out->len, last = l->n;
	struct expando_spans right_spans = {.n = 0};
	struct str right;

	while (last > 0 && !l->v[last - 1].pad)
		last--;
	if (last == 0 || width <= 0) { /* nothing to fill */
		join_pieces(l, 0, l->n, out, spans);
		if (width > 0)
			cut_to(out, start, width, spans);
		return;
	}
	const struct piece *pad = &l->v[last - 1];
	str_init(&right, EXPANDO_OUT_MAX);
	join_pieces(l, last, l->n, &right, spans ? &right_spans : NULL);
	join_pieces(l, 0, last - 1, out, spans);
	int right_width = width_of(str_sv(&right));
	if (pad->pad == '*') { /* the right side wins */
		cut_to(&right, 0, width, &right_spans);
		right_width = width_of(str_sv(&right));
		cut_to(out, start, width - right_width, spans);
	}
	cut_to(out, start, width, spans);
	int left_width = width_of(sv_from(str_sv(out), start));
	if (left_width + right_width > width)
		cut_to(&right, 0, width - left_width, &right_spans);
	add_fill(out, pad->fill, width - left_width - right_width);
	add_shifted(spans, &right_spans, out->len);
	str_add(out, str_sv(&right));
	str_fini(&right);
}

static void format_nodes(const struct expando *x, const struct exp_node *nodes,
	const struct expando_env *env, int width, struct str *out, struct expando_spans *spans)
{
	struct line l = {.x = x, .env = env};

	str_init(&l.text, EXPANDO_OUT_MAX);
	add_nodes(&l, nodes, 0);
	put_together(&l, width, out, spans);
	str_fini(&l.text);
	free(l.v);
}

/* ---- filters ---- */

/*
 * The command line: each word formatted, then quoted, so that no value is ever seen by the shell as
 * code.
 */
static void filter_command(
	const struct expando *x, const struct expando_env *env, struct str *command)
{
	struct str word;

	str_init(&word, EXPANDO_OUT_MAX);
	for (size_t i = 0; i < x->nwords; i++) {
		str_clear(&word);
		format_nodes(x, x->words[i], env, 0, &word, NULL);
		if (i)
			str_addc(command, ' ');
		(void)proc_quote(command, str_sv(&word));
	}
	str_fini(&word);
}

static void run_filter(const struct expando *x, const struct expando_env *env, struct str *out,
	struct expando_spans *spans, int round)
{
	struct str command, output;
	struct err e;
	int status;

	str_init(&command, EXPANDO_OUT_MAX * 2);
	filter_command(x, env, &command);
	if (!proc_shell_read(
		    command.s, SV(""), EXPANDO_OUT_MAX, FILTER_TIMEOUT_MS, &output, &status, &e)) {
		str_addf(out, "%s", e.text);
		str_fini(&command);
		return;
	}
	struct sv rest = str_sv(&output), line = {0};
	(void)sv_line(&rest, &line);
	if (line.len && line.p[line.len - 1] == '%' &&
		round < FILTER_ROUNDS) { /* what it printed is a format */
		struct expando *again = expando_new_lenient(x->set, sv_head(line, line.len - 1));
		if (again->filter)
			run_filter(again, env, out, spans, round + 1);
		else
			format_nodes(again, again->nodes, env, env->width, out, spans);
		expando_free(again);
	} else {
		size_t start = out->len;
		utf8_add_safe(out, line, UTF8_SAFE_LINE);
		if (env->width > 0)
			cut_to(out, start, env->width, NULL);
	}
	str_fini(&output);
	str_fini(&command);
}

void expando_format(const struct expando *x, const struct expando_env *env, struct str *out,
	struct expando_spans *spans)
{
	if (spans)
		spans->n = 0;
	if (!x->filter) {
		format_nodes(x, x->nodes, env, env->width, out, spans);
	} else if (env->no_filter) {
		filter_command(x, env, out);
		str_addc(out, '|');
	} else {
		run_filter(x, env, out, spans, 0);
	}
}
