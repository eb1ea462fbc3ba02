/*
 * Commands that change messages: STORE, COPY, MOVE, EXPUNGE.
 */
#include "net/imap_priv.h"

imap_tag imap_store_send(struct imap *im, const char *set, char op, unsigned flags,
	const struct sv *keywords, size_t nkeywords, uint64_t unchanged_since, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, "UID STORE ");
	imap_out_raw(&o, set);
	if (unchanged_since)
		imap_out_f(&o, " (UNCHANGEDSINCE %llu)", (unsigned long long)unchanged_since);
	imap_out_raw(&o, op == '+'   ? " +FLAGS.SILENT "
			 : op == '-' ? " -FLAGS.SILENT "
				     : " FLAGS.SILENT ");
	imap_out_flags(&o, flags, keywords, nkeywords);
	tag = imap_begin(im, VERB_STORE, &o, e);
	imap_out_fini(&o);
	return tag;
}

imap_tag imap_store_labels_send(struct imap *im, const char *set, char op, const struct sv *labels, size_t n,
	struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, "UID STORE ");
	imap_out_raw(&o, set);
	imap_out_raw(&o, op == '-' ? " -X-GM-LABELS.SILENT (" : " +X-GM-LABELS.SILENT (");
	for (size_t i = 0; i < n; i++) {
		imap_out_raw(&o, i ? " " : "");
		/* Its own labels are flags ("\\Inbox"), the others names like those of mailboxes. */
		if (labels[i].len > 1 && labels[i].p[0] == '\\' && imap_is_keyword(sv_from(labels[i], 1)))
			imap_out_f(&o, SV_FMT, SV_ARG(labels[i]));
		else
			imap_out_mailbox(&o, labels[i]);
	}
	imap_out_raw(&o, ")");
	tag = imap_begin(im, VERB_OTHER, &o, e);
	imap_out_fini(&o);
	return tag;
}

/* How many numbers stand in a set of ours. */
static uint64_t count_of(const char *set)
{
	struct scan s = scan_of(sv_of(set));
	uint64_t n = 0, lo, hi;

	do {
		if (!scan_u64(&s, &lo))
			break;
		hi = lo;
		if (scan_byte(&s, ':') && !scan_u64(&s, &hi))
			break;
		n += hi >= lo ? hi - lo + 1 : lo - hi + 1;
	} while (scan_byte(&s, ','));
	return n;
}

static void note_removes(struct imap *im, imap_tag tag, const char *set)
{
	if (tag)
		im->slot[tag % IMAP_PIPELINE_MAX].removes = count_of(set);
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
	if (verb == VERB_MOVE)
		note_removes(im, tag, set);
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
	note_removes(im, tag, set);
	return tag;
}

bool imap_expunge_all(struct imap *im, struct err *e)
{
	return imap_do_text(im, "EXPUNGE", e);
}
