/*
 * The words of feist: options, functions, commands, patterns, expandos, colour objects, menus. Each
 * kind is a table (a .def file of one line per word) of which enums, typed fields, the parser,
 * completion, the help screen, the manual and tests are made. Names are case sensitive, as in mutt.
 */
#ifndef VOCAB_VOCAB_H
#define VOCAB_VOCAB_H

#include "base/str.h"

/* Where a word comes from: mutt's, NeoMutt's only, or ours only. */
enum dialect { DIALECT_MUTT, DIALECT_NEOMUTT, DIALECT_FEIST };

/* Where a format string stands: which expandos it may hold. */
enum expando_set {
	SET_NONE,
	SET_INDEX, /* also pager, attribution, forward_format, message_format, hooks */
	SET_STATUS,
	SET_FOLDER,
	SET_ATTACH,
	SET_SIDEBAR,
	SET_ALIAS,
	SET_QUERY,
	SET_COMPOSE,
	SET_PATTERN,
	SET_HISTORY,
	SET_BACKGROUND,
	SET_PGPKEY,
	SET_PGPCMD,
	SET_SMIMECMD,
	SET_MSGID,
	SET_AUTOCRYPT,
	SET_MIX,
	SET_GREETING,
	SET_COMPRESS,
	SET_COUNT
};

/* ---- options ---- */

enum opt_id {
#define OPTION(id, ...) OPT_##id,
#define OPTION_SYNONYM(old, id)
#include "vocab/options.def"
#undef OPTION
#undef OPTION_SYNONYM
	OPT_COUNT,
	OPT_NONE = OPT_COUNT
};

enum opt_type {
	OT_BOOL,    /* bool */
	OT_QUAD,    /* enum quad */
	OT_TRI,     /* enum tri: a boolean that can also be auto */
	OT_NUMBER,  /* long */
	OT_STRING,  /* const char *: any text */
	OT_SECRET,  /* text that is never shown */
	OT_FORMAT,  /* text with expandos */
	OT_ADDRESS, /* mail address */
	OT_LIST,    /* words separated by ':' or ',' */
	OT_CHARS,   /* one character (or cluster) for each state */
	OT_COMMAND, /* command line; ~ is expanded */
	OT_PATH,    /* file or folder; ~ = + ! < > @alias are expanded when it is set */
	OT_MAILBOX, /* OT_PATH that names a mailbox */
	OT_REGEX,   /* struct conf_regex */
	OT_SORT,    /* struct conf_sort */
	OT_ENUM,    /* long: index into .choices */
};
const char *opt_type_name(enum opt_type); /* "boolean", "number" ... */

enum opt_scope { SCOPE_GLOBAL, SCOPE_ACCOUNT, SCOPE_MAILBOX };

enum opt_area {
	AREA_IDENTITY,
	AREA_MAILBOX,
	AREA_INDEX,
	AREA_PAGER,
	AREA_SIDEBAR,
	AREA_COMPOSE,
	AREA_MIME,
	AREA_ALIAS,
	AREA_IMAP,
	AREA_POP,
	AREA_SEND,
	AREA_NET,
	AREA_CRYPTO,
	AREA_PIPE,
	AREA_NOTMUCH,
	AREA_NEWS,
	AREA_UI,
	AREA_COUNT
};
const char *opt_area_title(enum opt_area); /* untranslated (N_) */

/* Accepted, typed and printed, but nothing reads it: still to be done, or feist works another way. */
enum opt_inert { INERT_NO, INERT_YET, INERT_FOR_GOOD };

struct opt {
	const char *name;
	enum opt_type type;
	const char *init;   /* default, as one would write it after = */
	const char *modern; /* default of the modern profile when it differs, or NULL */
	enum opt_area area;
	const char *help;    /* one sentence, untranslated (N_) */
	const char *doc;     /* more, or NULL */
	const char *example; /* rc text, or NULL: "set NAME = default" */
	const char *const
		*choices;     /* OT_ENUM: names, NULL ended; OT_SORT: allowed keys, NULL ended */
	long min, max;        /* OT_NUMBER; both 0: mutt's range of a short */
	bool has_auto;        /* OT_NUMBER: "auto" is CONF_AUTO */
	enum expando_set set; /* OT_FORMAT: which expandos it may hold */
	enum opt_scope scope;
	enum dialect dialect;
	enum opt_inert inert;
};

extern const struct opt opt_table[OPT_COUNT];
/* By name or synonym; OPT_NONE when there is none. */
enum opt_id opt_find(struct sv name);
/* The synonyms of all options: at starts at 0. */
bool opt_synonym_next(size_t *at, const char **old, enum opt_id *id);
/*
 * Names of mutt and NeoMutt that were dropped there: value is why (a sentence), NULL when not one.
 */
const char *opt_removed(struct sv name);

#define CONF_AUTO (-0x7fffffffL)
enum tri { TRI_NO, TRI_YES, TRI_AUTO };
enum quad { QUAD_NO, QUAD_YES, QUAD_ASK_NO, QUAD_ASK_YES };

enum sort_key {
	SORT_DATE, /* "date", "date-sent" */
	SORT_DATE_RECEIVED,
	SORT_FROM,
	SORT_LABEL,
	SORT_MAILBOX_ORDER, /* "mailbox-order", "unsorted" */
	SORT_RELEVANCE, /* how well it fits the limit or the search */
	SORT_SCORE,
	SORT_SIZE,
	SORT_SPAM,
	SORT_SUBJECT,
	SORT_THREADS,
	SORT_TO,
	SORT_ALPHA,
	SORT_COUNT,
	SORT_UNREAD,
	SORT_FLAGGED,
	SORT_NEW,
	SORT_PATH,
	SORT_DESC,
	SORT_ALIAS,
	SORT_ADDRESS,
	SORT_KEYID,
	SORT_TRUST,
	SORT_AUX, /* sort_thread_groups: as $sort_aux */
	SORT_KEYS
};

/* ---- functions and menus ---- */

enum menu_id {
	MENU_GENERIC,
	MENU_INDEX,
	MENU_PAGER,
	MENU_ATTACH,
	MENU_COMPOSE,
	MENU_BROWSER,
	MENU_ALIAS,
	MENU_QUERY,
	MENU_EDITOR,
	MENU_POSTPONE,
	MENU_PGP,
	MENU_SMIME,
	MENU_MIX,
	MENU_LIST,
	MENU_AUTOCRYPT,
	MENU_SIDEBAR,
	MENU_OUTBOX,
	MENU_LOG,
	MENU_QUEUE,
	MENU_ACTIONS,
	MENU_ACCOUNTS,
	MENU_COUNT
};
#define IN(menu) (1u << MENU_##menu)

/* "index"; synonyms of other dialects are understood by menu_find. MENU_COUNT when unknown. */
const char *menu_name(enum menu_id);
enum menu_id menu_find(struct sv name);
/* True for menus whose keys fall back to those of generic. */
bool menu_has_generic(enum menu_id);

enum func_id {
#define FUNCTION(id, ...) FN_##id,
#define FUNCTION_SYNONYM(name, menus, id)
#include "vocab/functions.def"
#undef FUNCTION
#undef FUNCTION_SYNONYM
	FN_COUNT,
	FN_NONE = FN_COUNT
};

enum func_needs {
	NEEDS_NOTHING = 0,
	NEEDS_MESSAGE = 1,  /* a message under the cursor or tagged ones */
	NEEDS_MAILBOX = 2,  /* an open mailbox */
	NEEDS_WRITABLE = 4, /* a mailbox that is not read only */
	NEEDS_ALL = 8,      /* in the index: every message that the store has, not the newest ones alone */
};

struct func {
	const char *name;
	unsigned menus; /* IN(INDEX) | ... where it can be bound */
	const char *help;
	unsigned needs;
	enum dialect dialect;
	bool inert;
};

extern const struct func func_table[FN_COUNT];
/*
 * By name or synonym in a menu (its own or generic's where it falls back); FN_NONE when there is
 * none.
 */
enum func_id func_find(enum menu_id, struct sv name);
/* In any menu. */
enum func_id func_find_any(struct sv name);
bool func_synonym_next(size_t *at, const char **name, unsigned *menus, enum func_id *id);

/* ---- commands ---- */

enum cmd_id {
#define COMMAND(id, ...) CMD_##id,
#define COMMAND_SYNONYM(name, id)
#include "vocab/commands.def"
#undef COMMAND
#undef COMMAND_SYNONYM
	CMD_COUNT,
	CMD_NONE = CMD_COUNT
};

struct cmd {
	const char *name;
	const char *args; /* for people: "MENU[,MENU] KEY FUNCTION" */
	const char *help;
	const char *example;
	enum dialect dialect;
	bool inert;
};

extern const struct cmd cmd_table[CMD_COUNT];
enum cmd_id cmd_find(struct sv name);
bool cmd_synonym_next(size_t *at, const char **name, enum cmd_id *id);

/* ---- patterns ---- */

enum pat_arg { PATARG_NONE, PATARG_REGEX, PATARG_DATE, PATARG_RANGE, PATARG_PATTERN, PATARG_QUERY };

enum pat_id {
#define PATTERN(id, ...) PAT_##id,
#include "vocab/patterns.def"
#undef PATTERN
	PAT_COUNT
};

struct pat {
	char letter;
	const char *name; /* long name: "from" */
	enum pat_arg arg;
	bool groups; /* %X GROUP is allowed */
	bool body;   /* needs the text of the message */
	const char *help;
	enum dialect dialect;
};

extern const struct pat pat_table[PAT_COUNT];
/* NULL when there is none. */
const struct pat *pat_find(char letter);

/* ---- expandos ---- */

struct expando_word {
	enum expando_set set;
	char letter[3]; /* one letter, or two ("zs") */
	const char *name;
	const char *help;
	enum dialect dialect;
};

extern const struct expando_word expando_table[];
extern const size_t expando_table_len;
const char *expando_set_name(enum expando_set); /* "index" */
/* letters: at least one; two-letter words win. NULL when there is none. */
const struct expando_word *expando_find(enum expando_set, struct sv letters);

/* ---- colour objects ---- */

enum color_id {
#define COLOR(id, ...) COLOR_##id,
#include "vocab/colors.def"
#undef COLOR
	COLOR_COUNT,
	COLOR_NONE = COLOR_COUNT
};

enum color_arg {
	COLOR_PLAIN,   /* no pattern */
	COLOR_REGEX,   /* may take a regular expression (body, header, status) */
	COLOR_PATTERN, /* may take a pattern (index and its columns) */
};

struct color_word {
	const char *name;
	enum color_arg arg;
	const char *init; /* "ATTR... FG BG", or "" for as normal */
	const char *mono; /* attributes without colours */
	const char *help;
	enum dialect dialect;
	bool inert;
};

extern const struct color_word color_table[COLOR_COUNT];
enum color_id color_find(struct sv name); /* not "quotedN", "compose X": see conf/color.h */

/* ---- default keys ---- */

/* rc text that binds the default keys (keys.rc). */
extern const char vocab_keys_rc[];

/* ---- did you mean ---- */

/*
 * Remembers the candidate nearest to the word that was misspelt (edit distance at most 2, less for
 * short words; underscores and dashes do not count).
 */
struct nearest {
	struct sv word;
	const char *best;
	unsigned distance;
};
void nearest_init(struct nearest *, struct sv word);
void nearest_try(struct nearest *, const char *candidate);

#endif
