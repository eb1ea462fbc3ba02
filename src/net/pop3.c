/*
 * A POP3 session after the login: commands one at a time, and the pipeline (RFC 2449), whose
 * commands are short and whose answers are always read, so that neither side can wait for the other.
 */
#include "net/pop3_priv.h"

#include <stdlib.h>

#include "base/clock.h"

#define SPEED_MS 100 /* between two looks at the speed of the line */
#define HALF_SECOND_MS 500

bool pop3_die(struct pop3 *p)
{
	p->dead = true;
	return false;
}

void pop3_free(struct pop3 *p)
{
	if (!p)
		return;
	conn_free(p->conn);
	str_fini(&p->capa);
	free(p);
}

/* ---- lines ---- */

bool pop3_read_reply(struct pop3 *p, struct pop3_reply *r, struct err *e)
{
	struct sv line;

	if (p->dead)
		return err_set(e, ERR_NET, "the connection is over");
	if (!conn_read_line(p->conn, POP3_LINE_MAX, &line, e))
		return pop3_die(p);
	if (!pop3_parse_reply(line, r, e)) {
		err_at(e, "%s", conn_peer(p->conn));
		return pop3_die(p);
	}
	return true;
}

bool pop3_list_line(struct pop3 *p, struct sv *line, bool *end, struct err *e)
{
	if (!conn_read_line(p->conn, POP3_LINE_MAX, line, e))
		return pop3_die(p);
	*end = sv_is(*line, ".");
	if (line->len && line->p[0] == '.')
		*line = sv_from(*line, 1);
	return true;
}

bool pop3_refused(const struct pop3 *p, const struct pop3_reply *r, enum err_class class, const char *what,
	struct err *e)
{
	static const struct {
		const char *code;
		enum err_class class;
		const char *meaning;
	} codes[] = {
		{"IN-USE", ERR_NET, " (another program has the mailbox open)"},
		{"LOGIN-DELAY", ERR_NET, " (it wants longer pauses between logins)"},
		{"SYS/TEMP", ERR_NET, " (trouble of its own, for a while)"},
		{"SYS/PERM", ERR_PROTO, " (trouble that its administrator must end)"},
		{"AUTH", ERR_AUTH, ""},
	};
	const char *meaning = "";
	struct sv rest;

	/* RFC 3206: who has this marks what is the password's fault; the rest is not. */
	if (class == ERR_AUTH && !r->code.len && pop3_has(p, "AUTH-RESP-CODE", &rest))
		class = ERR_PROTO;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		if (sv_is_case(r->code, codes[i].code)) {
			class = codes[i].class;
			meaning = codes[i].meaning;
		}
	}
	return err_set(e, class, "%s: the server says no%s" SV_FMT "%s", what, r->text.len ? ": " : "",
		SV_ARG(sv_head(r->text, 300)), meaning);
}

bool pop3_command(struct pop3 *p, struct pop3_reply *r, struct err *e, const char *line)
{
	if (p->dead)
		return err_set(e, ERR_NET, "the connection is over");
	if (p->count)
		bug("%zu commands are under way", p->count);
	if (p->capa_sent && !pop3_capa_answer(p, e))
		return false;
	if (!conn_write(p->conn, sv_of(line), e) || !conn_write(p->conn, SV("\r\n"), e))
		return pop3_die(p);
	return pop3_read_reply(p, r, e);
}

/* ---- what the server can ---- */

bool pop3_has_top(const struct pop3 *p)
{
	struct sv rest;

	return !p->has_capa || pop3_has(p, "TOP", &rest);
}

bool pop3_has_pipelining(const struct pop3 *p)
{
	struct sv rest;

	return !p->one_by_one && pop3_has(p, "PIPELINING", &rest);
}

/* The number after a capability, "EXPIRE 60 USER"; -1: none ("NEVER"). */
static int64_t capa_number(const struct pop3 *p, const char *word)
{
	struct sv rest, first;
	uint64_t n;

	return pop3_has(p, word, &rest) && sv_split(&rest, ' ', &first) && sv_u64(first, &n) && n < INT32_MAX ? (int64_t)n
													       : -1;
}

int64_t pop3_expire_days(const struct pop3 *p)
{
	return capa_number(p, "EXPIRE");
}

int64_t pop3_login_delay(const struct pop3 *p)
{
	return MAX(capa_number(p, "LOGIN-DELAY"), 0);
}

/* ---- the pipeline ---- */

void pop3_one_by_one(struct pop3 *p)
{
	p->one_by_one = true;
}

bool pop3_was_ahead(const struct pop3 *p)
{
	return p->was_ahead;
}

size_t pop3_under_way(const struct pop3 *p)
{
	return p->count;
}

bool pop3_may_send(const struct pop3 *p)
{
	if (p->dead)
		return false;
	if (p->count == 0)
		return true;
	return p->count < POP3_AHEAD_MAX && p->promised < p->window && pop3_has_pipelining(p);
}

bool pop3_send(struct pop3 *p, enum pop3_verb verb, uint32_t number, unsigned lines, uint64_t size, struct err *e)
{
	bool ok;

	if (p->dead)
		return err_set(e, ERR_NET, "the connection is over");
	if (p->count >= POP3_AHEAD_MAX)
		bug("%zu commands are under way", p->count);
	if (p->capa_sent && !pop3_capa_answer(p, e))
		return false;
	ok = verb == POP3_TOP    ? conn_writef(p->conn, e, "TOP %u %u\r\n", number, lines)
	     : verb == POP3_RETR ? conn_writef(p->conn, e, "RETR %u\r\n", number)
				 : conn_writef(p->conn, e, "DELE %u\r\n", number);
	if (!ok)
		return pop3_die(p);
	if (p->count == 0)
		p->alone_since = clock_ms();
	p->sent[(p->first + p->count++) % POP3_AHEAD_MAX] = (struct pop3_sent){verb, number, size};
	p->promised += size;
	p->was_ahead = p->was_ahead || p->count > 1;
	return true;
}

void pop3_next(const struct pop3 *p, enum pop3_verb *verb, uint32_t *number)
{
	*verb = p->sent[p->first].verb;
	*number = p->sent[p->first].number;
}

/*
 * The window is what comes in half a second (a line of 8 MB/s gets 4 MB, one of 100 kB/s 128 kB), or
 * twice what comes in a round trip: then it was perhaps the window that held the line up. Only the
 * time that we wait for answers counts: what the caller does with them says nothing of the line.
 */
static void measure(struct pop3 *p, uint64_t bytes, int64_t us)
{
	uint64_t ms = (uint64_t)MAX(2 * p->turn_ms, (int64_t)HALF_SECOND_MS), wanted;

	p->measured_bytes += bytes;
	p->measured_us += MAX(us, INT64_C(1));
	if (p->measured_us < SPEED_MS * 1000)
		return;
	wanted = p->measured_bytes * 1000 / (uint64_t)p->measured_us * ms;
	p->window = (size_t)MIN(MAX(wanted, (uint64_t)POP3_WINDOW_MIN), (uint64_t)POP3_WINDOW_MAX);
	p->measured_us = 0;
	p->measured_bytes = 0;
}

static bool read_message(struct pop3 *p, pop3_sink *sink, void *data, uint64_t *bytes, struct err *e)
{
	enum pop3_end_state st = LINE_START;
	bool end = false;

	while (!end) {
		struct sv here;
		size_t used;

		if (!conn_peek(p->conn, &here, e) || !pop3_unstuff(here, &st, sink, data, &used, &end, e))
			return pop3_die(p);
		conn_take(p->conn, used);
		*bytes += used;
	}
	return true;
}

bool pop3_answer(struct pop3 *p, pop3_sink *sink, void *data, struct pop3_answer *a, struct err *e)
{
	static const char *const names[] = {"RETR", "TOP", "DELE"};
	struct pop3_sent sent = p->sent[p->first];
	int64_t began = clock_us();
	struct pop3_reply r;

	if (p->count == 0)
		bug("no command is under way");
	*a = (struct pop3_answer){.verb = sent.verb, .number = sent.number};
	if (!pop3_read_reply(p, &r, e))
		return false;
	if (p->alone_since) {
		int64_t ms = clock_ms() - p->alone_since;

		p->turn_ms = p->turn_ms ? MIN(p->turn_ms, ms) : ms;
		p->alone_since = 0;
	}
	a->ok = r.ok;
	if (!r.ok) {
		char what[32];

		snprintf(what, sizeof(what), "%s %u", names[sent.verb], sent.number);
		pop3_refused(p, &r, ERR_GONE, what, &a->why);
	} else if (sent.verb != POP3_DELE) {
		if (!read_message(p, sink, data, &a->bytes, e))
			return false;
		measure(p, a->bytes, clock_us() - began);
	}
	p->first = (p->first + 1) % POP3_AHEAD_MAX;
	p->count--;
	p->promised -= sent.size;
	return true;
}

/* ---- one at a time ---- */

static bool nothing(void *data, struct sv piece, struct err *e)
{
	(void)data;
	(void)piece;
	(void)e;
	return true;
}

static bool one(struct pop3 *p, enum pop3_verb verb, uint32_t number, unsigned lines, pop3_sink *sink, void *data,
	struct err *e)
{
	struct pop3_answer a;

	if (p->count && !p->dead)
		bug("%zu commands are under way", p->count);
	if (!pop3_send(p, verb, number, lines, 0, e) || !pop3_answer(p, sink, data, &a, e))
		return false;
	if (!a.ok && e)
		*e = a.why;
	return a.ok;
}

bool pop3_retrieve(struct pop3 *p, uint32_t number, int lines, pop3_sink *sink, void *data, struct err *e)
{
	return one(p, lines < 0 ? POP3_RETR : POP3_TOP, number, lines < 0 ? 0 : (unsigned)lines, sink, data, e);
}

bool pop3_delete(struct pop3 *p, uint32_t number, struct err *e)
{
	return one(p, POP3_DELE, number, 0, nothing, NULL, e);
}

bool pop3_noop(struct pop3 *p, struct err *e)
{
	struct pop3_reply r;

	return pop3_command(p, &r, e, "NOOP");
}

bool pop3_last(struct pop3 *p, uint64_t *n, struct err *e)
{
	struct pop3_reply r;
	struct sv word;

	*n = 0;
	if (!pop3_command(p, &r, e, "LAST"))
		return false;
	if (r.ok && sv_split(&r.text, ' ', &word) && !sv_u64(word, n))
		*n = 0;
	return true;
}

bool pop3_quit(struct pop3 *p, struct err *e)
{
	struct pop3_reply r;
	bool ok = pop3_command(p, &r, e, "QUIT");

	if (ok && !r.ok)
		ok = pop3_refused(p, &r, ERR_PROTO, "QUIT", e);
	p->dead = true;
	return ok;
}
