/*
 * A message written anew: without some attachments, with other header fields, or decoded. In the
 * renderer, because it means reading foreign bytes; the client only moves the result.
 *
 * Options (in the lines of render.h; lists):
 *   strip=1.2           the content of this part goes; its header stays below a
 *                       message/external-body that says so, as mutt writes it
 *   drop=NAME           header fields of the message that go
 *   add=NAME: VALUE     fields that come at the end of the header, encoded already
 *   decode=yes          not the message but what is read: the header by weed, ignore and hdr_order,
 *                       decoded, and the text of the shown parts as text/plain in UTF-8
 *   unescape=yes        it stands in an mbox: ">From " at the beginning of a line is "From "
 */
#ifndef RENDER_REWRITE_H
#define RENDER_REWRITE_H

#include "render/render.h"

/*
 * To fd; *bytes written. ERR_GONE: no part of that name, or it is on the server. ERR_INPUT: this part
 * cannot go (it is the whole message, or inside an encoded one). ERR_DISK: fd cannot be written.
 */
bool render_rewrite(struct sv message, const struct render_opts *, int fd, uint64_t *bytes,
	struct err *e) MUST_CHECK;

#endif
