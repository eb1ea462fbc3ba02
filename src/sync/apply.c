#include "sync/apply.h"

#include "base/log.h"

/*
 * Reports what the backend has left in each one. Those it did not reach stay in the queue, and so do those
 * that met with a full disk or the like: nobody has refused them.
 */
static void report(struct host *h, struct job *job, const struct apply_one *ones, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct apply_one *one = &ones[i];

		if (one->done)
			host_applied(h, one->intent, NULL);
		if (one->done && one->replaced)
			host_applied(h, one->replaces, NULL);
		if (one->done)
			continue;
		if (err_is_passing(&one->error))
			job->put_off = one->error;
		else if (one->error.class != ERR_NONE)
			host_applied(h, one->intent, &one->error);
	}
}

bool apply_step_run(struct host *h, struct box *box, struct job *job, bool *more, struct err *e)
{
	struct plan p;

	*more = false;
	if (!plan_next(h, &job->seen, box, &p, e))
		return false;
	if (!p.looked) {
		plan_fini(&p);
		if (job->put_off.class == ERR_NONE)
			return true;
		*e = job->put_off;
		return false;
	}
	bool ok = true;
	report(h, job, p.told, p.told_count);
	if (p.has_step) {
		log_write(LOG_INFO, "apply", "%s: %s in %s, %zu", h->account, intent_kind_name(p.step.kind),
			p.mailbox.name, p.step.count);
		host_step("before apply");
		/* What is noted about the attempt must not be lost before the queue has forgotten the intent. */
		ok = cache_set_durable(h->cache, true, e) && box->ops->apply(box, &p.step, e);
		host_step("after apply");
		if (!ok)
			cache_rollback(h->cache);
		if (!cache_set_durable(h->cache, false, NULL))
			log_write(LOG_WARN, "apply", "%s: the cache stays slow", h->account);
		report(h, job, p.step.one, p.step.count);
		host_step("reported");
	}
	*more = ok && (p.has_step || p.told_count > 0);
	plan_fini(&p);
	return ok;
}
