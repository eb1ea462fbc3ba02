#include "tests/torture/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "mime/mbox.h"
#include "store/intent.h"
#include "store/outbox.h"
#include "sync/local_box.h"
#include "tests/torture/ledger.h"
#include "tests/torture/scenario.h"
#include "tests/torture/server.h"

#define LANES_MAX 32

void must_be(bool ok, const char *what)
{
	if (ok)
		return;
	printf("cannot run: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void must(bool ok, const struct err *e)
{
	if (ok)
		return;
	printf("cannot run: %s\n", e->text);
	exit(1);
}

/* ---- trees of files ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void remove_tree(const char *path)
{
	(void)!nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

static void copy_file(const char *from, const char *to, const struct stat *st)
{
	struct timespec times[2] = {st->st_atim, st->st_mtim};
	char buf[65536];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, st->st_mode & 0777);
	ssize_t n;

	must_be(in >= 0 && out >= 0, to);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		must_be(write(out, buf, (size_t)n) == n, to);
	futimens(out, times);
	close(in);
	close(out);
}

/* Two folders deep in all cases that matter here; bounded by the length of names. */
void copy_tree(const char *from, const char *to)
{
	DIR *d = opendir(from);
	struct dirent *ent;
	struct stat st;

	must_be(d != NULL && (mkdir(to, 0700) == 0 || errno == EEXIST), from);
	while ((ent = readdir(d))) {
		char *a = fs_join(from, ent->d_name), *b = fs_join(to, ent->d_name);

		if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0 && lstat(a, &st) == 0) {
			if (S_ISDIR(st.st_mode))
				copy_tree(a, b);
			else if (S_ISREG(st.st_mode))
				copy_file(a, b, &st);
		}
		free(a);
		free(b);
	}
	closedir(d);
	/* A Maildir is known by the times of its folders. */
	if (stat(from, &st) == 0) {
		struct timespec times[2] = {st.st_atim, st.st_mtim};

		utimensat(AT_FDCWD, to, times, 0);
	}
}

/* ---- the stage ---- */

unsigned stage_lanes(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	const char *given = getenv("FEIST_TORTURE_LANES");
	unsigned lanes = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)MAX(cpus, 1) * 8;

	return MIN(MAX(lanes, 1u), LANES_MAX);
}

static char *stage_folder(const char *name)
{
	const char *tmp = getenv("TMPDIR");
	bool memory = !tmp && access("/dev/shm", W_OK) == 0;
	char *dir = xasprintf("%s/feist-%s-XXXXXX", memory ? "/dev/shm" : tmp && *tmp ? tmp : "/tmp", name);

	must_be(mkdtemp(dir) != NULL, dir);
	return dir;
}

void stage_open(struct stage *s, const char *name)
{
	int fd;

	memset(s, 0, sizeof(*s));
	s->dir = stage_folder(name);
	s->world = fs_join(s->dir, "w");
	s->begin = fs_join(s->dir, "t");
	s->acks = fs_join(s->dir, "ack-");
	s->shim = fs_join(s->dir, "shim");
	fd = open(s->shim, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	must_be(fd >= 0 && ftruncate(fd, sizeof(*s->control)) == 0, s->shim);
	s->control = mmap(NULL, sizeof(*s->control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must_be(s->control != MAP_FAILED, "mmap");
	close(fd);
	/* Workers that outlive their feist become ours, so that we know when they have ended. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	s->server = server_start(s->world, &s->pop_port, &s->smtp_port);
}

void stage_close(struct stage *s)
{
	kill(s->server, SIGKILL);
	waitpid(s->server, NULL, 0);
	munmap(s->control, sizeof(*s->control));
	remove_tree(s->dir);
	free(s->dir);
	free(s->world);
	free(s->begin);
	free(s->acks);
	free(s->shim);
}

void stage_empty_folder(struct stage *s)
{
	remove_tree(s->world);
	must_be(mkdir(s->world, 0700) == 0, s->world);
}

void stage_record(struct stage *s)
{
	struct shim_control *c = s->control;

	snprintf(c->root, sizeof(c->root), "%s", s->dir);
	snprintf(c->record, sizeof(c->record), "%s/record", s->dir);
	int fd = open(c->record, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must_be(fd >= 0, c->record);
	close(fd);
}

/* A command has ended well: in the record, too. */
static void mark_record(const struct stage *s, unsigned acked)
{
	struct shim_record r = {.op = SHIM_OP_MARK, .offset = acked};
	int fd = *s->control->record ? open(s->control->record, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	must_be(write(fd, &r, sizeof(r)) == sizeof(r), s->control->record);
	close(fd);
}

void stage_reset(struct stage *s)
{
	remove_tree(s->world);
	copy_tree(s->begin, s->world);
}

/* ---- making the world ---- */

static void write_file(const char *path, const char *text, unsigned mode)
{
	struct err e;

	must(fs_write_atomic(path, sv_of(text), mode, &e), &e);
}

static unsigned flags_of(struct sv text)
{
	unsigned flags = 0;

	flags |= sv_chr(text, 'S') >= 0 ? MSG_SEEN : 0;
	flags |= sv_chr(text, 'F') >= 0 ? MSG_FLAGGED : 0;
	flags |= sv_chr(text, 'R') >= 0 ? MSG_ANSWERED : 0;
	flags |= sv_chr(text, 'D') >= 0 ? MSG_DRAFT : 0;
	return flags;
}

static void add_to_maildir(const char *path, const char *name, unsigned flags, unsigned n)
{
	char *base = xasprintf("%u.%s.host", 1700000000 + n, name), *text = ledger_message(name, "");
	struct str file;

	str_init(&file, 4096);
	(void)str_addf(&file, "%s/cur/", path);
	maildir_name_of(&file, sv_of(base), flags, SV(""));
	write_file(file.s, text, 0600);
	str_fini(&file);
	free(base);
	free(text);
}

static void add_to_mbox(struct str *out, const char *name, unsigned flags)
{
	char *status = xasprintf("Status: %s\n%s", flags & MSG_SEEN ? "RO" : "O", flags & MSG_FLAGGED ? "X-Status: F\n" : "");
	char *text = ledger_message(name, status);

	(void)(mbox_add_from_line(out, SV("t@example.org"), 1700000000) && mbox_add_message(out, sv_of(text)));
	free(status);
	free(text);
}

static void make_mailbox(struct stage *s, const char *line)
{
	struct sv rest = sv_of(line), word;
	struct str mbox;
	struct err e;

	(void)sv_split(&rest, ' ', &word);
	bool pop = sv_is(word, "@server"), maildir = word.p[word.len - 1] == '/';
	char *path = pop ? fs_join(s->world, "pop") : xasprintf("%s/mail/" SV_FMT, s->world, SV_ARG(word));
	str_init(&mbox, 1 << 22);
	if (pop)
		must(fs_mkdirs(path, &e), &e);
	else if (maildir)
		must(maildir_make(path, &e), &e);
	for (unsigned n = 0; sv_split(&rest, ' ', &word); n++) {
		struct sv flags = word, name_part;

		if (word.len == 0)
			continue;
		(void)sv_split(&flags, ':', &name_part);
		char *name = sv_dup(name_part);
		if (pop) {
			char *file = xasprintf("%s/%02u-%s", path, n, name), *text = ledger_message(name, "");

			write_file(file, text, 0600);
			free(file);
			free(text);
		} else if (maildir)
			add_to_maildir(path, name, flags_of(flags), n);
		else
			add_to_mbox(&mbox, name, flags_of(flags));
		free(name);
	}
	if (!pop && !maildir)
		write_file(path, mbox.s ? mbox.s : "", 0600);
	str_fini(&mbox);
	free(path);
}

/* $W, $POP and $SMTP in a text are the world and the ports. Caller frees. */
static char *filled_in(const struct stage *s, const char *text)
{
	struct str out;

	str_init(&out, 1 << 16);
	for (const char *p = text; p && *p; p++) {
		if (strncmp(p, "$W", 2) == 0)
			(void)str_adds(&out, s->world), p += 1;
		else if (strncmp(p, "$POP", 4) == 0)
			(void)str_addf(&out, "%d", s->pop_port), p += 3;
		else if (strncmp(p, "$SMTP", 5) == 0)
			(void)str_addf(&out, "%d", s->smtp_port), p += 4;
		else
			(void)str_addc(&out, *p);
	}
	return str_detach(&out);
}

static void write_into_world(const struct stage *s, const char *name, const char *text, unsigned mode)
{
	char *path = fs_join(s->world, name), *full = filled_in(s, text);

	write_file(path, full, mode);
	free(full);
	free(path);
}

static void write_rc(const struct stage *s, const struct scenario *sc)
{
	static const char base[] =
		"set defaults=mutt folder=$W/mail spoolfile==inbox record==Sent postponed==Drafts trash==Trash\n"
		"set from=me@feist.example realname=Me hostname=feist.example beep=no mail_check=60 tmpdir=$W/tmp\n"
		"set sendmail=$W/sendmail editor=$W/editor delete=yes confirmappend=no confirmcreate=no quit=yes\n"
		"set mbox_type=Maildir edit_headers=no abort_unmodified=no include=no fast_reply=yes autoedit=no sort=mailbox-order\n"
		"set recall=no postpone=yes copy=yes resolve=yes pager_index_lines=0 history=100 save_history=100 crypt_autosign=no\n"
		"set certificate_file=$W/certs ssl_force_tls=no ssl_starttls=no smtp_url='' mark_old=no\n";
	char *rc = xasprintf("%s%s\n", base, sc->rc ? sc->rc : "");
	struct str boxes;

	str_init(&boxes, 65536);
	(void)str_adds(&boxes, rc);
	for (size_t i = 0; i < SCENARIO_BOXES && sc->have[i]; i++) {
		struct sv rest = sv_of(sc->have[i]), box;

		(void)sv_split(&rest, ' ', &box);
		if (box.p[0] == '@')
			continue;
		if (box.p[box.len - 1] == '/')
			box.len--;
		(void)str_addf(&boxes, "mailboxes =" SV_FMT "\n", SV_ARG(box));
	}
	write_into_world(s, "rc", boxes.s, 0600);
	str_fini(&boxes);
	free(rc);
}

void stage_set(struct stage *s, const struct scenario *sc)
{
	char *letter = ledger_body("letter");
	struct outcome o;

	s->scenario = sc;
	remove_tree(s->begin);
	stage_empty_folder(s);
	static const char *const folders[] = {"mail", "home", "sent", "pop", "tmp"};
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char *path = fs_join(s->world, folders[i]);

		must_be(mkdir(path, 0700) == 0, path);
		free(path);
	}
	write_into_world(s, "letter", letter, 0600);
	write_into_world(s, "editor", "#!/bin/sh\ncat $W/letter >\"$1\"\n", 0700);
	/* As a delivery agent: under another name until it is whole. */
	write_into_world(s, "sendmail", "#!/bin/sh\nset -e\ncat >$W/sent/.$$\nmv $W/sent/.$$ $W/sent/$$-$(date +%N)\n", 0700);
	write_rc(s, sc);
	for (size_t i = 0; i < SCENARIO_BOXES && sc->have[i]; i++)
		make_mailbox(s, sc->have[i]);
	if (!(sc->flags & SCENARIO_COLD)) {
		bool synced = stage_shell(s, "$FEIST -F $W/rc -e 'set pop_host=\"\"' --sync", false) == 0;
		char *said = stage_output(s);

		must_be(synced, said);
		free(said);
	}
	if (sc->flags & SCENARIO_SPOILED)
		must_be(stage_shell(s, "printf 'nonsense' | dd of=$W/cache/feist/cache-local.db bs=1 seek=4096 conv=notrunc", false) == 0,
			"spoil the cache");
	(void)o;
	copy_tree(s->world, s->begin);
	free(letter);
}

/* ---- running ---- */

void stage_calm(struct stage *s, unsigned calls)
{
	struct shim_control *c = s->control;

	memset(c, 0, sizeof(*c));
	c->calls = calls;
	c->programs = SHIM_FEIST | SHIM_WORKER | SHIM_RENDER;
}

static char *env_text(const char *name, const char *value)
{
	return xasprintf("%s=%s", name, value);
}

/* The build tree: told by make, or where this program lies (tests/torture/faults). Caller frees. */
static char *build_folder(void)
{
	const char *told = getenv("FEIST_BUILDDIR");
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (told)
		return xstrdup(told);
	self[MAX(n, (ssize_t)0)] = '\0';
	for (int i = 0; i < 3; i++) {
		char *slash = strrchr(self, '/');

		if (slash)
			*slash = '\0';
	}
	return xstrdup(self);
}

static void exec_shell(struct stage *s, const char *command, bool with_shim)
{
	static const char *const folders[][2] = {{"HOME", "home"}, {"XDG_CACHE_HOME", "cache"}, {"XDG_STATE_HOME", "state"},
		{"XDG_DATA_HOME", "data"}, {"XDG_CONFIG_HOME", "config"}, {"XDG_RUNTIME_DIR", ""}, {"TMPDIR", "tmp"}, {"W", ""}};
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	char *build = build_folder(), *env[24], *out = fs_join(s->dir, "out"), *feist = fs_join(build, "feist");
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char *path = *folders[i][1] ? fs_join(s->world, folders[i][1]) : xstrdup(s->world);

		env[n++] = env_text(folders[i][0], path);
	}
	env[n++] = env_text("PATH", getenv("PATH"));
	env[n++] = env_text("FEIST_LIBEXEC", build);
	env[n++] = env_text("FEIST", feist);
	env[n++] = xstrdup("TZ=UTC");
	env[n++] = xstrdup("LC_ALL=C.UTF-8");
	if (with_shim) {
		char *library = fs_join(build, "tests/torture/shim.so");

		env[n++] = env_text("LD_PRELOAD", library);
		env[n++] = env_text(SHIM_ENV, s->shim);
	}
	env[n] = NULL;
	setpgid(0, 0);
	s->control->group = getpid();
	int fd = open(out, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, 1);
	dup2(fd, 2);
	close(fd);
	fd = open("/dev/null", O_RDONLY);
	dup2(fd, 0);
	close(fd);
	if (chdir(s->world) == 0)
		execve(argv[0], (char *const *)argv, env);
	_exit(127);
}

/* Nobody but the server is our child: helpers are in groups of their own, and become ours when feist has ended. */
static bool are_alone(const struct stage *s)
{
	char path[64], text[256] = "", want[24];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	snprintf(want, sizeof(want), "%d ", (int)s->server);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n < 0 || strcmp(text, want) == 0;
}

/* Waits for every program of the run: the group's leader and orphans that came to us. Status of the leader. */
static int wait_group(struct stage *s, pid_t leader, bool *hung)
{
	int64_t until = clock_ms() + (s->seconds ? s->seconds : STEP_SECONDS) * 1000;
	struct timespec nap = {0, 500000};
	int status = 0, result = 0;

	*hung = false;
	for (;;) {
		pid_t p = waitpid(-1, &status, WNOHANG);

		if (p == leader)
			result = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		if (p > 0)
			continue;
		/* Only the server is left, or nobody. */
		if (kill(-leader, 0) != 0 && errno == ESRCH && are_alone(s))
			return result;
		if (clock_ms() > until) {
			*hung = true;
			kill(-leader, SIGKILL);
			until += 1000;
		}
		nanosleep(&nap, NULL);
		if (nap.tv_nsec < 8000000)
			nap.tv_nsec += nap.tv_nsec / 4;
	}
}

static int run(struct stage *s, const char *command, bool with_shim, bool *hung)
{
	char *out = fs_join(s->dir, "out");

	unlink(out);
	free(out);
	fflush(stdout);
	pid_t pid = fork();
	must_be(pid >= 0, "fork");
	if (pid == 0)
		exec_shell(s, command, with_shim);
	setpgid(pid, pid);
	s->control->group = pid;
	return wait_group(s, pid, hung);
}

int stage_shell(struct stage *s, const char *command, bool with_shim)
{
	bool hung;
	int status = run(s, command, with_shim, &hung);

	return hung ? 124 : status;
}

char *stage_output(struct stage *s)
{
	char *path = fs_join(s->dir, "out");
	struct str text;
	struct err e;
	bool ok = fs_read(path, 1 << 20, &text, &e);

	free(path);
	return ok ? str_detach(&text) : xstrdup("");
}

/* ---- steps ---- */

unsigned scenario_steps(const struct scenario *sc)
{
	unsigned n = 0;

	while (n < SCENARIO_STEPS && sc->step[n])
		n++;
	return n;
}

static bool is_keys(const char *step)
{
	return strncmp(step, "$ ", 2) != 0;
}

static void note_end(struct stage *s, int status, bool hung, struct outcome *o)
{
	char *said = stage_output(s);

	/* 137: killed, which is what we do. */
	if (hung || (status > 128 && status != 128 + SIGKILL)) {
		o->hung = hung;
		o->crashed = !hung;
		snprintf(o->note, sizeof(o->note), "%s: status %d: %.150s", hung ? "hung" : "crashed", status, said);
	} else if (strstr(said, "Sanitizer") || strstr(said, "bug:")) {
		o->crashed = true;
		snprintf(o->note, sizeof(o->note), "%.190s", said);
	}
	free(said);
}

/* What was on the screen after the step. NULL: never shown. */
static char *screen_of(const struct stage *s, unsigned step)
{
	char *path = xasprintf("%s%u", s->acks, step);
	struct str text;
	struct err e;
	bool ok = fs_read(path, 1 << 20, &text, &e);

	free(path);
	if (!ok)
		return NULL;
	return str_detach(&text);
}

void stage_keep_screens(struct stage *s)
{
	for (unsigned i = 0; i < SCENARIO_STEPS; i++) {
		free(s->screens[i]);
		s->screens[i] = screen_of(s, i);
	}
}

/* Steps a .. b-1 on the screen, in one run; a file for each tells that it was shown. */
static void play_keys(struct stage *s, unsigned a, unsigned b, bool with_shim, struct outcome *o)
{
	char *path = fs_join(s->dir, "keys");
	struct str keys;
	bool hung;

	str_init(&keys, 1 << 16);
	(void)str_adds(&keys, ":wait-idle\n");
	for (unsigned i = a; i < b; i++) {
		char *ack = xasprintf("%s%u", s->acks, i), *step = filled_in(s, s->scenario->step[i]);

		unlink(ack);
		(void)str_addf(&keys, "%s\n:dump-screen %s\n", step, ack);
		free(ack);
		free(step);
	}
	write_file(path, keys.s, 0600);
	str_fini(&keys);
	char *command = xasprintf("exec $FEIST --screen-test %s --screen-size 80x24 -F $W/rc", path);
	int status = run(s, command, with_shim, &hung);
	o->tried = b;
	for (unsigned i = a; i < b; i++) {
		char *screen = screen_of(s, i);

		/* All that came before is there, too. */
		if (screen)
			o->acked = i + 1;
		o->strange = o->strange || (screen && s->screens[i] && strcmp(screen, s->screens[i]) != 0);
		free(screen);
	}
	note_end(s, status, hung, o);
	free(command);
	free(path);
}

static void play_command(struct stage *s, unsigned i, bool with_shim, struct outcome *o)
{
	char *command = filled_in(s, s->scenario->step[i] + 2);
	bool hung;
	int status = run(s, command, with_shim, &hung);

	o->tried = i + 1;
	if (status == 0 && !hung) {
		o->acked = i + 1;
		mark_record(s, o->acked);
	}
	note_end(s, status, hung, o);
	free(command);
}

void stage_play(struct stage *s, unsigned first, unsigned last, bool with_shim, struct outcome *o)
{
	*o = (struct outcome){.acked = first, .tried = first};
	for (unsigned i = first; i < last;) {
		unsigned end = i + 1;

		if (is_keys(s->scenario->step[i])) {
			while (end < last && is_keys(s->scenario->step[end]))
				end++;
			play_keys(s, i, end, with_shim, o);
		} else {
			play_command(s, i, with_shim, o);
		}
		/* What was not acknowledged stops the user, too. */
		if (o->acked < end || o->crashed || o->hung)
			return;
		i = end;
	}
}

/* ---- afterwards ---- */

/* What waits for its next try is tried now. */
static void hurry_outbox(const struct stage *s)
{
	char *path = xasprintf("%s/state/feist/state.db", s->world);
	struct state *state;
	struct err e;

	if (fs_exists(path) && state_open(&state, path, &e)) {
		for (int64_t id = 1; id < 10; id++)
			(void)!outbox_change(state, id, OUTBOX_QUEUED, OUTBOX_QUEUED, "", 0, &e);
		state_close(state);
	}
	free(path);
}

static bool is_on_its_way(void *data, const struct outbox_row *row)
{
	bool *quiet = data;

	*quiet = *quiet && row->state != OUTBOX_QUEUED && row->state != OUTBOX_SENDING && row->state != OUTBOX_COMMITTING;
	return true;
}

static bool is_quiet(const struct stage *s)
{
	char *path = xasprintf("%s/state/feist/state.db", s->world);
	uint64_t counts[INTENT_STATES];
	struct state *state;
	struct err e;
	bool quiet = true;

	if (fs_exists(path) && state_open_reader(&state, path, &e)) {
		quiet = !intent_counts(state, NULL, counts, &e) || counts[INTENT_PENDING] == 0;
		(void)!outbox_each(state, NULL, is_on_its_way, &quiet, &e);
		state_close(state);
	}
	free(path);
	return quiet;
}

bool stage_recover(struct stage *s, struct outcome *o)
{
	for (int i = 0; i < 3; i++) {
		bool hung;

		hurry_outbox(s);
		int status = run(s, "exec $FEIST -F $W/rc --sync", false, &hung);

		note_end(s, status, hung, o);
		if (o->crashed || o->hung)
			return false;
		if (status == 0 && is_quiet(s))
			break;
	}
	return true;
}
