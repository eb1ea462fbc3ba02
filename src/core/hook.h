/*
 * Hooks: commands, mailboxes and formats that the configuration ties to mailboxes and messages. Run in the
 * order in which they were made; a later one overrides an earlier one.
 */
#ifndef CORE_HOOK_H
#define CORE_HOOK_H

#include "core/msg.h"
#include "core/session.h"

/* Commands on the configuration. Errors are told (session_fail), the next hook runs all the same. */
void hook_run_folder(struct session *, const char *mailbox /* full */, const char *shown);
void hook_run_message(
	struct session *, const struct msg_facts *); /* before it is displayed or formatted */
void hook_run_reply(struct session *, const struct msg_facts *original);
void hook_run_send(struct session *, const struct msg_facts *draft); /* send-hook */
void hook_run_send2(
	struct session *, const struct msg_facts *draft); /* send2-hook: after each edit */
void hook_run_timeout(struct session *);
void hook_run_startup(struct session *, bool shutdown);

/* fcc-hook for a draft, save-hook for a message: the mailbox (expandos filled); NULL: none. Caller frees. */
char *hook_fcc(struct session *, const struct msg_facts *draft);
char *hook_save(struct session *, const struct msg_facts *);
/* mbox-hook: where read mail of this mailbox goes. NULL: none. Caller frees. */
char *hook_mbox(struct session *, const char *mailbox);
/* index-format-hook NAME: the format for this message; NULL: none. Lent until the configuration changes. */
const char *hook_index_format(struct session *, struct sv name, const struct msg_facts *);
/* crypt-hook: key id for an address; NULL: none. Lent until the configuration changes. */
const char *hook_crypt(const struct conf *, struct sv address);
/* Compiled patterns of hooks are kept; throw them away when the configuration has changed. */
void hook_forget(struct session *);

#endif
