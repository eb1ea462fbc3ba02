/*
 * Sending what is in the outbox, in the background: one submit worker for each way out while there
 * is work. The row's state is durable before the next step is taken:
 *
 *	queued -> sending -> committing -> sent | failed | queued (again later) | unknown
 *
 * Before the end of DATA the worker waits for our "go", which is given when "committing" is on disk. A
 * worker, or machine, that dies behind that point leaves "unknown": the server may have the message.
 * The user is asked; it is never sent again by itself. $sendmail is run by us, and its exit status decides.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/gettext.h"
#include "core/session_priv.h"

#define SENDMAIL "sendmail" /* account of rows that leave through $sendmail */
#define RECIPIENTS_MAX 10000
#define WAIT_MAX_S 3600
#define EX_TEMPFAIL 75

/* One way out: an SMTP server, or $sendmail. */
struct submitter {
	struct session *s;
	char *name;
	struct conf *conf;
	struct server server;
	bool is_sendmail;
	struct role *role;
	bool ready, refused;
	char *why_refused;
	int64_t sending; /* outbox row that is on its way, 0: none */
	uint64_t job;
	bool committing;
	pid_t pid; /* of sendmail */
	int child_id;
	int lock_fd; /* held while sendmail runs: what the submit worker's lock is for SMTP */
};

struct outbox_run {
	struct submitter **v;
	size_t n, cap;
	int timer;
	bool recovered;
	struct why {
		int64_t id;
		enum err_class class;
	} * why; /* of rows that were tried in this run */
	size_t nwhy, why_cap;
};

struct role *submitter_role(struct submitter *u)
{
	return u->role;
}
const struct conf *submitter_conf(struct submitter *u)
{
	return u->conf;
}
const struct server *submitter_server(struct submitter *u)
{
	return &u->server;
}
const char *submitter_name(struct submitter *u)
{
	return u->name;
}

static void send_next(struct submitter *u);

enum err_class outbox_class_of(const struct session *s, int64_t id)
{
	for (size_t i = 0; s->outbox && i < s->outbox->nwhy; i++) {
		if (s->outbox->why[i].id == id)
			return s->outbox->why[i].class;
	}
	return ERR_NONE;
}

static void note_class(struct session *s, int64_t id, struct sv name)
{
	struct outbox_run *o = s->outbox;
	char *text = sv_dup(name);
	size_t i = 0;

	while (i < o->nwhy && o->why[i].id != id)
		i++;
	if (i == o->nwhy) {
		array_grow(o->why, o->nwhy, o->why_cap);
		o->why[o->nwhy++].id = id;
	}
	o->why[i].class = err_class_by_name(text);
	free(text);
}
static void kick_soon(struct session *s, int64_t wait_s);

static void tell_outbox(struct session *s)
{
	if (s->events.outbox)
		s->events.outbox(s->events.data);
}

/* ---- rows ---- */

struct row_copy {
	struct outbox_row row;
	struct arena *arena;
};

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

static bool load_row(struct session *s, int64_t id, struct row_copy *c, struct err *e)
{
	c->arena = arena_new();
	if (outbox_get(s->state, id, copy_row, c, e))
		return true;
	arena_free(c->arena);
	c->arena = NULL;
	return false;
}

/* ---- after it was sent ---- */

/* The copy for yourself: an append of its own, which may wait for its server without holding up the mail. */
static bool add_fcc(struct session *s, const struct outbox_row *r, struct err *e)
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
		char *mailbox, *name = NULL;
		struct acct *a;

		one = cut < 0 ? rest : sv_head(rest, (size_t)cut);
		rest = cut < 0 ? sv_make("", 0) : sv_from(rest, (size_t)cut + strlen(delimiter));
		mailbox = sv_dup(sv_trim(one));
		if (*mailbox && (a = session_resolve(s, mailbox, &name, e))) {
			char *real = acct_mailbox_name(a, name);
			struct intent i = {.kind = INTENT_APPEND,
				.state = INTENT_PENDING,
				.account = a->name,
				.mailbox = real,
				.add = MSG_SEEN,
				.file = file,
				.date = clock_now()};
			int64_t id;

			ok = intent_add(s->state, &i, &id, e);
			free(real);
		} else if (*mailbox)
			session_fail(s, e, _("The copy in %s"), mailbox);
		free(name);
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

static bool forget_draft(struct session *s, const struct outbox_row *r, struct err *e)
{
	int64_t draft = outbox_draft_of(r);

	s->postponed = -1;
	return !draft || state_draft_delete(s->state, draft, e) || e->class == ERR_GONE;
}

static void tell_accounts(struct session *s)
{
	for (size_t i = 0; i < s->acct_count; i++)
		session_intents(s, s->accts[i]->name);
}

/* One transaction: the row is through, its copy and the flag of what it answers are on their way. */
static void row_sent(struct session *s, int64_t id, enum outbox_state from)
{
	struct row_copy c;
	struct err e;
	bool ok;

	if (!load_row(s, id, &c, &e)) {
		session_fail(s, &e, _("The outbox"));
		return;
	}
	ok = state_begin(s->state, &e);
	if (ok) {
		ok = outbox_change(s->state, id, from, OUTBOX_SENT, "", 0, &e) &&
		     add_fcc(s, &c.row, &e) && add_answered(s, &c.row, &e) &&
		     outbox_drop(s->state, id, &e) && forget_draft(s, &c.row, &e);
		if (ok)
			ok = state_commit(s->state, &e);
		else
			state_rollback(s->state);
	}
	if (ok)
		session_say(s, LOG_INFO, _("Mail sent: %s"), c.row.subject);
	else
		session_fail(s, &e, _("Noting that the mail was sent"));
	arena_free(c.arena);
	if (ok)
		tell_accounts(s);
}

static void row_failed(struct session *s, int64_t id, enum outbox_state from, const char *why)
{
	struct err e;

	if (!outbox_change(s->state, id, from, OUTBOX_FAILED, why, 0, &e))
		session_fail(s, &e, _("The outbox"));
	session_say(s, LOG_ERROR, _("Not sent: %s. The message is kept in the outbox."), why);
}

static void row_later(struct session *s, int64_t id, enum outbox_state from, const char *why)
{
	struct row_copy c;
	struct err e;
	int wait = 60;

	if (load_row(s, id, &c, &e)) {
		wait = outbox_backoff_s(c.row.attempts);
		arena_free(c.arena);
	}
	if (!outbox_change(s->state, id, from, OUTBOX_QUEUED, why, clock_now() + wait, &e))
		session_fail(s, &e, _("The outbox"));
	session_say(s, LOG_WARN, _("Not sent yet: %s. It is tried again in %d minutes."), why,
		(wait + 59) / 60);
	kick_soon(s, wait);
}

static void row_unknown(struct session *s, int64_t id, const char *why)
{
	struct row_copy c;
	struct err e;
	char *text;

	if (!outbox_change(s->state, id, OUTBOX_COMMITTING, OUTBOX_UNKNOWN, why, 0, &e) &&
		e.class != ERR_GONE)
		session_fail(s, &e, _("The outbox"));
	if (!load_row(s, id, &c, &e))
		return;
	text = xasprintf(_("\"%s\" may or may not have been sent: %s. Did it arrive? (yes: it "
			   "counts as sent, no: it is sent again)"),
		c.row.subject, why);
	ask_unknown_send(s, id, text);
	free(text);
	arena_free(c.arena);
}

void outbox_answer_unknown(struct session *s, int64_t id, bool sent)
{
	struct err e;

	if (sent) {
		row_sent(s, id, OUTBOX_UNKNOWN);
	} else if (!outbox_change(
			   s->state, id, OUTBOX_UNKNOWN, OUTBOX_QUEUED, "", clock_now(), &e)) {
		session_fail(s, &e, _("The outbox"));
	}
	tell_outbox(s);
	outbox_kick(s);
}

/* ---- the worker ---- */

static void finish(struct submitter *u)
{
	u->sending = 0;
	u->committing = false;
	tell_outbox(u->s);
	send_next(u);
}

static enum outbox_state state_now(const struct submitter *u)
{
	return u->committing ? OUTBOX_COMMITTING : OUTBOX_SENDING;
}

static void on_commit(struct submitter *u)
{
	struct err e;

	/* Only when it stands on disk that the server may have it may the server have it. */
	if (!outbox_change(u->s->state, u->sending, OUTBOX_SENDING, OUTBOX_COMMITTING, "", 0, &e)) {
		session_fail(u->s, &e, _("The outbox"));
		(void)role_tell(u->role, ANSWER, .job = u->job, .value = SV("no"));
		return;
	}
	u->committing = true;
	(void)role_tell(u->role, ANSWER, .job = u->job, .value = SV("go"));
}

static void on_sent(struct submitter *u, const struct msg_SENT *m)
{
	char *words = sv_dup(m->text);
	enum outbox_state state;

	if (m->outbox != u->sending || !outbox_state_by_name(m->state, &state)) {
		free(words);
		return;
	}
	note_class(u->s, m->outbox, m->class);
	switch (state) {
	case OUTBOX_SENDING:
		secret_worked(u->s, u);
		break;
	case OUTBOX_COMMITTING:
		on_commit(u);
		break;
	case OUTBOX_SENT:
		row_sent(u->s, u->sending, state_now(u));
		finish(u);
		break;
	case OUTBOX_FAILED:
		row_failed(u->s, u->sending, state_now(u), words);
		finish(u);
		break;
	case OUTBOX_UNKNOWN:
		row_unknown(u->s, u->sending, words);
		finish(u);
		break;
	case OUTBOX_QUEUED:
		row_later(u->s, u->sending, state_now(u), words);
		finish(u);
		break;
	default:
		break;
	}
	free(words);
}

static void on_message(void *data, const struct msg *m)
{
	struct submitter *u = data;

	switch (m->type) {
	case MSG_READY:
		u->ready = true;
		send_next(u);
		break;
	case MSG_SENT:
		role_well(u->role);
		on_sent(u, &m->SENT);
		break;
	case MSG_NEED:
		secret_need(u->s, NULL, u, &m->NEED);
		break;
	case MSG_REMEMBER:
		session_remember(u->s, &m->REMEMBER);
		break;
	case MSG_LOG:
		msglog_add(u->s->log, (enum log_level)MIN(m->LOG.level, LOG_ERROR), "smtp", NULL,
			SV_FMT, SV_ARG(m->LOG.text));
		break;
	case MSG_FAILED:
		if (!u->ready) {
			u->refused = true;
			free(u->why_refused);
			u->why_refused = sv_dup(m->FAILED.text);
		}
		break;
	default:
		break;
	}
}

static void on_started(void *data)
{
	struct submitter *u = data;

	u->ready = u->refused = false;
	(void)role_tell(u->role, HELLO, .version = WIRE_VERSION, .account = sv_of(u->name),
		.kind = SV("smtp"), .role = SV("submit"), .cache_dir = sv_of(u->s->cache_dir),
		.state_db = sv_of(u->s->state_path));
	acct_send_settings(u->role, u->conf, &u->server, NULL, NULL);
}

static void on_died(void *data, const char *why, int retry_ms)
{
	struct submitter *u = data;
	int64_t row = u->sending;

	u->ready = false;
	secret_owner_died(u->s, NULL, u);
	u->sending = 0;
	if (row && u->committing)
		row_unknown(u->s, row, why);
	else if (row)
		row_later(u->s, row, OUTBOX_SENDING, why);
	u->committing = false;
	if (u->s->quitting || retry_ms < 0) {
		session_helper_gone(u->s);
		return;
	}
	/* Another feist may be sending; else the row's own back-off decides when there is a next time. */
	role_rest(u->role);
	if (u->refused)
		log_write(LOG_INFO, "outbox", "%s: %s", u->name, u->why_refused);
	kick_soon(u->s, u->refused ? 5 : 60);
	tell_outbox(u->s);
}

/* ---- $sendmail ---- */

/* The same lock that a submit worker takes. False: another feist is sending. */
static bool lock_submit(struct session *s, const char *account, int *fd)
{
	char *safe = store_safe_account(account),
	     *path = xasprintf("%s/lock/%s.submit", s->state_dir, safe);
	char *dir = xasprintf("%s/lock", s->state_dir);
	struct err e;
	int holder;
	bool ok = fs_mkdirs(dir, &e) && fs_lock_file(path, fd, &holder, &e);

	free(dir);
	free(path);
	free(safe);
	return ok;
}

static void unlock_submit(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void sendmail_ended(void *data, pid_t pid, int status)
{
	struct submitter *u = data;
	int64_t row = u->sending;
	char *why;

	(void)pid;
	u->pid = 0;
	u->child_id = 0;
	unlock_submit(&u->lock_fd);
	if (status == 0) {
		row_sent(u->s, row, OUTBOX_COMMITTING);
	} else {
		why = xasprintf(status > 128 ? _("%s was killed by signal %d")
					     : _("%s ended with status %d"),
			u->conf->sendmail, status > 128 ? status - 128 : status);
		if (status > 128)
			row_unknown(u->s, row, why);
		else if (status == EX_TEMPFAIL)
			row_later(u->s, row, OUTBOX_COMMITTING, why);
		else
			row_failed(u->s, row, OUTBOX_COMMITTING, why);
		free(why);
	}
	if (u->s->quitting)
		session_helper_gone(u->s);
	else
		finish(u);
}

/* $sendmail -f SENDER -- ADDR... < file. The words of $sendmail are the user's; addresses are never seen by a shell. */
static bool sendmail_argv(struct submitter *u, const struct outbox_row *r, struct arena *a,
	const char ***argv, struct err *e)
{
	size_t n = 0, cap = 0;
	struct sv rest = sv_of(u->conf->sendmail), word;
	const char **v = NULL;
	bool has_dashes = false;

	while (sv_split(&rest, ' ', &word)) {
		if (!word.len)
			continue;
		array_grow(v, n, cap);
		v[n++] = arena_strndup(a, word.p, word.len);
		has_dashes = has_dashes || sv_is(word, "--");
	}
	if (n == 0)
		return err_set(e, ERR_INPUT,
			"$sendmail is empty, and so is $smtp_url: there is no way to send");
	if (u->conf->use_envelope_from && !has_dashes) {
		array_grow(v, n, cap);
		v[n++] = "-f";
		array_grow(v, n, cap);
		v[n++] = arena_strdup(a, *r->from ? r->from : "<>");
	}
	if (!has_dashes) {
		array_grow(v, n, cap);
		v[n++] = "--";
	}
	rest = sv_of(r->recipients);
	while (sv_line(&rest, &word) && n < RECIPIENTS_MAX) {
		if (!word.len)
			continue;
		array_grow(v, n, cap);
		v[n++] = arena_strndup(a, word.p, word.len);
	}
	array_grow(v, n, cap);
	v[n] = NULL;
	*argv = v;
	return true;
}

static bool run_sendmail(
	struct submitter *u, const struct outbox_row *r, struct arena *a, struct err *e)
{
	struct proc_opts opts = PROC_OPTS_INIT;
	const char **argv = NULL;
	bool ok;

	opts.in = open(r->file, O_RDONLY | O_CLOEXEC);
	if (opts.in < 0)
		return err_sys(e, "%s", r->file);
	opts.out = PROC_NULL;
	opts.err = u->s->flags & SESSION_BATCH ? -1 : PROC_NULL;
	opts.new_group = true;
	ok = sendmail_argv(u, r, a, &argv, e);
	if (ok) {
		/* It may hand the message on at any moment: unknown, if we do not see its end. */
		ok = outbox_change(u->s->state, r->id, OUTBOX_SENDING, OUTBOX_COMMITTING, "", 0, e);
		if (ok)
			u->committing = true;
		ok = ok && proc_spawn(argv, &opts, &u->pid, e);
		free(argv);
	}
	close(opts.in);
	if (ok)
		u->child_id = loop_child(u->s->loop, "sendmail", u->pid, sendmail_ended, u);
	return ok;
}

/* ---- what is due ---- */

static bool take_row(struct submitter *u, int64_t id, struct row_copy *c)
{
	struct err e;

	if (!outbox_change(u->s->state, id, OUTBOX_QUEUED, OUTBOX_SENDING, "", 0, &e) &&
		!outbox_change(u->s->state, id, OUTBOX_HELD, OUTBOX_SENDING, "", 0, &e))
		return false; /* another feist was first */
	u->sending = id;
	u->committing = false;
	if (!load_row(u->s, id, c, &e)) {
		session_fail(u->s, &e, _("The outbox"));
		u->sending = 0;
		return false;
	}
	return true;
}

static void send_next(struct submitter *u)
{
	struct session *s = u->s;
	int64_t id = 0, wait = -1;
	struct row_copy c;
	struct err e;

	if (u->sending || s->quitting || s->offline || (s->flags & SESSION_NO_OUTBOX))
		return;
	if (!outbox_due(s->state, u->name, clock_now(), &id, &wait, &e)) {
		session_fail(s, &e, _("The outbox"));
		return;
	}
	if (id == 0) {
		if (wait >= 0)
			kick_soon(s, wait);
		return;
	}
	if (!u->is_sendmail && !u->ready) {
		role_start(u->role);
		return; /* READY comes back here */
	}
	if (u->is_sendmail && !lock_submit(s, u->name, &u->lock_fd)) {
		kick_soon(s, 1);
		return;
	}
	if (!take_row(u, id, &c)) {
		unlock_submit(&u->lock_fd);
		return;
	}
	tell_outbox(s);
	if (!u->is_sendmail) {
		u->job = s->next_id++;
		(void)role_tell(u->role, SEND, .job = u->job, .outbox = id);
	} else if (!run_sendmail(u, &c.row, c.arena, &e)) {
		row_failed(s, id, state_now(u), e.text);
		u->sending = 0;
		unlock_submit(&u->lock_fd);
		tell_outbox(s);
	}
	arena_free(c.arena);
}

static struct submitter *submitter_find(struct session *s, const char *name)
{
	struct outbox_run *o = s->outbox;

	for (size_t i = 0; i < o->n; i++) {
		if (strcmp(o->v[i]->name, name) == 0)
			return o->v[i];
	}
	return NULL;
}

static char *account_of_server(const struct server *server)
{
	const char *user = server->user ? server->user : "", *at = *user ? "@" : "";
	int usual = server->implicit ? 465 : 587, port = server_port(server);

	if (port == usual)
		return xasprintf("smtp-%s%s%s", user, at, server->host);
	return xasprintf("smtp-%s%s%s:%d", user, at, server->host, port);
}

char *outbox_account_of(const struct conf *conf, struct err *e)
{
	struct server server;
	char *name;

	if (!*conf->smtp_url)
		return xstrdup(SENDMAIL);
	if (!smtp_server(conf, &server, e))
		return NULL;
	name = account_of_server(&server);
	server_fini(&server);
	return name;
}

/* The server that is called `name` in the outbox: that of $smtp_url, globally or for one of the accounts. */
static bool server_by_name(
	struct session *s, const char *name, struct conf **conf, struct server *server)
{
	struct err e;

	*conf = conf_dup(s->conf);
	for (size_t i = 0;; i++) {
		if (smtp_server(*conf, server, &e)) {
			char *own = account_of_server(server);
			bool same = strcmp(own, name) == 0;

			free(own);
			if (same)
				return true;
			server_fini(server);
		}
		conf_free(*conf);
		*conf = NULL;
		if (i >= s->accounts.n)
			return false;
		*conf = account_conf(s->conf, &s->accounts.v[i]);
	}
}

static struct submitter *submitter_get(struct session *s, const char *name)
{
	struct submitter *u = submitter_find(s, name);
	struct role_events events = {.message = on_message, .started = on_started, .died = on_died};

	if (u)
		return u;
	u = xcalloc(1, sizeof(*u));
	u->s = s;
	u->lock_fd = -1;
	u->is_sendmail = strcmp(name, SENDMAIL) == 0;
	if (u->is_sendmail) {
		u->conf = conf_dup(s->conf);
	} else if (!server_by_name(s, name, &u->conf, &u->server)) {
		free(u);
		return NULL;
	}
	u->name = xstrdup(name);
	events.data = u;
	if (!u->is_sendmail)
		u->role = role_new(s->loop, "feist-worker", SIDE_WORKER, u->name,
			s->env[0] ? (const char *const *)s->env : NULL, !(s->flags & SESSION_BATCH),
			&events);
	array_grow(s->outbox->v, s->outbox->n, s->outbox->cap);
	s->outbox->v[s->outbox->n++] = u;
	return u;
}

struct names {
	char **v;
	size_t n, cap;
};

static bool collect_account(void *data, const struct outbox_row *r)
{
	struct names *names = data;

	if (r->state == OUTBOX_SENT || r->state == OUTBOX_FAILED)
		return true;
	for (size_t i = 0; i < names->n; i++) {
		if (strcmp(names->v[i], r->account) == 0)
			return true;
	}
	array_grow(names->v, names->n, names->cap);
	names->v[names->n++] = xstrdup(r->account);
	return true;
}

static void kick_due(void *data)
{
	struct session *s = data;

	s->outbox->timer = 0;
	outbox_kick(s);
}

static void kick_soon(struct session *s, int64_t wait_s)
{
	if (s->outbox->timer)
		loop_remove(s->loop, s->outbox->timer);
	wait_s = MAX(0, MIN(wait_s, WAIT_MAX_S));
	s->outbox->timer = loop_timer(s->loop, "outbox", (int)wait_s * 1000 + 50, kick_due, s);
}

void outbox_kick(struct session *s)
{
	struct names names = {0};
	struct err e;

	if (s->quitting || (s->flags & SESSION_NO_OUTBOX))
		return;
	if (!s->outbox) {
		outbox_start(s);
		return;
	}
	if (!outbox_each(s->state, NULL, collect_account, &names, &e))
		session_fail(s, &e, _("The outbox"));
	for (size_t i = 0; i < names.n; i++) {
		struct submitter *u = submitter_get(s, names.v[i]);

		if (u)
			send_next(u);
		else
			session_say(s, LOG_WARN,
				_("The outbox has mail for %s, which is no longer configured."),
				names.v[i]);
		free(names.v[i]);
	}
	free(names.v);
	tell_outbox(s);
}

/* ---- beginning and end ---- */

static bool ask_about_unknown(void *data, const struct outbox_row *r)
{
	struct session *s = data;
	char *text;

	if (r->state != OUTBOX_UNKNOWN)
		return true;
	text = xasprintf(_("\"%s\" may or may not have been sent: %s. Did it arrive? (yes: it "
			   "counts as sent, no: it is sent again)"),
		r->subject, *r->error ? r->error : _("feist ended while the server was taking it"));
	ask_unknown_send(s, r->id, text);
	free(text);
	return true;
}

/*
 * Rows that a crash left in the middle. Whoever sends holds the submit lock of the account, so a row
 * of a running feist is not touched.
 */
static void recover(struct session *s)
{
	struct names names = {0};
	struct err e;

	if (!outbox_each(s->state, NULL, collect_account, &names, &e))
		session_fail(s, &e, _("The outbox"));
	for (size_t i = 0; i < names.n; i++) {
		uint64_t unknown;
		int fd = -1;

		if (lock_submit(s, names.v[i], &fd) &&
			!outbox_recover(s->state, names.v[i], &unknown, &e))
			session_fail(s, &e, _("The outbox"));
		unlock_submit(&fd);
		free(names.v[i]);
	}
	free(names.v);
	if (!outbox_each(s->state, NULL, ask_about_unknown, s, &e))
		session_fail(s, &e, _("The outbox"));
}

void outbox_start(struct session *s)
{
	if (s->outbox || s->quitting || (s->flags & SESSION_NO_OUTBOX))
		return;
	s->outbox = xcalloc(1, sizeof(*s->outbox));
	recover(s);
	outbox_kick(s);
}

void outbox_quit(struct session *s, int timeout_ms)
{
	for (size_t i = 0; s->outbox && i < s->outbox->n; i++) {
		if (s->outbox->v[i]->role)
			role_stop(s->outbox->v[i]->role, timeout_ms);
	}
}

unsigned outbox_helpers(const struct session *s)
{
	unsigned n = 0;

	for (size_t i = 0; s->outbox && i < s->outbox->n; i++) {
		const struct submitter *u = s->outbox->v[i];

		n += (u->role && role_running(u->role)) || u->pid > 0;
	}
	return n;
}

bool outbox_idle(struct session *s)
{
	for (size_t i = 0; s->outbox && i < s->outbox->n; i++) {
		if (s->outbox->v[i]->sending)
			return false;
	}
	return true;
}

void outbox_free(struct session *s)
{
	struct outbox_run *o = s->outbox;

	if (!o)
		return;
	if (o->timer)
		loop_remove(s->loop, o->timer);
	for (size_t i = 0; i < o->n; i++) {
		struct submitter *u = o->v[i];

		if (u->child_id)
			loop_remove(s->loop, u->child_id);
		role_free(u->role);
		unlock_submit(&u->lock_fd);
		conf_free(u->conf);
		if (!u->is_sendmail)
			server_fini(&u->server);
		free(u->why_refused);
		free(u->name);
		free(u);
	}
	free(o->v);
	free(o->why);
	free(o);
	s->outbox = NULL;
}
