/*
 * attachments, score, spam, subjectrx, tag-transforms, tag-formats and their counterparts.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "conf/rc_priv.h"

/* ---- attachments ---- */

/* "+A", "-inline": which list. */
static bool attach_list(struct sv word, bool *inlined, bool *exclude)
{
	if (word.len < 2 || (word.p[0] != '+' && word.p[0] != '-'))
		return false;
	*exclude = word.p[0] == '-';
	word = sv_from(word, 1);
	if (sv_starts_case(SV("attachment"), word))
		*inlined = false;
	else if (sv_starts_case(SV("inline"), word))
		*inlined = true;
	else
		return false;
	return true;
}

static void attach_drop(struct rc_attachs *list, const struct rc_attach *like, bool all)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct rc_attach *a = &list->v[i];
		if (all || (a->inlined == like->inlined && a->exclude == like->exclude &&
				   strcmp(a->major, like->major) == 0 &&
				   sv_is_case(sv_of(a->minor), like->minor)))
			rc_attach_fini(a);
		else
			list->v[kept++] = *a;
	}
	list->n = kept;
}

/* TYPE/SUBTYPE: major and the regex for minor. */
static bool attach_type(struct rc *rc, struct lex *lex, struct sv text, struct rc_attach *a)
{
	ptrdiff_t slash = sv_chr(text, '/');
	struct sv minor = slash < 0 ? SV(".*") : sv_from(text, (size_t)slash + 1);
	struct err e;

	a->major = sv_dup(sv_is_case(text, "any") ? SV("*")
			  : slash < 0             ? text
						  : sv_head(text, (size_t)slash));
	for (char *p = a->major; *p; p++)
		*p = (char)ascii_lower((unsigned char)*p);
	a->minor = sv_dup(minor);
	char *pattern = xasprintf("^(%s)$", sv_is(minor, "*") ? ".*" : a->minor);
	a->rx = rx_new(pattern, RX_ICASE, &e);
	free(pattern);
	return a->rx || rc_bad_err(rc, lex, &e);
}

static void say_attachments(struct rc *rc)
{
	const struct rc_attachs *list = &rc->conf->rc.attachments;

	for (size_t i = 0; i < list->n; i++)
		rc_say(rc, "attachments %c%c %s/%s", list->v[i].exclude ? '-' : '+',
			list->v[i].inlined ? 'I' : 'A', list->v[i].major, list->v[i].minor);
}

void rc_attachments(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct rc_attachs *list = &rc->conf->rc.attachments;
	struct rc_attach like = {0};
	struct str word;

	str_init(&word, LEX_LINE_MAX);
	if (!rc_need(rc, lex) || !lex_word(lex, 0, &word))
		goto out;
	if (id == CMD_attachments && sv_is(str_sv(&word), "?")) {
		say_attachments(rc);
		goto out;
	}
	if (id == CMD_unattachments && sv_is(str_sv(&word), "*")) {
		attach_drop(list, NULL, true);
		goto out;
	}
	if (!attach_list(str_sv(&word), &like.inlined, &like.exclude)) {
		rc_bad(rc, lex, "%s: not a disposition: %s; one of +A -A +I -I", cmd_table[id].name,
			word.s);
		goto out;
	}
	if (!rc_need(rc, lex))
		goto out;
	while (lex_more(lex) && lex_word(lex, 0, &word)) {
		struct rc_attach a = {.inlined = like.inlined, .exclude = like.exclude};
		if (!attach_type(rc, lex, str_sv(&word), &a)) {
			rc_attach_fini(&a);
			continue;
		}
		attach_drop(list, &a, false);
		if (id == CMD_unattachments) {
			rc_attach_fini(&a);
			continue;
		}
		array_grow(list->v, list->n, list->cap);
		list->v[list->n++] = a;
	}
out:
	str_fini(&word);
}

/* ---- scores ---- */

static bool score_value(struct rc *rc, struct lex *lex, struct sv text, struct rc_score *score)
{
	char *end, *copy;

	score->exact = sv_starts(text, SV("="));
	copy = sv_dup(sv_from(text, score->exact));
	score->value = strtol(copy, &end, 10);
	bool good = *copy && *end == 0 && score->value >= -1000000 && score->value <= 1000000;
	free(copy);
	return good || rc_bad(rc, lex, "score: '" SV_FMT "' is not a number", SV_ARG(text));
}

static void score_drop(struct rc_scores *list, struct sv pattern)
{
	size_t kept = 0;

	list->changes++;
	for (size_t i = 0; i < list->n; i++) {
		if (sv_is(pattern, "*") || sv_is(pattern, list->v[i].pattern))
			rc_score_fini(&list->v[i]);
		else
			list->v[kept++] = list->v[i];
	}
	list->n = kept;
}

/* A pattern that is there keeps its place: the order counts. */
static void score_put(struct rc_scores *list, const char *pattern, struct rc_score *score)
{
	list->changes++;
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i].pattern, pattern) == 0) {
			list->v[i].value = score->value;
			list->v[i].exact = score->exact;
			return;
		}
	}
	score->pattern = xstrdup(pattern);
	array_grow(list->v, list->n, list->cap);
	list->v[list->n++] = *score;
}

static bool good_pattern(struct rc *rc, const struct lex *lex, const char *pattern)
{
	struct err e;

	if (!rc->opts.check_pattern || rc->opts.check_pattern(rc->opts.data, pattern, &e))
		return true;
	return rc_bad_err(rc, lex, &e);
}

void rc_score(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct rc_scores *list = &rc->conf->rc.scores;
	struct rc_score score = {0};
	struct str pattern, value;

	(void)id;
	str_init(&pattern, LEX_LINE_MAX);
	str_init(&value, LEX_LINE_MAX);
	if (rc_need(rc, lex) && lex_word(lex, 0, &pattern) && good_pattern(rc, lex, pattern.s) &&
		rc_need(rc, lex) && lex_word(lex, 0, &value) &&
		score_value(rc, lex, str_sv(&value), &score)) {
		score_put(list, pattern.s, &score);
	}
	str_fini(&pattern);
	str_fini(&value);
}

void rc_unscore(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str word;

	(void)id;
	str_init(&word, LEX_LINE_MAX);
	while (lex_more(lex) && lex_word(lex, 0, &word))
		score_drop(&rc->conf->rc.scores, str_sv(&word));
	str_fini(&word);
}

/* ---- spam and subjects ---- */

static bool replace_drop(struct rc_replaces *list, struct sv text)
{
	size_t kept = 0, before = list->n;

	for (size_t i = 0; i < list->n; i++) {
		if (sv_is(text, "*") || sv_is(text, list->v[i].text))
			rc_replace_fini(&list->v[i]);
		else
			list->v[kept++] = list->v[i];
	}
	list->n = kept;
	return kept < before;
}

static void replace_put(
	struct rc *rc, struct lex *lex, struct rc_replaces *list, struct sv text, const char *with)
{
	struct rc_replace r = {.text = sv_dup(text)};
	struct err e;

	r.rx = rx_new(r.text, RX_ICASE, &e);
	if (!r.rx) {
		rc_bad_err(rc, lex, &e);
		free(r.text);
		return;
	}
	r.with = xstrdup(with);
	replace_drop(list, text);
	array_grow(list->v, list->n, list->cap);
	list->v[list->n++] = r;
}

void rc_spam(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str regex, format;

	(void)id;
	str_init(&regex, LEX_LINE_MAX);
	str_init(&format, LEX_LINE_MAX);
	if (rc_need(rc, lex) && lex_word(lex, 0, &regex)) {
		size_t at = lex->word;
		if (!lex_more(lex)) { /* without a format: takes it off the exceptions */
			rc_regexes_remove(&rc->conf->rc.nospam, str_sv(&regex));
		} else if (lex_word(lex, 0, &format)) {
			lex->word = at;
			replace_put(rc, lex, &rc->conf->rc.spam, str_sv(&regex), format.s);
		}
	}
	str_fini(&regex);
	str_fini(&format);
}

void rc_nospam(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str regex;
	struct err e;

	(void)id;
	str_init(&regex, LEX_LINE_MAX);
	if (rc_need(rc, lex) && lex_word(lex, 0, &regex)) {
		if (sv_is(str_sv(&regex), "*")) {
			replace_drop(&rc->conf->rc.spam, SV("*"));
			rc_regexes_clear(&rc->conf->rc.nospam);
		} else if (!replace_drop(&rc->conf->rc.spam, str_sv(&regex)) &&
			   !rc_regexes_add(&rc->conf->rc.nospam, str_sv(&regex), &e)) {
			rc_bad_err(rc, lex, &e);
		}
	}
	str_fini(&regex);
}

void rc_subjectrx(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str regex, with;

	(void)id;
	str_init(&regex, LEX_LINE_MAX);
	str_init(&with, LEX_LINE_MAX);
	if (rc_need(rc, lex) && lex_word(lex, 0, &regex) && rc_need(rc, lex)) {
		size_t at = lex->word;
		if (lex_word(lex, 0, &with)) {
			lex->word = at;
			replace_put(rc, lex, &rc->conf->rc.subject_rx, str_sv(&regex), with.s);
		}
	}
	str_fini(&regex);
	str_fini(&with);
}

void rc_unsubjectrx(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str regex;

	(void)id;
	str_init(&regex, LEX_LINE_MAX);
	if (rc_need(rc, lex))
		while (lex_more(lex) && lex_word(lex, 0, &regex))
			replace_drop(&rc->conf->rc.subject_rx, str_sv(&regex));
	str_fini(&regex);
}

/* ---- tags ---- */

void rc_tag_pairs(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct rc_vars *vars =
		id == CMD_tag_formats ? &rc->conf->rc.tag_formats : &rc->conf->rc.tag_transforms;
	struct str name, value;

	str_init(&name, LEX_LINE_MAX);
	str_init(&value, LEX_LINE_MAX);
	if (rc_need(rc, lex)) {
		while (lex_more(lex) && lex_word(lex, 0, &name)) {
			if (name.len == 0)
				continue;
			if (!rc_need(rc, lex) || !lex_word(lex, 0, &value))
				break;
			rc_vars_set(vars, str_sv(&name), value.s);
		}
	}
	str_fini(&name);
	str_fini(&value);
}
