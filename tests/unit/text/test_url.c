#include "text/url.h"

#include "tests/unit/t.h"
#include "text/mutf7.h"

static void same(const char *a, const char *b)
{
	assert_string_equal(a ? a : "(none)", b ? b : "(none)");
}

static void urls_are_split(void **state)
{
	static const struct {
		const char *text, *scheme, *user, *pass, *host;
		unsigned port;
		const char *path;
	} rows[] = {
		{"imaps://mail.example.org/INBOX", "imaps", NULL, NULL, "mail.example.org", 0,
			"INBOX"},
		{"IMAP://me:se%3Acret@host:143/a/b%20c", "imap", "me", "se:cret", "host", 143,
			"a/b c"},
		{"imap://me@example.org@host/", "imap", "me@example.org", NULL, "host", 0, ""},
		{"smtp://[::1]:2525", "smtp", NULL, NULL, "::1", 2525, NULL},
		{"pop://user@host", "pop", "user", NULL, "host", 0, NULL},
		{"file:///tmp/x", "file", NULL, NULL, "", 0, "/tmp/x"},
		{"mailto:a@b?subject=x", "mailto", NULL, NULL, NULL, 0, "a@b"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *arena = arena_new();
		struct url u;

		assert_true(url_parse(arena, sv_of(rows[i].text), &u, NULL));
		same(u.scheme, rows[i].scheme);
		same(u.user, rows[i].user);
		same(u.pass, rows[i].pass);
		same(u.host, rows[i].host);
		same(u.path, rows[i].path);
		assert_int_equal(u.port, rows[i].port);
		arena_free(arena);
	}
}

static void bad_urls_are_refused(void **state)
{
	static const char *const rows[] = {"", "no scheme", "imap://h:0/", "imap://h:99999/",
		"imap://[::1", "imap://a%0Ab@h/", "imap://%zz@h/", "imap://[evil\n]/", "1x://h"};
	struct arena *arena = arena_new();
	struct url u;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		assert_false(url_parse(arena, sv_of(rows[i]), &u, NULL));
	arena_free(arena);
}

static void urls_are_written_without_the_password(void **state)
{
	struct arena *arena = arena_new();
	struct url u;
	struct str s;

	(void)state;
	str_init(&s, 1000);
	assert_true(url_parse(arena, SV("imaps://m%40x:pw@[::1]:993/a%20b/c"), &u, NULL));
	assert_true(url_format(&s, &u));
	assert_string_equal(s.s, "imaps://m%40x@[::1]:993/a%20b/c");
	str_fini(&s);
	arena_free(arena);
}

static void modified_utf7_both_ways(void **state)
{
	static const struct {
		const char *name, *wire;
	} rows[] = {
		{"INBOX", "INBOX"},
		{"Entwürfe", "Entw&APw-rfe"},
		{"a&b", "a&-b"},
		{"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
		{"😀", "&2D3eAA-"},
	};
	static const char *const bad[] = {"&", "&AGE-", "&Jjo", "&U,BTFw-&ZeVnLIqe-", "a\xc3\xa9",
		"&2D0-", "&3gA-", "&*-", "\x01"};
	struct str s;
	size_t i;

	(void)state;
	str_init(&s, 1000);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		str_clear(&s);
		assert_true(mutf7_encode(&s, sv_of(rows[i].name), NULL));
		assert_string_equal(s.s, rows[i].wire);
		str_clear(&s);
		assert_true(mutf7_decode(&s, sv_of(rows[i].wire), NULL));
		assert_string_equal(s.s, rows[i].name);
	}
	str_clear(&s);
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(mutf7_decode(&s, sv_of(bad[i]), NULL));
	assert_false(mutf7_encode(&s, SV("a\xff"), NULL));
	assert_int_equal(s.len, 0);
	str_fini(&s);
}

static void trackers_are_named(void **state)
{
	static const struct {
		const char *url, *trackers;
	} rows[] = {
		{"https://x.org/a?utm_source=n&id=3&MC_EID=ab#utm_term=no", "utm_source, mc_eid"},
		{"https://x.org/?a=1&amp;fbclid=x", "fbclid"},
		{"https://x.org/utm_source", ""},
		{"https://x.org/?", ""},
		{"https://x.org/?q=utm_source", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct str out;
		str_init(&out, 200);
		assert_int_equal(url_trackers(&out, sv_of(rows[i].url)), *rows[i].trackers != 0);
		assert_string_equal(out.len ? out.s : "", rows[i].trackers);
		str_fini(&out);
	}
}

static void trackers_are_left_out(void **state)
{
	static const struct {
		const char *url, *clean;
	} rows[] = {
		{"https://a.example/x?id=3&utm_source=mail#top", "https://a.example/x?id=3#top"},
		{"https://a.example/x?utm_source=mail&id=3&&fbclid=1", "https://a.example/x?id=3&"},
		{"https://a.example/x?utm_source=mail#top", "https://a.example/x#top"},
		{"https://a.example/x?", "https://a.example/x"},
		{"https://a.example/x", "https://a.example/x"},
		{"mailto:a@b.example?subject=fbclid", "mailto:a@b.example?subject=fbclid"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str out;
		str_init(&out, URL_MAX);
		assert_true(url_untracked(&out, sv_of(rows[i].url)));
		t_streq(out.s, rows[i].clean, rows[i].url);
		str_fini(&out);
	}
}

static void lies_of_links_are_seen(void **state)
{
	static const struct {
		const char *text, *url, *claim;
	} rows[] = {
		{"https://shop.example/", "https://click.example.net/t?u=shop.example", "shop.example"},
		{"www.bank.example/login", "http://evil.example/www.bank.example", "bank.example"},
		{"https://bank.example", "https://bank.example:8080@evil.example/", "bank.example"},
		{"https://bank.example", "https://news.bank.example/", ""},
		{"https://news.bank.example", "https://www.bank.example/", ""},
		{"click here", "https://evil.example/", ""},
		{"https://mybank.example", "https://bank.example/", "mybank.example"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *got = sv_dup(url_claimed_host(sv_of(rows[i].text), sv_of(rows[i].url)));
		t_streq(got, rows[i].claim, rows[i].text);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_split),
		cmocka_unit_test(bad_urls_are_refused),
		cmocka_unit_test(urls_are_written_without_the_password),
		cmocka_unit_test(modified_utf7_both_ways),
		cmocka_unit_test(trackers_are_named),
		cmocka_unit_test(trackers_are_left_out),
		cmocka_unit_test(lies_of_links_are_seen),
	};

	return t_run(tests);
}
