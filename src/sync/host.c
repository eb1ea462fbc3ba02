/*
 * What the worker lends to its backends: options, the way to the ui, the questions, the queue. The
 * protocol state machine is in worker.c.
 */
#include "sync/host_priv.h"
#include "sync/spam.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/index.h"

#define CONF_MAX (8u << 20) /* of one option in parts: the names of 100,000 mailboxes */

struct host *host_new(struct chan *chan, const char *account, const char *kind, const char *cache_dir,
	const char *state_path)
{
	struct host *h = xcalloc(1, sizeof(*h));

	h->chan = chan;
	h->account = xstrdup(account);
	h->kind = xstrdup(kind);
	h->role = xstrdup("box");
	h->cache_dir = xstrdup(cache_dir);
	h->state_path = xstrdup(state_path);
	h->conf = map_new();
	str_init(&h->conf_parts, CONF_MAX);
	h->memory = map_new();
	h->answer_fd = -1;
	h->resume = resume_new(chan ? chan_fd(chan) : -1);
	return h;
}

void host_free(struct host *h)
{
	struct sv key;
	void *value;
	size_t at = 0;

	if (!h)
		return;
	while (h->queue) {
		struct job *j = h->queue;

		h->queue = j->next;
		job_free(j);
	}
	job_free(h->current);
	while (map_next(h->conf, &at, &key, &value))
		free(value);
	for (size_t i = 0; i < h->old_count; i++)
		free(h->old_conf[i]);
	free(h->old_conf);
	str_fini(&h->conf_parts);
	map_free(h->conf);
	at = 0;
	while (map_next(h->memory, &at, &key, &value))
		free(value);
	map_free(h->memory);
	spam_rules_free(h->spam);
	free(h->spam_text);
	secret_free(h->secret);
	if (h->answer_fd >= 0)
		close(h->answer_fd);
	index_free(h->index);
	resume_free(h->resume);
	state_close(h->state);
	cache_close(h->cache);
	free(h->account);
	free(h->kind);
	free(h->role);
	free(h->cache_dir);
	free(h->state_path);
	free(h);
}

/* ---- what it knows ---- */

struct search *host_search(struct host *h)
{
	return index_search(h->index);
}

struct cache *host_cache(struct host *h)
{
	return h->cache;
}

struct state *host_state(struct host *h)
{
	struct err e;

	/* The ui may make it after we were started. */
	if (!h->state && *h->state_path && !state_open_reader(&h->state, h->state_path, &e) && e.class != ERR_GONE)
		log_write(LOG_WARN, "worker", "%s", e.text);
	return h->state;
}

const char *host_account(struct host *h)
{
	return h->account;
}

const char *host_cache_dir(struct host *h)
{
	return h->cache_dir;
}

void host_set_conf(struct host *h, const char *name, const char *value)
{
	char *old = map_get(h->conf, sv_of(name));

	if (old && strcmp(old, value) == 0)
		return;
	map_set(h->conf, sv_of(name), xstrdup(value));
	if (!old)
		return;
	/* Options come also while a connection is made with the old ones: those stay until the end. */
	array_grow(h->old_conf, h->old_count, h->old_cap);
	h->old_conf[h->old_count++] = old;
}

const char *host_conf(struct host *h, const char *name)
{
	return map_get(h->conf, sv_of(name));
}

struct spam_rules *host_spam(struct host *h)
{
	const char *text = host_conf(h, "spam");

	text = text ? text : "";
	if (!h->spam_text || strcmp(h->spam_text, text) != 0) {
		spam_rules_free(h->spam);
		free(h->spam_text);
		h->spam = spam_rules_new(text);
		h->spam_text = xstrdup(text);
	}
	return h->spam;
}

bool host_conf_bool(struct host *h, const char *name, bool fallback)
{
	const char *v = host_conf(h, name);

	if (!v || !*v)
		return fallback;
	return strcmp(v, "yes") == 0 || strcmp(v, "1") == 0 || strcmp(v, "ask-yes") == 0;
}

int64_t host_conf_number(struct host *h, const char *name, int64_t fallback)
{
	struct sv v = sv_of(host_conf(h, name));
	bool minus = v.len > 0 && v.p[0] == '-';
	uint64_t n;

	if (!sv_u64(minus ? sv_from(v, 1) : v, &n) || n > INT64_MAX)
		return fallback;
	return minus ? -(int64_t)n : (int64_t)n;
}

/* ---- the queue ---- */

struct job *job_new(enum job_kind kind, uint64_t id)
{
	struct job *j = xcalloc(1, sizeof(*j));

	j->kind = kind;
	j->id = id;
	return j;
}

void job_free(struct job *j)
{
	if (!j)
		return;
	free(j->text);
	free(j->todo);
	plan_seen_fini(&j->seen);
	free(j);
}

/* What the user searches for comes before the older messages of a mailbox that is open already. */
static int rank(const struct job *job)
{
	return job->kind == JOB_WATCH && job->started ? 2 * JOB_SEARCH + 1 : 2 * (int)job->kind;
}

void job_add(struct host *h, struct job *job)
{
	struct job **at = &h->queue;

	if (h->queued >= JOBS_MAX) {
		struct err e;

		err_set(&e, ERR_LIMIT, "%d jobs are waiting already", JOBS_MAX);
		host_failed(h, job->id, &e);
		job_free(job);
		return;
	}
	while (*at && rank(*at) <= rank(job))
		at = &(*at)->next;
	job->next = *at;
	*at = job;
	h->queued++;
}

void job_want(struct host *h, enum job_kind kind, uint64_t mailbox)
{
	for (struct job *j = h->queue; j; j = j->next) {
		if (j->kind == kind && j->mailbox == mailbox && !j->started && !j->text)
			return;
	}
	struct job *job = job_new(kind, 0);
	job->mailbox = mailbox;
	job_add(h, job);
}

/* A mailbox that is no longer looked at need not be opened first any more. */
static void forget_watches(struct host *h)
{
	for (struct job **at = &h->queue; *at;) {
		struct job *j = *at;

		if (j->kind != JOB_WATCH) {
			at = &j->next;
			continue;
		}
		*at = j->next;
		h->queued--;
		host_done(h, j->id, "");
		job_free(j);
	}
	if (h->current && h->current->kind == JOB_WATCH)
		h->current->cancelled = true;
}

static void cancel(struct host *h, uint64_t id)
{
	if (h->current && h->current->id == id)
		h->current->cancelled = true;
	for (struct job **at = &h->queue; *at; at = &(*at)->next) {
		struct job *j = *at;

		if (j->id != id)
			continue;
		struct err e;

		*at = j->next;
		h->queued--;
		err_set(&e, ERR_CANCEL, "cancelled");
		host_failed(h, id, &e);
		job_free(j);
		return;
	}
}

/* ---- what comes in ---- */

static char *text_of(struct sv v)
{
	return sv_dup(v);
}

/* A part that does not fit is lost with all that follow: better some of the mailboxes than none. */
static void take_conf(struct host *h, const struct msg_CONF *m)
{
	struct str *parts = &h->conf_parts;
	char *name, *value;

	if (m->name.len && m->name.p[m->name.len - 1] == '+') {
		if (!str_add(parts, m->value))
			log_write(LOG_WARN, "worker", "%s: " SV_FMT " is too long", h->account, SV_ARG(m->name));
		return;
	}
	name = sv_dup(m->name);
	value = parts->len ? xasprintf(SV_FMT SV_FMT, SV_ARG(str_sv(parts)), SV_ARG(m->value)) : sv_dup(m->value);
	str_clear(parts);
	host_set_conf(h, name, value);
	mem_wipe(value, strlen(value));
	free(name);
	free(value);
}

static void take_fetch(struct host *h, const struct msg_FETCH *m)
{
	struct job *j = job_new(m->urgent ? JOB_READ : JOB_FETCH, m->job);

	j->message = m->message;
	j->text = text_of(m->section);
	job_add(h, j);
}

static void take_answer(struct host *h, uint64_t to, struct sv value, bool secret)
{
	if (to != h->answer_to || h->answered)
		return; /* too late, or a question that was given up */
	h->answered = true;
	if (secret)
		h->secret = secret_new(value.p, value.len);
	else
		snprintf(h->answer, sizeof(h->answer), SV_FMT, SV_ARG(value));
}

/* A descriptor that nobody waits for any more is closed: that ends the program behind it. */
static void take_tunnel(struct host *h, const struct msg_TUNNEL *m)
{
	if (m->job != h->answer_to || h->answered) {
		close(m->fd);
		return;
	}
	h->answered = true;
	h->answer_fd = m->fd;
}

void host_take(struct host *h, const struct msg *m)
{
	struct job *j = NULL;

	switch (m->type) {
	case MSG_CONF:
		take_conf(h, &m->CONF);
		return;
	case MSG_SECRET:
		take_answer(h, m->SECRET.job, m->SECRET.value, true);
		return;
	case MSG_ANSWER:
		take_answer(h, m->ANSWER.job, m->ANSWER.value, false);
		return;
	case MSG_TUNNEL:
		take_tunnel(h, &m->TUNNEL);
		return;
	case MSG_CANCEL:
		cancel(h, m->CANCEL.job);
		return;
	case MSG_QUIT:
		h->quit_asked = true;
		h->quit_job = m->QUIT.job;
		return;
	case MSG_FETCH:
		take_fetch(h, &m->FETCH);
		break;
	case MSG_SYNC:
		j = job_new(JOB_SYNC, m->SYNC.job);
		j->mailbox = m->SYNC.mailbox;
		break;
	case MSG_WATCH:
		forget_watches(h);
		j = job_new(JOB_WATCH, m->WATCH.job);
		j->text = text_of(m->WATCH.name);
		break;
	case MSG_APPLY:
		j = job_new(JOB_APPLY, m->APPLY.job);
		break;
	case MSG_SEND:
		j = job_new(JOB_SEND, m->SEND.job);
		j->outbox = m->SEND.outbox;
		break;
	case MSG_SEARCH:
		j = job_new(JOB_SEARCH, m->SEARCH.job);
		j->mailbox = m->SEARCH.mailbox;
		j->text = text_of(m->SEARCH.query);
		break;
	default:
		return;
	}
	h->user_acted = true;
	if (j)
		job_add(h, j);
}

static bool is_submit(const struct host *h)
{
	return strcmp(h->role, "submit") == 0;
}

bool host_slept(struct host *h)
{
	h->slept = resume_slept(h->resume) || h->slept;
	return h->slept && !is_submit(h);
}

/* Everything from the channel. */
static void take_all(struct host *h)
{
	struct msg m;
	struct err e;

	while (h->chan && !h->leaving) {
		switch (chan_next(h->chan, &m, &e)) {
		case CHAN_MSG:
			host_take(h, &m);
			break;
		case CHAN_EMPTY:
			return;
		case CHAN_EOF:
			h->leaving = true;
			break;
		case CHAN_BAD:
			log_write(LOG_ERROR, "worker", "%s", e.text);
			h->leaving = true;
			break;
		}
	}
}

void host_poll(struct host *h)
{
	take_all(h);
	(void)host_slept(h);
}

void host_wait(struct host *h, int timeout_ms)
{
	struct pollfd p = {.fd = host_wake_fd(h), .events = POLLIN};

	if (!h->chan || h->leaving)
		return;
	if (!chan_readable(h->chan))
		(void)poll(&p, 1, timeout_ms);
	host_poll(h);
}

int host_wake_fd(struct host *h)
{
	return resume_fd(h->resume);
}

bool host_was_cancelled(struct host *h)
{
	return h->leaving || (h->current && h->current->cancelled);
}

bool host_job_is_over(struct host *h)
{
	const struct job *j = h->current;
	bool must_end_well = j && (j->kind == JOB_APPLY || j->kind == JOB_SEND);

	return host_was_cancelled(h) || (h->quit_asked && !must_end_well);
}

bool host_cancelled(struct host *h)
{
	take_all(h);
	return host_was_cancelled(h);
}

bool host_interrupted(struct host *h)
{
	if (host_cancelled(h) || h->quit_asked)
		return true;
	return h->queue && h->current && rank(h->queue) < rank(h->current);
}

bool host_should_yield(struct host *h)
{
	const struct job *next = h->queue, *now = h->current;

	if (host_interrupted(h))
		return true;
	return next && now && next->kind == now->kind && next->text && now->text && strcmp(next->text, "text") == 0 &&
	       strcmp(now->text, "text") != 0;
}

/* ---- what goes out ---- */

static void say(struct host *h, const struct msg *m)
{
	struct err e;

	if (!h->chan || h->leaving)
		return;
	if (!chan_send(h->chan, m, -1, &e))
		h->leaving = true;
}

#define SAY(h, NAME, ...) say((h), &(struct msg){.type = MSG_##NAME, .NAME = {__VA_ARGS__}})

static uint64_t current_job(struct host *h)
{
	return h->current ? h->current->id : 0;
}

void host_state_say(struct host *h, const char *state, const char *text)
{
	char both[sizeof(h->said_state)];

	snprintf(both, sizeof(both), "%s", state);
	if (!*text && strcmp(both, h->said_state) == 0)
		return;
	memcpy(h->said_state, both, sizeof(both));
	SAY(h, STATE, .state = sv_of(state), .text = sv_of(text));
}

void host_progress(struct host *h, uint64_t mailbox, uint64_t done, uint64_t total, const char *what)
{
	SAY(h, PROGRESS, .job = current_job(h), .mailbox = mailbox, .done = done, .total = total, .what = sv_of(what));
}

void host_changed(struct host *h, uint64_t mailbox, const char *what, uint64_t count)
{
	SAY(h, CHANGED, .mailbox = mailbox, .what = sv_of(what), .count = count);
}

void host_found(struct host *h, const uint64_t *messages, size_t n)
{
	struct str s;

	str_init(&s, 60000);
	for (size_t i = 0; i < n; i++) {
		if (s.len > 59000) {
			SAY(h, FOUND, .job = current_job(h), .messages = str_sv(&s));
			str_clear(&s);
		}
		if (!str_addf(&s, "%s%llu", s.len ? " " : "", (unsigned long long)messages[i]))
			break;
	}
	if (s.len > 0)
		SAY(h, FOUND, .job = current_job(h), .messages = str_sv(&s));
	str_fini(&s);
}

void host_done(struct host *h, uint64_t job, const char *text)
{
	if (job)
		SAY(h, DONE, .job = job, .text = sv_of(text));
}

void host_failed(struct host *h, uint64_t job, const struct err *e)
{
	if (job)
		SAY(h, FAILED, .job = job, .class = sv_of(err_class_name(e->class)), .text = sv_of(e->text));
	else if (e->class != ERR_CANCEL)
		log_write(LOG_WARN, "worker", "%s: %s", h->account, e->text);
}

void host_applied(struct host *h, int64_t intent, const struct err *e)
{
	SAY(h, APPLIED, .intent = intent, .class = sv_of(err_class_name(e ? e->class : ERR_NONE)),
		.text = sv_of(e ? e->text : ""));
}

void host_rcpt(struct host *h, uint64_t job, int64_t outbox, const char *addr, const char *result, const char *words)
{
	SAY(h, RCPT, .job = job, .outbox = outbox, .addr = sv_of(addr), .result = sv_of(result), .words = sv_of(words));
}

void host_sent(struct host *h, uint64_t job, int64_t outbox, const char *state, enum err_class class, const char *text)
{
	h->sent_said = true;
	SAY(h, SENT, .job = job, .outbox = outbox, .state = sv_of(state), .class = sv_of(err_class_name(class)), .text = sv_of(text));
}

/* ---- questions ---- */

/* Waits for the answer to question number `number`; everything else that comes is queued. */
static bool wait_answer(struct host *h, uint64_t number, const char *what, struct err *e)
{
	h->answer_to = number;
	while (!h->answered) {
		host_wait(h, -1);
		if (h->leaving || h->quit_asked || !h->chan || (h->current && h->current->cancelled)) {
			h->answer_to = 0;
			return err_set(e, ERR_CANCEL, "%s was not given", what);
		}
	}
	h->answer_to = 0;
	return true;
}

static uint64_t ask(struct host *h, const char *what, const char *key, const char *text)
{
	uint64_t number = ++h->questions;

	h->answered = false;
	SAY(h, NEED, .job = number, .what = sv_of(what), .key = sv_of(key), .text = sv_of(text));
	return number;
}

bool host_ask_secret(struct host *h, const char *what, const char *key, const char *text, struct secret **out,
	struct err *e)
{
	if (!wait_answer(h, ask(h, what, key, text), what, e))
		return false;
	struct secret *s = h->secret;
	h->secret = NULL;
	if (!s || secret_len(s) == 0) {
		secret_free(s);
		return err_set(e, ERR_CANCEL, "the %s was not given", what);
	}
	*out = s;
	return true;
}

bool host_ask(struct host *h, const char *what, const char *key, const char *text, char answer[64], struct err *e)
{
	if (!wait_answer(h, ask(h, what, key, text), "an answer", e))
		return false;
	memcpy(answer, h->answer, sizeof(h->answer));
	return true;
}

bool host_preconnect(struct host *h, struct err *e)
{
	char answer[64];

	if (!host_ask(h, "preconnect", "", "", answer, e))
		return false;
	return strcmp(answer, "yes") == 0 || err_set(e, ERR_NET, "$preconnect failed");
}

bool host_tunnel(struct host *h, int *fd, struct err *e)
{
	h->answer_fd = -1;
	if (!wait_answer(h, ask(h, "tunnel", "", ""), "a tunnel", e))
		return false;
	*fd = h->answer_fd;
	h->answer_fd = -1;
	return *fd >= 0 || err_set(e, ERR_NET, "$tunnel cannot be started");
}

char *host_recall(struct host *h, const char *key)
{
	char *name = xasprintf("server %s", key), *kept = map_get(h->memory, sv_of(key)), *value;

	/* The ui may not have written yet what we have just said. */
	value = kept ? xstrdup(kept) : host_state(h) ? state_get(h->state, name) : NULL;
	free(name);
	if (value && !*value)
		xfree_null(&value);
	return value;
}

void host_remember(struct host *h, const char *key, const char *value)
{
	char *known = host_recall(h, key), *old = map_get(h->memory, sv_of(key));

	if (strcmp(known ? known : "", value) != 0) {
		map_set(h->memory, sv_of(key), xstrdup(value));
		free(old);
		SAY(h, REMEMBER, .key = sv_of(key), .value = sv_of(value));
	}
	free(known);
}

bool host_may_commit(struct host *h, uint64_t job, int64_t outbox, struct err *e)
{
	/* The answer comes to the job, as the message table says. */
	h->answered = false;
	SAY(h, SENT, .job = job, .outbox = outbox, .state = SV("committing"));
	if (!wait_answer(h, job, "the word to go on", e))
		return false;
	return strcmp(h->answer, "go") == 0 || err_set(e, ERR_CANCEL, "sending was stopped");
}

bool host_gone(struct host *h)
{
	return h->leaving;
}

bool host_leaving(struct host *h)
{
	return h->leaving || h->quit_asked;
}

/* ---- steps ---- */

static int stop_at = -1; /* -1: not looked yet; 0: never */

bool host_stepping(void)
{
	uint64_t n;

	if (stop_at < 0)
		stop_at = sv_u64(sv_of(getenv("FEIST_STOP_AT")), &n) && n < 100000 ? (int)n : 0;
	return stop_at > 0;
}

void host_step(const char *what)
{
	static int step;

	if (!host_stepping() || ++step != stop_at)
		return;
	/* As kill -9 would: nothing is flushed, nothing is rolled back by us. */
	fprintf(stderr, "stopped at step %d: %s\n", step, what);
	_exit(99);
}
