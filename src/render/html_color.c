/*
 * Colours: names and notations of CSS (Color Module 3), and what becomes of them on a terminal.
 */
#include "render/html_color.h"

#include "render/html_css.h"
#include "text/doc.h"

/* clang-format off */
static const struct {
	const char *name;
	uint32_t rgb;
} names[] = { /* sorted */
	{"aliceblue", 0xf0f8ff}, {"antiquewhite", 0xfaebd7}, {"aqua", 0x00ffff},
	{"aquamarine", 0x7fffd4}, {"azure", 0xf0ffff}, {"beige", 0xf5f5dc}, {"bisque", 0xffe4c4},
	{"black", 0x000000}, {"blanchedalmond", 0xffebcd}, {"blue", 0x0000ff},
	{"blueviolet", 0x8a2be2}, {"brown", 0xa52a2a}, {"burlywood", 0xdeb887},
	{"cadetblue", 0x5f9ea0}, {"chartreuse", 0x7fff00}, {"chocolate", 0xd2691e},
	{"coral", 0xff7f50}, {"cornflowerblue", 0x6495ed}, {"cornsilk", 0xfff8dc},
	{"crimson", 0xdc143c}, {"cyan", 0x00ffff}, {"darkblue", 0x00008b}, {"darkcyan", 0x008b8b},
	{"darkgoldenrod", 0xb8860b}, {"darkgray", 0xa9a9a9}, {"darkgreen", 0x006400},
	{"darkgrey", 0xa9a9a9}, {"darkkhaki", 0xbdb76b}, {"darkmagenta", 0x8b008b},
	{"darkolivegreen", 0x556b2f}, {"darkorange", 0xff8c00}, {"darkorchid", 0x9932cc},
	{"darkred", 0x8b0000}, {"darksalmon", 0xe9967a}, {"darkseagreen", 0x8fbc8f},
	{"darkslateblue", 0x483d8b}, {"darkslategray", 0x2f4f4f}, {"darkslategrey", 0x2f4f4f},
	{"darkturquoise", 0x00ced1}, {"darkviolet", 0x9400d3}, {"deeppink", 0xff1493},
	{"deepskyblue", 0x00bfff}, {"dimgray", 0x696969}, {"dimgrey", 0x696969},
	{"dodgerblue", 0x1e90ff}, {"firebrick", 0xb22222}, {"floralwhite", 0xfffaf0},
	{"forestgreen", 0x228b22}, {"fuchsia", 0xff00ff}, {"gainsboro", 0xdcdcdc},
	{"ghostwhite", 0xf8f8ff}, {"gold", 0xffd700}, {"goldenrod", 0xdaa520}, {"gray", 0x808080},
	{"green", 0x008000}, {"greenyellow", 0xadff2f}, {"grey", 0x808080}, {"honeydew", 0xf0fff0},
	{"hotpink", 0xff69b4}, {"indianred", 0xcd5c5c}, {"indigo", 0x4b0082}, {"ivory", 0xfffff0},
	{"khaki", 0xf0e68c}, {"lavender", 0xe6e6fa}, {"lavenderblush", 0xfff0f5},
	{"lawngreen", 0x7cfc00}, {"lemonchiffon", 0xfffacd}, {"lightblue", 0xadd8e6},
	{"lightcoral", 0xf08080}, {"lightcyan", 0xe0ffff}, {"lightgoldenrodyellow", 0xfafad2},
	{"lightgray", 0xd3d3d3}, {"lightgreen", 0x90ee90}, {"lightgrey", 0xd3d3d3},
	{"lightpink", 0xffb6c1}, {"lightsalmon", 0xffa07a}, {"lightseagreen", 0x20b2aa},
	{"lightskyblue", 0x87cefa}, {"lightslategray", 0x778899}, {"lightslategrey", 0x778899},
	{"lightsteelblue", 0xb0c4de}, {"lightyellow", 0xffffe0}, {"lime", 0x00ff00},
	{"limegreen", 0x32cd32}, {"linen", 0xfaf0e6}, {"magenta", 0xff00ff}, {"maroon", 0x800000},
	{"mediumaquamarine", 0x66cdaa}, {"mediumblue", 0x0000cd}, {"mediumorchid", 0xba55d3},
	{"mediumpurple", 0x9370db}, {"mediumseagreen", 0x3cb371}, {"mediumslateblue", 0x7b68ee},
	{"mediumspringgreen", 0x00fa9a}, {"mediumturquoise", 0x48d1cc},
	{"mediumvioletred", 0xc71585}, {"midnightblue", 0x191970}, {"mintcream", 0xf5fffa},
	{"mistyrose", 0xffe4e1}, {"moccasin", 0xffe4b5}, {"navajowhite", 0xffdead},
	{"navy", 0x000080}, {"oldlace", 0xfdf5e6}, {"olive", 0x808000}, {"olivedrab", 0x6b8e23},
	{"orange", 0xffa500}, {"orangered", 0xff4500}, {"orchid", 0xda70d6},
	{"palegoldenrod", 0xeee8aa}, {"palegreen", 0x98fb98}, {"paleturquoise", 0xafeeee},
	{"palevioletred", 0xdb7093}, {"papayawhip", 0xffefd5}, {"peachpuff", 0xffdab9},
	{"peru", 0xcd853f}, {"pink", 0xffc0cb}, {"plum", 0xdda0dd}, {"powderblue", 0xb0e0e6},
	{"purple", 0x800080}, {"rebeccapurple", 0x663399}, {"red", 0xff0000},
	{"rosybrown", 0xbc8f8f}, {"royalblue", 0x4169e1}, {"saddlebrown", 0x8b4513},
	{"salmon", 0xfa8072}, {"sandybrown", 0xf4a460}, {"seagreen", 0x2e8b57},
	{"seashell", 0xfff5ee}, {"sienna", 0xa0522d}, {"silver", 0xc0c0c0}, {"skyblue", 0x87ceeb},
	{"slateblue", 0x6a5acd}, {"slategray", 0x708090}, {"slategrey", 0x708090},
	{"snow", 0xfffafa}, {"springgreen", 0x00ff7f}, {"steelblue", 0x4682b4}, {"tan", 0xd2b48c},
	{"teal", 0x008080}, {"thistle", 0xd8bfd8}, {"tomato", 0xff6347}, {"turquoise", 0x40e0d0},
	{"violet", 0xee82ee}, {"wheat", 0xf5deb3}, {"white", 0xffffff}, {"whitesmoke", 0xf5f5f5},
	{"window", 0xffffff}, {"windowtext", 0x000000}, {"yellow", 0xffff00},
	{"yellowgreen", 0x9acd32},
};
/* clang-format on */

static uint32_t by_name(struct sv name)
{
	size_t low = 0, high = ARRAY_LEN(names);

	while (low < high) {
		size_t mid = (low + high) / 2;
		int d = sv_cmp_case(name, sv_of(names[mid].name));
		if (d == 0)
			return DOC_COLOR_RGB | names[mid].rgb;
		if (d < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return 0;
}

/* "fff" or "ffffff", an alpha behind it is ignored. */
static uint32_t by_hex(struct sv v)
{
	uint32_t rgb = 0;

	if (v.len != 3 && v.len != 4 && v.len != 6 && v.len != 8)
		return 0;
	for (size_t i = 0; i < (v.len < 6 ? 3u : 6u); i++) {
		int h = ascii_hex((unsigned char)v.p[i]);
		if (h < 0)
			return 0;
		rgb = rgb << 4 | (uint32_t)h;
		if (v.len < 6)
			rgb = rgb << 4 | (uint32_t)h;
	}
	return DOC_COLOR_RGB | rgb;
}

/* What stands in rgb(...): three numbers or percentages; fully transparent is no colour. */
static uint32_t by_numbers(struct sv v)
{
	struct scan s = scan_of(v);
	uint64_t n[4] = {0, 0, 0, 1};
	uint32_t rgb = 0;

	for (int i = 0; i < 4; i++) {
		scan_while(&s, " ,/");
		if (scan_end(&s) && i == 3)
			break;
		if (!scan_u64(&s, &n[i])) {
			if (i < 3)
				return 0;
			continue;
		}
		bool fraction = scan_byte(&s, '.');
		struct sv digits = fraction ? scan_while(&s, "0123456789") : SV("");
		if (i == 3 && digits.len && !sv_is(digits, "0"))
			n[3] = 1;
		if (scan_byte(&s, '%'))
			n[i] = n[i] * 255 / 100;
		if (i < 3)
			rgb = rgb << 8 | (uint32_t)MIN(n[i], 255);
	}
	return n[3] ? DOC_COLOR_RGB | rgb : 0;
}

uint32_t css_color(struct sv v)
{
	v = sv_trim(v);
	if (sv_starts(v, SV("#")))
		return by_hex(sv_from(v, 1));
	if (sv_starts_case(v, SV("rgb(")) || sv_starts_case(v, SV("rgba(")))
		return by_numbers(sv_from(v, (size_t)sv_chr(v, '(') + 1));
	uint32_t named = by_name(v);
	return named || v.len != 6 ? named : by_hex(v); /* HTML attributes leave the '#' out */
}

/* ---- on the terminal ---- */

struct rgb {
	int r, g, b;
};

static struct rgb split(uint32_t color)
{
	return (struct rgb){(int)(color >> 16 & 255), (int)(color >> 8 & 255), (int)(color & 255)};
}

/* Relative luminance in thousandths; the sRGB curve by x^2, near enough for a threshold. */
static int luminance(struct rgb c)
{
	return (213 * c.r * c.r + 715 * c.g * c.g + 72 * c.b * c.b) / (255 * 255);
}

bool color_same(uint32_t a, uint32_t b)
{
	struct rgb x = split(a), y = split(b);
	int dr = x.r - y.r, dg = x.g - y.g, db = x.b - y.b;

	return dr * dr + dg * dg + db * db <= 3 * 6 * 6;
}

/* Contrast 4.5 against black (0.02 for dark greys in use) and white. */
#define DARK_SIDE_MIN 280
#define LIGHT_SIDE_MAX 175
#define COLOURFUL 48 /* difference of channels below which a colour counts as grey */

static struct rgb mix(struct rgb c, int with, int percent)
{
	return (struct rgb){c.r + (with - c.r) * percent / 100, c.g + (with - c.g) * percent / 100,
		c.b + (with - c.b) * percent / 100};
}

uint32_t color_readable(uint32_t color, bool light_background)
{
	struct rgb c = split(color), best = c;
	int low = MIN(MIN(c.r, c.g), c.b), high = MAX(MAX(c.r, c.g), c.b);

	if (!color || high - low < COLOURFUL)
		return DOC_COLOR_NONE;
	for (int percent = 0; percent <= 90; percent += 10) {
		best = mix(c, light_background ? 0 : 255, percent);
		int l = luminance(best);
		if (light_background ? l <= LIGHT_SIDE_MAX : l >= DARK_SIDE_MIN)
			break;
	}
	return DOC_COLOR_RGB | (uint32_t)best.r << 16 | (uint32_t)best.g << 8 | (uint32_t)best.b;
}
