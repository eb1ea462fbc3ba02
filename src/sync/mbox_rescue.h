/*
 * Rewriting an mbox in a folder that we may not write to (/var/mail): the new content is first made
 * durable among our own files, then written over the old one. A worker that is killed in between
 * finds it there the next time and finishes.
 */
#ifndef SYNC_MBOX_RESCUE_H
#define SYNC_MBOX_RESCUE_H

#include "base/err.h"

/* Where the new content is to be prepared. Caller frees. */
char *mbox_rescue_temp(const char *cache_dir, const char *path);
/*
 * Under the lock of fd: temp (open as temp_fd, complete) becomes the content of the file. temp is
 * gone afterwards.
 */
bool mbox_write_in_place(const char *cache_dir, const char *path, int fd, const char *temp, int temp_fd, struct err *e)
	MUST_CHECK;
/*
 * Before an mbox is looked at: finishes what a killed worker has left half done. What stood there
 * is kept aside.
 */
bool mbox_rescue(const char *cache_dir, const char *path, struct err *e) MUST_CHECK;

#endif
