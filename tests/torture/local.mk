# What loses mail when it fails, tried everywhere it can fail. Each runner in TORTURE is one program: in
# `make check` (put it into TESTS, too) it takes a slice of some seconds, in `make torture` it is given
# FEIST_TORTURE=1 and does everything. See README.md here.
#	check_PROGRAMS += tests/NAME/cuts
#	TESTS += tests/NAME/cuts
#	TORTURE += tests/NAME/cuts
TORTURE =
EXTRA_DIST += tests/torture/all tests/torture/README.md

.PHONY: torture
torture: all $(check_PROGRAMS)
	@$(AM_TESTS_ENVIRONMENT) FEIST_TORTURE=1 $(top_srcdir)/tests/torture/all $(TORTURE)
