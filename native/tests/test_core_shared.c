/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several processes at one pool, one after the other: each sees what the others changed. */
#include "core/directory.h"
#include "core/records.h"
#include "records_kit.h"
#include <stdio.h>
#include <string.h>

static void others_see_what_changed(void **state)
{
	struct pm_label label = {.name = "renamed"};
	struct pm_pool writer, reader;
	struct model_region region;
	const struct pm_mapping *mapping;
	struct pm_run run, seen;
	uint64_t slots, live;

	(void)state;
	model_region_make(&region, 4 * MIB);
	mapping = &(struct pm_mapping){region.memory, region.bytes, MODEL_BASE, false};
	assert_int_equal(pm_pool_attach(&writer, mapping, 1, 0, &model_memory, &model_act), PM_OK);
	assert_int_equal(pm_pool_attach(&reader, mapping, 1, PM_ATTACH_READ_ONLY, &model_memory, &model_act), PM_OK);
	assert_int_equal(pm_pool_begin(&region.pool, false, &model_act), PM_OK);
	for (uint64_t i = 0; i < 40; i++)
		run = named(&region.pool, numbered(i), 1);
	pm_pool_end(&region.pool);
	assert_non_null(pm_record_find(&reader, numbered(39), NULL));
	assert_int_equal(pm_run_at(&reader, run.page, &seen), PM_OK);
	assert_non_null(seen.record);
	pm_records_count(&reader, &slots, &live);
	assert_int_equal(slots, 64); /* it grew twice */

	assert_int_equal(pm_pool_begin(&writer, false, &model_act), PM_OK);
	assert_int_equal(name_pages(&writer, numbered(39), 1, &seen), PM_E_NAME_TAKEN);
	assert_int_equal(pm_record_change(&writer, run.page, &label, &model_act, &seen), PM_OK);
	named(&writer, "by the other", 1);
	pm_pool_end(&writer);
	assert_null(pm_record_find(&reader, numbered(39), NULL));
	assert_non_null(pm_record_find(&reader, "renamed", NULL));
	assert_int_equal(pm_pool_rename(&writer, "lab two"), PM_OK);

	assert_int_equal(pm_pool_begin(&region.pool, false, &model_act), PM_OK);
	assert_string_equal(region.pool.sb.pool_name, "lab two");
	assert_int_equal(name_pages(&region.pool, "by the other", 1, &seen), PM_E_NAME_TAKEN);
	assert_int_equal(pm_free(&region.pool, run.page, 0, &seen), PM_OK);
	pm_pool_end(&region.pool);
	assert_null(pm_record_find(&reader, "renamed", NULL));
	assert_int_equal(pm_run_at(&reader, run.page, &seen), PM_E_NOT_ALLOCATED);
	model_assert_adds_up(&reader);
	pm_pool_detach(&writer);
	pm_pool_detach(&reader);
	model_region_end(&region);
}

/* One act, of those that change records. */
static void act_at_random(struct pm_pool *pool, uint64_t *seed)
{
	uint64_t page = model_random(seed) % pool->page_end, next;
	char name[32];
	const struct pm_label label = {.name = name};
	struct pm_alloc_request request = {.pages = 1 + model_random(seed) % 40, .name = name};
	struct pm_run run;

	snprintf(name, sizeof(name), "name %u", (unsigned)(model_random(seed) % 60));
	next = pm_run_next(pool, page, &run) ? run.page : page;
	switch (model_random(seed) % 8) {
	case 0:
	case 1:
		pm_free(pool, next, 0, &run);
		break;
	case 2:
		pm_record_change(pool, next, &label, &model_act, &run);
		break;
	case 3:
		pm_quarantine(pool, page, 1 + model_random(seed) % 3, "", &model_act);
		break;
	case 4:
		for (uint64_t i = 0; i < 40; i++)
			pm_quarantine_release(pool, page + i, &run);
		break;
	default:
		pm_alloc(pool, &request, &model_act, &run);
	}
}

/* Whoever was attached all the time knows the same as who attaches now. */
static void who_looks_on_knows_what_a_newcomer_knows(void **state)
{
	enum { WRITERS = 2 };
	struct model_view seen = {0}, fresh = {0};
	struct pm_pool writers[WRITERS], reader;
	struct model_region region;
	struct pm_mapping mapping;
	uint64_t seed = 1, cursor, slots[2], live[2];

	(void)state;
	model_region_make(&region, 2 * MIB);
	mapping = (struct pm_mapping){region.memory, region.bytes, MODEL_BASE, false};
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(pm_pool_attach(&writers[i], &mapping, 1, 0, &model_memory, &model_act), PM_OK);
	assert_int_equal(pm_pool_attach(&reader, &mapping, 1, PM_ATTACH_READ_ONLY, &model_memory, &model_act), PM_OK);
	for (int round = 0; round < 400; round++) {
		struct pm_pool *writer = &writers[model_random(&seed) % WRITERS];
		const struct pm_record *record;

		assert_int_equal(pm_pool_begin(writer, false, &model_act), PM_OK);
		for (uint64_t acts = model_random(&seed) % 12; acts > 0; acts--)
			act_at_random(writer, &seed);
		pm_pool_end(writer);
		assert_int_equal(model_region_again(&region), PM_OK);
		assert_false(model_recovered_anything(&region.pool));
		model_view_take(&region.pool, &fresh);
		model_view_take(&reader, &seen);
		assert_true(model_view_equal(&fresh, &seen));
		pm_records_count(&region.pool, &slots[0], &live[0]);
		pm_records_count(&reader, &slots[1], &live[1]);
		assert_int_equal(slots[0], slots[1]);
		assert_int_equal(live[0], live[1]);
		for (cursor = 0; (record = pm_record_next(&region.pool, &cursor, NULL));)
			if (record->kind == PM_RECORD_ALLOCATION)
				assert_ptr_equal(pm_record_find(&reader, record->name, NULL), record);
		for (unsigned i = 0; i < 60; i++) {
			char name[32];

			snprintf(name, sizeof(name), "name %u", i);
			assert_ptr_equal(pm_record_find(&reader, name, NULL), pm_record_find(&region.pool, name, NULL));
		}
	}
	assert_true(slots[1] > 16);
	for (int i = 0; i < WRITERS; i++)
		pm_pool_detach(&writers[i]);
	pm_pool_detach(&reader);
	model_view_end(&seen);
	model_view_end(&fresh);
	model_region_end(&region);
}

/* A process that died between begin and end left its mark; the next one puts things right. */
static void who_comes_after_a_dead_process_recovers(void **state)
{
	(void)state;
	for (int told = 0; told < 2; told++) {
		struct pm_pool dead;
		struct model_region region;
		const struct pm_mapping *mapping;
		struct pm_run run;

		model_region_make(&region, MIB);
		mapping = &(struct pm_mapping){region.memory, region.bytes, MODEL_BASE, false};
		assert_int_equal(pm_pool_attach(&dead, mapping, 1, 0, &model_memory, &model_act), PM_OK);
		assert_int_equal(pm_pool_begin(&dead, false, &model_act), PM_OK);
		run = named(&dead, "half", 40);
		set_state(run.record, PM_RECORD_LEAVING);
		pm_pool_detach(&dead);
		if (told)
			region.pool.members[0]->shared->busy = 0;
		assert_int_equal(pm_pool_begin(&region.pool, told, &model_act), PM_OK);
		assert_int_equal(region.pool.recovered.records_finished, 1);
		assert_null(pm_record_find(&region.pool, "half", NULL));
		named(&region.pool, "half", 40);
		pm_pool_end(&region.pool);
		assert_int_equal(region.pool.members[0]->shared->busy, 0);
		model_assert_adds_up(&region.pool);
		assert_int_equal(attach_unchanged(&region, 0), PM_OK);
		model_region_end(&region);
	}
}

static int everything_was_given_back(void **state)
{
	(void)state;
	return model_memory_out() != 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_see_what_changed),
		cmocka_unit_test(who_looks_on_knows_what_a_newcomer_knows),
		cmocka_unit_test(who_comes_after_a_dead_process_recovers),
	};

	return cmocka_run_group_tests(tests, NULL, everything_was_given_back);
}
