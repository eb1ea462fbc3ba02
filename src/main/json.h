/*
 * A small reader of JSON (RFC 8259) for the lines of --filter: bounded, without recursion. Writing
 * is done with str_add_json.
 */
#ifndef MAIN_JSON_H
#define MAIN_JSON_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#define JSON_DEPTH_MAX 64
#define JSON_NODES_MAX 1000000

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_kind kind;
	const char *key;            /* of a member of an object (UTF-8), else NULL */
	struct sv text;             /* string: decoded UTF-8; number: as it was written */
	int64_t number;             /* number: its integer part; bool: 0 or 1 */
	struct json *child, *next;  /* first element or member; the next one */
};

/* One value and nothing behind it. Lives in the arena. ERR_INPUT says where it is wrong. */
bool json_parse(struct arena *, struct sv text, struct json **out, struct err *e) MUST_CHECK;
/* The member of that name (the last one counts), NULL when v is no object or has none. */
const struct json *json_get(const struct json *v, const char *key);

#endif
