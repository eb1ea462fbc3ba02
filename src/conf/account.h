/*
 * Accounts: mutt has none, so they follow from the URLs in the configuration. "local" is always
 * there and holds every mailbox that is a path. An IMAP account is called user@host (with :port
 * when it is not the usual one), a POP account pop-user@host.
 */
#ifndef CONF_ACCOUNT_H
#define CONF_ACCOUNT_H

#include "base/err.h"
#include "conf/conf.h"

/* ---- server URLs ---- */

enum server_proto { SERVER_NONE, SERVER_IMAP, SERVER_POP, SERVER_SMTP };
enum server_tls {
	SERVER_PLAIN, /* no TLS, and the user has said so ($ssl_starttls=no, $ssl_force_tls=no; or $tunnel) */
	SERVER_MAY_STARTTLS, /* STARTTLS when the server offers it */
	SERVER_STARTTLS,     /* STARTTLS or fail */
	SERVER_IMPLICIT,     /* TLS from the first byte */
};

struct server {
	enum server_proto proto;
	bool implicit; /* imaps, pops, smtps */
	bool lmtp;     /* SERVER_SMTP that speaks LMTP; host "" and path: a Unix socket */
	char *user;    /* NULL when the URL names none */
	char *pass;    /* from the URL, NULL: none */
	char *host;    /* lower case; IPv6 without [] */
	int port;      /* 0: the usual one; see server_port */
	char *path;    /* after the host, decoded, without the leading /; never NULL */
};

/*
 * imap[s]:// pop[s]:// smtp[s]:// lmtp://, and lmtp:///path/of/socket (path is then absolute); percent escapes are decoded; a user may hold an @.
 * ERR_INPUT.
 */
bool server_parse(struct sv url, struct server *out, struct err *e) MUST_CHECK;
void server_fini(struct server *);
int server_port(const struct server *);
/* What $ssl_force_tls, $ssl_starttls and $tunnel make of it. */
enum server_tls server_tls_mode(const struct conf *, const struct server *);
const char *server_tls_name(enum server_tls); /* "none" "optional" "starttls" "implicit" */
/* scheme://[user@]host[:port]/ without the password, or lmtp:///path: server_parse gives the same. Caller frees. */
char *server_text(const struct server *);
bool is_server_url(struct sv text);           /* starts with a scheme that we know */

/* ---- accounts ---- */

enum account_kind { ACCOUNT_LOCAL, ACCOUNT_IMAP, ACCOUNT_POP };

struct account {
	char *name; /* "local", "kai@imap.example.org", "pop-kai@example.org" */
	char *file; /* the name made safe for files: cache-FILE.db */
	enum account_kind kind;
	struct server server; /* user is never NULL here; path is empty */
	char *url;            /* imaps://user@host[:port]/ for messages and hooks; "" for local */
};

struct accounts {
	struct account *v;
	size_t n, cap;
};

/*
 * All accounts that the configuration implies: folder, spoolfile, record, postponed, trash, mbox,
 * mailboxes, pop_host.
 */
void accounts_init(struct accounts *, const struct conf *);
void accounts_fini(struct accounts *);
/* NULL when there is none. */
const struct account *account_find(const struct accounts *, const char *name);
const char *account_kind_name(enum account_kind); /* "local" "imap" "pop" */

/*
 * Resolves what the user writes for a mailbox (=x, !, ~/x, /path, imaps://u@h/x, pops://h) to an
 * account and a name inside it: IMAP the UTF-8 name as the user writes it ('/' or the server's
 * delimiter), local an absolute path, POP "INBOX". The account is added when it is new. *name is
 * for the caller to free. ERR_INPUT: not a mailbox name.
 */
bool account_of_mailbox(struct accounts *, const struct conf *, struct sv mailbox,
	const struct account **account, char **name, struct err *e) MUST_CHECK;
/* The other way: a string that account_of_mailbox resolves to the same. Caller frees. */
char *account_mailbox_string(const struct account *, const char *name);

/*
 * The ways in which a configuration may write a mailbox (what account_mailbox_string gives): with and
 * without user and port. For hooks. at starts at 0; out is replaced.
 */
bool mailbox_spelling_next(const char *mailbox, size_t *at, struct str *out);

/*
 * The configuration as it is for one account: account-hooks that match its URL are run on a copy.
 * Caller frees with conf_free.
 */
struct conf *account_conf(const struct conf *, const struct account *);
/*
 * The settings a worker needs, as names and values for the CONF message: "proto", "host", "port",
 * "user", "tls" (name of enum server_tls), "path", and all options of scope account by their own
 * names. conf is that of account_conf. at starts at 0; value is replaced.
 */
bool server_setting_next(const struct conf *, const struct server *, size_t *at, const char **name,
	struct str *value);

/* Where secrets come from, in this order. */
enum secret_source { SECRET_NONE, SECRET_OPTION, SECRET_COMMAND, SECRET_NETRC };
/*
 * The password or OAuth token of a server (account's or SMTP): from the URL or option; the command
 * to run (*text is the command line: the caller runs it); or netrc. SECRET_NONE: ask. *text for
 * the caller to wipe and free.
 */
enum secret_source account_secret(
	const struct conf *account_conf, const struct server *, bool token, char **text);
/*
 * Who writes decides: the configuration with the identity-hooks that match this address of the user's,
 * on a copy. conf_is_identity: does any? Caller frees.
 */
struct conf *conf_for_identity(const struct conf *, struct sv address);
bool conf_is_identity(const struct conf *, struct sv address);
/* The configuration with the account-hooks that match an SMTP server, on a copy. Caller frees. */
struct conf *smtp_conf(const struct conf *, const struct server *);
/*
 * The SMTP server of $smtp_url, user filled in. False with ERR_INPUT; ERR_GONE when $smtp_url is
 * empty.
 */
bool smtp_server(const struct conf *, struct server *out, struct err *e) MUST_CHECK;

/*
 * ~/.netrc (or $NETRC): the password of login at host. login NULL: first entry, *user gets its
 * login. NULL: none.
 */
char *netrc_password(const char *file, const char *host, const char *login, char **user);

#endif
