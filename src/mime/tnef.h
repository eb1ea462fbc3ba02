/*
 * TNEF ("winmail.dat", application/ms-tnef; MS-OXTNEF): what Exchange puts a message into that it
 * thinks goes to Outlook. Here it is a list of files: the attachments, and the body in the forms in
 * which it is there. Damage ends the list; what came before it counts.
 */
#ifndef MIME_TNEF_H
#define MIME_TNEF_H

#include "base/mem.h"
#include "base/str.h"
#include "text/charset.h"

#define TNEF_FILES_MAX 1000
#define TNEF_NAME_MAX 4096 /* bytes of a name */

struct tnef_file {
	const char *name;       /* UTF-8, foreign; NULL when there is none */
	const char *type;       /* "application/pdf", lower case, not checked; never NULL */
	const char *charset;    /* of a text, "" when it is not said */
	const char *content_id; /* without <>, NULL when there is none */
	bool is_body;           /* the text of the message itself */
	struct sv data;         /* in the bytes given, or in the arena */
};

struct tnef {
	struct tnef_file *list; /* in the arena */
	size_t count;
	bool damaged;
};

bool tnef_is(struct sv bytes); /* by its first bytes */
/* made_max: bytes that may be made in the arena (text in other character sets, unpacked RTF). */
void tnef_parse(struct arena *, struct sv bytes, const struct charset_rules *, size_t made_max, struct tnef *);
/* Compressed RTF (MS-OXRTFCP); false when out is at its max or the bytes are none. */
bool tnef_rtf(struct str *out, struct sv bytes);

#endif
