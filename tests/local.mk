# The tests. Unit tests link the layer under test and what its LAYERS line names, nothing else.
AM_TESTS_ENVIRONMENT = \
	FEIST_SRCDIR='$(abs_top_srcdir)' FEIST_BUILDDIR='$(abs_top_builddir)' \
	FEIST_LIBEXEC='$(abs_top_builddir)' FEIST_SHARED="$${FEIST_SHARED:-$(abs_top_srcdir)/../shared}" \
	FEIST_CC='$(CC)' FEIST_CPPFLAGS='$(CPPFLAGS) $(LIBXML2_CFLAGS)' LC_ALL=C.UTF-8 TZ=UTC \
	ASAN_OPTIONS="$${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}" UBSAN_OPTIONS="$${UBSAN_OPTIONS:-print_stacktrace=1}"; \
	export FEIST_SRCDIR FEIST_BUILDDIR FEIST_LIBEXEC FEIST_SHARED FEIST_CC FEIST_CPPFLAGS LC_ALL TZ \
		ASAN_OPTIONS UBSAN_OPTIONS;
# A test that hangs is ended.
LOG_COMPILER = $(top_srcdir)/tests/limit
include $(top_srcdir)/tests/torture/local.mk
include $(top_srcdir)/tests/unit/base/local.mk
include $(top_srcdir)/tests/unit/vocab/local.mk
include $(top_srcdir)/tests/unit/text/local.mk
include $(top_srcdir)/tests/unit/mime/local.mk
include $(top_srcdir)/tests/unit/ipc/local.mk
include $(top_srcdir)/tests/unit/conf/local.mk
include $(top_srcdir)/tests/unit/store/local.mk
include $(top_srcdir)/tests/unit/net/local.mk
include $(top_srcdir)/tests/unit/sync/local.mk
include $(top_srcdir)/tests/unit/render/local.mk
include $(top_srcdir)/tests/unit/core/local.mk
include $(top_srcdir)/tests/unit/ui/local.mk
include $(top_srcdir)/tests/unit/main/local.mk
include $(top_srcdir)/tests/evil/local.mk
include $(top_srcdir)/tests/fuzz/local.mk
include $(top_srcdir)/tests/corpus/local.mk
include $(top_srcdir)/tests/proto/local.mk

include $(top_srcdir)/tests/sync/local.mk
include $(top_srcdir)/tests/send/local.mk
include $(top_srcdir)/tests/screen/local.mk
include $(top_srcdir)/tests/e2e/local.mk
include $(top_srcdir)/tests/lint/local.mk
include $(top_srcdir)/tests/bench/local.mk
