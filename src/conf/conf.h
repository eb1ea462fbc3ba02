/*
 * The configuration in use. Options are typed fields (conf->pager_context), made from
 * vocab/options.def; what commands have built (aliases, hooks, keys ...) lies in conf->rc. Values
 * are read directly and changed only through the functions here, so that origins, observers and
 * compiled forms stay right. Texts are UTF-8 and never NULL.
 */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include "base/err.h"
#include "base/rx.h"
#include "conf/state.h"
#include "vocab/vocab.h"

/* Longest value of an option, command or line. */
#define CONF_TEXT_MAX (1 << 20)

struct conf_regex {
	const char *text; /* as written; "" when unset */
	struct rx *rx;    /* NULL when text is empty */
	bool negated;     /* written with a leading ! (mask) */
};

struct conf_sort {
	enum sort_key key;
	bool reverse; /* reverse-KEY */
	bool last;    /* last-KEY ($sort_aux) */
};

#define CONF_FIELD_BOOL bool
#define CONF_FIELD_QUAD enum quad
#define CONF_FIELD_TRI enum tri
#define CONF_FIELD_NUMBER long
#define CONF_FIELD_STRING const char *
#define CONF_FIELD_SECRET const char *
#define CONF_FIELD_FORMAT const char *
#define CONF_FIELD_ADDRESS const char *
#define CONF_FIELD_LIST const char *
#define CONF_FIELD_CHARS const char *
#define CONF_FIELD_COMMAND const char *
#define CONF_FIELD_PATH const char *
#define CONF_FIELD_MAILBOX const char *
#define CONF_FIELD_REGEX struct conf_regex
#define CONF_FIELD_SORT struct conf_sort
#define CONF_FIELD_ENUM long

/* mutt: a muttrc is in use; modern: feist's own fresh profile. `set defaults=` switches. */
enum conf_profile { CONF_MUTT, CONF_MODERN };

struct conf_origin {
	const char *
		file; /* NULL: default; "environment", "command line" or a file; lives as long as the conf */
	int line, column;
};

typedef void conf_changed_fn(void *data, enum opt_id id);

/*
 * How an IMAP user signs in. Files with several accounts set $imap_user and $imap_pass anew for each
 * of them; what was said about the others stays known here.
 */
struct conf_login {
	char *user, *pass, *pass_command, *token_command;
};

struct conf_logins {
	struct conf_login *v;
	size_t n, cap;
};

struct conf {
#define OPTION(id, type, ...) CONF_FIELD_##type id;
#define OPTION_SYNONYM(old, id)
#include "vocab/options.def"
#undef OPTION
#undef OPTION_SYNONYM
	struct rc_state rc;
	/* private */
	struct conf_origin origin[OPT_COUNT];
	struct rc_vars my;
	enum conf_profile profile;
	struct rc_words files; /* owns the names in origins */
	struct conf_logins logins;
	conf_changed_fn *changed;
	void *changed_data;
};

/*
 * Defaults of the profile, then what the environment says (EDITOR, MAIL, REPLYTO, TMPDIR ...), then
 * keys.rc.
 */
struct conf *conf_new(enum conf_profile);
/* For programs without a screen: keys.rc is half of the time that it takes. */
struct conf *conf_new_without_keys(enum conf_profile);
void conf_free(struct conf *); /* NULL is fine */
/* A deep copy without observer: to try commands on (account-hooks, tests). */
struct conf *conf_dup(const struct conf *);
/* Takes the new defaults for all options that nobody has set. */
void conf_use_profile(struct conf *, enum conf_profile);

/*
 * All ERR_INPUT with a text for people; nothing changes then. text is the value as the user meant it
 * (quotes and variables are already resolved).
 */
bool conf_set(
	struct conf *, enum opt_id, struct sv text, struct conf_origin, struct err *e) MUST_CHECK;
/* += and -=: numbers add, texts append, lists join without doubles. */
bool conf_add(
	struct conf *, enum opt_id, struct sv text, struct conf_origin, struct err *e) MUST_CHECK;
bool conf_sub(
	struct conf *, enum opt_id, struct sv text, struct conf_origin, struct err *e) MUST_CHECK;
/* unset: no, 0 or empty. */
void conf_unset(struct conf *, enum opt_id, struct conf_origin);
/* Back to the default; the origin is then that of a default. */
void conf_reset(struct conf *, enum opt_id);
/* Booleans and quads only. */
bool conf_toggle(struct conf *, enum opt_id, struct conf_origin, struct err *e) MUST_CHECK;

/* Registers a file name for use in origins; lives as long as the conf. */
const char *conf_file(struct conf *, const char *name);
struct conf_origin conf_origin_of(const struct conf *, enum opt_id);
bool conf_is_default(const struct conf *, enum opt_id); /* same value as the default */

/* The value as text: what one would write after = (not quoted). Secrets too. */
void conf_text(const struct conf *, enum opt_id, struct str *out);
void conf_default_text(const struct conf *, enum opt_id, struct str *out);
/* One line as mutt prints it: name="value", name is set, name=ask-yes. */
void conf_print(const struct conf *, enum opt_id, struct str *out);
/* A text in double quotes with mutt's escapes. */
void conf_add_quoted(struct str *out, struct sv text);

/* my_ variables. conf_my returns NULL when there is none. */
const char *conf_my(const struct conf *, struct sv name);
void conf_my_set(struct conf *, struct sv name, struct sv value);
void conf_my_unset(struct conf *, struct sv name);
bool conf_my_next(const struct conf *, size_t *at, const char **name, const char **value);

/* What was said about an IMAP user who is not $imap_user now; NULL: nothing. */
const struct conf_login *conf_login_of(const struct conf *, const char *user);

/* Called after each change of a value (once per option). One observer. */
void conf_observe(struct conf *, conf_changed_fn *, void *data);

/*
 * A path as the user writes it: ~ ~user, =x +x ($folder), ! ($spoolfile), > ($mbox), < ($record),
 * - (last mailbox, conf->rc.last_mailbox), ^ (this one), @alias (file named after the alias).
 * URLs stay; "imaps://x" gets its trailing slash. Caller frees.
 */
char *conf_expand_path(const struct conf *, struct sv path);
/*
 * The other way, for people: =x below $folder, ! when it is $spoolfile, ~/x below home. Caller
 * frees.
 */
char *conf_pretty_path(const struct conf *, const char *path);
/* As conf_pretty_path without !: what -D prints. */
char *conf_short_path(const struct conf *, const char *path);

/*
 * A plain word where a pattern is meant: "all", "new" ... stand for ~A, ~N; other words without ~, =
 * and % go into simple ($simple_search, $default_hook) in the place of %s. Appends.
 */
void conf_simple_pattern(struct str *out, struct sv text, const char *simple);

/* The n-th character (cluster) of an OT_CHARS text; empty when there are fewer. */
struct sv conf_char(const char *chars, size_t n);
/* Names: "reverse-threads"; false when the key is unknown to option id. */
bool conf_sort_parse(enum opt_id id, struct sv text, struct conf_sort *out);
void conf_sort_print(enum opt_id id, struct conf_sort, struct str *out);
const char *conf_quad_name(enum quad);

/* The domain of addresses that are made up: $hostname, with $hidden_host without its first label; lent. */
const char *conf_domain(const struct conf *);
/* The user's own address, as mutt finds it: $from's, else login@$hostname. Caller frees. */
char *conf_user_address(const struct conf *);
/* $editor: as set, else VISUAL, EDITOR, /usr/bin/editor, vi. Lent. */
const char *conf_editor(const struct conf *);
/*
 * The file that is read: -F, $FEIST_CONFIG, XDG, ~/.feistrc, then NeoMutt's and mutt's. Caller
 * frees; NULL: none.
 */
char *conf_find_file(bool *is_own);

#endif
