/*
 * Patterns of hooks are compiled once and kept by the place of the hook in the list; every hook_forget
 * starts anew.
 */
#include "core/hook.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "conf/account.h"
#include "conf/rc.h"
#include "core/format.h"
#include "core/gettext.h"
#include "core/session_priv.h"

#define NESTED_MAX 20 /* a hook that sets off a hook */

struct hook_cache {
	struct pattern **patterns; /* by place in conf->rc.hooks; NULL: not compiled yet */
	char **bad;                /* text of one that does not compile */
	size_t n;
	unsigned depth;
};

void hook_forget(struct session *s)
{
	struct hook_cache *c = s->hooks;

	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++) {
		pattern_free(c->patterns[i]);
		free(c->bad[i]);
	}
	free(c->patterns);
	free(c->bad);
	c->patterns = NULL;
	c->bad = NULL;
	c->n = 0;
}

static struct hook_cache *cache_of(struct session *s)
{
	const struct rc_hooks *hooks = &s->conf->rc.hooks;

	if (!s->hooks)
		s->hooks = xcalloc(1, sizeof(*s->hooks));
	if (s->hooks->n != hooks->n) {
		hook_forget(s);
		s->hooks->n = hooks->n;
		s->hooks->patterns = xcalloc(hooks->n + 1, sizeof(*s->hooks->patterns));
		s->hooks->bad = xcalloc(hooks->n + 1, sizeof(*s->hooks->bad));
	}
	return s->hooks;
}

static bool message_matches(struct session *s, size_t n, const struct msg_facts *m)
{
	const struct rc_hook *h = &s->conf->rc.hooks.v[n];
	struct hook_cache *c = cache_of(s);
	struct pattern_env env = {.conf = s->conf, .now = clock_now()};
	struct err e;

	/* unhook and a new hook may have put another pattern into this place. */
	if (c->bad[n] && strcmp(c->bad[n], h->pattern) == 0)
		return false;
	if (c->patterns[n] && strcmp(pattern_text(c->patterns[n]), h->pattern) != 0) {
		pattern_free(c->patterns[n]);
		c->patterns[n] = NULL;
	}
	if (!c->patterns[n]) {
		c->patterns[n] = pattern_compile(s->conf, h->pattern, 0, clock_now(), &e);
		if (!c->patterns[n]) {
			free(c->bad[n]);
			c->bad[n] = xstrdup(h->pattern);
			session_fail(s, &e, "%s:%d: %s", h->file ? h->file : "?", h->line,
				hook_kind_name(h->kind));
			return false;
		}
	}
	return pattern_match(c->patterns[n], m, NULL, &env) != h->negated;
}

static bool text_matches(const struct rc_hook *h, const char *text)
{
	return h->literal ? strcmp(h->pattern, text) == 0 : h->rx && rx_match(h->rx, sv_of(text));
}

/* A URL in the pattern may or may not name user and port. */
static bool mailbox_matches(const struct rc_hook *h, const char *full, const char *shown)
{
	struct str text;
	bool match = shown && text_matches(h, shown);

	str_init(&text, CONF_TEXT_MAX);
	for (size_t at = 0; !match && mailbox_spelling_next(full, &at, &text);)
		match = text_matches(h, text.s);
	str_fini(&text);
	return match != h->negated;
}

static void say(void *data, const char *text)
{
	session_say(data, LOG_INFO, "%s", text);
}

static void run(struct session *s, const struct rc_hook *h)
{
	struct rc_opts opts = {.say = say, .data = s};
	/* The command may change the list of hooks, and with it h. */
	char *command = xstrdup(h->value),
	     *name = xasprintf("%s:%d", h->file ? h->file : "hook", h->line);
	struct hook_cache *c = cache_of(s);
	struct rc *rc;
	struct err e;

	if (c->depth < NESTED_MAX) {
		c->depth++;
		rc = rc_new(s->conf, &opts);
		if (!rc_run(rc, name, sv_of(command), &e))
			session_fail(s, &e, "%s", name);
		rc_free(rc);
		c->depth--;
	}
	free(command);
	free(name);
}

static void run_on_message(struct session *s, enum hook_kind kind, const struct msg_facts *m)
{
	/* By number: commands may add hooks, which then run as well. */
	for (size_t i = 0; i < s->conf->rc.hooks.n; i++) {
		if (s->conf->rc.hooks.v[i].kind == kind && message_matches(s, i, m))
			run(s, &s->conf->rc.hooks.v[i]);
	}
}

void hook_run_message(struct session *s, const struct msg_facts *m)
{
	run_on_message(s, HOOK_MESSAGE, m);
}
void hook_run_reply(struct session *s, const struct msg_facts *m)
{
	run_on_message(s, HOOK_REPLY, m);
}
void hook_run_send(struct session *s, const struct msg_facts *m)
{
	run_on_message(s, HOOK_SEND, m);
}
void hook_run_send2(struct session *s, const struct msg_facts *m)
{
	run_on_message(s, HOOK_SEND2, m);
}

static void run_plain(struct session *s, enum hook_kind kind)
{
	for (size_t i = 0; i < s->conf->rc.hooks.n; i++) {
		if (s->conf->rc.hooks.v[i].kind == kind)
			run(s, &s->conf->rc.hooks.v[i]);
	}
}

void hook_run_timeout(struct session *s)
{
	run_plain(s, HOOK_TIMEOUT);
}

void hook_run_startup(struct session *s, bool shutdown)
{
	run_plain(s, shutdown ? HOOK_SHUTDOWN : HOOK_STARTUP);
}

void hook_run_folder(struct session *s, const char *mailbox, const char *shown)
{
	for (size_t i = 0; i < s->conf->rc.hooks.n; i++) {
		const struct rc_hook *h = &s->conf->rc.hooks.v[i];

		if (h->kind == HOOK_FOLDER && mailbox_matches(h, mailbox, shown))
			run(s, h);
	}
}

/* ---- values ---- */

/* The first of its kind that matches, as mutt has it for these. */
static const struct rc_hook *first_for(
	struct session *s, enum hook_kind kind, const struct msg_facts *m)
{
	for (size_t i = 0; i < s->conf->rc.hooks.n; i++) {
		if (s->conf->rc.hooks.v[i].kind == kind && message_matches(s, i, m))
			return &s->conf->rc.hooks.v[i];
	}
	return NULL;
}

static char *fill(struct session *s, const struct rc_hook *h, const struct msg_facts *m)
{
	struct format_msg f = {.conf = s->conf, .facts = m, .row = VIEW_NONE};
	struct str out;
	char *path;

	if (!h)
		return NULL;
	str_init(&out, EXPANDO_OUT_MAX);
	format_msg_once(h->value, &f, &out);
	path = conf_expand_path(s->conf, str_sv(&out));
	str_fini(&out);
	return path;
}

char *hook_fcc(struct session *s, const struct msg_facts *draft)
{
	return fill(s, first_for(s, HOOK_FCC, draft), draft);
}

char *hook_save(struct session *s, const struct msg_facts *m)
{
	return fill(s, first_for(s, HOOK_SAVE, m), m);
}

char *hook_mbox(struct session *s, const char *mailbox)
{
	for (size_t i = 0; i < s->conf->rc.hooks.n; i++) {
		const struct rc_hook *h = &s->conf->rc.hooks.v[i];

		if (h->kind == HOOK_MBOX && mailbox_matches(h, mailbox, NULL))
			return conf_expand_path(s->conf, sv_of(h->value));
	}
	return NULL;
}

const char *hook_index_format(struct session *s, struct sv name, const struct msg_facts *m)
{
	for (size_t i = 0; i < s->conf->rc.hooks.n; i++) {
		const struct rc_hook *h = &s->conf->rc.hooks.v[i];

		if (h->kind == HOOK_INDEX_FORMAT && h->name && sv_is(name, h->name) &&
			message_matches(s, i, m))
			return h->value;
	}
	return NULL;
}

const char *hook_crypt(const struct conf *conf, struct sv address)
{
	for (size_t i = 0; i < conf->rc.hooks.n; i++) {
		const struct rc_hook *h = &conf->rc.hooks.v[i];

		if (h->kind == HOOK_CRYPT && h->rx && rx_match(h->rx, address) != h->negated)
			return h->value;
	}
	return NULL;
}
