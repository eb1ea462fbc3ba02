/*
 * set, unset, toggle, reset, setenv, unsetenv. One faulty setting does not keep the next ones of the
 * same line from being done.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "conf/rc_priv.h"

enum set_op { OP_SET, OP_UNSET, OP_INVERT, OP_RESET, OP_QUERY };

/* What an option name is followed by. */
enum set_sign { SIGN_NONE, SIGN_ASSIGN, SIGN_ADD, SIGN_SUB };

static bool is_my(struct sv name)
{
	return sv_starts(name, SV("my_"));
}

static bool is_name(struct sv name)
{
	return is_my(name) || opt_find(name) != OPT_NONE;
}

/* Takes the prefixes off: ? & no inv. The whole word wins when it is a name by itself. */
static enum set_op take_prefix(struct lex *lex, enum set_op op)
{
	lex_spaces(lex);
	struct sv rest = lex_rest(lex);
	size_t n = 0;

	while (n < rest.len && (ascii_is_alnum((unsigned char)rest.p[n]) || rest.p[n] == '_'))
		n++;
	struct sv word = sv_head(rest, n);
	if (sv_starts(rest, SV("?"))) {
		lex_skip(lex, 1);
		return OP_QUERY;
	}
	if (sv_starts(rest, SV("&"))) {
		lex_skip(lex, 1);
		return OP_RESET;
	}
	if (is_name(word))
		return op;
	if (sv_starts_case(word, SV("no")) && word.len > 2) {
		lex_skip(lex, 2);
		return op == OP_UNSET ? OP_SET : OP_UNSET;
	}
	if (sv_starts_case(word, SV("inv")) && word.len > 3) {
		lex_skip(lex, 3);
		return OP_INVERT;
	}
	return op;
}

/* Behind the name: =, += or -=, also with blanks before it. A ? asks for the value. */
static enum set_sign take_sign(struct lex *lex, enum set_op *op)
{
	struct sv rest;

	if (lex_peek(lex) == '?') {
		lex_skip(lex, 1);
		*op = OP_QUERY;
		return SIGN_NONE;
	}
	lex_spaces(lex);
	rest = lex_rest(lex);
	if (sv_starts(rest, SV("="))) {
		lex_skip(lex, 1);
		return SIGN_ASSIGN;
	}
	if (sv_starts(rest, SV("+=")) || sv_starts(rest, SV("-="))) {
		lex_skip(lex, 2);
		return rest.p[0] == '+' ? SIGN_ADD : SIGN_SUB;
	}
	return SIGN_NONE;
}

/* "foo: unknown option", with what may have been meant. */
static void unknown_option(struct rc *rc, struct lex *lex, struct sv name, size_t at)
{
	struct nearest near;
	const char *old, *why = opt_removed(name);
	enum opt_id id;

	if (why) {
		rc_report(rc, RC_WARNING, lex, at, SV_FMT ": an option of older versions: %s",
			SV_ARG(name), why);
		return;
	}
	nearest_init(&near, name);
	for (int i = 0; i < OPT_COUNT; i++)
		nearest_try(&near, opt_table[i].name);
	for (size_t i = 0; opt_synonym_next(&i, &old, &id);)
		nearest_try(&near, old);
	if (near.best)
		rc_report(rc, RC_ERROR, lex, at, SV_FMT ": unknown option; did you mean '%s'?",
			SV_ARG(name), near.best);
	else
		rc_report(rc, RC_ERROR, lex, at, SV_FMT ": unknown option", SV_ARG(name));
}

static void say_my(struct rc *rc, struct sv name, const char *value)
{
	struct str text;

	str_init(&text, CONF_TEXT_MAX);
	str_add(&text, name);
	str_addc(&text, '=');
	conf_add_quoted(&text, sv_of(value));
	rc_say(rc, "%s", text.s);
	str_wipe(&text);
}

static void set_my(struct rc *rc, struct lex *lex, struct sv name, enum set_op op,
	enum set_sign sign, size_t at, struct sv value)
{
	const char *old = conf_my(rc->conf, name);
	struct str sum;

	(void)lex;
	if (sign == SIGN_ADD || (sign == SIGN_SUB && old)) {
		str_init(&sum, CONF_TEXT_MAX);
		struct sv kept = sv_of(old);
		if (sign == SIGN_SUB && value.len) { /* the first place where it stands goes */
			ptrdiff_t found = sv_find(kept, value);
			str_add(&sum, found < 0 ? kept : sv_head(kept, (size_t)found));
			if (found >= 0)
				str_add(&sum, sv_from(kept, (size_t)found + value.len));
		} else {
			str_add(&sum, kept);
			str_add(&sum, value);
		}
		conf_my_set(rc->conf, name, str_sv(&sum));
		str_wipe(&sum);
	} else if (sign == SIGN_ASSIGN) {
		conf_my_set(rc->conf, name, value);
	} else if (op == OP_UNSET || op == OP_RESET) {
		conf_my_unset(rc->conf, name);
	} else if (old) {
		say_my(rc, name, old);
	} else {
		rc_report(rc, RC_ERROR, lex, at, SV_FMT ": is not set", SV_ARG(name));
	}
}

static void say_option(struct rc *rc, enum opt_id id)
{
	struct str text;

	str_init(&text, CONF_TEXT_MAX);
	conf_print(rc->conf, id, &text);
	rc_say(rc, "%s", text.s);
	str_wipe(&text);
}

static bool is_switch(enum opt_type type)
{
	return type == OT_BOOL || type == OT_QUAD || type == OT_TRI;
}

/* The option without a value behind it. */
static void switch_option(struct rc *rc, enum opt_id id, enum set_op op, struct conf_origin origin,
	struct lex *lex, size_t at)
{
	enum opt_type type = opt_table[id].type;
	struct err e;
	bool ok = true;

	if (op == OP_QUERY || (op == OP_SET && !is_switch(type)))
		say_option(rc, id);
	else if (op == OP_SET)
		ok = conf_set(rc->conf, id, SV("yes"), origin, &e);
	else if (op == OP_UNSET)
		conf_unset(rc->conf, id, origin);
	else if (op == OP_RESET)
		conf_reset(rc->conf, id);
	else
		ok = conf_toggle(rc->conf, id, origin, &e);
	if (!ok)
		rc_report(rc, RC_ERROR, lex, at, "%s", e.text);
}

static void set_option(struct rc *rc, struct lex *lex, enum opt_id id, enum set_op op,
	enum set_sign sign, size_t at, struct sv value, size_t value_at)
{
	struct conf_origin origin = rc_origin(rc, lex);
	struct err e;
	bool ok;

	lex_place(lex, at, &origin.line, &origin.column);
	if (sign == SIGN_NONE) {
		switch_option(rc, id, op, origin, lex, at);
		return;
	}
	if (op != OP_SET) {
		rc_report(rc, RC_ERROR, lex, at, "%s: a prefix and a value do not go together",
			opt_table[id].name);
		return;
	}
	if (sign == SIGN_ADD)
		ok = conf_add(rc->conf, id, value, origin, &e);
	else if (sign == SIGN_SUB)
		ok = conf_sub(rc->conf, id, value, origin, &e);
	else
		ok = conf_set(rc->conf, id, value, origin, &e);
	if (!ok && !lex->unknown)
		rc_report(rc, RC_ERROR, lex, value_at, "%s", e.text);
}

static void reset_all(struct rc *rc)
{
	for (int i = 0; i < OPT_COUNT; i++)
		if (i != OPT_defaults)
			conf_reset(rc->conf, (enum opt_id)i);
}

/* One setting of the line. False: the line is broken. */
static bool set_one(
	struct rc *rc, struct lex *lex, enum set_op op, struct str *name, struct str *value)
{
	op = take_prefix(lex, op);
	if (!lex_word(lex, LEX_NAME, name))
		return false;
	size_t at = lex->word, value_at = at;
	if (name->len == 0) {
		rc_report(rc, RC_ERROR, lex, at, "an option name is missing");
		lex_skip_command(lex);
		return true;
	}
	enum set_sign sign = take_sign(lex, &op);
	str_clear(value);
	if (sign != SIGN_NONE) {
		/* a value may be empty at the end of the command */
		if (lex_more(lex) && !lex_word(lex, 0, value))
			return false;
		value_at = lex->word;
	}
	struct sv key = str_sv(name);
	enum opt_id id = opt_find(key);
	if (op == OP_RESET && sign == SIGN_NONE && sv_is_case(key, "all"))
		reset_all(rc);
	else if (is_my(key))
		set_my(rc, lex, key, op, sign, at, str_sv(value));
	else if (id == OPT_NONE)
		unknown_option(rc, lex, key, at);
	else
		set_option(rc, lex, id, op, sign, at, str_sv(value), value_at);
	return true;
}

void rc_set(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	enum set_op op = id == CMD_unset    ? OP_UNSET
			 : id == CMD_toggle ? OP_INVERT
			 : id == CMD_reset  ? OP_RESET
					    : OP_SET;
	struct str name, value;

	str_init(&name, LEX_LINE_MAX);
	str_init(&value, CONF_TEXT_MAX);
	while (lex_more(lex) && set_one(rc, lex, op, &name, &value))
		;
	str_fini(&name);
	str_wipe(&value);
}

/* ---- environment ---- */

static void say_env(struct rc *rc, struct sv name)
{
	char *key = sv_dup(name);
	const char *value = rc_vars_get(&rc->conf->rc.env, name);

	if (!value)
		value = getenv(key);
	if (value)
		rc_say(rc, "%s=%s", key, value);
	else
		rc_say(rc, "%s is unset", key);
	free(key);
}

/* In our own environment, which every program that we start gets; value NULL takes it away. */
static void put_env(struct rc *rc, struct sv name, const char *value)
{
	char *key = sv_dup(name);

	rc_vars_set(&rc->conf->rc.env, name, value);
	if (!rc->opts.no_files && value)
		setenv(key, value, 1);
	if (!rc->opts.no_files && !value)
		unsetenv(key);
	free(key);
}

static bool good_env_name(struct sv name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alnum((unsigned char)name.p[i]) && name.p[i] != '_')
			return false;
	return name.len && !ascii_is_digit((unsigned char)name.p[0]);
}

void rc_set_env(struct rc *rc, struct lex *lex, enum cmd_id id)
{
	struct str name, value;
	bool query = false;

	str_init(&name, LEX_LINE_MAX);
	str_init(&value, CONF_TEXT_MAX);
	if (!rc_need(rc, lex))
		goto out;
	if (id == CMD_setenv && lex_peek(lex) == '?') {
		query = true;
		lex_skip(lex, 1);
	}
	if (!lex_word(lex, LEX_EQUAL, &name))
		goto out;
	struct sv key = str_sv(&name);
	if (!good_env_name(key)) {
		rc_bad(rc, lex, "%s: '" SV_FMT "' is not the name of a variable",
			cmd_table[id].name, SV_ARG(key));
	} else if (id == CMD_unsetenv) {
		put_env(rc, key, NULL);
		lex_skip_command(lex);
	} else if (query) {
		say_env(rc, key);
	} else {
		if (lex_peek(lex) == '=') /* NeoMutt: NAME=VALUE */
			lex_skip(lex, 1);
		if (rc_need(rc, lex) && lex_word(lex, 0, &value))
			put_env(rc, key, value.s);
	}
out:
	str_fini(&name);
	str_wipe(&value);
}
