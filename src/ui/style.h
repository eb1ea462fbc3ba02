/*
 * How a cell looks: colours, attributes, a link. Zero is the terminal's own look. Styles are laid
 * over each other: what the upper one leaves open shows the lower.
 */
#ifndef UI_STYLE_H
#define UI_STYLE_H

#include "base/util.h"

/* A colour: STYLE_OPEN (the terminal's or the lower style's), a palette number, or 24 bits. */
#define STYLE_OPEN 0u
#define STYLE_RGB 0x1000000u     /* | 0xrrggbb */
#define STYLE_PALETTE 0x2000000u /* | 0..255 */
#define STYLE_DEFAULT 0x4000000u /* the terminal's own, though the lower style has a colour */

enum style_attr {
	STYLE_BOLD = 1 << 0,
	STYLE_ITALIC = 1 << 1,
	STYLE_UNDERLINE = 1 << 2,
	STYLE_REVERSE = 1 << 3,
	STYLE_DIM = 1 << 4,
	STYLE_BLINK = 1 << 5,
	STYLE_STRIKE = 1 << 6,
	STYLE_STANDOUT = 1 << 7,
	STYLE_ATTRS = (1 << 8) - 1,
};

struct style {
	uint32_t fg, bg;
	uint16_t attrs; /* enum style_attr */
	uint16_t link;  /* number of a link of the grid, 0: none */
};

/* over laid on under: its colours where set, attributes of both, its link if any. */
static inline struct style style_over(struct style under, struct style over)
{
	if (over.fg != STYLE_OPEN)
		under.fg = over.fg;
	if (over.bg != STYLE_OPEN)
		under.bg = over.bg;
	under.attrs |= over.attrs;
	if (over.link)
		under.link = over.link;
	return under;
}
static inline bool style_eq(struct style a, struct style b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs && a.link == b.link;
}

/* The nearest palette number for 24 bits: of 256, 16 or 8 colours. */
unsigned style_nearest(uint32_t rgb, unsigned colours);

#endif
