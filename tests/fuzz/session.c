#include "tests/fuzz/session.h"

#include "tests/evil/tour.h"
#include "tests/fuzz/fuzz.h"

#define SAID_MAX 100000
#define PATIENCE_MS (700 * 1000) /* the end of a message may take ten minutes */

struct plan {
	struct scan rest;
	unsigned honest; /* answers before the next fault */
	enum fault_how how;
	bool over;
};

/* The head of the next fault. */
static void read_head(struct plan *p)
{
	unsigned char b;

	p->over = scan_end(&p->rest);
	if (p->over)
		return;
	b = (unsigned char)*p->rest.p++;
	p->honest = b >> 3;
	p->how = (enum fault_how)(b & 7);
}

static bool ask(void *data, const char *state, struct fault *f)
{
	struct plan *p = data;

	(void)state;
	if (p->over || p->honest-- > 0)
		return false;
	*f = (struct fault){.how = p->how, .bytes = scan_until(&p->rest, "\xff")};
	if (!scan_end(&p->rest))
		p->rest.p++;
	read_head(p);
	return true;
}

/* What goes in clear before TLS is only what leads to it; no password goes where it can be seen. */
static void check_clear(const struct line *l, bool tls)
{
	struct sv clear = str_sv(&l->clear), line;

	if (!l->far)
		return;
	fuzz_must(sv_find(clear, SV(MODEL_PASS)) < 0 && sv_find(clear, SV("czNjcjN0LVB3")) < 0 &&
		  sv_find(clear, SV("AGpvZQBzM2NyM3QtUHc")) < 0);
	while (tls && sv_chr(clear, '\n') >= 0 && sv_split(&clear, '\n', &line)) {
		line = sv_rtrim(line);
		fuzz_must(sv_ends_case(line, SV("CAPABILITY")) || sv_ends_case(line, SV("STARTTLS")) ||
			  sv_is(line, "CAPA") || sv_is(line, "STLS") || sv_starts(line, SV("EHLO ")) ||
			  sv_starts(line, SV("HELO ")) || sv_is(line, "QUIT") || sv_ends_case(line, SV("LOGOUT")));
	}
}

void fuzz_session(enum model_proto proto, const uint8_t *data, size_t size)
{
	static struct tour t;
	struct model m;
	struct line l = {0};
	struct plan p = {0};
	unsigned bits;

	if (size < 1 || size > SAID_MAX)
		return;
	bits = data[0];
	model_init(&m, proto);
	tour_init(&t, proto);
	m.offer_tls = bits & SESSION_TLS;
	m.preauth = bits & SESSION_PREAUTH;
	m.caps = bits & SESSION_POOR ? proto == MODEL_IMAP ? "IDLE" : proto == MODEL_POP ? "USER\r\n" : "250-CHUNKING\r\n"
				     : NULL;
	t.brief = true;
	t.compress = bits & SESSION_COMPRESS;
	t.server.security = bits & SESSION_TLS ? SERVER_STARTTLS : SERVER_CLEAR;
	l.far = bits & (SESSION_TLS | SESSION_FAR);
	if (bits & SESSION_RAW) {
		m.raw = true;
		m.turn_tls = bits & SESSION_TLS;
		str_add(&m.out, sv_make((const char *)data + 1, size - 1));
		m.closed = true;
	} else {
		p.rest = scan_of(sv_make((const char *)data + 1, size - 1));
		read_head(&p);
		m.ask = ask;
		m.ask_data = &p;
	}
	tour_run(&t, &l, &m);
	fuzz_must(!l.hung && l.now_ms <= PATIENCE_MS);
	fuzz_must((bits & SESSION_RAW) || !t.sent_wrongly);
	check_clear(&l, bits & SESSION_TLS);
	line_close(&l);
	tour_fini(&t);
	model_fini(&m);
}
