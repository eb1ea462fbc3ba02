/*
 * What becomes of a row: one transaction each. Recipients who were refused while others got the mail
 * become a row of their own, so that nobody gets it twice when they are tried again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/draft.h"
#include "core/gettext.h"
#include "core/outbox_priv.h"

#define RECIPIENTS_TEXT_MAX (4u << 20)
#define OPTIONS_MAX 65536

/* ---- rows ---- */

static bool copy_row(void *data, const struct outbox_row *r)
{
	struct row_copy *c = data;
	struct arena *a = c->arena;

	c->row = *r;
	c->row.account = arena_strdup(a, r->account);
	c->row.from = arena_strdup(a, r->from);
	c->row.recipients = arena_strdup(a, r->recipients);
	c->row.file = arena_strdup(a, r->file);
	c->row.subject = arena_strdup(a, r->subject);
	c->row.fcc = arena_strdup(a, r->fcc);
	c->row.options = arena_strdup(a, r->options);
	c->row.orig_account = arena_strdup(a, r->orig_account);
	c->row.orig_mailbox = arena_strdup(a, r->orig_mailbox);
	c->row.error = arena_strdup(a, r->error);
	return true;
}

bool row_load(struct session *s, int64_t id, struct row_copy *c, struct err *e)
{
	c->arena = arena_new();
	if (outbox_get(s->state, id, copy_row, c, e))
		return true;
	arena_free(c->arena);
	c->arena = NULL;
	return false;
}

char *row_option_set(const char *options, const char *name, const char *value)
{
	struct sv rest = sv_of(options), line;
	size_t n = strlen(name);
	struct str out;
	char *text;

	str_init(&out, OPTIONS_MAX);
	while (sv_line(&rest, &line)) {
		if (line.len > n && line.p[n] == '=' && sv_starts(line, sv_make(name, n)))
			continue;
		(void)str_addf(&out, SV_FMT "\n", SV_ARG(line));
	}
	(void)outbox_option_add(&out, name, sv_of(value));
	text = str_detach(&out);
	str_fini(&out);
	return text;
}

static bool in_one(struct session *s, bool ok, struct err *e)
{
	if (ok)
		return state_commit(s->state, e);
	state_rollback(s->state);
	return false;
}

/* ---- what was said about the recipients ---- */

bool row_keep_results(struct submitter *u, struct err *e)
{
	struct outbox_rcpt *list;
	bool plain = true, ok;

	/* That all of them have it says the state of the row. */
	for (size_t i = 0; i < u->rcpt_count; i++)
		plain = plain && u->rcpts[i].result == OUTBOX_RCPT_SENT;
	if (plain)
		return true;
	list = xcalloc(u->rcpt_count, sizeof(*list));
	for (size_t i = 0; i < u->rcpt_count; i++)
		list[i] = (struct outbox_rcpt){
			u->rcpts[i].addr, u->rcpts[i].result, u->rcpts[i].words};
	ok = outbox_rcpt_set(u->s->state, u->sending, list, u->rcpt_count, e);
	free(list);
	return ok;
}

/* The recipients of one result, one a line, and what was said about them. */
struct pick {
	const struct outbox_row *row;
	enum outbox_result want;
	struct str addrs;
	struct arena *arena;
	struct outbox_rcpt *v;
	size_t n, cap;
};

static bool is_recipient(const struct outbox_row *r, const char *addr)
{
	struct sv rest = sv_of(r->recipients), line;

	while (sv_line(&rest, &line))
		if (sv_is(line, addr))
			return true;
	return false;
}

static bool take_pick(void *data, const struct outbox_rcpt *r)
{
	struct pick *p = data;

	if (r->result != p->want || !is_recipient(p->row, r->addr))
		return true;
	(void)str_addf(&p->addrs, "%s\n", r->addr);
	array_grow(p->v, p->n, p->cap);
	p->v[p->n++] = (struct outbox_rcpt){
		arena_strdup(p->arena, r->addr), r->result, arena_strdup(p->arena, r->words)};
	return true;
}

static bool pick(struct session *s, const struct outbox_row *r, enum outbox_result want,
	struct pick *p, struct err *e)
{
	*p = (struct pick){.row = r, .want = want, .arena = arena_new()};
	str_init(&p->addrs, RECIPIENTS_TEXT_MAX);
	return outbox_rcpt_each(s->state, r->id, take_pick, p, e);
}

static void pick_fini(struct pick *p)
{
	str_fini(&p->addrs);
	arena_free(p->arena);
	free(p->v);
}

/* Not all of the draft's recipients are in this row. */
static char *mark_rest(const char *options)
{
	char *without = row_option_set(options, "intents", ""),
	     *text = row_option_set(without, "rest", "yes");

	free(without);
	return text;
}

/* A row of their own for recipients who were refused: for good, or for now. */
static bool split_off(
	struct session *s, const struct outbox_row *r, const struct pick *p, struct err *e)
{
	bool later = p->want == OUTBOX_RCPT_LATER, ok;
	struct outbox_row own = *r;
	char *options;
	int64_t id;

	if (p->n == 0)
		return true;
	options = mark_rest(r->options);
	own.options = options;
	own.state = later ? OUTBOX_QUEUED : OUTBOX_FAILED;
	own.recipients = p->addrs.s;
	own.fcc = "";
	own.orig_account = own.orig_mailbox = "";
	own.orig_uid = own.orig_uidvalidity = 0;
	own.orig_flag = 0;
	own.send_at = 0;
	own.attempts = 1;
	own.next_try = later ? clock_now() + outbox_backoff_s(1) : 0;
	own.error = p->v[0].words;
	ok = outbox_add(s->state, &own, &id, e) && outbox_rcpt_set(s->state, id, p->v, p->n, e);
	free(options);
	return ok;
}

/* The row itself goes on with fewer recipients. */
static bool reduce(
	struct session *s, const struct outbox_row *r, const char *recipients, struct err *e)
{
	char *options = mark_rest(r->options);
	bool ok = outbox_set_recipients(s->state, r->id, recipients, e) &&
		  outbox_set_options(s->state, r->id, options, e);

	free(options);
	return ok;
}

/* ---- copies, flags, drafts ---- */

/* One mailbox of an Fcc: an append of its own, which may wait for its server without holding up the mail. */
static bool add_copy(
	struct session *s, const char *mailbox, const char *file, struct str *ids, struct err *e)
{
	char *name = NULL, *real;
	struct acct *a = session_resolve(s, mailbox, &name, e);
	int64_t id = 0;
	bool ok;

	if (!a)
		return err_at(e, _("The copy in %s"), mailbox);
	real = acct_mailbox_name(a, name);
	struct intent i = {.kind = INTENT_APPEND,
		.state = INTENT_PENDING,
		.account = a->name,
		.mailbox = real,
		.add = MSG_SEEN,
		.file = file,
		.date = clock_now()};
	ok = intent_add(s->state, &i, &id, e);
	if (ok)
		(void)str_addf(ids, "%s%lld", ids->len ? " " : "", (long long)id);
	free(real);
	free(name);
	return ok;
}

/*
 * The copies for yourself. A mailbox that is none does not hold up the others: *trouble says what is
 * wrong with it (caller frees).
 */
static bool add_fcc(struct session *s, const struct outbox_row *r, struct str *ids, char **trouble,
	struct err *e)
{
	struct sv all = sv_of(r->fcc), rest = all, one;
	const char *delimiter = s->conf->fcc_delimiter;
	char *file;
	bool ok = true;

	/* The second line names the file of the copy when that is not the one that was sent (Bcc). */
	(void)sv_line(&all, &rest);
	file = all.len ? sv_dup(all) : xstrdup(r->file);
	while (ok && rest.len > 0) {
		ptrdiff_t cut = *delimiter ? sv_find(rest, sv_of(delimiter)) : -1;
		char *mailbox;

		one = cut < 0 ? rest : sv_head(rest, (size_t)cut);
		rest = cut < 0 ? sv_make("", 0) : sv_from(rest, (size_t)cut + strlen(delimiter));
		mailbox = sv_dup(sv_trim(one));
		ok = !*mailbox || add_copy(s, mailbox, file, ids, e);
		if (!ok && e->class == ERR_INPUT) {
			free(*trouble);
			*trouble = xstrdup(e->text);
			ok = true;
		}
		free(mailbox);
	}
	free(file);
	return ok;
}

static bool add_answered(struct session *s, const struct outbox_row *r, struct err *e)
{
	struct intent i = {.kind = INTENT_FLAG,
		.state = INTENT_PENDING,
		.account = r->orig_account,
		.mailbox = r->orig_mailbox,
		.uidvalidity = r->orig_uidvalidity,
		.uid = r->orig_uid,
		.add = r->orig_flag};
	int64_t id;

	return !*r->orig_mailbox || r->orig_uid == 0 || r->orig_flag == 0 ||
	       intent_add(s->state, &i, &id, e);
}

struct draft_use {
	int64_t draft, but;
	bool used;
};

static bool uses_draft(void *data, const struct outbox_row *r)
{
	struct draft_use *u = data;

	u->used = u->used || (r->id != u->but && r->state != OUTBOX_SENT &&
				     r->state != OUTBOX_FILED && outbox_draft_of(r) == u->draft);
	return !u->used;
}

/* The draft is kept while some of its recipients have not got it: it is what would be corrected. */
static bool forget_draft(struct session *s, const struct outbox_row *r, struct err *e)
{
	struct draft_use u = {.draft = outbox_draft_of(r), .but = r->id};

	s->postponed = -1;
	if (!u.draft)
		return true;
	if (!outbox_each(s->state, NULL, uses_draft, &u, e))
		return false;
	return u.used || state_draft_delete(s->state, u.draft, e) || e->class == ERR_GONE;
}

bool row_fcc_first(struct session *s, const struct outbox_row *r, struct err *e)
{
	char *trouble = NULL, *options;
	struct str ids;
	bool ok;

	str_init(&ids, OPTIONS_MAX);
	ok = add_fcc(s, r, &ids, &trouble, e);
	if (ok && trouble)
		ok = err_set(e, ERR_INPUT, "%s", trouble);
	options = row_option_set(r->options, "intents", ids.s ? ids.s : "");
	ok = ok && outbox_set_fcc(s->state, r->id, "", e) &&
	     outbox_set_options(s->state, r->id, options, e);
	free(options);
	free(trouble);
	str_fini(&ids);
	return ok;
}

/* ---- sent ---- */

static void tell_accounts(struct session *s)
{
	for (size_t i = 0; i < s->acct_count; i++)
		session_intents(s, s->accts[i]->name);
}

static uint64_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* Copies, their intents and the size into the options; the file may go. */
static bool settle_copies(
	struct session *s, const struct outbox_row *r, char **trouble, struct err *e)
{
	char *with_size, *options, size[32];
	struct str ids;
	bool ok;

	snprintf(size, sizeof(size), "%llu", (unsigned long long)file_size(r->file));
	with_size = row_option_set(r->options, "size", size);
	str_init(&ids, OPTIONS_MAX);
	(void)str_add(&ids, outbox_option(sv_of(r->options), "intents"));
	ok = add_fcc(s, r, &ids, trouble, e);
	options = row_option_set(with_size, "intents", ids.s ? ids.s : "");
	ok = ok && outbox_set_options(s->state, r->id, options, e);
	/* A copy that has no place yet keeps its file. */
	ok = ok && (*trouble || outbox_forget_file(s->state, r->id, e));
	free(options);
	free(with_size);
	str_fini(&ids);
	return ok;
}

static void say_sent(struct session *s, const struct outbox_row *r, const struct pick *never,
	const struct pick *later)
{
	const struct pick *p = never->n ? never : later;
	size_t refused = never->n + later->n, all = 0;
	struct sv rest = sv_of(r->recipients), line;

	while (sv_line(&rest, &line))
		all += line.len > 0;
	if (refused == 0) {
		session_say(s, LOG_INFO, _("Mail sent: %s"), r->subject);
		return;
	}
	char *cause = outbox_cause(p->v[0].words);
	session_say(s, LOG_WARN,
		never->n ? _("Sent to %zu of %zu. Refused for %s: %s. The rest is kept in the "
			     "outbox.")
			 : _("Sent to %zu of %zu. Not yet for %s: %s. It is tried again."),
		all - refused, all, p->v[0].addr, *cause ? cause : p->v[0].words);
	free(cause);
}

/* All that "sent" means, in one transaction. */
static bool note_sent(struct session *s, const struct outbox_row *r, const char *words, const struct pick *never,
	const struct pick *later, char **trouble, struct err *e)
{
	bool ok = state_begin(s->state, e);

	if (!ok)
		return false;
	ok = outbox_change(s->state, r->id, r->state, OUTBOX_SENT, words, 0, e) && split_off(s, r, never, e) &&
	     split_off(s, r, later, e) && settle_copies(s, r, trouble, e) && add_answered(s, r, e) &&
	     forget_draft(s, r, e) && outbox_prune(s->state, clock_now(), e);
	return in_one(s, ok, e);
}

bool row_sent(struct session *s, const struct outbox_row *r, const char *words, struct err *e)
{
	struct pick never, later;
	char *trouble = NULL;
	bool ok;

	ok = pick(s, r, OUTBOX_RCPT_NEVER, &never, e);
	ok = pick(s, r, OUTBOX_RCPT_LATER, &later, e) && ok;
	ok = ok && note_sent(s, r, words, &never, &later, &trouble, e);
	if (ok) {
		say_sent(s, r, &never, &later);
		if (trouble)
			session_say(s, LOG_ERROR, "%s", trouble);
		if (later.n)
			outbox_kick_soon(s, outbox_backoff_s(1));
		tell_accounts(s);
	}
	pick_fini(&never);
	pick_fini(&later);
	free(trouble);
	return ok;
}

/* ---- copies that have arrived ---- */

struct filing {
	struct session *s;
	struct row_copy *v;
	size_t n, cap;
};

static bool take_filing(void *data, const struct outbox_row *r)
{
	struct filing *f = data;

	if (r->state != OUTBOX_SENT || outbox_option(sv_of(r->options), "intents").len == 0)
		return true;
	array_grow(f->v, f->n, f->cap);
	f->v[f->n].arena = arena_new();
	return copy_row(&f->v[f->n++], r);
}

struct fate {
	bool there, failed;
	char error[400];
};

static bool take_fate(void *data, const struct intent *i)
{
	struct fate *f = data;

	f->there = true;
	f->failed = i->state != INTENT_PENDING;
	snprintf(f->error, sizeof(f->error), "%s", i->error);
	return true;
}

static void look_filed(struct session *s, const struct outbox_row *r)
{
	struct sv rest = outbox_option(sv_of(r->options), "intents"), word;
	bool waiting = false;
	struct err e;
	uint64_t id;

	while (sv_split(&rest, ' ', &word)) {
		struct fate f = {.there = false};

		if (!sv_u64(word, &id))
			continue;
		(void)!intent_get(s->state, (int64_t)id, take_fate, &f, &e);
		waiting = waiting || f.there;
		if (f.failed && strstr(r->error, f.error) == NULL) {
			char *text = xasprintf(
				_("%s; its copy could not be filed: %s"), r->error, f.error);

			if (!outbox_change(s->state, r->id, OUTBOX_SENT, OUTBOX_SENT, text, 0, &e))
				session_fail(s, &e, _("The outbox"));
			free(text);
		}
	}
	if (!waiting && !*r->fcc &&
		!outbox_change(s->state, r->id, OUTBOX_SENT, OUTBOX_FILED, r->error, 0, &e))
		session_fail(s, &e, _("The outbox"));
}

void rows_look_filed(struct session *s)
{
	struct filing f = {.s = s};
	struct err e;

	if (!outbox_each(s->state, NULL, take_filing, &f, &e))
		session_fail(s, &e, _("The outbox"));
	for (size_t i = 0; i < f.n; i++) {
		look_filed(s, &f.v[i].row);
		arena_free(f.v[i].arena);
	}
	free(f.v);
}

/* ---- not sent ---- */

bool row_failed(struct session *s, const struct outbox_row *r, const char *why, struct err *e)
{
	char *cause;

	if (!outbox_change(s->state, r->id, r->state, OUTBOX_FAILED, why, 0, e))
		return false;
	cause = outbox_cause(why);
	if (*cause)
		session_say(s, LOG_ERROR,
			_("Not sent: %s (%s). The message is kept in the outbox."), why, cause);
	else
		session_say(
			s, LOG_ERROR, _("Not sent: %s. The message is kept in the outbox."), why);
	free(cause);
	return true;
}

/* All were refused, some only for now: these are tried again without the others. */
static bool keep_later(
	struct session *s, const struct outbox_row *r, const struct pick *never, struct err *e)
{
	struct sv rest = sv_of(r->recipients), line;
	struct str left;
	bool ok;

	if (never->n == 0)
		return true;
	str_init(&left, RECIPIENTS_TEXT_MAX);
	while (sv_line(&rest, &line)) {
		size_t i = 0;

		while (i < never->n && !sv_is(line, never->v[i].addr))
			i++;
		if (i == never->n && line.len)
			(void)str_addf(&left, SV_FMT "\n", SV_ARG(line));
	}
	ok = left.len == 0 || (split_off(s, r, never, e) && reduce(s, r, left.s, e));
	str_fini(&left);
	return ok;
}

static bool has_waited_enough(const struct outbox_row *r, size_t refused)
{
	return refused > 0 && clock_now() - MAX(r->created, r->send_at) > OUTBOX_GIVE_UP_S;
}

/* One whose time has not come, and that its server should have kept until then, waits for both. */
static bool put_back(struct session *s, const struct outbox_row *r, bool enough, const char *why, int64_t next,
	struct err *e)
{
	if (r->send_at > clock_now())
		return outbox_schedule(s->state, r->id, r->state, r->send_at, next, e);
	return outbox_change(
		s->state, r->id, r->state, enough ? OUTBOX_FAILED : OUTBOX_QUEUED, why, next, e);
}

static void say_later(struct session *s, bool enough, int wait, const char *why)
{
	if (enough)
		session_say(s, LOG_ERROR,
			_("Given up after %d days: %s. The message is kept in the outbox."),
			OUTBOX_GIVE_UP_S / (24 * 3600), why);
	else
		session_say(s, LOG_WARN,
			ngettext("Not sent yet: %s. It is tried again in %d minute.",
				"Not sent yet: %s. It is tried again in %d minutes.",
				(wait + 59) / 60),
			why, (wait + 59) / 60);
}

bool row_later(struct session *s, const struct outbox_row *r, const char *why, struct err *e)
{
	int wait = outbox_backoff_s(r->attempts);
	struct pick never, later;
	bool ok, enough;

	if (!state_begin(s->state, e))
		return false;
	ok = pick(s, r, OUTBOX_RCPT_NEVER, &never, e);
	ok = pick(s, r, OUTBOX_RCPT_LATER, &later, e) && ok;
	enough = has_waited_enough(r, later.n);
	ok = ok && keep_later(s, r, &never, e) &&
	     put_back(s, r, enough, why, clock_now() + wait, e);
	ok = in_one(s, ok, e);
	pick_fini(&never);
	pick_fini(&later);
	if (ok) {
		say_later(s, enough, wait, why);
		outbox_kick_soon(s, wait);
	}
	return ok;
}

bool row_not_held(struct session *s, const struct outbox_row *r, struct err *e)
{
	if (!outbox_schedule(s->state, r->id, r->state, r->send_at, 0, e))
		return false;
	outbox_kick_soon(s, 1);
	return true;
}

/* ---- unknown ---- */

void row_ask_unknown(struct session *s, const struct outbox_row *r)
{
	char *text = xasprintf(
		_("\"%s\" may or may not have been sent: %s. Did it arrive? (yes: it "
		  "counts as sent, no: it is sent again)"),
		r->subject, *r->error ? r->error : _("feist ended while the server was taking it"));

	ask_unknown_send(s, r->id, text);
	free(text);
}

bool row_unknown(struct session *s, const struct outbox_row *r, const char *why, struct err *e)
{
	struct outbox_row asked = *r;

	if (!outbox_change(s->state, r->id, r->state, OUTBOX_UNKNOWN, why, 0, e))
		return false;
	asked.error = why;
	row_ask_unknown(s, &asked);
	return true;
}

/* Those of whom it is sure that they have it, or never will, are left out. */
static bool send_unknown_again(struct session *s, const struct outbox_row *r, struct err *e)
{
	static const enum outbox_result sure[] = {OUTBOX_RCPT_SENT, OUTBOX_RCPT_NEVER};
	struct sv rest = sv_of(r->recipients), line;
	struct pick p[ARRAY_LEN(sure)];
	struct str left;
	bool ok = true;

	for (size_t k = 0; k < ARRAY_LEN(sure); k++)
		ok = pick(s, r, sure[k], &p[k], e) && ok;
	str_init(&left, RECIPIENTS_TEXT_MAX);
	while (ok && sv_line(&rest, &line)) {
		bool out = line.len == 0;

		for (size_t k = 0; k < ARRAY_LEN(sure); k++)
			for (size_t i = 0; i < p[k].n; i++)
				out = out || sv_is(line, p[k].v[i].addr);
		if (!out)
			(void)str_addf(&left, SV_FMT "\n", SV_ARG(line));
	}
	ok = ok && split_off(s, r, &p[1], e) &&
	     (left.len == 0 || (p[0].n + p[1].n == 0) || reduce(s, r, left.s, e)) &&
	     outbox_change(s->state, r->id, OUTBOX_UNKNOWN, OUTBOX_QUEUED, "", clock_now(), e);
	str_fini(&left);
	for (size_t k = 0; k < ARRAY_LEN(sure); k++)
		pick_fini(&p[k]);
	return ok;
}

void outbox_answer_unknown(struct session *s, int64_t id, bool sent)
{
	struct row_copy c;
	struct err e;
	bool ok = row_load(s, id, &c, &e);

	if (ok) {
		if (c.row.state != OUTBOX_UNKNOWN)
			ok = err_set(&e, ERR_GONE, "%s", _("The message is not waiting for an answer any more."));
		else if (sent)
			ok = row_sent(s, &c.row, "", &e);
		else
			ok = state_begin(s->state, &e) && in_one(s, send_unknown_again(s, &c.row, &e), &e);
		arena_free(c.arena);
	}
	if (!ok)
		session_fail(s, &e, _("The outbox"));
	outbox_tell(s);
	outbox_kick(s);
}
