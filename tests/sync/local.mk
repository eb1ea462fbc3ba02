# Sync tests: a real worker, killed after each step and taken up again (run_sync.c); two clients at once
# and kills at random (run_storm.c).
SYNC_RUNS = tests/sync/run_sync tests/sync/run_storm
check_PROGRAMS += $(SYNC_RUNS)
TESTS += $(SYNC_RUNS)
tests_sync_run_sync_SOURCES = tests/sync/run_sync.c tests/sync/world.c tests/sync/world.h
tests_sync_run_sync_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_sync_run_sync_LDADD = $(feist_worker_LDADD)
tests_sync_run_storm_SOURCES = tests/sync/run_storm.c tests/sync/world.c tests/sync/world.h
tests_sync_run_storm_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_sync_run_storm_LDADD = $(feist_worker_LDADD)
EXTRA_DIST += tests/sync/local.t

# The same for remote accounts, by a script on standard input (drive.c).
check_PROGRAMS += tests/sync/drive
tests_sync_drive_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_sync_drive_LDADD = $(LIB_STORE) $(LIB_IPC) $(LIB_MIME) $(LIB_TEXT) $(LIB_VOCAB) $(LIB_BASE)
TESTS += tests/sync/big.test tests/sync/remote.test tests/sync/imap.test tests/sync/imap_odd.test tests/sync/extensions.test
EXTRA_DIST += tests/sync/big.test tests/sync/big.py tests/sync/remote.test tests/sync/remote.py tests/sync/imap.test tests/sync/imap.py \
	tests/sync/imap_odd.test tests/sync/imap_odd.py tests/sync/imap_server.py \
	tests/sync/extensions.test tests/sync/extensions.py tests/sync/fake_imap.py

# TLS sessions that are gone on with, and those that must not be.
TESTS += tests/sync/resume.test
EXTRA_DIST += tests/sync/resume.test tests/sync/resume.py

# POP3 downloads cut at every event, workers killed at every step, against a server of our own.
TESTS += tests/sync/pop_cuts.test
TORTURE += tests/sync/pop_cuts.test
EXTRA_DIST += tests/sync/pop_cuts.test tests/sync/pop_cuts.py
