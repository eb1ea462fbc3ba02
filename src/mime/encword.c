/*
 * Decoding encoded words (see encword.h).
 */
#include "mime/encword.h"

#include "mime/codec.h"
#include "mime/encword_priv.h"
#include "mime/header.h"
#include "text/utf8.h"

#define LABEL_MAX 100 /* charset and language tag of one word */

static bool is_label_byte(char c)
{
	return c > ' ' && c < 0x7f && c != '?' && c != '=';
}

bool encword_match(struct sv s, struct encword *out)
{
	size_t i = 2, text;
	ptrdiff_t star, end;
	struct sv label;

	if (s.len < 8 || s.p[0] != '=' || s.p[1] != '?')
		return false;
	while (i < s.len && i < LABEL_MAX && is_label_byte(s.p[i]))
		i++;
	if (i == 2 || i + 3 > s.len || s.p[i] != '?' || s.p[i + 2] != '?')
		return false;
	label = sv_make(s.p + 2, i - 2);
	out->kind = (char)ascii_lower((unsigned char)s.p[i + 1]);
	if (out->kind != 'b' && out->kind != 'q')
		return false;
	text = i + 3;
	end = sv_find(sv_from(s, text), SV("?="));
	if (end < 0)
		return false;
	out->text = sv_make(s.p + text, (size_t)end);
	star = sv_chr(label, '*');
	out->charset = star > 0 ? sv_head(label, (size_t)star) : label;
	out->len = text + (size_t)end + 2;
	return true;
}

/* ---- decoding ---- */

struct decoder {
	struct str *out;
	const struct charset_rules *rules;
	char raw_charset[CHARSET_NAME_MAX]; /* of bytes that stand outside of words */
	struct str run;    /* text of neighbouring words of one charset and kind, joined */
	struct str bytes;  /* what those of one charset gave so far */
	struct encword of; /* their charset and kind */
	bool open;
};

/* Two hex digits at s, blanks before them allowed: a gateway may have folded there. Returns what
 * they take. */
static size_t hex_pair(struct sv s, char *c)
{
	size_t blanks = 0;
	int high, low;

	while (blanks < s.len && blanks < 4 && (s.p[blanks] == ' ' || s.p[blanks] == '\t'))
		blanks++;
	if (blanks + 2 > s.len)
		return 0;
	high = ascii_hex((unsigned char)s.p[blanks]);
	low = ascii_hex((unsigned char)s.p[blanks + 1]);
	if (high < 0 || low < 0)
		return 0;
	*c = (char)(high << 4 | low);
	return blanks + 2;
}

/* '_' is a blank whatever the charset; an escape may be cut in two between words, so the run is
 * one text. */
static bool decode_q(struct str *out, struct sv s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '_')
			c = ' ';
		else if (c == '=')
			i += hex_pair(sv_from(s, i + 1), &c);
		if (!str_addc(out, c))
			return false;
	}
	return true;
}

/* A decoded word must not break a line: what was hidden in it could forge a field. */
static void flatten(struct str *out, size_t from)
{
	size_t i;

	for (i = from; i < out->len; i++)
		if (out->s[i] == '\n' || out->s[i] == '\r' || out->s[i] == 0)
			out->s[i] = ' ';
}

/* The text of the run becomes bytes. */
static bool end_run(struct decoder *d)
{
	bool ok = d->of.kind == 'q'
			  ? decode_q(&d->bytes, str_sv(&d->run))
			  : codec_decode_all(&d->bytes, CODEC_BASE64, str_sv(&d->run), NULL);

	str_clear(&d->run);
	return ok;
}

/* The bytes of one charset become text. */
static bool flush(struct decoder *d)
{
	size_t from = d->out->len;
	bool ok;

	if (!d->open)
		return true;
	d->open = false;
	ok = end_run(d) &&
	     charset_to_utf8(d->out, str_sv(&d->bytes), d->of.charset, d->rules, NULL);
	flatten(d->out, from);
	str_clear(&d->bytes);
	return ok;
}

static bool add_word(struct decoder *d, const struct encword *word)
{
	bool ok = true;

	if (d->open && !sv_eq_case(d->of.charset, word->charset))
		ok = flush(d);
	else if (d->open && d->of.kind != word->kind)
		ok = end_run(d);
	d->of = *word;
	d->open = true;
	return ok && str_add(&d->run, word->text);
}

static bool add_raw(struct decoder *d, struct sv text)
{
	size_t from = d->out->len;

	if (text.len == 0)
		return true;
	if (utf8_is_ascii(text) && strcmp(d->raw_charset, "iso-2022-jp") != 0) {
		if (!str_add(d->out, text))
			return false;
	} else if (!charset_to_utf8(d->out, text, sv_of(d->raw_charset), d->rules, NULL)) {
		return false;
	}
	flatten(d->out, from);
	return true;
}

static bool decode(struct decoder *d, struct sv s)
{
	const char *last_end = NULL; /* the last "?=": no word ends behind it */
	struct encword word;
	ptrdiff_t end;

	for (end = (ptrdiff_t)s.len - 2; end >= 0 && !last_end; end--)
		if (s.p[end] == '?' && s.p[end + 1] == '=')
			last_end = s.p + end;
	while (s.len > 0) {
		ptrdiff_t at = last_end && s.p < last_end ? sv_find(s, SV("=?")) : -1;
		struct sv before;

		if (at < 0)
			return flush(d) && add_raw(d, s);
		if (!encword_match(sv_from(s, (size_t)at), &word)) {
			size_t skip = (size_t)at + 2;

			if (!flush(d) || !add_raw(d, sv_head(s, skip)))
				return false;
			s = sv_from(s, skip);
			continue;
		}
		before = sv_head(s, (size_t)at);
		if (!d->open || sv_trim(before).len > 0)
			if (!flush(d) || !add_raw(d, before))
				return false;
		if (!add_word(d, &word))
			return false;
		s = sv_from(s, (size_t)at + word.len);
	}
	return flush(d);
}

bool encword_decode(struct str *out, struct sv text, const struct charset_rules *rules)
{
	struct decoder d = {.out = out, .rules = rules};
	bool ok;

	/* The common case: nothing to do. */
	if (utf8_is_ascii(text) && sv_find(text, SV("=?")) < 0 && sv_chr(text, '\033') < 0) {
		size_t from = out->len;

		ok = str_add(out, text);
		flatten(out, from);
		return ok;
	}
	charset_guess(text, rules, d.raw_charset);
	str_init(&d.run, HEADER_TEXT_MAX);
	str_init(&d.bytes, HEADER_TEXT_MAX);
	ok = decode(&d, text);
	str_fini(&d.run);
	str_fini(&d.bytes);
	return ok;
}
