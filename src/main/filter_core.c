/*
 * feist --filter: the kinds over configuration and core (format, pattern, keyname), and the way to those
 * that other programs hold: html (feist-render) and the protocol parsers (feist-worker).
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/proc.h"
#include "conf/conf.h"
#include "conf/keys.h"
#include "core/format.h"
#include "core/pattern.h"
#include "main/filter.h"
#include "main/main.h"

#define FORMAT_OUT_MAX (1 << 20)

/* ---- format: {"format": F, "row": {...}, "width": N, "set": "index"} ---- */

static char *text_of(struct arena *arena, const struct json *input, const char *key, const char *fallback)
{
	const struct json *v = json_get(input, key);

	if (!v || (v->kind != JSON_STRING && v->kind != JSON_NUMBER))
		return arena_strdup(arena, fallback);
	return arena_strndup(arena, v->text.p, v->text.len);
}

/* [{"name":N,"addr":A}] or a string, as an address list in the form of the store. */
static struct sv people_of(struct arena *arena, const struct json *row, const char *key)
{
	const struct json *v = json_get(row, key);
	struct str out;

	if (!v || v->kind != JSON_ARRAY)
		return sv_of(text_of(arena, row, key, ""));
	str_init(&out, FORMAT_OUT_MAX);
	for (const struct json *a = v->child; a; a = a->next) {
		const char *name = text_of(arena, a, "name", ""), *addr = text_of(arena, a, "addr", "");
		str_addf(&out, "%s%s%s%s<%s>", out.len ? ", " : "", *name ? "\"" : "", name, *name ? "\" " : "", addr);
	}
	struct sv list = sv_of(arena_strndup(arena, out.s, out.len));
	str_fini(&out);
	return list;
}

static unsigned flags_of(const struct json *row)
{
	static const struct {
		const char *name;
		unsigned flag;
	} names[] = {{"seen", FLAG_SEEN}, {"old", FLAG_OLD}, {"answered", FLAG_ANSWERED}, {"flagged", FLAG_FLAGGED},
		{"draft", FLAG_DRAFT}, {"deleted", FLAG_DELETED}, {"tagged", FLAG_TAGGED}, {"signed", FLAG_SIGNED},
		{"encrypted", FLAG_ENCRYPTED}, {"to_me", FLAG_TO_ME}, {"cc_me", FLAG_CC_ME}, {"only_me", FLAG_ONLY_ME},
		{"from_me", FLAG_FROM_ME}, {"to_list", FLAG_TO_LIST | FLAG_TO_SUBSCRIBED}};
	const struct json *v = json_get(row, "flags");
	unsigned flags = 0;

	for (const struct json *f = v && v->kind == JSON_ARRAY ? v->child : NULL; f; f = f->next)
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			if (f->kind == JSON_STRING && sv_is(f->text, names[i].name))
				flags |= names[i].flag;
	return flags;
}

static void facts_of(struct arena *arena, const struct json *row, struct msg_facts *m)
{
	*m = (struct msg_facts){.uid = (uint32_t)filter_number(row, "uid", 0), .flags = flags_of(row),
		.date_sent = filter_number(row, "date_epoch", 0), .tz_min = (int)filter_number(row, "tz", 0),
		.size = (uint64_t)MAX(filter_number(row, "size", 0), 0), .lines = (uint32_t)filter_number(row, "lines", 0),
		.score = (int32_t)filter_number(row, "score", 0), .number = (uint32_t)filter_number(row, "n", 0),
		.attachments = (uint32_t)filter_number(row, "attachments", 0)};
	m->date_received = filter_number(row, "date_received", m->date_sent);
	m->subject = sv_of(text_of(arena, row, "subject", ""));
	m->message_id = sv_of(text_of(arena, row, "message_id", ""));
	m->label = sv_of(text_of(arena, row, "label", ""));
	m->from = people_of(arena, row, "from");
	m->to = people_of(arena, row, "to");
	m->cc = people_of(arena, row, "cc");
	m->reply_to = people_of(arena, row, "reply_to");
}

/* Members of the row that are named like an expando (letters or long name) give its value as it is. */
struct row_values {
	struct arena *arena;
	const struct json *row;
};

static bool row_value(void *data, const struct expando_ref *ref, struct expando_value *v)
{
	struct row_values *r = data;
	char *letters = arena_strndup(r->arena, ref->letters.p ? ref->letters.p : "", ref->letters.len);
	const struct json *x = json_get(r->row, letters);

	if (!x && ref->word)
		x = json_get(r->row, ref->word->name);
	if (!x)
		return false;
	if (x->kind == JSON_NUMBER) {
		v->kind = EXPANDO_NUMBER;
		v->number = (long)x->number;
		return true;
	}
	v->kind = EXPANDO_TEXT;
	str_add(v->text, x->text);
	return true;
}

static enum expando_set set_of(const char *name)
{
	for (int s = SET_NONE + 1; s < SET_COUNT; s++)
		if (sv_is(sv_of(name), expando_set_name((enum expando_set)s)))
			return (enum expando_set)s;
	return SET_INDEX;
}

static bool has_letters(const struct json *row)
{
	for (const struct json *m = row && row->kind == JSON_OBJECT ? row->child : NULL; m; m = m->next)
		if (m->key && (strlen(m->key) == 1 || (strlen(m->key) == 2 && strcmp(m->key, "to") != 0 && strcmp(m->key, "cc") != 0 && strcmp(m->key, "tz") != 0)) &&
			strcmp(m->key, "n") != 0)
			return true;
	return false;
}

static bool format(struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	const struct json *row = json_get(input, "row");
	bool plain = input->kind == JSON_STRING;
	const char *text = plain ? arena_strndup(arena, input->text.p, input->text.len) : text_of(arena, input, "format", "");
	enum expando_set set = set_of(plain ? "index" : text_of(arena, input, "set", "index"));
	struct expando *x = expando_new(set, sv_of(text), e);
	int width = (int)filter_number(input, "width", 0);
	struct str line;

	if (!x)
		return false;
	str_init(&line, FORMAT_OUT_MAX);
	if (set != SET_INDEX || has_letters(row)) {
		struct row_values values = {arena, row};
		struct expando_env env = {.value = row_value, .data = &values, .width = width, .no_filter = true};
		expando_format(x, &env, &line, NULL);
	} else {
		struct conf *conf = conf_new_without_keys(CONF_MUTT);
		struct msg_facts m;
		facts_of(arena, row, &m);
		struct format_msg f = {.conf = conf, .facts = &m, .mailbox = text_of(arena, row, "mailbox", ""),
			.width = width};
		format_msg(x, &f, &line, NULL);
		conf_free(conf);
	}
	expando_free(x);
	bool ok = str_add_json(out, str_sv(&line));
	str_fini(&line);
	return ok;
}

/* ---- pattern and keyname ---- */

static bool pattern(struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	struct sv bytes;

	if (!filter_bytes(arena, input, &bytes, e))
		return false;
	struct conf *conf = conf_new_without_keys(CONF_MUTT);
	struct pattern *p = pattern_compile(conf, arena_strndup(arena, bytes.p, bytes.len),
		PATTERN_SIMPLE | PATTERN_FULL, clock_now(), e);
	bool ok = p != NULL;
	if (ok) {
		char *text = pattern_canonical(p);
		ok = str_add_json(out, sv_of(text));
		free(text);
	}
	pattern_free(p);
	conf_free(conf);
	return ok;
}

static bool keyname(struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	struct sv bytes;
	struct keys keys;
	struct str text;

	if (!filter_bytes(arena, input, &bytes, e) || !keys_parse_rc(bytes, &keys, e))
		return false;
	str_init(&text, FORMAT_OUT_MAX);
	keys_print(&keys, &text);
	bool ok = str_add_json(out, str_sv(&text));
	str_fini(&text);
	return ok;
}

const struct filter_kind filter_core_kinds[] = {
	{"format", format},
	{"pattern", pattern},
	{"keyname", keyname},
	{NULL, NULL},
};

/* ---- all kinds ---- */

static const struct {
	const char *kind, *helper;
} elsewhere[] = {
	{"html", "feist-render"},
#ifdef TEST_FILTERS
	{"imap-response", "feist-worker"}, {"imap-bodystructure", "feist-worker"}, {"imap-envelope", "feist-worker"},
	{"smtp-reply", "feist-worker"}, {"pop3-reply", "feist-worker"},
#endif
};

/* The helper reads our input and writes our output itself. */
static int run_helper(const char *name, const char *kind)
{
	struct proc_opts o = PROC_OPTS_INIT;
	char *path = proc_helper(name);
	const char *argv[] = {path, "--filter", kind, NULL};
	struct err e;
	pid_t pid;

	int status = proc_spawn(argv, &o, &pid, &e) ? proc_wait(pid) : main_fail(EX_UNAVAILABLE, &e);
	free(path);
	return status;
}

int main_filter(const struct args *a)
{
	static const struct filter_kind *const tables[] = {filter_mime_kinds, filter_core_kinds, NULL};

	for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++)
		if (sv_is(sv_of(a->what), elsewhere[i].kind))
			return run_helper(elsewhere[i].helper, a->what);
	return filter_run(a->what, tables, 0, 1);
}
