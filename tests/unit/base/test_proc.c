#include "base/proc.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "tests/unit/t.h"

static void output_and_status_come_back(void **state)
{
	struct str out;
	struct err e;
	int status;

	(void)state;
	assert_true(proc_shell_read("tr a-z A-Z; exit 3", SV("hello"), 100, 5000, &out, &status, &e));
	assert_string_equal(out.s, "HELLO");
	assert_int_equal(status, 3);
	str_fini(&out);
}

static void big_input_and_output_do_not_deadlock(void **state)
{
	struct str in, out;
	struct err e;
	int status;

	(void)state;
	str_init(&in, 4 << 20);
	str_addn(&in, 'x', 3 << 20);
	assert_true(proc_shell_read("cat", str_sv(&in), 4 << 20, 20000, &out, &status, &e));
	assert_int_equal(out.len, in.len);
	str_fini(&out);
	/* It reads nothing at all: no SIGPIPE for us. */
	assert_true(proc_shell_read("exec 0<&-; echo done", str_sv(&in), 100, 20000, &out, &status, &e));
	assert_string_equal(out.s, "done\n");
	str_fini(&out);
	str_fini(&in);
}

static void limits_end_a_program(void **state)
{
	struct str out;
	struct err e;
	int status;

	(void)state;
	assert_false(proc_shell_read("cat /dev/zero", SV(""), 1000, 5000, &out, &status, &e));
	assert_int_equal(e.class, ERR_LIMIT);
	assert_false(proc_shell_read("tail -f /dev/null", SV(""), 1000, 100, &out, &status, &e));
	assert_int_equal(e.class, ERR_LIMIT);
	assert_int_equal(status, 128 + SIGKILL);
}

static void a_missing_program_is_said(void **state)
{
	static const char *const argv[] = {"/nonexistent/program", NULL};
	struct proc_opts o = PROC_OPTS_INIT;
	struct err e;
	pid_t pid;

	(void)state;
	assert_false(proc_spawn(argv, &o, &pid, &e));
	assert_int_equal(e.class, ERR_GONE);
	assert_non_null(strstr(e.text, "/nonexistent/program"));
}

static void only_named_descriptors_reach_the_child(void **state)
{
	struct proc_opts o = PROC_OPTS_INIT;
	int pipe_out[2], channel[2];
	struct err e;
	pid_t pid;
	char buf[64] = "";

	(void)state;
	assert_true(proc_pipe(pipe_out, &e));
	assert_true(proc_socketpair(channel, &e));
	o.out = pipe_out[1];
	o.keep = channel[1];
	o.keep_as = 3;
	assert_true(proc_shell("ls /proc/self/fd | wc -l; echo hi >&3", &o, &pid, &e));
	assert_int_equal(proc_wait(pid), 0);
	assert_true(read(channel[0], buf, sizeof(buf)) == 3);
	memset(buf, 0, sizeof(buf));
	assert_true(read(pipe_out[0], buf, sizeof(buf) - 1) > 0);
	assert_true(strtol(buf, NULL, 10) <= 5); /* 0 1 2 3 and ls's own */
	for (int i = 0; i < 2; i++) {
		close(pipe_out[i]);
		close(channel[i]);
	}
}

static void quoting_survives_a_shell(void **state)
{
	static const char *const words[] = {"plain", "a b", "it's", "$(id)`id`\"\\", "", "-n", "two\nlines"};
	struct str cmd, out;
	struct err e;
	int status;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		str_init(&cmd, 1000);
		str_adds(&cmd, "printf %s ");
		assert_true(proc_quote(&cmd, sv_of(words[i])));
		assert_true(proc_shell_read(cmd.s, SV(""), 1000, 5000, &out, &status, &e));
		assert_string_equal(out.s, words[i]);
		str_fini(&out);
		str_fini(&cmd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_status_come_back),
		cmocka_unit_test(big_input_and_output_do_not_deadlock),
		cmocka_unit_test(limits_end_a_program),
		cmocka_unit_test(a_missing_program_is_said),
		cmocka_unit_test(only_named_descriptors_reach_the_child),
		cmocka_unit_test(quoting_survives_a_shell),
	};

	return t_run(tests);
}
