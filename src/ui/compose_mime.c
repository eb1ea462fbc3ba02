/*
 * What the parts of a draft are: groups of them, languages, content ids, charsets, and files made and edited
 * by the programs that mailcap names for their type.
 */
#include <stdlib.h>

#include "base/fs.h"
#include "core/attach.h"
#include "ui/compose_priv.h"

/* ---- marks ---- */

static enum run_result run_mark(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct compose *c = compose_of(s);
	size_t n = (size_t)c->list.cursor;
	const struct draft_part *p = draft_part(c->draft, n);

	if (fn == FN_toggle_recode) {
		if (strncmp(p->type ? p->type : "", "text/", 5) != 0)
			return ui_fail(ui, _("Only text is converted."));
		draft_set_recode(c->draft, n, p->keep_charset);
		ui_say(ui, p->keep_charset ? _("Turned off conversion.") : _("Turned on conversion."));
		return RUN_DONE;
	}
	if (n == 0 || draft_part_is_ours(c->draft, n))
		return ui_fail(ui, _("This file is feist's own; it goes by itself."));
	draft_set_delete(c->draft, n, !p->delete_file);
	return RUN_DONE;
}

/* ---- groups ---- */

static enum run_result run_group(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct compose *c = compose_of(s);
	const char *subtype = fn == FN_group_alternatives ? "alternative"
			      : fn == FN_group_related	  ? "related"
							  : "multilingual";
	struct err e;

	if (fn == FN_ungroup_attachment) {
		if (!draft_ungroup(c->draft, (size_t)c->list.cursor, &e))
			return ui_fail_err(ui, &e);
		return RUN_DONE;
	}
	if (!draft_group(c->draft, c->tagged, c->tagged_n, subtype, &e))
		return ui_fail_err(ui, &e);
	for (size_t i = 0; i < c->tagged_n; i++)
		c->tagged[i] = false;
	return RUN_DONE;
}

/* ---- words ---- */

static enum flow_state word_given(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	const enum func_id *fn = f->data;
	size_t n = (size_t)c->list.cursor;
	struct err e;
	bool ok = *fn == FN_edit_language ? draft_set_language(c->draft, n, f->text, &e)
					  : draft_set_content_id(c->draft, n, f->text, &e);

	return ok ? FLOW_DONE : flow_fail(f, &e);
}

static enum flow_state word_ask(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	const struct draft_part *p = draft_part(c->draft, (size_t)c->list.cursor);
	const enum func_id *fn = f->data;

	if (*fn == FN_edit_language)
		return flow_ask_line(f, _("Content-Language: "), p->language, PROMPT_OTHER, word_given);
	return flow_ask_line(f, _("Content-ID: "), p->content_id, PROMPT_OTHER, word_given);
}

static enum run_result run_word(struct ui *ui, struct screen *s, enum func_id fn)
{
	enum func_id *which = xcalloc(1, sizeof(*which));

	(void)s;
	*which = fn;
	return flow_run(flow_new(ui, "edit part", which, free), word_ask);
}

/* ---- files through mailcap ---- */

struct making {
	char *path;
	bool typed; /* composetyped: the program writes a MIME header, too */
};

static void making_free(void *data)
{
	struct making *m = data;

	free(m->path);
	free(m);
}

static void program_ended(void *data, int status, const struct err *e)
{
	struct err failed;

	if (!e && status != 0) {
		err_set(&failed, ERR_INPUT, _("The program ended with status %d."), status);
		e = &failed;
	}
	flow_wake(data, e);
}

static enum flow_state made(struct flow *f)
{
	struct making *m = f->data;
	struct compose *c = compose_top(f->ui);
	struct err e;

	if (!c)
		return FLOW_FAILED;
	if (m->typed && !f->failed && !draft_take_mime_header(c->draft, (size_t)c->list.cursor, &e))
		return flow_fail(f, &e);
	draft_part_changed(c->draft, (size_t)c->list.cursor);
	return f->failed ? flow_fail(f, &f->err) : FLOW_DONE;
}

/* The program of that action on the file of the part; FLOW_FAILED with *e when mailcap has none. */
static enum flow_state run_program(struct flow *f, enum attach_action action, struct err *e)
{
	struct compose *c = compose_top(f->ui);
	const struct draft_part *p = draft_part(c->draft, (size_t)c->list.cursor);
	struct doc_part d = {.id = "", .type = p->type ? p->type : "application/octet-stream", .charset = "", .encoding = "",
		.disposition = "", .filename = "", .safe_name = "", .description = "", .content_id = "", .summary = ""};
	char *command = attach_command(f->ui->conf, &d, action, p->path, e);

	if (!command)
		return FLOW_FAILED;
	flow_wait(f, 0, made);
	child_run_input(f->ui, command, -1, false, program_ended, f);
	free(command);
	return FLOW_WAITING;
}

static enum flow_state new_typed(struct flow *f)
{
	struct making *m = f->data;
	struct compose *c = compose_top(f->ui);
	struct err e;

	if (!c || !*f->text)
		return FLOW_FAILED;
	if (!fs_exists(m->path) && !fs_write_atomic(m->path, SV(""), 0600, &e))
		return flow_fail(f, &e);
	if (!draft_attach_file(c->draft, m->path, &e))
		return flow_fail(f, &e);
	size_t n = draft_part_count(c->draft) - 1;
	if (!draft_set_part(c->draft, n, NULL, f->text, NULL, NULL, -1, &e)) {
		struct err ignored;
		if (!draft_detach(c->draft, n, &ignored))
			log_write(LOG_WARN, "ui", "%s", ignored.text);
		return flow_fail(f, &e);
	}
	list_set_count(&c->list, (int)n + 1);
	list_set_cursor(&c->list, (int)n);
	enum flow_state state = run_program(f, ATTACH_COMPOSE, &e);
	if (state == FLOW_FAILED) {
		m->typed = true;
		state = run_program(f, ATTACH_COMPOSETYPED, &e);
	}
	if (state == FLOW_FAILED)
		ui_say(f->ui, _("mailcap has no program to compose %s; the file is empty."), f->text);
	return state == FLOW_FAILED ? FLOW_DONE : state;
}

static enum flow_state new_named(struct flow *f)
{
	struct making *m = f->data;

	if (!*f->text)
		return FLOW_FAILED;
	m->path = fs_expand(f->text);
	return flow_ask_line(f, _("Content-Type: "), NULL, PROMPT_OTHER, new_typed);
}

static enum flow_state new_ask(struct flow *f)
{
	return flow_ask_line(f, _("New file: "), NULL, PROMPT_FILE, new_named);
}

static enum flow_state edit_now(struct flow *f)
{
	struct compose *c = compose_top(f->ui);
	const struct draft_part *p = draft_part(c->draft, (size_t)c->list.cursor);
	struct err e;

	if (p->is_message) {
		ui_error(f->ui, _("A message is sent on as it is."));
		return FLOW_FAILED;
	}
	enum flow_state state = run_program(f, ATTACH_EDIT, &e);
	return state == FLOW_FAILED ? flow_fail(f, &e) : state;
}

static enum run_result run_make(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct making *m = xcalloc(1, sizeof(*m));

	(void)s;
	return flow_run(flow_new(ui, "make part", m, making_free), fn == FN_new_mime ? new_ask : edit_now);
}

HANDLERS(compose_mime_handlers,
	{FN_toggle_unlink, IN(COMPOSE), run_mark}, {FN_toggle_recode, IN(COMPOSE), run_mark},
	{FN_group_alternatives, IN(COMPOSE), run_group}, {FN_group_related, IN(COMPOSE), run_group},
	{FN_group_multilingual, IN(COMPOSE), run_group}, {FN_ungroup_attachment, IN(COMPOSE), run_group},
	{FN_edit_language, IN(COMPOSE), run_word}, {FN_edit_content_id, IN(COMPOSE), run_word},
	{FN_new_mime, IN(COMPOSE), run_make}, {FN_edit_mime, IN(COMPOSE), run_make});
