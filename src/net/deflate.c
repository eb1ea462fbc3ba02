/*
 * COMPRESS=DEFLATE (RFC 4978): raw deflate in both directions between a connection and its
 * transport. A compressed answer that explodes is bounded where it is read: nothing is inflated
 * before somebody asks for bytes, and then only as many as fit.
 */
#include <stdlib.h>
#include <zlib.h>

#include "base/mem.h"
#include "net/conn_priv.h"

#define ZIN_SIZE 16384
#define ZOUT_SIZE 65536

struct zip {
	struct transport below;
	z_stream in, out;
	bool in_more; /* inflate may have output left though its input is used up */
	char zin[ZIN_SIZE];
	char zout[ZOUT_SIZE];
	size_t zout_start, zout_end;
};

/* One step of inflating what is here into buf. Bytes made, or IO_FAILED. */
static ssize_t inflate_some(struct zip *z, char *buf, size_t n, struct err *e)
{
	int rc;

	z->in.next_out = (Bytef *)buf;
	z->in.avail_out = (uInt)n;
	rc = inflate(&z->in, Z_SYNC_FLUSH);
	if (rc != Z_OK && rc != Z_BUF_ERROR) {
		err_set(e, ERR_PROTO, "the server's compressed data is broken");
		return IO_FAILED;
	}
	z->in_more = z->in.avail_out == 0;
	return (ssize_t)(n - z->in.avail_out);
}

static ssize_t zip_read(void *self, char *buf, size_t n, struct err *e)
{
	struct zip *z = self;

	for (;;) {
		ssize_t got;

		if (z->in.avail_in > 0 || z->in_more) {
			got = inflate_some(z, buf, n, e);
			if (got != 0)
				return got;
		}
		got = z->below.read(z->below.self, z->zin, sizeof(z->zin), e);
		if (got <= 0)
			return got;
		z->in.next_in = (Bytef *)z->zin;
		z->in.avail_in = (uInt)got;
	}
}

/* Pushes what is compressed already. 1 when all is out, else as transport.write. */
static ssize_t zip_push(struct zip *z, struct err *e)
{
	while (z->zout_start < z->zout_end) {
		ssize_t n = z->below.write(
			z->below.self, z->zout + z->zout_start, z->zout_end - z->zout_start, e);

		if (n <= 0)
			return n == 0 ? IO_WANT_WRITE : n;
		z->zout_start += (size_t)n;
	}
	z->zout_start = z->zout_end = 0;
	return 1;
}

/* Bytes count as written when they are compressed; zip_flush gets the rest out. */
static ssize_t zip_write(void *self, const char *buf, size_t n, struct err *e)
{
	struct zip *z = self;
	ssize_t rc = zip_push(z, e);

	if (rc != 1)
		return rc;
	n = MIN(n, (size_t)ZOUT_SIZE / 2);
	z->out.next_in = (Bytef *)(uintptr_t)buf;
	z->out.avail_in = (uInt)n;
	z->out.next_out = (Bytef *)z->zout;
	z->out.avail_out = ZOUT_SIZE;
	if (deflate(&z->out, Z_SYNC_FLUSH) != Z_OK || z->out.avail_in > 0) {
		err_set(e, ERR_NET, "compressing failed");
		return IO_FAILED;
	}
	z->zout_end = ZOUT_SIZE - z->out.avail_out;
	return zip_push(z, e) == IO_FAILED ? IO_FAILED : (ssize_t)n;
}

static ssize_t zip_flush(void *self, struct err *e)
{
	struct zip *z = self;
	ssize_t rc = zip_push(z, e);

	return rc == 1 && z->below.flush ? z->below.flush(z->below.self, e) : rc;
}

static bool zip_pending(void *self)
{
	struct zip *z = self;

	return z->in.avail_in > 0 || z->in_more || z->below.pending(z->below.self);
}

static void zip_close(void *self)
{
	struct zip *z = self;

	inflateEnd(&z->in);
	deflateEnd(&z->out);
	z->below.close(z->below.self);
	free(z);
}

bool deflate_wrap(struct transport *io, struct sv ahead, struct err *e)
{
	struct zip *z = xcalloc(1, sizeof(*z));

	if (ahead.len > sizeof(z->zin) || inflateInit2(&z->in, -MAX_WBITS) != Z_OK ||
		deflateInit2(&z->out, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8,
			Z_DEFAULT_STRATEGY) != Z_OK) {
		inflateEnd(&z->in);
		free(z);
		return err_set(e, ERR_NET, "starting compression failed");
	}
	if (ahead.len)
		memcpy(z->zin, ahead.p, ahead.len);
	z->in.next_in = (Bytef *)z->zin;
	z->in.avail_in = (uInt)ahead.len;
	z->below = *io;
	*io = (struct transport){.read = zip_read,
		.write = zip_write,
		.flush = zip_flush,
		.pending = zip_pending,
		.close = zip_close,
		.self = z,
		.secure = z->below.secure};
	return true;
}
