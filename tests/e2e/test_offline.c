/*
 * A day offline against a real Dovecot: thousands of actions without a connection, some undone and done again,
 * then back online. What a second client (doveadm) sees must be what the actions say, and it must be quick.
 */
#include "story.h"

#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "conf/rc.h"
#include "core/func.h"
#include "core/session_priv.h"

#define MESSAGES 400
#define ACTIONS 500 /* in make check; FEIST_ACTIONS=5000 is the whole day */
#define KEY_MS 16    /* from the key to what is shown */
#define BOXES 3
#define PATIENCE_MS 120000

static const char *const box_names[BOXES] = {"INBOX", "Archive", "Trash"};

/* ---- the client: a session without a screen ---- */

struct client {
	struct loop *loop;
	struct conf *conf;
	struct rc *rc;
	struct session *s;
	struct view *v;
	bool ended;
};

static void on_ended(void *data)
{
	((struct client *)data)->ended = true;
}

static void on_message(void *data, enum log_level level, const char *text, const char *cure)
{
	(void)data;
	(void)cure;
	if (level >= LOG_WARN)
		print_message("  %s\n", text);
}

#define WAIT(c, condition)                                                                          \
	do {                                                                                        \
		int64_t end_ = clock_ms() + PATIENCE_MS;                                            \
		while (!(condition) && clock_ms() < end_)                                           \
			loop_turn((c)->loop, 20);                                                   \
		if (!(condition))                                                                   \
			fail_msg("waited in vain for %s", #condition);                              \
	} while (0)

static void profile(struct world *w)
{
	static const char *const vars[][2] = {{"XDG_CACHE_HOME", ".cache"}, {"XDG_STATE_HOME", ".local/state"},
		{"XDG_CONFIG_HOME", ".config"}, {"XDG_DATA_HOME", ".local/share"}};

	setenv("HOME", world_path(w, "home"), 1);
	for (size_t i = 0; i < ARRAY_LEN(vars); i++)
		setenv(vars[i][0], world_path(w, "home/%s", vars[i][1]), 1);
}

static void client_open(struct client *c, struct world *w, unsigned flags)
{
	struct session_events events = {.data = c, .ended = on_ended, .message = on_message};
	struct rc_opts opts = {0};
	struct err e;
	char line[1000];

	*c = (struct client){.loop = loop_new(), .conf = conf_new(CONF_MUTT)};
	c->rc = rc_new(c->conf, &opts);
	snprintf(line, sizeof(line),
		"set ssl_ca_certificates_file=%s/servers/ca.pem imap_user=alice imap_pass=secret-alice "
		"folder=imaps://alice@localhost:%d/ spoolfile=+INBOX trash=+Trash; mailboxes +INBOX +Archive +Trash",
		world_dir(w), world_port(w, "IMAPS"));
	assert_true(rc_run(c->rc, "test", sv_of(line), &e));
	c->s = session_new(c->loop, c->conf, &events, flags, NULL, &e);
	assert_non_null(c->s);
	c->v = session_open(c->s, "+INBOX", false, &e);
	assert_non_null(c->v);
}

static void client_close(struct client *c)
{
	session_close(c->s, c->v);
	session_quit(c->s, 5000);
	WAIT(c, c->ended);
	session_free(c->s);
	rc_free(c->rc);
	conf_free(c->conf);
	loop_free(c->loop);
}

/* ---- what must come out: where each message is, with which flags ---- */

struct message {
	int box; /* -1: deleted for good */
	bool flagged, answered, seen;
};

struct model {
	struct message m[MESSAGES + 1]; /* from 1 on */
	struct message saved[MESSAGES + 1];
};

static uint32_t roll(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % n;
}

static uint32_t row_of(struct client *c, int n)
{
	char id[64];

	snprintf(id, sizeof(id), "<m%d@feist.test>", n);
	return view_row_by_msgid(c->v, sv_of(id));
}

/* One key on one message, or now and then on a dozen. */
static void act(struct client *c, struct model *m, uint32_t *seed)
{
	int n = 1 + (int)roll(seed, MESSAGES);
	uint32_t row = row_of(c, n);
	struct func_rows one = {c->v, &row, 1};
	struct func_synced done;
	struct err e;
	char *what;

	if (row == VIEW_NONE || m->m[n].box != 0)
		return;
	switch (roll(seed, 40)) {
	case 0: /* to the trash */
		assert_true(func_delete(c->s, one, FUNC_SET, false, &e) && func_sync(c->s, c->v, &done, &e));
		m->m[n].box = 2;
		break;
	case 1: /* filed */
		assert_true(func_save(c->s, one, "+Archive", true, false, &e) && func_sync(c->s, c->v, &done, &e));
		m->m[n].box = 1;
		break;
	case 2: /* a mistake, taken back */
		assert_true(func_delete(c->s, one, FUNC_SET, false, &e) && func_sync(c->s, c->v, &done, &e));
		assert_true(func_undo(c->s, &what, &e));
		free(what);
		break;
	case 3: /* taken back, and meant after all */
		assert_true(func_flag(c->s, one, FLAG_FLAGGED, FUNC_TOGGLE, &e));
		assert_true(func_undo(c->s, &what, &e));
		free(what);
		if (!func_redo(c->s, &what, &e))
			fail_msg("redo: %s", e.text);
		free(what);
		m->m[n].flagged = !m->m[n].flagged;
		break;
	default:
		switch (roll(seed, 3)) {
		case 0:
			assert_true(func_flag(c->s, one, FLAG_FLAGGED, FUNC_TOGGLE, &e));
			m->m[n].flagged = !m->m[n].flagged;
			break;
		case 1:
			assert_true(func_flag(c->s, one, FLAG_ANSWERED, FUNC_TOGGLE, &e));
			m->m[n].answered = !m->m[n].answered;
			break;
		default:
			assert_true(func_flag(c->s, one, FLAG_SEEN, m->m[n].seen ? FUNC_CLEAR : FUNC_SET, &e));
			m->m[n].seen = !m->m[n].seen;
			break;
		}
	}
}

/* ---- the second client ---- */

static int expected(const struct model *m, int box, char *out, size_t max)
{
	int n, count = 0;
	size_t at = 0;

	out[0] = '\0';
	for (n = 1; n <= MESSAGES; n++) {
		const struct message *x = &m->m[n];

		if (x->box != box)
			continue;
		at += (size_t)snprintf(out + at, max - at, "%d%s%s%s\n", n, x->answered ? " A" : "", x->flagged ? " F" : "",
			x->seen ? " S" : "");
		count++;
	}
	return count;
}

static void compare(struct world *w, const struct model *m)
{
	static char want[MESSAGES * 16], got[MESSAGES * 16];

	for (int b = 0; b < BOXES; b++) {
		char command[600];

		expected(m, b, want, sizeof(want));
		snprintf(command, sizeof(command),
			"PATH=$PATH:/usr/sbin doveadm -c servers/dovecot.conf -f flow fetch -u alice@feist.test 'hdr.message-id flags'"
			" mailbox %s ALL | sed -E 's/.*<m([0-9]+)@feist.test> *flags=(.*)/\\1 \\2/' | awk '{ s = $1;"
			" if (/Answered/) s = s \" A\"; if (/Flagged/) s = s \" F\"; if (/Seen/) s = s \" S\"; print s }' | grep -v ^0 | sort -n",
			box_names[b]);
		assert_int_equal(world_run(w, NULL, got, sizeof(got), "sh", "-c", command, NULL), 0);
		if (strcmp(got, want) != 0) {
			FILE *f = fopen(world_path(w, "want.%s", box_names[b]), "w");
			fputs(want, f);
			fclose(f);
			f = fopen(world_path(w, "got.%s", box_names[b]), "w");
			fputs(got, f);
			fclose(f);
			fail_msg("%s is not as expected (%s)", box_names[b], world_dir(w));
		}
	}
}

static void fill(struct world *w)
{
	char command[1500];

	/* Straight into the Maildir: four hundred deliveries would take a minute. */
	snprintf(command, sizeof(command),
		"d=$(ls -d servers/*/alice*/Maildir 2>/dev/null | head -1); [ -n \"$d\" ] || exit 1; i=1;"
		" while [ $i -le %d ]; do printf 'From: Bob <bob@feist.test>\\nTo: alice@feist.test\\nSubject: number %%d\\n"
		"Message-ID: <m%%d@feist.test>\\nDate: Tue, 24 Nov 2026 10:%%02d:00 +0100\\n\\nText.\\n' $i $i $((i %% 60))"
		" >$d/tmp/x && mv $d/tmp/x $d/new/17$(printf %%08d $i).M$i.test; i=$((i + 1)); done",
		MESSAGES);
	assert_int_equal(world_run(w, NULL, NULL, 0, "sh", "-c", command, NULL), 0);
}

static void thousands_of_actions_offline(void **state)
{
	static struct model m;
	struct story *s = story_new(state, WORLD_IMAP);
	const char *wanted = getenv("FEIST_ACTIONS");
	int actions = wanted ? atoi(wanted) : ACTIONS, slow = 0;
	uint32_t seed = 42;
	struct client c;
	int64_t begin, offline_ms, sync_ms, worst = 0;

	memset(&m, 0, sizeof(m));
	world_deliver(s->w, "alice", "INBOX", "Subject: first\nMessage-ID: <m0@feist.test>\n\nx\n");
	fill(s->w);
	profile(s->w);
	client_open(&c, s->w, SESSION_NO_OUTBOX);
	WAIT(&c, view_lines(c.v) == MESSAGES + 1 && session_is_idle(c.s));
	session_set_offline(c.s, true);
	begin = clock_ms();
	for (int i = 0; i < actions; i++) {
		int64_t key = clock_us();

		act(&c, &m, &seed);
		(void)view_lines(c.v); /* what the next frame shows */
		key = (clock_us() - key) / 1000;
		slow += key > KEY_MS;
		worst = MAX(worst, key);
		if (i % 10 == 0)
			loop_turn(c.loop, 0);
	}
	offline_ms = clock_ms() - begin;
	assert_true(view_counts(c.v)->pending > 0);
	/* The program ends and begins again: nothing is lost. */
	client_close(&c);
	client_open(&c, s->w, SESSION_NO_OUTBOX | SESSION_OFFLINE);
	WAIT(&c, view_lines(c.v) > 0 && !view_loading(c.v));
	begin = clock_ms();
	session_set_offline(c.s, false);
	WAIT(&c, session_acct_by_name(c.s, view_account(c.v))->pending == 0);
	sync_ms = clock_ms() - begin;
	WAIT(&c, session_is_idle(c.s));
	client_close(&c);
	compare(s->w, &m);
	print_message("  %d actions in %lld ms (worst %lld ms, %d over %d ms), on the server in %lld ms\n", actions,
		(long long)offline_ms, (long long)worst, slow, KEY_MS, (long long)sync_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {STORY(thousands_of_actions_offline)};

	return cmocka_run_group_tests_name("offline", tests, NULL, NULL);
}
