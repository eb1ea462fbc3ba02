#include "tests/evil/judge.h"

#include <stdio.h>
#include <stdlib.h>

/* Longer than this no call may take on a line that is dead: a time-out, and that of leaving. */
#define PATIENCE_MS (32 * 1000 + 2000)
/* The answer to the end of a message may take ten minutes (RFC 5321 4.5.3.2.6). */
#define PATIENCE_DOT_MS (610 * 1000 + 4000)

#define TRANSCRIPT_MAX 4096 /* longer answers have none: it would be all that the test does */

struct run {
	struct model m;
	struct line l;
	struct tour t;
	char *log; /* the transcript */
	size_t log_len;
};

static void run_begin(struct run *r, const struct mode *mode)
{
	memset(r, 0, sizeof(*r));
	model_init(&r->m, mode->proto);
	tour_init(&r->t, mode->proto);
	r->m.offer_tls = mode->tls;
	r->m.preauth = mode->preauth;
	r->m.caps = mode->caps;
	r->l.far = mode->far || mode->tls;
	if (mode->tls)
		r->t.server.security = SERVER_STARTTLS;
	if (mode->optional)
		r->t.server.security = SERVER_TLS_IF_OFFERED;
}

/* With a transcript, as --wire-log writes it: in it are no secrets. */
static void with_transcript(struct run *r)
{
	r->t.server.wire_log = open_memstream(&r->log, &r->log_len);
}

static void run_end(struct run *r)
{
	if (r->t.server.wire_log)
		fclose(r->t.server.wire_log);
	free(r->log);
	line_close(&r->l);
	tour_fini(&r->t);
	model_fini(&r->m);
}

void clean_run(struct clean *c, const struct mode *mode, bool compress)
{
	static struct run r;

	run_begin(&r, mode);
	r.t.compress = compress;
	tour_run(&r.t, &r.l, &r.m);
	c->bytes = r.l.said.len;
	c->lines = r.l.lines;
	c->heard = r.l.heard;
	c->said = sv_dup(str_sv(&r.l.said));
	c->tour = r.t;
	r.t = (struct tour){0};
	run_end(&r);
}

void clean_free(struct clean *c)
{
	tour_fini(&c->tour);
	free(c->said);
}

/* ---- what holds for every session ---- */

static bool no(struct str *why, const char *fmt, ...) PRINTF_LIKE(2, 3);
static bool no(struct str *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(why, fmt, ap);
	va_end(ap);
	str_adds(why, "; ");
	return false;
}

/* The password and what is made of it in the clear forms of login. */
static bool shows_secret(struct sv bytes)
{
	return sv_find(bytes, SV(MODEL_PASS)) >= 0 || sv_find_case(bytes, SV("AGpvZQBzM2NyM3QtUHc")) >= 0 ||
	       sv_find(bytes, SV("czNjcjN0LVB3")) >= 0;
}

static bool clear_is_clean(const struct run *r, struct str *why)
{
	struct sv clear = str_sv(&r->l.clear), line;
	bool starttls = r->t.server.security == SERVER_STARTTLS, ok = true;

	if (!r->l.far)
		return true;
	if (shows_secret(clear))
		ok = no(why, "the password went over the line in clear");
	/* Where TLS is asked for, nothing goes before it but what leads to it. */
	while (starttls && sv_chr(clear, '\n') >= 0 && sv_split(&clear, '\n', &line)) {
		line = sv_rtrim(line);
		if (sv_ends_case(line, SV("CAPABILITY")) || sv_ends_case(line, SV("STARTTLS")) || sv_is(line, "CAPA") ||
			sv_is(line, "STLS") || sv_starts(line, SV("EHLO ")) || sv_starts(line, SV("HELO ")) ||
			sv_is(line, "QUIT") || sv_ends_case(line, SV("LOGOUT")) || line.len == 0)
			continue;
		ok = no(why, "went in clear: " SV_FMT, SV_ARG(line));
	}
	return ok;
}

static bool errors_say_why(const struct tour *t, struct str *why)
{
	bool ok = true;

	for (size_t i = 0; i < t->n; i++) {
		const struct tour_step *s = &t->step[i];
		struct sv text = sv_of(s->err.text);

		if (s->ok || s->over)
			continue;
		if (s->err.class == ERR_NONE || text.len == 0)
			ok = no(why, "%s failed without a reason", s->name);
		else if (sv_find(text, SV("server")) < 0 && sv_find(text, SV("example.org")) < 0 &&
			 sv_find(text, SV("connection")) < 0 && sv_find(text, SV("session")) < 0 &&
			 sv_find(text, SV("message")) < 0 && sv_find(text, SV("mailbox")) < 0)
			ok = no(why, "%s: \"%s\" does not tell whose fault it is", s->name, s->err.text);
	}
	return ok;
}

static bool sane(const struct run *r, struct str *why)
{
	int64_t patience = r->m.proto == MODEL_SMTP && r->m.dots ? PATIENCE_DOT_MS : PATIENCE_MS;
	bool ok = clear_is_clean(r, why);

	if (r->t.server.wire_log && fflush(r->t.server.wire_log) == 0 && shows_secret(sv_make(r->log, r->log_len)))
		ok = no(why, "the password is in the transcript");
	if (r->l.hung)
		ok = no(why, "it hangs");
	if (r->l.now_ms > patience)
		ok = no(why, "it took %lld s", (long long)r->l.now_ms / 1000);
	if (r->t.sent_wrongly)
		ok = no(why, "a message is called sent that is not, or the other way round");
	return errors_say_why(&r->t, why) && ok;
}

/* What was given must be what an honest server gives. */
static bool same_as_clean(const struct tour *t, const struct tour *clean, struct str *why)
{
	bool ok = true;

	for (size_t i = 0; i < t->n; i++) {
		const struct tour_step *c = tour_step_named(clean, t->step[i].name);

		if (t->step[i].ok && c && strcmp(t->step[i].gave, c->gave) != 0)
			ok = no(why, "%s gave \"%s\", not \"%s\"", t->step[i].name, t->step[i].gave, c->gave);
	}
	return ok;
}

/* ---- verdicts ---- */

static const char *outcome(const struct tour *t)
{
	const struct tour_step *s = tour_first_failure(t);

	if (!s)
		return "on";
	/* The last step needs a session that works. */
	return t->step[t->n - 1].ok ? "no" : "dead";
}

static bool has_event(const struct tour *t, struct sv text)
{
	return sv_find(str_sv(&t->events), text) >= 0;
}

/* One word of a verdict. */
static bool fits(const struct run *r, struct sv word, struct str *why)
{
	const struct tour_step *s = tour_first_failure(&r->t);
	const char *o = outcome(&r->t);

	if (sv_is(word, "any") || sv_is(word, "~"))
		return true;
	if (sv_is(word, "on") || sv_is(word, "no") || sv_is(word, "dead"))
		return sv_is(word, o) || no(why, "it is %s: %s %s", o, s ? s->name : "", s ? s->err.text : "");
	if (word.p[0] == '"')
		return (s && sv_find(sv_of(s->err.text), sv_from(word, 1)) >= 0) ||
		       no(why, "the reason is \"%s\"", s ? s->err.text : "");
	if (word.p[0] == '=')
		return has_event(&r->t, sv_from(word, 1)) || no(why, "no event " SV_FMT, SV_ARG(word));
	if (word.p[0] == '^')
		return !has_event(&r->t, sv_from(word, 1)) || no(why, "an event " SV_FMT, SV_ARG(word));
	return (s && sv_is(word, err_class_name(s->err.class))) ||
	       no(why, "the class is %s: %s", s ? err_class_name(s->err.class) : "none", s ? s->err.text : "");
}

/* The next word: quoted ones hold blanks (and come without the closing quote). */
static bool next_word(struct sv *rest, struct sv *word)
{
	*rest = sv_trim(*rest);
	if (rest->len && rest->p[0] == '"') {
		ptrdiff_t end = sv_chr(sv_from(*rest, 1), '"');

		*word = sv_head(*rest, end < 0 ? rest->len : (size_t)end + 1);
		*rest = sv_from(*rest, word->len + 1);
		return true;
	}
	return sv_split(rest, ' ', word);
}

static void run_case(struct run *r, const struct one_case *c, struct fault *f)
{
	*f = (struct fault){c->state, c->how, sv_make(c->bytes, c->len), c->nth};
	run_begin(r, &c->mode);
	if (c->len < TRANSCRIPT_MAX)
		with_transcript(r);
	r->m.fault = f;
	tour_run(&r->t, &r->l, &r->m);
}

/* Modes are few: their honest sessions are kept. */
static const struct tour *clean_of(const struct mode *mode)
{
	static struct {
		struct mode mode;
		struct clean clean;
	} kept[16];
	static size_t n;

	for (size_t i = 0; i < n; i++)
		if (kept[i].mode.proto == mode->proto && kept[i].mode.tls == mode->tls &&
			kept[i].mode.preauth == mode->preauth &&
			strcmp(kept[i].mode.caps ? kept[i].mode.caps : "-", mode->caps ? mode->caps : "-") == 0)
			return &kept[i].clean.tour;
	if (n == ARRAY_LEN(kept))
		abort();
	kept[n].mode = *mode;
	kept[n].mode.caps = mode->caps ? xstrdup(mode->caps) : NULL;
	clean_run(&kept[n].clean, mode, false);
	return &kept[n++].clean.tour;
}

bool judge_case(const struct one_case *c, struct str *why)
{
	static struct run r;
	struct sv rest = sv_of(c->verdict), word;
	const struct tour *clean = clean_of(&c->mode);
	struct fault f;
	bool ok, lies = false;

	run_case(&r, c, &f);
	ok = sane(&r, why);
	if (!r.m.fired)
		ok = no(why, "the state is never reached");
	while (next_word(&rest, &word)) {
		lies |= sv_is(word, "~");
		ok = fits(&r, word, why) && ok;
	}
	if (!lies)
		ok = same_as_clean(&r.t, clean, why) && ok;
	run_end(&r);
	return ok;
}

void judge_show(const struct one_case *c, struct str *out)
{
	static struct run r;
	const struct tour_step *s;
	const struct tour *clean = clean_of(&c->mode);
	struct str lies;
	struct fault f;

	str_init(&lies, 65536);
	run_case(&r, c, &f);
	s = tour_first_failure(&r.t);
	str_addf(out, "%s", r.m.fired ? outcome(&r.t) : "never");
	if (s)
		str_addf(out, " %s [%s] \"%s\"", err_class_name(s->err.class), s->name, s->err.text);
	if (r.t.unclear)
		str_adds(out, " =unclear");
	if (!same_as_clean(&r.t, clean, &lies))
		str_addf(out, " ~ %s", lies.s);
	str_fini(&lies);
	run_end(&r);
}

static struct run played;

bool judge_played(const struct mode *mode, bool (*ask)(void *data, const char *state, struct fault *out), void *data,
	struct played *out, struct str *why)
{
	run_begin(&played, mode);
	played.m.ask = ask;
	played.m.ask_data = data;
	tour_run(&played.t, &played.l, &played.m);
	*out = (struct played){&played.t, outcome(&played.t), tour_first_failure(&played.t), &played.l};
	return sane(&played, why);
}

void judge_played_end(void)
{
	run_end(&played);
}

void judge_seed(const struct one_case *c, struct str *out)
{
	static struct run r;
	struct fault f;
	unsigned before;

	run_case(&r, c, &f);
	before = r.m.answers - 1;
	run_end(&r);
	str_addc(out, (char)(c->mode.tls | c->mode.preauth << 2 | !!c->mode.caps << 3 | c->mode.far << 4));
	for (; before > 31; before -= 32)
		str_add(out, sv_make("\xf8\xff", 2)); /* 31 honest answers, and one that is told to be honest */
	str_addc(out, (char)(before << 3 | c->how));
	str_add(out, sv_make(c->bytes, c->len));
}

/* ---- generated ---- */

/* After these a step that says "ok" must have given what it gives with an honest server. */
static bool keeps_sense(enum mangle k)
{
	return k == MANGLE_CUT || k == MANGLE_STALL || k == MANGLE_RESET || k == MANGLE_DRIP || k == MANGLE_DEAF ||
	       k == MANGLE_LF;
}

bool judge_mangled(const struct clean *clean, const struct mode *mode, bool compress, enum mangle kind, size_t at,
	const char *arg, struct str *why)
{
	static struct run r;
	bool ok;

	run_begin(&r, mode);
	r.t.compress = compress;
	r.l.mangle = kind;
	r.l.at = at;
	r.l.arg = arg;
	tour_run(&r.t, &r.l, &r.m);
	ok = sane(&r, why);
	/* POP3 says that a message ends with CRLF . CRLF: with LF alone it never ends. */
	if (keeps_sense(kind) && !(kind == MANGLE_LF))
		ok = same_as_clean(&r.t, &clean->tour, why) && ok;
	run_end(&r);
	return ok;
}
