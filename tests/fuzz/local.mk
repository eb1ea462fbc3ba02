# Fuzz targets: one per parser. `make check` replays seeds and found bugs (tests/corpus/fuzz/NAME/) and
# changed forms of them; with --enable-fuzzers (clang) each is a libFuzzer program.
# A new target: its file, its three lines here, its seeds.
FUZZ_TARGETS = \
	tests/fuzz/fuzz_addr \
	tests/fuzz/fuzz_build \
	tests/fuzz/fuzz_charset \
	tests/fuzz/fuzz_codec \
	tests/fuzz/fuzz_date \
	tests/fuzz/fuzz_doc \
	tests/fuzz/fuzz_encword \
	tests/fuzz/fuzz_expando \
	tests/fuzz/fuzz_flowed \
	tests/fuzz/fuzz_html \
	tests/fuzz/fuzz_json \
	tests/fuzz/fuzz_keys \
	tests/fuzz/fuzz_mailcap \
	tests/fuzz/fuzz_mbox \
	tests/fuzz/fuzz_mutf7 \
	tests/fuzz/fuzz_param \
	tests/fuzz/fuzz_part \
	tests/fuzz/fuzz_pattern \
	tests/fuzz/fuzz_render \
	tests/fuzz/fuzz_rc \
	tests/fuzz/fuzz_rtf \
	tests/fuzz/fuzz_text \
	tests/fuzz/fuzz_thread \
	tests/fuzz/fuzz_tnef \
	tests/fuzz/fuzz_url \
	tests/fuzz/fuzz_text_file \
	tests/fuzz/fuzz_wire \
	tests/fuzz/fuzz_words
if FUZZERS
FUZZ_DRIVER = tests/fuzz/fuzz.h
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_DRIVER = tests/fuzz/replay_main.c tests/fuzz/fuzz.h
FUZZ_LINK = $(AM_LDFLAGS)
TESTS += $(FUZZ_TARGETS)
endif
check_PROGRAMS += $(FUZZ_TARGETS)
EXTRA_DIST += tests/corpus/fuzz
EXTRA_DIST += tests/fuzz/html.dict tests/fuzz/render.dict
FUZZ_CONF_LIBS = $(LIB_CONF) $(LIB_TEXT) $(LIB_VOCAB) $(LIB_BASE)
FUZZ_MIME_LIBS = $(LIB_MIME) $(LIB_TEXT) $(LIB_BASE)

tests_fuzz_fuzz_addr_SOURCES = tests/fuzz/fuzz_addr.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_addr_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_addr_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_build_SOURCES = tests/fuzz/fuzz_build.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_build_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_build_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_charset_SOURCES = tests/fuzz/fuzz_charset.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_charset_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_charset_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_codec_SOURCES = tests/fuzz/fuzz_codec.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_codec_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_codec_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_date_SOURCES = tests/fuzz/fuzz_date.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_date_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_date_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_encword_SOURCES = tests/fuzz/fuzz_encword.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_encword_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_encword_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_flowed_SOURCES = tests/fuzz/fuzz_flowed.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_flowed_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_flowed_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_mailcap_SOURCES = tests/fuzz/fuzz_mailcap.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_mailcap_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_mailcap_LDADD = $(LIB_CORE) $(LIB_BASE)
tests_fuzz_fuzz_mbox_SOURCES = tests/fuzz/fuzz_mbox.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_mbox_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_mbox_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_mutf7_SOURCES = tests/fuzz/fuzz_mutf7.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_mutf7_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_mutf7_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_param_SOURCES = tests/fuzz/fuzz_param.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_param_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_param_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_part_SOURCES = tests/fuzz/fuzz_part.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_part_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_part_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_text_SOURCES = tests/fuzz/fuzz_text.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_text_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_text_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_url_SOURCES = tests/fuzz/fuzz_url.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_url_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_url_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_rtf_SOURCES = tests/fuzz/fuzz_rtf.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_rtf_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_rtf_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_tnef_SOURCES = tests/fuzz/fuzz_tnef.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_tnef_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_tnef_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_text_file_SOURCES = tests/fuzz/fuzz_text_file.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_text_file_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_text_file_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_words_SOURCES = tests/fuzz/fuzz_words.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_words_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_words_LDADD = $(FUZZ_MIME_LIBS)
tests_fuzz_fuzz_wire_SOURCES = tests/fuzz/fuzz_wire.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_wire_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_wire_LDADD = $(LIB_IPC) $(LIB_BASE)
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c src/main/json.c src/main/json.h $(FUZZ_DRIVER)
tests_fuzz_fuzz_json_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_json_LDADD = $(FUZZ_MIME_LIBS)
FUZZ_RENDER_LIBS = $(LIB_RENDER) $(LIB_MIME) $(LIB_TEXT) $(LIB_BASE)
tests_fuzz_fuzz_doc_SOURCES = tests/fuzz/fuzz_doc.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_doc_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_doc_LDADD = $(LIB_TEXT) $(LIB_BASE)
tests_fuzz_fuzz_html_SOURCES = tests/fuzz/fuzz_html.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_html_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_html_LDADD = $(FUZZ_RENDER_LIBS)
tests_fuzz_fuzz_render_SOURCES = tests/fuzz/fuzz_render.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_render_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_render_LDADD = $(FUZZ_RENDER_LIBS)
tests_fuzz_fuzz_expando_SOURCES = tests/fuzz/fuzz_expando.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_expando_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_expando_LDADD = $(FUZZ_CONF_LIBS)
tests_fuzz_fuzz_keys_SOURCES = tests/fuzz/fuzz_keys.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_keys_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_keys_LDADD = $(FUZZ_CONF_LIBS)
tests_fuzz_fuzz_rc_SOURCES = tests/fuzz/fuzz_rc.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_rc_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_rc_LDADD = $(FUZZ_CONF_LIBS)
include $(top_srcdir)/tests/fuzz/net.mk

FUZZ_CORE_LIBS = $(LIB_CORE) $(LIB_STORE) $(LIB_CONF) $(LIB_IPC) $(LIB_MIME) $(LIB_TEXT) $(LIB_VOCAB) $(LIB_BASE)
tests_fuzz_fuzz_pattern_SOURCES = tests/fuzz/fuzz_pattern.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_pattern_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_pattern_LDADD = $(FUZZ_CORE_LIBS)
tests_fuzz_fuzz_thread_SOURCES = tests/fuzz/fuzz_thread.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_thread_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_thread_LDADD = $(FUZZ_CORE_LIBS)
EXTRA_DIST += tests/fuzz/addr.dict tests/fuzz/charset.dict tests/fuzz/codec.dict tests/fuzz/date.dict \
	tests/fuzz/encword.dict tests/fuzz/flowed.dict tests/fuzz/mbox.dict tests/fuzz/mutf7.dict tests/fuzz/param.dict \
	tests/fuzz/mailcap.dict tests/fuzz/part.dict tests/fuzz/rtf.dict tests/fuzz/text.dict tests/fuzz/text_file.dict tests/fuzz/tnef.dict tests/fuzz/url.dict
