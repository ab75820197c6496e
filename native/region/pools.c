/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds pools inside a region. A pool starts at a multiple of the grain and ends just before one or at the region's
 * end, so two pages at each multiple tell: superblock A at it, superblock B before it (when A is damaged).
 */
#include "internal.h"
#include "pmpool/core.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct search {
	const struct pm_region_info *info;
	struct pm_pool_place *places;
	size_t capacity, count;
	uint64_t covered; /* end of the pool found last: what stands inside it is its data */
};

struct look { /* at one page, inside pm_region_guarded */
	const uint8_t *page;
	enum pm_code code;
	struct pm_superblock sb;
};

static void look_at(void *argument)
{
	struct look *look = argument;

	look->code = pm_pool_probe(look->page, PM_PAGE_SIZE, &look->sb);
}

static void found_at(struct search *search, uint64_t offset, const struct look *look)
{
	struct pm_pool_place *place = NULL;
	uint64_t bytes = look->code == PM_OK ? look->sb.region_bytes : PM_PAGE_SIZE;

	if (bytes > search->info->bytes - offset)
		bytes = search->info->bytes - offset;
	/* A pool whose A is damaged was found at its start already; its B tells the rest. */
	for (size_t i = 0; i < search->count; i++)
		if (search->places[i].offset == offset)
			place = &search->places[i];
	/* A pool that is whole by its A is not to be taken for an older, larger one whose B was left behind. */
	if (place && place->code == PM_OK)
		return;
	if (!place && search->count == search->capacity)
		return;
	if (!place)
		place = &search->places[search->count++];
	*place = (struct pm_pool_place){.offset = offset, .bytes = bytes, .code = look->code};
	memcpy(place->uuid, look->sb.pool_uuid, 16);
	memcpy(place->name, look->sb.pool_name, sizeof(place->name) - 1);
	if (offset + bytes > search->covered)
		search->covered = offset + bytes;
}

static enum pm_code look_for_a(struct search *search, const uint8_t *page, uint64_t offset, struct pm_error *err)
{
	struct look look = {.page = page};
	enum pm_code code = pm_region_guarded(look_at, &look, err);

	if (code || look.code == PM_E_POOL_NOT_FOUND)
		return code;
	found_at(search, offset, &look);
	return PM_OK;
}

/* `end` is where the pool would end. */
static enum pm_code look_for_b(struct search *search, const uint8_t *page, uint64_t end, struct pm_error *err)
{
	struct look look = {.page = page};
	enum pm_code code = pm_region_guarded(look_at, &look, err);

	if (code || look.code != PM_OK || look.sb.region_bytes > end || end <= search->covered)
		return code;
	if ((end - look.sb.region_bytes) % search->info->grain)
		return PM_OK;
	if (look.sb.physical_base == search->info->base + end - look.sb.region_bytes)
		found_at(search, end - look.sb.region_bytes, &look);
	return PM_OK;
}

/* Map [from, from + bytes), widened to what the device can map, and look at both sides of `at`. */
static enum pm_code look_around(struct search *search, int fd, uint64_t at, struct pm_error *err)
{
	const struct pm_region_info *info = search->info;
	bool dax = info->kind == PM_REGION_DEVDAX;
	uint64_t before = dax ? info->grain : PM_PAGE_SIZE, after = dax ? info->grain : PM_PAGE_SIZE;
	uint64_t from = at > before ? at - before : 0, to = info->bytes - at > after ? at + after : info->bytes;
	uint8_t *map;
	enum pm_code code = pm_region_map(info, fd, from, to - from, false, &map, err);

	if (code)
		return code;
	/* Two pages are all that is read here: without this a file's reader would fetch megabytes around each. */
	madvise(map, to - from, MADV_RANDOM);
	if (at)
		code = look_for_b(search, map + (at - from) - PM_PAGE_SIZE, at, err);
	if (!code && at < info->bytes && at >= search->covered)
		code = look_for_a(search, map + (at - from), at, err);
	munmap(map, to - from);
	return code;
}

enum pm_code pm_region_search(const struct pm_region_info *info, int fd, struct pm_pool_place *places, size_t capacity,
			      size_t *count, struct pm_error *err)
{
	struct search search = {.info = info, .places = places, .capacity = capacity};
	enum pm_code code = PM_OK;

	for (uint64_t at = 0; at < info->bytes && !code; at += info->grain)
		code = look_around(&search, fd, at, err);
	if (!code)
		code = look_around(&search, fd, info->bytes, err);
	*count = search.count;
	return code;
}

enum pm_code pm_region_pools(const struct pm_host *host, const struct pm_region_info *info, struct pm_pool_at *pools,
			     size_t capacity, size_t *count, struct pm_error *err)
{
	struct pm_pool_place *places;
	enum pm_code code;
	int fd;

	*count = 0;
	if (info->refused.code) {
		if (err)
			*err = info->refused;
		return info->refused.code;
	}
	code = pm_region_guard(host, info->base, info->bytes, err);
	code = code ? code : pm_region_open_fd(host, info, false, &fd, err);
	if (code)
		return code;
	places = calloc(PM_PLACES_MAX, sizeof(*places));
	code = places ? pm_region_search(info, fd, places, capacity < PM_PLACES_MAX ? capacity : PM_PLACES_MAX, count,
					 err)
		      : pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to look for pools");
	for (size_t i = 0; i < *count && !code; i++)
		pools[i] = (struct pm_pool_at){places[i].offset, places[i].bytes};
	free(places);
	close(fd);
	return code;
}
