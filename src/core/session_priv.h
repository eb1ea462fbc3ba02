/*
 * The inside of a session: session.c (life, accounts, events), session_account.c (one account and its
 * worker), session_jobs.c (bodies, documents, parts, searches), session_secret.c (questions, passwords), session_tunnel.c (programs of $tunnel),
 * session_outbox.c and outbox_*.c (sending), mailboxes.c, func.c and draft*.c.
 */
#ifndef CORE_SESSION_PRIV_H
#define CORE_SESSION_PRIV_H

#include "conf/account.h"
#include "core/role.h"
#include "core/session.h"
#include "core/view_priv.h"
#include "store/intent.h"
#include "store/mailbox.h"
#include "store/outbox.h"
#include "store/state.h"

#define JOB_TRIES 2 /* a job during which its helper dies so often is given up */
#define SESSION_JOBS_MAX 20000

struct session;
struct box_list;
struct hook_cache;
struct helper;
struct outbox_run;

/* One account: its settings, its worker, its cache. Made when it is first needed. */
struct acct {
	struct session *s;
	char *name, *url;
	enum account_kind kind;
	struct server server; /* unset strings for local */
	struct conf *conf;    /* with account-hooks */
	struct role *role;    /* NULL until started */
	bool ready;           /* READY came */
	bool follower;        /* another feist has the worker */
	bool declined;        /* the user was asked for the password and gave none */
	bool was_refused;     /* the worker ended before READY and said why */
	bool got_list;        /* the list of mailboxes was asked for */
	struct cache *cache;
	uint64_t cache_inode;
	int64_t away_since; /* clock_now when the state became offline, or at the start: intents made since are untouched */
	char *state, *text, *what;
	int64_t retry_at;      /* of the next attempt to connect; 0: none */
	unsigned follow_turns; /* looks since this feist tried to take over */
	uint64_t done, total;
	int poll_timer;
	struct view *watched;
	char *watch_said; /* name that the worker was told last */
	uint64_t watch_job,
		sync_job;     /* WATCH and SYNC that the worker has not ended yet; 0: none */
	bool check_wanted;    /* a SYNC of everything, as soon as the worker is ready */
	enum err_class error; /* of the last failure of the connection or a sync */
	struct view **views;
	size_t view_count, view_cap;
	bool apply_wanted;
	unsigned pending;
	int64_t since, synced;
	bool offline;   /* kept so by the user */
	int transcript; /* 1: on, -1: off, 0: as $transcript says */
};

enum job_kind { JOB_BODY, JOB_DOC, JOB_PART, JOB_SEARCH, JOB_CHECK };
enum job_stage {
	STAGE_SOON,  /* from the next turn of the loop */
	STAGE_FETCH, /* the worker gets the body */
	STAGE_PIECES /* the other pieces are fetched */, STAGE_RENDER,
	STAGE_VIEWS,  /* auto_view or display_filter: programs run, then it is rendered again */
	STAGE_WORKER, /* search, check */
};

struct job {
	uint64_t id;
	enum job_kind kind;
	enum job_stage stage;
	struct acct *acct; /* NULL: a file */
	struct view *view;
	uint64_t message, mailbox; /* in the cache of acct */
	uint64_t key;              /* of its row in the view */
	char *path;
	uint64_t offset, length;
	char *section; /* what is fetched, or wanted */
	char *part, *options;
	char *term;
	int fd;                     /* a part goes there (ours, duplicated) */
	bool tried_part;            /* the single part was fetched already */
	struct attach_views *views; /* the filters that run */
	struct doc *doc;            /* what is shown should they fail */
	int *view_fds;              /* their output, as the view= options name it */
	size_t view_count, view_cap;
	bool viewed; /* they have run */
	int columns; /* of the window, when $display_filter is to be run; 0: no, or it has run */
	struct display_filter *filter; /* it runs */
	uint64_t *pieces;  /* jobs that fetch the other pieces of the message (pieces.h) */
	size_t piece_count, pieces_out;
	bool pieces_asked; /* they were looked for */
	unsigned deaths;
	bool sent; /* its helper was told */
	session_done_fn *on_done;
	session_doc_fn *on_doc;
	session_file_fn *on_file;
	session_found_fn *on_found;
	void *data;
	int timer;
	struct session *s;
};

struct ask { /* a question that is open */
	uint64_t id;
	enum question_kind kind;
	struct acct *acct;        /* of a box worker, or ... */
	struct submitter *submit; /* ... of a submit worker */
	uint64_t need;            /* job of the NEED; 0 for questions of our own */
	int64_t outbox;           /* ASK_UNKNOWN_SEND */
	char *key, *text, *cause;
	bool token;
	struct secret_run *run; /* a command that is to give the secret */
};

struct secret_memo { /* a secret that was given */
	char *key;
	struct secret *secret; /* NULL: not kept (tokens) */
	const void *owner;     /* account or submitter that it was for */
	bool renewed; /* a token: the command has run again since it last worked */
	bool given; /* and not known to have worked yet: asked for again, it was refused */
};

struct session {
	struct loop *loop;
	struct conf *conf;
	struct session_events events;
	unsigned flags;
	char *env[2]; /* FEIST_WIRE_LOG=... for workers */
	char *cache_dir, *state_dir, *state_path;
	struct state *state;
	struct msglog *log;
	struct accounts accounts;
	struct acct **accts;
	size_t acct_count, acct_cap;
	struct role *renderer;
	bool renderer_wanted;
	struct job **jobs;
	size_t job_count, job_cap;
	uint64_t next_id;
	struct ask **asks;
	size_t ask_count, ask_cap;
	struct helper **helpers; /* programs of $tunnel and $preconnect that run */
	size_t helper_count, helper_cap;
	struct secret_memo *memos;
	size_t memo_count, memo_cap;
	struct applied_note *applied; /* APPLIED that are not in state.db yet */
	size_t applied_count, applied_cap;
	int applied_timer, poll_timer, start_timer;
	struct outbox_run *outbox;
	struct box_list *boxes;
	struct saved_list *saved; /* saved.c */
	struct hook_cache *hooks;
	bool said_local; /* that tags are kept here only */
	bool queue_grew; /* intents became free while others were noted as carried out */
	bool quitting, ended_told;
	int64_t postponed; /* how many drafts are postponed; -1: to be counted */
	bool ignore_reply_to; /* the user's answer for the next draft */
	bool offline;
};

/* ---- session.c ---- */
struct acct *session_acct(struct session *, const struct account *); /* made when it is new */
struct acct *session_acct_by_name(struct session *, const char *name);
/* Resolves what the user writes. *name is for the caller to free. */
struct acct *session_resolve(struct session *, const char *mailbox, char **name, struct err *e);
/* New intents of this account are in state.db: tell its worker, overlay its views. */
void session_intents(struct session *, const char *account);
void session_intents_added(struct session *, const char *account); /* the same, and none has gone */
void session_view_notify(struct view *);
void session_helper_gone(struct session *); /* while quitting: was that the last? */
void session_mailboxes_changed(struct session *, unsigned change);
void session_account_event(struct acct *);
void session_note_applied(struct session *, int64_t intent, enum err_class, struct sv text);

/* ---- session_accounts.c ---- */
char *transcript_path(const struct session *, const char *account); /* its folder is made; caller frees */
char *acct_transcript(const struct acct *); /* file, NULL: none is wanted; caller frees */

/* ---- session_account.c ---- */
struct acct *acct_new(struct session *, const struct account *);
void acct_free(struct acct *);
void acct_start(struct acct *); /* its worker, unless it runs */
bool acct_open_cache(struct acct *);
void acct_watch(struct acct *, struct view *);
/* Asks for news of a mailbox (0: all), now or when the worker is ready. */
void acct_sync(struct acct *, uint64_t mailbox);
void acct_attach_views(struct acct *);
void acct_send_conf(struct acct *);
void acct_send_watched(struct acct *); /* which mailboxes are to be looked at, too */
void acct_take_view(struct acct *, struct view *);
void acct_drop_view(struct acct *, struct view *);
/* The name as the cache has it: INBOX in any case, '/' for the server's delimiter. Caller frees. */
char *acct_mailbox_name(struct acct *, const char *name);
void acct_send_settings(struct role *, const struct conf *, const struct server *,
	const char *extra_name, const char *extra_value);
/* Some of the rows of a message changed: view_refresh_row in the view that shows it. */
void acct_refresh_message(struct acct *, const char *mailbox, uint64_t uid);

/* ---- session_jobs.c ---- */
struct job *job_new(struct session *, enum job_kind, void *data);
void job_run(struct job *); /* starts, or goes on */
/* A worker's search in one of the mailboxes that the view shows (its source-th). */
uint64_t session_search_source(struct session *, struct view *, uint32_t source, const char *term, session_found_fn *,
	void *data);
void jobs_worker_message(struct acct *, const struct msg *);
void jobs_worker_ready(struct acct *); /* tells it again what it has not answered */
void jobs_worker_died(struct acct *, const char *why);
void jobs_free(struct session *);
void jobs_view_closed(struct session *, struct view *);
bool jobs_idle(const struct session *);

/* ---- session_secret.c ---- */
void secret_need(struct session *, struct acct *, struct submitter *, const struct msg_NEED *);
void secret_worked(struct session *, const void *owner); /* the login went through */
void secret_owner_died(struct session *, struct acct *, struct submitter *);
void secrets_free(struct session *);
void session_remember(struct session *, const struct msg_REMEMBER *); /* in state.db */
uint64_t ask_unknown_send(struct session *, int64_t outbox, const char *text);

/* ---- session_tunnel.c ---- */
/* A worker needs $tunnel or $preconnect. False: it needs something else. */
bool helper_need(struct session *, struct acct *, struct submitter *, const struct msg_NEED *);
void helper_owner_gone(struct session *, const void *owner); /* ends what runs for it */
void helpers_free(struct session *);

/* ---- session_outbox.c ---- */
struct submitter;
/* Why the row failed or waits, as far as this run knows. */
enum err_class outbox_class_of(const struct session *, int64_t id);
struct role *submitter_role(struct submitter *);
const struct conf *submitter_conf(struct submitter *);
const struct server *submitter_server(struct submitter *);
const char *submitter_name(struct submitter *);
int64_t outbox_draft_of(
	const struct outbox_row *);  /* the draft it was made of, 0: none (draft_outbox.c) */
void outbox_start(struct session *); /* recovers, and looks what is due */
void outbox_kick(struct session *);  /* there is a new row, or one was changed */
void outbox_quit(struct session *, int timeout_ms);
bool outbox_idle(struct session *); /* nothing is being sent */
unsigned outbox_helpers(const struct session *);
void outbox_free(struct session *);
/*
 * The way out that this configuration names, as the outbox calls it; caller frees. What is needed to find
 * it again goes to the options of the row. NULL: $smtp_url is wrong.
 */
char *outbox_way_out(struct session *, const struct conf *, struct str *options, struct err *e);
void outbox_conf_changed(struct session *);
void outbox_answer_unknown(struct session *, int64_t outbox, bool sent);

/* ---- mailboxes.c ---- */
void boxes_stale(struct session *);
void boxes_free(struct session *);

#endif
