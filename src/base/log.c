#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static struct {
	int fd;
	enum log_level level;
	log_fn *fn;
	void *data;
} log_state = {.fd = -1, .level = LOG_INFO};

bool log_open(const char *path, enum log_level level, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return err_sys(e, "%s", path);
	log_close();
	log_state.fd = fd;
	log_state.level = level;
	return true;
}

void log_to(log_fn *fn, void *data)
{
	log_state.fn = fn;
	log_state.data = data;
}

void log_level_set(enum log_level level)
{
	log_state.level = level;
}

void log_close(void)
{
	if (log_state.fd >= 0)
		close(log_state.fd);
	log_state.fd = -1;
}

const char *log_level_name(enum log_level level)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};

	return names[level];
}

static void to_file(enum log_level level, const char *room, const char *text)
{
	char line[1200], when[32];
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	int n = snprintf(line, sizeof(line), "%s %s %s[%d]: %s\n", when, log_level_name(level), room,
		(int)getpid(), text);
	if (n >= (int)sizeof(line)) {
		n = sizeof(line) - 1;
		line[n - 1] = '\n';
	}
	/* A log that cannot be written must not stop the mail. */
	if (write(log_state.fd, line, (size_t)n) < 0)
		return;
}

void log_write(enum log_level level, const char *room, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (level < log_state.level || (log_state.fd < 0 && !log_state.fn))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	if (log_state.fd >= 0)
		to_file(level, room, text);
	if (log_state.fn)
		log_state.fn(log_state.data, level, room, text);
}
