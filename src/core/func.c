/*
 * Actions on messages as intents: one key of the user is one group in one transaction. Nothing shows
 * before it is on disk.
 */
#include "core/func.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/func_priv.h"
#include "core/gettext.h"
#include "core/session_priv.h"
#include "mime/mbox.h"

/* ---- one key = one step ---- */

bool step_begin(struct step *st, struct session *s, struct view *v, struct err *e)
{
	*st = (struct step){.s = s, .view = v};
	if (v && v->readonly)
		return err_set(e, ERR_INPUT, "%s", _("The mailbox is read-only."));
	if (v && (!v->cache || v->uidvalidity == 0))
		return err_set(e, ERR_INPUT, "%s", _("The mailbox is not here yet."));
	if (!state_begin(s->state, e))
		return false;
	if (intent_new_group(s->state, &st->group, e))
		return true;
	state_rollback(s->state);
	return false;
}

bool step_end(struct step *st, bool ok, const char *what, struct err *e)
{
	struct session *s = st->s;

	if (!ok || st->count == 0) {
		state_rollback(s->state);
		return ok;
	}
	if (!state_commit(s->state, e))
		return false;
	undo_push(s, st, what);
	for (size_t i = 0; i < s->acct_count; i++) {
		if (st->view && strcmp(s->accts[i]->name, st->view->account) != 0 && !st->others)
			continue;
		session_intents(s, s->accts[i]->name);
	}
	return true;
}

void intent_of_row(struct view *v, uint32_t row, const struct step *st, struct intent *i)
{
	const struct row *r = &v->rows[row];

	*i = (struct intent){.state = INTENT_PENDING,
		.group = st->group,
		.account = v->account,
		.mailbox = v->name,
		.uidvalidity = v->uidvalidity,
		.uid = message_uid(r->id),
		.message_id = strpool_text(v->pool, r->msgid).p};
}

bool step_add(struct step *st, const struct intent *i, int64_t *id, struct err *e)
{
	int64_t ignored;

	if (!intent_add(st->s->state, i, id ? id : &ignored, e))
		return false;
	st->count++;
	return true;
}

static bool row_is_here(const struct func_rows *f, uint32_t n)
{
	return f->rows[n] < f->view->count && !f->view->rows[f->rows[n]].gone;
}

/* ---- flags ---- */

struct flag_change {
	unsigned add, del;
};

/* mutt's toggle-new: what is read or old becomes new, what is new becomes read. */
static struct flag_change seen_change(unsigned shown, enum func_on on)
{
	if (on == FUNC_SET)
		return (struct flag_change){.add = shown & FLAG_SEEN ? 0 : MSG_SEEN};
	if (on == FUNC_CLEAR || (shown & (FLAG_SEEN | FLAG_OLD)))
		return (struct flag_change){.del = (shown & FLAG_SEEN ? MSG_SEEN : 0) |
						   (shown & FLAG_OLD ? MSG_OLD : 0)};
	return (struct flag_change){.add = MSG_SEEN};
}

static struct flag_change old_change(unsigned shown, enum func_on on)
{
	bool is = (shown & (FLAG_OLD | FLAG_SEEN)) == FLAG_OLD,
	     want = on == FUNC_TOGGLE ? !is : on == FUNC_SET;

	if (is == want)
		return (struct flag_change){0};
	if (!want)
		return (struct flag_change){.del = MSG_OLD};
	return (struct flag_change){.add = MSG_OLD, .del = shown & FLAG_SEEN ? MSG_SEEN : 0};
}

static struct flag_change plain_change(unsigned shown, enum msg_flags flag, enum func_on on)
{
	static const struct {
		enum msg_flags shown;
		unsigned stored;
	} map[] = {{FLAG_ANSWERED, MSG_ANSWERED}, {FLAG_FLAGGED, MSG_FLAGGED},
		{FLAG_DRAFT, MSG_DRAFT}, {FLAG_FORWARDED, MSG_FORWARDED}};
	bool is = shown & flag, want = on == FUNC_TOGGLE ? !is : on == FUNC_SET;

	for (size_t i = 0; i < ARRAY_LEN(map) && is != want; i++) {
		if (map[i].shown == flag)
			return want ? (struct flag_change){.add = map[i].stored}
				    : (struct flag_change){.del = map[i].stored};
	}
	return (struct flag_change){0};
}

static struct flag_change change_of(unsigned shown, enum msg_flags flag, enum func_on on)
{
	if (flag == FLAG_SEEN)
		return seen_change(shown, on);
	return flag == FLAG_OLD ? old_change(shown, on) : plain_change(shown, flag, on);
}

bool func_flag(
	struct session *s, struct func_rows f, enum msg_flags flag, enum func_on on, struct err *e)
{
	struct step st;
	bool ok = true;

	view_update(f.view);
	if (!step_begin(&st, s, f.view, e))
		return false;
	for (uint32_t n = 0; ok && n < f.count; n++) {
		struct flag_change c;
		struct intent i;

		if (!row_is_here(&f, n))
			continue;
		c = change_of(f.view->rows[f.rows[n]].flags, flag, on);
		if (!c.add && !c.del)
			continue;
		intent_of_row(f.view, f.rows[n], &st, &i);
		i.kind = INTENT_FLAG;
		i.add = c.add;
		i.del = c.del;
		ok = step_add(&st, &i, NULL, e);
	}
	return step_end(&st, ok, N_("flags"), e);
}

bool func_keyword(
	struct session *s, struct func_rows f, const char *word, enum func_on on, struct err *e)
{
	struct step st;
	bool ok = true;

	for (const char *c = word; *c; c++) {
		if ((unsigned char)*c <= ' ' || strchr("(){%*\"\\]", *c))
			return err_set(e, ERR_INPUT, _("A keyword cannot hold '%c'."), *c);
	}
	view_update(f.view);
	if (!*word || !step_begin(&st, s, f.view, e))
		return *word ? false : err_set(e, ERR_INPUT, "%s", _("No keyword."));
	for (uint32_t n = 0; ok && n < f.count; n++) {
		struct intent i;
		bool is, want;

		if (!row_is_here(&f, n))
			continue;
		is = words_have(
			strpool_text(f.view->pool, f.view->rows[f.rows[n]].keywords), sv_of(word));
		want = on == FUNC_TOGGLE ? !is : on == FUNC_SET;
		if (is == want)
			continue;
		intent_of_row(f.view, f.rows[n], &st, &i);
		i.kind = INTENT_FLAG;
		*(want ? &i.add_words : &i.del_words) = word;
		ok = step_add(&st, &i, NULL, e);
	}
	return step_end(&st, ok, N_("keyword"), e);
}

/* ---- delete marks ---- */

static bool mark_row(struct step *st, uint32_t row, bool purge, struct err *e)
{
	struct view *v = st->view;
	struct intent i;

	if ((v->rows[row].flags & FLAG_DELETED) && !purge)
		return true;
	if (v->conf->flag_safe && (v->rows[row].flags & FLAG_FLAGGED))
		return true;
	if ((v->rows[row].flags & FLAG_DELETED) &&
		!intent_unmark(st->s->state, v->account, v->name, v->uidvalidity,
			message_uid(v->rows[row].id), e))
		return false;
	intent_of_row(v, row, st, &i);
	i.kind = INTENT_DELETE;
	i.state = INTENT_MARKED;
	i.add = purge ? MSG_DELETED : 0; /* past $trash */
	return step_add(st, &i, NULL, e);
}

static bool unmark_row(struct step *st, uint32_t row, struct err *e)
{
	struct view *v = st->view;
	struct row *r = &v->rows[row];
	struct intent i;

	if (!(r->flags & FLAG_DELETED))
		return true;
	if (!intent_unmark(
		    st->s->state, v->account, v->name, v->uidvalidity, message_uid(r->id), e))
		return false;
	undo_note_unmark(st, message_uid(r->id), r->flags & FLAG_PURGE);
	st->count++;
	if (!(r->stored & MSG_DELETED))
		return true;
	/* Another client has set it on the server. */
	intent_of_row(v, row, st, &i);
	i.kind = INTENT_FLAG;
	i.del = MSG_DELETED;
	return step_add(st, &i, NULL, e);
}

bool func_delete(struct session *s, struct func_rows f, enum func_on on, bool purge, struct err *e)
{
	struct step st;
	bool ok = true;

	view_update(f.view);
	if (!step_begin(&st, s, f.view, e))
		return false;
	for (uint32_t n = 0; ok && n < f.count; n++) {
		uint32_t row = f.rows[n];
		bool want;

		if (!row_is_here(&f, n))
			continue;
		want = on == FUNC_TOGGLE ? !(f.view->rows[row].flags & FLAG_DELETED)
					 : on == FUNC_SET;
		ok = want ? mark_row(&st, row, purge, e) : unmark_row(&st, row, e);
		if (ok && want && f.view->conf->delete_untag)
			(void)view_tag(f.view, row, false);
	}
	if (st.unmarked)
		st.kind = STEP_UNMARK;
	return step_end(&st, ok, st.unmarked ? N_("undelete") : N_("delete"), e);
}

/* ---- to other mailboxes ---- */

bool func_mailbox_exists(struct session *s, const char *mailbox)
{
	char *name = NULL, *real;
	struct mailbox m;
	struct stat st;
	struct err e;
	struct acct *a = session_resolve(s, mailbox, &name, &e);
	bool exists;

	if (!a)
		return false;
	if (a->kind == ACCOUNT_LOCAL) {
		exists = stat(name, &st) == 0;
		free(name);
		return exists;
	}
	if (!acct_open_cache(a)) {
		free(name);
		return true; /* nothing is known: the server will tell */
	}
	real = acct_mailbox_name(a, name);
	exists = mailbox_by_name(a->cache, real, &m, &e);
	if (exists)
		mailbox_fini(&m);
	free(real);
	free(name);
	return exists;
}

/* A message on its way to another account: its body is read, kept, then appended there. */
struct carry {
	struct session *s;
	struct acct *to;
	char *name, *account, *mailbox;
	uint64_t uidvalidity, uid;
	char *message_id;
	unsigned flags;
	int64_t date;
	bool move, pending;
};

static void carry_free(struct carry *c)
{
	free(c->name);
	free(c->account);
	free(c->mailbox);
	free(c->message_id);
	free(c);
}

/* length 0: to the end of the file. In an mbox (offset > 0) the lines that would be From_ lines are escaped. */
static bool read_body(int fd, uint64_t offset, uint64_t length, struct str *out, struct err *e)
{
	const size_t max = STATE_DRAFT_MAX * 8;
	struct str raw;
	bool ok = length <= max ||
		  err_set(e, ERR_LIMIT, "a message of %llu MiB", (unsigned long long)length >> 20);

	str_init(&raw, max);
	for (uint64_t at = 0; ok && (length == 0 || at < length);) {
		size_t want = (size_t)(length ? MIN(length - at, 1u << 20) : 1u << 20);
		char *room = str_reserve(&raw, want);
		ssize_t n = room ? pread(fd, room, want, (off_t)(offset + at)) : -1;

		ok = n >= 0 || (room ? err_sys(e, "reading a message")
				     : err_set(e, ERR_LIMIT, "the message is too large"));
		if (n <= 0)
			break;
		str_commit(&raw, (size_t)n);
		at += (uint64_t)n;
	}
	str_init(out, max);
	if (ok && offset > 0)
		ok = mbox_unescape(out, str_sv(&raw)) ||
		     err_set(e, ERR_LIMIT, "the message is too large");
	else if (ok)
		ok = str_add(out, str_sv(&raw));
	str_fini(&raw);
	if (!ok)
		str_fini(out);
	return ok;
}

/* The append first; what is deleted here depends on it, so it never goes before the copy is safe. */
static bool carry_intents(struct carry *c, const char *file, struct err *e)
{
	struct step st;
	struct intent append = {.kind = INTENT_APPEND,
		.state = INTENT_PENDING,
		.account = c->to->name,
		.mailbox = c->name,
		.add = c->flags & ~(unsigned)MSG_DELETED,
		.file = file,
		.date = c->date};
	struct intent gone = {.kind = INTENT_DELETE,
		.state = c->pending ? INTENT_PENDING : INTENT_MARKED,
		.account = c->account,
		.mailbox = c->mailbox,
		.uidvalidity = c->uidvalidity,
		.uid = c->uid,
		.message_id = c->message_id,
		.add = MSG_DELETED};
	bool ok;

	if (!step_begin(&st, c->s, NULL, e))
		return false;
	st.others = true;
	append.group = gone.group = st.group;
	ok = step_add(&st, &append, &gone.depends, e) &&
	     (!c->move || step_add(&st, &gone, NULL, e));
	return step_end(&st, ok, c->move ? N_("save") : N_("copy"), e);
}

static void carry_body(void *data, int fd, uint64_t offset, uint64_t length, const struct err *why)
{
	struct carry *c = data;
	struct str bytes;
	struct err e;
	char *file = NULL;

	if (why) {
		session_fail(c->s, why, _("Saving a message to %s"), c->name);
		carry_free(c);
		return;
	}
	if (!read_body(fd, offset, length, &bytes, &e)) {
		session_fail(c->s, &e, _("Saving a message to %s"), c->name);
	} else {
		if (!state_put_file(c->s->state, str_sv(&bytes), &file, &e) ||
			!carry_intents(c, file, &e))
			session_fail(c->s, &e, _("Saving a message to %s"), c->name);
		str_fini(&bytes);
	}
	close(fd);
	free(file);
	carry_free(c);
}

void func_carry(struct session *s, struct view *v, uint32_t row, struct acct *to, const char *name,
	bool move, bool pending)
{
	struct carry *c = xcalloc(1, sizeof(*c));
	const struct row *r = &v->rows[row];
	struct msg_source src = {.view = v, .row = row};

	c->s = s;
	c->to = to;
	c->name = xstrdup(name);
	c->account = xstrdup(v->account);
	c->mailbox = xstrdup(v->name);
	c->uidvalidity = v->uidvalidity;
	c->uid = message_uid(r->id);
	c->message_id = sv_dup(strpool_text(v->pool, r->msgid));
	c->flags = r->stored;
	c->date = r->date_received;
	c->move = move;
	c->pending = pending;
	(void)session_body(s, &src, "", carry_body, c);
}

static bool save_here(struct step *st, uint32_t row, const char *dest, bool move, struct err *e)
{
	struct intent i;

	intent_of_row(st->view, row, st, &i);
	i.kind = move ? INTENT_MOVE : INTENT_COPY;
	i.state = move ? INTENT_MARKED : INTENT_PENDING;
	i.dest = dest;
	return step_add(st, &i, NULL, e);
}

static bool create_first(struct step *st, const struct acct *to, const char *name, struct err *e)
{
	struct intent i = {.kind = INTENT_CREATE,
		.state = INTENT_PENDING,
		.account = to->name,
		.mailbox = name};

	return step_add(st, &i, NULL, e);
}

bool func_save(struct session *s, struct func_rows f, const char *mailbox, bool move, bool create,
	struct err *e)
{
	char *given = NULL, *name;
	struct acct *to = session_resolve(s, mailbox, &given, e);
	bool here, ok = true;
	struct step st;

	if (!to)
		return false;
	view_update(f.view);
	name = acct_mailbox_name(to, given);
	free(given);
	here = strcmp(to->name, f.view->account) == 0;
	if (here && strcmp(name, f.view->name) == 0) {
		free(name);
		return err_set(e, ERR_INPUT, "%s", _("That is the mailbox they are in."));
	}
	if (!step_begin(&st, s, move ? f.view : NULL, e)) {
		free(name);
		return false;
	}
	st.view = f.view;
	st.others = !here;
	if (create)
		ok = create_first(&st, to, name, e);
	for (uint32_t n = 0; ok && n < f.count; n++) {
		if (!row_is_here(&f, n))
			continue;
		if (here)
			ok = save_here(&st, f.rows[n], name, move, e);
	}
	ok = step_end(&st, ok, move ? N_("save") : N_("copy"), e);
	for (uint32_t n = 0; ok && !here && n < f.count; n++) {
		if (row_is_here(&f, n))
			func_carry(s, f.view, f.rows[n], to, name, move, false);
	}
	for (uint32_t n = 0; ok && move && n < f.count; n++) {
		if (f.view->conf->delete_untag)
			(void)view_tag(f.view, f.rows[n], false);
	}
	if (ok && !here)
		acct_start(to);
	free(name);
	return ok;
}

/* ---- carrying marks out ---- */

struct marks {
	struct view *v;
	uint32_t *rows; /* marked for deletion, not past the trash */
	size_t n, cap;
	uint32_t count; /* all marks */
};

static bool count_mark(void *data, const struct intent *i)
{
	struct marks *m = data;
	uint32_t row;

	if (i->state != INTENT_MARKED)
		return true;
	m->count++;
	row = view_find_id(m->v, message_id_of(m->v->mailbox, i->uid));
	if (i->kind == INTENT_DELETE && !(i->add & MSG_DELETED) && row != VIEW_NONE &&
		i->uidvalidity == m->v->uidvalidity) {
		array_grow(m->rows, m->n, m->cap);
		m->rows[m->n++] = row;
	}
	return true;
}

uint32_t func_marked(struct session *s, struct view *v)
{
	struct marks m = {.v = v};
	struct err e;

	if (!intent_each(s->state, v->account, v->name, count_mark, &m, &e))
		session_fail(s, &e, "%s", v->shown);
	free(m.rows);
	return m.count;
}

/* $trash of another account: the messages travel there, and are deleted here when they have arrived. */
static bool trash_elsewhere(
	struct session *s, struct view *v, struct acct *to, const char *name, struct err *e)
{
	struct marks m = {.v = v};
	bool ok = intent_each(s->state, v->account, v->name, count_mark, &m, e) &&
		  state_begin(s->state, e);

	for (size_t i = 0; ok && i < m.n; i++)
		ok = intent_unmark(s->state, v->account, v->name, v->uidvalidity,
			message_uid(v->rows[m.rows[i]].id), e);
	if (ok)
		ok = state_commit(s->state, e);
	for (size_t i = 0; ok && i < m.n; i++)
		func_carry(s, v, m.rows[i], to, name, true, true);
	free(m.rows);
	return ok;
}

bool func_sync(struct session *s, struct view *v, uint32_t *count, struct err *e)
{
	char *given = NULL, *trash = NULL;
	struct acct *to = NULL;
	uint64_t released = 0;
	struct err why;
	bool ok = true;

	*count = func_marked(s, v);
	if (*count == 0)
		return true;
	if (v->readonly)
		return err_set(e, ERR_INPUT, "%s", _("The mailbox is read-only."));
	if (*s->conf->trash) {
		to = session_resolve(s, s->conf->trash, &given, &why);
		if (!to)
			return err_set(e, ERR_INPUT, "$trash: %s", why.text);
		trash = acct_mailbox_name(to, given);
		free(given);
	}
	if (to && strcmp(to->name, v->account) != 0)
		ok = trash_elsewhere(s, v, to, trash, e);
	ok = ok && intent_release_marks(s->state, v->account, v->name,
			   to && strcmp(to->name, v->account) == 0 ? trash : NULL, &released, e);
	free(trash);
	if (ok)
		session_intents(s, v->account);
	return ok;
}

/* ---- what waits, and what was refused ---- */

struct pending_list {
	struct func_pending *v;
	size_t n, cap;
};

static bool take_pending(void *data, const struct intent *i)
{
	struct pending_list *l = data;
	struct func_pending *p;

	if (i->state == INTENT_MARKED)
		return true;
	array_grow(l->v, l->n, l->cap);
	p = &l->v[l->n++];
	*p = (struct func_pending){.id = i->id,
		.account = xstrdup(i->account),
		.mailbox = xstrdup(i->mailbox),
		.what = xasprintf(
			"%s%s%s", intent_kind_name(i->kind), *i->dest ? " -> " : "", i->dest),
		.error = xstrdup(i->error),
		.failed = i->state != INTENT_PENDING};
	return true;
}

size_t func_pending_list(struct session *s, struct func_pending **list)
{
	struct pending_list l = {0};
	struct err e;

	if (!intent_each(s->state, NULL, NULL, take_pending, &l, &e))
		session_fail(s, &e, _("Pending changes"));
	*list = l.v;
	return l.n;
}

void func_pending_free(struct func_pending *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free((char *)list[i].account);
		free((char *)list[i].mailbox);
		free((char *)list[i].what);
		free((char *)list[i].error);
	}
	free(list);
}

static void all_accounts(struct session *s)
{
	for (size_t i = 0; i < s->acct_count; i++)
		session_intents(s, s->accts[i]->name);
}

bool func_pending_retry(struct session *s, int64_t id, struct err *e)
{
	if (!intent_retry(s->state, id, e))
		return false;
	all_accounts(s);
	return true;
}

bool func_pending_drop(struct session *s, int64_t id, struct err *e)
{
	if (!intent_drop(s->state, id, e))
		return false;
	all_accounts(s);
	return true;
}
