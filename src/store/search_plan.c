/*
 * From what the user looks for to words of the index.
 */
#include "base/mem.h"
#include "store/search.h"
#include "text/utf8.h"

static bool has_upper(struct sv s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return true;
	}
	return false;
}

static void take_wants(struct search_plan *p, struct sv part, bool *exact, bool *ascii)
{
	struct word_want wants[WORD_WANTS_MAX];
	size_t n = words_wanted(part, wants, exact, ascii);

	for (size_t i = 0; i < n && p->count < SEARCH_WORDS_MAX; i++) {
		struct word_want *w = &p->wants[p->count];

		*w = wants[i];
		p->words[p->count++] = (struct search_word){.look = w->look, .text = w->text, .len = w->len};
	}
}

static void take_literal(void *data, struct sv literal)
{
	bool exact, ascii;

	take_wants(data, literal, &exact, &ascii);
}

/* Words are folded, so the expression must ignore case to find them. */
static bool plan_words_rx(struct search_plan *p, const char *pattern)
{
	if (!rx_is_in_word(pattern))
		return false;
	p->rx = rx_new(pattern, RX_ICASE | RX_NOSUB, NULL);
	/* What matches nothing at all matches in texts without words. */
	if (!p->rx || rx_match(p->rx, SV("")))
		return false;
	p->words[0] = (struct search_word){.rx = p->rx};
	p->count = 1;
	p->exact = !has_upper(sv_of(pattern));
	p->but_odd = true;
	return true;
}

void search_plan_init(struct search_plan *p, const char *text, bool is_rx)
{
	bool plain = !is_rx || !strpbrk(text, "^$*+?.|()[]{}\\"), exact, ascii;

	memset(p, 0, sizeof(*p));
	if (plain) {
		take_wants(p, sv_of(text), &exact, &ascii);
		p->exact = exact && (is_rx || ascii) && !has_upper(sv_of(text));
		/* A text ignores the case of ASCII only: the sign of Kelvin is no k there. */
		p->but_odd = !is_rx;
	} else if (!plan_words_rx(p, text)) {
		(void)rx_literals(text, take_literal, p);
	}
}

void search_plan_fini(struct search_plan *p)
{
	rx_free(p->rx);
	memset(p, 0, sizeof(*p));
}
