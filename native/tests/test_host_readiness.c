/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each check of a host's readiness: passes on a host that is ready, and says so by name when its file says otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "folder.h"
#include "host/check.h"
#include "host/readiness.h"
#include "host/simulated.h"

#define MIB (UINT64_C(1) << 20)
#define READY "ro memmap=64M$0x100000000"
#define EFI "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

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

static struct json_object *checks_now(void)
{
	struct json_object *checks = json_object_new_array();

	assert_int_equal(pm_readiness(&host, checks, NULL), PM_OK);
	return checks;
}

static const char *level_of(struct json_object *checks, const char *id)
{
	for (size_t i = 0; i < json_object_array_length(checks); i++)
		if (strcmp(json_text(json_object_array_get_idx(checks, i), "id"), id) == 0)
			return json_text(json_object_array_get_idx(checks, i), "level");
	return "absent";
}

static void a_host_that_is_ready_passes(void **state)
{
	struct json_object *checks = checks_now();

	(void)state;
	for (size_t i = 0; i < json_object_array_length(checks); i++) {
		struct json_object *check = json_object_array_get_idx(checks, i);

		if (strcmp(json_text(check, "level"), "pass") != 0)
			fail_msg("%s: %s", json_text(check, "id"), json_text(check, "detail"));
		assert_string_equal(json_text(check, "remedy"), "");
		assert_string_not_equal(json_text(check, "detail"), "");
	}
	json_object_put(checks);
}

static void each_check_can_fail(void **state)
{
	static const struct {
		const char *cmdline, *file, *text, *id, *level;
	} cases[] = {
		{READY, "/proc/iomem", "00000000-00000000 : System RAM\n", "rights", "fail"},
		{"ro memmap=64M0x100000000", NULL, NULL, "memmap-eaten", "fail"},
		{"ro memmap=64M$", NULL, NULL, "memmap-eaten", "fail"},
		{"ro mem=2G", NULL, NULL, "mem-limit", "warn"},
		{"ro", NULL, NULL, "now-reserved", "fail"},
		{READY, "/proc/iomem", "100000000-103ffffff : System RAM\n", "now-reserved", "fail"},
		{READY, "/sys/firmware/memmap/9/type", "Reserved\n", "now-reserved", "warn"},
		{"ro memmap=32M$0x100000000 memmap=1M$0x20000000000000", NULL, NULL, "memmap-eaten", "fail"},
		{READY, "/boot/config-X", "CONFIG_DEVMEM=y\n", "strict-devmem", "warn"},
		{READY, EFI, "\1\2\3\4\1", "secure-boot", "warn"},
		{"ro memmap=64M!0x100000000", "/proc/iomem",
		 "100000000-103ffffff : Persistent Memory (legacy)\n  100000000-103ffffff : namespace0.0\n",
		 "pmem-driver", "fail"},
		{READY, "/proc/sys/kernel/kexec_load_disabled", "1\n", "load-disabled", "fail"},
		{READY, "/proc/sys/kernel/kexec_load_limit_reboot", "0\n", "load-disabled", "fail"},
		{READY, "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n", "lockdown", "fail"},
		{"ro memmap=1M$0x100000000 memmap=1M$0x101000000 memmap=1M$0x102000000 memmap=1M$0x103000000 "
		 "memmap=1M$0x103800000",
		 NULL, NULL, "kaslr-ranges", "fail"},
		{READY " crashkernel=16M@0x101000000", NULL, NULL, "crashkernel", "fail"},
		{READY, "/sys/kernel/kexec_loaded", "1\n", "already-loaded", "warn"},
		{READY, "/etc/default/kexec", "# x\nLOAD_KEXEC=true\n", "auto-kexec", "warn"},
		{READY " kho=on", NULL, NULL, "kho", "warn"},
		{READY " cma=16M@0x101000000", NULL, NULL, "cma", "warn"},
		{READY " reserve_mem=4M:4096:trace", NULL, NULL, "reserve-mem", "warn"},
	};
	char release[128], path[300];

	(void)state;
	assert_int_equal(pm_host_read(&host, "/proc/sys/kernel/osrelease", release, sizeof(release), NULL), PM_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *checks;

		tear_down(NULL);
		set_up(NULL);
		assert_int_equal(pm_host_simulate_boot(&host, cases[i].cmdline, NULL), PM_OK);
		snprintf(path, sizeof(path), "%s", cases[i].file ? cases[i].file : "");
		if (strcmp(path, "/boot/config-X") == 0)
			snprintf(path, sizeof(path), "/boot/config-%s", release);
		if (cases[i].file)
			folder_put(host.root, path, cases[i].text);
		checks = checks_now();
		if (strcmp(level_of(checks, cases[i].id), cases[i].level) != 0)
			fail_msg("case %zu: %s is %s", i, cases[i].id, level_of(checks, cases[i].id));
		json_object_put(checks);
	}
}

/* What is not there is missed: files that a host has to have. */
static void what_is_missing_is_missed(void **state)
{
	static const struct {
		const char *file, *id, *level;
	} cases[] = {
		{"/dev/mem", "dev-mem", "fail"},
		{"/sys/kernel/kexec_loaded", "kexec-file", "fail"},
		{"/boot/vmlinuz", "kernel-file", "fail"},
		{"/boot/initrd.img", "initrd-file", "warn"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *checks;
		char full[1400];

		tear_down(NULL);
		set_up(NULL);
		snprintf(full, sizeof(full), "%s%s", host.root, cases[i].file);
		assert_int_equal(unlink(full), 0);
		checks = checks_now();
		if (strcmp(level_of(checks, cases[i].id), cases[i].level) != 0)
			fail_msg("without %s: %s is %s", cases[i].file, cases[i].id, level_of(checks, cases[i].id));
		json_object_put(checks);
	}
}

/* The kernel's configuration is where its distribution puts it. Without one the evidence says what is there. */
static void the_configuration_of_the_kernel_is_looked_for(void **state)
{
	static const struct {
		const char *file, *text, *cmdline, *level, *detail;
	} cases[] = {
		{"/lib/modules/X/config", "CONFIG_STRICT_DEVMEM=y\n", READY, "pass", "CONFIG_STRICT_DEVMEM=y in /lib/"},
		{"/usr/lib/modules/X/config", "# none\n", READY, "warn", "/usr/lib/modules/"},
		{"/proc/config.gz", "\x1f\x8b", READY, "pass", "/proc/config.gz is, but is not read; a region was"},
		{"/proc/config.gz", "\x1f\x8b", "ro", "warn", "/proc/config.gz is, but is not read."},
		{NULL, NULL, "ro", "warn", "is not there."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char release[128], path[300], full[2048];
		struct json_object *checks, *check = NULL;
		const char *mark;

		tear_down(NULL);
		set_up(NULL);
		assert_int_equal(pm_host_simulate_boot(&host, cases[i].cmdline, NULL), PM_OK);
		assert_int_equal(pm_host_read(&host, "/proc/sys/kernel/osrelease", release, sizeof(release), NULL),
				 PM_OK);
		snprintf(full, sizeof(full), "%s/boot/config-%s", host.root, release);
		unlink(full);
		mark = cases[i].file ? strchr(cases[i].file, 'X') : NULL;
		if (mark)
			snprintf(path, sizeof(path), "%.*s%s%s", (int)(mark - cases[i].file), cases[i].file, release,
				 mark + 1);
		else
			snprintf(path, sizeof(path), "%s", cases[i].file ? cases[i].file : "");
		if (*path)
			folder_put(host.root, path, cases[i].text);
		checks = checks_now();
		for (size_t j = 0; j < json_object_array_length(checks) && !check; j++)
			if (strcmp(json_text(json_object_array_get_idx(checks, j), "id"), "strict-devmem") == 0)
				check = json_object_array_get_idx(checks, j);
		assert_non_null(check);
		assert_string_equal(json_text(check, "level"), cases[i].level);
		if (!strstr(json_text(check, "detail"), cases[i].detail))
			fail_msg("%s is not in: %s", cases[i].detail, json_text(check, "detail"));
		json_object_put(checks);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_host_that_is_ready_passes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_check_can_fail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_missing_is_missed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_configuration_of_the_kernel_is_looked_for, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
