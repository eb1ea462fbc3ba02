/*
 * Inside of a POP account: pop_box.c (life, when to visit the server, what the worker asks for),
 * pop_visit.c (one visit, in phases), pop_who.c (which message is which), pop_arrive.c (from bytes
 * to files, many at once), pop_hash.c (by what a message is known besides its UIDL), pop_rules.c
 * (what may go from the server).
 *
 * What is on the server is downloaded into a Maildir of ours, and that is the mailbox (local_box.c
 * does the rest). A message is acknowledged in steps that survive a kill between any two: its bytes
 * are durable in tmp; the UIDL table says under which name it will be (COMING); it has that name,
 * durably; the table says FETCHED (or DELETE); only then the server is told to delete it. The server
 * deletes at QUIT: a cut before its answer is found out by the next listing.
 */
#ifndef SYNC_POP_PRIV_H
#define SYNC_POP_PRIV_H

#include "base/hash.h"
#include "net/pop3.h"
#include "store/uidl.h"
#include "sync/host_priv.h"
#include "sync/local_box.h"
#include "sync/remote.h"

#define POP_TRIES_LAST 1  /* connections that died in a message: it comes last and alone */
#define POP_TRIES_MAX 5   /* then it is only fetched when the user asks */
#define POP_PREVIEW_LINES 40

struct pop_visit;

struct pop_box {
	struct box box;
	struct box *local;
	struct remote remote;
	struct uidl *uidls;
	char *path;              /* of the Maildir */
	struct pop_visit *visit; /* NULL: not on the server */
	int64_t again_at;        /* clock_ms of the next visit when nobody asks; 0: at once */
	unsigned failures;       /* visits that went wrong, one after another */
	unsigned ahead_deaths;   /* of them, those that died with commands sent ahead */
	int64_t one_by_one_until; /* clock_ms; 0: commands may be sent ahead */
	int64_t delay_s;         /* the server's LOGIN-DELAY */
	int64_t expire_days;     /* its EXPIRE, as it was told to the user; -1: it was not */
	int64_t rows_at;         /* clock_ms of the last look at the Maildir during a visit */
	bool mended;             /* what a kill left half done was looked at */
};

/* ---- pop_hash.c ---- */

/*
 * Takes a message in pieces. head: of the header without what servers and programs add later
 * (Status, X-UIDL); content: of the whole without what each delivery adds (Received, Delivered-To).
 */
struct pop_hash;
struct pop_hash *pop_hash_new(void);
void pop_hash_add(struct pop_hash *, struct sv piece);
/* The header as far as it has come; whole: its end was seen. Lent. */
struct sv pop_hash_head(const struct pop_hash *, bool *whole);
/* Frees it. content may be NULL. */
void pop_hash_end(struct pop_hash *, char head[SHA256_HEX_LEN + 1], char content[SHA256_HEX_LEN + 1]);
void pop_hash_free(struct pop_hash *); /* NULL is fine */

/* ---- pop_rules.c ---- */

/* What may stay on the server; 0: no limit. */
struct pop_rules {
	bool at_once;     /* nothing */
	uint64_t days;    /* since it came here */
	uint64_t count;   /* messages in all */
	uint64_t bytes;   /* in all */
};

enum pop_todo { POP_NOTHING, POP_CHECK, POP_FETCH, POP_PREVIEW, POP_DELETE };

/* A message of the server's listing. */
struct pop_item {
	uint32_t number;
	uint64_t size;
	char *uidl; /* "": not known yet */
	enum uidl_state state;
	unsigned tries;
	int64_t since;
	enum pop_todo todo;
};

struct pop_rules pop_rules_of(struct host *);
/* Marks with POP_DELETE what the rules want gone: only what is here, the oldest first. */
void pop_rules_apply(const struct pop_rules *, struct pop_item *, size_t n, int64_t now);

/* ---- pop_arrive.c ---- */

/*
 * Messages on their way into the Maildir. The hall gathers them; commit makes all of them durable
 * at once and only then notes them.
 */
struct pop_hall;
struct pop_hall *pop_hall_new(struct pop_box *);
void pop_hall_free(struct pop_hall *); /* throws away what is not committed */
/* The sink for the message of item; item must live until it is committed or dropped. */
void pop_hall_begin(struct pop_hall *, struct pop_item *item, enum pop_todo);
bool pop_hall_take(void *hall, struct sv piece, struct err *e) MUST_CHECK;
/*
 * The message is complete. An item without UIDL gets its name now; known: it is here already (by
 * that name, or by its header under another UIDL when check is set), and was dropped.
 */
bool pop_hall_end(struct pop_hall *, bool check, bool *known, struct err *e) MUST_CHECK;
void pop_hall_drop(struct pop_hall *); /* the message broke off */
/* Enough has come together that it should be committed. */
bool pop_hall_full(const struct pop_hall *);
size_t pop_hall_count(const struct pop_hall *);
/*
 * All that is complete: durable, in the Maildir, noted. Then item->state tells. *n: how many
 * messages have come.
 */
bool pop_hall_commit(struct pop_hall *, size_t *n, struct err *e) MUST_CHECK;
/* The whole of a preview: takes its place, with its flags. Only it may be in the hall. */
bool pop_hall_commit_whole(struct pop_hall *, const char *preview, char base[UIDL_BASE_MAX + 1], struct err *e)
	MUST_CHECK;
/* What a kill between two steps of that left. */
bool pop_mend(struct pop_box *, struct err *e) MUST_CHECK;

/* ---- pop_visit.c ---- */

bool pop_visit_begin(struct pop_box *, struct err *e) MUST_CHECK;
/* A piece; *more: not at its end. At the end the server was left politely. */
bool pop_visit_piece(struct pop_box *, bool *more, struct err *e) MUST_CHECK;
/* Drops the line, if there is one. */
void pop_visit_leave(struct pop_box *);
/* Messages that have come, also by a visit that broke off: it made progress. */
size_t pop_visit_progress(const struct pop_box *);
/* The line broke: notes in the table which message it was. */
void pop_visit_died(struct pop_box *, const struct err *why);
/* The whole of a message that is here as a preview, in the course of this visit. */
bool pop_visit_whole(struct pop_box *, struct sv uidl, const char *preview, char base[UIDL_BASE_MAX + 1], struct err *e)
	MUST_CHECK;

#endif
