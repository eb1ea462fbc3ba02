/*
 * Local mailboxes: which kind a path is, and the parts of maildir_box.c and mbox_box.c that others
 * use (pop_box delivers into a Maildir).
 */
#ifndef SYNC_LOCAL_BOX_H
#define SYNC_LOCAL_BOX_H

#include "sync/box.h"

enum local_kind { LOCAL_NONE, LOCAL_MAILDIR, LOCAL_MBOX, LOCAL_FOLDER /* a folder that is no mailbox */ };
enum local_kind local_kind_of(const char *path);

/*
 * Maildir delivery: a file in tmp, bytes, fsync, link or rename into new (or cur with ":2,FLAGS"), fsync
 * of the folder. When maildir_deliver_end returns true the message is safe. The folder is made when it is
 * missing.
 */
struct maildir_delivery;
bool maildir_deliver_begin(const char *maildir, struct maildir_delivery **out, struct err *e) MUST_CHECK;
bool maildir_deliver_write(struct maildir_delivery *, struct sv data, struct err *e) MUST_CHECK;
/* flags: enum message_flag; date 0: now (it becomes the file's mtime). *name: base name; caller frees; may be NULL. */
bool maildir_deliver_end(struct maildir_delivery *, unsigned flags, int64_t date, char **name, struct err *e)
	MUST_CHECK;
void maildir_deliver_abort(struct maildir_delivery *);
bool maildir_make(const char *path, struct err *e) MUST_CHECK; /* tmp new cur; exists: fine */

/* Flags in a file name: "1.x:2,FS" -> flags, and the base name before ":2,". */
unsigned maildir_flags_of(struct sv name, struct sv *base);
/* base + ":2," + letters. */
void maildir_name_of(struct str *out, struct sv base, unsigned flags);

/* The two kinds; local_box.c picks by path. */
extern const struct box_ops maildir_box_ops;
extern const struct box_ops mbox_box_ops;

#endif
