/*
 * state.db: what only the user has. Intents (intent.h), the outbox (outbox.h), drafts, history,
 * addresses seen (here). Written by the ui and batch runs, several at a time if need be: rollback
 * journal, synchronous=EXTRA, a busy timeout and short transactions; when a function returns true it
 * is on disk. Workers only read. It is never deleted: a corrupt file is moved aside
 * (state.db.bad-DATE) and state_note says so.
 */
#ifndef STORE_STATE_H
#define STORE_STATE_H

#include "base/err.h"
#include "base/str.h"

struct state;

#define STATE_BUSY_MS 5000
#define STATE_HISTORY_MAX 1000 /* kept of each kind */
#define STATE_DRAFT_MAX (64u << 20)

/* path: STATE/state.db, its folder is made. A newer version is ERR_INPUT: it is not touched. */
bool state_open(struct state **out, const char *path, struct err *e) MUST_CHECK;
/* The worker's view: nothing is ever written. ERR_GONE when there is no file yet. */
bool state_open_reader(struct state **out, const char *path, struct err *e) MUST_CHECK;
void state_close(struct state *); /* NULL is fine */
/* A sentence for the user about what happened at opening, or NULL; lent. */
const char *state_note(const struct state *);
/* True when another process has committed since the last call. */
bool state_changed(struct state *);
/* Several changes as one (many intents of one key): short, never across a return to the loop. */
bool state_begin(struct state *, struct err *e) MUST_CHECK;
bool state_commit(struct state *, struct err *e) MUST_CHECK;
void state_rollback(struct state *);

/*
 * Durable files beside state.db (STATE/files/HASH), for messages of the outbox and of append
 * intents.
 * *name is the absolute path; caller frees. The same content gives the same file. state_sweep_files
 * removes those that no outbox row, draft or intent (waiting, or kept for undo) names.
 */
bool state_put_file(struct state *, struct sv data, char **name, struct err *e) MUST_CHECK;
/*
 * Keeps an open file that never changes by a link to it: nothing is copied, and it is not made durable.
 * ERR_DISK when it lies on another file system, or links are not possible.
 */
bool state_keep_fd(struct state *, int fd, char **name, struct err *e) MUST_CHECK;
/* The same for what is surely new (a message with an id of its own): not hashed, its name is by chance. */
bool state_put_new_file(struct state *, struct sv data, char **name, struct err *e) MUST_CHECK;
bool state_sweep_files(struct state *, struct err *e) MUST_CHECK;

/*
 * Line editor history. kind: a word of the caller's ("command", "address", "pattern"...). Text once
 * each, newest last.
 */
bool state_history_add(struct state *, const char *kind, struct sv text, struct err *e) MUST_CHECK;
typedef bool state_text_fn(void *data, struct sv text);
/* Newest first; fn returns false to stop. */
bool state_history_each(struct state *, const char *kind, state_text_fn *, void *data, struct err *e) MUST_CHECK;

/*
 * Drafts being composed (autosave; not the mailbox of postponed messages). id 0: a new one; *id is
 * set.
 */
bool state_draft_save(struct state *, int64_t *id, struct sv subject, struct sv data, struct err *e) MUST_CHECK;
bool state_draft_load(struct state *, int64_t id, struct str *data, struct err *e) MUST_CHECK; /* initialised here */
bool state_draft_delete(struct state *, int64_t id, struct err *e) MUST_CHECK;
typedef bool state_draft_fn(void *data, int64_t id, int64_t changed, struct sv subject);
bool state_draft_each(struct state *, state_draft_fn *, void *data, struct err *e) MUST_CHECK;

/* Addresses the user has written to or read from, for completion: most used and latest first. */
bool state_address_seen(struct state *, struct sv addr, struct sv name, struct err *e) MUST_CHECK;
typedef bool state_address_fn(void *data, struct sv addr, struct sv name);
/* prefix (ASCII case folded) of the address or of a word of the name; at most limit. */
bool state_address_find(struct state *, struct sv prefix, unsigned limit, state_address_fn *, void *data,
	struct err *e) MUST_CHECK;

/* Facts that must outlive the session ("last mailbox"...). NULL when absent; caller frees. */
char *state_get(struct state *, const char *name);
bool state_set(struct state *, const char *name, struct sv value, struct err *e) MUST_CHECK;

#endif
