/* What a view is made of: sorted numbers and texts, lists that change, strings and ids as numbers. */
#include "core/sort.h"

#include "core/idpool.h"
#include "core/radix.h"
#include "core/seq.h"
#include "core/view_priv.h"
#include "tests/unit/t.h"

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void numbers_are_sorted_stably(void **state)
{
	static const uint32_t counts[] = {0, 1, 2, 1000, 3 * RADIX_STEP + 5};
	static const uint32_t ranges[] = {1, 7, 100000, UINT32_MAX};
	uint32_t seed = 1;

	(void)state;
	for (size_t c = 0; c < ARRAY_LEN(counts); c++) {
		for (size_t k = 0; k < ARRAY_LEN(ranges); k++) {
			struct radix r = {.count = 0};

			radix_init(&r, counts[c]);
			for (uint32_t i = 0; i < counts[c]; i++)
				r.pairs[i] = (struct radix_pair){(random_next(&seed) * 2654435761u) % ranges[k], i};
			while (radix_step(&r))
				;
			for (uint32_t i = 1; i < counts[c]; i++) {
				assert_true(r.pairs[i - 1].key <= r.pairs[i].key);
				if (r.pairs[i - 1].key == r.pairs[i].key)
					assert_true(r.pairs[i - 1].row < r.pairs[i].row);
			}
			radix_fini(&r);
		}
	}
	assert_true(radix_signed(-5) < radix_signed(0) && radix_signed(0) < radix_signed(INT32_MAX));
}

static void texts_ignore_case(void **state)
{
	static const char *const texts[] = {"beta", "ALPHA", "alpha", "", "Beta, and more than eight",
		"beta, AND more than eighty"};
	static const uint32_t subjects[] = {3, 2, 2, 1, 4, 5}, labels[] = {2, 1, 1, 5, 3, 4};
	struct conf *conf = conf_new(CONF_MUTT);
	struct view *v = view_new(NULL, conf, "a", "INBOX", "=INBOX");

	(void)state;
	for (int label = 0; label < 2; label++) {
		struct text_ranks *t = text_ranks_new(v, label ? SORT_LABEL : SORT_SUBJECT);

		for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
			text_ranks_add(t, strpool_add(v->pool, sv_of(texts[i])));
			text_ranks_add(t, strpool_add(v->pool, sv_of(texts[i])));
		}
		while (text_ranks_step(t))
			;
		for (size_t i = 0; i < ARRAY_LEN(texts); i++)
			assert_int_equal(text_ranks_of(t, strpool_find(v->pool, sv_of(texts[i]))),
				label ? labels[i] : subjects[i]);
		text_ranks_free(t);
	}
	view_free(v);
	conf_free(conf);
}

/* Many texts, in many steps. */
static void many_texts(void **state)
{
	struct conf *conf = conf_new(CONF_MUTT);
	struct view *v = view_new(NULL, conf, "a", "INBOX", "=INBOX");
	struct text_ranks *t = text_ranks_new(v, SORT_SUBJECT);
	uint32_t seed = 7, numbers[5000];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		char text[40];

		snprintf(text, sizeof(text), "%s subject %u", i % 2 ? "Some" : "some", random_next(&seed) % 4000);
		numbers[i] = strpool_add(v->pool, sv_of(text));
		text_ranks_add(t, numbers[i]);
	}
	while (text_ranks_step(t))
		;
	for (size_t i = 1; i < ARRAY_LEN(numbers); i++) {
		int c = sv_cmp_case(strpool_text(v->pool, numbers[i - 1]), strpool_text(v->pool, numbers[i]));
		uint32_t a = text_ranks_of(t, numbers[i - 1]), b = text_ranks_of(t, numbers[i]);

		assert_true(c < 0 ? a < b : c > 0 ? a > b : a == b);
	}
	text_ranks_free(t);
	view_free(v);
	conf_free(conf);
}

/* A sequence beside a plain array. */
struct model {
	uint32_t rows[6000], n;
	bool hidden[6000];
};

static void compare_lists(struct seq *s, const struct model *m)
{
	uint32_t line = 0;
	struct seq_walk all = seq_walk(s, 0, 1, true), shown = seq_walk(s, 0, 1, false), back;

	assert_int_equal(seq_count(s), m->n);
	for (uint32_t i = 0; i < m->n; i++) {
		uint32_t row = m->rows[i];

		assert_int_equal(seq_next(&all), row);
		assert_int_equal(seq_at(s, i), row);
		assert_int_equal(seq_index_of(s, row), i);
		assert_int_equal(seq_lines_before(s, row), line);
		assert_int_equal(seq_line_of(s, row), m->hidden[row] ? SEQ_NONE : line);
		if (m->hidden[row])
			continue;
		assert_int_equal(seq_at_line(s, line), row);
		assert_int_equal(seq_next(&shown), row);
		line++;
	}
	assert_int_equal(seq_lines(s), line);
	assert_int_equal(seq_next(&all), SEQ_NONE);
	assert_int_equal(seq_next(&shown), SEQ_NONE);
	assert_int_equal(seq_at(s, m->n), SEQ_NONE);
	assert_int_equal(seq_at_line(s, line), SEQ_NONE);
	back = seq_walk(s, line - 1, -1, false);
	while (line > 0)
		assert_int_equal(seq_next(&back), seq_at_line(s, --line));
	assert_int_equal(seq_next(&back), SEQ_NONE);
}

static void insert(struct seq *s, struct model *m, uint32_t at, uint32_t row)
{
	for (uint32_t i = m->n++; i > at; i--)
		m->rows[i] = m->rows[i - 1];
	m->rows[at] = row;
	m->hidden[row] = false;
	seq_insert(s, at, row);
}

static void remove_at(struct seq *s, struct model *m, uint32_t at)
{
	seq_remove(s, m->rows[at]);
	m->n--;
	for (uint32_t i = at; i < m->n; i++)
		m->rows[i] = m->rows[i + 1];
}

static void lists_change_anywhere(void **state)
{
	static struct model m;
	struct seq *s = seq_new();
	uint32_t seed = 3, next = 0;

	(void)state;
	compare_lists(s, &m);
	for (unsigned round = 0; round < 24; round++) {
		uint32_t cluster = random_next(&seed) % (m.n + 1);

		for (unsigned k = 0; k < 600 && next < 5999; k++) {
			uint32_t dice = random_next(&seed) % (round % 4 == 3 ? 10 : 20);

			if (dice < 5 && m.n)
				remove_at(s, &m, random_next(&seed) % m.n);
			else if (dice < 8 && m.n) {
				uint32_t row = m.rows[random_next(&seed) % m.n];

				m.hidden[row] = !m.hidden[row];
				assert_true(seq_show(s, row, !m.hidden[row]));
				assert_false(seq_show(s, row, !m.hidden[row]));
			} else /* in one place, in half of the rounds */
				insert(s, &m, round % 2 ? MIN(cluster, m.n) : random_next(&seed) % (m.n + 1), next++);
		}
		compare_lists(s, &m);
	}
	while (m.n)
		remove_at(s, &m, m.n / 2);
	compare_lists(s, &m);
	assert_false(seq_has(s, 1) || seq_show(s, 1, true));
	seq_free(s);
}

static void equal_ids_have_one_number_and_lists_mostly(void **state)
{
	struct idpool *p = idpool_new();
	uint32_t a = idpool_add(p, SV("<a@x>")), b = idpool_add(p, SV("<b@x>")), ab, ba;

	(void)state;
	assert_int_equal(idpool_add(p, SV("")), 0);
	assert_int_equal(idpool_find(p, SV("<a@x>")), a);
	assert_int_equal(idpool_find(p, SV("<c@x>")), 0);
	ab = idpool_list(p, a, idpool_list(p, b, 0));
	ba = idpool_list(p, b, idpool_list(p, a, 0));
	assert_true(ab != ba);
	assert_int_equal(idpool_list(p, a, idpool_list(p, b, 0)), ab);
	assert_int_equal(idpool_first(p, ab), a);
	assert_int_equal(idpool_first(p, idpool_rest(p, ab)), b);
	assert_int_equal(idpool_rest(p, idpool_rest(p, ab)), 0);
	for (uint32_t i = 0; i < 20000; i++) {
		char id[32];

		snprintf(id, sizeof(id), "<%u@many>", i % 10000);
		assert_int_equal(idpool_add(p, sv_of(id)), b + 1 + i % 10000);
		ab = idpool_list(p, b + 1 + i % 10000, ab);
	}
	for (uint32_t i = 0; i < 10000; i++)
		ab = idpool_rest(p, ab);
	assert_int_equal(idpool_first(p, ab), b + 10000);
	/* Many lists may begin with one id: each is right, though one may be there twice. */
	for (uint32_t i = 0; i < 2000; i++) {
		uint32_t rest = idpool_list(p, b + 1 + i % 1000, 0);

		ab = idpool_list(p, a, rest);
		assert_int_equal(idpool_first(p, ab), a);
		assert_int_equal(idpool_rest(p, ab), rest);
	}
	assert_int_equal(idpool_list(p, 0, ab), ab);
	idpool_free(p);
}

static void equal_strings_have_one_number(void **state)
{
	struct strpool *p = strpool_new();
	char text[32];
	uint32_t first[5000];

	(void)state;
	assert_int_equal(strpool_add(p, SV("")), 0);
	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "string %u", i);
		first[i] = strpool_add(p, sv_of(text));
		assert_int_equal(first[i], i + 1);
	}
	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "string %u", i);
		assert_int_equal(strpool_find(p, sv_of(text)), first[i]);
		assert_int_equal(strpool_add(p, sv_of(text)), first[i]);
		assert_string_equal(strpool_text(p, first[i]).p, text);
	}
	assert_int_equal(strpool_find(p, SV("nowhere")), 0);
	/* A piece of a text of the pool while the pool grows. */
	for (uint32_t i = 0; i < 5000; i++) {
		struct sv whole = strpool_text(p, first[i]);
		uint32_t n = strpool_add(p, sv_from(whole, 4));

		snprintf(text, sizeof(text), "ng %u", i);
		assert_string_equal(strpool_text(p, n).p, text);
	}
	strpool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_sorted_stably),
		cmocka_unit_test(texts_ignore_case),
		cmocka_unit_test(many_texts),
		cmocka_unit_test(lists_change_anywhere),
		cmocka_unit_test(equal_ids_have_one_number_and_lists_mostly),
		cmocka_unit_test(equal_strings_have_one_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
