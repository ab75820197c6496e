/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocate and free without records: sizes, alignment, constraints, regions; what is refused and what is found. */
#include "model.h"
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)

static enum pm_code alloc(struct pm_pool *pool, uint64_t pages, uint32_t order, struct pm_run *run)
{
	struct pm_alloc_request request = {.pages = pages, .align_order = order};

	return pm_alloc(pool, &request, &model_act, run);
}

static void requests_that_cannot_be(void **state)
{
	static const struct {
		struct pm_alloc_request request;
		enum pm_code code;
	} cases[] = {
		{{.pages = 0}, PM_E_COUNT_INVALID},
		{{.pages = UINT64_MAX}, PM_E_COUNT_INVALID},
		{{.pages = 256}, PM_E_COUNT_INVALID}, /* fewer of them are for data */
		{{.pages = 1, .align_order = 9}, PM_E_ORDER_TOO_LARGE},
		{{.pages = 1, .align_order = 64}, PM_E_ORDER_TOO_LARGE},
		{{.pages = 1, .align_order = UINT32_MAX}, PM_E_ORDER_TOO_LARGE},
		{{.pages = 5, .within_order = 2}, PM_E_COUNT_INVALID},
		{{.pages = 1, .address_from = MODEL_BASE + MIB}, PM_E_NO_SPACE},
		{{.pages = 1, .address_from = UINT64_MAX}, PM_E_NO_SPACE},
		{{.pages = 1, .address_to = 1}, PM_E_NO_SPACE},
		{{.pages = 1, .address_from = MODEL_BASE + MIB / 2 + 1, .address_to = MODEL_BASE + MIB / 2 + 4097},
		 PM_E_NO_SPACE},
		{{.pages = 1, .placement = PM_PLACE_NODE, .node = 3}, PM_E_NO_SPACE},
		{{.pages = 1, .placement = PM_PLACE_REGION, .node = 1}, PM_E_NO_SPACE},
		{{.pages = 1, .name = "a/b"}, PM_E_NAME_INVALID},
		{{.pages = 1, .name = "n", .owner = "an owner of more than thirty-one bytes"}, PM_E_NAME_INVALID},
		{{.pages = 1, .owner = "an owner of more than thirty-one bytes"}, PM_E_NAME_INVALID},
		{{.pages = 1, .name = "n", .purpose = "a\nb"}, PM_E_NAME_INVALID},
		{{.pages = 5, .within_order = 3}, PM_OK},
		{{.pages = 1, .within_order = UINT32_MAX}, PM_OK},
		{{.pages = 1, .lane = UINT32_MAX}, PM_OK},
		{{.pages = 1, .placement = PM_PLACE_NODE, .node = -1}, PM_OK},
		{{.pages = 1, .placement = PM_PLACE_REGION, .node = 0}, PM_OK},
		{{.pages = 1, .name = ""}, PM_OK},
		{{.pages = 1, .name = "n"}, PM_OK},
	};
	struct model_region region;

	model_region_make(&region, MIB);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_run run;
		enum pm_code code = pm_alloc(&region.pool, &cases[i].request, &model_act, &run);

		if (code != cases[i].code)
			fail_msg("case %zu: %s", i, code ? pm_error_name(code) : "done");
	}
	model_assert_adds_up(&region.pool);
	region.pool.read_only = true;
	assert_int_equal(pm_alloc(&region.pool, &cases[0].request, &model_act, &(struct pm_run){0}),
			 PM_E_POOL_READ_ONLY);
	model_region_end(&region);
}

/* --- regions at places of all alignments --- */

struct place {
	uint64_t base, bytes;
	bool flush;
};
static const struct place places[] = {
	{0, 128 * MIB, false},
	{UINT64_C(1) << 32, 128 * MIB, false},
	{MODEL_BASE, 128 * MIB, false}, /* an odd page frame number */
	{(UINT64_C(5) << 30) + 64 * 4096, 96 * MIB + 7 * 4096, false}, /* words are aligned, blocks are not */
	{(UINT64_C(3) << 30) + 26 * MIB, 130 * MIB + 4096, true}, /* blocks are, groups of them are not */
};
enum { PLACES = sizeof(places) / sizeof(places[0]) };

struct region {
	struct pm_mapping mapping;
	struct pm_pool pool;
};

static void region_make(struct region *region, const struct place *place)
{
	struct pm_pool_request request = model_request();

	region->mapping =
		(struct pm_mapping){aligned_alloc(4096, place->bytes), place->bytes, place->base, place->flush};
	memset(region->mapping.base, 0xa5, place->bytes);
	request.physical_base = place->base;
	request.flush = place->flush;
	assert_int_equal(pm_pool_format(region->mapping.base, place->bytes, &request, &model_act), PM_OK);
	assert_int_equal(pm_pool_attach(&region->pool, &region->mapping, 1, 0, &model_memory, &model_act), PM_OK);
	assert_int_equal(pm_pool_begin(&region->pool, false, &model_act), PM_OK);
}

static void region_end(struct region *region)
{
	model_assert_adds_up(&region->pool);
	pm_pool_end(&region->pool);
	pm_pool_detach(&region->pool);
	assert_int_equal(pm_pool_attach(&region->pool, &region->mapping, 1, 0, &model_memory, &model_act), PM_OK);
	assert_false(model_recovered_anything(&region->pool));
	model_assert_adds_up(&region->pool);
	pm_pool_detach(&region->pool);
	assert_int_equal(model_memory_out(), 0);
	free(region->mapping.base);
}

static void every_order_is_aligned_to_physical_addresses(void **state)
{
	for (size_t i = 0; i < PLACES; i++) {
		struct region region;
		struct pm_run run;

		region_make(&region, &places[i]);
		for (uint32_t order = 0; order <= 13; order++)
			for (int times = 0; times < 2; times++) {
				enum pm_code code = alloc(&region.pool, UINT64_C(1) << order, order, &run);

				if (code && order < 13)
					fail_msg("place %zu, order %u: %s", i, order, pm_error_name(code));
				if (!code)
					assert_int_equal(pm_page_address(&region.pool, run.page) % (4096u << order), 0);
			}
		region_end(&region);
	}
}

static void a_full_region_can_be_emptied_again(void **state)
{
	static const uint64_t sizes[] = {1, 3, 8, 33, 64, 200, 512, 1100};

	for (size_t i = 0; i < PLACES; i++) {
		for (size_t size = 0; size < sizeof(sizes) / sizeof(sizes[0]); size++) {
			struct place place = {places[i].base, places[i].bytes / 4096 / 4 * 4096, places[i].flush};
			struct region region;
			struct pm_usage before, full, after;
			struct pm_run run;

			region_make(&region, &place);
			pm_usage_get(&region.pool, &before);
			while (alloc(&region.pool, sizes[size], 0, &run) == PM_OK)
				;
			pm_usage_get(&region.pool, &full);
			assert_true(full.largest_free_run < sizes[size]);
			for (uint64_t from = 0; pm_run_next(&region.pool, from, &run); from = run.page + run.pages)
				assert_int_equal(pm_free(&region.pool, run.page, 0, &run), PM_OK);
			pm_usage_get(&region.pool, &after);
			assert_memory_equal(&after, &before, sizeof(after));
			region_end(&region);
		}
	}
}

/* Where the hints are all there is, nothing may be lost on the way: the largest order fits again and again. */
static void split_blocks_are_joined_when_they_are_wanted(void **state)
{
	for (size_t i = 0; i < PLACES; i++) {
		struct region region;
		struct pm_usage usage;
		struct pm_run run;

		region_make(&region, &places[i]);
		for (uint32_t round = 0; round < 12; round++) {
			pm_usage_get(&region.pool, &usage);
			assert_int_equal(alloc(&region.pool, UINT64_C(1) << usage.largest_free_order,
					       usage.largest_free_order, &run),
					 PM_OK);
			assert_int_equal(pm_free(&region.pool, run.page, round, &run), PM_OK);
			while (alloc(&region.pool, UINT64_C(1) << round % 9, round % 9, &run) == PM_OK)
				;
			for (uint64_t from = 0; pm_run_next(&region.pool, from, &run); from = run.page + run.pages)
				assert_int_equal(pm_free(&region.pool, run.page, round % 3, &run), PM_OK);
		}
		region_end(&region);
	}
}

static void only_the_head_of_an_allocation_can_be_freed(void **state)
{
	static const uint64_t sizes[] = {1, 2, 31, 32, 40, 512, 513, 1024, 2000};
	struct model_region region;

	model_region_make(&region, 32 * MIB);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct pm_run run, freed;

		assert_int_equal(alloc(&region.pool, sizes[i], 0, &run), PM_OK);
		for (uint64_t page = run.page + 1; page <= run.page + sizes[i]; page++)
			assert_int_equal(pm_free(&region.pool, page, 0, &freed), PM_E_NOT_ALLOCATED);
		assert_int_equal(pm_free(&region.pool, run.page, 0, &freed), PM_OK);
		assert_int_equal(freed.page, run.page);
		assert_int_equal(freed.pages, sizes[i]);
		assert_int_equal(pm_free(&region.pool, run.page, 0, &freed), PM_E_NOT_ALLOCATED);
	}
	for (uint64_t page = 0; page < region.pool.infos[0].data_first; page++)
		assert_int_equal(pm_free(&region.pool, page, 0, &(struct pm_run){0}), PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_free(&region.pool, region.pool.infos[0].data_end, 0, &(struct pm_run){0}),
			 PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_free(&region.pool, UINT64_MAX, 0, &(struct pm_run){0}), PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_page_state_get(&region.pool, region.pool.page_end), PM_PAGE_BAD);
	model_region_end(&region);
}

/* --- constraints, against a search that tries every place --- */

struct map {
	uint8_t *used; /* of each page */
	uint64_t count, base;
};

static bool place_fits(const struct map *map, const struct pm_alloc_request *request, uint64_t page)
{
	uint64_t frame = map->base / 4096 + page, last = frame + request->pages - 1;

	if (frame % (UINT64_C(1) << request->align_order))
		return false;
	if (request->within_order && frame >> request->within_order != last >> request->within_order)
		return false;
	if (frame * 4096 < request->address_from)
		return false;
	if (request->address_to && (last + 1) * 4096 > request->address_to)
		return false;
	for (uint64_t i = 0; i < request->pages; i++)
		if (page + i >= map->count || map->used[page + i])
			return false;
	return true;
}

static bool any_place(const struct map *map, const struct pm_alloc_request *request)
{
	for (uint64_t page = 0; page < map->count; page++)
		if (!map->used[page] && place_fits(map, request, page))
			return true;
	return false;
}

static void map_take(struct map *map, const struct region *region)
{
	map->base = region->mapping.physical_base;
	map->count = region->mapping.bytes / 4096;
	map->used = malloc(map->count);
	for (uint64_t page = 0; page < map->count; page++)
		map->used[page] = pm_page_state_get(&region->pool, page) != PM_PAGE_FREE;
}

static struct pm_alloc_request request_at_random(const struct map *map, uint64_t *seed)
{
	uint64_t kind = model_random(seed) % 8;
	struct pm_alloc_request request = {.lane = (uint32_t)(model_random(seed) % 3)};

	request.pages = 1 + model_random(seed) % (UINT64_C(1) << model_random(seed) % 12);
	if (kind % 2)
		request.align_order = (uint32_t)(model_random(seed) % 11);
	if (kind & 2)
		request.within_order = (uint32_t)(64 - __builtin_clzll(request.pages) + model_random(seed) % 4);
	if (kind & 4) {
		request.address_from = map->base + model_random(seed) % (map->count * 4096);
		request.address_to = request.address_from + 1 + model_random(seed) % (map->count * 4096);
	}
	return request;
}

static void every_place_that_fits_is_found_and_no_other(void **state)
{
	uint64_t seed = 1, refused = 0;

	for (size_t i = 0; i < PLACES; i++) {
		struct place place = {places[i].base, 8 * MIB + places[i].bytes % MIB, places[i].flush};
		struct region region;
		struct map map;

		region_make(&region, &place);
		map_take(&map, &region);
		for (unsigned round = 0; round < 6000; round++) {
			struct pm_alloc_request request = request_at_random(&map, &seed);
			struct pm_run run;
			enum pm_code code = pm_alloc(&region.pool, &request, &model_act, &run);

			if (code == PM_E_NO_SPACE && any_place(&map, &request))
				fail_msg("place %zu, round %u: a place was not found", i, round);
			if (!code && !place_fits(&map, &request, run.page))
				fail_msg("place %zu, round %u: page %llu does not fit", i, round,
					 (unsigned long long)run.page);
			if (!code)
				memset(map.used + run.page, 1, run.pages);
			refused += code != PM_OK;
			for (int times = 0; times < 2; times++)
				if (model_random(&seed) % 9 < (code ? 8 : 3) &&
				    pm_run_next(&region.pool, model_random(&seed) % map.count, &run)) {
					assert_int_equal(pm_free(&region.pool, run.page, request.lane, &run), PM_OK);
					memset(map.used + run.page, 0, run.pages);
				}
		}
		free(map.used);
		region_end(&region);
	}
	assert_true(refused > 1000);
}

/* --- several regions --- */

/* The region with the most free pages; of equals the first. */
static uint32_t emptiest(const struct pm_pool *pool)
{
	struct pm_usage usage;
	uint64_t most = 0;
	uint32_t best = 0;

	for (uint32_t i = 0; i < pool->region_count; i++) {
		assert_true(pm_member_usage_get(pool, i, &usage));
		if (usage.pages_free > most) {
			most = usage.pages_free;
			best = i;
		}
	}
	return best;
}

static void regions_are_chosen_as_asked(void **state)
{
	struct region region;
	struct pm_mapping more[2];
	struct pm_pool_request request = model_request();
	struct pm_run run;

	region_make(&region, &places[1]);
	for (uint32_t i = 0; i < 2; i++) {
		more[i] = (struct pm_mapping){aligned_alloc(4096, 256 * MIB >> i), 256 * MIB >> i,
					      (UINT64_C(10) + i) << 32, false};
		memset(more[i].base, 0, more[i].bytes);
		request.region_uuid[0] = (uint8_t)i;
		request.numa_node = (int32_t)i + 4;
		assert_int_equal(pm_pool_extend(&region.pool, &more[i], &request, &model_act), PM_OK);
	}
	for (uint32_t i = 0; i < 100; i++) {
		static const struct {
			enum pm_placement placement;
			int32_t node;
			uint32_t region;
		} cases[] = {{PM_PLACE_FIRST, 0, 0}, {PM_PLACE_MOST_FREE, 0, 1}, {PM_PLACE_NODE, 5, 2},
			     {PM_PLACE_NODE, 4, 1},  {PM_PLACE_REGION, 2, 2},	 {PM_PLACE_REGION, 0, 0}};
		struct pm_alloc_request asked = {
			.pages = i + 1, .placement = cases[i % 6].placement, .node = cases[i % 6].node};
		const struct pm_member_info *info = &region.pool.infos[cases[i % 6].region];

		assert_int_equal(pm_alloc(&region.pool, &asked, &model_act, &run), PM_OK);
		assert_in_range(run.page, info->first_pool_page, info->first_pool_page + info->page_count - 1);
	}
	for (unsigned i = 0; i < 200; i++) {
		const struct pm_alloc_request most = {.pages = 256, .placement = PM_PLACE_MOST_FREE};
		uint32_t best = emptiest(&region.pool);

		assert_int_equal(pm_alloc(&region.pool, &most, &model_act, &run), PM_OK);
		assert_ptr_equal(pm_member_at(&region.pool, run.page, NULL), region.pool.members[best]);
	}
	model_assert_adds_up(&region.pool);
	pm_pool_detach(&region.pool);
	assert_int_equal(model_memory_out(), 0);
	free(more[0].base);
	free(more[1].base);
	free(region.mapping.base);
}

static void what_another_process_freed_is_found(void **state)
{
	struct model_region region;
	struct pm_pool other;
	struct pm_run run, freed;
	uint64_t count = 0;

	model_region_make(&region, 8 * MIB);
	assert_int_equal(model_attach(&other, region.memory, region.bytes), PM_OK);
	for (uint64_t pages = 700; pages; pages /= 2)
		while (alloc(&region.pool, pages, 0, &run) == PM_OK)
			count++;
	assert_int_equal(alloc(&other, 1, 0, &run), PM_E_NO_SPACE);
	for (int round = 0; round < 3; round++) {
		assert_int_equal(pm_pool_begin(&other, false, &model_act), PM_OK);
		assert_true(pm_run_next(&other, 0, &run));
		assert_int_equal(pm_free(&other, run.page, 0, &freed), PM_OK);
		pm_pool_end(&other);
		assert_int_equal(pm_pool_begin(&region.pool, false, &model_act), PM_OK);
		assert_int_equal(alloc(&region.pool, freed.pages, 0, &run), PM_OK);
		pm_pool_end(&region.pool);
		assert_int_equal(run.page, freed.page);
	}
	pm_pool_detach(&other);
	model_region_end(&region);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_that_cannot_be),
		cmocka_unit_test(every_order_is_aligned_to_physical_addresses),
		cmocka_unit_test(a_full_region_can_be_emptied_again),
		cmocka_unit_test(split_blocks_are_joined_when_they_are_wanted),
		cmocka_unit_test(only_the_head_of_an_allocation_can_be_freed),
		cmocka_unit_test(every_place_that_fits_is_found_and_no_other),
		cmocka_unit_test(regions_are_chosen_as_asked),
		cmocka_unit_test(what_another_process_freed_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
