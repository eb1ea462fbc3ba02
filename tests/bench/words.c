/*
 * The index of words on a local mailbox: how fast it is built, how large it becomes, and how long
 * questions take, without a screen. Its cache goes to FOLDER and is used again.
 *
 * usage: tests/bench/words FOLDER MAILDIR|MBOX [~b words | =b words ...]
 *        tests/bench/words --texts FILE...   what of messages is indexed: "BYTES\n", then the text
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "mime/body_text.h"
#include "sync/host_priv.h"
#include "sync/index.h"
#include "sync/search.h"

#define SLICE_US 5000

static double cpu_ms(void)
{
	return (double)clock() * 1e3 / CLOCKS_PER_SEC;
}

static long peak_mb(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss / 1024;
}

static void give_up(const struct err *e)
{
	fprintf(stderr, "%s\n", e->text);
	exit(1);
}

/* All messages get their rows. */
static uint64_t read_rows(struct host *h, const char *mailbox)
{
	struct box *box;
	struct err e;
	uint64_t id;
	bool more = true;

	host_set_conf(h, "mailboxes", mailbox);
	box = local_box_ops.open(h, &e);
	if (!box)
		give_up(&e);
	while (more)
		if (!box->ops->list(box, &more, &e))
			give_up(&e);
	if (!mailbox_add(h->cache, mailbox, "", 0, &id, &e))
		give_up(&e);
	for (more = true; more;)
		if (!box->ops->sync(box, id, &more, &e))
			give_up(&e);
	box->ops->close(box);
	return id;
}

static void build(struct host *h, uint64_t mailbox)
{
	struct search_state st;
	struct err e;
	bool more = true;
	int64_t began = clock_us(), longest = 0;
	double cpu = cpu_ms();

	h->index = index_new(h);
	index_begin(h->index, mailbox);
	while (more) {
		int64_t piece = clock_us();

		if (!index_piece(h->index, &more, &e))
			give_up(&e);
		longest = MAX(longest, clock_us() - piece);
	}
	double ms = (double)(clock_us() - began) / 1000;

	cpu = cpu_ms() - cpu;
	if (!host_search(h) || !search_state(host_search(h), &st, &e))
		give_up(&e);
	printf("index %llu messages %.0f ms (%.0f ms cpu, %.0f a second), longest piece %lld ms, %llu segments, %.1f MB, "
	       "peak %ld MB\n",
		(unsigned long long)st.messages, ms, cpu, 1000.0 * (double)st.messages / ms, (long long)longest / 1000,
		(unsigned long long)st.segments, (double)st.bytes / 1e6, peak_mb());
}

static bool count(void *data, uint64_t id, size_t done, size_t all)
{
	(void)done;
	(void)all;
	*(size_t *)data += id != 0;
	return true;
}

/* As the worker does: what the index is not sure about is read. */
static void read_all(struct host *h, uint64_t mailbox, const char *term)
{
	size_t found = 0;
	struct err e;
	int64_t began = clock_us();
	double cpu = cpu_ms();

	if (!search_messages(h, mailbox, term, &(struct search_found){count, &found}, &e))
		give_up(&e);
	printf("%-30s %8zu read     %8.2f ms (%.2f ms cpu)\n", term, found, (double)(clock_us() - began) / 1000, cpu_ms() - cpu);
}

/* As the ui does: a handle of its own, slices. */
static void ask(struct host *h, uint64_t mailbox, const char *term)
{
	struct search_plan plan;
	struct search *s;
	struct search_query *q;
	struct err e;
	size_t n = 0;
	bool more = true;
	int64_t began = clock_us(), longest = 0;

	search_plan_init(&plan, term + 3, term[0] == '~');
	if (!search_open(&s, h->cache, CACHE_READ, &e) ||
		!search_ask(&q, s, term[1] == 'h' ? SEARCH_HEADER : SEARCH_BODY, plan.words, plan.count, &e))
		give_up(&e);
	while (more) {
		int64_t slice = clock_us();

		if (!search_step(q, slice + SLICE_US, &more, &e))
			give_up(&e);
		longest = MAX(longest, clock_us() - slice);
	}
	(void)search_result(q, &n);
	printf("%-30s %8zu %s %8.2f ms, longest slice %.2f ms\n", term, n,
		plan.count == 0 ? "unserved" : plan.exact ? "exact   " : "maybe   ", (double)(clock_us() - began) / 1000,
		(double)longest / 1000);
	bool must_read = plan.count == 0 || !plan.exact;

	search_query_free(q);
	search_close(s);
	search_plan_fini(&plan);
	if (must_read)
		read_all(h, mailbox, term);
}

static int print_texts(char **files)
{
	struct str bytes, text;
	struct err e;

	str_init(&text, BODY_TEXT_MAX);
	for (; *files; files++) {
		struct arena *a = arena_new();

		if (!fs_read(*files, 1u << 30, &bytes, &e))
			give_up(&e);
		str_clear(&text);
		body_text(&text, part_parse(a, str_sv(&bytes), NULL));
		printf("%zu\n", text.len);
		fwrite(text.s ? text.s : "", 1, text.len, stdout);
		str_fini(&bytes);
		arena_free(a);
	}
	str_fini(&text);
	return 0;
}

int main(int argc, char **argv)
{
	struct err e;

	if (argc > 2 && strcmp(argv[1], "--texts") == 0)
		return print_texts(argv + 2);
	if (argc < 3) {
		fprintf(stderr, "usage: %s FOLDER MAILDIR [TERM...]\n", argv[0]);
		return 2;
	}
	char *state = xasprintf("%s/state.db", argv[1]);
	struct host *h = host_new(NULL, "bench", "local", argv[1], state);

	if (!cache_open(&h->cache, argv[1], "bench", CACHE_WRITE, &e))
		give_up(&e);
	uint64_t mailbox = read_rows(h, argv[2]);

	build(h, mailbox);
	for (int i = 3; i < argc; i++)
		ask(h, mailbox, argv[i]);
	host_free(h);
	free(state);
	return 0;
}
