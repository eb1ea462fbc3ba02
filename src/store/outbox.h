/*
 * The outbox, in state.db: finished messages on their way out. A row is committed before the user
 * is told that the message is queued. Going through COMMITTING (the server may have it) is one way:
 * a row found there at start becomes UNKNOWN and the user is asked; it is never sent again by
 * itself.
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "store/state.h"

enum outbox_state {
	OUTBOX_HELD,       /* waits for its time or for the user */
	OUTBOX_QUEUED,     /* to be sent when next_try is past */
	OUTBOX_SENDING,    /* a worker has it; nothing final was said yet */
	OUTBOX_COMMITTING, /* the end of DATA goes out: the server may have it */
	OUTBOX_UNKNOWN,    /* lost in COMMITTING: ask the user */
	OUTBOX_SENT,
	OUTBOX_FAILED,     /* refused for good: error says why */
	OUTBOX_STATES
};

struct outbox_row {
	int64_t id;
	enum outbox_state state;
	const char *account;    /* whose submission */
	const char *from;       /* envelope sender, "" for <> */
	const char *recipients; /* envelope, one a line */
	const char *file;       /* the message, absolute path (state_put_file), LF line ends */
	const char *subject;    /* for lists */
	const char *fcc;        /* mailbox string, "" none: becomes an append intent when it is sent */
	const char *options;    /* "name=value" lines: dsn_notify, dsn_return, utf8 ... */
	/*
	 * What it answers or forwards, so that the flag can be set when it is sent; mailbox ""
	 * none.
	 */
	const char *orig_account, *orig_mailbox;
	uint64_t orig_uidvalidity, orig_uid;
	unsigned orig_flag; /* enum message_flag */
	int64_t created, send_at, next_try;
	unsigned attempts;
	const char *error;
};

/* NULL texts count as "". Durable on return; *id is set. */
bool outbox_add(struct state *, const struct outbox_row *, int64_t *id, struct err *e) MUST_CHECK;
typedef bool outbox_fn(void *data, const struct outbox_row *); /* texts lent during the call; false stops */
/* In the order of ids; account NULL: all. */
bool outbox_each(struct state *, const char *account, outbox_fn *, void *data, struct err *e) MUST_CHECK;
bool outbox_get(struct state *, int64_t id, outbox_fn *, void *data, struct err *e) MUST_CHECK; /* ERR_GONE */
/*
 * Changes state from `from` to `to`, with error text and next try. ERR_GONE when it was not in
 * `from` any more (another ui was first): then do nothing.
 */
bool outbox_change(struct state *, int64_t id, enum outbox_state from, enum outbox_state to, const char *error,
	int64_t next_try, struct err *e) MUST_CHECK;
/*
 * At start, by whoever holds the submit lock of the account: SENDING -> QUEUED, COMMITTING ->
 * UNKNOWN. *unknown counts.
 */
bool outbox_recover(struct state *, const char *account, uint64_t *unknown, struct err *e) MUST_CHECK;
bool outbox_drop(struct state *, int64_t id, struct err *e) MUST_CHECK;
/*
 * The next row that is due: QUEUED or HELD with send_at past. 0 in *id: none; then *wait_s is the
 * time to the next, or -1.
 */
bool outbox_due(struct state *, const char *account, int64_t now, int64_t *id, int64_t *wait_s, struct err *e) MUST_CHECK;
/* Seconds to wait after n failed attempts: 1, 2, 5, 15, 30, 60 minutes. */
int outbox_backoff_s(unsigned attempts);

const char *outbox_state_name(enum outbox_state); /* "held", "queued", ... as in SENT messages */
bool outbox_state_by_name(struct sv name, enum outbox_state *out);

#endif
