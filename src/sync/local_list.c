/*
 * The list of local mailboxes: those that the user names, and the tree below $folder. Their numbers
 * come from rows where there are some, else from the names of files.
 */
#include "sync/local_priv.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

#define FOLDER_DEPTH 8     /* below $folder */
#define FOLDER_ENTRIES 5000
#define TREE_MS 60000      /* between two walks */

/* Numbers of a Maildir that was never opened, from the names of its files. */
static void count_names(const char *path, struct mailbox *m)
{
	static const char *const subs[] = {"new", "cur"};

	m->total = m->unseen = m->fresh = 0;
	for (int i = 0; i < 2; i++) {
		char *dir = fs_join(path, subs[i]);
		DIR *d = opendir(dir);
		struct dirent *ent;

		while (d && (ent = readdir(d))) {
			struct sv base;

			if (ent->d_name[0] == '.')
				continue;
			unsigned flags = maildir_flags_of(sv_of(ent->d_name), i == 0, &base);
			m->total++;
			m->unseen += !(flags & MSG_SEEN);
			m->fresh += !(flags & (MSG_SEEN | MSG_OLD));
		}
		if (d)
			closedir(d);
		free(dir);
	}
}

/* Looks whether a known mailbox has changed, and brings its numbers up to date. *changed tells. */
static bool refresh(struct local_box *b, struct mailbox *m, bool *changed, struct err *e)
{
	const struct local_ops *ops = local_ops_of(m);
	uint64_t total = m->total, unseen = m->unseen, fresh = m->fresh;
	struct err gone;

	if (!ops || !local_find_format(b, m, &gone)) {
		if (!fs_exists(local_path(m)) && !(m->flags & MAILBOX_GONE)) {
			m->flags |= MAILBOX_GONE;
			*changed = true;
			return mailbox_update(host_cache(b->box.host), m, e);
		}
		return true;
	}
	if (ops->unchanged(b, m))
		return true;
	if ((m->flags & MAILBOX_COMPLETE) || ops != &maildir_ops) {
		/*
		 * It is among those that are kept up to date: read what is new, in pieces of its
		 * own.
		 */
		if (m->flags & MAILBOX_COMPLETE)
			job_want(b->box.host, JOB_SYNC, m->id);
		return true;
	}
	count_names(local_path(m), m);
	if (total == m->total && unseen == m->unseen && fresh == m->fresh && (m->flags & MAILBOX_COUNTED))
		return true;
	m->flags |= MAILBOX_COUNTED;
	m->flags &= ~(unsigned)MAILBOX_GONE;
	*changed = true;
	return mailbox_update(host_cache(b->box.host), m, e);
}

static bool list_one(struct local_box *b, const char *path, bool *changed, struct err *e)
{
	struct cache *c = host_cache(b->box.host);
	struct mailbox m;
	uint64_t id;
	bool ok;

	if (!mailbox_by_name(c, path, &m, e)) {
		const char *word = local_kind_word(local_kind_of(path));
		char *raw;

		if (e->class != ERR_GONE)
			return false;
		if (!word)
			return true;
		raw = xasprintf("%s:%s", word, path);
		ok = mailbox_add(c, path, raw, '/', &id, e) && mailbox_by_id(c, id, &m, e);
		free(raw);
		if (!ok)
			return false;
		*changed = true;
	}
	ok = refresh(b, &m, changed, e);
	if (ok && local_ops_of(&m))
		local_watch_add(b->watch, m.id, local_path(&m),
			local_ops_of(&m) == &maildir_ops ? LOCAL_MAILDIR : LOCAL_MBOX);
	mailbox_fini(&m);
	return ok;
}

/* Folders still to be looked into; not recursion, for the tree is not ours. */
struct walk {
	char **dirs;
	int *depth;
	size_t count, cap, depth_cap;
	size_t entries;
};

static void walk_push(struct walk *w, char *dir, int depth)
{
	size_t n = w->count;

	array_grow(w->depth, n, w->depth_cap);
	array_grow(w->dirs, w->count, w->cap);
	w->depth[w->count] = depth;
	w->dirs[w->count++] = dir;
}

static bool is_maildir_part(const char *name)
{
	return strcmp(name, "cur") == 0 || strcmp(name, "new") == 0 || strcmp(name, "tmp") == 0;
}

/*
 * Maildir++ keeps its subfolders as ".Name" inside the mailbox; elsewhere hidden names are no
 * mailboxes.
 */
static bool list_folder(struct local_box *b, struct walk *w, const char *dir, int depth, bool *changed, struct err *e)
{
	bool in_maildir = local_kind_of(dir) == LOCAL_MAILDIR, ok = true;
	DIR *d = opendir(dir);
	struct dirent *ent;

	while (ok && d && (ent = readdir(d)) && w->entries < FOLDER_ENTRIES) {
		const char *name = ent->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || (name[0] == '.') != in_maildir ||
			is_maildir_part(name))
			continue;
		w->entries++;
		char *path = fs_join(dir, name);
		enum local_kind kind = local_kind_of(path);
		if (kind == LOCAL_MAILDIR || kind == LOCAL_MBOX)
			ok = list_one(b, path, changed, e);
		if ((kind == LOCAL_MAILDIR || kind == LOCAL_FOLDER) && depth < FOLDER_DEPTH)
			walk_push(w, path, depth + 1);
		else
			free(path);
	}
	if (d)
		closedir(d);
	return ok;
}

static bool list_tree(struct local_box *b, const char *root, bool *changed, struct err *e)
{
	struct walk w = {0};
	bool ok = true;

	walk_push(&w, xstrdup(root), 0);
	while (w.count > 0) {
		char *dir = w.dirs[--w.count];
		int depth = w.depth[w.count];

		ok = ok && list_folder(b, &w, dir, depth, changed, e);
		free(dir);
	}
	free(w.dirs);
	free(w.depth);
	return ok;
}

bool local_box_list(struct box *box, bool *more, struct err *e)
{
	struct local_box *b = (struct local_box *)box;
	struct cache *c = host_cache(box->host);
	struct sv rest = sv_of(host_conf(box->host, "mailboxes")), line;
	const char *folder = host_conf(box->host, "folder");
	bool changed = false, ok = cache_begin(c, e);

	*more = false;
	while (ok && sv_line(&rest, &line)) {
		char *path = sv_dup(line);

		ok = *path != '/' || list_one(b, path, &changed, e);
		free(path);
	}
	/*
	 * A tree may be large: it is walked now and then, the watched mailboxes are looked at each
	 * time.
	 */
	if (ok && folder && *folder == '/' && clock_ms() >= b->tree_at) {
		ok = list_tree(b, folder, &changed, e);
		b->tree_at = clock_ms() + TREE_MS;
	}
	ok = ok && cache_commit(c, e);
	if (!ok) {
		cache_rollback(c);
		return false;
	}
	if (changed)
		host_changed(box->host, 0, "list", 0);
	return true;
}
