/*
 * What all stories share: a teardown that ends terminals and world, and the way in and out of feist.
 */
#ifndef E2E_STORY_H
#define E2E_STORY_H

#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct story {
	struct world *w;
	struct term *t;
};

static inline struct story *story_new(void **state, enum world_servers servers)
{
	static struct story s;

	s = (struct story){NULL, NULL};
	*state = &s;
	s.w = world_new(servers);
	return &s;
}

static inline int story_end(void **state)
{
	struct story *s = *state;

	if (s) {
		term_free(s->t);
		world_free(s->w);
		*s = (struct story){NULL, NULL};
	}
	return 0;
}

/* Leaves feist from the index; everything that is marked is carried out. */
static inline void story_quit(struct story *s)
{
	term_type(s->t, "q");
	assert_int_equal(term_wait_exit(s->t), 0);
	term_free(s->t);
	s->t = NULL;
}

/* No turn of the ui loop took longer than 50 ms (it logs them). Sanitizers make everything slow. */
static inline void story_no_stalls(struct story *s)
{
#ifndef SANITIZERS
	if (!getenv("FEIST_ALLOW_STALLS"))
		world_expect_shell(s->w, s->t, "! grep -qi ' stall' home/.local/state/feist/log");
#else
	(void)s;
#endif
}

#define STORY(f) cmocka_unit_test_teardown(f, story_end)

#endif
