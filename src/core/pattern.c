/*
 * The parser of patterns. One pass over the text; open parentheses are frames on a stack of
 * PATTERN_DEPTH_MAX. Terms that stand side by side are an AND; | is read from the left.
 */
#include "core/pattern.h"

#include <stdlib.h>

#include "base/mem.h"
#include "core/pattern_priv.h"
#include "vocab/vocab.h"

struct frame {
	uint32_t or_node, and_node; /* or_node PATTERN_NONE until the first | */
	bool not ;                  /* before the parenthesis */
	bool is_relation;
	enum pattern_relation relation;
};

struct parser {
	struct pattern *p;
	struct scan in;
	int64_t now;
	struct frame frames[PATTERN_DEPTH_MAX];
	unsigned depth;
	bool not, all, alias; /* signs read before the next term */
	bool limit_reached;
};

/* ---- nodes ---- */

static uint32_t node_new(struct parser *ps, enum pnode_op op)
{
	struct pattern *p = ps->p;

	if (p->count >= PATTERN_NODES_MAX) {
		ps->limit_reached = true;
		return 0;
	}
	array_grow(p->nodes, p->count, p->cap);
	p->nodes[p->count] = (struct pnode){.op = op,
		.first = PATTERN_NONE,
		.last = PATTERN_NONE,
		.next = PATTERN_NONE,
		.parent = PATTERN_NONE,
		.body = -1};
	return p->count++;
}

static void node_adopt(struct parser *ps, uint32_t parent, uint32_t child)
{
	struct pnode *up = &ps->p->nodes[parent];

	ps->p->nodes[child].parent = parent;
	if (up->first == PATTERN_NONE)
		up->first = child;
	else
		ps->p->nodes[up->last].next = child;
	up->last = child;
}

static struct frame *top(struct parser *ps)
{
	return &ps->frames[ps->depth];
}

static void frame_open(struct parser *ps)
{
	*top(ps) = (struct frame){
		.or_node = PATTERN_NONE, .and_node = node_new(ps, P_AND), .not = ps->not };
	ps->not = ps->all = ps->alias = false;
}

/* What the frame holds, as one node. */
static uint32_t frame_node(struct parser *ps)
{
	struct frame *f = top(ps);

	if (f->or_node == PATTERN_NONE)
		return f->and_node;
	node_adopt(ps, f->or_node, f->and_node);
	return f->or_node;
}

/*
 * One thing more in the open frame. As in mutt, what stands side by side behind a | belongs to all before it:
 * A | B C is (A | B) C.
 */
static void add_node(struct parser *ps, uint32_t node)
{
	struct frame *f = top(ps);

	if (f->or_node != PATTERN_NONE && ps->p->nodes[f->and_node].first != PATTERN_NONE) {
		uint32_t either = frame_node(ps);

		f->or_node = PATTERN_NONE;
		f->and_node = node_new(ps, P_AND);
		node_adopt(ps, f->and_node, either);
	}
	node_adopt(ps, f->and_node, node);
}

static bool fail_at(struct parser *ps, struct err *e, const char *what, struct sv where)
{
	size_t at = (size_t)(where.p - ps->p->text);

	if (where.len == 0)
		return err_set(e, ERR_INPUT, "%s at the end of the pattern", what);
	return err_set(e, ERR_INPUT, "%s at column %zu: " SV_FMT, what, at + 1,
		SV_ARG(sv_head(where, 40)));
}

/* ---- arguments ---- */

static bool ends_word(int c, size_t parens, bool in_group)
{
	if (c == ')')
		return in_group && parens == 0;
	return ascii_is_space(c) || c == '~' || c == '%' || c == '=' || c == '!' || c == '|';
}

/* As in a muttrc word: \n and friends, three octal digits, else the character itself. */
static bool take_escape(struct scan *in, struct str *out)
{
	int c = scan_peek(in);

	if (c < 0)
		return str_addc(out, '\\');
	if (in->end - in->p >= 3 && c >= '0' && c <= '3' && in->p[1] >= '0' && in->p[1] <= '7' &&
		in->p[2] >= '0' && in->p[2] <= '7') {
		c = (c - '0') * 64 + (in->p[1] - '0') * 8 + (in->p[2] - '0');
		in->p += 3;
		return str_addc(out, (char)c);
	}
	in->p++;
	switch (c) {
	case 't':
		return str_addc(out, '\t');
	case 'n':
		return str_addc(out, '\n');
	case 'r':
		return str_addc(out, '\r');
	case 'f':
		return str_addc(out, '\f');
	case 'e':
		return str_addc(out, '\033');
	default:
		return str_addc(out, (char)c);
	}
}

/* One word with its quotes and escapes resolved. False at the end of the text or a missing quote. */
static bool take_word(struct parser *ps, struct str *out, struct err *e)
{
	struct scan *in = &ps->in;
	struct sv at = scan_rest(in);
	size_t parens = 0;
	int quote = 0, c;

	for (; (c = scan_peek(in)) >= 0;) {
		if (!quote && ends_word(c, parens, ps->depth > 0))
			break;
		in->p++;
		if (c == quote && quote)
			quote = 0;
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
		else if (c == '\\' && quote != '\'') {
			if (!take_escape(in, out))
				return err_set(e, ERR_LIMIT, "pattern too long");
		} else {
			parens += c == '(' && !quote;
			parens -= c == ')' && !quote && parens;
			if (!str_addc(out, (char)c))
				return err_set(e, ERR_LIMIT, "pattern too long");
		}
	}
	return quote ? fail_at(ps, e, "missing closing quote", at) : true;
}

static bool take_regex(struct parser *ps, struct pnode *n, struct err *e)
{
	struct str word;
	struct sv at = scan_rest(&ps->in);
	bool quoted = at.len && (at.p[0] == '"' || at.p[0] == '\'');

	str_init(&word, PATTERN_TEXT_MAX);
	if (!take_word(ps, &word, e)) {
		str_fini(&word);
		return false;
	}
	if (word.len == 0 && !quoted) {
		str_fini(&word);
		return err_set(e, ERR_INPUT, "%c%c needs an argument", n->prefix, n->pat->letter);
	}
	n->arg = str_detach(&word);
	if (!n->arg)
		n->arg = xstrdup("");
	if (n->prefix == '%')
		return true;
	n->ignore_case = true;
	for (const char *c = n->arg; *c; c++)
		n->ignore_case = n->ignore_case && !(*c >= 'A' && *c <= 'Z');
	if (n->prefix == '=')
		return true;
	n->rx = rx_new(n->arg, RX_SMARTCASE | RX_NOSUB, e);
	return n->rx || err_at(e, "%c%c", n->prefix, n->pat->letter);
}

static bool take_date(struct parser *ps, struct pnode *n, struct err *e)
{
	struct str word;
	bool ok;

	str_init(&word, PATTERN_TEXT_MAX);
	/* "=" and "~" end other words, but "=1d" is a date. */
	while (scan_peek(&ps->in) == '=')
		ps->in.p++, (void)str_addc(&word, '=');
	ok = take_word(ps, &word, e);
	if (ok && word.len == 0)
		ok = err_set(e, ERR_INPUT, "%c%c needs a date", n->prefix, n->pat->letter);
	if (ok)
		ok = pattern_date_range(str_sv(&word), ps->now, &n->min, &n->max, e);
	if (ok)
		n->arg = sv_dup(str_sv(&word));
	str_fini(&word);
	return ok;
}

static bool take_range(struct parser *ps, struct pnode *n, struct err *e)
{
	const char *start;
	bool ok, quoted = scan_byte(&ps->in, '"'); /* $simple_search = "~m %s" quotes it */

	start = ps->in.p;
	ok = n->id == PAT_number ? pattern_message_range(&ps->in, n, e)
				 : pattern_number_range(&ps->in, &n->min, &n->max, e);
	if (!ok)
		return err_at(e, "%c%c", n->prefix, n->pat->letter);
	n->arg = sv_dup(sv_trim(sv_make(start, (size_t)(ps->in.p - start))));
	if (quoted && !scan_byte(&ps->in, '"'))
		return err_set(e, ERR_INPUT, "missing closing quote");
	return true;
}

/* ---- terms ---- */

static bool is_body(const struct parser *ps, const struct pnode *n)
{
	/* ~M is answered from the type of the whole message, which every row has. */
	return n->pat->body && n->id != PAT_mime && (ps->p->flags & PATTERN_FULL);
}

static bool add_body_term(struct parser *ps, struct pnode *n, struct err *e)
{
	struct pattern *p = ps->p;
	struct str text;
	struct pnode plain = *n;

	if (p->body_count >= PATTERN_BODY_TERMS_MAX)
		return err_set(
			e, ERR_LIMIT, "more than %d terms on bodies", PATTERN_BODY_TERMS_MAX);
	str_init(&text, PATTERN_TEXT_MAX * 2);
	plain.not = false;
	if (!pattern_print_term(&plain, &text)) {
		str_fini(&text);
		return err_set(e, ERR_LIMIT, "pattern too long");
	}
	n->body = (int)p->body_count;
	p->body[p->body_count++].text = str_detach(&text);
	return true;
}

static bool take_term(struct parser *ps, char prefix, struct err *e)
{
	struct sv at = scan_rest(&ps->in);
	int letter = scan_peek(&ps->in);
	const struct pat *pat = letter > 0 ? pat_find((char)letter) : NULL;
	struct pnode *n;
	uint32_t index;
	bool ok = true;

	if (letter < 0)
		return err_set(e, ERR_INPUT, "'%c' at the end of the pattern", prefix);
	if (!pat || pat->arg == PATARG_PATTERN) /* those with a pattern do not come here */
		return err_set(e, ERR_INPUT, "%c" SV_FMT ": no such pattern", prefix,
			SV_ARG(sv_head(at, 1)));
	if (pat->body && pat->letter != 'M' && !(ps->p->flags & PATTERN_FULL))
		return err_set(e, ERR_INPUT, "%c%c cannot be used here: it looks at bodies", prefix,
			letter);
	if (prefix == '%' && !pat->groups && pat->arg == PATARG_REGEX)
		return err_set(e, ERR_INPUT, "%%%c: no group can be asked for here", letter);
	ps->in.p++;
	index = node_new(ps, P_TERM);
	n = &ps->p->nodes[index];
	n->prefix = prefix;
	n->pat = pat;
	n->id = (enum pat_id)(pat - pat_table);
	n->not = ps->not ;
	n->all = ps->all;
	n->alias = ps->alias;
	ps->not = ps->all = ps->alias = false;
	if (pat->arg != PATARG_NONE)
		scan_wsp(&ps->in);
	if (pat->arg != PATARG_NONE && scan_end(&ps->in))
		return err_set(e, ERR_INPUT, "%c%c needs an argument", prefix, letter);
	switch (pat->arg) {
	case PATARG_REGEX:
	case PATARG_QUERY:
		ok = take_regex(ps, n, e);
		break;
	case PATARG_DATE:
		ok = take_date(ps, n, e);
		break;
	case PATARG_RANGE:
		ok = take_range(ps, n, e);
		break;
	default:
		break;
	}
	if (ok && is_body(ps, n))
		ok = add_body_term(ps, n, e);
	if (ok)
		add_node(ps, index);
	return ok;
}

/* "~(", "~<(" and "~>(" open a relation. */
static bool opens_relation(struct parser *ps, enum pattern_relation *relation)
{
	struct sv rest = scan_rest(&ps->in);

	if (sv_starts(rest, SV("("))) {
		*relation = PATTERN_MEMBER;
		ps->in.p += 1;
		return true;
	}
	if (!sv_starts(rest, SV("<(")) && !sv_starts(rest, SV(">(")))
		return false;
	*relation = rest.p[0] == '<' ? PATTERN_PARENT : PATTERN_CHILD;
	ps->in.p += 2;
	return true;
}

static bool open_group(
	struct parser *ps, bool is_relation, enum pattern_relation relation, struct err *e)
{
	if (ps->depth + 1 >= PATTERN_DEPTH_MAX)
		return err_set(
			e, ERR_LIMIT, "more than %d open parentheses", PATTERN_DEPTH_MAX - 1);
	ps->depth++;
	frame_open(ps);
	top(ps)->is_relation = is_relation;
	top(ps)->relation = relation;
	return true;
}

static bool close_group(struct parser *ps, struct sv at, struct err *e)
{
	struct frame f = *top(ps);
	uint32_t node;

	if (ps->depth == 0)
		return fail_at(ps, e, "parenthesis without its opening one", at);
	if (ps->p->nodes[f.and_node].first == PATTERN_NONE)
		return fail_at(ps, e, "empty pattern", at);
	node = frame_node(ps);
	ps->depth--;
	if (f.is_relation) {
		uint32_t r = node_new(ps, P_RELATION);

		ps->p->nodes[r].relation = f.relation;
		node_adopt(ps, r, node);
		node = r;
	} else if (ps->p->nodes[node].op == P_AND &&
		   ps->p->nodes[node].first == ps->p->nodes[node].last)
		node = ps->p->nodes[node].first; /* parentheses around one thing */
	ps->p->nodes[node].not = ps->p->nodes[node].not != f.not ;
	add_node(ps, node);
	return true;
}

static bool take_or(struct parser *ps, struct sv at, struct err *e)
{
	struct frame *f = top(ps);

	if (ps->p->nodes[f->and_node].first == PATTERN_NONE || ps->not )
		return fail_at(ps, e, "'|' needs a pattern before it", at);
	if (f->or_node == PATTERN_NONE)
		f->or_node = node_new(ps, P_OR);
	node_adopt(ps, f->or_node, f->and_node);
	f->and_node = node_new(ps, P_AND);
	return true;
}

/* One piece: a sign, a term, a parenthesis. */
static bool take_piece(struct parser *ps, struct err *e)
{
	struct sv at = scan_rest(&ps->in);
	char c = *ps->in.p++;
	enum pattern_relation relation = PATTERN_MEMBER;

	switch (c) {
	case '!':
		ps->not = !ps->not ;
		ps->all = ps->alias = false;
		return true;
	case '^':
		ps->all = !ps->all;
		return true;
	case '@':
		ps->alias = !ps->alias;
		return true;
	case '|':
		return take_or(ps, at, e);
	case '~':
	case '=':
	case '%':
		if (opens_relation(ps, &relation))
			return open_group(ps, true, relation, e);
		return take_term(ps, c, e);
	case '(':
		return open_group(ps, false, relation, e);
	case ')':
		return close_group(ps, at, e);
	default:
		return fail_at(ps, e, "not a pattern", at);
	}
}

static bool parse(struct parser *ps, struct err *e)
{
	struct frame *f;

	frame_open(ps);
	for (;;) {
		scan_wsp(&ps->in);
		if (scan_end(&ps->in))
			break;
		if (!take_piece(ps, e))
			return false;
		if (ps->limit_reached)
			return err_set(e, ERR_LIMIT, "more than %d terms", PATTERN_NODES_MAX);
	}
	f = top(ps);
	if (ps->depth > 0)
		return err_set(e, ERR_INPUT, "missing closing parenthesis");
	if (ps->not || ps->all || ps->alias)
		return err_set(e, ERR_INPUT, "a pattern is missing at the end");
	if (ps->p->nodes[f->and_node].first == PATTERN_NONE) {
		if (f->or_node != PATTERN_NONE)
			return err_set(e, ERR_INPUT, "'|' needs a pattern behind it");
		return err_set(e, ERR_INPUT, "empty pattern");
	}
	ps->p->root = frame_node(ps);
	return true;
}

/* ---- simple search ---- */

static bool is_simple(struct sv text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\\')
			i++;
		else if (text.p[i] == '~' || text.p[i] == '=' || text.p[i] == '%')
			return false;
	}
	return true;
}

static const char *short_word(struct sv text)
{
	static const struct {
		const char *word, *pattern;
	} words[] = {{"all", "~A"}, {"^", "~A"}, {".", "~A"}, {"del", "~D"}, {"flag", "~F"},
		{"new", "~N"}, {"old", "~O"}, {"repl", "~Q"}, {"read", "~R"}, {"tag", "~T"},
		{"unread", "~U"}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (sv_is_case(text, words[i].word))
			return words[i].pattern;
	}
	return NULL;
}

/* $simple_search with every %s replaced by the text in quotes; without a %s the text stands behind. */
static bool expand_simple(struct str *out, const char *format, struct sv text)
{
	struct str quoted;
	bool ok, used = false;

	str_init(&quoted, PATTERN_TEXT_MAX);
	ok = str_addc(&quoted, '"');
	for (size_t i = 0; ok && i < text.len; i++)
		ok = (!strchr("\\\"", text.p[i]) || str_addc(&quoted, '\\')) &&
		     str_addc(&quoted, text.p[i]);
	ok = ok && str_addc(&quoted, '"');
	for (const char *f = format; ok && *f; f++) {
		if (f[0] == '%' && f[1] == 's') {
			ok = str_add(out, str_sv(&quoted));
			used = true;
			f++;
		} else if (f[0] == '%' && f[1] == '%') {
			ok = str_addc(out, '%');
			f++;
		} else
			ok = str_addc(out, *f);
	}
	if (ok && !used)
		ok = str_addc(out, ' ') && str_add(out, str_sv(&quoted));
	str_fini(&quoted);
	return ok;
}

struct pattern *pattern_compile(
	const struct conf *conf, const char *text, unsigned flags, int64_t now, struct err *e)
{
	struct parser *ps;
	struct str expanded;
	struct sv given = sv_trim(sv_of(text));
	struct pattern *p;
	const char *word = NULL;
	bool ok = true;

	if (given.len > PATTERN_TEXT_MAX) {
		err_set(e, ERR_LIMIT, "pattern of more than %d bytes", PATTERN_TEXT_MAX);
		return NULL;
	}
	p = xcalloc(1, sizeof(*p));
	p->flags = flags;
	p->root = PATTERN_NONE;
	str_init(&expanded, PATTERN_TEXT_MAX * 4);
	if ((flags & PATTERN_SIMPLE) && given.len > 0 && is_simple(given)) {
		word = short_word(given);
		ok = word ? str_adds(&expanded, word)
			  : expand_simple(&expanded, conf->simple_search, given);
	} else
		ok = str_add(&expanded, given);
	p->text = xstrdup(expanded.s ? expanded.s : "");
	str_fini(&expanded);
	ps = xcalloc(1, sizeof(*ps));
	ps->p = p;
	ps->now = now;
	ps->in = scan_of(sv_of(p->text));
	ok = ok ? parse(ps, e) : err_set(e, ERR_LIMIT, "pattern too long");
	free(ps);
	free(p->text);
	p->text = sv_dup(given);
	if (ok)
		return p;
	pattern_free(p);
	return NULL;
}

void pattern_free(struct pattern *p)
{
	if (!p)
		return;
	for (uint32_t i = 0; i < p->count; i++) {
		free(p->nodes[i].arg);
		rx_free(p->nodes[i].rx);
	}
	for (size_t i = 0; i < p->body_count; i++) {
		free(p->body[i].text);
		idset_free(p->body[i].ids);
	}
	free(p->nodes);
	free(p->text);
	free(p);
}

const char *pattern_text(const struct pattern *p)
{
	return p->text;
}

bool pattern_needs_bodies(const struct pattern *p)
{
	return p->body_count > 0;
}

const char *pattern_body_term(const struct pattern *p, size_t n)
{
	return n < p->body_count ? p->body[n].text : NULL;
}

void pattern_set_found(struct pattern *p, size_t n, const int64_t *ids, size_t count)
{
	if (n >= p->body_count)
		return;
	idset_free(p->body[n].ids);
	p->body[n].ids = idset_new(ids, count);
}
