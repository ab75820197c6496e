/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which boot loader a host seems to use, and what each is told; entries of GRUB through both readers to the kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "host/check.h"
#include "host/reservation.h"
#include "host/simulated.h"
#include "loader_readers.h"

#define MIB (UINT64_C(1) << 20)

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

#define LAST UINT64_C(0x104000000) /* RAM behind the region: 1 GiB of it */

static struct json_object *plan_of(bool pmem)
{
	const struct pm_reservation_wish wish = {LAST, 64 * MIB, pmem};
	struct json_object *plan;

	assert_int_equal(pm_reservation_plan(&host, &wish, &plan, NULL), PM_OK);
	return plan;
}

static struct json_object *nth(struct json_object *plan, size_t n)
{
	return json_object_array_get_idx(json_object_object_get(plan, "loaders"), n);
}

static struct json_object *loader_of(struct json_object *plan, const char *id)
{
	assert_int_equal(json_object_array_length(json_object_object_get(plan, "loaders")), 5);
	for (size_t i = 0; i < 5; i++)
		if (strcmp(json_text(nth(plan, i), "id"), id) == 0)
			return nth(plan, i);
	fail_msg("no loader %s", id);
	return NULL;
}

static const char *text_in(struct json_object *loader, const char *key, size_t n)
{
	struct json_object *list = json_object_object_get(loader, key);

	return n < json_object_array_length(list) ? json_object_get_string(json_object_array_get_idx(list, n)) : "";
}

struct file {
	const char *path, *text;
};
#define INFO "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

static void loader_info(const char *text)
{
	char path[2048];
	FILE *file;

	folder_put(host.root, INFO, "");
	snprintf(path, sizeof(path), "%s" INFO, host.root);
	file = fopen(path, "w");
	assert_non_null(file);
	fwrite("\6\0\0\0", 1, 4, file);
	for (; *text; text++)
		fwrite((char[]){*text, 0}, 1, 2, file);
	fwrite("\0", 1, 2, file);
	assert_int_equal(fclose(file), 0);
}

/* A host of its own for each case: the likeliest loader comes first, with what says so. */
static void the_likeliest_loader_comes_first(void **state)
{
	static const struct {
		const char *info;
		struct file files[5];
		const char *first, *second, *evidence;
	} cases[] = {
		{"", {{0}}, "plain", "", ""},
		{"", {{"/etc/kernel/cmdline", "ro\n"}}, "systemd-boot", "", "/etc/kernel/cmdline"},
		{"", {{"/boot/loader/loader.conf", ""}}, "systemd-boot", "", "/boot/loader/loader.conf"},
		{"", {{"/etc/default/grub", ""}, {"/boot/grub/grub.cfg", ""}}, "grub", "", "/etc/default/grub"},
		/* kernel-install is not systemd-boot's alone */
		{"", {{"/etc/default/grub", ""}, {"/etc/kernel/cmdline", "ro\n"}}, "grub", "", "/etc/default/grub"},
		{"", {{"/boot/extlinux/extlinux.conf", ""}}, "extlinux", "", "/boot/extlinux/extlinux.conf"},
		{"",
		 {{"/etc/default/grub", "GRUB_ENABLE_BLSCFG=true\n"}, {"/etc/kernel/cmdline", "ro\n"}},
		 "bls",
		 "",
		 "GRUB_ENABLE_BLSCFG=true in /etc/default/grub"},
		{"",
		 {{"/usr/sbin/grubby", ""}, {"/boot/loader/entries/a.conf", ""}, {"/boot/grub2/grub.cfg", ""}},
		 "bls",
		 "",
		 "/usr/sbin/grubby"},
		/* entries alone are systemd-boot's too, and may be switched off */
		{"", {{"/boot/loader/entries/a.conf", ""}}, "plain", "", ""},
		{"",
		 {{"/etc/default/grub", "GRUB_ENABLE_BLSCFG='false'\n"},
		  {"/usr/sbin/grubby", ""},
		  {"/boot/loader/entries/a.conf", ""},
		  {"/boot/grub2/grub.cfg", ""}},
		 "grub",
		 "",
		 "/etc/default/grub"},
		/* what the loader says of itself counts more than files that are left over */
		{"systemd-boot 252.39",
		 {{"/etc/default/grub", ""}, {"/boot/grub/grub.cfg", ""}},
		 "systemd-boot",
		 "grub",
		 "the EFI variable LoaderInfo: systemd-boot 252.39"},
		{"GRUB 2.12",
		 {{"/boot/loader/loader.conf", ""}, {"/boot/grub/grub.cfg", ""}},
		 "grub",
		 "systemd-boot",
		 "/boot/grub/grub.cfg"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *plan;
		char path[2048];

		set_up(state);
		snprintf(path, sizeof(path), "%s/etc/kernel/cmdline", host.root);
		unlink(path);
		for (const struct file *file = cases[i].files; file->path; file++)
			folder_put(host.root, file->path, file->text);
		if (*cases[i].info)
			loader_info(cases[i].info);
		plan = plan_of(false);
		assert_string_equal(json_text(nth(plan, 0), "id"), cases[i].first);
		assert_true(json_object_get_boolean(json_object_object_get(nth(plan, 0), "found")));
		assert_string_equal(text_in(nth(plan, 0), "evidence", 0), cases[i].evidence);
		assert_int_equal(json_object_get_boolean(json_object_object_get(nth(plan, 1), "found")),
				 *cases[i].second != 0);
		if (*cases[i].second)
			assert_string_equal(json_text(nth(plan, 1), "id"), cases[i].second);
		json_object_put(plan);
		tear_down(state);
	}
}

static void lines_of_files_that_pass_on_what_they_hold(void **state)
{
	static const struct {
		const char *path, *text, *id, *line;
	} cases[] = {
		{"/etc/default/grub", "GRUB_CMDLINE_LINUX=\"quiet\"\n", "grub",
		 "GRUB_CMDLINE_LINUX=\"quiet memmap=64M\\\\\\$0x104000000\""},
		{"/etc/kernel/cmdline", "root=/dev/vda1\n", "systemd-boot", "root=/dev/vda1 memmap=64M$0x104000000"},
		{"/etc/kernel/cmdline", "root=/dev/vda1\nquiet\n", "systemd-boot",
		 "root=/dev/vda1 quiet memmap=64M$0x104000000"},
		{"/etc/kernel/cmdline", "a=\"b c\" d=`\\ ro\n", "systemd-boot",
		 "a=\"b c\" d=`\\ ro memmap=64M$0x104000000"},
		{"/boot/extlinux/extlinux.conf", "label a\n  kernel /vmlinuz\n  append root=/dev/vda2\n", "extlinux",
		 "label a\n  append root=/dev/vda2 memmap=64M$0x104000000"},
		/* each label; keywords in any letters */
		{"/boot/extlinux/extlinux.conf",
		 "APPEND ro\nLABEL linux\r\n\tKERNEL /a\n\tAPPEND root=/dev/a\r\nlabel rescue\n append  single\n",
		 "extlinux",
		 "# before the first label\nAPPEND ro memmap=64M$0x104000000\n"
		 "label linux\n APPEND root=/dev/a memmap=64M$0x104000000\n"
		 "label rescue\n append  single memmap=64M$0x104000000"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *plan;

		folder_put(host.root, cases[i].path, cases[i].text);
		plan = plan_of(false);
		assert_string_equal(json_text(loader_of(plan, cases[i].id), "line"), cases[i].line);
		json_object_put(plan);
	}
}

static void labels_without_options_are_named(void **state)
{
	struct json_object *plan;

	(void)state;
	folder_put(host.root, "/boot/extlinux/extlinux.conf",
		   "label a\n append ro\nlabel disk\n localboot 0\nlabel none\n append -\n");
	plan = plan_of(false);
	assert_string_equal(json_text(loader_of(plan, "extlinux"), "line"),
			    "label a\n append ro memmap=64M$0x104000000");
	assert_non_null(strstr(json_text(loader_of(plan, "extlinux"), "note"), "of their own: disk, none."));
	json_object_put(plan);
}

/* --- entries: what grubby and grub2-editenv are given, through both readers to the kernel --- */

static void setting_of(const char *command, const char *program, char *setting, size_t size)
{
	char script[2048];

	assert_int_equal(strncmp(command, program, strlen(program)), 0);
	snprintf(script, sizeof(script), "last() { for arg; do :; done; printf %%s \"$arg\"; }\nlast %s\n",
		 command + strlen(program));
	read_by_command(script, setting, size);
}

static void an_entry_for_grub_arrives_as_meant(void **state)
{
	static const struct {
		const char *cmdline, *grubenv, *entry, *arrives;
		bool pmem, variable;
	} cases[] = {
		{"ro", "", "ro quiet", "ro quiet memmap=64M$0x104000000", false, true},
		{"ro", "", "ro $tuned_params quiet", "ro quiet memmap=64M$0x104000000", false, true},
		{"ro", "", "ro $pmpool_ranges", "ro memmap=64M$0x104000000", false, true},
		{"ro", "", "ro", "ro memmap=64M!0x104000000", true, false},
		/* another one is there: grubby would put one in the place of the other */
		{"ro memmap=1M!1G", "", "ro memmap=1M!1G", "ro memmap=1M!1G memmap=64M!0x104000000", true, true},
		/* what the variable held stays, from this boot and from the file */
		{"ro memmap=1M$1G", "", "ro $pmpool_ranges", "ro memmap=1M$1G memmap=64M$0x104000000", false, true},
		{"ro", "# GRUB Environment Block\npmpool_ranges=memmap=1M\\\\$2G\n####", "ro $pmpool_ranges",
		 "ro memmap=1M$2G memmap=64M$0x104000000", false, true},
		/* the fifth: all in one */
		{"ro memmap=1M$1G memmap=1M$2G memmap=1M$3G memmap=1M$4G", "", "ro $pmpool_ranges",
		 "ro memmap=1M$1G,1M$2G,1M$3G,1M$4G,64M$0x104000000", false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char release[128], path[256], entry[256], value[1024] = "", options[2048], arrives[2048];
		struct json_object *plan, *loader;
		size_t variable = cases[i].variable ? 1 : 0;

		assert_int_equal(pm_host_simulate_boot(&host, cases[i].cmdline, NULL), PM_OK);
		assert_int_equal(pm_host_read(&host, "/proc/sys/kernel/osrelease", release, sizeof(release), NULL),
				 PM_OK);
		snprintf(path, sizeof(path), "/boot/loader/entries/0123-%s.conf", release);
		snprintf(entry, sizeof(entry), "title Linux\noptions %s\nlinux /vmlinuz\n", cases[i].entry);
		folder_put(host.root, path, entry);
		folder_put(host.root, "/boot/grub2/grubenv", cases[i].grubenv);
		plan = plan_of(cases[i].pmem);
		loader = loader_of(plan, "bls");
		assert_string_equal(json_text(loader, "file"), path);
		assert_int_equal(json_object_array_length(json_object_object_get(loader, "commands")), 1 + variable);
		if (variable)
			setting_of(text_in(loader, "commands", 0), "grub2-editenv", value, sizeof(value));
		assert_int_equal(strncmp(value, "pmpool_ranges=", 14) == 0, variable);
		setting_of(text_in(loader, "commands", variable), "grubby", options, sizeof(options));
		assert_string_equal(options, variable ? "--args=$pmpool_ranges" : "--args=memmap=64M!0x104000000");
		assert_int_equal(strncmp(json_text(loader, "line"), "options ", 8), 0);
		read_by_blscfg(json_text(loader, "line") + 8, "pmpool_ranges", value + 14 * variable, options);
		read_by_grub(options, arrives);
		if (*arrives && arrives[strlen(arrives) - 1] == ' ')
			arrives[strlen(arrives) - 1] = 0;
		assert_string_equal(arrives, cases[i].arrives);
		json_object_put(plan);
	}
}

/* Why the variable: with any number of backslashes. */
static void a_dollar_in_an_entry_does_not_arrive(void **state)
{
	static const char *const written[] = {"memmap=1G$4G", "memmap=1G\\$4G", "memmap=1G\\\\$4G", "memmap=1G$$4G"};

	(void)state;
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		char options[64], arrives[64];

		read_by_blscfg(written[i], "pmpool_ranges", "", options);
		read_by_grub(options, arrives);
		assert_null(strstr(arrives, "$4G"));
	}
}

static void an_entry_that_cannot_be_read_leaves_the_commands(void **state)
{
	struct json_object *plan;

	(void)state;
	folder_put(host.root, "/etc/default/grub", "GRUB_ENABLE_BLSCFG=true\n");
	plan = plan_of(false);
	assert_string_equal(json_text(loader_of(plan, "bls"), "line"), "$pmpool_ranges");
	assert_string_equal(json_text(loader_of(plan, "bls"), "file"), "/boot/loader/entries/*.conf");
	json_object_put(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_likeliest_loader_comes_first),
		cmocka_unit_test_setup_teardown(lines_of_files_that_pass_on_what_they_hold, set_up, tear_down),
		cmocka_unit_test_setup_teardown(labels_without_options_are_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_entry_for_grub_arrives_as_meant, set_up, tear_down),
		cmocka_unit_test(a_dollar_in_an_entry_does_not_arrive),
		cmocka_unit_test_setup_teardown(an_entry_that_cannot_be_read_leaves_the_commands, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
