noinst_LIBRARIES += src/mime/libmime.a
src_mime_libmime_a_SOURCES = \
	src/mime/addr.c src/mime/addr_check.c src/mime/addr_format.c src/mime/addr_idn.c src/mime/addr_list.c src/mime/addr_plain.c \
	src/mime/addr_unicode.c \
	src/mime/addr.h src/mime/addr_priv.h \
	src/mime/body_text.c src/mime/body_text.h \
	src/mime/build.c src/mime/build_body.c src/mime/build.h src/mime/build_priv.h \
	src/mime/codec.c src/mime/codec.h \
	src/mime/date.c src/mime/date_write.c src/mime/date.h src/mime/date_priv.h \
	src/mime/encword.c src/mime/encword_encode.c src/mime/encword.h src/mime/encword_priv.h \
	src/mime/envelope.c src/mime/envelope.h \
	src/mime/flowed.c src/mime/flowed.h \
	src/mime/header.c src/mime/header.h src/mime/header_priv.h \
	src/mime/html_text.c src/mime/html_text.h \
	src/mime/mailto.c src/mime/mailto.h \
	src/mime/mbox.c src/mime/mbox.h \
	src/mime/msgid.c src/mime/msgid.h \
	src/mime/punycode.c src/mime/punycode.h \
	src/mime/param.c src/mime/param_write.c src/mime/param.h \
	src/mime/downgrade.c src/mime/downgrade.h \
	src/mime/apple.c src/mime/apple.h src/mime/binhex.c src/mime/binhex.h src/mime/partial.c src/mime/partial.h \
	src/mime/tnef.c src/mime/tnef_rtf.c src/mime/tnef.h \
	src/mime/part.c src/mime/part_body.c src/mime/part_fields.c src/mime/part_unpack.c src/mime/part.h src/mime/part_priv.h \
	src/mime/rtf_text.c src/mime/rtf_text.h \
	src/mime/shape.c src/mime/shape.h \
	src/mime/text_file.c src/mime/text_file.h
