#include "core/thread.h"

#include "base/mem.h"
#include "base/str.h"
#include "tests/unit/t.h"

#define MAX_MSGS 40

/* A mailbox in one line a message: "id date subject refs...", refs oldest first, '<' before In-Reply-To ids. */
struct box {
	struct thread_msg msgs[MAX_MSGS];
	uint32_t refs[MAX_MSGS * 16], refs_len, count;
	const char *names[MAX_MSGS];
};

static uint32_t number(struct box *b, const char *word, size_t len)
{
	uint32_t n;

	/* Ids are one letter, subjects "R" + letter or letter: small and readable. */
	(void)b;
	assert_int_equal(len, 1);
	n = (uint32_t)(unsigned char)word[0];
	return n;
}

static void add(struct box *b, const char *line)
{
	struct thread_msg *m = &b->msgs[b->count];
	struct sv rest = sv_of(line), word;
	uint32_t irt[8], refs[8], irts = 0, nrefs = 0;
	uint64_t date = 0;

	assert_true(sv_split(&rest, ' ', &word));
	m->msgid = word.p[0] == '-' ? 0 : number(b, word.p, word.len);
	b->names[b->count] = word.p;
	assert_true(sv_split(&rest, ' ', &word) && sv_u64(word, &date));
	m->date = (int64_t)date;
	assert_true(sv_split(&rest, ' ', &word));
	m->is_reply = word.len == 2;
	m->real_subject = word.p[0] == '-' ? 0 : number(b, word.p + word.len - 1, 1);
	while (sv_split(&rest, ' ', &word)) {
		if (word.p[0] == '<')
			irt[irts++] = number(b, word.p + 1, word.len - 1);
		else
			refs[nrefs++] = number(b, word.p, word.len);
	}
	m->refs = b->refs_len;
	m->irt_count = (uint16_t)irts;
	m->ref_count = (uint16_t)nrefs;
	while (irts)
		b->refs[b->refs_len++] = irt[--irts];
	while (nrefs)
		b->refs[b->refs_len++] = refs[--nrefs];
	b->count++;
}

/* "(a (b c)(d))" in the manner of IMAP THREAD; missing messages are '?'. */
static void print_thread(
	const struct threads *t, const struct box *b, uint32_t n, struct str *out, int depth)
{
	assert_true(depth < 60);
	for (; n != THREAD_NONE; n = t->nodes[n].next) {
		assert_true(str_addc(out, '('));
		if (thread_is_msg(t, n))
			assert_true(str_addc(out, b->names[n][0]));
		else
			assert_true(str_addc(out, '?'));
		if (thread_is_msg(t, n) && t->nodes[n].fake)
			assert_true(str_addc(out, '*'));
		if (thread_is_msg(t, n) && t->nodes[n].duplicate)
			assert_true(str_addc(out, '='));
		print_thread(t, b, t->nodes[n].first_child, out, depth + 1);
		assert_true(str_addc(out, ')'));
	}
}

static void sort_by_date(struct threads *t, const struct box *b, bool last)
{
	uint32_t rank[MAX_MSGS];

	for (uint32_t i = 0; i < b->count; i++) {
		rank[i] = 0;
		for (uint32_t j = 0; j < b->count; j++)
			rank[i] += b->msgs[j].date < b->msgs[i].date ||
				   (b->msgs[j].date == b->msgs[i].date && j < i);
	}
	struct thread_order o = {.rank = rank, .last = last};
	threads_sort(t, o, o);
}

static char *threads_of(struct box *b, bool strict, bool last)
{
	struct thread_in in = {.msgs = b->msgs,
		.count = b->count,
		.refs = b->refs,
		.limit = 256,
		.strict = strict,
		.sort_re = true,
		.duplicates = true};
	struct threads t;
	struct str out;

	str_init(&out, 4096);
	threads_build(&t, &in);
	sort_by_date(&t, b, last);
	print_thread(&t, b, t.first_root, &out, 0);
	threads_fini(&t);
	return str_detach(&out);
}

static const struct {
	const char *title;
	const char *lines[10];
	bool strict, last;
	const char *want;
} cases[] = {
	{"answers hang under what they answer", {"a 1 s", "b 2 Rs a", "c 3 Rs a b", "d 4 Rs a"},
		true, false, "(a(b(c))(d))"},
	{"in-reply-to alone", {"a 1 s", "b 2 Rs <a"}, true, false, "(a(b))"},
	{"in-reply-to comes before references, which b itself does not have",
		{"a 1 s", "b 2 s", "c 3 Rs <b a"}, true, false, "(a)(b(c))"},
	{"the same id in both is used once", {"a 1 s", "b 2 Rs a", "c 3 Rs <b a b"}, true, false,
		"(a(b(c)))"},
	{"a missing message joins its answers", {"b 2 Rs a", "c 3 Rs a"}, true, false, "(?(b)(c))"},
	{"answers that came before", {"c 3 Rs a b", "b 2 Rs a", "a 1 s"}, true, false, "(a(b(c)))"},
	{"a loop of two", {"a 1 s b", "b 2 s a"}, true, false, "(b(a))"},
	{"its own id", {"a 1 s a", "b 2 s b a"}, true, false, "(a(b))"},
	{"a loop of three", {"a 1 s c", "b 2 s a", "c 3 s b"}, true, false, "(c(a(b)))"},
	{"the same id twice", {"a 1 s", "a 2 s", "b 3 Rs a"}, true, false, "(a(a=)(b))"},
	{"no ids at all", {"- 2 s", "- 1 t"}, true, false, "(-)(-)"},
	{"by subject", {"a 1 s", "b 2 Rs"}, false, false, "(a(b*))"},
	{"by subject, strictly not", {"a 1 s", "b 2 Rs"}, true, false, "(a)(b)"},
	{"the same subject is no answer", {"a 1 s", "b 2 s"}, false, false, "(a)(b)"},
	{"an answer does not precede", {"b 1 Rs", "a 2 s"}, false, false, "(b)(a)"},
	{"an answer to the latest of several joins them", {"a 1 s", "b 2 s", "c 3 Rs"}, false,
		false, "(a(b*)(c*))"},
	{"the latest of several that have other threads", {"a 1 s", "b 2 s x", "c 3 Rs"}, false,
		false, "(a(?(b))(c*))"},
	{"answers by subject stay flat", {"a 1 s", "b 2 Rs", "c 3 Rs", "d 4 Rs"}, false, false,
		"(a(b*)(c*)(d*))"},
	{"a whole thread by subject", {"a 1 s", "b 2 Rs", "c 3 Rs b"}, false, false, "(a(b*(c)))"},
	{"a thread with another subject keeps its own", {"a 1 s", "b 2 Rs", "c 3 Rt b", "d 4 Rt"},
		false, false, "(a(b*(c(d*))))"},
	{"threads by their first message", {"a 1 s", "b 2 t", "c 3 Rs a"}, true, false,
		"(a(c))(b)"},
	{"threads by their last message", {"a 1 s", "b 2 t", "c 3 Rs a"}, true, true, "(b)(a(c))"},
};

static void threads_are_built(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct box b = {.count = 0};
		char *got;

		for (size_t l = 0; l < ARRAY_LEN(cases[i].lines) && cases[i].lines[l]; l++)
			add(&b, cases[i].lines[l]);
		got = threads_of(&b, cases[i].strict, cases[i].last);
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: got %s, want %s", cases[i].title, got, cases[i].want);
		free(got);
	}
}

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Whatever the references say: every message is there once, parents and lists agree, nothing loops. */
static void any_references_give_a_forest(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed < 3000; seed++) {
		struct box b = {.count = 0};
		uint32_t s = seed, seen = 0;
		struct thread_in in = {.msgs = b.msgs,
			.refs = b.refs,
			.limit = 32,
			.sort_re = seed % 2,
			.strict = seed % 3 == 0,
			.duplicates = seed % 5 != 0};
		struct threads t;

		b.count = 1 + random_next(&s) % 20;
		for (uint32_t i = 0; i < b.count; i++) {
			struct thread_msg *m = &b.msgs[i];

			*m = (struct thread_msg){.msgid = random_next(&s) % 24,
				.refs = b.refs_len,
				.irt_count = (uint16_t)(random_next(&s) % 3),
				.ref_count = (uint16_t)(random_next(&s) % 6),
				.real_subject = random_next(&s) % 5,
				.is_reply = random_next(&s) % 2,
				.date = random_next(&s) % 8};
			for (int r = 0; r < m->irt_count + m->ref_count; r++)
				b.refs[b.refs_len++] = 1 + random_next(&s) % 31;
		}
		in.count = b.count;
		threads_build(&t, &in);
		sort_by_date(&t, &b, seed % 2);
		for (uint32_t n = t.first_root, steps = 0; n != THREAD_NONE;
			n = thread_walk(&t, n), steps++) {
			assert_true(steps < t.total);
			seen += thread_is_msg(&t, n);
			for (uint32_t c = t.nodes[n].first_child, prev = THREAD_NONE;
				c != THREAD_NONE; c = t.nodes[c].next) {
				assert_int_equal(t.nodes[c].parent, n);
				assert_int_equal(t.nodes[c].prev, prev);
				prev = c;
			}
			assert_true(thread_is_msg(&t, n) || t.nodes[n].first_child != THREAD_NONE);
		}
		assert_int_equal(seen, b.count);
		threads_fini(&t);
	}
}

/* A hundred thousand messages that each answer the one before, in either order: no quadratic time, no recursion. */
static void deep_threads_are_linear(void **state)
{
	uint32_t n = 100000, *refs = xcalloc(n, sizeof(*refs)), *rank = xcalloc(n, sizeof(*rank)),
		 walked = 0;
	struct thread_msg *msgs = xcalloc(n, sizeof(*msgs));
	struct thread_in in = {.msgs = msgs,
		.count = n,
		.refs = refs,
		.limit = n + 2,
		.sort_re = true,
		.duplicates = true};
	struct threads t;

	(void)state;
	for (int backwards = 0; backwards < 2; backwards++) {
		for (uint32_t i = 0; i < n; i++) {
			uint32_t k = backwards ? n - 1 - i : i;

			refs[i] = k;
			msgs[i] = (struct thread_msg){.msgid = k + 1,
				.refs = i,
				.ref_count = k > 0,
				.real_subject = 1,
				.is_reply = true,
				.date = k};
			rank[i] = k;
		}
		threads_build(&t, &in);
		threads_sort(&t, (struct thread_order){.rank = rank},
			(struct thread_order){.rank = rank});
		for (uint32_t at = t.first_root; at != THREAD_NONE; at = thread_walk(&t, at)) {
			assert_int_equal(rank[at], walked % n);
			walked++;
		}
		threads_fini(&t);
	}
	assert_int_equal(walked, 2 * n);
	free(msgs);
	free(refs);
	free(rank);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_are_built),
		cmocka_unit_test(any_references_give_a_forest),
		cmocka_unit_test(deep_threads_are_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
