/*
 * The loop of --filter (see filter.h).
 */
#include "main/filter.h"

#include <errno.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fs.h"
#include "mime/codec.h"

#define READ_CHUNK 65536
#define OUT_MAX (256u << 20)

bool filter_bytes(struct arena *arena, const struct json *input, struct sv *out, struct err *e)
{
	const struct json *base64 = json_get(input, "base64"), *text = json_get(input, "text");
	struct str bytes;
	bool ok;

	if (input && input->kind == JSON_STRING) {
		*out = input->text;
		return true;
	}
	if (text && text != input)
		return filter_bytes(arena, text, out, e);
	if (!base64 || base64->kind != JSON_STRING)
		return err_set(e, ERR_INPUT, "the input is no string");
	str_init(&bytes, FILTER_LINE_MAX);
	ok = codec_decode_all(&bytes, CODEC_BASE64, base64->text, NULL);
	*out = sv_make(arena_strndup(arena, bytes.s ? bytes.s : "", bytes.len), bytes.len);
	str_fini(&bytes);
	return ok;
}

int64_t filter_number(const struct json *input, const char *key, int64_t fallback)
{
	const struct json *v = json_get(input, key);

	return v && v->kind == JSON_NUMBER ? v->number : fallback;
}

static filter_fn *find_kind(const char *kind, const struct filter_kind *const *tables)
{
	const struct filter_kind *k;

	for (; *tables; tables++)
		for (k = *tables; k->name; k++)
			if (strcmp(k->name, kind) == 0)
				return k->fn;
	return NULL;
}

static void list_kinds(const struct filter_kind *const *tables)
{
	const struct filter_kind *k;

	for (; *tables; tables++)
		for (k = *tables; k->name; k++)
			fprintf(stderr, " %s", k->name);
	fprintf(stderr, "\n");
}

/* One line of input to one of output. */
static void answer(filter_fn *fn, struct sv line, struct str *out)
{
	struct arena *arena = arena_new();
	struct err e = {0};
	struct json *root;
	const struct json *input;
	size_t start = out->len;
	bool ok = json_parse(arena, line, &root, &e);

	if (ok) {
		input = json_get(root, "input");
		ok = input ? str_adds(out, "{\"output\":") && fn(arena, input, out, &e) &&
				     str_adds(out, "}\n")
			   : err_set(&e, ERR_INPUT, "no member \"input\"");
	}
	if (!ok) {
		str_cut(out, start);
		str_adds(out, "{\"error\":");
		str_add_json(out, sv_of(e.class == ERR_NONE ? "output too long" : e.text));
		str_adds(out, "}\n");
	}
	arena_free(arena);
}

static bool answer_lines(filter_fn *fn, struct str *text, bool last, int out_fd, struct err *e)
{
	struct sv rest = str_sv(text), line;
	struct str out;
	bool ok = true;

	str_init(&out, OUT_MAX);
	while (ok && rest.len > 0) {
		const char *lf = memchr(rest.p, '\n', rest.len);

		if (!lf && !last)
			break;
		sv_line(&rest, &line);
		if (sv_trim(line).len == 0)
			continue;
		answer(fn, line, &out);
		ok = fs_write_all(out_fd, str_sv(&out), e);
		str_clear(&out);
	}
	str_remove(text, 0, text->len - rest.len);
	str_fini(&out);
	return ok;
}

int filter_run(const char *kind, const struct filter_kind *const *tables, int in, int out)
{
	filter_fn *fn = find_kind(kind, tables);
	struct str text;
	struct err e = {0};
	bool ok = true, last = false;

	if (!fn) {
		fprintf(stderr, "feist: no filter \"%s\"; there are:", kind);
		list_kinds(tables);
		return EX_USAGE;
	}
	str_init(&text, FILTER_LINE_MAX + READ_CHUNK);
	while (ok && !last) {
		char *p = str_reserve(&text, READ_CHUNK);
		ssize_t n = p ? read(in, p, READ_CHUNK) : -1;

		if (n < 0 && p && errno == EINTR)
			continue;
		if (n < 0) {
			ok = p ? err_sys(&e, "reading")
			       : err_set(&e, ERR_LIMIT, "a line longer than %u bytes",
					 FILTER_LINE_MAX);
			break;
		}
		str_commit(&text, (size_t)n);
		last = n == 0;
		if (last || memchr(p, '\n', (size_t)n))
			ok = answer_lines(fn, &text, last, out, &e);
	}
	str_fini(&text);
	if (!ok)
		fprintf(stderr, "feist: %s\n", e.text);
	return ok ? EX_OK : EX_DATAERR;
}
