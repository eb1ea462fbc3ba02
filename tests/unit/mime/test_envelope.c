#include "mime/envelope.h"

#include "tests/unit/t.h"

static void fields_are_found(void **state)
{
	struct arena *arena = arena_new();
	struct headers h;

	(void)state;
	headers_parse(arena,
		SV("From x@y Sat Jan  3 01:05:34 1996\nSubject: one\n two\nTO : a@b\nbad line\nto: "
		   "c@d\n\nbody"),
		&h);
	assert_int_equal(h.count, 3);
	assert_true(h.bad_line);
	assert_true(sv_is(h.list[0].raw, " one\n two"));
	assert_true(sv_is(h.list[1].name, "TO"));
	assert_ptr_equal(headers_find(&h, "To"), &h.list[1]);
	assert_ptr_equal(headers_last(&h, "To"), &h.list[2]);
	assert_null(headers_find(&h, "Cc"));
	assert_true(sv_is(headers_raw(&h, "subject"), "one\n two"));
	assert_string_equal(header_text_in(arena, h.list[0].raw, NULL), "one two");
	assert_int_equal(h.list[2].at + h.list[2].len + 1, h.body_at);
	arena_free(arena);
}

static void the_envelope_is_read(void **state)
{
	static const char text[] =
		"Date: Fri, 21 Nov 1997 09:55:06 -0600\nFrom: Ann <ann@x.test>\nTo: b@x.test\nTo: "
		"c@x.test\n"
		"Subject: =?utf-8?Q?caf=C3=A9?=\nSubject: second\nMessage-ID: <1@x.test>\n"
		"In-Reply-To: Your message of Monday <0@x.test>\nReferences: "
		"<a@x.test>\n\t<0@x.test> <a@x.test> junk\n"
		"List-Id: The List <list.x.test>\nList-Post: <mailto:list@x.test> (open)\n"
		"List-Unsubscribe: <https://x.test/u?\n id=1>, "
		"<mailto:u@x.test>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
		"X-Mailer: old\nUser-Agent: second\n\n";
	struct arena *arena = arena_new();
	struct envelope env;
	struct headers h;

	(void)state;
	headers_parse(arena, SV(text), &h);
	envelope_parse(arena, &h, NULL, &env);
	assert_true(env.has_date && env.date.epoch == 880127706 && env.date.tz_minutes == -360);
	assert_string_equal(env.from.list[0].name, "Ann");
	assert_int_equal(env.to.count, 2);
	assert_string_equal(env.subject, "café");
	assert_string_equal(env.message_id, "<1@x.test>");
	assert_int_equal(env.in_reply_to.count, 1);
	assert_string_equal(env.in_reply_to.ids[0], "<0@x.test>");
	assert_int_equal(env.references.count, 2);
	assert_string_equal(env.references.ids[1], "<0@x.test>");
	assert_string_equal(env.list_post, "mailto:list@x.test");
	assert_int_equal(env.n_list_unsubscribe, 2);
	assert_string_equal(env.list_unsubscribe[0], "https://x.test/u?id=1");
	assert_true(env.list_unsubscribe_one_click);
	assert_string_equal(env.user_agent, "old");
	assert_string_equal(env.x_label, "");
	arena_free(arena);
}

static void an_empty_header_is_an_empty_envelope(void **state)
{
	struct arena *arena = arena_new();
	struct envelope env;
	struct headers h;

	(void)state;
	headers_parse(arena, SV(""), &h);
	envelope_parse(arena, &h, NULL, &env);
	assert_false(env.has_date || env.has_subject);
	assert_string_equal(env.message_id, "");
	assert_int_equal(env.from.count, 0);
	arena_free(arena);
}

static void ids_are_picked_out(void **state)
{
	static const struct {
		const char *raw, *ids;
	} rows[] = {
		{"<a@b>", "<a@b>"},
		{"<a@b><c@d>", "<a@b><c@d>"},
		{"<a@\n b>,<c@d>", "<a@b><c@d>"},
		{"no id", ""},
		{"<open <a@b>", "<a@b>"},
		{"<>", ""},
		{"<a@b> <a@b>", "<a@b>"},
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *arena = arena_new();
		struct msgid_list list;
		struct str s;

		str_init(&s, 1000);
		msgid_list_parse(arena, sv_of(rows[i].raw), &list);
		for (k = 0; k < list.count; k++)
			str_adds(&s, list.ids[k]);
		t_streq(s.s ? s.s : "", rows[i].ids, rows[i].raw);
		str_fini(&s);
		arena_free(arena);
	}
}

static void references_stay_short(void **state)
{
	struct arena *arena = arena_new();
	struct msgid_list parent, none = {0}, single, out;
	struct str s;
	int i;

	(void)state;
	str_init(&s, 10000);
	for (i = 0; i < 100; i++)
		str_addf(&s, "<%d@x> ", i);
	msgid_list_parse(arena, str_sv(&s), &parent);
	msgid_reply_refs(arena, &parent, &none, "<new@x>", &out);
	assert_int_equal(out.count, MSGID_REFERENCES_MAX);
	assert_string_equal(out.ids[0], "<0@x>");
	assert_string_equal(out.ids[1], "<52@x>");
	assert_string_equal(out.ids[out.count - 1], "<new@x>");
	msgid_list_parse(arena, SV("<up@x>"), &single);
	msgid_reply_refs(arena, &none, &single, "<new@x>", &out);
	assert_int_equal(out.count, 2);
	assert_string_equal(out.ids[0], "<up@x>");
	str_fini(&s);
	arena_free(arena);
}

static void subjects_lose_their_prefixes(void **state)
{
	static const char *const rows[][2] = {
		{"Re: x", "x"},
		{"RE: Aw: Re[2]: Re^3: x", "x"},
		{"Fwd: x", "Fwd: x"},
		{"Reply: x", "Reply: x"},
		{"Re:", ""},
		{"[list] Re: x", "[list] Re: x"},
	};
	bool reply;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(sv_is(envelope_base_subject(sv_of(rows[i][0]), &reply), rows[i][1]));
		assert_int_equal(reply, strcmp(rows[i][0], rows[i][1]) != 0);
	}
}

/* Bytes over 127 in a header are most likely in the character set of the body. */
static void bytes_are_read_as_those_of_the_body(void **state)
{
	static const struct {
		const char *ctype, *assumed, *want;
	} rows[] = {
		{"text/plain; charset=windows-1250", NULL, "kůň"},
		{"text/plain; charset=utf-8", NULL, "kùò"},
		{"multipart/mixed; boundary=b", NULL, "kùò"},
		{"text/plain; charset=nonsense", NULL, "kùò"},
		{"text/plain; charset=windows-1250", "koi8-r", "kЫР"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *arena = arena_new();
		struct charset_rules rules = {.assumed = rows[i].assumed};
		struct headers h;
		struct envelope env;

		headers_parse(arena, sv_of(arena_printf(arena, "Subject: k\xf9\xf2\nContent-Type: %s\n\n", rows[i].ctype)), &h);
		envelope_parse(arena, &h, &rules, &env);
		t_streq(env.subject, rows[i].want, rows[i].ctype);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_read_as_those_of_the_body),
		cmocka_unit_test(fields_are_found),
		cmocka_unit_test(the_envelope_is_read),
		cmocka_unit_test(an_empty_header_is_an_empty_envelope),
		cmocka_unit_test(ids_are_picked_out),
		cmocka_unit_test(references_stay_short),
		cmocka_unit_test(subjects_lose_their_prefixes),
	};

	return t_run(tests);
}
