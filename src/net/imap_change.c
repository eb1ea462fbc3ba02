/*
 * Commands that change messages: STORE, COPY, MOVE, EXPUNGE.
 */
#include <stdlib.h>

#include "net/imap_priv.h"

imap_tag imap_store_send(struct imap *im, const char *set, char op, unsigned flags,
	const struct sv *keywords, size_t nkeywords, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, "UID STORE ");
	imap_out_raw(&o, set);
	imap_out_raw(&o, op == '+'   ? " +FLAGS.SILENT "
			 : op == '-' ? " -FLAGS.SILENT "
				     : " FLAGS.SILENT ");
	imap_out_flags(&o, flags, keywords, nkeywords);
	tag = imap_begin(im, VERB_OTHER, &o, e);
	imap_out_fini(&o);
	return tag;
}

static imap_tag copy_or_move(
	struct imap *im, enum imap_verb verb, const char *set, const char *mailbox, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, verb == VERB_MOVE ? "UID MOVE " : "UID COPY ");
	imap_out_raw(&o, set);
	imap_out_raw(&o, " ");
	imap_out_name(im, &o, mailbox);
	tag = imap_begin(im, verb, &o, e);
	imap_out_fini(&o);
	return tag;
}

imap_tag imap_copy_send(struct imap *im, const char *set, const char *mailbox, struct err *e)
{
	return copy_or_move(im, VERB_COPY, set, mailbox, e);
}

imap_tag imap_move_send(struct imap *im, const char *set, const char *mailbox, struct err *e)
{
	return copy_or_move(im, VERB_MOVE, set, mailbox, e);
}

imap_tag imap_expunge_send(struct imap *im, const char *set, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, "UID EXPUNGE ");
	imap_out_raw(&o, set);
	tag = imap_begin(im, VERB_OTHER, &o, e);
	imap_out_fini(&o);
	return tag;
}

/* \Deleted of all these on or off. */
static bool mark_all(struct imap *im, const uint32_t *uids, size_t n, char op, struct err *e)
{
	size_t at = 0;
	bool more = true, ok = true;

	while (ok && more) {
		struct str set;

		str_init(&set, IMAP_SET_TEXT_MAX + 64);
		more = imap_write_set(&set, uids, n, &at);
		if (more) {
			imap_tag tag = imap_store_send(im, set.s, op, IMAP_DELETED, NULL, 0, e);

			ok = tag && imap_end(im, tag, NULL, e);
		}
		str_fini(&set);
	}
	return ok;
}

/* Without UIDPLUS an EXPUNGE takes everything that is marked: the others are unmarked meanwhile. */
static bool expunge_only(struct imap *im, const char *set, struct err *e)
{
	char *criteria = xasprintf("DELETED NOT UID %s", set);
	uint32_t *others;
	size_t n;
	bool ok;

	ok = imap_search(im, criteria, sv_make(NULL, 0), &others, &n, e);
	free(criteria);
	if (!ok)
		return false;
	ok = mark_all(im, others, n, '-', e) && imap_do_text(im, "EXPUNGE", e);
	if (!im->dead)
		ok = mark_all(im, others, n, '+', ok ? e : NULL) && ok;
	free(others);
	return ok;
}

bool imap_expunge(struct imap *im, const char *set, struct err *e)
{
	imap_tag tag;

	if (!imap_has(im, CAP_UIDPLUS))
		return expunge_only(im, set, e);
	tag = imap_expunge_send(im, set, e);
	return tag && imap_end(im, tag, NULL, e);
}
