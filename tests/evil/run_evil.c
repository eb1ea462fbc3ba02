/*
 * Evil servers against the client's protocols: every named case (*.cases), and generated changes of honest sessions:
 * cut, stalled, reset, garbled at each byte, each line doubled, left out, swapped, each literal with a wrong length.
 *
 *	run_evil [--every N] [--show] [--seeds DIR] [PATTERN]
 *
 * --every N: only each Nth generated change (default 10: what make check has time for). --show: what comes of the
 * named cases, in the words of verdicts. --seeds DIR: nothing is judged, the named cases are written
 * there as inputs of the session fuzzers. PATTERN: only cases whose full name fits (fnmatch).
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "tests/evil/judge.h"

#define DEADLINE_S 120 /* of one case, in real time: what hangs is ended by the alarm with its name */

static char alarm_name[400];

struct options {
	unsigned every;
	bool show;
	const char *pattern, *seeds;
};

struct counts {
	size_t named, generated, failed;
};

static void set_name(const char *name)
{
	snprintf(alarm_name, sizeof(alarm_name), "%s", name);
	alarm(DEADLINE_S);
}

static void report(struct counts *n, const char *name, const char *why)
{
	printf("not ok - %s: %s\n", name, why);
	n->failed++;
}

static void write_seed(const struct one_case *x, const char *dir, size_t number)
{
	char *path = xasprintf("%s/%s-%zu", dir, model_proto_name(x->mode.proto), number);
	struct str s;
	struct err e = {0};

	str_init(&s, MODEL_OUT_MAX);
	judge_seed(x, &s);
	if (s.len < 4096 && !fs_write_atomic(path, str_sv(&s), 0600, &e))
		printf("%s\n", e.text);
	str_fini(&s);
	free(path);
}

static void run_named(const struct cases *c, const struct options *o, struct counts *n)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct one_case *x = &c->v[i];
		struct str why;

		if (o->pattern && fnmatch(o->pattern, x->name, 0) != 0)
			continue;
		set_name(x->name);
		str_init(&why, 1u << 20);
		n->named++;
		if (o->seeds) {
			write_seed(x, o->seeds, i);
		} else if (o->show) {
			judge_show(x, &why);
			printf("%s | %s\n", x->name, why.s);
		} else if (!judge_case(x, &why)) {
			report(n, x->name, why.s ? why.s : "");
		}
		str_fini(&why);
	}
}

/* ---- generated ---- */

static const char *const literal_args[] = {"0", "1", "-1", "", "+", "4294967295", "4294967296", "18446744073709551616",
	"99999999999999999999999999999999999999999", "7", "100000", "0x10", "1e3"};

static void one(const struct clean *clean, const struct mode *mode, bool compress, enum mangle kind, size_t at,
	const char *arg, const char *label, struct counts *n)
{
	struct str why;
	char name[300];

	snprintf(name, sizeof(name), "generated/%s/%s/%zu%s%s", label, mangle_name(kind), at, arg ? "/" : "", arg ? arg : "");
	set_name(name);
	str_init(&why, 1u << 20);
	n->generated++;
	if (!judge_mangled(clean, mode, compress, kind, at, arg, &why))
		report(n, name, why.s ? why.s : "");
	str_fini(&why);
}

static size_t places(const struct clean *c, enum mangle kind)
{
	return line_has_mangle_lines(kind) ? c->lines
	       : kind == MANGLE_DEAF       ? c->heard
	       : kind == MANGLE_DRIP       ? 3
	       : kind == MANGLE_LF         ? 1
					   : c->bytes;
}

static void run_generated(const struct mode *mode, bool compress, const struct options *o, struct counts *n)
{
	struct clean clean;
	char label[64];
	unsigned turn = 0;

	snprintf(label, sizeof(label), "%s%s%s%s%.20s", model_proto_name(mode->proto), mode->tls ? "+tls" : "",
		compress ? "+compress" : "", mode->caps ? "+" : "", mode->caps ? mode->caps : "");
	for (char *c = label; *c; c++) /* one line */
		*c = *c == '\r' || *c == '\n' ? ' ' : *c;
	clean_run(&clean, mode, compress);
	if (tour_first_failure(&clean.tour)) {
		report(n, label, tour_first_failure(&clean.tour)->err.text);
		tour_print(&clean.tour);
	}
	for (enum mangle k = MANGLE_CUT; k < MANGLE_KINDS; k++) {
		for (size_t at = 0; at < places(&clean, k); at++) {
			if (turn++ % o->every != 0 && places(&clean, k) > 3)
				continue;
			if (k != MANGLE_LITERAL) {
				one(&clean, mode, compress, k, at, NULL, label, n);
				continue;
			}
			for (size_t i = 0; i < ARRAY_LEN(literal_args); i++)
				one(&clean, mode, compress, k, at, literal_args[i], label, n);
		}
	}
	clean_free(&clean);
}

static void run_all_generated(const struct options *o, struct counts *n)
{
	static const struct {
		enum model_proto proto;
		const char *caps;
	} others[] = {
		/* servers that can little, and what the usual ones here cannot */
		{MODEL_IMAP, ""},
		{MODEL_IMAP, "LITERAL+ UIDPLUS MULTIAPPEND REPLACE UTF8=ACCEPT ENABLE BINARY X-GM-EXT-1 SORT"},
		{MODEL_POP, "USER\r\n"},
		{MODEL_SMTP, ""},
		{MODEL_SMTP, "250-PIPELINING\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250-8BITMIME\r\n"},
	};

	for (int p = MODEL_IMAP; p <= MODEL_SMTP; p++)
		for (int tls = 0; tls < 2; tls++)
			run_generated(&(struct mode){.proto = (enum model_proto)p, .tls = tls}, false, o, n);
	run_generated(&(struct mode){.proto = MODEL_IMAP}, true, o, n);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		run_generated(&(struct mode){.proto = others[i].proto, .caps = (char *)(uintptr_t)others[i].caps}, false, o, n);
}

int main(int argc, char **argv)
{
	static const char *const files[] = {"imap", "imap-fields", "pop", "smtp", "tls"};
	struct options o = {.every = 10};
	const char *dir = getenv("FEIST_SRCDIR");
	struct counts n = {0};
	struct cases cases;
	uint64_t every;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--every") == 0 && i + 1 < argc && sv_u64(sv_of(argv[i + 1]), &every) && every)
			o.every = (unsigned)every, i++;
		else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc)
			o.seeds = argv[++i];
		else if (strcmp(argv[i], "--show") == 0)
			o.show = true;
		else
			o.pattern = argv[i];
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	cases_init(&cases);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char *path = xasprintf("%s/tests/evil/%s.cases", dir ? dir : ".", files[i]);

		cases_read(&cases, path);
		free(path);
	}
	if (cases.notes.len) {
		printf("%s", cases.notes.s);
		n.failed++;
	}
	run_named(&cases, &o, &n);
	if (!o.pattern && !o.show && !o.seeds)
		run_all_generated(&o, &n);
	printf("# %zu named cases, %zu generated, %zu failed\n", n.named, n.generated, n.failed);
	cases_free(&cases);
	return n.failed > 0;
}
