/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Regions of a simulated host: mapped, locked, lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "region/together.h"
#include "region_bench.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

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

static struct pm_region open_whole(const char *id)
{
	struct pm_region region;

	assert_int_equal(pm_region_open(&host, id, 0, 0, true, &region, NULL), PM_OK);
	return region;
}

static void die_with_the_lock_of(const char *id)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct pm_region region;

		_exit(pm_region_open(&host, id, 0, 0, true, &region, NULL) || pm_region_lock(&region, NULL));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* The locks of several regions: what cannot be had whole is not held in part, and a dead holder's mark stays. */
static void locks_are_had_together_or_not_at_all(void **state)
{
	static const char *const ids[] = {ID, "mem:0x101000000"};
	struct pm_region mine[2], holder, next, *list[2] = {&mine[0], &mine[1]};

	(void)state;
	assert_int_equal(pm_host_simulate_boot(&host, "memmap=8M$0x100000000 memmap=8M$0x101000000", NULL), PM_OK);
	for (int i = 0; i < 2; i++)
		mine[i] = open_whole(ids[i]);
	holder = open_whole(ids[1]);
	next = open_whole(ids[0]);
	die_with_the_lock_of(ids[0]);
	assert_int_equal(pm_region_lock(&holder, NULL), PM_OK);
	assert_int_equal(pm_regions_lock(list, 2, NULL), PM_E_REGION_BUSY);
	assert_int_equal(pm_region_lock(&next, NULL), PM_OK);
	assert_true(next.abandoned);
	pm_region_unlock(&next);
	pm_region_unlock(&holder);
	assert_int_equal(pm_regions_lock(list, 2, NULL), PM_OK);
	assert_false(pm_regions_abandoned(list, 2));
	pm_regions_unlock(list, 2, false);
	for (int i = 0; i < 2; i++)
		pm_region_close(&mine[i]);
	pm_region_close(&holder);
	pm_region_close(&next);
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

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST(bytes_written_stay),
		HOST_TEST(parts_that_are_none),
		HOST_TEST(the_guard_is_asked_at_each_open),
		HOST_TEST(a_reader_needs_no_lock_file),
		HOST_TEST(the_lock_excludes_and_its_holders_death_frees_it),
		HOST_TEST(threads_exclude_each_other_too),
		HOST_TEST(locks_are_had_together_or_not_at_all),
		HOST_TEST(a_revoked_mapping_is_an_error_not_the_end),
		HOST_TEST(any_other_sigbus_still_kills),
	};

	if (argc == 3 && strcmp(argv[1], "--touch") == 0)
		return touch_what_is_gone(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
