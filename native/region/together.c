// SPDX-License-Identifier: GPL-2.0-or-later
#include "together.h"
#include "internal.h"
#include <stdlib.h>
#include <string.h>

static int by_lock(const void *a, const void *b)
{
	const struct pm_region *left = *(struct pm_region *const *)a, *right = *(struct pm_region *const *)b;
	int order = strcmp(left->info.lock, right->info.lock);

	return order ? order : left < right ? -1 : left > right;
}

/* Regions that share memory share a lock: the first of them in the list holds it. */
static bool holds(struct pm_region *const *regions, size_t i)
{
	return i == 0 || strcmp(regions[i]->info.lock, regions[i - 1]->info.lock) != 0;
}

enum pm_code pm_regions_lock(struct pm_region **regions, size_t count, struct pm_error *err)
{
	enum pm_code code = PM_OK;

	qsort(regions, count, sizeof(*regions), by_lock);
	for (size_t i = 0; i < count; i++) {
		if (holds(regions, i))
			code = pm_region_lock(regions[i], err);
		if (code != PM_OK) {
			/* The mark of a dead holder is not ours to take away: nothing was mended. */
			pm_regions_unlock(regions, i, true);
			return code;
		}
	}
	return PM_OK;
}

void pm_regions_unlock(struct pm_region **regions, size_t count, bool keep_marks)
{
	while (count-- > 0)
		if (holds(regions, count) && keep_marks && regions[count]->abandoned)
			pm_region_unlock_marked(regions[count]);
		else if (holds(regions, count))
			pm_region_unlock(regions[count]);
}

bool pm_regions_abandoned(struct pm_region *const *regions, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (holds(regions, i) && regions[i]->abandoned)
			return true;
	return false;
}
