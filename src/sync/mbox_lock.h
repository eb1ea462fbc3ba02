/*
 * Locking an mbox as mutt and the delivery agents do: fcntl on the file and a dotlock beside it,
 * both with a bounded wait. Where the folder is not ours to write (/var/mail), fcntl alone.
 */
#ifndef SYNC_MBOX_LOCK_H
#define SYNC_MBOX_LOCK_H

#include "base/err.h"

#define MBOX_LOCK_WAIT_MS 5000

struct mbox_lock {
	int fd;
	char *dotlock; /* NULL: none */
};

/*
 * Opens path and locks it. create: make an empty one. ERR_GONE; ERR_LIMIT: somebody else holds it
 * for too long.
 */
bool mbox_lock(struct mbox_lock *, const char *path, bool write, bool create, struct err *e) MUST_CHECK;
/* Takes over the lock for a file that replaced it; closes everything. */
void mbox_unlock(struct mbox_lock *);

#endif
