/*
 * Inside of Maildir: maildir.c (names of files, delivery), maildir_words.c (keywords), maildir_list.c (what lies in
 * the folders), maildir_box.c (brings it into rows), maildir_change.c (flags, deletion).
 */
#ifndef SYNC_MAILDIR_PRIV_H
#define SYNC_MAILDIR_PRIV_H

#include "sync/local_box.h"

/*
 * The files of a Maildir, known by their base names: about 80 bytes each, as there may be a million. Files have
 * numbers from 0 on, in the order in which they were found.
 */
struct maildir_list;

#define MAILDIR_NO_FILE UINT32_MAX

/* Empty, with the keywords of root. */
struct maildir_list *maildir_list_new(const char *root);
void maildir_list_free(struct maildir_list *); /* NULL is fine */
/*
 * Adds the files of "new" or "cur". One that is there already is at the new place: it was moved while we looked,
 * so new is to be read before cur. ERR_LIMIT: more than 4 GB of names.
 */
bool maildir_list_read(struct maildir_list *, const char *root, const char *sub, struct err *e) MUST_CHECK;
size_t maildir_list_count(const struct maildir_list *);
uint32_t maildir_list_find(const struct maildir_list *, struct sv base); /* MAILDIR_NO_FILE: there is none */

/* Time of delivery, by which they are sorted: it stands in the name; 0: it does not. */
int64_t maildir_list_time(const struct maildir_list *, uint32_t file);
/* A mark of the caller's: the file has a row. */
bool maildir_list_known(const struct maildir_list *, uint32_t file);
void maildir_list_set_known(struct maildir_list *, uint32_t file);
void maildir_list_forget_known(struct maildir_list *);
/* The files that are not known, newest first; of the same second by their names. Caller frees. */
uint32_t *maildir_list_unknown(const struct maildir_list *, size_t *count);

/* All that its name says of a file. */
struct maildir_file {
	struct sv base;  /* lent until the next read */
	struct sv path;  /* "cur/name"; with words lent until the next maildir_list_get */
	struct sv words; /* keywords */
	unsigned flags;
};
void maildir_list_get(struct maildir_list *, uint32_t file, struct maildir_file *out);

/* local_ops of maildir_change.c */
bool maildir_change(struct local_box *, struct apply_step *, struct err *e);
bool maildir_deliver(struct local_box *, struct mailbox *dest, const struct apply_one *, const struct local_source *,
	char **key, struct err *e);
bool maildir_remove(const char *path, struct err *e);

#endif
