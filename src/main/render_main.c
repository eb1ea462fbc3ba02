/*
 * The program feist-render: message in, document out, in a cage. Two lives:
 *
 *   with a channel on descriptor 3 (started by the ui): RENDER, SAVEFD and SAVEPART of messages.def,
 *   until the other side goes;
 *
 *   from a command line, message on standard input:
 *     feist-render --dump=json|text [--width N] [--part ID] [--weed] [--NAME=VALUE]...
 *     feist-render --extract ID
 *     feist-render --save        every attachment: a line "ID SIZE NAME", then its bytes, and so on
 *     feist-render --filter html JSON lines, see feist(1)
 *
 * The cage closes before the first foreign byte is read; what must be opened is open by then.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/sandbox.h"
#include "ipc/chan.h"
#include "main/filter.h"
#include "render/rewrite.h"

#define VIEW_MAX (16u << 20) /* bytes of one mailcap filter's output */
#define FDS_WAITING_MAX (RENDER_VIEWS_MAX + 1)

/* ---- the channel ---- */

struct server {
	struct chan *chan;
	/* Descriptors that came ahead of their job. */
	uint64_t job;
	int fd[FDS_WAITING_MAX];
	size_t fds;
};

static void drop_fds(struct server *s)
{
	for (size_t i = 0; i < s->fds; i++)
		close(s->fd[i]);
	s->fds = 0;
}

static void take_fd(struct server *s, uint64_t job, int fd)
{
	if (s->fds && s->job != job)
		drop_fds(s);
	s->job = job;
	if (s->fds == FDS_WAITING_MAX)
		close(fd);
	else
		s->fd[s->fds++] = fd;
}

/* length bytes of a file from offset on; 0: to its end. Read, not mapped: another program may cut it short. */
static bool read_range(int fd, uint64_t offset, uint64_t length, struct str *out, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_sys(e, "reading the message");
	uint64_t size = st.st_size > 0 ? (uint64_t)st.st_size : 0;
	if (offset > size)
		return err_set(e, ERR_GONE, "the message is not where it was");
	uint64_t left = length ? MIN(length, size - offset) : size - offset;
	if (left > RENDER_MESSAGE_MAX)
		return err_set(e, ERR_LIMIT, "the message is over %u MB", RENDER_MESSAGE_MAX >> 20);
	str_init(out, RENDER_MESSAGE_MAX);
	char *to = left ? str_reserve(out, left) : NULL;
	for (size_t got = 0; got < left;) {
		ssize_t n = pread(fd, to + got, left - got, (off_t)(offset + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) { /* it has become shorter: what is there is shown */
			left = got;
			break;
		}
		got += (size_t)n;
	}
	if (left)
		str_commit(out, left);
	return true;
}

/* The outputs of mailcap filters came as descriptors, in the order of the view= options. */
static void read_views(struct server *s, uint64_t job, struct render_opts *o, struct str *texts)
{
	struct err e;

	for (size_t i = 0; i < o->view_count; i++)
		str_init(&texts[i], VIEW_MAX);
	if (s->job != job)
		return;
	for (size_t i = 0; i < o->view_count && i < s->fds; i++) {
		struct str text;
		if (!read_range(s->fd[i], 0, VIEW_MAX, &text, &e))
			continue;
		str_fini(&texts[i]);
		texts[i] = text;
		o->view[i].text = str_sv(&texts[i]);
	}
}

static bool send_doc(struct server *s, uint64_t job, const struct doc *doc, struct err *e)
{
	struct str bytes;
	int fd = -1;

	str_init(&bytes, DOC_BYTES_MAX);
	bool ok = doc_encode(doc, &bytes, e) && (fd = fs_memfd("feist-doc", e)) >= 0 &&
		  fs_write_all(fd, str_sv(&bytes), e) && fs_seal(fd, e) &&
		  chan_say(s->chan, e, DOC, .job = job, .length = bytes.len, .fd = fd);
	if (fd >= 0)
		close(fd);
	str_fini(&bytes);
	return ok;
}

/* The message of a request, put together when it comes in pieces. */
static bool read_message(
	int fd, uint64_t offset, uint64_t length, struct sv options, struct str *out, struct err *e)
{
	if (!read_range(fd, offset, length, out, e))
		return false;
	if (render_pieces(out, options))
		return true;
	str_fini(out);
	return err_set(e, ERR_LIMIT, "the message is over %u MB", RENDER_MESSAGE_MAX >> 20);
}

static bool do_render(struct server *s, const struct msg_RENDER *m, struct err *e)
{
	struct str message, texts[RENDER_VIEWS_MAX];
	struct render_opts o;
	bool ok = false;

	render_opts_init(&o);
	if (render_opts_parse(&o, m->options, e) &&
		read_message(m->fd, m->offset, m->length, m->options, &message, e)) {
		read_views(s, m->job, &o, texts);
		struct doc *doc = render_message(str_sv(&message), &o);
		ok = send_doc(s, m->job, doc, e);
		doc_free(doc);
		for (size_t i = 0; i < o.view_count; i++)
			str_fini(&texts[i]);
		str_fini(&message);
	}
	render_opts_fini(&o);
	return ok;
}

/* The option "charset=NAME": text is converted to it. Caller frees; NULL: as it is. */
static char *wanted_charset(struct sv options)
{
	struct sv line;

	while (sv_line(&options, &line))
		if (sv_starts(line, SV("charset=")))
			return sv_dup(sv_from(line, strlen("charset=")));
	return NULL;
}

static bool save_part(struct sv message, struct sv id, struct sv options, int fd, uint64_t *bytes, struct err *e)
{
	char *part = sv_dup(id), *charset = wanted_charset(options);
	bool ok = charset ? render_extract_text(message, part, charset, fd, bytes, e)
			  : render_extract(message, part, fd, bytes, e);

	free(charset);
	free(part);
	return ok;
}

static bool save_rewritten(struct sv message, struct sv options, int fd, uint64_t *bytes, struct err *e)
{
	struct render_opts o;

	render_opts_init(&o);
	bool ok = render_opts_parse(&o, options, e) && render_rewrite(message, &o, fd, bytes, e);
	render_opts_fini(&o);
	return ok;
}

static bool do_save(struct server *s, const struct msg_SAVEPART *m, struct err *e)
{
	struct str message;
	uint64_t bytes = 0;

	if (s->job != m->job || !s->fds)
		return err_set(e, ERR_PROTO, "SAVEPART without a file");
	if (!read_message(m->fd, m->offset, m->length, m->options, &message, e))
		return false;
	bool ok = m->part.len > 0 ? save_part(str_sv(&message), m->part, m->options, s->fd[0], &bytes, e)
				  : save_rewritten(str_sv(&message), m->options, s->fd[0], &bytes, e);
	str_fini(&message);
	return ok && chan_say(s->chan, e, SAVED, .job = m->job, .length = bytes);
}

static bool answer(struct server *s, const struct msg *m)
{
	uint64_t job = 0;
	struct err e;
	bool ok = true;

	switch (m->type) {
	case MSG_SAVEFD:
		take_fd(s, m->SAVEFD.job, m->SAVEFD.fd);
		return true;
	case MSG_RENDER:
		job = m->RENDER.job;
		ok = do_render(s, &m->RENDER, &e);
		close(m->RENDER.fd);
		break;
	case MSG_SAVEPART:
		job = m->SAVEPART.job;
		ok = do_save(s, &m->SAVEPART, &e);
		close(m->SAVEPART.fd);
		break;
	case MSG_QUIT:
		return false;
	default:
		return false;
	}
	drop_fds(s);
	if (ok)
		return true;
	struct sv class = sv_of(err_class_name(e.class)), text = sv_of(e.text);
	return chan_say(s->chan, &e, RENDERFAIL, .job = job, .class = class, .text = text);
}

static int serve(void)
{
	struct server s = {.chan = chan_new(CHAN_CHILD_FD, SIDE_RENDER, SIDE_UI, "render")};
	struct msg m;
	struct err e;

	sandbox_enter(SANDBOX_RENDER, NULL, NULL);
	while (chan_recv(s.chan, -1, &m, &e) == CHAN_MSG && answer(&s, &m))
		;
	drop_fds(&s);
	chan_free(s.chan);
	return 0;
}

/* ---- the command line ---- */

enum task { TASK_NONE, TASK_JSON, TASK_TEXT, TASK_EXTRACT, TASK_SAVE, TASK_FILTER };

struct command {
	enum task task;
	const char *what; /* part of --extract, kind of --filter */
	struct render_opts opts;
	bool weed_said;
	bool pieces; /* the message is a digest of pieces */
};

static int complain(int status, const struct err *e)
{
	fprintf(stderr, "feist-render: %s\n", e->text);
	return status;
}

/* What --weed leaves over when no list was given. */
static void weed_as_usual(struct render_opts *o)
{
	static const char *const keep[] = {
		"from", "date", "subject", "to", "cc", "bcc", "reply-to"};
	static const char *const order[] = {
		"date", "from", "to", "cc", "bcc", "reply-to", "subject"};
	struct err e;
	bool ok = render_opt_set(o, SV("ignore"), SV("*"), &e);

	for (size_t i = 0; i < ARRAY_LEN(keep); i++)
		ok = ok && render_opt_set(o, SV("unignore"), sv_of(keep[i]), &e);
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		ok = ok && render_opt_set(o, SV("hdr_order"), sv_of(order[i]), &e);
}

static const struct {
	const char *name, *value; /* value: what "=VALUE" must be, "*" that one follows */
	enum task task;
} tasks[] = {
	{"dump", "json", TASK_JSON},
	{"dump", "text", TASK_TEXT},
	{"extract", "*", TASK_EXTRACT},
	{"filter", "*", TASK_FILTER},
	{"save", "", TASK_SAVE},
};

/* --NAME=VALUE, --NAME VALUE, or --weed. next may be NULL; *used says how many words it took. */
static bool parse_option(
	struct command *c, const char *word, const char *next, int *used, struct err *e)
{
	struct sv name = sv_from(sv_of(word), 2), value = sv_of(next);
	ptrdiff_t eq = sv_chr(name, '=');

	*used = 1;
	if (eq >= 0) {
		value = sv_from(name, (size_t)eq + 1);
		name = sv_head(name, (size_t)eq);
	}
	for (size_t i = 0; i < ARRAY_LEN(tasks); i++) {
		if (!sv_is(name, tasks[i].name) ||
			(tasks[i].value[0] != '*' &&
				!sv_is(eq >= 0 ? value : SV(""), tasks[i].value)))
			continue;
		c->task = tasks[i].task;
		c->what = tasks[i].value[0] == '*' ? value.p : "";
		*used = tasks[i].value[0] == '*' && eq < 0 ? 2 : 1;
		return c->what ? true : err_set(e, ERR_INPUT, "%s needs a value", word);
	}
	if (sv_is(name, "weed") && eq < 0) {
		c->weed_said = true;
		return true;
	}
	if (eq < 0) {
		if (!next)
			return err_set(e, ERR_INPUT, "%s needs a value", word);
		*used = 2;
	}
	c->pieces |= sv_is(name, "pieces") && sv_is_case(value, "yes");
	c->weed_said |= sv_is(name, "weed") && sv_is_case(value, "yes");
	if (sv_is(name, "part"))
		c->opts.mode = RENDER_PART;
	return render_opt_set(&c->opts, name, value, e);
}

static bool parse(struct command *c, int argc, char **argv, struct err *e)
{
	int used;

	render_opts_init(&c->opts);
	c->opts.weed = false;
	for (int i = 1; i < argc; i += used) {
		if (strncmp(argv[i], "--", 2) != 0)
			return err_set(e, ERR_INPUT, "what is \"%.60s\"?", argv[i]);
		if (!parse_option(c, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &used, e))
			return false;
	}
	c->opts.weed = c->weed_said;
	if (c->weed_said && !c->opts.ignore.count)
		weed_as_usual(&c->opts);
	if (c->task == TASK_NONE)
		return err_set(e, ERR_INPUT,
			"give one of --dump=json, --dump=text, --extract ID, --save, --filter "
			"html");
	return true;
}

static bool write_out(const struct str *out, struct err *e)
{
	return fs_write_all(STDOUT_FILENO, str_sv(out), e);
}

/* A file is read at its size; a pipe has to grow. */
static bool read_stdin(struct str *out, struct err *e)
{
	struct stat st;
	off_t at = lseek(STDIN_FILENO, 0, SEEK_CUR);

	if (at >= 0 && fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode))
		return read_range(STDIN_FILENO, (uint64_t)at, 0, out, e);
	return fs_read_fd(STDIN_FILENO, RENDER_MESSAGE_MAX, out, e);
}

static bool run_message(const struct command *c, struct err *e)
{
	struct str message, out;
	uint64_t bytes;
	bool ok;

	if (!read_stdin(&message, e))
		return false;
	if (c->pieces && !render_pieces(&message, SV("pieces=yes"))) {
		str_fini(&message);
		return err_set(e, ERR_LIMIT, "the message is over %u MB", RENDER_MESSAGE_MAX >> 20);
	}
	if (c->task == TASK_EXTRACT) {
		ok = render_extract(str_sv(&message), c->what, STDOUT_FILENO, &bytes, e);
	} else if (c->task == TASK_SAVE) {
		ok = render_save(str_sv(&message), &c->opts, STDOUT_FILENO, e);
	} else if (c->task == TASK_JSON) {
		str_init(&out, RENDER_MESSAGE_MAX);
		ok = render_json(str_sv(&message), &c->opts, &out, e) && write_out(&out, e);
		str_fini(&out);
	} else {
		struct doc *doc = render_message(str_sv(&message), &c->opts);
		str_init(&out, DOC_BYTES_MAX);
		doc_text(doc, 0, doc->line_count, &out);
		ok = write_out(&out, e);
		str_fini(&out);
		doc_free(doc);
	}
	str_fini(&message);
	return ok;
}

/* ---- --filter html ---- */

static bool filter_html(
	struct arena *arena, const struct json *input, struct str *out, struct err *e)
{
	struct render_opts o;
	struct str text;
	struct sv html;

	if (!filter_bytes(arena, input, &html, e))
		return false;
	render_opts_init(&o);
	o.width = (int)MIN(
		MAX(filter_number(input, "width", o.width), RENDER_WIDTH_MIN), RENDER_WIDTH_MAX);
	struct doc *doc = render_html_piece(html, &o);
	str_init(&text, DOC_BYTES_MAX);
	doc_text(doc, 0, doc->line_count, &text);
	bool ok =
		str_add_json(out, str_sv(&text)) || err_set(e, ERR_LIMIT, "the output is too long");
	str_fini(&text);
	doc_free(doc);
	render_opts_fini(&o);
	return ok;
}

static const struct filter_kind kinds[] = {{"html", filter_html}, {NULL, NULL}};

int main(int argc, char **argv)
{
	static const struct filter_kind *const tables[] = {kinds, NULL};
	struct command c = {.task = TASK_NONE};
	struct err e;
	struct stat st;

	if (argc == 1 && fstat(CHAN_CHILD_FD, &st) == 0 && S_ISSOCK(st.st_mode))
		return serve();
	if (!parse(&c, argc, argv, &e))
		return complain(EX_USAGE, &e);
	sandbox_enter(SANDBOX_RENDER, NULL, NULL);
	if (c.task == TASK_FILTER)
		return filter_run(c.what, tables, STDIN_FILENO, STDOUT_FILENO);
	int status = run_message(&c, &e) ? 0 : complain(err_exit_status(e.class), &e);
	render_opts_fini(&c.opts);
	return status;
}
