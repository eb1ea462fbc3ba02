/*
 * The program feist: decides what the command line asks for and hands over to that mode.
 */
#include <locale.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "main/main.h"

/* Each mode lies in a file of its own (main.h). */
static int (*const modes[MODE_MODES])(const struct args *) = {
	[MODE_SCREEN] = main_screen,
	[MODE_VERSION] = main_version,
	[MODE_PRINT] = main_print,
	[MODE_CHECK_CONFIG] = main_check_config,
	[MODE_QUERY] = main_query,
	[MODE_DUMP_OPTIONS] = main_dump_options,
	[MODE_ALIAS] = main_alias,
	[MODE_DUMP] = main_dump,
	[MODE_EXTRACT] = main_extract,
	[MODE_SAVE_ATTACHMENTS] = main_save_attachments,
	[MODE_FILTER] = main_filter,
	[MODE_LIST] = main_list,
	[MODE_MAILBOXES] = main_mailboxes,
	[MODE_ANSWER] = main_answer,
	[MODE_COMPOSE] = main_send,
	[MODE_SYNC] = main_sync,
	[MODE_OUTBOX] = main_outbox,
	[MODE_OUTBOX_RETRY] = main_outbox_retry,
	[MODE_OUTBOX_DROP] = main_outbox_drop,
	[MODE_FLUSH_OUTBOX] = main_flush_outbox,
};

static void start_log(const struct args *a)
{
	static const enum log_level levels[] = {LOG_INFO, LOG_INFO, LOG_INFO, LOG_DEBUG, LOG_DEBUG, LOG_DEBUG};
	struct err e;

	if (!a->log_file && !a->debug)
		return;
	char *dir = fs_state_dir(), *path = a->log_file ? fs_expand(a->log_file) : fs_join(dir, "log");
	if ((!a->log_file && !fs_mkdirs(dir, &e)) || !log_open(path, levels[a->debug], &e))
		main_fail(1, &e);
	free(path);
	free(dir);
}

/* Sending without a screen, as mutt: something to send was given and standard input is no terminal. */
static bool sends_by_itself(const struct args *a)
{
	return a->mode == MODE_SCREEN && a->compose &&
		(!isatty(STDIN_FILENO) || a->to_stdout || a->recipients_from_header) && !a->screen_test;
}

int main(int argc, char **argv)
{
	struct args a;
	struct err e;
	int status;

	setlocale(LC_ALL, "");
	bindtextdomain(PACKAGE, LOCALEDIR);
	textdomain(PACKAGE);
	signal(SIGPIPE, SIG_IGN);
#ifdef M_MMAP_THRESHOLD
	/* glibc raises it by itself: then what sorting a big mailbox took for a moment is never given back. */
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 20);
#endif
	if (getuid() != geteuid() || getgid() != getegid()) {
		fprintf(stderr, "feist: %s\n", _("must not be installed set-user-ID or set-group-ID"));
		return EX_NOPERM;
	}
	if (!args_parse(&a, argc, argv, &e)) {
		status = main_fail(EX_USAGE, &e);
	} else if (a.mode == MODE_HELP) {
		args_help();
		status = 0;
	} else {
		start_log(&a);
		status = sends_by_itself(&a) ? main_send(&a) : modes[a.mode](&a);
	}
	args_fini(&a);
	log_close();
	return status;
}
