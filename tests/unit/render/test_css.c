#include "render/html_color.h"
#include "render/html_css.h"
#include "tests/unit/t.h"
#include "text/doc.h"

static void colours_are_read(void **state)
{
	static const struct {
		const char *text;
		uint32_t rgb; /* 0: none */
	} rows[] = {
		{"#fff", DOC_COLOR_RGB | 0xffffff}, {"#12aBcD", DOC_COLOR_RGB | 0x12abcd}, {"red", DOC_COLOR_RGB | 0xff0000},
		{" RebeccaPurple ", DOC_COLOR_RGB | 0x663399}, {"rgb(1, 2,3)", DOC_COLOR_RGB | 0x010203},
		{"rgb(100%, 0%, 0%)", DOC_COLOR_RGB | 0xff0000}, {"rgba(1,2,3,.5)", DOC_COLOR_RGB | 0x010203},
		{"rgba(1,2,3,0)", 0}, {"rgb(1 2 3 / 50%)", DOC_COLOR_RGB | 0x010203}, {"ff0000", DOC_COLOR_RGB | 0xff0000},
		{"#ff", 0}, {"#ggg", 0}, {"transparent", 0}, {"", 0}, {"rgb(", 0}, {"rgb(999999999999999999999,0,0)", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (css_color(sv_of(rows[i].text)) != rows[i].rgb)
			fail_msg("%s: %x, want %x", rows[i].text, css_color(sv_of(rows[i].text)), rows[i].rgb);
}

static void greys_are_text(void **state)
{
	(void)state;
	assert_int_equal(color_readable(DOC_COLOR_RGB | 0x333333, false), DOC_COLOR_NONE);
	assert_int_equal(color_readable(DOC_COLOR_RGB | 0xffffff, true), DOC_COLOR_NONE);
	assert_int_equal(color_readable(0, true), DOC_COLOR_NONE);
}

/* Relative luminance and contrast as WCAG 2.1 has them, with x^2.2 near enough. */
static double luminance(uint32_t c)
{
	double v[3] = {(c >> 16 & 255) / 255.0, (c >> 8 & 255) / 255.0, (c & 255) / 255.0};

	return 0.2126 * v[0] * v[0] + 0.7152 * v[1] * v[1] + 0.0722 * v[2] * v[2];
}

static void colours_can_be_read(void **state)
{
	(void)state;
	for (uint32_t r = 0; r < 256; r += 51)
		for (uint32_t g = 0; g < 256; g += 51)
			for (uint32_t b = 0; b < 256; b += 51) {
				uint32_t c = DOC_COLOR_RGB | r << 16 | g << 8 | b;
				uint32_t dark = color_readable(c, false), light = color_readable(c, true);
				if (dark)
					assert_true((luminance(dark) + 0.05) / 0.06 >= 4.5);
				if (light)
					assert_true(1.05 / (luminance(light) + 0.05) >= 4.5);
			}
}

static struct css decl(const char *text)
{
	struct css c = {0};

	css_declarations(&c, sv_of(text));
	return c;
}

static void declarations_are_read(void **state)
{
	struct css c;

	(void)state;
	c = decl("display:none");
	assert_true(c.set == CSS_DISPLAY && c.display == CSS_NONE);
	c = decl(" FONT-SIZE : 12pt ; color : red");
	assert_int_equal(c.font_size, 16);
	assert_int_equal(c.color, DOC_COLOR_RGB | 0xff0000);
	c = decl("margin: 1em 2px");
	assert_true(c.above == 16 && c.below == 16 && c.left == 2);
	c = decl("background:url('a;b') no-repeat #fff;display:block");
	assert_true(c.image && c.background == (DOC_COLOR_RGB | 0xffffff) && c.display == CSS_BLOCK);
	c = decl("display:none !important; display:block");
	assert_int_equal(c.display, CSS_NONE);
	c = decl("font: italic bold 12px/30px Georgia, serif");
	assert_true(c.bold && c.italic && c.font_size == 12);
	c = decl("nonsense; : x; a:; color:; width:0;height:0;overflow:hidden");
	assert_true(c.no_width && c.no_height && c.clipped && !(c.set & CSS_COLOR));
	c = decl("font-size:0em");
	assert_int_equal(c.font_size, 0);
	c = decl("font-size:1.2em");
	assert_int_equal(c.font_size, CSS_SIZE_RELATIVE);
}

static void rules_match(void **state)
{
	static const struct {
		const char *sheet;
		bool hit;
	} rows[] = {
		{"p{display:none}", true}, {"P {display:none}", true}, {".a{display:none}", true}, {".b{display:none}", true},
		{"p.a.b{display:none}", true}, {"p.a.c{display:none}", false}, {"#i{display:none}", true}, {"*{display:none}", true},
		{"td p{display:none}", true}, {"table p{display:none}", true}, {"td > p{display:none}", true},
		{"table > p{display:none}", false}, {"div p{display:none}", false}, {"p:hover{display:none}", false},
		{"p[x]{display:none}", false}, {"q, p {display:none}", true}, {"/* p{ */ .a /* } */ {display:none}", true},
		{"@media print{p{display:none}}", false}, {"@media screen{p{display:none}}", true},
		{"@media screen and (max-width:1px){p{display:none}}", false}, {"@import 'x'; p{display:none}", true},
		{"<!-- p{display:none} -->", true}, {"p{display:none", true}, {"}p{display:none}", true},
		{"@font-face{x:y} p{display:none}", true}, {"p{display:none} #i{display:block}", false},
		{"#i{display:none} p{display:block}", true}, {".a{display:block} .a{display:none}", true},
	};
	struct css_node table = {NULL, SV("table"), {"", 0}, {"", 0}};
	struct css_node td = {&table, SV("td"), {"", 0}, {"", 0}};
	struct css_node p = {&td, SV("p"), SV("i"), SV("a b")};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *arena = arena_new();
		struct css_sheet *sheet = css_sheet_new(arena);
		struct css css = {0}, others = {0};
		css_sheet_add(sheet, sv_of(rows[i].sheet));
		css_sheet_apply(sheet, &table, &others);
		css_sheet_apply(sheet, &td, &others);
		css_sheet_apply(sheet, &p, &css);
		if (((css.set & CSS_DISPLAY) && css.display == CSS_NONE) != rows[i].hit)
			fail_msg("%s", rows[i].sheet);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(colours_are_read),
		cmocka_unit_test(greys_are_text),
		cmocka_unit_test(colours_can_be_read),
		cmocka_unit_test(declarations_are_read),
		cmocka_unit_test(rules_match),
	};
	return t_run(tests);
}
