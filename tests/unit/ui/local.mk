# unit tests of ui/
if HAVE_CMOCKA
UI_TESTS = tests/unit/ui/test_dispatch tests/unit/ui/test_grid tests/unit/ui/test_input tests/unit/ui/test_layout \
	tests/unit/ui/test_line tests/unit/ui/test_list
check_PROGRAMS += $(UI_TESTS)
TESTS += $(UI_TESTS)
UI_TEST_LIBS = $(LIB_UI) $(LIB_CORE) $(LIB_CONF) $(LIB_TEXT) $(LIB_VOCAB) $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_ui_test_dispatch_LDADD = $(LIB_UI) $(LIB_CORE) $(LIB_STORE) $(LIB_CONF) $(LIB_IPC) $(LIB_MIME) $(LIB_TEXT) \
	$(LIB_VOCAB) $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_ui_test_grid_LDADD = $(UI_TEST_LIBS)
tests_unit_ui_test_input_LDADD = $(UI_TEST_LIBS)
tests_unit_ui_test_layout_LDADD = $(UI_TEST_LIBS)
tests_unit_ui_test_line_LDADD = $(UI_TEST_LIBS)
tests_unit_ui_test_list_LDADD = $(UI_TEST_LIBS)
endif
