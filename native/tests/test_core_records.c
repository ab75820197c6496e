/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records: names, labels, quarantine, and a directory that grows by itself. */
#include "core/directory.h"
#include "records_kit.h"
#include <stdio.h>
#include <string.h>

/* --- names --- */

static void a_name_is_found_until_it_is_freed(void **state)
{
	struct model_region region;
	struct pm_run run, seen;
	uint64_t page;

	(void)state;
	model_region_make(&region, MIB);
	run = named(&region.pool, "iommu", 3);
	assert_ptr_equal(pm_record_find(&region.pool, "iommu", &page), run.record);
	assert_int_equal(page, run.page);
	assert_int_equal(pm_run_at(&region.pool, run.page, &seen), PM_OK);
	assert_ptr_equal(seen.record, run.record);
	assert_string_equal(seen.record->owner, "me");
	assert_null(pm_record_find(&region.pool, "iomm", NULL));
	assert_int_equal(name_pages(&region.pool, "iommu", 1, &seen), PM_E_NAME_TAKEN);
	assert_int_equal(pm_free(&region.pool, run.page, 0, &seen), PM_OK);
	assert_int_equal(seen.pages, 3);
	assert_null(pm_record_find(&region.pool, "iommu", NULL));
	assert_int_equal(pm_free(&region.pool, run.page, 0, &seen), PM_E_NOT_ALLOCATED);
	run = named(&region.pool, "iommu", 1);
	model_assert_adds_up(&region.pool);
	model_region_end(&region);
}

static void ids_are_never_used_again(void **state)
{
	struct model_region region;
	uint64_t last = 0;

	(void)state;
	model_region_make(&region, MIB);
	for (int round = 0; round < 40; round++) {
		struct pm_run run = named(&region.pool, "again", 1);

		assert_true(run.record->id > last);
		last = run.record->id;
		assert_int_equal(pm_free(&region.pool, run.page, 0, &run), PM_OK);
		if (round % 3 == 0)
			assert_int_equal(model_region_again(&region), PM_OK);
	}
	model_region_end(&region);
}

/* Before a slot is live its body is written; until then the id that it had stands nowhere else. */
static void the_slot_of_the_highest_id_is_taken_last(void **state)
{
	struct model_region region;
	struct pm_run first, second;

	(void)state;
	model_region_make(&region, MIB);
	first = named(&region.pool, "a", 1);
	assert_int_equal(pm_free(&region.pool, first.page, 0, &second), PM_OK);
	second = named(&region.pool, "b", 1);
	assert_ptr_not_equal(first.record, second.record);
	model_region_end(&region);
}

/* --- growth --- */

static void the_directory_grows_by_itself(void **state)
{
	enum { COUNT = 2000 };
	struct model_region region;
	struct pm_usage usage;
	uint64_t slots, live, pages[COUNT];

	(void)state;
	model_region_make(&region, 16 * MIB);
	pm_records_count(&region.pool, &slots, &live);
	assert_int_equal(slots, 16);
	assert_int_equal(live, 0);
	for (uint64_t i = 0; i < COUNT; i++)
		pages[i] = named(&region.pool, numbered(i), 1).page;
	for (int again = 0; again < 2; again++) {
		uint64_t cursor = 0, seen = 0, parts = 0;
		const struct pm_record *record;

		for (uint64_t i = 0; i < COUNT; i++) {
			uint64_t page = 0;

			assert_non_null(pm_record_find(&region.pool, numbered(i), &page));
			assert_int_equal(page, pages[i]);
		}
		while ((record = pm_record_next(&region.pool, &cursor, NULL)))
			record->kind == PM_RECORD_DIRECTORY ? parts++ : seen++;
		assert_int_equal(seen, COUNT);
		assert_int_equal(parts, 7); /* 1 page, then 1, 2, 4, 8, 16, 32, 64 */
		pm_records_count(&region.pool, &slots, &live);
		assert_int_equal(live, COUNT + parts);
		assert_int_equal(slots, 128 * PM_RECORDS_PER_PAGE);
		pm_usage_get(&region.pool, &usage);
		assert_int_equal(usage.records, COUNT);
		model_assert_adds_up(&region.pool);
		assert_int_equal(model_region_again(&region), PM_OK);
		assert_false(model_recovered_anything(&region.pool));
	}
	for (uint64_t i = 0; i < COUNT; i++) {
		struct pm_run run;

		assert_int_equal(pm_free(&region.pool, pages[i], 0, &run), PM_OK);
	}
	assert_int_equal(model_region_again(&region), PM_OK);
	pm_records_count(&region.pool, &slots, &live);
	assert_int_equal(live, 7);
	model_assert_adds_up(&region.pool);
	model_region_end(&region);
}

static void pages_of_the_directory_are_nobodys(void **state)
{
	struct pm_label label = {.name = "mine"};
	struct model_region region;
	const struct pm_record *record;
	uint64_t cursor = 0, page;
	struct pm_run run;

	(void)state;
	model_region_make(&region, MIB);
	for (uint64_t i = 0; i < 20; i++)
		named(&region.pool, numbered(i), 1);
	do
		record = pm_record_next(&region.pool, &cursor, NULL);
	while (record && record->kind != PM_RECORD_DIRECTORY);
	assert_non_null(record);
	page = record->page;
	assert_int_not_equal(pm_free(&region.pool, page, 0, &run), PM_OK);
	assert_int_not_equal(pm_record_change(&region.pool, page, &label, &model_act, &run), PM_OK);
	assert_int_equal(pm_quarantine_release(&region.pool, page, &run), PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_run_at(&region.pool, page, &run), PM_E_NOT_ALLOCATED);
	assert_int_equal(attach_unchanged(&region, 0), PM_OK);
	model_region_end(&region);
}

static void a_full_region_has_no_room_for_records(void **state)
{
	struct pm_alloc_request one = {.pages = 1};
	struct model_region region;
	struct pm_run run, last = {0};
	enum pm_code code;
	uint64_t i = 0;

	(void)state;
	model_region_make(&region, MIB);
	while (pm_alloc(&region.pool, &one, &model_act, &run) == PM_OK)
		last = run;
	assert_int_equal(name_pages(&region.pool, "none", 1, &run), PM_E_NO_SPACE);
	assert_int_equal(pm_free(&region.pool, last.page, 0, &run), PM_OK);
	do {
		code = name_pages(&region.pool, numbered(i++), 1, &run);
		if (code == PM_OK && i < 15) /* make room for the next one */
			assert_int_equal(pm_free(&region.pool, --last.page, 0, &run), PM_OK);
	} while (code == PM_OK);
	assert_int_equal(code, PM_E_NO_SPACE);
	assert_int_equal(i, 16); /* slots 1 to 15 */
	assert_int_equal(pm_free(&region.pool, --last.page, 0, &run), PM_OK);
	assert_int_equal(name_pages(&region.pool, "sixteenth", 1, &run), PM_E_DIRECTORY_FULL);
	assert_int_equal(pm_free(&region.pool, --last.page, 0, &run), PM_OK);
	assert_int_equal(name_pages(&region.pool, "sixteenth", 1, &run), PM_OK); /* the other page is a new part */
	model_assert_adds_up(&region.pool);
	assert_int_equal(attach_unchanged(&region, 0), PM_OK);
	model_region_end(&region);
}

/* --- labels --- */

static void labels_change_in_one_store(void **state)
{
	static const struct {
		struct pm_label label;
		const char *name, *owner, *purpose;
		enum pm_code code;
	} cases[] = {
		{{NULL, NULL, NULL}, "first", "me", "test", PM_OK},
		{{"second", NULL, NULL}, "second", "me", "test", PM_OK},
		{{"second", NULL, NULL}, "second", "me", "test", PM_OK},
		{{NULL, "you", NULL}, "second", "you", "test", PM_OK},
		{{NULL, NULL, "iommu state"}, "second", "you", "iommu state", PM_OK},
		{{NULL, "", ""}, "second", "", "", PM_OK},
		{{"third", "we", "all"}, "third", "we", "all", PM_OK},
		{{"", NULL, NULL}, "third", "we", "all", PM_E_NAME_INVALID},
		{{"a/b", NULL, NULL}, "third", "we", "all", PM_E_NAME_INVALID},
		{{NULL, "\n", NULL}, "third", "we", "all", PM_E_NAME_INVALID},
		{{NULL, "01234567890123456789012345678901", NULL}, "third", "we", "all", PM_E_NAME_INVALID},
		{{"other", NULL, NULL}, "third", "we", "all", PM_E_NAME_TAKEN},
	};
	struct model_region region;
	struct pm_act later = model_act;
	struct pm_run run, seen;
	uint64_t page;

	(void)state;
	later.time_ns++;
	model_region_make(&region, MIB);
	named(&region.pool, "other", 1);
	run = named(&region.pool, "first", 5);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(pm_record_change(&region.pool, run.page, &cases[i].label, &later, &seen),
				 cases[i].code);
		for (int again = 0; again < 2; again++) {
			const struct pm_record *record = pm_record_find(&region.pool, cases[i].name, &page);

			assert_non_null(record);
			assert_int_equal(page, run.page);
			assert_int_equal(record->pages, 5);
			assert_string_equal(record->owner, cases[i].owner);
			assert_string_equal(record->purpose, cases[i].purpose);
			assert_int_equal(record->created_ns, model_act.time_ns); /* as old as the allocation */
			assert_int_equal(pm_run_at(&region.pool, run.page, &seen), PM_OK);
			assert_ptr_equal(seen.record, record);
			assert_int_equal(attach_unchanged(&region, 0), PM_OK);
		}
		assert_int_equal(pm_record_find(&region.pool, "first", NULL) != NULL, i == 0);
	}
	model_assert_adds_up(&region.pool);
	model_region_end(&region);
}

static void an_unnamed_allocation_gets_a_name(void **state)
{
	struct pm_alloc_request three = {.pages = 3};
	struct pm_label owner = {.owner = "me"}, name = {.name = "late", .purpose = "found later"};
	struct model_region region;
	struct pm_run run, seen;

	(void)state;
	model_region_make(&region, MIB);
	assert_int_equal(pm_alloc(&region.pool, &three, &model_act, &run), PM_OK);
	assert_int_equal(pm_record_change(&region.pool, run.page, &owner, &model_act, &seen), PM_E_NAME_INVALID);
	assert_int_equal(pm_record_change(&region.pool, run.page + 1, &name, &model_act, &seen), PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_record_change(&region.pool, run.page + 3, &name, &model_act, &seen), PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_record_change(&region.pool, 0, &name, &model_act, &seen), PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_record_change(&region.pool, UINT64_MAX, &name, &model_act, &seen), PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_record_change(&region.pool, run.page, &name, &model_act, &seen), PM_OK);
	assert_int_equal(seen.pages, 3);
	assert_string_equal(seen.record->name, "late");
	assert_int_equal(attach_unchanged(&region, 0), PM_OK);
	assert_non_null(pm_record_find(&region.pool, "late", NULL));
	assert_int_equal(pm_free(&region.pool, run.page, 0, &seen), PM_OK);
	assert_null(pm_record_find(&region.pool, "late", NULL));
	model_region_end(&region);
}

/* --- quarantine --- */

static void bad_pages_are_never_handed_out(void **state)
{
	struct pm_alloc_request one = {.pages = 1};
	struct model_region region;
	struct pm_usage before, usage;
	struct pm_run run, held;
	uint64_t first, end, free_page;
	const struct pm_record *record;

	(void)state;
	model_region_make(&region, 4 * MIB);
	assert_true(pm_page_data(&region.pool, 0, &first, &end));
	assert_int_equal(pm_alloc(&region.pool, &one, &model_act, &held), PM_OK);
	free_page = end - 100;
	pm_usage_get(&region.pool, &before);
	const struct {
		uint64_t page, pages;
		const char *why;
		enum pm_code code;
	} cases[] = {
		{free_page, 3, "ECC", PM_OK},
		{free_page, 1, "ECC", PM_E_PAGE_IN_USE},
		{free_page + 2, 2, "ECC", PM_E_PAGE_IN_USE},
		{free_page - 1, 2, "ECC", PM_E_PAGE_IN_USE},
		{free_page + 3, 0, "ECC", PM_E_COUNT_INVALID},
		{held.page, 1, "ECC", PM_E_PAGE_IN_USE},
		{0, 1, "ECC", PM_E_PAGE_IN_USE},
		{end - 1, 2, "ECC", PM_E_PAGE_IN_USE},
		{end, 2, "ECC", PM_E_OUT_OF_RANGE},
		{end - 1, UINT64_MAX, "ECC", PM_E_OUT_OF_RANGE},
		{end - 1, 1, "a\nb", PM_E_NAME_INVALID},
		{end - 1, 1, NULL, PM_OK},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (pm_quarantine(&region.pool, cases[i].page, cases[i].pages, cases[i].why, &model_act) !=
		    cases[i].code)
			fail_msg("case %zu", i);
	for (int again = 0; again < 2; again++) {
		pm_usage_get(&region.pool, &usage);
		assert_int_equal(usage.pages_bad, 4);
		assert_int_equal(usage.pages_free, before.pages_free - 4);
		assert_int_equal(pm_page_state_get(&region.pool, free_page + 1), PM_PAGE_BAD);
		model_assert_adds_up(&region.pool);
		assert_int_equal(attach_unchanged(&region, 0), PM_OK);
		assert_false(model_recovered_anything(&region.pool));
	}
	record = pm_directory_at(&region.pool, region.pool.members[0], free_page);
	assert_string_equal(record->owner, "tester");
	assert_string_equal(record->purpose, "ECC");
	assert_int_equal(pm_free(&region.pool, free_page, 0, &run), PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_quarantine_release(&region.pool, free_page + 1, &run), PM_E_NOT_ALLOCATED);
	assert_int_equal(pm_quarantine_release(&region.pool, held.page, &run), PM_E_NOT_ALLOCATED);
	while (pm_alloc(&region.pool, &one, &model_act, &run) == PM_OK)
		assert_false(run.page >= free_page && run.page < free_page + 3);
	assert_int_equal(pm_quarantine_release(&region.pool, free_page, &run), PM_OK);
	assert_int_equal(run.pages, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pm_alloc(&region.pool, &one, &model_act, &run), PM_OK);
	assert_int_equal(pm_alloc(&region.pool, &one, &model_act, &run), PM_E_NO_SPACE);
	model_assert_adds_up(&region.pool);
	model_region_end(&region);
}

static int everything_was_given_back(void **state)
{
	(void)state;
	return model_memory_out() != 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_found_until_it_is_freed),
		cmocka_unit_test(ids_are_never_used_again),
		cmocka_unit_test(the_slot_of_the_highest_id_is_taken_last),
		cmocka_unit_test(the_directory_grows_by_itself),
		cmocka_unit_test(pages_of_the_directory_are_nobodys),
		cmocka_unit_test(a_full_region_has_no_room_for_records),
		cmocka_unit_test(labels_change_in_one_store),
		cmocka_unit_test(an_unnamed_allocation_gets_a_name),
		cmocka_unit_test(bad_pages_are_never_handed_out),
	};

	return cmocka_run_group_tests(tests, NULL, everything_was_given_back);
}
