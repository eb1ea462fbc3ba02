/*
 * feist-worker: one account's connection or mailboxes. Started by feist with a channel on descriptor 3.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "ipc/chan.h"
#ifdef TEST_FILTERS
#include "main/filter.h"
#endif
#include "sync/worker.h"

static bool is_channel(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

int main(int argc, char **argv)
{
#ifdef TEST_FILTERS
	static const struct filter_kind *const filters[] = {filter_net_kinds, NULL};

	if (argc == 3 && strcmp(argv[1], "--filter") == 0)
		return filter_run(argv[2], filters, 0, 1);
#else
	(void)argc;
#endif
	if (!is_channel(CHAN_CHILD_FD)) {
		fprintf(stderr,
			"%s is a part of feist: it does the work of one mail account, or sends its mail.\n"
			"feist starts it by itself and talks to it on descriptor %d. To run the workers once\n"
			"from a script or cron: feist --sync [ACCOUNT]...\n",
			argv[0] ? argv[0] : "feist-worker", CHAN_CHILD_FD);
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* ^C at the terminal is for the ui, which will tell us to end */
	signal(SIGTSTP, SIG_IGN);
	signal(SIGHUP, SIG_IGN); /* its ui goes, and with it the channel: we end in order */
	umask(077);
	return worker_run(chan_new(CHAN_CHILD_FD, SIDE_WORKER, SIDE_UI, "feist"));
}
