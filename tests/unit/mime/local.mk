# unit tests of mime/
if HAVE_CMOCKA
MIME_TESTS = tests/unit/mime/test_addr tests/unit/mime/test_body_text tests/unit/mime/test_build tests/unit/mime/test_codec tests/unit/mime/test_date \
	tests/unit/mime/test_downgrade tests/unit/mime/test_encword tests/unit/mime/test_envelope tests/unit/mime/test_flowed tests/unit/mime/test_mbox \
	tests/unit/mime/test_param tests/unit/mime/test_part tests/unit/mime/test_rtf tests/unit/mime/test_unpack tests/unit/mime/test_shape
check_PROGRAMS += $(MIME_TESTS)
TESTS += $(MIME_TESTS)
MIME_TEST_LIBS = $(LIB_MIME) $(LIB_TEXT) $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_mime_test_addr_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_body_text_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_build_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_codec_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_date_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_encword_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_envelope_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_flowed_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_downgrade_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_mbox_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_param_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_rtf_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_shape_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_part_LDADD = $(MIME_TEST_LIBS)
tests_unit_mime_test_unpack_LDADD = $(MIME_TEST_LIBS)
endif
