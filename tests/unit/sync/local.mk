# unit tests of sync/
if HAVE_CMOCKA
SYNC_TESTS = tests/unit/sync/test_host tests/unit/sync/test_index tests/unit/sync/test_maildir tests/unit/sync/test_pop tests/unit/sync/test_row tests/unit/sync/test_spam tests/unit/sync/test_worker
check_PROGRAMS += $(SYNC_TESTS)
TESTS += $(SYNC_TESTS)
SYNC_TEST_LIBS = $(feist_worker_LDADD) $(CMOCKA_LIBS)
tests_unit_sync_test_host_LDADD = $(SYNC_TEST_LIBS)
tests_unit_sync_test_index_LDADD = $(SYNC_TEST_LIBS)
tests_unit_sync_test_maildir_LDADD = $(SYNC_TEST_LIBS)
tests_unit_sync_test_pop_LDADD = $(SYNC_TEST_LIBS)
tests_unit_sync_test_row_LDADD = $(SYNC_TEST_LIBS)
tests_unit_sync_test_spam_LDADD = $(SYNC_TEST_LIBS)
tests_unit_sync_test_worker_LDADD = $(SYNC_TEST_LIBS) -lpthread
endif
