/*
 * Which parts count as attachments: rules of the user's over shapes of messages, with the numbers that
 * mutt 2.2.12 gives for them.
 */
#include "core/parts.h"

#include "conf/rc.h"
#include "tests/unit/t.h"

/* Those of the Muttrc that comes with mutt. */
#define USUAL                                                                                      \
	"attachments +A */.*\nattachments -A text/x-vcard application/pgp.*\n"                         \
	"attachments -A application/x-pkcs7-.*\nattachments +I text/plain\n"                           \
	"attachments -A message/external-body\nattachments -I message/external-body\n"

static struct conf *with(const char *rules)
{
	struct conf *c = conf_new(CONF_MUTT);
	struct rc_opts opts = {.no_exec = true};
	struct rc *rc = rc_new(c, &opts);
	struct sv rest = sv_of(rules), line;
	struct err e;

	while (sv_line(&rest, &line))
		if (!rc_run(rc, "rules", line, &e))
			fail_msg("%s", e.text);
	rc_free(rc);
	return c;
}

static void mutt_counts_so(void **state)
{
	static const struct {
		const char *rules, *ctype, *shape;
		uint32_t want;
	} rows[] = {
		{"", "multipart/mixed", "m/mixed(t/plain,+a/pdf", 7},
		{USUAL, "text/plain", "", 0},
		{USUAL, "application/pdf", "", 0},
		{USUAL, "application/pdf", "+a/pdf", 1},
		{USUAL, "multipart/mixed", "", 7}, /* not known yet */
		{USUAL, "multipart/mixed", "m/mixed(t/plain,+a/pdf", 1},
		{USUAL, "multipart/mixed", "m/mixed(t/plain,a/pdf", 0},
		{USUAL, "multipart/mixed", "m/mixed(t/plain,t/plain,+a/pgp-keys", 1},
		{USUAL, "multipart/mixed", "m/mixed(+t/plain,+t/x-vcard,+e/external-body(+a/pdf", 1},
		{USUAL, "multipart/mixed", "m/mixed(m/alternative(t/plain,+a/pdf),+a/zip", 1},
		{USUAL "set count_alternatives\n", "multipart/mixed", "m/mixed(m/alternative(t/plain,+a/pdf),+a/zip", 2},
		/* what is in an attached message counts beside it */
		{USUAL, "multipart/mixed", "m/mixed(t/plain,+e/rfc822(m/mixed(t/plain,+i/png,t/plain", 3},
		{"attachments +I any\n", "multipart/mixed", "m/mixed(t/plain,e/rfc822(t/plain),i/png", 2},
		{"attachments +I multipart/.*\n", "multipart/mixed", "m/mixed(m/mixed(t/plain", 1},
		{"attachments +A image/(png|jpeg)\n", "multipart/mixed", "m/mixed(t/plain,+i/PNG,+i/gif,+i/jpeg", 2},
		/* an exclusion wins, wherever it stands */
		{"attachments -A image/png\nattachments +A image/.*\n", "multipart/mixed", "m/mixed(t/plain,+i/png", 0},
		{USUAL "unattachments *\n", "multipart/mixed", "m/mixed(t/plain,+a/pdf", 7},
		{USUAL "unattachments +A */.*\n", "multipart/mixed", "m/mixed(t/plain,+a/pdf,t/plain", 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct conf *c = with(rows[i].rules);
		struct msg_facts m = {
			.attachments = 7, .content_type = sv_of(rows[i].ctype), .shape = sv_of(rows[i].shape)};
		uint32_t got = parts_count(c, &m);
		if (got != rows[i].want)
			fail_msg("row %zu, %s: got %u, want %u", i, rows[i].shape, got, rows[i].want);
		conf_free(c);
	}
}

static void depth_has_an_end(void **state)
{
	struct conf *c = with("attachments +I any\n");
	struct str s;

	(void)state;
	str_init(&s, 65536);
	for (int i = 0; i < 5000; i++)
		str_adds(&s, "m/mixed(");
	str_adds(&s, "t/plain,i/png");
	struct msg_facts m = {.content_type = SV("multipart/mixed"), .shape = str_sv(&s)};
	assert_int_equal(parts_count(c, &m), PARTS_DEPTH_MAX - 1);
	str_fini(&s);
	conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutt_counts_so),
		cmocka_unit_test(depth_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
