/*
 * The client without a screen: accounts with their workers, the renderer, open mailboxes, the outbox
 * and the message log, all on one loop. Nothing here waits or prompts: questions go out as events
 * and are answered when the user has decided. A helper that dies is said so, and started again.
 */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include "core/msglog.h"
#include "core/view.h"
#include "base/loop.h"

struct session;
struct conf;
struct doc;
struct pattern;

/* ---- what the session tells; every member may be NULL ---- */

struct account_state {
	const char *account;
	/* "offline" "connecting" "online" "idle" "busy" "waiting" (for retry), "dead" (worker is being restarted) */
	const char *state;
	const char *text; /* for people: "imap.example.org: connection refused" */
	unsigned retry_s;
	const char *what; /* of the running job: "headers", "bodies" ..., or NULL */
	uint64_t done, total;
	bool is_remote;
	uint32_t pending; /* intents that wait for this account */
	enum err_class
		error; /* of the last failure of the connection or its sync, with text; ERR_NONE: all is well */
	uint32_t refused;  /* intents that failed or were set aside */
	int64_t since;     /* when it came into this state, 0: not known */
	int64_t synced;    /* when it was up to date last, 0: not in this session */
	bool held;         /* the user keeps this account offline */
	bool paused;       /* its queue is (func_queue_pause) */
	bool follows;      /* another feist has its worker: what that one does shows here */
	bool transcript;   /* is being written */
	uint64_t quota_used, quota_max; /* KiB; 0: not known */
};

enum question_kind { ASK_PASSWORD, ASK_CERTIFICATE, ASK_UNKNOWN_SEND, ASK_YESNO };
struct question {
	uint64_t id;
	enum question_kind kind;
	const char *account;
	const char *text;  /* why and for whom; may have several lines */
	const char *cause; /* of the question before, when the last answer was refused; or NULL */
};

enum mailboxes_change { MAILBOXES_LIST = 1, MAILBOXES_COUNTS = 2, MAILBOXES_NEW_MAIL = 4 };

struct session_events {
	void *data;
	void (*view_changed)(void *data, struct view *); /* see view_take_changes */
	void (*account)(void *data, const struct account_state *);
	void (*question)(void *data, const struct question *);
	void (*question_gone)(void *data, uint64_t id); /* nobody needs the answer any more */
	void (*message)(void *data, enum log_level level, const char *text, const char *cure);
	void (*outbox)(void *data);
	void (*mailboxes)(void *data, unsigned change);
	void (*ended)(void *data); /* after session_quit: all children are gone */
};

enum session_flags {
	SESSION_BATCH = 1,     /* no prompts will be answered: refuse at once and report */
	SESSION_OFFLINE = 2,   /* no worker may use the network */
	SESSION_NO_OUTBOX = 4, /* do not send what waits */
};
/* conf and loop are lent and must live longer. wire_log: file for transcripts, or NULL. */
struct session *session_new(struct loop *, struct conf *, const struct session_events *,
	unsigned flags, const char *wire_log, struct err *e) MUST_CHECK;
/* Finishes what workers have in hand (at most timeout), then `ended`. Call session_free after it. */
void session_quit(struct session *, int timeout_ms);
void session_free(struct session *); /* kills what still runs */

struct msglog *session_log(struct session *);
struct conf *session_conf(struct session *);
struct loop *session_loop(struct session *);
/* A line on the screen and in the log. */
void session_say(struct session *, enum log_level, const char *fmt, ...) PRINTF_LIKE(3, 4);
void session_fail(struct session *, const struct err *e, const char *fmt, ...) PRINTF_LIKE(3, 4);

void session_answer_secret(
	struct session *, uint64_t question, const char *secret, size_t len); /* NULL: refused */
/* "reject" "once" "always"; "yes" "no"; "later" leaves a message whose fate is unknown as it is. */
void session_answer(struct session *, uint64_t question, const char *answer);
/* The options changed (:set, account-hook): workers of accounts get what concerns them. */
void session_conf_changed(struct session *);

size_t session_account_count(struct session *);
bool session_account(struct session *, size_t n, struct account_state *out); /* lent */
void session_set_offline(struct session *, bool offline);
/* One account is kept offline until it is told otherwise. */
void session_account_offline(struct session *, const char *account, bool offline);
/*
 * A transcript of the account's connections from now on, whatever $transcript says: in STATE/transcript/,
 * without secrets and without the text of messages. False: it has no connections.
 */
bool session_transcript(struct session *, const char *account, bool on);
/* Messages of a POP account of which only the beginning is here; 0 for other accounts. */
size_t session_partials(struct session *, const char *account);
void session_reconnect(
	struct session *, const char *account); /* now, not when the back-off ends; NULL: all */

/* ---- mailboxes ---- */
/*
 * Opens what the user named (=x, !, path, URL ...) and shows what is here at once, while the worker
 * brings it up to date. ERR_GONE: no such local mailbox; ERR_INPUT: not a mailbox.
 */
struct view *session_open(
	struct session *, const char *mailbox, bool readonly, struct err *e) MUST_CHECK;
/* Marks are left as they are (func_sync carries them out before). */
void session_close(struct session *, struct view *);
/* Asks the worker to look for news: this mailbox, or all watched ones (view NULL). */
void session_check(struct session *, struct view *);

/* ---- messages: bodies and documents ---- */
/* Every asynchronous call ends with exactly one call of its function, from the loop, unless cancelled. */
typedef void session_done_fn(void *data, const struct err *e /* NULL: done */);
typedef void session_doc_fn(
	void *data, struct doc *doc /* the callee owns it; NULL: failed */, const struct err *e);
typedef void session_file_fn(void *data, int fd /* the callee closes; -1: failed */,
	uint64_t offset, uint64_t length /* 0: to the end */, const struct err *e);
typedef void session_found_fn(
	void *data, const int64_t *ids, size_t count, bool done, const struct err *e);

/* A message wherever it lies: one of a view, or a file (path set) such as a draft or outbox entry. */
struct msg_source {
	struct view *view;
	uint32_t row;
	const char *path;
	uint64_t offset, length;
};
/* section: "" whole message, "text" header and text parts are enough, "1.2" one part. Jobs are > 0. */
uint64_t session_body(struct session *, const struct msg_source *, const char *section,
	session_file_fn *, void *data);
/* options: "name=value" lines of render/render.h. Fetches the body first when it is not here. */
uint64_t session_document(struct session *, const struct msg_source *, const char *options,
	session_doc_fn *, void *data);
/* The same to be read on a screen of so many columns: through $display_filter (columns 0: not). */
uint64_t session_display(struct session *, const struct msg_source *, const char *options, int columns,
	session_doc_fn *, void *data);
/* Decoded bytes of a part into fd (which stays the caller's); fetches it first when it is on the server. */
uint64_t session_part(struct session *, const struct msg_source *, const char *part,
	const char *options, int fd, session_done_fn *, void *data);
/* As session_check, and tells when the mailbox (view NULL: the account's list and watched ones) is up to date. */
uint64_t session_sync(
	struct session *, struct view *, const char *account, session_done_fn *, void *data);
/*
 * The whole message, written anew by the renderer into fd (which stays the caller's). options: "name=value"
 * lines of render/rewrite.h; none: as it is, out of its mbox.
 */
uint64_t session_rewrite(struct session *, const struct msg_source *, const char *options, int fd,
	session_done_fn *, void *data);
void session_cancel(struct session *, uint64_t job);
/*
 * Before a pattern is matched for which session_must_fill says so: brings the rows of older messages here
 * that a server has and we do not yet, asks the worker for every term on bodies, and gives the answers to
 * the pattern, which must live until done was called or the fill cancelled.
 */
struct pattern_fill;
bool session_must_fill(struct session *, struct view *, const struct pattern *);
struct pattern_fill *session_fill_pattern(
	struct session *, struct view *, struct pattern *, session_done_fn *done, void *data);
/*
 * The same with what the index of words says at once, while somebody still types: no worker is asked, and
 * what the index does not know is not found. *rough (may be NULL, must live as long) says how far to trust it.
 */
enum rough {
	ROUGH_MORE = 1, /* there may be more: not everything is indexed */
	ROUGH_LESS = 2, /* some of them may not match */
};
struct pattern_fill *session_guess_pattern(
	struct session *, struct view *, struct pattern *, unsigned *rough, session_done_fn *done, void *data);
void session_fill_cancel(struct pattern_fill *);
/* Options for session_document that $weed, ignore, hdr_order, alternative_order, charset ... ask for. */
bool session_render_options(struct session *, int width, bool weed, struct str *out);

/* True when no job, load slice, intent of a reachable account or outbox entry is under way (tests, batch). */
bool session_is_idle(struct session *);

#endif
