#include "tests/evil/model.h"

#include <stdio.h>

const unsigned model_uids[MODEL_MESSAGES] = {11, 12, 13, 15, 20};

static const char message_small[] = "From: Ann <ann@example.org>\r\nTo: joe@example.org\r\nSubject: one\r\n"
				    "Message-ID: <one@example.org>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0000\r\n\r\n"
				    "A first line.\r\n.A line that begins with a dot.\r\n..\r\nEnd.\r\n";

static const char message_other[] = "From: Bob <bob@example.org>\r\nTo: joe@example.org\r\nSubject: another\r\n"
				    "Message-ID: <other@example.org>\r\n\r\nText.\r\n";

struct sv model_message(unsigned uid)
{
	if (uid == model_uids[0] || uid == 1)
		return SV(message_small);
	for (size_t i = 1; i < MODEL_MESSAGES; i++)
		if (uid == model_uids[i] || uid == i + 1)
			return SV(message_other);
	return SV("");
}

const char *model_proto_name(enum model_proto p)
{
	return p == MODEL_IMAP ? "imap" : p == MODEL_POP ? "pop" : "smtp";
}

const char *const *model_states(enum model_proto p)
{
	return p == MODEL_IMAP ? model_imap_states : p == MODEL_POP ? model_pop_states : model_smtp_states;
}

void model_init(struct model *m, enum model_proto proto)
{
	*m = (struct model){.proto = proto};
	str_init(&m->in, MODEL_OUT_MAX);
	str_init(&m->out, MODEL_OUT_MAX);
}

void model_fini(struct model *m)
{
	str_fini(&m->in);
	str_fini(&m->out);
}

/* ---- saying ---- */

static void say(struct model *m, struct sv bytes)
{
	if (!m->mute && !m->closed)
		str_add(&m->out, bytes);
}

/* The fault's bytes; "%t" becomes the tag. */
static void say_fault(struct model *m, struct sv bytes)
{
	ptrdiff_t at;

	while ((at = sv_find(bytes, SV("%t"))) >= 0) {
		say(m, sv_head(bytes, (size_t)at));
		say(m, sv_of(m->tag));
		bytes = sv_from(bytes, (size_t)at + 2);
	}
	say(m, bytes);
}

/* What is done to this answer; FAULT_NONE: nothing. */
static struct fault fault_here(struct model *m, const char *state)
{
	struct fault f = {.how = FAULT_NONE};

	m->said_yes = true;
	m->answers += !m->fired;
	if (m->ask && m->ask(m->ask_data, state, &f))
		return f;
	if (!m->fault || m->fired || strcmp(m->fault->state, state) != 0 || m->reached++ != m->fault->nth)
		return f;
	m->fired = true;
	return *m->fault;
}

/* The fault says yes where an honest server would, too. */
static bool says_yes(struct sv bytes, struct sv state)
{
	if (sv_is(state, "idle") || sv_ends_case(state, SV("-go")))
		return sv_starts(bytes, SV("+")) || sv_starts(bytes, SV("334"));
	return sv_starts(bytes, SV("+")) || sv_starts(bytes, SV("%t OK")) || sv_starts(bytes, SV("220"));
}

void model_answer(struct model *m, const char *state, struct sv untagged, const char *last, ...)
{
	struct fault f = fault_here(m, state);
	struct str line;
	va_list ap;

	str_init(&line, 65536);
	va_start(ap, last);
	str_vaddf(&line, last, ap);
	va_end(ap);
	if (f.how != FAULT_NONE && f.how != FAULT_AFTER && f.how != FAULT_LAST)
		say_fault(m, f.bytes);
	if (f.how == FAULT_NONE || f.how == FAULT_BEFORE || f.how == FAULT_LAST || f.how == FAULT_AFTER)
		say(m, untagged);
	if (f.how == FAULT_NONE || f.how == FAULT_BEFORE || f.how == FAULT_INSTEAD || f.how == FAULT_AFTER)
		say(m, str_sv(&line));
	if (f.how == FAULT_LAST || f.how == FAULT_AFTER)
		say_fault(m, f.bytes);
	str_fini(&line);
	if (f.how == FAULT_LAST || f.how == FAULT_ALL || f.how == FAULT_CUT || f.how == FAULT_SILENCE)
		m->said_yes = says_yes(f.bytes, sv_of(state));
	if (f.how == FAULT_CUT)
		m->closed = true;
	if (f.how == FAULT_SILENCE)
		m->mute = true;
}

void model_hang_up(struct model *m)
{
	m->closed = !m->mute;
}

/* ---- taking in ---- */

bool model_line(struct model *m, struct sv *line, size_t *used)
{
	struct sv have = str_sv(&m->in);
	ptrdiff_t lf = sv_chr(have, '\n');

	if (lf < 0)
		return false;
	*used = (size_t)lf + 1;
	*line = sv_rtrim(sv_head(have, (size_t)lf));
	return true;
}

void model_connected(struct model *m)
{
	if (m->raw)
		return;
	if (m->proto == MODEL_IMAP) {
		m->authenticated = m->preauth;
		model_answer(m, "greeting", SV(""), "* %s hello\r\n", m->preauth ? "PREAUTH" : "OK");
	} else if (m->proto == MODEL_POP) {
		model_answer(m, "greeting", SV(""), "+OK ready\r\n");
	} else {
		model_answer(m, "greeting", SV(""), "220 mx.example.org ESMTP\r\n");
	}
}

void model_tls_done(struct model *m)
{
	m->secure = true;
	m->turn_tls = false;
	m->authenticated = m->preauth;
	str_clear(&m->in);
}

void model_feed(struct model *m, struct sv bytes)
{
	if (m->closed || m->raw)
		return;
	str_add(&m->in, bytes);
	if (m->proto == MODEL_IMAP)
		model_imap_feed(m);
	else if (m->proto == MODEL_POP)
		model_pop_feed(m);
	else
		model_smtp_feed(m);
}
