/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pools that share memory with a part of a region. Regions may lie inside each other (pmpool= inside a memmap=), so
 * such a pool may have been made in another region, start before the part and reach into it.
 */
#include "internal.h"
#include "pmpool/core.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum pm_code pm_region_neighbours(const struct pm_host *host, const struct pm_region_info *info,
				  struct pm_region_info **list, size_t *count, struct pm_error *err)
{
	size_t kept = 0;
	enum pm_code code = pm_region_list(host, list, count, err);

	for (size_t i = 0; i < *count && !code; i++)
		if (!(*list)[i].refused.code && strcmp((*list)[i].lock, info->lock) == 0)
			(*list)[kept++] = (*list)[i];
	*count = kept;
	return code;
}

static uint64_t start_of(const struct pm_overlap *overlap)
{
	return overlap->info.base + overlap->at.offset;
}

static bool touches(const struct pm_overlap *overlap, uint64_t base, uint64_t bytes)
{
	return start_of(overlap) < base + bytes && base < start_of(overlap) + overlap->at.bytes;
}

struct gather {
	const struct pm_region *region;
	struct pm_pool_at *pools; /* of one region at a time */
	struct pm_overlap *list;
	size_t count, capacity;
};

/* A pool that two regions show is kept as the one that holds more of it has it. */
static enum pm_code keep(struct gather *gather, const struct pm_overlap *overlap, struct pm_error *err)
{
	for (size_t i = 0; i < gather->count; i++)
		if (start_of(&gather->list[i]) == start_of(overlap)) {
			if (gather->list[i].at.bytes < overlap->at.bytes)
				gather->list[i] = *overlap;
			return PM_OK;
		}
	if (gather->count == gather->capacity) {
		size_t capacity = gather->capacity ? 2 * gather->capacity : 4;
		struct pm_overlap *larger = realloc(gather->list, capacity * sizeof(*larger));

		if (!larger)
			return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look for pools");
		gather->list = larger;
		gather->capacity = capacity;
	}
	gather->list[gather->count++] = *overlap;
	return PM_OK;
}

static enum pm_code gather_in(struct gather *gather, const struct pm_host *host, const struct pm_region_info *info,
			      struct pm_error *err)
{
	uint64_t base = gather->region->info.base + gather->region->offset;
	size_t count = 0;
	int fd;
	enum pm_code code = pm_region_open_fd(host, info, false, &fd, err);

	if (code)
		return code;
	code = pm_region_search(info, fd, gather->pools, PM_PLACES_MAX, &count, err);
	close(fd);
	for (size_t i = 0; i < count && !code; i++) {
		struct pm_overlap overlap = {.info = *info, .at = gather->pools[i]};

		if (touches(&overlap, base, gather->region->bytes))
			code = keep(gather, &overlap, err);
	}
	return code;
}

static int by_start(const void *a, const void *b)
{
	uint64_t left = start_of(a), right = start_of(b);

	return (left > right) - (left < right);
}

enum pm_code pm_region_overlaps(const struct pm_host *host, const struct pm_region *region, struct pm_overlap **list,
				size_t *count, struct pm_error *err)
{
	struct gather gather = {.region = region, .pools = malloc(PM_PLACES_MAX * sizeof(*gather.pools))};
	struct pm_region_info *infos = NULL;
	size_t info_count = 0;
	enum pm_code code = gather.pools ? PM_OK : pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look for pools");

	code = code ? code : pm_region_neighbours(host, &region->info, &infos, &info_count, err);
	for (size_t i = 0; i < info_count && !code; i++)
		code = gather_in(&gather, host, &infos[i], err);
	free(infos);
	free(gather.pools);
	if (code) {
		free(gather.list);
		gather.list = NULL;
		gather.count = 0;
	}
	if (gather.count)
		qsort(gather.list, gather.count, sizeof(*gather.list), by_start);
	*list = gather.list;
	*count = gather.count;
	return code;
}

/* --- making room --- */

static bool reaches_out(const struct pm_overlap *overlap, const struct pm_region *region)
{
	uint64_t base = region->info.base + region->offset;

	return start_of(overlap) < base || start_of(overlap) + overlap->at.bytes > base + region->bytes;
}

static enum pm_code refuse_newer(const struct pm_overlap *overlap, const struct pm_region *region, struct pm_error *err)
{
	uint64_t start = start_of(overlap);

	if (overlap->at.code != PM_E_POOL_FORMAT_NEWER || !reaches_out(overlap, region))
		return PM_OK;
	return pm_fail(
		err, PM_E_POOL_FORMAT_NEWER,
		"a pool of a newer format at 0x%llx-0x%llx reaches out of this range: it cannot be made none here",
		(unsigned long long)start, (unsigned long long)(start + overlap->at.bytes - 1));
}

static void erase_page(void *argument)
{
	pm_pool_erase(argument, PM_PAGE_SIZE);
}

struct copy_look {
	const uint8_t *page;
	const uint8_t *uuid; /* NULL: any */
	bool there;
};

static void look_at_copy(void *argument)
{
	struct copy_look *look = argument;
	struct pm_superblock sb;

	look->there = pm_pool_probe(look->page, PM_PAGE_SIZE, &sb) != PM_E_POOL_NOT_FOUND &&
		      (!look->uuid || memcmp(sb.pool_uuid, look->uuid, sizeof(sb.pool_uuid)) == 0);
}

/* The superblock in this page of the region, when it is one of this pool: whatever else stands there is kept. */
static enum pm_code erase_copy(const struct pm_overlap *overlap, int fd, uint64_t page, const uint8_t *uuid,
			       struct pm_error *err)
{
	uint64_t unit = pm_region_is_dax(&overlap->info) ? overlap->info.grain : PM_PAGE_SIZE;
	uint64_t from = page - page % unit, left = overlap->info.bytes - from, bytes = left < unit ? left : unit;
	struct copy_look look = {.uuid = uuid};
	uint8_t *map;
	enum pm_code code = pm_region_map(&overlap->info, fd, from, bytes, true, &map, err);

	if (code)
		return code;
	look.page = map + (page - from);
	code = pm_region_guarded(look_at_copy, &look, err);
	if (!code && look.there)
		code = pm_region_guarded(erase_page, map + (page - from), err);
	munmap(map, bytes);
	return code;
}

static enum pm_code unmake(const struct pm_host *host, const struct pm_overlap *overlap, struct pm_error *err)
{
	const struct pm_pool_at *at = &overlap->at;
	int fd;
	enum pm_code code = pm_region_guard(host, overlap->info.base, overlap->info.bytes, err);

	code = code ? code : pm_region_open_fd(host, &overlap->info, true, &fd, err);
	if (code)
		return code;
	code = erase_copy(overlap, fd, at->offset, NULL, err);
	if (!code && at->bytes > PM_PAGE_SIZE)
		code = erase_copy(overlap, fd, at->offset + at->bytes - PM_PAGE_SIZE, at->sb.pool_uuid, err);
	close(fd);
	return code;
}

enum pm_code pm_region_unmake_pools(const struct pm_host *host, const struct pm_region *region, struct pm_error *err)
{
	struct pm_overlap *list;
	size_t count;
	enum pm_code code = pm_region_overlaps(host, region, &list, &count, err);

	for (size_t i = 0; i < count && !code; i++)
		code = refuse_newer(&list[i], region, err);
	for (size_t i = 0; i < count && !code; i++)
		code = unmake(host, &list[i], err);
	free(list);
	return code;
}
