/*
 * The bytes of a message: DATA with its dots (RFC 5321 4.5.2), or BDAT (RFC 3030), and its end, which
 * is one small write after everything else was sent: so the time in which nobody can know what became
 * of the message is as short as the way to the server.
 */
#include "net/smtp_priv.h"

#define CHUNKS_AHEAD 4 /* BDAT commands sent before their replies are read */
#define FIRST_LINE_MAX 1000

/* ---- DATA ---- */

enum dot_state { AT_LINE_START, IN_LINE, AFTER_CR };

/*
 * CRLF is the only line end on the wire: a lone CR or LF becomes one (no smuggling: RFC 5321
 * 2.3.8), a dot at the start of a line is doubled.
 */
static bool put_piece(struct conn *c, struct sv piece, enum dot_state *st, struct err *e)
{
	size_t from = 0;

	for (size_t i = 0; i < piece.len; i++) {
		char b = piece.p[i];
		struct sv before = sv_make(piece.p + from, i - from);

		if (*st == AFTER_CR && b != '\n') { /* a CR alone */
			if (!conn_write(c, SV("\r\n"), e))
				return false;
			*st = AT_LINE_START;
		}
		if (b == '\r') {
			if (!conn_write(c, before, e))
				return false;
			from = i + 1;
			*st = AFTER_CR;
		} else if (b == '\n') {
			if (!conn_write(c, before, e) || !conn_write(c, SV("\r\n"), e))
				return false;
			from = i + 1;
			*st = AT_LINE_START;
		} else {
			if (*st == AT_LINE_START && b == '.' &&
				(!conn_write(c, before, e) || !conn_write(c, SV("."), e)))
				return false;
			if (*st == AT_LINE_START && b == '.')
				from = i;
			*st = IN_LINE;
		}
	}
	return conn_write(c, sv_from(piece, from), e);
}

static bool put_message(struct conn *c, struct smtp_mail *mail, struct err *e)
{
	enum dot_state st = AT_LINE_START;

	for (;;) {
		struct sv piece;

		if (!mail->read(mail->data, &piece, e))
			return false;
		if (piece.len == 0)
			return st == AT_LINE_START || conn_write(c, SV("\r\n"), e);
		if (!put_piece(c, piece, &st, e))
			return false;
	}
}

/*
 * The line broke while the message went out. What the server said before it hung up ("552 too big",
 * 421) may be here already, and tells more than the broken line.
 */
static void last_words(struct smtp *m, enum smtp_result *result, struct err *e)
{
	struct err other;

	if (conn_buffered(m->conn) == 0 || !smtp_read_reply(m, &other) || m->reply.code < 400)
		return;
	*result = smtp_result_of(m->reply.code);
	smtp_refused(m, "the server gave up", e);
}

/*
 * All but the end is sent. The server must not have said anything yet, and the caller must agree. From
 * here on nobody may interrupt: only the answer can say what became of the message.
 */
static bool may_end(struct smtp *m, struct smtp_mail *mail, enum smtp_result *result, struct err *e)
{
	if (!smtp_is_silent(m, e)) {
		*result = m->reply.code >= 500 ? SMTP_NEVER : SMTP_LATER;
		return false;
	}
	if (mail->commit && !mail->commit(mail->data, e))
		return smtp_die(m);
	conn_set_wake(m->conn, WAKE_NONE);
	return true;
}

/* The few bytes of the end; only their answer may take its ten minutes. */
static bool put_end(struct smtp *m, struct sv end, struct err *e)
{
	if (!conn_write(m->conn, end, e) || !conn_flush(m->conn, e))
		return smtp_die(m);
	smtp_phase(m, SMTP_DOT_MS);
	return true;
}

bool smtp_put_data(struct smtp *m, struct smtp_mail *mail, enum smtp_result *result, bool *ended,
	struct err *e)
{
	smtp_phase(m, SMTP_DATA_MS);
	if (!put_message(m->conn, mail, e) || !conn_flush(m->conn, e)) {
		last_words(m, result, e);
		return smtp_die(m);
	}
	if (!may_end(m, mail, result, e))
		return false;
	*ended = true;
	return put_end(m, SV(".\r\n"), e);
}

/* ---- BDAT ---- */

struct chunker {
	struct str out; /* the chunk that is being filled */
	bool after_cr;
	unsigned open; /* BDATs without their reply */
};

/* LF becomes CRLF; every other byte is sent as it is: the count says where the message ends. */
static void fill_chunk(struct chunker *k, struct sv *piece)
{
	while (piece->len > 0 && k->out.len < SMTP_CHUNK) {
		struct sv room = sv_head(*piece, SMTP_CHUNK - k->out.len);
		ptrdiff_t lf = sv_chr(room, '\n');
		size_t n = lf < 0 ? room.len : (size_t)lf;

		if (n > 0)
			k->after_cr = room.p[n - 1] == '\r';
		str_add(&k->out, sv_head(room, n));
		if (lf >= 0) {
			str_adds(&k->out, k->after_cr ? "\n" : "\r\n");
			k->after_cr = false;
			n++;
		}
		*piece = sv_from(*piece, n);
	}
}

static bool read_chunk_reply(
	struct smtp *m, struct chunker *k, enum smtp_result *result, struct err *e)
{
	if (!smtp_read_reply(m, e))
		return false;
	k->open--;
	if (m->reply.code / 100 == 2)
		return !m->dead;
	*result = m->reply.code / 100 == 4 ? SMTP_LATER : SMTP_NEVER;
	return smtp_refused(m, "the server does not take the message", e);
}

static bool send_chunk(struct smtp *m, struct chunker *k, enum smtp_result *result, struct err *e)
{
	unsigned ahead = smtp_has(m, "PIPELINING") ? CHUNKS_AHEAD : 0;

	if (!conn_writef(m->conn, e, "BDAT %zu\r\n", k->out.len) ||
		!conn_write(m->conn, str_sv(&k->out), e)) {
		last_words(m, result, e);
		return smtp_die(m);
	}
	k->open++;
	str_clear(&k->out);
	while (k->open > ahead)
		if (!read_chunk_reply(m, k, result, e))
			return false;
	return true;
}

/* piece: what was read of it and not sent yet. */
static bool put_chunks(struct smtp *m, struct chunker *k, struct smtp_mail *mail, struct sv piece,
	enum smtp_result *result, struct err *e)
{
	bool end = false;

	while (!end) {
		if (piece.len == 0 && !mail->read(mail->data, &piece, e))
			return smtp_die(m);
		end = piece.len == 0;
		while (piece.len > 0 || (end && k->out.len > 0)) {
			fill_chunk(k, &piece);
			if ((end || k->out.len >= SMTP_CHUNK) && !send_chunk(m, k, result, e))
				return false;
		}
	}
	if (!conn_flush(m->conn, e)) {
		last_words(m, result, e);
		return smtp_die(m);
	}
	while (k->open > 0)
		if (!read_chunk_reply(m, k, result, e))
			return false;
	return true;
}

/* A chunk was refused: the answers to those behind it are read, so that the session stays in step. */
static void drain(struct smtp *m, struct chunker *k)
{
	while (!m->dead && k->open > 0 && smtp_read_reply(m, NULL))
		k->open--;
}

/* The first word of a line is a command to somebody: "DATA", "MAIL:". */
static bool is_verb(struct sv word)
{
	static const char *const verbs[] = {"HELO", "EHLO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "VRFY", "EXPN",
		"HELP", "NOOP", "QUIT", "TURN", "ATRN", "ETRN", "AUTH", "STARTTLS", "SEND", "SOML", "SAML"};

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (sv_is_case(word, verbs[i]))
			return true;
	return false;
}

/* The name and the text of a field, which mean nothing to whoever takes it for a command. */
static bool is_harmless(struct sv line)
{
	ptrdiff_t colon = sv_chr(line, ':');

	if (colon <= 0 || is_verb(sv_head(line, (size_t)colon)))
		return false;
	for (size_t i = 0; i < line.len; i++) {
		unsigned char b = (unsigned char)line.p[i];

		if (b < ' ' || b == 0x7f || (b == ' ' && i < (size_t)colon))
			return false;
	}
	return true;
}

/*
 * BDAT was refused. Who knows it has taken the chunk away with it, and says one thing to RSET; who does not has
 * taken the chunk for a command, and says first what it thinks of that.
 */
static bool back_in_step(struct smtp *m, struct err *e)
{
	if (!conn_write(m->conn, SV("RSET\r\n"), e))
		return smtp_die(m);
	return smtp_read_reply(m, e) && (m->reply.code / 100 == 2 || smtp_read_reply(m, e));
}

/*
 * The first line of the message is the first chunk, and its answer is waited for: a proxy that offers CHUNKING and
 * filters the command would take the text behind it for commands (quirk: CHUNKING_FILTERED). It is no chunk of
 * nothing (quirk: NULL_BDAT). What is left behind the line stays in *piece.
 */
static bool knows_bdat(struct smtp *m, struct chunker *k, struct sv *piece, bool *fall_back, struct err *e)
{
	ptrdiff_t lf = sv_chr(sv_head(*piece, FIRST_LINE_MAX), '\n');
	struct sv line = sv_head(*piece, lf < 0 ? 0 : (size_t)lf + 1);
	struct err refused;

	*fall_back = lf < 0 || !is_harmless(sv_head(line, line.len - (line.len > 1 && line.p[lf - 1] == '\r' ? 2 : 1)));
	if (*fall_back)
		return err_set(e, ERR_PROTO, "no first line for BDAT");
	*piece = sv_from(*piece, line.len);
	fill_chunk(k, &line);
	smtp_phase(m, SMTP_COMMAND_MS);
	if (!conn_writef(m->conn, e, "BDAT %zu\r\n", k->out.len) || !conn_write(m->conn, str_sv(&k->out), e))
		return smtp_die(m);
	str_clear(&k->out);
	if (!smtp_read_reply(m, e))
		return false;
	if (m->reply.code / 100 == 2)
		return true;
	*fall_back = m->reply.code / 100 == 5;
	smtp_refused(m, "the server does not take the message", &refused);
	if (e && (!*fall_back || back_in_step(m, e)))
		*e = refused;
	return false;
}

bool smtp_put_chunks(struct smtp *m, struct smtp_mail *mail, enum smtp_result *result, bool *ended,
	bool *fall_back, struct err *e)
{
	struct chunker k = {0};
	struct sv piece = SV("");
	bool ok = true;

	str_init(&k.out, SMTP_CHUNK + 2);
	if (!m->chunking_works)
		ok = (mail->read(mail->data, &piece, e) || smtp_die(m)) && knows_bdat(m, &k, &piece, fall_back, e);
	if (ok) {
		m->chunking_works = true;
		smtp_phase(m, SMTP_DATA_MS);
		ok = put_chunks(m, &k, mail, piece, result, e);
	}
	str_fini(&k.out);
	if (!ok && !m->dead)
		drain(m, &k);
	if (!ok || !may_end(m, mail, result, e))
		return false;
	*ended = true;
	return put_end(m, SV("BDAT 0 LAST\r\n"), e);
}
