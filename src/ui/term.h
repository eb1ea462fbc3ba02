/*
 * The terminal: the one place where bytes leave for it. A picture (grid) is shown through ncurses,
 * which sends only what changed; the rest (links, titles, clipboard, modes) is written between
 * frames. Nothing here waits: what the terminal can do is asked once and learned from its answers as
 * they come in through input.
 *
 * A null terminal shows nothing and reads nothing: tests drive the ui over it and dump the grid.
 */
#ifndef UI_TERM_H
#define UI_TERM_H

#include "base/err.h"
#include "ui/grid.h"
#include "ui/input.h"

#define TERM_COPY_MAX 74000   /* bytes that terminals take by OSC 52 */
#define TERM_TITLE_MAX 200

enum term_feature {
	TERM_TRUECOLOR = 1 << 0,
	TERM_LINKS = 1 << 1,   /* OSC 8 */
	TERM_CLIPBOARD = 1 << 2,
	TERM_SYNC = 1 << 3,    /* mode 2026 */
	TERM_KITTY = 1 << 4,   /* CSI u keys */
	TERM_PASTE = 1 << 5,   /* bracketed paste */
	TERM_FOCUS = 1 << 6,
	TERM_TITLE = 1 << 7,
	TERM_MOUSE = 1 << 8,
};

struct term_opts {
	bool mouse;
	bool set_title;
	bool query;       /* ask the terminal what it can do */
	int colour;       /* 24-bit: 1 on, 0 off, -1 find out */
	const char *features; /* "-osc8,+sync": forced on or off; may be NULL */
};

struct term;
/*
 * Takes over the terminal on stdin and stdout. ERR_INPUT when there is none or TERM is unknown or
 * dumb (text says what to do).
 */
struct term *term_open(const struct term_opts *, struct err *e) MUST_CHECK;
struct term *term_open_null(int rows, int cols);
void term_close(struct term *); /* puts everything back; NULL is fine */

bool term_is_null(const struct term *);
int term_rows(const struct term *);
int term_cols(const struct term *);
unsigned term_features(const struct term *);
unsigned term_colours(const struct term *); /* 0: monochrome */

/* After SIGWINCH: reads the size. True when it changed. */
bool term_resized(struct term *);
/* For tests on a null terminal. */
void term_set_size(struct term *, int rows, int cols);

/* Shows the picture; the cursor is put at (row, col), or hidden when visible is false. */
void term_show(struct term *, const struct grid *, int row, int col, bool visible);
/* Everything is sent again at the next term_show. */
void term_redraw(struct term *);
void term_beep(struct term *);
void term_mouse(struct term *, bool on);

/* Keys, paste, focus: where the bytes come from, and reading what is there. False at the end of input. */
int term_fd(const struct term *); /* -1: null terminal */
bool term_read(struct term *, struct input *);
/* Tells the decoder the sequences of this terminal's keys. */
void term_define_keys(struct term *, struct input *);
/* An answer of the terminal (INPUT_REPLY): learns features from it. */
void term_reply(struct term *, struct sv reply);

/* Gives the terminal to a child and takes it back. Drawing in between is kept back. */
void term_suspend(struct term *);
void term_resume(struct term *);
bool term_suspended(const struct term *);
/*
 * While programs run in the background that may write to the terminal: the kernel stops them (SIGTTOU)
 * instead of letting them write over the picture.
 */
void term_guard(struct term *, bool on);
/* While suspended: the next key comes at once, without Return. */
void term_wait_key(struct term *);

void term_title(struct term *, const char *title, const char *icon); /* safe text; NULL: leave */
/* Puts text into the clipboard; false when the terminal cannot. */
bool term_copy(struct term *, struct sv text);
/* A notice outside the window (OSC 9/777); controls are taken out. */
void term_notify(struct term *, const char *text);

/* What undoes our modes, as one string; for signal handlers: write(2) it to fd 1 and die. */
const char *term_undo_string(size_t *len);

#endif
