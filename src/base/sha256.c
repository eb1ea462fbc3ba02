/*
 * SHA-256, straight from FIPS 180-4 section 6.2; and by the instructions that most x86 processors since 2017 have
 * for it, which is six times as fast.
 */
#include "base/sha256.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static uint32_t big_endian(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void compress_plain(uint32_t state[8], const unsigned char *p)
{
	uint32_t w[64];

	for (int i = 0; i < 16; i++)
		w[i] = big_endian(p + 4 * i);
	for (int i = 16; i < 64; i++) {
		uint32_t x = w[i - 15], y = w[i - 2];
		w[i] = w[i - 16] + (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) + w[i - 7] +
			(rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
	}
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	for (int i = 0; i < 64; i++) {
		uint32_t t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (g ^ (e & (f ^ g))) + k[i] + w[i];
		uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) | (c & (a | b)));
		h = g;
		g = f;
		f = e;
		e = d + t1;
		d = c;
		c = b;
		b = a;
		a = t1 + t2;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

#if defined(__x86_64__)

#define LEAF_FEATURES 7
#define FEATURE_SHA (1u << 29) /* of EBX */
#define FEATURE_SSE41 (1u << 19) /* of ECX of leaf 1 */

static bool has_sha(void)
{
	static signed char known; /* 0: not asked yet */
	unsigned a, b, c, d;

	if (known == 0) {
		bool sse = __get_cpuid(1, &a, &b, &c, &d) && (c & FEATURE_SSE41);

		known = sse && __get_cpuid_count(LEAF_FEATURES, 0, &a, &b, &c, &d) && (b & FEATURE_SHA) ? 1 : -1;
	}
	return known > 0;
}

/*
 * The instructions want the eight words as ABEF and CDGH, and do two rounds at a time; w is a ring of the last sixteen
 * words of the message schedule, four in each.
 */
__attribute__((target("sha,sse4.1"))) static void compress_sha(uint32_t state[8], const unsigned char *p)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0xb1),
		high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
	__m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xf0);
	const __m128i abef_before = abef, cdgh_before = cdgh;
	__m128i w[4] = {abef, abef, abef, abef};

	for (int i = 0; i < 16; i++) {
		__m128i *now = &w[i & 3], last = w[(i + 3) & 3], sum;

		if (i < 4)
			*now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)p + i), swap);
		else
			*now = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(*now, w[(i + 1) & 3]),
							    _mm_alignr_epi8(last, w[(i + 2) & 3], 4)),
				last);
		sum = _mm_add_epi32(*now, _mm_loadu_si128((const __m128i *)k + i));
		cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
		abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
	}
	low = _mm_shuffle_epi32(_mm_add_epi32(abef, abef_before), 0x1b);
	high = _mm_shuffle_epi32(_mm_add_epi32(cdgh, cdgh_before), 0xb1);
	_mm_storeu_si128((__m128i *)state, _mm_blend_epi16(low, high, 0xf0));
	_mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

static void compress(uint32_t state[8], const unsigned char *p)
{
	if (has_sha())
		compress_sha(state, p);
	else
		compress_plain(state, p);
}

#else

static void compress(uint32_t state[8], const unsigned char *p)
{
	compress_plain(state, p);
}

#endif

void sha256_plain_block(uint32_t state[8], const unsigned char block[64])
{
	compress_plain(state, block);
}

void sha256_init(struct sha256 *h)
{
	*h = (struct sha256){.state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
		0x1f83d9ab, 0x5be0cd19}};
}

void sha256_add(struct sha256 *h, const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t have = h->bytes % sizeof(h->block);

	h->bytes += n;
	if (have) {
		size_t take = MIN(n, sizeof(h->block) - have);
		if (take)
			memcpy(h->block + have, p, take);
		if (have + take < sizeof(h->block))
			return;
		compress(h->state, h->block);
		p += take;
		n -= take;
	}
	for (; n >= sizeof(h->block); p += sizeof(h->block), n -= sizeof(h->block))
		compress(h->state, p);
	if (n)
		memcpy(h->block, p, n);
}

void sha256_end(struct sha256 *h, unsigned char out[SHA256_LEN])
{
	static const unsigned char pad[64] = {0x80};
	unsigned char length[8];
	uint64_t bits = h->bytes * 8;
	size_t have = h->bytes % sizeof(h->block);

	for (int i = 0; i < 8; i++)
		length[i] = (unsigned char)(bits >> (56 - 8 * i));
	sha256_add(h, pad, (have < 56 ? 56 : 120) - have);
	sha256_add(h, length, sizeof(length));
	for (int i = 0; i < SHA256_LEN; i++)
		out[i] = (unsigned char)(h->state[i / 4] >> (24 - i % 4 * 8));
}
