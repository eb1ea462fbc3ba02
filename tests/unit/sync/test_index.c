#include "sync/index.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "sync/host_priv.h"
#include "sync/search.h"
#include "tests/unit/store/tmp.h"
#include "tests/unit/t.h"

#define ROUNDS 8       /* of mail that comes, enough for segments to be put together */
#define EACH 3         /* messages of a round */
#define STEPS_MAX 100

struct world {
	char *dir, *maildir, *state_path;
	unsigned count; /* messages delivered */
};

static void world_open(struct world *w)
{
	static const char *const subs[] = {"cur", "new", "tmp"};
	struct err e;

	w->dir = tmp_dir();
	w->maildir = fs_join(w->dir, "box");
	w->state_path = fs_join(w->dir, "state.db");
	w->count = 0;
	for (size_t i = 0; i < ARRAY_LEN(subs); i++) {
		char *sub = fs_join(w->maildir, subs[i]);

		assert_true(fs_mkdirs(sub, &e));
		free(sub);
	}
}

static void world_close(struct world *w)
{
	tmp_remove(w->dir);
	free(w->maildir);
	free(w->state_path);
}

static void deliver(struct world *w, const char *text)
{
	char *path = xasprintf("%s/cur/%u.host:2,S", w->maildir, ++w->count);
	struct err e;

	assert_true(fs_write_atomic(path, sv_of(text), 0600, &e));
	free(path);
}

static void deliver_round(struct world *w)
{
	for (unsigned i = 0; i < EACH; i++) {
		char *text = xasprintf("Subject: number %u\nX-Mark: head%ux\n\nThe word of this one is word%ux, caf\xc3\xa9.\n", w->count + 1,
			w->count + 1, w->count + 1);

		deliver(w, text);
		free(text);
	}
}

static struct host *open_host(struct world *w, uint64_t *mailbox)
{
	struct host *h = host_new(NULL, "a", "local", w->dir, w->state_path);
	struct box *box;
	struct err e;
	bool more = true;

	host_set_conf(h, "mailboxes", w->maildir);
	assert_true(cache_open(&h->cache, w->dir, "a", CACHE_WRITE, &e));
	box = local_box_ops.open(h, &e);
	assert_non_null(box);
	while (more)
		assert_true(box->ops->list(box, &more, &e));
	assert_true(mailbox_add(h->cache, w->maildir, "", 0, mailbox, &e));
	for (more = true; more;)
		assert_true(box->ops->sync(box, *mailbox, &more, &e));
	box->ops->close(box);
	h->index = index_new(h);
	return h;
}

static void run_index(struct host *h, uint64_t mailbox)
{
	struct err e;
	bool more = true;

	index_begin(h->index, mailbox);
	while (more)
		assert_true(index_piece(h->index, &more, &e));
}

/* A worker's life, to its end or to a step. True: it came to the end. */
static bool live(struct world *w, unsigned stop_at)
{
	uint64_t mailbox;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		char n[16];

		snprintf(n, sizeof(n), "%u", stop_at);
		setenv("FEIST_STOP_AT", n, 1);
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		struct host *h = open_host(w, &mailbox);

		run_index(h, mailbox);
		host_free(h);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 99);
	return WEXITSTATUS(status) == 0;
}

static size_t found(struct search *s, enum search_field field, const char *text)
{
	struct search_plan plan;
	struct search_query *q;
	struct err e;
	size_t n;
	bool more = true;

	search_plan_init(&plan, text, false);
	assert_true(search_ask(&q, s, field, plan.words, plan.count, &e));
	while (more)
		assert_true(search_step(q, INT64_MAX, &more, &e));
	(void)search_result(q, &n);
	search_query_free(q);
	search_plan_fini(&plan);
	return n;
}

/* Everything is found once, and nothing else. */
static void expect_all(struct world *w)
{
	struct cache *c;
	struct search *s = NULL;
	struct mailbox m;
	struct err e;

	assert_true(cache_open(&c, w->dir, "a", CACHE_READ, &e) && search_open(&s, c, CACHE_READ, &e));
	assert_true(mailbox_by_name(c, w->maildir, &m, &e));
	assert_true(search_is_whole(s, m.id));
	for (unsigned i = 1; i <= w->count; i++) {
		char word[32];

		snprintf(word, sizeof(word), "word%ux", i);
		assert_int_equal(found(s, SEARCH_BODY, word), 1);
		snprintf(word, sizeof(word), "head%ux", i);
		assert_int_equal(found(s, SEARCH_HEADER, word), 1);
		assert_int_equal(found(s, SEARCH_BODY, word), 0);
	}
	assert_int_equal(found(s, SEARCH_BODY, "caf\xc3\xa9"), w->count);
	mailbox_fini(&m);
	search_close(s);
	cache_close(c);
}

/* Killed at the n-th step of each life, and started again: the index is the same in the end. */
static void killed_at_every_step(void **state)
{
	bool killed = true;
	unsigned n;

	(void)state;
	for (n = 1; killed && n < STEPS_MAX; n++) {
		struct world w;

		killed = false;
		world_open(&w);
		for (unsigned round = 0; round < ROUNDS; round++) {
			deliver_round(&w);
			killed |= !live(&w, n);
			assert_true(live(&w, 0));
			expect_all(&w);
		}
		world_close(&w);
	}
	assert_true(n > 5 && n < STEPS_MAX);
}

/* ---- searching ---- */

#define FOUND_MAX 64

struct finds {
	uint64_t ids[FOUND_MAX];
	size_t count, looked_at, enough;
};

static bool take_find(void *data, uint64_t id, size_t done, size_t all)
{
	struct finds *f = data;

	assert_true(done <= all);
	if (id) {
		assert_true(f->count < FOUND_MAX);
		for (size_t i = 0; i < f->count; i++)
			assert_int_not_equal(f->ids[i], id); /* each once */
		f->ids[f->count++] = id;
	}
	return ++f->looked_at != f->enough;
}

static int by_id(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void search(struct host *h, uint64_t mailbox, const char *term, struct finds *out)
{
	struct err e;

	memset(out, 0, sizeof(*out));
	if (!search_messages(h, mailbox, term, &(struct search_found){take_find, out}, &e))
		fail_msg("%s: %s", term, e.text);
	qsort(out->ids, out->count, sizeof(out->ids[0]), by_id);
}

/* Every message read by itself. */
static void search_by_hand(struct host *h, const uint64_t *ids, size_t count, const char *term, struct finds *out)
{
	struct search_term t;
	struct str bytes;
	struct err e;

	memset(out, 0, sizeof(*out));
	str_init(&bytes, SEARCH_BYTES_MAX);
	assert_true(search_term_parse(sv_of(term), &t, &e));
	for (size_t i = 0; i < count; i++) {
		bool found = false;

		if (search_message(h->cache, ids[i], &t, &bytes, &found) && found)
			out->ids[out->count++] = ids[i];
	}
	search_term_fini(&t);
	str_fini(&bytes);
	qsort(out->ids, out->count, sizeof(out->ids[0]), by_id);
}

static const char *const terms[] = {"~b word1x", "=b word1", "~b WORD1x", "~b \"one is\"", "~b word[12]x", "~h head2x",
	"~B \"number 3\"", "~B head", "~b caf\xc3\xa9", "~b CAF\xc3\x89", "~b ^The", "~b \\.$", "~b nothing", "~h ^Subject", "~b .",
	"~b \"^$\"", "~b \"x[^q]*y\"", "~b \"[^a]*zzz\"", "~b \"is .* the\"", "=b \". \"", "~b \"[0-9]+ \"", "~B \"^Subject: .*[0-9]$\"",
	"~h \"[0-9]-[a-z]\"", "=h \": h\"", "~b \"(?=w)wo\""};

static void expect_the_same(struct host *h, const uint64_t *ids, size_t count)
{
	for (size_t t = 0; t < ARRAY_LEN(terms); t++) {
		struct finds with, by_hand;

		search(h, message_mailbox(ids[0]), terms[t], &with);
		search_by_hand(h, ids, count, terms[t], &by_hand);
		if (with.count != by_hand.count || memcmp(with.ids, by_hand.ids, with.count * sizeof(with.ids[0])) != 0)
			fail_msg("%s: %zu, by hand %zu", terms[t], with.count, by_hand.count);
	}
}

/* What the worker's search finds with the index is what it finds by reading. */
static void searching_with_and_without(void **state)
{
	struct world w;
	uint64_t mailbox, *ids;
	size_t count;
	struct err e;
	bool more;

	(void)state;
	world_open(&w);
	deliver_round(&w);
	deliver_round(&w);
	deliver(&w, "Content-Type: text/html; charset=iso-8859-1\n\n<p>The wo<b>rd</b> caf\xe9 &amp; more<!-- hidden --></p>\n");
	struct host *h = open_host(&w, &mailbox);

	run_index(h, mailbox);
	assert_non_null(host_search(h));
	deliver_round(&w); /* these are not indexed */
	host_free(h);
	h = open_host(&w, &mailbox);
	assert_true(message_ids(h->cache, mailbox, &ids, &count, &e));
	assert_int_equal(count, w.count);
	expect_the_same(h, ids, count); /* without an index */
	assert_true(index_piece(h->index, &more, &e)); /* opened, nothing more */
	assert_non_null(host_search(h));
	expect_the_same(h, ids, count);
	free(ids);
	host_free(h);
	world_close(&w);
}

/* Texts that are kept are not read again: with the files gone all is found still. */
static void texts_are_kept(void **state)
{
	struct world w;
	uint64_t mailbox, *ids;
	size_t count;
	struct finds was, is, some = {.enough = 2};
	struct err e;

	(void)state;
	world_open(&w);
	deliver_round(&w);
	struct host *h = open_host(&w, &mailbox);

	run_index(h, mailbox);
	assert_true(message_ids(h->cache, mailbox, &ids, &count, &e));
	search_by_hand(h, ids, count, "~b \"is [a-z]+\"", &was);
	assert_true(was.count > 0);
	for (unsigned i = 1; i <= w.count; i++) {
		char *path = xasprintf("%s/cur/%u.host:2,S", w.maildir, i);

		assert_int_equal(unlink(path), 0);
		free(path);
	}
	search_by_hand(h, ids, count, "~b \"is [a-z]+\"", &is);
	assert_int_equal(is.count, 0);
	search(h, mailbox, "~b \"is [a-z]+\"", &is);
	assert_int_equal(is.count, was.count);
	assert_memory_equal(is.ids, was.ids, was.count * sizeof(was.ids[0]));
	/* It ends when it is told to. */
	assert_false(search_messages(h, mailbox, "~b .", &(struct search_found){take_find, &some}, &e));
	assert_int_equal(e.class, ERR_CANCEL);
	assert_int_equal(some.looked_at, 2);
	free(ids);
	host_free(h);
	world_close(&w);
}

static size_t count_tags(struct host *h, const uint64_t *ids, size_t count, const char *tag)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		struct arena *a = arena_new();
		struct message_row row;
		struct err e;

		assert_true(message_get(h->cache, ids[i], a, &row, &e));
		n += sv_is(row.spam, tag);
		arena_free(a);
	}
	return n;
}

/* Rules for spam that come later are tried on what is here, and taken back they leave nothing. */
static void other_spam_rules_make_other_tags(void **state)
{
	static const struct {
		const char *rules, *tag;
		size_t count;
	} rows[] = {
		{"", "", EACH},
		{"+^X-Mark: (head[12])x\x1f%1\n", "head2", 1},
		{"+^X-Mark: (head)\x1f%1\n", "head", EACH},
		{"+^X-Mark: (head)\x1f%1\n-head2\n", "head", EACH - 1},
		{"", "", EACH},
	};
	struct world w;
	uint64_t mailbox, *ids;
	size_t count;
	struct err e;

	(void)state;
	world_open(&w);
	deliver_round(&w);
	struct host *h = open_host(&w, &mailbox);

	assert_true(message_ids(h->cache, mailbox, &ids, &count, &e));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		host_set_conf(h, "spam", rows[i].rules);
		run_index(h, mailbox);
		assert_int_equal(count_tags(h, ids, count, rows[i].tag), rows[i].count);
	}
	free(ids);
	host_free(h);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_every_step),
		cmocka_unit_test(searching_with_and_without),
		cmocka_unit_test(texts_are_kept),
		cmocka_unit_test(other_spam_rules_make_other_tags),
	};

	return t_run(tests);
}
