/*
 * The codec of messages, driven by tables made from messages.def. Nothing here knows what a message
 * means.
 */
#include "ipc/wire.h"

enum field_kind { FIELD_U64, FIELD_I64, FIELD_TEXT, FIELD_FD };

struct field {
	enum field_kind kind;
	const char *name;
	size_t offset; /* in struct msg_NAME, and so in the union */
	size_t max;    /* of a text */
};

/*
 * One table of fields for each message; offsetof needs the struct's name, which only MESSAGE knows.
 */
#define U64(name) {FIELD_U64, #name, offsetof(self, name), 0},
#define I64(name) {FIELD_I64, #name, offsetof(self, name), 0},
#define TEXT(name, max) {FIELD_TEXT, #name, offsetof(self, name), max},
#define FD {FIELD_FD, "fd", offsetof(self, fd), 0},
#define MESSAGE(name, from, fields)                                                                \
	static const struct field *fields_of_##name(size_t *n)                                     \
	{                                                                                          \
		typedef struct msg_##name self;                                                    \
		static const struct field table[] = {fields};                                      \
		*n = ARRAY_LEN(table);                                                             \
		return table;                                                                      \
	}
#include "ipc/messages.def"
#undef MESSAGE
#undef U64
#undef I64
#undef TEXT
#undef FD

static const struct {
	const char *name;
	enum msg_side from;
	const struct field *(*fields)(size_t *n);
} messages[] = {
#define MESSAGE(name, from, fields) {#name, SIDE_##from, fields_of_##name},
#include "ipc/messages.def"
#undef MESSAGE
};

const char *wire_name(enum msg_type type)
{
	return type < MSG_TYPES ? messages[type].name : "?";
}

enum msg_side wire_from(enum msg_type type)
{
	return messages[type].from;
}

const char *wire_side_name(enum msg_side side)
{
	static const char *const names[] = {"ui", "worker", "render"};

	return names[side];
}

static const struct field *fd_field(enum msg_type type)
{
	size_t n;
	const struct field *f = messages[type].fields(&n);

	for (size_t i = 0; i < n; i++) {
		if (f[i].kind == FIELD_FD)
			return &f[i];
	}
	return NULL;
}

bool wire_has_fd(enum msg_type type)
{
	return fd_field(type) != NULL;
}

/* The place of a field; every member of the union begins where the union does. */
static const void *field_at(const struct msg *m, const struct field *f)
{
	return (const char *)&m->HELLO + f->offset;
}

static void *field_put(struct msg *m, const struct field *f)
{
	return (char *)&m->HELLO + f->offset;
}

int wire_fd(const struct msg *m)
{
	const struct field *f = fd_field(m->type);

	return f ? *(const int *)field_at(m, f) : -1;
}

/* ---- encoding ---- */

static bool add_le(struct str *out, uint64_t v, int bytes)
{
	char b[8];

	for (int i = 0; i < bytes; i++)
		b[i] = (char)(v >> (8 * i));
	return str_add(out, sv_make(b, (size_t)bytes));
}

/* A text cut to max bytes without splitting a UTF-8 sequence. */
static struct sv cut_text(struct sv v, size_t max)
{
	if (v.len <= max)
		return v;
	while (max > 0 && ((unsigned char)v.p[max] & 0xc0) == 0x80)
		max--;
	return sv_head(v, max);
}

static bool encode_field(const struct msg *m, const struct field *f, struct str *out)
{
	const void *at = field_at(m, f);

	switch (f->kind) {
	case FIELD_U64:
	case FIELD_I64:
		return add_le(out, *(const uint64_t *)at, 8);
	case FIELD_TEXT: {
		struct sv v = cut_text(*(const struct sv *)at, f->max);

		return add_le(out, v.len, 4) && str_add(out, v);
	}
	case FIELD_FD:
		return true;
	}
	return false;
}

bool wire_encode(const struct msg *m, struct str *out)
{
	size_t start = out->len, n;
	const struct field *f = messages[m->type].fields(&n);
	bool ok = add_le(out, 0, WIRE_HEAD) && str_addc(out, (char)m->type);

	for (size_t i = 0; ok && i < n; i++)
		ok = encode_field(m, &f[i], out);
	if (!ok || out->len - start > WIRE_FRAME_MAX) {
		str_cut(out, start);
		return false;
	}
	uint64_t len = out->len - start - WIRE_HEAD;
	for (int i = 0; i < WIRE_HEAD; i++)
		out->s[start + (size_t)i] = (char)(len >> (8 * i));
	return true;
}

/* ---- decoding ---- */

static bool take_le(struct scan *s, int bytes, uint64_t *v)
{
	if (s->end - s->p < bytes)
		return false;
	*v = 0;
	for (int i = 0; i < bytes; i++)
		*v |= (uint64_t)(unsigned char)s->p[i] << (8 * i);
	s->p += bytes;
	return true;
}

static bool decode_field(struct scan *s, const struct field *f, struct msg *m)
{
	uint64_t v;

	if (f->kind == FIELD_FD)
		return true;
	if (!take_le(s, f->kind == FIELD_TEXT ? 4 : 8, &v))
		return false;
	if (f->kind != FIELD_TEXT) {
		*(uint64_t *)field_put(m, f) = v;
		return true;
	}
	if (v > f->max || v > (uint64_t)(s->end - s->p))
		return false;
	*(struct sv *)field_put(m, f) = sv_make(s->p, (size_t)v);
	s->p += v;
	return true;
}

bool wire_decode(struct sv frame, int fd, struct msg *out, struct err *e)
{
	struct scan s = scan_of(frame);
	struct msg m;
	size_t n;

	memset(&m, 0, sizeof(m));
	if (frame.len < 1 || (unsigned char)*s.p >= MSG_TYPES)
		return err_set(e, ERR_PROTO, "message of an unknown type");
	m.type = (enum msg_type)(unsigned char)*s.p++;
	const struct field *f = messages[m.type].fields(&n);
	for (size_t i = 0; i < n; i++) {
		if (!decode_field(&s, &f[i], &m))
			return err_set(e, ERR_PROTO, "message %s: bad field %s", wire_name(m.type), f[i].name);
	}
	if (!scan_end(&s))
		return err_set(e, ERR_PROTO, "message %s: bytes too many", wire_name(m.type));
	const struct field *with = fd_field(m.type);
	if ((with != NULL) != (fd >= 0))
		return err_set(e, ERR_PROTO, "message %s: a descriptor %s", wire_name(m.type),
			with ? "is missing" : "too many");
	if (with)
		*(int *)field_put(&m, with) = fd;
	*out = m;
	return true;
}

/* ---- the log ---- */

#define DESCRIBE_TEXT_MAX 160

void wire_describe(const struct msg *m, struct str *out)
{
	size_t n;
	const struct field *f = messages[m->type].fields(&n);
	/* Options may be passwords, too: their values are as secret as a SECRET. */
	bool hide = m->type == MSG_SECRET || m->type == MSG_CONF;

	if (!str_adds(out, wire_name(m->type)))
		return;
	for (size_t i = 0; i < n; i++) {
		const void *at = field_at(m, &f[i]);
		bool ok = str_addf(out, " %s=", f[i].name);

		if (f[i].kind == FIELD_U64)
			ok = ok && str_addf(out, "%llu", (unsigned long long)*(const uint64_t *)at);
		else if (f[i].kind == FIELD_I64)
			ok = ok && str_addf(out, "%lld", (long long)*(const int64_t *)at);
		else if (f[i].kind == FIELD_FD)
			ok = ok && str_addf(out, "%d", *(const int *)at);
		else if (hide && strcmp(f[i].name, "value") == 0)
			ok = ok && str_adds(out, "*");
		else
			ok = ok && str_add_json(out, cut_text(*(const struct sv *)at, DESCRIBE_TEXT_MAX));
		if (!ok)
			return;
	}
}

/* ---- who may say what when ---- */

/* What a worker may say before READY: why it does not get there. */
static bool before_ready(enum msg_type type)
{
	return type == MSG_LOG || type == MSG_STATE || type == MSG_FAILED || type == MSG_NEED;
}

bool wire_expect(enum wire_phase *phase, enum msg_side from, enum msg_type type)
{
	if (type >= MSG_TYPES || messages[type].from != from)
		return false;
	/* The renderer has no greeting: it knows nothing and keeps nothing. */
	bool render = from == SIDE_RENDER || type == MSG_RENDER || type == MSG_SAVEFD || type == MSG_SAVEPART;
	if (render)
		return true;
	if (type == MSG_HELLO) {
		if (*phase != WIRE_NEW)
			return false;
		*phase = WIRE_GREETED;
		return true;
	}
	if (type == MSG_READY) {
		if (*phase == WIRE_OPEN)
			return false;
		*phase = WIRE_OPEN;
		return true;
	}
	if (from == SIDE_UI)
		return *phase != WIRE_NEW || type == MSG_QUIT;
	return *phase == WIRE_OPEN || before_ready(type);
}
