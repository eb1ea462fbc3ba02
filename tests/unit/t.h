/*
 * What every unit test includes: cmocka and a few words for tables.
 */
#ifndef T_H
#define T_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* For table rows: says which row before it fails. */
#define t_row(name) print_message("  row: %s\n", (name))
#define t_streq(got, want, row)                                                                     \
	do {                                                                                        \
		if (strcmp((got), (want)) != 0)                                                     \
			fail_msg("%s: got \"%s\", want \"%s\"", (row), (got), (want));              \
	} while (0)
#define t_run(tests) cmocka_run_group_tests_name(__FILE__, (tests), NULL, NULL)

#endif
