/*
 * Screen tests: the real program without a terminal over a fresh copy of the sample mailbox. A *.t
 * file is made of sections, each begun by a line "== WORD":
 *
 * /PROFILE in keys and pictures is the profile's folder.
 *
 *   == setup      lines "size 80x24", "profile mutt", "open =lists", and rc lines for the rest
 *   == keys       lines as :source-keys takes them
 *   == screen     the picture after them (blank lines at the end are left out)
 *   == styles     how its cells look
 *   == file NAME  what a file below the profile holds (an editor's or the program's)
 *
 * usage: run [FILE.t...]; UPDATE=1 rewrites the screens in the files. No test sleeps: keys wait for
 * :wait-idle. The time is always 2026-11-14 12:00 UTC.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES_MAX 500
#define SECTIONS_MAX 200
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define NOW "1794657600"

struct section {
	char word[64], arg[256];
	char *text;   /* without the "==" line */
	char *result; /* of a screen */
};

struct test {
	char path[4096];
	struct section v[SECTIONS_MAX];
	int n;
};

static char scratch[256];

static void die(const char *what)
{
	fprintf(stderr, "screen tests: %s: %s\n", what, strerror(errno));
	exit(99);
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t n = 0;
	if (!f)
		return NULL;
	FILE *m = open_memstream(&text, &n);
	for (int c; (c = getc(f)) != EOF;)
		putc(c, m);
	fclose(f);
	fclose(m);
	return text;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	if (!f || fputs(text, f) == EOF || fclose(f) != 0)
		die(path);
}

static void parse(struct test *t, const char *text)
{
	char *buf = NULL;
	size_t n = 0;
	FILE *m = NULL;
	t->n = 0;
	while (*text) {
		const char *end = strchr(text, '\n');
		size_t len = end ? (size_t)(end - text) + 1 : strlen(text);
		if (strncmp(text, "== ", 3) == 0 && t->n < SECTIONS_MAX) {
			if (m) {
				fclose(m);
				t->v[t->n - 1].text = buf;
			}
			struct section *s = &t->v[t->n++];
			memset(s, 0, sizeof(*s));
			char head[320];
			snprintf(head, sizeof(head), "%.*s", (int)MIN(len, sizeof(head) - 1), text + 3);
			head[strcspn(head, "\n")] = '\0';
			sscanf(head, "%63s %255[^\n]", s->word, s->arg);
			m = open_memstream(&buf, &n);
		} else if (m) {
			fwrite(text, 1, len, m);
		}
		text += len;
	}
	if (m) {
		fclose(m);
		t->v[t->n - 1].text = buf;
	}
}

/* Blank lines at the end do not count. */
static void trim_end(char *s)
{
	size_t n = strlen(s);
	while (n > 1 && s[n - 1] == '\n' && s[n - 2] == '\n')
		s[--n] = '\0';
	if (strcmp(s, "\n") == 0)
		*s = '\0';
}

static int shell(const char *command)
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		die("sh");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static const char *env(const char *name)
{
	const char *v = getenv(name);
	if (!v || !*v) {
		fprintf(stderr, "screen tests: %s is not set\n", name);
		exit(77);
	}
	return v;
}

static void write_rc(const struct test *t, char size[32], char open[512])
{
	char path[512];
	bool mutt = false;
	snprintf(path, sizeof(path), "%s/rc", scratch);
	snprintf(size, 32, "80x24");
	snprintf(open, 512, "=inbox");
	FILE *rc = fopen(path, "w");
	FILE *more = tmpfile();
	if (!rc || !more)
		die(path);
	for (int i = 0; i < t->n; i++) {
		if (strcmp(t->v[i].word, "setup") != 0)
			continue;
		char *text = strdup(t->v[i].text), *rest;
		for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
			if (strncmp(line, "size ", 5) == 0)
				snprintf(size, 32, "%s", line + 5);
			else if (strcmp(line, "profile mutt") == 0)
				mutt = true;
			else if (strncmp(line, "open ", 5) == 0)
				snprintf(open, 512, "%s", line + 5);
			else
				fprintf(more, "%s\n", line);
		}
		free(text);
	}
	fprintf(rc,
		"set defaults=%s\nset folder=%s/mail\nset spoolfile==inbox\nset record==Sent\nset postponed==Drafts\n"
		"set trash==Trash\nset archive_folder==Archive\nset from=you@feist.example realname=You\nset hostname=feist.example\n"
		"set sendmail=/bin/true\nset editor=%s/editor\nset beep=no\nset attach_save_dir=%s\nset tmpdir=%s\n"
		"mailboxes =inbox =Drafts =Sent =Archive =lists =inbox.mbox =Trash\n",
		mutt ? "mutt" : "modern", scratch, scratch, scratch, scratch);
	rewind(more);
	for (int c; (c = getc(more)) != EOF;)
		putc(c, rc);
	fclose(more);
	fclose(rc);
	snprintf(path, sizeof(path), "%s/editor", scratch);
	write_file(path, "#!/bin/sh\n"
		"# The editor of screen tests: adds a line that says it was here.\n"
		"printf '%s\\n' 'Typed in the editor.' >>\"$1\"\n");
	chmod(path, 0700);
	snprintf(path, sizeof(path), "%s/home/notes.txt", scratch);
	write_file(path, "Some notes to attach.\n");
}

/* /PROFILE in keys stands for the scratch folder. */
static void write_named(FILE *f, const char *text)
{
	for (const char *p; (p = strstr(text, "/PROFILE")); text = p + 8)
		fprintf(f, "%.*s%s", (int)(p - text), text, scratch);
	fputs(text, f);
}

static void write_keys(const struct test *t)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/keys", scratch);
	FILE *f = fopen(path, "w");
	if (!f)
		die(path);
	fputs(":wait-idle\n", f);
	for (int i = 0; i < t->n; i++) {
		const struct section *s = &t->v[i];
		if (strcmp(s->word, "keys") == 0)
			write_named(f, s->text);
		else if (strcmp(s->word, "screen") == 0)
			fprintf(f, ":dump-screen %s/dump-%d\n", scratch, i);
		else if (strcmp(s->word, "styles") == 0)
			fprintf(f, ":dump-styles %s/dump-%d\n", scratch, i);
	}
	fprintf(f, ":stalls %s/stalls\n", scratch);
	fclose(f);
}

/* The scratch folder's name must not stand in a picture. */
static void hide_scratch(char *text)
{
	size_t n = strlen(scratch);
	for (char *p; (p = strstr(text, scratch));) {
		memcpy(p, "/PROFILE", 8);
		memmove(p + 8, p + n, strlen(p + n) + 1);
	}
}

static int play(struct test *t)
{
	char size[32], open[512], command[8192];
	snprintf(command, sizeof(command), "rm -rf '%s' && mkdir -p '%s/home' && sh '%s/contrib/install-sample' '%s/mail' && "
		"find '%s/mail' -exec touch -d @" NOW " {} +", scratch, scratch, env("FEIST_SRCDIR"), scratch, scratch);
	if (shell(command) != 0)
		return 99;
	write_rc(t, size, open);
	write_keys(t);
	snprintf(command, sizeof(command),
		"cd '%s/home' && env -i PATH=\"$PATH\" HOME='%s/home' XDG_CACHE_HOME='%s/cache' XDG_STATE_HOME='%s/state' "
		"XDG_DATA_HOME='%s/data' XDG_CONFIG_HOME='%s/config' XDG_RUNTIME_DIR='%s' TMPDIR='%s' TZ=UTC LC_ALL=C.UTF-8 "
		"SOURCE_DATE_EPOCH=" NOW " FEIST_LIBEXEC='%s' ASAN_OPTIONS=\"$ASAN_OPTIONS\" LSAN_OPTIONS=\"$LSAN_OPTIONS\" "
		"timeout 30 '%s/feist' --screen-test '%s/keys' --screen-size %s -F '%s/rc' -f '%s' >'%s/out' 2>&1",
		scratch, scratch, scratch, scratch, scratch, scratch, scratch, scratch, env("FEIST_BUILDDIR"),
		env("FEIST_BUILDDIR"), scratch, size, scratch, open, scratch);
	return shell(command);
}

static void show_difference(const char *want, const char *got)
{
	while (*want || *got) {
		size_t a = strcspn(want, "\n"), b = strcspn(got, "\n");
		if (a == b && strncmp(want, got, a) == 0)
			printf("    %.*s\n", (int)a, want);
		else
			printf("  - %.*s\n  + %.*s\n", (int)a, want, (int)b, got);
		want += a + (want[a] != '\0');
		got += b + (got[b] != '\0');
	}
}

static void rewrite(const struct test *t)
{
	FILE *f = fopen(t->path, "r");
	char line[4096], *head = NULL;
	size_t n = 0;
	FILE *m = open_memstream(&head, &n);
	if (!f)
		die(t->path);
	while (fgets(line, sizeof(line), f) && strncmp(line, "== ", 3) != 0)
		fputs(line, m);
	fclose(f);
	fclose(m);
	f = fopen(t->path, "w");
	if (!f)
		die(t->path);
	fputs(head, f);
	free(head);
	for (int i = 0; i < t->n; i++) {
		const struct section *s = &t->v[i];
		fprintf(f, "== %s%s%s\n%s", s->word, *s->arg ? " " : "", s->arg, s->result ? s->result : s->text);
	}
	fclose(f);
}

static bool check_stalls(void)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/stalls", scratch);
	char *text = read_file(path);
	bool ok = text && strncmp(text, "0 stalls", 8) == 0;
	if (!ok)
		printf("  the loop stalled: %s\n", text ? text : "(no answer)");
	free(text);
	return ok;
}

static bool compare(struct test *t, int status)
{
	bool ok = true;
	for (int i = 0; i < t->n; i++) {
		struct section *s = &t->v[i];
		char path[1024];
		if (strcmp(s->word, "screen") == 0 || strcmp(s->word, "styles") == 0)
			snprintf(path, sizeof(path), "%s/dump-%d", scratch, i);
		else if (strcmp(s->word, "file") == 0)
			snprintf(path, sizeof(path), "%s/%s", scratch, s->arg);
		else
			continue;
		s->result = read_file(path);
		if (!s->result) {
			char *out;
			snprintf(path, sizeof(path), "%s/out", scratch);
			out = read_file(path);
			printf("  section %d (%s): nothing came; exit status %d\n%s", i + 1, s->word, status, out ? out : "");
			free(out);
			return false;
		}
		hide_scratch(s->result);
		trim_end(s->result);
		size_t n = strlen(s->result);
		if (n > 0 && s->result[n - 1] != '\n') { /* a section ends with its line */
			s->result = realloc(s->result, n + 2);
			memcpy(s->result + n, "\n", 2);
		}
		if (strcmp(s->result, s->text) != 0) {
			ok = false;
			if (!getenv("UPDATE")) {
				printf("  section %d (%s %s):\n", i + 1, s->word, s->arg);
				show_difference(s->text, s->result);
			}
		}
	}
	return ok;
}

/* With more to run than processors every program waits: then a stall says nothing about this one. */
static bool machine_is_busy(void)
{
	double load = 0;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	return getloadavg(&load, 1) == 1 && load > (double)cpus;
}

static void forget(struct test *t)
{
	for (int i = 0; i < t->n; i++) {
		free(t->v[i].text);
		free(t->v[i].result);
	}
}

static bool run_file(const char *path)
{
	static struct test t;
	bool ok = false;
	snprintf(t.path, sizeof(t.path), "%s", path);
	char *text = read_file(path);
	if (!text)
		die(path);
	/* A machine under load stalls everybody: some more tries before that counts. */
	for (int attempt = 0; attempt < 4 && !ok; attempt++) {
		parse(&t, text);
		int status = play(&t);
		ok = compare(&t, status);
		if (ok && status != 0) {
			printf("  exit status %d\n", status);
			ok = false;
		}
		if (!ok && getenv("UPDATE")) {
			rewrite(&t);
			ok = true;
		}
		bool calm = check_stalls();
		bool again = ok && !calm;
		ok = ok && (calm || machine_is_busy() || getenv("FEIST_ALLOW_STALLS") != NULL);
		forget(&t);
		if (!again)
			break;
	}
	free(text);
	return ok;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv)
{
	char *files[FILES_MAX];
	int n = 0, failed = 0;
	char dir[4096];
	snprintf(scratch, sizeof(scratch), "%s/feist-screen-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(scratch))
		die("mkdtemp");
	for (int i = 1; i < argc && n < FILES_MAX; i++)
		files[n++] = strdup(argv[i]);
	if (n == 0) {
		snprintf(dir, sizeof(dir), "%s/tests/screen", env("FEIST_SRCDIR"));
		DIR *d = opendir(dir);
		for (struct dirent *e; d && (e = readdir(d)) && n < FILES_MAX;) {
			size_t len = strlen(e->d_name);
			if (len > 2 && strcmp(e->d_name + len - 2, ".t") == 0 && asprintf(&files[n], "%s/%s", dir, e->d_name) > 0)
				n++;
		}
		if (d)
			closedir(d);
	}
	qsort(files, (size_t)n, sizeof(*files), by_name);
	for (int i = 0; i < n; i++) {
		bool ok = run_file(files[i]);
		const char *name = strrchr(files[i], '/');
		printf("%s %d - %s\n", ok ? "ok" : "not ok", i + 1, name ? name + 1 : files[i]);
		fflush(stdout);
		failed += !ok;
		free(files[i]);
	}
	printf("%d passed, %d failed\n", n - failed, failed);
	if (failed == 0 || !getenv("KEEP")) {
		char command[512];
		snprintf(command, sizeof(command), "rm -rf '%s'", scratch);
		shell(command);
	}
	return failed > 0;
}
