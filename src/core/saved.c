#include "core/saved.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/session_priv.h"
#include "core/unified.h"
#include "core/view_priv.h"
#include "store/mailbox.h"

#define FIRST_MS 50        /* what was never counted */
#define AGAIN_MS 1000      /* between two counts of the same, at least */
#define COST_TIMES 20      /* and so many times as long as it took */
#define WAIT_MAX_MS 3600000
#define ROUGH_MS 10000     /* while the index of words is not complete */

struct saved {
	char *name, *query;
	struct saved_count count;
	bool known, stale;
	int64_t again_ms; /* the index of words did not know everything: when to count again; 0: it did */
};

struct saved_list {
	struct session *s;
	struct saved *v;
	size_t n, cap;
	int timer;
	int64_t timer_ms; /* when it rings */
	/* what is being counted */
	size_t at;
	struct view *view; /* NULL: nothing */
	struct pattern_fill *fill;
	unsigned rough; /* enum rough: what the index said of bodies */
	struct cache **caches; /* our own: those of the accounts may be closed while we count */
	size_t cache_count;
	int64_t began;
	int end_timer;
	int64_t next_ms; /* not before */
};

static void plan(struct saved_list *l);

static struct saved_list *list_of(struct session *s)
{
	if (!s->saved) {
		s->saved = xcalloc(1, sizeof(*s->saved));
		s->saved->s = s;
	}
	return s->saved;
}

/* ---- the end of a count ---- */

static void close_view(struct saved_list *l)
{
	if (l->fill)
		session_fill_cancel(l->fill);
	l->fill = NULL;
	if (l->view)
		view_free(l->view);
	l->view = NULL;
	for (size_t i = 0; i < l->cache_count; i++)
		cache_close(l->caches[i]);
	free(l->caches);
	l->caches = NULL;
	l->cache_count = 0;
	if (l->end_timer)
		loop_remove(l->s->loop, l->end_timer);
	l->end_timer = 0;
}

static void end_count(struct saved_list *l, const struct view_counts *counts)
{
	struct saved *it = &l->v[l->at];
	struct saved_count now = {counts->total, counts->unread, counts->fresh};
	bool news = !it->known || memcmp(&now, &it->count, sizeof(now)) != 0;
	struct session *s = l->s;

	it->count = now;
	it->known = true;
	l->next_ms = clock_ms() + MAX(AGAIN_MS, (clock_ms() - l->began) * COST_TIMES);
	it->again_ms = l->rough & ROUGH_MORE ? MAX(l->next_ms, clock_ms() + ROUGH_MS) : 0;
	close_view(l);
	plan(l);
	if (!news)
		return;
	boxes_stale(s);
	if (s->events.mailboxes)
		s->events.mailboxes(s->events.data, MAILBOXES_COUNTS);
}

static void all_here(void *data)
{
	struct saved_list *l = data;

	l->end_timer = 0;
	end_count(l, view_counts(l->view));
}

/* Called by the view, which must not go while it does. */
static void changed(struct view *v)
{
	struct saved_list *l = v->session->saved;

	(void)view_take_changes(v);
	if (!view_loading(v) && !v->filter_waits && !l->end_timer)
		l->end_timer = loop_timer(l->s->loop, "saved searches", 0, all_here, l);
}

/* ---- counting ---- */

static struct cache *own_cache(struct saved_list *l, const char *account)
{
	struct cache *c;
	struct err e;

	if (!cache_open(&c, l->s->cache_dir, account, CACHE_READ, &e))
		return NULL;
	l->caches = xreallocarray(l->caches, l->cache_count + 1, sizeof(struct cache *));
	l->caches[l->cache_count++] = c;
	return c;
}

/* Sources of an account lie side by side, mostly: one handle does for them. */
static bool attach(struct saved_list *l)
{
	struct view *v = l->view;
	struct cache *cache = NULL;
	const char *account = NULL;
	bool any = false;

	for (uint32_t i = 0; i < v->src_count; i++) {
		struct mailbox m;

		if (!account || strcmp(account, v->src[i].account) != 0) {
			account = v->src[i].account;
			cache = own_cache(l, account);
		}
		if (!cache || !mailbox_by_name(cache, v->src[i].name, &m, NULL))
			continue;
		view_attach_source(v, i, cache, l->s->state, m.id, m.uidvalidity);
		mailbox_fini(&m);
		any = true;
	}
	return any;
}

static void bodies_guessed(void *data, const struct err *e)
{
	struct saved_list *l = data;

	(void)e;
	l->fill = NULL;
	view_take_rows(l->view);
	changed(l->view);
}

static bool count(struct saved_list *l)
{
	const struct saved *it = &l->v[l->at];
	struct err e;

	l->began = clock_ms();
	l->rough = 0;
	l->view = unified_new(l->s, it->name, &e);
	if (!l->view)
		return false;
	l->view->notify = changed;
	if (!attach(l))
		return false;
	if (l->view->filter_waits)
		l->fill = session_guess_pattern(l->s, l->view, l->view->filter, &l->rough, bodies_guessed, l);
	else
		changed(l->view);
	return true;
}

/* When it is to be counted; INT64_MAX: it need not be. */
static int64_t due_ms(const struct saved_list *l, const struct saved *it)
{
	if (it->stale)
		return it->known ? l->next_ms : 0;
	return it->again_ms ? it->again_ms : INT64_MAX;
}

static void next(void *data)
{
	struct saved_list *l = data;

	l->timer = 0;
	for (size_t i = 0; i < l->n; i++) { /* in turns, so that none is forgotten */
		l->at = (l->at + 1) % l->n;
		if (due_ms(l, &l->v[l->at]) > clock_ms())
			continue;
		l->v[l->at].stale = false;
		l->v[l->at].again_ms = 0;
		if (count(l))
			return;
		close_view(l); /* nothing is known of its mailboxes: when they change it is tried again */
	}
	plan(l); /* none was due yet */
}

/* The next one, when it is time. What was never counted is so soon. */
static void plan(struct saved_list *l)
{
	int64_t due = INT64_MAX, now = clock_ms();

	for (size_t i = 0; i < l->n; i++)
		due = MIN(due, due_ms(l, &l->v[i]));
	if (due == INT64_MAX || l->view || !l->s->loop)
		return;
	due = MIN(MAX(due, now + FIRST_MS), now + WAIT_MAX_MS);
	if (l->timer && l->timer_ms <= due) /* it is asked for at every redraw */
		return;
	if (l->timer)
		loop_remove(l->s->loop, l->timer);
	l->timer_ms = due;
	l->timer = loop_timer(l->s->loop, "saved searches", (int)(due - now), next, l);
}

/* ---- asking ---- */

static struct saved *find(struct saved_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i].name, name) == 0)
			return &l->v[i];
	}
	array_grow(l->v, l->n, l->cap);
	l->v[l->n] = (struct saved){.name = xstrdup(name), .query = xstrdup(""), .stale = true};
	return &l->v[l->n++];
}

bool saved_counts(struct session *s, const char *name, const char *query, struct saved_count *out)
{
	struct saved_list *l = list_of(s);
	struct saved *it = find(l, name);

	if (s->flags & SESSION_BATCH) /* there and gone */
		return false;
	if (strcmp(it->query, query) != 0) {
		free(it->query);
		it->query = xstrdup(query);
		it->known = false;
		it->stale = true;
	}
	if (it->stale)
		plan(l);
	*out = it->count;
	return it->known;
}

void saved_stale(struct session *s)
{
	if (!s->saved)
		return;
	for (size_t i = 0; i < s->saved->n; i++)
		s->saved->v[i].stale = true;
	plan(s->saved);
}

bool saved_is_idle(const struct session *s)
{
	const struct saved_list *l = s->saved;

	for (size_t i = 0; l && i < l->n; i++) {
		if (l->v[i].stale && l->timer)
			return false;
	}
	return !l || !l->view;
}

void saved_free(struct session *s)
{
	struct saved_list *l = s->saved;

	if (!l)
		return;
	close_view(l);
	if (l->timer)
		loop_remove(s->loop, l->timer);
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].query);
	}
	free(l->v);
	free(l);
	s->saved = NULL;
}
