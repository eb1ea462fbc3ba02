noinst_LIBRARIES += src/vocab/libvocab.a
src_vocab_libvocab_a_SOURCES =
