/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a dead process leaves in slots, and what somebody who means harm does. */
#include "core/directory.h"
#include "core/records.h"
#include "core/recover.h"
#include "records_kit.h"
#include <stdio.h>
#include <string.h>

static void reseal(struct pm_record *record)
{
	record->crc = pm_crc32c(0, &record->kind, sizeof(*record) - offsetof(struct pm_record, kind));
}

/* --- what a crash leaves in slots --- */

static void records_in_flight_are_finished_or_dropped(void **state)
{
	static const struct {
		enum pm_record_state left;
		bool pages_there;
		bool lives; /* afterwards, with its pages */
		uint64_t finished, dropped;
	} cases[] = {
		{PM_RECORD_PENDING, true, true, 1, 0},
		{PM_RECORD_PENDING, false, false, 0, 1},
		{PM_RECORD_LEAVING, true, false, 1, 0},
		{PM_RECORD_LEAVING, false, false, 1, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model_region region;
		struct pm_run run, other;
		struct pm_usage fresh, usage;

		model_region_make(&region, MIB);
		pm_usage_get(&region.pool, &fresh);
		run = named(&region.pool, "flying", 40);
		if (!cases[i].pages_there) {
			struct pm_record saved = *run.record;

			assert_int_equal(pm_free(&region.pool, run.page, 0, &other), PM_OK);
			*slot_of(run.record) = saved;
		}
		set_state(run.record, cases[i].left);
		assert_int_equal(model_region_again(&region), PM_OK);
		assert_int_equal(region.pool.recovered.records_finished, cases[i].finished);
		assert_int_equal(region.pool.recovered.records_dropped, cases[i].dropped);
		assert_int_equal(pm_record_find(&region.pool, "flying", NULL) != NULL, cases[i].lives);
		pm_usage_get(&region.pool, &usage);
		assert_int_equal(fresh.pages_free - usage.pages_free, cases[i].lives ? 40 : 0);
		assert_int_equal(pm_log_sequence(&region.pool), 2); /* one entry says so */
		model_assert_adds_up(&region.pool);
		assert_int_equal(attach_unchanged(&region, 0), PM_OK);
		model_region_end(&region);
	}
}

static void the_record_that_replaces_holds(void **state)
{
	(void)state;
	for (int turned = 0; turned < 2; turned++) {
		struct pm_label label = {.name = "new"};
		struct model_region region;
		struct pm_run old, run;

		model_region_make(&region, MIB);
		if (turned) /* the new one stands in a slot before the old one's */
			old = named(&region.pool, "x", 1);
		run = named(&region.pool, "old", 2);
		if (turned)
			assert_int_equal(pm_free(&region.pool, old.page, 0, &old), PM_OK);
		old = run;
		assert_int_equal(pm_record_change(&region.pool, run.page, &label, &model_act, &run), PM_OK);
		assert_int_equal(run.record < old.record, turned);
		set_state(old.record, PM_RECORD_LIVE);
		assert_int_equal(attach_unchanged(&region, PM_ATTACH_READ_ONLY), PM_OK);
		assert_non_null(pm_record_find(&region.pool, "new", NULL));
		assert_null(pm_record_find(&region.pool, "old", NULL));
		assert_int_equal(model_region_again(&region), PM_OK);
		assert_int_equal(region.pool.recovered.records_finished, 1);
		assert_int_equal(pm_record_state_load(old.record), PM_RECORD_FREE);
		assert_non_null(pm_record_find(&region.pool, "new", NULL));
		/* Had the new one only been pending, the old one would hold. */
		set_state(old.record, PM_RECORD_LIVE);
		set_state(run.record, PM_RECORD_PENDING);
		assert_int_equal(model_region_again(&region), PM_OK);
		assert_int_equal(region.pool.recovered.records_dropped, 1);
		assert_non_null(pm_record_find(&region.pool, "old", NULL));
		model_assert_adds_up(&region.pool);
		model_region_end(&region);
	}
}

static void what_was_about_to_be_quarantined_goes_back(void **state)
{
	static const enum pm_record_state left[] = {PM_RECORD_PENDING, PM_RECORD_LEAVING};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct model_region region;
		struct pm_usage usage;
		uint64_t first, end;

		model_region_make(&region, MIB);
		assert_true(pm_page_data(&region.pool, 0, &first, &end));
		assert_int_equal(pm_quarantine(&region.pool, first + 20, 50, "", &model_act), PM_OK);
		assert_int_equal(pm_quarantine(&region.pool, first + 70, 1, "", &model_act), PM_OK);
		set_state(pm_directory_at(&region.pool, region.pool.members[0], first + 20), left[i]);
		assert_int_equal(model_region_again(&region), PM_OK);
		pm_usage_get(&region.pool, &usage);
		assert_int_equal(usage.pages_bad, 1);
		assert_int_equal(pm_page_state_get(&region.pool, first + 70), PM_PAGE_BAD);
		model_assert_adds_up(&region.pool);
		model_region_end(&region);
	}
}

/* --- hostile slots --- */

static struct pm_record *second_named(struct model_region *region)
{
	named(&region->pool, "one", 2);
	return slot_of(named(&region->pool, "two", 3).record);
}

static void spoil_state(struct pm_record *record)
{
	record->state ^= 0x100;
}
static void spoil_state_all(struct pm_record *record)
{
	record->state = PM_RECORD_STATE(4);
}
static void spoil_crc(struct pm_record *record)
{
	record->owner[20] ^= 1;
}
static void spoil_kind(struct pm_record *record)
{
	record->kind = 9;
	reseal(record);
}
static void spoil_directory(struct pm_record *record)
{
	record->kind = PM_RECORD_DIRECTORY;
	memset(record->name, 0, sizeof(record->name));
	reseal(record);
}
static void spoil_member(struct pm_record *record)
{
	record->kind = PM_RECORD_MEMBER;
	reseal(record);
}
static void spoil_id(struct pm_record *record)
{
	record->id = 0;
	reseal(record);
}
static void spoil_page(struct pm_record *record)
{
	record->page++;
	reseal(record);
}
static void spoil_pages(struct pm_record *record)
{
	record->pages = UINT64_MAX;
	reseal(record);
}
static void spoil_longer(struct pm_record *record)
{
	record->pages++;
	reseal(record);
}
static void spoil_name(struct pm_record *record)
{
	memset(record->name, 'x', sizeof(record->name));
	reseal(record);
}
static void spoil_tail(struct pm_record *record)
{
	record->purpose[63] = 'x';
	reseal(record);
}
static void spoil_twice_named(struct pm_record *record)
{
	memcpy(record->name, "one", 4);
	reseal(record);
}
static void spoil_same_page(struct pm_record *record)
{
	record->page -= 2;
	record->pages = 2;
	reseal(record);
}

static void a_slot_that_makes_no_sense_is_refused(void **state)
{
	static void (*const spoils[])(struct pm_record *) = {
		spoil_state, spoil_state_all, spoil_crc,    spoil_kind, spoil_directory,   spoil_member,    spoil_id,
		spoil_page,  spoil_pages,     spoil_longer, spoil_name, spoil_twice_named, spoil_same_page, spoil_tail,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
		struct model_region region;

		model_region_make(&region, MIB);
		spoils[i](second_named(&region));
		assert_int_equal(attach_unchanged(&region, 0), PM_E_POOL_CORRUPT);
		assert_int_equal(attach_unchanged(&region, PM_ATTACH_READ_ONLY), PM_E_POOL_CORRUPT);
		assert_int_equal(model_memory_out(), 0);
		model_region_end(&region);
	}
}

/* --- what is spoilt while the pool is attached --- */

static void a_record_spoilt_meanwhile_is_not_believed(void **state)
{
	static void (*const spoils[])(struct pm_record *) = {
		spoil_state, spoil_state_all, spoil_crc, spoil_kind, spoil_member, spoil_id, spoil_page, spoil_pages,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
		struct pm_label label = {.purpose = "another"};
		struct pm_record *named_one, *bad, saved;
		struct model_region region;
		struct pm_run run, changed;

		model_region_make(&region, MIB);
		run = named(&region.pool, "one", 3);
		named_one = slot_of(run.record);
		assert_int_equal(pm_quarantine(&region.pool, run.page + 9, 2, "flips", &model_act), PM_OK);
		bad = slot_of(pm_directory_at(&region.pool, region.pool.members[0], run.page + 9));
		saved = *bad;
		spoils[i](bad);
		assert_int_equal(pm_quarantine_release(&region.pool, run.page + 9, &changed), PM_E_POOL_CORRUPT);
		*bad = saved;
		assert_int_equal(pm_quarantine_release(&region.pool, run.page + 9, &changed), PM_OK);
		saved = *named_one;
		spoils[i](named_one);
		assert_int_not_equal(pm_record_change(&region.pool, run.page, &label, &model_act, &changed), PM_OK);
		*named_one = saved;
		spoil_longer(named_one);
		assert_int_equal(pm_record_change(&region.pool, run.page, &label, &model_act, &changed),
				 PM_E_POOL_CORRUPT);
		*named_one = saved;
		assert_int_equal(pm_record_change(&region.pool, run.page, &label, &model_act, &changed), PM_OK);
		model_assert_adds_up(&region.pool);
		model_region_end(&region);
	}
}

static void no_more_records_are_settled_than_were_counted(void **state)
{
	struct pm_directory *directory;
	struct model_region region;
	struct pm_run run;
	uint64_t free_count;

	(void)state;
	model_region_make(&region, 2 * MIB);
	directory = region.pool.members[0]->directory;
	for (uint64_t i = 0; i < 5; i++)
		set_state((run = named(&region.pool, numbered(i), 1)).record, PM_RECORD_LEAVING);
	free_count = directory->free_count;
	directory->in_flight = 2;
	pm_records_settle(&region.pool, region.pool.members[0], NULL);
	assert_int_equal(region.pool.recovered.records_finished, 2);
	assert_int_equal(directory->free_count, free_count + 2);
	directory->free_count = directory->free_capacity;
	pm_directory_give_locked(region.pool.members[0], slot_of(run.record));
	assert_int_equal(directory->free_count, directory->free_capacity);
	model_region_end(&region);
}

static void too_many_in_flight_are_refused(void **state)
{
	struct model_region region;
	const struct pm_record *records[65];

	(void)state;
	model_region_make(&region, 2 * MIB);
	for (uint64_t i = 0; i < 65; i++)
		records[i] = named(&region.pool, numbered(i), 1).record;
	for (uint64_t i = 0; i < 65; i++)
		set_state(records[i], PM_RECORD_LEAVING);
	assert_int_equal(attach_unchanged(&region, 0), PM_E_POOL_CORRUPT);
	set_state(records[7], PM_RECORD_FREE);
	assert_int_equal(attach_unchanged(&region, PM_ATTACH_READ_ONLY), PM_OK);
	set_state(records[7], PM_RECORD_LIVE);
	assert_int_equal(model_region_again(&region), PM_OK);
	assert_int_equal(region.pool.recovered.records_finished, 64);
	assert_non_null(pm_record_find(&region.pool, numbered(7), NULL));
	model_assert_adds_up(&region.pool);
	model_region_end(&region);
}

/* The first slot of a part says where the next is. */
static void a_chain_of_parts_ends(void **state)
{
	struct model_region region;
	struct pm_directory *directory;
	struct pm_record *first, *second, good;
	struct pm_run run;

	(void)state;
	model_region_make(&region, 2 * MIB);
	for (uint64_t i = 0; i < 20; i++)
		named(&region.pool, numbered(i), 1);
	run = named(&region.pool, "run", 1);
	directory = region.pool.members[0]->directory;
	assert_int_equal(directory->part_count, 2);
	first = directory->parts[0].slots;
	second = directory->parts[1].slots;
	good = *second;
	const struct {
		uint64_t page, pages;
	} cases[] = {
		{first->page, first->pages}, /* itself */
		{run.page, 1}, /* somebody's data, zeroed */
		{first->page, 2},
		{run.page + 1, 1},
		{0, 1},
		{UINT64_MAX, 1},
		{run.page, UINT64_MAX},
	};
	memset(pm_page_bytes(&region.pool, run.page), 0, 4096);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		*second = *first;
		second->id = 1000 + i;
		second->page = cases[i].page;
		second->pages = cases[i].pages;
		reseal(second);
		assert_int_equal(attach_unchanged(&region, 0), PM_E_POOL_CORRUPT);
	}
	*second = good;
	assert_int_equal(attach_unchanged(&region, 0), PM_OK);
	model_region_end(&region);
}

/* Each word of a live record and of a directory's set to extremes, with a right checksum. */
static void no_extreme_in_any_field_is_believed(void **state)
{
	static const uint64_t extremes[] = {0,
					    1,
					    255,
					    4096,
					    0x7fffffff,
					    0xffffffff,
					    UINT64_C(0x100000000),
					    UINT64_C(0x0101010101010101),
					    UINT64_C(0x0202020202020202),
					    UINT64_C(0x7fffffffffffffff),
					    UINT64_C(0x8000000000000000),
					    UINT64_MAX};
	struct model_region region;
	struct pm_record *slots[2], good;
	size_t refused = 0, accepted = 0;

	(void)state;
	model_region_make(&region, MIB);
	for (uint64_t i = 0; i < 20; i++)
		slots[1] = slot_of(named(&region.pool, numbered(i), 1).record);
	slots[0] = region.pool.members[0]->directory->parts[0].slots;
	for (size_t which = 0; which < 2; which++) {
		good = *slots[which];
		for (size_t at = 0; at < sizeof(good); at += 8)
			for (size_t i = 0; i < sizeof(extremes) / sizeof(extremes[0]); i++) {
				memcpy((uint8_t *)slots[which] + at, &extremes[i], 8);
				reseal(slots[which]);
				if (attach_unchanged(&region, PM_ATTACH_READ_ONLY) == PM_OK)
					accepted++;
				else
					refused++;
				*slots[which] = good;
			}
	}
	assert_true(refused > 250);
	assert_true(accepted > 50);
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
		cmocka_unit_test(records_in_flight_are_finished_or_dropped),
		cmocka_unit_test(the_record_that_replaces_holds),
		cmocka_unit_test(what_was_about_to_be_quarantined_goes_back),
		cmocka_unit_test(a_slot_that_makes_no_sense_is_refused),
		cmocka_unit_test(a_record_spoilt_meanwhile_is_not_believed),
		cmocka_unit_test(no_more_records_are_settled_than_were_counted),
		cmocka_unit_test(too_many_in_flight_are_refused),
		cmocka_unit_test(a_chain_of_parts_ends),
		cmocka_unit_test(no_extreme_in_any_field_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, everything_was_given_back);
}
