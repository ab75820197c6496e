/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a pool as they stand: memory/read takes no lock and leaves no trace; memory/write changes those of one
 * allocation, and only what the user saw. */
#include "acts.h"
#include "host/base64.h"
#include "json_build.h"
#include "pool_bytes.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum pm_code act_memory_read(struct call *call)
{
	uint64_t bytes = param_count(call, "length", 0);
	struct attached *attached;
	uint8_t *data;
	enum pm_code code = call_pool(call, &attached);

	if (code != PM_OK)
		return code;
	data = malloc((size_t)bytes);
	if (!data)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for %llu bytes", (unsigned long long)bytes);
	code = pool_bytes_read(&attached->pool, param_count(call, "offset", 0), data, bytes, &call->err);
	if (code == PM_OK) {
		call->result = json_object_new_object();
		json_set(call->result, "data", base64_json(data, (size_t)bytes));
	}
	free(data);
	return code;
}

struct edit {
	uint64_t offset; /* in the pool */
	uint8_t *data, *before; /* both `bytes` long, malloc'd */
	size_t bytes;
};

static enum pm_code edit_bytes(struct call *call, const char *name, uint8_t **data, size_t *bytes)
{
	if (!base64_decode(param_text(call, name, ""), data, bytes))
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter %s: is not base64", name);
	if (*bytes == 0 || *bytes > EDIT_BYTES)
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter %s: 1 to %" PRIu64 " bytes at once", name,
			       EDIT_BYTES);
	return PM_OK;
}

static enum pm_code edit_read(struct call *call, struct edit *edit)
{
	size_t before = 0;
	enum pm_code code = edit_bytes(call, "data", &edit->data, &edit->bytes);

	if (code == PM_OK)
		code = edit_bytes(call, "before", &edit->before, &before);
	if (code == PM_OK && before != edit->bytes)
		return pm_fail(&call->err, PM_E_INVALID_PARAMS, "parameter before: %zu bytes, data has %zu", before,
			       edit->bytes);
	edit->offset = param_count(call, "offset", 0);
	return code;
}

/* Where the bytes stand: all of them in the allocation that the first one is of. */
static enum pm_code edit_place(struct call *call, const struct attached *attached, const struct edit *edit,
			       struct run_copy *run, uint8_t **at)
{
	uint64_t there = 0, end;
	enum pm_code code = pool_bytes_at(&attached->pool, edit->offset, edit->bytes, at, &there, &call->err);

	if (code == PM_OK)
		code = run_holding(&attached->pool, edit->offset / PM_PAGE_SIZE, run, &call->err);
	if (code != PM_OK)
		return code;
	end = (run->page + run->pages) * PM_PAGE_SIZE;
	if (edit->bytes > end - edit->offset)
		return pm_fail(&call->err, PM_E_NOT_ALLOCATED,
			       "%zu bytes at 0x%" PRIx64 "; the allocation at page %" PRIu64 " ends at 0x%" PRIx64,
			       edit->bytes, edit->offset, run->page, end);
	return PM_OK;
}

/* What stands there is what was shown. */
static enum pm_code edit_expected(struct call *call, const struct edit *edit, const uint8_t *at)
{
	uint8_t *now = malloc(edit->bytes);
	enum pm_code code;

	if (!now)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for %zu bytes", edit->bytes);
	code = pm_region_copy(now, at, edit->bytes, &call->err);
	for (size_t i = 0; code == PM_OK && i < edit->bytes; i++)
		if (now[i] != edit->before[i])
			code = pm_fail(&call->err, PM_E_POOL_CHANGED,
				       "byte 0x%" PRIx64 " is 0x%02x by now, not 0x%02x; nothing was written",
				       edit->offset + i, now[i], edit->before[i]);
	free(now);
	return code;
}

static enum pm_code edit_locked(struct call *call, struct attached *attached, const struct edit *edit)
{
	struct run_copy run;
	struct pm_act act;
	char detail[48];
	uint8_t *at = NULL;
	enum pm_code code = edit_place(call, attached, edit, &run, &at);

	if (code == PM_OK)
		code = edit_expected(call, edit, at);
	if (code == PM_OK)
		code = pm_region_copy(at, edit->data, edit->bytes, &call->err);
	if (code != PM_OK)
		return code;
	snprintf(detail, sizeof(detail), "%zu bytes at %" PRIu64, edit->bytes, edit->offset - run.page * PM_PAGE_SIZE);
	session_act(call->session, &act);
	return guarded_log_append(&attached->pool, PM_VERB_WRITE, run.page, run.pages, detail, &act, &call->err);
}

enum pm_code act_memory_write(struct call *call)
{
	struct edit edit = {0};
	struct attached *attached;
	enum pm_code code = edit_read(call, &edit);

	if (code == PM_OK)
		code = call_pool_locked(call, &attached);
	if (code == PM_OK) {
		code = edit_locked(call, attached, &edit);
		session_unlock(attached);
	}
	if (code == PM_OK) {
		call->result = json_object_new_object();
		json_set_count(call->result, "written", edit.bytes);
	}
	free(edit.data);
	free(edit.before);
	return code;
}
