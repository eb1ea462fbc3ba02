/*
 * The message that the command line names: a file, standard input, or a number in an mbox or Maildir.
 */
#ifndef MAIN_MESSAGE_FILE_H
#define MAIN_MESSAGE_FILE_H

#include "base/err.h"

#define MESSAGE_FILE_MAX (4ul << 30)

/*
 * "FILE", "-", "MBOX#12", "MAILDIR#12", open for reading from its start. *pieces (NULL: as it is): the number
 * is a piece of a message that was cut, and what is read is a digest of it and of the others near it, for
 * the option pieces=yes of the renderer. ERR_GONE: there is none of that number.
 */
bool message_open(const char *operand, int *fd, bool *pieces, struct err *e) MUST_CHECK;

#endif
