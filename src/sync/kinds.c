/*
 * The kinds of accounts and ways of sending that this worker knows, by the name that HELLO gives.
 */
#include "sync/box.h"

static const struct box_ops *const boxes[] = {
	&local_box_ops,
	&imap_box_ops,
	&pop_box_ops,
};

const struct box_ops *box_kind(const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(boxes); i++) {
		if (strcmp(boxes[i]->kind, kind) == 0)
			return boxes[i];
	}
	return NULL;
}

const struct submit_ops *submit_kind(const char *kind)
{
	return strcmp(kind, "smtp") == 0 ? &submit_smtp_ops : NULL;
}
