/*
 * What the sync tests share: a folder with mailboxes, a state.db, and a ui that talks to a real
 * feist-worker. Trouble ends the program: a test that cannot run has failed.
 */
#ifndef TESTS_SYNC_WORLD_H
#define TESTS_SYNC_WORLD_H

#include <sys/types.h>

#include "ipc/chan.h"
#include "store/state.h"

#define STOPPED 99 /* how a worker ends that was told to stop at a step */

struct world {
	char *dir, *cache, *state;
	struct state *db;
	unsigned refused;
};

struct ui {
	struct world *w;
	struct chan *chan;
	pid_t pid;
	uint64_t jobs, done;
	bool eof, quiet;
};

void must(bool ok, const struct err *e, const char *what);
/* Be nobody where nobody may run the worker: root may do what tests want to be refused. */
void stop_being_root(void);

/* ---- notation: "md/ a: b:SF", see run_sync.c ---- */
unsigned flags_from(struct sv v);
void add_flags(struct str *out, unsigned flags);
bool next_word(struct sv *rest, struct sv *word);
char *sorted(const char *text);
char *box_path(const struct world *w, struct sv box); /* caller frees, as all char * here */
bool is_maildir(struct sv box);
char *message_text(struct sv name, const char *status);
void split_item(struct sv item, struct sv *name, struct sv *flags);
void make_maildir(const char *path, struct sv items);
void make_mbox(const char *path, struct sv items);

void world_begin(struct world *w);
void world_make(struct world *w, const char *line);
void set_mode(const struct world *w, mode_t mode); /* of the folder with the mailboxes */
void world_end(struct world *w);

/* stop: FEIST_STOP_AT, 0 none. */
void ui_start(struct ui *u, struct world *w, int stop);
void ui_watch(struct ui *u, const char *path);
void ui_apply(struct ui *u);
void ui_wait(struct ui *u); /* until all jobs are answered or the worker is gone */
int ui_end(struct ui *u);   /* QUIT; the exit status */

/* Messages with flags, sorted; "(none)" when there is no such mailbox; damage is visible. */
char *see_files(struct world *w, struct sv box);
char *see_rows(struct world *w, struct sv box);

#endif
