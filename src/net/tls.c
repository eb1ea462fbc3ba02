/*
 * TLS over a connection with OpenSSL 3: context, handshake, transport. Whether the server is the
 * right one is tls_cert.c's question.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/tls_priv.h"

#define SESSION_MAX_MS (12 * 3600 * 1000) /* a session is not gone on with for longer */

/* ---- words for errors ---- */

static bool ssl_error(struct err *e, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return err_set(e, ERR_TLS, "%s: %s", what, reason ? reason : "unknown TLS error");
}

/* What people can do something about; the rest is in the library's words. */
static bool handshake_error(struct tls *t, struct err *e)
{
	switch (ERR_GET_REASON(ERR_peek_error())) {
	case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
		t->cert->no_alpn = true;
		return ssl_error(e, "TLS");
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
	case SSL_R_WRONG_SSL_VERSION:
		ERR_clear_error();
		return err_set(e, ERR_TLS,
			"the server speaks no version of TLS that is allowed here (1.2 and later; "
			"see "
			"$ssl_use_tlsv1_2 and $ssl_use_tlsv1_3)");
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_PACKET_LENGTH_TOO_LONG:
		ERR_clear_error();
		return err_set(e, ERR_TLS, "the server does not speak TLS on this port");
	case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
		ERR_clear_error();
		return err_set(e, ERR_TLS,
			"the server and we have no cipher in common, or it wants a certificate of "
			"ours "
			"(see $ssl_ciphers, $ssl_client_cert)");
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
		ERR_clear_error();
		return err_set(e, ERR_TLS,
			"the server wants a certificate of ours (see $ssl_client_cert)");
	default:
		return ssl_error(e, "TLS");
	}
}

/* ---- sessions that may go on ---- */

struct tls_cache {
	SSL_SESSION *session;
	char *key;     /* server and all that was checked: another setting must check anew */
	int64_t since; /* clock_boot_ms */
	struct tls_cert cert;
};

struct tls_cache *tls_cache_new(void)
{
	return xcalloc(1, sizeof(struct tls_cache));
}

void tls_cache_forget(struct tls_cache *c)
{
	SSL_SESSION_free(c->session);
	c->session = NULL;
	xfree_null(&c->key);
}

void tls_cache_free(struct tls_cache *c)
{
	if (!c)
		return;
	tls_cache_forget(c);
	free(c);
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static char *cache_key(const struct tls_opts *o)
{
	return xasprintf("%s %u|%s|%s|%s|%s|%s|%s|%s|%d%d%d%d%d%d%d", o->host, o->port,
		or_empty(o->name), or_empty(o->ca_file), or_empty(o->accepted_file),
		or_empty(o->accept_once), or_empty(o->pin), or_empty(o->client_cert),
		or_empty(o->ciphers), o->no_system, o->no_check_name, o->no_check_dates,
		o->no_partial, o->no_tls12, o->no_tls13, o->dane != NULL);
}

/*
 * A ticket has come (in TLS 1.3 after the handshake, each is good for one connection). We keep a copy:
 * OpenSSL spoils the session of a connection that ends without a good-bye, and lines that are lost are
 * why one dials again (RFC 5246 7.2.1: such a session may go on).
 */
static int take_session(SSL *ssl, SSL_SESSION *session)
{
	struct tls *t = SSL_get_app_data(ssl);
	struct tls_cache *c = t->cache;
	SSL_SESSION *copy = NULL;

	if (c && t->cache_key && SSL_SESSION_is_resumable(session))
		copy = SSL_SESSION_dup(session);
	if (!copy)
		return 0;
	if (!c->key || strcmp(c->key, t->cache_key) != 0)
		c->since = clock_boot_ms();
	tls_cache_forget(c);
	c->session = copy;
	c->key = xstrdup(t->cache_key);
	return 0; /* the one that was given stays the library's */
}

static void set_session(struct tls *t, SSL_SESSION *session)
{
	SSL_SESSION *copy = SSL_SESSION_dup(session);

	if (copy)
		SSL_set_session(t->ssl, copy);
	SSL_SESSION_free(copy);
}

/* Goes on with the session of before, if it was with this server under these settings. */
static void offer_session(struct tls *t)
{
	struct tls_cache *c = t->cache;

	if (!c)
		return;
	t->cache_key = cache_key(t->opts);
	if (c->session && c->key && strcmp(c->key, t->cache_key) == 0 &&
		clock_boot_ms() - c->since < SESSION_MAX_MS)
		set_session(t, c->session);
	else
		tls_cache_forget(c);
}

static void note_session(struct tls *t)
{
	if (!t->cache)
		return;
	if (SSL_session_reused(t->ssl)) {
		*t->cert = t->cache->cert;
		t->cert->resumed = true;
		/* A ticket of TLS 1.3 is used once: it would tell that we are the same. */
		if (SSL_version(t->ssl) >= TLS1_3_VERSION && t->cache->session) {
			SSL_SESSION_free(t->cache->session);
			t->cache->session = NULL;
		}
	} else {
		t->cache->cert = *t->cert;
		t->cache->since = clock_boot_ms();
	}
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

/* OpenSSL asks for the password of the client's key. */
static int give_key_password(char *buf, int size, int writing, void *data)
{
	struct tls *t = data;
	struct secret *secret = NULL;
	size_t n = 0;

	(void)writing;
	if (!t->opts->key_password) {
		err_set(&t->key_error, ERR_INPUT, "ssl_client_cert: the key in %s has a password",
			t->opts->client_cert);
		return -1;
	}
	if (!t->opts->key_password(t->opts->data, &secret, &t->key_error))
		return -1;
	if (secret_len(secret) < (size_t)size) {
		n = secret_len(secret);
		memcpy(buf, secret_text(secret), n);
		t->key_password_given = true;
	}
	secret_free(secret);
	return n ? (int)n : -1;
}

static bool bad_client_cert(struct tls *t, struct err *e)
{
	int reason = ERR_GET_REASON(ERR_peek_last_error());

	ERR_clear_error();
	if (t->key_error.class != ERR_NONE)
		return err_set(e, t->key_error.class, "%s", t->key_error.text);
	if (t->key_password_given) {
		t->cert->key_refused = true;
		return err_set(e, ERR_AUTH,
			"ssl_client_cert: the password does not open the key in %s",
			t->opts->client_cert);
	}
	if (reason == X509_R_KEY_VALUES_MISMATCH)
		return err_set(e, ERR_INPUT,
			"ssl_client_cert: key and certificate in %s do not belong together",
			t->opts->client_cert);
	return err_set(e, ERR_INPUT, "ssl_client_cert: no certificate with a key in %s",
		t->opts->client_cert);
}

static bool load_client_cert(struct tls *t, struct err *e)
{
	const char *file = t->opts->client_cert;

	if (!file || !*file)
		return true;
	SSL_CTX_set_default_passwd_cb(t->ctx, give_key_password);
	SSL_CTX_set_default_passwd_cb_userdata(t->ctx, t);
	if (SSL_CTX_use_certificate_chain_file(t->ctx, file) == 1 &&
		SSL_CTX_use_PrivateKey_file(t->ctx, file, SSL_FILETYPE_PEM) == 1)
		return true;
	return bad_client_cert(t, e);
}

static bool make_context(struct tls *t, struct err *e)
{
	const struct tls_opts *o = t->opts;

	t->ctx = SSL_CTX_new(TLS_client_method());
	if (!t->ctx)
		return ssl_error(e, "starting TLS");
	SSL_CTX_set_min_proto_version(t->ctx, o->no_tls12 ? TLS1_3_VERSION : TLS1_2_VERSION);
	if (o->no_tls13)
		SSL_CTX_set_max_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(t->ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
					 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					 SSL_MODE_RELEASE_BUFFERS);
	/* Weak keys are judged with the rest of the certificate, so that the reason can be told. */
	SSL_CTX_set_security_level(t->ctx, 1);
	SSL_CTX_set_session_cache_mode(t->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(t->ctx, take_session);
	tls_judge_with(t->ctx, t);
	if (o->ciphers && *o->ciphers && SSL_CTX_set_cipher_list(t->ctx, o->ciphers) != 1) {
		ERR_clear_error();
		return err_set(e, ERR_INPUT, "ssl_ciphers: \"%s\" names no cipher", o->ciphers);
	}
	return (!o->dane || SSL_CTX_dane_enable(t->ctx) == 1 || ssl_error(e, "DANE")) &&
	       load_authorities(t->ctx, o, e) && load_client_cert(t, e);
}

static bool use_dane(struct tls *t, struct err *e)
{
	const struct dane *d = t->opts->dane;

	if (!d || d->n == 0)
		return true;
	if (SSL_dane_enable(t->ssl, t->opts->host) != 1)
		return ssl_error(e, "DANE");
	for (size_t i = 0; i < d->n; i++)
		(void)SSL_dane_tlsa_add(t->ssl, d->v[i].usage, d->v[i].selector, d->v[i].matching,
			d->v[i].data, d->v[i].len);
	/* RFC 6698 section 4.1: records that nobody understands are as good as none. */
	ERR_clear_error();
	return true;
}

static bool use_alpn(struct tls *t, struct err *e)
{
	unsigned char list[32];
	size_t n = t->opts->alpn ? strlen(t->opts->alpn) : 0;

	if (n == 0 || n >= sizeof(list))
		return true;
	list[0] = (unsigned char)n;
	memcpy(list + 1, t->opts->alpn, n);
	return SSL_set_alpn_protos(t->ssl, list, (unsigned)n + 1) == 0 ||
	       ssl_error(e, "starting TLS");
}

static bool make_session(struct tls *t, struct err *e)
{
	unsigned char ip[16];
	int n;

	t->ssl = SSL_new(t->ctx);
	if (!t->ssl || !SSL_set_app_data(t->ssl, t) || !SSL_set_fd(t->ssl, conn_fd(t->conn)))
		return ssl_error(e, "starting TLS");
	/* RFC 6066: no address in SNI. */
	if (!tls_ip_of(t->opts->host, ip, &n) &&
		SSL_set_tlsext_host_name(t->ssl, t->opts->host) != 1)
		return ssl_error(e, "starting TLS");
	if (!use_dane(t, e) || !use_alpn(t, e))
		return false;
	offer_session(t);
	return true;
}

/* ---- the transport ---- */

static ssize_t tls_result(struct tls *t, int rc, struct err *e)
{
	int why = errno;

	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return IO_WANT_READ;
	case SSL_ERROR_WANT_WRITE:
		return IO_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN:
		return IO_END;
	case SSL_ERROR_SYSCALL:
		if (ERR_peek_error() == 0) {
			conn_lost(t->conn, why, e);
			return IO_FAILED;
		}
		break;
	case SSL_ERROR_SSL:
		if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
			/*
			 * Cut without a good-bye: an end that could be forged, so not a clean one.
			 */
			ERR_clear_error();
			conn_lost(t->conn, 0, e);
			return IO_FAILED;
		}
		break;
	}
	/* Not a line that was lost, but bytes that are wrong: with this server we begin anew. */
	if (t->cache)
		tls_cache_forget(t->cache);
	ssl_error(e, "TLS");
	return IO_FAILED;
}

static ssize_t tls_read(void *self, char *buf, size_t n, struct err *e)
{
	struct tls *t = self;
	int rc;

	ERR_clear_error();
	errno = 0;
	rc = SSL_read(t->ssl, buf, (int)MIN(n, (size_t)1 << 20));
	return rc > 0 ? rc : tls_result(t, rc, e);
}

static ssize_t tls_write(void *self, const char *buf, size_t n, struct err *e)
{
	struct tls *t = self;
	int rc;

	ERR_clear_error();
	errno = 0;
	rc = SSL_write(t->ssl, buf, (int)MIN(n, (size_t)1 << 20));
	if (rc > 0)
		return rc;
	rc = (int)tls_result(t, rc, e);
	if (rc == IO_END) {
		conn_lost(t->conn, 0, e);
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
	free(t->cache_key);
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
		if (SSL_get_error(t->ssl, rc) == SSL_ERROR_SSL &&
			ERR_GET_REASON(ERR_peek_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING)
			return handshake_error(t, e);
		io = tls_result(t, rc, e);
		if (io == IO_END)
			return conn_lost(t->conn, 0, e);
		if (io == IO_FAILED)
			return false;
		if (!conn_await(t->conn, io, deadline, e))
			return false;
	}
}

/* $ssl_min_dh_prime_bits. */
static bool dh_is_big_enough(struct tls *t, struct err *e)
{
	EVP_PKEY *key = NULL;
	int bits;

	if (t->opts->min_dh_bits == 0 || SSL_get_peer_tmp_key(t->ssl, &key) != 1)
		return true;
	bits = EVP_PKEY_get_base_id(key) == EVP_PKEY_DH ? EVP_PKEY_get_bits(key) : INT_MAX;
	EVP_PKEY_free(key);
	return bits >= (int)MIN(t->opts->min_dh_bits, (unsigned)INT_MAX) ||
	       err_set(e, ERR_TLS,
		       "the Diffie-Hellman prime of the server has %d bits (see "
		       "$ssl_min_dh_prime_bits)",
		       bits);
}

bool tls_start(struct conn *c, const struct tls_opts *opts, struct tls_cert *cert, struct err *e)
{
	struct transport *io = conn_transport(c);
	struct tls *t = xcalloc(1, sizeof(*t));

	memset(cert, 0, sizeof(*cert));
	*t = (struct tls){
		.below = *io, .conn = c, .opts = opts, .cert = cert, .cache = opts->cache};
	if (!make_context(t, e) || !make_session(t, e) || !shake(t, e) || !dh_is_big_enough(t, e)) {
		/* What was offered may be what the server does not like. */
		if (t->cache)
			tls_cache_forget(t->cache);
		tls_free(t);
		return err_at(e, "TLS with %s", conn_peer(c));
	}
	note_session(t);
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
	conn_note(c, "%s, certificate %s%s", t->desc, cert->fingerprint,
		cert->resumed ? ", resumed" : "");
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
