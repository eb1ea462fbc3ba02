/*
 * The muttrc language: nothing crashes, every problem has a place, and what a file has set can be
 * written down and read again as the same value.
 */
#include "base/mem.h"
#include "conf/rc.h"
#include "tests/fuzz/fuzz.h"

const char *const fuzz_shared[] = {"4-muttrc", NULL};

/* Sets the option to the printed form of its value: it must be the same then. */
static void read_again(struct conf *conf, struct rc *rc, enum opt_id id)
{
	struct str line, before, after;
	struct err e;

	str_init(&line, 8 * CONF_TEXT_MAX);
	str_init(&before, CONF_TEXT_MAX);
	str_init(&after, CONF_TEXT_MAX);
	conf_text(conf, id, &before);
	str_addf(&line, "set %s=", opt_table[id].name);
	rc_quote(&line, str_sv(&before));
	/* some paths have a meaning at their start that was resolved when they were set */
	bool shortcut = before.len && strchr("=+!<>-^@~", before.s[0]);
	if (line.len < CONF_TEXT_MAX / 2 && !shortcut) {
		fuzz_must(rc_run(rc, "again", str_sv(&line), &e));
		conf_text(conf, id, &after);
		fuzz_must(sv_eq(str_sv(&before), str_sv(&after)));
	}
	str_fini(&line);
	str_fini(&before);
	str_fini(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conf *base;
	struct rc_opts opts = {.no_exec = true, .no_files = true};
	struct rc_completion c;

	if (!base)
		base = conf_new(CONF_MUTT);
	struct conf *conf = conf_dup(base);
	struct rc *rc = rc_new(conf, &opts);
	rc_read_text(rc, "fuzz", fuzz_sv(data, size));
	for (size_t i = 0; i < rc_problem_count(rc); i++) {
		const struct rc_problem *p = rc_problem_at(rc, i);
		fuzz_must(p->line >= 1 && p->column >= 1 && p->text && p->file);
	}
	for (int i = 0; i < OPT_COUNT; i++)
		if (conf_origin_of(conf, (enum opt_id)i).file && i != OPT_defaults)
			read_again(conf, rc, (enum opt_id)i);
	rc_completion_at(fuzz_sv(data, size), size, &c);
	fuzz_must(c.start <= size);
	rc_free(rc);
	conf_free(conf);
	return 0;
}
