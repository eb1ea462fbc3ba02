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
		else if (v.p[i] == '\0')
			str_adds(&c->out, "\\0");
		else if ((unsigned char)v.p[i] >= 128)
			str_addf(&c->out, "\\x%02x", (unsigned char)v.p[i]);
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

/* many [top] 1 2 3 [dele 4]: sent as the session allows. */
static void call_many(struct client *c, struct sv args)
{
	enum pop3_verb verb = POP3_RETR;
	struct pop3_answer a;
	struct err e = {0};
	bool ok = true;
	uint64_t v;

	while (ok) {
		struct sv word = {0};
		struct str text;

		while (ok && pop3_may_send(c->session) && (word = client_word(&args)).len) {
			if (sv_is(word, "dele") || sv_is(word, "top"))
				verb = sv_is(word, "top") ? POP3_TOP : POP3_DELE;
			else if (sv_is(word, "onebyone"))
				pop3_one_by_one(c->session);
			else if (sv_u64(word, &v))
				ok = pop3_send(c->session, verb, (uint32_t)v, 5, 100, &e);
		}
		if (!ok || pop3_under_way(c->session) == 0)
			break;
		str_init(&text, 1u << 20);
		ok = pop3_answer(c->session, take, &text, &a, &e);
		if (ok && a.ok) {
			char head[32];

			snprintf(head, sizeof(head), "message %u", a.number);
			say_bytes(c, head, str_sv(&text));
		} else if (ok) {
			client_say(c, "refused %u %s: %s", a.number, err_class_name(a.why.class), a.why.text);
		}
		str_fini(&text);
	}
	client_result(c, ok, &e);
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
	struct sv all, left;
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

static bool again(void *data, struct err *e)
{
	struct outgoing *o = data;

	(void)e;
	client_say(o->c, "rewind");
	o->left = o->all;
	return true;
}

/* One word of a send call; false: it is none. */
static bool send_word(struct sv word, struct smtp_mail *mail, struct outgoing *o, bool *all)
{
	uint64_t n;

	if (sv_is(word, "all"))
		*all = true;
	else if (sv_is(word, "8bit"))
		mail->eight_bit = true;
	else if (sv_is(word, "binary"))
		mail->binary = true;
	else if (sv_is(word, "utf8"))
		mail->utf8_headers = true;
	else if (sv_is(word, "require-tls"))
		mail->require_tls = true;
	else if (sv_is(word, "dsn"))
		mail->dsn_return = "hdrs", mail->rcpts[0].notify = "failure,delay";
	else if (sv_is(word, "envid"))
		mail->dsn_envid = "a+b=c@x";
	else if (sv_starts(word, SV("hold=")) && sv_u64(sv_from(word, 5), &n))
		mail->hold_until = (int64_t)n;
	else if (sv_starts(word, SV("piece=")) && sv_u64(sv_from(word, 6), &n))
		o->piece = (size_t)n;
	else if (sv_starts(word, SV("size=")) && sv_u64(sv_from(word, 5), &n))
		mail->size = n;
	else
		return false;
	return true;
}

/* send FROM TO[,TO] [words, see above]... | text (repeat=N: so many times) */
static void call_send(struct client *c, struct sv args)
{
	struct smtp_rcpt rcpts[16] = {0};
	struct smtp_mail mail = {.read = give, .rewind = again, .commit = commit, .rcpts = rcpts};
	uint64_t repeat = 1;
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
		if (sv_starts(word, SV("repeat=")) && sv_u64(sv_from(word, 7), &repeat))
			continue;
		if (!send_word(word, &mail, &o, &all))
			client_say(c, "unknown word: " SV_FMT, SV_ARG(word));
	}
	text = client_unescape(args, &len);
	if (repeat > 1) {
		text = xrealloc(text, len * repeat + 1);
		for (size_t i = 1; i < repeat; i++)
			memcpy(text + i * len, text, len);
		len *= repeat;
	}
	o.all = o.left = sv_make(text, len);
	if (!mail.size)
		mail.size = len;
	mail.from = strcmp(from, "<>") == 0 ? "" : from;
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
		bool ok = smtp_open(&c->server, sv_is(client_word(&line), "nameless") ? NULL : "me.example", &m, &e);

		c->session = m;
		client_result(c, ok, &e);
	} else if (!c->session) {
		client_say(c, "no session");
	} else if (sv_is(verb, "send")) {
		call_send(c, line);
	} else if (sv_is(verb, "fresh")) {
		client_say(c, smtp_is_fresh(c->session) ? "fresh" : "not fresh");
	} else if (sv_is(verb, "hold")) {
		uint64_t until = 0;

		(void)sv_u64(client_word(&line), &until);
		client_say(c, smtp_can_hold(c->session, 1000, (int64_t)until) ? "holds" : "does not hold");
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
