# Numbers, side by side with mutt. Not part of `make check`: a busy machine measures nothing.
EXTRA_DIST += tests/bench/run tests/bench/html tests/bench/imap
bench: all
	$(top_srcdir)/tests/bench/run --build $(abs_top_builddir)
# The IMAP engine: speed, turns and bytes beside a raw reader.
bench-imap: all tests/sync/drive
	$(top_srcdir)/tests/bench/imap --build $(abs_top_builddir)
# POP3 over a far line, beside mpop and fetchmail.
bench-pop: all
	$(top_srcdir)/tests/bench/pop --build $(abs_top_builddir)
EXTRA_DIST += tests/bench/pop
# 5 MB by SMTP: keys while they go out, bytes on the wire, beside msmtp.
bench-send: all
	$(top_srcdir)/tests/bench/send --build $(abs_top_builddir)
EXTRA_DIST += tests/bench/send
.PHONY: bench bench-imap bench-pop bench-send
# The parser of messages: speed and growth. `make tests/bench/mime` and run it with some messages.
EXTRA_PROGRAMS += tests/bench/mime
tests_bench_mime_SOURCES = tests/bench/mime.c
tests_bench_mime_LDADD = $(LIB_MIME) $(LIB_TEXT) $(LIB_BASE)
# The index of words: building and asking. `make tests/bench/words`, then words FOLDER MAILDIR '~b word' ...
EXTRA_PROGRAMS += tests/bench/words
tests_bench_words_LDADD = $(feist_worker_LDADD)
# The same beside FTS5: tests/bench/fts5 BUILD MAILDIR
EXTRA_DIST += tests/bench/fts5 tests/bench/patterns tests/bench/peers tests/bench/typing
# Time and memory for messages of a million headers, parts, addresses ..., through the program; some minutes.
bench-growth: all
	$(top_srcdir)/tests/bench/growth $(abs_top_builddir)/feist-render
.PHONY: bench-growth
TESTS += tests/bench/growth.test
EXTRA_DIST += tests/bench/growth tests/bench/growth.test tests/bench/mime-peer
# Views of any size: first lines, orders, newcomers, memory, turns. A cache is filled, measured and thrown away.
BENCH_VIEW = dir=`mktemp -d` && tests/bench/view --fill $$n $$dir && tests/bench/view $$dir bench INBOX; rm -r $$dir
bench-views: tests/bench/view
	for n in 10000 100000; do $(BENCH_VIEW); done
bench-million: tests/bench/view
	n=1000000; $(BENCH_VIEW)
# From the start of the program to its first lines, at three sizes, and keys in the biggest mailbox.
bench-first: all tests/bench/view
	$(top_srcdir)/tests/bench/first --build $(abs_top_builddir) imap:10000 imap:100000 imap:1000000
.PHONY: bench-views bench-million bench-first
EXTRA_DIST += tests/bench/first
EXTRA_PROGRAMS += tests/bench/view
tests_bench_view_SOURCES = tests/bench/view.c
tests_bench_view_LDADD = $(LIB_CORE) $(LIB_STORE) $(LIB_CONF) $(LIB_IPC) $(LIB_MIME) $(LIB_TEXT) $(LIB_VOCAB) $(LIB_BASE)
# Limiting a view on such a cache: narrow FOLDER bench MAILDIR '~s word' ...
EXTRA_PROGRAMS += tests/bench/narrow
tests_bench_narrow_LDADD = $(feist_LDADD)
