/*
 * Local mailboxes: local_box.c is the box of account "local" and does what is the same for all;
 * maildir_box.c and mbox_box.c know one format each, behind struct local_ops. maildir.c knows the
 * names of files and how to deliver; pop_box uses it, too.
 */
#ifndef SYNC_LOCAL_BOX_H
#define SYNC_LOCAL_BOX_H

#include "base/hash.h"
#include "sync/box.h"

enum local_kind {
	LOCAL_NONE,
	LOCAL_MAILDIR,
	LOCAL_MBOX,
	LOCAL_FOLDER, /* a folder that is no mailbox */
	LOCAL_CLOSED, /* a file that cannot be looked into now: errno says why */
};
enum local_kind local_kind_of(const char *path);

/*
 * Maildir delivery: a file in tmp, bytes, fsync, link into new (or cur with ":2,FLAGS"), fsync
 * of the folder. When maildir_deliver_end returns true the message is safe. The folder is made when
 * it is missing. base: the name before ":2,"; NULL makes a new one. When a file of that base is
 * there already, the delivery is a success and adds nothing (a repeated intent).
 */
struct maildir_delivery;
bool maildir_deliver_begin(const char *maildir, const char *base, struct maildir_delivery **out, struct err *e)
	MUST_CHECK;
/* CRLF becomes LF. */
bool maildir_deliver_write(struct maildir_delivery *, struct sv data, struct err *e) MUST_CHECK;
/*
 * flags: enum message_flag; date 0: now (it becomes the file's mtime). *name: base name; caller
 * frees; may be NULL.
 */
bool maildir_deliver_end(struct maildir_delivery *, unsigned flags, int64_t date, char **name, struct err *e)
	MUST_CHECK;
void maildir_deliver_abort(struct maildir_delivery *); /* NULL is fine */
/*
 * The same for many files at once, whose names are known only at their end: unnamed opens
 * tmp/TEMP; settle makes the bytes durable and closes the file; place gives it its name (ERR_DISK
 * when there is a file of that name); maildir_flush makes the names durable. Then abort each.
 */
bool maildir_deliver_unnamed(const char *maildir, const char *temp, struct maildir_delivery **out, struct err *e)
	MUST_CHECK;
bool maildir_deliver_settle(struct maildir_delivery *, struct err *e) MUST_CHECK;
bool maildir_deliver_place(struct maildir_delivery *, const char *base, unsigned flags, struct err *e) MUST_CHECK;
bool maildir_flush(const char *maildir, struct err *e) MUST_CHECK;
bool maildir_make(const char *path, struct err *e) MUST_CHECK; /* tmp new cur; exists: fine */

/*
 * Flags in a file name: "1.x:2,FS" -> flags, and the base name before ":2,". sub: "new" or "cur"
 * decides MSG_OLD.
 */
unsigned maildir_flags_of(struct sv name, bool in_new, struct sv *base);
/* The letters after ":2," that are no flags of ours (keywords a-z, T kept by delete). */
void maildir_name_of(struct str *out, struct sv base, unsigned flags, struct sv other_letters);
/* Writes row->id anew from the file of that base name: another file has taken the place of the old one. */
bool maildir_put_row(struct cache *, const char *maildir, const struct message_row *row, struct sv base, struct err *e)
	MUST_CHECK;
/* "1700000000.Fxxxxxxxxxxxxxxxx.host": the same seed gives the same name. */
char *maildir_base_of_seed(int64_t date, struct sv seed); /* caller frees */
char *maildir_new_base(void);                             /* caller frees */
/*
 * A file that holds only the beginning of a message says so in its base name, and how large the
 * whole is: a name is ours, the text of a message is anybody's. size may be NULL.
 */
bool maildir_partial_size(struct sv base, uint64_t *size);
char *maildir_partial_base(const char *base, uint64_t size); /* caller frees */
/*
 * Where the file of that base name lies now: "cur/1.x:2,S", which the caller frees; NULL: nowhere. False when
 * the folders cannot be read: then nobody may take it for gone.
 */
bool maildir_find(const char *maildir, struct sv base, char **found, struct err *e) MUST_CHECK;

/*
 * Keywords (maildir_words.c): words[0] is what the letter a in a file's name means, NULL: nothing. False: the Maildir has
 * none. letters: those of a list of words; make: words that have none yet get one, else they are left out. ERR_INPUT:
 * this Maildir keeps no keywords; ERR_LIMIT: there are 26 already, or another program holds the lock.
 */
#define MAILDIR_WORDS 26
bool maildir_words_read(struct arena *, const char *root, const char *words[MAILDIR_WORDS]);
bool maildir_words_letters(const char *root, struct sv list, bool make, char out[MAILDIR_WORDS + 1], struct err *e)
	MUST_CHECK;

/* ---- the two formats ---- */

struct local_box;

/* The bytes of a message to be delivered. */
struct local_source {
	int fd;
	uint64_t offset, length;
	unsigned flags;   /* enum message_flag */
	int64_t date;     /* received */
	struct sv sender; /* envelope sender for a From_ line, may be empty */
};

struct local_ops {
	const char *kind; /* "maildir", "mbox": the word before the ':' in mailbox.raw */
	/* As box_ops.sync. m is the row, its path is local_path(m). */
	bool (*sync)(struct local_box *, struct mailbox *m, bool *more, struct err *e);
	/* True when the source looks as the token says: nothing to do. One or two stat calls. */
	bool (*unchanged)(struct local_box *, const struct mailbox *m);
	/*
	 * FLAG and DELETE of box_ops.apply: the files only; the caller changes the rows of those
	 * that are done.
	 */
	bool (*change)(struct local_box *, struct apply_step *, struct err *e);
	/*
	 * Adds a message, durably. Called again for the same intent (one->was TRYING) it must not
	 * add it twice. The rows of dest are fresh. *key: its key in the cache; caller frees.
	 */
	bool (*deliver)(struct local_box *, struct mailbox *dest, const struct apply_one *, const struct local_source *,
		char **key, struct err *e);
	void (*rest_free)(struct local_box *); /* of a sync of this kind */
	bool (*create)(const char *path, struct err *e);
	bool (*remove)(const char *path, struct err *e);
};
extern const struct local_ops maildir_ops, mbox_ops;

/* Rest of a sync that has more to do: one mailbox at a time. */
struct local_rest {
	uint64_t mailbox; /* 0: none */
	const struct local_ops *ops;
	struct arena *arena;
	void *entries;    /* of the format's own kind, those still to be read, in the order to read them */
	size_t count, next;
	uint64_t total;
	size_t piece; /* entries of the next piece: local_piece, local_pace */
};

/* Pieces grow while they are quickly done, so that not every few rows are a transaction of their own. */
size_t local_piece(const struct local_rest *);
void local_pace(struct local_rest *, int64_t took_ms);

/*
 * UIDs of a piece: read newest first they go down, but rows are put in ascending order, else the pages of the table
 * are left half empty.
 */
struct local_slot {
	uint64_t uid;
	size_t entry; /* index of what has it */
};
void local_sort_slots(struct local_slot *, size_t n);

/* Where a message that lay at old_offset lies now. */
struct local_place {
	uint64_t old_offset, offset, length;
};

struct local_box {
	struct box box;
	struct local_rest rest;
	/* What a change of the file did to all its messages; the caller brings it into the rows. */
	struct local_place *places;
	size_t place_count, place_cap;
	char new_token[96];
	int64_t put_off_since; /* flags wait for company since then; 0: none do */
	bool flush;            /* their time is up, or something waits for them: do them now */
	struct map *delivered; /* key -> how many of it this step has delivered; NULL outside of a step */
	struct local_watch *watch;
	struct {
		uint64_t mailbox, to; /* the walk is there: UIDs above have been looked at */
		uint64_t found;          /* rows written since the ui was told */
	} parts;
	int64_t tree_at;       /* when $folder is walked again */
};

/*
 * inotify on mailboxes (local_watch.c). Without inotify nothing is ever reported: the clock looks
 * instead.
 */
struct local_watch *local_watch_new(void);
void local_watch_free(struct local_watch *);
/* Watches the folders or the file of a mailbox; again is fine. */
void local_watch_add(struct local_watch *, uint64_t mailbox, const char *path, enum local_kind);
/* Waits for a change, for wake_fd (-1: none) or the time. The mailbox that changed, 0: none. */
uint64_t local_watch_wait(struct local_watch *, int wake_fd, int timeout_ms);

const char *local_path(const struct mailbox *m); /* raw after "kind:"; lent */
const struct local_ops *local_ops_of(const struct mailbox *m); /* by raw; NULL when it is none */
void local_rest_clear(struct local_box *);
/*
 * What names a delivery for an intent: the same again when it is repeated, and never for another
 * one.
 */
char *local_seed(struct local_box *, const struct apply_one *); /* caller frees */

#endif
