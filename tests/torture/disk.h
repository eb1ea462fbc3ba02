/*
 * What a power cut leaves of a folder: from a picture of it and the record of all that was done to it
 * afterwards (shim.h), states are made that a disk could be in. What was synced is there; of the rest
 * any part may be: writes that are lost or torn, names that were made, renamed or removed and are not,
 * files whose name is there and whose bytes are not.
 */
#ifndef TESTS_TORTURE_DISK_H
#define TESTS_TORTURE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct disk;

enum disk_loss {
	DISK_LOSES_ALL,      /* nothing that was not synced is there */
	DISK_LOSES_NOTHING,  /* as if killed */
	DISK_NAMES_ONLY,     /* all names, but no bytes: files of length 0 */
	DISK_IN_ORDER,       /* names up to some moment, bytes by chance: a file system with a journal */
	DISK_BY_CHANCE,      /* each name and each write by chance, some torn */
	DISK_LOSSES
};

/* Before the run: the picture of everything below root. */
struct disk *disk_picture(const char *root);
/* After the run: what was recorded. acks: the beginning of file names that count as "step N is shown". */
void disk_play(struct disk *, const char *record, const char *acks);
size_t disk_events(const struct disk *);
/* How many steps were acknowledged before event n. */
unsigned disk_acked(const struct disk *, size_t n);
/* Makes the state of a cut before event n below root, which is empty. Deterministic in seed. */
void disk_cut(const struct disk *, size_t n, enum disk_loss, uint32_t seed);
/* "write cache.db-wal 4096": for people. Caller frees. */
char *disk_event_text(const struct disk *, size_t n);
void disk_free(struct disk *);

#endif
