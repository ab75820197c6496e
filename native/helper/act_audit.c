/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acts.h"
#include "json_audit.h"
#include <stdlib.h>
#include <string.h>

static enum pm_code regions_array(struct call *call, const struct pm_pool *pool, struct json_object **regions)
{
	*regions = json_object_new_array();
	for (uint32_t i = 0; i < pool->region_count; i++) {
		struct json_object *object = json_object_new_object();
		struct pm_usage usage;
		bool present;
		enum pm_code code = guarded_member_usage(pool, i, &usage, &present, &call->err);

		json_set_count(object, "index", i);
		json_set_text(object, "medium", json_medium(pool->infos[i].medium));
		json_set(object, "numaNode", json_node(pool->infos[i].numa_node));
		json_set(object, "usage", present ? json_usage(&usage) : NULL);
		json_object_array_add(*regions, object);
		if (code != PM_OK)
			return code;
	}
	return PM_OK;
}

enum pm_code act_pool_audit(struct call *call)
{
	struct json_object *regions = NULL;
	struct attached *attached;
	uint8_t older_than[16];
	struct audit *audit;
	struct pm_act act;
	enum pm_code code = call_pool(call, &attached);

	if (code != PM_OK)
		return code;
	session_act(call->session, &act);
	memcpy(older_than, act.boot_id, sizeof(older_than));
	if (param_given(call, "olderThanBoot"))
		pm_uuid_parse(param_text(call, "olderThanBoot", ""), older_than); /* checked as a parameter */
	audit = malloc(sizeof(*audit));
	if (!audit)
		return pm_fail(&call->err, PM_E_OUT_OF_MEMORY, "no memory for an audit");
	code = audit_pool(audit, &attached->pool, older_than, &act, &call->err);
	if (code == PM_OK)
		code = regions_array(call, &attached->pool, &regions);
	if (code == PM_OK) {
		call->result = json_audit(attached, audit, older_than, &act);
		json_set(call->result, "regions", json_object_get(regions));
	}
	json_object_put(regions);
	audit_free(audit);
	free(audit);
	return code;
}
