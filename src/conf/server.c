/*
 * URLs of servers. Unlike URLs of the web, the path of a mailbox may hold '?' and '#', and a user
 * name an '@': the last @ before the path counts.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "conf/account.h"
#include "text/url.h"

static const struct {
	const char *scheme;
	enum server_proto proto;
	bool implicit;
	int port;
	bool lmtp;
} schemes[] = {
	{"imap", SERVER_IMAP, false, 143, false},
	{"imaps", SERVER_IMAP, true, 993, false},
	{"pop", SERVER_POP, false, 110, false},
	{"pops", SERVER_POP, true, 995, false},
	{"pop3", SERVER_POP, false, 110, false},
	{"pop3s", SERVER_POP, true, 995, false},
	{"smtp", SERVER_SMTP, false, 25, false},
	{"smtps", SERVER_SMTP, true, 465, false},
	{"lmtp", SERVER_SMTP, false, 24, true},
};

/* Index into schemes, and where the rest starts; -1. */
static int scheme_of(struct sv text, size_t *rest)
{
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		size_t n = strlen(schemes[i].scheme);
		if (text.len >= n + 3 && sv_is_case(sv_head(text, n), schemes[i].scheme) &&
			sv_starts(sv_from(text, n), SV("://"))) {
			*rest = n + 3;
			return (int)i;
		}
	}
	return -1;
}

bool is_server_url(struct sv text)
{
	size_t rest;

	return scheme_of(text, &rest) >= 0;
}

static char *decoded(struct sv text)
{
	struct str out;

	str_init(&out, CONF_TEXT_MAX);
	(void)url_decode(&out, text); /* a bad escape stays as it is */
	char *s = str_detach(&out);
	str_fini(&out);
	return s;
}

static char *lower(struct sv text)
{
	char *s = sv_dup(text);

	for (char *p = s; *p; p++)
		*p = (char)ascii_lower((unsigned char)*p);
	return s;
}

/* host[:port], [v6]:port */
static bool read_host(struct sv text, struct server *out, struct err *e)
{
	struct sv host = text, port = {0};
	uint64_t n;

	if (text.len && text.p[0] == '[') {
		ptrdiff_t close = sv_chr(text, ']');
		if (close < 0)
			return err_set(e, ERR_INPUT, "a server name with '[' and no ']'");
		host = sv_from(sv_head(text, (size_t)close), 1);
		port = sv_from(text, (size_t)close + 1);
		if (port.len && port.p[0] != ':')
			return err_set(e, ERR_INPUT, "something behind ']' in the server name");
		port = sv_from(port, 1);
	} else {
		ptrdiff_t colon = sv_rchr(text, ':');
		if (colon >= 0) {
			host = sv_head(text, (size_t)colon);
			port = sv_from(text, (size_t)colon + 1);
		}
	}
	if (host.len == 0)
		return err_set(e, ERR_INPUT, "no server named");
	for (size_t i = 0; i < host.len; i++)
		if ((unsigned char)host.p[i] <= ' ' || host.p[i] == 127)
			return err_set(e, ERR_INPUT, "a blank in the server name");
	if (port.len) {
		if (!sv_u64(port, &n) || n < 1 || n > 65535)
			return err_set(e, ERR_INPUT, "'" SV_FMT "' is not a port", SV_ARG(port));
		out->port = (int)n;
	}
	out->host = lower(host);
	return true;
}

bool server_parse(struct sv url, struct server *out, struct err *e)
{
	size_t start;
	int scheme = scheme_of(url, &start);

	if (scheme < 0)
		return err_set(
			e, ERR_INPUT, "'" SV_FMT "' is not the URL of a server", SV_ARG(url));
	struct server s = {.proto = schemes[scheme].proto,
		.implicit = schemes[scheme].implicit,
		.lmtp = schemes[scheme].lmtp};
	struct sv rest = sv_from(url, start);

	if (s.lmtp && rest.len > 1 && rest.p[0] == '/') { /* a Unix socket */
		s.host = xstrdup("");
		s.path = decoded(rest);
		*out = s;
		return true;
	}
	ptrdiff_t slash = sv_chr(rest, '/');
	struct sv authority = slash < 0 ? rest : sv_head(rest, (size_t)slash);
	ptrdiff_t at = sv_rchr(authority, '@');
	if (!read_host(sv_from(authority, (size_t)(at + 1)), &s, e))
		return err_at(e, SV_FMT, SV_ARG(url));
	if (at > 0) {
		struct sv user = sv_head(authority, (size_t)at);
		ptrdiff_t colon = sv_chr(user, ':');
		if (colon >= 0) {
			s.pass = decoded(sv_from(user, (size_t)colon + 1));
			user = sv_head(user, (size_t)colon);
		}
		ptrdiff_t auth = sv_find_case(user, SV(";AUTH="));
		if (auth >= 0)
			user = sv_head(user, (size_t)auth);
		if (user.len)
			s.user = decoded(user);
	}
	s.path = decoded(slash < 0 ? (struct sv){0} : sv_from(rest, (size_t)slash + 1));
	*out = s;
	return true;
}

void server_fini(struct server *s)
{
	free(s->user);
	free_wiped(s->pass);
	free(s->host);
	free(s->path);
	*s = (struct server){0};
}

int server_port(const struct server *s)
{
	if (s->port)
		return s->port;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (schemes[i].proto == s->proto && schemes[i].implicit == s->implicit &&
			schemes[i].lmtp == s->lmtp)
			return schemes[i].port;
	return 0;
}

const char *server_tls_name(enum server_tls tls)
{
	static const char *const names[] = {"none", "optional", "starttls", "implicit"};

	return names[tls];
}

static bool is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 || strncmp(host, "127.", 4) == 0;
}

enum server_tls server_tls_mode(const struct conf *conf, const struct server *s)
{
	if (s->implicit)
		return SERVER_IMPLICIT;
	/* LMTP is for the own machine: nobody listens in there, and no server of it has a certificate. */
	if (s->lmtp && (!*s->host || is_loopback(s->host)))
		return SERVER_PLAIN;
	if (*conf->tunnel && conf->tunnel_is_secure)
		return SERVER_PLAIN;
	if (conf->ssl_force_tls)
		return SERVER_STARTTLS;
	if (conf->ssl_starttls == QUAD_NO)
		return SERVER_PLAIN;
	return conf->ssl_starttls == QUAD_YES ? SERVER_STARTTLS : SERVER_MAY_STARTTLS;
}

/* ---- for the worker ---- */

static bool fixed_setting(const struct conf *conf, const struct server *s, size_t at,
	const char **name, struct str *value)
{
	switch (at) {
	case 0:
		*name = "proto";
		str_adds(value, s->proto == SERVER_IMAP  ? "imap"
				: s->proto == SERVER_POP ? "pop"
				: s->lmtp                ? "lmtp"
							 : "smtp");
		return true;
	case 1:
		*name = "host";
		str_adds(value, s->host);
		return true;
	case 2:
		*name = "port";
		str_addf(value, "%d", server_port(s));
		return true;
	case 3:
		*name = "user";
		str_adds(value, s->user ? s->user : "");
		return true;
	case 4:
		*name = "tls";
		str_adds(value, server_tls_name(server_tls_mode(conf, s)));
		return true;
	case 5:
		*name = "path";
		str_adds(value, s->path ? s->path : "");
		return true;
	default:
		return false;
	}
}

#define FIXED_SETTINGS 6

bool server_setting_next(const struct conf *conf, const struct server *s, size_t *at,
	const char **name, struct str *value)
{
	str_clear(value);
	if (fixed_setting(conf, s, *at, name, value)) {
		(*at)++;
		return true;
	}
	while (*at - FIXED_SETTINGS < OPT_COUNT) {
		enum opt_id id = (enum opt_id)(*at - FIXED_SETTINGS);
		const struct opt *opt = &opt_table[id];
		(*at)++;
		/* Secrets travel in their own message. */
		if (opt->scope != SCOPE_ACCOUNT || opt->type == OT_SECRET)
			continue;
		*name = opt->name;
		conf_text(conf, id, value);
		/* The ui runs commands: a worker need only know that there is one. */
		if (opt->type == OT_COMMAND && value->len) {
			str_clear(value);
			str_adds(value, "yes");
		}
		return true;
	}
	return false;
}
