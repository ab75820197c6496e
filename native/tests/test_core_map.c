/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page map held against one that asks for each page by itself: cells of every level, ranges, and runs found in both
 * directions, over pools of several regions in random use.
 */
#include "model.h"
#include "pmpool/map.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REGIONS 3
#define RUNS 512

/* No multiples of a block, so that there are gaps; 0: whole blocks at its end. */
static const uint64_t region_pages[REGIONS] = {2048 + 5 * 512 + 77, 300, 9 * 512};

struct fixture {
	struct pm_mapping mappings[REGIONS];
	struct pm_pool pool;
	char *pages; /* of each pool page: one of the letters below */
	uint64_t runs[RUNS]; /* first pages of allocations; UINT64_MAX: not in use */
	uint64_t seed;
};
enum { FREE = '.', METADATA = 'm', FIRST = 'A', CONTINUES = 'a', BAD = '!', ABSENT = ' ' };

/* --- a pool, and the reference --- */

static void make(struct fixture *fixture, uint64_t seed)
{
	memset(fixture, 0, sizeof(*fixture));
	memset(fixture->runs, 0xff, sizeof(fixture->runs));
	fixture->seed = seed;
	for (uint32_t i = 0; i < REGIONS; i++) {
		struct pm_pool_request request = model_request();
		uint64_t bytes = region_pages[i] * 4096;
		/* odd places: blocks are not aligned by their addresses */
		struct pm_mapping mapping = {.bytes = bytes, .physical_base = MODEL_BASE + i * (UINT64_C(1) << 32)};

		mapping.base = aligned_alloc(4096, bytes);
		assert_non_null(mapping.base);
		memset(mapping.base, 0x5a, bytes);
		fixture->mappings[i] = mapping;
		request.region_uuid[15] = (uint8_t)i;
		request.physical_base = mapping.physical_base;
		if (i == 0) {
			assert_int_equal(pm_pool_format(mapping.base, bytes, &request, &model_act), PM_OK);
			assert_int_equal(pm_pool_attach(&fixture->pool, &mapping, 1, 0, &model_memory, &model_act),
					 PM_OK);
			assert_int_equal(pm_pool_begin(&fixture->pool, false, &model_act), PM_OK);
		} else {
			assert_int_equal(pm_pool_extend(&fixture->pool, &mapping, &request, &model_act), PM_OK);
		}
	}
}

static void end(struct fixture *fixture)
{
	free(fixture->pages);
	pm_pool_detach(&fixture->pool);
	for (int i = 0; i < REGIONS; i++)
		free(fixture->mappings[i].base);
}

static uint64_t below(struct fixture *fixture, uint64_t n)
{
	return model_random(&fixture->seed) % n;
}

static void take_one(struct fixture *fixture, uint64_t *slot)
{
	static const uint64_t most[] = {3, 40, 40, 200, 1200};
	struct pm_alloc_request request = {
		.pages = 1 + below(fixture, most[below(fixture, 5)]),
		.placement = PM_PLACE_REGION,
		.node = (int32_t)below(fixture, REGIONS),
	};
	struct pm_run run;
	char name[32];

	if (below(fixture, 20) == 0)
		request.pages = 512 << below(fixture, 2);
	if (below(fixture, 3) == 0) { /* records, so that the directory grows among the data */
		snprintf(name, sizeof(name), "run %zu", (size_t)(slot - fixture->runs));
		request.name = name;
	}
	if (pm_alloc(&fixture->pool, &request, &model_act, &run) == PM_OK)
		*slot = run.page;
}

static void change(struct fixture *fixture, int acts)
{
	for (int i = 0; i < acts; i++) {
		uint64_t *slot = &fixture->runs[below(fixture, RUNS)];
		struct pm_run run;

		if (*slot == UINT64_MAX) {
			take_one(fixture, slot);
		} else {
			assert_int_equal(pm_free(&fixture->pool, *slot, 0, &run), PM_OK);
			*slot = UINT64_MAX;
		}
		if (below(fixture, 60) == 0)
			pm_quarantine(&fixture->pool, below(fixture, fixture->pool.page_end), 1 + below(fixture, 5),
				      "test", &model_act);
	}
}

static char letter(const struct pm_pool *pool, uint64_t page)
{
	uint64_t index, first, past;
	struct pm_member *member = pm_member_at(pool, page, &index);
	struct pm_run part;

	if (!member)
		return ABSENT;
	if (!pm_page_data(pool, page, &first, &past) || page < first || page >= past)
		return METADATA;
	for (uint32_t region = 0; region < pool->region_count; region++)
		for (uint32_t n = 0; pm_directory_run(pool, region, n, &part); n++)
			if (page >= part.page && page - part.page < part.pages)
				return METADATA;
	switch (pm_page_state_get(pool, page)) {
	case PM_PAGE_FREE:
		return FREE;
	case PM_PAGE_HEAD:
		return FIRST;
	case PM_PAGE_BAD:
		return BAD;
	default:
		return CONTINUES;
	}
}

static void learn(struct fixture *fixture)
{
	free(fixture->pages);
	fixture->pages = malloc(fixture->pool.page_end);
	assert_non_null(fixture->pages);
	for (uint64_t page = 0; page < fixture->pool.page_end; page++)
		fixture->pages[page] = letter(&fixture->pool, page);
}

static struct pm_map_count count_pages(const struct fixture *fixture, uint64_t from, uint64_t to)
{
	struct pm_map_count count = {0};

	for (; from < to && from < fixture->pool.page_end; from++) {
		char is = fixture->pages[from];

		count.free += is == FREE;
		count.allocated += is == FIRST || is == CONTINUES;
		count.first += is == FIRST;
		count.bad += is == BAD;
		count.metadata += is == METADATA;
		count.absent += is == ABSENT;
	}
	return count;
}

static void assert_count(const struct pm_map_count *is, const struct pm_map_count *should)
{
	assert_int_equal(is->free, should->free);
	assert_int_equal(is->allocated, should->allocated);
	assert_int_equal(is->first, should->first);
	assert_int_equal(is->bad, should->bad);
	assert_int_equal(is->metadata, should->metadata);
	assert_int_equal(is->absent, should->absent);
}

/* --- cells --- */

struct told {
	const struct fixture *fixture;
	unsigned level;
	uint64_t next, cells;
};

static void compare_cell(void *context, const struct pm_map_count *count)
{
	struct told *told = context;
	struct pm_map_count should =
		count_pages(told->fixture, told->next << told->level, (told->next + 1) << told->level);

	assert_count(count, &should);
	told->next++;
	told->cells++;
}

/* Pages of the next piece of a walk: some end in a word, in a block, between two. */
static uint64_t piece(void)
{
	static const uint64_t most[] = {40, 512, 700, 3000};
	static uint64_t seed = 7;

	return 1 + model_random(&seed) % most[model_random(&seed) % 4];
}

static void compare_cells(const struct fixture *fixture, unsigned level, uint64_t first, uint64_t cells)
{
	uint64_t last = (fixture->pool.page_end - 1) >> level;
	uint64_t there = first > last ? 0 : last - first + 1 < cells ? last - first + 1 : cells;
	struct told told = {fixture, level, first, 0};
	struct pm_map_walk walk;

	pm_map_cells(&fixture->pool, level, first, cells, compare_cell, &told);
	assert_int_equal(told.cells, there);
	told.next = first;
	pm_map_cells_begin(&fixture->pool, level, first, cells, compare_cell, &told, &walk);
	for (uint64_t n = 0; !pm_map_cells_step(&fixture->pool, &walk, piece()); n++)
		assert_true(n < fixture->pool.page_end);
	assert_int_equal(told.cells, 2 * there);
}

static void compare_all_cells(struct fixture *fixture)
{
	for (unsigned level = 0; level <= PM_MAP_LEVEL_MAX; level++) {
		uint64_t last = (fixture->pool.page_end - 1) >> level;

		compare_cells(fixture, level, 0, UINT64_MAX);
		compare_cells(fixture, level, last, 1);
		compare_cells(fixture, level, last, UINT64_MAX);
		compare_cells(fixture, level, last + 1, 1);
		compare_cells(fixture, level, UINT64_MAX, 2);
		compare_cells(fixture, level, 0, 0);
		for (int i = 0; i < 10; i++)
			compare_cells(fixture, level, below(fixture, last + 1), 1 + below(fixture, 70));
	}
}

/* --- ranges --- */

static void compare_range(const struct fixture *fixture, uint64_t from, uint64_t to)
{
	struct pm_map_count should = count_pages(fixture, from, to);
	struct pm_map_range_walk walk;
	struct pm_map_range range;
	uint64_t runs = 0, page = 0, pages = 0;

	for (uint64_t at = from, past; at < to; at = past + 1) {
		for (past = at; past < to && fixture->pages[past] == FREE;)
			past++;
		runs += past > at;
		if (past - at > pages) {
			page = at;
			pages = past - at;
		}
	}
	pm_map_range_get(&fixture->pool, from, to, &range);
	pm_map_range_begin(from, to, &walk);
	for (uint64_t n = 0; !pm_map_range_step(&fixture->pool, &walk, piece()); n++)
		assert_true(n < fixture->pool.page_end);
	for (int n = 0; n < 2; n++) {
		const struct pm_map_range *is = n ? &walk.found : &range;

		assert_count(&is->count, &should);
		assert_int_equal(is->free_runs, runs);
		assert_int_equal(is->largest_free.pages, pages);
		if (pages)
			assert_int_equal(is->largest_free.page, page);
	}
}

static void compare_ranges(struct fixture *fixture)
{
	uint64_t all = fixture->pool.page_end;

	compare_range(fixture, 0, all);
	compare_range(fixture, 0, 0);
	compare_range(fixture, all, all);
	compare_range(fixture, all - 1, all);
	for (int i = 0; i < 300; i++) {
		uint64_t from = below(fixture, all), left = all - from;

		compare_range(fixture, from, from + 1 + below(fixture, i % 3 ? left : left < 100 ? left : 100));
	}
}

/* --- finding --- */

static bool is_what(char is, enum pm_map_what what)
{
	return is == (what == PM_MAP_FREE ? FREE : what == PM_MAP_BAD ? BAD : FIRST);
}

/* One past the run that `page` is in, no further than `to`. */
static uint64_t past_run(const struct fixture *fixture, enum pm_map_what what, uint64_t page, uint64_t to)
{
	char more = what == PM_MAP_ALLOCATION ? CONTINUES : fixture->pages[page];

	for (page++; page < to && fixture->pages[page] == more;)
		page++;
	return page;
}

static bool next_run(const struct fixture *fixture, enum pm_map_what what, uint64_t from, uint64_t pages,
		     struct pm_map_run *run)
{
	for (uint64_t page = from, past; page < fixture->pool.page_end; page = past) {
		past = page + 1;
		if (!is_what(fixture->pages[page], what))
			continue;
		past = past_run(fixture, what, page, fixture->pool.page_end);
		*run = (struct pm_map_run){page, past - page};
		if (what != PM_MAP_FREE || run->pages >= pages)
			return true;
	}
	return false;
}

static bool previous_run(const struct fixture *fixture, enum pm_map_what what, uint64_t from, uint64_t pages,
			 struct pm_map_run *run)
{
	uint64_t to = from < fixture->pool.page_end ? from + 1 : fixture->pool.page_end, past = to;

	for (uint64_t page = to; page-- > 0;) {
		if (!is_what(fixture->pages[page], what)) {
			past = page;
			continue;
		}
		if (what != PM_MAP_ALLOCATION && page && fixture->pages[page - 1] == fixture->pages[page])
			continue;
		if (what == PM_MAP_ALLOCATION)
			past = past_run(fixture, what, page, fixture->pool.page_end);
		*run = (struct pm_map_run){page, past - page};
		if (what != PM_MAP_FREE || run->pages >= pages)
			return true;
	}
	return false;
}

static void compare_search(const struct fixture *fixture, enum pm_map_what what, bool previous, uint64_t from,
			   uint64_t pages)
{
	struct pm_map_run is = {0}, should = {0};
	bool there = (previous ? previous_run : next_run)(fixture, what, from, pages, &should);
	struct pm_map_search search;

	assert_int_equal((previous ? pm_map_previous : pm_map_next)(&fixture->pool, what, from, pages, &is), there);
	pm_map_search_begin(what, previous, from, pages, &search);
	for (uint64_t n = 0; !pm_map_search_step(&fixture->pool, &search, piece()); n++)
		assert_true(n < fixture->pool.page_end);
	assert_int_equal(search.found, there);
	if (!there)
		return;
	assert_int_equal(is.page, should.page);
	assert_int_equal(is.pages, should.pages);
	assert_int_equal(search.run.page, should.page);
	assert_int_equal(search.run.pages, should.pages);
}

static void compare_find(const struct fixture *fixture, enum pm_map_what what, uint64_t from, uint64_t pages)
{
	compare_search(fixture, what, false, from, pages);
	compare_search(fixture, what, true, from, pages);
}

static void compare_finds(struct fixture *fixture)
{
	static const uint64_t lengths[] = {0, 1, 2, 3, 7, 31, 32, 33, 64, 100, 511, 512, 513, 1500, UINT64_MAX};
	uint64_t all = fixture->pool.page_end;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		compare_find(fixture, PM_MAP_FREE, 0, lengths[i]);
		compare_find(fixture, PM_MAP_FREE, all - 1, lengths[i]);
		compare_find(fixture, PM_MAP_FREE, all, lengths[i]);
		compare_find(fixture, PM_MAP_FREE, UINT64_MAX, lengths[i]);
		for (int n = 0; n < 40; n++)
			compare_find(fixture, PM_MAP_FREE, below(fixture, all), lengths[i]);
	}
	for (int n = 0; n < 300; n++) {
		uint64_t from = n == 0 ? 0 : n == 1 ? UINT64_MAX : below(fixture, all);

		compare_find(fixture, PM_MAP_ALLOCATION, from, 1);
		compare_find(fixture, PM_MAP_BAD, from, 1);
	}
}

/* --- the tests --- */

static void compare(struct fixture *fixture)
{
	learn(fixture);
	compare_all_cells(fixture);
	compare_ranges(fixture);
	compare_finds(fixture);
}

static void a_new_pool_is_free_but_for_its_metadata(void **state)
{
	struct fixture fixture;

	(void)state;
	make(&fixture, 1);
	compare(&fixture);
	end(&fixture);
}

static void pools_in_random_use(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct fixture fixture;
		struct pm_run part;

		make(&fixture, seed);
		for (int round = 0; round < 4; round++) {
			change(&fixture, 500);
			compare(&fixture);
		}
		assert_true(pm_directory_run(&fixture.pool, 0, 0, &part)); /* it grew: its pages were compared */
		end(&fixture);
	}
}

/* Every second page: the most runs that there can be, and the fewest pages in each. */
static void every_second_page(void **state)
{
	struct fixture fixture;
	struct pm_alloc_request request = {.pages = 1};
	struct pm_run run, freed;
	uint64_t count = 0;

	(void)state;
	make(&fixture, 3);
	while (pm_alloc(&fixture.pool, &request, &model_act, &run) == PM_OK)
		count++;
	compare(&fixture);
	for (uint64_t page = 0; page < fixture.pool.page_end; page += 2)
		if (pm_run_at(&fixture.pool, page, &run) == PM_OK)
			assert_int_equal(pm_free(&fixture.pool, page, 0, &freed), PM_OK);
	assert_true(count > 1000);
	compare(&fixture);
	end(&fixture);
}

static void regions_that_are_missing_are_absent(void **state)
{
	(void)state;
	for (uint32_t missing = 0; missing < REGIONS; missing++) {
		struct pm_mapping mappings[REGIONS];
		struct fixture fixture;
		uint32_t there = 0;

		make(&fixture, 10 + missing);
		change(&fixture, 800);
		pm_pool_end(&fixture.pool);
		pm_pool_detach(&fixture.pool);
		for (uint32_t i = 0; i < REGIONS; i++)
			if (i != missing)
				mappings[there++] = fixture.mappings[i];
		assert_int_equal(pm_pool_attach(&fixture.pool, mappings, there, 0, &model_memory, &model_act), PM_OK);
		assert_true(fixture.pool.degraded);
		compare(&fixture);
		end(&fixture);
	}
}

static void randomise(struct fixture *fixture, uint32_t region, enum pm_section_type type)
{
	const struct pm_superblock *sb = fixture->mappings[region].base;

	for (uint32_t s = 0; s < sb->section_count; s++) {
		uint8_t *section = (uint8_t *)fixture->mappings[region].base + sb->sections[s].offset;

		for (uint64_t at = 0; sb->sections[s].type == (uint32_t)type && at < sb->sections[s].bytes; at++)
			section[at] = (uint8_t)model_random(&fixture->seed);
	}
}

static void add_up(void *context, const struct pm_map_count *count)
{
	*(uint64_t *)context += count->free + count->allocated + count->bad + count->metadata + count->absent;
	assert_true(count->first <= count->allocated);
}

/* The medium may say anything at any time: a reader counts each page once all the same, and ends. */
static void states_of_any_bytes(void **state)
{
	struct fixture fixture;

	(void)state;
	make(&fixture, 20);
	for (int round = 0; round < 50; round++) {
		uint64_t all = fixture.pool.page_end, pages = 0, from = below(&fixture, all);
		struct pm_map_range range;
		struct pm_map_run run;

		for (uint32_t i = 0; i < REGIONS; i++) {
			randomise(&fixture, i, PM_SECTION_BLOCKS);
			randomise(&fixture, i, PM_SECTION_PAGE_STATES);
		}
		pm_map_cells(&fixture.pool, (unsigned)round % 12, 0, UINT64_MAX, add_up, &pages);
		assert_int_equal(pages, all);
		pm_map_range_get(&fixture.pool, from, all, &range);
		pages = 0;
		add_up(&pages, &range.count);
		assert_int_equal(pages, all - from);
		assert_true(range.largest_free.pages <= range.count.free && range.free_runs <= range.count.free);
		for (enum pm_map_what what = PM_MAP_FREE; what <= PM_MAP_BAD; what++) {
			if (pm_map_next(&fixture.pool, what, from, 3, &run))
				assert_true(run.page >= from && run.pages && run.page + run.pages <= all);
			if (pm_map_previous(&fixture.pool, what, from, 3, &run))
				assert_true(run.page <= from && run.pages && run.page + run.pages <= all);
		}
	}
	end(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_pool_is_free_but_for_its_metadata),
		cmocka_unit_test(pools_in_random_use),
		cmocka_unit_test(every_second_page),
		cmocka_unit_test(regions_that_are_missing_are_absent),
		cmocka_unit_test(states_of_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
