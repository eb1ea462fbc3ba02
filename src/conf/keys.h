/*
 * Keys as people write them (\Cx, ^X, <f1>, <Esc>x, \ex, \033, <Tab>) and as numbers, and the map
 * from key sequences to functions and macros. A sequence such as Esc x is two keys.
 */
#ifndef CONF_KEYS_H
#define CONF_KEYS_H

#include "base/err.h"
#include "base/str.h"
#include "vocab/vocab.h"

/* Unicode characters are themselves (Ctrl-A is 1, Tab 9, Enter 10, Return 13, Esc 27, Space 32). */
enum key {
	K_NONE = 0,
	K_SPECIAL = 0x110000, /* first code above Unicode */
	K_UP,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_HOME,
	K_END,
	K_PAGE_UP,
	K_PAGE_DOWN,
	K_INSERT,
	K_DELETE,
	K_BACKSPACE,
	K_ENTER, /* of the keypad */
	K_BACKTAB,
	K_NEXT,
	K_PREV,
	K_HELP,
	K_MOUSE, /* ui's own */
	K_RESIZE,
	K_PASTE_START,
	K_PASTE_END,
	K_F0, /* K_F0 + n is F n, n up to 63 */
	K_F63 = K_F0 + 63,
	K_LAST,
	/* Modifiers of special keys (a control letter is its own character). */
	K_SHIFT = 0x1000000,
	K_ALT = 0x2000000,
	K_CTRL = 0x4000000,
	/* In expanded macros: K_FUNCTION + enum func_id. */
	K_FUNCTION = 0x10000000,
};

#define KEYS_MAX 16 /* longest sequence that can be bound */

struct keys {
	uint32_t k[KEYS_MAX];
	int n;
};

/*
 * The left side of bind and macro. ERR_INPUT: empty, too long. Unknown <names> are taken letter by
 * letter, as mutt does.
 */
bool keys_parse(struct sv text, struct keys *out, struct err *e) MUST_CHECK;
/* The same of a word as it stands in a file: \Cx \e \t \033 and quotes count, too. */
bool keys_parse_rc(struct sv written, struct keys *out, struct err *e) MUST_CHECK;
/* Canonical: printable characters themselves, ^X, <Up>, <F5>, <Esc>, <C-Up>. */
void key_print(uint32_t key, struct str *out);
void keys_print(const struct keys *, struct str *out);
/* Like keys_print, but so that the rc parser reads the same keys again: "\Cx", "\"", "#" quoted. */
void keys_print_rc(const struct keys *, struct str *out);
/* A name without <>: "f1", "C-Up". K_NONE when unknown; case is ignored. */
uint32_t key_by_name(struct sv name);

/*
 * The text of a macro or of push as keys: <key names> and <function names> (of menu, or generic, or
 * any) become single codes, everything else is typed. *keys is for the caller to free.
 */
#define MACRO_KEYS_MAX 65536
bool macro_parse(
	enum menu_id, struct sv text, uint32_t **keys, size_t *n, struct err *e) MUST_CHECK;

struct conf;
struct rc_bind;

enum keymap_result { KEYMAP_NONE, KEYMAP_PREFIX, KEYMAP_FOUND };
/*
 * Looks up the first n keys typed in a menu: its own map, then generic's where the menu has that.
 * FOUND wins over PREFIX of generic's, PREFIX over everything else, as in mutt. A key bound to noop
 * is FOUND with fn FN_NONE.
 */
enum keymap_result keymap_find(const struct conf *, enum menu_id, const uint32_t *keys, int n,
	const struct rc_bind **bind);
/* The next binding of a function in a menu (own or generic's, not shadowed); at starts at 0. */
const struct rc_bind *keymap_next_of(const struct conf *, enum menu_id, enum func_id, size_t *at);
/* All bindings that start with these keys (for the key pop-up and help): at starts at 0. */
const struct rc_bind *keymap_next(
	const struct conf *, enum menu_id, const uint32_t *prefix, int n, size_t *at);

#endif
