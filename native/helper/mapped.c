/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mapped.h"
#include "guarded.h"
#include "region/together.h"
#include <host/uuid.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static enum pm_code open_part(const struct pm_host *host, const struct place *place, bool writable,
			      struct pm_region *region, struct pm_error *err)
{
	uint64_t left = place->region.bytes - place->offset, bytes = place->sb.region_bytes;
	uint64_t over = bytes % place->region.grain;
	char uuid[PM_UUID_TEXT];

	pm_uuid_format(place->sb.pool_uuid, uuid);
	if (bytes > left)
		return pm_fail(err, PM_E_REGION_MOVED,
			       "pool %s was made with %" PRIu64 " bytes; %" PRIu64 " are left of it in %s", uuid, bytes,
			       left, place->region.id);
	/* A pool that filled a region may have an odd end, and the region may have grown since. */
	bytes += over ? place->region.grain - over : 0;
	return pm_region_open(host, place->region.id, place->offset, bytes > left ? 0 : bytes, writable, region, err);
}

enum pm_code mapped_add(struct mapped *mapped, const struct pm_host *host, const struct place *place, bool writable,
			struct pm_error *err)
{
	struct part *parts = realloc(mapped->parts, (mapped->count + 1) * sizeof(*parts));
	enum pm_code code;

	if (!parts)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to attach a pool of %zu regions", mapped->count + 1);
	mapped->parts = parts;
	code = open_part(host, place, writable, &parts[mapped->count].region, err);
	if (code != PM_OK)
		return code;
	parts[mapped->count++].sb = place->sb;
	return PM_OK;
}

const struct part *mapped_part(const struct mapped *mapped, const uint8_t region_uuid[16])
{
	for (size_t i = 0; i < mapped->count; i++)
		if (memcmp(mapped->parts[i].sb.region_uuid, region_uuid, 16) == 0)
			return &mapped->parts[i];
	return NULL;
}

void mapped_close(struct mapped *mapped)
{
	for (size_t i = 0; i < mapped->count; i++)
		pm_region_close(&mapped->parts[i].region);
	free(mapped->parts);
	free(mapped->by_lock);
	memset(mapped, 0, sizeof(*mapped));
}

enum pm_code mapped_lock(struct mapped *mapped, struct pm_error *err)
{
	struct pm_region **by_lock = realloc(mapped->by_lock, (mapped->count + 1) * sizeof(*by_lock));
	enum pm_code code;

	if (!by_lock)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to lock %zu regions", mapped->count);
	mapped->by_lock = by_lock;
	for (size_t i = 0; i < mapped->count; i++)
		by_lock[i] = &mapped->parts[i].region;
	mapped->lock_count = mapped->count;
	if (mapped->joining)
		by_lock[mapped->lock_count++] = mapped->joining;
	code = pm_regions_lock(by_lock, mapped->lock_count, err);
	mapped->locked = code == PM_OK;
	return code;
}

void mapped_unlock(struct mapped *mapped)
{
	if (mapped->locked)
		pm_regions_unlock(mapped->by_lock, mapped->lock_count, false);
	mapped->locked = false;
}

bool mapped_abandoned(const struct mapped *mapped)
{
	return mapped->locked && pm_regions_abandoned(mapped->by_lock, mapped->lock_count);
}

bool mapped_same(const struct mapped *mapped)
{
	for (size_t i = 0; i < mapped->count; i++) {
		const struct part *part = &mapped->parts[i];
		struct pm_superblock sb;

		if (pm_region_copy(&sb, part->region.map, sizeof(sb), NULL) != PM_OK ||
		    memcmp(sb.magic, PM_MAGIC, sizeof(sb.magic)) != 0 ||
		    memcmp(sb.pool_uuid, part->sb.pool_uuid, sizeof(sb.pool_uuid)) != 0 ||
		    memcmp(sb.region_uuid, part->sb.region_uuid, sizeof(sb.region_uuid)) != 0)
			return false;
	}
	return true;
}

struct pm_mapping mapping_of(const struct pm_region *region, uint64_t bytes)
{
	return (struct pm_mapping){
		.base = region->map,
		.bytes = bytes,
		.physical_base = region->info.base + region->offset,
		.flush = pm_region_flush(region->info.kind),
	};
}

enum pm_code mapped_attach(const struct mapped *mapped, struct pm_pool *pool, unsigned flags, const struct pm_act *act,
			   struct pm_error *err)
{
	struct pm_mapping *mappings = calloc(mapped->count + 1, sizeof(*mappings));
	enum pm_code code;

	if (!mappings)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to attach a pool");
	for (size_t i = 0; i < mapped->count; i++) {
		mappings[i] = mapping_of(&mapped->parts[i].region, mapped->parts[i].sb.region_bytes);
		if (!mapped->parts[i].region.writable)
			flags |= PM_ATTACH_READ_ONLY;
	}
	code = guarded_attach(pool, mappings, mapped->count, flags, act, err);
	free(mappings);
	return code;
}
