/*
 * The terminal, for the files that work on it: term.c (opening, modes, keys, what is not the picture) and
 * term_show.c (the picture).
 */
#ifndef UI_TERM_PRIV_H
#define UI_TERM_PRIV_H

#include <curses.h>
#include <wchar.h>

#include "ui/term.h"

struct term {
	bool null;
	bool utf8; /* false: curses writes the characters of the locale, and so do we */
	mbstate_t typed; /* of a character of the locale that came in half */
	int rows, cols;
	unsigned features, forced_on, forced_off;
	unsigned colours;
	bool suspended;
	bool guarded; /* TOSTOP is set: term_guard */
	bool set_title;
	bool in_screen; /* GNU screen: strings for the outer terminal are wrapped */
	SCREEN *screen;
	struct grid *shown; /* what the terminal has; NULL: nothing known */
	int cursor_visible; /* -1: unknown */
	char *title;
	cchar_t *line;      /* one row on its way */
};

/* Bytes to the terminal beside curses, between frames. */
void term_emit(struct term *, const char *s, size_t n);
void term_emits(struct term *, const char *s);

#endif
