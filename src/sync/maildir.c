/*
 * Maildir: names of files and delivery (https://cr.yp.to/proto/maildir.html; flags after ":2,").
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "sync/local_box.h"

#define HOST_MAX 128
#define PARTIAL_MARK ",feist-part=" /* then the size of the whole message */

static const struct {
	char letter;
	unsigned flag;
} letters[] = { /* in the order of the alphabet, as the standard wants them */
	{'D', MSG_DRAFT}, {'F', MSG_FLAGGED}, {'P', MSG_FORWARDED}, {'R', MSG_ANSWERED}, {'S', MSG_SEEN}, {'T', MSG_DELETED},
};

unsigned maildir_flags_of(struct sv name, bool in_new, struct sv *base)
{
	ptrdiff_t at = sv_find(name, SV(":2,"));
	unsigned flags = 0;

	*base = at >= 0 ? sv_head(name, (size_t)at) : name;
	for (size_t i = at >= 0 ? (size_t)at + 3 : name.len; i < name.len; i++) {
		for (size_t k = 0; k < ARRAY_LEN(letters); k++)
			flags |= name.p[i] == letters[k].letter ? letters[k].flag : 0;
	}
	if (!in_new && !(flags & MSG_SEEN))
		flags |= MSG_OLD;
	if (maildir_partial_size(*base, NULL))
		flags |= MSG_PARTIAL;
	return flags;
}

bool maildir_partial_size(struct sv base, uint64_t *size)
{
	ptrdiff_t at = sv_find(base, SV(PARTIAL_MARK));
	uint64_t n;

	if (at < 0 || !sv_u64(sv_from(base, (size_t)at + sizeof(PARTIAL_MARK) - 1), &n))
		return false;
	if (size)
		*size = n;
	return true;
}

char *maildir_partial_base(const char *base, uint64_t size)
{
	return xasprintf("%s" PARTIAL_MARK "%llu", base, (unsigned long long)size);
}

void maildir_name_of(struct str *out, struct sv base, unsigned flags, struct sv other_letters)
{
	(void)(str_add(out, base) && str_adds(out, ":2,"));
	for (size_t k = 0; k < ARRAY_LEN(letters); k++) {
		if (flags & letters[k].flag)
			(void)str_addc(out, letters[k].letter);
	}
	for (size_t i = 0; i < other_letters.len; i++) {
		if (ascii_is_alpha((unsigned char)other_letters.p[i]) && other_letters.p[i] >= 'a')
			(void)str_addc(out, other_letters.p[i]);
	}
}

/* This machine's name as the standard wants it: no '/' and no ':'. */
static void host_name(char out[HOST_MAX])
{
	if (gethostname(out, HOST_MAX) != 0)
		snprintf(out, HOST_MAX, "localhost");
	out[HOST_MAX - 1] = '\0';
	for (char *p = out; *p; p++) {
		if (*p == '/' || *p == ':' || (unsigned char)*p <= ' ')
			*p = '_';
	}
}

char *maildir_base_of_seed(int64_t date, struct sv seed)
{
	char hex[SHA256_HEX_LEN + 1], host[HOST_MAX];

	hash_sha256_hex(seed, hex);
	host_name(host);
	return xasprintf("%lld.F%.16s.%s", (long long)date, hex, host);
}

char *maildir_new_base(void)
{
	char word[17], host[HOST_MAX];

	random_word(word, sizeof(word) - 1);
	host_name(host);
	return xasprintf("%lld.F%s.%s", (long long)time(NULL), word, host);
}

bool maildir_make(const char *path, struct err *e)
{
	static const char *const subs[] = {"tmp", "new", "cur"};

	/* cur last: what is half made is no mailbox yet, and is finished the next time. */
	for (size_t i = 0; i < ARRAY_LEN(subs); i++) {
		char *dir = fs_join(path, subs[i]);
		bool ok = fs_mkdirs(dir, e);

		free(dir);
		if (!ok)
			return false;
	}
	return true;
}

/* Looks for base in one folder; a folder that does not exist has nothing. */
static bool find_below(const char *maildir, const char *sub, struct sv base, char **found, struct err *e)
{
	char *dir = fs_join(maildir, sub);
	DIR *d = opendir(dir);
	struct dirent *ent;
	bool ok = d || errno == ENOENT || errno == ENOTDIR || err_sys(e, "%s", dir);

	while (d && !*found && (errno = 0, ent = readdir(d))) {
		struct sv name = sv_of(ent->d_name);

		if (sv_starts(name, base) && (name.len == base.len || name.p[base.len] == ':'))
			*found = xasprintf("%s/%s", sub, ent->d_name);
	}
	if (d && !*found && errno != 0)
		ok = err_sys(e, "%s", dir);
	if (d)
		closedir(d);
	free(dir);
	return ok;
}

bool maildir_find(const char *maildir, struct sv base, char **found, struct err *e)
{
	*found = NULL;
	return find_below(maildir, "cur", base, found, e) && (*found || find_below(maildir, "new", base, found, e));
}

/* ---- delivery ---- */

#define PIECE 65536 /* bytes are gathered to so many before they are written */

struct maildir_delivery {
	char *maildir, *base, *temp;
	int fd;
	struct str piece;
	bool cr;    /* the last byte was a CR that is not written yet */
	bool there; /* delivered before */
};

static bool open_temp(struct maildir_delivery *d, const char *name, struct err *e)
{
	d->temp = xasprintf("%s/tmp/%s", d->maildir, name);
	/* What is there under this name is our own half of an earlier attempt. */
	d->fd = open(d->temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	return d->fd >= 0 || err_sys(e, "%s", d->temp);
}

static struct maildir_delivery *delivery_new(const char *maildir)
{
	struct maildir_delivery *d = xcalloc(1, sizeof(*d));

	d->maildir = xstrdup(maildir);
	d->fd = -1;
	str_init(&d->piece, 2 * PIECE);
	return d;
}

bool maildir_deliver_begin(const char *maildir, const char *base, struct maildir_delivery **out, struct err *e)
{
	struct maildir_delivery *d;
	char *found = NULL;

	if (!maildir_make(maildir, e) || (base && !maildir_find(maildir, sv_of(base), &found, e)))
		return false;
	d = delivery_new(maildir);
	d->base = base ? xstrdup(base) : maildir_new_base();
	d->there = found != NULL;
	free(found);
	if (d->there) {
		/* Killed between link and unlink. */
		char *temp = xasprintf("%s/tmp/%s", maildir, d->base);

		unlink(temp);
		free(temp);
	} else if (!open_temp(d, d->base, e)) {
		maildir_deliver_abort(d);
		return false;
	}
	*out = d;
	return true;
}

bool maildir_deliver_unnamed(const char *maildir, const char *temp, struct maildir_delivery **out, struct err *e)
{
	struct maildir_delivery *d = delivery_new(maildir);

	if (!open_temp(d, temp, e)) {
		maildir_deliver_abort(d);
		return false;
	}
	*out = d;
	return true;
}

static bool flush(struct maildir_delivery *d, struct err *e)
{
	bool ok = d->piece.len == 0 || fs_write_all(d->fd, str_sv(&d->piece), e);

	str_clear(&d->piece);
	return ok;
}

/* CRLF becomes LF; all other bytes stay. */
bool maildir_deliver_write(struct maildir_delivery *d, struct sv data, struct err *e)
{
	if (d->there)
		return true;
	while (data.len) {
		ptrdiff_t cr;
		struct sv plain;

		if (d->cr && data.p[0] != '\n' && !str_addc(&d->piece, '\r'))
			return err_set(e, ERR_LIMIT, "delivering");
		d->cr = false;
		plain = sv_head(data, PIECE);
		cr = sv_chr(plain, '\r');
		if (cr >= 0)
			plain.len = (size_t)cr;
		if (!str_add(&d->piece, plain))
			return err_set(e, ERR_LIMIT, "delivering");
		d->cr = cr >= 0;
		data = sv_from(data, plain.len + (d->cr ? 1 : 0));
		if (d->piece.len >= PIECE && !flush(d, e))
			return false;
	}
	return true;
}

static bool finish_file(struct maildir_delivery *d, int64_t date, struct err *e)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = date}};

	if (d->cr && !str_addc(&d->piece, '\r'))
		return err_set(e, ERR_LIMIT, "delivering");
	if (!flush(d, e))
		return false;
	if (date > 0 && futimens(d->fd, times) != 0)
		return err_sys(e, "%s", d->temp);
	if (fsync(d->fd) != 0)
		return err_sys(e, "%s", d->temp);
	return true;
}

/* mutt's rule: what nobody has seen yet lies in new, with its flags if it has some. */
static const char *folder_for(unsigned flags)
{
	return flags & (MSG_SEEN | MSG_OLD) ? "cur" : "new";
}

static bool put_in_place(struct maildir_delivery *d, unsigned flags, struct err *e)
{
	char *dir = fs_join(d->maildir, folder_for(flags)), *target;
	struct str name;
	bool ok;

	str_init(&name, 1024);
	if (!(flags & ~(unsigned)MSG_PARTIAL))
		(void)str_adds(&name, d->base);
	else
		maildir_name_of(&name, sv_of(d->base), flags, SV(""));
	target = fs_join(dir, name.s);
	/*
	 * link, not rename: it never replaces a file. Where links are not allowed, the name is
	 * unique enough.
	 */
	if (link(d->temp, target) == 0)
		ok = unlink(d->temp) == 0 || err_sys(e, "%s", d->temp);
	else
		ok = errno == EEXIST ? err_sys(e, "%s", target)
				     : rename(d->temp, target) == 0 || err_sys(e, "%s", target);
	if (ok)
		xfree_null(&d->temp);
	str_fini(&name);
	free(target);
	free(dir);
	return ok;
}

bool maildir_deliver_settle(struct maildir_delivery *d, struct err *e)
{
	bool ok = finish_file(d, 0, e);

	if (ok && close(d->fd) != 0)
		ok = err_sys(e, "%s", d->temp);
	d->fd = -1;
	return ok;
}

bool maildir_deliver_place(struct maildir_delivery *d, const char *base, unsigned flags, struct err *e)
{
	free(d->base);
	d->base = xstrdup(base);
	return put_in_place(d, flags, e);
}

bool maildir_flush(const char *maildir, struct err *e)
{
	char *fresh = fs_join(maildir, "new"), *cur = fs_join(maildir, "cur");
	bool ok = fs_sync_dir(fresh, e) && fs_sync_dir(cur, e);

	free(fresh);
	free(cur);
	return ok;
}

bool maildir_deliver_end(struct maildir_delivery *d, unsigned flags, int64_t date, char **name, struct err *e)
{
	bool ok;

	if (d->there) {
		/* Whoever put it there was perhaps ended before this. */
		ok = maildir_flush(d->maildir, e);
	} else {
		char *dir = fs_join(d->maildir, folder_for(flags));

		ok = finish_file(d, date, e);
		host_step("maildir: written");
		ok = ok && put_in_place(d, flags, e) && fs_sync_dir(dir, e);
		host_step("maildir: in place");
		free(dir);
	}
	if (ok && name)
		*name = xstrdup(d->base);
	maildir_deliver_abort(d);
	return ok || err_at(e, "delivering");
}

void maildir_deliver_abort(struct maildir_delivery *d)
{
	if (!d)
		return;
	if (d->fd >= 0)
		close(d->fd);
	if (d->temp)
		unlink(d->temp);
	str_fini(&d->piece);
	free(d->temp);
	free(d->maildir);
	free(d->base);
	free(d);
}
