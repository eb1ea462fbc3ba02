/*
 * Whole sessions against a server that says anything: the first byte chooses the protocol ('p' POP3, 's' SMTP,
 * else IMAP), the rest is all that the server says, whatever we ask.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "net/imap.h"
#include "net/pop3.h"
#include "net/smtp.h"
#include "tests/fuzz/fuzz.h"

#define SAID_MAX 100000

static bool give_secret(void *data, enum server_secret what, struct secret **out, struct err *e)
{
	(void)data;
	(void)what;
	(void)e;
	*out = secret_new("pw", 2);
	return true;
}

static bool sink(void *data, struct sv piece, struct err *e)
{
	(void)e;
	*(size_t *)data += piece.len;
	return true;
}

static bool no_piece(void *data, struct sv *piece, struct err *e)
{
	struct sv *left = data;

	(void)e;
	*piece = *left;
	*left = sv_make("", 0);
	return true;
}

static void on_message(void *data, const struct imap_msg *m)
{
	fuzz_must(m->uid != 0);
	*(size_t *)data += m->nsections;
}

static void on_vanished(void *data, const struct imap_set *s)
{
	*(size_t *)data += s->n;
}

static void on_list(void *data, const struct imap_list_item *i)
{
	fuzz_must(i->name && *i->name);
	*(size_t *)data += strlen(i->name);
}

static void end(struct imap *im, imap_tag tag)
{
	struct imap_answer a;

	if (tag && imap_end(im, tag, &a, NULL))
		fuzz_must(a.status == IMAP_OK);
}

static void run_imap(struct conn *c, struct server *s)
{
	size_t count = 0;
	struct imap_events ev = {
		.list = on_list, .message = on_message, .vanished = on_vanished, .data = &count};
	struct sv text = SV("hello");
	struct imap_append ap = {.mailbox = "Sent", .size = 5, .read = no_piece, .data = &text};
	struct imap_answer answer;
	struct imap *im;
	uint32_t *uids;
	uint64_t len;
	size_t n;
	bool woken;

	if (!imap_open_on(c, s, &ev, &im, NULL))
		return;
	end(im, imap_enable_send(im, NULL));
	end(im, imap_list_send(im, true, NULL));
	end(im, imap_select_send(im, "INBOX", false, NULL, NULL));
	end(im, imap_newest_send(im, 10, "UID FLAGS", NULL));
	(void)!imap_fetch_body(im, 5, "", 0, 0, sink, &count, &len, NULL);
	if (imap_search(im, "ALL", sv_make(NULL, 0), &uids, &n, NULL))
		free(uids);
	end(im, imap_move_send(im, "1:3", "Trash", NULL));
	(void)!imap_append(im, &ap, 1, &answer, NULL);
	(void)!imap_expunge_all(im, NULL);
	(void)!imap_idle(im, 0, 0, &woken, NULL);
	(void)!imap_compress(im, NULL);
	(void)!imap_noop(im, NULL);
	imap_free(im);
}

static void run_pop(struct conn *c, struct server *s)
{
	struct pop3_item *items;
	struct pop3 *p;
	size_t n, count = 0;

	if (!pop3_open_on(c, s, &p, NULL))
		return;
	if (pop3_list(p, &items, &n, NULL)) {
		for (size_t i = 1; i < n; i++)
			fuzz_must(items[i - 1].number < items[i].number);
		pop3_items_free(items, n);
	}
	(void)!pop3_retrieve(p, 1, -1, sink, &count, NULL);
	(void)!pop3_delete(p, 1, NULL);
	(void)!pop3_quit(p, NULL);
	pop3_free(p);
}

static bool commit(void *data, struct err *e)
{
	(void)data;
	(void)e;
	return true;
}

static void run_smtp(struct conn *c, struct server *s)
{
	struct smtp_rcpt to[2] = {{.addr = "b@y.example"}, {.addr = "c@y.example"}};
	struct sv text = SV("Subject: x\n\n.hello\n");
	struct smtp_mail mail = {.from = "a@x.example",
		.rcpts = to,
		.nrcpts = 2,
		.size = 20,
		.read = no_piece,
		.commit = commit,
		.data = &text};
	enum smtp_result result = SMTP_SENT;
	struct smtp *m;

	if (!smtp_open_on(c, s, "me.example", &m, NULL))
		return;
	if (smtp_send(m, &mail, false, &result, NULL, NULL))
		fuzz_must(result == SMTP_SENT);
	else
		fuzz_must(result != SMTP_SENT);
	smtp_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct server s = {.service = "imap",
		.host = "test",
		.security = SERVER_CLEAR,
		.user = "joe",
		.wake = WAKE_NONE,
		.secret = give_secret};
	int fds[2];
	struct conn *c;

	if (size < 1 || size > SAID_MAX || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		return 0;
	if (send(fds[1], data + 1, size - 1, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)size - 1) {
		close(fds[0]);
		close(fds[1]);
		return 0;
	}
	shutdown(fds[1], SHUT_WR);
	c = conn_new(fds[0], "test");
	conn_set_timeout(c, 100);
	if (data[0] == 'p')
		run_pop(c, &s);
	else if (data[0] == 's')
		run_smtp(c, &s);
	else
		run_imap(c, &s);
	close(fds[1]);
	return 0;
}
