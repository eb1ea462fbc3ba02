/*
 * One visit to the server, in phases: the list; names for messages that the server does not name; a
 * look at those that may be known under another name; download; what may go; QUIT. Each phase is a
 * row of commands that are sent as far ahead as the session allows, and a function for each answer,
 * so a piece can end between any two of them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/pop_visit_priv.h"

#define PROGRESS_MS 200
#define ONE_BY_ONE_MS 3600000 /* so long we send nothing ahead to a server that got confused */
#define TOP_BYTES 4096 /* what a header is thought to have, for the window of the pipeline */

/* ---- going and coming ---- */

static bool open_session(void *data, struct err *e)
{
	struct pop_visit *v = data;

	return pop3_open(&v->b->remote.server, &v->pop, e);
}

void pop_visit_leave(struct pop_box *b)
{
	struct pop_visit *v = b->visit;

	if (!v)
		return;
	pop_hall_free(v->hall);
	pop_hash_free(v->hash);
	pop3_free(v->pop);
	for (size_t i = 0; i < v->n; i++)
		free(v->items[i].uidl);
	free(v->items);
	free(v->order);
	map_free(v->heads);
	free(v);
	b->visit = NULL;
}

size_t pop_visit_progress(const struct pop_box *b)
{
	return b->visit ? b->visit->came : 0;
}

static int by_number(const void *va, const void *vb)
{
	const struct pop_item *a = va, *b = vb;

	return (a->number > b->number) - (a->number < b->number);
}

/* Item of the listing with that number. */
static struct pop_item *item_of(struct pop_visit *v, uint32_t number)
{
	struct pop_item key = {.number = number};
	struct pop_item *item = v->n ? bsearch(&key, v->items, v->n, sizeof(key), by_number) : NULL;

	if (!item)
		bug("message %u is not in the list", number);
	return item;
}

/* Several deaths with commands sent ahead, and none without: this server cannot take it. */
static bool too_fast(const struct pop_box *b)
{
	return b->one_by_one_until && clock_ms() < b->one_by_one_until;
}

static bool list(struct pop_visit *v, struct err *e)
{
	struct pop3_item *listed;
	size_t n;

	if (too_fast(v->b))
		pop3_one_by_one(v->pop);
	if (!pop3_list(v->pop, &listed, &n, e))
		return false;
	v->items = xcalloc(n + 1, sizeof(*v->items));
	v->n = n;
	for (size_t i = 0; i < n; i++) {
		v->items[i] = (struct pop_item){.number = listed[i].number, .size = listed[i].size, .uidl = listed[i].uidl};
		listed[i].uidl = NULL;
	}
	pop3_items_free(listed, n);
	v->no_top = !pop3_has_top(v->pop);
	v->b->delay_s = pop3_login_delay(v->pop);
	return true;
}

/* What the server does with mail that is left there, told once when it is not what the user asked for. */
static void tell_expire(struct pop_visit *v)
{
	struct pop_box *b = v->b;
	int64_t days = pop3_expire_days(v->pop);
	struct pop_rules rules = pop_rules_of(b->box.host);

	if (days == b->expire_days)
		return;
	b->expire_days = days;
	if (days < 0 || rules.at_once || (rules.days && (int64_t)rules.days <= days))
		return;
	log_write(LOG_WARN, "pop",
		days ? "%s: the server deletes mail that is left there after %lld days"
		     : "%s: the server deletes mail once it was fetched",
		host_account(b->box.host), (long long)days);
}

void pop_phase_begin(struct pop_visit *v, enum pop_phase phase)
{
	v->phase = phase;
	v->count = v->sent = v->answered = 0;
	free(v->order);
	v->order = xcalloc(v->n + 1, sizeof(*v->order));
}

/* ---- download ---- */

/* Somebody waits for the result of this job. */
static bool is_asked(const struct pop_box *b)
{
	const struct job *j = b->box.host->current;

	return j && j->id != 0;
}

static uint64_t max_size(const struct pop_visit *v)
{
	int64_t mb = host_conf_number(v->b->box.host, "pop_max_size", 0);

	return mb > 0 ? (uint64_t)MIN(mb, (int64_t)UINT32_MAX) << 20 : UINT64_MAX;
}

/* A server without UIDL and TOP: all is fetched to see what it is, so only when the list has changed. */
static bool list_is_old(struct pop_visit *v)
{
	struct hash *h = hash_sha256_new();
	char line[64];
	struct str old;
	bool same;

	for (size_t i = 0; i < v->n; i++) {
		snprintf(line, sizeof(line), "%u %llu\n", v->items[i].number, (unsigned long long)v->items[i].size);
		hash_add(h, sv_of(line));
	}
	hash_end_hex(h, v->digest);
	str_init(&old, SHA256_HEX_LEN);
	same = uidl_note(v->b->uidls, "list", &old) && sv_is(str_sv(&old), v->digest);
	str_fini(&old);
	return same;
}

static void begin_load(struct pop_visit *v)
{
	uint64_t max = max_size(v);
	bool skip_unnamed = v->unnamed && v->no_top && list_is_old(v) && !is_asked(v->b);

	pop_phase_begin(v, PHASE_LOAD);
	/* Where connections broke before comes last. */
	for (unsigned tries = 0; tries <= POP_TRIES_MAX; tries++) {
		for (size_t i = 0; i < v->n; i++) {
			struct pop_item *it = &v->items[i];

			if (it->state != UIDL_NEW || MIN(it->tries, (unsigned)POP_TRIES_MAX) != tries ||
				(!*it->uidl && skip_unnamed))
				continue;
			if (tries == POP_TRIES_MAX && !is_asked(v->b)) {
				v->failed++;
				continue;
			}
			it->todo = it->size > max && !v->no_top ? POP_PREVIEW : POP_FETCH;
			v->order[v->count++] = i;
		}
	}
}

static bool begin_clean(struct pop_visit *v, struct err *e)
{
	struct pop_rules rules = pop_rules_of(v->b->box.host);

	/* What was unknown has its name now. */
	if (v->unnamed && v->no_top && !pop_who_compare(v, e))
		return false;
	if (!uidl_forget_vanished(v->b->uidls, e))
		return false;
	pop_rules_apply(&rules, v->items, v->n, clock_now());
	pop_phase_begin(v, PHASE_CLEAN);
	for (size_t i = 0; i < v->n; i++) {
		if (v->items[i].todo == POP_DELETE)
			v->order[v->count++] = i;
	}
	return true;
}

static bool commit(struct pop_visit *v, struct err *e)
{
	size_t n = 0;
	bool ok = pop_hall_commit(v->hall, &n, e);

	v->came += n;
	return ok;
}

/* ---- commands and answers of the phases ---- */

static bool send_next(struct pop_visit *v, struct err *e)
{
	struct pop_item *it = &v->items[v->order[v->sent++]];
	bool top = v->phase != PHASE_LOAD || it->todo == POP_PREVIEW;

	if (v->phase == PHASE_CLEAN)
		return pop3_send(v->pop, POP3_DELE, it->number, 0, 0, e);
	if (top)
		return pop3_send(v->pop, POP3_TOP, it->number, v->phase == PHASE_LOAD ? POP_PREVIEW_LINES : 0, TOP_BYTES, e);
	return pop3_send(v->pop, POP3_RETR, it->number, 0, MAX(it->size, (uint64_t)1), e);
}

static bool may_send(const struct pop_visit *v)
{
	if (v->sent >= v->count || !pop3_may_send(v->pop))
		return false;
	/* A message that broke connections before is alone when it does so again. */
	return v->phase != PHASE_LOAD || pop3_under_way(v->pop) == 0 ||
	       v->items[v->order[v->sent]].tries < POP_TRIES_LAST;
}

static bool take(void *data, struct sv piece, struct err *e)
{
	struct pop_visit *v = data;
	int64_t now;

	if (v->phase != PHASE_LOAD) {
		pop_hash_add(v->hash, piece);
		return true;
	}
	v->taken += piece.len;
	now = clock_ms();
	if (v->whole && now >= v->told_at + PROGRESS_MS) {
		v->told_at = now;
		host_progress(v->b->box.host, 0, v->taken >> 10, v->whole >> 10, "fetching");
	}
	return pop_hall_take(v->hall, piece, e);
}

/* Before the answer's bytes come. */
static void expect(struct pop_visit *v, struct pop_item *it)
{
	v->taken = 0;
	if (v->phase == PHASE_LOAD) {
		pop_hall_begin(v->hall, it, it->todo);
	} else if (v->phase != PHASE_CLEAN) {
		pop_hash_free(v->hash);
		v->hash = pop_hash_new();
	}
}

static bool refused(struct pop_visit *v, struct pop_item *it, const struct err *why)
{
	/* A TOP that is refused is no TOP. */
	if (v->phase == PHASE_NAMES || v->phase == PHASE_CHECK)
		v->no_top = v->no_top || v->answered == 1;
	else
		log_write(LOG_WARN, "pop", "%s: %s", host_account(v->b->box.host), why->text);
	if (v->phase == PHASE_LOAD) {
		pop_hall_drop(v->hall);
		v->failed++;
	}
	it->todo = POP_NOTHING;
	return true;
}

static bool loaded(struct pop_visit *v, struct pop_item *it, struct err *e)
{
	bool known;

	if (!pop_hall_end(v->hall, v->check, &known, e))
		return false;
	it->todo = POP_NOTHING;
	return !pop_hall_full(v->hall) || commit(v, e);
}

static bool deal_with(struct pop_visit *v, struct pop_item *it, struct err *e)
{
	char head[SHA256_HEX_LEN + 1];

	if (v->phase == PHASE_LOAD)
		return loaded(v, it, e);
	if (v->phase == PHASE_CLEAN)
		return true;
	pop_hash_end(v->hash, head, NULL);
	v->hash = NULL;
	if (v->phase == PHASE_CHECK)
		return pop_who_checked(v, it, head, e);
	pop_who_named(v, it, head);
	return true;
}

static bool answer_one(struct pop_visit *v, struct err *e)
{
	struct pop3_answer a;
	enum pop3_verb verb;
	uint32_t number;
	struct pop_item *it;

	pop3_next(v->pop, &verb, &number);
	it = item_of(v, number);
	expect(v, it);
	if (!pop3_answer(v->pop, take, v, &a, e)) {
		pop_hall_drop(v->hall);
		return false;
	}
	v->answered++;
	return a.ok ? deal_with(v, it, e) : refused(v, it, &a.why);
}

/* ---- the course of it ---- */

static bool next_phase(struct pop_visit *v, struct err *e)
{
	if (!commit(v, e))
		return false;
	switch (v->phase) {
	case PHASE_NAMES:
		return pop_who_check(v, e);
	case PHASE_CHECK:
		begin_load(v);
		return true;
	case PHASE_LOAD:
		return begin_clean(v, e);
	case PHASE_CLEAN:
	case PHASE_QUIT:
		v->phase = PHASE_QUIT;
		break;
	}
	return true;
}

bool pop_visit_begin(struct pop_box *b, struct err *e)
{
	struct pop_visit *v = xcalloc(1, sizeof(*v));

	v->b = b;
	b->visit = v;
	v->hall = pop_hall_new(b);
	v->heads = map_new();
	host_state_say(b->box.host, "connecting", "");
	if (!remote_open(&b->remote, open_session, v, e))
		return false;
	host_state_say(b->box.host, "online", "");
	if (!list(v, e))
		return false;
	tell_expire(v);
	return pop_who_names(v, e);
}

static bool quit(struct pop_visit *v, struct err *e)
{
	struct host *h = v->b->box.host;
	bool ok;

	if (v->failed)
		log_write(LOG_WARN, "pop", "%s: %zu messages could not be had from the server", host_account(h), v->failed);
	host_step("pop: before quit");
	ok = pop3_quit(v->pop, e);
	host_step("pop: quit");
	/* The list will be the same only if we have not changed it. */
	if (ok && v->unnamed && v->no_top && !v->failed)
		ok = uidl_note_put(v->b->uidls, "list", v->count ? "" : v->digest, e);
	return ok;
}

bool pop_visit_piece(struct pop_box *b, bool *more, struct err *e)
{
	struct pop_visit *v = b->visit;
	int64_t until = clock_ms() + BOX_BATCH_MS;
	bool stop = false;

	*more = true;
	while (v->phase != PHASE_QUIT && !stop) {
		while (!stop && may_send(v))
			if (!send_next(v, e))
				return false;
		if (pop3_under_way(v->pop) > 0) {
			if (!answer_one(v, e))
				return false;
		} else if (!next_phase(v, e)) {
			return false;
		}
		stop = clock_ms() >= until || host_interrupted(b->box.host);
	}
	if (!commit(v, e))
		return false;
	if (v->phase == PHASE_LOAD && v->count)
		host_progress(b->box.host, 0, v->answered, v->count, "download");
	if (v->phase != PHASE_QUIT || stop)
		return true;
	*more = false;
	if (pop3_was_ahead(v->pop))
		b->ahead_deaths = 0;
	return quit(v, e);
}

void pop_visit_died(struct pop_box *b, const struct err *why)
{
	struct pop_visit *v = b->visit;
	struct uidl_row row;
	enum pop3_verb verb;
	struct pop_item *it;
	uint32_t number;
	bool theirs = why->class == ERR_NET || why->class == ERR_PROTO || why->class == ERR_LIMIT || why->class == ERR_TLS;

	if (!v || !v->pop || !theirs)
		return;
	if (pop3_was_ahead(v->pop) && ++b->ahead_deaths >= 2) {
		b->ahead_deaths = 0;
		b->one_by_one_until = clock_ms() + ONE_BY_ONE_MS;
		log_write(LOG_INFO, "pop", "%s: from now on one command at a time", host_account(b->box.host));
	}
	if (v->phase != PHASE_LOAD || pop3_under_way(v->pop) == 0)
		return;
	pop3_next(v->pop, &verb, &number);
	it = item_of(v, number);
	if (it->state != UIDL_NEW || !*it->uidl)
		return;
	row = (struct uidl_row){.state = UIDL_NEW, .size = (int64_t)it->size, .tries = it->tries + 1};
	if (!uidl_put(b->uidls, sv_of(it->uidl), &row, NULL))
		log_write(LOG_WARN, "pop", "%s: the table of UIDLs cannot be written", host_account(b->box.host));
}

/* ---- the whole of a preview ---- */

/* What was asked for before is taken in; nothing new is sent. */
static bool drain(struct pop_visit *v, struct err *e)
{
	while (pop3_under_way(v->pop) > 0)
		if (!answer_one(v, e))
			return false;
	return commit(v, e);
}

static struct pop_item *find_uidl(struct pop_visit *v, struct sv uidl)
{
	for (size_t i = 0; i < v->n; i++) {
		if (sv_is(uidl, v->items[i].uidl))
			return &v->items[i];
	}
	return NULL;
}

static bool retrieve(struct pop_visit *v, struct pop_item *it, struct err *e)
{
	enum pop_phase phase = v->phase;
	bool known, ok;

	v->phase = PHASE_LOAD;
	v->whole = MAX(it->size, (uint64_t)1);
	it->todo = POP_FETCH;
	expect(v, it);
	ok = pop3_retrieve(v->pop, it->number, -1, take, v, e) && pop_hall_end(v->hall, false, &known, e);
	if (!ok)
		pop_hall_drop(v->hall);
	it->todo = POP_NOTHING;
	v->whole = 0;
	v->phase = phase;
	return ok;
}

bool pop_visit_whole(struct pop_box *b, struct sv uidl, const char *preview, char base[UIDL_BASE_MAX + 1], struct err *e)
{
	struct pop_visit *v = b->visit;
	struct pop_item *it;

	if (!drain(v, e))
		return false;
	it = find_uidl(v, uidl);
	if (!it)
		return err_set(e, ERR_GONE, "the message is not on the server any more: its beginning is all there is");
	return retrieve(v, it, e) && pop_hall_commit_whole(v->hall, preview, base, e);
}
