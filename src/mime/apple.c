/*
 * AppleSingle (see apple.h): a table of entries, each with an offset and a length.
 */
#include "mime/apple.h"

#define MAGIC_SINGLE 0x00051600u
#define HEAD_LEN 26 /* magic, version, filler, count */
#define ENTRY_LEN 12

enum entry { ENTRY_DATA = 1, ENTRY_NAME = 3 };

static uint32_t number(struct sv s, size_t at, size_t n)
{
	uint32_t v = 0;
	size_t i;

	for (i = 0; i < n; i++)
		v = v << 8 | (unsigned char)s.p[at + i];
	return v;
}

bool apple_single(struct sv bytes, struct apple_file *f)
{
	size_t n, i;
	bool found = false;

	*f = (struct apple_file){.name = SV("")};
	if (bytes.len < HEAD_LEN || number(bytes, 0, 4) != MAGIC_SINGLE)
		return false;
	n = number(bytes, 24, 2);
	for (i = 0; i < n && HEAD_LEN + (i + 1) * ENTRY_LEN <= bytes.len; i++) {
		size_t at = HEAD_LEN + i * ENTRY_LEN;
		uint32_t id = number(bytes, at, 4);
		struct sv value =
			sv_head(sv_from(bytes, number(bytes, at + 4, 4)), number(bytes, at + 8, 4));

		if (id == ENTRY_DATA) {
			f->data = value;
			found = true;
		} else if (id == ENTRY_NAME) {
			f->name = value;
		}
	}
	return found;
}
