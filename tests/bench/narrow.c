/*
 * Limiting a view: how long each pattern takes on the rows of a cache that is there already (tests/bench/words
 * makes one), without a screen. Terms on bodies need a session and are measured by words.
 *
 * usage: tests/bench/narrow FOLDER ACCOUNT MAILBOX PATTERN...
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "core/session.h"
#include "core/view_priv.h"
#include "store/mailbox.h"

#define RUNS 5

static void give_up(const struct err *e)
{
	fprintf(stderr, "%s\n", e->text);
	exit(1);
}

/* The best of some: the machine has other things to do. */
static void measure(struct view *v, const char *text)
{
	double best = 1e9;
	struct err e;

	for (int i = 0; i < RUNS; i++) {
		int64_t began = clock_us();

		if (!view_limit(v, text, &e))
			give_up(&e);
		best = MIN(best, (double)(clock_us() - began) / 1000);
	}
	printf("%-24s %8u of %u   %8.2f ms\n", text, view_lines(v), view_counts(v)->total, best);
}

int main(int argc, char **argv)
{
	struct conf *conf = conf_new(CONF_MUTT);
	struct cache *c;
	struct mailbox m;
	struct err e;

	if (argc < 5) {
		fprintf(stderr, "usage: %s FOLDER ACCOUNT MAILBOX PATTERN...\n", argv[0]);
		return 2;
	}
	if (!cache_open(&c, argv[1], argv[2], CACHE_READ, &e) || !mailbox_by_name(c, argv[3], &m, &e))
		give_up(&e);
	struct view *v = view_new(NULL, conf, argv[2], argv[3], argv[3]);
	int64_t began = clock_us();

	view_attach_source(v, 0, c, NULL, m.id, m.uidvalidity);
	view_load_all(v);
	(void)view_lines(v);
	printf("loaded %u messages in %.0f ms\n", view_counts(v)->total, (double)(clock_us() - began) / 1000);
	for (int i = 4; i < argc; i++)
		measure(v, argv[i]);
	view_free(v);
	mailbox_fini(&m);
	cache_close(c);
	conf_free(conf);
	return 0;
}
