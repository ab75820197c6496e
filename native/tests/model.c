/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

const struct pm_act model_act = {
	.time_ns = 1700000000000000000,
	.boot_id = {0xb0, 0x07, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14},
	.actor = "tester",
};

static _Atomic int64_t out;

static void *take(size_t bytes)
{
	void *memory = calloc(1, bytes);

	if (memory)
		atomic_fetch_add(&out, (int64_t)bytes);
	return memory;
}

static void give(void *memory, size_t bytes)
{
	if (memory)
		atomic_fetch_sub(&out, (int64_t)bytes);
	free(memory);
}

const struct pm_memory model_memory = {.take = take, .give = give};

int64_t model_memory_out(void)
{
	return atomic_load(&out);
}

struct pm_pool_request model_request(void)
{
	struct pm_pool_request request = {
		.name = "lab", .physical_base = MODEL_BASE, .medium = PM_MEDIUM_FILE, .numa_node = -1};

	for (unsigned i = 0; i < 16; i++) {
		request.pool_uuid[i] = (uint8_t)(0x10 + i);
		request.region_uuid[i] = (uint8_t)(0xa0 + i);
	}
	return request;
}

void model_region_make(struct model_region *region, uint64_t bytes)
{
	struct pm_pool_request request = model_request();

	memset(region, 0, sizeof(*region));
	region->bytes = bytes;
	region->memory = aligned_alloc(4096, bytes);
	assert_non_null(region->memory);
	memset(region->memory, 0, bytes);
	assert_int_equal(pm_pool_format(region->memory, bytes, &request, &model_act), PM_OK);
	assert_int_equal(model_attach(&region->pool, region->memory, bytes), PM_OK);
}

static void detach(struct model_region *region)
{
	if (region->pool.members)
		pm_pool_detach(&region->pool);
	memset(&region->pool, 0, sizeof(region->pool));
}

enum pm_code model_region_again(struct model_region *region)
{
	enum pm_code code;

	detach(region);
	code = model_attach(&region->pool, region->memory, region->bytes);
	if (code)
		memset(&region->pool, 0, sizeof(region->pool));
	return code;
}

void model_region_end(struct model_region *region)
{
	detach(region);
	free(region->memory);
}

enum pm_code model_attach(struct pm_pool *pool, void *memory, uint64_t bytes)
{
	const struct pm_mapping mapping = {.base = memory, .bytes = bytes, .physical_base = MODEL_BASE};

	return pm_pool_attach(pool, &mapping, 1, 0, &model_memory, &model_act);
}

/* --- the view --- */

static struct model_item *item_add(struct model_view *view)
{
	if (view->count == view->capacity) {
		view->capacity = view->capacity ? 2 * view->capacity : 64;
		view->items = realloc(view->items, view->capacity * sizeof(*view->items));
		assert_non_null(view->items);
	}
	memset(&view->items[view->count], 0, sizeof(*view->items));
	return &view->items[view->count++];
}

static void item_label(struct model_item *item, const struct pm_record *record)
{
	item->id = record->id;
	memcpy(item->name, record->name, sizeof(item->name));
	memcpy(item->owner, record->owner, sizeof(item->owner));
	memcpy(item->purpose, record->purpose, sizeof(item->purpose));
}

static int item_order(const void *left, const void *right)
{
	const struct model_item *a = left, *b = right;

	if (a->page != b->page)
		return a->page < b->page ? -1 : 1;
	return (int)a->kind - (int)b->kind;
}

static bool is_directory(const struct pm_run *run)
{
	return run->record && run->record->kind == PM_RECORD_DIRECTORY;
}

void model_view_take(const struct pm_pool *pool, struct model_view *view)
{
	const struct pm_record *record;
	struct pm_usage usage;
	struct pm_run run;
	uint64_t cursor = 0;
	uint32_t region = 0;

	view->count = 0;
	pm_usage_get(pool, &usage);
	memcpy(view->pool_name, pool->sb.pool_name, sizeof(view->pool_name));
	view->regions = pool->region_count;
	view->pages_free = usage.pages_free;
	view->pages_bad = usage.pages_bad;
	view->records = usage.records;
	for (uint64_t from = 0; pm_run_next(pool, from, &run); from = run.page + run.pages) {
		if (!is_directory(&run)) {
			struct model_item *item = item_add(view);

			item->page = run.page;
			item->pages = run.pages;
			if (run.record)
				item_label(item, run.record);
		}
	}
	while ((record = pm_record_next(pool, &cursor, &region))) {
		if (record->kind == PM_RECORD_DIRECTORY)
			view->pages_free += record->pages;
		if (record->kind == PM_RECORD_QUARANTINE || record->kind == PM_RECORD_MEMBER) {
			struct model_item *item = item_add(view);
			bool member = record->kind == PM_RECORD_MEMBER;

			item->kind = member ? MODEL_MEMBER : MODEL_QUARANTINE;
			item->page = record->page + (member ? 0 : pool->infos[region].first_pool_page);
			item->pages = record->pages;
			item_label(item, record);
		}
	}
	if (view->count)
		qsort(view->items, view->count, sizeof(*view->items), item_order);
}

bool model_view_equal(const struct model_view *a, const struct model_view *b)
{
	return strcmp(a->pool_name, b->pool_name) == 0 && a->regions == b->regions && a->count == b->count &&
	       (!a->count || memcmp(a->items, b->items, a->count * sizeof(a->items[0])) == 0) &&
	       a->pages_free == b->pages_free && a->pages_bad == b->pages_bad && a->records == b->records;
}

void model_view_end(struct model_view *view)
{
	free(view->items);
	memset(view, 0, sizeof(*view));
}

void model_assert_adds_up(const struct pm_pool *pool)
{
	const char *wrong = model_audit(pool);

	if (wrong)
		fail_msg("%s", wrong);
}

bool model_recovered_anything(const struct pm_pool *pool)
{
	return pool->recovered.runs_taken_back || pool->recovered.pages_taken_back ||
	       pool->recovered.records_finished || pool->recovered.records_dropped || pool->recovered.checks_renewed ||
	       pool->recovered.blocks_taken_back || pool->recovered.superblock_mended;
}

/* splitmix64 */
uint64_t model_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}
