# unit tests of vocab/
if HAVE_CMOCKA
VOCAB_TESTS = tests/unit/vocab/test_vocab
check_PROGRAMS += $(VOCAB_TESTS)
TESTS += $(VOCAB_TESTS)
tests_unit_vocab_test_vocab_LDADD = $(LIB_VOCAB) $(LIB_BASE) $(CMOCKA_LIBS)
endif
