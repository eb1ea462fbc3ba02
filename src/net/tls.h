/*
 * TLS 1.2 and later with a checked certificate: chain to a trusted authority, dates, keys, and the
 * name in subjectAltName (RFC 9525; the common name is never looked at). A certificate with a
 * trouble can be let through by its fingerprint only: for this connection ("once") or by a line in
 * $certificate_file ("always"); a trouble that was not accepted then asks again.
 *
 * Errors: ERR_TLS; when a certificate was the reason, *cert says which and why, and what to do.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/mem.h"
#include "net/conn.h"
#include "net/dane.h"

/* What can be wrong with a certificate; a set of bits. */
enum tls_trouble {
	TLS_UNKNOWN_CA = 1, /* no chain to a trusted authority (self-signed included) */
	TLS_NAME = 2,       /* is for another host */
	TLS_DATES = 4,      /* expired or not valid yet (it or one above it) */
	TLS_CHANGED = 8,    /* another one, or another key, was accepted for this host before */
	TLS_UNFIT = 16,     /* wrong purpose, a rule of an authority is broken */
	TLS_WEAK = 32,      /* too weak a key or hash (under 112 bits) */
	TLS_REVOKED = 64,   /* a list of the authority, or the stapled answer, says so */
	TLS_BROKEN = 128,   /* a signature is wrong, or it cannot be read */
	TLS_DANE = 256,     /* the TLSA records name another one */
};
/* Nobody may let these through: they mean forgery, not carelessness. */
#define TLS_NEVER (TLS_REVOKED | TLS_DANE)

struct tls_cert {
	unsigned trouble;     /* 0: fine */
	char fingerprint[65]; /* SHA-256 of the certificate, hex */
	char key_print[65];   /* SHA-256 of its public key (SPKI), hex */
	char issued_to[256];  /* names, as printable ASCII */
	char issued_by[256];
	char valid_from[80], valid_to[80]; /* "2026-03-01 12:00:00" UTC */
	char old_print[65];                /* with TLS_CHANGED: fingerprint of the one before ... */
	char old_date[11];                 /* ... and since when it was known, "2026-03-01" or "" */
	char why[512];  /* one sentence for people: "the certificate is for mail.example.net ..." */
	char cure[400]; /* and what to do about it */
	bool resumed;   /* a session of before went on: nothing was shown anew */
	bool by_dane;   /* vouched for by TLSA records */
	bool key_refused;     /* the password did not open the key of tls_opts.client_cert */
	bool no_alpn;   /* the handshake failed because of tls_opts.alpn */
};

/* The last session with a server, so that the next connection is quicker (RFC 8446 2.2); not shared. */
struct tls_cache;
struct tls_cache *tls_cache_new(void);
void tls_cache_free(struct tls_cache *); /* NULL is fine */
void tls_cache_forget(struct tls_cache *);

struct tls_opts {
	const char *host; /* name to check and to send as SNI */
	const char *name; /* $ssl_verify_host_override: check this name instead; NULL or "" */
	unsigned port;    /* part of what an acceptance is for */
	const char *alpn; /* RFC 7301 name of the protocol ("imap"); NULL: none is offered */
	const char *
		ca_file; /* $ssl_ca_certificates_file: more authorities, and revocation lists; NULL or "" */
	const char *
		accepted_file; /* $certificate_file: certificates and authorities the user accepted */
	const char *accept_once; /* fingerprint the user let through for now; NULL */
	const char *pin; /* $ssl_pin: line of tls_pin_line from before; NULL: not pinned yet */
	const char *client_cert; /* $ssl_client_cert: PEM with key; NULL */
	const char *ciphers;     /* $ssl_ciphers; NULL: the library's */
	unsigned min_dh_bits;    /* $ssl_min_dh_prime_bits; 0: the library's */
	bool no_system;          /* $ssl_usesystemcerts = no */
	bool no_check_name;      /* $ssl_verify_host = no */
	bool no_check_dates;     /* $ssl_verify_dates = no */
	bool no_partial;         /* $ssl_verify_partial_chains = no: an intermediate is no anchor */
	bool no_tls12, no_tls13; /* $ssl_use_tlsv1_2, $ssl_use_tlsv1_3 = no */
	const struct dane *dane; /* secure TLSA records of the server (RFC 6698); NULL */
	struct tls_cache *cache; /* NULL: no resumption */
	/* The key of client_cert is encrypted: asks for its password. NULL: then it cannot be used. */
	bool (*key_password)(void *data, struct secret **, struct err *e);
	void *data;
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

/*
 * What $ssl_pin keeps of a server: "key=HEX cert=HEX since=YYYY-MM-DD". tls_pin_fits tells whether
 * this certificate has the pinned key (a renewed certificate with the same key has).
 */
void tls_pin_line(const struct tls_cert *, struct str *line);
bool tls_pin_fits(const char *pin, const struct tls_cert *);

/* Channel binding data (RFC 9266); false when this connection cannot give any. */
#define TLS_BINDING_MAX 64
bool tls_binding_exporter(const struct conn *, unsigned char out[TLS_BINDING_MAX], size_t *len);
bool tls_binding_end_point(const struct conn *, unsigned char out[TLS_BINDING_MAX], size_t *len);
/* "TLSv1.3 TLS_AES_256_GCM_SHA384" for the log; "" in clear. */
const char *tls_describe(const struct conn *);

/* The name check alone, for tests: does a certificate name (maybe with a wildcard) fit the host? */
bool tls_name_fits(struct sv pattern, struct sv host);
bool tls_is_address(const char *host); /* an IP address, not a name */

#endif
