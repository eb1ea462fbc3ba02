#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

static int64_t read_us(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_ms(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_boot_ms(void)
{
#ifdef CLOCK_BOOTTIME
	return read_us(CLOCK_BOOTTIME) / 1000;
#else
	return clock_ms();
#endif
}

int64_t clock_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t clock_now(void)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");

	if (fixed && *fixed) {
		char *end;
		long long v = strtoll(fixed, &end, 10);
		if (*end == 0 && v >= 0)
			return v;
	}
	return time(NULL);
}
