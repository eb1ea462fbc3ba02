/*
 * vCard: what people look for in a contact, in a fixed order; pictures, keys and what programs keep for
 * themselves are left out. Values of vCard 2.1 may be quoted-printable in a character set of their own.
 */
#include "render/vcard.h"

#include <stdlib.h>

#include "mime/codec.h"
#include "render/card.h"
#include "render/vobject.h"
#include "text/charset.h"
#include "text/utf8.h"

#define KINDS_MAX 8 /* "work, fax" of one number */

enum form { FORM_TEXT, FORM_NAME, FORM_LIST, FORM_ADDRESS };

/* In the order in which they are shown. */
static const struct {
	const char *name, *label;
	enum form form;
} fields[] = {
	{"NICKNAME", "Nickname:", FORM_TEXT},
	{"ORG", "Company:", FORM_LIST},
	{"TITLE", "Title:", FORM_TEXT},
	{"ROLE", "Role:", FORM_TEXT},
	{"EMAIL", "Mail:", FORM_TEXT},
	{"TEL", "Phone:", FORM_TEXT},
	{"IMPP", "Chat:", FORM_TEXT},
	{"ADR", "Address:", FORM_ADDRESS},
	{"URL", "Web:", FORM_TEXT},
	{"BDAY", "Birthday:", FORM_TEXT},
	{"NOTE", "Note:", FORM_TEXT},
};

struct contact {
	struct property name, formatted; /* N and FN */
	struct property row[VCARD_ROWS_MAX];
	int rows;
};

static bool is_quoted_printable(struct sv params)
{
	struct sv name, value;

	while (vobject_next_param(&params, &name, &value))
		if (sv_is_case(value, "QUOTED-PRINTABLE"))
			return true;
	return false;
}

/* The bytes that a property means, as UTF-8, still with the escapes of vCard. */
static void read_value(const struct property *p, struct str *out)
{
	struct sv charset = vobject_param(p->params, "CHARSET");
	struct str bytes;

	if (!is_quoted_printable(p->params)) {
		str_add(out, p->value);
		return;
	}
	str_init(&bytes, CARD_TEXT_MAX);
	codec_decode_all(&bytes, CODEC_QP, p->value, NULL);
	charset_to_utf8(out, str_sv(&bytes), charset.len ? charset : SV("utf-8"), NULL, NULL);
	str_fini(&bytes);
}

static void add_piece(struct str *out, struct sv piece, const char *between)
{
	if (!piece.len)
		return;
	if (out->len)
		str_adds(out, between);
	vobject_unescape(out, piece);
}

/* Family; Given; Middle; Prefix; Suffix (RFC 6350 section 6.2.2) in the order in which they are spoken. */
static void add_spoken_name(struct str *out, struct sv value)
{
	static const int order[] = {3, 1, 2, 0, 4};
	struct sv piece[5] = {{"", 0}, {"", 0}, {"", 0}, {"", 0}, {"", 0}}, rest = value;

	for (size_t i = 0; i < ARRAY_LEN(piece) && vobject_piece(&rest, &piece[i]); i++)
		;
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		add_piece(out, piece[order[i]], " ");
}

/* Box; Extended; Street; Town; Region; Code; Country (section 6.3.1), as on an envelope. */
static void add_address(struct str *out, struct sv value)
{
	struct sv piece[7], rest = value;
	struct str town;

	for (size_t i = 0; i < ARRAY_LEN(piece); i++)
		if (!vobject_piece(&rest, &piece[i]))
			piece[i] = SV("");
	for (size_t i = 0; i < 3; i++)
		add_piece(out, piece[i], "\n");
	str_init(&town, CARD_TEXT_MAX);
	add_piece(&town, piece[5], " ");
	add_piece(&town, piece[3], " ");
	add_piece(&town, piece[4], ", ");
	if (town.len && out->len)
		str_addc(out, '\n');
	str_add(out, str_sv(&town));
	add_piece(out, piece[6], "\n");
	str_fini(&town);
}

static void add_value(struct str *out, const struct property *p, enum form form)
{
	struct str value;
	struct sv rest, piece;

	str_init(&value, CARD_TEXT_MAX);
	read_value(p, &value);
	switch (form) {
	case FORM_TEXT:
		vobject_unescape(out, str_sv(&value));
		break;
	case FORM_NAME:
		add_spoken_name(out, str_sv(&value));
		break;
	case FORM_LIST:
		for (rest = str_sv(&value); vobject_piece(&rest, &piece);)
			add_piece(out, piece, ", ");
		break;
	case FORM_ADDRESS:
		add_address(out, str_sv(&value));
		break;
	}
	str_fini(&value);
}

/* "work, fax": what kind of number, but for what goes without saying. */
static void add_kinds(struct str *out, struct sv params)
{
	static const char *const unsaid[] = {"internet", "pref", "voice", "quoted-printable", "uri", "text"};
	struct sv name, value, rest, one;
	int any = 0;

	while (any < KINDS_MAX && vobject_next_param(&params, &name, &value)) {
		if (name.len && !sv_is_case(name, "TYPE"))
			continue;
		for (rest = value; sv_split(&rest, ',', &one);) {
			bool said = one.len > 0;
			for (size_t i = 0; i < ARRAY_LEN(unsaid); i++)
				said = said && !sv_is_case(one, unsaid[i]);
			if (!said)
				continue;
			str_adds(out, any ? ", " : " (");
			for (size_t i = 0; i < MIN(one.len, (size_t)40); i++)
				str_addc(out, (char)ascii_lower((unsigned char)one.p[i]));
			if (++any == KINDS_MAX)
				break;
		}
	}
	if (any)
		str_addc(out, ')');
}

static void put_contact(struct card *c, const struct contact *who, struct str *name)
{
	struct str out;

	str_init(&out, CARD_TEXT_MAX);
	if (who->formatted.value.len)
		add_value(name, &who->formatted, FORM_TEXT);
	else if (who->name.value.len)
		add_value(name, &who->name, FORM_NAME);
	card_row(c, "Contact:", name->len ? str_sv(name) : SV("(no name)"));
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		bool first = true;
		for (int k = 0; k < who->rows; k++) {
			const struct property *p = &who->row[k];
			if (!sv_is_case(p->name, fields[i].name))
				continue;
			str_clear(&out);
			add_value(&out, p, fields[i].form);
			if (out.len && fields[i].form != FORM_LIST)
				add_kinds(&out, p->params);
			card_row(c, first ? fields[i].label : "", str_sv(&out));
			first = first && !out.len;
		}
	}
	str_fini(&out);
}

static void take(struct contact *who, const struct property *p)
{
	if (sv_is_case(p->name, "FN"))
		who->formatted = *p;
	else if (sv_is_case(p->name, "N"))
		who->name = *p;
	else if (who->rows < VCARD_ROWS_MAX)
		who->row[who->rows++] = *p;
}

/* A quoted-printable value goes on below a line that ends in "=". */
static struct sv whole_value(struct sv value, struct sv *rest)
{
	const char *end = value.p + value.len;
	struct sv line;

	while (end > value.p && end[-1] == '=' && sv_line(rest, &line))
		end = line.p + line.len;
	return sv_make(value.p, (size_t)(end - value.p));
}

bool vcard_render(struct doc_build *doc, struct sv text, int width, unsigned part, const char **summary)
{
	struct contact *who = xcalloc(1, sizeof(*who));
	struct str unfolded, name;
	struct sv rest, line;
	struct card c;
	int contacts = 0;
	bool open = false;

	card_init(&c, doc, width, part);
	str_init(&unfolded, CARD_TEXT_MAX);
	str_init(&name, CARD_TEXT_MAX);
	rest = vobject_unfold(&unfolded, sv_head(text, CARD_TEXT_MAX));
	while (sv_line(&rest, &line) && contacts < VCARD_CONTACTS_MAX) {
		struct property p;
		if (!vobject_split(line, &p))
			continue;
		if (sv_is_case(p.name, "BEGIN") && sv_is_case(p.value, "VCARD")) {
			*who = (struct contact){.rows = 0};
			open = true;
		} else if (open && sv_is_case(p.name, "END") && sv_is_case(p.value, "VCARD")) {
			if (contacts++)
				card_gap(&c);
			str_clear(&name);
			put_contact(&c, who, &name);
			if (summary && contacts == 1)
				*summary = doc_string(doc, utf8_head(str_sv(&name), 200));
			open = false;
		} else if (open) {
			if (is_quoted_printable(p.params))
				p.value = whole_value(p.value, &rest);
			take(who, &p);
		}
	}
	str_fini(&name);
	str_fini(&unfolded);
	card_fini(&c);
	free(who);
	return contacts > 0;
}
