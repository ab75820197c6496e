/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "act_restore.h"
#include "acts.h"
#include <stdlib.h>

static struct pm_side side_of(const struct chain *chain, const char *name)
{
	return (struct pm_side){.snapshot = chain_first(chain), .name = name};
}

enum pm_code compare_begin(struct call *call, struct compare_job *job)
{
	struct attached *attached;
	char uuid[PM_UUID_TEXT];
	enum pm_code code;

	if (job->after.count > 0)
		return PM_OK;
	chain_pool(&job->before, uuid);
	code = session_pool(call->session, uuid, &attached, &call->err);
	if (code == PM_OK)
		code = pool_source_of(call->session, attached, &job->source, &call->err);
	job->source.writable = false; /* nothing is changed, not even what a crash left */
	return code;
}

/* Attached under the locks; read without them, so that others go on meanwhile. */
static enum pm_code compare_pool(const struct pm_pool *pool, const void *how, int fd, struct pm_task *task,
				 struct pm_snapshot_result *result, struct pm_error *err)
{
	struct compare_job *job = *(struct compare_job *const *)how;
	struct pm_side before = side_of(&job->before, job->before_name), after = {.pool = pool};

	(void)fd, (void)result;
	task->metadata_copied(task->context);
	return pm_compare(&before, &after, task, &job->comparison, err);
}

enum pm_code compare_work(struct call *call, struct compare_job *job)
{
	struct pm_side before = side_of(&job->before, job->before_name);
	struct pm_side after = side_of(&job->after, job->after_name);
	struct pm_snapshot_result none;

	if (job->after.count > 0)
		return pm_compare(&before, &after, &call->task, &job->comparison, &call->err);
	return pool_source_write(call, &job->source, compare_pool, &job, -1, &none);
}

void compare_free(struct compare_job *job)
{
	chain_close(&job->before);
	chain_close(&job->after);
	pool_source_free(&job->source);
	json_object_put(job->comparison);
	job->comparison = NULL;
}

enum pm_code act_snapshot_compare_begin(struct call *call)
{
	struct compare_job *job = calloc(1, sizeof(*job));
	enum pm_code code;

	if (!job)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory to compare with");
	job->before_name = param_text(call, "before", "");
	job->after_name = param_text(call, "after", NULL);
	code = chain_open_stored(&job->before, &call->session->host, job->before_name, &call->err);
	if (code == PM_OK && job->after_name)
		code = chain_open_stored(&job->after, &call->session->host, job->after_name, &call->err);
	if (code == PM_OK)
		code = compare_begin(call, job);
	if (code == PM_OK) {
		call->state = job;
		return PM_OK;
	}
	compare_free(job);
	free(job);
	return code;
}

enum pm_code act_snapshot_compare_work(struct call *call)
{
	return compare_work(call, call->state);
}

enum pm_code act_snapshot_compare_end(struct call *call, enum pm_code worked)
{
	struct compare_job *job = call->state;
	enum pm_code code = settled(call, worked);

	if (code == PM_OK)
		call->result = json_object_get(job->comparison);
	compare_free(job);
	free(job);
	return code;
}
