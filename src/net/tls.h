/*
 * TLS 1.2 and later with a checked certificate: chain to a trusted authority, dates, and the name
 * in subjectAltName (RFC 6125, RFC 9525; the common name is never looked at). A certificate with a
 * trouble can be let through by its fingerprint only: for this connection ("once") or by a line in
 * $certificate_file ("always"); a trouble that was not accepted then asks again.
 *
 * Errors: ERR_TLS; when a certificate was the reason, *cert says which and why.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "net/conn.h"

/* What can be wrong with a certificate; a set of bits. */
enum tls_trouble {
	TLS_UNKNOWN_CA = 1, /* no chain to a trusted authority (self-signed included) */
	TLS_NAME = 2,       /* is for another host */
	TLS_DATES = 4,      /* expired or not valid yet (it or one above it) */
	TLS_CHANGED = 8,    /* another certificate was accepted for this host before */
	TLS_UNFIT = 16,     /* revoked, broken signature, too weak a key, wrong purpose */
};

struct tls_cert {
	unsigned trouble;     /* 0: fine */
	char fingerprint[65]; /* SHA-256 of the certificate, hex */
	char issued_to[256];  /* names, as printable ASCII */
	char issued_by[256];
	char valid_from[80], valid_to[80]; /* "2026-03-01 12:00:00" UTC */
	char why[512]; /* one sentence for people: "the certificate is for mail.example.net ..." */
};

struct tls_opts {
	const char *host;    /* name to check and to send as SNI */
	const char *name;    /* $ssl_verify_host_override: check this name instead; NULL or "" */
	unsigned port;       /* part of what an acceptance is for */
	const char *ca_file; /* $ssl_ca_certificates_file: more authorities; NULL or "" */
	const char *
		accepted_file; /* $certificate_file: certificates and authorities the user accepted */
	const char *accept_once; /* fingerprint the user let through for now; NULL */
	const char *client_cert; /* $ssl_client_cert: PEM with key; NULL */
	const char *ciphers;     /* $ssl_ciphers; NULL: the library's */
	bool no_system;          /* $ssl_usesystemcerts = no */
	bool no_check_name;      /* $ssl_verify_host = no */
	bool no_check_dates;     /* $ssl_verify_dates = no */
	bool no_partial;         /* $ssl_verify_partial_chains = no: an intermediate is no anchor */
	bool no_tls12, no_tls13; /* $ssl_use_tlsv1_2, $ssl_use_tlsv1_3 = no */
};

/*
 * The handshake, on a connection from which nothing more must be read in clear. *cert is filled
 * whenever a certificate was seen. Nothing is sent to a server whose certificate was refused.
 */
bool tls_start(
	struct conn *, const struct tls_opts *, struct tls_cert *cert, struct err *e) MUST_CHECK;

/*
 * The line that the user's "always" adds to $certificate_file: accepts this certificate for this
 * host with the troubles that it has now.
 */
void tls_accept_line(const struct tls_opts *, const struct tls_cert *, struct str *line);

/* Channel binding data (RFC 9266); false when this connection cannot give any. */
#define TLS_BINDING_MAX 64
bool tls_binding_exporter(const struct conn *, unsigned char out[TLS_BINDING_MAX], size_t *len);
bool tls_binding_end_point(const struct conn *, unsigned char out[TLS_BINDING_MAX], size_t *len);
/* "TLSv1.3 TLS_AES_256_GCM_SHA384" for the log; "" in clear. */
const char *tls_describe(const struct conn *);

/* The name check alone, for tests: does a certificate name (maybe with a wildcard) fit the host? */
bool tls_name_fits(struct sv pattern, struct sv host);

#endif
