#include "base/err.h"

#include <errno.h>
#include <execinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"

static const struct {
	const char *name;
	enum err_policy policy;
	int exit_status;
} classes[ERR_CLASSES] = {
	[ERR_NONE] = {"none", POLICY_NOTHING, 0},
	[ERR_NET] = {"net", POLICY_RETRY, EX_UNAVAILABLE},
	[ERR_TLS] = {"tls", POLICY_ASK, EX_UNAVAILABLE},
	[ERR_AUTH] = {"auth", POLICY_ASK, EX_NOPERM},
	[ERR_PROTO] = {"proto", POLICY_RETRY, EX_PROTOCOL},
	[ERR_LIMIT] = {"limit", POLICY_TELL, EX_PROTOCOL},
	[ERR_DISK] = {"disk", POLICY_TELL, 1},
	[ERR_GONE] = {"gone", POLICY_REFRESH, EX_NOINPUT},
	[ERR_INPUT] = {"input", POLICY_TELL, EX_DATAERR},
	[ERR_CANCEL] = {"cancel", POLICY_NOTHING, 1},
};

static void fill(struct err *e, enum err_class class, int sys, const char *fmt, va_list ap)
{
	if (!e)
		return;
	e->class = class;
	e->sys = sys;
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
}

bool err_set(struct err *e, enum err_class class, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, class, 0, fmt, ap);
	va_end(ap);
	return false;
}

bool err_sys(struct err *e, const char *fmt, ...)
{
	int sys = errno;
	va_list ap;

	if (!e)
		return false;
	va_start(ap, fmt);
	fill(e, sys == ENOENT ? ERR_GONE : ERR_DISK, sys, fmt, ap);
	va_end(ap);
	size_t len = strlen(e->text);
	snprintf(e->text + len, sizeof(e->text) - len, ": %s", strerror(sys));
	return false;
}

bool err_at(struct err *e, const char *fmt, ...)
{
	char old[ERR_TEXT_MAX];
	va_list ap;

	if (!e)
		return false;
	memcpy(old, e->text, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	size_t len = strlen(e->text);
	snprintf(e->text + len, sizeof(e->text) - len, ": %.*s", (int)sizeof(old) - 1, old);
	return false;
}

void err_clear(struct err *e)
{
	*e = (struct err){0};
}

const char *err_class_name(enum err_class class)
{
	return class < ERR_CLASSES ? classes[class].name : "none";
}

enum err_class err_class_by_name(const char *name)
{
	for (int i = 0; i < ERR_CLASSES; i++)
		if (strcmp(classes[i].name, name) == 0)
			return (enum err_class)i;
	return ERR_NONE;
}

enum err_policy err_policy(enum err_class class)
{
	return class < ERR_CLASSES ? classes[class].policy : POLICY_TELL;
}

bool err_is_passing(const struct err *e)
{
	static const int passing[] = {ENOSPC, EDQUOT, EIO, EMFILE, ENFILE, ENOMEM, EINTR, EAGAIN, EROFS, ESTALE};

	for (size_t i = 0; i < ARRAY_LEN(passing); i++)
		if ((e->class == ERR_DISK || e->class == ERR_LIMIT) && e->sys == passing[i])
			return true;
	return false;
}

bool err_copy(struct err *e, const struct err *from)
{
	if (e)
		*e = *from;
	return false;
}

int err_exit_status(enum err_class class)
{
	return class < ERR_CLASSES ? classes[class].exit_status : 1;
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
	char text[512];
	void *frames[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_write(LOG_ERROR, "bug", "%s:%d: %s", file, line, text);
	fprintf(stderr, "feist: bug at %s:%d: %s\n", file, line, text);
	backtrace_symbols_fd(frames, backtrace(frames, ARRAY_LEN(frames)), STDERR_FILENO);
	abort();
}
