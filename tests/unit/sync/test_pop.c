/* What may go from a POP3 server, and by what a message is known there. */
#include "sync/pop_priv.h"

#include "tests/unit/t.h"

#define DAY 86400
#define NOW (1000 * INT64_C(86400))
#define MB (UINT64_C(1) << 20)

/* Items as "F10@3 P5@1": state (F fetched, N new, P preview, D to be deleted, L left), MB, age in days. */
static size_t items_of(const char *text, struct pop_item *items)
{
	struct sv rest = sv_of(text), word;
	size_t n = 0;

	while (sv_split(&rest, ' ', &word)) {
		struct scan s = scan_of(sv_from(word, 1));
		uint64_t mb = 0, age = 0;

		scan_u64(&s, &mb);
		scan_byte(&s, '@');
		scan_u64(&s, &age);
		items[n] = (struct pop_item){.number = (uint32_t)n + 1, .size = mb * MB, .since = NOW - (int64_t)age * DAY};
		items[n++].state = word.p[0] == 'F'   ? UIDL_FETCHED
				   : word.p[0] == 'N' ? UIDL_NEW
				   : word.p[0] == 'P' ? UIDL_PREVIEW
				   : word.p[0] == 'D' ? UIDL_DELETE
						      : UIDL_LEFT;
	}
	return n;
}

static void rules(void **state)
{
	static const struct {
		struct pop_rules r;
		const char *items, *gone;
	} rows[] = {
		{{0}, "F1@900 F1@0", ".."},
		{{0}, "F1@900 D1@0", ".x"},
		{{.at_once = true}, "F1@0 N1@0 P9@0 L1@0 D1@0", "x...x"},
		{{.days = 7}, "F1@8 F1@7 F1@6 P1@9 N1@9 L1@9", "xx...."},
		{{.count = 2}, "F1@9 F1@8 F1@7 F1@6", "xx.."},
		{{.count = 2}, "P1@9 N1@8 F1@7 F1@6", "..xx"}, /* what is not here stays, but counts */
		{{.count = 3}, "P1@9 N1@8 L1@7 F1@6", "...x"},
		{{.bytes = 5 * MB}, "F2@9 F2@8 F2@7", "x.."},
		{{.bytes = 5 * MB}, "P9@9 F2@8 F2@7", ".xx"},
		{{.bytes = 6 * MB}, "F2@9 F2@8 F2@7", "..."},
		{{.days = 5, .count = 2}, "F1@9 F1@1 F1@1 F1@1", "xx.."},
		{{.count = 1, .bytes = 100 * MB}, "D1@9 F1@8", "x."}, /* what goes anyway makes room */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pop_item items[16];
		size_t n = items_of(rows[i].items, items);
		char got[17] = "";

		pop_rules_apply(&rows[i].r, items, n, NOW);
		for (size_t k = 0; k < n; k++)
			got[k] = items[k].todo == POP_DELETE ? 'x' : '.';
		t_streq(got, rows[i].gone, rows[i].items);
	}
}

static void hash_of_text(const char *text, size_t piece, char head[SHA256_HEX_LEN + 1], char content[SHA256_HEX_LEN + 1])
{
	struct pop_hash *h = pop_hash_new();
	struct sv v = sv_of(text);

	while (v.len) {
		pop_hash_add(h, sv_head(v, piece));
		v = sv_from(v, piece);
	}
	pop_hash_end(h, head, content);
}

static void hashes(void **state)
{
	static const struct {
		const char *a, *b;
		bool head, content; /* are the same */
	} rows[] = {
		{"A: b\r\n\r\nbody\r\n", "A: b\r\n\r\nbody\r\n", true, true},
		{"A: b\r\n\r\nbody\r\n", "A: b\r\n\r\n", true, false},
		{"A: b\r\n\r\n", "A: b\r\n", true, true},   /* TOP without the empty line */
		{"A: b\r\n\r\n", "A: b\n\n", true, true},
		{"A: b\r\nStatus: RO\r\nX-UIDL: 7\r\n\r\nx", "A: b\r\n\r\nx", true, true},
		{"Received: one\r\n by two\r\nA: b\r\n\r\nx", "Received: three\r\nA: b\r\n\r\nx", false, true},
		{"Delivered-To: a@x\r\nA: b\r\n\r\nx", "A: b\r\n\r\nx", false, true},
		{"A: b\r\n c\r\n\r\nx", "A: b\r\n d\r\n\r\nx", false, false},
		{"Status: x\r\n folded\r\nA: b\r\n\r\nx", "A: b\r\n\r\nx", true, true},
		{"A: b\r\n\r\nx\r\n", "A: b\r\n\r\nx\n", true, false},
		{"\r\nbody", "\r\nbady", true, false},
		{"", "\r\n", true, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t piece = 1; piece < 20; piece += 3) {
			char ha[SHA256_HEX_LEN + 1], ca[SHA256_HEX_LEN + 1], hb[SHA256_HEX_LEN + 1], cb[SHA256_HEX_LEN + 1];

			hash_of_text(rows[i].a, piece, ha, ca);
			hash_of_text(rows[i].b, 1000, hb, cb);
			if ((strcmp(ha, hb) == 0) != rows[i].head || (strcmp(ca, cb) == 0) != rows[i].content)
				fail_msg("row %zu in pieces of %zu", i, piece);
		}
	}
}

/* A header without end is header as far as it counts. */
static void huge_header(void **state)
{
	char head[SHA256_HEX_LEN + 1], other[SHA256_HEX_LEN + 1];
	struct pop_hash *h = pop_hash_new();
	char *piece = xmalloc(100000);
	bool whole;

	(void)state;
	memset(piece, 'x', 100000);
	for (int i = 0; i < 20; i++)
		pop_hash_add(h, sv_make(piece, 100000));
	assert_true(pop_hash_head(h, &whole).len <= (1u << 20));
	assert_false(whole);
	pop_hash_end(h, head, other);
	free(piece);
}

static void partial_names(void **state)
{
	char *base = maildir_partial_base("1.a.h", 123456);
	struct sv got;
	uint64_t size = 0;

	(void)state;
	assert_true(maildir_partial_size(sv_of(base), &size) && size == 123456);
	assert_false(maildir_partial_size(SV("1.a.h"), &size));
	assert_false(maildir_partial_size(SV("1.a.h,feist-part="), &size));
	assert_false(maildir_partial_size(SV("1.a.h,feist-part=1x"), &size));
	char *name = xasprintf("%s:2,FS", base);
	assert_int_equal(maildir_flags_of(sv_of(name), false, &got), MSG_PARTIAL | MSG_FLAGGED | MSG_SEEN);
	free(name);
	free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules),
		cmocka_unit_test(hashes),
		cmocka_unit_test(huge_header),
		cmocka_unit_test(partial_names),
	};

	return t_run(tests);
}
