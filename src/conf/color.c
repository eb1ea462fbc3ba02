#include "conf/color.h"

#include "conf/conf.h"

static const char *const color_names[] = {
	"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};

static const struct {
	const char *name;
	unsigned bit;
} attr_names[] = {
	{"bold", ATTR_BOLD},
	{"underline", ATTR_UNDERLINE},
	{"reverse", ATTR_REVERSE},
	{"standout", ATTR_STANDOUT},
	{"italic", ATTR_ITALIC},
	{"dim", ATTR_DIM},
	{"blink", ATTR_BLINK},
	{"none", ATTR_NONE_WORD},
	{"normal", ATTR_NONE_WORD},
};

unsigned attr_parse(struct sv text)
{
	for (size_t i = 0; i < ARRAY_LEN(attr_names); i++)
		if (sv_is_case(text, attr_names[i].name))
			return attr_names[i].bit;
	return 0;
}

/* #rgb or #rrggbb. */
static bool parse_hex(struct sv text, struct color_value *out)
{
	uint32_t v = 0;

	if (text.len != 7 && text.len != 4)
		return false;
	for (size_t i = 1; i < text.len; i++) {
		int digit = ascii_hex((unsigned char)text.p[i]);
		if (digit < 0)
			return false;
		v = v << 4 | (uint32_t)digit;
		if (text.len == 4)
			v = v << 4 | (uint32_t)digit;
	}
	*out = (struct color_value){COLOR_RGB, v};
	return true;
}

/* The eight names, and the words that NeoMutt adds for them. */
static bool parse_name(struct sv text, struct color_value *out)
{
	for (uint32_t i = 0; i < ARRAY_LEN(color_names); i++) {
		if (sv_is_case(text, color_names[i])) {
			*out = (struct color_value){COLOR_INDEXED, i};
			return true;
		}
	}
	return false;
}

bool color_parse(struct sv text, struct color_value *out, unsigned *attrs, struct err *e)
{
	struct sv rest = text;
	uint64_t n;
	bool bright = false;

	if (text.len == 0)
		return err_set(e, ERR_INPUT, "an empty word is no colour");
	if (sv_is_case(text, "default")) {
		*out = (struct color_value){COLOR_DEFAULT, 0};
		return true;
	}
	if (text.len && text.p[0] == '#' && parse_hex(text, out))
		return true;
	if (sv_starts_case(rest, SV("bright")) || sv_starts_case(rest, SV("light"))) {
		bright = true;
		rest = sv_from(rest, sv_starts_case(rest, SV("bright")) ? 6 : 5);
	} else if (sv_starts_case(rest, SV("alert"))) {
		*attrs |= ATTR_BOLD | ATTR_BLINK;
		rest = sv_from(rest, 5);
	}
	if (sv_starts_case(rest, SV("color")) || sv_starts_case(rest, SV("colour"))) {
		struct sv digits = sv_from(rest, sv_starts_case(rest, SV("colour")) ? 6 : 5);
		if (sv_u64(digits, &n) && n <= 255) {
			*out = (struct color_value){
				COLOR_INDEXED, (uint32_t)(bright && n < 8 ? n + 8 : n)};
			return true;
		}
		return err_set(e, ERR_INPUT,
			SV_FMT ": colours are numbered from color0 to color255", SV_ARG(text));
	}
	if (bright && sv_is_case(rest, "default")) { /* mutt: bold */
		*attrs |= ATTR_BOLD;
		*out = (struct color_value){COLOR_DEFAULT, 0};
		return true;
	}
	if (parse_name(rest, out)) {
		out->value += bright ? 8 : 0;
		return true;
	}
	struct nearest near;
	nearest_init(&near, text);
	for (size_t i = 0; i < ARRAY_LEN(color_names); i++)
		nearest_try(&near, color_names[i]);
	nearest_try(&near, "default");
	if (near.best)
		return err_set(e, ERR_INPUT, SV_FMT ": no such colour; did you mean '%s'?",
			SV_ARG(text), near.best);
	return err_set(e, ERR_INPUT, SV_FMT ": no such colour", SV_ARG(text));
}

void color_print(struct color_value c, struct str *out)
{
	switch (c.kind) {
	case COLOR_RGB:
		str_addf(out, "#%06x", (unsigned)c.value);
		break;
	case COLOR_INDEXED:
		if (c.value < 16)
			str_addf(
				out, "%s%s", c.value > 7 ? "bright" : "", color_names[c.value & 7]);
		else
			str_addf(out, "color%u", (unsigned)c.value);
		break;
	default:
		str_adds(out, "default");
		break;
	}
}

void attrs_print(unsigned attrs, struct str *out)
{
	size_t start = out->len;

	for (size_t i = 0; i < ARRAY_LEN(attr_names); i++) {
		if (!(attrs & attr_names[i].bit) || attr_names[i].bit == ATTR_NONE_WORD)
			continue;
		if (out->len > start)
			str_addc(out, ' ');
		str_adds(out, attr_names[i].name);
	}
	if (out->len == start)
		str_adds(out, "none");
}

enum color_id color_object(struct sv word, int *level)
{
	uint64_t n;

	*level = 0;
	if (sv_starts_case(word, SV("quoted")) && word.len > 6) {
		if (!sv_u64(sv_from(word, 6), &n) || n >= QUOTED_LEVELS)
			return COLOR_NONE;
		*level = (int)n;
		return COLOR_quoted;
	}
	return color_find(word);
}

/* "bold red default" as in colors.def. */
static struct color_style default_style(enum color_id id, bool mono)
{
	struct sv rest = sv_of(mono ? color_table[id].mono : color_table[id].init), word;
	struct color_style style = {0};
	struct err e;
	int colors = 0;

	while (sv_split(&rest, ' ', &word)) {
		unsigned attr = attr_parse(word);
		if (attr)
			style.attrs |= attr;
		else if (!color_parse(word, colors++ ? &style.bg : &style.fg, &style.attrs, &e))
			bug("colors.def: %s: %s", color_table[id].name, e.text);
	}
	return style;
}

struct color_style color_of(const struct conf *conf, enum color_id id, int level, bool mono)
{
	const struct rc_colors *list = &conf->rc.colors;

	for (size_t i = list->n; i-- > 0;) {
		const struct rc_color *c = &list->v[i];
		if (c->object == id && c->level == level && c->mono == mono && !c->pattern)
			return c->style;
	}
	if (id == COLOR_quoted && level > 0) /* as the level before */
		return color_of(conf, id, level - 1, mono);
	return default_style(id, mono);
}
