/*
 * Inside of the IMAP backend: imap_box.c (connection, list), imap_watch.c (waiting), imap_sync.c
 * (the order of things in a mailbox), imap_fill.c (rows by FETCH), imap_news.c (what the server
 * says), imap_apply.c (intents), imap_body.c (bodies), imap_ahead.c (those nobody has asked for
 * yet).
 */
#ifndef SYNC_IMAP_BOX_PRIV_H
#define SYNC_IMAP_BOX_PRIV_H

#include "base/hash.h"
#include "net/imap.h"
#include "net/imap_write.h"
#include "store/object.h"
#include "sync/remote.h"

/* A message whose flags the server has told of. */
struct flag_news {
	uint32_t uid;
	unsigned flags;
	struct sv words;
	uint64_t modseq;
	bool no_labels; /* words are keywords only; the message may have labels besides */
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

/* UIDs whose rows are wanted, ascending; the last are asked for first. */
struct wanted {
	uint32_t *uids;
	size_t asked;  /* uids[0..asked) have not been asked for yet */
	size_t landed; /* uids[0..landed) are not in the cache yet: those from asked on are on their way */
};

/* Some of them on their way: FETCH commands that are not answered yet. */
#define FLIGHTS_MAX 2
struct flight {
	struct wanted *of;
	size_t from, to; /* of->uids */
	imap_tag tag[8];
	size_t tags;
};

struct size_of {
	uint32_t uid;
	uint64_t size;
};

struct fill {
	struct flight flight[FLIGHTS_MAX]; /* the oldest first */
	size_t flights;
	size_t batch; /* UIDs in the next one */
	bool on;      /* a transaction is open and takes rows */
	bool lost;    /* rows came when it was not */
	size_t count; /* rows taken since imap_fill_start; their lowest and highest UID */
	uint32_t low, high;
	uint32_t floor; /* rows below it are not wanted; 0 from imap_fill_start on */
	struct err trouble; /* of the cache */
	struct arena *arena; /* of one row */
	imap_tag sizes_tag;  /* of the first screenful, on their way; 0: not */
	struct size_of sizes[BOX_FIRST];
	size_t nsizes;
};

/* How far the selected mailbox is. Void when another one is selected or the connection is new. */
struct progress {
	enum phase phase;
	bool opened;       /* was selected and gone through once */
	bool compared;     /* nothing to do in PHASE_COMPARE */
	uint32_t flags_at; /* plain resync: flags are read from here up; 0: not begun */
	bool counted;      /* rows and messages were compared by number since SELECT */
	bool doubtful;     /* something was told that is not clear: all must be compared */
	unsigned passes;   /* how often that was done in this round */
	bool flags_told;   /* the changes since modseq came with SELECT */
	uint32_t arrived;  /* imap_selected.arrived when the round began */
	struct wanted missing; /* above the known ones */
	uint32_t high;         /* the highest of them */
	struct wanted older;   /* below low_uid */
	bool older_known;
	uint64_t modseq; /* when it was selected: becomes the row's when a round is done */
};

/* What a piece of work did, to be told after its commit. */
struct piece {
	bool flags;            /* some have changed */
	size_t gone, new, old; /* rows */
};

struct structure;
struct change;

struct list_entry {
	char *name, *raw;
	char delim;
	unsigned attr;
	bool subscribed;
	enum mailbox_special special;
	unsigned status_has;
	uint64_t items[STATUS_ITEMS];
	char *object; /* MAILBOXID; NULL: not told */
	bool listed;
};

#define QUOTAS_MAX 16

struct imap_box {
	struct box box;
	struct remote remote;
	struct imap *im;
	char *row_items, *flag_items; /* what to ask this server for (imap_row.h) */
	imap_tag enable;      /* sent, answer not read yet */
	bool deflated;        /* COMPRESS was thought of */
	uint64_t selected;    /* id of the selected mailbox; 0: none */
	uint32_t uidvalidity; /* of it */
	struct news news;
	struct progress at;
	struct fill fill;
	char *notified; /* option "mailboxes" for which NOTIFY was given; NULL: not given here */
	bool notifying; /* the server tells the counts of all of them by itself */
	bool told;      /* it did: they are in known and not yet in the cache */
	int64_t counted_at; /* clock_ms when all were asked for; 0: not on this connection */
	struct ahead *ahead; /* imap_ahead.c; NULL: not begun */
	struct structure *structure; /* BODYSTRUCTURE that imap_body.c waits for */
	struct change *change;       /* of flags, under way (imap_flags.c) */
	/* LIST under way, or STATUS. */
	struct arena *list_arena;
	struct map *list; /* name to struct list_entry */
	bool counting;    /* LIST is only asked for counts: its names tell nothing */
	struct quota quota[QUOTAS_MAX]; /* what GETQUOTAROOT says, texts in list_arena */
	size_t nquota;
	unsigned quota_said; /* per cent that the user knows of */
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
/* Before a command: rows that are on their way are taken in, COMPRESS and ENABLE are answered. */
bool imap_box_enabled(struct imap_box *, struct err *e) MUST_CHECK;
/*
 * Makes m the selected mailbox, with QRESYNC of what the row knows. ERR_GONE: it is not there; or
 * its UIDVALIDITY is not the row's and `same` asks for that (a sync has to come first).
 */
bool imap_box_select(
	struct imap_box *, const struct mailbox *m, bool same, struct err *e) MUST_CHECK;
/* The same as a command and its answer, for a mailbox that is not selected yet. */
bool imap_box_select_send(struct imap_box *, const struct mailbox *, imap_tag *, struct err *e) MUST_CHECK;
bool imap_box_select_end(
	struct imap_box *, const struct mailbox *, imap_tag, bool same, struct err *e) MUST_CHECK;
/*
 * COMPRESS, where $imap_deflate and the line ask for it and it was not tried yet: a turn of its
 * own. Nothing but ENABLE may be on its way.
 */
bool imap_box_deflate(struct imap_box *, struct err *e) MUST_CHECK;
void imap_box_deselect(struct imap_box *);

/* ---- imap_fill.c ---- */
const char *imap_fill_items(const struct imap_box *);
/* A message with all that a row needs. False: it is none of ours. */
bool imap_fill_take(struct imap_box *, const struct imap_msg *);
/*
 * Between the two, rows that come go into the open transaction; _end tells its own trouble first.
 */
void imap_fill_start(struct imap_box *);
bool imap_fill_end(struct imap_box *, bool ok, struct err *e) MUST_CHECK;
bool imap_fill_has_row(struct imap_box *, uint32_t uid);
/*
 * Those without a row by a command for each, after a batch was refused (RFC 2180 4.1: some of it
 * expunged; servers that stumble over one broken message). What is refused even then gets none:
 * better than none of its neighbours. Inside of start and end.
 */
bool imap_fill_one_by_one(struct imap_box *, const uint32_t *uids, size_t n, struct err *e) MUST_CHECK;
void wanted_set(struct wanted *, uint32_t *uids, size_t n); /* takes uids */
/* Asks for the next batches, as many as may be on their way. */
bool imap_fill_ask(struct imap_box *, struct wanted *, struct err *e) MUST_CHECK;
/* Takes in the first of them: one piece, committed and told. */
bool imap_fill_land(struct imap_box *, struct mailbox *, struct err *e) MUST_CHECK;
/* All of them; imap_box_settle: before another command, with the row of its own. */
bool imap_fill_settle(struct imap_box *, struct mailbox *, struct err *e) MUST_CHECK;
bool imap_box_settle(struct imap_box *, struct err *e) MUST_CHECK;
/* The sizes of the first screenful: reads them and puts them into its rows. */
bool imap_fill_sizes(struct imap_box *, struct err *e) MUST_CHECK;
/*
 * What is on its way is read and thrown away, to be asked for again; or there is nobody to read
 * from.
 */
void imap_fill_drop(struct imap_box *);
void imap_fill_forget(struct imap_box *);

/* ---- imap_news.c ---- */
/*
 * News and the mailbox's row into the open transaction, which is committed; then tells what was
 * done.
 */
bool imap_piece_commit(struct imap_box *, struct mailbox *, struct piece *, struct err *e) MUST_CHECK;
void news_clear(struct news *);
bool news_waits(const struct imap_box *);
/*
 * The last that was said of this message's flags, which then is no news any more; words in the arena. False: nothing
 * was said.
 */
bool news_take_flags(struct imap_box *, struct arena *, uint32_t uid, struct flag_news *out);

/* What the last list said of the mailbox shows that nothing has changed since it was synced. */
bool imap_box_is_current(const struct imap_box *, const struct mailbox *);

/* ---- imap_list_rows.c ---- */
void imap_list_on_name(void *data, const struct imap_list_item *);
void imap_list_on_status(void *data, const struct imap_status_item *);
void imap_list_on_quota(void *data, struct sv root, const struct imap_quota *);
void imap_list_forget(struct imap_box *);
/* How many messages that mailbox had when the server was asked, a moment ago; 0: not known. */
uint32_t imap_list_told(const struct imap_box *, const char *name);
/*
 * The special use ("Trash") that a mailbox of this name should get when it is made: as the user's
 * options say, and only when no other one has it. NULL: none.
 */
const char *imap_list_use_of(struct imap_box *, const char *name);

/* The functions of box_ops. */
bool imap_box_list(struct box *, bool *more, struct err *e);
bool imap_box_search(struct box *, uint64_t mailbox, const char *query, struct err *e);
bool imap_box_sync(struct box *, uint64_t mailbox, bool *more, struct err *e);
bool imap_box_fetch(struct box *, uint64_t message, const char *section, struct err *e);
bool imap_box_apply(struct box *, struct apply_step *, struct err *e);

bool imap_box_ahead(struct box *, uint64_t watched, bool *more, struct err *e);

/* ---- imap_watch.c ---- */
bool imap_box_watch(struct box *, uint64_t mailbox, int timeout_ms, uint64_t *changed, struct err *e);
void imap_watch_forget(struct imap_box *); /* the connection is another one */
/* The counts come by themselves: nobody need ask for them now. */
bool imap_watch_is_told(const struct imap_box *);

/* ---- imap_ahead.c ---- */
/* More than the headers of this mailbox is wanted ($imap_prefetch). */
bool imap_ahead_wants(struct imap_box *, const char *mailbox);
void imap_ahead_take(struct imap_box *, const struct imap_msg *); /* a message of FETCH */
void imap_ahead_free(struct ahead *);
bool imap_ahead_match(struct sv pattern, struct sv name); /* '*' and '?' */

/* A message of FETCH while b->change is under way. True: it only told a modseq, which is noted (imap_flags.c). */
bool imap_flags_take(struct change *, const struct imap_msg *);
/* A message of FETCH, when b->structure waits for it (imap_body.c). */
void imap_box_take_structure(struct structure *, const struct imap_msg *);

/* Events of the session that imap_news.c handles. */
void imap_box_on_message(void *data, const struct imap_msg *);
void imap_box_on_vanished(void *data, const struct imap_set *);
void imap_box_on_unclear(void *data);

#endif
