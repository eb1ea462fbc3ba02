/*
 * Runs the protocol tests: tests/proto/NAME.t, or the files named. One file holds any number of cases:
 *
 *	== title
 *	imap security=clear user=joe pass=secret timeout=500 cert=ok auth=plain
 *	S: * OK hello          what the peer does (peer.h)
 *	C: f1 CAPABILITY
 *	> open                 a call of the client; calls run in order, beside the peer
 *	< ok                   what it gives: results and events, line by line ("< ~text": begins so)
 *
 * Words of the first line: imap, pop or smtp; security=tls|starttls|offered|clear; one-login; user, pass, token, auth, plus;
 * proxy=socks5|socks5h|http[,USER[,PASS]] (the peer is the proxy of mail.example:PORTNUMBER=1143); tunnel=secure|insecure;
 * no-peer: nobody listens; before=yes|no ($preconnect went well, or not);
 * host=NAME (as the certificate is checked); clear-login; timeout=ms; no-commit; cert=ok|self|unknown|name|cn|
 * expired|early|wild|client (what the peer shows); trust=no (its authority is not known); clear-peer: it speaks no TLS; lmtp; port=NUMBER (a live server
 * instead of a peer, ca=FILE). @ in the text of a script stands for nothing special; "#" at the start is a comment.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/proto/certs.h"
#include "tests/proto/peer.h"
#include "tests/proto/script.h"

#define LINES_MAX 2000
#define PROXIED_PORT 1143

struct test {
	char *title, *setup;
	char *server[LINES_MAX + 1], *calls[LINES_MAX + 1], *want[LINES_MAX + 1];
	size_t nserver, ncalls, nwant;
};

/* ---- for the calls ---- */

void client_say(struct client *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(&c->out, fmt, ap);
	va_end(ap);
	str_addc(&c->out, '\n');
}

void client_result(struct client *c, bool ok, const struct err *e)
{
	if (ok)
		client_say(c, "ok");
	else
		client_say(c, "%s: %s", err_class_name(e->class), e->text);
}

struct sv client_word(struct sv *line)
{
	struct sv w;

	*line = sv_trim(*line);
	if (!sv_split(line, ' ', &w))
		return sv_make("", 0);
	return w;
}

char *client_word_dup(struct sv *line)
{
	return sv_dup(client_word(line));
}

char *client_unescape(struct sv v, size_t *len)
{
	char *out = xmalloc(v.len + 1);
	size_t n = 0;

	v = sv_trim(v);
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] != '\\' || i + 1 == v.len) {
			out[n++] = v.p[i];
			continue;
		}
		i++;
		out[n++] = v.p[i] == 'r'   ? '\r'
			   : v.p[i] == 'n' ? '\n'
			   : v.p[i] == 't' ? '\t'
			   : v.p[i] == '0' ? 0
					   : v.p[i];
	}
	out[n] = 0;
	*len = n;
	return out;
}

static bool give_secret(void *data, enum server_secret what, struct secret **out, struct err *e)
{
	struct client *c = data;
	const char *text = what == SECRET_TOKEN ? c->token : c->pass;

	c->secrets++;
	if (what == SECRET_PROXY)
		text = "asked";
	if (!text)
		return err_set(e, ERR_CANCEL, "no secret");
	*out = secret_new(text, strlen(text));
	return true;
}

/* The peer at the other end of a program. */
static bool give_tunnel(void *data, int *fd, struct err *e)
{
	struct client *c = data;
	struct sockaddr_in sin = {.sin_family = AF_INET,
		.sin_port = htons((uint16_t)c->peer_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return connect(*fd, (struct sockaddr *)&sin, sizeof(sin)) == 0 ||
	       err_sys(e, "the tunnel");
}

static bool before_well(void *data, struct err *e)
{
	(void)e;
	client_say(data, "preconnect");
	return true;
}

static bool before_failed(void *data, struct err *e)
{
	client_say(data, "preconnect");
	return err_set(e, ERR_NET, "$preconnect failed");
}

/* ---- setting up ---- */

static bool option(struct sv word, const char *name, struct sv *value)
{
	size_t n = strlen(name);

	if (!sv_starts(word, sv_make(name, n)) || word.len <= n || word.p[n] != '=')
		return false;
	*value = sv_from(word, n + 1);
	return true;
}

static enum server_security security_of(struct sv v)
{
	return sv_is(v, "tls")        ? SERVER_TLS
	       : sv_is(v, "starttls") ? SERVER_STARTTLS
	       : sv_is(v, "offered")  ? SERVER_TLS_IF_OFFERED
				      : SERVER_CLEAR;
}

static SSL_CTX *peer_cert(struct certs *certs, struct certs *others, const char *kind)
{
	struct cert_opts o = {.names = "DNS:localhost,IP:127.0.0.1"};

	if (strcmp(kind, "self") == 0)
		o.self_signed = 1;
	else if (strcmp(kind, "name") == 0)
		o.names = "DNS:other.example,DNS:*.example.net";
	else if (strcmp(kind, "cn") == 0)
		o.names = NULL, o.cn = "localhost";
	else if (strcmp(kind, "expired") == 0)
		o.from_s = -86400 * 3, o.to_s = -86400;
	else if (strcmp(kind, "early") == 0)
		o.from_s = 86400, o.to_s = 86400 * 2;
	else if (strcmp(kind, "client") == 0)
		o.eku = "clientAuth";
	else if (strcmp(kind, "unknown") == 0)
		return certs_server(others, &o);
	return certs_server(certs, &o);
}

struct setup {
	char kind[16];
	char *cert, *host, *user, *auth, *plus, *ca, *proxy;
	bool trust, clear_peer, no_peer;
	unsigned live_port;
	struct client c;
};

static void parse_setup(struct setup *s, const char *line)
{
	struct sv rest = sv_of(line), w = client_word(&rest), v;
	struct server *srv = &s->c.server;

	snprintf(s->kind, sizeof(s->kind), SV_FMT, SV_ARG(w));
	s->trust = true;
	srv->timeout_ms = 5000;
	srv->security = SERVER_CLEAR;
	while ((w = client_word(&rest)).len) {
		uint64_t n;

		if (option(w, "security", &v))
			srv->security = security_of(v);
		else if (option(w, "user", &v))
			s->user = sv_dup(v);
		else if (option(w, "pass", &v))
			s->c.pass = sv_dup(v);
		else if (option(w, "token", &v))
			s->c.token = sv_dup(v);
		else if (option(w, "auth", &v))
			s->auth = sv_dup(v);
		else if (option(w, "plus", &v))
			s->plus = sv_dup(v);
		else if (option(w, "host", &v))
			s->host = sv_dup(v);
		else if (option(w, "cert", &v))
			s->cert = sv_dup(v);
		else if (option(w, "proxy", &v))
			s->proxy = sv_dup(v);
		else if (sv_starts(w, SV("tunnel="))) {
			srv->tunnel = give_tunnel;
			srv->tunnel_insecure = sv_is(w, "tunnel=insecure");
		} else if (option(w, "before", &v))
			srv->before = sv_is(v, "yes") ? before_well : before_failed;
		else if (option(w, "ca", &v))
			s->ca = sv_dup(v);
		else if (option(w, "timeout", &v) && sv_u64(v, &n))
			srv->timeout_ms = (int)n;
		else if (option(w, "port", &v) && sv_u64(v, &n))
			s->live_port = (unsigned)n;
		else if (sv_is(w, "trust=no"))
			s->trust = false;
		else if (sv_is(w, "lmtp"))
			srv->lmtp = true;
		else if (sv_is(w, "no-peer"))
			s->no_peer = true;
		else if (sv_is(w, "clear-peer"))
			s->clear_peer = true;
		else if (sv_is(w, "one-login"))
			srv->one_login = true;
		else if (sv_is(w, "clear-login"))
			srv->clear_login = true;
		else if (sv_is(w, "no-commit"))
			s->c.no_commit = true;
		else
			printf("unknown word in a setup line: " SV_FMT "\n", SV_ARG(w));
	}
	srv->service = strcmp(s->kind, "pop") == 0 ? "pop" : s->kind;
	srv->user = s->user;
	srv->authenticators = s->auth;
	srv->login_seen = s->plus;
	srv->host = s->host ? s->host : "localhost";
	srv->wake = WAKE_NONE;
	srv->secret = give_secret;
	srv->data = &s->c;
	srv->tls.no_system = true;
	str_init(&s->c.out, 1u << 20);
}

static void free_setup(struct setup *s)
{
	free(s->cert);
	free(s->host);
	free(s->user);
	free(s->auth);
	free(s->plus);
	free(s->ca);
	free(s->proxy);
	free(s->c.pass);
	free(s->c.token);
	str_fini(&s->c.out);
}

/* ---- one case ---- */

static bool is_pop(const struct setup *s)
{
	return strcmp(s->kind, "pop") == 0;
}

static void run_calls(struct setup *s, struct test *t)
{
	for (size_t i = 0; i < t->ncalls; i++) {
		struct sv line = sv_of(t->calls[i]);
		bool known = strcmp(s->kind, "imap") == 0 ? imap_call(&s->c, line)
			     : is_pop(s)                  ? pop3_call(&s->c, line)
							  : smtp_call(&s->c, line);

		if (!known)
			client_say(&s->c, "unknown call: %s", t->calls[i]);
	}
	if (strcmp(s->kind, "imap") == 0)
		imap_call_end(&s->c);
	else if (is_pop(s))
		pop3_call_end(&s->c);
	else
		smtp_call_end(&s->c);
}

/* The port differs from run to run: it is written as PORT. */
static char *without_port(const char *text, unsigned port)
{
	char digits[16];
	struct str out;
	const char *p;
	char *s;

	snprintf(digits, sizeof(digits), ":%u", port);
	str_init(&out, 1u << 20);
	while ((p = strstr(text, digits))) {
		str_add(&out, sv_make(text, (size_t)(p - text)));
		str_adds(&out, ":PORT");
		text = p + strlen(digits);
	}
	str_adds(&out, text);
	s = str_detach(&out);
	str_fini(&out);
	return s;
}

static bool line_fits(const char *want, struct sv got)
{
	if (want[0] == '~')
		return sv_starts(got, sv_of(want + 1));
	return sv_is(got, want);
}

static bool compare(struct test *t, const char *out)
{
	struct sv rest = sv_of(out), line;
	bool ok = true;

	for (size_t i = 0; i < t->nwant; i++) {
		if (!sv_line(&rest, &line)) {
			printf("    missing: %s\n", t->want[i]);
			return false;
		}
		if (!line_fits(t->want[i], line)) {
			printf("    want: %s\n    got:  " SV_FMT "\n", t->want[i], SV_ARG(line));
			ok = false;
		}
	}
	while (sv_line(&rest, &line)) {
		printf("    unexpected: " SV_FMT "\n", SV_ARG(line));
		ok = false;
	}
	return ok;
}

/* "http,joe,secret": the peer is the proxy, and stands for the server behind it, too. */
static void use_proxy(struct setup *s)
{
	struct sv rest = sv_of(s->proxy), kind = {0}, user = {0}, pass = {0};
	char *url;

	(void)sv_split(&rest, ',', &kind);
	(void)sv_split(&rest, ',', &user);
	(void)sv_split(&rest, ',', &pass);
	url = xasprintf(SV_FMT "://" SV_FMT "%s" SV_FMT "%slocalhost:%u", SV_ARG(kind),
		SV_ARG(user), pass.len ? ":" : "", SV_ARG(pass), user.len ? "@" : "",
		s->c.server.port);
	free(s->proxy);
	s->c.server.proxy = s->proxy = url;
	s->c.server.port = PROXIED_PORT;
}

static bool run_test(struct test *t, bool verbose)
{
	struct setup s = {0};
	struct certs *certs = certs_new(), *others = certs_new();
	struct peer *peer = NULL;
	const char *trouble = NULL;
	SSL_CTX *ctx;
	bool ok;
	char *out;

	parse_setup(&s, t->setup);
	ctx = peer_cert(certs, others, s.cert ? s.cert : "ok");
	if (s.no_peer) {
		s.c.server.port = s.c.peer_port = 1;
	} else if (s.live_port) {
		s.c.server.port = s.live_port;
		s.c.server.tls.ca_file = s.ca;
	} else {
		peer = peer_start((const char *const *)t->server, ctx,
			s.c.server.security == SERVER_TLS && !s.clear_peer);
		s.c.server.port = s.c.peer_port = peer_port(peer);
		s.c.server.tls.ca_file = s.trust ? certs_ca_file(certs) : NULL;
	}
	if (s.proxy)
		use_proxy(&s);
	if (verbose)
		s.c.server.wire_log = stdout;
	run_calls(&s, t);
	if (peer)
		trouble = peer_end(peer);
	out = without_port(s.c.out.s, s.proxy ? s.c.peer_port : s.c.server.port);
	if (verbose || s.live_port)
		printf("%s", out);
	ok = s.live_port ? true : compare(t, out);
	if (trouble) {
		printf("    peer: %s\n", trouble);
		ok = false;
	}
	printf("%s - %s\n", ok ? "ok" : "not ok", t->title);
	free(out);
	if (peer)
		peer_free(peer);
	SSL_CTX_free(ctx);
	certs_free(certs);
	certs_free(others);
	free_setup(&s);
	return ok;
}

/* ---- files ---- */

static void add(char **list, size_t *n, struct sv text)
{
	if (*n == LINES_MAX) {
		printf("a case has too many lines\n");
		abort();
	}
	list[(*n)++] = sv_dup(text);
}

static void clear(struct test *t)
{
	for (size_t i = 0; i < t->nserver; i++)
		free(t->server[i]);
	for (size_t i = 0; i < t->ncalls; i++)
		free(t->calls[i]);
	for (size_t i = 0; i < t->nwant; i++)
		free(t->want[i]);
	free(t->title);
	free(t->setup);
	memset(t, 0, sizeof(*t));
}

static void take_line(struct test *t, struct sv line)
{
	if (line.len == 0 || line.p[0] == '#')
		return;
	if (!t->setup)
		t->setup = sv_dup(line);
	else if (sv_starts(line, SV("> ")))
		add(t->calls, &t->ncalls, sv_from(line, 2));
	else if (sv_starts(line, SV("< ")))
		add(t->want, &t->nwant, sv_from(line, 2));
	else
		add(t->server, &t->nserver, line);
}

static int run_file(const char *path, const char *only, bool verbose, int *count)
{
	static struct test t;
	struct str text;
	struct sv rest, line;
	struct err e = {0};
	int failed = 0;

	if (!fs_read(path, 4u << 20, &text, &e)) {
		printf("%s\n", e.text);
		return 1;
	}
	printf("# %s\n", fs_basename(path));
	rest = str_sv(&text);
	for (;;) {
		bool more = sv_line(&rest, &line);

		if (more && !sv_starts(line, SV("== "))) {
			if (t.title)
				take_line(&t, line);
			continue;
		}
		if (t.title && t.setup && (!only || strstr(t.title, only))) {
			failed += !run_test(&t, verbose);
			++*count;
		}
		clear(&t);
		if (!more)
			break;
		t.title = sv_dup(sv_from(line, 3));
	}
	str_fini(&text);
	return failed;
}

int main(int argc, char **argv)
{
	static const char *const all[] = {
		"imap", "imap-login", "imap-trouble", "imap-refusals", "imap-sync", "tls", "starttls", "proxy", "pop3", "smtp", "smtp-matrix"};
	const char *dir = getenv("FEIST_SRCDIR"), *only = getenv("ONLY");
	bool verbose = getenv("VERBOSE") != NULL;
	int failed = 0, count = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++)
		failed += run_file(argv[i], only, verbose, &count);
	for (size_t i = 0; argc < 2 && i < ARRAY_LEN(all); i++) {
		char *path = xasprintf("%s/tests/proto/%s.t", dir ? dir : ".", all[i]);

		failed += run_file(path, only, verbose, &count);
		free(path);
	}
	printf("# %d cases, %d failed\n", count, failed);
	return failed != 0 || count == 0;
}
