#include "tests/send/profile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUN_MS 20000 /* one call of feist */

/* ---- files ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void profile_new(struct profile *me, const struct plan *p)
{
	FILE *f;
	char path[400];

	nftw(me->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (mkdir(me->dir, 0700) != 0) {
		perror(me->dir);
		abort();
	}
	for (const char *const *sub = (const char *const[]){"sent", "sent/cur", "sent/new", "sent/tmp", NULL}; *sub; sub++) {
		snprintf(path, sizeof(path), "%s/%s", me->dir, *sub);
		mkdir(path, 0700);
	}
	f = fopen(me->rc, "we");
	if (!f)
		abort();
	fprintf(f, "set smtp_url=\"%s://%s127.0.0.1:%u/\"\n", p->lmtp ? "lmtp" : "smtp", p->auth ? "kai:secret@" : "",
		recorder_port(me->server));
	fprintf(f, "set ssl_starttls=no ssl_force_tls=no from=\"kai@x.example\" realname=Kai hostname=x.example\n");
	fprintf(f, "set record=\"%s\" folder=\"%s\" spoolfile=\"%s\" socket_receive_timeout=1 connect_timeout=5\n", me->sent_box,
		me->dir, me->sent_box);
	fclose(f);
}

size_t profile_copies(struct profile *me)
{
	static const char *const subs[] = {"cur", "new"};
	size_t n = 0;

	for (int i = 0; i < 2; i++) {
		char path[400];
		struct dirent *e;
		DIR *d;

		snprintf(path, sizeof(path), "%s/%s", me->sent_box, subs[i]);
		d = opendir(path);
		while (d && (e = readdir(d)))
			n += e->d_name[0] != '.';
		if (d)
			closedir(d);
	}
	return n;
}

/* ---- feist ---- */

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void set_env(struct profile *me, const char *name, const char *sub)
{
	char text[400];

	snprintf(text, sizeof(text), "%s%s", me->dir, sub);
	setenv(name, text, 1);
}

int profile_feist(struct profile *me, const char *const *argv, const char *text, char out[FEIST_OUT_MAX])
{
	int in[2], result[2], status = 0;
	size_t have = 0;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(result, O_CLOEXEC) < 0)
		abort();
	pid = fork();
	if (pid == 0) {
		char path[400];

		dup2(in[0], 0);
		dup2(result[1], 1);
		if (!me->verbose) {
			int null = open("/dev/null", O_WRONLY);

			dup2(null, 2);
		}
		set_env(me, "HOME", "");
		set_env(me, "XDG_CONFIG_HOME", "/config");
		set_env(me, "XDG_CACHE_HOME", "/cache");
		set_env(me, "XDG_STATE_HOME", "/state");
		set_env(me, "XDG_DATA_HOME", "/data");
		snprintf(path, sizeof(path), "%s/feist", getenv("FEIST_BUILDDIR"));
		execv(path, (char *const *)argv);
		_exit(127);
	}
	close(in[0]);
	close(result[1]);
	recorder_target(me->server, pid);
	if (write(in[1], text, strlen(text)) < 0 && errno != EPIPE)
		perror("feist");
	close(in[1]);
	for (int64_t end = now_ms() + RUN_MS;;) {
		struct pollfd p = {.fd = result[0], .events = POLLIN};
		ssize_t n;

		if (poll(&p, 1, (int)(end - now_ms() > 0 ? end - now_ms() : 0)) <= 0) {
			printf("    feist hangs\n");
			kill(pid, SIGKILL);
			break;
		}
		n = read(result[0], out + have, have < FEIST_OUT_MAX - 1 ? FEIST_OUT_MAX - 1 - have : 0);
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	out[have] = 0;
	close(result[0]);
	waitpid(pid, &status, 0);
	recorder_target(me->server, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- begin and end ---- */

void profile_init(struct profile *me)
{
	const char *tmp = getenv("TMPDIR");

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	me->verbose = getenv("VERBOSE") != NULL;
	snprintf(me->dir, sizeof(me->dir), "%s/feist-send-%d", tmp ? tmp : "/tmp", (int)getpid());
	snprintf(me->rc, sizeof(me->rc), "%s/rc", me->dir);
	snprintf(me->sent_box, sizeof(me->sent_box), "%s/sent", me->dir);
	me->server = recorder_new();
}

void profile_fini(struct profile *me)
{
	recorder_free(me->server);
	nftw(me->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
