/*
 * Waiting for news. One connection does for all: IDLE tells of the mailbox that is open, NOTIFY of
 * the others where the server offers it; else their counts are asked for by the worker's clock
 * ($mail_check).
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/conn.h"
#include "sync/host_priv.h"
#include "sync/imap_box_priv.h"

#define KEEPALIVE_S 300
#define NOTIFY_MAX 200                   /* mailboxes in one NOTIFY: more are asked for */
#define NOTIFY_TRUST_MS (10 * 60 * 1000) /* then the counts are asked for all the same */

void imap_watch_forget(struct imap_box *b)
{
	free(b->notified);
	b->notified = NULL;
	b->notifying = b->told = false;
	b->counted_at = 0;
}

bool imap_watch_is_told(const struct imap_box *b)
{
	return b->notifying && b->counted_at && clock_ms() - b->counted_at < NOTIFY_TRUST_MS;
}

/* The watched mailboxes that the server has. Names are lent from b->known. */
static size_t names_of(struct imap_box *b, const char *names[NOTIFY_MAX], bool *all)
{
	struct sv rest = sv_of(host_conf(b->box.host, "mailboxes")), line;
	size_t n = 0;

	*all = true;
	while (sv_line(&rest, &line)) {
		const struct list_entry *x = line.len ? map_get(b->known, line) : NULL;

		if (!x || !x->listed || (x->attr & LIST_NOSELECT))
			continue;
		if (n == NOTIFY_MAX) {
			*all = false;
			break;
		}
		names[n++] = x->name;
	}
	return n;
}

/*
 * NOTIFY for the mailboxes as they are now, unless that is so already. A server that refuses is
 * not asked again.
 */
static bool ask_notify(struct imap_box *b, struct err *e)
{
	const char *names[NOTIFY_MAX], *wanted = host_conf(b->box.host, "mailboxes");
	struct err refused = {0};
	imap_tag tag;
	size_t n;
	bool all;

	if (!imap_has(b->im, CAP_NOTIFY) || !b->known || !wanted ||
		(b->notified && strcmp(b->notified, wanted) == 0))
		return true;
	free(b->notified);
	b->notified = xstrdup(wanted);
	b->notifying = false;
	n = names_of(b, names, &all);
	if (n < 2) /* one is the open one, or soon will be */
		return true;
	tag = imap_notify_send(b->im, names, n, e);
	if (!tag)
		return false;
	if (imap_end(b->im, tag, NULL, &refused)) {
		b->notifying = all;
		return true;
	}
	if (imap_is_dead(b->im)) {
		*e = refused;
		return false;
	}
	log_write(LOG_INFO, "imap", "%s: NOTIFY: %s", host_account(b->box.host), refused.text);
	return true;
}

/* No mailbox is open, or $imap_idle is off. */
static bool keep_alive(struct imap_box *b, int timeout_ms, struct err *e)
{
	int64_t keep_ms = host_conf_number(b->box.host, "imap_keepalive", KEEPALIVE_S) * 1000;
	int wait_ms = timeout_ms < 0 ? INT32_MAX : timeout_ms;
	enum conn_event event;

	if (keep_ms > 0)
		wait_ms = (int)MIN((int64_t)wait_ms, keep_ms);
	if (!conn_wait(imap_conn(b->im), wait_ms, &event, e)) {
		b->box.dead = true;
		return false;
	}
	return event == CONN_WOKEN || imap_noop(b->im, e);
}

static bool has_news(const struct imap_box *b)
{
	return news_waits(b) || imap_selected(b->im)->arrived != b->at.arrived;
}

static bool wait_for_news(struct imap_box *b, int timeout_ms, struct err *e)
{
	int64_t check = host_conf_number(b->box.host, "mail_check", 60);
	int poll_ms = (int)MIN(MAX(check, INT64_C(1)), INT64_C(3600)) * 1000;
	uint32_t exists = imap_selected(b->im)->exists;
	bool woken = false;

	if (!host_conf_bool(b->box.host, "imap_idle", true))
		return keep_alive(b, timeout_ms < 0 ? poll_ms : MIN(timeout_ms, poll_ms), e);
	if (!imap_idle(b->im, timeout_ms, poll_ms, &woken, e))
		return false;
	if (imap_selected(b->im)->exists != exists && !has_news(b))
		b->news.unclear = true;
	return true;
}

bool imap_box_watch(
	struct box *box, uint64_t mailbox, int timeout_ms, uint64_t *changed, struct err *e)
{
	struct imap_box *b = imap_box_of(box);

	*changed = 0;
	if (!imap_box_enabled(b, e) || !ask_notify(b, e))
		return imap_box_fail(b);
	/* What came since the last look: before we wait for more. */
	if (mailbox && (mailbox != b->selected || !b->at.opened || has_news(b))) {
		*changed = mailbox; /* sync selects it and puts in order what is known */
		return true;
	}
	if (b->told) {
		*changed = BOX_LIST_CHANGED;
		return true;
	}
	if (!(mailbox ? wait_for_news(b, timeout_ms, e) : keep_alive(b, timeout_ms, e)))
		return imap_box_fail(b);
	if (mailbox && has_news(b))
		*changed = mailbox;
	else if (b->told)
		*changed = BOX_LIST_CHANGED;
	return true;
}
