#include "tests/torture/ledger.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "mime/header.h"
#include "mime/mbox.h"
#include "store/intent.h"
#include "store/mailbox.h"
#include "store/message.h"
#include "store/outbox.h"
#include "sync/local_box.h"

#define MESSAGE_MAX (1u << 20)
#define STATE_MAX (16u << 20)

/* ---- messages of the tests ---- */

char *ledger_body(const char *name)
{
	struct str s;

	str_init(&s, MESSAGE_MAX);
	(void)str_addf(&s, "body of %s\n\n", name);
	/* A line that an mbox must escape; what we write ourselves might be encoded because of it. */
	if (strncmp(name, "letter", 6) != 0)
		(void)str_adds(&s, "From here on it goes on.\n");
	for (int i = 0; i < 12; i++)
		(void)str_addf(&s, "line %d, so that most of the message is not its header\n", i);
	(void)str_adds(&s, "The end.\n");
	return str_detach(&s);
}

char *ledger_message(const char *name, const char *fields)
{
	char *body = ledger_body(name);
	char *text = xasprintf("From: \"T. Ester\" <t@example.org>\nTo: me@feist.example\nSubject: %s\nMessage-ID: <%s@test>\n"
			       "Date: Mon, 1 Jan 2024 10:00:00 +0100\n%s\n%s", name, name, fields, body);

	free(body);
	return text;
}

/* ---- lines ---- */

/* Blanks of a name are '_' in its line: the first blank ends it. */
static void add_line(struct ledger *l, struct sv name, const char *place, const char *flags)
{
	char *line = xasprintf(SV_FMT " %s:%s", SV_ARG(name), place, flags);

	for (size_t i = 0; i < name.len; i++)
		line[i] = line[i] == ' ' ? '_' : line[i];
	array_grow(l->line, l->n, l->cap);
	l->line[l->n++] = line;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_lines(struct ledger *l)
{
	if (l->n)
		qsort(l->line, l->n, sizeof(*l->line), by_text);
}

void ledger_free(struct ledger *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->line[i]);
	free(l->line);
	*l = (struct ledger){0};
}

void ledger_print(const struct ledger *l, const char *indent)
{
	for (size_t i = 0; i < l->n; i++)
		printf("%s%s\n", indent, l->line[i]);
}

bool ledger_same(const struct ledger *a, const struct ledger *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->line[i], b->line[i]) != 0)
			return false;
	return true;
}

static void flags_text(char out[16], unsigned flags)
{
	static const struct {
		char letter;
		unsigned flag;
	} letters[] = {{'S', MSG_SEEN}, {'R', MSG_ANSWERED}, {'F', MSG_FLAGGED}, {'T', MSG_DELETED}, {'D', MSG_DRAFT},
		{'P', MSG_FORWARDED}};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(letters); i++)
		if (flags & letters[i].flag)
			out[n++] = letters[i].letter;
	out[n] = '\0';
}

/* ---- one message ---- */

static bool is_whole(const char *name, struct sv body)
{
	char *want = ledger_body(name);
	struct str plain;
	bool ok;

	str_init(&plain, MESSAGE_MAX);
	for (size_t i = 0; i < body.len; i++)
		if (body.p[i] != '\r')
			(void)str_addc(&plain, body.p[i]);
	ok = sv_eq(sv_rtrim(str_sv(&plain)), sv_rtrim(sv_of(want)));
	str_fini(&plain);
	free(want);
	return ok;
}

static void add_message(struct ledger *l, const char *place, struct sv bytes, unsigned flags)
{
	struct arena *a = arena_new();
	struct headers h;
	char text[40];

	headers_parse(a, bytes, &h);
	char *name = sv_dup(headers_raw(&h, "Subject"));
	flags_text(text, flags);
	if (!is_whole(name, sv_from(bytes, h.body_at)))
		strcat(text, "(damaged)");
	add_line(l, sv_of(*name ? name : "none"), place, text);
	free(name);
	arena_free(a);
}

/* ---- folders ---- */

static void read_folder(struct ledger *l, const char *place, const char *path, bool is_new, bool maildir)
{
	DIR *d = opendir(path);
	struct dirent *ent;

	while (d && (ent = readdir(d))) {
		struct sv base;
		struct str s;
		struct err e;

		if (ent->d_name[0] == '.')
			continue;
		char *file = fs_join(path, ent->d_name);
		if (fs_read(file, MESSAGE_MAX, &s, &e)) {
			add_message(l, place, str_sv(&s), maildir ? maildir_flags_of(sv_of(ent->d_name), is_new, &base) : 0);
			str_fini(&s);
		}
		free(file);
	}
	if (d)
		closedir(d);
}

static void read_maildir(struct ledger *l, const char *place, const char *path)
{
	char *fresh = fs_join(path, "new"), *cur = fs_join(path, "cur");

	read_folder(l, place, fresh, true, true);
	read_folder(l, place, cur, false, true);
	free(fresh);
	free(cur);
}

static unsigned mbox_flags(struct sv message)
{
	struct arena *a = arena_new();
	struct headers h;
	unsigned flags = 0;

	headers_parse(a, message, &h);
	struct sv s = headers_raw(&h, "Status"), x = headers_raw(&h, "X-Status");
	flags |= sv_chr(s, 'R') >= 0 ? MSG_SEEN : 0;
	flags |= sv_chr(x, 'A') >= 0 ? MSG_ANSWERED : 0;
	flags |= sv_chr(x, 'F') >= 0 ? MSG_FLAGGED : 0;
	flags |= sv_chr(x, 'D') >= 0 ? MSG_DELETED : 0;
	flags |= sv_chr(x, 'T') >= 0 ? MSG_DRAFT : 0;
	flags |= sv_find(headers_raw(&h, "X-Keywords"), SV("$Forwarded")) >= 0 ? MSG_FORWARDED : 0;
	arena_free(a);
	return flags;
}

static void read_mbox(struct ledger *l, const char *place, const char *path)
{
	struct mbox_entry me;
	struct str s;
	struct err e;
	size_t at = 0;

	if (!fs_read(path, STATE_MAX, &s, &e))
		return;
	while (mbox_next(str_sv(&s), &at, &me)) {
		struct sv message = sv_make(s.s + me.at, me.len);
		struct str plain;

		str_init(&plain, MESSAGE_MAX);
		(void)mbox_unescape(&plain, message);
		add_message(l, place, str_sv(&plain), mbox_flags(message));
		str_fini(&plain);
	}
	str_fini(&s);
}

/* Everything below mail/: Maildirs, mboxes, and folders of them. */
static void read_mailboxes(struct ledger *l, const char *top, const char *below)
{
	char *path = *below ? fs_join(top, below) : xstrdup(top);
	DIR *d = opendir(path);
	struct dirent *ent;

	while (d && (ent = readdir(d))) {
		char *name = *below ? xasprintf("%s/%s", below, ent->d_name) : xstrdup(ent->d_name);
		char *full = fs_join(top, name), *cur = fs_join(full, "cur");

		if (ent->d_name[0] != '.') {
			if (fs_is_dir(cur))
				read_maildir(l, name, full);
			else if (!fs_is_dir(full))
				read_mbox(l, name, full);
			else if (!*below) /* two levels are all that the scenarios make */
				read_mailboxes(l, top, name);
		}
		free(cur);
		free(full);
		free(name);
	}
	if (d)
		closedir(d);
	free(path);
}

/* ---- state.db ---- */

struct reading {
	struct ledger *l;
	struct state *state;
};

static bool read_draft(void *data, int64_t id, int64_t changed, struct sv subject)
{
	struct reading *r = data;
	struct str text;
	struct err e;
	bool postponed, sent;

	(void)changed;
	if (!state_draft_load(r->state, id, &text, &e))
		return true;
	/* The first lines tell: what is sent waits in the outbox. */
	postponed = sv_find(str_sv(&text), SV("state\tpostponed\n")) >= 0;
	sent = sv_find(str_sv(&text), SV("state\tsent\n")) >= 0;
	if (!sent)
		add_line(r->l, subject, postponed ? "@postponed" : "@draft", "");
	str_fini(&text);
	return true;
}

static bool read_outbox(void *data, const struct outbox_row *row)
{
	struct reading *r = data;

	if (row->state == OUTBOX_SENT || row->state == OUTBOX_FILED)
		return true;
	add_line(r->l, sv_of(row->subject), row->state == OUTBOX_UNKNOWN ? "@unknown" : row->state == OUTBOX_FAILED
		? "@refused" : "@outbox", "");
	return true;
}

static bool read_intent(void *data, const struct intent *i)
{
	struct reading *r = data;
	struct sv id = sv_of(i->message_id), name = SV("");
	char place[40];

	if (id.len > 2 && id.p[0] == '<')
		id = sv_from(id, 1);
	(void)sv_split(&id, '@', &name);
	snprintf(place, sizeof(place), "@%s-%s", intent_state_name(i->state), intent_kind_name(i->kind));
	add_line(r->l, name.len ? name : SV("nameless"), place, "");
	return true;
}

/* Lines of the command prompt. */
static void read_history(struct ledger *l, const struct stage *s)
{
	char *path = xasprintf("%s/state/feist/history", s->world);
	struct sv rest, line;
	struct str text;
	struct err e;

	if (fs_read(path, STATE_MAX, &text, &e)) {
		rest = str_sv(&text);
		while (sv_line(&rest, &line))
			if (sv_starts(line, SV("command:")))
				add_line(l, sv_from(line, 8), "@history", "");
		str_fini(&text);
	}
	free(path);
}

static void read_state(struct ledger *l, const struct stage *s)
{
	char *path = xasprintf("%s/state/feist/state.db", s->world);
	struct reading r = {.l = l};
	struct err e;

	if (!fs_exists(path) || !state_open_reader(&r.state, path, &e)) {
		free(path);
		return;
	}
	(void)!state_draft_each(r.state, read_draft, &r, &e);
	(void)!outbox_each(r.state, NULL, read_outbox, &r, &e);
	(void)!intent_each(r.state, NULL, NULL, read_intent, &r, &e);
	state_close(r.state);
	free(path);
}

void ledger_read(struct ledger *l, const struct stage *s)
{
	char *mail = fs_join(s->world, "mail"), *sent = fs_join(s->world, "sent"), *pop = fs_join(s->world, "pop");
	char *inbox = xasprintf("%s/data/feist/mail", s->world);
	DIR *d = opendir(inbox);
	struct dirent *ent;

	*l = (struct ledger){0};
	read_mailboxes(l, mail, "");
	read_folder(l, "@out", sent, false, false);
	read_folder(l, "@server", pop, false, false);
	while (d && (ent = readdir(d))) {
		char *path = xasprintf("%s/%s/INBOX", inbox, ent->d_name);

		if (ent->d_name[0] != '.')
			read_maildir(l, "@pop", path);
		free(path);
	}
	if (d)
		closedir(d);
	read_state(l, s);
	read_history(l, s);
	sort_lines(l);
	free(mail);
	free(sent);
	free(pop);
	free(inbox);
}

/* ---- what the caches say ---- */

struct cache_reading {
	struct ledger *l;
	struct cache *cache;
	const char *mail; /* the folder before the names */
};

static bool read_rows(void *data, const struct mailbox *m)
{
	struct cache_reading *r = data;
	const char *place = strcmp(m->name, "INBOX") == 0 ? "@pop" : m->name;
	struct message_cursor *cur;
	struct message_row row;
	struct err e;
	size_t n = strlen(r->mail);

	if (m->flags & MAILBOX_GONE || !message_scan(r->cache, m->id, MESSAGE_BY_UID, false, &cur, &e))
		return true;
	if (strncmp(place, r->mail, n) == 0 && place[n] == '/')
		place += n + 1;
	while (message_next(cur, &row, &e)) {
		char flags[16];

		flags_text(flags, row.flags);
		add_line(r->l, row.subject, place, flags);
	}
	message_cursor_close(cur);
	return true;
}

/* What store_safe_account has made of a name. Caller frees. */
static char *account_of_file(struct sv name)
{
	struct str s;

	str_init(&s, 4096);
	for (size_t i = 0; i < name.len; i++) {
		unsigned c;

		if (name.p[i] == '=' && i + 2 < name.len && sscanf(name.p + i + 1, "%2x", &c) == 1) {
			(void)str_addc(&s, (char)c);
			i += 2;
		} else {
			(void)str_addc(&s, name.p[i]);
		}
	}
	return str_detach(&s);
}

void ledger_read_cache(struct ledger *l, const struct stage *s)
{
	char *dir = xasprintf("%s/cache/feist", s->world), *mail = fs_join(s->world, "mail");
	DIR *d = opendir(dir);
	struct dirent *ent;

	*l = (struct ledger){0};
	while (d && (ent = readdir(d))) {
		struct cache_reading r = {.l = l, .mail = mail};
		struct sv name = sv_of(ent->d_name);
		struct err e;

		if (!sv_starts(name, SV("cache-")) || !sv_ends_case(name, SV(".db")))
			continue;
		char *account = account_of_file(sv_make(name.p + 6, name.len - 9));
		if (cache_open(&r.cache, dir, account, CACHE_READ, &e)) {
			(void)!mailbox_each(r.cache, read_rows, &r, &e);
			cache_close(r.cache);
		}
		free(account);
	}
	if (d)
		closedir(d);
	sort_lines(l);
	free(mail);
	free(dir);
}

/* ---- comparing ---- */

char *ledger_of(const struct ledger *l, const char *name)
{
	size_t n = strlen(name);
	struct str s;

	str_init(&s, MESSAGE_MAX);
	for (size_t i = 0; i < l->n; i++)
		if (strncmp(l->line[i], name, n) == 0 && l->line[i][n] == ' ')
			(void)str_addf(&s, "%s%s", s.len ? "; " : "", l->line[i] + n + 1);
	return s.len ? str_detach(&s) : (str_fini(&s), xstrdup(""));
}

/* "name lines", "!name lines": is what is there right anyhow? */
static bool is_also_right(const char *const *also, const char *name, const char *is, bool unsure)
{
	for (size_t i = 0; also && also[i]; i++) {
		const char *p = also[i];
		bool always = *p == '!';
		size_t n = strlen(name);

		p += always;
		if ((always || unsure) && strncmp(p, name, n) == 0 && (p[n] == ' ' || p[n] == '\0') &&
			strcmp(p[n] ? p + n + 1 : "", is) == 0)
			return true;
	}
	return false;
}

static bool name_fits(const char *name, const struct ledger *now, const struct ledger *states, unsigned low,
	unsigned high, const char *const *also, struct str *why)
{
	char *is = ledger_of(now, name), *want = NULL;
	bool ok = is_also_right(also, name, is, low < high);

	for (unsigned k = low; !ok && k <= high; k++) {
		free(want);
		want = ledger_of(&states[k], name);
		ok = strcmp(is, want) == 0;
	}
	if (!ok)
		(void)str_addf(why, "    %s is [%s], should be [%s]\n", name, is, want ? want : "");
	free(is);
	free(want);
	return ok;
}

static bool names_fit(const struct ledger *names, const struct ledger *now, const struct ledger *states, unsigned low,
	unsigned high, const char *const *also, struct str *why)
{
	bool ok = true;
	char last[256] = "";

	for (size_t i = 0; i < names->n; i++) {
		char name[256];

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(names->line[i], " "), names->line[i]);
		if (strcmp(name, last) == 0)
			continue;
		snprintf(last, sizeof(last), "%s", name);
		if (str_sv(why).len < 4000)
			ok = name_fits(name, now, states, low, high, also, why) && ok;
	}
	return ok;
}

bool ledger_fits(const struct ledger *now, const struct ledger *states, unsigned low, unsigned high,
	const char *const *also, struct str *why)
{
	bool ok = names_fit(now, now, states, low, high, also, why);
	struct str twice;

	/* And what should be there, but is not: not told twice. */
	str_init(&twice, 65536);
	for (unsigned k = low; k <= high; k++) {
		if (names_fit(&states[k], now, states, low, high, also, &twice))
			continue;
		if (ok)
			(void)str_add(why, str_sv(&twice));
		ok = false;
	}
	str_fini(&twice);
	return ok;
}

/* How many whole copies of it lie in mailboxes or have left; @draft and the like are not counted. */
static unsigned copies(const struct ledger *l, const char *name)
{
	size_t n = strlen(name);
	unsigned found = 0;

	for (size_t i = 0; i < l->n; i++) {
		const char *place = l->line[i] + n + 1;

		if (strncmp(l->line[i], name, n) == 0 && l->line[i][n] == ' ' && !strstr(place, "(damaged)"))
			found += *place != '@' || strncmp(place, "@out", 4) == 0 || strncmp(place, "@pop", 4) == 0;
	}
	return found;
}

static bool has_damage(const struct ledger *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (strstr(l->line[i], "(damaged)"))
			return true;
	return false;
}

bool ledger_keeps(const struct ledger *now, const struct ledger *states, unsigned low, unsigned high, struct str *why)
{
	bool ok = !has_damage(now);

	if (!ok)
		(void)str_adds(why, "    damage\n");
	for (unsigned k = low; k <= high; k++) {
		for (size_t i = 0; i < states[k].n; i++) {
			char *name = xstrndup(states[k].line[i], strcspn(states[k].line[i], " "));
			unsigned least = UINT_MAX, most = 0, is = copies(now, name);

			for (unsigned j = low; j <= high; j++) {
				least = MIN(least, copies(&states[j], name));
				most = MAX(most, copies(&states[j], name));
			}
			if (is < least || is > most) {
				(void)str_addf(why, "    %s: %u copies, not %u to %u\n", name, is, least, most);
				ok = false;
			}
			free(name);
		}
	}
	return ok;
}
