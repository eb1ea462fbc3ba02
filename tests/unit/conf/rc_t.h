/* For tests of conf/: a configuration and a parser over it in one. */
#ifndef TESTS_UNIT_CONF_RC_T_H
#define TESTS_UNIT_CONF_RC_T_H

#include "base/mem.h"
#include "conf/rc.h"
#include "tests/unit/t.h"

struct rc_t {
	struct conf *conf;
	struct rc *rc;
	struct str said; /* lines that were said */
};

static inline void rc_t_say(void *data, const char *text)
{
	struct str *said = data;

	str_addf(said, "%s\n", text);
}

static inline struct rc_t *rc_t_new(void)
{
	struct rc_t *t = xcalloc(1, sizeof(*t));

	str_init(&t->said, 1 << 20);
	struct rc_opts opts = {.say = rc_t_say, .data = &t->said};
	t->conf = conf_new(CONF_MUTT);
	t->rc = rc_new(t->conf, &opts);
	return t;
}

static inline void rc_t_free(struct rc_t *t)
{
	rc_free(t->rc);
	conf_free(t->conf);
	str_fini(&t->said);
	free(t);
}

/* All problems, one a line, without the file name; for the caller to free. */
static inline char *rc_t_problems(const struct rc_t *t)
{
	struct str out;

	str_init(&out, 1 << 20);
	for (size_t i = 0; i < rc_problem_count(t->rc); i++) {
		const struct rc_problem *p = rc_problem_at(t->rc, i);
		str_addf(&out, "%d:%d: %s: %s\n", p->line, p->column,
			p->level == RC_ERROR ? "error" : "warning", p->text);
	}
	char *s = str_detach(&out);
	str_fini(&out);
	return s;
}

/* The text is read and has no fault. */
static inline void rc_t_good(struct rc_t *t, const char *text)
{
	rc_read_text(t->rc, "test", sv_of(text));
	if (rc_problem_count(t->rc))
		fail_msg("%s\n%s", text, rc_problem_at(t->rc, 0)->text);
}

static inline void rc_t_value(const struct rc_t *t, const char *name, const char *want)
{
	enum opt_id id = opt_find(sv_of(name));
	const char *my = conf_my(t->conf, sv_of(name));
	struct str got;

	str_init(&got, 1 << 20);
	if (id != OPT_NONE)
		conf_text(t->conf, id, &got);
	else
		str_adds(&got, my ? my : "(unset)");
	if (strcmp(got.s, want) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", name, got.s, want);
	str_fini(&got);
}

#endif
