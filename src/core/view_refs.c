/* What threads go by: the ids above a message as a list, and its subject without Re:. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "core/view_priv.h"

/* Oldest first in the text; the list begins with the newest. */
static uint32_t add_ids(struct view *v, struct sv text, uint32_t list)
{
	struct sv id;

	for (unsigned n = 0; n < UINT16_MAX && msgid_next(&text, &id); n++)
		list = idpool_list(v->ids, idpool_add(v->ids, id), list);
	return list;
}

static struct ref_note *note_of(struct view *v, struct sv text, uint32_t rest, uint64_t *hash)
{
	*hash = hash_of(text) ^ rest * UINT64_C(0x9e3779b97f4a7c15);
	return &v->ref_notes[*hash % VIEW_REF_NOTES];
}

/*
 * The same for References: all but the last of them are what the message that is answered has, and that was
 * met a moment ago, nearly always. Its list is noted by its text.
 */
static uint32_t add_refs(struct view *v, struct sv text, uint32_t rest)
{
	size_t last = text.len;
	struct ref_note *note;
	uint32_t list = rest;
	struct sv before;
	uint64_t hash;

	text = sv_trim(text);
	last = text.len;
	while (last > 0 && text.p[last - 1] != '<')
		last--;
	before = sv_rtrim(sv_head(text, last ? last - 1 : 0));
	if (!v->ref_notes)
		v->ref_notes = xcalloc(VIEW_REF_NOTES, sizeof(*v->ref_notes));
	if (before.len > 0 && before.p[before.len - 1] != '>')
		return add_ids(v, text, rest);
	if (before.len > 0) {
		note = note_of(v, before, rest, &hash);
		if (note->hash != hash || !note->list)
			*note = (struct ref_note){hash, add_ids(v, before, rest)};
		list = note->list;
	}
	list = add_ids(v, sv_from(text, last ? last - 1 : 0), list);
	note = note_of(v, text, rest, &hash);
	*note = (struct ref_note){hash, list};
	return list;
}

/*
 * $thread_by_server: what the server holds for one thread hangs below one message that is missing, older than
 * all that References name. The id cannot be one of a message: those have an '@'.
 */
static uint32_t server_thread(struct view *v, const struct message_row *m)
{
	char *id;
	uint32_t list;

	if (!v->conf->thread_by_server || m->thread.len == 0)
		return 0;
	id = xasprintf("<thread:" SV_FMT ">", SV_ARG(m->thread));
	list = idpool_list(v->ids, idpool_add(v->ids, sv_of(id)), 0);
	free(id);
	return list;
}

/*
 * The ids that lead from a message upwards, nearest first: the newest In-Reply-To, then References (without
 * the same id again: Eudora and others put the newest reference in In-Reply-To only), or all of In-Reply-To
 * when there are no References.
 */
uint32_t view_ancestors(struct view *v, const struct message_row *m)
{
	uint32_t refs = add_refs(v, m->refs, server_thread(v, m)), newest = 0;
	struct sv rest = m->in_reply_to, id;

	if (!refs)
		return add_ids(v, m->in_reply_to, 0);
	while (msgid_next(&rest, &id))
		newest = idpool_add(v->ids, id);
	return newest && newest != idpool_first(v->ids, refs) ? idpool_list(v->ids, newest, refs) : refs;
}

/* Header folds are made of spaces here and tabs there: one blank each, so that subjects compare equal. */
static uint32_t add_squeezed(struct view *v, struct sv text)
{
	struct str out;
	uint32_t n;

	str_init(&out, text.len + 1);
	for (size_t i = 0; i < text.len; i++) {
		bool blank = ascii_is_space((unsigned char)text.p[i]);

		if (!blank || (out.len && out.s[out.len - 1] != ' '))
			(void)str_addc(&out, blank ? ' ' : text.p[i]);
	}
	n = strpool_add(v->pool, sv_trim(str_sv(&out)));
	str_fini(&out);
	return n;
}

static bool has_odd_blanks(struct sv text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\t' || text.p[i] == '\n' ||
			(text.p[i] == ' ' && (i == 0 || text.p[i - 1] == ' ')))
			return true;
	}
	return text.len && text.p[text.len - 1] == ' ';
}

static uint32_t real_subject(struct view *v, uint32_t number)
{
	struct sv subject = strpool_text(v->pool, number);
	ptrdiff_t groups[RX_GROUPS][2];
	bool is_reply = subject.len && v->conf->reply_regexp.rx &&
			rx_find(v->conf->reply_regexp.rx, subject, 0, groups) && groups[0][1] > 0;

	if (is_reply)
		subject = sv_from(subject, (size_t)groups[0][1]);
	if (has_odd_blanks(subject))
		number = add_squeezed(v, subject);
	else if (is_reply)
		number = strpool_add(v->pool, subject);
	return number | (is_reply ? REAL_REPLY : 0);
}

uint32_t view_real_subject(struct view *v, uint32_t subject, bool *is_reply)
{
	uint32_t real;

	if (subject >= v->real_cap) {
		uint32_t cap = MAX(strpool_limit(v->pool), subject + 1) + 256;

		cap += cap / 4;
		v->real = xreallocarray(v->real, cap, sizeof(*v->real));
		memset(v->real + v->real_cap, 0xff, (cap - v->real_cap) * sizeof(*v->real));
		v->real_cap = cap;
	}
	if (v->real[subject] == REAL_UNKNOWN) {
		real = real_subject(v, subject);
		v->real[subject] = real;
	}
	real = v->real[subject];
	if (is_reply)
		*is_reply = real & REAL_REPLY;
	return real & ~REAL_REPLY;
}
