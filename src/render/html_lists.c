/*
 * Lists, those of HTML and those of Word, whose items are paragraphs with a bullet and blanks as text:
 *
 *   <p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·<span>&nbsp; </span></span>text</p>
 */
#include <stdio.h>

#include "render/html_read.h"

#define LIST_INDENT 2
#define WORD_MARK_MAX 8 /* bytes of a number; longer ones are no marks */

static const char bullets[] = "*-+"; /* by depth */

struct html_indent *html_push_indent(
	struct html *h, enum indent_kind kind, int columns, const char *mark)
{
	struct html_indent *i = arena_alloc(h->layout.arena, sizeof(*i)), *up = h->indent;

	i->up = up;
	i->kind = kind;
	i->columns = columns;
	i->depth = (up ? up->depth : 0) + 1;
	i->quote = (up ? up->quote : 0) + (kind == INDENT_QUOTE);
	i->mark = sv_of(mark ? arena_strdup(h->layout.arena, mark) : "");
	h->indent = i;
	return i;
}

int html_attr_number(struct sv v, int least, int most, int otherwise)
{
	struct scan s = scan_of(sv_trim(v));
	uint64_t n;

	if (!scan_u64(&s, &n))
		return otherwise;
	return n < (uint64_t)least ? least : n > (uint64_t)most ? most : (int)n;
}

void html_open_list(struct frame *f, const struct attrs *a)
{
	bool ordered = f->tag->el == EL_OL;

	f->list_style = !ordered                                           ? '*'
			: a->type.len == 1 && strchr("aAiI", a->type.p[0]) ? a->type.p[0]
									   : '1';
	f->counter = ordered ? html_attr_number(a->start, 0, 1000000, 1) : 0;
	f->list_depth++;
}

static void roman(char *out, size_t size, int n, bool upper)
{
	static const struct {
		int value;
		const char *text;
	} digits[] = {{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"},
		{50, "l"}, {40, "xl"}, {10, "x"}, {9, "ix"}, {5, "v"}, {4, "iv"}, {1, "i"}};
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_LEN(digits); i++)
		for (; n >= digits[i].value; n -= digits[i].value)
			for (const char *t = digits[i].text; *t && len + 1 < size; t++)
				out[len++] = upper ? (char)ascii_upper(*t) : *t;
	out[len] = '\0';
}

static void list_mark(struct frame *list, const struct attrs *a, char *out, size_t size)
{
	char word[32];

	if (!list || list->list_style == '*' || !list->list_style) {
		unsigned depth = list ? list->list_depth - 1 : 0;
		snprintf(out, size, "%c ", bullets[depth % 3]);
		return;
	}
	int n = list->counter = html_attr_number(a->value, 0, 1000000, list->counter);
	list->counter++;
	switch (list->list_style) {
	case 'a':
	case 'A':
		if (n < 1 || n > 26)
			break;
		snprintf(out, size, "%c. ", list->list_style + n - 1);
		return;
	case 'i':
	case 'I':
		if (n < 1 || n > 3999)
			break;
		roman(word, sizeof(word), n, list->list_style == 'I');
		snprintf(out, size, "%s. ", word);
		return;
	}
	snprintf(out, size, "%d. ", n);
}

void html_open_item(struct html *h, const struct attrs *a)
{
	struct frame *list = NULL;
	char mark[64];

	for (int i = h->depth - 2; i >= 0 && !list; i--) {
		enum html_el el = h->frame[i].tag->el;
		if (el == EL_UL || el == EL_OL)
			list = &h->frame[i];
		else if (el == EL_TD || el == EL_TABLE)
			break;
	}
	list_mark(list, a, mark, sizeof(mark));
	if (!list || list->list_depth == 1)
		html_push_indent(h, INDENT_BLANK, LIST_INDENT, NULL);
	html_push_indent(h, INDENT_MARK, (int)strlen(mark), mark);
	h->item_start = true;
}

/* ---- Word ---- */

static bool is_number(struct sv text)
{
	bool word = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];
		if (!ascii_is_alnum((unsigned char)c) && !strchr(".)(-", c))
			return false;
		word |= ascii_is_alnum((unsigned char)c);
	}
	return word && text.len > 1 && text.len <= WORD_MARK_MAX; /* "o" is a bullet in Courier */
}

void html_open_word_item(struct html *h, int level)
{
	char mark[] = {bullets[(level - 1) % 3], ' ', 0};

	html_push_indent(h, INDENT_BLANK, LIST_INDENT * level, NULL);
	html_push_indent(h, INDENT_MARK, LIST_INDENT, mark);
}

void html_take_word_mark(struct html *h)
{
	struct html_indent *i = h->indent;
	struct sv text = str_sv(&h->para.text);

	if (!i || i->kind != INDENT_MARK || i->used)
		return;
	while (sv_ends_case(text, SV("\xc2\xa0")) || sv_ends_case(text, SV(" ")))
		text.len--, text.len -= text.p[text.len] != ' ';
	if (is_number(text)) {
		i->mark = sv_of(arena_printf(h->layout.arena, SV_FMT " ", SV_ARG(text)));
		i->columns = (int)i->mark.len;
	}
	para_drop(&h->para);
}
