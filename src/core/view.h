/*
 * A view: the list of messages of an open mailbox as the user sees it. The cache's rows overlaid
 * with pending intents; sorted or threaded, limited, with collapsed threads, tags and a cursor that
 * stays on its message whatever changes around it.
 *
 * The newest screenful comes from a keyset query at once; the rest arrives in idle slices. Rows are
 * fixed-size records, texts lie in one pool where equal strings are stored once.
 *
 * "row" below is a number that names a message as long as the view is open; "line" is a place in the
 * list, 0 .. view_lines()-1, and changes with sorting and limiting.
 *
 * A new order of more than some thousand messages is made in slices of the loop, and the old list is shown
 * until it is done (view_loading says so); what comes or goes is put into the list at once.
 */
#ifndef CORE_VIEW_H
#define CORE_VIEW_H

#include "core/msg.h"
#include "conf/conf.h"

#define VIEW_NONE UINT32_MAX
#define VIEW_FIRST_ROWS 300 /* from the keyset query before the first screen */

struct view;
struct pattern;

/* What changed since view_take_changes, for the ui to redraw. */
enum view_change {
	VIEW_LIST = 1 << 0, /* lines came, went or moved */
	VIEW_ROWS = 1 << 1, /* flags of lines */
	VIEW_CURSOR = 1 << 2,
	VIEW_COUNTS = 1 << 3,
	VIEW_LOADED = 1 << 4, /* the last slice is in */
	VIEW_NEW_MAIL = 1 << 5,
	VIEW_RESET =
		1 << 6, /* the mailbox was made anew on the server (UIDVALIDITY): rows are void */
};

struct view_counts {
	uint32_t total, shown, unread, fresh /* new, not old */, old, flagged, tagged, deleted,
		answered, read;
	uint64_t size, shown_size; /* bytes */
	uint32_t pending;          /* changes that the server does not have yet */
};

const char *view_mailbox(const struct view *); /* as it is shown: =Archive, ~/mbox ... */
const char *view_account(const struct view *); /* "": a unified mailbox, of several */
const char *view_name(const struct view *); /* inside the account */
/* The accounts that have a part in it: n from 0; NULL at the end; lent. */
const char *view_part_account(const struct view *, size_t n);
const char *view_row_account(const struct view *, uint32_t row); /* of one message */
bool view_readonly(const struct view *);
void view_set_readonly(struct view *, bool readonly);
bool view_loading(const struct view *);      /* slices are still to come */
/*
 * The rest of the store's rows, now and not in slices: before something that makes no sense with some of
 * them, such as jumping to a number. 1.5 us a message.
 */
void view_load_all(struct view *);
/*
 * The order or the limit that the user asked for is being made, in slices that end by themselves within a
 * second: keys that follow are meant for the list as it will be.
 */
bool view_list_pending(const struct view *);
bool view_is_sent_like(const struct view *); /* $record, or marked \Sent, \Drafts */
const struct view_counts *view_counts(struct view *);
unsigned view_take_changes(struct view *); /* enum view_change; cleared */

/* ---- the list ---- */
uint32_t view_lines(struct view *);
uint32_t view_row(struct view *, uint32_t line); /* VIEW_NONE past the end */
uint32_t view_line_of(
	struct view *, uint32_t row); /* VIEW_NONE: not in the list (limited, collapsed) */
uint32_t view_row_by_id(struct view *, int64_t id);
uint32_t view_row_by_msgid(struct view *, struct sv message_id);
bool view_msg(
	struct view *, uint32_t row, struct msg_facts *out); /* lent until the view changes or some hundred others are asked for */
uint32_t view_cursor(struct view *);                         /* line, 0 when empty */
void view_set_cursor(struct view *, uint32_t line);          /* clamped */

/* ---- for index_format ---- */
/* %Z's three characters through $status_chars and so on are the ui's; these are the facts. */
unsigned view_flags(struct view *, uint32_t row); /* FLAG_*, without those that need a look at addresses or other rows (view_msg has them) */
/*
 * The thread tree before the subject, as TREE_* bytes (below), NUL-terminated; at most max-1 of
 * them. Empty for roots and when not threaded.
 */
enum view_tree {
	TREE_LLCORNER = 1,
	TREE_ULCORNER,
	TREE_LTEE,
	TREE_HLINE,
	TREE_VLINE,
	TREE_TTEE,
	TREE_BTEE,
	TREE_SPACE,
	TREE_RARROW,
	TREE_STAR,
	TREE_HIDDEN,
	TREE_EQUALS,
	TREE_MISSING
};
size_t view_tree(struct view *, uint32_t row, char *out, size_t max);
bool view_subject_shown(
	struct view *, uint32_t row); /* false: the same as its parent's, only the tree is drawn */
uint32_t view_thread_size(struct view *, uint32_t row);   /* %E: messages in its thread */
uint32_t view_thread_number(struct view *, uint32_t row); /* %e: its place in it, 1.. */
uint32_t view_hidden_count(
	struct view *, uint32_t row); /* %M: messages behind a collapsed root, or 0 */
unsigned view_hidden_flags(
	struct view *, uint32_t row); /* FLAG_SEEN is missing when one of them is unread ... */
uint32_t view_depth(struct view *, uint32_t row);
uint32_t view_parent_row(struct view *, uint32_t row); /* VIEW_NONE for roots */
uint32_t view_thread_root(struct view *, uint32_t row);
bool view_threaded(const struct view *);
/* The first words of the text, as the server told them ($imap_extra_data); NULL: not known. Caller frees. */
char *view_preview(const struct view *, uint32_t row);
/* When it came into its mailbox, as the server told it; 0: not known. */
int64_t view_saved(const struct view *, uint32_t row);
/* How much of the room on the server is used, in per cent; 0: not known, or nothing. */
unsigned view_quota(const struct view *);
bool view_label_changed(struct view *,
	uint32_t
		row); /* %Y: its label differs from the one of the message before it in the thread */

/* ---- order ---- */
/* Follows $sort, $sort_aux, $sort_thread_groups, $strict_threads and friends again (after :set). */
void view_resort(struct view *);
/* As the user asks on the key `o`: changes this view only. */
void view_set_sort(struct view *, struct conf_sort);
struct conf_sort view_sort(const struct view *);

/* ---- limit, search, tags, threads ---- */
/*
 * text NULL, "" , "~A" or "all": no limit. A large mailbox is gone through in slices, the list changes at
 * the end; what needs bodies shows what the index knows, then asks the worker for the rest.
 */
bool view_limit(struct view *, const char *text, struct err *e) MUST_CHECK;
/* The same while the user still types: without the worker. */
bool view_limit_guess(struct view *, const char *text, struct err *e) MUST_CHECK;
/* The list is not yet what the limit says. *rough (enum rough of session.h): what is shown is a guess. */
bool view_limit_busy(const struct view *, unsigned *rough);
bool view_is_searching(const struct view *); /* for its limit, a count or what may come in */
/* Enough: what is found already is the list. */
void view_limit_stop(struct view *);
/*
 * How many messages a pattern would find, by the index where it asks for bodies. One at a time: a new one
 * ends the one before. fn is called once, perhaps at once.
 */
typedef void view_tally_fn(void *data, uint32_t count, unsigned rough);
bool view_tally(struct view *, const char *text, view_tally_fn *, void *data, struct err *e) MUST_CHECK;
void view_tally_cancel(struct view *);
/* Out of the list until it is limited or opened anew; nothing else happens to them. */
void view_hide(struct view *, const uint32_t *rows, uint32_t count);
const char *view_limit_text(const struct view *); /* NULL: none */
/* First line from `from` on in direction +1 or -1 that matches; wraps as $wrap_search says; VIEW_NONE. */
uint32_t view_search(struct view *, struct pattern *, uint32_t from, int direction, bool *wrapped);
bool view_row_matches(struct view *, struct pattern *, uint32_t row);

bool view_tag(struct view *, uint32_t row, bool on);
uint32_t view_tag_thread(struct view *, uint32_t row, bool on);
uint32_t view_tag_pattern(struct view *, struct pattern *, bool on); /* how many changed */
uint32_t view_tagged(struct view *, uint32_t **rows); /* in list order; caller frees *rows */

void view_collapse(struct view *, uint32_t row, bool on); /* its thread */
bool view_is_collapsed(struct view *, uint32_t row);
void view_collapse_all(struct view *, bool on); /* honours $collapse_unread, $collapse_flagged */
/* Rows of the thread of row (whole) or below row (subtree), in thread order; caller frees. */
uint32_t view_thread_rows(struct view *, uint32_t row, bool subtree, uint32_t **rows);

/* ---- moving ---- */
enum view_step {
	STEP_NEXT,
	STEP_PREV,
	STEP_NEXT_UNDELETED,
	STEP_PREV_UNDELETED,
	STEP_NEXT_NEW,
	STEP_PREV_NEW,
	STEP_NEXT_UNREAD,
	STEP_PREV_UNREAD,
	STEP_NEXT_NEW_THEN_UNREAD,
	STEP_PREV_NEW_THEN_UNREAD,
	STEP_NEXT_THREAD,
	STEP_PREV_THREAD,
	STEP_NEXT_SUBTHREAD,
	STEP_PREV_SUBTHREAD,
	STEP_PARENT,
	STEP_ROOT,
	STEP_FIRST,
	STEP_LAST,
	STEP_STEPS
};
/*
 * Where the step leads from line; VIEW_NONE when there is nothing of the kind. *wrapped (may be
 * NULL) is set when the search for new or unread came round the end. Hidden rows of collapsed threads
 * count: their root is the answer.
 */
uint32_t view_step(struct view *, enum view_step, uint32_t line, bool *wrapped);
/* The line where a freshly opened mailbox starts: first new, else first old unread, else the last (or first). */
uint32_t view_start_line(struct view *);

#endif
