/* Runs one case, or one generated change of an honest session, and judges what came of it. */
#ifndef TESTS_EVIL_JUDGE_H
#define TESTS_EVIL_JUDGE_H

#include "tests/evil/cases.h"
#include "tests/evil/tour.h"

/* What an honest server of this kind gives: the measure of the others. */
struct clean {
	struct tour tour;
	size_t bytes, lines, heard;
	char *said; /* all that the server said */
};
void clean_run(struct clean *, const struct mode *, bool compress);
void clean_free(struct clean *);

/* True when it is as it must be; else *why says what was not (caller frees with str_fini). */
bool judge_case(const struct one_case *, struct str *why);
/* What came of it in the words of a verdict, for the one who writes the files. */
void judge_show(const struct one_case *, struct str *out);

/* A session against a model with faults of the caller's: what holds for every session is judged, and *out tells
 * what came of it. */
struct played {
	struct tour *tour;
	const char *outcome; /* "on", "no", "dead" */
	const struct tour_step *failed;
	const struct line *line;
};
bool judge_played(const struct mode *, bool (*ask)(void *data, const char *state, struct fault *out), void *data,
	struct played *out, struct str *why);
void judge_played_end(void); /* out is lent until here */

/* The case as an input of the session fuzzers (tests/fuzz/session.h). */
void judge_seed(const struct one_case *, struct str *out);

/* A generated change: kind at `at`. The result may be anything that is sane; what a step gave is what it gives with an
 * honest server, unless the change makes another sense (garbage). */
bool judge_mangled(const struct clean *, const struct mode *, bool compress, enum mangle, size_t at, const char *arg,
	struct str *why);

#endif
