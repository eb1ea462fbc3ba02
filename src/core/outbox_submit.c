/*
 * The ways out. One SMTP server is one submit worker, with a configuration made of the session's, of
 * the identity that wrote and of account-hooks: so an address of the user's can have a server of its
 * own, and a server that hangs holds up only its own mail.
 */
#include <stdlib.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/gettext.h"
#include "core/outbox_priv.h"

#define REFUSED_WAIT_S 5 /* until the other feist that has this way out is asked again */

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

/* ---- what the worker says ---- */

static void take_rcpt(struct submitter *u, const struct msg_RCPT *m)
{
	enum outbox_result result;

	if (m->outbox != u->sending || !outbox_result_by_name(m->result, &result))
		return;
	array_grow(u->rcpts, u->rcpt_count, u->rcpt_cap);
	u->rcpts[u->rcpt_count++] = (struct rcpt_note){
		.addr = sv_dup(m->addr), .words = sv_dup(m->words), .result = result};
}

/* Only when it stands on disk that the server may have it may the server have it. */
static bool note_commit(struct submitter *u, struct err *e)
{
	struct state *st = u->s->state;
	bool ok = state_begin(st, e);

	if (!ok)
		return false;
	ok = row_keep_results(u, e) &&
	     outbox_change(st, u->sending, OUTBOX_SENDING, OUTBOX_COMMITTING, "", 0, e);
	if (ok)
		return state_commit(st, e);
	state_rollback(st);
	return false;
}

static void on_commit(struct submitter *u)
{
	struct err e;

	u->committing = note_commit(u, &e);
	submitter_forget_rcpts(u);
	if (!u->committing)
		session_fail(u->s, &e, _("The outbox"));
	(void)role_tell(
		u->role, ANSWER, .job = u->job, .value = u->committing ? SV("go") : SV("no"));
}

static void on_sent(struct submitter *u, const struct msg_SENT *m)
{
	enum outbox_state state;
	char *words;

	if (m->outbox != u->sending || !outbox_state_by_name(m->state, &state))
		return;
	words = sv_dup(m->text);
	outbox_note_class(u->s, m->outbox, m->class);
	switch (state) {
	case OUTBOX_SENDING:
		secret_worked(u->s, u);
		break;
	case OUTBOX_COMMITTING:
		on_commit(u);
		break;
	case OUTBOX_SENT:
	case OUTBOX_FAILED:
	case OUTBOX_UNKNOWN:
	case OUTBOX_QUEUED:
	case OUTBOX_SCHEDULED:
		submitter_ended(u, state, words);
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
		submitter_next(u);
		break;
	case MSG_RCPT:
		take_rcpt(u, &m->RCPT);
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
			/* Another feist has this way out; anything else is a death like others. */
			u->refused = sv_is(m->FAILED.class, err_class_name(ERR_LIMIT));
			log_write(LOG_INFO, "outbox", "%s: " SV_FMT, u->name, SV_ARG(m->FAILED.text));
		}
		break;
	default:
		break;
	}
}

/* The name for EHLO: only one that the user has chosen; the machine's own is nobody's business. */
static const char *helo_name(const struct conf *conf)
{
	return conf_origin_of(conf, OPT_hostname).file ? conf->hostname : "";
}

static void send_conf(struct submitter *u)
{
	char *transcript = u->conf->transcript ? transcript_path(u->s, u->name) : xstrdup("");

	acct_send_settings(u->role, u->conf, &u->server, "hostname", helo_name(u->conf));
	(void)role_tell(u->role, CONF, .name = SV("transcript"), .value = sv_of(transcript));
	free(transcript);
}

static void on_started(void *data)
{
	struct submitter *u = data;

	u->ready = u->refused = false;
	(void)role_tell(u->role, HELLO, .version = WIRE_VERSION, .account = sv_of(u->name),
		.kind = SV("smtp"), .role = SV("submit"), .cache_dir = sv_of(u->s->cache_dir),
		.state_db = sv_of(u->s->state_path));
	send_conf(u);
}

static void on_died(void *data, const char *why, int retry_ms)
{
	struct submitter *u = data;
	int64_t row = u->sending;

	u->ready = false;
	secret_owner_died(u->s, NULL, u);
	if (row)
		submitter_ended(u, u->committing ? OUTBOX_UNKNOWN : OUTBOX_QUEUED, why);
	if (u->s->quitting || retry_ms < 0) {
		session_helper_gone(u->s);
		return;
	}
	/* Another feist may be sending; else the row's own back-off decides when there is a next time. */
	role_rest(u->role);
	outbox_kick_soon(u->s, u->refused ? REFUSED_WAIT_S : (retry_ms + 999) / 1000);
	outbox_tell(u->s);
}

void submitter_send(struct submitter *u, int64_t id)
{
	submitter_forget_rcpts(u);
	u->job = u->s->next_id++;
	(void)role_tell(u->role, SEND, .job = u->job, .outbox = id);
}

/* ---- which way a message goes ---- */

static char *account_of_server(const struct server *server)
{
	const char *user = server->user ? server->user : "", *at = *user ? "@" : "";
	const char *kind = server->lmtp ? "lmtp" : "smtp";
	int usual = server->lmtp ? 24 : server->implicit ? 465 : 587, port = server_port(server);

	if (!*server->host)
		return xasprintf("%s-%s", kind, server->path);
	if (port == usual)
		return xasprintf("%s-%s%s%s", kind, user, at, server->host);
	return xasprintf("%s-%s%s%s:%d", kind, user, at, server->host, port);
}

/* Through $sendmail: its command is part of the name where it is not the usual one, so each has a queue of its own. */
static char *account_of_sendmail(const struct conf *usual, const struct conf *conf)
{
	if (strcmp(usual->sendmail, conf->sendmail) == 0)
		return xstrdup(OUTBOX_SENDMAIL);
	return xasprintf(OUTBOX_SENDMAIL " %s", conf->sendmail);
}

char *outbox_way_out(struct session *s, const struct conf *conf, struct str *options, struct err *e)
{
	struct server server;
	char *name, *url;

	if (!*conf->smtp_url) {
		name = account_of_sendmail(s->conf, conf);
		/* The usual one is looked up when it is used: it may have been wrong. */
		if (strcmp(name, OUTBOX_SENDMAIL) != 0)
			(void)outbox_option_add(options, "sendmail", sv_of(conf->sendmail));
		return name;
	}
	if (!smtp_server(conf, &server, e))
		return NULL;
	name = account_of_server(&server);
	url = server_text(&server);
	(void)outbox_option_add(options, "url", sv_of(url));
	free(url);
	server_fini(&server);
	return name;
}

/* Does this configuration lead to the server of that name? Then with what it says about it. */
static bool leads_to(
	const struct conf *base, const char *name, struct conf **conf, struct server *server)
{
	struct err e;
	char *own;
	bool same;

	if (!smtp_server(base, server, &e))
		return false;
	own = account_of_server(server);
	same = strcmp(own, name) == 0;
	free(own);
	if (same)
		*conf = smtp_conf(base, server);
	else
		server_fini(server);
	return same;
}

/* The server that is called `name`: of the identity, of the session, of the accounts, else as the row has it. */
static bool find_server(struct session *s, const char *name, const char *url, const char *identity,
	struct conf **conf, struct server *server)
{
	struct conf *base = conf_for_identity(s->conf, sv_of(identity));
	bool found = leads_to(base, name, conf, server);
	struct err e;

	for (size_t i = 0; !found && i < s->accounts.n; i++) {
		struct conf *of_account = account_conf(s->conf, &s->accounts.v[i]);

		found = leads_to(of_account, name, conf, server);
		conf_free(of_account);
	}
	if (!found && *url && server_parse(sv_of(url), server, &e)) {
		*conf = smtp_conf(base, server);
		found = true;
	}
	conf_free(base);
	return found;
}

static bool make_way(struct submitter *u)
{
	struct session *s = u->s;
	struct conf *conf = NULL;
	struct server server = {0};

	if (u->is_sendmail) {
		conf = conf_for_identity(s->conf, sv_of(u->identity));
		if (*u->url) {
			struct conf_origin origin = {0};
			struct err e;

			if (!conf_set(conf, OPT_sendmail, sv_of(u->url), origin, &e))
				session_fail(s, &e, "$sendmail");
		}
	} else if (!find_server(s, u->name, u->url, u->identity, &conf, &server)) {
		return false;
	}
	conf_free(u->conf);
	if (!u->is_sendmail)
		server_fini(&u->server);
	u->conf = conf;
	u->server = server;
	return true;
}

void submitter_conf_changed(struct submitter *u)
{
	if (make_way(u) && u->role && role_running(u->role) && u->ready)
		send_conf(u);
}

static struct submitter *find(struct session *s, const char *name)
{
	struct outbox_run *o = s->outbox;

	for (size_t i = 0; i < o->n; i++) {
		if (strcmp(o->v[i]->name, name) == 0)
			return o->v[i];
	}
	return NULL;
}

struct submitter *submitter_get(struct session *s, const struct outbox_row *r)
{
	struct role_events events = {.message = on_message, .started = on_started, .died = on_died};
	struct submitter *u = find(s, r->account);
	struct sv options = sv_of(r->options);

	if (u)
		return u;
	u = xcalloc(1, sizeof(*u));
	u->s = s;
	u->lock_fd = u->words_fd = -1;
	u->is_sendmail = sv_starts(sv_of(r->account), SV(OUTBOX_SENDMAIL));
	u->name = xstrdup(r->account);
	u->url = sv_dup(outbox_option(options, u->is_sendmail ? "sendmail" : "url"));
	u->identity = sv_dup(outbox_option(options, "identity"));
	if (!make_way(u)) {
		submitter_free(u);
		return NULL;
	}
	events.data = u;
	if (!u->is_sendmail)
		u->role = role_new(s->loop, "feist-worker", SIDE_WORKER, u->name,
			s->env[0] ? (const char *const *)s->env : NULL, !(s->flags & SESSION_BATCH),
			&events);
	array_grow(s->outbox->v, s->outbox->n, s->outbox->cap);
	s->outbox->v[s->outbox->n++] = u;
	return u;
}

void submitter_free(struct submitter *u)
{
	if (u->child_id)
		loop_remove(u->s->loop, u->child_id);
	role_free(u->role);
	outbox_unlock(&u->lock_fd);
	sendmail_forget(u);
	submitter_forget_end(u);
	submitter_forget_rcpts(u);
	free(u->rcpts);
	conf_free(u->conf);
	if (!u->is_sendmail)
		server_fini(&u->server);
	free(u->url);
	free(u->identity);
	free(u->name);
	free(u);
}
