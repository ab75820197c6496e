/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Planning a reservation: the option, the line of each boot loader, the checks; and reading it back after the boot. */
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

/* What GRUB makes of an unquoted word: a backslash protects what follows, $ and a name or digits are a variable. */
static void read_by_grub(const char *text, char *read)
{
	while (*text) {
		if (*text == '\\' && text[1]) {
			*read++ = text[1];
			text += 2;
		} else if (*text == '$' && text[1] >= '0' && text[1] <= '9') {
			text += 1 + strspn(text + 1, "0123456789");
		} else {
			*read++ = *text++;
		}
	}
	*read = 0;
}

/* As grub-mkconfig does: the file is sourced by a shell, and what it set is written into grub.cfg. */
static void read_by_shell(const char *line, char *value, size_t size)
{
	char command[512];
	size_t used;
	FILE *shell;

	folder_put(folder, "/grub", line);
	snprintf(command, sizeof(command), ". '%s/grub'; cat <<EOF\n${GRUB_CMDLINE_LINUX}\nEOF\n", folder);
	shell = popen(command, "r");
	assert_non_null(shell);
	used = fread(value, 1, size - 1, shell);
	value[used] = 0;
	assert_int_equal(pclose(shell), 0);
	value[strcspn(value, "\n")] = 0;
}

static void the_line_for_grub_arrives_as_meant(void **state)
{
	static const struct {
		const char *file, *line, *arrives;
		bool pmem;
	} cases[] = {
		{"", "GRUB_CMDLINE_LINUX=\"memmap=1G\\\\\\$0x140000000\"", "memmap=1G$0x140000000", false},
		{"", "GRUB_CMDLINE_LINUX=\"memmap=1G!0x140000000\"", "memmap=1G!0x140000000", true},
		{"GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX=\"\"\n", "GRUB_CMDLINE_LINUX=\"memmap=1G\\\\\\$0x140000000\"",
		 "memmap=1G$0x140000000", false},
		{"GRUB_CMDLINE_LINUX=\"quiet splash\"\n",
		 "GRUB_CMDLINE_LINUX=\"quiet splash memmap=1G\\\\\\$0x140000000\"",
		 "quiet splash memmap=1G$0x140000000", false},
		{"GRUB_CMDLINE_LINUX='quiet'\n", "GRUB_CMDLINE_LINUX='quiet memmap=1G\\$0x140000000'",
		 "quiet memmap=1G$0x140000000", false},
		{"GRUB_CMDLINE_LINUX=quiet # bare\n", "GRUB_CMDLINE_LINUX=\"quiet memmap=1G\\\\\\$0x140000000\"",
		 "quiet memmap=1G$0x140000000", false},
		/* there already */
		{"GRUB_CMDLINE_LINUX=\"memmap=1G\\\\\\$0x140000000 ro\"\n",
		 "GRUB_CMDLINE_LINUX=\"memmap=1G\\\\\\$0x140000000 ro\"", "memmap=1G$0x140000000 ro", false},
		/* the last one counts; a comment does not */
		{"GRUB_CMDLINE_LINUX=\"a\"\n#GRUB_CMDLINE_LINUX=\"b\"\nGRUB_CMDLINE_LINUX=\"c\"\n",
		 "GRUB_CMDLINE_LINUX=\"c memmap=1G\\\\\\$0x140000000\"", "c memmap=1G$0x140000000", false},
		/* nothing to go by */
		{"#GRUB_CMDLINE_LINUX=\"a\"\n", "GRUB_CMDLINE_LINUX=\"memmap=1G\\\\\\$0x140000000\"",
		 "memmap=1G$0x140000000", false},
		{"GRUB_CMDLINE_LINUX=\"quoted \\\" inside\"\n",
		 "GRUB_CMDLINE_LINUX=\"quoted \\\" inside memmap=1G\\\\\\$0x140000000\"",
		 "quoted \" inside memmap=1G$0x140000000", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct pm_reservation_wish wish = {5 * GIB, GIB, cases[i].pmem};
		struct pm_reservation_edit edit;
		char configured[512], arrives[512], *line;

		assert_int_equal(pm_reservation_edit("ro", &wish, &edit), PM_OK);
		line = pm_reservation_grub_line(cases[i].file, &edit);
		assert_string_equal(line, cases[i].line);
		read_by_shell(line, configured, sizeof(configured));
		read_by_grub(configured, arrives);
		assert_string_equal(arrives, cases[i].arrives);
		free(line);
		pm_reservation_edit_free(&edit);
	}
}

/* What only a shell can read is kept: the line stands behind it. */
static void no_option_for_grub_is_lost(void **state)
{
	static const struct pm_reservation_wish wish = {5 * GIB, GIB, false};
	static const struct {
		const char *file, *arrives;
	} cases[] = {
		{"GRUB_CMDLINE_LINUX=\"root=/dev/a \\\n quiet\"\n", "root=/dev/a  quiet memmap=1G$0x140000000"},
		{"GRUB_CMDLINE_LINUX=\"root=/dev/a\"' quiet'\n", "root=/dev/a quiet memmap=1G$0x140000000"},
		{"GRUB_CMDLINE_LINUX=root=/dev/a\\ quiet\n", "root=/dev/a quiet memmap=1G$0x140000000"},
		{"GRUB_CMDLINE_LINUX=quiet\nGRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX ro\"\n",
		 "quiet ro memmap=1G$0x140000000"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char file[512], configured[512], arrives[512], *line;
		struct pm_reservation_edit edit;
		const char *last;

		assert_int_equal(pm_reservation_edit("ro", &wish, &edit), PM_OK);
		line = pm_reservation_grub_line(cases[i].file, &edit);
		/* in the place of the one that it holds already */
		last = strstr(cases[i].file, "\nGRUB_CMDLINE_LINUX");
		snprintf(file, sizeof(file), "%.*s%s\n", last ? (int)(last + 1 - cases[i].file) : 400, cases[i].file,
			 line);
		read_by_shell(file, configured, sizeof(configured));
		read_by_grub(configured, arrives);
		assert_string_equal(arrives, cases[i].arrives);
		free(line);
		pm_reservation_edit_free(&edit);
	}
}

/* Without the backslashes it would not: the model of GRUB takes the variable $0 away. */
static void an_unescaped_dollar_is_lost(void **state)
{
	char configured[512], arrives[512];

	(void)state;
	read_by_shell("GRUB_CMDLINE_LINUX='memmap=1G$4G'\n", configured, sizeof(configured));
	read_by_grub(configured, arrives);
	assert_string_equal(arrives, "memmap=1GG");
}

static void a_joined_option_replaces_the_others_for_grub(void **state)
{
	const struct pm_reservation_wish wish = {5 * GIB, GIB, false};
	struct pm_reservation_edit edit;
	char *line;

	(void)state;
	assert_int_equal(pm_reservation_edit("memmap=1M$1G memmap=1M$2G memmap=1M$3G memmap=1M$4G", &wish, &edit),
			 PM_OK);
	assert_true(edit.joined);
	line = pm_reservation_grub_line("GRUB_CMDLINE_LINUX=\"ro memmap=1M\\\\\\$1G memmap=1M\\\\\\$2G quiet\"\n",
					&edit);
	assert_string_equal(line,
			    "GRUB_CMDLINE_LINUX=\"ro quiet memmap=1M\\\\\\$1G,1M\\\\\\$2G,1M\\\\\\$3G,1M\\\\\\$4G,"
			    "1G\\\\\\$0x140000000\"");
	free(line);
	pm_reservation_edit_free(&edit);
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
		if (strcmp(pm_json_text(json_object_array_get_idx(checks, i), "id"), id) == 0)
			return pm_json_text(json_object_array_get_idx(checks, i), "level");
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

static void boot_loaders_are_found_by_their_files(void **state)
{
	static const struct {
		const char *file, *text, *id, *line;
	} cases[] = {
		{"/etc/default/grub", "GRUB_CMDLINE_LINUX=\"quiet\"\n", "grub",
		 "GRUB_CMDLINE_LINUX=\"quiet memmap=64M\\\\\\$0x104000000\""},
		{"/etc/kernel/cmdline", "root=/dev/vda1\n", "systemd-boot", "root=/dev/vda1 memmap=64M$0x104000000"},
		{"/etc/kernel/cmdline", "root=/dev/vda1\nquiet\n", "systemd-boot",
		 "root=/dev/vda1 quiet memmap=64M$0x104000000"},
		{"/boot/extlinux/extlinux.conf", "label a\n  kernel /vmlinuz\n  append root=/dev/vda2\n", "extlinux",
		 "  append root=/dev/vda2 memmap=64M$0x104000000"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *plan, *loaders;
		bool seen = false;

		folder_put(host.root, cases[i].file, cases[i].text);
		plan = plan_of(LAST, 64 * MIB, false);
		loaders = json_object_object_get(plan, "loaders");
		assert_int_equal(json_object_array_length(loaders), 4);
		for (size_t j = 0; j < 4; j++) {
			struct json_object *loader = json_object_array_get_idx(loaders, j);

			if (strcmp(pm_json_text(loader, "id"), cases[i].id) != 0)
				continue;
			seen = true;
			assert_true(json_object_get_boolean(json_object_object_get(loader, "found")));
			assert_string_equal(pm_json_text(loader, "line"), cases[i].line);
		}
		assert_true(seen);
		json_object_put(plan);
	}
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
		assert_string_equal(pm_json_text(json_object_array_get_idx(checks, 0), "title"),
				    cases[i].cmdline_title);
		assert_int_equal(strcmp(pm_json_text(json_object_array_get_idx(checks, 1), "level"), "pass") == 0,
				 cases[i].iomem);
		assert_int_equal(strcmp(pm_json_text(json_object_array_get_idx(checks, 2), "level"), "pass") == 0,
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
		cmocka_unit_test_setup_teardown(the_line_for_grub_arrives_as_meant, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_unescaped_dollar_is_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_option_for_grub_is_lost, set_up, tear_down),
		cmocka_unit_test(a_joined_option_replaces_the_others_for_grub),
		cmocka_unit_test_setup_teardown(a_range_is_checked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_range_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(boot_loaders_are_found_by_their_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_meant_is_read_back, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
