/*
 * Time. Monotonic milliseconds for waiting, seconds since 1970 for what is written down.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/util.h"

int64_t clock_ms(void);      /* monotonic, stands still in suspend */
int64_t clock_boot_ms(void); /* monotonic, goes on in suspend: a jump against clock_ms is a resume */
int64_t clock_us(void);      /* monotonic, for measuring */
/* Seconds since 1970; SOURCE_DATE_EPOCH when that is set, so that output can be reproduced. */
int64_t clock_now(void);

#endif
