/*
 * A transcript: what goes over a connection, line by line, "C: " and "S: ". What cannot be printed is written
 * as \\xNN, secrets are not given to it at all. With wire_hide the text of messages is left out as well: of a
 * literal, of a POP3 or SMTP message only the number of bytes is noted.
 */
#ifndef NET_WIRE_H
#define NET_WIRE_H

#include <stdio.h>

#include "base/str.h"

struct wire;
/* log is lent. */
struct wire *wire_new(FILE *log);
void wire_free(struct wire *); /* writes what is left; NULL is fine */
/* service: "imap", "pop" or "smtp", whose messages are to be left out. */
void wire_hide(struct wire *, const char *service);
void wire_sent(struct wire *, struct sv bytes); /* NULL wire is fine here and below */
void wire_got(struct wire *, struct sv bytes);
void wire_note(struct wire *, const char *peer, const char *text); /* "-- peer: text" */

#endif
