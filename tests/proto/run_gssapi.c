/*
 * Exchanges of GSSAPI (RFC 4752) with a server that is right, wrong or broken. Its tokens are real: they
 * come from the system's Kerberos library (loaded by name, so that it need not be there to build), with
 * the ticket and the keytab of the environment (KRB5CCNAME, KRB5_KTNAME, KRB5_CONFIG): kerberos.test in
 * tests/e2e makes a realm and runs this.
 *
 * A row says what becomes of the server's two messages: the token that proves who it is, and the wrapped
 * list of layers. Besides the verdict: what the client says last asks for no layer and names the user.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/sasl.h"

/* ---- the library, as far as an acceptor needs it (RFC 2744) ---- */

struct gss_buffer {
	size_t length;
	void *value;
};
#define GSS_CONTINUE 1u
#define GSS_IS_ERROR(major) ((major) & 0xffff0000u)

static struct {
	uint32_t (*accept)(uint32_t *minor, void **ctx, void *cred, struct gss_buffer *in, void *bindings, void **src,
		void **mech, struct gss_buffer *out, uint32_t *flags, uint32_t *time, void **delegated);
	uint32_t (*wrap)(uint32_t *minor, void *ctx, int conf, unsigned qop, struct gss_buffer *in, int *conf_state,
		struct gss_buffer *out);
	uint32_t (*unwrap)(uint32_t *minor, void *ctx, struct gss_buffer *in, struct gss_buffer *out, int *conf_state,
		unsigned *qop);
	uint32_t (*delete)(uint32_t *minor, void **ctx, struct gss_buffer *out);
	uint32_t (*release)(uint32_t *minor, struct gss_buffer *);
} gss;

static bool load(void)
{
	void *lib = dlopen("libgssapi_krb5.so.2", RTLD_NOW);

	if (!lib)
		return false;
	*(void **)&gss.accept = dlsym(lib, "gss_accept_sec_context");
	*(void **)&gss.wrap = dlsym(lib, "gss_wrap");
	*(void **)&gss.unwrap = dlsym(lib, "gss_unwrap");
	*(void **)&gss.delete = dlsym(lib, "gss_delete_sec_context");
	*(void **)&gss.release = dlsym(lib, "gss_release_buffer");
	return gss.accept && gss.wrap && gss.unwrap && gss.delete && gss.release;
}

/* ---- the rows ---- */

enum change {
	RIGHT,
	CUT,    /* at `at`, from the end when negative */
	FLIP,   /* a bit of the byte there */
	TWICE,
	LONGER, /* by that many zero bytes */
	EMPTY,
	NOISE,
	ECHO,   /* what the client said */
	TEXT,   /* no base64 */
	OTHER,  /* the token of another context */
	FIRST,  /* the first message once more */
	BARE,   /* the layers, not wrapped */
	LAYERS, /* the bytes of `bytes`, `at` of them, wrapped */
	SECRET, /* the same, encrypted */
	OK,     /* the server says yes in its place */
	NO,
};

enum verdict { IN, BROKEN, REFUSED };
static const char *const verdict_names[] = {"in", "broken off", "refused"};

struct row {
	const char *name;
	struct {
		enum change change;
		int at;
		const char *bytes;
	} say[3];
	enum verdict want;
};

#define NONE_ONLY {LAYERS, 4, "\1\0\0\0"}

static const struct row rows[] = {
	{"right", {{RIGHT}, {RIGHT}, {OK}}, IN},
	{"only no layer", {{RIGHT}, NONE_ONLY, {OK}}, IN},
	{"no layer or integrity", {{RIGHT}, {LAYERS, 4, "\3\0\20\0"}, {OK}}, IN},
	{"all layers, big buffers", {{RIGHT}, {LAYERS, 4, "\7\377\377\377"}, {OK}}, IN},
	{"the layers are encrypted, too", {{RIGHT}, {SECRET, 4, "\1\0\0\0"}, {OK}}, IN},
	{"unknown layers beside none", {{RIGHT}, {LAYERS, 4, "\371\0\20\0"}, {OK}}, IN},

	{"yes before anything", {{OK}}, BROKEN},
	{"yes after its token", {{RIGHT}, {OK}}, BROKEN},
	{"no at once", {{NO}}, REFUSED},
	{"no after its token", {{RIGHT}, {NO}}, REFUSED},
	{"no after the layers", {{RIGHT}, {RIGHT}, {NO}}, REFUSED},

	{"token: empty", {{EMPTY}}, BROKEN},
	{"token: cut to 1", {{CUT, 1}}, BROKEN},
	{"token: cut to 2", {{CUT, 2}}, BROKEN},
	{"token: cut to 10", {{CUT, 10}}, BROKEN},
	{"token: cut to 17", {{CUT, 17}}, BROKEN},
	{"token: cut to 40", {{CUT, 40}}, BROKEN},
	{"token: its end is missing", {{CUT, -1}}, BROKEN},
	{"token: 16 bytes are missing", {{CUT, -16}}, BROKEN},
	{"token: tag", {{FLIP, 0}}, BROKEN},
	{"token: length", {{FLIP, 1}}, BROKEN},
	{"token: mechanism", {{FLIP, 8}}, BROKEN},
	{"token: kind", {{FLIP, 16}}, BROKEN},
	{"token: in the middle", {{FLIP, 60}}, BROKEN},
	{"token: last bit", {{FLIP, -1}}, BROKEN},
	{"token: near its end", {{FLIP, -20}}, BROKEN},
	{"token: twice", {{TWICE}}, BROKEN},
	{"token: noise", {{NOISE}}, BROKEN},
	{"token: ours", {{ECHO}}, BROKEN},
	{"token: no base64", {{TEXT}}, BROKEN},
	{"token: of another context", {{OTHER}}, BROKEN},

	{"layers: none", {{RIGHT}, {LAYERS, 4, "\0\0\0\0"}}, BROKEN},
	{"layers: only integrity", {{RIGHT}, {LAYERS, 4, "\2\0\20\0"}}, BROKEN},
	{"layers: only confidentiality", {{RIGHT}, {LAYERS, 4, "\4\0\20\0"}}, BROKEN},
	{"layers: both, but not none", {{RIGHT}, {LAYERS, 4, "\6\0\20\0"}}, BROKEN},
	{"layers: no byte", {{RIGHT}, {LAYERS, 0, ""}}, BROKEN},
	{"layers: 1 byte", {{RIGHT}, {LAYERS, 1, "\1"}}, BROKEN},
	{"layers: 3 bytes", {{RIGHT}, {LAYERS, 3, "\1\0\0"}}, BROKEN},
	{"layers: 5 bytes", {{RIGHT}, {LAYERS, 5, "\1\0\0\0\0"}}, BROKEN},
	{"layers: many bytes", {{RIGHT}, {LAYERS, 60, "\1\0\0\0xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}}, BROKEN},
	{"layers: not wrapped", {{RIGHT}, {BARE, 4, "\1\0\0\0"}}, BROKEN},
	{"layers: empty", {{RIGHT}, {EMPTY}}, BROKEN},
	{"layers: cut", {{RIGHT}, {CUT, -1}}, BROKEN},
	{"layers: cut to 15", {{RIGHT}, {CUT, 15}}, BROKEN},
	{"layers: token id", {{RIGHT}, {FLIP, 0}}, BROKEN},
	{"layers: direction", {{RIGHT}, {FLIP, 2}}, BROKEN},
	{"layers: number", {{RIGHT}, {FLIP, 15}}, BROKEN},
	{"layers: what is said", {{RIGHT}, {FLIP, 16}}, BROKEN},
	{"layers: checksum", {{RIGHT}, {FLIP, -1}}, BROKEN},
	{"layers: longer", {{RIGHT}, {LONGER, 4}}, BROKEN},
	{"layers: noise", {{RIGHT}, {NOISE}}, BROKEN},
	{"layers: the first token again", {{RIGHT}, {FIRST}}, BROKEN},
	{"layers: ours", {{RIGHT}, {ECHO}}, BROKEN},
	{"layers: no base64", {{RIGHT}, {TEXT}}, BROKEN},
	{"layers: of another context", {{RIGHT}, {OTHER}}, BROKEN},
	{"more after the layers", {{RIGHT}, {RIGHT}, {NOISE}}, BROKEN},
	{"the layers again", {{RIGHT}, {RIGHT}, {FIRST}}, BROKEN},
};

/* ---- the run ---- */

struct play {
	const char *host;
	struct sasl *x;
	void *ctx;
	struct str heard;  /* the client's last message, raw */
	struct str honest; /* what a right server would say now */
	struct str first;  /* and said first */
};

static void set_buffer(struct str *to, struct gss_buffer *from)
{
	uint32_t minor;

	str_clear(to);
	if (!str_add(to, sv_make(from->length ? from->value : "", from->length)))
		bug("a token without end");
	gss.release(&minor, from);
}

static void hear(struct play *p, struct sv base64)
{
	str_clear(&p->heard);
	if (!sv_is(base64, "=") && !base64_decode(&p->heard, base64))
		bug("the client says no base64");
}

/* Takes the client's first token; *honest is the answer. */
static bool accept_client(void **ctx, struct sv token, struct str *honest)
{
	struct gss_buffer in = {token.len, (void *)(uintptr_t)token.p}, out = {0};
	uint32_t minor, major;

	major = gss.accept(&minor, ctx, NULL, &in, NULL, NULL, NULL, &out, NULL, NULL, NULL);
	set_buffer(honest, &out);
	return !GSS_IS_ERROR(major);
}

static bool wrap(void *ctx, struct sv bytes, bool secret, struct str *out)
{
	struct gss_buffer in = {bytes.len, (void *)(uintptr_t)bytes.p}, wrapped = {0};
	uint32_t minor;
	int state;

	if (GSS_IS_ERROR(gss.wrap(&minor, ctx, secret, 0, &in, &state, &wrapped)))
		return false;
	set_buffer(out, &wrapped);
	return true;
}

static bool start(const char *host, struct sasl **x, struct sv *first)
{
	static struct conn *c;
	static int fds[2];
	struct server s = {.service = "imap", .host = host, .port = 143, .user = "alice", .authenticators = "gssapi",
		.wake = WAKE_NONE};
	static struct server kept; /* lent to the sasl */
	struct sasl_tries tries = {0};
	struct err e = {0};

	if (!c && socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0)
		c = conn_new(fds[0], "test");
	kept = s;
	if (sasl_new(&kept, c, SV("GSSAPI"), &tries, x, &e) && sasl_first(*x, first, &e))
		return true;
	fprintf(stderr, "no exchange: %s\n", e.text);
	return false;
}

/* The same message of a server that has talked to somebody else. */
static bool of_another(struct play *p, int round, struct str *out)
{
	struct str token, honest;
	struct sv first;
	struct sasl *x;
	void *ctx = NULL;
	uint32_t minor;
	bool ok;

	if (!start(p->host, &x, &first))
		return false;
	str_init(&token, 1u << 20);
	str_init(&honest, 1u << 20);
	ok = base64_decode(&token, first) && accept_client(&ctx, str_sv(&token), &honest);
	str_clear(out);
	ok = ok && (round == 0 ? str_add(out, str_sv(&honest)) : wrap(ctx, SV("\1\0\0\0"), false, out));
	gss.delete(&minor, &ctx, NULL);
	str_fini(&token);
	str_fini(&honest);
	sasl_free(x);
	return ok;
}

static size_t place(const struct str *s, int at)
{
	size_t n = at < 0 ? s->len - MIN((size_t)-at, s->len) : (size_t)at;

	return MIN(n, s->len ? s->len - 1 : 0);
}

/* What this server says in the place of what it should. */
static bool change(struct play *p, const struct row *r, int round, struct str *out)
{
	enum change how = r->say[round].change;
	int at = r->say[round].at;
	const char *bytes = r->say[round].bytes;

	str_clear(out);
	if (how == LAYERS || how == SECRET)
		return wrap(p->ctx, sv_make(bytes, (size_t)at), how == SECRET, out);
	if (how == OTHER)
		return of_another(p, round, out);
	if (how == BARE)
		return str_add(out, sv_make(bytes, (size_t)at));
	if (how == ECHO)
		return str_add(out, str_sv(&p->heard));
	if (how == FIRST)
		return str_add(out, str_sv(&p->first));
	if (how == NOISE)
		return str_adds(out, "\1\2\3 noise \376\377");
	if (how == EMPTY)
		return true;
	if (!str_add(out, str_sv(&p->honest)) || (how == TWICE && !str_add(out, str_sv(&p->honest))))
		return false;
	if (how == CUT)
		str_cut(out, place(out, at));
	else if (how == FLIP)
		out->s[place(out, at)] ^= 1;
	for (int i = 0; how == LONGER && i < at; i++)
		if (!str_addc(out, '\0'))
			return false;
	return true;
}

/*
 * RFC 4752 section 3.1: the layer that is chosen, the size of our buffer, who we want to be. The size
 * should be 0 without a layer; libgsasl says again what the server said, and no server minds.
 */
static bool last_word_is_right(struct play *p)
{
	struct gss_buffer in = {p->heard.len, p->heard.s}, out = {0};
	uint32_t minor;
	struct str said;
	unsigned qop;
	int state;
	bool ok;

	if (GSS_IS_ERROR(gss.unwrap(&minor, p->ctx, &in, &out, &state, &qop)))
		return false;
	str_init(&said, 1000);
	set_buffer(&said, &out);
	ok = said.len >= 4 && said.s[0] == 1 && sv_is(sv_from(str_sv(&said), 4), "alice");
	str_fini(&said);
	return ok;
}

static enum verdict play(struct play *p, const struct row *r, const char **trouble)
{
	struct err e = {0};
	struct sv text;

	if (!start(p->host, &p->x, &text)) {
		*trouble = "the exchange does not begin";
		return BROKEN;
	}
	hear(p, text);
	if (!accept_client(&p->ctx, str_sv(&p->heard), &p->honest))
		*trouble = "the server does not like our token";
	(void)str_add(&p->first, str_sv(&p->honest));
	for (int round = 0; round < 3 && !*trouble; round++) {
		struct str said, b64;
		bool ok;

		if (r->say[round].change == NO)
			return REFUSED;
		if (r->say[round].change == OK) {
			if (sasl_finish(p->x, SV(""), &e) && !last_word_is_right(p))
				*trouble = "the client's last message";
			return e.class == ERR_NONE ? IN : BROKEN;
		}
		str_init(&said, 1u << 20);
		str_init(&b64, 2u << 20);
		if (!change(p, r, round, &said))
			*trouble = "the server cannot say that";
		ok = r->say[round].change == TEXT ? str_adds(&b64, "this is !!") : base64_add(&b64, str_sv(&said));
		ok = ok && !*trouble && sasl_step(p->x, str_sv(&b64), &text, &e);
		str_fini(&said);
		str_fini(&b64);
		if (!ok)
			return BROKEN;
		/* A proven server goes on with its layers. */
		if (round == 0 && !wrap(p->ctx, SV("\1\0\0\0"), false, &p->honest))
			*trouble = "wrapping";
		hear(p, text);
	}
	if (!*trouble)
		*trouble = "the row does not end";
	return BROKEN;
}

static bool run_one(const char *host, const struct row *r)
{
	struct play p = {.host = host};
	const char *trouble = NULL;
	enum verdict got;
	uint32_t minor;

	str_init(&p.heard, 1u << 20);
	str_init(&p.honest, 1u << 20);
	str_init(&p.first, 1u << 20);
	got = play(&p, r, &trouble);
	if (trouble || got != r->want)
		printf("FAILED: %s: %s%s%s, want %s\n", r->name, verdict_names[got], trouble ? ": " : "",
			trouble ? trouble : "", verdict_names[r->want]);
	if (p.ctx)
		gss.delete(&minor, &p.ctx, NULL);
	str_fini(&p.heard);
	str_fini(&p.honest);
	str_fini(&p.first);
	sasl_free(p.x);
	return !trouble && got == r->want;
}

int main(int argc, char **argv)
{
	const char *host = argc > 1 ? argv[1] : "localhost";
	size_t good = 0;

	if (!getenv("KRB5_KTNAME") || !load()) {
		printf("no Kerberos library or no realm: skipped (run tests/e2e/kerberos.test)\n");
		return 77;
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		good += run_one(host, &rows[i]);
	printf("GSSAPI: %zu of %zu exchanges as they should be\n", good, ARRAY_LEN(rows));
	return good == ARRAY_LEN(rows) ? 0 : 1;
}
