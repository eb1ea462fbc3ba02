/*
 * Two clients on the same mailboxes: our worker, killed at random steps, and another program that
 * delivers, flags and deletes behind its back. At the end no message may be lost or doubled, none
 * damaged, and the rows must say what the files say. Deterministic for a seed ($FEIST_STORM_SEED).
 * Besides: an urgent fetch comes before the rest of a long sync; a second worker is turned away.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "mime/header.h"
#include "mime/mbox.h"
#include "store/intent.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "sync/local_box.h"
#include "sync/mbox_lock.h"
#include "tests/sync/world.h"

#ifdef SANITIZERS
#define SEEDS 3
#else
#define SEEDS 12
#endif
#define ROUNDS 20
#define LONG_SYNC 8000 /* messages: it is not through before a busy machine lets us ask for one */

static const char *const boxes[] = {"md/", "two/", "mb", "mc"};
static uint32_t dice;

static unsigned roll(unsigned n)
{
	dice = dice * 1664525u + 1013904223u;
	return (dice >> 8) % n;
}

struct model {
	struct world w;
	struct map *deleted; /* names that somebody has deleted */
	unsigned made;
	struct map *names;   /* all that were ever delivered */
};

/* ---- the other program ---- */

static char *new_name(struct model *m)
{
	char *name = xasprintf("n%u", m->made++);

	map_set(m->names, sv_of(name), m);
	return name;
}

static void deliver_maildir(struct model *m, const char *path)
{
	char *name = new_name(m), *text = message_text(sv_of(name), "");
	char *file = xasprintf("%s/new/%u.%s.other", path, 1700001000 + m->made, name);
	struct err e;

	must(fs_write_atomic(file, sv_of(text), 0600, &e), &e, "deliver");
	free(name);
	free(text);
	free(file);
}

/* Any file of the folder, by chance. NULL: none. */
static char *any_file(const char *path)
{
	static const char *const subs[] = {"cur", "new"};
	char *chosen = NULL;
	unsigned seen = 0;

	for (int i = 0; i < 2; i++) {
		char *dir = fs_join(path, subs[i]);
		DIR *d = opendir(dir);
		struct dirent *ent;

		while (d && (ent = readdir(d))) {
			if (ent->d_name[0] == '.' || roll(++seen) != 0)
				continue;
			free(chosen);
			chosen = fs_join(dir, ent->d_name);
		}
		if (d)
			closedir(d);
		free(dir);
	}
	return chosen;
}

static void note_deleted(struct model *m, struct sv message)
{
	struct arena *a = arena_new();
	struct headers h;

	headers_parse(a, message, &h);
	map_set(m->deleted, headers_raw(&h, "Subject"), m);
	arena_free(a);
}

static void other_maildir(struct model *m, const char *path)
{
	char *file;
	struct str s;
	struct err e;

	if (roll(2) == 0) {
		deliver_maildir(m, path);
		return;
	}
	file = any_file(path);
	if (!file)
		return;
	if (roll(3) == 0) {
		must(fs_read(file, 1 << 20, &s, &e), &e, "read");
		note_deleted(m, str_sv(&s));
		str_fini(&s);
		unlink(file);
	} else {
		struct sv base;
		struct str to;
		unsigned flags = maildir_flags_of(sv_of(fs_basename(file)), false, &base) ^ (roll(2) ? MSG_FLAGGED : MSG_SEEN);

		str_init(&to, 4096);
		(void)str_addf(&to, "%s/cur/", path);
		maildir_name_of(&to, base, flags, SV(""));
		(void)!rename(file, to.s);
		str_fini(&to);
	}
	free(file);
}

/* As another client would: under its locks, the file rewritten in place or added to. */
static void other_mbox(struct model *m, const char *path)
{
	struct mbox_lock lock;
	struct str old, out;
	struct mbox_entry me;
	struct err e;
	size_t at = 0;
	bool deleted = false;

	must(mbox_lock(&lock, path, true, true, &e), &e, "lock");
	must(fs_read(path, 1 << 24, &old, &e), &e, "read");
	str_init(&out, 1 << 24);
	if (roll(2) == 0) {
		char *name = new_name(m), *text = message_text(sv_of(name), "");

		/* As delivery agents do: after an empty line, whatever stands there. */
		if (old.len > 0 && !sv_ends_case(str_sv(&old), SV("\n\n")))
			(void)str_adds(&old, sv_ends_case(str_sv(&old), SV("\n")) ? "\n" : "\n\n");
		(void)(str_add(&out, str_sv(&old)) && mbox_add_from_line(&out, SV("o@example.org"), 1700002000) &&
			mbox_add_message(&out, sv_of(text)));
		free(name);
		free(text);
	} else {
		while (mbox_next(str_sv(&old), &at, &me)) {
			if (!deleted && roll(6) == 0) {
				note_deleted(m, sv_make(old.s + me.at, me.len));
				deleted = true;
				continue;
			}
			(void)str_add(&out, sv_make(old.s + me.from_at, me.next_at - me.from_at));
		}
	}
	must(ftruncate(lock.fd, 0) == 0 && lseek(lock.fd, 0, SEEK_SET) == 0 && fs_write_all(lock.fd, str_sv(&out), &e), &e,
		"write");
	str_fini(&old);
	str_fini(&out);
	mbox_unlock(&lock);
}

static void other_client(struct model *m)
{
	for (unsigned n = roll(4); n > 0; n--) {
		struct sv box = sv_of(boxes[roll(4)]);
		char *path = box_path(&m->w, box);

		if (is_maildir(box))
			other_maildir(m, path);
		else
			other_mbox(m, path);
		free(path);
	}
}

/* ---- the user of ours ---- */

static void intend(struct model *m, const struct mailbox *box, const struct message_row *row)
{
	struct intent i = {.account = "local", .mailbox = box->name, .state = INTENT_PENDING, .uid = message_uid(row->id),
		.uidvalidity = box->uidvalidity};
	char *mid = sv_dup(row->message_id), *dest = NULL;
	int64_t id;
	struct err e;

	i.message_id = mid;
	switch (roll(4)) {
	case 0:
		i.kind = INTENT_DELETE;
		map_set(m->deleted, row->subject, m);
		break;
	case 1:
		i.kind = INTENT_MOVE;
		i.dest = dest = box_path(&m->w, sv_of(boxes[roll(4)]));
		break;
	default:
		i.kind = INTENT_FLAG;
		i.add = roll(2) ? MSG_SEEN : MSG_FLAGGED;
		break;
	}
	must(intent_add(m->w.db, &i, &id, &e), &e, "add an intent");
	free(mid);
	free(dest);
}

/* Some rows of each mailbox, as they are on the screen: which may be old. */
static bool some_of(void *data, const struct mailbox *box)
{
	struct model *m = data;
	struct message_cursor *cur;
	struct message_row row;
	struct cache *c;
	struct err e;

	must(cache_open(&c, m->w.cache, "local", CACHE_READ, &e), &e, "open the cache");
	must(message_scan(c, box->id, MESSAGE_BY_UID, false, &cur, &e), &e, "scan");
	while (message_next(cur, &row, &e)) {
		if (roll(12) == 0)
			intend(m, box, &row);
	}
	message_cursor_close(cur);
	cache_close(c);
	return true;
}

static void our_user(struct model *m)
{
	struct cache *c;
	struct err e;

	if (!cache_open(&c, m->w.cache, "local", CACHE_READ, &e))
		return;
	must(mailbox_each(c, some_of, m, &e), &e, "list mailboxes");
	cache_close(c);
}

/* ---- */

static void run_worker(struct model *m, int stop)
{
	struct ui u;

	ui_start(&u, &m->w, stop);
	u.quiet = true;
	for (size_t i = 0; i < ARRAY_LEN(boxes); i++) {
		char *path = box_path(&m->w, sv_of(boxes[i]));

		ui_watch(&u, path);
		free(path);
	}
	ui_apply(&u);
	ui_apply(&u);
	(void)ui_end(&u);
}

static int check(struct model *m, uint32_t seed)
{
	struct map *count = map_new();
	int failures = 0;
	struct sv key;
	void *value;
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_LEN(boxes); i++) {
		char *files = see_files(&m->w, sv_of(boxes[i])), *rows = see_rows(&m->w, sv_of(boxes[i]));
		struct sv rest = sv_of(files), word, name, flags;

		if (strcmp(files, rows) != 0 || strstr(files, "damaged")) {
			printf("FAIL storm %u: %s\n  files %s\n  rows  %s\n", seed, boxes[i], files, rows);
			failures++;
		}
		while (next_word(&rest, &word)) {
			split_item(word, &name, &flags);
			map_set(count, name, (void *)((uintptr_t)map_get(count, name) + 1));
		}
		free(files);
		free(rows);
	}
	while (map_next(m->names, &at, &key, &value)) {
		unsigned n = (unsigned)(uintptr_t)map_get(count, key);
		bool may_be_gone = map_has(m->deleted, key);

		if (n > 1 || (n == 0 && !may_be_gone)) {
			printf("FAIL storm %u: " SV_FMT " is there %u times\n", seed, SV_ARG(key), n);
			failures++;
			for (size_t i = 0; i < ARRAY_LEN(boxes); i++) {
				char *files = see_files(&m->w, sv_of(boxes[i]));

				printf("  %s %s\n", boxes[i], files);
				free(files);
			}
		}
	}
	map_free(count);
	return failures;
}

static int storm(uint32_t seed)
{
	struct model m = {.deleted = map_new(), .names = map_new()};
	uint64_t counts[INTENT_STATES];
	struct err e;
	int failures;

	dice = seed;
	world_begin(&m.w);
	for (size_t i = 0; i < ARRAY_LEN(boxes); i++) {
		struct str line;

		str_init(&line, 4096);
		(void)str_adds(&line, boxes[i]);
		for (int n = 0; n < 8; n++) {
			char *name = new_name(&m);

			(void)str_addf(&line, " %s:%s", name, roll(2) ? "S" : "");
			free(name);
		}
		world_make(&m.w, line.s);
		str_fini(&line);
	}
	run_worker(&m, 0);
	for (int round = 0; round < ROUNDS; round++) {
		our_user(&m);
		other_client(&m);
		run_worker(&m, roll(3) ? 1 + (int)roll(60) : 0);
	}
	for (int i = 0; i < 5; i++)
		run_worker(&m, 0);
	must(intent_counts(m.w.db, NULL, counts, &e), &e, "count");
	failures = check(&m, seed);
	if (counts[INTENT_PENDING] != 0) {
		printf("FAIL storm %u: %d intents are still pending\n", seed, (int)counts[INTENT_PENDING]);
		failures++;
	}
	printf("%s storm %u: %u messages, %u refused\n", failures ? "FAIL" : "ok  ", seed, m.made, m.w.refused);
	world_end(&m.w);
	map_free(m.deleted);
	map_free(m.names);
	return failures;
}

/* ---- who comes first ---- */

/* A fetch that the user waits for is answered before a long sync is through. */
static int urgent_comes_first(void)
{
	struct world w;
	struct ui u;
	struct msg msg;
	struct err e;
	bool asked = false, body = false, done = false;

	world_begin(&w);
	char *path = box_path(&w, SV("big/"));
	must(maildir_make(path, &e), &e, "make a Maildir");
	for (unsigned i = 0; i < LONG_SYNC; i++) {
		char name[16];
		snprintf(name, sizeof(name), "m%u", i);
		char *text = message_text(sv_of(name), ""), *file = xasprintf("%s/new/%u.%s.h", path, 1700000000 + i, name);
		int fd = open(file, O_WRONLY | O_CREAT, 0600);

		must(fd >= 0 && fs_write_all(fd, sv_of(text), &e), &e, "write");
		close(fd);
		free(text);
		free(file);
	}
	ui_start(&u, &w, 0);
	must(chan_tell(u.chan, &e, WATCH, .job = 1, .name = sv_of(path)), &e, "watch");
	while (!done && chan_recv(u.chan, 20000, &msg, &e) == CHAN_MSG) {
		if (msg.type == MSG_CHANGED && sv_is(msg.CHANGED.what, "older") && !asked) {
			asked = true;
			must(chan_tell(u.chan, &e, FETCH, .job = 2, .message = message_id_of(msg.CHANGED.mailbox, LONG_SYNC), .urgent = 1),
				&e, "fetch");
		}
		body = body || (msg.type == MSG_BODY && msg.BODY.job == 2);
		done = msg.type == MSG_DONE && msg.DONE.job == 1;
	}
	u.jobs = u.done = 2;
	(void)ui_end(&u);
	free(path);
	world_end(&w);
	printf("%s an urgent fetch comes before the rest of a sync\n", body && done ? "ok  " : "FAIL");
	return !(body && done);
}

static int one_worker_at_a_time(void)
{
	struct world w;
	struct ui first, second;
	struct msg m;
	struct err e;
	bool refused = false;

	world_begin(&w);
	ui_start(&first, &w, 0);
	must(chan_recv(first.chan, 20000, &m, &e) == CHAN_MSG && m.type == MSG_READY, &e, "start");
	ui_start(&second, &w, 0);
	while (chan_recv(second.chan, 20000, &m, &e) == CHAN_MSG)
		refused = refused || (m.type == MSG_FAILED && sv_is(m.FAILED.class, "limit"));
	(void)ui_end(&second);
	(void)ui_end(&first);
	world_end(&w);
	printf("%s a second worker of an account is turned away\n", refused ? "ok  " : "FAIL");
	return !refused;
}

int main(void)
{
	const char *only = getenv("FEIST_STORM_SEED");
	uint64_t seed;
	int failures = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	stop_being_root();
	if (sv_u64(sv_of(only), &seed))
		return storm((uint32_t)seed) ? 1 : 0;
	failures += urgent_comes_first();
	failures += one_worker_at_a_time();
	for (uint32_t s = 1; s <= SEEDS; s++)
		failures += storm(s);
	return failures ? 1 : 0;
}
