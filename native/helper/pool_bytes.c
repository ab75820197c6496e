/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pool_bytes.h"
#include <inttypes.h>

/* Why nothing stands there. */
static enum pm_code nothing_there(const struct pm_pool *pool, uint64_t offset, struct pm_error *err)
{
	uint64_t page = offset / PM_PAGE_SIZE;

	for (uint32_t i = 0; i < pool->region_count; i++) {
		const struct pm_member_info *info = &pool->infos[i];

		if (!info->present && page >= info->first_pool_page && page - info->first_pool_page < info->page_count)
			return pm_fail(err, PM_E_REGION_MISSING,
				       "page %" PRIu64 " is in region %" PRIu32 " of the pool, which is not there",
				       page, info->index);
	}
	if (page >= pool->page_end)
		return pm_fail(err, PM_E_OUT_OF_RANGE,
			       "the pool ends at byte 0x%" PRIx64 "; 0x%" PRIx64 " is behind it",
			       pool->page_end * PM_PAGE_SIZE, offset);
	return pm_fail(err, PM_E_OUT_OF_RANGE, "page %" PRIu64 " lies between two regions of the pool", page);
}

enum pm_code pool_bytes_at(const struct pm_pool *pool, uint64_t offset, uint64_t bytes, uint8_t **at, uint64_t *there,
			   struct pm_error *err)
{
	uint64_t page = offset / PM_PAGE_SIZE, in_page = offset % PM_PAGE_SIZE;
	uint8_t *mapped = pm_page_bytes(pool, page);

	if (!mapped)
		return nothing_there(pool, offset, err);
	for (uint32_t i = 0; i < pool->region_count; i++) {
		const struct pm_member_info *info = &pool->infos[i];

		if (page >= info->first_pool_page && page - info->first_pool_page < info->page_count)
			*there = (info->first_pool_page + info->page_count - page) * PM_PAGE_SIZE - in_page;
	}
	*there = *there < bytes ? *there : bytes;
	*at = mapped + in_page;
	return PM_OK;
}

enum pm_code pool_bytes_read(const struct pm_pool *pool, uint64_t offset, void *to, uint64_t bytes,
			     struct pm_error *err)
{
	for (uint64_t done = 0, there = 0; done < bytes; done += there) {
		uint8_t *at = NULL;
		enum pm_code code = pool_bytes_at(pool, offset + done, bytes - done, &at, &there, err);

		if (code == PM_OK)
			code = pm_region_copy((uint8_t *)to + done, at, there, err);
		if (code != PM_OK)
			return code;
	}
	return PM_OK;
}
