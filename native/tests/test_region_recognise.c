/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in a region before a pool is made there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "region_bench.h"

static void put(struct pm_region *region, size_t at, const void *bytes, size_t count)
{
	memcpy(region->map + at, bytes, count);
}

static void stand_pool(struct pm_region *region)
{
	(void)region;
	make_pool(4 * MIB, 4 * MIB);
}
static void stand_pool_around(struct pm_region *region)
{
	(void)region;
	make_pool(0, 0);
}
static void stand_pool_inside(struct pm_region *region)
{
	(void)region;
	make_pool(8 * MIB, 4 * MIB);
}
static void stand_newer_pool(struct pm_region *region)
{
	make_pool(4 * MIB, 8 * MIB);
	region->map[8] = 9;
	memset(region->map + region->bytes - 4096, 0, 4096);
}
static void stand_damaged_pool(struct pm_region *region)
{
	make_pool(4 * MIB, 8 * MIB);
	region->map[200] ^= 1;
	memset(region->map + region->bytes - 4096, 0, 4096);
}
static void stand_luks(struct pm_region *region)
{
	put(region, 0, "LUKS\xba\xbe\0\1aes", 12);
}
static void stand_ext2(struct pm_region *region)
{
	const uint8_t superblock[] = {0x10, 0, 0, 0, 0, 8, 0, 0};

	put(region, 1024, superblock, sizeof(superblock)); /* 16 inodes, 2048 blocks */
	put(region, 1024 + 56, "\x53\xef\1\0\1\0", 6);
	put(region, 1024 + 76, "\1", 1);
	put(region, 1024 + 120, "rescue", 6);
}
static void stand_partitions(struct pm_region *region)
{
	const uint8_t entry[] = {0, 0, 2, 0, 0x83, 0, 3, 0, 0, 8, 0, 0, 0, 16, 0, 0};

	put(region, 446, entry, sizeof(entry));
	put(region, 510, "\x55\xaa", 2);
}
static void stand_devdax(struct pm_region *region)
{
	put(region, 4096, "NVDIMM_DAX_INFO", 16);
}
static void stand_data(struct pm_region *region)
{
	put(region, 12345, "?", 1);
}
static void stand_data_at_the_end(struct pm_region *region)
{
	put(region, region->bytes - 1, "?", 1);
}
static void stand_nothing(struct pm_region *region)
{
	(void)region;
}

static void what_stands_there_is_recognised(void **state)
{
	static const struct {
		void (*stand)(struct pm_region *region);
		const char *kind, *label;
	} cases[] = {
		{stand_nothing, "blank", ""},
		{stand_pool, "pool", "pool \"lab\" 10111213-1415-1617-1819-1a1b1c1d1e1f at 0x400000"},
		{stand_pool_around, "pool", "pool \"lab\" 10111213-1415-1617-1819-1a1b1c1d1e1f"},
		{stand_pool_inside, "pool", "pool \"lab\" 10111213-1415-1617-1819-1a1b1c1d1e1f at 0x800000"},
		{stand_newer_pool, "pool-newer", "pool \"lab\""},
		{stand_damaged_pool, "pool-damaged", "pool \"lab\""},
		{stand_luks, "crypto", "crypto_LUKS"},
		{stand_ext2, "filesystem", "ext2 \"rescue\""},
		{stand_partitions, "partitions", "partition table dos"},
		{stand_devdax, "namespace", "devdax info block"},
		{stand_data, "data", ""},
		{stand_data_at_the_end, "data", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_region region;
		struct pm_found found;

		tear_down(state);
		set_up(state);
		region = open_part(4 * MIB, 8 * MIB, true);
		cases[i].stand(&region);
		assert_int_equal(pm_region_recognise(&region, &found, NULL), PM_OK);
		if (strcmp(found.kind, cases[i].kind) != 0 ||
		    strncmp(found.label, cases[i].label, strlen(cases[i].label)) != 0)
			fail_msg("case %zu: `%s` `%s`", i, found.kind, found.label);
		assert_int_equal(found.blank, i == 0);
		pm_region_close(&region);
	}
}

/* A devdax device, as sysfs shows it; a file stands in for its character device. */
int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(what_stands_there_is_recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
