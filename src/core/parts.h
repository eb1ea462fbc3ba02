/*
 * Which parts of a message count as attachments: `attachments` and `unattachments` with
 * $count_alternatives, as mutt reads them. Without such rules what the store says is the number
 * (part_is_attachment in mime/part.h); mutt says 0 then.
 */
#ifndef CORE_PARTS_H
#define CORE_PARTS_H

#include "conf/conf.h"
#include "core/msg.h"

/* %X and ~X of a message. Until the parts of one are known the number that the store has. */
uint32_t parts_count(const struct conf *, const struct msg_facts *);

/*
 * The rules over parts one by one, in the order of the message: does this one count? Start with all
 * zero. Depth 0 is the message itself; a part is always asked about after its parent.
 */
#define PARTS_DEPTH_MAX 110
struct parts_part {
	int depth;
	bool first; /* of the parts of its parent */
	bool attached;
	struct sv type, subtype; /* lower case */
};
struct parts_walk {
	bool dead[PARTS_DEPTH_MAX]; /* by depth: what is below the part there is not looked at */
};
bool parts_counts(struct parts_walk *, const struct conf *, const struct parts_part *);
bool parts_has_rules(const struct conf *);
/* A part of a document; "multipart/mixed" is lent. */
struct parts_part parts_part_of(const char *type, const char *disposition, int depth, bool first);

#endif
