/*
 * iCalendar: lines are unfolded (RFC 5545 section 3.1), properties split into name, parameters and
 * value; of components only VEVENT and VTODO count. Times are shown in the zone that they were
 * written in; UTC in ours.
 */
#include "render/calendar.h"

#include <stdio.h>
#include <stdlib.h>

#include "mime/date.h"
#include "text/utf8.h"
#include "text/wrap.h"

#define CALENDAR_TEXT_MAX (4u << 20)
#define LABEL_COLUMNS 13

/* One content line. */
struct property {
	struct sv name, params, value;
};

struct moment {
	bool set, whole_day, utc;
	struct date_parts at;
	struct sv zone;
};

struct event {
	struct sv kind, summary, location, status, rule, description, url, duration, organizer,
		organizer_cn;
	struct moment start, end, due;
	struct {
		struct sv name, mail, state;
	} person[CALENDAR_PEOPLE_MAX];
	int people, people_more;
};

/* ---- reading ---- */

static struct sv unfold(struct str *out, struct sv text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];
		if (c == '\n' && i + 1 < text.len &&
			(text.p[i + 1] == ' ' || text.p[i + 1] == '\t'))
			i++;
		else if (c != '\r')
			str_addc(out, c);
	}
	return str_sv(out);
}

/* NAME;PARAM=x;PARAM="a:b":value */
static bool split_property(struct sv line, struct property *p)
{
	bool quoted = false;
	size_t i = 0, name_end = 0;

	for (; i < line.len; i++) {
		char c = line.p[i];
		if (c == '"')
			quoted = !quoted;
		else if (c == ';' && !name_end && !quoted)
			name_end = i;
		else if (c == ':' && !quoted)
			break;
	}
	if (i == line.len || i == 0)
		return false;
	if (!name_end)
		name_end = i;
	p->name = sv_head(line, name_end);
	p->params = sv_make(line.p + name_end, i - name_end);
	p->value = sv_from(line, i + 1);
	return true;
}

static struct sv param(struct sv params, const char *name)
{
	while (params.len) {
		bool quoted = false;
		size_t i = 1;
		for (; i < params.len && (quoted || params.p[i] != ';'); i++)
			quoted ^= params.p[i] == '"';
		struct sv one = sv_make(params.p + 1, i - 1);
		ptrdiff_t eq = sv_chr(one, '=');
		params = sv_from(params, i);
		if (eq > 0 && sv_is_case(sv_head(one, (size_t)eq), name)) {
			struct sv v = sv_from(one, (size_t)eq + 1);
			return v.len >= 2 && v.p[0] == '"' ? sv_make(v.p + 1, v.len - 2) : v;
		}
	}
	return SV("");
}

static int digits(struct sv v, size_t at, size_t n)
{
	int value = 0;

	for (size_t i = at; i < at + n; i++) {
		if (i >= v.len || !ascii_is_digit((unsigned char)v.p[i]))
			return -1;
		value = value * 10 + (v.p[i] - '0');
	}
	return value;
}

/* 20261126 or 20261126T140000 or ...Z */
static void read_moment(const struct property *p, struct moment *m)
{
	struct date_parts at = {.year = digits(p->value, 0, 4),
		.month = digits(p->value, 4, 2),
		.day = digits(p->value, 6, 2),
		.hour = digits(p->value, 9, 2),
		.minute = digits(p->value, 11, 2)};

	if (at.year < 1 || at.month < 1 || at.month > 12 || at.day < 1 || at.day > 31)
		return;
	m->set = true;
	m->whole_day = at.hour < 0 || at.minute < 0 || at.hour > 24 || at.minute > 59;
	if (m->whole_day)
		at.hour = at.minute = 0;
	m->utc = sv_ends_case(p->value, SV("Z"));
	m->at = at;
	m->zone = param(p->params, "TZID");
}

static void read_person(const struct property *p, struct event *e)
{
	if (e->people == CALENDAR_PEOPLE_MAX) {
		e->people_more++;
		return;
	}
	struct sv mail = p->value;
	if (sv_starts_case(mail, SV("mailto:")))
		mail = sv_from(mail, 7);
	e->person[e->people].name = param(p->params, "CN");
	e->person[e->people].mail = mail;
	e->person[e->people++].state = param(p->params, "PARTSTAT");
}

static void read_property(const struct property *p, struct event *e)
{
	const struct {
		const char *name;
		struct sv *to;
	} texts[] = {{"SUMMARY", &e->summary}, {"LOCATION", &e->location}, {"STATUS", &e->status},
		{"RRULE", &e->rule}, {"DESCRIPTION", &e->description}, {"URL", &e->url},
		{"DURATION", &e->duration}};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (sv_is_case(p->name, texts[i].name) && !texts[i].to->len)
			*texts[i].to = p->value;
	if (sv_is_case(p->name, "DTSTART"))
		read_moment(p, &e->start);
	else if (sv_is_case(p->name, "DTEND"))
		read_moment(p, &e->end);
	else if (sv_is_case(p->name, "DUE"))
		read_moment(p, &e->due);
	else if (sv_is_case(p->name, "ATTENDEE"))
		read_person(p, e);
	else if (sv_is_case(p->name, "ORGANIZER")) {
		e->organizer =
			sv_starts_case(p->value, SV("mailto:")) ? sv_from(p->value, 7) : p->value;
		e->organizer_cn = param(p->params, "CN");
	}
}

/* ---- writing ---- */

static const char *const months[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/* In the zone that will be shown. */
static struct date_parts shown_parts(const struct moment *m, int timezone_s)
{
	int64_t epoch = date_epoch_of(&m->at, 0);

	return date_parts_of(epoch, m->utc && !m->whole_day ? timezone_s / 60 : 0);
}

static void add_day(struct str *out, const struct date_parts *d)
{
	str_addf(out, "%s %d %s %d", days[d->weekday % 7], d->day, months[(d->month - 1) % 12],
		d->year);
}

static void add_zone(struct str *out, const struct moment *m, int timezone_s)
{
	int minutes = abs(timezone_s) / 60;

	if (m->whole_day)
		return;
	if (m->utc && timezone_s)
		str_addf(out, " (UTC%c%02d:%02d)", timezone_s < 0 ? '-' : '+', minutes / 60 % 100,
			minutes % 60);
	else if (m->utc)
		str_adds(out, " (UTC)");
	else if (m->zone.len)
		str_addf(out, " (" SV_FMT ")", (int)MIN(m->zone.len, (size_t)100), m->zone.p);
}

/* "Thu 26 Nov 2026 14:00 - 15:00 (Europe/Berlin)" */
static void add_when(struct str *out, const struct event *e, int timezone_s)
{
	struct date_parts a = shown_parts(&e->start, timezone_s),
			  b = shown_parts(&e->end, timezone_s);

	add_day(out, &a);
	if (!e->start.whole_day)
		str_addf(out, " %02d:%02d", a.hour, a.minute);
	if (e->end.set && e->end.whole_day) { /* the day after the last one (section 3.6.1) */
		b = date_parts_of(date_epoch_of(&b, 0) - 86400, 0);
		if (date_epoch_of(&b, 0) > date_epoch_of(&a, 0)) {
			str_adds(out, " - ");
			add_day(out, &b);
		}
	} else if (e->end.set) {
		str_adds(out, " - ");
		if (a.year != b.year || a.month != b.month || a.day != b.day) {
			add_day(out, &b);
			str_addc(out, ' ');
		}
		str_addf(out, "%02d:%02d", b.hour, b.minute);
	} else if (e->duration.len) {
		str_addf(out, " for " SV_FMT, (int)MIN(e->duration.len, (size_t)30), e->duration.p);
	}
	add_zone(out, &e->start, timezone_s);
}

/* "\n", "\," and "\\" of text values (section 3.3.11). */
static void unescape(struct str *out, struct sv v)
{
	for (size_t i = 0; i < v.len; i++) {
		char c = v.p[i];
		if (c == '\\' && i + 1 < v.len) {
			c = v.p[++i];
			c = c == 'n' || c == 'N' ? '\n' : c;
		}
		str_addc(out, c);
	}
}

struct card {
	struct doc_build *doc;
	int width;
	unsigned part;
};

/* "   Where:  Room 4", wrapped under itself. */
static void add_row(struct card *c, const char *label, struct sv value)
{
	static const struct doc_span name = {.style = DOC_BOLD};
	struct str text, safe;
	struct sv rest, line;
	char lead[LABEL_COLUMNS + 8];
	bool first = true;

	if (!value.len)
		return;
	str_init(&text, CALENDAR_TEXT_MAX);
	str_init(&safe, CALENDAR_TEXT_MAX * 3ul);
	unescape(&text, value);
	utf8_add_safe(&safe, str_sv(&text), UTF8_SAFE_TEXT);
	rest = str_sv(&safe);
	while (sv_line(&rest, &line)) {
		do {
			size_t next = 0, n = 0;
			if (line.len)
				n = wrap_line(line, LABEL_COLUMNS,
					MAX(c->width, LABEL_COLUMNS + 20), true, &next);
			snprintf(lead, sizeof(lead), "%*s ", LABEL_COLUMNS - 1, first ? label : "");
			if (n || first) {
				doc_add(c->doc, sv_of(lead), &name);
				doc_add(c->doc, sv_head(line, n), NULL);
			}
			doc_end_line(c->doc, DOC_BODY, 0, first ? 0 : DOC_LINE_CONT, c->part);
			line = sv_from(line, next);
			first = false;
		} while (line.len);
	}
	str_fini(&text);
	str_fini(&safe);
}

static const char *state_word(struct sv state)
{
	static const struct {
		const char *state, *word;
	} words[] = {{"ACCEPTED", "accepted"}, {"DECLINED", "declined"}, {"TENTATIVE", "tentative"},
		{"DELEGATED", "delegated"}, {"NEEDS-ACTION", ""}, {"COMPLETED", "completed"}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (sv_is_case(state, words[i].state))
			return words[i].word;
	return "";
}

static void add_name(struct str *out, struct sv name, struct sv mail)
{
	if (name.len && !sv_eq_case(name, mail))
		str_addf(out, SV_FMT " <" SV_FMT ">", SV_ARG(utf8_head(name, 200)),
			SV_ARG(utf8_head(mail, 300)));
	else
		str_add(out, utf8_head(mail, 300));
}

static void add_people(struct card *c, const struct event *e)
{
	struct str out;

	str_init(&out, CALENDAR_TEXT_MAX);
	for (int i = 0; i < e->people; i++) {
		str_clear(&out);
		add_name(&out, e->person[i].name, e->person[i].mail);
		const char *word = state_word(e->person[i].state);
		if (word[0])
			str_addf(&out, " (%s)", word);
		add_row(c, i ? "" : "Who:", str_sv(&out));
	}
	if (e->people_more) {
		str_clear(&out);
		str_addf(&out, "and %d more", e->people_more);
		add_row(c, "", str_sv(&out));
	}
	str_fini(&out);
}

static const char *title_of(struct sv method, const struct event *e)
{
	if (sv_is_case(method, "CANCEL") || sv_is_case(e->status, "CANCELLED"))
		return "Cancelled";
	if (sv_is_case(method, "REQUEST"))
		return "Invitation";
	if (sv_is_case(method, "REPLY"))
		return "Answer";
	if (sv_is_case(method, "COUNTER"))
		return "Proposal";
	return sv_is_case(e->kind, "VTODO") ? "Task" : "Event";
}

static void add_event(struct card *c, struct sv method, const struct event *e, int timezone_s)
{
	struct str out;

	str_init(&out, 4096);
	str_addf(&out, "%s:", title_of(method, e));
	add_row(c, out.s, e->summary.len ? e->summary : SV("(no title)"));
	str_clear(&out);
	if (e->start.set)
		add_when(&out, e, timezone_s);
	add_row(c, "When:", str_sv(&out));
	str_clear(&out);
	if (e->due.set) {
		struct date_parts d = shown_parts(&e->due, timezone_s);
		add_day(&out, &d);
	}
	add_row(c, "Due:", str_sv(&out));
	add_row(c, "Repeats:", e->rule);
	add_row(c, "Where:", e->location);
	str_clear(&out);
	add_name(&out, e->organizer_cn, e->organizer);
	add_row(c, "Organizer:", str_sv(&out));
	add_people(c, e);
	add_row(c, "Link:", e->url);
	if (e->description.len) {
		doc_end_line(c->doc, DOC_BODY, 0, 0, c->part);
		add_row(c, "", e->description);
	}
	str_fini(&out);
}

static const char *summary_of(struct doc_build *doc, const struct event *e, int timezone_s)
{
	char text[64] = "";

	if (e->start.set) {
		struct date_parts d = shown_parts(&e->start, timezone_s);
		int n = snprintf(text, sizeof(text), "%s %d %s", days[d.weekday % 7], d.day,
			months[(d.month - 1) % 12]);
		if (!e->start.whole_day)
			snprintf(
				text + n, sizeof(text) - (size_t)n, " %02d:%02d", d.hour, d.minute);
	}
	return doc_string(doc, sv_of(text));
}

static bool is_event(struct sv kind)
{
	return sv_is_case(kind, "VEVENT") || sv_is_case(kind, "VTODO");
}

bool calendar_render(struct doc_build *doc, struct sv text, int timezone_s, int width,
	unsigned part, const char **summary)
{
	struct card c = {doc, width, part};
	struct event *e = xcalloc(1, sizeof(*e));
	struct str unfolded;
	struct sv rest, line, method = SV("");
	int events = 0;

	str_init(&unfolded, CALENDAR_TEXT_MAX);
	rest = unfold(&unfolded, sv_head(text, CALENDAR_TEXT_MAX));
	while (sv_line(&rest, &line) && events < CALENDAR_EVENTS_MAX) {
		struct property p;
		if (!split_property(line, &p))
			continue;
		if (sv_is_case(p.name, "METHOD")) {
			method = p.value;
		} else if (sv_is_case(p.name, "BEGIN") && is_event(p.value)) {
			*e = (struct event){.kind = p.value};
		} else if (sv_is_case(p.name, "BEGIN") && e->kind.len &&
			   sv_is_case(p.value, "VALARM")) {
			while (sv_line(&rest, &line) &&
				!sv_is_case(line, "END:VALARM")) /* has texts of its own */
				;
		} else if (sv_is_case(p.name, "END") && e->kind.len && is_event(p.value)) {
			if (events++)
				doc_end_line(doc, DOC_BODY, 0, 0, part);
			else if (summary)
				*summary = summary_of(doc, e, timezone_s);
			add_event(&c, method, e, timezone_s);
			*e = (struct event){.kind = {"", 0}};
		} else if (e->kind.len) {
			read_property(&p, e);
		}
	}
	str_fini(&unfolded);
	free(e);
	return events > 0;
}
