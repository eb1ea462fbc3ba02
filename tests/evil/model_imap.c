/* The IMAP server of the tests: five messages, and all the extensions that the client knows. */
#include "tests/evil/model.h"

#include <stdio.h>
#include <stdlib.h>

#define IMAP_CAPS \
	"ENABLE IDLE NAMESPACE UIDPLUS MOVE UNSELECT ESEARCH SEARCHRES CONDSTORE QRESYNC LIST-EXTENDED SPECIAL-USE " \
	"LIST-STATUS ID CHILDREN COMPRESS=DEFLATE PARTIAL OBJECTID SAVEDATE PREVIEW NOTIFY"

const char *const model_imap_states[] = {"greeting", "capability", "starttls", "auth-go", "auth", "capability-in",
	"compress", "id", "enable", "namespace", "list", "lsub", "status", "select", "search", "fetch", "body", "store",
	"copy", "move", "append-go", "append", "expunge", "idle", "idle-done", "noop", "unselect", "create", "delete",
	"rename", "subscribe", "other", "logout", NULL};

static void done(struct model *m, const char *state)
{
	model_answer(m, state, SV(""), "%s OK done\r\n", m->tag);
}

static const char *caps(struct model *m, char *buf, size_t size)
{
	snprintf(buf, size, "IMAP4rev1 %s%s%s", m->caps ? m->caps : "SASL-IR " IMAP_CAPS,
		m->offer_tls && !m->secure ? " STARTTLS LOGINDISABLED" : "",
		m->authenticated || (m->offer_tls && !m->secure) ? "" : " AUTH=PLAIN");
	return buf;
}

static void capability(struct model *m)
{
	char buf[700], line[800];

	snprintf(line, sizeof(line), "* CAPABILITY %s\r\n", caps(m, buf, sizeof(buf)));
	model_answer(m, m->authenticated ? "capability-in" : "capability", sv_of(line), "%s OK done\r\n", m->tag);
}

/* ---- lists ---- */

static void list(struct model *m, struct sv args)
{
	bool status = sv_find_case(args, SV("STATUS (")) >= 0;
	struct str s;

	str_init(&s, 8192);
	str_adds(&s, "* LIST (\\HasNoChildren) \"/\" INBOX\r\n* LIST (\\HasNoChildren \\Sent) \"/\" Sent\r\n"
		     "* LIST (\\HasNoChildren \\Trash) \"/\" Trash\r\n* LIST (\\HasChildren) \"/\" \"Work\"\r\n"
		     "* LIST (\\HasNoChildren) \"/\" {12}\r\nWork/B&APw-ro\r\n");
	if (status)
		str_adds(&s, "* STATUS INBOX (MESSAGES 5 UNSEEN 2 UIDNEXT 21 UIDVALIDITY 7 HIGHESTMODSEQ 90)\r\n");
	model_answer(m, "list", str_sv(&s), "%s OK done\r\n", m->tag);
	str_fini(&s);
}

static void status(struct model *m, struct sv args)
{
	struct sv name = {0};
	char line[512];

	sv_split(&args, ' ', &name);
	snprintf(line, sizeof(line), "* STATUS " SV_FMT " (MESSAGES 5 UNSEEN 2 UIDNEXT 21 UIDVALIDITY 7%s)\r\n",
		SV_ARG(name), sv_find_case(args, SV("HIGHESTMODSEQ")) >= 0 ? " HIGHESTMODSEQ 90" : "");
	model_answer(m, "status", sv_of(line), "%s OK done\r\n", m->tag);
}

static void select_box(struct model *m)
{
	m->selected = true;
	model_answer(m, "select",
		SV("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded)\r\n"
		   "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] ok\r\n* 5 EXISTS\r\n"
		   "* 0 RECENT\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 21] ok\r\n* OK [HIGHESTMODSEQ 90] ok\r\n"),
		"%s OK [READ-WRITE] done\r\n", m->tag);
}

/* ---- fetching ---- */

/* Is the number in the set? "*" is the last; "$" is all. */
static bool in_set(struct sv set, unsigned uid)
{
	struct sv one;

	if (sv_is(set, "$"))
		return true;
	while (sv_split(&set, ',', &one)) {
		uint64_t lo = 0, hi;
		struct sv a = {0};

		sv_split(&one, ':', &a);
		if (!sv_u64(a, &lo))
			lo = model_uids[MODEL_MESSAGES - 1];
		hi = lo;
		if (one.len && !sv_u64(one, &hi))
			hi = UINT32_MAX;
		if ((uid >= lo && uid <= hi) || (uid >= hi && uid <= lo))
			return true;
	}
	return false;
}

static void add_section(struct str *s, unsigned uid, struct sv item)
{
	struct sv text = model_message(uid), name = item;
	ptrdiff_t open = sv_chr(item, '['), close = sv_rchr(item, ']'), peek = sv_find_case(item, SV(".PEEK"));
	ptrdiff_t blank = sv_find(text, SV("\r\n\r\n"));
	bool partial = close >= 0 && (size_t)close + 1 < item.len;
	uint64_t from = 0, max = 0;

	if (open < 0 || close < 0)
		return;
	name = sv_make(item.p + open + 1, (size_t)(close - open) - 1);
	if (sv_starts_case(name, SV("HEADER")) || sv_ends_case(name, SV("MIME")))
		text = sv_head(text, (size_t)blank + 4);
	else if (name.len)
		text = sv_from(text, (size_t)blank + 4);
	if (partial) {
		struct sv rest = sv_from(item, (size_t)close + 2), a = {0};

		sv_split(&rest, '.', &a);
		if (rest.len && sv_u64(a, &from) && sv_u64(sv_head(rest, rest.len - 1), &max))
			text = sv_head(sv_from(text, (size_t)from), (size_t)max);
	}
	str_add(s, sv_head(item, (size_t)(peek >= 0 ? peek : open)));
	str_addf(s, "[" SV_FMT "]", SV_ARG(name));
	if (partial)
		str_addf(s, "<%llu>", (unsigned long long)from);
	str_addf(s, " {%zu}\r\n" SV_FMT, text.len, SV_ARG(text));
}

static void add_item(struct str *s, unsigned uid, size_t n, struct sv item)
{
	if (sv_is_case(item, "UID"))
		str_addf(s, "UID %u", uid);
	else if (sv_is_case(item, "FLAGS"))
		str_addf(s, "FLAGS (%s)", n < 3 ? "\\Seen" : "");
	else if (sv_is_case(item, "INTERNALDATE"))
		str_adds(s, "INTERNALDATE \"24-Nov-2026 10:00:00 +0000\"");
	else if (sv_is_case(item, "RFC822.SIZE"))
		str_addf(s, "RFC822.SIZE %zu", model_message(uid).len);
	else if (sv_is_case(item, "MODSEQ"))
		str_addf(s, "MODSEQ (%u)", 80 + (unsigned)n);
	else if (sv_is_case(item, "ENVELOPE"))
		str_adds(s, "ENVELOPE (\"Tue, 24 Nov 2026 10:00:00 +0000\" \"hi\" ((\"Ann\" NIL \"ann\" \"example.org\")) "
			    "NIL NIL ((NIL NIL \"joe\" {11}\r\nexample.org)) NIL NIL NIL \"<one@example.org>\")");
	else if (sv_is_case(item, "BODYSTRUCTURE"))
		str_addf(s, "BODYSTRUCTURE (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"7BIT\" %zu 4 NIL NIL NIL)",
			model_message(uid).len);
	else if (sv_is_case(item, "EMAILID"))
		str_addf(s, "EMAILID (M%u)", uid);
	else if (sv_is_case(item, "THREADID"))
		str_addf(s, n % 2 ? "THREADID NIL" : "THREADID (T%u)", uid);
	else if (sv_is_case(item, "SAVEDATE"))
		str_adds(s, "SAVEDATE \"24-Nov-2026 10:00:00 +0000\"");
	else if (sv_is_case(item, "PREVIEW"))
		str_adds(s, "PREVIEW \"A first line.\"");
	else if (sv_chr(item, '[') >= 0)
		add_section(s, uid, item);
	else
		str_addf(s, SV_FMT " NIL", SV_ARG(item));
}

/* The next item of a FETCH: brackets hold their blanks together. */
static bool next_item(struct sv *items, struct sv *item)
{
	int depth = 0;
	size_t n = 0;

	*items = sv_trim(*items);
	while (n < items->len && (depth > 0 || items->p[n] != ' ')) {
		depth += items->p[n] == '[';
		depth -= items->p[n] == ']';
		n++;
	}
	*item = sv_head(*items, n);
	*items = sv_from(*items, n);
	return item->len > 0;
}

static void fetch(struct model *m, struct sv args, bool by_uid)
{
	struct sv set = {0}, items = args, item;
	bool body = sv_chr(args, '[') >= 0 && sv_find_case(args, SV("INTERNALDATE")) < 0;
	ptrdiff_t close;
	struct str s;

	sv_split(&items, ' ', &set);
	close = items.len && items.p[0] == '(' ? sv_find(items, SV(") (")) : -1;
	if (close >= 0)
		items = sv_head(items, (size_t)close + 1);
	if (items.len > 1 && items.p[0] == '(')
		items = sv_make(items.p + 1, items.len - 2);
	str_init(&s, MODEL_OUT_MAX);
	for (size_t i = 0; i < MODEL_MESSAGES; i++) {
		struct sv rest = items;
		bool first = true;

		if (!in_set(set, by_uid ? model_uids[i] : (unsigned)i + 1))
			continue;
		str_addf(&s, "* %zu FETCH (", i + 1);
		if (sv_find_case(items, SV("UID")) != 0)
			str_addf(&s, "UID %u ", model_uids[i]);
		while (next_item(&rest, &item)) {
			if (!first)
				str_addc(&s, ' ');
			first = false;
			add_item(&s, model_uids[i], i, item);
		}
		str_adds(&s, ")\r\n");
	}
	model_answer(m, body ? "body" : "fetch", str_sv(&s), "%s OK done\r\n", m->tag);
	str_fini(&s);
}

static void search(struct model *m, struct sv args)
{
	bool save = sv_find_case(args, SV("SAVE")) >= 0, esearch = sv_find_case(args, SV("RETURN (")) >= 0;
	char line[128] = "";

	if (esearch && !save)
		snprintf(line, sizeof(line), "* ESEARCH (TAG \"%s\") UID ALL 11:13,15,20\r\n", m->tag);
	else if (!save)
		snprintf(line, sizeof(line), "* SEARCH 11 12 13 15 20\r\n");
	model_answer(m, "search", sv_of(line), "%s OK done\r\n", m->tag);
}

/* ---- the commands ---- */

static void uid_command(struct model *m, struct sv args)
{
	struct sv verb = {0};

	sv_split(&args, ' ', &verb);
	if (sv_is_case(verb, "FETCH"))
		fetch(m, args, true);
	else if (sv_is_case(verb, "SEARCH"))
		search(m, args);
	else if (sv_is_case(verb, "STORE"))
		model_answer(m, "store", SV("* 1 FETCH (UID 11 FLAGS (\\Seen) MODSEQ (91))\r\n"), "%s OK done\r\n", m->tag);
	else if (sv_is_case(verb, "COPY"))
		model_answer(m, "copy", SV(""), "%s OK [COPYUID 9 11:12 1:2] done\r\n", m->tag);
	else if (sv_is_case(verb, "MOVE"))
		model_answer(m, "move", SV("* OK [COPYUID 9 11 1] moved\r\n* VANISHED 11\r\n"), "%s OK done\r\n", m->tag);
	else if (sv_is_case(verb, "EXPUNGE"))
		model_answer(m, "expunge", SV("* VANISHED 12\r\n"), "%s OK [HIGHESTMODSEQ 95] done\r\n", m->tag);
	else
		model_answer(m, "other", SV(""), "%s BAD what\r\n", m->tag);
}

static bool selecting(struct model *m, struct sv verb, struct sv args)
{
	if (sv_is_case(verb, "SELECT") || sv_is_case(verb, "EXAMINE"))
		select_box(m);
	else if (sv_is_case(verb, "STATUS"))
		status(m, args);
	else if (sv_is_case(verb, "LIST"))
		list(m, args);
	else if (sv_is_case(verb, "LSUB"))
		model_answer(m, "lsub", SV("* LSUB () \"/\" INBOX\r\n* LSUB () \"/\" Sent\r\n"), "%s OK done\r\n", m->tag);
	else if (sv_is_case(verb, "NAMESPACE"))
		model_answer(m, "namespace", SV("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n"), "%s OK done\r\n", m->tag);
	else if (sv_is_case(verb, "ENABLE"))
		model_answer(m, "enable", SV("* ENABLED QRESYNC CONDSTORE\r\n"), "%s OK done\r\n", m->tag);
	else if (sv_is_case(verb, "ID"))
		model_answer(m, "id", SV("* ID (\"name\" \"model\")\r\n"), "%s OK done\r\n", m->tag);
	else
		return false;
	return true;
}

static bool changing(struct model *m, struct sv verb, struct sv args)
{
	static const char *const simple[][2] = {{"CREATE", "create"}, {"DELETE", "delete"}, {"RENAME", "rename"},
		{"SUBSCRIBE", "subscribe"}, {"UNSUBSCRIBE", "subscribe"}, {"UNSELECT", "unselect"}, {"CLOSE", "unselect"},
		{"NOOP", "noop"}, {"CHECK", "noop"}};

	for (size_t i = 0; i < ARRAY_LEN(simple); i++)
		if (sv_is_case(verb, simple[i][0]))
			return done(m, simple[i][1]), true;
	if (sv_is_case(verb, "UID")) {
		uid_command(m, args);
	} else if (sv_is_case(verb, "FETCH")) {
		fetch(m, args, false);
	} else if (sv_is_case(verb, "EXPUNGE")) {
		model_answer(m, "expunge", SV("* 2 EXPUNGE\r\n"), "%s OK done\r\n", m->tag);
	} else if (sv_is_case(verb, "APPEND")) {
		model_answer(m, "append", SV(""), "%s OK [APPENDUID 9 3] done\r\n", m->tag);
	} else if (sv_is_case(verb, "IDLE")) {
		model_answer(m, "idle", SV(""), "+ idling\r\n");
		if (m->said_yes)
			snprintf(m->idle_tag, sizeof(m->idle_tag), "%s", m->tag);
	} else if (sv_is_case(verb, "COMPRESS")) {
		done(m, "compress");
		m->turn_deflate = m->said_yes;
	} else {
		return false;
	}
	return true;
}

static bool before_login(struct model *m, struct sv verb, struct sv args)
{
	struct sv mech = {0};

	if (sv_is_case(verb, "STARTTLS")) {
		model_answer(m, "starttls", SV(""), "%s OK go\r\n", m->tag);
		m->turn_tls = m->said_yes;
	} else if (sv_is_case(verb, "LOGIN")) {
		m->authenticated = true;
		done(m, "auth");
	} else if (sv_is_case(verb, "AUTHENTICATE")) {
		sv_split(&args, ' ', &mech);
		if (args.len) {
			m->authenticated = true;
			done(m, "auth");
		} else {
			model_answer(m, "auth-go", SV(""), "+ \r\n");
			if (m->said_yes)
				snprintf(m->sasl_tag, sizeof(m->sasl_tag), "%s", m->tag);
		}
	} else {
		return false;
	}
	return true;
}

static void command(struct model *m, struct sv line)
{
	struct sv tag = {0}, verb = {0};

	if (m->idle_tag[0]) {
		snprintf(m->tag, sizeof(m->tag), "%s", m->idle_tag);
		m->idle_tag[0] = 0;
		done(m, "idle-done");
		return;
	}
	if (m->sasl_tag[0]) {
		snprintf(m->tag, sizeof(m->tag), "%s", m->sasl_tag);
		m->sasl_tag[0] = 0;
		if (sv_is(line, "*")) {
			model_answer(m, "auth", SV(""), "%s BAD taken back\r\n", m->tag);
			return;
		}
		m->authenticated = true;
		done(m, "auth");
		return;
	}
	if (!sv_split(&line, ' ', &tag))
		return;
	snprintf(m->tag, sizeof(m->tag), SV_FMT, SV_ARG(tag));
	sv_split(&line, ' ', &verb);
	if (sv_is_case(verb, "CAPABILITY")) {
		capability(m);
	} else if (sv_is_case(verb, "LOGOUT")) {
		model_answer(m, "logout", SV("* BYE bye\r\n"), "%s OK bye\r\n", m->tag);
		model_hang_up(m);
	} else if (!before_login(m, verb, line) && !selecting(m, verb, line) && !changing(m, verb, line)) {
		model_answer(m, "other", SV(""), "%s BAD what\r\n", m->tag);
	}
}

/* ---- literals ---- */

/* Does this line end with a literal? */
static bool ends_with_literal(struct sv line, uint64_t *len, bool *sync)
{
	ptrdiff_t open = sv_rchr(line, '{');
	struct sv n;

	if (open < 0 || line.p[line.len - 1] != '}')
		return false;
	n = sv_make(line.p + open + 1, line.len - (size_t)open - 2);
	*sync = n.len == 0 || n.p[n.len - 1] != '+';
	if (!*sync)
		n.len--;
	return sv_u64(n, len) && *len < MODEL_OUT_MAX;
}

/* How far a whole command reaches, literals included; 0: not here yet. */
static size_t whole_command(struct model *m)
{
	struct sv have = str_sv(&m->in);
	size_t at = 0;
	unsigned literals = 0;

	for (;;) {
		ptrdiff_t lf = sv_chr(sv_from(have, at), '\n');
		struct sv line;
		uint64_t len;
		bool sync;

		if (lf < 0)
			return 0;
		line = sv_rtrim(sv_make(have.p + at, (size_t)lf));
		at += (size_t)lf + 1;
		if (line.len == 0 || !ends_with_literal(line, &len, &sync))
			return at;
		literals++;
		if (sync && m->asked < literals) {
			struct sv text = have, tag = {0};

			sv_split(&text, ' ', &tag);
			snprintf(m->tag, sizeof(m->tag), SV_FMT, SV_ARG(tag));
			m->asked = literals;
			model_answer(m, "append-go", SV(""), "+ go\r\n");
			if (!m->said_yes) { /* it was answered: the literal does not come */
				str_remove(&m->in, 0, at);
				m->asked = 0;
				return 0;
			}
		}
		if (have.len - at < len)
			return 0;
		at += (size_t)len;
	}
}

void model_imap_feed(struct model *m)
{
	size_t n;

	while (!m->closed && (n = whole_command(m)) > 0) {
		char *text = sv_dup(sv_head(str_sv(&m->in), n));
		size_t len = n;

		while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
			len--;
		str_remove(&m->in, 0, n);
		m->asked = 0;
		command(m, sv_make(text, len));
		free(text);
	}
}
