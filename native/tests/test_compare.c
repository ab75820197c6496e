// SPDX-License-Identifier: GPL-2.0-or-later
/* What happens to a pool between two looks at it, and what comparing the two says. */
#include "compare_kit.h"
#include "host/heap.h"
#include <string.h>

static size_t length(struct json_object *object, const char *path)
{
	return json_object_array_length(lab_get(object, path));
}

/* --- what may happen between --- */

static void nothing(struct lab *lab)
{
	(void)lab;
}

static void flip_a_bit(struct lab *lab)
{
	lab_page(lab, lab->alpha.page + 1)[100] ^= 4;
}

static void zero_two_pages_and_fill_one(struct lab *lab)
{
	memset(lab_page(lab, lab->beta.page + 11), 0, PM_PAGE_SIZE);
	memset(lab_page(lab, lab->beta.page + 13), 0, PM_PAGE_SIZE);
	memset(lab_page(lab, lab->beta.page + 14), 0xff, PM_PAGE_SIZE);
}

static void write_to_a_free_page(struct lab *lab)
{
	uint64_t page = 600;

	while (pm_page_state_get(&lab->pool, page) != PM_PAGE_FREE)
		page++;
	memset(lab_page(lab, page), 0x33, PM_PAGE_SIZE);
}

static void write_to_gamma(struct lab *lab)
{
	memcpy(lab_page(lab, lab->gamma.page + 4) + 64, "another text over it, long enough to be one", 40);
}

static void free_alpha(struct lab *lab)
{
	lab_free(lab, lab->alpha.page);
}

static struct pm_run take_at(struct lab *lab, const char *name, uint64_t page, uint64_t pages)
{
	struct pm_alloc_request request = {
		.pages = pages,
		.name = name,
		.owner = "someone",
		.purpose = "else",
		.address_from = pm_page_address(&lab->pool, page),
		.address_to = pm_page_address(&lab->pool, page) + pages * PM_PAGE_SIZE,
	};
	struct pm_run run;

	assert_int_equal(pm_pool_begin(&lab->pool, false, &lab_act), PM_OK);
	assert_int_equal(pm_alloc(&lab->pool, &request, &lab_act, &run), PM_OK);
	pm_pool_end(&lab->pool);
	assert_int_equal(run.page, page);
	return run;
}

static void take_one_more(struct lab *lab)
{
	memset(lab_page(lab, take_at(lab, "new", 800, 4).page), 0x77, PM_PAGE_SIZE);
}

static void take_an_unnamed_one(struct lab *lab)
{
	take_at(lab, NULL, 800, 2);
}

static void shorten_alpha(struct lab *lab)
{
	lab_free(lab, lab->alpha.page);
	take_at(lab, "alpha", lab->alpha.page, 2);
}

static void rename_alpha(struct lab *lab)
{
	const struct pm_label label = {.name = "omega"};
	struct pm_run run;

	assert_int_equal(pm_pool_begin(&lab->pool, false, &lab_act), PM_OK);
	assert_int_equal(pm_record_change(&lab->pool, lab->alpha.page, &label, &lab_act, &run), PM_OK);
	pm_pool_end(&lab->pool);
}

static void name_nobody(struct lab *lab)
{
	const struct pm_label label = {.name = "somebody"};
	struct pm_run run;

	assert_int_equal(pm_pool_begin(&lab->pool, false, &lab_act), PM_OK);
	assert_int_equal(pm_record_change(&lab->pool, lab->nobody.page, &label, &lab_act, &run), PM_OK);
	pm_pool_end(&lab->pool);
}

static const struct {
	const char *name;
	void (*happen)(struct lab *lab);
	bool same;
	int64_t compared, changed, added, removed;
	const char *run; /* kind of the first one */
	size_t runs;
	const char *allocation, *called; /* of the first that differs */
	int64_t changed_pages; /* of it */
	size_t allocations;
	const char *record; /* of the first that differs */
	size_t records;
	const char *diagnosis; /* of the first */
} cases[] = {
	{"nothing", nothing, true, 310, 0, 0, 0, NULL, 0, NULL, NULL, 0, 0, NULL, 0, NULL},
	{"a bit", flip_a_bit, false, 310, 1, 0, 0, "changed", 1, "changed", "alpha", 1, 1, NULL, 0, "bit-flip"},
	{"zeroed, ones", zero_two_pages_and_fill_one, false, 310, 3, 0, 0, "zeroed", 3, "changed", "beta", 3, 1, NULL,
	 0, "zeroed"},
	{"a free page", write_to_a_free_page, true, 310, 0, 0, 0, NULL, 0, NULL, NULL, 0, 0, NULL, 0, NULL},
	{"in the second region", write_to_gamma, false, 310, 1, 0, 0, "changed", 1, "changed", "gamma", 1, 1, NULL, 0,
	 ""},
	{"freed", free_alpha, false, 307, 0, 0, 3, "removed", 1, "removed", "alpha", 0, 1, "removed", 1, NULL},
	{"taken", take_one_more, false, 310, 0, 4, 0, "added", 1, "added", "new", 0, 1, "added", 1, NULL},
	{"unnamed", take_an_unnamed_one, false, 310, 0, 2, 0, "added", 1, "added", NULL, 0, 1, NULL, 0, NULL},
	{"shortened", shorten_alpha, false, 309, 0, 0, 1, "removed", 1, "resized", "alpha", 0, 1, "changed", 1, NULL},
	{"renamed", rename_alpha, false, 310, 0, 0, 0, NULL, 0, NULL, NULL, 0, 0, "changed", 1, NULL},
	{"named", name_nobody, false, 310, 0, 0, 0, NULL, 0, NULL, NULL, 0, 0, "added", 1, NULL},
};

static void expect_number(size_t i, struct json_object *comparison, const char *path, int64_t number)
{
	if (lab_number(comparison, path) != number)
		fail_msg("%s: %s is %lld: %s", cases[i].name, path, (long long)lab_number(comparison, path),
			 json_object_to_json_string(comparison));
}

static void check_case(size_t i, struct json_object *comparison)
{
	expect_number(i, comparison, "pages.compared", cases[i].compared);
	expect_number(i, comparison, "pages.changed", cases[i].changed);
	expect_number(i, comparison, "pages.added", cases[i].added);
	expect_number(i, comparison, "pages.removed", cases[i].removed);
	expect_number(i, comparison, "pages.unreadable", 0);
	expect_number(i, comparison, "comparedBytes", cases[i].compared * PM_PAGE_SIZE);
	assert_int_equal(json_object_get_boolean(lab_get(comparison, "same")), cases[i].same);
	assert_int_equal(length(comparison, "runs"), cases[i].runs);
	if (cases[i].run)
		assert_string_equal(lab_text(comparison, "runs.0.kind"), cases[i].run);
	if (length(comparison, "allocations") != cases[i].allocations ||
	    length(comparison, "records") != cases[i].records)
		fail_msg("%s: %s", cases[i].name, json_object_to_json_string(comparison));
	if (cases[i].allocations) {
		assert_string_equal(lab_text(comparison, "allocations.0.state"), cases[i].allocation);
		assert_int_equal(lab_number(comparison, "allocations.0.changedPages"), cases[i].changed_pages);
		if (cases[i].called)
			assert_string_equal(lab_text(comparison, "allocations.0.name"), cases[i].called);
		else
			assert_null(lab_get(comparison, "allocations.0.name"));
	}
	if (cases[i].records)
		assert_string_equal(lab_text(comparison, "records.0.state"), cases[i].record);
	assert_int_equal(length(comparison, "diagnoses") > 0, cases[i].changed > 0);
	if (cases[i].diagnosis && *cases[i].diagnosis)
		assert_string_equal(lab_text(comparison, "diagnoses.0.kind"), cases[i].diagnosis);
}

enum way { FILES, INCREMENTAL, NOW, WITH_FREE_PAGES, WAYS };

static void look_at_case(size_t i, enum way way)
{
	struct json_object *comparison;
	struct shot before, after = {.fd = -1};
	struct lab lab;

	lab_open(&lab);
	lab_extend(&lab);
	before = take(&lab, way == WITH_FREE_PAGES, NULL);
	cases[i].happen(&lab);
	if (way != NOW)
		after = take(&lab, false, way == INCREMENTAL ? &before : NULL);
	comparison = compare(before.snapshot, after.snapshot, &lab.pool);
	/* a snapshot with free pages knows what stood in those that were taken since */
	if (way != WITH_FREE_PAGES || cases[i].added == 0)
		check_case(i, comparison);
	else
		expect_number(i, comparison, "pages.added", 0);
	json_object_put(comparison);
	if (after.fd >= 0)
		drop(&after);
	drop(&before);
	lab_close(&lab);
}

static void each_act_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (enum way way = FILES; way < WAYS; way++)
			look_at_case(i, way);
}

/* --- what it says of the two --- */

static void both_sides_are_named(void **state)
{
	struct json_object *comparison;
	struct shot before;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	before = take(&lab, false, NULL);
	lab_free(&lab, lab.nobody.page);
	comparison = compare(before.snapshot, NULL, &lab.pool);
	assert_string_equal(lab_text(comparison, "pool"), "10200000-0000-0000-0000-000000000000");
	assert_string_equal(lab_text(comparison, "poolName"), "lab");
	assert_string_equal(lab_text(comparison, "before.name"), "before");
	assert_null(lab_get(comparison, "after.name"));
	assert_string_equal(lab_text(comparison, "before.bootId"), "01020304-0506-0708-090a-0b0c0d0e0f10");
	assert_null(lab_get(comparison, "after.bootId"));
	assert_int_equal(lab_number(comparison, "before.pages"), 305);
	assert_int_equal(lab_number(comparison, "after.pages"), 303);
	assert_int_equal(lab_number(comparison, "after.sequence"), lab_number(comparison, "before.sequence") + 1);
	assert_true(lab_number(comparison, "before.at") <= lab_number(comparison, "after.at"));
	json_object_put(comparison);
	/* the other way round: what was freed is there only later */
	{
		const struct pm_side sides[] = {{.pool = &lab.pool}, {.snapshot = before.snapshot, .name = "later"}};

		assert_int_equal(pm_compare(&sides[0], &sides[1], NULL, &comparison, NULL), PM_OK);
		assert_int_equal(lab_number(comparison, "pages.added"), 2);
		assert_string_equal(lab_text(comparison, "allocations.0.state"), "added");
		json_object_put(comparison);
	}
	drop(&before);
	lab_close(&lab);
}

static void records_are_told_with_both_labels(void **state)
{
	struct json_object *comparison;
	struct shot before;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	before = take(&lab, false, NULL);
	rename_alpha(&lab);
	name_nobody(&lab);
	comparison = compare(before.snapshot, NULL, &lab.pool);
	assert_int_equal(length(comparison, "records"), 2);
	assert_true(lab.nobody.page < lab.alpha.page);
	assert_int_equal(lab_number(comparison, "records.1.page"), lab.alpha.page);
	assert_string_equal(lab_text(comparison, "records.1.before.name"), "alpha");
	assert_string_equal(lab_text(comparison, "records.1.before.purpose"), "a test");
	assert_string_equal(lab_text(comparison, "records.1.after.name"), "omega");
	assert_string_equal(lab_text(comparison, "records.1.after.owner"), "owner");
	assert_null(lab_get(comparison, "records.0.before"));
	assert_string_equal(lab_text(comparison, "records.0.after.name"), "somebody");
	json_object_put(comparison);
	drop(&before);
	lab_close(&lab);
}

/* --- regions --- */

static void a_pool_that_grew_compares(void **state)
{
	struct json_object *comparison;
	struct shot before;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	before = take(&lab, false, NULL);
	lab_extend(&lab);
	lab_page(&lab, lab.alpha.page)[0] ^= 1;
	comparison = compare(before.snapshot, NULL, &lab.pool);
	assert_int_equal(lab_number(comparison, "pages.compared"), 305);
	assert_int_equal(lab_number(comparison, "pages.changed"), 1);
	assert_int_equal(lab_number(comparison, "pages.added"), 5);
	assert_int_equal(lab_number(comparison, "runs.0.address"), LAB_BASE + lab.alpha.page * PM_PAGE_SIZE);
	assert_int_equal(lab_number(comparison, "runs.1.address"), LAB_OTHER + (lab.gamma.page - 1024) * PM_PAGE_SIZE);
	assert_string_equal(lab_text(comparison, "allocations.1.name"), "gamma");
	json_object_put(comparison);
	drop(&before);
	lab_close(&lab);
}

/* Its pages are not gone: nobody can tell. */
static void a_missing_region_cannot_be_read(void **state)
{
	struct json_object *comparison;
	struct pm_mapping mapping;
	struct pm_pool degraded;
	struct shot before;
	struct lab lab;

	(void)state;
	lab_open(&lab);
	lab_extend(&lab);
	before = take(&lab, false, NULL);
	mapping = (struct pm_mapping){lab.region.map, LAB_BYTES, LAB_BASE, false};
	assert_int_equal(pm_pool_attach(&degraded, &mapping, 1, PM_ATTACH_READ_ONLY, &pm_heap, &lab_act), PM_OK);
	assert_true(degraded.degraded);
	comparison = compare(before.snapshot, NULL, &degraded);
	assert_int_equal(lab_number(comparison, "pages.compared"), 305);
	assert_int_equal(lab_number(comparison, "pages.unreadable"), 5);
	assert_int_equal(lab_number(comparison, "pages.removed"), 0);
	assert_string_equal(lab_text(comparison, "runs.0.kind"), "unreadable");
	assert_false(json_object_get_boolean(lab_get(comparison, "same")));
	json_object_put(comparison);
	pm_pool_detach(&degraded);
	drop(&before);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_act_is_seen),
		cmocka_unit_test(both_sides_are_named),
		cmocka_unit_test(records_are_told_with_both_labels),
		cmocka_unit_test(a_pool_that_grew_compares),
		cmocka_unit_test(a_missing_region_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
