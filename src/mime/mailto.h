/*
 * mailto: URLs, RFC 6068. Only harmless fields are taken: a web page must not set Bcc, attach a
 * file or forge a sender.
 */
#ifndef MIME_MAILTO_H
#define MIME_MAILTO_H

#include "base/err.h"
#include "mime/addr.h"
#include "mime/build.h"

#define MAILTO_FIELDS_MAX 100

struct mailto {
	struct addr_list to, cc, bcc; /* bcc only when the caller allows the field */
	const char *subject, *body;   /* decoded UTF-8, NULL when absent; body with LF */
	const char *in_reply_to;
	/* all fields of the URL as they came (decoded), subject and body included */
	struct build_field *fields;
	size_t n_fields;
};

/* allow: NULL-ended list of field names ($mailto_allow), "*" allows all; NULL: cc, body, subject,
 * in-reply-to, references. `fields` has all, allowed or not. */
bool mailto_parse(struct arena *, struct sv url, const char *const *allow, struct mailto *,
	struct err *e) MUST_CHECK;

#endif
