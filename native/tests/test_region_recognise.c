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
	(void)region;
	make_pool(4 * MIB, 8 * MIB);
	spoil(4 * MIB, 8 * MIB, NEWER_MAYBE, ABSENT);
}
static void stand_older_pool(struct pm_region *region)
{
	(void)region;
	make_pool(4 * MIB, 8 * MIB);
	spoil(4 * MIB, 8 * MIB, OLDER, OLDER);
}
static void stand_damaged_pool(struct pm_region *region)
{
	(void)region;
	make_pool(4 * MIB, 8 * MIB);
	spoil(4 * MIB, 8 * MIB, DAMAGED, ABSENT);
}
static void stand_end_of_a_newer_pool(struct pm_region *region)
{
	(void)region;
	make_pool(0, 8 * MIB);
	spoil(0, 8 * MIB, ABSENT, NEWER);
}
static void stand_region_of_a_pool(struct pm_region *region)
{
	(void)region;
	make_pool_in(ID, 4 * MIB, 8 * MIB, 0x10, 2);
}
static void stand_two_pools(struct pm_region *region)
{
	(void)region;
	make_pool_in(ID, 2 * MIB, 4 * MIB, 0x10, 0);
	make_pool_in(ID, 10 * MIB, 4 * MIB, 0x20, 0);
}
static void stand_two_regions_of_a_pool(struct pm_region *region)
{
	(void)region;
	make_pool_in(ID, 4 * MIB, 4 * MIB, 0x10, 0);
	make_pool_in(ID, 8 * MIB, 4 * MIB, 0x10, 1);
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
static void stand_data_in_the_middle(struct pm_region *region)
{
	memset(region->map + 5 * MIB, 1, MIB);
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
		{stand_older_pool, "pool-older", "pool \"lab\" 10111213-"},
		{stand_end_of_a_newer_pool, "pool-newer", "pool \"lab\" 10111213-"},
		{stand_region_of_a_pool, "pool", "region 2 of pool \"lab\" 10111213-"},
		{stand_two_pools, "pools", "2 pools: \"lab\", \"lab\""},
		{stand_two_regions_of_a_pool, "pool", "2 regions of pool \"lab\" 10111213-"},
		{stand_luks, "crypto", "crypto_LUKS"},
		{stand_ext2, "filesystem", "ext2 \"rescue\""},
		{stand_partitions, "partitions", "partition table dos"},
		{stand_devdax, "namespace", "devdax info block"},
		{stand_data, "data", ""},
		{stand_data_in_the_middle, "data", ""},
		{stand_data_at_the_end, "data", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_region region;
		struct pm_found found;

		tear_down(state);
		set_up(state);
		region = open_part(4 * MIB, 8 * MIB, true);
		cases[i].stand(&region);
		assert_int_equal(pm_region_recognise(&host, &region, &found, NULL), PM_OK);
		if (strcmp(found.kind, cases[i].kind) != 0 ||
		    strncmp(found.label, cases[i].label, strlen(cases[i].label)) != 0)
			fail_msg("case %zu: `%s` `%s`", i, found.kind, found.label);
		assert_int_equal(found.blank, i == 0);
		pm_region_close(&region);
	}
}

static void recognise_part(const char *id, uint64_t offset, uint64_t bytes, struct pm_found *found)
{
	struct pm_region region;
	struct pm_error err;

	if (pm_region_open_to_look(&host, id, offset, bytes, &region, &err) ||
	    pm_region_recognise(&host, &region, found, &err))
		fail_msg("%s", err.message);
	pm_region_close(&region);
}

/* The word to overwrite is made of it. */
static void the_sum_changes_with_each_pool(void **state)
{
	struct pm_found one, two, other;

	(void)state;
	make_pool_in(ID, 0, 4 * MIB, 0x10, 0);
	recognise_part(ID, 0, 0, &one);
	make_pool_in(ID, 8 * MIB, 4 * MIB, 0x20, 0);
	recognise_part(ID, 0, 0, &two);
	make_pool_in(ID, 8 * MIB, 4 * MIB, 0x30, 0);
	recognise_part(ID, 0, 0, &other);
	assert_string_equal(two.label, other.label);
	assert_true(one.sum != two.sum && two.sum != other.sum);
}

/* A pool made in the memmap= around a pmpool= range reaches into that range, and the other way round. */
static void a_pool_of_a_region_around_is_seen(void **state)
{
	struct pm_found found;

	(void)state;
	boot("memmap=32M$0x100000000 pmpool=0x100800000,8M pmpool=0x101000000,8M");
	recognise_part("mem:0x100800000", 0, 0, &found);
	assert_string_equal(found.kind, "blank");
	make_pool(4 * MIB, 6 * MIB);
	recognise_part("mem:0x100800000", 0, 0, &found);
	assert_string_equal(found.kind, "pool");
	assert_string_equal(found.label, "pool \"lab\" 10111213-1415-1617-1819-1a1b1c1d1e1f in mem:0x100000000");
	recognise_part("mem:0x100800000", 2 * MIB, 2 * MIB, &found);
	assert_string_equal(found.kind, "blank");
	recognise_part("mem:0x101000000", 0, 0, &found);
	assert_string_equal(found.kind, "blank");
	make_pool_in("mem:0x101000000", 0, 2 * MIB, 0x20, 0);
	recognise_part(ID, 10 * MIB, 0, &found);
	assert_string_equal(found.kind, "pool");
	recognise_part(ID, 0, 0, &found);
	assert_string_equal(found.kind, "pools");
}

static void ext4(uint8_t *head, uint32_t blocks)
{
	const uint8_t log_block_size[4] = {2, 0, 0, 0}; /* 4 KiB */

	memcpy(head + 1024 + 4, &blocks, 4);
	memcpy(head + 1024 + 24, log_block_size, 4);
	memcpy(head + 1024 + 56, "\x53\xef", 2);
}
static void xfs(uint8_t *head, uint32_t blocks)
{
	const uint8_t numbers[] = {0, 0, 16, 0, 0, 0, 0, 0, 0, 0, (uint8_t)(blocks >> 8), (uint8_t)blocks};

	memcpy(head, "XFSB", 4);
	memcpy(head + 4, numbers, sizeof(numbers));
}
static void btrfs(uint8_t *head, uint32_t blocks)
{
	uint64_t bytes = blocks * UINT64_C(4096);

	memcpy(head + 0x10040, "_BHRfS_M", 8);
	memcpy(head + 0x10070, &bytes, 8);
}
static void gpt(uint8_t *head, uint32_t blocks)
{
	uint64_t last = blocks * UINT64_C(8) - 1;

	memcpy(head + 512, "EFI PART", 8);
	memcpy(head + 512 + 32, &last, 8);
}
static void dos(uint8_t *head, uint32_t blocks)
{
	uint32_t first = 2048, sectors = blocks * 8 - first;

	head[446 + 4] = 0x83;
	memcpy(head + 446 + 8, &first, 4);
	memcpy(head + 446 + 12, &sectors, 4);
	memcpy(head + 510, "\x55\xaa", 2);
}

/* A file system on the first part of a reserved range is left to others; a pool behind its end is nobody's business. */
static void a_file_system_is_seen_as_far_as_it_goes(void **state)
{
	static void (*const systems[])(uint8_t * head, uint32_t blocks) = {ext4, xfs, btrfs, gpt, dos};

	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++) {
		struct pm_region region;
		struct pm_found found;

		tear_down(state);
		set_up(state);
		boot("memmap=32M$0x100000000 pmpool=0x101000000,16M");
		region = open_part(0, 0, true);
		systems[i](region.map, 4096); /* blocks of 4 KiB: 16 MiB */
		recognise_part(ID, 16 * MIB, 0, &found);
		assert_string_equal(found.kind, "blank");
		recognise_part("mem:0x101000000", 0, 0, &found);
		assert_string_equal(found.kind, "blank");
		recognise_part(ID, 14 * MIB, 2 * MIB, &found);
		assert_string_equal(found.kind, systems[i] == gpt || systems[i] == dos ? "partitions" : "filesystem");
		assert_non_null(strstr(found.label, "of mem:0x100000000, which ends at 0x101000000"));
		systems[i](region.map, 4097);
		recognise_part("mem:0x101000000", 0, 0, &found);
		if (found.blank || !strstr(found.label, "which ends at"))
			fail_msg("case %zu: `%s` `%s`", i, found.kind, found.label);
		pm_region_close(&region);
	}
}

static void luks(uint8_t *head, uint32_t blocks)
{
	(void)blocks;
	memcpy(head, "LUKS\xba\xbe\0\1", 8);
}
static void lvm(uint8_t *head, uint32_t blocks)
{
	uint64_t bytes = blocks * UINT64_C(4096);

	memcpy(head + 512, "LABELONE", 8);
	head[512 + 20] = 32;
	memcpy(head + 512 + 24, "LVM2 001", 8);
	memcpy(head + 512 + 32 + 32, &bytes, 8);
}
static void swap_space(uint8_t *head, uint32_t blocks)
{
	blocks--;
	memcpy(head + 1028, &blocks, 4);
	memcpy(head + 4086, "SWAPSPACE2", 10);
}
static void lost_pool(uint8_t *head, uint32_t blocks)
{
	(void)blocks;
	memcpy(head, PM_MAGIC, 8);
}

/* As after a pool was made of the first half of what another system's disk had. */
static void what_stands_in_the_middle_is_named(void **state)
{
	static const struct {
		void (*stand)(uint8_t *head, uint32_t blocks);
		const char *kind, *label;
	} cases[] = {
		{ext4, "filesystem", "ext2 at 0xb00000"},
		{xfs, "filesystem", "xfs at 0xb00000"},
		{btrfs, "filesystem", "btrfs at 0xb00000"},
		{swap_space, "filesystem", "swap at 0xb00000"},
		{luks, "crypto", "crypto_LUKS at 0xb00000"},
		{lvm, "raid", "LVM2_member at 0xb00000"},
		{gpt, "partitions", "partition table gpt at 0xb00000"},
		{dos, "partitions", "partition table dos at 0xb00000"},
		{lost_pool, "pool-damaged", "superblock of a pool at 0xb00000"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_region region;
		struct pm_found found, elsewhere, both;

		tear_down(state);
		set_up(state);
		region = open_part(0, 0, true);
		cases[i].stand(region.map + 11 * MIB, 1024); /* 4 MiB */
		recognise_part(ID, 4 * MIB, 0, &found);
		if (strcmp(found.kind, cases[i].kind) != 0 || strcmp(found.label, cases[i].label) != 0)
			fail_msg("case %zu: `%s` `%s`", i, found.kind, found.label);
		recognise_part(ID, 0, 10 * MIB, &elsewhere);
		assert_string_equal(elsewhere.kind, "blank");
		make_pool(4 * MIB, 4 * MIB);
		recognise_part(ID, 4 * MIB, 0, &both);
		assert_string_equal(both.kind, "several");
		assert_non_null(strstr(both.label, cases[i].label));
		assert_int_not_equal(both.sum, found.sum);
		pm_region_close(&region);
	}
}

/* The pages of a pool are its own, whatever is written there. */
static void what_stands_in_a_pool_is_the_pools(void **state)
{
	struct pm_region region;
	struct pm_found found;

	(void)state;
	make_pool(4 * MIB, 8 * MIB);
	region = open_part(0, 0, true);
	ext4(region.map + 6 * MIB, 4096);
	recognise_part(ID, 0, 0, &found);
	assert_string_equal(found.kind, "pool");
	recognise_part(ID, 12 * MIB, 0, &found);
	assert_string_equal(found.kind, "blank");
	pm_region_close(&region);
}

static void a_file_system_in_the_middle_reaches_into_a_part(void **state)
{
	struct pm_region region;
	struct pm_found found;

	(void)state;
	region = open_part(0, 0, true);
	ext4(region.map + 5 * MIB, 1024); /* to 9 MiB */
	recognise_part(ID, 8 * MIB, 0, &found);
	assert_string_equal(found.kind, "filesystem");
	assert_string_equal(found.label, "ext2 at 0x500000 of mem:0x100000000, which ends at 0x100900000");
	recognise_part(ID, 10 * MIB, 0, &found);
	assert_string_equal(found.kind, "blank");
	luks(region.map + 3 * MIB, 0); /* does not say where it ends */
	recognise_part(ID, 10 * MIB, 0, &found);
	assert_string_equal(found.kind, "blank");
	memset(region.map + 20 * MIB, 1, MIB);
	recognise_part(ID, 10 * MIB, 0, &found);
	assert_string_equal(found.label, "crypto_LUKS at 0x300000 of mem:0x100000000");
	pm_region_close(&region);
}

/* Words differ for other bytes, for the same ones elsewhere, and for what stands beside the thing that is named. */
static void the_sum_changes_with_what_is_there(void **state)
{
	struct pm_found found[6];
	struct pm_region region = open_part(0, 0, true);

	(void)state;
	region.map[12345] = 1;
	recognise_part(ID, 0, 0, &found[0]);
	recognise_part(ID, 0, 8 * MIB, &found[1]);
	assert_string_equal(found[0].kind, "data");
	assert_int_equal(found[0].sum, found[1].sum); /* the same bytes are lost */
	region.map[12345] = 2;
	recognise_part(ID, 0, 0, &found[1]);
	region.map[12345] = 0;
	region.map[12346] = 1;
	recognise_part(ID, 0, 0, &found[2]);
	memset(region.map + 9 * MIB, 3, MIB);
	recognise_part(ID, 0, 0, &found[3]);
	ext4(region.map, 1024);
	recognise_part(ID, 0, 0, &found[4]);
	memcpy(region.map + 1024 + 0x68, "the UUID of it", 14);
	recognise_part(ID, 0, 0, &found[5]);
	assert_string_equal(found[4].label, found[5].label);
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < i; j++)
			if (found[i].sum == found[j].sum)
				fail_msg("%zu and %zu: `%s`", i, j, found[i].label);
	pm_region_close(&region);
}

/* --- making room --- */

static enum pm_code unmake_in(const char *id, uint64_t offset, uint64_t bytes)
{
	struct pm_region region;
	enum pm_code code;

	assert_int_equal(pm_region_open(&host, id, offset, bytes, true, &region, NULL), PM_OK);
	assert_int_equal(pm_region_lock(&region, NULL), PM_OK);
	code = pm_region_unmake_pools(&host, &region, NULL);
	pm_region_unlock(&region);
	pm_region_close(&region);
	return code;
}

static size_t pools_in(const char *id)
{
	struct pm_region_info info = info_of(id);
	struct pm_pool_at pools[8];
	size_t count;

	assert_int_equal(pm_region_pools(&host, &info, pools, 8, &count, NULL), PM_OK);
	return count;
}

static void pools_that_would_be_torn_are_made_none(void **state)
{
	struct pm_region region;

	(void)state;
	boot("memmap=32M$0x100000000 pmpool=0x100800000,8M");
	make_pool_in(ID, 0, 4 * MIB, 0x10, 0); /* stays */
	make_pool_in(ID, 4 * MIB, 6 * MIB, 0x20, 0); /* starts before the range */
	make_pool_in(ID, 10 * MIB, 2 * MIB, 0x30, 0); /* inside it */
	make_pool_in(ID, 14 * MIB, 4 * MIB, 0x40, 0); /* ends behind it */
	spoil(14 * MIB, 4 * MIB, DAMAGED, GOOD);
	make_pool_in(ID, 18 * MIB, 14 * MIB, 0x50, 0); /* stays */
	region = open_part(0, 0, true);
	memset(region.map + 7 * MIB, 7, 4096);
	assert_int_equal(unmake_in("mem:0x100800000", 0, 0), PM_OK);
	assert_int_equal(pools_in(ID), 2);
	assert_int_equal(region.map[7 * MIB], 7); /* nothing else changed */
	pm_region_close(&region);
}

static void a_newer_pool_is_not_torn(void **state)
{
	(void)state;
	boot("memmap=32M$0x100000000 pmpool=0x100800000,8M");
	make_pool_in(ID, 0, 4 * MIB, 0x10, 0);
	make_pool_in(ID, 4 * MIB, 6 * MIB, 0x20, 0);
	spoil(4 * MIB, 6 * MIB, NEWER, NEWER);
	make_pool_in(ID, 10 * MIB, 2 * MIB, 0x30, 0);
	assert_int_equal(unmake_in("mem:0x100800000", 0, 0), PM_E_POOL_FORMAT_NEWER);
	assert_int_equal(unmake_in(ID, 0, 8 * MIB), PM_E_POOL_FORMAT_NEWER);
	assert_int_equal(pools_in(ID), 3);
	/* whole, by the word that names it */
	assert_int_equal(unmake_in(ID, 4 * MIB, 6 * MIB), PM_OK);
	assert_int_equal(pools_in(ID), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(what_stands_there_is_recognised),
		HOST_TEST(the_sum_changes_with_each_pool),
		HOST_TEST(a_pool_of_a_region_around_is_seen),
		HOST_TEST(a_file_system_is_seen_as_far_as_it_goes),
		HOST_TEST(what_stands_in_the_middle_is_named),
		HOST_TEST(what_stands_in_a_pool_is_the_pools),
		HOST_TEST(a_file_system_in_the_middle_reaches_into_a_part),
		HOST_TEST(the_sum_changes_with_what_is_there),
		HOST_TEST(pools_that_would_be_torn_are_made_none),
		HOST_TEST(a_newer_pool_is_not_torn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
