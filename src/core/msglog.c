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

const char *msglog_cure(const struct err *e)
{
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
