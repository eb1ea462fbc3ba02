/*
 * What goes over the wire is the message and nearly nothing else: a letter with 5 MB attached is recorded as
 * it comes, by DATA and by BDAT, and compared with the file in the outbox, byte for byte: LF as CRLF, dots
 * doubled in DATA alone, no CR or LF that stands by itself.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "tests/send/profile.h"

#define ATTACHED (3700 * 1000) /* as base64 5 MB */
#define OVERHEAD_MAX 1.01

static struct profile me;

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void write_attachment(const char *path)
{
	FILE *f = fopen(path, "we");
	unsigned x = 1;

	for (size_t i = 0; f && i < ATTACHED; i++) {
		x = x * 1103515245 + 12345;
		putc((int)(x >> 16 & 255), f);
	}
	if (f)
		fclose(f);
}

/* The biggest file beside state.db: the message as it was queued. */
static char *read_queued(size_t *len)
{
	char folder[400], path[800], best[800] = "";
	struct dirent *e;
	struct stat st;
	off_t most = 0;
	char *text = NULL;
	FILE *f;
	DIR *d;

	snprintf(folder, sizeof(folder), "%s/state/feist/files", me.dir);
	d = opendir(folder);
	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > most) {
			most = st.st_size;
			snprintf(best, sizeof(best), "%s", path);
		}
	}
	if (d)
		closedir(d);
	f = *best ? fopen(best, "re") : NULL;
	*len = 0;
	if (f) {
		text = malloc((size_t)most + 1);
		*len = fread(text, 1, (size_t)most, f);
		fclose(f);
	}
	return text;
}

/* As it must be on the wire. */
static char *canonical(const char *text, size_t len, bool dots, size_t *out_len)
{
	char *out = malloc(len * 2 + 2);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (dots && text[i] == '.' && (i == 0 || text[i - 1] == '\n'))
			out[n++] = '.';
		if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'))
			out[n++] = '\r';
		out[n++] = text[i];
	}
	*out_len = n;
	return out;
}

static bool run(const struct plan *p)
{
	static char out[FEIST_OUT_MAX];
	const char *how = p->chunking ? "BDAT" : "DATA";
	char path[400];
	size_t queued_len, want_len, got_len;
	bool ok = true;

	profile_new(&me, p);
	recorder_plan(me.server, p);
	snprintf(path, sizeof(path), "%s/big.bin", me.dir);
	write_attachment(path);
	int64_t before = now_us();
	int status = profile_feist(&me,
		(const char *const[]){"feist", "-n", "-F", me.rc, "-s", "big", "-a", path, "--", "a@y.example", NULL},
		"A line.\n.\n..two\nFrom here\n.\n", out);
	double seconds = (double)(now_us() - before) / 1e6;

	if (status != 0) {
		printf("not ok - %s: feist ended with %d\n", how, status);
		return false;
	}
	char *queued = read_queued(&queued_len);
	char *want = canonical(queued ? queued : "", queued_len, !p->chunking, &want_len);
	const char *got = recorder_message(me.server, &got_len);
	if (got_len != want_len || memcmp(got, want, want_len) != 0) {
		size_t at = 0;

		while (at < got_len && at < want_len && got[at] == want[at])
			at++;
		printf("not ok - %s: %zu bytes came, %zu should; the first wrong one is number %zu\n", how, got_len, want_len, at);
		ok = false;
	}
	double ratio = (double)recorder_bytes(me.server) / (double)(want_len ? want_len : 1);
	if (ratio > OVERHEAD_MAX)
		ok = false;
	printf("%s - %.1f MB by %s: %.5f of the message on the wire, %.2f s in all\n", ok ? "ok" : "not ok",
		(double)want_len / 1e6, how, ratio, seconds);
	free(queued);
	free(want);
	return ok;
}

static int send_small(const char *body, const char *at)
{
	static char out[FEIST_OUT_MAX];
	const char *argv[] = {"feist", "-n", "-F", me.rc, "-s", "small", at ? "--send-at" : "--", at ? at : "a@y.example",
		at ? "--" : "b@y.example", at ? "a@y.example" : NULL, NULL};

	return profile_feist(&me, argv, body, out);
}

static bool check(bool ok, const char *what)
{
	printf("%s - %s\n", ok ? "ok" : "not ok", what);
	return ok;
}

static bool message_has(const char *text)
{
	size_t len;
	const char *got = recorder_message(me.server, &len);

	return got && memmem(got, len, text, strlen(text));
}

/* A server that carries seven bits gets seven; one that carries eight gets the text as it is. */
static bool bits(void)
{
	const struct plan eight = {.pipelining = true}, seven = {.pipelining = true, .seven_bit = true};
	static const char body[] = "Gr\xc3\xbc\xc3\x9f" "e, in words enough to stay readable.\n";
	bool ok;

	profile_new(&me, &eight);
	recorder_plan(me.server, &eight);
	ok = send_small(body, NULL) == 0 && strstr(recorder_mail(me.server), " BODY=8BITMIME") &&
	     message_has("Gr\xfc\xdf" "e");
	ok = check(ok, "8BITMIME: the text as it is");
	profile_new(&me, &seven);
	recorder_plan(me.server, &seven);
	return check(send_small(body, NULL) == 0 && !strstr(recorder_mail(me.server), "BODY=") &&
			     message_has("Gr=FC=DFe") && message_has("Content-Transfer-Encoding: quoted-printable"),
		       "no 8BITMIME: quoted-printable") &&
	       ok;
}

static bool outbox_has(const char *text)
{
	static char out[FEIST_OUT_MAX];

	profile_feist(&me, (const char *const[]){"feist", "-n", "-F", me.rc, "--outbox=json", NULL}, "", out);
	return text ? strstr(out, text) != NULL : !*out;
}

/* Mail for later goes to a server that keeps it until then; else it stays here. */
static bool hold(void)
{
	const struct plan keeps = {.hold = true}, closed = {.hold = true, .event = AT_CONNECT, .action = DO_CUT, .times = 1},
			  does_not = {.pipelining = true};
	struct record v[RECORDS_MAX];
	bool ok;

	profile_new(&me, &keeps);
	recorder_plan(me.server, &keeps);
	ok = send_small("for later\n", "+2h") == 0 && strstr(recorder_mail(me.server), " HOLDUNTIL=20") && outbox_has(NULL) &&
	     recorder_ledger(me.server, v) == 1;
	ok = check(ok, "FUTURERELEASE: the server keeps it");
	profile_new(&me, &does_not);
	recorder_plan(me.server, &does_not);
	ok = check(send_small("for later\n", "+2h") == 0 && outbox_has("\"state\":\"scheduled\"") &&
			    recorder_ledger(me.server, v) == 0,
		      "no FUTURERELEASE: it stays here until its time") &&
	     ok;
	profile_new(&me, &closed);
	recorder_plan(me.server, &closed);
	return check(send_small("for later\n", "+2h") == 0 && outbox_has("\"state\":\"scheduled\"") &&
			     recorder_ledger(me.server, v) == 0,
		       "the server is away: it waits for its server and its time") &&
	       ok;
}

int main(void)
{
	static const struct plan plans[] = {
		{.pipelining = true}, {.pipelining = true, .chunking = true}, {.chunking = true}, {.lmtp = true}};
	int failed = 0;

	profile_init(&me);
	for (size_t i = 0; i < sizeof(plans) / sizeof(*plans); i++)
		failed += !run(&plans[i]);
	failed += !bits();
	failed += !hold();
	profile_fini(&me);
	return failed != 0;
}
