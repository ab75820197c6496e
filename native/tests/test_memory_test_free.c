/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory test on the free pages of a pool: what is found, what is put in quarantine, what is left alone. */
#include "model.h"
#include "pmpool/memory.h"
#include "pmpool/region.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BYTES (UINT64_C(12) << 20)
#define PAGES (BYTES / PM_PAGE_SIZE)
enum { STUCK_MAX = 8 };

struct lab {
	int file;
	uint8_t *memory, *before;
	struct pm_pool pool;
	unsigned locks, unlocks;
	unsigned disturb_at; /* lock at which somebody uses `disturbed` and frees it again; 0: never */
	bool disturb_silently; /* and does not tell that he freed it: what memory that forgets looks like */
	uint64_t disturbed;
	size_t stuck_count;
	struct {
		uint64_t offset; /* of a word in the memory; its bit 17 is stuck at 1 */
	} stuck[STUCK_MAX];
	size_t found, runs;
	uint64_t found_pages[4096], run_pages[64], run_lengths[64];
	struct pm_memory_error errors[4096];
	bool quarantine;
	enum pm_code bad_says;
	struct pm_task task;
	struct pm_error err;
};

static void disturb(struct lab *lab)
{
	struct pm_alloc_request request = {
		.pages = 1,
		.address_from = MODEL_BASE + lab->disturbed * PM_PAGE_SIZE,
		.address_to = MODEL_BASE + (lab->disturbed + 1) * PM_PAGE_SIZE,
	};
	struct pm_run run;

	if (!lab->disturb_silently)
		assert_int_equal(pm_alloc(&lab->pool, &request, &model_act, &run), PM_OK);
	memset(pm_page_bytes(&lab->pool, lab->disturbed), 0x5a, PM_PAGE_SIZE);
	if (!lab->disturb_silently)
		assert_int_equal(pm_free(&lab->pool, run.page, 0, &run), PM_OK);
}

static enum pm_code lock(void *context, struct pm_error *err)
{
	struct lab *lab = context;

	(void)err;
	assert_int_equal(lab->locks, lab->unlocks);
	assert_int_equal(pm_pool_begin(&lab->pool, false, &model_act), PM_OK);
	if (++lab->locks == lab->disturb_at)
		disturb(lab);
	return PM_OK;
}

static void unlock(void *context)
{
	struct lab *lab = context;

	pm_pool_end(&lab->pool);
	lab->unlocks++;
}

static void written(void *context, void *words, size_t bytes)
{
	const struct lab *lab = context;
	uint64_t from = (uint64_t)((uint8_t *)words - lab->memory);

	for (size_t i = 0; i < lab->stuck_count; i++)
		if (lab->stuck[i].offset >= from && lab->stuck[i].offset < from + bytes)
			*(uint64_t *)(void *)(lab->memory + lab->stuck[i].offset) |= 1u << 17;
}

static void found(void *context, uint64_t page, const struct pm_memory_error *error)
{
	struct lab *lab = context;

	assert_int_equal(lab->locks, lab->unlocks + 1);
	assert_int_equal(page, (error->address - MODEL_BASE) / PM_PAGE_SIZE);
	assert_true(lab->found < 4096);
	lab->found_pages[lab->found] = page;
	lab->errors[lab->found++] = *error;
}

static enum pm_code bad(void *context, uint64_t page, uint64_t pages, struct pm_error *err)
{
	struct lab *lab = context;

	assert_int_equal(lab->locks, lab->unlocks + 1);
	assert_true(lab->runs < 64);
	lab->run_pages[lab->runs] = page;
	lab->run_lengths[lab->runs++] = pages;
	if (lab->bad_says != PM_OK)
		return pm_fail(err, lab->bad_says, "said by the test");
	if (lab->quarantine)
		assert_int_equal(pm_quarantine(&lab->pool, page, pages, "memory test", &model_act), PM_OK);
	return PM_OK;
}

/* Pages 600 to 999 are allocated and hold something. */
static void open_lab(struct lab *lab)
{
	struct pm_alloc_request some = {.pages = 400,
					.address_from = MODEL_BASE + 600 * PM_PAGE_SIZE,
					.address_to = MODEL_BASE + 1000 * PM_PAGE_SIZE};
	struct pm_pool_request request = model_request();
	struct pm_run run;

	memset(lab, 0, sizeof(*lab));
	lab->file = memfd_create("region", MFD_CLOEXEC);
	assert_int_equal(ftruncate(lab->file, (off_t)BYTES), 0);
	lab->memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, lab->file, 0);
	assert_true(lab->memory != MAP_FAILED);
	assert_int_equal(pm_pool_format(lab->memory, BYTES, &request, &model_act), PM_OK);
	assert_int_equal(model_attach(&lab->pool, lab->memory, BYTES), PM_OK);
	assert_int_equal(pm_alloc(&lab->pool, &some, &model_act, &run), PM_OK);
	for (uint64_t i = 0; i < 400 * PM_PAGE_SIZE; i++)
		lab->memory[600 * PM_PAGE_SIZE + i] = (uint8_t)(i * 7 + i / 4096);
	lab->before = malloc(BYTES);
	assert_non_null(lab->before);
	memcpy(lab->before, lab->memory, BYTES);
}

static void close_lab(struct lab *lab)
{
	pm_pool_detach(&lab->pool);
	munmap(lab->memory, BYTES);
	close(lab->file);
	free(lab->before);
}

static enum pm_code test_range(struct lab *lab, uint64_t first, uint64_t end, unsigned tests, uint32_t passes,
			       struct pm_test_counts *counts)
{
	struct pm_free_range range = {
		.pool = &lab->pool,
		.first = first,
		.end = end,
		.lock = lock,
		.unlock = unlock,
		.context = lab,
		.task = &lab->task,
	};
	struct pm_free_test test = {tests, passes, 7, found, bad, written, lab};
	enum pm_code code;

	lab->locks = lab->unlocks = 0;
	lab->found = lab->runs = 0;
	code = pm_free_test(&range, &test, counts, &lab->err);
	assert_int_equal(lab->locks, lab->unlocks);
	return code;
}

static uint64_t count_free(struct lab *lab, uint64_t first, uint64_t end)
{
	uint64_t pages = 0;

	for (; first < end; first++)
		pages += pm_page_state_get(&lab->pool, first) == PM_PAGE_FREE;
	return pages;
}

static void good_memory_passes_and_what_is_allocated_stays(void **state)
{
	struct pm_test_counts counts;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	assert_int_equal(test_range(&lab, 0, 0, 0, 2, &counts), PM_OK);
	assert_int_equal(lab.found + lab.runs, 0);
	assert_int_equal(counts.passes, 2);
	assert_int_equal(counts.free.pages, count_free(&lab, 0, PAGES));
	assert_int_equal(counts.free.pages + counts.free.skipped, PAGES);
	for (unsigned test = 0; test < PM_MEMORY_TEST_COUNT; test++)
		assert_int_equal(counts.errors[test], 0);
	for (uint64_t page = 0; page < PAGES; page++)
		if (pm_page_state_get(&lab.pool, page) != PM_PAGE_FREE)
			assert_memory_equal(lab.memory + page * 4096, lab.before + page * 4096, 4096);
		else
			for (size_t i = 0; i < 4096; i++)
				assert_int_equal(lab.memory[page * 4096 + i], 0);
	close_lab(&lab);
}

static void only_the_range_is_tested(void **state)
{
	struct pm_test_counts counts;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	memset(lab.memory + 1100 * 4096, 0x11, 300 * 4096);
	memcpy(lab.before, lab.memory, BYTES);
	assert_int_equal(test_range(&lab, 1150, 1300, 0, 1, &counts), PM_OK);
	assert_int_equal(counts.free.pages, 150);
	assert_memory_equal(lab.memory, lab.before, 1150 * 4096);
	assert_memory_equal(lab.memory + 1300 * 4096, lab.before + 1300 * 4096, BYTES - 1300 * 4096);
	assert_int_equal(test_range(&lab, PAGES, 0, 0, 1, &counts), PM_E_OUT_OF_RANGE);
	close_lab(&lab);
}

/* Two stuck words in neighbouring pages at the end of one window and the start of the next, one far from them. */
static void failing_pages_are_told_as_runs_and_fenced_off(void **state)
{
	struct pm_test_counts counts;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	lab.quarantine = true;
	lab.stuck_count = 3;
	lab.stuck[0].offset = 1535 * 4096 + 8;
	lab.stuck[1].offset = 1536 * 4096;
	lab.stuck[2].offset = 2000 * 4096 + 4088;
	assert_int_equal(test_range(&lab, 0, 0, 0, 1, &counts), PM_OK);
	for (size_t i = 0; i < lab.found; i++) {
		assert_true(lab.found_pages[i] == 1535 || lab.found_pages[i] == 1536 || lab.found_pages[i] == 2000);
		assert_int_equal(lab.errors[i].found ^ lab.errors[i].expected, 1u << 17);
	}
	assert_int_equal(lab.runs, 2);
	assert_int_equal(lab.run_pages[0], 1535);
	assert_int_equal(lab.run_lengths[0], 2);
	assert_int_equal(lab.run_pages[1], 2000);
	assert_int_equal(lab.run_lengths[1], 1);
	assert_int_equal(pm_page_state_get(&lab.pool, 1535), PM_PAGE_BAD);
	assert_int_equal(pm_page_state_get(&lab.pool, 1536), PM_PAGE_BAD);
	assert_int_equal(pm_page_state_get(&lab.pool, 2000), PM_PAGE_BAD);
	/* what is fenced off is not tested again */
	assert_int_equal(test_range(&lab, 0, 0, 0, 1, &counts), PM_OK);
	assert_int_equal(lab.found, 0);
	close_lab(&lab);
}

static void errors_are_counted_by_test(void **state)
{
	unsigned tests = 1u << PM_MEMORY_TEST_CHECKERBOARD | 1u << PM_MEMORY_TEST_RANDOM;
	struct pm_test_counts counts;
	struct lab lab;
	uint64_t told[PM_MEMORY_TEST_COUNT] = {0};

	(void)state;
	open_lab(&lab);
	lab.stuck_count = 1;
	lab.stuck[0].offset = 1500 * 4096;
	assert_int_equal(test_range(&lab, 0, 0, tests, 3, &counts), PM_OK);
	for (size_t i = 0; i < lab.found; i++)
		told[lab.errors[i].test]++;
	for (unsigned test = 0; test < PM_MEMORY_TEST_COUNT; test++) {
		/* of a pattern and its complement one has the bit clear */
		assert_int_equal(counts.errors[test], tests >> test & 1 ? 3 : 0);
		assert_int_equal(told[test], counts.errors[test]);
	}
	assert_int_equal(lab.errors[lab.found - 1].pass, 3);
	assert_int_equal(counts.passes, 3);
	close_lab(&lab);
}

/* One page of the region's file stands at two places 4 MiB apart: no window has both. */
static void far_pages_at_one_address_are_found(void **state)
{
	unsigned tests = 1u << PM_MEMORY_TEST_OWN_ADDRESS;
	struct pm_test_counts counts;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	assert_true(mmap(lab.memory + 2500 * 4096, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, lab.file,
			 (2500 - 1024) * 4096) != MAP_FAILED);
	assert_int_equal(test_range(&lab, 0, 0, tests, 1, &counts), PM_OK);
	assert_true(counts.errors[PM_MEMORY_TEST_OWN_ADDRESS] >= 512);
	assert_int_equal(lab.run_pages[0], 2500 - 1024);
	assert_int_equal(lab.run_lengths[0], 1);
	assert_int_equal(lab.errors[0].expected, MODEL_BASE + (2500 - 1024) * 4096);
	assert_int_equal(lab.errors[0].found, MODEL_BASE + 2500 * 4096);
	close_lab(&lab);
}

/* Between writing and reading own addresses the lock is let go of. The range is one piece, so the second lock is that
 * of reading. */
static void what_others_freed_meanwhile_is_no_error(void **state)
{
	unsigned tests = 1u << PM_MEMORY_TEST_OWN_ADDRESS;
	struct pm_test_counts counts;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	lab.disturb_at = 2;
	lab.disturbed = 1200;
	assert_int_equal(test_range(&lab, 1024, 1400, tests, 1, &counts), PM_OK);
	assert_true(lab.locks >= 2);
	assert_int_equal(lab.found, 0);
	/* the same bytes without anybody having freed the page are memory that lost what was written */
	lab.disturb_silently = true;
	assert_int_equal(test_range(&lab, 1024, 1400, tests, 1, &counts), PM_OK);
	assert_int_equal(lab.found, 512);
	assert_int_equal(lab.run_pages[0], 1200);
	close_lab(&lab);
}

static void what_the_caller_says_to_a_bad_run_ends_the_test(void **state)
{
	struct pm_test_counts counts;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	lab.bad_says = PM_E_DIRECTORY_FULL;
	lab.stuck_count = 1;
	lab.stuck[0].offset = 1500 * 4096;
	assert_int_equal(test_range(&lab, 0, 0, 0, 5, &counts), PM_E_DIRECTORY_FULL);
	assert_string_equal(lab.err.message, "said by the test");
	assert_int_equal(lab.runs, 1);
	assert_int_equal(counts.passes, 0);
	close_lab(&lab);
}

static void a_pool_that_can_only_be_read_is_not_tested(void **state)
{
	struct pm_test_counts counts;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	lab.pool.read_only = true;
	assert_int_equal(test_range(&lab, 0, 0, 0, 1, &counts), PM_E_POOL_READ_ONLY);
	assert_int_equal(lab.locks, 0);
	assert_memory_equal(lab.memory, lab.before, BYTES);
	close_lab(&lab);
}

/* Own addresses far from each other are told apart there, too. */
static void memory_without_a_pool_is_tested_whole(void **state)
{
	unsigned tests = 1u << PM_MEMORY_TEST_OWN_ADDRESS;
	struct pm_test_counts counts;
	struct pm_free_range range;
	struct pm_free_test test;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	range = (struct pm_free_range){.plain = {lab.memory, MODEL_BASE, 0, PAGES}};
	test = (struct pm_free_test){.tests = tests, .found = NULL, .bad = NULL, .context = &lab};
	assert_int_equal(pm_free_test(&range, &test, &counts, &lab.err), PM_OK);
	assert_int_equal(counts.free.pages, PAGES);
	assert_int_equal(counts.errors[PM_MEMORY_TEST_OWN_ADDRESS], 0);
	assert_true(mmap(lab.memory + 2500 * 4096, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, lab.file,
			 (2500 - 1024) * 4096) != MAP_FAILED);
	assert_int_equal(pm_free_test(&range, &test, &counts, &lab.err), PM_OK);
	assert_true(counts.errors[PM_MEMORY_TEST_OWN_ADDRESS] >= 512);
	memcpy(lab.memory, lab.before, BYTES); /* the pool was written over */
	close_lab(&lab);
}

/* --- another process wants the lock meanwhile --- */

struct contest {
	struct lab lab;
	struct pm_region ours, theirs; /* the same lock file, opened twice */
	atomic_bool wanted;
	enum pm_code got;
};

static enum pm_code lock_file(void *context, struct pm_error *err)
{
	struct contest *contest = context;

	atomic_store(&contest->wanted, true);
	return pm_region_lock(&contest->ours, err);
}

static void unlock_file(void *context)
{
	pm_region_unlock(&((struct contest *)context)->ours);
}

/* Has its turn, and ends the test. */
static void *want_lock(void *context)
{
	struct contest *contest = context;

	while (!atomic_load(&contest->wanted))
		usleep(100);
	contest->got = pm_region_lock(&contest->theirs, NULL);
	if (contest->got == PM_OK)
		pm_region_unlock(&contest->theirs);
	atomic_store(&contest->lab.task.cancelled, true);
	return NULL;
}

static void others_get_the_lock_while_it_runs(void **state)
{
	struct contest *contest = calloc(1, sizeof(*contest));
	struct pm_free_test test = {.passes = 100000};
	char path[] = "/tmp/pmpool-test-XXXXXX";
	struct pm_test_counts counts;
	struct pm_free_range range;
	pthread_t other;

	(void)state;
	assert_non_null(contest);
	open_lab(&contest->lab);
	contest->ours.lock_fd = mkstemp(path);
	contest->theirs.lock_fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(contest->ours.lock_fd >= 0 && contest->theirs.lock_fd >= 0);
	range = (struct pm_free_range){
		.pool = &contest->lab.pool,
		.lock = lock_file,
		.unlock = unlock_file,
		.context = contest,
		.task = &contest->lab.task,
	};
	assert_int_equal(pthread_create(&other, NULL, want_lock, contest), 0);
	assert_int_equal(pm_free_test(&range, &test, &counts, &contest->lab.err), PM_E_CANCELLED);
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_int_equal(contest->got, PM_OK);
	close(contest->ours.lock_fd);
	close(contest->theirs.lock_fd);
	unlink(path);
	close_lab(&contest->lab);
	free(contest);
}

static void cancelled_before_it_began_it_writes_nothing(void **state)
{
	struct pm_test_counts counts;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	atomic_store(&lab.task.cancelled, true);
	assert_int_equal(test_range(&lab, 0, 0, 0, 1, &counts), PM_E_CANCELLED);
	assert_memory_equal(lab.memory, lab.before, BYTES);
	close_lab(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_memory_passes_and_what_is_allocated_stays),
		cmocka_unit_test(only_the_range_is_tested),
		cmocka_unit_test(failing_pages_are_told_as_runs_and_fenced_off),
		cmocka_unit_test(errors_are_counted_by_test),
		cmocka_unit_test(far_pages_at_one_address_are_found),
		cmocka_unit_test(what_others_freed_meanwhile_is_no_error),
		cmocka_unit_test(what_the_caller_says_to_a_bad_run_ends_the_test),
		cmocka_unit_test(a_pool_that_can_only_be_read_is_not_tested),
		cmocka_unit_test(memory_without_a_pool_is_tested_whole),
		cmocka_unit_test(others_get_the_lock_while_it_runs),
		cmocka_unit_test(cancelled_before_it_began_it_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
