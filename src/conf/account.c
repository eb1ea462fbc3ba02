#include "conf/account.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "conf/rc.h"
#include "text/url.h"

#define ACCOUNTS_MAX 1000

const char *account_kind_name(enum account_kind kind)
{
	static const char *const names[] = {"local", "imap", "pop"};

	return names[kind];
}

/* ---- names ---- */

/* Letters, digits and . _ - @ stay; where something else stood, a hash keeps names apart. */
static char *file_name(const char *name)
{
	char hex[SHA256_HEX_LEN + 1];
	struct str out;
	bool changed = false;

	str_init(&out, 200);
	for (const char *p = name; *p; p++) {
		bool good = ascii_is_alnum((unsigned char)*p) || strchr("._-@", *p);
		changed = changed || !good || (p == name && *p == '.');
		if (!str_addc(&out, good && !(p == name && *p == '.') ? *p : '_')) {
			changed = true;
			break;
		}
	}
	if (changed) {
		hash_sha256_hex(sv_of(name), hex);
		str_cut(&out, 180);
		str_addf(&out, "-%.8s", hex);
	}
	char *s = str_detach(&out);
	str_fini(&out);
	return s;
}

/* scheme://[user@]host[:port]/ */
static char *server_url(const struct server *s, bool with_user, bool with_port)
{
	const char *scheme = s->proto == SERVER_IMAP  ? "imap"
			     : s->proto == SERVER_POP ? "pop"
			     : s->lmtp                ? "lmtp"
						      : "smtp";
	bool v6 = strchr(s->host, ':') != NULL;
	struct str out;

	str_init(&out, CONF_TEXT_MAX);
	str_addf(&out, "%s%s://", scheme, s->implicit ? "s" : "");
	if (with_user && s->user) {
		(void)url_encode(&out, sv_of(s->user), "@!$&'()*+,=");
		str_addc(&out, '@');
	}
	str_addf(&out, "%s%s%s", v6 ? "[" : "", s->host, v6 ? "]" : "");
	if (with_port && s->port)
		str_addf(&out, ":%d", s->port);
	str_addc(&out, '/');
	char *url = str_detach(&out);
	str_fini(&out);
	return url;
}

char *server_text(const struct server *s)
{
	return *s->host ? server_url(s, true, true) : xasprintf("lmtp://%s", s->path);
}

static struct server server_copy(const struct server *s)
{
	struct server copy = *s;

	copy.user = xstrdup(s->user);
	copy.pass = xstrdup(s->pass);
	copy.host = xstrdup(s->host);
	copy.path = xstrdup(s->path);
	return copy;
}

/* ---- account-hooks ---- */

static bool hook_fits(const struct rc_hook *h, const struct server *s)
{
	for (int i = 0; i < 4; i++) {
		char *url = server_url(s, i & 1, i & 2);
		bool hit = rx_match(h->rx, sv_of(url));
		free(url);
		if (hit)
			return !h->negated;
	}
	return h->negated;
}

static bool has_account_hooks(const struct conf *conf)
{
	for (size_t i = 0; i < conf->rc.hooks.n; i++)
		if (conf->rc.hooks.v[i].kind == HOOK_ACCOUNT)
			return true;
	return false;
}

static struct conf *conf_for_server(const struct conf *conf, const struct server *s)
{
	struct conf *copy = conf_dup(conf);
	struct rc_opts opts = {0};
	struct rc *rc = rc_new(copy, &opts);
	struct err e;

	for (size_t i = 0; i < conf->rc.hooks.n; i++) {
		const struct rc_hook *h = &conf->rc.hooks.v[i];
		/*
		 * a fault shows in the log of the run, not here: the account works without what
		 * failed
		 */
		if (h->kind == HOOK_ACCOUNT && h->rx && hook_fits(h, s) &&
			!rc_run(rc, h->file, sv_of(h->value), &e))
			log_write(LOG_WARN, "conf", "account-hook %s (%s:%d): %s", h->written,
				h->file, h->line, e.text);
	}
	rc_free(rc);
	return copy;
}

struct conf *smtp_conf(const struct conf *conf, const struct server *s)
{
	return conf_for_server(conf, s);
}

/* ---- identity-hooks ---- */

static bool identity_fits(const struct rc_hook *h, struct sv address)
{
	return h->kind == HOOK_IDENTITY && h->rx && rx_match(h->rx, address) != h->negated;
}

bool conf_is_identity(const struct conf *conf, struct sv address)
{
	for (size_t i = 0; i < conf->rc.hooks.n; i++)
		if (!conf->rc.hooks.v[i].negated && identity_fits(&conf->rc.hooks.v[i], address))
			return true;
	return false;
}

struct conf *conf_for_identity(const struct conf *conf, struct sv address)
{
	struct conf *copy = conf_dup(conf);
	struct rc_opts opts = {0};
	struct rc *rc = rc_new(copy, &opts);
	struct err e;

	for (size_t i = 0; i < conf->rc.hooks.n; i++) {
		const struct rc_hook *h = &conf->rc.hooks.v[i];

		if (identity_fits(h, address) && !rc_run(rc, h->file, sv_of(h->value), &e))
			log_write(LOG_WARN, "conf", "identity-hook %s (%s:%d): %s", h->written, h->file, h->line, e.text);
	}
	rc_free(rc);
	return copy;
}

struct conf *account_conf(const struct conf *conf, const struct account *account)
{
	return account->kind == ACCOUNT_LOCAL ? conf_dup(conf)
					      : conf_for_server(conf, &account->server);
}

/* ---- who one is ---- */

static const char *user_option(const struct conf *conf, enum server_proto proto)
{
	switch (proto) {
	case SERVER_IMAP:
		return *conf->imap_login ? conf->imap_login : conf->imap_user;
	case SERVER_POP:
		return conf->pop_user;
	default:
		return *conf->smtp_user ? conf->smtp_user : "";
	}
}

/* The URL's user, else what account-hooks and options say, else the login name. Caller frees. */
static char *user_of(const struct conf *conf, const struct server *s)
{
	const struct passwd *pw;
	char *user = NULL;

	if (s->user)
		return xstrdup(s->user);
	if (has_account_hooks(conf)) {
		struct conf *copy = conf_for_server(conf, s);
		user = xstrdup(user_option(copy, s->proto));
		conf_free(copy);
	} else {
		user = xstrdup(user_option(conf, s->proto));
	}
	if (*user)
		return user;
	free(user);
	pw = getpwuid(getuid());
	return xstrdup(pw ? pw->pw_name : "user");
}

/* ---- the list ---- */

static struct account *add(struct accounts *list, enum account_kind kind, char *name)
{
	array_grow(list->v, list->n, list->cap);
	struct account *a = &list->v[list->n++];
	*a = (struct account){.name = name, .file = file_name(name), .kind = kind};
	return a;
}

const struct account *account_find(const struct accounts *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i].name, name) == 0)
			return &list->v[i];
	return NULL;
}

static int usual_port(const struct server *s)
{
	struct server plain = {.proto = s->proto, .implicit = s->implicit};

	return server_port(&plain);
}

/* The account of a server; made when it is new. NULL when there are too many. */
static const struct account *account_at(
	struct accounts *list, const struct conf *conf, const struct server *s)
{
	char *user = user_of(conf, s);
	int port = server_port(s);
	char suffix[16] = "";

	if (port != usual_port(s))
		snprintf(suffix, sizeof(suffix), ":%d", port);
	char *name =
		xasprintf("%s%s@%s%s", s->proto == SERVER_POP ? "pop-" : "", user, s->host, suffix);
	const struct account *old = account_find(list, name);
	if (old || list->n >= ACCOUNTS_MAX) {
		free(name);
		free(user);
		return old;
	}
	struct account *a = add(list, s->proto == SERVER_POP ? ACCOUNT_POP : ACCOUNT_IMAP, name);
	a->server = server_copy(s);
	free(a->server.user);
	a->server.user = user;
	if (a->server.port == usual_port(s))
		a->server.port = 0;
	a->server.path[0] = 0;
	a->url = server_url(&a->server, true, true);
	return a;
}

/* $pop_host: a URL, or a host and perhaps a port. Caller frees. */
static char *pop_url(const struct conf *conf)
{
	if (is_server_url(sv_of(conf->pop_host)))
		return xstrdup(conf->pop_host);
	return xasprintf("pop://%s/", conf->pop_host);
}

static void add_implied(struct accounts *list, const struct conf *conf, const char *text)
{
	struct server s;
	struct err e;

	if (!is_server_url(sv_of(text)) || !server_parse(sv_of(text), &s, &e))
		return;
	if (s.proto != SERVER_SMTP)
		(void)account_at(list, conf, &s);
	server_fini(&s);
}

void accounts_init(struct accounts *list, const struct conf *conf)
{
	const char *const texts[] = {conf->folder, conf->spoolfile, conf->record, conf->postponed,
		conf->trash, conf->mbox, conf->archive_folder};

	*list = (struct accounts){0};
	struct account *local = add(list, ACCOUNT_LOCAL, xstrdup("local"));
	local->url = xstrdup("");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		add_implied(list, conf, texts[i]);
	for (size_t i = 0; i < conf->rc.mailboxes.n; i++)
		add_implied(list, conf, conf->rc.mailboxes.v[i].path);
	if (*conf->pop_host) {
		char *url = pop_url(conf);
		add_implied(list, conf, url);
		free_wiped(url);
	}
}

void accounts_fini(struct accounts *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].name);
		free(list->v[i].file);
		free(list->v[i].url);
		server_fini(&list->v[i].server);
	}
	free(list->v);
	*list = (struct accounts){0};
}

/* ---- mailboxes ---- */

static char *absolute(const char *path)
{
	char cwd[4096];
	char *out =
		path[0] == '/' || !getcwd(cwd, sizeof(cwd)) ? xstrdup(path) : fs_join(cwd, path);
	size_t n = strlen(out);

	while (n > 1 && out[n - 1] == '/')
		out[--n] = 0;
	return out;
}

static bool remote_mailbox(struct accounts *list, const struct conf *conf, const char *path,
	const struct account **account, char **name, struct err *e)
{
	struct server s;

	if (!server_parse(sv_of(path), &s, e))
		return false;
	if (s.proto == SERVER_SMTP) {
		server_fini(&s);
		return err_set(e, ERR_INPUT, "%s: a server for sending holds no mailboxes", path);
	}
	const struct account *a = account_at(list, conf, &s);
	if (a) {
		*account = a;
		*name = xstrdup(
			a->kind == ACCOUNT_POP || !*s.path || strcasecmp(s.path, "INBOX") == 0
				? "INBOX"
				: s.path);
	}
	server_fini(&s);
	return a || err_set(e, ERR_LIMIT, "more than %d accounts", ACCOUNTS_MAX);
}

bool account_of_mailbox(struct accounts *list, const struct conf *conf, struct sv mailbox,
	const struct account **account, char **name, struct err *e)
{
	char *path = conf_expand_path(conf, mailbox);
	bool ok = true;

	if (*path == 0) {
		ok = err_set(e, ERR_INPUT, "'" SV_FMT "' names no mailbox", SV_ARG(mailbox));
	} else if (is_server_url(sv_of(path))) {
		ok = remote_mailbox(list, conf, path, account, name, e);
	} else if (strncmp(path, "notmuch:", 8) == 0 || strncmp(path, "news:", 5) == 0 ||
		   strncmp(path, "nntp", 4) == 0) {
		ok = err_set(e, ERR_INPUT, "%s: feist opens no mailboxes of this kind", path);
	} else {
		const char *local = strncmp(path, "file://", 7) == 0 ? path + 7 : path;
		*account = account_find(list, "local");
		*name = absolute(local);
	}
	free(path);
	return ok;
}

char *account_mailbox_string(const struct account *account, const char *name)
{
	struct str out;

	if (account->kind == ACCOUNT_LOCAL)
		return xstrdup(name);
	str_init(&out, CONF_TEXT_MAX);
	str_adds(&out, account->url);
	/* only what server_parse would take for something else is escaped */
	if (account->kind == ACCOUNT_IMAP)
		for (const char *p = name; *p; p++)
			str_addf(&out, *p == '%' ? "%%25" : "%c", *p);
	char *s = str_detach(&out);
	str_fini(&out);
	return s;
}

bool mailbox_spelling_next(const char *mailbox, size_t *at, struct str *out)
{
	struct server s;
	struct err e;
	size_t n = (*at)++;

	str_clear(out);
	if (n == 0)
		return str_adds(out, mailbox);
	if (n > 4 || !is_server_url(sv_of(mailbox)) || !server_parse(sv_of(mailbox), &s, &e))
		return false;
	if (n & 1) /* 1: bare, 2: with user, 3: with port, 4: with both */
		xfree_null(&s.user);
	s.port = n > 2 ? server_port(&s) : s.port;
	char *url = server_url(&s, true, true);
	str_addf(out, "%s%s", url, s.path);
	free(url);
	server_fini(&s);
	return true;
}

/* ---- secrets ---- */

struct secret_options {
	const char *pass, *command, *token_command;
};

static struct secret_options secret_options(const struct conf *conf, enum server_proto proto)
{
	switch (proto) {
	case SERVER_IMAP:
		return (struct secret_options){
			conf->imap_pass, conf->imap_pass_command, conf->imap_oauth_refresh_command};
	case SERVER_POP:
		return (struct secret_options){
			conf->pop_pass, conf->pop_pass_command, conf->pop_oauth_refresh_command};
	default:
		return (struct secret_options){
			conf->smtp_pass, conf->smtp_pass_command, conf->smtp_oauth_refresh_command};
	}
}

static char *netrc_file(void)
{
	const char *set = getenv("NETRC");

	if (set && *set)
		return xstrdup(set);
	char *home = fs_home();
	char *path = home ? fs_join(home, ".netrc") : xstrdup("");
	free(home);
	return path;
}

enum secret_source account_secret(
	const struct conf *conf, const struct server *s, bool token, char **text)
{
	struct secret_options o = secret_options(conf, s->proto);
	const struct conf_login *login = NULL;

	if (s->proto == SERVER_IMAP && s->user && *conf->imap_user &&
		strcmp(s->user, conf->imap_user) != 0)
		login = conf_login_of(conf, s->user);
	if (login)
		o = (struct secret_options){login->pass, login->pass_command, login->token_command};

	*text = NULL;
	if (token) {
		*text = *o.token_command ? xstrdup(o.token_command) : NULL;
		return *text ? SECRET_COMMAND : SECRET_NONE;
	}
	if (s->pass || *o.pass) {
		*text = xstrdup(s->pass ? s->pass : o.pass);
		return SECRET_OPTION;
	}
	if (*o.command) {
		*text = xstrdup(o.command);
		return SECRET_COMMAND;
	}
	char *file = netrc_file();
	*text = netrc_password(file, s->host, s->user, NULL);
	free(file);
	return *text ? SECRET_NETRC : SECRET_NONE;
}

bool smtp_server(const struct conf *conf, struct server *out, struct err *e)
{
	if (!*conf->smtp_url)
		return err_set(e, ERR_GONE, "smtp_url is not set");
	if (!server_parse(sv_of(conf->smtp_url), out, e))
		return err_at(e, "smtp_url");
	if (out->proto != SERVER_SMTP) {
		server_fini(out);
		return err_set(e, ERR_INPUT, "smtp_url: %s is not an smtp://, smtps:// or lmtp:// URL",
			conf->smtp_url);
	}
	if (!out->user && *conf->smtp_user)
		out->user = xstrdup(conf->smtp_user);
	return true;
}
