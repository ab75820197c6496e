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
	if (page >= pool->page_end && pm_page_of_address(pool, offset) != UINT64_MAX)
		return pm_fail(err, PM_E_OUT_OF_RANGE,
			       "0x%" PRIx64 " is a physical address; its offset in the pool is 0x%" PRIx64, offset,
			       pm_page_of_address(pool, offset) * PM_PAGE_SIZE + offset % PM_PAGE_SIZE);
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

#define STEP_WORDS 64u /* of page states that are looked at at once on the way to a head */
#define PAGES_PER_WORD 32u
#define ALL_CONTINUE (UINT64_MAX / 3 * PM_PAGE_CONTINUES)

/* Page of the last state at or before `page` in these words that does not continue a run; false: all do. */
static bool last_of_run(const uint64_t *states, uint64_t first, uint64_t page, uint64_t *found, unsigned *state)
{
	for (;; page--) {
		uint64_t in = page - first, word = states[in / PAGES_PER_WORD];

		if (in % PAGES_PER_WORD == PAGES_PER_WORD - 1 && word == ALL_CONTINUE) {
			page -= PAGES_PER_WORD - 1;
			in -= PAGES_PER_WORD - 1;
		}
		*found = page;
		*state = (unsigned)(word >> in % PAGES_PER_WORD * 2) & 3;
		if (*state != PM_PAGE_CONTINUES)
			return true;
		if (in == 0)
			return false;
	}
}

/* The head of what `page` belongs to; states between it and `page` all continue. */
static enum pm_code find_head(const struct pm_pool *pool, uint64_t page, uint64_t *head, struct pm_error *err)
{
	uint64_t states[STEP_WORDS], data = 0, end = 0;
	unsigned state = PM_PAGE_CONTINUES;

	if (!pm_page_data(pool, page, &data, &end) || page < data || page >= end)
		return PM_E_NOT_ALLOCATED;
	for (*head = page;; (*head)--) {
		uint64_t last = *head / PAGES_PER_WORD, words = last + 1 < STEP_WORDS ? last + 1 : STEP_WORDS;
		uint64_t first = (last + 1 - words) * PAGES_PER_WORD;
		enum pm_code code = guarded_states(pool, first, words, states, err);

		if (code != PM_OK)
			return code;
		if (last_of_run(states, first, *head, head, &state))
			return state == PM_PAGE_HEAD && *head >= data ? PM_OK : PM_E_NOT_ALLOCATED;
		if (*head <= data)
			return PM_E_NOT_ALLOCATED;
	}
}

enum pm_code run_holding(const struct pm_pool *pool, uint64_t page, struct run_copy *run, struct pm_error *err)
{
	uint64_t head = 0;
	enum pm_code code = find_head(pool, page, &head, err);

	if (code == PM_OK)
		code = guarded_run_at(pool, head, run, err);
	if (code == PM_OK && page - run->page < run->pages)
		return PM_OK;
	if (code != PM_OK && code != PM_E_NOT_ALLOCATED)
		return code;
	return pm_fail(err, PM_E_NOT_ALLOCATED, "page %" PRIu64 " is part of no allocation", page);
}
