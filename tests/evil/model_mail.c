/* The POP3 and SMTP servers of the tests. */
#include "tests/evil/model.h"

#include <stdio.h>
#include <stdlib.h>

const char *const model_pop_states[] = {"greeting", "capa", "stls", "auth-go", "auth", "user", "pass", "capa-in", "list",
	"uidl", "retr", "top", "dele", "noop", "quit", "other", NULL};
const char *const model_smtp_states[] = {"greeting", "ehlo", "helo", "starttls", "ehlo-in", "auth-go", "auth", "mail",
	"rcpt", "data", "dot", "bdat", "rset", "noop", "quit", "other", NULL};

/* ---- POP3 ---- */

static void pop_capa(struct model *m)
{
	struct str s;

	str_init(&s, 4096);
	str_adds(&s, "+OK\r\n");
	str_adds(&s, m->caps ? m->caps : "TOP\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\n");
	if (m->offer_tls && !m->secure)
		str_adds(&s, "STLS\r\n");
	else if (!m->caps)
		str_adds(&s, "USER\r\nSASL PLAIN\r\n");
	model_answer(m, m->authenticated ? "capa-in" : "capa", str_sv(&s), ".\r\n");
	str_fini(&s);
}

static void pop_message(struct model *m, struct sv args, bool top)
{
	struct sv number = {0}, text, line;
	uint64_t n = 0;
	struct str s;

	sv_split(&args, ' ', &number);
	if (!sv_u64(number, &n) || n > MODEL_MESSAGES || (text = model_message((unsigned)n)).len == 0) {
		model_answer(m, top ? "top" : "retr", SV(""), "-ERR no such message\r\n");
		return;
	}
	str_init(&s, MODEL_OUT_MAX);
	str_adds(&s, "+OK here\r\n");
	while (sv_line(&text, &line)) {
		if (line.len && line.p[0] == '.')
			str_addc(&s, '.');
		str_addf(&s, SV_FMT "\r\n", SV_ARG(line));
	}
	model_answer(m, top ? "top" : "retr", str_sv(&s), ".\r\n");
	str_fini(&s);
}

static void pop_lists(struct model *m, bool uidl)
{
	struct str s;

	str_init(&s, 4096);
	str_adds(&s, "+OK\r\n");
	for (unsigned i = 1; i <= MODEL_MESSAGES; i++) {
		if (uidl)
			str_addf(&s, "%u uid-%u\r\n", i, model_uids[i - 1]);
		else
			str_addf(&s, "%u %zu\r\n", i, model_message(i).len);
	}
	model_answer(m, uidl ? "uidl" : "list", str_sv(&s), ".\r\n");
	str_fini(&s);
}

static void pop_command(struct model *m, struct sv line)
{
	struct sv verb = {0}, mech = {0};

	sv_split(&line, ' ', &verb);
	if (m->sasl_tag[0]) {
		m->sasl_tag[0] = 0;
		m->authenticated = true;
		model_answer(m, "auth", SV(""), "+OK in\r\n");
	} else if (sv_is_case(verb, "CAPA")) {
		pop_capa(m);
	} else if (sv_is_case(verb, "STLS")) {
		model_answer(m, "stls", SV(""), "+OK go\r\n");
		m->turn_tls = m->said_yes;
	} else if (sv_is_case(verb, "AUTH")) {
		sv_split(&line, ' ', &mech);
		if (line.len) {
			m->authenticated = true;
			model_answer(m, "auth", SV(""), "+OK in\r\n");
		} else {
			model_answer(m, "auth-go", SV(""), "+ \r\n");
			m->sasl_tag[0] = m->said_yes ? '+' : 0;
		}
	} else if (sv_is_case(verb, "USER")) {
		model_answer(m, "user", SV(""), "+OK\r\n");
	} else if (sv_is_case(verb, "PASS") || sv_is_case(verb, "APOP")) {
		m->authenticated = true;
		model_answer(m, "pass", SV(""), "+OK in\r\n");
	} else if (sv_is_case(verb, "LIST") || sv_is_case(verb, "UIDL")) {
		pop_lists(m, sv_is_case(verb, "UIDL"));
	} else if (sv_is_case(verb, "RETR") || sv_is_case(verb, "TOP")) {
		pop_message(m, line, sv_is_case(verb, "TOP"));
	} else if (sv_is_case(verb, "DELE")) {
		model_answer(m, "dele", SV(""), "+OK\r\n");
	} else if (sv_is_case(verb, "NOOP") || sv_is_case(verb, "STAT")) {
		model_answer(m, "noop", SV(""), "+OK 5 1000\r\n");
	} else if (sv_is_case(verb, "QUIT")) {
		model_answer(m, "quit", SV(""), "+OK bye\r\n");
		model_hang_up(m);
	} else {
		model_answer(m, "other", SV(""), "-ERR what\r\n");
	}
}

void model_pop_feed(struct model *m)
{
	struct sv line;
	size_t used;

	while (!m->closed && model_line(m, &line, &used)) {
		char *copy = sv_dup(line);

		str_remove(&m->in, 0, used);
		pop_command(m, sv_of(copy));
		free(copy);
	}
}

/* ---- SMTP ---- */

static void smtp_ehlo(struct model *m)
{
	struct str s;

	str_init(&s, 4096);
	str_adds(&s, "250-mx.example.org\r\n");
	if (m->offer_tls && !m->secure)
		str_adds(&s, "250-STARTTLS\r\n");
	else
		str_adds(&s, "250-AUTH PLAIN\r\n");
	str_adds(&s, m->caps ? m->caps : "250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250-SIZE 100000000\r\n");
	model_answer(m, m->secure || m->authenticated ? "ehlo-in" : "ehlo", str_sv(&s), "250 HELP\r\n");
	str_fini(&s);
}

static void smtp_auth(struct model *m, struct sv line)
{
	struct sv mech = {0};

	sv_split(&line, ' ', &mech);
	if (line.len) {
		m->authenticated = true;
		model_answer(m, "auth", SV(""), "235 2.7.0 in\r\n");
	} else {
		model_answer(m, "auth-go", SV(""), "334 \r\n");
		m->sasl_tag[0] = m->said_yes ? '+' : 0;
	}
}

/* A message is here, whole. */
static void smtp_message(struct model *m, const char *state)
{
	struct str *out = &m->out;
	size_t before = out->len;

	m->dots++;
	model_answer(m, state, SV(""), "250 2.0.0 queued as 1\r\n");
	/* What was said is what counts, whoever made it up. */
	m->accepted += out->len > before && out->s[before] == '2';
}

static bool smtp_mail(struct model *m, struct sv verb, struct sv line)
{
	if (sv_is_case(verb, "MAIL")) {
		model_answer(m, "mail", SV(""), "250 2.1.0 ok\r\n");
	} else if (sv_is_case(verb, "RCPT")) {
		model_answer(m, "rcpt", SV(""), "250 2.1.5 ok\r\n");
	} else if (sv_is_case(verb, "DATA")) {
		size_t before = m->out.len;

		model_answer(m, "data", SV(""), "354 go\r\n");
		m->in_data = !m->closed && m->out.len > before && m->out.s[before] == '3';
	} else if (sv_is_case(verb, "BDAT")) {
		struct sv n = {0};
		uint64_t size = 0;

		sv_split(&line, ' ', &n);
		m->bdat = sv_u64(n, &size) ? (size_t)size : 0;
		m->bdat_last = sv_is_case(sv_trim(line), "LAST");
		if (m->bdat == 0 && m->bdat_last)
			smtp_message(m, "bdat");
		else if (m->bdat == 0)
			model_answer(m, "bdat", SV(""), "250 2.0.0 nothing\r\n");
	} else {
		return false;
	}
	return true;
}

static void smtp_command(struct model *m, struct sv line)
{
	struct sv verb = {0};

	sv_split(&line, ' ', &verb);
	if (m->sasl_tag[0]) {
		m->sasl_tag[0] = 0;
		m->authenticated = true;
		model_answer(m, "auth", SV(""), "235 2.7.0 in\r\n");
	} else if (sv_is_case(verb, "EHLO") || sv_is_case(verb, "LHLO")) {
		smtp_ehlo(m);
	} else if (sv_is_case(verb, "HELO")) {
		model_answer(m, "helo", SV(""), "250 mx.example.org\r\n");
	} else if (sv_is_case(verb, "STARTTLS")) {
		model_answer(m, "starttls", SV(""), "220 go\r\n");
		m->turn_tls = m->said_yes;
	} else if (sv_is_case(verb, "AUTH")) {
		smtp_auth(m, line);
	} else if (sv_is_case(verb, "RSET") || sv_is_case(verb, "NOOP")) {
		model_answer(m, sv_is_case(verb, "RSET") ? "rset" : "noop", SV(""), "250 ok\r\n");
	} else if (sv_is_case(verb, "QUIT")) {
		model_answer(m, "quit", SV(""), "221 bye\r\n");
		model_hang_up(m);
	} else if (!smtp_mail(m, verb, line)) {
		model_answer(m, "other", SV(""), "500 what\r\n");
	}
}

/* Takes a piece of a message. False: more must come first. */
static bool smtp_data(struct model *m)
{
	struct sv have = str_sv(&m->in);
	ptrdiff_t end;

	if (m->bdat) {
		size_t n = MIN(m->bdat, have.len);

		str_remove(&m->in, 0, n);
		m->bdat -= n;
		if (m->bdat == 0 && m->bdat_last)
			smtp_message(m, "bdat");
		else if (m->bdat == 0)
			model_answer(m, "bdat", SV(""), "250 2.0.0 chunk\r\n");
		return m->bdat == 0;
	}
	end = sv_starts(have, SV(".\r\n")) ? 3 : sv_find(have, SV("\r\n.\r\n"));
	if (end < 0)
		return false;
	str_remove(&m->in, 0, end == 3 && sv_starts(have, SV(".\r\n")) ? 3 : (size_t)end + 5);
	m->in_data = false;
	smtp_message(m, "dot");
	return true;
}

void model_smtp_feed(struct model *m)
{
	struct sv line;
	size_t used;

	while (!m->closed) {
		if (m->in_data || m->bdat) {
			if (!smtp_data(m))
				return;
		} else if (model_line(m, &line, &used)) {
			char *copy = sv_dup(line);

			str_remove(&m->in, 0, used);
			smtp_command(m, sv_of(copy));
			free(copy);
		} else {
			return;
		}
	}
}
