/*
 * Inside of the mbox format: mbox_text.c knows one message and the file, mbox_box.c brings the file
 * into rows, mbox_rewrite.c changes what is there, mbox_deliver.c adds to it.
 */
#ifndef SYNC_MBOX_PRIV_H
#define SYNC_MBOX_PRIV_H

#include "mime/header.h"
#include "mime/mbox.h"
#include "sync/host_priv.h"
#include "sync/local_box.h"

#define MBOX_KEY_LEN 24 /* hex digits: 8 of the date, 16 of a hash */
#define MBOX_MESSAGE_MAX (512u << 20)
#define MBOX_TOKEN_MAX 96

/* The file as it was at one moment. */
struct mbox_map {
	int fd; /* lent, or of whoever set it */
	struct sv data;
	char token[MBOX_TOKEN_MAX];
};
bool mbox_map(int fd, const char *path, struct mbox_map *m, struct err *e) MUST_CHECK;
void mbox_unmap(struct mbox_map *m);

/*
 * size, time, inode: any change by others shows. Begins with '?' when it changed within the tick of
 * the clock.
 */
struct stat;
void mbox_token_of(const struct stat *st, char out[MBOX_TOKEN_MAX]);
/* The same but for the mark of freshness: for the moment, it is enough. */
bool mbox_same_token(const char *a, const char *b);

/*
 * Date and a hash of what tells a message from others, without the fields that change: by it a message is found again.
 * Equal keys are told apart by their order.
 */
void mbox_key_of(const struct headers *h, char out[MBOX_KEY_LEN + 1]);
/* The header of an entry; bytes that have CR for line ends get LF (in the arena). */
void mbox_headers(struct arena *, struct sv *bytes, struct headers *);
unsigned mbox_flags_of(const struct headers *h, struct str *words);
/*
 * The header block with new status fields, then the empty line. new_copy: without what belongs to
 * the old place.
 */
bool mbox_add_header(struct str *out, const struct headers *h, unsigned flags, struct sv words, bool new_copy);

/* Brings the rows up to date, all pieces at once. m is renewed. */
bool mbox_sync_all(struct local_box *b, struct mailbox *m, struct err *e) MUST_CHECK;

/* local_ops of mbox_rewrite.c and mbox_deliver.c */
bool mbox_change(struct local_box *b, struct apply_step *s, struct err *e);
bool mbox_deliver(struct local_box *b, struct mailbox *dest, const struct apply_one *one,
	const struct local_source *src, char **key, struct err *e);
/* Under the lock of fd: takes the entry whose message begins at `offset` out of the file. */
bool mbox_take_out(struct local_box *b, struct mailbox *m, int fd, struct sv data, uint64_t offset, struct err *e) MUST_CHECK;

#endif
