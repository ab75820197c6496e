// SPDX-License-Identifier: GPL-2.0-or-later
/* What cannot be compared, and what of a damaged file still can. */
#include "compare_kit.h"
#include "host/heap.h"

/* --- what cannot be compared --- */

static void two_pools_are_foreign(void **state)
{
	struct pm_pool_request request = {.pool_uuid = {9}, .region_uuid = {9}, .name = "b", .physical_base = LAB_BASE};
	void *memory = mmap(NULL, LAB_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct pm_mapping mapping = {memory, LAB_BYTES, LAB_BASE, false};
	struct json_object *comparison;
	struct pm_pool other;
	struct shot before;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	before = take(&lab, false, NULL);
	{
		const struct pm_side sides[] = {{.snapshot = before.snapshot}, {.pool = &other}};
		const struct pm_side live[] = {{.pool = &lab.pool}, {.pool = &other}};

		assert_int_equal(pm_pool_format(memory, LAB_BYTES, &request, &lab_act), PM_OK);
		assert_int_equal(pm_pool_attach(&other, &mapping, 1, 0, &pm_heap, &lab_act), PM_OK);
		assert_int_equal(pm_compare(&sides[0], &sides[1], NULL, &comparison, NULL), PM_E_SNAPSHOT_FOREIGN);
		assert_null(comparison);
		assert_int_equal(pm_compare(&live[0], &live[1], NULL, &comparison, NULL), PM_E_INVALID_PARAMS);
		pm_pool_detach(&other);
		munmap(memory, LAB_BYTES);
	}
	drop(&before);
	lab_close(&lab);
}

static void without_its_parent_a_snapshot_says_so(void **state)
{
	struct json_object *comparison;
	struct shot before, after;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	before = take(&lab, false, NULL);
	after = take(&lab, false, &before);
	reopen(&after);
	{
		const struct pm_side sides[] = {{.snapshot = before.snapshot}, {.snapshot = after.snapshot}};

		assert_int_equal(pm_compare(&sides[0], &sides[1], NULL, &comparison, NULL), PM_E_SNAPSHOT_PARENT);
	}
	drop(&after);
	drop(&before);
	lab_close(&lab);
}

static void a_comparison_can_be_cancelled(void **state)
{
	struct pm_task task = {.cancelled = true};
	struct json_object *comparison;
	struct shot before;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	before = take(&lab, false, NULL);
	{
		const struct pm_side sides[] = {{.snapshot = before.snapshot}, {.pool = &lab.pool}};

		assert_int_equal(pm_compare(&sides[0], &sides[1], &task, &comparison, NULL), PM_E_CANCELLED);
	}
	drop(&before);
	lab_close(&lab);
}

/* --- damaged files --- */

/* Each page of the pool is compared, or counted as unreadable. */
static void check_damaged(struct json_object *comparison, int64_t pages)
{
	if (lab_number(comparison, "pages.unreadable") == 0 ||
	    lab_number(comparison, "pages.compared") + lab_number(comparison, "pages.unreadable") != pages)
		fail_msg("%s", json_object_to_json_string(comparison));
	assert_int_equal(lab_number(comparison, "pages.changed"), 0);
	assert_int_equal(lab_number(comparison, "pages.added"), 0);
	assert_int_equal(lab_number(comparison, "pages.removed"), 0);
	assert_false(json_object_get_boolean(lab_get(comparison, "same")));
	/* the file is to blame, not the memory */
	assert_non_null(lab_get(comparison, "after.damage"));
	assert_int_equal(json_object_array_length(lab_get(comparison, "diagnoses")), 0);
}

/* Cut off at ever shorter lengths: as long as its books can be read, it is compared. */
static void what_was_cut_off_is_unreadable(void **state)
{
	struct shot before, after;
	unsigned compared = 0;
	struct lab lab;
	off_t size;

	(void)state;
	lab_open(&lab);
	lab_extend(&lab);
	before = take(&lab, false, NULL);
	after = take(&lab, false, NULL);
	size = lseek(after.fd, 0, SEEK_END);
	for (int i = 39; i > 0; i--) {
		struct json_object *comparison = NULL;
		struct pm_error err = {0};
		struct pm_side sides[] = {{.snapshot = before.snapshot}, {.snapshot = NULL}};

		pm_snapshot_close(after.snapshot);
		after.snapshot = NULL;
		assert_int_equal(ftruncate(after.fd, size * i / 40), 0);
		if (pm_snapshot_open(after.fd, &after.snapshot, &err))
			break;
		sides[1].snapshot = after.snapshot;
		if (pm_compare(&sides[0], &sides[1], NULL, &comparison, &err)) {
			assert_true(err.code == PM_E_FILE_CORRUPT || err.code == PM_E_FILE_TRUNCATED);
			break;
		}
		compared++;
		if (lab_number(comparison, "pages.unreadable"))
			check_damaged(comparison, 310);
		json_object_put(comparison);
	}
	assert_true(compared > 0);
	drop(&after);
	drop(&before);
	lab_close(&lab);
}

/* A byte of the later file is another one, at many places: what depends on it is unreadable, the rest as it was. */
static void what_was_damaged_is_unreadable(void **state)
{
	struct shot before, after;
	unsigned compared = 0;
	struct lab lab;
	off_t size;

	(void)state;
	lab_open(&lab);
	lab_extend(&lab);
	before = take(&lab, false, NULL);
	after = take(&lab, false, NULL);
	size = lseek(after.fd, 0, SEEK_END);
	for (off_t at = 3; at < size; at += size / 97) {
		struct pm_side sides[] = {{.snapshot = before.snapshot}, {.snapshot = NULL}};
		struct json_object *comparison = NULL;
		struct pm_error err = {0};
		uint8_t byte;

		pm_snapshot_close(after.snapshot);
		after.snapshot = NULL;
		assert_int_equal(pread(after.fd, &byte, 1, at), 1);
		byte ^= 0x10;
		assert_int_equal(pwrite(after.fd, &byte, 1, at), 1);
		if (!pm_snapshot_open(after.fd, &after.snapshot, &err)) {
			sides[1].snapshot = after.snapshot;
			if (pm_compare(&sides[0], &sides[1], NULL, &comparison, &err))
				assert_true(err.code == PM_E_FILE_CORRUPT || err.code == PM_E_FILE_TRUNCATED);
			else if (lab_number(comparison, "pages.unreadable"))
				check_damaged(comparison, 310);
			else
				assert_int_equal(lab_number(comparison, "pages.compared"), 310);
			compared += comparison != NULL;
			json_object_put(comparison);
		}
		byte ^= 0x10;
		assert_int_equal(pwrite(after.fd, &byte, 1, at), 1);
	}
	assert_true(compared > 0);
	drop(&after);
	drop(&before);
	lab_close(&lab);
}

/* --- a region is missing --- */

static void what_a_missing_region_held_is_not_removed(void **state)
{
	struct json_object *comparison;
	struct pm_mapping mapping;
	struct pm_pool half;
	struct shot before;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	lab_extend(&lab);
	before = take(&lab, false, NULL);
	mapping = (struct pm_mapping){lab.region.map, LAB_BYTES, LAB_BASE, false};
	assert_int_equal(pm_pool_attach(&half, &mapping, 1, PM_ATTACH_READ_ONLY, &pm_heap, &lab_act), PM_OK);
	comparison = compare(before.snapshot, NULL, &half);
	assert_int_equal(lab_number(comparison, "pages.unreadable"), 5);
	assert_int_equal(lab_number(comparison, "pages.removed"), 0);
	assert_int_equal(json_object_array_length(lab_get(comparison, "allocations")), 0);
	assert_int_equal(json_object_array_length(lab_get(comparison, "records")), 0);
	assert_int_equal(json_object_array_length(lab_get(comparison, "diagnoses")), 0);
	assert_int_equal(json_object_array_length(lab_get(comparison, "after.missingRegions")), 1);
	assert_int_equal(json_object_array_length(lab_get(comparison, "before.missingRegions")), 0);
	assert_false(json_object_get_boolean(lab_get(comparison, "same")));
	json_object_put(comparison);
	pm_pool_detach(&half);
	drop(&before);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_pools_are_foreign),
		cmocka_unit_test(without_its_parent_a_snapshot_says_so),
		cmocka_unit_test(a_comparison_can_be_cancelled),
		cmocka_unit_test(what_was_cut_off_is_unreadable),
		cmocka_unit_test(what_was_damaged_is_unreadable),
		cmocka_unit_test(what_a_missing_region_held_is_not_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
