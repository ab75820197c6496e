/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Planning a reservation: the option, the checks; and reading it back after the boot. The loaders have a file of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "folder.h"
#include "host/check.h"
#include "host/reservation.h"
#include "host/simulated.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static char folder[256];
static struct pm_host host;

static int set_up(void **state)
{
	char path[300];

	(void)state;
	folder_make(folder);
	snprintf(path, sizeof(path), "%s/host", folder);
	return pm_host_open(&host, path, 64 * MIB, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static void a_wish_joins_what_is_there(void **state)
{
	static const struct {
		const char *before, *after, *option;
		bool pmem;
	} cases[] = {
		{"", "memmap=1G$0x140000000", "memmap=1G$0x140000000", false},
		{"", "memmap=1G!0x140000000", "memmap=1G!0x140000000", true},
		{"ro quiet", "ro quiet memmap=1G$0x140000000", "memmap=1G$0x140000000", false},
		{"BOOT_IMAGE=/vmlinuz ro pmpool.nonce=1", "ro memmap=1G$0x140000000", "memmap=1G$0x140000000", false},
		{"ro dyndbg=\"file a +p\" -- init", "ro dyndbg=\"file a +p\" memmap=1G$0x140000000 -- init",
		 "memmap=1G$0x140000000", false},
		{"memmap=1M$1G ro", "memmap=1M$1G ro memmap=1G$0x140000000", "memmap=1G$0x140000000", false},
		/* there already, in whatever way it is written */
		{"memmap=1024M$5G ro", "memmap=1024M$5G ro", "memmap=1024M$5G", false},
		{"memmap=1M$1G,1G$5G ro", "memmap=1M$1G,1G$5G ro", "memmap=1M$1G,1G$5G", false},
		{"memmap=1024M$5G ro", "memmap=1024M$5G ro memmap=1G!0x140000000", "memmap=1G!0x140000000", true},
		/* a lost `$` */
		{"memmap=1G0x140000000 ro", "ro memmap=1G$0x140000000", "memmap=1G$0x140000000", false},
		{"memmap=1M$1G,100MG ro", "memmap=1M$1G ro memmap=1G$0x140000000", "memmap=1G$0x140000000", false},
		{"memmap=exactmap memmap=1M@0", "memmap=exactmap memmap=1M@0 memmap=1G$0x140000000",
		 "memmap=1G$0x140000000", false},
		/* the fifth range: all in one option */
		{"memmap=1M$1G ro memmap=1M$2G,1M$3G memmap=1M!4G", "ro memmap=1M$1G,1M$2G,1M$3G,1M!4G,1G$0x140000000",
		 "memmap=1M$1G,1M$2G,1M$3G,1M!4G,1G$0x140000000", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pm_reservation_wish wish = {5 * GIB, GIB, cases[i].pmem};
		struct pm_reservation_edit edit;

		assert_int_equal(pm_reservation_edit(cases[i].before, &wish, &edit), PM_OK);
		assert_string_equal(edit.cmdline, cases[i].after);
		assert_string_equal(edit.option, cases[i].option);
		pm_reservation_edit_free(&edit);
	}
}

static struct json_object *plan_of(uint64_t base, uint64_t bytes, bool pmem)
{
	const struct pm_reservation_wish wish = {base, bytes, pmem};
	struct json_object *plan;

	assert_int_equal(pm_reservation_plan(&host, &wish, &plan, NULL), PM_OK);
	return plan;
}

static const char *level_of(struct json_object *plan, const char *id)
{
	struct json_object *checks = json_object_object_get(plan, "checks");

	for (size_t i = 0; i < json_object_array_length(checks); i++)
		if (strcmp(json_text(json_object_array_get_idx(checks, i), "id"), id) == 0)
			return json_text(json_object_array_get_idx(checks, i), "level");
	return "";
}

#define LAST UINT64_C(0x104000000) /* RAM behind the region: 1 GiB of it */

static void a_range_is_checked(void **state)
{
	static const struct {
		const char *cmdline; /* of the boot */
		uint64_t base, bytes;
		const char *id, *level;
	} cases[] = {
		{"ro", 5 * GIB - 512 * MIB, 64 * MIB, "", ""}, /* nothing against it */
		{"ro", LAST, 64 * MIB, "", ""},
		{"ro", LAST + 4096, 4 * MIB, "aligned", "warn"},
		{"ro", LAST + 512, 4 * MIB, "aligned", "fail"},
		{"ro", LAST, 64 * 1024, "size", "fail"},
		{"ro", LAST, GIB + 64 * MIB, "system-ram", "fail"}, /* past the end */
		{"ro", 0x40000000, 64 * MIB, "system-ram", "fail"},
		{"ro", 0x2000000, 2 * MIB, "in-use", "fail"},
		{"ro", 0x8000000, 16 * MIB, "low-memory", "warn"},
		{"ro", 0x100000, 2 * MIB, "low-memory", "fail"},
		{"ro crashkernel=64M@0x108000000", 0x10a000000, 4 * MIB, "crashkernel", "fail"},
		{"ro crashkernel=64M", 0x3c000000, 4 * MIB, "in-use", "warn"},
		{"ro memmap=64M$0x100000000", 0x102000000, 64 * MIB, "overlap", "fail"},
		{"ro memmap=64M$0x100000000", 0x100000000, 64 * MIB, "", ""}, /* there already */
		{"ro memmap=512M0x104000000", LAST, 64 * MIB, "memmap-eaten", "warn"},
		{"ro memmap=512M0x104000000", LAST, 64 * MIB, "system-ram", "warn"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *plan;

		assert_int_equal(pm_host_simulate_boot(&host, cases[i].cmdline, NULL), PM_OK);
		plan = plan_of(cases[i].base, cases[i].bytes, false);
		if (*cases[i].id)
			assert_string_equal(level_of(plan, cases[i].id), cases[i].level);
		else
			assert_null(pm_check_failed(json_object_object_get(plan, "checks")));
		json_object_put(plan);
	}
}

static void what_is_no_range_is_refused(void **state)
{
	static const struct pm_reservation_wish wishes[] = {
		{0, 0, false},
		{UINT64_MAX, 4096, false},
		{4096, UINT64_MAX, false},
		{PM_ADDRESS_END - 4096, 8192, false},
	};
	struct json_object *plan;

	(void)state;
	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
		assert_int_equal(pm_reservation_plan(&host, &wishes[i], &plan, NULL), PM_E_OUT_OF_RANGE);
}

/* The loop: planned, booted with what was planned or with what was made of it, read back. */
static void what_was_meant_is_read_back(void **state)
{
	static const struct pm_reservation_wish wish = {LAST, 64 * MIB, false};
	static const struct {
		const char *cmdline, *cmdline_title;
		bool iomem, region;
	} cases[] = {
		{"ro memmap=64M$0x104000000", "The command line has it", true, true},
		{"ro memmap=1M$0x20000000,64M$0x104000000", "The command line has it", true, true},
		{"ro memmap=65536K$4160M", "The command line has it", true, true}, /* the same, otherwise written */
		{"ro", "The command line does not have it", false, false},
		{"ro memmap=64M0x104000000", "The `$` was lost on the way", false, false},
		{"ro memmap=64MG", "The `$` was lost on the way", false, false},
		{"ro memmap=32M$0x104000000", "The size is another one", false, false},
		{"ro memmap=64M$0x105000000", "The address is another one", false, false},
		{"ro memmap=64M!0x104000000", "The kind is another one", false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *checks = json_object_new_array();
		struct pm_region_info *regions;
		struct pm_memory_map map;
		size_t count;

		assert_int_equal(pm_host_simulate_boot(&host, cases[i].cmdline, NULL), PM_OK);
		assert_int_equal(pm_memory_map_read(&host, &map, NULL), PM_OK);
		assert_int_equal(pm_region_list(&host, &regions, &count, NULL), PM_OK);
		pm_reservation_read_back(&map, regions, count, &wish, checks);
		assert_string_equal(json_text(json_object_array_get_idx(checks, 0), "title"), cases[i].cmdline_title);
		assert_int_equal(strcmp(json_text(json_object_array_get_idx(checks, 1), "level"), "pass") == 0,
				 cases[i].iomem);
		assert_int_equal(strcmp(json_text(json_object_array_get_idx(checks, 2), "level"), "pass") == 0,
				 cases[i].region);
		free(regions);
		pm_memory_map_free(&map);
		json_object_put(checks);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wish_joins_what_is_there),
		cmocka_unit_test_setup_teardown(a_range_is_checked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_range_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_meant_is_read_back, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
