noinst_LIBRARIES += src/ui/libui.a
src_ui_libui_a_SOURCES = \
	src/ui/grid.c src/ui/grid.h \
	src/ui/input.c src/ui/input.h \
	src/ui/layout.c src/ui/layout.h \
	src/ui/line.c src/ui/line.h \
	src/ui/list.c src/ui/list.h \
	src/ui/style.c src/ui/style.h \
	src/ui/term.c src/ui/term.h \
	src/ui/theme.c src/ui/theme.h \
	src/ui/ui.h
