/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model.h"
#include <stdlib.h>
#include <string.h>

const struct pm_act model_act = {
	.time_ns = 1700000000000000000,
	.boot_id = {0xb0, 0x07, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14},
	.actor = "tester",
};

struct pm_pool_request model_request(void)
{
	struct pm_pool_request request = {.name = "lab", .physical_base = MODEL_BASE};

	for (unsigned i = 0; i < 16; i++) {
		request.pool_uuid[i] = (uint8_t)(0x10 + i);
		request.region_uuid[i] = (uint8_t)(0xa0 + i);
	}
	return request;
}

void model_region_make(struct model_region *region, uint64_t bytes)
{
	struct pm_pool_request request = model_request();

	region->bytes = bytes;
	region->memory = aligned_alloc(4096, bytes);
	assert_non_null(region->memory);
	memset(region->memory, 0, bytes);
	assert_int_equal(pm_pool_format(region->memory, bytes, &request, &model_act), PM_OK);
	assert_int_equal(model_attach(&region->pool, region->memory, bytes), PM_OK);
}

void model_region_end(struct model_region *region)
{
	free(region->memory);
}

enum pm_code model_attach(struct pm_pool *pool, void *memory, uint64_t bytes)
{
	return pm_pool_attach(pool, memory, bytes, MODEL_BASE, 0, &model_act);
}

void model_view_take(const struct pm_pool *pool, struct model_view *view)
{
	struct pm_run run;
	struct pm_usage usage;

	memset(view, 0, sizeof(*view));
	for (uint64_t from = 0; pm_run_next(pool, from, &run); from = run.page + run.pages) {
		struct model_run *seen = &view->runs[view->count++];

		assert_true(view->count < sizeof(view->runs) / sizeof(view->runs[0]));
		*seen = (struct model_run){.page = run.page, .pages = run.pages};
		if (run.record) {
			seen->id = run.record->id;
			memcpy(seen->name, run.record->name, PM_NAME_BYTES);
		}
	}
	pm_usage_get(pool, &usage);
	view->pages_free = usage.pages_free;
	view->pages_bad = usage.pages_bad;
	view->records = usage.records;
}

int model_view_equal(const struct model_view *a, const struct model_view *b)
{
	return a->count == b->count && memcmp(a->runs, b->runs, a->count * sizeof(a->runs[0])) == 0 &&
	       a->pages_free == b->pages_free && a->pages_bad == b->pages_bad && a->records == b->records;
}

void model_assert_adds_up(const struct pm_pool *pool)
{
	struct pm_usage usage;
	struct pm_run run;
	uint64_t in_runs = 0, runs = 0;

	pm_usage_get(pool, &usage);
	for (uint64_t from = 0; pm_run_next(pool, from, &run); from = run.page + run.pages) {
		in_runs += run.pages;
		runs++;
	}
	assert_int_equal(usage.pages_free + usage.pages_allocated + usage.pages_bad + usage.pages_metadata,
			 pool->sb.page_count);
	assert_int_equal(usage.pages_allocated, in_runs);
	assert_int_equal(usage.allocations, runs);
}

int model_recovered_anything(const struct pm_pool *pool)
{
	return pool->recovered.runs_taken_back || pool->recovered.records_finished || pool->recovered.records_dropped ||
	       pool->recovered.superblock_mended;
}

/* splitmix64 */
uint64_t model_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}
