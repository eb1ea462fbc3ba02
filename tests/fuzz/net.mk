# Fuzz targets of net/.
FUZZ_SESSIONS = tests/fuzz/fuzz_session_imap tests/fuzz/fuzz_session_pop tests/fuzz/fuzz_session_smtp
FUZZ_TARGETS_NET = tests/fuzz/fuzz_imap tests/fuzz/fuzz_sasl $(FUZZ_SESSIONS)
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
# Sessions: the line and the tour of the evil servers, driven by the input (tests/fuzz/session.h).
FUZZ_SESSION_FILES = tests/fuzz/session.c tests/fuzz/session.h $(EVIL_LINE) tests/evil/tour.c tests/evil/tour.h
EXTRA_DIST += tests/fuzz/session_imap.dict tests/fuzz/session_pop.dict tests/fuzz/session_smtp.dict
tests_fuzz_fuzz_session_imap_SOURCES = tests/fuzz/fuzz_session_imap.c $(FUZZ_SESSION_FILES) $(FUZZ_DRIVER)
tests_fuzz_fuzz_session_imap_LDFLAGS = $(FUZZ_LINK) $(EVIL_WRAP)
tests_fuzz_fuzz_session_imap_LDADD = $(FUZZ_NET_LIBS)
tests_fuzz_fuzz_session_pop_SOURCES = tests/fuzz/fuzz_session_pop.c $(FUZZ_SESSION_FILES) $(FUZZ_DRIVER)
tests_fuzz_fuzz_session_pop_LDFLAGS = $(FUZZ_LINK) $(EVIL_WRAP)
tests_fuzz_fuzz_session_pop_LDADD = $(FUZZ_NET_LIBS)
tests_fuzz_fuzz_session_smtp_SOURCES = tests/fuzz/fuzz_session_smtp.c $(FUZZ_SESSION_FILES) $(FUZZ_DRIVER)
tests_fuzz_fuzz_session_smtp_LDFLAGS = $(FUZZ_LINK) $(EVIL_WRAP)
tests_fuzz_fuzz_session_smtp_LDADD = $(FUZZ_NET_LIBS)
