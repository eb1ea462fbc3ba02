/*
 * The options of a rendering, as lines of text (render.h lists them).
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "render/render.h"

#define QUOTE_REGEXP "^([ \t]*[|>:}#])+"
#define SMILEYS "(>From )|(:[-^]?[][)(><}{|/DP])"

enum opt_type { OPT_BOOL, OPT_INT, OPT_STRING, OPT_LIST };

static const struct opt {
	const char *name;
	enum opt_type type;
	size_t at;
	int least, most;
} opts[] = {
#define AT(field) offsetof(struct render_opts, field)
	{"part", OPT_STRING, AT(part), 0, 0},
	{"quote_regexp", OPT_STRING, AT(quote_regexp), 0, 0},
	{"smileys", OPT_STRING, AT(smileys), 0, 0},
	{"assumed_charset", OPT_STRING, AT(assumed_charset), 0, 0},
	{"charset", OPT_STRING, AT(charset), 0, 0},
	{"width", OPT_INT, AT(width), RENDER_WIDTH_MIN, RENDER_WIDTH_MAX},
	{"wrap", OPT_INT, AT(wrap), -RENDER_WIDTH_MAX, RENDER_WIDTH_MAX},
	{"reflow_wrap", OPT_INT, AT(reflow_wrap), -RENDER_WIDTH_MAX, RENDER_WIDTH_MAX},
	{"timezone", OPT_INT, AT(timezone_s), -86400, 86400},
	{"smart_wrap", OPT_BOOL, AT(smart_wrap), 0, 0},
	{"markers", OPT_BOOL, AT(markers), 0, 0},
	{"weed", OPT_BOOL, AT(weed), 0, 0},
	{"reflow_text", OPT_BOOL, AT(reflow_text), 0, 0},
	{"reflow_space_quotes", OPT_BOOL, AT(reflow_space_quotes), 0, 0},
	{"honor_disposition", OPT_BOOL, AT(honor_disposition), 0, 0},
	{"include_onlyfirst", OPT_BOOL, AT(include_onlyfirst), 0, 0},
	{"allow_ansi", OPT_BOOL, AT(allow_ansi), 0, 0},
	{"colors", OPT_BOOL, AT(colors), 0, 0},
	{"link_list", OPT_BOOL, AT(link_list), 0, 0},
	{"emoji", OPT_BOOL, AT(emoji), 0, 0},
	{"ignore", OPT_LIST, AT(ignore), 0, 0},
	{"unignore", OPT_LIST, AT(unignore), 0, 0},
	{"hdr_order", OPT_LIST, AT(hdr_order), 0, 0},
	{"alternative_order", OPT_LIST, AT(alternative_order), 0, 0},
	{"auto_view", OPT_LIST, AT(auto_view), 0, 0},
	{"mime_lookup", OPT_LIST, AT(mime_lookup), 0, 0},
	{"charset_hook", OPT_LIST, AT(charset_hook), 0, 0},
	{"type", OPT_LIST, AT(type), 0, 0},
	{"strip", OPT_LIST, AT(strip), 0, 0},
	{"drop", OPT_LIST, AT(drop), 0, 0},
	{"add", OPT_LIST, AT(add), 0, 0},
	{"decode", OPT_BOOL, AT(decode), 0, 0},
	{"hidden", OPT_BOOL, AT(hidden), 0, 0},
	{"unwrapped", OPT_BOOL, AT(unwrapped), 0, 0},
	{"unescape", OPT_BOOL, AT(unescape), 0, 0},
#undef AT
};

/* Options whose value is one of a few words. */
static const struct {
	const char *name, *word;
	size_t at;
	int value;
	bool is_mode;
} words[] = {
	{"mode", "doc", 0, RENDER_DOC, true},
	{"mode", "reply", 0, RENDER_REPLY, true},
	{"mode", "source", 0, RENDER_SOURCE, true},
	{"mode", "part", 0, RENDER_PART, true},
	{"mode", "headers", 0, RENDER_HEADERS, true},
	{"as", "text", offsetof(struct render_opts, as_text), true, false},
	{"as", "", offsetof(struct render_opts, as_text), false, false},
	{"background", "dark", offsetof(struct render_opts, light_background), false, false},
	{"background", "light", offsetof(struct render_opts, light_background), true, false},
	{"images", "alt", offsetof(struct render_opts, image_alt), true, false},
	{"images", "links", offsetof(struct render_opts, image_links), true, false},
	{"images", "none", offsetof(struct render_opts, image_alt), false, false},
	{"show_multipart_alternative", "info", offsetof(struct render_opts, alternative_info), true,
		false},
	{"show_multipart_alternative", "inline", offsetof(struct render_opts, alternative_inline),
		true, false},
	{"show_multipart_alternative", "", offsetof(struct render_opts, alternative_info), false,
		false},
};

void render_opts_init(struct render_opts *o)
{
	*o = (struct render_opts){
		.mode = RENDER_DOC,
		.width = 80,
		.reflow_wrap = 78,
		.smart_wrap = true,
		.weed = true,
		.reflow_text = true,
		.reflow_space_quotes = true,
		.colors = true,
		.link_list = true,
		.image_alt = true,
		.quote_regexp = xstrdup(QUOTE_REGEXP),
		.smileys = xstrdup(SMILEYS),
	};
}

static void list_fini(struct render_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->item[i]);
	free(l->item);
}

void render_opts_fini(struct render_opts *o)
{
	for (size_t i = 0; i < ARRAY_LEN(opts); i++) {
		void *field = (char *)o + opts[i].at;
		if (opts[i].type == OPT_LIST)
			list_fini(field);
		else if (opts[i].type == OPT_STRING)
			free(*(char **)field);
	}
	for (size_t i = 0; i < o->view_count; i++)
		free(o->view[i].id);
}

static bool parse_bool(struct sv v, bool *out)
{
	*out = sv_is_case(v, "yes") || sv_is(v, "1") || sv_is_case(v, "true") ||
	       sv_is_case(v, "on");
	return *out || sv_is_case(v, "no") || sv_is(v, "0") || sv_is_case(v, "false") ||
	       sv_is_case(v, "off");
}

static bool parse_int(struct sv v, int least, int most, int *out)
{
	bool minus = sv_starts(v, SV("-"));
	uint64_t n;

	if (!sv_u64(sv_from(v, minus ? 1 : 0), &n) || n > 1000000)
		return false;
	int value = minus ? -(int)n : (int)n;
	*out = MAX(least, MIN(most, value));
	return true;
}

static bool set_opt(struct render_opts *o, const struct opt *opt, struct sv value, struct err *e)
{
	void *field = (char *)o + opt->at;
	struct render_list *list = field;

	switch (opt->type) {
	case OPT_BOOL:
		if (!parse_bool(value, field))
			return err_set(e, ERR_INPUT, "%s: yes or no, not \"" SV_FMT "\"", opt->name,
				SV_ARG(sv_head(value, 40)));
		return true;
	case OPT_INT:
		if (!parse_int(value, opt->least, opt->most, field))
			return err_set(e, ERR_INPUT, "%s: \"" SV_FMT "\" is no number", opt->name,
				SV_ARG(sv_head(value, 40)));
		return true;
	case OPT_STRING:
		free(*(char **)field);
		*(char **)field = sv_dup(value);
		return true;
	case OPT_LIST:
		if (list->count >= RENDER_LIST_MAX)
			return err_set(e, ERR_LIMIT, "%s: more than %d entries", opt->name,
				RENDER_LIST_MAX);
		array_grow(list->item, list->count, list->cap);
		list->item[list->count++] = sv_dup(value);
		return true;
	}
	return true;
}

static bool set_word(struct render_opts *o, struct sv name, struct sv value, struct err *e)
{
	bool known = false;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!sv_is(name, words[i].name))
			continue;
		known = true;
		if (!sv_is(value, words[i].word))
			continue;
		if (words[i].is_mode)
			o->mode = (enum render_mode)words[i].value;
		else
			*(bool *)((char *)o + words[i].at) = words[i].value;
		return true;
	}
	if (known)
		return err_set(e, ERR_INPUT, SV_FMT ": what is \"" SV_FMT "\"?", SV_ARG(name),
			SV_ARG(sv_head(value, 40)));
	return true;
}

static bool add_view(struct render_opts *o, struct sv id, struct err *e)
{
	if (o->view_count >= RENDER_VIEWS_MAX)
		return err_set(e, ERR_LIMIT, "view: more than %d", RENDER_VIEWS_MAX);
	o->view[o->view_count++] = (struct render_view){.id = sv_dup(id), .text = {"", 0}};
	return true;
}

bool render_opt_set(struct render_opts *o, struct sv name, struct sv value, struct err *e)
{
	if (sv_is(name, "view"))
		return add_view(o, value, e);
	for (size_t i = 0; i < ARRAY_LEN(opts); i++)
		if (sv_is(name, opts[i].name))
			return set_opt(o, &opts[i], value, e);
	return set_word(o, name, value, e);
}

bool render_opts_parse(struct render_opts *o, struct sv lines, struct err *e)
{
	struct sv line;

	while (sv_line(&lines, &line)) {
		ptrdiff_t eq = sv_chr(line, '=');
		if (eq <= 0)
			continue;
		if (!render_opt_set(o, sv_head(line, (size_t)eq), sv_from(line, (size_t)eq + 1), e))
			return false;
	}
	return true;
}
