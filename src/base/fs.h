/*
 * Files. Names that come from mail are made safe here and nowhere else; files that must survive a
 * power cut are written here (temp, fsync, rename, fsync of the folder).
 */
#ifndef BASE_FS_H
#define BASE_FS_H

#include "base/err.h"
#include "base/str.h"

/* Whole file; *out is initialised with max here on success; larger files are ERR_LIMIT. path "-" is stdin. */
bool fs_read(const char *path, size_t max, struct str *out, struct err *e) MUST_CHECK;
bool fs_read_fd(int fd, size_t max, struct str *out, struct err *e) MUST_CHECK;
/* Durable replacement of path with data; mode as in open(2). */
bool fs_write_atomic(const char *path, struct sv data, unsigned mode, struct err *e) MUST_CHECK;
/* All bytes, whatever write(2) does (EINTR, short). */
bool fs_write_all(int fd, struct sv data, struct err *e) MUST_CHECK;
bool fs_sync_dir(const char *dir, struct err *e) MUST_CHECK;
/* mkdir -p with mode 0700, durable. */
bool fs_mkdirs(const char *path, struct err *e) MUST_CHECK;
bool fs_exists(const char *path);
bool fs_is_dir(const char *path);
/* dir/name; caller frees. An absolute name wins. */
char *fs_join(const char *dir, const char *name);
const char *fs_basename(const char *path); /* lent, a place inside path */
char *fs_dirname(const char *path);        /* caller frees */
/* ~ and ~user and $VAR are expanded; caller frees. */
char *fs_expand(const char *path);
char *fs_home(void);       /* caller frees */
/* $XDG_CACHE_HOME/feist and so on; caller frees; not created. */
char *fs_cache_dir(void);
char *fs_state_dir(void);
char *fs_config_dir(void);
char *fs_data_dir(void);

/*
 * A file name made of foreign text (UTF-8) that is safe to create: no '/', control or bidi
 * characters, no leading '.', '-' or '~', not empty, at most 200 bytes (the extension is kept).
 * Caller frees. `fallback` is used when nothing is left.
 */
char *fs_safe_name(struct sv name, const char *fallback);
/*
 * Creates a new file dir/name (mode 0600, O_EXCL); name (already safe) gets "-1", "-2" before its
 * extension when it exists. *path is for the caller to free.
 */
bool fs_create_unique(const char *dir, const char *name, int *fd, char **path, struct err *e) MUST_CHECK;
/* A private temp file in $tmpdir (dir NULL: TMPDIR or /tmp) called PREFIX-random-SUFFIX. */
bool fs_temp(const char *dir, const char *prefix, const char *suffix, int *fd, char **path, struct err *e) MUST_CHECK;
/* An unlinked memory file for passing bytes to another role. -1 with *e set. */
int fs_memfd(const char *name, struct err *e) MUST_CHECK;
/* Nobody changes it any more, not even through descriptors that are open elsewhere. */
bool fs_seal(int fd, struct err *e) MUST_CHECK;
/*
 * The first `length` bytes of a sealed memory file, in place: the other side cannot change or shorten them while they
 * are looked at. False (nothing set) when it is not sealed, or shorter. fs_unmap gives them back.
 */
bool fs_map_sealed(int fd, uint64_t length, struct sv *out) MUST_CHECK;
void fs_unmap(struct sv);

/*
 * An exclusive lock held as long as the descriptor is open (flock on a lock file, content: our pid).
 * ERR_LIMIT when another process holds it; *holder then has its pid (0: it could not write it).
 */
bool fs_lock_file(const char *path, int *fd, int *holder, struct err *e) MUST_CHECK;

#endif
