/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulated host is made, read like a real one, and "boots". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "folder.h"
#include "host/simulated.h"
#include <sys/wait.h>

#define MIB (UINT64_C(1) << 20)

static char folder[256], path[512];

static int set_up(void **state)
{
	(void)state;
	folder_make(folder);
	snprintf(path, sizeof(path), "%s/deep/er/host", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

static void open_host(struct pm_host *host, uint64_t bytes)
{
	struct pm_error err = {0};

	if (pm_host_open(host, path, bytes, &err))
		fail_msg("%s", err.message);
}

static void cover_of_region(const struct pm_host *host, uint64_t bytes, struct pm_iomem_cover *cover)
{
	struct pm_iomem iomem;
	char *text;

	assert_int_equal(pm_host_read_all(host, "/proc/iomem", &text, NULL), PM_OK);
	assert_int_equal(pm_iomem_parse(text, &iomem), PM_OK);
	pm_iomem_cover(&iomem, PM_SIMULATED_BASE, bytes, cover);
	pm_iomem_free(&iomem);
	free(text);
}

static void it_has_what_a_host_has(void **state)
{
	static const struct {
		const char *file, *text;
	} files[] = {
		{"/proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet memmap=24M$0x100000000"},
		{"/sys/kernel/kexec_loaded", "0"},
		{"/sys/kernel/kexec_load_disabled", "0"},
		{"/boot/vmlinuz", "A kernel in name only, of a simulated pmpool host."},
	};
	struct pm_iomem_cover cover;
	struct pm_host host;
	char text[256], mode[32], full[1100];
	uint8_t boot_id[16];
	struct stat memory;

	(void)state;
	open_host(&host, 24 * MIB);
	assert_true(host.simulated);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_int_equal(pm_host_read(&host, files[i].file, text, sizeof(text), NULL), PM_OK);
		assert_string_equal(text, files[i].text);
	}
	assert_int_equal(pm_host_boot_id(&host, boot_id, NULL), PM_OK);
	assert_int_equal(boot_id[6] >> 4, 4); /* a random UUID */
	pm_host_lockdown(&host, mode);
	assert_string_equal(mode, "none");
	cover_of_region(&host, 24 * MIB, &cover);
	assert_int_equal(cover.reserved_bytes, 24 * MIB);
	snprintf(full, sizeof(full), "%s/dev/mem", host.root);
	assert_int_equal(stat(full, &memory), 0);
	assert_int_equal(memory.st_size, PM_SIMULATED_BASE + 24 * MIB);
	assert_true((uint64_t)memory.st_blocks * 512 < MIB); /* sparse */
	snprintf(full, sizeof(full), "%s/expectations", host.state_dir);
	assert_int_equal(stat(full, &memory), 0);
}

static void opening_it_again_changes_nothing(void **state)
{
	struct pm_host host;
	uint8_t first[16], second[16];

	(void)state;
	open_host(&host, 2 * MIB);
	assert_int_equal(pm_host_boot_id(&host, first, NULL), PM_OK);
	open_host(&host, 64 * MIB);
	assert_int_equal(pm_host_boot_id(&host, second, NULL), PM_OK);
	assert_memory_equal(first, second, 16);
}

static void an_empty_folder_becomes_a_host_another_does_not(void **state)
{
	struct pm_error err;
	struct pm_host host;

	(void)state;
	mkdir(strcat(strcpy(path, folder), "/empty"), 0755);
	open_host(&host, 2 * MIB);
	folder_put(folder, "/other/file", "mine");
	snprintf(path, sizeof(path), "%s/other", folder);
	assert_int_equal(pm_host_open(&host, path, 0, &err), PM_E_FILE_EXISTS);
	snprintf(path, sizeof(path), "%s/other/file", folder);
	assert_int_equal(pm_host_open(&host, path, 0, &err), PM_E_FILE_EXISTS);
	assert_int_equal(pm_host_open(&host, "", 0, &err), PM_E_IO_FAILED);
	snprintf(path, sizeof(path), "%s/other", folder);
	folder_put(path, "/proc/cmdline", "quiet\n"); /* a host once */
	assert_int_equal(pm_host_open(&host, path, 0, &err), PM_E_FILE_NOT_FOUND);
	assert_non_null(strstr(err.message, "proc/iomem"));
}

static void impossible_sizes_make_no_host(void **state)
{
	static const struct {
		uint64_t bytes;
		enum pm_code code;
	} cases[] = {{4096, PM_E_REGION_TOO_SMALL},
		     {MIB + 1, PM_E_REGION_UNALIGNED},
		     {UINT64_MAX & ~4095ull, PM_E_UNSUPPORTED}};
	struct pm_host host;
	struct stat status;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(pm_host_open(&host, path, cases[i].bytes, NULL), cases[i].code);
	assert_int_equal(stat(path, &status), -1);
}

/* One option for all of them, RAM in between, and the same again after a cold boot. */
static void a_host_may_have_several_regions(void **state)
{
	static const uint64_t sizes[] = {2 * MIB, 1 * MIB, UINT64_C(3) << 30};
	static const char *const memmap = "memmap=2M$0x100000000,1M$0x148000000,3G$0x190000000";
	struct pm_iomem_cover cover;
	struct pm_host host;
	char text[256];

	(void)state;
	assert_int_equal(pm_host_simulated_make(path, sizes, 3, NULL), PM_OK);
	open_host(&host, 5 * MIB); /* it is there already */
	for (int round = 0; round < 2; round++) {
		assert_int_equal(pm_host_read(&host, "/proc/cmdline", text, sizeof(text), NULL), PM_OK);
		assert_string_equal(text + strlen(text) - strlen(memmap), memmap);
		cover_of_region(&host, UINT64_C(0x150000000), &cover); /* to the end of the third */
		assert_int_equal(cover.reserved_bytes, sizes[0] + sizes[1] + sizes[2]);
		assert_int_equal(cover.ram_bytes, UINT64_C(0x150000000) - cover.reserved_bytes);
		assert_int_equal(pm_host_simulate_boot(&host, "quiet", NULL), PM_OK);
		assert_int_equal(pm_host_simulate_reset(&host, NULL), PM_OK);
	}
}

static void a_number_of_regions_that_cannot_be_makes_no_host(void **state)
{
	uint64_t sizes[PM_SIMULATED_REGIONS_MAX + 1];
	struct pm_host host;
	struct stat status;

	(void)state;
	for (size_t i = 0; i <= PM_SIMULATED_REGIONS_MAX; i++)
		sizes[i] = MIB;
	assert_int_equal(pm_host_simulated_make(path, sizes, 0, NULL), PM_E_UNSUPPORTED);
	assert_int_equal(pm_host_simulated_make(path, sizes, PM_SIMULATED_REGIONS_MAX + 1, NULL), PM_E_UNSUPPORTED);
	sizes[7] = 4096;
	assert_int_equal(pm_host_simulated_make(path, sizes, 8, NULL), PM_E_REGION_TOO_SMALL);
	assert_int_equal(stat(path, &status), -1);
	sizes[7] = MIB;
	assert_int_equal(pm_host_simulated_make(path, sizes, PM_SIMULATED_REGIONS_MAX, NULL), PM_OK);
	open_host(&host, 0);
}

/* The largest region there is takes no room until it is used. */
static void sixteen_tebibytes_are_sparse(void **state)
{
	const uint64_t bytes = UINT64_C(1) << 44;
	struct pm_iomem_cover cover;
	struct pm_host host;
	struct stat memory;
	struct pm_error err;
	char full[1100];
	enum pm_code code;

	(void)state;
	assert_int_equal(pm_host_simulated_make(path, &(uint64_t){bytes + 4096}, 1, NULL), PM_E_UNSUPPORTED);
	code = pm_host_simulated_make(path, &bytes, 1, &err);
	if (code == PM_E_UNSUPPORTED) {
		print_message("%s\n", err.message); /* ext4 ends before */
		skip();
	}
	assert_int_equal(code, PM_OK);
	open_host(&host, 0);
	snprintf(full, sizeof(full), "%s/dev/mem", host.root);
	assert_int_equal(stat(full, &memory), 0);
	assert_int_equal(memory.st_size, PM_SIMULATED_BASE + bytes);
	assert_true((uint64_t)memory.st_blocks * 512 < MIB);
	cover_of_region(&host, bytes, &cover);
	assert_int_equal(cover.reserved_bytes, bytes);
	/* the next kernel uses it: not all of 6 % is written */
	assert_int_equal(pm_host_simulate_boot(&host, "ro", NULL), PM_OK);
	assert_int_equal(stat(full, &memory), 0);
	assert_true((uint64_t)memory.st_blocks * 512 < 65 * MIB);
}

static int set_up_large(void **state)
{
	set_up(state);
	if (access("/dev/shm", W_OK) == 0) {
		folder_remove(folder);
		strcpy(folder, "/dev/shm/pmpool-test-XXXXXX");
		assert_non_null(mkdtemp(folder));
		snprintf(path, sizeof(path), "%s/host", folder);
	}
	return 0;
}

static void of_many_makers_one_wins(void **state)
{
	pid_t makers[6];
	uint8_t boot_id[16];
	struct pm_host host;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		makers[i] = fork();
		if (makers[i] == 0)
			_exit(pm_host_open(&host, path, 2 * MIB, NULL) != PM_OK);
	}
	for (size_t i = 0; i < 6; i++) {
		int status;

		waitpid(makers[i], &status, 0);
		assert_int_equal(status, 0);
	}
	open_host(&host, 2 * MIB);
	assert_int_equal(pm_host_boot_id(&host, boot_id, NULL), PM_OK);
}

static int memory_of(const struct pm_host *host)
{
	char full[1100];

	snprintf(full, sizeof(full), "%s/dev/mem", host->root);
	return open(full, O_RDWR | O_CLOEXEC);
}

static void a_boot_keeps_reserved_bytes_and_uses_lost_ones(void **state)
{
	static const struct {
		const char *cmdline;
		uint64_t reserved, ram, junk_pages; /* of 512 pages */
	} boots[] = {
		{"ro memmap=2M$0x100000000 pmpool.nonce=1", 2 * MIB, 0, 0},
		{"ro memmap=1M$0x100000000", MIB, MIB, 16}, /* 6 % of the 256 pages that are RAM now */
		{"ro memmap=2M$0x100000000", 2 * MIB, 0, 0},
		{"ro", 0, 2 * MIB, 31},
	};
	uint8_t before[16], after[16];
	struct pm_host host;
	char page[4096], text[256];
	int fd;

	(void)state;
	open_host(&host, 2 * MIB);
	fd = memory_of(&host);
	for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
		struct pm_iomem_cover cover;
		uint64_t junk = 0;

		for (uint64_t at = 0; at < 512; at++)
			assert_int_equal(pwrite(fd, memset(page, 'k', 4096), 4096,
						(off_t)(PM_SIMULATED_BASE + at * 4096)),
					 4096);
		folder_put(host.root, "/sys/kernel/kexec_loaded", "1\n");
		assert_int_equal(pm_host_boot_id(&host, before, NULL), PM_OK);
		assert_int_equal(pm_host_simulate_boot(&host, boots[i].cmdline, NULL), PM_OK);
		assert_int_equal(pm_host_boot_id(&host, after, NULL), PM_OK);
		assert_memory_not_equal(before, after, 16);
		assert_int_equal(pm_host_read(&host, "/proc/cmdline", text, sizeof(text), NULL), PM_OK);
		assert_string_equal(text, boots[i].cmdline);
		assert_int_equal(pm_host_read(&host, "/sys/kernel/kexec_loaded", text, sizeof(text), NULL), PM_OK);
		assert_string_equal(text, "0");
		cover_of_region(&host, 2 * MIB, &cover);
		assert_int_equal(cover.reserved_bytes, boots[i].reserved);
		assert_int_equal(cover.ram_bytes, boots[i].ram);
		for (uint64_t at = 0; at < 512; at++) {
			assert_int_equal(pread(fd, page, 4096, (off_t)(PM_SIMULATED_BASE + at * 4096)), 4096);
			junk += memcmp(page, PM_SIMULATED_JUNK, sizeof(PM_SIMULATED_JUNK) - 1) == 0;
		}
		assert_int_equal(junk, boots[i].junk_pages);
	}
	close(fd);
}

static void a_lost_dollar_cuts_ram(void **state)
{
	struct pm_iomem_cover cover;
	struct pm_host host;

	(void)state;
	open_host(&host, 2 * MIB);
	assert_int_equal(pm_host_simulate_boot(&host, "ro memmap=100MG", NULL), PM_OK);
	cover_of_region(&host, 2 * MIB, &cover);
	assert_int_equal(cover.uncovered_bytes, 2 * MIB);
}

static void a_real_host_does_not_boot_this_way(void **state)
{
	struct pm_host host;
	uint8_t boot_id[16];

	(void)state;
	assert_int_equal(pm_host_open(&host, NULL, 0, NULL), PM_OK);
	assert_false(host.simulated);
	assert_string_equal(host.state_dir, "/var/lib/pmpool");
	assert_int_equal(pm_host_boot_id(&host, boot_id, NULL), PM_OK);
	assert_int_equal(pm_host_simulate_boot(&host, "ro", NULL), PM_E_UNSUPPORTED);
}

static void files_that_are_not_as_they_should_be(void **state)
{
	static const char *const boot_ids[] = {"", "xyz", "7c5b1de5-2e76-4d1e-9d9f-b7a0f9e4b9a",
					       "7c5b1de5-2e76-4d1e-9d9f-b7a0f9e4b9ag",
					       "7c5b1de5-2e76-4d1e-9d9f-b7a0f9e4b9a1f"};
	struct pm_host host;
	struct pm_error err;
	uint8_t boot_id[16];
	char text[8], mode[32], *whole;

	(void)state;
	open_host(&host, 2 * MIB);
	for (size_t i = 0; i < sizeof(boot_ids) / sizeof(boot_ids[0]); i++) {
		folder_put(host.root, "/proc/sys/kernel/random/boot_id", boot_ids[i]);
		assert_int_equal(pm_host_boot_id(&host, boot_id, &err), PM_E_IO_FAILED);
	}
	assert_int_equal(pm_host_read(&host, "/proc/nothing", text, sizeof(text), &err), PM_E_FILE_NOT_FOUND);
	assert_non_null(strstr(err.message, "/proc/nothing"));
	assert_int_equal(pm_host_read(&host, "/proc/cmdline", text, sizeof(text), &err), PM_OK);
	assert_string_equal(text, "BOOT_IM"); /* cut, terminated */
	assert_int_equal(pm_host_read_all(&host, "/proc", &whole, &err), PM_E_IO_FAILED);
	assert_null(whole);
	folder_put(host.root, "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	pm_host_lockdown(&host, mode);
	assert_string_equal(mode, "integrity");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_has_what_a_host_has, set_up, tear_down),
		cmocka_unit_test_setup_teardown(opening_it_again_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_empty_folder_becomes_a_host_another_does_not, set_up, tear_down),
		cmocka_unit_test_setup_teardown(impossible_sizes_make_no_host, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_host_may_have_several_regions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_number_of_regions_that_cannot_be_makes_no_host, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sixteen_tebibytes_are_sparse, set_up_large, tear_down),
		cmocka_unit_test_setup_teardown(of_many_makers_one_wins, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_boot_keeps_reserved_bytes_and_uses_lost_ones, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_lost_dollar_cuts_ram, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_real_host_does_not_boot_this_way, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_that_are_not_as_they_should_be, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
