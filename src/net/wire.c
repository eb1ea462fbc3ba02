#include "net/wire.h"

#include <stdlib.h>

#include "base/mem.h"

#define LINE_KEPT (4u << 20) /* longer lines are cut */
#define POP_OUTSTANDING 1024 /* commands that a POP3 client may send ahead; above, all is hidden */

enum hides { HIDE_NOTHING, HIDE_IMAP, HIDE_POP, HIDE_SMTP };

/* One direction: a line is written when it is complete. */
struct side {
	const char *name;
	struct str line;
	uint64_t skip;  /* bytes of a literal that are still to come */
	uint64_t left_out; /* since the last line */
	bool dotted;    /* a message that ends with a dot is going by */
	bool shown;     /* ... but not one to hide: a list */
};

struct wire {
	FILE *log;
	enum hides hides;
	struct side sent, got;
	char asked[POP_OUTSTANDING]; /* POP3: 'm' message, 'l' list, '.' one line; a ring */
	unsigned first, outstanding;
	bool data_asked; /* SMTP: DATA was said */
};

struct wire *wire_new(FILE *log)
{
	struct wire *w = xcalloc(1, sizeof(*w));

	w->log = log;
	w->sent.name = "C:";
	w->got.name = "S:";
	str_init(&w->sent.line, LINE_KEPT);
	str_init(&w->got.line, LINE_KEPT);
	return w;
}

void wire_hide(struct wire *w, const char *service)
{
	if (w)
		w->hides = strcmp(service, "imap") == 0 ? HIDE_IMAP : strcmp(service, "pop") == 0 ? HIDE_POP : HIDE_SMTP;
}

/* ---- lines ---- */

static void say_left_out(struct wire *w, struct side *d)
{
	if (d->left_out)
		fprintf(w->log, "%s [%llu bytes of a message]\n", d->name, (unsigned long long)d->left_out);
	d->left_out = 0;
}

static void write_line(struct wire *w, struct side *d)
{
	say_left_out(w, d);
	fprintf(w->log, "%s ", d->name);
	for (size_t i = 0; i < d->line.len; i++) {
		unsigned char b = (unsigned char)d->line.s[i];

		if (b == '\t' || (b >= ' ' && b != 127))
			putc(b, w->log);
		else
			fprintf(w->log, "\\x%02x", b);
	}
	putc('\n', w->log);
}

static void flush_side(struct wire *w, struct side *d)
{
	if (d->line.len && !(d->dotted && !d->shown))
		write_line(w, d);
	say_left_out(w, d);
	if (d->line.s)
		mem_wipe(d->line.s, d->line.len);
	str_clear(&d->line);
}

void wire_free(struct wire *w)
{
	if (!w)
		return;
	flush_side(w, &w->sent);
	flush_side(w, &w->got);
	fflush(w->log);
	str_fini(&w->sent.line);
	str_fini(&w->got.line);
	free(w);
}

/* ---- what is a message ---- */

/* "... {123}" and "{123+}": so many bytes follow. */
static uint64_t literal_of(struct sv line)
{
	size_t n = line.len, digits;
	uint64_t size;

	if (n < 3 || line.p[n - 1] != '}')
		return 0;
	n--;
	if (line.p[n - 1] == '+' || line.p[n - 1] == '-')
		n--;
	for (digits = 0; digits < n && line.p[n - 1 - digits] >= '0' && line.p[n - 1 - digits] <= '9'; digits++)
		;
	if (digits == 0 || digits == n || line.p[n - 1 - digits] != '{')
		return 0;
	return sv_u64(sv_make(line.p + n - digits, digits), &size) ? size : 0;
}

static bool begins(struct sv line, const char *word)
{
	return sv_is_case(sv_head(line, strlen(word)), word);
}

static void note_pop_command(struct wire *w, struct sv line)
{
	bool message = begins(line, "RETR ") || begins(line, "TOP ");
	bool list = sv_is_case(line, "LIST") || sv_is_case(line, "UIDL") || sv_is_case(line, "CAPA");

	if (w->outstanding < POP_OUTSTANDING)
		w->asked[(w->first + w->outstanding) % POP_OUTSTANDING] = message ? 'm' : list ? 'l' : '.';
	w->outstanding++;
}

static void note_pop_answer(struct wire *w, struct sv line)
{
	char kind = w->outstanding > POP_OUTSTANDING ? 'm' : w->outstanding ? w->asked[w->first] : '.';

	if (!begins(line, "+OK") && !begins(line, "-ERR"))
		return; /* a challenge of AUTH */
	if (w->outstanding) {
		w->first = (w->first + 1) % POP_OUTSTANDING;
		w->outstanding--;
	}
	w->got.dotted = begins(line, "+OK") && kind != '.';
	w->got.shown = kind == 'l';
}

static void note_smtp_command(struct wire *w, struct sv line)
{
	struct sv word;

	if (sv_is_case(line, "DATA"))
		w->data_asked = true;
	if (!begins(line, "BDAT "))
		return;
	line = sv_from(line, 5);
	if (sv_split(&line, ' ', &word) && !sv_u64(word, &w->sent.skip))
		w->sent.skip = 0;
}

/* A complete line has gone by: what does it say about what comes? */
static void look(struct wire *w, struct side *d)
{
	struct sv line = str_sv(&d->line);

	if (d->dotted) {
		d->dotted = !sv_is(line, ".");
	} else if (w->hides == HIDE_IMAP) {
		d->skip = literal_of(line);
	} else if (w->hides == HIDE_POP) {
		d == &w->sent ? note_pop_command(w, line) : note_pop_answer(w, line);
	} else if (w->hides == HIDE_SMTP && d == &w->sent) {
		note_smtp_command(w, line);
	} else if (w->hides == HIDE_SMTP) {
		w->sent.dotted = w->data_asked && begins(line, "354");
		w->data_asked = w->data_asked && w->sent.dotted == false && begins(line, "2");
	}
}

static void end_line(struct wire *w, struct side *d)
{
	bool hidden;

	if (d->line.len && d->line.s[d->line.len - 1] == '\r')
		str_cut(&d->line, d->line.len - 1);
	hidden = d->dotted && !d->shown && !sv_is(str_sv(&d->line), ".");
	if (hidden)
		d->left_out += d->line.len + 2;
	else
		write_line(w, d);
	if (w->hides != HIDE_NOTHING)
		look(w, d);
	str_clear(&d->line);
}

static void add(struct wire *w, struct side *d, struct sv bytes)
{
	while (bytes.len) {
		ptrdiff_t lf;
		struct sv part;

		if (d->skip) {
			size_t n = (size_t)MIN(d->skip, bytes.len);

			d->skip -= n;
			d->left_out += n;
			bytes = sv_from(bytes, n);
			continue;
		}
		lf = sv_chr(bytes, '\n');
		part = sv_head(bytes, lf < 0 ? bytes.len : (size_t)lf);
		if (!str_add(&d->line, part))
			flush_side(w, d);
		if (lf < 0)
			break;
		end_line(w, d);
		bytes = sv_from(bytes, (size_t)lf + 1);
	}
	fflush(w->log);
}

void wire_sent(struct wire *w, struct sv bytes)
{
	if (w)
		add(w, &w->sent, bytes);
}

void wire_got(struct wire *w, struct sv bytes)
{
	if (w)
		add(w, &w->got, bytes);
}

void wire_note(struct wire *w, const char *peer, const char *text)
{
	if (!w)
		return;
	flush_side(w, &w->sent);
	flush_side(w, &w->got);
	fprintf(w->log, "-- %s: %s\n", peer, text);
	fflush(w->log);
}
