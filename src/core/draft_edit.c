/*
 * The text of a draft: the file that the editor gets (with the header above it when $edit_headers
 * is set), and the signature.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/draft_priv.h"
#include "core/gettext.h"
#include "mime/header.h"
#include "text/utf8.h"

#define SIGNATURE_MAX (1u << 20)
#define SIGNATURE_TIMEOUT_MS 3000

/* Fields above the text in the editor, in mutt's order; those that are always there come empty, too. */
static const struct {
	enum draft_field field;
	bool always;
} edited[] = {{FIELD_FROM, true}, {FIELD_TO, true}, {FIELD_CC, true}, {FIELD_BCC, true},
	{FIELD_SUBJECT, true}, {FIELD_REPLY_TO, true}, {FIELD_MAIL_FOLLOWUP_TO, false},
	{FIELD_IN_REPLY_TO, false}, {FIELD_FCC, false}, {FIELD_X_LABEL, false}};

/* ---- text ---- */

bool draft_body_text(const struct draft *d, struct str *out, struct err *e)
{
	struct str raw;

	if (!fs_read(d->parts[0].path, DRAFT_TEXT_MAX, &raw, e))
		return false;
	if (utf8_is_valid(str_sv(&raw))) {
		*out = raw;
		return true;
	}
	/* An editor in another locale: what cannot be read becomes U+FFFD rather than a broken message. */
	str_init(out, DRAFT_TEXT_MAX);
	if (!utf8_add_fixed(out, str_sv(&raw)))
		err_set(e, ERR_LIMIT, "%s", _("The text is too long."));
	str_fini(&raw);
	return true;
}

bool draft_set_body(struct draft *d, struct sv text, struct err *e)
{
	if (!fs_write_atomic(d->parts[0].path, text, 0600, e))
		return false;
	d->dirty = true;
	(void)draft_part_changed(d, 0);
	return true;
}

bool draft_add_text(struct draft *d, struct str *text, struct err *e)
{
	struct str all;
	bool ok;

	if (!draft_body_text(d, &all, e))
		return false;
	ok = str_add(&all, str_sv(text)) ? draft_set_body(d, str_sv(&all), e)
					 : err_set(e, ERR_LIMIT, "%s", _("The text is too long."));
	str_fini(&all);
	return ok;
}

/* ---- signature ---- */

static bool signature_command(const char *command, size_t len, struct str *out, struct err *e)
{
	char *line = xstrndup(command, len);
	int status = 0;
	bool ok = proc_shell_read(
		line, sv_make("", 0), SIGNATURE_MAX, SIGNATURE_TIMEOUT_MS, out, &status, e);

	if (ok && status != 0) {
		str_fini(out);
		ok = err_set(e, ERR_INPUT, _("$signature: %s ended with status %d"), line, status);
	}
	free(line);
	return ok;
}

bool draft_signature(const struct conf *conf, struct str *out, struct err *e)
{
	size_t len = strlen(conf->signature);
	struct str text;
	bool ok, has_text;

	if (len == 0)
		return true;
	if (conf->signature[len - 1] == '|') {
		ok = signature_command(conf->signature, len - 1, &text, e);
	} else {
		ok = fs_read(conf->signature, SIGNATURE_MAX, &text, e);
		if (!ok && e->class == ERR_GONE)
			return true; /* mutt's default names a file that few have */
	}
	if (!ok)
		return false;
	has_text = text.len > 0;
	ok = !has_text || ((!conf->sig_dashes || str_adds(out, "\n-- \n")) &&
				  utf8_add_fixed(out, str_sv(&text)) &&
				  (text.s[text.len - 1] == '\n' || str_addc(out, '\n')));
	str_fini(&text);
	return ok || err_set(e, ERR_LIMIT, "%s", _("The text is too long."));
}

bool draft_add_signature(struct draft *d, struct err *e)
{
	struct str body, sig, all;
	bool ok;

	str_init(&sig, SIGNATURE_MAX * 2);
	if (!draft_signature(d->conf, &sig, e)) {
		str_fini(&sig);
		return false;
	}
	if (sig.len == 0) {
		str_fini(&sig);
		return true;
	}
	if (!draft_body_text(d, &body, e)) {
		str_fini(&sig);
		return false;
	}
	str_init(&all, DRAFT_TEXT_MAX);
	if (d->conf->sig_on_top)
		ok = str_add(&all, str_sv(&sig)) && str_addc(&all, '\n') &&
		     str_add(&all, str_sv(&body));
	else
		ok = str_add(&all, str_sv(&body)) &&
		     (!body.len || body.s[body.len - 1] == '\n' || str_addc(&all, '\n')) &&
		     str_add(&all, str_sv(&sig));
	ok = ok ? draft_set_body(d, str_sv(&all), e)
		: err_set(e, ERR_LIMIT, "%s", _("The text is too long."));
	str_fini(&all);
	str_fini(&body);
	str_fini(&sig);
	return ok;
}

/* ---- the editor's file ---- */

static bool put_header_lines(const struct draft *d, struct str *out, unsigned *lines)
{
	bool ok = true;

	for (size_t i = 0; ok && i < ARRAY_LEN(edited); i++) {
		const char *value = d->field[edited[i].field];

		if (!*value && !edited[i].always)
			continue;
		ok = str_addf(out, "%s: %s\n", draft_field_name(edited[i].field), value);
		++*lines;
	}
	for (size_t i = 0; ok && i < d->header_count; i++) {
		ok = str_addf(out, "%s: %s\n", d->headers[i].name, d->headers[i].value);
		++*lines;
	}
	return ok;
}

bool draft_edit_begin(struct draft *d, bool headers, char **path, unsigned *line, struct err *e)
{
	struct str text, body;
	bool ok;

	d->edit_headers = headers;
	*line = 1;
	if (!draft_keep(d, e))
		return false;
	if (!headers) {
		(void)draft_part_changed(
			d, 0); /* what it is now: only the editor's changes count */
		*path = d->parts[0].path;
		return true;
	}
	if (!draft_body_text(d, &body, e))
		return false;
	str_init(&text, DRAFT_TEXT_MAX);
	ok = put_header_lines(d, &text, line) && str_addc(&text, '\n') &&
	     str_add(&text, str_sv(&body));
	*line += 1;
	str_fini(&body);
	if (ok) {
		free(d->edit_path);
		d->edit_path = NULL;
		ok = draft_temp(d->conf, ".eml", str_sv(&text), &d->edit_path, e);
	} else
		err_set(e, ERR_LIMIT, "%s", _("The text is too long."));
	str_fini(&text);
	*path = d->edit_path;
	return ok;
}

/* "Attach: file description" as mutt has it: ~/file with \ before blanks in its name. */
static bool attach_line(struct draft *d, struct sv value, struct err *e)
{
	struct str path;
	struct scan in = scan_of(value);
	bool ok;

	str_init(&path, 4096);
	scan_spaces(&in);
	while (!scan_end(&in) && !ascii_is_space(scan_peek(&in))) {
		if (scan_peek(&in) == '\\' && in.end - in.p > 1)
			in.p++;
		(void)str_addc(&path, *in.p++);
	}
	ok = path.len == 0 || draft_attach_file(d, path.s, e);
	if (ok && path.len) {
		char *description = sv_dup(sv_trim(scan_rest(&in)));

		if (*description)
			ok = draft_set_part(
				d, d->part_count - 1, NULL, NULL, description, NULL, -1, e);
		free(description);
	}
	str_fini(&path);
	return ok;
}

struct edited_headers {
	struct draft *d;
	bool seen[FIELD_FIELDS];
	struct err first; /* what was wrong first; the rest is taken all the same */
};

static void note_fault(struct edited_headers *x, const struct err *e)
{
	if (x->first.class == ERR_NONE)
		x->first = *e;
}

static void take_edited(struct edited_headers *x, const char *name, struct sv value)
{
	char *text = sv_dup(value);
	struct err e;
	int f;

	for (f = 0;
		f < FIELD_FIELDS && !sv_is_case(sv_of(name), draft_field_name((enum draft_field)f));
		f++)
		;
	if (f < FIELD_FIELDS) {
		bool again = x->seen[f] && draft_is_address_field((enum draft_field)f) &&
			     *x->d->field[f];
		char *both = again && *text ? xasprintf("%s, %s", x->d->field[f], text)
					    : xstrdup(again ? x->d->field[f] : text);
		bool same = strcmp(both, x->d->field[f]) == 0, was_users = x->d->user_set[f];

		x->seen[f] = true;
		if (!draft_set_field(x->d, (enum draft_field)f, both, &e)) {
			note_fault(x, &e);
			draft_put_field(x->d, (enum draft_field)f, both); /* kept as it was typed */
		}
		if (same)
			x->d->user_set[f] = was_users;
		free(both);
	} else if (sv_is_case(sv_of(name), "Attach")) {
		if (!attach_line(x->d, value, &e))
			note_fault(x, &e);
	} else if (sv_is_case(sv_of(name), "Pgp") || sv_is_case(sv_of(name), "Smime")) {
		draft_set_security(x->d, text);
	} else if (*text && !draft_set_header(x->d, name, text, &e)) {
		note_fault(x, &e);
	}
	free(text);
}

/* What the user took out of the header is taken out of the draft. */
static void forget_removed(struct edited_headers *x, const struct headers *h)
{
	struct draft *d = x->d;

	for (size_t i = 0; i < ARRAY_LEN(edited); i++) {
		if (!x->seen[edited[i].field] && *d->field[edited[i].field])
			draft_put_field(d, edited[i].field, "");
	}
	/* Without In-Reply-To it starts a thread of its own. */
	if (!*d->field[FIELD_IN_REPLY_TO] && d->kind >= DRAFT_REPLY && d->kind <= DRAFT_LIST_REPLY)
		draft_put_field(d, FIELD_REFERENCES, "");
	for (size_t i = d->header_count; i-- > 0;) {
		struct err e;

		if (!headers_find(h, d->headers[i].name) &&
			!draft_set_header(d, d->headers[i].name, NULL, &e))
			log_write(LOG_WARN, "draft", "%s", e.text);
	}
}

static bool take_back(struct draft *d, struct sv text, struct err *e)
{
	struct arena *a = arena_new();
	struct edited_headers x = {.d = d};
	struct headers h;
	bool ok;

	headers_parse(a, text, &h);
	for (size_t i = 0; i < h.count; i++) {
		struct str value;
		char *name = sv_dup(h.list[i].name);

		str_init(&value, DRAFT_FIELD_MAX);
		(void)header_unfold(&value, h.list[i].raw);
		take_edited(&x, name, str_sv(&value));
		str_fini(&value);
		free(name);
	}
	forget_removed(&x, &h);
	ok = draft_set_body(d, sv_from(text, h.body_at), e);
	if (ok && x.first.class != ERR_NONE) {
		*e = x.first;
		ok = false;
	}
	arena_free(a);
	return ok;
}

bool draft_edit_end(struct draft *d, bool *changed, struct err *e)
{
	struct str before, text, whole;
	bool ok = true;

	*changed = false;
	if (!d->edit_headers) {
		*changed = draft_part_changed(d, 0);
		return draft_keep(d, e);
	}
	if (!fs_read(d->edit_path, DRAFT_TEXT_MAX, &whole, e))
		return false;
	str_init(&text, DRAFT_TEXT_MAX);
	(void)utf8_add_fixed(&text, str_sv(&whole));
	str_fini(&whole);
	str_init(&before, DRAFT_TEXT_MAX);
	{
		unsigned lines = 0;
		struct str body;

		if (put_header_lines(d, &before, &lines) && str_addc(&before, '\n') &&
			draft_body_text(d, &body, e)) {
			*changed = !str_add(&before, str_sv(&body)) ||
				   !sv_eq(str_sv(&before), str_sv(&text));
			str_fini(&body);
		}
	}
	if (*changed)
		ok = take_back(d, str_sv(&text), e);
	str_fini(&before);
	str_fini(&text);
	if (ok) {
		(void)unlink(d->edit_path);
		xfree_null(&d->edit_path);
	}
	return draft_keep(d, ok ? e : &(struct err){0}) && ok;
}
