/*
 * The cage: each role gives up what it does not need before it touches a foreign byte. Landlock and
 * seccomp on Linux where the kernel has them; elsewhere nothing, and sandbox_enter says so.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include "base/err.h"

enum sandbox_role {
	SANDBOX_RENDER, /* read and write on open descriptors, memory, exit: no files, network, exec, time is fine */
	SANDBOX_WORKER, /* network, files below the given folders; no exec */
};

/*
 * writable: NULL-ended list of folders that may be read and written (worker). System files that
 * libraries need (resolver, certificates, locale, iconv) stay readable. Never fails hard: what the
 * kernel does not offer is left out; *level gets "full", "partial" or "none" for the log.
 * FEIST_SANDBOX=off in the environment leaves it out (for strace and debuggers).
 */
void sandbox_enter(enum sandbox_role role, const char *const *writable, const char **level);

#endif
