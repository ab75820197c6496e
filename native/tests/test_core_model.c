/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random operations against a reference that is one array of owners: same answers, page for page. */
#include "model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (UINT64_C(1) << 20)
#define NOBODY 0u
#define STEPS 6000
#define OWNERS 2048

struct reference {
	uint32_t *owner; /* of each page; NOBODY is free */
	uint64_t page[OWNERS], pages[OWNERS]; /* pages 0: not in use */
	char name[OWNERS][16];
};

static bool reference_free(const struct reference *reference, uint64_t page, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++)
		if (reference->owner[page + i] != NOBODY)
			return false;
	return true;
}

static bool reference_has_room(const struct reference *reference, const struct pm_superblock *sb, uint64_t pages,
			       uint32_t order)
{
	for (uint64_t page = sb->data_first; page + pages <= sb->data_end; page++)
		if ((MODEL_BASE / 4096 + page) % (UINT64_C(1) << order) == 0 && reference_free(reference, page, pages))
			return true;
	return false;
}

static uint32_t reference_name(const struct reference *reference, const char *name)
{
	for (uint32_t owner = 1; owner < OWNERS; owner++)
		if (reference->pages[owner] && strcmp(reference->name[owner], name) == 0)
			return owner;
	return NOBODY;
}

static void step_alloc(struct model_region *region, struct reference *reference, uint64_t *seed)
{
	struct pm_alloc_request request = {.pages = 1 + model_random(seed) % (1 + model_random(seed) % 150)};
	char name[16] = "";
	uint32_t owner = 1;
	struct pm_run run;
	enum pm_code code;

	if (model_random(seed) % 3 == 0)
		request.align_order = (uint32_t)(model_random(seed) % 7);
	if (model_random(seed) % 3 == 0)
		snprintf(name, sizeof(name), "name %u", (unsigned)(model_random(seed) % 40));
	request.name = name;
	while (owner < OWNERS && reference->pages[owner])
		owner++;
	assert_true(owner < OWNERS);
	code = pm_alloc(&region->pool, &request, &model_act, &run);
	if (name[0] && reference_name(reference, name)) {
		assert_int_equal(code, PM_E_NAME_TAKEN);
		return;
	}
	if (code == PM_E_NO_SPACE) {
		assert_false(reference_has_room(reference, &region->pool.sb, request.pages, request.align_order));
		return;
	}
	assert_int_equal(code, PM_OK);
	assert_int_equal((MODEL_BASE / 4096 + run.page) % (UINT64_C(1) << request.align_order), 0);
	assert_true(run.page >= region->pool.sb.data_first && run.page + run.pages <= region->pool.sb.data_end);
	assert_int_equal(run.pages, request.pages);
	assert_true(reference_free(reference, run.page, run.pages));
	for (uint64_t i = 0; i < run.pages; i++)
		reference->owner[run.page + i] = owner;
	reference->page[owner] = run.page;
	reference->pages[owner] = run.pages;
	snprintf(reference->name[owner], sizeof(reference->name[owner]), "%s", name);
}

static void step_free(struct model_region *region, struct reference *reference, uint64_t *seed)
{
	uint64_t page = model_random(seed) % region->pool.sb.page_count;
	uint32_t owner = reference->owner[page];
	struct pm_run freed;

	/* Mostly a real head, else whatever page it is. */
	if (owner && model_random(seed) % 4)
		page = reference->page[owner];
	if (!owner || reference->page[owner] != page) {
		assert_int_equal(pm_free(&region->pool, page, &freed), PM_E_NOT_ALLOCATED);
		return;
	}
	assert_int_equal(pm_free(&region->pool, page, &freed), PM_OK);
	assert_int_equal(freed.pages, reference->pages[owner]);
	for (uint64_t i = 0; i < freed.pages; i++)
		reference->owner[page + i] = NOBODY;
	reference->pages[owner] = 0;
}

static uint64_t longest_free(const struct reference *reference, const struct pm_superblock *sb)
{
	uint64_t longest = 0, length = 0;

	for (uint64_t page = sb->data_first; page < sb->data_end; page++) {
		length = reference->owner[page] == NOBODY ? length + 1 : 0;
		longest = length > longest ? length : longest;
	}
	return longest;
}

static void compare(struct model_region *region, const struct reference *reference)
{
	const struct pm_superblock *sb = &region->pool.sb;
	struct pm_usage usage;
	struct pm_run run;
	uint64_t named = 0, runs = 0;

	for (uint64_t page = sb->data_first; page < sb->data_end; page++) {
		uint32_t owner = reference->owner[page];
		enum pm_page_state expected = !owner			       ? PM_PAGE_FREE
					      : reference->page[owner] == page ? PM_PAGE_HEAD
									       : PM_PAGE_CONTINUES;

		assert_int_equal(pm_page_state_get(&region->pool, page), expected);
	}
	for (uint64_t from = 0; pm_run_next(&region->pool, from, &run); from = run.page + run.pages, runs++) {
		uint32_t owner = reference->owner[run.page];

		assert_int_equal(run.pages, reference->pages[owner]);
		assert_int_equal(run.record != NULL, reference->name[owner][0] != 0);
		if (run.record)
			assert_string_equal(run.record->name, reference->name[owner]);
		named += run.record != NULL;
	}
	pm_usage_get(&region->pool, &usage);
	assert_int_equal(usage.allocations, runs);
	assert_int_equal(usage.records, named);
	assert_int_equal(usage.largest_free_run, longest_free(reference, sb));
	if (usage.largest_free_order != UINT32_MAX)
		assert_true(reference_has_room(reference, sb, UINT64_C(1) << usage.largest_free_order,
					       usage.largest_free_order));
	assert_false(reference_has_room(reference, sb, UINT64_C(2) << (usage.largest_free_order & 31),
					(usage.largest_free_order & 31) + 1) &&
		     usage.largest_free_order != UINT32_MAX);
	model_assert_adds_up(&region->pool);
}

static void run_model(uint64_t bytes, uint64_t seed)
{
	struct model_region region;
	struct reference *reference = calloc(1, sizeof(*reference));

	model_region_make(&region, bytes);
	reference->owner = calloc(bytes / 4096, sizeof(*reference->owner));
	for (int step = 0; step < STEPS; step++) {
		/* Long stretches that fill, long stretches that empty. */
		bool fill = step / 500 % 2 == 0;

		if (model_random(&seed) % 10 < (fill ? 7u : 3u))
			step_alloc(&region, reference, &seed);
		else
			step_free(&region, reference, &seed);
		if (step % 250 == 0) {
			assert_int_equal(model_attach(&region.pool, region.memory, region.bytes), PM_OK);
			assert_false(model_recovered_anything(&region.pool));
			compare(&region, reference);
		}
	}
	free(reference->owner);
	free(reference);
	model_region_end(&region);
}

static void a_small_region(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++)
		run_model(MIB, seed);
}

static void a_region_of_odd_size(void **state)
{
	(void)state;
	run_model(3 * MIB + 5 * 4096, 6);
	run_model(7 * MIB + 31 * 4096, 7);
}

static void a_larger_region(void **state)
{
	(void)state;
	run_model(48 * MIB, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_region),
		cmocka_unit_test(a_region_of_odd_size),
		cmocka_unit_test(a_larger_region),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
