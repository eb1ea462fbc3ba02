/*
 * Between the files that carry out intents on an IMAP server: imap_apply.c (the step, deletes),
 * imap_flags.c (flags), imap_copy.c (copy, move), imap_upload.c (append), imap_mailbox.c (mailboxes).
 *
 * Functions that carry out something return false only when the connection or the disk has failed; a
 * refusal is in the intents (apply_settle).
 */
#ifndef SYNC_IMAP_APPLY_PRIV_H
#define SYNC_IMAP_APPLY_PRIV_H

#include "sync/imap_box_priv.h"

/* The messages of a step that are still to be done, as a set. */
struct batch {
	uint32_t *uids; /* ascending, unique */
	size_t n;
	char *set; /* all of them as text */
};

void batch_make(struct batch *, const struct apply_step *);
void batch_free(struct batch *);

/*
 * What a failed call means for the step. False: the connection is gone, nothing more can be said. Else
 * the refusal goes to the intents, or they wait when it is one that passes, and the step is over.
 */
bool apply_settle(struct imap_box *, struct apply_step *, struct err *e) MUST_CHECK;
/* Inside of a transaction: this one is done, and its message is there now (0: not known). */
bool apply_mark_done(struct cache *, struct apply_one *, uint64_t uidvalidity, uint64_t uid, struct err *e) MUST_CHECK;
/* After the commit: all without an error are done. */
void apply_all_done(struct apply_step *);
bool apply_recount(struct cache *, const struct mailbox *, struct err *e) MUST_CHECK;
/* Commands that are all sent before the first answer is read. */
#define FLIGHT_MAX 8
struct sent_together {
	imap_tag tag[FLIGHT_MAX];
	size_t n;
};
/* False: it could not be sent. */
bool apply_board(struct sent_together *, imap_tag) MUST_CHECK;
/* Every answer is read; the first refusal is told. */
bool apply_land(struct imap_box *, struct sent_together *, bool sent, struct err *e) MUST_CHECK;
/* ---- imap_flags.c ---- */
bool apply_flags(struct imap_box *, struct apply_step *, const struct batch *, struct err *e) MUST_CHECK;

/* \Deleted and out with just these messages. */
bool apply_expunge(struct imap_box *, const struct batch *, struct err *e) MUST_CHECK;
/* Inside of a transaction: rows that are not there any more, or moved as the COPYUID says (NULL: none). */
bool apply_drop_rows(struct imap_box *, struct apply_step *, const struct imap_answer *moved, struct err *e) MUST_CHECK;

/* ---- imap_copy.c ---- */
bool apply_copy(struct imap_box *, struct apply_step *, struct err *e) MUST_CHECK;
bool apply_move(struct imap_box *, struct apply_step *, const struct batch *, struct err *e) MUST_CHECK;
/* Where COPYUID says that message went; 0: it does not. */
uint32_t apply_copied_to(const struct imap_answer *, uint32_t uid);
/* The highest UID at or above `from` of a message with that id in the selected mailbox; 0: none. */
bool apply_find_by_id(struct imap_box *, const char *message_id, uint64_t from, uint64_t *uid, struct err *e) MUST_CHECK;
/* Notes what the destination looks like before the attempt. */
bool apply_note_trying(struct imap_box *, struct apply_step *, uint64_t uidvalidity, uint64_t uidnext, struct err *e)
	MUST_CHECK;
/* UIDVALIDITY and UIDNEXT of a mailbox that is not selected. */
bool apply_status_of(struct imap_box *, const char *name, uint64_t *uidvalidity, uint64_t *uidnext, struct err *e)
	MUST_CHECK;
/* The same of a destination, which is made when it is missing. */
bool apply_ready_destination(struct imap_box *, const char *name, uint64_t *uidvalidity, uint64_t *uidnext,
	struct err *e) MUST_CHECK;
/*
 * An earlier attempt may have gone through: those whose message is in dest, above the UIDNEXT of then,
 * are done there. *found gets their new UIDs (in the order of the step; 0: not there).
 */
bool apply_look_for_copies(struct imap_box *, struct apply_step *, const char *dest, uint64_t *found, struct err *e)
	MUST_CHECK;

/* ---- imap_upload.c, imap_mailbox.c ---- */
bool apply_append(struct imap_box *, struct apply_step *, struct err *e) MUST_CHECK;
bool apply_mailbox(struct imap_box *, struct apply_step *, struct err *e) MUST_CHECK;

#endif
