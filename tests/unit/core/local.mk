# unit tests of core/
if HAVE_CMOCKA
CORE_TESTS = tests/unit/core/test_attach tests/unit/core/test_thread tests/unit/core/test_sort tests/unit/core/test_msg \
	tests/unit/core/test_pattern tests/unit/core/test_view tests/unit/core/test_session \
	tests/unit/core/test_outbox tests/unit/core/test_threads_corpus tests/unit/core/test_when tests/unit/core/test_parts \
	tests/unit/core/test_pieces tests/unit/core/test_slots
check_PROGRAMS += $(CORE_TESTS)
TESTS += $(CORE_TESTS)
CORE_TEST_LIBS = $(LIB_CORE) $(LIB_STORE) $(LIB_CONF) $(LIB_IPC) $(LIB_MIME) $(LIB_TEXT) $(LIB_VOCAB) \
	$(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_core_test_attach_LDADD = $(CORE_TEST_LIBS)
tests_unit_core_test_slots_LDADD = $(CORE_TEST_LIBS)
tests_unit_core_test_thread_LDADD = $(CORE_TEST_LIBS)
tests_unit_core_test_sort_LDADD = $(CORE_TEST_LIBS)
tests_unit_core_test_msg_LDADD = $(CORE_TEST_LIBS)
tests_unit_core_test_pattern_LDADD = $(CORE_TEST_LIBS)
tests_unit_core_test_view_LDADD = $(CORE_TEST_LIBS)
tests_unit_core_test_session_LDADD = $(CORE_TEST_LIBS)
tests_unit_core_test_outbox_LDADD = $(CORE_TEST_LIBS)
tests_unit_core_test_threads_corpus_LDADD = $(CORE_TEST_LIBS)
tests_unit_core_test_pieces_LDADD = $(CORE_TEST_LIBS)
tests_unit_core_test_parts_LDADD = $(CORE_TEST_LIBS)
tests_unit_core_test_when_LDADD = $(CORE_TEST_LIBS)
EXTRA_DIST += tests/unit/core/world.h
endif
