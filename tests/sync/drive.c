/*
 * Drives a feist-worker by a script on standard input, as the ui would, and prints what it says: for tests
 * of the backends against real servers (tests/sync) and for finding faults by hand.
 *
 *	conf NAME VALUE        an option, before or after "start"
 *	start KIND ROLE ACCOUNT CACHE_DIR STATE_DB
 *	secret TEXT            what NEED password and token get from now on ("-": refused)
 *	cert once|always|reject
 *	watch NAME | sync | sync NAME | apply | quit | kill
 *	fetch NAME UID SECTION
 *	flag NAME UID ADD DEL  intents: numbers of enum message_flag
 *	tag NAME UID ADD DEL   words with commas between; "-": none
 *	delete-after NAME UID  as delete, but not before the intent before it is done
 *	offline | online       intents in between are not applied one by one
 *	preview NAME UID | loud
 *	delete NAME UID | move NAME UID DEST | copy NAME UID DEST
 *	append NAME FILE | create NAME | remove NAME | rename NAME NEW | subscribe NAME
 *	search NAME QUERY      "\\n" in it is a line end; "found:" lists UIDs
 *	send FROM TO FILE      an outbox row, and SEND
 *	wait                   until every job has ended
 *	await NAME FLAGS SUBJECT,...  reads what comes until the mailbox has just these, the first with the flags
 *	awaitbox NAME TOTAL UNSEEN  reads what comes until the row of the mailbox has these counts
 *	awaitbody NAME UID SECTION  reads what comes until the body is here
 *	rows NAME | boxes      what the cache says
 *	body NAME UID SECTION  first bytes and size of a body in the cache
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "ipc/chan.h"
#include "store/body.h"
#include "store/intent.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "store/object.h"
#include "store/outbox.h"

struct drive {
	struct chan *chan;
	pid_t pid;
	char *account, *cache_dir, *state_db;
	char *confs[64][2];
	size_t nconfs;
	char secret[256], cert[16];
	uint64_t job;
	size_t open_jobs;
	struct state *state;
	bool quiet, offline;
	int64_t last; /* intent */
};

static struct sv word(struct sv *line)
{
	struct sv w;

	*line = sv_trim(*line);
	return sv_split(line, ' ', &w) ? w : sv_make("", 0);
}

/* A name may hold blanks when it stands in quotes. */
static char *name(struct sv *line)
{
	struct sv w;

	*line = sv_trim(*line);
	if (line->len && line->p[0] == '"') {
		*line = sv_from(*line, 1);
		return sv_split(line, '"', &w) ? sv_dup(w) : xstrdup("");
	}
	return sv_dup(word(line));
}

static uint64_t number(struct sv *line)
{
	uint64_t n = 0;

	return sv_u64(word(line), &n) ? n : 0;
}

static void die(const struct err *e)
{
	printf("error: %s: %s\n", err_class_name(e->class), e->text);
	exit(1);
}

#define TELL(d, NAME, ...) \
	do { \
		struct err tell_e = {0}; \
		if (!chan_say((d)->chan, &tell_e, NAME, __VA_ARGS__)) \
			printf("lost the worker: %s\n", tell_e.text); \
	} while (0)

static struct cache *cache_of(struct drive *d)
{
	struct cache *c;
	struct err e = {0};

	if (!cache_open(&c, d->cache_dir, d->account, CACHE_READ, &e))
		die(&e);
	return c;
}

/* ---- what the worker says ---- */

static void on_need(struct drive *d, const struct msg_NEED *m)
{
	if (sv_is(m->what, "password") || sv_is(m->what, "token")) {
		TELL(d, SECRET, .job = m->job,
			.value = sv_of(strcmp(d->secret, "-") == 0 ? "" : d->secret));
		return;
	}
	printf("asked: " SV_FMT "\n", SV_ARG(m->key));
	TELL(d, ANSWER, .job = m->job, .value = sv_of(d->cert));
}

static void on_sent(struct drive *d, const struct msg_SENT *m)
{
	printf("sent: " SV_FMT " " SV_FMT "\n", SV_ARG(m->state), SV_ARG(m->text));
	if (sv_is(m->state, "committing"))
		TELL(d, ANSWER, .job = m->job, .value = SV("go"));
}

static void on_found(struct sv ids)
{
	struct sv word;
	uint64_t id;

	printf("found:");
	while (sv_split(&ids, ' ', &word))
		if (sv_u64(word, &id))
			printf(" %llu", (unsigned long long)message_uid(id));
	printf("\n");
}

static void on_msg(struct drive *d, const struct msg *m)
{
	struct err e = {0};

	switch (m->type) {
	case MSG_STATE:
		printf("state: " SV_FMT " " SV_FMT "\n", SV_ARG(m->STATE.state),
			SV_ARG(m->STATE.text));
		break;
	case MSG_CHANGED:
		printf("changed: %llu " SV_FMT " %llu\n", (unsigned long long)m->CHANGED.mailbox,
			SV_ARG(m->CHANGED.what), (unsigned long long)m->CHANGED.count);
		break;
	case MSG_DONE:
		d->open_jobs--;
		break;
	case MSG_FAILED:
		d->open_jobs -= m->FAILED.job != 0;
		printf("failed: " SV_FMT ": " SV_FMT "\n", SV_ARG(m->FAILED.class),
			SV_ARG(m->FAILED.text));
		break;
	case MSG_APPLIED:
		printf("applied: %lld " SV_FMT " " SV_FMT "\n", (long long)m->APPLIED.intent,
			SV_ARG(m->APPLIED.class), SV_ARG(m->APPLIED.text));
		if (sv_is(m->APPLIED.class, "none") ? !intent_done(d->state, m->APPLIED.intent, &e)
						    : !intent_failed(d->state, m->APPLIED.intent,
							      INTENT_FAILED, "x", &e))
			printf("intent: %s\n", e.text);
		break;
	case MSG_NEED:
		on_need(d, &m->NEED);
		break;
	case MSG_SENT:
		on_sent(d, &m->SENT);
		break;
	case MSG_FOUND:
		on_found(m->FOUND.messages);
		break;
	case MSG_LOG:
		if (!d->quiet)
			printf("log: " SV_FMT ": " SV_FMT "\n", SV_ARG(m->LOG.room),
				SV_ARG(m->LOG.text));
		break;
	case MSG_READY:
		printf("ready " SV_FMT "\n", SV_ARG(m->READY.info));
		break;
	default:
		break;
	}
}

/* False: the worker has gone. */
static bool take(struct drive *d, int timeout_ms)
{
	struct msg m;
	struct err e = {0};

	switch (chan_recv(d->chan, timeout_ms, &m, &e)) {
	case CHAN_MSG:
		on_msg(d, &m);
		return true;
	case CHAN_EMPTY:
		return true;
	default:
		printf("the worker has gone\n");
		return false;
	}
}

/* What has come: a worker that nobody listens to does not listen either. */
static void hear(struct drive *d)
{
	struct msg m;
	struct err e = {0};

	while (chan_next(d->chan, &m, &e) == CHAN_MSG)
		on_msg(d, &m);
}

static void wait_jobs(struct drive *d)
{
	int64_t until = clock_ms() + 60000;

	while (d->open_jobs > 0 && clock_ms() < until)
		if (!take(d, 1000))
			return;
	if (d->open_jobs > 0)
		printf("timeout\n");
}

/* ---- starting and ending ---- */

static void start(struct drive *d, struct sv line)
{
	char *kind = sv_dup(word(&line)), *role = sv_dup(word(&line)),
	     *helper = proc_helper("feist-worker");
	const char *argv[] = {helper, NULL};
	struct proc_opts opts = PROC_OPTS_INIT;
	struct err e = {0};
	int fds[2];

	free(d->account);
	free(d->cache_dir);
	free(d->state_db);
	d->account = sv_dup(word(&line));
	d->cache_dir = sv_dup(word(&line));
	d->state_db = sv_dup(word(&line));
	state_close(d->state);
	if (!state_open(&d->state, d->state_db, &e) || !proc_socketpair(fds, &e))
		die(&e);
	opts.keep = fds[1];
	opts.keep_as = CHAN_CHILD_FD;
	if (!proc_spawn(argv, &opts, &d->pid, &e))
		die(&e);
	close(fds[1]);
	d->chan = chan_new(fds[0], SIDE_UI, SIDE_WORKER, "drive");
	d->open_jobs = 0;
	TELL(d, HELLO, .version = WIRE_VERSION, .account = sv_of(d->account), .kind = sv_of(kind),
		.role = sv_of(role), .cache_dir = sv_of(d->cache_dir),
		.state_db = sv_of(d->state_db));
	for (size_t i = 0; i < d->nconfs; i++)
		TELL(d, CONF, .name = sv_of(d->confs[i][0]), .value = sv_of(d->confs[i][1]));
	free(kind);
	free(role);
	free(helper);
}

static void end(struct drive *d, bool hard)
{
	if (!d->chan)
		return;
	if (hard)
		kill(d->pid, SIGKILL);
	else
		TELL(d, QUIT, .job = ++d->job);
	if (!hard)
		while (take(d, 10000))
			;
	chan_free(d->chan);
	d->chan = NULL;
	printf("ended: %d\n", proc_wait(d->pid));
	d->open_jobs = 0;
}

static void conf(struct drive *d, struct sv line)
{
	char *n = sv_dup(word(&line)), *v = sv_dup(sv_trim(line));

	/* "\n" in a value is a line end. */
	for (char *p = v; (p = strstr(p, "\\n")); p++) {
		*p = '\n';
		memmove(p + 1, p + 2, strlen(p + 2) + 1);
	}
	if (d->chan)
		TELL(d, CONF, .name = sv_of(n), .value = sv_of(v));
	d->confs[d->nconfs][0] = n;
	d->confs[d->nconfs++][1] = v;
}

/* "\\n" in the query is a line end. */
static void search(struct drive *d, struct sv line)
{
	struct cache *c = cache_of(d);
	char *box = name(&line), *query = sv_dup(sv_trim(line));
	struct mailbox m;
	struct err e = {0};

	for (char *p = query; (p = strstr(p, "\\n")); p++) {
		*p = '\n';
		memmove(p + 1, p + 2, strlen(p + 2) + 1);
	}
	if (mailbox_by_name(c, box, &m, &e)) {
		d->open_jobs++;
		TELL(d, SEARCH, .job = ++d->job, .mailbox = m.id, .query = sv_of(query));
		mailbox_fini(&m);
	} else {
		printf("search: %s\n", e.text);
	}
	cache_close(c);
	free(box);
	free(query);
}

/* ---- intents ---- */

static void add_intent(struct drive *d, struct intent *i)
{
	struct cache *c = cache_of(d);
	struct mailbox m;
	struct arena *a = arena_new();
	struct message_row row;
	struct err e = {0};
	int64_t id;

	i->account = d->account;
	i->state = INTENT_PENDING;
	if (!intent_new_group(d->state, &i->group, &e))
		die(&e);
	if (i->uid && mailbox_by_name(c, i->mailbox, &m, NULL)) {
		i->uidvalidity = m.uidvalidity;
		if (message_get(c, message_id_of(m.id, i->uid), a, &row, NULL))
			i->message_id = arena_strndup(a, row.message_id.p, row.message_id.len);
		mailbox_fini(&m);
	}
	if (!intent_add(d->state, i, &id, &e))
		die(&e);
	arena_free(a);
	cache_close(c);
	d->last = id;
	if (d->offline)
		return;
	d->open_jobs++;
	TELL(d, APPLY, .job = ++d->job);
	hear(d);
}

/* "a,b": "a b"; "-": none */
static char *words(struct sv *line)
{
	char *s = sv_dup(word(line));

	for (char *p = s; *p; p++)
		*p = *p == ',' ? ' ' : *p;
	if (strcmp(s, "-") == 0)
		*s = 0;
	return s;
}

static bool message_intent(struct drive *d, struct sv verb, struct sv line)
{
	struct intent i = {0};
	char *box = name(&line), *dest = NULL, *add = NULL, *del = NULL;
	bool known = true;

	i.mailbox = box;
	i.uid = number(&line);
	if (sv_is(verb, "flag")) {
		i.kind = INTENT_FLAG;
		i.add = (unsigned)number(&line);
		i.del = (unsigned)number(&line);
	} else if (sv_is(verb, "tag")) {
		i.kind = INTENT_FLAG;
		i.add_words = add = words(&line);
		i.del_words = del = words(&line);
	} else if (sv_is(verb, "delete") || sv_is(verb, "delete-after")) {
		i.kind = INTENT_DELETE;
		i.depends = sv_is(verb, "delete-after") ? d->last : 0;
	} else if (sv_is(verb, "move") || sv_is(verb, "copy")) {
		i.kind = sv_is(verb, "move") ? INTENT_MOVE : INTENT_COPY;
		i.dest = dest = name(&line);
	} else {
		known = false;
	}
	if (known)
		add_intent(d, &i);
	free(box);
	free(dest);
	free(add);
	free(del);
	return known;
}

static bool mailbox_intent(struct drive *d, struct sv verb, struct sv line)
{
	static const struct {
		const char *verb;
		enum intent_kind kind;
	} verbs[] = {{"append", INTENT_APPEND}, {"create", INTENT_CREATE},
		{"remove", INTENT_REMOVE}, {"rename", INTENT_RENAME},
		{"subscribe", INTENT_SUBSCRIBE}, {"unsubscribe", INTENT_UNSUBSCRIBE}};

	for (size_t k = 0; k < ARRAY_LEN(verbs); k++) {
		struct intent i = {.kind = verbs[k].kind};
		char *box, *more, *add;

		if (!sv_is(verb, verbs[k].verb))
			continue;
		box = name(&line);
		more = name(&line);
		add = words(&line);
		i.add_words = add;
		i.mailbox = box;
		i.message_id = "<appended@test.example>";
		if (i.kind == INTENT_APPEND)
			i.file = more, i.add = MSG_SEEN;
		else if (i.kind == INTENT_RENAME)
			i.dest = more;
		add_intent(d, &i);
		free(box);
		free(more);
		free(add);
		return true;
	}
	return false;
}

static void send_row(struct drive *d, struct sv line)
{
	char *from = name(&line), *to = name(&line), *file = name(&line);
	struct outbox_row row = {.state = OUTBOX_QUEUED,
		.account = d->account,
		.from = from,
		.recipients = to,
		.file = file};
	struct err e = {0};
	int64_t id;

	for (char *p = to; *p; p++)
		if (*p == ',')
			*p = '\n';
	if (!outbox_add(d->state, &row, &id, &e))
		die(&e);
	d->open_jobs++;
	TELL(d, SEND, .job = ++d->job, .outbox = id);
	free(from);
	free(to);
	free(file);
}

/* ---- the cache ---- */

static void rows(struct drive *d, struct sv line)
{
	struct cache *c = cache_of(d);
	char *box = name(&line);
	struct message_cursor *cur;
	struct message_row row;
	struct mailbox m;
	struct err e = {0};

	if (!mailbox_by_name(c, box, &m, &e))
		die(&e);
	if (!message_scan(c, m.id, MESSAGE_BY_UID, false, &cur, &e))
		die(&e);
	while (message_next(cur, &row, &e))
		printf("row %llu flags=%u size=%llu att=%u [" SV_FMT "] " SV_FMT " | " SV_FMT "%s" SV_FMT "\n",
			(unsigned long long)message_uid(row.id), row.flags,
			(unsigned long long)row.size, row.attachments, SV_ARG(row.keywords),
			SV_ARG(row.from), SV_ARG(row.subject), row.thread.len ? " thread=" : "", SV_ARG(row.thread));
	message_cursor_close(cur);
	mailbox_fini(&m);
	cache_close(c);
	free(box);
}

/* The subjects of the mailbox, with ',' between; *flags: of the first. */
static void subjects(struct drive *d, const char *box, struct str *out, unsigned *flags)
{
	struct cache *c = cache_of(d);
	struct message_cursor *cur = NULL;
	struct message_row row;
	struct mailbox m;
	struct err e = {0};

	if (!mailbox_by_name(c, box, &m, &e) || !message_scan(c, m.id, MESSAGE_BY_UID, false, &cur, &e))
		die(&e);
	while (message_next(cur, &row, &e)) {
		if (out->len == 0)
			*flags = row.flags;
		(void)str_addf(out, "%s" SV_FMT, out->len ? "," : "", SV_ARG(row.subject));
	}
	message_cursor_close(cur);
	mailbox_fini(&m);
	cache_close(c);
}

static void await(struct drive *d, struct sv line)
{
	char *box = name(&line);
	unsigned want = (unsigned)number(&line), flags = 0;
	struct sv wanted = sv_trim(line);
	int64_t until = clock_ms() + 60000;
	struct str now;
	bool there = false;

	str_init(&now, 1 << 20);
	while (!there && clock_ms() < until && take(d, 200)) {
		str_clear(&now);
		subjects(d, box, &now, &flags);
		there = sv_eq(str_sv(&now), wanted) && (flags & want) == want;
	}
	if (!there)
		printf("timeout: %s\n", now.s);
	str_fini(&now);
	free(box);
}

static bool show_box(void *data, const struct mailbox *m)
{
	(void)data;
	printf("box %s total=%llu unseen=%llu flags=%u special=%s rows=%s\n", m->name,
		(unsigned long long)m->total, (unsigned long long)m->unseen, m->flags,
		mailbox_special_name(m->special),
		m->low_uid ? m->flags & MAILBOX_COMPLETE ? "all" : "some" : "none");
	return true;
}

static void boxes(struct drive *d)
{
	struct cache *c = cache_of(d);
	struct err e = {0};

	if (!mailbox_each(c, show_box, NULL, &e))
		die(&e);
	cache_close(c);
}

static uint64_t message_of(struct drive *d, struct sv *line)
{
	struct cache *c = cache_of(d);
	char *box = name(line);
	struct mailbox m;
	struct err e = {0};
	uint64_t id;

	if (!mailbox_by_name(c, box, &m, &e))
		die(&e);
	id = message_id_of(m.id, number(line));
	mailbox_fini(&m);
	cache_close(c);
	free(box);
	return id;
}

static void await_box(struct drive *d, struct sv line)
{
	char *box = name(&line);
	uint64_t total = number(&line), unseen = number(&line);
	int64_t until = clock_ms() + 60000;
	struct cache *c = cache_of(d);
	bool there = false;

	while (!there && clock_ms() < until && take(d, 50)) {
		struct mailbox m;

		if (!mailbox_by_name(c, box, &m, NULL))
			continue;
		there = m.total == total && m.unseen == unseen;
		mailbox_fini(&m);
	}
	if (!there)
		printf("timeout: no such counts\n");
	cache_close(c);
	free(box);
}

static void await_body(struct drive *d, struct sv line)
{
	uint64_t id = message_of(d, &line);
	char *section = name(&line);
	int64_t until = clock_ms() + 60000;
	struct cache *c = cache_of(d);
	bool here = false;

	while (!(here = body_has(c, id, section)) && clock_ms() < until && take(d, 50))
		;
	if (!here)
		printf("timeout: no body\n");
	cache_close(c);
	free(section);
}

static void body(struct drive *d, struct sv line)
{
	uint64_t id = message_of(d, &line);
	char *section = name(&line);
	struct cache *c = cache_of(d);
	struct body b;
	struct err e = {0};

	if (body_open(c, id, section, &b, &e)) {
		char *text = xmalloc(b.length + 1);
		ssize_t n = pread(b.fd, text, b.length, (off_t)b.offset);

		printf("body %llu\n", (unsigned long long)b.length);
		fwrite(text, 1, n > 0 ? (size_t)n : 0, stdout);
		printf("\n--\n");
		free(text);
		body_close(&b);
	} else {
		printf("no body: %s\n", e.text);
	}
	cache_close(c);
	free(section);
}

/* ---- the script ---- */

static void run(struct drive *d, struct sv line)
{
	struct sv verb = word(&line);
	char *s;

	if (verb.len == 0 || verb.p[0] == '#')
		return;
	if (sv_is(verb, "conf")) {
		conf(d, line);
	} else if (sv_is(verb, "start")) {
		start(d, line);
	} else if (sv_is(verb, "secret")) {
		snprintf(d->secret, sizeof(d->secret), SV_FMT, SV_ARG(sv_trim(line)));
	} else if (sv_is(verb, "cert")) {
		snprintf(d->cert, sizeof(d->cert), SV_FMT, SV_ARG(sv_trim(line)));
	} else if (sv_is(verb, "quiet") || sv_is(verb, "loud")) {
		d->quiet = sv_is(verb, "quiet");
	} else if (sv_is(verb, "offline") || sv_is(verb, "online")) {
		d->offline = sv_is(verb, "offline");
	} else if (sv_is(verb, "preview")) {
		struct cache *c = cache_of(d);

		s = preview_get(c, message_of(d, &line));
		printf("preview: %s\n", s ? s : "none");
		free(s);
		cache_close(c);
	} else if (sv_is(verb, "watch")) {
		s = name(&line);
		d->open_jobs++;
		TELL(d, WATCH, .job = ++d->job, .name = sv_of(s));
		free(s);
	} else if (sv_is(verb, "sync")) {
		uint64_t box = sv_trim(line).len ? message_mailbox(message_of(d, &line)) : 0;

		d->open_jobs++;
		TELL(d, SYNC, .job = ++d->job, .mailbox = box);
	} else if (sv_is(verb, "apply")) {
		d->open_jobs++;
		TELL(d, APPLY, .job = ++d->job);
	} else if (sv_is(verb, "fetch")) {
		uint64_t id = message_of(d, &line);

		s = name(&line);
		d->open_jobs++;
		TELL(d, FETCH, .job = ++d->job, .message = id, .section = sv_of(s), .urgent = 1);
		free(s);
	} else if (sv_is(verb, "search")) {
		search(d, line);
	} else if (sv_is(verb, "send")) {
		send_row(d, line);
	} else if (sv_is(verb, "wait")) {
		wait_jobs(d);
	} else if (sv_is(verb, "await")) {
		await(d, line);
	} else if (sv_is(verb, "awaitbox")) {
		await_box(d, line);
	} else if (sv_is(verb, "awaitbody")) {
		await_body(d, line);
	} else if (sv_is(verb, "quit") || sv_is(verb, "kill")) {
		end(d, sv_is(verb, "kill"));
	} else if (sv_is(verb, "rows")) {
		rows(d, line);
	} else if (sv_is(verb, "boxes")) {
		boxes(d);
	} else if (sv_is(verb, "body")) {
		body(d, line);
	} else if (sv_is(verb, "echo")) {
		printf(SV_FMT "\n", SV_ARG(line));
	} else if (!message_intent(d, verb, line) && !mailbox_intent(d, verb, line)) {
		printf("unknown: " SV_FMT "\n", SV_ARG(verb));
	}
}

int main(void)
{
	struct drive d = {.cert = "reject"};
	struct str script;
	struct sv rest, line;
	struct err e = {0};

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!fs_read("-", 1u << 20, &script, &e))
		die(&e);
	rest = str_sv(&script);
	while (sv_line(&rest, &line))
		run(&d, line);
	end(&d, false);
	state_close(d.state);
	str_fini(&script);
	for (size_t i = 0; i < d.nconfs; i++) {
		free(d.confs[i][0]);
		free(d.confs[i][1]);
	}
	free(d.account);
	free(d.cache_dir);
	free(d.state_db);
	return 0;
}
