/*
 * Between smtp.c (the session: greeting, EHLO, TLS, login), smtp_send.c (one message: its envelope and
 * what the answers mean) and smtp_data.c (its bytes).
 */
#ifndef NET_SMTP_PRIV_H
#define NET_SMTP_PRIV_H

#include "net/smtp.h"

struct smtp {
	struct server *server;
	struct conn *conn;
	bool dead;
	bool chunking_works,
		no_chunking; /* BDAT was taken; CHUNKING is offered, but BDAT is not known */
	char *helo;
	struct str ehlo; /* the keyword lines of EHLO, LF between */
	uint64_t max_size;
	struct smtp_reply reply; /* the last one */
};

/* Marks the connection as of no use; false. */
bool smtp_die(struct smtp *);
/* The next reply into m->reply. False: the connection is dead. 421 marks it dead, too. */
bool smtp_read_reply(struct smtp *, struct err *e) MUST_CHECK;
/* A command (without CRLF) and its reply. */
bool smtp_command(struct smtp *, const char *line, struct err *e) MUST_CHECK;
/* m->reply as an error: "what: 554 5.7.1 text". Returns false. */
bool smtp_refused(struct smtp *, const char *what, struct err *e);
/* "554 5.7.1 text" in one line. */
void smtp_words(const struct smtp_reply *, char *out, size_t size);
/* How long the other side may be silent from now on: ms, unless the account says otherwise. */
void smtp_phase(struct smtp *, int ms);
enum smtp_result smtp_result_of(int code);
/* A keyword line of EHLO: what follows the word. */
bool smtp_ehlo_find(const struct smtp *, const char *keyword, struct sv *rest);

/*
 * The server must be silent now. True when it is. False: it has said something (an error reply, which
 * is then m->reply, or nonsense, then m->reply.code is 0) or is gone; *e says which, the connection is
 * dead.
 */
bool smtp_is_silent(struct smtp *, struct err *e) MUST_CHECK;

/* ---- smtp_data.c ---- */

/*
 * The bytes of the message and its end, with the commit before the end. *ended: the end is on its way:
 * only the answer (to be read by the caller, one for each recipient in LMTP) can say what became of it.
 * False: not sent; *result says what for. *fall_back: the server does not know BDAT after all; nothing
 * was sent, DATA may be tried.
 */
bool smtp_put_data(struct smtp *, struct smtp_mail *, enum smtp_result *result, bool *ended,
	struct err *e) MUST_CHECK;
bool smtp_put_chunks(struct smtp *, struct smtp_mail *, enum smtp_result *result, bool *ended,
	bool *fall_back, struct err *e) MUST_CHECK;

#endif
