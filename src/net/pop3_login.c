/*
 * POP3 from the greeting to the login: capabilities, STLS (RFC 2595), UTF8 (RFC 6856), SASL (RFC
 * 5034), APOP and USER (RFC 1939).
 */
#include <openssl/x509.h>
#include <stdlib.h>

#include "net/pop3_priv.h"
#include "net/sasl.h"

/* ---- capabilities ---- */

bool pop3_has(const struct pop3 *p, const char *word, struct sv *rest)
{
	struct sv lines = sv_make(p->capa.s ? p->capa.s : "", p->capa.len), line, w;

	while (sv_split(&lines, '\n', &line)) {
		*rest = line;
		if (sv_split(rest, ' ', &w) && sv_is_case(w, word))
			return true;
	}
	return false;
}

bool pop3_capa_answer(struct pop3 *p, struct err *e)
{
	struct pop3_reply r;
	struct sv line;
	bool end = false;

	p->capa_sent = false;
	if (!pop3_read_reply(p, &r, e))
		return false;
	/* Some know CAPA only before the login: then what they said there holds. */
	if (!r.ok)
		return true;
	str_clear(&p->capa);
	p->has_capa = true;
	while (!end) {
		if (!pop3_list_line(p, &line, &end, e))
			return false;
		if (!end && (!str_add(&p->capa, sv_trim(line)) || !str_addc(&p->capa, '\n'))) {
			err_set(e, ERR_LIMIT, "the server's list of capabilities is too long");
			return pop3_die(p);
		}
	}
	return true;
}

bool pop3_capa(struct pop3 *p, struct err *e)
{
	if (p->dead)
		return err_set(e, ERR_NET, "the connection is over");
	if (!conn_write(p->conn, SV("CAPA\r\n"), e))
		return pop3_die(p);
	return pop3_capa_answer(p, e);
}

/* ---- opening ---- */

static bool greeting(struct pop3 *p, struct err *e)
{
	struct pop3_reply r;
	ptrdiff_t open, close;

	if (!pop3_read_reply(p, &r, e)) {
		if (e && e->class == ERR_PROTO)
			err_set(e, ERR_PROTO, "%s does not speak POP3 on this port",
				conn_peer(p->conn));
		return false;
	}
	if (!r.ok)
		return pop3_refused(p, &r, ERR_NET, "greeting", e);
	/* APOP's time stamp must look like a Message-ID (CVE-2007-1558). */
	open = sv_chr(r.text, '<');
	close = open < 0 ? -1 : sv_chr(sv_from(r.text, (size_t)open), '>');
	if (close > 2 && sv_chr(sv_make(r.text.p + open, (size_t)close), '@') > 0) {
		struct sv stamp = sv_make(r.text.p + open, (size_t)close + 1);
		bool plain = stamp.len < sizeof(p->stamp);

		for (size_t i = 0; i < stamp.len; i++)
			plain = plain && (unsigned char)stamp.p[i] > ' ' &&
				(unsigned char)stamp.p[i] < 127;
		if (plain)
			snprintf(p->stamp, sizeof(p->stamp), SV_FMT, SV_ARG(stamp));
	}
	return true;
}

static bool starttls(struct pop3 *p, struct err *e)
{
	struct pop3_reply r;
	struct sv rest;

	if (!pop3_capa(p, e))
		return false;
	if (!pop3_has(p, "STLS", &rest)) {
		if (p->server->security == SERVER_TLS_IF_OFFERED)
			return true;
		return err_set(e, ERR_TLS,
			"%s does not offer STARTTLS, and without it nothing is sent",
			conn_peer(p->conn));
	}
	if (!pop3_command(p, &r, e, "STLS"))
		return false;
	if (!r.ok) {
		pop3_refused(p, &r, ERR_TLS, "STARTTLS", e);
		if (e)
			e->class = ERR_TLS; /* whatever reason it gives: nothing is sent in clear */
		return false;
	}
	if (!server_starttls(p->server, p->conn, e))
		return pop3_die(p);
	str_clear(&p->capa);
	p->has_capa = false;
	p->stamp[0] = 0;
	return true;
}

/* ---- login ---- */

static bool listed(const struct server *s, const char *name)
{
	struct sv list = sv_of(s->authenticators), word;

	if (list.len == 0)
		return true;
	while (sv_split(&list, ':', &word))
		if (sv_is_case(sv_trim(word), name))
			return true;
	return false;
}

static bool secret_line(
	struct pop3 *p, const char *head, const char *secret, struct pop3_reply *r, struct err *e)
{
	for (const char *c = secret; *c; c++)
		if (*c == '\r' || *c == '\n')
			return err_set(
				e, ERR_AUTH, "the user name or password has a line end in it");
	if (!conn_write(p->conn, sv_of(head), e) || !conn_write_secret(p->conn, sv_of(secret), e) ||
		!conn_write(p->conn, SV("\r\n"), e))
		return pop3_die(p);
	return pop3_read_reply(p, r, e);
}

/* "*" takes the exchange back (RFC 5034); nothing is said after it. */
static bool give_up(struct pop3 *p)
{
	if (conn_write(p->conn, SV("*\r\n"), NULL))
		(void)!conn_flush(p->conn, NULL);
	return pop3_die(p);
}

static bool send_answer(struct pop3 *p, struct sv answer, struct pop3_reply *r, struct err *e)
{
	if (!conn_write_secret(p->conn, answer, e) || !conn_write(p->conn, SV("\r\n"), e))
		return pop3_die(p);
	return pop3_read_reply(p, r, e);
}

static bool sasl_exchange(struct pop3 *p, struct sasl *s, struct pop3_reply *r, struct err *e)
{
	struct err why = {0};
	struct sv first, answer;
	bool has_first = sasl_first(s, &first, &why), along = has_first && first.len < 200;

	if (why.class != ERR_NONE)
		return err_set(e, why.class, "%s", why.text);
	if (!conn_writef(p->conn, e, "AUTH %s", sasl_mechanism(s)) ||
		(along && (!conn_write(p->conn, SV(" "), e) ||
				  !conn_write_secret(p->conn, first, e))) ||
		!conn_write(p->conn, SV("\r\n"), e))
		return pop3_die(p);
	if (!pop3_read_reply(p, r, e))
		return false;
	if (has_first && !along && r->cont && !send_answer(p, first, r, e))
		return false;
	while (r->cont) {
		if (!sasl_step(s, r->text, &answer, e))
			return give_up(p);
		if (!send_answer(p, answer, r, e))
			return false;
	}
	return !r->ok || sasl_finish(s, SV(""), e) || pop3_die(p);
}

/* One mechanism. */
static bool attempt(
	struct pop3 *p, struct sv offered, struct sasl_tries *tries, bool *again, struct err *e)
{
	struct pop3_reply r;
	struct sasl *s;
	bool ok;

	*again = false;
	if (!sasl_new(p->server, p->conn, offered, tries, &s, e))
		return false;
	ok = sasl_exchange(p, s, &r, e);
	conn_note(p->conn, "login by %s: %s", sasl_mechanism(s), ok && r.ok ? "done" : "refused");
	if (ok && !r.ok) {
		ok = pop3_refused(p, &r, ERR_AUTH, "login", e);
		if (sasl_server_error(s)[0])
			err_at(e, "%s", sasl_server_error(s));
		*again = sasl_again(s, tries);
	} else if (ok) {
		sasl_worked(p->server, p->conn, sasl_mechanism(s));
	}
	sasl_free(s);
	return ok;
}

/* *next: no mechanism of SASL has looked at the password, USER may do. */
static bool log_in_sasl(struct pop3 *p, bool *next, struct err *e)
{
	struct sasl_tries tries = {0};
	struct str offered;
	struct sv rest;
	bool again = true, ok = false;

	*next = true;
	if (!pop3_has(p, "SASL", &rest))
		return err_set(
			e, ERR_AUTH, "%s offers no login that is allowed here", conn_peer(p->conn));
	str_init(&offered, CAPA_MAX);
	str_add(&offered, rest);
	while (again && !ok) {
		unsigned n = tries.n;

		ok = attempt(p, str_sv(&offered), &tries, &again, e);
		/* Nothing more was tried: what refused last had not seen the password. */
		*next = (tries.n == n || again) && !(p->server->one_login && tries.n > 0);
		again = again && !p->server->one_login;
	}
	str_fini(&offered);
	return ok;
}

/* RFC 1939: the MD5 of time stamp and password. */
static bool apop_digest(const char *stamp, const char *password, char hex[33])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	char *both = xasprintf("%s%s", stamp, password);
	unsigned n = 0;
	bool ok = EVP_Digest(both, strlen(both), md, &n, EVP_md5(), NULL) == 1 && n == 16;

	mem_wipe(both, strlen(both));
	free(both);
	for (unsigned i = 0; ok && i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", md[i]);
	return ok;
}

static bool log_in_apop(struct pop3 *p, const char *password, struct pop3_reply *r, struct err *e)
{
	char hex[33], *head;
	bool ok;

	if (!apop_digest(p->stamp, password, hex))
		return err_set(e, ERR_AUTH, "APOP: no MD5 here");
	head = xasprintf("APOP %s ", p->server->user);
	ok = secret_line(p, head, hex, r, e);
	free(head);
	return ok;
}

static bool log_in_user(struct pop3 *p, const char *password, struct pop3_reply *r, struct err *e)
{
	char *line = xasprintf("USER %s", p->server->user);
	bool ok = pop3_command(p, r, e, line);

	free(line);
	return ok && (!r->ok || secret_line(p, "PASS ", password, r, e));
}

static bool user_is_safe(const char *user)
{
	for (; *user; user++)
		if ((unsigned char)*user < ' ' || *user == 127)
			return false;
	return true;
}

static bool log_in_password(struct pop3 *p, struct err *e)
{
	struct secret *secret;
	struct pop3_reply r;
	struct sv rest;
	bool apop, user, ok;

	user = listed(p->server, "user") || listed(p->server, "plain") ||
	       listed(p->server, "login");
	user = user && (!p->has_capa || pop3_has(p, "USER", &rest) || !p->stamp[0]);
	/*
	 * MD5 can be undone by who listens: never on an open line, and only when nothing better is
	 * there.
	 */
	apop = !user && p->stamp[0] && listed(p->server, "apop");
	if (!user && !apop)
		return err_set(
			e, ERR_AUTH, "%s offers no login that is allowed here", conn_peer(p->conn));
	if (!server_may_send_password(p->server, p->conn))
		return err_set(e, ERR_AUTH,
			"%s offers only logins that would show the password on an unencrypted line",
			conn_peer(p->conn));
	if (!user_is_safe(p->server->user))
		return err_set(e, ERR_INPUT, "the user name has a control character in it");
	if (!sasl_strong_enough(p->server, p->conn, apop ? "APOP" : "USER", e))
		return false;
	if (!p->server->secret(p->server->data, SECRET_PASSWORD, &secret, e))
		return false;
	ok = apop ? log_in_apop(p, secret_text(secret), &r, e)
		  : log_in_user(p, secret_text(secret), &r, e);
	secret_free(secret);
	if (ok && !r.ok)
		return pop3_refused(p, &r, ERR_AUTH, "login", e);
	if (ok)
		sasl_worked(p->server, p->conn, apop ? "APOP" : "USER");
	return ok;
}

/* RFC 6856: from now on the server sends headers in UTF-8 as they are. Before the login only. */
static bool utf8(struct pop3 *p, struct err *e)
{
	struct pop3_reply r;
	struct sv rest;

	return !pop3_has(p, "UTF8", &rest) || pop3_command(p, &r, e, "UTF8");
}

static bool log_in(struct pop3 *p, struct err *e)
{
	struct err why = {0};
	bool next;

	if (!p->server->user || !*p->server->user)
		return err_set(e, ERR_AUTH, "no user name for %s", p->server->host);
	if ((!p->has_capa && !pop3_capa(p, e)) || !utf8(p, e))
		return false;
	if (log_in_sasl(p, &next, &why))
		return true;
	if (!next || p->dead || why.class == ERR_CANCEL)
		return err_set(e, why.class, "%s", why.text);
	return log_in_password(p, e);
}

/* After the login CAPA may say more. Its answer can come with that of LIST. */
static bool ask_again(struct pop3 *p, struct err *e)
{
	struct sv rest;

	if (!pop3_has(p, "PIPELINING", &rest))
		return pop3_capa(p, e);
	p->capa_sent = conn_write(p->conn, SV("CAPA\r\n"), e);
	return p->capa_sent || pop3_die(p);
}

bool pop3_open(struct server *server, struct pop3 **out, struct err *e)
{
	struct conn *c;

	return server_connect(server, &c, e) && pop3_open_on(c, server, out, e);
}

bool pop3_open_on(struct conn *c, struct server *server, struct pop3 **out, struct err *e)
{
	struct pop3 *p = xcalloc(1, sizeof(*p));
	bool plain = server_wants_starttls(server, c);

	p->server = server;
	p->conn = c;
	p->window = POP3_WINDOW_MIN;
	str_init(&p->capa, CAPA_MAX);
	if (!greeting(p, e) || (plain && !starttls(p, e)) || !log_in(p, e) || !ask_again(p, e)) {
		pop3_free(p);
		return false;
	}
	*out = p;
	return true;
}
