#include "store/message.h"

#include <fcntl.h>
#include <time.h>

#include "base/fs.h"
#include "store/body.h"
#include "store/mailbox.h"
#include "tests/unit/store/tmp.h"
#include "tests/unit/t.h"

struct fix {
	char *dir;
	struct cache *c;
	uint64_t inbox, other;
};

static int setup(void **state)
{
	struct fix *f = xcalloc(1, sizeof(*f));
	struct err e;

	f->dir = tmp_dir();
	if (!cache_open(&f->c, f->dir, "a", CACHE_WRITE, &e) || !mailbox_add(f->c, "INBOX", "INBOX", '/', &f->inbox, &e) ||
		!mailbox_add(f->c, "Other", "Other", '/', &f->other, &e))
		fail_msg("%s", e.text);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fix *f = *state;

	cache_close(f->c);
	tmp_remove(f->dir);
	free(f);
	return 0;
}

/* Dates run against the UIDs, so that the orders differ. */
static void put_many(struct fix *f, uint64_t mailbox, uint64_t first, uint64_t last)
{
	struct err e;

	assert_true(cache_begin(f->c, &e));
	for (uint64_t uid = first; uid <= last; uid++) {
		char mid[40], subject[40];
		struct message_row r = {.id = message_id_of(mailbox, uid), .flags = uid % 2 ? MSG_SEEN : 0,
			.date_sent = (int64_t)(1000000 - uid / 2), .date_received = (int64_t)(5000 + uid), .size = uid * 10};

		snprintf(mid, sizeof(mid), "<%u@x>", (unsigned)uid);
		snprintf(subject, sizeof(subject), "subject %u", (unsigned)uid);
		r.message_id = sv_of(mid);
		r.subject = sv_of(subject);
		if (!message_put(f->c, &r, &e))
			fail_msg("%s", e.text);
	}
	assert_true(cache_commit(f->c, &e));
}

static void a_row_comes_back_as_it_was_put(void **state)
{
	struct fix *f = *state;
	struct arena *a = arena_new();
	struct message_row got, r = {.id = message_id_of(f->inbox, MESSAGE_UID_MAX), .flags = MSG_FLAGS_ALL,
		.date_sent = -5, .tz = -330, .date_received = INT64_C(1) << 40, .size = UINT64_C(1) << 40, .lines = 3,
		.attachments = 2, .modseq = INT64_MAX, .offset = 17, .length = 18, .key = SV("k"), .path = SV("cur/k:2,S"),
		.keywords = SV("$Phishing work"), .subject = SV("gr\xc3\xbc\xc3\x9f""e"), .from = SV("A <a@x>"), .to = SV("b@x"),
		.cc = SV("c"), .bcc = SV("d"), .reply_to = SV("e"), .sender = SV("f"), .message_id = SV("<1@x>"),
		.in_reply_to = SV("<0@x>"), .refs = SV("<a@x> <b@x>"), .list = SV("l@x"), .label = SV("red"),
		.ctype = SV("text/plain"), .shape = SV("m/mixed(t/plain")};
	struct err e;

	assert_true(message_put(f->c, &r, &e));
	assert_true(message_get(f->c, r.id, a, &got, &e));
	assert_int_equal(got.id, r.id);
	assert_int_equal(got.flags, r.flags);
	assert_true(got.date_sent == r.date_sent && got.tz == r.tz && got.date_received == r.date_received);
	assert_true(got.size == r.size && got.lines == 3 && got.attachments == 2 && got.modseq == r.modseq);
	assert_true(got.offset == 17 && got.length == 18);
	const struct sv *want_text[] = {&r.key, &r.path, &r.keywords, &r.subject, &r.from, &r.to, &r.cc, &r.bcc,
		&r.reply_to, &r.sender, &r.message_id, &r.in_reply_to, &r.refs, &r.list, &r.label, &r.ctype,
		&r.shape};
	const struct sv *got_text[] = {&got.key, &got.path, &got.keywords, &got.subject, &got.from, &got.to, &got.cc,
		&got.bcc, &got.reply_to, &got.sender, &got.message_id, &got.in_reply_to, &got.refs, &got.list, &got.label,
		&got.ctype, &got.shape};
	for (size_t i = 0; i < ARRAY_LEN(want_text); i++) {
		if (!sv_eq(*want_text[i], *got_text[i]))
			fail_msg("text %zu", i);
	}
	assert_false(message_get(f->c, r.id - 1, a, &got, &e));
	assert_int_equal(e.class, ERR_GONE);
	arena_free(a);
}

static void foreign_bytes_do_not_shift_the_texts(void **state)
{
	struct fix *f = *state;
	struct arena *a = arena_new();
	struct message_row got, r = {.id = message_id_of(f->inbox, 1), .subject = SV("a\x1f""b\x1f"), .from = SV("\x1f"),
		.to = SV("to@x"), .ctype = SV("text/html")};
	struct err e;
	char *big = malloc(MESSAGE_TEXT_MAX + 10);

	memset(big, 'x', MESSAGE_TEXT_MAX + 10);
	memcpy(big + MESSAGE_TEXT_MAX - 1, "\xc3\xbc", 2); /* a character across the border */
	r.refs = sv_make(big, MESSAGE_TEXT_MAX + 10);
	assert_true(message_put(f->c, &r, &e));
	assert_true(message_get(f->c, r.id, a, &got, &e));
	assert_true(sv_is(got.subject, "a b "));
	assert_true(sv_is(got.from, " "));
	assert_true(sv_is(got.to, "to@x"));
	assert_true(sv_is(got.ctype, "text/html"));
	assert_int_equal(got.refs.len, MESSAGE_TEXT_MAX - 1);
	free(big);
	arena_free(a);
}

static void cursors_go_in_order_and_can_pause(void **state)
{
	struct fix *f = *state;

	put_many(f, f->inbox, 1, 1000);
	put_many(f, f->other, 1, 10);
	for (int order = MESSAGE_BY_UID; order <= MESSAGE_BY_RECEIVED; order++) {
		for (int newest = 0; newest < 2; newest++) {
			struct message_cursor *cur;
			struct message_row r;
			struct err e;
			int64_t last = newest ? INT64_MAX : INT64_MIN;
			uint64_t n = 0, last_id = 0;

			assert_true(message_scan(f->c, f->inbox, (enum message_order)order, newest, &cur, &e));
			while (message_next(cur, &r, &e)) {
				int64_t v = order == MESSAGE_BY_UID    ? (int64_t)message_uid(r.id)
					    : order == MESSAGE_BY_SENT ? r.date_sent
								       : r.date_received;

				assert_int_equal(message_mailbox(r.id), f->inbox);
				assert_true(newest ? v <= last : v >= last);
				if (v == last)
					assert_true(newest ? r.id < last_id : r.id > last_id);
				last = v;
				last_id = r.id;
				n++;
				if (n % 7 == 0)
					message_pause(cur);
			}
			assert_int_equal(e.class, ERR_NONE);
			assert_int_equal(n, 1000);
			assert_false(message_next(cur, &r, &e)); /* and stays at the end */
			message_cursor_close(cur);
		}
	}
}

static void a_cursor_survives_what_happens_in_its_pause(void **state)
{
	struct fix *f = *state;
	struct message_cursor *cur;
	struct message_row r;
	struct err e;
	uint64_t n = 0;

	put_many(f, f->inbox, 1, 100);
	assert_true(message_scan(f->c, f->inbox, MESSAGE_BY_UID, false, &cur, &e));
	while (n < 50 && message_next(cur, &r, &e))
		n++;
	message_pause(cur);
	for (uint64_t uid = 40; uid <= 60; uid++)
		assert_true(message_delete(f->c, message_id_of(f->inbox, uid), &e));
	put_many(f, f->inbox, 101, 110);
	while (message_next(cur, &r, &e)) {
		assert_true(message_uid(r.id) > 60);
		n++;
	}
	assert_int_equal(n, 50 + 40 + 10);
	message_cursor_close(cur);
	assert_true(message_scan_range(f->c, f->inbox, 10, 12, &cur, &e));
	for (n = 0; message_next(cur, &r, &e); n++)
		assert_int_equal(message_uid(r.id), 10 + n);
	assert_int_equal(n, 3);
	message_cursor_close(cur);
}

/* What a lean cursor gives is what the other gives, and the rest is nothing. */
static void a_lean_cursor_leaves_out_places(void **state)
{
	struct fix *f = *state;

	put_many(f, f->inbox, 1, 50);
	for (int newest = 0; newest < 2; newest++) {
		struct message_cursor *all, *lean;
		struct message_row a, b;
		struct err e;
		unsigned n = 0;

		assert_true(message_scan(f->c, f->inbox, MESSAGE_BY_UID, newest, &all, &e));
		assert_true(message_scan(f->c, f->inbox, MESSAGE_BY_UID, newest, &lean, &e));
		assert_true(message_cursor_lean(lean, &e));
		for (; message_next(all, &a, &e); n++) {
			assert_true(message_next(lean, &b, &e));
			assert_int_equal(a.id, b.id);
			assert_int_equal(a.flags, b.flags);
			assert_int_equal(a.date_sent, b.date_sent);
			assert_int_equal(a.size, b.size);
			assert_true(sv_eq(a.keywords, b.keywords) && sv_eq(a.subject, b.subject) && sv_eq(a.refs, b.refs) &&
				    sv_eq(a.message_id, b.message_id) && sv_eq(a.shape, b.shape));
			assert_true(b.key.len == 0 && b.path.len == 0 && b.object.len == 0 && b.modseq == 0 && b.saved == 0);
			if (n == 20) {
				message_pause(all);
				message_pause(lean);
			}
		}
		assert_int_equal(n, 50);
		assert_false(message_next(lean, &b, &e));
		message_cursor_close(all);
		message_cursor_close(lean);
	}
}

static bool sum_flags(void *data, uint64_t id, unsigned flags, struct sv keywords, uint64_t modseq)
{
	(void)id, (void)keywords, (void)modseq;
	*(unsigned *)data += flags & MSG_SEEN ? 1 : 0;
	return true;
}

static void flags_change_by_delta(void **state)
{
	struct fix *f = *state;
	struct arena *a = arena_new();
	struct message_row r;
	struct err e;
	unsigned seen = 0;
	struct mailbox m;

	put_many(f, f->inbox, 1, 100);
	assert_true(message_flags_each(f->c, f->inbox, sum_flags, &seen, &e));
	assert_int_equal(seen, 50);
	assert_true(mailbox_count(f->c, f->inbox, &e) && mailbox_by_id(f->c, f->inbox, &m, &e));
	assert_true(m.total == 100 && m.unseen == 50 && m.fresh == 50);
	mailbox_fini(&m);
	uint64_t id = message_id_of(f->inbox, 2);
	assert_true(message_add_flags(f->c, id, MSG_SEEN | MSG_FLAGGED, 0, SV(""), SV(""), &e));
	assert_true(message_add_flags(f->c, id, 0, MSG_SEEN, SV("work $Label1"), SV(""), &e));
	assert_true(message_add_flags(f->c, id, MSG_OLD, 0, SV("home"), SV("WORK nothere"), &e));
	assert_true(message_get(f->c, id, a, &r, &e));
	assert_int_equal(r.flags, MSG_FLAGGED | MSG_OLD);
	assert_true(sv_is(r.keywords, "$Label1 home"));
	assert_true(message_set_flags(f->c, id, MSG_SEEN, SV(""), 9, &e) && message_set_flags(f->c, id, MSG_SEEN, SV("x"), 0, &e));
	assert_true(message_get(f->c, id, a, &r, &e));
	assert_true(r.modseq == 9 && sv_is(r.keywords, "x"));
	assert_true(message_add_flags(f->c, message_id_of(f->inbox, 999), 1, 0, SV("w"), SV(""), &e)); /* gone is fine */
	assert_true(mailbox_count(f->c, f->inbox, &e) && mailbox_by_id(f->c, f->inbox, &m, &e));
	assert_true(m.unseen == 49 && m.fresh == 49);
	mailbox_fini(&m);
	arena_free(a);
}

/* What the rows say, read one by one. */
static void check_counts(struct fix *f, uint64_t mailbox)
{
	uint64_t total = 0, unseen = 0, fresh = 0;
	struct message_cursor *cur;
	struct message_row r;
	struct mailbox m;
	struct err e;

	assert_true(message_scan(f->c, mailbox, MESSAGE_BY_UID, false, &cur, &e));
	while (message_next(cur, &r, &e)) {
		total++;
		unseen += !(r.flags & MSG_SEEN);
		fresh += !(r.flags & (MSG_SEEN | MSG_OLD));
	}
	message_cursor_close(cur);
	assert_true(mailbox_by_id(f->c, mailbox, &m, &e));
	if (m.total != total || m.unseen != unseen || m.fresh != fresh)
		fail_msg("counted %llu/%llu/%llu, rows say %llu/%llu/%llu", (unsigned long long)m.total,
			(unsigned long long)m.unseen, (unsigned long long)m.fresh, (unsigned long long)total,
			(unsigned long long)unseen, (unsigned long long)fresh);
	assert_int_equal(message_count(f->c, mailbox), total);
	mailbox_fini(&m);
}

static bool change_at_random(struct fix *f, unsigned *seed, struct err *e)
{
	uint64_t box = rand_r(seed) % 2 ? f->inbox : f->other, id = message_id_of(box, 1 + (unsigned)rand_r(seed) % 40);
	unsigned flags = (unsigned)rand_r(seed) & (MSG_SEEN | MSG_OLD | MSG_FLAGGED);
	struct message_row r = {.id = id, .flags = flags};

	switch (rand_r(seed) % 6) {
	case 0:
	case 1:
		return message_put(f->c, &r, e);
	case 2:
		return message_set_flags(f->c, id, flags, SV("w"), 0, e);
	case 3:
		return message_add_flags(f->c, id, flags, MSG_SEEN | MSG_OLD, SV(""), flags & MSG_FLAGGED ? SV("w") : SV(""), e);
	case 4:
		return message_delete(f->c, id, e);
	default:
		return message_move(f->c, id, message_id_of(box ^ f->inbox ^ f->other, 1 + (unsigned)rand_r(seed) % 40), e);
	}
}

/* The counts follow whatever is done, in transactions that are committed or not, and without one. */
static void counts_follow(void **state)
{
	struct fix *f = *state;
	struct mailbox m;
	struct err e;
	unsigned seed = 1;

	put_many(f, f->inbox, 1, 30);
	assert_true(mailbox_count(f->c, f->inbox, &e) && mailbox_count(f->c, f->other, &e));
	for (int round = 0; round < 300; round++) {
		int how = rand_r(&seed) % 4;

		assert_true(mailbox_by_id(f->c, f->inbox, &m, &e));
		assert_true(how == 0 || cache_begin(f->c, &e));
		for (int i = rand_r(&seed) % 12; i > 0; i--)
			assert_true(change_at_random(f, &seed, &e));
		/* Written with counts that are of before. */
		assert_true(mailbox_update(f->c, &m, &e));
		mailbox_fini(&m);
		if (how == 1)
			cache_rollback(f->c);
		else if (how > 1)
			assert_true(cache_commit(f->c, &e));
		check_counts(f, f->inbox);
		check_counts(f, f->other);
	}
	/* Those of the server count until they are our own again. */
	assert_true(mailbox_by_id(f->c, f->inbox, &m, &e));
	m.flags |= MAILBOX_COUNTED;
	m.total = 1000;
	assert_true(mailbox_update(f->c, &m, &e) && mailbox_count(f->c, f->inbox, &e));
	assert_true(message_delete(f->c, message_id_of(f->inbox, 1), &e));
	mailbox_fini(&m);
	assert_true(mailbox_by_id(f->c, f->inbox, &m, &e) && m.total == 1000);
	m.flags &= ~(unsigned)MAILBOX_COUNTED;
	assert_true(mailbox_update(f->c, &m, &e) && mailbox_count(f->c, f->inbox, &e));
	mailbox_fini(&m);
	check_counts(f, f->inbox);
	assert_true(mailbox_reset(f->c, f->inbox, 5, &e));
	check_counts(f, f->inbox);
}

static void finding(void **state)
{
	struct fix *f = *state;
	struct err e;
	uint64_t id;
	struct message_row r = {.id = message_id_of(f->inbox, 50), .key = SV("100.host"), .message_id = SV("<k@x>")};

	assert_true(message_put(f->c, &r, &e));
	put_many(f, f->other, 1, 20);
	assert_true(message_by_key(f->c, f->inbox, SV("100.host"), &id, &e) && id == r.id);
	assert_false(message_by_key(f->c, f->other, SV("100.host"), &id, &e));
	assert_int_equal(e.class, ERR_GONE);
	assert_false(message_by_key(f->c, f->other, SV(""), &id, &e));
	assert_true(message_by_message_id(f->c, 0, SV("<7@x>"), &id, &e) && id == message_id_of(f->other, 7));
	assert_false(message_by_message_id(f->c, f->inbox, SV("<7@x>"), &id, &e));
	assert_false(message_by_message_id(f->c, 0, SV(""), &id, &e));
	assert_int_equal(message_uid_high(f->c, f->other), 20);
	assert_int_equal(message_uid_low(f->c, f->other), 1);
	assert_int_equal(message_count(f->c, f->other), 20);
	assert_int_equal(message_uid_high(f->c, 99), 0);
}

static void read_body(struct fix *f, uint64_t id, const char *section, const char *want)
{
	struct body b;
	struct err e;
	char buf[100];

	if (!body_open(f->c, id, section, &b, &e))
		fail_msg("%s", e.text);
	assert_int_equal(b.length, strlen(want));
	assert_int_equal(pread(b.fd, buf, sizeof(buf), (off_t)b.offset) >= (ssize_t)b.length, true);
	assert_memory_equal(buf, want, b.length);
	body_close(&b);
}

static void bodies_are_named_by_content(void **state)
{
	struct fix *f = *state;
	uint64_t a = message_id_of(f->inbox, 1), b = message_id_of(f->inbox, 2), moved = message_id_of(f->other, 9);
	struct body out;
	struct err e;
	bool more;

	put_many(f, f->inbox, 1, 2);
	assert_false(body_has(f->c, a, ""));
	assert_false(body_open(f->c, a, "", &out, &e));
	assert_int_equal(e.class, ERR_GONE);
	assert_true(body_put(f->c, a, "", SV("Subject: x\n\nhello\n"), &e));
	assert_true(body_put(f->c, b, "", SV("Subject: x\n\nhello\n"), &e));
	assert_true(body_put(f->c, a, "2.1", SV("part"), &e));
	read_body(f, a, "", "Subject: x\n\nhello\n");
	read_body(f, a, "text", "Subject: x\n\nhello\n"); /* the whole serves */
	read_body(f, a, "2.1", "part");
	assert_false(body_has(f->c, a, "2"));
	assert_true(message_move(f->c, a, moved, &e));
	read_body(f, moved, "2.1", "part");
	assert_false(body_has(f->c, a, ""));
	assert_true(message_delete(f->c, b, &e));
	do
		assert_true(body_sweep(f->c, 0, 1, &more, &e));
	while (more);
	read_body(f, moved, "", "Subject: x\n\nhello\n"); /* still used */
	assert_true(message_delete(f->c, moved, &e));
	do
		assert_true(body_sweep(f->c, 0, 1000, &more, &e));
	while (more);
	assert_false(body_has(f->c, moved, ""));
	assert_true(body_put(f->c, moved, "1", SV("1234567890"), &e) && body_put(f->c, moved, "2", SV("x"), &e));
	do
		assert_true(body_sweep(f->c, 5, 1000, &more, &e));
	while (more);
	assert_false(body_has(f->c, moved, "1") && body_has(f->c, moved, "2"));
}

static void an_interrupted_body_leaves_nothing(void **state)
{
	struct fix *f = *state;
	struct body_writer *w;
	struct err e;

	put_many(f, f->inbox, 1, 1);
	assert_true(body_write_open(f->c, &w, &e));
	assert_true(body_write(w, SV("half a mess"), &e));
	body_write_abort(w);
	assert_false(body_has(f->c, message_id_of(f->inbox, 1), ""));
	body_write_abort(NULL);
}

static void local_messages_stay_where_they_are(void **state)
{
	struct fix *f = *state;
	char *md = fs_join(f->dir, "md"), *cur = fs_join(md, "cur"), *file = fs_join(cur, "1.h:2,S");
	char *renamed = fs_join(cur, "1.h:2,FS"), *mbox = fs_join(f->dir, "mbox"), *raw = xasprintf("maildir:%s", md);
	char *raw2 = xasprintf("mbox:%s", mbox);
	uint64_t maildir_id = 0, mbox_id = 0;
	struct body b;
	struct err e;

	assert_true(fs_mkdirs(cur, &e) && fs_write_atomic(file, SV("A: b\n\nx\n"), 0600, &e));
	assert_true(fs_write_atomic(mbox, SV("From a Mon\nA: 1\n\nfirst\n\nFrom b Tue\nA: 2\n\nsecond\n"), 0600, &e));
	assert_true(mailbox_add(f->c, md, raw, '/', &maildir_id, &e) && mailbox_add(f->c, mbox, raw2, '/', &mbox_id, &e));
	struct message_row r = {.id = message_id_of(maildir_id, 1), .key = SV("1.h"), .path = SV("cur/1.h:2,S")};
	struct message_row r1 = {.id = message_id_of(mbox_id, 1), .offset = 11, .length = 12};
	struct message_row r2 = {.id = message_id_of(mbox_id, 2), .offset = 35, .length = 13};
	assert_true(message_put(f->c, &r, &e) && message_put(f->c, &r1, &e) && message_put(f->c, &r2, &e));
	assert_true(body_has(f->c, r.id, ""));
	read_body(f, r.id, "text", "A: b\n\nx\n");
	assert_int_equal(rename(file, renamed), 0);
	read_body(f, r.id, "", "A: b\n\nx\n");
	assert_int_equal(unlink(renamed), 0);
	assert_false(body_open(f->c, r.id, "", &b, &e));
	assert_int_equal(e.class, ERR_GONE);
	read_body(f, r1.id, "", "A: 1\n\nfirst\n");
	read_body(f, r2.id, "", "A: 2\n\nsecond\n");
	assert_true(fs_write_atomic(mbox, SV("From a Mon\nA: 0\n\nnew\n\nFrom b Tue\nA: 2\n\nsecond\nmore\nmore"), 0600, &e));
	assert_false(body_open(f->c, r2.id, "", &b, &e));
	assert_int_equal(e.class, ERR_GONE);
	free(md), free(cur), free(file), free(renamed), free(mbox), free(raw), free(raw2);
}

static void mailboxes(void **state)
{
	struct fix *f = *state;
	struct mailbox m;
	struct err e;
	uint64_t id, again;

	assert_true(mailbox_add(f->c, "Sent", "S&-", '.', &id, &e));
	assert_true(mailbox_add(f->c, "Sent", "", 0, &again, &e));
	assert_int_equal(id, again);
	assert_true(mailbox_by_name(f->c, "Sent", &m, &e));
	assert_string_equal(m.raw, "S&-");
	assert_int_equal(m.delim, '.');
	m.special = mailbox_special_by_name("Sent");
	m.flags = MAILBOX_SUBSCRIBED;
	m.uidvalidity = 7;
	m.modseq = UINT64_C(1) << 62;
	free(m.token);
	m.token = xstrdup("12 34");
	assert_true(mailbox_update(f->c, &m, &e));
	mailbox_fini(&m);
	assert_true(mailbox_by_id(f->c, id, &m, &e));
	assert_true(m.special == MAILBOX_SENT && m.modseq == UINT64_C(1) << 62 && strcmp(m.token, "12 34") == 0);
	mailbox_fini(&m);
	put_many(f, id, 1, 5);
	put_many(f, f->other, 1, 5);
	assert_true(mailbox_reset(f->c, id, 8, &e));
	assert_int_equal(message_count(f->c, id), 0);
	assert_int_equal(message_count(f->c, f->other), 5);
	assert_true(mailbox_delete(f->c, id, &e));
	assert_false(mailbox_by_name(f->c, "Sent", &m, &e));
	assert_int_equal(e.class, ERR_GONE);
	assert_true(mailbox_add(f->c, "Sent", "Sent", '.', &again, &e));
	assert_true(again > id); /* ids never come back */
}

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1000000;
}

/*
 * Not a benchmark, a guard against work that grows with the mailbox: ratios of the processor's time, which other
 * programs do not change much.
 */
static void rows_that_are_there_cost_nothing(void **state)
{
	struct fix *f = *state;
	struct message_cursor *cur;
	struct message_row r;
	struct err e;
	double half[2], start, first, all;
	uint64_t n = 0, at = 0;

	for (int i = 0; i < 2; i++) {
		start = cpu_ms();
		for (uint64_t to = at + 10000; at < to; at += 250)
			put_many(f, f->inbox, at + 1, at + 250);
		half[i] = cpu_ms() - start;
	}
	start = cpu_ms();
	assert_true(message_scan(f->c, f->inbox, MESSAGE_BY_SENT, true, &cur, &e));
	while (n < 30 && message_next(cur, &r, &e))
		n++;
	first = cpu_ms() - start;
	while (message_next(cur, &r, &e))
		n++;
	all = cpu_ms() - start;
	message_cursor_close(cur);
	assert_int_equal(n, 20000);
	print_message("processor: 10,000 rows put %.0f ms, 10,000 more %.0f ms; first screen %.2f ms, all %.0f ms\n", half[0],
		half[1], first, all);
	assert_true(half[1] < 4 * half[0]);
	assert_true(first < all / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_row_comes_back_as_it_was_put, setup, teardown),
		cmocka_unit_test_setup_teardown(foreign_bytes_do_not_shift_the_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(cursors_go_in_order_and_can_pause, setup, teardown),
		cmocka_unit_test_setup_teardown(a_cursor_survives_what_happens_in_its_pause, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lean_cursor_leaves_out_places, setup, teardown),
		cmocka_unit_test_setup_teardown(flags_change_by_delta, setup, teardown),
		cmocka_unit_test_setup_teardown(counts_follow, setup, teardown),
		cmocka_unit_test_setup_teardown(finding, setup, teardown),
		cmocka_unit_test_setup_teardown(bodies_are_named_by_content, setup, teardown),
		cmocka_unit_test_setup_teardown(an_interrupted_body_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(local_messages_stay_where_they_are, setup, teardown),
		cmocka_unit_test_setup_teardown(mailboxes, setup, teardown),
		cmocka_unit_test_setup_teardown(rows_that_are_there_cost_nothing, setup, teardown),
	};

	return t_run(tests);
}
