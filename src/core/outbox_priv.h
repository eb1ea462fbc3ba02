/*
 * The inside of sending: session_outbox.c (what is due, timers, life), outbox_submit.c (the ways out and
 * their submit workers), outbox_sendmail.c ($sendmail), outbox_end.c (how an attempt ended), outbox_rows.c (what
 * becomes of a row).
 */
#ifndef CORE_OUTBOX_PRIV_H
#define CORE_OUTBOX_PRIV_H

#include "core/session_priv.h"

#define OUTBOX_SENDMAIL \
	"sendmail" /* account of rows that leave through $sendmail; others begin so, too */

/* What the worker said about a recipient of the row that it sends. */
struct rcpt_note {
	char *addr, *words;
	enum outbox_result result;
};

/* How the attempt under way ended, until that stands in state.db. */
struct row_end {
	enum outbox_state state;
	char *words; /* NULL: it has not ended */
	int timer, wait_ms;
};

/* One way out: an SMTP server, or $sendmail. Each has a worker of its own, so none waits for another. */
struct submitter {
	struct session *s;
	char *name;
	char *url,
		*identity; /* what conf and server are made of: smtp_url without password, the From address */
	struct conf *conf;
	struct server server;
	bool is_sendmail;
	struct role *role;
	bool ready, refused;
	int64_t sending; /* outbox row that is on its way, 0: none */
	uint64_t job;
	bool committing;
	struct row_end end;
	struct rcpt_note *rcpts;
	size_t rcpt_count, rcpt_cap;
	pid_t pid; /* of sendmail */
	int child_id;
	int words_fd; /* what sendmail says; -1 */
	int lock_fd;  /* held while sendmail runs: what the submit worker's lock is for SMTP */
};

struct outbox_run {
	struct submitter **v;
	size_t n, cap;
	int timer;
	int64_t timer_at; /* clock_ms */
	struct why {
		int64_t id;
		enum err_class class;
	} * why; /* of rows that were tried in this run */
	size_t nwhy, why_cap;
};

/* A row with texts of its own. */
struct row_copy {
	struct outbox_row row;
	struct arena *arena;
};

/* ---- session_outbox.c ---- */
void outbox_tell(struct session *);
void outbox_kick_soon(struct session *, int64_t wait_s);
void outbox_note_class(struct session *, int64_t id, struct sv name);
/* The next row that is due, when none is under way. */
void submitter_next(struct submitter *);
/* The row under way is through. */
void submitter_finish(struct submitter *);
/* The same lock that a submit worker takes. False: another feist is sending. */
bool outbox_lock(struct session *, const char *account, int *fd);
void outbox_unlock(int *fd);

/* ---- outbox_submit.c ---- */
/* The way out of a row; NULL when its server cannot be found any more. */
struct submitter *submitter_get(struct session *, const struct outbox_row *);
void submitter_free(struct submitter *);
void submitter_send(struct submitter *, int64_t id);
void submitter_conf_changed(struct submitter *);

/* ---- outbox_sendmail.c ---- */
/* Starts it; the row is COMMITTING then, and its end decides. */
bool sendmail_run(
	struct submitter *, const struct outbox_row *, struct arena *, struct err *e) MUST_CHECK;
void sendmail_forget(struct submitter *);

/* ---- outbox_end.c ---- */
/*
 * The row under way has ended so (SENT, FAILED, UNKNOWN, SCHEDULED: the server does not hold mail, else: later).
 * Noted, now or when the disk takes it; then submitter_finish. A second end of the same row is not heard.
 */
void submitter_ended(struct submitter *, enum outbox_state, const char *words);
void submitter_note_now(struct submitter *); /* what waits for its next try is tried at once */
void submitter_forget_end(struct submitter *);
void submitter_forget_rcpts(struct submitter *);

/* ---- outbox_rows.c ---- */
bool row_load(struct session *, int64_t id, struct row_copy *,
	struct err *e) MUST_CHECK; /* frees with arena_free */
/* options with name=value in the place of what was there (value "": without it). Caller frees. */
char *row_option_set(const char *options, const char *name, const char *value);
/*
 * Each notes, in one transaction, what became of a row as it was loaded a moment ago, and tells the user. False:
 * nothing is noted, and nothing was said but in *e.
 */
bool row_sent(struct session *, const struct outbox_row *, const char *words, struct err *e) MUST_CHECK;
bool row_failed(struct session *, const struct outbox_row *, const char *why, struct err *e) MUST_CHECK;
bool row_later(struct session *, const struct outbox_row *, const char *why, struct err *e) MUST_CHECK;
bool row_unknown(struct session *, const struct outbox_row *, const char *why, struct err *e) MUST_CHECK;
bool row_not_held(struct session *, const struct outbox_row *, struct err *e) MUST_CHECK;
bool row_keep_results(struct submitter *, struct err *e) MUST_CHECK;
/* $fcc_before_send: its copies are on their way before it is. */
bool row_fcc_first(struct session *, const struct outbox_row *, struct err *e) MUST_CHECK;
/* Rows whose copies have arrived become FILED. */
void rows_look_filed(struct session *);
void row_ask_unknown(struct session *, const struct outbox_row *);

#endif
