/*
 * The tables as C, and looking words up in them. Names are compared with '-' and '_' as the same
 * for commands only: that is how NeoMutt spells mutt's.
 */
#include "vocab/vocab.h"

/* ---- choices of options ---- */

static const char *const enum_imap_prefetch[] = {"headers", "text", "all", NULL};
static const char *const enum_mbox_type[] = {"mbox", "MMDF", "MH", "Maildir", NULL};
static const char *const enum_use_threads[] = {
	"unset", "flat", "threads", "reverse", "no", "yes", NULL};
static const char *const enum_nm_query_type[] = {"messages", "threads", "message", "thread", NULL};
static const char *const enum_nm_timebase[] = {"hour", "day", "week", "month", "year", NULL};
static const char *const enum_defaults[] = {"mutt", "modern", NULL};

static const char *const sort_main[] = {"date", "date-sent", "date-received", "from", "label",
	"mailbox-order", "unsorted", "relevance", "score", "size", "spam", "subject", "threads", "to", NULL};
static const char *const sort_aux[] = {"date", "date-sent", "date-received", "from", "label",
	"mailbox-order", "unsorted", "relevance", "score", "size", "spam", "subject", "threads", "to", NULL};
static const char *const sort_alias[] = {"alias", "address", "unsorted", NULL};
static const char *const sort_browser[] = {"alpha", "count", "date", "desc", "new", "unread",
	"size", "unsorted", "mailbox-order", NULL};
static const char *const sort_sidebar[] = {"unsorted", "mailbox-order", "alpha", "path", "name",
	"count", "desc", "flagged", "unread", "new", NULL};
static const char *const sort_keys[] = {"address", "date", "keyid", "trust", NULL};
static const char *const sort_groups[] = {"aux", "date", "date-sent", "date-received", "from",
	"label", "mailbox-order", "unsorted", "relevance", "score", "size", "spam", "subject", "to", NULL};

/* ---- the tables ---- */

const struct opt opt_table[OPT_COUNT] = {
#define OPTION(id, ty, in, ar, he, ...) \
	[OPT_##id] = {.name = #id, \
		.type = OT_##ty, \
		.init = in, \
		.area = AREA_##ar, \
		.help = he, \
		__VA_ARGS__},
#define OPTION_SYNONYM(old, id)
#include "vocab/options.def"
#undef OPTION
#undef OPTION_SYNONYM
};

static const struct {
	const char *old;
	enum opt_id id;
} opt_synonyms[] = {
#define OPTION(id, ...)
#define OPTION_SYNONYM(old, id) {old, OPT_##id},
#include "vocab/options.def"
#undef OPTION
#undef OPTION_SYNONYM
};

const struct func func_table[FN_COUNT] = {
#define FUNCTION(id, na, me, he, ...) \
	[FN_##id] = {.name = na, .menus = me, .help = he, __VA_ARGS__},
#define FUNCTION_SYNONYM(name, menus, id)
#include "vocab/functions.def"
#undef FUNCTION
#undef FUNCTION_SYNONYM
};

static const struct {
	const char *name;
	unsigned menus;
	enum func_id id;
} func_synonyms[] = {
#define FUNCTION(id, ...)
#define FUNCTION_SYNONYM(name, menus, id) {name, menus, FN_##id},
#include "vocab/functions.def"
#undef FUNCTION
#undef FUNCTION_SYNONYM
};

const struct cmd cmd_table[CMD_COUNT] = {
#define COMMAND(id, na, ar, he, ex, ...) \
	[CMD_##id] = {.name = na, .args = ar, .help = he, .example = ex, __VA_ARGS__},
#define COMMAND_SYNONYM(name, id)
#include "vocab/commands.def"
#undef COMMAND
#undef COMMAND_SYNONYM
};

static const struct {
	const char *name;
	enum cmd_id id;
} cmd_synonyms[] = {
#define COMMAND(id, ...)
#define COMMAND_SYNONYM(name, id) {name, CMD_##id},
#include "vocab/commands.def"
#undef COMMAND
#undef COMMAND_SYNONYM
};

const struct pat pat_table[PAT_COUNT] = {
#define PATTERN(id, le, na, ar, he, ...) \
	[PAT_##id] = {.letter = le, .name = na, .arg = ar, .help = he, __VA_ARGS__},
#include "vocab/patterns.def"
#undef PATTERN
};

const struct expando_word expando_table[] = {
#define EXPANDO(se, le, na, he, di) \
	{.set = SET_##se, .letter = le, .name = na, .help = he, .dialect = DIALECT_##di},
#include "vocab/expandos.def"
#undef EXPANDO
};
const size_t expando_table_len = ARRAY_LEN(expando_table);

const struct color_word color_table[COLOR_COUNT] = {
#define COLOR(id, ar, in, mo, he, ...) \
	[COLOR_##id] = {.name = #id, .arg = ar, .init = in, .mono = mo, .help = he, __VA_ARGS__},
#include "vocab/colors.def"
#undef COLOR
};

/* ---- names of kinds ---- */

const char *opt_type_name(enum opt_type type)
{
	static const char *const names[] = {[OT_BOOL] = "boolean",
		[OT_QUAD] = "quadoption",
		[OT_TRI] = "boolean or auto",
		[OT_NUMBER] = "number",
		[OT_STRING] = "string",
		[OT_SECRET] = "secret",
		[OT_FORMAT] = "format",
		[OT_ADDRESS] = "address",
		[OT_LIST] = "list",
		[OT_CHARS] = "characters",
		[OT_COMMAND] = "command",
		[OT_PATH] = "path",
		[OT_MAILBOX] = "mailbox",
		[OT_REGEX] = "regular expression",
		[OT_SORT] = "sort order",
		[OT_ENUM] = "choice"};

	return names[type];
}

const char *opt_area_title(enum opt_area area)
{
	static const char *const titles[AREA_COUNT] = {
		[AREA_IDENTITY] = N_("You and the headers of your mail"),
		[AREA_MAILBOX] = N_("Mailboxes and new mail"),
		[AREA_INDEX] = N_("Message list, threads and search"),
		[AREA_PAGER] = N_("Reading"),
		[AREA_SIDEBAR] = N_("Sidebar"),
		[AREA_COMPOSE] = N_("Writing, answering and forwarding"),
		[AREA_MIME] = N_("MIME, charsets and attachments"),
		[AREA_ALIAS] = N_("Address book"),
		[AREA_IMAP] = N_("IMAP"),
		[AREA_POP] = N_("POP3"),
		[AREA_SEND] = N_("Sending"),
		[AREA_NET] = N_("Network and TLS"),
		[AREA_CRYPTO] = N_("Signing and encryption"),
		[AREA_PIPE] = N_("Printing, piping and links"),
		[AREA_NOTMUCH] = N_("notmuch"),
		[AREA_NEWS] = N_("News"),
		[AREA_UI] = N_("Screen, prompts and keys"),
	};

	return titles[area];
}

static const struct {
	const char *name;
	enum menu_id id;
	bool own; /* falls back to nothing */
} menus[] = {
	{"generic", MENU_GENERIC, true},
	{"index", MENU_INDEX, false},
	{"pager", MENU_PAGER, true},
	{"attach", MENU_ATTACH, false},
	{"compose", MENU_COMPOSE, false},
	{"browser", MENU_BROWSER, false},
	{"alias", MENU_ALIAS, false},
	{"query", MENU_QUERY, false},
	{"editor", MENU_EDITOR, true},
	{"postpone", MENU_POSTPONE, false},
	{"pgp", MENU_PGP, false},
	{"smime", MENU_SMIME, false},
	{"mix", MENU_MIX, false},
	{"list", MENU_LIST, false},
	{"autocrypt", MENU_AUTOCRYPT, false},
	{"sidebar", MENU_SIDEBAR, true},
	{"outbox", MENU_OUTBOX, false},
	{"log", MENU_LOG, false},
	{"queue", MENU_QUEUE, false},
	{"actions", MENU_ACTIONS, false},
	{"accounts", MENU_ACCOUNTS, false},
	/* other names */
	{"attachment", MENU_ATTACH, false},
	{"key_select_pgp", MENU_PGP, false},
	{"key_select_smime", MENU_SMIME, false},
	{"mixmaster", MENU_MIX, false},
	{"autocrypt_account", MENU_AUTOCRYPT, false},
	{"autocrypt account", MENU_AUTOCRYPT, false},
	{"postponed", MENU_POSTPONE, false},
	{"dialog", MENU_GENERIC, true},
};

const char *menu_name(enum menu_id id)
{
	for (size_t i = 0; i < ARRAY_LEN(menus); i++)
		if (menus[i].id == id)
			return menus[i].name;
	return "generic";
}

enum menu_id menu_find(struct sv name)
{
	for (size_t i = 0; i < ARRAY_LEN(menus); i++)
		if (sv_is_case(name, menus[i].name))
			return menus[i].id;
	return MENU_COUNT;
}

bool menu_has_generic(enum menu_id id)
{
	for (size_t i = 0; i < ARRAY_LEN(menus); i++)
		if (menus[i].id == id)
			return !menus[i].own;
	return false;
}

const char *expando_set_name(enum expando_set set)
{
	static const char *const names[SET_COUNT] = {[SET_NONE] = "none",
		[SET_INDEX] = "index",
		[SET_STATUS] = "status",
		[SET_FOLDER] = "folder",
		[SET_ATTACH] = "attach",
		[SET_SIDEBAR] = "sidebar",
		[SET_ALIAS] = "alias",
		[SET_QUERY] = "query",
		[SET_COMPOSE] = "compose",
		[SET_PATTERN] = "pattern",
		[SET_HISTORY] = "history",
		[SET_BACKGROUND] = "background",
		[SET_PGPKEY] = "pgp_entry",
		[SET_PGPCMD] = "pgp_command",
		[SET_SMIMECMD] = "smime_command",
		[SET_MSGID] = "message_id",
		[SET_AUTOCRYPT] = "autocrypt",
		[SET_MIX] = "mix",
		[SET_GREETING] = "greeting",
		[SET_COMPRESS] = "compress"};

	return names[set];
}

/* ---- looking up ---- */

enum opt_id opt_find(struct sv name)
{
	for (int i = 0; i < OPT_COUNT; i++)
		if (sv_is(name, opt_table[i].name))
			return (enum opt_id)i;
	for (size_t i = 0; i < ARRAY_LEN(opt_synonyms); i++)
		if (sv_is(name, opt_synonyms[i].old))
			return opt_synonyms[i].id;
	return OPT_NONE;
}

bool opt_synonym_next(size_t *at, const char **old, enum opt_id *id)
{
	if (*at >= ARRAY_LEN(opt_synonyms))
		return false;
	*old = opt_synonyms[*at].old;
	*id = opt_synonyms[*at].id;
	(*at)++;
	return true;
}

const char *opt_removed(struct sv name)
{
	static const struct {
		const char *name, *why;
	} removed[] = {
		{"imap_cachedir", N_("use header_cache and message_cachedir")},
		{"imap_home_namespace", N_("mutt dropped it")},
		{"imap_force_ssl", N_("use ssl_force_tls")},
		{"imap_mail_check", N_("use mail_check")},
		{"cache_path", N_("feist keeps its own cache")},
		{"header_cache_pagesize", N_("feist keeps its own cache")},
		{"pgp_clear_sign", N_("mutt dropped it")},
		{"pgp_encryptself", N_("use pgp_self_encrypt")},
		{"smime_encrypt_self", N_("use smime_self_encrypt")},
		{"smime_encrypt_self_as", N_("use smime_default_key")},
		{"sort_replies", N_("mutt dropped it")},
		{"skip_quoted_context", N_("use pager_skip_quoted_context")},
		{"sidebar_refresh", N_("NeoMutt dropped it")},
		{"sidebar_refresh_time", N_("NeoMutt dropped it")},
		{"nm_hidden_tags", N_("use hidden_tags")},
		{"use_mailcap", N_("mutt dropped it")},
		{"mailcap_sanitise", N_("use mailcap_sanitize")},
		{"reverse_reply", N_("use reverse_alias")},
		{"pgp_v2", N_("mutt dropped it")},
		{"pgp_default_version", N_("mutt dropped it")},
		{"quote_empty", N_("mutt dropped it")},
		{"quote_quoted", N_("mutt dropped it")},
		{"locale", N_("use attribution_locale")},
		{"pgp_encrypt_self", N_("use pgp_self_encrypt")},
		{"pgp_mime_signature_filename", N_("a patch of mutt had it")},
		{"pgp_mime_signature_description", N_("a patch of mutt had it")},
		{"alternates", N_("it is a command: alternates REGEX")},
		{"sidebar_shortname", N_("use sidebar_short_path")},
	};

	for (size_t i = 0; i < ARRAY_LEN(removed); i++)
		if (sv_is(name, removed[i].name))
			return removed[i].why;
	return NULL;
}

static enum func_id find_in(unsigned mask, struct sv name)
{
	for (int i = 0; i < FN_COUNT; i++)
		if ((func_table[i].menus & mask) && sv_is_case(name, func_table[i].name))
			return (enum func_id)i;
	for (size_t i = 0; i < ARRAY_LEN(func_synonyms); i++)
		if ((func_synonyms[i].menus & mask) && sv_is_case(name, func_synonyms[i].name))
			return func_synonyms[i].id;
	return FN_NONE;
}

enum func_id func_find(enum menu_id menu, struct sv name)
{
	enum func_id id = find_in(1u << menu, name);

	if (id == FN_NONE && menu_has_generic(menu))
		id = find_in(IN(GENERIC), name);
	return id;
}

enum func_id func_find_any(struct sv name)
{
	return find_in(~0u, name);
}

bool func_synonym_next(size_t *at, const char **name, unsigned *mask, enum func_id *id)
{
	if (*at >= ARRAY_LEN(func_synonyms))
		return false;
	*name = func_synonyms[*at].name;
	*mask = func_synonyms[*at].menus;
	*id = func_synonyms[*at].id;
	(*at)++;
	return true;
}

/* '-' and '_' are the same. */
static bool same_command(struct sv typed, const char *name)
{
	size_t n = strlen(name);

	if (typed.len != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char a = typed.p[i] == '-' ? '_' : typed.p[i];
		char b = name[i] == '-' ? '_' : name[i];
		if (a != b)
			return false;
	}
	return true;
}

enum cmd_id cmd_find(struct sv name)
{
	for (int i = 0; i < CMD_COUNT; i++)
		if (same_command(name, cmd_table[i].name))
			return (enum cmd_id)i;
	for (size_t i = 0; i < ARRAY_LEN(cmd_synonyms); i++)
		if (same_command(name, cmd_synonyms[i].name))
			return cmd_synonyms[i].id;
	return CMD_NONE;
}

bool cmd_synonym_next(size_t *at, const char **name, enum cmd_id *id)
{
	if (*at >= ARRAY_LEN(cmd_synonyms))
		return false;
	*name = cmd_synonyms[*at].name;
	*id = cmd_synonyms[*at].id;
	(*at)++;
	return true;
}

const struct pat *pat_find(char letter)
{
	for (int i = 0; i < PAT_COUNT; i++)
		if (pat_table[i].letter == letter)
			return &pat_table[i];
	return NULL;
}

const struct expando_word *expando_find(enum expando_set set, struct sv letters)
{
	const struct expando_word *one = NULL;

	for (size_t i = 0; i < expando_table_len; i++) {
		const struct expando_word *w = &expando_table[i];
		if (w->set != set || letters.len == 0 || w->letter[0] != letters.p[0])
			continue;
		if (w->letter[1] == 0)
			one = w;
		else if (letters.len > 1 && w->letter[1] == letters.p[1])
			return w;
	}
	return one;
}

enum color_id color_find(struct sv name)
{
	for (int i = 0; i < COLOR_COUNT; i++)
		if (sv_is_case(name, color_table[i].name))
			return (enum color_id)i;
	return COLOR_NONE;
}

/* ---- did you mean ---- */

#define NEAREST_WORD_MAX 48

void nearest_init(struct nearest *n, struct sv word)
{
	/* one slip in a short word, two in a longer one */
	*n = (struct nearest){.word = word, .distance = word.len < 2 ? 1 : word.len < 6 ? 2 : 3};
}

/* Lower case without '_' and '-'. */
static size_t plain_form(struct sv word, char out[NEAREST_WORD_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < word.len && n < NEAREST_WORD_MAX; i++)
		if (word.p[i] != '_' && word.p[i] != '-')
			out[n++] = (char)ascii_lower((unsigned char)word.p[i]);
	return n;
}

/* Insert, delete, replace and swap of neighbours cost 1 each. */
static unsigned edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned rows[3][NEAREST_WORD_MAX + 1];

	for (size_t j = 0; j <= nb; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned d = last[j - 1] + (a[i - 1] != b[j - 1]);
			d = MIN(d, last[j] + 1);
			d = MIN(d, now[j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d = MIN(d, before[j - 2] + 1);
			now[j] = d;
		}
	}
	return rows[na % 3][nb];
}

void nearest_try(struct nearest *n, const char *candidate)
{
	char a[NEAREST_WORD_MAX], b[NEAREST_WORD_MAX];
	size_t na = plain_form(n->word, a), nb = plain_form(sv_of(candidate), b);

	if (na == 0 || (na > nb ? na - nb : nb - na) >= n->distance)
		return;
	unsigned d = edit_distance(a, na, b, nb);
	if (d < n->distance) {
		n->distance = d;
		n->best = candidate;
	}
}
