/*
 * The mbox format (see mbox.h).
 */
#include "mime/mbox.h"

#include "mime/date_priv.h"

#define FROM_LINE_MAX 1024
#define FROM_LEN 5

/* The next word of rest; false at the end. */
static bool next_word(struct sv *rest, struct sv *word)
{
	struct scan s = scan_of(*rest);

	scan_spaces(&s);
	*word = scan_until(&s, " \t");
	*rest = scan_rest(&s);
	return word->len > 0;
}

static bool is_time(struct sv w)
{
	return w.len >= 4 && ascii_is_digit((unsigned char)w.p[0]) && sv_chr(w, ':') > 0;
}

static bool is_number(struct sv w)
{
	uint64_t n;

	return sv_u64(w, &n);
}

/* "Jan  3 01:05[:34] [zone words] 1996 [more]" behind the name of the day. */
static bool is_ctime_tail(struct sv rest)
{
	struct sv month, day, time, word;
	bool year = false;

	if (!next_word(&rest, &month) || !next_word(&rest, &day) || !next_word(&rest, &time))
		return false;
	if (date_month(month) == 0 || month.len < 3 || !is_number(day) || !is_time(time))
		return false;
	while (!year && next_word(&rest, &word))
		year = is_number(word);
	return year;
}

/* "26 May 2011 01:16:54 +0100" behind it: KMail and others write the date of the header. */
static bool is_header_tail(struct sv rest)
{
	struct sv day, month, year, time;

	return next_word(&rest, &day) && next_word(&rest, &month) && next_word(&rest, &year) &&
	       next_word(&rest, &time) && is_number(day) && date_month(month) > 0 &&
	       is_number(year) && is_time(time);
}

/* "2014-12-12 22:59:42" from word on. */
static bool is_iso_date(struct sv word, struct sv rest)
{
	struct sv time;

	return word.len == 10 && word.p[4] == '-' && word.p[7] == '-' &&
	       is_number(sv_head(word, 4)) && next_word(&rest, &time) && is_time(time);
}

bool mbox_is_from(struct sv line, struct sv *sender, int64_t *epoch)
{
	struct sv rest, word, from = {line.p, 0};
	bool zone = false;
	struct date date;

	line = sv_rtrim(line);
	if (line.len > FROM_LINE_MAX || !sv_starts(line, SV("From ")))
		return false;
	rest = sv_from(line, 5);
	from = sv_make(rest.p, 0);
	for (;;) {
		const char *before = rest.p;

		if (!next_word(&rest, &word))
			return false;
		if (is_iso_date(word, rest)) {
			rest = sv_make(word.p, (size_t)(rest.p + rest.len - word.p));
			from = sv_trim(sv_make(from.p, (size_t)(before - from.p)));
			zone = true;
			break;
		}
		if (date_is_weekday(word) && (is_ctime_tail(rest) || is_header_tail(rest))) {
			zone = is_header_tail(rest);
			from = sv_trim(sv_make(from.p, (size_t)(before - from.p)));
			break;
		}
	}
	if (sender)
		*sender = from;
	/* In the classic form the time is meant as it stands: zones there are rare and wrong. */
	if (epoch)
		*epoch = date_parse(rest, &date) ? date.epoch + (zone ? 0 : date.tz_minutes * 60)
						 : -1;
	return true;
}

/* Length of the line at *at* with its LF. */
static size_t line_length(struct sv data, size_t at)
{
	const char *lf = at < data.len ? memchr(data.p + at, '\n', data.len - at) : NULL;

	return lf ? (size_t)(lf - (data.p + at)) + 1 : data.len - at;
}

static bool is_empty_line(struct sv data, size_t at)
{
	return at < data.len && (data.p[at] == '\n' || (data.p[at] == '\r' && at + 1 < data.len &&
							       data.p[at + 1] == '\n'));
}

static size_t skip_empty_lines(struct sv data, size_t at)
{
	if (at == 0 && sv_starts(data, SV("\xef\xbb\xbf"))) /* an editor's mark */
		at = 3;
	while (is_empty_line(data, at))
		at += line_length(data, at);
	return at;
}

/* "Name:" at the start of a line. */
static bool is_field(struct sv data, size_t at)
{
	size_t i = at;

	while (i < data.len && data.p[i] > ' ' && data.p[i] < 0x7f && data.p[i] != ':')
		i++;
	return i > at && i < data.len && data.p[i] == ':';
}

/* "From " and a field behind the line, whatever else it says. */
static bool is_bare_from(struct sv data, size_t at)
{
	return sv_starts(sv_from(data, at), SV("From ")) && is_field(data, at + line_length(data, at));
}

static bool is_dated_from(struct sv data, size_t at, struct sv *sender, int64_t *epoch)
{
	return sv_starts(sv_from(data, at), SV("From ")) &&
	       mbox_is_from(sv_make(data.p + at, line_length(data, at)), sender, epoch);
}

/* The mailbox begins with a From line without a date. */
static bool is_loose(struct sv data)
{
	size_t at = skip_empty_lines(data, 0);

	return !is_dated_from(data, at, NULL, NULL) && is_bare_from(data, at);
}

/*
 * Some programs write "From -" or "From user@host" without a date. Such lines are believed (may_be_loose) when the
 * first line of the data is one, and then only with a field behind them.
 */
static bool from_at(struct sv data, size_t at, bool may_be_loose, struct sv *sender, int64_t *epoch)
{
	if (is_dated_from(data, at, sender, epoch))
		return true;
	if (!may_be_loose || !is_bare_from(data, at) || !is_loose(data))
		return false;
	if (sender)
		*sender = sv_trim(sv_from(sv_make(data.p + at, line_length(data, at)), FROM_LEN));
	if (epoch)
		*epoch = -1;
	return true;
}

bool mbox_is_mbox(struct sv data)
{
	size_t at = skip_empty_lines(data, 0);

	return at >= data.len || is_dated_from(data, at, NULL, NULL) || is_bare_from(data, at);
}

/* Content-Length of the header that starts at; *body gets where the body begins. False when
 * there is none. */
static bool content_length(struct sv data, size_t at, size_t *body, uint64_t *length)
{
	bool found = false;

	while (at < data.len && !is_empty_line(data, at)) {
		struct sv line = sv_make(data.p + at, line_length(data, at));

		if ((line.p[0] | 32) == 'c' && sv_starts_case(line, SV("Content-Length:")))
			found = sv_u64(sv_trim(sv_from(line, 15)), length) || found;
		if (from_at(data, at, false, NULL, NULL))
			return false;
		at += line.len;
	}
	*body = at + (at < data.len ? line_length(data, at) : 0);
	return found;
}

/* The end that Content-Length promises, when a From line or the end of the data stands there. */
static bool end_by_length(struct sv data, size_t at, size_t *end, size_t *next)
{
	uint64_t length;
	size_t body, stop, from;

	if (!content_length(data, at, &body, &length) || length > data.len - body)
		return false;
	stop = body + (size_t)length;
	from = skip_empty_lines(data, stop);
	/* Not in the middle of a line that happens to go on with "From ". */
	if (from < data.len && from == stop && data.p[stop - 1] != '\n')
		return false;
	*end = stop;
	*next = from;
	return from >= data.len || from_at(data, from, true, NULL, NULL);
}

static bool after_empty_line(struct sv data, size_t at)
{
	if (at < 2 || data.p[at - 2] == '\n')
		return true;
	return at >= 3 && data.p[at - 2] == '\r' && data.p[at - 3] == '\n';
}

/* The line is the one that the mailbox begins with, byte by byte. */
static bool is_first_again(struct sv data, size_t line)
{
	size_t first = skip_empty_lines(data, 0);

	return sv_eq(sv_make(data.p + line, line_length(data, line)),
		sv_make(data.p + first, line_length(data, first)));
}

/*
 * Is the From line at `line` a separator? Without an empty line before it a field must follow, and one
 * without a date must look like all the others.
 */
static bool separates(struct sv data, size_t line)
{
	if (after_empty_line(data, line))
		return from_at(data, line, true, NULL, NULL);
	return is_field(data, line + line_length(data, line)) &&
	       from_at(data, line, is_first_again(data, line), NULL, NULL);
}

/* Moves *at to the next "From " behind a line end. */
static bool next_from(struct sv data, size_t *at)
{
	ptrdiff_t hit = sv_find_line(sv_from(data, *at), SV("From "));

	if (hit >= 0)
		*at += (size_t)hit;
	return hit >= 0;
}

/* The next separator behind a line end. */
static void end_by_from(struct sv data, size_t at, size_t *end, size_t *next)
{
	while (next_from(data, &at)) {
		if (separates(data, at)) {
			*end = *next = at;
			return;
		}
	}
	*end = *next = data.len;
}

/* Without the empty line that the format puts behind a message. */
static size_t without_empty_line(struct sv data, size_t start, size_t end)
{
	if (end >= start + 2 && data.p[end - 1] == '\n' && data.p[end - 2] == '\n')
		return end - 1;
	if (end >= start + 4 && memcmp(data.p + end - 4, "\r\n\r\n", 4) == 0)
		return end - 2;
	return end;
}

bool mbox_next(struct sv data, size_t *at, struct mbox_entry *out)
{
	struct mbox_entry e;
	size_t end;

	*at = skip_empty_lines(data, *at);
	if (*at >= data.len)
		return false;
	e.from_at = *at;
	if (!from_at(data, *at, true, &e.sender, &e.received)) {
		end_by_from(data, *at, &end, &e.from_at);
		if (!from_at(data, e.from_at, true, &e.sender, &e.received)) {
			*at = data.len;
			return false;
		}
	}
	e.at = e.from_at + line_length(data, e.from_at);
	if (!end_by_length(data, e.at, &end, &e.next_at)) {
		/* One byte back: a From line may come right behind this one. */
		end_by_from(data, e.at - 1, &end, &e.next_at);
		end = without_empty_line(data, e.at, end);
	}
	e.len = end - e.at;
	*at = e.next_at;
	*out = e;
	return true;
}

bool mbox_resync(struct sv data, size_t from, size_t *at)
{
	if (from == 0) {
		*at = skip_empty_lines(data, 0);
		return from_at(data, *at, false, NULL, NULL);
	}
	while (next_from(data, &from)) {
		if (after_empty_line(data, from) && from_at(data, from, false, NULL, NULL) &&
			is_field(data, from + line_length(data, from))) {
			*at = from;
			return true;
		}
	}
	return false;
}

bool mbox_add_from_line(struct str *out, struct sv sender, int64_t epoch)
{
	char date[DATE_TEXT_MAX];
	size_t i, start;

	if (!str_adds(out, "From "))
		return false;
	start = out->len;
	if (!(sender.len > 0 ? str_add(out, sender) : str_adds(out, "MAILER-DAEMON")))
		return false;
	for (i = start; i < out->len; i++)
		if ((unsigned char)out->s[i] <= ' ' || out->s[i] == 0x7f)
			out->s[i] = '-';
	return str_addf(out, " %s\n", date_mbox(date, epoch));
}

/* >*From */
static bool is_quoted_from(struct sv line, size_t least)
{
	size_t n = 0;

	while (n < line.len && line.p[n] == '>')
		n++;
	return n >= least && sv_starts(sv_from(line, n), SV("From "));
}

bool mbox_add_message(struct str *out, struct sv message)
{
	bool first = true;

	while (message.len > 0) {
		size_t n = line_length(message, 0);
		struct sv line = sv_head(message, n);
		size_t keep = n >= 2 && line.p[n - 1] == '\n' && line.p[n - 2] == '\r' ? n - 2 : n;

		message = sv_from(message, n);
		/* A From line at the top is the envelope of the mbox that it came from. */
		if (first && sv_starts(line, SV("From ")) && mbox_is_from(line, NULL, NULL))
			continue;
		first = false;
		if (is_quoted_from(line, 0) && !str_addc(out, '>'))
			return false;
		if (!str_add(out, sv_head(line, keep)) || (keep < n && !str_addc(out, '\n')))
			return false;
	}
	if (out->len > 0 && out->s[out->len - 1] != '\n' && !str_addc(out, '\n'))
		return false;
	return str_addc(out, '\n');
}

bool mbox_unescape(struct str *out, struct sv message)
{
	while (message.len > 0) {
		size_t n = line_length(message, 0);
		struct sv line = sv_head(message, n);

		if (line.p[0] == '>' && is_quoted_from(line, 1))
			line = sv_from(line, 1);
		if (!str_add(out, line))
			return false;
		message = sv_from(message, n);
	}
	return true;
}
