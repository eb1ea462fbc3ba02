/*
 * The hooks: a pattern (a regular expression on a mailbox, URL, address or charset; or a message
 * pattern) and what belongs to it. Carrying them out is core/hook.c's.
 */
#include <stdlib.h>

#include "base/fs.h"
#include "base/mem.h"
#include "conf/rc_priv.h"

enum hook_subject { ON_NOTHING, ON_MAILBOX, ON_TEXT, ON_MESSAGE };

static const struct {
	enum cmd_id cmd;
	enum hook_kind kind;
	enum hook_subject on;
	bool icase;
	bool command; /* the value is a command: the rest of the line, and several may match */
	bool mailbox; /* the value is a mailbox */
} kinds[] = {
	{CMD_folder_hook, HOOK_FOLDER, ON_MAILBOX, false, true, false},
	{CMD_mbox_hook, HOOK_MBOX, ON_MAILBOX, false, false, true},
	{CMD_account_hook, HOOK_ACCOUNT, ON_TEXT, false, true, false},
	{CMD_send_hook, HOOK_SEND, ON_MESSAGE, false, true, false},
	{CMD_send2_hook, HOOK_SEND2, ON_MESSAGE, false, true, false},
	{CMD_reply_hook, HOOK_REPLY, ON_MESSAGE, false, true, false},
	{CMD_message_hook, HOOK_MESSAGE, ON_MESSAGE, false, true, false},
	{CMD_save_hook, HOOK_SAVE, ON_MESSAGE, false, false, true},
	{CMD_fcc_hook, HOOK_FCC, ON_MESSAGE, false, false, true},
	{CMD_fcc_save_hook, HOOK_FCC, ON_MESSAGE, false, false, true},
	{CMD_crypt_hook, HOOK_CRYPT, ON_TEXT, true, false, false},
	{CMD_charset_hook, HOOK_CHARSET, ON_TEXT, true, false, false},
	{CMD_iconv_hook, HOOK_ICONV, ON_TEXT, true, false, false},
	{CMD_open_hook, HOOK_OPEN, ON_TEXT, false, false, false},
	{CMD_close_hook, HOOK_CLOSE, ON_TEXT, false, false, false},
	{CMD_append_hook, HOOK_APPEND, ON_TEXT, false, false, false},
	{CMD_index_format_hook, HOOK_INDEX_FORMAT, ON_MESSAGE, false, false, false},
	{CMD_startup_hook, HOOK_STARTUP, ON_NOTHING, false, true, false},
	{CMD_shutdown_hook, HOOK_SHUTDOWN, ON_NOTHING, false, true, false},
	{CMD_identity_hook, HOOK_IDENTITY, ON_TEXT, true, true, false},
	{CMD_timeout_hook, HOOK_TIMEOUT, ON_NOTHING, false, true, false},
};

static size_t kind_of(enum cmd_id id)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].cmd == id)
			return i;
	bug("%s is no hook", cmd_table[id].name);
}

static void add_regex_quoted(struct str *out, struct sv text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (strchr("^.[$()|*+?{\\", text.p[i]))
			str_addc(out, '\\');
		str_addc(out, text.p[i]);
	}
}

/* A mailbox shortcut at the start of a regular expression stands for its literal text. */
static void expand_regex(const struct conf *conf, struct sv pattern, struct str *out)
{
	char first = pattern.len ? pattern.p[0] : 0;
	bool home = first == '~' && (pattern.len == 1 || pattern.p[1] == '/');
	bool whole = first && strchr("!<>", first);

	if (first == '=' || first == '+') {
		size_t n = strlen(conf->folder);
		add_regex_quoted(out, sv_of(conf->folder));
		if (n && conf->folder[n - 1] != '/')
			str_addc(out, '/');
		str_add(out, sv_from(pattern, 1));
	} else if (home || whole) {
		char *path = conf_expand_path(conf, sv_head(pattern, 1));
		add_regex_quoted(out, sv_of(path));
		str_add(out, sv_from(pattern, 1));
		free(path);
	} else {
		str_add(out, pattern);
	}
}

/* The pattern as it is to be compiled, and for regular expressions compiled. */
static bool compile(struct rc *rc, struct lex *lex, size_t k, struct rc_hook *h)
{
	struct str text;
	struct err e;
	bool ok = true;

	str_init(&text, LEX_LINE_MAX);
	if (h->literal) {
		h->pattern = conf_expand_path(rc->conf, sv_of(h->written));
	} else if (kinds[k].on == ON_MESSAGE) {
		conf_simple_pattern(&text, sv_of(h->written), rc->conf->default_hook);
		h->pattern = str_detach(&text);
		if (rc->opts.check_pattern &&
			!rc->opts.check_pattern(rc->opts.data, h->pattern, &e))
			ok = rc_bad_err(rc, lex, &e);
	} else if (kinds[k].on != ON_NOTHING) {
		if (kinds[k].on == ON_MAILBOX)
			expand_regex(rc->conf, sv_of(h->written), &text);
		else
			str_adds(&text, h->written);
		h->pattern = str_detach(&text);
		h->rx = rx_new(h->pattern, kinds[k].icase ? RX_ICASE : 0, &e);
		if (!h->rx)
			ok = rc_bad_err(rc, lex, &e);
	}
	str_fini(&text);
	return ok;
}

static bool same_text(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

/* Commands add up; of others the last one for a pattern counts. */
static void put(struct rc_state *s, struct rc_hook hook, bool command)
{
	for (size_t i = 0; i < s->hooks.n; i++) {
		struct rc_hook *h = &s->hooks.v[i];
		if (h->kind != hook.kind || h->negated != hook.negated ||
			h->literal != hook.literal || !same_text(h->pattern, hook.pattern) ||
			!same_text(h->name, hook.name))
			continue;
		if (command && !same_text(h->value, hook.value))
			continue;
		rc_hook_fini(h);
		*h = hook;
		return;
	}
	array_grow(s->hooks.v, s->hooks.n, s->hooks.cap);
	s->hooks.v[s->hooks.n++] = hook;
}

/* [-noregex] [!]PATTERN, and for index-format-hook NAME before it. */
static bool read_pattern(
	struct rc *rc, struct lex *lex, size_t k, struct rc_hook *h, struct str *word)
{
	if (kinds[k].kind == HOOK_INDEX_FORMAT) {
		if (!rc_need(rc, lex) || !lex_word(lex, 0, word))
			return false;
		h->name = sv_dup(str_sv(word));
	}
	if (!rc_need(rc, lex))
		return false;
	if (lex_peek(lex) == '!') {
		h->negated = true;
		lex_skip(lex, 1);
	}
	if (!lex_word(lex, 0, word))
		return false;
	if (kinds[k].on == ON_MAILBOX && sv_is(str_sv(word), "-noregex")) {
		h->literal = true;
		if (!rc_need(rc, lex) || !lex_word(lex, 0, word))
			return false;
	}
	h->written = sv_dup(str_sv(word));
	return true;
}

static bool read_hook(struct rc *rc, struct lex *lex, size_t k, struct rc_hook *h)
{
	struct str word;
	bool ok = false;

	str_init(&word, LEX_LINE_MAX);
	if (kinds[k].on != ON_NOTHING && !read_pattern(rc, lex, k, h, &word))
		goto out;
	size_t pattern_at = lex->word;
	if (!rc_need(rc, lex) || !lex_word(lex, kinds[k].command ? LEX_SPACE : 0, &word))
		goto out;
	if (kinds[k].mailbox) /* may hold expandos: kept as written where they stand */
		h->value = conf_expand_path(rc->conf, str_sv(&word));
	else
		h->value = sv_dup(sv_rtrim(str_sv(&word)));
	lex->word = pattern_at;
	h->file = xstrdup(rc->file);
	int column;
	lex_place(lex, pattern_at, &h->line, &column);
	ok = compile(rc, lex, k, h);
out:
	str_fini(&word);
	return ok;
}

void rc_hook(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	size_t k = kind_of(id);
	struct rc_hook h = {.kind = kinds[k].kind};

	if (!read_hook(rc, lex, k, &h)) {
		rc_hook_fini(&h);
		return;
	}
	if (id == CMD_fcc_save_hook) {
		struct rc_hook save = h;
		save.kind = HOOK_SAVE;
		save.pattern = xstrdup(h.pattern);
		save.written = xstrdup(h.written);
		save.value = xstrdup(h.value);
		save.file = xstrdup(h.file);
		put(&rc->conf->rc, save, false);
	}
	put(&rc->conf->rc, h, kinds[k].command);
}

static void drop_kind(struct rc_state *s, enum hook_kind kind, bool all)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->hooks.n; i++) {
		bool keep_charsets = all && (s->hooks.v[i].kind == HOOK_CHARSET ||
						    s->hooks.v[i].kind == HOOK_ICONV);
		if ((all && !keep_charsets) || (!all && s->hooks.v[i].kind == kind))
			rc_hook_fini(&s->hooks.v[i]);
		else
			s->hooks.v[kept++] = s->hooks.v[i];
	}
	s->hooks.n = kept;
}

void rc_unhook(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str word;

	(void)id;
	str_init(&word, LEX_LINE_MAX);
	while (lex_more(lex) && lex_word(lex, 0, &word)) {
		if (sv_is(str_sv(&word), "*")) {
			drop_kind(&rc->conf->rc, HOOK_KINDS, true);
			continue;
		}
		enum cmd_id cmd = cmd_find(str_sv(&word));
		size_t k = 0;
		while (k < ARRAY_LEN(kinds) && kinds[k].cmd != cmd)
			k++;
		if (k == ARRAY_LEN(kinds)) {
			rc_bad(rc, lex, "unhook: unknown kind of hook: %s", word.s);
			continue;
		}
		drop_kind(&rc->conf->rc, kinds[k].kind, false);
		if (cmd == CMD_fcc_save_hook)
			drop_kind(&rc->conf->rc, HOOK_SAVE, false);
	}
	str_fini(&word);
}

void rc_hooks_list(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	const struct rc_hooks *hooks = &rc->conf->rc.hooks;
	struct str line;

	(void)id;
	if (lex_more(lex))
		return;
	str_init(&line, CONF_TEXT_MAX);
	for (size_t i = 0; i < hooks->n; i++) {
		const struct rc_hook *h = &hooks->v[i];
		str_clear(&line);
		str_adds(&line, hook_kind_name(h->kind));
		if (h->literal)
			str_adds(&line, " -noregex");
		if (h->name)
			str_addf(&line, " %s", h->name);
		if (h->written) {
			str_adds(&line, h->negated ? " !" : " ");
			conf_add_quoted(&line, sv_of(h->written));
		}
		str_addc(&line, ' ');
		conf_add_quoted(&line, sv_of(h->value));
		rc_say(rc, "%s", line.s);
	}
	str_fini(&line);
}

/* ---- a plain word as a pattern ---- */

static const struct {
	const char *word, *pattern;
} simple_words[] = {
	{"all", "~A"},
	{".", "~A"},
	{"^", "~A"},
	{"^.", "~A"},
	{"del", "~D"},
	{"flag", "~F"},
	{"new", "~N"},
	{"old", "~O"},
	{"repl", "~Q"},
	{"read", "~R"},
	{"tag", "~T"},
	{"unread", "~U"},
};

/* Has it something that only a pattern has? */
static bool is_pattern(struct sv text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\\')
			i++;
		else if (text.p[i] == '~' || text.p[i] == '=' || text.p[i] == '%')
			return true;
	}
	return false;
}

void conf_simple_pattern(struct str *out, struct sv text, const char *simple)
{
	if (is_pattern(text)) {
		str_add(out, text);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(simple_words); i++) {
		if (sv_is_case(text, simple_words[i].word)) {
			str_adds(out, simple_words[i].pattern);
			return;
		}
	}
	if (!*simple) {
		str_add(out, text);
		return;
	}
	for (; *simple; simple++) {
		if (simple[0] != '%' || simple[1] == 0) {
			str_addc(out, *simple);
			continue;
		}
		simple++;
		if (*simple != 's') {
			if (*simple != '%')
				str_addc(out, '%');
			str_addc(out, *simple);
			continue;
		}
		str_addc(out, '"');
		for (size_t i = 0; i < text.len; i++) {
			if (text.p[i] == '"' || text.p[i] == '\\')
				str_addc(out, '\\');
			str_addc(out, text.p[i]);
		}
		str_addc(out, '"');
	}
}
