/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a pool as they stand: memory/read takes no lock and leaves no trace. */
#include "act_inspect.h"
#include "acts.h"
#include "host/base64.h"
#include "json_build.h"
#include "pool_bytes.h"
#include <stdlib.h>

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
