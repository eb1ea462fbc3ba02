/*
 * The machine slept and is awake again. A socket does not know: its other end has given it up hours ago, or
 * another net is there now, and a poll with a time-out has slept, too. One descriptor to wait on tells of it at once.
 */
#ifndef BASE_RESUME_H
#define BASE_RESUME_H

#include "base/util.h"

#define RESUME_MIN_MS 5000 /* a sleep that counts */

struct resume;

/* beside: another descriptor to wait on, which stays the caller's and is open until resume_free. Never NULL. */
struct resume *resume_new(int beside);
void resume_free(struct resume *); /* NULL is fine */
/*
 * To be polled for POLLIN: beside is readable (or at its end), or the machine may have slept. Where the system
 * cannot tell it is beside itself, and resume_slept finds out when it is asked.
 */
int resume_fd(const struct resume *);
/* True once after each sleep of RESUME_MIN_MS or more. Makes resume_fd quiet, as far as that is our doing. */
bool resume_slept(struct resume *);

#endif
