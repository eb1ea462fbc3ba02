#include "sync/spam.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/rx.h"

#define LINE_MAX_BYTES 65536
#define TAG_MAX_BYTES 1000
#define NAME_MAX_BYTES 78

struct rule {
	struct rx *rx;
	char *format; /* NULL: nospam */
};

struct spam_rules {
	struct rule *v;
	size_t n, cap;
	char *separator; /* NULL: the last tag wins */
};

static void add_rule(struct spam_rules *s, struct sv expression, const char *format, struct sv tag)
{
	char *text = sv_dup(expression);
	struct err e;
	struct rx *rx = rx_new(text, RX_ICASE, &e);

	free(text);
	if (!rx) {
		log_write(LOG_WARN, "spam", "%s", e.text);
		return;
	}
	array_grow(s->v, s->n, s->cap);
	s->v[s->n++] = (struct rule){rx, format ? sv_dup(tag) : NULL};
}

struct spam_rules *spam_rules_new(const char *text)
{
	struct spam_rules *s = xcalloc(1, sizeof(*s));
	struct sv rest = sv_of(text), line;

	while (sv_split(&rest, '\n', &line)) {
		char kind = line.len ? line.p[0] : 0;
		struct sv what = sv_from(line, 1);
		ptrdiff_t at = sv_chr(what, SPAM_FORMAT);

		if (kind == '+' && at >= 0)
			add_rule(s, sv_head(what, (size_t)at), "", sv_from(what, (size_t)at + 1));
		else if (kind == '-')
			add_rule(s, what, NULL, SV(""));
		else if (kind == ',' && what.len) {
			free(s->separator);
			s->separator = sv_dup(what);
		}
	}
	if (s->n > 0)
		return s;
	spam_rules_free(s);
	return NULL;
}

void spam_rules_free(struct spam_rules *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		rx_free(s->v[i].rx);
		free(s->v[i].format);
	}
	free(s->v);
	free(s->separator);
	free(s);
}

/* ---- a line ---- */

/* The format with what the groups have matched in place of %1 .. %9. */
static void add_tag(struct str *out, const char *format, struct sv line, ptrdiff_t groups[RX_GROUPS][2])
{
	for (const char *f = format; *f; f++) {
		unsigned n = (unsigned)(f[1] - '0');

		if (*f != '%' || n > 9) {
			if (!str_addc(out, *f))
				return;
			continue;
		}
		f++;
		if (groups[n][0] >= 0)
			(void)!str_add(out, sv_make(line.p + groups[n][0], (size_t)(groups[n][1] - groups[n][0])));
	}
}

static bool is_excepted(const struct spam_rules *s, struct sv line)
{
	for (size_t i = 0; i < s->n; i++) {
		if (!s->v[i].format && rx_match(s->v[i].rx, line))
			return true;
	}
	return false;
}

/* The tag of one line into tag; false: it has none. */
static bool judge(const struct spam_rules *s, struct sv line, struct str *tag)
{
	ptrdiff_t groups[RX_GROUPS][2];

	for (size_t i = 0; i < s->n; i++) {
		if (!s->v[i].format || !rx_find(s->v[i].rx, line, 0, groups))
			continue;
		if (is_excepted(s, line))
			return false;
		str_clear(tag);
		add_tag(tag, s->v[i].format, line, groups);
		return tag->len > 0;
	}
	return false;
}

struct sv spam_tag(struct spam_rules *s, struct arena *a, const struct headers *h)
{
	struct str line, tag, all;
	struct sv made = SV("");

	if (!s)
		return made;
	str_init(&line, LINE_MAX_BYTES);
	str_init(&tag, TAG_MAX_BYTES);
	str_init(&all, TAG_MAX_BYTES);
	for (size_t i = 0; i < h->count; i++) {
		str_clear(&line);
		(void)!(str_add(&line, h->list[i].name) && str_adds(&line, ": ") && header_unfold(&line, h->list[i].raw));
		if (!judge(s, str_sv(&line), &tag))
			continue;
		if (!s->separator)
			str_clear(&all);
		if (all.len > 0 && !str_adds(&all, s->separator))
			break;
		(void)!str_add(&all, str_sv(&tag));
	}
	if (all.len > 0)
		made = sv_make(arena_strndup(a, all.s, all.len), all.len);
	str_fini(&line);
	str_fini(&tag);
	str_fini(&all);
	return made;
}

/* ---- what to fetch ---- */

/* "^X-Spam-Score: ..." is about X-Spam-Score. */
static struct sv field_of(const char *expression)
{
	struct scan s = scan_of(sv_of(expression));
	const char *name;

	(void)scan_byte(&s, '^');
	name = s.p;
	while (ascii_is_alnum(scan_peek(&s)) || scan_peek(&s) == '-' || scan_peek(&s) == '_')
		s.p++;
	return scan_peek(&s) == ':' && s.p - name <= NAME_MAX_BYTES ? sv_make(name, (size_t)(s.p - name)) : SV("");
}

void spam_fields(const struct spam_rules *s, struct str *out)
{
	for (size_t i = 0; s && i < s->n; i++) {
		struct sv name = field_of(rx_pattern(s->v[i].rx));

		if (name.len > 0)
			(void)!(str_addc(out, ' ') && str_add(out, name));
	}
}
