/*
 * The worker role: HELLO, options, READY, then jobs until the ui leaves.
 */
#ifndef SYNC_WORKER_H
#define SYNC_WORKER_H

#include "ipc/chan.h"

/*
 * Talks on the channel (which it takes) until the ui says QUIT or is gone. The exit status of the
 * process.
 */
int worker_run(struct chan *);

#endif
