/*
 * BinHex 4.0 (see binhex.h). Six bits a letter; then 0x90 N repeats the byte before it up to N times in
 * all (0x90 0 is 0x90 itself); then a header, the data and the resources, each with a CRC behind it.
 */
#include "mime/binhex.h"

#define RUN 0x90u
#define TYPES_LEN 19 /* behind the name: version, type, creator, flags, two lengths */
#define CRC_LEN 2
#define NAME_MAX 63

static const char begin[] = "(This file must be converted with BinHex";
static const char alphabet[] = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";
_Static_assert(sizeof(alphabet) == 65, "six bits");

bool binhex_begins(struct sv line)
{
	return sv_starts_case(line, SV(begin));
}

static int value_of(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

bool binhex_find(struct sv text, struct sv *letters, size_t *used)
{
	size_t i = 0, from;

	while (i < text.len && ascii_is_space((unsigned char)text.p[i]))
		i++;
	if (i == text.len || text.p[i] != ':')
		return false;
	for (from = ++i; i < text.len && text.p[i] != ':'; i++)
		if (value_of(text.p[i]) < 0 && !ascii_is_space((unsigned char)text.p[i]))
			return false;
	*letters = sv_make(text.p + from, i - from);
	i += i < text.len;
	while (i < text.len && (text.p[i] == ' ' || text.p[i] == '\r'))
		i++;
	i += i < text.len && text.p[i] == '\n';
	*used = i;
	return letters->len > 0;
}

/* ---- unpacking ---- */

struct runs {
	struct str *out;
	bool marked; /* the last byte was the sign of a run */
};

static bool put(struct runs *r, unsigned char c)
{
	if (!r->marked) {
		r->marked = c == RUN;
		return r->marked || str_addc(r->out, (char)c);
	}
	r->marked = false;
	if (c == 0)
		return str_addc(r->out, (char)RUN);
	if (r->out->len == 0) /* nothing is there to be repeated */
		return true;
	return str_addn(r->out, r->out->s[r->out->len - 1], (size_t)c - 1);
}

static bool unpack(struct str *out, struct sv letters)
{
	struct runs r = {.out = out};
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < letters.len; i++) {
		int v = value_of(letters.p[i]);
		if (v < 0)
			continue;
		bits = (bits << 6 | (uint32_t)v) & 0xffffff;
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		if (!put(&r, (unsigned char)(bits >> have & 0xff)))
			return false;
	}
	return true;
}

/* ---- what came out ---- */

static uint32_t number(struct sv s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n = n << 8 | (unsigned char)s.p[i];
	return n;
}

/* CCITT, over the bytes with nothing in place of the sum. */
static unsigned crc_of(struct sv s)
{
	unsigned crc = 0;

	for (size_t i = 0; i < s.len; i++) {
		crc ^= (unsigned)(unsigned char)s.p[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff;
	}
	return crc;
}

/* n bytes and their sum off the front; what is missing is damage. */
static struct sv take(struct sv *rest, size_t n, bool *damaged)
{
	struct sv bytes = sv_head(*rest, n), sum = sv_head(sv_from(*rest, bytes.len), CRC_LEN);

	if (bytes.len < n || sum.len < CRC_LEN || number(sum) != crc_of(bytes))
		*damaged = true;
	*rest = sv_from(*rest, bytes.len + sum.len);
	return bytes;
}

bool binhex_unpack(struct str *out, struct sv letters, struct binhex_file *f)
{
	struct sv rest;

	*f = (struct binhex_file){.damaged = false};
	if (!unpack(out, letters))
		return false;
	rest = str_sv(out);
	size_t name = rest.len ? (unsigned char)rest.p[0] : 0;
	if (name == 0 || name > NAME_MAX || rest.len < 1 + name + TYPES_LEN)
		return false;
	struct sv head = take(&rest, 1 + name + TYPES_LEN, &f->damaged);
	f->name = sv_head(sv_from(head, 1), name);
	f->data = take(&rest, number(sv_head(sv_from(head, 1 + name + 11), 4)), &f->damaged);
	(void)take(&rest, number(sv_head(sv_from(head, 1 + name + 15), 4)), &f->damaged);
	return true;
}
