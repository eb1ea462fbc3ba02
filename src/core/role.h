/*
 * A helper process (feist-worker, feist-render) and its channel, as the session sees them: started,
 * talked to without waiting, started again when it dies. A death is told once; messages that were
 * said before it are delivered first.
 */
#ifndef CORE_ROLE_H
#define CORE_ROLE_H

#include <sys/types.h>

#include "base/loop.h"
#include "ipc/chan.h"

struct role;
struct role_events {
	void *data;
	/* A message came in. Its texts are lent for the call; a descriptor in it is the callee's. */
	void (*message)(void *data, const struct msg *);
	/* The process has been started (again): say hello. */
	void (*started)(void *data);
	/* It died: why is for people. It is started again after retry_ms, or never (-1: role_stop was asked for). */
	void (*died)(void *data, const char *why, int retry_ms);
};

/* program: "feist-worker"; peer: SIDE_WORKER or SIDE_RENDER; name for logs. env: as proc_opts.env, lent; may be NULL. */
struct role *role_new(struct loop *, const char *program, enum msg_side peer, const char *name,
	const char *const *env, bool quiet, const struct role_events *);
/* Kills the process if it runs. */
void role_free(struct role *); /* NULL is fine */

/* Starts the process unless it runs. A failure is told by died. */
void role_start(struct role *);
bool role_running(const struct role *);
pid_t role_pid(const struct role *); /* 0: not running */
/* Queues a message; false when the process is not there or does not read (it is then killed, and died follows). */
bool role_post(struct role *, const struct msg *);
#define role_tell(r, NAME, ...) \
	role_post((r), &(struct msg){.type = MSG_##NAME, .NAME = {__VA_ARGS__}})
/* Says QUIT, and kills after timeout_ms; then died with retry_ms -1. */
void role_stop(struct role *, int timeout_ms);
/* At once (it hangs, or what it says makes no sense). why NULL: how it ends tells. It is started again. */
void role_kill(struct role *, const char *why);
/* Not again by itself: role_start does it. */
void role_rest(struct role *);
/* It did something useful: the back-off starts from the beginning at the next death. */
void role_well(struct role *);

#endif
