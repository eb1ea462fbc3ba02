/*
 * How to reach and enter a server: what imap, pop3 and smtp need to know, from the account's
 * options. server_connect gives a connection that is as safe as asked; server_starttls is the only
 * STARTTLS.
 */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include "base/mem.h"
#include "net/conn.h"
#include "net/tls.h"

enum server_security {
	SERVER_TLS,            /* TLS from the first byte */
	SERVER_STARTTLS,       /* STARTTLS or nothing */
	SERVER_TLS_IF_OFFERED, /* STARTTLS when offered (nothing secret without it unless clear_login) */
	SERVER_CLEAR,          /* no TLS at all */
};

enum server_secret {
	SECRET_PASSWORD,
	SECRET_TOKEN,
	SECRET_PROXY, /* password of the user in $proxy */
	SECRET_KEY,   /* password of the key in $ssl_client_cert */
};

struct server {
	const char *service; /* "imap", "pop", "smtp": the SASL service name */
	const char *host;
	unsigned port;
	enum server_security security;
	const char *socket;   /* path of a Unix socket instead of host and port (LMTP); NULL */
	bool lmtp;            /* smtp: the server speaks LMTP (RFC 2033) */
	const char *proxy;    /* $proxy: URL (proxy.h); NULL or "": none */
	bool proxy_refused;         /* it did not take the password; set here */
	bool no_ipv6;         /* $use_ipv6 = no */
	bool tunnel_insecure; /* $tunnel_is_secure = no: STARTTLS inside of it */
	struct tls_opts tls;  /* host, port, alpn, dane, key_password are filled in here */
	bool dane;            /* $ssl_dane */
	const char *resolver; /* for it, "127.0.0.1:53"; NULL: the system's */
	bool no_alpn;         /* it does not like RFC 7301; set here */
	const char *user;     /* NULL or "": no login (smtp) */
	const char *authenticators; /* "scram-sha-256:plain"; NULL or "": strongest first */
	bool one_login;             /* pop: when one way to log in is refused, no other is tried */
	bool clear_login;           /* passwords may cross the network in clear */
	bool has_token;             /* there is an OAuth command: its mechanisms first */
	const char *login_seen;     /* mechanism that worked here before (downgrade rule); NULL */
	bool no_exporter;           /* it does not know the binding tls-exporter; set by sasl.c */
	int connect_timeout_ms;     /* 0: DIAL_TIMEOUT_MS */
	int timeout_ms;             /* 0: SERVER_TIMEOUT_MS */
	int send_timeout_ms;        /* 0: as long as timeout_ms */
	struct wake wake;
	FILE *wire_log;
	bool wire_hides; /* the text of messages does not go into it */
	/*
	 * Asks for what lets us in; *secret becomes the caller's. ERR_AUTH or ERR_CANCEL when there
	 * is none. Called at most once for each login.
	 */
	bool (*secret)(void *data, enum server_secret what, struct secret **secret, struct err *e);
	/*
	 * $preconnect has run, and a descriptor that speaks to the program of $tunnel: both are
	 * somebody else's to start, because this process may not. NULL: there is none. ERR_NET when
	 * the command failed; ERR_CANCEL.
	 */
	bool (*before)(void *data, struct err *e);
	bool (*tunnel)(void *data, int *fd, struct err *e);
	/*
	 * The server does not take login mechanism `before` any more, only the weaker `now`: true goes
	 * on with it. ERR_CANCEL. NULL: never.
	 */
	bool (*weaker)(void *data, const char *before, const char *now, struct err *e);
	/* What worked, to be login_seen the next time; NULL: nobody remembers. Only under TLS. */
	void (*signed_in)(void *data, const char *mechanism);
	void *data;
	struct tls_cert cert; /* filled on the way: what server it was, or what is wrong with it */
};

#define SERVER_TIMEOUT_MS 30000

/* Dials, and makes TLS when that comes first. */
bool server_connect(struct server *, struct conn **, struct err *e) MUST_CHECK;
/* The second half of it, on a connection that is there already (stays the caller's). */
bool server_begin(struct server *, struct conn *, struct err *e) MUST_CHECK;
/* Must (or may) STARTTLS come before anything else on this connection? */
bool server_wants_starttls(const struct server *, const struct conn *);
/*
 * The server has said yes to STARTTLS. Bytes that came after the yes in clear are an attack: they
 * are thrown away with the connection (ERR_TLS). On success the caller must forget every thing that
 * it learnt before (capabilities, state) and ask again.
 */
bool server_starttls(struct server *, struct conn *, struct err *e) MUST_CHECK;
/*
 * What Kerberos reads beyond the system's folders, for who locks himself in: written, too: the user's
 * tickets (a file or a folder; the ticket for this server is put beside the others); only read: the
 * files of $KRB5_CONFIG. How many; the caller frees each. They need not exist.
 */
#define SERVER_TICKET_PATHS 4
size_t server_ticket_paths(bool written, char *paths[SERVER_TICKET_PATHS]);
/* May a password cross this connection as it is? */
bool server_may_send_password(const struct server *, const struct conn *);

#endif
