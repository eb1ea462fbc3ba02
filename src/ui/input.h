/*
 * Bytes from the terminal become events: keys, pasted text, focus, mouse, answers to queries. Pure:
 * no terminal is touched here. Answers (DCS, OSC, CSI ?) can come late over a slow line; they are
 * recognised at any time and never become keys.
 */
#ifndef UI_INPUT_H
#define UI_INPUT_H

#include "conf/keys.h"

#define INPUT_PENDING_MAX 4096     /* an unfinished sequence longer than this is dropped */
#define INPUT_PASTE_MAX (1 << 20)  /* what is pasted beyond is dropped */
#define INPUT_ESC_MS 25            /* a lone Esc is a key after this long */

enum { INPUT_TAB = 9, INPUT_ESC = 27 };

enum input_kind {
	INPUT_KEY,
	INPUT_PASTE,     /* text, controls taken out but for newline and tab */
	INPUT_FOCUS_IN,
	INPUT_FOCUS_OUT,
	INPUT_MOUSE,     /* button, x, y, pressed */
	INPUT_REPLY,     /* answer of the terminal: text is the whole sequence */
};

struct input_event {
	enum input_kind kind;
	uint32_t key; /* conf/keys.h */
	struct sv text; /* lent until the next event */
	int button, x, y; /* button: 0-2, 64 wheel up, 65 wheel down; x, y from 0 */
	bool pressed;
};

struct input;
typedef void input_fn(void *data, const struct input_event *);

struct input *input_new(input_fn *, void *data);
void input_free(struct input *);

/* A sequence that this terminal sends for a key (from terminfo); later ones win. */
void input_define(struct input *, const char *sequence, uint32_t key);

/* Bytes as read; calls the function for each event that is complete. */
void input_feed(struct input *, struct sv bytes);
/* An unfinished sequence is waiting: call input_timeout INPUT_ESC_MS later. */
bool input_pending(const struct input *);
/* What waits was no sequence: its bytes are keys. */
void input_timeout(struct input *);

#endif
