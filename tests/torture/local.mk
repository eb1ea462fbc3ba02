# What loses mail when it fails, tried everywhere it can fail. Each runner in TORTURE is one program: in
# `make check` (put it into TESTS, too) it takes a slice of some seconds, in `make torture` it is given
# FEIST_TORTURE=1 and does everything. See README.md here.
#	check_PROGRAMS += tests/NAME/cuts
#	TESTS += tests/NAME/cuts
#	TORTURE += tests/NAME/cuts
TORTURE =
EXTRA_DIST += tests/torture/all tests/torture/memory tests/torture/README.md

.PHONY: torture
torture: all $(check_PROGRAMS)
	@$(AM_TESTS_ENVIRONMENT) FEIST_TORTURE=1 $(top_srcdir)/tests/torture/all $(TORTURE)

# The kill test: a library in the programs under test counts what they change and makes one call fail.
TORTURE_STAGE = tests/torture/stage.c tests/torture/stage.h tests/torture/ledger.c tests/torture/ledger.h \
	tests/torture/server.c tests/torture/server.h tests/torture/scenarios.c tests/torture/scenario.h \
	tests/torture/shim.h
check_PROGRAMS += tests/torture/faults
TESTS += tests/torture/faults
TORTURE += tests/torture/faults tests/torture/memory
tests_torture_faults_SOURCES = tests/torture/faults.c $(TORTURE_STAGE)
tests_torture_faults_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_torture_faults_LDADD = $(feist_worker_LDADD)
tests_torture_faults_DEPENDENCIES = tests/torture/shim.so $(LIB_SYNC) $(LIB_STORE) $(LIB_BASE)
check_PROGRAMS += tests/torture/power
TESTS += tests/torture/power
TORTURE += tests/torture/power
tests_torture_power_SOURCES = tests/torture/power.c tests/torture/disk.c tests/torture/disk.h $(TORTURE_STAGE)
tests_torture_power_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_torture_power_LDADD = $(feist_worker_LDADD)
tests_torture_power_DEPENDENCIES = $(tests_torture_faults_DEPENDENCIES)
check_PROGRAMS += tests/torture/damage
TESTS += tests/torture/damage
TORTURE += tests/torture/damage
tests_torture_damage_SOURCES = tests/torture/damage.c $(TORTURE_STAGE)
tests_torture_damage_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_torture_damage_LDADD = $(feist_worker_LDADD)
EXTRA_DIST += tests/torture/shim.c
CLEANFILES += tests/torture/shim.so

# Two clients (needs tests/sync/drive).
TESTS += tests/torture/truth.test
TORTURE += tests/torture/truth.test
EXTRA_DIST += tests/torture/truth.test tests/torture/truth.py

# A library for LD_PRELOAD, without libtool.
tests/torture/shim.so: tests/torture/shim.c tests/torture/shim.h
	$(AM_V_CC)$(MKDIR_P) tests/torture && $(CC) -std=gnu11 -D_GNU_SOURCE -I$(top_srcdir) $(WARN_CFLAGS) -O2 -fPIC \
		-shared -o $@ $(top_srcdir)/tests/torture/shim.c -ldl
