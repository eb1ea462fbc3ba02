/*
 * Reading address lists (see addr.h). A field is cut into tokens once; each entry is a run of
 * tokens up to a ',' or ';' that is not quoted, and what it means is decided from where '<', '>',
 * '@' and ':' stand in it. Nothing is ever an error: half an address is shown as the words that it
 * has.
 */
#include "mime/addr.h"

#include <stdlib.h>

#include "mime/addr_priv.h"
#include "mime/encword.h"
#include "mime/encword_priv.h"
#include "mime/header.h"
#include "text/utf8.h"

#define ENCWORD_LOOK 1024 /* bytes in which an encoded word must end to be one token */
#define ENTRY_TEXT_MAX (1u << 20)
#define ANGLES_LOOK 8
#define PLAIN_MAX 256 /* names longer than that take the long way */

enum token_kind {
	TOKEN_END,
	TOKEN_ATOM,
	TOKEN_QUOTED,
	TOKEN_COMMENT,
	TOKEN_LITERAL,
	TOKEN_SPECIAL
};

struct token {
	enum token_kind kind;
	struct sv text; /* quoted, comment: without the delimiters, escapes still in */
	bool space;     /* blanks or a comment stand before it */
};

struct reader {
	struct arena *arena;
	const struct charset_rules *rules;
	struct scan s;
	/* Of the field: an opening one behind them has no end. */
	const char *last_quote, *last_paren;
	struct token *tokens; /* of the entry */
	size_t count, cap;
	struct addr_list *out;
	bool in_group;
	bool only_tokens; /* plain entries are not read for themselves */
	int angles; /* '<' of the entry that were looked at for a missing comma */
};

/* ---- tokens ---- */

static bool is_special(char c)
{
	return c == '<' || c == '>' || c == '@' || c == ',' || c == ';' || c == ':';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Behind the opening quote to the closing one. */
static struct sv take_quoted(struct scan *s)
{
	const char *start = s->p;
	struct sv in;

	while (s->p < s->end && *s->p != '"')
		s->p += *s->p == '\\' && s->p + 1 < s->end ? 2 : 1;
	in = sv_make(start, (size_t)(s->p - start));
	scan_byte(s, '"');
	return in;
}

/* Behind '(' to its ')'; false (and nothing taken) when it has none within the depth allowed. */
static bool take_comment(struct scan *s, struct sv *in)
{
	const char *p = s->p;
	int depth = 1;

	for (; p < s->end; p++) {
		if (*p == '\\' && p + 1 < s->end)
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			break;
		if (depth > ADDR_COMMENT_DEPTH)
			return false;
	}
	if (p >= s->end)
		return false;
	*in = sv_make(s->p, (size_t)(p - s->p));
	s->p = p + 1;
	return true;
}

static struct sv take_atom(struct scan *s)
{
	const char *start = s->p;
	struct encword word;

	while (s->p < s->end && !is_special(*s->p) && !is_blank(*s->p) && *s->p != '"' &&
		*s->p != '(') {
		/* An encoded word is one token, whatever it holds. */
		if (*s->p == '=' && encword_match(sv_head(scan_rest(s), ENCWORD_LOOK), &word) &&
			sv_chr(sv_make(s->p, word.len), ' ') < 0) {
			s->p += word.len;
			continue;
		}
		s->p += *s->p == '\\' && s->p + 1 < s->end ? 2 : 1;
	}
	return sv_make(start, (size_t)(s->p - start));
}

static struct token next_token(struct reader *r)
{
	struct scan *s = &r->s;
	const char *before = s->p;
	struct token t = {TOKEN_END, SV(""), false};
	const char *close;

	scan_wsp(s);
	while (scan_peek(s) == '"' && s->p >= r->last_quote) { /* without an end: not there */
		s->p++;
		scan_wsp(s);
	}
	t.space = s->p > before;
	if (scan_end(s))
		return t;
	if (*s->p == '"') {
		s->p++;
		t.kind = TOKEN_QUOTED;
		t.text = take_quoted(s);
		return t;
	}
	if (*s->p == '(' && s->p < r->last_paren) {
		s->p++;
		if (take_comment(s, &t.text)) {
			t.kind = TOKEN_COMMENT;
			return t;
		}
		r->last_paren = s->p; /* none of those that follow closes: do not look again */
		s->p--;
	}
	if (*s->p == '[' && (close = memchr(s->p, ']', MIN((size_t)(s->end - s->p), 255u)))) {
		t.kind = TOKEN_LITERAL;
		t.text = sv_make(s->p, (size_t)(close - s->p) + 1);
		s->p = close + 1;
		return t;
	}
	if (is_special(*s->p)) {
		t.kind = TOKEN_SPECIAL;
		t.text = sv_make(s->p++, 1);
		return t;
	}
	t.kind = TOKEN_ATOM;
	t.text = *s->p == '(' ? sv_make(s->p++, 1) : take_atom(s);
	return t;
}

static bool is_char(const struct token *t, char c)
{
	return t->kind == TOKEN_SPECIAL && t->text.p[0] == c;
}

/* ---- text out of tokens ---- */

static bool add_unescaped(struct str *out, struct sv s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		if (s.p[i] == '\\' && i + 1 < s.len)
			i++;
		if (!str_addc(out, s.p[i]))
			return false;
	}
	return true;
}

/*
 * Blanks of all kinds and invisible characters: one stays, a run becomes one blank. Names padded
 * with them push the address out of sight or hide what a name says.
 */
static const char *tidy_name(struct arena *arena, struct sv s)
{
	char *made = arena_alloc(arena, s.len + 1), *to = made;
	size_t used;

	s = sv_trim(s);
	while (s.len > 0) {
		size_t n = 0, count = 0;
		bool blank = false, selector = false;

		while (n < s.len) {
			uint32_t c = utf8_decode(sv_from(s, n), &used);

			if (!utf8_is_space(c) && !utf8_is_invisible(c) && !utf8_is_control(c))
				break;
			n += used;
			/* The variation selector of the character before stays with it. */
			if (n == used && !selector && to > made && c >= 0xfe00 && c <= 0xfe0f) {
				selector = true;
				memcpy(to, s.p, used);
				to += used;
				s = sv_from(s, used);
				n = 0;
				continue;
			}
			blank |= utf8_is_control(c);
			count++;
		}
		if (n == s.len && count > 0 && (count > 1 || utf8_is_space(utf8_decode(s, &used))))
			break;
		if (count > 1 || blank) {
			if (to > made)
				*to++ = ' ';
		} else if (count == 1 && (to > made || !utf8_is_space(utf8_decode(s, &used)))) {
			memcpy(to, s.p, n);
			to += n;
		}
		s = sv_from(s, n);
		if (s.len == 0)
			break;
		utf8_decode(s, &used);
		memcpy(to, s.p, used);
		to += used;
		s = sv_from(s, used);
	}
	*to = 0;
	return made;
}

/* c may stand in a plain text: printable ASCII that means nothing but itself. */
static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '\\';
}

/* Most names: plain words with a blank between, nothing encoded. NULL: it is not so simple. */
static const char *plain_phrase(struct reader *r, size_t from, size_t to)
{
	char buf[PLAIN_MAX];
	size_t n = 0;

	for (size_t i = from; i < to; i++) {
		const struct token *t = &r->tokens[i];

		if ((t->kind != TOKEN_ATOM && t->kind != TOKEN_QUOTED) || n + t->text.len + 1 > sizeof(buf))
			return NULL;
		if (n > 0 && t->space)
			buf[n++] = ' ';
		for (size_t k = 0; k < t->text.len; k++) {
			char c = t->text.p[k];

			if (!is_plain(c) || (c == '?' && n > 0 && buf[n - 1] == '=') ||
				(c == ' ' && (n == 0 || buf[n - 1] == ' ')))
				return NULL;
			buf[n++] = c;
		}
	}
	return n > 0 && buf[n - 1] != ' ' ? arena_strndup(r->arena, buf, n) : NULL;
}

/* Words of tokens [from, to) as a display name; "Ann (Sales)" keeps what is in parentheses. */
static const char *phrase(struct reader *r, size_t from, size_t to)
{
	struct str raw, text;
	const char *name = plain_phrase(r, from, to);
	size_t i;

	if (name)
		return name;
	str_init(&raw, ENTRY_TEXT_MAX);
	for (i = from; i < to; i++) {
		const struct token *t = &r->tokens[i];

		/* "J.R.Smith" stays one word, "a <b> c" gets no blanks that were not there. */
		if (raw.len > 0 && (t->space || t->kind == TOKEN_COMMENT ||
					   r->tokens[i - 1].kind == TOKEN_COMMENT))
			str_addc(&raw, ' ');
		if (t->kind == TOKEN_COMMENT && to - from > 1) {
			str_addc(&raw, '(');
			add_unescaped(&raw, t->text);
			str_addc(&raw, ')');
		} else {
			add_unescaped(&raw, t->text);
		}
	}
	str_init(&text, ENTRY_TEXT_MAX);
	encword_decode(&text, str_sv(&raw), r->rules);
	name = tidy_name(r->arena, str_sv(&text));
	str_fini(&text);
	str_fini(&raw);
	return name;
}

/* The comments of [from, to) as a name: the old form "a@b (Real Name)". */
static const char *comment_name(struct reader *r, size_t from, size_t to)
{
	size_t i;

	for (i = from; i < to; i++)
		if (r->tokens[i].kind == TOKEN_COMMENT && sv_trim(r->tokens[i].text).len > 0)
			return phrase(r, i, i + 1);
	return "";
}

static bool is_atext(unsigned char c)
{
	return ascii_is_alnum(c) || c >= 0x80 || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* Letters, digits, dots and the like: nobody writes quotes around these and means them. */
static bool is_simple_local(struct sv local)
{
	size_t i;

	for (i = 0; i < local.len; i++)
		if (!ascii_is_alnum((unsigned char)local.p[i]) && !strchr(".-_+", local.p[i]))
			return false;
	return local.len > 0;
}

/* Dots in wrong places are common and harmless ("a..b@docomo.ne.jp"): they stay bare. */
static bool is_bare_local(struct sv local)
{
	size_t i;

	for (i = 0; i < local.len; i++)
		if (!is_atext((unsigned char)local.p[i]) && local.p[i] != '.')
			return false;
	return local.len > 0;
}

/* Quoted where it must be, and where the sender did and had a reason. */
static bool add_local(struct str *out, struct sv local, bool was_quoted)
{
	size_t i;

	if (was_quoted ? is_simple_local(local) : is_bare_local(local))
		return str_add(out, local);
	if (!str_addc(out, '"'))
		return false;
	for (i = 0; i < local.len; i++)
		if (((local.p[i] == '"' || local.p[i] == '\\') && !str_addc(out, '\\')) ||
			!str_addc(out, local.p[i]))
			return false;
	return str_addc(out, '"');
}

/* Tokens [from, to) without comments; blanks stay as one where both sides are words. */
static void join_words(struct reader *r, size_t from, size_t to, struct str *out)
{
	size_t i;

	for (i = from; i < to; i++) {
		const struct token *t = &r->tokens[i];
		bool dots = out->len > 0 && out->s[out->len - 1] == '.';

		if (t->kind == TOKEN_COMMENT)
			continue;
		if (out->len > 0 && t->space && !dots && !(t->text.len > 0 && t->text.p[0] == '.'))
			str_addc(out, ' ');
		if (t->kind == TOKEN_QUOTED)
			add_unescaped(out, t->text);
		else
			str_add(out, t->text);
	}
	for (i = 0; i < out->len; i++) /* a NUL would hide the rest, a line break start a field */
		if ((unsigned char)out->s[i] < ' ' || out->s[i] == 0x7f)
			out->s[i] = '?';
}

static bool is_plain_word(const struct token *t)
{
	if (t->kind != TOKEN_ATOM || t->text.len == 0)
		return false;
	for (size_t i = 0; i < t->text.len; i++)
		if (!is_plain(t->text.p[i]) || t->text.p[i] == ' ')
			return false;
	return true;
}

/* Most addresses: a word, '@', a word. NULL: it is not so simple. */
static const char *plain_spec(struct reader *r, size_t from, size_t at, size_t to)
{
	const struct token *local, *domain;
	char *made;

	if (at != from + 1 || to != at + 2)
		return NULL;
	local = &r->tokens[from];
	domain = &r->tokens[at + 1];
	if (!is_plain_word(local) || r->tokens[at].space || domain->space || !is_plain_word(domain) ||
		!is_bare_local(local->text) ||
		domain->text.p[domain->text.len - 1] == '.')
		return NULL;
	made = arena_alloc(r->arena, local->text.len + domain->text.len + 2);
	memcpy(made, local->text.p, local->text.len);
	made[local->text.len] = '@';
	memcpy(made + local->text.len + 1, domain->text.p, domain->text.len);
	return made;
}

/* local@domain of tokens [from, to) with the last '@' at `at` (to when there is none). */
static const char *addr_spec(struct reader *r, size_t from, size_t at, size_t to)
{
	struct str words, text, utf8;
	const char *made = plain_spec(r, from, at, to);

	if (made)
		return made;
	str_init(&words, ENTRY_TEXT_MAX);
	str_init(&text, ENTRY_TEXT_MAX * 2);
	join_words(r, from, at, &words);
	if (at < to || words.len > 0)
		add_local(&text, str_sv(&words), from < at && r->tokens[from].kind == TOKEN_QUOTED);
	if (at < to) {
		str_clear(&words);
		join_words(r, at + 1, to, &words);
		while (words.len > 0 && words.s[words.len - 1] == '.')
			str_cut(&words, words.len - 1);
		str_addc(&text, '@');
		str_add(&text, str_sv(&words));
	}
	str_init(&utf8, ENTRY_TEXT_MAX * 4);
	charset_to_utf8(&utf8, str_sv(&text), SV(""), r->rules, NULL);
	made = arena_strndup(r->arena, utf8.s ? utf8.s : "", utf8.len);
	str_fini(&utf8);
	str_fini(&text);
	str_fini(&words);
	return made;
}

/* ---- entries ---- */

void addr_list_put(struct arena *arena, struct addr_list *list, enum addr_kind kind,
	const char *name, const char *addr)
{
	if (list->count >= list->cap) {
		size_t cap = list->cap > list->count ? list->cap * 2 : MAX(list->count * 2, 4u);
		struct addr *more = arena_alloc(arena, cap * sizeof(*more));

		if (list->count > 0)
			memcpy(more, list->list, list->count * sizeof(*more));
		list->list = more;
		list->cap = cap;
	}
	list->list[list->count++] = (struct addr){kind, name, addr};
}

static size_t find_last(const struct reader *r, char c, size_t from, size_t to)
{
	size_t i;

	for (i = to; i > from; i--)
		if (is_char(&r->tokens[i - 1], c))
			return i - 1;
	return to;
}

/* Route "@a,@b:user@host" (obsolete): what stands before its ':' goes. */
static size_t skip_route(const struct reader *r, size_t from, size_t to)
{
	size_t i;

	if (from >= to || !is_char(&r->tokens[from], '@'))
		return from;
	for (i = from; i < to; i++)
		if (is_char(&r->tokens[i], ':'))
			return i + 1;
	return from;
}

/* "<mailto:user@host>" */
static size_t skip_mailto(const struct reader *r, size_t from, size_t to)
{
	if (from + 1 >= to || !is_char(&r->tokens[from + 1], ':'))
		return from;
	return sv_is_case(r->tokens[from].text, "mailto") ? from + 2 : from;
}

static bool only_comments(const struct reader *r, size_t from, size_t to)
{
	for (; from < to; from++)
		if (r->tokens[from].kind != TOKEN_COMMENT)
			return false;
	return true;
}

/* What stands around <>: the phrase before it, with comments behind it ("Ann <a@b> (Sales)");
 * else a comment alone, or the words behind it ("<a@b> Real Name"). */
static const char *angle_name(struct reader *r, size_t open, size_t close)
{
	size_t n = open, i;
	const char *name;

	if (!only_comments(r, 0, open)) {
		/* Nothing reads the tokens of the address any more: the comments move up to the
		 * phrase. */
		for (i = close + 1; i < r->count; i++)
			if (r->tokens[i].kind == TOKEN_COMMENT)
				r->tokens[n++] = r->tokens[i];
		return phrase(r, 0, n);
	}
	name = comment_name(r, close, r->count);
	if (!*name && close + 1 < r->count)
		name = phrase(r, close + 1, r->count);
	return *name ? name : comment_name(r, 0, r->count);
}

/* "name <addr>": the last '<' counts, so what only looks like an address in the name stays in
 * it. */
static void put_angle(struct reader *r, size_t open)
{
	size_t close = find_last(r, '>', open, r->count), from;
	const char *name, *addr;

	close = MIN(close, r->count);
	from = skip_route(r, skip_mailto(r, open + 1, close), close);
	addr = addr_spec(r, from, find_last(r, '@', from, close), close);
	name = angle_name(r, open, close);
	if (*name || *addr)
		addr_list_put(r->arena, r->out, ADDR_MAILBOX, name, addr);
}

static bool ends_with_dot(const struct token *t)
{
	return t->text.len > 0 && t->text.p[t->text.len - 1] == '.';
}

static bool starts_with_dot(const struct token *t)
{
	return t->text.len > 0 && t->text.p[0] == '.';
}

/*
 * Where the bare addr-spec around the '@' begins: "first . last @ host" is one, "see me@host" is
 * not: a blank ends it unless a dot is near. Comments do not count.
 */
static size_t spec_start(const struct reader *r, size_t at)
{
	size_t start = at, i;

	for (i = at; i > 0; i--) {
		const struct token *t = &r->tokens[i - 1], *after = &r->tokens[start];
		bool apart = after->space || (i < start);

		if (t->kind == TOKEN_COMMENT)
			continue;
		if (is_char(t, '>') || is_char(t, '<'))
			break;
		if (start < at && apart && !ends_with_dot(t) && !starts_with_dot(after))
			break;
		start = i - 1;
	}
	return start;
}

/* And where it ends: "me@host Real Name" has a name behind it. */
static size_t spec_end(const struct reader *r, size_t at)
{
	size_t last = at, i;

	for (i = at + 1; i < r->count; i++) {
		const struct token *t = &r->tokens[i], *before = &r->tokens[last];

		if (t->kind == TOKEN_COMMENT)
			continue;
		if (last > at && (t->space || last + 1 < i) && !ends_with_dot(before) &&
			!starts_with_dot(t))
			break;
		last = i;
	}
	return last + 1;
}

/* One word that can be the name of a user of this machine: "root". */
static bool is_local_user(const struct token *t)
{
	return t->kind == TOKEN_ATOM && utf8_is_ascii(t->text);
}

static void put_bare(struct reader *r)
{
	size_t at = find_last(r, '@', 0, r->count), words = 0, word = 0, i, from = 0;
	const char *addr, *name;

	for (i = 0; i < r->count; i++)
		if (r->tokens[i].kind != TOKEN_COMMENT) {
			words++;
			word = i;
		}
	if (words == 0)
		return;
	name = "";
	if (at == r->count) {
		bool one = words == 1 && is_local_user(&r->tokens[word]);

		/* Several words are a name without an address. */
		addr = one ? addr_spec(r, 0, r->count, r->count) : "";
		name = one ? comment_name(r, 0, r->count) : phrase(r, 0, r->count);
	} else {
		size_t end = spec_end(r, at);

		from = spec_start(r, at);
		addr = addr_spec(r, from, at, end);
		name = comment_name(r, end, r->count);
		if (!*name)
			name = comment_name(r, 0, from);
		if (!*name && from > 0)
			name = phrase(r, 0, from);
		if (!*name && end < r->count)
			name = phrase(r, end, r->count);
	}
	if (*addr || *name)
		addr_list_put(r->arena, r->out, ADDR_MAILBOX, name, addr);
}

/* A word, '@' and a word, with no blank in them: the tokens at i. */
static bool is_spec_at(const struct reader *r, size_t i)
{
	return i + 2 < r->count && is_plain_word(&r->tokens[i]) && is_char(&r->tokens[i + 1], '@') &&
	       !r->tokens[i + 1].space && is_plain_word(&r->tokens[i + 2]) && !r->tokens[i + 2].space;
}

/* The first n tokens are done. */
static void drop(struct reader *r, size_t n)
{
	memmove(r->tokens, r->tokens + n, (r->count - n) * sizeof(*r->tokens));
	r->count -= n;
}

/* "ann@x bob@y": the comma is missing. Leaves the last of them. */
static void put_all_but_last(struct reader *r)
{
	size_t i = 0;

	while (is_spec_at(r, i) && is_spec_at(r, i + 3) && r->tokens[i + 3].space) {
		addr_list_put(r->arena, r->out, ADDR_MAILBOX, "", addr_spec(r, i, i + 1, i + 3));
		i += 3;
	}
	if (i > 0)
		drop(r, i);
}

static void end_entry(struct reader *r)
{
	size_t open = find_last(r, '<', 0, r->count), i, n = 0;

	if (open < r->count) {
		put_angle(r, open);
	} else {
		for (i = 0; i < r->count; i++) /* a '>' without its '<' is not there */
			if (!is_char(&r->tokens[i], '>'))
				r->tokens[n++] = r->tokens[i];
		r->count = n;
		put_all_but_last(r);
		put_bare(r);
	}
	r->count = 0;
	r->angles = 0;
}

static void end_group(struct reader *r)
{
	if (r->in_group)
		addr_list_put(r->arena, r->out, ADDR_GROUP_END, "", "");
	r->in_group = false;
}

/* A ':' outside of <>: what stands before it names a group. */
static void start_group(struct reader *r)
{
	size_t open = find_last(r, '<', 0, r->count);
	const char *name = phrase(r, 0, open);

	end_group(r);
	r->count = 0;
	if (!*name && open == 0)
		return; /* "<a@b>:<c@d>" */
	addr_list_put(r->arena, r->out, ADDR_GROUP, name, "");
	r->in_group = true;
}

/* "Ann <ann@x> Bob <": the comma is missing; with nothing between > and < it is a name that tries to be an address. */
static bool begins_another(const struct reader *r)
{
	size_t close = find_last(r, '>', 0, r->count), open = find_last(r, '<', 0, close);

	return close < r->count && open < close && find_last(r, '@', open, close) < close &&
	       !only_comments(r, close + 1, r->count) && find_last(r, '@', close, r->count) == r->count;
}

/* What stands before the words behind the last '>' is an entry of its own. */
static void end_angle(struct reader *r)
{
	size_t words = find_last(r, '>', 0, r->count) + 1, n = r->count - words;
	struct token *rest = xcalloc(n, sizeof(*rest));

	memcpy(rest, r->tokens + words, n * sizeof(*rest));
	r->count = words;
	end_entry(r);
	memcpy(r->tokens, rest, n * sizeof(*rest)); /* room for more was there */
	r->count = n;
	free(rest);
}

static void keep(struct reader *r, const struct token *t)
{
	array_grow(r->tokens, r->count, r->cap);
	r->tokens[r->count++] = *t;
}

static void read_list(struct reader *r)
{
	bool angle = false, route = false;
	struct token t;

	while (r->out->count < ADDR_LIST_MAX) {
		if (r->count == 0 && !angle && !r->only_tokens && addr_take_plain(r->arena, &r->s, r->out))
			continue;
		t = next_token(r);
		if (t.kind == TOKEN_END)
			break;
		if (is_char(&t, '<') && !angle && r->angles++ < ANGLES_LOOK && begins_another(r))
			end_angle(r);
		if (is_char(&t, '<'))
			angle = true;
		if (is_char(&t, '>'))
			angle = false;
		if (angle && is_char(&t, '@') && r->count > 0 &&
			is_char(&r->tokens[r->count - 1], '<'))
			route = true;
		if (is_char(&t, ':') && angle && route) {
			route = false;
			keep(r, &t);
		} else if (is_char(&t, ',') && route) {
			keep(r, &t);
		} else if (is_char(&t, ':') && !angle) {
			start_group(r);
			route = false;
		} else if (is_char(&t, ',') || is_char(&t, ';')) {
			end_entry(r);
			angle = route = false;
			if (is_char(&t, ';'))
				end_group(r);
		} else {
			keep(r, &t);
		}
	}
	end_entry(r);
	end_group(r);
}

static void parse(struct arena *arena, struct sv text, const struct charset_rules *rules, bool only_tokens,
	struct addr_list *out)
{
	struct reader r = {.arena = arena, .rules = rules, .s = scan_of(text), .only_tokens = only_tokens, .out = out};
	ptrdiff_t quote = sv_rchr(text, '"'), paren = sv_rchr(text, ')');

	*out = (struct addr_list){0};
	r.last_quote = quote >= 0 ? text.p + quote : text.p;
	r.last_paren = paren >= 0 ? text.p + paren : text.p;
	read_list(&r);
	free(r.tokens);
}

void addr_parse(struct arena *arena, struct sv text, const struct charset_rules *rules, struct addr_list *out)
{
	parse(arena, text, rules, false, out);
}

void addr_parse_tokens(struct arena *arena, struct sv text, const struct charset_rules *rules, struct addr_list *out)
{
	parse(arena, text, rules, true, out);
}
