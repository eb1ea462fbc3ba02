/*
 * feist --outbox: what waits to be sent, and why; --outbox-retry and --outbox-drop.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "core/draft.h"
#include "main/batch.h"
#include "text/utf8.h"

static void json_item(struct str *out, const struct outbox_item *x)
{
	struct sv rest = sv_of(x->recipients), one;
	bool first = true;

	str_addf(out, "{\"id\":%" PRId64 ",\"state\":\"%s\",\"account\":", x->id, outbox_state_word(x->state));
	str_add_json(out, sv_of(x->account));
	str_adds(out, ",\"from\":");
	str_add_json(out, sv_of(x->from));
	str_adds(out, ",\"recipients\":[");
	for (; sv_split(&rest, '\n', &one); first = false) {
		if (!first)
			str_addc(out, ',');
		str_add_json(out, one);
	}
	str_adds(out, "],\"subject\":");
	str_add_json(out, sv_of(x->subject));
	str_addf(out, ",\"size\":%" PRIu64 ",\"created\":%" PRId64 ",\"attempts\":%u,\"next_try\":", x->size, x->created,
		x->attempts);
	if (x->next_try)
		str_addf(out, "%" PRId64, x->next_try);
	else
		str_adds(out, "null");
	str_adds(out, ",\"error\":");
	str_add_json(out, sv_of(x->error));
	str_adds(out, "}\n");
}

static void text_item(struct str *out, const struct outbox_item *x)
{
	char when[32] = "";
	struct tm tm;
	time_t t = (time_t)x->created;

	if (localtime_r(&t, &tm))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	str_addf(out, "%4" PRId64 "  %-10s %s  ", x->id, outbox_state_word(x->state), when);
	struct str to;
	str_init(&to, 65536);
	str_adds(&to, x->recipients);
	for (size_t i = 0; i < to.len; i++)
		if (to.s[i] == '\n')
			to.s[i] = ' ';
	utf8_add_safe(out, str_sv(&to), UTF8_SAFE_LINE);
	str_fini(&to);
	str_adds(out, "  ");
	utf8_add_safe(out, sv_of(x->subject), UTF8_SAFE_LINE);
	str_addc(out, '\n');
	if (x->error && *x->error) {
		str_adds(out, "      ");
		utf8_add_safe(out, sv_of(x->error), UTF8_SAFE_LINE);
		str_addc(out, '\n');
	}
}

int main_outbox(const struct args *a)
{
	struct outbox_item *list;
	struct batch b;
	struct err e;
	struct str out;

	if (!batch_start(&b, a, SESSION_NO_OUTBOX | SESSION_OFFLINE, &e))
		return main_fail(err_exit_status(e.class), &e);
	size_t n = outbox_list(b.session, &list);
	str_init(&out, 16 << 20);
	for (size_t i = 0; i < n; i++) {
		str_clear(&out);
		if (a->json)
			json_item(&out, &list[i]);
		else
			text_item(&out, &list[i]);
		fwrite(out.s, 1, out.len, stdout);
	}
	str_fini(&out);
	outbox_list_free(list, n);
	return batch_end(&b, fflush(stdout) == 0 ? 0 : 1);
}

static bool outbox_id(const char *text, int64_t *id, struct err *e)
{
	uint64_t v;

	if (!sv_u64(sv_of(text), &v) || v > INT64_MAX)
		return err_set(e, ERR_INPUT, _("'%s' is no number of the outbox; --outbox shows them"), text);
	*id = (int64_t)v;
	return true;
}

static bool has_settled(struct batch *b, void *data)
{
	(void)data;
	return session_is_idle(b->session);
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
		batch_wait(&b, has_settled, NULL);
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
