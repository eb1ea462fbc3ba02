/*
 * A session with its real helpers for tests: a profile in a folder of its own below /tmp, and a loop that is
 * turned until something is true.
 */
#ifndef TESTS_CORE_WORLD_H
#define TESTS_CORE_WORLD_H

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/session.h"
#include "tests/unit/t.h"

#define PATIENCE_MS 120000 /* for what hangs; a busy machine and sanitizers are only slow */

struct world {
	struct loop *loop;
	struct conf *conf;
	struct session *s;
	bool ended, own_loop;
	unsigned questions;
	struct question last_question;
	char *last_message;
};

#define WAIT(w, condition) \
	do { \
		int64_t end_ = clock_ms() + PATIENCE_MS; \
		while (!(condition) && clock_ms() < end_) \
			loop_turn((w)->loop, 50); \
		if (!(condition)) \
			fail_msg("waited in vain for %s", #condition); \
	} while (0)

static char world_root[] = "/tmp/feist-test-XXXXXX";

static inline char *at(const char *name)
{
	return xasprintf("%s/%s", world_root, name);
}

static inline void put_file(const char *path, const char *text)
{
	struct err e;

	if (!fs_write_atomic(path, sv_of(text), 0600, &e))
		fail_msg("%s", e.text);
}

static inline void make_maildir(const char *name)
{
	static const char *const subs[] = {"cur", "new", "tmp"};
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(subs); i++) {
		char *path = xasprintf("%s/%s/%s", world_root, name, subs[i]);

		assert_true(fs_mkdirs(path, &e));
		free(path);
	}
}

static inline int world_setup(void **state)
{
	static const char *const vars[] = {
		"XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"};

	(void)state;
	if (!mkdtemp(world_root))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(vars); i++) {
		char *dir = xasprintf("%s/%s", world_root, vars[i]);

		setenv(vars[i], dir, 1);
		free(dir);
	}
	setenv("HOME", world_root, 1);
	return 0;
}

static inline int world_teardown(void **state)
{
	const char *argv[] = {"rm", "-rf", world_root, NULL};
	struct proc_opts opts = PROC_OPTS_INIT;
	struct err e;
	pid_t pid;

	(void)state;
	return proc_spawn(argv, &opts, &pid, &e) ? proc_wait(pid) : -1;
}

static inline void world_on_message(
	void *data, enum log_level level, const char *text, const char *cure)
{
	struct world *w = data;

	(void)cure;
	free(w->last_message);
	w->last_message = xstrdup(text);
	if (level >= LOG_WARN)
		print_message("  %s: %s\n", log_level_name(level), text);
}

static inline void world_on_ended(void *data)
{
	((struct world *)data)->ended = true;
}

static inline void world_on_question(void *data, const struct question *q)
{
	struct world *w = data;

	w->questions++;
	w->last_question = *q;
	print_message("  question: %s\n", q->text);
}

static inline void set(struct world *w, const char *name, const char *value)
{
	struct err e;

	if (!conf_set(w->conf, opt_find(sv_of(name)), sv_of(value), (struct conf_origin){0}, &e))
		fail_msg("%s: %s", name, e.text);
}

static inline void set_path(struct world *w, const char *name, const char *file)
{
	char *path = at(file);

	set(w, name, path);
	free(path);
}

/* loop NULL: one of its own. There is one loop in a process: a second world takes that of the first. */
static inline void world_open_in(struct world *w, struct loop *loop, unsigned flags)
{
	struct session_events events = {.data = w,
		.message = world_on_message,
		.ended = world_on_ended,
		.question = world_on_question};
	struct err e;

	memset(w, 0, sizeof(*w));
	w->own_loop = !loop;
	w->loop = loop ? loop : loop_new();
	w->conf = conf_new(CONF_MUTT);
	set(w, "from", "Me Myself <me@example.net>");
	set(w, "sort", "threads");
	set(w, "folder", world_root);
	set(w, "mail_check", "1");
	set_path(w, "trash", "trash");
	set_path(w, "postponed", "postponed");
	set_path(w, "record", "sent");
	w->s = session_new(w->loop, w->conf, &events, flags, NULL, &e);
	if (!w->s)
		fail_msg("%s", e.text);
}

static inline void world_open(struct world *w, unsigned flags)
{
	world_open_in(w, NULL, flags);
}

static inline void world_close(struct world *w)
{
	session_quit(w->s, 5000);
	WAIT(w, w->ended);
	session_free(w->s);
	conf_free(w->conf);
	if (w->own_loop)
		loop_free(w->loop);
	free(w->last_message);
}

static inline void expect_in(const char *text, const char *piece)
{
	if (!strstr(text, piece))
		fail_msg("no \"%s\" in:\n%s", piece, text);
}

static inline struct view *open_path(struct world *w, const char *path)
{
	struct err e;
	struct view *v = session_open(w->s, path, false, &e);

	if (!v)
		fail_msg("%s: %s", path, e.text);
	return v;
}

static inline struct view *open_box(struct world *w, const char *name)
{
	char *path = at(name);
	struct view *v = open_path(w, path);

	free(path);
	return v;
}

#endif
