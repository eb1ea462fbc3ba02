/* Editing one line. Word limits are those of mutt: letters and digits, and what belongs to them. */
#include "ui/line.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "text/utf8.h"

void history_init(struct history *h, size_t max)
{
	*h = (struct history){.max = MIN(max, (size_t)LINE_HISTORY_MAX)};
}

void history_fini(struct history *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->v[i]);
	free(h->v);
	*h = (struct history){0};
}

static void history_remove(struct history *h, size_t i)
{
	free(h->v[i]);
	memmove(&h->v[i], &h->v[i + 1], (h->n - i - 1) * sizeof(*h->v));
	h->n--;
}

void history_add(struct history *h, struct sv line, bool unique)
{
	if (line.len == 0 || h->max == 0)
		return;
	if (h->n > 0 && sv_is(line, h->v[h->n - 1]))
		return;
	for (size_t i = 0; unique && i < h->n;) {
		if (sv_is(line, h->v[i]))
			history_remove(h, i);
		else
			i++;
	}
	while (h->n >= h->max)
		history_remove(h, 0);
	array_grow(h->v, h->n, h->cap);
	h->v[h->n++] = sv_dup(line);
}

void line_init(struct line *l, struct sv text, struct history *h)
{
	*l = (struct line){.history = h, .history_at = h ? h->n : 0};
	str_init(&l->text, LINE_MAX);
	str_init(&l->killed, LINE_MAX);
	line_set(l, text);
}

void line_fini(struct line *l)
{
	if (l->text.s)
		mem_wipe(l->text.s, l->text.cap); /* it may have been a password */
	str_fini(&l->text);
	str_fini(&l->killed);
	free(l->typed);
}

void line_set(struct line *l, struct sv text)
{
	str_clear(&l->text);
	str_add(&l->text, sv_head(text, LINE_MAX));
	l->cursor = l->text.len;
}

bool line_insert(struct line *l, struct sv text)
{
	l->killing = false;
	if (!str_insert(&l->text, l->cursor, text))
		return false;
	l->cursor += text.len;
	return true;
}

bool line_replace(struct line *l, size_t start, struct sv text)
{
	size_t old = l->cursor - start;
	if (l->text.len - old + text.len > LINE_MAX)
		return false;
	str_remove(&l->text, start, old);
	l->cursor = start;
	return line_insert(l, text);
}

/* ---- where words are ---- */

static bool word_at(const struct line *l, size_t at)
{
	size_t used;
	return utf8_is_word(utf8_decode(sv_from(str_sv(&l->text), at), &used));
}

static size_t next_char(const struct line *l, size_t at)
{
	return at < l->text.len ? utf8_next(str_sv(&l->text), at) : at;
}

static size_t prev_char(const struct line *l, size_t at)
{
	return at > 0 ? utf8_prev(str_sv(&l->text), at) : at;
}

static size_t word_end(const struct line *l, size_t at)
{
	while (at < l->text.len && !word_at(l, at))
		at = next_char(l, at);
	while (at < l->text.len && word_at(l, at))
		at = next_char(l, at);
	return at;
}

static size_t word_begin(const struct line *l, size_t at)
{
	while (at > 0 && !word_at(l, prev_char(l, at)))
		at = prev_char(l, at);
	while (at > 0 && word_at(l, prev_char(l, at)))
		at = prev_char(l, at);
	return at;
}

/* As a shell does: back over blanks, then to the next blank. */
static size_t blank_word_begin(const struct line *l, size_t at)
{
	while (at > 0 && ascii_is_space((unsigned char)l->text.s[at - 1]))
		at--;
	while (at > 0 && !ascii_is_space((unsigned char)l->text.s[at - 1]))
		at--;
	return at;
}

size_t line_word_start(const struct line *l, const char *breaks)
{
	size_t at = l->cursor;
	while (at > 0 && !strchr(breaks, l->text.s[at - 1]))
		at--;
	return at;
}

/* ---- operations ---- */

static bool move_to(struct line *l, size_t at)
{
	bool moved = at != l->cursor;
	l->cursor = at;
	return moved;
}

static bool kill_range(struct line *l, size_t from, size_t to)
{
	if (from == to)
		return false;
	struct sv cut = sv_make(l->text.s + from, to - from);
	if (!l->killing)
		str_clear(&l->killed);
	if (from < l->cursor)
		str_insert(&l->killed, 0, cut);
	else
		str_add(&l->killed, cut);
	str_remove(&l->text, from, to - from);
	l->cursor = from;
	l->killing = true;
	return true;
}

static bool erase_range(struct line *l, size_t from, size_t to)
{
	if (from == to)
		return false;
	str_remove(&l->text, from, to - from);
	l->cursor = from;
	return true;
}

/* first: the case of the word's first letter, rest: of the others. */
static bool change_case(struct line *l, uint32_t (*first)(uint32_t), uint32_t (*rest)(uint32_t))
{
	size_t end = word_end(l, l->cursor);
	if (end == l->cursor)
		return false;
	struct str out;
	str_init(&out, LINE_MAX);
	bool in_word = false;
	for (size_t at = l->cursor, used; at < end; at += used) {
		uint32_t code = utf8_decode(sv_from(str_sv(&l->text), at), &used);
		bool word = utf8_is_word(code);
		utf8_add(&out, !word ? code : in_word ? rest(code) : first(code));
		in_word = word;
	}
	str_remove(&l->text, l->cursor, end - l->cursor);
	str_insert(&l->text, l->cursor, str_sv(&out));
	l->cursor += out.len;
	str_fini(&out);
	return true;
}

static bool transpose(struct line *l)
{
	if (l->cursor == 0 || l->text.len == 0)
		return false;
	size_t mid = l->cursor < l->text.len ? l->cursor : prev_char(l, l->cursor);
	size_t start = prev_char(l, mid), end = next_char(l, mid);
	if (start == mid)
		return false;
	char *a = sv_dup(sv_make(l->text.s + start, mid - start));
	str_remove(&l->text, start, mid - start);
	str_insert(&l->text, end - (mid - start), sv_of(a));
	free(a);
	l->cursor = end;
	return true;
}

static void show_history(struct line *l, size_t at)
{
	if (l->history_at == l->history->n) {
		free(l->typed);
		l->typed = sv_dup(str_sv(&l->text));
	}
	l->history_at = at;
	line_set(l, sv_of(at == l->history->n ? l->typed : l->history->v[at]));
}

static bool history_step(struct line *l, int step)
{
	if (!l->history || l->history->n == 0)
		return false;
	if (step < 0 ? l->history_at == 0 : l->history_at >= l->history->n)
		return false;
	show_history(l, step < 0 ? l->history_at - 1 : l->history_at + 1);
	return true;
}

bool line_history_search(struct line *l, struct sv part)
{
	if (!l->history)
		return false;
	for (size_t at = l->history_at; at-- > 0;) {
		if (sv_find_case(sv_of(l->history->v[at]), part) >= 0) {
			show_history(l, at);
			return true;
		}
	}
	return false;
}

bool line_do(struct line *l, enum line_op op)
{
	bool was_killing = l->killing;
	l->killing = false;
	switch (op) {
	case LINE_BACKWARD_CHAR:
		return move_to(l, prev_char(l, l->cursor));
	case LINE_FORWARD_CHAR:
		return move_to(l, next_char(l, l->cursor));
	case LINE_BACKWARD_WORD:
		return move_to(l, word_begin(l, l->cursor));
	case LINE_FORWARD_WORD:
		return move_to(l, word_end(l, l->cursor));
	case LINE_BOL:
		move_to(l, 0);
		return true;
	case LINE_EOL:
		move_to(l, l->text.len);
		return true;
	case LINE_BACKSPACE:
		return erase_range(l, prev_char(l, l->cursor), l->cursor);
	case LINE_DELETE_CHAR:
		return erase_range(l, l->cursor, next_char(l, l->cursor));
	case LINE_CAPITALIZE_WORD:
		return change_case(l, utf8_upper, utf8_lower);
	case LINE_DOWNCASE_WORD:
		return change_case(l, utf8_lower, utf8_lower);
	case LINE_UPCASE_WORD:
		return change_case(l, utf8_upper, utf8_upper);
	case LINE_TRANSPOSE_CHARS:
		return transpose(l);
	case LINE_HISTORY_UP:
		return history_step(l, -1);
	case LINE_HISTORY_DOWN:
		return history_step(l, 1);
	case LINE_YANK:
		return l->killed.len > 0 && line_insert(l, str_sv(&l->killed));
	default:
		break;
	}
	l->killing = was_killing;
	bool killed = false;
	switch (op) {
	case LINE_KILL_EOL:
		killed = kill_range(l, l->cursor, l->text.len);
		break;
	case LINE_KILL_EOW:
		killed = kill_range(l, l->cursor, word_end(l, l->cursor));
		break;
	case LINE_KILL_LINE:
		killed = kill_range(l, 0, l->cursor);
		break;
	case LINE_KILL_WHOLE_LINE:
		killed = kill_range(l, 0, l->text.len);
		break;
	case LINE_KILL_WORD:
		killed = kill_range(l, blank_word_begin(l, l->cursor), l->cursor);
		break;
	default:
		bug("line operation %d", (int)op);
	}
	l->killing = killed;
	return killed;
}
