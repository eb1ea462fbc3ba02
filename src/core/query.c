#include "core/query.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/gettext.h"
#include "core/pattern.h"
#include "text/url.h"

/* ---- notmuch ---- */

static const struct {
	const char *tag, *pattern;
} tags[] = {{"unread", "~U"}, {"flagged", "~F"}, {"replied", "~Q"}, {"draft", "~A"}, {"inbox", "~A"},
	{"attachment", "~X 1-"}, {"signed", "~g"}, {"encrypted", "~G"}};

static const struct {
	const char *prefix, *pattern;
} prefixes[] = {{"from:", "~f"}, {"to:", "~C"}, {"subject:", "~s"}, {"id:", "~i"}, {"tag:", NULL}, {"is:", NULL},
	{"attachment:", "~h"}, {"body:", "~b"}};

/* A word or "a phrase", without its quotes. */
static struct sv take_word(struct scan *in)
{
	if (!scan_byte(in, '"'))
		return scan_until(in, " \t()");
	struct sv word = scan_until(in, "\"");

	(void)scan_byte(in, '"');
	return word;
}

/* As a term on a text, which means itself and no expression. */
static bool add_term(struct str *out, const char *pattern, struct sv word)
{
	bool ok = str_addf(out, "=%s \"", pattern + 1);

	for (size_t i = 0; ok && i < word.len; i++) {
		if (word.p[i] == '"' || word.p[i] == '\\')
			ok = str_addc(out, '\\');
		ok = ok && str_addc(out, (char)ascii_lower(word.p[i]));
	}
	return ok && str_adds(out, "\" ");
}

static bool add_tag(struct str *out, struct sv tag)
{
	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		if (sv_is(tag, tags[i].tag))
			return str_addf(out, "%s ", tags[i].pattern);
	}
	return add_term(out, "~Y", tag);
}

static bool take_notmuch_term(struct scan *in, struct str *out, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		if (!scan_lit(in, prefixes[i].prefix))
			continue;
		struct sv word = take_word(in);

		return prefixes[i].pattern ? add_term(out, prefixes[i].pattern, word) : add_tag(out, word);
	}
	bool quoted = scan_peek(in) == '"';
	struct sv word = take_word(in);
	ptrdiff_t colon = sv_chr(word, ':');

	if (!quoted && colon > 0)
		return err_set(e, ERR_INPUT, _("a pattern cannot say %.*s"), SV_ARG(word));
	if (!quoted && sv_is(word, "*"))
		return str_adds(out, "~A ");
	return add_term(out, "~B", word);
}

static bool from_notmuch(struct sv text, struct str *out, struct err *e)
{
	struct scan in = scan_of(text);

	for (scan_wsp(&in); !scan_end(&in); scan_wsp(&in)) {
		struct sv word = scan_rest(&in);
		size_t n = 0;

		while (n < word.len && !ascii_is_space((unsigned char)word.p[n]) && !strchr("()\"", word.p[n]))
			n++;
		word = sv_head(word, n);
		bool ok = true, taken = true;

		if (sv_is_case(word, "and"))
			in.p += n;
		else if (sv_is_case(word, "or"))
			in.p += n, ok = str_adds(out, "| ");
		else if (sv_is_case(word, "not"))
			in.p += n, ok = str_addc(out, '!');
		else if (scan_byte(&in, '-'))
			ok = str_addc(out, '!');
		else if (scan_byte(&in, '('))
			ok = str_addc(out, '(');
		else if (scan_byte(&in, ')'))
			ok = str_adds(out, ") ");
		else
			taken = false;
		if (!taken)
			ok = take_notmuch_term(&in, out, e);
		if (!ok)
			return false;
	}
	return true;
}

/* ---- queries ---- */

/* The decoded value of query=. */
static bool query_of_url(struct sv url, struct str *out, struct err *e)
{
	ptrdiff_t mark = sv_chr(url, '?');
	struct sv rest = mark < 0 ? SV("") : sv_from(url, (size_t)mark + 1), field;

	while (sv_split(&rest, '&', &field)) {
		if (!sv_starts(field, SV("query=")))
			continue;
		field = sv_from(field, 6);
		return url_decode(out, field) || err_set(e, ERR_INPUT, _("not a query: %.*s"), SV_ARG(field));
	}
	return err_set(e, ERR_INPUT, _("no query in %.*s"), SV_ARG(url));
}

static bool take_scope(struct query *q, struct sv text)
{
	struct scan in = scan_of(text);
	struct sv word = scan_until(&in, " ");

	if (sv_is(word, "inboxes")) {
		q->inboxes = true;
	} else if (sv_starts(word, SV("account:")) && word.len > 8) {
		q->account = sv_dup(sv_from(word, 8));
	} else
		return false;
	q->pattern = sv_dup(sv_trim(scan_rest(&in)));
	return true;
}

bool query_parse(const char *text, struct query *out, struct err *e)
{
	struct sv given = sv_trim(sv_of(text));
	struct str plain;
	bool ok = true;

	memset(out, 0, sizeof(*out));
	str_init(&plain, PATTERN_TEXT_MAX);
	if (sv_starts_case(given, SV("notmuch:"))) {
		struct str notmuch;

		str_init(&notmuch, PATTERN_TEXT_MAX);
		ok = query_of_url(given, &notmuch, e) && from_notmuch(str_sv(&notmuch), &plain, e);
		str_fini(&notmuch);
	} else if (sv_starts_case(given, SV("feist:")))
		ok = query_of_url(given, &plain, e);
	else
		ok = str_add(&plain, given) || err_set(e, ERR_LIMIT, "pattern of more than %d bytes", PATTERN_TEXT_MAX);
	if (ok && !take_scope(out, str_sv(&plain)))
		out->pattern = sv_dup(sv_trim(str_sv(&plain)));
	str_fini(&plain);
	return ok;
}

void query_fini(struct query *q)
{
	free(q->account);
	free(q->pattern);
	memset(q, 0, sizeof(*q));
}
