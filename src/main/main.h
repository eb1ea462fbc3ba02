/*
 * What the files of the program feist share: the modes, each in a file of its own, and how the
 * configuration is read for them. Every mode returns an exit status (sysexits.h).
 */
#ifndef MAIN_MAIN_H
#define MAIN_MAIN_H

#include <libintl.h>

#include "base/err.h"
#include "base/str.h"
#include "main/args.h"

#define _(s) gettext(s)

struct conf;
struct rc;

/* The configuration as -F, -n, -e and the environment ask. Problems go to stderr. */
struct setup {
	struct conf *conf;
	struct rc *rc;
	char *file;    /* that was read; NULL: none */
	bool is_own;   /* feist's, not mutt's */
};
bool setup_load(struct setup *, const struct args *, struct err *e) MUST_CHECK;
void setup_fini(struct setup *);

/* "feist: text" on stderr; returns status. */
int main_fail(int status, const struct err *e);

/* vocabulary and configuration (config.c) */
int main_print(const struct args *);
int main_check_config(const struct args *);
int main_query(const struct args *);
int main_dump_options(const struct args *);
int main_alias(const struct args *);
/* one message (dump.c) */
int main_dump(const struct args *);
int main_extract(const struct args *);
int main_save_attachments(const struct args *);
/* parsers as filters (filter.c) */
int main_filter(const struct args *);
/* mailboxes (batch_list.c) */
int main_list(const struct args *);
int main_mailboxes(const struct args *);
/* sending (batch_send.c) */
int main_send(const struct args *);
int main_answer(const struct args *);
/* accounts and outbox (batch_sync.c) */
int main_sync(const struct args *);
int main_outbox(const struct args *);
int main_outbox_retry(const struct args *);
int main_outbox_drop(const struct args *);
int main_flush_outbox(const struct args *);
/* version.c */
int main_version(const struct args *);
/* screen.c */
int main_screen(const struct args *);

#endif
