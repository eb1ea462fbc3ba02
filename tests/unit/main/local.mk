# unit tests of main/
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/main/test_args
TESTS += tests/unit/main/test_args
tests_unit_main_test_args_SOURCES = tests/unit/main/test_args.c src/main/args.c
tests_unit_main_test_args_LDADD = $(LIB_BASE) $(CMOCKA_LIBS)
endif
TESTS += tests/unit/main/config.sh
EXTRA_DIST += tests/unit/main/config.sh
