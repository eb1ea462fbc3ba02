/*
 * The filters over mime and text alone: what the vector tests run, without configuration and screen.
 */
#include <stdio.h>
#include <sysexits.h>

#include "main/filter.h"

int main(int argc, char **argv)
{
	static const struct filter_kind *const tables[] = {filter_mime_kinds, NULL};

	if (argc != 2) {
		fprintf(stderr, "usage: feist-filter KIND\n");
		return EX_USAGE;
	}
	return filter_run(argv[1], tables, 0, 1);
}
