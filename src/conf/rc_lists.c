/*
 * Commands that keep lists: header names, types, mailing lists, groups, aliases, own headers,
 * mailboxes; each with the command that takes it back.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "conf/account.h"
#include "conf/rc_priv.h"
#include "text/url.h"

/* ---- plain words ---- */

/* Adds when it is not there, case ignored. */
static void add_once(struct rc_words *list, struct sv word)
{
	if (word.len && !rc_words_has_case(list, word))
		rc_words_add(list, word);
}

static void remove_word(struct rc_words *list, struct sv word)
{
	if (sv_is(word, "*"))
		rc_words_clear(list);
	else
		rc_words_remove_case(list, word);
}

static struct rc_words *list_of(struct rc_state *s, enum cmd_id id, bool *add)
{
	*add = true;
	switch (id) {
	case CMD_unalternative_order:
		*add = false; /* fall through */
	case CMD_alternative_order:
		return &s->alternative_order;
	case CMD_unauto_view:
		*add = false; /* fall through */
	case CMD_auto_view:
		return &s->auto_view;
	case CMD_unmime_lookup:
		*add = false; /* fall through */
	case CMD_mime_lookup:
		return &s->mime_lookup;
	case CMD_unhdr_order:
		*add = false; /* fall through */
	case CMD_hdr_order:
		return &s->hdr_order;
	case CMD_unmailto_allow:
		*add = false; /* fall through */
	case CMD_mailto_allow:
		return &s->mailto_allow;
	case CMD_unignore:
		return &s->unignore;
	default:
		return &s->ignore;
	}
}

void rc_words_command(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct rc_state *s = &rc->conf->rc;
	struct str word;
	bool add;
	struct rc_words *list = list_of(s, id, &add);

	str_init(&word, LEX_LINE_MAX);
	if (!lex_more(lex))
		rc_report(
			rc, RC_WARNING, lex, lex->at, "%s: too few arguments", cmd_table[id].name);
	while (lex_more(lex) && lex_word(lex, 0, &word)) {
		struct sv w = str_sv(&word);
		/* what is ignored is not unignored any more, and the other way */
		if (id == CMD_ignore)
			remove_word(&s->unignore, w);
		if (id == CMD_unignore)
			remove_word(&s->ignore, w);
		if (!add)
			remove_word(list, w);
		else if (id != CMD_unignore || !sv_is(w, "*"))
			add_once(list, w);
	}
	str_fini(&word);
}

/* ---- groups ---- */

static struct rc_group *group_make(struct rc_state *s, struct sv name)
{
	struct rc_group *g = (struct rc_group *)rc_group_find(s, name);

	if (g)
		return g;
	array_grow(s->groups.v, s->groups.n, s->groups.cap);
	g = &s->groups.v[s->groups.n++];
	*g = (struct rc_group){.name = sv_dup(name)};
	return g;
}

static void group_remove(struct rc_state *s, struct rc_group *g)
{
	rc_group_fini(g);
	memmove(g, g + 1, (size_t)(s->groups.v + s->groups.n - g - 1) * sizeof(*g));
	s->groups.n--;
}

bool rc_take_groups(struct rc *rc, struct lex *lex, struct rc_words *names, struct str *word)
{
	while (lex_more(lex) && sv_starts_case(lex_rest(lex), SV("-group"))) {
		struct sv rest = sv_from(lex_rest(lex), 6);
		if (rest.len && !ascii_is_space((unsigned char)rest.p[0]))
			break;
		if (!lex_word(lex, 0, word))
			return false;
		if (!lex_more(lex))
			return rc_bad(rc, lex, "-group: no group named");
		if (!lex_word(lex, 0, word))
			return false;
		group_make(&rc->conf->rc, str_sv(word));
		rc_words_add(names, str_sv(word));
	}
	return true;
}

/* The bare address in "Name <a@b>" or "a@b (Name)", lower case. */
static char *bare_address(struct sv text)
{
	ptrdiff_t open = sv_rchr(text, '<'), close = sv_rchr(text, '>');
	ptrdiff_t paren = sv_chr(text, '(');

	if (open >= 0 && close > open)
		text = sv_head(sv_from(text, (size_t)open + 1), (size_t)(close - open - 1));
	else if (paren >= 0)
		text = sv_head(text, (size_t)paren);
	char *copy = sv_dup(sv_trim(text));
	for (char *p = copy; *p; p++)
		*p = (char)ascii_lower((unsigned char)*p);
	return copy;
}

/* Cuts an address list at its commas (not those in quotes, comments or angle brackets). */
static bool next_address(struct sv *rest, struct sv *one)
{
	bool quoted = false;
	int depth = 0;

	if (rest->len == 0)
		return false;
	for (size_t i = 0; i < rest->len; i++) {
		char c = rest->p[i];
		if (c == '\\') {
			i++;
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted && (c == '(' || c == '<')) {
			depth++;
		} else if (!quoted && (c == ')' || c == '>')) {
			depth -= depth > 0;
		} else if (!quoted && depth == 0 && c == ',') {
			*one = sv_head(*rest, i);
			*rest = sv_from(*rest, i + 1);
			return true;
		}
	}
	*one = *rest;
	*rest = (struct sv){0};
	return true;
}

static void group_address(struct rc_group *g, struct sv addresses, bool add)
{
	struct sv one;

	while (next_address(&addresses, &one)) {
		char *bare = bare_address(one);
		if (add)
			add_once(&g->addrs, sv_of(bare));
		else
			rc_words_remove_case(&g->addrs, sv_of(bare));
		free(bare);
	}
}

static struct rc_group *group_named(struct rc *rc, const char *name)
{
	return (struct rc_group *)rc_group_find(&rc->conf->rc, sv_of(name));
}

void rc_group_command(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct rc_words names = {0};
	struct str word;
	enum { NONE, RX, ADDR } state = NONE;
	struct err e;
	bool add = id == CMD_group;

	str_init(&word, LEX_LINE_MAX);
	if (!rc_need(rc, lex) || !rc_take_groups(rc, lex, &names, &word))
		goto out;
	/* without a group the words are read, but there is nothing to put them into */
	while (lex_more(lex) && lex_word(lex, 0, &word)) {
		struct sv w = str_sv(&word);
		if (sv_is_case(w, "-rx"))
			state = RX;
		else if (sv_is_case(w, "-addr"))
			state = ADDR;
		else if (!add && sv_is(w, "*")) {
			for (size_t i = 0; i < names.n; i++)
				if (group_named(rc, names.v[i]))
					group_remove(&rc->conf->rc, group_named(rc, names.v[i]));
		} else if (state == NONE) {
			rc_bad(rc, lex, "%s: -rx or -addr must come before " SV_FMT,
				cmd_table[id].name, SV_ARG(w));
			break;
		}
		if (sv_is_case(w, "-rx") || sv_is_case(w, "-addr") || sv_is(w, "*"))
			continue;
		for (size_t i = 0; i < names.n; i++) {
			struct rc_group *g = group_named(rc, names.v[i]);
			if (!g)
				continue;
			if (state == ADDR)
				group_address(g, w, add);
			else if (!add)
				rc_regexes_remove(&g->rx, w);
			else if (!rc_regexes_add(&g->rx, w, &e))
				rc_bad_err(rc, lex, &e);
		}
	}
out:
	str_fini(&word);
	rc_words_clear(&names);
}

/* ---- lists, subscribe, alternates ---- */

static void matcher_add(struct rc *rc, struct lex *lex, struct rc_matcher *m, struct sv text)
{
	struct err e;

	rc_regexes_remove(&m->no, text);
	if (!rc_regexes_add(&m->yes, text, &e))
		rc_bad_err(rc, lex, &e);
}

/* "un": * forgets all; a pattern that is there goes; another one becomes an exception. */
static void matcher_remove(struct rc *rc, struct lex *lex, struct rc_matcher *m, struct sv text)
{
	struct err e;

	if (sv_is(text, "*")) {
		rc_regexes_clear(&m->yes);
		return;
	}
	if (!rc_regexes_remove(&m->yes, text) && !rc_regexes_add(&m->no, text, &e))
		rc_bad_err(rc, lex, &e);
}

void rc_matcher_command(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct rc_state *s = &rc->conf->rc;
	struct rc_words names = {0};
	struct str word;
	struct err e;

	str_init(&word, LEX_LINE_MAX);
	if (!rc_take_groups(rc, lex, &names, &word))
		goto out;
	while (lex_more(lex) && lex_word(lex, 0, &word)) {
		struct sv w = str_sv(&word);
		if (id == CMD_lists || id == CMD_subscribe)
			matcher_add(rc, lex, &s->lists, w);
		if (id == CMD_subscribe)
			matcher_add(rc, lex, &s->subscribed, w);
		if (id == CMD_alternates)
			matcher_add(rc, lex, &s->alternates, w);
		if (id == CMD_unlists)
			matcher_remove(rc, lex, &s->lists, w);
		if (id == CMD_unsubscribe || id == CMD_unlists)
			matcher_remove(rc, lex, &s->subscribed, w);
		if (id == CMD_unalternates)
			matcher_remove(rc, lex, &s->alternates, w);
		bool add = id == CMD_lists || id == CMD_subscribe || id == CMD_alternates;
		for (size_t i = 0; i < names.n; i++) {
			struct rc_group *g = group_named(rc, names.v[i]);
			if (!add)
				rc_regexes_remove(&g->rx, w);
			else if (!rc_regexes_add(&g->rx, w, &e))
				break; /* reported above */
		}
	}
out:
	str_fini(&word);
	rc_words_clear(&names);
}

/* ---- aliases ---- */

/* NeoMutt: "# text tags:a,b" behind the addresses. */
static void alias_comment(struct lex *lex, struct rc_alias *a)
{
	struct sv rest = lex_rest(lex), word;
	struct str comment, tags;

	str_init(&comment, LEX_LINE_MAX);
	str_init(&tags, LEX_LINE_MAX);
	if (lex_peek(lex) == '#') {
		rest = sv_trim(sv_from(rest, 1));
		lex_skip(lex, LEX_LINE_MAX);
		while (sv_split(&rest, ' ', &word)) {
			struct str *to = sv_starts_case(word, SV("tags:")) ? &tags : &comment;
			if (to == &tags)
				word = sv_from(word, 5);
			if (to->len)
				str_addc(to, to == &tags ? ',' : ' ');
			str_add(to, word);
		}
	}
	a->comment = str_detach(&comment);
	a->tags = str_detach(&tags);
	str_fini(&comment);
	str_fini(&tags);
}

static void alias_put(struct rc_state *s, struct rc_alias alias)
{
	for (size_t i = 0; i < s->aliases.n; i++) {
		if (!sv_is_case(sv_of(alias.name), s->aliases.v[i].name))
			continue;
		rc_alias_fini(&s->aliases.v[i]);
		s->aliases.v[i] = alias;
		return;
	}
	array_grow(s->aliases.v, s->aliases.n, s->aliases.cap);
	s->aliases.v[s->aliases.n++] = alias;
}

void rc_alias_command(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct rc_words names = {0};
	struct str word;
	struct rc_alias alias = {0};

	(void)id;
	str_init(&word, LEX_LINE_MAX);
	if (!rc_need(rc, lex) || !rc_take_groups(rc, lex, &names, &word) || !rc_need(rc, lex) ||
		!lex_word(lex, 0, &word))
		goto out;
	alias.name = str_detach(&word);
	if (!rc_take_groups(rc, lex, &names, &word))
		goto out;
	if (!lex_more(lex)) {
		rc_bad(rc, lex, "alias %s: no address", alias.name);
		goto out;
	}
	if (!lex_word(lex, LEX_QUOTE | LEX_SPACE | LEX_SEMICOLON, &word))
		goto out;
	alias.addresses = sv_dup(sv_rtrim(str_sv(&word)));
	alias_comment(lex, &alias);
	for (size_t i = 0; i < names.n; i++)
		group_address(group_named(rc, names.v[i]), sv_of(alias.addresses), true);
	alias_put(&rc->conf->rc, alias);
	alias = (struct rc_alias){0};
out:
	rc_alias_fini(&alias);
	str_fini(&word);
	rc_words_clear(&names);
}

static void alias_drop(struct rc_state *s, struct sv name)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->aliases.n; i++) {
		if (sv_is(name, "*") || sv_is_case(name, s->aliases.v[i].name))
			rc_alias_fini(&s->aliases.v[i]);
		else
			s->aliases.v[kept++] = s->aliases.v[i];
	}
	s->aliases.n = kept;
}

void rc_unalias(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct rc_words names = {0};
	struct str word;

	(void)id;
	str_init(&word, LEX_LINE_MAX);
	if (rc_take_groups(rc, lex, &names, &word))
		while (lex_more(lex) && lex_word(lex, 0, &word))
			alias_drop(&rc->conf->rc, str_sv(&word));
	str_fini(&word);
	rc_words_clear(&names);
}

/* ---- own headers ---- */

/* "Name:" with the colon. */
static struct sv header_name(struct sv header)
{
	ptrdiff_t colon = sv_chr(header, ':');

	return colon < 0 ? header : sv_head(header, (size_t)colon + 1);
}

static void my_hdr_drop(struct rc_words *list, struct sv name)
{
	size_t kept = 0;

	if (name.len && name.p[name.len - 1] == ':')
		name.len--;
	for (size_t i = 0; i < list->n; i++) {
		struct sv have = header_name(sv_of(list->v[i]));
		have.len -= have.len > 0;
		if (sv_is(name, "*") || sv_eq_case(have, name))
			free(list->v[i]);
		else
			list->v[kept++] = list->v[i];
	}
	list->n = kept;
}

void rc_my_hdr(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str word;

	(void)id;
	str_init(&word, LEX_LINE_MAX);
	if (rc_need(rc, lex) && lex_word(lex, LEX_SPACE | LEX_QUOTE, &word)) {
		struct sv header = sv_trim(str_sv(&word));
		/* people quote the whole header, too; mutt then has the quotes in it */
		if (header.len > 1 && (header.p[0] == '"' || header.p[0] == '\'') &&
			header.p[header.len - 1] == header.p[0])
			header = sv_head(sv_from(header, 1), header.len - 2);
		ptrdiff_t colon = sv_chr(header, ':');
		struct sv name = sv_head(header, colon < 0 ? header.len : (size_t)colon);
		bool good = colon > 0;
		for (size_t i = 0; i < name.len; i++)
			good = good && (unsigned char)name.p[i] > ' ' &&
			       (unsigned char)name.p[i] < 127;
		if (!good) {
			rc_bad(rc, lex, "my_hdr: a header is NAME: TEXT");
		} else {
			my_hdr_drop(&rc->conf->rc.my_hdr, name);
			rc_words_add(&rc->conf->rc.my_hdr, header);
		}
	}
	str_fini(&word);
}

void rc_unmy_hdr(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str word;

	(void)id;
	str_init(&word, LEX_LINE_MAX);
	while (lex_more(lex) && lex_word(lex, 0, &word))
		my_hdr_drop(&rc->conf->rc.my_hdr, str_sv(&word));
	str_fini(&word);
}

/* ---- mailboxes ---- */

static void mailbox_drop(struct rc_mailboxes *list, const char *path, bool virtual_, bool all)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		struct rc_mailbox *m = &list->v[i];
		bool named = m->label && strcmp(m->label, path) == 0;
		if ((all && m->virtual_ == virtual_) ||
			(!all && (strcmp(m->path, path) == 0 || named)))
			rc_mailbox_fini(m);
		else
			list->v[kept++] = *m;
	}
	list->n = kept;
}

/* A mailbox that is there already keeps its place and takes the new label. */
static void mailbox_put(struct rc_mailboxes *list, struct rc_mailbox mailbox)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i].path, mailbox.path) != 0)
			continue;
		rc_mailbox_fini(&list->v[i]);
		list->v[i] = mailbox;
		return;
	}
	array_grow(list->v, list->n, list->cap);
	list->v[list->n++] = mailbox;
}

/*
 * The path of a mailbox. A server URL without a user gets the $imap_user of now: files with several
 * accounts set it anew for each of them. Caller frees.
 */
static char *mailbox_path(const struct conf *conf, struct sv written)
{
	char *path = conf_expand_path(conf, written);
	struct server s;
	struct err e;

	/* an account-hook may say who it is */
	for (size_t i = 0; i < conf->rc.hooks.n; i++)
		if (conf->rc.hooks.v[i].kind == HOOK_ACCOUNT)
			return path;
	if (!*conf->imap_user || !is_server_url(sv_of(path)) || !server_parse(sv_of(path), &s, &e))
		return path;
	if (s.proto == SERVER_IMAP && !s.user) {
		struct str url;
		size_t host = (size_t)(strstr(path, "://") - path) + 3;
		str_init(&url, CONF_TEXT_MAX);
		str_add(&url, sv_head(sv_of(path), host));
		(void)url_encode(&url, sv_of(conf->imap_user), "@");
		str_addc(&url, '@');
		str_adds(&url, path + host);
		free(path);
		path = str_detach(&url);
		str_fini(&url);
	}
	server_fini(&s);
	return path;
}

static void mailbox_add(struct rc *rc, struct sv written, const char *label, struct rc_mailbox like)
{
	struct rc_mailbox m = like;

	m.written = sv_dup(written);
	m.path = m.virtual_ ? sv_dup(written) : mailbox_path(rc->conf, written);
	m.label = xstrdup(label);
	if (*m.path)
		mailbox_put(&rc->conf->rc.mailboxes, m);
	else
		rc_mailbox_fini(&m);
}

/* The options of `mailboxes`; true when the word was one. label is for the caller to free. */
static bool mailbox_option(
	struct rc *rc, struct lex *lex, struct str *word, char **label, struct rc_mailbox *like)
{
	struct sv w = str_sv(word);

	if (sv_is_case(w, "-label")) {
		free(*label);
		*label = NULL;
		if (rc_need(rc, lex) && lex_word(lex, 0, word))
			*label = sv_dup(str_sv(word));
		return true;
	}
	if (sv_is_case(w, "-nolabel")) {
		free(*label);
		*label = NULL;
		return true;
	}
	if (sv_is_case(w, "-notify") || sv_is_case(w, "-nonotify")) {
		like->notify = sv_is_case(w, "-notify");
		return true;
	}
	if (sv_is_case(w, "-poll") || sv_is_case(w, "-nopoll")) {
		like->poll = sv_is_case(w, "-poll");
		return true;
	}
	return false;
}

void rc_mailboxes(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct rc_mailbox like = {.notify = true, .poll = true};
	struct str word;
	char *label = NULL;

	(void)id;
	str_init(&word, LEX_LINE_MAX);
	while (lex_more(lex) && lex_word(lex, 0, &word)) {
		if (mailbox_option(rc, lex, &word, &label, &like) || word.len == 0)
			continue;
		mailbox_add(rc, str_sv(&word), label, like);
		free(label);
		label = NULL;
		like = (struct rc_mailbox){.notify = true, .poll = true};
	}
	free(label);
	str_fini(&word);
}

/* Pairs of label and mailbox; virtual-mailboxes: of name and query. */
void rc_named_mailboxes(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct rc_mailbox like = {
		.notify = true, .poll = true, .virtual_ = id == CMD_virtual_mailboxes};
	struct str word;
	char *label = NULL;
	bool optioned = false;

	str_init(&word, LEX_LINE_MAX);
	while (lex_more(lex) && lex_word(lex, 0, &word)) {
		if (mailbox_option(rc, lex, &word, &label, &like)) {
			optioned = true;
			continue;
		}
		/* a lone mailbox is taken, too: NeoMutt's manual has it both ways */
		if (!label && !optioned && lex_more(lex)) {
			label = sv_dup(str_sv(&word));
			if (!lex_word(lex, 0, &word))
				break;
		}
		mailbox_add(rc, str_sv(&word), label, like);
		free(label);
		label = NULL;
		optioned = false;
	}
	free(label);
	str_fini(&word);
}

void rc_unmailboxes(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	bool virtual_ = id == CMD_unvirtual_mailboxes;
	struct str word;

	str_init(&word, LEX_LINE_MAX);
	if (rc_need(rc, lex)) {
		while (lex_more(lex) && lex_word(lex, 0, &word)) {
			char *path = virtual_ ? sv_dup(str_sv(&word))
					      : mailbox_path(rc->conf, str_sv(&word));
			mailbox_drop(
				&rc->conf->rc.mailboxes, path, virtual_, sv_is(str_sv(&word), "*"));
			free(path);
		}
	}
	str_fini(&word);
}

void rc_sidebar_pin(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct rc_words *list = &rc->conf->rc.sidebar_pinned;
	struct str word;

	str_init(&word, LEX_LINE_MAX);
	if (rc_need(rc, lex)) {
		while (lex_more(lex) && lex_word(lex, 0, &word)) {
			char *path = conf_expand_path(rc->conf, str_sv(&word));
			if (id == CMD_sidebar_pin)
				add_once(list, sv_of(path));
			else
				remove_word(
					list, sv_is(str_sv(&word), "*") ? SV("*") : sv_of(path));
			free(path);
		}
	}
	str_fini(&word);
}
