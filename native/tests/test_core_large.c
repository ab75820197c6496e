/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regions of 16 MiB to 16 TiB, for real: a sparse file in memory of that size. Create, attach, allocate orders from 0
 * on, audit, attach again. What is written stays a small part of the region.
 */
#include "model.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)
#define TIB (UINT64_C(1) << 40)
#define BASE UINT64_C(0x100000000000) /* 16 TiB: every order is aligned at the start */
#define SKIPPED 77

struct sparse {
	int fd;
	uint8_t *map;
	uint64_t bytes;
};

static bool sparse_make(struct sparse *sparse, uint64_t bytes)
{
	sparse->bytes = bytes;
	sparse->fd = memfd_create("pmpool-test", MFD_CLOEXEC);
	if (sparse->fd < 0)
		return false;
	if (ftruncate(sparse->fd, (off_t)bytes) == 0) {
		sparse->map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, sparse->fd, 0);
		if (sparse->map != MAP_FAILED)
			return true;
	}
	close(sparse->fd);
	return false;
}

static uint64_t sparse_written(const struct sparse *sparse)
{
	struct stat stat;

	assert_int_equal(fstat(sparse->fd, &stat), 0);
	return (uint64_t)stat.st_blocks * 512;
}

static void sparse_end(struct sparse *sparse)
{
	munmap(sparse->map, sparse->bytes);
	close(sparse->fd);
}

static void attach(struct pm_pool *pool, const struct sparse *sparse)
{
	const struct pm_mapping mapping = {.base = sparse->map, .bytes = sparse->bytes, .physical_base = BASE};

	assert_int_equal(pm_pool_attach(pool, &mapping, 1, 0, &model_memory, &model_act), PM_OK);
	assert_false(model_recovered_anything(pool));
}

static void check_usage(const struct pm_pool *pool, const struct sparse *sparse, uint64_t allocated, uint64_t runs)
{
	struct pm_usage usage;

	pm_usage_get(pool, &usage);
	assert_int_equal(usage.pages_allocated, allocated);
	assert_int_equal(usage.allocations, runs);
	assert_int_equal(usage.pages_free + usage.pages_allocated + usage.pages_bad + usage.pages_metadata,
			 sparse->bytes / 4096);
	/* At most 0.01 %, and what a small region cannot go below. */
	assert_true(usage.metadata_bytes <= sparse->bytes / 10000 + 32 * 4096);
}

static void of_size(uint64_t bytes, uint32_t largest_order)
{
	struct pm_pool_request request = model_request();
	uint64_t heads[64], pages = 0;
	struct sparse sparse;
	struct pm_pool pool;
	struct pm_run run;

	assert_true(sparse_make(&sparse, bytes));
	request.physical_base = BASE;
	assert_int_equal(pm_pool_format(sparse.map, bytes, &request, &model_act), PM_OK);
	attach(&pool, &sparse);
	assert_int_equal(pm_pool_begin(&pool, false, &model_act), PM_OK);
	check_usage(&pool, &sparse, 0, 0);
	for (uint32_t order = 0; order <= largest_order; order++) {
		struct pm_alloc_request one = {.pages = UINT64_C(1) << order, .align_order = order};

		assert_int_equal(pm_alloc(&pool, &one, &model_act, &run), PM_OK);
		assert_int_equal(pm_page_address(&pool, run.page) & ((UINT64_C(4096) << order) - 1), 0);
		heads[order] = run.page;
		pages += run.pages;
	}
	check_usage(&pool, &sparse, pages, largest_order + 1);
	pm_pool_end(&pool);
	pm_pool_detach(&pool);
	attach(&pool, &sparse);
	assert_int_equal(pm_pool_begin(&pool, false, &model_act), PM_OK);
	check_usage(&pool, &sparse, pages, largest_order + 1);
	for (uint32_t order = 0; order <= largest_order; order++) {
		assert_int_equal(pm_run_at(&pool, heads[order], &run), PM_OK);
		assert_int_equal(run.pages, UINT64_C(1) << order);
		assert_int_equal(pm_free(&pool, heads[order], 0, &run), PM_OK);
	}
	check_usage(&pool, &sparse, 0, 0);
	pm_pool_end(&pool);
	pm_pool_detach(&pool);
	attach(&pool, &sparse);
	check_usage(&pool, &sparse, 0, 0);
	pm_pool_detach(&pool);
	assert_int_equal(model_memory_out(), 0);
	assert_true(sparse_written(&sparse) <= bytes / 50000 + 32 * 4096);
	sparse_end(&sparse);
}

static void of_16_mib(void **state)
{
	of_size(16 * MIB, 10);
}

static void of_1_tib(void **state)
{
	of_size(TIB, 26);
}

static void of_16_tib(void **state)
{
	of_size(16 * TIB, 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_16_mib),
		cmocka_unit_test(of_1_tib),
		cmocka_unit_test(of_16_tib),
	};
	struct sparse sparse;

	if (!sparse_make(&sparse, 16 * TIB)) {
		printf("no sparse file of 16 TiB can be mapped here: %s\n", strerror(errno));
		return SKIPPED;
	}
	sparse_end(&sparse);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
