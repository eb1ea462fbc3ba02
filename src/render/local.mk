noinst_LIBRARIES += src/render/librender.a
src_render_librender_a_SOURCES = \
	src/render/calendar.c src/render/calendar.h \
	src/render/card.c src/render/card.h \
	src/render/choose.c \
	src/render/enriched.c src/render/enriched.h \
	src/render/headers.c \
	src/render/html.h src/render/html_priv.h \
	src/render/html_color.c src/render/html_color.h src/render/html_css.h \
	src/render/json.c \
	src/render/line.c src/render/line.h \
	src/render/opts.c \
	src/render/pieces.c \
	src/render/parts.c \
	src/render/plain.c src/render/plain.h \
	src/render/extract.c src/render/render.c src/render/render.h src/render/render_priv.h \
	src/render/report.c src/render/report.h \
	src/render/rewrite.c src/render/rewrite.h \
	src/render/vcard.c src/render/vcard.h \
	src/render/vobject.c src/render/vobject.h
if HAVE_LIBXML2
src_render_librender_a_SOURCES += \
	src/render/html.c src/render/html_clean.c src/render/html_css.c src/render/html_elements.c src/render/html_layout.c \
	src/render/html_links.c src/render/html_lists.c src/render/html_read.h \
	src/render/html_para.c src/render/html_table.c src/render/html_tags.c
else
src_render_librender_a_SOURCES += src/render/html_none.c
endif
