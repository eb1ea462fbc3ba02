/*
 * A protocol test: a file that tells both sides, and what the client's calls gave. See run.c for the form.
 */
#ifndef TESTS_PROTO_SCRIPT_H
#define TESTS_PROTO_SCRIPT_H

#include "net/server.h"

/* What the test's client is made of: the server to reach, and where its results are written. */
struct client {
	struct server server;
	char *pass, *token, *list; /* list: comma separated addresses for smtp */
	bool no_commit;            /* smtp: the caller says no before the final dot */
	struct str out;            /* one line for each result and event */
	void *session;
	unsigned peer_port;
	int secrets; /* how often a secret was asked for */
};

/* Runs one call ("select INBOX"); its results go to c->out. False: there is no such call. */
bool imap_call(struct client *, struct sv line);
bool pop3_call(struct client *, struct sv line);
bool smtp_call(struct client *, struct sv line);
void imap_call_end(struct client *);
void pop3_call_end(struct client *);
void smtp_call_end(struct client *);

void client_say(struct client *, const char *fmt, ...) PRINTF_LIKE(2, 3);
void client_result(struct client *, bool ok, const struct err *);
struct sv client_word(struct sv *line);
char *client_word_dup(struct sv *line);
/* "\r\n" and the like in scripts. Caller frees. */
char *client_unescape(struct sv, size_t *len);

#endif
