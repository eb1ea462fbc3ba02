/*
 * HTML to lines: one row for one behaviour; whole mails lie in tests/corpus/html with what they must
 * look like beside them (NAME.html, NAME.txt). UPDATE=1 writes the latter.
 */
#include <dirent.h>
#include <time.h>

#include "base/fs.h"
#include "base/mem.h"
#include "render/render.h"
#include "tests/unit/t.h"
#include "text/width.h"

struct row {
	const char *name, *html, *want;
	int width; /* 0: 40 */
};

static struct doc *doc_of(const char *html, int width)
{
	struct render_opts o;
	struct doc *d;

	render_opts_init(&o);
	o.width = width ? width : 40;
	d = render_html_piece(sv_of(html), &o);
	render_opts_fini(&o);
	return d;
}

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct doc *d = doc_of(rows[i].html, rows[i].width);
		struct str text;
		str_init(&text, 1 << 20);
		doc_text(d, 0, d->line_count, &text);
		t_streq(text.len ? text.s : "", rows[i].want, rows[i].name);
		str_fini(&text);
		doc_free(d);
	}
}
#define CHECK(rows) check_rows(rows, ARRAY_LEN(rows))

static void text_flows(void **state)
{
	static const struct row rows[] = {
		{"white space collapses", "  a\n b \t c  ", "a b c\n", 0},
		{"paragraphs stand apart", "<p>a<p>b</p>c", "a\n\nb\n\nc\n", 0},
		{"divs do not", "<div>a</div><div>b</div>", "a\nb\n", 0},
		{"br ends a line", "a<br>b<br/>c", "a\nb\nc\n", 0},
		{"two br make one empty line", "a<br><br><br><br>b", "a\n\nb\n", 0},
		{"the last br of a block is nothing", "<div>a<br></div>b", "a\nb\n", 0},
		{"a div with only br is an empty line", "<div>a</div><div><br></div><div>b</div>", "a\n\nb\n", 0},
		{"a paragraph of nbsp is an empty line", "<div>a</div><p style='margin:0'>&nbsp;</p><div>b</div>", "a\n\nb\n", 0},
		{"margin 0 takes the empty line away", "<p style='margin:0'>a</p><p style='margin:0 0 0 0'>b</p>", "a\nb\n", 0},
		{"a margin gives a div one", "<div style='margin-bottom:16px'>a</div>b", "a\n\nb\n", 0},
		{"lines wrap", "aaaa bbbb cccc dddd", "aaaa bbbb\ncccc dddd\n", 10},
		{"wide characters wrap", "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87",
			"\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\n\xe6\x96\x87\n", 10},
		{"one nbsp at the start indents nothing", "&nbsp;<b>a</b><br>&nbsp;&nbsp;b", "a\n  b\n", 0},
		{"nor beside a broken line", "aaaa bbb &nbsp;ccc", "aaaa bbb\nccc\n", 10},
		{"nbsp holds words together", "aaaa bbbb&nbsp;ccc dd", "aaaa\nbbbb ccc\ndd\n", 10},
		{"entities", "&lt;a&gt; &amp; &eacute; &#8364; &#x20ac; &hellip;", "<a> & \xc3\xa9 \xe2\x82\xac \xe2\x82\xac \xe2\x80\xa6\n", 0},
		{"windows-1252 in numbers", "a&#150;b &#146;", "a\xe2\x80\x93" "b \xe2\x80\x99\n", 0},
		{"stray markup is text", "a < b & c > d", "a < b & c > d\n", 0},
		{"soft hyphens and zero width go", "a&shy;b\xe2\x80\x8b" "c\xef\xbb\xbf", "abc\n", 0},
		{"controls go", "a\x01" "b", "ab\n", 0},
		{"rules in a row are one", "a<hr><hr> <hr>b", "a\n\n----------\n\nb\n", 10},
		{"right to left in the order of reading", "<p dir=rtl>אב <b>ג</b> (abc) 12</p>",
			"אב ג (abc) 12\n", 0},
		{"a table of it", "<table dir=rtl><tr><th>אבג<th>ד<tr><td>ה<td>7</table>",
			"אבג  ד\n---  -\nה    7\n", 0},
		{"marks of direction go", "&#x202e;evil&#x202c; &#x2067;a b&#x2069; א&rlm;!", "evil a b א!\n", 0},
		{"bdo turns nothing round", "<bdo dir=rtl>abc</bdo>", "abc\n", 0},
		{"hr is a line", "a<hr>b", "a\n\n----------\n\nb\n", 10},
		{"pre keeps its lines", "<pre>\na  b\n\n\tc</pre>", "a  b\n\n        c\n", 0},
		{"white-space: pre-wrap, too", "<div style='white-space:pre-wrap'>a  b\nc</div>", "a  b\nc\n", 0},
		{"headings stand apart", "a<h1>Title</h1>b", "a\n\nTitle\n\nb\n", 0},
		{"q gets quotes", "<q>a</q>", "\xe2\x80\x9c" "a\xe2\x80\x9d\n", 0},
		{"powers", "x<sup>2</sup> 1<sup>st</sup>", "x^2 1st\n", 0},
		{"nothing", "", "", 0},
		{"only markup", "<p></p><div></div>", "", 0},
	};

	(void)state;
	CHECK(rows);
}

#define A10 "a=1 b=2 c=3 d=4 e=5 f=6 g=7 h=8 i=9 j=0 "

static void hidden_stays_hidden(void **state)
{
	static const struct row rows[] = {
		{"head, title, style, script", "<html><head><title>T</title><style>p{}</style></head><body>"
			"<script>x()</script>a<style>b{}</style></body>", "a\n", 0},
		{"comments", "a<!-- b -->c", "ac\n", 0},
		{"a comment in an attribute is none", "<b title='<!--'>a</b> b <!-- c -->", "a b\n", 0},
		{"empty comments", "a<!-->b<!--->c", "abc\n", 0},
		{"a comment without end", "a<!-- b<p>c", "a\n", 0},
		{"markup in a script", "<script>write('<!-- <p>x')</script >a<script>1<2", "a\n", 0},
		{"no script", "<scripted>a</scripted>", "a\n", 0},
		{"a tag cut short", "a<b title='x", "a\n", 0},
		{"more attributes than anybody has", "<b " A10 A10 A10 A10 A10 A10 A10 "title='>'>a</b>", "a\n", 0},
		{"a style sheet for paper", "<style media=print>p{display:none}</style><p>a", "a\n", 0},
		{"a style sheet behind what it is about", "<p class=p>x</p><p>a<style>.p{display:none}</style>", "a\n", 0},
		{"conditional comments", "a<!--[if mso]><p>outlook</p><![endif]-->b", "ab\n", 0},
		{"revealed ones show what is in them", "<![if !mso]>a<![endif]>b", "ab\n", 0},
		{"display none", "a<div style='display:none'>preheader</div> b", "a b\n", 0},
		{"display none !important", "<span style=\"color:red; DISPLAY : NONE !important\">x</span>a", "a\n", 0},
		{"font size 0", "<span style='font-size:0'>x</span>a", "a\n", 0},
		{"font size 0, but not for the child", "<td style='font-size:0px'><div style='font-size:13px'>a</div></td>", "a\n", 0},
		{"font size 1px", "<div style='font-size:1px;line-height:1px'>x</div>a", "a\n", 0},
		{"visibility", "<span style='visibility:hidden'>x<b style='visibility:visible'>y</b></span>a", "ya\n", 0},
		{"max-height 0", "<div style='max-height:0;overflow:hidden'>x</div>a", "a\n", 0},
		{"opacity 0", "<div style='opacity:0'>x</div>a", "a\n", 0},
		{"white on white", "<div style='color:#fff;background:#ffffff'>x</div>a", "a\n", 0},
		{"white on black is read", "<div style='color:#fff;background:#000'>x</div>", "x\n", 0},
		{"mso-hide alone hides from Outlook only", "<a style='mso-hide:all'>button</a>", "button\n", 0},
		{"mso-hide and tiny", "<div style='mso-hide:all;font-size:1px'>x</div>a", "a\n", 0},
		{"text-indent", "<div style='text-indent:-9999px'>x</div>a", "a\n", 0},
		{"hidden attribute", "<p hidden>x</p>a", "a\n", 0},
		{"by a rule", "<style>.pre{display:none}</style><div class='x pre'>x</div>a", "a\n", 0},
		{"by a rule with a parent", "<style>td .p{display:none}</style><table><td><i class=p>x</i>a</table><i class=p>b</i>",
			"a\nb\n", 0},
		{"!important in a rule", "<style>.p{display:none!important}</style><p class=p style='display:block'>x</p>a", "a\n", 0},
		{"inline wins otherwise", "<style>.p{display:none}</style><p class=p style='display:block'>x</p>a", "x\n\na\n", 0},
		{"phone rules do not count", "<style>@media (max-width:600px){.p{display:none}}</style><p class=p>x</p>", "x\n", 0},
		{"screen rules do", "<style>@media screen{.p{display:none}}.q{display:none}</style><p class=p>x<p class=q>y<p>a", "a\n", 0},
		{"filler of previews", "Hi&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;&zwnj;<p>a", "Hi\n\na\n", 0},
		{"svg, iframe", "<svg><text>x</text></svg><iframe>y</iframe>a", "a\n", 0},
		{"an object stays away, its replacement does not", "<object data=http://x/y.swf>z</object>", "z\n", 0},
		{"nothing else to see: AMP hides all until its script has run",
			"<style>body{visibility:hidden}</style><body><h1>Hi</h1><p style='display:none'>you", "Hi\n\nyou\n", 0},
		{"formulas", "<math><mi>x</mi><mo>=</mo><mn>1</mn><annotation>x=1</annotation></math>", "x=1\n", 0},
		{"office islands", "<xml><o:x>y</o:x></xml><o:p>a</o:p>", "a\n", 0},
	};

	(void)state;
	CHECK(rows);
}

static void lists_have_marks(void **state)
{
	static const struct row rows[] = {
		{"bullets", "<ul><li>a<li>b</ul>", "  * a\n  * b\n", 0},
		{"nested", "<ul><li>a<ul><li>b<ul><li>c</ul></ul><li>d</ul>", "  * a\n    - b\n      + c\n  * d\n", 0},
		{"numbers", "<ol><li>a<li>b</ol>", "  1. a\n  2. b\n", 0},
		{"start and value", "<ol start=9><li>a<li>b<li value=20>c</ol>", "  9. a\n  10. b\n  20. c\n", 0},
		{"letters", "<ol type=a><li>a<li>b</ol>", "  a. a\n  b. b\n", 0},
		{"roman", "<ol type=I start=4><li>a</ol>", "  IV. a\n", 0},
		{"wrapped under the text", "<ul><li>aaaa bbbb cccc dddd eeee ffff gggg</ul>",
			"  * aaaa bbbb cccc dddd eeee\n    ffff gggg\n", 30},
		{"paragraphs in items", "<ul><li><p>a</p><p>b</p></li><li><p>c</p></li></ul>", "  * a\n\n    b\n\n  * c\n", 0},
		{"definitions", "<dl><dt>a<dd>b</dl>", "a\n    b\n", 0},
		{"Word's bullets", "<p style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='font-family:Symbol'><span "
			"style='mso-list:Ignore'>\xc2\xb7<span>&nbsp;&nbsp; </span></span></span><![endif]>aaaa bbbb cccc dddd eeee ffff</p>"
			"<p style='margin:0;mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o<i>&nbsp; </i></span>b</p>c",
			"  * aaaa bbbb cccc dddd eeee\n    ffff\n\n    - b\nc\n", 30},
		{"Word's numbers", "<p style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>12.<span>&nbsp; </span></span>a",
			"  12. a\n", 0},
		{"a mark outside of a list", "<p><span style='mso-list:Ignore'>1.</span> a", "1. a\n", 0},
		{"inline items", "<style>li{display:inline}</style><ul><li>a</li> <li>b</li></ul>", "a b\n", 0},
	};

	(void)state;
	CHECK(rows);
}

static void quotes_have_levels(void **state)
{
	static const struct row rows[] = {
		{"a quote", "<blockquote>a<br>b</blockquote>c", "> a\n> b\n\nc\n", 0},
		{"in a quote", "<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b\n", 0},
		{"its paragraphs", "<blockquote><p>a<p>b</blockquote>", "> a\n>\n> b\n", 0},
		{"an indent is none", "<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>a</blockquote>", "    a\n", 0},
		{"a list in it", "<blockquote><ul><li>a</ul></blockquote>", ">   * a\n", 0},
	};
	struct doc *d = doc_of("<blockquote>a<blockquote>b</blockquote></blockquote>c", 40);

	(void)state;
	CHECK(rows);
	assert_int_equal(d->lines[0].quote, 1);
	assert_int_equal(d->lines[2].quote, 2);
	assert_int_equal(d->lines[d->line_count - 1].quote, 0);
	assert_true(d->spans[0].style & DOC_QMARK);
	doc_free(d);
}

static void links_are_numbered(void **state)
{
	static const struct row rows[] = {
		{"number and list", "See <a href='https://x.org/a'>this </a>page.", "See this [1] page.\n\n[1] https://x.org/a\n", 0},
		{"the same target, the same number", "<a href=http://x.org/>a</a> <a href='http://x.org/'>b</a>",
			"a [1] b [1]\n\n[1] http://x.org/\n", 0},
		{"a URL as text needs none", "<a href='https://x.org/'>x.org</a> <a href=mailto:a@b.c>a@b.c</a>", "x.org a@b.c\n", 0},
		{"no script, no data", "<a href='javascript:x()'>a</a><a href='data:x'>b</a><a href='#x'>c</a>", "a b c\n", 0},
		{"tabs in a scheme do not help", "<a href='java\tscript:x()'>a</a>", "a\n", 0},
		{"relative ones lead nowhere", "<a href='/x'>a</a>", "a\n", 0},
		{"but with a base", "<base href='https://x.org/d/i.html'><a href='/x'>a</a> <a href=y>b</a>",
			"a [1] b [2]\n\n[1] https://x.org/x\n[2] https://x.org/d/y\n", 0},
		{"around a block", "<a href=https://x.org/1><div>Button</div></a>", "Button [1]\n\n[1] https://x.org/1\n", 0},
		{"an image in it", "<a href=https://x.org/1><img src=a alt=Logo></a>", "[Logo] [1]\n\n[1] https://x.org/1\n", 0},
		{"an image without words", "<a href=https://x.org/1><img src=a></a>", "[image] [1]\n\n[1] https://x.org/1\n", 0},
		{"pieces of one picture", "<a href=https://x.org/1><img src=a></a><a href=https://x.org/1><img src=b></a>",
			"[image] [1]\n\n[1] https://x.org/1\n", 0},
		{"empty", "<a href=https://x.org/1></a>a", "a\n", 0},
		{"lies", "<a href=https://evil.example/x>www.bank.example</a>",
			"www.bank.example [1]\n\n[1] https://evil.example/x\n    (!) its text says bank.example\n", 0},
		{"long targets are cut", "<a href='https://x.org/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'>a</a>",
			"a [1]\n\n[1] https://x.org/aaaaaaaaaaaaaaaaaaa...\n", 0},
	};
	struct doc *d = doc_of("<p>x<p>a <a href='https://x.org/a b'>this</a>", 40);

	(void)state;
	CHECK(rows);
	assert_int_equal(d->link_count, 1);
	assert_string_equal(d->links[0].url, "https://x.org/a%20b");
	assert_string_equal(d->links[0].text, "this");
	assert_int_equal(d->links[0].line, 2);
	doc_free(d);
}

static void images_are_words(void **state)
{
	static const struct row rows[] = {
		{"alternative text", "<img src=x alt='A cat'>", "[A cat]\n", 0},
		{"none", "a<img src=x>b<img src=x alt=''>", "ab\n", 0},
		{"a link has the name of its picture's file", "<a href=http://x/><img src='http://y/i/top-logo.png?v=1'></a>",
			"[top-logo] [1]\n\n[1] http://x/\n", 0},
		{"links in a row stand apart", "<a href=#>Home</a><a href=#>New</a><b>!</b>", "Home New!\n", 0},
		{"unless a machine has made it", "<a href=http://x/><img src=http://y/5f3ac01b77d2.png></a>",
			"[image] [1]\n\n[1] http://x/\n", 0},
		{"tracking pixel", "<img src=http://x/t width=1 height=1 alt=pixel>a", "a\n", 0},
		{"hidden", "<img src=x alt=b style='display:none'>a", "a\n", 0},
	};
	struct doc *d = doc_of("<img src=http://a/b><img src='cid:x'><img src='//c/d' width=1>", 40);
	struct render_opts o;
	struct str text;
	struct err e;

	(void)state;
	CHECK(rows);
	assert_int_equal(d->images_blocked, 2);
	doc_free(d);
	render_opts_init(&o);
	str_init(&text, 1000);
	assert_true(render_opts_parse(&o, SV("images=links\nwidth=40\n"), &e));
	d = render_html_piece(SV("<a href=http://x/><img src=http://y/i.png alt=Logo>go</a>"), &o);
	doc_text(d, 0, d->line_count, &text);
	t_streq(text.s, "[Logo] [1] go [2]\n\n[1] http://y/i.png\n[2] http://x/\n", "images as links");
	doc_free(d);
	str_fini(&text);
	render_opts_fini(&o);
}

static void tables_are_told_apart(void **state)
{
	static const struct row rows[] = {
		{"no blanks at the end of lines", "<table><tr><th>A<th>B<tr><td>1<td><p>x<p>y</table>", "A  B\n-  -\n1  x\n\n   y\n", 0},
		{"data", "<table><tr><th>Name<th>Sum<tr><td>Tea<td>1.20<tr><td>Coffee<td>13.00</table>",
			"Name    Sum\n------  -----\nTea     1.20\nCoffee  13.00\n", 0},
		{"numbers to the right", "<table><tr><th>Name<th align=right>Sum<tr><td>Tea<td align=right>1.20"
			"<tr><td>Coffee<td align=right>13.00</table>",
			"Name      Sum\n------  -----\nTea      1.20\nCoffee  13.00\n", 0},
		{"data without heads", "<table><tr><td>Tea<td>1.20<tr><td>Coffee<td>13.00</table>", "Tea     1.20\nCoffee  13.00\n", 0},
		{"one column is no table", "<table><tr><td>a<tr><td>b</table>", "a\nb\n", 0},
		{"scaffolding", "<table role=presentation><tr><td>" "<p>A long text that takes more than half of the line.</p>"
			"<td><p>Another long text that would not fit beside it.</p></table>",
			"A long text that takes more than half of\nthe line.\n\nAnother long text that would not fit\nbeside it.\n", 0},
		{"short things side by side", "<table><tr><td>[Yes]<td>[No]</table>", "[Yes]  [No]\n", 0},
		{"empty cells take no room", "<table><tr><td><td>a<td> <td>b<tr><td><td>c<td><td>d</table>", "a  b\nc  d\n", 0},
		{"cells wrap", "<table border=1><tr><td>key<td>aaaa bbbb cccc dddd eeee<tr><td>key2<td>b</table>",
			"key   aaaa bbbb\n      cccc dddd\n      eeee\nkey2  b\n", 15},
		{"colspan", "<table border=1><tr><td colspan=2>Title of it<tr><td>a<td>b<tr><td>c<td>d</table>",
			"Title of it\na  b\nc  d\n", 0},
		{"rowspan", "<table border=1><tr><td rowspan=2>x<td>a<tr><td>b</table>", "x  a\n   b\n", 0},
		{"a table in a table", "<table><tr><td><table border=1><tr><td>a<td>b<tr><td>c<td>d</table></table>", "a  b\nc  d\n", 0},
		{"caption", "<table><caption>Cap</caption><tr><td>a<td>b</table>", "Cap\na  b\n", 0},
		{"text around", "x<table><tr><td>a</table>y", "x\na\ny\n", 0},
		{"a cell outside of tables", "<td>a</td><td>b</td>", "a\nb\n", 0},
		{"too wide for the window", "<table border=1><tr><td>aaaaaaaa bb<td>cccccccc dd<td>eeeeeeee ff</table>",
			"aaaaaaaa\nbb\n\ncccccccc\ndd\n\neeeeeeee\nff\n", 10},
	};

	(void)state;
	CHECK(rows);
}

static void forms_are_text(void **state)
{
	static const struct row rows[] = {
		{"fields", "<input value=x> <input type=checkbox checked> <input type=radio> <input type=submit value=Go>"
			"<input type=hidden value=secret>", "[x] [x] ( ) [Go]\n", 0},
		{"select", "<select><option>a<option>b</select>", "[a | b]\n", 0},
		{"button", "<button>Send</button>", "[Send]\n", 0},
		{"blocks in a button", "<button><div>Send</div> <p>it</p></button>", "[Send it]\n", 0},
		{"reset", "<input type=reset>", "[reset]\n", 0},
	};

	(void)state;
	CHECK(rows);
}

static uint16_t style_of(const struct doc *d, const char *word)
{
	for (uint32_t i = 0; i < d->line_count; i++) {
		struct sv text = doc_line_text(d, i);
		ptrdiff_t at = sv_find(text, sv_of(word));
		size_t pos = 0;
		for (uint32_t k = 0; at >= 0 && k < d->lines[i].spans; k++) {
			const struct doc_span *s = &d->spans[d->lines[i].span + k];
			if ((size_t)at < pos + s->len)
				return s->style;
			pos += s->len;
		}
	}
	fail_msg("%s is not there", word);
	return 0;
}

static void looks_are_kept(void **state)
{
	static const struct {
		const char *html;
		uint16_t style;
	} rows[] = {
		{"<b>w</b>", DOC_BOLD},
		{"<strong><em>w</em></strong>", DOC_BOLD | DOC_ITALIC},
		{"<u>w</u>", DOC_UNDERLINE},
		{"<s>w</s>", DOC_STRIKE},
		{"<code>w</code>", DOC_CODE},
		{"<h2>w</h2>", DOC_BOLD | DOC_HEADING},
		{"<span style='font-weight:bold'>w</span>", DOC_BOLD},
		{"<span style='font-weight:700'>w</span>", DOC_BOLD},
		{"<b style='font-weight:normal'>w</b>", 0},
		{"<span style='text-decoration:line-through'>w</span>", DOC_STRIKE},
		{"<style>.x{font-style:italic}</style><p class=x>w", DOC_ITALIC},
		{"<div style='font-weight:bold'><p>w</p></div>", DOC_BOLD},
		{"<b>x</b>w", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct doc *d = doc_of(rows[i].html, 40);
		if (style_of(d, "w") != rows[i].style)
			fail_msg("%s: style %x, want %x", rows[i].html, style_of(d, "w"), rows[i].style);
		doc_free(d);
	}
}

#define COST_MAX_S 3 /* of the processor, for the slowest machine under a sanitizer; here it is 0.1 */

static void check_cost(struct str *html, const char *name)
{
	clock_t start = clock();
	struct doc *d = doc_of(html->s, 80);

	if (clock() - start > COST_MAX_S * CLOCKS_PER_SEC)
		fail_msg("%s: %ld ms", name, (long)((clock() - start) / (CLOCKS_PER_SEC / 1000)));
	assert_true(d->text_len <= DOC_TEXT_MAX);
	doc_free(d);
	str_fini(html);
}

/* Each attribute was compared with all before it. */
static void attributes_are_bounded(void **state)
{
	static const char *const ends[] = {">x", "", "'", " a='>x"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct str html;
		str_init(&html, 64 << 20);
		str_adds(&html, "<div");
		for (unsigned k = 0; k < 150000; k++)
			str_addf(&html, " a%u=1", k);
		str_adds(&html, ends[i]);
		check_cost(&html, ends[i]);
	}
}

/* Inputs that make other programs hang. */
static void hostile_input_costs_little(void **state)
{
	static const struct {
		const char *piece, *then;
		size_t times;
	} rows[] = {
		{"<div>", "</p>", 100000}, {"<b>", "</i>", 100000}, {"<b>", "</div>", 100000}, {"<table><tr><td>", "</b>", 50000},
		{"<td>a", "", 100000}, {"<blockquote>a", "", 50000}, {"<ul><li>a", "", 50000}, {"<![", "", 300000},
		{"<!--", "", 300000}, {"<a href=x>", "", 100000}, {"&nbsp;", "", 100000}, {"<", "", 300000}, {"&", "", 300000},
		{"\xcc\x81", "", 300000}, {"<table>", "<tr><td>a<td>b", 30}, {"<font><b><i></font>", "", 50000},
		{"<style>.a .a .a{color:red}", "<p class=a>", 2000}, {"<option>", "", 100000}, {"<p style='", "", 100000}, {"<hr>", "", 250000}, {"<p>a", "", 250000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str html;
		str_init(&html, 64 << 20);
		for (size_t k = 0; k < rows[i].times; k++)
			str_adds(&html, rows[i].piece);
		for (size_t k = 0; k < rows[i].times; k++)
			str_adds(&html, rows[i].then);
		check_cost(&html, rows[i].piece);
	}
}

/* ---- whole mails ---- */

static void check_mail(const char *dir, const char *name)
{
	struct str html, text, want;
	struct err e;
	char *path = fs_join(dir, name), *expected = xasprintf("%.*s.txt", (int)(strlen(path) - 5), path);

	if (!fs_read(path, 1 << 20, &html, &e))
		fail_msg("%s", e.text);
	struct doc *d = doc_of(html.s, 72);
	str_init(&text, 1 << 20);
	doc_text(d, 0, d->line_count, &text);
	if (getenv("UPDATE")) {
		if (!fs_write_atomic(expected, str_sv(&text), 0644, &e))
			fail_msg("%s", e.text);
	} else {
		if (!fs_read(expected, 1 << 20, &want, &e))
			fail_msg("%s", e.text);
		t_streq(text.s, want.s, name);
		str_fini(&want);
	}
	for (uint32_t i = 0; i < d->line_count; i++)
		assert_true(width_of(doc_line_text(d, i)) <= 72);
	doc_free(d);
	str_fini(&html);
	str_fini(&text);
	free(path);
	free(expected);
}

static void mails_look_as_they_should(void **state)
{
	const char *src = getenv("FEIST_SRCDIR");
	char *dir = fs_join(src ? src : ".", "tests/corpus/html");
	DIR *d = opendir(dir);
	struct dirent *f;
	int n = 0;

	(void)state;
	assert_non_null(d);
	while ((f = readdir(d)) != NULL)
		if (sv_ends_case(sv_of(f->d_name), SV(".html"))) {
			check_mail(dir, f->d_name);
			n++;
		}
	closedir(d);
	free(dir);
	assert_true(n > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_flows),
		cmocka_unit_test(hidden_stays_hidden),
		cmocka_unit_test(lists_have_marks),
		cmocka_unit_test(quotes_have_levels),
		cmocka_unit_test(links_are_numbered),
		cmocka_unit_test(images_are_words),
		cmocka_unit_test(tables_are_told_apart),
		cmocka_unit_test(forms_are_text),
		cmocka_unit_test(looks_are_kept),
		cmocka_unit_test(attributes_are_bounded),
		cmocka_unit_test(hostile_input_costs_little),
		cmocka_unit_test(mails_look_as_they_should),
	};
	return t_run(tests);
}
