/*
 * The interactive program: what the command line says, handed to the ui.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/conf.h"
#include "main/main.h"
#include "ui/ui.h"

#define SIZE_MAX_CELLS 1000 /* of a null terminal, each way */

/* One address list of many -c or -b. Caller frees; NULL when there are none. */
static char *joined(const struct arg_list *l, bool mailto)
{
	struct str s;

	str_init(&s, 16 << 20);
	for (size_t i = 0; i < l->n; i++) {
		if (sv_starts_case(sv_of(l->v[i]), SV("mailto:")) != mailto)
			continue;
		if (s.len)
			str_adds(&s, ", ");
		str_adds(&s, l->v[i]);
	}
	char *text = s.len ? str_detach(&s) : NULL;
	str_fini(&s);
	return text;
}

static bool screen_size(const struct args *a, struct ui_opts *o, struct err *e)
{
	struct scan s = scan_of(sv_of(a->screen_size ? a->screen_size : "80x24"));
	uint64_t cols, rows;

	if (!scan_u64(&s, &cols) || !scan_byte(&s, 'x') || !scan_u64(&s, &rows) || !scan_end(&s) || cols > SIZE_MAX_CELLS ||
		rows > SIZE_MAX_CELLS)
		return err_set(e, ERR_INPUT, "--screen-size wants COLSxROWS");
	o->cols = (int)cols;
	o->rows = (int)rows;
	return true;
}

static bool terminal_is_fit(struct err *e)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(e, ERR_INPUT,
			_("no terminal; for use without one see feist --help (--list, --dump, -s ...)"));
	if (!term || !*term || strcmp(term, "dumb") == 0)
		return err_set(e, ERR_INPUT, _("the terminal (TERM=%s) cannot be drawn on"), term ? term : "");
	return true;
}

int main_screen(const struct args *a)
{
	struct setup s;
	struct err e = {0};

	if (!a->screen_test && !terminal_is_fit(&e))
		return main_fail(EX_USAGE, &e);
	if (!setup_load(&s, a, &e))
		return main_fail(EX_CONFIG, &e);
	char *to = joined(&a->operands, false), *mailto = joined(&a->operands, true);
	char *cc = joined(&a->cc, false), *bcc = joined(&a->bcc, false);
	struct ui_compose compose = {.mailto = mailto, .to = to, .cc = cc, .bcc = bcc, .subject = a->subject,
		.body_file = a->include, .draft_file = a->draft, .attach = a->attach.n ? a->attach.v : NULL};
	struct ui_opts o = {.loop = loop_new(), .conf = s.conf, .rc = s.rc, .mailbox = a->mailbox,
		.readonly = a->readonly, .browse = a->browse, .recall = a->recall, .first_new = a->first_new,
		.if_mail = a->if_mail, .compose = a->compose ? &compose : NULL, .wire_log = a->wire_log,
		.headless = a->screen_test != NULL, .keys_file = a->screen_test};
	int status = screen_size(a, &o, &e) ? ui_run(&o, &e) : EX_USAGE;
	if (status != 0 && *e.text)
		main_fail(status, &e);
	loop_free(o.loop);
	free(to);
	free(mailto);
	free(cc);
	free(bcc);
	setup_fini(&s);
	return status;
}
