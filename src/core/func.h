/*
 * What can be done to messages. Each action is one or more intents in state.db, committed before
 * it shows, and one step of undo. Rows are those of the view; rows of collapsed threads are the
 * caller's to add (view_thread_rows). Errors: ERR_DISK (state.db), ERR_INPUT (read-only, no such mailbox).
 */
#ifndef CORE_FUNC_H
#define CORE_FUNC_H

#include "core/session.h"

struct func_rows {
	struct view *view;
	const uint32_t *rows;
	uint32_t count;
};

enum func_on { FUNC_CLEAR, FUNC_SET, FUNC_TOGGLE };
/* flag: FLAG_SEEN FLAG_OLD FLAG_ANSWERED FLAG_FLAGGED FLAG_DRAFT or FLAG_FORWARDED. Toggle looks at each row. */
bool func_flag(struct session *, struct func_rows, enum msg_flags flag, enum func_on on,
	struct err *e) MUST_CHECK;
/* They were shown: seen, which is no action that undo takes back. */
bool func_was_read(struct session *, struct func_rows, struct err *e) MUST_CHECK;
/*
 * $score_threshold_delete, _read and _flag for messages that are new in the view. What they do is not an
 * action of the user's: undo steps over it. Cheap when there is nothing to do; for each change of the view.
 */
void func_judge(struct session *, struct view *);
/*
 * Tags (IMAP keywords, labels), as one step: words with blanks or commas between, "+work -todo !later": added,
 * taken away, turned round; without a sign it is added.
 */
bool func_tags(struct session *, struct func_rows, const char *change, struct err *e) MUST_CHECK;
/* The delete mark, and back. purge: past $trash. Flagged messages are spared as $flag_safe says. */
bool func_delete(
	struct session *, struct func_rows, enum func_on on, bool purge, struct err *e) MUST_CHECK;
/*
 * To another mailbox of any account. move: the originals get the delete mark, as in mutt, so they
 * go at the next sync (never before the copy is safe). The mailbox must exist, or create says to make it.
 */
bool func_save(struct session *, struct func_rows, const char *mailbox, bool move, bool create,
	struct err *e) MUST_CHECK;
/* True when the mailbox exists as far as is known (else the ui asks whether to create it: $confirmcreate). */
bool func_mailbox_exists(struct session *, const char *mailbox);
/*
 * Puts message (bytes) into mailbox (NULL: that of the view) with the flags and the date of the row; move:
 * the row gets the delete mark, past the trash, and does not go before the new one is there. what: N_(word) for
 * undo and history.
 */
bool func_put(struct session *, struct view *, uint32_t row, struct sv message, const char *mailbox, bool move,
	const char *what, struct err *e) MUST_CHECK;
/*
 * Carries the marks out ($ and leaving): marked messages go to $trash (unless purged or this is the
 * trash), else are deleted for good; those that are marked by saving go where they were saved.
 */
struct func_synced {
	uint32_t trashed, purged, moved;
};
bool func_sync(struct session *, struct view *, struct func_synced *, struct err *e) MUST_CHECK;
uint32_t func_marked(struct session *, struct view *); /* how many func_sync would take */
/*
 * Where $move puts read messages of this mailbox: mbox-hook, or $mbox for the spool file; NULL:
 * nowhere. Caller frees.
 */
char *func_move_target(struct session *, struct view *);
/* Its read messages that are not marked for deletion; *rows for the caller to free. */
uint32_t func_read_rows(struct session *, struct view *, uint32_t **rows);

/* ---- undo ---- */

/*
 * The last action (of any view, account or session, also after it was carried out) is taken back; redo does
 * again what undo took back last, unless something new was done since. *what: for the message line, caller
 * frees. ERR_GONE: nothing to undo; what was deleted for good and is not here is stepped over.
 */
bool func_undo(struct session *, char **what, struct err *e) MUST_CHECK;
bool func_redo(struct session *, char **what, struct err *e) MUST_CHECK;
bool func_can_undo(struct session *);

/* The actions that are remembered (journal.h), newest first. */
struct func_action {
	int64_t id, when;
	char *what;    /* translated: "delete" */
	char *where;   /* mailbox as it is shown, "> target" behind it for saves */
	char *subject; /* of the first message */
	uint64_t count;
	char *state;   /* translated: "done", "waits", "undone", "3 of 5 done" ... */
	bool undone, failed;
	bool for_good; /* nothing can bring back what it deleted */
};
size_t func_actions(struct session *, struct func_action **list); /* caller frees with func_actions_free */
void func_actions_free(struct func_action *list, size_t count);
/* How many later actions are undone with it, because they depend on it. */
size_t func_action_depends(struct session *, int64_t id);
/* Any of them is undone (with what depends on it), or done again. */
bool func_action_undo(struct session *, int64_t id, char **what, struct err *e) MUST_CHECK;
bool func_action_redo(struct session *, int64_t id, char **what, struct err *e) MUST_CHECK;

/* ---- the queue ---- */

/* An intent that waits for its server, failed or was set aside. */
struct func_pending {
	int64_t id;
	char *account;
	char *mailbox; /* as it is shown */
	char *what;    /* translated: "move to =Archive" */
	char *error;   /* "" */
	char *cure;    /* what to do about it, "" */
	int64_t since;
	unsigned tries;
	bool failed;  /* it needs the user */
	bool aside;   /* its mailbox was replaced on the server (UIDVALIDITY) */
	bool paused;  /* the queue of its account is */
};
/* In the order in which they are carried out. Caller frees with func_pending_free. */
size_t func_pending_list(struct session *, struct func_pending **list);
void func_pending_free(struct func_pending *list, size_t count);
/* Again; what was set aside is looked for by its Message-ID. ERR_INPUT when it has none. */
bool func_pending_retry(struct session *, int64_t id, struct err *e) MUST_CHECK;
/* Never; it can be done again from the list of actions. */
bool func_pending_drop(struct session *, int64_t id, struct err *e) MUST_CHECK;
/* Nothing of the account's queue is carried out until it is resumed. account NULL: of all. */
bool func_queue_pause(struct session *, const char *account, bool on, struct err *e) MUST_CHECK;
bool func_queue_paused(struct session *, const char *account);

#endif
