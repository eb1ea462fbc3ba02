/*
 * Memory. The x family aborts when there is none. An arena holds what dies together: first
 * parameter of whoever fills it, no single free. A secret is locked in memory and wiped.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/util.h"

void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
/* n * size checked for overflow. */
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s); /* NULL gives NULL */
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* Frees *p and sets it to NULL. */
#define xfree_null(pp) (free(*(pp)), *(pp) = NULL)

/*
 * Grows an array so that it has room for one element more: the pointer, count and capacity are
 * lvalues. Doubles, so that n appends cost O(n).
 */
#define array_grow(array, count, capacity)                                                         \
	do {                                                                                       \
		if ((count) >= (capacity)) {                                                       \
			(capacity) = (capacity) ? (capacity)*2 : 8;                                \
			(array) = xreallocarray((array), (capacity), sizeof(*(array)));            \
		}                                                                                  \
	} while (0)

struct arena;
struct arena *arena_new(void);
void arena_free(struct arena *); /* NULL is fine */
void arena_reset(struct arena *);
void *arena_alloc(struct arena *, size_t size); /* zeroed, aligned for any type */
char *arena_strndup(struct arena *, const char *s, size_t n);
char *arena_strdup(struct arena *, const char *s); /* NULL gives NULL */
char *arena_printf(struct arena *, const char *fmt, ...) PRINTF_LIKE(2, 3);
size_t arena_used(const struct arena *); /* bytes handed out */

#define SECRET_MAX 8192
/* A password or token: its pages are locked when the system allows, wiped on clear, never logged. */
struct secret;
struct secret *secret_new(const char *s, size_t len); /* len over SECRET_MAX is cut */
const char *secret_text(const struct secret *);       /* NUL terminated; lent */
size_t secret_len(const struct secret *);
void secret_free(struct secret *); /* wipes; NULL is fine */
void mem_wipe(void *p, size_t n);
void free_wiped(char *text); /* a text that was secret; NULL is fine */

#endif
