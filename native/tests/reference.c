/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reference.h"
#include <stdlib.h>
#include <string.h>

void reference_learn(struct reference *reference, const struct pm_pool *pool)
{
	const struct pm_record *record;
	uint64_t cursor = 0;
	uint32_t region;

	if (pool->page_end > reference->page_end) {
		reference->owner = realloc(reference->owner, pool->page_end * sizeof(*reference->owner));
		for (uint64_t page = reference->page_end; page < pool->page_end; page++)
			reference->owner[page] = METADATA; /* gaps between regions too */
		for (uint32_t i = 0; i < pool->region_count; i++)
			if (pool->infos[i].first_pool_page >= reference->page_end)
				for (uint64_t n = pool->infos[i].data_first; n < pool->infos[i].data_end; n++)
					reference->owner[pool->infos[i].first_pool_page + n] = NOBODY;
		reference->page_end = pool->page_end;
	}
	while ((record = pm_record_next(pool, &cursor, &region)))
		for (uint64_t i = 0; record->kind == PM_RECORD_DIRECTORY && i < record->pages; i++) {
			uint32_t *owner = &reference->owner[pool->infos[region].first_pool_page + record->page + i];

			assert_true(*owner == NOBODY || *owner == DIRECTORY);
			*owner = DIRECTORY;
		}
}

void reference_begin(struct reference *reference, const struct pm_pool *pool)
{
	memset(reference, 0, sizeof(*reference));
	reference_learn(reference, pool);
}

void reference_end(struct reference *reference)
{
	free(reference->owner);
}

uint32_t reference_new(const struct reference *reference)
{
	uint32_t owner = 1;

	while (owner < REFERENCE_OWNERS && reference->owners[owner].pages)
		owner++;
	assert_true(owner < REFERENCE_OWNERS);
	return owner;
}

uint32_t reference_named(const struct reference *reference, const char *name)
{
	for (uint32_t i = 1; i < REFERENCE_OWNERS; i++)
		if (reference->owners[i].pages && strcmp(reference->owners[i].name, name) == 0)
			return i;
	return NOBODY;
}

bool reference_all_free(const struct reference *reference, uint64_t page, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++)
		if (reference->owner[page + i] != NOBODY)
			return false;
	return true;
}

void reference_take(struct reference *reference, uint32_t owner, uint64_t page, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++) {
		assert_int_equal(reference->owner[page + i], NOBODY);
		reference->owner[page + i] = owner;
	}
	reference->owners[owner] = (struct reference_owner){.page = page, .pages = pages};
}

void reference_give(struct reference *reference, uint32_t owner)
{
	for (uint64_t i = 0; i < reference->owners[owner].pages; i++)
		reference->owner[reference->owners[owner].page + i] = NOBODY;
	reference->owners[owner].pages = 0;
}

uint64_t reference_free_pages(const struct reference *reference, const struct pm_member_info *info)
{
	uint64_t pages = 0;

	for (uint64_t i = 0; i < info->page_count; i++)
		pages += reference->owner[info->first_pool_page + i] == NOBODY;
	return pages;
}

bool reference_fits(const struct pm_member_info *info, const struct pm_alloc_request *request, uint64_t page)
{
	uint64_t index = page - info->first_pool_page, frame = info->physical_base / 4096 + index;
	uint64_t last = frame + request->pages - 1;

	if (page < info->first_pool_page || index < info->data_first || request->pages > info->data_end ||
	    index > info->data_end - request->pages)
		return false;
	if (frame & ((UINT64_C(1) << request->align_order) - 1))
		return false;
	if (request->within_order && frame >> request->within_order != last >> request->within_order)
		return false;
	return frame * 4096 >= request->address_from &&
	       (!request->address_to || (last + 1) * 4096 <= request->address_to);
}

bool reference_room(struct reference *reference, const struct pm_member_info *info,
		    const struct pm_alloc_request *request)
{
	uint64_t first = info->first_pool_page;
	uint32_t length = 0;

	for (uint64_t i = info->page_count; i-- > 0;) {
		length = reference->owner[first + i] == NOBODY ? length + 1 : 0;
		if (length >= request->pages && reference_fits(info, request, first + i))
			return true;
	}
	return false;
}

/* --- all of it --- */

static enum pm_page_state state_of(const struct reference *reference, const struct pm_member_info *info, uint64_t index)
{
	uint64_t page = info->first_pool_page + index;
	uint32_t owner = reference->owner[page];

	if (owner == NOBODY)
		return PM_PAGE_FREE;
	if (owner == METADATA)
		return index == 0 || index == info->data_end ? PM_PAGE_HEAD : PM_PAGE_CONTINUES;
	if (owner == DIRECTORY)
		return PM_PAGE_CONTINUES; /* or the head of one */
	if (reference->owners[owner].quarantine)
		return PM_PAGE_BAD;
	return reference->owners[owner].page == page ? PM_PAGE_HEAD : PM_PAGE_CONTINUES;
}

static void compare_states(const struct reference *reference, const struct pm_pool *pool)
{
	for (uint32_t r = 0; r < pool->region_count; r++)
		for (uint64_t i = 0; i < pool->infos[r].page_count; i++) {
			uint64_t page = pool->infos[r].first_pool_page + i;
			enum pm_page_state state = pm_page_state_get(pool, page);

			if (reference->owner[page] == DIRECTORY)
				assert_true(state & PM_PAGE_CONTINUES);
			else if (state != state_of(reference, &pool->infos[r], i))
				fail_msg("page %llu is %d, not %d", (unsigned long long)page, state,
					 state_of(reference, &pool->infos[r], i));
		}
}

static void compare_runs(const struct reference *reference, const struct pm_pool *pool)
{
	uint64_t named = 0, runs = 0, expected = 0, expected_named = 0;
	struct pm_run run;

	for (uint64_t from = 0; pm_run_next(pool, from, &run); from = run.page + run.pages) {
		uint32_t owner = reference->owner[run.page];
		const struct reference_owner *known = &reference->owners[owner % REFERENCE_OWNERS];

		if (owner == DIRECTORY)
			continue;
		assert_true(owner != METADATA && owner != NOBODY);
		assert_int_equal(run.pages, known->pages);
		assert_int_equal(run.record != NULL, known->name[0] != 0);
		if (run.record) {
			assert_string_equal(run.record->name, known->name);
			assert_string_equal(run.record->owner, known->owner);
			assert_string_equal(run.record->purpose, known->purpose);
		}
		named += run.record != NULL;
		runs++;
	}
	for (uint32_t i = 1; i < REFERENCE_OWNERS; i++) {
		expected += reference->owners[i].pages && !reference->owners[i].quarantine;
		expected_named += reference->owners[i].pages && reference->owners[i].name[0];
	}
	assert_int_equal(runs, expected);
	assert_int_equal(named, expected_named);
}

static uint32_t order_of(uint64_t pages)
{
	return 63 - (uint32_t)__builtin_clzll(pages);
}

/* One free run of a region, as usage counts it. */
static void count_run(struct pm_usage *usage, uint64_t frame, uint64_t pages)
{
	if (!pages)
		return;
	usage->free_runs++;
	usage->free_runs_by_size[order_of(pages)]++;
	usage->free_pages_by_size[order_of(pages)] += pages;
	usage->largest_free_run = pages > usage->largest_free_run ? pages : usage->largest_free_run;
	for (uint32_t order = 0; order < PM_ORDERS; order++) {
		uint64_t size = UINT64_C(1) << order, from = (frame + size - 1) / size, to = (frame + pages) / size;

		usage->fits[order] += to > from ? to - from : 0;
	}
}

static void compare_usage(const struct reference *reference, const struct pm_pool *pool)
{
	struct pm_usage usage, expected = {.largest_free_order = UINT32_MAX};

	for (uint32_t r = 0; r < pool->region_count; r++) {
		const struct pm_member_info *info = &pool->infos[r];
		uint64_t length = 0, frame = info->physical_base / 4096;

		for (uint64_t i = 0; i < info->page_count; i++) {
			bool is_free = reference->owner[info->first_pool_page + i] == NOBODY;

			if (!is_free)
				count_run(&expected, frame + i - length, length);
			length = is_free ? length + 1 : 0;
			expected.pages_free += is_free;
		}
	}
	for (uint32_t order = 0; order < PM_ORDERS; order++)
		if (expected.fits[order])
			expected.largest_free_order = order;
	pm_usage_get(pool, &usage);
	assert_int_equal(usage.pages_free, expected.pages_free);
	assert_int_equal(usage.free_runs, expected.free_runs);
	assert_int_equal(usage.largest_free_run, expected.largest_free_run);
	assert_int_equal(usage.largest_free_order, expected.largest_free_order);
	assert_memory_equal(usage.fits, expected.fits, sizeof(usage.fits));
	assert_memory_equal(usage.free_runs_by_size, expected.free_runs_by_size, sizeof(usage.free_runs_by_size));
	assert_memory_equal(usage.free_pages_by_size, expected.free_pages_by_size, sizeof(usage.free_pages_by_size));
}

static void compare_quarantines(const struct reference *reference, const struct pm_pool *pool)
{
	const struct pm_record *record;
	uint64_t cursor = 0, count = 0, expected = 0;
	uint32_t region;

	while ((record = pm_record_next(pool, &cursor, &region)))
		if (record->kind == PM_RECORD_QUARANTINE) {
			uint64_t page = pool->infos[region].first_pool_page + record->page;
			uint32_t owner = reference->owner[page];

			assert_true(owner != NOBODY && owner < REFERENCE_OWNERS && reference->owners[owner].quarantine);
			assert_int_equal(reference->owners[owner].page, page);
			assert_int_equal(reference->owners[owner].pages, record->pages);
			assert_string_equal(record->purpose, reference->owners[owner].purpose);
			count++;
		}
	for (uint32_t i = 1; i < REFERENCE_OWNERS; i++)
		expected += reference->owners[i].pages && reference->owners[i].quarantine;
	assert_int_equal(count, expected);
}

void reference_compare(const struct reference *reference, const struct pm_pool *pool)
{
	compare_states(reference, pool);
	compare_runs(reference, pool);
	compare_quarantines(reference, pool);
	compare_usage(reference, pool);
	model_assert_adds_up(pool);
}
