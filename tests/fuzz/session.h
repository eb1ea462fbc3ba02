/*
 * A whole session of one protocol against a peer that the fuzzer drives, in the process and in virtual time
 * (tests/evil/line.h). The input:
 *
 *	1 byte   how the session is: SESSION_ bits
 *	then any number of faults: a byte of (honest answers before it << 3 | enum fault_how), bytes up to 0xff
 *
 * or with SESSION_RAW: all that the server says, whatever it hears.
 */
#ifndef TESTS_FUZZ_SESSION_H
#define TESTS_FUZZ_SESSION_H

#include "tests/evil/model.h"

enum { SESSION_TLS = 1, SESSION_COMPRESS = 2, SESSION_PREAUTH = 4, SESSION_POOR = 8, SESSION_FAR = 16, SESSION_RAW = 128 };

void fuzz_session(enum model_proto, const uint8_t *data, size_t size);

#endif
