/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns on the free pages of a pool: what is allocated is not touched, what is wrong is told in page order. */
#include "model.h"
#include "pmpool/memory.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BYTES (UINT64_C(40) << 20)
#define PAGES (BYTES / PM_PAGE_SIZE)

struct lab {
	struct model_region region;
	uint8_t *before;
	unsigned locks, unlocks;
	unsigned refuse_at; /* the lock of this number is not had; 0: never */
	atomic_bool *cancel_at_lock;
	struct pm_task task;
	size_t wrong_count;
	struct pm_wrong_page wrong[64];
	struct pm_error err;
};

static enum pm_code lock(void *context, struct pm_error *err)
{
	struct lab *lab = context;

	assert_int_equal(lab->locks, lab->unlocks);
	if (lab->refuse_at && lab->locks + 1 == lab->refuse_at)
		return pm_fail(err, PM_E_REGION_BUSY, "refused by the test");
	lab->locks++;
	if (lab->cancel_at_lock)
		atomic_store(lab->cancel_at_lock, true);
	return pm_pool_begin(&lab->region.pool, false, &model_act);
}

static void unlock(void *context)
{
	struct lab *lab = context;

	pm_pool_end(&lab->region.pool);
	lab->unlocks++;
}

static void wrong(void *context, const struct pm_wrong_page *page)
{
	struct lab *lab = context;
	uint64_t first = 0;

	assert_int_equal(lab->locks, lab->unlocks + 1);
	assert_int_equal(page->address, pm_page_address(&lab->region.pool, page->page));
	assert_memory_equal(page->now, pm_page_bytes(&lab->region.pool, page->page), PM_PAGE_SIZE);
	while (first < PM_PAGE_SIZE && page->now[first] == page->then[first])
		first++;
	assert_int_equal(page->offset, first & ~UINT64_C(7));
	assert_true(lab->wrong_count < 64);
	lab->wrong[lab->wrong_count++] = *page;
}

/* Every third allocation of 1 to 300 pages is free again. */
static void open_lab(struct lab *lab)
{
	struct pm_run runs[60], freed;
	uint64_t random = 5;

	memset(lab, 0, sizeof(*lab));
	model_region_make(&lab->region, BYTES);
	assert_int_equal(pm_pool_begin(&lab->region.pool, false, &model_act), PM_OK);
	for (unsigned i = 0; i < 60; i++) {
		struct pm_alloc_request request = {.pages = 1 + model_random(&random) % (i % 4 ? 40 : 300)};

		assert_int_equal(pm_alloc(&lab->region.pool, &request, &model_act, &runs[i]), PM_OK);
	}
	for (unsigned i = 0; i < 60; i += 3)
		assert_int_equal(pm_free(&lab->region.pool, runs[i].page, 0, &freed), PM_OK);
	assert_int_equal(pm_quarantine(&lab->region.pool, PAGES - 100, 3, "test", &model_act), PM_OK);
	pm_pool_end(&lab->region.pool);
	lab->before = malloc(BYTES);
	assert_non_null(lab->before);
	memcpy(lab->before, lab->region.memory, BYTES);
}

static void close_lab(struct lab *lab)
{
	model_region_end(&lab->region);
	free(lab->before);
}

static struct pm_free_range range_of(struct lab *lab, uint64_t first, uint64_t end)
{
	lab->locks = lab->unlocks = 0;
	lab->wrong_count = 0;
	atomic_store(&lab->task.cancelled, false);
	return (struct pm_free_range){
		.pool = &lab->region.pool,
		.first = first,
		.end = end,
		.lock = lock,
		.unlock = unlock,
		.context = lab,
		.task = &lab->task,
	};
}

static bool is_free(struct lab *lab, uint64_t page)
{
	return pm_page_state_get(&lab->region.pool, page) == PM_PAGE_FREE;
}

static const struct pm_pattern pattern = {.kind = PM_PATTERN_RANDOM, .seed = 99};

static enum pm_code fill(struct lab *lab, uint64_t first, uint64_t end, struct pm_free_counts *counts)
{
	struct pm_free_range range = range_of(lab, first, end);
	enum pm_code code = pm_free_fill(&range, &pattern, counts, &lab->err);

	assert_int_equal(lab->locks, lab->unlocks);
	return code;
}

static enum pm_code check(struct lab *lab, uint64_t first, uint64_t end, struct pm_free_counts *counts)
{
	struct pm_free_range range = range_of(lab, first, end);
	enum pm_code code = pm_free_check(&range, &pattern, wrong, lab, counts, &lab->err);

	assert_int_equal(lab->locks, lab->unlocks);
	return code;
}

/* The shared words that every begin and end writes are nobody's facts. */
static void assert_only_free_pages_changed(struct lab *lab, uint64_t first, uint64_t end)
{
	uint8_t expected[PM_PAGE_SIZE];

	for (uint64_t page = 0; page < PAGES; page++) {
		const uint8_t *now = lab->region.memory + page * PM_PAGE_SIZE;

		if (page >= first && page < end && is_free(lab, page)) {
			pm_pattern_fill(&pattern, MODEL_BASE + page * PM_PAGE_SIZE, expected, PM_PAGE_SIZE);
			assert_memory_equal(now, expected, PM_PAGE_SIZE);
		} else {
			assert_memory_equal(now, lab->before + page * PM_PAGE_SIZE, PM_PAGE_SIZE);
		}
	}
}

static uint64_t count_free(struct lab *lab, uint64_t first, uint64_t end)
{
	uint64_t pages = 0;

	for (; first < end; first++)
		pages += is_free(lab, first);
	return pages;
}

static void free_pages_of_the_range_are_filled(void **state)
{
	static const uint64_t ranges[][2] = {
		{0, 0}, {0, 1}, {100, 101}, {300, 1500}, {255, 257}, {PAGES - 1, PAGES}, {512, 1024}, {PAGES - 300, 0}};
	struct pm_free_counts counts;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		uint64_t first = ranges[i][0], end = ranges[i][1] ? ranges[i][1] : PAGES;

		assert_int_equal(fill(&lab, first, ranges[i][1], &counts), PM_OK);
		assert_int_equal(counts.pages, count_free(&lab, first, end));
		assert_int_equal(counts.skipped, end - first - counts.pages);
		assert_only_free_pages_changed(&lab, first, end);
		assert_int_equal(check(&lab, first, ranges[i][1], &counts), PM_OK);
		assert_int_equal(counts.pages, count_free(&lab, first, end));
		assert_int_equal(lab.wrong_count, 0);
		memcpy(lab.region.memory, lab.before, BYTES);
	}
	close_lab(&lab);
}

static void wrong_pages_are_told_in_order(void **state)
{
	struct pm_free_counts counts;
	uint64_t random = 3, hit[40];
	size_t count = 0;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	assert_int_equal(fill(&lab, 0, 0, &counts), PM_OK);
	for (uint64_t page = 0; page < PAGES && count < 40; page += 1 + model_random(&random) % 300) {
		/* what is allocated may hold anything */
		lab.region.memory[page * PM_PAGE_SIZE + model_random(&random) % PM_PAGE_SIZE] ^= is_free(&lab, page);
		if (is_free(&lab, page))
			hit[count++] = page;
	}
	assert_true(count > 10);
	assert_int_equal(check(&lab, 0, 0, &counts), PM_OK);
	assert_int_equal(lab.wrong_count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(lab.wrong[i].page, hit[i]);
	close_lab(&lab);
}

static void a_range_outside_the_pool_is_refused(void **state)
{
	struct pm_free_counts counts;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	assert_int_equal(fill(&lab, PAGES, 0, &counts), PM_E_OUT_OF_RANGE);
	assert_int_equal(fill(&lab, 5, 5, &counts), PM_E_OUT_OF_RANGE);
	assert_int_equal(fill(&lab, 6, 5, &counts), PM_E_OUT_OF_RANGE);
	assert_int_equal(check(&lab, 0, PAGES + 1, &counts), PM_E_OUT_OF_RANGE);
	assert_int_equal(lab.locks, 0);
	close_lab(&lab);
}

static void a_pool_that_can_only_be_read_is_checked_but_not_filled(void **state)
{
	struct pm_free_counts counts;
	struct pm_free_range range;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	assert_int_equal(fill(&lab, 0, 0, &counts), PM_OK);
	memcpy(lab.before, lab.region.memory, BYTES);
	lab.region.pool.read_only = true;
	assert_int_equal(fill(&lab, 0, 0, &counts), PM_E_POOL_READ_ONLY);
	assert_int_equal(lab.locks, 0);
	assert_memory_equal(lab.region.memory, lab.before, BYTES);
	range = (struct pm_free_range){.pool = &lab.region.pool};
	assert_int_equal(pm_free_check(&range, &pattern, wrong, &lab, &counts, &lab.err), PM_OK);
	assert_int_equal(counts.pages, count_free(&lab, 0, PAGES));
	close_lab(&lab);
}

/* Mapped memory without a pool, whose first page has a number of its own. */
static void memory_without_a_pool_is_all_free(void **state)
{
	struct pm_free_counts counts;
	struct pm_free_range range;
	uint8_t *bytes = malloc(700 * PM_PAGE_SIZE);
	struct pm_error err = {0};

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 0x44, 700 * PM_PAGE_SIZE);
	range = (struct pm_free_range){.plain = {bytes, MODEL_BASE, 100, 700}, .first = 130, .end = 790};
	assert_int_equal(pm_free_fill(&range, &pattern, &counts, &err), PM_OK);
	assert_int_equal(counts.pages, 660);
	assert_int_equal(counts.skipped, 0);
	assert_int_equal(pm_pattern_check(&pattern, MODEL_BASE + 30 * PM_PAGE_SIZE, bytes + 30 * PM_PAGE_SIZE,
					  660 * PM_PAGE_SIZE),
			 660 * PM_PAGE_SIZE);
	assert_int_equal(bytes[30 * PM_PAGE_SIZE - 1], 0x44);
	assert_int_equal(bytes[690 * PM_PAGE_SIZE], 0x44);
	assert_int_equal(pm_free_check(&range, &pattern, wrong, NULL, &counts, &err), PM_OK);
	range.first = 99;
	assert_int_equal(pm_free_fill(&range, &pattern, &counts, &err), PM_E_OUT_OF_RANGE);
	range.first = 100;
	range.end = 801;
	assert_int_equal(pm_free_fill(&range, &pattern, &counts, &err), PM_E_OUT_OF_RANGE);
	free(bytes);
}

static void what_the_lock_says_ends_the_work(void **state)
{
	struct pm_free_counts counts;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	lab.refuse_at = 1;
	assert_int_equal(fill(&lab, 0, 0, &counts), PM_E_REGION_BUSY);
	assert_string_equal(lab.err.message, "refused by the test");
	assert_int_equal(counts.pages, 0);
	assert_memory_equal(lab.region.memory, lab.before, BYTES);
	close_lab(&lab);
}

/* Cancelled under the lock: the lock is let go, and no window after that is worked on. */
static void cancelling_ends_it_at_a_window(void **state)
{
	struct pm_free_counts counts;
	struct lab lab;

	(void)state;
	open_lab(&lab);
	lab.cancel_at_lock = &lab.task.cancelled;
	assert_int_equal(fill(&lab, 0, 0, &counts), PM_E_CANCELLED);
	assert_int_equal(lab.locks, 1);
	assert_memory_equal(lab.region.memory, lab.before, BYTES);
	close_lab(&lab);
}

/* Pages of a pool whose file is cut while it is mapped raise SIGBUS, on whichever thread. */
static void a_lost_mapping_is_an_error(void **state)
{
	struct pm_pool_request request = model_request();
	int file = memfd_create("region", MFD_CLOEXEC);
	struct pm_free_counts counts;
	struct pm_free_range range;
	struct pm_error err = {0};
	struct pm_pool pool;
	uint8_t *memory;

	(void)state;
	assert_int_equal(ftruncate(file, (off_t)BYTES), 0);
	memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	assert_true(memory != MAP_FAILED);
	assert_int_equal(pm_pool_format(memory, BYTES, &request, &model_act), PM_OK);
	assert_int_equal(model_attach(&pool, memory, BYTES), PM_OK);
	range = (struct pm_free_range){.pool = &pool};
	assert_int_equal(pm_free_fill(&range, &pattern, &counts, &err), PM_OK);
	assert_int_equal(ftruncate(file, (off_t)(BYTES / 2)), 0);
	assert_int_equal(pm_free_check(&range, &pattern, wrong, NULL, &counts, &err), PM_E_REGION_LOST);
	assert_int_equal(pm_free_fill(&range, &pattern, &counts, &err), PM_E_REGION_LOST);
	assert_int_equal(err.code, PM_E_REGION_LOST);
	pm_pool_detach(&pool);
	munmap(memory, BYTES);
	close(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(free_pages_of_the_range_are_filled),
		cmocka_unit_test(wrong_pages_are_told_in_order),
		cmocka_unit_test(a_range_outside_the_pool_is_refused),
		cmocka_unit_test(a_pool_that_can_only_be_read_is_checked_but_not_filled),
		cmocka_unit_test(memory_without_a_pool_is_all_free),
		cmocka_unit_test(what_the_lock_says_ends_the_work),
		cmocka_unit_test(cancelling_ends_it_at_a_window),
		cmocka_unit_test(a_lost_mapping_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
