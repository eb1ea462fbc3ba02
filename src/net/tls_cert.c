/*
 * Is this the right server? Judged inside the handshake, so that a refused server gets an alert and
 * not one byte of ours. Three parts: the chain (what OpenSSL finds, every fault collected), the name,
 * and what the user accepted or pinned before.
 */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/fs.h"
#include "net/tls_priv.h"

#define ACCEPTED_FILE_MAX (4u << 20)
#define CHAIN_MAX 20
#define SECURITY_LEVEL 2 /* OpenSSL's: 112 bits; RSA from 2048, no SHA-1 */
#define OCSP_SKEW_S 300  /* by how much clocks may differ */

/* ---- names ---- */

/* Labels compare without case; "*" stands for one whole first label and never above two labels. */
bool tls_name_fits(struct sv pattern, struct sv host)
{
	struct sv rest;
	ptrdiff_t dot;

	if (host.len && host.p[host.len - 1] == '.')
		host.len--;
	if (pattern.len && pattern.p[pattern.len - 1] == '.')
		pattern.len--;
	if (pattern.len == 0 || host.len == 0)
		return false;
	if (!sv_starts(pattern, SV("*.")))
		return sv_chr(pattern, '*') < 0 && memchr(pattern.p, 0, pattern.len) == NULL &&
		       sv_eq_case(pattern, host);
	rest = sv_from(pattern, 2);
	if (sv_chr(rest, '.') < 0 || sv_chr(rest, '*') >= 0 || memchr(rest.p, 0, rest.len))
		return false;
	dot = sv_chr(host, '.');
	return dot > 0 && sv_eq_case(rest, sv_from(host, (size_t)dot + 1));
}

bool tls_ip_of(const char *host, unsigned char out[16], int *len)
{
	if (inet_pton(AF_INET, host, out) == 1)
		return *len = 4, true;
	if (inet_pton(AF_INET6, host, out) == 1)
		return *len = 16, true;
	return false;
}

bool tls_is_address(const char *host)
{
	unsigned char ip[16];
	int len;

	return tls_ip_of(host, ip, &len);
}

static struct sv asn1_sv(const ASN1_STRING *s)
{
	int n = ASN1_STRING_length(s);

	return sv_make((const char *)ASN1_STRING_get0_data(s), n > 0 ? (size_t)n : 0);
}

static bool name_matches(X509 *cert, const char *host)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	unsigned char ip[16];
	int iplen = 0;
	bool is_ip = tls_ip_of(host, ip, &iplen), ok = false;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && !ok; i++) {
		const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);

		if (n->type == GEN_DNS && !is_ip)
			ok = tls_name_fits(asn1_sv(n->d.dNSName), sv_of(host));
		else if (n->type == GEN_IPADD && is_ip)
			ok = sv_eq(asn1_sv(n->d.iPAddress), sv_make((char *)ip, (size_t)iplen));
	}
	GENERAL_NAMES_free(names);
	return ok;
}

/* ---- describing a certificate ---- */

static void put_text(char *out, size_t size, struct sv v)
{
	size_t n = MIN(v.len, size - 1);

	for (size_t i = 0; i < n; i++)
		out[i] = (char)(v.p[i] >= ' ' && v.p[i] < 127 ? v.p[i] : '?');
	out[n] = 0;
}

static void put_name(char *out, size_t size, X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p = NULL;
	long n;

	X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
	n = BIO_get_mem_data(bio, &p);
	put_text(out, size, sv_make(p, n > 0 ? (size_t)n : 0));
	BIO_free(bio);
}

static void put_time(char *out, size_t size, const ASN1_TIME *t)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(t, &tm))
		snprintf(out, size, "%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900,
			tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	else
		snprintf(out, size, "?");
}

static void put_hex(char out[65], const unsigned char *md, unsigned n)
{
	for (unsigned i = 0; i < n && i < 32; i++)
		snprintf(out + 2 * i, 3, "%02x", md[i]);
}

static void describe(struct tls_cert *out, X509 *cert)
{
	unsigned char md[EVP_MAX_MD_SIZE], *der = NULL;
	unsigned n = 0;
	int len;

	memset(out, 0, sizeof(*out));
	X509_digest(cert, EVP_sha256(), md, &n);
	put_hex(out->fingerprint, md, n);
	len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	if (len > 0 && EVP_Digest(der, (size_t)len, md, &n, EVP_sha256(), NULL) == 1)
		put_hex(out->key_print, md, n);
	OPENSSL_free(der);
	put_name(out->issued_to, sizeof(out->issued_to), X509_get_subject_name(cert));
	put_name(out->issued_by, sizeof(out->issued_by), X509_get_issuer_name(cert));
	put_time(out->valid_from, sizeof(out->valid_from), X509_get0_notBefore(cert));
	put_time(out->valid_to, sizeof(out->valid_to), X509_get0_notAfter(cert));
}

/* ---- reasons ---- */

/* One name the certificate is good for; false: of a kind that names no host. */
static bool put_host(char *out, size_t size, const GENERAL_NAME *n)
{
	struct sv v;

	if (n->type == GEN_DNS) {
		put_text(out, size, asn1_sv(n->d.dNSName));
		return true;
	}
	if (n->type != GEN_IPADD)
		return false;
	v = asn1_sv(n->d.iPAddress);
	return (v.len == 4 && inet_ntop(AF_INET, v.p, out, (socklen_t)size)) ||
	       (v.len == 16 && inet_ntop(AF_INET6, v.p, out, (socklen_t)size));
}

/* The names the certificate is good for, for the sentence about a wrong one. */
static void add_names(struct str *s, X509 *cert)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	int shown = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && shown < 4; i++) {
		char text[128];

		if (put_host(text, sizeof(text), sk_GENERAL_NAME_value(names, i)))
			str_addf(s, "%s%s", shown++ ? ", " : "", text);
	}
	if (shown == 0)
		str_adds(s, "no host");
	GENERAL_NAMES_free(names);
}

static void add_dates(struct str *s, const struct tls_cert *out, X509 *cert)
{
	if (X509_cmp_current_time(X509_get0_notBefore(cert)) > 0)
		str_addf(s, "the certificate is not valid before %s", out->valid_from);
	else if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
		str_addf(s, "the certificate expired %s", out->valid_to);
	else
		str_adds(s, "a certificate of the authority is out of date");
}

static void add_reason(
	struct str *s, unsigned bit, const struct tls_cert *out, X509 *cert, const char *host)
{
	switch (bit) {
	case TLS_CHANGED:
		str_addf(s, "the certificate of %s is not the one that was accepted before", host);
		if (out->old_date[0])
			str_addf(s, " (on %s)", out->old_date);
		break;
	case TLS_REVOKED:
		str_adds(s, "the authority has revoked the certificate");
		break;
	case TLS_BROKEN:
		str_adds(s, "a signature in the certificate chain is wrong");
		break;
	case TLS_DANE:
		str_addf(s, "the TLSA records of %s name another certificate", host);
		break;
	case TLS_UNKNOWN_CA:
		str_adds(
			s, X509_check_issued(cert, cert) == X509_V_OK
				   ? "the certificate is signed by itself, not by a known authority"
				   : "the certificate is not signed by a known authority");
		break;
	case TLS_NAME:
		str_adds(s, "the certificate is for ");
		add_names(s, cert);
		str_addf(s, ", not for %s", host);
		break;
	case TLS_DATES:
		add_dates(s, out, cert);
		break;
	case TLS_WEAK:
		str_adds(s, "a key or hash in the certificate chain is too weak");
		break;
	case TLS_UNFIT:
		str_adds(s, "the certificate, or one above it, is for another purpose");
		break;
	}
}

/* In the order in which they are told; the cure of the first one counts. */
static const struct {
	unsigned bit;
	const char *word; /* in $certificate_file; NULL: cannot be accepted there */
	const char *cure;
} troubles[] = {
	{TLS_CHANGED, NULL,
		"Somebody may be between you and the server. Ask its administrator whether it has "
		"a new "
		"certificate, and compare the fingerprint."},
	{TLS_REVOKED, NULL, "Nothing is sent to it. Tell the administrator of the server."},
	{TLS_BROKEN, "broken",
		"The authority may have a new key under its old name: compare the fingerprint with "
		"what "
		"the administrator of the server tells you."},
	{TLS_DANE, NULL,
		"Nothing is sent to it. Tell the administrator of the server, or unset $ssl_dane."},
	{TLS_UNKNOWN_CA, "unknown",
		"Accept it only if the fingerprint is what the administrator of the server tells "
		"you; an "
		"authority of your own belongs in $ssl_ca_certificates_file."},
	{TLS_NAME, "name",
		"Check the name of the server in your configuration; if the server is known to you "
		"under another name, set $ssl_verify_host_override."},
	{TLS_DATES, "dates",
		"Check the date of this machine; if it is right, tell the administrator of the "
		"server."},
	{TLS_WEAK, "weak", "Tell the administrator of the server that it needs a new certificate."},
	{TLS_UNFIT, "unfit",
		"Tell the administrator of the server that it needs another certificate."},
};

static void explain(struct tls_cert *out, X509 *cert, const char *host)
{
	struct str s;

	str_init(&s, sizeof(out->why) - 1);
	for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
		if (!(out->trouble & troubles[i].bit))
			continue;
		if (s.len)
			str_adds(&s, "; ");
		else
			snprintf(out->cure, sizeof(out->cure), "%s", troubles[i].cure);
		add_reason(&s, troubles[i].bit, out, cert, host);
	}
	snprintf(out->why, sizeof(out->why), "%s", s.s);
	str_fini(&s);
}

/* ---- what the user accepted ---- */

#define ACCEPT_WORD "#feist-accept"

static void today(char out[11])
{
	time_t t = (time_t)clock_now();
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(out, 11, "%Y-%m-%d", &tm) == 0)
		out[0] = '\0';
}

/* A comment for other programs: "#feist-accept HOST:PORT sha256=HEX unknown,name 2026-03-01" */
void tls_accept_line(const struct tls_opts *o, const struct tls_cert *cert, struct str *line)
{
	const char *sep = "";
	char date[11];

	str_addf(line, ACCEPT_WORD " %s:%u sha256=%s ", o->host, o->port, cert->fingerprint);
	for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
		if (!(cert->trouble & troubles[i].bit) || !troubles[i].word)
			continue;
		str_addf(line, "%s%s", sep, troubles[i].word);
		sep = ",";
	}
	today(date);
	str_addf(line, "%s%s\n", *sep ? " " : "none ", date);
}

struct accepted {
	unsigned trouble;    /* what may be wrong with the one at hand */
	char other[65];      /* another certificate that was accepted for this host ... */
	char other_date[11]; /* ... and when */
};

static void accept_words(struct sv words, struct accepted *a)
{
	struct sv word;

	while (sv_split(&words, ',', &word))
		for (size_t i = 0; i < ARRAY_LEN(troubles); i++)
			if (troubles[i].word && sv_is(word, troubles[i].word))
				a->trouble |= troubles[i].bit;
}

static void accept_line(
	struct sv line, struct sv host_port, const char *fingerprint, struct accepted *a)
{
	struct sv word, host, print, words = {0}, date = {0};

	if (!sv_split(&line, ' ', &word) || !sv_is(word, ACCEPT_WORD) ||
		!sv_split(&line, ' ', &host) || !sv_eq_case(host, host_port) ||
		!sv_split(&line, ' ', &print) || !sv_starts(print, SV("sha256=")))
		return;
	print = sv_from(print, 7);
	(void)sv_split(&line, ' ', &words);
	(void)sv_split(&line, ' ', &date);
	if (sv_eq_case(print, sv_of(fingerprint))) {
		accept_words(words, a);
		return;
	}
	put_text(a->other, sizeof(a->other), print);
	put_text(a->other_date, sizeof(a->other_date), sv_trim(date));
}

/* Is this very certificate among the PEM blocks? Then its authority is no question. */
static bool pem_has(struct sv text, X509 *cert)
{
	BIO *bio = BIO_new_mem_buf(text.p, (int)MIN(text.len, (size_t)ACCEPTED_FILE_MAX));
	bool found = false;
	X509 *x;

	while (!found && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		found = X509_cmp(x, cert) == 0;
		X509_free(x);
	}
	ERR_clear_error();
	BIO_free(bio);
	return found;
}

static struct accepted accepted_of(const struct tls_opts *o, X509 *cert, const char *fingerprint)
{
	struct accepted a = {0};
	struct str text;
	struct sv rest, line;
	char *host_port;

	if (o->accept_once && strcmp(o->accept_once, fingerprint) == 0)
		a.trouble = ~(unsigned)TLS_NEVER;
	if (!o->accepted_file || !*o->accepted_file ||
		!fs_read(o->accepted_file, ACCEPTED_FILE_MAX, &text, NULL))
		return a;
	host_port = xasprintf("%s:%u", o->host, o->port);
	rest = str_sv(&text);
	while (sv_line(&rest, &line))
		accept_line(line, sv_of(host_port), fingerprint, &a);
	if (pem_has(str_sv(&text), cert))
		a.trouble |= TLS_UNKNOWN_CA;
	free(host_port);
	str_fini(&text);
	return a;
}

/* ---- pins ---- */

static struct sv pin_field(const char *pin, const char *name)
{
	struct sv rest = sv_of(pin), word;
	size_t n = strlen(name);

	while (sv_split(&rest, ' ', &word))
		if (sv_starts(word, sv_make(name, n)))
			return sv_from(word, n);
	return sv_make("", 0);
}

void tls_pin_line(const struct tls_cert *cert, struct str *line)
{
	char date[11];

	today(date);
	str_addf(line, "key=%s cert=%s since=%s", cert->key_print, cert->fingerprint, date);
}

bool tls_pin_fits(const char *pin, const struct tls_cert *cert)
{
	return sv_eq_case(pin_field(pin, "key="), sv_of(cert->key_print));
}

/* ---- the chain ---- */

static struct tls *tls_of_store(X509_STORE_CTX *sc)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(sc, SSL_get_ex_data_X509_STORE_CTX_idx());

	return SSL_get_app_data(ssl);
}

static unsigned trouble_of(int error, const struct tls_opts *o)
{
	switch (error) {
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_UNTRUSTED:
		return TLS_UNKNOWN_CA;
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return o->no_check_dates ? 0 : TLS_DATES;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return TLS_WEAK;
	case X509_V_ERR_CERT_REVOKED:
		return TLS_REVOKED;
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
	case X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE:
	case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
	case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
	case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
		return TLS_BROKEN;
	case X509_V_ERR_DANE_NO_MATCH:
		return TLS_DANE;
	/* Lists are used where the user has some; most authorities have none for us. */
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
		return 0;
	default:
		return TLS_UNFIT;
	}
}

/* Called for each fault on the way up the chain; collects instead of stopping. */
static int collect_fault(int ok, X509_STORE_CTX *sc)
{
	struct tls *t = tls_of_store(sc);

	if (!ok)
		t->trouble |= trouble_of(X509_STORE_CTX_get_error(sc), t->opts);
	return 1;
}

static const char *checked_name(const struct tls_opts *o)
{
	return o->name && *o->name ? o->name : o->host;
}

/*
 * DANE-EE(3) names this very certificate or key: then neither authority nor name nor dates matter
 * (RFC 7671 section 5.1). DANE-TA(2) is an authority; the name must fit.
 */
static bool named_by_dane(struct tls *t)
{
	uint8_t usage = 0;
	EVP_PKEY *key;

	if (!t->opts->dane || SSL_get0_dane_authority(t->ssl, NULL, &key) < 0 ||
		SSL_get0_dane_tlsa(t->ssl, &usage, NULL, NULL, NULL, NULL) < 0)
		return false;
	t->cert->by_dane = true;
	return usage == 3;
}

static void look_at_chain(struct tls *t, X509_STORE_CTX *sc, X509 *cert)
{
	bool whole;

	t->trouble = 0;
	X509_STORE_CTX_set_verify_cb(sc, collect_fault);
	whole = X509_verify_cert(sc) > 0;
	describe(t->cert, cert);
	if (!whole && t->trouble == 0)
		t->trouble = TLS_BROKEN;
	if (named_by_dane(t))
		t->trouble &= ~(unsigned)(TLS_UNKNOWN_CA | TLS_DATES | TLS_UNFIT);
	else if (!t->opts->no_check_name && !name_matches(cert, checked_name(t->opts)))
		t->trouble |= TLS_NAME;
}

/* Another one than before: by the pin, or by an acceptance that was for another certificate. */
static void look_at_past(struct tls *t, const struct accepted *a)
{
	struct tls_cert *c = t->cert;
	const char *pin = t->opts->pin;

	if (pin && *pin && !tls_pin_fits(pin, c)) {
		t->trouble |= TLS_CHANGED;
		put_text(c->old_print, sizeof(c->old_print), pin_field(pin, "cert="));
		put_text(c->old_date, sizeof(c->old_date), pin_field(pin, "since="));
	} else if (a->other[0] && a->trouble == 0 && (t->trouble & TLS_UNKNOWN_CA)) {
		t->trouble |= TLS_CHANGED;
		memcpy(c->old_print, a->other, sizeof(c->old_print));
		memcpy(c->old_date, a->other_date, sizeof(c->old_date));
	}
}

static int judge(X509_STORE_CTX *sc, void *arg)
{
	struct tls *t = arg;
	X509 *cert = X509_STORE_CTX_get0_cert(sc);
	struct accepted accepted;

	if (!cert) {
		X509_STORE_CTX_set_error(sc, X509_V_ERR_UNSPECIFIED);
		return 0;
	}
	look_at_chain(t, sc, cert);
	accepted = accepted_of(t->opts, cert, t->cert->fingerprint);
	look_at_past(t, &accepted);
	t->cert->trouble = t->trouble;
	if (t->trouble & ~accepted.trouble) {
		explain(t->cert, cert, checked_name(t->opts));
		X509_STORE_CTX_set_error(sc, X509_V_ERR_APPLICATION_VERIFICATION);
		return 0;
	}
	X509_STORE_CTX_set_error(sc, X509_V_OK);
	return 1;
}

/* ---- the stapled answer (RFC 6066 section 8, RFC 6960) ---- */

static OCSP_BASICRESP *stapled(SSL *ssl)
{
	const unsigned char *der = NULL;
	long len = SSL_get_tlsext_status_ocsp_resp(ssl, &der);
	OCSP_RESPONSE *r = len > 0 && der ? d2i_OCSP_RESPONSE(NULL, &der, len) : NULL;
	OCSP_BASICRESP *basic = r ? OCSP_response_get1_basic(r) : NULL;

	OCSP_RESPONSE_free(r);
	return basic;
}

/* Does a good and recent answer say that it is revoked? An answer that is neither says nothing. */
static bool says_revoked(OCSP_BASICRESP *basic, SSL *ssl, X509_STORE *store)
{
	STACK_OF(X509) *chain = SSL_get0_verified_chain(ssl);
	X509 *cert = sk_X509_value(chain, 0), *issuer = sk_X509_value(chain, 1);
	ASN1_GENERALIZEDTIME *from = NULL, *until = NULL;
	OCSP_CERTID *id;
	int status = -1, reason;
	bool revoked;

	if (!cert || !issuer || OCSP_basic_verify(basic, chain, store, 0) != 1)
		return false;
	id = OCSP_cert_to_id(NULL, cert, issuer);
	revoked = OCSP_resp_find_status(basic, id, &status, &reason, NULL, &from, &until) == 1 &&
		  status == V_OCSP_CERTSTATUS_REVOKED &&
		  OCSP_check_validity(from, until, OCSP_SKEW_S, -1) == 1;
	OCSP_CERTID_free(id);
	return revoked;
}

static int look_at_staple(SSL *ssl, void *arg)
{
	struct tls *t = arg;
	OCSP_BASICRESP *basic = stapled(ssl);
	X509 *cert;
	bool revoked;

	if (!basic)
		return 1;
	revoked = says_revoked(basic, ssl, SSL_CTX_get_cert_store(t->ctx));
	OCSP_BASICRESP_free(basic);
	ERR_clear_error();
	if (!revoked)
		return 1;
	t->cert->trouble |= TLS_REVOKED;
	cert = SSL_get0_peer_certificate(ssl);
	if (cert)
		explain(t->cert, cert, checked_name(t->opts));
	return 0;
}

/* ---- for tls.c ---- */

void tls_judge_with(SSL_CTX *ctx, struct tls *t)
{
	unsigned long flags =
		X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);

	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_verify_depth(ctx, CHAIN_MAX);
	SSL_CTX_set_cert_verify_callback(ctx, judge, t);
	if (!t->opts->no_partial)
		flags |= X509_V_FLAG_PARTIAL_CHAIN;
	X509_VERIFY_PARAM_set_flags(param, flags);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	SSL_CTX_set_tlsext_status_type(ctx, TLSEXT_STATUSTYPE_ocsp);
	SSL_CTX_set_tlsext_status_cb(ctx, look_at_staple);
	SSL_CTX_set_tlsext_status_arg(ctx, t);
}
