/*
 * Carrying delete marks out: to the trash, or for good. What is deleted for good is kept for undo as far
 * as its body is here and a link to it costs nothing.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/func_priv.h"
#include "core/gettext.h"
#include "store/body.h"
#include "store/journal.h"

#define KEEP_MS 200 /* longest time for copies: what is not reached cannot be undone */

struct mark {
	int64_t intent;
	uint32_t row; /* VIEW_NONE: not in the view */
	bool purge;   /* past the trash */
};

struct marks {
	struct view *v;
	uint32_t source; /* its mailbox that is being looked at */
	struct mark *mark; /* those for deletion; not the moves */
	size_t n, cap;
	uint32_t moves;
};

static bool take_mark(void *data, const struct intent *i)
{
	struct marks *m = data;
	uint32_t row;

	if (i->state != INTENT_MARKED)
		return true;
	if (i->kind != INTENT_DELETE) {
		m->moves++;
		return true;
	}
	const struct view_source *src = &m->v->src[m->source];

	row = i->uidvalidity == src->uidvalidity
		      ? view_find_id(m->v, row_key(m->source, message_id_of(src->mailbox, i->uid)))
		      : VIEW_NONE;
	array_grow(m->mark, m->n, m->cap);
	m->mark[m->n++] = (struct mark){.intent = i->id, .row = row, .purge = i->add & MSG_DELETED};
	return true;
}

static bool marks_of(struct session *s, struct view *v, uint32_t source, struct marks *m, struct err *e)
{
	*m = (struct marks){.v = v, .source = source};
	return intent_each(s->state, v->src[source].account, v->src[source].name, take_mark, m, e);
}

uint32_t func_marked(struct session *s, struct view *v)
{
	struct marks m;
	struct err e;
	uint32_t count = 0;

	for (uint32_t n = 0; n < v->src_count; n++) {
		if (!marks_of(s, v, n, &m, &e))
			session_fail(s, &e, "%s", v->shown);
		free(m.mark);
		count += (uint32_t)m.n + m.moves;
	}
	return count;
}

/* ---- kept for undo ---- */

/* A link when it is a file of its own, else (mbox, another disk) a copy while there is time. */
static bool keep_bytes(struct session *s, const struct body *b, int64_t until, char **file)
{
	struct stat st;
	struct str bytes;
	struct err e;

	if (b->offset == 0 && fstat(b->fd, &st) == 0 && (b->length == 0 || b->length == (uint64_t)st.st_size) &&
		state_keep_fd(s->state, b->fd, file, &e))
		return true;
	if (clock_ms() > until || !func_read_bytes(b->fd, b->offset, b->length, &bytes, &e))
		return false;
	bool ok = state_put_file(s->state, str_sv(&bytes), file, &e);
	str_fini(&bytes);
	return ok;
}

/* With what waits in the queue: it is carried out before. */
static unsigned flags_as_shown(const struct row *r)
{
	static const struct {
		unsigned shown, stored;
	} map[] = {{FLAG_SEEN, MSG_SEEN}, {FLAG_ANSWERED, MSG_ANSWERED}, {FLAG_FLAGGED, MSG_FLAGGED},
		{FLAG_DRAFT, MSG_DRAFT}, {FLAG_OLD, MSG_OLD}, {FLAG_FORWARDED, MSG_FORWARDED}};
	unsigned flags = r->stored & ~(unsigned)MSG_DELETED;

	for (size_t i = 0; i < ARRAY_LEN(map); i++)
		flags = r->flags & map[i].shown ? flags | map[i].stored : flags & ~map[i].stored;
	return flags;
}

static bool keep_one(struct session *s, struct view *v, const struct mark *m, int64_t until, struct err *e)
{
	const struct row *r = &v->rows[m->row];
	struct body b = {.fd = -1};
	struct err none;
	char *file = NULL, *words;
	bool ok = true;

	struct cache *c = view_source_of(v, m->row)->cache;

	if (!c || !body_has(c, row_message(r), "") || !body_open(c, row_message(r), "", &b, &none))
		return true; /* not here: then it is for good, and the list of actions says so */
	if (keep_bytes(s, &b, until, &file)) {
		words = sv_dup(strpool_text(v->pool, r->keywords));
		ok = intent_keep(s->state, m->intent, file, flags_as_shown(r), words, r->received, e);
		free(words);
		free(file);
	}
	body_close(&b);
	return ok;
}

/* all: there is no trash, everything goes for good. */
static bool keep_bodies(struct session *s, const struct marks *m, bool all, struct err *e)
{
	int64_t until = clock_ms() + KEEP_MS;
	bool ok = true;

	for (size_t i = 0; ok && i < m->n; i++) {
		if (m->mark[i].row != VIEW_NONE && (all || m->mark[i].purge))
			ok = keep_one(s, m->v, &m->mark[i], until, e);
	}
	return ok;
}

/* ---- $ ---- */

/* $trash of another account: the messages travel there, and are deleted here when they have arrived. */
static bool unmark_travellers(struct session *s, const struct marks *m, struct err *e)
{
	const struct view_source *src = &m->v->src[m->source];
	uint64_t ignored;
	bool ok = true;

	for (size_t i = 0; ok && i < m->n; i++) {
		const struct mark *k = &m->mark[i];

		if (!k->purge && k->row != VIEW_NONE)
			ok = journal_unmark(s->state, 0, src->account, src->name, src->uidvalidity,
				message_uid(m->v->rows[k->row].id), &ignored, e);
	}
	return ok;
}

/* Where $trash is; *to NULL when there is none. */
static bool find_trash(struct session *s, struct acct **to, char **name, struct err *e)
{
	char *given = NULL;
	struct err why;

	*to = NULL;
	*name = NULL;
	if (!*s->conf->trash)
		return true;
	*to = session_resolve(s, s->conf->trash, &given, &why);
	if (!*to)
		return err_set(e, ERR_INPUT, "$trash: %s", why.text);
	*name = acct_mailbox_name(*to, given);
	free(given);
	return true;
}

static bool release(struct session *s, const struct marks *m, struct acct *to, const char *trash,
	struct func_synced *done, struct err *e)
{
	struct view *v = m->v;
	const struct view_source *src = &v->src[m->source];
	bool here = to && strcmp(to->name, src->account) == 0;
	bool all = !to || (here && strcmp(trash, src->name) == 0);
	uint64_t released;
	bool ok = state_begin(s->state, e);

	if (!ok)
		return false;
	ok = keep_bodies(s, m, all, e) && (all || here || unmark_travellers(s, m, e)) &&
	     intent_release_marks(s->state, src->account, src->name, here ? trash : NULL, &released, e);
	if (!ok) {
		state_rollback(s->state);
		return false;
	}
	if (!state_commit(s->state, e))
		return false;
	for (size_t i = 0; i < m->n; i++) {
		const struct mark *k = &m->mark[i];

		if (!all && !here && !k->purge && k->row != VIEW_NONE)
			func_carry(s, v, k->row, to, trash, true, true);
		*(all || k->purge ? &done->purged : &done->trashed) += 1;
	}
	done->moved += m->moves;
	return true;
}

static bool sync_source(struct session *s, struct view *v, uint32_t source, struct func_synced *done, struct err *e)
{
	struct acct *to;
	struct marks m;
	char *trash;
	bool ok;

	if (!marks_of(s, v, source, &m, e))
		return false;
	if (m.n + m.moves == 0) {
		free(m.mark);
		return true;
	}
	ok = !v->readonly || err_set(e, ERR_INPUT, "%s", _("The mailbox is read-only."));
	ok = ok && find_trash(s, &to, &trash, e);
	if (ok) {
		ok = release(s, &m, to, trash, done, e);
		free(trash);
	}
	free(m.mark);
	if (ok)
		session_intents(s, v->src[source].account);
	return ok;
}

bool func_sync(struct session *s, struct view *v, struct func_synced *done, struct err *e)
{
	bool ok = true;

	*done = (struct func_synced){0};
	for (uint32_t n = 0; ok && n < v->src_count; n++)
		ok = sync_source(s, v, n, done, e);
	return ok;
}
