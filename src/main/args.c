#include "main/args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "main/main.h"

enum opt_id_arg {
	A_ALIAS, A_ATTACH, A_BCC, A_CC, A_CHECK_CONFIG, A_COMMAND, A_COMPOSE, A_CONFIG, A_DEBUG, A_DOCS, A_DRAFT,
	A_DRY_RUN, A_DUMP, A_DUMP_OPTIONS, A_EDIT, A_EXTRACT, A_FILTER, A_FIRST_NEW, A_FORMAT, A_FORWARD, A_FROM,
	A_GROUP_REPLY, A_HELP, A_HIDE, A_IF_MAIL, A_INCLUDE, A_JSON, A_LIMIT, A_LIST, A_LOG, A_MAILBOX, A_MAILBOXES,
	A_MAILX, A_NEWS, A_NEWS_SERVER, A_NO_EXEC, A_NO_SYSTEM, A_OUTBOX, A_OUTBOX_DROP, A_OUTBOX_RETRY, A_OUTPUT,
	A_PART, A_PRINT, A_QUERY, A_RAW, A_READONLY, A_RECALL, A_REPLY, A_SAVE, A_SCREEN_SIZE, A_SCREEN_TEST,
	A_SENDMAIL, A_STDOUT, A_SUBJECT, A_SYNC, A_TYPE, A_VERSION, A_WEED, A_WIDTH, A_WIRE_LOG, A_BROWSE
};

enum takes { NOTHING, VALUE, MAYBE /* only as --name=value */, FILES /* up to -- or the next option */ };

static const struct option {
	char letter;      /* 0: long only */
	const char *name; /* NULL: letter only */
	enum opt_id_arg id;
	enum takes takes;
	const char *value; /* as shown in help */
	const char *help;  /* NULL: accepted, not shown */
} options[] = {
	{'A', "alias", A_ALIAS, VALUE, "ALIAS", N_("print what an alias stands for")},
	{'a', "attach", A_ATTACH, FILES, "FILE... --", N_("attach files; the list ends with --")},
	{'b', "bcc", A_BCC, VALUE, "ADDRESS", N_("blind copy")},
	{'c', "cc", A_CC, VALUE, "ADDRESS", N_("copy")},
	{'D', "dump-config", A_DUMP_OPTIONS, NOTHING, NULL, N_("print the value of every option (--json: with types and origins)")},
	{'d', "debug-level", A_DEBUG, VALUE, "LEVEL", N_("write a log of this detail (1-5)")},
	{'E', "edit-message", A_EDIT, NOTHING, NULL, N_("edit the file of -H or -i itself")},
	{'e', "command", A_COMMAND, VALUE, "COMMAND", N_("run a configuration command after the file is read")},
	{'F', "config", A_CONFIG, VALUE, "FILE", N_("read this configuration")},
	{'f', "folder", A_MAILBOX, VALUE, "MAILBOX", N_("open this mailbox: path, =name or URL")},
	{'G', NULL, A_NEWS, NOTHING, NULL, NULL},
	{'g', NULL, A_NEWS_SERVER, VALUE, NULL, NULL},
	{'H', "draft", A_DRAFT, VALUE, "FILE", N_("take header and body from a file")},
	{'h', "help", A_HELP, NOTHING, NULL, N_("this text")},
	{'i', "include", A_INCLUDE, VALUE, "FILE", N_("put a file into the body")},
	{'l', "log-file", A_LOG, VALUE, "FILE", N_("where the log goes")},
	{'m', "mbox-type", A_TYPE, VALUE, "TYPE", N_("kind of new mailboxes: mbox or Maildir")},
	{'n', "no-system-config", A_NO_SYSTEM, NOTHING, NULL, N_("do not read the system's configuration")},
	{'O', NULL, A_DOCS, NOTHING, NULL, NULL},
	{'o', "output", A_OUTPUT, VALUE, "FILE", N_("where --extract writes (-: standard output)")},
	{'p', "postponed", A_RECALL, NOTHING, NULL, N_("go on with a postponed message")},
	{'Q', "query", A_QUERY, VALUE, "OPTION", N_("print the value of an option")},
	{'R', "read-only", A_READONLY, NOTHING, NULL, N_("change nothing in the mailbox")},
	{'S', NULL, A_HIDE, NOTHING, NULL, NULL},
	{'s', "subject", A_SUBJECT, VALUE, "SUBJECT", N_("subject")},
	{'t', NULL, A_SENDMAIL, NOTHING, NULL, N_("take recipients from the header of the message on standard input")},
	{'v', "version", A_VERSION, NOTHING, NULL, N_("version and what is built in")},
	{'x', NULL, A_MAILX, NOTHING, NULL, N_("behave like mailx when sending")},
	{'y', "browser", A_BROWSE, NOTHING, NULL, N_("start with the list of mailboxes")},
	{'Z', "check-new-mail", A_FIRST_NEW, NOTHING, NULL, N_("open the first mailbox with new mail, or exit with 1")},
	{'z', "check-any-mail", A_IF_MAIL, NOTHING, NULL, N_("exit with 1 when the mailbox is empty")},
	{0, "check-config", A_CHECK_CONFIG, NOTHING, NULL, N_("report every problem in the configuration")},
	{0, "no-exec", A_NO_EXEC, NOTHING, NULL, N_("with --check-config: run no commands")},
	{0, "print", A_PRINT, VALUE, "WHAT", N_("options, functions, commands, patterns, expandos, colors or keys")},
	{0, "format", A_FORMAT, VALUE, "FORMAT", N_("of --print: text, json, mdoc or muttrc")},
	{0, "list", A_LIST, MAYBE, "json", N_("print the index of the mailbox")},
	{0, "limit", A_LIMIT, VALUE, "PATTERN", N_("with --list: only these messages")},
	{0, "width", A_WIDTH, VALUE, "N", N_("columns of the output")},
	{0, "mailboxes", A_MAILBOXES, MAYBE, "json", N_("print the mailboxes")},
	{0, "dump", A_DUMP, MAYBE, "json", N_("print a message (FILE, MAILBOX#N or -)")},
	{0, "part", A_PART, VALUE, "ID", N_("with --dump: one part")},
	{0, "weed", A_WEED, NOTHING, NULL, N_("with --dump: leave out what `ignore` names")},
	{0, "raw", A_RAW, NOTHING, NULL, N_("do not make the output safe for a terminal")},
	{0, "extract", A_EXTRACT, VALUE, "ID", N_("write the decoded bytes of one part")},
	{0, "save-attachments", A_SAVE, VALUE, "FOLDER", N_("save all attachments of a message")},
	{0, "reply", A_REPLY, NOTHING, NULL, N_("make an answer to a message")},
	{0, "group-reply", A_GROUP_REPLY, NOTHING, NULL, N_("make an answer to all")},
	{0, "forward", A_FORWARD, NOTHING, NULL, N_("make a forward")},
	{0, "compose", A_COMPOSE, NOTHING, NULL, N_("make a new message")},
	{0, "stdout", A_STDOUT, NOTHING, NULL, N_("print the finished message instead of sending it")},
	{0, "dry-run", A_DRY_RUN, NOTHING, NULL, N_("the same")},
	{0, "from", A_FROM, VALUE, "ADDRESS", N_("sender")},
	{0, "sync", A_SYNC, NOTHING, NULL, N_("bring all accounts, or those named, up to date; for cron")},
	{0, "outbox", A_OUTBOX, MAYBE, "json", N_("what waits to be sent, and why")},
	{0, "outbox-retry", A_OUTBOX_RETRY, VALUE, "ID", N_("send it again")},
	{0, "outbox-drop", A_OUTBOX_DROP, VALUE, "ID", N_("throw it away")},
	{0, "filter", A_FILTER, VALUE, "KIND", N_("JSON lines through one of the parsers")},
	{0, "json", A_JSON, NOTHING, NULL, N_("output as JSON")},
	{0, "wire-log", A_WIRE_LOG, VALUE, "FILE", N_("transcript of every connection, without secrets")},
	{0, "screen-test", A_SCREEN_TEST, VALUE, NULL, NULL},
	{0, "screen-size", A_SCREEN_SIZE, VALUE, NULL, NULL},
};

static void add(struct arg_list *l, const char *text)
{
	if (l->n + 1 >= l->cap) {
		l->cap = l->cap ? l->cap * 2 : 8;
		l->v = xreallocarray(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = text;
	l->v[l->n] = NULL;
}

static bool set_mode(struct args *a, enum mode mode, const char *what, struct err *e)
{
	if (a->mode != MODE_SCREEN && a->mode != mode)
		return err_set(e, ERR_INPUT, _("two things to do at once: give one of --list, --dump, --sync ..."));
	a->mode = mode;
	a->what = what;
	return true;
}

/* --dump, --list, --mailboxes, --outbox: "json" or "text" may follow after '='. */
static bool set_output(struct args *a, enum mode mode, const char *value, struct err *e)
{
	if (value && strcmp(value, "json") == 0)
		a->json = true;
	else if (value && strcmp(value, "text") != 0)
		return err_set(e, ERR_INPUT, _("output '%s' is not known: json or text"), value);
	return set_mode(a, mode, value, e);
}

static bool set_number(const char *name, const char *value, int max, int *out, struct err *e)
{
	uint64_t n;

	if (!sv_u64(sv_of(value), &n) || n > (uint64_t)max)
		return err_set(e, ERR_INPUT, _("%s wants a number from 0 to %d, not '%s'"), name, max, value);
	*out = (int)n;
	return true;
}

static bool take(struct args *a, const struct option *o, const char *v, struct err *e)
{
	switch (o->id) {
	case A_ALIAS:
		add(&a->aliases, v);
		return set_mode(a, MODE_ALIAS, v, e);
	case A_ATTACH:
		add(&a->attach, v);
		a->compose = true;
		return true;
	case A_BCC:
		add(&a->bcc, v);
		a->compose = true;
		return true;
	case A_CC:
		add(&a->cc, v);
		a->compose = true;
		return true;
	case A_BROWSE:
		a->browse = true;
		return true;
	case A_CHECK_CONFIG:
		return set_mode(a, MODE_CHECK_CONFIG, NULL, e);
	case A_COMMAND:
		add(&a->commands, v);
		return true;
	case A_COMPOSE:
		return set_mode(a, MODE_COMPOSE, NULL, e);
	case A_CONFIG:
		a->config = v;
		return true;
	case A_DEBUG:
		return set_number("-d", v, 5, &a->debug, e);
	case A_DOCS:
		a->with_docs = true;
		return true;
	case A_DRAFT:
		a->draft = v;
		a->compose = true;
		return true;
	case A_DRY_RUN:
	case A_STDOUT:
		a->to_stdout = true;
		return true;
	case A_DUMP:
		return set_output(a, MODE_DUMP, v, e);
	case A_DUMP_OPTIONS:
		a->changed_only = a->mode == MODE_DUMP_OPTIONS;
		return set_mode(a, MODE_DUMP_OPTIONS, NULL, e);
	case A_EDIT:
		a->edit_in_place = true;
		return true;
	case A_EXTRACT:
		return set_mode(a, MODE_EXTRACT, v, e);
	case A_FILTER:
		return set_mode(a, MODE_FILTER, v, e);
	case A_FIRST_NEW:
		a->first_new = true;
		return true;
	case A_FORMAT:
		a->format = v;
		return true;
	case A_FORWARD:
		a->answer = ANSWER_FORWARD;
		return set_mode(a, MODE_ANSWER, NULL, e);
	case A_FROM:
		a->from = v;
		return true;
	case A_GROUP_REPLY:
		a->answer = ANSWER_GROUP;
		return set_mode(a, MODE_ANSWER, NULL, e);
	case A_HELP:
		a->mode = MODE_HELP;
		return true;
	case A_HIDE:
		a->hide_secrets = true;
		return true;
	case A_IF_MAIL:
		a->if_mail = true;
		return true;
	case A_INCLUDE:
		a->include = v;
		a->compose = true;
		return true;
	case A_JSON:
		a->json = true;
		return true;
	case A_LIMIT:
		a->limit = v;
		return true;
	case A_LIST:
		return set_output(a, MODE_LIST, v, e);
	case A_LOG:
		a->log_file = v;
		return true;
	case A_MAILBOX:
		a->mailbox = v;
		return true;
	case A_MAILBOXES:
		return set_output(a, MODE_MAILBOXES, v, e);
	case A_MAILX:
		a->mailx = a->compose = true;
		return true;
	case A_NEWS:
	case A_NEWS_SERVER:
		return err_set(e, ERR_INPUT, _("feist reads mail, not news"));
	case A_NO_EXEC:
		a->no_exec = true;
		return true;
	case A_NO_SYSTEM:
		a->no_system = true;
		return true;
	case A_OUTBOX:
		return set_output(a, MODE_OUTBOX, v, e);
	case A_OUTBOX_DROP:
		return set_mode(a, MODE_OUTBOX_DROP, v, e);
	case A_OUTBOX_RETRY:
		return set_mode(a, MODE_OUTBOX_RETRY, v, e);
	case A_OUTPUT:
		a->output = v;
		return true;
	case A_PART:
		a->part = v;
		return true;
	case A_PRINT:
		return set_mode(a, MODE_PRINT, v, e);
	case A_QUERY:
		add(&a->queries, v);
		return set_mode(a, MODE_QUERY, v, e);
	case A_RAW:
		a->raw = true;
		return true;
	case A_READONLY:
		a->readonly = true;
		return true;
	case A_RECALL:
		a->recall = true;
		return true;
	case A_REPLY:
		a->answer = ANSWER_REPLY;
		return set_mode(a, MODE_ANSWER, NULL, e);
	case A_SAVE:
		return set_mode(a, MODE_SAVE_ATTACHMENTS, v, e);
	case A_SCREEN_SIZE:
		a->screen_size = v;
		return true;
	case A_SCREEN_TEST:
		a->screen_test = v;
		return true;
	case A_SENDMAIL:
		a->recipients_from_header = a->compose = true;
		return true;
	case A_SUBJECT:
		a->subject = v;
		a->compose = true;
		return true;
	case A_SYNC:
		return set_mode(a, MODE_SYNC, NULL, e);
	case A_TYPE:
		a->mbox_type = v;
		return true;
	case A_VERSION:
		a->mode = MODE_VERSION;
		return true;
	case A_WEED:
		a->weed = true;
		return true;
	case A_WIDTH:
		return set_number("--width", v, 10000, &a->width, e);
	case A_WIRE_LOG:
		a->wire_log = v;
		return true;
	}
	return true;
}

static const struct option *by_letter(char letter)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (letter && options[i].letter == letter)
			return &options[i];
	return NULL;
}

static const struct option *by_name(struct sv name)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].name && sv_is(name, options[i].name))
			return &options[i];
	return NULL;
}

struct cursor {
	char **argv;
	int argc, at;
};

/* -a takes every word up to the next option; the -- that ends its list is eaten when it is there. */
static bool take_files(struct args *a, const struct option *o, struct cursor *c, struct err *e)
{
	while (c->at < c->argc && !(c->argv[c->at][0] == '-' && c->argv[c->at][1]))
		if (!take(a, o, c->argv[c->at++], e))
			return false;
	return true;
}

static bool take_long(struct args *a, struct cursor *c, struct err *e)
{
	struct sv name = sv_of(c->argv[c->at++] + 2);
	ptrdiff_t eq = sv_chr(name, '=');
	const char *value = eq < 0 ? NULL : name.p + eq + 1;

	if (eq >= 0)
		name = sv_head(name, (size_t)eq);
	const struct option *o = by_name(name);
	if (!o)
		return err_set(e, ERR_INPUT, _("unknown option --" SV_FMT "; see feist --help"), SV_ARG(name));
	if (o->takes == NOTHING && value)
		return err_set(e, ERR_INPUT, _("--%s takes no value"), o->name);
	if ((o->takes == VALUE || o->takes == FILES) && !value) {
		if (c->at >= c->argc)
			return err_set(e, ERR_INPUT, _("--%s wants a value: %s"), o->name, o->value ? o->value : "");
		value = c->argv[c->at++];
	}
	return take(a, o, value, e) && (o->takes != FILES || take_files(a, o, c, e));
}

/* "-oi" and the like are sendmail's and mean nothing to us; only behind -t. */
static bool is_sendmail_option(const struct args *a, const char *word)
{
	return a->recipients_from_header && word[1] == 'o' && word[2];
}

static bool take_letters(struct args *a, struct cursor *c, struct err *e)
{
	const char *word = c->argv[c->at++];

	if (is_sendmail_option(a, word))
		return true;
	for (const char *p = word + 1; *p; p++) {
		const struct option *o = by_letter(*p);
		const char *value = NULL;
		if (!o)
			return err_set(e, ERR_INPUT, _("unknown option -%c; see feist -h"), *p);
		if (o->takes == VALUE || o->takes == FILES) {
			value = p[1] ? p + 1 : c->at < c->argc ? c->argv[c->at++] : NULL;
			if (!value)
				return err_set(e, ERR_INPUT, _("-%c wants a value: %s"), *p, o->value ? o->value : "");
			/* sendmail's -f is the sender */
			if (o->id == A_MAILBOX && a->recipients_from_header) {
				a->from = value;
				return true;
			}
			return take(a, o, value, e) && (o->takes != FILES || take_files(a, o, c, e));
		}
		if (!take(a, o, NULL, e))
			return false;
	}
	return true;
}

bool args_parse(struct args *a, int argc, char **argv, struct err *e)
{
	struct cursor c = {.argv = argv, .argc = argc, .at = 1};
	bool only_operands = false;

	*a = (struct args){0};
	while (c.at < c.argc) {
		const char *word = c.argv[c.at];
		bool ok = true;
		if (only_operands || word[0] != '-' || word[1] == 0) {
			add(&a->operands, word);
			c.at++;
		} else if (strcmp(word, "--") == 0) {
			only_operands = true;
			c.at++;
		} else {
			ok = word[1] == '-' ? take_long(a, &c, e) : take_letters(a, &c, e);
		}
		if (!ok)
			return false;
	}
	if (a->mode == MODE_SCREEN && (a->operands.n || a->to_stdout))
		a->compose = true;
	return true;
}

void args_fini(struct args *a)
{
	struct arg_list *lists[] = {&a->operands, &a->commands, &a->queries, &a->aliases, &a->attach, &a->bcc, &a->cc};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		free(lists[i]->v);
	*a = (struct args){0};
}

int main_fail(int status, const struct err *e)
{
	fprintf(stderr, "feist: %s\n", e->text);
	return status;
}

static void help_line(const struct option *o)
{
	char left[64];
	const char *sep = o->takes == MAYBE ? "[=" : o->name ? (o->takes ? "=" : "") : " ";

	snprintf(left, sizeof(left), "%s%c%s%s%s%s%s%s", o->letter ? "-" : " ", o->letter ? o->letter : ' ',
		o->letter && o->name ? ", " : o->name ? "  " : "", o->name ? "--" : "", o->name ? o->name : "",
		o->takes ? sep : "", o->takes && o->value ? o->value : "", o->takes == MAYBE ? "]" : "");
	printf("  %-30s %s\n", left, _(o->help));
}

void args_help(void)
{
	puts(_("usage: feist [OPTION]... [-f MAILBOX]\n"
	       "       feist [-s SUBJECT] [-a FILE... --] ADDRESS... [< BODY]\n"
	       "       feist mailto:ADDRESS?subject=...\n"
	       "       feist --list|--dump|--sync ... (see feist(1))\n"));
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].help)
			help_line(&options[i]);
}
