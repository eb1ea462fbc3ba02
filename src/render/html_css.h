/*
 * As much of CSS as decides what a reader sees: visibility, size zero, weight, colour, white space,
 * alignment, margins. Inline styles and simple rules of <style>; no layout, nothing is fetched.
 */
#ifndef RENDER_HTML_CSS_H
#define RENDER_HTML_CSS_H

#include "base/mem.h"
#include "base/str.h"

#define CSS_RULES_MAX 4000         /* of one message */
#define CSS_SHEET_MAX (512u << 10) /* bytes of style sheets that are looked at */
#define CSS_WORK_MAX 2000000u      /* rules tried on elements, all together */
#define CSS_STEPS_MAX 6            /* compound selectors in one rule */

enum css_prop { /* bits of css.set and css.important */
	CSS_DISPLAY = 1 << 0,
	CSS_VISIBILITY = 1 << 1,
	CSS_FONT_SIZE = 1 << 2,
	CSS_BOLD = 1 << 3,
	CSS_ITALIC = 1 << 4,
	CSS_DECORATION = 1 << 5,
	CSS_COLOR = 1 << 6,
	CSS_BACKGROUND = 1 << 7,
	CSS_WHITE_SPACE = 1 << 8,
	CSS_ALIGN = 1 << 9,
	CSS_SPACE_ABOVE = 1 << 10, /* margin and padding */
	CSS_SPACE_BELOW = 1 << 11,
	CSS_MAX_HEIGHT = 1 << 12,
	CSS_WIDTH = 1 << 13,
	CSS_OVERFLOW = 1 << 14,
	CSS_OPACITY = 1 << 15,
	CSS_INDENT = 1 << 16, /* text-indent, or position: both move text out of sight */
	CSS_IMAGE = 1 << 17,  /* a background image: colours say nothing then */
	CSS_MSO_HIDE = 1 << 18,
	CSS_LINE_HEIGHT = 1 << 19,
	CSS_MARGIN_LEFT = 1 << 20,
	CSS_BORDER_LEFT = 1 << 21,
	CSS_HEIGHT = 1 << 22,
	CSS_PADDING_LEFT = 1 << 23,
	CSS_MSO_LIST = 1 << 24,
};

enum css_display { CSS_INLINE, CSS_BLOCK, CSS_NONE, CSS_INLINE_BLOCK, CSS_TABLE_PART };
enum css_align { CSS_LEFT, CSS_RIGHT, CSS_CENTER };
enum { CSS_UNDERLINE = 1, CSS_STRIKE = 2 };
enum { CSS_MSO_MARK = -1, CSS_MSO_LEVEL_MAX = 9 }; /* mso_list; else a level from 1 on */
enum { CSS_SIZE_RELATIVE = -1 }; /* font_size: relative and not zero */

struct css {
	uint32_t set, important; /* enum css_prop */
	uint8_t display, align, decoration;
	bool invisible, bold, italic, pre, no_max_height, no_width, no_height, clipped, transparent;
	bool out_of_sight, image, mso_hide, flat, bordered_left;
	int8_t mso_list;
	int font_size;          /* px, or CSS_SIZE_RELATIVE */
	int above, below, left; /* px */
	int padding_left;
	uint32_t color, background; /* DOC_COLOR_RGB | 0xrrggbb, or 0: transparent or unknown */
};

/* Declarations "a: b; c: d" over what is in *css. */
void css_declarations(struct css *css, struct sv text);
/* A colour as CSS or an HTML attribute writes it; DOC_COLOR_RGB | ..., 0 when it is none. */
uint32_t css_color(struct sv text);

/* What selectors look at. */
struct css_node {
	const struct css_node *up; /* parent */
	struct sv name, id, classes;
	uint64_t words, outer; /* of the sheet: which words are here, and further out */
};

struct css_sheet;
struct css_sheet *css_sheet_new(struct arena *);
/* Adds the rules of one <style>. */
void css_sheet_add(struct css_sheet *, struct sv text);
/* All rules that match, in the order in which they win. Parents before their children, and no css_sheet_add after. */
void css_sheet_apply(struct css_sheet *, struct css_node *, struct css *css);

#endif
