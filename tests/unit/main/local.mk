# unit tests of main/
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/main/test_args tests/unit/main/test_json
TESTS += tests/unit/main/test_args tests/unit/main/test_json
tests_unit_main_test_args_SOURCES = tests/unit/main/test_args.c src/main/args.c
tests_unit_main_test_args_LDADD = $(LIB_BASE) $(CMOCKA_LIBS)
tests_unit_main_test_json_SOURCES = tests/unit/main/test_json.c src/main/json.c
tests_unit_main_test_json_LDADD = $(LIB_TEXT) $(LIB_BASE) $(CMOCKA_LIBS)
endif
TESTS += tests/unit/main/config.sh tests/unit/main/dump.sh tests/unit/main/hooks.sh tests/unit/main/letter.sh tests/unit/main/limit.sh
EXTRA_DIST += tests/unit/main/config.sh tests/unit/main/dump.sh tests/unit/main/hooks.sh tests/unit/main/letter.sh tests/unit/main/limit.sh
