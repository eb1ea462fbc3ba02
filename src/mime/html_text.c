#include "mime/html_text.h"

#include <stdlib.h>

#include "text/utf8.h"

#define ENTITY_MAX 10 /* letters of a name */
#define TAG_MAX 16

/* The named characters of HTML 4, by strcmp. */
static const struct entity {
	char name[ENTITY_MAX];
	uint16_t code;
} entities[] = {
	/* clang-format off */
	{"AElig", 198}, {"Aacute", 193}, {"Acirc", 194}, {"Agrave", 192}, {"Alpha", 913},
	{"Aring", 197}, {"Atilde", 195}, {"Auml", 196}, {"Beta", 914}, {"Ccedil", 199},
	{"Chi", 935}, {"Dagger", 8225}, {"Delta", 916}, {"ETH", 208}, {"Eacute", 201},
	{"Ecirc", 202}, {"Egrave", 200}, {"Epsilon", 917}, {"Eta", 919}, {"Euml", 203},
	{"Gamma", 915}, {"Iacute", 205}, {"Icirc", 206}, {"Igrave", 204}, {"Iota", 921},
	{"Iuml", 207}, {"Kappa", 922}, {"Lambda", 923}, {"Mu", 924}, {"Ntilde", 209},
	{"Nu", 925}, {"OElig", 338}, {"Oacute", 211}, {"Ocirc", 212}, {"Ograve", 210},
	{"Omega", 937}, {"Omicron", 927}, {"Oslash", 216}, {"Otilde", 213}, {"Ouml", 214},
	{"Phi", 934}, {"Pi", 928}, {"Prime", 8243}, {"Psi", 936}, {"Rho", 929}, {"Scaron", 352},
	{"Sigma", 931}, {"THORN", 222}, {"Tau", 932}, {"Theta", 920}, {"Uacute", 218},
	{"Ucirc", 219}, {"Ugrave", 217}, {"Upsilon", 933}, {"Uuml", 220}, {"Xi", 926},
	{"Yacute", 221}, {"Yuml", 376}, {"Zeta", 918}, {"aacute", 225}, {"acirc", 226},
	{"acute", 180}, {"aelig", 230}, {"agrave", 224}, {"alefsym", 8501}, {"alpha", 945},
	{"amp", 38}, {"and", 8743}, {"ang", 8736}, {"aring", 229}, {"asymp", 8776},
	{"atilde", 227}, {"auml", 228}, {"bdquo", 8222}, {"beta", 946}, {"brvbar", 166},
	{"bull", 8226}, {"cap", 8745}, {"ccedil", 231}, {"cedil", 184}, {"cent", 162},
	{"chi", 967}, {"circ", 710}, {"clubs", 9827}, {"cong", 8773}, {"copy", 169},
	{"crarr", 8629}, {"cup", 8746}, {"curren", 164}, {"dArr", 8659}, {"dagger", 8224},
	{"darr", 8595}, {"deg", 176}, {"delta", 948}, {"diams", 9830}, {"divide", 247},
	{"eacute", 233}, {"ecirc", 234}, {"egrave", 232}, {"empty", 8709}, {"emsp", 8195},
	{"ensp", 8194}, {"epsilon", 949}, {"equiv", 8801}, {"eta", 951}, {"eth", 240},
	{"euml", 235}, {"euro", 8364}, {"exist", 8707}, {"fnof", 402}, {"forall", 8704},
	{"frac12", 189}, {"frac14", 188}, {"frac34", 190}, {"frasl", 8260}, {"gamma", 947},
	{"ge", 8805}, {"gt", 62}, {"hArr", 8660}, {"harr", 8596}, {"hearts", 9829},
	{"hellip", 8230}, {"iacute", 237}, {"icirc", 238}, {"iexcl", 161}, {"igrave", 236},
	{"image", 8465}, {"infin", 8734}, {"int", 8747}, {"iota", 953}, {"iquest", 191},
	{"isin", 8712}, {"iuml", 239}, {"kappa", 954}, {"lArr", 8656}, {"lambda", 955},
	{"lang", 9001}, {"laquo", 171}, {"larr", 8592}, {"lceil", 8968}, {"ldquo", 8220},
	{"le", 8804}, {"lfloor", 8970}, {"lowast", 8727}, {"loz", 9674}, {"lrm", 8206},
	{"lsaquo", 8249}, {"lsquo", 8216}, {"lt", 60}, {"macr", 175}, {"mdash", 8212},
	{"micro", 181}, {"middot", 183}, {"minus", 8722}, {"mu", 956}, {"nabla", 8711},
	{"nbsp", 160}, {"ndash", 8211}, {"ne", 8800}, {"ni", 8715}, {"not", 172},
	{"notin", 8713}, {"nsub", 8836}, {"ntilde", 241}, {"nu", 957}, {"oacute", 243},
	{"ocirc", 244}, {"oelig", 339}, {"ograve", 242}, {"oline", 8254}, {"omega", 969},
	{"omicron", 959}, {"oplus", 8853}, {"or", 8744}, {"ordf", 170}, {"ordm", 186},
	{"oslash", 248}, {"otilde", 245}, {"otimes", 8855}, {"ouml", 246}, {"para", 182},
	{"part", 8706}, {"permil", 8240}, {"perp", 8869}, {"phi", 966}, {"pi", 960},
	{"piv", 982}, {"plusmn", 177}, {"pound", 163}, {"prime", 8242}, {"prod", 8719},
	{"prop", 8733}, {"psi", 968}, {"quot", 34}, {"rArr", 8658}, {"radic", 8730},
	{"rang", 9002}, {"raquo", 187}, {"rarr", 8594}, {"rceil", 8969}, {"rdquo", 8221},
	{"real", 8476}, {"reg", 174}, {"rfloor", 8971}, {"rho", 961}, {"rlm", 8207},
	{"rsaquo", 8250}, {"rsquo", 8217}, {"sbquo", 8218}, {"scaron", 353}, {"sdot", 8901},
	{"sect", 167}, {"shy", 173}, {"sigma", 963}, {"sigmaf", 962}, {"sim", 8764},
	{"spades", 9824}, {"sub", 8834}, {"sube", 8838}, {"sum", 8721}, {"sup", 8835},
	{"sup1", 185}, {"sup2", 178}, {"sup3", 179}, {"supe", 8839}, {"szlig", 223},
	{"tau", 964}, {"there4", 8756}, {"theta", 952}, {"thetasym", 977}, {"thinsp", 8201},
	{"thorn", 254}, {"tilde", 732}, {"times", 215}, {"trade", 8482}, {"uArr", 8657},
	{"uacute", 250}, {"uarr", 8593}, {"ucirc", 251}, {"ugrave", 249}, {"uml", 168},
	{"upsih", 978}, {"upsilon", 965}, {"uuml", 252}, {"weierp", 8472}, {"xi", 958},
	{"yacute", 253}, {"yen", 165}, {"yuml", 255}, {"zeta", 950}, {"zwj", 8205},
	{"zwnj", 8204},
	/* clang-format on */
};

/* Tags that end a line. */
static const char *const blocks[] = {"address", "article", "aside", "blockquote", "body", "br", "center",
	"dd", "details", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
	"h6", "head", "header", "hr", "html", "li", "main", "nav", "ol", "option", "p", "pre", "section",
	"summary", "table", "tbody", "tfoot", "thead", "tr", "ul"};
/* Tags that part two words without a new line. */
static const char *const cells[] = {"caption", "input", "td", "th"};
/* Elements whose content is no text. */
static const char *const hidden[] = {"script", "style", "title"};

struct strip {
	struct str *out;
	struct scan in;
	size_t start;      /* of this page in out */
	bool space, line;  /* one is wanted before the next character */
	bool pre;
	bool full;
};

static bool is_one_of(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i], name) == 0)
			return true;
	}
	return false;
}

static void put(struct strip *s, struct sv text)
{
	if (s->out->len > s->start && (s->line || s->space))
		s->full = !str_addc(s->out, s->line ? '\n' : ' ') || s->full;
	s->line = s->space = false;
	s->full = !str_add(s->out, text) || s->full;
}

static void put_code(struct strip *s, uint32_t code)
{
	char bytes[UTF8_MAX];

	if (utf8_is_space(code))
		s->space = true;
	else if (!utf8_is_invisible(code) && !utf8_is_control(code))
		put(s, sv_make(bytes, utf8_encode(code, bytes)));
}

/* ---- characters ---- */

static int by_name(const void *key, const void *entity)
{
	return strcmp(key, ((const struct entity *)entity)->name);
}

/* Behind '&'. False: it is none, nothing was taken. */
static bool take_entity(struct scan *in, uint32_t *code)
{
	const char *start = in->p;
	uint64_t n = 0;

	if (scan_byte(in, '#')) {
		bool is_hex = scan_byte(in, 'x') || scan_byte(in, 'X');
		const char *digits = in->p;
		int d;

		while ((d = ascii_hex(scan_peek(in))) >= 0 && (is_hex || d < 10)) {
			n = MIN(n * (is_hex ? 16 : 10) + (uint64_t)d, 0x110000u);
			in->p++;
		}
		if (in->p > digits) {
			(void)scan_byte(in, ';');
			*code = n == 0 || n > 0x10ffff ? UTF8_REPLACEMENT : (uint32_t)n;
			return true;
		}
	} else {
		char name[ENTITY_MAX] = "";
		size_t len = 0;

		while (len + 1 < sizeof(name) && ascii_is_alnum(scan_peek(in)))
			name[len++] = *in->p++;
		const struct entity *e =
			bsearch(name, entities, ARRAY_LEN(entities), sizeof(entities[0]), by_name);

		if (e || strcmp(name, "apos") == 0) {
			(void)scan_byte(in, ';');
			*code = e ? e->code : '\'';
			return true;
		}
	}
	in->p = start;
	return false;
}

/* Text up to the next tag. */
static void take_text(struct strip *s, struct sv text)
{
	struct scan in = scan_of(text);

	while (!scan_end(&in)) {
		unsigned char c = (unsigned char)*in.p;
		const char *start = in.p;
		uint32_t code;
		size_t used;

		if (c > ' ' && c < 0x7f && c != '&') {
			while (!scan_end(&in) && *in.p > ' ' && *in.p < 0x7f && *in.p != '&')
				in.p++;
			put(s, sv_make(start, (size_t)(in.p - start)));
		} else if (c == '\n' && s->pre) {
			s->line = true;
			in.p++;
		} else if (c <= ' ') {
			s->space = true;
			in.p++;
		} else if (c == '&') {
			in.p++;
			if (take_entity(&in, &code))
				put_code(s, code);
			else
				put(s, SV("&"));
		} else {
			code = utf8_decode(scan_rest(&in), &used);
			in.p += used;
			put_code(s, code);
		}
	}
}

/* ---- tags ---- */

/* One attribute; false at the end of the tag, which is taken. value is as it stands there. */
static bool take_attribute(struct scan *in, struct sv *name, struct sv *value)
{
	scan_wsp(in);
	while (scan_byte(in, '/'))
		scan_wsp(in);
	if (scan_end(in) || scan_byte(in, '>'))
		return false;
	const char *start = in->p++;

	*name = scan_until(in, " \t\r\n=/>");
	*name = sv_make(start, (size_t)(in->p - start));
	*value = SV("");
	scan_wsp(in);
	if (!scan_byte(in, '='))
		return true;
	scan_wsp(in);
	int quote = scan_peek(in);

	if (quote == '"' || quote == '\'') {
		in->p++;
		*value = scan_until(in, quote == '"' ? "\"" : "'");
		(void)scan_byte(in, (char)quote);
	} else
		*value = scan_until(in, " \t\r\n>");
	return true;
}

/* The content of a script or the like: up to its end tag, which is left. */
static void skip_hidden(struct scan *in, const char *name)
{
	while (!scan_end(in)) {
		const char *next = memchr(in->p, '<', (size_t)(in->end - in->p));

		in->p = next ? next : in->end;
		if (next && in->end - in->p > 2 && in->p[1] == '/' &&
			sv_starts_case(sv_from(scan_rest(in), 2), sv_of(name)))
			return;
		in->p += next != NULL;
	}
}

/* "<!-- -->", "<!doctype>", "<?xml?>": the cursor behind "<". */
static void skip_declaration(struct scan *in)
{
	if (scan_lit(in, "!--")) {
		ptrdiff_t end = sv_find(scan_rest(in), SV("-->"));

		in->p = end < 0 ? in->end : in->p + end + 3;
		return;
	}
	(void)scan_until(in, ">");
	(void)scan_byte(in, '>');
}

static void take_tag(struct strip *s)
{
	struct scan *in = &s->in;
	bool closing = scan_byte(in, '/');
	char name[TAG_MAX] = "";
	struct sv attribute, value;
	size_t len = 0;

	while (ascii_is_alnum(scan_peek(in))) {
		if (len + 1 < sizeof(name))
			name[len++] = (char)ascii_lower(*in->p);
		in->p++;
	}
	if (is_one_of(name, blocks, ARRAY_LEN(blocks)))
		s->line = true;
	else if (is_one_of(name, cells, ARRAY_LEN(cells)))
		s->space = true;
	if (strcmp(name, "pre") == 0)
		s->pre = !closing;
	while (take_attribute(in, &attribute, &value)) {
		if (!closing && sv_is_case(attribute, "alt"))
			take_text(s, value);
	}
	if (!closing && is_one_of(name, hidden, ARRAY_LEN(hidden)))
		skip_hidden(in, name);
}

bool html_text(struct str *out, struct sv html)
{
	struct strip s = {.out = out, .in = scan_of(html), .start = out->len};

	while (!scan_end(&s.in) && !s.full) {
		take_text(&s, scan_until(&s.in, "<"));
		if (!scan_byte(&s.in, '<'))
			break;
		int c = scan_peek(&s.in);

		if (c == '!' || c == '?')
			skip_declaration(&s.in);
		else if (c == '/' || ascii_is_alpha(c))
			take_tag(&s);
		else
			put(&s, SV("<"));
	}
	if (out->len > s.start)
		s.full = !str_addc(out, '\n') || s.full;
	return !s.full;
}
