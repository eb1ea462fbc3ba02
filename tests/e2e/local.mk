# End to end: the real programs in a terminal, against real servers (tests/e2e/world.h).
noinst_PROGRAMS += tests/e2e/mini-smtpd
tests_e2e_mini_smtpd_SOURCES = tests/e2e/mini-smtpd.c
tests_e2e_mini_smtpd_LDADD = $(OPENSSL_LIBS)
EXTRA_DIST += tests/e2e/servers tests/e2e/editor

# A Kerberos realm, and signing in with its tickets; without the programs for it it is skipped.
TESTS += tests/e2e/kerberos.test
EXTRA_DIST += tests/e2e/kerberos.test

if HAVE_VTERM
if HAVE_CMOCKA
check_LIBRARIES += tests/e2e/libe2e.a
tests_e2e_libe2e_a_SOURCES = tests/e2e/term.c tests/e2e/term.h tests/e2e/world.c tests/e2e/world.h tests/e2e/story.h
tests_e2e_libe2e_a_CFLAGS = $(AM_CFLAGS) $(VTERM_CFLAGS) $(CMOCKA_CFLAGS)
E2E_LIBS = tests/e2e/libe2e.a $(VTERM_LIBS) $(CMOCKA_LIBS) -lutil
E2E_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

e2e_tests = \
	tests/e2e/test_servers
e2e_stories = \
	tests/e2e/test_local \
	tests/e2e/test_attach \
	tests/e2e/test_safety \
	tests/e2e/test_imap \
	tests/e2e/test_pop \
	tests/e2e/test_engine \
	tests/e2e/test_offline \
	tests/e2e/test_send \
	tests/e2e/test_outbox \
	tests/e2e/test_signin \
	tests/e2e/test_trouble
check_PROGRAMS += $(e2e_tests) $(e2e_stories)
TESTS += $(e2e_tests) $(e2e_stories)
tests_e2e_test_servers_LDADD = $(E2E_LIBS)
tests_e2e_test_servers_CFLAGS = $(E2E_CFLAGS)
tests_e2e_test_attach_LDADD = $(E2E_LIBS)
tests_e2e_test_attach_CFLAGS = $(E2E_CFLAGS)
tests_e2e_test_local_LDADD = $(E2E_LIBS)
tests_e2e_test_local_CFLAGS = $(E2E_CFLAGS)
tests_e2e_test_safety_LDADD = $(E2E_LIBS)
tests_e2e_test_safety_CFLAGS = $(E2E_CFLAGS)
tests_e2e_test_imap_LDADD = $(E2E_LIBS)
tests_e2e_test_imap_CFLAGS = $(E2E_CFLAGS)
tests_e2e_test_pop_LDADD = $(E2E_LIBS)
tests_e2e_test_pop_CFLAGS = $(E2E_CFLAGS)
tests_e2e_test_send_LDADD = $(E2E_LIBS)
tests_e2e_test_send_CFLAGS = $(E2E_CFLAGS)
tests_e2e_test_outbox_LDADD = $(E2E_LIBS)
tests_e2e_test_outbox_CFLAGS = $(E2E_CFLAGS)
tests_e2e_test_signin_LDADD = $(E2E_LIBS)
tests_e2e_test_signin_CFLAGS = $(E2E_CFLAGS)
tests_e2e_test_trouble_LDADD = $(E2E_LIBS)
tests_e2e_test_trouble_CFLAGS = $(E2E_CFLAGS)
tests_e2e_test_engine_LDADD = $(E2E_LIBS)
tests_e2e_test_engine_CFLAGS = $(E2E_CFLAGS)
tests_e2e_test_offline_LDADD = $(E2E_LIBS) $(LIB_CORE) $(LIB_STORE) $(LIB_CONF) $(LIB_IPC) $(LIB_MIME) $(LIB_TEXT) \
	$(LIB_VOCAB) $(LIB_BASE)
tests_e2e_test_offline_CFLAGS = $(E2E_CFLAGS)
endif
endif
