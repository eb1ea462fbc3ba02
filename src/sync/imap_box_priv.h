/*
 * Inside of the IMAP backend: imap_box.c (connection, list, waiting), imap_sync.c (messages),
 * imap_apply.c (intents), imap_body.c (bodies).
 */
#ifndef SYNC_IMAP_BOX_PRIV_H
#define SYNC_IMAP_BOX_PRIV_H

#include "base/hash.h"
#include "net/imap.h"
#include "net/imap_write.h"
#include "sync/remote.h"

/* A message whose flags the server has told of. */
struct flag_news {
	uint32_t uid;
	unsigned flags;
	struct sv words;
	uint64_t modseq;
};

/*
 * What the server said about the selected mailbox and the cache does not know yet. It comes during
 * any command; imap_sync.c puts it into the cache between commands.
 */
struct news {
	struct arena *arena;
	struct flag_news *flags;
	size_t nflags, flags_cap;
	struct imap_range *gone;
	size_t ngone, gone_cap;
	bool unclear; /* something changed that could not be told: compare all */
};

/* A round of sync goes through these; each piece of work is in one of them. */
enum phase {
	PHASE_BEGIN,   /* select, take what it tells; the first screenful of a mailbox never seen */
	PHASE_NEW,     /* messages above the known ones */
	PHASE_COMPARE, /* which old ones are gone, which flags have changed */
	PHASE_OLDER,   /* messages below the known ones */
};

/* How far the selected mailbox is. Void when another one is selected or the connection is new. */
struct progress {
	enum phase phase;
	bool opened;       /* was selected and gone through once */
	bool compared;     /* nothing to do in PHASE_COMPARE */
	uint32_t flags_at; /* plain resync: flags are read from here up; 0: not begun */
	uint32_t exists;   /* when the round began */
	uint32_t *missing; /* UIDs above the known ones that are to be fetched, ascending */
	size_t nmissing;
	uint32_t high;   /* the highest of them, or of the first screenful */
	uint32_t *older; /* UIDs below low_uid, ascending */
	size_t nolder;
	bool older_known;
	uint64_t modseq; /* when it was selected: becomes the row's when a round is done */
};

struct structure;

struct list_entry {
	char *name, *raw;
	char delim;
	unsigned attr;
	bool subscribed;
	enum mailbox_special special;
	unsigned status_has;
	uint64_t items[STATUS_ITEMS];
	bool listed;
};

struct imap_box {
	struct box box;
	struct remote remote;
	struct imap *im;
	imap_tag enable;      /* sent, answer not read yet */
	uint64_t selected;    /* id of the selected mailbox; 0: none */
	uint32_t uidvalidity; /* of it */
	struct news news;
	struct progress at;
	/* A command under way whose messages become rows. */
	bool filling;
	size_t filled;
	uint32_t filled_low, filled_high;
	struct err trouble;          /* of a handler */
	struct structure *structure; /* BODYSTRUCTURE that imap_body.c waits for */
	/* LIST under way, or STATUS. */
	struct arena *list_arena;
	struct map *list; /* name to struct list_entry */
	/* The last one, with the counts that came along. */
	struct arena *known_arena;
	struct map *known;
	int64_t listed_at; /* clock_ms of it; 0: not on this connection */
};

static inline struct imap_box *imap_box_of(struct box *b)
{
	return (struct imap_box *)b;
}

/* Notes that a call has failed: a dead session is a dead box. Returns false. */
bool imap_box_fail(struct imap_box *);
/* The answer to ENABLE, if it is still to come. */
bool imap_box_enabled(struct imap_box *, struct err *e) MUST_CHECK;
/*
 * Makes m the selected mailbox, with QRESYNC of what the row knows. ERR_GONE: it is not there; or
 * its UIDVALIDITY is not the row's and `same` asks for that (a sync has to come first).
 */
bool imap_box_select(
	struct imap_box *, const struct mailbox *m, bool same, struct err *e) MUST_CHECK;
void imap_box_deselect(struct imap_box *);
void news_clear(struct news *);
bool news_waits(const struct imap_box *);

/* What the last list said of the mailbox shows that nothing has changed since it was synced. */
bool imap_box_is_current(const struct imap_box *, const struct mailbox *);

/* The functions of box_ops. */
bool imap_box_sync(struct box *, uint64_t mailbox, bool *more, struct err *e);
bool imap_box_fetch(struct box *, uint64_t message, const char *section, struct err *e);
bool imap_box_apply(struct box *, struct apply_step *, struct err *e);

/* A message of FETCH, when b->structure waits for it (imap_body.c). */
void imap_box_take_structure(struct structure *, const struct imap_msg *);

/* Events of the session that imap_sync.c handles. */
void imap_box_on_message(void *data, const struct imap_msg *);
void imap_box_on_vanished(void *data, const struct imap_set *);
void imap_box_on_unclear(void *data);

#endif
