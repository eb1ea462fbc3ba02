/*
 * What a fuzz target shares with its driver: libFuzzer (configure --enable-fuzzers, clang), or
 * replay_main.c, which feeds the seeds and every bug that was ever found.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

/* The target: must not crash, leak, or call fuzz_must(false). Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Folders of the shared corpus (below $FEIST_SHARED/corpus) that fit this target, NULL-ended; a
 * target that has none leaves it out.
 */
extern const char *const fuzz_shared[] __attribute__((weak));

/* An oracle: what must hold for every input. */
#define fuzz_must(x) \
	do { \
		if (!(x)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #x); \
			abort(); \
		} \
	} while (0)

static inline struct sv fuzz_sv(const uint8_t *data, size_t size)
{
	return sv_make(size ? (const char *)data : "", size);
}

#endif
