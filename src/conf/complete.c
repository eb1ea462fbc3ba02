/*
 * Completion of command lines: what kind of word stands under the cursor, and the words of the
 * vocabulary that fit. Paths, mailboxes and aliases are completed by who knows them.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "conf/rc.h"

#define WORDS_MAX 64 /* words of the command that are looked at */

struct words {
	struct sv v[WORDS_MAX];
	size_t n;
	size_t start; /* offset of the word under the cursor */
};

/*
 * Cuts the command that ends at the cursor at blanks; quotes hold blanks together. Rough, but so is
 * typing.
 */
static void cut(struct sv line, struct words *out)
{
	size_t from = 0;
	char quote = 0;

	*out = (struct words){0};
	for (size_t i = 0; i < line.len; i++) {
		char c = line.p[i];
		if (quote) {
			quote = c == quote ? 0 : quote;
		} else if (c == '\'' || c == '"') {
			quote = c;
		} else if (c == ';') {
			out->n = 0;
			from = i + 1;
		} else if (c == ' ' || c == '\t') {
			if (i > from && out->n < WORDS_MAX)
				out->v[out->n++] = sv_make(line.p + from, i - from);
			from = i + 1;
		}
	}
	out->start = from;
}

static size_t skip_prefix(struct sv word)
{
	if (word.len && strchr("?&", word.p[0]))
		return 1;
	if (opt_find(word) != OPT_NONE)
		return 0;
	if (sv_starts(word, SV("no")))
		return 2;
	return sv_starts(word, SV("inv")) ? 3 : 0;
}

/* In set: a name, or the value behind its = (with or without blanks). */
static void want_setting(const struct words *w, struct sv word, struct rc_completion *out)
{
	ptrdiff_t equal = sv_chr(word, '=');
	struct sv name = {0};

	if (equal >= 0 && w->n >= 1 && equal == 0) /* name =value */
		name = w->v[w->n - 1];
	else if (equal > 0)
		name = sv_head(word, (size_t)equal);
	else if (w->n >= 3 && sv_is(w->v[w->n - 1], "=")) /* name = value */
		name = w->v[w->n - 2];
	else if (w->n >= 2 && sv_ends_case(w->v[w->n - 1], SV("="))) /* name= value */
		name = sv_head(w->v[w->n - 1], w->v[w->n - 1].len - 1);
	if (name.len == 0) {
		/* "no" and "inv" are left in front of the word when what follows is a name */
		out->want = RC_WANT_OPTION;
		struct sv rest = sv_from(word, skip_prefix(word));
		bool any = false;
		for (int i = 0; i < OPT_COUNT; i++)
			any = any || sv_starts(sv_of(opt_table[i].name), word);
		if (!any)
			out->start += word.len - rest.len;
		return;
	}
	if (name.len && (name.p[name.len - 1] == '+' || name.p[name.len - 1] == '-'))
		name.len--;
	out->opt = opt_find(name);
	out->start += equal >= 0 ? (size_t)equal + 1 : 0;
	if (out->opt == OPT_NONE)
		out->want = RC_WANT_NOTHING;
	else if (opt_table[out->opt].type == OT_MAILBOX)
		out->want = RC_WANT_MAILBOX;
	else if (opt_table[out->opt].type == OT_PATH || opt_table[out->opt].type == OT_COMMAND)
		out->want = RC_WANT_PATH;
	else
		out->want = RC_WANT_VALUE;
}

static void want_bind(
	const struct words *w, struct sv word, enum cmd_id cmd, struct rc_completion *out)
{
	if (w->n == 1) {
		ptrdiff_t comma = sv_rchr(word, ',');
		out->want = RC_WANT_MENU;
		out->start += comma >= 0 ? (size_t)comma + 1 : 0;
		return;
	}
	struct sv menus = w->v[1], menu;
	out->menu = sv_split(&menus, ',', &menu) ? menu_find(menu) : MENU_GENERIC;
	if (out->menu == MENU_COUNT)
		out->menu = MENU_GENERIC;
	if (cmd == CMD_bind && w->n == 3) {
		out->want = RC_WANT_FUNCTION;
	} else if (cmd == CMD_macro && w->n >= 3) { /* the last <name that is not closed */
		ptrdiff_t open = sv_rchr(word, '<');
		if (open >= 0 && sv_chr(sv_from(word, (size_t)open), '>') < 0) {
			out->want = RC_WANT_FUNCTION;
			out->start += (size_t)open + 1;
		}
	}
}

void rc_completion_at(struct sv line, size_t cursor, struct rc_completion *out)
{
	struct words w;

	line = sv_head(line, cursor);
	cut(line, &w);
	struct sv word = sv_from(line, w.start);
	*out = (struct rc_completion){.start = w.start, .opt = OPT_NONE, .menu = MENU_GENERIC};
	if (w.n == 0) {
		out->want = RC_WANT_COMMAND;
		return;
	}
	enum cmd_id cmd = cmd_find(w.v[0]);
	switch (cmd) {
	case CMD_set:
	case CMD_unset:
	case CMD_toggle:
	case CMD_reset:
		want_setting(&w, word, out);
		break;
	case CMD_bind:
	case CMD_macro:
	case CMD_unbind:
	case CMD_unmacro:
		want_bind(&w, word, cmd, out);
		break;
	case CMD_exec:
		out->want = RC_WANT_FUNCTION;
		out->menu = MENU_INDEX;
		break;
	case CMD_push:
		w.n = 3;
		want_bind(&w, word, CMD_macro, out);
		out->menu = MENU_INDEX;
		break;
	case CMD_color:
	case CMD_mono:
	case CMD_uncolor:
	case CMD_unmono:
		out->want = w.n == 1 ? RC_WANT_COLOR_OBJECT : RC_WANT_COLOR;
		break;
	case CMD_source:
	case CMD_cd:
	case CMD_source_keys:
	case CMD_dump_screen:
		out->want = RC_WANT_PATH;
		break;
	case CMD_mailboxes:
	case CMD_unmailboxes:
	case CMD_named_mailboxes:
	case CMD_sidebar_pin:
		out->want = RC_WANT_MAILBOX;
		break;
	case CMD_save_hook:
	case CMD_fcc_hook:
	case CMD_mbox_hook:
		out->want = w.n == 2 ? RC_WANT_MAILBOX : RC_WANT_NOTHING;
		break;
	case CMD_unalias:
		out->want = RC_WANT_ALIAS;
		break;
	case CMD_unhook:
		out->want = RC_WANT_COMMAND;
		break;
	default:
		out->want = RC_WANT_NOTHING;
		break;
	}
}

/* ---- candidates ---- */

/* The i-th candidate of a kind, NULL at the end, "" for one that does not fit here. */
static const char *command_at(size_t i)
{
	return i < CMD_COUNT ? cmd_table[i].name : NULL;
}

static const char *option_at(const struct conf *conf, size_t i)
{
	if (i < OPT_COUNT)
		return opt_table[i].name;
	return i - OPT_COUNT < conf->my.n ? conf->my.v[i - OPT_COUNT].name : NULL;
}

static const char *function_at(enum menu_id menu, size_t i)
{
	if (i >= FN_COUNT)
		return i == FN_COUNT ? "noop" : NULL;
	bool here = (func_table[i].menus & (1u << menu)) ||
		    (menu_has_generic(menu) && (func_table[i].menus & IN(GENERIC)));
	return here ? func_table[i].name : "";
}

static const char *color_at(size_t i)
{
	static const char *const words[] = {"default", "black", "red", "green", "yellow", "blue",
		"magenta", "cyan", "white", "brightblack", "brightred", "brightgreen",
		"brightyellow", "brightblue", "brightmagenta", "brightcyan", "brightwhite", "bold",
		"underline", "reverse", "standout", "italic", "dim", "none"};

	return i < ARRAY_LEN(words) ? words[i] : NULL;
}

static const char *choice_at(enum opt_id id, size_t i)
{
	static const char *const words[] = {"yes", "no", "ask-yes", "ask-no"};
	const struct opt *opt = &opt_table[id];

	if (opt->type == OT_QUAD || opt->type == OT_BOOL)
		return i < (opt->type == OT_QUAD ? 4u : 2u) ? words[i] : NULL;
	if (opt->type == OT_TRI || opt->has_auto) {
		static const char *const tri[] = {"auto", "yes", "no"};
		return i < (opt->type == OT_TRI ? 3u : 1u) ? tri[i] : NULL;
	}
	for (size_t n = 0; opt->choices; n++)
		if (!opt->choices[n] || n == i)
			return opt->choices[n];
	return NULL;
}

static const char *candidate(const struct conf *conf, const struct rc_completion *c, size_t i)
{
	switch (c->want) {
	case RC_WANT_COMMAND:
		return command_at(i);
	case RC_WANT_OPTION:
		return option_at(conf, i);
	case RC_WANT_VALUE:
		return choice_at(c->opt, i);
	case RC_WANT_MENU:
		return i < MENU_COUNT ? menu_name((enum menu_id)i) : NULL;
	case RC_WANT_FUNCTION:
		return function_at(c->menu, i);
	case RC_WANT_COLOR_OBJECT:
		return i < COLOR_COUNT ? color_table[i].name : NULL;
	case RC_WANT_COLOR:
		return color_at(i);
	default:
		return NULL;
	}
}

/* set x= TAB: a value that is no choice is offered as it is, to be edited. */
static bool present_value(const struct conf *conf, const struct rc_completion *c, struct sv typed,
	size_t *at, struct str *out)
{
	struct str value;

	if (c->want != RC_WANT_VALUE || *at != 0 || typed.len || choice_at(c->opt, 0))
		return false;
	*at = 1;
	if (opt_table[c->opt].type == OT_SECRET)
		return false;
	str_init(&value, CONF_TEXT_MAX);
	conf_text(conf, c->opt, &value);
	rc_quote(out, str_sv(&value));
	str_fini(&value);
	return true;
}

bool rc_complete_next(const struct conf *conf, const struct rc_completion *c, struct sv typed,
	size_t *at, struct str *out)
{
	const char *word;

	str_clear(out);
	if (present_value(conf, c, typed, at, out))
		return true;
	while ((word = candidate(conf, c, *at))) {
		(*at)++;
		if (*word && sv_starts_case(sv_of(word), typed)) {
			str_adds(out, word);
			return true;
		}
	}
	return false;
}
