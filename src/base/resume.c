#include "base/resume.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#endif

#include "base/clock.h"
#include "base/mem.h"

struct resume {
	int beside;
	int both, timer; /* -1: there is none */
	int64_t gap;     /* clock_boot_ms - clock_ms, grows by each sleep */
};

static int64_t gap_now(void)
{
	return clock_boot_ms() - clock_ms();
}

#ifdef __linux__

/*
 * A timer that never rings, but is called off when the time of day jumps against the monotonic clock: that is what
 * waking up does (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET). Setting the clock does it, too: so resume_slept looks
 * at the other clocks.
 */
static void arm(int timer)
{
	struct itimerspec never = {.it_value.tv_sec = INT32_MAX};

	(void)timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static bool join(int both, int fd)
{
	struct epoll_event on = {.events = EPOLLIN};

	return both >= 0 && fd >= 0 && epoll_ctl(both, EPOLL_CTL_ADD, fd, &on) == 0;
}

static void begin(struct resume *r)
{
	r->both = epoll_create1(EPOLL_CLOEXEC);
	r->timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (join(r->both, r->timer) && join(r->both, r->beside)) {
		arm(r->timer);
		return;
	}
	if (r->both >= 0)
		close(r->both);
	r->both = -1;
}

static void quieten(struct resume *r)
{
	char ticks[sizeof(uint64_t)];

	/* Fails with ECANCELED when it was called off, which is what makes it quiet. */
	if (r->timer >= 0 && (read(r->timer, ticks, sizeof(ticks)) >= 0 || errno == ECANCELED))
		arm(r->timer);
}

#else

static void begin(struct resume *r)
{
	r->both = r->timer = -1;
}

static void quieten(struct resume *r)
{
	(void)r;
}

#endif

struct resume *resume_new(int beside)
{
	struct resume *r = xcalloc(1, sizeof(*r));

	r->beside = beside;
	r->gap = gap_now();
	begin(r);
	return r;
}

void resume_free(struct resume *r)
{
	if (!r)
		return;
	if (r->both >= 0)
		close(r->both);
	if (r->timer >= 0)
		close(r->timer);
	free(r);
}

int resume_fd(const struct resume *r)
{
	return r->both >= 0 ? r->both : r->beside;
}

bool resume_slept(struct resume *r)
{
	int64_t gap, before = r->gap;

	quieten(r);
	gap = gap_now();
	/* Shorter ones add up. */
	if (gap < before + RESUME_MIN_MS)
		return false;
	r->gap = gap;
	return true;
}
