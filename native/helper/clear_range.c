/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in a range that a pool is to take: named, and destroyed only when `overwrite` says its word. */
#include "acts.h"
#include <stdlib.h>
#include <string.h>

static enum pm_code confirm_overwrite(struct call *call, const struct pm_region *region)
{
	struct recognised recognised;
	enum pm_code code;

	memset(&recognised, 0, sizeof(recognised));
	code = recognise(region, &recognised, &call->err);
	if (code != PM_OK || recognised.found.blank ||
	    strcmp(param_text(call, "overwrite", ""), recognised.confirm) == 0)
		return code;
	memcpy(call->confirm, recognised.confirm, sizeof(call->confirm));
	return pm_fail(&call->err, PM_E_REGION_OCCUPIED, "%s holds %s; the word to overwrite it is %s", region->info.id,
		       recognised.found.label, recognised.confirm);
}

/* Pools of another start or size that the new one tears: left as they are they would go on handing out its pages. */
static enum pm_code erase_torn(struct call *call, const struct pm_region *region)
{
	struct place *places = NULL;
	size_t count = 0;
	enum pm_code code = region_places(call->session, &region->info, &places, &count, &call->err);

	for (size_t i = 0; code == PM_OK && i < count; i++) {
		uint64_t start = places[i].offset, bytes = places[i].sb.region_bytes;
		struct pm_region old;

		if (start >= region->offset ? start - region->offset >= region->bytes : region->offset - start >= bytes)
			continue;
		if (bytes > region->info.bytes - start) /* the region shrank since: only the start of it is here */
			bytes = PM_PAGE_SIZE;
		code = pm_region_open(&call->session->host, region->info.id, start,
				      bytes == PM_PAGE_SIZE ? region->info.grain : bytes, true, &old, &call->err);
		if (code != PM_OK)
			break;
		code = guarded_erase(&old, bytes, &call->err);
		pm_region_close(&old);
	}
	free(places);
	return code;
}

enum pm_code clear_range(struct call *call, const struct pm_region *region)
{
	enum pm_code code = confirm_overwrite(call, region);

	return code == PM_OK ? erase_torn(call, region) : code;
}
