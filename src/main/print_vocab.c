#include "main/print_vocab.h"

#include <libintl.h>

#include "base/mem.h"
#include "conf/rc.h"

#define _(s) gettext(s)

const char print_vocab_kinds[] = "options functions commands patterns expandos colors keys";
const char print_vocab_formats[] = "text json mdoc muttrc";

enum format { FMT_TEXT, FMT_JSON, FMT_MDOC, FMT_MUTTRC };

/* ---- small parts ---- */

static void add_padded(struct str *out, const char *text, size_t width)
{
	size_t n = strlen(text);

	str_adds(out, text);
	str_addn(out, ' ', n < width ? width - n : 1);
}

/* Text in a running line of mdoc: a backslash, and a dot or quote at the start of a line. */
static void add_mdoc(struct str *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		bool first = out->len == 0 || out->s[out->len - 1] == '\n';
		if (first && (*p == '.' || *p == '\''))
			str_adds(out, "\\&");
		if (*p == '\\')
			str_adds(out, "\\e");
		else if (*p == ' ' && p > text && p[-1] == '.' && p[1] >= 'A' && p[1] <= 'Z')
			str_addc(out, '\n'); /* a new sentence */
		else if (*p == '-')
			str_adds(out, "\\-");
		else if (*p == '^')
			str_adds(out, "\\(ha");
		else if (*p == '~')
			str_adds(out, "\\(ti");
		else if (*p == '`')
			str_adds(out, "\\(ga");
		else if (*p == '\'')
			str_adds(out, "\\(aq");
		else
			str_addc(out, *p);
	}
}

/* As an argument of a macro: in quotes, and quotes in it doubled. */
static void add_mdoc_arg(struct str *out, const char *text)
{
	struct str escaped;

	str_init(&escaped, CONF_TEXT_MAX);
	str_addc(&escaped, ' '); /* not the start of a line */
	add_mdoc(&escaped, text);
	str_addc(out, '"');
	str_adds(out, "\\&"); /* never a macro or a punctuation mark */
	for (const char *p = escaped.s + 1; *p; p++)
		str_adds(out, *p == '"' ? "\\(dq" : (char[2]){*p, 0});
	str_addc(out, '"');
	str_fini(&escaped);
}

static void add_field(struct str *out, const char *name, const char *value)
{
	str_addf(out, "%s\"%s\":", out->s[out->len - 1] == '{' ? "" : ",", name);
	if (value)
		(void)str_add_json(out, sv_of(value));
	else
		str_adds(out, "null");
}

static const char *dialect_name(enum dialect d)
{
	return d == DIALECT_MUTT ? "mutt" : d == DIALECT_NEOMUTT ? "neomutt" : "feist";
}

static void mdoc_dialect(struct str *out, enum dialect d, enum opt_inert inert)
{
	if (d == DIALECT_NEOMUTT)
		str_adds(out, "From NeoMutt.\n");
	if (d == DIALECT_FEIST)
		str_adds(out, "Not in mutt.\n");
	if (inert != INERT_NO)
		str_addf(out, "Accepted, has no effect%s.\n", inert == INERT_YET ? " yet" : "");
}

/* ---- options ---- */

static const char *inert_note(enum opt_inert inert)
{
	static const char *const notes[] = {[INERT_NO] = "",
		[INERT_YET] = N_(" (No effect yet.)"),
		[INERT_FOR_GOOD] = N_(" (No effect.)")};

	return notes[inert];
}

/* The default in rc text: quoted where it must be. */
static void add_default(struct str *out, const struct opt *opt)
{
	bool text = opt->type != OT_BOOL && opt->type != OT_QUAD && opt->type != OT_TRI &&
		    opt->type != OT_NUMBER && opt->type != OT_SORT && opt->type != OT_ENUM;

	if (text && *opt->init == 0)
		str_adds(out, "\"\"");
	else
		rc_quote(out, sv_of(opt->init));
}

static void option_synonyms(struct str *out, enum opt_id id, const char *before)
{
	const char *old;
	enum opt_id of;

	for (size_t at = 0; opt_synonym_next(&at, &old, &of);) {
		if (of != id)
			continue;
		str_addf(out, "%s%s", before, old);
		before = ", ";
	}
}

static void mdoc_option(struct str *out, enum opt_id id)
{
	const struct opt *opt = &opt_table[id];
	struct str init;

	str_init(&init, CONF_TEXT_MAX);
	add_default(&init, opt);
	str_addf(out, ".It Va %s Pq %s , default ", opt->name, opt_type_name(opt->type));
	str_adds(out, "Li ");
	add_mdoc_arg(out, init.s);
	str_addc(out, '\n');
	add_mdoc(out, opt->help);
	str_addc(out, '\n');
	if (opt->doc) {
		add_mdoc(out, opt->doc);
		str_addc(out, '\n');
	}
	if (opt->choices) {
		str_adds(out, "One of");
		for (size_t i = 0; opt->choices[i]; i++)
			str_addf(out, "%s %s", i ? "," : "", opt->choices[i]);
		str_adds(out, ".\n");
	}
	if (opt->modern) {
		str_adds(out, "In a profile of feist's own: ");
		add_mdoc(out, *opt->modern ? opt->modern : "empty");
		str_adds(out, ".\n");
	}
	str_clear(&init);
	option_synonyms(&init, id, "");
	if (init.len)
		str_addf(out, "Also called %s.\n", init.s);
	mdoc_dialect(out, opt->dialect, opt->inert);
	if (opt->example) {
		str_adds(out, ".Pp\n.Dl ");
		add_mdoc_arg(out, opt->example);
		str_addc(out, '\n');
	}
	str_fini(&init);
}

static void json_option(struct str *out, enum opt_id id)
{
	const struct opt *opt = &opt_table[id];
	struct str synonyms;

	str_init(&synonyms, CONF_TEXT_MAX);
	option_synonyms(&synonyms, id, "");
	str_addc(out, '{');
	add_field(out, "name", opt->name);
	add_field(out, "type", opt_type_name(opt->type));
	add_field(out, "default", opt->init);
	add_field(out, "modern", opt->modern);
	add_field(out, "area", opt_area_title(opt->area));
	add_field(out, "help", opt->help);
	add_field(out, "example", opt->example);
	add_field(out, "scope",
		opt->scope == SCOPE_ACCOUNT   ? "account"
		: opt->scope == SCOPE_MAILBOX ? "mailbox"
					      : "global");
	add_field(out, "dialect", dialect_name(opt->dialect));
	add_field(out, "synonyms", synonyms.s);
	str_addf(out, ",\"inert\":%s", opt->inert ? "true" : "false");
	str_adds(out, ",\"choices\":[");
	for (size_t i = 0; opt->choices && opt->choices[i]; i++) {
		str_adds(out, i ? "," : "");
		(void)str_add_json(out, sv_of(opt->choices[i]));
	}
	str_adds(out, "]}\n");
	str_fini(&synonyms);
}

static void muttrc_option(struct str *out, enum opt_id id)
{
	const struct opt *opt = &opt_table[id];

	str_addf(out, "# %s%s\n# set %s = ", opt->help, inert_note(opt->inert), opt->name);
	add_default(out, opt);
	str_adds(out, "\n#\n");
}

static void text_option(struct str *out, enum opt_id id)
{
	add_padded(out, opt_table[id].name, 34);
	add_padded(out, opt_type_name(opt_table[id].type), 20);
	str_addf(out, "%s%s\n", _(opt_table[id].help),
		opt_table[id].inert ? _(inert_note(opt_table[id].inert)) : "");
}

static void print_options(struct str *out, enum format f)
{
	for (int area = 0; area < AREA_COUNT; area++) {
		const char *title = opt_area_title((enum opt_area)area);
		if (f == FMT_MDOC)
			str_addf(out, ".Ss %s\n.Bl -tag -width Ds\n", title);
		else if (f == FMT_MUTTRC)
			str_addf(out, "\n# ---- %s ----\n#\n", title);
		else if (f == FMT_TEXT)
			str_addf(out, "%s%s\n", area ? "\n" : "", _(title));
		for (int i = 0; i < OPT_COUNT; i++) {
			if (opt_table[i].area != (enum opt_area)area)
				continue;
			if (f == FMT_MDOC)
				mdoc_option(out, (enum opt_id)i);
			else if (f == FMT_JSON)
				json_option(out, (enum opt_id)i);
			else if (f == FMT_MUTTRC)
				muttrc_option(out, (enum opt_id)i);
			else
				text_option(out, (enum opt_id)i);
		}
		if (f == FMT_MDOC)
			str_adds(out, ".El\n");
	}
}

/* ---- functions ---- */

static void add_menus(struct str *out, unsigned menus)
{
	const char *comma = "";

	for (int i = 0; i < MENU_COUNT; i++) {
		if (!(menus & (1u << i)))
			continue;
		str_addf(out, "%s%s", comma, menu_name((enum menu_id)i));
		comma = ",";
	}
}

/* The keys of a function in the first menu where it has some. */
static void add_keys(const struct conf *conf, struct str *out, enum func_id id)
{
	for (int m = 0; m < MENU_COUNT; m++) {
		const struct rc_bind *b;
		size_t at = 0, start = out->len;
		while ((func_table[id].menus & (1u << m)) &&
			(b = keymap_next_of(conf, (enum menu_id)m, id, &at))) {
			if (out->len > start)
				str_addc(out, ' ');
			keys_print(&b->keys, out);
		}
		if (out->len > start)
			return;
	}
}

static void print_functions(const struct conf *conf, struct str *out, enum format f)
{
	struct str menus, keys;

	str_init(&menus, CONF_TEXT_MAX);
	str_init(&keys, CONF_TEXT_MAX);
	if (f == FMT_MDOC)
		str_adds(out, ".Bl -tag -width Ds\n");
	for (int i = 0; i < FN_COUNT; i++) {
		const struct func *fn = &func_table[i];
		str_clear(&menus);
		str_clear(&keys);
		add_menus(&menus, fn->menus);
		add_keys(conf, &keys, (enum func_id)i);
		if (f == FMT_JSON) {
			str_addc(out, '{');
			add_field(out, "name", fn->name);
			add_field(out, "menus", menus.s);
			add_field(out, "keys", keys.s);
			add_field(out, "help", fn->help);
			add_field(out, "dialect", dialect_name(fn->dialect));
			str_addf(out, ",\"inert\":%s}\n", fn->inert ? "true" : "false");
		} else if (f == FMT_MDOC) {
			str_addf(out, ".It Ic %s Pq %s\n", fn->name, menus.s);
			add_mdoc(out, fn->help);
			str_adds(out, ".\n");
			mdoc_dialect(out, fn->dialect, fn->inert ? INERT_YET : INERT_NO);
		} else {
			if (f == FMT_MUTTRC)
				str_adds(out, "# ");
			add_padded(out, fn->name, 30);
			add_padded(out, keys.s, 20);
			str_addf(out, "%s\n", f == FMT_TEXT ? _(fn->help) : fn->help);
		}
	}
	if (f == FMT_MDOC)
		str_adds(out, ".El\n");
	str_fini(&menus);
	str_fini(&keys);
}

/* ---- commands ---- */

static void print_command(struct str *out, enum format f, const struct cmd *c)
{
	if (f == FMT_JSON) {
		str_addc(out, '{');
		add_field(out, "name", c->name);
		add_field(out, "args", c->args);
		add_field(out, "help", c->help);
		add_field(out, "example", c->example);
		add_field(out, "dialect", dialect_name(c->dialect));
		str_addf(out, ",\"inert\":%s}\n", c->inert ? "true" : "false");
	} else if (f == FMT_MDOC) {
		str_addf(out, ".It Ic %s Li ", c->name);
		add_mdoc_arg(out, c->args);
		str_addc(out, '\n');
		add_mdoc(out, c->help);
		str_addc(out, '\n');
		mdoc_dialect(out, c->dialect, c->inert ? INERT_YET : INERT_NO);
		if (c->example) {
			str_adds(out, ".Pp\n.Dl ");
			add_mdoc_arg(out, c->example);
			str_addc(out, '\n');
		}
	} else if (f == FMT_MUTTRC) {
		str_addf(out, "# %s\n# %s %s\n", c->help, c->name, c->args);
		if (c->example)
			str_addf(out, "#     %s\n", c->example);
		str_adds(out, "#\n");
	} else {
		struct str usage;
		str_init(&usage, CONF_TEXT_MAX);
		str_addf(&usage, "%s %s", c->name, c->args);
		add_padded(out, usage.s, 46);
		str_addf(out, "%s\n", _(c->help));
		str_fini(&usage);
	}
}

static void print_commands(struct str *out, enum format f)
{
	if (f == FMT_MDOC)
		str_adds(out, ".Bl -tag -width Ds\n");
	for (int i = 0; i < CMD_COUNT; i++)
		print_command(out, f, &cmd_table[i]);
	if (f == FMT_MDOC)
		str_adds(out, ".El\n");
}

/* ---- patterns, expandos, colours ---- */

static const char *pat_arg_name(enum pat_arg arg)
{
	static const char *const names[] = {"", " EXPR", " DATE", " RANGE", "PATTERN)", " QUERY"};

	return names[arg];
}

static void print_patterns(struct str *out, enum format f)
{
	struct str form;

	str_init(&form, 64);
	if (f == FMT_MDOC)
		str_adds(out, ".Bl -tag -width Ds\n");
	for (int i = 0; i < PAT_COUNT; i++) {
		const struct pat *p = &pat_table[i];
		str_clear(&form);
		str_addf(&form, "~%c%s%s", p->letter,
			p->arg == PATARG_PATTERN && p->letter != '(' ? "(" : "",
			pat_arg_name(p->arg));
		if (f == FMT_JSON) {
			str_addc(out, '{');
			add_field(out, "letter", (char[2]){p->letter, 0});
			add_field(out, "name", p->name);
			add_field(out, "form", form.s);
			add_field(out, "help", p->help);
			add_field(out, "dialect", dialect_name(p->dialect));
			str_adds(out, "}\n");
		} else if (f == FMT_MDOC) {
			str_adds(out, ".It Li ");
			add_mdoc_arg(out, form.s);
			str_addc(out, '\n');
			add_mdoc(out, p->help);
			str_adds(out, ".\n");
			mdoc_dialect(out, p->dialect, INERT_NO);
		} else {
			if (f == FMT_MUTTRC)
				str_adds(out, "# ");
			add_padded(out, form.s, 14);
			str_addf(out, "%s\n", f == FMT_TEXT ? _(p->help) : p->help);
		}
	}
	if (f == FMT_MDOC)
		str_adds(out, ".El\n");
	str_fini(&form);
}

static void expando_heading(struct str *out, enum format f, enum expando_set set, bool first)
{
	const char *comma = "";

	if (f == FMT_JSON)
		return;
	if (f == FMT_MDOC)
		str_addf(out, "%s.Ss ", first ? "" : ".El\n");
	else
		str_addf(out, "%s%s", first ? "" : "\n", f == FMT_MUTTRC ? "# " : "");
	for (int i = 0; i < OPT_COUNT; i++) {
		if (opt_table[i].set != set)
			continue;
		str_addf(out, "%s%s", comma, opt_table[i].name);
		comma = ", ";
	}
	if (!*comma)
		str_adds(out, expando_set_name(set));
	str_adds(out, f == FMT_MDOC ? "\n.Bl -tag -width Ds\n" : "\n");
}

static void print_expandos(struct str *out, enum format f)
{
	enum expando_set set = SET_NONE;

	for (size_t i = 0; i < expando_table_len; i++) {
		const struct expando_word *w = &expando_table[i];
		if (w->set != set)
			expando_heading(out, f, w->set, set == SET_NONE);
		set = w->set;
		if (f == FMT_JSON) {
			str_addc(out, '{');
			add_field(out, "set", expando_set_name(set));
			add_field(out, "letter", w->letter);
			add_field(out, "name", w->name);
			add_field(out, "help", w->help);
			add_field(out, "dialect", dialect_name(w->dialect));
			str_adds(out, "}\n");
		} else if (f == FMT_MDOC) {
			str_addf(out, ".It Li \"\\&%%%s\"\n", w->letter);
			add_mdoc(out, w->help);
			str_adds(out, ".\n");
			mdoc_dialect(out, w->dialect, INERT_NO);
		} else {
			if (f == FMT_MUTTRC)
				str_adds(out, "# ");
			str_addf(out, "  %%%-4s %s\n", w->letter,
				f == FMT_TEXT ? _(w->help) : w->help);
		}
	}
	if (f == FMT_MDOC)
		str_adds(out, ".El\n");
}

static void print_colors(struct str *out, enum format f)
{
	if (f == FMT_MDOC)
		str_adds(out, ".Bl -tag -width Ds\n");
	for (int i = 0; i < COLOR_COUNT; i++) {
		const struct color_word *c = &color_table[i];
		if (f == FMT_JSON) {
			str_addc(out, '{');
			add_field(out, "name", c->name);
			add_field(out, "takes",
				c->arg == COLOR_PLAIN   ? ""
				: c->arg == COLOR_REGEX ? "regex"
							: "pattern");
			add_field(out, "default", c->init);
			add_field(out, "mono", c->mono);
			add_field(out, "help", c->help);
			add_field(out, "dialect", dialect_name(c->dialect));
			str_adds(out, "}\n");
		} else if (f == FMT_MDOC) {
			str_addf(out, ".It Li %s\n", c->name);
			add_mdoc(out, c->help);
			str_adds(out, ".\n");
			mdoc_dialect(out, c->dialect, c->inert ? INERT_YET : INERT_NO);
		} else {
			if (f == FMT_MUTTRC)
				str_adds(out, "# ");
			add_padded(out, c->name, 28);
			str_addf(out, "%s\n", f == FMT_TEXT ? _(c->help) : c->help);
		}
	}
	if (f == FMT_MDOC)
		str_adds(out, ".El\n");
}

/* ---- keys ---- */

static const char *bind_does(const struct rc_bind *b)
{
	if (b->macro)
		return b->desc ? b->desc : b->macro;
	return b->fn == FN_NONE ? "noop" : func_table[b->fn].name;
}

static void print_bind(struct str *out, enum format f, const struct rc_bind *b)
{
	struct str keys;

	str_init(&keys, CONF_TEXT_MAX);
	keys_print(&b->keys, &keys);
	const char *help = b->fn == FN_NONE ? "" : func_table[b->fn].help;
	if (f == FMT_JSON) {
		str_addc(out, '{');
		add_field(out, "menu", menu_name(b->menu));
		add_field(out, "keys", keys.s);
		add_field(out, "function", b->fn == FN_NONE ? NULL : func_table[b->fn].name);
		add_field(out, "macro", b->macro);
		add_field(out, "description", b->desc);
		str_adds(out, "}\n");
	} else if (f == FMT_MDOC) {
		str_adds(out, ".It Ic ");
		add_mdoc_arg(out, keys.s);
		str_addf(out, "\n%s\n", bind_does(b));
	} else if (f == FMT_MUTTRC) {
		str_addf(out, "# %s %s ", b->macro ? "macro" : "bind", menu_name(b->menu));
		keys_print_rc(&b->keys, out);
		str_addc(out, ' ');
		if (b->macro)
			rc_quote(out, sv_of(b->macro));
		else
			str_adds(out, bind_does(b));
		str_addc(out, '\n');
	} else {
		add_padded(out, keys.s, 16);
		add_padded(out, bind_does(b), 28);
		str_addf(out, "%s\n", *help ? _(help) : "");
	}
	str_fini(&keys);
}

static void print_keys(const struct conf *conf, struct str *out, enum format f)
{
	for (int m = 0; m < MENU_COUNT; m++) {
		bool any = false;
		for (size_t i = 0; i < conf->rc.binds.n; i++) {
			const struct rc_bind *b = &conf->rc.binds.v[i];
			if (b->menu != (enum menu_id)m)
				continue;
			if (!any && f == FMT_MDOC)
				str_addf(out, ".Ss %s\n.Bl -tag -width Ds -compact\n",
					menu_name(b->menu));
			else if (!any && f != FMT_JSON)
				str_addf(out, "%s%s%s\n", out->len ? "\n" : "",
					f == FMT_MUTTRC ? "# " : "", menu_name(b->menu));
			any = true;
			print_bind(out, f, b);
		}
		if (any && f == FMT_MDOC)
			str_adds(out, ".El\n");
	}
}

bool print_vocab(const struct conf *conf, const char *kind, const char *format, struct str *out)
{
	struct sv formats = sv_of(print_vocab_formats), word;
	int f = -1, n = 0;

	for (; sv_split(&formats, ' ', &word); n++)
		if (sv_is(word, format))
			f = n;
	if (f < 0)
		return false;
	if (strcmp(kind, "options") == 0)
		print_options(out, (enum format)f);
	else if (strcmp(kind, "functions") == 0)
		print_functions(conf, out, (enum format)f);
	else if (strcmp(kind, "commands") == 0)
		print_commands(out, (enum format)f);
	else if (strcmp(kind, "patterns") == 0)
		print_patterns(out, (enum format)f);
	else if (strcmp(kind, "expandos") == 0)
		print_expandos(out, (enum format)f);
	else if (strcmp(kind, "colors") == 0)
		print_colors(out, (enum format)f);
	else if (strcmp(kind, "keys") == 0)
		print_keys(conf, out, (enum format)f);
	else
		return false;
	return true;
}
