/* SASL: challenges of every kind, one a line; the first line chooses the mechanism. */
#include <sys/socket.h>
#include <unistd.h>

#include "net/sasl.h"
#include "tests/fuzz/fuzz.h"

static bool give_secret(void *data, enum server_secret what, struct secret **out, struct err *e)
{
	(void)data;
	(void)what;
	(void)e;
	*out = secret_new("pencil", 6);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sv rest = fuzz_sv(data, MIN(size, 100000u)), line, answer;
	struct server s = {.service = "imap",
		.host = "test",
		.security = SERVER_CLEAR,
		.user = "user",
		.wake = WAKE_NONE,
		.secret = give_secret,
		.authenticators = "scram-sha-256:scram-sha-1:plain:login:"
				  "xoauth2:oauthbearer:cram-md5:scram-sha-512:anonymous:gssapi"};
	struct sasl_tries tries = {0};
	struct str raw, again;
	struct sasl *x;
	struct conn *c;
	int fds[2];

	if (!sv_line(&rest, &line) || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		return 0;
	c = conn_new(fds[0], "test");
	if (sasl_new(&s, c, line, &tries, &x, NULL)) {
		(void)sasl_first(x, &answer, NULL);
		while (sv_line(&rest, &line) && sasl_step(x, line, &answer, NULL))
			fuzz_must(answer.len % 4 == 0);
		(void)!sasl_finish(x, line, NULL);
		sasl_free(x);
	}
	conn_free(c);
	close(fds[1]);
	str_init(&raw, size + 4);
	str_init(&again, size * 2 + 8);
	if (base64_decode(&raw, fuzz_sv(data, size)))
		fuzz_must(base64_add(&again, str_sv(&raw)) && again.len == size);
	str_fini(&raw);
	str_fini(&again);
	return 0;
}
