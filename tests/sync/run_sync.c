/*
 * Runs the cases of tests/sync/ (*.t): what is in the mailboxes, what the user wants, what must come out. Each case is run
 * whole, then killed after its 1st, 2nd ... step (FEIST_STOP_AT) and taken up again: the end must be
 * the same. This program plays the ui: it keeps state.db and talks to a real feist-worker.
 *
 * A case:
 *	case TITLE
 *	have md/ a: b:S c:SF      a Maildir (name ends with /) or mbox with messages; flags after the colon:
 *	                          S seen, R answered, F flagged, T deleted, D draft, P forwarded, o old
 *	do flag md/ a +S-F        intents in this order: flag, delete, move, copy BOX MESSAGE DEST, append BOX NAME:FLAGS,
 *	                          create BOX, rename BOX DEST, remove BOX, marked (the one before waits for $)
 *	want md/ a:SF             at the end, in files and rows alike; a box not named must not exist
 *	refused N                 so many intents were answered with an error
 */
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "ipc/chan.h"
#include "mime/header.h"
#include "mime/mbox.h"
#include "store/intent.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "sync/local_box.h"

#define BOXES_MAX 16
#define LINES_MAX 64
#define STOPPED 99
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
};

struct world {
	char *dir, *cache, *state;
	struct state *db;
	unsigned refused;
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

static void must(bool ok, const struct err *e, const char *what)
{
	if (ok)
		return;
	printf("cannot %s: %s\n", what, e->text);
	exit(1);
}

/* ---- notation ---- */

static const struct {
	char letter;
	unsigned flag;
} letters[] = {{'S', MSG_SEEN}, {'R', MSG_ANSWERED}, {'F', MSG_FLAGGED}, {'T', MSG_DELETED}, {'D', MSG_DRAFT},
	{'P', MSG_FORWARDED}, {'o', MSG_OLD}};

static unsigned flags_from(struct sv v)
{
	unsigned flags = 0;

	for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
		if (sv_chr(v, letters[i].letter) >= 0)
			flags |= letters[i].flag;
	}
	return flags;
}

static void add_flags(struct str *out, unsigned flags)
{
	for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
		if (flags & letters[i].flag)
			(void)str_addc(out, letters[i].letter);
	}
}

static bool next_word(struct sv *rest, struct sv *word)
{
	*rest = sv_trim(*rest);
	if (rest->len == 0)
		return false;
	(void)sv_split(rest, ' ', word);
	return true;
}

/* The words of a line in order, so that the order of messages does not matter. */
static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *sorted(const char *text)
{
	char *words[256];
	size_t n = 0;
	struct sv rest = sv_of(text), w;
	struct str s;

	while (n < ARRAY_LEN(words) && next_word(&rest, &w))
		words[n++] = sv_dup(w);
	qsort(words, n, sizeof(*words), by_text);
	str_init(&s, 65536);
	for (size_t i = 0; i < n; i++) {
		(void)str_addf(&s, "%s%s", i ? " " : "", words[i]);
		free(words[i]);
	}
	return str_detach(&s);
}

static char *box_path(const struct world *w, struct sv box)
{
	if (box.len > 0 && box.p[box.len - 1] == '/')
		box.len--;
	return xasprintf("%s/mail/" SV_FMT, w->dir, SV_ARG(box));
}

static bool is_maildir(struct sv box)
{
	return box.len > 0 && box.p[box.len - 1] == '/';
}

/* ---- making ---- */

static char *message_text(struct sv name, const char *status)
{
	return xasprintf("Received: from x\n\tby y\nFrom: \"T. Ester\" <t@example.org>\nTo: me@example.org\nSubject: " SV_FMT "\n"
			 "Message-ID: <" SV_FMT "@test>\nDate: Mon, 1 Jan 2024 10:00:00 +0100\n%s\n"
			 "body of " SV_FMT "\n\nFrom here on it goes on.\n", SV_ARG(name), SV_ARG(name), status, SV_ARG(name));
}

static void split_item(struct sv item, struct sv *name, struct sv *flags)
{
	ptrdiff_t colon = sv_chr(item, ':');

	*name = sv_head(item, (size_t)MAX(colon, 0));
	*flags = sv_from(item, (size_t)colon + 1);
}

static void make_maildir(const char *path, struct sv items)
{
	struct sv item, name, fl;
	struct err e;

	must(maildir_make(path, &e), &e, "make a Maildir");
	for (unsigned n = 0; next_word(&items, &item); n++) {
		char *text;
		struct str file;

		split_item(item, &name, &fl);
		unsigned flags = flags_from(fl);
		str_init(&file, 4096);
		(void)str_addf(&file, "%s/%s/", path, flags & (MSG_SEEN | MSG_OLD) ? "cur" : "new");
		char *base = xasprintf("%u." SV_FMT ".host", 1700000000 + n, SV_ARG(name));
		maildir_name_of(&file, sv_of(base), flags, SV(""));
		text = message_text(name, "");
		must(fs_write_atomic(file.s, sv_of(text), 0600, &e), &e, "write a message");
		str_fini(&file);
		free(text);
		free(base);
	}
}

static void make_mbox(const char *path, struct sv items)
{
	struct sv item, name, fl;
	struct str s;
	struct err e;

	str_init(&s, 1 << 20);
	while (next_word(&items, &item)) {
		split_item(item, &name, &fl);
		unsigned flags = flags_from(fl);
		char *status = xasprintf("%s%s%s%s%s%s%s", flags & MSG_SEEN ? "Status: RO\n" : flags & MSG_OLD ? "Status: O\n" : "",
			flags & ~(unsigned)(MSG_SEEN | MSG_OLD | MSG_FORWARDED) ? "X-Status: " : "", flags & MSG_ANSWERED ? "A" : "",
			flags & MSG_FLAGGED ? "F" : "", flags & MSG_DELETED ? "D" : "", flags & MSG_DRAFT ? "T" : "",
			flags & ~(unsigned)(MSG_SEEN | MSG_OLD | MSG_FORWARDED) ? "\n" : "");
		char *text = message_text(name, status);
		(void)mbox_add_from_line(&s, SV("t@example.org"), 1700000000);
		(void)mbox_add_message(&s, sv_of(text));
		free(status);
		free(text);
	}
	must(fs_write_atomic(path, str_sv(&s), 0600, &e), &e, "write an mbox");
	str_fini(&s);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void world_end(struct world *w)
{
	state_close(w->db);
	(void)!nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(w->dir);
	free(w->cache);
	free(w->state);
}

static void world_begin(struct world *w, const struct test *t)
{
	const char *tmp = getenv("TMPDIR");
	struct err e;

	memset(w, 0, sizeof(*w));
	w->dir = xasprintf("%s/feist-sync-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(w->dir)) {
		perror(w->dir);
		exit(1);
	}
	w->cache = fs_join(w->dir, "cache");
	w->state = fs_join(w->dir, "state/state.db");
	must(state_open(&w->db, w->state, &e), &e, "open state.db");
	char *mail = fs_join(w->dir, "mail");
	must(fs_mkdirs(mail, &e), &e, "make a folder");
	free(mail);
	for (size_t i = 0; i < t->n_have; i++) {
		struct sv rest = sv_of(t->have[i]), box;

		(void)next_word(&rest, &box);
		char *path = box_path(w, box);
		if (is_maildir(box))
			make_maildir(path, rest);
		else
			make_mbox(path, rest);
		free(path);
	}
}

/* ---- the ui ---- */

struct ui {
	struct world *w;
	struct chan *chan;
	pid_t pid;
	uint64_t jobs, done;
	bool eof;
};

static void ui_start(struct ui *u, struct world *w, int stop)
{
	char stop_env[40], *program = proc_helper("feist-worker");
	const char *env[] = {stop_env, NULL}, *argv[] = {program, NULL};
	struct proc_opts o = PROC_OPTS_INIT;
	struct err e;
	int fds[2];

	memset(u, 0, sizeof(*u));
	u->w = w;
	snprintf(stop_env, sizeof(stop_env), "FEIST_STOP_AT=%d", stop);
	must(proc_socketpair(fds, &e), &e, "make a channel");
	o.keep = fds[1];
	o.keep_as = CHAN_CHILD_FD;
	o.env = env;
	o.err = stop ? PROC_NULL : -1;
	must(proc_spawn(argv, &o, &u->pid, &e), &e, "start feist-worker");
	close(fds[1]);
	free(program);
	u->chan = chan_new(fds[0], SIDE_UI, SIDE_WORKER, "worker");
	must(chan_tell(u->chan, &e, HELLO, .version = WIRE_VERSION, .account = SV("local"), .kind = SV("local"),
		     .role = SV("box"), .cache_dir = sv_of(w->cache), .state_db = sv_of(w->state)),
		&e, "greet");
}

static void take_applied(struct ui *u, const struct msg_APPLIED *m)
{
	struct err e;

	if (sv_is(m->class, "none")) {
		must(intent_done(u->w->db, m->intent, &e), &e, "take an intent off");
	} else {
		u->w->refused++;
		must(intent_failed(u->w->db, m->intent, INTENT_FAILED, "refused", &e), &e, "keep an intent");
	}
}

static void ui_take(struct ui *u, const struct msg *m)
{
	if (m->type == MSG_APPLIED)
		take_applied(u, &m->APPLIED);
	else if (m->type == MSG_DONE)
		u->done++;
	else if (m->type == MSG_FAILED && m->FAILED.job)
		u->done++;
	else if (m->type == MSG_LOG && m->LOG.level >= 2)
		printf("  worker: " SV_FMT "\n", SV_ARG(m->LOG.text));
	else if (m->type == MSG_FAILED)
		printf("  worker fails: " SV_FMT "\n", SV_ARG(m->FAILED.text));
}

/* Hears the worker until it has answered all jobs or is gone. */
static void ui_wait(struct ui *u)
{
	struct msg m;
	struct err e;

	while (!u->eof && u->done < u->jobs) {
		enum chan_got got = chan_recv(u->chan, 20000, &m, &e);

		if (got == CHAN_MSG)
			ui_take(u, &m);
		else if (got == CHAN_EMPTY) {
			printf("the worker says nothing any more\n");
			exit(1);
		} else
			u->eof = true;
	}
}

static void watch_all(struct ui *u, const struct test *t)
{
	struct err e;

	for (size_t i = 0; i < t->n_have; i++) {
		struct sv rest = sv_of(t->have[i]), box;

		(void)next_word(&rest, &box);
		char *path = box_path(u->w, box);
		if (fs_exists(path)) {
			u->jobs++;
			(void)!chan_tell(u->chan, &e, WATCH, .job = u->jobs, .name = sv_of(path));
			ui_wait(u);
		}
		free(path);
	}
}

/* Also boxes that only come up in `want`. */
static void watch_wanted(struct ui *u, const struct test *t)
{
	struct err e;

	for (size_t i = 0; i < t->n_wants; i++) {
		struct sv rest = sv_of(t->wants[i]), box;

		(void)next_word(&rest, &box);
		char *path = box_path(u->w, box);
		u->jobs++;
		(void)!chan_tell(u->chan, &e, WATCH, .job = u->jobs, .name = sv_of(path));
		ui_wait(u);
		free(path);
	}
}

/* The exit status of the worker. */
static int ui_end(struct ui *u)
{
	struct err e;

	u->jobs++;
	(void)!chan_tell(u->chan, &e, QUIT, .job = u->jobs);
	while (!u->eof) {
		struct msg m;
		enum chan_got got = chan_recv(u->chan, 20000, &m, &e);

		if (got == CHAN_MSG)
			ui_take(u, &m);
		else
			u->eof = true;
	}
	chan_free(u->chan);
	return proc_wait(u->pid);
}

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
	/* What depends on another becomes ready when that is done: ask again while there is progress. */
	for (;;) {
		must(intent_counts(w->db, NULL, counts, &e), &e, "count intents");
		if (counts[INTENT_PENDING] == 0 || counts[INTENT_PENDING] == before || u.eof)
			break;
		before = counts[INTENT_PENDING];
		u.jobs++;
		(void)!chan_tell(u.chan, &e, APPLY, .job = u.jobs);
		ui_wait(&u);
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

static void add_intent(struct world *w, const char *line, int64_t *last)
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
		i.uid = p.uid;
		i.uidvalidity = p.uidvalidity;
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

/* ---- looking ---- */

static void add_seen_message(struct str *out, struct sv bytes, unsigned flags)
{
	struct arena *a = arena_new();
	struct headers h;

	headers_parse(a, bytes, &h);
	struct sv subject = headers_raw(&h, "Subject");
	char *body = xasprintf("body of " SV_FMT "\n\n", SV_ARG(subject));
	bool whole = sv_find(sv_from(bytes, h.body_at), sv_of(body)) == 0 && sv_find(bytes, SV("From here on it goes on.\n")) > 0;

	(void)str_addf(out, "%s" SV_FMT ":", out->len ? " " : "", SV_ARG(subject));
	add_flags(out, flags);
	if (!whole)
		(void)str_adds(out, "(damaged)");
	free(body);
	arena_free(a);
}

static void see_maildir(struct str *out, const char *path)
{
	static const char *const subs[] = {"new", "cur"};

	for (int i = 0; i < 2; i++) {
		char *dir = fs_join(path, subs[i]);
		DIR *d = opendir(dir);
		struct dirent *ent;

		while (d && (ent = readdir(d))) {
			struct sv base;
			struct str s;
			struct err e;

			if (ent->d_name[0] == '.')
				continue;
			char *file = fs_join(dir, ent->d_name);
			must(fs_read(file, 1 << 20, &s, &e), &e, "read a message");
			add_seen_message(out, str_sv(&s), maildir_flags_of(sv_of(ent->d_name), i == 0, &base));
			str_fini(&s);
			free(file);
		}
		if (d)
			closedir(d);
		free(dir);
	}
}

static unsigned mbox_flags(struct sv message)
{
	struct arena *a = arena_new();
	struct headers h;
	unsigned flags = 0;

	headers_parse(a, message, &h);
	struct sv s = headers_raw(&h, "Status"), x = headers_raw(&h, "X-Status");
	flags |= sv_chr(s, 'R') >= 0 ? MSG_SEEN : sv_chr(s, 'O') >= 0 ? MSG_OLD : 0;
	flags |= sv_chr(x, 'A') >= 0 ? MSG_ANSWERED : 0;
	flags |= sv_chr(x, 'F') >= 0 ? MSG_FLAGGED : 0;
	flags |= sv_chr(x, 'D') >= 0 ? MSG_DELETED : 0;
	flags |= sv_chr(x, 'T') >= 0 ? MSG_DRAFT : 0;
	flags |= sv_find(headers_raw(&h, "X-Keywords"), SV("$Forwarded")) >= 0 ? MSG_FORWARDED : 0;
	arena_free(a);
	return flags;
}

static void see_mbox(struct str *out, const char *path)
{
	struct mbox_entry me;
	struct str s;
	struct err e;
	size_t at = 0;

	must(fs_read(path, 1 << 20, &s, &e), &e, "read an mbox");
	while (mbox_next(str_sv(&s), &at, &me)) {
		struct sv message = sv_make(s.s + me.at, me.len);
		struct str plain;

		str_init(&plain, 1 << 20);
		(void)mbox_unescape(&plain, message);
		add_seen_message(out, str_sv(&plain), mbox_flags(message));
		str_fini(&plain);
	}
	str_fini(&s);
}

static char *see_files(struct world *w, struct sv box)
{
	char *path = box_path(w, box);
	struct str s;

	str_init(&s, 65536);
	if (!fs_exists(path))
		(void)str_adds(&s, "(none)");
	else if (fs_is_dir(path))
		see_maildir(&s, path);
	else
		see_mbox(&s, path);
	free(path);
	char *raw = str_detach(&s), *in_order = sorted(raw);
	free(raw);
	return in_order;
}

static char *see_rows(struct world *w, struct sv box)
{
	char *path = box_path(w, box);
	struct cache *c;
	struct mailbox m;
	struct message_cursor *cur;
	struct message_row row;
	struct err e;
	struct str s;

	str_init(&s, 65536);
	must(cache_open(&c, w->cache, "local", CACHE_READ, &e), &e, "open the cache");
	if (!mailbox_by_name(c, path, &m, &e)) {
		(void)str_adds(&s, "(none)");
	} else {
		uint64_t n = 0;

		must(message_scan(c, m.id, MESSAGE_BY_UID, false, &cur, &e), &e, "scan rows");
		for (; message_next(cur, &row, &e); n++) {
			(void)str_addf(&s, "%s" SV_FMT ":", s.len ? " " : "", SV_ARG(row.subject));
			add_flags(&s, row.flags);
		}
		message_cursor_close(cur);
		if (m.total != n)
			(void)str_addf(&s, " (total says %d)", (int)m.total);
		mailbox_fini(&m);
	}
	cache_close(c);
	free(path);
	char *raw = str_detach(&s), *in_order = sorted(raw);
	free(raw);
	return in_order;
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

	world_begin(&w, t);
	status = run_open(&w, t, opening ? stop : 0);
	if (opening && status == STOPPED)
		(void)run_open(&w, t, 0);
	for (size_t i = 0; i < t->n_does; i++)
		add_intent(&w, t->does[i], &last);
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
			if (!only || strstr(t.title, only))
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
		t.file = (char *)fs_basename(path);
	}
	str_fini(&s);
}

int main(int argc, char **argv)
{
	const char *src = getenv("FEIST_SRCDIR");
	char *path = xasprintf("%s/tests/sync/local.t", src ? src : ".");

	setvbuf(stdout, NULL, _IOLBF, 0);
	run_file(path, argc > 1 ? argv[1] : NULL);
	free(path);
	return failures ? 1 : 0;
}
