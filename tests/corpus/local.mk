# Third-party data of the shared corpus, where it is present.
TESTS += tests/corpus/vectors.test tests/corpus/messages.test
EXTRA_DIST += tests/corpus/vectors.test tests/corpus/vectors.py tests/corpus/messages.test tests/corpus/messages.py
TESTS += tests/corpus/render.test
EXTRA_DIST += tests/corpus/render.test tests/corpus/render.py tests/corpus/html
TESTS += tests/corpus/upstream.test
EXTRA_DIST += tests/corpus/upstream.test tests/corpus/upstream.py
TESTS += tests/corpus/wire.test
EXTRA_DIST += tests/corpus/wire.test tests/corpus/wire.py
