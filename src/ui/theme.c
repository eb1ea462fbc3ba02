/* Objects of `color` become styles; normal lies under all of them. */
#include "ui/theme.h"

#include "base/mem.h"
#include "conf/conf.h"

#include <stdlib.h>

struct theme {
	bool mono;
	struct style objects[COLOR_COUNT];
	struct style quoted[QUOTED_LEVELS];
	unsigned quoted_count;
};

struct theme *theme_new(void)
{
	return xcalloc(1, sizeof(struct theme));
}

void theme_free(struct theme *t)
{
	free(t);
}

static uint32_t colour(struct color_value v)
{
	switch (v.kind) {
	case COLOR_DEFAULT:
		return STYLE_DEFAULT;
	case COLOR_INDEXED:
		return STYLE_PALETTE | (v.value & 0xff);
	case COLOR_RGB:
		return STYLE_RGB | (v.value & 0xffffff);
	default:
		return STYLE_OPEN;
	}
}

struct style theme_of(struct color_style c)
{
	static const struct {
		unsigned attr, style;
	} attrs[] = {{ATTR_BOLD, STYLE_BOLD}, {ATTR_UNDERLINE, STYLE_UNDERLINE}, {ATTR_REVERSE, STYLE_REVERSE},
		{ATTR_STANDOUT, STYLE_STANDOUT}, {ATTR_ITALIC, STYLE_ITALIC}, {ATTR_DIM, STYLE_DIM},
		{ATTR_BLINK, STYLE_BLINK}};
	struct style s = {.fg = colour(c.fg), .bg = colour(c.bg)};
	for (size_t i = 0; i < ARRAY_LEN(attrs); i++) {
		if (c.attrs & attrs[i].attr)
			s.attrs |= (uint16_t)attrs[i].style;
	}
	return s;
}

static struct style plain(struct style s)
{
	if (s.fg == STYLE_DEFAULT)
		s.fg = STYLE_OPEN;
	if (s.bg == STYLE_DEFAULT)
		s.bg = STYLE_OPEN;
	return s;
}

static struct style without_colours(struct style s, bool mono)
{
	if (mono)
		s.fg = s.bg = STYLE_OPEN;
	return s;
}

/*
 * What the modern profile adds where nobody has said anything: colours of the 256 that can be read on
 * dark and on light grounds (contrast 3 and more on both), and the first eight for terminals with less.
 */
static const struct {
	enum color_id id;
	uint8_t colour, few;
	uint16_t attrs;
} modern[] = {
	{COLOR_tree, 67, 6, 0}, {COLOR_hdrdefault, 67, 6, 0}, {COLOR_attachment, 133, 5, 0}, {COLOR_signature, 102, 0, 0},
	{COLOR_link, 68, 6, STYLE_UNDERLINE}, {COLOR_index_date, 102, 0, 0},
	{COLOR_index_size, 102, 0, 0}, {COLOR_index_flags, 167, 1, 0}, {COLOR_index_collapsed, 133, 5, 0},
	{COLOR_markers, 102, 0, 0}, {COLOR_tilde, 102, 0, 0}, {COLOR_sidebar_divider, 102, 0, 0},
	{COLOR_sidebar_new, 0, 0, STYLE_BOLD}, {COLOR_sidebar_flagged, 167, 1, 0}, {COLOR_compose_header, 67, 6, 0},
	{COLOR_warning, 136, 3, 0},
};
static const uint8_t modern_quoted[][2] = {{72, 2}, {67, 6}, {133, 5}, {136, 3}};

static bool said(const struct conf *conf, enum color_id id)
{
	for (size_t i = 0; i < conf->rc.colors.n; i++) {
		const struct rc_color *c = &conf->rc.colors.v[i];
		if (c->object == id && !c->pattern && !c->mono)
			return true;
	}
	return false;
}

static struct style modern_style(uint8_t colour, uint8_t few, uint16_t attrs, unsigned colours)
{
	uint8_t n = colours >= 256 ? colour : few;
	return (struct style){.fg = n ? STYLE_PALETTE | n : STYLE_OPEN, .attrs = attrs};
}

static void load_modern(struct theme *t, const struct conf *conf, unsigned colours)
{
	for (size_t i = 0; i < ARRAY_LEN(modern); i++) {
		if (!said(conf, modern[i].id))
			t->objects[modern[i].id] = modern_style(modern[i].colour, modern[i].few, modern[i].attrs, colours);
	}
	if (said(conf, COLOR_quoted))
		return;
	for (size_t i = 0; i < ARRAY_LEN(modern_quoted); i++)
		t->quoted[i] = modern_style(modern_quoted[i][0], modern_quoted[i][1], 0, colours);
	t->quoted_count = ARRAY_LEN(modern_quoted);
}

void theme_load(struct theme *t, const struct conf *conf, unsigned colours)
{
	bool mono = colours == 0;
	t->mono = mono;
	struct style normal = plain(without_colours(theme_of(color_of(conf, COLOR_normal, 0, mono)), mono));
	for (int i = 0; i < COLOR_COUNT; i++) {
		struct style s = without_colours(theme_of(color_of(conf, (enum color_id)i, 0, mono)), mono);
		/* "default" means the terminal's own unless normal has a colour: then it means that. */
		if (s.fg == STYLE_DEFAULT && normal.fg == STYLE_OPEN)
			s.fg = STYLE_OPEN;
		if (s.bg == STYLE_DEFAULT && normal.bg == STYLE_OPEN)
			s.bg = STYLE_OPEN;
		t->objects[i] = i == COLOR_normal ? normal : s;
	}
	t->quoted_count = 0;
	for (int level = 0; level < QUOTED_LEVELS; level++) {
		struct style s = without_colours(theme_of(color_of(conf, COLOR_quoted, level, mono)), mono);
		t->quoted[level] = plain(s);
		if (!style_eq(t->quoted[level], (struct style){0}) &&
			(level == 0 || !style_eq(t->quoted[level], t->quoted[0])))
			t->quoted_count = (unsigned)level + 1;
	}
	if (!mono && conf->profile == CONF_MODERN)
		load_modern(t, conf, colours);
}

bool theme_is_mono(const struct theme *t)
{
	return t->mono;
}

struct style theme_style(const struct theme *t, enum color_id id)
{
	return t->objects[id];
}

struct style theme_quoted(const struct theme *t, unsigned level)
{
	if (t->quoted_count == 0 || level == 0)
		return t->quoted[0];
	return t->quoted[(level - 1) % t->quoted_count];
}
