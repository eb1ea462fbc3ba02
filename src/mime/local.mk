noinst_LIBRARIES += src/mime/libmime.a
src_mime_libmime_a_SOURCES = \
	src/mime/addr.h \
	src/mime/build.h \
	src/mime/codec.h \
	src/mime/date.h \
	src/mime/encword.h \
	src/mime/envelope.h \
	src/mime/flowed.h \
	src/mime/header.h \
	src/mime/mailto.h \
	src/mime/mbox.h \
	src/mime/msgid.h \
	src/mime/param.h \
	src/mime/part.h \
	src/mime/uudecode.h
