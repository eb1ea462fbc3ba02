/*
 * Plans for attachments (see attach.h): mailcap entries looked up, temporary files made, save names
 * proposed. Running things is for the caller, from the loop.
 */
#include "core/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/proc.h"
#include "core/mailcap.h"
#include "mime/date.h"

/* ---- options of the renderer ---- */

static bool add_list(struct str *out, const char *name, const struct rc_words *words)
{
	for (size_t i = 0; i < words->n; i++)
		if (!str_addf(out, "%s=%s\n", name, words->v[i]))
			return false;
	return true;
}

static const char *yes_no(bool b)
{
	return b ? "yes" : "no";
}

/* "^latin1$" of a charset-hook as the plain name that it is. */
static bool add_charset_hooks(struct str *out, const struct rc_state *rc)
{
	for (size_t i = 0; i < rc->hooks.n; i++) {
		const struct rc_hook *h = &rc->hooks.v[i];
		if (h->kind != HOOK_CHARSET)
			continue;
		struct sv name = sv_of(h->pattern);
		if (name.len && name.p[0] == '^')
			name = sv_from(name, 1);
		if (name.len && name.p[name.len - 1] == '$')
			name.len--;
		if (!str_addf(out, "charset_hook=" SV_FMT " %s\n", SV_ARG(name), h->value))
			return false;
	}
	return true;
}

static bool add_implicit_views(const struct conf *c, struct str *out);

bool attach_render_options(const struct conf *c, int width, bool weed, struct str *out)
{
	bool ok = str_addf(out, "width=%d\nwrap=%ld\nweed=%s\nsmart_wrap=%s\nmarkers=%s\n", width,
		c->wrap, yes_no(weed), yes_no(c->smart_wrap), yes_no(c->markers));

	ok = ok &&
	     str_addf(out,
		     "reflow_text=%s\nreflow_wrap=%ld\nreflow_space_quotes=%s\nallow_ansi=%s\n",
		     yes_no(c->reflow_text), c->reflow_wrap, yes_no(c->reflow_space_quotes),
		     yes_no(c->allow_ansi));
	ok = ok &&
	     str_addf(out,
		     "honor_disposition=%s\ninclude_onlyfirst=%s\nquote_regexp=%s\nsmileys=%s\n",
		     yes_no(c->honor_disposition), yes_no(c->include_onlyfirst),
		     c->quote_regexp.text, c->smileys.text);
	ok = ok && str_addf(out,
			   "assumed_charset=%s\nshow_multipart_alternative=%s\ntimezone=%d\n",
			   c->assumed_charset, c->show_multipart_alternative,
			   date_local_offset(clock_now()) * 60);
	ok = ok && add_list(out, "ignore", &c->rc.ignore) &&
	     add_list(out, "unignore", &c->rc.unignore) &&
	     add_list(out, "hdr_order", &c->rc.hdr_order) &&
	     add_list(out, "alternative_order", &c->rc.alternative_order) &&
	     add_list(out, "auto_view", &c->rc.auto_view) && add_implicit_views(c, out) &&
	     add_list(out, "mime_lookup", &c->rc.mime_lookup);
	return ok && add_charset_hooks(out, &c->rc);
}

/* ---- finding an entry ---- */

static struct sv field_of(const struct mailcap_entry *m, enum attach_action action)
{
	switch (action) {
	case ATTACH_VIEW:
		return m->view;
	case ATTACH_FILTER:
		return m->copious ? m->view : SV("");
	case ATTACH_EDIT:
		return m->edit;
	case ATTACH_COMPOSE:
		return m->compose;
	case ATTACH_COMPOSETYPED:
		return m->composetyped;
	case ATTACH_PRINT:
		return m->print;
	}
	return SV("");
}

static struct mailcap_values values_of(const struct conf *c, const struct doc_part *p, const char *path)
{
	return (struct mailcap_values){.path = path,
		.type = sv_of(p->type),
		.params = p->params,
		.param_count = p->param_count,
		.sanitize = c->mailcap_sanitize};
}

/* test -n "$DISPLAY" and its like are answered here: half of all entries ask it. */
static bool quick_test(struct sv test, bool *answer)
{
	struct scan s = scan_of(test);
	bool empty;

	if (!scan_lit(&s, "test "))
		return false;
	scan_spaces(&s);
	if (scan_lit(&s, "-n "))
		empty = false;
	else if (scan_lit(&s, "-z "))
		empty = true;
	else
		return false;
	scan_spaces(&s);
	bool quoted = scan_byte(&s, '"');
	if (!scan_byte(&s, '$'))
		return false;
	struct sv name = scan_while(&s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
	if (!name.len || (quoted && !scan_byte(&s, '"')) || !scan_end(&s))
		return false;
	char *n = sv_dup(name);
	const char *value = getenv(n);
	free(n);
	*answer = (!value || !*value) == empty;
	return true;
}

static bool test_passes(const struct conf *c, const struct doc_part *p, struct sv test)
{
	struct mailcap_values values = values_of(c, p, "/dev/null");
	struct str command, output;
	bool used, answer;
	int status = 1;
	struct err e;

	if (!test.len)
		return true;
	if (quick_test(test, &answer))
		return answer;
	str_init(&command, MAILCAP_LINE_MAX);
	if (mailcap_expand(&command, test, &values, &used) &&
		proc_shell_read(command.s, SV(""), 4096, MAILCAP_TEST_MS, &output, &status, &e))
		str_fini(&output);
	else
		status = 1;
	str_fini(&command);
	return status == 0;
}

/* The places to look: MAILCAPS wins over a $mailcap_path that nobody has set. */
static struct sv places(const struct conf *c)
{
	const char *env = getenv("MAILCAPS");

	return sv_of(env && *env && conf_is_default(c, OPT_mailcap_path) ? env : c->mailcap_path);
}

/* $implicit_autoview: every type that mailcap can filter. */
static bool add_implicit_views(const struct conf *c, struct str *out)
{
	struct sv rest = places(c), place;
	bool ok = true;

	while (c->implicit_autoview && ok && sv_split(&rest, ':', &place)) {
		char *name = sv_dup(place), *path = fs_expand(name);
		struct mailcap_entry m;
		struct str text, joined;
		struct err e;
		str_init(&joined, MAILCAP_LINE_MAX);
		if (place.len && fs_read(path, MAILCAP_FILE_MAX, &text, &e)) {
			for (struct sv entries = str_sv(&text);
				ok && mailcap_next(&entries, &joined, &m);)
				ok = !m.copious ||
				     str_addf(out, "auto_view=" SV_FMT "\n", SV_ARG(m.type));
			str_fini(&text);
		}
		str_fini(&joined);
		free(path);
		free(name);
	}
	return ok;
}

/* Copies of the slices, so that the file's text can go. */
struct found {
	struct mailcap_entry entry;
	struct arena *arena;
};

static struct sv keep(struct arena *a, struct sv v)
{
	return sv_make(arena_strndup(a, v.p ? v.p : "", v.len), v.len);
}

static bool find_in(const struct conf *c, const struct doc_part *p, enum attach_action action,
	struct sv text, struct found *f)
{
	struct mailcap_entry m;
	struct str joined;
	bool ok = false;

	str_init(&joined, MAILCAP_LINE_MAX);
	for (int n = 0; !ok && n < (int)MAILCAP_ENTRIES_MAX && mailcap_next(&text, &joined, &m);
		n++) {
		if (!mailcap_matches(&m, sv_of(p->type)) || !field_of(&m, action).len ||
			!test_passes(c, p, m.test))
			continue;
		f->entry = m;
		f->entry.view = keep(f->arena, field_of(&m, action));
		f->entry.nametemplate = keep(f->arena, m.nametemplate);
		f->entry.test = keep(f->arena, m.test);
		ok = true;
	}
	str_fini(&joined);
	return ok;
}

static bool find_entry(
	const struct conf *c, const struct doc_part *p, enum attach_action action, struct found *f)
{
	struct sv rest = places(c), place;
	bool ok = false;

	while (!ok && sv_split(&rest, ':', &place)) {
		char *name = sv_dup(place), *path = fs_expand(name);
		struct str text;
		struct err e;
		if (place.len && fs_read(path, MAILCAP_FILE_MAX, &text, &e)) {
			ok = find_in(c, p, action, str_sv(&text), f);
			str_fini(&text);
		}
		free(path);
		free(name);
	}
	return ok;
}

bool attach_has_entry(const struct conf *c, const struct doc_part *p, enum attach_action action)
{
	struct found f = {.arena = arena_new()};
	bool ok = find_entry(c, p, action, &f);

	arena_free(f.arena);
	return ok;
}

/* ---- plans ---- */

static bool starts_with_one_of(struct sv command, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (sv_starts(command, sv_of(words[i])))
			return true;
	return false;
}

/* Programs that hand the file on to another one and end at once. */
static bool hands_on(struct sv command)
{
	static const char *const words[] = {"xdg-open ", "open ", "gio open ", "kde-open", "gnome-open ", "exo-open ",
		"wslview ", "run-mailcap ", "see ", "handlr ", "mimeopen ", "rifle "};

	return sv_ends_case(command, SV("&")) || starts_with_one_of(command, words, ARRAY_LEN(words));
}

/* Browsers that pass it to the one that runs already, and say so on the terminal. */
static bool is_browser(struct sv command)
{
	static const char *const words[] = {"firefox", "chromium", "google-chrome", "sensible-browser", "x-www-browser",
		"epiphany", "falkon", "konqueror", "qutebrowser", "opera", "brave", "vivaldi"};

	return starts_with_one_of(command, words, ARRAY_LEN(words));
}

static enum attach_run way_to_run(const struct mailcap_entry *m)
{
	struct sv command = sv_trim(m->view);

	if (m->copious)
		return ATTACH_FILTERED;
	if (m->terminal)
		return ATTACH_TERMINAL;
	return hands_on(command) || is_browser(command) || sv_find(m->test, SV("DISPLAY")) >= 0 ? ATTACH_WINDOW
											: ATTACH_UNSURE;
}

/* What the temporary file's name ends in: the template's, else the sender's extension. */
static void suffix_for(const struct doc_part *p, struct sv nametemplate, struct str *out)
{
	const char *dot = strrchr(p->safe_name, '.');

	if (nametemplate.len)
		mailcap_suffix(out, nametemplate);
	else if (dot && strlen(dot) <= 12)
		for (const char *c = dot; *c; c++)
			if (ascii_is_alnum((unsigned char)*c) || *c == '.')
				str_addc(out, *c);
}

/* A temporary file, or the one that is there. */
static bool plan_file(const struct conf *c, const struct doc_part *p, const struct found *f, const char *path,
	struct attach_plan *plan, struct err *e)
{
	struct str suffix;

	if (path) {
		plan->path = xstrdup(path);
		plan->keep_file = true;
		return true;
	}
	str_init(&suffix, 64);
	suffix_for(p, f->entry.nametemplate, &suffix);
	bool ok = fs_temp(
		c->tmpdir[0] ? c->tmpdir : NULL, "feist", suffix.len ? suffix.s : "", &plan->fd, &plan->path, e);
	str_fini(&suffix);
	return ok;
}

/* What stands right below a multipart. */
static size_t children_of(const struct doc *doc, const struct doc_part *p, const struct doc_part **list)
{
	size_t n = 0;

	for (uint32_t i = 0; doc && i < doc->part_count && n < ATTACH_SUBS_MAX; i++)
		if (doc->parts[i].parent >= 0 && &doc->parts[doc->parts[i].parent] == p)
			list[n++] = &doc->parts[i];
	return n;
}

/* A file for each of them, when the command asks for it; else they are only counted. */
static bool plan_subs(const struct conf *c, const struct doc *doc, const struct doc_part *p, bool files,
	struct attach_plan *plan, struct err *e)
{
	const struct doc_part *list[ATTACH_SUBS_MAX];
	size_t n = p->flags & DOC_PART_MULTI ? children_of(doc, p, list) : 0;
	bool ok = true;

	plan->subs = xcalloc(n + 1, sizeof(*plan->subs));
	for (size_t i = 0; ok && i < n; i++) {
		struct attach_sub *sub = &plan->subs[plan->sub_count++];
		struct str suffix;
		*sub = (struct attach_sub){.id = xstrdup(list[i]->id), .type = xstrdup(list[i]->type), .fd = -1};
		str_init(&suffix, 64);
		suffix_for(list[i], SV(""), &suffix);
		ok = !files || fs_temp(c->tmpdir[0] ? c->tmpdir : NULL, "feist", suffix.len ? suffix.s : "", &sub->fd,
				       &sub->path, e);
		str_fini(&suffix);
	}
	return ok;
}

static bool expand(const struct conf *c, const struct doc_part *p, struct sv view, const struct attach_plan *plan,
	struct str *command, bool *used_path, struct err *e)
{
	struct mailcap_values values = values_of(c, p, plan->path);
	struct mailcap_sub subs[ATTACH_SUBS_MAX];

	for (size_t i = 0; i < plan->sub_count; i++)
		subs[i] = (struct mailcap_sub){plan->subs[i].type, plan->subs[i].path ? plan->subs[i].path : ""};
	values.subs = subs;
	values.sub_count = plan->sub_count;
	return mailcap_expand(command, view, &values, used_path) ||
	       err_set(e, ERR_LIMIT, "the mailcap command for %s is too long", p->type);
}

static bool make_plan(const struct conf *c, const struct doc *doc, const struct doc_part *p, enum attach_action action,
	const char *path, struct attach_plan *plan, struct err *e)
{
	struct found f = {.arena = arena_new()};
	struct str command;
	bool ok, used = false;

	*plan = (struct attach_plan){.fd = -1};
	if (!find_entry(c, p, action, &f)) {
		arena_free(f.arena);
		return err_set(e, ERR_GONE, "mailcap has no entry for %s", p->type);
	}
	str_init(&command, MAILCAP_LINE_MAX);
	bool subs = mailcap_wants_subs(f.entry.view);
	ok = plan_file(c, p, &f, path, plan, e) && plan_subs(c, doc, p, subs, plan, e) &&
	     expand(c, p, f.entry.view, plan, &command, &used, e);
	if (ok) {
		struct sv view = sv_trim(f.entry.view);
		plan->command = str_detach(&command);
		plan->on_stdin = !used && !subs;
		plan->run = way_to_run(&f.entry);
		plan->unix_lines = f.entry.unix_lines;
		plan->keep_file |= f.entry.keep || (!f.entry.terminal && (hands_on(view) || is_browser(view)));
	} else {
		attach_plan_fini(plan);
	}
	str_fini(&command);
	arena_free(f.arena);
	return ok;
}

bool attach_plan(const struct conf *c, const struct doc_part *p, enum attach_action action,
	struct attach_plan *plan, struct err *e)
{
	return make_plan(c, NULL, p, action, NULL, plan, e);
}

bool attach_plan_in(const struct conf *c, const struct doc *doc, const struct doc_part *p, enum attach_action action,
	struct attach_plan *plan, struct err *e)
{
	return make_plan(c, doc, p, action, NULL, plan, e);
}

char *attach_command(const struct conf *c, const struct doc_part *p, enum attach_action action, const char *path,
	struct err *e)
{
	struct attach_plan plan;

	if (!make_plan(c, NULL, p, action, path, &plan, e))
		return NULL;
	char *command = plan.on_stdin ? NULL : plan.command;
	if (command)
		plan.command = NULL;
	else
		err_set(e, ERR_INPUT, "the mailcap command for %s does not say where its file goes (%%s)", p->type);
	xfree_null(&plan.path);
	attach_plan_fini(&plan);
	return command;
}

bool attach_plan_filled(struct attach_plan *plan, struct err *e)
{
	struct str text;
	size_t n = 0;

	if (!plan->unix_lines || plan->fd < 0)
		return true;
	if (!fs_read(plan->path, ATTACH_TEXT_MAX, &text, e))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.s[i] != '\r' || i + 1 == text.len || text.s[i + 1] != '\n')
			text.s[n++] = text.s[i];
	str_cut(&text, n);
	bool ok = (ftruncate(plan->fd, 0) == 0 && lseek(plan->fd, 0, SEEK_SET) == 0) || err_sys(e, "%s", plan->path);
	ok = ok && fs_write_all(plan->fd, str_sv(&text), e);
	str_fini(&text);
	return ok;
}

/* Files that programs in the background may still read. */
static struct {
	char **path;
	size_t count, cap;
} kept_files;

/* Removes the file, or remembers it; takes the path. */
static void end_file(char *path, bool keep)
{
	if (path && keep) {
		array_grow(kept_files.path, kept_files.count, kept_files.cap);
		kept_files.path[kept_files.count++] = path;
	} else if (path) {
		unlink(path);
		free(path);
	}
}

void attach_plan_close(struct attach_plan *plan)
{
	if (plan->fd >= 0)
		close(plan->fd);
	plan->fd = -1;
	for (size_t i = 0; i < plan->sub_count; i++) {
		if (plan->subs[i].fd >= 0)
			close(plan->subs[i].fd);
		plan->subs[i].fd = -1;
	}
}

void attach_plan_fini(struct attach_plan *plan)
{
	attach_plan_close(plan);
	end_file(plan->path, plan->keep_file);
	plan->path = NULL;
	for (size_t i = 0; i < plan->sub_count; i++) {
		end_file(plan->subs[i].path, plan->keep_file);
		free(plan->subs[i].id);
		free(plan->subs[i].type);
	}
	xfree_null(&plan->subs);
	plan->sub_count = 0;
	xfree_null(&plan->command);
}

void attach_forget_files(void)
{
	for (size_t i = 0; i < kept_files.count; i++) {
		unlink(kept_files.path[i]);
		free(kept_files.path[i]);
	}
	xfree_null(&kept_files.path);
	kept_files.count = kept_files.cap = 0;
}

/* ---- saving ---- */

static const char *name_for(const struct doc_part *p)
{
	return p->safe_name[0] ? p->safe_name : "attachment";
}

char *attach_save_path(const struct conf *c, const struct doc_part *p)
{
	if (!c->attach_save_dir[0])
		return xstrdup(name_for(p));
	char *dir = fs_expand(c->attach_save_dir), *path = fs_join(dir, name_for(p));
	free(dir);
	return path;
}

bool attach_save_open(const struct conf *c, const char *path, const struct doc_part *p,
	enum attach_existing existing, int *fd, char **path_out, struct err *e)
{
	int how = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY;
	char *full = conf_expand_path(c, sv_of(path));

	if (fs_is_dir(full)) {
		char *below = fs_join(full, name_for(p));
		free(full);
		full = below;
	}
	how |= existing == ATTACH_OVERWRITE ? O_TRUNC
	       : existing == ATTACH_APPEND  ? O_APPEND
					    : O_EXCL;
	int f = open(full, how, 0600);
	if (f < 0) {
		if (errno == EEXIST)
			err_set(e, ERR_LIMIT, "%s exists", full);
		else
			err_sys(e, "%s", full);
		free(full);
		return false;
	}
	*fd = f;
	*path_out = full;
	return true;
}
