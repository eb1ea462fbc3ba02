/*
 * Scores (`score`, $score): each message that a pattern fits gets its value added, in the order of the lines;
 * =VALUE, 9999 and -9999 are final. Less than 0 is 0. They are counted when somebody asks: for %N, ~n, the
 * order, the thresholds; without a line nothing is done at all. As in mutt a message keeps its score when its
 * flags change later.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/view_priv.h"

#define SCORE_FINAL 9999
#define SCORE_MAX 1000000000L

struct view_scorer {
	unsigned changes; /* rc_scores.changes when this was made */
	bool on;
	struct pattern **v; /* NULL in the place of a line that is wrong */
	size_t n;
};

static void clear(struct view_scorer *s)
{
	for (size_t i = 0; i < s->n; i++)
		pattern_free(s->v[i]);
	free(s->v);
	s->v = NULL;
	s->n = 0;
}

void view_scorer_free(struct view *v)
{
	if (v->scorer)
		clear(v->scorer);
	free(v->scorer);
	v->scorer = NULL;
}

static void compile(struct view *v)
{
	const struct rc_scores *rules = &v->conf->rc.scores;
	struct view_scorer *s = v->scorer;

	s->v = xcalloc(rules->n + 1, sizeof(struct pattern *));
	s->n = rules->n;
	for (size_t i = 0; i < rules->n; i++) {
		struct err e;

		s->v[i] = pattern_compile(v->conf, rules->v[i].pattern, PATTERN_FULL, clock_now(), &e);
		if (!s->v[i])
			log_write(LOG_WARN, "score", "%s: %s", rules->v[i].pattern, e.text);
	}
}

void view_scores_follow(struct view *v)
{
	const struct rc_scores *rules = &v->conf->rc.scores;
	struct view_scorer *s = v->scorer;

	if (!s && (rules->n == 0 || !v->conf->score))
		return;
	if (!s)
		s = v->scorer = xcalloc(1, sizeof(*s));
	else if (s->changes == rules->changes && s->on == v->conf->score)
		return;
	clear(s);
	s->changes = rules->changes;
	s->on = v->conf->score;
	if (s->on)
		compile(v);
	free(v->columns[COLUMN_SCORE]);
	v->columns[COLUMN_SCORE] = NULL;
	v->judged = 0;
	v->order_valid = v->order_valid && v->sort.key != SORT_SCORE && v->conf->sort_aux.key != SORT_SCORE;
	view_touch(v, VIEW_ROWS);
}

static long sum(struct view *v, uint32_t row)
{
	const struct rc_scores *rules = &v->conf->rc.scores;
	struct pattern_env env = {.conf = v->conf, .now = clock_now()};
	struct msg_facts facts;
	long score = 0;

	view_facts(v, row, &facts);
	for (size_t i = 0; i < v->scorer->n; i++) {
		long value = rules->v[i].value;

		if (!v->scorer->v[i] || !pattern_match(v->scorer->v[i], &facts, NULL, &env))
			continue;
		if (rules->v[i].exact || value == SCORE_FINAL || value == -SCORE_FINAL)
			return value;
		score += value;
	}
	return score;
}

/* The column holds one more, so that 0 says: not counted yet. */
int32_t view_score(struct view *v, uint32_t row)
{
	uint32_t known = view_column(v, COLUMN_SCORE, row);

	if (!v->scorer || v->scorer->n == 0)
		return 0;
	if (known)
		return (int32_t)(known - 1);
	view_set_column(v, COLUMN_SCORE, row, 1); /* before: a line may ask for the score itself (~n) */
	known = (uint32_t)MAX(MIN(sum(v, row), SCORE_MAX), 0L);
	view_set_column(v, COLUMN_SCORE, row, known + 1);
	return (int32_t)known;
}

bool view_judge(struct view *v, struct view_verdicts *out)
{
	*out = (struct view_verdicts){0};
	view_update(v);
	if (!v->scorer || v->scorer->n == 0 || v->judged >= v->count)
		return false;
	for (uint32_t n = 0; v->judged < v->count; v->judged++) {
		const struct row *r = &v->rows[v->judged];
		int32_t score;

		if (r->gone)
			continue;
		score = view_score(v, v->judged);
		if (score <= v->conf->score_threshold_delete && !(r->flags & FLAG_DELETED))
			out->delete[out->n_delete++] = v->judged;
		if (score <= v->conf->score_threshold_read && !(r->flags & FLAG_SEEN))
			out->read[out->n_read++] = v->judged;
		if (score >= v->conf->score_threshold_flag && !(r->flags & FLAG_FLAGGED))
			out->flag[out->n_flag++] = v->judged;
		if (++n == VIEW_VERDICTS) {
			v->judged++;
			break;
		}
	}
	return v->judged < v->count;
}
