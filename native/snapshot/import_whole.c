// SPDX-License-Identifier: GPL-2.0-or-later
/* Does the file hold the pool that its superblocks tell of? What it lacks would read as zeros. */
#include "import.h"
#include "pmpool/region.h"
#include <inttypes.h>
#include "json/json.h"

/* The first byte at or after `address` that no extent holds. Extents ascend. */
static uint64_t held_until(const struct pm_memory_file *file, uint64_t address)
{
	for (size_t i = 0; i < file->extent_count; i++) {
		const struct pm_extent *extent = &file->extents[i];

		if (extent->address > address)
			break;
		if (address - extent->address < extent->reads)
			address = extent->address + extent->reads;
	}
	return address;
}

/* How long a raw image has to be to reach `end`. */
static enum pm_code too_short(const struct pm_memory_file *file, uint32_t index, uint64_t end, struct pm_error *err)
{
	return pm_fail(err, PM_E_FILE_TRUNCATED,
		       "The image is cut off: it has %" PRIu64 " bytes, and has to have %" PRIu64
		       " to hold region %" PRIu32 " of its pool.",
		       file->bytes, end - file->extents[0].address, index);
}

enum pm_code pm_import_covers(const struct pm_memory_file *file, const struct pm_superblock *sb, struct pm_error *err)
{
	uint64_t end = sb->physical_base + sb->region_bytes;

	if (file->core || held_until(file, sb->physical_base) >= end)
		return PM_OK;
	return too_short(file, sb->region_index, end, err);
}

/* A core that was exported from a snapshot says which regions that had: of others the pool missed some already. */
static bool was_missing(struct json_object *meta, uint32_t index)
{
	struct json_object *pool = json_part(meta, "pool");

	if (!json_has(pool, "regions", json_type_array))
		return false;
	for (size_t i = 0; i < json_length(pool, "regions"); i++) {
		struct json_object *region = json_item(pool, "regions", i);

		if (json_has(region, "index", json_type_int) && json_count(region, "index") == index)
			return false;
	}
	return true;
}

static enum pm_code lacks(const struct pm_memory_file *file, const struct pm_member_info *info, struct pm_error *err)
{
	const struct pm_extent *all = &file->extents[0];

	if (!file->core && info->bytes && info->physical_base >= all->address &&
	    info->physical_base + info->bytes > all->address + all->bytes)
		return too_short(file, info->index, info->physical_base + info->bytes, err);
	if (info->bytes)
		return pm_fail(err, PM_E_FILE_TRUNCATED,
			       "The file does not hold region %" PRIu32 " of its pool, %" PRIu64 " bytes at 0x%" PRIx64
			       ".",
			       info->index, info->bytes, info->physical_base);
	return pm_fail(err, PM_E_FILE_TRUNCATED, "The file does not hold region %" PRIu32 " of its pool.", info->index);
}

struct look {
	const struct pm_pool *pool;
	uint64_t from;
	struct pm_run run;
	bool found;
};

static void look_body(void *argument)
{
	struct look *look = argument;

	look->found = pm_run_next(look->pool, look->from, &look->run);
}

/* A core leaves free pages out, but no allocated one. */
static enum pm_code runs_held(const struct pm_memory_file *file, const struct pm_pool *pool, struct pm_error *err)
{
	struct look look = {.pool = pool};
	enum pm_code code;

	for (;; look.from = look.run.page + look.run.pages) {
		uint64_t address, end;

		code = pm_region_guarded(look_body, &look, err);
		if (code || !look.found)
			return code;
		address = pm_page_address(pool, look.run.page);
		end = address + look.run.pages * PM_PAGE_SIZE;
		if (!pm_member_at(pool, look.run.page, NULL) || held_until(file, address) >= end)
			continue;
		return pm_fail(err, PM_E_FILE_TRUNCATED,
			       "The file does not hold all of the allocation at page %" PRIu64 ": 0x%" PRIx64
			       " is missing.",
			       look.run.page, held_until(file, address));
	}
}

enum pm_code pm_import_whole(const struct pm_memory_file *file, const struct pm_pool *pool, struct pm_error *err)
{
	for (uint32_t i = 0; i < pool->region_count; i++)
		if (!pool->infos[i].present && !was_missing(file->meta, i))
			return lacks(file, &pool->infos[i], err);
	return file->core ? runs_held(file, pool, err) : PM_OK;
}
