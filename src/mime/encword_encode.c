/*
 * Writing header text: which words must be encoded, in what, and where lines fold (see encword.h).
 */
#include "mime/encword.h"

#include "mime/codec.h"
#include "text/utf8.h"

#define LINE_MAX_COLUMNS 76
#define WORD_LONG 700  /* an ASCII word of this length is encoded so that the line can be folded */
#define WORD_ROOM 19   /* columns that an encoded word needs besides the name of its charset */
#define CHUNK_CODES 64 /* code points tried for one encoded word */

struct encoder {
	struct str *out;
	char charset[CHARSET_NAME_MAX];
	unsigned flags;
	size_t column;
};

static bool q_plain(unsigned char c, unsigned flags)
{
	if (flags & ENCWORD_PHRASE)
		return ascii_is_alnum(c) || (c && strchr("!*+-/", c));
	return c > ' ' && c < 0x7f && c != '=' && c != '?' && c != '_';
}

static bool word_needs(struct sv word)
{
	size_t i;

	if (word.len >= WORD_LONG || sv_find(word, SV("=?")) >= 0)
		return true;
	for (i = 0; i < word.len; i++)
		if ((unsigned char)word.p[i] < 0x20 || (unsigned char)word.p[i] >= 0x7f)
			return true;
	return false;
}

static bool phrase_word_needs(struct sv word)
{
	size_t i;

	for (i = 0; i < word.len; i++)
		if (strchr("()<>[]:;@\\,.\"", word.p[i]))
			return true;
	return word_needs(word);
}

bool encword_is_plain(struct sv text)
{
	size_t i;

	if (sv_find(text, SV("=?")) >= 0)
		return false;
	for (i = 0; i < text.len; i++)
		if ((unsigned char)text.p[i] < 0x20 || (unsigned char)text.p[i] >= 0x7f)
			return false;
	return true;
}

static size_t q_length(struct sv bytes, unsigned flags)
{
	size_t i, n = 0;

	for (i = 0; i < bytes.len; i++)
		n += bytes.p[i] == ' ' || q_plain((unsigned char)bytes.p[i], flags) ? 1 : 3;
	return n;
}

static size_t b_length(struct sv bytes)
{
	return (bytes.len + 2) / 3 * 4;
}

static bool add_q(struct str *out, struct sv bytes, unsigned flags)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.p[i];
		bool ok;

		if (c == ' ')
			ok = str_addc(out, '_');
		else if (q_plain(c, flags))
			ok = str_addc(out, (char)c);
		else
			ok = str_addc(out, '=') && str_addc(out, hex[c >> 4]) &&
			     str_addc(out, hex[c & 15]);
		if (!ok)
			return false;
	}
	return true;
}

/* The bytes of text in the charset of the field. */
static void convert(struct str *bytes, struct sv text, const char *charset)
{
	str_clear(bytes);
	if (!charset_from_utf8(bytes, text, charset, NULL))
		utf8_add_fixed(bytes, text);
}

static struct sv first_codes(struct sv text, size_t n)
{
	size_t at = 0, used;

	while (n-- > 0 && at < text.len) {
		utf8_decode(sv_from(text, at), &used);
		at += used;
	}
	return sv_head(text, at);
}

/* The longest head of text whose encoded word is at most room long; at least one character. */
static struct sv fit(struct encoder *c, struct sv text, size_t room, char kind, struct str *bytes)
{
	size_t low = 1, high = MIN(utf8_count(first_codes(text, CHUNK_CODES)), CHUNK_CODES);
	size_t overhead = strlen("=?") + strlen(c->charset) + strlen("?Q?") + strlen("?=");

	while (low < high) {
		size_t middle = (low + high + 1) / 2, len;

		convert(bytes, first_codes(text, middle), c->charset);
		len = kind == 'Q' ? q_length(str_sv(bytes), c->flags) : b_length(str_sv(bytes));
		if (overhead + len <= room)
			low = middle;
		else
			high = middle - 1;
	}
	convert(bytes, first_codes(text, low), c->charset);
	return first_codes(text, low);
}

static bool fold(struct encoder *c)
{
	c->column = 1;
	return str_adds(c->out, "\n ");
}

/* A run of words that must be encoded, with the blanks between them. */
static bool add_run(struct encoder *c, struct sv text)
{
	struct str bytes;
	char kind;
	bool ok = true, first = true;

	str_init(&bytes, text.len * 4 + 256);
	convert(&bytes, text, c->charset);
	/* Q can be read by people: it may be a little longer. */
	kind = q_length(str_sv(&bytes), c->flags) * 2 <= b_length(str_sv(&bytes)) * 3 ? 'Q' : 'B';
	while (ok && text.len > 0) {
		size_t room = c->column < LINE_MAX_COLUMNS ? LINE_MAX_COLUMNS - c->column : 0;
		struct sv part;

		if (room < strlen(c->charset) + WORD_ROOM || !first) {
			ok = fold(c);
			room = LINE_MAX_COLUMNS - c->column;
		}
		first = false;
		part = fit(c, text, MIN(room, ENCWORD_MAX), kind, &bytes);
		text = sv_from(text, part.len);
		c->column += strlen(c->charset) + 7 +
			     (kind == 'Q' ? q_length(str_sv(&bytes), c->flags)
					  : b_length(str_sv(&bytes)));
		ok = ok && str_addf(c->out, "=?%s?%c?", c->charset, kind) &&
		     (kind == 'Q' ? add_q(c->out, str_sv(&bytes), c->flags)
				  : codec_base64(c->out, str_sv(&bytes), 0)) &&
		     str_adds(c->out, "?=");
	}
	str_fini(&bytes);
	return ok;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Blanks at the start of text and the word behind them. */
static void take(struct sv text, struct sv *blanks, struct sv *word)
{
	size_t i = 0, start;

	while (i < text.len && is_blank(text.p[i]))
		i++;
	*blanks = sv_head(text, i);
	start = i;
	while (i < text.len && !is_blank(text.p[i]))
		i++;
	*word = sv_make(text.p + start, i - start);
}

/* Length of the run of words that need encoding at the start of text (which starts with such a
 * word). */
static size_t run_length(struct sv text, bool (*needs)(struct sv))
{
	size_t end = 0;
	struct sv blanks, word;

	for (;;) {
		take(sv_from(text, end), &blanks, &word);
		if (word.len == 0 || !needs(word))
			return end;
		end += blanks.len + word.len;
	}
}

/* Line breaks and NULs have no place in a field body. */
static bool flatten(struct str *out, struct sv text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (!str_addc(out, c == '\n' || c == '\r' || c == 0 ? ' ' : c))
			return false;
	}
	return true;
}

/* A fold before the blanks that are there: unfolding gives the same text. */
static bool fold_before(struct encoder *c)
{
	c->column = 0;
	return str_addc(c->out, '\n');
}

/* Does what follows `blanks` have to go to the next line? */
static bool is_full(const struct encoder *c, size_t blanks, size_t word)
{
	return blanks > 0 && c->column > 1 && c->column + blanks + word > LINE_MAX_COLUMNS;
}

/* A word that stays as it is, with the blanks before it. */
static bool add_plain(struct encoder *c, struct sv blanks, struct sv word)
{
	if (word.len > 0 && is_full(c, blanks.len, word.len) && !fold_before(c))
		return false;
	c->column += blanks.len + word.len;
	return str_add(c->out, blanks) && str_add(c->out, word);
}

/* A run of words to encode. On a new line only its first blank stands outside: the others may be many. */
static bool add_encoded(struct encoder *c, struct sv blanks, struct sv run)
{
	if (is_full(c, blanks.len, strlen(c->charset) + WORD_ROOM)) {
		if (!fold_before(c))
			return false;
		run = sv_make(run.p - (blanks.len - 1), run.len + (blanks.len - 1));
		blanks = sv_head(blanks, 1);
	}
	c->column += blanks.len;
	return str_add(c->out, blanks) && add_run(c, run);
}

static bool encode(struct encoder *c, struct sv text)
{
	bool (*needs)(struct sv) = c->flags & ENCWORD_PHRASE ? phrase_word_needs : word_needs;
	bool ok = true;

	while (ok && text.len > 0) {
		struct sv blanks, word;

		take(text, &blanks, &word);
		text = sv_from(text, blanks.len);
		if (word.len > 0 && needs(word)) {
			word.len = run_length(text, needs);
			ok = add_encoded(c, blanks, word);
		} else {
			ok = add_plain(c, blanks, word);
		}
		text = sv_from(text, word.len);
	}
	return ok;
}

bool encword_encode(
	struct str *out, struct sv text, const char *send_charset, unsigned flags, size_t column)
{
	struct encoder c = {.out = out, .flags = flags, .column = column};
	struct str flat;
	bool ok;

	str_init(&flat, text.len + 1);
	flatten(&flat, text);
	text = sv_trim(str_sv(&flat));
	charset_choose(text, send_charset, c.charset);
	ok = encode(&c, text);
	str_fini(&flat);
	return ok;
}
