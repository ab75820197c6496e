/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Content of a snapshot back into a pool that is there. */
#include "act_restore.h"
#include "acts.h"
#include "json_build.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void chain_pool(const struct chain *chain, char uuid[PM_UUID_TEXT])
{
	size_t count = 0;
	const struct pm_superblock *regions = pm_snapshot_regions(chain_first(chain), &count);
	static const uint8_t none[16];

	pm_uuid_format(count > 0 ? regions[0].pool_uuid : none, uuid);
}

static enum pm_code what_of(struct call *call, struct restore_job *job)
{
	static const char *const names[] = {"allocation", "content", "pool"};
	const char *what = param_text(call, "what", "");
	size_t i = 0;

	while (i < 3 && strcmp(what, names[i]) != 0)
		i++;
	if (i == 3)
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter what: must be allocation, content or pool");
	job->what = (enum restore_what)i;
	if (job->what == RESTORE_ALLOCATION && (!param_given(call, "page") || !param_given(call, "expect")))
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter %s: is missing",
			       param_given(call, "page") ? "expect" : "page");
	if (job->what != RESTORE_ALLOCATION && (param_given(call, "page") || param_given(call, "expect")))
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter %s: only for an allocation",
			       param_given(call, "page") ? "page" : "expect");
	return PM_OK;
}

/* The word says what is overwritten. */
static enum pm_code confirmed(struct call *call, const char *word, const char *what)
{
	if (strcmp(param_text(call, "confirm", ""), word) == 0)
		return PM_OK;
	snprintf(call->confirm, sizeof(call->confirm), "%s", word);
	return pm_fail(&call->err, PM_E_CONFIRM_NEEDED, "this overwrites %s; the word to do it is %s", what,
		       call->confirm);
}

static enum pm_code confirm_content(struct call *call, const struct attached *attached)
{
	char word[PM_NAME_BYTES], what[128];

	snprintf(word, sizeof(word), "%s", attached->pool.sb.pool_name);
	snprintf(what, sizeof(what), "the content of allocations of pool \"%.63s\"", attached->pool.sb.pool_name);
	return confirmed(call, word, what);
}

static enum pm_code confirm_allocation(struct call *call, struct attached *attached)
{
	uint64_t page = param_count(call, "page", 0);
	char word[PM_NAME_BYTES], what[160];
	struct run_copy run;
	enum pm_code code = guarded_run_at(&attached->pool, page, &run, &call->err);

	if (code == PM_OK)
		code = run_as_expected(call, &run);
	if (code != PM_OK)
		return code;
	if (run.named)
		snprintf(word, sizeof(word), "%.63s", run.record.name);
	else
		snprintf(word, sizeof(word), "page-%llu", (unsigned long long)page);
	snprintf(what, sizeof(what), "the content of %s, %llu page%s", word, (unsigned long long)run.pages,
		 run.pages == 1 ? "" : "s");
	return confirmed(call, word, what);
}

static enum pm_code content_begin(struct call *call, struct restore_job *job)
{
	struct attached *attached;
	enum pm_code code = call_pool(call, &attached);

	if (code == PM_OK)
		code = session_writable(attached, &call->err);
	if (code == PM_OK)
		code = job->what == RESTORE_CONTENT ? confirm_content(call, attached)
						    : confirm_allocation(call, attached);
	return code == PM_OK ? pool_source_of(call->session, attached, &job->source, &call->err) : code;
}

enum pm_code restore_begin(struct call *call, struct restore_job *job)
{
	char uuid[PM_UUID_TEXT];
	enum pm_code code = what_of(call, job);

	if (code != PM_OK)
		return code;
	job->host = call->session->host;
	chain_pool(&job->chain, uuid);
	if (strcmp(param_text(call, "pool", ""), uuid) != 0)
		return pm_fail(&call->err, PM_E_SNAPSHOT_FOREIGN, "%s is a snapshot of pool %s", job->name, uuid);
	for (size_t i = 0; i < job->chain.count; i++) { /* before anybody is asked for a word */
		code = pm_snapshot_damage(job->chain.snapshots[i], &call->err);
		if (code != PM_OK)
			return code;
	}
	return job->what == RESTORE_POOL ? restore_pool_begin(call, job) : content_begin(call, job);
}

struct content {
	struct call *call;
	struct restore_job *job;
};

/* Under the locks, which stay until the last page is read back: nobody frees meanwhile what is written. */
static enum pm_code write_content(const struct pm_pool *pool, const void *how, int fd, struct pm_task *task,
				  struct pm_snapshot_result *result, struct pm_error *err)
{
	const struct content *content = how;
	struct restore_job *job = content->job;
	uint64_t page = param_count(content->call, "page", 0);
	struct run_copy run;
	enum pm_code code;

	(void)fd, (void)result;
	if (job->what == RESTORE_CONTENT)
		return pm_restore_content(chain_first(&job->chain), pool, task, &job->restored, err);
	code = guarded_run_at(pool, page, &run, err);
	if (code == PM_OK)
		code = run_as_expected(content->call, &run);
	return code == PM_OK
		       ? pm_restore_allocation(chain_first(&job->chain), page, pool, page, task, &job->restored, err)
		       : code;
}

enum pm_code restore_work(struct call *call, struct restore_job *job)
{
	struct content content = {call, job};
	struct pm_snapshot_result none;

	if (job->what == RESTORE_POOL)
		return restore_pool_work(call, job);
	return pool_source_write(call, &job->source, write_content, &content, -1, &none);
}

/* What was written stands, so the log tells of it whatever came after. */
static void note_restored(struct call *call, const struct restore_job *job)
{
	uint64_t page = param_count(call, "page", 0);
	struct attached *attached;
	struct run_copy run = {.pages = 0};

	if (call_pool(call, &attached) != PM_OK)
		return;
	if (job->what == RESTORE_ALLOCATION && guarded_run_at(&attached->pool, page, &run, NULL) != PM_OK)
		run.pages = 1;
	note_act(call->session, attached, PM_VERB_RESTORE, page, run.pages, job->name, NULL);
}

enum pm_code restore_end(struct call *call, struct restore_job *job, enum pm_code worked)
{
	enum pm_code code = settled(call, worked);
	struct pm_error why = call->err;

	if (worked == PM_OK || (!job->begun && job->restored.pages > 0))
		note_restored(call, job);
	if (worked == PM_E_CANCELLED && !job->begun && job->restored.pages > 0)
		pm_fail(&call->err, code,
			"interrupted: %llu page%s had been written back and verified by then, the rest is as it was; "
			"restore again to finish",
			(unsigned long long)job->restored.pages, job->restored.pages == 1 ? "" : "s");
	if (worked != PM_OK && job->begun)
		pm_fail(&call->err, code, "%.250s: no pool stands there now; restore it again", why.message);
	if (code == PM_OK) {
		call->result = json_object_new_object();
		json_set_count(call->result, "pages", job->restored.pages);
		json_set_count(call->result, "unchanged", job->restored.unchanged);
		json_set_count(call->result, "allocations", job->restored.allocations);
		json_set_count(call->result, "skipped", job->restored.skipped);
	}
	restore_free(job);
	return code;
}

void restore_free(struct restore_job *job)
{
	chain_close(&job->chain);
	pool_source_free(&job->source);
	free(job->places);
	job->places = NULL;
}

enum pm_code act_snapshot_restore_begin(struct call *call)
{
	const char *name = param_text(call, "name", "");
	struct restore_job *job = calloc(1, sizeof(*job));
	enum pm_code code;

	if (!job)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory to restore with");
	job->name = name;
	code = chain_open_stored(&job->chain, &call->session->host, name, &call->err);
	if (code == PM_OK)
		code = restore_begin(call, job);
	if (code == PM_OK) {
		call->state = job;
		return PM_OK;
	}
	restore_free(job);
	free(job);
	return code;
}

enum pm_code act_snapshot_restore_work(struct call *call)
{
	return restore_work(call, call->state);
}

enum pm_code act_snapshot_restore_end(struct call *call, enum pm_code worked)
{
	enum pm_code code = restore_end(call, call->state, worked);

	free(call->state);
	return code;
}
