#include "conf/keys.h"

#include <stdlib.h>

#include "base/mem.h"
#include "conf/lex.h"

static const struct {
	const char *name; /* the first one of a code is how it prints */
	uint32_t key;
} names[] = {
	{"Up", K_UP},
	{"Down", K_DOWN},
	{"Left", K_LEFT},
	{"Right", K_RIGHT},
	{"Home", K_HOME},
	{"End", K_END},
	{"PageUp", K_PAGE_UP},
	{"PageDown", K_PAGE_DOWN},
	{"Insert", K_INSERT},
	{"Delete", K_DELETE},
	{"BackSpace", K_BACKSPACE},
	{"KeypadEnter", K_ENTER},
	{"BackTab", K_BACKTAB},
	{"Next", K_NEXT},
	{"Prev", K_PREV},
	{"Help", K_HELP},
	{"Mouse", K_MOUSE},
	{"Resize", K_RESIZE},
	{"PasteStart", K_PASTE_START},
	{"PasteEnd", K_PASTE_END},
	{"Enter", '\n'},
	{"Return", '\r'},
	{"Esc", 27},
	{"Tab", '\t'},
	{"Space", ' '},
	/* other names */
	{"PPage", K_PAGE_UP},
	{"NPage", K_PAGE_DOWN},
	{"PgUp", K_PAGE_UP},
	{"PgDn", K_PAGE_DOWN},
	{"Escape", 27},
	{"Ins", K_INSERT},
	{"Del", K_DELETE},
	{"BS", K_BACKSPACE},
	{"CR", '\r'},
	{"STab", K_BACKTAB},
	{"BTab", K_BACKTAB},
	{"KP_Enter", K_ENTER},
	{"LT", '<'},
};
#define NAMES_PRINTED 25 /* the first ones */

/* "f12": 0 when it is not one. */
static uint32_t function_key(struct sv name)
{
	uint64_t n;

	if (name.len < 2 || ascii_lower((unsigned char)name.p[0]) != 'f' ||
		!sv_u64(sv_from(name, 1), &n) || n > 63)
		return K_NONE;
	return (uint32_t)(K_F0 + n);
}

static uint32_t control_of(int c)
{
	c = ascii_upper(c);
	if (c == '?')
		return 127;
	return c >= '@' && c <= '_' ? (uint32_t)(c - '@') : K_NONE;
}

/* <C-x> with one character behind the modifiers. */
static uint32_t modified_char(uint32_t mods, struct sv name)
{
	if (name.len != 1)
		return K_NONE;
	if (mods == K_CTRL)
		return control_of((unsigned char)name.p[0]);
	return mods ? K_NONE : (unsigned char)name.p[0];
}

uint32_t key_by_name(struct sv name)
{
	uint32_t mods = 0;

	while (name.len > 2 && name.p[1] == '-') {
		int c = ascii_lower((unsigned char)name.p[0]);
		uint32_t mod = c == 'c'               ? K_CTRL
			       : c == 's'             ? K_SHIFT
			       : c == 'a' || c == 'm' ? K_ALT
						      : 0;
		if (!mod)
			break;
		mods |= mod;
		name = sv_from(name, 2);
	}
	if (mods == K_SHIFT && sv_is_case(name, "Tab"))
		return K_BACKTAB;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sv_is_case(name, names[i].name))
			return names[i].key | mods;
	uint32_t f = function_key(name);
	if (f)
		return f | mods;
	/* <177>: an octal code */
	if (!mods && name.len == 3 && name.p[0] >= '0' && name.p[0] <= '3') {
		uint32_t v = 0;
		for (size_t i = 0; i < 3; i++) {
			if (name.p[i] < '0' || name.p[i] > '7')
				return K_NONE;
			v = v * 8 + (uint32_t)(name.p[i] - '0');
		}
		return v;
	}
	return mods ? modified_char(mods, name) : K_NONE;
}

/* The next UTF-8 character; a byte that is none stands for itself. */
static uint32_t next_char(struct scan *s)
{
	unsigned char c = (unsigned char)*s->p;
	size_t len = c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;
	uint32_t v = len == 1 ? c : c & (0xffu >> (len + 1));

	if ((size_t)(s->end - s->p) < len)
		len = 1, v = c;
	for (size_t i = 1; i < len; i++) {
		unsigned char d = (unsigned char)s->p[i];
		if ((d & 0xc0) != 0x80) {
			s->p++;
			return c;
		}
		v = v << 6 | (d & 0x3f);
	}
	s->p += len;
	return v;
}

/* <name> at the cursor: its inside, and steps over it. */
static bool bracketed(struct scan *s, struct sv *name)
{
	struct sv rest = scan_rest(s);
	ptrdiff_t close = rest.len > 1 && rest.p[0] == '<' ? sv_chr(rest, '>') : -1;

	if (close < 2)
		return false;
	*name = sv_head(sv_from(rest, 1), (size_t)close - 1);
	s->p += close + 1;
	return true;
}

bool keys_parse(struct sv text, struct keys *out, struct err *e)
{
	struct scan s = scan_of(text);
	struct sv name;

	*out = (struct keys){0};
	if (text.len == 2 && text.p[0] == '^' &&
		control_of((unsigned char)text.p[1])) { /* ^X alone */
		out->k[0] = control_of((unsigned char)text.p[1]);
		out->n = 1;
		return true;
	}
	while (!scan_end(&s)) {
		struct scan before = s;
		uint32_t key = bracketed(&s, &name) ? key_by_name(name) : K_NONE;
		if (key == K_NONE) {
			s = before;
			key = next_char(&s);
		}
		if (key == 0)
			return err_set(e, ERR_INPUT, "a NUL cannot be typed");
		if (out->n == KEYS_MAX)
			return err_set(e, ERR_INPUT, "more than %d keys in a row", KEYS_MAX);
		out->k[out->n++] = key;
	}
	if (out->n == 0)
		return err_set(e, ERR_INPUT, "no key");
	return true;
}

bool keys_parse_rc(struct sv written, struct keys *out, struct err *e)
{
	struct rc_opts opts = {.no_exec = true};
	struct rc *rc = rc_new(NULL, &opts);
	struct lex lex;
	struct str word;

	str_init(&word, LEX_LINE_MAX);
	lex_init(&lex, rc, written, 1);
	/*
	 * nothing of the configuration is asked for, and what is wrong is a letter like any other
	 */
	bool ok = lex_word(
		&lex, LEX_NOEXEC | LEX_SPACE | LEX_SEMICOLON | LEX_COMMENT | LEX_QUIET, &word);
	ok = keys_parse(ok ? str_sv(&word) : written, out, e);
	lex_fini(&lex);
	rc_free(rc);
	str_fini(&word);
	return ok;
}

static void add_utf8(struct str *out, uint32_t c)
{
	if (c < 0x80) {
		str_addc(out, (char)c);
	} else if (c < 0x800) {
		str_addc(out, (char)(0xc0 | c >> 6));
		str_addc(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		str_addc(out, (char)(0xe0 | c >> 12));
		str_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		str_addc(out, (char)(0x80 | (c & 0x3f)));
	} else {
		str_addc(out, (char)(0xf0 | c >> 18));
		str_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		str_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		str_addc(out, (char)(0x80 | (c & 0x3f)));
	}
}

static const char *name_of(uint32_t key)
{
	for (size_t i = 0; i < NAMES_PRINTED; i++)
		if (names[i].key == key)
			return names[i].name;
	return NULL;
}

void key_print(uint32_t key, struct str *out)
{
	uint32_t plain = key & ~(uint32_t)(K_SHIFT | K_ALT | K_CTRL);
	const char *name = name_of(plain);

	if (key >= K_FUNCTION) {
		uint32_t fn = key - K_FUNCTION;
		str_addf(out, "<%s>", fn < FN_COUNT ? func_table[fn].name : "?");
		return;
	}
	if (name || plain >= K_F0) {
		str_addf(out, "<%s%s%s", key & K_CTRL ? "C-" : "", key & K_ALT ? "M-" : "",
			key & K_SHIFT ? "S-" : "");
		if (name)
			str_adds(out, name);
		else
			str_addf(out, "F%u", (unsigned)(plain - K_F0));
		str_addc(out, '>');
		return;
	}
	if (key < 32)
		str_addf(out, "^%c", (int)key + '@');
	else if (key == 127)
		str_adds(out, "^?");
	else if (key >= 0x80 && key < 0xa0)
		str_addf(out, "\\%03o", (unsigned)key);
	else
		add_utf8(out, key);
}

void keys_print(const struct keys *keys, struct str *out)
{
	for (int i = 0; i < keys->n; i++)
		key_print(keys->k[i], out);
}

void keys_print_rc(const struct keys *keys, struct str *out)
{
	struct str text;

	str_init(&text, 1024);
	for (int i = 0; i < keys->n; i++) {
		uint32_t k = keys->k[i];
		if (k == '<') /* would start a name */
			str_adds(&text, "<LT>");
		else if (k < 128 && (strchr("#;\\\"'`$ ", (int)k) && k))
			str_addf(&text, k == ' ' ? "<Space>" : "\\%c", (int)k);
		else if ((k < 32 || k == 127) && !name_of(k))
			str_addf(&text, "\\%03o", (unsigned)k);
		else
			key_print(k, &text);
	}
	str_add(out, str_sv(&text));
	str_fini(&text);
}

bool macro_parse(enum menu_id menu, struct sv text, uint32_t **keys, size_t *n, struct err *e)
{
	struct scan s = scan_of(text);
	struct sv name;
	uint32_t *v = NULL;
	size_t count = 0, cap = 0;

	while (!scan_end(&s)) {
		struct scan before = s;
		uint32_t key = K_NONE;
		if (bracketed(&s, &name)) {
			key = key_by_name(name);
			if (key == K_NONE) {
				enum func_id fn = func_find(menu, name);
				if (fn == FN_NONE)
					fn = func_find_any(name);
				key = fn == FN_NONE ? K_NONE : (uint32_t)K_FUNCTION + (uint32_t)fn;
			}
		}
		if (key == K_NONE) {
			s = before;
			key = next_char(&s);
		}
		if (count == MACRO_KEYS_MAX) {
			free(v);
			return err_set(
				e, ERR_LIMIT, "a macro of more than %d keys", MACRO_KEYS_MAX);
		}
		array_grow(v, count, cap);
		v[count++] = key;
	}
	*keys = v;
	*n = count;
	return true;
}
