// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A whole pool back into its place, with its metadata. The superblocks that stand there go first, the pool's own come
 * back last, region 0's after all others: what a crash leaves is no pool.
 */
#include "core/superblock.h"
#include "export_walk.h"
#include "pmpool/region.h"
#include "restore.h"
#include <inttypes.h>
#include <string.h>

struct place {
	const struct pm_mapping *mappings;
	size_t count;
	struct pm_restored *restored;
};

static const struct pm_mapping *mapping_of(const struct pm_mapping *mappings, size_t count,
					   const struct pm_superblock *sb)
{
	for (size_t i = 0; i < count; i++)
		if (mappings[i].physical_base == sb->physical_base && mappings[i].bytes == sb->region_bytes)
			return &mappings[i];
	return NULL;
}

static enum pm_code mappings_check(const struct pm_walk *walk, const struct pm_mapping *mappings, size_t count,
				   struct pm_error *err)
{
	enum pm_code code = pm_restore_whole(walk->snapshot, err);

	if (code)
		return code;
	if (walk->pool->degraded)
		return pm_fail(err, PM_E_POOL_DEGRADED, "The snapshot was taken of a pool that missed a region.");
	for (size_t i = 0; i < walk->region_count; i++)
		if (!mapping_of(mappings, count, &walk->regions[i]))
			return pm_fail(err, PM_E_REGION_MISSING,
				       "The place of region %" PRIu32 ", 0x%" PRIx64 ", is not there.",
				       walk->regions[i].region_index, walk->regions[i].physical_base);
	return PM_OK;
}

static enum pm_code look_part(void *context, const struct pm_walk_part *part, struct pm_error *err)
{
	(void)context, (void)part, (void)err;
	return PM_OK;
}

/* Superblocks stand in the first and the last page of a region. */
static enum pm_code put_part(void *context, const struct pm_walk_part *part, struct pm_error *err)
{
	struct place *place = context;
	const struct pm_mapping *mapping = mapping_of(place->mappings, place->count, part->region);
	uint64_t first = part->first - part->region->first_pool_page;
	const uint8_t *pages[PM_WINDOW_PAGES];
	struct pm_write_back back = {
		.to = (uint8_t *)mapping->base + first * PM_PAGE_SIZE,
		.pages = pages,
		.digests = part->digests,
		.count = part->count,
	};
	enum pm_code code;

	memcpy(pages, part->pages, sizeof(pages));
	if (first == 0)
		pages[0] = NULL;
	if (first + part->count == part->region->page_count)
		pages[part->count - 1] = NULL;
	code = pm_write_back(&back, part->first, err);
	place->restored->pages += back.written;
	place->restored->bytes += back.written * PM_PAGE_SIZE;
	place->restored->unchanged += back.unchanged;
	return code;
}

struct superblock {
	const struct pm_mapping *mapping;
	struct pm_superblock sb;
	uint64_t sequence; /* of the copy of this pool that stands there; 0: none */
};

static void erase_body(void *argument)
{
	struct superblock *superblock = argument;
	struct pm_superblock_choice choice;

	if (pm_superblock_choose(superblock->mapping->base, superblock->mapping->bytes, &choice) == PM_OK &&
	    memcmp(choice.sb.pool_uuid, superblock->sb.pool_uuid, sizeof(choice.sb.pool_uuid)) == 0)
		superblock->sequence = choice.sb.sequence;
	pm_pool_erase(superblock->mapping->base, superblock->mapping->bytes);
}

static void write_body(void *argument)
{
	struct superblock *superblock = argument;
	uint8_t *base = superblock->mapping->base;

	pm_superblock_write(base + superblock->mapping->bytes - PM_PAGE_SIZE, &superblock->sb, true);
	pm_superblock_write(base, &superblock->sb, true);
}

/* Who has the pool attached that stood there tells by the sequence that it is another one now. */
static void renew(struct pm_superblock *sb, uint64_t before)
{
	if (!before)
		return;
	if (sb->sequence <= before)
		sb->sequence = before + 1;
	pm_superblock_seal(sb);
}

static enum pm_code pool_write(struct pm_walk *walk, struct place *place, struct pm_meter *meter, struct pm_error *err)
{
	size_t count = 0;
	const struct pm_superblock *regions = pm_snapshot_regions(walk->snapshot, &count); /* by index */
	uint64_t before = 0;
	enum pm_code code = PM_OK;

	for (size_t i = 0; !code && i < count; i++) {
		struct superblock superblock = {mapping_of(place->mappings, place->count, &regions[i]), regions[i], 0};

		code = pm_region_guarded(erase_body, &superblock, err);
		before = superblock.sequence > before ? superblock.sequence : before;
	}
	if (!code)
		code = pm_walk_all(walk, true, meter, put_part, place, err);
	if (!code)
		code = pm_walk_whole(walk, err);
	for (size_t i = count; !code && i-- > 0;) {
		struct superblock superblock = {mapping_of(place->mappings, place->count, &regions[i]), regions[i], 0};

		renew(&superblock.sb, before);
		code = pm_region_guarded(write_body, &superblock, err);
	}
	return code;
}

enum pm_code pm_restore_check(struct pm_snapshot *snapshot, const struct pm_mapping *mappings, size_t count,
			      struct pm_task *task, struct pm_error *err)
{
	struct pm_meter meter;
	struct pm_walk walk;
	enum pm_code code = pm_walk_open(&walk, snapshot, err);

	if (!code)
		code = mappings_check(&walk, mappings, count, err);
	if (!code) {
		pm_meter_start(&meter, task, pm_walk_bytes(&walk));
		code = pm_walk_all(&walk, true, &meter, look_part, NULL, err);
	}
	if (!code)
		code = pm_walk_whole(&walk, err);
	if (!code)
		pm_meter_end(&meter);
	pm_walk_close(&walk);
	return code;
}

static enum pm_code restore(struct pm_walk *walk, struct place *place, struct pm_task *task, struct pm_error *err)
{
	struct pm_meter meter;
	struct pm_run run;
	enum pm_code code;

	pm_meter_start(&meter, task, pm_walk_bytes(walk));
	code = pool_write(walk, place, &meter, err);
	if (code)
		return code;
	for (uint64_t from = 0; pm_run_next(walk->pool, from, &run); from = run.page + run.pages)
		place->restored->allocations += !run.record || run.record->kind == PM_RECORD_ALLOCATION;
	pm_meter_end(&meter);
	return PM_OK;
}

enum pm_code pm_restore_pool(struct pm_snapshot *snapshot, const struct pm_mapping *mappings, size_t count,
			     struct pm_task *task, struct pm_restored *restored, struct pm_error *err)
{
	struct place place = {mappings, count, restored};
	struct pm_walk walk;
	enum pm_code code;

	memset(restored, 0, sizeof(*restored));
	code = pm_walk_open(&walk, snapshot, err);
	if (!code)
		code = mappings_check(&walk, mappings, count, err);
	if (!code)
		code = restore(&walk, &place, task, err);
	pm_walk_close(&walk);
	return code;
}
