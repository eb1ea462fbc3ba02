/*
 * feist --sync: one round of every account, or of those named; for cron.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/mem.h"
#include "core/draft.h"
#include "core/func.h"
#include "main/batch.h"

static bool is_named(const struct args *a, const char *account)
{
	for (size_t i = 0; i < a->operands.n; i++)
		if (strcmp(a->operands.v[i], account) == 0)
			return true;
	return a->operands.n == 0;
}

/* Every operand must be an account. */
static bool check_names(struct batch *b, const struct args *a, struct err *e)
{
	for (size_t i = 0; i < a->operands.n; i++) {
		bool known = false;
		struct account_state s;
		for (size_t k = 0; k < session_account_count(b->session); k++)
			known |= session_account(b->session, k, &s) && strcmp(s.account, a->operands.v[i]) == 0;
		if (!known)
			return err_set(e, ERR_INPUT, _("no account '%s'; --mailboxes shows them"), a->operands.v[i]);
	}
	return true;
}

/* One account that fails must not keep the others from their turn, so failures do not end the wait. */
static bool all_settled(struct batch *b, void *data)
{
	(void)data;
	return outbox_is_settled(b->session) && session_is_idle(b->session);
}

static size_t print_failed(struct batch *b)
{
	struct func_pending *list;
	size_t n = func_pending_list(b->session, &list), failed = 0;

	for (size_t i = 0; i < n; i++) {
		if (!list[i].failed)
			continue;
		failed++;
		fprintf(stderr, "feist: %s %s: %s: %s\n", list[i].account, list[i].mailbox, list[i].what, list[i].error);
	}
	func_pending_free(list, n);
	return failed;
}

/* What is only there with its beginning ($pop_max_size), since before: a script must know that not all is here. */
static void print_partials(struct batch *b, const size_t *before, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct account_state s;
		size_t now = session_account(b->session, i, &s) ? session_partials(b->session, s.account) : 0;

		if (now > before[i])
			fprintf(stderr, ngettext("feist: %s: of %zu large message ($pop_max_size) only the beginning was fetched\n",
				"feist: %s: of %zu large messages ($pop_max_size) only the beginning was fetched\n", now - before[i]), s.account,
				now - before[i]);
	}
}

int main_sync(const struct args *a)
{
	struct batch b;
	struct err e;
	size_t n, *before;

	if (!batch_start(&b, a, 0, &e))
		return main_fail(err_exit_status(e.class), &e);
	if (!check_names(&b, a, &e)) {
		batch_failed(&b, &e);
		return batch_end(&b, EX_USAGE);
	}
	n = session_account_count(b.session);
	before = xcalloc(n + 1, sizeof(*before));
	for (size_t i = 0; i < n; i++) {
		struct account_state s;
		if (session_account(b.session, i, &s))
			before[i] = session_partials(b.session, s.account);
		if (session_account(b.session, i, &s) && is_named(a, s.account))
			session_reconnect(b.session, s.account);
	}
	outbox_send_due(b.session);
	batch_wait(&b, all_settled, NULL);
	size_t failed = print_failed(&b);
	print_partials(&b, before, n);
	free(before);
	return batch_end(&b, failed ? 1 : 0);
}
