/*
 * bind, macro, unbind, unmacro, push, exec.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "conf/rc_priv.h"

/* "index,pager": a set of menus. Unknown ones are reported; false when none is left. */
static bool read_menus(struct rc *rc, struct lex *lex, struct str *word, unsigned *menus, bool star)
{
	struct sv rest, name;

	*menus = 0;
	if (!rc_need(rc, lex) || !lex_word(lex, 0, word))
		return false;
	rest = str_sv(word);
	if (star && sv_is(rest, "*")) {
		*menus = (1u << MENU_COUNT) - 1;
		return true;
	}
	while (sv_split(&rest, ',', &name)) {
		enum menu_id id = menu_find(sv_trim(name));
		if (id != MENU_COUNT) {
			*menus |= 1u << id;
			continue;
		}
		struct nearest near;
		nearest_init(&near, name);
		for (int i = 0; i < MENU_COUNT; i++)
			nearest_try(&near, menu_name((enum menu_id)i));
		if (near.best)
			rc_bad(rc, lex, SV_FMT ": no such menu; did you mean '%s'?", SV_ARG(name),
				near.best);
		else
			rc_bad(rc, lex, SV_FMT ": no such menu", SV_ARG(name));
	}
	return *menus != 0;
}

static bool read_keys(struct rc *rc, struct lex *lex, struct str *word, struct keys *keys)
{
	struct err e;

	if (!rc_need(rc, lex) || !lex_word(lex, 0, word))
		return false;
	return keys_parse(str_sv(word), keys, &e) || rc_bad_err(rc, lex, &e);
}

static bool same_keys(const struct keys *a, const struct keys *b)
{
	return a->n == b->n && memcmp(a->k, b->k, (size_t)a->n * sizeof(a->k[0])) == 0;
}

/* The last binding of a key wins: it goes to the end of the list. */
static void put(struct rc_binds *list, struct rc_bind bind)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].menu != bind.menu || !same_keys(&list->v[i].keys, &bind.keys))
			continue;
		rc_bind_fini(&list->v[i]);
		memmove(&list->v[i], &list->v[i + 1], (list->n - i - 1) * sizeof(list->v[0]));
		list->n--;
		break;
	}
	array_grow(list->v, list->n, list->cap);
	list->v[list->n++] = bind;
}

/* Functions of mutt, NeoMutt and their patches that are gone: real files still name them. */
static bool is_removed_function(struct sv name)
{
	static const char *const removed[] = {"toggle-mailboxes-virtual", "goto-mailbox",
		"pipe-message-decoded", "browse-mailbox", "forget-password",
		"display-toggle-headers", "set-limit", "show-message", "create-mixmaster",
		"mark-all-read", "imap-subscribe"};

	for (size_t i = 0; i < ARRAY_LEN(removed); i++)
		if (sv_is_case(name, removed[i]))
			return true;
	return false;
}

static void unknown_function(struct rc *rc, struct lex *lex, enum menu_id menu, struct sv name)
{
	struct nearest near;
	enum func_id elsewhere = func_find_any(name);

	nearest_init(&near, name);
	unsigned menus = 1u << menu | (menu_has_generic(menu) ? IN(GENERIC) : 0);
	for (int i = 0; i < FN_COUNT; i++)
		if (func_table[i].menus & menus)
			nearest_try(&near, func_table[i].name);
	if (is_removed_function(name))
		rc_report(rc, RC_WARNING, lex, lex->word, SV_FMT ": a function of older versions",
			SV_ARG(name));
	else if (elsewhere != FN_NONE) /* mutt and NeoMutt do not agree what works where */
		rc_report(rc, RC_WARNING, lex, lex->word, SV_FMT ": does nothing in menu %s",
			SV_ARG(name), menu_name(menu));
	else if (near.best)
		rc_bad(rc, lex, SV_FMT ": no such function in menu %s; did you mean '%s'?",
			SV_ARG(name), menu_name(menu), near.best);
	else
		rc_bad(rc, lex, SV_FMT ": no such function in menu %s", SV_ARG(name),
			menu_name(menu));
}

void rc_bind_command(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str word;
	struct keys keys;
	unsigned menus;

	(void)id;
	str_init(&word, LEX_LINE_MAX);
	if (!read_menus(rc, lex, &word, &menus, false) || !read_keys(rc, lex, &word, &keys) ||
		!rc_need(rc, lex) || !lex_word(lex, 0, &word) || lex_more(lex))
		goto out;
	/* a name in <>, as in macros, is a common slip */
	struct sv name = str_sv(&word);
	if (name.len > 2 && name.p[0] == '<' && name.p[name.len - 1] == '>')
		name = sv_head(sv_from(name, 1), name.len - 2);
	bool noop = sv_is_case(name, "noop");
	for (int i = 0; i < MENU_COUNT; i++) {
		if (!(menus & (1u << i)))
			continue;
		enum func_id fn = noop ? FN_NONE : func_find((enum menu_id)i, name);
		if (fn == FN_NONE && !noop)
			unknown_function(rc, lex, (enum menu_id)i, name);
		else
			put(&rc->conf->rc.binds,
				(struct rc_bind){.menu = (enum menu_id)i, .keys = keys, .fn = fn});
	}
out:
	str_fini(&word);
}

void rc_macro(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str word, text, desc;
	struct keys keys;
	unsigned menus;

	(void)id;
	str_init(&word, LEX_LINE_MAX);
	str_init(&text, LEX_LINE_MAX);
	str_init(&desc, LEX_LINE_MAX);
	if (!read_menus(rc, lex, &word, &menus, false) || !read_keys(rc, lex, &word, &keys) ||
		!rc_need(rc, lex) || !lex_word(lex, LEX_CONDENSE, &text))
		goto out;
	if (text.len == 0) {
		rc_bad(rc, lex, "macro: an empty key sequence");
		goto out;
	}
	if (lex_more(lex) && !lex_word(lex, LEX_CONDENSE, &desc))
		goto out;
	if (lex_more(lex))
		goto out;
	for (int i = 0; i < MENU_COUNT; i++)
		if (menus & (1u << i))
			put(&rc->conf->rc.binds,
				(struct rc_bind){.menu = (enum menu_id)i,
					.keys = keys,
					.fn = FN_NONE,
					.macro = xstrdup(text.s),
					.desc = desc.len ? xstrdup(desc.s) : NULL});
out:
	str_fini(&word);
	str_fini(&text);
	str_fini(&desc);
}

/* keys NULL: all of them. */
static void drop(struct rc_binds *list, unsigned menus, const struct keys *keys, bool macros)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct rc_bind *b = &list->v[i];
		bool named = !keys || same_keys(&b->keys, keys);
		/* unbind without a key leaves what one needs to get out */
		bool needed = !keys && (b->menu == MENU_EDITOR || b->fn == FN_exit ||
					       b->fn == FN_enter_command || b->fn == FN_help);
		if ((menus & (1u << b->menu)) && named && (b->macro != NULL) == macros &&
			!(needed && !macros))
			rc_bind_fini(b);
		else
			list->v[kept++] = *b;
	}
	list->n = kept;
}

void rc_unbind(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str word;
	struct keys keys;
	unsigned menus;
	bool macros = id == CMD_unmacro;

	str_init(&word, LEX_LINE_MAX);
	if (!read_menus(rc, lex, &word, &menus, true))
		goto out;
	if (!lex_more(lex)) {
		drop(&rc->conf->rc.binds, menus, NULL, macros);
	} else if (sv_is(sv_rtrim(lex_rest(lex)), "*")) {
		lex_skip(lex, 1);
		drop(&rc->conf->rc.binds, menus, NULL, macros);
	} else if (read_keys(rc, lex, &word, &keys)) {
		drop(&rc->conf->rc.binds, menus, &keys, macros);
	}
out:
	str_fini(&word);
}

void rc_push(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str word;

	(void)id;
	str_init(&word, LEX_LINE_MAX);
	if (rc_need(rc, lex) && lex_word(lex, LEX_CONDENSE, &word) && !lex_more(lex))
		rc_words_add(&rc->conf->rc.pushed, str_sv(&word));
	str_fini(&word);
}

void rc_exec(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str word;

	(void)id;
	str_init(&word, LEX_LINE_MAX);
	if (rc_need(rc, lex)) {
		while (lex_more(lex) && lex_word(lex, 0, &word)) {
			if (func_find_any(str_sv(&word)) == FN_NONE)
				rc_bad(rc, lex, "exec: %s: no such function", word.s);
			else
				rc_words_add(&rc->conf->rc.exec, str_sv(&word));
		}
	}
	str_fini(&word);
}
