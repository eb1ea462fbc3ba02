/*
 * The cage: each role gives up what it does not need before it touches a foreign byte. Landlock and
 * seccomp on Linux where the kernel has them; elsewhere nothing, and the level says so.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include "base/util.h"

enum sandbox_role {
	/*
	 * Reads and writes open descriptors, memory files, time. No network, no exec, no files but the
	 * character set converters of the C library (read-only, and only where Landlock can say so).
	 */
	SANDBOX_RENDER,
	/* Network; files below `writable` and, to read, below `readable` and the system's folders. No exec. */
	SANDBOX_REMOTE,
	/* Any file the user may touch (a local mailbox can lie anywhere). No network, no exec. */
	SANDBOX_LOCAL,
};

/*
 * Both lists are NULL-ended or NULL; what does not exist is passed over. Never fails: what the kernel
 * does not offer is left out. Returns "full", "partial" or "none" for the log. FEIST_SANDBOX=off in
 * the environment leaves everything out (strace, debuggers).
 */
const char *sandbox_enter(enum sandbox_role role, const char *const *writable, const char *const *readable);

#endif
