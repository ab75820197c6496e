/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of a host, and what a boot changes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "folder.h"
#include "host/facts.h"
#include "host/simulated.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)

static char folder[256], path[512];
static struct pm_host host;

static int set_up(void **state)
{
	(void)state;
	folder_make(folder);
	snprintf(path, sizeof(path), "%s/host", folder);
	return pm_host_open(&host, path, 4 * MIB, NULL) ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static struct json_object *take(void)
{
	struct json_object *facts;

	assert_int_equal(pm_host_facts(&host, &facts, NULL), PM_OK);
	return facts;
}

static void expect_text(struct json_object *object, const char *key, const char *text)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value))
		fail_msg("no %s in %s", key, json_object_to_json_string(object));
	assert_string_equal(json_object_get_string(value), text);
}

static void a_host_tells_its_facts(void **state)
{
	struct json_object *facts = take(), *list;
	uint8_t boot_id[16];

	(void)state;
	assert_int_equal(pm_host_boot_id(&host, boot_id, NULL), PM_OK);
	assert_non_null(pm_facts_list(facts, "iomem"));
	expect_text(facts, "cmdline", "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet memmap=4M$0x100000000");
	expect_text(facts, "cpu", "Simulated CPU");
	expect_text(facts, "microcode", "0x1");
	list = pm_facts_list(facts, "pciDevices");
	assert_int_equal(json_object_array_length(list), 2);
	expect_text(json_object_array_get_idx(list, 0), "address", "0000:00:03.0");
	expect_text(json_object_array_get_idx(list, 0), "id", "8086:10d3");
	expect_text(json_object_array_get_idx(list, 0), "driver", "e1000e");
	expect_text(json_object_array_get_idx(list, 0), "power", "D0");
	list = pm_facts_list(facts, "iommuGroups");
	assert_int_equal(json_object_array_length(list), 1);
	expect_text(json_object_array_get_idx(list, 0), "group", "0");
	json_object_put(facts);
}

static void fragments_of_ram_are_one(void **state)
{
	struct json_object *facts, *list;

	(void)state;
	folder_put(path, "/proc/iomem",
		   "00001000-0009ffff : System RAM\n00100000-00ffffff : System RAM\n01000000-01ffffff : System RAM\n"
		   "  01000000-0122ffff : Kernel code\n02000000-02ffffff : System RAM\n03000000-03ffffff : Reserved\n");
	facts = take();
	list = pm_facts_list(facts, "iomem");
	assert_int_equal(json_object_array_length(list), 4);
	assert_string_equal(json_object_get_string(json_object_array_get_idx(list, 1)),
			    "00100000-02ffffff : System RAM");
	assert_string_equal(json_object_get_string(json_object_array_get_idx(list, 2)),
			    "  01000000-0122ffff : Kernel code");
	json_object_put(facts);
}

/* Unreadable or shown too much of: not a fact. */
static void what_is_not_shown_is_missing(void **state)
{
	static const char *const files[] = {"/proc/cpuinfo", "/proc/iomem"};
	char full[1024];
	struct json_object *facts;
	FILE *file;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		snprintf(full, sizeof(full), "%s%s", path, files[i]);
		assert_int_equal(unlink(full), 0);
	}
	facts = take();
	assert_false(json_object_object_get_ex(facts, "cpu", NULL));
	assert_null(pm_facts_list(facts, "iomem"));
	json_object_put(facts);
	snprintf(full, sizeof(full), "%s/proc/iomem", path);
	file = fopen(full, "w");
	assert_non_null(file);
	for (unsigned i = 0; i < 8000; i++)
		fprintf(file, "%08x-%08x : a rather long name of a range\n", i * 4096, i * 4096 + 4095);
	fclose(file);
	facts = take();
	assert_null(pm_facts_list(facts, "iomem"));
	json_object_put(facts);
}

/* --- what a boot changes --- */

static void nothing(void)
{
}

static void planned_boot(void)
{
	assert_int_equal(pm_host_simulate_boot(&host, "root=/dev/sda1 ro quiet memmap=4M$0x100000000 pmpool.nonce=12",
					       NULL),
			 PM_OK);
}

static void new_option(void)
{
	assert_int_equal(pm_host_simulate_boot(&host, "root=/dev/sda1 ro debug memmap=4M$0x100000000", NULL), PM_OK);
}

static void no_memmap(void)
{
	assert_int_equal(pm_host_simulate_boot(&host, "root=/dev/sda1 ro quiet", NULL), PM_OK);
}

static void new_kernel(void)
{
	folder_put(path, "/proc/sys/kernel/osrelease", "6.12.0-next\n");
}

static void new_microcode(void)
{
	folder_put(path, "/proc/cpuinfo", "model name\t: Simulated CPU\nmicrocode\t: 0x2\n");
}

static void kernel_elsewhere(void)
{
	char *text, *at;

	assert_int_equal(pm_host_read_all(&host, "/proc/iomem", &text, NULL), PM_OK);
	at = strstr(text, "01000000-01ffffff : Kernel code");
	assert_non_null(at);
	memcpy(at, "11000000-11ffffff", 17);
	folder_put(path, "/proc/iomem", text);
	free(text);
}

static void lose_the_driver(void)
{
	char full[1024];

	snprintf(full, sizeof(full), "%s/sys/bus/pci/devices/0000:00:03.0/driver", path);
	assert_int_equal(unlink(full), 0);
	folder_put(path, "/sys/bus/pci/devices/0000:00:03.0/power_state", "D3hot\n");
}

static void another_device(void)
{
	folder_put(path, "/sys/bus/pci/devices/0000:01:00.0/vendor", "0x1af4\n");
	folder_put(path, "/sys/bus/pci/devices/0000:01:00.0/device", "0x1000\n");
}

static void regroup(void)
{
	char from[1024], to[1024];

	snprintf(from, sizeof(from), "%s/sys/kernel/iommu_groups/0/devices/0000:00:1f.2", path);
	snprintf(to, sizeof(to), "%s/sys/kernel/iommu_groups/4/devices/0000:00:1f.2", path);
	folder_put(path, "/sys/kernel/iommu_groups/4/type", "DMA\n");
	folder_put(path, "/sys/kernel/iommu_groups/4/devices/0000:00:1f.2", "");
	assert_int_equal(unlink(from), 0);
	assert_int_equal(access(to, F_OK), 0);
}

static const struct {
	void (*happen)(void);
	size_t count;
	const char *what, *before, *after; /* of one of them */
} boots[] = {
	{nothing, 0, NULL, NULL, NULL},
	{planned_boot, 0, NULL, NULL, NULL},
	{kernel_elsewhere, 0, NULL, NULL, NULL},
	{new_option, 2, "kernel option quiet", "given", "not given"},
	{new_option, 2, "kernel option debug", "not given", "given"},
	{no_memmap, 4, "memory map 100000000-1003fffff", "Reserved", "not listed"},
	{new_kernel, 1, "kernel release", NULL, "6.12.0-next"},
	{new_microcode, 1, "microcode revision", "0x1", "0x2"},
	{lose_the_driver, 2, "driver of PCI device 0000:00:03.0", "e1000e", "none"},
	{lose_the_driver, 2, "power state of PCI device 0000:00:03.0", "D0", "D3hot"},
	{another_device, 1, "PCI device 0000:01:00.0", "not there", "1af4:1000, driver none, power state unknown"},
	{regroup, 2, "IOMMU group of 0000:00:1f.2", "group 0 with 0000:00:03.0", "group 4 alone"},
	{regroup, 2, "IOMMU group of 0000:00:03.0", "group 0 with 0000:00:1f.2", "group 0 alone"},
};

static bool told(struct json_object *changes, size_t i)
{
	for (size_t j = 0; j < json_object_array_length(changes); j++) {
		struct json_object *change = json_object_array_get_idx(changes, j), *what;

		json_object_object_get_ex(change, "what", &what);
		if (strcmp(json_object_get_string(what), boots[i].what) != 0)
			continue;
		if (boots[i].before)
			expect_text(change, "before", boots[i].before);
		expect_text(change, "after", boots[i].after);
		return true;
	}
	return false;
}

static void changes_are_told_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
		struct json_object *before, *after, *changes;

		before = take();
		boots[i].happen();
		after = take();
		changes = pm_host_changes(before, after);
		if (json_object_array_length(changes) != boots[i].count || (boots[i].what && !told(changes, i)))
			fail_msg("%zu: %s", i, json_object_to_json_string(changes));
		json_object_put(before);
		json_object_put(after);
		json_object_put(changes);
		tear_down(NULL);
		assert_int_equal(set_up(NULL), 0);
	}
}

static void no_more_than_fit_are_told(void **state)
{
	struct json_object *facts[2], *changes;

	(void)state;
	for (size_t side = 0; side < 2; side++) {
		struct json_object *list = json_object_new_array();

		facts[side] = json_object_new_object();
		for (unsigned i = 0; i < 5000; i++) {
			struct json_object *device = json_object_new_object();
			char address[32];

			snprintf(address, sizeof(address), "%04x:00:00.%zu", i, side);
			json_object_object_add(device, "address", json_object_new_string(address));
			json_object_array_add(list, device);
		}
		json_object_object_add(facts[side], "pciDevices", list);
	}
	changes = pm_host_changes(facts[0], facts[1]);
	assert_int_equal(json_object_array_length(changes), PM_FACTS_CHANGES);
	json_object_put(changes);
	json_object_put(facts[0]);
	json_object_put(facts[1]);
}

/* What stands in a file is not believed to have a shape. */
static void odd_facts_are_not_compared(void **state)
{
	static const char *const odd[] = {
		"null",
		"[]",
		"{}",
		"{\"iomem\":7,\"pciDevices\":{},\"iommuGroups\":\"x\",\"memory\":\"x\",\"cmdline\":{}}",
		("{\"iomem\":[1,null,{},\"\",\":\"],\"pciDevices\":[1,null,[],{},{\"address\":7}],"
		 "\"iommuGroups\":[1,{},{\"group\":1,\"devices\":[null,7,{}]},{\"devices\":7}]}"),
	};
	struct json_object *after = take();

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct json_object *before = json_tokener_parse(odd[i]), *changes = pm_host_changes(before, after);

		assert_true(json_object_array_length(changes) <= PM_FACTS_CHANGES);
		if (i < 4)
			assert_int_equal(json_object_array_length(changes), 0);
		json_object_put(changes);
		json_object_put(before);
	}
	json_object_put(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_host_tells_its_facts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(fragments_of_ram_are_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_not_shown_is_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(changes_are_told_in_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_more_than_fit_are_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(odd_facts_are_not_compared, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
