/*
 * Flags and keywords on an IMAP server. What is set is set in any case: flags of several programs add up. What is
 * taken away is somebody's decision, perhaps one made since we last looked: where the server can (CONDSTORE, RFC 7162
 * 3.1.3) nothing is taken from a message that has changed meanwhile. Then its flags are read again, what another
 * program has set since stays, and the rest is tried once more.
 *
 * Labels of Gmail are taken away as they were asked to be: RFC 7162 knows nothing of them.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "sync/imap_apply_priv.h"
#include "sync/imap_row.h"

#define PASSES_MAX 3 /* a server that calls everything modified gets a plain STORE then */

/* One message of the step, as the cache knows it, or as the server has told since. */
struct target {
	struct apply_one *one;
	uint32_t uid;
	uint64_t since; /* its state is that of this modseq; 0: not known */
	unsigned flags;
	struct sv words;
	unsigned del; /* to be taken away still */
	struct sv del_words;
	bool open, asked; /* not taken away yet; sent in this pass */
	bool told;        /* the server has told flags and words anew */
	uint64_t stored;  /* the modseq that the change itself gave it; 0: not told */
};

struct change {
	struct imap_box *b;
	struct apply_step *step;
	struct arena *arena;
	struct target *t;
	size_t n;
};

/* ---- commands ---- */

static bool send_change(struct imap_box *b, struct sent_together *f, const char *set, char op,
	const struct imap_wire_flags *w, uint64_t since, struct err *e)
{
	if ((w->bits || w->keywords.n) &&
		!apply_board(f, imap_store_send(b->im, set, op, w->bits, w->keywords.w, w->keywords.n, since, e)))
		return false;
	return w->labels.n == 0 ||
	       apply_board(f, imap_store_labels_send(b->im, set, op, w->labels.w, w->labels.n, e));
}

/*
 * Keywords that the mailbox does not keep: those that stand for flags of ours are left out, tags of
 * the user are refused. A server that cannot keep them says yes and forgets.
 */
static bool check_keywords(struct imap_box *b, struct imap_wire_flags *w, struct err *e)
{
	size_t kept = 0;

	if (w->refused.len)
		return err_set(e, ERR_INPUT, "the server cannot keep a tag with the name " SV_FMT,
			SV_ARG(sv_head(w->refused, 100)));
	for (size_t i = 0; i < w->keywords.n; i++) {
		bool keeps = imap_keeps_keyword(b->im, w->keywords.w[i]);

		if (!keeps && i >= w->optional)
			return err_set(e, ERR_INPUT, "this mailbox keeps no tags of its own (" SV_FMT ")",
				SV_ARG(sv_head(w->keywords.w[i], 100)));
		if (keeps)
			w->keywords.w[kept++] = w->keywords.w[i];
	}
	w->keywords.n = kept;
	return true;
}

static bool store_plain(struct change *x, const char *set, const struct imap_wire_flags *add,
	const struct imap_wire_flags *del, struct err *e)
{
	struct sent_together f = {0};
	bool sent = send_change(x->b, &f, set, '+', add, 0, e) && send_change(x->b, &f, set, '-', del, 0, e);

	return apply_land(x->b, &f, sent, e);
}

/* ---- what we know of the messages ---- */

static int compare_targets(const void *a, const void *b)
{
	const struct target *x = a, *y = b;

	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

static void learn(struct change *x, struct target *t)
{
	struct mailbox *m = x->step->mailbox;
	struct message_row row;

	t->del = x->step->del;
	t->del_words = sv_of(x->step->del_words);
	t->open = t->del || t->del_words.len;
	if (!message_get(host_cache(x->b->box.host), message_id_of(m->id, t->uid), x->arena, &row, NULL))
		return;
	t->flags = row.flags;
	t->words = row.keywords;
	/* All that had changed by the mailbox's modseq is in the cache, whatever the row's own is. */
	t->since = MAX(row.modseq, m->modseq);
}

static void find_targets(struct change *x)
{
	struct apply_step *s = x->step;

	x->t = arena_alloc(x->arena, (s->count + 1) * sizeof(*x->t));
	for (size_t i = 0; i < s->count; i++) {
		struct apply_one *one = &s->one[i];

		if (one->done || one->error.class != ERR_NONE || !one->uid || one->uid > UINT32_MAX)
			continue;
		x->t[x->n] = (struct target){.one = one, .uid = (uint32_t)one->uid};
		learn(x, &x->t[x->n++]);
	}
	qsort(x->t, x->n, sizeof(*x->t), compare_targets);
}

static struct target *target_of(struct change *x, uint32_t uid)
{
	struct target key = {.uid = uid};

	return x->n ? bsearch(&key, x->t, x->n, sizeof(*x->t), compare_targets) : NULL;
}

bool imap_flags_take(struct change *x, const struct imap_msg *m)
{
	struct target *t = m->modseq && !(m->has & FETCH_FLAGS) ? target_of(x, m->uid) : NULL;

	if (t)
		t->stored = MAX(t->stored, m->modseq);
	return t != NULL;
}

/* ---- taking away from what has not changed ---- */

static bool is_alike(const struct target *a, const struct target *b)
{
	return a->since == b->since && a->del == b->del && sv_eq(a->del_words, b->del_words);
}

/* Those like the first that was not asked for yet. *n 0: all were. */
static uint32_t *next_group(struct change *x, struct target **first, size_t *n)
{
	uint32_t *uids = arena_alloc(x->arena, x->n * sizeof(*uids));

	*first = NULL;
	*n = 0;
	for (size_t i = 0; i < x->n; i++) {
		struct target *t = &x->t[i];

		if (!t->open || t->asked || (*first && !is_alike(*first, t)))
			continue;
		*first = *first ? *first : t;
		t->asked = true;
		uids[(*n)++] = t->uid;
	}
	return uids;
}

static bool send_group(struct change *x, struct sent_together *f, const struct target *like, const uint32_t *uids,
	size_t n, bool condition, struct err *e)
{
	struct imap_wire_flags w;
	struct str set;
	size_t at = 0;
	bool ok;

	imap_flags_to_server(x->arena, like->del, like->del_words, imap_has(x->b->im, CAP_GMAIL), &w);
	str_init(&set, 1u << 16);
	while (imap_write_set(&set, uids, n, &at))
		if (at < n)
			str_addc(&set, ',');
	ok = check_keywords(x->b, &w, e) && send_change(x->b, f, set.s, '-', &w, condition ? like->since : 0, e);
	str_fini(&set);
	return ok;
}

/* All answers; a NO that only names modified messages is none. */
static bool land_conditional(struct change *x, struct sent_together *f, bool sent, struct err *e)
{
	bool ok = sent;

	for (size_t i = 0; i < f->n; i++) {
		struct imap_answer a = {0};
		struct err one = {0};
		bool good = imap_end(x->b->im, f->tag[i], &a, &one) || a.modified.n > 0;

		if (!good && ok) {
			ok = false;
			*e = one;
		}
		for (size_t k = 0; k < x->n; k++)
			if (imap_set_has(&a.modified, x->t[k].uid))
				x->t[k].open = true;
	}
	f->n = 0;
	return ok;
}

static bool take_away_once(struct change *x, bool condition, struct err *e)
{
	struct sent_together f = {0};
	struct target *like;
	bool ok = true;
	size_t n;

	for (size_t i = 0; i < x->n; i++)
		x->t[i].asked = false;
	while (ok) {
		uint32_t *uids = next_group(x, &like, &n);

		if (n > 0)
			ok = send_group(x, &f, like, uids, n, condition, e);
		/* A group is two commands at most. */
		if (n > 0 && ok && f.n + 2 <= FLIGHT_MAX)
			continue;
		/* All that was sent so far counts as done, but for what is named as modified. */
		for (size_t i = 0; i < x->n; i++)
			x->t[i].open &= !x->t[i].asked;
		ok = land_conditional(x, &f, ok, e);
		if (n == 0)
			break;
	}
	return ok;
}

/* ---- what has changed ---- */

/* The words of a that are not in b. */
static struct sv words_without(struct arena *a, struct sv words, struct sv those)
{
	struct str out;
	struct sv left = SV("");

	str_init(&out, MESSAGE_TEXT_MAX);
	if (words_apply(&out, words, SV(""), those))
		left = sv_make(arena_strndup(a, out.s ? out.s : "", out.len), out.len);
	str_fini(&out);
	return left;
}

/* What another program has set since we looked stays set. */
static void give_way(struct change *x, struct target *t, const struct flag_news *now)
{
	struct sv theirs = words_without(x->arena, now->words, t->words);
	unsigned del = t->del & now->flags & t->flags;
	struct sv del_words = words_without(x->arena, t->del_words, theirs);

	if ((t->del & now->flags) != del || !sv_eq(del_words, t->del_words))
		log_write(LOG_INFO, "imap", "%s: %s, message %u: another program has set the flag since; it stays",
			host_account(x->b->box.host), x->step->mailbox->name, t->uid);
	t->del = del;
	t->del_words = del_words;
	t->flags = (t->flags & MSG_OLD) | now->flags;
	t->words = now->words;
	t->since = now->modseq;
	t->told = true;
	t->open = t->del || t->del_words.len;
}

/* The flags of those that are open, as they are now. One that is not told of is gone. */
static bool look_again(struct change *x, struct err *e)
{
	uint32_t *uids = arena_alloc(x->arena, x->n * sizeof(*uids));
	struct flag_news now;
	struct str set;
	size_t n = 0, at = 0;
	imap_tag tag = 0;

	for (size_t i = 0; i < x->n; i++)
		if (x->t[i].open)
			uids[n++] = x->t[i].uid;
	str_init(&set, 1u << 16);
	while (imap_write_set(&set, uids, n, &at))
		if (at < n)
			str_addc(&set, ',');
	tag = imap_fetch_send(x->b->im, set.s, x->b->flag_items, 0, false, e);
	str_fini(&set);
	if (!tag || !imap_end(x->b->im, tag, NULL, e))
		return false;
	for (size_t i = 0; i < x->n; i++) {
		struct target *t = &x->t[i];

		if (t->open && news_take_flags(x->b, x->arena, t->uid, &now))
			give_way(x, t, &now);
		else
			t->open = false;
	}
	return true;
}

static bool any_open(const struct change *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->t[i].open)
			return true;
	return false;
}

static bool take_away(struct change *x, struct err *e)
{
	for (int pass = 0; any_open(x); pass++) {
		if (!take_away_once(x, pass < PASSES_MAX, e))
			return false;
		if (any_open(x) && !look_again(x, e))
			return false;
	}
	return true;
}

/* ---- the step ---- */

static bool may_conflict(const struct change *x)
{
	return (x->step->del || *x->step->del_words) && imap_condstore(x->b->im) &&
	       imap_selected(x->b->im)->highestmodseq > 0;
}

static bool store(struct change *x, const char *set, struct err *e)
{
	struct apply_step *s = x->step;
	bool gmail = imap_has(x->b->im, CAP_GMAIL), ok;
	struct imap_wire_flags add, del, none = {0};

	imap_flags_to_server(x->arena, s->add, sv_of(s->add_words), gmail, &add);
	imap_flags_to_server(x->arena, s->del, sv_of(s->del_words), gmail, &del);
	if (!check_keywords(x->b, &add, e))
		return false;
	x->b->change = x;
	if (may_conflict(x)) /* first what is taken away: setting something changes the message, too */
		ok = take_away(x, e) && store_plain(x, set, &add, &none, e);
	else
		ok = store_plain(x, set, &add, &del, e);
	x->b->change = NULL;
	return ok;
}

/* The row as the server has it now: what was told, then what we did. */
static bool put_row(struct change *x, const struct target *t, struct err *e)
{
	struct cache *c = host_cache(x->b->box.host);
	const struct apply_step *s = x->step;
	uint64_t id = message_id_of(s->mailbox->id, t->uid);
	unsigned flags = t->flags & MSG_SEEN ? t->flags & ~(unsigned)MSG_OLD : t->flags;

	return (!t->told || message_set_flags(c, id, flags, t->words, t->since, e)) &&
	       message_add_flags(c, id, s->add, t->del, sv_of(s->add_words), t->del_words, e) &&
	       (!t->stored || message_set_modseq(c, id, t->stored, e)) && apply_mark_done(c, t->one, 0, 0, e);
}

bool apply_flags(struct imap_box *b, struct apply_step *s, const struct batch *batch, struct err *e)
{
	struct change x = {.b = b, .step = s, .arena = arena_new()};
	struct cache *c = host_cache(b->box.host);
	bool ok = true;

	find_targets(&x);
	if (!store(&x, batch->set, e)) {
		arena_free(x.arena);
		return apply_settle(b, s, e);
	}
	host_step("flags stored");
	ok = cache_begin(c, e);
	for (size_t i = 0; ok && i < x.n; i++)
		ok = put_row(&x, &x.t[i], e);
	arena_free(x.arena);
	if (!ok || !apply_recount(c, s->mailbox, e) || !cache_commit(c, e))
		return false;
	apply_all_done(s);
	return true;
}
