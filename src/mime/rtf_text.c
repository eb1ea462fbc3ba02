/*
 * RTF to text (see rtf_text.h). Characters come as bytes in the character set of the font that is on, or
 * as \u with a stand-in for old readers behind it; bytes are kept until it is clear in which set they
 * are, since some sets have characters of two of them.
 */
#include "mime/rtf_text.h"

#include <stdlib.h>

#include "base/mem.h"
#include "text/charset.h"
#include "text/utf8.h"

#define WORD_MAX 32     /* letters of a control word (the standard's own limit) */
#define NUMBER_MAX 1000000000

enum font_kind { FONT_TEXT, FONT_SYMBOL, FONT_WINGDINGS };

struct font {
	int number;
	const char *charset; /* NULL: that of the document */
	enum font_kind kind;
};

/* What holds inside one group. */
struct level {
	bool skip, hidden; /* not for reading */
	bool fonts;        /* the font table */
	bool target;       /* of a field: what it does */
	bool shown;        /* of a field: what stands for it */
	size_t shown_at;
	const struct font *font;
	unsigned stand_ins; /* characters behind a \u that say the same */
};

struct reader {
	struct scan in;
	struct str *out, bytes, target;
	const char *charset, *bytes_charset;
	struct font fonts[RTF_FONTS_MAX];
	size_t font_count;
	struct font *new_font; /* of the font table, that is being told */
	char font_name[16];
	struct level stack[RTF_DEPTH_MAX];
	size_t depth, too_deep;
	unsigned skip;        /* stand-ins that are still to come */
	uint32_t high;        /* first half of a surrogate pair */
	int default_font;
	bool full;
};

static struct level *now(struct reader *r)
{
	return &r->stack[r->depth];
}

/* ---- text ---- */

static void flush(struct reader *r)
{
	bool plain = utf8_is_ascii(str_sv(&r->bytes));

	if (r->bytes.len && !(plain ? str_add(r->out, str_sv(&r->bytes))
				    : charset_to_utf8(r->out, str_sv(&r->bytes), sv_of(r->bytes_charset), NULL, NULL)))
		r->full = true;
	str_clear(&r->bytes);
}

static void put(struct reader *r, const char *utf8)
{
	struct level *l = now(r);

	if (l->skip || l->hidden || l->fonts)
		return;
	if (l->target) {
		(void)!str_adds(&r->target, utf8); /* what is longer is no address */
		return;
	}
	flush(r);
	if (!str_adds(r->out, utf8))
		r->full = true;
}

static void put_code(struct reader *r, uint32_t code)
{
	char text[UTF8_MAX + 1];

	text[utf8_encode(code, text)] = 0;
	put(r, text);
}

/* Pictures that Outlook and Word write in place of ":-)", "->" and list marks. */
static const char *wingding(unsigned char c)
{
	static const struct {
		unsigned char c;
		const char *is;
	} known[] = {{'J', "\u263a"}, {'K', "\U0001f610"}, {'L', "\u2639"}, {0xd8, "\u27a2"}, {0xdf, "\u2190"},
		{0xe0, "\u2192"}, {0xe1, "\u2191"}, {0xe2, "\u2193"}, {0xe8, "\u2794"}, {0xfb, "\u2717"},
		{0xfc, "\u2714"}, {'o', "\u2610"}, {0xfe, "\u2611"}, {0xfd, "\u2612"}};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].c == c)
			return known[i].is;
	return "\u2022";
}

static void put_byte(struct reader *r, char c)
{
	struct level *l = now(r);
	const struct font *f = l->font;

	if (r->skip > 0) {
		r->skip--;
		return;
	}
	r->high = 0;
	if (l->fonts) {
		size_t n = strlen(r->font_name);
		if (n + 1 < sizeof(r->font_name))
			r->font_name[n] = c, r->font_name[n + 1] = 0;
		return;
	}
	if (l->skip || l->hidden)
		return;
	if (l->target) {
		(void)!str_addc(&r->target, c);
		return;
	}
	if (f && f->kind == FONT_WINGDINGS && c != ' ') {
		put(r, wingding((unsigned char)c));
		return;
	}
	if (f && f->kind == FONT_SYMBOL && (unsigned char)c >= 0x80) {
		put(r, "\u2022");
		return;
	}
	const char *charset = f && f->charset ? f->charset : r->charset;
	if (charset != r->bytes_charset)
		flush(r);
	r->bytes_charset = charset;
	if (!str_addc(&r->bytes, c))
		r->full = true;
}

/* ---- fonts ---- */

static const char *charset_of_page(long page)
{
	static const struct {
		int page;
		const char *name;
	} known[] = {{437, "ibm437"}, {850, "ibm850"}, {852, "ibm852"}, {855, "ibm855"}, {862, "ibm862"},
		{864, "ibm864"}, {866, "ibm866"}, {874, "windows-874"}, {932, "shift_jis"}, {936, "gbk"},
		{949, "euc-kr"}, {950, "big5"}, {1250, "windows-1250"}, {1251, "windows-1251"},
		{1252, "windows-1252"}, {1253, "windows-1253"}, {1254, "windows-1254"}, {1255, "windows-1255"},
		{1256, "windows-1256"}, {1257, "windows-1257"}, {1258, "windows-1258"}, {1361, "johab"},
		{10000, "macintosh"}, {10007, "x-mac-cyrillic"}, {65001, "utf-8"}};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].page == page)
			return known[i].name;
	return "windows-1252";
}

/* \fcharset: numbers of Windows. */
static const char *charset_of_font(long number)
{
	static const struct {
		int number, page;
	} known[] = {{0, 1252}, {77, 10000}, {128, 932}, {129, 949}, {130, 1361}, {134, 936}, {136, 950},
		{161, 1253}, {162, 1254}, {163, 1258}, {177, 1255}, {178, 1256}, {186, 1257}, {204, 1251},
		{222, 874}, {238, 1250}, {254, 437}, {255, 850}};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].number == number)
			return charset_of_page(known[i].page);
	return NULL;
}

static struct font *font_of(struct reader *r, long number)
{
	for (size_t i = 0; i < r->font_count; i++)
		if (r->fonts[i].number == number)
			return &r->fonts[i];
	return NULL;
}

/* Its name, as far as it tells what its letters look like, is known when its entry ends. */
static void end_font(struct reader *r)
{
	struct font *f = r->new_font;

	if (f && sv_starts_case(sv_of(r->font_name), SV("Wingdings")))
		f->kind = FONT_WINGDINGS;
	r->new_font = NULL;
	r->font_name[0] = 0;
}

static void begin_font(struct reader *r, long number)
{
	end_font(r);
	r->new_font = font_of(r, number);
	if (!r->new_font && r->font_count < RTF_FONTS_MAX)
		r->new_font = &r->fonts[r->font_count++];
	if (r->new_font)
		*r->new_font = (struct font){.number = (int)number};
}

/* ---- groups ---- */

static void open_group(struct reader *r)
{
	r->skip = 0;
	if (r->depth + 1 == RTF_DEPTH_MAX) {
		r->too_deep++;
		return;
	}
	r->depth++;
	r->stack[r->depth] = r->stack[r->depth - 1];
	now(r)->shown = false;
}

/* A link whose text does not say where it goes. */
static void end_link(struct reader *r, size_t shown_at)
{
	struct sv target = sv_trim(str_sv(&r->target)), shown;

	flush(r);
	shown = sv_head(sv_from(str_sv(r->out), MIN(shown_at, r->out->len)), RTF_LINK_MAX * 2);
	if (sv_starts_case(target, SV("HYPERLINK")))
		target = sv_trim(sv_from(target, 9));
	if (target.len > 1 && target.p[0] == '"') {
		ptrdiff_t quote = sv_chr(sv_from(target, 1), '"');
		target = sv_head(sv_from(target, 1), quote < 0 ? target.len : (size_t)quote);
	}
	struct sv bare = sv_starts_case(target, SV("mailto:")) ? sv_from(target, 7) : target;
	bool is_link = sv_starts_case(target, SV("http://")) || sv_starts_case(target, SV("https://")) ||
		       sv_starts_case(target, SV("ftp://")) || sv_starts_case(target, SV("mailto:"));
	if (is_link && sv_find(shown, bare) < 0 &&
		!(str_adds(r->out, " <") && utf8_add_fixed(r->out, bare) && str_addc(r->out, '>')))
		r->full = true;
	str_clear(&r->target);
}

static void close_group(struct reader *r)
{
	r->skip = 0;
	if (r->too_deep > 0) {
		r->too_deep--;
		return;
	}
	if (now(r)->shown && !now(r)->skip && !now(r)->hidden)
		end_link(r, now(r)->shown_at);
	if (now(r)->fonts)
		end_font(r);
	if (r->depth > 0)
		r->depth--;
}

/* ---- control words ---- */

static void begin_shown(struct reader *r)
{
	flush(r);
	now(r)->shown = true;
	now(r)->shown_at = r->out->len;
}

/* Groups that are not for reading though nothing says so. */
static bool is_silent(struct sv word)
{
	static const char *const words[] = {"colortbl", "stylesheet", "info", "pict", "object", "header", "headerl",
		"headerr", "headerf", "footer", "footerl", "footerr", "footerf", "ftnsep", "ftnsepc", "ftncn", "xe",
		"tc", "txe", "rxe", "nonshppict", "filetbl", "listtable", "revtbl", "private"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (sv_is(word, words[i]))
			return true;
	return false;
}

/* Words that stand for a character. */
static const char *character(struct sv word)
{
	static const struct {
		const char *word, *text;
	} known[] = {{"par", "\n"}, {"line", "\n"}, {"row", "\n"}, {"nestrow", "\n"}, {"page", "\n"}, {"sect", "\n"},
		{"tab", "\t"}, {"cell", "\t"}, {"nestcell", "\t"}, {"emdash", "\u2014"}, {"endash", "\u2013"},
		{"emspace", " "}, {"enspace", " "}, {"qmspace", " "}, {"bullet", "\u2022"}, {"lquote", "\u2018"},
		{"rquote", "\u2019"}, {"ldblquote", "\u201c"}, {"rdblquote", "\u201d"}};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (sv_is(word, known[i].word))
			return known[i].text;
	return NULL;
}

/* \u: 16 bits, negative above 32767; two of them make a character beyond. */
static void put_unicode(struct reader *r, long n)
{
	uint32_t code = (uint32_t)(n < 0 ? n + 65536 : n);

	r->skip = 0;
	if (code >= 0xd800 && code < 0xdc00) {
		r->high = code;
	} else if (code >= 0xdc00 && code < 0xe000) {
		put_code(r, r->high ? 0x10000 + ((r->high - 0xd800) << 10) + (code - 0xdc00) : 0xfffd);
		r->high = 0;
	} else {
		/* Symbol fonts have their pictures in the private area, at their bytes. */
		const struct font *f = now(r)->font;
		bool symbol = f && f->kind != FONT_TEXT && code >= 0xf000 && code <= 0xf0ff;
		if (symbol)
			put(r, f->kind == FONT_WINGDINGS ? wingding((unsigned char)code) : "\u2022");
		else
			put_code(r, code && code < 0x110000 ? code : 0xfffd);
		r->high = 0;
	}
	r->skip = now(r)->stand_ins;
}

static void set_font(struct reader *r, long number)
{
	if (now(r)->fonts)
		begin_font(r, number);
	else
		now(r)->font = font_of(r, number);
}

static void font_charset(struct reader *r, long number)
{
	if (!now(r)->fonts || !r->new_font)
		return;
	r->new_font->charset = charset_of_font(number);
	if (number == 2)
		r->new_font->kind = FONT_SYMBOL;
}

static void plain(struct reader *r)
{
	now(r)->hidden = false;
	now(r)->font = font_of(r, r->default_font);
}

static void word(struct reader *r, struct sv w, bool has_number, long n)
{
	const char *text = character(w);

	if (text)
		put(r, text);
	else if (sv_is(w, "u") && has_number)
		put_unicode(r, n);
	else if (sv_is(w, "uc"))
		now(r)->stand_ins = has_number && n >= 0 ? (unsigned)MIN(n, 100) : 1;
	else if (sv_is(w, "f") && has_number)
		set_font(r, n);
	else if (sv_is(w, "fcharset"))
		font_charset(r, n);
	else if (sv_is(w, "deff"))
		r->default_font = (int)n;
	else if (sv_is(w, "plain"))
		plain(r);
	else if (sv_is(w, "v"))
		now(r)->hidden = !has_number || n != 0;
	else if (sv_is(w, "ansicpg"))
		r->charset = charset_of_page(n);
	else if (sv_is(w, "mac"))
		r->charset = "macintosh";
	else if (sv_is(w, "pc"))
		r->charset = "ibm437";
	else if (sv_is(w, "pca"))
		r->charset = "ibm850";
	else if (sv_is(w, "bin"))
		r->in.p += MIN((size_t)MAX(n, 0), (size_t)(r->in.end - r->in.p));
	else if (sv_is(w, "fonttbl"))
		now(r)->fonts = true;
	else if (sv_is(w, "fldinst"))
		now(r)->target = true;
	else if (sv_is(w, "fldrslt"))
		begin_shown(r);
	else if (is_silent(w))
		now(r)->skip = true;
}

/* "-123", and the blank that ends a word. */
static bool take_number(struct scan *s, long *n)
{
	struct scan at = *s;
	bool minus = scan_byte(&at, '-'), any = false;

	for (*n = 0; ascii_is_digit(scan_peek(&at)); at.p++, any = true)
		*n = MIN(*n * 10 + (*at.p - '0'), NUMBER_MAX);
	if (any)
		*s = at;
	if (minus)
		*n = -*n;
	(void)scan_byte(s, ' ');
	return any;
}

/* What is ignorable and known all the same. */
static bool is_known_ignorable(struct sv w)
{
	return sv_is(w, "fldinst") || sv_is(w, "shppict");
}

static void hex_byte(struct reader *r)
{
	struct sv digits = sv_head(scan_rest(&r->in), 2);
	int high = digits.len == 2 ? ascii_hex((unsigned char)digits.p[0]) : -1;
	int low = digits.len == 2 ? ascii_hex((unsigned char)digits.p[1]) : -1;

	if (high < 0 || low < 0)
		return;
	r->in.p += 2;
	put_byte(r, (char)(high << 4 | low));
}

/* Behind a backslash, which is no word. */
static void symbol(struct reader *r, char c)
{
	switch (c) {
	case '\\':
	case '{':
	case '}':
		put_byte(r, c);
		break;
	case '\'':
		hex_byte(r);
		break;
	case '~':
		put(r, "\u00a0");
		break;
	case '_':
		put(r, "\u2011");
		break;
	case '\r':
		(void)scan_byte(&r->in, '\n');
		put(r, "\n");
		break;
	case '\n':
		put(r, "\n");
		break;
	default: /* "-" optional hyphen, "|" ":" of indexes, "*" (see control) */
		break;
	}
}

static void control(struct reader *r)
{
	const char *start = r->in.p;
	bool ignorable = scan_lit(&r->in, "*\\"), has_number;
	long n;

	while (ascii_is_alpha(scan_peek(&r->in)) && r->in.p - start < WORD_MAX)
		r->in.p++;
	struct sv w = sv_make(start + (ignorable ? 2 : 0), (size_t)(r->in.p - start) - (ignorable ? 2 : 0));
	if (!w.len) {
		if (!scan_end(&r->in))
			symbol(r, *r->in.p++);
		return;
	}
	has_number = take_number(&r->in, &n);
	if (ignorable && !is_known_ignorable(w))
		now(r)->skip = true;
	else
		word(r, w, has_number, n);
}

/* ---- all ---- */

bool rtf_is(struct sv bytes)
{
	return sv_starts(bytes, SV("{\\rtf"));
}

bool rtf_text(struct str *out, struct sv rtf)
{
	struct reader *r;

	if (!rtf_is(rtf))
		return false;
	r = xcalloc(1, sizeof(*r));
	*r = (struct reader){.in = scan_of(rtf), .out = out, .charset = "windows-1252"};
	now(r)->stand_ins = 1;
	str_init(&r->bytes, rtf.len + 1);
	str_init(&r->target, RTF_LINK_MAX);
	while (!scan_end(&r->in) && !r->full) {
		char c = *r->in.p++;
		if (c == '{')
			open_group(r);
		else if (c == '}')
			close_group(r);
		else if (c == '\\')
			control(r);
		else if (c != '\r' && c != '\n' && c != 0)
			put_byte(r, c);
	}
	flush(r);
	bool ok = !r->full;
	str_fini(&r->bytes);
	str_fini(&r->target);
	free(r);
	return ok;
}
