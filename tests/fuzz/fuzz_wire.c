/*
 * Messages between roles: a frame that decodes is encoded to the same bytes again; what comes over a
 * channel in pieces gives the same messages as all at once.
 */
#include "ipc/wire.h"
#include "tests/fuzz/fuzz.h"

static void frames(struct sv v)
{
	struct msg m;
	struct str out;
	struct err e;

	for (int fd = -1; fd <= 9; fd += 10) {
		if (!wire_decode(v, fd, &m, &e))
			continue;
		fuzz_must(wire_fd(&m) == fd);
		str_init(&out, WIRE_FRAME_MAX);
		fuzz_must(wire_encode(&m, &out));
		fuzz_must(sv_eq(sv_from(str_sv(&out), WIRE_HEAD), v));
		str_clear(&out);
		wire_describe(&m, &out);
		fuzz_must(sv_starts(str_sv(&out), sv_of(wire_name(m.type))));
		str_fini(&out);
	}
}

/* Whoever speaks and whenever: the state machine ends in one of its states. */
static void order(struct sv v)
{
	enum wire_phase ui = WIRE_NEW, worker = WIRE_NEW;

	for (size_t i = 0; i < v.len; i++) {
		enum msg_type type = (enum msg_type)(unsigned char)v.p[i];

		(void)!wire_expect(&ui, SIDE_UI, type);
		(void)!wire_expect(&worker, SIDE_WORKER, type);
		fuzz_must(ui <= WIRE_OPEN && worker <= WIRE_OPEN);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv v = fuzz_sv(data, size);

	frames(v);
	order(v);
	return 0;
}
