/*
 * Searching on the server.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "sync/imap_box_priv.h"

/* One term: ~b text (body), ~B text (all), ~h text (header); "=" for "~" as mutt has it. */
static bool search_term(struct scan *s, const char **criteria, struct sv *text)
{
	char quote;

	scan_spaces(s);
	if (!scan_byte(s, '~') && !scan_byte(s, '='))
		return false;
	switch (scan_peek(s)) {
	case 'b':
		*criteria = "BODY";
		break;
	case 'B':
		*criteria = "TEXT";
		break;
	case 's':
		*criteria = "SUBJECT";
		break;
	case 'f':
		*criteria = "FROM";
		break;
	default:
		return false;
	}
	s->p++;
	scan_spaces(s);
	if (scan_peek(s) == '"' || scan_peek(s) == '\'') {
		quote = *s->p++;
		*text = scan_until(s, quote == '"' ? "\"" : "'");
		return scan_byte(s, quote);
	}
	*text = scan_until(s, " \t");
	return text->len > 0;
}

/* Servers search for plain text; a regular expression is for us. */
static bool is_plain(struct sv text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr("^$*+?.|()[]{}\\", text.p[i]))
			return false;
	return text.len > 0;
}

bool imap_box_search(struct box *box, uint64_t mailbox, const char *query, struct err *e)
{
	struct imap_box *b = imap_box_of(box);
	struct scan s = scan_of(sv_trim(sv_of(query)));
	const char *criteria = NULL;
	struct sv text = {0};
	struct mailbox m;
	uint32_t *uids;
	uint64_t *ids;
	size_t n;
	bool ok;

	if (!search_term(&s, &criteria, &text) || (scan_spaces(&s), !scan_end(&s)) ||
		!is_plain(text))
		return err_set(e, ERR_INPUT, "the server cannot search for this");
	if (!mailbox_by_id(host_cache(box->host), mailbox, &m, e))
		return false;
	ok = imap_box_enabled(b, e) && imap_box_select(b, &m, true, e) &&
	     imap_search(b->im, criteria, text, &uids, &n, e);
	mailbox_fini(&m);
	if (!ok)
		return imap_box_fail(b);
	ids = xcalloc(n + 1, sizeof(*ids));
	for (size_t i = 0; i < n; i++)
		ids[i] = message_id_of(mailbox, uids[i]);
	host_found(box->host, ids, n);
	free(ids);
	free(uids);
	return true;
}
