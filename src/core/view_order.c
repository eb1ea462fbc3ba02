/*
 * The order of the list: live rows in mailbox order (perm), then by $sort and $sort_aux, or as
 * threads; then which of them are lines, with limit and collapsed threads.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/sort.h"
#include "core/view_priv.h"

enum { USE_THREADS_UNSET, USE_THREADS_FLAT, USE_THREADS_THREADS, USE_THREADS_REVERSE };

void view_read_sort(struct view *v)
{
	if (!v->sort_is_users)
		v->sort = v->conf->sort;
	v->threaded = v->sort.key == SORT_THREADS;
	v->reverse_tree = v->threaded && v->sort.reverse;
	if (v->sort.key != SORT_THREADS && v->conf->use_threads >= USE_THREADS_THREADS) {
		v->threaded = true;
		v->reverse_tree = v->conf->use_threads == USE_THREADS_REVERSE;
	}
}

/* Header folds are made of spaces here and tabs there: one blank each, so that subjects compare equal. */
static uint32_t add_squeezed(struct view *v, struct sv text)
{
	struct str out;
	uint32_t n;

	str_init(&out, text.len + 1);
	for (size_t i = 0; i < text.len; i++) {
		bool blank = ascii_is_space((unsigned char)text.p[i]);

		if (!blank || (out.len && out.s[out.len - 1] != ' '))
			(void)str_addc(&out, blank ? ' ' : text.p[i]);
	}
	n = strpool_add(v->pool, sv_trim(str_sv(&out)));
	str_fini(&out);
	return n;
}

static bool has_odd_blanks(struct sv text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\t' || text.p[i] == '\n' ||
			(text.p[i] == ' ' && (i == 0 || text.p[i - 1] == ' ')))
			return true;
	}
	return text.len && text.p[text.len - 1] == ' ';
}

void view_real_subject(struct view *v, struct row *r)
{
	struct sv subject = strpool_text(v->pool, r->subject);
	ptrdiff_t groups[RX_GROUPS][2];

	r->real_subject = r->subject;
	r->is_reply = subject.len && v->conf->reply_regexp.rx &&
		      rx_find(v->conf->reply_regexp.rx, subject, 0, groups) && groups[0][1] > 0;
	if (r->is_reply)
		subject = sv_from(subject, (size_t)groups[0][1]);
	if (has_odd_blanks(subject))
		r->real_subject = add_squeezed(v, subject);
	else if (r->is_reply)
		r->real_subject = strpool_add(v->pool, subject);
}

/* ---- perm: mailbox order ---- */

static int id_cmp(const void *va, const void *vb)
{
	uint64_t a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

	return a < b ? -1 : a > b;
}

static void make_perm(struct view *v)
{
	uint64_t *ids = xcalloc((size_t)v->count + 1, sizeof(*ids)), last = 0;
	bool sorted = true;

	v->perm = xreallocarray(v->perm, (size_t)v->count + 1, sizeof(*v->perm));
	v->place = xreallocarray(v->place, (size_t)v->count + 1, sizeof(*v->place));
	v->perm_len = 0;
	for (uint32_t r = 0; r < v->count; r++) {
		v->place[r] = VIEW_NONE;
		if (v->rows[r].gone)
			continue;
		sorted = sorted && v->rows[r].id >= last;
		last = v->rows[r].id;
		v->perm[v->perm_len] = r;
		ids[v->perm_len++] = last;
	}
	if (!sorted) {
		qsort(ids, v->perm_len, sizeof(*ids), id_cmp);
		for (uint32_t i = 0; i < v->perm_len; i++)
			v->perm[i] = view_find_id(v, ids[i]);
	}
	for (uint32_t i = 0; i < v->perm_len; i++)
		v->place[v->perm[i]] = i;
	free(ids);
}

/* ---- keys ---- */

static struct sv key_text(void *data, uint32_t number)
{
	const struct view *v = data;

	return strpool_text(v->pool, number);
}

static struct sv key_address(void *data, uint32_t number)
{
	const struct view *v = data;
	struct sv list = strpool_text(v->pool, number);
	struct addr_item item;

	return addr_next(&list, &item) ? addr_label(item) : sv_of("");
}

static uint32_t *classes_of_text(struct view *v, size_t field, sort_key_fn *key, bool empty_last)
{
	uint32_t *numbers = xcalloc((size_t)v->perm_len + 1, sizeof(*numbers)), *class;

	for (uint32_t i = 0; i < v->perm_len; i++)
		memcpy(&numbers[i], (const char *)&v->rows[v->perm[i]] + field, sizeof(numbers[i]));
	class = sort_classes_text(numbers, v->perm_len, strpool_limit(v->pool), key, v, empty_last);
	free(numbers);
	return class;
}

static int64_t number_key(const struct row *r, enum sort_key key)
{
	switch (key) {
	case SORT_DATE_RECEIVED:
		return r->date_received;
	case SORT_SIZE:
		return r->size;
	case SORT_SCORE:
		return r->score;
	case SORT_MAILBOX_ORDER:
	case SORT_SPAM:
		return 0;
	default:
		return r->date_sent;
	}
}

/* For each place the class of its key. */
static uint32_t *key_classes(struct view *v, enum sort_key key)
{
	int64_t *values;
	uint32_t *class;

	switch (key) {
	case SORT_SUBJECT:
		return classes_of_text(v, offsetof(struct row, real_subject), key_text, false);
	case SORT_FROM:
		return classes_of_text(v, offsetof(struct row, from), key_address, false);
	case SORT_TO:
		return classes_of_text(v, offsetof(struct row, to), key_address, false);
	case SORT_LABEL:
		return classes_of_text(v, offsetof(struct row, label), key_text, true);
	default:
		break;
	}
	values = xcalloc((size_t)v->perm_len + 1, sizeof(*values));
	for (uint32_t i = 0; i < v->perm_len; i++)
		values[i] = number_key(&v->rows[v->perm[i]], key);
	class = sort_classes_i64(values, v->perm_len);
	free(values);
	return class;
}

static void order_init(struct view *v, bool reverse)
{
	v->order = xreallocarray(v->order, (size_t)v->perm_len + 1, sizeof(*v->order));
	for (uint32_t i = 0; i < v->perm_len; i++)
		v->order[i] = reverse ? v->perm_len - 1 - i : i;
}

static void apply_key(struct view *v, uint32_t *order, struct conf_sort key)
{
	uint32_t *class;

	if (key.key == SORT_MAILBOX_ORDER || key.key == SORT_SPAM)
		return; /* the order that is there already */
	class = key_classes(v, key.key);
	sort_by_class(order, v->perm_len, class, key.reverse);
	free(class);
}

static void sort_flat(struct view *v)
{
	struct conf_sort aux = v->conf->sort_aux;

	/* Equal ones stay in mailbox order, or go backwards with a reversed key, as in mutt. */
	order_init(v, aux.key == SORT_MAILBOX_ORDER && v->sort.key != SORT_MAILBOX_ORDER
			      ? aux.reverse
			      : v->sort.reverse);
	if (v->sort.key == SORT_MAILBOX_ORDER)
		return;
	apply_key(v, v->order, aux);
	apply_key(v, v->order, v->sort);
}

/* ---- threads ---- */

static void build_threads(struct view *v)
{
	struct thread_msg *msgs = xcalloc((size_t)v->perm_len + 1, sizeof(*msgs));
	struct thread_in in = {.msgs = msgs,
		.count = v->perm_len,
		.refs = v->refs,
		.limit = strpool_limit(v->pool),
		.strict = v->conf->strict_threads,
		.sort_re = v->conf->sort_re,
		.duplicates = v->conf->duplicate_threads};
	bool received = v->conf->thread_received;

	for (uint32_t i = 0; i < v->perm_len; i++) {
		const struct row *r = &v->rows[v->perm[i]];

		msgs[i] = (struct thread_msg){.msgid = r->msgid,
			.refs = r->refs,
			.irt_count = r->irt_count,
			.ref_count = r->ref_count,
			.real_subject = r->real_subject,
			.is_reply = r->is_reply,
			.date = received ? r->date_received : r->date_sent};
	}
	threads_fini(&v->threads);
	threads_build(&v->threads, &in);
	free(msgs);
}

/* Ranks of messages by one key, unreversed; equals in mailbox order (reverse: so that they come out in it). */
static uint32_t *key_ranks(struct view *v, struct conf_sort key)
{
	uint32_t *order = xcalloc((size_t)v->perm_len + 1, sizeof(*order)), *rank;

	for (uint32_t i = 0; i < v->perm_len; i++)
		order[i] = i;
	apply_key(v, order, (struct conf_sort){.key = key.key});
	rank = sort_ranks(order, v->perm_len);
	free(order);
	return rank;
}

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

static void sort_threaded(struct view *v)
{
	struct conf_sort inner = inner_key(v), roots = roots_key(v);
	uint32_t *inner_rank = key_ranks(v, inner), *root_rank = inner_rank, n = 0;

	if (roots.key != inner.key)
		root_rank = key_ranks(v, roots);
	build_threads(v);
	threads_sort(&v->threads, (struct thread_order){inner_rank, inner.reverse, inner.last},
		(struct thread_order){root_rank, roots.reverse, roots.last});
	order_init(v, false);
	for (uint32_t at = v->threads.first_root; at != THREAD_NONE;
		at = thread_walk(&v->threads, at)) {
		if (thread_is_msg(&v->threads, at))
			v->order[n++] = at;
	}
	for (uint32_t a = 0, b = v->perm_len; v->reverse_tree && a + 1 < b; a++, b--) {
		uint32_t swap = v->order[a];

		v->order[a] = v->order[b - 1];
		v->order[b - 1] = swap;
	}
	if (root_rank != inner_rank)
		free(root_rank);
	free(inner_rank);
}

/* ~=: a message whose Message-ID an earlier one has. */
static void mark_duplicates(struct view *v)
{
	uint8_t *seen = xcalloc((size_t)strpool_limit(v->pool) / 8 + 1, 1);

	for (uint32_t i = 0; i < v->perm_len; i++) {
		struct row *r = &v->rows[v->perm[i]];
		uint8_t bit = (uint8_t)(1u << (r->msgid % 8));

		r->flags &= ~(unsigned)FLAG_DUPLICATE;
		if (r->msgid && (seen[r->msgid / 8] & bit))
			r->flags |= FLAG_DUPLICATE;
		seen[r->msgid / 8] |= bit;
	}
	free(seen);
}

void view_make_order(struct view *v)
{
	make_perm(v);
	mark_duplicates(v);
	if (v->threaded)
		sort_threaded(v);
	else
		sort_flat(v);
	v->order_valid = true;
	v->lines_valid = false;
	v->unsorted = 0;
	v->last_sort_ms = clock_ms();
}

void view_resort(struct view *v)
{
	bool was = v->threaded;

	for (uint32_t r = 0; r < v->count; r++)
		view_real_subject(v, &v->rows[r]);
	view_read_sort(v);
	if (was && !v->threaded) {
		for (uint32_t r = 0; r < v->count; r++)
			v->rows[r].flags &= ~(unsigned)(FLAG_COLLAPSED | FLAG_IN_COLLAPSED);
	}
	v->order_valid = false;
	view_touch(v, VIEW_LIST | VIEW_CURSOR);
}

void view_set_sort(struct view *v, struct conf_sort sort)
{
	v->sort = sort;
	v->sort_is_users = true;
	view_resort(v);
}

/* ---- which rows are lines ---- */

/* Where the cursor goes: with its message, or the root that hides it, or to what took its place. */
static void keep_cursor(struct view *v)
{
	uint32_t row = v->cursor_row, before = v->cursor;

	if (row != VIEW_NONE && v->rows[row].line == VIEW_NONE &&
		v->rows[row].hidden_under != VIEW_NONE)
		row = v->rows[row].hidden_under;
	if (row != VIEW_NONE && v->rows[row].line != VIEW_NONE)
		v->cursor = v->rows[row].line;
	else if (v->line_count == 0)
		v->cursor = 0;
	else if (v->cursor >= v->line_count)
		v->cursor = v->line_count - 1;
	v->cursor_row = v->line_count ? v->lines[v->cursor] : VIEW_NONE;
	if (v->cursor != before)
		view_touch(v, VIEW_CURSOR);
}

/*
 * When the message under the cursor goes, the next one in the old list that is still there takes over
 * (else the one before).
 */
static void cursor_survivor(struct view *v)
{
	uint32_t line = v->cursor;

	if (v->cursor_row == VIEW_NONE || !v->rows[v->cursor_row].gone)
		return;
	while (line < v->line_count && v->rows[v->lines[line]].gone)
		line++;
	if (line >= v->line_count) {
		for (line = MIN(v->cursor, v->line_count);
			line > 0 && v->rows[v->lines[line - 1]].gone; line--)
			;
		if (line == 0) {
			v->cursor_row = VIEW_NONE;
			return;
		}
		line--;
	}
	v->cursor_row = v->lines[line];
}

void view_make_lines(struct view *v)
{
	cursor_survivor(v);
	for (uint32_t r = 0; r < v->count; r++)
		v->rows[r].line = v->rows[r].hidden_under = VIEW_NONE;
	for (uint32_t top = v->threaded ? v->threads.first_root : THREAD_NONE; top != THREAD_NONE;
		top = v->threads.nodes[top].next)
		view_hide_collapsed(v, top);
	v->line_count = 0;
	v->lines = xreallocarray(v->lines, (size_t)v->perm_len + 1, sizeof(*v->lines));
	for (uint32_t i = 0; i < v->perm_len; i++) {
		uint32_t row = v->perm[v->order[i]];
		struct row *r = &v->rows[row];

		if (!r->limited || r->hidden_under != VIEW_NONE)
			continue;
		r->line = v->line_count;
		v->lines[v->line_count++] = row;
	}
	if (v->threaded)
		view_make_tree(v);
	v->lines_valid = true;
	keep_cursor(v);
	view_touch(v, VIEW_LIST | VIEW_COUNTS);
}
