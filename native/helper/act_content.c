/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of an allocation. */
#include "acts.h"
#include "host/base64.h"
#include "json_build.h"
#include <stdio.h>
#include <stdlib.h>

static enum pm_code bytes_at(struct attached *attached, uint64_t page, uint64_t offset, uint64_t bytes, uint8_t **at,
			     struct run_copy *run, struct pm_error *err)
{
	enum pm_code code = guarded_run_at(&attached->pool, page, run, err);
	uint64_t length;

	if (code != PM_OK)
		return code;
	/* core vouches that the run lies inside the region, so the product cannot overflow */
	length = run->pages * PM_PAGE_SIZE;
	if (offset > length || bytes > length - offset)
		return pm_fail(err, PM_E_OUT_OF_RANGE, "%llu bytes at offset %llu; the allocation has %llu bytes",
			       (unsigned long long)bytes, (unsigned long long)offset, (unsigned long long)length);
	/* a run lies in one region, whose bytes are mapped in a row */
	*at = pm_page_bytes(&attached->pool, page);
	if (!*at)
		return pm_fail(err, PM_E_REGION_MISSING, "the region of page %llu is missing",
			       (unsigned long long)page);
	*at += offset;
	return PM_OK;
}

static enum pm_code write_locked(struct session *session, struct attached *attached, uint64_t page, uint64_t offset,
				 const void *data, size_t bytes, bool note, struct pm_error *err)
{
	struct run_copy run;
	struct pm_act act;
	char detail[48];
	uint8_t *at = NULL;
	enum pm_code code = bytes_at(attached, page, offset, bytes, &at, &run, err);

	if (code == PM_OK)
		code = pm_region_copy(at, data, bytes, err);
	if (code != PM_OK || !note)
		return code;
	snprintf(detail, sizeof(detail), "%zu bytes at %llu", bytes, (unsigned long long)offset);
	session_act(session, &act);
	return guarded_log_append(&attached->pool, PM_VERB_WRITE, page, run.pages, detail, &act, err);
}

enum pm_code content_write(struct session *session, struct attached *attached, uint64_t page, uint64_t offset,
			   const void *data, size_t bytes, bool note, struct pm_error *err)
{
	enum pm_code code = session_lock(session, attached, err);

	if (code != PM_OK)
		return code;
	code = write_locked(session, attached, page, offset, data, bytes, note, err);
	session_unlock(attached);
	return code;
}

enum pm_code content_read(struct attached *attached, uint64_t page, uint64_t offset, void *data, size_t bytes,
			  struct pm_error *err)
{
	struct run_copy run;
	uint8_t *at = NULL;
	enum pm_code code = bytes_at(attached, page, offset, bytes, &at, &run, err);

	return code == PM_OK ? pm_region_copy(data, at, bytes, err) : code;
}

enum pm_code act_allocation_write(struct call *call)
{
	struct attached *attached;
	uint8_t *data = NULL;
	size_t bytes = 0;
	enum pm_code code = call_pool(call, &attached);

	if (code != PM_OK)
		return code;
	if (!base64_decode(param_text(call, "data", ""), &data, &bytes))
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter data: is not base64");
	if (bytes > CHUNK_BYTES)
		code = pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter data: at most %llu bytes at once",
			       (unsigned long long)CHUNK_BYTES);
	else
		code = content_write(call->session, attached, param_count(call, "page", 0),
				     param_count(call, "offset", 0), data, bytes, true, &call->err);
	free(data);
	if (code != PM_OK)
		return code;
	call->result = json_object_new_object();
	json_set_count(call->result, "written", bytes);
	return PM_OK;
}

enum pm_code act_allocation_read(struct call *call)
{
	size_t bytes = (size_t)param_count(call, "length", 0);
	struct attached *attached;
	uint8_t *data;
	enum pm_code code = call_pool(call, &attached);

	if (code != PM_OK)
		return code;
	data = malloc(bytes);
	if (!data)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for %zu bytes", bytes);
	code = content_read(attached, param_count(call, "page", 0), param_count(call, "offset", 0), data, bytes,
			    &call->err);
	if (code == PM_OK) {
		call->result = json_object_new_object();
		json_set(call->result, "data", base64_json(data, bytes));
	}
	free(data);
	return code;
}
