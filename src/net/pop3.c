/*
 * POP3. A message ends with CRLF "." CRLF and nothing else: a lone LF does not count, or a sender
 * could end his message early and put words into the server's mouth.
 */
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/hash.h"
#include "net/pop3.h"
#include "net/sasl.h"

#define CAPA_MAX 16384
#define PIPELINE_AHEAD 16

struct pop3 {
	struct server *server;
	struct conn *conn;
	bool dead;
	bool has_capa;
	struct str capa; /* lines, LF between */
	char stamp[256]; /* APOP's, from the greeting; "" */
};

/* ---- replies ---- */

static bool die(struct pop3 *p)
{
	p->dead = true;
	return false;
}

bool pop3_parse_reply(struct sv line, struct pop3_reply *r, struct err *e)
{
	*r = (struct pop3_reply){0};
	if (sv_starts_case(line, SV("+OK")) &&
		(line.len == 3 || line.p[3] == ' ' || line.p[3] == '\t')) {
		r->ok = true;
		line = sv_from(line, 3);
	} else if (sv_starts_case(line, SV("-ERR")) &&
		   (line.len == 4 || line.p[4] == ' ' || line.p[4] == '\t')) {
		line = sv_from(line, 4);
	} else if (sv_starts(line, SV("+")) && (line.len == 1 || line.p[1] == ' ')) {
		r->cont = true;
		line = sv_from(line, 1);
	} else {
		return err_set(
			e, ERR_PROTO, "not a POP3 reply: " SV_FMT, SV_ARG(sv_head(line, 80)));
	}
	line = sv_trim(line);
	if (line.len && line.p[0] == '[') {
		ptrdiff_t end = sv_chr(line, ']');

		if (end > 1) {
			r->code = sv_make(line.p + 1, (size_t)end - 1);
			line = sv_trim(sv_from(line, (size_t)end + 1));
		}
	}
	r->text = line;
	return true;
}

static bool read_reply(struct pop3 *p, struct pop3_reply *r, struct err *e)
{
	struct sv line;

	if (p->dead)
		return err_set(e, ERR_NET, "the connection is over");
	if (!conn_read_line(p->conn, POP3_LINE_MAX, &line, e) || !pop3_parse_reply(line, r, e))
		return die(p);
	return true;
}

/* The server's "no" as an error. */
static bool refused(
	const struct pop3_reply *r, enum err_class class, const char *what, struct err *e)
{
	bool later = sv_is_case(r->code, "IN-USE") || sv_is_case(r->code, "LOGIN-DELAY") ||
		     sv_is_case(r->code, "SYS/TEMP");

	return err_set(e, later ? ERR_NET : class, "%s: the server says no%s" SV_FMT, what,
		r->text.len ? ": " : "", SV_ARG(sv_head(r->text, 300)));
}

static bool command(struct pop3 *p, struct pop3_reply *r, struct err *e, const char *line)
{
	if (p->dead)
		return err_set(e, ERR_NET, "the connection is over");
	if (!conn_write(p->conn, sv_of(line), e) || !conn_write(p->conn, SV("\r\n"), e))
		return die(p);
	return read_reply(p, r, e);
}

/* A line of a list answer, dot removed. *end: it was the last. Lent. */
static bool list_line(struct pop3 *p, struct sv *line, bool *end, struct err *e)
{
	if (!conn_read_line(p->conn, POP3_LINE_MAX, line, e))
		return die(p);
	*end = sv_is(*line, ".");
	if (line->len && line->p[0] == '.')
		*line = sv_from(*line, 1);
	return true;
}

/* ---- capabilities ---- */

static bool has(const struct pop3 *p, const char *word, struct sv *rest)
{
	struct sv lines = sv_make(p->capa.s ? p->capa.s : "", p->capa.len), line, w;

	while (sv_split(&lines, '\n', &line)) {
		*rest = line;
		if (sv_split(rest, ' ', &w) && sv_is_case(w, word))
			return true;
	}
	return false;
}

static bool capa(struct pop3 *p, struct err *e)
{
	struct pop3_reply r;
	struct sv line;
	bool end = false;

	str_clear(&p->capa);
	if (!command(p, &r, e, "CAPA"))
		return false;
	p->has_capa = r.ok;
	while (r.ok && !end) {
		if (!list_line(p, &line, &end, e))
			return false;
		if (!end && (!str_add(&p->capa, sv_trim(line)) || !str_addc(&p->capa, '\n'))) {
			err_set(e, ERR_LIMIT, "the server's list of capabilities is too long");
			return die(p);
		}
	}
	return true;
}

bool pop3_has_top(const struct pop3 *p)
{
	struct sv rest;

	return !p->has_capa || has(p, "TOP", &rest);
}

/* ---- opening ---- */

static bool greeting(struct pop3 *p, struct err *e)
{
	struct pop3_reply r;
	ptrdiff_t open, close;

	if (!read_reply(p, &r, e)) {
		if (e && e->class == ERR_PROTO)
			err_set(e, ERR_PROTO, "%s does not speak POP3 on this port",
				conn_peer(p->conn));
		return false;
	}
	if (!r.ok)
		return refused(&r, ERR_NET, "greeting", e);
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

	if (!capa(p, e))
		return false;
	if (!has(p, "STLS", &rest)) {
		if (p->server->security == SERVER_TLS_IF_OFFERED)
			return true;
		return err_set(e, ERR_TLS,
			"%s does not offer STARTTLS, and without it nothing is sent",
			conn_peer(p->conn));
	}
	if (!command(p, &r, e, "STLS"))
		return false;
	if (!r.ok)
		return refused(&r, ERR_TLS, "STARTTLS", e);
	if (!server_starttls(p->server, p->conn, e))
		return die(p);
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
		return die(p);
	return read_reply(p, r, e);
}

static bool sasl_exchange(struct pop3 *p, struct sasl *s, struct pop3_reply *r, struct err *e)
{
	struct sv first, answer;
	bool has_first = sasl_first(s, &first), along = has_first && first.len < 200;

	if (!conn_writef(p->conn, e, "AUTH %s", sasl_mechanism(s)) ||
		(along && (!conn_write(p->conn, SV(" "), e) ||
				  !conn_write_secret(p->conn, first, e))) ||
		!conn_write(p->conn, SV("\r\n"), e))
		return die(p);
	if (!read_reply(p, r, e))
		return false;
	if (has_first && !along && r->cont) {
		if (!conn_write_secret(p->conn, first, e) || !conn_write(p->conn, SV("\r\n"), e))
			return die(p);
		if (!read_reply(p, r, e))
			return false;
	}
	while (r->cont) {
		if (!sasl_step(s, r->text, &answer, e))
			return die(p);
		if (!conn_write_secret(p->conn, answer, e) || !conn_write(p->conn, SV("\r\n"), e))
			return die(p);
		if (!read_reply(p, r, e))
			return false;
	}
	return !r->ok || sasl_finish(s, SV(""), e) || die(p);
}

/* *tried: a mechanism was found and used. */
static bool log_in_sasl(struct pop3 *p, bool *tried, struct err *e)
{
	struct pop3_reply r;
	struct str offered;
	struct sv rest;
	struct sasl *s;
	bool ok;

	*tried = false;
	if (!has(p, "SASL", &rest))
		return err_set(
			e, ERR_AUTH, "%s offers no login that is allowed here", conn_peer(p->conn));
	str_init(&offered, CAPA_MAX);
	str_add(&offered, rest);
	ok = sasl_new(p->server, p->conn, str_sv(&offered), NULL, &s, e);
	str_fini(&offered);
	if (!ok)
		return false;
	*tried = true;
	ok = sasl_exchange(p, s, &r, e);
	if (ok && !r.ok) {
		*tried = !sasl_may_try_another(s); /* else USER may do */
		ok = refused(&r, ERR_AUTH, "login", e);
	}
	sasl_free(s);
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
	bool ok = command(p, r, e, line);

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
	user = user && (!p->has_capa || has(p, "USER", &rest) || !p->stamp[0]);
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
	if (!p->server->secret(p->server->data, SECRET_PASSWORD, &secret, e))
		return false;
	ok = apop ? log_in_apop(p, secret_text(secret), &r, e)
		  : log_in_user(p, secret_text(secret), &r, e);
	secret_free(secret);
	if (ok && !r.ok)
		return refused(&r, ERR_AUTH, "login", e);
	return ok;
}

static bool log_in(struct pop3 *p, struct err *e)
{
	bool tried;

	if (!p->server->user || !*p->server->user)
		return err_set(e, ERR_AUTH, "no user name for %s", p->server->host);
	if (!p->has_capa && !capa(p, e))
		return false;
	if (log_in_sasl(p, &tried, e))
		return true;
	if (tried || p->dead || (e && e->class == ERR_CANCEL))
		return false;
	return log_in_password(p, e);
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
	str_init(&p->capa, CAPA_MAX);
	if (!greeting(p, e) || (plain && !starttls(p, e)) || !log_in(p, e) || !capa(p, e)) {
		pop3_free(p);
		return false;
	}
	*out = p;
	return true;
}

void pop3_free(struct pop3 *p)
{
	if (!p)
		return;
	conn_free(p->conn);
	str_fini(&p->capa);
	free(p);
}

bool pop3_quit(struct pop3 *p, struct err *e)
{
	struct pop3_reply r;
	bool ok = command(p, &r, e, "QUIT");

	if (ok && !r.ok)
		ok = refused(&r, ERR_PROTO, "QUIT", e);
	p->dead = true;
	return ok;
}

/* ---- lists ---- */

void pop3_items_free(struct pop3_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(items[i].uidl);
	free(items);
}

struct items {
	struct pop3_item *v;
	size_t n, cap;
};

/* "12 34567" */
static bool list_entry(struct items *it, struct sv line)
{
	struct scan s = scan_of(sv_trim(line));
	uint64_t number, size;

	if (!scan_u64(&s, &number) || number == 0 || number > UINT32_MAX)
		return false;
	scan_spaces(&s);
	if (!scan_u64(&s, &size) || it->n >= POP3_MESSAGES_MAX)
		return false;
	if (it->n && number <= it->v[it->n - 1].number)
		return false; /* repeated or out of order */
	array_grow(it->v, it->n, it->cap);
	it->v[it->n++] = (struct pop3_item){(uint32_t)number, size, NULL};
	return true;
}

static struct pop3_item *find_item(struct items *it, uint64_t number)
{
	size_t lo = 0, hi = it->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (it->v[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < it->n && it->v[lo].number == number ? &it->v[lo] : NULL;
}

/* "12 whqtswO00WBw418f9t5JxYwZ": printable ASCII, and each one once. */
static bool uidl_entry(struct items *it, struct map *seen, struct sv line)
{
	struct scan s = scan_of(sv_trim(line));
	struct pop3_item *item;
	struct sv uidl;
	uint64_t number;

	if (!scan_u64(&s, &number))
		return false;
	scan_spaces(&s);
	uidl = scan_rest(&s);
	item = find_item(it, number);
	if (!item || item->uidl || uidl.len == 0 || uidl.len > POP3_UIDL_MAX || map_has(seen, uidl))
		return false;
	for (size_t i = 0; i < uidl.len; i++)
		if ((unsigned char)uidl.p[i] < '!' || (unsigned char)uidl.p[i] > '~')
			return false;
	item->uidl = sv_dup(uidl);
	map_set(seen, uidl, item);
	return true;
}

static bool read_list(struct pop3 *p, struct items *it, struct err *e)
{
	struct pop3_reply r;
	struct sv line;
	bool end = false;

	if (!read_reply(p, &r, e))
		return false;
	if (!r.ok)
		return refused(&r, ERR_PROTO, "LIST", e);
	while (!end) {
		if (!list_line(p, &line, &end, e))
			return false;
		if (!end && !list_entry(it, line)) {
			err_set(e, ERR_PROTO, "the server's list of messages makes no sense");
			return die(p);
		}
	}
	return true;
}

static bool read_uidl(struct pop3 *p, struct items *it, struct err *e)
{
	struct map *seen = map_new();
	struct pop3_reply r;
	struct sv line;
	bool end = false, ok = read_reply(p, &r, e);

	/*
	 * A server without UIDL: then there is none, and the caller must know messages by other
	 * means.
	 */
	while (ok && r.ok && !end) {
		ok = list_line(p, &line, &end, e);
		/*
		 * An entry that is no use (repeated, for nobody) leaves its message without a UIDL
		 * (quirk: REPEATED_UIDL).
		 */
		if (ok && !end && !uidl_entry(it, seen, line))
			conn_note(p->conn, "UIDL entry left out");
	}
	map_free(seen);
	return ok;
}

bool pop3_list(struct pop3 *p, struct pop3_item **items, size_t *n, struct err *e)
{
	struct items it = {0};
	struct sv rest;
	bool ahead = has(p, "PIPELINING", &rest);

	if (p->dead)
		return err_set(e, ERR_NET, "the connection is over");
	if (!conn_write(p->conn, ahead ? SV("LIST\r\nUIDL\r\n") : SV("LIST\r\n"), e))
		return die(p);
	if (!read_list(p, &it, e) || (!ahead && !conn_write(p->conn, SV("UIDL\r\n"), e)) ||
		!read_uidl(p, &it, e)) {
		pop3_items_free(it.v, it.n);
		return false;
	}
	for (size_t i = 0; i < it.n; i++)
		if (!it.v[i].uidl)
			it.v[i].uidl = xstrdup("");
	*items = it.v;
	*n = it.n;
	return true;
}

/* ---- messages ---- */

enum end_state { LINE_START, DOT, DOT_CR, IN_LINE, CR };

/*
 * Hands the bytes of the message in `here` to the sink without the dots of stuffing. *used: bytes
 * eaten; *end: the final dot was among them.
 */
static bool unstuff(struct sv here, enum end_state *st, pop3_sink *sink, void *data, size_t *used,
	bool *end, struct err *e)
{
	size_t from = 0, i = 0;

	*end = false;
	for (; i < here.len && !*end; i++) {
		char c = here.p[i];

		switch (*st) {
		case LINE_START:
			if (c == '.') {
				if (i > from && !sink(data, sv_make(here.p + from, i - from), e))
					return false;
				from = i + 1;
				*st = DOT;
				continue;
			}
			break;
		case DOT:
			if (c == '\r') {
				*st = DOT_CR;
				from = i + 1;
				continue;
			}
			break;
		case DOT_CR:
			if (c == '\n') {
				*end = true;
				from = i + 1;
				continue;
			}
			if (!sink(data, SV("\r"), e))
				return false;
			break;
		case CR:
			if (c == '\n') {
				*st = LINE_START;
				continue;
			}
			break;
		case IN_LINE:
			break;
		}
		*st = c == '\r' ? CR : IN_LINE;
	}
	*used = i;
	return *end || i <= from || sink(data, sv_make(here.p + from, i - from), e);
}

static bool read_message(struct pop3 *p, pop3_sink *sink, void *data, struct err *e)
{
	enum end_state st = LINE_START;
	bool end = false;

	while (!end) {
		struct sv here;
		size_t used;

		if (!conn_peek(p->conn, &here, e) ||
			!unstuff(here, &st, sink, data, &used, &end, e))
			return die(p);
		conn_take(p->conn, used);
	}
	return true;
}

bool pop3_retrieve(
	struct pop3 *p, uint32_t number, int lines, pop3_sink *sink, void *data, struct err *e)
{
	struct pop3_reply r;
	char line[64];

	if (lines < 0)
		snprintf(line, sizeof(line), "RETR %u", number);
	else
		snprintf(line, sizeof(line), "TOP %u %d", number, lines);
	if (!command(p, &r, e, line))
		return false;
	if (!r.ok)
		return refused(&r, ERR_GONE, line, e);
	return read_message(p, sink, data, e);
}

bool pop3_retrieve_many(struct pop3 *p, const uint32_t *numbers, size_t n, pop3_sink *sink,
	bool (*done)(void *data, uint32_t number, struct err *e), void *data, struct err *e)
{
	struct sv rest;
	size_t ahead = has(p, "PIPELINING", &rest) ? PIPELINE_AHEAD : 1, sent = 0;

	for (size_t i = 0; i < n; i++) {
		struct pop3_reply r;

		for (; sent < n && sent < i + ahead; sent++)
			if (!conn_writef(p->conn, e, "RETR %u\r\n", numbers[sent]))
				return die(p);
		if (!read_reply(p, &r, e))
			return false;
		if (!r.ok) {
			/*
			 * Answers to the commands sent ahead are still to come: this session ends
			 * here.
			 */
			refused(&r, ERR_GONE, "RETR", e);
			return die(p);
		}
		if (!read_message(p, sink, data, e) || !done(data, numbers[i], e))
			return die(p);
	}
	return true;
}

bool pop3_delete(struct pop3 *p, uint32_t number, struct err *e)
{
	struct pop3_reply r;
	char line[64];

	snprintf(line, sizeof(line), "DELE %u", number);
	if (!command(p, &r, e, line))
		return false;
	return r.ok || refused(&r, ERR_GONE, line, e);
}

bool pop3_noop(struct pop3 *p, struct err *e)
{
	struct pop3_reply r;

	return command(p, &r, e, "NOOP");
}
