/*
 * The wire parsers as filters, for `feist --filter` in a build with --enable-test-filters: text in,
 * JSON out. Kinds: imap-response, imap-bodystructure, imap-envelope, smtp-reply, pop3-reply.
 */
#ifndef NET_FILTER_H
#define NET_FILTER_H

#include "base/err.h"
#include "base/str.h"

/*
 * Appends one JSON value. ERR_INPUT: unknown kind; ERR_PROTO: the input is not what it should be.
 */
bool net_filter(const char *kind, struct sv input, struct str *json, struct err *e) MUST_CHECK;
bool net_filter_has(const char *kind);

#endif
