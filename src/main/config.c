/*
 * What feist says about its configuration without a screen: -Q, -D, --check-config, --print, -A.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/mem.h"
#include "conf/rc.h"
#include "main/main.h"
#include "main/print_vocab.h"

static int query(const struct conf *conf, const char *const *names, size_t n)
{
	struct str line;
	int status = 0;

	str_init(&line, CONF_TEXT_MAX);
	for (size_t i = 0; i < n; i++) {
		struct sv name = sv_of(names[i]);
		enum opt_id id = opt_find(name);
		const char *my = conf_my(conf, name);
		str_clear(&line);
		if (id != OPT_NONE) {
			/* under the name that was asked for, as mutt does */
			conf_print(conf, id, &line);
			str_remove(&line, 0, strlen(opt_table[id].name));
			(void)str_insert(&line, 0, name);
		} else if (my) {
			str_addf(&line, "%s=", names[i]);
			conf_add_quoted(&line, sv_of(my));
		} else {
			fprintf(stderr, _("%s: unknown option\n"), names[i]);
			status = 1;
			continue;
		}
		puts(line.s);
	}
	str_fini(&line);
	return status;
}

/* Booleans and numbers as themselves, the rest as text. */
static void add_json_value(struct str *out, enum opt_type type, struct sv text)
{
	bool number = type == OT_NUMBER && !sv_is(text, "auto");

	if (type == OT_BOOL)
		str_adds(out, sv_is(text, "yes") ? "true" : "false");
	else if (number)
		str_add(out, text);
	else
		(void)str_add_json(out, text);
}

static void json_option(
	const struct conf *conf, enum opt_id id, const struct args *a, struct str *out)
{
	const struct opt *opt = &opt_table[id];
	struct conf_origin origin = conf_origin_of(conf, id);
	struct str value;

	str_init(&value, CONF_TEXT_MAX);
	conf_text(conf, id, &value);
	str_addf(out, "{\"name\":\"%s\",\"type\":\"%s\",\"value\":", opt->name,
		opt_type_name(opt->type));
	if (a->hide_secrets && opt->type == OT_SECRET)
		str_adds(out, "null");
	else
		add_json_value(out, opt->type, str_sv(&value));
	str_clear(&value);
	conf_default_text(conf, id, &value);
	str_adds(out, ",\"default\":");
	add_json_value(out, opt->type, str_sv(&value));
	str_adds(out, ",\"origin\":");
	str_clear(&value);
	if (origin.file)
		str_addf(&value, "%s:%d", origin.file, origin.line);
	if (origin.file)
		(void)str_add_json(out, str_sv(&value));
	else
		str_adds(out, "null");
	str_adds(out, "}");
	str_fini(&value);
}

static void json_my(const char *name, const char *value, struct str *out)
{
	str_adds(out, "{\"name\":");
	(void)str_add_json(out, sv_of(name));
	str_adds(out, ",\"type\":\"my\",\"value\":");
	(void)str_add_json(out, sv_of(value));
	str_adds(out, ",\"default\":null,\"origin\":null}");
}

static bool is_secret(enum opt_id id, const char *value)
{
	return opt_table[id].type == OT_SECRET && *value;
}

/* One option as mutt prints it; -O puts its help before it. */
static void text_option(
	const struct conf *conf, enum opt_id id, const struct args *a, struct str *out)
{
	struct str value;

	if (a->with_docs)
		str_addf(out, "# %s\n", _(opt_table[id].help));
	str_init(&value, CONF_TEXT_MAX);
	conf_text(conf, id, &value);
	if (a->hide_secrets && is_secret(id, value.s))
		str_addf(out, "%s=\"***\"", opt_table[id].name);
	else
		conf_print(conf, id, out);
	if (a->with_docs)
		str_addc(out, '\n');
	str_fini(&value);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(opt_table[*(const int *)a].name, opt_table[*(const int *)b].name);
}

/* In the order of the alphabet, as mutt prints them. */
int main_dump_options(const struct args *a)
{
	const char *name, *value;
	struct setup s;
	struct str line;
	struct err e;

	if (!setup_load(&s, a, &e))
		return main_fail(EX_CONFIG, &e);
	int order[OPT_COUNT];
	for (int i = 0; i < OPT_COUNT; i++)
		order[i] = i;
	qsort(order, OPT_COUNT, sizeof(order[0]), by_name);
	str_init(&line, 4 * CONF_TEXT_MAX);
	for (int n = 0; n < OPT_COUNT; n++) {
		int i = order[n];
		if (a->changed_only && conf_is_default(s.conf, (enum opt_id)i))
			continue;
		str_clear(&line);
		if (a->json)
			json_option(s.conf, (enum opt_id)i, a, &line);
		else
			text_option(s.conf, (enum opt_id)i, a, &line);
		puts(line.s);
	}
	for (size_t at = 0; a->json && conf_my_next(s.conf, &at, &name, &value);) {
		str_clear(&line);
		json_my(name, value, &line);
		puts(line.s);
	}
	str_fini(&line);
	setup_fini(&s);
	return 0;
}

int main_query(const struct args *a)
{
	struct setup s;
	struct err e;

	if (!setup_load(&s, a, &e))
		return main_fail(EX_CONFIG, &e);
	int status = query(s.conf, a->queries.v, a->queries.n);
	/* -Q takes several names */
	int more = query(s.conf, a->operands.v, a->operands.n);
	status = status ? status : more;
	setup_fini(&s);
	return status;
}

/* EX_CONFIG when there is an error; warnings alone do not count. */
int main_check_config(const struct args *a)
{
	struct setup s;
	struct err e;

	if (!setup_load(&s, a, &e))
		return main_fail(EX_CONFIG, &e);
	for (size_t i = 0; i < rc_problem_count(s.rc); i++) {
		const struct rc_problem *p = rc_problem_at(s.rc, i);
		printf("%s:%d:%d: %s: %s\n", p->file, p->line, p->column,
			p->level == RC_ERROR ? "error" : "warning", p->text);
	}
	int status = rc_error_count(s.rc) ? EX_CONFIG : 0;
	setup_fini(&s);
	return status;
}

int main_print(const struct args *a)
{
	const char *format = a->format ? a->format : a->json ? "json" : "text";
	struct setup s;
	struct str out;
	struct err e;

	if (!setup_load(&s, a, &e))
		return main_fail(EX_CONFIG, &e);
	str_init(&out, PRINT_VOCAB_MAX);
	bool ok = print_vocab(s.conf, a->what, format, &out);
	if (ok)
		fputs(out.s, stdout);
	else
		fprintf(stderr,
			_("feist: --print %s --format=%s: kinds are: %s; formats are: %s\n"),
			a->what, format, print_vocab_kinds, print_vocab_formats);
	str_fini(&out);
	setup_fini(&s);
	return ok ? 0 : EX_USAGE;
}

/* -A: addresses of aliases; 1 when one of them is none. */
int main_alias(const struct args *a)
{
	struct setup s;
	struct err e;
	int status = 0;

	if (!setup_load(&s, a, &e))
		return main_fail(EX_CONFIG, &e);
	for (size_t i = 0; i < a->aliases.n; i++) {
		const struct rc_alias *alias = rc_alias_find(&s.conf->rc, sv_of(a->aliases.v[i]));
		if (alias) {
			puts(alias->addresses);
		} else {
			puts(a->aliases.v[i]); /* mutt prints what it cannot expand */
			status = 1;
		}
	}
	setup_fini(&s);
	return status;
}
