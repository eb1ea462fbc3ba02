# Sending cut at every event of the conversation: by the server, and by the death of the worker or of feist.
check_PROGRAMS += tests/send/cuts
TESTS += tests/send/cuts
TORTURE += tests/send/cuts
tests_send_cuts_SOURCES = tests/send/cuts.c tests/send/recorder.c tests/send/recorder.h
tests_send_cuts_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_send_cuts_LDADD = -lpthread
