/*
 * The error value. A fallible function returns bool and takes a struct err * last; it fills the
 * error on failure only, its results on success only. The class says what to do (err_policy), the
 * text what happened, outermost step first: "opening Archive: server says NO: over quota".
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/util.h"

enum err_class {
	ERR_NONE,
	ERR_NET,    /* could not reach or lost the other side */
	ERR_TLS,    /* certificate, name or handshake */
	ERR_AUTH,   /* login refused */
	ERR_PROTO,  /* the other side broke the protocol or said NO */
	ERR_LIMIT,  /* a named limit of ours was reached */
	ERR_DISK,   /* local files or database */
	ERR_GONE,   /* the thing asked for is not there any more */
	ERR_INPUT,  /* what the user or a file said is wrong */
	ERR_CANCEL, /* the user took it back */
	ERR_CLASSES
};

#define ERR_TEXT_MAX 480

struct err {
	enum err_class class;
	int sys;                 /* errno, or 0 */
	char text[ERR_TEXT_MAX]; /* UTF-8; may hold a server's words: make it safe before it is shown */
};

/* What a class asks of who holds the failing thing. */
enum err_policy {
	POLICY_NOTHING, /* silence (cancel) */
	POLICY_RETRY,   /* back off and try again */
	POLICY_ASK,     /* the user must answer something */
	POLICY_TELL,    /* show it, keep the thing */
	POLICY_REFRESH, /* our picture is old: read again */
};

/* All return false, so that a caller can `return err_set(e, ...)`. e may be NULL. */
bool err_set(struct err *e, enum err_class class, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* As err_set with ": strerror(errno)"; ENOENT becomes ERR_GONE, everything else ERR_DISK. */
bool err_sys(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Puts "what: " before the text that is there. */
bool err_at(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
void err_clear(struct err *e);

const char *err_class_name(enum err_class class); /* "net", "tls", ... */
enum err_class err_class_by_name(const char *name);
enum err_policy err_policy(enum err_class class);
/* Of this moment, not of the thing: a full disk, no descriptors. Worth another try without being asked. */
bool err_is_passing(const struct err *e);
/* *e becomes what `from` says, with the system's code. Returns false. */
bool err_copy(struct err *e, const struct err *from);
/* sysexits status of a batch run that ended with this class (design: 69 net, 77 auth, 76 proto ...). */
int err_exit_status(enum err_class class);

/* A broken invariant: says where, writes a backtrace to stderr and the log, aborts. */
void bug_at(const char *file, int line, const char *fmt, ...) PRINTF_LIKE(3, 4) NORETURN;
#define bug(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)

#endif
