/*
 * Inside the renderer: one message being turned into a document.
 */
#ifndef RENDER_RENDER_PRIV_H
#define RENDER_RENDER_PRIV_H

#include "base/rx.h"
#include "mime/part.h"
#include "render/render.h"

/* What happens to one part. */
enum choice {
	CHOICE_HIDE, /* an alternative not taken, a signature, an image inside HTML */
	CHOICE_PASS, /* a container: its parts decide */
	CHOICE_SHOW, /* its content is among the lines */
	CHOICE_MARK, /* a line says that it is there */
};

struct view {
	const struct render_opts *opts;
	struct arena *arena;
	struct charset_rules rules;
	struct part_tree *tree;
	size_t count;          /* parts looked at: tree->count, at most DOC_PARTS_MAX */
	unsigned char *choice; /* by index in tree->list */
	struct doc_build *doc;
	struct rx *quote, *smileys; /* by view_compile */
	bool compiled;
	unsigned shown; /* parts whose content is there */
	bool started;   /* lines of the body are there */
};

/* ---- choose.c ---- */

/* Fills view->choice. */
void choose_parts(struct view *);
/* "text/html" against a pattern of the user's, which may be "text" or have a star behind the slash. */
bool type_matches(const char *pattern, const char *type, const char *subtype);
bool list_has_type(const struct render_list *, const struct part *);
/* The parameter of an external body that our store wrote for a part left on the server, or NULL. */
const char *server_part(const struct part *, const char *param);
/* type and subtype of what it is, also when it is on the server. The strings live in the arena or the part. */
void part_real_type(
	const struct view *, const struct part *, const char **type, const char **subtype);
/* The output that a mailcap filter gave for it, or NULL. */
const struct render_view *view_of(const struct render_opts *, const struct part *);
/* That of the display filter for the whole message, or NULL. */
const struct render_view *view_of_all(const struct render_opts *);

/* ---- headers.c ---- */

/* Lines of one header block: weeded, ordered, decoded, folded at the width. */
void headers_render(struct view *, const struct headers *, unsigned part);
/* All of them, decoded, for answers. */
void headers_collect(struct view *, const struct headers *);

/* ---- parts.c ---- */

/* Describes all parts in the document. */
void parts_describe(struct view *);
/* "[-- Attachment #2: name (type, size) --]" */
void part_mark(struct view *, size_t index);
/* The content of a part as lines. */
void part_render(struct view *, size_t index);
/* A remark of ours. */
void note(struct view *, unsigned part, const char *fmt, ...) PRINTF_LIKE(3, 4);
/*
 * What the message says, for a mark of ours: it cannot look like the mark's end, and does not make the line
 * longer than the window, where that would be out of sight. others: columns of the rest.
 */
const char *in_mark(struct view *, const char *text, int others);
/* "1.3M", "640K", "0.1K". */
void size_text(char out[16], uint64_t bytes);
/* A safe name to save it under; name may be NULL. Caller frees. */
char *part_save_name(const struct view *, const struct part *, const char *name);
const char *part_type_text(const struct view *, const struct part *); /* "text/plain" */

void view_init(struct view *, struct sv message, const struct render_opts *);
void view_fini(struct view *);
void view_compile(struct view *);
/* How plain text of a part is shown. */
struct plain_opts;
void plain_options(struct view *, unsigned part, struct plain_opts *);
/* The wrap width of body text. */
int view_wrap(const struct render_opts *);

#endif
