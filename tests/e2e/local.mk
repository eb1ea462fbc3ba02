# End to end: the real programs in a terminal, against real servers (tests/e2e/world.h).
noinst_PROGRAMS += tests/e2e/mini-smtpd
tests_e2e_mini_smtpd_SOURCES = tests/e2e/mini-smtpd.c
tests_e2e_mini_smtpd_LDADD = $(OPENSSL_LIBS)
EXTRA_DIST += tests/e2e/servers tests/e2e/editor tests/e2e/term.h tests/e2e/world.h

if HAVE_VTERM
if HAVE_CMOCKA
check_LIBRARIES += tests/e2e/libe2e.a
tests_e2e_libe2e_a_SOURCES = tests/e2e/term.c tests/e2e/term.h tests/e2e/world.c tests/e2e/world.h
tests_e2e_libe2e_a_CFLAGS = $(AM_CFLAGS) $(VTERM_CFLAGS) $(CMOCKA_CFLAGS)
LIB_E2E = tests/e2e/libe2e.a $(VTERM_LIBS) $(CMOCKA_LIBS) -lutil

e2e_tests = \
	tests/e2e/test_servers
check_PROGRAMS += $(e2e_tests)
TESTS += $(e2e_tests)
tests_e2e_test_servers_LDADD = $(LIB_E2E)
tests_e2e_test_servers_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
endif
endif
