/* The muttrc language: words, commands, and what is said about faults. */
#include <unistd.h>

#include "base/fs.h"
#include "tests/unit/conf/rc_t.h"

/* What a value becomes; compared with mutt 2.2.12. */
static void words(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{"set my_a=x", "x"}, {"set my_a = x", "x"}, {"set my_a= x", "x"},
		{"set my_a =x", "x"}, {"set my_a=", ""}, {"set my_a=\"a b\"", "a b"},
		{"set my_a='a b'", "a b"}, {"set my_a=a\\ b\"c d\"e", "a bc de"},
		{"set my_a='$HOME `x`'", "$HOME `x`"},
		{"set my_a=\"a\\tb\\\"\\$x\\x\"", "a\tb\"$xx"},
		{"set my_a=\"\\Cx\\e\\101^X\"", "\030\033A^X"}, {"set my_a='\\t'", "\\t"},
		{"set my_a=a#b", "a"}, {"set my_a=\"a#b\" # c", "a#b"},
		{"set my_a=a;set my_b=c", "a"}, {"set my_a=\"a;b\"", "a;b"},
		{"set my_a=a=b", "a=b"}, {"set my_a=\"\"", ""}, {"set my_a=~/x", "~/x"},
		{"set my_a=x\\351", "x\303\251"}, {"set my_b=1 my_a=2 my_c=3", "2"},
		{"set my_b=v\nset my_a=\"$my_b-${my_b}w\"", "v-vw"},
		{"set my_a=$quit$sort$beep", "yesdateyes"}, {"set my_a='x'$", "x$"},
		{"set my_a=a$1b", "a$1b"},
		{"set my_a=\"foo \\\nbar\" # x \\\nset my_a=2", "foo bar"},
		{"# c \\\nset my_a=2", "(unset)"}, {"set my_a=1\r\n", "1"},
		{"\xef\xbb\xbfset my_a=1", "1"}, {"set my_a=x\nset my_a+=y", "xy"},
		{"set my_a=xyz\nset my_a-=y", "xz"}, {"set my_a=x\nunset my_a", "(unset)"},
		{"set my_a=`echo hi`", "hi"}, {"set my_a=\"`echo 'a b'` c\"", "a b c"},
		{"set my_b=`echo a my_a=b`", "b"}, {"set my_a=`printf 'one\\ntwo\\n'`", "one"},
		{"set my_b=v\nset my_a=`echo $my_b`", "v"}, {"set my_a=x`echo y`z", "xyz"},
		{"set my_a=\"`echo \\``\"", "`"}, {";;set my_a=1;;", "1"}, {"   set\tmy_a=1", "1"},
		{"set my_a=\xe9", "\303\251"}, /* not UTF-8: read as Latin-1 */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rc_t *t = rc_t_new();
		rc_read_text(t->rc, "test", sv_of(rows[i].line));
		const char *got = conf_my(t->conf, SV("my_a"));
		t_streq(got ? got : "(unset)", rows[i].want, rows[i].line);
		rc_t_free(t);
	}
}

static void settings(void **state)
{
	static const struct {
		const char *line, *name, *want;
	} rows[] = {
		{"set nobeep", "beep", "no"},
		{"set invbeep", "beep", "no"},
		{"unset beep", "beep", "no"},
		{"toggle beep", "beep", "no"},
		{"set beep = no", "beep", "no"},
		{"set beep=FALSE", "beep", "no"},
		{"unset beep; reset beep", "beep", "yes"},
		{"set nobeep; set &beep", "beep", "yes"},
		{"unset nobeep", "beep", "yes"},
		{"set quit=ask-yes", "quit", "ask-yes"},
		{"set noquit", "quit", "no"},
		{"toggle quit", "quit", "no"},
		{"set quit=ask-no; toggle quit", "quit", "ask-yes"},
		{"set pager_context=7", "pager_context", "7"},
		{"set mail_check=-1", "mail_check", "-1"},
		{"unset pager_context", "pager_context", "0"},
		{"set pager_context+=3", "pager_context", "3"},
		{"set timeout-=100", "timeout", "500"},
		{"set realname=x", "real_name", "x"},
		{"set real_name=x", "realname", "x"},
		{"set edit_hdrs", "edit_headers", "yes"},
		{"set sort=reverse-threads", "sort", "reverse-threads"},
		{"set sort=date-sent", "sort", "date"},
		{"set sort_aux=reverse-last-date-received", "sort_aux",
			"reverse-last-date-received"},
		{"set sort_aux=last-reverse-date", "sort_aux", "reverse-last-date"},
		{"set mbox_type=maildir", "mbox_type", "Maildir"},
		{"set use_threads=reverse", "use_threads", "reverse"},
		{"set hidden_tags+=foo", "hidden_tags",
			"unread,draft,flagged,passed,replied,attachment,signed,encrypted,foo"},
		{"set hidden_tags-=draft", "hidden_tags",
			"unread,flagged,passed,replied,attachment,signed,encrypted"},
		{"set send_charset=a:b; set send_charset+=a", "send_charset", "b:a"},
		{"set sidebar_visible=auto", "sidebar_visible", "auto"},
		{"set sidebar_visible", "sidebar_visible", "yes"},
		{"set pager_index_lines=auto", "pager_index_lines", "auto"},
		{"set wrap=-4", "wrapmargin", "4"},
		{"set wrapmargin=3", "wrap", "-3"},
		{"set folder=/m; set record=+sent", "record", "/m/sent"},
		{"set folder=/m/; set record==sent", "record", "/m/sent"},
		{"set spoolfile=/s; set record=!", "record", "/s"},
		{"set folder=imaps://h; set record=\"+[Gmail]/Sent Mail\"", "record",
			"imaps://h/[Gmail]/Sent Mail"},
		{"set folder=imaps://h/INBOX; set record=+x", "record", "imaps://h/INBOX/x"},
		{"set folder=/m; set record=+s; set folder=/n", "record", "/m/s"},
		{"set folder=/m", "archive_folder", "/m/Archive"},
		{"set query_command='x %s'", "query_command", "x %s"},
		{"set editor = \"vim +5\"", "editor", "vim +5"},
		{"set from=\"A B <a@b>\"", "from", "A B <a@b>"},
		{"set foo=1 beep=no", "beep", "no"}, /* the unknown one does not stop the next */
		{"set pager_context=x beep=no", "beep", "no"},
		{"set noconfirmappend nomarkers", "markers", "no"},
		{"set nosuch_thing=1", "beep", "yes"},
		{"reset all", "beep", "yes"},
		{"set nobeep; reset all", "beep", "yes"},
		{"set quote_regexp=\"^a\\tb\"", "quote_regexp", "^a\tb"},
		{"set mask=\"!^x\"", "mask", "!^x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rc_t *t = rc_t_new();
		rc_read_text(t->rc, "test", sv_of(rows[i].line));
		print_message("%s\n", rows[i].line);
		rc_t_value(t, rows[i].name, rows[i].want);
		rc_t_free(t);
	}
}

/* Text, then all problems with line and column. */
static void faults(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"set indexformat=x",
			"1:5: error: indexformat: unknown option; did you mean 'index_format'?\n"},
		{"set zzzzzz", "1:5: error: zzzzzz: unknown option\n"},
		{"foo bar", "1:1: error: foo: unknown command\n"},
		{"colour x", ""}, /* checked below: a synonym */
		{"colro index red blue",
			"1:1: error: colro: unknown command; did you mean 'color'?\n"},
		{"set pager_context=abc", "1:19: error: pager_context: 'abc' is not a number\n"},
		{"set mail_check=99999",
			"1:16: error: mail_check: 99999 is out of range (-32768 to 32767)\n"},
		{"set beep=maybe", "1:10: error: beep: 'maybe' is neither yes nor no\n"},
		{"set quit=ask",
			"1:10: error: quit: 'ask' is not one of yes, no, ask-yes, ask-no\n"},
		{"set sort=dat", "1:10: error: sort: unknown value 'dat'; did you mean 'date'?\n"},
		{"set my_x=\"abc", "1:10: warning: a \" without its other half\n"},
		{"set my_x=`abc", "1:10: error: a backtick without its other half\n"},
		{"set my_x=$my_nothing", "1:11: warning: $my_nothing is not set\n"},
		{"bind index x nosuch", "1:14: error: nosuch: no such function in menu index\n"},
		{"bind index x next-entyr", "1:14: error: next-entyr: no such function in menu "
					    "index; did you mean 'next-entry'?\n"},
		{"bind nomenu x exit", "1:6: error: nomenu: no such menu\n"},
		{"bind index x exit y", "1:19: error: bind: too many arguments\n"},
		{"bind index x", "1:13: error: too few arguments\n"},
		{"color index red", "1:16: error: too few arguments\n"},
		{"color foo red blue", "1:7: error: foo: no such object\n"},
		{"color idnex red blue",
			"1:7: error: idnex: no such object; did you mean 'index'?\n"},
		{"color index rde blue", "1:13: error: rde: no such colour; did you mean 'red'?\n"},
		{"color status red blue foo 1 2", "1:29: error: color: too many arguments\n"},
		{"color body red blue",
			"1:20: error: too few arguments: body needs a regular expression\n"},
		{"color body red blue \"(\"; set zzzzzz",
			"1:21: warning: regular expression '(': missing closing parenthesis; the "
			"line has no "
			"effect\n1:30: error: zzzzzz: unknown option\n"},
		{"color status red blue ( 1",
			"1:23: warning: regular expression '(': missing closing parenthesis; "
			"the line has no effect\n"},
		{"folder-hook foo", "1:16: error: too few arguments\n"},
		{"my_hdr foo", "1:8: error: my_hdr: a header is NAME: TEXT\n"},
		{"score ~A 5x", "1:10: error: score: '5x' is not a number\n"},
		{"source /nonexistent/x",
			"1:8: error: /nonexistent/x: No such file or directory\n"},
		{"set imap_home_namespace=x", "1:5: warning: imap_home_namespace: an option of "
					      "older versions: mutt dropped it\n"},
		{"lua x = 1",
			"1:5: warning: lua: Lua is not part of feist: the line is skipped.\n"},
		{"set a=1\n  set \\\n  b=2\nfoo",
			"1:5: error: a: unknown option\n3:3: error: b: unknown option\n4:1: error: "
			"foo: unknown command\n"},
		{"foo; set zzzzzz; bar", "1:1: error: foo: unknown command\n1:10: error: zzzzzz: "
					 "unknown option\n1:18: error: bar: unknown command\n"},
		{"set my_a=`echo a` zzzzzz=1", "1:19: error: zzzzzz: unknown option\n"},
		{"set \xc3\xa9=1 zzzzzz", "1:5: error: \xc3\xa9: unknown option\n1:9: error: "
					  "zzzzzz: unknown option\n"},
		{"set nobeep=yes", "1:7: error: beep: a prefix and a value do not go together\n"},
		{"set realname+=1 sort+=x",
			"1:23: error: sort: += does not work with a sort order\n"},
		{"setenv 1x y", "1:8: error: setenv: '1x' is not the name of a variable\n"},
		{"unhook nosuch", "1:8: error: unhook: unknown kind of hook: nosuch\n"},
		{"lists (", NULL},
		{"set quote_regexp=\"(\"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rc_t *t = rc_t_new();
		if (strncmp(rows[i].text, "colour", 6) == 0)
			rc_t_good(t, "colour error red blue");
		else
			rc_read_text(t->rc, "test", sv_of(rows[i].text));
		char *got = rc_t_problems(t);
		if (rows[i].want)
			t_streq(got, rows[i].want, rows[i].text);
		else
			assert_true(rc_error_count(t->rc) == 1);
		free(got);
		rc_t_free(t);
	}
}

static void said(void **state)
{
	struct rc_t *t = rc_t_new();

	(void)state;
	rc_t_good(t, "echo \"hi there\"\nset ?beep\nset folder?\nset my_x=1\nset ?my_x\nset "
		     "realname=\"A \\\"B\\\"\"; set realname\n"
		     "set quit?\nset sort?\nset pager_context?");
	char *home = fs_home();
	char *want = xasprintf("hi there\nbeep is set\nfolder=\"~/Mail\"\nmy_x=\"1\"\nrealname=\"A "
			       "\\\"B\\\"\"\nquit=yes\n"
			       "sort=date\npager_context=0\n");
	if (home && strcmp(home, "/") != 0)
		t_streq(t->said.s, want, "what is said");
	free(want);
	free(home);
	rc_t_free(t);
}

static const char *word_list(const struct rc_words *w, struct str *out)
{
	str_clear(out);
	for (size_t i = 0; i < w->n; i++)
		str_addf(out, "%s%s", i ? " " : "", w->v[i]);
	return out->s;
}

static void lists(void **state)
{
	struct rc_t *t = rc_t_new();
	struct rc_state *s = &t->conf->rc;
	struct str out;

	(void)state;
	str_init(&out, 10000);
	rc_t_good(t, "ignore *\nunignore from: to subject\nignore subject");
	assert_true(rc_header_shown(s, SV("From")));
	assert_true(rc_header_shown(s, SV("To")));
	assert_false(rc_header_shown(s, SV("Subject")));
	assert_false(rc_header_shown(s, SV("Date")));
	rc_t_good(t, "unignore *\nignore x-");
	assert_true(rc_header_shown(s, SV("Date")));
	assert_false(rc_header_shown(s, SV("X-Foo")));
	rc_t_good(t, "auto_view text/html image/* TEXT/HTML\nunauto_view image/*\nhdr_order a "
		     "b\nunhdr_order *\n"
		     "hdr_order From: Date:\nalternative-order text/plain");
	t_streq(word_list(&s->auto_view, &out), "text/html", "auto_view");
	t_streq(word_list(&s->hdr_order, &out), "From: Date:", "hdr_order");
	t_streq(word_list(&s->alternative_order, &out), "text/plain", "alternative_order");
	rc_t_good(t, "my_hdr X-A: 1\nmy_hdr x-a: \"2\"\nmy_hdr X-B: 4\nunmy_hdr x-b");
	t_streq(word_list(&s->my_hdr, &out), "x-a: \"2\"", "my_hdr");
	rc_t_good(t, "subscribe ^dev@\nlists ^users@\nunsubscribe dev-bounces\nalternates kai@");
	assert_true(rc_matches(&s->lists, SV("DEV@example.org")));
	assert_true(rc_matches(&s->lists, SV("users@example.org")));
	assert_true(rc_matches(&s->subscribed, SV("dev@example.org")));
	assert_false(rc_matches(&s->subscribed, SV("users@example.org")));
	assert_true(rc_matches(&s->alternates, SV("kai@example.org")));
	rc_t_good(t, "unalternates *\nlists -group team ^x@");
	assert_false(rc_matches(&s->alternates, SV("kai@example.org")));
	assert_true(rc_group_matches(rc_group_find(s, SV("team")), SV("x@y")));
	rc_t_good(t, "group -group g -rx ^a@ -addr 'B <B@x>' c@x\nungroup -group g -addr c@x");
	const struct rc_group *g = rc_group_find(s, SV("g"));
	assert_true(rc_group_matches(g, SV("a@q")) && rc_group_matches(g, SV("b@x")) &&
		    !rc_group_matches(g, SV("c@x")));
	rc_t_good(t, "ungroup -group g *");
	assert_null(rc_group_find(s, SV("g")));
	str_fini(&out);
	rc_t_free(t);
}

static void aliases(void **state)
{
	struct rc_t *t = rc_t_new();
	struct rc_state *s = &t->conf->rc;

	(void)state;
	rc_t_good(t, "alias kai Kai Weber <kai@example.org>\nalias two \"A; B\" <a@b>, c@d # note "
		     "tags:x,y more\n"
		     "alias -group g eve Eve <Eve@e>\nalias KAI other@example.org");
	t_streq(rc_alias_find(s, SV("kai"))->addresses, "other@example.org", "the later one");
	t_streq(rc_alias_find(s, SV("two"))->addresses, "\"A; B\" <a@b>, c@d", "quotes stay");
	t_streq(rc_alias_find(s, SV("two"))->comment, "note more", "comment");
	t_streq(rc_alias_find(s, SV("two"))->tags, "x,y", "tags");
	assert_true(rc_group_matches(rc_group_find(s, SV("g")), SV("eve@e")));
	rc_t_good(t, "unalias two");
	assert_null(rc_alias_find(s, SV("two")));
	rc_t_good(t, "unalias *");
	assert_int_equal(s->aliases.n, 0);
	rc_t_free(t);
}

static void mailboxes(void **state)
{
	struct rc_t *t = rc_t_new();
	struct rc_mailboxes *m = &t->conf->rc.mailboxes;

	(void)state;
	rc_t_good(t,
		"set folder=/m spoolfile=/s\nmailboxes ! =a +b '=c d' -label L =e -nopoll =f\n"
		"named-mailboxes N =g\nvirtual-mailboxes V \"notmuch://?query=x\"\nmailboxes =a");
	static const char *const paths[] = {
		"/s", "/m/a", "/m/b", "/m/c d", "/m/e", "/m/f", "/m/g", "notmuch://?query=x"};
	assert_int_equal(m->n, ARRAY_LEN(paths));
	for (size_t i = 0; i < m->n; i++)
		t_streq(m->v[i].path, paths[i], "path");
	t_streq(m->v[4].label, "L", "label");
	assert_false(m->v[5].poll);
	t_streq(m->v[6].label, "N", "named");
	assert_true(m->v[7].virtual_);
	rc_t_good(t, "unmailboxes =a !; unvirtual-mailboxes *");
	assert_int_equal(m->n, 5);
	rc_t_good(t, "unmailboxes *");
	assert_int_equal(m->n, 0);
	rc_t_free(t);
}

static void hooks(void **state)
{
	struct rc_t *t = rc_t_new();
	struct rc_hooks *h = &t->conf->rc.hooks;

	(void)state;
	rc_t_good(t, "set folder=/m.x\nfolder-hook =a set sort=threads # c\nfolder-hook . 'set "
		     "beep; set nobeep'\n"
		     "send-hook '~t kai' \"my_hdr X: y\"\nsend-hook kai 'unset beep'\nsave-hook ~A "
		     "=old\nsave-hook ~A =new\n"
		     "fcc-save-hook !~A =z\naccount-hook imaps://h/ 'set imap_user=x'\nfolder-hook "
		     "-noregex =b 'set beep'\n"
		     "charset-hook ^x$ utf-8\nindex-format-hook d '~d <1d' '%[%H]'\nfolder-hook . "
		     "'set beep; set nobeep'");
	t_streq(h->v[0].pattern, "/m\\.x/a", "folder in a regular expression");
	t_streq(h->v[0].value, "set sort=threads", "the rest of the line");
	assert_true(rx_match(h->v[0].rx, SV("/m.x/ab")));
	assert_true(rx_match(h->v[1].rx, SV("anything")));
	t_streq(h->v[3].pattern, "~f \"kai\" !~P | (~P ~C \"kai\")", "default_hook");
	t_streq(h->v[4].value, "/m.x/new", "the later save-hook");
	assert_true(h->v[5].negated);
	assert_int_equal(h->v[5].kind, HOOK_SAVE);
	assert_int_equal(h->v[6].kind, HOOK_FCC);
	assert_true(h->v[8].literal);
	t_streq(h->v[8].pattern, "/m.x/b", "literal");
	t_streq(h->v[10].name, "d", "name");
	assert_int_equal(h->n, 11);
	assert_int_equal(h->v[0].line, 2);
	rc_t_good(t, "unhook folder-hook");
	assert_int_equal(h->n, 8);
	rc_t_good(t, "unhook *");
	assert_int_equal(h->n, 1); /* charset-hooks stay */
	rc_t_free(t);
}

static void matching(void **state)
{
	struct rc_t *t = rc_t_new();
	struct rc_state *s = &t->conf->rc;

	(void)state;
	rc_t_good(t, "score ~F +10\nscore '~f x' =100\nscore ~F -5\nspam '^X-S: (.*)' '%1'\nnospam "
		     "^X-T\nsubjectrx '\\[x\\]' '%L%R'\n"
		     "attachments +A */.*\nattachments -A text/x-vcard "
		     "application/pgp.*\nattachments +I text/plain\n"
		     "tag-transforms inbox i replied r\ntag-formats replied GR\nsetenv FEIST_T "
		     "1\nset my_a=$FEIST_T");
	assert_int_equal(s->scores.n, 2);
	assert_int_equal(s->scores.v[0].value, -5); /* in the place that it had */
	assert_true(s->scores.v[1].exact);
	assert_int_equal(s->attachments.n, 4);
	assert_true(s->attachments.v[2].exclude &&
		    rx_match(s->attachments.v[2].rx, SV("PGP-signature")));
	t_streq(rc_vars_get(&s->tag_transforms, SV("replied")), "r", "tag-transforms");
	rc_t_value(t, "my_a", "1");
	rc_t_good(t, "unscore ~F\nunattachments -A text/x-vcard\nnospam *\nunsubjectrx *\nunsetenv "
		     "FEIST_T");
	assert_int_equal(s->scores.n, 1);
	assert_int_equal(s->attachments.n, 3);
	assert_int_equal(s->spam.n + s->nospam.n + s->subject_rx.n, 0);
	rc_t_free(t);
}

static void colors(void **state)
{
	struct rc_t *t = rc_t_new();
	struct color_style c;

	(void)state;
	rc_t_good(t, "color quoted bold brightred default\ncolor quoted3 color214 #102030\ncolor "
		     "index red black ~N\n"
		     "color index underline green default new\ncolor body blue default "
		     "'(https?)://x'\ncolor status white blue 'x(.)' 1\n"
		     "mono bold underline\ncolor compose security_both red default\ncolor message "
		     "#ff00ff #12f8c6");
	c = color_of(t->conf, COLOR_quoted, 0, false);
	assert_true(c.fg.kind == COLOR_INDEXED && c.fg.value == 9 && c.attrs == ATTR_BOLD &&
		    c.bg.kind == COLOR_DEFAULT);
	c = color_of(t->conf, COLOR_quoted, 2, false); /* as the level above */
	assert_true(c.fg.value == 9);
	c = color_of(t->conf, COLOR_quoted, 5, false);
	assert_true(c.fg.value == 214 && c.bg.kind == COLOR_RGB && c.bg.value == 0x102030);
	assert_true(color_of(t->conf, COLOR_bold, 0, true).attrs == ATTR_UNDERLINE);
	assert_true(color_of(t->conf, COLOR_compose_security_both, 0, false).fg.value == 1);
	assert_true(color_of(t->conf, COLOR_indicator, 0, false).attrs == ATTR_REVERSE);
	assert_true(color_of(t->conf, COLOR_message, 0, false).fg.value == 0xff00ff);
	size_t n = t->conf->rc.colors.n;
	rc_t_good(t, "uncolor index ~N\nuncolor body *");
	assert_int_equal(
		t->conf->rc.colors.n, n - 2); /* "new" is ~N: it took the place of the other line */
	rc_t_good(t, "uncolor *");
	rc_t_free(t);
}

static void conditions(void **state)
{
	struct rc_t *t = rc_t_new();

	(void)state;
	rc_t_good(t, "ifdef sidebar_visible 'set my_a=1'\nifndef sidebar_visible 'set "
		     "my_b=1'\nifdef nosuch 'set my_c=`touch /x`'\n"
		     "ifdef imap set my_d=1\nifndef nosuch set my_e=1; set my_f=2\nifdef lua 'set "
		     "my_g=1'");
	rc_t_value(t, "my_a", "1");
	rc_t_value(t, "my_b", "(unset)");
	rc_t_value(t, "my_c", "(unset)");
	rc_t_value(t, "my_d", "1");
	rc_t_value(t, "my_e", "1");
	rc_t_value(t, "my_f", "2");
	rc_t_value(t, "my_g", "(unset)");
	rc_t_free(t);
}

/* source: relative names, commands, loops, finish. */
static void files(void **state)
{
	char dir[] = "/tmp/feist-rc-XXXXXX";
	struct rc_t *t = rc_t_new();
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(dir));
	char *a = fs_join(dir, "a"), *b = fs_join(dir, "b");
	assert_true(
		fs_write_atomic(a, SV("set my_a=1\nsource b\nset my_c=3\nset zzzzzz\n"), 0600, &e));
	assert_true(fs_write_atomic(b, SV("set my_b=2\nfinish\nset my_b=9\n"), 0600, &e));
	assert_true(rc_read(t->rc, a, &e));
	rc_t_value(t, "my_a", "1");
	rc_t_value(t, "my_b", "2");
	rc_t_value(t, "my_c", "3");
	t_streq(rc_problem_at(t->rc, 0)->file, a, "file of a problem");
	assert_int_equal(rc_problem_at(t->rc, 0)->line, 4);
	assert_true(fs_write_atomic(b, SV("source a\nset my_d=4\n"), 0600, &e));
	rc_clear_problems(t->rc);
	assert_true(rc_read(t->rc, a, &e));
	assert_non_null(strstr(rc_problem_at(t->rc, 0)->text, "reads itself"));
	rc_t_value(t, "my_d", "4");
	rc_clear_problems(t->rc);
	rc_t_good(t, "source \"echo set my_e=5|\"");
	rc_t_value(t, "my_e", "5");
	/* beside the file that names it, also when that was named relatively, or from inside ifdef */
	char *up = fs_join(dir, "..");
	assert_true(fs_write_atomic(a, SV("ifdef imap 'source b'"), 0600, &e));
	assert_true(fs_write_atomic(b, SV("set my_f=6"), 0600, &e));
	assert_int_equal(chdir(up), 0);
	assert_true(rc_read(t->rc, a + strlen("/tmp/"), &e));
	rc_t_value(t, "my_f", "6");
	free(up);
	assert_false(rc_read(t->rc, "/nonexistent", &e));
	assert_false(rc_run(t->rc, ":", SV("set zzzzzz"), &e));
	assert_non_null(strstr(e.text, "unknown option"));
	assert_true(rc_run(t->rc, ":", SV("set beep"), &e));
	unlink(a);
	unlink(b);
	rmdir(dir);
	free(a);
	free(b);
	rc_t_free(t);
}

/* --no-exec: nothing runs, and what a command would have given is no fault. */
static void no_exec(void **state)
{
	struct conf *conf = conf_new(CONF_MUTT);
	struct rc_opts opts = {.no_exec = true};
	struct rc *rc = rc_new(conf, &opts);

	(void)state;
	rc_read_text(
		rc, "t", SV("set my_a=\"x`echo y`\" beep=`echo no`\nsource 'echo set my_b=1|'"));
	assert_int_equal(rc_problem_count(rc), 0);
	t_streq(conf_my(conf, SV("my_a")), "x", "my_a");
	assert_null(conf_my(conf, SV("my_b")));
	assert_true(conf->beep);
	rc_free(rc);
	conf_free(conf);
}

static void copies(void **state)
{
	struct rc_t *t = rc_t_new();
	struct str a, b;

	(void)state;
	rc_t_good(t, "set from=a@b quote_regexp=x my_v=1\nalias k k@x\nfolder-hook . 'set "
		     "beep'\ncolor body red default x\n"
		     "score ~A 1\nattachments +A */.*\nmailboxes /a\nspam x y\nlists x\ngroup "
		     "-group g -rx x\nmacro index X y z");
	struct conf *copy = conf_dup(t->conf);
	str_init(&a, 1 << 20);
	str_init(&b, 1 << 20);
	for (int i = 0; i < OPT_COUNT; i++) {
		conf_print(t->conf, (enum opt_id)i, &a);
		conf_print(copy, (enum opt_id)i, &b);
	}
	t_streq(b.s, a.s, "a copy is the same");
	assert_int_equal(copy->rc.binds.n, t->conf->rc.binds.n);
	t_streq(conf_my(copy, SV("my_v")), "1", "my_v");
	str_fini(&a);
	str_fini(&b);
	rc_t_free(t);
	t_streq(copy->from, "a@b", "lives on");
	t_streq(conf_origin_of(copy, OPT_from).file, "test", "origin");
	conf_free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(settings),
		cmocka_unit_test(faults),
		cmocka_unit_test(said),
		cmocka_unit_test(lists),
		cmocka_unit_test(aliases),
		cmocka_unit_test(mailboxes),
		cmocka_unit_test(hooks),
		cmocka_unit_test(matching),
		cmocka_unit_test(colors),
		cmocka_unit_test(conditions),
		cmocka_unit_test(files),
		cmocka_unit_test(no_exec),
		cmocka_unit_test(copies),
	};

	return t_run(tests);
}
