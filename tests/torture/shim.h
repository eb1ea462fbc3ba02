/*
 * What a test and the shim in its programs share: a page of memory (a file that $FEIST_SHIM names,
 * mapped by all). The shim (shim.c, preloaded) counts the calls that change something on disk or wire,
 * over all programs of a run, in the order they come, and makes one of them fail or end its program.
 * Or it writes down all that happens to files below a folder, for the reconstruction of what a power
 * cut would have left (disk.h).
 */
#ifndef TESTS_TORTURE_SHIM_H
#define TESTS_TORTURE_SHIM_H

#include <stdatomic.h>
#include <stdint.h>

/* Calls that count. */
enum {
	SHIM_CHANGES = 1, /* open that creates or truncates, write.., ftruncate, fsync, rename, link, unlink, mkdir,
	                     close of what was written, and what goes into sockets */
	SHIM_FDS = 2,     /* whatever makes a descriptor */
	SHIM_MEMORY = 4,  /* malloc, calloc, realloc */
};

/* What happens at the call. */
enum shim_deed {
	SHIM_NOTHING,
	SHIM_KILL_BEFORE,     /* this program is killed, the call is not made */
	SHIM_KILL_AFTER,
	SHIM_KILL_ALL_BEFORE, /* and all others of the run */
	SHIM_KILL_ALL_AFTER,
	SHIM_FAIL,            /* the first call from there on that can fail so does, with `error` */
	SHIM_SHORT,           /* writes half; with `error`, what follows fails with it (a disk that fills up) */
};

/* Programs that count; others (editors, shells) never do. */
enum {
	SHIM_FEIST = 1,
	SHIM_WORKER = 2,
	SHIM_RENDER = 4,
};

#define SHIM_ENV "FEIST_SHIM"

struct shim_control {
	_Atomic uint32_t count; /* calls so far */
	_Atomic uint32_t hits;  /* times that something was done */
	_Atomic uint32_t lock;  /* of the record: the order of calls and of what is written is the same */
	uint32_t calls, programs, at, deed;
	uint32_t forever; /* errors go on for so many calls; 0: once */
	int32_t error;
	int32_t group;    /* the process group of the run: helpers may be in one of their own */
	char root[256];   /* only files below it are recorded */
	char record[256]; /* where; "": nowhere */
	char hit[512];    /* what was hit first, for people */
};

/* ---- the record: a header, then two names and the data ---- */

enum shim_op {
	SHIM_OP_CREATE = 1, /* name1 is a new empty file: inode */
	SHIM_OP_WRITE,      /* inode, offset, data */
	SHIM_OP_TRUNCATE,   /* inode, offset: the new size */
	SHIM_OP_SYNC,       /* inode: of a file or folder */
	SHIM_OP_RENAME,     /* name1 to name2 */
	SHIM_OP_LINK,       /* name1 is also name2 */
	SHIM_OP_UNLINK,     /* name1 */
	SHIM_OP_MKDIR,      /* name1, inode */
	SHIM_OP_RMDIR,      /* name1 */
	SHIM_OP_MARK,       /* by the test itself: offset steps are acknowledged */
};

struct shim_record {
	uint32_t op, name1, name2, data; /* lengths */
	uint64_t inode;
	int64_t offset;
};

#endif
