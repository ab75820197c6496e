/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shapes.h"

static void set_table_row(struct json_object *object, enum pm_code code)
{
	json_set_text(object, "name", pm_error_name(code));
	json_set_text(object, "reason", pm_error_reason(code));
	json_set_text(object, "remedy", pm_error_remedy(code));
}

struct json_object *json_error(enum pm_code code, const char *message)
{
	struct json_object *error = json_object_new_object();

	json_set(error, "code", json_object_new_int(code));
	json_set_text(error, "message", message[0] ? message : pm_error_reason(code));
	set_table_row(error, code);
	return error;
}

struct json_object *json_error_of(const struct pm_error *error)
{
	return error->code == PM_OK ? NULL : json_error(error->code, error->message);
}

struct json_object *json_error_data(enum pm_code code, const char *confirm)
{
	struct json_object *data = json_object_new_object();

	set_table_row(data, code);
	if (confirm[0])
		json_set_text(data, "confirm", confirm);
	return data;
}

struct json_object *json_usage(const struct pm_usage *usage)
{
	struct json_object *object = json_object_new_object();
	bool none = usage->largest_free_order == UINT32_MAX;

	json_set_count(object, "pagesFree", usage->pages_free);
	json_set_count(object, "pagesAllocated", usage->pages_allocated);
	json_set_count(object, "pagesBad", usage->pages_bad);
	json_set_count(object, "pagesMetadata", usage->pages_metadata);
	json_set_count(object, "allocations", usage->allocations);
	json_set_count(object, "records", usage->records);
	json_set_count(object, "recordSlots", usage->record_slots);
	json_set_count(object, "largestFreeRun", usage->largest_free_run);
	json_set(object, "largestFreeOrder", none ? NULL : json_object_new_uint64(usage->largest_free_order));
	return object;
}

const char *json_medium(uint32_t medium)
{
	static const char *const names[] = {
		[PM_MEDIUM_UNKNOWN] = "unknown", [PM_MEDIUM_MEMMAP] = "memmap", [PM_MEDIUM_PMEM] = "pmem",
		[PM_MEDIUM_DEVDAX] = "devdax",	 [PM_MEDIUM_FILE] = "file",
	};

	return names[medium < sizeof(names) / sizeof(names[0]) ? medium : PM_MEDIUM_UNKNOWN];
}

struct json_object *json_node(int32_t numa_node)
{
	return numa_node < 0 ? NULL : json_object_new_int(numa_node);
}

struct json_object *json_pages(uint64_t page, uint64_t pages)
{
	struct json_object *object = json_object_new_object();

	json_set_count(object, "page", page);
	json_set_count(object, "pages", pages);
	return object;
}

static struct json_object *record_object(const struct pm_record *record)
{
	struct json_object *object = json_object_new_object();

	json_set_count(object, "id", record->id);
	json_set_field(object, "name", record->name, sizeof(record->name));
	json_set_field(object, "owner", record->owner, sizeof(record->owner));
	json_set_field(object, "purpose", record->purpose, sizeof(record->purpose));
	json_set_time(object, "createdAt", record->created_ns);
	json_set_uuid(object, "bootId", record->boot_id);
	return object;
}

struct json_object *json_allocation_of(const struct pm_pool *pool, uint64_t page, uint64_t pages,
				       const struct pm_record *record)
{
	uint64_t address = pm_page_address(pool, page);
	struct json_object *object = json_pages(page, pages);

	json_set_count(object, "pfn", address >> PM_PAGE_SHIFT);
	json_set_count(object, "address", address);
	json_set(object, "record", record ? record_object(record) : NULL);
	return object;
}

struct json_object *json_region_place(const struct pm_superblock *sb)
{
	struct json_object *object = json_object_new_object();

	json_set_count(object, "index", sb->region_index);
	json_set_count(object, "base", sb->physical_base);
	json_set_count(object, "size", sb->region_bytes);
	json_set_count(object, "firstPage", sb->first_pool_page);
	json_set_count(object, "pages", sb->page_count);
	return object;
}

static struct json_object *directory_array(const struct pm_pool *pool, uint32_t index)
{
	struct json_object *array = json_object_new_array();
	struct pm_run run;

	for (uint32_t n = 0; pool && pm_directory_run(pool, index, n, &run); n++)
		json_object_array_add(array, json_pages(run.page, run.pages));
	return array;
}

struct json_object *json_pool_region(const struct pm_member_info *info, const char *region, uint64_t offset,
				     const struct pm_pool *pool, const struct pm_error *error)
{
	struct json_object *object = json_object_new_object();

	json_set_count(object, "index", info->index);
	json_set_uuid(object, "uuid", info->region_uuid);
	json_set(object, "region", region ? json_object_new_string(region) : NULL);
	json_set_count(object, "offset", offset);
	json_set_count(object, "base", info->physical_base);
	json_set_count(object, "size", info->bytes);
	json_set_count(object, "firstPage", info->first_pool_page);
	json_set_count(object, "pages", info->page_count);
	json_set_count(object, "dataFirst", info->first_pool_page + info->data_first);
	json_set_count(object, "dataEnd", info->first_pool_page + info->data_end);
	json_set(object, "directory", directory_array(pool, info->index));
	json_set_text(object, "medium", json_medium(info->medium));
	json_set(object, "numaNode", json_node(info->numa_node));
	json_set(object, "error", json_error_of(error));
	return object;
}
