/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pool_worker.h"
#include "guarded.h"
#include <stdio.h>
#include <string.h>

void pool_worker_begin(struct pool_worker *worker, const struct call *call)
{
	memset(worker, 0, sizeof(*worker));
	worker->session.host = call->session->host;
	worker->session.uid = call->session->uid;
	memcpy(worker->session.user, call->session->user, sizeof(worker->session.user));
	snprintf(worker->uuid, sizeof(worker->uuid), "%s", param_text(call, "pool", ""));
}

enum pm_code pool_worker_attach(struct pool_worker *worker, struct pm_error *err)
{
	return session_pool(&worker->session, worker->uuid, &worker->attached, err);
}

void pool_worker_close(struct pool_worker *worker)
{
	session_close(&worker->session);
	worker->attached = NULL;
}

static enum pm_code lock_to_change(void *context, struct pm_error *err)
{
	struct pool_worker *worker = context;

	return session_lock(&worker->session, worker->attached, err);
}

static void unlock_changed(void *context)
{
	struct pool_worker *worker = context;

	session_unlock(worker->attached);
}

static enum pm_code lock_to_look(void *context, struct pm_error *err)
{
	struct pool_worker *worker = context;
	struct mapped *mapped = &worker->attached->mapped;
	enum pm_code code = mapped_lock(mapped, err);

	if (code != PM_OK || mapped_same(mapped))
		return code;
	mapped_unlock(mapped);
	return pm_fail(err, PM_E_POOL_CHANGED, "pool %s was overwritten", worker->uuid);
}

static void unlock_looked_at(void *context)
{
	struct pool_worker *worker = context;

	mapped_unlock(&worker->attached->mapped);
}

void pool_worker_range(struct pool_worker *worker, struct call *call, bool change, struct pm_free_range *range)
{
	memset(range, 0, sizeof(*range));
	range->pool = &worker->attached->pool;
	range->first = param_count(call, "from", 0);
	range->end = param_count(call, "to", 0);
	range->lock = change ? lock_to_change : lock_to_look;
	range->unlock = change ? unlock_changed : unlock_looked_at;
	range->context = worker;
	range->task = &call->task;
}

enum pm_code pool_range_check(struct call *call)
{
	if (param_given(call, "to") && param_count(call, "to", 0) <= param_count(call, "from", 0))
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter to: must be above from");
	return PM_OK;
}

enum pm_code pool_worker_note(struct pool_worker *worker, enum pm_verb verb, uint64_t page, uint64_t pages,
			      const char *detail, struct pm_error *err)
{
	struct pm_act act;
	enum pm_code code = session_lock(&worker->session, worker->attached, err);

	if (code != PM_OK)
		return code;
	session_act(&worker->session, &act);
	code = guarded_log_append(&worker->attached->pool, verb, page, pages, detail, &act, err);
	session_unlock(worker->attached);
	return code;
}
