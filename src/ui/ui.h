/*
 * The interactive program: everything between the terminal and the session. main parses arguments
 * and calls ui_run; that opens the terminal (or a null terminal for tests), makes the session and
 * runs the loop until the user leaves.
 */
#ifndef UI_UI_H
#define UI_UI_H

#include "base/err.h"
#include "base/loop.h"

struct conf;
struct rc;

/* A message to write at once, as the command line asks: feist -s ... user@host. */
struct ui_compose {
	const char *mailto;           /* mailto: URL, or NULL */
	const char *to, *cc, *bcc, *subject;
	const char *body_file;        /* -i: included in the text; NULL: none */
	const char *draft_file;       /* -H: header and body; NULL: none */
	const char *const *attach;    /* NULL ended; may be NULL */
};

struct ui_opts {
	struct loop *loop;
	struct conf *conf;
	struct rc *rc;                /* runs the commands of `:` */
	const char *mailbox;          /* to open; NULL: $spoolfile */
	bool readonly;                /* -R */
	bool browse;                  /* -y: starts with the list of mailboxes */
	bool recall;                  /* -p: starts with postponed messages */
	bool first_new;               /* -Z: the first mailbox with new mail, or exit status 1 */
	bool if_mail;                 /* -z: exit status 1 when there is none */
	const struct ui_compose *compose; /* NULL: none; ui_run ends when it is sent */
	unsigned session_flags;       /* enum session_flags */
	const char *wire_log;         /* or NULL */
	/* For tests: */
	bool headless;                /* a null terminal of rows x cols */
	int rows, cols;
	const char *keys_file;        /* read with :source-keys after the start; the end of it ends the program */
};

/* Exit status: 0, 1 (nothing to show, could not open), or sysexits as batch.md has them. *e says why. */
int ui_run(const struct ui_opts *, struct err *e);

#endif
