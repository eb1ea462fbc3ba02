/*
 * Patterns that need more than the rows that are here: older messages that only the server has, and what
 * a worker must look for in bodies. One mailbox of the view, and one term, after the other.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "core/session_priv.h"
#include "core/view_priv.h"
#include "store/mailbox.h"

struct pattern_fill {
	struct session *s;
	struct view *view;
	struct pattern *pattern;
	session_done_fn *done;
	void *data;
	size_t term;
	uint32_t source; /* of the view that is being searched */
	int64_t *ids;
	size_t count, cap;
	uint64_t job;
};

static void fill_next(struct pattern_fill *f);

/*
 * What to ask a server for whose older messages have no rows here yet (caller frees); NULL: all that
 * matters is here, or it is no server.
 */
static char *rows_query(struct session *s, const struct view_source *src, const struct pattern *p)
{
	struct acct *a = session_acct_by_name(s, src->account);
	struct mailbox m;
	char *lines, *query;
	bool complete;

	if (!a || a->kind != ACCOUNT_IMAP || !src->cache || !mailbox_by_id(src->cache, src->mailbox, &m, NULL))
		return NULL;
	complete = m.flags & MAILBOX_COMPLETE;
	mailbox_fini(&m);
	lines = complete ? NULL : pattern_server_query(p);
	if (!lines)
		return NULL;
	query = xasprintf("rows\n%s", lines);
	free(lines);
	return query;
}

bool session_must_fill(struct session *s, struct view *v, const struct pattern *p)
{
	if (pattern_needs_bodies(p))
		return view_any_cache(v);
	for (uint32_t i = 0; i < v->src_count; i++) {
		char *query = rows_query(s, &v->src[i], p);

		free(query);
		if (query)
			return true;
	}
	return false;
}

static void fill_free(struct pattern_fill *f)
{
	free(f->ids);
	free(f);
}

/* The next mailbox of the view that is known. */
static bool next_source(struct pattern_fill *f)
{
	while (++f->source < f->view->src_count) {
		if (f->view->src[f->source].mailbox)
			return true;
	}
	return false;
}

/* Back to the first one that is known. */
static void first_source(struct pattern_fill *f)
{
	f->source = 0;
	if (f->view->src[0].mailbox == 0 && !next_source(f))
		f->source = 0;
}

static void fill_end(struct pattern_fill *f, const struct err *e)
{
	f->done(f->data, e);
	fill_free(f);
}

static void rows_found(void *data, const int64_t *ids, size_t count, bool done, const struct err *e);

/* Asks for the rows of this mailbox or the next that lacks some. False: none does. */
static bool fill_rows(struct pattern_fill *f)
{
	for (; f->source < f->view->src_count; f->source++) {
		char *query = rows_query(f->s, &f->view->src[f->source], f->pattern);
		bool asked = query != NULL;

		if (asked)
			f->job = session_search_source(f->s, f->view, f->source, query, rows_found, f);
		free(query);
		if (asked)
			return true;
	}
	return false;
}

/* The rows are there (or, without the server, what is here has to do): then the bodies. */
static void rows_found(void *data, const int64_t *ids, size_t count, bool done, const struct err *e)
{
	struct pattern_fill *f = data;

	(void)ids;
	(void)count;
	if (!done)
		return;
	f->job = 0;
	f->source++;
	if (e && e->class == ERR_CANCEL) {
		fill_end(f, e);
	} else if (!fill_rows(f)) {
		first_source(f);
		if (pattern_needs_bodies(f->pattern))
			fill_next(f);
		else
			fill_end(f, NULL);
	}
}

static void fill_found(void *data, const int64_t *ids, size_t count, bool done, const struct err *e)
{
	struct pattern_fill *f = data;

	for (size_t i = 0; i < count; i++) {
		array_grow(f->ids, f->count, f->cap);
		f->ids[f->count++] = (int64_t)row_key(f->source, (uint64_t)ids[i]);
	}
	if (!done)
		return;
	f->job = 0;
	if (e && (!f->view->unified || err_policy(e->class) == POLICY_NOTHING)) {
		fill_end(f, e);
		return;
	}
	/* An account that cannot answer must not keep the others from it. */
	if (next_source(f)) {
		fill_next(f);
		return;
	}
	f->source = 0;
	pattern_set_found(f->pattern, f->term, f->ids, f->count);
	f->count = 0;
	f->term++;
	if (pattern_body_term(f->pattern, f->term))
		fill_next(f);
	else
		fill_end(f, NULL);
}

static void fill_next(struct pattern_fill *f)
{
	f->job = session_search_source(f->s, f->view, f->source, pattern_body_term(f->pattern, f->term), fill_found, f);
}

struct pattern_fill *session_fill_pattern(
	struct session *s, struct view *v, struct pattern *p, session_done_fn *done, void *data)
{
	struct pattern_fill *f = xcalloc(1, sizeof(*f));

	*f = (struct pattern_fill){.s = s, .view = v, .pattern = p, .done = done, .data = data};
	if (fill_rows(f))
		return f;
	if (!pattern_needs_bodies(p))
		bug("a pattern that the rows answer needs no filling");
	first_source(f);
	fill_next(f);
	return f;
}

void session_fill_cancel(struct pattern_fill *f)
{
	if (f->job)
		session_cancel(f->s, f->job);
	fill_free(f);
}
