noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/clock.c src/base/clock.h \
	src/base/err.c src/base/err.h \
	src/base/fs.c src/base/fs.h \
	src/base/hash.c src/base/hash.h \
	src/base/log.c src/base/log.h \
	src/base/loop.c src/base/loop.h \
	src/base/mem.c src/base/mem.h \
	src/base/proc.c src/base/proc.h \
	src/base/resume.c src/base/resume.h \
	src/base/rx.c src/base/rx.h src/base/rx_literal.c \
	src/base/sandbox.c src/base/sandbox.h \
	src/base/sha256.c src/base/sha256.h \
	src/base/str.c src/base/str.h \
	src/base/util.h
