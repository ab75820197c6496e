/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PoolRegion of main/api/model.ts: the regions of a pool, those that are missing too. */
#include "json_build.h"

const char *json_medium(uint32_t medium)
{
	static const char *const names[] = {
		[PM_MEDIUM_UNKNOWN] = "unknown", [PM_MEDIUM_MEMMAP] = "memmap", [PM_MEDIUM_PMEM] = "pmem",
		[PM_MEDIUM_DEVDAX] = "devdax",	 [PM_MEDIUM_FILE] = "file",
	};

	return medium < sizeof(names) / sizeof(names[0]) ? names[medium] : names[PM_MEDIUM_UNKNOWN];
}

struct json_object *json_node(int32_t numa_node)
{
	return numa_node < 0 ? NULL : json_object_new_int(numa_node);
}

static struct json_object *error_object(const struct pm_error *error)
{
	return error->code == PM_OK ? NULL : json_error(error->code, error->message);
}

static struct json_object *directory_array(const struct pm_pool *pool, uint32_t index)
{
	struct json_object *array = json_object_new_array();
	struct pm_run run;

	for (uint32_t n = 0; pm_directory_run(pool, index, n, &run); n++) {
		struct json_object *object = json_object_new_object();

		json_set_count(object, "page", run.page);
		json_set_count(object, "pages", run.pages);
		json_object_array_add(array, object);
	}
	return array;
}

static struct json_object *region_object(const struct attached *attached, const struct pm_member_info *info)
{
	const struct part *part = info->present ? mapped_part(&attached->mapped, info->region_uuid) : NULL;
	struct pm_error error = session_region_state(attached, info->index);
	struct json_object *object = json_object_new_object();

	json_set_count(object, "index", info->index);
	json_set_uuid(object, "uuid", info->region_uuid);
	json_set(object, "region", part ? json_object_new_string(part->region.info.id) : NULL);
	json_set_count(object, "offset", part ? part->region.offset : 0);
	json_set_count(object, "base", info->physical_base);
	json_set_count(object, "size", info->bytes);
	json_set_count(object, "firstPage", info->first_pool_page);
	json_set_count(object, "pages", info->page_count);
	json_set_count(object, "dataFirst", info->first_pool_page + (info->present ? info->data_first : 0));
	json_set_count(object, "dataEnd", info->first_pool_page + (info->present ? info->data_end : 0));
	json_set(object, "directory", directory_array(&attached->pool, info->index));
	json_set_text(object, "medium", json_medium(info->medium));
	json_set(object, "numaNode", json_node(info->numa_node));
	json_set(object, "error", error_object(&error));
	return object;
}

/* One that says it is a region that another one is already: listed beside it, its pages are nobody's. */
static struct json_object *contender_object(const struct claim *claim)
{
	const struct pm_superblock *sb = &claim->place.sb;
	struct json_object *object = json_object_new_object();

	json_set_count(object, "index", sb->region_index);
	json_set_uuid(object, "uuid", sb->region_uuid);
	json_set_text(object, "region", claim->place.region.id);
	json_set_count(object, "offset", claim->place.offset);
	json_set_count(object, "base", place_base(&claim->place));
	json_set_count(object, "size", sb->region_bytes);
	json_set_count(object, "firstPage", sb->first_pool_page);
	json_set_count(object, "pages", sb->page_count);
	json_set_count(object, "dataFirst", sb->first_pool_page);
	json_set_count(object, "dataEnd", sb->first_pool_page);
	json_set(object, "directory", json_object_new_array());
	json_set_text(object, "medium", json_medium(sb->medium));
	json_set(object, "numaNode", json_node(sb->numa_node));
	json_set(object, "error", error_object(&claim->refused));
	return object;
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
