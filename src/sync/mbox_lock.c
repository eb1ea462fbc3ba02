#include "sync/mbox_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

#define RETRY_MS 50
#define BOOT_SLACK_S 10   /* clocks and file systems round */
#define EMPTY_LOCK_S 3600

static void wait_a_little(void)
{
	(void)poll(NULL, 0, RETRY_MS);
}

/* For now: whoever asked may ask again (err_is_passing). */
static bool locked(struct err *e, const char *path, const char *lock)
{
	if (lock)
		err_set(e, ERR_LIMIT, "%s is locked by another program (%s exists)", path, lock);
	else
		err_set(e, ERR_LIMIT, "%s is locked by another program", path);
	if (e)
		e->sys = EAGAIN;
	return false;
}

static bool lock_fd(int fd, const char *path, bool write, int64_t until, struct err *e)
{
	struct flock l = {.l_type = write ? F_WRLCK : F_RDLCK, .l_whence = SEEK_SET};

	while (fcntl(fd, F_SETLK, &l) != 0) {
		if (errno != EACCES && errno != EAGAIN && errno != EINTR)
			return err_sys(e, "locking %s", path);
		if (clock_ms() >= until)
			return locked(e, path, NULL);
		wait_a_little();
	}
	return true;
}

/* What our dotlocks say: whose they are, so that those of a killed worker can be told. */
static void own_words(struct str *out)
{
	char host[128];

	if (gethostname(host, sizeof(host)) != 0)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	(void)str_addf(out, "feist@%s\n", host);
}

/* Seconds since the lock was made, when that was before this machine was started; else 0. */
static int64_t age_if_before_boot(const char *lock)
{
	int64_t now = time(NULL);
	struct stat st;

	if (stat(lock, &st) != 0 || st.st_mtime + BOOT_SLACK_S >= now - clock_boot_ms() / 1000)
		return 0;
	return now - st.st_mtime;
}

/*
 * Left by a feist of this machine that is not there any more. After a power cut the number in it may be
 * somebody else's, or the words may be lost: an empty lock that is older than the machine is up and than an
 * hour (it may be another machine's, on a shared disk) has nobody behind it.
 */
static bool is_stale(const char *lock)
{
	struct str text, own;
	struct sv rest, pid_text;
	uint64_t pid;
	bool stale = false;

	if (!fs_read(lock, 4096, &text, NULL))
		return false;
	str_init(&own, 256);
	own_words(&own);
	rest = str_sv(&text);
	if (sv_split(&rest, ' ', &pid_text) && sv_u64(pid_text, &pid) && pid > 1 && pid < INT32_MAX &&
		sv_eq(rest, str_sv(&own)))
		stale = (kill((pid_t)pid, 0) != 0 && errno == ESRCH) || age_if_before_boot(lock) > 0;
	else if (text.len == 0)
		stale = age_if_before_boot(lock) > EMPTY_LOCK_S;
	str_fini(&own);
	str_fini(&text);
	return stale;
}

static bool write_words(int fd, struct err *e)
{
	struct str s;
	bool ok;

	str_init(&s, 256);
	(void)str_addf(&s, "%d ", (int)getpid());
	own_words(&s);
	ok = fs_write_all(fd, str_sv(&s), e);
	str_fini(&s);
	return ok;
}

/*
 * The dotlock is a hard link to a file of our own, which is atomic even over NFS. *made is NULL
 * where the folder cannot be written.
 */
static bool make_dotlock(const char *path, int64_t until, char **made, struct err *e)
{
	char *lock = xasprintf("%s.lock", path), *dir = fs_dirname(path), *own;
	int fd;
	struct err why;
	bool ok = true;

	*made = NULL;
	if (!fs_temp(dir, ".feist-lock-", "", &fd, &own, &why)) {
		free(lock);
		free(dir);
		return true;
	}
	ok = write_words(fd, e);
	close(fd);
	while (ok && link(own, lock) != 0) {
		if (errno != EEXIST) {
			ok = err_sys(e, "%s", lock);
			break;
		}
		if (is_stale(lock)) {
			unlink(lock);
			continue;
		}
		if (clock_ms() >= until) {
			ok = locked(e, path, lock);
			break;
		}
		wait_a_little();
	}
	unlink(own);
	free(own);
	free(dir);
	if (ok)
		*made = lock;
	else
		free(lock);
	return ok;
}

/* True when fd is still what path names: it may have been replaced while we waited for the lock. */
static bool is_current(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool mbox_lock(struct mbox_lock *l, const char *path, bool write, bool create, struct err *e)
{
	int64_t until = clock_ms() + MBOX_LOCK_WAIT_MS;
	int flags = (write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | (create ? O_CREAT : 0);

	l->fd = -1;
	l->dotlock = NULL;
	if (write && !make_dotlock(path, until, &l->dotlock, e))
		return false;
	for (;;) {
		l->fd = open(path, flags, 0600);
		if (l->fd < 0) {
			err_sys(e, "%s", path);
			break;
		}
		if (!lock_fd(l->fd, path, write, until, e))
			break;
		if (is_current(l->fd, path))
			return true;
		close(l->fd);
		l->fd = -1;
	}
	mbox_unlock(l);
	return false;
}

void mbox_unlock(struct mbox_lock *l)
{
	if (l->fd >= 0)
		close(l->fd); /* and with it the fcntl lock */
	if (l->dotlock)
		unlink(l->dotlock);
	free(l->dotlock);
	l->fd = -1;
	l->dotlock = NULL;
}
