/*
 * Sending without a screen: `feist -s SUBJECT -a FILE -- ADDRESS < body`, sendmail's -t, mailto: URLs,
 * -H drafts; and --reply, --group-reply, --forward, --compose with --stdout, which print the finished
 * message instead. Everything goes through the outbox, so nothing is lost when the server is away.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "conf/conf.h"
#include "core/draft.h"
#include "core/when.h"
#include "main/batch.h"
#include "mime/addr.h"
#include "mime/header.h"

#define BODY_MAX_BYTES (256u << 20)

/* ---- the draft from the command line ---- */

static bool add_addresses(struct draft *d, enum draft_field field, const struct arg_list *list, struct err *e)
{
	struct str all;

	if (list->n == 0)
		return true;
	str_init(&all, 16 << 20);
	str_adds(&all, draft_field(d, field));
	for (size_t i = 0; i < list->n; i++) {
		if (all.len)
			str_adds(&all, ", ");
		str_adds(&all, list->v[i]);
	}
	bool ok = draft_set_field(d, field, all.s, e);
	str_fini(&all);
	return ok;
}

static bool add_operands(struct draft *d, const struct args *a, struct err *e)
{
	struct arg_list addresses = {0};
	bool ok = true;

	for (size_t i = 0; ok && i < a->operands.n; i++) {
		if (sv_starts_case(sv_of(a->operands.v[i]), SV("mailto:"))) {
			ok = draft_set_mailto(d, a->operands.v[i], e);
			continue;
		}
		array_grow(addresses.v, addresses.n, addresses.cap);
		addresses.v[addresses.n++] = a->operands.v[i];
	}
	ok = ok && add_addresses(d, FIELD_TO, &addresses, e);
	free(addresses.v);
	return ok;
}

static bool add_fields(struct draft *d, const struct args *a, struct err *e)
{
	if (a->from && !draft_set_field(d, FIELD_FROM, a->from, e))
		return false;
	if (!add_operands(d, a, e) || !add_addresses(d, FIELD_CC, &a->cc, e) || !add_addresses(d, FIELD_BCC, &a->bcc, e))
		return false;
	return !a->subject || draft_set_field(d, FIELD_SUBJECT, a->subject, e);
}

static bool add_attachments(struct draft *d, const struct args *a, struct err *e)
{
	for (size_t i = 0; i < a->attach.n; i++) {
		char *path = fs_expand(a->attach.v[i]);
		bool ok = draft_attach_file(d, path, e);
		free(path);
		if (!ok)
			return false;
	}
	return true;
}

static bool is_address_field(enum draft_field f)
{
	return f == FIELD_FROM || f == FIELD_TO || f == FIELD_CC || f == FIELD_BCC || f == FIELD_REPLY_TO ||
		f == FIELD_MAIL_FOLLOWUP_TO;
}

/* The value of a field as a draft takes it: names decoded and quoted anew, or plain text. */
static void field_text(struct arena *arena, enum draft_field f, const struct header *h, struct str *out)
{
	const struct charset_rules rules = CHARSET_RULES_DEFAULT;
	struct addr_list list = {0};

	if (!is_address_field(f)) {
		header_text(out, h->raw, &rules);
		return;
	}
	addr_parse(arena, h->raw, &rules, &list);
	addr_list_format(out, &list, ADDR_DISPLAY, NULL, 0);
}

/* Fields that the draft makes itself when it is built. */
static bool is_made_by_us(struct sv name)
{
	return sv_is_case(name, "Date") || sv_starts_case(name, SV("Content-")) || sv_is_case(name, "MIME-Version");
}

/* A field of a header block into the draft; what it does not know becomes a header of its own. */
static bool take_field(struct draft *d, struct arena *arena, const struct header *h, struct err *e)
{
	struct str text;
	bool ok = true;
	int f = 0;

	while (f < FIELD_FIELDS && !sv_is_case(h->name, draft_field_name((enum draft_field)f)))
		f++;
	if (f == FIELD_FIELDS && is_made_by_us(h->name))
		return true;
	str_init(&text, BODY_MAX_BYTES);
	if (f < FIELD_FIELDS) {
		const char *old = draft_field(d, (enum draft_field)f);
		if (*old && is_address_field((enum draft_field)f))
			str_addf(&text, "%s, ", old);
		field_text(arena, (enum draft_field)f, h, &text);
		ok = draft_set_field(d, (enum draft_field)f, text.s, e);
	} else {
		char *name = sv_dup(h->name);
		field_text(arena, FIELD_SUBJECT, h, &text);
		ok = draft_set_header(d, name, text.s, e);
		free(name);
	}
	str_fini(&text);
	return ok;
}

/* A text that begins with header lines (sendmail -t, -H). */
static bool take_message(struct draft *d, struct sv text, struct err *e)
{
	struct arena *arena = arena_new();
	struct headers h;
	bool ok = true;

	headers_parse(arena, text, &h);
	for (size_t i = 0; ok && i < h.count; i++)
		ok = take_field(d, arena, &h.list[i], e);
	ok = ok && draft_set_body(d, sv_from(text, h.body_at), e);
	arena_free(arena);
	return ok;
}

static bool read_text(const char *path, struct str *text, struct err *e)
{
	char *full = fs_expand(path);
	bool ok = fs_read(full, BODY_MAX_BYTES, text, e);

	free(full);
	return ok;
}

/* The body: -i FILE and then standard input; a whole message with -t or -H. */
static bool add_text(struct draft *d, const struct args *a, struct err *e)
{
	bool whole = a->recipients_from_header || a->draft;
	bool from_stdin = !a->draft && !isatty(STDIN_FILENO);
	struct str text, include;

	str_init(&text, BODY_MAX_BYTES);
	str_init(&include, BODY_MAX_BYTES);
	bool ok = !a->include || (str_fini(&include), read_text(a->include, &include, e));
	if (ok && (a->draft || from_stdin)) {
		str_fini(&text);
		ok = read_text(a->draft ? a->draft : "-", &text, e);
	}
	if (ok && whole)
		ok = take_message(d, str_sv(&text), e);
	else if (ok && include.len)
		ok = (str_add(&include, str_sv(&text)) || err_set(e, ERR_LIMIT, _("the text is too long"))) &&
			draft_set_body(d, str_sv(&include), e);
	else if (ok)
		ok = draft_set_body(d, str_sv(&text), e);
	str_fini(&text);
	str_fini(&include);
	return ok;
}

static bool fill(struct draft *d, const struct args *a, struct err *e)
{
	/* The text first: with -t and -H it brings fields to which those of the command line are added. */
	bool ok = add_text(d, a, e) && add_fields(d, a, e);

	if (!ok)
		return false;
	draft_run_hooks(d);
	if (!a->recipients_from_header && !draft_add_signature(d, e))
		return false;
	if (!add_attachments(d, a, e))
		return false;
	draft_choose_fcc(d);
	return true;
}

/* ---- the end: standard output, or the outbox ---- */

static bool print_message(struct draft *d, struct err *e)
{
	if (fflush(stdout) != 0)
		return err_sys(e, "standard output");
	return draft_build(d, true, STDOUT_FILENO, e);
}

struct sending {
	int64_t id;
	enum outbox_state_shown state;
	enum err_class class;
	unsigned attempts;
	int64_t send_at, next_try;
	char *error;
	bool gone;
};

/* What cannot be read for a moment is as it was when it was read last: a script must not take it for sent. */
static void look(struct batch *b, struct sending *s)
{
	struct outbox_item *item;
	struct err e;

	if (!outbox_item(b->session, s->id, &item, &e)) {
		s->gone = e.class == ERR_GONE;
		return;
	}
	s->state = item->state;
	s->class = item->error_class;
	s->attempts = item->attempts;
	s->send_at = item->send_at;
	s->next_try = item->next_try;
	free(s->error);
	s->error = xstrdup(item->error);
	outbox_list_free(item, 1);
}

/* A row that is sent leaves the outbox or stays there as sent; one that was tried in vain waits again. */
static bool is_settled(struct batch *b, void *data)
{
	struct sending *s = data;

	look(b, s);
	if (s->gone || outbox_is_done(s->state))
		return session_is_idle(b->session); /* Fcc and flags, too */
	return s->state == OUT_UNKNOWN || s->state == OUT_FAILED || s->state == OUT_HELD ||
		(s->state == OUT_SCHEDULED && (s->next_try == 0 || s->class != ERR_NONE)) ||
		(s->state == OUT_QUEUED && s->attempts > 0) || s->class == ERR_AUTH || s->class == ERR_TLS ||
		b->failure == ERR_AUTH || b->failure == ERR_TLS;
}

/* Some got it: what became of the others stands in rows of their own. */
static int rest_status(struct batch *b, int64_t id)
{
	struct outbox_item *list;
	size_t n = outbox_list(b->session, false, &list);
	int status = 0;

	for (size_t i = 0; i < n; i++) {
		if (list[i].id <= id || !list[i].is_rest)
			continue;
		fprintf(stderr, _("feist: message %lld is %s in the outbox: %s\n"), (long long)list[i].id,
			outbox_state_word(list[i].state), list[i].error);
		if (list[i].state == OUT_FAILED)
			status = EX_DATAERR;
		else if (status == 0)
			status = EX_TEMPFAIL;
	}
	outbox_list_free(list, n);
	return status;
}

/* --send-at */
static bool set_time(struct draft *d, const struct args *a, struct err *e)
{
	int64_t when;

	if (!a->send_at)
		return true;
	if (!when_parse(sv_of(a->send_at), clock_now(), &when, e))
		return err_at(e, "--send-at");
	draft_set_send_at(d, when);
	return true;
}

static int send_and_wait(struct batch *b, const struct args *a, struct draft *d, struct err *e)
{
	struct sending s = {.state = OUT_QUEUED};

	if (!set_time(d, a, e) || !draft_send(d, &s.id, e)) {
		batch_failed(b, e);
		return 1;
	}
	batch_wait(b, is_settled, &s);
	look(b, &s);
	int status = s.gone || outbox_is_done(s.state) ? rest_status(b, s.id) : 0;
	if (s.state == OUT_SCHEDULED && a->send_at) {
		status = 0; /* as it was asked for */
	} else if (!s.gone && !outbox_is_done(s.state)) {
		enum err_class class = s.class ? s.class : b->failure;
		bool login = class == ERR_AUTH || class == ERR_TLS;
		fprintf(stderr, _("feist: message %lld is %s in the outbox: %s\n"), (long long)s.id,
			outbox_state_word(s.state), s.error && *s.error ? s.error : _("not sent yet"));
		/* What the server refuses for good is bad data or a bad address, as far as anybody can tell. */
		status = s.state == OUT_UNKNOWN ? 1 : login ? err_exit_status(class)
			: s.state == OUT_FAILED ? EX_DATAERR : EX_TEMPFAIL;
	}
	free(s.error);
	b->failure = ERR_NONE; /* what became of the message decides */
	return status;
}

/* $send_multipart_alternative: what would be asked is done when the answer offered is yes, as in mutt. */
static bool add_second(struct draft *d, const struct conf *c, struct err *e)
{
	enum quad q = c->send_multipart_alternative;

	if ((q != QUAD_YES && q != QUAD_ASK_YES) || !draft_asks_second(d))
		return true;
	return draft_make_second(d, e);
}

static int finish(struct batch *b, const struct args *a, struct draft *d, struct err *e)
{
	int status = 0;

	if (!add_second(d, b->setup.conf, e)) {
		batch_failed(b, e);
		draft_discard(d);
	} else if (a->to_stdout) {
		if (!print_message(d, e))
			batch_failed(b, e);
		draft_discard(d);
	} else if (!draft_check(d, e)) {
		batch_failed(b, e);
		draft_discard(d);
	} else {
		status = send_and_wait(b, a, d, e);
	}
	draft_free(d);
	return status;
}

int main_send(const struct args *a)
{
	struct batch b;
	struct err e;
	int status = 0;
	unsigned flags = a->to_stdout ? SESSION_NO_OUTBOX | SESSION_OFFLINE : 0;

	if (!batch_start(&b, a, flags, &e))
		return main_fail(err_exit_status(e.class), &e);
	struct draft *d = draft_new(b.session);
	if (fill(d, a, &e)) {
		status = finish(&b, a, d, &e);
	} else {
		batch_failed(&b, &e);
		draft_discard(d);
		draft_free(d);
	}
	return batch_end(&b, status);
}

/* ---- answers ---- */

struct answer_wait {
	struct draft *draft;
	bool ready;
	struct err error;
};

static void on_ready(void *data, struct draft *d, const struct err *e)
{
	struct answer_wait *w = data;

	w->draft = d;
	w->ready = true;
	if (e)
		w->error = *e;
}

static bool is_ready(struct batch *b, void *data)
{
	(void)b;
	return ((struct answer_wait *)data)->ready;
}

/* MAILBOX#N or a file: the file that holds just this message, made when it is not one. Caller frees. */
static bool message_file(struct batch *b, const char *msg, char **path, bool *is_temp, struct err *e)
{
	struct str text;
	int fd;

	(void)b;
	*is_temp = strcmp(msg, "-") == 0;
	if (!*is_temp) {
		*path = fs_expand(msg);
		return true;
	}
	if (!fs_read("-", BODY_MAX_BYTES, &text, e))
		return false;
	bool ok = fs_temp(NULL, "feist", ".eml", &fd, path, e);
	if (ok) {
		ok = fs_write_all(fd, str_sv(&text), e);
		close(fd);
	}
	str_fini(&text);
	return ok;
}

/* The message number N of MAILBOX: its view stays open until the answer is made. */
static bool start_from_mailbox(struct batch *b, const char *msg, enum draft_kind kind, struct answer_wait *w,
	struct view **view, struct err *e)
{
	const char *hash = strrchr(msg, '#');
	char *mailbox = xstrndup(msg, (size_t)(hash - msg));
	uint64_t n;

	*view = sv_u64(sv_of(hash + 1), &n) && n > 0 ? session_open(b->session, mailbox, true, e) : NULL;
	free(mailbox);
	if (!*view)
		return e->class != ERR_NONE ? false : err_set(e, ERR_INPUT, _("'%s' is not MAILBOX#NUMBER"), msg);
	batch_wait(b, NULL, NULL);
	uint32_t row = n <= view_lines(*view) ? view_row(*view, (uint32_t)n - 1) : VIEW_NONE;
	if (row == VIEW_NONE)
		return err_set(e, ERR_GONE, _("there is no message %llu in it"), (unsigned long long)n);
	return draft_start(b->session, kind, *view, &row, 1, true, on_ready, w, e) != 0;
}

static bool has_number(const char *msg)
{
	const char *hash = strrchr(msg, '#');

	return hash && hash[1] && strspn(hash + 1, "0123456789") == strlen(hash + 1) && !fs_exists(msg);
}

static struct draft *start_answer(struct batch *b, const struct args *a, struct view **view, struct err *e)
{
	static const enum draft_kind kinds[] = {[ANSWER_REPLY] = DRAFT_REPLY, [ANSWER_GROUP] = DRAFT_GROUP_REPLY,
		[ANSWER_FORWARD] = DRAFT_FORWARD};
	const char *msg = a->operands.n ? a->operands.v[0] : "-";
	enum draft_kind kind = kinds[a->answer];
	struct answer_wait w = {0};
	char *path = NULL;
	bool is_temp = false, ok;

	if (kind == DRAFT_FORWARD && b->setup.conf->mime_forward == QUAD_YES)
		kind = DRAFT_FORWARD_MIME;
	err_clear(e);
	if (has_number(msg))
		ok = start_from_mailbox(b, msg, kind, &w, view, e);
	else
		ok = message_file(b, msg, &path, &is_temp, e) &&
			draft_start_file(b->session, kind, path, true, on_ready, &w, e) != 0;
	if (ok)
		batch_wait(b, is_ready, &w);
	if (is_temp && path)
		unlink(path);
	free(path);
	if (ok && !w.draft)
		*e = w.error;
	return w.draft;
}

int main_answer(const struct args *a)
{
	struct args rest = *a;
	struct view *view = NULL;
	struct batch b;
	struct err e;
	int status = 0;

	if (!batch_start(&b, a, a->to_stdout ? SESSION_NO_OUTBOX : 0, &e))
		return main_fail(err_exit_status(e.class), &e);
	struct draft *d = start_answer(&b, a, &view, &e);
	rest.operands.v += a->operands.n > 0; /* what follows the message are more recipients */
	rest.operands.n -= a->operands.n > 0;
	bool ok = d && add_fields(d, &rest, &e);
	if (ok) {
		draft_run_hooks(d);
		ok = draft_add_signature(d, &e) && add_attachments(d, a, &e);
		draft_choose_fcc(d);
	}
	if (ok) {
		status = finish(&b, a, d, &e);
	} else {
		batch_failed(&b, &e);
		draft_free(d);
	}
	if (view)
		session_close(b.session, view);
	return batch_end(&b, status);
}
