/* The calls of pop3 and smtp. */
#include <stdlib.h>

#include "net/pop3.h"
#include "net/smtp.h"
#include "tests/proto/script.h"

/* ---- pop3 ---- */

static bool take(void *data, struct sv piece, struct err *e)
{
	return str_add(data, piece) || err_set(e, ERR_LIMIT, "too long");
}

static void say_bytes(struct client *c, const char *word, struct sv v)
{
	str_addf(&c->out, "%s ", word);
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] == '\r')
			str_adds(&c->out, "\\r");
		else if (v.p[i] == '\n')
			str_adds(&c->out, "\\n");
		else
			str_addc(&c->out, v.p[i]);
	}
	str_addc(&c->out, '\n');
}

static void call_retr(struct client *c, struct sv args, bool top)
{
	uint64_t n = 0, lines = 0;
	struct err e = {0};
	struct str text;
	bool ok;

	if (!sv_u64(client_word(&args), &n) || (top && !sv_u64(client_word(&args), &lines)))
		n = 0;
	str_init(&text, 1u << 20);
	ok = pop3_retrieve(c->session, (uint32_t)n, top ? (int)lines : -1, take, &text, &e);
	if (ok)
		say_bytes(c, "message", str_sv(&text));
	client_result(c, ok, &e);
	str_fini(&text);
}

struct many {
	struct client *c;
	struct str text;
};

static bool many_take(void *data, struct sv piece, struct err *e)
{
	struct many *m = data;

	(void)e;
	return str_add(&m->text, piece);
}

static bool many_done(void *data, uint32_t number, struct err *e)
{
	struct many *m = data;
	char word[32];

	(void)e;
	snprintf(word, sizeof(word), "message %u", number);
	say_bytes(m->c, word, str_sv(&m->text));
	str_clear(&m->text);
	return true;
}

static void call_many(struct client *c, struct sv args)
{
	struct many m = {.c = c};
	uint32_t numbers[64];
	size_t n = 0;
	uint64_t v;
	struct err e = {0};

	str_init(&m.text, 1u << 20);
	while (n < 64 && sv_u64(client_word(&args), &v))
		numbers[n++] = (uint32_t)v;
	client_result(
		c, pop3_retrieve_many(c->session, numbers, n, many_take, many_done, &m, &e), &e);
	str_fini(&m.text);
}

static void call_list(struct client *c)
{
	struct pop3_item *items;
	size_t n;
	struct err e = {0};
	bool ok = pop3_list(c->session, &items, &n, &e);

	for (size_t i = 0; ok && i < n; i++)
		client_say(c, "item %u %llu %s", items[i].number, (unsigned long long)items[i].size,
			items[i].uidl);
	if (ok)
		pop3_items_free(items, n);
	client_result(c, ok, &e);
}

bool pop3_call(struct client *c, struct sv line)
{
	struct sv verb = client_word(&line);
	struct err e = {0};
	uint64_t n = 0;

	if (sv_is(verb, "open")) {
		struct pop3 *p = NULL;
		bool ok = pop3_open(&c->server, &p, &e);

		c->session = p;
		client_result(c, ok, &e);
	} else if (!c->session) {
		client_say(c, "no session");
	} else if (sv_is(verb, "list")) {
		call_list(c);
	} else if (sv_is(verb, "retr") || sv_is(verb, "top")) {
		call_retr(c, line, sv_is(verb, "top"));
	} else if (sv_is(verb, "many")) {
		call_many(c, line);
	} else if (sv_is(verb, "dele")) {
		if (!sv_u64(client_word(&line), &n))
			n = 0;
		client_result(c, pop3_delete(c->session, (uint32_t)n, &e), &e);
	} else if (sv_is(verb, "quit")) {
		client_result(c, pop3_quit(c->session, &e), &e);
	} else {
		return false;
	}
	return true;
}

void pop3_call_end(struct client *c)
{
	pop3_free(c->session);
	c->session = NULL;
}

/* ---- smtp ---- */

struct outgoing {
	struct client *c;
	struct sv left;
	size_t piece;
};

static bool give(void *data, struct sv *piece, struct err *e)
{
	struct outgoing *o = data;

	(void)e;
	*piece = sv_head(o->left, o->piece);
	o->left = sv_from(o->left, piece->len);
	return true;
}

static bool commit(void *data, struct err *e)
{
	struct outgoing *o = data;

	client_say(o->c, "commit");
	return !o->c->no_commit || err_set(e, ERR_CANCEL, "not allowed");
}

/* send FROM TO[,TO] [all] [piece=N] [8bit] [utf8] | text */
static void call_send(struct client *c, struct sv args)
{
	struct smtp_rcpt rcpts[16] = {0};
	struct smtp_mail mail = {.read = give, .commit = commit};
	struct outgoing o = {.c = c, .piece = 1000};
	char *from = client_word_dup(&args), *to = client_word_dup(&args);
	struct sv list = sv_of(to), one, word;
	enum smtp_result result = SMTP_SENT;
	struct err e = {0};
	bool all = false, ok;
	struct str words;
	char *text;
	size_t len;

	str_init(&words, 1024);
	while (mail.nrcpts < 16 && sv_split(&list, ',', &one))
		rcpts[mail.nrcpts++].addr = sv_dup(one);
	while ((word = client_word(&args)).len && !sv_is(word, "|")) {
		uint64_t n;

		if (sv_is(word, "all"))
			all = true;
		else if (sv_is(word, "8bit"))
			mail.eight_bit = true;
		else if (sv_is(word, "utf8"))
			mail.utf8_headers = true;
		else if (sv_is(word, "dsn"))
			mail.dsn_return = "hdrs", rcpts[0].notify = "FAILURE,DELAY";
		else if (sv_starts(word, SV("piece=")) && sv_u64(sv_from(word, 6), &n))
			o.piece = (size_t)n;
	}
	text = client_unescape(args, &len);
	o.left = sv_make(text, len);
	mail.from = strcmp(from, "<>") == 0 ? "" : from;
	mail.rcpts = rcpts;
	mail.size = len;
	mail.data = &o;
	ok = smtp_send(c->session, &mail, all, &result, &words, &e);
	client_say(c, "result %s%s%s", smtp_result_name(result), words.len ? " " : "", words.s);
	for (size_t i = 0; i < mail.nrcpts; i++) {
		if (rcpts[i].text[0])
			client_say(c, "rcpt %s %s %s", rcpts[i].addr,
				smtp_result_name(rcpts[i].result), rcpts[i].text);
		free((char *)(uintptr_t)rcpts[i].addr);
	}
	client_result(c, ok, &e);
	str_fini(&words);
	free(text);
	free(from);
	free(to);
}

bool smtp_call(struct client *c, struct sv line)
{
	struct sv verb = client_word(&line);
	struct err e = {0};

	if (sv_is(verb, "open")) {
		struct smtp *m = NULL;
		bool ok = smtp_open(&c->server, "me.example", &m, &e);

		c->session = m;
		client_result(c, ok, &e);
	} else if (!c->session) {
		client_say(c, "no session");
	} else if (sv_is(verb, "send")) {
		call_send(c, line);
	} else if (sv_is(verb, "dead")) {
		client_say(c, smtp_is_dead(c->session) ? "dead" : "alive");
	} else {
		return false;
	}
	return true;
}

void smtp_call_end(struct client *c)
{
	smtp_free(c->session);
	c->session = NULL;
}
