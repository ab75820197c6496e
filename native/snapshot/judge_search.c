// SPDX-License-Identifier: GPL-2.0-or-later
/* A region that is not where it was made: the pool's bytes may stand elsewhere on this host. */
#include "judge.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define POOLS_MAX 4096u

struct look {
	const struct pm_region *region;
	struct pm_superblock sb;
	enum pm_code code;
};

static void look_body(void *argument)
{
	struct look *look = argument;

	look->code = pm_pool_probe(look->region->map, look->region->bytes, &look->sb);
}

static bool same_region(const struct pm_superblock *a, const struct pm_superblock *b)
{
	return memcmp(a->pool_uuid, b->pool_uuid, sizeof(a->pool_uuid)) == 0 &&
	       memcmp(a->region_uuid, b->region_uuid, sizeof(a->region_uuid)) == 0;
}

/* Is the expected region at this offset; then move over to it when it is whole there. */
static enum pm_code search_at(struct pm_judge *judge, struct pm_judged *judged, const struct pm_region_info *info,
			      uint64_t offset, bool *found, struct pm_error *err)
{
	const struct pm_superblock *sb = judged->sb;
	struct pm_region region;
	struct look look = {.region = &region};
	uint64_t bytes = info->bytes - offset < info->grain ? 0 : info->grain; /* what a mapping may have */

	if (info->base + offset == sb->physical_base && judged->open)
		return PM_OK;
	if (pm_region_open(judge->host, info->id, offset, bytes, false, &region, NULL))
		return PM_OK;
	if (pm_region_guarded(look_body, &look, NULL))
		look.code = PM_E_REGION_LOST;
	pm_region_close(&region);
	if (look.code || !same_region(&look.sb, sb))
		return PM_OK;
	*found = true;
	pm_judge_add(judge, judged, "moved", PM_FAIL, "The pool is at another address or its region has another size",
		     "Boot with the memmap= the pool was made with.",
		     "Its superblock stands at %#" PRIx64 " with %" PRIu64
		     " bytes behind it; the pool was made for %#" PRIx64 " and %" PRIu64 " bytes.",
		     info->base + offset, info->bytes - offset, sb->physical_base, sb->region_bytes);
	pm_judge_found(judge, PM_CLASS_REGION_MOVED);
	if (info->bytes - offset < sb->region_bytes)
		return PM_OK;
	if (judged->open)
		pm_region_close(&judged->region);
	judged->open = false;
	return pm_judge_enter(judge, judged, info, offset, err);
}

enum pm_code pm_judge_search(struct pm_judge *judge, struct pm_judged *judged, struct pm_error *err)
{
	struct pm_region_info *list = NULL;
	struct pm_pool_at *pools = calloc(POOLS_MAX, sizeof(*pools));
	size_t count = 0, pool_count;
	enum pm_code code = pm_region_list(judge->host, &list, &count, err);
	bool found = false;

	if (!code && !pools)
		code = pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to look for the pool.");
	for (size_t i = 0; !code && !found && i < count; i++) {
		pool_count = 0;
		if (list[i].refused.code || pm_region_pools(judge->host, &list[i], pools, POOLS_MAX, &pool_count, NULL))
			continue;
		for (size_t j = 0; !code && !found && j < pool_count; j++)
			code = search_at(judge, judged, &list[i], pools[j].offset, &found, err);
	}
	free(pools);
	free(list);
	return code;
}
