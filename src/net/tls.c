/*
 * TLS over a connection with OpenSSL 3. The certificate is judged inside the handshake, so that a
 * refused server gets an alert and not one byte of ours. The judging has three parts: the chain
 * (what OpenSSL finds, every fault collected), the name, and what the user accepted before.
 */
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <arpa/inet.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "net/conn_priv.h"
#include "net/tls.h"

#define ACCEPTED_FILE_MAX (4u << 20)
#define CHAIN_MAX 20

struct tls {
	struct transport below;
	struct conn *conn;
	SSL_CTX *ctx;
	SSL *ssl;
	const struct tls_opts *opts; /* valid during the handshake only */
	struct tls_cert *cert;
	unsigned trouble; /* collected while the chain is checked */
	char desc[96];
};

/* ---- words for errors ---- */

static bool ssl_error(struct err *e, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return err_set(e, ERR_TLS, "%s: %s", what, reason ? reason : "unknown TLS error");
}

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

static bool ip_of(const char *host, unsigned char out[16], int *len)
{
	if (inet_pton(AF_INET, host, out) == 1)
		return *len = 4, true;
	if (inet_pton(AF_INET6, host, out) == 1)
		return *len = 16, true;
	return false;
}

static bool name_matches(X509 *cert, const char *host)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	unsigned char ip[16];
	int iplen = 0;
	bool is_ip = ip_of(host, ip, &iplen), ok = false;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && !ok; i++) {
		const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);

		if (n->type == GEN_DNS && !is_ip) {
			struct sv dns = sv_make((const char *)ASN1_STRING_get0_data(n->d.dNSName),
				(size_t)ASN1_STRING_length(n->d.dNSName));

			ok = tls_name_fits(dns, sv_of(host));
		} else if (n->type == GEN_IPADD && is_ip) {
			ok = ASN1_STRING_length(n->d.iPAddress) == iplen &&
			     memcmp(ASN1_STRING_get0_data(n->d.iPAddress), ip, (size_t)iplen) == 0;
		}
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

/* The names the certificate is good for, for the sentence about a wrong one. */
static void add_names(struct str *s, X509 *cert)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	int shown = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && shown < 4; i++) {
		const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
		char text[128];

		if (n->type != GEN_DNS)
			continue;
		put_text(text, sizeof(text),
			sv_make((const char *)ASN1_STRING_get0_data(n->d.dNSName),
				(size_t)ASN1_STRING_length(n->d.dNSName)));
		str_addf(s, "%s%s", shown++ ? ", " : "", text);
	}
	if (shown == 0)
		str_adds(s, "no host");
	GENERAL_NAMES_free(names);
}

static void describe(struct tls_cert *out, X509 *cert)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	memset(out, 0, sizeof(*out));
	X509_digest(cert, EVP_sha256(), md, &n);
	for (unsigned i = 0; i < n && i < 32; i++)
		snprintf(out->fingerprint + 2 * i, 3, "%02x", md[i]);
	put_name(out->issued_to, sizeof(out->issued_to), X509_get_subject_name(cert));
	put_name(out->issued_by, sizeof(out->issued_by), X509_get_issuer_name(cert));
	put_time(out->valid_from, sizeof(out->valid_from), X509_get0_notBefore(cert));
	put_time(out->valid_to, sizeof(out->valid_to), X509_get0_notAfter(cert));
}

static void explain(struct tls_cert *out, X509 *cert, const char *host)
{
	struct str s;

	str_init(&s, sizeof(out->why) - 1);
	if (out->trouble & TLS_CHANGED)
		str_addf(&s, "the certificate of %s is not the one that was accepted before; ",
			host);
	if (out->trouble & TLS_UNKNOWN_CA)
		str_adds(&s,
			X509_check_issued(cert, cert) == X509_V_OK
				? "the certificate is signed by itself, not by a known authority; "
				: "the certificate is not signed by a known authority; ");
	if (out->trouble & TLS_NAME) {
		str_adds(&s, "the certificate is for ");
		add_names(&s, cert);
		str_addf(&s, ", not for %s; ", host);
	}
	if (out->trouble & TLS_DATES) {
		if (X509_cmp_current_time(X509_get0_notBefore(cert)) > 0)
			str_addf(&s, "the certificate is not valid before %s; ", out->valid_from);
		else if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
			str_addf(&s, "the certificate expired %s; ", out->valid_to);
		else
			str_adds(&s, "a certificate of the authority is out of date; ");
	}
	if (out->trouble & TLS_UNFIT)
		str_adds(&s, "the certificate or its chain is revoked, broken, too weak or for "
			     "another purpose; ");
	if (s.len >= 2)
		str_cut(&s, s.len - 2);
	snprintf(out->why, sizeof(out->why), "%s", s.s ? s.s : "");
	str_fini(&s);
}

/* ---- what the user accepted ---- */

#define ACCEPT_WORD "#feist-accept"
static const struct {
	unsigned bit;
	const char *word;
} trouble_words[] = {
	{TLS_UNKNOWN_CA, "unknown"},
	{TLS_NAME, "name"},
	{TLS_DATES, "dates"},
	{TLS_UNFIT, "unfit"},
};

/* A comment for other programs: "#feist-accept HOST:PORT sha256=HEX unknown,name" */
void tls_accept_line(const struct tls_opts *o, const struct tls_cert *cert, struct str *line)
{
	const char *sep = "";

	str_addf(line, ACCEPT_WORD " %s:%u sha256=%s ", o->host, o->port, cert->fingerprint);
	for (size_t i = 0; i < ARRAY_LEN(trouble_words); i++) {
		if (!(cert->trouble & trouble_words[i].bit))
			continue;
		str_addf(line, "%s%s", sep, trouble_words[i].word);
		sep = ",";
	}
	str_addc(line, '\n');
}

struct accepted {
	bool host_known;  /* some certificate was accepted for this host */
	unsigned trouble; /* what may be wrong with the one at hand */
};

static void accept_words(struct sv words, struct accepted *a)
{
	struct sv word;

	while (sv_split(&words, ',', &word))
		for (size_t i = 0; i < ARRAY_LEN(trouble_words); i++)
			if (sv_is(word, trouble_words[i].word))
				a->trouble |= trouble_words[i].bit;
}

static void accept_line(
	struct sv line, struct sv host_port, const char *fingerprint, struct accepted *a)
{
	struct sv word, host, print;

	if (!sv_split(&line, ' ', &word) || !sv_is(word, ACCEPT_WORD) ||
		!sv_split(&line, ' ', &host) || !sv_eq_case(host, host_port) ||
		!sv_split(&line, ' ', &print))
		return;
	a->host_known = true;
	if (sv_starts(print, SV("sha256=")) && sv_eq_case(sv_from(print, 7), sv_of(fingerprint)))
		accept_words(sv_trim(line), a);
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
		a.trouble = ~0u;
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

/* ---- judging ---- */

static struct tls *tls_of_store(X509_STORE_CTX *sc)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(sc, SSL_get_ex_data_X509_STORE_CTX_idx());

	return SSL_get_app_data(ssl);
}

/* Called for each fault on the way up the chain; collects instead of stopping. */
static int collect_fault(int ok, X509_STORE_CTX *sc)
{
	struct tls *t = tls_of_store(sc);

	if (ok)
		return 1;
	switch (X509_STORE_CTX_get_error(sc)) {
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_UNTRUSTED:
		t->trouble |= TLS_UNKNOWN_CA;
		return 1;
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
		if (!t->opts->no_check_dates)
			t->trouble |= TLS_DATES;
		return 1;
	default:
		t->trouble |= TLS_UNFIT;
		return 1;
	}
}

static const char *checked_name(const struct tls_opts *o)
{
	return o->name && *o->name ? o->name : o->host;
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
	t->trouble = 0;
	X509_STORE_CTX_set_verify_cb(sc, collect_fault);
	if (X509_verify_cert(sc) <= 0 && t->trouble == 0)
		t->trouble |= TLS_UNFIT;
	if (!t->opts->no_check_name && !name_matches(cert, checked_name(t->opts)))
		t->trouble |= TLS_NAME;
	describe(t->cert, cert);
	accepted = accepted_of(t->opts, cert, t->cert->fingerprint);
	t->cert->trouble = t->trouble;
	if (t->trouble & ~accepted.trouble) {
		if (accepted.host_known && (t->trouble & TLS_UNKNOWN_CA))
			t->cert->trouble |= TLS_CHANGED;
		explain(t->cert, cert, checked_name(t->opts));
		X509_STORE_CTX_set_error(sc, X509_V_ERR_APPLICATION_VERIFICATION);
		return 0;
	}
	X509_STORE_CTX_set_error(sc, X509_V_OK);
	return 1;
}

/* ---- context ---- */

static bool load_authorities(SSL_CTX *ctx, const struct tls_opts *o, struct err *e)
{
	if (!o->no_system && SSL_CTX_set_default_verify_paths(ctx) != 1)
		ERR_clear_error();
	if (o->ca_file && *o->ca_file && SSL_CTX_load_verify_file(ctx, o->ca_file) != 1) {
		ERR_clear_error();
		return err_set(e, ERR_INPUT,
			"ssl_ca_certificates_file: cannot read certificates from %s", o->ca_file);
	}
	/* Authorities in the user's own file count, too; that it does not exist is no fault. */
	if (o->accepted_file && *o->accepted_file &&
		SSL_CTX_load_verify_file(ctx, o->accepted_file) != 1)
		ERR_clear_error();
	return true;
}

static bool load_client_cert(SSL_CTX *ctx, const struct tls_opts *o, struct err *e)
{
	if (!o->client_cert || !*o->client_cert)
		return true;
	if (SSL_CTX_use_certificate_chain_file(ctx, o->client_cert) == 1 &&
		SSL_CTX_use_PrivateKey_file(ctx, o->client_cert, SSL_FILETYPE_PEM) == 1)
		return true;
	ERR_clear_error();
	return err_set(
		e, ERR_INPUT, "ssl_client_cert: no certificate with a key in %s", o->client_cert);
}

static bool make_context(struct tls *t, struct err *e)
{
	const struct tls_opts *o = t->opts;
	X509_VERIFY_PARAM *param;
	unsigned long flags = X509_V_FLAG_TRUSTED_FIRST;

	t->ctx = SSL_CTX_new(TLS_client_method());
	if (!t->ctx)
		return ssl_error(e, "starting TLS");
	SSL_CTX_set_min_proto_version(t->ctx, o->no_tls12 ? TLS1_3_VERSION : TLS1_2_VERSION);
	if (o->no_tls13)
		SSL_CTX_set_max_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(
		t->ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
	SSL_CTX_set_mode(
		t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_verify_depth(t->ctx, CHAIN_MAX);
	SSL_CTX_set_cert_verify_callback(t->ctx, judge, t);
	param = SSL_CTX_get0_param(t->ctx);
	if (!o->no_partial)
		flags |= X509_V_FLAG_PARTIAL_CHAIN;
	X509_VERIFY_PARAM_set_flags(param, flags);
	X509_VERIFY_PARAM_set_auth_level(param, 1);
	if (o->ciphers && *o->ciphers && SSL_CTX_set_cipher_list(t->ctx, o->ciphers) != 1) {
		ERR_clear_error();
		return err_set(e, ERR_INPUT, "ssl_ciphers: \"%s\" names no cipher", o->ciphers);
	}
	return load_authorities(t->ctx, o, e) && load_client_cert(t->ctx, o, e);
}

static bool make_session(struct tls *t, struct err *e)
{
	unsigned char ip[16];
	int n;

	t->ssl = SSL_new(t->ctx);
	if (!t->ssl || !SSL_set_app_data(t->ssl, t) || !SSL_set_fd(t->ssl, conn_fd(t->conn)))
		return ssl_error(e, "starting TLS");
	/* RFC 6066: no address in SNI. */
	if (!ip_of(t->opts->host, ip, &n) && SSL_set_tlsext_host_name(t->ssl, t->opts->host) != 1)
		return ssl_error(e, "starting TLS");
	return true;
}

/* ---- the transport ---- */

static ssize_t tls_result(struct tls *t, int rc, struct err *e)
{
	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return IO_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return IO_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return IO_END;
	case SSL_ERROR_SYSCALL:
		if (ERR_peek_error() == 0) {
			err_set(e, ERR_NET, "the server closed the connection");
			return IO_FAILED;
		}
		break;
	case SSL_ERROR_SSL:
		if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
			/*
			 * Cut without a good-bye: an end that could be forged, so not a clean one.
			 */
			ERR_clear_error();
			err_set(e, ERR_NET, "the server closed the connection");
			return IO_FAILED;
		}
		break;
	}
	ssl_error(e, "TLS");
	return IO_FAILED;
}

static ssize_t tls_read(void *self, char *buf, size_t n, struct err *e)
{
	struct tls *t = self;
	int rc;

	ERR_clear_error();
	rc = SSL_read(t->ssl, buf, (int)MIN(n, (size_t)1 << 20));
	return rc > 0 ? rc : tls_result(t, rc, e);
}

static ssize_t tls_write(void *self, const char *buf, size_t n, struct err *e)
{
	struct tls *t = self;
	int rc;

	ERR_clear_error();
	rc = SSL_write(t->ssl, buf, (int)MIN(n, (size_t)1 << 20));
	if (rc > 0)
		return rc;
	rc = (int)tls_result(t, rc, e);
	if (rc == IO_END) {
		err_set(e, ERR_NET, "the server closed the connection");
		return IO_FAILED;
	}
	return rc;
}

static bool tls_pending(void *self)
{
	struct tls *t = self;

	return SSL_has_pending(t->ssl) == 1;
}

static void tls_free(struct tls *t)
{
	SSL_free(t->ssl);
	SSL_CTX_free(t->ctx);
	free(t);
}

static void tls_close(void *self)
{
	struct tls *t = self;

	if (SSL_is_init_finished(t->ssl))
		SSL_shutdown(t->ssl);
	ERR_clear_error();
	t->below.close(t->below.self);
	tls_free(t);
}

/* ---- the handshake ---- */

static bool shake(struct tls *t, struct err *e)
{
	int64_t deadline = clock_ms() + conn_timeout(t->conn);

	for (;;) {
		ssize_t io;
		int rc;

		ERR_clear_error();
		rc = SSL_connect(t->ssl);
		if (rc == 1)
			return true;
		if (t->cert->fingerprint[0] && t->cert->why[0]) {
			ERR_clear_error();
			return err_set(e, ERR_TLS, "%s", t->cert->why);
		}
		io = tls_result(t, rc, e);
		if (io == IO_END)
			return err_set(e, ERR_NET, "the server closed the connection");
		if (io == IO_FAILED)
			return false;
		if (!conn_await(t->conn, io, deadline, e))
			return false;
	}
}

bool tls_start(struct conn *c, const struct tls_opts *opts, struct tls_cert *cert, struct err *e)
{
	struct transport *io = conn_transport(c);
	struct tls *t = xcalloc(1, sizeof(*t));

	memset(cert, 0, sizeof(*cert));
	*t = (struct tls){.below = *io, .conn = c, .opts = opts, .cert = cert};
	if (!make_context(t, e) || !make_session(t, e) || !shake(t, e)) {
		tls_free(t);
		return err_at(e, "TLS with %s", conn_peer(c));
	}
	t->opts = NULL;
	t->cert = NULL;
	snprintf(t->desc, sizeof(t->desc), "%s %s", SSL_get_version(t->ssl),
		SSL_get_cipher_name(t->ssl));
	*io = (struct transport){.read = tls_read,
		.write = tls_write,
		.pending = tls_pending,
		.close = tls_close,
		.self = t,
		.secure = true};
	conn_note(c, "%s, certificate %s", t->desc, cert->fingerprint);
	return true;
}

/* ---- afterwards ---- */

/* The session under a connection, also when compression lies on top of it. */
static struct tls *tls_under(const struct conn *c)
{
	struct transport *io = conn_transport((struct conn *)(uintptr_t)c);

	return io->secure && io->read == tls_read ? io->self : NULL;
}

bool tls_binding_exporter(const struct conn *c, unsigned char out[TLS_BINDING_MAX], size_t *len)
{
	struct tls *t = tls_under(c);

	if (!t)
		return false;
	/* RFC 9266 section 4.2: on TLS 1.2 only with the extended master secret. */
	if (SSL_version(t->ssl) < TLS1_3_VERSION && SSL_get_extms_support(t->ssl) != 1)
		return false;
	*len = 32;
	return SSL_export_keying_material(t->ssl, out, *len, "EXPORTER-Channel-Binding", 24,
		       (const unsigned char *)"", 0, 1) == 1;
}

/*
 * RFC 5929 section 4: the certificate's hash with its signature's hash function, MD5 and SHA-1
 * become SHA-256.
 */
bool tls_binding_end_point(const struct conn *c, unsigned char out[TLS_BINDING_MAX], size_t *len)
{
	struct tls *t = tls_under(c);
	X509 *cert = t ? SSL_get1_peer_certificate(t->ssl) : NULL;
	int md_nid = NID_undef;
	const EVP_MD *md;
	unsigned n = 0;
	bool ok;

	if (!cert)
		return false;
	if (!OBJ_find_sigid_algs(X509_get_signature_nid(cert), &md_nid, NULL) ||
		md_nid == NID_undef || md_nid == NID_md5 || md_nid == NID_sha1)
		md_nid = NID_sha256;
	md = EVP_get_digestbynid(md_nid);
	ok = md && X509_digest(cert, md, out, &n) == 1;
	X509_free(cert);
	*len = n;
	return ok;
}

const char *tls_describe(const struct conn *c)
{
	struct tls *t = tls_under(c);

	return t ? t->desc : "";
}
