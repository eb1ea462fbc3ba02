/*
 * The wire of an IMAP session: whole responses in (literals included, big bodies streamed past),
 * commands out. Who gets what a response says: imap_event.c.
 */
#include <stdlib.h>

#include "net/imap_priv.h"

#define LITERAL_PIECE 65536

/* ---- reading one response ---- */

bool imap_die(struct imap *im, struct err *e)
{
	im->dead = true;
	if (im->bye[0] && e && e->class == ERR_NET)
		err_set(e, ERR_NET, "%s ended the session: %s", conn_peer(im->conn), im->bye);
	return false;
}

/*
 * Only data can hold literals. The text of a status response is free and may well end in "{5}"
 * (quirk: BRACES_IN_TEXT).
 */
static bool line_may_hold_literal(struct sv line)
{
	struct scan s = scan_of(line);

	if (!scan_byte(&s, '*'))
		return false;
	scan_spaces(&s);
	return !scan_lit(&s, "OK ") && !scan_lit(&s, "NO ") && !scan_lit(&s, "BAD ") &&
	       !scan_lit(&s, "BYE ") && !scan_lit(&s, "PREAUTH ");
}

/* Is the literal that follows `text` the body that we wait for? text ends before the '{' (or, of a literal8, "~{"). */
static bool is_wanted_body(struct imap *im, struct sv text)
{
	ptrdiff_t open;
	struct sv sec;

	if (!im->sink)
		return false;
	text = sv_rtrim(text);
	if (text.len && text.p[text.len - 1] == '~')
		text = sv_rtrim(sv_head(text, text.len - 1));
	if (text.len && text.p[text.len - 1] == '>') {
		ptrdiff_t lt = sv_rchr(text, '<');

		text = sv_head(text, lt < 0 ? 0 : (size_t)lt);
	}
	if (!text.len || text.p[text.len - 1] != ']')
		return false;
	text.len--;
	open = sv_rchr(text, '[');
	if (open < 4 || (!sv_ends_case(sv_head(text, (size_t)open), SV("BODY")) &&
				!sv_ends_case(sv_head(text, (size_t)open), SV("BINARY"))))
		return false;
	sec = sv_from(text, (size_t)open + 1);
	return sv_eq_case(sec, sv_of(im->sink_section));
}

static bool stream_literal(struct imap *im, uint64_t len, struct err *e)
{
	im->sink_got = true;
	while (len > 0) {
		struct sv piece;

		if (!conn_read_some(im->conn, (size_t)MIN(len, (uint64_t)LITERAL_PIECE), &piece, e))
			return false;
		len -= piece.len;
		im->sink_len += piece.len;
		if (!im->sink(im->sink_data, piece, e))
			return false;
	}
	return true;
}

static bool too_big(struct imap *im, struct err *e)
{
	return err_set(e, ERR_LIMIT, "%s sent an answer of more than %u MB", conn_peer(im->conn),
		IMAP_RESPONSE_MAX >> 20);
}

static bool keep_literal(struct imap *im, uint64_t len, struct err *e)
{
	if (len > IMAP_RESPONSE_MAX - im->raw.len)
		return too_big(im, e);
	while (len > 0) {
		struct sv piece;

		if (!conn_read_some(im->conn, (size_t)MIN(len, (uint64_t)LITERAL_PIECE), &piece, e))
			return false;
		len -= piece.len;
		if (!str_add(&im->raw, piece))
			return too_big(im, e);
	}
	return true;
}

static bool read_raw(struct imap *im, struct imap_raw *raw, struct err *e)
{
	size_t literals = 0;

	str_clear(&im->raw);
	*raw = (struct imap_raw){0};
	for (;;) {
		struct sv line;
		uint64_t len;
		size_t brace;
		bool bad;

		if (!conn_read_line(im->conn, IMAP_LINE_MAX, &line, e))
			return false;
		if (!str_add(&im->raw, line))
			return too_big(im, e);
		if (!line_may_hold_literal(str_sv(&im->raw)) ||
			!imap_line_literal(line, &len, &bad)) {
			if (line_may_hold_literal(str_sv(&im->raw)) && line.len && bad)
				return err_set(e, ERR_PROTO,
					"the server announced a text of an impossible size");
			break;
		}
		if (++literals > IMAP_LITERALS_MAX)
			return too_big(im, e);
		brace = (size_t)sv_rchr(str_sv(&im->raw), '{');
		if (!str_adds(&im->raw, "\r\n"))
			return too_big(im, e);
		if (!raw->has_streamed && is_wanted_body(im, sv_head(str_sv(&im->raw), brace))) {
			raw->has_streamed = true;
			raw->streamed = brace;
			raw->streamed_len = len;
			if (!stream_literal(im, len, e))
				return false;
		} else if (!keep_literal(im, len, e)) {
			return false;
		}
	}
	raw->text = sv_make(im->raw.s ? im->raw.s : "", im->raw.len);
	return true;
}

bool imap_read(struct imap *im, struct imap_resp *r, struct err *e)
{
	struct imap_raw raw;

	arena_reset(im->arena);
	if (im->dead)
		return err_set(e, ERR_NET, "the session is over");
	if (!read_raw(im, &raw, e) || !imap_parse(im->arena, raw, r, e))
		return imap_die(im, e);
	return true;
}

bool imap_step(struct imap *im, struct err *e)
{
	struct imap_resp r;

	return imap_read(im, &r, e) && imap_dispatch(im, &r, e);
}

/* ---- commands ---- */

struct slot *imap_slot_new(struct imap *im, enum imap_verb verb, struct err *e)
{
	struct slot *s;

	if (im->dead) {
		err_set(e, ERR_NET, "the session is over");
		return NULL;
	}
	if (++im->next_tag == 0)
		im->next_tag = 1;
	s = &im->slot[im->next_tag % IMAP_PIPELINE_MAX];
	if (s->own) {
		/* A command that nobody waits for; so many later ones were answered and it never was. */
		err_set(e, ERR_PROTO, "%s has never answered a command", conn_peer(im->conn));
		imap_die(im, e);
		return NULL;
	}
	if (s->tag)
		bug("more than %d IMAP commands under way", IMAP_PIPELINE_MAX);
	*s = (struct slot){.tag = im->next_tag, .verb = verb, .arena = arena_new()};
	im->go_ahead = false;
	return s;
}

bool imap_await_go(struct imap *im, struct slot *s, bool *go, struct err *e)
{
	while (!s->done && !im->go_ahead)
		if (!imap_step(im, e))
			return false;
	*go = im->go_ahead && !s->done;
	im->go_ahead = false;
	return true;
}

void imap_out_start(struct imap *im, struct imap_out *o, const char *text)
{
	imap_out_init(o,
		imap_has(im, CAP_LITERAL_PLUS)    ? SIZE_MAX
		: imap_has(im, CAP_LITERAL_MINUS) ? 4096
						  : 0,
		im->utf8);
	imap_out_raw(o, text);
}

static void slot_free(struct slot *s)
{
	arena_free(s->arena);
	*s = (struct slot){0};
}

/* The pieces between literals that need a go-ahead. False: broken, or refused before its end. */
static bool send_pieces(struct imap *im, struct slot *s, struct imap_out *o, struct err *e)
{
	size_t from = 0;

	for (size_t i = 0; i < o->nliterals; i++) {
		bool go;

		if (!conn_write(im->conn, sv_make(o->text.s + from, o->literal[i] - from), e) ||
			!conn_flush(im->conn, e) || !imap_await_go(im, s, &go, e))
			return imap_die(im, e);
		from = o->literal[i];
		if (!go)
			return true; /* answered already: the answer is in the slot */
	}
	if (!conn_write(im->conn, sv_make(o->text.s + from, o->text.len - from), e) ||
		!conn_write(im->conn, SV("\r\n"), e))
		return imap_die(im, e);
	return true;
}

imap_tag imap_begin(struct imap *im, enum imap_verb verb, struct imap_out *o, struct err *e)
{
	struct slot *s;
	imap_tag tag = 0;

	im->passing = false;
	if (o->failed) {
		err_set(e, ERR_INPUT,
			"the command cannot be written: a name or text in it is too long or not "
			"UTF-8");
		return 0;
	}
	s = imap_slot_new(im, verb, e);
	if (!s)
		return 0;
	if (verb == VERB_SEARCH)
		im->searching = true;
	if (conn_writef(im->conn, e, "f%u ", s->tag)) {
		if (send_pieces(im, s, o, e))
			tag = s->tag;
	} else {
		imap_die(im, e);
	}
	if (!tag)
		slot_free(s);
	return tag;
}

imap_tag imap_begin_text(struct imap *im, enum imap_verb verb, const char *text, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, text);
	tag = imap_begin(im, verb, &o, e);
	imap_out_fini(&o);
	return tag;
}

/* An answer that is not OK, as an error with the server's words, and what can be done about it. */
static void refused(struct imap *im, const struct slot *s, struct err *e)
{
	const struct imap_answer *a = &s->answer;
	struct imap_refusal r = imap_refusal_of(a->code, sv_of(a->text),
		s->verb == VERB_MAILBOX || s->verb == VERB_SELECT || s->verb == VERB_APPEND);

	im->passing = r.passing;
	if (a->status == IMAP_NO)
		err_set(e, r.class, "the server says no: %s%s%s%s", a->text, *r.cure ? " (" : "", r.cure,
			*r.cure ? ")" : "");
	else
		err_set(e, ERR_PROTO, "the server says that it does not understand: %s", a->text);
}

bool imap_end(struct imap *im, imap_tag tag, struct imap_answer *answer, struct err *e)
{
	struct slot *s = &im->slot[tag % IMAP_PIPELINE_MAX];
	enum imap_status status;

	if (tag == 0 || s->tag != tag)
		return err_set(e, ERR_NET, "the command was not sent");
	while (!s->done) {
		if (!imap_step(im, e)) {
			slot_free(s);
			return false;
		}
	}
	status = s->answer.status;
	if (status != IMAP_OK)
		refused(im, s, e);
	if (answer) {
		/*
		 * The sets stay good until the next imap_end: their memory goes to the response's
		 * arena.
		 */
		*answer = s->answer;
		answer->from = imap_set_dup(im->arena, s->answer.from);
		answer->to = imap_set_dup(im->arena, s->answer.to);
		answer->modified = imap_set_dup(im->arena, s->answer.modified);
	}
	slot_free(s);
	return status == IMAP_OK;
}

bool imap_wait(struct imap *im, imap_tag tag, int silence_ms, struct err *e)
{
	struct slot *s = &im->slot[tag % IMAP_PIPELINE_MAX];

	while (s->tag == tag && !s->done) {
		enum conn_event event = CONN_INPUT;

		if (conn_buffered(im->conn) == 0 && !conn_wait(im->conn, silence_ms, &event, e))
			return e->class != ERR_CANCEL ? imap_die(im, e) : false;
		if (event == CONN_QUIET) {
			err_set(e, ERR_NET, "%s has not answered for %d seconds", conn_peer(im->conn),
				silence_ms / 1000);
			return imap_die(im, e);
		}
		if (event == CONN_INPUT && !imap_step(im, e))
			return false;
	}
	return true;
}

void imap_leave(struct imap *im, imap_tag tag)
{
	struct slot *s = &im->slot[tag % IMAP_PIPELINE_MAX];

	if (s->tag != tag)
		return;
	if (s->done)
		slot_free(s);
	else
		s->own = true;
}

bool imap_do(struct imap *im, enum imap_verb verb, struct imap_out *o, struct imap_answer *answer,
	struct err *e)
{
	imap_tag tag = imap_begin(im, verb, o, e);

	imap_out_fini(o);
	return tag && imap_end(im, tag, answer, e);
}

bool imap_do_text(struct imap *im, const char *text, struct err *e)
{
	struct imap_out o;

	imap_out_start(im, &o, text);
	return imap_do(im, VERB_OTHER, &o, NULL, e);
}
