#include "main/args.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "main/main.h"

enum takes {
	NOTHING,
	VALUE,
	MAYBE /* only as --name=value */,
	FILES /* up to -- or the next option */
};

/* What an option does; several of these may be set. Fields of struct args by their offset, 0: none. */
struct deed {
	size_t flag;   /* bool that becomes true */
	size_t text;   /* const char * that gets the value */
	size_t list;   /* struct arg_list that grows by the value */
	size_t number; /* int that gets the value, from 0 to max */
	int max;
	enum mode mode; /* MODE_SCREEN: none */
	enum answer answer;
	bool writes; /* asks for a message to be written */
	bool wins;   /* over any other mode */
	const char *refused;
};
#define IN(field) offsetof(struct args, field)

static const struct option {
	char letter;      /* 0: long only */
	const char *name; /* NULL: letter only */
	struct deed deed;
	enum takes takes;
	const char *value; /* as shown in help */
	const char *help;  /* NULL: accepted, not shown */
} options[] = {
	{'A', "alias", {.list = IN(aliases), .mode = MODE_ALIAS}, VALUE, "ALIAS",
		N_("print what an alias stands for")},
	{'a', "attach", {.list = IN(attach), .writes = true}, FILES, "FILE... --",
		N_("attach files; the list ends with --")},
	{'b', "bcc", {.list = IN(bcc), .writes = true}, VALUE, "ADDRESS", N_("blind copy")},
	{'c', "cc", {.list = IN(cc), .writes = true}, VALUE, "ADDRESS", N_("copy")},
	{'D', "dump-config", {.mode = MODE_DUMP_OPTIONS}, NOTHING, NULL,
		N_("print the value of every option (--json: with types and origins)")},
	{'d', "debug-level", {.number = IN(debug), .max = 5}, VALUE, "LEVEL",
		N_("write a log of this detail (1-5); from 3 on with transcripts of connections")},
	{'E', "edit-message", {.flag = IN(edit_in_place)}, NOTHING, NULL,
		N_("edit the file of -H or -i itself")},
	{'e', "command", {.list = IN(commands)}, VALUE, "COMMAND",
		N_("run a configuration command after the file is read")},
	{'F', "config", {.text = IN(config)}, VALUE, "FILE", N_("read this configuration")},
	{'f', "folder", {.text = IN(mailbox)}, VALUE, "MAILBOX",
		N_("open this mailbox: path, =name or URL")},
	{'G', NULL, {.refused = N_("feist reads mail, not news")}, NOTHING, NULL, NULL},
	{'g', NULL, {.refused = N_("feist reads mail, not news")}, VALUE, NULL, NULL},
	{'H', "draft", {.text = IN(draft), .writes = true}, VALUE, "FILE",
		N_("take header and body from a file")},
	{'h', "help", {.mode = MODE_HELP, .wins = true}, NOTHING, NULL, N_("this text")},
	{'i', "include", {.text = IN(include), .writes = true}, VALUE, "FILE",
		N_("put a file into the body")},
	{'l', "log-file", {.text = IN(log_file)}, VALUE, "FILE", N_("where the log goes")},
	{'m', "mbox-type", {.text = IN(mbox_type)}, VALUE, "TYPE",
		N_("kind of new mailboxes: mbox or Maildir")},
	{'n', "no-system-config", {.flag = IN(no_system)}, NOTHING, NULL,
		N_("do not read the system's configuration")},
	{'O', NULL, {.flag = IN(with_docs)}, NOTHING, NULL, NULL},
	{'o', "output", {.text = IN(output)}, VALUE, "FILE",
		N_("where --extract writes (-: standard output)")},
	{'p', "postponed", {.flag = IN(recall)}, NOTHING, NULL,
		N_("go on with a postponed message")},
	{'Q', "query", {.list = IN(queries), .mode = MODE_QUERY}, VALUE, "OPTION",
		N_("print the value of an option")},
	{'R', "read-only", {.flag = IN(readonly)}, NOTHING, NULL,
		N_("change nothing in the mailbox")},
	{'S', NULL, {.flag = IN(hide_secrets)}, NOTHING, NULL, NULL},
	{'s', "subject", {.text = IN(subject), .writes = true}, VALUE, "SUBJECT", N_("subject")},
	{'t', NULL, {.flag = IN(recipients_from_header), .writes = true}, NOTHING, NULL,
		N_("take recipients from the header of the message on standard input")},
	{'v', "version", {.mode = MODE_VERSION, .wins = true}, NOTHING, NULL,
		N_("version and what is built in")},
	{'x', NULL, {.flag = IN(mailx), .writes = true}, NOTHING, NULL,
		N_("behave like mailx when sending")},
	{'y', "browser", {.flag = IN(browse)}, NOTHING, NULL,
		N_("start with the list of mailboxes")},
	{'Z', "check-new-mail", {.flag = IN(first_new)}, NOTHING, NULL,
		N_("open the first mailbox with new mail, or exit with 1")},
	{'z', "check-any-mail", {.flag = IN(if_mail)}, NOTHING, NULL,
		N_("exit with 1 when the mailbox is empty")},
	{0, "check-config", {.mode = MODE_CHECK_CONFIG}, NOTHING, NULL,
		N_("report every problem in the configuration")},
	{0, "no-exec", {.flag = IN(no_exec)}, NOTHING, NULL,
		N_("with --check-config: run no commands")},
	{0, "print", {.mode = MODE_PRINT}, VALUE, "WHAT",
		N_("options, functions, commands, patterns, expandos, colors or keys")},
	{0, "format", {.text = IN(format)}, VALUE, "FORMAT",
		N_("of --print: text, json, mdoc or muttrc")},
	{0, "list", {.mode = MODE_LIST}, MAYBE, "json", N_("print the index of the mailbox")},
	{0, "limit", {.text = IN(limit)}, VALUE, "PATTERN", N_("with --list: only these messages")},
	{0, "width", {.number = IN(width), .max = 10000}, VALUE, "N", N_("columns of the output")},
	{0, "mailboxes", {.mode = MODE_MAILBOXES}, MAYBE, "json", N_("print the mailboxes")},
	{0, "dump", {.mode = MODE_DUMP}, MAYBE, "json",
		N_("print a message (FILE, MAILBOX#N or -)")},
	{0, "part", {.text = IN(part)}, VALUE, "ID", N_("with --dump: one part")},
	{0, "weed", {.flag = IN(weed)}, NOTHING, NULL,
		N_("with --dump: leave out what `ignore` names")},
	{0, "raw", {.flag = IN(raw)}, NOTHING, NULL,
		N_("do not make the output safe for a terminal")},
	{0, "extract", {.mode = MODE_EXTRACT}, VALUE, "ID",
		N_("write the decoded bytes of one part")},
	{0, "save-attachments", {.mode = MODE_SAVE_ATTACHMENTS}, VALUE, "FOLDER",
		N_("save all attachments of a message")},
	{0, "reply", {.mode = MODE_ANSWER, .answer = ANSWER_REPLY}, NOTHING, NULL,
		N_("make an answer to a message")},
	{0, "group-reply", {.mode = MODE_ANSWER, .answer = ANSWER_GROUP}, NOTHING, NULL,
		N_("make an answer to all")},
	{0, "forward", {.mode = MODE_ANSWER, .answer = ANSWER_FORWARD}, NOTHING, NULL,
		N_("make a forward")},
	{0, "compose", {.mode = MODE_COMPOSE}, NOTHING, NULL, N_("make a new message")},
	{0, "stdout", {.flag = IN(to_stdout)}, NOTHING, NULL,
		N_("print the finished message instead of sending it")},
	{0, "dry-run", {.flag = IN(to_stdout)}, NOTHING, NULL, N_("the same")},
	{0, "from", {.text = IN(from)}, VALUE, "ADDRESS", N_("sender")},
	{0, "sync", {.mode = MODE_SYNC}, NOTHING, NULL,
		N_("bring all accounts, or those named, up to date; for cron")},
	{0, "outbox", {.mode = MODE_OUTBOX}, MAYBE, "json", N_("what waits to be sent, and why")},
	{0, "outbox-retry", {.mode = MODE_OUTBOX_RETRY}, VALUE, "ID", N_("send it again")},
	{0, "outbox-drop", {.mode = MODE_OUTBOX_DROP}, VALUE, "ID", N_("throw it away")},
	{0, "flush-outbox", {.mode = MODE_FLUSH_OUTBOX}, NOTHING, NULL,
		N_("send what is due, and try again now what waits for another try; for cron")},
	{0, "send-at", {.text = IN(send_at)}, VALUE, "TIME",
		N_("with a message to send: when it is to go (\"tomorrow 8:00\", \"+2h\")")},
	{0, "filter", {.mode = MODE_FILTER}, VALUE, "KIND",
		N_("JSON lines through one of the parsers")},
	{0, "json", {.flag = IN(json)}, NOTHING, NULL, N_("output as JSON")},
	{0, "wire-log", {.text = IN(wire_log)}, VALUE, "FILE",
		N_("transcript of every connection, without secrets")},
	{0, "screen-test", {.text = IN(screen_test)}, VALUE, NULL, NULL},
	{0, "screen-size", {.text = IN(screen_size)}, VALUE, NULL, NULL},
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
		return err_set(e, ERR_INPUT,
			_("two things to do at once: give one of --list, --dump, --sync ..."));
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

static bool set_number(const struct option *o, const char *value, int *out, struct err *e)
{
	uint64_t n;

	if (sv_u64(sv_of(value), &n) && n <= (uint64_t)o->deed.max) {
		*out = (int)n;
		return true;
	}
	return err_set(e, ERR_INPUT, _("--%s wants a number from 0 to %d, not '%s'"), o->name,
		o->deed.max, value);
}

static bool take_mode(struct args *a, const struct option *o, const char *v, struct err *e)
{
	const struct deed *d = &o->deed;

	if (d->mode == MODE_SCREEN)
		return true;
	if (d->wins) {
		a->mode = d->mode;
		return true;
	}
	if (d->mode == MODE_DUMP_OPTIONS) /* the second -D: only what was changed */
		a->changed_only = a->mode == MODE_DUMP_OPTIONS;
	if (d->mode == MODE_ANSWER)
		a->answer = d->answer;
	return o->takes == MAYBE ? set_output(a, d->mode, v, e) : set_mode(a, d->mode, v, e);
}

static bool take(struct args *a, const struct option *o, const char *v, struct err *e)
{
	const struct deed *d = &o->deed;
	char *fields = (char *)a;

	if (d->refused)
		return err_set(e, ERR_INPUT, "%s", _(d->refused));
	if (d->flag)
		*(bool *)(fields + d->flag) = true;
	if (d->text)
		*(const char **)(fields + d->text) = v;
	if (d->list)
		add((struct arg_list *)(fields + d->list), v);
	if (d->number && !set_number(o, v, (int *)(fields + d->number), e))
		return false;
	a->compose |= d->writes;
	return take_mode(a, o, v, e);
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
		return err_set(e, ERR_INPUT, _("unknown option --" SV_FMT "; see feist --help"),
			SV_ARG(name));
	if (o->takes == NOTHING && value)
		return err_set(e, ERR_INPUT, _("--%s takes no value"), o->name);
	if ((o->takes == VALUE || o->takes == FILES) && !value) {
		if (c->at >= c->argc)
			return err_set(e, ERR_INPUT, _("--%s wants a value: %s"), o->name,
				o->value ? o->value : "");
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
				return err_set(e, ERR_INPUT, _("-%c wants a value: %s"), *p,
					o->value ? o->value : "");
			/* sendmail's -f is the sender */
			if (o->deed.text == IN(mailbox) && a->recipients_from_header) {
				a->from = value;
				return true;
			}
			return take(a, o, value, e) &&
			       (o->takes != FILES || take_files(a, o, c, e));
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
	struct arg_list *lists[] = {
		&a->operands, &a->commands, &a->queries, &a->aliases, &a->attach, &a->bcc, &a->cc};

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

	snprintf(left, sizeof(left), "%s%c%s%s%s%s%s%s", o->letter ? "-" : " ",
		o->letter ? o->letter : ' ',
		o->letter && o->name ? ", "
		: o->name            ? "  "
				     : "",
		o->name ? "--" : "", o->name ? o->name : "", o->takes ? sep : "",
		o->takes && o->value ? o->value : "", o->takes == MAYBE ? "]" : "");
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
