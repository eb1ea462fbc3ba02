/*
 * The contract of a kind of account: what the worker (worker.c) asks of imap_box, pop_box and
 * local_box (which hands on to maildir_box and mbox_box). One struct of functions, one instance for
 * each worker.
 *
 * Rules that hold for all of them:
 *
 * - Straight-line blocking code. Whatever waits for longer than a moment does so in functions that
 *   also watch the channel (conn.wake_fd = host_wake_fd) and a deadline.
 * - Batches. Work without a bound is cut into pieces of at most BOX_BATCH messages or BOX_BATCH_MS;
 *   after each the transaction is committed and the function returns with *more = true. worker.c
 *   then looks at its queue and calls again. What was reached is in the cache (mailbox.low_uid
 *   ...), not in memory, so a killed worker goes on where it was.
 * - Acknowledge after commit. CHANGED, BODY, APPLIED are said by worker.c or by the host_
 *   functions, and only about what is committed. A transaction that a failing function left open
 *   is rolled back by worker.c.
 * - Errors: ERR_NET and ERR_TLS: the connection is gone; worker.c calls disconnect, waits
 *   (back-off) and connects again. ERR_AUTH: login refused; the worker waits for the user.
 *   ERR_PROTO from an operation on one thing ("NO over quota") fails that job alone, while
 *   box->dead = true says that the connection cannot be used. ERR_GONE: the mailbox or message is
 *   not there any more. ERR_DISK ends the job and is told. ERR_CANCEL: host_interrupted.
 * - Memory: arguments are lent for the call. The cache belongs to worker.c; the backend is its only
 *   writer during a call. Rows read from the cache are copied to an arena where they must outlive
 *   the next call.
 * - Options that the ui gives besides those of server_setting_next (conf/account.h): "mailboxes"
 *   (names of watched mailboxes of this account, one a line), "uses" (mailboxes with a use, one a line:
 *   "trash NAME", also sent, drafts, archive), "mail_check" (seconds), "offline"
 *   (yes: never connect), and for local mailboxes "mbox_type" and "maildir_trash".
 * - Names: mailboxes have UTF-8 names in the account's own form (store/mailbox.h); raw is the
 *   protocol's.
 */
#ifndef SYNC_BOX_H
#define SYNC_BOX_H

#include "ipc/chan.h"
#include "store/applied.h"
#include "store/body.h"
#include "store/intent.h"
#include "store/mailbox.h"
#include "store/message.h"

#define SEARCH_ROWS "rows"
#define BOX_BATCH 250     /* messages of one piece of work */
#define BOX_BATCH_MS 300  /* and its time */
#define BOX_FIRST 100     /* messages of the very first piece: a screenful, newest first */
#define BOX_APPEND_MAX 100 /* messages of one append step, for kinds that take more than one */
#define BOX_APPLY_MAX 500 /* messages of one apply step */
#define BOX_LIST_CHANGED UINT64_MAX /* of watch, instead of a mailbox */

/*
 * What a backend may use of the worker. It is made once; a unit test makes its own with a null
 * channel.
 */
struct host;

struct cache *host_cache(struct host *);
struct search *host_search(struct host *); /* the index of words, for questions; NULL: there is none */
struct state *host_state(struct host *); /* reader; NULL when there is none yet */
const char *host_account(struct host *);
const char *host_cache_dir(struct host *);
/* An account option as CONF gave it ("imap_user", "imap_tls"...): NULL when not given; lent for good, but it may change. */
const char *host_conf(struct host *, const char *name);
bool host_conf_bool(struct host *, const char *name, bool fallback);
int64_t host_conf_number(struct host *, const char *name, int64_t fallback);
struct spam_rules *host_spam(struct host *); /* of CONF "spam" (spam.h); NULL: none; lent until CONF changes */

/* To be polled beside a connection. Readable: return to worker.c soon (host_interrupted tells). */
int host_wake_fd(struct host *);
/*
 * The machine slept, and the connection that is used now is from before: what waits for it may end. Makes
 * host_wake_fd quiet as far as that woke it. Never true in the role submit, where a transaction is better waited for.
 */
bool host_slept(struct host *);
/*
 * Between two pieces of a long operation: reads what has come in into the queue and answers whether
 * something more urgent waits (a FETCH the user looks at, CANCEL of this job, QUIT, end of the
 * channel).
 */
bool host_interrupted(struct host *);
/* The current job was cancelled, or the worker must leave. */
bool host_cancelled(struct host *);
bool host_was_cancelled(struct host *); /* as far as is known: reads nothing */
/* Cancelled, or the ui wants to leave and the job is none that must be finished. Reads nothing. */
bool host_job_is_over(struct host *);
/*
 * host_interrupted for the download of a part, which goes on where it was: the text of a message that somebody
 * wants to read comes first, too.
 */
bool host_should_yield(struct host *);

/* Says. They never fail from the caller's view: a lost channel shows in host_interrupted. */
void host_state_say(struct host *, const char *state, const char *text); /* "connecting", ... */
void host_progress(struct host *, uint64_t mailbox, uint64_t done, uint64_t total, const char *what);
/* what: "list" "messages" "flags" "new" "reset"; after the commit. */
void host_changed(struct host *, uint64_t mailbox, const char *what, uint64_t count);
void host_found(struct host *, const uint64_t *messages, size_t n);

/*
 * Asks the user and waits (other messages are queued meanwhile). ERR_CANCEL: refused, or we must
 * leave.
 * host_ask_secret: what "password" or "token"; the caller frees the secret. host_ask: what "cert"
 * or "question"; answer "once", "always", "reject", "yes", "no". key: what the answer belongs to
 * (host, fingerprint).
 */
struct secret;
bool host_ask_secret(struct host *, const char *what, const char *key, const char *text, struct secret **out,
	struct err *e) MUST_CHECK;
bool host_ask(struct host *, const char *what, const char *key, const char *text, char answer[64], struct err *e)
	MUST_CHECK;

/*
 * What this process may not do itself: runs $preconnect and waits for its end (ERR_NET when it
 * failed), or starts the program of $tunnel and gives our end of it.
 */
bool host_preconnect(struct host *, struct err *e) MUST_CHECK;
bool host_tunnel(struct host *, int *fd, struct err *e) MUST_CHECK;
/*
 * Facts about servers that outlive the process, kept in state.db by the ui: what was said last with
 * host_remember, by whatever worker. NULL: nothing; caller frees.
 */
char *host_recall(struct host *, const char *key);
void host_remember(struct host *, const char *key, const char *value);

/* The ui wants us to end: what was put off must be done now. */
bool host_leaving(struct host *);
/* Nobody is there any more. */
bool host_gone(struct host *);

/*
 * A step: a place where a kill must be harmless. FEIST_STOP_AT=n in the environment ends the
 * process at the n-th one (tests/sync); otherwise nothing. Call it before and after every thing
 * that the outside can see.
 */
void host_step(const char *what);
bool host_stepping(void); /* such a place is wanted */

/*
 * A unit of change that plan.c makes of intents: same kind, mailbox, flags and destination.
 * Results are per intent.
 */
struct apply_one {
	int64_t intent, created;  /* its id, and when it was made: together they never come again */
	uint64_t uid;             /* 0: not known (plan.c looked in vain, or the cache was made anew): the backend
	                             searches message_id in mailbox */
	const char *message_id;
	/* append: what to put there, and the message that it takes the place of (an intent of its own; 0: none) */
	const char *file;
	unsigned add;
	const char *add_words;
	int64_t date;
	int64_t replaces;
	uint64_t replaces_uid;
	struct applied was;       /* TRYING: an earlier attempt may have gone through: look before you repeat */
	/* results */
	bool done;                /* carried out, or found to be done */
	uint64_t new_uidvalidity, new_uid; /* copy, move, append: where it is now; 0: not known */
	bool replaced;            /* the intent in replaces is done, too */
	struct err error;         /* !done: ERR_NONE: not reached (try again later); else why not */
};

struct apply_step {
	enum intent_kind kind;
	struct mailbox *mailbox;  /* its row; for INTENT_CREATE only name is set */
	uint64_t uidvalidity;     /* the UIDs are of this one (0: no UID here): when the mailbox now has another, every
	                             one gets ERR_GONE and nothing is done */
	struct mailbox *dest;     /* move, copy: its row; id 0 when we have none of that name. rename: only name */
	unsigned add, del;
	const char *add_words, *del_words;
	const char *file;         /* append: of the first one */
	int64_t date;
	struct apply_one *one;    /* mailbox kinds: exactly one; append: at most box->append_max */
	size_t count;             /* at most BOX_APPLY_MAX */
};

struct box_ops {
	const char *kind; /* "imap", "pop", "local" */

	/*
	 * Makes the backend from the configuration in host. No network, no waiting. CONF that comes
	 * later is seen by the next host_conf. Also called in the cage: every file it needs is
	 * below the folders that `folders` named.
	 */
	struct box *(*open)(struct host *, struct err *e);

	/*
	 * Dials, checks TLS, logs in, learns capabilities. May ask (host_ask...). On success
	 * box->online. NULL: there is nothing to connect to (local), the account is always online.
	 * On failure nothing stays open.
	 */
	bool (*connect)(struct box *, struct err *e);

	/*
	 * Leaves: politely (LOGOUT, a second at most) or at once. Keeps the struct box for a new
	 * connect.
	 */
	void (*disconnect)(struct box *, bool politely);

	/*
	 * Brings the mailbox rows up to date with the source: names, flags, special use,
	 * subscription; those that have vanished become MAILBOX_GONE or are deleted when no intent
	 * names them. Counts (total, unseen) for those that are watched (host_conf "mailboxes": one
	 * name a line). One call is one piece, *more as above. One transaction, so that a reader
	 * never sees half a list.
	 */
	bool (*list)(struct box *, bool *more, struct err *e);

	/*
	 * Brings one mailbox up to date: the newest BOX_FIRST messages when it has no rows yet
	 * (first piece), then new ones, changes of flags, vanished ones, then older ones (backfill)
	 * until MAILBOX_COMPLETE. One piece a call. Each piece is a transaction of its own and
	 * leaves the cache true: rows that are there are right as of a moment ago. UIDVALIDITY
	 * change: mailbox_reset and CHANGED "reset". host_changed after each commit that changed
	 * something. A killed worker repeats at most one piece.
	 */
	bool (*sync)(struct box *, uint64_t mailbox, bool *more, struct err *e);

	/*
	 * Waits until something happens: the channel is readable (returns at once), the mailbox has
	 * changed on the other side (*changed = its id), or counts of others (BOX_LIST_CHANGED), or
	 * timeout_ms is over (0). Never
	 * touches the cache. IMAP: IDLE on the mailbox (or NOOP when there is none); local:
	 * inotify. mailbox 0: just keep the connection alive.
	 */
	bool (*watch)(struct box *, uint64_t mailbox, int timeout_ms, uint64_t *changed, struct err *e);

	/*
	 * Gets the bytes of a section (body.h) and puts them (body_write_commit). The row of the
	 * message must exist; ERR_GONE when it does not, or no longer on the other side. Long ones
	 * call host_interrupted between pieces of 64 KiB and give up with ERR_CANCEL when
	 * host_cancelled. Local kinds have nothing to do. A kill leaves at most a temp file, which
	 * body_sweep removes.
	 */
	bool (*fetch)(struct box *, uint64_t message, const char *section, struct err *e);

	/*
	 * When nothing else is to be done: one piece of getting bodies that nobody has asked for yet, by the
	 * account's policy; the mailbox that the user looks at first. NULL: there is nothing to get.
	 */
	bool (*ahead)(struct box *, uint64_t watched, bool *more, struct err *e);

	/*
	 * Carries out one step on the other side and, for every intent that is done, changes the
	 * rows of the cache in ONE transaction with applied_set(DONE): flags changed, moved and
	 * deleted rows gone (or moved, when the new UID is known). Must be idempotent: a flag that
	 * is set already, a message that is gone already, a mailbox that exists already are done.
	 * For kinds that are not (copy, append, move without MOVE) it first commits
	 * applied_set(TRYING, UIDVALIDITY and UIDNEXT of the destination) and, when one.was says
	 * TRYING, looks for the Message-ID at or above that UIDNEXT before repeating. False: the
	 * connection or the disk failed; the intents without done stay in the queue. True: look at
	 * each one's done and error.
	 */
	bool (*apply)(struct box *, struct apply_step *, struct err *e);

	/*
	 * Looks for messages where the ui cannot. query is one of two:
	 * - a term on bodies of a canonical pattern (~b "some words"): in the files, and on the server
	 *   for what is not here. Calls host_found as they come.
	 * - SEARCH_ROWS and further lines, a search in prefix order: all messages of the mailbox that
	 *   may match get rows (host_changed), also when they were not backfilled yet. A line is "(", ")",
	 *   "or" (two operands follow), "not" (one), "all", "seen", "unseen", "flagged", "answered",
	 *   "from TEXT", also to, cc, bcc, subject, body, text, "header NAME TEXT", "larger N", "smaller N",
	 *   "since YYYY-MM-DD", also before, sentsince, sentbefore. Kinds whose rows are always all here
	 *   answer ERR_INPUT.
	 * What the kind cannot say is ERR_INPUT. NULL: not offered.
	 */
	bool (*search)(struct box *, uint64_t mailbox, const char *query, struct err *e);

	/*
	 * Folders (outside the cache and state folder, which are always allowed) that the kind must
	 * read and write, for the cage; a NULL-ended list in *out, texts and list freed by the
	 * caller. Called before open. NULL: none.
	 */
	void (*folders)(struct host *, char ***out);

	/* Frees everything; disconnects at once. */
	void (*close)(struct box *);

	/*
	 * The machine slept. A kind without connect drops what it has of a connection, and does soon what waited for a
	 * time. NULL: there is nothing to do.
	 */
	void (*slept)(struct box *);
};

/* What every kind begins with: struct imap_box { struct box box; ... }. */
struct box {
	const struct box_ops *ops;
	struct host *host;
	bool online; /* connected and logged in; always true when ops->connect is NULL */
	bool dead;   /* set by a failing function: do not use this connection again */
	size_t append_max; /* messages of one append step; 0: one */
	bool own_uids; /* UIDs are given by us, and are others when the cache is made anew, though the mailbox is the same */
	int later_ms; /* apply left intents undone on purpose: ask again then (mbox gathers flags); 0: no */
};

extern const struct box_ops imap_box_ops;  /* imap_box.c */
extern const struct box_ops pop_box_ops;   /* pop_box.c: downloads into a Maildir, then is maildir_box */
extern const struct box_ops local_box_ops; /* local_box.c */

/* By the kind that HELLO names; NULL: unknown. kinds.c is the list. */
const struct box_ops *box_kind(const char *kind);

/*
 * Sends one row of the outbox (submit.c, role "submit"). Before the end of DATA it calls
 * host_may_commit, which says SENT committing and waits for ANSWER go: false means do not
 * (ERR_CANCEL). The result is told by host_sent: sent | failed (for good) | queued (again later) |
 * unknown | scheduled (the server does not hold mail until its time) with the server's words. When it returns false without having called host_sent, worker.c says
 * "queued" with the error's text.
 */
struct submit_ops {
	bool (*send)(struct host *, uint64_t job, int64_t outbox, struct err *e);
	void (*disconnect)(struct host *); /* QUIT on the connection that was kept; fine without one */
};
extern const struct submit_ops submit_smtp_ops; /* submit.c */
const struct submit_ops *submit_kind(const char *kind); /* kinds.c */
bool host_may_commit(struct host *, uint64_t job, int64_t outbox, struct err *e) MUST_CHECK;
/* One recipient, before host_may_commit or host_sent (RCPT in messages.def). */
void host_rcpt(struct host *, uint64_t job, int64_t outbox, const char *addr, const char *result, const char *words);
void host_sent(struct host *, uint64_t job, int64_t outbox, const char *state, enum err_class, const char *text);

#endif
