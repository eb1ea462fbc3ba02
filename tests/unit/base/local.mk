# unit tests of base/
if HAVE_CMOCKA
BASE_TESTS = tests/unit/base/test_str tests/unit/base/test_mem tests/unit/base/test_hash \
	tests/unit/base/test_fs tests/unit/base/test_proc tests/unit/base/test_loop tests/unit/base/test_rx \
	tests/unit/base/test_err tests/unit/base/test_sandbox tests/unit/base/test_escape
check_PROGRAMS += $(BASE_TESTS)
TESTS += $(BASE_TESTS)
BASE_TEST_LIBS = $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_base_test_str_LDADD = $(BASE_TEST_LIBS)
tests_unit_base_test_mem_LDADD = $(BASE_TEST_LIBS)
tests_unit_base_test_hash_LDADD = $(BASE_TEST_LIBS)
tests_unit_base_test_fs_LDADD = $(BASE_TEST_LIBS)
tests_unit_base_test_proc_LDADD = $(BASE_TEST_LIBS)
tests_unit_base_test_loop_LDADD = $(BASE_TEST_LIBS)
tests_unit_base_test_rx_LDADD = $(BASE_TEST_LIBS)
tests_unit_base_test_err_LDADD = $(BASE_TEST_LIBS)
tests_unit_base_test_sandbox_LDADD = $(BASE_TEST_LIBS)
tests_unit_base_test_escape_LDADD = $(BASE_TEST_LIBS)
endif
