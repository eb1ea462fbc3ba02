/* A ring of lines, and what to do about each class of error. */
#include "core/msglog.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "core/gettext.h"
#include "text/utf8.h"

#define LINE_MAX_BYTES 2000

struct msglog {
	struct msglog_line lines[MSGLOG_MAX];
	size_t first, count;
};

struct msglog *msglog_new(void)
{
	return xcalloc(1, sizeof(struct msglog));
}

static void line_fini(struct msglog_line *l)
{
	free(l->room);
	free(l->text);
	free(l->cure);
}

void msglog_free(struct msglog *log)
{
	if (!log)
		return;
	for (size_t i = 0; i < log->count; i++)
		line_fini(&log->lines[(log->first + i) % MSGLOG_MAX]);
	free(log);
}

size_t msglog_len(const struct msglog *log)
{
	return log->count;
}

const struct msglog_line *msglog_at(const struct msglog *log, size_t n)
{
	return n < log->count ? &log->lines[(log->first + n) % MSGLOG_MAX] : NULL;
}

static char *safe_text(const char *text)
{
	struct str out;

	str_init(&out, LINE_MAX_BYTES);
	(void)utf8_add_safe(&out, sv_of(text), UTF8_SAFE_LINE);
	return str_detach(&out);
}

void msglog_add(struct msglog *log, enum log_level level, const char *room, const char *cure,
	const char *fmt, ...)
{
	char raw[LINE_MAX_BYTES];
	struct msglog_line *l, *last;
	char *text;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	text = safe_text(raw);
	log_write(level, room, "%s", text);
	last = log->count ? &log->lines[(log->first + log->count - 1) % MSGLOG_MAX] : NULL;
	if (last && last->level == level && strcmp(last->text, text) == 0) {
		last->repeated++;
		last->when = clock_now();
		free(text);
		return;
	}
	if (log->count == MSGLOG_MAX) {
		line_fini(&log->lines[log->first]);
		log->first = (log->first + 1) % MSGLOG_MAX;
		log->count--;
	}
	l = &log->lines[(log->first + log->count++) % MSGLOG_MAX];
	*l = (struct msglog_line){.when = clock_now(),
		.level = level,
		.room = xstrdup(room),
		.text = text,
		.cure = cure ? xstrdup(cure) : NULL};
}

/*
 * What servers say when a thing has one known cause, whatever the class: enhanced status codes of SMTP
 * (RFC 3463, and those of single providers), and words of those that have no codes. (The response codes of
 * IMAP bring their cure along: net/imap_code.c.) The first that stands in the text counts.
 */
static const struct {
	const char *says;
	const char *cure;
} known[] = {
	{"5.7.30", N_("This server takes no passwords any more: set imap_oauth_refresh_command, smtp_oauth_refresh_command "
		      "and authenticators with xoauth2.")},
	{"Application-specific password", N_("Make an app password in the settings of the account and use it here.")},
	{"5.7.9", N_("This server wants a stronger way to sign in: an app password, or OAuth.")},
	{"WEBALERT", N_("Sign in once with a browser: the provider wants to see you there first.")},
	{"Too many simultaneous connections", N_("Close other mail programs of this account, or wait: it is tried again.")},
	{"maximum number of connections", N_("Close other mail programs of this account, or wait: it is tried again.")},
	{"over quota", N_("The mailbox is full: delete or move mail, and empty the trash.")},
	{"5.2.2", N_("The mailbox of the recipient is full: try again later, or tell them another way.")},
	{"5.2.3", N_("The message is too large for the server: attach less, or send a link.")},
	{"5.3.4", N_("The message is too large for the server: attach less, or send a link.")},
	{"5.1.1", N_("There is no such address: look for a typing error.")},
	{"5.7.1", N_("The server does not let you send this: check the From address, and that you sign in (user name in $smtp_url).")},
	{"Name or service not known", N_("Check the name of the server; is the network up?")},
	{"Temporary failure in name resolution", N_("No name can be looked up: is the network up?")},
	{"refused", NULL}, /* of several causes: the class says it */
	{"expired", N_("The certificate is too old: the administrator of the server must renew it. Is your clock right?")},
	{"for another name", N_("The certificate is of another server: check the name of the server in the configuration.")},
	{"Network is unreachable", N_("There is no network; what you do waits and is carried out later.")},
	{"No space left", N_("The disk is full: make room, then it goes on by itself.")},
};

const char *msglog_cure(const struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strcasestr(e->text, known[i].says)) {
			if (known[i].cure)
				return _(known[i].cure);
			break;
		}
	}
	switch (e->class) {
	case ERR_NET:
		return _("It is tried again by itself. Is the network up, and the name of the "
			 "server right?");
	case ERR_TLS:
		return _("The connection is not safe. Check the name of the server and "
			 "$ssl_ca_certificates_file.");
	case ERR_AUTH:
		return _("Check the user name and the password ($imap_user, $imap_pass and their "
			 "kin), then reconnect.");
	case ERR_PROTO:
		return _("The server refused or misbehaved. The message log has its words.");
	case ERR_LIMIT:
		return _("A limit was reached: see the message for which one.");
	case ERR_DISK:
		return _("Make room or mend the permissions; nothing that was confirmed is lost.");
	case ERR_GONE:
		return _("It is not there any more; the list is read again.");
	case ERR_INPUT:
		return NULL;
	default:
		return NULL;
	}
}
