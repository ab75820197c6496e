/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "acts.h"
#include "json_build.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum pm_code act_region_list(struct call *call)
{
	struct pm_region_info *list = NULL;
	struct json_object *regions;
	size_t count = 0;
	enum pm_code code = pm_region_list(&call->session->host, &list, &count, &call->err);

	if (code != PM_OK)
		return code;
	regions = json_object_new_array();
	for (size_t i = 0; i < count && code == PM_OK; i++) {
		struct json_object *region = NULL;

		code = json_region(call->session, &list[i], &region, &call->err);
		if (code == PM_OK)
			json_object_array_add(regions, region);
	}
	free(list);
	call->result = json_object_new_object();
	json_set(call->result, "regions", regions);
	return code;
}

/* The word names what it destroys: another object has another word. */
static void make_confirm(struct recognised *recognised)
{
	const struct pm_found *found = &recognised->found;
	uint32_t sum;

	recognised->confirm[0] = '\0';
	if (found->blank)
		return;
	sum = pm_crc32c(pm_crc32c(found->sum, found->kind, strlen(found->kind)), found->label, strlen(found->label));
	snprintf(recognised->confirm, sizeof(recognised->confirm), "%s-%04" PRIx32, found->kind, sum & 0xffff);
}

enum pm_code recognise(const struct pm_host *host, const struct pm_region *region, struct recognised *recognised,
		       struct pm_error *err)
{
	enum pm_code code = pm_region_recognise(host, region, &recognised->found, err);

	if (code == PM_OK)
		make_confirm(recognised);
	return code;
}

enum pm_code act_region_recognise(struct call *call)
{
	struct recognised recognised;
	struct pm_region region;
	enum pm_code code = pm_region_open_to_look(&call->session->host, param_text(call, "region", ""),
						   param_count(call, "offset", 0), param_count(call, "size", 0),
						   &region, &call->err);

	if (code != PM_OK)
		return code;
	memset(&recognised, 0, sizeof(recognised));
	code = recognise(&call->session->host, &region, &recognised, &call->err);
	pm_region_close(&region);
	if (code != PM_OK)
		return code;
	call->result = json_object_new_object();
	json_set_text(call->result, "kind", recognised.found.kind);
	json_set_text(call->result, "label", recognised.found.label);
	json_set(call->result, "confirm", recognised.found.blank ? NULL : json_object_new_string(recognised.confirm));
	return PM_OK;
}
