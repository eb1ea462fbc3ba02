/*
 * A view of the mailbox of a cache: first lines, all of it, every order, newcomers, memory, and the longest
 * turn that each of these takes, in time of the processor. usage: view DIR ACCOUNT MAILBOX [SORT [load]] (DIR: with cache-ACCOUNT.db).
 * With --fill N DIR it makes such a cache: N messages as the generator of the measuring rig makes them.
 */
#include <stdio.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/mem.h"
#include "core/view_priv.h"
#include "store/mailbox.h"

#define NEWCOMERS 1000
#define PER_COMMIT 100

static void fail(const struct err *e)
{
	fprintf(stderr, "%s\n", e->text);
	exit(1);
}

/* Of the processor, not of the clock on the wall: a busy machine changes nothing. */
static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static double rss_mb(void)
{
	char line[200];
	double mb = 0;
	FILE *f = fopen("/proc/self/status", "r");

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "VmRSS:", 6) == 0)
			mb = strtod(line + 6, NULL) / 1024;
	}
	if (f)
		fclose(f);
	return mb;
}

/* ---- filling ---- */

static uint32_t seed = 1;

static uint32_t random_next(void)
{
	seed = seed * 1664525u + 1013904223u;
	return seed >> 8;
}

/* Message n: threads of five on average, that lie over each other; lists, people and subjects as in the rig. */
static bool put(struct cache *c, uint64_t mailbox, uint32_t n, bool fresh, struct err *e)
{
	char id[64], irt[64] = "", refs[400] = "", subject[120], from[80], cc[160] = "", key[64];
	uint32_t start = n - n % 41, thread = start + (n - start) % 8, depth = (n - start) / 8;
	struct message_row m = {.id = message_id_of(mailbox, n + 1),
		.flags = fresh ? 0 : MSG_SEEN,
		.date_sent = 1262304000 + (int64_t)n * 480,
		.size = 2000 + n * 2654435761u % 30000,
		.lines = 40,
		.to = SV("mail-dev <mail-dev@lists.example.org>"),
		.list = SV("mail-dev.lists.example.org"),
		.sender = SV("mail-dev-bounces@lists.example.org"),
		.ctype = SV("text/plain")};
	size_t len = 0;
	uint32_t person;

	m.date_received = m.date_sent + 20;
	snprintf(id, sizeof(id), "<%08u.%08X.%u@mail.example.org>", n, n * 2654435761u, n % 977);
	if (depth > 0)
		snprintf(irt, sizeof(irt), "<%08u.%08X.%u@mail.example.org>", n - 8, (n - 8) * 2654435761u, (n - 8) % 977);
	for (uint32_t k = 0; k < depth; k++)
		len += (size_t)snprintf(refs + len, sizeof(refs) - len, "%s<%08u.%08X.%u@mail.example.org>", k ? " " : "",
			thread + 8 * k, (thread + 8 * k) * 2654435761u, (thread + 8 * k) % 977);
	snprintf(subject, sizeof(subject), "%s[mail-dev] what thread %u of these is about", depth ? "Re: " : "", thread);
	person = random_next() % 1500;
	snprintf(from, sizeof(from), "Person Number %u <person%u@example.com>", person, person);
	if (n % 2)
		snprintf(cc, sizeof(cc), "Other Person <other%u@example.net>, Third Person <third%u@example.org>",
			random_next() % 1500, random_next() % 1500);
	snprintf(key, sizeof(key), "%u.M%uP1_%u.bench,S=7269,W=7396", 1262304000 + n, n, n);
	m.message_id = sv_of(id);
	m.in_reply_to = sv_of(irt);
	m.refs = sv_of(refs);
	m.subject = sv_of(subject);
	m.from = sv_of(from);
	m.cc = sv_of(cc);
	m.key = m.path = sv_of(key);
	return message_put(c, &m, e);
}

static void fill(const char *dir, uint32_t count)
{
	struct cache *c;
	struct err e;
	uint64_t box;
	int64_t start = cpu_us();

	if (!cache_open(&c, dir, "bench", CACHE_WRITE, &e) || !mailbox_add(c, "INBOX", "INBOX", '/', &box, &e) ||
		!mailbox_reset(c, box, 1, &e))
		fail(&e);
	for (uint32_t n = 0; n < count; n++) {
		if (n % 10000 == 0 && ((n && !cache_commit(c, &e)) || !cache_begin(c, &e)))
			fail(&e);
		if (!put(c, box, n, false, &e))
			fail(&e);
	}
	if (!cache_commit(c, &e))
		fail(&e);
	cache_tidy(c);
	cache_close(c);
	printf("%u messages in %.1f s\n", count, (double)(cpu_us() - start) / 1e6);
}

/* ---- measuring ---- */

struct bench {
	struct loop *loop;
	struct conf *conf;
	struct cache *cache;
	struct view *v;
	uint64_t box;
	double longest; /* turn since the last report, ms */
};

static void look(struct bench *b)
{
	for (uint32_t line = view_cursor(b->v), n = 0; n < 50 && line < view_lines(b->v); line++, n++) {
		struct msg_facts facts;
		char tree[256];

		if (!view_msg(b->v, view_row(b->v, line), &facts))
			break;
		view_tree(b->v, view_row(b->v, line), tree, sizeof(tree));
	}
	(void)view_counts(b->v);
	(void)view_take_changes(b->v);
}

static void turn(struct bench *b)
{
	int64_t start = cpu_us();

	loop_turn(b->loop, 0);
	look(b);
	b->longest = MAX(b->longest, (double)(cpu_us() - start) / 1e3);
}

/* Turns until all is done, and what that took. */
static void report(struct bench *b, const char *what, int64_t start)
{
	double first = (double)(cpu_us() - start) / 1e3;

	do
		turn(b);
	while (view_loading(b->v));
	printf("%-28s %9.1f ms   longest turn %6.1f ms\n", what, (double)(cpu_us() - start) / 1e3, MAX(first, b->longest));
	b->longest = 0;
}

static void set(struct bench *b, const char *name, const char *value)
{
	struct err e;

	if (!conf_set(b->conf, opt_find(sv_of(name)), sv_of(value), (struct conf_origin){0}, &e))
		fail(&e);
}

static void sort_by(struct bench *b, const char *sort, const char *aux)
{
	char what[80];
	int64_t start;

	set(b, "sort_aux", aux);
	set(b, "sort", sort);
	snprintf(what, sizeof(what), "sort %s, %s", sort, aux);
	start = cpu_us();
	view_resort(b->v);
	look(b);
	report(b, what, start);
}

static void newcomers(struct bench *b, const char *dir, const char *account)
{
	struct cache *w;
	struct err e;
	static uint32_t used;
	uint32_t n = (uint32_t)message_uid_high(b->cache, b->box) + used;
	double sum = 0;

	if (!cache_open(&w, dir, account, CACHE_WRITE, &e))
		fail(&e);
	for (uint32_t k = 0; k < NEWCOMERS; k += PER_COMMIT) {
		int64_t start;

		if (!cache_begin(w, &e))
			fail(&e);
		for (uint32_t i = 0; i < PER_COMMIT; i++, n++) {
			if (!put(w, b->box, n, true, &e))
				fail(&e);
		}
		if (!mailbox_count(w, b->box, &e) || !cache_commit(w, &e))
			fail(&e);
		start = cpu_us();
		view_source_changed(b->v, 0, "new");
		look(b);
		b->longest = MAX(b->longest, (double)(cpu_us() - start) / 1e3);
		while (view_loading(b->v))
			turn(b);
		sum += (double)(cpu_us() - start) / 1e3;
	}
	printf("%-28s %9.1f ms   longest turn %6.1f ms\n", "1000 newcomers", sum, b->longest);
	b->longest = 0;
	/* They go again, so that the cache stays as it was. */
	if (!cache_begin(w, &e))
		fail(&e);
	for (uint32_t i = 0; i < NEWCOMERS; i++) {
		if (!message_delete(w, message_id_of(b->box, n - i), &e))
			fail(&e);
	}
	used += NEWCOMERS;
	if (!cache_commit(w, &e))
		fail(&e);
	cache_close(w);
	view_source_changed(b->v, 0, "list");
	while (view_loading(b->v))
		turn(b);
	b->longest = 0;
}

/* What the store alone takes to tell all rows: the least that a view can take. */
static void floor_of(struct bench *b)
{
	struct message_cursor *c;
	struct message_row m;
	struct err e;
	int64_t start = cpu_us();
	uint32_t n = 0;

	if (!message_scan(b->cache, b->box, MESSAGE_BY_UID, false, &c, &e) || !message_cursor_lean(c, &e))
		fail(&e);
	while (message_next(c, &m, &e))
		n++;
	message_cursor_close(c);
	printf("%-28s %9.1f ms   %.2f us each\n", "floor: rows of the store", (double)(cpu_us() - start) / 1e3,
		(double)(cpu_us() - start) / MAX(n, 1u));
}

int main(int argc, char **argv)
{
	static const char *const sorts[][2] = {{"date", "date"}, {"reverse-date", "date"}, {"date-received", "date"},
		{"from", "date"}, {"subject", "date"}, {"size", "date"}, {"to", "date"}, {"threads", "date"},
		{"threads", "last-date-received"}, {"reverse-threads", "last-date"}};
	struct bench b = {.loop = loop_new(), .conf = conf_new(CONF_MUTT)};
	struct mailbox m;
	struct err e;
	int64_t start;
	double before;

#ifdef M_MMAP_THRESHOLD
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 20); /* as the program does */
#endif
	setlinebuf(stdout);
	if (argc == 4 && strcmp(argv[1], "--fill") == 0) {
		fill(argv[3], (uint32_t)strtoul(argv[2], NULL, 10));
		return 0;
	}
	if (argc < 4)
		return 64;
	set(&b, "sort", argc > 4 ? argv[4] : "threads");
	before = rss_mb();
	start = cpu_us();
	if (!cache_open(&b.cache, argv[1], argv[2], CACHE_READ, &e) || !mailbox_by_name(b.cache, argv[3], &m, &e))
		fail(&e);
	b.box = m.id;
	if (argc <= 5)
		floor_of(&b);
	start = cpu_us();
	b.v = view_new(b.loop, b.conf, argv[2], argv[3], argv[3]);
	view_attach_source(b.v, 0, b.cache, NULL, m.id, m.uidvalidity);
	look(&b);
	printf("%-28s %9.1f ms\n", "first lines", (double)(cpu_us() - start) / 1e3);
	report(&b, "loaded", start);
	if (argc > 5) /* for a profile of this alone */
		_exit(0);
	printf("%-28s %9u, %.2f us each, memory %.0f MB (%.0f before)\n", "messages", view_lines(b.v),
		(double)(cpu_us() - start) / view_lines(b.v), rss_mb(), before);
	for (size_t i = 0; i < ARRAY_LEN(sorts); i++)
		sort_by(&b, sorts[i][0], sorts[i][1]);
	sort_by(&b, "threads", "date");
	newcomers(&b, argv[1], argv[2]);
	sort_by(&b, "date", "date");
	newcomers(&b, argv[1], argv[2]);
	printf("memory %.0f MB\n", rss_mb());
	mailbox_fini(&m);
	view_free(b.v);
	cache_close(b.cache);
	conf_free(b.conf);
	loop_free(b.loop);
	return 0;
}
