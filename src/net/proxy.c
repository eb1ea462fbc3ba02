/*
 * SOCKS5 and HTTP CONNECT, the client's side.
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include "net/base64.h"
#include "net/proxy.h"
#include "text/url.h"

#define SOCKS_TEXT_MAX 255 /* of a name, a user, a password (RFC 1928, 1929: one byte of length) */
#define HTTP_LINE_MAX 8192
#define HTTP_LINES_MAX 100
#define HTTP_PORT 8080
#define SOCKS_PORT 1080

/* ---- the URL ---- */

static bool take_scheme(const char *scheme, struct proxy *p)
{
	static const struct {
		const char *scheme;
		enum proxy_kind kind;
		unsigned port;
	} kinds[] = {
		{"socks5", PROXY_SOCKS5, SOCKS_PORT},
		{"socks5h", PROXY_SOCKS5H, SOCKS_PORT},
		{"socks", PROXY_SOCKS5H, SOCKS_PORT},
		{"http", PROXY_HTTP, HTTP_PORT},
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(scheme, kinds[i].scheme) != 0)
			continue;
		p->kind = kinds[i].kind;
		p->port = kinds[i].port;
		return true;
	}
	return false;
}

bool proxy_parse(const char *text, struct proxy *p, struct err *e)
{
	struct arena *arena = arena_new();
	struct url url;
	bool ok;

	*p = (struct proxy){0};
	/* The text may hold a password: it is not in the message. */
	ok = url_parse(arena, sv_of(text), &url, e) && url.host && *url.host;
	if (!ok)
		err_set(e, ERR_INPUT, "$proxy is not a URL such as socks5h://host:port");
	else if (!take_scheme(url.scheme, p))
		ok = err_set(e, ERR_INPUT,
			"$proxy: %s:// is no kind of proxy that is known here (socks5, socks5h, "
			"http)",
			url.scheme);
	if (ok) {
		p->host = xstrdup(url.host);
		p->port = url.port ? url.port : p->port;
		p->user = url.user && *url.user ? xstrdup(url.user) : NULL;
		p->pass = p->user && url.pass ? secret_new(url.pass, strlen(url.pass)) : NULL;
	}
	if (ok && url.pass)
		mem_wipe((char *)(uintptr_t)url.pass, strlen(url.pass));
	arena_free(arena);
	return ok;
}

void proxy_fini(struct proxy *p)
{
	free(p->host);
	free(p->user);
	secret_free(p->pass);
	*p = (struct proxy){0};
}

/* ---- SOCKS5 ---- */

static bool read_exactly(struct conn *c, unsigned char *out, size_t n, struct err *e)
{
	while (n > 0) {
		struct sv piece;

		if (!conn_read_some(c, n, &piece, e))
			return false;
		memcpy(out, piece.p, piece.len);
		out += piece.len;
		n -= piece.len;
	}
	return true;
}

static bool no_socks(struct err *e)
{
	return err_set(e, ERR_NET, "the proxy does not speak SOCKS5 on this port");
}

/* RFC 1929. */
static bool socks_sign_in(struct conn *c, struct proxy *p, struct err *e)
{
	size_t user = strlen(p->user), pass = p->pass ? secret_len(p->pass) : 0;
	unsigned char head[2] = {1, (unsigned char)user}, mid = (unsigned char)pass, answer[2];
	bool ok;

	if (user > SOCKS_TEXT_MAX || pass > SOCKS_TEXT_MAX)
		return err_set(e, ERR_INPUT, "$proxy: the user name or password is too long");
	ok = conn_write(c, sv_make((char *)head, 2), e) &&
	     conn_write_secret(c, sv_make(p->user, user), e) &&
	     conn_write_secret(c, sv_make((char *)&mid, 1), e) &&
	     (pass == 0 || conn_write_secret(c, sv_make(secret_text(p->pass), pass), e));
	if (!ok || !read_exactly(c, answer, 2, e))
		return false;
	p->refused = answer[1] != 0;
	return !p->refused ||
	       err_set(e, ERR_NET, "the proxy refuses user %s (see $proxy)", p->user);
}

static bool socks_greet(struct conn *c, struct proxy *p, struct err *e)
{
	static const char with[] = {5, 2, 0, 2}, without[] = {5, 1, 0};
	unsigned char answer[2];

	if (!conn_write(c, p->user ? sv_make(with, 4) : sv_make(without, 3), e) ||
		!read_exactly(c, answer, 2, e))
		return false;
	if (answer[0] != 5)
		return no_socks(e);
	if (answer[1] == 2 && p->user)
		return socks_sign_in(c, p, e);
	if (answer[1] == 0)
		return true;
	return err_set(e, ERR_NET,
		p->user ? "the proxy takes no user name and password"
			: "the proxy wants a user name and password (see $proxy)");
}

static const char *socks_reason(unsigned code)
{
	static const char *const words[] = {NULL, "it failed", "its rules do not allow it",
		"the network cannot be reached", "the host cannot be reached",
		"the connection was refused", "the time to live ran out",
		"it does not know the command", "it does not know the kind of address"};

	return code < ARRAY_LEN(words) ? words[code] : "it gives no reason";
}

static bool put_address(struct str *s, const char *host, unsigned port)
{
	unsigned char raw[16];
	size_t len = strlen(host);
	char end[2] = {(char)(port >> 8), (char)port};
	bool ok;

	if (inet_pton(AF_INET, host, raw) == 1)
		ok = str_addc(s, 1) && str_add(s, sv_make((char *)raw, 4));
	else if (inet_pton(AF_INET6, host, raw) == 1)
		ok = str_addc(s, 4) && str_add(s, sv_make((char *)raw, 16));
	else
		ok = len <= SOCKS_TEXT_MAX && str_addc(s, 3) && str_addc(s, (char)len) &&
		     str_adds(s, host);
	return ok && str_add(s, sv_make(end, 2));
}

/* The address that the proxy uses stands behind its answer; it is of no interest. */
static bool skip_address(struct conn *c, unsigned kind, struct err *e)
{
	unsigned char raw[SOCKS_TEXT_MAX + 2], len;

	if (kind == 1)
		return read_exactly(c, raw, 4 + 2, e);
	if (kind == 4)
		return read_exactly(c, raw, 16 + 2, e);
	if (kind != 3)
		return no_socks(e);
	return read_exactly(c, &len, 1, e) && read_exactly(c, raw, (size_t)len + 2, e);
}

static bool socks_connect(
	struct conn *c, struct proxy *p, const char *host, unsigned port, struct err *e)
{
	unsigned char answer[4];
	struct str s;
	bool ok;

	if (!socks_greet(c, p, e))
		return false;
	str_init(&s, SOCKS_TEXT_MAX + 8);
	ok = str_add(&s, sv_make("\5\1\0", 3)) && put_address(&s, host, port);
	if (!ok)
		err_set(e, ERR_INPUT, "the host name is too long for the proxy");
	ok = ok && conn_write(c, str_sv(&s), e) && read_exactly(c, answer, 4, e);
	str_fini(&s);
	if (!ok)
		return false;
	if (answer[0] != 5)
		return no_socks(e);
	if (answer[1] != 0)
		return err_set(e, ERR_NET, "the proxy does not connect to %s: %s", host,
			socks_reason(answer[1]));
	return skip_address(c, answer[3], e);
}

/* ---- HTTP CONNECT ---- */

static bool http_ask(
	struct conn *c, struct proxy *p, const char *host, unsigned port, struct err *e)
{
	const char *form = strchr(host, ':') ? "CONNECT [%s]:%u HTTP/1.1\r\nHost: [%s]:%u\r\n"
					     : "CONNECT %s:%u HTTP/1.1\r\nHost: %s:%u\r\n";
	struct str pair, b64;
	bool ok;

	if (!conn_writef(c, e, form, host, port, host, port))
		return false;
	if (!p->user)
		return conn_write(c, SV("\r\n"), e);
	str_init(&pair, SECRET_MAX * 2);
	str_init(&b64, SECRET_MAX * 4);
	(void)str_reserve(&pair, strlen(p->user) + SECRET_MAX + 2);
	(void)str_reserve(&b64, 2 * (strlen(p->user) + SECRET_MAX));
	ok = str_addf(&pair, "%s:%s", p->user, p->pass ? secret_text(p->pass) : "") &&
	     base64_add(&b64, str_sv(&pair));
	if (!ok)
		err_set(e, ERR_INPUT, "$proxy: the user name or password is too long");
	ok = ok && conn_write(c, SV("Proxy-Authorization: Basic "), e) &&
	     conn_write_secret(c, str_sv(&b64), e) && conn_write(c, SV("\r\n\r\n"), e);
	str_wipe(&pair);
	str_wipe(&b64);
	return ok;
}

/* "HTTP/1.1 200 Connection established" */
static bool http_status(struct sv line, unsigned *code, struct sv *words)
{
	struct sv version, number;
	uint64_t n;

	if (!sv_starts(line, SV("HTTP/1.")) || !sv_split(&line, ' ', &version) ||
		!sv_split(&line, ' ', &number) || number.len != 3 || !sv_u64(number, &n))
		return false;
	*code = (unsigned)n;
	*words = line;
	return true;
}

static bool http_connect(
	struct conn *c, struct proxy *p, const char *host, unsigned port, struct err *e)
{
	struct sv line, words;
	struct err why = {0};
	unsigned code;

	if (!http_ask(c, p, host, port, e) || !conn_read_line(c, HTTP_LINE_MAX, &line, e))
		return false;
	if (!http_status(line, &code, &words))
		return err_set(e, ERR_NET, "the proxy does not speak HTTP on this port");
	p->refused = code == 407;
	if (p->refused)
		err_set(&why, ERR_NET,
			p->user ? "the proxy refuses user %s (see $proxy)"
				: "the proxy wants a user name and password (see $proxy)%s",
			p->user ? p->user : "");
	else if (code / 100 != 2)
		err_set(&why, ERR_NET, "the proxy does not connect to %s: %u " SV_FMT, host, code,
			SV_ARG(sv_head(words, 200)));
	if (why.class != ERR_NONE) {
		*e = why;
		return false;
	}
	for (int i = 0; i < HTTP_LINES_MAX; i++) {
		if (!conn_read_line(c, HTTP_LINE_MAX, &line, e))
			return false;
		if (line.len == 0)
			return true;
	}
	return err_set(e, ERR_NET, "the proxy's answer does not end");
}

/* ---- both ---- */

static bool dial_through(struct proxy *p, const char *target, unsigned port,
	const struct dial_opts *o, struct conn **out, struct err *e)
{
	struct conn *c;
	bool ok;

	if (!dial(p->host, p->port, o, &c, e))
		return err_at(e, "the proxy");
	conn_set_timeout(c, o->timeout_ms > 0 ? o->timeout_ms : DIAL_TIMEOUT_MS);
	ok = p->kind == PROXY_HTTP ? http_connect(c, p, target, port, e)
				   : socks_connect(c, p, target, port, e);
	if (!ok) {
		if (e && e->class == ERR_LIMIT)
			e->class = ERR_NET;
		err_at(e, "%s", conn_peer(c));
		conn_free(c);
		return false;
	}
	*out = c;
	return true;
}

bool proxy_dial(struct proxy *p, const char *host, unsigned port, const struct dial_opts *o,
	struct conn **out, struct err *e)
{
	char list[DIAL_ADDRESSES_MAX][48], *ascii, *peer;
	struct err why = {0};
	bool ok = false;
	size_t n = 0;

	if (!dial_ascii_host(host, &ascii, e))
		return false;
	if (p->kind == PROXY_SOCKS5) {
		if (!dial_addresses(ascii, o, list, &n, e)) {
			free(ascii);
			return false;
		}
		for (size_t i = 0; !ok && i < n && why.class != ERR_CANCEL; i++)
			ok = dial_through(p, list[i], port, o, out, &why);
	} else {
		ok = dial_through(p, ascii, port, o, out, &why);
	}
	peer = xasprintf(strchr(ascii, ':') ? "[%s]:%u" : "%s:%u", ascii, port);
	if (ok)
		conn_set_peer(*out, peer);
	else if (e)
		*e = why;
	free(peer);
	free(ascii);
	return ok;
}
