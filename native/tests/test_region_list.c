/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which regions a host has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "region_bench.h"

static void the_list_names_all_that_is_given_away(void **state)
{
	static const struct {
		const char *id, *source;
		uint64_t base, bytes;
		enum pm_code refused;
	} expected[] = {
		{"mem:0x100000000", "memmap=16M$0x100000000", 0x100000000, 16 * MIB, PM_OK},
		{"mem:0x101000000", "memmap=8M!0x101000000", 0x101000000, 8 * MIB, PM_OK},
		{"mem:0x300000000", "memmap=1M$0x300000000", 0x300000000, MIB, PM_E_REGION_CMDLINE_MISMATCH},
		{"mem:0x100000000+0x400000", "pmpool=0x100000000,4M", 0x100000000, 4 * MIB, PM_OK},
		{"mem:0x101f00000", "pmpool=0x101f00000,1M", 0x101f00000, MIB, PM_E_REGION_SYSTEM_RAM},
		{"eaten:memmap=64G", "memmap=64G", 0, UINT64_C(64) << 30, PM_E_REGION_CMDLINE_MISMATCH},
	};
	struct pm_region_info *list;
	size_t count;

	(void)state;
	assert_int_equal(pm_host_simulate_boot(&host,
					       "memmap=16M$0x100000000,8M!0x101000000 memmap=1M$0x300000000 "
					       "memmap=16M$0x100000000 pmpool=0x100000000,4M pmpool=0x101f00000,1M",
					       NULL),
			 PM_OK);
	assert_int_equal(pm_region_list(&host, &list, &count, NULL), PM_OK);
	assert_int_equal(count, 5);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(list[i].id, expected[i].id);
		assert_string_equal(list[i].source, expected[i].source);
		assert_int_equal(list[i].base, expected[i].base);
		assert_int_equal(list[i].bytes, expected[i].bytes);
		assert_int_equal(list[i].refused.code, expected[i].refused);
		assert_string_equal(pm_region_kind_name(list[i].kind), "simulated");
	}
	free(list);
	assert_int_equal(pm_host_simulate_boot(&host, "memmap=64G", NULL), PM_OK);
	assert_int_equal(pm_region_list(&host, &list, &count, NULL), PM_OK);
	assert_int_equal(count, 1);
	assert_string_equal(list[0].id, expected[5].id);
	assert_int_equal(list[0].refused.code, expected[5].refused);
	free(list);
	/* what is no range is shown, limits no memory and hides no other */
	assert_int_equal(pm_host_simulate_boot(&host, "memmap=16M$4G pmpool=abc memmap=-1$4G memmap=64G$4G-", NULL),
			 PM_OK);
	assert_int_equal(pm_region_list(&host, &list, &count, NULL), PM_OK);
	assert_int_equal(count, 4);
	assert_int_equal(list[0].refused.code, PM_OK);
	assert_string_equal(list[1].id, "unread:pmpool=abc");
	assert_string_equal(list[2].id, "unread:memmap=-1$4G");
	for (size_t i = 1; i < count; i++)
		assert_int_equal(list[i].refused.code, PM_E_REGION_NOT_RESERVED);
	assert_non_null(strstr(list[3].refused.message, "is no address"));
	free(list);
}

/* A pmpool= entry names a region of its own inside the memmap= around it, wherever it stands on the command line. */
static void pmpool_names_a_region_inside_another(void **state)
{
	static const struct {
		const char *cmdline, *id, *source;
		uint64_t base, bytes;
		enum pm_code refused;
	} cases[] = {
		{"memmap=32M$0x100000000 pmpool=0x100800000,8M", "mem:0x100800000", "pmpool=0x100800000,8M",
		 0x100800000, 8 * MIB, PM_OK},
		{"pmpool=0x100000000,8M memmap=32M$0x100000000", "mem:0x100000000+0x800000", "pmpool=0x100000000,8M",
		 0x100000000, 8 * MIB, PM_OK},
		{"memmap=32M$0x100000000 pmpool=0x100000000,8M,0x101000000,16M", "mem:0x101000000",
		 "pmpool=0x101000000,16M", 0x101000000, 16 * MIB, PM_OK},
		{"memmap=32M!0x100000000 pmpool=0x101000000,8M pmpool=0x101800000,8M", "mem:0x101800000",
		 "pmpool=0x101800000,8M", 0x101800000, 8 * MIB, PM_OK},
		{"memmap=32M$0x100000000 pmpool=0x100000000,32M", ID, "memmap=32M$0x100000000 pmpool=0x100000000,32M",
		 0x100000000, 32 * MIB, PM_OK},
		{"memmap=16M$0x100000000,16M$0x101000000 pmpool=0x100800000,16M", "mem:0x100800000",
		 "pmpool=0x100800000,16M", 0x100800000, 16 * MIB, PM_E_REGION_NOT_RESERVED},
		{"memmap=16M$0x100000000 pmpool=0x100800000,16M", "mem:0x100800000", "pmpool=0x100800000,16M",
		 0x100800000, 16 * MIB, PM_E_REGION_MIXED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_region_info info;

		boot(cases[i].cmdline);
		info = info_of(cases[i].id);
		assert_string_equal(info.source, cases[i].source);
		assert_int_equal(info.base, cases[i].base);
		assert_int_equal(info.bytes, cases[i].bytes);
		if (info.refused.code != cases[i].refused)
			fail_msg("%s: %s", cases[i].cmdline, info.refused.message);
	}
}

/* Whatever name the memory is opened by. */
static void regions_that_share_memory_share_a_lock(void **state)
{
	(void)state;
	boot("pmpool=0x100000000,4M memmap=8M$0x100000000 memmap=8M$0x100400000 memmap=8M$0x101000000");
	assert_string_equal(info_of("mem:0x100400000").lock, info_of(ID).lock);
	assert_string_equal(info_of("mem:0x100000000+0x400000").lock, info_of(ID).lock);
	assert_string_equal(info_of("mem:0x101000000").lock, "mem:0x101000000");
}

static void grain_bounds_the_search(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *cmdline;
		uint64_t grain;
	} cases[] = {
		{MIB, "memmap=1M$0x100000000", 4096},
		{2 * MIB, "memmap=2M$0x100000000", 2 * MIB},
		{8192 * MIB, "memmap=8G$0x100000000", 2 * MIB},
		{8193 * MIB, "memmap=8193M$0x100000000", 4 * MIB},
		{UINT64_C(1) << 40, "memmap=1T$0x100000000", 256 * MIB},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		folder_put(host.root, "/proc/cmdline", cases[i].cmdline);
		assert_int_equal(info_of(ID).bytes, cases[i].bytes);
		assert_int_equal(info_of(ID).grain, cases[i].grain);
	}
}

/* As sysfs shows it; a file stands in for the character device. */
static void devdax_devices_are_regions(void **state)
{
	struct pm_region_info info;
	struct pm_region region;
	char path[400];

	(void)state;
	folder_put(host.root, "/proc/cmdline", "quiet");
	folder_put(host.root, "/proc/iomem",
		   "240000000-2407fffff : Persistent Memory\n  240000000-2407fffff : dax0.0\n");
	folder_put(host.root, "/sys/bus/dax/devices/dax0.0/resource", "0x240000000\n");
	folder_put(host.root, "/sys/bus/dax/devices/dax0.0/size", "8388608\n");
	folder_put(host.root, "/sys/bus/dax/devices/dax0.0/align", "4194304\n");
	folder_put(host.root, "/sys/bus/dax/devices/dax1.0/size", "rubbish\n");
	folder_put(host.root, "/sys/bus/dax/drivers/device_dax/new_id", "");
	folder_put(host.root, "/dev/dax0.0", "");
	assert_int_equal(info_of("dax:dax0.0").refused.code, PM_E_DEVMEM_REFUSED); /* not bound */
	snprintf(path, sizeof(path), "%s/sys/bus/dax/devices/dax0.0/driver", host.root);
	assert_int_equal(symlink("../../drivers/device_dax", path), 0);
	info = info_of("dax:dax0.0");
	assert_int_equal(info.refused.code, PM_OK);
	assert_int_equal(info.base, 0x240000000);
	assert_int_equal(info.grain, 4 * MIB);
	assert_int_equal(info.numa_node, -1);
	folder_put(host.root, "/sys/bus/dax/devices/dax0.0/target_node", "-1\n");
	folder_put(host.root, "/sys/bus/dax/devices/dax0.0/numa_node", "1\n");
	assert_int_equal(info_of("dax:dax0.0").numa_node, 1);
	folder_put(host.root, "/sys/bus/dax/devices/dax0.0/target_node", "3\n");
	assert_int_equal(info_of("dax:dax0.0").numa_node, 3);
	snprintf(path, sizeof(path), "%s/dev/dax0.0", host.root);
	assert_int_equal(truncate(path, 8 * (off_t)MIB), 0);
	assert_int_equal(pm_region_open(&host, "dax:dax0.0", 4 * MIB, 0, true, &region, NULL), PM_OK);
	memcpy(region.map, "here", 5);
	pm_region_close(&region);
	assert_int_equal(pm_region_open(&host, "dax:dax0.0", 0, 0, false, &region, NULL), PM_OK);
	assert_string_equal((char *)region.map + 4 * MIB, "here");
	pm_region_close(&region);
}

/* What the kernel shows of RAM: the blocks of 128 MiB that each node has. */
static void a_node_is_known_where_ram_of_it_stands_on_both_sides(void **state)
{
	static const struct {
		const char *what;
		const char *blocks[4]; /* the region is block 32, 4 GiB */
		int32_t node;
	} cases[] = {
		{"nothing is shown", {NULL}, -1},
		{"one node", {"node0/memory7", "node0/memory33"}, 0},
		{"another node is farther off",
		 {"node1/memory30", "node0/memory31", "node0/memory40", "node1/memory50"},
		 0},
		{"the border of two nodes", {"node0/memory31", "node1/memory33"}, -1},
		{"the end of all memory", {"node1/memory31"}, -1},
		{"the start of all memory", {"node1/memory33"}, -1},
		{"a block that it shares with RAM", {"node1/memory32"}, 1},
		{"names that are none", {"node0/memory", "nodex/memory31", "node0/memory31x", "node/memory33"}, -1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tear_down(state);
		set_up(state);
		for (size_t b = 0; b < 4 && cases[i].blocks[b]; b++) {
			char path[100];

			snprintf(path, sizeof(path), "/sys/devices/system/node/%s", cases[i].blocks[b]);
			folder_put(host.root, path, "");
		}
		assert_int_equal(info_of(ID).numa_node, -1); /* a block's size is not known */
		folder_put(host.root, "/sys/devices/system/memory/block_size_bytes", "8000000\n");
		if (info_of(ID).numa_node != cases[i].node)
			fail_msg("%s: %d", cases[i].what, info_of(ID).numa_node);
	}
}

static void a_region_of_each_kind_is_written_down_as_its_medium(void **state)
{
	(void)state;
	assert_int_equal(pm_region_medium(PM_REGION_MEMMAP), PM_MEDIUM_MEMMAP);
	assert_int_equal(pm_region_medium(PM_REGION_PMEM), PM_MEDIUM_PMEM);
	assert_int_equal(pm_region_medium(PM_REGION_DEVDAX), PM_MEDIUM_DEVDAX);
	assert_int_equal(pm_region_medium(PM_REGION_SIMULATED), PM_MEDIUM_FILE);
	assert_false(pm_region_flush(PM_REGION_MEMMAP) || pm_region_flush(PM_REGION_SIMULATED));
	assert_true(pm_region_flush(PM_REGION_PMEM) && pm_region_flush(PM_REGION_DEVDAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(the_list_names_all_that_is_given_away),
		HOST_TEST(pmpool_names_a_region_inside_another),
		HOST_TEST(regions_that_share_memory_share_a_lock),
		HOST_TEST(grain_bounds_the_search),
		HOST_TEST(devdax_devices_are_regions),
		HOST_TEST(a_node_is_known_where_ram_of_it_stands_on_both_sides),
		HOST_TEST(a_region_of_each_kind_is_written_down_as_its_medium),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
