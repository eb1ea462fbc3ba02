#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"

#define SAFE_NAME_MAX 200
#define UNIQUE_TRIES 10000
#define READ_STEP ((size_t)65536)

/* What a file will give, as far as the system knows: then no room is taken for twice as much. */
static size_t size_hint(int fd, size_t max)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0)
		return 0;
	return (uintmax_t)st.st_size < max ? (size_t)st.st_size : 0;
}

bool fs_read_fd(int fd, size_t max, struct str *out, struct err *e)
{
	size_t hint = size_hint(fd, max);
	struct str s;

	str_init(&s, max);
	if (hint > 0)
		(void)str_reserve(&s, MIN(hint + READ_STEP, max));
	for (;;) {
		size_t room = s.cap > s.len + 1 ? s.cap - s.len - 1 : 0;
		size_t want = MIN(max - s.len, room ? room : MAX(s.len, READ_STEP));
		char *to = want ? str_reserve(&s, want) : NULL;
		char probe;
		ssize_t n = to ? read(fd, to, want) : read(fd, &probe, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			str_fini(&s);
			return err_sys(e, "reading");
		}
		if (n == 0)
			break;
		if (!to) {
			str_fini(&s);
			return err_set(e, ERR_LIMIT, "larger than %zu bytes", max);
		}
		str_commit(&s, (size_t)n);
	}
	*out = s;
	return true;
}

bool fs_read(const char *path, size_t max, struct str *out, struct err *e)
{
	if (strcmp(path, "-") == 0)
		return fs_read_fd(STDIN_FILENO, max, out, e) || err_at(e, "standard input");
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "%s", path);
	bool ok = fs_read_fd(fd, max, out, e) || err_at(e, "%s", path);
	close(fd);
	return ok;
}

bool fs_write_all(int fd, struct sv data, struct err *e)
{
	while (data.len) {
		ssize_t n = write(fd, data.p, data.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "writing");
		data = sv_from(data, (size_t)n);
	}
	return true;
}

bool fs_sync_dir(const char *dir, struct err *e)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "%s", dir);
	bool ok = fsync(fd) == 0 || errno == EINVAL || errno == EROFS || err_sys(e, "syncing %s", dir);
	close(fd);
	return ok;
}

static bool write_and_rename(const char *temp, const char *path, int fd, struct sv data, unsigned mode,
	struct err *e)
{
	bool ok = fs_write_all(fd, data, e);

	if (ok && (fchmod(fd, mode) != 0 || fsync(fd) != 0))
		ok = err_sys(e, "syncing");
	if (close(fd) != 0 && ok)
		ok = err_sys(e, "closing");
	if (ok && rename(temp, path) != 0)
		ok = err_sys(e, "renaming");
	return ok;
}

bool fs_write_atomic(const char *path, struct sv data, unsigned mode, struct err *e)
{
	char *dir = fs_dirname(path);
	char *temp = NULL;
	int fd;
	bool ok = fs_temp(dir, ".feist", ".tmp", &fd, &temp, e);

	if (ok && !(ok = write_and_rename(temp, path, fd, data, mode, e)))
		unlink(temp);
	ok = ok && fs_sync_dir(dir, e);
	free(temp);
	free(dir);
	return ok || err_at(e, "%s", path);
}

/* A new name outlives a power cut when its folder has been synced. One that we may not read cannot be. */
static bool sync_parent(const char *path, struct err *e)
{
	char *dir = fs_dirname(path);
	struct err why = {0};
	bool ok = fs_sync_dir(dir, &why) || why.sys == EACCES || why.sys == EPERM;

	if (!ok && e)
		*e = why;
	free(dir);
	return ok;
}

bool fs_mkdirs(const char *path, struct err *e)
{
	char *p = xstrdup(path);
	bool ok = true;

	for (char *slash = p + 1; ok && *p; slash++) {
		if (*slash != '/' && *slash != 0)
			continue;
		char keep = *slash;
		*slash = 0;
		if (mkdir(p, 0700) == 0)
			ok = sync_parent(p, e);
		else if (errno != EEXIST && !fs_is_dir(p))
			ok = err_sys(e, "creating folder %s", p);
		*slash = keep;
		if (keep == 0)
			break;
	}
	if (ok && *p && !fs_is_dir(p))
		ok = err_set(e, ERR_DISK, "%s is not a folder", path);
	free(p);
	return ok;
}

bool fs_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

bool fs_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *fs_join(const char *dir, const char *name)
{
	size_t n = strlen(dir);

	if (name[0] == '/' || n == 0)
		return xstrdup(name);
	return xasprintf("%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name);
}

const char *fs_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *fs_dirname(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
}

char *fs_home(void)
{
	const char *home = getenv("HOME");

	if (home && *home)
		return xstrdup(home);
	struct passwd *pw = getpwuid(getuid());
	return xstrdup(pw ? pw->pw_dir : "/");
}

static void expand_home(struct scan *s, struct str *out)
{
	struct sv user = scan_until(s, "/");
	char *name = sv_dup(user);
	struct passwd *pw = user.len ? getpwnam(name) : NULL;
	char *home = user.len ? xstrdup(pw ? pw->pw_dir : NULL) : fs_home();

	if (home) {
		str_adds(out, home);
	} else {
		str_addc(out, '~');
		str_adds(out, name);
	}
	free(home);
	free(name);
}

static void expand_variable(struct scan *s, struct str *out)
{
	bool braces = scan_byte(s, '{');
	const char *start = s->p;

	while (!scan_end(s) && (ascii_is_alnum(*s->p) || *s->p == '_'))
		s->p++;
	struct sv name = sv_make(start, (size_t)(s->p - start));
	if (braces)
		scan_byte(s, '}');
	char *key = sv_dup(name);
	const char *value = getenv(key);
	if (name.len == 0)
		str_addc(out, '$');
	else if (value)
		str_adds(out, value);
	free(key);
}

char *fs_expand(const char *path)
{
	struct scan s = scan_of(sv_of(path));
	struct str out;

	str_init(&out, 65536);
	if (scan_byte(&s, '~'))
		expand_home(&s, &out);
	while (!scan_end(&s)) {
		if (scan_byte(&s, '$'))
			expand_variable(&s, &out);
		else
			str_add(&out, scan_until(&s, "$"));
	}
	return str_detach(&out);
}

static char *xdg_dir(const char *variable, const char *under_home)
{
	const char *base = getenv(variable);

	if (base && base[0] == '/')
		return fs_join(base, "feist");
	char *home = fs_home();
	char *dir = xasprintf("%s/%s/feist", home, under_home);
	free(home);
	return dir;
}

char *fs_cache_dir(void)
{
	return xdg_dir("XDG_CACHE_HOME", ".cache");
}

char *fs_state_dir(void)
{
	return xdg_dir("XDG_STATE_HOME", ".local/state");
}

char *fs_config_dir(void)
{
	return xdg_dir("XDG_CONFIG_HOME", ".config");
}

char *fs_data_dir(void)
{
	return xdg_dir("XDG_DATA_HOME", ".local/share");
}

/*
 * Bytes of a character of s that must not stand in a file name, 0 when it may: C0, DEL, '/', '\\',
 * C1 (c2 80-9f), and the invisible and bidi characters U+200B-200F, U+2028-202E, U+2060-206F, U+FEFF,
 * with which a name can be made to look like another.
 */
static size_t unsafe_len(struct sv s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	if (p[0] < 0x20 || p[0] == 0x7f || p[0] == '/' || p[0] == '\\')
		return 1;
	if (s.len >= 2 && p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
		return 2;
	if (s.len < 3)
		return 0;
	if (p[0] == 0xe2 && p[1] == 0x80 && ((p[2] >= 0x8b && p[2] <= 0x8f) || (p[2] >= 0xa8 && p[2] <= 0xae)))
		return 3;
	if (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa0 && p[2] <= 0xaf)
		return 3;
	return p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf ? 3 : 0;
}

/* Cuts to SAFE_NAME_MAX bytes between two characters, keeping a short extension. */
static void shorten_name(struct str *s)
{
	ptrdiff_t dot = sv_rchr(str_sv(s), '.');
	size_t ext = dot > 0 && s->len - (size_t)dot <= 16 ? s->len - (size_t)dot : 0;
	size_t cut = SAFE_NAME_MAX - ext;

	if (s->len <= SAFE_NAME_MAX)
		return;
	while (cut > 0 && ((unsigned char)s->s[cut] & 0xc0) == 0x80)
		cut--;
	str_remove(s, cut, s->len - ext - cut);
}

char *fs_safe_name(struct sv name, const char *fallback)
{
	struct str out;

	str_init(&out, 4096);
	name = sv_head(sv_trim(name), 4000);
	/* Only what follows the last path separator of any system, when something follows it. */
	for (struct sv rest = name; rest.len; rest = sv_from(rest, 1))
		if ((rest.p[0] == '/' || rest.p[0] == '\\') && rest.len > 1)
			name = sv_from(rest, 1);
	while (name.len) {
		size_t bad = unsafe_len(name);
		if (bad == 0)
			str_addc(&out, name.p[0]);
		else if (bad == 1)
			str_addc(&out, '_');
		name = sv_from(name, bad ? bad : 1);
	}
	while (out.len && (out.s[out.len - 1] == ' ' || out.s[out.len - 1] == '.'))
		str_cut(&out, out.len - 1);
	size_t lead = 0;
	while (lead < out.len && strchr(".-~ ", out.s[lead]))
		lead++;
	str_remove(&out, 0, lead);
	if (out.len == 0)
		str_adds(&out, fallback);
	shorten_name(&out);
	return str_detach(&out);
}

bool fs_create_unique(const char *dir, const char *name, int *fd, char **path, struct err *e)
{
	const char *dot = strrchr(name, '.');
	int stem = dot && dot != name ? (int)(dot - name) : (int)strlen(name);

	for (int i = 0; i < UNIQUE_TRIES; i++) {
		char *p = i == 0 ? xasprintf("%s/%s", dir, name)
				 : xasprintf("%s/%.*s-%d%s", dir, stem, name, i, name + stem);
		int f = open(p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (f >= 0) {
			*fd = f;
			*path = p;
			return true;
		}
		if (errno != EEXIST) {
			err_sys(e, "%s", p);
			free(p);
			return false;
		}
		free(p);
	}
	return err_set(e, ERR_LIMIT, "%s/%s: too many files of that name", dir, name);
}

bool fs_temp(const char *dir, const char *prefix, const char *suffix, int *fd, char **path, struct err *e)
{
	const char *env = getenv("TMPDIR");
	char word[13];

	if (!dir)
		dir = env && *env ? env : "/tmp";
	for (int i = 0; i < 100; i++) {
		random_word(word, sizeof(word) - 1);
		char *p = xasprintf("%s/%s-%s%s", dir, prefix, word, suffix);
		int f = open(p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (f >= 0) {
			*fd = f;
			*path = p;
			return true;
		}
		if (errno != EEXIST) {
			err_sys(e, "%s", p);
			free(p);
			return false;
		}
		free(p);
	}
	return err_set(e, ERR_DISK, "%s: no free name for a temporary file", dir);
}

int fs_memfd(const char *name, struct err *e)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		err_sys(e, "memory file");
	return fd;
}

#define SEALED (F_SEAL_WRITE | F_SEAL_SHRINK)

bool fs_seal(int fd, struct err *e)
{
	return fcntl(fd, F_ADD_SEALS, SEALED | F_SEAL_GROW | F_SEAL_SEAL) == 0 || err_sys(e, "sealing a memory file");
}

bool fs_map_sealed(int fd, uint64_t length, struct sv *out)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || (seals & SEALED) != SEALED || length == 0 || fstat(fd, &st) != 0 ||
		(uint64_t)st.st_size < length)
		return false;
	void *p = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return false;
	*out = sv_make(p, length);
	return true;
}

void fs_unmap(struct sv bytes)
{
	munmap((void *)(uintptr_t)bytes.p, bytes.len);
}

static int read_pid(int fd)
{
	char text[32] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	return n > 0 ? (int)strtol(text, NULL, 10) : 0;
}

/* For people, and only as good as the disk: one that is full must not keep anybody from working. */
static void write_pid(int fd)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());

	if (ftruncate(fd, 0) == 0)
		(void)!pwrite(fd, text, (size_t)n, 0);
}

bool fs_lock_file(const char *path, int *fd, int *holder, struct err *e)
{
	int f = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (f < 0)
		return err_sys(e, "%s", path);
	if (flock(f, LOCK_EX | LOCK_NB) != 0) {
		bool held = errno == EWOULDBLOCK;
		if (held && holder)
			*holder = read_pid(f);
		bool ok = held ? err_set(e, ERR_LIMIT, "%s is held by process %d", path, read_pid(f))
			       : err_sys(e, "locking %s", path);
		close(f);
		return ok;
	}
	write_pid(f);
	*fd = f;
	return true;
}
