/*
 * Certificates made on the spot, for peers that speak TLS in tests.
 */
#ifndef TESTS_PROTO_CERTS_H
#define TESTS_PROTO_CERTS_H

#include <openssl/ssl.h>

struct cert_opts {
	const char *
		names; /* subjectAltName in OpenSSL's syntax: "DNS:localhost,IP:127.0.0.1"; NULL: none */
	const char *cn;    /* common name; NULL: "test" */
	long from_s, to_s; /* validity from now on in seconds; both 0: yesterday to tomorrow */
	int self_signed;
	const char *eku; /* extendedKeyUsage; NULL: serverAuth */
};

struct certs;
struct certs *certs_new(void); /* a fresh authority */
void certs_free(struct certs *);
/* Writes the authority's certificate to a temp file and gives its name (lent). */
const char *certs_ca_file(struct certs *);
/* A server context with a new certificate; the caller frees it. */
SSL_CTX *certs_server(struct certs *, const struct cert_opts *);
/* SHA-256 of a context's certificate in hex. */
void certs_fingerprint(SSL_CTX *, char out[65]);
/* The context's certificate as PEM, appended to the file. */
void certs_append_pem(SSL_CTX *, const char *file);

#endif
