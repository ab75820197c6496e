/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What check can be asked, and how a repair is written. */
#include "damaged.h"

static void a_region_that_moved_is_left_alone(void **state)
{
	struct pm_mapping moved[HISTORY_REGIONS];

	(void)state;
	memcpy(moved, history.mappings, sizeof(moved));
	moved[0].physical_base += PM_PAGE_SIZE;
	memset(superblock(1, true), 0xff, PM_PAGE_SIZE);
	superblock(0, true)->sequence++;
	assert_int_equal(pm_check(moved, HISTORY_REGIONS, NULL, &model_memory, &check), PM_OK);
	assert_int_equal(check.counts[PM_FINDING_REGION_MOVED], 1);
	assert_int_equal(check.counts[PM_FINDING_SUPERBLOCK_B_DAMAGED], 2);
	for (size_t i = 0; i < check.patch_count; i++)
		assert_int_equal(check.patches[i].mapping, 1);
	pm_check_free(&check);
}

static void one_region_of_several_can_be_checked_alone(void **state)
{
	struct pm_check_options alone = {.alone = true};

	(void)state;
	for (unsigned region = 0; region < HISTORY_REGIONS; region++) {
		assert_int_equal(pm_check(&history.mappings[region], 1, &alone, &model_memory, &check), PM_OK);
		assert_int_equal(check.finding_count, 0);
		assert_int_equal(check.regions[0].index, region);
		pm_check_free(&check);
		assert_int_equal(pm_check(&history.mappings[region], 1, NULL, &model_memory, &check), PM_OK);
		assert_int_equal(check.counts[PM_FINDING_MEMBER_MISSING], 1);
		assert_int_equal(check.finding_count, 1);
		pm_check_free(&check);
	}
}

static void what_is_no_pool_of_this_format_is_not_checked(void **state)
{
	struct pm_mapping blank = {.base = calloc(1, 1 << 20), .bytes = 1 << 20, .physical_base = MODEL_BASE};
	struct pm_mapping two[2] = {history.mappings[0], history.mappings[0]};

	(void)state;
	assert_int_equal(pm_check(&blank, 1, NULL, &model_memory, &check), PM_E_POOL_NOT_FOUND);
	assert_int_equal(pm_check(&blank, 0, NULL, &model_memory, &check), PM_E_COUNT_INVALID);
	two[1].base = malloc(two[1].bytes);
	memcpy(two[1].base, two[0].base, two[1].bytes);
	for (int b = 0; b < 2; b++) {
		struct pm_superblock *sb = (void *)((uint8_t *)two[1].base + (b ? two[1].bytes - PM_PAGE_SIZE : 0));

		sb->pool_uuid[0] ^= 1;
		pm_superblock_seal(sb);
	}
	assert_int_equal(pm_check(two, 2, NULL, &model_memory, &check), PM_E_POOL_FOREIGN);
	((struct pm_superblock *)two[1].base)->version = PM_FORMAT_VERSION + 1;
	pm_superblock_seal(two[1].base);
	assert_int_equal(pm_check(two, 2, NULL, &model_memory, &check), PM_E_POOL_FORMAT_NEWER);
	free(two[1].base);
	free(blank.base);
	assert_int_equal(model_memory_out(), 0);
}

static void allocations_that_this_boot_does_not_know_are_leaks(void **state)
{
	struct pm_check_options options = {.boot_id = {9}};
	uint64_t unnamed;

	(void)state;
	check_with(&options, HISTORY_REGIONS);
	unnamed = check.counts[PM_FINDING_LEAKED_RUN];
	assert_true(unnamed >= 9);
	assert_int_equal(check.severities[PM_SEVERITY_DAMAGE], 0);
	assert_int_equal(check.refused, 0);
	pm_check_free(&check);
	/* the log went round within this boot: what it once said cannot be asked */
	memcpy(options.boot_id, model_act.boot_id, 16);
	check_with(&options, HISTORY_REGIONS);
	assert_int_equal(check.finding_count, 0);
	pm_check_free(&check);
}

static void a_repair_is_noted_in_the_log(void **state)
{
	struct pm_pool pool;
	struct pm_log_entry entry;
	uint64_t before = log_newest();

	(void)state;
	base(0)[100] ^= 1;
	named("wide")->owner[2] ^= 4;
	check_with(NULL, HISTORY_REGIONS);
	assert_int_equal(check.finding_count, 2);
	assert_int_equal(check.repairable, 2);
	assert_int_equal(check.patch_count, 2);
	assert_int_equal(pm_repair_apply(&check, history.mappings, &model_act), PM_OK);
	pm_check_free(&check);
	check_with(NULL, HISTORY_REGIONS);
	assert_int_equal(check.finding_count, 0);
	pm_check_free(&check);
	assert_int_equal(pm_pool_attach(&pool, history.mappings, HISTORY_REGIONS, 0, &model_memory, &model_act), PM_OK);
	assert_false(model_recovered_anything(&pool));
	assert_int_equal(pm_log_sequence(&pool), before + 1);
	assert_true(pm_log_read(&pool, before + 1, &entry));
	assert_int_equal(entry.verb, PM_VERB_REPAIR);
	assert_string_equal(entry.detail, "2 words, 2 findings");
	assert_string_equal(entry.actor, model_act.actor);
	pm_pool_detach(&pool);
}

static void what_changed_since_is_not_repaired(void **state)
{
	uint8_t *before = malloc(history.mappings[0].bytes);
	uint8_t token[16];

	(void)state;
	base(0)[100] ^= 1;
	named("wide")->owner[2] ^= 4;
	check_with(NULL, HISTORY_REGIONS);
	memcpy(token, check.token, sizeof(token));
	named("wide")->owner[2] ^= 8;
	memcpy(before, base(0), history.mappings[0].bytes);
	assert_int_equal(pm_repair_apply(&check, history.mappings, &model_act), PM_E_POOL_CHANGED);
	assert_memory_equal(before, base(0), history.mappings[0].bytes);
	pm_check_free(&check);
	check_with(NULL, HISTORY_REGIONS);
	assert_memory_not_equal(token, check.token, sizeof(token));
	pm_check_free(&check);
	named("wide")->owner[2] ^= 8;
	check_with(NULL, HISTORY_REGIONS);
	assert_memory_equal(token, check.token, sizeof(token));
	pm_check_free(&check);
	free(before);
}

static void what_an_older_pmpool_may_only_read_is_not_repaired(void **state)
{
	(void)state;
	superblock(0, false)->ro_compat = 8;
	pm_superblock_seal(superblock(0, false));
	check_with(NULL, HISTORY_REGIONS);
	assert_int_equal(pm_repair_apply(&check, history.mappings, &model_act), PM_E_POOL_READ_ONLY);
	pm_check_free(&check);
}

/* The extents of a mapping, in order and apart, hold every byte that a patch may touch. */
static void a_backup_holds_whatever_is_repaired(void **state)
{
	uint64_t cursor = 0, offset, bytes, end = 0, total = 0;
	uint64_t slot = history_slot(&history, 0, PM_RECORD_ALLOCATION, "allocation 23");
	bool found = false;

	(void)state;
	check_with(NULL, HISTORY_REGIONS);
	while (pm_check_extent(&check, 0, &cursor, &offset, &bytes)) {
		assert_true(offset >= end && bytes > 0);
		end = offset + bytes;
		total += bytes;
		found = found || (slot >= offset && slot < end);
	}
	assert_true(found && slot > history.sb[0].data_first * PM_PAGE_SIZE);
	assert_int_equal(end, history.mappings[0].bytes);
	assert_true(total >= (history.sb[0].data_first + 2) * PM_PAGE_SIZE);
	pm_check_free(&check);
}

static void how_long_a_region_is_can_be_asked_of_a_damaged_one(void **state)
{
	uint64_t bytes = history.mappings[0].bytes;

	(void)state;
	assert_int_equal(pm_check_region_bytes(base(0), bytes), bytes);
	assert_int_equal(pm_check_region_bytes(base(0), PM_PAGE_SIZE), bytes);
	base(0)[144] ^= 0x10; /* of region_bytes itself */
	assert_int_equal(pm_check_region_bytes(base(0), bytes), bytes);
	assert_int_equal(pm_check_region_bytes(base(0), PM_PAGE_SIZE), bytes);
	base(0)[400] ^= 0x10;
	assert_int_equal(pm_check_region_bytes(base(0), bytes), bytes);
	assert_int_equal(pm_check_region_bytes(base(0), PM_PAGE_SIZE), 0);
}

static void too_much_damage_is_counted_and_bounded(void **state)
{
	uint64_t random = 3;

	(void)state;
	for (unsigned region = 0; region < HISTORY_REGIONS; region++)
		for (uint64_t i = PM_PAGE_SIZE; i < history.sb[region].data_first * PM_PAGE_SIZE; i++)
			base(region)[i] = (uint8_t)model_random(&random);
	check_with(NULL, HISTORY_REGIONS);
	assert_true(check.finding_count <= PM_CHECK_FINDINGS_MAX);
	assert_true(check.refused > 100);
	pm_check_free(&check);
	history_reset(&history);
	assert_int_equal(model_memory_out(), 0);
}

static unsigned takes_left;

static void *take_few(size_t bytes)
{
	return takes_left && takes_left-- ? model_memory.take(bytes) : NULL;
}

static void without_memory_nothing_is_held(void **state)
{
	struct pm_memory few = {.take = take_few, .give = model_memory.give};
	enum pm_code code = PM_E_OUT_OF_MEMORY;

	(void)state;
	named("wide")->owner[2] ^= 4;
	for (unsigned takes = 0; code != PM_OK; takes++) {
		assert_true(takes < 1000);
		takes_left = takes;
		code = pm_check(history.mappings, HISTORY_REGIONS, NULL, &few, &check);
		assert_true(code == PM_OK || code == PM_E_OUT_OF_MEMORY);
		if (code == PM_OK)
			pm_check_free(&check);
		assert_int_equal(model_memory_out(), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_region_that_moved_is_left_alone, reset),
		cmocka_unit_test_setup(one_region_of_several_can_be_checked_alone, reset),
		cmocka_unit_test_setup(what_is_no_pool_of_this_format_is_not_checked, reset),
		cmocka_unit_test_setup(allocations_that_this_boot_does_not_know_are_leaks, reset),
		cmocka_unit_test_setup(a_repair_is_noted_in_the_log, reset),
		cmocka_unit_test_setup(what_changed_since_is_not_repaired, reset),
		cmocka_unit_test_setup(what_an_older_pmpool_may_only_read_is_not_repaired, reset),
		cmocka_unit_test_setup(a_backup_holds_whatever_is_repaired, reset),
		cmocka_unit_test_setup(how_long_a_region_is_can_be_asked_of_a_damaged_one, reset),
		cmocka_unit_test_setup(too_much_damage_is_counted_and_bounded, reset),
		cmocka_unit_test_setup(without_memory_nothing_is_held, reset),
	};

	return cmocka_run_group_tests(tests, make, end);
}
