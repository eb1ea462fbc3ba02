#include "conf/conf.h"

#include <langinfo.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "conf/rc.h"
#include "conf/value.h"

/* ---- defaults ---- */

static void lower_charset(struct str *out)
{
	const char *name = nl_langinfo(CODESET);

	if (strcmp(name, "ANSI_X3.4-1968") == 0 || *name == 0)
		name = "us-ascii";
	for (; *name; name++)
		str_addc(out, (char)ascii_lower((unsigned char)*name));
}

/* The part of the GECOS field that $gecos_mask matches; & in it is the login name. */
static void gecos_name(struct conf *conf, struct str *out)
{
	ptrdiff_t g[RX_GROUPS][2];
	const struct passwd *pw = getpwuid(getuid());

	if (!pw || !pw->pw_gecos || !conf->gecos_mask.rx)
		return;
	struct sv text = sv_of(pw->pw_gecos);
	if (!rx_find(conf->gecos_mask.rx, text, 0, g))
		return;
	for (ptrdiff_t i = g[0][0]; i < g[0][1]; i++) {
		if (text.p[i] != '&') {
			str_addc(out, text.p[i]);
			continue;
		}
		str_addc(out, (char)ascii_upper((unsigned char)pw->pw_name[0]));
		str_adds(out, pw->pw_name + (pw->pw_name[0] ? 1 : 0));
	}
}

static void env_or(struct str *out, const char *name, const char *other)
{
	const char *value = getenv(name);

	str_adds(out, value && *value ? value : other);
}

static void spool_of_user(struct str *out)
{
	const struct passwd *pw = getpwuid(getuid());
	const char *mail = getenv("MAIL"), *maildir = getenv("MAILDIR");

	if (mail && *mail)
		str_adds(out, mail);
	else if (maildir && *maildir)
		str_adds(out, maildir);
	else if (pw)
		str_addf(out, "/var/mail/%s", pw->pw_name);
}

static void host_name(struct str *out)
{
	char name[256];

	if (gethostname(name, sizeof(name)) == 0) {
		name[sizeof(name) - 1] = 0;
		str_adds(out, name);
	}
}

/* Where the default depends on the system or the environment. False: it does not. */
static bool env_default(struct conf *conf, enum opt_id id, struct str *out)
{
	const struct passwd *pw;

	switch (id) {
	case OPT_realname:
		gecos_name(conf, out);
		return true;
	case OPT_hostname:
		host_name(out);
		return true;
	case OPT_from:
		env_or(out, "EMAIL", "");
		return true;
	case OPT_spoolfile:
		spool_of_user(out);
		return true;
	case OPT_editor:
		str_adds(out, conf_editor(NULL));
		return true;
	case OPT_shell:
		pw = getpwuid(getuid());
		env_or(out, "SHELL",
			pw && pw->pw_shell && *pw->pw_shell ? pw->pw_shell : "/bin/sh");
		return true;
	case OPT_tmpdir:
		env_or(out, "TMPDIR", "/tmp");
		return true;
	case OPT_charset:
		lower_charset(out);
		return true;
	case OPT_mailcap_path:
		env_or(out, "MAILCAPS", opt_table[id].init);
		return true;
	default:
		return false;
	}
}

static void default_of(struct conf *conf, enum opt_id id, struct str *out)
{
	const struct opt *opt = &opt_table[id];

	if (id == OPT_defaults)
		str_adds(out, conf->profile == CONF_MODERN ? "modern" : "mutt");
	else if (conf->profile == CONF_MODERN && opt->modern)
		str_adds(out, opt->modern);
	else if (!env_default(conf, id, out))
		str_adds(out, opt->init);
}

static void set_default(struct conf *conf, enum opt_id id)
{
	struct str text;
	struct err e;

	str_init(&text, CONF_TEXT_MAX);
	default_of(conf, id, &text);
	if (!value_set(conf, id, str_sv(&text), &e))
		bug("default of %s: %s", opt_table[id].name, e.text);
	str_fini(&text);
	conf->origin[id] = (struct conf_origin){0};
}

/* Runs keys.rc. */
static void default_keys(struct conf *conf)
{
	struct rc_opts opts = {.no_exec = true};
	struct rc *rc = rc_new(conf, &opts);

	rc_read_text(rc, "keys.rc", sv_of(vocab_keys_rc));
	if (rc_problem_count(rc))
		bug("keys.rc:%d: %s", rc_problem_at(rc, 0)->line, rc_problem_at(rc, 0)->text);
	for (size_t i = 0; i < conf->rc.binds.n; i++)
		conf->rc.binds.v[i].builtin = true;
	rc_free(rc);
}

static void default_lists(struct conf *conf)
{
	static const char *const mailto[] = {
		"body", "subject", "to", "cc", "in-reply-to", "references"}; /* no Bcc by a web page */
	const char *reply_to = getenv("REPLYTO");

	for (size_t i = 0; i < ARRAY_LEN(mailto); i++)
		rc_words_add(&conf->rc.mailto_allow, sv_of(mailto[i]));
	if (reply_to && *reply_to) {
		char *header = xasprintf("Reply-To: %s", reply_to);
		rc_words_add(&conf->rc.my_hdr, sv_of(header));
		free(header);
	}
}

/* What a fresh profile shows of a message, and how. */
static void modern_lists(struct conf *conf)
{
	static const char *const shown[] = {
		"from", "to", "cc", "bcc", "reply-to", "date", "subject", "list-id"};
	static const char *const order[] = {
		"date:", "from:", "reply-to:", "to:", "cc:", "bcc:", "subject:"};

	rc_words_add(&conf->rc.ignore, SV("*"));
	for (size_t i = 0; i < ARRAY_LEN(shown); i++)
		rc_words_add(&conf->rc.unignore, sv_of(shown[i]));
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		rc_words_add(&conf->rc.hdr_order, sv_of(order[i]));
	rc_words_add(&conf->rc.alternative_order, SV("text/plain"));
	rc_words_add(&conf->rc.alternative_order, SV("text/html"));
}

static void add_login(struct conf_logins *list, struct conf_login login);
static void logins_fini(struct conf_logins *list);

struct conf *conf_new_without_keys(enum conf_profile profile)
{
	struct conf *conf = xcalloc(1, sizeof(*conf));

	conf->profile = profile;
	for (int i = 0; i < OPT_COUNT; i++)
		value_init(conf, (enum opt_id)i);
	/* other defaults are made of these */
	set_default(conf, OPT_gecos_mask);
	set_default(conf, OPT_folder);
	for (int i = 0; i < OPT_COUNT; i++)
		set_default(conf, (enum opt_id)i);
	default_lists(conf);
	if (profile == CONF_MODERN)
		modern_lists(conf);
	return conf;
}

struct conf *conf_new(enum conf_profile profile)
{
	struct conf *conf = conf_new_without_keys(profile);

	default_keys(conf);
	return conf;
}

void conf_free(struct conf *conf)
{
	if (!conf)
		return;
	for (int i = 0; i < OPT_COUNT; i++)
		value_fini(conf, (enum opt_id)i);
	rc_state_fini(&conf->rc);
	rc_vars_clear(&conf->my);
	rc_words_clear(&conf->files);
	logins_fini(&conf->logins);
	free(conf);
}

struct conf *conf_dup(const struct conf *from)
{
	struct conf *conf = xcalloc(1, sizeof(*conf));

	conf->profile = from->profile;
	for (int i = 0; i < OPT_COUNT; i++) {
		value_init(conf, (enum opt_id)i);
		value_copy(conf, from, (enum opt_id)i);
		conf->origin[i] = from->origin[i];
		conf->origin[i].file =
			from->origin[i].file ? conf_file(conf, from->origin[i].file) : NULL;
	}
	rc_state_copy(&conf->rc, &from->rc);
	for (size_t i = 0; i < from->logins.n; i++)
		add_login(&conf->logins, from->logins.v[i]);
	for (size_t i = 0; i < from->my.n; i++)
		rc_vars_set(&conf->my, sv_of(from->my.v[i].name), from->my.v[i].value);
	return conf;
}

static void changed(struct conf *conf, enum opt_id id)
{
	if (conf->changed)
		conf->changed(conf->changed_data, id);
}

static bool lists_are_empty(const struct rc_state *rc)
{
	return rc->ignore.n + rc->unignore.n + rc->hdr_order.n + rc->auto_view.n +
		       rc->alternative_order.n ==
	       0;
}

static bool same_words(const struct rc_words *a, const struct rc_words *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	}
	return true;
}

/* The lists of the profile come and go with it as long as the user's files have not touched them. */
static void switch_lists(struct conf *conf, enum conf_profile profile)
{
	struct rc_state *rc = &conf->rc;
	if (profile == CONF_MODERN) {
		if (lists_are_empty(rc))
			modern_lists(conf);
		return;
	}
	struct conf *fresh = xcalloc(1, sizeof(*fresh));
	modern_lists(fresh);
	struct rc_words *mine[] = {
		&rc->ignore, &rc->unignore, &rc->hdr_order, &rc->auto_view, &rc->alternative_order};
	struct rc_words *theirs[] = {&fresh->rc.ignore, &fresh->rc.unignore, &fresh->rc.hdr_order,
		&fresh->rc.auto_view, &fresh->rc.alternative_order};
	for (size_t i = 0; i < ARRAY_LEN(mine); i++) {
		if (same_words(mine[i], theirs[i]))
			rc_words_clear(mine[i]);
	}
	rc_state_fini(&fresh->rc);
	free(fresh);
}

void conf_use_profile(struct conf *conf, enum conf_profile profile)
{
	if (conf->profile == profile)
		return;
	conf->profile = profile;
	switch_lists(conf, profile);
	for (int i = 0; i < OPT_COUNT; i++) {
		if (conf->origin[i].file || (!opt_table[i].modern && i != OPT_defaults))
			continue;
		set_default(conf, (enum opt_id)i);
		changed(conf, (enum opt_id)i);
	}
	/* The lists of commands have no origins: those that nobody has begun yet. */
	if (profile == CONF_MODERN && conf->rc.ignore.n == 0 && conf->rc.hdr_order.n == 0 &&
		conf->rc.auto_view.n == 0)
		modern_lists(conf);
}

/* ---- changing ---- */

const struct conf_login *conf_login_of(const struct conf *conf, const char *user)
{
	for (size_t i = 0; i < conf->logins.n; i++)
		if (strcmp(conf->logins.v[i].user, user) == 0)
			return &conf->logins.v[i];
	return NULL;
}

static void add_login(struct conf_logins *list, struct conf_login login)
{
	array_grow(list->v, list->n, list->cap);
	list->v[list->n++] = (struct conf_login){xstrdup(login.user), xstrdup(login.pass),
		xstrdup(login.pass_command), xstrdup(login.token_command)};
}

static void logins_fini(struct conf_logins *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct conf_login *l = &list->v[i];
		free(l->user);
		free_wiped(l->pass);
		free(l->pass_command);
		free(l->token_command);
	}
	free(list->v);
	*list = (struct conf_logins){0};
}

/* Before one of the options of a login changes: keeps what the first file said about this user. */
static void remember_login(struct conf *conf, enum opt_id id)
{
	bool concerns = id == OPT_imap_user || id == OPT_imap_pass || id == OPT_imap_pass_command ||
			id == OPT_imap_oauth_refresh_command;
	bool any =
		*conf->imap_pass || *conf->imap_pass_command || *conf->imap_oauth_refresh_command;

	if (!concerns || !any || !*conf->imap_user || conf_login_of(conf, conf->imap_user))
		return;
	add_login(&conf->logins,
		(struct conf_login){(char *)conf->imap_user, (char *)conf->imap_pass,
			(char *)conf->imap_pass_command, (char *)conf->imap_oauth_refresh_command});
}

/* Defaults such as =Archive lie in $folder, wherever that is. */
static void follow_folder(struct conf *conf)
{
	for (int i = 0; i < OPT_COUNT; i++) {
		const struct opt *opt = &opt_table[i];
		const char *init =
			conf->profile == CONF_MODERN && opt->modern ? opt->modern : opt->init;
		if (opt->type != OT_MAILBOX || conf->origin[i].file || *init != '=')
			continue;
		set_default(conf, (enum opt_id)i);
		changed(conf, (enum opt_id)i);
	}
}

/* After any change: origin, the profile that $defaults names, observers. */
static void touched(struct conf *conf, enum opt_id id, struct conf_origin origin)
{
	conf->origin[id] = origin;
	changed(conf, id);
	if (id == OPT_folder)
		follow_folder(conf);
	if (id == OPT_wrap) /* two names of one thing */
		conf->wrapmargin = conf->wrap < 0 ? -conf->wrap : 0;
	if (id == OPT_wrapmargin)
		conf->wrap = conf->wrapmargin > 0 ? -conf->wrapmargin : 0;
	if (id == OPT_defaults)
		conf_use_profile(conf, conf->defaults ? CONF_MODERN : CONF_MUTT);
}

bool conf_set(
	struct conf *conf, enum opt_id id, struct sv text, struct conf_origin origin, struct err *e)
{
	remember_login(conf, id);
	if (!value_set(conf, id, text, e))
		return false;
	touched(conf, id, origin);
	return true;
}

static char list_separator(enum opt_id id)
{
	return id == OPT_hidden_tags || id == OPT_preferred_languages ? ',' : ':';
}

/* Copies the words of list that are not in without to out. */
static void list_without(struct str *out, struct sv list, struct sv without, char sep)
{
	struct sv word;

	while (sv_split(&list, sep, &word)) {
		struct sv rest = without, other;
		bool found = false;
		while (!found && sv_split(&rest, sep, &other))
			found = sv_eq(word, other);
		if (found)
			continue;
		if (out->len)
			str_addc(out, sep);
		str_add(out, word);
	}
}

static bool set_number_text(
	struct conf *conf, enum opt_id id, long sum, struct conf_origin origin, struct err *e)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", sum);
	return conf_set(conf, id, sv_of(text), origin, e);
}

/* One for += and -=: sign is 1 or -1. */
static bool add_or_sub(struct conf *conf, enum opt_id id, struct sv text, int sign,
	struct conf_origin origin, struct err *e)
{
	const struct opt *opt = &opt_table[id];
	struct str old, out;
	uint64_t by;
	bool ok = false;

	str_init(&old, CONF_TEXT_MAX);
	str_init(&out, CONF_TEXT_MAX);
	conf_text(conf, id, &old);
	if (opt->type == OT_NUMBER) {
		if (sv_u64(text, &by) && by < 1u << 30)
			ok = set_number_text(
				conf, id, strtol(old.s, NULL, 10) + sign * (long)by, origin, e);
		else
			err_set(e, ERR_INPUT, "%s: '" SV_FMT "' is not a number", opt->name,
				SV_ARG(text));
	} else if (opt->type == OT_LIST) {
		char sep = list_separator(id);
		list_without(&out, str_sv(&old), text, sep);
		if (sign > 0 && out.len && text.len)
			str_addc(&out, sep);
		if (sign > 0)
			str_add(&out, text);
		ok = conf_set(conf, id, str_sv(&out), origin, e);
	} else if (sign > 0 &&
		   (opt->type == OT_STRING || opt->type == OT_FORMAT || opt->type == OT_COMMAND ||
			   opt->type == OT_ADDRESS || opt->type == OT_CHARS)) {
		str_add(&out, str_sv(&old));
		ok = str_add(&out, text) && conf_set(conf, id, str_sv(&out), origin, e);
	} else {
		err_set(e, ERR_INPUT, "%s: %s does not work with a %s", opt->name,
			sign > 0 ? "+=" : "-=", opt_type_name(opt->type));
	}
	str_fini(&old);
	str_fini(&out);
	return ok;
}

bool conf_add(
	struct conf *conf, enum opt_id id, struct sv text, struct conf_origin origin, struct err *e)
{
	return add_or_sub(conf, id, text, 1, origin, e);
}

bool conf_sub(
	struct conf *conf, enum opt_id id, struct sv text, struct conf_origin origin, struct err *e)
{
	return add_or_sub(conf, id, text, -1, origin, e);
}

void conf_unset(struct conf *conf, enum opt_id id, struct conf_origin origin)
{
	struct err e;
	bool ok = true;

	remember_login(conf, id);
	switch (opt_table[id].type) {
	case OT_BOOL:
	case OT_TRI:
	case OT_QUAD:
		value_set_bool(conf, id, false);
		break;
	case OT_NUMBER:
		ok = value_set(conf, id, SV("0"), &e);
		break;
	case OT_SORT:
	case OT_ENUM:
		set_default(conf, id);
		break;
	default:
		ok = value_set(conf, id, SV(""), &e);
		break;
	}
	if (ok)
		touched(conf, id, origin);
}

void conf_reset(struct conf *conf, enum opt_id id)
{
	if (id == OPT_defaults)
		conf->profile = CONF_MUTT;
	set_default(conf, id);
	touched(conf, id, (struct conf_origin){0});
}

bool conf_toggle(struct conf *conf, enum opt_id id, struct conf_origin origin, struct err *e)
{
	if (!value_toggle(conf, id))
		return err_set(e, ERR_INPUT, "%s: a %s cannot be toggled", opt_table[id].name,
			opt_type_name(opt_table[id].type));
	touched(conf, id, origin);
	return true;
}

const char *conf_file(struct conf *conf, const char *name)
{
	for (size_t i = conf->files.n; i-- > 0;)
		if (strcmp(conf->files.v[i], name) == 0)
			return conf->files.v[i];
	rc_words_add(&conf->files, sv_of(name));
	return conf->files.v[conf->files.n - 1];
}

struct conf_origin conf_origin_of(const struct conf *conf, enum opt_id id)
{
	return conf->origin[id];
}

void conf_default_text(const struct conf *conf, enum opt_id id, struct str *out)
{
	default_of((struct conf *)conf, id,
		out); /* matching a regular expression changes nothing that shows */
}

bool conf_is_default(const struct conf *conf, enum opt_id id)
{
	struct str now, init;
	enum opt_type type = opt_table[id].type;

	str_init(&now, CONF_TEXT_MAX);
	str_init(&init, CONF_TEXT_MAX);
	conf_text(conf, id, &now);
	conf_default_text(conf, id, &init);
	if (type == OT_PATH || type == OT_MAILBOX || type == OT_COMMAND) {
		char *path = conf_expand_path(conf, str_sv(&init));
		str_clear(&init);
		str_adds(&init, path);
		free(path);
	}
	bool same = sv_eq(str_sv(&now), str_sv(&init));
	str_fini(&now);
	str_fini(&init);
	return same;
}

/* ---- my_ variables ---- */

const char *conf_my(const struct conf *conf, struct sv name)
{
	return rc_vars_get(&conf->my, name);
}

void conf_my_set(struct conf *conf, struct sv name, struct sv value)
{
	char *text = sv_dup(value);

	rc_vars_set(&conf->my, name, text);
	free(text);
}

void conf_my_unset(struct conf *conf, struct sv name)
{
	rc_vars_remove(&conf->my, name);
}

bool conf_my_next(const struct conf *conf, size_t *at, const char **name, const char **value)
{
	if (*at >= conf->my.n)
		return false;
	*name = conf->my.v[*at].name;
	*value = conf->my.v[*at].value;
	(*at)++;
	return true;
}

void conf_observe(struct conf *conf, conf_changed_fn *fn, void *data)
{
	conf->changed = fn;
	conf->changed_data = data;
}

/* ---- small questions ---- */

/*
 * Bytes of the character at p: UTF-8 lead byte and what follows it; combining marks stay with it.
 */
static size_t cluster_len(struct sv text)
{
	size_t n = 1;

	while (n < text.len) {
		unsigned char c = (unsigned char)text.p[n];
		/* U+0300-U+036F and U+FE0F belong to the character before */
		bool mark = n + 1 < text.len &&
			    (c == 0xcc || (c == 0xcd && (unsigned char)text.p[n + 1] < 0xb0));
		bool selector = n + 2 < text.len && c == 0xef &&
				(unsigned char)text.p[n + 1] == 0xb8 &&
				(unsigned char)text.p[n + 2] == 0x8f;
		if ((c & 0xc0) != 0x80 && !mark && !selector)
			break;
		n++;
	}
	return n;
}

struct sv conf_char(const char *chars, size_t n)
{
	struct sv text = sv_of(chars);

	while (n-- > 0 && text.len)
		text = sv_from(text, cluster_len(text));
	return text.len ? sv_head(text, cluster_len(text)) : text;
}

const char *conf_domain(const struct conf *conf)
{
	const char *dot = conf->hidden_host ? strchr(conf->hostname, '.') : NULL;

	return dot ? dot + 1 : conf->hostname;
}

char *conf_user_address(const struct conf *conf)
{
	const char *domain = conf_domain(conf);
	struct sv from = sv_of(conf->from);
	ptrdiff_t open = sv_rchr(from, '<'), close = sv_rchr(from, '>');

	if (open >= 0 && close > open)
		from = sv_head(sv_from(from, (size_t)open + 1), (size_t)(close - open - 1));
	ptrdiff_t paren = sv_chr(from, '(');
	if (paren >= 0)
		from = sv_head(from, (size_t)paren);
	from = sv_trim(from);
	if (from.len)
		return sv_dup(from);
	const struct passwd *pw = getpwuid(getuid());
	return xasprintf(
		"%s@%s", pw ? pw->pw_name : "user", *domain ? domain : "localhost");
}

const char *conf_editor(const struct conf *conf)
{
	static const char *const fallback[] = {"/usr/bin/editor", "/usr/bin/sensible-editor"};
	const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");

	if (conf && *conf->editor)
		return conf->editor;
	if (visual && *visual)
		return visual;
	if (editor && *editor)
		return editor;
	for (size_t i = 0; i < ARRAY_LEN(fallback); i++)
		if (access(fallback[i], X_OK) == 0)
			return fallback[i];
	return "vi";
}

/* ---- which file ---- */

/* dir/name when it is there; NULL otherwise. Frees dir. */
static char *there(char *dir, const char *name)
{
	if (!dir)
		return NULL;
	char *path = fs_join(dir, name);
	free(dir);
	if (access(path, R_OK) == 0 && !fs_is_dir(path))
		return path;
	free(path);
	return NULL;
}

static char *xdg_config(const char *program)
{
	const char *base = getenv("XDG_CONFIG_HOME");

	if (base && *base)
		return fs_join(base, program);
	char *home = fs_home();
	char *dir = home ? xasprintf("%s/.config/%s", home, program) : NULL;
	free(home);
	return dir;
}

char *conf_find_file(bool *is_own)
{
	static const char *const home_names[] = {".neomuttrc", ".muttrc", ".neomutt/neomuttrc",
		".neomutt/muttrc", ".mutt/neomuttrc", ".mutt/muttrc"};
	static const char *const xdg_names[][2] = {{"neomutt", "neomuttrc"}, {"neomutt", "muttrc"},
		{"mutt", "neomuttrc"}, {"mutt", "muttrc"}};
	const char *set = getenv("FEIST_CONFIG");
	char *path;

	*is_own = true;
	if (set && *set)
		return xstrdup(set);
	if ((path = there(fs_config_dir(), "muttrc")) || (path = there(fs_home(), ".feistrc")))
		return path;
	*is_own = false;
	for (size_t i = 0; i < ARRAY_LEN(xdg_names); i++)
		if ((path = there(xdg_config(xdg_names[i][0]), xdg_names[i][1])))
			return path;
	for (size_t i = 0; i < ARRAY_LEN(home_names); i++)
		if ((path = there(fs_home(), home_names[i])))
			return path;
	return NULL;
}
