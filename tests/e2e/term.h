/*
 * A terminal for tests: a program in a pty, its screen kept by libvterm. Keys go in, and the test waits
 * until the screen shows what it expects; nothing sleeps. What fails prints the screen and the log and
 * ends the test.
 */
#ifndef E2E_TERM_H
#define E2E_TERM_H

#include <stdbool.h>
#include <sys/types.h>

struct term;

/* Starts argv[0] on a screen of rows x cols. env: "NAME=value" lines put over the environment, NULL-ended. */
struct term *term_start(char *const argv[], char *const env[], int rows, int cols);
/* Ends the program if it still runs (SIGTERM, then SIGKILL) and frees everything. NULL is fine. */
void term_free(struct term *);

pid_t term_pid(const struct term *);
/* Types these bytes. */
void term_type(struct term *, const char *keys);
void term_resize(struct term *, int rows, int cols);

/* Waits until the screen matches the POSIX extended regex; lines are divided by "\n", and ^ and $ match at
 * each. Fails the test when the time is over (FEIST_E2E_SECONDS, default 30). */
void term_expect(struct term *, const char *regex);
/* Waits until the screen does not match any more. */
void term_expect_gone(struct term *, const char *regex);
/* Is it there now? Does not wait. */
bool term_shows(struct term *, const char *regex);
/* Waits for the end of the program; returns its exit status, 128 + signal when a signal ended it. */
int term_wait_exit(struct term *);
/* Reads what the program writes for this long. For waiting on something that is not on the screen. */
void term_pump(struct term *, int ms);

/* The screen as text, trailing blanks cut. Owned by the terminal, valid until the next call. */
const char *term_text(struct term *);
/* Number of bytes that the program has written so far. */
size_t term_bytes(const struct term *);
/* fn gets every byte that the program writes from now on, in pieces as they come. */
void term_watch(struct term *, void (*fn)(void *data, const char *bytes, size_t n), void *data);
/* The program writes another character set than UTF-8: the screen shows '?' for its bytes beyond ASCII. */
void term_ascii(struct term *);
/* Prints the screen to stderr. */
void term_dump(struct term *);
/* Prints the screen and runs hook (set once per test: prints logs), then fails the test. */
void term_fail(struct term *, const char *why, const char *what);
void term_on_failure(void (*hook)(void));

#endif
