/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each finding of check by a damage that makes it; what repair does about it, and what it refuses. */
#include "damages.h"

#define NONE PM_FINDING_CODES
#define C4(a, b, c, d)                                                         \
	{                                                                      \
		PM_FINDING_##a, PM_FINDING_##b, PM_FINDING_##c, PM_FINDING_##d \
	}
#define C3(a, b, c)                                                  \
	{                                                            \
		PM_FINDING_##a, PM_FINDING_##b, PM_FINDING_##c, NONE \
	}
#define C2(a, b)                                           \
	{                                                  \
		PM_FINDING_##a, PM_FINDING_##b, NONE, NONE \
	}
#define C1(a)                                    \
	{                                        \
		PM_FINDING_##a, NONE, NONE, NONE \
	}
#define NOTHING                        \
	{                              \
		NONE, NONE, NONE, NONE \
	}

static const struct {
	void (*damage)(void);
	enum pm_finding_code codes[4]; /* all that are found, in any number */
	bool leftover; /* the first one is what a crash leaves */
	unsigned refused; /* findings of damage that repair leaves */
	bool attaches; /* afterwards */
} cases[] = {
	{nothing, NOTHING, false, 0, true},
	{superblock_a_overwritten, C1(SUPERBLOCK_A_DAMAGED), false, 0, true},
	{superblock_a_half_written, C1(SUPERBLOCK_A_STALE), true, 0, true},
	{superblock_b_overwritten, C1(SUPERBLOCK_B_DAMAGED), false, 0, true},
	{a_byte_of_both_superblocks, C2(SUPERBLOCK_A_DAMAGED, SUPERBLOCK_B_DAMAGED), false, 0, true},
	{two_bytes_of_both_superblocks, C3(SUPERBLOCK_A_DAMAGED, SUPERBLOCK_B_DAMAGED, MEMBER_MISSING), false, 3,
	 false},
	{superblock_b_from_before_a_rename, C1(SUPERBLOCK_B_STALE), true, 0, true},
	{superblock_b_of_another_pool, C1(SUPERBLOCKS_DIFFER), false, 1, true},
	{reserved_bytes_of_superblocks, C1(RESERVED_NOT_ZERO), false, 0, true},
	{member_with_another_address, C1(MEMBER_DIFFERS), false, 1, false},
	{member_that_is_not_there_yet, C1(RECORD_IN_FLIGHT), true, 0, true},
	{member_that_was_dropped, C1(MEMBER_UNKNOWN), true, 0, false},
	{half_of_a_block_state, C1(BLOCK_STATE_DAMAGED), false, 0, true},
	{half_of_a_free_block_state, C2(BLOCK_STATE_DAMAGED, RUN_WITHOUT_HEAD), false, 2, false},
	{half_of_the_state_of_a_metadata_block, C1(BLOCK_STATE_DAMAGED), false, 0, true},
	{two_page_states, C3(BLOCK_CHECK_WRONG, RECORD_LENGTH_WRONG, RUN_WITHOUT_HEAD), false, 3, false},
	{page_states_ahead_of_their_check, C2(BLOCK_CHECK_LATE, FENCE_LEFT), true, 0, true},
	{metadata_that_reads_as_free, C1(METADATA_STATES_WRONG), false, 0, true},
	{head_of_an_unnamed_run_gone, C1(RUN_WITHOUT_HEAD), false, 1, false},
	{head_of_an_unnamed_run_gone_in_a_crash, C1(RUN_WITHOUT_HEAD), true, 0, true},
	{head_of_an_unnamed_run_bad, C2(BAD_WITHOUT_RECORD, RUN_WITHOUT_HEAD), false, 2, false},
	{fence_of_an_unnamed_run, C1(FENCE_LEFT), true, 0, true},
	{free_page_bad, C1(BAD_WITHOUT_RECORD), false, 1, false},
	{two_bytes_of_a_record, C1(RECORD_DAMAGED), false, 1, false},
	{record_of_an_unknown_kind, C1(RECORD_DAMAGED), false, 1, false},
	{record_with_reserved_bytes, C1(RESERVED_NOT_ZERO), false, 0, true},
	{half_of_a_record_state, C1(RECORD_STATE_DAMAGED), false, 1, false},
	{record_pending, C1(RECORD_IN_FLIGHT), true, 0, true},
	{record_replaced, C1(RECORD_IN_FLIGHT), true, 0, true},
	{record_of_a_run_without_head, C2(RECORD_WITHOUT_HEAD, RUN_WITHOUT_HEAD), false, 2, false},
	{record_too_long, C1(RECORD_LENGTH_WRONG), false, 1, false},
	{record_past_the_end, C1(RUN_PAST_END), false, 1, false},
	{records_of_the_same_run, C2(RECORDS_OVERLAP, ALLOCATION_LOST), false, 2, false},
	{names_alike, C1(NAME_TWICE), false, 1, false},
	{names_alike_in_two_regions, C1(NAME_TWICE), false, 1, false},
	{ids_alike, C1(ID_TWICE), false, 1, true},
	{quarantined_page_free, C1(QUARANTINE_WITHOUT_PAGES), false, 1, false},
	{quarantine_forgotten, C1(BAD_WITHOUT_RECORD), false, 1, false},
	{directory_too_long, C4(DIRECTORY_BROKEN, RECORD_LENGTH_WRONG, RECORDS_OVERLAP, BAD_WITHOUT_RECORD), false, 4,
	 false},
	{directory_in_a_circle, C2(DIRECTORY_BROKEN, RECORDS_OVERLAP), false, 2, false},
	{two_bytes_of_the_next_part, C3(RECORD_DAMAGED, DIRECTORY_BROKEN, BAD_WITHOUT_RECORD), false, 3, false},
	{free_slot_half_written, C1(FREE_SLOT_TORN), false, 0, true},
	{record_zeroed, C1(ALLOCATION_LOST), false, 1, true},
	{block_word_zeroed, C1(ALLOCATION_LOST), false, 1, true},
	{two_bytes_of_a_log_entry, C1(LOG_ENTRY_DAMAGED), false, 1, true},
	{log_entry_half_written, C1(LOG_ENTRY_TORN), false, 0, true},
	{log_entry_missing, C1(LOG_GAP), false, 1, true},
	{word_behind_the_last_block, C1(BLOCK_NOT_ZERO), false, 0, true},
};

static void show(void)
{
	for (size_t i = 0; i < check.finding_count; i++)
		print_message("  %s (%s): %s | %s\n", pm_finding_name(check.findings[i].code),
			      pm_severity_name(check.findings[i].severity), check.findings[i].text,
			      check.findings[i].refusal);
}

static bool expected(size_t at, enum pm_finding_code code)
{
	for (size_t i = 0; i < 4; i++)
		if (cases[at].codes[i] == code)
			return true;
	return false;
}

static enum pm_code attach_code(void)
{
	struct pm_pool pool;
	enum pm_code code = pm_pool_attach(&pool, history.mappings, HISTORY_REGIONS, 0, &model_memory, &model_act);

	if (code != PM_OK)
		return code;
	code = pool.degraded ? PM_E_POOL_DEGRADED : PM_OK;
	if (code == PM_OK)
		model_assert_adds_up(&pool);
	pm_pool_detach(&pool);
	return code;
}

static void look(size_t at)
{
	check_with(NULL, HISTORY_REGIONS);
	for (unsigned code = 0; code < PM_FINDING_CODES; code++)
		if (expected(at, code) != (check.counts[code] > 0)) {
			show();
			fail_msg("case %zu: %s %s found", at, pm_finding_name(code),
				 check.counts[code] ? "is" : "is not");
		}
	if (check.finding_count && cases[at].leftover != (check.findings[0].severity == PM_SEVERITY_LEFTOVER))
		fail_msg("case %zu: severity %s", at, pm_severity_name(check.findings[0].severity));
	if (check.refused != cases[at].refused) {
		show();
		fail_msg("case %zu: %llu refused", at, (unsigned long long)check.refused);
	}
	for (size_t i = 0; i < check.finding_count; i++) {
		const struct pm_finding *finding = &check.findings[i];
		bool refused = finding->severity == PM_SEVERITY_DAMAGE && !finding->repairable;

		if ((finding->refusal[0] != '\0') != refused || !finding->text[0] ||
		    (finding->offset == PM_NOWHERE && finding->page == PM_NOWHERE && finding->mapping != UINT32_MAX)) {
			show();
			fail_msg("case %zu: a finding without its words or place", at);
		}
	}
}

static void each_damage_has_its_finding(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum pm_code code;

		history_reset(&history);
		cases[i].damage();
		look(i);
		assert_int_equal(pm_repair_apply(&check, history.mappings, &model_act), PM_OK);
		pm_check_free(&check);
		code = attach_code();
		if (cases[i].attaches != (code == PM_OK))
			fail_msg("case %zu: afterwards attach says %d", i, (int)code);
		if (code == PM_OK && cases[i].refused == 0) {
			check_with(NULL, HISTORY_REGIONS);
			if (check.severities[PM_SEVERITY_DAMAGE])
				show();
			assert_int_equal(check.severities[PM_SEVERITY_DAMAGE], 0);
			pm_check_free(&check);
		}
	}
	history_reset(&history);
}

/* A free may have been done and not yet logged when its process died: nothing is lost for certain. */
static void what_is_lost_before_a_crash_is_a_hint(void **state)
{
	(void)state;
	history_reset(&history);
	record_zeroed();
	set_busy();
	for (unsigned i = 0; i < 2; i++) {
		check_with(NULL, HISTORY_REGIONS);
		assert_int_equal(check.counts[PM_FINDING_ALLOCATION_LOST], 1);
		assert_int_equal(check.severities[PM_SEVERITY_HINT], 1);
		assert_int_equal(check.severities[PM_SEVERITY_DAMAGE], 0);
		pm_check_free(&check);
		assert_int_equal(attach_code(), PM_OK); /* says in the log that it recovered */
	}
}

static void words_that_follow_each_other_are_one_finding(void **state)
{
	uint64_t *blocks = (uint64_t *)(void *)section(0, PM_SECTION_BLOCKS);
	uint64_t behind = (history.sb[0].page_count + PM_BLOCK_PAGES - 1) / PM_BLOCK_PAGES;

	(void)state;
	history_reset(&history);
	memset(&blocks[behind + 1], 0x5a, 20 * 8);
	blocks[behind + 30] = 1;
	check_with(NULL, HISTORY_REGIONS);
	assert_int_equal(check.counts[PM_FINDING_BLOCK_NOT_ZERO], 2);
	assert_int_equal(check.findings[0].bytes, 20 * 8);
	assert_int_equal(check.repairable, 2);
	assert_int_equal(check.patch_count, 21);
	assert_int_equal(pm_repair_apply(&check, history.mappings, &model_act), PM_OK);
	pm_check_free(&check);
	check_with(NULL, HISTORY_REGIONS);
	assert_int_equal(check.finding_count, 0);
	pm_check_free(&check);
}

static void each_code_has_a_case(void **state)
{
	/* tests of their own below; those that only a mapping or an option makes */
	bool seen[PM_FINDING_CODES] = {[PM_FINDING_REGION_MOVED] = true,
				       [PM_FINDING_LEAKED_RUN] = true,
				       [PM_FINDING_FREE_SLOT_DAMAGED] = true};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t j = 0; j < 4; j++)
			if (cases[i].codes[j] != NONE)
				seen[cases[i].codes[j]] = true;
	for (unsigned code = 0; code < PM_FINDING_CODES; code++) {
		if (!seen[code])
			fail_msg("%s has no case", pm_finding_name(code));
		assert_true(pm_finding_meaning(code)[0] && pm_finding_repair(code)[0]);
		for (unsigned other = 0; other < code; other++)
			assert_string_not_equal(pm_finding_name(code), pm_finding_name(other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_damage_has_its_finding, reset),
		cmocka_unit_test_setup(what_is_lost_before_a_crash_is_a_hint, reset),
		cmocka_unit_test_setup(words_that_follow_each_other_are_one_finding, reset),
		cmocka_unit_test_setup(each_code_has_a_case, reset),
	};

	return cmocka_run_group_tests(tests, make, end);
}
