/*
 * Exchanges of every mechanism from a table: right, wrong and broken servers. What a server says is
 * written as it is meant: "+text" a challenge (base64 is made here), "=text" a challenge as it stands,
 * "OK" and "OK text" success, "NO" refusal. In texts of SCRAM %n is the client's nonce, %v the right
 * server-final message.
 *
 * Besides the verdict: a mechanism that hides the password does so, and after a failure no further
 * challenge is answered.
 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/dial.h"
#include "net/sasl.h"
#include "net/scram.h"
#include "tests/proto/certs.h"
#include "tests/proto/peer.h"
#include "tests/unit/t.h"

enum verdict {
	IN,
	PROTO,   /* the exchange broke off: the server's fault */
	AUTH,    /* ... the server gave its reason */
	NET,     /* ... and the next connection may do better */
	REFUSED, /* the server said no */
	AGAIN,   /* ... and another mechanism may do */
	NONE,    /* not even begun */
};

static const char *const verdict_names[] = {
	"in", "proto", "auth", "net", "refused", "refused, another may do", "not begun"};

struct row {
	const char *name;
	const char *say[6];
	enum verdict want;
};

#define FIRST "+r=%nSERVER,s=QSXCR+Q6sek8bf92,i=4096"
#define LONG64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct row scram_rows[] = {
	{"right", {FIRST, "+%v", "OK"}, IN},
	{"right, the end comes with the yes", {FIRST, "OK %v"}, IN},
	{"extensions behind", {FIRST ",x=1,y=2", "+%v", "OK"}, IN},
	{"extensions behind the end", {FIRST, "+%v,x=1", "OK"}, IN},
	{"many rounds", {"+r=%nSERVER,s=QSXCR+Q6sek8bf92,i=20000", "+%v", "OK"}, IN},
	{"1000 rounds", {"+r=%nSERVER,s=QSXCR+Q6sek8bf92,i=1000", "+%v", "OK"}, IN},
	{"short salt", {"+r=%nSERVER,s=QQ==,i=4096", "+%v", "OK"}, IN},
	{"refused at once", {"NO"}, AGAIN},
	{"refused after the proof", {FIRST, "NO"}, REFUSED},
	{"refused after its own proof", {FIRST, "+%v", "NO"}, REFUSED},
	{"yes before anything", {"OK"}, PROTO},
	{"yes before its proof", {FIRST, "OK"}, PROTO},
	{"wrong proof", {FIRST, "+v=rmF9pqV8S7suAoZWja4dJRkFsKQ="}, PROTO},
	{"wrong proof with the yes", {FIRST, "OK v=rmF9pqV8S7suAoZWja4dJRkFsKQ="}, PROTO},
	{"empty proof", {FIRST, "+v="}, PROTO},
	{"proof is not base64", {FIRST, "+v=!!!!"}, PROTO},
	{"proof without its letter", {FIRST, "+rmF9pqV8S7suAoZWja4dJRkFsKQ="}, PROTO},
	{"empty end", {FIRST, "+"}, PROTO},
	{"end in clear words", {FIRST, "OK 2.7.0 welcome"}, PROTO},
	{"server-first again", {FIRST, FIRST}, PROTO},
	{"more after the end", {FIRST, "+%v", "+%v"}, PROTO},
	{"nothing after the end", {FIRST, "+%v", "+", "OK"}, PROTO},
	{"empty first", {"+"}, PROTO},
	{"empty first, as a sign", {"=="}, PROTO},
	{"not base64", {"=this is !!"}, PROTO},
	{"cut base64", {"=cj1h"  "Y"}, PROTO},
	{"nonce is not ours", {"+r=abcdef,s=QSXCR+Q6sek8bf92,i=4096"}, PROTO},
	{"nonce is only ours", {"+r=%n,s=QSXCR+Q6sek8bf92,i=4096"}, PROTO},
	{"nonce is part of ours", {"+r=%,s=QSXCR+Q6sek8bf92,i=4096"}, PROTO},
	{"ours behind theirs", {"+r=SERVER%n,s=QSXCR+Q6sek8bf92,i=4096"}, PROTO},
	{"no nonce", {"+s=QSXCR+Q6sek8bf92,i=4096"}, PROTO},
	{"blank in the nonce", {"+r=%n SERVER,s=QSXCR+Q6sek8bf92,i=4096"}, PROTO},
	{"no salt", {"+r=%nSERVER,i=4096"}, PROTO},
	{"empty salt", {"+r=%nSERVER,s=,i=4096"}, PROTO},
	{"salt is not base64", {"+r=%nSERVER,s=!,i=4096"}, PROTO},
	{"no rounds", {"+r=%nSERVER,s=QSXCR+Q6sek8bf92"}, PROTO},
	{"empty rounds", {"+r=%nSERVER,s=QSXCR+Q6sek8bf92,i="}, PROTO},
	{"0 rounds", {"+r=%nSERVER,s=QSXCR+Q6sek8bf92,i=0"}, PROTO},
	{"1 round", {"+r=%nSERVER,s=QSXCR+Q6sek8bf92,i=1"}, PROTO},
	{"-1 rounds", {"+r=%nSERVER,s=QSXCR+Q6sek8bf92,i=-1"}, PROTO},
	{"2^31 rounds", {"+r=%nSERVER,s=QSXCR+Q6sek8bf92,i=2147483648"}, PROTO},
	{"2^64 rounds", {"+r=%nSERVER,s=QSXCR+Q6sek8bf92,i=18446744073709551616"}, PROTO},
	{"rounds with a letter", {"+r=%nSERVER,s=QSXCR+Q6sek8bf92,i=4096x"}, PROTO},
	{"wrong order", {"+s=QSXCR+Q6sek8bf92,r=%nSERVER,i=4096"}, PROTO},
	{"extension that must be known", {"+m=x,r=%nSERVER,s=QSXCR+Q6sek8bf92,i=4096"}, PROTO},
	{"noise", {"+\001\002\003\377\376"}, PROTO},
	{"says why: wrong proof", {FIRST, "+e=invalid-proof"}, AUTH},
	{"says why: unknown user", {"+e=unknown-user"}, AUTH},
	{"says why: other binding", {FIRST, "+e=channel-bindings-dont-match"}, AUTH},
	{"says why: downgraded", {FIRST, "+e=server-does-support-channel-binding"}, AUTH},
	{"says why: in words of its own", {FIRST, "+e=%s%n{}"}, AUTH},
};

static const struct row plain_rows[] = {
	{"right", {"OK"}, IN},
	{"right, with words", {"OK welcome"}, IN},
	{"refused", {"NO"}, REFUSED},
	{"asks for more", {"+more"}, PROTO},
	{"asks for nothing more", {"+"}, PROTO},
	{"asks for more in no base64", {"=?!"}, PROTO},
	{"asks for more, empty sign", {"=="}, PROTO},
	{"noise", {"+\001\377"}, PROTO},
	{"a long challenge", {"+" LONG64 LONG64 LONG64 LONG64}, PROTO},
	{"cut base64", {"=YWJ"}, PROTO},
};

static const struct row login_rows[] = {
	{"right", {"+Username:", "+Password:", "OK"}, IN},
	{"other words", {"+User Name\0", "+Passwort bitte", "OK"}, IN},
	{"no words", {"+", "+", "OK"}, IN},
	{"no words, as a sign", {"==", "==", "OK"}, IN},
	{"refused at once", {"NO"}, REFUSED},
	{"refused after the user", {"+Username:", "NO"}, REFUSED},
	{"refused after the password", {"+Username:", "+Password:", "NO"}, REFUSED},
	{"yes before anything", {"OK"}, PROTO},
	{"asks for a third", {"+Username:", "+Password:", "+Token:"}, PROTO},
	{"asks in no base64", {"=Username:"}, PROTO},
	{"asks second in no base64", {"+Username:", "=Password:"}, PROTO},
	{"noise", {"+\001\377", "+\376", "OK"}, IN},
};

static const struct row cram_rows[] = {
	{"right", {"+<1896.697170952@postoffice.reston.mci.net>", "OK"}, IN},
	{"any challenge", {"+x", "OK"}, IN},
	{"bytes", {"+\001\377\200", "OK"}, IN},
	{"long", {"+<" LONG64 LONG64 LONG64 LONG64 LONG64 ">", "OK"}, IN},
	{"refused at once", {"NO"}, REFUSED},
	{"refused", {"+<1@a>", "NO"}, REFUSED},
	{"yes before anything", {"OK"}, PROTO},
	{"empty", {"+"}, PROTO},
	{"empty, as a sign", {"=="}, PROTO},
	{"no base64", {"=<1@a>"}, PROTO},
	{"second challenge", {"+<1@a>", "+<2@a>"}, PROTO},
	{"second empty challenge", {"+<1@a>", "+"}, PROTO},
};

static const struct row token_rows[] = {
	{"right", {"OK"}, IN},
	{"right, with words", {"OK welcome"}, IN},
	{"refused", {"NO"}, REFUSED},
	{"refused with a reason", {"+{\"status\":\"401\",\"schemes\":\"bearer\",\"scope\":\"mail\"}", "NO"}, REFUSED},
	{"refused with an empty reason", {"+", "NO"}, REFUSED},
	{"reason is no JSON", {"+go away\033[2J", "NO"}, REFUSED},
	{"reason is long", {"+" LONG64 LONG64 LONG64 LONG64 LONG64 LONG64, "NO"}, REFUSED},
	{"no and yes", {"+{\"status\":\"401\"}", "OK"}, PROTO},
	{"two reasons", {"+{\"status\":\"401\"}", "+{\"status\":\"402\"}"}, PROTO},
	{"no base64", {"={\"status\":\"401\"}"}, PROTO},
};

static const struct row silent_rows[] = { /* EXTERNAL, ANONYMOUS */
	{"right", {"OK"}, IN},
	{"refused", {"NO"}, REFUSED},
	{"asks for more", {"+more"}, PROTO},
	{"asks for nothing more", {"+"}, PROTO},
	{"no base64", {"=?"}, PROTO},
	{"noise", {"+\377"}, PROTO},
	{"long", {"+" LONG64 LONG64 LONG64 LONG64}, PROTO},
	{"cut base64", {"=YWJ"}, PROTO},
};

/* Who signs in: lengths about the block sizes of hashes, and what must be escaped or prepared. */
static const struct who {
	const char *user, *pass;
} whos[] = {
	{"user", "hunter2canary"},
	{"kai@example.org", LONG64 "hunter2canary"},
	{"a=b,c", "hunter2canary=,"},
	{"m\303\274ller", "p\303\244ss hunter2canary"},
	{"u", LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 LONG64 "hunter2canary"},
};

/* ---- the server's side of SCRAM ---- */

struct play {
	const struct who *who;
	const char *mech;
	struct sasl *x;
	struct str heard;       /* all that was answered, decoded */
	char *first_bare, *server_first, *final_bare;
	char nonce[200];
};

static const EVP_MD *md_of(const char *mech)
{
	return strstr(mech, "512") ? EVP_sha512() : strstr(mech, "256") ? EVP_sha256() : EVP_sha1();
}

static struct sv field_of(const char *message, char name)
{
	struct sv rest = sv_of(message), f;

	while (sv_split(&rest, ',', &f))
		if (f.len >= 2 && f.p[0] == name && f.p[1] == '=')
			return sv_from(f, 2);
	return SV("");
}

/* "v=..." for what was said so far. */
static void add_right_end(struct play *p, struct str *out)
{
	const EVP_MD *md = md_of(p->mech);
	unsigned char salted[64], key[64], sig[64];
	char *auth = xasprintf("%s,%s,%s", p->first_bare, p->server_first, p->final_bare ? p->final_bare : "");
	char *pass = scram_prepare(p->who->pass);
	struct str salt;
	uint64_t rounds = 0;
	unsigned n;

	str_init(&salt, 200);
	if (!base64_decode(&salt, field_of(p->server_first, 's')) || !sv_u64(field_of(p->server_first, 'i'), &rounds))
		rounds = 1;
	PKCS5_PBKDF2_HMAC(pass, (int)strlen(pass), (unsigned char *)salt.s, (int)salt.len, (int)rounds, md,
		EVP_MD_get_size(md), salted);
	HMAC(md, salted, EVP_MD_get_size(md), (const unsigned char *)"Server Key", 10, key, &n);
	HMAC(md, key, (int)n, (unsigned char *)auth, strlen(auth), sig, &n);
	str_adds(out, "v=");
	base64_add(out, sv_make((char *)sig, n));
	str_fini(&salt);
	free(pass);
	free(auth);
}

static void expand(struct play *p, const char *text, struct str *out)
{
	for (; *text; text++) {
		if (*text == '%' && text[1] == 'n')
			str_adds(out, p->nonce), text++;
		else if (*text == '%' && text[1] == 'v')
			add_right_end(p, out), text++;
		else if (*text == '%')
			str_add(out, sv_head(sv_of(p->nonce), 5));
		else
			str_addc(out, *text);
	}
}

/* What the client said, for the server's arithmetic. */
static void hear(struct play *p, struct sv answer)
{
	struct str raw;
	const char *bare;

	if (sv_is(answer, "="))
		return;
	str_init(&raw, 1u << 20);
	assert_true(base64_decode(&raw, answer));
	str_add(&p->heard, str_sv(&raw));
	str_addc(&p->heard, '\n');
	if (strncmp(p->mech, "SCRAM", 5) == 0 && !p->first_bare) {
		bare = strstr(raw.s, ",,");
		assert_non_null(bare);
		p->first_bare = xstrdup(bare + 2);
		snprintf(p->nonce, sizeof(p->nonce), SV_FMT, SV_ARG(field_of(p->first_bare, 'r')));
	} else if (raw.s && strstr(raw.s, ",p=")) {
		p->final_bare = xstrndup(raw.s, (size_t)(strstr(raw.s, ",p=") - raw.s));
	}
	str_fini(&raw);
}

/* ---- a run ---- */

static enum verdict verdict_of(const struct err *e)
{
	return e->class == ERR_AUTH ? AUTH : e->class == ERR_NET ? NET : PROTO;
}

static enum verdict challenge(struct play *p, const char *say, bool *over)
{
	struct str text, b64;
	struct sv answer;
	struct err e = {0};
	bool ok;

	str_init(&text, 1u << 20);
	str_init(&b64, 1u << 20);
	if (*say == '=') {
		str_adds(&b64, say + 1);
	} else {
		expand(p, say + 1, &text);
		base64_add(&b64, str_sv(&text));
		if (!p->server_first)
			p->server_first = xstrdup(text.s);
	}
	ok = sasl_step(p->x, str_sv(&b64), &answer, &e);
	if (ok)
		hear(p, answer);
	*over = !ok;
	if (!ok) {
		assert_int_equal(answer.len, 0);
		assert_true(e.text[0] != '\0');
		/* Whatever comes now: not a word. */
		assert_false(sasl_step(p->x, str_sv(&b64), &answer, NULL));
		assert_int_equal(answer.len, 0);
		assert_false(sasl_finish(p->x, SV(""), NULL));
	}
	str_fini(&text);
	str_fini(&b64);
	return ok ? IN : verdict_of(&e);
}

static enum verdict finish(struct play *p, const char *text)
{
	struct str s, b64;
	struct err e = {0};
	bool ok;

	str_init(&s, 1000);
	str_init(&b64, 1000);
	if (strstr(text, "%v") || strncmp(text, "v=", 2) == 0) {
		expand(p, text, &s);
		base64_add(&b64, str_sv(&s));
	} else {
		str_adds(&b64, text);
	}
	ok = sasl_finish(p->x, str_sv(&b64), &e);
	str_fini(&s);
	str_fini(&b64);
	return ok ? IN : verdict_of(&e);
}

static enum verdict play(struct play *p, const struct row *r)
{
	struct sasl_tries tries = {0};
	struct sv first;
	bool over = false;

	if (sasl_first(p->x, &first, NULL))
		hear(p, first);
	for (size_t i = 0; i < ARRAY_LEN(r->say) && r->say[i]; i++) {
		enum verdict v;

		if (strcmp(r->say[i], "NO") == 0)
			return sasl_again(p->x, &tries) ? AGAIN : REFUSED;
		if (strncmp(r->say[i], "OK", 2) == 0)
			return finish(p, r->say[i] + (r->say[i][2] ? 3 : 2));
		v = challenge(p, r->say[i], &over);
		if (over)
			return v;
	}
	fail_msg("%s: %s does not end", p->mech, r->name);
	return NONE;
}

static bool give(void *data, enum server_secret what, struct secret **out, struct err *e)
{
	const struct who *who = data;

	(void)e;
	(void)what;
	*out = secret_new(who->pass, strlen(who->pass));
	return true;
}

struct table {
	struct conn *c;
	bool no_exporter, token;
	int exchanges;
};

static struct server server_for(const struct table *t, const struct who *who, const char *mech)
{
	return (struct server){.service = "imap",
		.host = "mail.example",
		.port = 993,
		.user = who->user,
		.authenticators = mech,
		.has_token = t->token,
		.no_exporter = t->no_exporter,
		.tls = {.client_cert = "x"},
		.wake = WAKE_NONE,
		.secret = give,
		.data = (void *)(uintptr_t)who};
}

static void run_one(struct table *t, const char *mech, const struct who *who, const struct row *r,
	enum verdict want)
{
	struct server s = server_for(t, who, mech);
	struct sasl_tries tries = {0};
	struct play p = {.who = who, .mech = mech};
	struct err e = {0};
	enum verdict got;
	bool shows = strncmp(mech, "SCRAM", 5) != 0 && strcmp(mech, "CRAM-MD5") != 0 &&
		     strcmp(mech, "EXTERNAL") != 0 && strcmp(mech, "ANONYMOUS") != 0;

	if (!sasl_new(&s, t->c, sv_of(mech), &tries, &p.x, &e))
		fail_msg("%s: %s: %s", mech, r->name, e.text);
	str_init(&p.heard, 1u << 20);
	got = play(&p, r);
	if (got != want)
		fail_msg("%s, %.20s: %s: %s, want %s", mech, who->user, r->name, verdict_names[got],
			verdict_names[want]);
	if (!shows && strstr(p.heard.s, "hunter2canary"))
		fail_msg("%s: %s shows the password", mech, r->name);
	t->exchanges++;
	sasl_free(p.x);
	str_fini(&p.heard);
	free(p.first_bare);
	free(p.server_first);
	free(p.final_bare);
}

static void run_rows(struct table *t, const char *mech, const struct row *rows, size_t n)
{
	int before = t->exchanges;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < ARRAY_LEN(whos); k++)
			/* The whole table for one user, what goes well for all. */
			if (k == 0 || n < 15 || rows[i].want == IN)
				run_one(t, mech, &whos[k], &rows[i], rows[i].want);
	print_message("%s%s: %d exchanges\n", mech, t->no_exporter ? " (end-point)" : "", t->exchanges - before);
	assert_true(t->exchanges - before >= 40);
}

#define RUN(t, mech, rows) run_rows((t), (mech), (rows), ARRAY_LEN(rows))

/* ---- in clear on this machine ---- */

static void mechanisms_without_binding(void **state)
{
	int fds[2];
	struct table t = {.token = true};

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	t.c = conn_new(fds[0], "test");
	RUN(&t, "PLAIN", plain_rows);
	RUN(&t, "LOGIN", login_rows);
	RUN(&t, "CRAM-MD5", cram_rows);
	RUN(&t, "ANONYMOUS", silent_rows);
	RUN(&t, "SCRAM-SHA-1", scram_rows);
	RUN(&t, "SCRAM-SHA-256", scram_rows);
	RUN(&t, "SCRAM-SHA-512", scram_rows);
	conn_free(t.c);
	close(fds[1]);
}

/* ---- under TLS ---- */

struct tls_line {
	struct certs *certs;
	SSL_CTX *ctx;
	struct peer *peer;
	struct conn *c;
};

static void line_open(struct tls_line *l)
{
	static const char *const script[] = {"STALL", NULL};
	struct tls_opts opts = {.host = "m.example", .no_system = true};
	struct tls_cert cert;
	struct err e = {0};

	l->certs = certs_new();
	l->ctx = certs_server(l->certs, &(struct cert_opts){.names = "DNS:m.example"});
	l->peer = peer_start(script, l->ctx, 1);
	opts.ca_file = certs_ca_file(l->certs);
	assert_true(dial("127.0.0.1", peer_port(l->peer),
		&(struct dial_opts){.timeout_ms = 5000, .wake = WAKE_NONE}, &l->c, &e));
	assert_true(tls_start(l->c, &opts, &cert, &e));
}

static void line_close(struct tls_line *l)
{
	conn_free(l->c);
	peer_free(l->peer);
	SSL_CTX_free(l->ctx);
	certs_free(l->certs);
}

static void mechanisms_under_tls(void **state)
{
	static const char *const plus[] = {
		"SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512-PLUS"};
	struct tls_line l;
	struct table t = {.token = true};

	(void)state;
	line_open(&l);
	t.c = l.c;
	for (size_t i = 0; i < ARRAY_LEN(plus); i++) {
		t.no_exporter = false;
		RUN(&t, plus[i], scram_rows);
		t.no_exporter = true;
		RUN(&t, plus[i], scram_rows);
	}
	/* Bindings could be given and none is offered: GS2 flag "y". */
	RUN(&t, "SCRAM-SHA-256", scram_rows);
	RUN(&t, "XOAUTH2", token_rows);
	RUN(&t, "OAUTHBEARER", token_rows);
	line_close(&l);
}

static void external(void **state)
{
	struct tls_line l;
	struct table t = {0};
	int before;

	(void)state;
	line_open(&l);
	t.c = l.c;
	before = t.exchanges;
	for (size_t i = 0; i < ARRAY_LEN(silent_rows); i++)
		for (size_t k = 0; k < ARRAY_LEN(whos); k++)
			run_one(&t, "EXTERNAL", &whos[k], &silent_rows[i],
				silent_rows[i].want == REFUSED ? AGAIN : silent_rows[i].want);
	assert_true(t.exchanges - before >= 40);
	line_close(&l);
}

/* ---- what is said, exactly ---- */

static void the_header_tells_what_was_offered(void **state)
{
	static const struct {
		const char *offered, *named, *begins;
		bool no_exporter;
	} rows[] = {
		{"SCRAM-SHA-256", "scram-sha-256", "y,,n=user,r="},
		{"SCRAM-SHA-256 SCRAM-SHA-1-PLUS", "scram-sha-256", "n,,n=user,r="},
		{"SCRAM-SHA-256-PLUS SCRAM-SHA-256", "scram-sha-256", "p=tls-exporter,,n=user,r="},
		{"SCRAM-SHA-256-PLUS SCRAM-SHA-256", "scram-sha-256", "p=tls-server-end-point,,n=user,r=", true},
	};
	struct tls_line l;

	(void)state;
	line_open(&l);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct table t = {.c = l.c, .no_exporter = rows[i].no_exporter};
		struct server s = server_for(&t, &whos[0], rows[i].named);
		struct sasl_tries tries = {0};
		struct str raw;
		struct sasl *x;
		struct sv first;
		struct err e = {0};

		assert_true(sasl_new(&s, l.c, sv_of(rows[i].offered), &tries, &x, &e));
		assert_true(sasl_first(x, &first, &e));
		str_init(&raw, 1000);
		base64_decode(&raw, first);
		if (!sv_starts(str_sv(&raw), sv_of(rows[i].begins)))
			fail_msg("%s: %s", rows[i].offered, raw.s);
		str_fini(&raw);
		sasl_free(x);
	}
	line_close(&l);
}

/* The server knows the other kind of binding only: the next connection gives it. */
static void the_other_binding_is_next(void **state)
{
	struct tls_line l;
	struct table t = {0};
	struct server s;
	struct sasl_tries tries = {0};
	struct sasl *x;
	struct sv answer;
	struct err e = {0};

	(void)state;
	line_open(&l);
	s = server_for(&t, &whos[0], NULL);
	s.tls.client_cert = NULL;
	assert_true(sasl_new(&s, l.c, SV("SCRAM-SHA-256-PLUS"), &tries, &x, &e));
	assert_true(sasl_first(x, &answer, &e));
	/* e=unsupported-channel-binding-type */
	assert_false(sasl_step(x, SV("ZT11bnN1cHBvcnRlZC1jaGFubmVsLWJpbmRpbmctdHlwZQ=="), &answer, &e));
	assert_int_equal(e.class, ERR_NET);
	assert_true(s.no_exporter);
	sasl_free(x);
	line_close(&l);
}

/* RFC 5802 section 5, RFC 7677 section 3, RFC 2195 section 2. */
static void vectors(void **state)
{
	static const struct {
		enum scram_hash hash;
		const char *nonce, *first, *final, *end;
	} rows[] = {
		{SCRAM_SHA1, "fyko+d2lbbFgONRv9qkxdawL",
			"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
			"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
			"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="},
		{SCRAM_SHA256, "rOprNGfwEbeRWgbNEkqO",
			"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
			"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
			"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scram_opts o = {.hash = rows[i].hash,
			.user = "user",
			.password = "pencil",
			.nonce = rows[i].nonce};
		struct err e = {0};
		struct scram *s;
		struct str out;

		str_init(&out, 1000);
		assert_true(scram_new(&o, &s, &e) && scram_first(s, &out, &e));
		str_clear(&out);
		assert_true(scram_step(s, sv_of(rows[i].first), &out, &e));
		assert_string_equal(out.s, rows[i].final);
		assert_true(scram_step(s, sv_of(rows[i].end), &out, &e) && scram_finished(s));
		scram_free(s);
		str_fini(&out);
	}
}

static void cram_md5_vector(void **state)
{
	static const struct who tim = {"tim", "tanstaaftanstaaf"};
	int fds[2];
	struct table t = {0};
	struct server s;
	struct sasl_tries tries = {0};
	struct str raw;
	struct sasl *x;
	struct sv answer;
	struct err e = {0};

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	t.c = conn_new(fds[0], "test");
	s = server_for(&t, &tim, "cram-md5");
	assert_true(sasl_new(&s, t.c, SV("CRAM-MD5"), &tries, &x, &e));
	assert_true(sasl_step(x, SV("PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"), &answer, &e));
	str_init(&raw, 200);
	assert_true(base64_decode(&raw, answer));
	assert_string_equal(raw.s, "tim b913a602c7eda7a495b4e6e7334d3890");
	str_fini(&raw);
	sasl_free(x);
	conn_free(t.c);
	close(fds[1]);
}

/* A token is one word: whatever else a command prints would begin another field. */
static void a_token_is_one_word(void **state)
{
	static const struct who bad = {"user", "tok\001en"};
	struct tls_line l;
	struct table t = {.token = true};
	struct server s;
	struct sasl_tries tries = {0};
	struct sasl *x;
	struct sv first;
	struct err e = {0};

	(void)state;
	line_open(&l);
	s = server_for(&t, &bad, "xoauth2");
	assert_true(sasl_new(&s, l.c, SV("XOAUTH2"), &tries, &x, &e));
	assert_false(sasl_first(x, &first, &e));
	assert_int_equal(e.class, ERR_AUTH);
	sasl_free(x);
	line_close(&l);
}

#ifdef SANITIZERS
/* MIT Kerberos 1.20 keeps 16 bytes when there is no ticket. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libgssapi_krb5\n";
}
#endif

/* No ticket: nothing is said, and the next mechanism has its turn. */
static void kerberos_without_a_ticket(void **state)
{
	int fds[2];
	struct table t = {0};
	struct server s;
	struct sasl_tries tries = {0}, alone = {0};
	struct sasl *x;
	struct err e = {0};

	(void)state;
	setenv("KRB5CCNAME", "FILE:/nonexistent/ccache", 1);
	setenv("KRB5_CONFIG", "/dev/null", 1);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	t.c = conn_new(fds[0], "test");
	s = server_for(&t, &whos[0], NULL);
	assert_true(sasl_new(&s, t.c, SV("GSSAPI PLAIN"), &tries, &x, &e));
	assert_string_equal(sasl_mechanism(x), "PLAIN");
	sasl_free(x);
	assert_false(sasl_new(&s, t.c, SV("GSSAPI"), &alone, &x, &e));
	assert_int_equal(e.class, ERR_AUTH);
	s.authenticators = "gssapi";
	alone = (struct sasl_tries){0};
	assert_false(sasl_new(&s, t.c, SV("GSSAPI PLAIN"), &alone, &x, &e));
	conn_free(t.c);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(cram_md5_vector),
		cmocka_unit_test(mechanisms_without_binding),
		cmocka_unit_test(mechanisms_under_tls),
		cmocka_unit_test(external),
		cmocka_unit_test(the_header_tells_what_was_offered),
		cmocka_unit_test(the_other_binding_is_next),
		cmocka_unit_test(a_token_is_one_word),
		cmocka_unit_test(kerberos_without_a_ticket),
	};

	return t_run(tests);
}
