/*
 * The world of one end-to-end test: a folder with a profile of its own (home, XDG folders, muttrc, the
 * sample mailbox), private servers when asked for, and ways to look at them from outside. The user is
 * alice@feist.test; bob and carol have accounts on the same server.
 */
#ifndef E2E_WORLD_H
#define E2E_WORLD_H

#include "term.h"

#include <stdbool.h>
#include <stddef.h>

struct world;

enum world_servers {
	WORLD_LOCAL,   /* no server */
	WORLD_IMAP,    /* Dovecot */
	WORLD_POSTFIX, /* Dovecot and Postfix */
	WORLD_MINI,    /* Dovecot and tests/e2e/mini-smtpd, which can be told to misbehave */
};

/* A new world. Skips the test (cmocka) when the servers that it asks for are not installed. */
struct world *world_new(enum world_servers);
/* Ends everything in it and removes it (kept with FEIST_E2E_KEEP=1). NULL is fine. */
void world_free(struct world *);

const char *world_dir(const struct world *);
/* "$DIR/name" in a buffer that lives until the 8th next call. */
const char *world_path(const struct world *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Ports, by the names of tests/e2e/servers: "IMAPS". */
int world_port(const struct world *, const char *name);

/* Adds text to the muttrc of the profile. "{DIR}" and "{IMAPS}" and so on are replaced. */
void world_rc(struct world *, const char *text);
/* The lines that give alice an IMAP account with TLS as folder and spoolfile, and smtp_url when there is SMTP. */
void world_rc_imap(struct world *);

/* "stop imap", "start smtp" ... of tests/e2e/servers. */
void world_say(struct world *, const char *command);

/* "NAME=value" for the programs started from now on, over what was there. */
void world_env(struct world *, const char *setting);

/* feist in a terminal of 32 lines and 100 columns; args: NULL-ended list of char *, without the program. */
struct term *world_feist(struct world *, ...);
/* Any program in the environment of the profile, without terminal: stdin from input (NULL: empty). Standard
 * output goes to out (cut at size), standard error to DIR/stderr. Returns the exit status. argv: NULL-ended,
 * argv[0] "feist" or another program of the build, or a name from PATH. */
int world_run(struct world *, const char *input, char *out, size_t size, ...);

/* Puts a message into a mailbox of the server. */
void world_deliver(struct world *, const char *user, const char *mailbox, const char *message);
/* Waits until `doveadm ARGS` prints something that matches the regex (ARGS: one string, words divided by blanks,
 * 'quoted' words keep them). t: the terminal that goes on working meanwhile, or NULL. */
void world_expect_doveadm(struct world *, struct term *t, const char *args, const char *regex);
/* Waits until the shell command (run in DIR) succeeds. */
void world_expect_shell(struct world *, struct term *t, const char *command);

/* The process id of a child of pid whose program is name ("feist-worker"); 0 when there is none. The nth, from 0. */
pid_t world_child(pid_t parent, const char *name, int nth);
/* Waits for one. */
pid_t world_expect_child(struct term *, const char *name, int nth);

#endif
