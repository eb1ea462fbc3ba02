/*
 * TNEF (see tnef.h). A stream of attributes, some of which are lists of MAPI properties; all lengths
 * come from the sender, so every step goes through take().
 */
#include "mime/tnef.h"

#include <stdio.h>
#include <stdlib.h>

#define SIGNATURE 0x223e9f78u
#define STREAM_HEAD 6 /* signature, key */
#define GUID_LEN 16

enum attribute {                   /* MS-OXTNEF section 2.1.3.3: type and name */
	ATT_RENDDATA = 0x00069002, /* a new attachment begins */
	ATT_TITLE = 0x00018010,
	ATT_DATA = 0x0006800f,
	ATT_ATTACHMENT = 0x00069005, /* properties of an attachment */
	ATT_MESSAGE = 0x00069003,    /* properties of the message */
	ATT_BODY = 0x0002800c,
	ATT_CODEPAGE = 0x00069007,
};

enum property_type {
	PT_SHORT = 2,
	PT_LONG = 3,
	PT_FLOAT = 4,
	PT_DOUBLE = 5,
	PT_CURRENCY = 6,
	PT_APPTIME = 7,
	PT_ERROR = 10,
	PT_BOOLEAN = 11,
	PT_OBJECT = 13,
	PT_I8 = 20,
	PT_STRING8 = 30,
	PT_UNICODE = 31,
	PT_SYSTIME = 64,
	PT_CLSID = 72,
	PT_BINARY = 0x102,
	PT_MULTIPLE = 0x1000,
};

enum property_name {
	PR_BODY = 0x1000,
	PR_RTF = 0x1009,
	PR_HTML = 0x1013,
	PR_DISPLAY_NAME = 0x3001,
	PR_DATA = 0x3701,
	PR_FILENAME = 0x3704,
	PR_LONG_FILENAME = 0x3707,
	PR_MIME_TAG = 0x370e,
	PR_CONTENT_ID = 0x3712,
	PR_INTERNET_CPID = 0x3fde,
	PR_NAMED = 0x8000, /* from here on the name stands with the property */
};

struct property {
	unsigned type, name;
	struct sv value; /* the first of several */
};

struct reader {
	struct arena *arena;
	const struct charset_rules *rules;
	size_t made, made_max;
	struct tnef *out;
	size_t cap;
	char codepage[24]; /* label of 8-bit strings, "" unknown */
	char html_charset[24];
	struct tnef_file now; /* attachment being read */
	const char *display, *title;
	bool has_now;
	struct sv text, html, rtf; /* bodies */
	const char *text_charset;
};

/* ---- bytes ---- */

static bool take(struct sv *s, size_t n, struct sv *out)
{
	if (n > s->len)
		return false;
	*out = sv_head(*s, n);
	*s = sv_from(*s, n);
	return true;
}

static uint32_t number(struct sv s)
{
	uint32_t v = 0;
	size_t i;

	for (i = MIN(s.len, 4u); i > 0; i--)
		v = v << 8 | (unsigned char)s.p[i - 1];
	return v;
}

static bool take_number(struct sv *s, size_t n, uint32_t *v)
{
	struct sv bytes;

	if (!take(s, n, &bytes))
		return false;
	*v = number(bytes);
	return true;
}

/* A value of a length of its own, filled up to four bytes. */
static bool take_sized(struct sv *s, struct sv *value)
{
	uint32_t len;
	struct sv fill;

	if (!take_number(s, 4, &len) || !take(s, len, value))
		return false;
	return take(s, MIN((4 - len % 4) % 4, s->len), &fill);
}

/* ---- text ---- */

static const char *made(struct reader *r, struct sv bytes, const char *charset, size_t max)
{
	struct str text;
	const char *s;

	str_init(&text, MIN(max, r->made_max - r->made));
	charset_to_utf8(&text, bytes, sv_of(charset), r->rules, NULL);
	while (text.len > 0 && !text.s[text.len - 1])
		str_cut(&text, text.len - 1);
	r->made += text.len;
	s = arena_strndup(r->arena, text.s ? text.s : "", text.len);
	str_fini(&text);
	return s;
}

/* Strings end with a NUL that counts. */
static struct sv without_nul(struct sv s)
{
	const char *nul = s.len ? memchr(s.p, 0, s.len) : NULL;

	return nul ? sv_head(s, (size_t)(nul - s.p)) : s;
}

static const char *string_of(struct reader *r, const struct property *p)
{
	if (p->type == PT_UNICODE)
		return made(r, p->value, "utf-16le", TNEF_NAME_MAX);
	return made(r, without_nul(p->value), r->codepage, TNEF_NAME_MAX);
}

static void set_codepage(char label[24], uint32_t page)
{
	if (page == 65001)
		snprintf(label, 24, "utf-8");
	else if (page == 20127)
		snprintf(label, 24, "us-ascii");
	else if (page >= 28591 && page <= 28605)
		snprintf(label, 24, "iso-8859-%u", (unsigned)page - 28590);
	else if ((page >= 1250 && page <= 1258) || page == 874)
		snprintf(label, 24, "windows-%u", (unsigned)page);
	else if (page > 0 && page < 100000)
		snprintf(label, 24, "cp%u", (unsigned)page);
}

/* ---- properties ---- */

static size_t fixed_size(unsigned type)
{
	switch (type) {
	case PT_SHORT:
	case PT_LONG:
	case PT_FLOAT:
	case PT_ERROR:
	case PT_BOOLEAN:
		return 4; /* shorter ones are filled up */
	case PT_DOUBLE:
	case PT_CURRENCY:
	case PT_APPTIME:
	case PT_I8:
	case PT_SYSTIME:
		return 8;
	case PT_CLSID:
		return GUID_LEN;
	default:
		return 0;
	}
}

/* The name of a named property is stepped over. */
static bool skip_name(struct sv *s)
{
	struct sv guid, name;
	uint32_t kind;

	if (!take(s, GUID_LEN, &guid) || !take_number(s, 4, &kind))
		return false;
	return kind == 0 ? take(s, 4, &name) : take_sized(s, &name);
}

static bool take_property(struct sv *s, struct property *p)
{
	uint32_t tag, n = 1, i;
	size_t fixed;
	struct sv value;

	if (!take_number(s, 4, &tag))
		return false;
	*p = (struct property){
		.type = tag & 0xffff & ~(unsigned)PT_MULTIPLE, .name = tag >> 16, .value = SV("")};
	if (p->name >= PR_NAMED && !skip_name(s))
		return false;
	fixed = fixed_size(p->type);
	if (((tag & PT_MULTIPLE) || fixed == 0) && !take_number(s, 4, &n))
		return false;
	for (i = 0; i < n; i++) { /* each takes bytes: n cannot be too many */
		if (!(fixed ? take(s, fixed, &value) : take_sized(s, &value)))
			return false;
		if (i == 0)
			p->value = value;
	}
	return true;
}

typedef void property_fn(struct reader *, const struct property *);

static bool each_property(struct reader *r, struct sv s, property_fn *fn)
{
	struct property p;
	uint32_t n, i;

	if (!take_number(&s, 4, &n))
		return false;
	for (i = 0; i < n; i++) {
		if (!take_property(&s, &p))
			return false;
		fn(r, &p);
	}
	return true;
}

/* ---- attachments ---- */

static void add(struct reader *r, struct tnef_file f)
{
	if (r->out->count == TNEF_FILES_MAX)
		return;
	array_grow(r->out->list, r->out->count, r->cap);
	r->out->list[r->out->count++] = f;
}

static void end_attachment(struct reader *r)
{
	struct tnef_file *f = &r->now;

	if (!r->has_now)
		return;
	if (!f->name)
		f->name = r->title ? r->title : r->display;
	if (!f->type)
		f->type = "application/octet-stream";
	f->charset = "";
	if (f->data.p)
		add(r, *f);
	r->has_now = false;
}

static void begin_attachment(struct reader *r)
{
	end_attachment(r);
	r->now = (struct tnef_file){0};
	r->display = r->title = NULL;
	r->has_now = true;
}

/* Behind a GUID: a message inside is TNEF again, an OLE object bytes. */
static void take_object(struct tnef_file *f, struct sv value)
{
	f->data = sv_from(value, GUID_LEN);
	if (tnef_is(f->data))
		f->type = "application/ms-tnef";
}

static void attachment_property(struct reader *r, const struct property *p)
{
	struct tnef_file *f = &r->now;
	const char *s;

	switch (p->name) {
	case PR_DATA:
		if (p->type == PT_OBJECT)
			take_object(f, p->value);
		else
			f->data = p->value;
		break;
	case PR_LONG_FILENAME:
		s = string_of(r, p);
		f->name = *s ? s : f->name;
		break;
	case PR_FILENAME:
		s = string_of(r, p);
		r->title = *s ? s : r->title;
		break;
	case PR_DISPLAY_NAME:
		s = string_of(r, p);
		r->display = *s ? s : r->display;
		break;
	case PR_MIME_TAG:
		s = string_of(r, p);
		f->type = f->type || !*s ? f->type : s;
		break;
	case PR_CONTENT_ID:
		s = string_of(r, p);
		f->content_id = *s ? s : NULL;
		break;
	}
}

/* ---- bodies ---- */

static void message_property(struct reader *r, const struct property *p)
{
	switch (p->name) {
	case PR_BODY:
		r->text = p->type == PT_UNICODE ? p->value : without_nul(p->value);
		r->text_charset = p->type == PT_UNICODE ? "utf-16le" : r->codepage;
		break;
	case PR_HTML:
		r->html = p->value;
		break;
	case PR_RTF:
		r->rtf = p->value;
		break;
	case PR_INTERNET_CPID:
		set_codepage(r->html_charset, number(p->value));
		break;
	}
}

static void add_body(struct reader *r, const char *type, const char *charset, struct sv data)
{
	const char *name = strcmp(type, "application/rtf") == 0 ? "message.rtf" : NULL;

	if (data.len > 0)
		add(r, (struct tnef_file){.type = type,
			       .charset = charset,
			       .name = name,
			       .is_body = true,
			       .data = data});
}

static void add_bodies(struct reader *r)
{
	struct str rtf;
	const char *s;

	if (r->text.len > 0) {
		s = made(r, r->text, r->text_charset, SIZE_MAX);
		add_body(r, "text/plain", "utf-8", sv_of(s));
	}
	add_body(r, "text/html", r->html_charset[0] ? r->html_charset : r->codepage, r->html);
	str_init(&rtf, r->made_max - r->made);
	if (r->rtf.len > 0 && tnef_rtf(&rtf, r->rtf))
		add_body(r, "application/rtf", "",
			sv_make(arena_strndup(r->arena, rtf.s, rtf.len), rtf.len));
	str_fini(&rtf);
}

/* ---- the stream ---- */

static bool attribute(struct reader *r, uint32_t id, struct sv value)
{
	struct property title = {.type = PT_STRING8, .value = value};

	switch (id) {
	case ATT_RENDDATA:
		begin_attachment(r);
		return true;
	case ATT_TITLE:
		r->title = string_of(r, &title);
		return true;
	case ATT_DATA:
		r->now.data = value;
		return true;
	case ATT_ATTACHMENT:
		return each_property(r, value, attachment_property);
	case ATT_MESSAGE:
		return each_property(r, value, message_property);
	case ATT_BODY:
		if (r->text.len == 0)
			r->text = without_nul(value), r->text_charset = r->codepage;
		return true;
	case ATT_CODEPAGE:
		set_codepage(r->codepage, number(value));
		return true;
	}
	return true;
}

/* Into the arena: what comes behind the attachments goes before them. */
static void bodies_first(struct arena *arena, struct tnef *t, size_t attachments)
{
	struct tnef_file *from = t->list;
	size_t i;

	t->list = arena_alloc(arena, (t->count + 1) * sizeof(*from));
	for (i = 0; i < t->count; i++) {
		struct tnef_file *f = &t->list[i];

		*f = from[(i + attachments) % t->count];
		f->charset = arena_strdup(arena, f->charset); /* the labels lie in the reader */
	}
	free(from);
}

bool tnef_is(struct sv bytes)
{
	return bytes.len >= STREAM_HEAD && number(bytes) == SIGNATURE;
}

void tnef_parse(struct arena *arena, struct sv bytes, const struct charset_rules *rules,
	size_t made_max, struct tnef *out)
{
	struct reader r = {.arena = arena, .rules = rules, .made_max = made_max, .out = out};
	struct sv rest = sv_from(bytes, STREAM_HEAD), level, value, sum;
	uint32_t id, len;
	size_t attachments;

	*out = (struct tnef){.damaged = !tnef_is(bytes)};
	while (!out->damaged && rest.len > 0) {
		if (!take(&rest, 1, &level) || !take_number(&rest, 4, &id) ||
			!take_number(&rest, 4, &len) || !take(&rest, len, &value) ||
			!take(&rest, 2, &sum) || !attribute(&r, id, value))
			out->damaged = true;
	}
	end_attachment(&r);
	attachments = out->count;
	add_bodies(&r);
	bodies_first(arena, out, attachments);
}
