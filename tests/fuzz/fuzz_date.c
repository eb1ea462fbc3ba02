/* Dates: what is written is read again as the same moment. */
#include "mime/date.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[DATE_TEXT_MAX];
	struct date d, again;

	if (!date_parse(fuzz_sv(data, size), &d))
		return 0;
	fuzz_must(date_parse(sv_of(date_rfc5322(text, &d)), &again) && again.epoch == d.epoch);
	fuzz_must(date_parse(sv_of(date_rfc3339(text, &d)), &again) && again.epoch == d.epoch);
	fuzz_must(date_parse(sv_of(date_imap(text, &d)), &again) && again.epoch == d.epoch);
	date_mbox(text, d.epoch);
	return 0;
}
