# unit tests of render/
if HAVE_CMOCKA
RENDER_TESTS = tests/unit/render/test_plain tests/unit/render/test_render tests/unit/render/test_rewrite
if HAVE_LIBXML2
RENDER_TESTS += tests/unit/render/test_css tests/unit/render/test_html
endif
check_PROGRAMS += $(RENDER_TESTS)
TESTS += $(RENDER_TESTS)
RENDER_TEST_LIBS = $(LIB_RENDER) $(LIB_MIME) $(LIB_TEXT) $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_render_test_css_LDADD = $(RENDER_TEST_LIBS)
tests_unit_render_test_html_LDADD = $(RENDER_TEST_LIBS)
tests_unit_render_test_plain_LDADD = $(RENDER_TEST_LIBS)
tests_unit_render_test_render_LDADD = $(RENDER_TEST_LIBS)
tests_unit_render_test_rewrite_LDADD = $(RENDER_TEST_LIBS)
endif
