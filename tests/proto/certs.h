/*
 * Certificates made on the spot, for peers that speak TLS in tests.
 */
#ifndef TESTS_PROTO_CERTS_H
#define TESTS_PROTO_CERTS_H

#include <openssl/ssl.h>

enum cert_staple { STAPLE_NONE, STAPLE_GOOD, STAPLE_REVOKED, STAPLE_OLD_REVOKED, STAPLE_FORGED };

struct cert_opts {
	const char *
		names; /* subjectAltName in OpenSSL's syntax: "DNS:localhost,IP:127.0.0.1"; NULL: none */
	const char *raw_dns; /* a dNSName in any bytes, beside names ... */
	int raw_len;         /* ... and its length */
	const char *cn;      /* common name; NULL: "test" */
	long from_s, to_s;   /* validity from now on in seconds; both 0: yesterday to tomorrow */
	int self_signed;
	int self_ca;      /* self_signed: with CA:TRUE, as openssl req -x509 makes them */
	const char *eku;  /* extendedKeyUsage; NULL: serverAuth; "": none */
	const char *ku;   /* keyUsage; NULL: none */
	int rsa_bits;     /* 0: EC P-256 */
	const char *md;   /* hash of the signature; NULL: sha256 */
	int depth;        /* authorities between it and the root */
	int keep_back;    /* they are not sent */
	long mid_from_s, mid_to_s; /* their validity; both 0: as above */
	int mid_no_ca;             /* they are no authorities (CA:FALSE) */
	int mid_rsa_bits;
	const char *mid_constraints; /* nameConstraints of the topmost of them */
	const char *critical; /* an extension with this OID, critical, unknown to everybody; NULL: none */
	int broken;           /* the signature is wrong */
	enum cert_staple staple;
};

struct certs;
struct certs *certs_new(void); /* a fresh authority */
void certs_free(struct certs *);
/* Writes the authority's certificate to a temp file and gives its name (lent). */
const char *certs_ca_file(struct certs *);
/* A server context with a new certificate; the caller frees it. */
SSL_CTX *certs_server(struct certs *, const struct cert_opts *);
/* An authority that calls itself as c does, with another key. */
struct certs *certs_twin(struct certs *c);
/* Adds a list that revokes the context's certificate to the file of certs_ca_file. */
void certs_revoke(struct certs *, SSL_CTX *);
/* A certificate for clients and its key, in one PEM file; pass NULL: not encrypted. */
void certs_client_file(struct certs *, const char *file, const char *pass);
/* Makes a server context ask for one of this authority's. */
void certs_want_client(struct certs *, SSL_CTX *);
/* TLSA data: SHA-256 of the context's public key ("3 1 1"). */
void certs_key_hash(SSL_CTX *, unsigned char out[32]);
/* SHA-256 of a context's certificate in hex. */
void certs_fingerprint(SSL_CTX *, char out[65]);
/* The context's certificate as PEM, appended to the file. */
void certs_append_pem(SSL_CTX *, const char *file);

#endif
