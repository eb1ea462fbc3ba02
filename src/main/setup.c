/*
 * Reading the configuration: the system's file, the user's, then -e. Problems are printed with file
 * and line and stop nothing, as in mutt; only a file that was named and cannot be read does.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "conf/rc.h"
#include "core/pattern.h"
#include "main/main.h"

#define DEBUG_TRANSCRIPT 3 /* -d from this level on writes down what goes over connections */

#define SYSTEM_FILE SYSCONFDIR "/feistrc"

static bool check_pattern(void *data, const char *text, struct err *e)
{
	struct pattern *p = pattern_compile(data, text, PATTERN_FULL, clock_now(), e);

	pattern_free(p);
	return p != NULL;
}

static void say(void *data, const char *text)
{
	(void)data;
	fprintf(stderr, "%s\n", text);
}

static void report(const struct rc *rc)
{
	for (size_t i = 0; i < rc_problem_count(rc); i++) {
		const struct rc_problem *p = rc_problem_at(rc, i);
		fprintf(stderr, "%s:%d:%d: %s: %s\n", p->file, p->line, p->column,
			p->level == RC_ERROR ? "error" : "warning", p->text);
	}
}

/* mutt adds new aliases to the file that it has read, unless the file says otherwise. */
static void default_alias_file(struct setup *s)
{
	struct err e;

	if (s->file && *s->file && !conf_set(s->conf, OPT_alias_file, sv_of(s->file), (struct conf_origin){0}, &e))
		bug("alias_file: %s", e.text);
}

static bool read_files(struct setup *s, const struct args *a, struct err *e)
{
	if (!a->no_system && fs_exists(SYSTEM_FILE) && !rc_read(s->rc, SYSTEM_FILE, e))
		return false;
	if (!s->file)
		return true;
	return rc_read(s->rc, s->file, e);
}

/* Does anybody press keys in this mode, or ask for them? */
static bool has_keys(enum mode mode)
{
	return mode < MODE_DUMP;
}

bool setup_load(struct setup *s, const struct args *a, struct err *e)
{
	struct rc_opts opts = {.no_exec = a->no_exec, .check_pattern = check_pattern, .say = say};

	*s = (struct setup){0};
	s->is_own = true;
	s->file = a->config ? fs_expand(a->config) : conf_find_file(&s->is_own);
	/* A file that -F names is whatever it says it is (`set defaults=`); by itself it is a muttrc. */
	bool modern = !s->file || (!a->config && s->is_own);
	enum conf_profile profile = modern ? CONF_MODERN : CONF_MUTT;
	s->conf = has_keys(a->mode) ? conf_new(profile) : conf_new_without_keys(profile);
	opts.data = s->conf;
	s->rc = rc_new(s->conf, &opts);
	default_alias_file(s);
	if (!read_files(s, a, e)) {
		setup_fini(s);
		return false;
	}
	for (size_t i = 0; i < a->commands.n; i++) {
		struct err ignored; /* it is among the problems, which are reported below */
		if (!rc_run(s->rc, "command line", sv_of(a->commands.v[i]), &ignored))
			continue;
	}
	if (a->debug >= DEBUG_TRANSCRIPT)
		s->conf->transcript = true;
	if (a->mbox_type) {
		char *line = xasprintf("set mbox_type=%s", a->mbox_type);
		bool ok = rc_run(s->rc, "-m", sv_of(line), e);
		free(line);
		if (!ok) {
			setup_fini(s);
			return false;
		}
	}
	if (a->mode != MODE_CHECK_CONFIG) /* which prints them itself */
		report(s->rc);
	return true;
}

void setup_fini(struct setup *s)
{
	rc_free(s->rc);
	conf_free(s->conf);
	free(s->file);
	*s = (struct setup){0};
}
