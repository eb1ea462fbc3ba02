/* Completion: what can stand at the cursor of a prompt. */
#include <dirent.h>
#include <stdlib.h>

#include "base/fs.h"
#include "conf/rc.h"
#include "core/mailboxes.h"
#include "ui/ui_priv.h"

#define COMPLETIONS_MAX 2000

void completions_fini(struct completions *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i]);
	free(c->v);
	*c = (struct completions){0};
}

static void add(struct completions *c, const char *text)
{
	if (c->n >= COMPLETIONS_MAX)
		return;
	array_grow(c->v, c->n, c->cap);
	c->v[c->n++] = xstrdup(text);
}

static void add_if(struct completions *c, const char *text, struct sv typed)
{
	if (sv_starts_case(sv_of(text), typed))
		add(c, text);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_unique(struct completions *c)
{
	size_t n = 0;
	if (c->n == 0)
		return;
	qsort(c->v, c->n, sizeof(*c->v), by_text);
	for (size_t i = 0; i < c->n; i++) {
		if (n > 0 && strcmp(c->v[n - 1], c->v[i]) == 0)
			free(c->v[i]);
		else
			c->v[n++] = c->v[i];
	}
	c->n = n;
}

/* Files that begin with what is typed; the candidates keep the way the folder was written. */
static void files(struct sv typed, bool dirs_only, struct completions *c)
{
	ptrdiff_t slash = sv_rchr(typed, '/');
	char *written = sv_dup(sv_head(typed, slash < 0 ? 0 : (size_t)slash + 1));
	struct sv name = sv_from(typed, slash < 0 ? 0 : (size_t)slash + 1);
	char *dir = fs_expand(*written ? written : ".");
	DIR *d = opendir(dir);
	struct dirent *ent;
	while (d && (ent = readdir(d))) {
		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0)
			continue;
		if ((ent->d_name[0] == '.' && name.len == 0) || !sv_starts(sv_of(ent->d_name), name))
			continue;
		char *path = fs_join(dir, ent->d_name);
		bool is_dir = fs_is_dir(path);
		free(path);
		if (dirs_only && !is_dir)
			continue;
		char *full = xasprintf("%s%s%s", written, ent->d_name, is_dir ? "/" : "");
		add(c, full);
		free(full);
	}
	if (d)
		closedir(d);
	free(dir);
	free(written);
}

int complete_match(struct sv typed, struct sv name)
{
	size_t at = 0;

	while (typed.len && (typed.p[0] == '=' || typed.p[0] == '+'))
		typed = sv_from(typed, 1);
	if (typed.len == 0)
		return 0;
	if (sv_find_case(name, typed) >= 0)
		return MATCH_WITHIN;
	for (size_t i = 0; i < name.len && at < typed.len; i++)
		at += ascii_lower((unsigned char)name.p[i]) == ascii_lower((unsigned char)typed.p[at]);
	return at == typed.len ? MATCH_LETTERS : 0;
}

/* Mailboxes whose name holds what is typed; when there are none, its letters in this order: "lkml" finds Lists/kernel-ml. */
static void fuzzy_mailboxes(struct ui *ui, struct sv typed, struct completions *c)
{
	size_t n = mailboxes_count(ui->session);
	int best = MATCH_LETTERS;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < n; i++) {
			const struct mailbox_info *m = mailboxes_at(ui->session, i);
			int match = m->flags & BOX_NOSELECT ? 0 : complete_match(typed, sv_of(m->shown));

			if (pass == 0)
				best = MAX(best, match);
			else if (match == best)
				add(c, m->shown);
		}
	}
}

/* =x, +x and full names of the mailboxes that are known, then files, then mailboxes that are like it. */
static void mailboxes(struct ui *ui, struct sv typed, struct completions *c)
{
	size_t n = mailboxes_count(ui->session);
	for (size_t i = 0; i < n; i++) {
		const struct mailbox_info *m = mailboxes_at(ui->session, i);
		if (!(m->flags & BOX_NOSELECT)) {
			add_if(c, m->shown, typed);
			add_if(c, m->full, typed);
		}
	}
	if (c->n > 0 || is_server_url(typed))
		return;
	if (typed.len > 0 && (typed.p[0] == '=' || typed.p[0] == '+')) {
		char *folder = fs_join(ui->conf->folder, "");
		char *rest = sv_dup(sv_from(typed, 1));
		char *path = fs_join(ui->conf->folder, rest);
		size_t at = c->n;
		files(sv_of(path), false, c);
		size_t skip = strlen(ui->conf->folder);
		for (size_t i = at; i < c->n; i++) { /* back into the short form */
			char *s = c->v[i];
			const char *tail = s + MIN(skip, strlen(s));
			while (*tail == '/')
				tail++;
			c->v[i] = xasprintf("%c%s", typed.p[0], tail);
			free(s);
		}
		free(path);
		free(rest);
		free(folder);
	} else {
		files(typed, false, c);
	}
	if (c->n == 0)
		fuzzy_mailboxes(ui, typed, c);
}

static void aliases(struct ui *ui, struct sv typed, struct completions *c)
{
	const struct rc_aliases *a = &ui->conf->rc.aliases;
	for (size_t i = 0; i < a->n; i++)
		add_if(c, a->v[i].name, typed);
	if (c->n > 0 || typed.len < 2)
		return;
	/* Then whoever's address or name holds it. */
	for (size_t i = 0; i < a->n; i++) {
		if (sv_find_case(sv_of(a->v[i].addresses), typed) >= 0)
			add(c, a->v[i].addresses);
	}
	seen_addresses(ui, typed, c);
}

static void commands(struct ui *ui, struct sv line, size_t cursor, struct completions *c)
{
	struct rc_completion at;
	struct str word;
	rc_completion_at(line, cursor, &at);
	c->start = at.start;
	struct sv typed = sv_make(line.p + at.start, cursor - at.start);
	if (at.want == RC_WANT_PATH) {
		files(typed, false, c);
		return;
	}
	if (at.want == RC_WANT_MAILBOX) {
		mailboxes(ui, typed, c);
		return;
	}
	if (at.want == RC_WANT_ALIAS) {
		aliases(ui, typed, c);
		return;
	}
	str_init(&word, CONF_TEXT_MAX);
	for (size_t i = 0; c->n < COMPLETIONS_MAX && rc_complete_next(ui->conf, &at, typed, &i, &word); str_clear(&word))
		add(c, word.s);
	str_fini(&word);
	if (at.want == RC_WANT_COMMAND)
		script_complete(typed, c);
}

static void add_completion(void *data, const char *text)
{
	add(data, text);
}

static void patterns(struct ui *ui, struct sv line, size_t cursor, struct completions *c)
{
	(void)ui;
	/* After a lone ~ the letters with what they mean; the meaning is cut when it is taken. */
	if (cursor == 0 || line.p[cursor - 1] != '~')
		return;
	c->start = cursor - 1;
	for (size_t i = 0; i < PAT_COUNT; i++) {
		char text[3] = {'~', pat_table[i].letter, '\0'};
		add_completion(c, text);
	}
}

void complete_find(struct ui *ui, enum prompt_kind kind, struct sv line, size_t cursor, struct completions *c)
{
	struct sv before = sv_head(line, cursor);
	c->start = 0;
	switch (kind) {
	case PROMPT_COMMAND:
		commands(ui, line, cursor, c);
		break;
	case PROMPT_MAILBOX:
		mailboxes(ui, before, c);
		break;
	case PROMPT_FILE:
	case PROMPT_FILES:
		files(before, false, c);
		break;
	case PROMPT_SHELL: {
		ptrdiff_t blank = sv_rchr(before, ' ');
		c->start = blank < 0 ? 0 : (size_t)blank + 1;
		files(sv_from(before, c->start), false, c);
		break;
	}
	case PROMPT_ADDRESS: {
		ptrdiff_t comma = sv_rchr(before, ',');
		c->start = comma < 0 ? 0 : (size_t)comma + 1;
		while (c->start < cursor && line.p[c->start] == ' ')
			c->start++;
		aliases(ui, sv_from(before, c->start), c);
		break;
	}
	case PROMPT_PATTERN:
		patterns(ui, line, cursor, c);
		break;
	default:
		break;
	}
	sort_unique(c);
}

char *complete_next_new(struct ui *ui, const char *after)
{
	const struct mailbox_info *m = mailboxes_next_new(ui->session, after);
	return m ? xstrdup(m->shown) : NULL;
}
