/*
 * Header fields for people: weeded and ordered as mutt does it (ignore, unignore, hdr_order), decoded,
 * folded at the width of the window.
 */
#include "render/render_priv.h"

#include "mime/addr.h"
#include "text/utf8.h"
#include "text/width.h"
#include "text/wrap.h"

#define FOLD_INDENT 8  /* continued lines start where mutt's tab would put them */
#define SHOWN_MAX 2000 /* fields shown of one block */
#define NOTE_FRAME 8 /* columns of "[-- " and " --]" */
#define NOTE_NAME_MAX 120 /* bytes of an address in a note */

/* mutt's lists: "*" or the beginning of a name. */
static bool in_list(const struct render_list *list, struct sv name)
{
	for (size_t i = 0; i < list->count; i++) {
		struct sv item = sv_of(list->item[i]);
		if (item.len && item.p[item.len - 1] == ':')
			item.len--; /* "unignore from:" is common in real files */
		if (sv_is(item, "*") || sv_starts_case(name, item))
			return true;
	}
	return false;
}

static bool is_weeded(const struct render_opts *o, struct sv name)
{
	return o->weed && in_list(&o->ignore, name) && !in_list(&o->unignore, name);
}

/* The place of a field: the entry of hdr_order that matches most of its name; behind all when none does. */
static size_t order_of(const struct render_opts *o, struct sv name)
{
	size_t best = o->hdr_order.count, len = 0;

	for (size_t i = 0; i < o->hdr_order.count; i++) {
		struct sv item = sv_of(o->hdr_order.item[i]);
		if (item.len && item.p[item.len - 1] == ':')
			item.len--;
		if (item.len > len && sv_starts_case(name, item)) {
			best = i;
			len = item.len;
		}
	}
	return best;
}

static bool is_address_field(struct sv name)
{
	static const char *const names[] = {"From", "To", "Cc", "Bcc", "Reply-To", "Sender",
		"Mail-Followup-To", "Resent-From", "Resent-To", "Resent-Cc", "Resent-Sender",
		"Disposition-Notification-To", "Return-Path"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (sv_is_case(name, names[i]))
			return true;
	return false;
}

/* A long list of addresses breaks after commas rather than inside a name. */
static size_t break_after_comma(struct sv text, size_t n)
{
	size_t at = n;

	while (at > n / 2 && !(text.p[at - 1] == ',' && (at == text.len || text.p[at] == ' ')))
		at--;
	return at > n / 2 ? at : n;
}

static void put_field(struct view *v, struct sv name, struct sv value, unsigned part)
{
	static const struct doc_span bold = {.style = DOC_NAME};
	int width = v->opts->width, column = width_of(name) + 2;
	bool addresses = is_address_field(name), cont = false;

	doc_add(v->doc, name, &bold);
	doc_add(v->doc, SV(":"), &bold);
	if (value.len)
		doc_add(v->doc, SV(" "), NULL);
	do {
		size_t next = value.len, n = value.len;
		if (value.len)
			n = wrap_line(value, column, MAX(width, FOLD_INDENT + 20), true, &next);
		if (addresses && next < value.len) {
			n = next = break_after_comma(value, n);
			while (next < value.len && value.p[next] == ' ')
				next++;
		}
		doc_add(v->doc, sv_head(value, n), NULL);
		doc_end_line(v->doc, DOC_HEADER, 0, cont ? DOC_LINE_CONT : 0, part);
		value = sv_from(value, next);
		if (value.len)
			doc_add(v->doc, SV("        "), NULL);
		column = FOLD_INDENT;
		cont = true;
	} while (value.len);
}

/*
 * An address list as mutt writes it, which parses again into the same addresses. False when something
 * in it is no address: it is better shown as it stands.
 */
static bool add_addresses(struct view *v, struct str *out, const struct header *h)
{
	struct addr_list list;

	addr_parse(v->arena, h->raw, &v->rules, &list);
	for (size_t i = 0; i < list.count; i++)
		if (list.list[i].kind == ADDR_MAILBOX && !list.list[i].addr[0])
			return false;
	return list.count > 0 && addr_list_format(out, &list, ADDR_DISPLAY, NULL, 0);
}

/* The decoded value. */
static void add_value(struct view *v, struct str *out, const struct header *h)
{
	str_clear(out);
	if (is_address_field(h->name) && add_addresses(v, out, h))
		return;
	str_clear(out);
	header_text(out, h->raw, &v->rules);
}

/* The same as one safe line. */
static struct sv safe_value(struct view *v, struct str *out, const struct header *h)
{
	struct str text;

	str_init(&text, HEADER_TEXT_MAX);
	add_value(v, &text, h);
	str_clear(out);
	utf8_add_safe(out, str_sv(&text), UTF8_SAFE_LINE | (v->opts->emoji ? UTF8_SAFE_EMOJI : 0));
	str_fini(&text);
	return str_sv(out);
}

static struct sv safe_name(struct str *out, struct sv name)
{
	str_clear(out);
	utf8_add_safe(out, name, UTF8_SAFE_LINE);
	return str_sv(out);
}

/* In two lines where one has no room: its end would be out of sight. */
static void put_misleading(struct view *v, unsigned part, const struct header *h, const char *name, const char *addr)
{
	const char *field =
		sv_is_case(h->name, "From") ? "From" : sv_is_case(h->name, "Sender") ? "Sender" : "Reply-To";
	const char *one = arena_printf(v->arena, "The name in %s shows %s, but the address is %s", field, name, addr);

	if (v->opts->unwrapped || width_of(sv_of(one)) + NOTE_FRAME <= view_wrap(v->opts)) {
		note(v, part, "%s", one);
		return;
	}
	note(v, part, "The name in %s shows %s", field, in_mark(v, name, 27 + NOTE_FRAME));
	note(v, part, "but the address is %s", in_mark(v, addr, 19 + NOTE_FRAME));
}

/* The names of those who are answered: one that shows another address is told. */
static void note_misleading(struct view *v, const struct header *h, unsigned part)
{
	struct addr_list list;
	struct sv shown;

	if (!sv_is_case(h->name, "From") && !sv_is_case(h->name, "Sender") && !sv_is_case(h->name, "Reply-To"))
		return;
	addr_parse(v->arena, h->raw, &v->rules, &list);
	for (size_t i = 0; i < list.count; i++) {
		struct str name, addr;

		if (list.list[i].kind != ADDR_MAILBOX ||
			!addr_name_misleads(sv_of(list.list[i].name), sv_of(list.list[i].addr), &shown))
			continue;
		str_init(&name, HEADER_TEXT_MAX);
		str_init(&addr, HEADER_TEXT_MAX);
		utf8_add_safe(&name, utf8_head(shown, NOTE_NAME_MAX), UTF8_SAFE_LINE);
		utf8_add_safe(&addr, utf8_head(sv_of(list.list[i].addr), NOTE_NAME_MAX), UTF8_SAFE_LINE);
		put_misleading(v, part, h, name.s, addr.s);
		str_fini(&name);
		str_fini(&addr);
		return; /* one is enough to be warned */
	}
}

struct shown {
	const struct header *header;
	size_t order;
};

void headers_render(struct view *v, const struct headers *headers, unsigned part)
{
	struct shown *list =
		arena_alloc(v->arena, MIN(headers->count, (size_t)SHOWN_MAX) * sizeof(*list) + 1);
	size_t count = 0, orders = v->opts->weed ? v->opts->hdr_order.count : 0;
	struct str name, value;

	str_init(&name, HEADER_TEXT_MAX);
	str_init(&value, HEADER_TEXT_MAX);
	for (size_t i = 0; i < headers->count && count < SHOWN_MAX; i++)
		if (!is_weeded(v->opts, headers->list[i].name))
			list[count++] = (struct shown){&headers->list[i],
				orders ? order_of(v->opts, headers->list[i].name) : 0};
	for (size_t order = 0; order <= orders; order++)
		for (size_t i = 0; i < count; i++)
			if (list[i].order == order)
				put_field(v, safe_name(&name, list[i].header->name),
					safe_value(v, &value, list[i].header), part);
	for (size_t i = 0; i < count; i++)
		note_misleading(v, list[i].header, part);
	str_fini(&name);
	str_fini(&value);
}

void headers_collect(struct view *v, const struct headers *headers)
{
	struct str value;

	str_init(&value, HEADER_TEXT_MAX);
	for (size_t i = 0; i < headers->count && i < DOC_HEADERS_MAX; i++) {
		const struct header *h = &headers->list[i];
		add_value(v, &value, h);
		doc_add_header(v->doc, h->name, str_sv(&value));
	}
	str_fini(&value);
}
