/*
 * The parts of a draft: what is attached, what is known of each, and which of them are one thing
 * (multipart/alternative and its like).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/draft_priv.h"
#include "core/gettext.h"
#include "mime/header.h"
#include "mime/param.h"

#define TYPE_QUERY_MS 5000

struct draft_part *draft_add_part(struct draft *d)
{
	array_grow(d->parts, d->part_count, d->part_cap);
	d->parts[d->part_count] = (struct draft_part){.is_body = false};
	d->dirty = true;
	return &d->parts[d->part_count++];
}

size_t draft_part_count(const struct draft *d)
{
	return d->part_count;
}

const struct draft_part *draft_part(const struct draft *d, size_t n)
{
	return n < d->part_count ? &d->parts[n] : NULL;
}

uint64_t draft_size(const struct draft *d)
{
	uint64_t size = 500; /* headers */

	for (size_t i = 0; i < d->part_count; i++)
		size += d->parts[i].is_body || d->parts[i].is_message
				? d->parts[i].size
				: d->parts[i].size * 4 / 3 + 200;
	return size;
}

/* Size and time of the file; true when they have changed. */
static bool look_at_file(struct draft_part *p)
{
	struct stat st;

	if (stat(p->path, &st) != 0 || ((uint64_t)st.st_size == p->size && st.st_mtime == p->mtime))
		return false;
	p->size = (uint64_t)st.st_size;
	p->mtime = st.st_mtime;
	return true;
}

bool draft_part_changed(struct draft *d, size_t n)
{
	return n < d->part_count && look_at_file(&d->parts[n]);
}

struct type_word {
	const char *extension, *type;
};

/* The extensions that people attach; /etc/mime.types has the rest (draft_type_of). */
static const struct type_word types[] = {
	{"txt", "text/plain"},
	{"text", "text/plain"},
	{"log", "text/plain"},
	{"diff", "text/x-diff"},
	{"patch", "text/x-diff"},
	{"c", "text/x-csrc"},
	{"h", "text/x-chdr"},
	{"py", "text/x-python"},
	{"sh", "text/x-sh"},
	{"md", "text/markdown"},
	{"csv", "text/csv"},
	{"html", "text/html"},
	{"htm", "text/html"},
	{"css", "text/css"},
	{"ics", "text/calendar"},
	{"vcf", "text/vcard"},
	{"json", "application/json"},
	{"xml", "application/xml"},
	{"pdf", "application/pdf"},
	{"ps", "application/postscript"},
	{"zip", "application/zip"},
	{"gz", "application/gzip"},
	{"tgz", "application/gzip"},
	{"bz2", "application/x-bzip2"},
	{"xz", "application/x-xz"},
	{"zst", "application/zstd"},
	{"tar", "application/x-tar"},
	{"7z", "application/x-7z-compressed"},
	{"rtf", "application/rtf"},
	{"doc", "application/msword"},
	{"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	{"xls", "application/vnd.ms-excel"},
	{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	{"ppt", "application/vnd.ms-powerpoint"},
	{"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	{"odt", "application/vnd.oasis.opendocument.text"},
	{"ods", "application/vnd.oasis.opendocument.spreadsheet"},
	{"odp", "application/vnd.oasis.opendocument.presentation"},
	{"epub", "application/epub+zip"},
	{"png", "image/png"},
	{"jpg", "image/jpeg"},
	{"jpeg", "image/jpeg"},
	{"gif", "image/gif"},
	{"webp", "image/webp"},
	{"svg", "image/svg+xml"},
	{"tif", "image/tiff"},
	{"tiff", "image/tiff"},
	{"heic", "image/heic"},
	{"bmp", "image/bmp"},
	{"mp3", "audio/mpeg"},
	{"ogg", "audio/ogg"},
	{"flac", "audio/flac"},
	{"wav", "audio/x-wav"},
	{"m4a", "audio/mp4"},
	{"mp4", "video/mp4"},
	{"webm", "video/webm"},
	{"mkv", "video/x-matroska"},
	{"mov", "video/quicktime"},
	{"avi", "video/x-msvideo"},
	{"eml", "message/rfc822"},
	{"asc", "text/plain"},
	{"sig", "application/pgp-signature"},
};

/* Text when the beginning looks like it. */
static bool looks_like_text(const char *path)
{
	unsigned char head[16384];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, head, sizeof(head)) : -1;

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < n; i++) {
		if (head[i] < ' ' && !strchr("\n\t\r\f\033", head[i]))
			return false;
		if (head[i] == 0)
			return false;
	}
	return n > 0;
}

static const char *type_by_name(const char *path)
{
	const char *base = fs_basename(path), *dot = strrchr(base, '.');

	for (size_t i = 0; dot && i < ARRAY_LEN(types); i++)
		if (sv_is_case(sv_of(dot + 1), types[i].extension))
			return types[i].type;
	return NULL;
}

const char *draft_type_of(const char *path)
{
	const char *known = type_by_name(path);

	return known ? known : looks_like_text(path) ? "text/plain" : "application/octet-stream";
}

bool draft_is_type(const char *type)
{
	const char *slash = strchr(type, '/');

	return slash && slash > type && slash[1] && !strpbrk(type, " \t\r\n;\"<>@,") &&
	       !strchr(slash + 1, '/');
}

/* $mime_type_query_command: the first line that it prints, when it is a type. NULL: it says nothing. */
static char *queried_type(const struct conf *c, const char *path)
{
	struct str command, out;
	struct err e;
	int status;
	char *type = NULL;

	if (!c->mime_type_query_command[0])
		return NULL;
	str_init(&command, CONF_TEXT_MAX);
	struct sv rest = sv_of(c->mime_type_query_command);
	ptrdiff_t at = sv_find(rest, SV("%s"));
	str_add(&command, at < 0 ? rest : sv_head(rest, (size_t)at));
	if (at < 0)
		str_addc(&command, ' ');
	proc_quote(&command, sv_of(path));
	if (at >= 0)
		str_add(&command, sv_from(rest, (size_t)at + 2));
	if (proc_shell_read(command.s, SV(""), 4096, TYPE_QUERY_MS, &out, &status, &e)) {
		struct sv text = str_sv(&out), line = SV("");
		sv_line(&text, &line);
		type = sv_dup(sv_trim(line));
		str_fini(&out);
	}
	str_fini(&command);
	if (type && !draft_is_type(type))
		xfree_null(&type);
	return type;
}

static char *ask_type(const struct conf *c, const char *path)
{
	const char *known = c->mime_type_query_first ? NULL : type_by_name(path);
	char *type = known ? xstrdup(known) : queried_type(c, path);

	return type ? type : xstrdup(draft_type_of(path));
}

bool draft_attach_file(struct draft *d, const char *path, struct err *e)
{
	char *full = fs_expand(path);
	struct draft_part *p;
	struct stat st;

	if (d->part_count > DRAFT_ATTACHMENTS_MAX) {
		free(full);
		return err_set(e, ERR_LIMIT, _("more than %d attachments"), DRAFT_ATTACHMENTS_MAX);
	}
	if (stat(full, &st) != 0 || access(full, R_OK) != 0) {
		err_sys(e, "%s", path);
		free(full);
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		free(full);
		return err_set(e, ERR_INPUT, _("%s is not a file"), path);
	}
	p = draft_add_part(d);
	p->path = full;
	p->name = xstrdup(fs_basename(full));
	p->type = ask_type(d->conf, full);
	(void)look_at_file(p);
	return true;
}

bool draft_detach(struct draft *d, size_t n, struct err *e)
{
	if (n == 0)
		return err_set(
			e, ERR_INPUT, "%s", _("The text of the message cannot be taken out."));
	if (n >= d->part_count)
		return err_set(e, ERR_GONE, "%s", _("no such attachment"));
	unsigned group = d->parts[n].group;
	draft_part_fini(&d->parts[n]);
	memmove(&d->parts[n], &d->parts[n + 1], (d->part_count - n - 1) * sizeof(*d->parts));
	d->part_count--;
	draft_drop_small_groups(d, group);
	d->dirty = true;
	return true;
}

bool draft_move_part(struct draft *d, size_t n, int by, struct err *e)
{
	size_t to = n + (size_t)by;
	struct draft_part swap;

	if (n == 0 || to == 0 || n >= d->part_count || to >= d->part_count)
		return err_set(e, ERR_INPUT, "%s", _("It cannot go there."));
	if (d->parts[n].group != d->parts[to].group)
		return err_set(e, ERR_INPUT, "%s", _("It belongs to a group, which it cannot leave."));
	swap = d->parts[n];
	d->parts[n] = d->parts[to];
	d->parts[to] = swap;
	d->dirty = true;
	return true;
}

static void replace(char **field, const char *text)
{
	char *copy;

	if (!text)
		return;
	copy = *text ? xstrdup(text) : NULL;
	free(*field);
	*field = copy;
}

bool draft_set_part(struct draft *d, size_t n, const char *name, const char *type,
	const char *description, const char *encoding, int inline_, struct err *e)
{
	static const char *const encodings[] = {"7bit", "8bit", "quoted-printable", "base64"};
	struct draft_part *p;
	bool known = !encoding || !*encoding;

	if (n >= d->part_count)
		return err_set(e, ERR_GONE, "%s", _("no such attachment"));
	for (size_t i = 0; !known && i < ARRAY_LEN(encodings); i++)
		known = sv_is_case(sv_of(encoding), encodings[i]);
	if (!known)
		return err_set(e, ERR_INPUT, _("no such encoding: %s"), encoding);
	if (type && !draft_is_type(type))
		return err_set(e, ERR_INPUT, _("not a content type: %s"), type);
	if ((name && !draft_one_line(name, "name", e)) ||
		(description && !draft_one_line(description, "description", e)))
		return false;
	p = &d->parts[n];
	replace(&p->name, name);
	replace(&p->type, type);
	replace(&p->description, description);
	replace(&p->encoding, encoding);
	if (inline_ >= 0)
		p->is_inline = inline_;
	d->dirty = true;
	return true;
}

bool draft_part_is_ours(const struct draft *d, size_t n)
{
	const struct draft_part *p = n < d->part_count ? &d->parts[n] : NULL;

	return p && p->path && (p->unlink_after || sv_starts(sv_of(p->path), sv_of(d->s->state_dir)));
}

void draft_set_unlink(struct draft *d, size_t n, bool on)
{
	if (n > 0 && n < d->part_count) {
		d->parts[n].unlink_after = on;
		d->dirty = true;
	}
}

bool draft_set_content_id(struct draft *d, size_t n, const char *id, struct err *e)
{
	size_t len = strlen(id);

	if (n >= d->part_count)
		return err_set(e, ERR_GONE, "%s", _("no such attachment"));
	bool bracketed = len > 2 && id[0] == '<' && id[len - 1] == '>';
	if (len && (strpbrk(id, " \t\r\n") || strspn(id, "<>") == len || (!bracketed && strpbrk(id, "<>"))))
		return err_set(e, ERR_INPUT, _("not a content id: %s"), id);
	free(d->parts[n].content_id);
	d->parts[n].content_id = !len ? NULL : bracketed ? xstrdup(id) : xasprintf("<%s>", id);
	d->dirty = true;
	return true;
}

bool draft_set_language(struct draft *d, size_t n, const char *language, struct err *e)
{
	if (n >= d->part_count)
		return err_set(e, ERR_GONE, "%s", _("no such attachment"));
	for (const char *c = language; *c; c++)
		if (!ascii_is_alnum((unsigned char)*c) && !strchr("-, ", *c))
			return err_set(e, ERR_INPUT, _("not a language: %s"), language);
	replace(&d->parts[n].language, language);
	d->dirty = true;
	return true;
}

void draft_set_delete(struct draft *d, size_t n, bool on)
{
	if (n > 0 && n < d->part_count) {
		d->parts[n].delete_file = on;
		d->dirty = true;
	}
}

void draft_set_recode(struct draft *d, size_t n, bool on)
{
	if (n < d->part_count) {
		d->parts[n].keep_charset = !on;
		d->dirty = true;
	}
}

bool draft_take_mime_header(struct draft *d, size_t n, struct err *e)
{
	struct draft_part *p = &d->parts[n];
	struct str bytes;
	struct headers h;
	struct params ctype;

	if (!fs_read(p->path, DRAFT_TEXT_MAX, &bytes, e))
		return false;
	struct arena *a = arena_new();
	headers_parse(a, str_sv(&bytes), &h);
	struct sv type = headers_raw(&h, "Content-Type"), description = headers_raw(&h, "Content-Description");
	bool ok = true;
	if (type.len) {
		params_parse(a, type, NULL, 0, &ctype);
		const char *charset = params_get(&ctype, "charset");
		ok = draft_set_part(d, n, NULL, ctype.value,
			description.len ? header_text_in(a, description, NULL) : NULL, NULL, -1, e);
		if (ok && charset)
			replace(&p->charset, charset);
		ok = ok && fs_write_atomic(p->path, sv_from(str_sv(&bytes), h.body_at), 0600, e);
		(void)look_at_file(p);
	}
	arena_free(a);
	str_fini(&bytes);
	return ok;
}

/* ---- groups ---- */

static unsigned top_group(const struct draft *d, unsigned group)
{
	while (group && d->groups[group - 1].parent)
		group = d->groups[group - 1].parent;
	return group;
}

bool draft_is_in_group(const struct draft *d, size_t part, unsigned group)
{
	if (!group)
		return true;
	for (unsigned g = d->parts[part].group; g; g = d->groups[g - 1].parent)
		if (g == group)
			return true;
	return false;
}

/* How many things it holds: parts of its own, and groups. */
static size_t members(const struct draft *d, unsigned group)
{
	size_t n = 0;

	for (size_t i = 0; i < d->part_count; i++)
		n += d->parts[i].group == group;
	for (unsigned g = 1; g <= d->group_count; g++)
		n += d->groups[g - 1].used && d->groups[g - 1].parent == group;
	return n;
}

/* What it holds is in its parent then. */
static void dissolve(struct draft *d, unsigned group)
{
	unsigned parent = d->groups[group - 1].parent;

	for (size_t i = 0; i < d->part_count; i++)
		if (d->parts[i].group == group)
			d->parts[i].group = parent;
	for (unsigned g = 1; g <= d->group_count; g++)
		if (d->groups[g - 1].parent == group)
			d->groups[g - 1].parent = parent;
	d->groups[group - 1].used = false;
}

/* A group of one is none. */
void draft_drop_small_groups(struct draft *d, unsigned group)
{
	while (group) {
		unsigned parent = d->groups[group - 1].parent;
		if (d->groups[group - 1].used && members(d, group) < 2)
			dissolve(d, group);
		group = parent;
	}
}

static unsigned new_group(struct draft *d, const char *subtype)
{
	unsigned n = 0;

	while (n < d->group_count && d->groups[n].used)
		n++;
	if (n == DRAFT_GROUPS_MAX)
		return 0;
	d->group_count = MAX(d->group_count, n + 1);
	d->groups[n] = (struct draft_group){.used = true};
	snprintf(d->groups[n].subtype, sizeof(d->groups[n].subtype), "%s", subtype);
	return n + 1;
}

/* The things of the new group come together where the first of them stands; their order stays. */
static void bring_together(struct draft *d, unsigned group)
{
	struct draft_part *sorted = xcalloc(d->part_count + 1, sizeof(*sorted));
	size_t n = 0, first = 0;

	while (first < d->part_count && !draft_is_in_group(d, first, group))
		first++;
	for (size_t i = 0; i < first; i++)
		sorted[n++] = d->parts[i];
	for (size_t i = first; i < d->part_count; i++)
		if (draft_is_in_group(d, i, group))
			sorted[n++] = d->parts[i];
	for (size_t i = first; i < d->part_count; i++)
		if (!draft_is_in_group(d, i, group))
			sorted[n++] = d->parts[i];
	memcpy(d->parts, sorted, n * sizeof(*sorted));
	free(sorted);
}

bool draft_group(struct draft *d, const bool *chosen, size_t n, const char *subtype, struct err *e)
{
	unsigned group = new_group(d, subtype);

	if (!group)
		return err_set(e, ERR_LIMIT, "%s", _("There are too many groups."));
	for (size_t i = 0; i < d->part_count; i++) {
		unsigned top = top_group(d, d->parts[i].group);
		if (i >= n || !chosen[i] || top == group)
			continue;
		if (top)
			d->groups[top - 1].parent = group;
		else
			d->parts[i].group = group;
	}
	if (members(d, group) < 2) {
		dissolve(d, group);
		return err_set(e, ERR_INPUT, "%s", _("A group needs at least two tagged parts."));
	}
	bring_together(d, group);
	for (size_t i = 0; i < d->part_count && strcmp(subtype, "related") != 0; i++)
		d->parts[i].is_inline |= draft_is_in_group(d, i, group);
	d->dirty = true;
	return true;
}

unsigned draft_group_below(const struct draft *d, size_t part, unsigned group)
{
	unsigned g = d->parts[part].group;

	while (g && g != group && d->groups[g - 1].parent != group)
		g = d->groups[g - 1].parent;
	return g == group ? 0 : g;
}

void draft_check_groups(struct draft *d)
{
	for (unsigned g = 1; g <= d->group_count; g++) {
		unsigned steps = 0;
		for (unsigned up = g; up && steps <= DRAFT_GROUPS_MAX; steps++)
			up = d->groups[up - 1].used ? d->groups[up - 1].parent : 0;
		if (steps > DRAFT_GROUPS_MAX || (d->groups[g - 1].parent && !d->groups[d->groups[g - 1].parent - 1].used))
			d->groups[g - 1].parent = 0;
	}
	for (size_t i = 0; i < d->part_count; i++)
		if (d->parts[i].group > d->group_count || (d->parts[i].group && !d->groups[d->parts[i].group - 1].used))
			d->parts[i].group = 0;
}

bool draft_ungroup(struct draft *d, size_t n, struct err *e)
{
	unsigned group = n < d->part_count ? d->parts[n].group : 0;

	if (!group)
		return err_set(e, ERR_INPUT, "%s", _("This part is in no group."));
	dissolve(d, group);
	d->dirty = true;
	return true;
}

const char *draft_group_of(const struct draft *d, size_t n, unsigned level, bool *first, bool *last)
{
	unsigned chain[DRAFT_GROUPS_MAX], depth = 0;

	for (unsigned g = n < d->part_count ? d->parts[n].group : 0; g && depth < DRAFT_GROUPS_MAX;
		g = d->groups[g - 1].parent)
		chain[depth++] = g;
	if (level >= depth)
		return NULL;
	unsigned group = chain[depth - 1 - level];
	*first = n == 0 || !draft_is_in_group(d, n - 1, group);
	*last = n + 1 >= d->part_count || !draft_is_in_group(d, n + 1, group);
	return d->groups[group - 1].subtype;
}
