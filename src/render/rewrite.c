#include "render/rewrite.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "mime/date.h"
#include "mime/mbox.h"
#include "render/render_priv.h"

#define DECODE_WIDTH RENDER_WIDTH_MAX /* lines are not wrapped for a screen */

struct out {
	int fd;
	uint64_t bytes;
};

static bool put(struct out *o, struct sv bytes, struct err *e)
{
	if (!fs_write_all(o->fd, bytes, e))
		return false;
	o->bytes += bytes.len;
	return true;
}

/* ---- parts that go ---- */

static int by_place(const void *a, const void *b)
{
	const struct part *const *x = a, *const *y = b;

	return (*x)->head_at < (*y)->head_at ? -1 : (*x)->head_at > (*y)->head_at;
}

static bool may_go(const struct part_tree *t, const struct part *p, const char *id, struct err *e)
{
	if (!p)
		return err_set(e, ERR_GONE, "there is no part %.40s", id);
	if (!p->parent || p->is_top)
		return err_set(e, ERR_INPUT, "part %.40s is the message itself: delete that", id);
	if (p->made)
		return err_set(e, ERR_INPUT, "part %.40s stands in the middle of a text", id);
	if (p->source.p != t->message.p)
		return err_set(e, ERR_INPUT, "part %.40s is inside an encoded message", id);
	if (server_part(p, "section"))
		return err_set(e, ERR_GONE, "part %.40s is on the server", id);
	return true;
}

/* What stands in its place, with the line ends of the message. */
static bool put_gone(struct out *o, const struct part *p, const char *eol, struct err *e)
{
	struct date now = {.epoch = clock_now(), .tz_known = true};
	char date[DATE_TEXT_MAX];
	struct str head;

	str_init(&head, 4096);
	str_addf(&head,
		"Content-Type: message/external-body; access-type=x-mutt-deleted;%s"
		"\texpiration=\"%s\"; length=%zu%s%s",
		eol, date_rfc5322(date, &now), p->body_len, eol, eol);
	bool ok = put(o, str_sv(&head), e) &&
		  put(o, sv_make(p->source.p + p->head_at, p->body_at - p->head_at), e);
	str_fini(&head);
	return ok;
}

static bool put_rest(struct out *o, struct sv message, size_t from, struct part **gone, size_t count,
	const char *eol, struct err *e)
{
	size_t at = from;

	for (size_t i = 0; i < count; i++) {
		if (gone[i]->head_at < at) /* inside one that went */
			continue;
		if (!put(o, sv_make(message.p + at, gone[i]->head_at - at), e) ||
			!put_gone(o, gone[i], eol, e))
			return false;
		at = gone[i]->body_at + gone[i]->body_len;
	}
	return put(o, sv_from(message, at), e);
}

/* ---- fields ---- */

static bool is_dropped(const struct render_opts *opts, struct sv name)
{
	for (size_t i = 0; i < opts->drop.count; i++)
		if (sv_eq_case(sv_of(opts->drop.item[i]), name))
			return true;
	return false;
}

static bool put_header(struct out *o, const struct headers *h, const struct render_opts *opts, const char *eol,
	struct err *e)
{
	for (size_t i = 0; i < h->count; i++) {
		const struct header *f = &h->list[i];
		struct sv whole = sv_make(f->name.p, f->len);

		if (!is_dropped(opts, f->name) && !put(o, whole, e))
			return false;
	}
	for (size_t i = 0; i < opts->add.count; i++)
		if (!put(o, sv_of(opts->add.item[i]), e) || !put(o, sv_of(eol), e))
			return false;
	return put(o, sv_of(eol), e);
}

static bool put_changed(struct out *o, struct sv message, const struct render_opts *opts, struct err *e)
{
	struct arena *arena = arena_new();
	struct charset_rules rules = CHARSET_RULES_DEFAULT;
	struct part_tree *t = part_parse(arena, message, &rules);
	struct part **gone = arena_alloc(arena, (opts->strip.count + 1) * sizeof(struct part *));
	const struct headers *h = &t->root->headers;
	bool crlf = sv_find(sv_head(message, 4096), SV("\r\n")) >= 0;
	const char *eol = crlf ? "\r\n" : "\n";
	bool ok = true, fields = opts->drop.count || opts->add.count;

	for (size_t i = 0; i < opts->strip.count && ok; i++) {
		gone[i] = part_by_id(t, opts->strip.item[i]);
		ok = may_go(t, gone[i], opts->strip.item[i], e);
	}
	if (ok) {
		qsort(gone, opts->strip.count, sizeof(struct part *), by_place);
		ok = (!fields || put_header(o, h, opts, eol, e)) &&
		     put_rest(o, message, fields ? t->root->body_at : 0, gone, opts->strip.count, eol, e);
	}
	arena_free(arena);
	return ok;
}

/* ---- what is read ---- */

/* The fields that tell of a form which the text has no more. */
static bool is_of_form(struct sv line)
{
	return sv_starts_case(line, SV("content-")) || sv_starts_case(line, SV("mime-version:"));
}

static bool put_decoded(struct out *o, struct sv message, const struct render_opts *given, struct err *e)
{
	struct render_opts opts = *given; /* its lists are lent */
	struct str text;
	bool skip = false;

	opts.mode = RENDER_DOC;
	opts.width = DECODE_WIDTH;
	opts.wrap = 0;
	opts.markers = false;
	struct doc *doc = render_message(message, &opts);

	str_init(&text, DOC_TEXT_MAX * 2);
	for (uint32_t i = 0; i < doc->body_line; i++) {
		struct sv line = doc_line_text(doc, i);

		if (!(doc->lines[i].flags & DOC_LINE_CONT))
			skip = line.len == 0 || is_of_form(line);
		if (!skip)
			str_addf(&text, "%s" SV_FMT "\n", doc->lines[i].flags & DOC_LINE_CONT ? "\t" : "",
				SV_ARG(line));
	}
	bool ok = str_adds(&text, "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
				  "Content-Transfer-Encoding: 8bit\n\n") &&
		  doc_text(doc, doc->body_line, doc->line_count, &text);
	ok = ok ? put(o, str_sv(&text), e) : err_set(e, ERR_LIMIT, "the text is too long");
	str_fini(&text);
	doc_free(doc);
	return ok;
}

bool render_rewrite(struct sv message, const struct render_opts *opts, int fd, uint64_t *bytes, struct err *e)
{
	struct out o = {.fd = fd};
	struct str plain;
	bool ok;

	str_init(&plain, RENDER_MESSAGE_MAX);
	if (opts->unescape) {
		if (!mbox_unescape(&plain, message)) {
			str_fini(&plain);
			return err_set(e, ERR_LIMIT, "the message is over %u MB", RENDER_MESSAGE_MAX >> 20);
		}
		message = str_sv(&plain);
	}
	ok = opts->decode ? put_decoded(&o, message, opts, e) : put_changed(&o, message, opts, e);
	*bytes = o.bytes;
	str_fini(&plain);
	return ok;
}
