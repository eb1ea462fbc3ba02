#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"

void *xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		bug("out of memory (%zu bytes)", size);
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		bug("out of memory (%zu x %zu bytes)", n, size);
	return p;
}

void *xrealloc(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (!p)
		bug("out of memory (%zu bytes)", size);
	return p;
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		bug("size overflow (%zu x %zu)", n, size);
	return xrealloc(p, total);
}

char *xstrndup(const char *s, size_t n)
{
	char *p = xmalloc(n + 1);

	if (n)
		memcpy(p, s, n);
	p[n] = 0;
	return p;
}

char *xstrdup(const char *s)
{
	return s ? xstrndup(s, strlen(s)) : NULL;
}

char *xasprintf(const char *fmt, ...)
{
	char *p;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&p, fmt, ap) < 0)
		bug("out of memory");
	va_end(ap);
	return p;
}

#define ARENA_BLOCK 4096
#define ARENA_BLOCK_MAX (1 << 20)
/*
 * A block up to this size stays when an arena is reset: one that is reset for each message would get it back at once.
 * With the address sanitizer none stays, so that it sees what is used too long.
 */
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_KEPT 0
#elif defined(__has_feature)
#define ARENA_KEPT (__has_feature(address_sanitizer) ? 0 : 65536)
#else
#define ARENA_KEPT 65536
#endif

struct block {
	struct block *next;
	size_t size, used;
	max_align_t data[];
};

struct arena {
	struct block *head;
	size_t next_size, used;
};

struct arena *arena_new(void)
{
	struct arena *a = xcalloc(1, sizeof(*a));

	a->next_size = ARENA_BLOCK;
	return a;
}

static void free_blocks(struct block *b)
{
	while (b) {
		struct block *next = b->next;

		free(b);
		b = next;
	}
}

void arena_reset(struct arena *a)
{
	struct block *kept = a->head && a->head->size <= ARENA_KEPT ? a->head : NULL;

	free_blocks(kept ? kept->next : a->head);
	a->head = kept;
	a->used = 0;
	a->next_size = kept ? kept->size * 2 : ARENA_BLOCK;
	if (kept) {
		kept->next = NULL;
		kept->used = 0;
	}
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	free_blocks(a->head);
	free(a);
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t align = sizeof(max_align_t);

	if (size > SIZE_MAX - align)
		bug("arena size overflow");
	size = (size + align - 1) / align * align;
	struct block *b = a->head;
	if (!b || b->size - b->used < size) {
		size_t room = MAX(size, a->next_size);
		b = xmalloc(sizeof(*b) + room);
		b->size = room;
		b->used = 0;
		b->next = a->head;
		a->head = b;
		a->next_size = MIN(a->next_size * 2, (size_t)ARENA_BLOCK_MAX);
	}
	void *p = (char *)b->data + b->used;
	b->used += size;
	a->used += size;
	return memset(p, 0, size);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (n)
		memcpy(p, s, n);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		bug("bad format");
	char *p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return p;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

void mem_wipe(void *p, size_t n)
{
	explicit_bzero(p, n);
}

void free_wiped(char *text)
{
	if (text)
		mem_wipe(text, strlen(text));
	free(text);
}

struct secret {
	size_t len;
	char text[SECRET_MAX + 1];
};

struct secret *secret_new(const char *s, size_t len)
{
	/* Pages of its own, so that locking and wiping cannot touch a neighbour. */
	struct secret *x = mmap(NULL, sizeof(*x), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (x == MAP_FAILED)
		bug("out of memory (secret)");
	(void)mlock(x, sizeof(*x)); /* refused when RLIMIT_MEMLOCK is used up: then only wiping protects */
	(void)madvise(x, sizeof(*x), MADV_DONTDUMP);
	x->len = MIN(len, (size_t)SECRET_MAX);
	memcpy(x->text, s, x->len);
	return x;
}

const char *secret_text(const struct secret *x)
{
	return x->text;
}

size_t secret_len(const struct secret *x)
{
	return x->len;
}

void secret_free(struct secret *x)
{
	if (!x)
		return;
	mem_wipe(x, sizeof(*x));
	munmap(x, sizeof(*x));
}
