#include "sync/remote.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/transcript.h"
#include "text/url.h"

#define CANCEL_GRACE_MS 600           /* a second, with what it takes to notice and to tell */
#define ATTEMPTS_MAX 4                /* with other passwords, before the user must do something */
#define WIRE_LOG_ENV "FEIST_WIRE_LOG" /* set by --wire-log */

/* ---- the options ---- */

/* The options of a service. */
static const struct service {
	const char *name, *authenticators, *token_command;
} services[] = {
	{"imap", "imap_authenticators", "imap_oauth_refresh_command"},
	{"pop", "pop_authenticators", "pop_oauth_refresh_command"},
	{"smtp", "smtp_authenticators", "smtp_oauth_refresh_command"},
};

static const struct service *service_of(const struct remote *r)
{
	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		if (strcmp(r->service, services[i].name) == 0)
			return &services[i];
	bug("no service %s", r->service);
}

static enum server_security security_of(const char *tls)
{
	if (!tls || strcmp(tls, "implicit") == 0)
		return SERVER_TLS;
	if (strcmp(tls, "starttls") == 0)
		return SERVER_STARTTLS;
	return strcmp(tls, "optional") == 0 ? SERVER_TLS_IF_OFFERED : SERVER_CLEAR;
}

/*
 * A cancelled job, or any that need not be finished when the ui leaves, ends well where it can, at the end of its piece: the connection stays. Where nothing
 * comes any more it does not.
 */
static bool is_over(void *data)
{
	struct remote *r = data;

	if (!host_job_is_over(r->host)) {
		r->cancelled_at = 0;
		return false;
	}
	if (!r->cancelled_at || clock_ms() - r->cancelled_at > 10 * CANCEL_GRACE_MS)
		r->cancelled_at = clock_ms(); /* an older one is of another job */
	return host_gone(r->host) || clock_ms() - r->cancelled_at >= CANCEL_GRACE_MS;
}

static bool take_in(void *data)
{
	struct remote *r = data;

	(void)host_cancelled(r->host); /* takes in what is there */
	return host_slept(r->host) || is_over(r);
}

static void expand(char **path, const char *given)
{
	free(*path);
	*path = given && *given ? fs_expand(given) : NULL;
}

/* --wire-log has everything; else the transcript that the user wants now, from the next connection on. */
static void open_transcript(struct remote *r)
{
	const char *path = host_conf(r->host, "transcript");

	if (getenv(WIRE_LOG_ENV) || strcmp(path ? path : "", r->wire_path ? r->wire_path : "") == 0)
		return;
	free(r->wire_path);
	r->wire_path = xstrdup(path ? path : "");
	if (r->wire_log)
		fclose(r->wire_log);
	r->wire_log = path && *path ? transcript_open(path) : NULL;
	r->server.wire_log = r->wire_log;
	r->server.wire_hides = true;
}

static bool run_preconnect(void *data, struct err *e)
{
	struct remote *r = data;

	return host_preconnect(r->host, e);
}

static bool open_tunnel(void *data, int *fd, struct err *e)
{
	struct remote *r = data;

	return host_tunnel(r->host, fd, e);
}

/* "env": what other programs use, and only when it is asked for. */
static const char *proxy_of(struct host *h)
{
	const char *set = host_conf(h, "proxy"), *env;

	if (!set || strcmp(set, "env") != 0)
		return set;
	env = getenv("ALL_PROXY");
	return env && *env ? env : getenv("all_proxy");
}

/* ---- questions ---- */

#define QUESTION_WIDTH 78

/* Lines no longer than a small screen. A word that is longer stays whole. */
static void add_folded(struct str *out, const char *text)
{
	struct sv rest = sv_of(text), word;
	size_t column = 0;

	while (sv_split(&rest, ' ', &word)) {
		if (column > 0 && column + 1 + word.len > QUESTION_WIDTH) {
			str_addc(out, '\n');
			column = 0;
		} else if (column > 0) {
			str_addc(out, ' ');
			column++;
		}
		str_add(out, word);
		column += word.len;
	}
	str_addc(out, '\n');
}

PRINTF_LIKE(2, 3) static void add_line(struct str *out, const char *fmt, ...)
{
	char line[1500];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	add_folded(out, line);
}

/* ---- what is known of the server ---- */

/* "login imap joe@mail.example:993" */
static char *memory_key(const struct remote *r, const char *what)
{
	const struct server *s = &r->server;

	return xasprintf(
		"%s %s %s@%s:%u", what, r->service, s->user ? s->user : "", s->host, s->port);
}

static char *recall_login(struct remote *r)
{
	char *key = memory_key(r, "login"), *value = host_recall(r->host, key);

	free(key);
	return value;
}

static char *pin_key(const struct remote *r)
{
	return xasprintf("pin %s:%u", r->server.host, r->server.port);
}

static char *recall_pin(struct remote *r)
{
	char *key = pin_key(r), *value = host_recall(r->host, key);

	free(key);
	return value;
}

/*
 * After a connection: the first certificate of a server is pinned, and one that the user has accepted
 * for always in the place of another. A certificate that was renewed with its key is the new one to
 * show later.
 */
static void remember_pin(struct remote *r)
{
	const struct tls_cert *c = &r->server.cert;
	struct str line;
	char *key;

	if (!host_conf_bool(r->host, "ssl_pin", false) || !c->fingerprint[0] || c->resumed)
		return;
	if (r->pin && !r->pin_anew && tls_pin_fits(r->pin, c) && strstr(r->pin, c->fingerprint))
		return;
	if (r->pin && !r->pin_anew && !tls_pin_fits(r->pin, c))
		return; /* let through once */
	str_init(&line, 400);
	tls_pin_line(c, &line);
	key = pin_key(r);
	host_remember(r->host, key, line.s);
	free(key);
	str_fini(&line);
	r->pin_anew = false;
}

static void remember_login(void *data, const char *mechanism)
{
	struct remote *r = data;
	char *key = memory_key(r, "login");

	host_remember(r->host, key, mechanism);
	free(key);
}

static bool ask_weaker(void *data, const char *before, const char *now, struct err *e)
{
	struct remote *r = data;
	char *key = memory_key(r, "login"), answer[64] = "";
	struct str text;
	bool ok;

	str_init(&text, 1600);
	add_line(&text,
		"%s:%u signed you in by %s before, and now takes only %s, which is weaker: "
		"somebody may be between you and it. Sign in all the same",
		r->server.host, r->server.port, before, now);
	str_cut(&text, text.len - 1);
	ok = host_ask(r->host, "question", key, text.s, answer, e);
	free(key);
	str_fini(&text);
	return ok &&
	       (strcmp(answer, "yes") == 0 ||
		       err_set(e, ERR_CANCEL,
			       "%s took %s before and now only %s: not signed in, as you asked",
			       r->server.host, before, now));
}

/* Options that come during an attempt are those of the next one. */
static void read_options(struct remote *r)
{
	struct host *h = r->host;
	struct server *s = &r->server;
	int64_t timeout = host_conf_number(h, "connect_timeout", 30);
	int64_t silence = host_conf_number(h, "socket_receive_timeout", 0);
	int64_t jam = host_conf_number(h, "socket_send_timeout", 0);

	s->host = host_conf(h, "host");
	s->port = (unsigned)host_conf_number(h, "port", 0);
	s->user = host_conf(h, "user");
	s->lmtp = host_conf(h, "proto") && strcmp(host_conf(h, "proto"), "lmtp") == 0;
	s->socket = s->lmtp && (!s->host || !*s->host) ? host_conf(h, "path") : NULL;
	s->security = security_of(host_conf(h, "tls"));
	s->before = host_conf_bool(h, "preconnect", false) ? run_preconnect : NULL;
	s->tunnel = host_conf_bool(h, "tunnel", false) ? open_tunnel : NULL;
	s->proxy = proxy_of(h);
	s->no_ipv6 = !host_conf_bool(h, "use_ipv6", true);
	s->tunnel_insecure = !host_conf_bool(h, "tunnel_is_secure", true);
	open_transcript(r);
	expand(&r->ca_file, host_conf(h, "ssl_ca_certificates_file"));
	expand(&r->accepted_file, host_conf(h, "certificate_file"));
	expand(&r->client_cert, host_conf(h, "ssl_client_cert"));
	s->authenticators = host_conf(h, service_of(r)->authenticators);
	s->one_login =
		strcmp(r->service, "pop") == 0 && !host_conf_bool(h, "pop_auth_try_all", true);
	s->clear_login = s->security == SERVER_CLEAR;
	free(r->login_seen);
	r->login_seen = recall_login(r);
	s->login_seen = r->login_seen;
	s->has_token = host_conf_bool(h, service_of(r)->token_command, false);
	s->connect_timeout_ms = timeout > 0 ? (int)MIN(timeout, INT64_C(600)) * 1000 : 0;
	s->timeout_ms = silence > 0 ? (int)MIN(silence, INT64_C(600)) * 1000 : SERVER_TIMEOUT_MS;
	s->send_timeout_ms = jam > 0 ? (int)MIN(jam, INT64_C(600)) * 1000 : 0;
	free(r->pin);
	r->pin = host_conf_bool(h, "ssl_pin", false) ? recall_pin(r) : NULL;
	s->dane = host_conf_bool(h, "ssl_dane", false);
	s->tls = (struct tls_opts){
		.ca_file = r->ca_file,
		.accepted_file = r->accepted_file,
		.name = host_conf(h, "ssl_verify_host_override"),
		.accept_once = r->accept_once,
		.pin = r->pin,
		.cache = r->tls_cache,
		.min_dh_bits = (unsigned)MAX(host_conf_number(h, "ssl_min_dh_prime_bits", 0), 0),
		.client_cert = r->client_cert,
		.ciphers = host_conf(h, "ssl_ciphers"),
		.no_system = !host_conf_bool(h, "ssl_usesystemcerts", true),
		.no_check_name = !host_conf_bool(h, "ssl_verify_host", true),
		.no_check_dates = !host_conf_bool(h, "ssl_verify_dates", true),
		.no_tls12 = !host_conf_bool(h, "ssl_use_tlsv1_2", true),
		.no_tls13 = !host_conf_bool(h, "ssl_use_tlsv1_3", true),
		.no_partial = !host_conf_bool(h, "ssl_verify_partial_chains", false),
	};
}

/* ---- secrets ---- */

static bool ask_secret(struct remote *r, bool token, struct secret **out, struct err *e)
{
	const struct server *s = &r->server;
	char *key = xasprintf("%s:%u %s@%s", r->service, s->port, s->user, s->host);
	struct str text;
	bool ok;

	str_init(&text, 2000);
	if (r->refusal)
		add_folded(&text, r->refusal);
	str_addf(&text, "%s for %s at %s", token ? "token" : "password", s->user, s->host);
	ok = host_ask_secret(r->host, token ? "token" : "password", key, text.s, out, e);
	free(key);
	str_fini(&text);
	return ok;
}

static bool ask_proxy_secret(struct remote *r, struct secret **out, struct err *e)
{
	struct arena *arena = arena_new();
	struct url url = {0};
	bool ok = url_parse(arena, sv_of(r->server.proxy), &url, e);

	if (ok) {
		char *key = xasprintf("proxy %s@%s", url.user, url.host);
		char *text = xasprintf("password for %s at the proxy %s", url.user, url.host);

		ok = host_ask_secret(r->host, "password", key, text, out, e);
		free(key);
		free(text);
	}
	arena_free(arena);
	return ok;
}

static bool ask_key_secret(struct remote *r, struct secret **out, struct err *e)
{
	const char *file = r->server.tls.client_cert;
	char *key = xasprintf("key %s", file);
	char *text = xasprintf("password of the key in %s", file);
	bool ok = host_ask_secret(r->host, "password", key, text, out, e);

	free(key);
	free(text);
	return ok;
}

static bool ask_for(struct remote *r, enum server_secret what, struct secret **out, struct err *e)
{
	switch (what) {
	case SECRET_PROXY:
		return ask_proxy_secret(r, out, e);
	case SECRET_KEY:
		return ask_key_secret(r, out, e);
	default:
		return ask_secret(r, what == SECRET_TOKEN, out, e);
	}
}

static bool give_secret(void *data, enum server_secret what, struct secret **out, struct err *e)
{
	struct remote *r = data;
	struct secret **kept = what == SECRET_TOKEN   ? &r->token
			       : what == SECRET_PROXY ? &r->proxy_pass
			       : what == SECRET_KEY   ? &r->key_pass
						      : &r->password;

	if (!*kept && !ask_for(r, what, kept, e))
		return false;
	*out = secret_new(secret_text(*kept), secret_len(*kept));
	return true;
}

static void forget(struct secret **secret)
{
	secret_free(*secret);
	*secret = NULL;
}

static void forget_secrets(struct remote *r)
{
	forget(&r->password);
	forget(&r->token);
}

/* ---- certificates ---- */

/* Reason first, then what to compare, then what to do: one thing a line, 80 columns as far as it goes. */
static char *certificate_question(const struct server *s)
{
	const struct tls_cert *c = &s->cert;
	struct str text;
	char *out;

	str_init(&text, 4000);
	add_line(&text, "%s:%u: %s.", s->host, s->port, c->why);
	add_line(&text, "Issued to: %s", c->issued_to);
	add_line(&text, "Issued by: %s", c->issued_by);
	add_line(&text, "Valid: %s to %s", c->valid_from, c->valid_to);
	if (c->old_print[0])
		str_addf(&text, "SHA-256 before:\n  %s\nSHA-256 now:\n  %s\n", c->old_print,
			c->fingerprint);
	else
		str_addf(&text, "SHA-256:\n  %s\n", c->fingerprint);
	add_folded(&text, c->cure);
	str_cut(&text, text.len ? text.len - 1 : 0);
	out = str_detach(&text);
	str_fini(&text);
	return out;
}

/*
 * True: try again with this certificate let through. No answer, or no: what was wrong with it stays
 * the error.
 */
static bool ask_certificate(struct remote *r)
{
	const struct server *s = &r->server;
	const struct tls_cert *c = &s->cert;
	struct tls_opts opts = {.host = s->host, .port = s->port};
	char answer[64] = "";
	struct str key;
	char *text;
	bool ok;

	if (c->trouble & TLS_NEVER)
		return false;
	str_init(&key, 500);
	tls_accept_line(&opts, c, &key);
	if (key.len && key.s[key.len - 1] == '\n')
		str_cut(&key, key.len - 1);
	text = certificate_question(s);
	ok = host_ask(r->host, "cert", key.s, text, answer, NULL);
	free(text);
	str_fini(&key);
	if (!ok || (strcmp(answer, "once") != 0 && strcmp(answer, "always") != 0))
		return false;
	free(r->accept_once);
	r->accept_once = xstrdup(c->fingerprint);
	r->pin_anew = strcmp(answer, "always") == 0;
	return true;
}

/* ---- opening ---- */

void remote_init(struct remote *r, struct host *h, const char *service)
{
	const char *log = getenv(WIRE_LOG_ENV);

	*r = (struct remote){.host = h, .service = service};
	r->tls_cache = tls_cache_new();
	r->server.service = service;
	r->server.secret = give_secret;
	r->server.weaker = ask_weaker;
	r->server.signed_in = remember_login;
	r->server.data = r;
	r->server.wake =
		(struct wake){.fd = host_wake_fd(h), .fn = take_in, .data = r, .stop = is_over};
	if (log && *log)
		r->wire_log = fopen(log, "ae");
	r->server.wire_log = r->wire_log;
}

void remote_fini(struct remote *r)
{
	forget_secrets(r);
	forget(&r->proxy_pass);
	forget(&r->key_pass);
	free(r->accept_once);
	free(r->login_seen);
	free(r->refusal);
	free(r->pin);
	tls_cache_free(r->tls_cache);
	free(r->ca_file);
	free(r->accepted_file);
	free(r->client_cert);
	if (r->wire_log)
		fclose(r->wire_log);
	free(r->wire_path);
}

char *remote_log_folder(void)
{
	const char *log = getenv(WIRE_LOG_ENV);

	char *dir = log && *log ? fs_dirname(log) : NULL, *real = dir ? realpath(dir, NULL) : NULL;

	free(dir);
	return real;
}

/*
 * Worth another attempt at once: the user has let the certificate through, or will be asked for
 * another password.
 */
static bool try_again(struct remote *r, const struct err *why, bool *asked)
{
	/* What opens the way there is asked for again only when it was that which did not fit. */
	if (r->server.proxy_refused && r->proxy_pass) {
		forget(&r->proxy_pass);
		return true;
	}
	if (r->server.cert.key_refused && r->key_pass) {
		forget(&r->key_pass);
		return true;
	}
	if (why->class == ERR_TLS && r->server.cert.trouble && !*asked) {
		*asked = true;
		return ask_certificate(r);
	}
	if (why->class != ERR_AUTH || (!r->password && !r->token))
		return false;
	free(r->refusal);
	r->refusal = xstrdup(why->text);
	forget_secrets(r);
	return true;
}

bool remote_open(
	struct remote *r, bool (*open)(void *data, struct err *e), void *data, struct err *e)
{
	struct err why = {0}, refusal = {0};
	bool asked = false, ok = false;

	for (int i = 0; !ok && i < ATTEMPTS_MAX; i++) {
		read_options(r);
		if ((!r->server.host || !*r->server.host) && !r->server.tunnel && !r->server.socket)
			return err_set(e, ERR_INPUT, "no host is configured");
		err_clear(&why);
		ok = open(data, &why);
		if (!ok && why.class == ERR_AUTH)
			refusal = why;
		if (!ok && !try_again(r, &why, &asked))
			break;
	}
	if (ok) {
		xfree_null(&r->refusal);
		remember_pin(r);
	}
	/* Nobody gave another password: the refusal is what there is to tell. */
	if (!ok && e)
		*e = why.class == ERR_CANCEL && refusal.class == ERR_AUTH &&
				     !host_cancelled(r->host)
			     ? refusal
			     : why;
	return ok;
}
