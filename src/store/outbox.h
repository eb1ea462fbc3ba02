/*
 * The outbox, in state.db: finished messages on their way out. A row is committed before the user
 * is told that the message is queued. Going through COMMITTING (the server may have it) is one way:
 * a row found there at start becomes UNKNOWN and the user is asked; it is never sent again by
 * itself.
 *
 *	held, scheduled -> queued -> sending -> committing -> sent -> filed
 *	                                 |            |-> unknown (only the user leads out of it)
 *	                                 `------------+-> queued (again later), failed
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "store/state.h"

/* The numbers stand in the file: new ones come last. */
enum outbox_state {
	OUTBOX_HELD,       /* until send_at ($send_delay), or, when that is 0, until the user says so */
	OUTBOX_QUEUED,     /* to be sent when next_try is past */
	OUTBOX_SENDING,    /* a worker has it; nothing final was said yet */
	OUTBOX_COMMITTING, /* the end of DATA goes out: the server may have it */
	OUTBOX_UNKNOWN,    /* lost in COMMITTING: ask the user */
	OUTBOX_SENT,       /* the server has it; copies may still be on their way */
	OUTBOX_FAILED,     /* refused for good: error says why */
	/*
	 * To be sent at send_at. next_try, when it is not 0: then the server may be asked to hold
	 * it until send_at (RFC 4865).
	 */
	OUTBOX_SCHEDULED,
	OUTBOX_FILED,      /* sent, and all copies are in their mailboxes */
	OUTBOX_STATES
};

/* Rows that are through are kept for the user to look at, so many and so long. */
#define OUTBOX_DONE_MAX 100
#define OUTBOX_DONE_S (7 * 24 * 3600)

struct outbox_row {
	int64_t id;
	enum outbox_state state;
	const char *account;    /* whose submission */
	const char *from;       /* envelope sender, "" for <> */
	const char *recipients; /* envelope, one a line */
	const char *file;       /* the message, absolute path (state_put_file), LF line ends; "" when it is through */
	const char *subject;    /* for lists */
	const char *fcc;        /* mailbox string, "" none: becomes an append intent when it is sent */
	const char *options;    /* "name=value" lines, see outbox_option */
	/*
	 * What it answers or forwards, so that the flag can be set when it is sent; mailbox ""
	 * none.
	 */
	const char *orig_account, *orig_mailbox;
	uint64_t orig_uidvalidity, orig_uid;
	unsigned orig_flag; /* enum message_flag */
	int64_t created, send_at, next_try;
	unsigned attempts;
	const char *error; /* the last words about it: why it waits or failed, or the server's receipt */
};

/* NULL texts count as "". Durable on return; *id is set. */
bool outbox_add(struct state *, const struct outbox_row *, int64_t *id, struct err *e) MUST_CHECK;
typedef bool outbox_fn(void *data, const struct outbox_row *); /* texts lent during the call; false stops */
/* In the order of ids; account NULL: all. */
bool outbox_each(struct state *, const char *account, outbox_fn *, void *data, struct err *e) MUST_CHECK;
bool outbox_get(struct state *, int64_t id, outbox_fn *, void *data, struct err *e) MUST_CHECK; /* ERR_GONE */
/*
 * Changes state from `from` to `to`, with error text and next try. ERR_GONE when it was not in
 * `from` any more (another ui was first): then do nothing. send_at stays what it was, except that
 * HELD by this function means: until the user says so (0).
 */
bool outbox_change(struct state *, int64_t id, enum outbox_state from, enum outbox_state to, const char *error,
	int64_t next_try, struct err *e) MUST_CHECK;
/* `from` to SCHEDULED for send_at. next_try as at OUTBOX_SCHEDULED. ERR_GONE as above. */
bool outbox_schedule(struct state *, int64_t id, enum outbox_state from, int64_t send_at, int64_t next_try,
	struct err *e) MUST_CHECK;
/* The server does not hold mail: the row waits here (next_try 0, error ""). */
bool outbox_keep_here(struct state *, int64_t id, struct err *e) MUST_CHECK;
/* Replaces one text of the row. */
bool outbox_set_recipients(struct state *, int64_t id, const char *recipients, struct err *e) MUST_CHECK;
bool outbox_set_file(struct state *, int64_t id, const char *file, struct err *e) MUST_CHECK;
bool outbox_set_fcc(struct state *, int64_t id, const char *fcc, struct err *e) MUST_CHECK;
bool outbox_set_options(struct state *, int64_t id, const char *options, struct err *e) MUST_CHECK;
/* It is through: its file need not be kept any more. */
bool outbox_forget_file(struct state *, int64_t id, struct err *e) MUST_CHECK;
/*
 * At start, by whoever holds the submit lock of the account: SENDING -> QUEUED, COMMITTING ->
 * UNKNOWN. *unknown counts.
 */
bool outbox_recover(struct state *, const char *account, uint64_t *unknown, struct err *e) MUST_CHECK;
bool outbox_drop(struct state *, int64_t id, struct err *e) MUST_CHECK;
/* SENT and FILED rows that are older or more than is kept. */
bool outbox_prune(struct state *, int64_t now, struct err *e) MUST_CHECK;
/*
 * The next row that is due: QUEUED with next_try past, HELD or SCHEDULED with send_at past, or
 * SCHEDULED with next_try past. 0 in *id: none; then *wait_s is the time to the next, or -1.
 */
bool outbox_due(struct state *, const char *account, int64_t now, int64_t *id, int64_t *wait_s, struct err *e) MUST_CHECK;

/* Seconds to wait after the n-th failed attempt. */
#define OUTBOX_BACKOFF_MINUTES 1, 1, 2, 5, 15, 30, 60
int outbox_backoff_s(unsigned attempts);
/* A server that says "later" (4xx) for so long will not take it: then the row has failed. */
#define OUTBOX_GIVE_UP_S (5 * 24 * 3600)

/* ---- recipients ---- */

enum outbox_result {
	OUTBOX_RCPT_OPEN,  /* nothing was said yet */
	OUTBOX_RCPT_SENT,
	OUTBOX_RCPT_LATER, /* refused for now */
	OUTBOX_RCPT_NEVER, /* refused */
};
struct outbox_rcpt {
	const char *addr;
	enum outbox_result result;
	const char *words; /* "550 5.1.1 no such user" */
};
/* Replaces what is known about these recipients of the row. Inside the caller's transaction, if there is one. */
bool outbox_rcpt_set(struct state *, int64_t id, const struct outbox_rcpt *, size_t n, struct err *e) MUST_CHECK;
/* A new attempt begins: what was said in an earlier one is not true any more. */
bool outbox_rcpt_clear(struct state *, int64_t id, struct err *e) MUST_CHECK;
typedef bool outbox_rcpt_fn(void *data, const struct outbox_rcpt *); /* lent; false stops */
bool outbox_rcpt_each(struct state *, int64_t id, outbox_rcpt_fn *, void *data, struct err *e) MUST_CHECK;
const char *outbox_result_name(enum outbox_result); /* "open" "sent" "later" "never" as in RCPT messages */
bool outbox_result_by_name(struct sv name, enum outbox_result *out);

/* ---- words ---- */

const char *outbox_state_name(enum outbox_state); /* "held", "queued", ... as in SENT messages */
bool outbox_state_by_name(struct sv name, enum outbox_state *out);
/*
 * The value of "name=..." in the options; empty when it is not there. Known names: draft (id of what
 * it was made of), url and user (the way out, without password), dsn_notify, dsn_return, envid,
 * require_tls, identity (the From address), sendmail (its command), rest (some of the draft's
 * recipients are not in this row), hold (time for the server to hold it until), dated (its Date,
 * when that is to come), intents (ids of the appends of its copies), size (bytes, when the file is forgotten).
 */
struct sv outbox_option(struct sv options, const char *name);
/* Appends "name=value\n" (nothing when value is empty); a line break in the value ends it. */
bool outbox_option_add(struct str *options, const char *name, struct sv value);

#endif
