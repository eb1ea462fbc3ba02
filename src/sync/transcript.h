/*
 * The file of a transcript: for the user alone (0600), and bounded. When it is full it becomes NAME.1 and a
 * new one begins, so two files are the most there is of an account.
 */
#ifndef SYNC_TRANSCRIPT_H
#define SYNC_TRANSCRIPT_H

#include <stdio.h>

#define TRANSCRIPT_MAX (4u << 20) /* bytes of one file */

/* NULL: it cannot be written (said in the log). fclose it. */
FILE *transcript_open(const char *path);

#endif
