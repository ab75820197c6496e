/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PoolRegion of main/api/model.ts, of a file: no region of any host, so `region` is null. */
#include "json.h"

static const char *medium_name(uint32_t medium)
{
	static const char *const names[] = {"unknown", "memmap", "pmem", "devdax", "file"};

	return names[medium < sizeof(names) / sizeof(names[0]) ? medium : PM_MEDIUM_UNKNOWN];
}

static struct json_object *directory_json(const struct pm_pool *pool, uint32_t index)
{
	struct json_object *array = json_object_new_array();
	struct pm_run run;

	for (uint32_t n = 0; pm_directory_run(pool, index, n, &run); n++) {
		struct json_object *object = json_object_new_object();

		put_count(object, "page", run.page);
		put_count(object, "pages", run.pages);
		json_object_array_add(array, object);
	}
	return array;
}

/* What both ways have. */
static struct json_object *region_json(const struct pm_member_info *info, struct json_object *directory)
{
	struct json_object *object = json_object_new_object();

	put_count(object, "index", info->index);
	put_uuid(object, "uuid", info->region_uuid);
	put(object, "region", NULL);
	put_count(object, "offset", 0);
	put_count(object, "base", info->physical_base);
	put_count(object, "size", info->bytes);
	put_count(object, "firstPage", info->first_pool_page);
	put_count(object, "pages", info->page_count);
	put_count(object, "dataFirst", info->first_pool_page + (info->present ? info->data_first : 0));
	put_count(object, "dataEnd", info->first_pool_page + (info->present ? info->data_end : 0));
	put(object, "directory", directory);
	put_text(object, "medium", medium_name(info->medium));
	put(object, "numaNode", info->numa_node < 0 ? NULL : json_object_new_int(info->numa_node));
	put(object, "error",
	    info->present ? NULL : error_json(info->code, "It was missing when the snapshot was taken."));
	return object;
}

struct json_object *regions_json(const struct pm_pool *pool)
{
	struct json_object *regions = json_object_new_array();

	for (uint32_t i = 0; i < pool->region_count; i++)
		json_object_array_add(regions, region_json(&pool->infos[i], directory_json(pool, i)));
	return regions;
}

struct json_object *superblocks_json(const struct pm_superblock *superblocks, size_t count)
{
	struct json_object *regions = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		const struct pm_superblock *sb = &superblocks[i];
		struct pm_member_info info = {
			.index = sb->region_index,
			.present = true,
			.first_pool_page = sb->first_pool_page,
			.page_count = sb->page_count,
			.data_first = sb->data_first,
			.data_end = sb->data_end,
			.physical_base = sb->physical_base,
			.bytes = sb->region_bytes,
			.medium = sb->medium,
			.numa_node = sb->numa_node,
		};

		for (size_t byte = 0; byte < sizeof(info.region_uuid); byte++)
			info.region_uuid[byte] = sb->region_uuid[byte];
		json_object_array_add(regions, region_json(&info, json_object_new_array()));
	}
	return regions;
}
