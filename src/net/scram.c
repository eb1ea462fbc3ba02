/*
 * SCRAM: three short messages, two proofs. Names as in RFC 5802 section 3.
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#ifdef HAVE_GSASL
#include <gsasl.h>
#endif

#include "base/mem.h"
#include "net/base64.h"
#include "net/scram.h"

#define NONCE_MAX 1024
#define BINDING_MAX 128

struct scram {
	const EVP_MD *md;
	size_t md_len;
	enum scram_binding binding;
	unsigned char binding_data[BINDING_MAX];
	size_t binding_len;
	char *user, *password; /* prepared */
	char nonce[64];
	char *first_bare; /* client-first-message-bare */
	unsigned char server_signature[EVP_MAX_MD_SIZE];
	int messages; /* of the server, so far */
	bool finished, binding_refused;
};

/* ---- preparing ---- */

char *scram_prepare(const char *text)
{
#ifdef HAVE_GSASL
	bool ascii = true;
	char *out = NULL;

	for (const char *p = text; *p; p++)
		ascii = ascii && *p >= ' ' && *p < 127;
	if (!ascii && gsasl_saslprep(text, GSASL_ALLOW_UNASSIGNED, &out, NULL) == GSASL_OK) {
		char *copy = xstrdup(out);

		mem_wipe(out, strlen(out));
		gsasl_free(out);
		return copy;
	}
#endif
	return xstrdup(text);
}

static void wipe_free(char *text)
{
	if (text)
		mem_wipe(text, strlen(text));
	free(text);
}

static const EVP_MD *md_of(enum scram_hash hash)
{
	return hash == SCRAM_SHA1 ? EVP_sha1() : hash == SCRAM_SHA256 ? EVP_sha256() : EVP_sha512();
}

static bool make_nonce(struct scram *s, const char *given)
{
	unsigned char raw[SCRAM_NONCE_LEN / 4 * 3];
	struct str b64;

	if (given) {
		snprintf(s->nonce, sizeof(s->nonce), "%s", given);
		return true;
	}
	if (RAND_bytes(raw, sizeof(raw)) != 1)
		return false;
	str_init(&b64, sizeof(s->nonce) - 1);
	if (base64_add(&b64, sv_make((char *)raw, sizeof(raw))))
		memcpy(s->nonce, b64.s, b64.len + 1);
	str_fini(&b64);
	return s->nonce[0] != '\0';
}

bool scram_new(const struct scram_opts *o, struct scram **out, struct err *e)
{
	struct scram *s = xcalloc(1, sizeof(*s));

	s->md = md_of(o->hash);
	s->md_len = (size_t)EVP_MD_get_size(s->md);
	s->binding = o->binding;
	if (o->binding >= SCRAM_TLS_EXPORTER) {
		s->binding_len = MIN(o->binding_data.len, sizeof(s->binding_data));
		memcpy(s->binding_data, o->binding_data.p, s->binding_len);
	}
	if (!make_nonce(s, o->nonce)) {
		free(s);
		return err_set(e, ERR_AUTH, "SCRAM: no random numbers to be had");
	}
	s->user = scram_prepare(o->user);
	s->password = scram_prepare(o->password);
	*out = s;
	return true;
}

void scram_free(struct scram *s)
{
	if (!s)
		return;
	wipe_free(s->user);
	wipe_free(s->password);
	free(s->first_bare);
	mem_wipe(s, sizeof(*s));
	free(s);
}

/* ---- client-first ---- */

/* A name with "=" and "," escaped (saslname). */
static bool add_name(struct str *out, const char *name)
{
	bool ok = true;

	for (const char *p = name; ok && *p; p++)
		ok = *p == '='   ? str_adds(out, "=3D")
		     : *p == ',' ? str_adds(out, "=2C")
				 : str_addc(out, *p);
	return ok;
}

static const char *gs2_header(const struct scram *s)
{
	switch (s->binding) {
	case SCRAM_BINDING_UNASKED:
		return "y,,";
	case SCRAM_TLS_EXPORTER:
		return "p=tls-exporter,,";
	case SCRAM_TLS_SERVER_END_POINT:
		return "p=tls-server-end-point,,";
	default:
		return "n,,";
	}
}

static bool too_long(struct err *e)
{
	return err_set(e, ERR_LIMIT, "the user name or password is too long");
}

bool scram_first(struct scram *s, struct str *out, struct err *e)
{
	struct str bare;
	bool ok;

	str_init(&bare, SCRAM_MESSAGE_MAX);
	ok = str_adds(&bare, "n=") && add_name(&bare, s->user) &&
	     str_addf(&bare, ",r=%s", s->nonce);
	if (ok) {
		free(s->first_bare);
		s->first_bare = xstrdup(bare.s);
		ok = str_adds(out, gs2_header(s)) && str_add(out, str_sv(&bare));
	}
	str_fini(&bare);
	return ok || too_long(e);
}

/* ---- server-first ---- */

/* The next "x=value"; the value may be empty. */
static bool field(struct sv *rest, char name, struct sv *value)
{
	struct sv f;

	if (!sv_split(rest, ',', &f) || f.len < 2 || f.p[0] != name || f.p[1] != '=')
		return false;
	*value = sv_from(f, 2);
	return true;
}

struct server_first {
	struct sv nonce;
	struct str salt;
	uint64_t rounds;
};

/*
 * "r=NONCE,s=SALT,i=ROUNDS" and extensions behind. "m=" in front is an extension that must be
 * understood: none is.
 */
static bool parse_first(struct scram *s, struct sv message, struct server_first *f, struct err *e)
{
	struct sv rest = message, salt, rounds;

	if (sv_starts(message, SV("m=")))
		return err_set(
			e, ERR_PROTO, "SCRAM: the server wants an extension that is not known");
	if (!field(&rest, 'r', &f->nonce) || !field(&rest, 's', &salt) ||
		!field(&rest, 'i', &rounds))
		return err_set(e, ERR_PROTO, "SCRAM: the server's first message is broken");
	if (f->nonce.len <= strlen(s->nonce) || f->nonce.len > NONCE_MAX ||
		!sv_starts(f->nonce, sv_of(s->nonce)))
		return err_set(e, ERR_PROTO, "SCRAM: the server does not use our nonce");
	for (size_t i = 0; i < f->nonce.len; i++)
		if (f->nonce.p[i] < '!' || f->nonce.p[i] > '~')
			return err_set(e, ERR_PROTO, "SCRAM: the server's nonce is not printable");
	if (!base64_decode(&f->salt, salt) || f->salt.len == 0)
		return err_set(e, ERR_PROTO, "SCRAM: the server's salt is not base64");
	if (!sv_u64(rounds, &f->rounds) || f->rounds < SCRAM_ROUNDS_MIN ||
		f->rounds > SCRAM_ROUNDS_MAX)
		return err_set(
			e, ERR_PROTO, "SCRAM: the server asks for an absurd number of rounds");
	return true;
}

/* ---- the proofs ---- */

static bool hmac(
	struct scram *s, const unsigned char *key, const char *text, size_t len, unsigned char *out)
{
	unsigned n = 0;

	return HMAC(s->md, key, (int)s->md_len, (const unsigned char *)text, len, out, &n) &&
	       n == s->md_len;
}

struct keys {
	unsigned char salted[EVP_MAX_MD_SIZE], client[EVP_MAX_MD_SIZE], stored[EVP_MAX_MD_SIZE],
		server[EVP_MAX_MD_SIZE], signature[EVP_MAX_MD_SIZE];
};

static bool derive(struct scram *s, const struct server_first *f, struct sv auth, struct keys *k)
{
	return PKCS5_PBKDF2_HMAC(s->password, (int)strlen(s->password),
		       (const unsigned char *)f->salt.s, (int)f->salt.len, (int)f->rounds, s->md,
		       (int)s->md_len, k->salted) == 1 &&
	       hmac(s, k->salted, "Client Key", 10, k->client) &&
	       EVP_Digest(k->client, s->md_len, k->stored, NULL, s->md, NULL) == 1 &&
	       hmac(s, k->stored, auth.p, auth.len, k->signature) &&
	       hmac(s, k->salted, "Server Key", 10, k->server) &&
	       hmac(s, k->server, auth.p, auth.len, s->server_signature);
}

/* c=base64(gs2-header binding-data) */
static bool add_binding(struct scram *s, struct str *out)
{
	struct str raw;
	bool ok;

	str_init(&raw, 64 + BINDING_MAX);
	ok = str_adds(&raw, gs2_header(s)) &&
	     str_add(&raw, sv_make((char *)s->binding_data, s->binding_len)) &&
	     str_adds(out, "c=") && base64_add(out, str_sv(&raw));
	str_fini(&raw);
	return ok;
}

static bool client_final(struct scram *s, const struct server_first *f, struct sv message,
	struct str *out, struct err *e)
{
	struct str auth;
	struct keys k;
	bool ok;

	str_init(&auth, 4 * SCRAM_MESSAGE_MAX);
	ok = add_binding(s, out) && str_addf(out, ",r=" SV_FMT, SV_ARG(f->nonce)) &&
	     str_addf(&auth, "%s," SV_FMT ",", s->first_bare, SV_ARG(message)) &&
	     str_add(&auth, str_sv(out));
	if (!ok) {
		too_long(e);
	} else if (!derive(s, f, str_sv(&auth), &k)) {
		ok = err_set(e, ERR_AUTH, "SCRAM: the hash function fails");
	} else {
		for (size_t i = 0; i < s->md_len; i++)
			k.client[i] ^= k.signature[i];
		ok = (str_adds(out, ",p=") &&
			     base64_add(out, sv_make((char *)k.client, s->md_len))) ||
		     too_long(e);
	}
	mem_wipe(&k, sizeof(k));
	str_fini(&auth);
	return ok;
}

static bool take_first(struct scram *s, struct sv message, struct str *out, struct err *e)
{
	struct server_first f = {0};
	bool ok;

	str_init(&f.salt, SCRAM_MESSAGE_MAX);
	ok = parse_first(s, message, &f, e) && client_final(s, &f, message, out, e);
	str_fini(&f.salt);
	return ok;
}

/* ---- server-final ---- */

static const char *words_for(struct sv error)
{
	static const struct {
		const char *code, *words;
	} rows[] = {
		{"invalid-proof", "the user name or password is wrong"},
		{"unknown-user", "the server does not know this user"},
		{"invalid-encoding", "the server does not understand us"},
		{"invalid-username-encoding", "the server does not understand the user name"},
		{"other-error", "the server has trouble of its own"},
		{"no-resources", "the server has trouble of its own"},
		{"channel-bindings-dont-match", "the server sees another TLS connection than ours: "
						"somebody stands between, or "
						"TLS ends at a machine in front of it"},
		{"server-does-support-channel-binding", "somebody took the mechanisms with channel "
							"binding out of the server's list"},
		{"channel-binding-not-supported", "the server knows no channel binding after all"},
		{"unsupported-channel-binding-type",
			"the server does not know this kind of channel binding"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (sv_is(error, rows[i].code))
			return rows[i].words;
	return NULL;
}

static bool told(struct scram *s, struct sv error, struct err *e)
{
	const char *words = words_for(error);

	s->binding_refused = sv_is(error, "unsupported-channel-binding-type");
	if (words)
		return err_set(e, ERR_AUTH, "SCRAM: %s", words);
	return err_set(e, ERR_AUTH, "SCRAM: the server says " SV_FMT, SV_ARG(sv_head(error, 100)));
}

static bool take_final(struct scram *s, struct sv message, struct err *e)
{
	struct sv rest = message, value, error = message;
	struct str raw;
	bool ok;

	if (field(&error, 'e', &value))
		return told(s, value, e);
	if (!field(&rest, 'v', &value))
		return err_set(e, ERR_PROTO, "SCRAM: the server's last message is broken");
	str_init(&raw, SCRAM_MESSAGE_MAX);
	ok = base64_decode(&raw, value) && raw.len == s->md_len &&
	     CRYPTO_memcmp(raw.s, s->server_signature, s->md_len) == 0;
	str_fini(&raw);
	s->finished = ok;
	return ok || err_set(e, ERR_PROTO, "SCRAM: the server does not know your password either");
}

bool scram_step(struct scram *s, struct sv message, struct str *out, struct err *e)
{
	struct sv error = message, value;

	if (message.len > SCRAM_MESSAGE_MAX || memchr(message.p, 0, message.len))
		return err_set(e, ERR_PROTO, "SCRAM: the server's message is broken");
	switch (s->messages++) {
	case 0:
		/* Not by the grammar, but some say at once what they do not like. */
		if (field(&error, 'e', &value))
			return told(s, value, e);
		return s->first_bare ? take_first(s, message, out, e)
				     : err_set(e, ERR_PROTO, "SCRAM: the server speaks too early");
	case 1:
		return take_final(s, message, e);
	default:
		return err_set(e, ERR_PROTO, "SCRAM: the server goes on after its end");
	}
}

bool scram_finished(const struct scram *s)
{
	return s->finished;
}

bool scram_binding_refused(const struct scram *s)
{
	return s->binding_refused;
}
