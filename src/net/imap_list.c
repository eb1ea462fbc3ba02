/*
 * Commands about mailboxes: what is there (NAMESPACE, LIST, STATUS), and making, renaming and
 * removing them.
 */
#include <stdlib.h>

#include "net/imap_priv.h"

/* ---- names ---- */

/*
 * While ENABLE UTF8=ACCEPT is not answered nobody knows in which form the server takes names: those for
 * which it matters wait. A session that dies here shows it at the next call.
 */
static void await_utf8(struct imap *im, const char *name)
{
	bool matters = strchr(name, '&') != NULL;

	for (const char *p = name; *p; p++)
		matters |= (unsigned char)*p >= 128;
	while (matters && im->enabling && imap_step(im, NULL))
		continue;
}

/* A mailbox argument: the server's own spelling where it is not the usual one. */
void imap_out_name(struct imap *im, struct imap_out *o, const char *name)
{
	await_utf8(im, name);
	o->utf8 = im->utf8;
	const char *raw = map_get(im->odd_names, sv_of(name));

	if (raw)
		imap_out_astring(o, sv_of(raw));
	else
		imap_out_mailbox(o, sv_of(name));
}

imap_tag imap_begin_mailbox(struct imap *im, enum imap_verb verb, const char *command,
	const char *mailbox, const char *rest, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, command);
	imap_out_raw(&o, " ");
	imap_out_name(im, &o, mailbox);
	imap_out_raw(&o, rest);
	tag = imap_begin(im, verb, &o, e);
	imap_out_fini(&o);
	return tag;
}

/* ---- namespaces ---- */

void imap_forget_spaces(struct imap *im)
{
	for (size_t i = 0; i < im->nspaces; i++)
		free(im->spaces[i].prefix);
	xfree_null(&im->spaces);
	im->nspaces = 0;
}

bool imap_namespace(const struct imap *im, size_t n, enum imap_space *kind, const char **prefix, char *delim)
{
	if (n >= im->nspaces)
		return false;
	*kind = im->spaces[n].kind;
	*prefix = im->spaces[n].prefix;
	*delim = im->spaces[n].delim;
	return true;
}

/* ---- lists ---- */

/* NAMESPACE goes along unasked the first time; nobody waits for it. */
static bool send_namespace(struct imap *im, struct err *e)
{
	imap_tag tag;

	if (im->namespace_known || !imap_has(im, CAP_NAMESPACE))
		return true;
	tag = imap_begin_text(im, VERB_OTHER, "NAMESPACE", e);
	if (!tag)
		return false;
	im->slot[tag % IMAP_PIPELINE_MAX].own = true;
	return true;
}

static const char *status_items(const struct imap *im)
{
	return imap_has(im, CAP_CONDSTORE) ? "(MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ)"
					   : "(MESSAGES UNSEEN UIDNEXT UIDVALIDITY)";
}

/* RETURN of LIST-EXTENDED (RFC 5258): all that we want to know with the names. */
static void out_return(struct imap *im, struct imap_out *o, bool with_status)
{
	bool status = imap_has(im, CAP_LIST_STATUS);

	if (!imap_has(im, CAP_LIST_EXTENDED))
		return;
	imap_out_raw(o, " RETURN (SUBSCRIBED CHILDREN");
	if (imap_has(im, CAP_SPECIAL_USE))
		imap_out_raw(o, " SPECIAL-USE");
	if (status && with_status)
		imap_out_f(o, " STATUS %s", status_items(im));
	else if (status && imap_has(im, CAP_OBJECTID))
		imap_out_raw(o, " STATUS (MAILBOXID)");
	imap_out_raw(o, ")");
}

static imap_tag send_list(struct imap *im, struct imap_out *o, bool with_status, struct err *e)
{
	imap_tag tag;

	out_return(im, o, with_status);
	tag = imap_begin(im, VERB_OTHER, o, e);
	imap_out_fini(o);
	return tag;
}

imap_tag imap_list_send(struct imap *im, bool with_status, struct err *e)
{
	struct imap_out o;

	if (!send_namespace(im, e))
		return 0;
	imap_out_start(im, &o, "LIST \"\" \"*\"");
	return send_list(im, &o, with_status, e);
}

imap_tag imap_list_below_send(struct imap *im, const char *prefix, struct err *e)
{
	struct imap_out o;

	imap_out_start(im, &o, "LIST ");
	imap_out_name(im, &o, prefix);
	imap_out_raw(&o, " \"*\"");
	return send_list(im, &o, false, e);
}

imap_tag imap_lsub_send(struct imap *im, struct err *e)
{
	return imap_begin_text(im, VERB_OTHER, "LSUB \"\" \"*\"", e);
}

imap_tag imap_counts_send(struct imap *im, const char *const *names, size_t n, struct err *e)
{
	struct imap_out o;
	imap_tag tag;

	imap_out_start(im, &o, "LIST \"\" (");
	for (size_t i = 0; i < n; i++) {
		imap_out_raw(&o, i ? " " : "");
		imap_out_name(im, &o, names[i]);
	}
	imap_out_f(&o, ") RETURN (STATUS %s)", status_items(im));
	tag = imap_begin(im, VERB_OTHER, &o, e);
	imap_out_fini(&o);
	return tag;
}

imap_tag imap_status_send(struct imap *im, const char *mailbox, struct err *e)
{
	char rest[128];

	snprintf(rest, sizeof(rest), " %s", status_items(im));
	return imap_begin_mailbox(im, VERB_MAILBOX, "STATUS", mailbox, rest, e);
}

/* ---- mailboxes ---- */

static bool do_mailbox(struct imap *im, const char *command, const char *mailbox, struct err *e)
{
	imap_tag tag = imap_begin_mailbox(im, VERB_MAILBOX, command, mailbox, "", e);

	return tag && imap_end(im, tag, NULL, e);
}

bool imap_create(struct imap *im, const char *mailbox, const char *special_use, struct err *e)
{
	char rest[64] = "";
	imap_tag tag;

	if (special_use && *special_use && imap_has(im, CAP_CREATE_SPECIAL_USE))
		snprintf(rest, sizeof(rest), " (USE (\\%s))", special_use);
	tag = imap_begin_mailbox(im, VERB_MAILBOX, "CREATE", mailbox, rest, e);
	return tag && imap_end(im, tag, NULL, e);
}

imap_tag imap_quota_send(struct imap *im, const char *mailbox, struct err *e)
{
	return imap_begin_mailbox(im, VERB_MAILBOX, "GETQUOTAROOT", mailbox, "", e);
}

bool imap_delete(struct imap *im, const char *mailbox, struct err *e)
{
	/* Servers end the session when the selected mailbox goes. */
	return imap_unselect(im, e) && do_mailbox(im, "DELETE", mailbox, e);
}

bool imap_rename(struct imap *im, const char *from, const char *to, struct err *e)
{
	struct imap_out o;

	imap_out_start(im, &o, "RENAME ");
	imap_out_name(im, &o, from);
	imap_out_raw(&o, " ");
	imap_out_name(im, &o, to);
	return imap_do(im, VERB_MAILBOX, &o, NULL, e);
}

imap_tag imap_subscribe_send(struct imap *im, const char *mailbox, bool on, struct err *e)
{
	return imap_begin_mailbox(im, VERB_MAILBOX, on ? "SUBSCRIBE" : "UNSUBSCRIBE", mailbox, "", e);
}

bool imap_subscribe(struct imap *im, const char *mailbox, bool on, struct err *e)
{
	imap_tag tag = imap_subscribe_send(im, mailbox, on, e);

	return tag && imap_end(im, tag, NULL, e);
}
