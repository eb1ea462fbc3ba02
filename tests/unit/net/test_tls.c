/*
 * Certificates: every kind of trouble, what lets one through, and what does not.
 */
#include "net/server.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fs.h"
#include "net/conn.h"
#include "net/conn_priv.h"
#include "net/dial.h"
#include "net/sasl.h"
#include "tests/proto/certs.h"
#include "tests/proto/peer.h"
#include "tests/unit/t.h"

static void names(void **state)
{
	static const struct {
		const char *pattern, *host;
		bool fits;
	} rows[] = {
		{"mail.example.org", "mail.example.org", true},
		{"MAIL.example.ORG", "mail.EXAMPLE.org", true},
		{"mail.example.org.", "mail.example.org", true},
		{"*.example.org", "mail.example.org", true},
		{"*.example.org", "a.mail.example.org", false},
		{"*.example.org", "example.org", false},
		{"*.example.org", ".example.org", false},
		{"*.org", "example.org", false},
		{"*", "example.org", false},
		{"*.*.org", "a.b.org", false},
		{"f*.example.org", "foo.example.org", false},
		{"mail.*.org", "mail.example.org", false},
		{"*mail.example.org", "xmail.example.org", false},
		{"", "example.org", false},
		{"example.org", "", false},
		{"example.org", "example.org.evil.net", false},
		{"xn--bcher-kva.example", "xn--bcher-kva.example", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (tls_name_fits(sv_of(rows[i].pattern), sv_of(rows[i].host)) != rows[i].fits)
			fail_msg("%s for %s", rows[i].pattern, rows[i].host);
	assert_false(tls_name_fits(sv_make("example.org\0.evil.net", 21), SV("example.org")));
	assert_false(tls_name_fits(sv_make("*.example.org\0", 14), SV("a.example.org")));
}

static const char *const hello[] = {"S: hello", NULL};

/* Connects to a peer with that certificate. The trouble found, or 0 when a line could be read. */
static unsigned try_peer(SSL_CTX *ctx, struct tls_opts opts, struct tls_cert *cert, struct err *e)
{
	struct peer *p = peer_start(hello, ctx, 1);
	struct conn *c;
	unsigned trouble = 0;
	struct sv line;

	opts.port = 993;
	opts.no_system = true;
	assert_true(dial("127.0.0.1", peer_port(p), &(struct dial_opts){.timeout_ms = 5000, .wake = WAKE_NONE}, &c, e));
	if (tls_start(c, &opts, cert, e))
		assert_true(conn_read_line(c, 100, &line, e) && sv_is(line, "hello"));
	else
		trouble = cert->trouble ? cert->trouble : ~0u;
	conn_free(c);
	peer_end(p);
	peer_free(p);
	return trouble;
}

static void every_trouble_is_found(void **state)
{
	static const struct {
		const char *what;
		struct cert_opts cert;
		const char *host;
		unsigned trouble;
	} rows[] = {
		{"good", {.names = "DNS:mail.example.org"}, "mail.example.org", 0},
		{"good, one of several", {.names = "DNS:a.example,DNS:mail.example.org"},
			"mail.example.org", 0},
		{"wildcard", {.names = "DNS:*.example.org"}, "mail.example.org", 0},
		{"address", {.names = "IP:127.0.0.1"}, "127.0.0.1", 0},
		{"IPv6 address", {.names = "IP:::1"}, "::1", 0},
		{"another address", {.names = "IP:127.0.0.2"}, "127.0.0.1", TLS_NAME},
		{"address as a name", {.names = "DNS:127.0.0.1"}, "127.0.0.1", TLS_NAME},
		{"wrong host", {.names = "DNS:mail.example.net"}, "mail.example.org", TLS_NAME},
		{"only a common name", {.cn = "mail.example.org"}, "mail.example.org", TLS_NAME},
		{"common name beside others", {.names = "DNS:x.example", .cn = "mail.example.org"},
			"mail.example.org", TLS_NAME},
		{"wildcard too deep", {.names = "DNS:*.org"}, "example.org", TLS_NAME},
		{"expired", {.names = "DNS:m.example", .from_s = -9000, .to_s = -100}, "m.example",
			TLS_DATES},
		{"not yet", {.names = "DNS:m.example", .from_s = 100, .to_s = 9000}, "m.example",
			TLS_DATES},
		{"self-signed", {.names = "DNS:m.example", .self_signed = 1}, "m.example",
			TLS_UNKNOWN_CA},
		{"self-signed, expired, other host",
			{.names = "DNS:x.example", .self_signed = 1, .from_s = -9000, .to_s = -100},
			"m.example", TLS_UNKNOWN_CA | TLS_NAME | TLS_DATES},
		{"for clients", {.names = "DNS:m.example", .eku = "clientAuth"}, "m.example",
			TLS_UNFIT},
	};
	struct certs *certs = certs_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tls_opts opts = {.host = rows[i].host, .ca_file = certs_ca_file(certs)};
		SSL_CTX *ctx = certs_server(certs, &rows[i].cert);
		struct tls_cert cert;
		struct err e = {0};
		unsigned got = try_peer(ctx, opts, &cert, &e);

		if (got != rows[i].trouble)
			fail_msg("%s: %u, want %u: %s", rows[i].what, got, rows[i].trouble, e.text);
		if (got) {
			assert_int_equal(e.class, ERR_TLS);
			assert_int_equal(strlen(cert.fingerprint), 64);
			assert_true(cert.why[0] != 0);
		}
		SSL_CTX_free(ctx);
	}
	certs_free(certs);
}

static void an_unknown_authority(void **state)
{
	struct certs *mine = certs_new(), *theirs = certs_new();
	SSL_CTX *ctx = certs_server(theirs, &(struct cert_opts){.names = "DNS:m.example"});
	struct tls_opts opts = {.host = "m.example", .ca_file = certs_ca_file(mine)};
	struct tls_cert cert;
	struct err e = {0};

	(void)state;
	assert_int_equal(try_peer(ctx, opts, &cert, &e), TLS_UNKNOWN_CA);
	/* $ssl_verify_dates and $ssl_verify_host do not make it known. */
	opts.no_check_dates = opts.no_check_name = true;
	assert_int_equal(try_peer(ctx, opts, &cert, &e), TLS_UNKNOWN_CA);
	SSL_CTX_free(ctx);
	certs_free(mine);
	certs_free(theirs);
}

static char *temp_file(void)
{
	struct err e;
	char *path;
	int fd;

	assert_true(fs_temp(NULL, "feist-certs", "", &fd, &path, &e));
	close(fd);
	return path;
}

static void write_line(const char *path, const struct tls_opts *opts, const struct tls_cert *cert)
{
	struct str line;
	FILE *f = fopen(path, "a");

	str_init(&line, 1000);
	tls_accept_line(opts, cert, &line);
	fputs(line.s, f);
	fclose(f);
	str_fini(&line);
}

static void once_and_always(void **state)
{
	struct certs *certs = certs_new();
	char *path = temp_file(), print[65];
	SSL_CTX *ctx = certs_server(
		certs, &(struct cert_opts){.names = "DNS:x.example", .self_signed = 1});
	SSL_CTX *other = certs_server(
		certs, &(struct cert_opts){.names = "DNS:x.example", .self_signed = 1});
	struct tls_opts opts = {.host = "m.example", .port = 993, .accepted_file = path};
	struct tls_cert cert;
	struct err e = {0};

	(void)state;
	assert_int_equal(try_peer(ctx, opts, &cert, &e), TLS_UNKNOWN_CA | TLS_NAME);
	certs_fingerprint(ctx, print);
	assert_string_equal(cert.fingerprint, print);
	opts.accept_once = print;
	assert_int_equal(try_peer(ctx, opts, &cert, &e), 0);
	/* What was let through is this certificate, no other. */
	assert_int_equal(try_peer(other, opts, &cert, &e), TLS_UNKNOWN_CA | TLS_NAME);
	opts.accept_once = NULL;

	assert_int_equal(try_peer(ctx, opts, &cert, &e), TLS_UNKNOWN_CA | TLS_NAME);
	write_line(path, &opts, &cert);
	assert_int_equal(try_peer(ctx, opts, &cert, &e), 0);
	/* Another one for a host that has one: it has changed. */
	assert_int_equal(try_peer(other, opts, &cert, &e), TLS_UNKNOWN_CA | TLS_NAME | TLS_CHANGED);
	assert_non_null(strstr(cert.why, "not the one that was accepted before"));
	/* The line is for one host only. */
	opts.host = "n.example";
	assert_int_equal(try_peer(ctx, opts, &cert, &e), TLS_UNKNOWN_CA | TLS_NAME);
	SSL_CTX_free(ctx);
	SSL_CTX_free(other);
	certs_free(certs);
	unlink(path);
	free(path);
}

/* What was accepted is the trouble of that day: one that comes later asks again. */
static void a_new_trouble_asks_again(void **state)
{
	struct certs *certs = certs_new();
	char *path = temp_file();
	SSL_CTX *ctx = certs_server(certs,
		&(struct cert_opts){
			.names = "DNS:m.example", .self_signed = 1, .from_s = -9000, .to_s = -100});
	struct tls_opts opts = {.host = "m.example", .port = 993, .accepted_file = path};
	struct tls_cert cert, earlier;
	struct err e = {0};

	(void)state;
	assert_int_equal(try_peer(ctx, opts, &cert, &e), TLS_UNKNOWN_CA | TLS_DATES);
	earlier = cert;
	earlier.trouble = TLS_UNKNOWN_CA;
	write_line(path, &opts, &earlier);
	assert_int_equal(try_peer(ctx, opts, &cert, &e) & ~(unsigned)TLS_CHANGED,
		TLS_UNKNOWN_CA | TLS_DATES);
	SSL_CTX_free(ctx);
	certs_free(certs);
	unlink(path);
	free(path);
}

/* mutt's $certificate_file: certificates in PEM. They need no authority, but the name is checked. */
static void a_certificate_of_mutts_file(void **state)
{
	struct certs *certs = certs_new();
	char *path = temp_file();
	SSL_CTX *ctx = certs_server(
		certs, &(struct cert_opts){.names = "DNS:m.example", .self_signed = 1});
	struct tls_opts opts = {.host = "m.example", .port = 993, .accepted_file = path};
	struct tls_cert cert;
	struct err e = {0};

	(void)state;
	certs_append_pem(ctx, path);
	assert_int_equal(try_peer(ctx, opts, &cert, &e), 0);
	opts.host = "n.example";
	assert_int_equal(try_peer(ctx, opts, &cert, &e), TLS_NAME);
	SSL_CTX_free(ctx);
	certs_free(certs);
	unlink(path);
	free(path);
}

static void old_protocols_are_refused(void **state)
{
	struct certs *certs = certs_new();
	SSL_CTX *ctx = certs_server(certs, &(struct cert_opts){.names = "DNS:m.example"});
	struct tls_opts opts = {.host = "m.example", .ca_file = certs_ca_file(certs)};
	struct tls_cert cert;
	struct err e = {0};

	(void)state;
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
	assert_int_equal(try_peer(ctx, opts, &cert, &e), ~0u);
	assert_int_equal(e.class, ERR_TLS);
	SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	assert_int_equal(try_peer(ctx, opts, &cert, &e), 0);
	SSL_CTX_free(ctx);
	certs_free(certs);
}

/* ---- going on with a session ---- */

static void a_session_goes_on(void **state)
{
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct certs *certs = certs_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		SSL_CTX *ctx = certs_server(certs, &(struct cert_opts){.names = "DNS:m.example"});
		struct tls_cache *cache = tls_cache_new();
		struct tls_opts opts = {.host = "m.example",
			.port = 993,
			.ca_file = certs_ca_file(certs),
			.cache = cache};
		struct tls_cert cert, first;
		struct err e = {0};

		SSL_CTX_set_max_proto_version(ctx, versions[i]);
		assert_int_equal(try_peer(ctx, opts, &first, &e), 0);
		assert_false(first.resumed);
		for (int k = 0; k < 3; k++) {
			assert_int_equal(try_peer(ctx, opts, &cert, &e), 0);
			assert_true(cert.resumed);
			assert_string_equal(cert.fingerprint, first.fingerprint);
		}
		/* Another wish, another check: nothing goes on that was judged by other rules. */
		opts.name = "other.example";
		assert_int_equal(try_peer(ctx, opts, &cert, &e), TLS_NAME);
		opts.name = NULL;
		assert_int_equal(try_peer(ctx, opts, &cert, &e), 0);
		assert_false(cert.resumed);
		/* A server that has forgotten shakes hands anew. */
		assert_int_equal(try_peer(ctx, opts, &cert, &e), 0);
		SSL_CTX_free(ctx);
		ctx = certs_server(certs, &(struct cert_opts){.names = "DNS:m.example"});
		assert_int_equal(try_peer(ctx, opts, &cert, &e), 0);
		assert_false(cert.resumed);
		tls_cache_free(cache);
		SSL_CTX_free(ctx);
	}
	certs_free(certs);
}

/* Whatever was judged otherwise, or is somebody else's: each of these begins anew. */
static void a_session_is_not_lent(void **state)
{
	struct certs *certs = certs_new(), *other = certs_new();
	SSL_CTX *ctx = certs_server(certs, &(struct cert_opts){.names = "DNS:m.example,DNS:n.example"});
	const struct tls_opts usual = {.host = "m.example", .ca_file = certs_ca_file(certs)};
	struct tls_opts rows[10];
	char print[65], pin[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		rows[i] = usual;
	memset(print, 'a', 64);
	print[64] = 0;
	rows[0].host = "n.example";
	rows[1].name = "n.example";
	rows[2].accepted_file = certs_ca_file(other);
	rows[3].accept_once = print;
	rows[4].ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
	rows[5].no_check_name = true;
	rows[6].no_check_dates = true;
	rows[7].no_partial = true;
	rows[8].no_tls12 = true;
	rows[9].cache = tls_cache_new(); /* that of another account */
	for (size_t i = 0; i <= ARRAY_LEN(rows); i++) {
		struct tls_cache *cache = tls_cache_new();
		struct tls_opts opts = usual;
		struct tls_cert cert, first;
		struct err e = {0};

		opts.cache = cache;
		assert_int_equal(try_peer(ctx, opts, &first, &e), 0);
		assert_int_equal(try_peer(ctx, opts, &cert, &e), 0);
		assert_true(cert.resumed);
		if (i < ARRAY_LEN(rows)) {
			opts = rows[i];
			opts.cache = opts.cache ? opts.cache : cache;
		} else { /* the key is pinned now: it has to be shown */
			snprintf(pin, sizeof(pin), "key=%s cert=%s since=2026-01-01", first.key_print, first.fingerprint);
			opts.pin = pin;
		}
		if (try_peer(ctx, opts, &cert, &e) != 0)
			fail_msg("row %zu: %s", i, e.text);
		if (cert.resumed)
			fail_msg("row %zu: goes on with the session", i);
		tls_cache_free(cache);
	}
	tls_cache_free(rows[9].cache);
	SSL_CTX_free(ctx);
	certs_free(other);
	certs_free(certs);
}

/* A line that is cut is why one dials again: its session goes on; one with wrong bytes does not. */
static void a_session_outlives_its_line(void **state)
{
	static const char *const cut[] = {"S: hello", "C: never", NULL};
	static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
	struct certs *certs = certs_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		SSL_CTX *ctx = certs_server(certs, &(struct cert_opts){.names = "DNS:m.example"});
		struct tls_opts opts = {.host = "m.example", .port = 993, .ca_file = certs_ca_file(certs), .no_system = true,
			.cache = tls_cache_new()};

		SSL_CTX_set_max_proto_version(ctx, versions[i]);
		for (int k = 0; k < 3; k++) {
			struct peer *p = peer_start(cut, ctx, 1);
			struct tls_cert cert;
			struct err e = {0};
			struct conn *c;
			struct sv line;

			assert_true(dial("127.0.0.1", peer_port(p), &(struct dial_opts){.timeout_ms = 5000, .wake = WAKE_NONE}, &c, &e));
			assert_true(tls_start(c, &opts, &cert, &e));
			assert_true(conn_read_line(c, 100, &line, &e));
			assert_int_equal(shutdown(conn_fd(c), SHUT_RD), 0); /* an end without a good-bye */
			assert_false(conn_read_line(c, 100, &line, &e));
			assert_int_equal(e.class, ERR_NET);
			assert_int_equal(cert.resumed, k > 0);
			conn_free(c);
			peer_end(p);
			peer_free(p);
		}
		tls_cache_free(opts.cache);
		SSL_CTX_free(ctx);
	}
	certs_free(certs);
}

/* ---- TLSA records ---- */

enum dns_way { DNS_SIGNED, DNS_UNSIGNED, DNS_SERVFAIL, DNS_NONE, DNS_CUT };

struct name_server {
	int fd;
	unsigned port;
	enum dns_way way;
	unsigned char record[35]; /* 3 1 1 and a hash */
	pthread_t thread;
};

/* One answer to the question that came, by the rules of `way`. */
static void *answer_question(void *data)
{
	struct name_server *s = data;
	struct pollfd p = {.fd = s->fd, .events = POLLIN};
	unsigned char m[1024];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	size_t end = 12;
	ssize_t n;

	while (poll(&p, 1, 1500) > 0) {
		n = recvfrom(s->fd, m, 512, 0, (struct sockaddr *)&from, &len);
		if (n < 17)
			continue;
		for (end = 12; m[end]; end += m[end] + 1u)
			;
		end += 5;
		m[2] = 0x81;
		m[3] = (unsigned char)(0x80 | (s->way == DNS_SIGNED || s->way == DNS_CUT ? 0x20 : 0) |
				       (s->way == DNS_SERVFAIL ? 2 : s->way == DNS_NONE ? 3 : 0));
		memset(m + 6, 0, 6);
		if (s->way != DNS_NONE && s->way != DNS_SERVFAIL) {
			static const unsigned char head[] = {0xc0, 12, 0, 52, 0, 1, 0, 0, 0, 60, 0, 35};

			m[7] = 1;
			memcpy(m + end, head, sizeof(head));
			memcpy(m + end + sizeof(head), s->record, 35);
			end += sizeof(head) + (s->way == DNS_CUT ? 10 : 35);
		}
		(void)!sendto(s->fd, m, end, 0, (struct sockaddr *)&from, len);
		if (s->way != DNS_SERVFAIL)
			break;
	}
	return NULL;
}

static void name_server_start(struct name_server *s)
{
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sin);

	s->fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&sin, len), 0);
	getsockname(s->fd, (struct sockaddr *)&sin, &len);
	s->port = ntohs(sin.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, answer_question, s), 0);
}

static void tlsa_records(void **state)
{
	static const struct {
		const char *name;
		enum dns_way way;
		bool wrong;       /* the record is of another key */
		bool looked_up;   /* dane_lookup goes well */
		unsigned trouble; /* of the certificate, which no authority has signed */
	} rows[] = {
		{"names the key", DNS_SIGNED, false, true, 0},
		{"names another key", DNS_SIGNED, true, true, TLS_DANE},
		{"not signed", DNS_UNSIGNED, false, true, TLS_UNKNOWN_CA | TLS_NAME},
		{"no records", DNS_NONE, false, true, TLS_UNKNOWN_CA | TLS_NAME},
		{"bad signatures", DNS_SERVFAIL, false, false, 0},
		{"cut", DNS_CUT, false, false, 0},
	};
	struct certs *certs = certs_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		SSL_CTX *ctx = certs_server(
			certs, &(struct cert_opts){.names = "DNS:x.example", .self_signed = 1});
		struct name_server s = {.way = rows[i].way, .record = {3, 1, 1}};
		struct dial_opts o = {.timeout_ms = 20000, .wake = WAKE_NONE};
		char resolver[32];
		struct dane *dane = NULL;
		struct tls_cert cert;
		struct err e = {0};
		bool ok;

		certs_key_hash(ctx, s.record + 3);
		s.record[3] ^= rows[i].wrong;
		name_server_start(&s);
		snprintf(resolver, sizeof(resolver), "127.0.0.1:%u", s.port);
		ok = dane_lookup("m.example", 993, resolver, &o, &dane, &e);
		pthread_join(s.thread, NULL);
		close(s.fd);
		if (ok != rows[i].looked_up)
			fail_msg("%s: %s", rows[i].name, ok ? "ok" : e.text);
		if (ok) {
			struct tls_opts opts = {.host = "m.example", .dane = dane->n ? dane : NULL};
			unsigned got = try_peer(ctx, opts, &cert, &e);

			if ((rows[i].trouble ? got & rows[i].trouble : got) != rows[i].trouble)
				fail_msg("%s: %u, %s", rows[i].name, got, e.text);
			assert_int_equal(cert.by_dane, rows[i].trouble == 0);
		} else {
			assert_int_equal(e.class, ERR_NET);
		}
		free(dane);
		SSL_CTX_free(ctx);
	}
	certs_free(certs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(every_trouble_is_found),
		cmocka_unit_test(an_unknown_authority),
		cmocka_unit_test(once_and_always),
		cmocka_unit_test(a_new_trouble_asks_again),
		cmocka_unit_test(a_certificate_of_mutts_file),
		cmocka_unit_test(old_protocols_are_refused),
		cmocka_unit_test(a_session_goes_on),
		cmocka_unit_test(a_session_is_not_lent),
		cmocka_unit_test(a_session_outlives_its_line),
		cmocka_unit_test(tlsa_records),
	};

	return t_run(tests);
}
