/*
 * From the queue of intents to steps. Pure decisions: the only things read are state.db and the
 * cache, nothing is changed and nothing is said.
 *
 * Intents on different messages can change places: a day of flags and moves, made in any order, becomes
 * a step for each kind of change, not one for each key. Two on the same message never do.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "mime/header.h"
#include "mime/msgid.h"
#include "sync/apply.h"

#define FILE_HEAD 65536     /* bytes of a file in which its Message-ID is looked for */
#define LOOK_AHEAD 4000     /* intents of the queue that are read at once: some 10 ms */
#define NAME_MAX_BYTES 9000 /* of a mailbox or Message-ID with a prefix */

struct draft {
	struct host *host;
	struct plan *plan;
	struct intent first; /* lent from the queue */
	struct map *blocked; /* messages that an intent which had to stay behind is about */
	size_t cap, append_max;
	bool own_uids;
	struct err *e;
	bool failed;
};

/* What the queue holds, read in one go: the ui cannot write while we read. */
struct queue {
	struct arena *arena;
	struct intent *v;
	size_t n, cap;
};

static bool is_message_kind(enum intent_kind kind)
{
	return kind == INTENT_FLAG || kind == INTENT_DELETE || kind == INTENT_MOVE || kind == INTENT_COPY;
}

static bool is_alone(enum intent_kind kind)
{
	return !is_message_kind(kind);
}

static bool same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool same_flags(const struct intent *a, const struct intent *b)
{
	return a->add == b->add && a->del == b->del && same(a->add_words, b->add_words) && same(a->del_words, b->del_words);
}

static bool belongs(const struct intent *a, const struct intent *b)
{
	if (a->kind == INTENT_APPEND && b->kind == INTENT_APPEND)
		return same(a->mailbox, b->mailbox);
	return a->kind == b->kind && !is_alone(a->kind) && same(a->mailbox, b->mailbox) && same(a->dest, b->dest) &&
	       a->uidvalidity == b->uidvalidity && (a->kind != INTENT_FLAG || same_flags(a, b));
}

/* ---- which may change places ---- */

/* How an intent names its message, for comparing: one message may have several names, one for each call. */
static bool message_name(const struct intent *i, int n, struct str *out)
{
	str_clear(out);
	if (n == 0)
		return i->uid && str_addf(out, "%s\nu%llu", i->mailbox, (unsigned long long)i->uid);
	if (n == 1)
		return *i->message_id && str_addf(out, "m%s", i->message_id);
	return i->of && str_addf(out, "o%lld", (long long)i->of);
}

#define MESSAGE_NAMES 3

/* A later intent on this message must not overtake this one. */
static void block(struct draft *d, const struct intent *i)
{
	struct str name;

	str_init(&name, NAME_MAX_BYTES);
	for (int n = 0; n < MESSAGE_NAMES; n++) {
		if (message_name(i, n, &name))
			map_set(d->blocked, str_sv(&name), d);
	}
	str_fini(&name);
}

static bool is_blocked(struct draft *d, const struct intent *i)
{
	struct str name;
	bool found = false;

	str_init(&name, NAME_MAX_BYTES);
	for (int n = 0; n < MESSAGE_NAMES && !found; n++)
		found = message_name(i, n, &name) && map_get(d->blocked, str_sv(&name));
	str_fini(&name);
	return found;
}

/*
 * Its UID now: its own, where intent `of` put it, or where a message of that id is. 0: not known.
 */
static bool find_uid(struct draft *d, const struct intent *i, uint64_t *uid, struct err *e)
{
	struct cache *c = host_cache(d->host);
	struct applied of;
	uint64_t id;

	*uid = i->uid;
	if (i->uid != 0 || !is_message_kind(i->kind))
		return true;
	if (i->of != 0) {
		if (!applied_get(c, i->of, &of, e))
			return false;
		if (of.state == APPLIED_DONE && of.uid != 0 && of.uidvalidity == d->plan->mailbox.uidvalidity) {
			*uid = of.uid;
			return true;
		}
	}
	if (*i->message_id && message_by_message_id(c, d->plan->mailbox.id, sv_of(i->message_id), &id, NULL))
		*uid = message_uid(id);
	return true;
}

/* A message whose flag is changed may have gone away and come back since, by undo: then it has another UID. */
static void find_again(struct draft *d, const struct intent *i, uint64_t *uid)
{
	uint64_t mailbox = d->plan->mailbox.id, id;
	struct message_cursor *c;
	struct message_row row;
	struct err e = {0};
	bool here = false;

	if (i->kind != INTENT_FLAG || !i->uid || !*i->message_id)
		return;
	if (message_scan_range(host_cache(d->host), mailbox, i->uid, i->uid, &c, &e)) {
		here = message_next(c, &row, &e);
		message_cursor_close(c);
	}
	if (!here && message_by_message_id(host_cache(d->host), mailbox, sv_of(i->message_id), &id, NULL))
		*uid = message_uid(id);
}

/* Several messages have that Message-ID, and none is named otherwise: none may go by mistake. */
static bool is_ambiguous(struct draft *d, const struct intent *i, uint64_t uid)
{
	struct applied of;

	if (i->uid || !*i->message_id || (i->kind != INTENT_DELETE && i->kind != INTENT_MOVE))
		return false;
	if (i->of && applied_get(host_cache(d->host), i->of, &of, NULL) && of.uid == uid && uid)
		return false;
	return message_count_message_id(host_cache(d->host), d->plan->mailbox.id, sv_of(i->message_id)) > 1;
}

/*
 * What is appended is found again by its Message-ID: in the file, when the intent does not say it.
 */
static const char *id_in_file(struct arena *a, const char *file)
{
	struct headers h;
	char *head;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd < 0)
		return "";
	head = arena_alloc(a, FILE_HEAD);
	n = read(fd, head, FILE_HEAD);
	close(fd);
	headers_parse(a, sv_make(head, n > 0 ? (size_t)n : 0), &h);
	const char *id = msgid_first(a, headers_raw(&h, "Message-ID"));
	return id ? id : "";
}

static void tell(struct plan *p, int64_t intent, const struct err *why)
{
	array_grow(p->told, p->told_count, p->told_cap);
	struct apply_one *one = &p->told[p->told_count++];

	memset(one, 0, sizeof(*one));
	one->intent = intent;
	one->done = why == NULL;
	if (why)
		one->error = *why;
}

struct replaced {
	struct draft *d;
	int64_t append;
	struct apply_one *one;
};

static bool note_replaced(void *data, const struct intent *i)
{
	struct replaced *r = data;
	struct err none = {0};
	uint64_t uid = 0;

	if (i->kind != INTENT_DELETE || i->state != INTENT_PENDING || i->depends != r->append ||
		(i->uidvalidity && i->uidvalidity != r->d->plan->mailbox.uidvalidity) || !find_uid(r->d, i, &uid, &none) || !uid)
		return true;
	r->one->replaces = i->id;
	r->one->replaces_uid = uid;
	return false;
}

/*
 * A delete in the same mailbox that waits for this append: a draft that was saved again. A server with
 * REPLACE does both at once.
 */
static void find_replaced(struct draft *d, const struct intent *i, struct apply_one *one)
{
	struct replaced r = {d, i->id, one};

	if (d->plan->mailbox.id &&
		!intent_each_after(host_state(d->host), i->account, i->mailbox, i->id, note_replaced, &r, NULL))
		one->replaces = 0;
}

/* Of another time of the mailbox than the row that the cache has now. */
static bool is_of_another(const struct draft *d, const struct intent *i)
{
	uint64_t now = d->plan->mailbox.uidvalidity;

	if (i->uidvalidity == 0 || (now == 0 && !d->own_uids))
		return false;
	return i->uidvalidity != now;
}

/*
 * A local mailbox does not change when its cache is made anew, only our numbers of its messages do: the intent is
 * for the message with its Message-ID, as when the user tries one again that was set aside (intent_retry).
 */
static bool is_by_id(const struct draft *d, const struct intent *i)
{
	return d->own_uids && is_message_kind(i->kind) && *i->message_id && is_of_another(d, i);
}

static bool add_one(struct draft *d, const struct intent *i, const struct applied *was, struct err *e)
{
	struct plan *p = d->plan;
	struct apply_one *one;

	array_grow(p->step.one, p->step.count, d->cap);
	one = &p->step.one[p->step.count];
	memset(one, 0, sizeof(*one));
	one->intent = i->id;
	one->created = i->created;
	one->message_id = i->kind == INTENT_APPEND && !*i->message_id ? id_in_file(p->arena, i->file)
								      : arena_strdup(p->arena, i->message_id);
	one->was = *was;
	if (i->kind == INTENT_APPEND) {
		one->file = arena_strdup(p->arena, i->file);
		one->add = i->add;
		one->add_words = arena_strdup(p->arena, i->add_words);
		one->date = i->date;
		find_replaced(d, i, one);
	}
	if (is_of_another(d, i)) { /* its number is the box's to find, in rows that are fresh */
		p->step.count++;
		return true;
	}
	if (!find_uid(d, i, &one->uid, e))
		return false;
	find_again(d, i, &one->uid);
	if (is_ambiguous(d, i, one->uid)) {
		struct err why;

		err_set(&why, ERR_GONE, "several messages in %s have the Message-ID %s", i->mailbox, i->message_id);
		tell(p, i->id, &why);
		return true;
	}
	p->step.count++;
	return true;
}

/* Finds the rows of the mailboxes. False with ERR_GONE in *e: the intent cannot be carried out. */
static bool find_mailboxes(struct draft *d, const struct intent *i, struct err *e)
{
	struct plan *p = d->plan;
	struct cache *c = host_cache(d->host);
	struct err none;

	if (i->kind == INTENT_CREATE) {
		p->mailbox = (struct mailbox){.name = xstrdup(i->mailbox), .raw = xstrdup(""), .token = xstrdup("")};
	} else if (!mailbox_by_name(c, i->mailbox, &p->mailbox, e)) {
		/* Appending to what is not listed (yet) is for the backend to try; so is all in a cache that was made anew. */
		if (e->class != ERR_GONE || (i->kind != INTENT_APPEND && !is_by_id(d, i)))
			return false;
		p->mailbox = (struct mailbox){.name = xstrdup(i->mailbox), .raw = xstrdup(""), .token = xstrdup("")};
	}
	if (*i->dest && !mailbox_by_name(c, i->dest, &p->dest, &none))
		p->dest = (struct mailbox){.name = xstrdup(i->dest), .raw = xstrdup(""), .token = xstrdup("")};
	if (is_of_another(d, i) && !is_by_id(d, i))
		return err_set(e, ERR_GONE, "%s was replaced on the server: its messages are not the same any more",
			i->mailbox);
	return true;
}

static void forget_mailboxes(struct plan *p)
{
	mailbox_fini(&p->mailbox);
	mailbox_fini(&p->dest);
}

/*
 * A mailbox that is not there: removed, or it has the new name already. A worker that was killed after the deed
 * and before its note finds it so, when the list was read again first.
 */
static bool is_as_wished(struct draft *d, const struct intent *i)
{
	struct mailbox m;
	struct err none;
	bool there;

	if (i->kind != INTENT_RENAME)
		return i->kind == INTENT_REMOVE;
	if (!mailbox_by_name(host_cache(d->host), i->dest, &m, &none))
		return false;
	there = !(m.flags & MAILBOX_GONE);
	mailbox_fini(&m);
	return there;
}

static bool start_step(struct draft *d, const struct intent *i, const struct applied *was)
{
	struct plan *p = d->plan;
	struct err why;

	if (!find_mailboxes(d, i, &why)) {
		forget_mailboxes(p);
		if (why.class != ERR_GONE) {
			d->failed = true;
			*d->e = why;
			return false;
		}
		tell(p, i->id, is_as_wished(d, i) ? NULL : &why);
		return true;
	}
	d->first = *i;
	p->step.kind = i->kind;
	p->step.mailbox = &p->mailbox;
	p->step.dest = &p->dest;
	p->step.uidvalidity = is_by_id(d, i) ? 0 : i->uidvalidity;
	p->step.add = i->add;
	p->step.del = i->del;
	p->step.add_words = d->first.add_words;
	p->step.del_words = d->first.del_words;
	p->step.file = d->first.file;
	p->step.date = i->date;
	p->has_step = true;
	if (add_one(d, i, was, d->e))
		return !is_alone(i->kind) || (i->kind == INTENT_APPEND && d->append_max > 1);
	d->failed = true;
	return false;
}

/* Carried out before, but the ui did not hear of it. */
static bool was_done(struct draft *d, const struct intent *i, struct applied *was, bool *done)
{
	*done = false;
	if (!applied_get(host_cache(d->host), i->id, was, d->e))
		return false;
	if (was->state != APPLIED_NO && i->created > was->at) /* a note on an intent of a state.db that was there before */
		*was = (struct applied){.state = APPLIED_NO};
	*done = was->state == APPLIED_DONE;
	return true;
}

/* What it depends on is in the queue: unless we have just done that, and the ui has not noted it yet, it waits. */
static bool is_free(struct draft *d, const struct intent *i)
{
	struct applied of;

	return applied_get(host_cache(d->host), i->depends, &of, NULL) && of.state == APPLIED_DONE;
}

static size_t step_max(const struct draft *d, enum intent_kind kind)
{
	return kind == INTENT_APPEND ? d->append_max : BOX_APPLY_MAX;
}

/* False: no more may be looked at. *taken: nothing is left to do about it in this run. */
static bool look_at(struct draft *d, const struct intent *i, bool *taken)
{
	struct plan *p = d->plan;
	struct applied was;
	bool done;

	*taken = false;
	if (i->waits && !is_free(d, i)) {
		if (is_message_kind(i->kind))
			block(d, i);
		return is_message_kind(i->kind) || i->kind == INTENT_APPEND;
	}
	if (!was_done(d, i, &was, &done)) {
		d->failed = true;
		return false;
	}
	if (done) {
		tell(p, i->id, NULL);
		*taken = true;
		return true;
	}
	if (!p->has_step && !is_blocked(d, i)) {
		*taken = true;
		return start_step(d, i, &was);
	}
	if (p->has_step && p->step.count < step_max(d, i->kind) && belongs(&d->first, i) && !is_blocked(d, i)) {
		*taken = add_one(d, i, &was, d->e);
		d->failed = !*taken;
		return *taken;
	}
	if (is_message_kind(i->kind))
		block(d, i);
	/* Nothing overtakes what is done to whole mailboxes. */
	return is_message_kind(i->kind) || i->kind == INTENT_APPEND;
}

/* ---- the queue ---- */

static bool keep_intent(void *data, const struct intent *i)
{
	struct queue *q = data;
	struct intent *c;

	array_grow(q->v, q->n, q->cap);
	c = &q->v[q->n++];
	*c = *i;
	c->account = arena_strdup(q->arena, i->account);
	c->mailbox = arena_strdup(q->arena, i->mailbox);
	c->message_id = arena_strdup(q->arena, i->message_id);
	c->add_words = arena_strdup(q->arena, i->add_words);
	c->del_words = arena_strdup(q->arena, i->del_words);
	c->dest = arena_strdup(q->arena, i->dest);
	c->file = arena_strdup(q->arena, i->file);
	return true;
}

void plan_seen_fini(struct plan_seen *seen)
{
	free(seen->ids);
	*seen = (struct plan_seen){0};
}

static bool was_seen(const struct plan_seen *seen, int64_t id)
{
	size_t lo = 0, hi = seen->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (seen->ids[mid] == id)
			return true;
		if (seen->ids[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* taken[n]: queue.v[n] is dealt with. Up to the first that is not, a number says it all. */
static void note_seen(struct plan_seen *seen, const struct queue *q, const bool *taken, size_t looked)
{
	size_t n = 0, keep = 0;

	while (n < looked && taken[n])
		seen->after = q->v[n++].id;
	for (; n < looked; n++) {
		if (!taken[n] || was_seen(seen, q->v[n].id))
			continue;
		array_grow(seen->ids, seen->n, seen->cap);
		seen->ids[seen->n++] = q->v[n].id;
		/* In order, so that was_seen finds it: they come in the order of ids, behind older ones. */
		if (seen->n > 1 && seen->ids[seen->n - 2] > seen->ids[seen->n - 1])
			qsort(seen->ids, seen->n, sizeof(*seen->ids), by_id);
	}
	for (size_t i = 0; i < seen->n; i++) {
		if (seen->ids[i] > seen->after)
			seen->ids[keep++] = seen->ids[i];
	}
	seen->n = keep;
}

static void look_through(struct draft *d, struct plan_seen *seen, const struct queue *q)
{
	bool *taken = xcalloc(q->n + 1, sizeof(*taken)), more = true;
	size_t n = 0;

	for (; more && n < q->n; n++) {
		taken[n] = was_seen(seen, q->v[n].id);
		more = taken[n] || look_at(d, &q->v[n], &taken[n]);
		d->plan->looked = d->plan->looked || d->plan->has_step || d->plan->told_count > 0;
	}
	if (!d->failed)
		note_seen(seen, q, taken, n);
	free(taken);
}

bool plan_next(struct host *h, struct plan_seen *seen, const struct box *box, struct plan *out, struct err *e)
{
	struct state *s = host_state(h);
	struct draft d = {.host = h, .plan = out, .append_max = MAX(box->append_max, (size_t)1), .own_uids = box->own_uids, .e = e};
	struct queue q = {0};

	memset(out, 0, sizeof(*out));
	if (!s)
		return true;
	out->arena = q.arena = arena_new();
	d.blocked = map_new();
	d.failed = !intent_ready_each(s, host_account(h), seen->after, LOOK_AHEAD, keep_intent, &q, e);
	if (!d.failed)
		look_through(&d, seen, &q);
	free(q.v);
	map_free(d.blocked);
	if (!d.failed)
		return true;
	plan_fini(out);
	return false;
}

void plan_fini(struct plan *p)
{
	forget_mailboxes(p);
	free(p->step.one);
	free(p->told);
	arena_free(p->arena);
	memset(p, 0, sizeof(*p));
}
