/*
 * Small servers for IMAP, POP3 and SMTP that answer any client rightly, and the places where they can be told to do
 * wrong: bytes in, bytes out, no sockets, no clock. The line in the process (line.h), the server of the stall matrix
 * (evild.c) and the session fuzzers speak to it.
 *
 * Every answer belongs to a state: "greeting", "capability", "starttls", "auth" ... (model_imap.c and so on list
 * theirs). A fault names a state and what is done there, once.
 */
#ifndef TESTS_EVIL_MODEL_H
#define TESTS_EVIL_MODEL_H

#include "base/mem.h"
#include "base/str.h"

#define MODEL_USER "joe"
#define MODEL_PASS "s3cr3t-Pw"
#define MODEL_OUT_MAX (64u << 20)

enum model_proto { MODEL_IMAP, MODEL_POP, MODEL_SMTP };

enum fault_how {
	FAULT_NONE,
	FAULT_BEFORE,  /* these bytes, then the right answer */
	FAULT_INSTEAD, /* these bytes, then only the last line of the answer */
	FAULT_LAST,    /* the answer, its last line replaced by these bytes */
	FAULT_ALL,     /* these bytes and nothing else */
	FAULT_AFTER,   /* the right answer, and these bytes in the same segment */
	FAULT_CUT,     /* these bytes, then the line is closed */
	FAULT_SILENCE, /* these bytes, then nothing ever again */
};

struct fault {
	const char *state;
	enum fault_how how;
	struct sv bytes; /* "%t" is the tag of the command */
	int nth;         /* the nth time that the state is reached, from 0 */
};

struct model {
	enum model_proto proto;
	const struct fault *fault; /* NULL: an honest server */
	/* Instead of fault: asked for every answer. False: an honest one. */
	bool (*ask)(void *data, const char *state, struct fault *out);
	void *ask_data;
	bool raw;                  /* says what is put into out by hand, whatever it hears */
	int reached;               /* how often the fault's state was */
	bool fired;
	unsigned answers;          /* before the fault */
	bool offer_tls;            /* STARTTLS is among the capabilities */
	bool preauth;
	const char *caps;          /* IMAP: what it can besides IMAP4rev1; POP3, SMTP: lines; NULL: all it knows */
	struct str in, out;        /* not understood yet; not fetched yet */
	bool secure, deflating;
	bool turn_tls, turn_deflate; /* with the end of what is in out, the line changes */
	bool mute, closed;         /* says nothing more; hangs up when out is empty */
	/* where the conversation is */
	char tag[64], sasl_tag[64], idle_tag[64];
	bool authenticated, selected, in_data;
	unsigned asked;            /* IMAP: literals of the command to come that got their "+" */
	size_t bdat;               /* bytes of a BDAT chunk to come */
	bool bdat_last;
	unsigned accepted;         /* SMTP: messages that it has answered for */
	unsigned dots;             /* SMTP: messages whose end it has seen */
	bool said_yes;             /* the last answer was the right one, or one that means the same */
};

void model_init(struct model *, enum model_proto);
void model_fini(struct model *);
/* The line is there: says the greeting. */
void model_connected(struct model *);
/* The TLS handshake is done. */
void model_tls_done(struct model *);
void model_feed(struct model *, struct sv bytes);

/* The states of a protocol, NULL-ended, in the order of a session. */
const char *const *model_states(enum model_proto);
const char *model_proto_name(enum model_proto);

/* The message with this UID or number, CRLF line ends; "" when there is none. */
struct sv model_message(unsigned uid);
#define MODEL_MESSAGES 5
extern const unsigned model_uids[MODEL_MESSAGES];

/* ---- for model_*.c ---- */
void model_answer(struct model *, const char *state, struct sv untagged, const char *last, ...) PRINTF_LIKE(4, 5);
/* After its last word; one that has fallen silent keeps the line open. */
void model_hang_up(struct model *);
/* The next line of in without its CRLF; false: it is not here yet. Lent until the next call; model_drop takes it. */
bool model_line(struct model *, struct sv *line, size_t *used);
void model_imap_feed(struct model *);
void model_pop_feed(struct model *);
void model_smtp_feed(struct model *);
extern const char *const model_imap_states[], *const model_pop_states[], *const model_smtp_states[];

#endif
