# Sync tests: a real worker, killed after each step and taken up again (run_sync.c).
check_PROGRAMS += tests/sync/run_sync
TESTS += tests/sync/run_sync
tests_sync_run_sync_SOURCES = tests/sync/run_sync.c
tests_sync_run_sync_LDADD = $(feist_worker_LDADD)
EXTRA_DIST += tests/sync/local.t

# The same for remote accounts, by a script on standard input (drive.c).
check_PROGRAMS += tests/sync/drive
tests_sync_drive_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_sync_drive_LDADD = $(LIB_STORE) $(LIB_IPC) $(LIB_MIME) $(LIB_TEXT) $(LIB_VOCAB) $(LIB_BASE)
TESTS += tests/sync/remote.test
EXTRA_DIST += tests/sync/remote.test tests/sync/remote.py
