/*
 * The event loop of the ui (the only one). Nothing below it waits. Idle work is done in slices; a
 * turn over LOOP_STALL_MS is a stall, counted and logged with the name of who caused it.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <sys/types.h>

#include "base/util.h"

#define LOOP_STALL_MS 50
#define LOOP_SLICE_MS 5

struct loop;
struct loop *loop_new(void);
void loop_free(struct loop *);

/* Runs until loop_stop. */
void loop_run(struct loop *);
/* One turn: waits at most timeout_ms (-1: until something happens). For tests and batch. */
void loop_turn(struct loop *, int timeout_ms);
void loop_stop(struct loop *);
bool loop_stopped(const struct loop *);
/* True when no timer is due, no idle work is left and no watched descriptor is readable. */
bool loop_is_idle(struct loop *);

/* Watches: name is a literal for the stall log. Ids are > 0; removing 0 does nothing. */
typedef void loop_fd_fn(void *data, int fd, short revents);
int loop_fd(struct loop *, const char *name, int fd, short events, loop_fd_fn *, void *data);
void loop_fd_events(struct loop *, int id, short events);
typedef void loop_fn(void *data);
int loop_timer(struct loop *, const char *name, int after_ms, loop_fn *, void *data); /* once */
/* A slice of idle work: returns true when there is more. Runs when no key waits; keep under LOOP_SLICE_MS. */
typedef bool loop_idle_fn(void *data);
int loop_idle(struct loop *, const char *name, loop_idle_fn *, void *data);
/* A child ended: status as proc_wait gives it. */
typedef void loop_child_fn(void *data, pid_t pid, int status);
int loop_child(struct loop *, const char *name, pid_t pid, loop_child_fn *, void *data);
#define LOOP_CHILD_STOPPED (-1)
/* fn is also told, with that status, when a signal has stopped it (it wants the terminal); it is still watched then. */
void loop_child_stops(struct loop *, int id);
/* A signal (SIGWINCH, SIGTERM, SIGHUP, SIGTSTP, SIGCONT) reported in a turn. */
typedef void loop_signal_fn(void *data, int signo);
int loop_signal(struct loop *, const char *name, int signo, loop_signal_fn *, void *data);
void loop_remove(struct loop *, int id); /* of any kind; safe inside callbacks */
/* Called at the end of every turn in which something happened (draw here). */
void loop_after_turn(struct loop *, loop_fn *, void *data);

/* Stalls so far, and the longest turn in ms. */
int loop_stalls(const struct loop *);
int64_t loop_longest_ms(const struct loop *);

#endif
