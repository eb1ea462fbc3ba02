#include "tests/torture/server.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/prctl.h>
#include <unistd.h>

#define ITEMS_MAX 200

/* ---- POP3, RFC 1939 ---- */

struct pop {
	const char *world;
	char *name[ITEMS_MAX];
	bool deleted[ITEMS_MAX];
	int n;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void pop_list(struct pop *p)
{
	char dir[600];
	snprintf(dir, sizeof(dir), "%s/pop", p->world);
	DIR *d = opendir(dir);

	for (struct dirent *e; d && (e = readdir(d)) && p->n < ITEMS_MAX;)
		if (e->d_name[0] != '.')
			p->name[p->n++] = strdup(e->d_name);
	if (d)
		closedir(d);
	qsort(p->name, (size_t)p->n, sizeof(*p->name), by_name);
}

static FILE *pop_file(const struct pop *p, int i)
{
	char path[900];

	snprintf(path, sizeof(path), "%s/pop/%s", p->world, p->name[i]);
	return fopen(path, "r");
}

static void pop_retrieve(struct pop *p, FILE *out, int i, long lines)
{
	FILE *f = i >= 0 && i < p->n ? pop_file(p, i) : NULL;
	char line[4096];
	bool body = false;

	if (!f) {
		fputs("-ERR no such message\r\n", out);
		return;
	}
	fputs("+OK\r\n", out);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (body && lines >= 0 && lines-- == 0)
			break;
		body = body || !*line;
		fprintf(out, "%s%s\r\n", line[0] == '.' ? "." : "", line);
	}
	fputs(".\r\n", out);
	fclose(f);
}

static void pop_quit(struct pop *p)
{
	char path[900];

	for (int i = 0; i < p->n; i++) {
		snprintf(path, sizeof(path), "%s/pop/%s", p->world, p->name[i]);
		if (p->deleted[i])
			unlink(path);
	}
}

static void pop_table(struct pop *p, FILE *out, bool ids)
{
	fputs("+OK\r\n", out);
	for (int i = 0; i < p->n; i++) {
		FILE *f = p->deleted[i] ? NULL : pop_file(p, i);

		if (!f)
			continue;
		fseek(f, 0, SEEK_END);
		if (ids)
			fprintf(out, "%d id-%s\r\n", i + 1, p->name[i]);
		else
			fprintf(out, "%d %ld\r\n", i + 1, ftell(f));
		fclose(f);
	}
	fputs(".\r\n", out);
}

static void serve_pop(const char *world, FILE *in, FILE *out)
{
	struct pop p = {.world = world};
	char line[512];

	pop_list(&p);
	fputs("+OK ready\r\n", out);
	while (fflush(out) == 0 && fgets(line, sizeof(line), in)) {
		int n = (int)strtol(line + strcspn(line, " \r"), NULL, 10) - 1;
		const char *last = strrchr(line, ' ');

		if (strncasecmp(line, "CAPA", 4) == 0)
			fputs("+OK\r\nUSER\r\nUIDL\r\nTOP\r\nPIPELINING\r\n.\r\n", out);
		else if (strncasecmp(line, "STAT", 4) == 0)
			fprintf(out, "+OK %d 1000\r\n", p.n);
		else if (strncasecmp(line, "UIDL", 4) == 0)
			pop_table(&p, out, true);
		else if (strncasecmp(line, "LIST", 4) == 0)
			pop_table(&p, out, false);
		else if (strncasecmp(line, "RETR", 4) == 0)
			pop_retrieve(&p, out, n, -1);
		else if (strncasecmp(line, "TOP", 3) == 0)
			pop_retrieve(&p, out, n, last ? strtol(last, NULL, 10) : 0);
		else if (strncasecmp(line, "DELE", 4) == 0 && n >= 0 && n < p.n)
			p.deleted[n] = true, fputs("+OK\r\n", out);
		else if (strncasecmp(line, "QUIT", 4) == 0) {
			pop_quit(&p);
			fputs("+OK\r\n", out);
			break;
		} else if (strncasecmp(line, "AUTH", 4) == 0)
			fputs("-ERR not here\r\n", out);
		else
			fputs("+OK\r\n", out);
	}
}

/* ---- SMTP, RFC 5321 ---- */

static void take_message(const char *world, FILE *in, FILE *out)
{
	char temp[600], path[600], line[4096];

	snprintf(temp, sizeof(temp), "%s/sent/.%d", world, (int)getpid());
	snprintf(path, sizeof(path), "%s/sent/%d-%ld", world, (int)getpid(), random());
	FILE *f = fopen(temp, "w");

	fputs("354 go on\r\n", out);
	fflush(out);
	while (fgets(line, sizeof(line), in)) {
		if (strcmp(line, ".\r\n") == 0) {
			if (!f || fclose(f) != 0 || rename(temp, path) != 0)
				fputs("451 no room\r\n", out);
			else
				fputs("250 taken\r\n", out);
			return;
		}
		if (f)
			fputs(line + (line[0] == '.'), f);
	}
	if (f)
		fclose(f);
	unlink(temp);
	exit(0);
}

static void serve_smtp(const char *world, FILE *in, FILE *out)
{
	char line[2048];

	fputs("220 torture ESMTP\r\n", out);
	while (fflush(out) == 0 && fgets(line, sizeof(line), in)) {
		if (strncasecmp(line, "EHLO", 4) == 0)
			fputs("250-torture\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 1000000\r\n", out);
		else if (strncasecmp(line, "DATA", 4) == 0)
			take_message(world, in, out);
		else if (strncasecmp(line, "QUIT", 4) == 0) {
			fputs("221 bye\r\n", out);
			break;
		} else
			fputs("250 ok\r\n", out);
	}
}

/* ---- both ---- */

static int listen_somewhere(int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, 20) != 0 ||
		getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
		perror("torture server");
		exit(1);
	}
	*port = ntohs(a.sin_port);
	return fd;
}

static void serve(const char *world, int fd, bool pop)
{
	FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");

	srandom((unsigned)getpid());
	if (in && out)
		(pop ? serve_pop : serve_smtp)(world, in, out);
	if (out)
		fflush(out);
	_exit(0);
}

static void accept_forever(const char *world, int pop, int smtp)
{
	struct pollfd p[2] = {{.fd = pop, .events = POLLIN}, {.fd = smtp, .events = POLLIN}};

	for (;;) {
		if (poll(p, 2, -1) < 0)
			continue;
		for (int i = 0; i < 2; i++) {
			int fd = p[i].revents & POLLIN ? accept(p[i].fd, NULL, NULL) : -1;

			if (fd >= 0 && fork() == 0)
				serve(world, fd, i == 0);
			if (fd >= 0)
				close(fd);
		}
	}
}

pid_t server_start(const char *world, int *pop_port, int *smtp_port)
{
	int pop = listen_somewhere(pop_port), smtp = listen_somewhere(smtp_port);
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		signal(SIGCHLD, SIG_IGN);
		signal(SIGPIPE, SIG_IGN);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		accept_forever(world, pop, smtp);
	}
	close(pop);
	close(smtp);
	return pid;
}
