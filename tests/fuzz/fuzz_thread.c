/*
 * Threads: whatever the ids and subjects say, every message is there once, nothing loops, and what comes in
 * pieces ends up where it would be had all come at once.
 */
#include "core/thread.h"

#include <stdlib.h>

#include "base/mem.h"
#include "tests/fuzz/fuzz.h"

const char *const fuzz_shared[] = {NULL};

#define MESSAGES_MAX 500

struct box {
	struct thread_msg msgs[MESSAGES_MAX];
	uint32_t count;
	struct idpool *ids;
};

static void get_msg(void *data, uint32_t row, struct thread_msg *out)
{
	*out = ((struct box *)data)->msgs[row];
}

static int by_place(void *data, uint32_t a, uint32_t b)
{
	(void)data;
	return a < b ? -1 : a > b;
}

static uint32_t id_of(struct box *b, uint8_t byte)
{
	return byte ? idpool_add(b->ids, sv_make((const char *)&byte, 1)) : 0;
}

/* id, subject, date, count of ids (3 bits), ids */
static void read_box(struct box *b, const uint8_t *data, size_t size)
{
	for (size_t i = 1; i + 4 <= size && b->count < MESSAGES_MAX;) {
		struct thread_msg *m = &b->msgs[b->count];
		uint32_t n = data[i + 3] & 7;

		*m = (struct thread_msg){.msgid = id_of(b, data[i]),
			.subject = data[i + 1] % 8,
			.is_reply = data[i + 1] & 8,
			.date = data[i + 2],
			.place = b->count};
		i += 4;
		for (uint32_t r = 0; r < n; r++) {
			uint32_t id = id_of(b, i < size ? data[i++] : 1);

			m->ancestors = id ? idpool_list(b->ids, id, m->ancestors) : m->ancestors;
		}
		b->count++;
	}
}

static void check(const struct threads *t, const struct box *b)
{
	uint32_t seen = 0;

	for (uint32_t row = 0; row < b->count; row++) {
		uint32_t root = thread_root(t, row), steps = 0;

		fuzz_must(thread_has(t, row));
		fuzz_must(thread_is_msg(thread_stands_for(t, root)));
		if (thread_stands_for(t, root) != row)
			continue;
		for (uint32_t n = root; n != THREAD_NONE; n = thread_walk(t, n, root)) {
			fuzz_must(steps++ <= t->rows + t->ghost_count);
			fuzz_must(thread_root(t, n) == root);
			seen += thread_is_msg(n);
		}
	}
	fuzz_must(seen == b->count);
}

static void in_pieces(struct box *b, const struct thread_in *in, const struct threads *whole)
{
	struct threads t;

	threads_init(&t, in, b->ids);
	for (uint32_t part = 0; part < 3; part++) {
		uint32_t rows[MESSAGES_MAX];
		struct thread_change c = {.rows = rows, .most = UINT32_MAX};

		for (uint32_t i = part; i < b->count; i += 3)
			rows[c.count++] = i;
		fuzz_must(threads_change(&t, &c));
		threads_change_fini(&c);
	}
	check(&t, b);
	for (uint32_t i = 0; i < b->count; i++)
		fuzz_must(thread_parent_msg(&t, i) == thread_parent_msg(whole, i));
	threads_fini(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct box *b = xcalloc(1, sizeof(*b));
	struct thread_in in = {.data = b, .msg = get_msg, .inner = {by_place, false, size % 2}, .roots = {by_place, false, false}};
	uint32_t rows[MESSAGES_MAX];
	struct thread_build *build;
	struct threads t;

	b->ids = idpool_new();
	if (size > 0) {
		in.strict = data[0] & 1;
		in.sort_re = data[0] & 2;
		in.duplicates = data[0] & 4;
	}
	read_box(b, data, size);
	for (uint32_t i = 0; i < b->count; i++)
		rows[i] = i;
	threads_init(&t, &in, b->ids);
	build = threads_build(&t, rows, b->count);
	while (threads_build_step(build))
		;
	threads_build_free(build);
	check(&t, b);
	in_pieces(b, &in, &t);
	threads_fini(&t);
	idpool_free(b->ids);
	free(b);
	return 0;
}
