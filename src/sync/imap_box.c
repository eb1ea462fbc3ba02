/*
 * IMAP accounts: the connection, selecting, waiting for news. The list of mailboxes is in
 * imap_list_rows.c, messages in imap_sync.c, intents in imap_apply.c, bodies in imap_body.c,
 * searching in imap_search.c.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/host_priv.h"
#include "sync/imap_box_priv.h"
#include "sync/imap_row.h"


/* ---- life ---- */

bool imap_box_fail(struct imap_box *b)
{
	if (!b->im || imap_is_dead(b->im))
		b->box.dead = true;
	return false;
}

void imap_box_deselect(struct imap_box *b)
{
	b->selected = 0;
	b->uidvalidity = 0;
	free(b->at.older.uids);
	free(b->at.missing.uids);
	b->at = (struct progress){0};
	imap_fill_forget(b);
	news_clear(&b->news);
}

static struct box *imap_box_open(struct host *h, struct err *e)
{
	struct imap_box *b = xcalloc(1, sizeof(*b));

	(void)e;
	b->box.ops = &imap_box_ops;
	b->box.host = h;
	b->news.arena = arena_new();
	b->fill.arena = arena_new();
	remote_init(&b->remote, h, "imap");
	return &b->box;
}

static void imap_box_disconnect(struct box *box, bool politely)
{
	struct imap_box *b = imap_box_of(box);

	if (b->im && !politely)
		conn_set_timeout(imap_conn(b->im), 1);
	imap_free(b->im);
	b->im = NULL;
	xfree_null(&b->row_items);
	xfree_null(&b->flag_items);
	b->enable = 0;
	imap_box_deselect(b);
	box->online = false;
}

static void imap_box_close(struct box *box)
{
	struct imap_box *b = imap_box_of(box);

	imap_box_disconnect(box, false);
	imap_ahead_free(b->ahead);
	imap_watch_forget(b);
	remote_fini(&b->remote);
	imap_list_forget(b);
	arena_free(b->news.arena);
	arena_free(b->fill.arena);
	free(b);
}

/* ---- connecting ---- */

static void on_alert(void *data, struct sv text)
{
	struct imap_box *b = data;

	if (!host_conf_bool(b->box.host, "imap_servernoise", true))
		return;
	log_write(LOG_WARN, "imap", "%s: the server says: " SV_FMT, host_account(b->box.host),
		SV_ARG(sv_head(text, 300)));
}

static bool open_session(void *data, struct err *e)
{
	struct imap_box *b = data;
	struct imap_events ev = {.list = imap_list_on_name,
		.status = imap_list_on_status,
		.quota = imap_list_on_quota,
		.message = imap_box_on_message,
		.vanished = imap_box_on_vanished,
		.unclear = imap_box_on_unclear,
		.alert = on_alert,
		.data = b};

	return imap_open(&b->remote.server, &ev, &b->im, e);
}

/*
 * Below that a turn on the line costs less than compressing does: the loopback, a fast net. The
 * quickest turn so far counts, so a server that takes its time to sign somebody in is not yet far
 * away.
 */
#define DEFLATE_FROM_MS 5

bool imap_box_deflate(struct imap_box *b, struct err *e)
{
	if (b->deflated || conn_quickest_ms(imap_conn(b->im)) < DEFLATE_FROM_MS)
		return true;
	b->deflated = true;
	if (!host_conf_bool(b->box.host, "imap_deflate", true))
		return true;
	return imap_compress(b->im, e) || imap_box_fail(b);
}

static void learn_items(struct imap_box *b)
{
	struct str s;

	str_init(&s, 4096);
	imap_row_items(b->im, sv_of(host_conf(b->box.host, "imap_extra_data")), host_spam(b->box.host), &s);
	b->row_items = str_detach(&s);
	imap_flag_items(b->im, &s);
	b->flag_items = str_detach(&s);
	str_fini(&s);
}

static bool imap_box_connect(struct box *box, struct err *e)
{
	struct imap_box *b = imap_box_of(box);

	if (!remote_open(&b->remote, open_session, b, e))
		return false;
	imap_box_deselect(b);
	learn_items(b);
	b->listed_at = 0;
	b->deflated = false;
	imap_watch_forget(b);
	if (((host_conf_bool(box->host, "imap_send_id", false) ||
			 imap_quirk(b->im, QUIRK_WANTS_ID)) &&
			!imap_send_id(b->im, "feist", PACKAGE_VERSION, e)) ||
		!(b->enable = imap_enable_send(b->im, e))) {
		imap_box_disconnect(box, false);
		return false;
	}
	box->append_max = imap_has(b->im, CAP_MULTIAPPEND) ? BOX_APPEND_MAX : 1;
	box->online = true;
	box->dead = false;
	return true;
}

/* The answer to ENABLE, if it is still to come. */
static bool end_enable(struct imap_box *b, struct err *e)
{
	imap_tag tag = b->enable;
	struct err refused = {0};

	b->enable = 0;
	if (!tag || imap_end(b->im, tag, NULL, &refused))
		return true;
	if (!imap_is_dead(b->im))
		return true; /* then there are no extensions */
	if (e)
		*e = refused;
	return imap_box_fail(b);
}

bool imap_box_enabled(struct imap_box *b, struct err *e)
{
	if (!imap_box_settle(b, e))
		return false;
	return (imap_box_deflate(b, e) && end_enable(b, e)) || imap_box_fail(b);
}

/* ---- selecting ---- */

bool imap_box_select_send(struct imap_box *b, const struct mailbox *m, imap_tag *tag, struct err *e)
{
	struct imap_resync re = {0};
	char *known = NULL;

	imap_box_deselect(b);
	if (m->uidvalidity && m->uidvalidity <= UINT32_MAX && m->low_uid) {
		re.uidvalidity = (uint32_t)m->uidvalidity;
		re.modseq = m->modseq;
		if (m->low_uid > 1 && m->uidnext > m->low_uid)
			known = xasprintf("%llu:%llu", (unsigned long long)m->low_uid,
				(unsigned long long)m->uidnext - 1);
		re.known_uids = known;
	}
	*tag = imap_select_send(b->im, m->name, false, &re, e);
	free(known);
	return *tag != 0;
}

bool imap_box_select_end(
	struct imap_box *b, const struct mailbox *m, imap_tag tag, bool same, struct err *e)
{
	if (!end_enable(b, e) || !imap_end(b->im, tag, NULL, e)) {
		imap_box_deselect(b);
		return imap_box_fail(b);
	}
	b->selected = m->id;
	b->uidvalidity = imap_selected(b->im)->uidvalidity;
	if (m->uidvalidity && b->uidvalidity != m->uidvalidity)
		news_clear(&b->news); /* about messages that are not ours */
	if (same && b->uidvalidity != m->uidvalidity)
		return err_set(e, ERR_GONE, "%s was made anew on the server", m->name);
	return true;
}

bool imap_box_select(struct imap_box *b, const struct mailbox *m, bool same, struct err *e)
{
	imap_tag tag;

	if (!imap_box_settle(b, e))
		return false;
	if (b->selected == m->id)
		return !same || b->uidvalidity == m->uidvalidity ||
		       err_set(e, ERR_GONE, "%s was made anew on the server", m->name);
	return imap_box_deflate(b, e) && imap_box_select_send(b, m, &tag, e) &&
	       imap_box_select_end(b, m, tag, same, e);
}

const struct box_ops imap_box_ops = {
	.kind = "imap",
	.open = imap_box_open,
	.connect = imap_box_connect,
	.disconnect = imap_box_disconnect,
	.list = imap_box_list,
	.sync = imap_box_sync,
	.watch = imap_box_watch,
	.fetch = imap_box_fetch,
	.ahead = imap_box_ahead,
	.apply = imap_box_apply,
	.search = imap_box_search,
	.close = imap_box_close,
};
