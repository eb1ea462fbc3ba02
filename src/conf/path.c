/*
 * Paths as the user writes them, both ways. No file is touched: what a name means depends on
 * options only.
 */
#include <pwd.h>
#include <stdlib.h>
#include <sys/types.h>

#include "base/fs.h"
#include "base/mem.h"
#include "conf/account.h"
#include "conf/conf.h"
#include "conf/value.h"

#define PATH_EXPAND_DEPTH 4 /* ! may stand in $spoolfile's own words: once, not for ever */

static bool is_url(struct sv path)
{
	return is_server_url(path) || sv_starts_case(path, SV("notmuch:")) ||
	       sv_starts_case(path, SV("file:"));
}

/* "imaps://host" gets its slash, so that what is added to it is a mailbox. */
static char *with_slash(struct sv url)
{
	ptrdiff_t start = sv_find(url, SV("://"));
	struct sv rest = start < 0 ? (struct sv){0} : sv_from(url, (size_t)start + 3);

	if (start < 0 || rest.len == 0 || sv_chr(rest, '/') >= 0)
		return sv_dup(url);
	return xasprintf(SV_FMT "/", SV_ARG(url));
}

static char *join(const char *folder, struct sv tail)
{
	size_t n = strlen(folder);

	if (n == 0)
		return sv_dup(tail);
	return xasprintf("%s%s" SV_FMT, folder, folder[n - 1] == '/' ? "" : "/", SV_ARG(tail));
}

/* ~ and ~user. */
static char *expand_home(struct sv path)
{
	ptrdiff_t slash = sv_chr(path, '/');
	struct sv user = sv_from(slash < 0 ? path : sv_head(path, (size_t)slash), 1);
	struct sv tail = slash < 0 ? (struct sv){0} : sv_from(path, (size_t)slash);
	char *home = NULL;

	if (user.len == 0) {
		home = fs_home();
	} else {
		char *name = sv_dup(user);
		struct passwd *pw = getpwnam(name);
		home = pw ? xstrdup(pw->pw_dir) : NULL;
		free(name);
	}
	if (!home)
		return sv_dup(path);
	char *out = xasprintf("%s" SV_FMT, home, SV_ARG(tail));
	free(home);
	return out;
}

/* @alias: the mailbox named after the first address of the alias. */
static char *expand_alias(const struct conf *conf, struct sv path)
{
	const struct rc_alias *alias = rc_alias_find(&conf->rc, sv_from(path, 1));

	if (!alias)
		return sv_dup(path);
	struct sv addr = sv_of(alias->addresses);
	ptrdiff_t open = sv_chr(addr, '<');
	if (open >= 0)
		addr = sv_from(addr, (size_t)open + 1);
	ptrdiff_t at = sv_chr(addr, '@');
	if (at >= 0)
		addr = sv_head(addr, (size_t)at);
	return join(conf->folder, sv_trim(addr));
}

static char *expand(const struct conf *conf, struct sv path, int depth)
{
	char first = path.len ? path.p[0] : 0;
	const char *shortcut = NULL;

	if (first == '=' || first == '+')
		return join(conf->folder, sv_from(path, 1));
	if (first == '~')
		return expand_home(path);
	if (first == '@')
		return expand_alias(conf, path);
	if (sv_is(path, "!!") || sv_is(path, "-"))
		return xstrdup(conf->rc.last_mailbox ? conf->rc.last_mailbox : "");
	if (sv_is(path, "^"))
		return xstrdup(conf->rc.current_mailbox ? conf->rc.current_mailbox : "");
	if (first == '!')
		shortcut = conf->spoolfile;
	else if (first == '>')
		shortcut = conf->mbox;
	else if (first == '<')
		shortcut = conf->record;
	if (!shortcut)
		return is_url(path) ? with_slash(path) : sv_dup(path);
	if (depth >= PATH_EXPAND_DEPTH)
		return sv_dup(path);
	char *start = expand(conf, sv_of(shortcut), depth + 1);
	char *out = xasprintf("%s" SV_FMT, start, SV_ARG(sv_from(path, 1)));
	free(start);
	return out;
}

char *conf_expand_path(const struct conf *conf, struct sv path)
{
	return expand(conf, path, 0);
}

/* What follows folder in path, if path lies below it. */
static bool below(const char *folder, const char *path, const char **rest)
{
	size_t n = strlen(folder);

	if (n > 1 && folder[n - 1] == '/')
		n--;
	if (n < 2 || strncmp(folder, path, n) != 0 || path[n] != '/' || path[n + 1] == 0)
		return false;
	*rest = path + n + 1;
	return true;
}

/* Without doubled and trailing slashes. */
static char *tidy(const char *path)
{
	char *out = xstrdup(path), *to = out;

	for (const char *p = path; *p; p++) {
		if (*p == '/' && (p[1] == '/' || p[1] == 0) && !(p == path && p[1] == 0))
			continue;
		if (p[0] == '/' && p[1] == '.' && (p[2] == '/' || p[2] == 0) && p != path) {
			p++;
			continue;
		}
		*to++ = *p;
	}
	*to = 0;
	return out;
}

static bool same_server(const struct server *a, const struct server *b)
{
	bool same_user = !a->user || !b->user || strcmp(a->user, b->user) == 0;

	return a->proto == b->proto && a->implicit == b->implicit && same_user &&
	       server_port(a) == server_port(b) && strcmp(a->host, b->host) == 0;
}

/* The name below $folder when both are on one server: caller frees. NULL: it is not. */
static char *below_server(const struct conf *conf, const struct server *s)
{
	struct server folder;
	struct err e;
	char *out = NULL;
	size_t n;

	if (!is_server_url(sv_of(conf->folder)) || !server_parse(sv_of(conf->folder), &folder, &e))
		return NULL;
	n = strlen(folder.path);
	while (n && folder.path[n - 1] == '/')
		n--;
	if (same_server(s, &folder) && *s->path && n == 0)
		out = xasprintf("=%s", s->path);
	else if (same_server(s, &folder) && strncmp(s->path, folder.path, n) == 0 &&
		 (s->path[n] == '/' || s->path[n] == '.') && s->path[n + 1])
		out = xasprintf("=%s", s->path + n + 1);
	server_fini(&folder);
	return out;
}

static char *short_url(const struct conf *conf, const char *url)
{
	struct server s;
	struct err e;
	struct str out;

	if (!server_parse(sv_of(url), &s, &e))
		return xstrdup(url);
	char *rest = below_server(conf, &s);
	if (rest) {
		server_fini(&s);
		return rest;
	}
	bool v6 = strchr(s.host, ':') != NULL;
	str_init(&out, CONF_TEXT_MAX);
	str_add(&out, sv_head(sv_of(url), (size_t)(strstr(url, "://") - url) + 3));
	if (s.user)
		str_addf(&out, "%s@", s.user);
	str_addf(&out, "%s%s%s", v6 ? "[" : "", s.host, v6 ? "]" : "");
	if (s.port)
		str_addf(&out, ":%d", s.port);
	size_t n = strlen(s.path);
	str_addf(&out, "/%.*s", (int)(n && s.path[n - 1] == '/' ? n - 1 : n), s.path);
	server_fini(&s);
	char *text = str_detach(&out);
	str_fini(&out);
	return text;
}

char *conf_short_path(const struct conf *conf, const char *written)
{
	const char *rest;

	if (is_server_url(sv_of(written)))
		return short_url(conf, written);
	if (is_url(sv_of(written)))
		return xstrdup(written);
	char *path = tidy(written), *folder = tidy(conf->folder), *home = fs_home();
	char *out = NULL;
	if (below(folder, path, &rest))
		out = xasprintf("=%s", rest);
	else if (home && strcmp(home, path) == 0)
		out = xstrdup("~");
	else if (home && below(home, path, &rest))
		out = xasprintf("~/%s", rest);
	free(home);
	free(folder);
	if (out)
		free(path);
	return out ? out : path;
}

char *path_below_home(const char *path)
{
	const char *rest;

	if (is_url(sv_of(path)))
		return with_slash(sv_of(path));
	char *home = fs_home();
	char *out = home && below(home, path, &rest) ? xasprintf("~/%s", rest) : xstrdup(path);
	free(home);
	return out;
}

char *conf_pretty_path(const struct conf *conf, const char *path)
{
	if (*conf->spoolfile && strcmp(conf->spoolfile, path) == 0)
		return xstrdup("!");
	return conf_short_path(conf, path);
}
