/*
 * A draft: a message being written. Starts from nothing, an answer, a forward or a kept draft; is
 * edited as a file; ends in the outbox, in state.db (postponed) or nowhere. Kept in state.db at every
 * step, so that a crash loses nothing. Steps that need the original message are asynchronous: the text
 * to quote comes from the renderer.
 */
#ifndef CORE_DRAFT_H
#define CORE_DRAFT_H

#include "core/session.h"

#define DRAFT_ATTACHMENTS_MAX 1000
#define DRAFT_TEXT_MAX (64u << 20)

struct draft;

enum draft_kind {
	DRAFT_NEW,
	DRAFT_REPLY,
	DRAFT_GROUP_REPLY,
	DRAFT_GROUP_CHAT_REPLY,
	DRAFT_LIST_REPLY,
	DRAFT_FORWARD,
	DRAFT_FORWARD_MIME,
	DRAFT_RESEND
};

/* Header fields that the compose screen shows and edits as text (UTF-8). */
enum draft_field {
	FIELD_FROM,
	FIELD_TO,
	FIELD_CC,
	FIELD_BCC,
	FIELD_SUBJECT,
	FIELD_REPLY_TO,
	FIELD_FCC,
	FIELD_MAIL_FOLLOWUP_TO,
	FIELD_IN_REPLY_TO,
	FIELD_REFERENCES,
	FIELD_X_LABEL,
	FIELD_FIELDS
};

struct draft_part {
	char *path;     /* file with its content (decoded; text in the local charset) */
	char *name;     /* shown and sent as filename; NULL: none */
	char *type;     /* "text/plain" */
	char *charset;  /* of text parts, NULL: found out when sending */
	char *encoding; /* NULL: chosen when sending */
	char *description;
	char *content_id;  /* with <>, NULL: none */
	char *language;    /* "de, en"; NULL */
	unsigned group;    /* 0: it stands in the message itself */
	bool is_inline;    /* disposition */
	bool is_body;      /* the text that the editor gets */
	bool is_message;   /* message/rfc822 */
	bool unlink_after; /* a temporary file of ours */
	bool delete_file;  /* the user's file goes when the message is sent */
	bool keep_charset; /* text: sent as it is, not converted */
	uint64_t size;
	int64_t mtime;
};

typedef void draft_ready_fn(
	void *data, struct draft *draft /* NULL: failed */, const struct err *e);

struct draft *draft_new(struct session *);
/*
 * From messages of a view: several rows answer, or forward, all of them at once. quote: include the
 * text ($include was yes). With DRAFT_RESEND the message itself becomes the draft. Fetches bodies that
 * are not here, then calls ready from the loop. Never both: 0 and *e when it cannot even start.
 */
uint64_t draft_start(struct session *, enum draft_kind, struct view *, const uint32_t *rows,
	uint32_t count, bool quote, draft_ready_fn *, void *data, struct err *e);
/* The same from a message in a file (batch, attachment menu). */
uint64_t draft_start_file(struct session *, enum draft_kind, const char *path, bool quote,
	draft_ready_fn *, void *data, struct err *e);
/* What $reply_to and friends ask about before draft_start: "Reply to foo@x (Reply-To)?" NULL: nothing to ask. Caller frees. */
char *draft_reply_to_question(struct session *, struct view *, uint32_t row);
void draft_set_ignore_reply_to(
	struct session *, bool ignore); /* the answer "no", for the next draft_start */
/* Frees the memory; what is kept in state.db stays (a crash would find it), unless draft_discard came before. */
void draft_free(struct draft *);
void draft_discard(struct draft *);
/* Drafts of an earlier session that were neither sent nor postponed nor discarded: how many (for a message line). */
uint32_t draft_lost_count(struct session *);

/* ---- fields ---- */
const char *draft_field(const struct draft *, enum draft_field); /* "" when empty; lent */
/* Addresses are checked, aliases expanded, names quoted; ERR_INPUT names the bad address. */
bool draft_set_field(struct draft *, enum draft_field, const char *text, struct err *e) MUST_CHECK;
/* Any other header ("X-Foo", value); value NULL takes it away. */
bool draft_set_header(
	struct draft *, const char *name, const char *value, struct err *e) MUST_CHECK;
/* The n-th of those other headers (my_hdr's, too); false: there are not so many. Lent. */
bool draft_header_at(const struct draft *, size_t n, const char **name, const char **value);
const char *draft_field_name(enum draft_field); /* "From", "To" ... as in the header */
/* mailto: URL into fields and body; attachments are not taken from it. */
bool draft_set_mailto(struct draft *, const char *url, struct err *e) MUST_CHECK;
enum draft_kind draft_kind(const struct draft *);
/* Runs send-hooks for the recipients, then applies my_hdr; call when the recipients are known. */
void draft_run_hooks(struct draft *);
/* Default Fcc from fcc-hook, fcc-save-hook or $record, unless the user set one. */
void draft_choose_fcc(struct draft *);
/* There is a copy, and attachments that may stay out of it: a question of $fcc_attach makes sense. */
bool draft_asks_fcc_attach(const struct draft *);
/* The answer: the copy is the whole message, or only its text. Without one $fcc_attach decides. */
void draft_set_fcc_attach(struct draft *, bool whole);

/* ---- text and attachments ---- */
size_t draft_part_count(const struct draft *);
const struct draft_part *draft_part(const struct draft *, size_t n); /* 0: the body */
bool draft_attach_file(struct draft *, const char *path, struct err *e) MUST_CHECK;
/* Messages as message/rfc822 parts; asynchronous as bodies may have to come first. */
uint64_t draft_attach_messages(struct draft *, struct view *, const uint32_t *rows, uint32_t count,
	session_done_fn *, void *data);
bool draft_detach(struct draft *, size_t n, struct err *e) MUST_CHECK; /* never the body */
bool draft_move_part(struct draft *, size_t n, int by, struct err *e) MUST_CHECK;
/* Only members that are not NULL are changed; inline_ -1: as it is. */
bool draft_set_part(struct draft *, size_t n, const char *name, const char *type,
	const char *description, const char *encoding, int inline_, struct err *e) MUST_CHECK;
bool draft_set_content_id(struct draft *, size_t n, const char *id, struct err *e) MUST_CHECK; /* "": none */
bool draft_set_language(struct draft *, size_t n, const char *language, struct err *e) MUST_CHECK;
void draft_set_delete(struct draft *, size_t n, bool on);
void draft_set_recode(struct draft *, size_t n, bool on);
/*
 * Makes one multipart/SUBTYPE of the chosen parts, and of the groups that they are in already; they come
 * together where the first of them stands. ERR_INPUT: less than two.
 */
bool draft_group(struct draft *, const bool *chosen, size_t n, const char *subtype, struct err *e) MUST_CHECK;
/* Takes the innermost group of a part apart. */
bool draft_ungroup(struct draft *, size_t n, struct err *e) MUST_CHECK;
/* For showing: the groups around it, the outermost is level 0: the subtype, and whether it is the first or last in it. NULL: no such level. */
const char *draft_group_of(const struct draft *, size_t n, unsigned level, bool *first, bool *last);
/*
 * composetyped of mailcap: the file begins with a MIME header, which goes into the part and out of the
 * file. Fine when there is none.
 */
bool draft_take_mime_header(struct draft *, size_t n, struct err *e) MUST_CHECK;
/* Its file was made by us: its path says nothing to people. */
bool draft_part_is_ours(const struct draft *, size_t n);
/* Its file is ours to remove when the draft is through. */
void draft_set_unlink(struct draft *, size_t n, bool on);
bool draft_part_changed(
	struct draft *, size_t n); /* the file is newer than when attached; updated then */
/*
 * The second form of the text ($send_multipart_alternative_filter). While a draft has one, text and second form
 * go out as multipart/alternative. Drop it before the question of each sending: the text may be another one.
 */
bool draft_asks_second(const struct draft *); /* there is a filter, and the text is plain: a question makes sense */
const struct draft_part *draft_second(const struct draft *); /* NULL: none; lent */
void draft_drop_second(struct draft *);
#define DRAFT_SECOND_TIMEOUT_MS 60000
typedef void draft_second_fn(void *data, const struct err *failed);
struct draft_second_job;
/*
 * Runs the filter from the loop; done is called once, and the draft has its second form unless it failed. NULL
 * with *e: it cannot be started. ERR_INPUT: the filter does not do what it should.
 */
struct draft_second_job *draft_second_start(struct draft *, draft_second_fn *done, void *data, struct err *e);
void draft_second_cancel(struct draft_second_job *); /* NULL is fine */
bool draft_make_second(struct draft *, struct err *e) MUST_CHECK; /* the same, and waits for it: without a screen */

/* Words of $abort_noattach_regexp in new text without any attachment. */
bool draft_mentions_attachment(const struct draft *);

/*
 * The file for the editor: header (with $edit_headers) and body. Line: where the cursor should
 * start (after the header), for editors that take it. The file is kept in $tmpdir, 0600.
 */
bool draft_edit_begin(struct draft *, bool headers, char **path /* lent */, unsigned *line,
	struct err *e) MUST_CHECK;
/* Reads it back. *changed: anything differs. Bad headers: ERR_INPUT, and what was written is kept. */
bool draft_edit_end(struct draft *, bool *changed, struct err *e) MUST_CHECK;
bool draft_body_text(const struct draft *, struct str *out, struct err *e) MUST_CHECK;
bool draft_set_body(struct draft *, struct sv text, struct err *e) MUST_CHECK;
bool draft_add_signature(
	struct draft *, struct err *e) MUST_CHECK; /* $signature, $sig_dashes, $sig_on_top */

/* Security words for later roles: "none", "sign", ...; kept with the draft. */
/* When it is to go, once it is sent (epoch); 0: at once. */
void draft_set_send_at(struct draft *, int64_t when);
int64_t draft_send_at(const struct draft *);
/* Recipients, one a line, who have it from an earlier attempt: they do not get it again. */
const char *draft_delivered(const struct draft *);
const char *draft_security(const struct draft *);
void draft_set_security(struct draft *, const char *words);
/* As hooks and patterns see it. */
void draft_msg(const struct draft *, struct msg_facts *out);
/* Estimated bytes of the finished message. */
uint64_t draft_size(const struct draft *);

/* ---- the end ---- */
/* What is missing: ERR_INPUT "no recipients" and so on. */
bool draft_check(const struct draft *, struct err *e) MUST_CHECK;
/* The finished RFC 5322 message; no Bcc unless with_bcc ($write_bcc, Fcc and drafts). */
bool draft_build(struct draft *, bool with_bcc, int fd, struct err *e) MUST_CHECK;
/* Into the outbox (fsynced); Fcc and the answered flag follow when it is sent. *id: outbox row. */
bool draft_send(struct draft *, int64_t *id, struct err *e) MUST_CHECK;
/*
 * draft_send beside the loop, for big messages (draft_sending.c): a copy of this process builds and writes it. done is
 * called once, later; failed NULL: it is in the outbox as row id. Until then the draft stays as it is, and stays.
 * NULL with *e: it cannot be sent.
 */
#define DRAFT_BIG (256u << 10) /* bytes; below that nobody notices */
typedef void draft_send_fn(void *data, int64_t id, const struct err *failed);
struct draft_sending;
bool draft_is_big(const struct draft *);
struct draft_sending *draft_send_start(struct draft *, draft_send_fn *done, void *data, struct err *e);
void draft_send_cancel(struct draft_sending *); /* done is not called; NULL is fine */
/* Kept in state.db and, when $postponed names a mailbox, an append intent there. */
bool draft_postpone(struct draft *, struct err *e) MUST_CHECK;

struct draft_info {
	int64_t id;
	const char *to, *subject;
	int64_t date;
};
uint32_t draft_postponed_count(struct session *);
size_t draft_postponed_list(
	struct session *, struct draft_info **list); /* newest first; free with draft_info_free */
void draft_info_free(struct draft_info *list, size_t count);
/* Opens a postponed draft; it stays postponed until it is sent, postponed again or discarded. */
struct draft *draft_recall(struct session *, int64_t id, struct err *e) MUST_CHECK;
/* Is this the mailbox that $postponed names? */
bool draft_is_postponed_view(struct session *, const struct view *);
/* A message of the Drafts mailbox becomes a draft; sending it deletes that message. */
uint64_t draft_recall_message(
	struct session *, struct view *, uint32_t row, draft_ready_fn *, void *data, struct err *e);

/* Bounce: the message as it is, with Resent- fields, to other people. */
uint64_t draft_bounce(struct session *, struct view *, const uint32_t *rows, uint32_t count,
	const char *to, session_done_fn *, void *data, struct err *e);
/* The same with a message in a file (attachment menu). */
uint64_t draft_bounce_file(struct session *, const char *path, const char *to, session_done_fn *, void *data,
	struct err *e);
/* The From of a message in a file, as an address list; NULL: none. Caller frees. */
char *draft_sender_of_file(const char *path);

/* ---- the outbox ---- */
enum outbox_state_shown {
	OUT_HELD,      /* for $send_delay, or until the user says so (send_at 0) */
	OUT_SCHEDULED, /* until send_at */
	OUT_QUEUED,
	OUT_SENDING,
	OUT_COMMITTING,
	OUT_UNKNOWN,
	OUT_FAILED,
	OUT_SENT,
	OUT_FILED
};
struct outbox_item {
	int64_t id;
	const char *account, *from, *recipients, *subject; /* recipients: one a line */
	const char *error;           /* the last words: why it waits or failed; of sent ones the receipt */
	const char *fcc;             /* mailboxes for the copy, "" none (or on their way) */
	enum outbox_state_shown state;
	enum err_class error_class; /* why it failed or waits, with error; ERR_NONE: not tried */
	int64_t created, send_at, next_try;
	int64_t server_holds;        /* the server has it and sends it then; 0: no */
	unsigned attempts;
	uint64_t size;
	bool was_draft;              /* written here: can be edited */
	bool is_rest;                /* others of its recipients have it already */
};
/* Oldest first; free with outbox_list_free. What is through is at its end, newest first, when done is true. */
size_t outbox_list(struct session *, bool done, struct outbox_item **list);
/* The one of that id, through or not: a list of one. ERR_GONE: there is none (any more). */
bool outbox_item(struct session *, int64_t id, struct outbox_item **item, struct err *e) MUST_CHECK;
void outbox_list_free(struct outbox_item *list, size_t count);
const char *outbox_state_word(enum outbox_state_shown);  /* for people */
const char *outbox_state_ident(enum outbox_state_shown); /* for programs: "queued" */
bool outbox_is_done(enum outbox_state_shown);            /* sent or filed */

/* What the server said about each recipient, for those of whom something is known. */
struct outbox_recipient {
	const char *addr, *words;
	const char *cause; /* of a refusal, in plain words; "" */
	bool has_it, refused;
	bool later; /* refused for now */
};
size_t outbox_recipients(struct session *, int64_t id, struct outbox_recipient **list);
void outbox_recipients_free(struct outbox_recipient *list, size_t count);
/* A server's refusal ("550 5.1.1 ...", also inside of a sentence) in plain words, "" when it says nothing to us. Caller frees. */
char *outbox_cause(const char *words);
/* The message as it is sent: a file; NULL when it is not kept any more. Caller frees. */
char *outbox_message_file(struct session *, int64_t id);

/* All of these are ERR_INPUT while it is being sent and when it is through. */
/* Sends now: what waits, what failed, and unknown ones after the user said so. */
bool outbox_retry_item(struct session *, int64_t id, struct err *e) MUST_CHECK;
/* An unknown one did arrive: it counts as sent. */
void outbox_mark_sent(struct session *, int64_t id);
/* It waits until the user says so. */
bool outbox_hold_item(struct session *, int64_t id, struct err *e) MUST_CHECK;
bool outbox_schedule_item(struct session *, int64_t id, int64_t when, struct err *e) MUST_CHECK;
bool outbox_drop_item(struct session *, int64_t id, struct err *e) MUST_CHECK; /* also what is through */
/* Back from the outbox into a draft, for correction. Who has it already does not get it again. */
struct draft *outbox_recall_item(struct session *, int64_t id, struct err *e) MUST_CHECK;
/* Sends what is due (a session without a screen does not by itself). */
void outbox_send_due(struct session *);
/* The same, and what waits for another try is tried now. */
void outbox_flush(struct session *);
/* Nothing is being sent, and nothing is due that could be. */
bool outbox_is_settled(struct session *);

#endif
