# One file per program; each links only the layers it needs (src/LAYERS).
bin_PROGRAMS += feist
feist_SOURCES = \
	src/main/args.c src/main/args.h \
	src/main/batch.c src/main/batch.h \
	src/main/batch_list.c \
	src/main/batch_outbox.c \
	src/main/batch_send.c \
	src/main/batch_sync.c \
	src/main/dump.c \
	src/main/message_file.c src/main/message_file.h \
	src/main/config.c \
	src/main/feist.c src/main/main.h \
	src/main/filter.c src/main/filter.h \
	src/main/filter_core.c \
	src/main/filter_mime.c \
	src/main/json.c src/main/json.h \
	src/main/print_vocab.c src/main/print_vocab.h \
	src/main/screen.c \
	src/main/setup.c \
	src/main/version.c
feist_LDADD = $(LIB_UI) $(LIB_CORE) $(LIB_STORE) $(LIB_CONF) $(LIB_IPC) $(LIB_MIME) $(LIB_TEXT) $(LIB_VOCAB) $(LIB_BASE)

pkglibexec_PROGRAMS += feist-worker feist-render
feist_worker_SOURCES = src/main/worker_main.c
if TEST_FILTERS
feist_worker_SOURCES += src/main/filter.c src/main/filter_net.c src/main/json.c
endif
feist_worker_LDADD = $(LIB_SYNC) $(LIB_NET) $(LIB_STORE) $(LIB_CONF) $(LIB_IPC) $(LIB_MIME) $(LIB_TEXT) $(LIB_VOCAB) $(LIB_BASE)
feist_render_SOURCES = \
	src/main/filter.c src/main/filter.h \
	src/main/json.c src/main/json.h \
	src/main/render_main.c \
	src/render/idn_stand_in.c
if STATIC_LIBXML2
feist_render_SOURCES += src/render/xml_stand_ins.c
endif
feist_render_LDADD = $(RENDER_LIBS)
