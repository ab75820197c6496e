/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pools stand where. */
#include "guarded.h"
#include "session.h"
#include <stdlib.h>
#include <string.h>

#define POOLS_MAX 256 /* in one region, as far as we list them */

/* A superblock that cannot be read is no pool here; region/recognise names it. */
static bool probe_at(const struct session *session, const struct pm_region_info *info, const struct pm_pool_at *at,
		     struct pm_superblock *sb)
{
	uint64_t over = at->bytes % info->grain, bytes = at->bytes + (over ? info->grain - over : 0);
	struct pm_region region;
	bool found;

	/* the whole pool, so that superblock B is in reach when A is damaged */
	if (bytes > info->bytes - at->offset)
		bytes = 0;
	if (pm_region_open(&session->host, info->id, at->offset, bytes, false, &region, NULL) != PM_OK)
		return false;
	found = guarded_probe(&region, sb, NULL) == PM_OK;
	pm_region_close(&region);
	return found;
}

enum pm_code region_places(const struct session *session, const struct pm_region_info *info, struct place **list,
			   size_t *count, struct pm_error *err)
{
	struct pm_pool_at pools[POOLS_MAX];
	size_t found = 0;
	enum pm_code code;

	*list = NULL;
	*count = 0;
	code = pm_region_pools(&session->host, info, pools, POOLS_MAX, &found, err);
	if (code != PM_OK || found == 0)
		return code;
	*list = calloc(found, sizeof(**list));
	if (!*list)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to list %zu pools", found);
	for (size_t i = 0; i < found; i++) {
		struct place *place = &(*list)[*count];

		if (!probe_at(session, info, &pools[i], &place->sb))
			continue;
		place->region = *info;
		place->offset = pools[i].offset;
		(*count)++;
	}
	return PM_OK;
}

/* Regions may share memory (pmpool= inside a memmap=): one pool is listed once. */
static bool listed(const struct place *list, size_t count, const struct place *place)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].region.base + list[i].offset == place->region.base + place->offset)
			return true;
	return false;
}

static enum pm_code append(struct place **list, size_t *count, const struct place *more, size_t n, struct pm_error *err)
{
	struct place *grown;

	if (n == 0)
		return PM_OK;
	grown = realloc(*list, (*count + n) * sizeof(**list));
	if (!grown)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "no memory to list the pools");
	*list = grown;
	for (size_t i = 0; i < n; i++)
		if (!listed(grown, *count, &more[i]))
			grown[(*count)++] = more[i];
	return PM_OK;
}

enum pm_code session_places(const struct session *session, struct place **list, size_t *count, struct pm_error *err)
{
	struct pm_region_info *regions = NULL;
	size_t region_count = 0;
	enum pm_code code = pm_region_list(&session->host, &regions, &region_count, err);

	*list = NULL;
	*count = 0;
	for (size_t i = 0; code == PM_OK && i < region_count; i++) {
		struct place *found = NULL;
		size_t n = 0;

		if (regions[i].refused.code != PM_OK)
			continue;
		/* one region that cannot be looked at must not hide the pools of the others */
		if (region_places(session, &regions[i], &found, &n, NULL) == PM_OK)
			code = append(list, count, found, n, err);
		free(found);
	}
	free(regions);
	if (code != PM_OK) {
		free(*list);
		*list = NULL;
		*count = 0;
	}
	return code;
}
