/*
 * The inside of a draft: draft.c (life, fields, parts), draft_store.c (its form in state.db),
 * draft_edit.c (the editor's file, signature), draft_answer.c (from other messages), draft_send.c
 * (building, sending, postponing), draft_second.c, draft_id.c, draft_bounce.c, draft_outbox.c (what waits).
 */
#ifndef CORE_DRAFT_PRIV_H
#define CORE_DRAFT_PRIV_H

#include "core/draft.h"
#include "core/session_priv.h"
#include "mime/addr.h"

#define DRAFT_DATA_MAX (1u << 20) /* serialized, without the text */
#define DRAFT_FIELD_MAX (256u << 10)
#define ALIAS_DEPTH_MAX 20
#define DRAFT_ADDRESSES_MAX 20000
#define DRAFT_RECIPIENTS_MAX (4u << 20) /* bytes of an envelope */

/* The message that is answered, forwarded or continued. */
struct draft_origin {
	char *account, *mailbox, *message_id;
	uint64_t uidvalidity, uid;
	unsigned flag;     /* enum message_flag that it gets when this is sent; 0: none */
	bool delete_after; /* it was a draft in a mailbox: goes when this is sent or postponed */
};

/* Parts that are one thing. parent: a number, 0: it stands in the message itself. Its own number is its index + 1. */
#define DRAFT_GROUPS_MAX 15 /* below BUILD_DEPTH_MAX, so that any nesting of them can be built */
struct draft_group {
	bool used;
	char subtype[24]; /* "alternative" */
	unsigned parent;
};

struct draft_header {
	char *name, *value;
	bool by_my_hdr; /* comes and goes with `my_hdr` */
};

struct draft {
	struct session *s;
	struct conf *conf;     /* lent: the session's, or own_conf */
	struct conf *own_conf; /* with the identity-hooks of its From; NULL: there are none */
	enum draft_kind kind;
	int64_t id; /* row in state.db, 0: not kept yet */
	bool postponed, dirty;
	bool sent; /* in the outbox: kept until it is through, for those who want it back */
	char *field[FIELD_FIELDS];
	bool user_set[FIELD_FIELDS]; /* by the user's hand: hooks and my_hdr leave it alone */
	struct draft_header *headers;
	size_t header_count, header_cap;
	struct draft_part *parts; /* [0] is the text */
	size_t part_count, part_cap;
	struct draft_part second; /* form of the text; path NULL: none */
	struct draft_group groups[DRAFT_GROUPS_MAX];
	unsigned group_count;
	struct draft_origin *origins;
	size_t origin_count, origin_cap;
	int64_t append; /* intent that put it into $postponed, 0: none */
	char *append_message_id; /* of that copy: by it the copy is found when its number was not learned */
	char *security;
	int64_t send_at;   /* 0: when it is sent */
	bool fcc_chosen, fcc_whole; /* the user has answered $fcc_attach, and how */
	char *delivered;   /* addresses, one a line, that have it from an earlier attempt; "" */
	char *edit_path; /* while the editor runs with headers */
	bool edit_headers;
	char *sent_message_id;
};

struct draft *draft_alloc(struct session *);
void draft_part_fini(struct draft_part *);
struct draft_part *draft_add_part(struct draft *);
void draft_add_origin(struct draft *, const struct draft_origin *); /* strings copied */
void draft_origin_fini(struct draft_origin *);
/* Aliases expanded, names quoted, domains completed. ERR_INPUT names what is no address. */
bool draft_addresses(struct draft *, const char *text, struct arena *, struct addr_list *out,
	struct err *e) MUST_CHECK;
bool draft_is_address_field(enum draft_field);
void draft_put_field(struct draft *, enum draft_field, const char *text); /* as it is */
/* The user's own From. Caller frees. */
char *draft_default_from(const struct conf *);
/* A private file in $tmpdir. */
bool draft_temp(const struct conf *, const char *suffix, struct sv bytes, char **path,
	struct err *e) MUST_CHECK;
bool draft_is_type(const char *type); /* "text/plain" */
const char *draft_type_of(const char *path); /* by the extension and a look inside; literal */
void draft_apply_my_hdr(struct draft *);

bool draft_one_line(const char *text, const char *name, struct err *e);
/* That group and those around it, when less than two things are left in them (draft_parts.c). */
void draft_drop_small_groups(struct draft *, unsigned group);
/* Does it stand in the group, or in one inside it? 0: the message. */
bool draft_is_in_group(const struct draft *, size_t part, unsigned group);
/* The group right below `group` that holds the part; 0: the part itself stands there. The part is in `group`. */
unsigned draft_group_below(const struct draft *, size_t part, unsigned group);
/* What was read from a file: no circles, nothing in groups that are not there. */
void draft_check_groups(struct draft *);

/* From may be another one now: the options are those of its identity. */
void draft_use_identity(struct draft *);

void draft_set_delivered(struct draft *, const char *addresses);

/* draft_send.c: envelope recipients, one a line, without those who have it; envelope sender; bare From. */
bool draft_envelope(struct draft *, struct str *out, struct err *e) MUST_CHECK;
char *draft_envelope_sender(struct draft *);
char *draft_from_address(const struct draft *);
/* draft_send in pieces. The hooks have spoken, and everything that must be there is. */
bool draft_send_prepare(struct draft *, struct err *e) MUST_CHECK;
/* It has its Message-ID from now on: whoever builds it in a copy of this process knows the same one. */
bool draft_fix_message_id(struct draft *, struct err *e) MUST_CHECK;
/*
 * The finished message as a file beside state.db, and what the row says about its copy (NULL: none). The caller frees
 * both. Only files are touched, no database.
 */
bool draft_put_files(struct draft *, char **file, char **fcc, struct err *e) MUST_CHECK;
/* In one transaction. */
bool draft_to_outbox(struct draft *, const char *file, const char *fcc, int64_t *id, struct err *e) MUST_CHECK;
/* The message of a row is written anew with that date (0: now), because it goes at another time. */
bool draft_date_anew(struct session *, const struct outbox_row *, int64_t date, struct err *e) MUST_CHECK;

/*
 * draft_id.c: a new Message-ID by $message_id_format; by the default, and when what comes out is no
 * sound id, msgid_new at that domain (of the From address, in ASCII). seed as there. Caller frees.
 */
char *draft_message_id(const struct draft *, struct sv domain, struct sv seed);

/* draft_store.c: keeps it in state.db now. */
bool draft_keep(struct draft *, struct err *e) MUST_CHECK;
bool draft_read(struct session *, int64_t id, struct draft **out, struct err *e) MUST_CHECK;

/* draft_reply.c: what an answer takes from the header of its original. */
struct doc;
struct reply {
	struct session *s;
	struct draft *d;
	enum draft_kind kind;
	bool ignore_reply_to; /* the user said no to it */
	bool first;           /* of several originals: it gives the subject and the sender */
};
void reply_recipients(const struct reply *, const struct doc *);
void reply_from(const struct reply *, const struct doc *);
void reply_subject(const struct reply *, struct sv subject);
void reply_ids(const struct reply *, const struct doc *);

/* draft_edit.c */
bool draft_add_text(struct draft *, struct str *text, struct err *e) MUST_CHECK;
/* $signature as it is put into a text, with its dashes. */
bool draft_signature(const struct conf *, struct str *out, struct err *e) MUST_CHECK;

#endif
