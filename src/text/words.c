/*
 * See words.h. ASCII, which most text is, takes a table look-up for a byte.
 */
#include "text/words.h"

#include "text/utf8.h"

enum kind { GAP, LETTER, DENSE };

/* ASCII letters, digits and '_' folded; 0: ends a word. */
static unsigned char ascii_fold(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned char)(c + ('a' - 'A'));
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ? c : 0;
}

/* Scripts that put no blanks between words. */
static bool is_dense(uint32_t c)
{
	static const uint32_t ranges[][2] = {
		{0x0e00, 0x0eff},   /* Thai, Lao */
		{0x0f00, 0x0fff},   /* Tibetan */
		{0x1000, 0x109f},   /* Myanmar */
		{0x1780, 0x17ff},   /* Khmer */
		{0x2e80, 0x2fdf},   /* radicals */
		{0x3005, 0x3007},   /* iteration mark ... */
		{0x3021, 0x30ff},   /* Hiragana, Katakana */
		{0x3100, 0x312f},   /* Bopomofo */
		{0x31a0, 0x31ff},
		{0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xa9e0, 0xa9ff}, {0xaa60, 0xaa7f}, {0xf900, 0xfaff},
		{0xff66, 0xff9f},   /* half width Katakana */
		{0x1b000, 0x1b16f}, {0x20000, 0x323af},
	};

	if (c < ranges[0][0])
		return false;
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
		if (c <= ranges[i][1])
			return c >= ranges[i][0];
	}
	return false;
}

/* Dotted and dotless i are letters of their own where expressions ignore case. */
static uint32_t fold(uint32_t c)
{
	return c == 0x130 || c == 0x131 ? c : utf8_lower(utf8_upper(c));
}

/* The next character of s: its kind, and folded. */
static enum kind take(struct sv s, size_t *used, uint32_t *code)
{
	unsigned char c = (unsigned char)s.p[0];

	if (c < 0x80) {
		*used = 1;
		*code = ascii_fold(c);
		return *code ? LETTER : GAP;
	}
	uint32_t raw = utf8_decode(s, used);

	if (!utf8_is_word(raw))
		return GAP;
	*code = fold(raw);
	return is_dense(raw) ? DENSE : LETTER;
}

/* ---- words of a text ---- */

struct run {
	char buf[WORD_MAX + UTF8_MAX];
	size_t len;
	bool odd;
	words_fn *fn;
	void *data;
};

static size_t back_to_border(const char *s, size_t at)
{
	while (at > 0 && ((unsigned char)s[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* It grows too long: says this piece and keeps its end as the beginning of the next. */
static void cut_run(struct run *r)
{
	size_t keep = back_to_border(r->buf, r->len - WORD_OVERLAP);

	r->odd = true;
	r->fn(r->data, sv_make(r->buf, r->len), true);
	memmove(r->buf, r->buf + keep, r->len - keep);
	r->len -= keep;
}

static void end_run(struct run *r)
{
	if (r->len > 0)
		r->fn(r->data, sv_make(r->buf, r->len), r->odd);
	r->len = 0;
	r->odd = false;
}

/* A run of letters from at on; returns where it ends. */
static size_t take_letters(struct run *r, struct sv text, size_t at)
{
	while (at < text.len) {
		unsigned char c = (unsigned char)text.p[at];
		uint32_t code;
		size_t used;

		if (c < 0x80) {
			unsigned char folded = ascii_fold(c);

			if (!folded)
				break;
			if (r->len >= WORD_MAX)
				cut_run(r);
			r->buf[r->len++] = (char)folded;
			at++;
			continue;
		}
		if (take(sv_from(text, at), &used, &code) != LETTER)
			break;
		char bytes[UTF8_MAX];
		size_t n = utf8_encode(code, bytes);

		r->odd |= code < 0x80;
		if (r->len + n > WORD_MAX)
			cut_run(r);
		memcpy(r->buf + r->len, bytes, n);
		r->len += n;
		at += used;
	}
	end_run(r);
	return at;
}

/* A run of a script without blanks: each two neighbours. */
static size_t take_dense(struct run *r, struct sv text, size_t at)
{
	size_t last = 0, count = 0; /* bytes of the one before */

	while (at < text.len) {
		uint32_t code;
		size_t used;

		if (take(sv_from(text, at), &used, &code) != DENSE)
			break;
		r->len += utf8_encode(code, r->buf + r->len);
		at += used;
		if (count > 0) {
			r->fn(r->data, sv_make(r->buf, r->len), false);
			memmove(r->buf, r->buf + last, r->len - last);
			r->len -= last;
		}
		last = r->len;
		count++;
	}
	if (count > 1)
		r->len = 0;
	end_run(r);
	return at;
}

void words_each(struct sv text, words_fn *fn, void *data)
{
	struct run r = {.fn = fn, .data = data};
	uint32_t code;
	size_t used;

	for (size_t at = 0; at < text.len;) {
		switch (take(sv_from(text, at), &used, &code)) {
		case GAP:
			at += used;
			break;
		case LETTER:
			at = take_letters(&r, text, at);
			break;
		case DENSE:
			at = take_dense(&r, text, at);
			break;
		}
	}
}

/* ---- what is looked for ---- */

struct wanting {
	struct word_want *out;
	size_t count;
	bool all; /* nothing was left out or shortened */
};

static void want(struct wanting *w, enum word_look look, const char *text, size_t len)
{
	if (w->count >= WORD_WANTS_MAX) {
		w->all = false;
		return;
	}
	struct word_want *o = &w->out[w->count++];

	/* Only so much of a long word is surely in one piece of it. */
	if (len > WORD_OVERLAP) {
		len = back_to_border(text, WORD_OVERLAP);
		look = WORD_CONTAINS;
		w->all = false;
	}
	o->look = look;
	memcpy(o->text, text, len);
	o->text[len] = 0;
	o->len = len;
}

static enum word_look look_of(bool open_left, bool open_right)
{
	if (open_left)
		return open_right ? WORD_CONTAINS : WORD_ENDS;
	return open_right ? WORD_BEGINS : WORD_IS;
}

/* Letters from at on: where the part begins or ends with them, the word may go on. */
static size_t want_letters(struct wanting *w, struct sv part, size_t at)
{
	char buf[WORD_MAX + UTF8_MAX];
	size_t start = at, len = 0, used;
	uint32_t code;

	while (at < part.len && take(sv_from(part, at), &used, &code) == LETTER) {
		if (len + UTF8_MAX <= WORD_MAX)
			len += utf8_encode(code, buf + len);
		at += used;
	}
	want(w, look_of(start == 0, at == part.len), buf, len);
	return at;
}

static size_t want_dense(struct wanting *w, struct sv part, size_t at)
{
	char buf[2 * UTF8_MAX];
	size_t len = 0, last = 0, count = 0, used;
	uint32_t code;

	while (at < part.len && take(sv_from(part, at), &used, &code) == DENSE) {
		len += utf8_encode(code, buf + len);
		at += used;
		if (count++ > 0) {
			want(w, WORD_IS, buf, len);
			memmove(buf, buf + last, len - last);
			len -= last;
		}
		last = len;
	}
	if (count == 1)
		want(w, WORD_CONTAINS, buf, len);
	return at;
}

size_t words_wanted(struct sv part, struct word_want out[WORD_WANTS_MAX], bool *exact, bool *ascii)
{
	struct wanting w = {.out = out, .all = true};
	size_t used, gaps = 0;
	uint32_t code;

	*ascii = true;
	for (size_t at = 0; at < part.len;) {
		switch (take(sv_from(part, at), &used, &code)) {
		case GAP:
			gaps++;
			at += used;
			break;
		case LETTER:
			at = want_letters(&w, part, at);
			break;
		case DENSE:
			at = want_dense(&w, part, at);
			break;
		}
	}
	for (size_t at = 0; at < part.len && *ascii; at += used) {
		uint32_t raw = utf8_decode(sv_from(part, at), &used);

		*ascii = raw < 0x80 || (utf8_lower(raw) == raw && utf8_upper(raw) == raw);
	}
	*exact = w.all && w.count == 1 && gaps == 0;
	return w.count;
}
