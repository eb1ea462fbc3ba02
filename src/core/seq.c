/*
 * The rows lie in chunks of some hundred; the chunks are in an array in their order, with the sums of what
 * is before each of them. Sums are made again from the first chunk that changed when somebody asks: a
 * million rows are three thousand chunks.
 */
#include "core/seq.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#define CHUNK_ROWS 512u
#define CHUNK_FILL 384u /* when it is filled from one end: room for what comes between */
#define NO_CHUNK UINT16_MAX

struct chunk {
	uint32_t rows[CHUNK_ROWS];
	uint32_t n, shown;
	uint32_t place; /* in the order of chunks */
};

struct seq {
	struct chunk **chunks; /* by number; a chunk keeps its number */
	uint32_t chunk_count, chunk_cap;
	uint32_t *order; /* numbers of chunks */
	uint32_t order_len, order_cap;
	uint32_t *before, *lines_before; /* by place: sums of the chunks before it */
	uint32_t good;                   /* the sums are right for places below this */
	uint32_t *free_numbers;
	uint32_t free_len, free_cap;
	uint16_t *chunk_of; /* row -> number of its chunk */
	uint8_t *hidden;    /* a bit for each row */
	uint32_t rows_cap;
	uint32_t count, lines;
};

struct seq *seq_new(void)
{
	return xcalloc(1, sizeof(struct seq));
}

void seq_free(struct seq *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->order_len; i++)
		free(s->chunks[s->order[i]]);
	free(s->chunks);
	free(s->order);
	free(s->before);
	free(s->lines_before);
	free(s->free_numbers);
	free(s->chunk_of);
	free(s->hidden);
	free(s);
}

static void rows_grow(struct seq *s, uint32_t row)
{
	uint32_t cap = s->rows_cap ? s->rows_cap : 1024;

	if (row < s->rows_cap)
		return;
	if (row >= SEQ_ROWS_MAX)
		bug("more than %u rows in a view", SEQ_ROWS_MAX);
	while (cap <= row)
		cap *= 2;
	s->chunk_of = xreallocarray(s->chunk_of, cap, sizeof(*s->chunk_of));
	s->hidden = xrealloc(s->hidden, cap / 8);
	memset(s->chunk_of + s->rows_cap, 0xff, (cap - s->rows_cap) * sizeof(*s->chunk_of));
	memset(s->hidden + s->rows_cap / 8, 0, (cap - s->rows_cap) / 8);
	s->rows_cap = cap;
}

static bool is_hidden(const struct seq *s, uint32_t row)
{
	return s->hidden[row / 8] >> (row % 8) & 1;
}

bool seq_has(const struct seq *s, uint32_t row)
{
	return row < s->rows_cap && s->chunk_of[row] != NO_CHUNK;
}

bool seq_is_shown(const struct seq *s, uint32_t row)
{
	return seq_has(s, row) && !is_hidden(s, row);
}

uint32_t seq_count(const struct seq *s)
{
	return s->count;
}

uint32_t seq_lines(const struct seq *s)
{
	return s->lines;
}

/* ---- chunks ---- */

static void changed_from(struct seq *s, uint32_t place)
{
	s->good = MIN(s->good, place);
}

static void make_sums(struct seq *s)
{
	uint32_t at = s->good;

	if (at >= s->order_len)
		return;
	if (at == 0) {
		s->before[0] = s->lines_before[0] = 0;
		at = 1;
	}
	for (; at < s->order_len; at++) {
		const struct chunk *c = s->chunks[s->order[at - 1]];

		s->before[at] = s->before[at - 1] + c->n;
		s->lines_before[at] = s->lines_before[at - 1] + c->shown;
	}
	s->good = s->order_len;
}

static void renumber(struct seq *s, uint32_t place)
{
	for (; place < s->order_len; place++)
		s->chunks[s->order[place]]->place = place;
}

/* An empty chunk at this place. */
static struct chunk *chunk_new(struct seq *s, uint32_t place)
{
	struct chunk *c = xmalloc(sizeof(*c));
	uint32_t number;

	if (s->free_len)
		number = s->free_numbers[--s->free_len];
	else {
		if (s->chunk_count == NO_CHUNK)
			bug("a list of more than %u chunks", s->chunk_count);
		array_grow(s->chunks, s->chunk_count, s->chunk_cap);
		number = s->chunk_count++;
	}
	if (s->order_len >= s->order_cap) {
		s->order_cap = s->order_cap ? s->order_cap * 2 : 16;
		s->order = xreallocarray(s->order, s->order_cap, sizeof(*s->order));
		s->before = xreallocarray(s->before, s->order_cap, sizeof(*s->before));
		s->lines_before = xreallocarray(s->lines_before, s->order_cap, sizeof(*s->lines_before));
	}
	memmove(s->order + place + 1, s->order + place, (s->order_len - place) * sizeof(*s->order));
	s->order[place] = number;
	s->order_len++;
	c->n = c->shown = 0;
	s->chunks[number] = c;
	renumber(s, place);
	changed_from(s, place);
	return c;
}

static void chunk_drop(struct seq *s, struct chunk *c)
{
	uint32_t place = c->place, number = s->order[place];

	memmove(s->order + place, s->order + place + 1, (s->order_len - place - 1) * sizeof(*s->order));
	s->order_len--;
	array_grow(s->free_numbers, s->free_len, s->free_cap);
	s->free_numbers[s->free_len++] = number;
	s->chunks[number] = NULL;
	free(c);
	renumber(s, place);
	changed_from(s, place);
}

static void count_shown(struct seq *s, struct chunk *c)
{
	c->shown = 0;
	for (uint32_t i = 0; i < c->n; i++)
		c->shown += !is_hidden(s, c->rows[i]);
}

static struct chunk *split(struct seq *s, struct chunk *c)
{
	uint32_t keep = c->n / 2;
	struct chunk *half = chunk_new(s, c->place + 1);

	half->n = c->n - keep;
	memcpy(half->rows, c->rows + keep, half->n * sizeof(*c->rows));
	c->n = keep;
	for (uint32_t i = 0; i < half->n; i++)
		s->chunk_of[half->rows[i]] = (uint16_t)s->order[half->place];
	count_shown(s, c);
	count_shown(s, half);
	return half;
}

static struct chunk *chunk_of_row(const struct seq *s, uint32_t row)
{
	return s->chunks[s->chunk_of[row]];
}

static uint32_t place_in(const struct chunk *c, uint32_t row)
{
	uint32_t at = 0;

	while (c->rows[at] != row)
		at++;
	return at;
}

/* ---- changing ---- */

static void put_in(struct seq *s, struct chunk *c, uint32_t at, uint32_t row)
{
	memmove(c->rows + at + 1, c->rows + at, (c->n - at) * sizeof(*c->rows));
	c->rows[at] = row;
	c->n++;
	c->shown++;
	s->chunk_of[row] = (uint16_t)s->order[c->place];
	s->hidden[row / 8] &= (uint8_t) ~(1u << (row % 8));
	s->count++;
	s->lines++;
	changed_from(s, c->place + 1);
}

void seq_append(struct seq *s, uint32_t row)
{
	struct chunk *c = s->order_len ? s->chunks[s->order[s->order_len - 1]] : NULL;

	rows_grow(s, row);
	if (!c || c->n >= CHUNK_FILL)
		c = chunk_new(s, s->order_len);
	put_in(s, c, c->n, row);
}

/* The place of the chunk with the element that sums[place] leads to; the sums are right. */
static uint32_t find_place(const struct seq *s, const uint32_t *sums, uint32_t n)
{
	uint32_t low = 0, high = s->order_len;

	while (high - low > 1) {
		uint32_t mid = low + (high - low) / 2;

		if (sums[mid] <= n)
			low = mid;
		else
			high = mid;
	}
	return low;
}

void seq_insert(struct seq *s, uint32_t index, uint32_t row)
{
	struct chunk *c;
	uint32_t at;

	if (index >= s->count) {
		seq_append(s, row);
		return;
	}
	rows_grow(s, row);
	make_sums(s);
	c = s->chunks[s->order[find_place(s, s->before, index)]];
	at = index - s->before[c->place];
	if (c->n == CHUNK_ROWS) {
		struct chunk *half = split(s, c);

		if (at > c->n) {
			at -= c->n;
			c = half;
		}
	}
	put_in(s, c, at, row);
}

void seq_remove(struct seq *s, uint32_t row)
{
	struct chunk *c;
	uint32_t at;

	if (!seq_has(s, row))
		return;
	c = chunk_of_row(s, row);
	at = place_in(c, row);
	if (!is_hidden(s, row)) {
		c->shown--;
		s->lines--;
	}
	c->n--;
	memmove(c->rows + at, c->rows + at + 1, (c->n - at) * sizeof(*c->rows));
	s->chunk_of[row] = NO_CHUNK;
	s->count--;
	changed_from(s, c->place + 1);
	if (c->n == 0)
		chunk_drop(s, c);
}

bool seq_show(struct seq *s, uint32_t row, bool shown)
{
	struct chunk *c;

	if (!seq_has(s, row) || is_hidden(s, row) == !shown)
		return false;
	c = chunk_of_row(s, row);
	s->hidden[row / 8] ^= (uint8_t)(1u << (row % 8));
	if (shown) {
		c->shown++;
		s->lines++;
	} else {
		c->shown--;
		s->lines--;
	}
	changed_from(s, c->place + 1);
	return true;
}

/* ---- asking ---- */

/* Of the lines in a chunk the n-th: its place among all rows of it. */
static uint32_t nth_shown(const struct seq *s, const struct chunk *c, uint32_t n)
{
	for (uint32_t i = 0; i < c->n; i++) {
		if (!is_hidden(s, c->rows[i]) && n-- == 0)
			return i;
	}
	return c->n;
}

uint32_t seq_at(struct seq *s, uint32_t index)
{
	uint32_t place;

	if (index >= s->count)
		return SEQ_NONE;
	make_sums(s);
	place = find_place(s, s->before, index);
	return s->chunks[s->order[place]]->rows[index - s->before[place]];
}

static uint32_t line_chunk(struct seq *s, uint32_t line, uint32_t *at)
{
	const struct chunk *c;
	uint32_t place, rest;

	make_sums(s);
	place = find_place(s, s->lines_before, line);
	c = s->chunks[s->order[place]];
	rest = line - s->lines_before[place];
	*at = c->shown == c->n ? rest : nth_shown(s, c, rest);
	return place;
}

uint32_t seq_at_line(struct seq *s, uint32_t line)
{
	uint32_t place, at;

	if (line >= s->lines)
		return SEQ_NONE;
	place = line_chunk(s, line, &at);
	return s->chunks[s->order[place]]->rows[at];
}

uint32_t seq_index_of(struct seq *s, uint32_t row)
{
	const struct chunk *c;

	if (!seq_has(s, row))
		return SEQ_NONE;
	make_sums(s);
	c = chunk_of_row(s, row);
	return s->before[c->place] + place_in(c, row);
}

uint32_t seq_lines_before(struct seq *s, uint32_t row)
{
	const struct chunk *c = chunk_of_row(s, row);
	uint32_t at = place_in(c, row), n = 0;

	make_sums(s);
	if (c->shown == c->n)
		n = at;
	else {
		for (uint32_t i = 0; i < at; i++)
			n += !is_hidden(s, c->rows[i]);
	}
	return s->lines_before[c->place] + n;
}

uint32_t seq_line_of(struct seq *s, uint32_t row)
{
	return seq_is_shown(s, row) ? seq_lines_before(s, row) : SEQ_NONE;
}

/* ---- walking ---- */

struct seq_walk seq_walk(struct seq *s, uint32_t from, int step, bool all)
{
	struct seq_walk w = {.seq = s, .step = step, .all = all, .chunk = SEQ_NONE};

	if (from >= (all ? s->count : s->lines))
		return w;
	if (all) {
		make_sums(s);
		w.chunk = find_place(s, s->before, from);
		w.at = from - s->before[w.chunk];
	} else
		w.chunk = line_chunk(s, from, &w.at);
	return w;
}

uint32_t seq_next(struct seq_walk *w)
{
	const struct seq *s = w->seq;

	while (w->chunk < s->order_len) {
		const struct chunk *c = s->chunks[s->order[w->chunk]];

		while (w->at < c->n) { /* below 0 as well: unsigned */
			uint32_t row = c->rows[w->at];

			w->at += (uint32_t)w->step;
			if (w->all || !is_hidden(s, row))
				return row;
		}
		w->chunk += (uint32_t)w->step;
		w->at = w->step < 0 && w->chunk < s->order_len ? s->chunks[s->order[w->chunk]]->n - 1 : 0;
	}
	w->chunk = SEQ_NONE;
	return SEQ_NONE;
}
