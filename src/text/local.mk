noinst_LIBRARIES += src/text/libtext.a
src_text_libtext_a_SOURCES = \
	src/text/charset.h \
	src/text/doc.c src/text/doc_code.c src/text/doc.h \
	src/text/mutf7.h \
	src/text/url.h \
	src/text/utf8.h \
	src/text/width.h \
	src/text/wrap.h
