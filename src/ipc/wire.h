/*
 * Messages between roles as structs and as bytes, made from messages.def. A frame is: u32 length of
 * what follows, u8 type, then the fields in the order of the table: u64 in 8 bytes, text as u32
 * length and bytes, all little-endian. Decoding is bounded by the table: unknown types, texts over
 * their maximum and bytes too few or too many are ERR_PROTO. Text is bytes: whoever shows it makes
 * it safe.
 *
 *	struct msg m = {.type = MSG_FETCH, .FETCH = {.job = 7, .message = id, .section = SV("text")}};
 */
#ifndef IPC_WIRE_H
#define IPC_WIRE_H

#include "base/err.h"
#include "base/str.h"

#define WIRE_VERSION 1
#define WIRE_FRAME_MAX (160u << 10) /* a whole frame; above what any line of the table can need */
#define WIRE_HEAD 4                 /* bytes of the length in front */

enum msg_side { SIDE_UI, SIDE_WORKER, SIDE_RENDER };

/* enum msg_type: MSG_HELLO ... */
enum msg_type {
#define MESSAGE(name, from, fields) MSG_##name,
#include "ipc/messages.def"
#undef MESSAGE
	MSG_TYPES
};

/*
 * struct msg_HELLO { uint64_t version; struct sv account; ... }: one for each line. A message with
 * FD owns its `fd`.
 */
#define U64(name) uint64_t name;
#define I64(name) int64_t name;
#define TEXT(name, max) struct sv name;
#define FD int fd;
#define MESSAGE(name, from, fields)                                                                \
	struct msg_##name {                                                                        \
		fields                                                                             \
	};
#include "ipc/messages.def"
#undef MESSAGE
#undef U64
#undef I64
#undef TEXT
#undef FD

struct msg {
	enum msg_type type;
	union {
#define MESSAGE(name, from, fields) struct msg_##name name;
#include "ipc/messages.def"
#undef MESSAGE
	};
};

/*
 * Appends the frame. A text over its maximum is cut (log lines, server words) at a UTF-8 border.
 * False when out is full.
 */
bool wire_encode(const struct msg *, struct str *out) MUST_CHECK;
/*
 * One frame without its length. Texts are lent from it. fd, which came along with it, goes into a
 * message that has one; -1 where it is wanted, or a descriptor where none is, is ERR_PROTO.
 */
bool wire_decode(struct sv frame, int fd, struct msg *out, struct err *e) MUST_CHECK;
bool wire_has_fd(enum msg_type);
int wire_fd(const struct msg *); /* -1 */
enum msg_side wire_from(enum msg_type);
const char *wire_name(enum msg_type);      /* "HELLO" */
const char *wire_side_name(enum msg_side); /* "ui" */
/*
 * For the log: FETCH job=7 message=99 section="text"; SECRET's value is never shown, long texts are
 * cut.
 */
void wire_describe(const struct msg *, struct str *out);

/*
 * Who may say what when. A conversation begins NEW; HELLO opens it, READY makes it OPEN. False: an
 * unexpected message, which ends whoever received it. Advances *phase.
 */
enum wire_phase { WIRE_NEW, WIRE_GREETED, WIRE_OPEN };
bool wire_expect(enum wire_phase *, enum msg_side from, enum msg_type) MUST_CHECK;

#endif
