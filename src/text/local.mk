noinst_LIBRARIES += src/text/libtext.a
src_text_libtext_a_SOURCES = \
	src/text/charset.c src/text/charset_asia.c src/text/charset_guess.c src/text/charset_model.c src/text/charset.h src/text/charset_priv.h \
	src/text/doc.c src/text/doc_code.c src/text/doc.h \
	src/text/mutf7.c src/text/mutf7.h \
	src/text/safe.c \
	src/text/url.c src/text/url.h \
	src/text/utf8.c src/text/utf8.h \
	src/text/width.c src/text/width.h \
	src/text/words.c src/text/words.h \
	src/text/wrap.c src/text/wrap.h
