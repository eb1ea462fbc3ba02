/*
 * Reaching a server as safely as the account asks for.
 */
#include <stdlib.h>

#include "net/dial.h"
#include "net/server.h"

static void apply_limits(struct server *s, struct conn *c)
{
	conn_set_wake(c, s->wake);
	conn_set_timeout(c, s->timeout_ms ? s->timeout_ms : SERVER_TIMEOUT_MS);
	conn_set_wire_log(c, s->wire_log);
}

static bool make_tls(struct server *s, struct conn *c, struct err *e)
{
	char *ascii;
	bool ok;

	if (!dial_ascii_host(s->host, &ascii, e))
		return false;
	s->tls.host = ascii;
	s->tls.port = s->port;
	ok = tls_start(c, &s->tls, &s->cert, e);
	s->tls.host = NULL;
	free(ascii);
	return ok;
}

bool server_connect(struct server *s, struct conn **out, struct err *e)
{
	struct conn *c;

	memset(&s->cert, 0, sizeof(s->cert));
	bool ok = s->tunnel && *s->tunnel   ? dial_tunnel(s->tunnel, &c, e)
		  : s->socket && *s->socket ? dial_unix(s->socket, &c, e)
					    : dial(s->host, s->port, s->connect_timeout_ms, s->wake, &c, e);

	if (!ok)
		return false;
	apply_limits(s, c);
	if (s->security == SERVER_TLS && !(s->tunnel && *s->tunnel) && !make_tls(s, c, e)) {
		conn_free(c);
		return false;
	}
	*out = c;
	return true;
}

bool server_wants_starttls(const struct server *s, const struct conn *c)
{
	bool tunnel = s->tunnel && *s->tunnel;

	if (conn_is_tls(c) || s->security == SERVER_CLEAR)
		return false;
	return !tunnel || s->tunnel_insecure;
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
