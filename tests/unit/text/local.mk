# unit tests of text/
if HAVE_CMOCKA
TEXT_TESTS = tests/unit/text/test_charset tests/unit/text/test_doc tests/unit/text/test_url tests/unit/text/test_utf8 \
	tests/unit/text/test_width
check_PROGRAMS += $(TEXT_TESTS)
TESTS += $(TEXT_TESTS)
TEXT_TEST_LIBS = $(LIB_TEXT) $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_text_test_charset_LDADD = $(TEXT_TEST_LIBS)
tests_unit_text_test_doc_LDADD = $(TEXT_TEST_LIBS)
tests_unit_text_test_url_LDADD = $(TEXT_TEST_LIBS)
tests_unit_text_test_utf8_LDADD = $(TEXT_TEST_LIBS)
tests_unit_text_test_width_LDADD = $(TEXT_TEST_LIBS)
endif
