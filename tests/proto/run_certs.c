/*
 * The certificate matrix: every case below, by TLS from the first byte and by STARTTLS, for IMAP,
 * POP3 and SMTP. Only the good ones get in; the others are told by their reason, and not one byte of
 * the sign-in is said to them. A case is a line in a table; ONLY=word runs those whose name has it.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "net/dial.h"
#include "net/imap.h"
#include "net/pop3.h"
#include "net/smtp.h"
#include "tests/proto/certs.h"
#include "tests/proto/peer.h"

#define HOST "mail.example.org"
#define SECRET_WORD "hunter2canary"
#define DAY 86400L

enum authority { KNOWN, UNKNOWN, TWIN };
enum extra {
	PLAIN_CASE,
	CRL,           /* a list of the authority revokes it */
	CRL_OTHER,     /* the list revokes another one */
	OLD_TLS,       /* the server speaks TLS 1.1 at most */
	ONLY_TLS12,
	ONLY_TLS13,
	NO_OVERLAP,    /* the server speaks 1.2, we want 1.3 */
	WEAK_CIPHER,   /* the server has only ciphers without forward secrecy and with SHA-1 */
	ACCEPTED,      /* by a line in $certificate_file */
	ACCEPTED_LESS, /* the line is for another trouble */
	ACCEPTED_OTHER,/* the line is for another certificate */
	MUTT_PEM,      /* the certificate stands in $certificate_file */
	ONCE,          /* let through by its fingerprint */
	PIN_FITS,
	PIN_CHANGED,
	ALPN_REFUSED,  /* the server does not know the name of the protocol */
	WANTS_CLIENT,  /* and gets none */
	GIVES_CLIENT,
	GIVES_LOCKED,  /* the key has a password, which is asked for */
	GIVES_WRONG,   /* and the password is wrong */
	NOT_TLS,       /* it speaks something else */
};

static const struct row {
	const char *name;
	unsigned trouble; /* 0: gets in; ~0u: no trouble with the certificate, but no TLS */
	struct cert_opts cert;
	const char *host; /* NULL: HOST */
	enum authority authority;
	enum extra extra;
	struct tls_opts opts;
	const char *words; /* in the reason; NULL: any */
} rows[] = {
	/* names */
	{"good", 0, {.names = "DNS:" HOST}},
	{"upper case", 0, {.names = "DNS:MAIL.Example.ORG"}},
	{"one of several", 0, {.names = "DNS:a.example,IP:192.0.2.1,DNS:" HOST}},
	{"final dot in the certificate", 0, {.names = "DNS:" HOST "."}},
	{"final dot asked for", 0, {.names = "DNS:" HOST}, .host = HOST "."},
	{"wildcard", 0, {.names = "DNS:*.example.org"}},
	{"wildcard for the domain itself", TLS_NAME, {.names = "DNS:*.mail.example.org"}},
	{"wildcard over two labels", TLS_NAME, {.names = "DNS:*.example.org"}, .host = "a.mail.example.org"},
	{"wildcard over a top level", TLS_NAME, {.names = "DNS:*.org"}, .host = "example.org"},
	{"wildcard alone", TLS_NAME, {.names = "DNS:*"}},
	{"wildcard in part of a label", TLS_NAME, {.names = "DNS:m*.example.org"}},
	{"wildcard behind a label", TLS_NAME, {.names = "DNS:mail.*.org"}},
	{"two wildcards", TLS_NAME, {.names = "DNS:*.*.org"}},
	{"wrong host", TLS_NAME, {.names = "DNS:mail.example.net"}, .words = "mail.example.net, not for " HOST},
	{"parent domain", TLS_NAME, {.names = "DNS:example.org"}},
	{"longer name", TLS_NAME, {.names = "DNS:" HOST ".evil.example"}},
	{"common name only", TLS_NAME, {.cn = HOST}, .words = "for no host"},
	{"common name beside other names", TLS_NAME, {.cn = HOST, .names = "DNS:x.example"}},
	{"name as e-mail address and URI only", TLS_NAME, {.names = "email:a@" HOST ",URI:https://" HOST}},
	{"NUL in the name", TLS_NAME, {.raw_dns = HOST "\0.evil.example", .raw_len = 30}},
	{"NUL at the end", TLS_NAME, {.raw_dns = HOST "\0", .raw_len = 17}},
	{"terminal codes in the name", TLS_NAME, {.raw_dns = "\033]0;x\007.example", .raw_len = 14}, .words = "?]0;x?"},
	{"empty name", TLS_NAME, {.raw_dns = "", .raw_len = 0}},
	{"IDN", 0, {.names = "DNS:xn--mller-kva.example"}, .host = "m\303\274ller.example"},
	{"IDN as U-label", TLS_NAME, {.raw_dns = "m\303\274ller.example", .raw_len = 15}, .host = "m\303\274ller.example"},
	{"wildcard over an IDN label", 0, {.names = "DNS:*.mail.example"}, .host = "m\303\274ller.mail.example"},
	{"IPv4", 0, {.names = "IP:127.0.0.1"}, .host = "127.0.0.1"},
	{"IPv6", 0, {.names = "IP:2001:db8::1"}, .host = "2001:db8::1"},
	{"another IPv4", TLS_NAME, {.names = "IP:127.0.0.2"}, .host = "127.0.0.1", .words = "for 127.0.0.2"},
	{"IPv4 as a name", TLS_NAME, {.names = "DNS:127.0.0.1"}, .host = "127.0.0.1"},
	{"wildcard for an IPv4", TLS_NAME, {.names = "DNS:*.0.0.1"}, .host = "127.0.0.1"},
	{"wrong host, not checked", 0, {.names = "DNS:mail.example.net"}, .opts = {.no_check_name = true}},
	{"another name is asked for", 0, {.names = "DNS:mail.example.net"}, .opts = {.name = "mail.example.net"}},
	{"another name, but ours came", TLS_NAME, {.names = "DNS:" HOST}, .opts = {.name = "mail.example.net"}},
	/* dates */
	{"expired", TLS_DATES, {.names = "DNS:" HOST, .from_s = -9 * DAY, .to_s = -60}, .words = "expired 20"},
	{"not yet valid", TLS_DATES, {.names = "DNS:" HOST, .from_s = 3600, .to_s = DAY}, .words = "not valid before 20"},
	{"expired, dates not checked", 0, {.names = "DNS:" HOST, .from_s = -9 * DAY, .to_s = -60}, .opts = {.no_check_dates = true}},
	{"authority between expired", TLS_DATES, {.names = "DNS:" HOST, .depth = 1, .mid_from_s = -9 * DAY, .mid_to_s = -60}, .words = "of the authority is out of date"},
	{"until 2099", 0, {.names = "DNS:" HOST, .from_s = -DAY, .to_s = 70 * 365 * DAY}},
	/* authorities */
	{"chain of two", 0, {.names = "DNS:" HOST, .depth = 1}},
	{"chain of six", 0, {.names = "DNS:" HOST, .depth = 5}},
	{"chain of a hundred", ~0u, {.names = "DNS:" HOST, .depth = 100}},
	{"chain not sent", TLS_UNKNOWN_CA, {.names = "DNS:" HOST, .depth = 1, .keep_back = 1}},
	{"unknown authority", TLS_UNKNOWN_CA, {.names = "DNS:" HOST}, .authority = UNKNOWN, .words = "not signed by a known authority"},
	{"authority of the same name", TLS_BROKEN, {.names = "DNS:" HOST}, .authority = TWIN},
	{"self-signed", TLS_UNKNOWN_CA, {.names = "DNS:" HOST, .self_signed = 1}, .words = "signed by itself"},
	{"self-signed authority", TLS_UNKNOWN_CA, {.names = "DNS:" HOST, .self_signed = 1, .self_ca = 1, .eku = ""}, .words = "signed by itself"},
	{"no authority between", TLS_UNFIT, {.names = "DNS:" HOST, .depth = 1, .mid_no_ca = 1}},
	{"outside of name constraints", TLS_UNFIT, {.names = "DNS:" HOST, .depth = 1, .mid_constraints = "critical,permitted;DNS:example.net"}},
	{"inside of name constraints", 0, {.names = "DNS:" HOST, .depth = 1, .mid_constraints = "critical,permitted;DNS:example.org"}},
	{"broken signature", TLS_BROKEN, {.names = "DNS:" HOST, .broken = 1}, .words = "signature"},
	/* purpose */
	{"no purpose said", 0, {.names = "DNS:" HOST, .eku = ""}},
	{"for clients", TLS_UNFIT, {.names = "DNS:" HOST, .eku = "clientAuth"}, .words = "another purpose"},
	{"for signing code", TLS_UNFIT, {.names = "DNS:" HOST, .eku = "codeSigning"}},
	{"unknown critical extension", TLS_UNFIT, {.names = "DNS:" HOST, .critical = "1.3.6.1.4.1.99999.1"}},
	/* strength */
	{"RSA 2048", 0, {.names = "DNS:" HOST, .rsa_bits = 2048}},
	{"RSA 1024", TLS_WEAK, {.names = "DNS:" HOST, .rsa_bits = 1024}, .words = "too weak"},
	{"authority with RSA 1024", TLS_WEAK, {.names = "DNS:" HOST, .depth = 1, .mid_rsa_bits = 1024}},
	{"SHA-1", TLS_WEAK, {.names = "DNS:" HOST, .md = "sha1"}, .words = "too weak"},
	{"SHA-512", 0, {.names = "DNS:" HOST, .md = "sha512"}},
	/* revoked */
	{"revoked by list", TLS_REVOKED, {.names = "DNS:" HOST}, .extra = CRL, .words = "revoked"},
	{"list revokes another", 0, {.names = "DNS:" HOST}, .extra = CRL_OTHER},
	{"stapled: good", 0, {.names = "DNS:" HOST, .staple = STAPLE_GOOD}},
	{"stapled: revoked", TLS_REVOKED, {.names = "DNS:" HOST, .staple = STAPLE_REVOKED}, .words = "revoked"},
	{"stapled: revoked, by an authority between", TLS_REVOKED, {.names = "DNS:" HOST, .depth = 1, .staple = STAPLE_REVOKED}},
	{"stapled: an old answer", 0, {.names = "DNS:" HOST, .staple = STAPLE_OLD_REVOKED}},
	{"stapled: forged", 0, {.names = "DNS:" HOST, .staple = STAPLE_FORGED}},
	/* several at once */
	{"self-signed, expired, wrong host", TLS_UNKNOWN_CA | TLS_DATES | TLS_NAME, {.names = "DNS:x.example", .self_signed = 1, .from_s = -9 * DAY, .to_s = -60}},
	{"dates and host not checked, unknown authority", TLS_UNKNOWN_CA, {.names = "DNS:x.example", .self_signed = 1, .from_s = -9 * DAY, .to_s = -60}, .opts = {.no_check_dates = true, .no_check_name = true}},
	/* what the user accepted */
	{"accepted", 0, {.names = "DNS:" HOST, .self_signed = 1}, .extra = ACCEPTED},
	{"accepted for another trouble", TLS_UNKNOWN_CA, {.names = "DNS:" HOST, .self_signed = 1}, .extra = ACCEPTED_LESS},
	{"another one was accepted", TLS_UNKNOWN_CA | TLS_CHANGED, {.names = "DNS:" HOST, .self_signed = 1}, .extra = ACCEPTED_OTHER, .words = "not the one that was accepted before (on 2026-01-02)"},
	{"once", 0, {.names = "DNS:x.example", .self_signed = 1}, .extra = ONCE},
	{"revoked, let through once", TLS_REVOKED, {.names = "DNS:" HOST, .staple = STAPLE_REVOKED}, .extra = ONCE},
	{"in mutt's file", 0, {.names = "DNS:" HOST, .self_signed = 1}, .extra = MUTT_PEM},
	{"in mutt's file, wrong host", TLS_NAME, {.names = "DNS:x.example", .self_signed = 1}, .extra = MUTT_PEM},
	{"pinned", 0, {.names = "DNS:" HOST}, .extra = PIN_FITS},
	{"pinned, changed, though good", TLS_CHANGED, {.names = "DNS:" HOST}, .extra = PIN_CHANGED, .words = "not the one that was accepted before (on 2026-01-02)"},
	/* the handshake */
	{"TLS 1.2 only", 0, {.names = "DNS:" HOST}, .extra = ONLY_TLS12},
	{"TLS 1.3 only", 0, {.names = "DNS:" HOST}, .extra = ONLY_TLS13},
	{"TLS 1.1 at most", ~0u, {.names = "DNS:" HOST}, .extra = OLD_TLS, .words = "no version of TLS that is allowed"},
	{"no version in common", ~0u, {.names = "DNS:" HOST}, .extra = NO_OVERLAP, .words = "no version of TLS that is allowed"},
	{"weak cipher only", ~0u, {.names = "DNS:" HOST, .rsa_bits = 2048}, .extra = WEAK_CIPHER, .words = "no cipher in common"},
	{"no TLS at all", ~0u, {.names = "DNS:" HOST}, .extra = NOT_TLS, .words = "does not speak TLS"},
	{"protocol name refused", 0, {.names = "DNS:" HOST}, .extra = ALPN_REFUSED},
	{"client certificate wanted", ~0u, {.names = "DNS:" HOST}, .extra = WANTS_CLIENT},
	{"client certificate given", 0, {.names = "DNS:" HOST}, .extra = GIVES_CLIENT},
	{"client certificate with a password", 0, {.names = "DNS:" HOST}, .extra = GIVES_LOCKED},
	{"client certificate, wrong password", ~0u, {.names = "DNS:" HOST}, .extra = GIVES_WRONG, .words = "the password does not open the key"},
};

/* ---- the servers ---- */

static const char *const imap_implicit[] = {"S: * OK [CAPABILITY IMAP4rev1] hi", "C~ f1 LOGIN",
	"S: f1 OK [CAPABILITY IMAP4rev1] in", NULL};
static const char *const imap_starttls[] = {"S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi",
	"C: f1 STARTTLS", "S: f1 OK go", "TLS", "C: f2 CAPABILITY", "S: * CAPABILITY IMAP4rev1",
	"S: f2 OK", "C~ f3 LOGIN", "S: f3 OK [CAPABILITY IMAP4rev1] in", NULL};
static const char *const pop_implicit[] = {"S: +OK hi", "C: CAPA", "S: +OK", "S: USER", "S: .",
	"C: USER joe", "S: +OK", "C~ PASS ", "S: +OK in", "C: CAPA", "S: +OK", "S: .", NULL};
static const char *const pop_starttls[] = {"S: +OK hi", "C: CAPA", "S: +OK", "S: STLS", "S: .",
	"C: STLS", "S: +OK go", "TLS", "C: CAPA", "S: +OK", "S: USER", "S: .", "C: USER joe", "S: +OK",
	"C~ PASS ", "S: +OK in", "C: CAPA", "S: +OK", "S: .", NULL};
static const char *const smtp_implicit[] = {"S: 220 hi", "C~ EHLO", "S: 250-hi", "S: 250 AUTH PLAIN",
	"C~ AUTH PLAIN", "S: 235 in", NULL};
static const char *const smtp_starttls[] = {"S: 220 hi", "C~ EHLO", "S: 250-hi", "S: 250 STARTTLS",
	"C: STARTTLS", "S: 220 go", "TLS", "C~ EHLO", "S: 250-hi", "S: 250 AUTH PLAIN",
	"C~ AUTH PLAIN", "S: 235 in", NULL};

static const struct protocol {
	const char *name, *service;
	const char *const *implicit, *const *starttls;
} protocols[] = {
	{"imap", "imap", imap_implicit, imap_starttls},
	{"pop3", "pop", pop_implicit, pop_starttls},
	{"smtp", "smtp", smtp_implicit, smtp_starttls},
};

static int refuse_alpn(SSL *ssl, const unsigned char **out, unsigned char *n, const unsigned char *in,
	unsigned inlen, void *arg)
{
	(void)ssl;
	(void)out;
	(void)n;
	(void)in;
	(void)inlen;
	(void)arg;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* ---- one case ---- */

struct bench {
	struct certs *known, *other;
	SSL_CTX *ctx;
	struct tls_opts opts;
	char *accepted, *client, *pin, print[65];
	unsigned port; /* of the peer at hand */
};

static char *temp_file(void)
{
	struct err e;
	char *path;
	int fd;

	if (!fs_temp(NULL, "feist-certs", "", &fd, &path, &e)) {
		printf("%s\n", e.text);
		abort();
	}
	close(fd);
	return path;
}

static void set_up_server(struct bench *b, enum extra extra)
{
	switch (extra) {
	case OLD_TLS:
		SSL_CTX_set_min_proto_version(b->ctx, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(b->ctx, TLS1_1_VERSION);
		break;
	case ONLY_TLS12:
	case NO_OVERLAP:
		SSL_CTX_set_max_proto_version(b->ctx, TLS1_2_VERSION);
		b->opts.no_tls12 = extra == NO_OVERLAP;
		break;
	case ONLY_TLS13:
		SSL_CTX_set_min_proto_version(b->ctx, TLS1_3_VERSION);
		break;
	case WEAK_CIPHER:
		SSL_CTX_set_max_proto_version(b->ctx, TLS1_2_VERSION);
		SSL_CTX_set_cipher_list(b->ctx, "NULL-SHA256:@SECLEVEL=0");
		break;
	case ALPN_REFUSED:
		SSL_CTX_set_alpn_select_cb(b->ctx, refuse_alpn, NULL);
		break;
	case WANTS_CLIENT:
	case GIVES_CLIENT:
	case GIVES_LOCKED:
		certs_want_client(b->known, b->ctx);
		break;
	case CRL:
		certs_revoke(b->known, b->ctx);
		break;
	case CRL_OTHER: {
		SSL_CTX *other = certs_server(b->known, &(struct cert_opts){0});

		certs_revoke(b->known, other);
		SSL_CTX_free(other);
		break;
	}
	default:
		break;
	}
}

static void set_up_client(struct bench *b, enum extra extra)
{
	switch (extra) {
	case MUTT_PEM:
		certs_append_pem(b->ctx, b->accepted);
		break;
	case ONCE:
		b->opts.accept_once = b->print;
		break;
	case PIN_FITS:
	case PIN_CHANGED: {
		unsigned char md[32];
		char hex[65];

		certs_key_hash(b->ctx, md);
		if (extra == PIN_CHANGED)
			md[0] ^= 1;
		for (int i = 0; i < 32; i++)
			snprintf(hex + 2 * i, 3, "%02x", md[i]);
		b->pin = xasprintf("key=%s cert=%064d since=2026-01-02", hex, 7);
		b->opts.pin = b->pin;
		break;
	}
	case GIVES_CLIENT:
	case GIVES_LOCKED:
	case GIVES_WRONG:
		certs_client_file(b->known, b->client, extra == GIVES_CLIENT ? NULL
						       : extra == GIVES_LOCKED ? "sesame"
									       : "other");
		b->opts.client_cert = b->client;
		break;
	default:
		break;
	}
}

/* A line is for one port, and that is another one in each run. */
static void accept_for_port(struct bench *b, const struct row *r)
{
	const char *words = r->extra == ACCEPTED ? "unknown" : "dates";
	struct str line;
	struct err e;

	if (r->extra != ACCEPTED && r->extra != ACCEPTED_LESS && r->extra != ACCEPTED_OTHER)
		return;
	str_init(&line, 1000);
	str_addf(&line, "#feist-accept %s:%u sha256=%s %s 2026-01-02\n", r->host ? r->host : HOST, b->port,
		r->extra == ACCEPTED_OTHER ? "00112233" : b->print,
		r->extra == ACCEPTED_OTHER ? "unknown" : words);
	if (!fs_write_atomic(b->accepted, str_sv(&line), 0600, &e)) {
		printf("%s\n", e.text);
		abort();
	}
	str_fini(&line);
}

static void bench_open(struct bench *b, const struct row *r)
{
	*b = (struct bench){.known = certs_new(), .opts = r->opts};
	b->other = r->authority == UNKNOWN ? certs_new() : r->authority == TWIN ? certs_twin(b->known) : NULL;
	b->ctx = certs_server(b->other ? b->other : b->known, &r->cert);
	b->accepted = temp_file();
	b->client = temp_file();
	certs_fingerprint(b->ctx, b->print);
	b->opts.ca_file = certs_ca_file(b->known);
	b->opts.accepted_file = b->accepted;
	b->opts.no_system = true;
	set_up_server(b, r->extra);
	set_up_client(b, r->extra);
}

static void bench_close(struct bench *b)
{
	SSL_CTX_free(b->ctx);
	certs_free(b->known);
	if (b->other)
		certs_free(b->other);
	unlink(b->accepted);
	unlink(b->client);
	free(b->accepted);
	free(b->client);
	free(b->pin);
}

static bool give_secret(void *data, enum server_secret what, struct secret **out, struct err *e)
{
	const char *text = what == SECRET_KEY ? "sesame" : SECRET_WORD;

	(void)data;
	(void)e;
	*out = secret_new(text, strlen(text));
	return true;
}

/* The address to dial is loopback, whatever name is checked. */
static bool open_session(const struct protocol *p, struct server *s, struct err *e)
{
	static const struct imap_events none;
	struct dial_opts o = {.timeout_ms = 5000, .wake = WAKE_NONE};
	struct imap *im = NULL;
	struct pop3 *pop = NULL;
	struct smtp *m = NULL;
	struct conn *c;
	bool ok;

	if (!dial("127.0.0.1", s->port, &o, &c, e))
		return false;
	if (!server_begin(s, c, e)) {
		conn_free(c);
		return false;
	}
	ok = strcmp(p->name, "imap") == 0   ? imap_open_on(c, s, &none, &im, e)
	     : strcmp(p->name, "pop3") == 0 ? pop3_open_on(c, s, &pop, e)
					    : smtp_open_on(c, s, NULL, &m, e);
	imap_free(im);
	pop3_free(pop);
	smtp_free(m);
	return ok;
}

static const char *said_in_clear(const char *heard)
{
	static const char *const words[] = {SECRET_WORD, "LOGIN", "PASS", "AUTH PLAIN", "USER"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strstr(heard, words[i]))
			return words[i];
	return NULL;
}

static bool judge(const struct row *r, bool ok, const struct server *s, const struct err *e,
	const char *heard, const char *trouble, char *why, size_t size)
{
	if (ok != (r->trouble == 0))
		snprintf(why, size, "%s: %s", ok ? "got in" : "did not get in", ok ? "" : e->text);
	else if (!ok && said_in_clear(heard))
		snprintf(why, size, "it heard %s", said_in_clear(heard));
	else if (!ok && r->trouble != ~0u && s->cert.trouble != r->trouble)
		snprintf(why, size, "trouble %u, want %u: %s", s->cert.trouble, r->trouble, e->text);
	else if (!ok && r->trouble != ~0u && (e->class != ERR_TLS || !s->cert.why[0] || !s->cert.cure[0]))
		snprintf(why, size, "no reason or cure: %s", e->text);
	else if (!ok && r->words && !strstr(e->text, r->words))
		snprintf(why, size, "the reason is \"%s\"", e->text);
	else if (ok && trouble)
		snprintf(why, size, "%s", trouble);
	return !*why;
}

static struct peer *peer_for(struct bench *b, const struct row *r, const char *const *script, bool implicit)
{
	static const char *const no_tls[] = {"S: HTTP/1.1 400 Bad request", "S:", NULL};
	struct peer *peer = peer_start(r->extra == NOT_TLS && implicit ? no_tls : script, b->ctx,
		implicit && r->extra != NOT_TLS);

	b->port = peer_port(peer);
	accept_for_port(b, r);
	return peer;
}

static bool run(struct bench *b, const struct row *r, const struct protocol *p, bool starttls)
{
	const char *const *script = starttls ? p->starttls : p->implicit;
	struct peer *peer = peer_for(b, r, script, !starttls);
	struct server s = {.service = p->service,
		.host = r->host ? r->host : HOST,
		.port = b->port,
		.security = starttls ? SERVER_STARTTLS : SERVER_TLS,
		.user = "joe",
		.timeout_ms = 5000,
		.wake = WAKE_NONE,
		.secret = give_secret,
		.tls = b->opts};
	struct err e = {0};
	char why[700] = "";
	const char *trouble;
	size_t n;
	bool ok = open_session(p, &s, &e);

	if (!ok && s.no_alpn && e.class == ERR_NET) { /* the next connection does without */
		peer_free(peer);
		peer = peer_for(b, r, script, !starttls);
		s.port = b->port;
		ok = open_session(p, &s, &e);
	}
	trouble = peer_end(peer);
	ok = judge(r, ok, &s, &e, peer_heard(peer, &n), trouble, why, sizeof(why));
	printf("%s - %s: %s, %s%s%s\n", ok ? "ok" : "not ok", r->name, p->name,
		starttls ? "STARTTLS" : "implicit", ok ? "" : ": ", why);
	peer_free(peer);
	return ok;
}

int main(void)
{
	const char *only = getenv("ONLY");
	int failed = 0, count = 0, cases = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench b;

		if (only && !strstr(rows[i].name, only))
			continue;
		bench_open(&b, &rows[i]);
		for (size_t k = 0; k < ARRAY_LEN(protocols) * 2; k++) {
			if (k % 2 && rows[i].extra == NOT_TLS)
				continue; /* starttls.t has what comes instead of TLS there */
			failed += !run(&b, &rows[i], &protocols[k / 2], k % 2);
			count++;
		}
		bench_close(&b);
		cases++;
	}
	printf("# %d cases, %d runs, %d failed\n", cases, count, failed);
	return failed != 0 || count == 0;
}
