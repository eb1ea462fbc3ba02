#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/proto/certs.h"

#define DEPTH_MAX 120

struct certs {
	EVP_PKEY *key;
	X509 *ca;
	long serial;
	char name[64];
	char file[64];
};

static void die(const char *what)
{
	fprintf(stderr, "certs: %s failed\n", what);
	abort();
}

static void extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (!ext)
		die(value);
	X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
}

static X509 *start(struct certs *c, EVP_PKEY *key, const char *cn, long from_s, long to_s)
{
	X509 *x = X509_new();
	X509_NAME *name;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), ++c->serial);
	X509_gmtime_adj(X509_getm_notBefore(x), from_s);
	X509_gmtime_adj(X509_getm_notAfter(x), to_s);
	X509_set_pubkey(x, key);
	name = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	return x;
}

static struct certs *make_authority(const char *name)
{
	struct certs *c = calloc(1, sizeof(*c));

	c->serial = (long)(time(NULL) & 0xffffff) * 1000 + getpid() % 1000;
	c->key = EVP_EC_gen("P-256");
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->ca = start(c, c->key, name, -86400 * 30, 86400 * 30);
	X509_set_issuer_name(c->ca, X509_get_subject_name(c->ca));
	extension(c->ca, c->ca, NID_basic_constraints, "critical,CA:TRUE");
	extension(c->ca, c->ca, NID_key_usage, "critical,keyCertSign,cRLSign,digitalSignature");
	if (!X509_sign(c->ca, c->key, EVP_sha256()))
		die("signing the authority");
	return c;
}

struct certs *certs_new(void)
{
	static int number;
	char name[64];

	snprintf(name, sizeof(name), "feist test authority %d.%d", (int)getpid(), ++number);
	return make_authority(name);
}

struct certs *certs_twin(struct certs *c)
{
	return make_authority(c->name);
}

void certs_free(struct certs *c)
{
	if (c->file[0])
		unlink(c->file);
	X509_free(c->ca);
	EVP_PKEY_free(c->key);
	free(c);
}

static void write_pem(X509 *x, const char *file, const char *mode)
{
	FILE *f = fopen(file, mode);

	if (!f || !PEM_write_X509(f, x) || fclose(f))
		die(file);
}

const char *certs_ca_file(struct certs *c)
{
	if (!c->file[0]) {
		const char *dir = getenv("TMPDIR");
		int fd;

		snprintf(c->file, sizeof(c->file), "%.40s/feist-ca-XXXXXX", dir ? dir : "/tmp");
		fd = mkstemp(c->file);
		if (fd < 0)
			die("mkstemp");
		close(fd);
		write_pem(c->ca, c->file, "w");
	}
	return c->file;
}

/* ---- a server's certificate ---- */

static EVP_PKEY *new_key(int rsa_bits)
{
	static EVP_PKEY *kept[3]; /* RSA keys take long: one of each size does */
	int i = rsa_bits == 1024 ? 0 : rsa_bits == 2048 ? 1 : 2;

	if (!rsa_bits)
		return EVP_EC_gen("P-256");
	if (!kept[i])
		kept[i] = EVP_RSA_gen((unsigned)rsa_bits);
	if (!kept[i] || EVP_PKEY_get_bits(kept[i]) != rsa_bits || !EVP_PKEY_up_ref(kept[i]))
		die("an RSA key");
	return kept[i];
}

static void add_raw_name(X509 *x, const struct cert_opts *o)
{
	GENERAL_NAMES *names = o->names ? X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL) : NULL;
	GENERAL_NAME *n = GENERAL_NAME_new();
	ASN1_IA5STRING *v = ASN1_IA5STRING_new();

	if (!names)
		names = sk_GENERAL_NAME_new_null();
	ASN1_STRING_set(v, o->raw_dns, o->raw_len);
	GENERAL_NAME_set0_value(n, GEN_DNS, v);
	sk_GENERAL_NAME_push(names, n);
	X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, X509V3_ADD_REPLACE);
	GENERAL_NAMES_free(names);
}

static void add_critical(X509 *x, const char *oid)
{
	ASN1_OBJECT *obj = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *v = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext;

	ASN1_OCTET_STRING_set(v, (const unsigned char *)"\5\0", 2);
	ext = X509_EXTENSION_create_by_OBJ(NULL, obj, 1, v);
	X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(v);
	ASN1_OBJECT_free(obj);
}

static void sign(X509 *x, EVP_PKEY *key, const char *md)
{
	if (!X509_sign(x, key, EVP_get_digestbyname(md ? md : "sha256")))
		die("signing");
}

/* One authority below another. The one above is replaced in *above and *key. */
static X509 *between(
	struct certs *c, const struct cert_opts *o, int level, X509 *above, EVP_PKEY **key)
{
	bool dated = o->mid_from_s || o->mid_to_s;
	EVP_PKEY *own = new_key(o->mid_rsa_bits);
	char name[96];
	X509 *x;

	snprintf(name, sizeof(name), "%s below %d", c->name, level);
	x = start(c, own, name, dated ? o->mid_from_s : -86400, dated ? o->mid_to_s : 86400);
	X509_set_issuer_name(x, X509_get_subject_name(above));
	extension(x, above, NID_basic_constraints, o->mid_no_ca ? "CA:FALSE" : "critical,CA:TRUE");
	if (!o->mid_no_ca)
		extension(x, above, NID_key_usage, "critical,keyCertSign,cRLSign");
	if (o->mid_constraints && level == 0)
		extension(x, above, NID_name_constraints, o->mid_constraints);
	sign(x, *key, NULL);
	EVP_PKEY_free(*key);
	*key = own;
	return x;
}

static X509 *leaf(struct certs *c, const struct cert_opts *o, EVP_PKEY *own, X509 *above,
	EVP_PKEY *signer)
{
	bool dated = o->from_s || o->to_s;
	X509 *x = start(c, own, o->cn ? o->cn : "test", dated ? o->from_s : -86400,
		dated ? o->to_s : 86400);
	X509 *issuer = o->self_signed ? x : above;

	X509_set_issuer_name(x, X509_get_subject_name(issuer));
	extension(x, issuer, NID_basic_constraints, o->self_ca ? "critical,CA:TRUE" : "CA:FALSE");
	if (!o->eku || *o->eku)
		extension(x, issuer, NID_ext_key_usage, o->eku ? o->eku : "serverAuth");
	if (o->ku)
		extension(x, issuer, NID_key_usage, o->ku);
	if (o->names)
		extension(x, issuer, NID_subject_alt_name, o->names);
	if (o->raw_dns)
		add_raw_name(x, o);
	if (o->critical)
		add_critical(x, o->critical);
	sign(x, o->self_signed ? own : signer, o->md);
	if (o->broken) {
		const ASN1_BIT_STRING *sig;

		X509_get0_signature(&sig, NULL, x);
		((unsigned char *)(uintptr_t)sig->data)[sig->length - 1] ^= 1;
	}
	return x;
}

/* ---- the stapled answer ---- */

struct staple {
	unsigned char *der;
	int len;
};

static void free_staple(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long l, void *p)
{
	struct staple *s = ptr;

	(void)parent;
	(void)ad;
	(void)idx;
	(void)l;
	(void)p;
	if (s)
		OPENSSL_free(s->der);
	free(s);
}

static int staple_index(void)
{
	static int index = -1;

	if (index < 0)
		index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_staple);
	return index;
}

static int give_staple(SSL *ssl, void *arg)
{
	struct staple *s = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), staple_index());

	(void)arg;
	if (!s)
		return SSL_TLSEXT_ERR_NOACK;
	SSL_set_tlsext_status_ocsp_resp(ssl, OPENSSL_memdup(s->der, (size_t)s->len), s->len);
	return SSL_TLSEXT_ERR_OK;
}

static void add_staple(SSL_CTX *ctx, const struct cert_opts *o, X509 *x, X509 *issuer, EVP_PKEY *key)
{
	bool revoked = o->staple != STAPLE_GOOD, old = o->staple == STAPLE_OLD_REVOKED;
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	ASN1_TIME *from = X509_gmtime_adj(NULL, old ? -86400 * 9 : -60);
	ASN1_TIME *until = X509_gmtime_adj(NULL, old ? -86400 * 8 : 3600);
	ASN1_TIME *when = X509_gmtime_adj(NULL, -86400 * 9);
	struct staple *s = calloc(1, sizeof(*s));
	EVP_MD_CTX *mctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;
	OCSP_CERTID *id = OCSP_cert_to_id(NULL, x, issuer);
	OCSP_RESPONSE *r;

	if (!OCSP_basic_add1_status(basic, id,
		    revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD, 0,
		    revoked ? when : NULL, from, until) ||
		!EVP_DigestSignInit(mctx, &pctx, EVP_sha256(), NULL, key) ||
		!OCSP_basic_sign_ctx(basic, issuer, mctx, NULL, 0))
		die("an OCSP answer");
	if (o->staple == STAPLE_FORGED) {
		const ASN1_OCTET_STRING *sig = OCSP_resp_get0_signature(basic);

		((unsigned char *)(uintptr_t)sig->data)[sig->length - 1] ^= 1;
	}
	r = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	s->len = i2d_OCSP_RESPONSE(r, &s->der);
	SSL_CTX_set_ex_data(ctx, staple_index(), s);
	SSL_CTX_set_tlsext_status_cb(ctx, give_staple);
	OCSP_CERTID_free(id);
	OCSP_RESPONSE_free(r);
	OCSP_BASICRESP_free(basic);
	EVP_MD_CTX_free(mctx);
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	ASN1_TIME_free(when);
}

SSL_CTX *certs_server(struct certs *c, const struct cert_opts *o)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = new_key(o->rsa_bits), *signer = c->key;
	X509 *chain[DEPTH_MAX], *above = c->ca, *x;

	SSL_CTX_set_security_level(ctx, 0); /* some are weak on purpose */
	EVP_PKEY_up_ref(signer);
	for (int i = 0; i < o->depth && i < DEPTH_MAX; i++)
		above = chain[i] = between(c, o, i, above, &signer);
	x = leaf(c, o, key, above, signer);
	if (!SSL_CTX_use_certificate(ctx, x) || !SSL_CTX_use_PrivateKey(ctx, key))
		die("using the certificate");
	if (o->staple)
		add_staple(ctx, o, x, above, signer);
	for (int i = o->depth; i-- > 0;) {
		if (!o->keep_back && !SSL_CTX_add1_chain_cert(ctx, chain[i]))
			die("the chain");
		X509_free(chain[i]);
	}
	X509_free(x);
	EVP_PKEY_free(key);
	EVP_PKEY_free(signer);
	return ctx;
}

void certs_revoke(struct certs *c, SSL_CTX *ctx)
{
	X509_CRL *crl = X509_CRL_new();
	X509_REVOKED *r = X509_REVOKED_new();
	ASN1_TIME *from = X509_gmtime_adj(NULL, -3600), *until = X509_gmtime_adj(NULL, 86400);
	FILE *f;

	X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(c->ca));
	X509_CRL_set1_lastUpdate(crl, from);
	X509_CRL_set1_nextUpdate(crl, until);
	X509_REVOKED_set_serialNumber(r, X509_get_serialNumber(SSL_CTX_get0_certificate(ctx)));
	X509_REVOKED_set_revocationDate(r, from);
	X509_CRL_add0_revoked(crl, r);
	X509_CRL_sort(crl);
	if (!X509_CRL_sign(crl, c->key, EVP_sha256()))
		die("signing a revocation list");
	f = fopen(certs_ca_file(c), "a");
	if (!f || !PEM_write_X509_CRL(f, crl) || fclose(f))
		die("writing a revocation list");
	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	X509_CRL_free(crl);
}

void certs_client_file(struct certs *c, const char *file, const char *pass)
{
	struct cert_opts o = {.eku = "clientAuth", .cn = "joe"};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = leaf(c, &o, key, c->ca, c->key);
	FILE *f = fopen(file, "w");

	if (!f || !PEM_write_X509(f, x) ||
		!PEM_write_PrivateKey(f, key, pass ? EVP_aes_128_cbc() : NULL,
			(const unsigned char *)pass, pass ? (int)strlen(pass) : 0, NULL, NULL) ||
		fclose(f))
		die(file);
	X509_free(x);
	EVP_PKEY_free(key);
}

void certs_want_client(struct certs *c, SSL_CTX *ctx)
{
	static const unsigned char id[] = "feist";

	X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), c->ca);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_session_id_context(ctx, id, sizeof(id) - 1);
}

void certs_key_hash(SSL_CTX *ctx, unsigned char out[32])
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(SSL_CTX_get0_certificate(ctx)), &der);

	EVP_Digest(der, (size_t)len, out, NULL, EVP_sha256(), NULL);
	OPENSSL_free(der);
}

void certs_fingerprint(SSL_CTX *ctx, char out[65])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n;

	X509_digest(SSL_CTX_get0_certificate(ctx), EVP_sha256(), md, &n);
	for (unsigned i = 0; i < 32; i++)
		snprintf(out + 2 * i, 3, "%02x", md[i]);
}

void certs_append_pem(SSL_CTX *ctx, const char *file)
{
	write_pem(SSL_CTX_get0_certificate(ctx), file, "a");
}
