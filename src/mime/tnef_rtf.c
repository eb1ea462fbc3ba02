/*
 * Compressed RTF (MS-OXRTFCP): LZ77 over a ring of 4096 bytes that begins filled with words that
 * every RTF holds.
 */
#include "mime/tnef.h"

#define RING 4096
#define HEAD 16                  /* sizes, kind, CRC */
#define COMPRESSED 0x75465a4cu   /* "LZFu" */
#define UNCOMPRESSED 0x414c454du /* "MELA" */

static const char seed[] =
	"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
	"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
	"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
#define SEED_LEN (sizeof(seed) - 1)
_Static_assert(SEED_LEN == 207, "the dictionary of MS-OXRTFCP section 2.1.3.1.1");

static uint32_t number(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

struct ring {
	char bytes[RING];
	size_t at;
};

static bool put(struct ring *r, struct str *out, char c)
{
	r->bytes[r->at] = c;
	r->at = (r->at + 1) % RING;
	return str_addc(out, c);
}

/* Offset and length; true at the end mark, which points to where it stands. */
static bool copy(struct ring *r, struct str *out, unsigned code, bool *ends)
{
	size_t from = code >> 4, n = (code & 15) + 2;

	*ends = from == r->at;
	for (; !*ends && n > 0; n--, from = (from + 1) % RING)
		if (!put(r, out, r->bytes[from]))
			return false;
	return true;
}

static bool unpack(struct str *out, struct sv in)
{
	const unsigned char *p = (const unsigned char *)in.p, *end = p + in.len;
	struct ring r = {.at = SEED_LEN};
	bool ends = false;
	unsigned flags, i;

	memcpy(r.bytes, seed, SEED_LEN);
	while (p < end && !ends) {
		flags = *p++;
		for (i = 0; i < 8 && p < end && !ends; i++, flags >>= 1) {
			if (!(flags & 1)) {
				if (!put(&r, out, (char)*p++))
					return false;
				continue;
			}
			if (end - p < 2)
				return true;
			if (!copy(&r, out, (unsigned)p[0] << 8 | p[1], &ends))
				return false;
			p += 2;
		}
	}
	return true;
}

bool tnef_rtf(struct str *out, struct sv in)
{
	if (in.len < HEAD)
		return false;
	if (number(in.p + 8) == UNCOMPRESSED)
		return str_add(out, sv_from(in, HEAD));
	return number(in.p + 8) == COMPRESSED && unpack(out, sv_from(in, HEAD)) && out->len > 0;
}
