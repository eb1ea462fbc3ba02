/*
 * The list of a view: a sequence of rows, some of them hidden, in which a place is found by its row and a
 * row by its place, and in which rows come and go, in a few hundred steps however long it is.
 *
 * Rows are numbers, dense from 0; each is in the sequence once at most. A "line" counts the rows that are
 * not hidden, an "index" counts all.
 */
#ifndef CORE_SEQ_H
#define CORE_SEQ_H

#include "base/util.h"

#define SEQ_NONE UINT32_MAX
#define SEQ_ROWS_MAX 16000000u /* of one view */

struct seq;
struct seq *seq_new(void);
void seq_free(struct seq *); /* NULL is fine */

/* Behind the end. In this order a new sequence is filled without gaps. The row must not be in it. */
void seq_append(struct seq *, uint32_t row);
/* Before the row that has this index now; seq_count puts it at the end. The row must not be in it. */
void seq_insert(struct seq *, uint32_t index, uint32_t row);
void seq_remove(struct seq *, uint32_t row); /* fine when it is not in it */
/* Rows are shown when they come in. Fine for one that is not in it. True when that changed something. */
bool seq_show(struct seq *, uint32_t row, bool shown);

bool seq_has(const struct seq *, uint32_t row);
bool seq_is_shown(const struct seq *, uint32_t row); /* and is in it */
uint32_t seq_count(const struct seq *);
uint32_t seq_lines(const struct seq *);
uint32_t seq_at(struct seq *, uint32_t index);      /* SEQ_NONE past the end */
uint32_t seq_at_line(struct seq *, uint32_t line);  /* SEQ_NONE past the end */
uint32_t seq_index_of(struct seq *, uint32_t row);  /* SEQ_NONE: not in it */
uint32_t seq_line_of(struct seq *, uint32_t row);   /* SEQ_NONE: not in it or hidden */
/* How many lines are before this row, which may be hidden but is in it. */
uint32_t seq_lines_before(struct seq *, uint32_t row);

/* Walks over all rows or over the lines, forwards or backwards: the cursor is good until something changes. */
struct seq_walk {
	const struct seq *seq;
	uint32_t chunk, at;
	int step;
	bool all;
};
/* From this index (all) or line (not all) on. */
struct seq_walk seq_walk(struct seq *, uint32_t from, int step, bool all);
uint32_t seq_next(struct seq_walk *); /* SEQ_NONE at the end */

#endif
