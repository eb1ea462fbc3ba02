#include "conf/lex.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/proc.h"
#include "conf/rc_priv.h"

#define BACKTICK_MAX (1 << 20) /* bytes of output that are looked at */

void lex_init(struct lex *lex, struct rc *rc, struct sv text, int line)
{
	*lex = (struct lex){.rc = rc};
	str_init(&lex->text, LEX_LINE_MAX);
	lex_join(lex, text, line);
}

void lex_fini(struct lex *lex)
{
	str_wipe(&lex->text);
	free(lex->parts);
}

static void add_part(struct lex *lex, struct lex_part part)
{
	array_grow(lex->parts, lex->nparts, lex->cap);
	lex->parts[lex->nparts++] = part;
}

bool lex_join(struct lex *lex, struct sv text, int line)
{
	if (lex->nparts >= LEX_PARTS_MAX)
		return false;
	add_part(lex, (struct lex_part){lex->text.len, line, 1});
	return str_add(&lex->text, text);
}

/* Columns count characters. */
static int chars_in(struct sv text)
{
	int n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return n;
}

void lex_place(const struct lex *lex, size_t at, int *line, int *column)
{
	const struct lex_part *part = &lex->parts[0];

	for (size_t i = 0; i < lex->nparts && lex->parts[i].at <= at; i++)
		part = &lex->parts[i];
	at = MIN(at, lex->text.len);
	*line = part->line;
	*column = part->column;
	if (part->column > 0 && at > part->at)
		*column += chars_in(sv_make(lex->text.s + part->at, at - part->at));
	if (part->column < 0) /* inside the output of a backtick: where that stands */
		*column = -part->column;
}

/*
 * Puts output in the place of lex->text[from, to): what comes from it is reported at the place of the
 * backtick, what stands behind it at its own.
 */
static bool splice(struct lex *lex, size_t from, size_t to, struct sv output)
{
	int line, column, line_after, column_after;
	size_t kept = 0;
	struct str text;
	bool ok;

	lex_place(lex, from, &line, &column);
	lex_place(lex, to, &line_after, &column_after);
	struct lex_part *old = lex->parts;
	size_t n = lex->nparts;
	lex->parts = NULL;
	lex->nparts = lex->cap = 0;
	for (; kept < n && old[kept].at < from; kept++)
		add_part(lex, old[kept]);
	add_part(lex, (struct lex_part){from, line, -column});
	add_part(lex, (struct lex_part){from + output.len, line_after, column_after});
	for (size_t i = kept; i < n; i++)
		if (old[i].at > to)
			add_part(lex, (struct lex_part){old[i].at - to + from + output.len,
					      old[i].line, old[i].column});
	free(old);
	/* A text of its own: one that grows would leave what it held behind, and it may be a password. */
	str_init(&text, LEX_LINE_MAX);
	ok = str_reserve(&text, lex->text.len - (to - from) + output.len) &&
	     str_add(&text, sv_head(str_sv(&lex->text), from)) && str_add(&text, output) &&
	     str_add(&text, sv_from(str_sv(&lex->text), to));
	str_wipe(&lex->text);
	lex->text = text;
	return ok;
}

int lex_peek(const struct lex *lex)
{
	return lex->at < lex->text.len ? (unsigned char)lex->text.s[lex->at] : -1;
}

void lex_skip(struct lex *lex, size_t n)
{
	lex->at = MIN(lex->at + n, lex->text.len);
}

struct sv lex_rest(const struct lex *lex)
{
	return sv_from(str_sv(&lex->text), lex->at);
}

void lex_spaces(struct lex *lex)
{
	while (lex->at < lex->text.len && ascii_is_space((unsigned char)lex->text.s[lex->at]))
		lex->at++;
}

bool lex_at_end(struct lex *lex)
{
	lex_spaces(lex);
	return lex->at >= lex->text.len;
}

bool lex_more(struct lex *lex)
{
	lex_spaces(lex);
	int c = lex_peek(lex);
	return c >= 0 && c != ';' && c != '#';
}

/* ---- $variables ---- */

/* $my_x that stands in backticks: the shell does not know it. */
static void expand_my(struct lex *lex, struct sv command, struct str *out)
{
	for (size_t i = 0; i < command.len; i++) {
		size_t n = i + 1;
		while (n < command.len &&
			(ascii_is_alnum((unsigned char)command.p[n]) || command.p[n] == '_'))
			n++;
		struct sv name = sv_from(sv_head(command, n), i + 1);
		const char *value = command.p[i] == '$' && sv_starts(name, SV("my_"))
					    ? conf_my(lex->rc->conf, name)
					    : NULL;
		if (value) {
			str_adds(out, value);
			i = n - 1;
		} else {
			str_addc(out, command.p[i]);
		}
	}
}

static void add_variable(struct lex *lex, struct sv name, struct str *out)
{
	const struct conf *conf = lex->rc->conf;
	char *key = sv_dup(name);
	const char *value = rc_vars_get(&conf->rc.env, name);

	if (!value)
		value = getenv(key);
	if (!value)
		value = conf_my(conf, name);
	free(key);
	if (value) {
		str_adds(out, value);
		return;
	}
	enum opt_id id = opt_find(name);
	if (id != OPT_NONE)
		conf_text(conf, id, out);
	else if (sv_starts(name, SV("my_")))
		rc_report(lex->rc, RC_WARNING, lex, lex->at - name.len, "$" SV_FMT " is not set",
			SV_ARG(name));
}

/* At a $ that starts a variable: its name, and the cursor behind it. False: an ordinary $. */
static bool variable_name(struct lex *lex, struct sv *name)
{
	struct sv rest = sv_from(lex_rest(lex), 1);
	size_t n = 0;

	if (rest.len && rest.p[0] == '{') {
		ptrdiff_t close = sv_chr(rest, '}');
		if (close < 0)
			return false;
		*name = sv_from(sv_head(rest, (size_t)close), 1);
		lex_skip(lex, (size_t)close + 2);
		return true;
	}
	if (!rest.len || !(ascii_is_alpha((unsigned char)rest.p[0]) || rest.p[0] == '_'))
		return false;
	while (n < rest.len && (ascii_is_alnum((unsigned char)rest.p[n]) || rest.p[n] == '_'))
		n++;
	*name = sv_head(rest, n);
	lex_skip(lex, n + 1);
	return true;
}

/* ---- backticks ---- */

/* Runs a command; *out is its first line (or lines joined at backslashes, as mutt reads them). */
static void run_command(struct lex *lex, size_t at, struct sv text, struct str *out)
{
	struct str command, output;
	struct sv rest, line;
	struct err e;
	int status;

	if (lex->rc->opts.no_exec) {
		lex->unknown = true;
		return;
	}
	str_init(&command, LEX_LINE_MAX);
	expand_my(lex, text, &command);
	if (!proc_shell_read(
		    command.s, SV(""), BACKTICK_MAX, RC_EXEC_TIMEOUT_MS, &output, &status, &e)) {
		rc_report(lex->rc, RC_ERROR, lex, at, "`" SV_FMT "`: %s", SV_ARG(text), e.text);
		str_fini(&command);
		return;
	}
	if (status != 0)
		rc_report(lex->rc, RC_WARNING, lex, at, "`" SV_FMT "` ended with status %d",
			SV_ARG(text), status);
	rest = str_sv(&output);
	bool more = true;
	while (more && sv_line(&rest, &line)) {
		more = line.len && line.p[line.len - 1] == '\\';
		str_add(out, sv_head(line, line.len - more));
	}
	str_wipe(&output);
	str_fini(&command);
}

/* At a backtick: runs what it holds. In quotes the output is part of the word, else of the line. */
static bool backtick(struct lex *lex, bool quoted, struct str *out)
{
	struct sv rest = sv_from(lex_rest(lex), 1);
	size_t start = lex->at, n = 0;
	struct str output;
	bool ok = true;

	while (n < rest.len && rest.p[n] != '`')
		n += rest.p[n] == '\\' && n + 1 < rest.len ? 2 : 1;
	if (n >= rest.len) {
		rc_report(lex->rc, RC_ERROR, lex, start, "a backtick without its other half");
		return false;
	}
	if (++lex->commands > LEX_COMMANDS_MAX) {
		rc_report(lex->rc, RC_ERROR, lex, start, "more than %d backticks in a line",
			LEX_COMMANDS_MAX);
		return false;
	}
	str_init(&output, BACKTICK_MAX);
	run_command(lex, start, sv_head(rest, n), &output);
	if (quoted) {
		lex->at = start + n + 2;
		ok = str_add(out, str_sv(&output));
	} else {
		ok = splice(lex, start, start + n + 2, str_sv(&output));
	}
	str_wipe(&output);
	return ok;
}

/* ---- words ---- */

static bool ends_word(const struct lex *lex, char c, unsigned flags)
{
	int next = lex->at + 1 < lex->text.len ? lex->text.s[lex->at + 1] : -1;

	if (ascii_is_space((unsigned char)c))
		return !(flags & LEX_SPACE);
	if (c == '#')
		return !(flags & LEX_COMMENT);
	if (c == ';')
		return !(flags & LEX_SEMICOLON);
	if (c == '=')
		return flags & (LEX_EQUAL | LEX_NAME);
	if (c == '?')
		return flags & LEX_NAME;
	return (flags & LEX_NAME) && (c == '+' || c == '-') && next == '=';
}

/* Behind a backslash. */
static bool escape(struct lex *lex, unsigned flags, struct str *out)
{
	int c = lex_peek(lex);

	if (c < 0) {
		if (!(flags & LEX_QUIET))
			rc_report(lex->rc, RC_ERROR, lex, lex->at - 1, "a backslash at the end");
		return false;
	}
	lex_skip(lex, 1);
	int a = lex_peek(lex);
	int b = lex->at + 1 < lex->text.len ? (unsigned char)lex->text.s[lex->at + 1] : -1;
	if (c == 'c' || c == 'C') {
		if (a < 0) {
			if (!(flags & LEX_QUIET))
				rc_report(lex->rc, RC_ERROR, lex, lex->at - 2, "\\C without a key");
			return false;
		}
		lex_skip(lex, 1);
		return str_addc(out, (char)((ascii_upper(a) - '@') & 0x7f));
	}
	if (ascii_is_digit(c) && ascii_is_digit(a) && ascii_is_digit(b)) {
		unsigned code = ((unsigned)(c - '0') << 6 | (unsigned)(a - '0') << 3 |
					(unsigned)(b - '0')) &
				0xff;
		lex_skip(lex, 2);
		/* a code above ASCII is a character, and text is UTF-8 */
		if (code >= 0x80)
			return str_addc(out, (char)(0xc0 | code >> 6)) &&
			       str_addc(out, (char)(0x80 | (code & 0x3f)));
		return code == 0 || str_addc(out, (char)code);
	}
	switch (c) {
	case 'r':
		return str_addc(out, '\r');
	case 'n':
		return str_addc(out, '\n');
	case 't':
		return str_addc(out, '\t');
	case 'f':
		return str_addc(out, '\f');
	case 'e':
		return str_addc(out, 27);
	default:
		return str_addc(out, (char)c);
	}
}

/* Behind a ^ with LEX_CONDENSE. */
static bool condense(struct lex *lex, struct str *out)
{
	int c = lex_peek(lex);

	if (c < 0)
		return str_addc(out, '^');
	lex_skip(lex, 1);
	if (c == '^')
		return str_addc(out, '^');
	if (c == '[')
		return str_addc(out, 27);
	if (ascii_is_alpha(c))
		return str_addc(out, (char)(ascii_upper(c) - '@'));
	return str_addc(out, '^') && str_addc(out, (char)c);
}

bool lex_word(struct lex *lex, unsigned flags, struct str *out)
{
	char quote = 0;
	size_t opened = 0;
	bool ok = true;

	str_clear(out);
	lex_spaces(lex);
	lex->word = lex->at;
	lex->unknown = false;
	while (ok && lex->at < lex->text.len) {
		char c = lex->text.s[lex->at];
		struct sv name;
		if (!quote && ends_word(lex, c, flags))
			break;
		if (quote && c == quote) {
			quote = 0;
			lex_skip(lex, 1);
		} else if (!quote && (c == '\'' || c == '"') && !(flags & LEX_QUOTE)) {
			quote = c;
			opened = lex->at;
			lex_skip(lex, 1);
		} else if (c == '\\' && quote != '\'') {
			lex_skip(lex, 1);
			ok = escape(lex, flags, out);
		} else if (c == '^' && (flags & LEX_CONDENSE)) {
			lex_skip(lex, 1);
			ok = condense(lex, out);
		} else if (c == '`' && quote != '\'' && !(flags & LEX_NOEXEC)) {
			ok = backtick(lex, quote != 0, out);
			/* nothing of the word yet: blanks in the output do not count */
			if (!quote && out->len == 0)
				lex_spaces(lex);
		} else if (c == '$' && quote != '\'' && !(flags & LEX_NOEXEC) &&
			   variable_name(lex, &name)) {
			add_variable(lex, name, out);
		} else {
			ok = str_addc(out, c);
			lex_skip(lex, 1);
		}
	}
	if (ok && quote && !(flags & LEX_QUIET))
		rc_report(lex->rc, RC_WARNING, lex, opened, "a %c without its other half", quote);
	lex_spaces(lex);
	return ok;
}

void lex_skip_command(struct lex *lex)
{
	char quote = 0;

	for (; lex->at < lex->text.len; lex->at++) {
		char c = lex->text.s[lex->at];
		if (c == '\\' && quote != '\'')
			lex->at++;
		else if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '\'' || c == '"' || c == '`')
			quote = c;
		else if (c == ';')
			return;
		else if (c == '#') {
			lex->at = lex->text.len;
			return;
		}
	}
	lex->at = MIN(lex->at, lex->text.len);
}
