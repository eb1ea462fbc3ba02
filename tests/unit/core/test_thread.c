#include "core/thread.h"

#include "base/mem.h"
#include "base/str.h"
#include "tests/unit/t.h"

#define MAX_MSGS 60

/* A mailbox in one line a message: "id date subject refs...", refs oldest first, '<' before In-Reply-To ids. */
struct box {
	struct thread_msg msgs[MAX_MSGS];
	uint32_t count;
	bool there[MAX_MSGS];
	struct idpool *ids;
	const char *names[MAX_MSGS];
};

static uint32_t number(struct box *b, const char *word, size_t len)
{
	return idpool_add(b->ids, sv_make(word, len));
}

/* Nearest first. */
static uint32_t ancestors(struct box *b, const uint32_t *irt, uint32_t irts, const uint32_t *refs, uint32_t nrefs)
{
	uint32_t list = 0;

	for (uint32_t i = 0; i < nrefs; i++)
		list = idpool_list(b->ids, refs[i], list);
	if (nrefs && irts && irt[irts - 1] != refs[nrefs - 1])
		return idpool_list(b->ids, irt[irts - 1], list);
	for (uint32_t i = 0; i < irts && !nrefs; i++)
		list = idpool_list(b->ids, irt[i], list);
	return list;
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
	m->subject = word.p[0] == '-' ? 0 : (unsigned char)word.p[word.len - 1];
	while (sv_split(&rest, ' ', &word)) {
		if (word.p[0] == '<')
			irt[irts++] = number(b, word.p + 1, word.len - 1);
		else
			refs[nrefs++] = number(b, word.p, word.len);
	}
	m->ancestors = ancestors(b, irt, irts, refs, nrefs);
	m->place = b->count;
	b->there[b->count++] = true;
}

static void get_msg(void *data, uint32_t row, struct thread_msg *out)
{
	*out = ((struct box *)data)->msgs[row];
}

static int by_date(void *data, uint32_t x, uint32_t y)
{
	const struct box *b = data;

	if (b->msgs[x].date != b->msgs[y].date)
		return b->msgs[x].date < b->msgs[y].date ? -1 : 1;
	return x < y ? -1 : x > y;
}

static struct thread_in input(struct box *b, bool strict, bool last)
{
	struct thread_order o = {by_date, false, last};

	return (struct thread_in){.data = b,
		.msg = get_msg,
		.inner = o,
		.roots = o,
		.strict = strict,
		.sort_re = true,
		.duplicates = true};
}

/* "(a (b c)(d))" in the manner of IMAP THREAD; missing messages are '?'. */
static void print_thread(const struct threads *t, const struct box *b, uint32_t n, struct str *out, int depth)
{
	assert_true(depth < 100);
	assert_true(str_addc(out, '('));
	assert_true(str_addc(out, thread_is_msg(n) ? b->names[n] ? b->names[n][0] : (char)('A' + n) : '?'));
	if (*thread_flags(t, n) & THREAD_FAKE && thread_is_msg(n))
		assert_true(str_addc(out, '*'));
	if (*thread_flags(t, n) & THREAD_DUPLICATE)
		assert_true(str_addc(out, '='));
	for (uint32_t c = thread_node(t, n)->first_child, prev = THREAD_NONE; c != THREAD_NONE;
		c = thread_node(t, c)->next) {
		assert_int_equal(thread_node(t, c)->parent, n);
		assert_int_equal(thread_node(t, c)->prev, prev);
		prev = c;
		print_thread(t, b, c, out, depth + 1);
	}
	assert_true(str_addc(out, ')'));
}

/* All threads, by the messages that stand for them. */
static char *print_all(const struct threads *t, struct box *b)
{
	uint32_t root_of[MAX_MSGS], order[MAX_MSGS], n = 0, seen = 0, expected = 0;
	struct str out;

	for (uint32_t i = 0; i < MAX_MSGS; i++)
		root_of[i] = THREAD_NONE;
	for (uint32_t i = 0; i < b->count; i++) {
		uint32_t root;

		assert_int_equal(b->there[i], thread_has(t, i));
		if (!b->there[i])
			continue;
		expected++;
		root = thread_root(t, i);
		root_of[thread_stands_for(t, root)] = root;
	}
	for (uint32_t i = 0; i < b->count; i++) {
		if (root_of[i] == THREAD_NONE)
			continue;
		uint32_t at = n++;

		while (at > 0 && by_date(b, order[at - 1], i) > 0) {
			order[at] = order[at - 1];
			at--;
		}
		order[at] = i;
	}
	str_init(&out, 65536);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t root = root_of[order[i]];

		for (uint32_t at = root; at != THREAD_NONE; at = thread_walk(t, at, root)) {
			seen += thread_is_msg(at);
			assert_true(thread_is_msg(at) || thread_node(t, at)->first_child != THREAD_NONE);
		}
		print_thread(t, b, root, &out, 0);
	}
	assert_int_equal(seen, expected);
	return str_detach(&out);
}

static void build(struct threads *t, const uint32_t *rows, uint32_t n)
{
	struct thread_build *build = threads_build(t, rows, n);

	while (threads_build_step(build))
		;
	threads_build_free(build);
}

static char *threads_in(struct box *b, const struct thread_in *in)
{
	uint32_t rows[MAX_MSGS], n = 0;
	struct threads t;
	char *text;

	for (uint32_t i = 0; i < b->count; i++) {
		if (b->there[i])
			rows[n++] = i;
	}
	threads_init(&t, in, b->ids);
	build(&t, rows, n);
	text = print_all(&t, b);
	threads_fini(&t);
	return text;
}

static char *threads_of(struct box *b, bool strict, bool last)
{
	struct thread_in in = input(b, strict, last);

	return threads_in(b, &in);
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
	{"an answer goes under the latest of several", {"a 1 s", "b 2 s", "c 3 Rs"}, false,
		false, "(a)(b(c*))"},
	{"the latest of several that have other threads", {"a 1 s", "b 2 s x", "c 3 Rs"}, false,
		false, "(a)(?(b(c*)))"},
	{"answers below say nothing", {"a 1 s", "b 2 s", "c 3 Rs b"}, false, false, "(a)(b(c))"},
	{"answers below another subject, too", {"a 1 s", "b 2 t", "c 3 Rs b"}, false, false, "(a)(b(c))"},
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
		struct box b = {.ids = idpool_new()};
		char *got;

		for (size_t l = 0; l < ARRAY_LEN(cases[i].lines) && cases[i].lines[l]; l++)
			add(&b, cases[i].lines[l]);
		got = threads_of(&b, cases[i].strict, cases[i].last);
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: got %s, want %s", cases[i].title, got, cases[i].want);
		free(got);
		idpool_free(b.ids);
	}
}

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void random_msg(struct box *b, uint32_t row, uint32_t *s)
{
	uint32_t irt[3], refs[6], irts = random_next(s) % 3, nrefs = random_next(s) % 6;

	for (uint32_t i = 0; i < irts; i++)
		irt[i] = 1 + random_next(s) % 31;
	for (uint32_t i = 0; i < nrefs; i++)
		refs[i] = 1 + random_next(s) % 31;
	b->msgs[row] = (struct thread_msg){.msgid = random_next(s) % 24,
		.ancestors = ancestors(b, irt, irts, refs, nrefs),
		.subject = random_next(s) % 5,
		.is_reply = random_next(s) % 2,
		.date = random_next(s) % 8,
		.place = row};
}

static void random_box(struct box *b, uint32_t count, uint32_t *s)
{
	*b = (struct box){.count = count, .ids = idpool_new()};
	for (uint32_t i = 1; i < 32; i++) { /* ids are numbers from 1 on */
		char id[8];

		snprintf(id, sizeof(id), "%u", i);
		assert_int_equal(number(b, id, strlen(id)), i);
	}
	for (uint32_t i = 0; i < count; i++)
		random_msg(b, i, s);
}

static struct thread_in random_input(struct box *b, uint32_t seed)
{
	struct thread_in in = input(b, seed % 3 == 0, seed % 2);

	in.sort_re = seed % 7 != 0;
	in.duplicates = seed % 5 != 0;
	in.inner.reverse = seed % 11 == 0;
	return in;
}

/* Whatever the references say: every message is there once, parents and lists agree, nothing loops. */
static void any_references_give_a_forest(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed < 3000; seed++) {
		uint32_t s = seed;
		struct thread_in in;
		struct box b;

		random_box(&b, 1 + random_next(&s) % 20, &s);
		for (uint32_t i = 0; i < b.count; i++)
			b.there[i] = true;
		in = random_input(&b, seed);
		free(threads_in(&b, &in));
		idpool_free(b.ids);
	}
}

/*
 * Messages come, go and turn into others, some at a time and in any order: the forest is always the one that
 * is made of all that are there.
 */
static void changes_lead_to_the_same_forest(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed < 4000; seed++) {
		uint32_t s = seed;
		struct thread_in in;
		struct threads t;
		struct box b;

		random_box(&b, 4 + random_next(&s) % 26, &s);
		in = random_input(&b, seed);
		threads_init(&t, &in, b.ids);
		for (unsigned step = 0; step < 12; step++) {
			uint32_t rows[MAX_MSGS], gone[MAX_MSGS];
			struct thread_change c = {.rows = rows, .gone = gone, .most = 1000};
			char *got, *want;

			for (uint32_t i = 0; i < b.count; i++) {
				uint32_t dice = random_next(&s) % 16;

				if (dice < 3 && !b.there[i]) {
					b.there[i] = true;
					rows[c.count++] = i;
				} else if (dice == 3 && b.there[i]) {
					b.there[i] = false;
					gone[c.gone_count++] = i;
				} else if (dice == 4) {
					threads_forget(&t, i);
					random_msg(&b, i, &s);
					if (b.there[i])
						rows[c.count++] = i;
				}
			}
			if (!threads_change(&t, &c)) {
				assert_false(in.duplicates);
				threads_fini(&t);
				threads_init(&t, &in, b.ids);
				c = (struct thread_change){.rows = rows};
				for (uint32_t i = 0; i < b.count; i++) {
					if (b.there[i])
						rows[c.count++] = i;
				}
				build(&t, rows, c.count);
			}
			threads_change_fini(&c);
			got = print_all(&t, &b);
			want = threads_in(&b, &in);
			if (strcmp(got, want) != 0)
				fail_msg("seed %u, step %u: got %s, want %s", seed, step, got, want);
			free(got);
			free(want);
		}
		threads_fini(&t);
		idpool_free(b.ids);
	}
}

struct chain {
	uint32_t n, *lists;
	bool backwards;
};

static uint32_t chain_number(const struct chain *c, uint32_t row)
{
	return c->backwards ? c->n - 1 - row : row;
}

static void chain_msg(void *data, uint32_t row, struct thread_msg *out)
{
	const struct chain *c = data;
	uint32_t k = chain_number(c, row);

	*out = (struct thread_msg){.msgid = k + 1,
		.ancestors = k ? c->lists[k] : 0,
		.subject = 1,
		.is_reply = true,
		.date = k,
		.place = row};
}

static int chain_cmp(void *data, uint32_t a, uint32_t b)
{
	uint32_t x = chain_number(data, a), y = chain_number(data, b);

	return x < y ? -1 : x > y;
}

/* A hundred thousand messages that each answer the one before, in either order: no quadratic time, no recursion. */
static void deep_threads_are_linear(void **state)
{
	struct chain c = {.n = 100000};
	uint32_t *rows = xcalloc(c.n, sizeof(*rows)), walked = 0;
	struct idpool *ids = idpool_new();

	(void)state;
	c.lists = xcalloc(c.n, sizeof(*c.lists));
	for (uint32_t i = 0; i < c.n; i++) {
		char id[16];

		rows[i] = i;
		snprintf(id, sizeof(id), "%u", i);
		assert_int_equal(idpool_add(ids, sv_of(id)), i + 1);
		if (i > 0)
			c.lists[i] = idpool_list(ids, i, 0);
	}
	for (int backwards = 0; backwards < 2; backwards++) {
		struct thread_order o = {chain_cmp, false, false};
		struct thread_in in = {.data = &c, .msg = chain_msg, .inner = o, .roots = o, .sort_re = true, .duplicates = true};
		struct threads t;
		uint32_t root;

		c.backwards = backwards;
		threads_init(&t, &in, ids);
		build(&t, rows, c.n);
		root = thread_root(&t, 0);
		for (uint32_t at = root; at != THREAD_NONE; at = thread_walk(&t, at, root))
			assert_int_equal(chain_number(&c, at), walked++ % c.n);
		threads_fini(&t);
	}
	assert_int_equal(walked, 2 * c.n);
	idpool_free(ids);
	free(c.lists);
	free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_are_built),
		cmocka_unit_test(any_references_give_a_forest),
		cmocka_unit_test(changes_lead_to_the_same_forest),
		cmocka_unit_test(deep_threads_are_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
