# Third-party data of the shared corpus, where it is present.
check_PROGRAMS += tests/corpus/feist-filter
tests_corpus_feist_filter_SOURCES = tests/corpus/filter_main.c src/main/filter.c src/main/filter_mime.c src/main/json.c \
	src/main/filter.h src/main/json.h
tests_corpus_feist_filter_LDADD = $(LIB_MIME) $(LIB_TEXT) $(LIB_BASE)
TESTS += tests/corpus/vectors.test tests/corpus/messages.test
EXTRA_DIST += tests/corpus/vectors.test tests/corpus/vectors.py tests/corpus/messages.test tests/corpus/messages.py
