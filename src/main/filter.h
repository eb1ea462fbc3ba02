/*
 * feist --filter KIND: one parser or writer of ours over JSON lines, for scripts and tests. A line
 * {"input": X} gives {"output": Y} or {"error": text}; bytes that are not UTF-8 come as {"base64":
 * ...}.
 */
#ifndef MAIN_FILTER_H
#define MAIN_FILTER_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "main/json.h"

#define FILTER_LINE_MAX (64u << 20)

/* Writes the JSON of the output; ERR_INPUT for an "error" line. */
typedef bool filter_fn(struct arena *, const struct json *input, struct str *out, struct err *e);
struct filter_kind {
	const char *name;
	filter_fn *fn;
};
/* Kinds over mime and text; over conf and core; over net (only with --enable-test-filters). NULL
 * name ends. */
extern const struct filter_kind filter_mime_kinds[];
extern const struct filter_kind filter_core_kinds[];
extern const struct filter_kind filter_net_kinds[];

/* The bytes of an input that is a string, {"base64":...} or has a member "text" of these. */
bool filter_bytes(struct arena *, const struct json *input, struct sv *out,
	struct err *e) MUST_CHECK;
/* A member that is a number, else fallback. */
int64_t filter_number(const struct json *input, const char *key, int64_t fallback);

/* Reads in, writes out until the end. tables: NULL-ended. Exit status: 64 for an unknown kind. */
int filter_run(const char *kind, const struct filter_kind *const *tables, int in, int out);

#endif
