# Sending cut at every event of the conversation: by the server, and by the death of the worker or of feist;
# and the bytes that go over the wire.
SEND_TESTS = tests/send/cuts tests/send/exact
check_PROGRAMS += $(SEND_TESTS)
TESTS += $(SEND_TESTS)
TORTURE += tests/send/cuts
SEND_SOURCES = tests/send/profile.c tests/send/profile.h tests/send/recorder.c tests/send/recorder.h
tests_send_cuts_SOURCES = tests/send/cuts.c $(SEND_SOURCES)
tests_send_cuts_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_send_cuts_LDADD = -lpthread
tests_send_exact_SOURCES = tests/send/exact.c $(SEND_SOURCES)
tests_send_exact_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_send_exact_LDADD = -lpthread
