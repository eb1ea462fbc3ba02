/*
 * Message bytes. Remote messages: files bodies/A/xx/HASH, named by the SHA-256 of their content and
 * written temp, fsync, rename, fsync of the folder; the row (message, section) comes after. Local
 * messages are not copied: the cache holds where they lie. A message of an mbox stands there with
 * its ">From " lines escaped: who passes it on uses mbox_unescape (mime/mbox.h).
 *
 * Sections: "" the whole message; "text" its header and text parts, with the other parts as
 * message/external-body; access-type=x-feist (a valid message); "1.2" one part, decoded by nobody,
 * preceded by its MIME header.
 *
 * Of a local message with MSG_PARTIAL only "text" is here: its beginning, which may end anywhere.
 */
#ifndef STORE_BODY_H
#define STORE_BODY_H

#include "store/mailbox.h"
#include "store/message.h"

#define BODY_SECTION_MAX 127
#define BODY_MAX (1u << 30) /* bytes: larger bodies are ERR_LIMIT */

/* An open message: read length bytes from offset. */
struct body {
	int fd;
	uint64_t offset, length;
};
void body_close(struct body *); /* fd -1 is fine */
/* Its bytes, at most max, into out (cleared first). False when they cannot be read. */
bool body_read(const struct body *, uint64_t max, struct str *out) MUST_CHECK;

/*
 * Opens what is here. Section "text" is also satisfied by "". ERR_GONE: not here (send FETCH).
 * A Maildir file that another program has renamed is found by its key; an mbox that has changed
 * under us is ERR_GONE (its rows will be corrected).
 */
bool body_open(struct cache *, uint64_t message, const char *section, struct body *out, struct err *e) MUST_CHECK;
/* Without opening: true when body_open would find a row (remote) or a place (local). */
bool body_has(struct cache *, uint64_t message, const char *section);

/* ---- the worker's side ---- */

/* A body being written: bytes go to a temp file as they come, so that memory does not grow. */
struct body_writer;
bool body_write_open(struct cache *, struct body_writer **out, struct err *e) MUST_CHECK;
bool body_write(struct body_writer *, struct sv data, struct err *e) MUST_CHECK;
/* Makes it durable and puts the row. Frees the writer, also on failure. */
bool body_write_commit(struct body_writer *, uint64_t message, const char *section, struct err *e) MUST_CHECK;
void body_write_abort(struct body_writer *); /* NULL is fine */
/*
 * The same for what is large: kept under key (letters, digits, '-' and '.') while it is not
 * complete, so that a later attempt, of another process too, goes on. *have: bytes that are there
 * already.
 */
bool body_write_resume(struct cache *, const char *key, struct body_writer **out, uint64_t *have, struct err *e)
	MUST_CHECK;
/* From the beginning after all. */
bool body_write_restart(struct body_writer *, struct err *e) MUST_CHECK;
/* Gives up for now: what came stays for a day. */
void body_write_pause(struct body_writer *);
/* All at once. */
bool body_put(struct cache *, uint64_t message, const char *section, struct sv data, struct err *e) MUST_CHECK;
/*
 * Forgets bodies of the messages that were received longest ago until all take at most max bytes,
 * but none of messages received at or after `before` (INT64_MAX: of all), and none for which keep
 * (may be NULL) answers true. *total: bytes that all take then. Files go with body_sweep.
 */
typedef bool body_keep_fn(void *data, uint64_t message);
bool body_make_room(struct cache *, uint64_t max, int64_t before, body_keep_fn *keep, void *data, uint64_t *total,
	struct err *e) MUST_CHECK;
/*
 * Deletes files without a row and the oldest bodies above max bytes in all (0: no limit). Bounded
 * work: at most `files` files a call; *more when it is not through.
 */
bool body_sweep(struct cache *, uint64_t max, unsigned files, bool *more, struct err *e) MUST_CHECK;

#endif
