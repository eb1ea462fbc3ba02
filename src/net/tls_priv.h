/*
 * Between tls.c (context, handshake, transport) and tls_cert.c (is this the right server?).
 */
#ifndef NET_TLS_PRIV_H
#define NET_TLS_PRIV_H

#include <openssl/ssl.h>

#include "net/conn_priv.h"
#include "net/tls.h"

struct tls {
	struct transport below;
	struct conn *conn;
	SSL_CTX *ctx;
	SSL *ssl;
	const struct tls_opts *opts; /* valid during the handshake only */
	struct tls_cert *cert;       /* likewise */
	unsigned trouble;            /* collected while the chain is checked */
	struct tls_cache *cache;     /* the caller's, longer than the connection; NULL */
	char *cache_key;
	bool key_password_given;
	struct err key_error; /* why there is no password for the client's key */
	char desc[96];
};

/* Makes the context judge certificates; t outlives the context. */
void tls_judge_with(SSL_CTX *, struct tls *t);
/* An address, not a name? */
bool tls_ip_of(const char *host, unsigned char out[16], int *len);

#endif
