#include "core/format.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "core/parts.h"
#include "core/replace.h"
#include "mime/addr.h"
#include "text/utf8.h"

#define HOOK_DEPTH 4 /* %@a@ inside the format of %@b@ */
#define SUBJECT_MAX 65536 /* bytes after `subjectrx` */
#define TREE_MAX 512 /* of a tree drawn before a subject */

struct state {
	const struct format_msg *m;
	int depth;
};

/* ---- single marks ---- */

enum { FC_TAGGED, FC_FLAGGED, FC_DELETED, FC_ATTACH, FC_REPLIED, FC_OLD, FC_NEW, FC_OLD_THREAD, FC_NEW_THREAD,
	FC_READ_S, FC_READ_Z };
enum { TC_NONE, TC_ONLY_ME, TC_ME, TC_CC, TC_FROM, TC_LIST, TC_REPLY_TO };
enum { CC_GOOD, CC_ENCRYPTED, CC_SIGNED, CC_KEY, CC_NONE };

static struct sv flag_char(const struct format_msg *m, size_t n)
{
	return conf_char(m->conf->flag_chars, n);
}

/* The state that reading and answering give, of the thread when it is collapsed. */
static size_t read_mark(const struct format_msg *m, size_t when_read)
{
	unsigned f = m->facts->flags;

	if (m->view && (f & FLAG_COLLAPSED) && view_hidden_count(m->view, m->row) > 0) {
		unsigned hidden = view_hidden_flags(m->view, m->row);
		if (!(hidden & FLAG_SEEN))
			return hidden & FLAG_OLD ? FC_OLD_THREAD : FC_NEW_THREAD;
	}
	if (f & FLAG_SEEN)
		return f & FLAG_ANSWERED ? FC_REPLIED : when_read;
	return f & FLAG_OLD ? FC_OLD : FC_NEW;
}

struct sv format_status_char(const struct format_msg *m, bool single)
{
	unsigned f = m->facts->flags;

	if (!single)
		return flag_char(m, read_mark(m, FC_READ_Z));
	if (f & (FLAG_DELETED | FLAG_PURGE))
		return flag_char(m, FC_DELETED);
	if (f & FLAG_ATTACH)
		return flag_char(m, FC_ATTACH);
	if (f & FLAG_TAGGED)
		return flag_char(m, FC_TAGGED);
	if (f & FLAG_FLAGGED)
		return flag_char(m, FC_FLAGGED);
	return flag_char(m, read_mark(m, FC_READ_S));
}

struct sv format_crypt_char(const struct format_msg *m)
{
	unsigned f = m->facts->flags;
	size_t n = f & FLAG_ENCRYPTED ? CC_ENCRYPTED : f & FLAG_SIGNED ? CC_SIGNED : f & FLAG_PGP_KEY ? CC_KEY : CC_NONE;

	return conf_char(m->conf->crypt_chars, n);
}

struct sv format_to_char(const struct format_msg *m)
{
	unsigned f = m->facts->flags;
	size_t n = f & FLAG_FROM_ME	     ? TC_FROM
		   : f & FLAG_ONLY_ME	     ? TC_ONLY_ME
		   : f & FLAG_TO_ME	     ? TC_ME
		   : f & FLAG_CC_ME	     ? TC_CC
		   : f & FLAG_TO_SUBSCRIBED ? TC_LIST
					     : TC_NONE;

	return conf_char(m->conf->to_chars, n);
}

/* The middle mark of %Z: what is to become of it, else its security. */
static struct sv middle_char(const struct format_msg *m)
{
	unsigned f = m->facts->flags;

	if (f & (FLAG_DELETED | FLAG_PURGE))
		return flag_char(m, FC_DELETED);
	return f & FLAG_ATTACH ? flag_char(m, FC_ATTACH) : format_crypt_char(m);
}

static struct sv last_char(const struct format_msg *m)
{
	unsigned f = m->facts->flags;

	if (f & FLAG_TAGGED)
		return flag_char(m, FC_TAGGED);
	return f & FLAG_FLAGGED ? flag_char(m, FC_FLAGGED) : format_to_char(m);
}

/* A mark that the option leaves out is a blank: the columns stay. */
static void add_char(struct str *out, struct sv c)
{
	str_add(out, c.len ? c : SV(" "));
}

/* ---- sizes and trees ---- */

void format_size(struct str *out, const struct conf *conf, uint64_t n)
{
	bool fractions = conf->size_show_fractions, left = conf->size_units_on_left;
	bool mega = conf->size_show_mb && n >= 1023949;
	const char *unit = mega ? "M" : "K";

	if (conf->size_show_bytes && n < 1024) {
		str_addf(out, "%d", (int)n);
		return;
	}
	if (left)
		str_adds(out, unit);
	if (n == 0)
		str_adds(out, "0");
	else if (fractions && n < 10189) /* 0.1K to 9.9K */
		str_addf(out, "%3.1f", n < 103 ? 0.1 : (double)n / 1024.0);
	else if (!mega) /* 10K to 999K */
		str_addf(out, "%llu", (unsigned long long)(n + 51) / 1024);
	else if (fractions && n < 10433332) /* 1.0M to 9.9M */
		str_addf(out, "%3.1f", (double)n / 1048576.0);
	else
		str_addf(out, "%llu", (unsigned long long)(n + 52428) / 1048576);
	if (!left)
		str_adds(out, unit);
}

void format_tree(struct str *out, const char *tree, size_t len, bool ascii)
{
	static const char *const drawn[][2] = {
		[TREE_LLCORNER] = {"\xe2\x94\x94", "`"}, [TREE_ULCORNER] = {"\xe2\x94\x8c", ","},
		[TREE_LTEE] = {"\xe2\x94\x9c", "|"}, [TREE_HLINE] = {"\xe2\x94\x80", "-"},
		[TREE_VLINE] = {"\xe2\x94\x82", "|"}, [TREE_TTEE] = {"\xe2\x94\xac", "-"},
		[TREE_BTEE] = {"\xe2\x94\xb4", "-"}, [TREE_SPACE] = {" ", " "}, [TREE_RARROW] = {">", ">"},
		[TREE_STAR] = {"*", "*"}, [TREE_HIDDEN] = {"&", "&"}, [TREE_EQUALS] = {"=", "="},
		[TREE_MISSING] = {"?", "?"}};

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)tree[i];
		if (c < ARRAY_LEN(drawn) && drawn[c][0])
			str_adds(out, drawn[c][ascii]);
	}
}

/* ---- people ---- */

static void add_safe(struct str *out, struct sv text)
{
	utf8_add_safe(out, text, UTF8_SAFE_LINE);
}

static bool first_addr(struct sv list, struct addr_item *a)
{
	return addr_next(&list, a);
}

/*
 * What stands for a person in lists: with $reverse_alias the name that the user gave in an alias. A name that
 * shows another address does not stand for anyone.
 */
static struct sv person(const struct conf *conf, struct addr_item a)
{
	const struct rc_aliases *aliases = &conf->rc.aliases;

	for (size_t i = 0; conf->reverse_alias && i < aliases->n; i++) {
		struct sv rest = sv_of(aliases->v[i].addresses);
		struct addr_item known;
		if (addr_next(&rest, &known) && rest.len == 0 && known.name.len && sv_eq_case(known.addr, a.addr))
			return known.name;
	}
	return addr_name_misleads(a.name, a.addr, NULL) ? a.addr : addr_label(a);
}

static bool first_of_lists(struct sv list, const struct rc_matcher *lists, struct addr_item *a)
{
	while (addr_next(&list, a))
		if (rc_matches(lists, a->addr))
			return true;
	return false;
}

static void add_with_prefix(struct str *out, const char *prefix, struct sv name)
{
	str_adds(out, prefix);
	add_safe(out, name);
}

/* %F and %L: who it is from; to whom, when it is from the user or (lists) went to a list. */
static void author(struct str *out, const struct format_msg *m, bool lists)
{
	const struct msg_facts *f = m->facts;
	const struct rc_matcher *known = &m->conf->rc.subscribed;
	bool me = f->flags & FLAG_FROM_ME;
	struct addr_item a;

	if ((lists || me) && first_of_lists(f->to, known, &a))
		add_with_prefix(out, "To ", person(m->conf, a));
	else if ((lists || me) && first_of_lists(f->cc, known, &a))
		add_with_prefix(out, "Cc ", person(m->conf, a));
	else if (me && first_addr(f->to, &a))
		add_with_prefix(out, "To ", person(m->conf, a));
	else if (me && first_addr(f->cc, &a))
		add_with_prefix(out, "Cc ", person(m->conf, a));
	else if (first_addr(f->from, &a))
		add_safe(out, person(m->conf, a));
}

static void author_name(struct str *out, const struct format_msg *m)
{
	struct addr_item a;

	if (first_addr(m->facts->from, &a))
		add_safe(out, person(m->conf, a));
}

static void author_address(struct str *out, struct sv list)
{
	struct addr_item a;

	if (first_addr(list, &a))
		add_safe(out, a.addr);
}

static struct sv login_part(struct sv addr)
{
	ptrdiff_t at = sv_chr(addr, '@');

	return at < 0 ? addr : sv_head(addr, (size_t)at);
}

static void login(struct str *out, const struct format_msg *m)
{
	struct addr_item a;

	if (first_addr(m->facts->from, &a))
		add_safe(out, login_part(a.addr));
}

static void first_name(struct str *out, const struct format_msg *m)
{
	struct addr_item a;

	if (!first_addr(m->facts->from, &a))
		return;
	struct sv name = person(m->conf, a);
	ptrdiff_t space = sv_chr(name, ' ');
	if (name.p == a.addr.p)
		name = login_part(name);
	else if (space > 0)
		name = sv_head(name, (size_t)space);
	add_safe(out, name);
}

static void initials(struct str *out, const struct format_msg *m)
{
	struct addr_item a;
	bool start = true;

	if (!first_addr(m->facts->from, &a))
		return;
	struct sv name = a.name.len ? a.name : login_part(a.addr);
	while (name.len) {
		size_t used;
		uint32_t code = utf8_decode(name, &used);
		bool word = utf8_is_word(code);
		if (word && start)
			add_safe(out, sv_head(name, used));
		start = !word && code != '\'';
		name = sv_from(name, used);
	}
}

static void all_people(struct str *out, const struct format_msg *m, struct sv list)
{
	struct addr_item a;
	bool first = true;

	for (; addr_next(&list, &a); first = false) {
		if (!first)
			str_adds(out, ", ");
		add_safe(out, person(m->conf, a));
	}
}

static void mailbox(struct str *out, const struct format_msg *m)
{
	struct sv name = sv_of(m->mailbox ? m->mailbox : m->view ? view_mailbox(m->view) : "");
	ptrdiff_t slash = sv_rchr(name, '/');

	if (slash >= 0 && (size_t)slash + 1 < name.len)
		name = sv_from(name, (size_t)slash + 1);
	add_safe(out, name);
}

static bool list_name(struct str *out, const struct format_msg *m)
{
	struct addr_item a;

	if (!first_of_lists(m->facts->to, &m->conf->rc.lists, &a) && !first_of_lists(m->facts->cc, &m->conf->rc.lists, &a))
		return false;
	add_safe(out, m->conf->save_address ? a.addr : login_part(a.addr));
	return true;
}

/* ---- subject and labels ---- */

static void subject(struct str *out, const struct format_msg *m)
{
	char tree[TREE_MAX];
	bool in_list = m->view && m->tree;
	struct str shown;

	if (in_list)
		format_tree(out, tree, view_tree(m->view, m->row, tree, sizeof(tree)), m->conf->ascii_chars);
	if (in_list && !view_subject_shown(m->view, m->row))
		return;
	str_init(&shown, SUBJECT_MAX);
	add_safe(out, replace_all(&m->conf->rc.subject_rx, m->facts->subject, &shown) ? str_sv(&shown)
										      : m->facts->subject);
	str_fini(&shown);
}

/* As `tag-transforms` shows it. */
static void tag(struct str *out, const struct conf *conf, struct sv word)
{
	const char *shown = rc_vars_get(&conf->rc.tag_transforms, word);

	add_safe(out, shown ? sv_of(shown) : word);
}

/* $hidden_tags */
static bool tag_is_hidden(const struct conf *conf, struct sv word)
{
	struct sv rest = sv_of(conf->hidden_tags), one;

	while (sv_split(&rest, ',', &one))
		if (sv_eq(sv_trim(one), word))
			return true;
	return false;
}

static void tags(struct str *out, const struct format_msg *m)
{
	struct sv rest = m->facts->keywords, word;
	bool first = true;

	while (sv_split(&rest, ' ', &word)) {
		if (word.len == 0 || tag_is_hidden(m->conf, word))
			continue;
		if (!first)
			str_addc(out, ' ');
		tag(out, m->conf, word);
		first = false;
	}
}

/* %Gx: the one tag that `tag-formats` gives this expando to. */
static void one_tag(struct str *out, const struct format_msg *m, struct sv letters)
{
	const struct rc_vars *formats = &m->conf->rc.tag_formats;
	struct sv rest = m->facts->keywords, word;

	while (sv_split(&rest, ' ', &word)) {
		const char *format = word.len ? rc_vars_get(formats, word) : NULL;

		if (format && sv_is(letters, format)) {
			tag(out, m->conf, word);
			return;
		}
	}
}

/* %J: the tags, but not those of the message above in the thread once more. */
static void thread_tags(struct str *out, const struct format_msg *m)
{
	uint32_t parent = m->view && m->tree ? view_parent_row(m->view, m->row) : VIEW_NONE;
	struct msg_facts above;

	if (parent == VIEW_NONE || !view_msg(m->view, parent, &above) || !sv_eq(above.keywords, m->facts->keywords))
		tags(out, m);
}

/* ---- the callback ---- */

static void preview(struct str *out, const struct format_msg *m)
{
	char *text = m->view ? view_preview(m->view, m->row) : NULL;

	if (text)
		add_safe(out, sv_of(text));
	free(text);
}

static void saved_day(struct str *out, const struct format_msg *m)
{
	time_t when = m->view ? (time_t)view_saved(m->view, m->row) : 0;
	struct tm tm;

	if (when && localtime_r(&when, &tm))
		(void)str_addf(out, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

/* Who wrote it, who got it. */
static bool people_value(const struct format_msg *m, const struct expando_ref *ref, struct str *out)
{
	const struct msg_facts *f = m->facts;

	switch (ref->letters.p[0]) {
	case 'a':
		author_address(out, f->from);
		return true;
	case 'A':
		author_address(out, f->reply_to.len ? f->reply_to : f->from);
		return true;
	case 'f':
		add_safe(out, f->from);
		return true;
	case 'F':
		if (ref->letters.len > 1)
			author_name(out, m);
		else
			author(out, m, false);
		return true;
	case 'I':
		initials(out, m);
		return true;
	case 'K':
		list_name(out, m);
		return true;
	case 'L':
		author(out, m, true);
		return true;
	case 'n':
		author_name(out, m);
		return true;
	case 'r':
		all_people(out, m, f->to);
		return true;
	case 'R':
		all_people(out, m, f->cc);
		return true;
	case 't': {
		struct addr_item a;
		if (first_addr(f->to, &a))
			add_with_prefix(out, "To ", person(m->conf, a));
		else if (first_addr(f->cc, &a))
			add_with_prefix(out, "Cc ", person(m->conf, a));
		return true;
	}
	case 'T':
		add_char(out, format_to_char(m));
		return true;
	case 'u':
		login(out, m);
		return true;
	case 'v':
		first_name(out, m);
		return true;
	default:
		return false;
	}
}

static bool text_value(struct state *s, const struct expando_ref *ref, struct str *out)
{
	const struct format_msg *m = s->m;
	const struct msg_facts *f = m->facts;

	switch (ref->letters.p[0]) {
	case 'b':
		mailbox(out, m);
		return true;
	case 'B':
		if (!list_name(out, m))
			mailbox(out, m);
		return true;
	case 'c':
		format_size(out, m->conf, f->size);
		return true;
	case 'g':
		tags(out, m);
		return true;
	case 'J':
		thread_tags(out, m);
		return true;
	case 'G':
		if (ref->letters.len > 1)
			one_tag(out, m, ref->letters);
		else
			tags(out, m);
		return true;
	case 'i':
		add_safe(out, f->message_id.len ? f->message_id : SV("<no.id>"));
		return true;
	case 'O':
		if (m->save_mailbox)
			add_safe(out, sv_of(m->save_mailbox(m->data, f)));
		return true;
	case 'P':
		str_adds(out, m->progress ? m->progress : "");
		return true;
	case 's':
		subject(out, m);
		return true;
	case 'S':
		add_char(out, format_status_char(m, true));
		return true;
	case 'H':
		add_safe(out, f->spam);
		return true;
	case 'y':
		add_safe(out, f->label);
		return true;
	case 'Y':
		if (!m->view || view_label_changed(m->view, m->row))
			add_safe(out, f->label);
		return true;
	case 'Z':
		add_char(out, format_status_char(m, false));
		add_char(out, middle_char(m));
		add_char(out, last_char(m));
		return true;
	case 'z':
		if (sv_is(ref->letters, "zp"))
			preview(out, m);
		else if (sv_is(ref->letters, "zd"))
			saved_day(out, m);
		else if (sv_is(ref->letters, "za"))
			add_safe(out, sv_of(m->view ? view_row_account(m->view, m->row) : ""));
		else
			add_char(out, sv_is(ref->letters, "zs")	  ? format_status_char(m, false)
			      : sv_is(ref->letters, "zc") ? middle_char(m)
							  : last_char(m));
		return true;
	default:
		return people_value(m, ref, out);
	}
}

static bool number_value(const struct format_msg *m, char letter, long *n)
{
	const struct msg_facts *f = m->facts;

	switch (letter) {
	case 'C':
		*n = f->number;
		return true;
	case 'e':
		*n = m->view ? view_thread_number(m->view, m->row) : 1;
		return true;
	case 'E':
		*n = m->view ? view_thread_size(m->view, m->row) : 1;
		return true;
	case 'l':
		*n = f->lines;
		return true;
	case 'm':
		*n = m->view ? view_counts(m->view)->total : 1;
		return true;
	case 'M':
		*n = m->view ? view_hidden_count(m->view, m->row) : 0;
		return true;
	case 'N':
		*n = f->score;
		return true;
	case 'X':
		*n = parts_count(m->conf, f);
		return true;
	default:
		return false;
	}
}

static bool time_value(const struct format_msg *m, const struct expando_ref *ref, struct expando_value *v)
{
	const struct msg_facts *f = m->facts;

	v->kind = EXPANDO_TIME;
	v->time = f->date_sent;
	v->zone_min = f->tz_min;
	switch (ref->kind) {
	case 'd':
		v->time_fmt = m->conf->date_format;
		return true;
	case 'D':
		v->time_fmt = m->conf->date_format;
		v->local = true;
		return true;
	case '{':
		return true;
	case '[':
		v->local = true;
		return true;
	case '(':
		v->time = f->date_received;
		v->local = true;
		return true;
	case '<':
		v->time = m->now ? m->now : clock_now();
		v->local = true;
		return true;
	default:
		return false;
	}
}

static bool value(void *data, const struct expando_ref *ref, struct expando_value *v);

static void run(const struct expando *x, struct state *s, int width, struct str *out, struct expando_spans *spans)
{
	struct expando_env env = {.value = value, .data = s, .width = width, .now = s->m->now,
		.locale = s->m->locale};

	expando_format(x, &env, out, spans);
}

/* %@name@: the format that the hook has for this message. */
static bool hook_value(struct state *s, struct sv name, struct str *out)
{
	const char *format = s->m->hook ? s->m->hook(s->m->data, name, s->m->facts) : NULL;
	struct state deeper = {.m = s->m, .depth = s->depth + 1};

	if (!format || deeper.depth > HOOK_DEPTH)
		return false;
	struct expando *x = expando_new_lenient(SET_INDEX, sv_of(format));
	run(x, &deeper, 0, out, NULL);
	expando_free(x);
	return true;
}

static bool value(void *data, const struct expando_ref *ref, struct expando_value *v)
{
	struct state *s = data;

	if (time_value(s->m, ref, v))
		return true;
	v->kind = EXPANDO_TEXT;
	if (ref->kind == '@')
		return hook_value(s, ref->arg, v->text);
	if (!ref->letters.len)
		return false;
	if (ref->letters.p[0] == 'c' && ref->in_condition)
		v->truth = s->m->facts->size > 0;
	if (text_value(s, ref, v->text))
		return true;
	v->kind = EXPANDO_NUMBER;
	return number_value(s->m, ref->letters.p[0], &v->number);
}

void format_msg(const struct expando *x, const struct format_msg *m, struct str *out, struct expando_spans *spans)
{
	struct state s = {.m = m};

	run(x, &s, m->width, out, spans);
}

void format_msg_once(const char *format, const struct format_msg *m, struct str *out)
{
	struct expando *x = expando_new_lenient(SET_INDEX, sv_of(format));

	format_msg(x, m, out, NULL);
	expando_free(x);
}
