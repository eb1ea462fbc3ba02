#include "main/batch.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define QUIT_MS 5000

static void note(struct batch *b, enum err_class class)
{
	if (b->failure == ERR_NONE)
		b->failure = class;
}

/* What the session has just said in words need not be said again as a state. */
static void print_once(struct batch *b, const char *text)
{
	if (strcmp(b->said, text) == 0)
		return;
	snprintf(b->said, sizeof(b->said), "%s", text);
	fprintf(stderr, "feist: %s\n", text);
}

static void on_account(void *data, const struct account_state *s)
{
	struct batch *b = data;

	b->last_event = clock_ms();
	if (s->error == ERR_NONE || b->failure == s->error)
		return;
	char text[sizeof(b->said)];
	snprintf(text, sizeof(text), "%s: %s", s->account, s->text ? s->text : err_class_name(s->error));
	print_once(b, text);
	note(b, s->error);
}

/* Nobody is there to answer. */
static void on_question(void *data, const struct question *q)
{
	struct batch *b = data;

	b->last_event = clock_ms();
	fprintf(stderr, "feist: %s: %s\n", q->account ? q->account : "", q->text);
	switch (q->kind) {
	case ASK_PASSWORD:
		fprintf(stderr, "feist: %s\n", _("no password: set it, its _command, or ~/.netrc"));
		note(b, ERR_AUTH);
		session_answer_secret(b->session, q->id, NULL, 0);
		break;
	case ASK_CERTIFICATE:
		note(b, ERR_TLS);
		session_answer(b->session, q->id, "reject");
		break;
	case ASK_UNKNOWN_SEND: /* "no" would send it a second time */
		session_answer(b->session, q->id, "later");
		break;
	case ASK_YESNO:
		session_answer(b->session, q->id, "no");
		break;
	}
}

static void on_message(void *data, enum log_level level, const char *text, const char *cure)
{
	struct batch *b = data;

	b->last_event = clock_ms();
	if (level < LOG_WARN)
		return;
	print_once(b, text);
	if (cure)
		fprintf(stderr, "feist: %s\n", cure);
}

static void on_view(void *data, struct view *v)
{
	struct batch *b = data;

	(void)v;
	b->last_event = clock_ms();
}

static void on_outbox(void *data)
{
	struct batch *b = data;

	b->last_event = clock_ms();
}

static void on_ended(void *data)
{
	struct batch *b = data;

	b->ended = true;
}

bool batch_start(struct batch *b, const struct args *a, unsigned flags, struct err *e)
{
	*b = (struct batch){.last_event = clock_ms()};
	if (!setup_load(&b->setup, a, e))
		return false;
	struct session_events events = {.data = b, .account = on_account, .question = on_question,
		.message = on_message, .view_changed = on_view, .outbox = on_outbox, .ended = on_ended};
	b->loop = loop_new();
	b->session = session_new(b->loop, b->setup.conf, &events, SESSION_BATCH | flags, a->wire_log, e);
	if (b->session)
		return true;
	loop_free(b->loop);
	setup_fini(&b->setup);
	return false;
}

static bool is_idle(struct batch *b, void *data)
{
	(void)data;
	return b->failure != ERR_NONE || session_is_idle(b->session);
}

bool batch_wait(struct batch *b, bool (*done)(struct batch *, void *), void *data)
{
	if (!done)
		done = is_idle;
	b->last_event = clock_ms();
	while (!done(b, data)) {
		int64_t left = b->last_event + BATCH_SILENCE_MS - clock_ms();
		if (left <= 0) {
			fprintf(stderr, "feist: %s\n", _("gave up: nothing happened for two minutes"));
			note(b, ERR_NET);
			return false;
		}
		loop_turn(b->loop, (int)MIN(left, (int64_t)1000));
	}
	return true;
}

static bool has_ended(struct batch *b, void *data)
{
	(void)data;
	return b->ended;
}

void batch_failed(struct batch *b, const struct err *e)
{
	fprintf(stderr, "feist: %s\n", e->text);
	note(b, e->class);
}

int batch_end(struct batch *b, int status)
{
	session_quit(b->session, QUIT_MS);
	batch_wait(b, has_ended, NULL);
	session_free(b->session);
	loop_free(b->loop);
	setup_fini(&b->setup);
	return b->failure != ERR_NONE ? err_exit_status(b->failure) : status;
}
