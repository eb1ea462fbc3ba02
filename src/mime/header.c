/*
 * Header blocks (see header.h).
 */
#include "mime/header.h"

#include <stdlib.h>

#include "mime/encword.h"
#include "mime/header_priv.h"

#define LOST_FOLDS_MAX 100 /* lines without the blank that made them folds */

/* Field names are printable ASCII without ':'; returns the length of the name, 0 when the line
 * is no field. *colon is where the colon stands (blanks before it are an obsolete form). */
static size_t field_name(struct sv line, size_t *colon)
{
	size_t i = 0, n;

	while (i < line.len && line.p[i] > ' ' && line.p[i] < 0x7f && line.p[i] != ':')
		i++;
	n = i;
	while (i < line.len && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	if (n == 0 || i >= line.len || line.p[i] != ':')
		return 0;
	*colon = i;
	return n;
}

static bool is_from_line(struct sv line)
{
	return sv_starts(line, SV("From ")) || sv_starts(line, SV(">From "));
}

/* Length of the line at the start of s with its LF. */
static size_t line_length(struct sv s)
{
	const char *lf = s.len ? memchr(s.p, '\n', s.len) : NULL;

	return lf ? (size_t)(lf - s.p) + 1 : s.len;
}

/* Without LF or CRLF. */
static struct sv without_end(struct sv line)
{
	if (line.len > 0 && line.p[line.len - 1] == '\n')
		line.len--;
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* Length of the field that starts s: its first line and those that begin with a blank. */
static size_t field_length(struct sv s, size_t first_line)
{
	size_t n = first_line;

	while (n < s.len && (s.p[n] == ' ' || s.p[n] == '\t')) {
		struct sv line = sv_from(s, n);
		size_t len = line_length(line);

		/* A line of blanks only: folded by a mailer that should not; goes on when a
		 * field or fold follows. */
		if (sv_trim(sv_head(line, len)).len == 0 && n + len >= s.len)
			break;
		n += len;
	}
	return n;
}

static void add_field(struct header_buffer *b, struct headers *h, struct sv text, size_t at,
	size_t len, size_t name_len, size_t colon)
{
	struct header *f;

	if (h->count >= HEADER_FIELDS_MAX) {
		h->truncated = true;
		return;
	}
	array_grow(b->list, h->count, b->cap);
	f = &b->list[h->count++];
	f->name = sv_make(text.p + at, name_len);
	f->raw = without_end(sv_make(text.p + at + colon + 1, len - colon - 1));
	f->at = at;
	f->len = len;
}

/* Fields that only the header of a message has. */
static bool is_message_field(struct sv name)
{
	static const char *const known[] = {"From", "To", "Cc", "Subject", "Date", "Message-ID", "Received",
		"Return-Path", "MIME-Version", "Reply-To", "In-Reply-To", "References", "Delivered-To"};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (sv_is_case(name, known[i]))
			return true;
	return false;
}

/* Letters, digits and '-', as all names that anybody uses. */
static bool is_common_name(struct sv name)
{
	size_t i;

	for (i = 0; i < name.len; i++)
		if (!ascii_is_alnum((unsigned char)name.p[i]) && name.p[i] != '-')
			return false;
	return true;
}

/*
 * Some program took the blanks away with which folded lines begin. When more of a message's header
 * follows behind such lines, and before the empty line, they belong to it. Returns where it goes on,
 * 0 when it does not.
 */
static size_t goes_on(const struct headers *h, const struct header_buffer *b, size_t *looked, struct sv text,
	size_t at, header_stop_fn *stop, void *data)
{
	size_t first = 0, i, colon, name, len;

	/* Stays at the first that is one: no field is looked at twice. */
	while (*looked < h->count && !is_message_field(b->list[*looked].name))
		(*looked)++;
	for (i = 0; *looked < h->count && i < LOST_FOLDS_MAX && at < text.len; i++, at += len) {
		struct sv rest = sv_from(text, at), line;

		len = line_length(rest);
		line = without_end(sv_head(rest, len));
		if (line.len == 0 || (stop && line.p[0] == '-' && stop(data, line)))
			return 0;
		name = field_name(line, &colon);
		if (name > 0 && first == 0 && is_common_name(sv_head(line, name)))
			first = at;
		if (name > 0 && is_message_field(sv_head(line, name)))
			return first;
	}
	return 0;
}

/*
 * Is a line that is no field the start of a body whose empty line is missing? Yes, unless a field
 * follows right behind it: then it is a broken line in the middle of the header.
 */
static bool starts_body(struct sv text, size_t at, size_t line)
{
	struct sv after = sv_from(text, at + line);
	struct sv next = without_end(sv_head(after, line_length(after)));
	size_t colon;

	/* A delimiter: the empty line before the first part is missing (or has a blank in it). */
	if (sv_starts(sv_from(text, at), SV("--")))
		return true;
	return next.len == 0 || field_name(next, &colon) == 0;
}

void headers_parse_until(struct arena *arena, struct header_buffer *buffer, struct sv text,
	header_stop_fn *stop, void *data, struct headers *out)
{
	struct headers h = {.block = text, .body_at = text.len};
	size_t at = sv_starts(text, SV("\xef\xbb\xbf")) ? 3 : 0; /* an editor's mark */
	size_t looked = 0;

	while (at < text.len) {
		struct sv rest = sv_from(text, at), line;
		size_t len = line_length(rest), name, colon, field;

		line = without_end(sv_head(rest, len));
		if (line.len == 0 || (stop && line.p[0] == '-' && stop(data, line))) {
			h.block = sv_make(text.p, at);
			h.body_at = line.len == 0 ? at + len : at;
			break;
		}
		name = field_name(line, &colon);
		if (name > 0) {
			field = field_length(rest, len);
			add_field(buffer, &h, text, at, field, name, colon);
			at += field;
			continue;
		}
		if (h.count > 0 || !is_from_line(line)) {
			len = field_length(rest, len); /* "From" and ": x" folded is no field */
			field = starts_body(text, at, len) ? goes_on(&h, buffer, &looked, text, at + len, stop, data) : at + len;
			if (field == 0) {
				h.no_blank = true;
				h.block = sv_make(text.p, at);
				h.body_at = at;
				break;
			}
			h.bad_line = true;
			at = field;
			continue;
		}
		at += len;
	}
	if (h.count > 0) {
		h.list = arena_alloc(arena, h.count * sizeof(*h.list));
		memcpy(h.list, buffer->list, h.count * sizeof(*h.list));
	}
	*out = h;
}

struct sv headers_lf(struct arena *arena, struct sv message)
{
	char *copy;
	size_t i;

	if (message.len == 0 || memchr(message.p, '\n', message.len) || !memchr(message.p, '\r', message.len))
		return message;
	copy = arena_strndup(arena, message.p, message.len);
	for (i = 0; i < message.len; i++)
		if (copy[i] == '\r')
			copy[i] = '\n';
	return sv_make(copy, message.len);
}

void headers_parse(struct arena *arena, struct sv text, struct headers *out)
{
	struct header_buffer buffer = {0};

	headers_parse_until(arena, &buffer, text, NULL, NULL, out);
	free(buffer.list);
}

static const struct header *find_from(const struct headers *h, size_t i, const char *name)
{
	size_t n = strlen(name);

	for (; i < h->count; i++)
		if (h->list[i].name.len == n && sv_eq_case(h->list[i].name, sv_make(name, n)))
			return &h->list[i];
	return NULL;
}

const struct header *headers_find(const struct headers *h, const char *name)
{
	return find_from(h, 0, name);
}

const struct header *headers_after(
	const struct headers *h, const struct header *f, const char *name)
{
	return find_from(h, (size_t)(f - h->list) + 1, name);
}

const struct header *headers_last(const struct headers *h, const char *name)
{
	const struct header *last = NULL, *f;

	for (f = headers_find(h, name); f; f = headers_after(h, f, name))
		last = f;
	return last;
}

struct sv headers_raw(const struct headers *h, const char *name)
{
	const struct header *f = headers_find(h, name);

	return f ? sv_trim(f->raw) : SV("");
}

bool header_unfold(struct str *out, struct sv raw)
{
	raw = sv_trim(raw);
	while (raw.len > 0) {
		size_t n = line_length(raw);
		struct sv line = without_end(sv_head(raw, n));

		if (!str_add(out, line))
			return false;
		raw = sv_from(raw, n);
		/* A line that is no fold (not from a header block): a break is at least a blank. */
		if (raw.len > 0 && raw.p[0] != ' ' && raw.p[0] != '\t' && !str_addc(out, ' '))
			return false;
	}
	return true;
}

bool header_text(struct str *out, struct sv raw, const struct charset_rules *rules)
{
	struct str line;
	bool ok;

	raw = sv_trim(raw);
	if (!memchr(raw.p ? raw.p : "", '\n', raw.len)) /* most fields are one line */
		return encword_decode(out, raw, rules);
	str_init(&line, HEADER_TEXT_MAX);
	ok = header_unfold(&line, raw);
	ok = encword_decode(out, str_sv(&line), rules) && ok;
	str_fini(&line);
	return ok;
}

char *header_text_in(struct arena *arena, struct sv raw, const struct charset_rules *rules)
{
	struct str text;
	char *s;

	str_init(&text, HEADER_TEXT_MAX);
	header_text(&text, raw, rules);
	s = arena_strndup(arena, text.s ? text.s : "", text.len);
	str_fini(&text);
	return s;
}
