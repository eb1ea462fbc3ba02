/*
 * Plain text to lines: quotes, signatures, patches, links, escapes, flowed.
 */
#include "render/calendar.h"
#include "render/report.h"
#include "render/vcard.h"
#include "render/enriched.h"
#include "render/plain.h"
#include "tests/unit/t.h"

static struct rx *quote, *smileys;

static int setup(void **state)
{
	struct err e;

	(void)state;
	quote = rx_new("^([ \t]*[|>:}#])+", 0, &e);
	smileys = rx_new("(>From )|(:[-^]?[][)(><}{|/DP])", 0, &e);
	return !quote || !smileys;
}

static int teardown(void **state)
{
	(void)state;
	rx_free(quote);
	rx_free(smileys);
	return 0;
}

static struct doc *doc_of(const char *text, struct plain_opts o)
{
	struct doc_build *b = doc_build_new();

	o.quote = quote;
	o.smileys = smileys;
	plain_render(b, sv_of(text), &o);
	return doc_build_finish(b);
}

#define PLAIN ((struct plain_opts){.width = 40, .smart = true, .links = true, .colors = true})

static void check(const struct doc *d, const char *want, const char *row)
{
	struct str text;

	str_init(&text, 1 << 20);
	doc_text(d, 0, d->line_count, &text);
	t_streq(text.len ? text.s : "", want, row);
	str_fini(&text);
}

static void lines_come_out(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{"a\nb\n", "a\nb\n"},
		{"a\r\nb", "a\nb\n"},
		{"", ""},
		{"\n\na\n", "\n\na\n"},
		{"a\tb", "a       b\n"},
		{"aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee", "aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd\neeeeeeeee\n"},
		{"> aaaaaaaaa bbbbbbbbb ccccccccc ddddddddd eeeeeeeee", "> aaaaaaaaa bbbbbbbbb ccccccccc\n> ddddddddd eeeeeeeee\n"},
		{"\x1b[31mred\x1b[0m \x1b]0;title\x07x\x1b(By", "red xy\n"},
		{"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link\n"},
		{"\x1b", "\n"},
		{"_\bu b\bb x\by", "u b y\n"},
		{"\xe2\x80\xae" "evil", "evil\n"},
		{"\xc2\x9b" "31m", "\xef\xbf\xbd" "31m\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct doc *d = doc_of(rows[i].in, PLAIN);
		check(d, rows[i].want, rows[i].in);
		doc_free(d);
	}
}

static void lines_have_kinds(void **state)
{
	static const struct {
		const char *in;
		enum doc_kind kind;
		int quote;
		uint32_t line;
	} rows[] = {
		{"a", DOC_BODY, 0, 0}, {"> a", DOC_BODY, 1, 0}, {">> a", DOC_BODY, 2, 0}, {"> > a", DOC_BODY, 2, 0},
		{"| a", DOC_BODY, 1, 0}, {":-) a", DOC_BODY, 0, 0}, {">From here", DOC_BODY, 0, 0},
		{"a\n-- \nsig", DOC_SIGNATURE, 0, 1}, {"a\n-- \nsig", DOC_SIGNATURE, 0, 2}, {"a\n--\nsig", DOC_BODY, 0, 1},
		{"diff --git a/x b/x", DOC_DIFF_FILE, 0, 0}, {"--- a\n+++ b\n", DOC_DIFF_FILE, 0, 1},
		{"--- a\nb\n", DOC_BODY, 0, 0}, {"@@ -1,2 +1,2 @@ f\n a\n-b\n+c\nd", DOC_DIFF_HUNK, 0, 0},
		{"@@ -1,2 +1,2 @@ f\n a\n-b\n+c\nd", DOC_BODY, 0, 1}, {"@@ -1,2 +1,2 @@ f\n a\n-b\n+c\nd", DOC_DIFF_DEL, 0, 2},
		{"@@ -1,2 +1,2 @@ f\n a\n-b\n+c\nd", DOC_DIFF_ADD, 0, 3}, {"@@ -1,2 +1,2 @@ f\n a\n-b\n+c\n+d", DOC_BODY, 0, 4},
		{"@@ -1 +1 @@\n-b\n+c\n-- \n2.39", DOC_SIGNATURE, 0, 3}, {"+ not a patch", DOC_BODY, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct doc *d = doc_of(rows[i].in, PLAIN);
		if (d->lines[rows[i].line].kind != rows[i].kind || d->lines[rows[i].line].quote != rows[i].quote)
			fail_msg("%s: line %u is of kind %d, quote %d", rows[i].in, rows[i].line, d->lines[rows[i].line].kind,
				d->lines[rows[i].line].quote);
		doc_free(d);
	}
}

static void links_are_found(void **state)
{
	static const struct {
		const char *in, *url; /* NULL: none */
	} rows[] = {
		{"see http://x.org/a.", "http://x.org/a"}, {"(https://x.org/a_(b))", "https://x.org/a_(b)"},
		{"<https://x.org/?a=b&c>", "https://x.org/?a=b&c"}, {"www.x.org, ", "http://www.x.org"},
		{"mailto:a@b.c", "mailto:a@b.c"}, {"xhttp://x.org", NULL}, {"http://", NULL}, {"http", NULL},
		{"*https://x.org*", "https://x.org"}, {"HTTPS://X.org", "HTTPS://X.org"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct doc *d = doc_of(rows[i].in, PLAIN);
		if (!rows[i].url)
			assert_int_equal(d->link_count, 0);
		else if (d->link_count != 1)
			fail_msg("%s: %u links", rows[i].in, d->link_count);
		else
			t_streq(d->links[0].url, rows[i].url, rows[i].in);
		doc_free(d);
	}
}

static void escapes_can_be_kept(void **state)
{
	struct plain_opts o = PLAIN;
	struct doc *d;

	(void)state;
	o.ansi = true;
	d = doc_of("\x1b[1;31mred\x1b[0m plain \x1b[4mu\x1b[24m \x1b[38;2;255;0;0mx\x1b[m", o);
	check(d, "red plain u x\n", "sgr");
	assert_true(d->spans[0].style & DOC_BOLD && d->spans[0].fg);
	assert_true(d->spans[1].style == 0 && !d->spans[1].fg);
	assert_true(d->spans[2].style == DOC_UNDERLINE);
	doc_free(d);
}

static void markers_and_no_wrap(void **state)
{
	struct plain_opts o = PLAIN;
	struct doc *d;

	(void)state;
	o.markers = true;
	o.width = 10;
	d = doc_of("aaaa bbbb cccc dddd", o);
	check(d, "aaaa bbbb\n+cccc dddd\n", "markers");
	assert_true(d->lines[1].flags & DOC_LINE_CONT);
	doc_free(d);
	o.width = 0;
	d = doc_of("aaaa bbbb cccc dddd", o);
	check(d, "aaaa bbbb cccc dddd\n", "no wrap");
	doc_free(d);
}

static void flowed_text_flows(void **state)
{
	struct plain_opts o = PLAIN;
	struct doc *d;

	(void)state;
	o.flowed = true;
	o.space_quotes = true;
	o.flow_width = 20;
	d = doc_of("aaaa bbbb \ncccc dddd \neeee\nfixed\n> qqqq \n> rrrr\n>> s\n-- \nsig\n", o);
	check(d, "aaaa bbbb cccc dddd\neeee\nfixed\n> qqqq rrrr\n> > s\n-- \nsig\n", "flowed");
	assert_int_equal(d->lines[3].quote, 1);
	assert_int_equal(d->lines[4].quote, 2);
	assert_int_equal(d->lines[6].kind, DOC_SIGNATURE);
	doc_free(d);
}

static void enriched_becomes_html(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{"<bold>a</bold>", "<b>a</b>"},
		{"a<<b & c", "a&lt;b &amp; c"},
		{"a\nb\n\nc", "a\nb<br>c"},
		{"<color><param>red</param>a</color>", "<font color=\"red\">a</font>"},
		{"<color><param>0000,0000,ffff</param>a</color>", "<font color=\"#0000ff\">a</font>"},
		{"<color><param>\"></param>a</color>", "a</font>"},
		{"<fontfamily><param>times</param>a</fontfamily>", "a"},
		{"<nofill>a\nb</nofill>", "<pre>a\nb</pre>"},
		{"a < b", "a &lt; b"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str out;
		str_init(&out, 1000);
		assert_true(enriched_to_html(&out, sv_of(rows[i].in), false));
		t_streq(out.s, rows[i].want, rows[i].in);
		str_fini(&out);
	}
}

static void invitations_are_cards(void **state)
{
	static const char ics[] =
		"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Treffen\\, am\r\n  Donnerstag\r\n"
		"DTSTART;TZID=Europe/Berlin:20261126T140000\r\nDTEND;TZID=Europe/Berlin:20261126T150000\r\n"
		"LOCATION:Room 4\r\nORGANIZER;CN=\"Weiss, Joerg\":mailto:j@x.org\r\n"
		"ATTENDEE;PARTSTAT=ACCEPTED;CN=Ana:mailto:ana@x.org\r\nBEGIN:VALARM\r\nSUMMARY:no\r\nEND:VALARM\r\n"
		"DESCRIPTION:one\\ntwo\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
	struct doc_build *b = doc_build_new();
	const char *summary = "";

	(void)state;
	assert_true(calendar_render(b, sv_of(ics), 0, 72, 0, &summary));
	assert_string_equal(summary, "Thu 26 Nov 14:00");
	struct doc *d = doc_build_finish(b);
	check(d, " Invitation: Treffen, am Donnerstag\n"
		"       When: Thu 26 Nov 2026 14:00 - 15:00 (Europe/Berlin)\n"
		"      Where: Room 4\n"
		"  Organizer: Weiss, Joerg <j@x.org>\n"
		"        Who: Ana <ana@x.org> (accepted)\n"
		"\n"
		"             one\n"
		"             two\n", "card");
	doc_free(d);
	b = doc_build_new();
	assert_false(calendar_render(b, SV("BEGIN:VCALENDAR\nEND:VCALENDAR\n"), 0, 72, 0, NULL));
	doc_build_free(b);
}

static void repetition_is_said_in_words(void **state)
{
	static const struct {
		const char *rule, *words;
	} rows[] = {
		{"FREQ=DAILY", "every day"},
		{"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;UNTIL=20261231T230000Z", "every 2 weeks on Mon, Wed until 31 Dec 2026"},
		{"FREQ=MONTHLY;BYDAY=-1FR;COUNT=10", "every month on the last Fri, 10 times"},
		{"FREQ=MONTHLY;BYMONTHDAY=15;WKST=MO", "every month on day 15"},
		{"FREQ=YEARLY;BYSETPOS=1;BYDAY=MO", "FREQ=YEARLY\nBYSETPOS=1\nBYDAY=MO"},
		{"FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY\nBYDAY=XX"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char ics[400], want[200];
		snprintf(ics, sizeof(ics), "BEGIN:VEVENT\nSUMMARY:x\nRRULE:%s\nEND:VEVENT\n", rows[i].rule);
		snprintf(want, sizeof(want), "      Event: x\n    Repeats: %s\n",
			strchr(rows[i].words, '\n') ? rows[i].rule : rows[i].words);
		struct doc_build *b = doc_build_new();
		assert_true(calendar_render(b, sv_of(ics), 0, 200, 0, NULL));
		struct doc *d = doc_build_finish(b);
		check(d, want, rows[i].rule);
		doc_free(d);
	}
}

static void contacts_are_cards(void **state)
{
	static const char vcf[] =
		"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lindholm;Ana;;Dr.;\r\nFN:Dr. Ana Lindholm\r\nORG:Example\\, Inc.;Sales\r\n"
		"item1.EMAIL;TYPE=INTERNET,work:ana@x.org\r\nEMAIL:ana@home.org\r\nTEL;WORK;FAX:+49 30 1234\r\n"
		"ADR;TYPE=home:;;Main St. 1;Berlin;;10115;Germany\r\nURL:https://x.org/ana\r\nPHOTO;ENCODING=b:AAAA\r\n"
		"NOTE:one\\ntwo \x1b[31mred\r\nEND:VCARD\r\n"
		"BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=\n=F6rg\nEND:VCARD\n";
	struct doc_build *b = doc_build_new();
	const char *summary = "";

	(void)state;
	assert_true(vcard_render(b, sv_of(vcf), 72, 0, &summary));
	assert_string_equal(summary, "Dr. Ana Lindholm");
	struct doc *d = doc_build_finish(b);
	check(d, "    Contact: Dr. Ana Lindholm\n"
		"    Company: Example, Inc., Sales\n"
		"       Mail: ana@x.org (work)\n"
		"             ana@home.org\n"
		"      Phone: +49 30 1234 (work, fax)\n"
		"    Address: Main St. 1\n"
		"             10115 Berlin\n"
		"             Germany (home)\n"
		"        Web: https://x.org/ana\n"
		"       Note: one\n"
		"             two red\n"
		"\n"
		"    Contact: J\xc3\xb6rg M\xc3\xbcller\n", "contacts");
	assert_int_equal(d->link_count, 1);
	doc_free(d);
	b = doc_build_new();
	assert_false(vcard_render(b, SV("BEGIN:VCARD\nFN:x\n"), 72, 0, NULL));
	doc_build_free(b);
}

static void reports_are_in_plain_words(void **state)
{
	static const struct {
		const char *type, *in, *want;
	} rows[] = {
		{"message/delivery-status",
			"Reporting-MTA: dns; mx.x.org\nArrival-Date: Tue, 24 Nov 2026 10:00:00 +0100\n\n"
			"Final-Recipient: rfc822; bob@y.org\nOriginal-Recipient: rfc822;info@x.org\nAction: failed\nStatus: 5.1.1\n"
			"Remote-MTA: dns; mx.y.org\nDiagnostic-Code: smtp; 550 5.1.1 <bob@y.org>:\n    User unknown\n\n"
			"Final-Recipient: rfc822; eve@y.org\nAction: delayed\nStatus: 4.4.1 (no answer)\nWill-Retry-Until: Fri\n",
			"Undelivered: info@x.org\n"
			"    that is: bob@y.org\n"
			"    Because: there is no such mailbox\n"
			"             550 5.1.1 <bob@y.org>: User unknown\n"
			"    Said by: mx.y.org\n"
			"\n"
			"    Delayed: eve@y.org\n"
			"    Because: the mail server does not answer\n"
			"Tried until: Fri\n"
			"\n"
			"Reported by: mx.x.org\n"
			"       Sent: Tue, 24 Nov 2026 10:00:00 +0100\n"},
		{"message/disposition-notification",
			"Reporting-UA: feist\nFinal-Recipient: rfc822; bob@y.org\nOriginal-Message-ID: <1@x>\n"
			"Disposition: manual-action/MDN-sent-manually; displayed\n",
			"  Displayed: bob@y.org\n"
			"             (shown on a screen; whether it was read, nobody knows)\n"
			"    Message: <1@x>\n"
			"    Program: feist\n"},
		{"message/disposition-notification",
			"Final-Recipient: rfc822; bob@y.org\nDisposition: automatic-action/MDN-sent-automatically; deleted\n",
			"    Deleted: bob@y.org\n"
			"             (by a program, not by the recipient)\n"},
		{"message/feedback-report", "Feedback-Type: abuse\nVersion: 1\nSource-IP: 192.0.2.1\n",
			"  Complaint: abuse\n  Came from: 192.0.2.1\n"},
	};
	static const char *const others[][2] = {{"message/delivery-status", "what is this?\n"},
		{"message/delivery-status", ""}, {"message/disposition-notification", "Subject: x\n"},
		{"message/tracking-status", "Final-Recipient: rfc822; x\n"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct doc_build *b = doc_build_new();
		assert_true(report_render(b, rows[i].type, sv_of(rows[i].in), 72, 0));
		struct doc *d = doc_build_finish(b);
		check(d, rows[i].want, rows[i].type);
		doc_free(d);
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		struct doc_build *b = doc_build_new();
		assert_false(report_render(b, others[i][0], sv_of(others[i][1]), 72, 0));
		doc_build_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_out),
		cmocka_unit_test(lines_have_kinds),
		cmocka_unit_test(links_are_found),
		cmocka_unit_test(escapes_can_be_kept),
		cmocka_unit_test(markers_and_no_wrap),
		cmocka_unit_test(flowed_text_flows),
		cmocka_unit_test(enriched_becomes_html),
		cmocka_unit_test(invitations_are_cards),
		cmocka_unit_test(repetition_is_said_in_words),
		cmocka_unit_test(contacts_are_cards),
		cmocka_unit_test(reports_are_in_plain_words),
	};
	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}
