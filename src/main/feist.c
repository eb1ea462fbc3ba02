/*
 * The program feist: decides what the command line asks for and hands over to that mode.
 */
#include <locale.h>
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
	[MODE_VERSION] = main_version,
	[MODE_LIST] = main_list,
	[MODE_MAILBOXES] = main_mailboxes,
	[MODE_SYNC] = main_sync,
	[MODE_DUMP] = main_dump,
	[MODE_EXTRACT] = main_extract,
	[MODE_SAVE_ATTACHMENTS] = main_save_attachments,
	[MODE_PRINT] = main_print,
	[MODE_CHECK_CONFIG] = main_check_config,
	[MODE_QUERY] = main_query,
	[MODE_DUMP_OPTIONS] = main_dump_options,
	[MODE_ALIAS] = main_alias,
	[MODE_FILTER] = main_filter,
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

int main(int argc, char **argv)
{
	struct args a;
	struct err e;
	int status;

	setlocale(LC_ALL, "");
	bindtextdomain(PACKAGE, LOCALEDIR);
	textdomain(PACKAGE);
	signal(SIGPIPE, SIG_IGN);
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
		status = modes[a.mode] ? modes[a.mode](&a) : EX_USAGE;
	}
	args_fini(&a);
	log_close();
	return status;
}
