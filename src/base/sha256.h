/*
 * SHA-256 (FIPS 180-4). For naming files by their content and for reports; keys and certificates are
 * OpenSSL's business (net/). In the base, without a library, so that programs that only name files
 * start without loading one.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "base/util.h"

#define SHA256_LEN 32

struct sha256 {
	uint32_t state[8];
	uint64_t bytes;
	unsigned char block[64]; /* what is not yet a whole one */
};

void sha256_init(struct sha256 *);
void sha256_add(struct sha256 *, const void *data, size_t n);
void sha256_end(struct sha256 *, unsigned char out[SHA256_LEN]);
/* One block without the processor's own instructions: for the test that both say the same. */
void sha256_plain_block(uint32_t state[8], const unsigned char block[64]);

#endif
