#include "ipc/wire.h"

#include "tests/unit/t.h"

/* Fills every field of a message with something of its own, whatever the table says. */
static void fill(struct msg *m, enum msg_type type)
{
	uint64_t n = 1;

	memset(m, 0, sizeof(*m));
	m->type = type;
	switch (type) {
#define U64(name) x->name = n++ << 33;
#define I64(name) x->name = -(int64_t)n++;
#define TEXT(name, max) x->name = n++ % 2 ? SV("gr\xc3\xbc\xc3\x9f""e") : SV("");
#define FD x->fd = 9;
#define MESSAGE(name, from, fields)                                                                \
	case MSG_##name: {                                                                         \
		struct msg_##name *x = &m->name;                                                   \
		fields                                                                             \
		break;                                                                             \
	}
#include "ipc/messages.def"
#undef MESSAGE
#undef U64
#undef I64
#undef TEXT
#undef FD
	case MSG_TYPES:
		break;
	}
}

static bool same(const struct msg *a, const struct msg *b)
{
	bool eq = a->type == b->type;

	switch (a->type) {
#define U64(name) eq = eq && x->name == y->name;
#define I64(name) eq = eq && x->name == y->name;
#define TEXT(name, max) eq = eq && sv_eq(x->name, y->name);
#define FD eq = eq && x->fd == y->fd;
#define MESSAGE(name, from, fields)                                                                \
	case MSG_##name: {                                                                         \
		const struct msg_##name *x = &a->name, *y = &b->name;                              \
		fields                                                                             \
		break;                                                                             \
	}
#include "ipc/messages.def"
#undef MESSAGE
#undef U64
#undef I64
#undef TEXT
#undef FD
	case MSG_TYPES:
		break;
	}
	return eq;
}

static struct sv frame_of(const struct str *s)
{
	return sv_from(str_sv(s), WIRE_HEAD);
}

static void every_message_survives_the_wire(void **state)
{
	(void)state;
	for (int t = 0; t < MSG_TYPES; t++) {
		struct msg m, got;
		struct str out;
		struct err e;

		fill(&m, (enum msg_type)t);
		str_init(&out, WIRE_FRAME_MAX);
		assert_true(wire_encode(&m, &out));
		if (!wire_decode(frame_of(&out), wire_has_fd(m.type) ? 9 : -1, &got, &e))
			fail_msg("%s: %s", wire_name(m.type), e.text);
		if (!same(&m, &got))
			fail_msg("%s came back different", wire_name(m.type));
		assert_int_equal(wire_fd(&got), wire_has_fd(m.type) ? 9 : -1);
		str_fini(&out);
	}
}

/* Cut at every byte, and one byte too many: refused, never read past the end. */
static void every_cut_is_refused(void **state)
{
	(void)state;
	for (int t = 0; t < MSG_TYPES; t++) {
		struct msg m, got;
		struct str out;
		struct err e;

		fill(&m, (enum msg_type)t);
		str_init(&out, WIRE_FRAME_MAX);
		assert_true(wire_encode(&m, &out));
		struct sv frame = frame_of(&out);
		int fd = wire_has_fd(m.type) ? 9 : -1;
		for (size_t n = 0; n < frame.len; n++) {
			char *copy = malloc(n ? n : 1); /* exact size, for ASan */

			memcpy(copy, frame.p, n);
			assert_false(wire_decode(sv_make(copy, n), fd, &got, &e));
			assert_int_equal(e.class, ERR_PROTO);
			free(copy);
		}
		assert_true(str_addc(&out, 'x'));
		assert_false(wire_decode(frame_of(&out), fd, &got, &e));
		str_fini(&out);
	}
}

static void descriptors_must_belong(void **state)
{
	struct msg m, got;
	struct str out;
	struct err e;

	(void)state;
	str_init(&out, WIRE_FRAME_MAX);
	fill(&m, MSG_DOC);
	assert_true(wire_encode(&m, &out));
	assert_false(wire_decode(frame_of(&out), -1, &got, &e));
	str_clear(&out);
	fill(&m, MSG_DONE);
	assert_true(wire_encode(&m, &out));
	assert_false(wire_decode(frame_of(&out), 7, &got, &e));
	str_fini(&out);
}

static void long_texts_are_cut_between_characters(void **state)
{
	struct msg m = {.type = MSG_STATE}, got;
	struct str out, text;
	struct err e;

	(void)state;
	str_init(&out, WIRE_FRAME_MAX);
	str_init(&text, 4096);
	assert_true(str_addc(&text, 'x'));
	for (int i = 0; i < 300; i++)
		assert_true(str_adds(&text, "\xc3\xbc"));
	m.STATE.text = str_sv(&text); /* 601 bytes, 512 are allowed, 511 end a character */
	assert_true(wire_encode(&m, &out));
	assert_true(wire_decode(frame_of(&out), -1, &got, &e));
	assert_int_equal(got.STATE.text.len, 511);
	str_fini(&text);
	str_fini(&out);
}

static void a_text_that_lies_about_its_length(void **state)
{
	/* DONE job=1 text: length 4 GiB; and over the table's maximum */
	static const char lie[] = "\x00\x01\0\0\0\0\0\0\0\xff\xff\xff\xff" "abc";
	char frame[sizeof(lie)];
	struct msg got;
	struct err e;

	(void)state;
	memcpy(frame, lie, sizeof(lie));
	frame[0] = (char)MSG_DONE;
	assert_false(wire_decode(sv_make(frame, sizeof(frame) - 1), -1, &got, &e));
	assert_string_equal(e.text, "message DONE: bad field text");
}

static void the_log_line_hides_secrets(void **state)
{
	struct str s;
	struct msg m = {.type = MSG_FETCH, .FETCH = {.job = 7, .message = 99, .section = SV("te\nxt")}};
	struct msg secret = {.type = MSG_SECRET, .SECRET = {.job = 1, .value = SV("hunter2")}};
	struct msg conf = {.type = MSG_CONF, .CONF = {.name = SV("imap_pass"), .value = SV("hunter2")}};

	(void)state;
	str_init(&s, 4096);
	wire_describe(&m, &s);
	assert_string_equal(s.s, "FETCH job=7 message=99 section=\"te\\nxt\" urgent=0");
	str_clear(&s);
	wire_describe(&secret, &s);
	assert_string_equal(s.s, "SECRET job=1 value=*");
	str_clear(&s);
	wire_describe(&conf, &s);
	assert_string_equal(s.s, "CONF name=\"imap_pass\" value=*");
	str_fini(&s);
}

static void who_may_say_what_when(void **state)
{
	static const struct {
		const char *name;
		enum wire_phase phase;
		enum msg_side from;
		enum msg_type type;
		bool ok;
		enum wire_phase after;
	} rows[] = {
		{"hello opens", WIRE_NEW, SIDE_UI, MSG_HELLO, true, WIRE_GREETED},
		{"hello once", WIRE_GREETED, SIDE_UI, MSG_HELLO, false, WIRE_GREETED},
		{"work before hello", WIRE_NEW, SIDE_UI, MSG_FETCH, false, WIRE_NEW},
		{"leaving is always fine", WIRE_NEW, SIDE_UI, MSG_QUIT, true, WIRE_NEW},
		{"options after hello", WIRE_GREETED, SIDE_UI, MSG_CONF, true, WIRE_GREETED},
		{"wrong direction", WIRE_OPEN, SIDE_UI, MSG_DONE, false, WIRE_OPEN},
		{"wrong direction", WIRE_OPEN, SIDE_WORKER, MSG_FETCH, false, WIRE_OPEN},
		{"ready", WIRE_NEW, SIDE_WORKER, MSG_READY, true, WIRE_OPEN},
		{"ready once", WIRE_OPEN, SIDE_WORKER, MSG_READY, false, WIRE_OPEN},
		{"log at any time", WIRE_NEW, SIDE_WORKER, MSG_LOG, true, WIRE_NEW},
		{"question before ready", WIRE_NEW, SIDE_WORKER, MSG_NEED, true, WIRE_NEW},
		{"result before ready", WIRE_NEW, SIDE_WORKER, MSG_BODY, false, WIRE_NEW},
		{"result", WIRE_OPEN, SIDE_WORKER, MSG_BODY, true, WIRE_OPEN},
		{"a renderer needs no greeting", WIRE_NEW, SIDE_UI, MSG_RENDER, true, WIRE_NEW},
		{"document", WIRE_NEW, SIDE_RENDER, MSG_DOC, true, WIRE_NEW},
		{"a renderer is no worker", WIRE_OPEN, SIDE_RENDER, MSG_DONE, false, WIRE_OPEN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum wire_phase phase = rows[i].phase;

		if (wire_expect(&phase, rows[i].from, rows[i].type) != rows[i].ok || phase != rows[i].after)
			fail_msg("%s", rows[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_survives_the_wire),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(descriptors_must_belong),
		cmocka_unit_test(long_texts_are_cut_between_characters),
		cmocka_unit_test(a_text_that_lies_about_its_length),
		cmocka_unit_test(the_log_line_hides_secrets),
		cmocka_unit_test(who_may_say_what_when),
	};

	return t_run(tests);
}
