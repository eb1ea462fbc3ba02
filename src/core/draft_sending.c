/*
 * Sending a big message: reading, encoding and writing tens of megabytes, and the disk that has them for good, take
 * longer than a key may wait. So a copy of this process does it and hands back the names of the files; what is
 * then left is a row of the outbox.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/draft_priv.h"
#include "core/gettext.h"

#define BUILD_SECONDS 600 /* a slow disk, half a gigabyte */
#define ANSWER_MAX (1u << 20)

struct draft_sending {
	struct draft *d;
	draft_send_fn *fn;
	void *data;
	pid_t pid;
	int fd, watch;
	struct str answer;
};

/* What the copy says: this, then the names. It is the same program, so the bytes mean the same. */
struct answer {
	bool ok;
	struct err err;
	size_t file_len, fcc_len; /* the second 0: there is no copy */
};

bool draft_is_big(const struct draft *d)
{
	for (size_t i = 0; i < d->part_count; i++)
		if (d->parts[i].delete_file)
			return false; /* toggle-unlink: the file is taken over first, and that changes the draft */
	return draft_size(d) >= DRAFT_BIG;
}

/* ---- in the copy ---- */

static void build(void *data, int fd)
{
	struct draft_sending *s = data;
	struct answer a = {.ok = false};
	char *file = NULL, *fcc = NULL;
	struct err none;

	a.ok = draft_put_files(s->d, &file, &fcc, &a.err);
	a.file_len = file ? strlen(file) : 0;
	a.fcc_len = fcc ? strlen(fcc) : 0;
	if (fs_write_all(fd, sv_make((const char *)&a, sizeof(a)), &none) &&
		fs_write_all(fd, sv_make(file ? file : "", a.file_len), &none))
		(void)!fs_write_all(fd, sv_make(fcc ? fcc : "", a.fcc_len), &none);
}

/* ---- here ---- */

static void sending_free(struct draft_sending *s)
{
	loop_remove(session_loop(s->d->s), s->watch);
	close(s->fd);
	proc_wait(s->pid);
	str_fini(&s->answer);
	free(s);
}

/* Everything was said: into the outbox with it. */
static bool conclude(struct draft_sending *s, int64_t *id, struct err *e)
{
	struct sv rest = str_sv(&s->answer);
	struct answer a;

	if (rest.len < sizeof(a))
		return err_set(e, ERR_LIMIT, "%s", _("Building the message was broken off."));
	memcpy(&a, rest.p, sizeof(a));
	rest = sv_from(rest, sizeof(a));
	if (!a.ok) {
		*e = a.err;
		return false;
	}
	if (a.file_len > rest.len || a.fcc_len != rest.len - a.file_len)
		return err_set(e, ERR_LIMIT, "%s", _("Building the message was broken off."));
	char *file = sv_dup(sv_head(rest, a.file_len)), *fcc = a.fcc_len ? sv_dup(sv_from(rest, a.file_len)) : NULL;
	bool ok = draft_to_outbox(s->d, file, fcc, id, e);

	free(file);
	free(fcc);
	return ok;
}

static void on_answer(void *data, int fd, short revents)
{
	struct draft_sending *s = data;
	draft_send_fn *fn = s->fn;
	void *fn_data = s->data;
	struct err e = {0};
	int64_t id = 0;
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	(void)revents;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0 && str_add(&s->answer, sv_make(buf, (size_t)n)))
		return;
	bool ok = conclude(s, &id, &e);

	sending_free(s);
	fn(fn_data, id, ok ? NULL : &e);
}

struct draft_sending *draft_send_start(struct draft *d, draft_send_fn *done, void *data, struct err *e)
{
	struct draft_sending *s;

	if (!draft_send_prepare(d, e) || !draft_fix_message_id(d, e))
		return NULL;
	s = xcalloc(1, sizeof(*s));
	*s = (struct draft_sending){.d = d, .fn = done, .data = data, .fd = -1};
	str_init(&s->answer, ANSWER_MAX);
	if (!proc_copy(build, s, BUILD_SECONDS, &s->fd, &s->pid, e)) {
		str_fini(&s->answer);
		free(s);
		return NULL;
	}
	s->watch = loop_fd(session_loop(d->s), "building", s->fd, POLLIN, on_answer, s);
	return s;
}

void draft_send_cancel(struct draft_sending *s)
{
	if (!s)
		return;
	/* What it has written until now is nobody's, and is swept away. */
	kill(s->pid, SIGKILL);
	sending_free(s);
}
