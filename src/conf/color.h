/*
 * Colours and attributes as data: what `color` and `mono` say. The ui turns them into terminal
 * styles.
 */
#ifndef CONF_COLOR_H
#define CONF_COLOR_H

#include "base/err.h"
#include "base/str.h"
#include "vocab/vocab.h"

enum color_kind {
	COLOR_UNSET,   /* not said */
	COLOR_DEFAULT, /* the terminal's own */
	COLOR_INDEXED, /* 0-255; 0-7 are the names, 8-15 their bright forms */
	COLOR_RGB,     /* 0xRRGGBB */
};

struct color_value {
	enum color_kind kind;
	uint32_t value;
};

enum {
	ATTR_BOLD = 1,
	ATTR_UNDERLINE = 2,
	ATTR_REVERSE = 4,
	ATTR_STANDOUT = 8,
	ATTR_ITALIC = 16,
	ATTR_DIM = 32,
	ATTR_BLINK = 64,
};

struct color_style {
	struct color_value fg, bg;
	unsigned attrs;
};

#define QUOTED_LEVELS 10

/* compose security_X */
enum { COMPOSE_NONE, COMPOSE_ENCRYPT, COMPOSE_SIGN, COMPOSE_BOTH };

/*
 * "red", "brightblue", "color214", "#ff8800", "default". ERR_INPUT names it. attrs gets bold for
 * "alertX" forms.
 */
bool color_parse(
	struct sv text, struct color_value *out, unsigned *attrs, struct err *e) MUST_CHECK;
/* 0 when it is not the name of an attribute; "none" and "normal" give ATTR_NONE_WORD. */
#define ATTR_NONE_WORD 0x8000u
unsigned attr_parse(struct sv text);
void color_print(struct color_value, struct str *out);
void attrs_print(unsigned attrs, struct str *out);

/*
 * An object as written: "quoted3", "index_author". compose takes a second word. level: see struct
 * rc_color. COLOR_NONE when unknown.
 */
enum color_id color_object(struct sv word, int *level);

struct conf;
struct rc_color;
/*
 * The style of an object without pattern: the last `color` line (mono: `mono` line), else its
 * default.
 */
struct color_style color_of(const struct conf *, enum color_id, int level, bool mono);

#endif
