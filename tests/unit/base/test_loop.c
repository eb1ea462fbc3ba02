#include "base/loop.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "tests/unit/t.h"

struct seen {
	struct loop *loop;
	int timers, idles, reads, signals, status, id;
	char order[32];
};

static void note(struct seen *s, char c)
{
	size_t n = strlen(s->order);

	if (n + 1 < sizeof(s->order))
		s->order[n] = c;
}

static void on_timer(void *data)
{
	struct seen *s = data;

	s->timers++;
	note(s, 't');
	loop_stop(s->loop);
}

static void on_early(void *data)
{
	note(data, 'e');
}

static bool on_idle(void *data)
{
	struct seen *s = data;

	note(s, 'i');
	return ++s->idles < 3;
}

static void on_read(void *data, int fd, short revents)
{
	struct seen *s = data;
	char c;

	(void)revents;
	if (read(fd, &c, 1) == 1)
		s->reads++;
	note(s, 'r');
	loop_remove(s->loop, s->id);
}

static void on_child(void *data, pid_t pid, int status)
{
	struct seen *s = data;

	(void)pid;
	s->status = status;
	loop_stop(s->loop);
}

static void on_signal(void *data, int signo)
{
	struct seen *s = data;

	s->signals += signo == SIGUSR1;
	loop_stop(s->loop);
}

static void timers_fire_in_their_order(void **state)
{
	struct seen s = {.loop = loop_new()};

	(void)state;
	loop_timer(s.loop, "late", 20, on_timer, &s);
	loop_timer(s.loop, "early", 1, on_early, &s);
	int gone = loop_timer(s.loop, "removed", 2, on_early, &s);
	loop_remove(s.loop, gone);
	loop_remove(s.loop, 0);
	loop_run(s.loop);
	assert_string_equal(s.order, "et");
	loop_free(s.loop);
}

static void input_comes_before_idle_work(void **state)
{
	struct seen s = {.loop = loop_new()};
	int fds[2];
	struct err e;

	(void)state;
	assert_true(proc_pipe(fds, &e));
	assert_true(write(fds[1], "x", 1) == 1);
	loop_idle(s.loop, "idle", on_idle, &s);
	s.id = loop_fd(s.loop, "pipe", fds[0], POLLIN, on_read, &s);
	assert_false(loop_is_idle(s.loop));
	while (!loop_is_idle(s.loop))
		loop_turn(s.loop, 0);
	assert_string_equal(s.order, "riii");
	assert_int_equal(s.reads, 1);
	loop_free(s.loop);
	close(fds[0]);
	close(fds[1]);
}

static void a_child_reports_its_end(void **state)
{
	struct seen s = {.loop = loop_new()};
	struct proc_opts o = PROC_OPTS_INIT;
	struct err e;
	pid_t pid;

	(void)state;
	assert_true(proc_shell("exit 7", &o, &pid, &e));
	loop_child(s.loop, "child", pid, on_child, &s);
	loop_run(s.loop);
	assert_int_equal(s.status, 7);
	assert_true(proc_shell("kill -9 $$", &o, &pid, &e));
	loop_child(s.loop, "child", pid, on_child, &s);
	loop_run(s.loop);
	assert_int_equal(s.status, 128 + SIGKILL);
	loop_free(s.loop);
}

static void a_stopped_child_is_told_when_asked_for(void **state)
{
	struct seen s = {.loop = loop_new()};
	struct proc_opts o = PROC_OPTS_INIT;
	struct err e;
	pid_t pid;

	(void)state;
	assert_true(proc_shell("kill -STOP $$; exit 5", &o, &pid, &e));
	loop_child_stops(s.loop, loop_child(s.loop, "child", pid, on_child, &s));
	loop_run(s.loop);
	assert_int_equal(s.status, LOOP_CHILD_STOPPED);
	assert_int_equal(kill(pid, SIGCONT), 0);
	loop_run(s.loop);
	assert_int_equal(s.status, 5);
	loop_free(s.loop);
}

static void signals_arrive_in_a_turn(void **state)
{
	struct seen s = {.loop = loop_new()};

	(void)state;
	loop_signal(s.loop, "usr1", SIGUSR1, on_signal, &s);
	raise(SIGUSR1);
	assert_int_equal(s.signals, 0);
	loop_run(s.loop);
	assert_int_equal(s.signals, 1);
	loop_free(s.loop);
}

static void slow(void *data)
{
	int64_t end = clock_ms() + LOOP_STALL_MS + 10;

	while (clock_ms() < end)
		continue;
	on_timer(data);
}

static void stalls_are_counted(void **state)
{
	struct seen s = {.loop = loop_new()};

	(void)state;
	loop_timer(s.loop, "slow", 0, slow, &s);
	loop_run(s.loop);
	assert_int_equal(loop_stalls(s.loop), 1);
	assert_true(loop_longest_ms(s.loop) > LOOP_STALL_MS);
	loop_free(s.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_fire_in_their_order),
		cmocka_unit_test(input_comes_before_idle_work),
		cmocka_unit_test(a_child_reports_its_end),
		cmocka_unit_test(a_stopped_child_is_told_when_asked_for),
		cmocka_unit_test(signals_arrive_in_a_turn),
		cmocka_unit_test(stalls_are_counted),
	};

	return t_run(tests);
}
