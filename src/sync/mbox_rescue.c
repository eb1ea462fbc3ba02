#include "sync/mbox_rescue.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "sync/box.h"
#include "sync/mbox_lock.h"

/* One name for each mailbox, wherever it lies. */
static char *rescue_name(const char *cache_dir, const char *path, const char *suffix)
{
	char hex[SHA256_HEX_LEN + 1];

	hash_sha256_hex(sv_of(path), hex);
	return xasprintf("%s/mbox-%.16s.%s", cache_dir, hex, suffix);
}

char *mbox_rescue_temp(const char *cache_dir, const char *path)
{
	return rescue_name(cache_dir, path, "part");
}

static bool copy_over(int to, int from, const char *path, struct err *e)
{
	char *buf = xmalloc(65536);
	struct stat st;
	off_t at = 0;
	bool ok = fstat(from, &st) == 0;

	while (ok && at < st.st_size) {
		ssize_t n = pread(from, buf, 65536, at);
		ssize_t m = n > 0 ? pwrite(to, buf, (size_t)n, at) : -1;

		ok = m > 0;
		at += m > 0 ? m : 0;
		host_step("mbox: being written over");
	}
	ok = ok && ftruncate(to, st.st_size) == 0 && fsync(to) == 0;
	free(buf);
	return ok || err_sys(e, "%s", path);
}

bool mbox_write_in_place(const char *cache_dir, const char *path, int fd, const char *temp, int temp_fd, struct err *e)
{
	char *ready = rescue_name(cache_dir, path, "rewrite");
	/* From the rename on the new content counts: copy_over can be repeated. */
	bool ok = (fsync(temp_fd) == 0 || err_sys(e, "%s", temp)) &&
		  (rename(temp, ready) == 0 || err_sys(e, "%s", ready)) && fs_sync_dir(cache_dir, e) &&
		  copy_over(fd, temp_fd, path, e);

	if (ok)
		unlink(ready);
	free(ready);
	return ok;
}

/* A copy of what is there now: somebody may have added to the half written file. */
static bool keep_present(const char *cache_dir, const char *path, int fd, struct err *e)
{
	char suffix[40], *name;
	int copy;

	snprintf(suffix, sizeof(suffix), "half-%lld", (long long)time(NULL));
	name = rescue_name(cache_dir, path, suffix);
	copy = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = copy >= 0 ? copy_over(copy, fd, name, e) : err_sys(e, "%s", name);
	if (ok)
		log_write(LOG_WARN, "mbox", "%s was half rewritten when feist was killed; it is finished now, and what stood there is kept in %s",
			path, name);
	if (copy >= 0)
		close(copy);
	free(name);
	return ok;
}

bool mbox_rescue(const char *cache_dir, const char *path, struct err *e)
{
	char *ready = rescue_name(cache_dir, path, "rewrite");
	int from = open(ready, O_RDONLY | O_CLOEXEC);
	struct mbox_lock lock;
	bool ok = true;

	if (from >= 0) {
		ok = mbox_lock(&lock, path, true, true, e);
		if (ok) {
			ok = keep_present(cache_dir, path, lock.fd, e) && copy_over(lock.fd, from, path, e);
			if (ok)
				unlink(ready);
			mbox_unlock(&lock);
		}
		close(from);
	}
	free(ready);
	return ok;
}
