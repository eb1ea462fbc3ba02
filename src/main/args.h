/*
 * The command line: mutt's letters with mutt's meanings, and the long options of batch use. Strings are
 * those of argv.
 */
#ifndef MAIN_ARGS_H
#define MAIN_ARGS_H

#include "base/err.h"

enum mode {
	MODE_SCREEN, /* nothing else was asked for: the interactive program, or sending */
	MODE_HELP,
	MODE_VERSION,
	MODE_PRINT,          /* --print WHAT */
	MODE_CHECK_CONFIG,
	MODE_QUERY,          /* -Q */
	MODE_DUMP_OPTIONS,   /* -D */
	MODE_ALIAS,          /* -A */
	MODE_DUMP,           /* from here on without a screen */
	MODE_EXTRACT,
	MODE_SAVE_ATTACHMENTS,
	MODE_FILTER,
	MODE_LIST,
	MODE_MAILBOXES,
	MODE_ANSWER,         /* --reply, --group-reply, --forward */
	MODE_COMPOSE,        /* --compose */
	MODE_SYNC,
	MODE_OUTBOX,
	MODE_OUTBOX_RETRY,
	MODE_OUTBOX_DROP,
	MODE_FLUSH_OUTBOX,
	MODE_MODES
};

enum answer { ANSWER_REPLY, ANSWER_GROUP, ANSWER_FORWARD };

/* NULL-terminated lists of borrowed strings. */
struct arg_list {
	const char **v;
	size_t n, cap;
};

struct args {
	enum mode mode;
	const char *what;          /* of the mode: kind of --print and --filter, part of --extract, folder, outbox id */
	enum answer answer;
	struct arg_list operands;  /* what is no option: addresses, mailto: URL, files, names */

	/* configuration */
	const char *config;        /* -F */
	bool no_system;            /* -n */
	struct arg_list commands;  /* -e */
	struct arg_list queries;   /* -Q */
	struct arg_list aliases;   /* -A */
	const char *mbox_type;     /* -m */
	bool no_exec;
	bool hide_secrets;         /* -S of NeoMutt's dump */
	bool changed_only, with_docs; /* -DD, -O */

	/* the mailbox */
	const char *mailbox;       /* -f */
	bool readonly, browse, recall, if_mail, first_new;

	/* a message to write */
	bool compose;              /* one of the options below was there, or operands */
	struct arg_list attach, bcc, cc;
	const char *subject, *draft, *include, *from, *send_at;
	bool edit_in_place, mailx, recipients_from_header, to_stdout, dry_run;

	/* output */
	bool json, weed, raw;
	int width;                 /* 0: not given */
	const char *part, *output, *limit, *format;
	const char *wire_log, *log_file;
	int debug;                 /* -d: 0 none */

	/* for tests */
	const char *screen_test;   /* --screen-test KEYS: a null terminal */
	const char *screen_size;   /* --screen-size COLSxROWS */
};

/* ERR_INPUT says what is wrong, with a suggestion. a is for args_fini in any case. */
bool args_parse(struct args *a, int argc, char **argv, struct err *e) MUST_CHECK;
void args_fini(struct args *);
/* The text of --help (translated). */
void args_help(void);

#endif
