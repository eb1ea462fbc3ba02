/*
 * The library that is preloaded into programs under test; see shim.h. Everything here runs inside
 * somebody else's program, behind a sandbox, in forked children: no allocation, no stdio but snprintf,
 * and only descriptors that were opened before main.
 */
#include "tests/torture/shim.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define RECORD_FD 900
#define EXPORT __attribute__((visibility("default")))

static struct shim_control *control; /* NULL: nothing is done */
static bool counted;                 /* this program is one of ours */
static int record_fd = -1;

/* The real thing, found at its first use. */
#define REAL(ret, name, ...)                                                                       \
	static ret (*real_##name)(__VA_ARGS__);                                                    \
	if (!real_##name)                                                                          \
	real_##name = (ret(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static unsigned program_bit(void)
{
	const char *name = program_invocation_short_name;

	return strcmp(name, "feist") == 0 ? SHIM_FEIST : strcmp(name, "feist-worker") == 0 ? SHIM_WORKER
		: strcmp(name, "feist-render") == 0 ? SHIM_RENDER : 0;
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv(SHIM_ENV);
	int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;

	if (fd < 0)
		return;
	void *p = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	syscall(SYS_close, fd);
	if (p == MAP_FAILED)
		return;
	struct shim_control *c = p;
	counted = (program_bit() & c->programs) != 0;
	if (counted && *c->record) {
		fd = (int)syscall(SYS_openat, AT_FDCWD, c->record, O_WRONLY | O_APPEND | O_CLOEXEC);
		record_fd = fcntl(fd, F_DUPFD_CLOEXEC, RECORD_FD);
		syscall(SYS_close, fd);
	}
	control = c;
}

/* ---- the gate: every call that counts goes through ---- */

static void die(bool all)
{
	if (all && control->group > 1)
		syscall(SYS_kill, -control->group, SIGKILL);
	syscall(SYS_tgkill, syscall(SYS_getpid), syscall(SYS_gettid), SIGKILL);
}

static void note_hit(const char *call, const char *path, int fd, uint32_t n)
{
	char link[64], target[300] = "";

	if (path)
		snprintf(target, sizeof(target), "%s", path);
	else if (fd >= 0) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		ssize_t len = readlink(link, target, sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
	}
	if (atomic_fetch_add(&control->hits, 1) == 0)
		snprintf(control->hit, sizeof(control->hit), "%u: %s: %s(%s)", n, program_invocation_short_name, call, target);
}

/* Can this call fail with this error? Bits of what an error may meet. */
enum {
	CAN_SPACE = 1, /* needs room */
	CAN_IO = 2,
	CAN_INTR = 4,
	CAN_SHORT = 8,
};

static bool can(unsigned abilities, int error)
{
	switch (error) {
	case ENOSPC:
		return abilities & CAN_SPACE;
	case EIO:
		return abilities & CAN_IO;
	case EINTR:
		return abilities & CAN_INTR;
	default:
		return true;
	}
}

enum verdict { GO, GO_AND_DIE, GO_HALF, REFUSED };

/* REFUSED has set errno. */
static enum verdict gate(unsigned class, unsigned abilities, const char *call, const char *path, int fd)
{
	struct shim_control *c = control;

	if (!c || !counted || !(c->calls & class))
		return GO;
	uint32_t n = atomic_fetch_add(&c->count, 1) + 1;
	if (c->at == 0 || n < c->at || (n > c->at && c->deed <= SHIM_KILL_ALL_AFTER))
		return GO;
	if (c->forever && n >= c->at + c->forever)
		return GO;
	int saved = errno;
	switch ((enum shim_deed)c->deed) {
	case SHIM_KILL_BEFORE:
	case SHIM_KILL_ALL_BEFORE:
		note_hit(call, path, fd, n);
		die(c->deed == SHIM_KILL_ALL_BEFORE);
		break;
	case SHIM_KILL_AFTER:
	case SHIM_KILL_ALL_AFTER:
		note_hit(call, path, fd, n);
		return GO_AND_DIE;
	case SHIM_FAIL:
		if (!can(abilities, c->error) || (!c->forever && c->hits > 0))
			break;
		note_hit(call, path, fd, n);
		errno = c->error;
		return REFUSED;
	case SHIM_SHORT:
		if (c->hits == 0 && abilities & CAN_SHORT) {
			note_hit(call, path, fd, n);
			return GO_HALF;
		}
		if (c->hits == 0 || !c->error || !can(abilities, c->error))
			break;
		errno = c->error;
		return REFUSED;
	case SHIM_NOTHING:
		break;
	}
	errno = saved;
	return GO;
}

static void after(enum verdict v)
{
	if (v == GO_AND_DIE)
		die(control->deed == SHIM_KILL_ALL_AFTER);
}

/* ---- the record ---- */

static bool recording(void)
{
	return record_fd >= 0;
}

static void lock_record(void)
{
	uint32_t none = 0;

	if (!recording())
		return;
	while (!atomic_compare_exchange_weak(&control->lock, &none, 1)) {
		none = 0;
		sched_yield();
	}
}

static void unlock_record(void)
{
	if (recording())
		atomic_store(&control->lock, 0);
}

/* The absolute name of path, seen from the folder of descriptor at. */
static void absolute(char out[PATH_MAX], int at, const char *path)
{
	char link[64], dir[PATH_MAX];
	ssize_t n;

	if (path[0] == '/') {
		snprintf(out, PATH_MAX, "%s", path);
		return;
	}
	if (at == AT_FDCWD)
		snprintf(link, sizeof(link), "/proc/self/cwd");
	else
		snprintf(link, sizeof(link), "/proc/self/fd/%d", at);
	n = readlink(link, dir, sizeof(dir) - 1);
	dir[n > 0 ? n : 0] = '\0';
	snprintf(out, PATH_MAX, "%.*s/%.*s", PATH_MAX / 2 - 2, dir, PATH_MAX / 2 - 2, path);
}

static void put(enum shim_op op, uint64_t inode, int64_t offset, const char *name1, const char *name2,
	const struct iovec *data, int pieces, size_t data_len)
{
	struct shim_record r = {.op = op, .name1 = (uint32_t)(name1 ? strlen(name1) : 0),
		.name2 = (uint32_t)(name2 ? strlen(name2) : 0), .data = (uint32_t)data_len, .inode = inode, .offset = offset};
	struct iovec v[3] = {{&r, sizeof(r)}, {(void *)name1, r.name1}, {(void *)name2, r.name2}};
	int saved = errno;

	syscall(SYS_writev, record_fd, v, 3);
	for (int i = 0; i < pieces && data_len > 0; i++) {
		size_t n = data[i].iov_len < data_len ? data[i].iov_len : data_len;

		syscall(SYS_write, record_fd, data[i].iov_base, n);
		data_len -= n;
	}
	errno = saved;
}

static void put_names(enum shim_op op, uint64_t inode, int at1, const char *path1, int at2, const char *path2)
{
	char name1[PATH_MAX] = "", name2[PATH_MAX] = "";

	absolute(name1, at1, path1);
	if (path2)
		absolute(name2, at2, path2);
	if (strncmp(name1, control->root, strlen(control->root)) == 0)
		put(op, inode, 0, name1, path2 ? name2 : NULL, NULL, 0, 0);
}

static uint64_t inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) ? st.st_ino : 0;
}

/* ---- descriptors ---- */

enum kind { OTHER, FILE_KIND, SOCKET_KIND };

static enum kind kind_of(int fd)
{
	struct stat st;
	int saved = errno;
	enum kind k = OTHER;

	/* Standard input and output are the test's own. */
	if (control && counted && fd > 2 && fd != record_fd && fstat(fd, &st) == 0)
		k = S_ISREG(st.st_mode) ? FILE_KIND : S_ISSOCK(st.st_mode) ? SOCKET_KIND : OTHER;
	errno = saved;
	return k;
}

static unsigned write_abilities(enum kind k, size_t len)
{
	unsigned room = len > 1 ? CAN_SHORT : 0;

	return k == SOCKET_KIND ? CAN_INTR | room : CAN_SPACE | CAN_IO | CAN_INTR | room;
}

/* ---- writing ---- */

/* How much of the pieces goes out: all, or half. Only the last piece is cut. */
static int halve(struct iovec *v, int n, size_t total)
{
	size_t want = total / 2;

	for (int i = 0; i < n; i++) {
		if (v[i].iov_len >= want) {
			v[i].iov_len = want;
			return i + 1;
		}
		want -= v[i].iov_len;
	}
	return n;
}

#define PIECES_MAX 64

/* All of the write family. offset -1: where the descriptor stands. */
static ssize_t write_pieces(const char *call, int fd, const struct iovec *pieces, int n, off_t offset)
{
	struct iovec v[PIECES_MAX];
	enum kind k = kind_of(fd);
	size_t total = 0;
	off_t at = offset;

	if (k == OTHER || n > PIECES_MAX)
		return offset < 0 ? syscall(SYS_writev, fd, pieces, n) : syscall(SYS_pwritev, fd, pieces, n, (long)offset, 0);
	memcpy(v, pieces, (size_t)n * sizeof(*v));
	for (int i = 0; i < n; i++)
		total += v[i].iov_len;
	enum verdict verdict = gate(SHIM_CHANGES, write_abilities(k, total), call, NULL, fd);
	if (verdict == REFUSED)
		return -1;
	if (verdict == GO_HALF)
		n = halve(v, n, total);
	bool note = k == FILE_KIND && recording();
	if (note) {
		lock_record();
		if (at < 0) {
			struct stat st;

			at = fcntl(fd, F_GETFL) & O_APPEND && fstat(fd, &st) == 0 ? st.st_size : lseek(fd, 0, SEEK_CUR);
		}
	}
	ssize_t done = offset < 0 ? syscall(SYS_writev, fd, v, n) : syscall(SYS_pwritev, fd, v, n, (long)offset, 0);
	if (note && done > 0)
		put(SHIM_OP_WRITE, inode_of(fd), at, NULL, NULL, v, n, (size_t)done);
	if (note)
		unlock_record();
	after(verdict);
	return done;
}

EXPORT ssize_t write(int fd, const void *p, size_t n)
{
	struct iovec v = {(void *)p, n};

	return write_pieces("write", fd, &v, 1, -1);
}

EXPORT ssize_t writev(int fd, const struct iovec *v, int n)
{
	return write_pieces("writev", fd, v, n, -1);
}

EXPORT ssize_t pwrite(int fd, const void *p, size_t n, off_t offset)
{
	struct iovec v = {(void *)p, n};

	return write_pieces("pwrite", fd, &v, 1, offset);
}

EXPORT ssize_t pwrite64(int fd, const void *p, size_t n, off_t offset)
{
	return pwrite(fd, p, n, offset);
}

EXPORT ssize_t pwritev(int fd, const struct iovec *v, int n, off_t offset)
{
	return write_pieces("pwritev", fd, v, n, offset);
}

EXPORT ssize_t pwritev64(int fd, const struct iovec *v, int n, off_t offset)
{
	return write_pieces("pwritev", fd, v, n, offset);
}

EXPORT ssize_t sendto(int fd, const void *p, size_t n, int flags, const struct sockaddr *to, socklen_t to_len)
{
	enum kind k = kind_of(fd);
	enum verdict v = k == OTHER ? GO : gate(SHIM_CHANGES, write_abilities(k, n), "send", NULL, fd);

	if (v == REFUSED)
		return -1;
	ssize_t done = syscall(SYS_sendto, fd, p, v == GO_HALF ? n / 2 : n, flags, to, to_len);
	after(v);
	return done;
}

EXPORT ssize_t send(int fd, const void *p, size_t n, int flags)
{
	return sendto(fd, p, n, flags, NULL, 0);
}

/* Carries descriptors, so it is never cut. */
EXPORT ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	enum kind k = kind_of(fd);
	enum verdict v = k == OTHER ? GO : gate(SHIM_CHANGES, CAN_INTR, "sendmsg", NULL, fd);

	if (v == REFUSED)
		return -1;
	ssize_t done = syscall(SYS_sendmsg, fd, m, flags);
	after(v);
	return done;
}

/* ---- opening and closing ---- */

static int open_file(const char *call, int at, const char *path, int flags, mode_t mode)
{
	bool changes = flags & (O_CREAT | O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY;
	enum verdict v = gate(changes ? SHIM_CHANGES | SHIM_FDS : SHIM_FDS,
		changes ? CAN_SPACE | CAN_IO | CAN_INTR : CAN_IO, call, path, -1);

	if (v == REFUSED)
		return -1;
	bool note = changes && recording(), existed = false;
	if (note) {
		struct stat st;
		int saved = errno;

		lock_record();
		existed = fstatat(at, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
		errno = saved;
	}
	int fd = (int)syscall(SYS_openat, at, path, flags, mode);
	if (note) {
		uint64_t inode = fd >= 0 ? inode_of(fd) : 0;

		if (inode && !existed)
			put_names(SHIM_OP_CREATE, inode, at, path, 0, NULL);
		else if (inode && flags & O_TRUNC)
			put(SHIM_OP_TRUNCATE, inode, 0, NULL, NULL, NULL, 0, 0);
		unlock_record();
	}
	after(v);
	return fd;
}

#define MODE_OF(flags)                                                                             \
	mode_t mode = 0;                                                                           \
	if ((flags) & O_CREAT) {                                                                  \
		va_list ap;                                                                        \
		va_start(ap, flags);                                                               \
		mode = va_arg(ap, mode_t);                                                         \
		va_end(ap);                                                                        \
	}

EXPORT int open(const char *path, int flags, ...)
{
	MODE_OF(flags)
	return open_file("open", AT_FDCWD, path, flags, mode);
}

EXPORT int open64(const char *path, int flags, ...)
{
	MODE_OF(flags)
	return open_file("open", AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

EXPORT int openat(int at, const char *path, int flags, ...)
{
	MODE_OF(flags)
	return open_file("openat", at, path, flags, mode);
}

EXPORT int openat64(int at, const char *path, int flags, ...)
{
	MODE_OF(flags)
	return open_file("openat", at, path, flags | O_LARGEFILE, mode);
}

EXPORT int creat(const char *path, mode_t mode)
{
	return open_file("creat", AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

EXPORT int close(int fd)
{
	bool written = kind_of(fd) == FILE_KIND && (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY;
	enum verdict v = written ? gate(SHIM_CHANGES, CAN_SPACE | CAN_IO | CAN_INTR, "close", NULL, fd) : GO;
	int error = errno, done = (int)syscall(SYS_close, fd);

	after(v);
	if (v != REFUSED)
		return done;
	/* Linux closes it all the same. */
	errno = error;
	return -1;
}

EXPORT DIR *opendir(const char *path)
{
	REAL(DIR *, opendir, const char *);
	return gate(SHIM_FDS, CAN_IO, "opendir", path, -1) == REFUSED ? NULL : real_opendir(path);
}

EXPORT int socket(int domain, int type, int protocol)
{
	if (gate(SHIM_FDS, 0, "socket", NULL, -1) == REFUSED)
		return -1;
	return (int)syscall(SYS_socket, domain, type, protocol);
}

EXPORT int socketpair(int domain, int type, int protocol, int fds[2])
{
	if (gate(SHIM_FDS, 0, "socketpair", NULL, -1) == REFUSED)
		return -1;
	return (int)syscall(SYS_socketpair, domain, type, protocol, fds);
}

EXPORT int pipe2(int fds[2], int flags)
{
	return gate(SHIM_FDS, 0, "pipe2", NULL, -1) == REFUSED ? -1 : (int)syscall(SYS_pipe2, fds, flags);
}

EXPORT int memfd_create(const char *name, unsigned flags)
{
	return gate(SHIM_FDS, 0, "memfd_create", name, -1) == REFUSED ? -1 : (int)syscall(SYS_memfd_create, name, flags);
}

EXPORT int inotify_init1(int flags)
{
	return gate(SHIM_FDS, 0, "inotify_init1", NULL, -1) == REFUSED ? -1 : (int)syscall(SYS_inotify_init1, flags);
}

/* ---- size and durability ---- */

EXPORT int ftruncate(int fd, off_t size)
{
	enum kind k = kind_of(fd);
	enum verdict v = k == FILE_KIND ? gate(SHIM_CHANGES, CAN_IO | CAN_INTR, "ftruncate", NULL, fd) : GO;

	if (v == REFUSED)
		return -1;
	lock_record();
	int done = (int)syscall(SYS_ftruncate, fd, size);
	if (done == 0 && k == FILE_KIND && recording())
		put(SHIM_OP_TRUNCATE, inode_of(fd), size, NULL, NULL, NULL, 0, 0);
	unlock_record();
	after(v);
	return done;
}

EXPORT int ftruncate64(int fd, off_t size)
{
	return ftruncate(fd, size);
}

/* With a record the whole of a sync is under the lock: what was written before is before it there, too. */
static int sync_file(const char *call, long number, int fd)
{
	enum verdict v = gate(SHIM_CHANGES, CAN_SPACE | CAN_IO | CAN_INTR, call, NULL, fd);

	if (v == REFUSED)
		return -1;
	lock_record();
	int done = (int)syscall(number, fd);
	if (done == 0 && recording())
		put(SHIM_OP_SYNC, inode_of(fd), 0, NULL, NULL, NULL, 0, 0);
	unlock_record();
	after(v);
	return done;
}

EXPORT int fsync(int fd)
{
	return sync_file("fsync", SYS_fsync, fd);
}

EXPORT int fdatasync(int fd)
{
	return sync_file("fdatasync", SYS_fdatasync, fd);
}

/* ---- names ---- */

static int rename_file(int at1, const char *from, int at2, const char *to, unsigned flags)
{
	enum verdict v = gate(SHIM_CHANGES, CAN_SPACE | CAN_IO, "rename", to, -1);

	if (v == REFUSED)
		return -1;
	lock_record();
	int done = (int)syscall(SYS_renameat2, at1, from, at2, to, flags);
	if (done == 0 && recording())
		put_names(SHIM_OP_RENAME, 0, at1, from, at2, to);
	unlock_record();
	after(v);
	return done;
}

EXPORT int rename(const char *from, const char *to)
{
	return rename_file(AT_FDCWD, from, AT_FDCWD, to, 0);
}

EXPORT int renameat(int at1, const char *from, int at2, const char *to)
{
	return rename_file(at1, from, at2, to, 0);
}

EXPORT int renameat2(int at1, const char *from, int at2, const char *to, unsigned flags)
{
	return rename_file(at1, from, at2, to, flags);
}

EXPORT int linkat(int at1, const char *from, int at2, const char *to, int flags)
{
	enum verdict v = gate(SHIM_CHANGES, CAN_SPACE | CAN_IO, "link", to, -1);

	if (v == REFUSED)
		return -1;
	lock_record();
	int done = (int)syscall(SYS_linkat, at1, from, at2, to, flags);
	if (done == 0 && recording())
		put_names(SHIM_OP_LINK, 0, at1, from, at2, to);
	unlock_record();
	after(v);
	return done;
}

EXPORT int link(const char *from, const char *to)
{
	return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

EXPORT int unlinkat(int at, const char *path, int flags)
{
	enum verdict v = gate(SHIM_CHANGES, CAN_IO, "unlink", path, -1);

	if (v == REFUSED)
		return -1;
	lock_record();
	int done = (int)syscall(SYS_unlinkat, at, path, flags);
	if (done == 0 && recording())
		put_names(flags & AT_REMOVEDIR ? SHIM_OP_RMDIR : SHIM_OP_UNLINK, 0, at, path, 0, NULL);
	unlock_record();
	after(v);
	return done;
}

EXPORT int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

EXPORT int rmdir(const char *path)
{
	return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

EXPORT int mkdirat(int at, const char *path, mode_t mode)
{
	/* One that is there changes nothing and needs no room. */
	bool there = faccessat(at, path, F_OK, 0) == 0;
	enum verdict v = there ? GO : gate(SHIM_CHANGES, CAN_SPACE | CAN_IO, "mkdir", path, -1);

	if (v == REFUSED)
		return -1;
	lock_record();
	int done = (int)syscall(SYS_mkdirat, at, path, mode);
	if (done == 0 && recording()) {
		struct stat st;

		put_names(SHIM_OP_MKDIR, fstatat(at, path, &st, 0) == 0 ? st.st_ino : 0, at, path, 0, NULL);
	}
	unlock_record();
	after(v);
	return done;
}

EXPORT int mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}

/* ---- memory (glibc's own names: dlsym itself allocates) ---- */

#ifdef __GLIBC__
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);

EXPORT void *malloc(size_t n)
{
	return gate(SHIM_MEMORY, 0, "malloc", NULL, -1) == REFUSED ? NULL : __libc_malloc(n);
}

EXPORT void *calloc(size_t n, size_t size)
{
	return gate(SHIM_MEMORY, 0, "calloc", NULL, -1) == REFUSED ? NULL : __libc_calloc(n, size);
}

EXPORT void *realloc(void *p, size_t n)
{
	return gate(SHIM_MEMORY, 0, "realloc", NULL, -1) == REFUSED ? NULL : __libc_realloc(p, n);
}
#endif
