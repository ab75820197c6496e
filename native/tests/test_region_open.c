/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Regions of a simulated host: listed, mapped, locked, lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "region_bench.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

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
}

/* Whatever name the memory is opened by. */
static void regions_that_share_memory_share_a_lock(void **state)
{
	(void)state;
	assert_int_equal(pm_host_simulate_boot(&host,
					       "pmpool=0x100000000,4M memmap=8M$0x100000000 memmap=8M$0x100400000 "
					       "memmap=8M$0x101000000",
					       NULL),
			 PM_OK);
	assert_string_equal(info_of("mem:0x100400000").lock, info_of(ID).lock);
	assert_string_equal(info_of("mem:0x100000000+0x800000").lock, info_of(ID).lock);
	assert_string_equal(info_of("mem:0x101000000").lock, "mem:0x101000000");
}

static void bytes_written_stay(void **state)
{
	struct pm_region region = open_part(0, 0, true);

	(void)state;
	assert_int_equal(region.bytes, 32 * MIB);
	memcpy(region.map + 5 * MIB, "stays", 6);
	pm_region_close(&region);
	region = open_part(4 * MIB, 2 * MIB, false);
	assert_string_equal((char *)region.map + MIB, "stays");
	pm_region_close(&region);
	assert_int_equal(pm_host_simulate_boot(&host, "memmap=32M$0x100000000", NULL), PM_OK);
	region = open_part(4 * MIB, 0, false);
	assert_int_equal(region.bytes, 28 * MIB);
	assert_string_equal((char *)region.map + MIB, "stays");
	pm_region_close(&region);
}

static void parts_that_are_none(void **state)
{
	static const struct {
		const char *id;
		uint64_t offset, bytes;
		enum pm_code code;
	} cases[] = {
		{"mem:0x1", 0, 0, PM_E_REGION_NOT_FOUND},    {"", 0, 0, PM_E_REGION_NOT_FOUND},
		{ID, 32 * MIB, 0, PM_E_OUT_OF_RANGE},	     {ID, UINT64_MAX, 0, PM_E_OUT_OF_RANGE},
		{ID, 0, 32 * MIB + 4096, PM_E_OUT_OF_RANGE}, {ID, 2 * MIB, UINT64_MAX, PM_E_OUT_OF_RANGE},
		{ID, 4096, 0, PM_E_REGION_UNALIGNED},	     {ID, 0, 3 * MIB, PM_E_REGION_UNALIGNED},
	};
	struct pm_region region;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (pm_region_open(&host, cases[i].id, cases[i].offset, cases[i].bytes, false, &region, NULL) !=
		    cases[i].code)
			fail_msg("case %zu", i);
}

static void the_guard_is_asked_at_each_open(void **state)
{
	struct pm_region region = open_part(0, 0, false);
	char file[400];

	(void)state;
	pm_region_close(&region);
	folder_put(host.root, "/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	assert_int_equal(pm_region_open(&host, ID, 0, 0, false, &region, NULL), PM_E_DEVMEM_LOCKED_DOWN);
	folder_put(host.root, "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	region = open_part(0, 0, false);
	pm_region_close(&region);
	snprintf(file, sizeof(file), "%s/host/dev/mem", folder);
	assert_int_equal(truncate(file, (off_t)(PM_SIMULATED_BASE + MIB)), 0);
	assert_int_equal(pm_region_open(&host, ID, 0, 0, false, &region, NULL), PM_E_DEVMEM_REFUSED);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(pm_region_open(&host, ID, 0, 0, false, &region, NULL), PM_E_DEVMEM_MISSING);
	folder_put(host.root, "/proc/iomem", "100000000-101ffffff : System RAM\n");
	assert_int_equal(pm_region_open(&host, ID, 0, 0, false, &region, NULL), PM_E_REGION_CMDLINE_MISMATCH);
	folder_put(host.root, "/proc/iomem", "rubbish\n");
	assert_int_equal(pm_region_open(&host, ID, 0, 0, false, &region, NULL), PM_E_FILE_CORRUPT);
}

/* The state directory is not there and cannot be made: reading works, changing does not. */
static void a_reader_needs_no_lock_file(void **state)
{
	struct pm_region region;
	char path[400];

	(void)state;
	snprintf(path, sizeof(path), "%s/host/var/lib/pmpool", folder);
	folder_remove(path);
	folder_put(host.root, "/var/lib/pmpool", "a file in the way");
	assert_int_equal(pm_region_open(&host, ID, 0, 0, true, &region, NULL), PM_E_FILE_NOT_FOUND);
	region = open_part(0, 0, false);
	assert_int_equal(pm_region_lock(&region, NULL), PM_E_PERMISSION_DENIED);
	pm_region_close(&region);
}

/* --- the lock --- */

static void the_lock_excludes_and_its_holders_death_frees_it(void **state)
{
	struct pm_region mine = open_part(0, 0, true), other = open_part(0, 0, true);
	int ready[2];
	char byte;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		struct pm_region own;

		if (pm_region_open(&host, ID, 0, 0, true, &own, NULL) || pm_region_lock(&own, NULL))
			_exit(1);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(pm_region_lock(&mine, NULL), PM_E_REGION_BUSY);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(pm_region_lock(&mine, NULL), PM_OK);
	assert_true(mine.abandoned); /* it died with the lock */
	pm_region_unlock(&mine);
	assert_int_equal(pm_region_lock(&other, NULL), PM_OK);
	assert_false(other.abandoned);
	pm_region_unlock(&other);
	pm_region_close(&mine);
	pm_region_close(&other);
	close(ready[0]);
	close(ready[1]);
}

enum { THREADS = 4, ROUNDS = 50 };

static void *count_up(void *argument)
{
	volatile uint64_t *counter = argument;
	struct pm_region region;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t seen;

		if (pm_region_open(&host, ID, 0, 0, true, &region, NULL) || pm_region_lock(&region, NULL))
			return NULL;
		seen = *counter;
		sched_yield();
		*counter = seen + 1;
		pm_region_unlock(&region);
		pm_region_close(&region);
	}
	return NULL;
}

static void threads_exclude_each_other_too(void **state)
{
	pthread_t threads[THREADS];
	uint64_t counter = 0;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count_up, &counter), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(counter, THREADS * ROUNDS);
}

/* --- a mapping that goes away --- */

static void touch(void *argument)
{
	volatile uint8_t *byte = argument;

	*byte = *byte;
}

static void a_revoked_mapping_is_an_error_not_the_end(void **state)
{
	struct pm_region region = open_part(0, 0, true);
	struct pm_error err;
	char file[400];

	(void)state;
	assert_int_equal(pm_region_guarded(touch, region.map + 16 * MIB, &err), PM_OK);
	snprintf(file, sizeof(file), "%s/host/dev/mem", folder);
	assert_int_equal(truncate(file, (off_t)(PM_SIMULATED_BASE + 8 * MIB)), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pm_region_guarded(touch, region.map + 16 * MIB, &err), PM_E_REGION_LOST);
	assert_int_equal(pm_region_guarded(touch, region.map, &err), PM_OK);
	pm_region_close(&region);
}

/* Runs in a process of its own, without the handlers of cmocka: one guarded access, then one that is not. */
static int touch_what_is_gone(const char *file)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);
	uint8_t *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED || pm_region_guarded(touch, map, NULL) != PM_E_REGION_LOST)
		return 1;
	touch(map);
	return 2;
}

static void any_other_sigbus_still_kills(void **state)
{
	char file[400];
	int status;
	pid_t child;

	(void)state;
	folder_put(folder, "/empty", "");
	snprintf(file, sizeof(file), "%s/empty", folder);
	child = fork();
	if (child == 0) {
		/* a sanitizer would take the signal for itself */
		setenv("ASAN_OPTIONS", "handle_sigbus=0", 1);
		execl("/proc/self/exe", "test_region_open", "--touch", file, (char *)NULL);
		_exit(3);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGBUS);
}

/* --- what stands there --- */

static void pools_are_found_where_they_are(void **state)
{
	struct pm_region_info info = info_of(ID);
	struct pm_pool_at pools[32];
	struct pm_region region;
	size_t count;

	(void)state;
	assert_int_equal(info.grain, 2 * MIB);
	assert_int_equal(pm_region_pools(&host, &info, pools, 32, &count, NULL), PM_OK);
	assert_int_equal(count, 0);
	make_pool(6 * MIB, 2 * MIB); /* will be covered by the next and no longer count */
	make_pool(4 * MIB, 8 * MIB);
	make_pool(12 * MIB, 4 * MIB);
	make_pool(20 * MIB, 12 * MIB);
	region = open_part(12 * MIB, 2 * MIB, true);
	memset(region.map, 0, 4096); /* superblock A is gone, B tells */
	pm_region_close(&region);
	assert_int_equal(pm_region_pools(&host, &info, pools, 32, &count, NULL), PM_OK);
	assert_int_equal(count, 3);
	assert_int_equal(pools[0].offset, 4 * MIB);
	assert_int_equal(pools[1].offset, 12 * MIB);
	assert_int_equal(pools[2].offset, 20 * MIB);
	assert_int_equal(pm_region_pools(&host, &info, pools, 1, &count, NULL), PM_OK);
	assert_int_equal(count, 1);
}

/* The B of a larger pool that stood here before says nothing of the pool that stands here now. */
static void an_old_end_is_no_pool(void **state)
{
	struct pm_region_info info = info_of(ID);
	struct pm_pool_at pools[4];
	size_t count;

	(void)state;
	make_pool(0, 0);
	make_pool(0, 8 * MIB);
	assert_int_equal(pm_region_pools(&host, &info, pools, 4, &count, NULL), PM_OK);
	assert_int_equal(count, 1);
	assert_int_equal(pools[0].offset, 0);
	assert_int_equal(pools[0].bytes, 8 * MIB);
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
	snprintf(path, sizeof(path), "%s/dev/dax0.0", host.root);
	assert_int_equal(truncate(path, 8 * (off_t)MIB), 0);
	assert_int_equal(pm_region_open(&host, "dax:dax0.0", 4 * MIB, 0, true, &region, NULL), PM_OK);
	memcpy(region.map, "here", 5);
	pm_region_close(&region);
	assert_int_equal(pm_region_open(&host, "dax:dax0.0", 0, 0, false, &region, NULL), PM_OK);
	assert_string_equal((char *)region.map + 4 * MIB, "here");
	pm_region_close(&region);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(the_list_names_all_that_is_given_away),
		HOST_TEST(bytes_written_stay),
		HOST_TEST(parts_that_are_none),
		HOST_TEST(the_guard_is_asked_at_each_open),
		HOST_TEST(a_reader_needs_no_lock_file),
		HOST_TEST(the_lock_excludes_and_its_holders_death_frees_it),
		HOST_TEST(threads_exclude_each_other_too),
		HOST_TEST(a_revoked_mapping_is_an_error_not_the_end),
		HOST_TEST(any_other_sigbus_still_kills),
		HOST_TEST(pools_are_found_where_they_are),
		HOST_TEST(regions_that_share_memory_share_a_lock),
		HOST_TEST(an_old_end_is_no_pool),
		HOST_TEST(grain_bounds_the_search),

		HOST_TEST(devdax_devices_are_regions),
	};

	if (argc == 3 && strcmp(argv[1], "--touch") == 0)
		return touch_what_is_gone(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
