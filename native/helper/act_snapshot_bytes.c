/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a pool as a file of the state directory has them. */
#include "acts.h"
#include "held_file.h"
#include "host/base64.h"
#include "json_build.h"
#include <stdlib.h>

#define PAGES_MAX (CHUNK_BYTES / PM_PAGE_SIZE + 1) /* that a request touches */

/* The parts of the range whose pages are not held, those next to each other as one. */
static struct json_object *missing_of(uint64_t offset, uint64_t bytes, const bool held[PAGES_MAX])
{
	struct json_object *missing = json_object_new_array();
	uint64_t first = offset / PM_PAGE_SIZE, end = offset + bytes;

	for (uint64_t at = offset; at < end;) {
		uint64_t page = at / PM_PAGE_SIZE, next = (page + 1) * PM_PAGE_SIZE;

		while (next < end && held[next / PM_PAGE_SIZE - first] == held[page - first])
			next += PM_PAGE_SIZE;
		next = next < end ? next : end;
		if (!held[page - first]) {
			struct json_object *part = json_object_new_object();

			json_set_count(part, "offset", at);
			json_set_count(part, "length", next - at);
			json_object_array_add(missing, part);
		}
		at = next;
	}
	return missing;
}

static enum pm_code answer(struct call *call, struct pm_snapshot *snapshot, struct pm_window *window, uint8_t *data)
{
	uint64_t offset = param_count(call, "offset", 0), bytes = param_count(call, "length", 0);
	bool held[PAGES_MAX];
	enum pm_code code = pm_snapshot_bytes(snapshot, offset, (size_t)bytes, window, data, held, &call->err);

	if (code != PM_OK)
		return code;
	call->result = json_object_new_object();
	json_set(call->result, "data", base64_json(data, (size_t)bytes));
	json_set(call->result, "missing", missing_of(offset, bytes, held));
	return PM_OK;
}

static enum pm_code bytes_of(struct call *call, const struct store_kind *kind, const char *name)
{
	struct pm_snapshot *snapshot;
	struct pm_window *window;
	uint8_t *data;
	enum pm_code code = held_file_open(call->session, kind, name, &snapshot, &window, &call->err);

	if (code != PM_OK)
		return code;
	data = malloc((size_t)param_count(call, "length", 0));
	if (!data)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory to read %s", name);
	code = answer(call, snapshot, window, data);
	free(data);
	return code;
}

enum pm_code act_snapshot_bytes(struct call *call)
{
	return bytes_of(call, &store_snapshots, param_text(call, "name", ""));
}

enum pm_code act_expectation_bytes(struct call *call)
{
	return bytes_of(call, &store_expectations, param_text(call, "expectation", ""));
}
