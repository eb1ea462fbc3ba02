#include "store/search.h"

#include <fcntl.h>
#include <sqlite3.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/rx.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "text/utf8.h"
#include "tests/unit/store/tmp.h"
#include "tests/unit/t.h"

#define TEXTS_MAX 600
#define ROUNDS 400

struct fix {
	char *dir;
	struct cache *c;
	struct search *s;
	uint64_t mailbox;
	/* what was added */
	char *texts[TEXTS_MAX];
	bool gone[TEXTS_MAX];
	size_t count;
	uint32_t seed;
};

static void reopen(struct fix *f)
{
	struct err e;

	search_close(f->s);
	if (!search_open(&f->s, f->c, CACHE_WRITE, &e) || !search_begin_mailbox(f->s, f->mailbox, 7, &e))
		fail_msg("%s", e.text);
}

static void set_uidvalidity(struct fix *f, uint64_t uidvalidity)
{
	struct mailbox m;
	struct err e;

	assert_true(mailbox_by_id(f->c, f->mailbox, &m, &e));
	m.uidvalidity = uidvalidity;
	assert_true(mailbox_update(f->c, &m, &e));
	mailbox_fini(&m);
}

static int setup(void **state)
{
	struct fix *f = xcalloc(1, sizeof(*f));
	struct err e;

	f->dir = tmp_dir();
	f->seed = 12345;
	if (!cache_open(&f->c, f->dir, "a", CACHE_WRITE, &e) || !mailbox_add(f->c, "INBOX", "INBOX", '/', &f->mailbox, &e))
		fail_msg("%s", e.text);
	set_uidvalidity(f, 7);
	reopen(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;

	search_close(f->s);
	cache_close(f->c);
	tmp_remove(f->dir);
	for (size_t i = 0; i < f->count; i++)
		free(f->texts[i]);
	free(f);
	return 0;
}

static void add(struct fix *f, const char *text)
{
	assert_true(f->count < TEXTS_MAX);
	f->texts[f->count++] = xstrdup(text);
	search_add(f->s, message_id_of(f->mailbox, f->count), sv_of(text), SV("Subject: no body"));
}

static void flush(struct fix *f)
{
	struct err e;

	if (!search_flush(f->s, &e))
		fail_msg("%s", e.text);
}

static bool is_kept(void *data, uint64_t id)
{
	struct fix *f = data;

	return !f->gone[message_uid(id) - 1];
}

static void tidy(struct fix *f)
{
	struct err e;
	bool more = true;

	while (more) {
		if (!search_tidy(f->s, is_kept, f, &more, &e))
			fail_msg("%s", e.text);
	}
}

/* The answer as bits by UID; a reader's handle, a step at a time. */
static bool *ask(struct fix *f, enum search_field field, const struct search_word *words, size_t count)
{
	bool *found = xcalloc(TEXTS_MAX + 1, sizeof(*found)), more = true;
	struct search *reader;
	struct search_query *q;
	const uint64_t *ids;
	size_t n;
	struct err e;

	if (!search_open(&reader, f->c, CACHE_READ, &e) || !search_ask(&q, reader, field, words, count, &e))
		fail_msg("%s", e.text);
	while (more) {
		if (!search_step(q, 0, &more, &e))
			fail_msg("%s", e.text);
	}
	ids = search_result(q, &n);
	for (size_t i = 0; i < n; i++) {
		assert_true(i == 0 || ids[i] > ids[i - 1]);
		found[message_uid(ids[i])] = true;
	}
	search_query_free(q);
	search_close(reader);
	return found;
}

/* ---- one by one ---- */

static bool finds(struct fix *f, const char *term, size_t uid)
{
	struct search_plan plan;
	bool *found, is;

	search_plan_init(&plan, term + 1, term[0] == '~');
	assert_true(plan.count > 0);
	found = ask(f, SEARCH_BODY, plan.words, plan.count);
	is = found[uid];
	free(found);
	search_plan_fini(&plan);
	return is;
}

static void parts_of_words_are_found(void **state)
{
	static const struct {
		const char *text, *term;
		bool found, exact;
	} rows[] = {
		{"The quick brown fox", "=quick", true, true},
		{"The quick brown fox", "=uic", true, true},
		{"The quick brown fox", "=quik", false, true},
		{"The quick brown fox", "=the", true, true},
		{"The quick brown fox", "=The", true, false},
		{"The quick brown fox", "=quick brown", true, false},
		{"The quick brown fox", "=ick bro", true, false},
		{"The quick brown fox", "=ic bro", false, false},
		{"The quick brown fox", "=quick ", true, false},
		{"a_b c", "=a_b", true, true},
		{"a.b.c", "=.b.", true, false},
		{"\xc3\x9c" "ber", "~\xc3\xbc" "ber", true, true},    /* Über */
		{"\xc3\x9c" "ber", "=\xc3\xbc" "ber", true, false},   /* = knows ASCII's case only */
		{"\xc3\x9c" "ber", "~ber", true, true},
		{"uber", "~\xc3\xbc" "ber", false, true},
		{"\xce\xa3\xce\xa3", "~\xcf\x82\xcf\x83", true, true}, /* sigma, final and not */
		{"\xe6\xbc\xa2\xe5\xad\x97\xe5\xad\x97\xe5\x85\xb8", "=\xe5\xad\x97\xe5\x85\xb8", true, true},
		{"\xe6\xbc\xa2\xe5\xad\x97\xe5\xad\x97\xe5\x85\xb8", "=\xe5\xad\x97", true, true},
		{"\xe6\xbc\xa2\xe5\xad\x97\xe5\xad\x97\xe5\x85\xb8", "=\xe5\x85\xb8\xe5\xad\x97", false, true},
		{"\xe6\xbc\xa2\xe5\xad\x97\xe5\xad\x97\xe5\x85\xb8", "=\xe6\xbc\xa2\xe5\xad\x97\xe5\xad\x97", true, false},
		{"\xe0\xb8\xaa\xe0\xb8\xa7\xe0\xb8\xb1\xe0\xb8\xaa\xe0\xb8\x94\xe0\xb8\xb5", "=\xe0\xb8\xb1\xe0\xb8\xaa\xe0\xb8\x94",
			true, false},
		{"abc\xe6\xbc\xa2", "=bc\xe6\xbc\xa2", true, false},
		{"abc\xe6\xbc\xa2", "=abc", true, true},
		{"colour", "~colou?r", true, true},
		{"color", "~colou?r", true, true},
		{"column", "~colou?r", false, true},
		{"year 2024", "~20[0-9]{2}", true, true},
		{"a foo b", "~\\<foo\\>", true, true},
		{"a foobar b", "~\\<foo\\>", false, true},
		{"foo and bar", "~foo.*bar", true, false},
		{"foo and baz", "~foo.*bar", false, false},
		{"x foo", "~(foo|bar)", true, true},
		{"x bar", "~foo|bar", true, true},
	};
	struct fix *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		add(f, rows[i].text);
	flush(f);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct search_plan plan;

		search_plan_init(&plan, rows[i].term + 1, rows[i].term[0] == '~');
		if (plan.exact != rows[i].exact || finds(f, rows[i].term, i + 1) != rows[i].found)
			fail_msg("%s in \"%s\": exact %d", rows[i].term, rows[i].text, plan.exact);
		search_plan_fini(&plan);
	}
}

static void what_the_index_cannot_say(void **state)
{
	static const char *const rows[] = {"~.", "~[^a]", "~...", "~x*", "~(a b|c d)", "~foo bar|baz", "=--", "~"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct search_plan plan;

		search_plan_init(&plan, rows[i] + 1, rows[i][0] == '~');
		if (plan.count != 0)
			fail_msg("%s: %zu words", rows[i], plan.count);
		search_plan_fini(&plan);
	}
}

static void odd_words(void **state)
{
	struct fix *f = *state;
	char text[301];

	for (size_t i = 0; i < 300; i++)
		text[i] = (char)('a' + i * i % 23);
	text[300] = 0;
	add(f, text);
	flush(f);
	for (size_t at = 0; at + 40 <= 300; at++) {
		char term[60];

		snprintf(term, sizeof(term), "=%.*s", (int)(1 + at % 40), text + at);
		if (!finds(f, term, 1))
			fail_msg("%s", term);
	}
	struct search_word word = {.look = WORD_IS, .text = SEARCH_ODD_WORD, .len = strlen(SEARCH_ODD_WORD)};
	bool *found = ask(f, SEARCH_BODY, &word, 1);

	assert_true(found[1]);
	free(found);
}

/* ---- against reading ---- */

static uint32_t rnd(struct fix *f, uint32_t n)
{
	f->seed = f->seed * 1664525u + 1013904223u;
	return (f->seed >> 8) % n;
}

static const char *const pieces[] = {"a", "b", "ab", "A", "B", "foo", "Foo", "bar", "1", "20", "_", " ", " ", " ", ".", "-", "@",
	"\n", "\xc3\xa9", "\xc3\x89", "e\xcc\x81", "\xc3\x9f", "\xe1\xba\x9e", "\xc4\xb1", "\xc4\xb0", "i", "I", "\xce\xa3",
	"\xcf\x83", "\xcf\x82", "\xe2\x84\xaa", "k", "\xc5\xbf", "s", "\xe6\xbc\xa2", "\xe5\xad\x97", "\xe3\x81\x82", "\xe0\xb8\xaa",
	"\xe0\xb8\xb1", "\xed\x95\x9c", "\xef\xbf\xbd", "\xc2\xa0", "\xc2\xb5", "\xce\xbc", "\xef\xbd\xb1"};

static char *random_text(struct fix *f, size_t n)
{
	struct str s;

	str_init(&s, 65536);
	for (size_t i = 0; i < n; i++) {
		size_t times = rnd(f, 60) == 0 ? 50 : 1;
		const char *piece = pieces[rnd(f, ARRAY_LEN(pieces))];

		for (size_t k = 0; k < times; k++)
			assert_true(str_adds(&s, piece));
	}
	return s.s ? str_detach(&s) : xstrdup("");
}

/* Line by line, as sync/search.c does. */
static bool reads(struct rx *rx, const char *term, const char *text)
{
	struct sv rest = sv_of(text), line, want = sv_of(term + 1);
	bool upper = false;

	for (const char *p = term + 1; *p; p++)
		upper |= *p >= 'A' && *p <= 'Z';
	if (!rx)
		return (upper ? sv_find(rest, want) : sv_find_case(rest, want)) >= 0;
	while (sv_line(&rest, &line)) {
		if (rx_match(rx, line))
			return true;
	}
	return false;
}

static char *random_term(struct fix *f)
{
	static const char *const rx[] = {"~[ab]+", "~fo?o", "~\\<a", "~b\\>", "~(foo|bar)", "~foo|20", "~[0-9]{2}", "~a.b",
		"~foo.*bar", "~^a", "~b$", "~a_?b", "~[[:digit:]]+", "~\\bab\\b", "~[a-f0-9]{3}", "~x?", "~a[^b]", "~Fo+", "~i", "~k",
		"~s+"};
	struct sv text = sv_of(f->texts[rnd(f, (uint32_t)f->count)]), part;

	if (rnd(f, 3) == 0 || text.len == 0)
		return xstrdup(rx[rnd(f, ARRAY_LEN(rx))]);
	size_t at = rnd(f, (uint32_t)text.len);

	while (at > 0 && ((unsigned char)text.p[at] & 0xc0) == 0x80)
		at--;
	part = utf8_head(sv_from(text, at), 1 + rnd(f, rnd(f, 5) == 0 ? 60 : 8));
	if (part.len == 0)
		return xstrdup("=foo");
	char *words = sv_dup(part), *term = xasprintf("%c%s", rnd(f, 2) && !strpbrk(words, ".") ? '~' : '=', words);

	for (char *p = term; *p; p++)
		*p = *p == '\n' ? ' ' : *p;
	free(words);
	return term;
}

static void compare(struct fix *f, const char *term)
{
	static const struct search_word odd_word = {
		.look = WORD_IS, .text = SEARCH_ODD_WORD, .len = sizeof(SEARCH_ODD_WORD) - 1};
	struct search_plan plan;
	struct err e;
	struct rx *rx = term[0] == '~' ? rx_new(term + 1, RX_SMARTCASE | RX_NOSUB, &e) : NULL;
	bool *found, *odd_ones;

	search_plan_init(&plan, term + 1, term[0] == '~');
	found = ask(f, SEARCH_BODY, plan.words, plan.count);
	odd_ones = ask(f, SEARCH_BODY, &odd_word, 1);
	for (size_t i = 0; i < f->count; i++) {
		bool is = reads(rx, term, f->texts[i]);

		if (f->gone[i])
			continue;
		if (is && !found[i + 1] && !(plan.but_odd && odd_ones[i + 1]))
			fail_msg("%s is not found in \"%s\"", term, f->texts[i]);
		if (!is && found[i + 1] && plan.exact && !(plan.but_odd && odd_ones[i + 1]))
			fail_msg("%s is found in \"%s\"", term, f->texts[i]);
	}
	free(found);
	free(odd_ones);
	search_plan_fini(&plan);
	rx_free(rx);
}

static void the_index_finds_what_reading_finds(void **state)
{
	struct fix *f = *state;
	struct err e;

	assert_true(cache_begin(f->c, &e));
	for (size_t i = 0; i < TEXTS_MAX; i++) {
		char *text = random_text(f, 1 + rnd(f, 40));

		add(f, text);
		free(text);
		if (rnd(f, 9) == 0)
			flush(f);
		if (rnd(f, 60) == 0)
			tidy(f);
		if (rnd(f, 60) == 0)
			f->gone[rnd(f, (uint32_t)f->count)] = true;
	}
	flush(f);
	assert_true(cache_commit(f->c, &e));
	for (size_t i = 0; i < ROUNDS; i++) {
		char *term = random_term(f);

		compare(f, term);
		free(term);
	}
	tidy(f);
	for (size_t i = 0; i < ROUNDS; i++) {
		char *term = random_term(f);

		compare(f, term);
		free(term);
	}
}

/* ---- covering ---- */

static bool covers(struct fix *f, uint64_t uid)
{
	struct search *reader;
	struct err e;

	if (!search_open(&reader, f->c, CACHE_READ, &e))
		return false;
	struct search_cover *c = search_cover_new(reader, f->mailbox);
	bool is = search_covers(c, message_id_of(f->mailbox, uid));

	search_cover_free(c);
	search_close(reader);
	return is;
}

static void only_what_is_written_is_covered(void **state)
{
	struct fix *f = *state;

	add(f, "one");
	assert_false(covers(f, 1));
	assert_int_equal(search_pending(f->s), 1);
	reopen(f);
	assert_false(covers(f, 1));
	search_add(f->s, message_id_of(f->mailbox, 1), SV("one"), SV(""));
	flush(f);
	assert_true(covers(f, 1));
	assert_false(covers(f, 2));
	reopen(f);
	assert_true(covers(f, 1) && finds(f, "=one", 1));
}

static void what_is_missing(void **state)
{
	struct fix *f = *state;
	struct mailbox m;
	uint64_t *ids;
	size_t n;
	struct err e;

	assert_true(mailbox_by_id(f->c, f->mailbox, &m, &e));
	free(m.raw);
	m.raw = xstrdup("maildir:/nowhere");
	for (uint64_t uid = 1; uid <= 3; uid++) {
		struct message_row r = {.id = message_id_of(f->mailbox, uid), .date_received = (int64_t)uid};

		assert_true(message_put(f->c, &r, &e));
	}
	search_add(f->s, message_id_of(f->mailbox, 2), SV("two"), SV(""));
	flush(f);
	assert_true(search_missing(f->s, &m, &ids, &n, &e));
	assert_int_equal(n, 2);
	assert_int_equal(message_uid(ids[0]), 3); /* newest first */
	assert_int_equal(message_uid(ids[1]), 1);
	free(ids);
	mailbox_fini(&m);
}

static void another_uidvalidity_forgets(void **state)
{
	struct fix *f = *state;
	struct err e;

	add(f, "one");
	flush(f);
	add(f, "two");
	/* The cache knows first: readers must not believe the index from then on. */
	set_uidvalidity(f, 8);
	assert_false(covers(f, 1));
	assert_false(finds(f, "=one", 1));
	assert_true(search_begin_mailbox(f->s, f->mailbox, 8, &e));
	assert_int_equal(search_pending(f->s), 0);
	assert_false(covers(f, 1));
	search_add(f->s, message_id_of(f->mailbox, 1), SV("new"), SV(""));
	flush(f);
	assert_true(covers(f, 1) && finds(f, "=new", 1));
	assert_false(finds(f, "=one", 1));
	tidy(f);
	assert_true(finds(f, "=new", 1));
	assert_true(search_forget_mailbox(f->s, f->mailbox, &e));
	assert_false(covers(f, 1));
	assert_false(finds(f, "=new", 1));
}

static void what_has_gone_leaves_with_time(void **state)
{
	struct fix *f = *state;
	struct search_state st;
	struct err e;

	for (size_t i = 0; i < 40; i++) {
		add(f, i % 2 ? "odd" : "even");
		flush(f);
		f->gone[i] = i % 2 == 0;
	}
	tidy(f);
	assert_true(search_state(f->s, &st, &e));
	assert_true(st.segments < 6);
	assert_true(st.messages < 25);
	assert_true(finds(f, "=odd", 2));
	/* Should it come back, it is read again. */
	assert_false(covers(f, 1));
	assert_true(covers(f, 2));
}

static void an_unfinished_piece_is_cleared(void **state)
{
	struct fix *f = *state;
	struct search_state st;
	bool more = true;
	struct err e;

	for (size_t i = 0; i < 12; i++) {
		add(f, "word");
		flush(f);
	}
	assert_true(search_tidy(f->s, is_kept, f, &more, &e) && more); /* begun, as by a killed worker */
	reopen(f);
	tidy(f);
	assert_true(search_state(f->s, &st, &e));
	assert_int_equal(st.messages, 12);
	for (size_t i = 1; i <= 12; i++)
		assert_true(finds(f, "=word", i));
}

/* ---- files ---- */

/* ---- texts ---- */

static bool want_all(void *data, uint64_t message)
{
	(void)data;
	(void)message;
	return true;
}

/* Every text that is kept is the right one; how many there are. */
static size_t count_texts(struct fix *f)
{
	struct search *reader;
	struct search_texts *w;
	struct search_text t;
	struct err e;
	bool *seen = xcalloc(TEXTS_MAX, sizeof(*seen));
	size_t n = 0;

	if (!search_open(&reader, f->c, CACHE_READ, &e))
		fail_msg("%s", e.text);
	w = search_texts_new(reader, f->mailbox, want_all, f);
	while (search_texts_next(w, &t, &e)) {
		size_t i = (size_t)message_uid(t.message) - 1;

		assert_true(i < f->count && !seen[i]);
		assert_true(sv_is(t.body, f->texts[i]));
		assert_true(sv_is(t.header, "Subject: no body"));
		seen[i] = true;
		n++;
	}
	if (e.class != ERR_NONE)
		fail_msg("%s", e.text);
	search_texts_free(w);
	search_close(reader);
	free(seen);
	return n;
}

static int64_t number(struct fix *f, const char *sql)
{
	char *path = fs_join(f->dir, "search-a.db");
	sqlite3 *db;
	sqlite3_stmt *st;
	int64_t n;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	free(path);
	return n;
}

/* Mail that comes one by one makes small blocks, which become few; a large one is a block of its own. */
static void texts_are_kept_in_few_blocks(void **state)
{
	struct fix *f = *state;
	struct str large;

	str_init(&large, 1u << 20);
	for (unsigned i = 0; i < 60000; i++)
		assert_true(str_addf(&large, "word%u ", i * 7919 % 1000));
	for (unsigned i = 0; i < 100; i++) {
		char text[40];

		snprintf(text, sizeof(text), "text number %u", i);
		add(f, i == 50 ? large.s : text);
		flush(f);
		tidy(f);
	}
	str_fini(&large);
	assert_int_equal(count_texts(f), 100);
	assert_true(number(f, "SELECT count(*) FROM texts") < 10);
	reopen(f);
	assert_int_equal(count_texts(f), 100);
}

/* Deleted mail leaves no text behind, nor does a mailbox that began anew. */
static void texts_of_what_has_gone_go(void **state)
{
	struct fix *f = *state;

	for (unsigned i = 0; i < 20; i++) {
		char text[40];

		snprintf(text, sizeof(text), "secret number %u", i);
		add(f, text);
	}
	flush(f);
	assert_int_equal(count_texts(f), 20);
	for (unsigned i = 0; i < 19; i++)
		f->gone[i] = true;
	tidy(f);
	assert_int_equal(count_texts(f), 1);
	assert_int_equal(number(f, "SELECT sum(length(docs)) FROM texts"), 16);
	set_uidvalidity(f, 8);
	assert_int_equal(count_texts(f), 0);
	struct err e;

	assert_true(search_begin_mailbox(f->s, f->mailbox, 8, &e));
	tidy(f);
	assert_int_equal(number(f, "SELECT count(*) FROM texts"), 0);
}

static void a_damaged_text_is_noticed(void **state)
{
	struct fix *f = *state;
	struct search_texts *w;
	struct search_text t;
	struct err e;
	sqlite3 *db;
	char *path = fs_join(f->dir, "search-a.db");

	add(f, "something");
	flush(f);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE texts SET bytes=substr(bytes,1,4)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	free(path);
	w = search_texts_new(f->s, f->mailbox, want_all, f);
	assert_false(search_texts_next(w, &t, &e));
	assert_int_equal(e.class, ERR_DISK);
	assert_true(search_is_damaged(f->s));
	search_texts_free(w);
}

static void another_cache_another_index(void **state)
{
	struct fix *f = *state;
	struct search *reader;
	struct err e;
	char *path = fs_join(f->dir, "cache-a.db");

	add(f, "one");
	flush(f);
	search_close(f->s);
	f->s = NULL;
	cache_close(f->c);
	assert_int_equal(unlink(path), 0);
	assert_true(cache_open(&f->c, f->dir, "a", CACHE_WRITE, &e));
	assert_true(mailbox_add(f->c, "INBOX", "INBOX", '/', &f->mailbox, &e));
	assert_false(search_open(&reader, f->c, CACHE_READ, &e));
	assert_int_equal(e.class, ERR_GONE);
	set_uidvalidity(f, 7);
	reopen(f);
	assert_false(covers(f, 1));
	free(path);
}

static void a_damaged_file_is_built_anew(void **state)
{
	struct fix *f = *state;
	struct err e;
	char *path = fs_join(f->dir, "search-a.db");
	char junk[40000];

	for (size_t i = 0; i < 300; i++)
		add(f, "word and word");
	flush(f);
	search_close(f->s);
	f->s = NULL;
	memset(junk, 0xa5, sizeof(junk));
	int fd = open(path, O_WRONLY);

	assert_true(fd >= 0 && pwrite(fd, junk, sizeof(junk), 16384) == (ssize_t)sizeof(junk));
	close(fd);
	/* Whoever meets the damage leaves a mark; the next to open it for writing begins anew. */
	bool ok = search_open(&f->s, f->c, CACHE_WRITE, &e) && search_begin_mailbox(f->s, f->mailbox, 7, &e) &&
		  search_flush(f->s, &e);
	bool more = true;

	while (ok && more)
		ok = search_tidy(f->s, is_kept, f, &more, &e);
	if (!ok)
		assert_true(search_is_damaged(f->s));
	reopen(f);
	assert_false(search_is_damaged(f->s));
	search_add(f->s, message_id_of(f->mailbox, 1), SV("fresh"), SV(""));
	flush(f);
	assert_true(covers(f, 1) && finds(f, "=fresh", 1));
	free(path);
}

static void a_question_can_be_left(void **state)
{
	struct fix *f = *state;
	struct search_word word = {.look = WORD_CONTAINS, .text = "o", .len = 1};
	struct search_query *q;
	struct search *reader;
	bool more;
	struct err e;

	for (size_t i = 0; i < 100; i++)
		add(f, "some words or so");
	flush(f);
	assert_true(search_open(&reader, f->c, CACHE_READ, &e));
	for (int i = 0; i < 3; i++) {
		assert_true(search_ask(&q, reader, SEARCH_BODY, &word, 1, &e));
		assert_true(search_step(q, 0, &more, &e));
		search_query_free(q);
	}
	search_close(reader);
	flush(f);
	tidy(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(parts_of_words_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_index_cannot_say, setup, teardown),
		cmocka_unit_test_setup_teardown(odd_words, setup, teardown),
		cmocka_unit_test_setup_teardown(the_index_finds_what_reading_finds, setup, teardown),
		cmocka_unit_test_setup_teardown(only_what_is_written_is_covered, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(another_uidvalidity_forgets, setup, teardown),
		cmocka_unit_test_setup_teardown(what_has_gone_leaves_with_time, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unfinished_piece_is_cleared, setup, teardown),
		cmocka_unit_test_setup_teardown(another_cache_another_index, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_built_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(a_question_can_be_left, setup, teardown),
		cmocka_unit_test_setup_teardown(texts_are_kept_in_few_blocks, setup, teardown),
		cmocka_unit_test_setup_teardown(texts_of_what_has_gone_go, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_text_is_noticed, setup, teardown),
	};

	return t_run(tests);
}
