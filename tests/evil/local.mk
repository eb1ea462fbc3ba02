# Evil servers. make check: all named cases and a slice of the generated ones; make evil: everything.
EVIL_WRAP = -Wl,--wrap=poll,--wrap=clock_ms,--wrap=tls_start,--wrap=getpeername
EVIL_LINE = tests/evil/model.c tests/evil/model.h tests/evil/model_imap.c tests/evil/model_mail.c tests/evil/line.c \
	tests/evil/line.h
EVIL_CASES = tests/evil/imap.cases tests/evil/imap-fields.cases tests/evil/pop.cases tests/evil/smtp.cases \
	tests/evil/tls.cases
check_PROGRAMS += tests/evil/run_evil
TESTS += tests/evil/run_evil
tests_evil_run_evil_SOURCES = $(EVIL_LINE) tests/evil/tour.c tests/evil/tour.h tests/evil/cases.c tests/evil/cases.h \
	tests/evil/judge.c tests/evil/judge.h tests/evil/run_evil.c
tests_evil_run_evil_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_evil_run_evil_LDFLAGS = $(AM_LDFLAGS) $(EVIL_WRAP)
tests_evil_run_evil_LDADD = $(LIB_NET) $(LIB_MIME) $(LIB_TEXT) $(LIB_BASE)
EXTRA_DIST += $(EVIL_CASES)

evil: tests/evil/run_evil tests/evil/run_stall tests/evil/run_echo tests/evil/dns_shim.so
	$(AM_TESTS_ENVIRONMENT) tests/evil/run_evil --every 1 && tests/evil/run_stall --every 1 && tests/evil/run_echo --every 1
.PHONY: evil dead-lines

# With the time-outs of a user who sets none: a minute.
dead-lines: tests/evil/run_stall tests/evil/dns_shim.so feist-worker
	$(AM_TESTS_ENVIRONMENT) tests/evil/run_stall --real

# The stall matrix: a real worker against servers that stall. make check: a slice; make evil: all 288.
check_PROGRAMS += tests/evil/run_stall
TESTS += tests/evil/run_stall
tests_evil_run_stall_SOURCES = tests/evil/run_stall.c tests/evil/stall_server.c tests/evil/stall_server.h \
	tests/evil/model.c tests/evil/model.h tests/evil/model_imap.c tests/evil/model_mail.c tests/proto/certs.c \
	tests/proto/certs.h
tests_evil_run_stall_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_evil_run_stall_LDADD = $(LIB_STORE) $(LIB_IPC) $(LIB_MIME) $(LIB_TEXT) $(LIB_VOCAB) $(LIB_BASE) $(OPENSSL_LIBS) \
	-lpthread
check_DATA = tests/evil/dns_shim.so
EXTRA_DIST += tests/evil/dns_shim.c
CLEANFILES += tests/evil/dns_shim.so
tests/evil/dns_shim.so: tests/evil/dns_shim.c
	$(AM_V_CC)$(CC) -O1 -fPIC -shared -o $@ $(srcdir)/tests/evil/dns_shim.c -ldl

# Other people's servers: tests/corpus/wire.py writes the cases.
check_PROGRAMS += tests/evil/play
tests_evil_play_SOURCES = $(EVIL_LINE) tests/evil/tour.c tests/evil/tour.h tests/evil/cases.c tests/evil/cases.h \
	tests/evil/judge.c tests/evil/judge.h tests/evil/play.c
tests_evil_play_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_evil_play_LDFLAGS = $(AM_LDFLAGS) $(EVIL_WRAP)
tests_evil_play_LDADD = $(LIB_NET) $(LIB_MIME) $(LIB_TEXT) $(LIB_BASE)

# The screen while servers stall.
check_PROGRAMS += tests/evil/run_echo
TESTS += tests/evil/run_echo
tests_evil_run_echo_SOURCES = tests/evil/run_echo.c tests/evil/stall_server.c tests/evil/stall_server.h \
	tests/evil/model.c tests/evil/model.h tests/evil/model_imap.c tests/evil/model_mail.c tests/proto/certs.c \
	tests/proto/certs.h
tests_evil_run_echo_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_evil_run_echo_LDADD = $(LIB_TEXT) $(LIB_BASE) $(OPENSSL_LIBS) -lutil -lpthread
