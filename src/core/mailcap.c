/*
 * Reading mailcap and making commands of its entries (see mailcap.h).
 */
#include "core/mailcap.h"

#include "base/proc.h"

#define SUFFIX_MAX 32
#define SAFE "@-+_=.,:/%" /* besides letters and digits: what no shell looks at twice */

/* ---- entries ---- */

/* The next line with its continuations (a backslash at the end) joined; comments and empty lines are skipped. */
static bool logical_line(struct sv *rest, struct str *joined, struct sv *line)
{
	struct sv piece;

	str_clear(joined);
	while (sv_line(rest, &piece)) {
		if (!joined->len && (!sv_trim(piece).len || sv_trim(piece).p[0] == '#'))
			continue;
		bool more = piece.len && piece.p[piece.len - 1] == '\\';
		if (more)
			piece.len--;
		str_add(joined, piece);
		if (!more)
			break;
	}
	*line = sv_trim(str_sv(joined));
	return line->len > 0;
}

/* A field up to ';', of which "\;" is none. */
static bool take_field(struct sv *rest, struct sv *field)
{
	size_t i = 0;

	if (!rest->len)
		return false;
	while (i < rest->len && rest->p[i] != ';')
		i += rest->p[i] == '\\' && i + 1 < rest->len ? 2 : 1;
	i = MIN(i, rest->len);
	*field = sv_trim(sv_head(*rest, i));
	*rest = sv_from(*rest, MIN(i + 1, rest->len));
	return true;
}

static void read_field(struct mailcap_entry *e, struct sv field)
{
	const struct {
		const char *name;
		struct sv *to;
	} values[] = {{"edit", &e->edit}, {"compose", &e->compose},
		{"composetyped", &e->composetyped}, {"print", &e->print}, {"test", &e->test},
		{"nametemplate", &e->nametemplate}};
	ptrdiff_t eq = sv_chr(field, '=');
	struct sv name = eq < 0 ? field : sv_trim(sv_head(field, (size_t)eq));

	e->terminal |= sv_is_case(name, "needsterminal");
	e->copious |= sv_is_case(name, "copiousoutput");
	e->keep |= sv_is_case(name, "x-neomutt-keep") || sv_is_case(name, "x-mutt-keep");
	e->unix_lines |= sv_is_case(name, "textualnewlines") && !sv_is(sv_trim(sv_from(field, eq < 0 ? field.len : (size_t)eq + 1)), "0");
	for (size_t i = 0; eq >= 0 && i < ARRAY_LEN(values); i++)
		if (sv_is_case(name, values[i].name))
			*values[i].to = sv_trim(sv_from(field, (size_t)eq + 1));
}

bool mailcap_next(struct sv *rest, struct str *joined, struct mailcap_entry *e)
{
	struct sv line, field;

	while (logical_line(rest, joined, &line)) {
		*e = (struct mailcap_entry){.terminal = false};
		if (!take_field(&line, &e->type) || !take_field(&line, &e->view) || !e->type.len)
			continue; /* not an entry at all */
		while (take_field(&line, &field))
			read_field(e, field);
		return true;
	}
	return false;
}

bool mailcap_matches(const struct mailcap_entry *e, struct sv type)
{
	ptrdiff_t slash = sv_chr(e->type, '/');

	if (slash < 0)
		return sv_chr(type, '/') == (ptrdiff_t)e->type.len && sv_starts_case(type, e->type);
	if (sv_is(sv_from(e->type, (size_t)slash), "/*"))
		return sv_starts_case(type, sv_head(e->type, (size_t)slash + 1));
	return sv_eq_case(e->type, type);
}

/* ---- commands ---- */

static bool is_safe(char c)
{
	return ascii_is_alnum((unsigned char)c) || (c && strchr(SAFE, c));
}

static bool all_safe(struct sv v)
{
	for (size_t i = 0; i < v.len; i++)
		if (!is_safe(v.p[i]))
			return false;
	return v.len > 0;
}

/* Where in the shell's quoting the end of the command so far stands. */
struct quoting {
	bool single, twice; /* inside '...', inside "..." */
};

static void follow(struct quoting *q, char c)
{
	if (c == '\'' && !q->twice)
		q->single = !q->single;
	else if (c == '"' && !q->single)
		q->twice = !q->twice;
}

static bool add_value(struct str *out, struct sv v, const struct quoting *q)
{
	if (all_safe(v))
		return str_add(out, v);
	if (!q->single && !q->twice)
		return proc_quote(out, v);
	for (size_t i = 0; i < v.len; i++) {
		bool ok;
		if (q->single && v.p[i] == '\'')
			ok = str_adds(out, "'\\''");
		else if (q->twice && strchr("\"\\$`", v.p[i]))
			ok = str_addc(out, '\\') && str_addc(out, v.p[i]);
		else
			ok = str_addc(out, v.p[i]);
		if (!ok)
			return false;
	}
	return true;
}

/* A value that came with the mail. */
static bool add_foreign(
	struct str *out, struct sv v, const struct mailcap_values *values, const struct quoting *q)
{
	struct str clean;

	str_init(&clean, DOC_NAME_MAX);
	for (size_t i = 0; i < v.len && i < DOC_NAME_MAX; i++)
		str_addc(&clean, values->sanitize && !is_safe(v.p[i]) ? '_' : v.p[i]);
	/* A value that starts with '-' could be an option. */
	if (clean.len && clean.s[0] == '-')
		clean.s[0] = '_';
	bool ok = clean.len ? add_value(out, str_sv(&clean), q)
			    : q->single || q->twice || str_adds(out, "''");
	str_fini(&clean);
	return ok;
}

static struct sv param_value(const struct mailcap_values *values, struct sv name)
{
	for (size_t i = 0; i < values->param_count; i++)
		if (sv_is_case(name, values->params[i].name))
			return sv_of(values->params[i].value);
	return SV("");
}

/* %F: two arguments for each part. */
static bool add_subs(struct str *out, const struct mailcap_values *values, const struct quoting *q)
{
	bool ok = true;

	for (size_t i = 0; ok && i < values->sub_count; i++)
		ok = (i == 0 || str_addc(out, ' ')) && add_foreign(out, sv_of(values->subs[i].type), values, q) &&
		     str_addc(out, ' ') && add_value(out, sv_of(values->subs[i].path), q);
	return ok;
}

/* What stands behind a '%'. */
static bool expand_one(struct str *out, struct scan *s, const struct mailcap_values *values,
	const struct quoting *q, bool *used_path)
{
	if (scan_byte(s, '{')) {
		struct sv name = scan_until(s, "}");
		scan_byte(s, '}');
		return add_foreign(out, param_value(values, name), values, q);
	}
	char c = scan_end(s) ? '%' : *s->p++;
	switch (c) {
	case 's':
		*used_path = true;
		return !values->path || add_value(out, sv_of(values->path), q);
	case 't':
		return add_foreign(out, values->type, values, q);
	case 'n':
		return str_addf(out, "%zu", values->sub_count);
	case 'F':
		return add_subs(out, values, q);
	default:
		return str_addc(out, c);
	}
}

bool mailcap_expand(
	struct str *out, struct sv command, const struct mailcap_values *values, bool *used_path)
{
	struct scan s = scan_of(command);
	struct quoting q = {false, false};

	*used_path = false;
	while (!scan_end(&s)) {
		char c = *s.p++;
		bool ok;
		if (c == '\\' &&
			!scan_end(&s)) { /* mailcap's own escape goes; the shell sees what it hid */
			c = *s.p++;
			follow(&q, c);
			ok = str_addc(out, c);
		} else if (c == '%') {
			ok = expand_one(out, &s, values, &q, used_path);
		} else {
			follow(&q, c);
			ok = str_addc(out, c);
		}
		if (!ok)
			return false;
	}
	return true;
}

bool mailcap_wants_subs(struct sv command)
{
	for (size_t i = 0; i + 1 < command.len; i++) {
		if (command.p[i] == '\\')
			i++;
		else if (command.p[i] == '%' && command.p[++i] == 'F')
			return true;
	}
	return false;
}

void mailcap_suffix(struct str *out, struct sv nametemplate)
{
	ptrdiff_t at = sv_find(nametemplate, SV("%s"));
	struct sv behind = at < 0 ? SV("") : sv_from(nametemplate, (size_t)at + 2);

	for (size_t i = 0; i < behind.len && i < SUFFIX_MAX; i++)
		if (ascii_is_alnum((unsigned char)behind.p[i]) || strchr("._-", behind.p[i]))
			str_addc(out, behind.p[i]);
}
