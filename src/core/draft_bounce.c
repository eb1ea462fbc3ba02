/* Bouncing: a message as it is, with Resent- fields before it, to other people. */
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/draft_priv.h"
#include "core/gettext.h"
#include "mime/build.h"
#include "mime/header.h"
#include "mime/msgid.h"

struct bounce {
	struct session *s;
	struct view *view; /* NULL: one message, in the file path */
	uint32_t *rows, count, at;
	char *path;
	struct draft *d; /* holds the recipients */
	session_done_fn *done;
	void *data;
};

static void bounce_next(struct bounce *b);

static void bounce_end(struct bounce *b, const struct err *e)
{
	b->done(b->data, e);
	draft_free(b->d);
	free(b->rows);
	free(b->path);
	free(b);
}

/* Resent- fields in front of the message as it is, RFC 5322 section 3.6.6. */
static bool resent_fields(struct bounce *b, struct str *out, struct err *e)
{
	char date[DATE_TEXT_MAX], *host, *id;
	struct date now = {.epoch = clock_now(), .tz_known = true};
	struct arena *a = arena_new();
	struct addr_list to;
	struct addr_list from;
	struct sv domain;
	bool ok = draft_addresses(b->d, b->d->field[FIELD_TO], a, &to, e) &&
		  draft_addresses(b->d, b->d->field[FIELD_FROM], a, &from, e);

	if (ok) {
		now.tz_minutes = date_local_offset(now.epoch);
		domain = from.count ? addr_domain(sv_of(from.list[0].addr)) : sv_make("", 0);
		host = sv_dup(domain);
		id = msgid_new(host, sv_of(b->d->field[FIELD_TO]));
		ok = str_adds(out, "Resent-From: ") &&
		     addr_list_format(out, &from, ADDR_HEADER, b->s->conf->send_charset, 13) &&
		     str_addf(out, "\nResent-Date: %s\nResent-Message-ID: %s\nResent-To: ",
			     date_rfc5322(date, &now), id) &&
		     addr_list_format(out, &to, ADDR_HEADER, b->s->conf->send_charset, 11) &&
		     str_addc(out, '\n');
		free(host);
		free(id);
	}
	arena_free(a);
	return ok;
}

/*
 * mbox's "From " line is no part of the message; CRLF becomes LF as in every file of the outbox.
 * delivered: with its Delivered-To fields ($bounce_delivered).
 */
static bool add_original(struct str *out, struct sv bytes, bool delivered)
{
	bool ok = true, in_header = true, leave_out = false;

	if (sv_starts(bytes, SV("From ")))
		bytes = sv_from(bytes, (size_t)(sv_chr(bytes, '\n') + 1));
	for (struct sv line; ok && bytes.len > 0;) {
		bool has_end = sv_chr(bytes, '\n') >= 0;

		(void)sv_line(&bytes, &line);
		in_header = in_header && line.len > 0;
		if (in_header && *line.p != ' ' && *line.p != '\t')
			leave_out = !delivered && sv_starts_case(line, SV("Delivered-To:"));
		if (in_header && leave_out)
			continue;
		ok = str_add(out, line) && (!has_end || str_addc(out, '\n'));
	}
	return ok;
}

/* For the list of the outbox. Caller frees. */
static char *subject_of(struct bounce *b, struct sv bytes)
{
	struct msg_facts m;

	if (b->view) {
		view_facts(b->view, b->rows[b->at], &m);
		return sv_dup(m.subject);
	}
	struct arena *a = arena_new();
	struct headers h;
	headers_parse(a, bytes, &h);
	char *subject = xstrdup(header_text_in(a, headers_raw(&h, "Subject"), NULL));
	arena_free(a);
	return subject;
}

static bool bounce_row(struct bounce *b, const char *file, struct sv bytes, struct err *e)
{
	struct outbox_row row = {.state = OUTBOX_QUEUED, .file = file, .created = clock_now()};
	char *from = draft_envelope_sender(b->d), *account, *subject;
	struct str recipients, options;
	int64_t id;
	bool ok;

	str_init(&recipients, DRAFT_RECIPIENTS_MAX);
	str_init(&options, DRAFT_DATA_MAX);
	account = outbox_way_out(b->s, b->d->conf, &options, e);
	subject = subject_of(b, bytes);
	ok = account && draft_envelope(b->d, &recipients, e);
	row.account = account;
	row.from = from;
	row.subject = subject;
	row.recipients = recipients.s;
	row.options = options.s;
	ok = ok && outbox_add(b->s->state, &row, &id, e);
	free(subject);
	free(account);
	free(from);
	str_fini(&recipients);
	str_fini(&options);
	return ok;
}

static void bounce_body(void *data, int fd, uint64_t offset, uint64_t length, const struct err *why)
{
	struct bounce *b = data;
	struct str bytes, out;
	char *file = NULL;
	struct err e;
	bool ok;

	if (why) {
		bounce_end(b, why);
		return;
	}
	ok = lseek(fd, (off_t)offset, SEEK_SET) >= 0 ? fs_read_fd(fd, BUILD_MAX, &bytes, &e)
						     : err_sys(&e, "bounce");
	close(fd);
	if (ok) {
		str_init(&out, BUILD_MAX);
		ok = resent_fields(b, &out, &e);
		if (ok && !add_original(&out, sv_head(str_sv(&bytes), length ? length : bytes.len),
				  b->s->conf->bounce_delivered))
			ok = err_set(&e, ERR_LIMIT, "%s", _("The message is too big."));
		ok = ok && state_put_file(b->s->state, str_sv(&out), &file, &e) &&
		     bounce_row(b, file, str_sv(&bytes), &e);
		str_fini(&out);
		str_fini(&bytes);
		free(file);
	}
	if (!ok) {
		bounce_end(b, &e);
		return;
	}
	b->at++;
	bounce_next(b);
}

static void bounce_next(struct bounce *b)
{
	struct msg_source src = {.view = b->view};

	if (b->at >= b->count) {
		outbox_kick(b->s);
		bounce_end(b, NULL);
		return;
	}
	if (b->view)
		src.row = b->rows[b->at];
	else
		src.path = b->path;
	(void)session_body(b->s, &src, "", bounce_body, b);
}

/* Somebody to send it to, from somebody: NULL with *e. */
static struct draft *envelope_for(struct session *s, const char *to, struct err *e)
{
	struct draft *d = draft_alloc(s);
	char *from = draft_default_from(s->conf);

	draft_put_field(d, FIELD_FROM, from);
	free(from);
	if (draft_set_field(d, FIELD_TO, to, e) && draft_check(d, e))
		return d;
	draft_free(d);
	return NULL;
}

uint64_t draft_bounce(struct session *s, struct view *v, const uint32_t *rows, uint32_t count,
	const char *to, session_done_fn *done, void *data, struct err *e)
{
	uint64_t id = s->next_id;

	if (count == 0) {
		err_set(e, ERR_INPUT, "%s", _("no message"));
		return 0;
	}
	struct draft *d = envelope_for(s, to, e);
	if (!d)
		return 0;
	struct bounce *b = xcalloc(1, sizeof(*b));
	*b = (struct bounce){.s = s, .view = v, .count = count, .d = d, .done = done, .data = data};
	b->rows = xcalloc(count, sizeof(*b->rows));
	memcpy(b->rows, rows, count * sizeof(*rows));
	bounce_next(b);
	return id;
}

uint64_t draft_bounce_file(struct session *s, const char *path, const char *to, session_done_fn *done, void *data,
	struct err *e)
{
	uint64_t id = s->next_id;
	struct draft *d = envelope_for(s, to, e);

	if (!d)
		return 0;
	struct bounce *b = xcalloc(1, sizeof(*b));
	*b = (struct bounce){.s = s, .count = 1, .path = xstrdup(path), .d = d, .done = done, .data = data};
	bounce_next(b);
	return id;
}
