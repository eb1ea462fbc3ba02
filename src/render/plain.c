/*
 * Plain text (see plain.h). Line by line: what it is (quoted, signature, patch), how it looks (links,
 * overstrike, SGR), where it breaks. A line is made safe before anything looks at it.
 */
#include "render/plain.h"

#include <stdlib.h>

#include "mime/flowed.h"
#include "render/line.h"
#include "text/utf8.h"
#include "text/width.h"
#include "text/wrap.h"

#define NARROW 20 /* quote marks are not repeated when less room than this is left */
#define QUOTE_MARKS "|>:}#"

struct plain {
	const struct plain_opts *o;
	struct doc_build *doc;
	struct line line; /* the one being worked on: text and spans */
	bool signature;
	/* A patch is followed by the line counts of its hunks, so that what comes after is not coloured. */
	bool in_patch; /* between "diff" or "---" and the first hunk */
	uint64_t old_left, new_left;
};

/* ---- quotes ---- */

/* The bytes of quote marks at the start of a line, as $quote_regexp sees them. */
static size_t quote_prefix(const struct plain *p, struct sv text)
{
	ptrdiff_t m[RX_GROUPS][2], s[RX_GROUPS][2];

	if (!p->o->quote || !rx_find_start(p->o->quote, text, m))
		return 0;
	size_t end = (size_t)m[0][1];
	/* ":-)" and ">From " are not quotes. */
	if (p->o->smileys && rx_find(p->o->smileys, text, 0, s)) {
		if (s[0][0] == 0)
			return 0;
		if ((size_t)s[0][0] < end)
			end = (size_t)s[0][0];
	}
	/* The blank behind belongs to the mark: it is repeated with it. */
	return end + (end > 0 && end < text.len && text.p[end] == ' ');
}

/* "> > " is two levels, "Joe> " one. */
static unsigned quote_level(struct sv prefix)
{
	unsigned n = 0;

	for (size_t i = 0; i < prefix.len; i++)
		n += strchr(QUOTE_MARKS, prefix.p[i]) != NULL && prefix.p[i] != '\0';
	return MAX(n, 1u);
}

/* ---- patches ---- */

static bool is_patch_head(struct sv text)
{
	return sv_starts(text, SV("diff --git ")) || sv_starts(text, SV("diff -")) ||
	       sv_starts(text, SV("Index: "));
}

/* "@@ -12,7 +12,9 @@": how many lines of each side follow. */
static bool hunk_counts(struct sv text, uint64_t *old_lines, uint64_t *new_lines)
{
	struct scan s = scan_of(text);
	uint64_t at;

	*old_lines = *new_lines = 1;
	if (!scan_lit(&s, "@@ -") || !scan_u64(&s, &at))
		return false;
	if (scan_byte(&s, ',') && !scan_u64(&s, old_lines))
		return false;
	if (!scan_lit(&s, " +") || !scan_u64(&s, &at))
		return false;
	if (scan_byte(&s, ',') && !scan_u64(&s, new_lines))
		return false;
	return scan_lit(&s, " @@");
}

static enum doc_kind patch_line(struct plain *p, struct sv text)
{
	char c = text.len ? text.p[0] : ' ';

	if (c == '+') {
		p->new_left -= p->new_left > 0;
		return DOC_DIFF_ADD;
	}
	if (c == '-') {
		p->old_left -= p->old_left > 0;
		return DOC_DIFF_DEL;
	}
	if (c != ' ' && c != '\\')
		p->old_left = p->new_left = 0; /* cut short or mangled */
	if (c == ' ') {
		p->old_left -= p->old_left > 0;
		p->new_left -= p->new_left > 0;
	}
	return DOC_BODY;
}

/* What a line is in or around a patch; next: the line after it. */
static enum doc_kind patch_kind(struct plain *p, struct sv text, struct sv next)
{
	uint64_t old_lines, new_lines;

	if (p->old_left || p->new_left)
		return patch_line(p, text);
	if (hunk_counts(text, &old_lines, &new_lines)) {
		p->old_left = old_lines;
		p->new_left = new_lines;
		p->in_patch = false;
		return DOC_DIFF_HUNK;
	}
	if (is_patch_head(text) || (sv_starts(text, SV("--- ")) && sv_starts(next, SV("+++ ")))) {
		p->in_patch = true;
		return DOC_DIFF_FILE;
	}
	if (p->in_patch) {
		static const char *const heads[] = {"+++ ", "index ", "new file mode",
			"deleted file mode", "old mode", "new mode", "similarity index", "rename ",
			"copy ", "GIT binary patch", "Binary files"};
		for (size_t i = 0; i < ARRAY_LEN(heads); i++)
			if (sv_starts(text, sv_of(heads[i])))
				return DOC_DIFF_FILE;
		p->in_patch = false;
	}
	return DOC_BODY;
}

/* ---- one line ---- */

static void put_quote(struct plain *p, struct sv prefix)
{
	static const struct doc_span mark = {.style = DOC_QMARK};

	if (prefix.len)
		doc_add(p->doc, prefix, &mark);
}

/* Writes the line in hand, whose first `quote` bytes are quote marks. */
static void put_line(struct plain *p, size_t quote, enum doc_kind kind, int width)
{
	static const struct doc_span wrapmark = {.style = DOC_WRAPMARK};
	struct sv text = str_sv(&p->line.text), prefix = sv_head(text, quote);
	unsigned level = quote ? quote_level(prefix) : 0;
	int column = width_of(prefix), marks = column;
	struct line_cursor c = line_cursor(&p->line);
	bool cont = false;

	if (prefix.len > PLAIN_QUOTE_MAX || column > width - NARROW)
		marks = 0; /* too deep to be repeated */
	put_quote(p, prefix);
	line_skip(&c, quote);
	text = sv_from(text, quote);
	do {
		size_t next = text.len, n = text.len;
		/* No character is wider than it has bytes: most lines need no second look. */
		if (width > 0 && text.len + (size_t)column > (size_t)width)
			n = wrap_line(text, column, width, p->o->smart, &next);
		line_put(&c, p->doc, n);
		doc_end_line(p->doc, kind, level, cont ? DOC_LINE_CONT : 0, p->o->part);
		line_skip(&c, next - n);
		text = sv_from(text, next);
		if (!text.len)
			break;
		cont = true;
		column = marks;
		if (p->o->markers) {
			doc_add(p->doc, SV("+"), &wrapmark);
			column++;
		}
		if (marks)
			put_quote(p, prefix);
	} while (true);
}

static bool is_signature(struct sv text)
{
	return sv_is(text, "-- ");
}

/* One line as it came (foreign bytes); next is the one after it. */
static void add_line(struct plain *p, struct sv raw, struct sv next)
{
	line_read(&p->line, raw, p->o->ansi && p->o->colors, p->o->light, p->o->emoji);
	struct sv text = str_sv(&p->line.text);
	size_t quote = 0;
	enum doc_kind kind = p->o->kind;

	if (kind == DOC_BODY && !p->signature)
		quote = quote_prefix(p, text);
	if (kind == DOC_BODY && !quote) {
		kind = patch_kind(p, text, next);
		if (kind == DOC_BODY && !p->old_left && !p->new_left && is_signature(raw))
			p->signature = true;
		if (p->signature)
			kind = DOC_SIGNATURE;
	}
	if (p->o->links)
		line_links(&p->line, p->doc);
	put_line(p, quote, kind, p->o->width);
}

static struct sv peek_line(struct sv rest)
{
	struct sv line = SV("");

	return sv_line(&rest, &line) ? line : SV("");
}

static void add_lines(struct plain *p, struct sv text)
{
	struct sv rest = text, line;

	while (sv_line(&rest, &line)) {
		do { /* lines without end are broken by force */
			struct sv piece = utf8_head(line, DOC_LINE_MAX / 16);
			line = sv_from(line, piece.len);
			add_line(p, piece, sv_starts(piece, SV("--- ")) ? peek_line(rest) : SV(""));
		} while (line.len);
	}
}

/* ---- format=flowed ---- */

static void flowed_marks(struct str *out, int depth, bool spaced)
{
	int n = MIN(depth, PLAIN_QUOTE_MAX / 2 - 1);

	for (int i = 0; i < n; i++)
		str_adds(out, spaced ? "> " : ">");
	if (depth && !spaced)
		str_addc(out, ' ');
}

static void add_flowed(struct plain *p, struct sv text)
{
	struct flowed f = {.rest = text, .delsp = p->o->delsp};
	int width = p->o->flow_width
			    ? MIN(p->o->flow_width, p->o->width ? p->o->width : p->o->flow_width)
			    : p->o->width;
	struct str para, marked;
	int depth;
	bool fixed;

	str_init(&para, DOC_LINE_MAX * 8);
	str_init(&marked, DOC_LINE_MAX * 8);
	while (flowed_next(&f, &depth, &para, &fixed)) {
		struct sv rest = str_sv(&para), piece;
		enum doc_kind kind = p->o->kind;
		do {
			piece = utf8_head(rest, DOC_LINE_MAX / 16);
			rest = sv_from(rest, piece.len);
			str_clear(&marked);
			flowed_marks(&marked, depth, p->o->space_quotes);
			size_t quote = marked.len;
			str_add(&marked, piece);
			line_read(&p->line, str_sv(&marked), p->o->ansi && p->o->colors,
				p->o->light, p->o->emoji);
			if (!depth && fixed && is_signature(piece))
				p->signature = true;
			if (!depth && !p->signature && fixed)
				kind = patch_kind(p, piece, peek_line(f.rest));
			if (p->o->links)
				line_links(&p->line, p->doc);
			put_line(p, MIN(quote, p->line.text.len),
				p->signature && !depth ? DOC_SIGNATURE : kind,
				fixed ? p->o->width : width);
		} while (rest.len);
	}
	str_fini(&para);
	str_fini(&marked);
}

void plain_render(struct doc_build *doc, struct sv text, const struct plain_opts *o)
{
	struct plain p = {.o = o, .doc = doc, .in_patch = o->patch};

	line_init(&p.line);
	if (o->flowed)
		add_flowed(&p, text);
	else
		add_lines(&p, text);
	line_fini(&p.line);
}
