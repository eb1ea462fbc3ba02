/*
 * One message of an mbox, and the file as a whole: flags are Status and X-Status as mutt writes
 * them, keywords X-Keywords; a message is known by a hash of its header without these.
 */
#include "sync/mbox_priv.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "base/mem.h"

#define FRESH_NS INT64_C(2000000000)

/*
 * size, time, inode: any change by others shows. "" when it changed within the tick of the clock.
 */
void mbox_token_of(const struct stat *st, char out[96])
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	int64_t age = (now.tv_sec - st->st_mtim.tv_sec) * INT64_C(1000000000) + (now.tv_nsec - st->st_mtim.tv_nsec);
	snprintf(out, 96, "%s%lld %lld.%09ld %llu", age < FRESH_NS ? "?" : "", (long long)st->st_size,
		(long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec, (unsigned long long)st->st_ino);
}

/* The same but for the mark of freshness: for the moment, it is enough. */
bool mbox_same_token(const char *a, const char *b)
{
	return *a && *b && strcmp(a + (*a == '?'), b + (*b == '?')) == 0;
}

bool mbox_map(int fd, const char *path, struct mbox_map *m, struct err *e)
{
	struct stat st;
	void *p = NULL;

	m->fd = fd;
	if (fstat(fd, &st) != 0)
		return err_sys(e, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_DISK, "%s is not a file", path);
	if (st.st_size > 0) {
		p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p == MAP_FAILED)
			return err_sys(e, "%s", path);
		(void)madvise(p, (size_t)st.st_size, MADV_SEQUENTIAL);
	}
	m->data = sv_make(p ? p : "", (size_t)st.st_size);
	mbox_token_of(&st, m->token);
	return true;
}

void mbox_unmap(struct mbox_map *m)
{
	if (m->data.len > 0)
		munmap((void *)m->data.p, m->data.len);
	m->data = SV("");
}

/* ---- one message ---- */

static bool is_status_field(struct sv name)
{
	static const char *const names[] = {"Status", "X-Status", "X-Keywords", "X-UID", "X-IMAP", "X-IMAPbase",
		"Content-Length", "Lines", "X-Label", "X-Mozilla-Status", "X-Mozilla-Status2", "X-Mozilla-Keys"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (sv_is_case(name, names[i]))
			return true;
	}
	return false;
}

/* Without CR: a message that comes with CRLF is written with LF. */
static void add_lines(struct hash *hash, struct sv v)
{
	struct sv piece;

	if (sv_chr(v, '\r') < 0) {
		hash_add(hash, v);
		return;
	}
	while (sv_split(&v, '\r', &piece))
		hash_add(hash, piece);
}

/* With a Message-ID these are enough to tell messages apart; the rest, Received above all, is several times as much. */
static bool is_key_field(struct sv name)
{
	static const char *const names[] = {"Message-ID", "Date", "From", "Subject"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (sv_is_case(name, names[i]))
			return true;
	}
	return false;
}

static void add_header(struct hash *hash, const struct header *f)
{
	hash_add(hash, f->name);
	hash_add(hash, SV(":"));
	add_lines(hash, f->raw);
	hash_add(hash, SV("\n"));
}

/* The date in front: keys of neighbours are neighbours in the index of keys, too, and share its pages. */
static void add_date(const struct headers *h, char out[9])
{
	struct date date;
	int64_t epoch = date_parse(headers_raw(h, "Date"), &date) ? date.epoch : 0;

	snprintf(out, 9, "%08x", (unsigned)MIN(MAX(epoch, 0), INT64_C(0xffffffff)));
}

void mbox_key_of(const struct headers *h, char out[MBOX_KEY_LEN + 1])
{
	struct hash *hash = hash_sha256_new();
	bool named = headers_raw(h, "Message-ID").len > 0, received = false;
	char hex[SHA256_HEX_LEN + 1];

	for (size_t i = 0; i < h->count; i++) {
		const struct header *f = &h->list[i];
		bool first = !received && sv_is_case(f->name, "Received"); /* one of two copies that came other ways */

		received = received || first;
		if (named ? first || is_key_field(f->name) : !is_status_field(f->name))
			add_header(hash, f);
	}
	hash_end_hex(hash, hex);
	add_date(h, out);
	memcpy(out + 8, hex, MBOX_KEY_LEN - 8);
	out[MBOX_KEY_LEN] = '\0';
}

void mbox_headers(struct arena *a, struct sv *bytes, struct headers *h)
{
	*bytes = headers_lf(a, *bytes);
	headers_parse(a, *bytes, h);
}

static const struct {
	char letter;
	unsigned flag;
	bool x; /* in X-Status */
} status_letters[] = {
	{'R', MSG_SEEN, false}, {'O', MSG_OLD, false}, {'A', MSG_ANSWERED, true}, {'F', MSG_FLAGGED, true},
	{'D', MSG_DELETED, true}, {'T', MSG_DRAFT, true},
};

unsigned mbox_flags_of(const struct headers *h, struct str *words)
{
	struct sv status = headers_raw(h, "Status"), xstatus = headers_raw(h, "X-Status"), w;
	struct sv keywords = headers_raw(h, "X-Keywords");
	unsigned flags = 0;

	for (size_t i = 0; i < ARRAY_LEN(status_letters); i++) {
		if (sv_chr(status_letters[i].x ? xstatus : status, status_letters[i].letter) >= 0)
			flags |= status_letters[i].flag;
	}
	if (flags & MSG_SEEN) /* read ones are never "old and unread" */
		flags &= ~(unsigned)MSG_OLD;
	str_clear(words);
	while (sv_split(&keywords, ' ', &w)) {
		unsigned flag = message_flag_by_name(w);

		flags |= flag;
		if (w.len > 0 && !flag && !((words->len == 0 || str_addc(words, ' ')) && str_add(words, w)))
			break;
	}
	return flags;
}

/* The fields that say flags and keywords, as mutt writes them. */
static bool add_status(struct str *out, unsigned flags, struct sv words)
{
	struct str x;
	bool ok = true;

	if (flags & (MSG_SEEN | MSG_OLD))
		ok = str_adds(out, flags & MSG_SEEN ? "Status: RO\n" : "Status: O\n");
	str_init(&x, 64);
	for (size_t i = 0; i < ARRAY_LEN(status_letters); i++) {
		if (status_letters[i].x && (flags & status_letters[i].flag))
			ok = ok && str_addc(&x, status_letters[i].letter);
	}
	if (x.len > 0)
		ok = ok && str_addf(out, "X-Status: %s\n", x.s);
	str_fini(&x);
	static const unsigned named[] = {MSG_FORWARDED, MSG_MDNSENT, MSG_JUNK, MSG_NOTJUNK};
	bool any = words.len > 0;
	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		any = any || (flags & named[i]);
	if (!any)
		return ok;
	ok = ok && str_adds(out, "X-Keywords:");
	for (size_t i = 0; i < ARRAY_LEN(named); i++) {
		if (flags & named[i])
			ok = ok && str_addf(out, " %s", message_flag_name(named[i]));
	}
	if (words.len > 0)
		ok = ok && str_addc(out, ' ') && str_add(out, words);
	return ok && str_addc(out, '\n');
}

/* The header block with new status fields and without drop's; then the empty line. */
bool mbox_add_header(struct str *out, const struct headers *h, unsigned flags, struct sv words, bool new_copy)
{
	static const char *const drop_always[] = {"Status", "X-Status", "X-Keywords"};
	/*
	 * Counts of the old place are wrong in the new one, UIDs of another server's are not ours.
	 */
	static const char *const drop_copy[] = {"Content-Length", "Lines", "X-UID", "X-IMAP", "X-IMAPbase"};
	bool ok = true;

	for (size_t i = 0; ok && i < h->count; i++) {
		const struct header *f = &h->list[i];
		bool drop = false;

		for (size_t k = 0; k < ARRAY_LEN(drop_always); k++)
			drop = drop || sv_is_case(f->name, drop_always[k]);
		for (size_t k = 0; new_copy && k < ARRAY_LEN(drop_copy); k++)
			drop = drop || sv_is_case(f->name, drop_copy[k]);
		if (drop)
			continue;
		ok = str_add(out, sv_make(h->block.p + f->at, f->len));
		if (ok && out->s[out->len - 1] != '\n')
			ok = str_addc(out, '\n');
	}
	return ok && add_status(out, flags, words) && str_addc(out, '\n');
}
