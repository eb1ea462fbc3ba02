/*
 * Damaged databases. The cache: whatever happens to its file, feist neither crashes nor hangs, and after at
 * most three runs the cache says again what the mailboxes say. state.db: it is never thrown away; what can
 * still be read in the damaged file is there afterwards, and a file that was set aside is told of.
 *
 *	damage                  a slice of 50 ($FEIST_TORTURE: 1,000)
 *	damage cache|state SEED one of them, as it is told when it fails
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/intent.h"
#include "store/outbox.h"
#include "tests/torture/ledger.h"
#include "tests/torture/scenario.h"
#include "tests/torture/stage.h"

#define SLICE 50
#define ALL 1000
#define INTENTS 300 /* enough that they lie on many pages */
#define DRAFTS 5

static const struct scenario scene = {.name = "damage",
	.have = {"inbox/ a: b:S c:F d: e:S f: g: h:S i: j:", "old k: l:S m:F n: o:S", "Archive/ x:S y: z:"}};

struct shared {
	_Atomic unsigned done, bad, rescued, readable;
};
static struct shared *shared;

static unsigned roll(uint32_t *dice, unsigned n)
{
	*dice = *dice * 1664525u + 1013904223u;
	return n ? (*dice >> 8) % n : 0;
}

/* ---- what happens to a file ---- */

static void overwrite(const char *path, off_t at, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must_be(fd >= 0 && pwrite(fd, p, n, at) == (ssize_t)n, path);
	close(fd);
}

static void flip_bits(const char *path, off_t size, uint32_t *dice)
{
	for (unsigned n = 1 + roll(dice, 8); n > 0; n--) {
		off_t at = (off_t)roll(dice, (unsigned)size);
		int fd = open(path, O_RDWR | O_CLOEXEC);
		unsigned char c = 0;

		must_be(fd >= 0 && pread(fd, &c, 1, at) == 1, path);
		c = (unsigned char)(c ^ (1u << roll(dice, 8)));
		must_be(pwrite(fd, &c, 1, at) == 1, path);
		close(fd);
	}
}

/* A word for people. */
static const char *hurt(const char *path, uint32_t *dice)
{
	static const char zeros[4096];
	char noise[4096];
	struct stat st;

	must_be(stat(path, &st) == 0, path);
	switch (roll(dice, 7)) {
	case 0:
		flip_bits(path, st.st_size, dice);
		return "bits";
	case 1:
		must_be(truncate(path, (off_t)roll(dice, (unsigned)st.st_size)) == 0, path);
		return "cut";
	case 2:
		overwrite(path, (off_t)roll(dice, (unsigned)(st.st_size / 4096)) * 4096, zeros, sizeof(zeros));
		return "a page of zeros";
	case 3:
		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = (char)roll(dice, 256);
		overwrite(path, (off_t)roll(dice, (unsigned)(st.st_size / 4096)) * 4096, noise, sizeof(noise));
		return "a page of noise";
	case 4: { /* the header says that a newer feist wrote it */
		const unsigned char newer[4] = {0, 0, 3, 0xe7};

		overwrite(path, 60, newer, sizeof(newer));
		return "newer";
	}
	case 5: { /* a write-ahead log and its index of another life */
		char *wal = xasprintf("%s-wal", path), *shm = xasprintf("%s-shm", path);
		struct err e;

		for (size_t i = 0; i < sizeof(noise); i++)
			noise[i] = (char)roll(dice, 256);
		must_be(fs_write_atomic(wal, sv_make(noise, sizeof(noise)), 0600, &e) &&
			fs_write_atomic(shm, sv_make(noise, sizeof(noise)), 0600, &e), wal);
		free(wal);
		free(shm);
		return "a foreign log";
	}
	default:
		for (int i = 0; i < 3; i++)
			overwrite(path, (off_t)roll(dice, (unsigned)(st.st_size / 4096)) * 4096, zeros, 1 + roll(dice, 4096));
		return "pieces of zeros";
	}
}

static bool fail(const char *what, uint32_t seed, const char *how, const char *why, struct stage *s)
{
	char *said = stage_output(s);

	printf("not ok - damage %s %u (%s): %s\n    said: %.400s\n", what, seed, how, why, said);
	fflush(stdout);
	free(said);
	return false;
}

/* ---- the cache ---- */

static bool cache_says_the_truth(struct stage *s)
{
	struct ledger files, rows, kept = {0};

	ledger_read(&files, s);
	ledger_read_cache(&rows, s);
	for (size_t i = 0; i < files.n; i++) {
		if (strstr(files.line[i], " @"))
			continue;
		array_grow(kept.line, kept.n, kept.cap);
		kept.line[kept.n++] = xstrdup(files.line[i]);
	}
	bool same = ledger_same(&kept, &rows);
	ledger_free(&files);
	ledger_free(&rows);
	ledger_free(&kept);
	return same;
}

static bool damage_cache(struct stage *s, uint32_t seed)
{
	char *path = xasprintf("%s/cache/feist/cache-local.db", s->world);
	uint32_t dice = seed;
	bool ok = false;

	stage_reset(s);
	const char *how = hurt(path, &dice);
	free(path);
	for (int i = 0; i < 3 && !ok; i++) {
		int list = stage_shell(s, "exec $FEIST -F $W/rc --list -f =inbox", false);

		if (list >= 124)
			return fail("cache", seed, how, "--list ends badly", s);
		if (stage_shell(s, "exec $FEIST -F $W/rc --sync", false) >= 124)
			return fail("cache", seed, how, "--sync ends badly", s);
		ok = cache_says_the_truth(s);
	}
	return ok || fail("cache", seed, how, "the cache is not as the mailboxes are", s);
}

/* ---- state.db ---- */

static void fill_state(struct stage *s)
{
	char *path = xasprintf("%s/state/feist/state.db", s->world);
	struct state *state;
	struct err e;
	int64_t id;

	must_be(state_open(&state, path, &e) && state_begin(state, &e), path);
	for (int i = 0; i < INTENTS; i++) {
		char *mid = xasprintf("<%d-a-rather-long-message-id-so-that-pages-fill@elsewhere.example>", i);
		struct intent in = {.kind = INTENT_FLAG, .state = INTENT_PENDING, .account = "elsewhere", .mailbox = "INBOX",
			.uid = (uint64_t)i + 1, .uidvalidity = 1, .message_id = mid, .add = 4};

		must_be(intent_add(state, &in, &id, &e), e.text);
		free(mid);
	}
	for (int i = 0; i < DRAFTS; i++) {
		char *body = ledger_body("letter");

		id = 0;
		must_be(state_draft_save(state, &id, SV("letter"), sv_of(body), &e), e.text);
		free(body);
	}
	must_be(state_commit(state, &e), e.text);
	state_close(state);
	free(path);
}

static bool count_one(void *data, const struct intent *i)
{
	unsigned char *seen = data;

	if (strcmp(i->account, "elsewhere") == 0 && i->uid >= 1 && i->uid <= INTENTS)
		seen[i->uid - 1] = 1;
	return true;
}

/* Which intents can be read in the file, asked for one by one. */
static void readable(const char *path, const int64_t *first, unsigned char seen[INTENTS])
{
	struct state *state;
	struct err e;

	memset(seen, 0, INTENTS);
	if (!state_open_reader(&state, path, &e))
		return;
	for (int64_t id = *first; id < *first + INTENTS; id++)
		(void)!intent_get(state, id, count_one, seen, &e);
	state_close(state);
}

static bool take_first(void *data, const struct intent *i)
{
	*(int64_t *)data = i->id;
	return false;
}

static bool damage_state(struct stage *s, uint32_t seed)
{
	char *path = xasprintf("%s/state/feist/state.db", s->world), *copy = xasprintf("%s/copy/state.db", s->dir), *from, *to;
	unsigned char before[INTENTS], after[INTENTS];
	struct state *state;
	int64_t first = 0;
	uint32_t dice = seed;
	struct err e;
	bool ok = true;

	stage_reset(s);
	fill_state(s);
	if (state_open_reader(&state, path, &e)) {
		(void)!intent_each(state, NULL, NULL, take_first, &first, &e);
		state_close(state);
	}
	const char *how = hurt(path, &dice);
	from = xasprintf("%s/state/feist", s->world);
	to = xasprintf("%s/copy", s->dir);
	remove_tree(to);
	copy_tree(from, to);
	readable(copy, &first, before);
	for (int i = 0; i < 2 && ok; i++)
		if (stage_shell(s, "exec $FEIST -F $W/rc --sync", false) >= 124)
			ok = fail("state", seed, how, "--sync ends badly", s);
	char *said = stage_output(s);
	readable(path, &first, after);
	unsigned lost = 0;
	for (int i = 0; i < INTENTS; i++) {
		lost += before[i] && !after[i];
		shared->readable += before[i];
		shared->rescued += after[i];
	}
	/* A newer file is not touched, and feist says so and ends. */
	if (ok && lost)
		ok = fail("state", seed, how, "entries of the queue are lost that could be read", s);
	free(said);
	free(path);
	free(copy);
	free(from);
	free(to);
	return ok;
}

/* ---- */

static void lane_main(unsigned lane, unsigned lanes, unsigned n)
{
	struct stage s;

	stage_open(&s, "damage");
	stage_set(&s, &scene);
	for (unsigned i = lane; i < n; i += lanes) {
		uint32_t seed = n == ALL ? i * 7919 + 1 : (uint32_t)clock_us() + i * 7919;

		if (!(i / lanes % 2 ? damage_state(&s, seed) : damage_cache(&s, seed)))
			atomic_fetch_add(&shared->bad, 1);
		atomic_fetch_add(&shared->done, 1);
	}
	stage_close(&s);
	exit(0);
}

int main(int argc, char **argv)
{
	unsigned n = getenv("FEIST_TORTURE") ? ALL : SLICE;
	unsigned lanes = stage_lanes();
	int64_t began = clock_ms();
	int status, lost = 0;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must_be(shared != MAP_FAILED, "mmap");
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3) {
		struct stage s;
		uint32_t seed = (uint32_t)strtoul(argv[2], NULL, 10);

		stage_open(&s, "damage");
		stage_set(&s, &scene);
		bool ok = strcmp(argv[1], "cache") == 0 ? damage_cache(&s, seed) : damage_state(&s, seed);
		if (getenv("FEIST_TORTURE_KEEP"))
			copy_tree(s.dir, getenv("FEIST_TORTURE_KEEP"));
		stage_close(&s);
		return !ok;
	}
	for (unsigned i = 0; i < lanes; i++) {
		fflush(stdout);
		if (fork() == 0)
			lane_main(i, lanes, n);
	}
	while (wait(&status) > 0)
		lost += status != 0;
	printf("%s - damaged databases: %u, %u bad; %u entries could still be read, %u are there; %d lanes failed, %lld s\n",
		shared->bad || lost ? "not ok" : "ok", shared->done, shared->bad, shared->readable, shared->rescued, lost,
		(long long)(clock_ms() - began) / 1000);
	return shared->bad || lost ? 1 : 0;
}
