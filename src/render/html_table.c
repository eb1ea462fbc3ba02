/*
 * Tables. Most tables of mail are scaffolding: they place boxes on a page, and reading them box by box
 * is what their sender would have wanted on a phone. Some hold data; these keep their columns. Which is
 * which is decided by markup where it says so, else by the shape of the content.
 */
#include "render/html_priv.h"

#include <stdlib.h>

#include "text/width.h"

#define GAP 2           /* blanks between columns */
#define SHORT_CELL 40   /* data is short */
#define NARROW_COLUMN 8 /* below this a column cannot be read */
#define FLEXIBLE \
	26 /* a column of scaffolding that is wider may wrap; two such are not set side by side */

static bool is_empty(const struct html_cell *c)
{
	return !c->first;
}

static int filled_cells(const struct html_row *r)
{
	int n = 0;

	for (const struct html_cell *c = r->first; c; c = c->next)
		n += !is_empty(c);
	return n;
}

/* ---- the grid ---- */

/* Gives each cell its column; cells that reach down from rows above are stepped over. */
static void number_columns(struct html_table *t)
{
	int down[HTML_COLUMNS_MAX + 1] = {0};

	t->columns = 0;
	for (struct html_row *r = t->first; r; r = r->next) {
		int at = 0;
		for (struct html_cell *c = r->first; c; c = c->next) {
			while (at < HTML_COLUMNS_MAX && down[at] > 0)
				at++;
			c->column = at;
			for (int i = 0; i < c->columns && at < HTML_COLUMNS_MAX; i++, at++)
				down[at] = c->rows; /* counted down at the end of this row, too */
			if (c->column >= HTML_COLUMNS_MAX)
				t->columns = HTML_COLUMNS_MAX + 1; /* too wide: read cell by cell */
		}
		t->columns = MAX(t->columns, at);
		for (int i = 0; i < HTML_COLUMNS_MAX; i++)
			down[i] -= down[i] > 0;
	}
}

static void measure_columns(struct html_table *t)
{
	int n = MIN(t->columns, HTML_COLUMNS_MAX);

	memset(t->column_min, 0, sizeof(t->column_min));
	memset(t->column_max, 0, sizeof(t->column_max));
	for (struct html_row *r = t->first; r; r = r->next)
		for (struct html_cell *c = r->first; c; c = c->next)
			if (!is_empty(c) && c->columns == 1 && c->column < n) {
				t->column_min[c->column] =
					MAX(t->column_min[c->column], MAX(c->min, 1));
				t->column_max[c->column] =
					MAX(t->column_max[c->column], MAX(c->max, 1));
			}
}

/* What a cell over several columns needs beyond them goes to the last of them that is in use. */
static void widen_for_spans(struct html_table *t)
{
	int n = MIN(t->columns, HTML_COLUMNS_MAX);

	for (struct html_row *r = t->first; r; r = r->next) {
		if (filled_cells(r) < 2)
			continue; /* it gets the whole width for itself */
		for (struct html_cell *c = r->first; c; c = c->next) {
			int end = MIN(c->column + c->columns, n), min = 0, max = 0,
			    last = c->column;
			if (is_empty(c) || c->columns < 2 || c->column >= n)
				continue;
			for (int i = c->column; i < end; i++) {
				min += t->column_min[i] ? t->column_min[i] + (min ? GAP : 0) : 0;
				max += t->column_max[i] ? t->column_max[i] + (max ? GAP : 0) : 0;
				last = t->column_max[i] ? i : last;
			}
			if (c->min > min)
				t->column_min[last] += c->min - min;
			if (c->max > max)
				t->column_max[last] += c->max - max;
			t->column_max[last] = MAX(t->column_max[last], MAX(t->column_min[last], 1));
		}
	}
}

/* ---- data or scaffolding ---- */

static bool has_head_cells(const struct html_table *t)
{
	for (const struct html_row *r = t->first; r; r = r->next)
		for (const struct html_cell *c = r->first; c; c = c->next)
			if (c->head && !is_empty(c))
				return true;
	return false;
}

/* Two rows or more of two cells or more, nearly all short and simple, and rows alike. */
static bool looks_like_data(const struct html_table *t)
{
	unsigned rows = 0, cells = 0, plain = 0;
	int most = 0;

	for (const struct html_row *r = t->first; r; r = r->next) {
		int n = filled_cells(r);
		if (n < 2)
			continue;
		rows++;
		most = MAX(most, n);
		for (const struct html_cell *c = r->first; c; c = c->next) {
			cells += !is_empty(c);
			plain += !is_empty(c) && !c->nested && c->blocks <= 2 &&
				 c->max <= SHORT_CELL;
		}
	}
	return rows >= 2 && most >= 2 && plain * 10 >= cells * 8;
}

static bool decide_data(const struct html_table *t)
{
	for (const struct html_row *r = t->first; r; r = r->next)
		for (const struct html_cell *c = r->first; c; c = c->next)
			if (c->nested)
				return false;
	if (t->layout_said)
		return looks_like_data(
			t); /* templates say "presentation" on everything, price lists too */
	return t->data_said || has_head_cells(t) || looks_like_data(t);
}

static int used_columns(const struct html_table *t)
{
	int n = 0;

	for (int i = 0; i < MIN(t->columns, HTML_COLUMNS_MAX); i++)
		n += t->column_max[i] > 0;
	return n;
}

static bool has_wide_row(const struct html_table *t)
{
	for (const struct html_row *r = t->first; r; r = r->next)
		if (filled_cells(r) > 1)
			return true;
	return false;
}

void html_measure_table(struct html_table *t)
{
	int min = 0, max = 0, cell_min = 0, cell_max = 0;

	number_columns(t);
	measure_columns(t);
	widen_for_spans(t);
	t->is_data = decide_data(t);
	for (struct html_row *r = t->first; r; r = r->next)
		for (struct html_cell *c = r->first; c; c = c->next) {
			cell_min = MAX(cell_min, c->min);
			cell_max = MAX(cell_max, c->max);
		}
	for (int i = 0; i < MIN(t->columns, HTML_COLUMNS_MAX); i++) {
		min += t->column_min[i] + (t->column_max[i] && min ? GAP : 0);
		max += t->column_max[i] + (t->column_max[i] && max ? GAP : 0);
	}
	bool grid = t->columns <= HTML_COLUMNS_MAX && used_columns(t) > 1 && has_wide_row(t);
	t->mode = grid ? TABLE_GRID : TABLE_STACK;
	t->max = grid ? MAX(max, cell_max) : cell_max;
	t->min = grid && t->is_data ? MAX(min, cell_min) : cell_min;
}

/* ---- widths ---- */

static int clamp_to(int level, int min, int max)
{
	return MIN(MAX(level, min), max);
}

/* Raises a water level: each column gets it, but not under its min, nor over its max. */
static void share_room(struct html_table *t, int room, bool keep_words)
{
	int n = t->columns, level = 0, sum = 0;

	for (int next = 1; next <= room; next++) {
		sum = 0;
		for (int i = 0; i < n; i++)
			if (t->column_max[i])
				sum += clamp_to(
					next, keep_words ? t->column_min[i] : 1, t->column_max[i]);
		if (sum > room)
			break;
		level = next;
	}
	sum = 0;
	for (int i = 0; i < n; i++) {
		t->column_width[i] = t->column_max[i]
					     ? clamp_to(level, keep_words ? t->column_min[i] : 1,
						       t->column_max[i])
					     : 0;
		sum += t->column_width[i];
	}
	for (int i = 0; i < n && sum < room; i++) /* what is left over by rounding */
		if (t->column_width[i] && t->column_width[i] < t->column_max[i]) {
			t->column_width[i]++;
			sum++;
		}
}

/* Columns side by side, if that can be read. */
static bool place_columns(struct html_table *t)
{
	int room = t->width - GAP * (used_columns(t) - 1), min = 0, max = 0, flexible = 0,
	    narrow = 0;

	for (int i = 0; i < t->columns; i++) {
		min += t->column_min[i];
		max += t->column_max[i];
		flexible += t->column_max[i] > FLEXIBLE;
		narrow += t->column_max[i] && t->column_max[i] <= FLEXIBLE ? t->column_max[i] : 0;
	}
	if (max <= room) {
		memcpy(t->column_width, t->column_max, sizeof(t->column_width));
		return true;
	}
	if (!t->is_data && (flexible != 1 || room - narrow < FLEXIBLE))
		return false;
	if (min <= room) {
		share_room(t, room, true);
		return true;
	}
	if (!t->is_data || room < used_columns(t) * NARROW_COLUMN)
		return false;
	share_room(t, room, false);
	return true;
}

static int span_width(const struct html_table *t, const struct html_cell *c)
{
	int w = 0, end = MIN(c->column + c->columns, t->columns);

	for (int i = c->column; i < end; i++)
		w += t->column_width[i] + (t->column_width[i] && w ? GAP : 0);
	return MAX(w, 1);
}

void html_place_table(struct html_table *t)
{
	if (t->mode == TABLE_GRID && !place_columns(t))
		t->mode = TABLE_STACK;
	for (struct html_row *r = t->first; r; r = r->next) {
		bool alone = t->mode == TABLE_GRID && filled_cells(r) < 2;
		bool whole = t->mode == TABLE_STACK || (alone && !t->is_data);
		for (struct html_cell *c = r->first; c; c = c->next)
			c->width = whole || (alone && c->columns > 1) ? t->width : span_width(t, c);
	}
}

/* ---- lines ---- */

static void empty_line(struct html_layout *l, struct html_lines *out)
{
	html_line_append(out, html_line_new(l, SV(""), 0));
}

static bool is_blank(const struct html_line *line)
{
	return sv_trim(line->text).len == 0;
}

/* What stacking needs to know of the block above. */
struct stack {
	struct html_layout *l;
	struct html_lines *out;
	bool tall, room; /* it is of several lines; it asked for room below */
};

/* Adds a block of lines under those that are there; tall ones stand apart, and those with padding. */
static void stack(struct stack *s, struct html_lines *in, bool above, bool below)
{
	bool tall = in->count > 1;

	if (!in->first)
		return;
	if (s->out->first && !s->l->cut && (s->tall || tall || s->room || above) &&
		!is_blank(s->out->last) && !is_blank(in->first))
		empty_line(s->l, s->out);
	s->tall = tall;
	s->room = below;
	html_lines_take(s->out, in);
}

/* One line of a row under construction. */
struct joint {
	struct html_layout *l;
	struct str text;
	struct doc_span *spans;
	uint32_t count;
	size_t cap;
	int column;
};

static void joint_add(struct joint *j, struct sv text, const struct doc_span *look)
{
	if (!text.len)
		return;
	str_add(&j->text, text);
	array_grow(j->spans, j->count, j->cap);
	j->spans[j->count] = *look;
	j->spans[j->count++].len = (uint32_t)text.len;
}

static void joint_pad(struct joint *j, int column)
{
	static const struct doc_span plain;

	for (; j->column < column; j->column++)
		joint_add(j, SV(" "), &plain);
}

static void joint_line(struct joint *j, const struct html_line *line, int column, int width)
{
	int w = width_of(line->text);
	size_t at = 0;

	if (!w)
		return;
	if (line->right && w < width)
		column += width - w;
	joint_pad(j, column);
	for (uint32_t i = 0; i < line->span_count; i++) {
		joint_add(j, sv_make(line->text.p + at, line->spans[i].len), &line->spans[i]);
		at += line->spans[i].len;
	}
	j->column += w;
}

static void joint_end(struct joint *j, struct html_lines *out)
{
	char *copy = arena_alloc(j->l->arena, j->text.len + 1);
	struct html_line *line;

	if (j->text.len)
		memcpy(copy, j->text.s, j->text.len);
	line = html_line_new(j->l, sv_make(copy, j->text.len), j->count);
	if (j->count)
		memcpy(line->spans, j->spans, j->count * sizeof(*j->spans));
	line->pre = true; /* its blanks mean something */
	html_line_append(out, line);
	str_clear(&j->text);
	j->count = 0;
	j->column = 0;
	j->l->cut = html_full(j->l);
}

static int column_start(const struct html_table *t, int column)
{
	int at = 0;

	for (int i = 0; i < column; i++)
		at += t->column_width[i] ? t->column_width[i] + GAP : 0;
	return at;
}

/* The cells of one row, line by line. */
static void join_row(
	struct joint *j, const struct html_table *t, struct html_row *r, struct html_lines *out)
{
	bool more = true;

	while (more && !j->l->cut) {
		more = false;
		for (struct html_cell *c = r->first; c; c = c->next) {
			struct html_line *line = c->lines.first;
			if (!line)
				continue;
			joint_line(j, line, column_start(t, c->column), c->width);
			c->lines.first = line->next;
			more |= line->next != NULL;
		}
		joint_end(j, out);
	}
}

static bool is_head_row(const struct html_row *r)
{
	for (const struct html_cell *c = r->first; c; c = c->next)
		if (!is_empty(c) && !c->head)
			return false;
	return filled_cells(r) > 1;
}

/* "-----  ---" under the heads. */
static void rule_under(struct joint *j, const struct html_table *t, struct html_lines *out)
{
	static const struct doc_span rule = {.style = DOC_RULE};

	for (int i = 0; i < t->columns; i++) {
		joint_pad(j, column_start(t, i));
		for (int k = 0; k < t->column_width[i]; k++, j->column++)
			joint_add(j, SV("-"), &rule);
	}
	joint_end(j, out);
}

static unsigned row_height(const struct html_row *r)
{
	unsigned height = 0;

	for (const struct html_cell *c = r->first; c; c = c->next)
		height = MAX(height, c->lines.count);
	return height;
}

/* Rows of data stand apart when many of them are taller than one line. */
static bool wants_room(const struct html_table *t)
{
	unsigned tall = 0;

	for (const struct html_row *r = t->first; r; r = r->next)
		tall += row_height(r) > 1;
	return tall * 2 > t->rows;
}

static bool row_has_room(const struct html_row *r, bool above)
{
	for (const struct html_cell *c = r->first; c; c = c->next)
		if (!is_empty(c) && (above ? c->room_above : c->room_below))
			return true;
	return false;
}

static void join_rows(struct html_layout *l, struct html_table *t)
{
	struct joint j = {.l = l};
	struct stack s = {.l = l, .out = &t->lines};
	bool room = wants_room(t), head = true;

	str_init(&j.text, DOC_LINE_MAX);
	for (struct html_row *r = t->first; r; r = r->next) {
		struct html_lines lines = {NULL, NULL, 0};
		int filled = filled_cells(r);
		if (!filled)
			continue;
		if (filled < 2 && (!t->is_data || row_height(r) == 0))
			for (struct html_cell *c = r->first; c; c = c->next)
				html_lines_take(&lines, &c->lines);
		else
			join_row(&j, t, r, &lines);
		bool rule =
			head && t->is_data && is_head_row(r) && r->next && !is_head_row(r->next);
		head = head && (is_head_row(r) || filled < 2);
		if (t->is_data && !room)
			html_lines_take(&t->lines, &lines);
		else
			stack(&s, &lines, room ? !head : row_has_room(r, true),
				room ? false : row_has_room(r, false));
		if (rule) {
			rule_under(&j, t, &t->lines);
			s.tall = s.room = false;
		}
	}
	str_fini(&j.text);
	free(j.spans);
}

void html_lay_out_table(struct html_layout *l, struct html_table *t)
{
	struct stack s = {.l = l, .out = &t->lines};

	if (t->mode == TABLE_GRID) {
		join_rows(l, t);
		return;
	}
	for (struct html_row *r = t->first; r; r = r->next)
		for (struct html_cell *c = r->first; c; c = c->next)
			stack(&s, &c->lines, c->room_above, c->room_below);
}
