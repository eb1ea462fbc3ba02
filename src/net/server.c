/*
 * Reaching a server as safely as the account asks for.
 */
#include <stdlib.h>

#include "net/proxy.h"
#include "net/server.h"

static void apply_limits(struct server *s, struct conn *c)
{
	conn_set_wake(c, s->wake);
	conn_set_timeout(c, s->timeout_ms ? s->timeout_ms : SERVER_TIMEOUT_MS);
	conn_set_send_timeout(c, s->send_timeout_ms);
	/* SMTP may take minutes to answer, so it is the line that must be sure. */
	conn_set_dead_after(c, s->timeout_ms ? s->timeout_ms : SERVER_TIMEOUT_MS, strcmp(s->service, "smtp") == 0);
	conn_set_wire_log(c, s->wire_log);
	if (s->wire_hides)
		conn_hide_messages(c, s->service);
}

static bool give_key_password(void *data, struct secret **out, struct err *e)
{
	struct server *s = data;

	return s->secret(s->data, SECRET_KEY, out, e);
}

/* The names that are registered for TLS (RFC 7301); SMTP has none. */
static const char *alpn_of(const struct server *s)
{
	if (s->no_alpn)
		return NULL;
	return strcmp(s->service, "imap") == 0  ? "imap"
	       : strcmp(s->service, "pop") == 0 ? "pop3"
						: NULL;
}

/* TLSA records say something about a name; an address has none. */
static bool look_up_dane(struct server *s, const char *ascii, struct dane **out, struct err *e)
{
	struct dial_opts o = {.timeout_ms = s->connect_timeout_ms, .wake = s->wake};

	return !s->dane || tls_is_address(ascii) ||
	       dane_lookup(ascii, s->port, s->resolver, &o, out, e);
}

static bool make_tls(struct server *s, struct conn *c, struct err *e)
{
	struct dane *dane = NULL;
	char *ascii;
	bool ok;

	/* The handshake reads from the socket itself: what was read before would be passed over. */
	if (conn_buffered(c) > 0)
		return err_set(e, ERR_TLS, "%s does not speak TLS on this port", conn_peer(c));
	if (!dial_ascii_host(s->host, &ascii, e))
		return false;
	if (!look_up_dane(s, ascii, &dane, e)) {
		free(ascii);
		return false;
	}
	s->tls.host = ascii;
	s->tls.port = s->port;
	s->tls.alpn = alpn_of(s);
	s->tls.dane = dane && dane->n ? dane : NULL;
	s->tls.key_password = give_key_password;
	s->tls.data = s;
	ok = tls_start(c, &s->tls, &s->cert, e);
	s->tls.host = NULL;
	s->tls.dane = NULL;
	free(dane);
	free(ascii);
	if (!ok && s->cert.no_alpn && !s->no_alpn) {
		s->no_alpn = true;
		if (e)
			e->class = ERR_NET; /* the next connection does without */
	}
	return ok;
}

/* Behind a tunnel that is not secure stands a network like any other. */
static bool through_tunnel(struct server *s, struct conn **out, struct err *e)
{
	int fd;

	if (!s->tunnel(s->data, &fd, e))
		return false;
	*out = conn_new(fd, "the tunnel");
	if (s->tunnel_insecure)
		conn_set_peer(*out, "the tunnel");
	return true;
}

static bool through_proxy(
	struct server *s, const struct dial_opts *o, struct conn **out, struct err *e)
{
	struct proxy p;
	bool ok;

	if (!proxy_parse(s->proxy, &p, e))
		return false;
	ok = !p.user || p.pass || s->secret(s->data, SECRET_PROXY, &p.pass, e);
	ok = ok && proxy_dial(&p, s->host, s->port, o, out, e);
	s->proxy_refused = p.refused;
	proxy_fini(&p);
	return ok;
}

static bool reach(struct server *s, struct conn **out, struct err *e)
{
	struct dial_opts o = {
		.timeout_ms = s->connect_timeout_ms, .no_ipv6 = s->no_ipv6, .wake = s->wake};

	if (s->before && !s->before(s->data, e))
		return false;
	if (s->tunnel)
		return through_tunnel(s, out, e);
	if (s->socket && *s->socket)
		return dial_unix(s->socket, out, e);
	if (s->proxy && *s->proxy)
		return through_proxy(s, &o, out, e);
	return dial(s->host, s->port, &o, out, e);
}

bool server_begin(struct server *s, struct conn *c, struct err *e)
{
	memset(&s->cert, 0, sizeof(s->cert));
	apply_limits(s, c);
	return s->security != SERVER_TLS || s->tunnel || make_tls(s, c, e);
}

static bool connect_once(struct server *s, struct conn **out, struct err *e)
{
	struct conn *c;

	if (!reach(s, &c, e))
		return false;
	if (!server_begin(s, c, e)) {
		conn_free(c);
		return false;
	}
	*out = c;
	return true;
}

bool server_connect(struct server *s, struct conn **out, struct err *e)
{
	bool alpn = !s->no_alpn;

	if (connect_once(s, out, e))
		return true;
	return alpn && s->no_alpn && connect_once(s, out, e);
}

bool server_wants_starttls(const struct server *s, const struct conn *c)
{
	if (conn_is_tls(c) || s->security == SERVER_CLEAR)
		return false;
	return !s->tunnel || s->tunnel_insecure;
}

bool server_starttls(struct server *s, struct conn *c, struct err *e)
{
	/*
	 * The answer to STARTTLS is the last thing in clear. Whatever stands behind it was put
	 * there by somebody on the line (CVE-2011-0411 and its family): there is no honest reason
	 * for it.
	 */
	if (conn_discard(c) > 0)
		return err_set(e, ERR_TLS,
			"%s sent text in clear after it agreed to STARTTLS: somebody may be "
			"changing what it says",
			conn_peer(c));
	return make_tls(s, c, e);
}

bool server_may_send_password(const struct server *s, const struct conn *c)
{
	return conn_is_tls(c) || conn_is_local(c) || s->clear_login;
}
