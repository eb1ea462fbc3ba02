/*
 * Drafts made from other messages: answers, forwards, resends. The original comes as a document
 * from the renderer (decoded header, text for quoting, list of parts); its bytes are never read here. A
 * work is a list of sources taken one after the other.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "core/unified.h"
#include "core/draft_priv.h"
#include "core/format.h"
#include "core/gettext.h"
#include "core/hook.h"
#include "mime/date.h"
#include "mime/header.h"
#include "text/charset.h"
#include "text/doc.h"

#define OPTIONS_MAX 65536
#define SOURCES_MAX 5000

static const struct charset_rules rules = CHARSET_RULES_DEFAULT;

/* A draft under construction. */
struct work {
	struct session *s;
	struct draft *d;
	enum draft_kind kind;
	bool quote, ignore_reply_to;
	struct view *view; /* NULL: a file */
	uint32_t *rows;
	uint32_t count, at; /* sources, and the one at work */
	char *path;
	draft_ready_fn *ready;
	void *data;
	struct str text; /* of the new body so far */
	struct doc *doc; /* of the source at work */
	size_t part;     /* of doc: attachment that is being fetched */
	int fd;          /* where it goes */
	char *file;
	bool have_body; /* resend: the text was found */
	bool recall;    /* the source itself is a draft */
};

static void next_source(struct work *w);

/* ---- the end of a work ---- */

static void work_free(struct work *w)
{
	str_fini(&w->text);
	doc_free(w->doc);
	if (w->fd >= 0)
		close(w->fd);
	if (w->file)
		(void)unlink(w->file);
	free(w->file);
	free(w->rows);
	free(w->path);
	free(w);
}

static void work_failed(struct work *w, const struct err *e)
{
	draft_free(w->d);
	w->ready(w->data, NULL, e);
	work_free(w);
}

static void work_done(struct work *w)
{
	struct draft *d = w->d;
	struct err e;

	if ((w->text.len && !draft_set_body(d, str_sv(&w->text), &e)) || !draft_keep(d, &e)) {
		work_failed(w, &e);
		return;
	}
	w->ready(w->data, d, NULL);
	work_free(w);
}

/* ---- the original as facts ---- */

static struct sv header_sv(const struct doc *doc, const char *name)
{
	return sv_of(doc_header_value(doc, name));
}

static void doc_facts(const struct work *w, const struct doc *doc, struct msg_facts *out)
{
	struct date date;

	*out = (struct msg_facts){.row = VIEW_NONE,
		.subject = header_sv(doc, "Subject"),
		.from = header_sv(doc, "From"),
		.to = header_sv(doc, "To"),
		.cc = header_sv(doc, "Cc"),
		.reply_to = header_sv(doc, "Reply-To"),
		.sender = header_sv(doc, "Sender"),
		.message_id = header_sv(doc, "Message-ID"),
		.in_reply_to = header_sv(doc, "In-Reply-To"),
		.references = header_sv(doc, "References"),
		.label = header_sv(doc, "X-Label")};
	if (date_parse(header_sv(doc, "Date"), &date)) {
		out->date_sent = out->date_received = date.epoch;
		out->tz_min = date.tz_minutes;
	}
	if (w->view) {
		struct msg_facts row;

		view_facts(w->view, w->rows[w->at], &row);
		out->flags = row.flags;
		out->date_received = row.date_received;
		if (!out->date_sent)
			out->date_sent = row.date_sent;
		out->number = row.number;
		out->size = row.size;
		out->lines = row.lines;
		out->score = row.score;
	}
}

static bool add_format(struct work *w, const char *format, const struct msg_facts *m)
{
	struct format_msg f = {.conf = w->s->conf,
		.facts = m,
		.row = VIEW_NONE,
		.mailbox = w->view ? w->view->shown : NULL,
		.locale = w->s->conf->attribution_locale};
	struct str out;
	bool ok;

	str_init(&out, EXPANDO_OUT_MAX);
	format_msg_once(format, &f, &out);
	ok = str_add(&w->text, str_sv(&out));
	str_fini(&out);
	return ok;
}

static void note_origin(struct work *w, unsigned flag, bool delete_after)
{
	struct draft_origin o = {.account = "",
		.mailbox = "",
		.message_id = "",
		.flag = flag,
		.delete_after = delete_after};

	if (!w->view)
		return;
	const struct view_source *src = view_source_of(w->view, w->rows[w->at]);

	o.account = src->account;
	o.mailbox = src->name;
	o.uidvalidity = src->uidvalidity;
	o.uid = message_uid(w->view->rows[w->rows[w->at]].id);
	o.message_id = (char *)view_message_id(w->view, w->rows[w->at]);
	draft_add_origin(w->d, &o);
}

/* ---- quoting ---- */

/* With format=flowed the marks stand close together: ">> text"; else each level has its $indent_string. */
static bool quote_line(struct work *w, const char *indent, struct sv line)
{
	bool nested = line.len && line.p[0] == '>';

	if (w->s->conf->text_flowed)
		indent = nested || !line.len ? ">" : "> ";
	return str_adds(&w->text, indent) && str_add(&w->text, line) && str_addc(&w->text, '\n');
}

static bool add_headers(struct work *w, const struct doc *doc, const char *indent, bool weed)
{
	const struct conf *conf = w->s->conf;
	bool ok = true;

	for (uint32_t i = 0; ok && i < doc->header_count; i++) {
		const struct doc_header *h = &doc->headers[i];

		if (weed && !rc_header_shown(&conf->rc, sv_of(h->name)))
			continue;
		ok = str_addf(&w->text, "%s%s: %s\n", indent, h->name, h->value);
	}
	return ok && str_addf(&w->text, "%s\n", indent);
}

/* All lines of the document; wrapped ones belong together again. */
static bool add_lines(struct work *w, const struct doc *doc, const char *indent, bool quote)
{
	struct str line;
	bool ok = true;

	str_init(&line, DRAFT_TEXT_MAX);
	for (uint32_t i = doc->body_line; ok && i < doc->line_count; i++) {
		bool goes_on = i + 1 < doc->line_count && (doc_line(doc, i + 1)->flags & DOC_LINE_CONT);

		ok = str_add(&line, doc_line_text(doc, i));
		if (!ok || goes_on)
			continue;
		ok = quote ? quote_line(w, indent, str_sv(&line))
			   : str_add(&w->text, str_sv(&line)) && str_addc(&w->text, '\n');
		str_clear(&line);
	}
	str_fini(&line);
	return ok;
}

static char *indent_text(struct work *w, const struct msg_facts *m)
{
	struct format_msg f = {.conf = w->s->conf, .facts = m, .row = VIEW_NONE};
	struct str out;

	str_init(&out, EXPANDO_OUT_MAX);
	format_msg_once(w->s->conf->indent_string, &f, &out);
	return str_detach(&out);
}

static bool quote_reply(struct work *w, const struct doc *doc, const struct msg_facts *m)
{
	const struct conf *conf = w->s->conf;
	char *indent = indent_text(w, m);
	bool ok = true;

	if (*conf->attribution)
		ok = add_format(w, conf->attribution, m) && str_addc(&w->text, '\n');
	if (conf->header)
		ok = ok && add_headers(w, doc, indent, conf->weed);
	ok = ok && add_lines(w, doc, indent, true);
	if (*conf->post_indent_string)
		ok = ok && add_format(w, conf->post_indent_string, m) && str_addc(&w->text, '\n');
	free(indent);
	return ok;
}

static bool forward_text(struct work *w, const struct doc *doc, const struct msg_facts *m)
{
	const struct conf *conf = w->s->conf;
	char *indent = conf->forward_quote ? indent_text(w, m) : xstrdup("");
	bool ok = add_format(w, conf->forward_attribution_intro, m) && str_adds(&w->text, "\n\n") &&
		  add_headers(w, doc, indent, conf->weed) &&
		  add_lines(w, doc, indent, conf->forward_quote) && str_addc(&w->text, '\n') &&
		  add_format(w, conf->forward_attribution_trailer, m) && str_addc(&w->text, '\n');

	free(indent);
	return ok;
}

static void forward_subject(struct work *w, const struct msg_facts *m)
{
	struct format_msg f = {.conf = w->s->conf, .facts = m, .row = VIEW_NONE};
	struct str out;

	if (w->at > 0)
		return;
	str_init(&out, EXPANDO_OUT_MAX);
	format_msg_once(w->s->conf->forward_format, &f, &out);
	draft_put_field(w->d, FIELD_SUBJECT, out.s);
	str_fini(&out);
}

/* ---- attachments of the original ---- */

static void source_of(const struct work *w, struct msg_source *src)
{
	*src = (struct msg_source){
		.view = w->view, .row = w->view ? w->rows[w->at] : 0, .path = w->path};
}

static bool wanted_part(const struct work *w, const struct doc_part *p)
{
	if (w->kind == DRAFT_RESEND)
		return !(p->flags & DOC_PART_MULTI) || strcmp(p->type, "message/rfc822") == 0;
	return p->flags & DOC_PART_ATTACHMENT;
}

/* message/rfc822 inside: its own parts come along with it. */
static bool inside_message(const struct doc *doc, size_t n)
{
	for (int32_t up = doc->parts[n].parent; up > 0; up = doc->parts[up].parent) {
		if (strcmp(doc->parts[up].type, "message/rfc822") == 0)
			return true;
	}
	return false;
}

static bool in_alternative(const struct doc *doc, size_t n)
{
	int32_t up = doc->parts[n].parent;

	return up >= 0 && strcmp(doc->parts[up].type, "multipart/alternative") == 0;
}

static bool is_text(const struct doc_part *p)
{
	return strcmp(p->type, "text/plain") == 0 && strcmp(p->disposition, "attachment") != 0;
}

/* Decoded bytes of the text of a message that is sent again become the text of the draft. */
static bool take_text(struct work *w, const struct doc_part *p, struct err *e)
{
	struct str bytes;
	bool ok;

	if (!fs_read(w->file, DRAFT_TEXT_MAX, &bytes, e))
		return false;
	w->have_body = true;
	ok = charset_to_utf8(&w->text, str_sv(&bytes), sv_of(p->charset), &rules, NULL);
	str_fini(&bytes);
	return ok || err_set(e, ERR_LIMIT, "%s", _("The text is too long."));
}

static void take_file(struct work *w, const struct doc_part *p)
{
	struct draft_part *mine = draft_add_part(w->d);

	mine->path = w->file;
	w->file = NULL;
	mine->unlink_after = true;
	mine->type = xstrdup(p->type);
	mine->name = *p->filename ? xstrdup(p->filename) : NULL;
	mine->charset =
		strncmp(p->type, "text/", 5) == 0 && *p->charset ? xstrdup(p->charset) : NULL;
	mine->description = *p->description ? xstrdup(p->description) : NULL;
	mine->is_inline = strcmp(p->disposition, "inline") == 0;
	mine->is_message = strcmp(p->type, "message/rfc822") == 0;
	(void)draft_part_changed(w->d, w->d->part_count - 1);
}

static void next_part(struct work *w);

static void part_here(void *data, const struct err *why)
{
	struct work *w = data;
	const struct doc_part *p = &w->doc->parts[w->part];
	struct err e;

	close(w->fd);
	w->fd = -1;
	if (why) {
		work_failed(w, why);
		return;
	}
	if (w->kind == DRAFT_RESEND && !w->have_body && is_text(p)) {
		if (!take_text(w, p, &e)) {
			work_failed(w, &e);
			return;
		}
		(void)unlink(w->file);
		xfree_null(&w->file);
	} else
		take_file(w, p);
	w->part++;
	next_part(w);
}

static void next_part(struct work *w)
{
	const char *dir = *w->s->conf->tmpdir ? w->s->conf->tmpdir : NULL;
	struct msg_source src;
	struct str options;
	struct err e;

	for (; w->part < w->doc->part_count; w->part++) {
		const struct doc_part *p = &w->doc->parts[w->part];

		if (!wanted_part(w, p) || inside_message(w->doc, w->part))
			continue;
		if (w->kind == DRAFT_RESEND && in_alternative(w->doc, w->part) &&
			(w->have_body || !is_text(p)))
			continue;
		break;
	}
	if (w->part >= w->doc->part_count || w->d->part_count > DRAFT_ATTACHMENTS_MAX) {
		w->at++;
		next_source(w);
		return;
	}
	if (!fs_temp(dir, "feist", ".part", &w->fd, &w->file, &e)) {
		work_failed(w, &e);
		return;
	}
	source_of(w, &src);
	str_init(&options, OPTIONS_MAX);
	(void)session_render_options(w->s, 80, false, &options);
	(void)session_part(w->s, &src, w->doc->parts[w->part].id, options.s, w->fd, part_here, w);
	str_fini(&options);
}

/* ---- one source ---- */

static struct reply reply_of(const struct work *w)
{
	return (struct reply){.s = w->s,
		.d = w->d,
		.kind = w->kind,
		.ignore_reply_to = w->ignore_reply_to,
		.first = w->at == 0};
}

static bool answer(struct work *w, struct doc *doc, const struct msg_facts *m)
{
	struct reply r = reply_of(w);

	hook_run_reply(w->s, m);
	reply_recipients(&r, doc);
	reply_from(&r, doc);
	reply_subject(&r, m->subject);
	reply_ids(&r, doc);
	note_origin(w, MSG_ANSWERED | MSG_SEEN, false); /* as in mutt: what was answered was read */
	return !w->quote || quote_reply(w, doc, m);
}

static void set_from_header(struct work *w, enum draft_field f, const char *name)
{
	const char *value = doc_header_value(w->doc, name);

	if (value && *value)
		draft_put_field(w->d, f, value);
}

/* The fields of the message itself. */
static void take_fields(struct work *w)
{
	static const enum draft_field fields[] = {FIELD_TO, FIELD_CC, FIELD_BCC, FIELD_SUBJECT,
		FIELD_REPLY_TO, FIELD_MAIL_FOLLOWUP_TO, FIELD_X_LABEL};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		set_from_header(w, fields[i], draft_field_name(fields[i]));
	if (!w->recall)
		return;
	/* A draft keeps what it was going to be: its sender, its thread, its copy. */
	set_from_header(w, FIELD_FROM, "From");
	set_from_header(w, FIELD_IN_REPLY_TO, "In-Reply-To");
	set_from_header(w, FIELD_REFERENCES, "References");
	set_from_header(w, FIELD_FCC, "X-Mutt-Fcc");
	if (*w->d->field[FIELD_FCC])
		w->d->user_set[FIELD_FCC] = true;
	w->d->user_set[FIELD_FROM] = true;
}

static bool forward_wants_attachments(const struct work *w)
{
	enum quad q = w->s->conf->forward_attachments;

	return q == QUAD_YES || q == QUAD_ASK_YES;
}

static bool forwards_source(const struct work *w)
{
	return w->kind == DRAFT_FORWARD_MIME || (w->kind == DRAFT_FORWARD && !w->s->conf->forward_decode);
}

/* mime_forward: the message itself. */
static void attach_source(struct work *w)
{
	struct draft_part *p = draft_add_part(w->d);

	p->path = w->file;
	w->file = NULL;
	p->unlink_after = p->is_message = p->is_inline = true;
	p->type = xstrdup("message/rfc822");
	p->description = sv_dup(header_sv(w->doc, "Subject"));
	(void)draft_part_changed(w->d, w->d->part_count - 1);
}

/* $forward_decode unset: the message as it came, with all of its header, for those who want to see it. */
static bool quote_source(struct work *w, struct err *e)
{
	const struct conf *conf = w->s->conf;
	struct msg_facts m;
	struct str bytes, text;
	char *indent;
	bool ok;

	if (!fs_read(w->file, DRAFT_TEXT_MAX, &bytes, e))
		return false;
	doc_facts(w, w->doc, &m);
	str_init(&text, DRAFT_TEXT_MAX);
	indent = conf->forward_quote ? indent_text(w, &m) : xstrdup("");
	ok = charset_to_utf8(&text, str_sv(&bytes), sv_make("", 0), &rules, NULL) &&
	     add_format(w, conf->forward_attribution_intro, &m) && str_adds(&w->text, "\n\n");
	for (struct sv rest = str_sv(&text), line; ok && sv_line(&rest, &line);)
		ok = conf->forward_quote ? quote_line(w, indent, line)
					 : str_add(&w->text, line) && str_addc(&w->text, '\n');
	ok = ok && str_addc(&w->text, '\n') && add_format(w, conf->forward_attribution_trailer, &m) &&
	     str_addc(&w->text, '\n');
	free(indent);
	str_fini(&text);
	str_fini(&bytes);
	return ok || err_set(e, ERR_LIMIT, "%s", _("The text is too long."));
}

static void source_here(void *data, const struct err *why)
{
	struct work *w = data;
	struct err e;

	close(w->fd);
	w->fd = -1;
	if (why) {
		work_failed(w, why);
		return;
	}
	if (w->kind == DRAFT_FORWARD_MIME) {
		attach_source(w);
	} else if (!quote_source(w, &e)) {
		work_failed(w, &e);
		return;
	} else {
		(void)unlink(w->file);
		xfree_null(&w->file);
	}
	w->at++;
	next_source(w);
}

/* The bytes of the source into a file: as it came, or by $mime_forward_decode what is read of it. */
static void fetch_source(struct work *w)
{
	bool decode = w->kind == DRAFT_FORWARD_MIME && w->s->conf->mime_forward_decode;
	struct msg_source src;
	struct str options;
	struct err e;

	source_of(w, &src);
	if (!fs_temp(w->s->conf->tmpdir, "feist", ".eml", &w->fd, &w->file, &e)) {
		work_failed(w, &e);
		return;
	}
	str_init(&options, OPTIONS_MAX);
	if (decode) {
		(void)session_render_options(w->s, 80, w->s->conf->weed, &options);
		(void)str_adds(&options, "decode=yes\n");
	}
	(void)session_rewrite(w->s, &src, options.s ? options.s : "", w->fd, source_here, w);
	str_fini(&options);
}

static void doc_here(void *data, struct doc *doc, const struct err *why)
{
	struct work *w = data;
	struct msg_facts m;
	bool ok = true;

	if (!doc) {
		work_failed(w, why);
		return;
	}
	doc_free(w->doc);
	w->doc = doc;
	w->part = 0;
	doc_facts(w, doc, &m);
	switch (w->kind) {
	case DRAFT_FORWARD:
	case DRAFT_FORWARD_MIME:
		forward_subject(w, &m);
		if (w->s->conf->forward_references)
			reply_ids(&(struct reply){.s = w->s, .d = w->d}, doc);
		note_origin(w, MSG_FORWARDED, false);
		if (forwards_source(w)) {
			fetch_source(w);
			return;
		}
		ok = forward_text(w, doc, &m);
		break;
	case DRAFT_RESEND:
		take_fields(w);
		if (w->recall)
			note_origin(w, 0, true);
		break;
	default:
		ok = answer(w, doc, &m);
		break;
	}
	if (!ok) {
		struct err e;

		err_set(&e, ERR_LIMIT, "%s", _("The text is too long."));
		work_failed(w, &e);
		return;
	}
	if (w->kind == DRAFT_RESEND || (w->kind == DRAFT_FORWARD && forward_wants_attachments(w))) {
		next_part(w);
		return;
	}
	w->at++;
	next_source(w);
}

static const char *mode_of(const struct work *w)
{
	if (w->kind == DRAFT_RESEND)
		return "mode=headers\n";
	return "mode=reply\n";
}

static void next_source(struct work *w)
{
	struct msg_source src;
	struct str options;

	if (w->at >= w->count) {
		work_done(w);
		return;
	}
	source_of(w, &src);
	str_init(&options, OPTIONS_MAX);
	(void)session_render_options(w->s, 80, false, &options);
	(void)str_adds(&options, mode_of(w));
	if (w->s->conf->include_onlyfirst && w->kind != DRAFT_RESEND)
		(void)str_adds(&options, "include_onlyfirst=yes\n");
	(void)session_document(w->s, &src, options.s, doc_here, w);
	str_fini(&options);
}

/* ---- the calls ---- */

static struct work *work_new(
	struct session *s, enum draft_kind kind, bool quote, draft_ready_fn *ready, void *data)
{
	struct work *w = xcalloc(1, sizeof(*w));

	w->s = s;
	w->kind = kind;
	w->quote = quote;
	w->ready = ready;
	w->data = data;
	w->fd = -1;
	w->ignore_reply_to = s->ignore_reply_to;
	s->ignore_reply_to = false;
	w->d = draft_new(s);
	w->d->kind = kind;
	str_init(&w->text, DRAFT_TEXT_MAX);
	return w;
}

static uint64_t work_start(struct work *w)
{
	uint64_t id = w->s->next_id;

	next_source(w);
	return id;
}

uint64_t draft_start(struct session *s, enum draft_kind kind, struct view *v, const uint32_t *rows,
	uint32_t count, bool quote, draft_ready_fn *ready, void *data, struct err *e)
{
	struct work *w;

	if (count == 0 || count > SOURCES_MAX) {
		err_set(e, ERR_INPUT, "%s", count ? _("too many messages") : _("no message"));
		return 0;
	}
	unified_enter(s, v, rows[0]);
	w = work_new(s, kind, quote, ready, data);
	w->view = v;
	w->count = count;
	w->rows = xcalloc(count, sizeof(*w->rows));
	memcpy(w->rows, rows, count * sizeof(*rows));
	return work_start(w);
}

uint64_t draft_start_file(struct session *s, enum draft_kind kind, const char *path, bool quote,
	draft_ready_fn *ready, void *data, struct err *e)
{
	struct work *w;

	if (access(path, R_OK) != 0) {
		err_sys(e, "%s", path);
		return 0;
	}
	w = work_new(s, kind, quote, ready, data);
	w->path = xstrdup(path);
	w->count = 1;
	return work_start(w);
}

uint64_t draft_recall_message(struct session *s, struct view *v, uint32_t row,
	draft_ready_fn *ready, void *data, struct err *e)
{
	struct work *w;

	if (row >= v->count) {
		err_set(e, ERR_GONE, "%s", _("no message"));
		return 0;
	}
	unified_enter(s, v, row);
	w = work_new(s, DRAFT_RESEND, false, ready, data);
	w->recall = true;
	w->view = v;
	w->count = 1;
	w->rows = xcalloc(1, sizeof(*w->rows));
	w->rows[0] = row;
	return work_start(w);
}

char *draft_sender_of_file(const char *path)
{
	struct str bytes;
	struct headers h;
	struct err e;

	if (!fs_read(path, DRAFT_TEXT_MAX, &bytes, &e))
		return NULL;
	struct arena *a = arena_new();
	headers_parse(a, str_sv(&bytes), &h);
	struct sv raw = headers_raw(&h, "From");
	char *from = raw.len ? xstrdup(header_text_in(a, raw, NULL)) : NULL;
	arena_free(a);
	str_fini(&bytes);
	return from;
}

void draft_set_ignore_reply_to(struct session *s, bool ignore)
{
	s->ignore_reply_to = ignore;
}

/* ---- messages as attachments ---- */

struct attach_work {
	struct draft *d;
	struct view *view;
	uint32_t *rows, count, at;
	session_done_fn *done;
	void *data;
};

static void attach_next(struct attach_work *w);

static void attach_end(struct attach_work *w, const struct err *e)
{
	w->done(w->data, e);
	free(w->rows);
	free(w);
}

/* A message of a mailbox into a file. */
static bool copy_bytes(const struct conf *conf, int fd, uint64_t offset, uint64_t length, char **file, struct err *e)
{
	struct str bytes;
	bool ok;

	if (lseek(fd, (off_t)offset, SEEK_SET) < 0)
		return err_sys(e, "reading a message");
	if (!fs_read_fd(fd, STATE_DRAFT_MAX * 8, &bytes, e))
		return false;
	ok = draft_temp(conf, ".eml", sv_head(str_sv(&bytes), length ? length : bytes.len), file, e);
	str_fini(&bytes);
	return ok;
}

static void attach_body(void *data, int fd, uint64_t offset, uint64_t length, const struct err *why)
{
	struct attach_work *w = data;
	char *file = NULL;
	struct draft_part *p;
	struct msg_facts m;
	struct err e;

	if (why) {
		attach_end(w, why);
		return;
	}
	if (!copy_bytes(w->d->s->conf, fd, offset, length, &file, &e)) {
		close(fd);
		attach_end(w, &e);
		return;
	}
	close(fd);
	p = draft_add_part(w->d);
	p->path = file;
	p->unlink_after = p->is_message = p->is_inline = true;
	p->type = xstrdup("message/rfc822");
	view_facts(w->view, w->rows[w->at], &m);
	p->description = sv_dup(m.subject);
	(void)draft_part_changed(w->d, w->d->part_count - 1);
	w->at++;
	attach_next(w);
}

static void attach_next(struct attach_work *w)
{
	struct msg_source src = {.view = w->view};

	if (w->at >= w->count) {
		attach_end(w, NULL);
		return;
	}
	src.row = w->rows[w->at];
	(void)session_body(w->d->s, &src, "", attach_body, w);
}

uint64_t draft_attach_messages(struct draft *d, struct view *v, const uint32_t *rows,
	uint32_t count, session_done_fn *done, void *data)
{
	struct attach_work *w = xcalloc(1, sizeof(*w));
	uint64_t id = d->s->next_id;

	*w = (struct attach_work){.d = d, .view = v, .count = count, .done = done, .data = data};
	w->rows = xcalloc((size_t)count + 1, sizeof(*w->rows));
	if (count)
		memcpy(w->rows, rows, count * sizeof(*rows));
	attach_next(w);
	return id;
}
