// SPDX-License-Identifier: GPL-2.0-or-later
#include "core/persist.h"
#include "digest.h"
#include "image.h"
#include "pmpool/region.h"
#include "restore.h"
#include <inttypes.h>
#include <string.h>

static bool reads_back(const struct pm_write_back *back, uint32_t i)
{
	const uint8_t *at = back->to + i * PM_PAGE_SIZE;
	uint8_t digest[PM_DIGEST_BYTES];

	if (!back->digests || !back->digests[i])
		return memcmp(at, back->pages[i], PM_PAGE_SIZE) == 0;
	pm_page_digest(at, digest);
	return memcmp(digest, back->digests[i], sizeof(digest)) == 0;
}

static void write_body(void *argument)
{
	struct pm_write_back *back = argument;

	for (uint32_t i = 0; i < back->count; i++) {
		uint8_t *at = back->to + i * PM_PAGE_SIZE;

		if (!back->pages[i])
			continue;
		if (memcmp(at, back->pages[i], PM_PAGE_SIZE) == 0) {
			back->unchanged++;
			continue;
		}
		pm_store_bytes(at, back->pages[i], PM_PAGE_SIZE);
		pm_flush(at, PM_PAGE_SIZE); /* so that most of it is read from the memory again, not from the cache */
		back->written++;
	}
	pm_fence();
	back->failed = 0;
	while (back->failed < back->count && (!back->pages[back->failed] || reads_back(back, back->failed)))
		back->failed++;
}

enum pm_code pm_write_back(struct pm_write_back *back, uint64_t first, struct pm_error *err)
{
	enum pm_code code = pm_region_guarded(write_body, back, err);

	if (code)
		return code;
	if (back->failed < back->count)
		return pm_fail(err, PM_E_RESTORE_FAILED, "Page %" PRIu64 " does not read back as it was written.",
			       first + back->failed);
	return PM_OK;
}

enum pm_code pm_restore_whole(const struct pm_snapshot *snapshot, struct pm_error *err)
{
	for (; snapshot; snapshot = snapshot->parent) {
		enum pm_code code = pm_snapshot_damage(snapshot, err);

		if (code)
			return code;
	}
	return PM_OK;
}

enum pm_code pm_restore_same_pool(const struct pm_snapshot *snapshot, const uint8_t pool_uuid[16], struct pm_error *err)
{
	size_t count;
	const struct pm_superblock *regions = pm_snapshot_regions(snapshot, &count);

	if (count && memcmp(regions[0].pool_uuid, pool_uuid, 16) == 0)
		return PM_OK;
	return pm_fail(err, PM_E_SNAPSHOT_FOREIGN, "The snapshot is of another pool.");
}
