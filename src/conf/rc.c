#include "conf/rc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "conf/presets.h"
#include "conf/rc_priv.h"
#include "text/charset.h"
#include "text/utf8.h"

#define RC_TEXT_MAX 1000 /* bytes of one problem's text */

/* ---- problems ---- */

static void report_at(
	struct rc *rc, enum rc_level level, int line, int column, const char *fmt, va_list ap)
{
	struct str text;

	if (level == RC_ERROR)
		rc->errors++;
	if (rc->n >= RC_PROBLEMS_MAX)
		return;
	str_init(&text, RC_TEXT_MAX);
	if (!str_vaddf(&text, fmt, ap))
		str_adds(&text, "a problem with a very long text");
	rc_words_add(&rc->texts, str_sv(&text));
	str_fini(&text);
	array_grow(rc->problems, rc->n, rc->cap);
	rc->problems[rc->n++] = (struct rc_problem){
		level, conf_file(rc->conf, rc->file), line, column, rc->texts.v[rc->texts.n - 1]};
}

void rc_report(
	struct rc *rc, enum rc_level level, const struct lex *lex, size_t at, const char *fmt, ...)
{
	int line = 1, column = 1;
	va_list ap;

	if (lex)
		lex_place(lex, at, &line, &column);
	va_start(ap, fmt);
	report_at(rc, level, line, column, fmt, ap);
	va_end(ap);
}

void rc_note(struct rc *rc, enum rc_level level, const char *file, const char *fmt, ...)
{
	const char *outer = rc->file;
	va_list ap;

	rc->file = file;
	va_start(ap, fmt);
	report_at(rc, level, 1, 1, fmt, ap);
	va_end(ap);
	rc->file = outer;
}

bool rc_bad(struct rc *rc, const struct lex *lex, const char *fmt, ...)
{
	int line, column;
	va_list ap;

	lex_place(lex, lex->word, &line, &column);
	va_start(ap, fmt);
	report_at(rc, RC_ERROR, line, column, fmt, ap);
	va_end(ap);
	return false;
}

bool rc_bad_err(struct rc *rc, const struct lex *lex, const struct err *e)
{
	return rc_bad(rc, lex, "%s", e->text);
}

bool rc_need(struct rc *rc, struct lex *lex)
{
	if (lex_more(lex))
		return true;
	rc_report(rc, RC_ERROR, lex, lex->at, "too few arguments");
	return false;
}

void rc_set_say(struct rc *rc, void (*say)(void *data, const char *text), void *data)
{
	rc->opts.say = say;
	rc->say_data = data;
}

void rc_say(struct rc *rc, const char *fmt, ...)
{
	struct str text;
	va_list ap;

	if (!rc->opts.say)
		return;
	str_init(&text, CONF_TEXT_MAX);
	va_start(ap, fmt);
	str_vaddf(&text, fmt, ap);
	va_end(ap);
	rc->opts.say(rc->say_data, text.s);
	str_fini(&text);
}

struct conf_origin rc_origin(struct rc *rc, const struct lex *lex)
{
	struct conf_origin o = {.file = conf_file(rc->conf, rc->file)};

	lex_place(lex, lex->word, &o.line, &o.column);
	return o;
}

size_t rc_problem_count(const struct rc *rc)
{
	return rc->n;
}

const struct rc_problem *rc_problem_at(const struct rc *rc, size_t i)
{
	return i < rc->n ? &rc->problems[i] : NULL;
}

size_t rc_error_count(const struct rc *rc)
{
	return rc->errors;
}

void rc_clear_problems(struct rc *rc)
{
	rc->n = rc->errors = 0;
	rc_words_clear(&rc->texts);
}

static bool read_source(struct rc *, const struct lex *, const char *name, struct err *e);

/* ---- small commands ---- */

static void cmd_echo(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str text;

	(void)id;
	if (!rc_need(rc, lex))
		return;
	str_init(&text, LEX_LINE_MAX);
	if (lex_word(lex, LEX_SPACE, &text))
		rc_say(rc, "%s", text.s);
	str_fini(&text);
}

static void cmd_source(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str path;
	struct err e;

	(void)id;
	if (!rc_need(rc, lex))
		return;
	str_init(&path, LEX_LINE_MAX);
	do {
		if (!lex_word(lex, 0, &path))
			break;
		size_t at = lex->word;
		if (path.len == 0)
			rc_report(rc, RC_WARNING, lex, at, "source: no file named");
		else if (!read_source(rc, lex, path.s, &e))
			rc_report(rc, RC_ERROR, lex, at, "%s", e.text);
	} while (lex_more(lex));
	str_fini(&path);
}

static void cmd_finish(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	(void)id;
	if (!lex_more(lex))
		rc->finish = true;
}

/* What ifdef asks for besides options, functions and commands. */
static const char *const features[] = {"color", "gettext", "iconv", "imap", "pop", "smtp",
	"sidebar", "ssl", "openssl", "sasl", "gsasl", "idn", "hcache", "header_cache", "sqlite",
	"utf8", "feist", "regex", "pcre2"};

static bool is_known(const struct conf *conf, struct sv name)
{
	int level;

	for (size_t i = 0; i < ARRAY_LEN(features); i++)
		if (sv_is_case(name, features[i]))
			return true;
	enum cmd_id cmd = cmd_find(name);
	enum func_id fn = func_find_any(name);
	enum opt_id opt = opt_find(name);
	return (cmd != CMD_NONE && !cmd_table[cmd].inert) ||
	       (fn != FN_NONE && !func_table[fn].inert) || opt != OPT_NONE ||
	       color_object(name, &level) != COLOR_NONE || conf_my(conf, name) ||
	       menu_find(name) != MENU_COUNT;
}

static void cmd_ifdef(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str name, line;

	str_init(&name, LEX_LINE_MAX);
	str_init(&line, LEX_LINE_MAX);
	if (rc_need(rc, lex) && lex_word(lex, 0, &name) && rc_need(rc, lex)) {
		bool known = is_known(rc->conf, str_sv(&name));
		unsigned noexec = known == (id == CMD_ifdef) ? 0 : LEX_NOEXEC;
		if (lex_word(lex, LEX_SPACE | noexec, &line) && !noexec)
			rc_run_nested(rc, lex, str_sv(&line));
	}
	str_fini(&name);
	str_fini(&line);
}

static void cmd_cd(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str word;

	(void)id;
	str_init(&word, LEX_LINE_MAX);
	if (!lex_more(lex))
		str_adds(&word, "~");
	else if (!lex_word(lex, 0, &word))
		str_clear(&word);
	char *path = conf_expand_path(rc->conf, str_sv(&word));
	if (word.len && !rc->opts.no_files && chdir(path) != 0)
		rc_bad(rc, lex, "cd: %s is not a folder that can be entered", path);
	free(path);
	str_fini(&word);
}

static void cmd_version(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	(void)id;
	if (!lex_more(lex))
		rc_say(rc, "%s", PACKAGE_STRING);
}

/* For the ui: tests drive it through these. They travel as functions to execute. */
static void cmd_screen_test(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str word;

	str_init(&word, LEX_LINE_MAX);
	if (!lex_more(lex) || lex_word(lex, 0, &word)) {
		char *text = xasprintf("%s%s%s", cmd_table[id].name, word.len ? " " : "", word.s);
		rc_words_add(&rc->conf->rc.exec, sv_of(text));
		free(text);
	}
	str_fini(&word);
}

static void cmd_skipped(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str rest;

	str_init(&rest, LEX_LINE_MAX);
	if (rc_need(rc, lex)) {
		rc_report(rc, RC_WARNING, lex, lex->at, "%s: %s", cmd_table[id].name,
			cmd_table[id].help);
		lex_skip(lex, LEX_LINE_MAX);
	}
	str_fini(&rest);
}

static void cmd_subscribe_to(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str word;

	(void)id;
	str_init(&word, LEX_LINE_MAX);
	if (rc_need(rc, lex))
		(void)lex_word(lex, 0, &word);
	str_fini(&word);
}

/* ---- the table ---- */

static rc_command_fn *const handlers[CMD_COUNT] = {
	[CMD_account_hook] = rc_hook,
	[CMD_alias] = rc_alias_command,
	[CMD_alternates] = rc_matcher_command,
	[CMD_alternative_order] = rc_words_command,
	[CMD_append_hook] = rc_hook,
	[CMD_attachments] = rc_attachments,
	[CMD_auto_view] = rc_words_command,
	[CMD_bind] = rc_bind_command,
	[CMD_cd] = cmd_cd,
	[CMD_charset_hook] = rc_hook,
	[CMD_close_hook] = rc_hook,
	[CMD_color] = rc_color_command,
	[CMD_crypt_hook] = rc_hook,
	[CMD_dump_screen] = cmd_screen_test,
	[CMD_echo] = cmd_echo,
	[CMD_exec] = rc_exec,
	[CMD_fcc_hook] = rc_hook,
	[CMD_fcc_save_hook] = rc_hook,
	[CMD_finish] = cmd_finish,
	[CMD_folder_hook] = rc_hook,
	[CMD_group] = rc_group_command,
	[CMD_hdr_order] = rc_words_command,
	[CMD_hooks] = rc_hooks_list,
	[CMD_iconv_hook] = rc_hook,
	[CMD_ifdef] = cmd_ifdef,
	[CMD_ifndef] = cmd_ifdef,
	[CMD_ignore] = rc_words_command,
	[CMD_index_format_hook] = rc_hook,
	[CMD_lists] = rc_matcher_command,
	[CMD_lua] = cmd_skipped,
	[CMD_lua_source] = cmd_skipped,
	[CMD_macro] = rc_macro,
	[CMD_mailboxes] = rc_mailboxes,
	[CMD_mailto_allow] = rc_words_command,
	[CMD_mbox_hook] = rc_hook,
	[CMD_message_hook] = rc_hook,
	[CMD_mime_lookup] = rc_words_command,
	[CMD_mono] = rc_color_command,
	[CMD_my_hdr] = rc_my_hdr,
	[CMD_named_mailboxes] = rc_named_mailboxes,
	[CMD_nospam] = rc_nospam,
	[CMD_open_hook] = rc_hook,
	[CMD_push] = rc_push,
	[CMD_reply_hook] = rc_hook,
	[CMD_reset] = rc_set,
	[CMD_run] = cmd_skipped,
	[CMD_save_hook] = rc_hook,
	[CMD_score] = rc_score,
	[CMD_send2_hook] = rc_hook,
	[CMD_send_hook] = rc_hook,
	[CMD_set] = rc_set,
	[CMD_setenv] = rc_set_env,
	[CMD_shutdown_hook] = rc_hook,
	[CMD_sidebar_pin] = rc_sidebar_pin,
	[CMD_sidebar_unpin] = rc_sidebar_pin,
	[CMD_source] = cmd_source,
	[CMD_source_keys] = cmd_screen_test,
	[CMD_spam] = rc_spam,
	[CMD_startup_hook] = rc_hook,
	[CMD_subjectrx] = rc_subjectrx,
	[CMD_subscribe] = rc_matcher_command,
	[CMD_subscribe_to] = cmd_subscribe_to,
	[CMD_tag_formats] = rc_tag_pairs,
	[CMD_tag_transforms] = rc_tag_pairs,
	[CMD_timeout_hook] = rc_hook,
	[CMD_identity_hook] = rc_hook,
	[CMD_toggle] = rc_set,
	[CMD_unalias] = rc_unalias,
	[CMD_unalternates] = rc_matcher_command,
	[CMD_unalternative_order] = rc_words_command,
	[CMD_unattachments] = rc_attachments,
	[CMD_unauto_view] = rc_words_command,
	[CMD_unbind] = rc_unbind,
	[CMD_uncolor] = rc_uncolor,
	[CMD_ungroup] = rc_group_command,
	[CMD_unhdr_order] = rc_words_command,
	[CMD_unhook] = rc_unhook,
	[CMD_unignore] = rc_words_command,
	[CMD_unlists] = rc_matcher_command,
	[CMD_unmacro] = rc_unbind,
	[CMD_unmailboxes] = rc_unmailboxes,
	[CMD_unmailto_allow] = rc_words_command,
	[CMD_unmime_lookup] = rc_words_command,
	[CMD_unmono] = rc_uncolor,
	[CMD_unmy_hdr] = rc_unmy_hdr,
	[CMD_unscore] = rc_unscore,
	[CMD_unset] = rc_set,
	[CMD_unsetenv] = rc_set_env,
	[CMD_unsubjectrx] = rc_unsubjectrx,
	[CMD_unsubscribe] = rc_matcher_command,
	[CMD_unsubscribe_from] = cmd_subscribe_to,
	[CMD_unvirtual_mailboxes] = rc_unmailboxes,
	[CMD_version] = cmd_version,
	[CMD_virtual_mailboxes] = rc_named_mailboxes,
	[CMD_wait_idle] = cmd_screen_test,
};

/* ---- lines ---- */

static void unknown_command(struct rc *rc, struct lex *lex, struct sv name)
{
	struct nearest near;
	const char *other;
	enum cmd_id id;

	nearest_init(&near, name);
	for (int i = 0; i < CMD_COUNT; i++)
		nearest_try(&near, cmd_table[i].name);
	for (size_t at = 0; cmd_synonym_next(&at, &other, &id);)
		nearest_try(&near, other);
	if (near.best)
		rc_bad(rc, lex, SV_FMT ": unknown command; did you mean '%s'?", SV_ARG(name),
			near.best);
	else
		rc_bad(rc, lex, SV_FMT ": unknown command", SV_ARG(name));
	lex_skip_command(lex);
}

static void run_command(struct rc *rc, struct lex *lex, struct str *word)
{
	size_t errors = rc->errors;

	if (!lex_word(lex, LEX_NOEXEC, word)) {
		lex_skip_command(lex);
		return;
	}
	enum cmd_id id = cmd_find(str_sv(word));
	if (id == CMD_NONE) {
		unknown_command(rc, lex, str_sv(word));
		return;
	}
	handlers[id](rc, lex, id);
	if (lex_more(lex) && rc->errors == errors)
		rc_report(rc, RC_ERROR, lex, lex->at, "%s: too many arguments", cmd_table[id].name);
	lex_skip_command(lex);
}

static void run_lex(struct rc *rc, struct lex *lex)
{
	struct str word;

	str_init(&word, LEX_LINE_MAX);
	while (!rc->finish && !lex_at_end(lex)) {
		int c = lex_peek(lex);
		if (c == '#')
			break;
		if (c == ';')
			lex_skip(lex, 1);
		else
			run_command(rc, lex, &word);
	}
	str_fini(&word);
}

void rc_run_nested(struct rc *rc, struct lex *lex, struct sv text)
{
	struct lex inner;
	int line, column;

	lex_place(lex, lex->word, &line, &column);
	if (rc->sources.n >= RC_SOURCE_DEPTH) {
		rc_bad(rc, lex, "commands nested deeper than %d", RC_SOURCE_DEPTH);
		return;
	}
	rc_words_add(&rc->sources, SV("")); /* counts as a level */
	lex_init(&inner, rc, text, line);
	inner.parts[0].column = column;
	run_lex(rc, &inner);
	lex_fini(&inner);
	free(rc->sources.v[--rc->sources.n]);
}

/* The text as UTF-8: from $config_charset, or from Latin-1 when it is not UTF-8 by itself. */
static bool to_utf8(struct rc *rc, struct sv text, struct str *out)
{
	const char *charset = rc->conf->config_charset;
	static const struct charset_rules rules = CHARSET_RULES_DEFAULT;

	if (sv_starts(text, SV("\xef\xbb\xbf")))
		text = sv_from(text, 3);
	if (utf8_is_valid(text) && (!*charset || charset_is_utf8(sv_of(charset))))
		return str_add(out, text);
	return charset_to_utf8(
		out, text, *charset ? sv_of(charset) : SV("windows-1252"), &rules, NULL);
}

void rc_read_text(struct rc *rc, const char *name, struct sv text)
{
	const char *outer = rc->file;
	struct sv line, raw;
	struct str fixed;
	int number = 0;

	rc->file = conf_file(rc->conf, name);
	str_init(&fixed, LEX_LINE_MAX);
	while (!rc->finish && sv_line(&text, &raw)) {
		struct lex lex;
		bool more, fits = true;
		str_clear(&fixed);
		number++;
		fits = to_utf8(rc, raw, &fixed);
		line = str_sv(&fixed);
		more = line.len && line.p[line.len - 1] == '\\';
		lex_init(&lex, rc, sv_head(line, line.len - more), number);
		while (more && sv_line(&text, &raw)) {
			number++;
			str_clear(&fixed);
			fits = to_utf8(rc, raw, &fixed) && fits;
			line = str_sv(&fixed);
			more = line.len && line.p[line.len - 1] == '\\';
			fits = lex_join(&lex, sv_head(line, line.len - more), number) && fits;
		}
		if (!fits)
			rc_report(
				rc, RC_ERROR, &lex, 0, "a line longer than %d bytes", LEX_LINE_MAX);
		else if (memchr(lex.text.s, 0, lex.text.len))
			rc_report(rc, RC_ERROR, &lex, 0, "a NUL byte in the line");
		else
			run_lex(rc, &lex);
		lex_fini(&lex);
	}
	str_wipe(&fixed);
	rc->file = outer;
}

/* ---- files ---- */

/*
 * The file that a relative name means: beside the file that names it, else in the working folder.
 */
static char *find_source(struct rc *rc, const char *name)
{
	char *path = conf_expand_path(rc->conf, sv_of(name));
	size_t n = rc->sources.n;

	while (n > 0 && !*rc->sources.v[n - 1]) /* a command inside a command */
		n--;
	if (path[0] == '/' || n == 0)
		return path;
	char *dir = fs_dirname(rc->sources.v[n - 1]);
	char *beside = fs_join(dir, path);
	free(dir);
	if (access(beside, R_OK) != 0) {
		free(beside);
		return path;
	}
	free(path);
	return beside;
}

static bool read_command(struct rc *rc, const struct lex *lex, const char *path, struct err *e)
{
	struct str output;
	int status;
	char *command = sv_dup(sv_trim(sv_head(sv_of(path), strlen(path) - 1)));
	bool ok = true;

	if (rc->opts.no_exec) {
		free(command);
		return true;
	}
	char *expanded =
		command[0] == '~' ? conf_expand_path(rc->conf, sv_of(command)) : xstrdup(command);
	free(command);
	if (!proc_shell_read(
		    expanded, SV(""), RC_FILE_MAX, RC_EXEC_TIMEOUT_MS, &output, &status, e)) {
		ok = err_at(e, "%s", path);
	} else {
		if (status != 0)
			rc_report(rc, RC_WARNING, lex, lex ? lex->word : 0,
				"%s ended with status %d", path, status);
		rc_read_text(rc, path, str_sv(&output));
		str_wipe(&output);
	}
	free(expanded);
	return ok;
}

static bool is_being_read(const struct rc *rc, const char *path)
{
	for (size_t i = 0; i < rc->sources.n; i++)
		if (strcmp(rc->sources.v[i], path) == 0)
			return true;
	return false;
}

/* "preset:vi" */
static bool read_preset(struct rc *rc, const char *name, struct err *e)
{
	const char *text = preset_text(name);

	if (!text)
		return err_set(e, ERR_INPUT, "preset:%s: there is none of that name; there are: %s",
			name, preset_names);
	char *file = xasprintf("preset:%s", name);
	rc_read_text(rc, file, sv_of(text));
	free(file);
	return true;
}

static bool read_file(struct rc *rc, const char *path, struct err *e)
{
	struct str text;

	if (is_being_read(rc, path))
		return err_set(e, ERR_INPUT, "%s: the file reads itself again", path);
	if (fs_is_dir(path))
		return err_set(e, ERR_INPUT, "%s: is a folder", path);
	if (!fs_read(path, RC_FILE_MAX, &text, e))
		return false;
	rc_words_add(&rc->sources, sv_of(path));
	rc_read_text(rc, path, str_sv(&text));
	free(rc->sources.v[--rc->sources.n]);
	str_wipe(&text);
	return true;
}

/* lex: the line that names it, NULL when that is no line. */
static bool read_source(struct rc *rc, const struct lex *lex, const char *name, struct err *e)
{
	size_t n = strlen(name);
	bool ok;

	if (rc->sources.n >= RC_SOURCE_DEPTH)
		return err_set(
			e, ERR_LIMIT, "%s: files nested deeper than %d", name, RC_SOURCE_DEPTH);
	if (n > 1 && name[n - 1] == '|') {
		ok = read_command(rc, lex, name, e);
	} else if (strncmp(name, "preset:", 7) == 0) {
		ok = read_preset(rc, name + 7, e);
	} else if (rc->opts.no_files) {
		ok = true;
	} else {
		char *path = find_source(rc, name);
		ok = read_file(rc, path, e);
		free(path);
	}
	rc->finish = false;
	return ok;
}

bool rc_read(struct rc *rc, const char *name, struct err *e)
{
	return read_source(rc, NULL, name, e);
}

bool rc_run(struct rc *rc, const char *name, struct sv line, struct err *e)
{
	size_t errors = rc->errors, first = rc->n;

	rc_read_text(rc, name, line);
	rc->finish = false;
	if (rc->errors == errors)
		return true;
	for (size_t i = first; i < rc->n; i++)
		if (rc->problems[i].level == RC_ERROR)
			return err_set(e, ERR_INPUT, "%s", rc->problems[i].text);
	return err_set(e, ERR_INPUT, "more than %d problems", RC_PROBLEMS_MAX);
}

struct rc *rc_new(struct conf *conf, const struct rc_opts *opts)
{
	struct rc *rc = xcalloc(1, sizeof(*rc));

	rc->conf = conf;
	rc->opts = *opts;
	rc->say_data = opts->data;
	rc->file = "";
	return rc;
}

void rc_free(struct rc *rc)
{
	if (!rc)
		return;
	free(rc->problems);
	rc_words_clear(&rc->texts);
	rc_words_clear(&rc->sources);
	free(rc);
}

void rc_quote(struct str *out, struct sv text)
{
	bool plain = text.len > 0;

	for (size_t i = 0; i < text.len; i++)
		plain = plain && (ascii_is_alnum((unsigned char)text.p[i]) ||
					 (text.p[i] && strchr("_-+./:@,%=~", text.p[i])) ||
					 (unsigned char)text.p[i] >= 0x80);
	if (plain) {
		str_add(out, text);
		return;
	}
	str_addc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];
		if (c == '\n' || c == '\t' || c == '\r') {
			str_adds(out, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
		} else if (c > 0 && c < ' ') {
			str_addf(out, "\\%03o", (unsigned)c);
		} else {
			if (c == '"' || c == '\\' || c == '$' || c == '`')
				str_addc(out, '\\');
			str_addc(out, c);
		}
	}
	str_addc(out, '"');
}
