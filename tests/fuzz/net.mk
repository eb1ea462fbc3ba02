# Fuzz targets of net/.
FUZZ_TARGETS_NET = tests/fuzz/fuzz_imap tests/fuzz/fuzz_sasl tests/fuzz/fuzz_session
check_PROGRAMS += $(FUZZ_TARGETS_NET)
if !FUZZERS
TESTS += $(FUZZ_TARGETS_NET)
endif
FUZZ_NET_LIBS = $(LIB_NET) $(LIB_MIME) $(LIB_TEXT) $(LIB_BASE)
tests_fuzz_fuzz_imap_SOURCES = tests/fuzz/fuzz_imap.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_imap_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_imap_LDADD = $(FUZZ_NET_LIBS)
tests_fuzz_fuzz_sasl_SOURCES = tests/fuzz/fuzz_sasl.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_sasl_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_sasl_LDADD = $(FUZZ_NET_LIBS)
tests_fuzz_fuzz_session_SOURCES = tests/fuzz/fuzz_session.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_session_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_session_LDADD = $(FUZZ_NET_LIBS)
