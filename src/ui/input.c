/* The decoder of what a terminal sends: ECMA-48 sequences, xterm's and kitty's key forms. */
#include "ui/input.h"

#include <stdlib.h>

#include "base/mem.h"

struct definition {
	char *sequence;
	size_t len;
	uint32_t key;
};

struct input {
	input_fn *fn;
	void *data;
	struct definition *defs;
	size_t ndefs, capdefs;
	struct str pending;
	bool pasting;
	struct str paste;
};

static const struct {
	const char *sequence;
	uint32_t key;
} builtin[] = {
	{"\033[A", K_UP}, {"\033[B", K_DOWN}, {"\033[C", K_RIGHT}, {"\033[D", K_LEFT},
	{"\033OA", K_UP}, {"\033OB", K_DOWN}, {"\033OC", K_RIGHT}, {"\033OD", K_LEFT},
	{"\033[H", K_HOME}, {"\033[F", K_END}, {"\033OH", K_HOME}, {"\033OF", K_END},
	{"\033OM", K_ENTER}, {"\033[Z", K_BACKTAB},
	{"\033OP", K_F0 + 1}, {"\033OQ", K_F0 + 2}, {"\033OR", K_F0 + 3}, {"\033OS", K_F0 + 4},
	{"\033[[A", K_F0 + 1}, {"\033[[B", K_F0 + 2}, {"\033[[C", K_F0 + 3},
	{"\033[[D", K_F0 + 4}, {"\033[[E", K_F0 + 5},
};

struct input *input_new(input_fn *fn, void *data)
{
	struct input *in = xcalloc(1, sizeof(*in));
	in->fn = fn;
	in->data = data;
	str_init(&in->pending, INPUT_PENDING_MAX);
	str_init(&in->paste, INPUT_PASTE_MAX);
	for (size_t i = 0; i < ARRAY_LEN(builtin); i++)
		input_define(in, builtin[i].sequence, builtin[i].key);
	return in;
}

void input_free(struct input *in)
{
	if (!in)
		return;
	for (size_t i = 0; i < in->ndefs; i++)
		free(in->defs[i].sequence);
	free(in->defs);
	str_fini(&in->pending);
	str_fini(&in->paste);
	free(in);
}

void input_define(struct input *in, const char *sequence, uint32_t key)
{
	for (size_t i = 0; i < in->ndefs; i++) {
		if (strcmp(in->defs[i].sequence, sequence) == 0) {
			in->defs[i].key = key;
			return;
		}
	}
	array_grow(in->defs, in->ndefs, in->capdefs);
	in->defs[in->ndefs++] = (struct definition){xstrdup(sequence), strlen(sequence), key};
}

static void emit(struct input *in, struct input_event ev)
{
	in->fn(in->data, &ev);
}

static void emit_key(struct input *in, uint32_t key)
{
	if (key == K_NONE)
		return;
	emit(in, (struct input_event){.kind = INPUT_KEY, .key = key});
}

/* Longest definition that the bytes begin with; *more when the bytes begin a longer one. */
static const struct definition *find_definition(const struct input *in, struct sv b, bool *more)
{
	const struct definition *best = NULL;
	for (size_t i = 0; i < in->ndefs; i++) {
		const struct definition *d = &in->defs[i];
		size_t n = MIN(d->len, b.len);
		if (memcmp(d->sequence, b.p, n) != 0)
			continue;
		if (d->len > b.len)
			*more = true;
		else if (!best || d->len > best->len)
			best = d;
	}
	return best;
}

/* Modifier number of xterm and kitty (1 + shift 1, alt 2, ctrl 4) as bits. */
static uint32_t mods_of(int m)
{
	if (m < 2)
		return 0;
	m--;
	return (m & 1 ? K_SHIFT : 0) | (m & 2 ? K_ALT : 0) | (m & 4 ? K_CTRL : 0);
}

static const uint32_t tilde_keys[] = {
	[1] = K_HOME, [2] = K_INSERT, [3] = K_DELETE, [4] = K_END, [5] = K_PAGE_UP, [6] = K_PAGE_DOWN,
	[7] = K_HOME, [8] = K_END, [11] = K_F0 + 1, [12] = K_F0 + 2, [13] = K_F0 + 3,
	[14] = K_F0 + 4, [15] = K_F0 + 5, [17] = K_F0 + 6, [18] = K_F0 + 7, [19] = K_F0 + 8,
	[20] = K_F0 + 9, [21] = K_F0 + 10, [23] = K_F0 + 11, [24] = K_F0 + 12,
	[25] = K_F0 + 13, [26] = K_F0 + 14, [28] = K_F0 + 15, [29] = K_F0 + 16,
	[31] = K_F0 + 17, [32] = K_F0 + 18, [33] = K_F0 + 19, [34] = K_F0 + 20,
};

static uint32_t letter_key(int c)
{
	switch (c) {
	case 'A':
		return K_UP;
	case 'B':
		return K_DOWN;
	case 'C':
		return K_RIGHT;
	case 'D':
		return K_LEFT;
	case 'H':
		return K_HOME;
	case 'F':
		return K_END;
	case 'P':
	case 'Q':
	case 'R':
	case 'S':
		return K_F0 + 1 + (uint32_t)(c - 'P');
	default:
		return K_NONE;
	}
}

/* A key with modifiers in mutt's terms: Ctrl-letter is a control character, Alt is Esc before. */
static void emit_modified(struct input *in, uint32_t key, uint32_t mods)
{
	if (key < K_SPECIAL) {
		if (mods & K_ALT)
			emit_key(in, INPUT_ESC);
		if (key == INPUT_TAB && (mods & K_SHIFT)) {
			emit_key(in, K_BACKTAB);
			return;
		}
		if ((mods & K_CTRL) && key >= '@' && key < 0x7f && key != 'i' && key != 'm' && key != 'j')
			key &= 0x1fu;
		else if (mods & K_CTRL)
			key = key == ' ' ? K_NONE : (uint32_t)ascii_upper((int)key) & 0x1fu;
		emit_key(in, key == 0 ? K_NONE : key == 0x7f ? K_BACKSPACE : key);
		return;
	}
	emit_key(in, key | mods);
}

static void mouse_event(struct input *in, const int *p, int n, bool pressed)
{
	if (n < 3)
		return;
	emit(in, (struct input_event){.kind = INPUT_MOUSE, .button = p[0], .x = p[1] - 1, .y = p[2] - 1,
		.pressed = pressed});
}

static void csi(struct input *in, struct sv seq)
{
	char prefix = 0;
	int p[8] = {0}, n = 0;
	size_t at = 2;
	if (at < seq.len && seq.p[at] >= '<' && seq.p[at] <= '?')
		prefix = seq.p[at++];
	bool digits = false;
	for (; at < seq.len - 1; at++) {
		char c = seq.p[at];
		if (ascii_is_digit(c) && n < 8) {
			if (p[n] < 0x110000)
				p[n] = p[n] * 10 + (c - '0');
			digits = true;
		} else if (c == ';') {
			n = MIN(n + 1, 7);
			digits = false;
		} else if (c == ':') { /* kitty's sub-parameters: skip them */
			while (at + 1 < seq.len - 1 && seq.p[at + 1] != ';')
				at++;
		}
	}
	if (digits)
		n++;
	char final = seq.p[seq.len - 1];
	if (prefix == '<' && (final == 'M' || final == 'm')) {
		mouse_event(in, p, n, final == 'M');
		return;
	}
	if (prefix || final == 'c' || final == 'y' || (final == 'R' && n >= 2 && p[0] > 1)) {
		emit(in, (struct input_event){.kind = INPUT_REPLY, .text = seq});
		return;
	}
	if (final == 'I' && n == 0) {
		emit(in, (struct input_event){.kind = INPUT_FOCUS_IN});
		return;
	}
	if (final == 'O' && n == 0) {
		emit(in, (struct input_event){.kind = INPUT_FOCUS_OUT});
		return;
	}
	uint32_t mods = mods_of(n >= 2 ? p[1] : 0);
	if (final == '~' && n >= 1 && p[0] == 200) {
		in->pasting = true;
		str_clear(&in->paste);
	} else if (final == '~' && n >= 3 && p[0] == 27) { /* xterm modifyOtherKeys */
		emit_modified(in, (uint32_t)p[2], mods);
	} else if (final == '~' && n >= 1 && p[0] < (int)ARRAY_LEN(tilde_keys) && tilde_keys[p[0]]) {
		emit_modified(in, tilde_keys[p[0]], mods);
	} else if (final == 'u' && n >= 1 && p[0] > 0 && p[0] < (int)K_SPECIAL) {
		emit_modified(in, p[0] == 57414 ? K_ENTER : (uint32_t)p[0], mods);
	} else if (letter_key(final) != K_NONE) {
		emit_modified(in, letter_key(final), mods);
	}
}

/* The length of the control sequence that the bytes begin with; 0: unfinished, -1: none. */
static ptrdiff_t sequence_len(struct sv b)
{
	if (b.len < 2)
		return 0;
	char kind = b.p[1];
	if (kind == '[') {
		for (size_t i = 2; i < b.len; i++) {
			unsigned char c = (unsigned char)b.p[i];
			if (c >= 0x40 && c <= 0x7e)
				return i == 2 && c == '[' ? (b.len > 3 ? 4 : 0) : (ptrdiff_t)i + 1;
			if (c < 0x20 || c > 0x7e)
				return -1;
		}
		return 0;
	}
	if (kind == 'O')
		return b.len >= 3 ? 3 : 0;
	if (kind != ']' && kind != 'P' && kind != '_' && kind != '^')
		return -1;
	for (size_t i = 2; i < b.len; i++) {
		if (b.p[i] == '\a')
			return (ptrdiff_t)i + 1;
		if (b.p[i] == '\033')
			return i + 1 < b.len ? (b.p[i + 1] == '\\' ? (ptrdiff_t)i + 2 : -1) : 0;
		if ((unsigned char)b.p[i] < 0x20)
			return -1;
	}
	return 0;
}

/* How many bytes the UTF-8 character takes; 0: more must come. A stray byte is one. */
static size_t char_len(struct sv b)
{
	unsigned char c = (unsigned char)b.p[0];
	size_t n = c >= 0xf0 && c < 0xf5 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
	if (c >= 0xf5)
		n = 1;
	for (size_t i = 1; i < n; i++) {
		if (i >= b.len)
			return 0;
		if (((unsigned char)b.p[i] & 0xc0) != 0x80)
			return 1;
	}
	return n;
}

static uint32_t char_of(struct sv b, size_t n)
{
	unsigned char c = (unsigned char)b.p[0];
	if (n == 1)
		return c < 0x80 ? c : 0xfffd;
	uint32_t cp = c & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		cp = cp << 6 | ((unsigned char)b.p[i] & 0x3fu);
	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0xfffd;
	return cp;
}

static const struct sv paste_end = {"\033[201~", 6};

/* Takes pasted text up to its end mark. Returns how many bytes were used; 0: more must come. */
static size_t take_paste(struct input *in, struct sv b)
{
	ptrdiff_t end = sv_find(b, paste_end);
	size_t n = end >= 0 ? (size_t)end : b.len;
	if (end < 0) { /* a part of the mark may be at the end */
		size_t keep = MIN(b.len, paste_end.len - 1);
		while (keep > 0 && memcmp(b.p + b.len - keep, paste_end.p, keep) != 0)
			keep--;
		n = b.len - keep;
	}
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)b.p[i];
		if (c == '\r')
			c = '\n';
		if (c == '\n' || c == '\t' || (c >= ' ' && c != 0x7f))
			str_addc(&in->paste, (char)c);
	}
	if (end < 0)
		return n;
	in->pasting = false;
	emit(in, (struct input_event){.kind = INPUT_PASTE, .text = str_sv(&in->paste)});
	return n + paste_end.len;
}

/* Handles what the bytes begin with. Returns the bytes used; 0: unfinished. last: nothing more comes. */
static size_t take(struct input *in, struct sv b, bool last)
{
	if (in->pasting && !last)
		return take_paste(in, b);
	in->pasting = false;
	unsigned char c = (unsigned char)b.p[0];
	bool more = false;
	const struct definition *d = find_definition(in, b, &more);
	if (d && !(more && !last)) {
		emit_key(in, d->key);
		return d->len;
	}
	if (c == INPUT_ESC) {
		ptrdiff_t n = last && b.len < 3 ? -1 : sequence_len(b);
		if (n == 0 && !last)
			return 0;
		if (n > 0) {
			struct sv seq = sv_head(b, (size_t)n);
			if (seq.p[1] == '[')
				csi(in, seq);
			else if (seq.p[1] != 'O')
				emit(in, (struct input_event){.kind = INPUT_REPLY, .text = seq});
			return (size_t)n;
		}
		if (b.len > 1 && b.p[1] == INPUT_ESC && !last) {
			emit_key(in, INPUT_ESC);
			return 1;
		}
		emit_key(in, INPUT_ESC);
		return 1;
	}
	if (more && !last)
		return 0;
	size_t n = char_len(b);
	if (n == 0 && !last)
		return 0;
	if (n == 0)
		n = 1;
	uint32_t key = char_of(b, n);
	emit_key(in, key == 0 ? K_NONE : key == 0x7f ? K_BACKSPACE : key);
	return n;
}

static void run(struct input *in, bool last)
{
	size_t at = 0;
	while (at < in->pending.len) {
		size_t n = take(in, sv_from(str_sv(&in->pending), at), last);
		if (n == 0)
			break;
		at += n;
	}
	str_remove(&in->pending, 0, at);
}

void input_feed(struct input *in, struct sv bytes)
{
	while (bytes.len > 0) {
		size_t room = INPUT_PENDING_MAX / 2;
		struct sv part = sv_head(bytes, room);
		if (!str_add(&in->pending, part)) {
			str_clear(&in->pending); /* an endless answer of the terminal: drop it */
			str_add(&in->pending, part);
		}
		bytes = sv_from(bytes, part.len);
		run(in, false);
	}
}

/* A sequence is half here: its rest comes over a slow line, and must not become keys. */
static bool in_sequence(const struct input *in)
{
	struct sv b = str_sv(&in->pending);
	return b.len > 2 && b.p[0] == INPUT_ESC && (b.p[1] == ']' || b.p[1] == 'P' || b.p[1] == '[');
}

bool input_pending(const struct input *in)
{
	return in->pending.len > 0 && !in->pasting && !in_sequence(in);
}

void input_timeout(struct input *in)
{
	if (input_pending(in))
		run(in, true);
}
