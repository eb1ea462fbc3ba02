/*
 * SASL: what is chosen when, and SCRAM against a server of our own (libgsasl's), channel binding included.
 */
#include "net/sasl.h"

#include <sys/socket.h>
#include <unistd.h>
#ifdef HAVE_GSASL
#include <gsasl.h>
#endif

#include "net/dial.h"
#include "tests/proto/certs.h"
#include "tests/proto/peer.h"
#include "tests/unit/t.h"

static bool give(void *data, enum server_secret what, struct secret **out, struct err *e)
{
	(void)e;
	(void)what;
	*out = secret_new(data, strlen(data));
	return true;
}

static struct server server_with(const char *authenticators)
{
	return (struct server){.service = "imap",
		.host = "test",
		.port = 993,
		.user = "user",
		.authenticators = authenticators,
		.wake = WAKE_NONE,
		.secret = give,
		.data = "pencil"};
}

static struct conn *local_conn(int *other)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	*other = fds[1];
	return conn_new(fds[0], "test");
}

static void the_strongest_allowed_is_chosen(void **state)
{
	static const struct {
		const char *offered, *listed, *want; /* want NULL: none */
	} rows[] = {
		{"PLAIN LOGIN", "", "PLAIN"},
		{"LOGIN", "", "LOGIN"},
		{"XOAUTH2 PLAIN", "", "PLAIN"},
		{"XOAUTH2", "", NULL},
		{"XOAUTH2 OAUTHBEARER", "oauthbearer:xoauth2", "OAUTHBEARER"},
		{"PLAIN LOGIN", "login:plain", "LOGIN"},
		{"plain", "PLAIN", "PLAIN"},
		{"CRAM-MD5 DIGEST-MD5", "", "CRAM-MD5"},
		{"CRAM-MD5 PLAIN", "", "PLAIN"},
		{"CRAM-MD5 PLAIN", "cram-md5", "CRAM-MD5"},
		{"ANONYMOUS PLAIN", "", "PLAIN"},
		{"ANONYMOUS PLAIN", "anonymous", "ANONYMOUS"},
		{"EXTERNAL", "", NULL},
		{"", "", NULL},
#ifdef HAVE_GSASL
		{"PLAIN SCRAM-SHA-1 SCRAM-SHA-256", "", "SCRAM-SHA-256"},
		{"PLAIN SCRAM-SHA-1", "", "SCRAM-SHA-1"},
		{"SCRAM-SHA-256 SCRAM-SHA-512", "", "SCRAM-SHA-512"},
		/* no TLS, so no binding */
		{"SCRAM-SHA-256-PLUS SCRAM-SHA-256", "", "SCRAM-SHA-256"},
		{"SCRAM-SHA-256-PLUS", "", NULL},
#endif
	};
	int other;
	struct conn *c = local_conn(&other);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct server s = server_with(rows[i].listed);
		struct sasl *x = NULL;
		struct err e = {0};
		bool ok = sasl_new(&s, c, sv_of(rows[i].offered), &(struct sasl_tries){0}, &x, &e);

		if (ok != (rows[i].want != NULL))
			fail_msg("%s / %s: %s", rows[i].offered, rows[i].listed,
				ok ? sasl_mechanism(x) : e.text);
		if (ok)
			t_streq(sasl_mechanism(x), rows[i].want, rows[i].offered);
		else
			assert_int_equal(e.class, ERR_AUTH);
		sasl_free(x);
	}
	conn_free(c);
	close(other);
}

static void base64(void **state)
{
	static const struct {
		const char *raw, *text;
	} rows[] = {
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"\xff\xfe\xfd", "//79"},
	};
	static const char *const bad[] = {
		"Z", "Zg", "Zg=", "Zg=x", "Z===", "====", "Zm9v!", "Zm 9v", "=Zg=", "Zm9v\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s;

		str_init(&s, 100);
		assert_true(base64_add(&s, sv_of(rows[i].raw)));
		t_streq(s.s, rows[i].text, rows[i].raw);
		str_clear(&s);
		assert_true(base64_decode(&s, sv_of(rows[i].text)));
		t_streq(s.s, rows[i].raw, rows[i].text);
		str_fini(&s);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct str s;

		str_init(&s, 100);
		if (base64_decode(&s, sv_of(bad[i])))
			fail_msg("\"%s\" is no base64", bad[i]);
		str_fini(&s);
	}
}

#ifdef HAVE_GSASL
static int answer(Gsasl *ctx, Gsasl_session *s, Gsasl_property p)
{
	(void)ctx;
	if (p == GSASL_PASSWORD)
		return gsasl_property_set(s, p, "pencil");
	return GSASL_NO_CALLBACK;
}

/* Runs our client against libgsasl's server. The word in which it ended. */
static const char *run(struct sasl *x, const char *mech, const char *binding)
{
	Gsasl *ctx;
	Gsasl_session *s;
	struct sv text;
	char *out = NULL, *in;
	struct err e = {0};
	int rc = GSASL_NEEDS_MORE;

	gsasl_init(&ctx);
	gsasl_callback_set(ctx, answer);
	assert_int_equal(gsasl_server_start(ctx, mech, &s), GSASL_OK);
	if (binding)
		gsasl_property_set(s, GSASL_CB_TLS_EXPORTER, binding);
	assert_true(sasl_first(x, &text, &e));
	for (int i = 0; i < 5 && rc == GSASL_NEEDS_MORE; i++) {
		in = sv_dup(text);
		rc = gsasl_step64(s, in, &out);
		free(in);
		if (rc != GSASL_NEEDS_MORE && rc != GSASL_OK)
			break;
		if (out && *out && !sasl_step(x, sv_of(out), &text, &e)) {
			rc = -1;
			gsasl_free(out);
			break;
		}
		gsasl_free(out);
	}
	gsasl_finish(s);
	gsasl_done(ctx);
	if (rc == -1)
		return "client";
	if (rc != GSASL_OK)
		return "server";
	return sasl_finish(x, SV(""), &e) ? "ok" : "unproven";
}

static void scram(void **state)
{
	static const char *const mechs[] = {"SCRAM-SHA-1", "SCRAM-SHA-256"};
	int other;
	struct conn *c = local_conn(&other);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mechs); i++) {
		struct server s = server_with(NULL);
		struct sasl *x;
		struct err e = {0};

		assert_true(sasl_new(&s, c, sv_of(mechs[i]), &(struct sasl_tries){0}, &x, &e));
		assert_string_equal(run(x, mechs[i], NULL), "ok");
		sasl_free(x);
		s.data = "wrong";
		assert_true(sasl_new(&s, c, sv_of(mechs[i]), &(struct sasl_tries){0}, &x, &e));
		assert_string_equal(run(x, mechs[i], NULL), "server");
		sasl_free(x);
	}
	conn_free(c);
	close(other);
}

static void scram_plus_is_bound_to_the_channel(void **state)
{
	static const char *const hello[] = {"S: hello", NULL};
	struct certs *certs = certs_new();
	SSL_CTX *ctx = certs_server(certs, &(struct cert_opts){.names = "DNS:m.example"});
	struct tls_opts opts = {
		.host = "m.example", .ca_file = certs_ca_file(certs), .no_system = true};
	struct peer *p = peer_start(hello, ctx, 1);
	struct server s = server_with(NULL);
	unsigned char raw[TLS_BINDING_MAX];
	struct tls_cert cert;
	struct err e = {0};
	struct conn *c;
	struct sasl *x;
	struct str b64;
	size_t len;

	(void)state;
	assert_true(dial("127.0.0.1", peer_port(p), &(struct dial_opts){.timeout_ms = 5000, .wake = WAKE_NONE}, &c, &e) &&
		    tls_start(c, &opts, &cert, &e));
	assert_true(tls_binding_exporter(c, raw, &len));
	assert_int_equal(len, 32);
	str_init(&b64, 100);
	base64_add(&b64, sv_make((char *)raw, len));
	assert_true(sasl_new(&s, c, SV("SCRAM-SHA-256 SCRAM-SHA-256-PLUS PLAIN"), &(struct sasl_tries){0}, &x, &e));
	assert_string_equal(sasl_mechanism(x), "SCRAM-SHA-256-PLUS");
	assert_string_equal(run(x, "SCRAM-SHA-256-PLUS", b64.s), "ok");
	sasl_free(x);
	/* Somebody in the middle has another channel with the server. */
	b64.s[0] = b64.s[0] == 'A' ? 'B' : 'A';
	assert_true(sasl_new(&s, c, SV("SCRAM-SHA-256-PLUS"), &(struct sasl_tries){0}, &x, &e));
	assert_string_equal(run(x, "SCRAM-SHA-256-PLUS", b64.s), "server");
	sasl_free(x);
	assert_true(tls_binding_end_point(c, raw, &len) && len == 32);
	str_fini(&b64);
	conn_free(c);
	peer_end(p);
	peer_free(p);
	SSL_CTX_free(ctx);
	certs_free(certs);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_strongest_allowed_is_chosen),
		cmocka_unit_test(base64),
#ifdef HAVE_GSASL
		cmocka_unit_test(scram),
		cmocka_unit_test(scram_plus_is_bound_to_the_channel),
#endif
	};

	return t_run(tests);
}
