/*
 * APPEND: messages that go to the server.
 */
#include <time.h>

#include "net/imap_priv.h"

static const char *const months[] = {
	"Jan",
	"Feb",
	"Mar",
	"Apr",
	"May",
	"Jun",
	"Jul",
	"Aug",
	"Sep",
	"Oct",
	"Nov",
	"Dec",
};

static void out_date(struct imap_out *o, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (seconds <= 0 || !gmtime_r(&t, &tm))
		return;
	imap_out_f(o, "\"%2d-%s-%04d %02d:%02d:%02d +0000\" ", tm.tm_mday, months[tm.tm_mon],
		tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
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

bool imap_append(
	struct imap *im, const struct imap_append *a, struct imap_answer *answer, struct err *e)
{
	bool unasked = append_unasked(im, a->size), go = true;
	struct imap_out o;
	imap_tag tag;
	struct slot *s;

	imap_out_start(im, &o, "APPEND ");
	imap_out_name(im, &o, a->mailbox);
	imap_out_raw(&o, " ");
	imap_out_flags(&o, a->flags, a->keywords, a->nkeywords);
	imap_out_raw(&o, " ");
	out_date(&o, a->date);
	imap_out_f(&o, "%s{%llu%s}", im->utf8 ? "UTF8 (~" : "", (unsigned long long)a->size,
		unasked ? "+" : "");
	tag = imap_begin(im, VERB_APPEND, &o, e);
	imap_out_fini(&o);
	if (!tag)
		return false;
	s = &im->slot[tag % IMAP_PIPELINE_MAX];
	if (!unasked && !imap_await_go(im, s, &go, e))
		return false;
	if (go && (!append_bytes(im, a, e) ||
			  !conn_write(im->conn, im->utf8 ? SV(")\r\n") : SV("\r\n"), e)))
		return imap_die(im, e);
	return imap_end(im, tag, answer, e);
}
