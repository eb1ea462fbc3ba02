#include "sync/search.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "mime/part.h"

#define SEARCH_MESSAGE_MAX (256u << 20) /* larger ones are searched up to here */
#define SEARCH_TEXT_MAX (64u << 20)     /* decoded text of one message */
#define FOUND_BATCH 200
#define TELL_MS 200

/* ---- the term ---- */

/* A word, or a string in quotes with backslash before what would end it. */
static char *take_argument(struct sv v)
{
	struct str s;
	char quote = v.len > 0 && (v.p[0] == '"' || v.p[0] == '\'') ? v.p[0] : 0;

	str_init(&s, 65536);
	for (size_t i = quote != 0; i < v.len && v.p[i] != quote; i++) {
		/*
		 * In double quotes \" and \\ are one character; everything else belongs to the
		 * expression.
		 */
		if (quote == '"' && v.p[i] == '\\' && i + 1 < v.len && (v.p[i + 1] == '"' || v.p[i + 1] == '\\'))
			i++;
		if (!str_addc(&s, v.p[i]))
			break;
	}
	return str_detach(&s);
}

bool search_term_parse(struct sv query, struct search_term *out, struct err *e)
{
	struct sv v = sv_trim(query);

	memset(out, 0, sizeof(*out));
	if (v.len < 3 || (v.p[0] != '~' && v.p[0] != '=') || !strchr("bBh", v.p[1]))
		return err_set(e, ERR_INPUT, "cannot search for " SV_FMT, SV_ARG(sv_head(v, 100)));
	out->plain = v.p[0] == '=';
	out->what = v.p[1];
	out->text = take_argument(sv_trim(sv_from(v, 2)));
	if (!out->plain) {
		out->rx = rx_new(out->text, RX_SMARTCASE | RX_NOSUB, e);
		if (!out->rx) {
			search_term_fini(out);
			return false;
		}
	}
	return true;
}

void search_term_fini(struct search_term *t)
{
	rx_free(t->rx);
	free(t->text);
	memset(t, 0, sizeof(*t));
}

static bool has_upper(struct sv v)
{
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] >= 'A' && v.p[i] <= 'Z')
			return true;
	}
	return false;
}

static bool text_matches(struct search_term *t, struct sv text)
{
	if (!t->plain)
		return rx_match(t->rx, text);
	struct sv want = sv_of(t->text);
	return (has_upper(want) ? sv_find(text, want) : sv_find_case(text, want)) >= 0;
}

/* Line by line, as mutt does: an expression with ^ means the line. */
static bool lines_match(struct search_term *t, struct sv text)
{
	struct sv line;

	if (t->plain)
		return text_matches(t, text);
	while (sv_line(&text, &line)) {
		if (text_matches(t, line))
			return true;
	}
	return false;
}

static bool header_matches(struct search_term *t, const struct headers *h)
{
	struct str s;
	bool found = false;

	str_init(&s, HEADER_TEXT_MAX);
	for (size_t i = 0; i < h->count && !found; i++) {
		str_clear(&s);
		(void)(str_add(&s, h->list[i].name) && str_adds(&s, ": ") && header_text(&s, h->list[i].raw, NULL));
		found = text_matches(t, str_sv(&s));
	}
	str_fini(&s);
	return found;
}

static bool body_matches(struct search_term *t, const struct part_tree *tree)
{
	bool found = false;

	for (size_t i = 0; i < tree->count && !found; i++) {
		const struct part *p = tree->list[i];
		struct str s;
		struct err e;

		if (p->kind == PART_MESSAGE && p->child) {
			found = header_matches(t, &p->child->headers);
		} else if (p->kind == PART_LEAF && part_is(p, "text", NULL)) {
			str_init(&s, SEARCH_TEXT_MAX);
			(void)!part_text(&s, tree, p, NULL, NULL, &e); /* what fits is searched */
			found = lines_match(t, str_sv(&s));
			str_fini(&s);
		}
	}
	return found;
}

bool search_term_matches(struct search_term *t, struct sv message)
{
	struct arena *a = arena_new();
	struct headers h;
	bool found;

	if (t->what == 'h') {
		headers_parse(a, message, &h);
		found = header_matches(t, &h);
	} else {
		struct part_tree *tree = part_parse(a, message, NULL);

		found = (t->what == 'B' && header_matches(t, &tree->root->headers)) || body_matches(t, tree);
	}
	arena_free(a);
	return found;
}

/* ---- the scan ---- */

static bool read_body(struct cache *c, uint64_t id, struct str *out)
{
	struct body b;
	struct err e;

	if (!body_open(c, id, "", &b, &e) && !body_open(c, id, "text", &b, &e))
		return false;
	bool ok = body_read(&b, SEARCH_MESSAGE_MAX, out);
	body_close(&b);
	return ok;
}

bool search_message(struct cache *c, uint64_t id, struct search_term *term, struct str *bytes, bool *found)
{
	if (!read_body(c, id, bytes))
		return false;
	*found = search_term_matches(term, str_sv(bytes));
	return true;
}

struct ids {
	uint64_t *list;
	size_t count, cap;
};

/* All ids first: a cursor must not stay open while files are read. */
static bool ids_of(struct cache *c, uint64_t mailbox, struct ids *ids, struct err *e)
{
	struct message_cursor *cur;
	struct message_row row;
	struct err mine;

	if (!message_scan(c, mailbox, MESSAGE_BY_UID, true, &cur, e))
		return false;
	while (message_next(cur, &row, &mine)) {
		array_grow(ids->list, ids->count, ids->cap);
		ids->list[ids->count++] = row.id;
	}
	message_cursor_close(cur);
	if (mine.class == ERR_NONE)
		return true;
	*e = mine;
	return false;
}

bool search_scan(struct host *h, uint64_t mailbox, const char *query, struct err *e)
{
	struct search_term term;
	struct ids ids = {0};
	uint64_t found[FOUND_BATCH];
	struct str bytes;
	size_t n = 0;
	int64_t tell_at = clock_ms() + TELL_MS;

	if (!search_term_parse(sv_of(query), &term, e))
		return false;
	bool ok = ids_of(host_cache(h), mailbox, &ids, e);
	str_init(&bytes, SEARCH_BYTES_MAX);
	for (size_t i = 0; ok && i < ids.count; i++) {
		if (read_body(host_cache(h), ids.list[i], &bytes) && search_term_matches(&term, str_sv(&bytes)))
			found[n++] = ids.list[i];
		if (n == FOUND_BATCH || clock_ms() >= tell_at) {
			host_found(h, found, n);
			host_progress(h, mailbox, i + 1, ids.count, "searching");
			n = 0;
			tell_at = clock_ms() + TELL_MS;
			ok = !host_cancelled(h) || err_set(e, ERR_CANCEL, "the search was cancelled");
		}
	}
	if (ok)
		host_found(h, found, n);
	str_fini(&bytes);
	free(ids.list);
	search_term_fini(&term);
	return ok;
}
