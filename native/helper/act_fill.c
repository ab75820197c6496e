/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * allocation/fill: an allocation, or a part of it, filled with a pattern. In pieces, each under the locks and only while
 * the allocation is what the user saw, so that others go on meanwhile and nobody's pages are written who came after.
 */
#include "act_pattern.h"
#include "acts.h"
#include "json_build.h"
#include "long_act.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fill_job {
	struct pool_worker worker;
	struct call *call;
	struct pm_pattern pattern;
	struct run_copy run; /* as the user saw it */
	uint64_t offset, length; /* bytes, from the start of the allocation */
	uint64_t written; /* bytes from `offset` on that are certain to hold the pattern */
	bool begun; /* something may have been written */
};

static enum pm_code choose_part(struct call *call, struct fill_job *job)
{
	uint64_t bytes = job->run.pages * PM_PAGE_SIZE;

	job->offset = param_count(call, "offset", 0);
	job->length = param_count(call, "length", job->offset < bytes ? bytes - job->offset : 0);
	if (job->offset < bytes && job->length <= bytes - job->offset)
		return PM_OK;
	return pm_fail(&call->err, PM_E_OUT_OF_RANGE,
		       "%" PRIu64 " bytes at offset %" PRIu64 "; the allocation has %" PRIu64 " bytes", job->length,
		       job->offset, bytes);
}

static enum pm_code begin(struct call *call, struct fill_job *job)
{
	struct attached *attached;
	enum pm_code code = pattern_read(param_object(call, "pattern"), &job->pattern, &call->err);

	if (code == PM_OK)
		code = pool_worker_begin_pool(&job->worker, call, true);
	if (code == PM_OK)
		code = call_pool(call, &attached);
	if (code == PM_OK)
		code = guarded_run_at(&attached->pool, param_count(call, "page", 0), &job->run, &call->err);
	if (code == PM_OK)
		code = run_as_expected(call, &job->run);
	return code == PM_OK ? choose_part(call, job) : code;
}

enum pm_code act_allocation_fill_begin(struct call *call)
{
	struct fill_job *job = calloc(1, sizeof(*job));
	enum pm_code code;

	if (!job)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory to fill an allocation");
	job->call = call;
	code = begin(call, job);
	if (code == PM_OK) {
		call->state = job;
		return PM_OK;
	}
	pattern_free(&job->pattern);
	free(job);
	return code;
}

/* Between two pieces it may have been freed, and its pages given to somebody else. */
static enum pm_code lock_allocation(void *context, struct pm_error *err)
{
	struct fill_job *job = context;
	struct attached *attached = job->worker.attached;
	struct run_copy now;
	enum pm_code code = session_lock(&job->worker.session, attached, err);

	if (code != PM_OK)
		return code;
	code = guarded_run_at(&attached->pool, job->run.page, &now, err);
	if (code == PM_OK) {
		code = run_as_expected(job->call, &now);
		*err = job->call->err;
	}
	if (code != PM_OK)
		session_unlock(attached);
	else
		job->begun = true;
	return code;
}

static void unlock_allocation(void *context)
{
	struct fill_job *job = context;

	session_unlock(job->worker.attached);
}

/* Bytes [from, to) of a page: the pattern is made beside it, for its words are those of whole pages. */
static enum pm_code fill_within(struct fill_job *job, uint64_t page, uint64_t from, uint64_t to)
{
	const struct pm_pool *pool = &job->worker.attached->pool;
	uint8_t bytes[PM_PAGE_SIZE], *at = pm_page_bytes(pool, page);
	struct pm_error *err = &job->call->err;
	enum pm_code code;

	if (from >= to)
		return PM_OK;
	pm_pattern_fill(&job->pattern, pm_page_address(pool, page), bytes, PM_PAGE_SIZE);
	code = lock_allocation(job, err);
	if (code != PM_OK)
		return code;
	code = pm_region_copy(at + from, bytes + from, to - from, err);
	unlock_allocation(job);
	if (code == PM_OK)
		job->written += to - from;
	return code;
}

/* Pages [first, end) as a whole, by all processors. */
static enum pm_code fill_pages(struct fill_job *job, uint64_t first, uint64_t end)
{
	const struct pm_pool *pool = &job->worker.attached->pool;
	struct pm_free_range range = {
		.plain = {pm_page_bytes(pool, first), pm_page_address(pool, first), first, end - first},
		.first = first,
		.end = end,
		.lock = lock_allocation,
		.unlock = unlock_allocation,
		.context = job,
		.task = &job->call->task,
	};
	struct pm_free_counts counts = {0};
	enum pm_code code;

	if (first >= end)
		return PM_OK;
	code = pm_free_fill(&range, &job->pattern, &counts, &job->call->err);
	job->written += counts.pages * PM_PAGE_SIZE;
	return code;
}

static enum pm_code fill(struct fill_job *job)
{
	uint64_t from = job->run.page * PM_PAGE_SIZE + job->offset, to = from + job->length;
	uint64_t first = from / PM_PAGE_SIZE, last = to / PM_PAGE_SIZE;
	enum pm_code code;

	if (!pm_page_bytes(&job->worker.attached->pool, job->run.page))
		return pm_fail(&job->call->err, PM_E_REGION_MISSING, "the region of page %" PRIu64 " is missing",
			       job->run.page);
	if (first == last)
		return fill_within(job, first, from % PM_PAGE_SIZE, to % PM_PAGE_SIZE);
	code = from % PM_PAGE_SIZE ? fill_within(job, first++, from % PM_PAGE_SIZE, PM_PAGE_SIZE) : PM_OK;
	if (code == PM_OK)
		code = fill_pages(job, first, last);
	return code == PM_OK ? fill_within(job, last, 0, to % PM_PAGE_SIZE) : code;
}

/* What was filled stays filled, so the log tells of it also when the rest was not. */
static enum pm_code note(struct fill_job *job, bool whole, struct pm_error *err)
{
	char words[64], detail[160];

	if (!job->begun)
		return PM_OK;
	pattern_words(&job->pattern, words);
	if (whole && job->length == job->run.pages * PM_PAGE_SIZE)
		snprintf(detail, sizeof(detail), "%s", words);
	else
		snprintf(detail, sizeof(detail), "%s; %" PRIu64 " bytes at %" PRIu64, words, job->written, job->offset);
	return pool_worker_note(&job->worker, PM_VERB_FILL, job->run.page, job->run.pages, detail, err);
}

enum pm_code act_allocation_fill_work(struct call *call)
{
	struct fill_job *job = call->state;
	struct pm_error err = {0};
	enum pm_code code = pool_worker_attach_pool(&job->worker, call, true), noted;

	if (code == PM_OK) {
		code = fill(job);
		noted = note(job, code == PM_OK, &err);
		if (code == PM_OK && noted != PM_OK)
			code = pm_fail(&call->err, noted, "%s", err.message);
	}
	pool_worker_close(&job->worker);
	return code;
}

/* Nobody must take it for untouched, or for filled. */
static enum pm_code tell_how_far(struct call *call, const struct fill_job *job, enum pm_code code)
{
	struct pm_error why = call->err;

	if (code == PM_OK || !job->begun)
		return code;
	return pm_fail(&call->err, code,
		       "%.200s; of %" PRIu64 " bytes the first %" PRIu64
		       " hold the pattern, behind them it may stand too",
		       why.message, job->length, job->written);
}

enum pm_code act_allocation_fill_end(struct call *call, enum pm_code worked)
{
	struct fill_job *job = call->state;
	/* a cancel that came after the last piece changed nothing */
	enum pm_code code = worked == PM_OK ? PM_OK : tell_how_far(call, job, settled(call, worked));

	if (code == PM_OK) {
		call->result = json_object_new_object();
		json_set_count(call->result, "written", job->written);
	}
	pattern_free(&job->pattern);
	free(job);
	return code;
}
