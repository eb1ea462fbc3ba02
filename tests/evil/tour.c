#include "tests/evil/tour.h"

#include <stdlib.h>

#include "base/hash.h"
#include "net/conn.h"
#include "net/imap.h"
#include "net/pop3.h"
#include "net/smtp.h"

static bool give_secret(void *data, enum server_secret what, struct secret **out, struct err *e)
{
	struct tour *t = data;

	(void)what;
	(void)e;
	t->asked++;
	*out = secret_new(MODEL_PASS, strlen(MODEL_PASS));
	return true;
}

void tour_init(struct tour *t, enum model_proto proto)
{
	*t = (struct tour){0};
	t->server = (struct server){.service = model_proto_name(proto),
		.host = "mx.example.org",
		.port = 1,
		.security = SERVER_CLEAR,
		.user = MODEL_USER,
		.timeout_ms = 30000,
		.wake = WAKE_NONE,
		.secret = give_secret,
		.data = t};
	str_init(&t->events, 1u << 22);
}

void tour_fini(struct tour *t)
{
	str_fini(&t->events);
}

const struct tour_step *tour_first_failure(const struct tour *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (!t->step[i].ok)
			return &t->step[i];
	return NULL;
}

const struct tour_step *tour_step_named(const struct tour *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->step[i].name, name) == 0)
			return &t->step[i];
	return NULL;
}

void tour_print(const struct tour *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct tour_step *s = &t->step[i];

		if (s->ok)
			printf("    %s: ok %s\n", s->name, s->gave);
		else if (!s->over)
			printf("    %s: %s: %s\n", s->name, err_class_name(s->err.class), s->err.text);
	}
	printf("    events: %.*s\n", (int)MIN(t->events.len, (size_t)2000), t->events.s ? t->events.s : "");
}

/* ---- steps ---- */

static struct tour_step *begin(struct tour *t, const char *name)
{
	struct tour_step *s = &t->step[t->n++];

	if (t->n > TOUR_STEPS)
		abort();
	*s = (struct tour_step){.name = name, .over = t->dead};
	return s;
}

static void end(struct tour *t, struct tour_step *s, bool ok, bool dead)
{
	s->ok = ok;
	t->dead = dead;
}

static void sum(char *out, size_t size, struct sv text)
{
	char hex[65];
	struct hash *h = hash_sha256_new();

	hash_add(h, text);
	hash_end_hex(h, hex);
	snprintf(out, size, "%zu %.12s", text.len, hex);
}

/* ---- IMAP ---- */

static void on_list(void *data, const struct imap_list_item *i)
{
	struct tour *t = data;

	str_addf(&t->events, "list %s\n", i->name);
}

static void on_status(void *data, const struct imap_status_item *i)
{
	struct tour *t = data;

	str_addf(&t->events, "status %s\n", i->name);
}

static void on_message(void *data, const struct imap_msg *m)
{
	struct tour *t = data;

	if (m->uid == 0)
		abort();
	str_addf(&t->events, "message %u\n", m->uid);
}

static void on_vanished(void *data, const struct imap_set *set)
{
	struct tour *t = data;

	str_addf(&t->events, "vanished %zu\n", set->n);
}

static void on_exists(void *data, uint32_t n)
{
	struct tour *t = data;

	str_addf(&t->events, "exists %u\n", n);
}

static void on_unclear(void *data)
{
	struct tour *t = data;

	t->unclear++;
	str_adds(&t->events, "unclear\n");
}

static void on_alert(void *data, struct sv text)
{
	struct tour *t = data;

	str_addf(&t->events, "alert " SV_FMT "\n", SV_ARG(sv_head(text, 200)));
}

static bool take(void *data, struct sv piece, struct err *e)
{
	(void)e;
	return str_add(data, piece);
}

struct outgoing {
	struct sv left;
};

static bool give(void *data, struct sv *piece, struct err *e)
{
	struct outgoing *o = data;

	(void)e;
	*piece = sv_head(o->left, 50);
	o->left = sv_from(o->left, piece->len);
	return true;
}

static void imap_tagged(struct tour *t, struct imap *im, imap_tag tag, struct tour_step *s)
{
	struct imap_answer a = {0};
	bool ok = tag && imap_end(im, tag, &a, &s->err);

	if (ok)
		snprintf(s->gave, sizeof(s->gave), "uid %u from %zu", (a.to.n ? a.to.r[0].lo : 0), a.from.n);
	end(t, s, ok, imap_is_dead(im));
}

#define TAGGED(name, call) \
	do { \
		struct tour_step *step = begin(t, name); \
		imap_tagged(t, im, call, step); \
	} while (0)

#define PLAIN(name, call) \
	do { \
		struct tour_step *step = begin(t, name); \
		end(t, step, call, imap_is_dead(im)); \
	} while (0)

static void imap_select_step(struct tour *t, struct imap *im)
{
	struct imap_resync re = {.uidvalidity = 7, .modseq = 80};
	struct tour_step *s = begin(t, "select");
	imap_tag tag = imap_select_send(im, "INBOX", false, &re, &s->err);

	imap_tagged(t, im, tag, s);
	if (s->ok) {
		const struct imap_selected *sel = imap_selected(im);

		snprintf(s->gave, sizeof(s->gave), "exists %u validity %u next %u modseq %llu", sel->exists, sel->uidvalidity,
			sel->uidnext, (unsigned long long)sel->highestmodseq);
	}
}

/* SELECT and the first FETCH in one flight. */
static void imap_flight_step(struct tour *t, struct imap *im)
{
	struct tour_step *s = begin(t, "flight");
	imap_tag tags[2] = {imap_select_send(im, "INBOX", false, NULL, &s->err), 0};
	bool ok = tags[0] != 0;

	if (ok && imap_has(im, CAP_PARTIAL))
		tags[1] = imap_newest_send(im, 3, 0, "UID FLAGS INTERNALDATE ENVELOPE", &s->err);
	ok = ok && imap_end(im, tags[0], NULL, &s->err);
	if (tags[1] && !imap_end(im, tags[1], NULL, ok ? &s->err : NULL))
		ok = false;
	end(t, s, ok, imap_is_dead(im));
}

static void imap_body_step(struct tour *t, struct imap *im, uint64_t from, uint64_t max)
{
	struct tour_step *s = begin(t, max ? "body-part" : "body");
	uint64_t len = 0;
	struct str text;

	str_init(&text, MODEL_OUT_MAX);
	end(t, s, imap_fetch_body(im, 11, "", from, max, take, &text, &len, &s->err), imap_is_dead(im));
	if (s->ok)
		sum(s->gave, sizeof(s->gave), str_sv(&text));
	str_fini(&text);
}

static void imap_search_step(struct tour *t, struct imap *im)
{
	struct tour_step *s = begin(t, "search");
	uint32_t *uids = NULL;
	size_t n = 0;

	end(t, s, imap_search(im, "ALL", sv_make(NULL, 0), &uids, &n, &s->err), imap_is_dead(im));
	if (s->ok)
		snprintf(s->gave, sizeof(s->gave), "%zu found", n);
	free(uids);
}

static void imap_append_step(struct tour *t, struct imap *im)
{
	struct tour_step *s = begin(t, "append");
	struct outgoing o = {model_message(11)};
	struct imap_append a = {
		.mailbox = "Sent", .flags = IMAP_SEEN, .size = o.left.len, .read = give, .data = &o};
	struct imap_answer answer = {0};

	end(t, s, imap_append(im, &a, 1, &answer, &s->err), imap_is_dead(im));
	if (s->ok)
		snprintf(s->gave, sizeof(s->gave), "uid %u", answer.to.n ? answer.to.r[0].lo : 0);
}

static void imap_idle_step(struct tour *t, struct imap *im)
{
	struct tour_step *s = begin(t, "idle");
	bool woken = false;

	end(t, s, imap_idle(im, 1000, 1000, &woken, &s->err), imap_is_dead(im));
}

static void imap_many_step(struct tour *t, struct imap *im)
{
	struct tour_step *s = begin(t, "many");
	bool ok = true;

	for (int i = 0; ok && i < 2 * IMAP_PIPELINE_MAX; i++)
		ok = imap_noop(im, &s->err);
	end(t, s, ok, imap_is_dead(im));
}

static void tour_mailboxes(struct tour *t, struct imap *im)
{
	TAGGED("enable", imap_enable_send(im, &step->err));
	TAGGED("list", imap_list_send(im, true, &step->err));
	TAGGED("lsub", imap_lsub_send(im, &step->err));
	TAGGED("status", imap_status_send(im, "Sent", &step->err));
	imap_select_step(t, im);
	if (imap_selected(im)->exists > 0)
		TAGGED("newest", imap_newest_send(im, 3, 0, "UID FLAGS INTERNALDATE ENVELOPE", &step->err));
	TAGGED("fetch", imap_fetch_send(im, "1:*", "UID FLAGS RFC822.SIZE INTERNALDATE BODYSTRUCTURE EMAILID THREADID SAVEDATE PREVIEW", 0, false, &step->err));
	imap_body_step(t, im, 0, 0);
	imap_body_step(t, im, 10, 30);
	imap_search_step(t, im);
	imap_flight_step(t, im);
}

static void tour_changes(struct tour *t, struct imap *im)
{
	TAGGED("store", imap_store_send(im, "11", '+', IMAP_SEEN, NULL, 0, 0, &step->err));
	TAGGED("copy", imap_copy_send(im, "11:12", "Sent", &step->err));
	TAGGED("move", imap_move_send(im, "11", "Trash", &step->err));
	imap_append_step(t, im);
	TAGGED("expunge", imap_expunge_send(im, "12", &step->err));
	imap_idle_step(t, im);
	PLAIN("noop", imap_noop(im, &step->err));
	PLAIN("unselect", imap_unselect(im, &step->err));
	PLAIN("create", imap_create(im, "New", NULL, &step->err));
	PLAIN("rename", imap_rename(im, "New", "Newer", &step->err));
	PLAIN("subscribe", imap_subscribe(im, "Newer", true, &step->err));
	PLAIN("delete", imap_delete(im, "Newer", &step->err));
	/* More commands than can be under way at once: what was never answered shows. */
	if (!t->brief)
		imap_many_step(t, im);
}

static void tour_imap(struct tour *t, struct conn *c)
{
	struct imap_events ev = {.list = on_list,
		.status = on_status,
		.message = on_message,
		.vanished = on_vanished,
		.exists = on_exists,
		.unclear = on_unclear,
		.alert = on_alert,
		.data = t};
	struct tour_step *s = begin(t, "open");
	struct imap *im = NULL;

	end(t, s, imap_open_on(c, &t->server, &ev, &im, &s->err), false);
	t->dead = !s->ok;
	if (!s->ok)
		return;
	if (t->compress)
		PLAIN("compress", imap_compress(im, &step->err));
	tour_mailboxes(t, im);
	tour_changes(t, im);
	imap_free(im);
}

/* ---- POP3 ---- */

static void pop_retrieve(struct tour *t, struct pop3 *p, const char *name, uint32_t number, int lines)
{
	struct tour_step *s = begin(t, name);
	struct str text;

	str_init(&text, MODEL_OUT_MAX);
	s->ok = pop3_retrieve(p, number, lines, take, &text, &s->err);
	if (s->ok)
		sum(s->gave, sizeof(s->gave), str_sv(&text));
	str_fini(&text);
}

/* Several at once: the commands go ahead where the server can. */
static void pop_many(struct tour *t, struct pop3 *p)
{
	static const uint32_t numbers[] = {2, 3, 1};
	struct tour_step *s = begin(t, "many");
	size_t sent = 0, got = 0;
	bool alive = true;
	struct str text;

	str_init(&text, MODEL_OUT_MAX);
	s->ok = true;
	while (alive && got < ARRAY_LEN(numbers)) {
		struct pop3_answer a;

		while (alive && sent < ARRAY_LEN(numbers) && pop3_may_send(p))
			alive = pop3_send(p, POP3_RETR, numbers[sent++], 0, 200, &s->err);
		if (alive && sent == got)
			alive = err_set(&s->err, ERR_NET, "the connection is over");
		alive = alive && pop3_answer(p, take, &text, &a, &s->err);
		/* One that is refused does not keep the others. */
		if (alive && !a.ok) {
			s->ok = false;
			s->err = a.why;
		}
		str_addf(&text, "<end of %u>", numbers[got++]);
	}
	s->ok = s->ok && alive;
	if (s->ok)
		sum(s->gave, sizeof(s->gave), str_sv(&text));
	str_fini(&text);
}

static void pop_list(struct tour *t, struct pop3 *p)
{
	struct tour_step *s = begin(t, "list");
	struct pop3_item *items = NULL;
	size_t n = 0;
	struct str all;

	s->ok = pop3_list(p, &items, &n, &s->err);
	if (!s->ok)
		return;
	str_init(&all, 1u << 24);
	for (size_t i = 0; i < n; i++) {
		if (i && items[i].number <= items[i - 1].number)
			abort();
		str_addf(&all, "%u %llu %s\n", items[i].number, (unsigned long long)items[i].size, items[i].uidl);
	}
	sum(s->gave, sizeof(s->gave), str_sv(&all));
	str_fini(&all);
	pop3_items_free(items, n);
}

static void tour_pop(struct tour *t, struct conn *c)
{
	struct tour_step *s = begin(t, "open");
	struct pop3 *p = NULL;

	s->ok = pop3_open_on(c, &t->server, &p, &s->err);
	t->dead = !s->ok;
	if (!s->ok)
		return;
	pop_list(t, p);
	pop_retrieve(t, p, "top", 1, 3);
	pop_retrieve(t, p, "retr", 1, -1);
	pop_many(t, p);
	s = begin(t, "dele");
	s->ok = pop3_delete(p, 1, &s->err);
	s = begin(t, "noop");
	s->ok = pop3_noop(p, &s->err);
	s = begin(t, "quit");
	s->ok = pop3_quit(p, &s->err);
	pop3_free(p);
}

/* ---- SMTP ---- */

struct mail {
	struct outgoing o;
	struct model *model;
};

static bool mail_give(void *data, struct sv *piece, struct err *e)
{
	struct mail *m = data;

	return give(&m->o, piece, e);
}

static bool commit(void *data, struct err *e)
{
	(void)data;
	(void)e;
	return true;
}

static void smtp_one(struct tour *t, struct smtp *m, struct model *model, const char *name)
{
	struct tour_step *s = begin(t, name);
	struct smtp_rcpt to[2] = {{.addr = "b@example.org"}, {.addr = "c@example.org"}};
	struct mail data = {.o = {SV("Subject: x\r\n\r\n.dot\r\n..\r\nSECRETBODY\r\n")}, .model = model};
	struct smtp_mail mail = {.from = "a@example.org",
		.rcpts = to,
		.nrcpts = 2,
		.size = data.o.left.len,
		.read = mail_give,
		.commit = commit,
		.data = &data};
	unsigned accepted = model->accepted, dots = model->dots;
	enum smtp_result result = SMTP_SENT;

	s->ok = smtp_send(m, &mail, false, &result, NULL, &s->err);
	snprintf(s->gave, sizeof(s->gave), "%s", smtp_result_name(result));
	t->sent += result == SMTP_SENT;
	t->unknown += result == SMTP_UNKNOWN;
	t->dead = smtp_is_dead(m);
	/* Sent is only what the server has said yes to; and what it may have is never called "not sent". */
	if (s->ok != (result == SMTP_SENT) || (result == SMTP_SENT && model->accepted == accepted) ||
		(result == SMTP_LATER && model->dots > dots && model->accepted > accepted))
		t->sent_wrongly = true;
}

static void tour_smtp(struct tour *t, struct conn *c, struct model *model)
{
	struct tour_step *s = begin(t, "open");
	struct smtp *m = NULL;

	s->ok = smtp_open_on(c, &t->server, "me.example", &m, &s->err);
	t->dead = !s->ok;
	if (!s->ok)
		return;
	smtp_one(t, m, model, "send");
	smtp_one(t, m, model, "send2");
	smtp_free(m);
}

void tour_run(struct tour *t, struct line *l, struct model *m)
{
	struct conn *c = line_open(l, m);

	conn_set_timeout(c, t->server.timeout_ms);
	conn_set_wire_log(c, t->server.wire_log);

	if (m->proto == MODEL_IMAP)
		tour_imap(t, c);
	else if (m->proto == MODEL_POP)
		tour_pop(t, c);
	else
		tour_smtp(t, c, m);
}
