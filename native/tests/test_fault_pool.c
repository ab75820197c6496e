/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test_fault_pool.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void take(struct fault_pool *pool, uint64_t number, uint64_t pages, struct pm_run *run)
{
	char name[32];
	struct pm_alloc_request request = {.pages = pages, .name = number % 3 ? name : NULL, .owner = "test"};

	snprintf(name, sizeof(name), "number %u", (unsigned)number);
	assert_int_equal(pm_alloc(&pool->region.pool, &request, &model_act, run), PM_OK);
}

/* Text, zeros, counting words, random bytes: by the page's number. */
static void write_page(uint8_t *bytes, uint64_t page, uint64_t *random)
{
	static const char text[] = "What is written here has to be here afterwards. ";

	for (uint64_t i = 0; i < PM_PAGE_SIZE; i += 8) {
		uint64_t word = page % 5 == 0 ? page << 32 | i : page % 5 == 1 ? 0 : model_random(random);

		memcpy(bytes + i, &word, 8);
	}
	for (uint64_t i = 0; page % 5 == 2 && i < PM_PAGE_SIZE; i++)
		bytes[i] = (uint8_t)text[(page + i) % (sizeof(text) - 1)];
}

static void fill(struct fault_pool *pool)
{
	static const uint64_t sizes[] = {1, 2, 3, 17, 64, 700, 1, 5, 33};
	struct pm_run runs[54], freed;
	uint64_t random = 11, count = 0;

	assert_int_equal(pm_pool_begin(&pool->region.pool, false, &model_act), PM_OK);
	for (uint64_t i = 0; i < 54; i++) {
		/* one of the large ones is enough */
		uint64_t pages = i > 5 && sizes[i % 9] > 100 ? 40 : sizes[i % 9];

		take(pool, i, pages, &runs[count++]);
		for (uint64_t n = 0; n < pages; n++)
			write_page(pm_page_bytes(&pool->region.pool, runs[i].page + n), runs[i].page + n, &random);
	}
	for (uint64_t i = 3; i < 54; i += 7)
		assert_int_equal(pm_free(&pool->region.pool, runs[i].page, 0, &freed), PM_OK);
	pm_pool_end(&pool->region.pool);
}

static void keep(struct fault_pool *pool)
{
	pool->before = malloc(FAULT_BYTES);
	assert_non_null(pool->before);
	memcpy(pool->before, pool->region.memory, FAULT_BYTES);
}

void fault_pool_open(struct fault_pool *pool)
{
	struct pm_run directory;

	memset(pool, 0, sizeof(*pool));
	model_region_make(&pool->region, FAULT_BYTES);
	fill(pool);
	assert_true(pm_directory_run(&pool->region.pool, 0, 0, &directory));
	keep(pool);
}

void fault_pool_open_empty(struct fault_pool *pool)
{
	memset(pool, 0, sizeof(*pool));
	model_region_make(&pool->region, FAULT_BYTES);
	keep(pool);
}

void fault_pool_close(struct fault_pool *pool)
{
	model_region_end(&pool->region);
	free(pool->before);
}

static void put(void *context, const struct pm_fault *fault)
{
	struct fault_pool *pool = context;

	assert_true(pool->count < sizeof(pool->faults) / sizeof(*pool->faults));
	pool->faults[pool->count++] = *fault;
}

enum pm_code fault_pool_inject(struct fault_pool *pool, const struct pm_fault_request *request)
{
	pool->count = 0;
	pool->err = (struct pm_error){0};
	return pm_fault_inject(&pool->region.pool, request, put, pool, &pool->err);
}

void fault_pool_restore(struct fault_pool *pool)
{
	memcpy(pool->region.memory, pool->before, FAULT_BYTES);
}

uint64_t fault_offset(const struct pm_fault *fault)
{
	return fault->address - MODEL_BASE;
}

const uint8_t *fault_now(const struct fault_pool *pool, uint64_t page)
{
	return pool->region.memory + page * PM_PAGE_SIZE;
}

const uint8_t *fault_then(const struct fault_pool *pool, uint64_t page)
{
	return pool->before + page * PM_PAGE_SIZE;
}
