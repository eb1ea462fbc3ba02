/* The stage of the sync tests; see world.h. */
#include "tests/sync/world.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "mime/header.h"
#include "mime/mbox.h"
#include "store/intent.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "sync/local_box.h"

void must(bool ok, const struct err *e, const char *what)
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

unsigned flags_from(struct sv v)
{
	unsigned flags = 0;

	for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
		if (sv_chr(v, letters[i].letter) >= 0)
			flags |= letters[i].flag;
	}
	return flags;
}

void add_flags(struct str *out, unsigned flags)
{
	for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
		if (flags & letters[i].flag)
			(void)str_addc(out, letters[i].letter);
	}
}

bool next_word(struct sv *rest, struct sv *word)
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

char *sorted(const char *text)
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

char *box_path(const struct world *w, struct sv box)
{
	if (box.len > 0 && box.p[box.len - 1] == '/')
		box.len--;
	return xasprintf("%s/mail/" SV_FMT, w->dir, SV_ARG(box));
}

bool is_maildir(struct sv box)
{
	return box.len > 0 && box.p[box.len - 1] == '/';
}

/* ---- making ---- */

char *message_text(struct sv name, const char *status)
{
	return xasprintf("Received: from x\n\tby y\nFrom: \"T. Ester\" <t@example.org>\nTo: me@example.org\nSubject: " SV_FMT "\n"
			 "Message-ID: <" SV_FMT "@test>\nDate: Mon, 1 Jan 2024 10:00:00 +0100\n%s\n"
			 "body of " SV_FMT "\n\nFrom here on it goes on.\n"
			 "And on, so that most of the message is not its header. 1234567890 1234567890 1234567890\n"
			 "And on, so that most of the message is not its header. 1234567890 1234567890 1234567890\n"
			 "And on, so that most of the message is not its header. 1234567890 1234567890 1234567890\n"
			 "The end.\n", SV_ARG(name), SV_ARG(name), status, SV_ARG(name));
}

void split_item(struct sv item, struct sv *name, struct sv *flags)
{
	ptrdiff_t colon = sv_chr(item, ':');

	*name = sv_head(item, (size_t)MAX(colon, 0));
	*flags = sv_from(item, (size_t)colon + 1);
}

void make_maildir(const char *path, struct sv items)
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

void make_mbox(const char *path, struct sv items)
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

void set_mode(const struct world *w, mode_t mode)
{
	char *mail = fs_join(w->dir, "mail");

	(void)!chmod(mail, mode);
	free(mail);
}

void world_end(struct world *w)
{
	state_close(w->db);
	set_mode(w, 0700);
	(void)!nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(w->dir);
	free(w->cache);
	free(w->state);
}

/* ---- the folders ---- */

void world_begin(struct world *w)
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
}

void world_make(struct world *w, const char *line)
{
	struct sv rest = sv_of(line), box;

	(void)next_word(&rest, &box);
	char *path = box_path(w, box);
	if (is_maildir(box))
		make_maildir(path, rest);
	else
		make_mbox(path, rest);
	free(path);
}

/* ---- the ui ---- */

void ui_start(struct ui *u, struct world *w, int stop)
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
	else if (m->type == MSG_LOG && m->LOG.level >= 2 && !u->quiet)
		printf("  worker: " SV_FMT "\n", SV_ARG(m->LOG.text));
	else if (m->type == MSG_FAILED)
		printf("  worker fails: " SV_FMT "\n", SV_ARG(m->FAILED.text));
}

void ui_watch(struct ui *u, const char *path)
{
	struct err e;

	u->jobs++;
	(void)!chan_tell(u->chan, &e, WATCH, .job = u->jobs, .name = sv_of(path));
	ui_wait(u);
}

void ui_apply(struct ui *u)
{
	struct err e;

	u->jobs++;
	(void)!chan_tell(u->chan, &e, APPLY, .job = u->jobs);
	ui_wait(u);
}

/* Hears the worker until it has answered all jobs or is gone. */
void ui_wait(struct ui *u)
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

int ui_end(struct ui *u)
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

/* ---- looking ---- */

static void add_seen_message(struct str *out, struct sv bytes, unsigned flags)
{
	struct arena *a = arena_new();
	struct headers h;

	headers_parse(a, bytes, &h);
	struct sv subject = headers_raw(&h, "Subject");
	char *body = xasprintf("body of " SV_FMT "\n\n", SV_ARG(subject));
	bool whole = sv_find(sv_from(bytes, h.body_at), sv_of(body)) == 0 && sv_find(bytes, SV("\nFrom here on it goes on.\nAnd on")) > 0 &&
		     sv_ends_case(sv_rtrim(bytes), SV("The end."));

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

char *see_files(struct world *w, struct sv box)
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

char *see_rows(struct world *w, struct sv box)
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

/* Root may do what the cases want to be refused: be nobody, where nobody may run the worker. */
void stop_being_root(void)
{
	const uid_t nobody = 65534;
	char *worker = proc_helper("feist-worker");
	bool may;

	if (geteuid() != 0 || seteuid(nobody) != 0) {
		free(worker);
		return;
	}
	const char *tmp = getenv("TMPDIR");
	may = faccessat(AT_FDCWD, worker, X_OK, AT_EACCESS) == 0 &&
	      faccessat(AT_FDCWD, tmp && *tmp ? tmp : "/tmp", W_OK, AT_EACCESS) == 0;
	(void)!seteuid(0);
	if (may && (setgid(nobody) != 0 || setuid(nobody) != 0))
		printf("still root\n");
	free(worker);
}

