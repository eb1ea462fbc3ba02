/*
 * Bytes made small: zstd where feist was built with it, else zlib (deflate). The first byte says which, so a
 * file may be read by another build: what that cannot read counts as damaged.
 */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include "base/str.h"

/* Appends to out. False: no room in it, or no memory. */
bool pack(struct str *out, struct sv raw) MUST_CHECK;
/* raw: room for exactly len bytes, which the packed ones must become. False: damaged, or of another build. */
bool unpack(struct sv packed, char *raw, size_t len) MUST_CHECK;

#endif
