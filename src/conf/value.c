/*
 * Values of options by type: from text, to text, copied, freed. The private header value.h is for
 * conf.c.
 */
#include "conf/value.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/mem.h"
#include "conf/account.h"

static const size_t offsets[OPT_COUNT] = {
#define OPTION(id, ...) [OPT_##id] = offsetof(struct conf, id),
#define OPTION_SYNONYM(old, id)
#include "vocab/options.def"
#undef OPTION
#undef OPTION_SYNONYM
};

static void *field(struct conf *conf, enum opt_id id)
{
	return (char *)conf + offsets[id];
}

static const void *field_of(const struct conf *conf, enum opt_id id)
{
	return (const char *)conf + offsets[id];
}

/* ---- words ---- */

static const char *const quad_names[] = {"no", "yes", "ask-no", "ask-yes"};

const char *conf_quad_name(enum quad quad)
{
	return quad_names[quad];
}

/* Also what NeoMutt takes for yes and no. */
static bool parse_bool(struct sv text, bool *out)
{
	static const char *const yes[] = {"yes", "y", "true", "1", "on"};
	static const char *const no[] = {"no", "n", "false", "0", "off"};

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (sv_is_case(text, yes[i]) || sv_is_case(text, no[i])) {
			*out = sv_is_case(text, yes[i]);
			return true;
		}
	}
	return false;
}

static bool parse_quad(struct sv text, enum quad *out)
{
	bool yes;

	if (parse_bool(text, &yes)) {
		*out = yes ? QUAD_YES : QUAD_NO;
		return true;
	}
	for (int i = QUAD_ASK_NO; i <= QUAD_ASK_YES; i++) {
		if (sv_is_case(text, quad_names[i])) {
			*out = (enum quad)i;
			return true;
		}
	}
	return false;
}

static const struct {
	const char *name;
	enum sort_key key;
} sort_names[] = {
	{"date", SORT_DATE},
	{"date-sent", SORT_DATE},
	{"date-received", SORT_DATE_RECEIVED},
	{"from", SORT_FROM},
	{"label", SORT_LABEL},
	{"mailbox-order", SORT_MAILBOX_ORDER},
	{"unsorted", SORT_MAILBOX_ORDER},
	{"relevance", SORT_RELEVANCE},
	{"score", SORT_SCORE},
	{"size", SORT_SIZE},
	{"spam", SORT_SPAM},
	{"subject", SORT_SUBJECT},
	{"threads", SORT_THREADS},
	{"to", SORT_TO},
	{"alpha", SORT_ALPHA},
	{"count", SORT_COUNT},
	{"unread", SORT_UNREAD},
	{"new", SORT_UNREAD},
	{"flagged", SORT_FLAGGED},
	{"path", SORT_PATH},
	{"name", SORT_PATH},
	{"desc", SORT_DESC},
	{"alias", SORT_ALIAS},
	{"address", SORT_ADDRESS},
	{"keyid", SORT_KEYID},
	{"trust", SORT_TRUST},
	{"aux", SORT_AUX},
};

static bool sort_key_of(const char *name, enum sort_key *key)
{
	for (size_t i = 0; i < ARRAY_LEN(sort_names); i++) {
		if (strcmp(sort_names[i].name, name) == 0) {
			*key = sort_names[i].key;
			return true;
		}
	}
	return false;
}

bool conf_sort_parse(enum opt_id id, struct sv text, struct conf_sort *out)
{
	const char *const *names = opt_table[id].choices;
	struct conf_sort s = {0};
	bool more = true;

	while (more) {
		more = false;
		if (!s.reverse && sv_starts_case(text, SV("reverse-"))) {
			s.reverse = more = true;
			text = sv_from(text, 8);
		} else if (!s.last && id != OPT_sort_alias && sv_starts_case(text, SV("last-"))) {
			s.last = more = true;
			text = sv_from(text, 5);
		}
	}
	for (; *names; names++) {
		if (sv_is_case(text, *names) && sort_key_of(*names, &s.key)) {
			*out = s;
			return true;
		}
	}
	return false;
}

void conf_sort_print(enum opt_id id, struct conf_sort sort, struct str *out)
{
	const char *const *names = opt_table[id].choices;
	enum sort_key key;

	if (sort.reverse)
		str_adds(out, "reverse-");
	if (sort.last)
		str_adds(out, "last-");
	for (; *names; names++) {
		if (sort_key_of(*names, &key) && key == sort.key) {
			str_adds(out, *names);
			return;
		}
	}
}

/* ---- from text ---- */

/* Texts of all kinds are wiped: a password is one of them, and some stand in $folder or $smtp_url. */
static bool set_text(const char **at, char *text)
{
	free_wiped((char *)(uintptr_t)*at);
	*at = text;
	return true;
}

static void free_text(const char **at)
{
	free_wiped((char *)(uintptr_t)*at);
	*at = NULL;
}

static bool parse_number(const struct opt *opt, struct sv text, long *out, struct err *e)
{
	long min = opt->min, max = opt->max;
	char *end, *copy = sv_dup(text);

	if (opt->has_auto && sv_is_case(text, "auto")) {
		free(copy);
		*out = CONF_AUTO;
		return true;
	}
	if (min == 0 && max == 0) {
		min = SHRT_MIN;
		max = SHRT_MAX;
	}
	errno = 0;
	long n = strtol(copy, &end, 10);
	bool good = text.len > 0 && *end == 0 && end != copy;
	bool fits = errno == 0 && n >= min && n <= max;
	free(copy);
	if (!good)
		return err_set(
			e, ERR_INPUT, "%s: '" SV_FMT "' is not a number", opt->name, SV_ARG(text));
	if (!fits)
		return err_set(e, ERR_INPUT, "%s: " SV_FMT " is out of range (%ld to %ld)",
			opt->name, SV_ARG(text), min, max);
	*out = n;
	return true;
}

/* "no such X; one of: a, b, c" */
static bool bad_choice(const struct opt *opt, struct sv text, struct err *e)
{
	struct nearest near;
	struct str list;

	nearest_init(&near, text);
	str_init(&list, 400);
	for (const char *const *c = opt->choices; c && *c; c++) {
		nearest_try(&near, *c);
		if (list.len)
			str_adds(&list, ", ");
		str_adds(&list, *c);
	}
	if (near.best)
		err_set(e, ERR_INPUT, "%s: unknown value '" SV_FMT "'; did you mean '%s'?",
			opt->name, SV_ARG(text), near.best);
	else
		err_set(e, ERR_INPUT, "%s: unknown value '" SV_FMT "'; one of: %s", opt->name,
			SV_ARG(text), list.s);
	str_fini(&list);
	return false;
}

static bool parse_enum(const struct opt *opt, struct sv text, long *out, struct err *e)
{
	for (long i = 0; opt->choices[i]; i++) {
		if (sv_is_case(text, opt->choices[i])) {
			*out = i;
			return true;
		}
	}
	return bad_choice(opt, text, e);
}

static bool set_regex(const struct opt *opt, struct conf_regex *at, struct sv text, struct err *e)
{
	char *copy = sv_dup(text);
	bool negated = text.len > 1 && text.p[0] == '!' && strcmp(opt->name, "mask") == 0;
	struct rx *rx = NULL;

	if (text.len && !(rx = rx_new(copy + negated, RX_SMARTCASE, e))) {
		free(copy);
		return err_at(e, "%s", opt->name);
	}
	free_text(&at->text);
	rx_free(at->rx);
	*at = (struct conf_regex){copy, rx, negated};
	return true;
}

static bool set_bool(const struct opt *opt, bool *at, struct sv text, struct err *e)
{
	if (!parse_bool(text, at))
		return err_set(e, ERR_INPUT, "%s: '" SV_FMT "' is neither yes nor no", opt->name,
			SV_ARG(text));
	return true;
}

static bool set_tri(const struct opt *opt, enum tri *at, struct sv text, struct err *e)
{
	bool yes;

	if (sv_is_case(text, "auto"))
		*at = TRI_AUTO;
	else if (parse_bool(text, &yes))
		*at = yes ? TRI_YES : TRI_NO;
	else
		return err_set(e, ERR_INPUT, "%s: '" SV_FMT "' is not one of yes, no, auto",
			opt->name, SV_ARG(text));
	return true;
}

/* A format is only checked: what is wrong with it shows on the screen, too, and mutt takes it. */
bool value_set(struct conf *conf, enum opt_id id, struct sv text, struct err *e)
{
	const struct opt *opt = &opt_table[id];
	void *at = field(conf, id);

	if (text.len > CONF_TEXT_MAX)
		return err_set(e, ERR_LIMIT, "%s: longer than %d bytes", opt->name, CONF_TEXT_MAX);
	if (text.len && memchr(text.p, 0, text.len))
		return err_set(e, ERR_INPUT, "%s: a NUL byte", opt->name);
	switch (opt->type) {
	case OT_BOOL:
		return set_bool(opt, at, text, e);
	case OT_TRI:
		return set_tri(opt, at, text, e);
	case OT_QUAD:
		return parse_quad(text, at) ||
		       err_set(e, ERR_INPUT,
			       "%s: '" SV_FMT "' is not one of yes, no, ask-yes, ask-no", opt->name,
			       SV_ARG(text));
	case OT_NUMBER:
		return parse_number(opt, text, at, e);
	case OT_ENUM:
		return parse_enum(opt, text, at, e);
	case OT_SORT:
		return conf_sort_parse(id, text, at) || bad_choice(opt, text, e);
	case OT_REGEX:
		return set_regex(opt, at, text, e);
	case OT_PATH:
	case OT_MAILBOX:
		return set_text(at, conf_expand_path(conf, text));
	case OT_COMMAND:
		return set_text(at,
			text.len && text.p[0] == '~' ? conf_expand_path(conf, text) : sv_dup(text));
	default:
		return set_text(at, sv_dup(text));
	}
}

bool value_set_bool(struct conf *conf, enum opt_id id, bool on)
{
	void *at = field(conf, id);

	switch (opt_table[id].type) {
	case OT_BOOL:
		*(bool *)at = on;
		return true;
	case OT_TRI:
		*(enum tri *)at = on ? TRI_YES : TRI_NO;
		return true;
	case OT_QUAD:
		*(enum quad *)at = on ? QUAD_YES : QUAD_NO;
		return true;
	default:
		return false;
	}
}

bool value_toggle(struct conf *conf, enum opt_id id)
{
	void *at = field(conf, id);

	switch (opt_table[id].type) {
	case OT_BOOL:
		*(bool *)at = !*(bool *)at;
		return true;
	case OT_TRI:
		*(enum tri *)at = *(enum tri *)at == TRI_NO ? TRI_YES : TRI_NO;
		return true;
	case OT_QUAD: /* no and yes change places, and so do the two that ask */
		*(enum quad *)at = (enum quad)(*(enum quad *)at ^ 1);
		return true;
	default:
		return false;
	}
}

/* ---- to text ---- */

static void print_number(const struct opt *opt, long n, struct str *out)
{
	if (opt->has_auto && n == CONF_AUTO)
		str_adds(out, "auto");
	else
		str_addf(out, "%ld", n);
}

void conf_text(const struct conf *conf, enum opt_id id, struct str *out)
{
	const struct opt *opt = &opt_table[id];
	const void *at = field_of(conf, id);

	switch (opt->type) {
	case OT_BOOL:
		str_adds(out, *(const bool *)at ? "yes" : "no");
		break;
	case OT_TRI:
		str_adds(out, *(const enum tri *)at == TRI_AUTO ? "auto"
			      : *(const enum tri *)at           ? "yes"
								: "no");
		break;
	case OT_QUAD:
		str_adds(out, quad_names[*(const enum quad *)at]);
		break;
	case OT_NUMBER:
		print_number(opt, *(const long *)at, out);
		break;
	case OT_ENUM:
		str_adds(out, opt->choices[*(const long *)at]);
		break;
	case OT_SORT:
		conf_sort_print(id, *(const struct conf_sort *)at, out);
		break;
	case OT_REGEX:
		str_adds(out, ((const struct conf_regex *)at)->text);
		break;
	default:
		str_adds(out, *(const char *const *)at);
		break;
	}
}

void conf_add_quoted(struct str *out, struct sv text)
{
	str_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];
		if (c == '"' || c == '\\')
			str_addc(out, '\\');
		if (c == '\n' || c == '\t' || c == '\r')
			str_adds(out, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
		else if (c > 0 && c < ' ')
			str_addf(out, "\\%03o", (unsigned)c);
		else
			str_addc(out, c);
	}
	str_addc(out, '"');
}

static bool has_path(enum opt_type type)
{
	return type == OT_PATH || type == OT_MAILBOX || type == OT_COMMAND;
}

/* A command or path as conf_short_path has it, but commands keep what is not a path. */
static char *short_value(const struct conf *conf, enum opt_type type, const char *value)
{
	return type == OT_COMMAND ? path_below_home(value) : conf_short_path(conf, value);
}

void conf_print(const struct conf *conf, enum opt_id id, struct str *out)
{
	const struct opt *opt = &opt_table[id];
	struct str value;

	str_init(&value, CONF_TEXT_MAX);
	conf_text(conf, id, &value);
	str_adds(out, opt->name);
	if (opt->type == OT_BOOL || (opt->type == OT_TRI && !sv_is(str_sv(&value), "auto"))) {
		str_adds(out, sv_is(str_sv(&value), "yes") ? " is set" : " is unset");
	} else if (opt->type == OT_QUAD || opt->type == OT_TRI || opt->type == OT_NUMBER ||
		   opt->type == OT_ENUM || opt->type == OT_SORT) {
		str_addf(out, "=%s", value.s);
	} else if (has_path(opt->type) && id != OPT_folder) {
		char *path = short_value(conf, opt->type, value.s);
		str_addc(out, '=');
		conf_add_quoted(out, sv_of(path));
		free(path);
	} else if (id == OPT_folder) { /* = would be itself */
		size_t n = value.len;
		bool url = is_server_url(str_sv(&value));
		if (n > 1 && value.s[n - 1] == '/' && !url)
			str_cut(&value, n - 1);
		char *path = path_below_home(value.s);
		str_addc(out, '=');
		conf_add_quoted(out, sv_of(path));
		free(path);
	} else {
		str_addc(out, '=');
		conf_add_quoted(out, str_sv(&value));
	}
	str_fini(&value);
}

/* ---- life ---- */

static bool is_text(enum opt_type type)
{
	switch (type) {
	case OT_STRING:
	case OT_SECRET:
	case OT_FORMAT:
	case OT_ADDRESS:
	case OT_LIST:
	case OT_CHARS:
	case OT_COMMAND:
	case OT_PATH:
	case OT_MAILBOX:
		return true;
	default:
		return false;
	}
}

void value_init(struct conf *conf, enum opt_id id)
{
	if (is_text(opt_table[id].type))
		set_text(field(conf, id), xstrdup(""));
	else if (opt_table[id].type == OT_REGEX)
		*(struct conf_regex *)field(conf, id) = (struct conf_regex){.text = xstrdup("")};
}

void value_fini(struct conf *conf, enum opt_id id)
{
	enum opt_type type = opt_table[id].type;

	if (is_text(type)) {
		free_text(field(conf, id));
	} else if (type == OT_REGEX) {
		struct conf_regex *r = field(conf, id);
		free_text(&r->text);
		rx_free(r->rx);
	}
}

void value_copy(struct conf *to, const struct conf *from, enum opt_id id)
{
	const struct opt *opt = &opt_table[id];
	struct err e;

	if (is_text(opt->type))
		set_text(field(to, id), xstrdup(*(const char *const *)field_of(from, id)));
	else if (opt->type == OT_REGEX &&
		 !set_regex(opt, field(to, id),
			 sv_of(((const struct conf_regex *)field_of(from, id))->text), &e))
		bug("a good pattern became bad: %s", e.text);
	else if (opt->type == OT_BOOL)
		*(bool *)field(to, id) = *(const bool *)field_of(from, id);
	else if (opt->type == OT_TRI)
		*(enum tri *)field(to, id) = *(const enum tri *)field_of(from, id);
	else if (opt->type == OT_QUAD)
		*(enum quad *)field(to, id) = *(const enum quad *)field_of(from, id);
	else if (opt->type == OT_SORT)
		*(struct conf_sort *)field(to, id) = *(const struct conf_sort *)field_of(from, id);
	else if (opt->type == OT_NUMBER || opt->type == OT_ENUM)
		*(long *)field(to, id) = *(const long *)field_of(from, id);
}
