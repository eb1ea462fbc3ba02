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
/* A keyword (IMAP) or X-Label: added or taken away. */
bool func_keyword(struct session *, struct func_rows, const char *word, enum func_on on,
	struct err *e) MUST_CHECK;
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
 * trash), else are deleted. *count: how many.
 */
bool func_sync(struct session *, struct view *, uint32_t *count, struct err *e) MUST_CHECK;
uint32_t func_marked(struct session *, struct view *); /* how many func_sync would take */
/*
 * Where $move puts read messages of this mailbox: mbox-hook, or $mbox for the spool file; NULL:
 * nowhere. Caller frees.
 */
char *func_move_target(struct session *, struct view *);
/* Its read messages that are not marked for deletion; *rows for the caller to free. */
uint32_t func_read_rows(struct session *, struct view *, uint32_t **rows);
/* Undo of the last action of this session (any view). *what: description for the message line, caller frees. */
bool func_undo(struct session *, char **what, struct err *e) MUST_CHECK;
bool func_redo(struct session *, char **what, struct err *e) MUST_CHECK;
bool func_can_undo(struct session *);

/* Intents that failed or were set aside: shown, retried or dropped. */
struct func_pending {
	int64_t id;
	const char *account, *mailbox, *what, *error;
	bool failed;
};
size_t func_pending_list(
	struct session *, struct func_pending **list); /* caller frees with func_pending_free */
void func_pending_free(struct func_pending *list, size_t count);
bool func_pending_retry(struct session *, int64_t id, struct err *e) MUST_CHECK;
bool func_pending_drop(struct session *, int64_t id, struct err *e) MUST_CHECK;

#endif
