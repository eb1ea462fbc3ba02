/* Threads: whatever the ids and subjects say, every message is there once, and nothing loops. */
#include "core/thread.h"

#include <stdlib.h>

#include "base/mem.h"
#include "tests/fuzz/fuzz.h"

const char *const fuzz_shared[] = {NULL};

#define MESSAGES_MAX 500

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct thread_msg *msgs = xcalloc(MESSAGES_MAX, sizeof(*msgs));
	uint32_t *refs = xcalloc(MESSAGES_MAX * 8, sizeof(*refs)),
		 *rank = xcalloc(MESSAGES_MAX, sizeof(*rank));
	struct thread_in in = {.msgs = msgs, .refs = refs, .limit = 256};
	uint32_t used = 0, seen = 0;
	struct threads t;

	if (size > 0) {
		in.strict = data[0] & 1;
		in.sort_re = data[0] & 2;
		in.duplicates = data[0] & 4;
	}
	/* id, subject, date, count of ids (3 bits each), ids */
	for (size_t i = 1; i + 4 <= size && in.count < MESSAGES_MAX;) {
		struct thread_msg *m = &msgs[in.count];
		uint32_t n;

		*m = (struct thread_msg){.msgid = data[i],
			.real_subject = data[i + 1] % 8,
			.is_reply = data[i + 1] & 8,
			.date = data[i + 2],
			.refs = used,
			.irt_count = data[i + 3] & 1,
			.ref_count = data[i + 3] >> 1 & 7};
		n = (uint32_t)m->irt_count + m->ref_count;
		if (n > 8)
			m->ref_count = 7;
		n = (uint32_t)m->irt_count + m->ref_count;
		i += 4;
		for (uint32_t r = 0; r < n; r++)
			refs[used++] = i < size ? data[i++] : 1;
		rank[in.count] = in.count;
		in.count++;
	}
	threads_build(&t, &in);
	threads_sort(&t, (struct thread_order){.rank = rank, .last = size % 2},
		(struct thread_order){.rank = rank, .reverse = size % 3 == 0});
	for (uint32_t n = t.first_root, steps = 0; n != THREAD_NONE;
		n = thread_walk(&t, n), steps++) {
		fuzz_must(steps < t.total);
		fuzz_must(thread_root(&t, n) < t.total);
		seen += thread_is_msg(&t, n);
	}
	fuzz_must(seen == in.count);
	threads_fini(&t);
	free(msgs);
	free(refs);
	free(rank);
	return 0;
}
