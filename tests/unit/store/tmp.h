/* A private folder for one test, removed at its end. */
#ifndef TESTS_STORE_TMP_H
#define TESTS_STORE_TMP_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

static inline char *tmp_dir(void)
{
	const char *base = getenv("TMPDIR");
	char *dir = xasprintf("%s/feist-store-XXXXXX", base ? base : "/tmp");

	return mkdtemp(dir) ? dir : NULL;
}

static inline int tmp_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline void tmp_remove(char *dir)
{
	(void)!nftw(dir, tmp_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

#endif
