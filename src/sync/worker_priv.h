/*
 * Inside of the worker: worker.c (its life, and what it does when there is nothing to do), worker_line.c (cage, backend,
 * connection), worker_jobs.c (jobs).
 */
#ifndef SYNC_WORKER_PRIV_H
#define SYNC_WORKER_PRIV_H

#include "sync/host_priv.h"
#include "sync/worker.h"

struct worker {
	struct host *host;
	struct box *box;
	const struct submit_ops *submit;
	int lock_fd;
	bool caged;
	uint64_t tickets;       /* inode of the Kerberos tickets that the cage lets us at */
	uint64_t watched;       /* mailbox the user looks at; 0: none */
	unsigned failures;      /* to connect, one after another */
	int64_t retry_at;       /* clock_ms; 0: not waiting */
	bool refused;           /* login: no attempt before the user does something */
	struct err why_offline;
	int64_t check_at;       /* clock_ms of the next look at the other mailboxes; 0: not yet */
	int64_t idle_since;     /* 0: busy */
	int64_t looked_at;      /* clock_ms of the last watch */
	bool tidy, apply_wanted, ahead_wanted, index_wanted;
	char *transcript;       /* file that the connection writes it to, or "" */
};

/* Entered once, when the options are known and before the first foreign byte is read. */
void worker_enter_cage(struct worker *);
/* The cage and the backend, made when they are not there yet; no connection. */
bool worker_ensure_box(struct worker *, struct err *e) MUST_CHECK;
/* The same, and a connection where the kind has one. ERR_NET also while we wait for the next attempt. */
bool worker_ensure_online(struct worker *, struct err *e) MUST_CHECK;
void worker_disconnect(struct worker *, bool politely); /* fine without a connection */
/* Remembers why we are offline and when to try again, and says so. */
void worker_went_offline(struct worker *, const struct err *e);
/* Between two pieces: what the user wants of the connection, and what a sleep of the machine left of it. */
void worker_look_after_line(struct worker *);
/* kinit makes a new file, and the cage lets us at the old one only: true, and the next worker has the right one. */
bool worker_has_new_tickets(struct worker *, struct err *e);

/* Takes the most urgent job, does one piece of it, and puts it back or ends it. */
void worker_work(struct worker *);

#endif
