/*
 * Waiting for what the server says of its own accord: NOTIFY (RFC 5465), IDLE (RFC 2177), NOOP.
 */
#include "base/clock.h"
#include "net/imap_priv.h"

/*
 * Of the selected mailbox all, as ever, but when the server likes (so that sequence numbers hold);
 * of others their counts.
 */
#define NOTIFY_SELECTED \
	"NOTIFY SET (SELECTED-DELAYED (MessageNew MessageExpunge FlagChange)) (MAILBOXES ("
#define NOTIFY_OTHERS ") (MessageNew MessageExpunge FlagChange))"

imap_tag imap_notify_send(struct imap *im, const char *const *mailboxes, size_t n, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, n > 0 ? NOTIFY_SELECTED : "NOTIFY NONE");
	for (size_t i = 0; i < n; i++) {
		imap_out_raw(&o, i ? " " : "");
		imap_out_name(im, &o, mailboxes[i]);
	}
	imap_out_raw(&o, n > 0 ? NOTIFY_OTHERS : "");
	tag = imap_begin(im, VERB_OTHER, &o, e);
	imap_out_fini(&o);
	return tag;
}

bool imap_noop(struct imap *im, struct err *e)
{
	return imap_do_text(im, "NOOP", e);
}

/* Takes in what is there, without waiting for more. */
static bool drain(struct imap *im, struct err *e)
{
	do {
		if (!imap_step(im, e))
			return false;
	} while (conn_buffered(im->conn) > 0);
	return true;
}

static bool idle_command(struct imap *im, int wait_ms, bool *woken, struct err *e)
{
	unsigned news = im->news;
	imap_tag tag = imap_begin_text(im, VERB_OTHER, "IDLE", e);
	enum conn_event event = CONN_QUIET;
	struct slot *s;
	bool go;

	if (!tag)
		return false;
	s = &im->slot[tag % IMAP_PIPELINE_MAX];
	if (!imap_await_go(im, s, &go, e))
		return false;
	if (!go) /* refused */
		return imap_end(im, tag, NULL, e);
	/* quirk: IDLE_NEWS_BEFORE_PLUS */
	if (conn_buffered(im->conn) == 0 && im->news == news &&
		!conn_wait(im->conn, wait_ms, &event, e))
		return imap_die(im, e);
	*woken = event == CONN_WOKEN;
	if ((event == CONN_INPUT || conn_buffered(im->conn) > 0) && !drain(im, e))
		return false;
	if (!conn_write(im->conn, SV("DONE\r\n"), e))
		return imap_die(im, e);
	return imap_end(im, tag, NULL, e);
}

bool imap_idle(struct imap *im, int max_ms, int poll_ms, bool *woken, struct err *e)
{
	int wait_ms = max_ms < 0 ? INT32_MAX : max_ms;
	enum conn_event event;

	*woken = false;
	if (im->dead)
		return err_set(e, ERR_NET, "the session is over");
	if (imap_has(im, CAP_IDLE))
		return idle_command(im, MIN(wait_ms, IMAP_IDLE_RENEW_MS), woken, e);
	if (!conn_wait(im->conn, MIN(wait_ms, poll_ms), &event, e))
		return imap_die(im, e);
	*woken = event == CONN_WOKEN;
	if (event == CONN_INPUT)
		return drain(im, e);
	return *woken || imap_noop(im, e);
}
