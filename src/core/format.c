/* The values of the index expandos. Meanings are mutt's; NeoMutt's additions where they are cheap. */
#include "core/format.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "text/utf8.h"

struct values {
	const struct format_msg *in;
	struct msg_facts facts;
};

void format_char(const char *chars, size_t n, struct str *out)
{
	struct sv c = conf_char(chars, n);
	str_add(out, c.len > 0 ? c : SV(" "));
}

void format_size(const struct conf *conf, uint64_t bytes, struct str *out)
{
	double n = (double)bytes;
	char unit = 'K';
	char number[32];
	if (bytes == 0) {
		snprintf(number, sizeof(number), "0");
		unit = conf->size_show_bytes ? '\0' : 'K';
	} else if (conf->size_show_bytes && bytes < 1024) {
		snprintf(number, sizeof(number), "%u", (unsigned)bytes);
		unit = '\0';
	} else if (conf->size_show_fractions && bytes < 10189) {
		snprintf(number, sizeof(number), "%3.1f", bytes < 103 ? 0.1 : n / 1024.0);
	} else if (!conf->size_show_mb || bytes < 1023949) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)((bytes + 51) / 1024));
	} else if (conf->size_show_fractions && bytes < 10433332) {
		snprintf(number, sizeof(number), "%3.1f", n / 1048576.0);
		unit = 'M';
	} else {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)((bytes + 52428) / 1048576));
		unit = 'M';
	}
	if (unit && conf->size_units_on_left)
		str_addc(out, unit);
	str_adds(out, number);
	if (unit && !conf->size_units_on_left)
		str_addc(out, unit);
}

size_t format_tree(const struct conf *conf, struct view *view, uint32_t row, struct str *out)
{
	static const char *const unicode[] = {
		[TREE_LLCORNER] = "└", [TREE_ULCORNER] = "┌", [TREE_LTEE] = "├", [TREE_HLINE] = "─",
		[TREE_VLINE] = "│", [TREE_TTEE] = "┬", [TREE_BTEE] = "┴", [TREE_SPACE] = " ",
		[TREE_RARROW] = ">", [TREE_STAR] = "*", [TREE_HIDDEN] = "&", [TREE_EQUALS] = "=", [TREE_MISSING] = "?",
	};
	static const char *const ascii[] = {
		[TREE_LLCORNER] = "`", [TREE_ULCORNER] = ",", [TREE_LTEE] = "|", [TREE_HLINE] = "-",
		[TREE_VLINE] = "|", [TREE_TTEE] = "-", [TREE_BTEE] = "-", [TREE_SPACE] = " ",
		[TREE_RARROW] = ">", [TREE_STAR] = "*", [TREE_HIDDEN] = "&", [TREE_EQUALS] = "=", [TREE_MISSING] = "?",
	};
	char tree[FORMAT_TREE_MAX];
	size_t start = out->len, n = view_tree(view, row, tree, sizeof(tree));
	for (size_t i = 0; i < n; i++) {
		size_t c = (unsigned char)tree[i];
		if (c > 0 && c < ARRAY_LEN(unicode) && unicode[c])
			str_adds(out, conf->ascii_chars ? ascii[c] : unicode[c]);
	}
	return out->len - start;
}

static void safe(struct str *out, struct sv text)
{
	utf8_add_safe(out, text, UTF8_SAFE_LINE);
}

/* ---- people ---- */

static bool first_of(struct sv list, struct addr_item *item)
{
	return addr_next(&list, item);
}

static void add_author(const struct values *v, struct str *out)
{
	struct addr_item from;
	if (first_of(v->facts.from, &from))
		safe(out, addr_label(from));
}

/* The author, or whom the message went to when it is the user's own. */
static void add_person(const struct values *v, struct str *out)
{
	struct addr_item item;
	if (v->facts.flags & FLAG_FROM_ME) {
		const char *word = NULL;
		if (first_of(v->facts.to, &item))
			word = "To ";
		else if (first_of(v->facts.cc, &item))
			word = "Cc ";
		else if (first_of(v->facts.bcc, &item))
			word = "Bcc ";
		if (word) {
			str_adds(out, word);
			safe(out, addr_label(item));
			return;
		}
	}
	add_author(v, out);
}

static bool list_in(const struct conf *conf, struct sv addresses, struct addr_item *item)
{
	while (addr_next(&addresses, item)) {
		if (rc_matches(&conf->rc.lists, item->addr) || rc_matches(&conf->rc.subscribed, item->addr))
			return true;
	}
	return false;
}

static bool list_of(const struct values *v, struct addr_item *item)
{
	const struct conf *conf = v->in->conf;
	return list_in(conf, v->facts.to, item) || list_in(conf, v->facts.cc, item);
}

static void add_list_or_person(const struct values *v, struct str *out)
{
	struct addr_item list;
	if (!list_of(v, &list)) {
		add_person(v, out);
		return;
	}
	str_adds(out, "To ");
	safe(out, addr_label(list));
}

static void add_initials(struct str *out, struct sv name)
{
	bool start = true;
	size_t used;
	for (size_t i = 0; i < name.len; i += used) {
		uint32_t c = utf8_decode(sv_from(name, i), &used);
		bool word = utf8_is_word(c);
		if (word && start)
			utf8_add(out, utf8_upper(c));
		start = !word;
	}
}

static void add_until(struct str *out, struct sv text, char stop)
{
	ptrdiff_t at = sv_chr(text, stop);
	safe(out, at < 0 ? text : sv_head(text, (size_t)at));
}

/* ---- marks ---- */

static size_t to_index(unsigned flags)
{
	if (flags & FLAG_FROM_ME)
		return 4;
	if (flags & FLAG_TO_ME)
		return flags & FLAG_ONLY_ME ? 1 : 2;
	if (flags & FLAG_CC_ME)
		return 3;
	return flags & (FLAG_TO_LIST | FLAG_TO_SUBSCRIBED) ? 5 : 0;
}

/* Places in $flag_chars. */
enum { MARK_TAGGED, MARK_FLAGGED, MARK_DELETED, MARK_ATTACH, MARK_REPLIED, MARK_OLD, MARK_NEW, MARK_OLD_THREAD,
	MARK_NEW_THREAD, MARK_SEMPTY, MARK_ZEMPTY };

static size_t reading_mark(const struct values *v)
{
	unsigned f = v->facts.flags;
	if (v->in->view && view_hidden_count(v->in->view, v->in->row) > 0) {
		unsigned hidden = view_hidden_flags(v->in->view, v->in->row);
		if (!(hidden & FLAG_SEEN))
			return hidden & FLAG_OLD ? MARK_OLD_THREAD : MARK_NEW_THREAD;
	}
	if (f & FLAG_SEEN)
		return f & FLAG_ANSWERED ? MARK_REPLIED : MARK_ZEMPTY;
	return f & FLAG_OLD ? MARK_OLD : MARK_NEW;
}

static void add_status(const struct values *v, struct str *out)
{
	format_char(v->in->conf->flag_chars, reading_mark(v), out);
}

static void add_crypto(const struct values *v, struct str *out)
{
	unsigned f = v->facts.flags;
	const struct conf *conf = v->in->conf;
	if (f & FLAG_DELETED)
		format_char(conf->flag_chars, MARK_DELETED, out);
	else if (f & FLAG_ATTACH)
		format_char(conf->flag_chars, MARK_ATTACH, out);
	else
		format_char(conf->crypt_chars, f & FLAG_ENCRYPTED ? 1 : f & FLAG_SIGNED ? 2 : f & FLAG_PGP_KEY ? 3 : 4, out);
}

static void add_to(const struct values *v, struct str *out)
{
	unsigned f = v->facts.flags;
	const struct conf *conf = v->in->conf;
	if (f & FLAG_TAGGED)
		format_char(conf->flag_chars, MARK_TAGGED, out);
	else if (f & FLAG_FLAGGED)
		format_char(conf->flag_chars, MARK_FLAGGED, out);
	else
		format_char(conf->to_chars, to_index(f), out);
}

static void add_one_status(const struct values *v, struct str *out)
{
	unsigned f = v->facts.flags;
	size_t mark = reading_mark(v);
	if (f & FLAG_DELETED)
		mark = MARK_DELETED;
	else if (f & FLAG_ATTACH)
		mark = MARK_ATTACH;
	else if (f & FLAG_TAGGED)
		mark = MARK_TAGGED;
	else if (f & FLAG_FLAGGED)
		mark = MARK_FLAGGED;
	else if (mark == MARK_ZEMPTY)
		mark = MARK_SEMPTY;
	format_char(v->in->conf->flag_chars, mark, out);
}

/* ---- the rest ---- */

static const char *mailbox_of(const struct values *v)
{
	if (v->in->mailbox)
		return v->in->mailbox;
	return v->in->view ? view_mailbox(v->in->view) : "";
}

static void add_mailbox(const struct values *v, struct str *out)
{
	struct sv name = sv_of(mailbox_of(v));
	ptrdiff_t slash = sv_rchr(name, '/');
	safe(out, sv_from(name, slash < 0 ? 0 : (size_t)slash + 1));
}

static void add_subject(const struct values *v, struct str *out)
{
	const struct format_msg *in = v->in;
	if (in->view && !in->no_tree && !in->facts) {
		format_tree(in->conf, in->view, in->row, out);
		if (!view_subject_shown(in->view, in->row))
			return;
	}
	safe(out, v->facts.subject);
}

static void add_tags(const struct values *v, bool transformed, struct str *out)
{
	const struct conf *conf = v->in->conf;
	struct sv rest = v->facts.keywords, word;
	size_t start = out->len;
	while (sv_split(&rest, ' ', &word)) {
		if (word.len == 0 || word.p[0] == '\\' || word.p[0] == '$')
			continue;
		const char *shown = transformed ? rc_vars_get(&conf->rc.tag_transforms, word) : NULL;
		if (out->len > start)
			str_addc(out, ' ');
		safe(out, shown ? sv_of(shown) : word);
	}
}

static bool number(struct expando_value *e, long n)
{
	e->kind = EXPANDO_NUMBER;
	e->number = n;
	return true;
}

static bool date(struct expando_value *e, int64_t when, const struct values *v, bool local)
{
	e->kind = EXPANDO_TIME;
	e->time = when;
	e->zone_min = v->facts.tz_min;
	e->local = local;
	e->time_fmt = v->in->conf->date_format;
	e->truth = when != 0;
	return true;
}

static bool value_of_hook(const struct values *v, const struct expando_ref *ref, struct expando_value *e)
{
	const char *format = v->in->hook ? v->in->hook(v->in->data, ref->arg) : NULL;
	if (!format)
		return false;
	struct format_msg inner = *v->in;
	inner.hook = NULL; /* a hook's format does not call hooks */
	format_message_text(format, &inner, 0, e->text);
	return true;
}

static bool value_of_numbers(const struct values *v, char letter, struct expando_value *e)
{
	struct view *view = v->in->view;
	uint32_t row = v->in->row;
	switch (letter) {
	case 'C':
		return number(e, (long)v->facts.number);
	case 'e':
		return number(e, view ? (long)view_thread_number(view, row) : 1);
	case 'E':
		return number(e, view ? (long)view_thread_size(view, row) : 1);
	case 'l':
		return number(e, (long)v->facts.lines);
	case 'm':
		return number(e, view ? (long)view_counts(view)->total : 1);
	case 'M':
		return number(e, view ? (long)view_hidden_count(view, row) : 0);
	case 'N':
		return number(e, v->facts.score);
	case 'X':
		return number(e, (long)v->facts.attachments);
	default:
		return false;
	}
}

static bool value_of_people(const struct values *v, struct sv letters, struct str *out)
{
	struct addr_item item = {0};
	bool has_from = first_of(v->facts.from, &item);
	switch (letters.p[0]) {
	case 'a':
		safe(out, item.addr);
		return true;
	case 'A':
		if (first_of(v->facts.reply_to, &item) || has_from)
			safe(out, item.addr);
		return true;
	case 'f':
		safe(out, v->facts.from);
		return true;
	case 'F':
		if (sv_is(letters, "Fp"))
			add_author(v, out);
		else
			add_person(v, out);
		return true;
	case 'I':
		add_initials(out, addr_label(item));
		return true;
	case 'K':
	case 'B':
		if (list_of(v, &item))
			safe(out, addr_label(item));
		else if (letters.p[0] == 'B')
			add_mailbox(v, out);
		return true;
	case 'L':
		add_list_or_person(v, out);
		return true;
	case 'n':
		add_author(v, out);
		return true;
	case 'r':
		safe(out, v->facts.to);
		return true;
	case 'R':
		safe(out, v->facts.cc);
		return true;
	case 't':
		if (first_of(v->facts.to, &item)) {
			str_adds(out, "To ");
			safe(out, addr_label(item));
		} else if (first_of(v->facts.cc, &item)) {
			str_adds(out, "Cc ");
			safe(out, addr_label(item));
		}
		return true;
	case 'u':
		add_until(out, item.addr, '@');
		return true;
	case 'v':
		add_until(out, addr_label(item), ' ');
		return true;
	default:
		return false;
	}
}

static bool value_of_texts(const struct values *v, struct sv letters, struct expando_value *e)
{
	struct str *out = e->text;
	switch (letters.p[0]) {
	case 'b':
		add_mailbox(v, out);
		return true;
	case 'c':
		if (sv_is(letters, "cr"))
			str_addf(out, "%llu", (unsigned long long)v->facts.size);
		else
			format_size(v->in->conf, v->facts.size, out);
		e->truth = v->facts.size > 0;
		return true;
	case 'g':
	case 'J':
		add_tags(v, false, out);
		return true;
	case 'G':
		add_tags(v, true, out);
		return true;
	case 'i':
		safe(out, v->facts.message_id);
		return true;
	case 'P':
		str_adds(out, v->in->progress ? v->in->progress : "");
		return true;
	case 's':
		add_subject(v, out);
		return true;
	case 'S':
		add_one_status(v, out);
		return true;
	case 'T':
		format_char(v->in->conf->to_chars, to_index(v->facts.flags), out);
		return true;
	case 'Y':
		if (v->in->view && !view_label_changed(v->in->view, v->in->row))
			return true;
		safe(out, v->facts.label);
		return true;
	case 'y':
		safe(out, v->facts.label);
		return true;
	case 'Z':
		add_status(v, out);
		add_crypto(v, out);
		add_to(v, out);
		return true;
	case 'z':
		if (sv_is(letters, "zs"))
			add_status(v, out);
		else if (sv_is(letters, "zc"))
			add_crypto(v, out);
		else
			add_to(v, out);
		return true;
	default:
		return false;
	}
}

static bool value(void *data, const struct expando_ref *ref, struct expando_value *e)
{
	const struct values *v = data;
	switch (ref->kind) {
	case '{':
	case 'd':
		return date(e, v->facts.date_sent, v, false);
	case '[':
	case 'D':
		return date(e, v->facts.date_sent, v, true);
	case '(':
		return date(e, v->facts.date_received, v, true);
	case '<':
		return date(e, v->in->now ? v->in->now : clock_now(), v, true);
	case '@':
		return value_of_hook(v, ref, e);
	default:
		break;
	}
	if (ref->letters.len == 0)
		return false;
	return value_of_numbers(v, ref->letters.p[0], e) || value_of_people(v, ref->letters, e->text) ||
		value_of_texts(v, ref->letters, e);
}

void format_message(const struct expando *x, const struct format_msg *in, int width, struct str *out,
	struct expando_spans *spans)
{
	struct values v = {.in = in};
	if (in->facts)
		v.facts = *in->facts;
	else if (!in->view || !view_msg(in->view, in->row, &v.facts))
		return;
	struct expando_env env = {.value = value, .data = &v, .width = width, .now = in->now};
	expando_format(x, &env, out, spans);
}

void format_message_text(const char *format, const struct format_msg *in, int width, struct str *out)
{
	struct expando *x = expando_new_lenient(SET_INDEX, sv_of(format));
	format_message(x, in, width, out, NULL);
	expando_free(x);
}
