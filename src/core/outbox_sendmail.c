/*
 * Mail that leaves through $sendmail: run by us, without a shell, beside the loop. It may hand the
 * message on at any moment, so the row is COMMITTING while it runs, and only its exit status (sysexits.h)
 * says what became of the message.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/gettext.h"
#include "core/outbox_priv.h"

#define RECIPIENTS_MAX 10000
#define WORDS_MAX 2000 /* bytes of what it prints that are kept */
#define NOT_FOUND 127  /* as a shell says it */
#define SCAN_MAX (512u << 20)

/* ---- what its end means ---- */

static const struct {
	int status;
	bool later; /* worth another try */
	const char *text;
} exits[] = {
	{EX_USAGE, false, N_("its command line is wrong")},
	{EX_DATAERR, false, N_("the message or an address was refused")},
	{EX_NOINPUT, false, N_("it could not read the message")},
	{EX_NOUSER, false, N_("a recipient is not known")},
	{EX_NOHOST, true, N_("the server was not found")},
	{EX_UNAVAILABLE, true, N_("the service is not available")},
	{EX_SOFTWARE, false, N_("it has a fault of its own")},
	{EX_OSERR, true, N_("the system has no room for it")},
	{EX_IOERR, true, N_("reading or writing failed")},
	{EX_TEMPFAIL, true, N_("it cannot send now")},
	{EX_PROTOCOL, false, N_("the server broke the protocol")},
	{EX_NOPERM, false, N_("the login was refused, or it may not send")},
	{EX_CONFIG, false, N_("its configuration is wrong")},
	{126, false, N_("it cannot be run")},
	{NOT_FOUND, false, N_("it was not found")},
};

/* What it printed, on one line; "" when it said nothing. Caller frees. */
static char *read_words(struct submitter *u)
{
	struct str s;
	struct err e;
	char *text;

	if (u->words_fd < 0 || lseek(u->words_fd, 0, SEEK_SET) < 0 ||
		!fs_read_fd(u->words_fd, WORDS_MAX, &s, &e))
		return xstrdup("");
	for (size_t i = 0; i < s.len; i++)
		if (s.s[i] == '\n' || s.s[i] == '\r')
			s.s[i] = ' ';
	text = sv_dup(sv_trim(str_sv(&s)));
	str_fini(&s);
	return text;
}

void sendmail_forget(struct submitter *u)
{
	if (u->words_fd >= 0)
		close(u->words_fd);
	u->words_fd = -1;
}

static char *reason(struct submitter *u, int status, bool *later)
{
	struct sv program, rest = sv_of(u->conf->sendmail);
	char *words = read_words(u), *why;
	const char *text = NULL;

	(void)sv_split(&rest, ' ', &program);
	for (size_t i = 0; i < ARRAY_LEN(exits); i++) {
		if (exits[i].status != status)
			continue;
		text = exits[i].text;
		*later = exits[i].later;
	}
	if (text)
		why = xasprintf("%s%s" SV_FMT ": %s (%d)", words, *words ? " -- " : "",
			SV_ARG(program), _(text), status);
	else
		why = xasprintf(_("%s%s" SV_FMT " ended with status %d"), words,
			*words ? " -- " : "", SV_ARG(program), status);
	free(words);
	return why;
}

static void note_end(struct submitter *u, int status)
{
	bool later = false;
	char *why;

	if (status == 0) {
		submitter_ended(u, OUTBOX_SENT, "");
		return;
	}
	if (status == EX_NOPERM)
		outbox_note_class(u->s, u->sending, SV("auth"));
	why = status > 128 ? xasprintf(_("%s was killed by signal %d"), u->conf->sendmail, status - 128)
			   : reason(u, status, &later);
	submitter_ended(u, status > 128 ? OUTBOX_UNKNOWN : later ? OUTBOX_QUEUED : OUTBOX_FAILED, why);
	free(why);
}

static void ended(void *data, pid_t pid, int status)
{
	struct submitter *u = data;

	(void)pid;
	u->pid = 0;
	u->child_id = 0;
	note_end(u, status);
	if (u->s->quitting)
		session_helper_gone(u->s);
}

/* ---- its command line ---- */

struct words {
	const char **v;
	size_t n, cap;
};

static void add(struct words *w, const char *word)
{
	array_grow(w->v, w->n, w->cap);
	w->v[w->n++] = word;
}

static bool has_8bit(const char *path)
{
	struct str text;
	bool yes = false;

	if (!fs_read(path, SCAN_MAX, &text, NULL))
		return false;
	for (size_t i = 0; i < text.len && !yes; i++)
		yes = (unsigned char)text.s[i] >= 128;
	str_fini(&text);
	return yes;
}

/* What mutt adds to $sendmail, unless the user ended its options with "--". */
static void add_options(
	struct submitter *u, const struct outbox_row *r, struct arena *a, struct words *w)
{
	struct sv notify = outbox_option(sv_of(r->options), "dsn_notify");
	struct sv ret = outbox_option(sv_of(r->options), "dsn_return");

	if (u->conf->use_envelope_from) {
		add(w, "-f");
		add(w, arena_strdup(a, *r->from ? r->from : "<>"));
	}
	if (notify.len) {
		add(w, "-N");
		add(w, arena_strndup(a, notify.p, notify.len));
	}
	if (ret.len) {
		add(w, "-R");
		add(w, arena_strndup(a, ret.p, ret.len));
	}
	if (u->conf->use_8bitmime && has_8bit(r->file))
		add(w, "-B8BITMIME");
	add(w, "--");
}

/* $sendmail -f SENDER -- ADDR... < file. The words of $sendmail are the user's; addresses are never seen by a shell. */
static bool make_argv(struct submitter *u, const struct outbox_row *r, struct arena *a,
	struct words *w, struct err *e)
{
	struct sv rest = sv_of(u->conf->sendmail), word;
	bool has_dashes = false;

	while (sv_split(&rest, ' ', &word)) {
		if (!word.len)
			continue;
		add(w, arena_strndup(a, word.p, word.len));
		has_dashes = has_dashes || sv_is(word, "--");
	}
	if (w->n == 0)
		return err_set(e, ERR_INPUT, "%s",
			_("$sendmail is empty, and so is $smtp_url: there is no way to send"));
	if (!has_dashes)
		add_options(u, r, a, w);
	rest = sv_of(r->recipients);
	for (size_t n = 0; sv_line(&rest, &word); n++) {
		if (n >= RECIPIENTS_MAX)
			return err_set(e, ERR_LIMIT, "%s", _("too many recipients"));
		if (word.len)
			add(w, arena_strndup(a, word.p, word.len));
	}
	add(w, NULL);
	return true;
}

/* A file without a name that takes what it says. */
static int words_file(void)
{
	char *path;
	struct err e;
	int fd;

	if (!fs_temp(NULL, "feist", ".err", &fd, &path, &e))
		return -1;
	(void)unlink(path);
	free(path);
	return fd;
}

bool sendmail_run(struct submitter *u, const struct outbox_row *r, struct arena *a, struct err *e)
{
	struct proc_opts opts = PROC_OPTS_INIT;
	struct words w = {0};
	bool ok;

	opts.in = open(r->file, O_RDONLY | O_CLOEXEC);
	if (opts.in < 0)
		return err_sys(e, "%s", r->file);
	u->words_fd = words_file();
	opts.out = opts.err = u->words_fd >= 0 ? u->words_fd : PROC_NULL;
	opts.new_group = true;
	ok = make_argv(u, r, a, &w, e);
	if (ok) {
		ok = outbox_change(u->s->state, r->id, OUTBOX_SENDING, OUTBOX_COMMITTING, "", 0, e);
		u->committing = ok;
		ok = ok && proc_spawn(w.v, &opts, &u->pid, e);
	}
	free(w.v);
	close(opts.in);
	if (ok)
		u->child_id = loop_child(u->s->loop, "sendmail", u->pid, ended, u);
	else
		sendmail_forget(u);
	return ok;
}
