/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PoolRegion of main/api/model.ts: the regions of a pool, those that are missing too. */
#include "json_build.h"

static struct json_object *region_object(const struct attached *attached, const struct pm_member_info *info)
{
	const struct part *part = info->present ? mapped_part(&attached->mapped, info->region_uuid) : NULL;
	struct pm_error error = session_region_state(attached, info->index);

	return json_pool_region(info, part ? part->region.info.id : NULL, part ? part->region.offset : 0,
				&attached->pool, &error);
}

/* One that says it is a region that another one is already: listed beside it, its pages are nobody's. */
static struct json_object *contender_object(const struct claim *claim)
{
	struct pm_member_info info;

	pm_member_info_of(&info, &claim->place.sb);
	info.physical_base = place_base(&claim->place);
	return json_pool_region(&info, claim->place.region.id, claim->place.offset, NULL, &claim->refused);
}

struct json_object *json_pool_regions(const struct attached *attached)
{
	struct json_object *regions = json_object_new_array();

	for (uint32_t i = 0; i < attached->pool.region_count; i++) {
		json_object_array_add(regions, region_object(attached, &attached->pool.infos[i]));
		for (size_t j = 0; j < attached->claim_count; j++)
			if (attached->claims[j].contends && attached->claims[j].place.sb.region_index == i)
				json_object_array_add(regions, contender_object(&attached->claims[j]));
	}
	return regions;
}
