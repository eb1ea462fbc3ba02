# unit tests of conf/
if HAVE_CMOCKA
CONF_TESTS = tests/unit/conf/test_account tests/unit/conf/test_corpus tests/unit/conf/test_expando \
	tests/unit/conf/test_keys tests/unit/conf/test_rc tests/unit/conf/test_tables
check_PROGRAMS += $(CONF_TESTS)
TESTS += $(CONF_TESTS)
CONF_TEST_LIBS = $(LIB_CONF) $(LIB_TEXT) $(LIB_VOCAB) $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_conf_test_account_LDADD = $(CONF_TEST_LIBS)
tests_unit_conf_test_corpus_LDADD = $(CONF_TEST_LIBS)
tests_unit_conf_test_expando_LDADD = $(CONF_TEST_LIBS)
tests_unit_conf_test_keys_LDADD = $(CONF_TEST_LIBS)
tests_unit_conf_test_tables_LDADD = $(CONF_TEST_LIBS)
tests_unit_conf_test_rc_LDADD = $(CONF_TEST_LIBS)
endif
EXTRA_DIST += tests/unit/conf/rc_t.h
