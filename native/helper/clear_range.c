/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in a range that a pool is to take: named, and destroyed only when `overwrite` says its word. */
#include "acts.h"
#include <string.h>

static enum pm_code confirm_overwrite(struct call *call, const struct pm_region *region)
{
	struct recognised recognised;
	enum pm_code code;

	memset(&recognised, 0, sizeof(recognised));
	code = recognise(&call->session->host, region, &recognised, &call->err);
	if (code != PM_OK || recognised.found.blank ||
	    strcmp(param_text(call, "overwrite", ""), recognised.confirm) == 0)
		return code;
	memcpy(call->confirm, recognised.confirm, sizeof(call->confirm));
	return pm_fail(&call->err, PM_E_REGION_OCCUPIED, "%s holds %s; the word to overwrite it is %s", region->info.id,
		       recognised.found.label, recognised.confirm);
}

enum pm_code clear_range(struct call *call, const struct pm_region *region)
{
	enum pm_code code = confirm_overwrite(call, region);

	return code == PM_OK ? pm_region_unmake_pools(&call->session->host, region, &call->err) : code;
}
