/*
 * Preloaded into a worker: the host "stall.test" is looked up as FEIST_EVIL_DNS says ("silence", "drip": for ever;
 * "again", "none": that answer), every other as usual. And with FEIST_EVIL_JUMP=FILE the clock that counts suspends has
 * gone on by an hour as soon as the file is there; a timer that is called off when the machine wakes up is the FIFO
 * FILE.PID.told, so that who writes to it says: now.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	const char *how = getenv("FEIST_EVIL_DNS");

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (!host || !how || strcmp(host, "stall.test") != 0 || (hints && hints->ai_flags & AI_NUMERICHOST))
		return real(host, service, hints, out);
	if (strcmp(how, "again") == 0)
		return EAI_AGAIN;
	if (strcmp(how, "none") == 0)
		return EAI_NONAME;
	for (;;)
		pause();
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
	int (*real)(clockid_t, struct timespec *);
	const char *jump = getenv("FEIST_EVIL_JUMP");
	int rc;

	*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	rc = real(clock, ts);
	if (rc == 0 && clock == CLOCK_BOOTTIME && jump && access(jump, F_OK) == 0)
		ts->tv_sec += 3600;
	return rc;
}

int timerfd_create(int clock, int flags)
{
	int (*real)(int, int);
	const char *jump = getenv("FEIST_EVIL_JUMP");
	char told[4096];

	*(void **)&real = dlsym(RTLD_NEXT, "timerfd_create");
	if (!jump)
		return real(clock, flags);
	snprintf(told, sizeof(told), "%s.%d.told", jump, (int)getpid());
	(void)mkfifo(told, 0600);
	return open(told, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

int timerfd_settime(int fd, int flags, const struct itimerspec *to, struct itimerspec *old)
{
	int (*real)(int, int, const struct itimerspec *, struct itimerspec *);

	*(void **)&real = dlsym(RTLD_NEXT, "timerfd_settime");
	return getenv("FEIST_EVIL_JUMP") ? 0 : real(fd, flags, to, old);
}
