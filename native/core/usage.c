/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the page states tell. */
#include "pages.h"
#include "records.h"
#include <string.h>

enum pm_page_state pm_page_state_get(const struct pm_pool *pool, uint64_t page)
{
	if (page >= pool->sb.page_count)
		return PM_PAGE_BAD;
	return (enum pm_page_state)(pm_word_load(pool, page / PM_PAGES_PER_WORD) >> (2 * (page % PM_PAGES_PER_WORD)) &
				    3);
}

enum pm_code pm_run_at(const struct pm_pool *pool, uint64_t page, struct pm_run *run)
{
	*run = (struct pm_run){.page = page};
	if (page < pool->sb.data_first || page >= pool->sb.data_end)
		return PM_E_NOT_ALLOCATED;
	if (pm_page_state_get(pool, page) != PM_PAGE_HEAD)
		return PM_E_NOT_ALLOCATED;
	run->pages = pm_pages_continue_end(pool, page + 1, pool->sb.data_end) - page;
	run->record = pm_record_at(pool, page);
	return PM_OK;
}

bool pm_run_next(const struct pm_pool *pool, uint64_t from, struct pm_run *run)
{
	uint64_t page = from > pool->sb.data_first ? from : pool->sb.data_first;

	page = pm_pages_next_head(pool, page, pool->sb.data_end);
	return page < pool->sb.data_end && pm_run_at(pool, page, run) == PM_OK;
}

/* Largest order that fits a free run [from, to) at its natural alignment; -1 when not even a page does. */
static int largest_order(const struct pm_pool *pool, uint64_t from, uint64_t to)
{
	int order = to > from ? 63 - __builtin_clzll(to - from) : -1;

	for (; order >= 0; order--) {
		uint64_t page = pm_pages_align(pool, from, (uint32_t)order);

		if (page < to && UINT64_C(1) << order <= to - page)
			break;
	}
	return order;
}

static void free_runs(const struct pm_pool *pool, struct pm_usage *usage)
{
	uint64_t end = pool->sb.data_end, from = pool->sb.data_first, to;
	int best = -1;

	while ((from = pm_pages_next_free(pool, from, end)) < end) {
		to = pm_pages_next_used(pool, from, end);
		usage->pages_free += to - from;
		if (to - from > usage->largest_free_run)
			usage->largest_free_run = to - from;
		if ((to - from) >> (best + 1)) {
			int order = largest_order(pool, from, to);

			best = order > best ? order : best;
		}
		from = to;
	}
	usage->largest_free_order = best < 0 ? UINT32_MAX : (uint32_t)best;
}

void pm_usage_get(const struct pm_pool *pool, struct pm_usage *usage)
{
	uint64_t first = pool->sb.data_first, end = pool->sb.data_end, used = pm_records_used(pool);

	memset(usage, 0, sizeof(*usage));
	free_runs(pool, usage);
	for (uint64_t word = first / PM_PAGES_PER_WORD; word * PM_PAGES_PER_WORD < end; word++) {
		uint64_t low = word == first / PM_PAGES_PER_WORD ? first % PM_PAGES_PER_WORD : 0;
		uint64_t high = word == (end - 1) / PM_PAGES_PER_WORD ? (end - 1) % PM_PAGES_PER_WORD : 31;
		uint64_t w = pm_word_load(pool, word) & pm_word_mask((unsigned)low, (unsigned)high);

		usage->allocations += (uint64_t)__builtin_popcountll(pm_word_heads(w));
		usage->pages_bad += (uint64_t)__builtin_popcountll(pm_word_bad(w));
		usage->pages_allocated += (uint64_t)__builtin_popcountll(w & PM_LOW_BITS);
	}
	usage->pages_metadata = pool->sb.page_count - (end - first);
	for (uint64_t i = 0; i < used; i++)
		usage->records += pm_record_state_load(&pool->records[i]) == PM_RECORD_LIVE;
}
