#include "net/wire.h"

#include "base/mem.h"
#include "tests/unit/t.h"

/* Each piece goes one way: "C text" or "S text"; \\n is CRLF on the wire. */
static const struct {
	const char *name, *service, *bytes, *want;
} cases[] = {
	{"lines", NULL, "C a LOGIN\nS * OK\n", "C: a LOGIN\nS: * OK\n"},
	{"control characters", NULL, "S \033[2J\n", "S: \\x1b[2J\n"},
	{"a literal is shown when all is wanted", NULL, "S * 1 FETCH (BODY[] {5}\nS hello\nS )\n",
		"S: * 1 FETCH (BODY[] {5}\nS: hello\nS: )\n"},
	{"imap literal", "imap", "S * 1 FETCH (BODY[] {7}\nS he\nS llo)\nS x OK\n",
		"S: * 1 FETCH (BODY[] {7}\nS: [7 bytes of a message]\nS: )\nS: x OK\n"},
	{"imap append", "imap", "C a APPEND x {4+}\nC abcd\nS a OK\n",
		"C: a APPEND x {4+}\nC: [4 bytes of a message]\nC: \nS: a OK\n"},
	{"no literal", "imap", "S * OK {}\nS * OK x}\nS * OK {1x}\n", "S: * OK {}\nS: * OK x}\nS: * OK {1x}\n"},
	{"pop", "pop", "C RETR 1\nC LIST\nC DELE 1\nS +OK\nS Subject: secret\nS ..x\nS .\nS +OK\nS 1 100\nS .\nS +OK bye\n",
		"C: RETR 1\nC: LIST\nC: DELE 1\nS: +OK\nS: [22 bytes of a message]\nS: .\nS: +OK\nS: 1 100\nS: .\nS: +OK bye\n"},
	{"pop refused", "pop", "C RETR 1\nS -ERR no\nC NOOP\nS +OK\nS shown\n",
		"C: RETR 1\nS: -ERR no\nC: NOOP\nS: +OK\nS: shown\n"},
	{"smtp data", "smtp", "C DATA\nS 354 go\nC Subject: s\nC .\nS 250 ok\nC QUIT\n",
		"C: DATA\nS: 354 go\nC: [12 bytes of a message]\nC: .\nS: 250 ok\nC: QUIT\n"},
	{"smtp data ahead", "smtp", "C MAIL FROM:<a>\nC RCPT TO:<b>\nC DATA\nS 250 a\nS 250 b\nS 354 go\nC secret\nC .\nC QUIT\n",
		"C: MAIL FROM:<a>\nC: RCPT TO:<b>\nC: DATA\nS: 250 a\nS: 250 b\nS: 354 go\nC: [8 bytes of a message]\nC: .\n"
		"C: QUIT\n"},
	{"smtp data refused", "smtp", "C DATA\nS 554 no\nC QUIT\n", "C: DATA\nS: 554 no\nC: QUIT\n"},
	{"smtp bdat", "smtp", "C BDAT 6 LAST\nC abcd\nS 250 ok\n",
		"C: BDAT 6 LAST\nS: 250 ok\nC: [6 bytes of a message]\n"},
};

static void run(struct wire *w, const char *bytes)
{
	struct sv rest = sv_of(bytes), line;

	while (sv_line(&rest, &line)) {
		struct str raw;

		str_init(&raw, 1000);
		assert_true(str_add(&raw, sv_from(line, 2)) && str_adds(&raw, "\r\n"));
		for (size_t i = 0; i < raw.len; i++) /* byte by byte: no state may depend on pieces */
			(line.p[0] == 'C' ? wire_sent : wire_got)(w, sv_make(raw.s + i, 1));
		str_fini(&raw);
	}
}

static void transcripts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *text = NULL;
		size_t n = 0;
		FILE *f = open_memstream(&text, &n);
		struct wire *w = wire_new(f);

		if (cases[i].service)
			wire_hide(w, cases[i].service);
		run(w, cases[i].bytes);
		wire_free(w);
		fclose(f);
		t_streq(text, cases[i].want, cases[i].name);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(transcripts)};

	return t_run(tests);
}
