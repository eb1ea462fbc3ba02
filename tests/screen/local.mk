# Screen tests: the real ui over a null terminal (*.t: keys and the pictures they give).
check_PROGRAMS += tests/screen/run
TESTS += tests/screen/run
tests_screen_run_SOURCES = tests/screen/run.c
EXTRA_DIST += tests/screen/browser.t tests/screen/compose.t tests/screen/help.t tests/screen/index.t tests/screen/mutt.t tests/screen/pager.t \
	tests/screen/prompt.t tests/screen/small.t tests/screen/wide.t
