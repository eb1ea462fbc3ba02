#include "store/pack.h"

#include <stdlib.h>
#include <zlib.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "base/mem.h"

#define BY_DEFLATE 'd'
#define BY_ZSTD 'z'
#define LEVEL 3 /* of both: more takes much longer and saves a tenth */

#ifdef HAVE_ZSTD
bool pack(struct str *out, struct sv raw)
{
	size_t room = ZSTD_compressBound(raw.len);
	char *bytes = xmalloc(room + 1);
	size_t n = ZSTD_compress(bytes, room, raw.p, raw.len, LEVEL);
	bool ok = !ZSTD_isError(n) && str_addc(out, BY_ZSTD) && str_add(out, sv_make(bytes, n));

	free(bytes);
	return ok;
}

static bool unpack_zstd(struct sv packed, char *raw, size_t len)
{
	return ZSTD_decompress(raw, len, packed.p, packed.len) == len;
}
#else
bool pack(struct str *out, struct sv raw)
{
	uLongf n = compressBound(raw.len);
	char *bytes = xmalloc(n + 1);
	bool ok = compress2((Bytef *)bytes, &n, (const Bytef *)raw.p, raw.len, LEVEL) == Z_OK &&
		  str_addc(out, BY_DEFLATE) && str_add(out, sv_make(bytes, n));

	free(bytes);
	return ok;
}

static bool unpack_zstd(struct sv packed, char *raw, size_t len)
{
	(void)packed;
	(void)raw;
	(void)len;
	return false;
}
#endif

static bool unpack_deflate(struct sv packed, char *raw, size_t len)
{
	uLongf n = MAX(len, 1u); /* no room at all is taken for any (zlib 1.2.13) */
	Bytef none;

	return uncompress(len ? (Bytef *)raw : &none, &n, (const Bytef *)packed.p, packed.len) == Z_OK && n == len;
}

bool unpack(struct sv packed, char *raw, size_t len)
{
	if (packed.len == 0)
		return false;
	return packed.p[0] == BY_ZSTD ? unpack_zstd(sv_from(packed, 1), raw, len)
				      : packed.p[0] == BY_DEFLATE && unpack_deflate(sv_from(packed, 1), raw, len);
}
