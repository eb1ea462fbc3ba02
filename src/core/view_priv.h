/*
 * The inside of a view, shared by the files that make it: view.c (rows, counts, tags), view_cold.c (what is
 * not held), view_load.c (rows from the store), view_overlay.c (intents), view_order.c (sorting and threads),
 * view_key.c (what is sorted by), view_list.c (lines and cursor), view_limit.c (limit, search),
 * view_refs.c (ids and subjects for threads), view_collapse.c (collapsed threads), view_tree.c (the tree before the subject), view_step.c (moving).
 */
#ifndef CORE_VIEW_PRIV_H
#define CORE_VIEW_PRIV_H

#include "core/idpool.h"
#include "core/pattern.h"
#include "core/seq.h"
#include "core/slots.h"
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

/* How rows are read from the store in slices; one that is further down takes in what those above do. */
enum view_walk {
	WALK_NONE,
	WALK_OLDER, /* downward from the oldest that is here: mail that is downloaded for the first time */
	WALK_WHOLE, /* everything; what it does not meet has gone */
};

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
	bool companion; /* sent mail: only what belongs into threads of the first source comes in (unified.h) */
	enum view_walk walking, walk_again; /* wanted or under way; what is to follow it */
	bool loading;
	bool was_complete; /* when it was attached: the store had all of its messages */
	uint64_t high_uid; /* of the rows that are here */
	uint64_t whole_to; /* everything that the store has from this uid on is here; 0: not known */
	uint64_t walk_to;  /* what whole_to will be when the walk is through */
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

/*
 * One message: what sorting, threads, counts and most patterns need. A million of them are held, so whatever
 * a line on the screen needs beyond is read from the store when it is needed (view_cold.c).
 */
struct row {
	uint64_t id; /* row_key; also the order of the mailbox */
	uint32_t sent, received; /* seconds since 1970, cut to what fits */
	uint32_t size;
	uint32_t subject, from, keywords; /* numbers in view->pool */
	uint32_t msgid, ancestors;        /* an id and a list in view->ids: who is above, nearest first */
	uint32_t flags;                   /* FLAG_*: as shown */
	unsigned stored : 11;             /* enum message_flag: what the cache says */
	unsigned gone : 1;                /* deleted in the store, or on its way out by a pending intent */
	unsigned dead : 1;                /* deleted in the store: never comes back */
	unsigned limited : 1;             /* shown by the limit (true when there is none) */
	unsigned in_walk : 1;             /* met by the refresh that is under way */
	unsigned dirty : 1;               /* its place in the list is to be found again */
	unsigned overlaid : 1;            /* intents touched it: it is in view->overlaid */
	unsigned check : 15;              /* of the texts that are not held here */
};
_Static_assert(MSG_FLAGS_ALL < 1 << 11, "row.stored");
static inline uint32_t row_source(const struct row *r)
{
	return (uint32_t)(r->id >> ROW_SOURCE_SHIFT);
}
static inline uint64_t row_message(const struct row *r) /* its id in the cache of its source */
{
	return r->id & ((UINT64_C(1) << ROW_SOURCE_SHIFT) - 1);
}

/* Keys of rows that are held only when one of them has something there, or when it is sorted by: by row. */
enum view_column { COLUMN_LABEL, COLUMN_TO, COLUMN_SPAM, COLUMN_SCORE, COLUMN_COUNT };

/*
 * An order of the list and the list in it: by $sort and $sort_aux, or as threads. While a new one is made,
 * piece by piece, the view shows the old one.
 */
struct view_order {
	struct view *view;
	bool threaded, reverse_tree, received /* $thread_received */;
	bool strict, sort_re, duplicates;
	struct conf_sort main, aux;    /* flat */
	struct conf_sort inner, roots; /* threaded */
	struct threads threads;
	struct seq *seq;     /* in reverse_tree back to front */
	uint64_t shown_size; /* of the messages that are lines */
};
struct order_job;
struct cold;

/* What is known of a thread node for drawing. */
enum {
	NODE_KNOWN = 32,       /* of a root: its thread was looked at since the last change */
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
	bool conversations;     /* companions are shown */
	bool apart;             /* only counted: no account knows of it or tells it of changes */
	struct pattern *filter; /* unified: only what matches comes in; NULL: everything */
	bool filter_waits;      /* no rows before it is known what stands in bodies */
	unsigned filter_rough;
	struct pattern_fill *filter_fill;
	int bodies_timer;       /* mail has come: bodies are to be asked for again */

	/* rows */
	struct strpool *pool;
	uint32_t *real; /* by number of a subject: the one without Re:, REAL_REPLY; REAL_UNKNOWN */
	uint32_t real_cap;
	struct idpool *ids;
	struct ref_note *ref_notes; /* VIEW_REF_NOTES of them, by their hash; NULL while none is needed */
	uint8_t *ids_seen;          /* a bit for each id: a message has it */
	uint32_t ids_seen_cap;
	bool duplicates_valid; /* FLAG_DUPLICATE is right */
	struct row *rows;
	uint32_t count, cap;
	uint32_t *columns[COLUMN_COUNT]; /* by row, room for cap; NULL: all are 0 */
	struct slots by_id;              /* row + 1 */
	struct cold *cold;
	unsigned nest; /* in patterns on relatives */

	/* order */
	struct conf_sort sort; /* as asked for */
	bool sort_is_users;    /* chosen by view_set_sort: options do not change it */
	char *reply_regexp;    /* that view->real was made with */
	struct view_order *order;
	struct order_job *job; /* makes another one; NULL */
	bool order_valid;      /* else a new one is to be made */
	bool overlay_valid;
	uint32_t *dirty; /* rows whose place is to be found again */
	uint32_t dirty_len, dirty_cap;
	int64_t last_sort_ms;
	bool some_gone; /* one of the dirty ones may still be in the list */
	bool to_known;  /* COLUMN_TO is held for all rows */

	/* list */
	bool cursor_valid;
	uint32_t cursor;     /* line */
	uint32_t cursor_row; /* the message it stays on, VIEW_NONE */
	struct view_counts counts;
	unsigned changes;
	uint8_t *node_flags, *ghost_flags; /* of the threads that were drawn */
	uint32_t node_cap, ghost_cap;
	uint32_t *drawn; /* their roots */
	uint32_t drawn_len, drawn_cap;

	/* limit */
	char *limit_text;
	struct pattern *limit;
	struct pattern_fill *limit_fill; /* its bodies are being searched */
	struct view_matching *limiting;  /* rows are being tested, the list is still the old one */
	bool limit_wanted; /* what the index does not know is to be asked for when they were */
	unsigned limit_rough; /* enum rough: what is shown is a guess */
	struct view_tally *tally;

	/* scores */
	struct view_scorer *scorer; /* NULL: there is no line */
	uint32_t judged;            /* rows below were looked at by view_judge */

	/* store */
	struct state *state;
	int idle_id, order_id;
	bool loaded_once;
	bool say_loaded; /* once the list is in order, too */
	struct overlaid_row *overlaid; /* rows touched by intents */
	uint32_t overlaid_len, overlaid_cap;
};

/* References that were met: by their text, which list they are. */
struct ref_note {
	uint64_t hash;
	uint32_t list;
};
#define VIEW_REF_NOTES 16384u

/* A row as it was before intents touched it. */
struct overlaid_row {
	uint32_t row, keywords;
};

#define REAL_REPLY 0x80000000u
#define REAL_UNKNOWN UINT32_MAX

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
void view_reserve(struct view *, uint64_t messages); /* that are to come */
/* It is looked up or put in soon: memory is fetched meanwhile. */
void view_expect(const struct view *, uint32_t source, const struct message_row *);
/* The row has gone from the store. */
void view_drop(struct view *, uint32_t row);
/* Makes sure the list is right, or as right as it can be now. */
void view_update(struct view *);
uint32_t view_find_id(const struct view *, uint64_t id);
void view_facts(struct view *, uint32_t row, struct msg_facts *out);
/* Flags of the cache (MSG_*) as they are shown: FLAG_*. Nothing is old with $mark_old unset, as in mutt. */
unsigned view_shown_flags(const struct view *, unsigned stored);
unsigned view_flags_of(const struct view *, const struct row *); /* the row's, what it kept included */
unsigned view_check(const struct message_row *); /* row.check */

void view_identity_stale(struct view *); /* $from, alternates, lists changed */
const struct pattern_thread *view_relatives(struct view *, struct pattern_thread *out);

/* Counts follow: the only way to change the flags of a row. */
void view_put_flags(struct view *, uint32_t row, unsigned flags);
void view_put_gone(struct view *, uint32_t row, bool gone);
void view_mark_duplicates(struct view *);

/* ---- view_refs.c ---- */
uint32_t view_ancestors(struct view *, const struct message_row *); /* row.ancestors */
/* The number of the subject without Re: and the like; *is_reply may be NULL. */
uint32_t view_real_subject(struct view *, uint32_t subject, bool *is_reply);

/* ---- view_cold.c ---- */
struct cold *cold_new(void);
void cold_free(struct cold *);
/* What the store says of a row: lent until some hundred others were asked for; NULL: it does not say. */
const struct message_row *view_cold(struct view *, uint32_t row);
void view_cold_forget(struct view *);
/* Without texts of the store; for patterns that look at nothing else. */
void view_facts_hot(struct view *, uint32_t row, struct msg_facts *out);
void view_facts_bare(struct view *, uint32_t row, struct msg_facts *out); /* without its number, too */
void view_facts_flags(struct view *, uint32_t row, struct msg_facts *out); /* as hot, with all flags */
bool view_is_cut(const struct view *, uint32_t row); /* a date or its size does not fit into the row */
const char *view_message_id(struct view *, uint32_t row); /* lent as view_cold */

/* ---- view_key.c ---- */
uint32_t view_column(const struct view *, enum view_column, uint32_t row);
void view_set_column(struct view *, enum view_column, uint32_t row, uint32_t value);
/* The text that a key compares; the number of what it is made of, in view->pool. */
bool view_key_is_text(enum sort_key);
uint32_t view_key_number(struct view *, enum sort_key, uint32_t row);
struct sv view_key_text(struct view *, enum sort_key, uint32_t number);
uint32_t view_key_value(struct view *, enum sort_key, uint32_t row); /* of keys that are numbers */
int view_text_cmp(enum sort_key, struct sv a, struct sv b);
int view_key_cmp(struct view *, enum sort_key, uint32_t a, uint32_t b);  /* mailbox order among equals */
int view_flat_cmp(struct view_order *, uint32_t a, uint32_t b);          /* two rows of a list without threads */
int view_root_cmp(struct view_order *, uint32_t root_a, uint32_t root_b); /* two threads */
/* What is sorted by is to be read from the store: each of its messages is to be learnt. */
bool view_lacks_key(const struct view *, enum sort_key);
void view_learn_to(struct view *, uint32_t source, const struct message_row *);

/* ---- view_order.c ---- */
struct view_order *view_order_new(struct view *);
void view_order_free(struct view_order *);
void view_read_sort(struct view *); /* from the options */
/* What is dirty, and the order when it is not valid: now, or in slices of the loop when that would take long. */
void view_follow(struct view *);
void view_settle(struct view *); /* all of it now */
void view_order_cancel(struct view *);
void view_make_dirty(struct view *, uint32_t row);
void view_say_loaded(struct view *); /* VIEW_LOADED, when it is due */

/* ---- view_list.c: the list, with $use_threads=reverse and the like turned round ---- */
uint32_t list_row(struct view *, uint32_t line);
uint32_t list_line(struct view *, uint32_t row);
struct seq_walk list_walk(struct view *, uint32_t from, int direction); /* over lines */
struct seq_walk list_walk_all(struct view *);                           /* with hidden ones, from the top */
bool list_has(const struct view *, uint32_t row);                       /* shown, or behind a collapsed thread */
void list_changed(struct view *); /* lines came, went or moved */
void list_show(struct view_order *, uint32_t row, bool shown);
void list_remove(struct view_order *, uint32_t row);
void list_insert(struct view_order *, uint32_t index, uint32_t row);
void list_keep_cursor(struct view *);
/* The message under the cursor goes: who takes over. */
void list_cursor_survivor(struct view *);

/* ---- view_narrow.c ---- */
void view_narrow_free(struct view *);
/* Asks what the filter wants to know of bodies, and takes the rows when it is known. */
void view_ask_bodies(struct view *);
void view_bodies_stale(struct view *); /* messages have come */
void view_match_limit(struct view *, uint32_t row);

/* ---- view_limit.c ---- */
/* A pattern is about to be tried on many rows: what it needs of them, and what time it is. */
struct row_test {
	struct pattern *p;
	struct pattern_env env;
	unsigned needs;
};
void row_test_init(struct row_test *, struct view *, struct pattern *, struct pattern_memo *);
bool row_test_matches(const struct row_test *, struct view *, uint32_t row);
const struct pattern_thread *view_relatives(struct view *v, struct pattern_thread *out);

/* ---- view_collapse.c ---- */
/* Shows and hides the rows of a thread, as limit and collapsing say. */
void view_show_thread(struct view_order *, uint32_t root);
void view_show_row(struct view_order *, uint32_t row); /* without threads */
void view_show_all(struct view *);                     /* everything: after the limit changed */
uint32_t view_head_of(struct view *, uint32_t row);    /* who stands for the collapsed thread that hides it; VIEW_NONE */

/* ---- view_score.c ---- */
int32_t view_score(struct view *, uint32_t row);
/* Lines of `score` came or went: everything is counted anew. For each view_update; cheap. */
void view_scores_follow(struct view *);
void view_scorer_free(struct view *);
/* Messages that came since the last call and whose score asks for a flag ($score_threshold_*), some at a time. True: there are more. */
#define VIEW_VERDICTS 500
struct view_verdicts {
	uint32_t delete[VIEW_VERDICTS], read[VIEW_VERDICTS], flag[VIEW_VERDICTS];
	uint32_t n_delete, n_read, n_flag;
};
bool view_judge(struct view *, struct view_verdicts *out);

/* ---- view_tree.c ---- */
void view_forget_trees(struct view *);

/* ---- view_load.c ---- */
void view_attach_source(struct view *, uint32_t source, struct cache *, struct state *, uint64_t mailbox,
	uint64_t uidvalidity);
void view_take_rows(struct view *); /* the filter knows more: rows that it lets in now */
void view_detach_source(struct view *, uint32_t source); /* its cache file goes away (worker rebuilt it) */
void view_source_changed(struct view *, uint32_t source, const char *what);
void view_refresh(struct view *, uint64_t key); /* one message, now */
void view_read_companions(struct view *); /* looks again for what belongs in */
void view_drop_companions(struct view *);
bool view_is_reading(const struct view *);      /* rows are still to come, or a refresh is under way */

/* ---- view_overlay.c ---- */
void view_overlay(struct view *);
void view_overlay_more(struct view *);  /* intents came, none went: with a queue of thousands each key is as quick */
void view_overlay_stale(struct view *); /* intents changed: look again before the list is shown */

#endif
