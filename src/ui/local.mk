noinst_LIBRARIES += src/ui/libui.a
src_ui_libui_a_SOURCES = \
	src/ui/grid.c src/ui/grid.h \
	src/ui/layout.c src/ui/layout.h \
	src/ui/line.c src/ui/line.h \
	src/ui/list.c src/ui/list.h \
	src/ui/style.c src/ui/style.h
