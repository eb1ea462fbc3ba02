/*
 * Text as words, for the index of bodies (store/search.h). The index must never lack a message that
 * reading its text would find, so words are made such that whatever is found in a text is found in its
 * words:
 *
 * - A word is a longest run of letters, marks, digits and '_'.
 * - Each code point is folded for itself: all that base/rx.h takes for equal when it ignores case
 *   becomes the same, and nothing else does ("Σ σ ς" are one, "ı" and "i" are two). A part of a text is
 *   thereby a part of its folded text.
 * - Scripts without blanks between words (Chinese, Japanese, Thai ...) become each two neighbours:
 *   "漢字字典" is 漢字 字字 字典; one that stands alone is a word.
 * - A long word is cut into pieces of at most WORD_MAX bytes that overlap by WORD_OVERLAP: every part of
 *   at most WORD_OVERLAP bytes is whole in one of them.
 */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include "base/str.h"

#define WORD_MAX 96
#define WORD_OVERLAP 32

/*
 * word is lent, folded UTF-8. odd: an expression may see it otherwise than it was in the text, since it is a
 * piece of a long one, or a letter outside of ASCII became one of ASCII (the sign of Kelvin is a k), which
 * makes another edge of a word.
 */
typedef void words_fn(void *data, struct sv word, bool odd);
void words_each(struct sv text, words_fn *fn, void *data);

/* How a word of a text must look for the text to hold what is looked for. */
enum word_look {
	WORD_IS,       /* the very word */
	WORD_BEGINS,
	WORD_ENDS,
	WORD_CONTAINS,
};

struct word_want {
	enum word_look look;
	char text[WORD_MAX + 1]; /* folded */
	size_t len;
};

#define WORD_WANTS_MAX 32

/*
 * What words a text must have that holds `part`; all of them. At most WORD_WANTS_MAX: more could only
 * narrow further. Returns how many, 0: any text may hold it. *exact: a text that has the words holds
 * part, if case is ignored in every letter (*ascii: part has no letter but ASCII ones, so that it also
 * does if case is ignored in those only).
 */
size_t words_wanted(struct sv part, struct word_want out[WORD_WANTS_MAX], bool *exact, bool *ascii);

#endif
