#include "conf/state.h"

#include <stdlib.h>

#include "base/mem.h"
#include "conf/state_priv.h"

const char *hook_kind_name(enum hook_kind kind)
{
	static const char *const names[HOOK_KINDS] = {[HOOK_FOLDER] = "folder-hook",
		[HOOK_MBOX] = "mbox-hook",
		[HOOK_ACCOUNT] = "account-hook",
		[HOOK_SEND] = "send-hook",
		[HOOK_SEND2] = "send2-hook",
		[HOOK_REPLY] = "reply-hook",
		[HOOK_MESSAGE] = "message-hook",
		[HOOK_SAVE] = "save-hook",
		[HOOK_FCC] = "fcc-hook",
		[HOOK_CRYPT] = "crypt-hook",
		[HOOK_CHARSET] = "charset-hook",
		[HOOK_ICONV] = "iconv-hook",
		[HOOK_OPEN] = "open-hook",
		[HOOK_CLOSE] = "close-hook",
		[HOOK_APPEND] = "append-hook",
		[HOOK_INDEX_FORMAT] = "index-format-hook",
		[HOOK_STARTUP] = "startup-hook",
		[HOOK_SHUTDOWN] = "shutdown-hook",
		[HOOK_TIMEOUT] = "timeout-hook",
		[HOOK_IDENTITY] = "identity-hook"};

	return names[kind];
}

/* ---- words ---- */

void rc_words_add(struct rc_words *w, struct sv word)
{
	array_grow(w->v, w->n, w->cap);
	w->v[w->n++] = sv_dup(word);
}

bool rc_words_has_case(const struct rc_words *w, struct sv word)
{
	for (size_t i = 0; i < w->n; i++)
		if (sv_is_case(word, w->v[i]))
			return true;
	return false;
}

void rc_words_remove_case(struct rc_words *w, struct sv word)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->n; i++) {
		if (sv_is_case(word, w->v[i]))
			free(w->v[i]);
		else
			w->v[kept++] = w->v[i];
	}
	w->n = kept;
}

void rc_words_clear(struct rc_words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->v[i]);
	free(w->v);
	*w = (struct rc_words){0};
}

static void words_copy(struct rc_words *to, const struct rc_words *from)
{
	for (size_t i = 0; i < from->n; i++)
		rc_words_add(to, sv_of(from->v[i]));
}

/* ---- variables ---- */

static struct rc_pair *vars_find(const struct rc_vars *vars, struct sv name)
{
	for (size_t i = 0; i < vars->n; i++)
		if (sv_is(name, vars->v[i].name))
			return &vars->v[i];
	return NULL;
}

const char *rc_vars_get(const struct rc_vars *vars, struct sv name)
{
	const struct rc_pair *p = vars_find(vars, name);

	return p ? p->value : NULL;
}

/* Their values are wiped: my_pass and the like hold what is secret. */
void rc_vars_set(struct rc_vars *vars, struct sv name, const char *value)
{
	struct rc_pair *p = vars_find(vars, name);
	char *copy = xstrdup(value); /* value may be the old one */

	if (!p) {
		array_grow(vars->v, vars->n, vars->cap);
		p = &vars->v[vars->n++];
		*p = (struct rc_pair){.name = sv_dup(name)};
	}
	free_wiped(p->value);
	p->value = copy;
}

void rc_vars_remove(struct rc_vars *vars, struct sv name)
{
	struct rc_pair *p = vars_find(vars, name);

	if (!p)
		return;
	free(p->name);
	free_wiped(p->value);
	memmove(p, p + 1, (size_t)(vars->v + vars->n - p - 1) * sizeof(*p));
	vars->n--;
}

void rc_vars_clear(struct rc_vars *vars)
{
	for (size_t i = 0; i < vars->n; i++) {
		free(vars->v[i].name);
		free_wiped(vars->v[i].value);
	}
	free(vars->v);
	*vars = (struct rc_vars){0};
}

static void vars_copy(struct rc_vars *to, const struct rc_vars *from)
{
	for (size_t i = 0; i < from->n; i++)
		rc_vars_set(to, sv_of(from->v[i].name), from->v[i].value);
}

/* ---- regular expressions ---- */

/* A copy of a pattern that was good before. */
static struct rx *rx_again(struct rx *rx, unsigned flags)
{
	struct err e;

	return rx ? rx_new(rx_pattern(rx), flags, &e) : NULL;
}

void rc_regexes_clear(struct rc_regexes *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].text);
		rx_free(list->v[i].rx);
	}
	free(list->v);
	*list = (struct rc_regexes){0};
}

bool rc_regexes_add(struct rc_regexes *list, struct sv text, struct err *e)
{
	for (size_t i = 0; i < list->n; i++)
		if (sv_is(text, list->v[i].text))
			return true;
	char *copy = sv_dup(text);
	struct rx *rx = rx_new(copy, RX_ICASE, e);
	if (!rx) {
		free(copy);
		return false;
	}
	array_grow(list->v, list->n, list->cap);
	list->v[list->n++] = (struct rc_regex){copy, rx};
	return true;
}

bool rc_regexes_remove(struct rc_regexes *list, struct sv text)
{
	for (size_t i = 0; i < list->n; i++) {
		if (!sv_is_case(text, list->v[i].text))
			continue;
		free(list->v[i].text);
		rx_free(list->v[i].rx);
		memmove(&list->v[i], &list->v[i + 1], (list->n - i - 1) * sizeof(list->v[0]));
		list->n--;
		return true;
	}
	return false;
}

static void regexes_copy(struct rc_regexes *to, const struct rc_regexes *from)
{
	for (size_t i = 0; i < from->n; i++) {
		array_grow(to->v, to->n, to->cap);
		to->v[to->n++] = (struct rc_regex){
			xstrdup(from->v[i].text), rx_again(from->v[i].rx, RX_ICASE)};
	}
}

static bool regexes_match(const struct rc_regexes *list, struct sv text)
{
	for (size_t i = 0; i < list->n; i++)
		if (rx_match(list->v[i].rx, text))
			return true;
	return false;
}

bool rc_matches(const struct rc_matcher *m, struct sv text)
{
	return text.len > 0 && regexes_match(&m->yes, text) && !regexes_match(&m->no, text);
}

/* ---- groups, aliases, headers ---- */

const struct rc_group *rc_group_find(const struct rc_state *rc, struct sv name)
{
	for (size_t i = 0; i < rc->groups.n; i++)
		if (sv_is_case(name, rc->groups.v[i].name))
			return &rc->groups.v[i];
	return NULL;
}

bool rc_group_matches(const struct rc_group *g, struct sv address)
{
	return rc_words_has_case(&g->addrs, address) || regexes_match(&g->rx, address);
}

const struct rc_alias *rc_alias_find(const struct rc_state *rc, struct sv name)
{
	for (size_t i = 0; i < rc->aliases.n; i++)
		if (sv_is_case(name, rc->aliases.v[i].name))
			return &rc->aliases.v[i];
	return NULL;
}

/* Does the header line start with one of the words? A word may be "*". */
static bool header_listed(const struct rc_words *words, struct sv name)
{
	for (size_t i = 0; i < words->n; i++) {
		struct sv w = sv_of(words->v[i]);
		if (w.len && w.p[w.len - 1] == ':')
			w.len--;
		if (sv_is(w, "*") || sv_starts_case(name, w))
			return true;
	}
	return false;
}

bool rc_header_shown(const struct rc_state *rc, struct sv name)
{
	return !header_listed(&rc->ignore, name) || header_listed(&rc->unignore, name);
}

static char *take_first(struct rc_words *w)
{
	if (w->n == 0)
		return NULL;
	char *first = w->v[0];
	memmove(w->v, w->v + 1, (w->n - 1) * sizeof(*w->v));
	w->n--;
	return first;
}

char *rc_take_pushed(struct rc_state *rc)
{
	return take_first(&rc->pushed);
}

char *rc_take_exec(struct rc_state *rc)
{
	return take_first(&rc->exec);
}

/* ---- the end, and a copy ---- */

void rc_hook_fini(struct rc_hook *h)
{
	free(h->pattern);
	free(h->written);
	free(h->value);
	free(h->name);
	free(h->file);
	rx_free(h->rx);
}

void rc_color_fini(struct rc_color *c)
{
	free(c->pattern);
	rx_free(c->rx);
}

void rc_bind_fini(struct rc_bind *b)
{
	free(b->macro);
	free(b->desc);
}

void rc_alias_fini(struct rc_alias *a)
{
	free(a->name);
	free(a->addresses);
	free(a->comment);
	free(a->tags);
}

void rc_mailbox_fini(struct rc_mailbox *m)
{
	free(m->path);
	free(m->written);
	free(m->label);
}

void rc_group_fini(struct rc_group *g)
{
	free(g->name);
	rc_regexes_clear(&g->rx);
	rc_words_clear(&g->addrs);
}

void rc_attach_fini(struct rc_attach *a)
{
	free(a->major);
	free(a->minor);
	rx_free(a->rx);
}

void rc_replace_fini(struct rc_replace *r)
{
	free(r->text);
	free(r->with);
	rx_free(r->rx);
}

void rc_score_fini(struct rc_score *s)
{
	free(s->pattern);
}

/* Ends every element of a list and the list. */
#define LIST_FINI(list, fini) \
	do { \
		for (size_t i_ = 0; i_ < (list).n; i_++) \
			fini(&(list).v[i_]); \
		free((list).v); \
	} while (0)

void rc_state_fini(struct rc_state *rc)
{
	struct rc_words *words[] = {&rc->alternative_order, &rc->auto_view, &rc->mime_lookup,
		&rc->ignore, &rc->unignore, &rc->hdr_order, &rc->my_hdr, &rc->mailto_allow,
		&rc->sidebar_pinned, &rc->pushed, &rc->exec};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		rc_words_clear(words[i]);
	struct rc_matcher *matchers[] = {&rc->lists, &rc->subscribed, &rc->alternates};
	for (size_t i = 0; i < ARRAY_LEN(matchers); i++) {
		rc_regexes_clear(&matchers[i]->yes);
		rc_regexes_clear(&matchers[i]->no);
	}
	rc_regexes_clear(&rc->nospam);
	LIST_FINI(rc->groups, rc_group_fini);
	LIST_FINI(rc->aliases, rc_alias_fini);
	LIST_FINI(rc->mailboxes, rc_mailbox_fini);
	LIST_FINI(rc->hooks, rc_hook_fini);
	LIST_FINI(rc->binds, rc_bind_fini);
	LIST_FINI(rc->attachments, rc_attach_fini);
	LIST_FINI(rc->scores, rc_score_fini);
	LIST_FINI(rc->spam, rc_replace_fini);
	LIST_FINI(rc->subject_rx, rc_replace_fini);
	LIST_FINI(rc->colors, rc_color_fini);
	rc_vars_clear(&rc->tag_transforms);
	rc_vars_clear(&rc->tag_formats);
	rc_vars_clear(&rc->env);
	free(rc->last_mailbox);
	free(rc->current_mailbox);
	*rc = (struct rc_state){0};
}

static void copy_group(struct rc_group *to, const struct rc_group *from)
{
	*to = (struct rc_group){.name = xstrdup(from->name)};
	regexes_copy(&to->rx, &from->rx);
	words_copy(&to->addrs, &from->addrs);
}

static void copy_alias(struct rc_alias *to, const struct rc_alias *from)
{
	*to = (struct rc_alias){xstrdup(from->name), xstrdup(from->addresses),
		xstrdup(from->comment), xstrdup(from->tags)};
}

static void copy_mailbox(struct rc_mailbox *to, const struct rc_mailbox *from)
{
	*to = *from;
	to->path = xstrdup(from->path);
	to->written = xstrdup(from->written);
	to->label = xstrdup(from->label);
}

static void copy_hook(struct rc_hook *to, const struct rc_hook *from)
{
	*to = *from;
	to->pattern = xstrdup(from->pattern);
	to->written = xstrdup(from->written);
	to->value = xstrdup(from->value);
	to->name = xstrdup(from->name);
	to->file = xstrdup(from->file);
	to->rx = rx_again(
		from->rx, from->kind == HOOK_CHARSET || from->kind == HOOK_CRYPT ? RX_ICASE : 0);
}

static void copy_bind(struct rc_bind *to, const struct rc_bind *from)
{
	*to = *from;
	to->macro = xstrdup(from->macro);
	to->desc = xstrdup(from->desc);
}

static void copy_attach(struct rc_attach *to, const struct rc_attach *from)
{
	*to = *from;
	to->major = xstrdup(from->major);
	to->minor = xstrdup(from->minor);
	to->rx = rx_again(from->rx, RX_ICASE);
}

static void copy_score(struct rc_score *to, const struct rc_score *from)
{
	*to = *from;
	to->pattern = xstrdup(from->pattern);
}

static void copy_replace(struct rc_replace *to, const struct rc_replace *from)
{
	*to = (struct rc_replace){
		xstrdup(from->text), rx_again(from->rx, RX_ICASE), xstrdup(from->with)};
}

static void copy_color(struct rc_color *to, const struct rc_color *from)
{
	*to = *from;
	to->pattern = xstrdup(from->pattern);
	to->rx = rx_again(from->rx, RX_SMARTCASE);
}

#define LIST_COPY(to, from, copy) \
	do { \
		for (size_t i_ = 0; i_ < (from).n; i_++) { \
			array_grow((to).v, (to).n, (to).cap); \
			copy(&(to).v[(to).n++], &(from).v[i_]); \
		} \
	} while (0)

void rc_state_copy(struct rc_state *to, const struct rc_state *from)
{
	*to = (struct rc_state){0};
	words_copy(&to->alternative_order, &from->alternative_order);
	words_copy(&to->auto_view, &from->auto_view);
	words_copy(&to->mime_lookup, &from->mime_lookup);
	words_copy(&to->ignore, &from->ignore);
	words_copy(&to->unignore, &from->unignore);
	words_copy(&to->hdr_order, &from->hdr_order);
	words_copy(&to->my_hdr, &from->my_hdr);
	words_copy(&to->mailto_allow, &from->mailto_allow);
	words_copy(&to->sidebar_pinned, &from->sidebar_pinned);
	words_copy(&to->pushed, &from->pushed);
	words_copy(&to->exec, &from->exec);
	regexes_copy(&to->lists.yes, &from->lists.yes);
	regexes_copy(&to->lists.no, &from->lists.no);
	regexes_copy(&to->subscribed.yes, &from->subscribed.yes);
	regexes_copy(&to->subscribed.no, &from->subscribed.no);
	regexes_copy(&to->alternates.yes, &from->alternates.yes);
	regexes_copy(&to->alternates.no, &from->alternates.no);
	regexes_copy(&to->nospam, &from->nospam);
	LIST_COPY(to->groups, from->groups, copy_group);
	LIST_COPY(to->aliases, from->aliases, copy_alias);
	LIST_COPY(to->mailboxes, from->mailboxes, copy_mailbox);
	LIST_COPY(to->hooks, from->hooks, copy_hook);
	LIST_COPY(to->binds, from->binds, copy_bind);
	LIST_COPY(to->attachments, from->attachments, copy_attach);
	LIST_COPY(to->scores, from->scores, copy_score);
	LIST_COPY(to->spam, from->spam, copy_replace);
	LIST_COPY(to->subject_rx, from->subject_rx, copy_replace);
	LIST_COPY(to->colors, from->colors, copy_color);
	vars_copy(&to->tag_transforms, &from->tag_transforms);
	vars_copy(&to->tag_formats, &from->tag_formats);
	vars_copy(&to->env, &from->env);
	to->last_mailbox = xstrdup(from->last_mailbox);
	to->current_mailbox = xstrdup(from->current_mailbox);
}
