/*
 * Messages to other mailboxes: inside of an account the server moves or copies them; to another one
 * they travel, and the original goes only when the copy is safe.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/func_priv.h"
#include "core/gettext.h"
#include "mime/mbox.h"

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
	char *message_id, *subject, *shown;
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
	free(c->subject);
	free(c->shown);
	free(c);
}

/* length 0: to the end of the file. In an mbox (offset > 0) the lines that would be From_ lines are escaped. */
bool func_read_bytes(int fd, uint64_t offset, uint64_t length, struct str *out, struct err *e)
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
	gone.file = file; /* what comes back when it is undone */
	gone.del = append.add;
	gone.date = c->date;
	st.extra = c->move;
	st.subject = xstrdup(c->subject);
	st.dest = xstrdup(c->shown);
	st.from_account = c->account;
	st.from_mailbox = c->mailbox;
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
	if (!func_read_bytes(fd, offset, length, &bytes, &e)) {
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
	const struct view_source *src_of = view_source_of(v, row);

	c->account = xstrdup(src_of->account);
	c->mailbox = xstrdup(src_of->name);
	c->uidvalidity = src_of->uidvalidity;
	c->uid = message_uid(r->id);
	c->message_id = xstrdup(view_message_id(v, row));
	c->subject = sv_dup(sv_head(strpool_text(v->pool, r->subject), SUBJECT_KEPT));
	c->shown = account_mailbox_string(account_find(&s->accounts, to->name), name);
	c->flags = r->stored;
	c->date = r->received;
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

	st->extra++;
	return step_add(st, &i, NULL, e);
}

/* The message is in the account of the mailbox that it goes to (here), or even in that mailbox (same). */
static bool is_here(const struct view *v, uint32_t row, const struct acct *to, const char *name, bool *same)
{
	const struct view_source *src = view_source_of(v, row);
	bool here = strcmp(to->name, src->account) == 0;

	*same = here && strcmp(name, src->name) == 0;
	return here;
}

struct save {
	struct session *s;
	struct acct *to;
	char *name;
	bool move, create;
	size_t same, away; /* that are there already, and of other accounts */
};

/* What the server can do by itself. */
static bool save_near(struct save *x, const struct func_rows *f, struct err *e)
{
	struct step st;
	bool ok, same;

	if (!step_begin(&st, x->s, x->move ? f->view : NULL, e))
		return false;
	st.view = f->view;
	st.others = true;
	st.dest = xstrdup(x->name);
	ok = !x->create || create_first(&st, x->to, x->name, e);
	for (uint32_t n = 0; ok && n < f->count; n++) {
		if (!row_is_here(f, n))
			continue;
		if (!is_here(f->view, f->rows[n], x->to, x->name, &same))
			x->away++;
		else if (same)
			x->same++;
		else
			ok = save_here(&st, f->rows[n], x->name, x->move, e);
	}
	return step_end(&st, ok, x->move ? N_("save") : N_("copy"), e);
}

static void carry_far(struct save *x, const struct func_rows *f)
{
	bool same;

	for (uint32_t n = 0; n < f->count; n++) {
		if (row_is_here(f, n) && !is_here(f->view, f->rows[n], x->to, x->name, &same))
			func_carry(x->s, f->view, f->rows[n], x->to, x->name, x->move, false);
	}
	acct_start(x->to);
}

bool func_save(struct session *s, struct func_rows f, const char *mailbox, bool move, bool create,
	struct err *e)
{
	char *given = NULL;
	struct save x = {.s = s, .move = move, .create = create, .to = session_resolve(s, mailbox, &given, e)};
	bool ok;

	if (!x.to)
		return false;
	view_update(f.view);
	x.name = acct_mailbox_name(x.to, given);
	free(given);
	ok = save_near(&x, &f, e);
	if (ok && x.same > 0 && x.same == f.count)
		ok = err_set(e, ERR_INPUT, "%s", _("That is the mailbox they are in."));
	if (ok && x.away > 0)
		carry_far(&x, &f);
	for (uint32_t n = 0; ok && move && n < f.count; n++) {
		if (f.view->conf->delete_untag)
			(void)view_tag(f.view, f.rows[n], false);
	}
	free(x.name);
	return ok;
}
