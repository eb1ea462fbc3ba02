#include <stdlib.h>

#include "base/hash.h"
#include "net/imap.h"
#include "tests/proto/script.h"

static void say_set(struct client *c, const char *word, const struct imap_set *set)
{
	str_adds(&c->out, word);
	for (size_t i = 0; i < set->n; i++)
		str_addf(&c->out, i ? ",%u" : " %u", set->r[i].lo);
	for (size_t i = 0; i < set->n; i++)
		if (set->r[i].hi != set->r[i].lo)
			str_addf(&c->out, " (..%u)", set->r[i].hi);
	str_addc(&c->out, '\n');
}

static void on_list(void *data, const struct imap_list_item *i)
{
	struct client *c = data;

	client_say(c, "%s %s delim=%c attr=%u%s%s", i->lsub ? "lsub" : "list", i->name,
		i->delim ? i->delim : '-', i->attr, *i->special ? " special=" : "", i->special);
}

static void on_status(void *data, const struct imap_status_item *i)
{
	struct client *c = data;

	client_say(c, "status %s messages=%llu unseen=%llu%s" SV_FMT, i->name,
		(unsigned long long)i->items[STATUS_MESSAGES],
		(unsigned long long)i->items[STATUS_UNSEEN], i->object.len ? " id=" : "", SV_ARG(i->object));
}

static void on_quota(void *data, struct sv root, const struct imap_quota *q)
{
	client_say(data, "quota \"" SV_FMT "\" " SV_FMT " %llu of %llu", SV_ARG(root), SV_ARG(q->resource),
		(unsigned long long)q->used, (unsigned long long)q->max);
}

static void on_message(void *data, const struct imap_msg *m)
{
	struct client *c = data;

	str_addf(&c->out, "message %u", m->uid);
	if (m->has & FETCH_FLAGS) {
		str_addf(&c->out, " flags=%u", m->flags);
		for (size_t i = 0; i < m->keywords.n; i++)
			str_addf(&c->out, "+" SV_FMT, SV_ARG(m->keywords.w[i]));
	}
	if (m->has & FETCH_MODSEQ)
		str_addf(&c->out, " modseq=%llu", (unsigned long long)m->modseq);
	if (m->has & FETCH_SIZE)
		str_addf(&c->out, " size=%llu", (unsigned long long)m->size);
	if (m->has & FETCH_ENVELOPE)
		str_addf(&c->out, " subject=" SV_FMT, SV_ARG(m->envelope.subject));
	if (m->has & FETCH_BODY)
		str_addf(&c->out, " parts=%zu", m->body.n);
	if (m->has & FETCH_OBJECT)
		str_addf(&c->out, " object=" SV_FMT, SV_ARG(m->object));
	if (m->has & FETCH_THREAD)
		str_addf(&c->out, " thread=" SV_FMT, SV_ARG(m->thread));
	for (size_t i = 0; i < m->labels.n; i++)
		str_addf(&c->out, "%s" SV_FMT, i ? "," : " labels=", SV_ARG(m->labels.w[i]));
	if (m->has & FETCH_SAVED)
		str_addf(&c->out, " saved=%lld", (long long)m->saved);
	if (m->has & FETCH_PREVIEW)
		str_addf(&c->out, " preview=" SV_FMT, SV_ARG(m->preview));
	for (size_t i = 0; i < m->nsections; i++)
		str_addf(&c->out, " [" SV_FMT "]%s%zu", SV_ARG(m->sections[i].name),
			m->sections[i].nil ? "nil" : "", m->sections[i].data.len);
	str_addc(&c->out, '\n');
}

static void on_vanished(void *data, const struct imap_set *set)
{
	say_set(data, "vanished", set);
}

static void on_exists(void *data, uint32_t n)
{
	client_say(data, "exists %u", n);
}

static void on_unclear(void *data)
{
	client_say(data, "unclear");
}

static void on_alert(void *data, struct sv text)
{
	client_say(data, "alert " SV_FMT, SV_ARG(text));
}

static void call_open(struct client *c)
{
	struct imap_events ev = {
		on_list, on_status, on_quota, on_message, on_vanished, on_exists, on_unclear, on_alert, c};
	struct imap *im = NULL;
	struct err e = {0};
	bool ok = imap_open(&c->server, &ev, &im, &e);

	c->session = im;
	client_result(c, ok, &e);
}

/* A command whose answer is all that it gives. */
static void finish(struct client *c, imap_tag tag, struct err *e)
{
	struct imap_answer a = {0};
	bool ok = tag && imap_end(c->session, tag, &a, e);

	if (ok && a.from.n) {
		say_set(c, "from", &a.from);
		say_set(c, "to", &a.to);
	}
	if (a.modified.n)
		say_set(c, "modified", &a.modified);
	client_result(c, ok, e);
}

static void call_select(struct client *c, struct sv args)
{
	struct imap_resync re = {0};
	char *name = client_word_dup(&args);
	struct sv validity = client_word(&args), modseq = client_word(&args);
	uint64_t v = 0;
	struct err e = {0};
	imap_tag tag;

	if (sv_u64(validity, &v) && sv_u64(modseq, &re.modseq))
		re.uidvalidity = (uint32_t)v;
	tag = imap_select_send(c->session, name, false, &re, &e);
	if (tag && imap_end(c->session, tag, NULL, &e)) {
		const struct imap_selected *s = imap_selected(c->session);

		client_say(c, "selected exists=%u uidvalidity=%u uidnext=%u modseq=%llu%s",
			s->exists, s->uidvalidity, s->uidnext, (unsigned long long)s->highestmodseq,
			s->read_only ? " read-only" : "");
		client_result(c, true, &e);
	} else {
		client_result(c, false, &e);
	}
	free(name);
}

struct body {
	struct hash *hash;
	struct str head;
};

static bool take_piece(void *data, struct sv piece, struct err *e)
{
	struct body *b = data;

	(void)e;
	hash_add(b->hash, piece);
	str_add(&b->head, sv_head(piece, 40 - MIN(b->head.len, (size_t)40)));
	return true;
}

static void body_of(struct client *c, struct sv args, bool binary)
{
	struct body b = {hash_sha256_new(), {0}};
	uint64_t uid = 0, len = 0, from = 0, max = 0;
	struct err e = {0};
	char hex[65], *section;
	bool ok;

	str_init(&b.head, 64);
	if (!sv_u64(client_word(&args), &uid))
		uid = 0;
	section = client_word_dup(&args);
	if (sv_u64(client_word(&args), &from) && !sv_u64(client_word(&args), &max))
		max = 0;
	ok = (binary ? imap_fetch_binary : imap_fetch_body)(c->session, (uint32_t)uid,
		strcmp(section, "-") == 0 ? "" : section, from, max, take_piece, &b, &len, &e);
	hash_end_hex(b.hash, hex);
	for (size_t i = 0; i < b.head.len; i++)
		if (b.head.s[i] == '\r' || b.head.s[i] == '\n')
			b.head.s[i] = '|';
	if (ok)
		client_say(c, "body %llu %s", (unsigned long long)len, b.head.s);
	client_result(c, ok, &e);
	str_fini(&b.head);
	free(section);
}

static void call_body(struct client *c, struct sv args)
{
	body_of(c, args, false);
}

static void call_binary(struct client *c, struct sv args)
{
	body_of(c, args, true);
}

static bool give_text(void *data, struct sv *piece, struct err *e)
{
	struct sv *left = data;

	(void)e;
	*piece = sv_head(*left, 1000);
	*left = sv_from(*left, piece->len);
	return true;
}

#define TEXTS_MAX 4

/* append MAILBOX TEXT, appends MAILBOX TEXT TEXT, replace UID MAILBOX TEXT */
static void call_append(struct client *c, struct sv verb, struct sv args)
{
	uint64_t uid = 0;
	bool found = sv_is(verb, "replace") && sv_u64(client_word(&args), &uid);
	char *mailbox = client_word_dup(&args), *text[TEXTS_MAX];
	struct imap_append a[TEXTS_MAX];
	struct imap_answer answer = {0};
	struct sv left[TEXTS_MAX];
	struct err e = {0};
	size_t n = 0;
	bool ok;

	do {
		struct sv one = sv_is(verb, "appends") ? client_word(&args) : args;
		size_t len;

		text[n] = client_unescape(one, &len);
		left[n] = sv_make(text[n], len);
		a[n] = (struct imap_append){.mailbox = mailbox,
			.flags = IMAP_SEEN,
			.size = len,
			.binary = memchr(text[n], 0, len) != NULL,
			.utf8 = sv_find(left[n], SV("\xc3")) >= 0,
			.read = give_text,
			.data = &left[n]};
		n++;
	} while (sv_is(verb, "appends") && sv_trim(args).len && n < TEXTS_MAX);
	ok = found ? imap_replace(c->session, (uint32_t)uid, a, &answer, &e)
		   : imap_append(c->session, a, n, &answer, &e);
	if (ok && answer.to.n)
		say_set(c, "appended", &answer.to);
	client_result(c, ok, &e);
	while (n > 0)
		free(text[--n]);
	free(mailbox);
}

/* ahead MAILBOX MAILBOX: ENABLE and STATUS of both, sent before an answer is read */
static void call_ahead(struct client *c, struct sv args)
{
	char *a = client_word_dup(&args), *b = client_word_dup(&args);
	struct imap *im = c->session;
	struct err e = {0};
	imap_tag tags[3] = {imap_enable_send(im, &e), imap_status_send(im, a, &e), imap_status_send(im, b, &e)};
	bool ok = true;

	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		ok = imap_end(im, tags[i], NULL, &e) && ok;
	client_result(c, ok, &e);
	free(a);
	free(b);
}

static void call_search(struct client *c, struct sv verb, struct sv args)
{
	char *criteria = sv_is(verb, "find") ? client_word_dup(&args) : sv_dup(args);
	struct sv text = sv_is(verb, "find") ? sv_trim(args) : sv_make(NULL, 0);
	struct err e = {0};
	uint32_t *uids = NULL;
	size_t n = 0;
	bool ok = imap_search(c->session, criteria, text, &uids, &n, &e);

	if (ok) {
		str_adds(&c->out, "found");
		for (size_t i = 0; i < n; i++)
			str_addf(&c->out, " %u", uids[i]);
		str_addc(&c->out, '\n');
	}
	client_result(c, ok, &e);
	free(uids);
	free(criteria);
}

static void call_idle(struct client *c, struct sv args)
{
	uint64_t ms = 0;
	struct err e = {0};
	bool woken, ok;

	if (!sv_u64(client_word(&args), &ms))
		ms = 1000;
	ok = imap_idle(c->session, (int)ms, (int)ms, &woken, &e);
	client_result(c, ok, &e);
}

/* store SET OP BITS [WORD|- [UNCHANGEDSINCE]] */
static void call_store(struct client *c, struct sv args)
{
	char *set = client_word_dup(&args);
	struct sv op = client_word(&args), bits = client_word(&args), word = client_word(&args),
		  modseq = client_word(&args);
	struct err e = {0};
	uint64_t flags = 0, since = 0;

	if (!sv_u64(bits, &flags))
		flags = 0;
	if (sv_is(word, "-"))
		word = SV("");
	if (!sv_u64(modseq, &since))
		since = 0;
	finish(c,
		imap_store_send(c->session, set, op.len ? op.p[0] : '+', (unsigned)flags, &word,
			word.len ? 1 : 0, since, &e),
		&e);
	free(set);
}

/* label SET OP NAME,NAME */
static void call_label(struct client *c, struct sv args)
{
	char *set = client_word_dup(&args);
	struct sv op = client_word(&args), rest = sv_trim(args), labels[8];
	struct err e = {0};
	size_t n = 0;

	while (n < ARRAY_LEN(labels) && sv_split(&rest, ',', &labels[n]))
		n++;
	finish(c, imap_store_labels_send(c->session, set, op.len ? op.p[0] : '+', labels, n, &e), &e);
	free(set);
}

static void call_two(struct client *c, struct sv verb, struct sv args)
{
	char *a = client_word_dup(&args), *b = sv_dup(sv_trim(args));
	struct err e = {0};
	struct imap *im = c->session;

	if (sv_is(verb, "copy"))
		finish(c, imap_copy_send(im, a, b, &e), &e);
	else if (sv_is(verb, "move"))
		finish(c, imap_move_send(im, a, b, &e), &e);
	else if (sv_is(verb, "fetch"))
		finish(c, imap_fetch_send(im, a, b, 0, false, &e), &e);
	else if (sv_is(verb, "rename"))
		client_result(c, imap_rename(im, a, b, &e), &e);
	free(a);
	free(b);
}

static void call_newest(struct client *c, struct sv args)
{
	uint64_t n = 0;
	char *items;
	struct err e = {0};

	if (!sv_u64(client_word(&args), &n))
		n = 10;
	items = sv_dup(args);
	finish(c, imap_newest_send(c->session, (uint32_t)n, 0, items, &e), &e);
	free(items);
}

/* "notify INBOX Sent" */
static void call_notify(struct client *c, struct sv args)
{
	char *names[8];
	size_t n = 0;
	struct err e = {0};

	while (n < ARRAY_LEN(names) && sv_trim(args).len)
		names[n++] = client_word_dup(&args);
	finish(c, imap_notify_send(c->session, (const char *const *)names, n, &e), &e);
	while (n > 0)
		free(names[--n]);
}

/* "counts INBOX Sent" */
static void call_counts(struct client *c, struct sv args)
{
	char *names[8];
	size_t n = 0;
	struct err e = {0};

	while (n < ARRAY_LEN(names) && sv_trim(args).len)
		names[n++] = client_word_dup(&args);
	finish(c, imap_counts_send(c->session, (const char *const *)names, n, &e), &e);
	while (n > 0)
		free(names[--n]);
}

/* "open-newest INBOX 2 0 UID FLAGS": SELECT and the newest behind it, without waiting between; 0: told */
static void call_open_newest(struct client *c, struct sv args)
{
	char *mailbox = client_word_dup(&args), *items;
	uint64_t n = 0, told = 0;
	struct err e = {0};
	imap_tag select, newest;

	if (!sv_u64(client_word(&args), &n) || !sv_u64(client_word(&args), &told))
		n = 10;
	items = sv_dup(args);
	select = imap_select_send(c->session, mailbox, false, NULL, &e);
	newest = select ? imap_newest_send(c->session, (uint32_t)n, (uint32_t)told, items, &e) : 0;
	finish(c, select, &e);
	finish(c, newest, &e);
	free(items);
	free(mailbox);
}

static bool one_name(struct client *c, struct sv verb, struct sv args)
{
	char *name = sv_dup(sv_trim(args));
	struct imap *im = c->session;
	struct err e = {0};
	bool known = true;

	if (sv_is(verb, "below"))
		finish(c, imap_list_below_send(im, name, &e), &e);
	else if (sv_is(verb, "create"))
		client_result(c, imap_create(im, name, NULL, &e), &e);
	else if (sv_is(verb, "delete"))
		client_result(c, imap_delete(im, name, &e), &e);
	else if (sv_is(verb, "subscribe"))
		client_result(c, imap_subscribe(im, name, true, &e), &e);
	else if (sv_is(verb, "status"))
		finish(c, imap_status_send(im, name, &e), &e);
	else if (sv_is(verb, "expunge"))
		finish(c, imap_expunge_send(im, name, &e), &e);
	else
		known = false;
	free(name);
	return known;
}

static void call_namespaces(struct client *c)
{
	static const char *const kinds[] = {"personal", "others", "shared"};
	enum imap_space kind;
	const char *prefix;
	char delim;

	for (size_t i = 0; imap_namespace(c->session, i, &kind, &prefix, &delim); i++)
		client_say(c, "%s %s delim=%c", kinds[kind], *prefix ? prefix : "-", delim ? delim : '-');
}

/* use MAILBOX USE: CREATE with a special use; below PREFIX: LIST of it */
static void call_use(struct client *c, struct sv args)
{
	char *mailbox = client_word_dup(&args), *use = client_word_dup(&args);
	struct err e = {0};

	client_result(c, imap_create(c->session, mailbox, use, &e), &e);
	free(mailbox);
	free(use);
}

static bool no_name(struct client *c, struct sv verb)
{
	struct imap *im = c->session;
	struct err e = {0};

	if (sv_is(verb, "enable"))
		finish(c, imap_enable_send(im, &e), &e);
	else if (sv_is(verb, "list"))
		finish(c, imap_list_send(im, true, &e), &e);
	else if (sv_is(verb, "lsub"))
		finish(c, imap_lsub_send(im, &e), &e);
	else if (sv_is(verb, "noop"))
		client_result(c, imap_noop(im, &e), &e);
	else if (sv_is(verb, "id"))
		client_result(c, imap_send_id(im, "feist", "1", &e), &e);
	else if (sv_is(verb, "compress"))
		client_result(c, imap_compress(im, &e), &e);
	else if (sv_is(verb, "unselect"))
		client_result(c, imap_unselect(im, &e), &e);
	else if (sv_is(verb, "namespaces"))
		call_namespaces(c);
	else if (sv_is(verb, "quota"))
		finish(c, imap_quota_send(im, "INBOX", &e), &e);
	else if (sv_is(verb, "dead"))
		client_say(c, imap_is_dead(im) ? "dead" : "alive");
	else
		return false;
	return true;
}

/* The quirks that the server is known to have by what it said. */
static void call_quirks(struct client *c)
{
	str_adds(&c->out, "quirks");
	for (size_t i = 0; i < QUIRKS; i++) {
		static const struct quirks none;

		if (imap_quirk(c->session, (enum quirk)i) && !quirks_have(&none, (enum quirk)i))
			str_addf(&c->out, " %s", quirk_name((enum quirk)i));
	}
	str_addc(&c->out, '\n');
}

bool imap_call(struct client *c, struct sv line)
{
	struct sv verb = client_word(&line);

	if (sv_is(verb, "open"))
		call_open(c);
	else if (!c->session)
		client_say(c, "no session");
	else if (sv_is(verb, "select"))
		call_select(c, line);
	else if (sv_is(verb, "body"))
		call_body(c, line);
	else if (sv_is(verb, "binary"))
		call_binary(c, line);
	else if (sv_is(verb, "append") || sv_is(verb, "appends") || sv_is(verb, "replace"))
		call_append(c, verb, line);
	else if (sv_is(verb, "ahead"))
		call_ahead(c, line);
	else if (sv_is(verb, "search") || sv_is(verb, "find"))
		call_search(c, verb, line);
	else if (sv_is(verb, "quirks"))
		call_quirks(c);
	else if (sv_is(verb, "idle"))
		call_idle(c, line);
	else if (sv_is(verb, "store"))
		call_store(c, line);
	else if (sv_is(verb, "use"))
		call_use(c, line);
	else if (sv_is(verb, "label"))
		call_label(c, line);
	else if (sv_is(verb, "newest"))
		call_newest(c, line);
	else if (sv_is(verb, "notify"))
		call_notify(c, line);
	else if (sv_is(verb, "counts"))
		call_counts(c, line);
	else if (sv_is(verb, "open-newest"))
		call_open_newest(c, line);
	else if (sv_is(verb, "copy") || sv_is(verb, "move") || sv_is(verb, "fetch") ||
		 sv_is(verb, "rename"))
		call_two(c, verb, line);
	else
		return no_name(c, verb) || one_name(c, verb, line);
	return true;
}

void imap_call_end(struct client *c)
{
	imap_free(c->session);
	c->session = NULL;
}
