#include "sync/index.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "mime/body_text.h"
#include "sync/retag.h"
#include "sync/search.h"

#define PIECE_MS 100
#define TELL_MS 1000

struct index {
	struct host *host;
	struct search *search;
	bool hopeless;       /* it cannot be opened, or was damaged twice */
	unsigned damaged;
	/* this round */
	bool wanted;
	uint64_t *mailboxes; /* still to be looked through, last first */
	size_t mailbox_count, mailbox_cap;
	uint64_t *looked;    /* those that were looked through */
	size_t looked_count, looked_cap;
	uint64_t mailbox;    /* at hand */
	uint64_t *todo;      /* its messages */
	size_t todo_count, at;
	bool tidy;
	struct retag *retag; /* rows are to get other spam tags; NULL: they are not */
	struct str bytes, body, header;
	uint64_t done;
	int64_t tell_at;
};

struct index *index_new(struct host *h)
{
	struct index *x = xcalloc(1, sizeof(*x));

	x->host = h;
	x->wanted = true;
	str_init(&x->bytes, SEARCH_BYTES_MAX);
	str_init(&x->body, BODY_TEXT_MAX);
	str_init(&x->header, BODY_TEXT_MAX);
	return x;
}

static void end_mailbox(struct index *x)
{
	free(x->todo);
	x->todo = NULL;
	x->todo_count = x->at = 0;
	x->mailbox = 0;
}

static void end_round(struct index *x)
{
	end_mailbox(x);
	x->mailbox_count = x->looked_count = 0;
	x->tidy = false;
	retag_free(x->retag);
	x->retag = NULL;
}

void index_free(struct index *x)
{
	if (!x)
		return;
	end_round(x);
	free(x->mailboxes);
	free(x->looked);
	search_close(x->search);
	str_fini(&x->bytes);
	str_fini(&x->body);
	str_fini(&x->header);
	free(x);
}

struct search *index_search(struct index *x)
{
	return x && x->search && !search_is_damaged(x->search) ? x->search : NULL;
}

/* ---- rounds ---- */

static bool add_mailbox(void *data, const struct mailbox *m)
{
	struct index *x = data;

	if (m->flags & (MAILBOX_NOSELECT | MAILBOX_GONE))
		return true;
	array_grow(x->mailboxes, x->mailbox_count, x->mailbox_cap);
	x->mailboxes[x->mailbox_count++] = m->id;
	return true;
}

void index_begin(struct index *x, uint64_t watched)
{
	struct err e;

	end_round(x);
	x->tidy = true;
	x->retag = retag_new(x->host);
	if (!mailbox_each(host_cache(x->host), add_mailbox, x, &e)) {
		log_write(LOG_WARN, "index", "%s", e.text);
		return;
	}
	for (size_t i = 0; i < x->mailbox_count; i++) {
		if (x->mailboxes[i] == watched) {
			x->mailboxes[i] = x->mailboxes[x->mailbox_count - 1];
			x->mailboxes[x->mailbox_count - 1] = watched;
		}
	}
}

/* What is to be done in the next mailbox; one that has gone is nothing. */
static bool next_mailbox(struct index *x, struct err *e)
{
	uint64_t id = x->mailboxes[--x->mailbox_count];
	struct mailbox m;

	end_mailbox(x);
	if (!mailbox_by_id(host_cache(x->host), id, &m, e))
		return e->class == ERR_GONE;
	x->mailbox = id;
	array_grow(x->looked, x->looked_count, x->looked_cap);
	x->looked[x->looked_count++] = id;
	bool ok = search_begin_mailbox(x->search, id, m.uidvalidity, e) &&
		  search_missing(x->search, &m, &x->todo, &x->todo_count, e);

	mailbox_fini(&m);
	return ok;
}

/* ---- messages ---- */

static void add_message(struct index *x, uint64_t id)
{
	if (!search_read(host_cache(x->host), id, &x->bytes))
		return;
	struct arena *a = arena_new();
	struct part_tree *tree = part_parse(a, str_sv(&x->bytes), NULL);

	str_clear(&x->body);
	str_clear(&x->header);
	body_text(&x->body, tree);
	headers_text(&x->header, &tree->root->headers);
	search_add(x->search, id, str_sv(&x->body), str_sv(&x->header));
	x->done++;
	arena_free(a);
}

static bool flush(struct index *x, struct err *e)
{
	host_step("before an index piece");
	if (!search_flush(x->search, e))
		return false;
	host_step("after an index piece");
	if (clock_ms() >= x->tell_at) {
		log_write(LOG_DEBUG, "index", "%s: %llu messages", host_account(x->host), (unsigned long long)x->done);
		x->tell_at = clock_ms() + TELL_MS;
	}
	return true;
}

static bool add_messages(struct index *x, int64_t until, struct err *e)
{
	while (x->at < x->todo_count) {
		add_message(x, x->todo[x->at++]);
		if (search_is_full(x->search))
			return flush(x, e);
		if (clock_ms() >= until || (x->at % 16 == 0 && host_interrupted(x->host)))
			return true;
	}
	end_mailbox(x);
	return true;
}

/* All is written: which mailboxes can the index answer for alone? One a call. */
static bool note_whole(struct index *x, struct err *e)
{
	uint64_t id = x->looked[--x->looked_count];
	struct mailbox m;

	if (!mailbox_by_id(host_cache(x->host), id, &m, e))
		return e->class == ERR_GONE;
	bool ok = search_note_whole(x->search, &m, e);

	mailbox_fini(&m);
	return ok;
}

static bool is_there(void *data, uint64_t message)
{
	return message_exists(host_cache(data), message);
}

static bool some_tags(struct index *x, struct err *e)
{
	bool more = false, ok = retag_piece(x->retag, &more, e);

	if (!more) {
		retag_free(x->retag);
		x->retag = NULL;
	}
	return ok;
}

/* The next thing to do. */
static bool step(struct index *x, bool *more, struct err *e)
{
	*more = true;
	if (x->retag)
		return some_tags(x, e);
	if (x->mailbox)
		return add_messages(x, clock_ms() + PIECE_MS, e);
	if (x->mailbox_count > 0)
		return next_mailbox(x, e);
	if (search_pending(x->search) > 0)
		return flush(x, e);
	if (x->looked_count > 0)
		return note_whole(x, e);
	host_step("tidying the index");
	if (x->tidy)
		return search_tidy(x->search, is_there, x->host, &x->tidy, e);
	*more = false;
	return true;
}

static bool open_index(struct index *x, struct err *e)
{
	return x->search || search_open(&x->search, host_cache(x->host), CACHE_WRITE, e);
}

/* Damaged: closing leaves a mark, the next opening makes a new one; if that does not help, that was it. */
static void failed(struct index *x, const struct err *e)
{
	bool damaged = x->search && search_is_damaged(x->search);

	log_write(LOG_WARN, "index", "%s: %s", host_account(x->host), e->text);
	search_close(x->search);
	x->search = NULL;
	x->hopeless = !damaged || x->damaged++ > 0;
	end_round(x);
}

bool index_piece(struct index *x, bool *more, struct err *e)
{
	*more = false;
	if (x->hopeless)
		return true;
	if (open_index(x, e) && step(x, more, e))
		return true;
	failed(x, e);
	*more = !x->hopeless;
	if (*more)
		index_begin(x, 0);
	return true;
}
