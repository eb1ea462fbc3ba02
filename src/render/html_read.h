/*
 * What the files that read HTML share: the stack of open elements and what is being built. html.c drives
 * the parser and inherits styles, html_elements.c knows what each element means, html_links.c the links.
 */
#ifndef RENDER_HTML_READ_H
#define RENDER_HTML_READ_H

#include "base/hash.h"
#include "render/html_priv.h"

#define CLASS_MAX 256     /* bytes of a class attribute that are looked at */
#define IMAGE_NAME_MAX 32 /* bytes of a file name that can stand for its image */
#define LINK_TEXT_MAX 400 /* of a link's text, kept for the list */

struct frame {
	const struct html_tag *tag;
	struct css_node node;
	bool hidden, invisible, pre, block, image_behind, in_head_rows, is_link;
	bool is_mark;   /* of an item of Word's */
	bool in_button; /* its children start no lines */
	int font_px;
	uint32_t color, background;
	struct doc_span look;
	unsigned char align, gap_below;
	int counter;     /* of an ordered list */
	char list_style; /* '1' 'a' 'A' 'i' 'I', '*' for bullets, 0: no list */
	unsigned list_depth;
	/* What to go back to when it closes. */
	struct html_indent *indent;
	struct html_cell *cell;
	struct html_table *table;
	struct html_row *row;
	unsigned char gap;
};

/* What a frame's node points to. */
struct names {
	char classes[CLASS_MAX], id[64];
};

/* The <a> that is open. */
struct anchor {
	bool open;
	char *url;       /* in the arena */
	unsigned number; /* 0: nothing of it has been seen yet */
	struct str text;
	bool image;
	char image_name[IMAGE_NAME_MAX + 3]; /* "[logo]" for the first that says nothing else */
};

struct html {
	struct html_layout layout;
	struct doc_build *doc;
	const struct html_opts *opts;
	struct css_sheet *sheet;
	struct frame *frame;  /* HTML_DEPTH_MAX; memory is touched as far as a message is deep */
	struct names *names;  /* of each frame */
	int depth;            /* frames in use, at least one */
	unsigned overflow;    /* elements open beyond them */
	unsigned xml_depth;   /* elements open for libxml2 */
	struct html_para para;
	struct html_cell *cell; /* where blocks go */
	struct html_table *table;
	struct html_row *row;
	struct html_indent *indent;
	unsigned char gap;
	bool item_start; /* right behind a list mark: gaps do not count */
	unsigned table_depth;
	struct anchor anchor;
	struct map *urls; /* url -> number */
	char *shown;      /* by number: its "[n]" stands in the text */
	size_t shown_cap;
	size_t link_end;     /* where in the paragraph the last link ended; 0: not in this one */
	const char *base;    /* <base href> */
	unsigned first_link; /* links that were there before this part */
	unsigned images;     /* remote ones */
	bool option_seen;
};

/* The attributes that mean something; lent from the parser for the time of the event. */
struct attrs {
	struct sv style, class, id, href, src, alt, title, width, height, align, bgcolor, color,
		type, value, start;
	struct sv colspan, rowspan, border, role, background, scope;
	bool hidden, checked;
};

static inline struct frame *html_top(struct html *h)
{
	return &h->frame[h->depth - 1];
}
/* Is text of this frame for readers? */
bool html_is_visible(const struct html *, const struct frame *);

/* ---- html_clean.c ---- */

/* Appends what libxml2 is to read; the style sheets go to `sheet`. True when there is a <body>. */
bool html_clean(struct str *out, struct sv html, struct css_sheet *sheet);

/* ---- html_elements.c ---- */

/* Ends the paragraph under construction. */
void html_flush(struct html *);
/* Asks for empty lines before what comes next. */
void html_want_gap(struct html *, unsigned char gap);
void html_add_text(struct html *, struct sv text);
/* Words of ours: brackets, list marks, replacement for images. */
void html_add_words(struct html *, const char *words, uint16_t style);
/* What is special about one element, once its frame is there; and what it had to say at its end. */
void html_open(struct html *, struct frame *, const struct attrs *, const struct css *);
void html_close(struct html *, struct frame *);

/* ---- html_lists.c ---- */

struct html_indent *html_push_indent(struct html *, enum indent_kind, int columns, const char *mark);
/* A number in an attribute, kept between least and most. */
int html_attr_number(struct sv v, int least, int most, int otherwise);
void html_open_list(struct frame *, const struct attrs *);
void html_open_item(struct html *, const struct attrs *);
/* A paragraph of Word's that is an item; and the end of the span with its mark, which is no text then. */
void html_open_word_item(struct html *, int level);
void html_take_word_mark(struct html *);

/* ---- html_links.c ---- */

/* A scheme that a reader can follow without harm by looking at it? */
bool html_scheme_is_fit(struct sv url);
void html_open_anchor(struct html *, struct sv href);
/* An image without words of its own: when the link has none either, the name of its file says something. */
void html_anchor_image(struct html *, struct sv src);
void html_close_anchor(struct html *);
/* A link gets its number when something of it is seen. */
void html_number_anchor(struct html *);
void html_set_base(struct html *, struct sv href);
/* The list of targets at the end. */
void html_put_link_list(struct html *);
/* Links that were numbered but are on no line any more (a limit, a hidden end) go to this one. */
void html_settle_links(struct html *, uint32_t line);

#endif
