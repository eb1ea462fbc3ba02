/*
 * From the queue of intents to steps. Pure decisions: the only things read are state.db and the
 * cache, nothing is changed and nothing is said (state.db is being read: the ui must not wait for
 * us).
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "mime/header.h"
#include "mime/msgid.h"
#include "sync/apply.h"

#define FILE_HEAD 65536 /* bytes of a file in which its Message-ID is looked for */

/* The texts of an intent are lent from state.db: this is what a step keeps of them. */
struct draft {
	struct host *host;
	struct plan *plan;
	struct intent first; /* in the arena of the plan */
	size_t cap;
	struct err *e;
	bool failed;
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

/* Only neighbours in the queue come together, so the order of what the user did stays. */
static bool belongs(const struct intent *a, const struct intent *b)
{
	return a->kind == b->kind && !is_alone(a->kind) && same(a->mailbox, b->mailbox) && same(a->dest, b->dest) &&
	       a->uidvalidity == b->uidvalidity && a->add == b->add && a->del == b->del &&
	       same(a->add_words, b->add_words) && same(a->del_words, b->del_words);
}

static void keep_first(struct draft *d, const struct intent *i)
{
	struct arena *a = d->plan->arena;

	d->first = *i;
	d->first.account = arena_strdup(a, i->account);
	d->first.mailbox = arena_strdup(a, i->mailbox);
	d->first.message_id = arena_strdup(a, i->message_id);
	d->first.add_words = arena_strdup(a, i->add_words);
	d->first.del_words = arena_strdup(a, i->del_words);
	d->first.dest = arena_strdup(a, i->dest);
	d->first.file = arena_strdup(a, i->file);
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
	if (!find_uid(d, i, &one->uid, e))
		return false;
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
		/* Appending to what is not listed (yet) is for the backend to try. */
		if (e->class != ERR_GONE || i->kind != INTENT_APPEND)
			return false;
		p->mailbox = (struct mailbox){.name = xstrdup(i->mailbox), .raw = xstrdup(""), .token = xstrdup("")};
	}
	if (*i->dest && !mailbox_by_name(c, i->dest, &p->dest, &none))
		p->dest = (struct mailbox){.name = xstrdup(i->dest), .raw = xstrdup(""), .token = xstrdup("")};
	if (i->uidvalidity != 0 && p->mailbox.uidvalidity != 0 && i->uidvalidity != p->mailbox.uidvalidity)
		return err_set(e, ERR_GONE, "%s was replaced on the server: its messages are not the same any more",
			i->mailbox);
	return true;
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

static void forget_mailboxes(struct plan *p)
{
	mailbox_fini(&p->mailbox);
	mailbox_fini(&p->dest);
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
		tell(p, i->id, &why);
		return true;
	}
	keep_first(d, i);
	p->step.kind = i->kind;
	p->step.mailbox = &p->mailbox;
	p->step.dest = &p->dest;
	p->step.uidvalidity = i->uidvalidity;
	p->step.add = i->add;
	p->step.del = i->del;
	p->step.add_words = d->first.add_words;
	p->step.del_words = d->first.del_words;
	p->step.file = d->first.file;
	p->step.date = i->date;
	p->has_step = true;
	if (add_one(d, i, was, d->e))
		return !is_alone(i->kind);
	d->failed = true;
	return false;
}

static bool look_at(void *data, const struct intent *i)
{
	struct draft *d = data;
	struct plan *p = d->plan;
	struct applied was;

	if (!applied_get(host_cache(d->host), i->id, &was, d->e)) {
		d->failed = true;
		return false;
	}
	if (was.state != APPLIED_NO && i->created > was.at) /* a note on an intent of a state.db that was there before */
		was = (struct applied){.state = APPLIED_NO};
	if (was.state == APPLIED_DONE) { /* done before, but the ui did not hear of it */
		tell(p, i->id, NULL);
		p->last = i->id;
		return true;
	}
	if (p->has_step && (!belongs(&d->first, i) || p->step.count >= BOX_APPLY_MAX))
		return false;
	p->last = i->id;
	if (!p->has_step)
		return start_step(d, i, &was);
	if (add_one(d, i, &was, d->e))
		return true;
	d->failed = true;
	return false;
}

bool plan_next(struct host *h, int64_t after, struct plan *out, struct err *e)
{
	struct state *s = host_state(h);
	struct draft d = {.host = h, .plan = out, .e = e};

	memset(out, 0, sizeof(*out));
	if (!s)
		return true;
	out->arena = arena_new();
	if (intent_ready_each(s, host_account(h), after, 4 * BOX_APPLY_MAX, look_at, &d, e) && !d.failed)
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
