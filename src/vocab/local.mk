noinst_LIBRARIES += src/vocab/libvocab.a
src_vocab_libvocab_a_SOURCES = \
	src/vocab/colors.def \
	src/vocab/commands.def \
	src/vocab/expandos.def \
	src/vocab/functions.def \
	src/vocab/options.def \
	src/vocab/patterns.def \
	src/vocab/vocab.c src/vocab/vocab.h
nodist_src_vocab_libvocab_a_SOURCES = src/vocab/keys_rc.c

# The default keys are compiled in as text.
EXTRA_DIST += src/vocab/keys.rc src/vocab/text_to_c.awk
CLEANFILES += src/vocab/keys_rc.c
src/vocab/keys_rc.c: src/vocab/keys.rc src/vocab/text_to_c.awk
	$(AM_V_GEN)mkdir -p src/vocab && $(AWK) -v name=vocab_keys_rc -f $(srcdir)/src/vocab/text_to_c.awk \
		$(srcdir)/src/vocab/keys.rc > $@.tmp && mv $@.tmp $@
