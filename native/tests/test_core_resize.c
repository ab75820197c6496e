/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another length in place: what is refused and why, what a record keeps, and what the event log says of it. */
#include "model.h"
#include "pmpool/check.h"
#include <stdio.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define BYTES (16 * MIB) /* 8 blocks; page index 0 is a multiple of no large order (MODEL_BASE) */

static uint64_t place(struct model_region *region, uint64_t page, uint64_t pages, const char *name)
{
	struct pm_alloc_request request = {.pages = pages,
					   .address_from = MODEL_BASE + page * 4096,
					   .address_to = MODEL_BASE + (page + pages) * 4096,
					   .name = name,
					   .owner = name ? "owner" : NULL,
					   .purpose = name ? "purpose" : NULL};
	struct pm_run run;

	assert_int_equal(pm_alloc(&region->pool, &request, &model_act, &run), PM_OK);
	pm_log_append(&region->pool, PM_VERB_ALLOCATE, run.page, run.pages, name, &model_act);
	return run.page;
}

static enum pm_code resize(struct model_region *region, uint64_t page, uint64_t pages, uint64_t *in_the_way)
{
	struct pm_run run;

	return pm_resize(&region->pool, page, pages, &model_act, &run, in_the_way);
}

static void what_is_refused(void **state)
{
	static const struct {
		const char *what;
		uint64_t page, pages;
		enum pm_code code;
		uint64_t in_the_way;
	} cases[] = {
		{"no page", 1000, 0, PM_E_COUNT_INVALID, 0},
		{"metadata", 0, 3, PM_E_NOT_ALLOCATED, 0},
		{"a free page", 3000, 3, PM_E_NOT_ALLOCATED, 0},
		{"a page that continues", 1001, 3, PM_E_NOT_ALLOCATED, 0},
		{"a quarantine", 1200, 3, PM_E_NOT_ALLOCATED, 0},
		{"behind the pool", BYTES / 4096, 3, PM_E_NOT_ALLOCATED, 0},
		{"into an allocation", 1000, 101, PM_E_NO_SPACE, 1100},
		{"over an allocation", 1000, 1000, PM_E_NO_SPACE, 1100},
		{"into a quarantine", 1100, 102, PM_E_NO_SPACE, 1200},
		{"past the data", 2000, BYTES / 4096, PM_E_NO_SPACE, BYTES / 4096 - 1},
		{"past every number", 2000, UINT64_MAX, PM_E_NO_SPACE, BYTES / 4096 - 1},
	};
	struct model_view before = {0}, after = {0};
	struct model_region region;

	(void)state;
	model_region_make(&region, BYTES);
	place(&region, 1000, 7, NULL);
	place(&region, 1100, 30, "named");
	place(&region, 2000, 600, NULL);
	assert_int_equal(pm_quarantine(&region.pool, 1200, 2, "worn", &model_act), PM_OK);
	model_view_take(&region.pool, &before);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t in_the_way;
		enum pm_code code = resize(&region, cases[i].page, cases[i].pages, &in_the_way);

		if (code != cases[i].code || in_the_way != cases[i].in_the_way)
			fail_msg("%s: %s, page %llu", cases[i].what, pm_error_name(code),
				 (unsigned long long)in_the_way);
		model_view_take(&region.pool, &after);
		assert_true(model_view_equal(&before, &after));
	}
	model_assert_adds_up(&region.pool);
	model_view_end(&before);
	model_view_end(&after);
	model_region_end(&region);
}

static void the_directory_is_no_allocation(void **state)
{
	struct model_region region;
	uint64_t in_the_way;
	struct pm_run run;
	char name[16];

	(void)state;
	model_region_make(&region, BYTES);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "name %u", i);
		place(&region, 1000 + i, 1, name);
	}
	assert_true(pm_directory_run(&region.pool, 0, 0, &run));
	assert_int_equal(resize(&region, run.page, 2, &in_the_way), PM_E_NOT_ALLOCATED);
	model_region_end(&region);
}

static void a_record_keeps_all_but_its_length(void **state)
{
	const struct pm_act later = {.time_ns = model_act.time_ns + 1, .actor = "somebody else"};
	struct pm_record before;
	struct model_region region;
	uint64_t in_the_way;
	struct pm_run run;

	(void)state;
	model_region_make(&region, BYTES);
	place(&region, 1100, 30, "named");
	assert_int_equal(pm_run_at(&region.pool, 1100, &run), PM_OK);
	before = *run.record;
	for (uint64_t pages = 1; pages < 1400; pages = pages * 5 + 3) {
		assert_int_equal(pm_resize(&region.pool, 1100, pages, &later, &run, &in_the_way), PM_OK);
		assert_int_equal(run.pages, pages);
		assert_int_equal(run.record->pages, pages);
		assert_true(run.record->id > before.id);
		assert_string_equal(run.record->name, "named");
		assert_string_equal(run.record->owner, "owner");
		assert_string_equal(run.record->purpose, "purpose");
		assert_int_equal(run.record->created_ns, before.created_ns);
		assert_memory_equal(run.record->boot_id, before.boot_id, 16);
		assert_ptr_equal(run.record, pm_record_find(&region.pool, "named", NULL));
		model_assert_adds_up(&region.pool);
	}
	/* to what it is: nothing changes, not even the record */
	assert_int_equal(pm_run_at(&region.pool, 1100, &run), PM_OK);
	before = *run.record;
	assert_int_equal(pm_resize(&region.pool, 1100, run.pages, &later, &run, &in_the_way), PM_OK);
	assert_memory_equal(run.record, &before, sizeof(before));
	assert_int_equal(model_region_again(&region), PM_OK);
	assert_false(model_recovered_anything(&region.pool));
	model_region_end(&region);
}

/* --- the log --- */

static void what_an_entry_gave_back(void **state)
{
	static const struct {
		enum pm_verb verb;
		uint64_t page, pages;
		const char *detail;
		uint64_t first, given;
	} cases[] = {
		{PM_VERB_FREE, 7, 3, "db", 7, 3},
		{PM_VERB_RESIZE, 7, 3, "from 10 pages", 10, 7},
		{PM_VERB_RESIZE, 7, 1, "from 2 pages", 8, 1},
		{PM_VERB_RESIZE, 7, 10, "from 1 page", 7, 0},
		{PM_VERB_RESIZE, 7, 3, "", 7, 0},
		{PM_VERB_RESIZE, 7, 3, "from", 7, 0},
		{PM_VERB_RESIZE, 7, 3, "from 99999999999999999999999999999999999 pages", 7, 0},
		{PM_VERB_RESIZE, UINT64_MAX, 3, "from 10 pages", UINT64_MAX, 0},
		{PM_VERB_ALLOCATE, 7, 3, "from 10 pages", 7, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pm_log_entry entry = {
			.verb = (uint16_t)cases[i].verb, .page = cases[i].page, .pages = cases[i].pages};
		uint64_t first;

		memcpy(entry.detail, cases[i].detail, strlen(cases[i].detail));
		assert_int_equal(pm_log_given_back(&entry, &first), cases[i].given);
		assert_int_equal(first, cases[i].first);
	}
}

/* An allocation of which nothing is left is known by its last length. */
static void what_was_resized_is_missed_when_it_is_lost(void **state)
{
	struct pm_mapping mapping;
	struct model_region region;
	struct pm_check check;
	uint64_t in_the_way, *block;

	(void)state;
	model_region_make(&region, BYTES);
	mapping = (struct pm_mapping){.base = region.memory, .bytes = BYTES, .physical_base = MODEL_BASE};
	place(&region, 2 * 512, 1024, NULL);
	assert_int_equal(resize(&region, 2 * 512, 512, &in_the_way), PM_OK);
	pm_log_append(&region.pool, PM_VERB_RESIZE, 2 * 512, 512, "from 1024 pages", &model_act);
	pm_pool_end(&region.pool);
	assert_int_equal(pm_check(&mapping, 1, NULL, &model_memory, &check), PM_OK);
	assert_int_equal(check.counts[PM_FINDING_ALLOCATION_LOST], 0);
	pm_check_free(&check);

	block = (uint64_t *)(void *)(region.memory + 4096) + 2; /* the section of blocks stands behind superblock A */
	assert_int_equal(*block & 3, PM_BLOCK_HEAD);
	*block = 0;
	assert_int_equal(pm_check(&mapping, 1, NULL, &model_memory, &check), PM_OK);
	assert_int_equal(check.counts[PM_FINDING_ALLOCATION_LOST], 1);
	for (size_t i = 0; i < check.finding_count; i++)
		if (check.findings[i].code == PM_FINDING_ALLOCATION_LOST)
			assert_int_equal(check.findings[i].pages, 512);
	pm_check_free(&check);
	model_region_end(&region);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(the_directory_is_no_allocation),
		cmocka_unit_test(a_record_keeps_all_but_its_length),
		cmocka_unit_test(what_an_entry_gave_back),
		cmocka_unit_test(what_was_resized_is_missed_when_it_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
