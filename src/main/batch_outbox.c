/*
 * feist --outbox: what waits to be sent, and why; --outbox-retry, --outbox-drop, --flush-outbox.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "base/mem.h"
#include "core/draft.h"
#include "main/batch.h"
#include "text/utf8.h"

static void json_time(struct str *out, const char *name, int64_t t)
{
	str_addf(out, ",\"%s\":", name);
	if (t)
		str_addf(out, "%" PRId64, t);
	else
		str_adds(out, "null");
}

static void json_recipients(struct str *out, const struct outbox_item *x)
{
	struct sv rest = sv_of(x->recipients), one;
	bool first = true;

	str_adds(out, ",\"recipients\":[");
	for (; sv_split(&rest, '\n', &one); first = false) {
		if (!first)
			str_addc(out, ',');
		str_add_json(out, one);
	}
	str_adds(out, "]");
}

/* What the server said about single recipients. */
static void json_results(struct str *out, struct session *s, const struct outbox_item *x)
{
	struct outbox_recipient *list;
	size_t n = outbox_recipients(s, x->id, &list);

	str_adds(out, ",\"results\":[");
	for (size_t i = 0; i < n; i++) {
		str_adds(out, i ? ",{\"addr\":" : "{\"addr\":");
		str_add_json(out, sv_of(list[i].addr));
		str_addf(out, ",\"result\":\"%s\",\"words\":",
			list[i].has_it ? "sent" : list[i].later ? "later" : list[i].refused ? "refused" : "open");
		str_add_json(out, sv_of(list[i].words));
		str_addc(out, '}');
	}
	str_addc(out, ']');
	outbox_recipients_free(list, n);
}

static void json_item(struct str *out, struct session *s, const struct outbox_item *x)
{
	str_addf(out, "{\"id\":%" PRId64 ",\"state\":\"%s\",\"account\":", x->id, outbox_state_ident(x->state));
	str_add_json(out, sv_of(x->account));
	str_adds(out, ",\"from\":");
	str_add_json(out, sv_of(x->from));
	json_recipients(out, x);
	str_adds(out, ",\"subject\":");
	str_add_json(out, sv_of(x->subject));
	str_addf(out, ",\"size\":%" PRIu64 ",\"created\":%" PRId64 ",\"attempts\":%u", x->size, x->created, x->attempts);
	json_time(out, "next_try", x->state == OUT_QUEUED ? x->next_try : 0);
	json_time(out, "send_at", x->state == OUT_HELD || x->state == OUT_SCHEDULED ? x->send_at : 0);
	str_adds(out, ",\"error\":");
	str_add_json(out, sv_of(x->error));
	json_results(out, s, x);
	str_adds(out, "}\n");
}

static void add_time(struct str *out, const char *before, int64_t when)
{
	char text[32] = "";
	struct tm tm;
	time_t t = (time_t)when;

	if (when && localtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm) > 0)
		str_addf(out, "%s%s", before, text);
}

static void add_line(struct str *out, const char *text)
{
	struct sv rest = sv_of(text), line;

	while (sv_line(&rest, &line)) {
		str_adds(out, "      ");
		utf8_add_safe(out, line, UTF8_SAFE_LINE);
		str_addc(out, '\n');
	}
}

/* The refused ones, with a cause in plain words. */
static void text_results(struct str *out, struct session *s, const struct outbox_item *x)
{
	struct outbox_recipient *list;
	size_t n = outbox_recipients(s, x->id, &list);

	for (size_t i = 0; i < n; i++) {
		if (!list[i].refused)
			continue;
		char *text = xasprintf("%s: %s%s%s%s", list[i].addr, list[i].words, *list[i].cause ? " (" : "",
			list[i].cause, *list[i].cause ? ")" : "");
		add_line(out, text);
		free(text);
	}
	outbox_recipients_free(list, n);
}

static void text_item(struct str *out, struct session *s, const struct outbox_item *x)
{
	struct sv rest = sv_of(x->recipients), one;

	str_addf(out, "%4" PRId64 "  %-10s", x->id, outbox_state_word(x->state));
	add_time(out, " ", x->created);
	str_addc(out, ' ');
	while (sv_split(&rest, '\n', &one)) {
		str_addc(out, ' ');
		utf8_add_safe(out, one, UTF8_SAFE_LINE);
	}
	str_adds(out, "  ");
	utf8_add_safe(out, sv_of(x->subject), UTF8_SAFE_LINE);
	if (x->state == OUT_HELD || x->state == OUT_SCHEDULED)
		add_time(out, _("; goes at "), x->send_at);
	else if (x->state == OUT_QUEUED)
		add_time(out, _("; next try at "), x->next_try);
	str_addc(out, '\n');
	add_line(out, x->error);
	text_results(out, s, x);
}

int main_outbox(const struct args *a)
{
	struct outbox_item *list;
	struct batch b;
	struct err e;
	struct str out;

	if (!batch_start(&b, a, SESSION_NO_OUTBOX | SESSION_OFFLINE, &e))
		return main_fail(err_exit_status(e.class), &e);
	size_t n = outbox_list(b.session, false, &list);
	str_init(&out, 16 << 20);
	for (size_t i = 0; i < n; i++) {
		str_clear(&out);
		if (a->json)
			json_item(&out, b.session, &list[i]);
		else
			text_item(&out, b.session, &list[i]);
		fwrite(out.s, 1, out.len, stdout);
	}
	str_fini(&out);
	outbox_list_free(list, n);
	return batch_end(&b, fflush(stdout) == 0 ? 0 : 1);
}

/* ---- sending what waits ---- */

static bool all_tried(struct batch *b, void *data)
{
	(void)data;
	return outbox_is_settled(b->session) && session_is_idle(b->session);
}

/* What is left says how it went: 75 something waits, 77 a login was refused, 1 something failed or is unknown. */
static int flush_status(struct batch *b)
{
	struct outbox_item *list;
	size_t n = outbox_list(b->session, false, &list);
	int status = 0;

	for (size_t i = 0; i < n; i++) {
		bool login = list[i].error_class == ERR_AUTH || list[i].error_class == ERR_TLS;

		if (list[i].error_class != ERR_NONE && (list[i].state == OUT_FAILED || list[i].state == OUT_UNKNOWN))
			status = 1;
		else if (list[i].state == OUT_QUEUED && status == 0)
			status = login ? err_exit_status(list[i].error_class) : EX_TEMPFAIL;
	}
	outbox_list_free(list, n);
	return status;
}

int main_flush_outbox(const struct args *a)
{
	struct batch b;
	struct err e;

	if (!batch_start(&b, a, 0, &e))
		return main_fail(err_exit_status(e.class), &e);
	outbox_flush(b.session);
	batch_wait(&b, all_tried, NULL);
	int status = flush_status(&b);
	b.failure = ERR_NONE; /* what became of the messages decides */
	return batch_end(&b, status);
}

static bool outbox_id(const char *text, int64_t *id, struct err *e)
{
	uint64_t v;

	if (!sv_u64(sv_of(text), &v) || v > INT64_MAX)
		return err_set(e, ERR_INPUT, _("'%s' is no number of the outbox; --outbox shows them"), text);
	*id = (int64_t)v;
	return true;
}

static int change_item(const struct args *a, bool (*change)(struct session *, int64_t, struct err *), unsigned flags)
{
	struct batch b;
	struct err e;
	int64_t id = 0;

	if (!outbox_id(a->what, &id, &e))
		return main_fail(EX_USAGE, &e);
	if (!batch_start(&b, a, flags, &e))
		return main_fail(err_exit_status(e.class), &e);
	if (!change(b.session, id, &e))
		batch_failed(&b, &e);
	else if (!(flags & SESSION_NO_OUTBOX))
		batch_wait(&b, all_tried, NULL);
	return batch_end(&b, 0);
}

int main_outbox_retry(const struct args *a)
{
	return change_item(a, outbox_retry_item, 0);
}

int main_outbox_drop(const struct args *a)
{
	return change_item(a, outbox_drop_item, SESSION_NO_OUTBOX | SESSION_OFFLINE);
}
