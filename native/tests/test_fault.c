/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for faults of every kind: they change what they tell and nothing else, where they may, by the seed. */
#include "test_fault_pool.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 6 };

static bool of_metadata(unsigned kind)
{
	return kind >= PM_FAULT_SUPERBLOCK;
}

static void set_up(struct fault_pool **pool)
{
	*pool = malloc(sizeof(**pool));
	assert_non_null(*pool);
	fault_pool_open(*pool);
}

static void tear_down(struct fault_pool *pool)
{
	fault_pool_close(pool);
	free(pool);
}

/* With the bytes that were told put back, the region is what it was; of content the first and the last byte of what
 * is told did change. */
static void assert_told_exactly(struct fault_pool *pool, unsigned kind)
{
	assert_true(pool->count > 0);
	for (size_t i = 0; i < pool->count; i++) {
		uint64_t at = fault_offset(&pool->faults[i]), bytes = pool->faults[i].bytes;

		assert_true(bytes > 0 && bytes <= FAULT_BYTES && at <= FAULT_BYTES - bytes);
		assert_int_equal(at / PM_PAGE_SIZE, pool->faults[i].page);
		assert_int_equal((at + bytes - 1) / PM_PAGE_SIZE, pool->faults[i].page);
		assert_true(strlen(pool->faults[i].detail) > 0);
		if (!of_metadata(kind)) {
			assert_int_not_equal(pool->region.memory[at], pool->before[at]);
			assert_int_not_equal(pool->region.memory[at + bytes - 1], pool->before[at + bytes - 1]);
		}
		assert_memory_not_equal(pool->region.memory + at, pool->before + at, bytes);
	}
	for (size_t i = 0; i < pool->count; i++)
		memcpy(pool->region.memory + fault_offset(&pool->faults[i]),
		       pool->before + fault_offset(&pool->faults[i]), pool->faults[i].bytes);
	assert_memory_equal(pool->region.memory, pool->before, FAULT_BYTES);
}

static void each_kind_changes_what_it_tells(void **state)
{
	struct fault_pool *pool;

	(void)state;
	set_up(&pool);
	for (unsigned kind = 0; kind < PM_FAULT_COUNT; kind++)
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			struct pm_fault_request request = {(enum pm_fault_kind)kind, seed, seed % 3 * 5, 0, 0};

			assert_int_equal(fault_pool_inject(pool, &request), PM_OK);
			assert_told_exactly(pool, kind);
			fault_pool_restore(pool);
		}
	tear_down(pool);
}

static void a_seed_tells_everything(void **state)
{
	struct fault_pool *pool;
	struct pm_fault first[64];
	uint8_t *made = malloc(FAULT_BYTES);

	(void)state;
	assert_non_null(made);
	set_up(&pool);
	for (unsigned kind = 0; kind < PM_FAULT_COUNT; kind++) {
		struct pm_fault_request request = {.kind = (enum pm_fault_kind)kind, .seed = 77, .pages = 3};
		size_t count;

		assert_int_equal(fault_pool_inject(pool, &request), PM_OK);
		count = pool->count < 64 ? pool->count : 64;
		memcpy(first, pool->faults, count * sizeof(*first));
		memcpy(made, pool->region.memory, FAULT_BYTES);
		fault_pool_restore(pool);
		assert_int_equal(fault_pool_inject(pool, &request), PM_OK);
		assert_memory_equal(pool->region.memory, made, FAULT_BYTES);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(pool->faults[i].address, first[i].address);
			assert_string_equal(pool->faults[i].detail, first[i].detail);
		}
		fault_pool_restore(pool);
		for (request.seed = 78; request.seed < 82; request.seed++) {
			assert_int_equal(fault_pool_inject(pool, &request), PM_OK);
			if (memcmp(pool->region.memory, made, FAULT_BYTES) != 0)
				break;
			fault_pool_restore(pool);
		}
		if (request.seed == 82)
			fail_msg("%s does not depend on its seed", pm_fault_name((enum pm_fault_kind)kind));
		fault_pool_restore(pool);
	}
	free(made);
	tear_down(pool);
}

/* The page that a fault of the metadata is about, from its words. */
static uint64_t page_meant(const struct pm_fault *fault)
{
	const char *words = strstr(fault->detail, "page ");

	assert_non_null(words);
	return strtoull(words + 5, NULL, 10);
}

static void ranges_are_respected(void **state)
{
	static const uint64_t ranges[][2] = {{100, 400}, {401, 433}, {1000, 1001}, {1033, 2000}, {700, 0}};
	struct fault_pool *pool;

	(void)state;
	set_up(&pool);
	for (unsigned kind = 0; kind < PM_FAULT_COUNT; kind++)
		for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
			uint64_t first = ranges[i][0], end = ranges[i][1] ? ranges[i][1] : FAULT_BYTES / PM_PAGE_SIZE;
			struct pm_fault_request request = {(enum pm_fault_kind)kind, i, 9, first, ranges[i][1]};
			enum pm_code code = fault_pool_inject(pool, &request);

			assert_true(code == PM_OK || code == PM_E_NOT_ALLOCATED);
			assert_int_equal(code == PM_OK, pool->count > 0);
			if (kind == PM_FAULT_SUPERBLOCK)
				assert_int_equal(code, PM_E_NOT_ALLOCATED);
			for (size_t n = 0; n < pool->count; n++) {
				uint64_t page = of_metadata(kind) ? page_meant(&pool->faults[n]) : pool->faults[n].page;

				assert_in_range(page, first, end - 1);
			}
			fault_pool_restore(pool);
		}
	tear_down(pool);
}

static bool in_directory(struct fault_pool *pool, uint64_t page)
{
	struct pm_run run;

	for (uint32_t n = 0; pm_directory_run(&pool->region.pool, 0, n, &run); n++)
		if (page >= run.page && page - run.page < run.pages)
			return true;
	return false;
}

static int by_page(const void *left, const void *right)
{
	const struct pm_fault *a = left, *b = right;

	return a->page < b->page ? -1 : a->page > b->page;
}

/* All that suit, when more are asked for than there are: none twice, none that is not allocated. */
static void content_stands_in_allocated_pages(void **state)
{
	struct fault_pool *pool;

	(void)state;
	set_up(&pool);
	for (unsigned kind = 0; kind < PM_FAULT_SUPERBLOCK; kind++) {
		struct pm_fault_request request = {.kind = (enum pm_fault_kind)kind, .seed = 5, .pages = 4096};

		assert_int_equal(fault_pool_inject(pool, &request), PM_OK);
		qsort(pool->faults, pool->count, sizeof(*pool->faults), by_page);
		for (size_t i = 0; i < pool->count; i++) {
			enum pm_page_state is = pm_page_state_get(&pool->region.pool, pool->faults[i].page);

			assert_true(is == PM_PAGE_HEAD || is == PM_PAGE_CONTINUES);
			assert_false(in_directory(pool, pool->faults[i].page));
			if (i)
				assert_true(pool->faults[i].page > pool->faults[i - 1].page);
		}
		assert_told_exactly(pool, kind);
		assert_null(model_audit(&pool->region.pool));
		fault_pool_restore(pool);
	}
	tear_down(pool);
}

static void as_many_pages_as_asked_for(void **state)
{
	struct fault_pool *pool;

	(void)state;
	set_up(&pool);
	for (unsigned kind = 0; kind < PM_FAULT_SHIFTED; kind++) {
		struct pm_fault_request request = {.kind = (enum pm_fault_kind)kind, .seed = 3, .pages = 7};

		assert_int_equal(fault_pool_inject(pool, &request), PM_OK);
		assert_int_equal(pool->count, 7);
		fault_pool_restore(pool);
	}
	tear_down(pool);
}

/* Over 400 seeds each eighth of the allocated pages is met about as often as the others: 50 times. */
static void every_place_is_as_likely(void **state)
{
	struct pm_fault_request request = {.kind = PM_FAULT_BIT_FLIP};
	uint64_t first, end, met[8] = {0}, bits[8] = {0};
	struct pm_alloc_request all = {.pages = 1};
	struct fault_pool *pool = malloc(sizeof(*pool));
	struct pm_run run;

	(void)state;
	assert_non_null(pool);
	fault_pool_open_empty(pool);
	while (pm_alloc(&pool->region.pool, &all, &model_act, &run) == PM_OK)
		;
	assert_true(pm_page_data(&pool->region.pool, run.page, &first, &end));
	for (request.seed = 0; request.seed < 400; request.seed++) {
		assert_int_equal(fault_pool_inject(pool, &request), PM_OK);
		met[(pool->faults[0].page - first) * 8 / (end - first)]++;
		bits[pool->faults[0].address % PM_PAGE_SIZE * 8 / PM_PAGE_SIZE]++;
	}
	for (unsigned i = 0; i < 8; i++) {
		assert_in_range(met[i], 25, 75);
		assert_in_range(bits[i], 25, 75);
	}
	fault_pool_close(pool);
	free(pool);
}

static void an_empty_pool_has_nothing_to_spoil(void **state)
{
	struct fault_pool *pool = malloc(sizeof(*pool));

	(void)state;
	assert_non_null(pool);
	fault_pool_open_empty(pool);
	for (unsigned kind = 0; kind < PM_FAULT_COUNT; kind++) {
		struct pm_fault_request request = {.kind = (enum pm_fault_kind)kind, .seed = 1};

		if (kind == PM_FAULT_SUPERBLOCK)
			continue;
		assert_int_equal(fault_pool_inject(pool, &request), PM_E_NOT_ALLOCATED);
		assert_non_null(strstr(pool->err.message, pm_fault_name(request.kind)));
		assert_int_equal(pool->count, 0);
		assert_memory_equal(pool->region.memory, pool->before, FAULT_BYTES);
	}
	fault_pool_close(pool);
	free(pool);
}

static void a_pool_that_can_only_be_read_is_left_alone(void **state)
{
	struct fault_pool *pool;

	(void)state;
	set_up(&pool);
	pool->region.pool.read_only = true;
	for (unsigned kind = 0; kind < PM_FAULT_COUNT; kind++) {
		struct pm_fault_request request = {.kind = (enum pm_fault_kind)kind};

		assert_int_equal(fault_pool_inject(pool, &request), PM_E_POOL_READ_ONLY);
		assert_int_equal(pool->count, 0);
	}
	assert_memory_equal(pool->region.memory, pool->before, FAULT_BYTES);
	tear_down(pool);
}

static void attaching_notices_faults_of_metadata(void **state)
{
	struct fault_pool *pool;

	(void)state;
	set_up(&pool);
	for (unsigned kind = PM_FAULT_SUPERBLOCK; kind < PM_FAULT_COUNT; kind++)
		for (uint64_t seed = 0; seed < 4 * SEEDS; seed++) {
			struct pm_fault_request request = {.kind = (enum pm_fault_kind)kind, .seed = seed};
			struct pm_pool attached;
			enum pm_code code;

			assert_int_equal(fault_pool_inject(pool, &request), PM_OK);
			code = model_attach(&attached, pool->region.memory, FAULT_BYTES);
			if (code == PM_OK)
				fail_msg("seed %u: not noticed: %s", (unsigned)seed, pool->faults[0].detail);
			assert_true(code == PM_E_POOL_CORRUPT || code == PM_E_POOL_NOT_FOUND);
			fault_pool_restore(pool);
		}
	tear_down(pool);
}

static void names_are_read_back(void **state)
{
	enum pm_fault_kind kind;

	(void)state;
	for (unsigned i = 0; i < PM_FAULT_COUNT; i++) {
		assert_true(pm_fault_parse(pm_fault_name((enum pm_fault_kind)i), &kind));
		assert_int_equal(kind, i);
	}
	assert_false(pm_fault_parse("bit", &kind));
	assert_false(pm_fault_parse("", &kind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_changes_what_it_tells),
		cmocka_unit_test(a_seed_tells_everything),
		cmocka_unit_test(ranges_are_respected),
		cmocka_unit_test(content_stands_in_allocated_pages),
		cmocka_unit_test(as_many_pages_as_asked_for),
		cmocka_unit_test(every_place_is_as_likely),
		cmocka_unit_test(an_empty_pool_has_nothing_to_spoil),
		cmocka_unit_test(a_pool_that_can_only_be_read_is_left_alone),
		cmocka_unit_test(attaching_notices_faults_of_metadata),
		cmocka_unit_test(names_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
