/* Header text: decoding gives UTF-8 on one line; what is encoded decodes to the same. */
#include "mime/encword.h"
#include "mime/header.h"
#include "tests/fuzz/fuzz.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text, wire, back;
	struct sv line, rest;

	str_init(&text, HEADER_TEXT_MAX);
	str_init(&wire, HEADER_TEXT_MAX * 8);
	str_init(&back, HEADER_TEXT_MAX * 8);
	header_text(&text, fuzz_sv(data, MIN(size, 1u << 16)), NULL);
	fuzz_must(utf8_is_valid(str_sv(&text)));
	fuzz_must(!text.s || (!memchr(text.s, '\n', text.len) && !memchr(text.s, '\r', text.len)));
	fuzz_must(encword_encode(&wire, str_sv(&text), NULL, ENCWORD_TEXT, 9));
	for (rest = str_sv(&wire); sv_line(&rest, &line);)
		fuzz_must(line.len < 998);
	fuzz_must(header_text(&back, str_sv(&wire), NULL));
	/* ISO-2022-JP may hide in ASCII; it is then read as such. */
	fuzz_must(sv_eq(sv_trim(str_sv(&back)), sv_trim(str_sv(&text))) ||
		  sv_chr(str_sv(&text), '\033') >= 0);
	str_fini(&text);
	str_fini(&wire);
	str_fini(&back);
	return 0;
}
