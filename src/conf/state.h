/*
 * What configuration commands have built, as plain data that other rooms read: lists in the order
 * in which they were given. Only conf/ changes it. Strings are UTF-8 and NUL terminated.
 */
#ifndef CONF_STATE_H
#define CONF_STATE_H

#include "base/rx.h"
#include "base/str.h"
#include "conf/color.h"
#include "conf/keys.h"
#include "vocab/vocab.h"

/* Growing lists: v has n entries. */
struct rc_words {
	char **v;
	size_t n, cap;
};

struct rc_pair {
	char *name, *value;
};

/* name -> value in the order of setting. */
struct rc_vars {
	struct rc_pair *v;
	size_t n, cap;
};

struct rc_regex {
	char *text;
	struct rx *rx; /* case is ignored */
};

struct rc_regexes {
	struct rc_regex *v;
	size_t n, cap;
};

/* A list with exceptions: matches when one of yes does and none of no. "*" clears. */
struct rc_matcher {
	struct rc_regexes yes, no;
};

struct rc_group {
	char *name;
	struct rc_regexes rx;  /* -rx */
	struct rc_words addrs; /* -addr: bare addresses, lower case */
};

struct rc_groups {
	struct rc_group *v;
	size_t n, cap;
};

struct rc_alias {
	char *name;
	char *addresses; /* as written: an address list, may name other aliases */
	char *comment;   /* NeoMutt: text after #, "" when none */
	char *tags;      /* NeoMutt: tags:a,b, "" when none */
};

struct rc_aliases {
	struct rc_alias *v;
	size_t n, cap;
};

struct rc_mailbox {
	char *path;    /* expanded: an absolute path or URL, or a notmuch query (virtual) */
	char *written; /* as it stood in the file */
	char *label;   /* shown name, NULL: none */
	bool notify, poll;
	bool virtual_; /* virtual-mailboxes */
};

struct rc_mailboxes {
	struct rc_mailbox *v;
	size_t n, cap;
};

enum hook_kind {
	HOOK_FOLDER, /* regex on the mailbox */
	HOOK_MBOX,
	HOOK_ACCOUNT, /* regex on the URL */
	HOOK_SEND,    /* pattern */
	HOOK_SEND2,
	HOOK_REPLY,
	HOOK_MESSAGE,
	HOOK_SAVE,    /* pattern, value is a mailbox */
	HOOK_FCC,     /* pattern, value is a mailbox */
	HOOK_CRYPT,   /* regex on the address, value is a key id */
	HOOK_CHARSET, /* regex on the name, value is a charset */
	HOOK_ICONV,   /* name, value is what iconv calls it */
	HOOK_OPEN,    /* compressed mailboxes */
	HOOK_CLOSE,
	HOOK_APPEND,
	HOOK_INDEX_FORMAT, /* pattern; name and format */
	HOOK_STARTUP,      /* no pattern: value is a command */
	HOOK_SHUTDOWN,
	HOOK_TIMEOUT,
	HOOK_IDENTITY,
	HOOK_KINDS
};
const char *hook_kind_name(enum hook_kind);

struct rc_hook {
	enum hook_kind kind;
	char *pattern; /* as it is to be compiled: $default_hook is already applied */
	char *written; /* as it stood in the file */
	struct rx *rx; /* kinds with a regex (not -noregex) */
	bool literal;  /* -noregex: the whole mailbox name */
	bool negated;  /* a leading ! */
	char *value;   /* command, mailbox, key, charset or format */
	char *name;    /* index-format-hook: its name; else NULL */
	char *file;    /* where it was made */
	int line;
};

struct rc_hooks {
	struct rc_hook *v;
	size_t n, cap;
};

struct rc_bind {
	enum menu_id menu;
	struct keys keys;
	enum func_id fn; /* FN_NONE with macro NULL: noop */
	char *macro;     /* text of the key sequence, or NULL */
	char *desc;      /* of a macro, or NULL */
	bool builtin;    /* from keys.rc */
};

struct rc_binds {
	struct rc_bind *v;
	size_t n, cap;
};

struct rc_attach {
	bool inlined;  /* disposition inline, else attachment */
	bool exclude;  /* - list */
	char *major;   /* lower case; "*" any */
	char *minor;   /* as written */
	struct rx *rx; /* for the minor type, anchored */
};

struct rc_attachs {
	struct rc_attach *v;
	size_t n, cap;
};

struct rc_score {
	char *pattern;
	long value;
	bool exact; /* =value: final */
};

struct rc_scores {
	struct rc_score *v;
	size_t n, cap;
	unsigned changes; /* goes on with each line that comes or goes: what was counted is void */
};

struct rc_replace {
	char *text; /* the regex */
	struct rx *rx;
	char *with; /* format or replacement with %1, %L, %R */
};

struct rc_replaces {
	struct rc_replace *v;
	size_t n, cap;
};

struct rc_color {
	enum color_id object;
	int level; /* quotedN: N; compose security: kind (COMPOSE_*); else 0 */
	bool mono; /* from `mono` */
	struct color_style style;
	char *pattern; /* regex or pattern, NULL: the object itself */
	struct rx *rx; /* objects with a regex */
	int group;     /* status: which group of the regex is coloured */
};

struct rc_colors {
	struct rc_color *v;
	size_t n, cap;
};

struct rc_state {
	struct rc_words alternative_order, auto_view, mime_lookup;
	struct rc_words ignore, unignore, hdr_order; /* header name prefixes */
	struct rc_words my_hdr;                      /* "Name: value" */
	struct rc_words mailto_allow;
	struct rc_words sidebar_pinned;
	struct rc_matcher lists, subscribed, alternates;
	struct rc_groups groups;
	struct rc_aliases aliases;
	struct rc_mailboxes mailboxes;
	struct rc_hooks hooks;
	struct rc_binds binds;
	struct rc_attachs attachments;
	struct rc_scores scores;
	struct rc_replaces spam, subject_rx;
	struct rc_regexes nospam;
	struct rc_colors colors;
	struct rc_vars tag_transforms, tag_formats;
	struct rc_vars env;     /* setenv (done in our environment, too); value NULL: unsetenv */
	struct rc_words pushed; /* push: key text, waiting for the ui, oldest first */
	struct rc_words exec;   /* exec: function names, waiting for the ui */
	char *last_mailbox;     /* what - means, NULL: none (set by core) */
	char *current_mailbox;  /* what ^ means, NULL: none (set by core) */
};

void rc_words_add(struct rc_words *, struct sv);
bool rc_words_has_case(const struct rc_words *, struct sv);
void rc_words_remove_case(struct rc_words *, struct sv);
void rc_words_clear(struct rc_words *);
const char *rc_vars_get(const struct rc_vars *, struct sv name);
void rc_vars_set(
	struct rc_vars *, struct sv name, const char *value); /* value NULL is kept as such */
void rc_vars_remove(struct rc_vars *, struct sv name);
void rc_vars_clear(struct rc_vars *);

/* Does one of yes match and none of no? */
bool rc_matches(const struct rc_matcher *, struct sv text);
/* NULL when there is none. */
const struct rc_group *rc_group_find(const struct rc_state *, struct sv name);
bool rc_group_matches(const struct rc_group *, struct sv address);
const struct rc_alias *rc_alias_find(const struct rc_state *, struct sv name); /* case is ignored */
/* Is this header line to be shown when weeding (ignore and unignore)? name without the colon. */
bool rc_header_shown(const struct rc_state *, struct sv name);
/* Takes the oldest waiting push text, or function to execute; NULL when none. Caller frees. */
char *rc_take_pushed(struct rc_state *);
char *rc_take_exec(struct rc_state *);

void rc_state_fini(struct rc_state *);
void rc_state_copy(
	struct rc_state *to, const struct rc_state *from); /* to is not initialised before */

#endif
