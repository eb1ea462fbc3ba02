/* Inside of struct cache, for the files of store/ that work on its tables. */
#ifndef STORE_CACHE_PRIV_H
#define STORE_CACHE_PRIV_H

#include "store/cache.h"
#include "store/db_priv.h"

#define CACHE_APP 0x66737463 /* "fstc" */
#define CACHE_VERSION 2
extern const char *const cache_steps[CACHE_VERSION];

struct cache {
	struct db db;
	enum cache_mode mode;
	enum cache_fate fate;
	char *bodies;
	bool noted_corrupt;
};

#endif
