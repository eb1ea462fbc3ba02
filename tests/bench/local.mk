# Numbers, side by side with mutt. Not part of `make check`: a busy machine measures nothing.
EXTRA_DIST += tests/bench/run tests/bench/html
bench: all
	$(top_srcdir)/tests/bench/run --build $(abs_top_builddir)
.PHONY: bench
