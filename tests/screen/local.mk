# Screen tests: the real ui over a null terminal (*.t: keys and the pictures they give), and what the
# screen costs on a real one.
check_PROGRAMS += tests/screen/run tests/screen/bytes
TESTS += tests/screen/run tests/screen/bytes
tests_screen_run_SOURCES = tests/screen/run.c
tests_screen_bytes_SOURCES = tests/screen/bytes.c
tests_screen_bytes_LDADD = -lutil
EXTRA_DIST += \
	tests/screen/alternative.t \
	tests/screen/attach.t \
	tests/screen/autoview.t \
	tests/screen/browser.t \
	tests/screen/charset.t \
	tests/screen/compose.t \
	tests/screen/composing.t \
	tests/screen/filters.t \
	tests/screen/forward.t \
	tests/screen/fuzzy.t \
	tests/screen/help.t \
	tests/screen/index.t \
	tests/screen/keys.t \
	tests/screen/links.t \
	tests/screen/mutt.t \
	tests/screen/narrow.t \
	tests/screen/pager.t \
	tests/screen/prompt.t \
	tests/screen/relevance.t \
	tests/screen/rewrite.t \
	tests/screen/saved.t \
	tests/screen/small.t \
	tests/screen/spam.t \
	tests/screen/wide.t \
	tests/screen/monkey

# Random functions and keys, 100 runs: MONKEY="SEED COUNT" for others.
monkey: all
	FEIST_BUILDDIR=$(abs_builddir) FEIST_SRCDIR=$(abs_srcdir) $(srcdir)/tests/screen/monkey $(MONKEY)
.PHONY: monkey
