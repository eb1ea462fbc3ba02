#include "tests/evil/cases.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"

#define LISTS 26
#define VALUES_MAX 200

struct list {
	char *value[VALUES_MAX];
	size_t n;
};

struct reader {
	struct cases *out;
	const char *path;
	unsigned line;
	struct mode mode;
	struct list list[LISTS]; /* 'A' to 'Z' */
	int open;                /* the list that is being filled; -1: none */
};

static void complain(struct reader *r, const char *what)
{
	str_addf(&r->out->notes, "%s:%u: %s\n", r->path, r->line, what);
}

void cases_init(struct cases *c)
{
	*c = (struct cases){0};
	str_init(&c->notes, 1u << 20);
}

void cases_free(struct cases *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].name);
		free(c->v[i].state);
		free(c->v[i].bytes);
		free(c->v[i].verdict);
		free(c->v[i].mode.caps);
	}
	free(c->v);
	str_fini(&c->notes);
}

/* ---- escapes ---- */

/* "\\r" and the like; the cursor stands behind the backslash. */
static void escaped(struct str *out, struct scan *s)
{
	char c = *s->p++;

	if (c == 'x' && s->end - s->p >= 2) {
		str_addc(out, (char)(ascii_hex((unsigned char)s->p[0]) << 4 | ascii_hex((unsigned char)s->p[1])));
		s->p += 2;
	} else {
		str_addc(out, c == 'r' ? '\r' : c == 'n' ? '\n' : c == 't' ? '\t' : c == '0' ? 0 : c);
	}
}

/* "1000(text)": the text a thousand times. */
static bool repeat(struct str *out, struct scan *s)
{
	uint64_t n;
	struct sv text;
	struct scan t;
	struct str once;

	if (!scan_u64(s, &n) || n > MODEL_OUT_MAX || !scan_byte(s, '('))
		return false;
	text = scan_until(s, ")");
	if (!scan_byte(s, ')'))
		return false;
	str_init(&once, 65536);
	t = scan_of(text);
	while (!scan_end(&t)) {
		if (scan_byte(&t, '\\') && !scan_end(&t))
			escaped(&once, &t);
		else
			str_addc(&once, *t.p++);
	}
	for (uint64_t i = 0; i < n; i++)
		str_add(out, str_sv(&once));
	str_fini(&once);
	return true;
}

static bool unescape(struct str *out, struct sv text)
{
	struct scan s = scan_of(text);

	while (!scan_end(&s)) {
		if (!scan_byte(&s, '\\') || scan_end(&s)) {
			str_addc(out, scan_end(&s) ? '\\' : *s.p++);
		} else if (scan_byte(&s, '*')) {
			if (!repeat(out, &s))
				return false;
		} else {
			escaped(out, &s);
		}
	}
	return true;
}

/* ---- rows ---- */

static bool how_of(struct sv word, enum fault_how *how)
{
	static const char *const names[] = {"none", "before", "instead", "last", "all", "after", "cut", "silence"};

	for (size_t i = 1; i < ARRAY_LEN(names); i++)
		if (sv_is(word, names[i]))
			return *how = (enum fault_how)i, true;
	return false;
}

static void add_case(struct reader *r, struct sv state, struct sv how, struct sv name, struct sv verdict, struct sv bytes)
{
	struct cases *c = r->out;
	struct str raw;
	struct one_case *x;
	struct sv word = state, base;
	uint64_t nth = 0;

	array_grow(c->v, c->n, c->cap);
	x = &c->v[c->n++];
	*x = (struct one_case){.mode = r->mode};
	x->mode.caps = r->mode.caps ? xstrdup(r->mode.caps) : NULL;
	sv_split(&word, '#', &base);
	if (word.len && sv_u64(word, &nth))
		x->nth = (int)nth;
	x->state = sv_dup(base);
	x->name = xasprintf("%s%s%s%s%s/" SV_FMT "/" SV_FMT "/" SV_FMT, model_proto_name(r->mode.proto),
		r->mode.tls ? "+tls" : "", r->mode.far ? "+far" : "", r->mode.optional ? "+optional" : "",
		r->mode.caps ? "+caps" : "", SV_ARG(state), SV_ARG(how), SV_ARG(name));
	x->verdict = sv_dup(verdict);
	if (!how_of(how, &x->how))
		complain(r, "unknown word for how");
	str_init(&raw, MODEL_OUT_MAX);
	if (!unescape(&raw, bytes))
		complain(r, "a repetition that is none");
	x->len = raw.len;
	x->bytes = str_detach(&raw);
	str_fini(&raw);
}

/* One row for each state. */
static void add_states(struct reader *r, struct sv states, struct sv how, struct sv name, struct sv verdict, struct sv bytes)
{
	struct sv one;

	if (states.len == 2 && states.p[0] == '=' && states.p[1] >= 'A' && states.p[1] <= 'Z') {
		const struct list *l = &r->list[states.p[1] - 'A'];

		for (size_t i = 0; i < l->n; i++)
			add_case(r, sv_of(l->value[i]), how, name, verdict, bytes);
		return;
	}
	if (!sv_starts(states, SV("*"))) {
		while (sv_split(&states, ',', &one))
			add_case(r, sv_trim(one), how, name, verdict, bytes);
		return;
	}
	for (const char *const *s = model_states(r->mode.proto); *s; s++) {
		struct sv without = sv_from(states, 2);
		bool left_out = false;

		while (sv_split(&without, ',', &one))
			left_out |= sv_is(sv_trim(one), *s);
		if (!left_out)
			add_case(r, sv_of(*s), how, name, verdict, bytes);
	}
}

static char *put_value(struct sv text, char letter, const char *value)
{
	struct str s;
	char *out;

	str_init(&s, MODEL_OUT_MAX);
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '@' && i + 1 < text.len && text.p[i + 1] == letter) {
			str_adds(&s, value);
			i++;
		} else {
			str_addc(&s, text.p[i]);
		}
	}
	str_addc(&s, 0);
	out = str_detach(&s);
	str_fini(&s);
	return out;
}

/* The first list named in the name or the bytes; -1: none. */
static int list_in(struct reader *r, struct sv text)
{
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.p[i] == '@' && text.p[i + 1] >= 'A' && text.p[i + 1] <= 'Z' && r->list[text.p[i + 1] - 'A'].n)
			return text.p[i + 1] - 'A';
	return -1;
}

/* Multiplies out the lists, one after another. */
static void expand(struct reader *r, struct sv states, struct sv how, struct sv name, struct sv verdict, struct sv bytes)
{
	struct {
		char *name, *bytes;
	} todo[VALUES_MAX * 4];
	size_t n = 1;

	todo[0].name = sv_dup(name);
	todo[0].bytes = sv_dup(bytes);
	while (n > 0) {
		char *a = todo[n - 1].name, *b = todo[n - 1].bytes;
		int l = list_in(r, sv_of(a));

		n--;
		if (l < 0)
			l = list_in(r, sv_of(b));
		if (l < 0) {
			add_states(r, states, how, sv_of(a), verdict, sv_of(b));
		} else {
			for (size_t i = r->list[l].n; i > 0 && n < ARRAY_LEN(todo); i--) {
				todo[n].name = put_value(sv_of(a), (char)('A' + l), r->list[l].value[i - 1]);
				todo[n++].bytes = put_value(sv_of(b), (char)('A' + l), r->list[l].value[i - 1]);
			}
		}
		free(a);
		free(b);
	}
}

static void row(struct reader *r, struct sv line)
{
	struct sv f[4];

	for (size_t i = 0; i < 4; i++) {
		if (!sv_split(&line, '|', &f[i])) {
			complain(r, "not a row");
			return;
		}
		f[i] = sv_trim(f[i]);
	}
	/* One blank after the bar; the rest belongs to the bytes. */
	expand(r, f[1], f[2], f[0], f[3], sv_from(line, 1));
}

static void other_verdict(struct reader *r, struct sv line)
{
	struct sv word;
	char *pattern;
	size_t hits = 0;

	sv_split(&line, '|', &word);
	pattern = sv_dup(sv_trim(word));
	for (size_t i = 0; i < r->out->n; i++) {
		if (fnmatch(pattern, r->out->v[i].name, 0) != 0)
			continue;
		free(r->out->v[i].verdict);
		r->out->v[i].verdict = sv_dup(sv_trim(line));
		hits++;
	}
	if (hits == 0)
		complain(r, "fits no case");
	free(pattern);
}

static void proto_line(struct reader *r, struct sv line)
{
	struct sv w;

	free(r->mode.caps);
	r->mode = (struct mode){0};
	sv_split(&line, ' ', &w);
	r->mode.proto = sv_is(w, "imap") ? MODEL_IMAP : sv_is(w, "pop") ? MODEL_POP : MODEL_SMTP;
	while (sv_split(&line, ' ', &w)) {
		if (sv_starts(w, SV("caps="))) {
			struct str s;

			r->mode.caps = sv_dup(sv_from(w, 5));
			for (char *p = r->mode.caps; *p; p++)
				if (*p == '_')
					*p = ' ';
			str_init(&s, 4096);
			unescape(&s, sv_of(r->mode.caps));
			str_addc(&s, 0);
			free(r->mode.caps);
			r->mode.caps = str_detach(&s);
			str_fini(&s);
		} else if (sv_is(w, "tls")) {
			r->mode.tls = true;
		} else if (sv_is(w, "far")) {
			r->mode.far = true;
		} else if (sv_is(w, "preauth")) {
			r->mode.preauth = true;
		} else if (sv_is(w, "optional")) {
			r->mode.optional = true;
		} else {
			complain(r, "unknown word after proto");
		}
	}
}

static void free_list(struct list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->value[i]);
	l->n = 0;
}

static void take_line(struct reader *r, struct sv line)
{
	if (r->open >= 0) {
		struct list *l = &r->list[r->open];

		if (sv_is(line, "end"))
			r->open = -1;
		else if (l->n < VALUES_MAX)
			l->value[l->n++] = sv_dup(line);
	} else if (line.len == 0 || line.p[0] == '#') {
		return;
	} else if (sv_starts(line, SV("proto "))) {
		proto_line(r, sv_from(line, 6));
	} else if (sv_starts(line, SV("list ")) && line.len == 6) {
		r->open = line.p[5] - 'A';
		free_list(&r->list[r->open]);
	} else if (sv_starts(line, SV("! "))) {
		other_verdict(r, sv_from(line, 2));
	} else {
		row(r, line);
	}
}

bool cases_read(struct cases *c, const char *path)
{
	static struct reader r;
	struct str text;
	struct sv rest, line;
	struct err e = {0};

	r = (struct reader){.out = c, .path = path, .open = -1};
	if (!fs_read(path, 4u << 20, &text, &e)) {
		str_addf(&c->notes, "%s\n", e.text);
		return false;
	}
	rest = str_sv(&text);
	while (sv_line(&rest, &line)) {
		r.line++;
		take_line(&r, line);
	}
	for (size_t i = 0; i < LISTS; i++)
		free_list(&r.list[i]);
	free(r.mode.caps);
	str_fini(&text);
	return c->notes.len == 0;
}
