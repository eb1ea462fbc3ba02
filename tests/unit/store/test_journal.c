/*
 * The journal against a model: a server that carries out intents (at once, later, or while they are being
 * taken back), a thousand random actions that are undone and done again in any order. What the user sees and
 * what the server has must be what the actions say that hold.
 */
#include "store/journal.h"

#include <sys/stat.h>

#include "base/fs.h"
#include "base/mem.h"
#include "store/message.h"
#include "tests/unit/store/tmp.h"
#include "tests/unit/t.h"

#define MESSAGES 6
#define BOXES 3 /* message n begins in box n % BOXES */
#define PLACES 64
#define ACTIONS 120
#define SEEDS 10 /* more: FEIST_SEEDS=n */

static const char *const box_names[BOXES] = {"A", "B", "C"};

static uint32_t seeds(void)
{
	const char *n = getenv("FEIST_SEEDS");

	return n ? (uint32_t)atoi(n) : SEEDS;
}

/* ---- the server ---- */

struct place { /* a UID of a mailbox: one message at most was ever there */
	bool here;
	int message;
	unsigned flags;
};

struct server {
	struct place box[BOXES][PLACES * 40];
	int uidnext[BOXES];
	struct {
		int64_t id;
		int box, uid;
	} applied[8192]; /* what it did, and where the message is since */
	size_t applied_n;
};

static int box_of(const char *name)
{
	for (int b = 0; b < BOXES; b++) {
		if (strcmp(box_names[b], name) == 0)
			return b;
	}
	fail_msg("no box %s", name);
	return 0;
}

static bool was_applied(const struct server *v, int64_t id, int *uid)
{
	for (size_t n = 0; n < v->applied_n; n++) {
		if (v->applied[n].id == id) {
			*uid = v->applied[n].uid;
			return true;
		}
	}
	return false;
}

static int put(struct server *v, int box, int message, unsigned flags)
{
	int uid = v->uidnext[box]++;

	assert_true(uid < PLACES * 40);
	v->box[box][uid] = (struct place){true, message, flags};
	return uid;
}

/* The UID that an intent means, as plan.c finds it; 0: gone. */
static int find(struct server *v, const struct intent *i)
{
	int b = box_of(i->mailbox), uid = (int)i->uid;

	if (uid && v->box[b][uid].here)
		return uid;
	if (uid && i->kind != INTENT_FLAG)
		return 0;
	if (!uid && i->of && was_applied(v, i->of, &uid) && uid && v->box[b][uid].here)
		return uid;
	for (int u = v->uidnext[b] - 1; *i->message_id && u > 0; u--) {
		if (v->box[b][u].here && v->box[b][u].message == atoi(i->message_id))
			return u;
	}
	return 0;
}

static bool serve(struct server *v, const struct intent *i)
{
	int b = box_of(i->mailbox), uid = find(v, i), ignored, to = 0;

	if (was_applied(v, i->id, &ignored))
		return true;
	if (i->kind == INTENT_APPEND) {
		struct err e;
		struct str text;

		if (!fs_read(i->file, 1000, &text, &e))
			fail_msg("%s", e.text);
		to = put(v, b, atoi(text.s), i->add);
		str_fini(&text);
	} else if (uid) {
		struct place *p = &v->box[b][uid];

		if (i->kind == INTENT_FLAG) {
			p->flags = (p->flags | i->add) & ~i->del;
		} else if (i->kind == INTENT_COPY || i->kind == INTENT_MOVE) {
			p->here = i->kind == INTENT_COPY;
			to = put(v, box_of(i->dest), p->message, p->flags);
		} else {
			assert_int_equal(i->kind, INTENT_DELETE);
			p->here = false;
		}
	}
	assert_true(v->applied_n < ARRAY_LEN(v->applied));
	v->applied[v->applied_n].id = i->id;
	v->applied[v->applied_n].box = to ? box_of(*i->dest ? i->dest : i->mailbox) : 0;
	v->applied[v->applied_n++].uid = to;
	return true;
}

/* ---- the client ---- */

struct fix {
	char *dir, *path;
	struct state *s;
	struct server server;
	struct journal_eye eye;
	uint32_t random, round; /* messages of each round have ids of their own */
};

static uint32_t roll(struct fix *f, uint32_t n)
{
	f->random = f->random * 1664525u + 1013904223u;
	return (f->random >> 8) % n;
}

/* The worker's trace: half of the time it cannot be seen yet although it was begun. */
static bool has_begun(void *data, const struct intent *i)
{
	struct fix *f = data;
	int uid;

	return was_applied(&f->server, i->id, &uid) && roll(f, 2);
}

static int setup(void **state)
{
	struct fix *f = xcalloc(1, sizeof(*f));
	struct err e;

	f->dir = tmp_dir();
	f->path = fs_join(f->dir, "state.db");
	f->eye = (struct journal_eye){.begun = has_begun, .data = f};
	f->random = 1;
	if (!state_open(&f->s, f->path, &e))
		fail_msg("%s", e.text);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;

	state_close(f->s);
	tmp_remove(f->dir);
	free(f->path);
	free(f);
	return 0;
}

static void fill(struct fix *f)
{
	f->round++;
	memset(&f->server, 0, sizeof(f->server));
	for (int b = 0; b < BOXES; b++)
		f->server.uidnext[b] = 1;
	for (int n = 1; n <= MESSAGES; n++)
		put(&f->server, n % BOXES, n, 0);
}

struct one {
	struct intent i;
	bool found;
	char texts[4][64];
	char file[512];
};

static bool first_ready(void *data, const struct intent *i)
{
	struct one *o = data;

	if (i->waits)
		return true;
	o->found = true;
	o->i = *i;
	snprintf(o->texts[0], 64, "%s", i->mailbox);
	snprintf(o->texts[1], 64, "%s", i->message_id);
	snprintf(o->texts[2], 64, "%s", i->dest);
	snprintf(o->file, sizeof(o->file), "%s", i->file);
	o->i.mailbox = o->texts[0];
	o->i.message_id = o->texts[1];
	o->i.dest = o->texts[2];
	o->i.file = o->file;
	return false;
}

/* The ui hears of it, as session.c does. */
static void report(struct fix *f, int64_t id)
{
	struct one o = {0};
	struct err e;
	bool added;

	if (intent_get(f->s, id, first_ready, &o, &e))
		assert_true(intent_done(f->s, id, &e));
	else if (!journal_late(f->s, id, &added, &e))
		fail_msg("%s", e.text);
}

/* Carries out the first of the queue; the report comes at once, or is returned to come later. */
static int64_t work_one(struct fix *f, bool now)
{
	struct one o = {0};
	struct err e;

	if (!intent_ready_each(f->s, "a", 0, 1, first_ready, &o, &e))
		fail_msg("%s", e.text);
	if (!o.found)
		return 0;
	serve(&f->server, &o.i);
	if (now)
		report(f, o.i.id);
	return o.i.id;
}

static void work_all(struct fix *f)
{
	for (int n = 0; work_one(f, true); n++)
		assert_true(n < 100000);
}

static char *file_of(struct fix *f, int message)
{
	char text[16], *name;
	struct err e;

	snprintf(text, sizeof(text), "%d", message);
	assert_true(state_put_file(f->s, sv_of(text), &name, &e));
	return name;
}

/* What the overlay does: a message on its way out does not show, flags do. */
struct shown {
	int box, uid;
	bool hidden;
	unsigned flags;
};

static bool overlay(void *data, const struct intent *i)
{
	struct shown *s = data;

	if (box_of(i->mailbox) != s->box || (int)i->uid != s->uid)
		return true;
	if (i->kind == INTENT_FLAG)
		s->flags = (s->flags | i->add) & ~i->del;
	else
		s->hidden = true;
	return true;
}

/* Something that one key does to a message that is there. The action, 0: nothing was there. */
static int64_t act(struct fix *f)
{
	int b = (int)roll(f, BOXES), kind = (int)roll(f, 5), uid;
	struct action a = {.what = "x", .account = "a", .mailbox = box_names[b], .dest = "", .subject = "", .count = 1};
	struct intent i = {.state = INTENT_PENDING, .account = "a", .mailbox = box_names[b], .uidvalidity = 7};
	char message_id[32], *file = NULL;
	struct err e;
	int64_t id;

	for (uid = f->server.uidnext[b] - 1; uid > 0 && (!f->server.box[b][uid].here || roll(f, 3) == 0); uid--)
		;
	if (!uid)
		return 0;
	const struct place *p = &f->server.box[b][uid];
	struct shown shown = {.box = b, .uid = uid, .flags = p->flags};
	assert_true(intent_each(f->s, "a", NULL, overlay, &shown, &e));
	if (shown.hidden)
		return 0;
	snprintf(message_id, sizeof(message_id), "%d.%u", p->message, f->round);
	i.uid = (uint64_t)uid;
	i.message_id = message_id;
	if (kind < 3) {
		i.kind = INTENT_FLAG;
		*(shown.flags & (1u << kind) ? &i.del : &i.add) = 1u << kind;
	} else if (kind == 3) {
		i.kind = INTENT_MOVE;
		i.dest = box_names[(b + 1 + (int)roll(f, BOXES - 1)) % BOXES];
	} else {
		i.kind = INTENT_DELETE;
		i.file = file = file_of(f, p->message);
		i.del = shown.flags;
		i.add = MSG_DELETED;
	}
	assert_true(state_begin(f->s, &e) && intent_new_group(f->s, &i.group, &e));
	a.id = i.group;
	if (!intent_add(f->s, &i, &id, &e) || !action_add(f->s, &a, &e) || !state_commit(f->s, &e))
		fail_msg("%s", e.text);
	free(file);
	return i.group;
}

/* Where each message is, with its flags: "1:A+5 2:-". */
static void picture(const struct server *v, char *out, size_t max)
{
	size_t at = 0;

	out[0] = '\0';
	for (int m = 1; m <= MESSAGES; m++) {
		at += (size_t)snprintf(out + at, max - at, "%d:", m);
		for (int b = 0; b < BOXES; b++) {
			for (int u = 1; u < v->uidnext[b]; u++) {
				if (v->box[b][u].here && v->box[b][u].message == m)
					at += (size_t)snprintf(
						out + at, max - at, "%s+%u", box_names[b], v->box[b][u].flags);
			}
		}
		at += (size_t)snprintf(out + at, max - at, " ");
	}
}

static bool turn(struct fix *f, int64_t action, bool undo)
{
	struct journal_result r;
	struct err e;
	bool ok = undo ? journal_undo(f->s, action, &f->eye, &r, &e) : journal_redo(f->s, action, &f->eye, &r, &e);

	if (!ok && e.class != ERR_GONE)
		fail_msg("%s", e.text);
	return ok;
}

/* Each message is somewhere exactly once, unless an action that holds has deleted it. */
static void expect_all_there(const char *picture_text, const char *what)
{
	for (int m = 1; m <= MESSAGES; m++) {
		char name[16];
		const char *at;

		snprintf(name, sizeof(name), "%d:", m);
		at = strstr(picture_text, name);
		assert_non_null(at);
		if (at[2] == ' ')
			fail_msg("%s: message %d is gone: %s", what, m, picture_text);
	}
}

/* Actions in any state (waiting, under way, done), all undone newest first: the server is as it was. */
static void all_undone_is_as_before(void **state)
{
	struct fix *f = *state;

	for (uint32_t seed = 1; seed <= seeds(); seed++) {
		int64_t done[ACTIONS];
		size_t n = 0;
		char before[500], after[500];

		fill(f);
		f->random = seed;
		picture(&f->server, before, sizeof(before));
		for (int step = 0; step < 30; step++) {
			int64_t action = act(f), late = 0;

			if (action)
				done[n++] = action;
			if (roll(f, 2))
				late = work_one(f, false);
			/* Before the report comes one is undone, and perhaps done again. */
			if (n > 0 && roll(f, 4) == 0 && turn(f, done[n - 1], true) && roll(f, 2))
				turn(f, done[n - 1], false);
			if (late)
				report(f, late);
		}
		while (n > 0) {
			turn(f, done[--n], true);
			if (roll(f, 3) == 0)
				work_one(f, true);
		}
		work_all(f);
		picture(&f->server, after, sizeof(after));
		t_streq(after, before, "all undone");
	}
}

/* Undone and done again is as done. */
static void redone_is_as_done(void **state)
{
	struct fix *f = *state;

	for (uint32_t seed = 1; seed <= seeds(); seed++) {
		int64_t done[ACTIONS];
		size_t n = 0;
		char once[500], twice[500];

		fill(f);
		f->random = seed * 77;
		for (int step = 0; step < 20; step++) {
			int64_t action = act(f);

			if (action)
				done[n++] = action;
			if (roll(f, 2))
				work_all(f);
		}
		work_all(f);
		picture(&f->server, once, sizeof(once));
		for (size_t round = 0; round < 3; round++) {
			size_t back = 1 + roll(f, (uint32_t)n);

			for (size_t i = 0; i < back; i++) {
				assert_true(turn(f, done[n - 1 - i], true));
				if (roll(f, 2))
					work_all(f);
			}
			for (size_t i = back; i-- > 0;) {
				assert_true(turn(f, done[n - 1 - i], false));
				if (roll(f, 2))
					work_all(f);
			}
		}
		work_all(f);
		picture(&f->server, twice, sizeof(twice));
		t_streq(twice, once, "all done again");
	}
}

/* Any one from the list, with what depends on it; the program ends in between. */
static void any_one_can_be_undone(void **state)
{
	struct fix *f = *state;

	for (uint32_t seed = 1; seed <= seeds(); seed++) {
		int64_t done[ACTIONS];
		size_t n = 0;
		char before[500], after[500];
		struct err e;

		fill(f);
		f->random = seed * 131;
		picture(&f->server, before, sizeof(before));
		for (int step = 0; step < 20; step++) {
			int64_t action = act(f);

			if (action)
				done[n++] = action;
			work_all(f);
		}
		state_close(f->s);
		assert_true(state_open(&f->s, f->path, &e));
		for (size_t left = n; left > 0; left--) {
			size_t k = roll(f, (uint32_t)left), count;
			int64_t *ids;

			if (!journal_dependents(f->s, done[k], &ids, &count, &e))
				fail_msg("%s", e.text);
			for (size_t i = 0; i < count; i++) {
				assert_true(ids[i] > done[k]);
				turn(f, ids[i], true);
			}
			free(ids);
			turn(f, done[k], true);
			done[k] = done[left - 1];
			if (roll(f, 2))
				work_all(f);
			picture(&f->server, after, sizeof(after));
		}
		work_all(f);
		picture(&f->server, after, sizeof(after));
		expect_all_there(after, "any order");
		t_streq(after, before, "any order");
	}
}

/* ---- single cases ---- */

static int64_t action_of(struct fix *f, const char *what)
{
	struct action a = {.what = what, .account = "a", .mailbox = "A", .dest = "", .subject = "s", .count = 1};
	struct err e;

	assert_true(intent_new_group(f->s, &a.id, &e) && action_add(f->s, &a, &e));
	return a.id;
}

static int64_t add(struct fix *f, struct intent i)
{
	struct err e;
	int64_t id;

	i.account = "a";
	i.mailbox = i.mailbox ? i.mailbox : "A";
	if (!intent_add(f->s, &i, &id, &e))
		fail_msg("%s", e.text);
	return id;
}

static bool copy_counts(void *data, const struct action *a)
{
	*(struct action *)data = *a;
	return true;
}

static struct action look(struct fix *f, int64_t id)
{
	struct action a;
	struct err e;

	assert_true(action_get(f->s, id, copy_counts, &a, &e));
	return a;
}

static void what_is_for_good_is_said(void **state)
{
	struct fix *f = *state;
	struct journal_result r;
	struct err e;
	int64_t newest, g = action_of(f, "delete");
	int64_t id = add(f, (struct intent){.kind = INTENT_DELETE, .state = INTENT_PENDING, .group = g, .uid = 1});

	assert_int_equal(look(f, g).waiting, 1);
	assert_true(intent_done(f->s, id, &e));
	assert_true(look(f, g).done == 1 && look(f, g).lost == 1);
	assert_false(journal_undo(f->s, g, &f->eye, &r, &e));
	assert_true(e.class == ERR_GONE && r.lost == 1);
	assert_true(action_newest(f->s, false, &newest, &e) && newest == 0); /* stepped over */
	assert_false(look(f, g).undone);
}

static void marks_come_and_go(void **state)
{
	struct fix *f = *state;
	struct journal_result r;
	struct err e;
	uint64_t count, counts[INTENT_STATES];
	int64_t mark = action_of(f, "delete");

	add(f, (struct intent){.kind = INTENT_DELETE, .group = mark, .uidvalidity = 7, .uid = 1});
	add(f, (struct intent){.kind = INTENT_MOVE, .group = mark, .uidvalidity = 7, .uid = 2, .dest = "B"});
	int64_t unmark = action_of(f, "undelete");
	assert_true(journal_unmark(f->s, unmark, "a", "A", 0, 0, &count, &e));
	assert_int_equal(count, 2);
	assert_true(intent_counts(f->s, "a", counts, &e) && counts[INTENT_MARKED] == 0);
	assert_false(journal_undo(f->s, mark, &f->eye, &r, &e)); /* nothing is left of it */
	assert_true(journal_undo(f->s, unmark, &f->eye, &r, &e) && r.taken == 2);
	assert_true(intent_counts(f->s, "a", counts, &e) && counts[INTENT_MARKED] == 2);
	assert_true(journal_redo(f->s, unmark, &f->eye, &r, &e) && r.taken == 2);
	assert_true(intent_counts(f->s, "a", counts, &e) && counts[INTENT_MARKED] == 0);
	assert_true(journal_undo(f->s, unmark, &f->eye, &r, &e));
	assert_true(journal_undo(f->s, mark, &f->eye, &r, &e) && r.taken == 2);
	assert_true(intent_counts(f->s, "a", counts, &e) && counts[INTENT_MARKED] == 0);
}

static void redo_ends_with_a_new_action(void **state)
{
	struct fix *f = *state;
	struct journal_result r;
	struct err e;
	int64_t id, one = action_of(f, "flags"), two;

	add(f, (struct intent){.kind = INTENT_FLAG, .state = INTENT_PENDING, .group = one, .uid = 1, .add = 1});
	two = action_of(f, "flags");
	add(f, (struct intent){.kind = INTENT_FLAG, .state = INTENT_PENDING, .group = two, .uid = 1, .add = 2});
	assert_true(action_newest(f->s, false, &id, &e) && id == two);
	assert_true(journal_undo(f->s, two, &f->eye, &r, &e) && journal_undo(f->s, one, &f->eye, &r, &e));
	assert_true(action_newest(f->s, true, &id, &e) && id == one);
	assert_true(journal_redo(f->s, one, &f->eye, &r, &e));
	assert_true(action_newest(f->s, true, &id, &e) && id == two);
	action_of(f, "flags");
	assert_true(action_newest(f->s, true, &id, &e) && id == 0);
	assert_true(journal_redo(f->s, two, &f->eye, &r, &e)); /* from the list it goes all the same */
}

static bool always_begun(void *data, const struct intent *i)
{
	(void)data;
	(void)i;
	return true;
}

/* The action and its inverse both wait in the queue. */
static void what_waits_is_undone_and_redone(void **state)
{
	struct fix *f = *state;
	struct journal_eye eye = {.begun = always_begun};
	struct journal_result r;
	struct err e;
	int64_t g = action_of(f, "flags");

	add(f, (struct intent){.kind = INTENT_FLAG, .state = INTENT_PENDING, .group = g, .uid = 1, .add = 1});
	for (int i = 0; i < 3; i++) {
		assert_true(journal_undo(f->s, g, &eye, &r, &e) && look(f, g).undone);
		assert_true(journal_redo(f->s, g, &eye, &r, &e) && !look(f, g).undone);
	}
}

static void what_was_dropped_can_come_back(void **state)
{
	struct fix *f = *state;
	struct journal_result r;
	struct err e;
	int64_t g = action_of(f, "save");
	int64_t create = add(f, (struct intent){.kind = INTENT_CREATE, .state = INTENT_PENDING, .group = g, .mailbox = "N"});

	add(f, (struct intent){.kind = INTENT_MOVE, .state = INTENT_PENDING, .group = g, .uid = 1, .dest = "N", .depends = create});
	assert_true(intent_failed(f->s, create, INTENT_FAILED, "no", &e));
	assert_true(journal_drop(f->s, create, &e)); /* with what depends on it */
	assert_true(look(f, g).undone && look(f, g).waiting + look(f, g).failed == 0);
	assert_true(journal_redo(f->s, g, &f->eye, &r, &e));
	assert_true(look(f, g).waiting == 2 && !look(f, g).undone); /* pending again, not failed */
	assert_false(journal_drop(f->s, 12345, &e));
}

static void a_refused_one_takes_its_inverse_along(void **state)
{
	struct fix *f = *state;
	struct journal_result r;
	struct err e;
	uint64_t counts[INTENT_STATES];
	int64_t g = action_of(f, "save");
	int64_t move = add(f, (struct intent){.kind = INTENT_MOVE, .state = INTENT_PENDING, .group = g, .uid = 1, .dest = "B"});

	f->server.applied[f->server.applied_n++].id = move; /* it is under way */
	f->random = 3;
	while (!has_begun(f, &(struct intent){.id = move}))
		;
	assert_true(journal_undo(f->s, g, &(struct journal_eye){.begun = has_begun, .data = f}, &r, &e));
	if (r.inverted) {
		assert_true(journal_refused(f->s, move, &e));
		assert_true(intent_counts(f->s, "a", counts, &e) && counts[INTENT_PENDING] == 0);
	}
	assert_true(look(f, g).undone);
}

static bool count_one(void *data, const struct action *a)
{
	(void)a;
	++*(size_t *)data;
	return true;
}

static void a_thousand_are_kept(void **state)
{
	struct fix *f = *state;
	struct err e;
	size_t n = 0;

	assert_true(state_begin(f->s, &e));
	for (int i = 0; i < JOURNAL_MAX + 50; i++)
		add(f, (struct intent){.kind = INTENT_FLAG, .state = INTENT_PENDING, .group = action_of(f, "flags"), .uid = 1});
	assert_true(state_commit(f->s, &e));
	assert_true(action_each(f->s, count_one, &n, &e));
	assert_int_equal(n, JOURNAL_MAX);
}

static bool is_nameless(void *data, const struct intent *i)
{
	*(bool *)data = i->uid == 0 && i->uidvalidity == 0 && i->state == INTENT_PENDING;
	return true;
}

static void what_was_set_aside_is_found_by_its_id(void **state)
{
	struct fix *f = *state;
	struct err e;
	bool good = false;
	int64_t id = add(f, (struct intent){.kind = INTENT_FLAG, .uid = 1, .uidvalidity = 7, .message_id = "<a@b>"});
	int64_t none = add(f, (struct intent){.kind = INTENT_FLAG, .uid = 2, .uidvalidity = 7});

	assert_true(intent_failed(f->s, id, INTENT_ASIDE, "x", &e) && intent_failed(f->s, none, INTENT_ASIDE, "x", &e));
	assert_true(intent_retry(f->s, id, &e));
	assert_true(intent_get(f->s, id, is_nameless, &good, &e) && good);
	assert_false(intent_retry(f->s, none, &e));
	assert_int_equal(e.class, ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_undone_is_as_before, setup, teardown),
		cmocka_unit_test_setup_teardown(redone_is_as_done, setup, teardown),
		cmocka_unit_test_setup_teardown(any_one_can_be_undone, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_for_good_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(marks_come_and_go, setup, teardown),
		cmocka_unit_test_setup_teardown(redo_ends_with_a_new_action, setup, teardown),
		cmocka_unit_test_setup_teardown(what_waits_is_undone_and_redone, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_dropped_can_come_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refused_one_takes_its_inverse_along, setup, teardown),
		cmocka_unit_test_setup_teardown(a_thousand_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_set_aside_is_found_by_its_id, setup, teardown),
	};

	return t_run(tests);
}
