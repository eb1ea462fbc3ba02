/*
 * The inside of an IMAP session, shared by imap_io.c (responses and commands on the wire), imap_event.c (who gets what),
 * imap_login.c (from the greeting to the authenticated state) and imap.c (the commands).
 */
#ifndef NET_IMAP_PRIV_H
#define NET_IMAP_PRIV_H

#include "base/hash.h"
#include "net/imap.h"
#include "net/imap_write.h"
#include "net/quirk.h"

/* Which answers a command may get: a response code that belongs to another command is ignored. */
enum imap_verb {
	VERB_OTHER,
	VERB_ENABLE,
	VERB_SELECT,
	VERB_MAILBOX, /* about one mailbox */
	VERB_SEARCH,
	VERB_COPY,
	VERB_STORE,
	VERB_MOVE,
	VERB_APPEND,
	VERB_LOGOUT
};

struct slot {
	imap_tag tag; /* 0: free */
	enum imap_verb verb;
	bool done;
	bool own; /* nobody calls imap_end for it */
	uint64_t removes; /* messages that it takes away: an EXPUNGE for each is no news */
	struct arena *arena;
	struct imap_answer answer;
};

/*
 * Sequence number to UID (0: not known yet) of the selected mailbox: an array with a gap, so that
 * many EXPUNGE responses near each other cost little.
 */
struct msn {
	uint32_t *uid;
	size_t len, cap;
	size_t gap, gap_len; /* uid[gap] .. uid[gap + gap_len - 1] do not count */
};

struct space {
	enum imap_space kind;
	char *prefix; /* UTF-8 */
	char delim;
};

struct imap {
	struct server *server;
	struct imap_events ev;
	struct conn *conn;
	bool dead;
	bool mute;     /* before TLS: what the server says now may come from anybody */
	bool passing;  /* the last refusal was one that may pass */
	char bye[256]; /* the server's last words */
	uint64_t caps; /* a bit for each enum imap_cap */
	bool caps_known;
	struct quirks quirks;
	struct str mechs; /* AUTH= names, separated by blanks */
	bool qresync, condstore, utf8, rev2; /* enabled */
	bool qresync_told;                   /* by ENABLED */
	imap_tag enabling;                   /* ENABLE is under way: names must wait, see imap_out_name */
	struct space *spaces; /* NAMESPACE */
	size_t nspaces;
	bool namespace_known;
	struct map *odd_names; /* names whose wire form is not what we would write: name to raw */

	unsigned next_tag;
	struct slot slot[IMAP_PIPELINE_MAX];
	bool go_ahead; /* a "+" came */
	struct str go_text;

	struct arena *arena; /* of one response */
	struct str raw;      /* its bytes */

	bool selected;
	bool leaving; /* SELECT is under way; what is said may still be about the mailbox before */
	struct imap_selected sel;
	struct str kept; /* keywords of PERMANENTFLAGS, a blank before and behind each */
	struct msn msn;
	unsigned news; /* counts what the server said about the mailbox: EXISTS, EXPUNGE, VANISHED, FETCH */

	bool searching; /* UID SEARCH under way: numbers go to found */
	uint32_t *found;
	size_t nfound, found_cap;

	/* A body on its way to a file. */
	imap_sink *sink;
	void *sink_data;
	uint32_t sink_uid;
	const char *sink_section;
	uint64_t sink_len;
	bool sink_got, sink_nil;
};

/* ---- imap_io.c ---- */
/* One response: read, understood, given to whom it concerns. */
bool imap_step(struct imap *, struct err *e) MUST_CHECK;
/* The same, but the response is the caller's (until the next call). */
bool imap_read(struct imap *, struct imap_resp *, struct err *e) MUST_CHECK;
/*
 * Puts "TAG text CRLF" on the wire; waits only for the go-ahead of literals. 0 with *e on failure.
 */
imap_tag imap_begin(struct imap *, enum imap_verb, struct imap_out *, struct err *e);
/* imap_begin with a text of ours. */
imap_tag imap_begin_text(struct imap *, enum imap_verb, const char *text, struct err *e);
/* begin and end. */
bool imap_do(struct imap *, enum imap_verb, struct imap_out *, struct imap_answer *,
	struct err *e) MUST_CHECK;
bool imap_do_text(struct imap *, const char *text, struct err *e) MUST_CHECK;
/* A new slot and tag for a command that the caller writes by hand. */
struct slot *imap_slot_new(struct imap *, enum imap_verb, struct err *e);
/* Waits for "+" or the end of this command. *go: it was "+". */
bool imap_await_go(struct imap *, struct slot *, bool *go, struct err *e) MUST_CHECK;
/* Marks the session dead; returns false. */
bool imap_die(struct imap *, struct err *e);
void imap_out_start(struct imap *, struct imap_out *, const char *text);
void imap_forget_spaces(struct imap *);

/* ---- imap_caps.c ---- */
void imap_set_caps(struct imap *, struct imap_words);
void imap_forget(struct imap *); /* everything learnt so far */

/* ---- imap_event.c ---- */
bool imap_dispatch(struct imap *, struct imap_resp *, struct err *e) MUST_CHECK;
struct imap_set imap_set_dup(struct arena *, struct imap_set);
void msn_reset(struct msn *, size_t len);
uint32_t msn_get(const struct msn *, size_t seq);
void msn_set(struct msn *, size_t seq, uint32_t uid);
uint32_t msn_remove(struct msn *, size_t seq);
void msn_grow(struct msn *, size_t len);
void msn_fini(struct msn *);

/* ---- imap_list.c ---- */
/* A mailbox argument: the server's own spelling where it is not the usual one. */
void imap_out_name(struct imap *, struct imap_out *, const char *name);
/* "COMMAND mailbox rest" on its way. */
imap_tag imap_begin_mailbox(struct imap *, enum imap_verb, const char *command, const char *mailbox,
	const char *rest, struct err *e);

/* ---- imap_login.c ---- */
bool imap_login(struct imap *, struct err *e) MUST_CHECK;

#endif
