// SPDX-License-Identifier: GPL-2.0-or-later
/* What a snapshot holds back into its pool: one allocation, all content, the whole pool. */
#include "test_snapshot_fixture.h"
#include "host/heap.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define assert_ok(call, err)                                                     \
	do {                                                                     \
		if ((call) != PM_OK)                                             \
			fail_msg("%s: %d %s", #call, (err).code, (err).message); \
	} while (0)

struct before {
	struct lab lab;
	struct pm_snapshot *snapshot; /* of the pool as lab_open makes it */
	uint8_t *image; /* of the region then */
};

static struct pm_snapshot *take(struct lab *lab, int fd, bool all)
{
	struct pm_snapshot_request request = {.all = all};
	struct pm_snapshot_result result;
	struct pm_snapshot *snapshot = NULL;
	struct pm_error err = {0};

	assert_ok(pm_snapshot_write(&lab->pool, &request, fd, NULL, &result, &err), err);
	assert_ok(pm_snapshot_open(fd, &snapshot, &err), err);
	return snapshot;
}

static int setup(void **state)
{
	struct before *before = calloc(1, sizeof(*before));

	lab_open(&before->lab);
	before->snapshot = take(&before->lab, before->lab.file, false);
	before->image = malloc(LAB_BYTES);
	memcpy(before->image, before->lab.region.map, LAB_BYTES);
	*state = before;
	return 0;
}

static int teardown(void **state)
{
	struct before *before = *state;

	pm_snapshot_close(before->snapshot);
	lab_close(&before->lab);
	free(before->image);
	free(before);
	return 0;
}

static bool as_before(const struct before *before, const struct pm_run *run)
{
	return memcmp(before->lab.region.map + run->page * PM_PAGE_SIZE, before->image + run->page * PM_PAGE_SIZE,
		      run->pages * PM_PAGE_SIZE) == 0;
}

static struct pm_restored content(struct before *before)
{
	struct pm_restored restored;
	struct pm_error err = {0};

	assert_ok(pm_restore_content(before->snapshot, &before->lab.pool, NULL, &restored, &err), err);
	return restored;
}

static void test_one_allocation(void **state)
{
	struct before *before = *state;
	struct lab *lab = &before->lab;
	struct pm_restored restored;
	struct pm_error err = {0};

	lab_page(lab, lab->beta.page + 1)[100] ^= 1;
	memset(lab_page(lab, lab->beta.page + 299), 0, PM_PAGE_SIZE);
	memset(lab_page(lab, lab->beta.page), 0xff, PM_PAGE_SIZE); /* it was zero */
	lab_page(lab, lab->alpha.page)[0] ^= 1;
	assert_ok(pm_restore_allocation(before->snapshot, lab->beta.page, &lab->pool, lab->beta.page, NULL, &restored,
					&err),
		  err);
	assert_int_equal(restored.pages, 3);
	assert_int_equal(restored.bytes, 3 * PM_PAGE_SIZE);
	assert_int_equal(restored.unchanged, 297);
	assert_int_equal(restored.allocations, 1);
	assert_true(as_before(before, &lab->beta));
	assert_false(as_before(before, &lab->alpha)); /* nobody asked for it */
}

static void test_to_another_place(void **state)
{
	struct before *before = *state;
	struct lab *lab = &before->lab;
	struct pm_alloc_request request = {.pages = 3, .name = "copy"};
	struct pm_restored restored;
	struct pm_run run;
	struct pm_error err = {0};

	assert_int_equal(pm_pool_begin(&lab->pool, false, &lab_act), PM_OK);
	assert_int_equal(pm_alloc(&lab->pool, &request, &lab_act, &run), PM_OK);
	pm_pool_end(&lab->pool);
	assert_ok(pm_restore_allocation(before->snapshot, lab->alpha.page, &lab->pool, run.page, NULL, &restored, &err),
		  err);
	assert_memory_equal(lab_page(lab, run.page), lab_page(lab, lab->alpha.page), 3 * PM_PAGE_SIZE);
}

static void test_what_is_no_such_allocation(void **state)
{
	struct before *before = *state;
	struct lab *lab = &before->lab;
	struct pm_restored restored;
	struct pm_error err;
	const struct {
		uint64_t from, to;
		enum pm_code code;
	} cases[] = {
		{lab->alpha.page + 1, lab->alpha.page, PM_E_NOT_ALLOCATED}, /* not its first page */
		{900, lab->alpha.page, PM_E_NOT_ALLOCATED}, /* free in the snapshot */
		{lab->alpha.page, 900, PM_E_POOL_CHANGED}, /* free in the pool */
		{lab->alpha.page, lab->beta.page, PM_E_POOL_CHANGED}, /* of another length */
		{UINT64_MAX, lab->alpha.page, PM_E_NOT_ALLOCATED},
		{lab->alpha.page, UINT64_MAX, PM_E_POOL_CHANGED},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(pm_restore_allocation(before->snapshot, cases[i].from, &lab->pool, cases[i].to, NULL,
						       &restored, &err),
				 cases[i].code);
	assert_true(as_before(before, &lab->alpha) && as_before(before, &lab->beta));
}

static void test_content_of_what_is_there(void **state)
{
	struct before *before = *state;
	struct lab *lab = &before->lab;
	struct pm_alloc_request request = {.pages = 3, .name = "newcomer"};
	struct pm_restored restored;
	struct pm_label label = {.name = "alpha again"};
	struct pm_run run;

	memset(lab_page(lab, lab->beta.page), 0x33, 300 * PM_PAGE_SIZE);
	memset(lab_page(lab, lab->nobody.page), 0x33, 2 * PM_PAGE_SIZE);
	restored = content(before);
	assert_int_equal(restored.allocations, 3);
	assert_int_equal(restored.pages, 302);
	assert_int_equal(restored.unchanged, 3);
	assert_int_equal(restored.skipped, 0);
	assert_true(as_before(before, &lab->beta) && as_before(before, &lab->nobody));
	/* a new name leaves it the allocation that it was */
	assert_int_equal(pm_pool_begin(&lab->pool, false, &lab_act), PM_OK);
	assert_int_equal(pm_record_change(&lab->pool, lab->alpha.page, &label, &lab_act, &run), PM_OK);
	pm_pool_end(&lab->pool);
	memset(lab_page(lab, lab->alpha.page), 0x33, PM_PAGE_SIZE);
	restored = content(before);
	assert_int_equal(restored.allocations, 3);
	assert_true(as_before(before, &lab->alpha));
	/* freed since; another one took its place, as long as it */
	lab_free(lab, lab->alpha.page);
	assert_int_equal(content(before).skipped, 1);
	{
		struct pm_act later = lab_act;

		later.time_ns++;
		request.address_from = lab->pool.sb.physical_base + lab->alpha.page * PM_PAGE_SIZE;
		assert_int_equal(pm_pool_begin(&lab->pool, false, &later), PM_OK);
		assert_int_equal(pm_alloc(&lab->pool, &request, &later, &run), PM_OK);
		pm_pool_end(&lab->pool);
	}
	assert_int_equal(run.page, lab->alpha.page);
	memset(lab_page(lab, run.page), 0x44, 3 * PM_PAGE_SIZE);
	restored = content(before);
	assert_int_equal(restored.skipped, 1);
	assert_int_equal(restored.allocations, 2);
	assert_int_equal(lab_page(lab, run.page)[0], 0x44);
}

static void test_read_only_and_foreign(void **state)
{
	struct before *before = *state;
	struct lab *lab = &before->lab;
	struct pm_mapping mapping = {lab->region.map, LAB_BYTES, LAB_BASE, false};
	struct pm_restored restored;
	struct pm_pool reader, other;
	uint8_t *region = mmap(NULL, LAB_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct pm_pool_request request = {.pool_uuid = {9}, .region_uuid = {9}, .name = "b", .physical_base = LAB_BASE};
	struct pm_mapping elsewhere = {region, LAB_BYTES, LAB_BASE, false};

	assert_int_equal(pm_pool_attach(&reader, &mapping, 1, PM_ATTACH_READ_ONLY, &pm_heap, &lab_act), PM_OK);
	assert_int_equal(pm_restore_content(before->snapshot, &reader, NULL, &restored, NULL), PM_E_POOL_READ_ONLY);
	pm_pool_detach(&reader);
	assert_int_equal(pm_pool_format(region, LAB_BYTES, &request, &lab_act), PM_OK);
	assert_int_equal(pm_pool_attach(&other, &elsewhere, 1, 0, &pm_heap, &lab_act), PM_OK);
	assert_int_equal(pm_restore_content(before->snapshot, &other, NULL, &restored, NULL), PM_E_SNAPSHOT_FOREIGN);
	pm_pool_detach(&other);
	munmap(region, LAB_BYTES);
	assert_int_equal(restored.pages, 0);
}

static void test_degraded(void **state)
{
	struct before *before = *state;
	struct lab *lab = &before->lab;
	struct pm_restored restored;
	struct pm_mapping mapping;
	struct pm_pool half;

	lab_extend(lab);
	mapping = (struct pm_mapping){lab->region.map, LAB_BYTES, LAB_BASE, false};
	assert_int_equal(pm_pool_attach(&half, &mapping, 1, 0, &pm_heap, &lab_act), PM_OK);
	assert_int_equal(pm_restore_content(before->snapshot, &half, NULL, &restored, NULL), PM_E_POOL_DEGRADED);
	pm_pool_detach(&half);
}

/* --- the whole pool --- */

static enum pm_code restore_pool(struct pm_snapshot *snapshot, const struct pm_mapping *mappings, size_t count,
				 struct pm_restored *restored)
{
	struct pm_error err = {0};
	enum pm_code code = pm_restore_check(snapshot, mappings, count, NULL, &err);

	return code ? code : pm_restore_pool(snapshot, mappings, count, NULL, restored, &err);
}

static void assert_allocated_as_before(const struct before *before, const uint8_t *region)
{
	const struct pm_superblock *sb = &before->lab.pool.sb;

	assert_memory_equal(region, before->image, sb->data_first * PM_PAGE_SIZE);
	assert_memory_equal(region + sb->data_end * PM_PAGE_SIZE, before->image + sb->data_end * PM_PAGE_SIZE,
			    (sb->page_count - sb->data_end) * PM_PAGE_SIZE);
	for (uint64_t page = sb->data_first; page < sb->data_end; page++)
		if (pm_page_state_get(&before->lab.pool, page) % 2 == 1)
			assert_memory_equal(region + page * PM_PAGE_SIZE, before->image + page * PM_PAGE_SIZE,
					    PM_PAGE_SIZE);
}

static void test_pool_into_an_emptied_region(void **state)
{
	static const int fillings[] = {0x00, 0xff};
	struct before *before = *state;

	for (size_t i = 0; i < 2; i++) {
		uint8_t *region = mmap(NULL, LAB_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		struct pm_mapping mapping = {region, LAB_BYTES, LAB_BASE, false};
		struct pm_restored restored;
		struct pm_pool pool;

		memset(region, fillings[i], LAB_BYTES);
		assert_int_equal(restore_pool(before->snapshot, &mapping, 1, &restored), PM_OK);
		assert_int_equal(restored.allocations, 3);
		assert_allocated_as_before(before, region);
		assert_int_equal(pm_pool_attach(&pool, &mapping, 1, 0, &pm_heap, &lab_act), PM_OK);
		assert_int_equal(pool.recovered.runs_taken_back + pool.recovered.checks_renewed, 0);
		assert_non_null(pm_record_find(&pool, "beta", NULL));
		pm_pool_detach(&pool);
		munmap(region, LAB_BYTES);
	}
}

/* Of an "all" snapshot the region is what it was, byte for byte. */
static void test_pool_with_free_pages(void **state)
{
	struct before *before = *state;
	struct lab *lab = &before->lab;
	uint8_t *region = mmap(NULL, LAB_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct pm_mapping mapping = {region, LAB_BYTES, LAB_BASE, false};
	struct pm_restored restored;
	struct pm_snapshot *all;
	int fd = memfd_create("all", MFD_CLOEXEC);

	memset(lab_page(lab, 900), 0x77, PM_PAGE_SIZE);
	all = take(lab, fd, true);
	assert_int_equal(restore_pool(all, &mapping, 1, &restored), PM_OK);
	assert_memory_equal(region, lab->region.map, LAB_BYTES);
	pm_snapshot_close(all);
	munmap(region, LAB_BYTES);
	close(fd);
}

/* Over what the pool became since: as it was, but the superblocks say that they are newer. */
static void test_pool_over_itself(void **state)
{
	struct before *before = *state;
	struct lab *lab = &before->lab;
	struct pm_mapping mapping = {lab->region.map, LAB_BYTES, LAB_BASE, false};
	uint64_t sequence = lab->pool.sb.sequence;
	struct pm_restored restored;
	struct pm_superblock sb;

	lab_free(lab, lab->beta.page);
	lab_take(lab, 7);
	memset(lab_page(lab, lab->beta.page), 0x11, 20 * PM_PAGE_SIZE);
	pm_pool_detach(&lab->pool);
	assert_int_equal(restore_pool(before->snapshot, &mapping, 1, &restored), PM_OK);
	assert_int_equal(pm_pool_probe(lab->region.map, LAB_BYTES, &sb), PM_OK);
	assert_int_equal(sb.sequence, sequence + 1);
	assert_int_equal(pm_pool_attach(&lab->pool, &mapping, 1, 0, &pm_heap, &lab_act), PM_OK);
	assert_true(as_before(before, &lab->beta));
	assert_null(pm_record_find(&lab->pool, "number 7", NULL));
	assert_memory_equal(lab->region.map + PM_PAGE_SIZE, before->image + PM_PAGE_SIZE,
			    (lab->pool.sb.data_first - 1) * PM_PAGE_SIZE);
}

static void test_pool_not_into_its_place(void **state)
{
	struct before *before = *state;
	uint8_t *region = mmap(NULL, LAB_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct pm_mapping mappings[] = {
		{region, LAB_BYTES, LAB_OTHER, false},
		{region, LAB_BYTES / 2, LAB_BASE, false},
	};
	struct pm_restored restored;
	static const uint8_t zeros[PM_PAGE_SIZE];

	for (size_t i = 0; i < 2; i++)
		assert_int_equal(restore_pool(before->snapshot, &mappings[i], 1, &restored), PM_E_REGION_MISSING);
	assert_memory_equal(region, zeros, sizeof(zeros));
	munmap(region, LAB_BYTES);
}

/* Damage in the middle of the pages: told before the first store. */
static void test_damaged_snapshot_changes_nothing(void **state)
{
	struct before *before = *state;
	struct lab *lab = &before->lab;
	struct pm_mapping mapping = {lab->region.map, LAB_BYTES, LAB_BASE, false};
	off_t end = lseek(lab->file, 0, SEEK_END);
	struct pm_restored restored = {.pages = 0};
	size_t refused = 0;

	memset(lab_page(lab, lab->alpha.page), 0x55, PM_PAGE_SIZE);
	memcpy(before->image, lab->region.map, LAB_BYTES);
	for (off_t at = end / 2; at < end; at += end / 16) {
		struct pm_snapshot *damaged = NULL;
		uint8_t byte, spoilt;

		assert_int_equal(pread(lab->file, &byte, 1, at), 1);
		spoilt = byte ^ 0x10;
		assert_int_equal(pwrite(lab->file, &spoilt, 1, at), 1);
		if (pm_snapshot_open(lab->file, &damaged, NULL) == PM_OK &&
		    restore_pool(damaged, &mapping, 1, &restored) != PM_OK)
			refused++;
		pm_snapshot_close(damaged);
		assert_memory_equal(lab->region.map, before->image, LAB_BYTES);
		assert_int_equal(pwrite(lab->file, &byte, 1, at), 1);
	}
	assert_true(refused > 4);
}

#define RESTORE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RESTORE(one_allocation),
		RESTORE(to_another_place),
		RESTORE(what_is_no_such_allocation),
		RESTORE(content_of_what_is_there),
		RESTORE(read_only_and_foreign),
		RESTORE(degraded),
		RESTORE(pool_into_an_emptied_region),
		RESTORE(pool_with_free_pages),
		RESTORE(pool_over_itself),
		RESTORE(pool_not_into_its_place),
		RESTORE(damaged_snapshot_changes_nothing),
	};

	return cmocka_run_group_tests_name("restore", tests, NULL, NULL);
}
