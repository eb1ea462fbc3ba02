/*
 * Runs the cases of tests/sync/ (*.t): what is in the mailboxes, what the user wants, what must
 * come out. Each case is run whole, then killed after its 1st, 2nd ... step (FEIST_STOP_AT) and
 * taken up again: the end must be the same. This program plays the ui: it keeps state.db and talks
 * to a real feist-worker.
 *
 * A case:
 *	case TITLE
 *	have md/ a: b:S c:SF      a Maildir (name ends with /) or mbox with messages; flags after the colon:
 *	                          S seen, R answered, F flagged, T deleted, D draft, P forwarded, o old
 *	do flag md/ a +S-F        intents in this order: flag, delete, move, copy BOX MESSAGE DEST, append BOX NAME:FLAGS,
 *	                          create BOX, rename BOX DEST, remove BOX, marked (the one before waits for $)
 *	want md/ a:SF             at the end, in files and rows alike; a box not named must not exist
 *	refused N                 so many intents were answered with an error
 *	anew                      the cache goes when the intents were made, and with it the numbers that they name
 *	readonly                  the folder of the mailboxes cannot be written, only the files in it
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "store/intent.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "tests/sync/world.h"

#define LINES_MAX 64
#ifdef SANITIZERS
#define STRIDE 7 /* a sanitized worker takes its time to start: not every step, but others in each case */
#else
#define STRIDE 1
#endif

struct test {
	char *title, *file;
	char *have[LINES_MAX], *wants[LINES_MAX], *does[LINES_MAX];
	size_t n_have, n_wants, n_does;
	unsigned refused;
	bool readonly, anew;
};

static int failures;

static void complain(const struct test *t, int stop, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void complain(const struct test *t, int stop, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("FAIL %s: %s", t->file, t->title);
	if (stop)
		printf(" (killed at step %d)", stop);
	printf(": ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	failures++;
}

static void begin(struct world *w, const struct test *t)
{
	world_begin(w);
	for (size_t i = 0; i < t->n_have; i++)
		world_make(w, t->have[i]);
	if (t->readonly)
		set_mode(w, 0500);
}

static void watch_all(struct ui *u, const struct test *t)
{
	for (size_t i = 0; i < t->n_have; i++) {
		struct sv rest = sv_of(t->have[i]), box;

		(void)next_word(&rest, &box);
		char *path = box_path(u->w, box);
		if (fs_exists(path))
			ui_watch(u, path);
		free(path);
	}
}

/* Also boxes that only come up in `want`. */
static void watch_wanted(struct ui *u, const struct test *t)
{
	for (size_t i = 0; i < t->n_wants; i++) {
		struct sv rest = sv_of(t->wants[i]), box;

		(void)next_word(&rest, &box);
		char *path = box_path(u->w, box);
		ui_watch(u, path);
		free(path);
	}
}

/* The exit status of the worker. */
static int run_open(struct world *w, const struct test *t, int stop)
{
	struct ui u;

	ui_start(&u, w, stop);
	watch_all(&u, t);
	return ui_end(&u);
}

static int run_apply(struct world *w, const struct test *t, int stop)
{
	uint64_t counts[INTENT_STATES], before = UINT64_MAX;
	struct ui u;
	struct err e;

	ui_start(&u, w, stop);
	watch_all(&u, t);
	/*
	 * What depends on another becomes ready when that is done: ask again while there is
	 * progress.
	 */
	for (;;) {
		must(intent_counts(w->db, NULL, counts, &e), &e, "count intents");
		if (counts[INTENT_PENDING] == 0 || counts[INTENT_PENDING] == before || u.eof)
			break;
		before = counts[INTENT_PENDING];
		ui_apply(&u);
	}
	return ui_end(&u);
}

static void run_final(struct world *w, const struct test *t)
{
	struct ui u;

	ui_start(&u, w, 0);
	watch_wanted(&u, t);
	(void)ui_end(&u);
}

/* ---- intents ---- */

struct place {
	uint64_t uidvalidity, uid;
};

static struct place find(struct world *w, const char *path, struct sv name)
{
	struct place p = {0};
	struct cache *c;
	struct mailbox m;
	struct err e;
	uint64_t id;
	char *mid = xasprintf("<" SV_FMT "@test>", SV_ARG(name));

	must(cache_open(&c, w->cache, "local", CACHE_READ, &e), &e, "open the cache");
	must(mailbox_by_name(c, path, &m, &e), &e, "find the mailbox");
	must(message_by_message_id(c, m.id, sv_of(mid), &id, &e), &e, "find the message");
	p.uidvalidity = m.uidvalidity;
	p.uid = message_uid(id);
	mailbox_fini(&m);
	cache_close(c);
	free(mid);
	return p;
}

static void want_flag(struct intent *i, struct sv change)
{
	ptrdiff_t minus = sv_chr(change, '-');

	i->add = flags_from(minus >= 0 ? sv_head(change, (size_t)minus) : change);
	i->del = minus >= 0 ? flags_from(sv_from(change, (size_t)minus)) : 0;
}

static void add_intent(struct world *w, const char *line, bool anew, int64_t *last)
{
	struct sv rest = sv_of(line), verb, box, arg, name, fl;
	struct intent i = {.account = "local", .state = INTENT_PENDING};
	char *path, *dest = NULL, *file = NULL, *mid = NULL;
	struct err e;
	int kind;

	(void)next_word(&rest, &verb);
	for (kind = 0; kind < INTENT_KINDS && !sv_is(verb, intent_kind_name((enum intent_kind)kind)); kind++)
		;
	i.kind = (enum intent_kind)kind;
	(void)next_word(&rest, &box);
	path = box_path(w, box);
	i.mailbox = path;
	if (i.kind <= INTENT_COPY) {
		(void)next_word(&rest, &arg);
		struct place p = find(w, path, arg);
		i.uid = anew ? p.uid % 3 + 1 : p.uid; /* that of another message */
		i.uidvalidity = anew ? p.uidvalidity - 1 : p.uidvalidity;
		i.message_id = mid = xasprintf("<" SV_FMT "@test>", SV_ARG(arg));
	}
	if (next_word(&rest, &arg)) {
		if (i.kind == INTENT_FLAG) {
			want_flag(&i, arg);
		} else if (i.kind == INTENT_APPEND) {
			split_item(arg, &name, &fl);
			char *text = message_text(name, "");
			i.add = flags_from(fl);
			must(state_put_file(w->db, sv_of(text), &file, &e), &e, "keep a file");
			i.file = file;
			i.message_id = mid = xasprintf("<" SV_FMT "@test>", SV_ARG(name));
			free(text);
		} else {
			i.dest = dest = box_path(w, arg);
		}
	}
	if (next_word(&rest, &arg) && sv_is(arg, "after"))
		i.depends = *last;
	must(intent_add(w->db, &i, last, &e), &e, "add an intent");
	free(path);
	free(dest);
	free(file);
	free(mid);
}

static void lose_cache(struct world *w)
{
	static const char *const files[] = {"cache-local.db", "cache-local.db-wal", "cache-local.db-shm"};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char *path = fs_join(w->cache, files[i]);

		(void)unlink(path);
		free(path);
	}
}

static void compare(struct world *w, const struct test *t, int stop)
{
	for (size_t i = 0; i < t->n_wants; i++) {
		struct sv rest = sv_of(t->wants[i]), box;

		(void)next_word(&rest, &box);
		char *text = sv_dup(rest), *want = sorted(text), *files = see_files(w, box), *rows = see_rows(w, box);
		if (strcmp(files, want) != 0)
			complain(t, stop, "files of " SV_FMT " are \"%s\", should be \"%s\"", SV_ARG(box), files, want);
		if (strcmp(rows, want) != 0)
			complain(t, stop, "rows of " SV_FMT " are \"%s\", should be \"%s\"", SV_ARG(box), rows, want);
		free(text);
		free(want);
		free(files);
		free(rows);
	}
	uint64_t counts[INTENT_STATES];
	struct err e;
	must(intent_counts(w->db, NULL, counts, &e), &e, "count intents");
	if (counts[INTENT_FAILED] != t->refused || (stop == 0 && w->refused != t->refused))
		complain(t, stop, "%u intents were refused, should be %u", w->refused, t->refused);
	if (counts[INTENT_PENDING] != 0 && t->refused == 0)
		complain(t, stop, "%d intents are still pending", (int)counts[INTENT_PENDING]);
	/* Nothing of ours may lie about. */
	char *mail = fs_join(w->dir, "mail");
	DIR *d = opendir(mail);
	struct dirent *ent;
	while (stop == 0 && d && (ent = readdir(d))) {
		if (strstr(ent->d_name, "feist") || strstr(ent->d_name, ".lock"))
			complain(t, stop, "%s was left behind", ent->d_name);
	}
	if (d)
		closedir(d);
	free(mail);
}

/* ---- running ---- */

/* False when the worker came to its end before that step. */
static bool run_killed(const struct test *t, int stop, bool opening)
{
	struct world w;
	int64_t last = 0;
	int status;

	begin(&w, t);
	status = run_open(&w, t, opening ? stop : 0);
	if (opening && status == STOPPED)
		(void)run_open(&w, t, 0);
	for (size_t i = 0; i < t->n_does; i++)
		add_intent(&w, t->does[i], t->anew, &last);
	if (t->anew)
		lose_cache(&w);
	if (!opening)
		status = run_apply(&w, t, stop);
	(void)run_apply(&w, t, 0);
	run_final(&w, t);
	compare(&w, t, stop);
	world_end(&w);
	if (stop && status != STOPPED && status != 0)
		complain(t, stop, "the worker ended with %d", status);
	return status == STOPPED;
}

static void run_test(const struct test *t)
{
	static int phase;
	int before = failures, n = 1 + phase++ % STRIDE, opening = 1;

	(void)run_killed(t, 0, false);
	while (failures == before && run_killed(t, opening, true))
		opening += STRIDE;
	while (t->n_does && failures == before && run_killed(t, n, false))
		n += STRIDE;
	printf("%s %s (%d + %d steps)\n", failures == before ? "ok  " : "FAIL", t->title, opening - 1, n - 1);
}

static void forget(struct test *t)
{
	for (size_t i = 0; i < t->n_have; i++)
		free(t->have[i]);
	for (size_t i = 0; i < t->n_wants; i++)
		free(t->wants[i]);
	for (size_t i = 0; i < t->n_does; i++)
		free(t->does[i]);
	free(t->title);
	memset(t, 0, sizeof(*t));
}

static void run_file(const char *path, const char *only)
{
	struct test t = {0};
	struct str s;
	struct sv rest, line, word;
	struct err e;
	uint64_t n;

	must(fs_read(path, 1 << 20, &s, &e), &e, "read the cases");
	rest = str_sv(&s);
	for (bool more = true; more;) {
		more = sv_line(&rest, &line);
		struct sv text = more ? line : SV("");
		bool has = more && line.len > 0 && line.p[0] != '#' && next_word(&text, &word);

		if ((!more || (has && sv_is(word, "case"))) && t.title) {
			if (t.readonly && geteuid() == 0)
				printf("skip %s (root may write everywhere)\n", t.title);
			else if (!only || strstr(t.title, only))
				run_test(&t);
			forget(&t);
		}
		if (!has)
			continue;
		text = sv_trim(text);
		if (sv_is(word, "case"))
			t.title = sv_dup(text);
		else if (sv_is(word, "have") && t.n_have < LINES_MAX)
			t.have[t.n_have++] = sv_dup(text);
		else if (sv_is(word, "do") && t.n_does < LINES_MAX)
			t.does[t.n_does++] = sv_dup(text);
		else if (sv_is(word, "want") && t.n_wants < LINES_MAX)
			t.wants[t.n_wants++] = sv_dup(text);
		else if (sv_is(word, "refused") && sv_u64(text, &n))
			t.refused = (unsigned)n;
		else if (sv_is(word, "readonly"))
			t.readonly = true;
		else if (sv_is(word, "anew"))
			t.anew = true;
		t.file = (char *)fs_basename(path);
	}
	str_fini(&s);
}

int main(int argc, char **argv)
{
	const char *src = getenv("FEIST_SRCDIR");
	char *path = xasprintf("%s/tests/sync/local.t", src ? src : ".");

	setvbuf(stdout, NULL, _IOLBF, 0);
	stop_being_root();
	run_file(path, argc > 1 ? argv[1] : NULL);
	free(path);
	return failures ? 1 : 0;
}
