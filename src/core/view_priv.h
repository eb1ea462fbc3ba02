/*
 * The inside of a view, shared by the files that make it: view.c (list, cursor, tags), view_load.c
 * (rows from the store), view_overlay.c (intents), view_order.c (sorting, threads, visible lines),
 * view_limit.c (limit, search), view_collapse.c (collapsed threads), view_tree.c (the tree before the
 * subject), view_step.c (moving).
 */
#ifndef CORE_VIEW_PRIV_H
#define CORE_VIEW_PRIV_H

#include "core/pattern.h"
#include "core/strpool.h"
#include "core/thread.h"
#include "core/view.h"
#include "store/cache.h"
#include "store/intent.h"
#include "store/message.h"

struct identity;
struct loop;
struct session;

#define VIEW_NEST 8 /* ~(~<(~>(...))): relatives of relatives */

/*
 * Where rows come from: a mailbox of an account. An ordinary view has one source, a unified one (unified.h)
 * several, of any accounts; each is read, refreshed and overlaid by itself.
 */
struct view_source {
	char *account, *name;
	bool readonly;
	struct cache *cache; /* NULL: not known yet */
	uint64_t mailbox, uidvalidity;
	struct message_cursor *walk; /* a load or refresh in slices */
	bool loading, walk_wanted, walk_again;
	bool was_complete; /* when it was attached: the store had all of its messages */
	uint64_t high_uid, low_uid;
	uint32_t live; /* its rows that are not dead */
	int64_t overlaid_to; /* the newest intent that is overlaid */
	int64_t asked; /* unified: when its worker was asked for news last */
};
#define VIEW_SOURCES_MAX 4096

/*
 * The id of a row in its view: that of the message in its cache, with the number of the source above. In an
 * ordinary view both are the same.
 */
#define ROW_SOURCE_SHIFT 48
static inline uint64_t row_key(uint32_t source, uint64_t message)
{
	return (uint64_t)source << ROW_SOURCE_SHIFT | message;
}

/* One message. Texts are numbers in view->pool. */
struct row {
	uint64_t id; /* row_key */
	int64_t date_sent, date_received;
	uint32_t size, lines;
	uint32_t subject, real_subject, from, to, cc, bcc, reply_to, sender, msgid, list, label,
		keywords, ctype, shape;
	uint32_t stored_keywords; /* without intents */
	uint32_t refs; /* In-Reply-To ids, then References, newest first: numbers in view->refs */
	uint16_t irt_count, ref_count;
	uint16_t stored; /* enum message_flag: what the cache says */
	uint16_t attachments;
	int16_t tz;
	int16_t score;
	uint32_t flags;        /* FLAG_*: as shown */
	uint32_t line;         /* VIEW_NONE: not in the list */
	uint32_t hidden_under; /* root row of the collapsed thread that hides it, VIEW_NONE */
	bool gone;             /* deleted in the store, or on its way out by a pending intent */
	bool dead;             /* deleted in the store: never comes back */
	bool limited;          /* shown by the limit (true when there is none) */
	bool is_reply;         /* something was cut off its subject */
	bool in_walk;          /* met by the refresh that is under way */
};
static inline uint32_t row_source(const struct row *r)
{
	return (uint32_t)(r->id >> ROW_SOURCE_SHIFT);
}
static inline uint64_t row_message(const struct row *r) /* its id in the cache of its source */
{
	return r->id & ((UINT64_C(1) << ROW_SOURCE_SHIFT) - 1);
}

/* What is known of a thread node for drawing. */
enum {
	NODE_VISIBLE = 1,      /* its message is in the list */
	NODE_DEEP = 2,         /* takes a level of the tree */
	NODE_SUBTREE = 4,      /* something at or below it is visible */
	NODE_NEXT_SUBTREE = 8, /* so is something below a later sibling */
	NODE_MANY = 16,        /* more than one visible subtree meets here */
};

struct view {
	struct session *session; /* NULL in unit tests: then no bodies are searched */
	struct loop *loop;       /* NULL in unit tests: then view_load_all loads */
	void (*notify)(
		struct view *); /* first change since view_take_changes; NULL: nobody listens */
	const struct conf *conf;
	struct identity *me;
	char *shown;
	bool readonly, sent_like;
	struct view_source *src; /* at least one */
	uint32_t src_count, src_cap;
	char *unified;          /* name of the unified mailbox; NULL: an ordinary one */
	struct pattern *filter; /* unified: only what matches comes in; NULL: everything */

	/* rows */
	struct strpool *pool;
	struct row *rows;
	uint32_t count, cap;
	uint32_t *refs;
	size_t refs_len, refs_cap;
	uint32_t *by_id; /* open hash of row + 1 by id */
	uint32_t by_id_size;
	uint32_t live; /* not dead */

	/* order */
	struct conf_sort sort;
	bool sort_is_users; /* chosen by view_set_sort: options do not change it */
	bool threaded, reverse_tree;
	uint32_t *perm; /* rows that are not gone, in mailbox order */
	uint32_t perm_len;
	uint32_t *place; /* row -> place in perm, which is its thread node; VIEW_NONE */
	uint32_t *
		order; /* places in the order of the list before limit and collapse; perm_len of them */
	struct threads threads;
	uint8_t *node_flags;
	bool order_valid, lines_valid, counts_valid, overlay_valid;

	/* list */
	uint32_t *lines;
	uint32_t line_count, lines_cap;
	uint32_t cursor;     /* line */
	uint32_t cursor_row; /* the message it stays on, VIEW_NONE */
	struct view_counts counts;
	unsigned changes;

	/* limit */
	char *limit_text;
	struct pattern *limit;
	struct pattern_fill *limit_fill; /* its bodies are being searched */
	struct str
		scratch[VIEW_NEST]; /* ids of a message as text; one for each level of relatives */
	unsigned nest;

	/* store */
	struct state *state;
	int idle_id, timer_id;
	bool loaded_once;
	uint32_t unsorted; /* rows added since the last sort */
	int64_t last_sort_ms;
	uint32_t *overlaid; /* rows touched by intents */
	uint32_t overlaid_len, overlaid_cap;
};

/* ---- view.c ---- */
struct view *view_new(struct loop *, const struct conf *, const char *account, const char *name,
	const char *shown);
void view_free(struct view *);
/* Says that something changed: the session tells the ui at the end of the turn. */
void view_touch(struct view *, unsigned changes);
/* A further mailbox; the number of the source. Its rows come with view_attach_source. */
uint32_t view_add_source(struct view *, const char *account, const char *name);
const struct view_source *view_source_of(const struct view *, uint32_t row);
bool view_has_source(const struct view *, const char *account, const char *name);
bool view_any_cache(const struct view *); /* one of its mailboxes at least is known */
/* Adds or replaces the row of a message; texts are copied. The row number. */
uint32_t view_put(struct view *, uint32_t source, const struct message_row *);
/* The row has gone from the store. */
void view_drop(struct view *, uint32_t row);
/* Makes sure lines are right. */
void view_update(struct view *);
uint32_t view_find_id(const struct view *, uint64_t id);
void view_facts(struct view *, uint32_t row, struct msg_facts *out);
unsigned view_flags_of(
	const struct view *, const struct row *); /* cache flags to FLAG_*, identity kept */

void view_identity_stale(struct view *); /* $from, alternates, lists changed */
const struct pattern_thread *view_relatives(struct view *, struct pattern_thread *out);

/* ---- view_order.c ---- */
void view_make_order(struct view *); /* threads and sort */
void view_make_lines(struct view *); /* limit, collapse, cursor */
void view_read_sort(struct view *);  /* from the options */
void view_real_subject(struct view *, struct row *);

/* ---- view_limit.c ---- */
void view_limit_free(struct view *);
void view_match_limit(struct view *, uint32_t row);
const struct pattern_thread *view_relatives(struct view *v, struct pattern_thread *out);

/* ---- view_collapse.c ---- */
void view_hide_collapsed(struct view *, uint32_t top); /* one thread: sets hidden_under of its rows */

/* ---- view_tree.c ---- */
void view_make_tree(struct view *);

/* ---- view_load.c ---- */
void view_attach_source(struct view *, uint32_t source, struct cache *, struct state *, uint64_t mailbox,
	uint64_t uidvalidity);
void view_detach_source(struct view *, uint32_t source); /* its cache file goes away (worker rebuilt it) */
void view_source_changed(struct view *, uint32_t source, const char *what);
void view_refresh(struct view *, uint64_t key); /* one message, now */
bool view_is_reading(const struct view *);      /* rows are still to come, or a refresh is under way */

/* ---- view_overlay.c ---- */
void view_overlay(struct view *);
void view_overlay_more(struct view *);  /* intents came, none went: with a queue of thousands each key is as quick */
void view_overlay_stale(struct view *); /* intents changed: look again before the list is shown */

#endif
