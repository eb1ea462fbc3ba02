/*
 * How fast messages are parsed, and that the time grows with the size and no faster: hostile inputs of n
 * and of 2n pieces (headers, parts, parameters, addresses, quotes, comments ...) side by side. Twice the
 * size may take 2.3 times as long.
 *
 * usage: tests/bench/mime [FILE...]          messages whose parsing is measured first
 *        tests/bench/mime --mbox FILE [text] all messages of a mailbox, with their texts decoded: a
 *                                            line of JSON (tests/bench/mime-peer has GMime's)
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "mime/envelope.h"
#include "mime/mailto.h"
#include "mime/mbox.h"
#include "mime/part.h"

#define INPUT_MAX (1u << 30)
#define RATIO_MAX 2.3
#define RATIO_FLOOR_US 30000 /* shorter runs say nothing */
#define ROUNDS 3

/* Time of the processor: what others do on the machine counts less. */
static double now_us(void)
{
	return (double)clock() * 1e6 / CLOCKS_PER_SEC;
}

typedef void parse_fn(struct arena *, struct sv);

static void message(struct arena *arena, struct sv in)
{
	struct part_tree *tree = part_parse(arena, in, NULL);
	struct envelope env;

	envelope_parse(arena, &tree->root->headers, NULL, &env);
}

static void addresses(struct arena *arena, struct sv in)
{
	struct addr_list list;

	addr_parse(arena, in, NULL, &list);
	addr_list_dedup(&list, NULL);
}

static void params(struct arena *arena, struct sv in)
{
	struct params p;

	params_parse(arena, in, NULL, 0, &p);
}

static void text(struct arena *arena, struct sv in)
{
	header_text_in(arena, in, NULL);
}

static void ids(struct arena *arena, struct sv in)
{
	struct msgid_list list;

	msgid_list_parse(arena, in, &list);
}

static void mailbox(struct arena *arena, struct sv in)
{
	struct mbox_entry e;
	size_t at = 0;

	(void)arena;
	while (mbox_next(in, &at, &e))
		;
}

static const struct {
	parse_fn *fn;
	const char *name, *head, *unit, *tail;
	size_t n;
} rows[] = {
	{message, "fields", "", "X-Header: value\n", "\nbody", 500000},
	{message, "To fields", "", "To: a@b.test\n", "\nbody", 250000},
	{message, "folds", "Subject: x\n", " folded\n", "\n", 500000},
	{message, "parts", "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n\nx\n", "--b--\n",
		40000},
	{message, "nested multiparts", "", "Content-Type: multipart/mixed; boundary=b\n\n--b\n", "",
		100000},
	{message, "nested messages", "", "Content-Type: message/rfc822\n\n", "", 500000},
	{message, "lines like delimiters", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n",
		"--c\n", "", 500000},
	{message, "uuencode begins", "Subject: x\n\n", "begin 644 a\n#0V%T\n", "", 500000},
	{message, "references", "References:", " <a@b>", "\n\n", 500000},
	{addresses, "addresses", "", "Name <a@b.test>, ", "", 250000},
	{addresses, "open quotes", "", "\"a, ", "", 500000},
	{addresses, "open comments", "", "(", "", 500000},
	{addresses, "angles", "", "<", "", 500000},
	{addresses, "groups", "", "a:", "", 500000},
	{params, "parameters", "x", "; a=b", "", 500000},
	{params, "sections", "x", "; a*0=b", "", 500000},
	{params, "escapes", "x; a=\"", "\\\"", "", 500000},
	{text, "encoded words", "", "=?utf-8?Q?=C3=A9?= ", "", 250000},
	{text, "open encoded words", "", "=?a?q?", "", 500000},
	{text, "bad encoded words", "", "=? ", "?=", 500000},
	{ids, "ids", "", "<a@b>", "", 500000},
	{ids, "open ids", "", "<a@b", "", 500000},
	{mailbox, "mailbox", "", "From a@b Sat Jan  3 01:05:34 1996\nS: x\n\nbody\n\n", "", 250000},
	{mailbox, "no From lines", "", "From a b c\n", "", 500000},
};

static double time_of(parse_fn *fn, const char *head, const char *unit, size_t n, const char *tail)
{
	double best = 0;
	struct str in;
	int round;
	size_t i;

	str_init(&in, INPUT_MAX);
	str_adds(&in, head);
	for (i = 0; i < n; i++)
		str_adds(&in, unit);
	str_adds(&in, tail);
	for (round = 0; round < ROUNDS; round++) {
		struct arena *arena = arena_new();
		double start = now_us();
		double took;

		fn(arena, str_sv(&in));
		took = now_us() - start;
		best = round == 0 ? took : MIN(best, took);
		arena_free(arena);
	}
	str_fini(&in);
	return best;
}

static bool measure_growth(void)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		double one =
			time_of(rows[i].fn, rows[i].head, rows[i].unit, rows[i].n, rows[i].tail);
		double two = time_of(
			rows[i].fn, rows[i].head, rows[i].unit, rows[i].n * 2, rows[i].tail);
		bool bad = two > RATIO_FLOOR_US && two / one > RATIO_MAX;

		ok = ok && !bad;
		printf("%-22s %8zu: %8.1f ms %8zu: %8.1f ms  x%.2f%s\n", rows[i].name, rows[i].n,
			one / 1000, rows[i].n * 2, two / 1000, two / one, bad ? "  TOO MUCH" : "");
	}
	return ok;
}

static void measure_speed(int n, char **paths)
{
	struct arena *arena = arena_new();
	double bytes = 0, us = 0;
	int i;

	for (i = 0; i < n; i++) {
		struct str in;
		struct err e;
		double start;

		if (!fs_read(paths[i], INPUT_MAX, &in, &e)) {
			fprintf(stderr, "%s\n", e.text);
			continue;
		}
		start = now_us();
		message(arena, str_sv(&in));
		us += now_us() - start;
		bytes += (double)in.len;
		arena_reset(arena);
		str_fini(&in);
	}
	arena_free(arena);
	printf("%d messages, %.0f bytes: %.0f MB/s, %.1f us each\n", n, bytes, bytes / us, us / n);
}

/* ---- a mailbox ---- */

struct sums {
	size_t messages, parts, subject_bytes, text_bytes;
};

static void read_message(struct arena *arena, struct sv in, bool text, struct sums *sums)
{
	struct part_tree *tree = part_parse(arena, in, NULL);
	struct str out;
	size_t i;

	sums->messages++;
	sums->parts += tree->count;
	sums->subject_bytes += strlen(header_text_in(arena, headers_raw(&tree->root->headers, "Subject"), NULL));
	str_init(&out, PART_TEXT_MAX);
	for (i = 0; text && i < tree->count; i++) {
		struct part *p = tree->list[i];

		if (p->kind != PART_LEAF || strcmp(p->type, "text") != 0)
			continue;
		str_clear(&out);
		if (part_text(&out, tree, p, NULL, NULL, NULL))
			sums->text_bytes += out.len;
	}
	str_fini(&out);
}

static int measure_mailbox(const char *path, bool text)
{
	struct arena *arena = arena_new();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct sums sums = {0};
	struct mbox_entry e;
	struct stat st;
	size_t at = 0;
	double start = now_us(), s;
	const char *map;

	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0)
		return 1;
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return 1;
	while (mbox_next(sv_make(map, (size_t)st.st_size), &at, &e)) {
		read_message(arena, sv_make(map + e.at, e.len), text, &sums);
		arena_reset(arena);
	}
	s = (now_us() - start) / 1e6;
	printf("{\"tool\":\"feist\",\"decode\":%d,\"messages\":%zu,\"parts\":%zu,\"text_bytes\":%zu,\"secs\":%.3f,"
	       "\"msg_per_s\":%.0f,\"MB_per_s\":%.1f}\n",
		text, sums.messages, sums.parts, sums.text_bytes, s, (double)sums.messages / s,
		(double)st.st_size / s / 1e6);
	arena_free(arena);
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "--mbox") == 0)
		return measure_mailbox(argv[2], argc > 3);
	if (argc > 1)
		measure_speed(argc - 1, argv + 1);
	return measure_growth() ? 0 : 1;
}
