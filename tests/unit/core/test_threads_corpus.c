/*
 * Threads of the mailboxes of others, beside what Dovecot's THREAD=REFS makes of them (PEERS.json of the
 * shared corpus). A peer is a second opinion: mutt, which feist follows, asks In-Reply-To first.
 */
#include "core/view_priv.h"
#include "tests/unit/core/world.h"

#define FILE_MAX (16u << 20)
#define MESSAGES_MAX 2000
#define AGREE_PERCENT 95
#define ALIKE_PERCENT 97 /* mailboxes with the same threads */

/* "(1 (2)(3))": parent[n] of every number, 0: none. */
static void read_tree(struct sv text, uint32_t parent[MESSAGES_MAX])
{
	uint32_t stack[MESSAGES_MAX], depth = 0, above = 0;
	struct scan in = scan_of(text);

	while (!scan_end(&in)) {
		uint64_t n;

		if (scan_byte(&in, '(')) {
			assert_true(depth < MESSAGES_MAX);
			stack[depth++] = above;
		} else if (scan_byte(&in, ')')) {
			assert_true(depth > 0);
			above = stack[--depth];
		} else if (scan_u64(&in, &n)) {
			assert_true(n < MESSAGES_MAX);
			parent[n] = above;
			above = (uint32_t)n;
		} else
			in.p++;
	}
}

/* The least number of the thread of each number: two threadings are alike when these are. */
static void read_groups(struct sv text, uint32_t least[MESSAGES_MAX])
{
	struct scan in = scan_of(text);
	uint32_t depth = 0, seen[MESSAGES_MAX], n_seen = 0;

	while (!scan_end(&in)) {
		uint64_t n;

		if (scan_byte(&in, '('))
			depth++;
		else if (scan_byte(&in, ')')) {
			uint32_t min = MESSAGES_MAX;

			if (--depth > 0)
				continue;
			for (uint32_t i = 0; i < n_seen; i++)
				min = MIN(min, seen[i]);
			for (uint32_t i = 0; i < n_seen; i++)
				least[seen[i]] = min;
			n_seen = 0;
		} else if (scan_u64(&in, &n)) {
			assert_true(n < MESSAGES_MAX && n_seen < MESSAGES_MAX);
			seen[n_seen++] = (uint32_t)n;
		} else
			in.p++;
	}
}

static struct sv json_text(struct sv *rest, const char *key)
{
	char *wanted = xasprintf("\"%s\": \"", key);
	ptrdiff_t at_key = sv_find(*rest, sv_of(wanted)), end;
	struct sv text = {"", 0};

	if (at_key >= 0) {
		*rest = sv_from(*rest, (size_t)at_key + strlen(wanted));
		end = sv_chr(*rest, '"');
		text = sv_head(*rest, end < 0 ? 0 : (size_t)end);
	}
	free(wanted);
	return text;
}

/* The number of a message: its place in the mailbox. What is read from the end first has odd UIDs. */
static uint64_t number_of(const struct view *v, uint32_t row)
{
	uint64_t n = 1;

	for (uint32_t r = 0; r < v->count; r++)
		n += !v->rows[r].gone && v->rows[r].id < v->rows[row].id;
	return n;
}

/* Are the threads of the view those of the peer? */
static bool same_groups(struct view *v, struct sv peer)
{
	uint32_t *least = xcalloc(MESSAGES_MAX, sizeof(*least));
	bool same = true;

	read_groups(peer, least);
	for (uint32_t line = 0; same && line < view_lines(v); line++) {
		uint32_t *rows, row = view_row(v, line), n = view_thread_rows(v, row, false, &rows);
		uint64_t min = MESSAGES_MAX, number = number_of(v, row);

		for (uint32_t i = 0; i < n; i++)
			min = MIN(min, number_of(v, rows[i]));
		same = number < MESSAGES_MAX && least[number] == min;
		free(rows);
	}
	free(least);
	return same;
}

static void compare(
	struct world *w, const char *path, struct sv tree, struct sv references, uint32_t *total, uint32_t *agree, uint32_t *boxes)
{
	uint32_t *parent = xcalloc(MESSAGES_MAX, sizeof(*parent));
	struct view *v = open_path(w, path);
	bool synced = false;

	read_tree(tree, parent);
	WAIT(w, (synced = view_any_cache(v) && !view_loading(v) && view_lines(v) > 0));
	WAIT(w, session_is_idle(w->s));
	(void)synced;
	for (uint32_t line = 0; line < view_lines(v); line++) {
		uint32_t row = view_row(v, line), up = view_parent_row(v, row);
		uint64_t number = number_of(v, row), ours = up == VIEW_NONE ? 0 : number_of(v, up);

		++*total;
		*agree += number < MESSAGES_MAX && parent[number] == ours;
	}
	bool same = same_groups(v, tree);

	if (!same) { /* REFERENCES looks at subjects, too */
		set(w, "strict_threads", "no");
		view_resort(v);
		same = same_groups(v, references);
		set(w, "strict_threads", "yes");
	}
	*boxes += same;
	if (!same)
		print_message("  other threads: %s\n", path);
	session_close(w->s, v);
	free(parent);
}

static void threads_as_others_see_them(void **state)
{
	const char *shared = getenv("FEIST_SHARED");
	char *peers = xasprintf("%s/corpus/3-threads/PEERS.json", shared ? shared : "");
	uint32_t total = 0, agree = 0, boxes = 0, same = 0;
	struct str json;
	struct err e;
	struct sv rest, tree, references;
	struct world w;

	(void)state;
	if (!fs_read(peers, FILE_MAX, &json, &e)) {
		print_message("no shared corpus: skipped\n");
		free(peers);
		skip();
	}
	world_open(&w, SESSION_NO_OUTBOX);
	set(&w, "strict_threads", "yes");
	set(&w, "duplicate_threads", "no"); /* where mutt hangs a second message with an id under the first */
	set(&w, "mark_old", "no");
	rest = str_sv(&json);
	while ((references = json_text(&rest, "dovecot_thread_references")).len > 0 &&
		(tree = json_text(&rest, "dovecot_thread_refs")).len > 0) {
		struct sv file = json_text(&rest, "file");
		char *path = xasprintf("%s/corpus/3-threads/" SV_FMT, shared, SV_ARG(file));

		if (sv_ends_case(file, SV(".mbox")) || sv_find(file, SV("testbox")) >= 0)
		{
			compare(&w, path, tree, references, &total, &agree, &same);
			boxes++;
		}
		free(path);
	}
	print_message("%u of %u messages hang where Dovecot hangs them\n", agree, total);
	print_message("%u of %u mailboxes have the threads that Dovecot makes\n", same, boxes);
	assert_true(same * 100 >= boxes * ALIKE_PERCENT);
	assert_true(total > 200);
	assert_true(agree * 100 >= total * AGREE_PERCENT);
	str_fini(&json);
	free(peers);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_as_others_see_them),
	};

	return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
