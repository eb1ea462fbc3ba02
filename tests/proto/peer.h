/*
 * The other side of a protocol test: a server on loopback that follows a script in a thread of its own.
 *
 *	S: text        sends the line and CRLF ("\r", "\n", "\t", "\\", "\0", "\xHH" are understood)
 *	S- text        sends it without CRLF
 *	SREP n text    sends the text n times, no line end
 *	C: text        the client must send exactly this line
 *	C~ text        a line that begins so
 *	CB n           takes n bytes, whatever they are
 *	C= text        exactly these bytes, line ends and all
 *	CDATA          takes everything up to and with CRLF "." CRLF
 *	TLS            from now on TLS (the server's side of the handshake)
 *	DEFLATE        from now on raw deflate in both directions
 *	CUT            closes the connection
 *	RST            resets it
 *	STALL          says nothing more, keeps the line open
 *	DRIP n         from now on sends n bytes at a time
 *	GARBAGE n      sends n bytes of noise
 *	AGAIN          closes and waits for the next connection
 */
#ifndef TESTS_PROTO_PEER_H
#define TESTS_PROTO_PEER_H

#include <openssl/ssl.h>
#include <stddef.h>

struct peer;

/* lines: NULL-ended, lent while it runs. tls: context for TLS (lent), or NULL; implicit: TLS at once. */
struct peer *peer_start(const char *const *lines, SSL_CTX *tls, int implicit);
unsigned peer_port(const struct peer *);
/* Waits for the end of the script. NULL when all went by the script, else what did not; lent until peer_free. */
const char *peer_end(struct peer *);
void peer_free(struct peer *);
/* Everything the client has sent so far, as text. Only after peer_end. */
const char *peer_heard(const struct peer *, size_t *len);

#endif
