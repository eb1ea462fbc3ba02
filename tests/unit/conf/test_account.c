/* Server URLs, accounts and what they are made of, secrets, paths both ways. */
#include <unistd.h>

#include "base/fs.h"
#include "conf/account.h"
#include "tests/unit/conf/rc_t.h"

static void urls(void **state)
{
	static const struct {
		const char *url, *user, *pass, *host, *path;
		int port; /* as server_port says */
		bool implicit;
	} rows[] = {
		{"imaps://imap.gmail.com", "", "", "imap.gmail.com", "", 993, true},
		{"imap://Kai@Host:1143/INBOX/x y", "Kai", "", "host", "INBOX/x y", 1143, false},
		{"imaps://kai@example.org@imap.example.org/", "kai@example.org", "",
			"imap.example.org", "", 993, true},
		{"imaps://kai%40example.org:p%3aw@h/[Gmail]/Sent%20Mail", "kai@example.org", "p:w",
			"h", "[Gmail]/Sent Mail", 993, true},
		{"pops://u:p@[::1]:9955/", "u", "p", "::1", "", 9955, true},
		{"SMTP://u@h:587", "u", "", "h", "", 587, false},
		{"smtps://h", "", "", "h", "", 465, true},
		{"smtp://localhost", "", "", "localhost", "", 25, false},
		{"lmtp://localhost", "", "", "localhost", "", 24, false},
		{"lmtp:///run/dovecot/lmtp", "", "", "", "/run/dovecot/lmtp", 24, false},
		{"imap://h/a?b#c", "", "", "h", "a?b#c", 143, false},
		{"imap://u;AUTH=PLAIN@h", "u", "", "h", "", 143, false},
		{"imap://a%zz@h/", "a%zz", "", "h", "", 143, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct server s;
		struct err e;
		if (!server_parse(sv_of(rows[i].url), &s, &e))
			fail_msg("%s: %s", rows[i].url, e.text);
		t_streq(s.user ? s.user : "", rows[i].user, rows[i].url);
		t_streq(s.pass ? s.pass : "", rows[i].pass, rows[i].url);
		t_streq(s.host, rows[i].host, rows[i].url);
		t_streq(s.path, rows[i].path, rows[i].url);
		assert_int_equal(server_port(&s), rows[i].port);
		assert_int_equal(s.implicit, rows[i].implicit);
		server_fini(&s);
	}
}

static void bad_urls(void **state)
{
	static const char *const rows[] = {"", "x", "imap:", "imap://", "imap:///x", "imap://h:0",
		"imap://h:99999", "imap://h:x", "imap://[::1", "imap://[::1]x", "http://h",
		"imap://a b/", "imap://u@"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct server s;
		struct err e;
		if (server_parse(sv_of(rows[i]), &s, &e))
			fail_msg("%s was taken", rows[i]);
		assert_int_equal(e.class, ERR_INPUT);
	}
}

static void tls(void **state)
{
	static const struct {
		const char *rc, *url, *want;
	} rows[] = {
		{"", "imap://h", "starttls"},
		{"", "imaps://h", "implicit"},
		{"set ssl_force_tls=no", "imap://h", "starttls"},
		{"set ssl_force_tls=no ssl_starttls=no", "imap://h", "none"},
		{"set ssl_force_tls=no ssl_starttls=ask-yes", "imap://h", "optional"},
		{"set ssl_starttls=no", "imap://h", "starttls"},
		{"set tunnel='ssh h imapd'", "imap://h", "none"},
		{"set ssl_force_tls=no ssl_starttls=no", "imaps://h", "implicit"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rc_t *t = rc_t_new();
		struct server s;
		struct err e;
		rc_t_good(t, rows[i].rc);
		assert_true(server_parse(sv_of(rows[i].url), &s, &e));
		t_streq(server_tls_name(server_tls_mode(t->conf, &s)), rows[i].want, rows[i].rc);
		server_fini(&s);
		rc_t_free(t);
	}
}

static void implied(void **state)
{
	struct rc_t *t = rc_t_new();
	struct accounts list;

	(void)state;
	rc_t_good(t,
		"set imap_user=kai folder=imaps://imap.example.org spoolfile=+INBOX record=+Sent "
		"pop_host=pops://p@pop.net\n"
		"mailboxes imap://ann@other:1143/x /tmp/y =z imaps://kai@imap.example.org:993/q");
	accounts_init(&list, t->conf);
	assert_int_equal(list.n, 4);
	t_streq(list.v[0].name, "local", "0");
	t_streq(list.v[1].name, "kai@imap.example.org", "1");
	t_streq(list.v[1].url, "imaps://kai@imap.example.org/", "url");
	t_streq(list.v[2].name, "ann@other:1143", "2");
	assert_string_not_equal(list.v[2].file, list.v[2].name); /* ':' is not for files */
	assert_null(strchr(list.v[2].file, ':'));
	t_streq(list.v[3].name, "pop-p@pop.net", "3");
	assert_int_equal(list.v[3].kind, ACCOUNT_POP);
	accounts_fini(&list);
	rc_t_free(t);
}

static void mailboxes(void **state)
{
	static const struct {
		const char *mailbox, *account, *name;
	} rows[] = {
		{"!", "kai@h", "INBOX"},
		{"=Sent", "kai@h", "Sent"},
		{"+a/b", "kai@h", "a/b"},
		{"imaps://h/inbox", "kai@h", "INBOX"},
		{"imaps://h", "kai@h", "INBOX"},
		{"imaps://kai@h:993/x", "kai@h", "x"},
		{"imaps://ann@h/x", "ann@h", "x"},
		{"imap://h/x", "kai@h:143", "x"},
		{"/tmp/x/", "local", "/tmp/x"},
		{"file:///tmp/x", "local", "/tmp/x"},
		{"pop://p@q/", "pop-p@q", "INBOX"},
		{"imaps://h/a%20b", "kai@h", "a b"},
	};
	struct rc_t *t = rc_t_new();
	const struct account *a;
	struct accounts list;
	struct err e;
	char *name;

	(void)state;
	rc_t_good(t, "set imap_user=kai folder=imaps://h/ spoolfile==INBOX");
	accounts_init(&list, t->conf);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!account_of_mailbox(&list, t->conf, sv_of(rows[i].mailbox), &a, &name, &e))
			fail_msg("%s: %s", rows[i].mailbox, e.text);
		const char *want = rows[i].account;
		if (strcmp(want, "kai@h:143") == 0)
			want = "kai@h"; /* imap's own port is not named */
		t_streq(a->name, want, rows[i].mailbox);
		t_streq(name, rows[i].name, rows[i].mailbox);
		/* and back */
		char *text = account_mailbox_string(a, name), *again;
		const struct account *b;
		assert_true(account_of_mailbox(&list, t->conf, sv_of(text), &b, &again, &e));
		t_streq(b->name, a->name, text);
		t_streq(again, name, text);
		free(text);
		free(again);
		free(name);
	}
	assert_false(account_of_mailbox(&list, t->conf, SV("notmuch://x"), &a, &name, &e));
	assert_false(account_of_mailbox(&list, t->conf, SV("smtp://x/"), &a, &name, &e));
	assert_false(account_of_mailbox(&list, t->conf, SV(""), &a, &name, &e));
	accounts_fini(&list);
	rc_t_free(t);
}

static void account_hooks(void **state)
{
	struct rc_t *t = rc_t_new();
	struct accounts list;
	const struct account *a;
	char *secret;

	(void)state;
	rc_t_good(t, "account-hook . 'unset imap_user imap_pass'\naccount-hook imaps://one/ 'set "
		     "imap_user=a imap_pass=pa'\n"
		     "account-hook imaps://b@two 'set imap_pass=pb'\nset folder=imaps://one/ "
		     "record=imaps://b@two/x imap_user=zz");
	accounts_init(&list, t->conf);
	assert_non_null(account_find(&list, "a@one"));
	assert_non_null(a = account_find(&list, "b@two"));
	struct conf *conf = account_conf(t->conf, a);
	assert_int_equal(account_secret(conf, &a->server, false, &secret), SECRET_OPTION);
	t_streq(secret, "pb", "password");
	free(secret);
	conf_free(conf);
	t_streq(t->conf->imap_user, "zz", "the configuration itself is as it was");
	accounts_fini(&list);
	rc_t_free(t);
}

/* Several accounts on one server: each mailbox keeps the user of its time. */
static void users_of_mailboxes(void **state)
{
	struct rc_t *t = rc_t_new();
	const struct rc_mailboxes *m = &t->conf->rc.mailboxes;
	struct accounts list;

	(void)state;
	rc_t_good(t, "set imap_user=a@x folder=imaps://h/\nmailboxes =INBOX\n"
		     "set imap_user=b@x\nmailboxes =INBOX imaps://c@h/q");
	t_streq(m->v[0].path, "imaps://a@x@h/INBOX", "first");
	t_streq(m->v[1].path, "imaps://b@x@h/INBOX", "second");
	t_streq(m->v[2].path, "imaps://c@h/q", "its own");
	accounts_init(&list, t->conf);
	assert_non_null(account_find(&list, "a@x@h"));
	assert_non_null(account_find(&list, "b@x@h"));
	/* and its password */
	rc_t_good(t, "set imap_user=a@x imap_pass=pa\nset imap_pass=pb imap_user=b@x\n"
		     "set imap_user=c imap_pass_command='cc'");
	static const char *const want[][2] = {
		{"a@x", "pa"}, {"b@x", "pb"}, {"c", "pb"}, {"d", "pb"}};
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		struct server s = {
			.proto = SERVER_IMAP, .user = (char *)want[i][0], .host = (char *)"h"};
		char *secret;
		assert_int_equal(account_secret(t->conf, &s, false, &secret), SECRET_OPTION);
		t_streq(secret, want[i][1], want[i][0]);
		free(secret);
	}
	accounts_fini(&list);
	rc_t_good(t, "set imap_user=b@x; unmailboxes =INBOX");
	assert_int_equal(m->n, 2);
	rc_t_free(t);
}

static void settings(void **state)
{
	struct rc_t *t = rc_t_new();
	struct server s;
	struct err e;
	struct str value;
	const char *name;
	bool host = false, timeout = false;

	(void)state;
	rc_t_good(t, "set imap_pass=secret connect_timeout=9");
	assert_true(server_parse(SV("imaps://kai@h/"), &s, &e));
	str_init(&value, CONF_TEXT_MAX);
	for (size_t at = 0; server_setting_next(t->conf, &s, &at, &name, &value);) {
		assert_null(strstr(value.s, "secret"));
		assert_string_not_equal(name, "imap_pass");
		host = host || (strcmp(name, "host") == 0 && strcmp(value.s, "h") == 0);
		timeout = timeout ||
			  (strcmp(name, "connect_timeout") == 0 && strcmp(value.s, "9") == 0);
	}
	assert_true(host && timeout);
	str_fini(&value);
	server_fini(&s);
	rc_t_free(t);
}

/* How often a text stands in the heap, freed memory included. */
static unsigned in_heap(const char *text, size_t len)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512], perms[8];
	unsigned long from, to;
	unsigned n = 0;

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (!strstr(line, "[heap]") || sscanf(line, "%lx-%lx %7s", &from, &to, perms) != 3)
			continue;
		for (const char *p = (const char *)from; p && p + len <= (const char *)to; p++) {
			p = memchr(p, text[0], (size_t)((const char *)to - p));
			if (!p || p + len > (const char *)to)
				break;
			n += memcmp(p, text, len) == 0;
		}
	}
	fclose(maps);
	return n;
}

#if defined(__SANITIZE_ADDRESS__)
#define HEAP_MAY_BE_READ false
#elif defined(__has_feature)
#define HEAP_MAY_BE_READ !__has_feature(address_sanitizer)
#else
#define HEAP_MAY_BE_READ true
#endif

/* The password is made at run time, so that it stands nowhere but where the configuration put it. */
static void passwords_leave_no_trace(void **state)
{
	static const char *const lines[] = {"set imap_pass=%s", "set imap_pass=%s\nset imap_pass=other",
		"set imap_user=a imap_pass=%s\nset imap_user=b imap_pass=x", "set my_pass=%s\nset imap_pass=$my_pass",
		"set imap_pass=`printf %%s%%s %.6s %s`", "set folder=imap://kai:%s@h/\nset folder=~/Mail",
		"set smtp_url=smtps://kai:%s@h/\nreset smtp_url", "set pop_host=pops://kai:%s@h/"};
	char pass[24];

	(void)state;
	if (!HEAP_MAY_BE_READ)
		skip();
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct rc_t *t = rc_t_new();
		struct accounts list;
		struct str text;

		for (size_t n = 0; n < sizeof(pass) - 1; n++)
			pass[n] = (char)('a' + (i * 7 + n * 11) % 26);
		pass[sizeof(pass) - 1] = 0;
		str_init(&text, 1000);
		if (strchr(lines[i], '`')) /* the command does not hold it as a whole */
			str_addf(&text, lines[i], pass, pass + 6);
		else
			str_addf(&text, lines[i], pass);
		rc_t_good(t, text.s);
		accounts_init(&list, t->conf);
		str_wipe(&text);
		accounts_fini(&list);
		rc_t_free(t);
		if (in_heap(pass, sizeof(pass) - 1) != 0)
			fail_msg("%s: the password is still there", lines[i]);
	}
}

static void netrc(void **state)
{
	static const char text[] =
		"# comment\nmachine a login x password 1\nmachine b\n\tlogin y\n\tpassword \"2 "
		"\\\"q\"\n"
		"machine a login z password 3\nmacdef init\nmachine c password no\n\nmachine c "
		"login w password 4 default login d password 5\n";
	static const struct {
		const char *host, *login, *want;
	} rows[] = {{"a", "x", "1"}, {"a", "z", "3"}, {"A", NULL, "1"}, {"b", "y", "2 \"q"},
		{"c", NULL, "4"}, {"q", "d", "5"}, {"a", "nobody", "(none)"}, {"q", "e", "(none)"}};
	char path[] = "/tmp/feist-netrc-XXXXXX";
	struct err e;

	(void)state;
	int fd = mkstemp(path);
	assert_true(fd >= 0 && fs_write_all(fd, SV(text), &e));
	close(fd);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *got = netrc_password(path, rows[i].host, rows[i].login, NULL);
		t_streq(got ? got : "(none)", rows[i].want, rows[i].host);
		free(got);
	}
	unlink(path);
	assert_null(netrc_password("/nonexistent", "a", NULL, NULL));
}

static void smtp(void **state)
{
	struct rc_t *t = rc_t_new();
	struct server s;
	struct err e;

	(void)state;
	assert_false(smtp_server(t->conf, &s, &e));
	assert_int_equal(e.class, ERR_GONE);
	rc_t_good(t, "set smtp_url=imap://x");
	assert_false(smtp_server(t->conf, &s, &e));
	assert_int_equal(e.class, ERR_INPUT);
	rc_t_good(t, "set smtp_url=smtps://kai@x@mail smtp_user=other");
	assert_true(smtp_server(t->conf, &s, &e));
	t_streq(s.user, "kai@x", "the URL's user wins");
	server_fini(&s);
	rc_t_free(t);
}

/* The way out of each address, and what account-hooks add to it. */
static void identities(void **state)
{
	struct rc_t *t = rc_t_new();
	struct conf *work, *hooked, *plain;
	struct server s;
	struct err e;
	char *text;

	(void)state;
	rc_t_good(t, "set smtp_url=smtps://kai@home.example/ signature=~/.sig");
	rc_t_good(t, "identity-hook ^kai@work\\\\.example$ 'set smtp_url=smtp://kai@work.example:587/ signature=~/.sig-work'");
	rc_t_good(t, "account-hook smtp://kai@work.example:587/ 'set smtp_pass=secret'");
	assert_true(conf_is_identity(t->conf, SV("Kai@Work.example")));
	assert_false(conf_is_identity(t->conf, SV("kai@home.example")));
	work = conf_for_identity(t->conf, SV("kai@work.example"));
	plain = conf_for_identity(t->conf, SV("kai@home.example"));
	t_streq(work->smtp_url, "smtp://kai@work.example:587/", "the server of the identity");
	assert_non_null(strstr(work->signature, ".sig-work"));
	t_streq(plain->smtp_url, "smtps://kai@home.example/", "another address");
	t_streq(t->conf->smtp_url, "smtps://kai@home.example/", "the configuration itself is as it was");
	assert_true(smtp_server(work, &s, &e));
	hooked = smtp_conf(work, &s);
	t_streq(hooked->smtp_pass, "secret", "account-hook");
	text = server_text(&s);
	t_streq(text, "smtp://kai@work.example:587/", "as text");
	free(text);
	server_fini(&s);
	rc_t_good(t, "unhook identity-hook");
	assert_false(conf_is_identity(t->conf, SV("kai@work.example")));
	conf_free(work);
	conf_free(plain);
	conf_free(hooked);
	rc_t_free(t);
}

static void paths(void **state)
{
	static const struct {
		const char *written, *expanded, *shown;
	} rows[] = {
		{"=a", "/m/a", "=a"},
		{"+a/b", "/m/a/b", "=a/b"},
		{"!", "/s", "!"},
		{">", "/b", "/b"},
		{"<", "/r", "/r"},
		{"~/x", "/home/t/x", "~/x"},
		{"/m/a/", "/m/a/", "=a"},
		{"/q//r/", "/q//r/", "/q/r"},
		{"@kai", "/m/kai", "=kai"},
		{"-", "/last", "/last"},
		{"!!", "/last", "/last"},
		{"imaps://h", "imaps://h/", "imaps://h/"},
		{"x", "x", "x"},
	};
	char *home = getenv("HOME") ? xstrdup(getenv("HOME")) : NULL;
	setenv("HOME", "/home/t", 1);
	struct rc_t *t = rc_t_new();

	(void)state;
	rc_t_good(
		t, "set folder=/m spoolfile=/s mbox=/b record=/r\nalias kai Kai <kai@example.org>");
	t->conf->rc.last_mailbox = xstrdup("/last");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *expanded = conf_expand_path(t->conf, sv_of(rows[i].written));
		char *shown = conf_pretty_path(t->conf, expanded);
		t_streq(expanded, rows[i].expanded, rows[i].written);
		t_streq(shown, rows[i].shown, rows[i].written);
		free(expanded);
		free(shown);
	}
	rc_t_free(t);
	if (home)
		setenv("HOME", home, 1);
	free(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls),
		cmocka_unit_test(bad_urls),
		cmocka_unit_test(tls),
		cmocka_unit_test(implied),
		cmocka_unit_test(mailboxes),
		cmocka_unit_test(account_hooks),
		cmocka_unit_test(users_of_mailboxes),
		cmocka_unit_test(settings),
		cmocka_unit_test(passwords_leave_no_trace),
		cmocka_unit_test(netrc),
		cmocka_unit_test(smtp),
		cmocka_unit_test(identities),
		cmocka_unit_test(paths),
	};

	return t_run(tests);
}
