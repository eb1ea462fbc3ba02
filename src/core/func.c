/*
 * Actions on messages as intents: one key of the user is one group in one transaction. Nothing shows
 * before it is on disk.
 */
#include "core/func.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/func_priv.h"
#include "core/gettext.h"
#include "store/journal.h"

/* ---- one key = one step ---- */

bool step_begin(struct step *st, struct session *s, struct view *v, struct err *e)
{
	*st = (struct step){.s = s, .view = v};
	if (v && v->readonly)
		return err_set(e, ERR_INPUT, "%s", _("The mailbox is read-only."));
	if (v && !v->unified && (!v->src[0].cache || v->src[0].uidvalidity == 0))
		return err_set(e, ERR_INPUT, "%s", _("The mailbox is not here yet."));
	if (!state_begin(s->state, e))
		return false;
	if (intent_new_group(s->state, &st->group, e))
		return true;
	state_rollback(s->state);
	return false;
}

/* What the list of actions says of it. */
static bool note_action(struct step *st, const char *what, struct err *e)
{
	struct action a = {.id = st->group,
		.what = what,
		.account = st->from_account ? st->from_account : "",
		.mailbox = st->from_mailbox ? st->from_mailbox : "",
		.dest = st->dest ? st->dest : "",
		.subject = st->subject ? st->subject : "",
		.count = st->count - st->extra};

	return st->quiet || action_add(st->s->state, &a, e);
}

bool step_end(struct step *st, bool ok, const char *what, struct err *e)
{
	struct session *s = st->s;

	ok = ok && (st->count == 0 || note_action(st, what, e));
	if (!ok || st->count == 0) {
		state_rollback(s->state);
	} else if (state_commit(s->state, e)) {
		for (size_t i = 0; i < s->acct_count; i++) {
			if (!st->view || st->others || st->view->unified ||
				strcmp(s->accts[i]->name, st->view->src[0].account) == 0)
				(st->removed ? session_intents : session_intents_added)(s, s->accts[i]->name);
		}
	} else
		ok = false;
	free(st->subject);
	free(st->dest);
	st->subject = st->dest = NULL;
	return ok;
}

void intent_of_row(struct view *v, uint32_t row, struct step *st, struct intent *i)
{
	const struct row *r = &v->rows[row];
	const struct view_source *src = view_source_of(v, row);

	step_about(st, v, row);
	*i = (struct intent){.state = INTENT_PENDING,
		.group = st->group,
		.account = src->account,
		.mailbox = src->name,
		.uidvalidity = src->uidvalidity,
		.uid = message_uid(r->id),
		.message_id = view_message_id(v, row)};
}

bool step_add(struct step *st, const struct intent *i, int64_t *id, struct err *e)
{
	int64_t ignored;

	if (!intent_add(st->s->state, i, id ? id : &ignored, e))
		return false;
	st->count++;
	return true;
}

void step_about(struct step *st, const struct view *v, uint32_t row)
{
	if (!st->from_account) {
		st->from_account = view_source_of(v, row)->account;
		st->from_mailbox = view_source_of(v, row)->name;
	}
	if (!st->subject)
		st->subject = sv_dup(sv_head(strpool_text(v->pool, v->rows[row].subject), SUBJECT_KEPT));
}

bool row_is_here(const struct func_rows *f, uint32_t n)
{
	const struct view *v = f->view;

	/* In a unified mailbox one that cannot be written to, or is not known now, is left alone. */
	return f->rows[n] < v->count && !v->rows[f->rows[n]].gone &&
	       (!v->unified || (view_source_of(v, f->rows[n])->uidvalidity && !view_source_of(v, f->rows[n])->readonly));
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

static bool set_flag(struct session *s, struct func_rows f, enum msg_flags flag, enum func_on on, bool quiet,
	struct err *e)
{
	struct step st;
	bool ok = true;

	view_update(f.view);
	if (!step_begin(&st, s, f.view, e))
		return false;
	st.quiet = quiet;
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

bool func_flag(
	struct session *s, struct func_rows f, enum msg_flags flag, enum func_on on, struct err *e)
{
	return set_flag(s, f, flag, on, false, e);
}

bool func_was_read(struct session *s, struct func_rows f, struct err *e)
{
	return set_flag(s, f, FLAG_SEEN, FUNC_SET, true, e);
}

/* ---- tags ---- */

/* The next tag of a change and its sign ('+' when it has none). False: that was all. */
static bool next_tag(struct sv *rest, char *sign, struct sv *word)
{
	while (rest->len) {
		size_t n = 0;

		while (n < rest->len && rest->p[n] != ' ' && rest->p[n] != ',' && rest->p[n] != '\t')
			n++;
		*word = sv_head(*rest, n);
		*rest = sv_from(*rest, n + (n < rest->len));
		*sign = '+';
		if (word->len > 1 && strchr("+-!", word->p[0])) {
			*sign = word->p[0];
			*word = sv_from(*word, 1);
		}
		if (word->len)
			return true;
	}
	return false;
}

static bool tags_are_good(const char *change, struct err *e)
{
	struct sv rest = sv_of(change), word;
	char sign;
	bool any = false;

	while (next_tag(&rest, &sign, &word)) {
		for (size_t i = 0; i < word.len; i++)
			if ((unsigned char)word.p[i] < ' ' || strchr("(){%*\"\\]", word.p[i]))
				return err_set(e, ERR_INPUT, _("A keyword cannot hold '%c'."), word.p[i]);
		any = true;
	}
	return any || err_set(e, ERR_INPUT, "%s", _("No keyword."));
}

/* One intent for each tag: the other side may be able to keep one and not the other. */
static bool tag_row(struct step *st, uint32_t row, const char *change, struct err *e)
{
	struct view *v = st->view;
	struct sv rest = sv_of(change), word;
	size_t before = st->count;
	bool ok = true;
	char sign;

	while (ok && next_tag(&rest, &sign, &word)) {
		bool is = words_have(strpool_text(v->pool, v->rows[row].keywords), word);
		bool want = sign == '+' || (sign == '!' && !is);
		struct intent i;
		char *text;

		if (is == want)
			continue;
		text = sv_dup(word);
		intent_of_row(v, row, st, &i);
		i.kind = INTENT_FLAG;
		*(want ? &i.add_words : &i.del_words) = text;
		ok = step_add(st, &i, NULL, e);
		free(text);
	}
	if (st->count > before + 1)
		st->extra += st->count - before - 1; /* of one message */
	return ok;
}

bool func_tags(struct session *s, struct func_rows f, const char *change, struct err *e)
{
	struct step st;
	bool ok = true;

	view_update(f.view);
	if (!tags_are_good(change, e) || !step_begin(&st, s, f.view, e))
		return false;
	for (uint32_t n = 0; ok && n < f.count; n++)
		if (row_is_here(&f, n))
			ok = tag_row(&st, f.rows[n], change, e);
	return step_end(&st, ok, N_("keyword"), e);
}

/* ---- delete marks ---- */

static bool unmark(struct step *st, int64_t group, const struct row *r, struct err *e)
{
	const struct view_source *src = &st->view->src[row_source(r)];
	uint64_t ignored;

	st->removed = true;
	return journal_unmark(
		st->s->state, group, src->account, src->name, src->uidvalidity, message_uid(r->id), &ignored, e);
}

static bool mark_row(struct step *st, uint32_t row, bool purge, struct err *e)
{
	struct view *v = st->view;
	const struct row *r = &v->rows[row];
	struct intent i;

	if ((r->flags & FLAG_DELETED) && (!purge || r->flags & FLAG_PURGE))
		return true;
	if (v->conf->flag_safe && (r->flags & FLAG_FLAGGED))
		return true;
	if ((r->flags & FLAG_DELETED) && !unmark(st, 0, r, e))
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
	if (!unmark(st, st->group, r, e))
		return false;
	step_about(st, v, row);
	st->count++;
	if (!(r->stored & MSG_DELETED))
		return true;
	/* Another client has set it on the server. */
	intent_of_row(v, row, st, &i);
	i.kind = INTENT_FLAG;
	i.del = MSG_DELETED;
	st->extra++;
	return step_add(st, &i, NULL, e);
}

static bool set_marks(
	struct session *s, struct func_rows f, enum func_on on, bool purge, bool quiet, struct err *e)
{
	struct step st;
	bool ok = true, any = false;

	view_update(f.view);
	if (!step_begin(&st, s, f.view, e))
		return false;
	st.quiet = quiet;
	for (uint32_t n = 0; ok && n < f.count; n++) {
		uint32_t row = f.rows[n];
		bool want;

		if (!row_is_here(&f, n))
			continue;
		want = on == FUNC_TOGGLE ? !(f.view->rows[row].flags & FLAG_DELETED)
					 : on == FUNC_SET;
		any = any || want;
		ok = want ? mark_row(&st, row, purge, e) : unmark_row(&st, row, e);
		if (ok && want && f.view->conf->delete_untag)
			(void)view_tag(f.view, row, false);
	}
	return step_end(&st, ok, any ? N_("delete") : N_("undelete"), e);
}

bool func_delete(struct session *s, struct func_rows f, enum func_on on, bool purge, struct err *e)
{
	return set_marks(s, f, on, purge, false, e);
}

/* ---- scores ---- */

static bool carry_out(struct session *s, struct view *v, const struct view_verdicts *x, struct err *e)
{
	struct func_rows read = {v, x->read, x->n_read}, flag = {v, x->flag, x->n_flag},
			 delete = {v, x->delete, x->n_delete};

	return (read.count == 0 || set_flag(s, read, FLAG_SEEN, FUNC_SET, true, e)) &&
	       (flag.count == 0 || set_flag(s, flag, FLAG_FLAGGED, FUNC_SET, true, e)) &&
	       (delete.count == 0 || set_marks(s, delete, FUNC_SET, false, true, e));
}

void func_judge(struct session *s, struct view *v)
{
	struct view_verdicts x;
	bool more;
	struct err e;

	if (v->readonly || s->flags & SESSION_BATCH)
		return;
	more = view_judge(v, &x);
	if (!carry_out(s, v, &x, &e)) {
		v->judged = v->count; /* said once */
		session_fail(s, &e, _("Scores"));
	} else if (more) {
		view_touch(v, VIEW_ROWS); /* the next turn goes on */
	}
}
