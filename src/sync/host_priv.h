/*
 * Inside of the worker: its queue of jobs and the state that host.c lends to backends.
 */
#ifndef SYNC_HOST_PRIV_H
#define SYNC_HOST_PRIV_H

#include "base/hash.h"
#include "base/resume.h"
#include "sync/box.h"

#define JOBS_MAX 10000 /* queued; the ui never has that many */

/*
 * In the order of urgency: a job of a smaller number goes first and interrupts larger ones between
 * batches.
 */
enum job_kind {
	JOB_READ,    /* FETCH the user waits for */
	JOB_WATCH,   /* a mailbox that was opened */
	JOB_SEARCH,
	JOB_APPLY,   /* intents */
	JOB_SEND,
	JOB_SYNC,
	JOB_FETCH,   /* FETCH ahead */
	JOB_LIST,    /* counts, in the background */
	JOB_AHEAD,   /* bodies that nobody has asked for yet */
	JOB_INDEX,   /* their words (index.h) */
	JOB_KINDS
};

/* The intents that a job has dealt with: all up to `after`, and some behind it, in order. */
struct plan_seen {
	int64_t after;
	int64_t *ids;
	size_t n, cap;
};
void plan_seen_fini(struct plan_seen *); /* plan.c */

struct job {
	struct job *next;
	uint64_t id; /* the ui's; 0: our own idea, nobody waits for an answer */
	enum job_kind kind;
	bool cancelled, started;
	uint64_t mailbox, message;
	int64_t outbox;
	char *text;    /* section, query, mailbox name */
	struct plan_seen seen; /* apply */
	struct err put_off;    /* apply: why some stay in the queue: a full disk ... */
	uint64_t *todo; /* sync of many mailboxes: what is left, last first */
	size_t todo_count;
	bool listed;
};

struct submit;
struct index;

struct host {
	struct chan *chan; /* NULL in unit tests */
	char *account, *kind, *role, *cache_dir, *state_path;
	struct map *conf;   /* option -> char * */
	struct str conf_parts; /* of a long option whose last part is still to come */
	char **old_conf;    /* values that were replaced: still lent to somebody, perhaps */
	size_t old_count, old_cap;
	struct map *memory; /* what host_remember said in this life -> char * */
	struct cache *cache;
	char *spam_text;    /* CONF "spam" as it was when the rules were made */
	struct spam_rules *spam;
	struct index *index; /* of mailboxes: the words of their messages; NULL: none */
	struct state *state;
	struct job *queue;   /* by urgency, then by age */
	size_t queued;
	struct job *current; /* not in the queue */
	bool greeted, leaving, quit_asked;
	uint64_t quit_job;
	uint64_t questions;
	/* what an answer to a question brought (host_ask...) */
	uint64_t answer_to;
	struct secret *secret;
	char answer[64];
	int answer_fd; /* of TUNNEL; -1: none came */
	bool answered;
	char said_state[32];
	int64_t wake_at;     /* clock_ms at which the box wants apply to be tried again (box.later_ms); 0: never */
	struct submit *submit; /* of submit.c: the connection it keeps; NULL */
	bool sent_said;      /* submit has said what became of the row */
	bool user_acted;     /* a message came that deserves a new attempt to connect */
	struct resume *resume;
	bool slept;          /* the machine did: no connection is to be trusted before worker.c has taken note */
};

struct host *host_new(struct chan *chan, const char *account, const char *kind, const char *cache_dir,
	const char *state_path);
void host_free(struct host *);
void host_set_conf(struct host *, const char *name, const char *value);

/* Takes a message from the ui: into the queue, or as the answer it is. */
void host_take(struct host *, const struct msg *);
/* Reads everything that has come in, without waiting; and whether the machine slept (h->slept). */
void host_poll(struct host *);
/* Waits at most timeout_ms for something to come in. */
void host_wait(struct host *, int timeout_ms);

void job_add(struct host *, struct job *); /* takes it */
struct job *job_new(enum job_kind kind, uint64_t id);
void job_free(struct job *);
/* An own job of that kind on that mailbox, unless one waits already. */
void job_want(struct host *, enum job_kind kind, uint64_t mailbox);
void host_done(struct host *, uint64_t job, const char *text);
void host_failed(struct host *, uint64_t job, const struct err *);
void host_applied(struct host *, int64_t intent, const struct err *); /* NULL: carried out */

#endif
