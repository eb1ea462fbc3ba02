/*
 * IMAP responses. One cursor over the whole response; every list has a limit; nothing recurses.
 * Lenient where real servers are loose (several blanks, missing text, odd atoms), strict where a
 * mistake would put data into the wrong place.
 */
#include "net/imap_parse.h"

/* ---- response codes ---- */

static const char *const code_names[] = {
	[CODE_ALERT] = "ALERT",
	[CODE_ALREADYEXISTS] = "ALREADYEXISTS",
	[CODE_APPENDUID] = "APPENDUID",
	[CODE_AUTHENTICATIONFAILED] = "AUTHENTICATIONFAILED",
	[CODE_BADCHARSET] = "BADCHARSET",
	[CODE_AUTHORIZATIONFAILED] = "AUTHORIZATIONFAILED",
	[CODE_CANNOT] = "CANNOT",
	[CODE_CLIENTBUG] = "CLIENTBUG",
	[CODE_CAPABILITY] = "CAPABILITY",
	[CODE_CLOSED] = "CLOSED",
	[CODE_CONTACTADMIN] = "CONTACTADMIN",
	[CODE_COMPRESSIONACTIVE] = "COMPRESSIONACTIVE",
	[CODE_CORRUPTION] = "CORRUPTION",
	[CODE_COPYUID] = "COPYUID",
	[CODE_HASCHILDREN] = "HASCHILDREN",
	[CODE_EXPUNGEISSUED] = "EXPUNGEISSUED",
	[CODE_EXPIRED] = "EXPIRED",
	[CODE_HIGHESTMODSEQ] = "HIGHESTMODSEQ",
	[CODE_INUSE] = "INUSE",
	[CODE_MAILBOXID] = "MAILBOXID",
	[CODE_LIMIT] = "LIMIT",
	[CODE_MODIFIED] = "MODIFIED",
	[CODE_NOMODSEQ] = "NOMODSEQ",
	[CODE_NONEXISTENT] = "NONEXISTENT",
	[CODE_NOPERM] = "NOPERM",
	[CODE_NOTSAVED] = "NOTSAVED",
	[CODE_OVERQUOTA] = "OVERQUOTA",
	[CODE_PRIVACYREQUIRED] = "PRIVACYREQUIRED",
	[CODE_PERMANENTFLAGS] = "PERMANENTFLAGS",
	[CODE_READ_ONLY] = "READ-ONLY",
	[CODE_READ_WRITE] = "READ-WRITE",
	[CODE_TOOBIG] = "TOOBIG",
	[CODE_SERVERBUG] = "SERVERBUG",
	[CODE_TRYCREATE] = "TRYCREATE",
	[CODE_UIDNEXT] = "UIDNEXT",
	[CODE_UIDNOTSTICKY] = "UIDNOTSTICKY",
	[CODE_UNKNOWN_CTE] = "UNKNOWN-CTE",
	[CODE_UIDVALIDITY] = "UIDVALIDITY",
	[CODE_UNAVAILABLE] = "UNAVAILABLE",
	[CODE_USEATTR] = "USEATTR",
	[CODE_UNSEEN] = "UNSEEN",
};

const char *imap_code_name(enum imap_code code)
{
	return code == CODE_NONE ? "" : code < CODE_OTHER ? code_names[code] : "OTHER";
}

static enum imap_code code_of(struct sv name)
{
	for (size_t i = CODE_NONE + 1; i < ARRAY_LEN(code_names); i++)
		if (sv_is_case(name, code_names[i]))
			return (enum imap_code)i;
	return CODE_OTHER;
}

/* Words up to the ']' or the end. */
static bool bare_words(struct imap_scan *s, bool bracket, struct imap_words *out)
{
	size_t cap = 32, n = 0;
	struct sv *w = arena_alloc(s->arena, cap * sizeof(*w));
	struct sv word;

	while (imap_scan_space(s) || n == 0) {
		if (!(bracket ? imap_scan_code_atom(s, &word) : imap_scan_atom(s, &word)))
			break;
		if (n >= IMAP_WORDS_MAX)
			continue;
		if (n == cap) {
			struct sv *bigger = arena_alloc(s->arena, cap * 2 * sizeof(*w));

			memcpy(bigger, w, n * sizeof(*w));
			cap *= 2;
			w = bigger;
		}
		w[n++] = word;
	}
	*out = (struct imap_words){w, n};
	return true;
}

/*
 * The arguments of the codes that we use. False when they are not what they should be: then the
 * code counts as unknown, which is safe for all of them.
 */
static bool code_arguments(struct imap_scan *s, struct imap_resp *r)
{
	switch (r->code) {
	case CODE_APPENDUID:
		return imap_scan_space(s) && imap_scan_u32(s, &r->uidvalidity) && imap_scan_space(s) &&
		       imap_scan_set(s, &r->set);
	case CODE_COPYUID:
		return imap_scan_space(s) && imap_scan_u32(s, &r->uidvalidity) && imap_scan_space(s) &&
		       imap_scan_set(s, &r->set) && imap_scan_space(s) &&
		       imap_scan_set(s, &r->set2) &&
		       imap_set_count(&r->set) == imap_set_count(&r->set2);
	case CODE_CAPABILITY:
		return bare_words(s, true, &r->words);
	case CODE_PERMANENTFLAGS:
		return imap_scan_space(s) && imap_scan_words(s, &r->words);
	case CODE_MODIFIED:
		return imap_scan_space(s) && imap_scan_set(s, &r->set);
	case CODE_HIGHESTMODSEQ:
	case CODE_UIDNEXT:
	case CODE_UIDVALIDITY:
	case CODE_UNSEEN:
		return imap_scan_space(s) && imap_scan_number(s, &r->number);
	default:
		return true;
	}
}

/*
 * The end of a code: the ']' that is not inside of a quoted string; the line's text goes on behind
 * it.
 */
static bool close_code(struct imap_scan *s)
{
	bool quoted = false;

	for (; !scan_end(&s->s); s->s.p++) {
		if (*s->s.p == '\\' && quoted && s->s.p + 1 < s->s.end)
			s->s.p++;
		else if (*s->s.p == '"')
			quoted = !quoted;
		else if (*s->s.p == ']' && !quoted)
			return scan_byte(&s->s, ']');
	}
	return false;
}

static void status_text(struct imap_scan *s, struct imap_resp *r)
{
	struct imap_scan before;

	imap_scan_space(s);
	before = *s;
	if (scan_byte(&s->s, '[') && imap_scan_code_atom(s, &r->code_name)) {
		r->code = code_of(r->code_name);
		if (!code_arguments(s, r)) {
			r->code = CODE_OTHER;
			r->words = (struct imap_words){0};
			r->set = r->set2 = (struct imap_set){0};
		}
		if (close_code(s)) {
			imap_scan_space(s);
			r->text = scan_rest(&s->s);
			return;
		}
	}
	/* Not a code after all: all of it is text. */
	r->code = CODE_NONE;
	*s = before;
	r->text = scan_rest(&s->s);
}

/* ---- untagged data ---- */

static bool parse_words_line(struct imap_scan *s, struct imap_resp *r)
{
	return bare_words(s, false, &r->words);
}

static bool parse_flags(struct imap_scan *s, struct imap_resp *r)
{
	return imap_scan_space(s) && imap_scan_words(s, &r->words);
}

static const struct {
	const char *name;
	unsigned bit;
} list_attrs[] = {
	{"\\Noselect", LIST_NOSELECT},
	{"\\NonExistent", LIST_NONEXISTENT | LIST_NOSELECT},
	{"\\Noinferiors", LIST_NOINFERIORS},
	{"\\HasChildren", LIST_HASCHILDREN},
	{"\\HasNoChildren", LIST_HASNOCHILDREN},
	{"\\Marked", LIST_MARKED},
	{"\\Unmarked", LIST_UNMARKED},
	{"\\Subscribed", LIST_SUBSCRIBED},
};

static const char *const special_uses[] = {
	"All",
	"Archive",
	"Drafts",
	"Flagged",
	"Junk",
	"Sent",
	"Trash",
	"Important",
	"Inbox",
};

static void list_attr(struct imap_resp *r, struct sv word)
{
	for (size_t i = 0; i < ARRAY_LEN(list_attrs); i++)
		if (sv_is_case(word, list_attrs[i].name))
			r->attr |= list_attrs[i].bit;
	if (word.len < 2 || word.p[0] != '\\')
		return;
	for (size_t i = 0; i < ARRAY_LEN(special_uses); i++)
		if (sv_is_case(sv_from(word, 1), special_uses[i]))
			r->special = sv_of(special_uses[i]);
	/* quirk: XLIST_NAMES */
	if (sv_is_case(word, "\\Spam"))
		r->special = SV("Junk");
	if (sv_is_case(word, "\\AllMail"))
		r->special = SV("All");
}

/* A delimiter is one character or NIL. */
static bool scan_delim(struct imap_scan *s, char *delim)
{
	struct sv v;
	bool nil;

	if (!imap_scan_nstring(s, &v, &nil))
		return false;
	*delim = nil || v.len != 1 ? 0 : v.p[0];
	return true;
}

/* (("OLDNAME" ("x")) ("CHILDINFO" (...))): what we know is taken, the rest stepped over. */
static bool list_extended(struct imap_scan *s, struct imap_resp *r)
{
	struct sv tag;

	if (!scan_byte(&s->s, '('))
		return false;
	while (imap_scan_space(s), !scan_byte(&s->s, ')')) {
		bool paren = scan_byte(&s->s, '(');

		if (!imap_scan_astring(s, &tag))
			return false;
		imap_scan_space(s);
		if (sv_is_case(tag, "OLDNAME") && scan_peek(&s->s) == '(') {
			struct imap_words w;

			if (!imap_scan_words(s, &w))
				return false;
			r->old_name = w.n ? w.w[0] : r->old_name;
		} else if (!imap_scan_skip(s)) {
			return false;
		}
		if (paren && !scan_byte(&s->s, ')'))
			return false;
	}
	return true;
}

static bool parse_list(struct imap_scan *s, struct imap_resp *r)
{
	struct imap_words words;

	if (!imap_scan_space(s) || !imap_scan_words(s, &words) || !imap_scan_space(s) ||
		!scan_delim(s, &r->delim) || !imap_scan_space(s) ||
		!imap_scan_astring(s, &r->mailbox))
		return false;
	for (size_t i = 0; i < words.n; i++)
		list_attr(r, words.w[i]);
	if (imap_scan_space(s) && scan_peek(&s->s) == '(')
		return list_extended(s, r);
	return true;
}

static const char *const status_items[STATUS_ITEMS] = {
	"MESSAGES",
	"RECENT",
	"UIDNEXT",
	"UIDVALIDITY",
	"UNSEEN",
	"HIGHESTMODSEQ",
	"SIZE",
};

static bool parse_mailbox(struct imap_scan *s, struct imap_resp *r)
{
	struct sv name;

	if (!imap_scan_space(s) || !imap_scan_astring(s, &r->mailbox) || !imap_scan_space(s) ||
		!scan_byte(&s->s, '('))
		return false;
	while (imap_scan_space(s), !scan_byte(&s->s, ')')) {
		size_t item = 0;
		uint64_t n;

		if (!imap_scan_atom(s, &name) || !imap_scan_space(s))
			return false;
		if (sv_is_case(name, "MAILBOXID")) {
			if (!scan_byte(&s->s, '(') || !imap_scan_atom(s, &r->object) || !scan_byte(&s->s, ')'))
				return false;
			continue;
		}
		while (item < STATUS_ITEMS && !sv_is_case(name, status_items[item]))
			item++;
		if (item == STATUS_ITEMS) {
			if (!imap_scan_skip(s))
				return false;
			continue;
		}
		if (!imap_scan_number(s, &n))
			return false;
		r->items[item] = n;
		r->has |= IMAP_STATUS_HAS(item);
	}
	return true;
}

static bool parse_search(struct imap_scan *s, struct imap_resp *r)
{
	size_t n = 0, i = 0;

	r->uid = true; /* we only ever ask with UID SEARCH */
	for (const char *p = s->s.p; p < s->s.end; p++)
		n += *p == ' ';
	r->set.r = arena_alloc(s->arena, (n + 1) * sizeof(*r->set.r));
	while (imap_scan_space(s) && !scan_end(&s->s)) {
		uint32_t v;

		if (scan_peek(&s->s) == '(') { /* (MODSEQ n) */
			s->s.p++;
			if (!scan_lit(&s->s, "MODSEQ ") || !imap_scan_number(s, &r->modseq) ||
				!scan_byte(&s->s, ')'))
				return false;
			continue;
		}
		if (!imap_scan_u32(s, &v))
			return false;
		if (v > 0) /* quirk: SEARCH_OUT_OF_ORDER */
			r->set.r[i++] = (struct imap_range){v, v};
	}
	r->set.n = i;
	return true;
}

static bool parse_esearch(struct imap_scan *s, struct imap_resp *r)
{
	while (imap_scan_space(s) && !scan_end(&s->s)) {
		struct sv name;

		if (scan_peek(&s->s) == '(') { /* (TAG "a1") */
			if (!imap_scan_skip(s))
				return false;
			continue;
		}
		if (!imap_scan_atom(s, &name))
			return false;
		if (sv_is_case(name, "UID")) {
			r->uid = true;
			continue;
		}
		if (!imap_scan_space(s))
			return false;
		if (sv_is_case(name, "ALL")) {
			if (!imap_scan_set(s, &r->set))
				return false;
		} else if (sv_is_case(name, "MODSEQ")) {
			if (!imap_scan_number(s, &r->modseq))
				return false;
		} else if (!imap_scan_skip(s)) {
			return false;
		}
	}
	return true;
}

static bool parse_vanished(struct imap_scan *s, struct imap_resp *r)
{
	imap_scan_space(s);
	if (scan_lit(&s->s, "(EARLIER)")) {
		r->earlier = true;
		imap_scan_space(s);
	}
	return scan_end(&s->s) || imap_scan_set(s, &r->set);
}

/* (("prefix" "/" ...)(...)) or NIL: the namespaces of one kind. */
static bool scan_spaces_of(struct imap_scan *s, enum imap_space kind, struct imap_resp *r)
{
	imap_scan_space(s);
	if (!scan_byte(&s->s, '('))
		return imap_scan_skip(s);
	while (imap_scan_space(s), !scan_byte(&s->s, ')')) {
		struct imap_namespace one = {.space = kind};

		if (!scan_byte(&s->s, '(') || !imap_scan_astring(s, &one.prefix) || !imap_scan_space(s) ||
			!scan_delim(s, &one.delim))
			return false;
		while (imap_scan_space(s), !scan_byte(&s->s, ')')) /* extensions of RFC 2342 */
			if (!imap_scan_skip(s))
				return false;
		if (r->nspaces < IMAP_LIST_MAX)
			r->spaces[r->nspaces++] = one;
	}
	return true;
}

/* NAMESPACE personal others shared; some servers leave out the last ones. */
static bool parse_namespace(struct imap_scan *s, struct imap_resp *r)
{
	r->spaces = arena_alloc(s->arena, IMAP_LIST_MAX * sizeof(*r->spaces));
	for (int kind = IMAP_PERSONAL; kind <= IMAP_SHARED; kind++) {
		imap_scan_space(s);
		if (scan_end(&s->s))
			return kind > IMAP_PERSONAL;
		if (!scan_spaces_of(s, (enum imap_space)kind, r))
			return false;
	}
	return true;
}

/* QUOTA "root" (STORAGE 10 512 MESSAGE 5 100) */
static bool parse_quota(struct imap_scan *s, struct imap_resp *r)
{
	r->quotas = arena_alloc(s->arena, IMAP_LIST_MAX * sizeof(*r->quotas));
	if (!imap_scan_space(s) || !imap_scan_astring(s, &r->mailbox) || !imap_scan_space(s) || !scan_byte(&s->s, '('))
		return false;
	while (imap_scan_space(s), !scan_byte(&s->s, ')')) {
		struct imap_quota q;

		if (!imap_scan_atom(s, &q.resource) || !imap_scan_space(s) || !imap_scan_number(s, &q.used) ||
			!imap_scan_space(s) || !imap_scan_number(s, &q.max))
			return false;
		if (r->nquotas < IMAP_LIST_MAX)
			r->quotas[r->nquotas++] = q;
	}
	return true;
}

static const struct {
	const char *name;
	enum imap_resp_kind kind;
	bool (*parse)(struct imap_scan *, struct imap_resp *);
} data_kinds[] = {
	{"CAPABILITY", RESP_CAPABILITY, parse_words_line},
	{"ENABLED", RESP_ENABLED, parse_words_line},
	{"FLAGS", RESP_FLAGS, parse_flags},
	{"LIST", RESP_LIST, parse_list},
	{"LSUB", RESP_LIST, parse_list},
	{"XLIST", RESP_LIST, parse_list},
	{"STATUS", RESP_MAILBOX, parse_mailbox},
	{"SEARCH", RESP_SEARCH, parse_search},
	{"ESEARCH", RESP_SEARCH, parse_esearch},
	{"VANISHED", RESP_VANISHED, parse_vanished},
	{"NAMESPACE", RESP_NAMESPACE, parse_namespace},
	{"QUOTA", RESP_QUOTA, parse_quota},
};

static const struct {
	const char *name;
	enum imap_status status;
} statuses[] = {
	{"OK", IMAP_OK},
	{"NO", IMAP_NO},
	{"BAD", IMAP_BAD},
	{"BYE", IMAP_BYE},
	{"PREAUTH", IMAP_PREAUTH},
};

static bool status_of(struct sv word, enum imap_status *status)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (sv_is_case(word, statuses[i].name)) {
			*status = statuses[i].status;
			return true;
		}
	return false;
}

static bool not_understood(struct err *e, struct sv text)
{
	char shown[81];
	size_t n = MIN(text.len, sizeof(shown) - 1);

	for (size_t i = 0; i < n; i++)
		shown[i] = (char)(text.p[i] >= ' ' && text.p[i] < 127 ? text.p[i] : '?');
	shown[n] = 0;
	return err_set(e, ERR_PROTO, "the server's answer makes no sense: %s", shown);
}

/* "* 12 EXISTS" */
static bool parse_numbered(struct imap_scan *s, struct imap_resp *r)
{
	struct sv word;

	if (!imap_scan_number(s, &r->number) || !imap_scan_space(s) || !imap_scan_atom(s, &word))
		return false;
	if (r->number > UINT32_MAX)
		return false;
	if (sv_is_case(word, "EXISTS"))
		r->kind = RESP_EXISTS;
	else if (sv_is_case(word, "RECENT"))
		r->kind = RESP_RECENT;
	else if (sv_is_case(word, "EXPUNGE"))
		r->kind = RESP_EXPUNGE;
	else if (sv_is_case(word, "FETCH"))
		r->kind = RESP_FETCH;
	else
		r->kind = RESP_OTHER;
	imap_scan_space(s);
	r->rest = *s;
	return r->number > 0 || r->kind == RESP_EXISTS || r->kind == RESP_RECENT ||
	       r->kind == RESP_OTHER;
}

static bool parse_untagged(struct imap_scan *s, struct imap_resp *r)
{
	struct sv word;

	imap_scan_space(s);
	if (ascii_is_digit(scan_peek(&s->s)))
		return parse_numbered(s, r);
	if (!imap_scan_atom(s, &word))
		return false;
	if (status_of(word, &r->status)) {
		r->kind = RESP_STATUS;
		status_text(s, r);
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(data_kinds); i++) {
		if (!sv_is_case(word, data_kinds[i].name))
			continue;
		r->kind = data_kinds[i].kind;
		r->lsub = sv_is_case(word, "LSUB");
		return data_kinds[i].parse(s, r);
	}
	r->kind = RESP_OTHER;
	r->text = word;
	return true;
}

static bool parse_tagged(struct imap_scan *s, struct imap_resp *r)
{
	struct sv word;

	if (!imap_scan_atom(s, &r->tag) || !imap_scan_space(s) || !imap_scan_atom(s, &word) ||
		!status_of(word, &r->status) || r->status > IMAP_BAD)
		return false;
	r->kind = RESP_TAGGED;
	status_text(s, r);
	return true;
}

bool imap_parse(struct arena *a, struct imap_raw raw, struct imap_resp *out, struct err *e)
{
	struct imap_scan s = imap_scan_of(a, raw);
	struct imap_resp r = {0};
	bool ok = true;

	if (scan_byte(&s.s, '+')) {
		r.kind = RESP_CONTINUE;
		imap_scan_space(&s);
		r.text = scan_rest(&s.s);
	} else if (scan_byte(&s.s, '*')) {
		ok = scan_peek(&s.s) == ' ';
		if (ok && !parse_untagged(&s, &r))
			r = (struct imap_resp){
				.kind = RESP_OTHER, .broken = true, .text = raw.text};
	} else {
		ok = parse_tagged(&s, &r);
	}
	if (!ok)
		return not_understood(e, raw.text);
	*out = r;
	return true;
}
