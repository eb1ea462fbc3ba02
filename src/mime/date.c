/*
 * Reading dates (see date.h). A date is a bag of words: a time has a colon, a month is a name, a
 * zone comes after the time; what is left is the day and the year. That reads every order in use.
 */
#include "mime/date.h"

#include "mime/date_priv.h"

#define DATE_LINE_MAX 256  /* bytes looked at */
#define ZONE_MAX (14 * 60) /* minutes; Kiribati has +1400 */

static const char *const months[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const month_names[] = {"January", "February", "March", "April", "May", "June",
	"July", "August", "September", "October", "November", "December"};
static const char *const weekday_names[] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

/* Zones by name: RFC 5322 section 4.3, and those that are in use and mean one thing. */
static const struct {
	const char *name;
	int minutes;
} zones[] = {
	{"UT", 0},
	{"UTC", 0},
	{"GMT", 0},
	{"Z", 0},
	{"EST", -300},
	{"EDT", -240},
	{"CST", -360},
	{"CDT", -300},
	{"MST", -420},
	{"MDT", -360},
	{"PST", -480},
	{"PDT", -420},
	{"AST", -240},
	{"ADT", -180},
	{"NST", -210},
	{"NDT", -150},
	{"AKST", -540},
	{"AKDT", -480},
	{"HST", -600},
	{"WET", 0},
	{"WEST", 60},
	{"BST", 60},
	{"CET", 60},
	{"CEST", 120},
	{"MET", 60},
	{"MEZ", 60},
	{"MESZ", 120},
	{"MEST", 120},
	{"MEDT", 120},
	{"EET", 120},
	{"EEST", 180},
	{"MSK", 180},
	{"MSD", 240},
	{"SAST", 120},
	{"IST", 330},
	{"ICT", 420},
	{"WIB", 420},
	{"SGT", 480},
	{"HKT", 480},
	{"AWST", 480},
	{"JST", 540},
	{"KST", 540},
	{"ACST", 570},
	{"ACDT", 630},
	{"AEST", 600},
	{"AEDT", 660},
	{"NZST", 720},
	{"NZT", 720},
	{"NZDT", 780},
	{"BRT", -180},
	{"ART", -180},
	{"CLT", -240},
};

/* ---- calendar ---- */

/* Days since 1970-01-01 of a proleptic Gregorian date; month counts from 1. */
static int64_t days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

int64_t date_epoch_of(const struct date_parts *p, int tz_minutes)
{
	return days_of(p->year, p->month, p->day) * 86400 + p->hour * 3600 + p->minute * 60 +
	       p->second - (int64_t)tz_minutes * 60;
}

struct date_parts date_parts_of(int64_t epoch, int tz_minutes)
{
	struct date_parts p;
	int64_t t = epoch + (int64_t)tz_minutes * 60, days, rest, era, doe, yoe, doy, mp;

	days = t >= 0 ? t / 86400 : -((86399 - t) / 86400);
	rest = t - days * 86400;
	p.hour = (int)(rest / 3600);
	p.minute = (int)(rest / 60 % 60);
	p.second = (int)(rest % 60);
	p.weekday = (int)(((days + 4) % 7 + 7) % 7);
	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	doe = days - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	p.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	p.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	p.year = (int)(yoe + era * 400 + (p.month <= 2));
	return p;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* ---- words ---- */

int date_month(struct sv word)
{
	int i;

	if (word.len > 0 && word.p[word.len - 1] == '.')
		word.len--;
	for (i = 0; i < 12; i++)
		if (sv_is_case(word, months[i]) ||
			(word.len > 3 && sv_starts_case(sv_of(month_names[i]), word)))
			return i + 1;
	return sv_is_case(word, "Sept") ? 9 : 0;
}

bool date_is_weekday(struct sv word)
{
	size_t i;

	if (word.len > 0 && (word.p[word.len - 1] == ',' || word.p[word.len - 1] == '.'))
		word.len--;
	for (i = 0; i < ARRAY_LEN(weekday_names); i++)
		if (word.len >= 3 && sv_starts_case(sv_of(weekday_names[i]), word))
			return true;
	return false;
}

/* What has been found so far; -1: not yet. */
struct parser {
	int day, month, year;
	int hour, minute, second;
	int tz;
	bool tz_known, bad;
	bool has_time;
	int words;
};

static bool all_digits(struct sv w)
{
	size_t i;

	for (i = 0; i < w.len; i++)
		if (!ascii_is_digit((unsigned char)w.p[i]))
			return false;
	return w.len > 0;
}

/* A number of at most 9 digits, else -1. */
static int number(struct sv w)
{
	uint64_t n;

	return w.len <= 9 && sv_u64(w, &n) ? (int)n : -1;
}

/* Two digits: RFC 5322 section 4.3; three: years since 1900. */
static int full_year(int n, size_t digits)
{
	if (digits <= 2)
		return n < 50 ? n + 2000 : n + 1900;
	return digits == 3 ? n + 1900 : n;
}

/* h:m, h:m:s, h:m:s.fraction; also with dots. A time that cannot be is midnight. */
static void take_time(struct parser *p, struct sv w)
{
	int part[3] = {-1, 0, 0};
	size_t i;
	struct sv one;

	for (i = 0; i < 3 && sv_split(&w, ':', &one); i++) {
		ptrdiff_t dot = sv_chr(one, '.');

		if (dot < 0)
			dot = sv_chr(one, ',');
		part[i] = number(dot > 0 ? sv_head(one, (size_t)dot) : one);
	}
	p->has_time = true;
	if (part[0] < 0 || part[0] > 23 || part[1] < 0 || part[1] > 59 || part[2] > 60)
		part[0] = part[1] = part[2] = 0;
	p->hour = part[0];
	p->minute = part[1];
	p->second = MAX(part[2], 0);
}

static void take_number(struct parser *p, struct sv w)
{
	int n = number(w);

	if (n < 0) {
		p->bad = p->bad || p->year < 0;
		return;
	}
	if (w.len >= 3 || n > 31 || p->day >= 0) {
		if (p->year < 0)
			p->year = full_year(n, w.len);
	} else {
		p->day = n;
	}
}

/* +hhmm, -hhmm, +hh:mm, +hh */
static bool take_offset(struct parser *p, struct sv w)
{
	int sign = w.p[0] == '-' ? -1 : 1, minutes, n;
	ptrdiff_t colon;

	w = sv_from(w, 1);
	colon = sv_chr(w, ':');
	if (colon > 0) {
		n = number(sv_head(w, (size_t)colon));
		minutes = n < 0 || n > 99 || number(sv_from(w, (size_t)colon + 1)) > 59
				  ? -1
				  : n * 60 + number(sv_from(w, (size_t)colon + 1));
	} else {
		n = number(w);
		if (n < 0)
			return false;
		minutes = w.len <= 2 ? n * 60 : n / 100 * 60 + n % 100;
	}
	if (minutes < 0 || minutes > ZONE_MAX)
		return false;
	p->tz = sign * minutes;
	p->tz_known = !(sign < 0 && minutes == 0);
	return true;
}

static bool take_zone_name(struct parser *p, struct sv w)
{
	size_t n = 0, i;

	while (n < w.len && ascii_is_alpha((unsigned char)w.p[n]))
		n++;
	for (i = 0; i < ARRAY_LEN(zones); i++)
		if (sv_is_case(sv_head(w, n), zones[i].name)) {
			p->tz = zones[i].minutes;
			p->tz_known = true;
			/* "GMT+0100", "UTC-5": the offset is meant. */
			if (zones[i].minutes == 0 && n + 1 < w.len &&
				(w.p[n] == '+' || w.p[n] == '-'))
				take_offset(p, sv_from(w, n));
			return true;
		}
	return false;
}

static void noon(struct parser *p, bool pm)
{
	if (p->hour == 12)
		p->hour = pm ? 12 : 0;
	else if (pm && p->hour < 12)
		p->hour += 12;
}

/* 17-Jul-1996, 17-6-2008, 2008-06-17, 6/17/2008, 17.06.2008. */
static bool take_joined(struct parser *p, struct sv w, char sep)
{
	struct sv part[3];
	int n[3], month;
	size_t i;

	for (i = 0; i < 3; i++)
		if (!sv_split(&w, sep, &part[i]) || part[i].len == 0)
			return false;
	if (w.len > 0)
		return false;
	for (i = 0; i < 3; i++)
		n[i] = number(part[i]);
	month = date_month(part[1]);
	if (n[0] < 0 || n[2] < 0 || (n[1] < 0 && month == 0))
		return false;
	if (part[0].len == 4) { /* year first */
		p->year = n[0];
		p->month = month ? month : n[1];
		p->day = n[2];
		return true;
	}
	if (sep == '/' && !month && n[0] <= 12) { /* American */
		p->month = n[0];
		p->day = n[1];
	} else {
		p->day = n[0];
		p->month = month ? month : n[1];
	}
	p->year = full_year(n[2], part[2].len);
	return true;
}

/* 1997-11-21T09:55:06Z, ...+01:00 */
static bool take_iso(struct parser *p, struct sv w)
{
	struct sv time;
	size_t i;

	if (w.len < 16 || (w.p[10] != 'T' && w.p[10] != 't') ||
		!take_joined(p, sv_head(w, 10), '-'))
		return false;
	time = sv_from(w, 11);
	for (i = 0; i < time.len &&
		    (ascii_is_digit((unsigned char)time.p[i]) || strchr(":.", time.p[i]));
		i++)
		;
	take_time(p, sv_head(time, i));
	time = sv_from(time, i);
	if (time.len > 1 && (time.p[0] == '+' || time.p[0] == '-'))
		take_offset(p, time);
	else if (time.len > 0)
		take_zone_name(p, time);
	return true;
}

/* A word behind the time. */
static void take_late(struct parser *p, struct sv w)
{
	if (sv_is_case(w, "AM") || sv_is_case(w, "PM") || sv_is_case(w, "A.M.") ||
		sv_is_case(w, "P.M.")) {
		noon(p, ascii_lower((unsigned char)w.p[0]) == 'p');
		return;
	}
	if (w.p[0] == '+' || w.p[0] == '-') {
		take_offset(p, w);
		return;
	}
	if (all_digits(w)) {
		char text[8];

		if (p->year < 0 || p->day < 0) {
			take_number(p, w);
		} else if (w.len == 4 && !p->tz_known) { /* "0400": the sign was forgotten */
			text[0] = '+';
			memcpy(text + 1, w.p, 4);
			take_offset(p, sv_make(text, 5));
		}
		return;
	}
	if (p->month < 0 && date_month(w) > 0)
		p->month = date_month(w);
	else if (!p->tz_known && !date_is_weekday(w))
		take_zone_name(p, w);
}

static void take_word(struct parser *p, struct sv w, bool comma)
{
	size_t n = w.len;

	p->words++;
	if (p->words == 1 && comma && !ascii_is_digit((unsigned char)w.p[0]))
		return; /* the name of the day, in whatever language */
	if (sv_chr(w, ':') > 0 && ascii_is_digit((unsigned char)w.p[0]) && !p->has_time) {
		if (take_iso(p, w))
			return;
		/* "10:15AM", "09:55:06-0600" */
		for (n = 0; n < w.len && (ascii_is_digit((unsigned char)w.p[n]) || strchr(":.,", w.p[n]));)
			n++;
		if (n + 1 < w.len && w.p[n] == '-' && w.p[n - 1] == ':') /* "12:34:-1" has no seconds */
			n = w.len;
		take_time(p, sv_head(w, n));
		if (n < w.len)
			take_late(p, sv_from(w, n));
		return;
	}
	if (p->has_time) {
		take_late(p, w);
		return;
	}
	if (all_digits(w)) {
		take_number(p, w);
		return;
	}
	if (p->month < 0 && date_month(w) > 0) {
		p->month = date_month(w);
		return;
	}
	if (take_joined(p, w, '-') || take_joined(p, w, '/') || take_joined(p, w, '.'))
		return;
	/* "21st", "3." */
	while (n > 0 && !ascii_is_digit((unsigned char)w.p[n - 1]))
		n--;
	if (n > 0 && n <= 2 && all_digits(sv_head(w, n)))
		take_number(p, sv_head(w, n));
	else if (w.p[0] == '-' && w.len > 1 && all_digits(sv_from(w, 1)))
		p->bad = true;
}

/* Over blanks and comments (nesting is counted). */
static void skip_cfws(struct scan *s)
{
	int depth;

	for (;;) {
		scan_wsp(s);
		if (scan_peek(s) != '(')
			return;
		for (depth = 0; !scan_end(s); s->p++) {
			depth += *s->p == '(';
			if (*s->p == ')' && --depth == 0)
				break;
		}
		scan_byte(s, ')');
	}
}

/* The next word, in buf; a comma ends it and is told. "09 : 55 : 06" is one word (obsolete,
 * comments allowed). */
static bool next_word(struct scan *s, char buf[DATE_LINE_MAX], struct sv *word, bool *comma)
{
	size_t n = 0;

	do
		skip_cfws(s);
	while (scan_byte(s, ','));
	if (scan_end(s))
		return false;
	for (;;) {
		const char *start = s->p;

		while (!scan_end(s) && !strchr(" \t\r\n(,", *s->p))
			buf[n++] = *s->p++;
		if (!scan_end(s) && *s->p == 0)
			s->p++;
		skip_cfws(s);
		if (scan_end(s) || s->p == start || n == 0 ||
			!ascii_is_digit((unsigned char)buf[0]))
			break;
		if (*s->p != ':' && buf[n - 1] != ':')
			break;
	}
	*word = sv_make(buf, n);
	*comma = scan_peek(s) == ',';
	return true;
}

bool date_parse(struct sv text, struct date *out)
{
	struct parser p = {.day = -1, .month = -1, .year = -1};
	struct scan s = scan_of(sv_head(text, DATE_LINE_MAX));
	struct date_parts parts;
	char buf[DATE_LINE_MAX];
	struct sv word;
	bool comma;

	while (next_word(&s, buf, &word, &comma))
		if (word.len > 0)
			take_word(&p, word, comma);
	if (p.bad || p.day < 1 || p.month < 1 || p.month > 12 || p.year < 0 || p.year > 9999)
		return false;
	if (p.day > days_in_month(p.year, p.month))
		return false;
	parts = (struct date_parts){p.year, p.month, p.day, p.hour, p.minute, p.second, 0};
	out->epoch = date_epoch_of(&parts, p.tz);
	out->tz_minutes = p.tz;
	out->tz_known = p.tz_known;
	return true;
}
