/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory map of a host: what is merged, where firmware and kernel differ, and what could be given away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "folder.h"
#include "host/memory_map.h"
#include "host/simulated.h"
#include "iomem_texts.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static char folder[256];

static int set_up(void **state)
{
	(void)state;
	folder_make(folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static void neighbours_of_one_name_and_depth_are_one(void **state)
{
	static const struct {
		const char *text, *merged; /* name first-last depth; */
	} cases[] = {
		{"", ""},
		{"00000000-00000fff : System RAM\n00001000-00001fff : System RAM\n", "System RAM 0-1fff 0;"},
		{"00000000-00000fff : System RAM\n00001001-00001fff : System RAM\n",
		 "System RAM 0-fff 0;System RAM 1001-1fff 0;"},
		{"00000000-00000fff : System RAM\n00001000-00001fff : Reserved\n",
		 "System RAM 0-fff 0;Reserved 1000-1fff 0;"},
		/* what is nested in the pieces stays, and goes on over their ends */
		{"00000000-00000fff : A\n  00000800-00000fff : B\n00001000-00001fff : A\n  00001000-000010ff : B\n",
		 "A 0-1fff 0;B 800-10ff 1;"},
		/* another parent between them */
		{"00000000-00000fff : A\n  00000800-00000fff : B\n00001000-00001fff : C\n  00001000-000010ff : B\n",
		 "A 0-fff 0;B 800-fff 1;C 1000-1fff 0;B 1000-10ff 1;"},
		{"fffffffffffff000-ffffffffffffffff : high\n00001000-ffffffffffffffff : long\n",
		 "long 1000-1ffffffffffffe 0;"},
		{"00000000-ffffffffffffffff : A\n00000000-00000fff : A\n", "A 0-1ffffffffffffe 0;A 0-fff 0;"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_iomem iomem;
		char text[512] = "";

		assert_int_equal(pm_iomem_parse(cases[i].text, &iomem), PM_OK);
		pm_iomem_tidy(&iomem);
		for (size_t j = 0; j < iomem.count; j++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %llx-%llx %u;",
				 iomem.entries[j].name, (unsigned long long)iomem.entries[j].first,
				 (unsigned long long)iomem.entries[j].last, iomem.entries[j].depth);
		assert_string_equal(text, cases[i].merged);
		pm_iomem_free(&iomem);
	}
}

static void a_firmware_entry_is_two_addresses_and_a_type(void **state)
{
	static const struct {
		const char *start, *end, *type;
		bool good;
	} cases[] = {
		{"0x100000", "0x3ffdbfff", "System RAM", true},
		{"0x0", "0x0", "Reserved", true},
		{"0x0", "0xffffffffffffffff", "Reserved", true}, /* cut to what the protocol counts */
		{"0x0", "0xfff", "", true},
		{"0x20000000000000", "0x20000000000fff", "System RAM", false}, /* 2^53 */
		{"0x1000", "0xfff", "System RAM", false},
		{"100000", "0x3ffdbfff", "System RAM", false},
		{"0x", "0xfff", "System RAM", false},
		{"", "", "", false},
		{"0x1g", "0xfff", "System RAM", false},
		{"0x0", "0x1ffffffffffffffff", "System RAM", false},
		{"-0x1", "0xfff", "System RAM", false},
	};
	struct pm_firmware_entry entry;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool good = pm_firmware_entry_parse(cases[i].start, cases[i].end, cases[i].type, &entry);

		assert_int_equal(good, cases[i].good);
		assert_true(!good || (entry.first <= entry.last && entry.last < PM_ADDRESS_END && *entry.type));
	}
}

static void options_about_memory_are_one_for_each_range(void **state)
{
	static const struct {
		const char *cmdline, *read; /* kind base size text; */
	} cases[] = {
		{"quiet ro", ""},
		{"memmap=1G$4G", "reserved 100000000 40000000 memmap=1G$4G;"},
		{"memmap=1G!4G,64M$0x10000000",
		 "pmem 100000000 40000000 memmap=1G!4G;reserved 10000000 4000000 memmap=64M$0x10000000;"},
		{"\"memmap=1G$4G\" memmap=\"2M#1M\"",
		 "reserved 100000000 40000000 memmap=1G$4G;acpi 100000 200000 memmap=2M#1M;"},
		{"memmap=2M@1M memmap=exactmap", "ram 100000 200000 memmap=2M@1M;other - - memmap=exactmap;"},
		{"memmap=100MG mem=2G", "limit - 6400000 memmap=100MG;limit - 80000000 mem=2G;"},
		{"memmap=1G$ memmap=$4G memmap=1G$4Gx",
		 "other - 40000000 memmap=1G$;other - - memmap=$4G;other - 40000000 memmap=1G$4Gx;"},
		{"memmap=1G$0xffffffffffffffff", "other - 40000000 memmap=1G$0xffffffffffffffff;"},
		{"memmap=0x20000000000000$0", "other 0 - memmap=0x20000000000000$0;"},
		{"memmap=99999999999999999999$1G", "other - - memmap=99999999999999999999$1G;"},
		{"memmap=2M%1M-1+2", "other 100000 200000 memmap=2M%1M-1+2;"},
		{"pmpool=4G,1G,6G,2M", "pmpool 100000000 40000000 pmpool=4G,1G;pmpool 180000000 200000 pmpool=6G,2M;"},
		{"pmpool=4G", "pmpool - - pmpool=4G;"},
		{"crashkernel=256M", "crashkernel - 10000000 crashkernel=256M;"},
		{"crashkernel=256M@16M", "crashkernel 1000000 10000000 crashkernel=256M@16M;"},
		{"crashkernel=1G-4G:64M,4G-:128M@1G",
		 "crashkernel 40000000 8000000 crashkernel=1G-4G:64M,4G-:128M@1G;"},
		{"reserve_mem=4M:4096:trace", "other - 400000 reserve_mem=4M:4096:trace;"},
		{"memmap=1M$1G -- memmap=2M$2G", "reserved 40000000 100000 memmap=1M$1G;"},
		{"memmap= memmap=, pmpool= mem=", "other - - mem=;"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_memory_option *options;
		char text[1024] = "";
		size_t count;

		assert_int_equal(pm_memory_options(cases[i].cmdline, &options, &count), PM_OK);
		for (size_t j = 0; j < count; j++) {
			char base[32] = "-", size[32] = "-";

			if (options[j].has_base)
				snprintf(base, sizeof(base), "%llx", (unsigned long long)options[j].base);
			if (options[j].has_bytes)
				snprintf(size, sizeof(size), "%llx", (unsigned long long)options[j].bytes);
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s %s %s;",
				 pm_option_kind_name(options[j].kind), base, size, options[j].text);
		}
		assert_string_equal(text, cases[i].read);
		free(options);
	}
}

/* A host with nothing but these three. */
static void put_host(struct pm_host *host, const char *iomem, const char *cmdline)
{
	memset(host, 0, sizeof(*host));
	host->simulated = true;
	snprintf(host->root, sizeof(host->root), "%s", folder);
	folder_put(folder, "/proc/iomem", iomem);
	folder_put(folder, "/proc/cmdline", cmdline);
}

static void put_firmware(int number, const char *start, const char *end, const char *type)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/firmware/memmap/%d/start", number);
	folder_put(folder, path, start);
	snprintf(path, sizeof(path), "/sys/firmware/memmap/%d/end", number);
	folder_put(folder, path, end);
	snprintf(path, sizeof(path), "/sys/firmware/memmap/%d/type", number);
	folder_put(folder, path, type);
}

static void differences_are_explained_by_options(void **state)
{
	struct pm_memory_map map;
	struct pm_host host;

	(void)state;
	put_host(&host, IOMEM_RESERVED, "memmap=64M$0x10000000 ro");
	put_firmware(10, "0x100000\n", "0x3ffdffff\n", "System RAM\n");
	put_firmware(2, "0x0\n", "0x9fbff\n", "System RAM\n");
	put_firmware(3, "0x9fc00\n", "0x9ffff\n", "Reserved\n");
	put_firmware(4, "rubbish\n", "0x9ffff\n", "Reserved\n");
	assert_int_equal(pm_memory_map_read(&host, &map, NULL), PM_OK);
	assert_int_equal(map.firmware.count, 3); /* by address, rubbish left out */
	assert_int_equal(map.firmware.entries[2].first, 0x100000);
	assert_int_equal(map.difference_count, 2);
	assert_int_equal(map.differences[0].first, 0);
	assert_int_equal(map.differences[0].last, 0xfff);
	assert_null(map.differences[0].option); /* the kernel keeps the first page by itself */
	assert_int_equal(map.differences[1].first, 0x10000000);
	assert_int_equal(map.differences[1].last, 0x13ffffff);
	assert_string_equal(map.differences[1].kernel, "Reserved");
	assert_string_equal(map.differences[1].firmware, "System RAM");
	assert_string_equal(map.differences[1].option->text, "memmap=64M$0x10000000");
	pm_memory_map_free(&map);
}

static void without_firmware_or_addresses_less_is_said(void **state)
{
	struct pm_memory_map map;
	struct pm_host host;

	(void)state;
	put_host(&host, IOMEM_RESERVED, "ro");
	assert_int_equal(pm_memory_map_read(&host, &map, NULL), PM_OK);
	assert_false(map.firmware.there);
	assert_int_equal(map.difference_count, 0);
	assert_true(map.free_count > 0);
	pm_memory_map_free(&map);
	folder_put(folder, "/proc/iomem", IOMEM_HIDDEN);
	assert_int_equal(pm_memory_map_read(&host, &map, NULL), PM_OK);
	assert_true(map.kernel.hidden);
	assert_int_equal(map.kernel.count + map.free_count + map.difference_count, 0);
	pm_memory_map_free(&map);
	folder_put(folder, "/proc/iomem", "rubbish\n");
	assert_int_equal(pm_memory_map_read(&host, &map, NULL), PM_E_FILE_CORRUPT);
}

static void free_stretches_keep_off_what_is_used(void **state)
{
	static const struct {
		const char *iomem, *cmdline, *free; /* first-last[ why]; */
	} cases[] = {
		{"00000000-00ffffff : System RAM\n", "", ""}, /* all below 16 MiB */
		{"00100000-03ffffff : System RAM\n", "", "1000000-3ffffff low;"},
		{"100000000-1ffffffff : System RAM\n", "", "100000000-1ffffffff;"},
		{"100001000-100401fff : System RAM\n", "", "100200000-1003fffff;"}, /* aligned inward */
		{"100001000-1002fffff : System RAM\n", "", ""},
		{"100000000-1ffffffff : System RAM\n  140000000-140ffffff : Kernel code\n"
		 "  141800000-141ffffff : Kernel data\n  180000000-18fffffff : Crash kernel\n",
		 "", "100000000-13fffffff;142000000-17fffffff;190000000-1ffffffff;"},
		{"100000000-13fffffff : System RAM\n", "crashkernel=256M@0x110000000",
		 "100000000-10fffffff;120000000-13fffffff;"},
		{"100000000-13fffffff : Reserved\n", "memmap=1G$4G", ""},
		/* two pieces that a kexec left are one stretch */
		{"100000000-11fffffff : System RAM\n120000000-13fffffff : System RAM\n", "", "100000000-13fffffff;"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_memory_map map;
		struct pm_host host;
		char text[512] = "";

		put_host(&host, cases[i].iomem, cases[i].cmdline);
		assert_int_equal(pm_memory_map_read(&host, &map, NULL), PM_OK);
		for (size_t j = 0; j < map.free_count; j++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%llx-%llx%s;",
				 (unsigned long long)map.free[j].first, (unsigned long long)map.free[j].last,
				 strstr(map.free[j].why, "below 4 GiB") ? " low" : "");
		assert_string_equal(text, cases[i].free);
		pm_memory_map_free(&map);
	}
}

static void nodes_are_blocks_put_together(void **state)
{
	struct pm_memory_map map;
	struct pm_host host;

	(void)state;
	put_host(&host, "100000000-11fffffff : System RAM\n", "");
	folder_put(folder, "/sys/devices/system/memory/block_size_bytes", "8000000\n");
	folder_put(folder, "/sys/devices/system/node/node0/memory32/state", "");
	folder_put(folder, "/sys/devices/system/node/node0/memory33/state", "");
	folder_put(folder, "/sys/devices/system/node/node1/memory34/state", "");
	folder_put(folder, "/sys/devices/system/node/node1/memory35/state", "");
	assert_int_equal(pm_memory_map_read(&host, &map, NULL), PM_OK);
	assert_int_equal(map.node_count, 2);
	assert_int_equal(map.nodes[0].base, 4 * GIB);
	assert_int_equal(map.nodes[0].bytes, 256 * MIB);
	assert_int_equal(map.nodes[1].node, 1);
	assert_int_equal(map.free_count, 1);
	assert_string_equal(map.free[0].why, "spans NUMA nodes 0 to 1: node 0 ends at 0x110000000");
	pm_memory_map_free(&map);
}

/* Made as a host is: the reservation is the only difference, also after a boot with another one. */
static void a_simulated_host_differs_by_its_reservation_only(void **state)
{
	static const struct {
		const char *cmdline;
		size_t differences;
	} boots[] = {
		{"ro memmap=64M$0x100000000", 1},
		{"ro", 0},
		{"ro memmap=64M$0x100000000,16M!0x20000000 crashkernel=64M", 2},
		{"ro memmap=1GG", 1}, /* all RAM above */
	};
	struct pm_memory_map map;
	struct pm_host host;
	char path[300];

	(void)state;
	snprintf(path, sizeof(path), "%s/host", folder);
	assert_int_equal(pm_host_open(&host, path, 64 * MIB, NULL), PM_OK);
	for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
		assert_int_equal(pm_host_simulate_boot(&host, boots[i].cmdline, NULL), PM_OK);
		assert_int_equal(pm_memory_map_read(&host, &map, NULL), PM_OK);
		assert_true(map.firmware.there);
		assert_int_equal(map.difference_count, boots[i].differences);
		for (size_t j = 0; j < map.difference_count; j++)
			assert_non_null(map.differences[j].option);
		pm_memory_map_free(&map);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_of_one_name_and_depth_are_one),
		cmocka_unit_test(a_firmware_entry_is_two_addresses_and_a_type),
		cmocka_unit_test(options_about_memory_are_one_for_each_range),
		cmocka_unit_test_setup_teardown(differences_are_explained_by_options, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_firmware_or_addresses_less_is_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(free_stretches_keep_off_what_is_used, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nodes_are_blocks_put_together, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_simulated_host_differs_by_its_reservation_only, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
