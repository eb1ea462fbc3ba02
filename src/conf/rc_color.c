/*
 * color, mono, uncolor, unmono.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "conf/rc_priv.h"

static bool unknown_object(struct rc *rc, struct lex *lex, struct sv word)
{
	struct nearest near;

	nearest_init(&near, word);
	for (int i = 0; i < COLOR_COUNT; i++)
		nearest_try(&near, color_table[i].name);
	if (near.best)
		return rc_bad(rc, lex, SV_FMT ": no such object; did you mean '%s'?", SV_ARG(word),
			near.best);
	return rc_bad(rc, lex, SV_FMT ": no such object", SV_ARG(word));
}

/* "compose security_both": the second word names the object. */
static bool compose_object(struct rc *rc, struct lex *lex, struct str *word, enum color_id *object)
{
	if (!rc_need(rc, lex) || !lex_word(lex, 0, word))
		return false;
	char *name = xasprintf("compose_%s", word->s);
	*object = color_find(sv_of(name));
	free(name);
	return *object != COLOR_NONE || unknown_object(rc, lex, str_sv(word));
}

static bool read_object(
	struct rc *rc, struct lex *lex, struct str *word, enum color_id *object, int *level)
{
	if (!rc_need(rc, lex) || !lex_word(lex, 0, word))
		return false;
	*object = color_object(str_sv(word), level);
	if (*object == COLOR_NONE)
		return unknown_object(rc, lex, str_sv(word));
	return *object != COLOR_compose || compose_object(rc, lex, word, object);
}

/* A word left? #rrggbb is one, though # starts a comment elsewhere. */
static bool read_word(struct rc *rc, struct lex *lex, struct str *word)
{
	lex_spaces(lex);
	struct sv rest = lex_rest(lex);
	size_t n = 1;

	while (n < rest.len && ascii_hex((unsigned char)rest.p[n]) >= 0)
		n++;
	bool hex = rest.len && rest.p[0] == '#' && (n == 7 || n == 4) &&
		   (n == rest.len || ascii_is_space((unsigned char)rest.p[n]));
	return hex ? lex_word(lex, LEX_COMMENT, word) : rc_need(rc, lex) && lex_word(lex, 0, word);
}

/* Attributes, then foreground and background. */
static bool read_colors(struct rc *rc, struct lex *lex, struct str *word, struct color_style *style)
{
	struct err e;
	unsigned attr;

	do {
		if (!read_word(rc, lex, word))
			return false;
		attr = attr_parse(str_sv(word));
		style->attrs = attr == ATTR_NONE_WORD ? 0 : style->attrs | attr;
	} while (attr);
	if (!color_parse(str_sv(word), &style->fg, &style->attrs, &e))
		return rc_bad_err(rc, lex, &e);
	if (!read_word(rc, lex, word))
		return false;
	unsigned none = 0; /* a bright background is a colour, not bold text */
	if (!color_parse(str_sv(word), &style->bg, &none, &e))
		return rc_bad_err(rc, lex, &e);
	return true;
}

/* All attributes in front of the pattern; at least one. */
static bool read_attrs(struct rc *rc, struct lex *lex, struct str *word, struct color_style *style)
{
	bool any = false;

	for (;;) {
		size_t before = lex->at;
		if (!any && !rc_need(rc, lex))
			return false;
		if (!lex_more(lex))
			return true;
		if (!lex_word(lex, 0, word))
			return false;
		unsigned attr = attr_parse(str_sv(word));
		if (!attr && any) { /* the pattern */
			lex->at = before;
			return true;
		}
		if (!attr)
			return rc_bad(rc, lex,
				"%s: no such attribute; one of bold, underline, reverse, standout, "
				"italic, dim, blink, none",
				word->s);
		any = true;
		style->attrs = attr == ATTR_NONE_WORD ? 0 : style->attrs | attr;
	}
}

/* A colour is no reason to call a file wrong: mutt without a screen does not even look. */
static bool no_effect(struct rc *rc, const struct lex *lex, const struct err *e)
{
	rc_report(rc, RC_WARNING, lex, lex->word, "%s; the line has no effect", e->text);
	return false;
}

/* The regular expression or pattern, and for status the group that it colours. */
static bool read_pattern(struct rc *rc, struct lex *lex, struct str *word, struct rc_color *c)
{
	enum color_arg arg = color_table[c->object].arg;
	struct err e;
	uint64_t group;

	if (!lex_more(lex)) {
		if (c->object == COLOR_body || c->object == COLOR_header) {
			rc_report(rc, RC_ERROR, lex, lex->at,
				"too few arguments: %s needs a regular expression",
				color_table[c->object].name);
			return false;
		}
		return true;
	}
	if (arg == COLOR_PLAIN)
		return true; /* "too many arguments" follows */
	if (!lex_word(lex, 0, word))
		return false;
	if (arg == COLOR_PATTERN) {
		struct str text;
		str_init(&text, LEX_LINE_MAX);
		conf_simple_pattern(&text, str_sv(word), rc->conf->simple_search);
		c->pattern = str_detach(&text);
		str_fini(&text);
		return !rc->opts.check_pattern ||
		       rc->opts.check_pattern(rc->opts.data, c->pattern, &e) ||
		       no_effect(rc, lex, &e);
	}
	c->pattern = sv_dup(str_sv(word));
	c->rx = rx_new(c->pattern, RX_SMARTCASE, &e);
	if (!c->rx)
		return no_effect(rc, lex, &e);
	if (c->object == COLOR_status && lex_more(lex)) {
		if (!lex_word(lex, 0, word))
			return false;
		if (!sv_u64(str_sv(word), &group) || group >= RX_GROUPS)
			return rc_bad(
				rc, lex, "%s: a group is a number below %d", word->s, RX_GROUPS);
		c->group = (int)group;
	}
	return true;
}

static bool same_pattern(const struct rc_color *a, const struct rc_color *b)
{
	if (!a->pattern || !b->pattern)
		return a->pattern == b->pattern;
	return strcmp(a->pattern, b->pattern) == 0 && a->group == b->group;
}

static void put(struct rc_colors *list, struct rc_color color)
{
	for (size_t i = 0; i < list->n; i++) {
		struct rc_color *c = &list->v[i];
		if (c->object == color.object && c->level == color.level && c->mono == color.mono &&
			same_pattern(c, &color)) {
			rc_color_fini(c);
			*c = color;
			return;
		}
	}
	array_grow(list->v, list->n, list->cap);
	list->v[list->n++] = color;
}

void rc_color_command(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct rc_color c = {.mono = id == CMD_mono};
	struct str word;
	bool ok;

	str_init(&word, LEX_LINE_MAX);
	ok = read_object(rc, lex, &word, &c.object, &c.level) &&
	     (c.mono ? read_attrs(rc, lex, &word, &c.style)
		     : read_colors(rc, lex, &word, &c.style)) &&
	     read_pattern(rc, lex, &word, &c);
	if (!ok)
		lex_skip_command(lex); /* what follows was not looked at */
	if (ok && !lex_more(lex))
		put(&rc->conf->rc.colors, c);
	else
		rc_color_fini(&c);
	str_fini(&word);
}

/* pattern NULL: all of the object; object COLOR_NONE: of every object. */
static void drop(struct rc_colors *list, enum color_id object, int level, bool mono,
	const char *pattern, bool plain)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct rc_color *c = &list->v[i];
		bool here = c->mono == mono &&
			    (object == COLOR_NONE || (c->object == object && c->level == level));
		bool named = pattern ? c->pattern && strcmp(c->pattern, pattern) == 0
			     : plain ? !c->pattern
				     : true;
		if (here && named)
			rc_color_fini(c);
		else
			list->v[kept++] = *c;
	}
	list->n = kept;
}

void rc_uncolor(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct rc_colors *list = &rc->conf->rc.colors;
	bool mono = id == CMD_unmono;
	enum color_id object;
	struct str word, simple;
	int level;

	str_init(&word, LEX_LINE_MAX);
	str_init(&simple, LEX_LINE_MAX);
	if (!rc_need(rc, lex))
		goto out;
	if (lex_peek(lex) == '*') {
		(void)lex_word(lex, 0, &word);
		drop(list, COLOR_NONE, 0, mono, NULL, false);
		goto out;
	}
	if (!read_object(rc, lex, &word, &object, &level))
		goto out;
	if (!lex_more(lex))
		drop(list, object, level, mono, NULL, true);
	while (lex_more(lex) && lex_word(lex, 0, &word)) {
		bool all = sv_is(str_sv(&word), "*");
		str_clear(&simple);
		if (color_table[object].arg == COLOR_PATTERN)
			conf_simple_pattern(&simple, str_sv(&word), rc->conf->simple_search);
		else
			str_add(&simple, str_sv(&word));
		drop(list, object, level, mono, all ? NULL : simple.s, false);
	}
out:
	str_fini(&word);
	str_fini(&simple);
}
