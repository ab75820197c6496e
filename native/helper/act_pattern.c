/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns on free pages: filled, and held against what they should be. */
#include "act_pattern.h"
#include "acts.h"
#include "json_build.h"
#include "long_act.h"
#include <stdlib.h>

struct pattern_job {
	struct pool_worker worker;
	struct pm_pattern pattern;
	struct pm_free_counts counts;
	struct pattern_findings findings;
	struct json_object *diagnoses;
	uint64_t began_ms, took_ms;
};

static enum pm_code begin(struct call *call, bool change)
{
	struct pattern_job *job = calloc(1, sizeof(*job));
	enum pm_code code;

	if (!job)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for work on free pages");
	code = pattern_read(param_object(call, "pattern"), &job->pattern, &call->err);
	if (code == PM_OK)
		code = pool_worker_begin(&job->worker, call, change);
	if (code != PM_OK) {
		pattern_free(&job->pattern);
		free(job);
		return code;
	}
	job->began_ms = monotonic_ms();
	call->state = job;
	return PM_OK;
}

enum pm_code act_pattern_fill_begin(struct call *call)
{
	return begin(call, true);
}

enum pm_code act_pattern_check_begin(struct call *call)
{
	return begin(call, false);
}

static void job_free(struct pattern_job *job)
{
	pattern_findings_free(&job->findings);
	json_object_put(job->diagnoses);
	pattern_free(&job->pattern);
	free(job);
}

/* What was filled stays filled, so the log tells of it also when the rest was not. */
static enum pm_code note_fill(struct pattern_job *job, const struct pm_free_range *range, struct pm_error *err)
{
	char words[64];

	if (job->counts.pages == 0)
		return PM_OK;
	pattern_words(&job->pattern, words);
	return pool_worker_note(&job->worker, PM_VERB_FILL, range->first, job->counts.pages, words, err);
}

enum pm_code act_pattern_fill_work(struct call *call)
{
	struct pattern_job *job = call->state;
	struct pm_free_range range;
	enum pm_code code = pool_worker_attach(&job->worker, call, true), noted;
	struct pm_error err = {0};

	if (code == PM_OK) {
		pool_worker_range(&job->worker, call, true, &range);
		code = pm_free_fill(&range, &job->pattern, &job->counts, &call->err);
		noted = note_fill(job, &range, &err);
		if (code == PM_OK && noted != PM_OK)
			code = pm_fail(&call->err, noted, "%s", err.message);
	}
	pool_worker_close(&job->worker);
	job->took_ms = monotonic_ms() - job->began_ms;
	return code;
}

enum pm_code act_pattern_fill_end(struct call *call, enum pm_code worked)
{
	struct pattern_job *job = call->state;
	enum pm_code code = settled(call, worked);

	if (code == PM_OK) {
		call->result = json_object_new_object();
		json_set_count(call->result, "pages", job->counts.pages);
		json_set_count(call->result, "bytes", job->counts.pages * PM_PAGE_SIZE);
		json_set_count(call->result, "skipped", job->counts.skipped);
		json_set_count(call->result, "durationMs", job->took_ms);
	}
	job_free(job);
	return code;
}

enum pm_code act_pattern_check_work(struct call *call)
{
	struct pattern_job *job = call->state;
	struct pm_free_range range;
	enum pm_code code = pool_worker_attach(&job->worker, call, false);

	if (code == PM_OK) {
		pool_worker_range(&job->worker, call, false, &range);
		code = pattern_findings_begin(&job->findings, &range, &job->pattern, &call->err);
	}
	if (code == PM_OK)
		code = pm_free_check(&range, &job->pattern, pattern_findings_add, &job->findings, &job->counts,
				     &call->err);
	if (code == PM_OK && job->findings.err.code != PM_OK)
		code = pm_fail(&call->err, job->findings.err.code, "%s", job->findings.err.message);
	if (code == PM_OK)
		job->diagnoses = pattern_findings_end(&job->findings);
	pool_worker_close(&job->worker);
	job->took_ms = monotonic_ms() - job->began_ms;
	return code;
}

enum pm_code act_pattern_check_end(struct call *call, enum pm_code worked)
{
	struct pattern_job *job = call->state;
	enum pm_code code = settled(call, worked);

	if (code == PM_OK) {
		call->result = json_object_new_object();
		json_set_bool(call->result, "intact", job->findings.changed == 0);
		json_set_count(call->result, "pages", job->counts.pages);
		json_set_count(call->result, "skipped", job->counts.skipped);
		json_set_count(call->result, "changed", job->findings.changed);
		json_set(call->result, "runs", json_object_get(job->findings.runs));
		json_set(call->result, "diagnoses", json_object_get(job->diagnoses));
		json_set_count(call->result, "durationMs", job->took_ms);
	}
	job_free(job);
	return code;
}
