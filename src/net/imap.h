/*
 * An IMAP session (RFC 9051; works with RFC 3501 servers). Straight-line calls: imap_open, then one
 * function a command. The caller gives a struct of functions for what the server says on its own;
 * they are called from inside any call and must not call back into the session.
 *
 * Messages are named by UID only: sequence numbers are turned into UIDs here and never come out.
 *
 * Errors: ERR_NET, ERR_TLS, ERR_AUTH as in server.h; ERR_PROTO: the server broke the protocol (then
 * the session is dead: imap_is_dead) or it said NO or BAD (then it lives on); ERR_GONE: NO because
 * a mailbox or message is not there; ERR_LIMIT: too big an answer (dead), or over quota (alive).
 */
#ifndef NET_IMAP_H
#define NET_IMAP_H

#include "net/imap_fetch.h"
#include "net/quirk.h"
#include "net/server.h"

/* Capabilities that we make use of (imap_caps.def). */
enum imap_cap {
#define CAP(id, name) CAP_##id,
#include "net/imap_caps.def"
#undef CAP
	IMAP_CAPS
};

#define IMAP_MESSAGES_MAX (16u << 20) /* messages in one mailbox */
#define IMAP_PIPELINE_MAX 32          /* commands under way */
#define IMAP_ALERTS_MAX 8

struct imap_list_item {
	const char *name; /* UTF-8; lent */
	struct sv raw;    /* as the server wrote it */
	char delim;
	unsigned attr;       /* LIST_ bits */
	const char *special; /* "Sent" ...; "" */
	bool lsub;           /* from imap_lsub_send: tells subscription only */
};
struct imap_status_item {
	const char *name;
	unsigned has;
	uint64_t items[STATUS_ITEMS];
	struct sv object; /* MAILBOXID, "": not told */
};

/* What the server says. Any may be NULL. */
struct imap_events {
	void (*list)(void *data, const struct imap_list_item *);
	void (*status)(void *data, const struct imap_status_item *);
	void (*quota)(void *data, struct sv root, const struct imap_quota *);
	/*
	 * Data about a message of the selected mailbox (asked for or not); msg->uid is always
	 * known.
	 */
	void (*message)(void *data, const struct imap_msg *msg);
	/* These messages are gone. */
	void (*vanished)(void *data, const struct imap_set *uids);
	/* The mailbox now holds this many messages. */
	void (*exists)(void *data, uint32_t n);
	/* Something changed that could not be told by UID: compare UIDs and flags again. */
	void (*unclear)(void *data);
	/*
	 * [ALERT] text, or BYE: for the user; server's bytes. Never called with clear text before
	 * TLS.
	 */
	void (*alert)(void *data, struct sv text);
	void *data;
};

struct imap;

/*
 * Connects, makes TLS, logs in, asks for capabilities where the server did not volunteer them,
 * turns on what helps (COMPRESS when asked). server and events are lent for the life of the
 * session.
 */
bool imap_open(
	struct server *, const struct imap_events *, struct imap **, struct err *e) MUST_CHECK;
/*
 * The same on a connection that is there already (taken, also on failure); server says how to go
 * on.
 */
bool imap_open_on(struct conn *, struct server *server, const struct imap_events *, struct imap **,
	struct err *e) MUST_CHECK;
void imap_free(struct imap *); /* LOGOUT without waiting; NULL is fine */

bool imap_has(const struct imap *, enum imap_cap);
bool imap_quirk(const struct imap *, enum quirk);
bool imap_is_dead(const struct imap *);
/* The last NO or BAD was about something that passes (UNAVAILABLE, INUSE): the same can be tried again later. */
bool imap_refusal_passes(const struct imap *);
struct conn *imap_conn(struct imap *);
/*
 * COMPRESS=DEFLATE (RFC 4978), where it is offered; a refusal is no failure. Never behind a command that
 * brings much: Dovecot 2.3 answers it in the middle of a FETCH.
 */
bool imap_compress(struct imap *, struct err *e) MUST_CHECK;

/* ID (RFC 2971): says who we are, when the server asks such things at all. */
bool imap_send_id(struct imap *, const char *name, const char *version, struct err *e) MUST_CHECK;

/*
 * The namespaces (RFC 2342): prefix (UTF-8, lent; "" for a personal one without), delimiter (0: none).
 * False when there is no n-th one; none before the first list is answered.
 */
bool imap_namespace(const struct imap *, size_t n, enum imap_space *, const char **prefix, char *delim);

/* ---- pipelining: *_send puts a command on its way, imap_end waits for its answer ---- */
struct imap_answer {
	enum imap_status status;
	enum imap_code code;
	char text[256];           /* the server's words */
	uint32_t uidvalidity;     /* APPENDUID, COPYUID */
	struct imap_set from, to; /* COPYUID; APPENDUID has only to; lent until the next call */
	struct imap_set modified; /* MODIFIED (RFC 7162 3.1.3): UIDs that imap_store_send left alone; lent likewise */
};
typedef unsigned imap_tag; /* 0: the command was not sent */
/*
 * Waits for one command. Fails when the connection breaks and when the answer is not OK. answer may
 * be NULL.
 */
bool imap_end(struct imap *, imap_tag, struct imap_answer *answer, struct err *e) MUST_CHECK;

/* ENABLE QRESYNC CONDSTORE and UTF8=ACCEPT where offered: before the first SELECT. */
imap_tag imap_enable_send(struct imap *, struct err *e);
/*
 * LIST of everything below the personal namespace and the others, with special use, subscription
 * and, when with_status and the server can, counts.
 */
imap_tag imap_list_send(struct imap *, bool with_status, struct err *e);
/* The names that begin with prefix: another namespace that "*" does not show. */
imap_tag imap_list_below_send(struct imap *, const char *prefix, struct err *e);
imap_tag imap_lsub_send(struct imap *, struct err *e);
/*
 * The counts of many in one command (LIST-STATUS and LIST-EXTENDED): as status events, beside list events that tell
 * nothing else than names. Names must be without '*' and '%'.
 */
imap_tag imap_counts_send(struct imap *, const char *const *names, size_t n, struct err *e);
imap_tag imap_status_send(struct imap *, const char *mailbox, struct err *e);

/* What the last SELECT or EXAMINE said. */
struct imap_selected {
	uint32_t exists, uidvalidity, uidnext;
	uint32_t arrived;       /* messages that were told of by EXISTS, those of SELECT included */
	uint64_t highestmodseq; /* 0: the mailbox has none */
	bool read_only;
	unsigned permanent; /* flag bits that can be kept */
	bool keywords;      /* new keywords can be made */
};
struct imap_resync { /* what the cache knows (QRESYNC, RFC 7162); uidvalidity 0: nothing */
	uint32_t uidvalidity;
	uint64_t modseq;
	const char *known_uids; /* set text or NULL */
};
imap_tag imap_select_send(struct imap *, const char *mailbox, bool read_only,
	const struct imap_resync *, struct err *e);
const struct imap_selected *imap_selected(const struct imap *);
bool imap_unselect(struct imap *, struct err *e) MUST_CHECK; /* without expunging */
bool imap_qresync(const struct imap *);                      /* is on */
bool imap_condstore(const struct imap *);

/* items: what to fetch in the syntax of FETCH ("UID FLAGS"), ours. changed_since 0: all. */
imap_tag imap_fetch_send(struct imap *, const char *set, const char *items, uint64_t changed_since,
	bool with_vanished, struct err *e);
/*
 * The newest n messages of the selected mailbox (ERR_GONE: it is empty); UID must be among the items. Also behind a
 * SELECT that is not answered yet: with CAP_PARTIAL (RFC 9394), or when it is known how many messages the mailbox
 * held a moment ago (told; else 0). Then there are more when it has grown, and fewer, or a refusal, when it has shrunk.
 */
imap_tag imap_newest_send(struct imap *, uint32_t n, uint32_t told, const char *items, struct err *e);
/*
 * All UIDs, ascending, of messages that match criteria ("ALL", "UID 5:* DELETED"); caller frees
 * *uids.
 */
bool imap_search(struct imap *, const char *criteria, struct sv text, uint32_t **uids, size_t *n,
	struct err *e) MUST_CHECK;

/*
 * The same in three steps, for what takes long: start, then the criteria by imap_out_ functions
 * (imap_write.h), send, end. One at a time.
 */
struct imap_out;
void imap_search_start(struct imap *, struct imap_out *, bool eight_bit);
imap_tag imap_search_send(struct imap *, struct imap_out *, struct err *e); /* frees what out holds */
bool imap_search_end(struct imap *, imap_tag, uint32_t **uids, size_t *n, struct err *e) MUST_CHECK;
/*
 * Waits until the command is answered (then imap_end does not wait), for as long as it takes but
 * silence_ms without a word. ERR_CANCEL: the wake function said stop; the session lives on, and
 * imap_leave says that nobody wants the answer any more.
 */
bool imap_wait(struct imap *, imap_tag, int silence_ms, struct err *e) MUST_CHECK;
void imap_leave(struct imap *, imap_tag);

/* Bytes of a body: called with pieces in order. False stops it (the connection dies). */
typedef bool imap_sink(void *data, struct sv piece, struct err *e);
/*
 * BODY.PEEK[section] of one message (section "" is all of it; "1.2.MIME", "HEADER"). from and max
 * ask for a piece (max 0: to the end). *len: bytes that came. ERR_GONE: there is no such message or
 * part.
 */
bool imap_fetch_body(struct imap *, uint32_t uid, const char *section, uint64_t from, uint64_t max,
	imap_sink *, void *data, uint64_t *len, struct err *e) MUST_CHECK;
/*
 * The same with BINARY.PEEK (RFC 3516, IMAP4rev2): the server takes base64 and quoted-printable off, and from
 * and max count decoded bytes. ERR_INPUT: it cannot decode this part ([UNKNOWN-CTE]).
 */
bool imap_fetch_binary(struct imap *, uint32_t uid, const char *section, uint64_t from, uint64_t max,
	imap_sink *, void *data, uint64_t *len, struct err *e) MUST_CHECK;

/*
 * op: '+', '-' or '='. unchanged_since (CONDSTORE must be on; 0: in any case): messages that were changed behind that
 * modseq are left alone and named in answer->modified, with OK or NO.
 */
imap_tag imap_store_send(struct imap *, const char *set, char op, unsigned flags,
	const struct sv *keywords, size_t nkeywords, uint64_t unchanged_since, struct err *e);
/* Gmail's labels (CAP_GMAIL), UTF-8; op '+' or '-'. "\Inbox" and the like are its own. */
imap_tag imap_store_labels_send(struct imap *, const char *set, char op, const struct sv *labels, size_t n,
	struct err *e);
/* Does the selected mailbox keep this keyword? */
bool imap_keeps_keyword(const struct imap *, struct sv keyword);
imap_tag imap_copy_send(struct imap *, const char *set, const char *mailbox, struct err *e);
imap_tag imap_move_send(
	struct imap *, const char *set, const char *mailbox, struct err *e); /* CAP_MOVE */
imap_tag imap_expunge_send(struct imap *, const char *set, struct err *e);   /* CAP_UIDPLUS */
/* EXPUNGE: everything that is marked \Deleted leaves, whoever marked it. */
bool imap_expunge_all(struct imap *, struct err *e) MUST_CHECK;

struct imap_append {
	const char *mailbox;
	unsigned flags;
	const struct sv *keywords;
	size_t nkeywords;
	int64_t date; /* seconds since 1970; 0: now */
	uint64_t size;
	bool binary; /* it holds NUL bytes: only with CAP_BINARY or IMAP4rev2, else ERR_INPUT */
	bool utf8;   /* its header is not ASCII */
	/*
	 * Gives the next bytes of the message, CRLF line ends; *piece empty at the end. Lent until
	 * the next call.
	 */
	bool (*read)(void *data, struct sv *piece, struct err *e);
	void *data;
};
/*
 * n messages into the mailbox of the first: all or none. More than one only with CAP_MULTIAPPEND.
 * answer->to has their UIDs in order, when the server tells them.
 */
bool imap_append(struct imap *, const struct imap_append *, size_t n, struct imap_answer *,
	struct err *e) MUST_CHECK;
/* The same for one, and message uid of the selected mailbox goes (CAP_REPLACE): both or nothing. */
bool imap_replace(struct imap *, uint32_t uid, const struct imap_append *, struct imap_answer *,
	struct err *e) MUST_CHECK;

/*
 * special_use: "Trash" ..., where the server can mark the mailbox (CREATE-SPECIAL-USE, RFC 6154); NULL:
 * none.
 */
bool imap_create(struct imap *, const char *mailbox, const char *special_use, struct err *e) MUST_CHECK;
/* The quotas that mailbox counts for (CAP_QUOTA). */
imap_tag imap_quota_send(struct imap *, const char *mailbox, struct err *e);
bool imap_delete(struct imap *, const char *mailbox, struct err *e) MUST_CHECK;
bool imap_rename(struct imap *, const char *from, const char *to, struct err *e) MUST_CHECK;
imap_tag imap_subscribe_send(struct imap *, const char *mailbox, bool on, struct err *e);
bool imap_subscribe(struct imap *, const char *mailbox, bool on, struct err *e) MUST_CHECK;
bool imap_noop(struct imap *, struct err *e) MUST_CHECK;

/*
 * NOTIFY (CAP_NOTIFY): the counts of these mailboxes come as status events when they change, beside what comes of
 * the selected one. Instead of those named before; n 0: of none.
 */
imap_tag imap_notify_send(struct imap *, const char *const *mailboxes, size_t n, struct err *e);

/*
 * Waits for news of the selected mailbox: IDLE, or NOOP every poll_ms where there is none. Returns
 * when the wake descriptor was readable (*woken), when the server told something, or after max_ms.
 * IDLE is renewed before its 29 minutes are over.
 */
#define IMAP_IDLE_RENEW_MS (28 * 60 * 1000)
bool imap_idle(struct imap *, int max_ms, int poll_ms, bool *woken, struct err *e) MUST_CHECK;

#endif
