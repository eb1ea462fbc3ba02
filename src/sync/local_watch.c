/*
 * Changes by other programs, as the kernel tells them. A Maildir is watched in new and cur, an mbox
 * in its folder (it may be replaced by rename) and by itself.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/local_box.h"

#ifdef HAVE_SYS_INOTIFY_H
#include <sys/inotify.h>
#endif

#define WATCHES_MAX 4096
#define SETTLE_MS 20 /* a delivery is several events: let them come together */

struct watched {
	int wd;
	uint64_t mailbox;
	char *name; /* of the file in a watched folder; NULL: any */
};

struct local_watch {
	int fd;
	struct watched *list;
	size_t count, cap;
	uint64_t *dirty;
	size_t dirty_count, dirty_cap;
};

struct local_watch *local_watch_new(void)
{
	struct local_watch *w = xcalloc(1, sizeof(*w));

#ifdef HAVE_SYS_INOTIFY_H
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd < 0)
		log_write(LOG_WARN, "local", "changes by other programs are only seen by the clock (no inotify)");
#else
	w->fd = -1;
#endif
	return w;
}

void local_watch_free(struct local_watch *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->count; i++)
		free(w->list[i].name);
	if (w->fd >= 0)
		close(w->fd);
	free(w->list);
	free(w->dirty);
	free(w);
}

#ifdef HAVE_SYS_INOTIFY_H

static void add_one(struct local_watch *w, uint64_t mailbox, const char *path, uint32_t mask, const char *name)
{
	int wd = inotify_add_watch(w->fd, path, mask);

	if (wd < 0)
		return;
	for (size_t i = 0; i < w->count; i++) {
		if (w->list[i].wd == wd && w->list[i].mailbox == mailbox)
			return;
	}
	array_grow(w->list, w->count, w->cap);
	w->list[w->count++] = (struct watched){wd, mailbox, name ? xstrdup(name) : NULL};
}

void local_watch_add(struct local_watch *w, uint64_t mailbox, const char *path, enum local_kind kind)
{
	const uint32_t folder = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR | IN_MASK_ADD;

	if (w->fd < 0 || w->count >= WATCHES_MAX)
		return;
	if (kind == LOCAL_MAILDIR) {
		static const char *const subs[] = {"new", "cur"};

		for (size_t i = 0; i < ARRAY_LEN(subs); i++) {
			char *dir = fs_join(path, subs[i]);

			add_one(w, mailbox, dir, folder, NULL);
			free(dir);
		}
	} else if (kind == LOCAL_MBOX) {
		char *dir = fs_dirname(path);

		add_one(w, mailbox, path, IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB, NULL);
		add_one(w, mailbox, dir, folder, fs_basename(path));
		free(dir);
	}
}

static void mark(struct local_watch *w, uint64_t mailbox)
{
	for (size_t i = 0; i < w->dirty_count; i++) {
		if (w->dirty[i] == mailbox)
			return;
	}
	array_grow(w->dirty, w->dirty_count, w->dirty_cap);
	w->dirty[w->dirty_count++] = mailbox;
}

static void take_event(struct local_watch *w, const struct inotify_event *ev)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct watched *x = &w->list[i];
		bool all = ev->mask & IN_Q_OVERFLOW;

		if (all || (x->wd == ev->wd && (!x->name || (ev->len > 0 && strcmp(x->name, ev->name) == 0))))
			mark(w, x->mailbox);
	}
	if (!(ev->mask & IN_IGNORED))
		return;
	/* What was watched is gone (replaced): the next local_watch_add watches its successor. */
	for (size_t i = 0; i < w->count;) {
		if (w->list[i].wd == ev->wd) {
			free(w->list[i].name);
			w->list[i] = w->list[--w->count];
		} else {
			i++;
		}
	}
}

static void read_events(struct local_watch *w)
{
	union {
		struct inotify_event align;
		char bytes[16384];
	} buf;
	ssize_t n;

	while ((n = read(w->fd, buf.bytes, sizeof(buf.bytes))) > 0) {
		for (ssize_t at = 0; at + (ssize_t)sizeof(struct inotify_event) <= n;) {
			const struct inotify_event *ev = (const struct inotify_event *)(const void *)(buf.bytes + at);

			take_event(w, ev);
			at += (ssize_t)(sizeof(*ev) + ev->len);
		}
	}
}

#else

void local_watch_add(struct local_watch *w, uint64_t mailbox, const char *path, enum local_kind kind)
{
	(void)w, (void)mailbox, (void)path, (void)kind;
}

static void read_events(struct local_watch *w)
{
	(void)w;
}

#endif

uint64_t local_watch_wait(struct local_watch *w, int wake_fd, int timeout_ms)
{
	struct pollfd fds[2] = {{.fd = w->fd, .events = POLLIN}, {.fd = wake_fd, .events = POLLIN}};

	if (w->dirty_count == 0) {
		int n;

		do
			n = poll(fds, 2, timeout_ms);
		while (n < 0 && errno == EINTR && timeout_ms < 0);
		if (n > 0 && (fds[0].revents & POLLIN) && !fds[1].revents) {
			fds[0].fd = -1;
			(void)poll(fds, 2, SETTLE_MS);
		}
		if (w->fd >= 0)
			read_events(w);
	}
	return w->dirty_count > 0 ? w->dirty[--w->dirty_count] : 0;
}
