/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acts.h"
#include "json_build.h"
#include <stdlib.h>
#include <string.h>

enum pm_code act_allocation_list(struct call *call)
{
	uint64_t from = param_count(call, "from", 0), limit = param_count(call, "limit", 1000);
	uint64_t to = param_count(call, "to", UINT64_MAX);
	struct json_object *list;
	struct attached *attached;
	struct run_copy *runs;
	uint64_t sequence;
	size_t count = 0;
	enum pm_code code = call_pool(call, &attached);

	if (code != PM_OK)
		return code;
	runs = calloc((size_t)limit + 1, sizeof(*runs)); /* one more tells whether there is a next part */
	if (!runs)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for %llu allocations",
			       (unsigned long long)limit);
	sequence = guarded_log_sequence(&attached->pool);
	code = guarded_runs(&attached->pool, from, to, runs, (size_t)limit + 1, &count, &call->err);
	if (code == PM_OK) {
		list = json_object_new_array();
		for (size_t i = 0; i < count && i < limit; i++)
			json_object_array_add(list, json_allocation(attached, &runs[i]));
		call->result = json_object_new_object();
		json_set(call->result, "allocations", list);
		json_set(call->result, "next", count > limit ? json_object_new_uint64(runs[limit].page) : NULL);
		json_set_count(call->result, "sequence", sequence);
	}
	free(runs);
	return code;
}

static enum pm_code create_locked(struct call *call, struct attached *attached, const struct pm_alloc_request *request,
				  struct run_copy *copy)
{
	struct pm_run run;
	struct pm_act act;
	enum pm_code code;

	session_act(call->session, &act);
	code = guarded_alloc(&attached->pool, request, &act, &run, &call->err);
	if (code == PM_E_NAME_INVALID) /* the name itself was checked before */
		return pm_fail(&call->err, code, "the owner or the purpose is no printable UTF-8");
	if (code == PM_E_ORDER_TOO_LARGE && request->pages < UINT64_C(1) << request->align_order)
		return pm_fail(&call->err, code, "an alignment of %llu pages is larger than any region of the pool",
			       1ULL << request->align_order);
	if (code == PM_E_NO_SPACE)
		return alloc_request_no_space(&attached->pool, request, &call->err);
	if (code != PM_OK)
		return code;
	code = guarded_run_at(&attached->pool, run.page, copy, &call->err);
	if (code != PM_OK)
		return code;
	return guarded_log_append(&attached->pool, PM_VERB_ALLOCATE, run.page, run.pages, request->name, &act,
				  &call->err);
}

enum pm_code act_allocation_create(struct call *call)
{
	struct pm_alloc_request request = {0};
	struct attached *attached;
	struct run_copy copy;
	enum pm_code code = call_pool(call, &attached);

	if (code == PM_OK)
		code = session_writable(attached, &call->err);
	if (code == PM_OK)
		code = alloc_request_read(call, &attached->pool, &request);
	if (code == PM_OK)
		code = session_lock(call->session, attached, &call->err);
	if (code != PM_OK)
		return code;
	code = create_locked(call, attached, &request, &copy);
	session_unlock(attached);
	if (code == PM_OK)
		call->result = json_allocation(attached, &copy);
	return code;
}

static enum pm_code free_locked(struct call *call, struct attached *attached, uint64_t page, struct run_copy *copy)
{
	struct pm_run freed;
	struct pm_act act;
	char name[PM_NAME_BYTES] = "";
	enum pm_code code = guarded_run_at(&attached->pool, page, copy, &call->err);

	if (code == PM_OK)
		code = run_as_expected(call, copy);
	if (code == PM_OK)
		code = guarded_free(&attached->pool, page, &freed, &call->err);
	if (code != PM_OK)
		return code;
	if (copy->named)
		memcpy(name, copy->record.name, sizeof(name) - 1);
	session_act(call->session, &act);
	return guarded_log_append(&attached->pool, PM_VERB_FREE, page, copy->pages, name, &act, &call->err);
}

enum pm_code act_allocation_free(struct call *call)
{
	struct attached *attached;
	struct run_copy copy;
	enum pm_code code = call_pool_locked(call, &attached);

	if (code != PM_OK)
		return code;
	code = free_locked(call, attached, param_count(call, "page", 0), &copy);
	session_unlock(attached);
	if (code == PM_OK)
		call->result = json_allocation(attached, &copy);
	return code;
}
