/*
 * What the worker makes of messages for searching: the text of HTML and of whole messages is UTF-8 without
 * controls that a page smuggled in; words are bounded, and a part of a text asks only for words that the text has.
 */
#include <stdlib.h>

#include "mime/body_text.h"
#include "mime/html_text.h"
#include "tests/fuzz/fuzz.h"
#include "text/utf8.h"
#include "text/words.h"

#define INPUT_MAX (64u << 10)
#define PARTS 8
#define PART_MAX 48 /* bytes of what is looked for */

const char *const fuzz_shared[] = {"1-mime", "7-html", NULL};

static bool fits(const struct word_want *w, struct sv word)
{
	switch (w->look) {
	case WORD_IS:
		return sv_eq(word, sv_make(w->text, w->len));
	case WORD_BEGINS:
		return sv_starts(word, sv_make(w->text, w->len));
	case WORD_ENDS:
		return word.len >= w->len && memcmp(word.p + word.len - w->len, w->text, w->len) == 0;
	case WORD_CONTAINS:
		break;
	}
	return sv_find(word, sv_make(w->text, w->len)) >= 0;
}

struct wanted {
	struct word_want wants[WORD_WANTS_MAX];
	size_t count;
	unsigned met; /* a bit for each */
};
_Static_assert(WORD_WANTS_MAX <= 32, "wanted.met");

static void look(void *data, struct sv word, bool odd)
{
	struct wanted *w = data;

	(void)odd;
	fuzz_must(word.len > 0 && word.len <= WORD_MAX && !memchr(word.p, 0, word.len));
	for (size_t i = 0; i < w->count; i++)
		w->met |= (unsigned)fits(&w->wants[i], word) << i;
}

/* The index must not lack a text that holds the part. */
static void ask(struct sv text, size_t from, size_t len)
{
	struct wanted w = {.met = 0};
	bool exact, ascii;

	w.count = words_wanted(sv_head(sv_from(text, from), len), w.wants, &exact, &ascii);
	words_each(text, look, &w);
	fuzz_must(w.met == (w.count == 32 ? UINT32_MAX : (1u << w.count) - 1));
}

static void check_text(struct sv text, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < PARTS && text.len > 0 && i < size; i++) {
		size_t from = (data[i] * 251u + (data[size - 1 - i] << 8)) % text.len, to = from + data[i] % PART_MAX;

		while (from < text.len && ((unsigned char)text.p[from] & 0xc0) == 0x80)
			from++;
		to = MIN(MAX(from, to), text.len);
		while (to > from && to < text.len && ((unsigned char)text.p[to] & 0xc0) == 0x80)
			to--;
		ask(text, from, to - from);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv in = fuzz_sv(data, MIN(size, INPUT_MAX));
	struct arena *a = arena_new();
	struct str out;

	str_init(&out, 4 * INPUT_MAX);
	(void)html_text(&out, in);
	if (utf8_is_valid(in))
		fuzz_must(utf8_is_valid(str_sv(&out)));
	check_text(str_sv(&out), data, MIN(size, INPUT_MAX));
	str_clear(&out);
	body_text(&out, part_parse(a, in, NULL));
	check_text(str_sv(&out), data, MIN(size, INPUT_MAX));
	check_text(in, data, in.len);
	str_fini(&out);
	arena_free(a);
	return 0;
}
