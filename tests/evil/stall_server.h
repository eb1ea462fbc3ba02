/*
 * A server on loopback that answers rightly (model.h) up to a state of the conversation and then stalls in one of
 * eight ways. It runs in a thread; each new connection stalls at the same place.
 */
#ifndef TESTS_EVIL_STALL_SERVER_H
#define TESTS_EVIL_STALL_SERVER_H

#include <openssl/ssl.h>

#include "tests/evil/model.h"

enum stall {
	STALL_SILENCE,     /* reads, says nothing more */
	STALL_DEAF,        /* accepts nothing any more: neither bytes nor connections */
	STALL_ONE_BYTE,    /* one byte of an answer, then silence */
	STALL_DRIP,        /* a byte now and then, for ever */
	STALL_FULL,        /* never reads again, with a small buffer: what the client sends backs up */
	STALL_HALF_CLOSE,  /* has said its last, and listens on */
	STALL_RESET,
	STALL_BLACK_HOLE,  /* packets are lost: nothing is acknowledged */
	STALL_KINDS
};
const char *stall_name(enum stall);
/* The other side, or this one, can know at once that it is over. */
bool stall_is_told(enum stall);

struct stall_server;

/*
 * state: one of the model's, or "connect" (before the first byte), "handshake" (in TLS), NULL: an honest server.
 * nth: at the nth time of this state. tls: TLS from the first byte with this context; starttls: offered.
 */
struct stall_server *stall_server_start(enum model_proto, const char *state, int nth, enum stall, SSL_CTX *, bool tls,
	bool starttls);
unsigned stall_server_port(const struct stall_server *);
/* Waits until a connection has stalled. False: not within timeout_ms. */
bool stall_server_wait(struct stall_server *, int timeout_ms);
/* From now on it is an honest server: new connections are served. */
void stall_server_heal(struct stall_server *);
/* Resets every connection there is. */
void stall_server_reset_all(struct stall_server *);
bool stall_server_all_over(const struct stall_server *); /* they are gone */
unsigned stall_server_connections(const struct stall_server *);
void stall_server_end(struct stall_server *);

#endif
