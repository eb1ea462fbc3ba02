/*
 * An SMTP or LMTP server on loopback that records what it has taken, recipient by recipient, and does one
 * thing wrong at one event of the conversation, as often as it is told. The ledger of tests/send/cuts.
 */
#ifndef TESTS_SEND_RECORDER_H
#define TESTS_SEND_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Moments of a conversation, named after what the client has just said. */
enum event {
	AT_CONNECT, AT_EHLO, AT_AUTH, AT_MAIL, AT_RCPT1, AT_RCPT2, AT_DATA, AT_BODY, AT_MIDDLE, AT_DOT,
	AT_CHUNK1, AT_CHUNK, AT_CHUNK_MIDDLE, AT_LAST, AT_QUIT, EVENTS
};
extern const char *const event_names[EVENTS];

/* What happens there. */
enum action {
	DO_CUT, DO_RST, DO_STALL, DO_SPLIT, DO_GARBAGE, DO_421, DO_4XX, DO_5XX, DO_DOUBLE, DO_CUT_AFTER, DO_RST_AFTER,
	DO_KILL_WORKER, DO_KILL_WORKER_AFTER, DO_KILL_UI, DO_KILL_UI_AFTER, DO_KILL_BOTH, ACTIONS
};
extern const char *const action_names[ACTIONS];

struct plan {
	enum event event;
	enum action action;
	int skip;    /* so many such events are left alone first */
	int times;   /* how often it is done; 0: never */
	bool taken;  /* a message whose end came is taken, although the answer is lost */
	/* the server */
	bool pipelining, chunking, auth, lmtp, seven_bit, hold;
};

#define RECORDS_MAX 64
struct record {
	char tag[32]; /* of the Subject */
	char rcpt[64];
	size_t bytes; /* of the message, as it came (dots and chunk commands taken away) */
};

struct recorder;
struct recorder *recorder_new(void);
void recorder_free(struct recorder *);
unsigned recorder_port(const struct recorder *);
/* Between two runs: a new plan, an empty ledger. */
void recorder_plan(struct recorder *, const struct plan *);
/* The process that is tried: for the actions that kill. */
void recorder_target(struct recorder *, pid_t feist);
bool recorder_fired(struct recorder *);
size_t recorder_ledger(struct recorder *, struct record out[RECORDS_MAX]);
/* Bytes that came in on all connections. */
size_t recorder_bytes(struct recorder *);
/* The last message as it came: dots and all, but without the commands of its chunks. Lent until the next plan. */
/* The last MAIL command. Lent likewise. */
const char *recorder_mail(struct recorder *);
const char *recorder_message(struct recorder *, size_t *len);

#endif
