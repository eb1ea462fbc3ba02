/*
 * AppleSingle (application/applefile, RFC 1740): a file and what a Mac knew about it, in one. The
 * same form without the file itself (AppleDouble) is the first half of a multipart/appledouble, of
 * which nobody wants to see more than that it is there.
 */
#ifndef MIME_APPLE_H
#define MIME_APPLE_H

#include "base/str.h"

struct apple_file {
	struct sv name; /* empty when there is none; foreign, in the character set of an old Mac */
	struct sv data; /* the file */
};

/* True when bytes are AppleSingle with a file inside. */
bool apple_single(struct sv bytes, struct apple_file *);

#endif
