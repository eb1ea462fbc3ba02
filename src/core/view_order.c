/*
 * Making an order: all messages in mailbox order, then by $sort and $sort_aux, or as threads. It is a chain of
 * loops, each of which can stop anywhere, so that a million messages are sorted in slices while the screen
 * lives and shows the old order. What comes or goes one by one is put into the order that there is.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "core/radix.h"
#include "core/sort.h"
#include "core/view_priv.h"

#define AT_ONCE 4000u       /* so many messages are put in order without slices */
#define STEP_ROWS 2048u     /* of one step */
#define SLICE_US 4000       /* of LOOP_SLICE_MS */
#define ARRIVE_AT_ONCE 64u  /* so many rows find their place before the next look at the list ... */
#define ARRIVE_SLICE 1024u  /* ... else so many in a step of a slice: each rebuilds the threads that it touches */
#define ARRIVE_SHARE 2      /* more than this share of all, and everything is put in order anew (0.5 us each) */
#define TOUCHED_MOST 20000u /* messages of the threads that some newcomers touch */
#define RESORT_MS 5000      /* while rows pour in from the store the list is made anew no more often, ... */
#define RESORT_TIMES 4      /* ... and only for so many times as much */

enum { USE_THREADS_UNSET, USE_THREADS_FLAT, USE_THREADS_THREADS, USE_THREADS_REVERSE };

void view_read_sort(struct view *v)
{
	if (!v->sort_is_users)
		v->sort = v->conf->sort;
}

/* ---- what order ---- */

static struct conf_sort inner_key(const struct view *v)
{
	struct conf_sort aux = v->conf->sort_aux;

	if (aux.key == SORT_THREADS || aux.key == SORT_AUX)
		aux.key = SORT_DATE;
	return aux;
}

/* What orders the threads among each other: NeoMutt's $use_threads takes $sort, mutt $sort_thread_groups. */
static struct conf_sort roots_key(const struct view *v)
{
	struct conf_sort groups = v->conf->sort_thread_groups;

	if (v->sort.key != SORT_THREADS)
		groups = v->sort;
	return groups.key == SORT_AUX || groups.key == SORT_THREADS ? inner_key(v) : groups;
}

static int inner_cmp(void *data, uint32_t a, uint32_t b)
{
	const struct view_order *o = data;

	return view_key_cmp(o->view, o->inner.key, a, b);
}

static int roots_cmp(void *data, uint32_t a, uint32_t b)
{
	const struct view_order *o = data;

	return view_key_cmp(o->view, o->roots.key, a, b);
}

static void thread_msg(void *data, uint32_t row, struct thread_msg *out)
{
	const struct view_order *o = data;
	struct view *v = o->view;
	const struct row *r = &v->rows[row];

	out->msgid = r->msgid;
	out->ancestors = r->ancestors;
	out->subject = view_real_subject(v, r->subject, &out->is_reply);
	out->date = o->received ? r->received : r->sent;
	out->place = r->id;
}

static void read_spec(struct view_order *o)
{
	const struct conf *c = o->view->conf;
	struct view *v = o->view;

	o->main = v->sort;
	o->aux = c->sort_aux;
	o->threaded = v->sort.key == SORT_THREADS;
	o->reverse_tree = o->threaded && v->sort.reverse;
	if (!o->threaded && c->use_threads >= USE_THREADS_THREADS) {
		o->threaded = true;
		o->reverse_tree = c->use_threads == USE_THREADS_REVERSE;
	}
	o->inner = inner_key(v);
	o->roots = roots_key(v);
	o->received = c->thread_received;
	o->strict = c->strict_threads;
	o->sort_re = c->sort_re;
	o->duplicates = c->duplicate_threads;
}

struct view_order *view_order_new(struct view *v)
{
	struct view_order *o = xcalloc(1, sizeof(*o));
	struct thread_in in = {.data = o, .msg = thread_msg};

	o->view = v;
	read_spec(o);
	in.inner = (struct thread_order){inner_cmp, o->inner.reverse, o->inner.last};
	in.roots = (struct thread_order){
		o->inner.key == o->roots.key ? inner_cmp : roots_cmp, o->roots.reverse, o->roots.last};
	in.strict = o->strict;
	in.sort_re = o->sort_re;
	in.duplicates = o->duplicates;
	threads_init(&o->threads, &in, v->ids);
	o->seq = seq_new();
	return o;
}

void view_order_free(struct view_order *o)
{
	if (!o)
		return;
	threads_fini(&o->threads);
	seq_free(o->seq);
	free(o);
}

/* ---- the job ---- */

enum job_phase {
	JOB_READ,         /* what is sorted by and not held */
	JOB_COLLECT,      /* rows that are not gone */
	JOB_PLACE_LOW,    /* mailbox order: by the lower half of the id, ... */
	JOB_PLACE_HIGH,   /* ... then by the upper one */
	JOB_AUX_TEXTS,    /* flat: texts by which is sorted get their rank; then $sort_aux, then $sort */
	JOB_AUX,
	JOB_MAIN_TEXTS,
	JOB_MAIN,
	JOB_THREADS,      /* threaded: the forest; then roots, in mailbox order of who stands for them, by their key */
	JOB_ROOTS_COLLECT,
	JOB_ROOTS_LOW,
	JOB_ROOTS_HIGH,
	JOB_ROOTS_TEXTS,
	JOB_ROOTS,
	JOB_EMIT,
	JOB_DONE,
};

struct order_job {
	struct view_order *o;
	enum job_phase phase;
	uint32_t total; /* rows when it began */
	uint32_t at;
	uint32_t *rows; /* those to sort, in mailbox order */
	uint32_t count;
	uint32_t source; /* of JOB_READ */
	struct message_cursor *reading;
	struct radix sort;
	struct radix before;                                      /* its pairs get new keys ... */
	uint32_t (*new_key)(struct order_job *, uint32_t row);    /* ... of this kind; NULL: no */
	struct text_ranks *texts;
	enum sort_key text_key;
	struct thread_build *build;
	uint32_t *root_of; /* row that stands for a thread -> its root */
};

static void job_free(struct order_job *j)
{
	if (!j)
		return;
	view_order_free(j->o);
	message_cursor_close(j->reading);
	free(j->rows);
	free(j->root_of);
	radix_fini(&j->sort);
	radix_fini(&j->before);
	text_ranks_free(j->texts);
	threads_build_free(j->build);
	free(j);
}

void view_order_cancel(struct view *v)
{
	if (v->job)
		v->order_valid = false;
	job_free(v->job);
	v->job = NULL;
	if (v->order_id)
		loop_remove(v->loop, v->order_id);
	v->order_id = 0;
}

static void next(struct order_job *j, enum job_phase phase)
{
	j->phase = phase;
	j->at = 0;
}

/* Recipients, which only a view that is sorted by them holds. */
static void read_keys(struct order_job *j)
{
	struct view *v = j->o->view;
	struct view_source *s = &v->src[j->source];
	struct message_row m;
	struct err e = {0};

	if (!view_lacks_key(v, j->o->main.key) && !view_lacks_key(v, j->o->aux.key) && !view_lacks_key(v, j->o->roots.key)) {
		next(j, JOB_COLLECT);
		return;
	}
	if (!j->reading && s->cache && (!message_scan(s->cache, s->mailbox, MESSAGE_BY_UID, false, &j->reading, &e) ||
					       !message_cursor_lean(j->reading, &e))) {
		message_cursor_close(j->reading);
		j->reading = NULL;
	}
	for (unsigned n = 0; j->reading && message_next(j->reading, &m, &e); n++) {
		view_learn_to(v, j->source, &m);
		if (n < STEP_ROWS / 2)
			continue;
		message_pause(j->reading);
		return;
	}
	if (e.class != ERR_NONE)
		log_write(LOG_ERROR, "view", "reading recipients of %s: %s", s->name, e.text);
	message_cursor_close(j->reading);
	j->reading = NULL;
	if (++j->source == v->src_count) {
		v->to_known = true;
		next(j, JOB_COLLECT);
	}
}

static void collect(struct order_job *j)
{
	struct view *v = j->o->view;
	uint32_t end = MIN(j->total, j->at + 4 * STEP_ROWS);

	for (; j->at < end; j->at++) {
		if (!v->rows[j->at].gone)
			j->sort.pairs[j->sort.count++] = (struct radix_pair){(uint32_t)v->rows[j->at].id, j->at};
	}
	if (j->at == j->total)
		next(j, JOB_PLACE_LOW);
}

/* The pairs get another key: that of their rows, in the order in which they lie. */
static void rekey(struct order_job *j, uint32_t (*key)(struct order_job *, uint32_t row))
{
	j->before = j->sort;
	j->sort = (struct radix){.count = 0};
	radix_init(&j->sort, j->before.count);
	j->sort.count = 0;
	j->new_key = key;
}

static void rekey_step(struct order_job *j)
{
	uint32_t end = MIN(j->before.count, j->sort.count + STEP_ROWS);

	for (uint32_t i = j->sort.count; i < end; i++) {
		uint32_t row = j->before.pairs[i].row;

		j->sort.pairs[i] = (struct radix_pair){j->new_key(j, row), row};
	}
	j->sort.count = end;
	if (end < j->before.count)
		return;
	radix_fini(&j->before);
	j->new_key = NULL;
}

static uint32_t id_high(struct order_job *j, uint32_t row)
{
	return (uint32_t)(j->o->view->rows[row].id >> 32);
}

static uint32_t value_of(struct order_job *j, struct conf_sort by, uint32_t row)
{
	struct view *v = j->o->view;
	uint32_t value = j->texts ? text_ranks_of(j->texts, view_key_number(v, by.key, row)) : view_key_value(v, by.key, row);

	return by.reverse ? ~value : value;
}

static uint32_t aux_value(struct order_job *j, uint32_t row)
{
	return value_of(j, j->o->aux, row);
}

static uint32_t main_value(struct order_job *j, uint32_t row)
{
	return value_of(j, j->o->main, row);
}

static uint32_t roots_value(struct order_job *j, uint32_t row)
{
	return value_of(j, (struct conf_sort){.key = j->o->roots.key}, row);
}

/* Ranks of the texts that these rows are sorted by, when it is texts. */
static void begin_texts(struct order_job *j, enum sort_key key, enum job_phase phase)
{
	struct view *v = j->o->view;

	text_ranks_free(j->texts);
	j->texts = NULL;
	if (view_key_is_text(key))
		j->texts = text_ranks_new(v, key);
	j->text_key = key;
	next(j, phase);
}

/* True when the ranks are there. */
static bool texts_step(struct order_job *j)
{
	struct view *v = j->o->view;
	uint32_t end = MIN(j->sort.count, j->at + STEP_ROWS);

	if (!j->texts)
		return true;
	if (j->at == j->sort.count)
		return !text_ranks_step(j->texts);
	for (; j->at < end; j->at++)
		text_ranks_add(j->texts, view_key_number(v, j->text_key, j->sort.pairs[j->at].row));
	return false;
}

static void pairs_turn(struct radix *r)
{
	for (uint32_t a = 0, b = r->count; a + 1 < b; a++, b--) {
		struct radix_pair swap = r->pairs[a];

		r->pairs[a] = r->pairs[b - 1];
		r->pairs[b - 1] = swap;
	}
}

/* Mailbox order is there. */
static void begin_order(struct order_job *j)
{
	struct view_order *o = j->o;
	bool plain = o->main.key == SORT_MAILBOX_ORDER;

	if (o->threaded) {
		j->count = j->sort.count;
		j->rows = xreallocarray(NULL, (size_t)j->count + 1, sizeof(*j->rows));
		for (uint32_t i = 0; i < j->count; i++)
			j->rows[i] = j->sort.pairs[i].row;
		radix_fini(&j->sort);
		j->build = threads_build(&o->threads, j->rows, j->count);
		next(j, JOB_THREADS);
		return;
	}
	/* Equal ones stay in mailbox order, or go backwards with a reversed key, as in mutt. */
	if (o->aux.key == SORT_MAILBOX_ORDER && !plain ? o->aux.reverse : o->main.reverse)
		pairs_turn(&j->sort);
	if (plain)
		next(j, JOB_EMIT);
	else if (o->aux.key == SORT_MAILBOX_ORDER)
		begin_texts(j, o->main.key, JOB_MAIN_TEXTS);
	else
		begin_texts(j, o->aux.key, JOB_AUX_TEXTS);
}

/* The forest is there: its threads, by the messages that stand for them. */
static void begin_roots(struct order_job *j)
{
	const uint32_t *roots;
	uint32_t n = threads_build_roots(j->build, &roots);

	j->root_of = xreallocarray(NULL, (size_t)j->total + 1, sizeof(*j->root_of));
	radix_init(&j->sort, n);
	j->sort.count = 0;
	next(j, JOB_ROOTS_COLLECT);
}

static void collect_roots(struct order_job *j)
{
	const uint32_t *roots;
	uint32_t n = threads_build_roots(j->build, &roots), end = MIN(n, j->at + STEP_ROWS);

	for (; j->at < end; j->at++) {
		uint32_t row = thread_stands_for(&j->o->threads, roots[j->at]);

		j->root_of[row] = roots[j->at];
		j->sort.pairs[j->sort.count++] = (struct radix_pair){(uint32_t)j->o->view->rows[row].id, row};
	}
	if (j->at < n)
		return;
	threads_build_free(j->build);
	j->build = NULL;
	next(j, JOB_ROOTS_LOW);
}

static void emit_row(struct view_order *o, uint32_t row)
{
	seq_append(o->seq, row);
	o->shown_size += o->view->rows[row].size;
}

static void emit(struct order_job *j)
{
	struct view_order *o = j->o;
	uint32_t n = j->sort.count, end = MIN(n, j->at + STEP_ROWS / 8);

	for (; j->at < end; j->at++) {
		uint32_t row = j->sort.pairs[o->threaded && o->roots.reverse ? n - 1 - j->at : j->at].row, root;

		if (!o->threaded) {
			emit_row(o, row);
			view_show_row(o, row);
			continue;
		}
		root = j->root_of[row];
		for (uint32_t at = root; at != THREAD_NONE; at = thread_walk(&o->threads, at, root)) {
			if (thread_is_msg(at))
				emit_row(o, at);
		}
		view_show_thread(o, root);
	}
	if (j->at == n)
		next(j, JOB_DONE);
}

static struct order_job *job_new(struct view *v)
{
	struct order_job *j = xcalloc(1, sizeof(*j));

	j->o = view_order_new(v);
	j->total = v->count;
	radix_init(&j->sort, v->count);
	j->sort.count = 0;
	return j;
}

/* False: done. */
static bool job_step(struct order_job *j)
{
	if (j->new_key) {
		rekey_step(j);
		return true;
	}
	switch (j->phase) {
	case JOB_READ:
		read_keys(j);
		break;
	case JOB_COLLECT:
		collect(j);
		break;
	case JOB_PLACE_LOW:
		if (radix_step(&j->sort))
			break;
		rekey(j, id_high);
		next(j, JOB_PLACE_HIGH);
		break;
	case JOB_PLACE_HIGH:
		if (!radix_step(&j->sort))
			begin_order(j);
		break;
	case JOB_AUX_TEXTS:
	case JOB_MAIN_TEXTS:
	case JOB_ROOTS_TEXTS:
		if (!texts_step(j))
			break;
		rekey(j, j->phase == JOB_AUX_TEXTS ? aux_value : j->phase == JOB_MAIN_TEXTS ? main_value : roots_value);
		next(j, j->phase + 1);
		break;
	case JOB_AUX:
		if (!radix_step(&j->sort))
			begin_texts(j, j->o->main.key, JOB_MAIN_TEXTS);
		break;
	case JOB_MAIN:
	case JOB_ROOTS:
		if (!radix_step(&j->sort))
			next(j, JOB_EMIT);
		break;
	case JOB_THREADS:
		if (!threads_build_step(j->build))
			begin_roots(j);
		break;
	case JOB_ROOTS_COLLECT:
		collect_roots(j);
		break;
	case JOB_ROOTS_LOW:
		if (radix_step(&j->sort))
			break;
		rekey(j, id_high);
		next(j, JOB_ROOTS_HIGH);
		break;
	case JOB_ROOTS_HIGH:
		if (!radix_step(&j->sort))
			begin_texts(j, j->o->roots.key, JOB_ROOTS_TEXTS);
		break;
	case JOB_EMIT:
		emit(j);
		break;
	case JOB_DONE:
		break;
	}
	return j->phase != JOB_DONE;
}

/* The new order takes the place of the old one. */
static void job_done(struct view *v)
{
	struct order_job *j = v->job;
	uint32_t kept = 0;

	view_order_free(v->order);
	v->order = j->o;
	j->o = NULL;
	/* Those that were sorted with the others, and have not changed since. */
	for (uint32_t i = 0; i < v->dirty_len; i++) {
		uint32_t row = v->dirty[i];

		if (row < j->total && v->rows[row].gone != seq_has(v->order->seq, row)) {
			v->rows[row].dirty = false;
			continue;
		}
		v->dirty[kept++] = row;
	}
	v->dirty_len = kept;
	if (kept == 0) {
		xfree_null(&v->dirty); /* it was as long as the list */
		v->dirty_cap = 0;
	}
	v->last_sort_ms = clock_ms();
	job_free(j);
	v->job = NULL;
	list_changed(v);
}

static void job_begin(struct view *v)
{
	job_free(v->job);
	v->order_valid = true;
	v->job = job_new(v);
}

/* ---- arriving ---- */

/* The index at which a thread belongs: behind those that are before it. */
static uint32_t thread_index(struct view_order *o, uint32_t root)
{
	uint32_t low = 0, high = seq_count(o->seq);

	while (low < high) {
		uint32_t mid = low + (high - low) / 2, other = thread_root(&o->threads, seq_at(o->seq, mid));

		if (view_root_cmp(o, other, root) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static uint32_t flat_index(struct view_order *o, uint32_t row)
{
	uint32_t low = 0, high = seq_count(o->seq);

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (view_flat_cmp(o, seq_at(o->seq, mid), row) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void insert_thread(struct view_order *o, uint32_t root)
{
	uint32_t index = thread_index(o, root);

	for (uint32_t n = root; n != THREAD_NONE; n = thread_walk(&o->threads, n, root)) {
		if (thread_is_msg(n))
			list_insert(o, index++, n);
	}
	view_show_thread(o, root);
}

static bool arrive_threaded(struct view *v, const uint32_t *rows, uint32_t n)
{
	struct view_order *o = v->order;
	uint32_t *lists = xcalloc(2 * (size_t)n, sizeof(*lists));
	struct thread_change c = {.rows = lists, .gone = lists + n, .most = TOUCHED_MOST};
	bool ok;

	for (uint32_t i = 0; i < n; i++) {
		if (v->rows[rows[i]].gone)
			lists[n + c.gone_count++] = rows[i];
		else
			lists[c.count++] = rows[i];
	}
	ok = threads_change(&o->threads, &c);
	for (uint32_t i = 0; ok && i < c.gone_count; i++)
		list_remove(o, c.gone[i]);
	for (uint32_t i = 0; ok && i < c.out_count; i++)
		list_remove(o, c.out[i]);
	for (uint32_t i = 0; ok && i < c.root_count; i++)
		insert_thread(o, c.roots[i]);
	threads_change_fini(&c);
	free(lists);
	return ok;
}

static void arrive_flat(struct view *v, const uint32_t *rows, uint32_t n)
{
	struct view_order *o = v->order;

	for (uint32_t i = 0; i < n; i++)
		list_remove(o, rows[i]);
	for (uint32_t i = 0; i < n; i++) {
		if (v->rows[rows[i]].gone)
			continue;
		list_insert(o, flat_index(o, rows[i]), rows[i]);
		view_show_row(o, rows[i]);
	}
}

/* The oldest `most` dirty rows find their place, or leave. */
static void arrive(struct view *v, uint32_t most)
{
	uint32_t n = MIN(v->dirty_len, most), *rows = xcalloc((size_t)n + 1, sizeof(*rows));

	memcpy(rows, v->dirty, n * sizeof(*rows));
	v->dirty_len -= n;
	memmove(v->dirty, v->dirty + n, v->dirty_len * sizeof(*v->dirty));
	for (uint32_t i = 0; i < n; i++)
		v->rows[rows[i]].dirty = false;
	if (v->cursor_row != VIEW_NONE && v->rows[v->cursor_row].gone)
		list_cursor_survivor(v);
	if (!v->order->threaded)
		arrive_flat(v, rows, n);
	else if (!arrive_threaded(v, rows, n))
		v->order_valid = false; /* so much of it that all is to be put in order */
	free(rows);
	list_changed(v);
}

/* What is gone goes at once, whatever else has to wait. */
static void hide_gone(struct view *v)
{
	bool any = false;

	if (!v->some_gone)
		return;
	v->some_gone = false;
	if (v->cursor_row != VIEW_NONE && v->rows[v->cursor_row].gone)
		list_cursor_survivor(v);
	for (uint32_t i = 0; i < v->dirty_len; i++) {
		if (v->rows[v->dirty[i]].gone && seq_has(v->order->seq, v->dirty[i])) {
			list_remove(v->order, v->dirty[i]);
			any = true;
		}
	}
	if (any)
		list_changed(v);
}

void view_make_dirty(struct view *v, uint32_t row)
{
	if (v->rows[row].dirty)
		return;
	v->rows[row].dirty = true;
	array_grow(v->dirty, v->dirty_len, v->dirty_cap);
	v->dirty[v->dirty_len++] = row;
}

/* ---- when ---- */

static bool is_pouring(const struct view *v)
{
	for (uint32_t i = 0; i < v->src_count; i++) {
		if ((v->src[i].loading || v->src[i].walking == WALK_OLDER) && v->src[i].walk)
			return true;
	}
	return false;
}

/* Does what is due until `end`; true when something is left. */
static bool work(struct view *v, int64_t end)
{
	uint32_t all = seq_count(v->order->seq);

	do {
		if (!v->order_valid && !v->job)
			job_begin(v);
		if (v->job) {
			if (!job_step(v->job))
				job_done(v);
		} else if (v->dirty_len > ARRIVE_AT_ONCE * 4 && v->dirty_len > all / ARRIVE_SHARE)
			v->order_valid = false;
		else if (v->dirty_len)
			arrive(v, ARRIVE_SLICE);
	} while ((v->job || v->dirty_len || !v->order_valid) && clock_us() < end);
	return v->job || v->dirty_len || !v->order_valid;
}

static bool work_slice(void *data)
{
	struct view *v = data;
	bool more = work(v, clock_us() + SLICE_US);

	if (!more) {
		v->order_id = 0;
		view_touch(v, VIEW_LIST | VIEW_COUNTS);
		view_say_loaded(v);
	}
	return more;
}

void view_say_loaded(struct view *v)
{
	if (!v->say_loaded || view_loading(v))
		return;
	v->say_loaded = false;
	view_touch(v, VIEW_LOADED);
}

static void work_soon(struct view *v)
{
	if (!v->order_id)
		v->order_id = loop_idle(v->loop, "view order", work_slice, v);
}

void view_settle(struct view *v)
{
	if (!v->overlay_valid)
		view_overlay(v);
	while (work(v, INT64_MAX))
		;
}

void view_follow(struct view *v)
{
	bool few = v->count <= AT_ONCE;

	if (!v->loop || (few && !v->job)) {
		while (work(v, INT64_MAX))
			;
		return;
	}
	if (v->order_valid && !v->job && v->dirty_len <= ARRIVE_AT_ONCE) {
		arrive(v, ARRIVE_AT_ONCE);
		if (v->order_valid)
			return;
	}
	hide_gone(v);
	if (is_pouring(v) && v->order_valid && !v->job &&
		(clock_ms() - v->last_sort_ms < RESORT_MS || v->dirty_len / RESORT_TIMES < seq_count(v->order->seq)))
		return; /* more is coming: the list on the screen is as good as another one */
	work_soon(v);
}

/* ---- anew ---- */

static bool same_sort(struct conf_sort a, struct conf_sort b)
{
	return a.key == b.key && a.reverse == b.reverse && a.last == b.last;
}

/* Would the order be the same as the one that there is, or that is being made? */
static bool same_spec(const struct view_order *a, const struct view_order *b)
{
	return a->threaded == b->threaded && a->reverse_tree == b->reverse_tree && a->received == b->received &&
	       a->strict == b->strict && a->sort_re == b->sort_re && a->duplicates == b->duplicates &&
	       same_sort(a->main, b->main) && same_sort(a->aux, b->aux) && same_sort(a->inner, b->inner) &&
	       same_sort(a->roots, b->roots);
}

/* True when $reply_regexp is another one. */
static bool reread_subjects(struct view *v)
{
	const char *now = v->conf->reply_regexp.text;

	if (strcmp(now, v->reply_regexp) == 0)
		return false;
	free(v->reply_regexp);
	v->reply_regexp = xstrdup(now);
	free(v->real);
	v->real = NULL;
	v->real_cap = 0;
	return true;
}

static void open_collapsed(struct view *v)
{
	for (uint32_t r = 0; r < v->count; r++)
		view_put_flags(v, r, v->rows[r].flags & ~(unsigned)(FLAG_COLLAPSED | FLAG_IN_COLLAPSED));
}

void view_resort(struct view *v)
{
	struct view_order spec = {.view = v}, *now = v->job ? NULL : v->order;

	view_read_sort(v);
	read_spec(&spec);
	if (reread_subjects(v) || !now || !same_spec(&spec, now)) {
		if (v->order->threaded && !spec.threaded)
			open_collapsed(v);
		view_order_cancel(v);
		v->order_valid = false;
	}
	view_forget_trees(v);
	view_touch(v, VIEW_LIST | VIEW_CURSOR);
}

void view_set_sort(struct view *v, struct conf_sort sort)
{
	v->sort = sort;
	v->sort_is_users = true;
	view_resort(v);
}
