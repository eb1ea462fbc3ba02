/*
 * Reports: groups of header fields, the first about the message, the others about one recipient each
 * (RFC 3464 section 2). Shown is what the reader asks: did it arrive, and if not, why.
 */
#include "render/report.h"

#include "mime/header.h"
#include "render/card.h"
#include "text/utf8.h"

#define VALUE_MAX 8192

struct report {
	struct card card;
	struct arena *arena;
	struct str raw, out; /* working space of one row */
};

/* ---- fields ---- */

static struct sv field(const struct headers *h, const char *name)
{
	return sv_trim(headers_raw(h, name));
}

/* "rfc822; ana@example.org", "dns;mx.example.org", "smtp; 550 no": what stands behind the kind. */
static struct sv without_kind(struct sv value)
{
	ptrdiff_t at = sv_chr(value, ';');

	return sv_trim(at < 0 ? value : sv_from(value, (size_t)at + 1));
}

static struct sv typed_field(const struct headers *h, const char *name)
{
	return without_kind(field(h, name));
}

/* Folds and what they were indented with are one blank. */
static void row(struct report *r, const char *label, struct sv value)
{
	str_clear(&r->raw);
	str_clear(&r->out);
	header_text(&r->raw, utf8_head(value, VALUE_MAX), NULL);
	for (size_t i = 0; i < r->raw.len; i++) {
		bool blank = ascii_is_space((unsigned char)r->raw.s[i]);
		if (!blank || (r->out.len && r->out.s[r->out.len - 1] != ' '))
			str_addc(&r->out, blank ? ' ' : r->raw.s[i]);
	}
	card_row(&r->card, label, str_sv(&r->out));
}

/* The first group of fields; text moves on to the next. False at the end. */
static bool next_group(struct report *r, struct sv *text, struct headers *h)
{
	struct sv line, group;

	while (text->len && (text->p[0] == '\n' || text->p[0] == '\r'))
		*text = sv_from(*text, 1);
	if (!text->len)
		return false;
	group = *text;
	while (sv_line(text, &line) && sv_trim(line).len)
		;
	headers_parse(r->arena, sv_head(group, group.len - text->len), h);
	return true;
}

/* ---- delivery (RFC 3464) ---- */

/* What the enhanced status codes of RFC 3463, RFC 5248 and their registry say to people. */
static const struct {
	const char *code, *words;
} status_words[] = {
	{"1.0", "there is something wrong with the address"},
	{"1.1", "there is no such mailbox"},
	{"1.2", "there is no such mail domain"},
	{"1.3", "the address is malformed"},
	{"1.4", "the address is ambiguous"},
	{"1.6", "the mailbox has moved"},
	{"1.7", "the sender's address is malformed"},
	{"1.8", "the sender's domain does not exist"},
	{"1.10", "the domain accepts no mail"},
	{"2.1", "the mailbox is switched off"},
	{"2.2", "the mailbox is full"},
	{"2.3", "the message is too big for the mailbox"},
	{"2.4", "the mailing list could not be expanded"},
	{"3.1", "the mail server has no room left"},
	{"3.2", "the mail server takes no mail at the moment"},
	{"3.3", "the mail server cannot do what the message needs"},
	{"3.4", "the message is too big for the mail server"},
	{"3.5", "the mail server is not set up right"},
	{"4.1", "the mail server does not answer"},
	{"4.2", "the connection to the mail server broke"},
	{"4.3", "the name service does not answer"},
	{"4.4", "there is no way to the mail server"},
	{"4.5", "the mail server is too busy"},
	{"4.6", "the message went round in circles"},
	{"4.7", "it could not be delivered in time"},
	{"5.3", "there were too many recipients"},
	{"6.1", "the recipient's system does not take this kind of content"},
	{"7.0", "the mail server refuses it"},
	{"7.1", "the mail server refuses it"},
	{"7.2", "the mailing list does not take mail from this sender"},
	{"7.7", "the message was damaged on its way"},
	{"7.20", "it has no valid DKIM signature"},
	{"7.21", "it has no acceptable DKIM signature"},
	{"7.22", "its DKIM signature is of another domain than its author"},
	{"7.23", "the sender's domain does not let it come from there (SPF)"},
	{"7.24", "the sender's domain could not be checked (SPF)"},
	{"7.25", "the sending server has no name in the DNS"},
	{"7.26", "it passed none of the checks of its sender (SPF, DKIM)"},
	{"7.27", "the sender's domain accepts no mail"},
	{"7.28", "the recipient gets too much mail at once"},
};

static const char *words_of_status(struct sv status)
{
	struct sv code = status;

	/* "5.1.1 (no such user)": the class stands in the title, comments are for programs */
	if (code.len < 2 || code.p[1] != '.')
		return "";
	code = sv_from(code, 2);
	for (size_t i = 0; i < code.len; i++)
		if (!ascii_is_digit((unsigned char)code.p[i]) && code.p[i] != '.')
			code.len = i;
	for (size_t i = 0; i < ARRAY_LEN(status_words); i++)
		if (sv_is(code, status_words[i].code))
			return status_words[i].words;
	return "";
}

static const char *title_of_action(struct sv action, struct sv status)
{
	static const struct {
		const char *action, *title;
	} titles[] = {{"failed", "Undelivered:"}, {"delayed", "Delayed:"}, {"delivered", "Delivered:"},
		{"relayed", "Passed on:"}, {"expanded", "Passed on:"}};

	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		if (sv_starts_case(action, sv_of(titles[i].action)))
			return titles[i].title;
	if (sv_starts(status, SV("5.")))
		return titles[0].title;
	return sv_starts(status, SV("4.")) ? titles[1].title : "Recipient:";
}

static void put_recipient(struct report *r, const struct headers *h)
{
	struct sv status = field(h, "Status"), final = typed_field(h, "Final-Recipient"),
		  first = typed_field(h, "Original-Recipient");
	const char *words = words_of_status(status);

	if (!first.len)
		first = final;
	row(r, title_of_action(field(h, "Action"), status), first);
	if (final.len && !sv_eq_case(first, final))
		row(r, "that is:", final);
	row(r, "Because:", sv_of(words));
	struct sv said = typed_field(h, "Diagnostic-Code");
	row(r, words[0] ? "" : "Because:", said.len ? said : words[0] ? SV("") : status);
	row(r, "Said by:", typed_field(h, "Remote-MTA"));
	row(r, "Last try:", field(h, "Last-Attempt-Date"));
	row(r, "Tried until:", field(h, "Will-Retry-Until"));
}

static bool delivery(struct report *r, struct sv text)
{
	struct headers about, h;
	int recipients = 0, more = 0;

	if (!next_group(r, &text, &about))
		return false;
	/* Some programs leave out what is about the message. */
	bool first = typed_field(&about, "Final-Recipient").len > 0;
	h = about;
	while (first || next_group(r, &text, &h)) {
		first = false;
		if (!typed_field(&h, "Final-Recipient").len && !typed_field(&h, "Original-Recipient").len)
			continue;
		if (recipients == REPORT_RECIPIENTS_MAX) {
			more++;
			continue;
		}
		if (recipients++)
			card_gap(&r->card);
		put_recipient(r, &h);
	}
	if (!recipients)
		return false;
	card_gap(&r->card);
	if (more) {
		str_clear(&r->out);
		str_addf(&r->out, "%d more", more);
		card_row(&r->card, "and", str_sv(&r->out));
	}
	row(r, "Reported by:", typed_field(&about, "Reporting-MTA"));
	row(r, "Sent:", field(&about, "Arrival-Date"));
	return true;
}

/* ---- reading (RFC 8098) ---- */

static const char *title_of_disposition(struct sv what)
{
	static const struct {
		const char *what, *title;
	} titles[] = {{"displayed", "Displayed:"}, {"deleted", "Deleted:"}, {"dispatched", "Passed on:"},
		{"processed", "Processed:"}, {"denied", "No answer:"}, {"failed", "Failed:"}};

	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		if (sv_starts_case(what, sv_of(titles[i].what)))
			return titles[i].title;
	return "Seen:";
}

static bool disposition(struct report *r, struct sv text)
{
	struct headers h;

	if (!next_group(r, &text, &h))
		return false;
	struct sv how = field(&h, "Disposition"), what = without_kind(how),
		  who = typed_field(&h, "Final-Recipient");
	if (!how.len)
		return false;
	row(r, title_of_disposition(what), who.len ? who : typed_field(&h, "Original-Recipient"));
	if (sv_starts_case(how, SV("automatic-action")))
		card_row(&r->card, "", SV("(by a program, not by the recipient)"));
	else if (sv_starts_case(what, SV("displayed")))
		card_row(&r->card, "", SV("(shown on a screen; whether it was read, nobody knows)"));
	row(r, "Message:", field(&h, "Original-Message-ID"));
	row(r, "Error:", field(&h, "Error"));
	row(r, "Failure:", field(&h, "Failure"));
	row(r, "Warning:", field(&h, "Warning"));
	row(r, "Program:", field(&h, "Reporting-UA"));
	return true;
}

/* ---- complaints (RFC 5965) ---- */

static bool complaint(struct report *r, struct sv text)
{
	struct headers h;

	if (!next_group(r, &text, &h) || !field(&h, "Feedback-Type").len)
		return false;
	row(r, "Complaint:", field(&h, "Feedback-Type"));
	row(r, "Sender:", field(&h, "Original-Mail-From"));
	row(r, "Recipient:", field(&h, "Original-Rcpt-To"));
	row(r, "Came from:", field(&h, "Source-IP"));
	row(r, "Checks:", field(&h, "Authentication-Results"));
	row(r, "Arrived:", field(&h, "Arrival-Date"));
	row(r, "Program:", field(&h, "User-Agent"));
	return true;
}

bool report_render(struct doc_build *doc, const char *type, struct sv text, int width, unsigned part)
{
	static const struct {
		const char *type;
		bool (*render)(struct report *, struct sv);
	} kinds[] = {
		{"message/delivery-status", delivery},
		{"message/global-delivery-status", delivery},
		{"message/disposition-notification", disposition},
		{"message/global-disposition-notification", disposition},
		{"message/feedback-report", complaint},
	};
	struct report r = {.arena = NULL};
	bool ok = false;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(type, kinds[i].type) != 0)
			continue;
		r.arena = arena_new();
		card_init(&r.card, doc, width, part);
		str_init(&r.raw, CARD_TEXT_MAX);
		str_init(&r.out, CARD_TEXT_MAX);
		ok = kinds[i].render(&r, text);
		str_fini(&r.raw);
		str_fini(&r.out);
		card_fini(&r.card);
		arena_free(r.arena);
	}
	return ok;
}
