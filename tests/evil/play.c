/*
 * Plays answers of other people's servers to our client: cases on standard input, one result a line on standard
 * output. For tests/corpus/wire.py.
 *
 *	case NAME
 *	proto imap|pop|smtp [tls] [optional] [far] [preauth]
 *	caps TEXT                  model.caps ("\r\n" and the like)
 *	set STATE HOW BYTES        what is said in this state, in the order of the lines; HOW as in cases.h
 *	end
 *
 * Result: NAME TAB on|no|dead TAB first step that failed TAB class TAB text TAB faults used/given TAB unclear TAB
 * problems (what must never be) TAB steps that were done, separated by blanks.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "tests/evil/judge.h"

#define FAULTS_MAX 4000

struct play {
	char *name;
	struct mode mode;
	struct fault fault[FAULTS_MAX];
	bool used[FAULTS_MAX];
	size_t n;
};

static char *unescaped(struct sv text, size_t *len)
{
	char *out = xmalloc(text.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c != '\\' || i + 1 == text.len) {
			out[n++] = c;
			continue;
		}
		c = text.p[++i];
		if (c == 'x' && i + 2 < text.len) {
			out[n++] = (char)(ascii_hex((unsigned char)text.p[i + 1]) << 4 | ascii_hex((unsigned char)text.p[i + 2]));
			i += 2;
		} else {
			out[n++] = c == 'r' ? '\r' : c == 'n' ? '\n' : c == 't' ? '\t' : c;
		}
	}
	out[n] = 0;
	*len = n;
	return out;
}

static enum fault_how how_of(struct sv word)
{
	return sv_is(word, "before") ? FAULT_BEFORE : sv_is(word, "after") ? FAULT_AFTER : sv_is(word, "last") ? FAULT_LAST
	       : sv_is(word, "instead") ? FAULT_INSTEAD : sv_is(word, "cut") ? FAULT_CUT
	       : sv_is(word, "silence") ? FAULT_SILENCE : FAULT_ALL;
}

static bool ask(void *data, const char *state, struct fault *out)
{
	struct play *p = data;

	for (size_t i = 0; i < p->n; i++)
		if (!p->used[i] && strcmp(p->fault[i].state, state) == 0) {
			p->used[i] = true;
			*out = p->fault[i];
			return true;
		}
	return false;
}

static void print_text(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == 127 ? '?' : *text);
}

static void run(struct play *p)
{
	struct played out;
	struct str why;
	size_t used = 0;

	str_init(&why, 1u << 20);
	judge_played(&p->mode, ask, p, &out, &why);
	for (size_t i = 0; i < p->n; i++)
		used += p->used[i];
	printf("%s\t%s\t%s\t%s\t", p->name, out.outcome, out.failed ? out.failed->name : "-",
		out.failed ? err_class_name(out.failed->err.class) : "-");
	print_text(out.failed ? out.failed->err.text : "");
	printf("\t%zu/%zu\t%u\t", used, p->n, out.tour->unclear);
	print_text(why.s ? why.s : "");
	printf("\t");
	for (size_t i = 0; i < out.tour->n; i++)
		if (out.tour->step[i].ok)
			printf("%s ", out.tour->step[i].name);
	printf("\n");
	judge_played_end();
	str_fini(&why);
}

static void clear(struct play *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free((char *)(uintptr_t)p->fault[i].state);
		free((char *)(uintptr_t)p->fault[i].bytes.p);
	}
	free(p->name);
	free(p->mode.caps);
	memset(p, 0, sizeof(*p));
}

static void set_mode(struct play *p, struct sv line)
{
	struct sv w;

	while (sv_split(&line, ' ', &w)) {
		if (sv_is(w, "pop"))
			p->mode.proto = MODEL_POP;
		else if (sv_is(w, "smtp"))
			p->mode.proto = MODEL_SMTP;
		p->mode.tls |= sv_is(w, "tls");
		p->mode.optional |= sv_is(w, "optional");
		p->mode.far |= sv_is(w, "far");
		p->mode.preauth |= sv_is(w, "preauth");
	}
}

static void set_fault(struct play *p, struct sv line)
{
	struct sv state = {0}, how = {0};
	size_t len;
	char *bytes;

	sv_split(&line, ' ', &state);
	sv_split(&line, ' ', &how);
	if (p->n == FAULTS_MAX)
		return;
	bytes = unescaped(line, &len);
	p->fault[p->n++] = (struct fault){.state = sv_dup(state), .how = how_of(how), .bytes = sv_make(bytes, len)};
}

int main(void)
{
	static struct play p;
	struct str in;
	struct sv rest, line;
	struct err e = {0};
	size_t len;

	if (!fs_read("-", 256u << 20, &in, &e)) {
		fprintf(stderr, "%s\n", e.text);
		return 2;
	}
	rest = str_sv(&in);
	while (sv_line(&rest, &line)) {
		if (sv_starts(line, SV("case ")))
			p.name = sv_dup(sv_from(line, 5));
		else if (sv_starts(line, SV("proto ")))
			set_mode(&p, sv_from(line, 6));
		else if (sv_starts(line, SV("caps ")))
			p.mode.caps = unescaped(sv_from(line, 5), &len);
		else if (sv_starts(line, SV("set ")))
			set_fault(&p, sv_from(line, 4));
		else if (sv_is(line, "end"))
			run(&p), clear(&p);
	}
	str_fini(&in);
	return 0;
}
