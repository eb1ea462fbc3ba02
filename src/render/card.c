#include "render/card.h"

#include <stdio.h>

#include "text/utf8.h"
#include "text/wrap.h"

#define LABEL_COLUMNS 13
#define VALUE_COLUMNS_MIN 20

void card_init(struct card *c, struct doc_build *doc, int width, unsigned part)
{
	*c = (struct card){.doc = doc, .width = width, .part = part};
	line_init(&c->line);
}

void card_fini(struct card *c)
{
	line_fini(&c->line);
}

void card_gap(struct card *c)
{
	doc_end_line(c->doc, DOC_BODY, 0, 0, c->part);
}

/* One line of a value, in as many as it needs. */
static void put_line(struct card *c, const char *label, struct sv raw, bool first)
{
	static const struct doc_span bold = {.style = DOC_BOLD};
	int width = MAX(c->width, LABEL_COLUMNS + VALUE_COLUMNS_MIN);
	char lead[64];

	line_read(&c->line, raw, false, false, false);
	line_links(&c->line, c->doc);
	struct sv text = str_sv(&c->line.text);
	struct line_cursor at = line_cursor(&c->line);
	do {
		size_t next = 0, n = 0;
		if (text.len)
			n = wrap_line(text, LABEL_COLUMNS, width, true, &next);
		snprintf(lead, sizeof(lead), "%*.40s ", LABEL_COLUMNS - 1, first ? label : "");
		if (n || first) {
			doc_add(c->doc, sv_of(lead), &bold);
			line_put(&at, c->doc, n);
		}
		doc_end_line(c->doc, DOC_BODY, 0, first ? 0 : DOC_LINE_CONT, c->part);
		line_skip(&at, next - n);
		text = sv_from(text, next);
		first = false;
	} while (text.len);
}

void card_row(struct card *c, const char *label, struct sv value)
{
	struct sv rest = sv_head(value, CARD_TEXT_MAX), line;

	for (bool first = true; sv_line(&rest, &line); first = false)
		put_line(c, label, utf8_head(line, DOC_LINE_MAX / 16), first);
}
