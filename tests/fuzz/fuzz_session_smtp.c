/* Sessions of the protocol against a peer that the fuzzer drives: see session.h. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_session(MODEL_SMTP, data, size);
	return 0;
}
