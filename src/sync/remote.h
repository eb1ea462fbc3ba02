/*
 * What the three kinds of servers have in common for a worker: how the account's options become a
 * struct server, asking for the password (kept for the life of the process), asking about a
 * certificate.
 */
#ifndef SYNC_REMOTE_H
#define SYNC_REMOTE_H

#include "net/server.h"
#include "sync/box.h"

struct remote {
	struct host *host;
	struct server server; /* lends from the options and from below */
	const char *service;  /* "imap", "pop", "smtp" */
	struct secret *password, *token, *proxy_pass, *key_pass;
	int64_t cancelled_at; /* clock_ms when the current job was found cancelled; 0: it is not */
	char *refusal;     /* the password at hand did not work: the next question says why */
	struct tls_cache *tls_cache;
	char *pin;         /* $ssl_pin: what is pinned for this server */
	bool pin_anew;     /* the user has accepted another one for always */
	char *accept_once; /* fingerprint the user let through until we end */
	char *login_seen;  /* mechanism that worked here before */
	char *ca_file, *accepted_file, *client_cert; /* with ~ expanded */
	FILE *wire_log;
	char *wire_path; /* of the transcript that it is; NULL or "" when it is none */
};

void remote_init(struct remote *, struct host *, const char *service);
void remote_fini(struct remote *);
/*
 * Reads the options anew and runs open, which makes a session of r->server. When the certificate is
 * in doubt the user is asked (NEED cert; key: the line that "always" adds to $certificate_file),
 * and open runs once more. A refused password is forgotten and asked for again at once, some times.
 */
bool remote_open(struct remote *, bool (*open)(void *data, struct err *e), void *data,
	struct err *e) MUST_CHECK;
/* The folder that the transcript is written to, for the cage; NULL: none. Caller frees. */
char *remote_log_folder(void);

#endif
