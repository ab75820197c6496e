/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pools inside a region: which there are, by both copies of their superblocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "region_bench.h"

static void pools_are_found_where_they_are(void **state)
{
	struct pm_region_info info = info_of(ID);
	struct pm_pool_at pools[32];
	struct pm_region region;
	size_t count;

	(void)state;
	assert_int_equal(info.grain, 2 * MIB);
	assert_int_equal(pm_region_pools(&host, &info, pools, 32, &count, NULL), PM_OK);
	assert_int_equal(count, 0);
	make_pool(6 * MIB, 2 * MIB); /* will be covered by the next and no longer count */
	make_pool(4 * MIB, 8 * MIB);
	make_pool(12 * MIB, 4 * MIB);
	make_pool(20 * MIB, 12 * MIB);
	region = open_part(12 * MIB, 2 * MIB, true);
	memset(region.map, 0, 4096); /* superblock A is gone, B tells */
	pm_region_close(&region);
	assert_int_equal(pm_region_pools(&host, &info, pools, 32, &count, NULL), PM_OK);
	assert_int_equal(count, 3);
	assert_int_equal(pools[0].offset, 4 * MIB);
	assert_int_equal(pools[1].offset, 12 * MIB);
	assert_int_equal(pools[2].offset, 20 * MIB);
	assert_int_equal(pm_region_pools(&host, &info, pools, 1, &count, NULL), PM_OK);
	assert_int_equal(count, 1);
}

/* The B of a larger pool that stood here before says nothing of the pool that stands here now. */
static void an_old_end_is_no_pool(void **state)
{
	struct pm_region_info info = info_of(ID);
	struct pm_pool_at pools[4];
	size_t count;

	(void)state;
	make_pool(0, 0);
	make_pool(0, 8 * MIB);
	assert_int_equal(pm_region_pools(&host, &info, pools, 4, &count, NULL), PM_OK);
	assert_int_equal(count, 1);
	assert_int_equal(pools[0].offset, 0);
	assert_int_equal(pools[0].bytes, 8 * MIB);
}

static const char *kind_of(int code)
{
	return code == PM_OK			? "pool"
	       : code == PM_E_POOL_FORMAT_NEWER ? "pool-newer"
	       : code == PM_E_POOL_FORMAT_OLDER ? "pool-older"
	       : code == PM_E_POOL_CORRUPT	? "pool-damaged"
						: "blank";
}

/* A and B together say what a pool is; recognising, listing and attaching agree. */
static void both_copies_decide(void **state)
{
	enum {
		K = PM_OK,
		N = PM_E_POOL_FORMAT_NEWER,
		O = PM_E_POOL_FORMAT_OLDER,
		D = PM_E_POOL_CORRUPT,
		NONE = PM_E_POOL_NOT_FOUND
	};
	static const int table[COPIES][COPIES] = {
		/* B: GOOD, DAMAGED, ABSENT, NEWER, NEWER_MAYBE, OLDER */
		[GOOD] = {K, K, K, N, K, K},  [DAMAGED] = {K, D, D, N, N, O},	  [ABSENT] = {K, D, NONE, N, N, O},
		[NEWER] = {N, N, N, N, N, N}, [NEWER_MAYBE] = {K, N, N, N, N, N}, [OLDER] = {K, O, O, N, N, O},
	};

	for (int a = 0; a < COPIES; a++)
		for (int b = 0; b < COPIES; b++) {
			struct pm_region_info info;
			struct pm_pool_at pools[4];
			struct pm_found found;
			struct pm_region region;
			size_t count;

			tear_down(state);
			set_up(state);
			info = info_of(ID);
			make_pool(4 * MIB, 8 * MIB);
			spoil(4 * MIB, 8 * MIB, a, b);
			assert_int_equal(pm_region_pools(&host, &info, pools, 4, &count, NULL), PM_OK);
			region = open_part(8 * MIB, 2 * MIB, false); /* in its middle */
			assert_int_equal(pm_region_recognise(&host, &region, &found, NULL), PM_OK);
			pm_region_close(&region);
			assert_string_equal(found.kind, kind_of(table[a][b]));
			if (table[a][b] == NONE) {
				assert_int_equal(count, 0);
				continue;
			}
			if (count != 1 || (int)pools[0].code != table[a][b])
				fail_msg("A %d, B %d: %zu pools, %s", a, b, count,
					 count ? pm_error_name(pools[0].code) : "none");
			assert_int_equal(pools[0].offset, 4 * MIB);
			assert_int_equal(pools[0].bytes, 8 * MIB);
			assert_int_equal(pools[0].sb.pool_uuid[0], 0x10);
			assert_memory_equal(pools[0].sb.pool_name, "lab", 4);
		}
}

static void a_size_that_cannot_be_is_not_believed(void **state)
{
	struct pm_region_info info = info_of(ID);
	struct pm_pool_at pools[4];
	struct pm_region region;
	size_t count;

	(void)state;
	make_pool(4 * MIB, 8 * MIB);
	region = open_part(4 * MIB, 8 * MIB, true);
	((struct pm_superblock *)region.map)->region_bytes ^= UINT64_C(1) << 62;
	memset(region.map + region.bytes - PM_PAGE_SIZE, 0, PM_PAGE_SIZE);
	pm_region_close(&region);
	assert_int_equal(pm_region_pools(&host, &info, pools, 4, &count, NULL), PM_OK);
	assert_int_equal(count, 1);
	assert_int_equal(pools[0].code, PM_E_POOL_CORRUPT);
	assert_int_equal(pools[0].bytes, PM_PAGE_SIZE);
}

/* A pool that the region lost the end of, and one whose B stands where no multiple of the grain is. */
static void ends_between_the_multiples_are_found(void **state)
{
	struct pm_region_info info;
	struct pm_pool_at pools[4];
	size_t count;

	(void)state;
	make_pool(0, 0);
	boot("memmap=12292K$0x100000000"); /* 12 MiB and a page: the region's end is none of its multiples */
	info = info_of(ID);
	assert_int_equal(pm_region_pools(&host, &info, pools, 4, &count, NULL), PM_OK);
	assert_int_equal(count, 1);
	assert_int_equal(pools[0].sb.region_bytes, 32 * MIB);
	assert_int_equal(pools[0].bytes, 12 * MIB + 4096);
	make_pool(0, 0);
	spoil(0, 0, DAMAGED, GOOD);
	assert_int_equal(pm_region_pools(&host, &info, pools, 4, &count, NULL), PM_OK);
	assert_int_equal(count, 1);
	assert_int_equal(pools[0].code, PM_OK);
	assert_int_equal(pools[0].bytes, 12 * MIB + 4096);
}

static uint64_t allocated(void)
{
	char file[400];
	struct stat status;

	snprintf(file, sizeof(file), "%s/host/dev/mem", folder);
	assert_int_equal(stat(file, &status), 0);
	return (uint64_t)status.st_blocks;
}

/* On tmpfs a page that is only looked at through a mapping is allocated; a large region would fill the machine. */
static void looking_takes_no_memory(void **state)
{
	struct pm_region_info info;
	struct pm_pool_at pools[4];
	struct pm_region region;
	struct pm_found found;
	uint64_t before;
	size_t count;

	if (access("/dev/shm", W_OK) != 0)
		skip();
	tear_down(state);
	setenv("TMPDIR", "/dev/shm", 1);
	set_up(state);
	unsetenv("TMPDIR");
	boot("memmap=32M$0x100000000 pmpool=0x100800000,8M");
	make_pool(4 * MIB, 2 * MIB);
	before = allocated();
	info = info_of(ID);
	assert_int_equal(pm_region_pools(&host, &info, pools, 4, &count, NULL), PM_OK);
	assert_int_equal(count, 1);
	assert_int_equal(pm_region_open(&host, "mem:0x100800000", 0, 0, false, &region, NULL), PM_OK);
	assert_int_equal(pm_region_recognise(&host, &region, &found, NULL), PM_OK);
	assert_true(found.blank);
	pm_region_close(&region);
	assert_int_equal(allocated(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(pools_are_found_where_they_are),
		HOST_TEST(an_old_end_is_no_pool),
		HOST_TEST(both_copies_decide),
		HOST_TEST(a_size_that_cannot_be_is_not_believed),
		HOST_TEST(ends_between_the_multiples_are_found),
		HOST_TEST(looking_takes_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
