#include "sync/transcript.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

struct transcript {
	char *path;
	int fd;
	uint64_t size;
};

static bool begin(struct transcript *t)
{
	struct stat st;

	t->fd = open(t->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (t->fd < 0 || fstat(t->fd, &st) != 0)
		return false;
	t->size = (uint64_t)st.st_size;
	return true;
}

static void turn_over(struct transcript *t)
{
	char *old = xasprintf("%s.1", t->path);

	close(t->fd);
	if (rename(t->path, old) != 0)
		unlink(t->path);
	if (!begin(t))
		log_write(LOG_WARN, "transcript", "%s cannot be written any more", t->path);
	free(old);
}

/* What cannot be written is lost: a full disk must not stop the mail. */
static ssize_t write_some(void *cookie, const char *bytes, size_t n)
{
	struct transcript *t = cookie;

	if (t->size + n > TRANSCRIPT_MAX && t->size > 0)
		turn_over(t);
	t->size += n;
	if (t->fd >= 0 && write(t->fd, bytes, n) < 0)
		log_write(LOG_DEBUG, "transcript", "%s: not written", t->path);
	return (ssize_t)n;
}

static int end(void *cookie)
{
	struct transcript *t = cookie;

	if (t->fd >= 0)
		close(t->fd);
	free(t->path);
	free(t);
	return 0;
}

FILE *transcript_open(const char *path)
{
	struct transcript *t = xcalloc(1, sizeof(*t));
	FILE *f = NULL;

	t->path = xstrdup(path);
	if (begin(t))
		f = fopencookie(t, "a", (cookie_io_functions_t){.write = write_some, .close = end});
	if (!f) {
		log_write(LOG_WARN, "transcript", "%s cannot be written", path);
		(void)end(t);
	}
	return f;
}
