# unit tests of store/
if HAVE_CMOCKA
STORE_TESTS = tests/unit/store/test_db tests/unit/store/test_cache tests/unit/store/test_message \
	tests/unit/store/test_journal tests/unit/store/test_pack tests/unit/store/test_search tests/unit/store/test_state tests/unit/store/test_uidl
check_PROGRAMS += $(STORE_TESTS)
TESTS += $(STORE_TESTS)
STORE_TEST_LIBS = $(LIB_STORE) $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_store_test_db_LDADD = $(STORE_TEST_LIBS)
tests_unit_store_test_cache_LDADD = $(STORE_TEST_LIBS)
tests_unit_store_test_message_LDADD = $(STORE_TEST_LIBS)
tests_unit_store_test_journal_LDADD = $(STORE_TEST_LIBS)
tests_unit_store_test_pack_LDADD = $(STORE_TEST_LIBS)
tests_unit_store_test_search_LDADD = $(LIB_STORE) $(LIB_TEXT) $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_store_test_state_LDADD = $(STORE_TEST_LIBS)
tests_unit_store_test_uidl_LDADD = $(STORE_TEST_LIBS)
endif
EXTRA_DIST += tests/unit/store/tmp.h
