/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory/search: a worker attaches the pool for itself and reads it without its locks. */
#include "acts.h"
#include "host/base64.h"
#include "json_build.h"
#include "long_act.h"
#include "pool_worker.h"
#include <inttypes.h>
#include <pmpool/search.h>
#include <stdlib.h>

struct search_job {
	struct pool_worker worker;
	struct pm_search search;
	uint8_t *bytes, *mask;
	struct pm_search_result result;
};

static void job_free(struct search_job *job)
{
	free(job->bytes);
	free(job->mask);
	free(job->result.hits);
	free(job);
}

static enum pm_code needle_of(struct call *call, const char *name, uint8_t **data, size_t *bytes)
{
	if (!base64_decode(param_text(call, name, ""), data, bytes))
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter %s: is not base64", name);
	if (*bytes == 0 || *bytes > NEEDLE_BYTES)
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter %s: 1 to %" PRIu64 " bytes", name,
			       NEEDLE_BYTES);
	return PM_OK;
}

static enum pm_code request_read(struct call *call, struct search_job *job)
{
	struct pm_search *search = &job->search;
	size_t masked = 0;
	enum pm_code code = needle_of(call, "bytes", &job->bytes, &search->length);

	if (code == PM_OK && param_given(call, "mask"))
		code = needle_of(call, "mask", &job->mask, &masked);
	if (code == PM_OK && job->mask && masked != search->length)
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter mask: %zu bytes, there are %zu to look for",
			       masked, search->length);
	search->bytes = job->bytes;
	search->mask = job->mask;
	search->ignore_case = param_bool(call, "ignoreCase", false);
	search->allocated_only = param_bool(call, "allocatedOnly", false);
	search->from = param_count(call, "from", 0);
	search->align = param_count(call, "align", 1);
	search->limit = (size_t)param_count(call, "limit", 1000);
	search->task = &call->task;
	return code;
}

enum pm_code act_memory_search_begin(struct call *call)
{
	struct search_job *job = calloc(1, sizeof(*job));
	enum pm_code code;

	if (!job)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for a search");
	code = request_read(call, job);
	if (code == PM_OK)
		code = pool_worker_begin(&job->worker, call, false);
	if (code != PM_OK) {
		job_free(job);
		return code;
	}
	call->state = job;
	return PM_OK;
}

static void next_data(void *context, uint32_t region_index, uint64_t from, uint64_t *first, uint64_t *end)
{
	const struct mapped *mapped = context;

	for (size_t i = 0; i < mapped->count; i++)
		if (mapped->parts[i].sb.region_index == region_index) {
			pm_region_next_data(&mapped->parts[i].region, from, first, end);
			return;
		}
}

enum pm_code act_memory_search_work(struct call *call)
{
	struct search_job *job = call->state;
	struct pm_search *search = &job->search;
	/* not pool_worker_attach: that one excludes who writes free pages, and a search is a look */
	enum pm_code code = session_pool(&job->worker.session, job->worker.uuid, &job->worker.attached, &call->err);
	uint64_t end = 0;

	if (code == PM_OK) {
		struct attached *attached = job->worker.attached;

		search->pool = &attached->pool;
		search->next_data = next_data;
		search->context = &attached->mapped;
		end = search->pool->page_end * PM_PAGE_SIZE;
		search->to = param_count(call, "to", end);
		if (search->from >= end || search->to > end)
			code = pm_fail(&call->err, PM_E_OUT_OF_RANGE, "the pool ends at byte 0x%" PRIx64, end);
		else
			code = pm_search_run(search, &job->result, &call->err);
	}
	pool_worker_close(&job->worker);
	return code;
}

enum pm_code act_memory_search_end(struct call *call, enum pm_code worked)
{
	struct search_job *job = call->state;
	enum pm_code code = settled(call, worked);

	if (code == PM_OK) {
		struct json_object *hits = json_object_new_array_ext((int)job->result.count);

		for (size_t i = 0; i < job->result.count; i++)
			json_object_array_add(hits, json_object_new_uint64(job->result.hits[i]));
		call->result = json_object_new_object();
		json_set(call->result, "hits", hits);
		json_set_bool(call->result, "more", job->result.more);
		json_set_count(call->result, "searched", job->result.searched);
	}
	job_free(job);
	return code;
}
