noinst_LIBRARIES += src/ui/libui.a
src_ui_libui_a_SOURCES = \
	src/ui/attach_priv.h src/ui/attach_answer.c src/ui/attach_pager.c src/ui/attach_save.c src/ui/attach_view.c \
	src/ui/browser_view.c \
	src/ui/child.c \
	src/ui/complete.c \
	src/ui/compose_mime.c src/ui/compose_parts.c src/ui/compose_second.c \
	src/ui/compose_priv.h src/ui/compose_view.c \
	src/ui/dispatch.c \
	src/ui/doc_view.c src/ui/doc_view.h \
	src/ui/edit_type.c \
	src/ui/engine_views.c \
	src/ui/extra.c \
	src/ui/flow.c \
	src/ui/general.c \
	src/ui/grid.c src/ui/grid.h \
	src/ui/help_view.c \
	src/ui/index_priv.h src/ui/index_view.c \
	src/ui/input.c src/ui/input.h \
	src/ui/items.c src/ui/items.h \
	src/ui/keys.c \
	src/ui/layout.c src/ui/layout.h \
	src/ui/line.c src/ui/line.h \
	src/ui/list.c src/ui/list.h \
	src/ui/list_view.c \
	src/ui/lists_view.c src/ui/outbox_view.c \
	src/ui/mailbox.c \
	src/ui/message.c \
	src/ui/narrow.c \
	src/ui/pager_program.c src/ui/pager_view.c \
	src/ui/partial.c \
	src/ui/people_view.c \
	src/ui/pipe.c \
	src/ui/preview.c \
	src/ui/prompt.c \
	src/ui/questions.c \
	src/ui/rewrite.c \
	src/ui/script.c \
	src/ui/sidebar.c \
	src/ui/status.c \
	src/ui/style.c src/ui/style.h \
	src/ui/term.c src/ui/term.h src/ui/term_priv.h src/ui/term_show.c \
	src/ui/theme.c src/ui/theme.h \
	src/ui/viewer.c \
	src/ui/ui.c src/ui/ui.h src/ui/ui_priv.h \
	src/ui/write.c
