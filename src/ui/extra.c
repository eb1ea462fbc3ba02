/*
 * Functions beside the daily ones: hot keys for messages, what a mailing list offers, links from the
 * index, the tour; and what belongs to roles that are not built yet says so.
 */
#include <stdlib.h>

#include "conf/rc.h"
#include "core/draft.h"
#include "core/func.h"
#include "text/doc.h"
#include "text/utf8.h"
#include "ui/index_priv.h"

/* ---- not yet ---- */

static enum run_result run_crypto(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	if (fn == FN_forget_passphrase) {
		ui_say(ui, _("feist keeps no passphrases: your agent does."));
		return RUN_DONE;
	}
	return ui_fail(ui, _("%s: signing and encryption are not built in yet."), func_table[fn].name);
}

static enum run_result run_none(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	if (fn == FN_background_compose_menu) {
		ui_say(ui, _("No editors are open in the background."));
		return RUN_DONE;
	}
	return ui_fail(ui, _("%s is not built in yet."), func_table[fn].name);
}

/* ---- documents that are wanted for their links or headers ---- */

struct wanted {
	void (*use)(struct ui *, struct doc *);
};

static void wanted_arrived(void *data, struct doc *doc, const struct err *e)
{
	struct flow *f = data;
	struct wanted *w = f->data;
	if (doc)
		w->use(f->ui, doc);
	flow_wake(f, e);
}

static enum flow_state wanted_end(struct flow *f)
{
	return f->failed ? flow_fail(f, &f->err) : FLOW_DONE;
}

static enum flow_state wanted_fetch(struct flow *f)
{
	struct view *view;
	uint32_t row = target_row(f->ui, &view);
	struct str options;
	if (row == VIEW_NONE) {
		ui_error(f->ui, _("There are no messages."));
		return FLOW_FAILED;
	}
	str_init(&options, 1 << 20);
	session_render_options(f->ui->session, 80, false, &options);
	struct msg_source src = {.view = view, .row = row};
	flow_wait(f, 0, wanted_end);
	uint64_t job = session_document(f->ui->session, &src, options.s ? options.s : "", wanted_arrived, f);
	if (!f->wake)
		f->job = job;
	str_fini(&options);
	return FLOW_WAITING;
}

static enum run_result want(struct ui *ui, void (*use)(struct ui *, struct doc *))
{
	struct wanted *w = xcalloc(1, sizeof(*w));
	w->use = use;
	return flow_run(flow_new(ui, "fetch", w, free), wanted_fetch);
}

static void show_links(struct ui *ui, struct doc *doc)
{
	if (doc->link_count == 0)
		ui_error(ui, _("There are no links in this message."));
	else
		ui_push(ui, links_open(ui, doc));
	doc_free(doc);
}

static enum run_result run_links(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return want(ui, show_links);
}

/* ---- mailing lists ---- */

static const struct {
	enum func_id fn;
	const char *header, *word;
	char key;
} list_fields[] = {
	{FN_list_archive, "List-Archive", N_("archive"), 'a'}, {FN_list_help, "List-Help", N_("help"), 'h'},
	{FN_list_owner, "List-Owner", N_("owner"), 'o'}, {FN_list_post, "List-Post", N_("post"), 'p'},
	{FN_list_subscribe, "List-Subscribe", N_("subscribe"), 's'},
	{FN_list_unsubscribe, "List-Unsubscribe", N_("unsubscribe"), 'u'},
};

struct list_offer {
	char *value[ARRAY_LEN(list_fields)];
	size_t offered[ARRAY_LEN(list_fields)], n;
	char keys[ARRAY_LEN(list_fields) + 1];
};

static void offer_free(void *data)
{
	struct list_offer *o = data;
	for (size_t i = 0; i < ARRAY_LEN(list_fields); i++)
		free(o->value[i]);
	free(o);
}

/* The first <URL> of a List- field: mailto: before the web, which the user opens as a link. */
static char *first_url(const char *value)
{
	struct sv v = sv_of(value);
	char *web = NULL;
	for (;;) {
		ptrdiff_t open = sv_chr(v, '<');
		if (open < 0)
			return web;
		v = sv_from(v, (size_t)open + 1);
		ptrdiff_t close = sv_chr(v, '>');
		if (close < 0)
			return web;
		struct sv url = sv_trim(sv_head(v, (size_t)close));
		if (sv_starts_case(url, SV("mailto:"))) {
			free(web);
			return sv_dup(url);
		}
		if (!web && sv_starts_case(url, SV("http")))
			web = sv_dup(url);
		v = sv_from(v, (size_t)close);
	}
}

static enum flow_state offer_chosen(struct flow *f)
{
	struct list_offer *o = f->data;
	const char *url = o->value[o->offered[f->choice]];
	struct err e;
	if (strncmp(url, "mailto:", 7) == 0) {
		struct ui_compose c = {.mailto = url};
		if (!write_from_command_line(f->ui, &c, &e))
			return flow_fail(f, &e);
		return FLOW_DONE;
	}
	return links_open_url(f->ui, url) == RUN_DONE ? FLOW_DONE : FLOW_FAILED;
}

static enum flow_state offer_ask(struct flow *f)
{
	struct list_offer *o = f->data;
	struct str label;
	str_init(&label, 1024);
	str_adds(&label, _("The list offers: "));
	for (size_t i = 0; i < o->n; i++) {
		str_addf(&label, "%s(%c) %s", i > 0 ? ", " : "", list_fields[o->offered[i]].key, _(list_fields[o->offered[i]].word));
	}
	str_adds(&label, ": ");
	enum flow_state s = flow_ask_choice(f, label.s, o->keys, -1, offer_chosen);
	str_fini(&label);
	return s;
}

static void show_list_offer(struct ui *ui, struct doc *doc)
{
	struct list_offer *o = xcalloc(1, sizeof(*o));
	for (size_t i = 0; i < ARRAY_LEN(list_fields); i++) {
		const char *value = doc_header_value(doc, list_fields[i].header);
		o->value[i] = value ? first_url(value) : NULL;
		if (!o->value[i])
			continue;
		o->keys[o->n] = list_fields[i].key;
		o->offered[o->n++] = i;
	}
	doc_free(doc);
	if (o->n == 0) {
		offer_free(o);
		ui_error(ui, _("This message is not from a mailing list, or its list offers nothing."));
		return;
	}
	flow_run(flow_new(ui, "list action", o, offer_free), offer_ask);
}

static enum run_result run_list(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	return want(ui, show_list_offer);
}

/* ---- a hot key for a message ---- */

static enum flow_state mark_given(struct flow *f)
{
	char *id = f->data;
	struct str command;
	struct err e;
	if (!*f->text)
		return FLOW_DONE;
	str_init(&command, 65536);
	str_adds(&command, "macro index ");
	char *keys = xasprintf("%s%s", f->ui->conf->mark_macro_prefix, f->text);
	rc_quote(&command, sv_of(keys));
	char *search = xasprintf("<search>~i \"%s\"<enter>", id);
	str_addc(&command, ' ');
	rc_quote(&command, sv_of(search));
	bool ok = rc_run(f->ui->rc, ":", str_sv(&command), &e);
	if (ok)
		ui_say(f->ui, _("Message bound to %s."), keys);
	free(search);
	free(keys);
	str_fini(&command);
	return ok ? FLOW_DONE : flow_fail(f, &e);
}

static enum flow_state mark_ask(struct flow *f)
{
	return flow_ask_line(f, _("Enter macro stroke: "), NULL, PROMPT_OTHER, mark_given);
}

static enum run_result run_mark(struct ui *ui, struct screen *s, enum func_id fn)
{
	struct view *view;
	struct msg_facts m;
	uint32_t row = target_row(ui, &view);
	(void)s;
	(void)fn;
	if (row == VIEW_NONE || !view_msg(view, row, &m) || m.message_id.len == 0)
		return ui_fail(ui, _("No message ID to macro."));
	return flow_run(flow_new(ui, "mark message", sv_dup(m.message_id), free), mark_ask);
}

/* ---- the tour ---- */

static const char tour[] = N_(
	"Two minutes with feist\n"
	"\n"
	"Moving      j and k go from message to message, Enter opens one, q goes back.\n"
	"            Tab goes to the next new message. / searches, l limits the list.\n"
	"Reading     Space turns pages. T hides quoted text, S skips it. v shows the\n"
	"            parts, U the links, h all headers.\n"
	"Answering   r answers, g answers all, L answers the list, f forwards, m writes.\n"
	"            In the compose screen y sends; for some seconds u takes it back.\n"
	"Filing      s saves to a mailbox, d marks for deletion, $ carries marks out,\n"
	"            A archives. t tags; ; applies the next key to all tagged messages.\n"
	"Mailboxes   c opens one (Tab completes, ? lists), y shows them all.\n"
	"Taking back u undeletes, and where nothing is deleted undoes the last action.\n"
	"Help        ? lists the keys of every screen and searches them; : takes commands\n"
	"            of the configuration; E shows what went wrong and what to do.\n"
	"\n"
	"Everything works without the network: what you do waits and is carried out\n"
	"when the server is there again.\n");

static enum run_result run_tour(struct ui *ui, struct screen *s, enum func_id fn)
{
	(void)s;
	(void)fn;
	ui_push(ui, pager_open_text(ui, _("Tour"), sv_of(_(tour))));
	return RUN_DONE;
}

#define BOTH (IN(INDEX) | IN(PAGER))
HANDLERS(extra_handlers,
	{FN_view_links, IN(INDEX), run_links}, {FN_list_action, BOTH, run_list}, {FN_mark_message, IN(INDEX), run_mark},
	{FN_show_tour, IN(GENERIC) | IN(PAGER), run_tour},
	{FN_check_traditional_pgp, BOTH | IN(ATTACH), run_crypto}, {FN_extract_keys, BOTH | IN(ATTACH), run_crypto},
	{FN_forget_passphrase, BOTH | IN(ATTACH) | IN(COMPOSE), run_crypto}, {FN_mail_key, BOTH, run_crypto},
	{FN_attach_key, IN(COMPOSE), run_crypto}, {FN_autocrypt_menu, IN(COMPOSE), run_crypto},
	{FN_autocrypt_acct_menu, IN(INDEX), run_crypto},
	{FN_background_compose_menu, BOTH, run_none},
	{FN_decrypt_copy, BOTH, run_none}, {FN_decrypt_save, BOTH, run_none},
	{FN_mix, IN(COMPOSE), run_none});
