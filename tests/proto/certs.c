#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/proto/certs.h"

struct certs {
	EVP_PKEY *key;
	X509 *ca;
	long serial;
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

struct certs *certs_new(void)
{
	struct certs *c = calloc(1, sizeof(*c));
	char name[64];

	c->serial = (long)(time(NULL) & 0xffffff) * 1000 + getpid() % 1000;
	c->key = EVP_EC_gen("P-256");
	snprintf(name, sizeof(name), "feist test authority %p", (void *)c);
	c->ca = start(c, c->key, name, -86400 * 30, 86400 * 30);
	X509_set_issuer_name(c->ca, X509_get_subject_name(c->ca));
	extension(c->ca, c->ca, NID_basic_constraints, "critical,CA:TRUE");
	extension(c->ca, c->ca, NID_key_usage, "critical,keyCertSign,cRLSign");
	if (!X509_sign(c->ca, c->key, EVP_sha256()))
		die("signing the authority");
	return c;
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

SSL_CTX *certs_server(struct certs *c, const struct cert_opts *o)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	long from = o->from_s || o->to_s ? o->from_s : -86400,
	     to = o->from_s || o->to_s ? o->to_s : 86400;
	X509 *x = start(c, key, o->cn ? o->cn : "test", from, to);

	X509_set_issuer_name(x, X509_get_subject_name(o->self_signed ? x : c->ca));
	extension(x, o->self_signed ? x : c->ca, NID_basic_constraints, "CA:FALSE");
	extension(x, o->self_signed ? x : c->ca, NID_ext_key_usage, o->eku ? o->eku : "serverAuth");
	if (o->names)
		extension(x, o->self_signed ? x : c->ca, NID_subject_alt_name, o->names);
	if (!X509_sign(x, o->self_signed ? key : c->key, EVP_sha256()))
		die("signing");
	if (!SSL_CTX_use_certificate(ctx, x) || !SSL_CTX_use_PrivateKey(ctx, key))
		die("using the certificate");
	X509_free(x);
	EVP_PKEY_free(key);
	return ctx;
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
