/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"
#include "records.h"
#include "text.h"
#include <string.h>

#define RACES_MAX 1000 /* lost to processes that change the pool without its lock */

static enum pm_code request_check(const struct pm_pool *pool, const struct pm_alloc_request *request)
{
	if (pool->read_only)
		return PM_E_POOL_READ_ONLY;
	if (request->align_order > 63 || UINT64_C(1) << request->align_order > pool->sb.page_count)
		return PM_E_ORDER_TOO_LARGE;
	if (!request->pages || request->pages > pool->sb.data_end - pool->sb.data_first)
		return PM_E_COUNT_INVALID;
	if (request->name && *request->name && !pm_name_fit(request->name))
		return PM_E_NAME_INVALID;
	if (request->owner && !pm_text_valid(request->owner, PM_OWNER_BYTES))
		return PM_E_NAME_INVALID;
	if (request->purpose && !pm_text_valid(request->purpose, PM_PURPOSE_BYTES))
		return PM_E_NAME_INVALID;
	return PM_OK;
}

static uint64_t find_from_hint(struct pm_pool *pool, const struct pm_alloc_request *request)
{
	uint64_t first = pool->sb.data_first, hint = pool->hint_word * PM_PAGES_PER_WORD;
	uint64_t page = pm_pages_find(pool, hint > first ? hint : first, pool->sb.data_end, request->pages,
				      request->align_order);

	/* The hint is only one: another process may have freed below it. */
	if (page == PM_NO_PAGE && hint > first)
		page = pm_pages_find(pool, first, pool->sb.data_end, request->pages, request->align_order);
	if (page != PM_NO_PAGE && request->pages == 1 && !request->align_order)
		pool->hint_word = page / PM_PAGES_PER_WORD;
	return page;
}

/* A run without a head right behind the place would read as part of the new allocation: a process died while
 * another was attached. We hold the lock, so it is nobody's. */
static uint64_t find_place(struct pm_pool *pool, const struct pm_alloc_request *request)
{
	uint64_t page = find_from_hint(pool, request), after, end = pool->sb.data_end;

	if (page == PM_NO_PAGE)
		return page;
	after = pm_pages_continue_end(pool, page + request->pages, end);
	if (after > page + request->pages)
		pm_pages_release(pool, page + request->pages, after - page - request->pages);
	return page;
}

static enum pm_code alloc_unnamed(struct pm_pool *pool, const struct pm_alloc_request *request, struct pm_run *run)
{
	for (int races = 0; races < RACES_MAX; races++) {
		run->page = find_place(pool, request);
		if (run->page == PM_NO_PAGE)
			return PM_E_NO_SPACE;
		if (pm_pages_claim(pool, run->page, request->pages))
			return PM_OK;
	}
	return PM_E_REGION_BUSY;
}

static enum pm_code alloc_named(struct pm_pool *pool, const struct pm_alloc_request *request, const struct pm_act *act,
				struct pm_run *run)
{
	struct pm_record_scan scan;

	pm_records_scan(pool, request->name, &scan);
	if (scan.name_taken)
		return PM_E_NAME_TAKEN;
	if (!scan.slot)
		return PM_E_DIRECTORY_FULL;
	run->page = find_place(pool, request);
	if (run->page == PM_NO_PAGE)
		return PM_E_NO_SPACE;
	pm_record_prepare(scan.slot, scan.next_id, request, act, run->page);
	pool->record_next_id = scan.next_id + 1;
	if (!pm_pages_claim(pool, run->page, request->pages)) {
		pm_record_state_set(scan.slot, PM_RECORD_FREE);
		return PM_E_REGION_BUSY;
	}
	pm_record_state_set(scan.slot, PM_RECORD_LIVE);
	run->record = scan.slot;
	return PM_OK;
}

enum pm_code pm_alloc(struct pm_pool *pool, const struct pm_alloc_request *request, const struct pm_act *act,
		      struct pm_run *run)
{
	enum pm_code code = request_check(pool, request);

	*run = (struct pm_run){.pages = request->pages};
	if (code)
		return code;
	if (request->name && *request->name)
		return alloc_named(pool, request, act, run);
	return alloc_unnamed(pool, request, run);
}

enum pm_code pm_free(struct pm_pool *pool, uint64_t page, struct pm_run *freed)
{
	struct pm_record *record;
	enum pm_code code;

	if (pool->read_only)
		return PM_E_POOL_READ_ONLY;
	code = pm_run_at(pool, page, freed);
	if (code)
		return code;
	record = (struct pm_record *)(uintptr_t)freed->record;
	if (record)
		pm_record_state_set(record, PM_RECORD_LEAVING);
	pm_pages_release(pool, page, freed->pages);
	if (record)
		pm_record_state_set(record, PM_RECORD_FREE);
	if (page / PM_PAGES_PER_WORD < pool->hint_word)
		pool->hint_word = page / PM_PAGES_PER_WORD;
	return PM_OK;
}
