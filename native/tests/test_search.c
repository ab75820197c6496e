/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes looked for in a pool of regions beside each other and apart, with holes, against the plainest search. */
#include "model.h"
#include "pmpool/region.h"
#include "pmpool/search.h"
#include "sanitized.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)
#define REGIONS 4u
#define HOLES 3u /* of a region */

/* The second begins where the first ends, the others behind gaps. */
static const uint64_t sizes[REGIONS] = {4 * MIB, 3 * MIB + 5 * 4096, 2 * MIB + 4096, 4 * MIB};

struct hole {
	uint64_t first, end; /* bytes of the region */
};

struct lab {
	struct pm_mapping mappings[REGIONS];
	struct pm_pool pool;
	struct hole holes[REGIONS][HOLES];
	uint64_t end; /* of the pool, bytes */
	uint8_t *flat; /* the pool's bytes in a row */
	uint8_t *there; /* per page: 1 where a region is */
	uint32_t *runs; /* per page: number of the allocation, 0: none */
};

static void extend(struct lab *lab, uint32_t i)
{
	struct pm_pool_request request = model_request();

	request.region_uuid[15] = (uint8_t)i;
	assert_int_equal(pm_pool_begin(&lab->pool, false, &model_act), PM_OK);
	assert_int_equal(pm_pool_extend(&lab->pool, &lab->mappings[i], &request, &model_act), PM_OK);
	pm_pool_end(&lab->pool);
}

static void make_pool(struct lab *lab)
{
	for (uint32_t i = 0; i < REGIONS; i++) {
		lab->mappings[i] = (struct pm_mapping){.bytes = sizes[i], .physical_base = MODEL_BASE + i * 64 * MIB};
		lab->mappings[i].base =
			mmap(NULL, sizes[i], PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_ptr_not_equal(lab->mappings[i].base, MAP_FAILED);
	}
	for (uint32_t i = 0; i < REGIONS; i++) {
		struct pm_pool_request request = model_request();

		request.physical_base = MODEL_BASE;
		if (i > 0) {
			extend(lab, i);
			continue;
		}
		assert_int_equal(pm_pool_format(lab->mappings[0].base, sizes[0], &request, &model_act), PM_OK);
		assert_int_equal(pm_pool_attach(&lab->pool, lab->mappings, 1, 0, &model_memory, &model_act), PM_OK);
	}
}

/* Allocations of 1 to 40 pages, every fourth free again. */
static void allocate(struct lab *lab, uint64_t *random)
{
	struct pm_run runs[120], freed;

	assert_int_equal(pm_pool_begin(&lab->pool, false, &model_act), PM_OK);
	for (unsigned i = 0; i < 120; i++) {
		struct pm_alloc_request request = {.pages = 1 + model_random(random) % 40,
						   .placement = PM_PLACE_REGION,
						   .node = (int32_t)(i % REGIONS)};

		if (pm_alloc(&lab->pool, &request, &model_act, &runs[i]) != PM_OK)
			runs[i].pages = 0;
	}
	for (unsigned i = 0; i < 120; i += 4)
		if (runs[i].pages)
			assert_int_equal(pm_free(&lab->pool, runs[i].page, 0, &freed), PM_OK);
	pm_pool_end(&lab->pool);
}

static uint64_t region_start(const struct lab *lab, uint32_t i)
{
	return lab->pool.infos[i].first_pool_page * PM_PAGE_SIZE;
}

/* A few different bytes into the data pages, nothing into the holes: those may not even be read. */
static void fill(struct lab *lab, uint64_t *random)
{
	for (uint32_t i = 0; i < REGIONS; i++) {
		const struct pm_member_info *info = &lab->pool.infos[i];
		uint8_t *base = lab->mappings[i].base;

		for (uint64_t at = info->data_first * PM_PAGE_SIZE; at < info->data_end * PM_PAGE_SIZE; at++)
			base[at] = (uint8_t)(model_random(random) % 4 * 0x21);
		for (uint32_t j = 0; j < HOLES; j++) {
			uint64_t page = info->data_first + (info->data_end - info->data_first) * (j + 1) / (HOLES + 1);
			struct hole *hole = &lab->holes[i][j];

			*hole = (struct hole){page * PM_PAGE_SIZE, (page + 1 + j * 40) * PM_PAGE_SIZE};
			memset(base + hole->first, 0, hole->end - hole->first);
		}
	}
}

static void remember(struct lab *lab)
{
	struct pm_run run = {0};
	uint32_t number = 0;

	lab->end = lab->pool.page_end * PM_PAGE_SIZE;
	lab->flat = calloc(1, lab->end);
	lab->there = calloc(1, lab->pool.page_end);
	lab->runs = calloc(lab->pool.page_end, sizeof(*lab->runs));
	assert_true(lab->flat && lab->there && lab->runs);
	for (uint32_t i = 0; i < REGIONS; i++) {
		memcpy(lab->flat + region_start(lab, i), lab->mappings[i].base, sizes[i]);
		memset(lab->there + region_start(lab, i) / PM_PAGE_SIZE, 1, sizes[i] / PM_PAGE_SIZE);
		for (uint32_t j = 0; j < HOLES; j++)
			assert_int_equal(mprotect((uint8_t *)lab->mappings[i].base + lab->holes[i][j].first,
						  lab->holes[i][j].end - lab->holes[i][j].first, PROT_NONE),
					 0);
	}
	while (pm_run_next(&lab->pool, run.page + run.pages, &run)) {
		number++;
		for (uint64_t page = run.page; page < run.page + run.pages; page++)
			lab->runs[page] = number;
	}
	assert_true(number > 40);
}

static int open_lab(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	uint64_t random = 3;

	make_pool(lab);
	assert_int_equal(region_start(lab, 1), sizes[0]);
	assert_true(region_start(lab, 2) > region_start(lab, 1) + sizes[1]);
	allocate(lab, &random);
	fill(lab, &random);
	remember(lab);
	*state = lab;
	return 0;
}

static int close_lab(void **state)
{
	struct lab *lab = *state;

	pm_pool_detach(&lab->pool);
	for (uint32_t i = 0; i < REGIONS; i++)
		munmap(lab->mappings[i].base, sizes[i]);
	free(lab->flat);
	free(lab->there);
	free(lab->runs);
	free(lab);
	return 0;
}

static void next_data(void *context, uint32_t region_index, uint64_t from, uint64_t *first, uint64_t *end)
{
	const struct lab *lab = context;
	const struct hole *holes = lab->holes[region_index];

	*first = from;
	*end = sizes[region_index];
	for (uint32_t j = 0; j < HOLES; j++) {
		if (*first >= holes[j].first && *first < holes[j].end)
			*first = holes[j].end;
		if (*first < holes[j].first) {
			*end = holes[j].first;
			return;
		}
	}
}

/* --- the plainest search --- */

static bool may_start(const struct lab *lab, const struct pm_search *search, uint64_t at)
{
	if (at % search->align)
		return false;
	for (uint64_t page = at / PM_PAGE_SIZE; page <= (at + search->length - 1) / PM_PAGE_SIZE; page++)
		if (!lab->there[page] ||
		    (search->allocated_only && (!lab->runs[page] || lab->runs[page] != lab->runs[at / PM_PAGE_SIZE])))
			return false;
	return true;
}

static bool stands_at(const struct lab *lab, const struct pm_search *search, uint64_t at)
{
	for (size_t i = 0; i < search->length; i++)
		if ((lab->flat[at + i] ^ search->bytes[i]) & (search->mask ? search->mask[i] : 0xff))
			return false;
	return true;
}

static size_t plain_search(const struct lab *lab, const struct pm_search *search, uint64_t *hits, bool *more)
{
	size_t count = 0;

	*more = false;
	for (uint64_t at = search->from; at + search->length <= search->to; at++) {
		if (!stands_at(lab, search, at) || !may_start(lab, search, at))
			continue;
		*more = count == search->limit;
		if (*more)
			break;
		hits[count++] = at;
	}
	return count;
}

static void assert_same(struct lab *lab, const struct pm_search *search)
{
	struct pm_search_result result;
	uint64_t *hits = calloc(search->limit, sizeof(*hits));
	bool more;
	size_t count = plain_search(lab, search, hits, &more);

	assert_int_equal(pm_search_run(search, &result, NULL), PM_OK);
	assert_int_equal(result.count, count);
	assert_memory_equal(result.hits, hits, count * sizeof(*hits));
	assert_int_equal(result.more, more);
	free(result.hits);
	free(hits);
}

static struct pm_search search_of(struct lab *lab, const uint8_t *bytes, size_t length)
{
	return (struct pm_search){.pool = &lab->pool,
				  .next_data = next_data,
				  .context = lab,
				  .bytes = bytes,
				  .length = length,
				  .to = lab->end,
				  .align = 1,
				  .limit = 1000};
}

/* --- what is promised --- */

static void any_range_of_any_pool_is_searched_as_plainly(void **state)
{
	struct lab *lab = *state;
	uint64_t random = 77;

	for (unsigned round = 0; round < ROUNDS(150u, 30u); round++) {
		uint64_t at = model_random(&random) % (lab->end - 600000);
		size_t length = 1 + model_random(&random) % (round % 10 ? 12 : 4096);
		uint8_t mask[4096];
		/* what stands somewhere, to be found at least once */
		struct pm_search search = search_of(lab, lab->flat + at + model_random(&random) % 1000, length);

		for (size_t i = 0; i < length; i++)
			mask[i] = model_random(&random) % 8 ? 0xff : (uint8_t)model_random(&random);
		search.mask = round % 3 ? NULL : mask;
		search.from = at;
		search.to = at + 1 + model_random(&random) % 600000;
		search.align = round % 4 ? 1 : 1 + model_random(&random) % 40;
		search.allocated_only = round % 5 == 0;
		search.limit = round % 7 ? 10000 : 1 + model_random(&random) % 20;
		assert_same(lab, &search);
	}
}

/* Bytes on both sides of each edge: found over the edge, or not. */
static void edges_are_crossed_where_bytes_follow_each_other(void **state)
{
	struct lab *lab = *state;
	uint64_t edges[2 * REGIONS * (HOLES + 1)];
	unsigned count = 0;

	for (uint32_t i = 0; i < REGIONS; i++) {
		edges[count++] = region_start(lab, i);
		edges[count++] = region_start(lab, i) + sizes[i];
		for (uint32_t j = 0; j < HOLES; j++) {
			edges[count++] = region_start(lab, i) + lab->holes[i][j].first;
			edges[count++] = region_start(lab, i) + lab->holes[i][j].end;
		}
	}
	for (unsigned i = 0; i < count; i++)
		for (size_t length = 1; length < 12; length += 5)
			for (uint64_t before = 0; before <= length; before++) {
				struct pm_search search;

				if (edges[i] < before || edges[i] - before + length > lab->end)
					continue;
				search = search_of(lab, lab->flat + edges[i] - before, length);
				search.from = edges[i] < 100000 ? 0 : edges[i] - 100000;
				search.to = lab->end - edges[i] < 100000 ? lab->end : edges[i] + 100000;
				search.limit = 10000;
				assert_same(lab, &search);
				search.allocated_only = true;
				assert_same(lab, &search);
			}
}

static void everything_is_gone_through(void **state)
{
	struct lab *lab = *state;
	struct pm_search search = search_of(lab, (const uint8_t *)"not there", 9);
	struct pm_search_result result;
	uint64_t bytes = 0;

	assert_int_equal(pm_search_run(&search, &result, NULL), PM_OK);
	free(result.hits);
	for (uint32_t i = 0; i < REGIONS; i++)
		bytes += sizes[i];
	assert_int_equal(result.count, 0);
	assert_int_equal(result.searched, bytes);
	search.allocated_only = true;
	assert_int_equal(pm_search_run(&search, &result, NULL), PM_OK);
	free(result.hits);
	bytes = 0;
	for (uint64_t page = 0; page < lab->pool.page_end; page++)
		bytes += lab->runs[page] ? PM_PAGE_SIZE : 0;
	assert_int_equal(result.searched, bytes);
	search = search_of(lab, (const uint8_t *)"\0", 1);
	search.limit = 3;
	assert_same(lab, &search);
}

static void one_that_is_cancelled_says_so(void **state)
{
	struct pm_task task = {0};
	struct pm_search search = search_of(*state, (const uint8_t *)"not there", 9);
	struct pm_search_result result;

	atomic_store(&task.cancelled, true);
	search.task = &task;
	assert_int_equal(pm_search_run(&search, &result, NULL), PM_E_CANCELLED);
	free(result.hits);
}

/* A file that became shorter stands for a driver that took its range. */
static void memory_that_went_is_told(void **state)
{
	char path[] = "/tmp/pmpool-search-XXXXXX";
	int fd = mkstemp(path);
	struct pm_pool_request request = model_request();
	struct pm_mapping mapping = {.bytes = 4 * MIB, .physical_base = MODEL_BASE};
	struct pm_search_result result;
	struct pm_search search;
	struct lab lab = {0};

	(void)state;
	assert_true(fd >= 0 && ftruncate(fd, 4 * MIB) == 0);
	unlink(path);
	mapping.base = mmap(NULL, mapping.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(mapping.base, MAP_FAILED);
	request.physical_base = MODEL_BASE;
	assert_int_equal(pm_pool_format(mapping.base, mapping.bytes, &request, &model_act), PM_OK);
	assert_int_equal(pm_pool_attach(&lab.pool, &mapping, 1, 0, &model_memory, &model_act), PM_OK);
	lab.end = mapping.bytes;
	search = search_of(&lab, (const uint8_t *)"not there", 9);
	search.next_data = NULL;
	assert_int_equal(pm_search_run(&search, &result, NULL), PM_OK);
	free(result.hits);
	assert_int_equal(ftruncate(fd, 2 * MIB), 0);
	assert_int_equal(pm_search_run(&search, &result, NULL), PM_E_REGION_LOST);
	free(result.hits);
	assert_int_equal(ftruncate(fd, 4 * MIB), 0); /* detaching looks at it once more */
	pm_pool_detach(&lab.pool);
	munmap(mapping.base, mapping.bytes);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_range_of_any_pool_is_searched_as_plainly),
		cmocka_unit_test(edges_are_crossed_where_bytes_follow_each_other),
		cmocka_unit_test(everything_is_gone_through),
		cmocka_unit_test(one_that_is_cancelled_says_so),
		cmocka_unit_test(memory_that_went_is_told),
	};

	return cmocka_run_group_tests(tests, open_lab, close_lab);
}
