/*
 * iCalendar: of components only VEVENT and VTODO count. Times are shown in the zone that they were
 * written in; UTC in ours.
 */
#include "render/calendar.h"

#include <stdio.h>
#include <stdlib.h>

#include "mime/date.h"
#include "render/card.h"
#include "render/vobject.h"
#include "text/utf8.h"


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
	m->zone = vobject_param(p->params, "TZID");
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
	e->person[e->people].name = vobject_param(p->params, "CN");
	e->person[e->people].mail = mail;
	e->person[e->people++].state = vobject_param(p->params, "PARTSTAT");
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
		e->organizer_cn = vobject_param(p->params, "CN");
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

/* A value in its own escapes. */
static void add_row(struct card *c, const char *label, struct sv value)
{
	struct str text;

	str_init(&text, CARD_TEXT_MAX);
	vobject_unescape(&text, value);
	card_row(c, label, str_sv(&text));
	str_fini(&text);
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

	str_init(&out, CARD_TEXT_MAX);
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

/* ---- repetition (RFC 5545 section 3.3.10) ---- */

/* The parts of a rule that can be said in a few words; others are shown as they stand. */
struct rule {
	struct sv freq, interval, by_day, by_month_day, until, count;
	bool other;
};

static struct rule read_rule(struct sv text)
{
	struct rule r = {.other = false};
	const struct {
		const char *name;
		struct sv *to;
	} parts[] = {{"FREQ", &r.freq}, {"INTERVAL", &r.interval}, {"BYDAY", &r.by_day},
		{"BYMONTHDAY", &r.by_month_day}, {"UNTIL", &r.until}, {"COUNT", &r.count}};
	struct sv part;

	while (sv_split(&text, ';', &part)) {
		ptrdiff_t eq = sv_chr(part, '=');
		struct sv name = sv_head(part, eq < 0 ? part.len : (size_t)eq);
		bool known = sv_is_case(name, "WKST");
		for (size_t i = 0; eq > 0 && i < ARRAY_LEN(parts); i++)
			if (sv_is_case(name, parts[i].name)) {
				*parts[i].to = sv_from(part, (size_t)eq + 1);
				known = true;
			}
		r.other |= !known && part.len;
	}
	return r;
}

/* "MO,WE" or "-1FR": "on Mon, Wed", "on the last Fri". False when it says more than that. */
static bool add_days(struct str *out, struct sv list)
{
	static const char codes[] = "SUMOTUWETHFRSA";
	static const char *const ordinals[] = {"last ", "", "1st ", "2nd ", "3rd ", "4th ", "5th "};
	struct sv day;
	const char *between = " on ";

	while (sv_split(&list, ',', &day)) {
		int which = 0, i = 0;
		if (day.len < 2)
			return false;
		struct sv number = sv_head(day, day.len - 2);
		if (sv_is(number, "-1"))
			which = -1;
		else if (number.len)
			which = digits(number, number.p[0] == '+', 1);
		while (i < 7 && strncmp(codes + 2 * (size_t)i, day.p + day.len - 2, 2) != 0)
			i++;
		if (i == 7 || (number.len && (which == 0 || which < -1 || which > 5)))
			return false;
		str_addf(out, "%s%s%s%s", between, which ? "the " : "", ordinals[which + 1], days[i]);
		between = ", ";
	}
	return true;
}

/* "every 2 weeks on Mon, Wed until 31 Dec 2026". False: it cannot be said like that. */
static bool add_rule(struct str *out, struct sv text)
{
	static const struct {
		const char *freq, *one, *many;
	} units[] = {{"DAILY", "day", "days"}, {"WEEKLY", "week", "weeks"}, {"MONTHLY", "month", "months"},
		{"YEARLY", "year", "years"}};
	struct rule r = read_rule(text);
	uint64_t every = 1, count = 0;
	size_t unit = 0;

	while (unit < ARRAY_LEN(units) && !sv_is_case(r.freq, units[unit].freq))
		unit++;
	if (r.other || unit == ARRAY_LEN(units) || (r.interval.len && !sv_u64(r.interval, &every)) ||
		(r.count.len && !sv_u64(r.count, &count)))
		return false;
	if (every > 1)
		str_addf(out, "every %llu %s", (unsigned long long)every, units[unit].many);
	else
		str_addf(out, "every %s", units[unit].one);
	if (!add_days(out, r.by_day))
		return false;
	if (r.by_month_day.len)
		str_addf(out, " on day " SV_FMT, SV_ARG(utf8_head(r.by_month_day, 40)));
	if (r.until.len >= 8) {
		int year = digits(r.until, 0, 4), month = digits(r.until, 4, 2), day = digits(r.until, 6, 2);
		if (month < 1 || month > 12 || day < 1)
			return false;
		str_addf(out, " until %d %s %d", day, months[month - 1], year);
	}
	if (count)
		str_addf(out, ", %llu times", (unsigned long long)count);
	return true;
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

	str_init(&out, CARD_TEXT_MAX);
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
	str_clear(&out);
	if (e->rule.len && !add_rule(&out, e->rule)) {
		str_clear(&out);
		str_add(&out, e->rule);
	}
	add_row(c, "Repeats:", str_sv(&out));
	add_row(c, "Where:", e->location);
	str_clear(&out);
	add_name(&out, e->organizer_cn, e->organizer);
	add_row(c, "Organizer:", str_sv(&out));
	add_people(c, e);
	add_row(c, "Link:", e->url);
	if (e->description.len) {
		card_gap(c);
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
	struct card c;
	struct event *e = xcalloc(1, sizeof(*e));
	struct str unfolded;
	struct sv rest, line, method = SV("");
	int events = 0;

	card_init(&c, doc, width, part);
	str_init(&unfolded, CARD_TEXT_MAX);
	rest = vobject_unfold(&unfolded, sv_head(text, CARD_TEXT_MAX));
	while (sv_line(&rest, &line) && events < CALENDAR_EVENTS_MAX) {
		struct property p;
		if (!vobject_split(line, &p))
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
				card_gap(&c);
			else if (summary)
				*summary = summary_of(doc, e, timezone_s);
			add_event(&c, method, e, timezone_s);
			*e = (struct event){.kind = {"", 0}};
		} else if (e->kind.len) {
			read_property(&p, e);
		}
	}
	str_fini(&unfolded);
	card_fini(&c);
	free(e);
	return events > 0;
}
