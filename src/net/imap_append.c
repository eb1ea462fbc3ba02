/*
 * APPEND, several at once (MULTIAPPEND, RFC 3502), and REPLACE (RFC 8508).
 */

#include "mime/date.h"
#include "net/imap_priv.h"

static void out_date(struct imap_out *o, int64_t seconds)
{
	struct date when = {.epoch = seconds, .tz_known = true};
	char text[DATE_TEXT_MAX];

	if (seconds > 0)
		imap_out_f(o, "\"%s\" ", date_imap(text, &when));
}

/*
 * Exactly size bytes: a literal that ends early cannot be taken back, so the session dies with it.
 */
static bool append_bytes(struct imap *im, const struct imap_append *a, struct err *e)
{
	uint64_t left = a->size;

	for (;;) {
		struct sv piece;

		if (!a->read(a->data, &piece, e))
			return imap_die(im, e);
		if (piece.len > left || (piece.len == 0 && left > 0)) {
			err_set(e, ERR_DISK, "the message has changed its size while it was sent");
			return imap_die(im, e);
		}
		if (piece.len == 0)
			return true;
		left -= piece.len;
		if (!conn_write(im->conn, piece, e))
			return imap_die(im, e);
	}
}

/*
 * Big messages wait for the go-ahead even with LITERAL+: a server over quota says so before we send
 * it all.
 */
#define APPEND_UNASKED_MAX 65536

static bool append_unasked(const struct imap *im, uint64_t size)
{
	return (imap_has(im, CAP_LITERAL_PLUS) && size <= APPEND_UNASKED_MAX) ||
	       (imap_has(im, CAP_LITERAL_MINUS) && size <= 4096);
}

/* A header in UTF-8 must be announced (RFC 6855 4); IMAP4rev2 takes it as it is. */
static bool wants_utf8(const struct imap *im, const struct imap_append *a)
{
	return a->utf8 && im->utf8 && !im->rev2;
}

static void out_item(struct imap *im, struct imap_out *o, const struct imap_append *a, bool unasked)
{
	imap_out_raw(o, " ");
	imap_out_flags(o, a->flags, a->keywords, a->nkeywords);
	imap_out_raw(o, " ");
	out_date(o, a->date);
	imap_out_f(o, "%s%s{%llu%s}", wants_utf8(im, a) ? "UTF8 (" : "",
		a->binary || wants_utf8(im, a) ? "~" : "", (unsigned long long)a->size, unasked ? "+" : "");
}

/* NUL bytes need a literal8. */
static bool can_take(const struct imap *im, const struct imap_append *a, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (a[i].binary && !imap_has(im, CAP_BINARY) && !im->rev2)
			return err_set(e, ERR_INPUT, "the message holds NUL bytes, which this server does not take");
	return true;
}

/*
 * The messages behind "COMMAND mailbox". The first announces its literal with the command; what is
 * refused ends it: *go false, the answer is in the slot.
 */
static bool send_items(struct imap *im, struct slot *s, const struct imap_append *a, size_t n, bool *go, struct err *e)
{
	for (size_t i = 0; i < n && *go; i++) {
		bool unasked = append_unasked(im, a[i].size);

		if (i > 0) {
			struct imap_out o;
			bool ok;

			imap_out_start(im, &o, "");
			out_item(im, &o, &a[i], unasked);
			ok = !o.failed && conn_write(im->conn, str_sv(&o.text), e) &&
			     conn_write(im->conn, SV("\r\n"), e);
			imap_out_fini(&o);
			if (!ok)
				return imap_die(im, e);
		}
		if (!unasked && !imap_await_go(im, s, go, e))
			return false;
		if (*go && (!append_bytes(im, &a[i], e) ||
				   (wants_utf8(im, &a[i]) && !conn_write(im->conn, SV(")"), e))))
			return imap_die(im, e);
	}
	return !*go || conn_write(im->conn, SV("\r\n"), e) || imap_die(im, e);
}

static bool run_append(struct imap *im, const char *command, const struct imap_append *a, size_t n,
	struct imap_answer *answer, struct err *e)
{
	struct imap_out o;
	bool go = true;
	imap_tag tag;

	if (!can_take(im, a, n, e))
		return false;
	imap_out_start(im, &o, command);
	imap_out_name(im, &o, a->mailbox);
	out_item(im, &o, a, append_unasked(im, a->size));
	tag = imap_begin(im, VERB_APPEND, &o, e);
	imap_out_fini(&o);
	return tag && send_items(im, &im->slot[tag % IMAP_PIPELINE_MAX], a, n, &go, e) && imap_end(im, tag, answer, e);
}

bool imap_append(
	struct imap *im, const struct imap_append *a, size_t n, struct imap_answer *answer, struct err *e)
{
	return run_append(im, "APPEND ", a, n, answer, e);
}

bool imap_replace(struct imap *im, uint32_t uid, const struct imap_append *a, struct imap_answer *answer,
	struct err *e)
{
	char command[32];

	snprintf(command, sizeof(command), "UID REPLACE %u ", uid);
	return run_append(im, command, a, 1, answer, e);
}
