/*
 * What an index and a reply need of a message: decoded from its header block.
 */
#ifndef MIME_ENVELOPE_H
#define MIME_ENVELOPE_H

#include "mime/addr.h"
#include "mime/date.h"
#include "mime/header.h"
#include "mime/msgid.h"

struct envelope {
	const char *subject; /* decoded, one line, "" when absent; has_subject tells */
	bool has_subject;
	struct addr_list from, sender, reply_to, to, cc, bcc, mail_followup_to, return_path;
	struct date date;
	bool has_date;
	const char *message_id;    /* "<a@b>" or "" */
	struct msgid_list in_reply_to, references; /* oldest first */
	const char *list_id;       /* decoded, as it stands */
	/* the first mailto: or other URL, without <>; "NO" as it is; "" absent */
	const char *list_post;
	const char **list_unsubscribe; /* URLs without <> */
	size_t n_list_unsubscribe;
	const char *list_archive, *list_help, *list_subscribe; /* first URL each, "" absent */
	const char *x_label, *user_agent, *organization, *newsgroups, *delivered_to; /* "" absent */
	const char *spam;          /* raw X-Spam-Status, "" absent */
	bool list_unsubscribe_one_click; /* RFC 8058 */
};

/*
 * How the bytes over 127 of a header are read that say no character set: as those of the body, when it
 * says one and the user assumes nothing ($assumed_charset). Gives rules back when there is nothing to
 * add, else own, whose strings are in the arena.
 */
const struct charset_rules *envelope_rules(struct arena *, const struct headers *,
	const struct charset_rules *, struct charset_rules *own);
/* All strings in the arena, none NULL. Lists of fields that come twice are joined; else the
 * first counts. */
void envelope_parse(struct arena *, const struct headers *, const struct charset_rules *,
	struct envelope *);
/* Only what an index shows: dates, ids, subject, the usual addresses, list and label; the rest is empty. */
void envelope_parse_index(struct arena *, const struct headers *, const struct charset_rules *,
	struct envelope *);
/* The subject without "Re:", "Aw:", "Re[2]:" (any number of them; "Fwd:" and "[list]" stay): for
 * the "Re: " of an answer when $reply_regexp is not at hand. is_reply (may be NULL) says whether
 * one was there. */
struct sv envelope_base_subject(struct sv subject, bool *is_reply);

#endif
