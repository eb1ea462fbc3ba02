/* What the user sees of the accounts as a whole, and can do to one: connect, disconnect, pause, transcript. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/func.h"
#include "core/gettext.h"
#include "core/session_priv.h"
#include "store/object.h"

/* ---- state ---- */

static bool has_transcript(const struct acct *a)
{
	char *path = acct_transcript(a);

	bool has = path != NULL;

	free(path);
	return has;
}

static void count_queue(const struct acct *a, struct account_state *out)
{
	uint64_t counts[INTENT_STATES] = {0};
	struct err e;

	if (intent_counts(a->s->state, a->name, counts, &e))
		out->refused = (uint32_t)(counts[INTENT_FAILED] + counts[INTENT_ASIDE]);
}

static void account_state(const struct acct *a, struct account_state *out)
{
	*out = (struct account_state){
		.account = a->name,
		.state = a->state,
		.text = a->text,
		.retry_s = (unsigned)MAX(a->retry_at ? a->retry_at - clock_now() : 0, 0),
		.what = a->what && *a->what ? a->what : NULL,
		.done = a->done,
		.total = a->total,
		.is_remote = a->kind != ACCOUNT_LOCAL,
		.pending = a->pending,
		.error = a->error,
		.since = a->since,
		.synced = a->synced,
		.held = a->offline,
		.paused = intent_paused(a->s->state, a->name),
		.follows = a->follower,
		.transcript = has_transcript(a),
	};
	count_queue(a, out);
	if (a->cache && a->kind == ACCOUNT_IMAP && !quota_get(a->cache, "STORAGE", &out->quota_used, &out->quota_max))
		out->quota_used = out->quota_max = 0;
}

bool session_account(struct session *s, size_t n, struct account_state *out)
{
	struct acct *a;

	if (n >= s->accounts.n)
		return false;
	a = session_acct_by_name(s, s->accounts.v[n].name);
	if (a)
		account_state(a, out);
	else
		*out = (struct account_state){.account = s->accounts.v[n].name,
			.state = "offline",
			.text = "",
			.is_remote = s->accounts.v[n].kind != ACCOUNT_LOCAL};
	return true;
}

void session_account_event(struct acct *a)
{
	struct account_state state;

	account_state(a, &state);
	if (a->s->events.account)
		a->s->events.account(a->s->events.data, &state);
}

/* ---- connections ---- */

void session_set_offline(struct session *s, bool offline)
{
	if (s->offline == offline)
		return;
	s->offline = offline;
	for (size_t i = 0; i < s->acct_count; i++)
		acct_send_conf(s->accts[i]);
	if (!offline) {
		session_reconnect(s, NULL);
		outbox_kick(s);
	}
}

void session_reconnect(struct session *s, const char *account)
{
	/* Also those of which nothing was opened yet: their intents wait, too. */
	for (size_t i = 0; i < s->accounts.n; i++) {
		if (account && strcmp(s->accounts.v[i].name, account) != 0)
			continue;
		struct acct *a = session_acct(s, &s->accounts.v[i]);
		acct_start(a);
		acct_sync(a, 0);
	}
}

static struct acct *named(struct session *s, const char *account)
{
	const struct account *known = account_find(&s->accounts, account);

	return known ? session_acct(s, known) : NULL;
}

void session_account_offline(struct session *s, const char *account, bool offline)
{
	struct acct *a = named(s, account);

	if (!a)
		return;
	a->offline = offline;
	acct_send_conf(a);
	if (!offline)
		session_reconnect(s, account);
	session_account_event(a);
}

/* ---- transcripts ---- */

char *transcript_path(const struct session *s, const char *account)
{
	char *safe = store_safe_account(account), *path = xasprintf("%s/transcript/%s", s->state_dir, safe);
	char *dir = fs_dirname(path);
	struct err e;

	if (!fs_mkdirs(dir, &e))
		log_write(LOG_WARN, "transcript", "%s", e.text);
	free(dir);
	free(safe);
	return path;
}

char *acct_transcript(const struct acct *a)
{
	bool on = a->transcript ? a->transcript > 0 : a->s->conf->transcript;

	return on && a->kind != ACCOUNT_LOCAL ? transcript_path(a->s, a->name) : NULL;
}

bool session_transcript(struct session *s, const char *account, bool on)
{
	struct acct *a = named(s, account);

	if (!a || a->kind == ACCOUNT_LOCAL)
		return false;
	a->transcript = on ? 1 : -1;
	acct_send_conf(a);
	session_account_event(a);
	return true;
}
