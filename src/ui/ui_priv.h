/*
 * What the files of this room share: the ui, its stack of screens, prompts, flows, handlers.
 *
 * A screen is one view on the stack (index, message, compose ...). The one on top gets the keys; a
 * prompt lies over it on the message line. Nothing waits: a function that must ask or fetch is a
 * flow, whose steps run from the loop.
 */
#ifndef UI_UI_PRIV_H
#define UI_UI_PRIV_H

#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "conf/keys.h"
#include "conf/expando.h"
#include "core/gettext.h"
#include "core/session.h"
#include "conf/account.h"
#include "ui/grid.h"
#include "ui/input.h"
#include "ui/layout.h"
#include "ui/line.h"
#include "ui/list.h"
#include "ui/term.h"
#include "ui/theme.h"
#include "ui/ui.h"

#define UI_STACK_MAX 32
#define UI_QUEUE_MAX 65536 /* keys waiting from macros: a macro that calls itself ends here */
#define UI_HINT_MS 300     /* an unfinished key sequence shows what can follow after this long */
#define UI_FLOWS_MAX 64

struct ui;
struct screen;
struct flow;
struct prompt;
struct rc;

/* ---- screens ---- */

struct screen_ops {
	const char *name; /* for the stall log and tests */
	enum menu_id menu;
	enum layout_kind layout;
	/* Draws the body into the places that the layout gave (ui->layout). */
	void (*draw)(struct screen *);
	/* The text of the status line at this width. */
	void (*status)(struct screen *, struct str *out, int width);
	/* Entries to move in, or NULL. */
	struct list *(*list)(struct screen *);
	/* The text of an entry, for search; appends. */
	void (*entry)(struct screen *, int n, struct str *out);
	/* The cursor of the list was moved by a list function. */
	void (*moved)(struct screen *);
	/* It is on top again, or the size changed, or options did. */
	void (*shown)(struct screen *);
	void (*free)(struct screen *);
	/* Key hints of the top line: function names and words, {FN_x, N_("Word")}, ended by FN_NONE. */
	const struct hint *hints;
	/* Title of the screen for lists without a status format of their own; may be NULL. */
	const char *(*title)(struct screen *);
	/* An entry can be tagged: sets (on 1), clears (0), toggles (-1). NULL: no tags here. */
	void (*tag)(struct screen *, int n, int on);
	/* Where the hardware cursor goes; false: the list's cursor line. */
	bool (*cursor)(struct screen *, int *row, int *col);
};

struct hint {
	enum func_id fn;
	const char *word;
};

/* First member of every screen. */
struct screen {
	const struct screen_ops *ops;
	struct ui *ui;
	/* search in lists */
	char *search;
	bool search_reverse;
	struct rx *search_rx;
	const char *busy; /* N_(): why only functions that work in every menu run now; NULL: it is not */
};

/* ---- functions ---- */

enum run_result {
	RUN_DONE,
	RUN_FAILED,  /* nothing happened; the message line says why */
	RUN_WAITING, /* a flow goes on with it */
};

typedef enum run_result fn_handler(struct ui *, struct screen *, enum func_id);

struct handler {
	enum func_id fn;
	unsigned menus; /* IN(...) */
	fn_handler *run;
};
struct handler_table {
	const struct handler *v;
	size_t n;
};
#define HANDLERS(name, ...)                                                                        \
	static const struct handler name##_list[] = {__VA_ARGS__};                                 \
	const struct handler_table name = {name##_list, ARRAY_LEN(name##_list)}

extern const struct handler_table list_handlers, index_handlers, message_handlers, write_handlers, pager_handlers,
	compose_handlers, browser_handlers, attach_handlers, alias_handlers, query_handlers, postpone_handlers,
	outbox_handlers, log_handlers, general_handlers, sidebar_handlers, mailbox_handlers, extra_handlers, attach_save_handlers, attach_answer_handlers, rewrite_handlers, type_handlers, narrow_handlers,
	compose_part_handlers, compose_mime_handlers, compose_second_handlers, pipe_handlers, engine_handlers, partial_handlers;

/* The handler of a function in a menu (its own, or generic's); NULL when there is none. */
fn_handler *dispatch_find(enum menu_id, enum func_id);
/* How many handlers there are (tests: never more than one). */
size_t dispatch_count(enum menu_id, enum func_id);
/* Checks what the function needs and runs it on the top screen. */
enum run_result dispatch(struct ui *, enum func_id);

/* ---- prompts ---- */

enum prompt_kind {
	PROMPT_TEXT,
	PROMPT_COMMAND,
	PROMPT_MAILBOX,
	PROMPT_FILE,
	PROMPT_FILES,   /* several may be chosen from the list; separated by newlines */
	PROMPT_ADDRESS,
	PROMPT_PATTERN,
	PROMPT_SEARCH,  /* regex in a text or list */
	PROMPT_SHELL,
	PROMPT_OTHER,   /* history of its own: subjects, numbers ... */
	PROMPT_PASSWORD,
	PROMPT_KINDS
};

enum prompt_key { PROMPT_KEY_TAKEN, PROMPT_KEY_DONE, PROMPT_KEY_CANCELLED };

/* ---- flows ---- */

enum flow_state { FLOW_DONE, FLOW_FAILED, FLOW_WAITING };
typedef enum flow_state flow_step(struct flow *);

/*
 * One thing that the user asked for and that takes several turns of the loop. A step runs, and
 * either ends the flow or names the next step through one of the flow_ask_ functions, flow_wait or
 * flow_next. The data belongs to the flow and is freed with it, however it ends.
 */
struct flow {
	struct ui *ui;
	void *data;
	void (*free_data)(void *);
	const char *name;
	flow_step *next;
	flow_step *cancelled; /* runs when the user takes the question back; NULL: the flow just ends */
	/* of flow_ask_line, may be NULL: the line has changed (text NULL: is closed); what stands at its right end (or note) */
	void (*typed)(struct flow *, const char *text);
	void (*noted)(struct flow *, struct str *out);
	char *note;
	/* answers */
	char *text;   /* of flow_ask_line; lent to the next step */
	int choice;   /* of flow_ask_choice: index of the letter; of flow_ask_yesno: 1 or 0 */
	struct err err;     /* of flow_wait */
	bool failed;        /* the job of flow_wait failed */
	uint64_t job;       /* of the session, cancelled with the flow */
	struct pattern_fill *fill;
	bool running, over, wake; /* private */
	bool background;    /* keys of macros need not wait for it */
	struct flow **held_by; /* a screen that will answer for the user points here */
	struct flow *link;
};

/* free_data may be NULL. The flow starts with flow_run, which returns what the handler returns. */
struct flow *flow_new(struct ui *, const char *name, void *take_data, void (*free_data)(void *));
enum run_result flow_run(struct flow *, flow_step *first);
enum flow_state flow_next(struct flow *, flow_step *step);
/* A line; f->text in the next step. initial may be NULL. */
enum flow_state flow_ask_line(struct flow *, const char *prompt, const char *initial, enum prompt_kind, flow_step *next);
/* One key of letters (translated ones too); f->choice is its index. dflt: on Enter, or -1. */
enum flow_state flow_ask_choice(struct flow *, const char *prompt, const char *letters, int dflt, flow_step *next);
/*
 * The same for a question that comes by itself, between the keys of somebody who is doing something else: the
 * choices are shown, and keys are heard, when none was pressed for a moment.
 */
enum flow_state flow_ask_unasked(struct flow *, const char *text, const char *choices, const char *letters, int dflt,
	flow_step *next);
enum flow_state flow_ask_yesno(struct flow *, const char *prompt, bool dflt, flow_step *next);
/* yes and no go on at once, ask-yes and ask-no ask. */
enum flow_state flow_ask_quad(struct flow *, enum quad, const char *prompt, flow_step *next);
/* Any key. */
enum flow_state flow_ask_key(struct flow *, const char *prompt, flow_step *next);
/* Waits for flow_wake (from a callback of the session or a child). */
enum flow_state flow_wait(struct flow *, uint64_t job, flow_step *next);
void flow_wake(struct flow *, const struct err *e /* NULL: fine */);
/* As a session_done_fn. */
void flow_job_done(void *flow, const struct err *e);
/* Ends every flow (the user cancels, or the ui closes). */
void flow_cancel_all(struct ui *);
bool flow_any(const struct ui *);        /* one that keys of macros wait for */
void flow_free_all(struct ui *);
/* From the prompt. */
/* A screen takes over the question: *place is set, and NULL again when the flow ends before it answers. */
void flow_hold(struct flow *, struct flow **place);
void flow_answer_line(struct flow *, const char *text);
void flow_answer_choice(struct flow *, int choice);
void flow_cancelled(struct flow *);
/* Says e on the message line; returns FLOW_FAILED. */
enum flow_state flow_fail(struct flow *, const struct err *e);

/* ---- the ui ---- */

struct key_queue {
	uint32_t *v;
	size_t n, cap, at;
};

struct ui {
	struct loop *loop;
	struct conf *conf;
	struct rc *rc;
	struct session *session;
	struct term *term;
	struct grid *grid;
	struct input *input;
	struct theme *theme;
	struct layout layout;

	struct screen *stack[UI_STACK_MAX];
	int depth;
	struct prompt *prompt;
	struct flow *flows;
	int flow_count;

	/* message line */
	char *message;
	enum log_level message_level;
	unsigned errors_unseen;

	/* keys */
	struct key_queue queue;   /* macros, push, source-keys */
	struct keys pending;      /* an unfinished sequence */
	int pending_timer, esc_timer, queue_idle;
	bool hint;                /* the pop-up is shown */
	bool tag_prefix;          /* the next function is for tagged messages */
	bool tag_cond;
	uint32_t typed_digit;     /* the digit that jump was called with */
	bool what_key;
	bool waiting_idle;        /* :wait-idle: keys stand still */
	int idle_timer;
	int idle_seen;
	char *dump_path;          /* :dump-screen after the next draw */
	bool dump_styles;
	struct str script;        /* :source-keys: lines still to come */
	struct str said;          /* by commands */
	bool script_ends;         /* quit at the end of it */

	struct history history[PROMPT_KINDS];
	bool dirty;
	bool view_changed;        /* the view of the index has told of changes: ui_settle */
	bool resized;
	bool sidebar_visible;     /* after $sidebar_visible and toggling */
	int sidebar_override;     /* LAYOUT_AUTO: follow the option */
	int preview_override;
	struct sidebar *sidebar;
	bool weed;                /* display-toggle-weed */
	/* edit-type: the message whose part is read as another type, and the renderer's option for it. */
	int64_t type_message;
	char *type_option; /* for the renderer: "type=1 text/html", "charset=koi8-r" */
	bool child_running, offline;
	struct viewer *viewers;   /* programs that show parts (viewer.c) */
	unsigned viewers_guarded; /* those of them that can reach the terminal */
	bool leaving;
	bool ended;
	int exit_status;
	int fd_watch, after_id;
	int tick_timer;
	bool focused;
	int64_t undo_until_ms;    /* a delayed send can be taken back */
	int64_t undo_outbox;      /* which */
	bool undo_is_later;       /* it is to go later than that */
	struct {
		bool known; /* until the outbox changes */
		unsigned waiting, sending, failed;
	} outbox_counts;
	const struct ui_opts *opts;
	struct questions *questions;
	struct preview *preview;
	struct session_events events;
	int signal_ids[4];
	unsigned ticks;
	char *told_new;           /* mailbox whose new mail was said last */
	uint32_t told_count;
	bool conf_changed, history_loaded, compose_started;
};

/* ui.c */
void ui_push(struct ui *, struct screen *take);
void ui_pop(struct ui *); /* frees the top screen */
void ui_drop(struct ui *, struct screen *); /* frees that one, wherever it is in the stack */
struct screen *ui_top(const struct ui *);
struct screen *ui_below(const struct ui *, const struct screen *); /* NULL when it is the last */
void ui_dirty(struct ui *);
/* Message line; stays until the next key. Also for results of functions. */
void ui_say(struct ui *, const char *fmt, ...) PRINTF_LIKE(2, 3);
void ui_error(struct ui *, const char *fmt, ...) PRINTF_LIKE(2, 3);
void ui_err(struct ui *, const struct err *e);
void ui_clear_message(struct ui *);
/* ui_error, and RUN_FAILED for `return`. */
enum run_result ui_fail(struct ui *, const char *fmt, ...) PRINTF_LIKE(2, 3);
enum run_result ui_fail_err(struct ui *, const struct err *e);
struct area ui_area(struct ui *, struct rect);
void ui_quit(struct ui *, int status);
void ui_set_title(struct ui *);
void ui_layout(struct ui *, enum layout_kind);
/* Is the ui idle (for :wait-idle)? */
bool ui_is_idle(struct ui *);

void ui_check_size(struct ui *);
void ui_check_layout(struct ui *); /* after a pane came or went */
void ui_conf_changed(struct ui *);
void ui_new_mail(struct ui *);
void ui_mouse(struct ui *, const struct input_event *);

/* start.c: the first screen, as the command line asks */
bool start_open_first(struct ui *, struct err *e) MUST_CHECK;

/* keys.c */
void ui_key(struct ui *, uint32_t key);        /* as typed */
void ui_paste(struct ui *, struct sv text);
void ui_queue_keys(struct ui *, const uint32_t *keys, size_t n, bool front);
void ui_queue_text(struct ui *, enum menu_id, const char *macro_text, bool front);
void ui_run_queue(struct ui *);                /* from the loop: keys that can be taken now */
void ui_clear_queue(struct ui *);
enum menu_id ui_menu(const struct ui *);       /* where keys go now */
void ui_draw_hint(struct ui *);

/* prompt.c */
void prompt_open_line(struct ui *, struct flow *, const char *prompt, const char *initial, enum prompt_kind);
void prompt_open_choice(struct ui *, struct flow *, const char *prompt, const char *letters, int dflt);
void prompt_open_key(struct ui *, struct flow *, const char *prompt);
/* The choice that was just opened is shown as `text` and hears no key but Esc until nobody is typing. */
void prompt_wait_for_calm(struct ui *, const char *text);
void prompt_close(struct ui *);
/* A key that no editor function took; a function of the editor menu. */
void prompt_text_key(struct ui *, uint32_t key);
void prompt_function(struct ui *, enum func_id);
void prompt_insert(struct ui *, struct sv text);
void prompt_cancel(struct ui *);
void prompt_tell(struct ui *);                 /* the flow that asks hears of what was typed, once for many keys */
/* For the test over the table: does this function of the editor menu work? */
bool prompt_has_function(enum func_id);
bool prompt_is_choice(const struct ui *);
bool prompt_wants_raw(const struct ui *);      /* the next key is meant literally */
struct flow *prompt_flow(const struct ui *);
void prompt_draw(struct ui *, struct area, int *cursor_col);
void prompt_draw_above(struct ui *);           /* help over the line: patterns, completions */

/* questions.c: what the session asks */
void questions_add(struct ui *, const struct question *);
void questions_gone(struct ui *, uint64_t id);
bool questions_wait_for(struct ui *, const char *account); /* one of it is put off */
void questions_run(struct ui *);               /* asks the next one when nothing else is asked */
void questions_init(struct ui *);
void questions_free(struct ui *);

/* complete.c */
struct completions {
	char **v;
	size_t n, cap;
	size_t start; /* byte where the completed word starts */
};
void completions_fini(struct completions *);
/* Candidates for the word at the cursor of a prompt of this kind, sorted, without doubles. */
/* How a name fits to what was typed: holds it, has its letters in that order, or not at all (0). Case is nothing. */
enum { MATCH_LETTERS = 1, MATCH_WITHIN = 2 };
int complete_match(struct sv typed, struct sv name);
void complete_find(struct ui *, enum prompt_kind, struct sv line, size_t cursor, struct completions *);

char *complete_next_new(struct ui *, const char *after);
/* Addresses of mail seen and sent that hold the text. */
void seen_addresses(struct ui *, struct sv typed, struct completions *);

/* child.c */
typedef void child_done_fn(void *data, int status, const struct err *e);
/* Gives the terminal to a command of the user's; done is called from the loop. */
void child_run_shell(struct ui *, const char *command, child_done_fn *, void *data);
void child_run(struct ui *, const char *const *argv, child_done_fn *, void *data);
/* The same with stdin from fd (closed by us). */
void child_run_input(struct ui *, const char *command, int fd, bool wait_key, child_done_fn *, void *data);
/* Editor on a file; line > 0: where the cursor should start. */
void child_edit(struct ui *, const char *path, unsigned line, child_done_fn *, void *data);
void child_suspend_self(struct ui *); /* ^Z */
/*
 * Runs the program of a plan whose file holds the part already; takes the plan. Returns at once unless it
 * needs the terminal (ATTACH_TERMINAL); failures are said when it ends. Not for ATTACH_FILTERED.
 */
struct attach_plan;
bool viewer_start(struct ui *, struct attach_plan *take, struct err *e) MUST_CHECK;
void viewers_next(struct ui *); /* the terminal is free again: for one that waits for it */
void viewers_free(struct ui *); /* at the end: their files go, they may go on */

/* status.c */
void status_index(struct ui *, struct view *, struct list *, struct str *out, int width);
void status_draw(struct ui *);
void status_draw_help(struct ui *);
void status_connection(struct ui *, const char *account, struct str *out); /* "IDLE", "OFFLINE ..." */

void status_format_text(struct ui *, const char *format, struct view *, const struct list *, int width,
	struct str *out);
void status_title(const char *title, const struct list *, struct str *out, int width);
void status_paint(struct ui *, struct area, struct sv text);
bool status_is_counting(struct ui *); /* something on it changes every second */

/* sidebar.c */
void sidebar_draw(struct ui *);
void sidebar_free(struct ui *);
bool sidebar_click(struct ui *, int row);

/* script.c: commands of the ui itself; true when the line was one. */
bool script_command(struct ui *, struct sv line);
bool script_source(struct ui *, const char *path, struct err *e);
bool script_next(struct ui *); /* puts the next line of a script into the queue */
void script_after_draw(struct ui *);
void script_complete(struct sv typed, struct completions *);
void command_run(struct ui *, const char *line); /* what `:` does */
void command_take_pushed(struct ui *);
void command_said(void *ui, const char *text); /* for rc_set_say */

/* list_view.c: what all lists share */
typedef void list_line_fn(struct screen *, int n, int width, struct str *out);
/* Draws the lines of a list with the indicator; looks may be NULL. */
void list_draw(struct screen *, struct list *, struct area, list_line_fn *,
	struct style (*look)(struct screen *, int n));
/* $menu_scroll and friends. */
void list_options(struct ui *, struct list *);
/* Says where a move ended. */
enum run_result list_said(struct ui *, struct screen *, enum list_end);
bool list_search_next(struct ui *, struct screen *, bool opposite);

/* index_view.c */
struct screen *index_open(struct ui *, struct view *);
struct view *index_view_of(struct ui *);        /* of the index on the stack; NULL: none */
struct screen *index_screen(struct ui *);
struct list *index_list(struct screen *);
/* A message through a format of the index set; progress may be NULL; tree: %s with its thread tree. */
void message_format(struct ui *, const struct expando *, struct view *, uint32_t row, int width, const char *progress,
	bool tree, struct str *out, struct expando_spans *spans);
void message_format_once(struct ui *, const char *format, struct view *, uint32_t row, struct str *out);
void index_draw_list(struct screen *index, struct area, struct area status);
void index_changed(struct ui *, struct view *);
/* The list of the index as its view is now: before a function is run, and before the screen is drawn. */
void ui_settle(struct ui *);
void index_conf_changed(struct ui *);
void index_set_cursor(struct screen *, uint32_t line);
/* Leaves this mailbox (carrying out its marks as $delete says) and opens another. */
enum run_result mailbox_change(struct ui *, const char *mailbox, bool readonly);

void unmark_all(struct ui *, struct view *); /* takes the delete marks away */
char *save_proposal(struct ui *, struct view *, uint32_t row); /* caller frees */

/* What a message function works on. */
struct target {
	struct view *view;
	uint32_t *rows;
	uint32_t n;
	bool tagged; /* tagged messages, not the one under the cursor */
};
/* False (said) when there is nothing. */
bool target_get(struct ui *, struct target *);
void target_fini(struct target *);
/* The one message under the cursor of index or pager; VIEW_NONE. */
uint32_t target_row(struct ui *, struct view **);
/* After a function on the message: $resolve moves on. */
void target_resolve(struct ui *, const struct target *, enum view_step);

/*
 * write.c: reply, forward or resend (fn) what stands in a file, which is removed afterwards; takes the path.
 */
enum run_result write_about_file(struct ui *, enum func_id fn, char *take_path);
enum run_result bounce_file(struct ui *, char *take_path);
/* Files of ours that are to be sent on: parts of the message of that row, whose subject they carry. */
struct sent_file {
	char *path, *name, *type, *description;
};
void sent_files_free(struct sent_file *, size_t n); /* removes them, too */
/* text: the letter begins with it; NULL. */
enum run_result write_with_files(
	struct ui *, struct view *, uint32_t row, struct sent_file *take, size_t n, char *take_text);

/* rewrite.c: messages made anew. Each starts a flow of its own. */
enum run_result rewrite_decoded(struct ui *, struct target *take, const char *mailbox, bool move);
enum run_result rewrite_without(struct ui *, struct view *, uint32_t row, const char *const *ids, size_t n);

/* edit_type.c: adds what edit-type has set for this message to the options of a rendering. */
void type_add_option(struct ui *, struct view *, uint32_t row, struct str *options);

/* attach_view.c, for edit-type: the part under the cursor (NULL: none), lent; and the menu read again. */
const struct doc_part *attach_current(struct ui *, struct view **, uint32_t *row);
void attach_reload(struct ui *);

/* pager_view.c */
struct screen *pager_open_message(struct ui *, struct view *, uint32_t row);
/* A ready document; takes it. title is copied. */
struct screen *pager_open_doc(struct ui *, struct doc *take, const char *title);
struct screen *pager_open_text(struct ui *, const char *title, struct sv text);
/* A part of a message, over the attachment menu (attach_pager.c has keys that act on it). */
struct screen *pager_open_part(struct ui *, struct doc *take, const char *title);
bool pager_is_part(struct screen *);
/* What the menu does for a key of that pager; false: the pager does it itself. */
bool attach_pager_run(struct ui *, enum func_id, enum run_result *result);
/* pager_program.c: $pager is a program; it gets the message and the terminal. */
bool pager_is_external(const struct conf *);
enum run_result pager_run_external(struct ui *, struct view *, uint32_t row);
void pager_message_changed(struct ui *, struct view *);
uint32_t pager_row(struct screen *);
bool pager_is_ready(struct ui *); /* no document is on its way */
bool pager_is_message(struct screen *);
void pager_follow(struct screen *);   /* shows the message under the index cursor */
/* Asks whether the rest of a message (FLAG_PARTIAL) is to be fetched; says so when it cannot ask now. */
void partial_offer(struct ui *, struct view *, uint32_t row);
void pager_rerender(struct screen *); /* with other options, at the same place */
void preview_draw(struct ui *, struct screen *index);
void preview_free(struct ui *);
bool preview_status(struct ui *, struct str *out, int width); /* false: nothing is shown */
void preview_forget(struct ui *);
bool preview_is_ready(struct ui *);

/* the others */
struct draft;
void write_mail_to(struct ui *, const char *address);
void write_recalled(struct ui *, struct draft *take);
void recall_start(struct ui *); /* the one draft, or the list */
bool write_from_command_line(struct ui *, const struct ui_compose *, struct err *e) MUST_CHECK;
/* A file through its mailcap viewer; the other one shows text (type NULL: it is some) itself. */
enum run_result attach_view_program(struct ui *, const char *path, const char *type, const char *name);
enum run_result attach_view_file(struct ui *, const char *path, const char *type, const char *name);
void outbox_changed(struct ui *);
/* A delayed send is taken back into a draft. */
bool outbox_can_take_back(struct ui *);
bool outbox_take_back(struct ui *);
void outbox_summary(struct ui *, struct str *out); /* for the status line: "outbox: 2--" */
void browser_changed(struct ui *);
void write_open(struct ui *, struct draft *take); /* the compose screen, editor first when wanted */
struct screen *compose_open(struct ui *, struct draft *take);
enum browse_mode { BROWSE_MAILBOXES, BROWSE_FILES, BROWSE_FILES_MANY };
/* Chooses a name: f->text in next; NULL when left. With f NULL the list opens mailboxes itself. */
void browser_open(struct ui *, enum browse_mode, struct flow *, flow_step *next);
struct screen *attach_open(struct ui *, struct view *, uint32_t row);
struct screen *help_open(struct ui *, enum menu_id);
bool help_is(const struct screen *);
enum run_result help_select(struct ui *, struct screen *);
const char *engine_account(struct ui *); /* that of the cursor in the list of accounts; NULL; lent */
void engine_changed(struct ui *); /* engine_views.c: queue, actions or accounts */
struct screen *log_open_view(struct ui *);
struct screen *links_open(struct ui *, const struct doc *);
enum run_result links_open_url(struct ui *, const char *url); /* with $url_command, BROWSER ... */
struct screen *outbox_open_view(struct ui *);
struct screen *postponed_open(struct ui *);
struct screen *aliases_open(struct ui *, struct flow *, flow_step *next);
/* Runs $query_command beside; found: addresses. */
typedef void query_fn(void *data, const char *const *found, size_t n);
void query_run_background(struct ui *, const char *query, query_fn *, void *data);

#endif
