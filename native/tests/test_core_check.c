/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each finding of check by a damage that makes it; what repair does about it, and what it refuses. */
#include "core/log.h"
#include "core/superblock.h"
#include "history.h"
#include <stdlib.h>
#include <string.h>

static struct history history;
static struct pm_check check;

static uint8_t *base(unsigned region)
{
	return history.mappings[region].base;
}

static uint8_t *section(unsigned region, enum pm_section_type type)
{
	return base(region) + history_section(&history, region, type)->offset;
}

static struct pm_record *named(const char *name)
{
	return history_record(&history, 0, history_slot(&history, 0, PM_RECORD_ALLOCATION, name));
}

static struct pm_record *of_kind(enum pm_record_kind kind)
{
	return history_record(&history, 0, history_slot(&history, 0, kind, NULL));
}

static struct pm_superblock *superblock(unsigned region, bool b)
{
	return (struct pm_superblock *)(void *)(base(region) + (b ? history.mappings[region].bytes - PM_PAGE_SIZE : 0));
}

static struct pm_log_entry *log_slot(uint64_t slot)
{
	return (struct pm_log_entry *)(void *)section(0, PM_SECTION_LOG) + slot;
}

static uint64_t log_slots(void)
{
	return history_section(&history, 0, PM_SECTION_LOG)->bytes / sizeof(struct pm_log_entry);
}

static uint64_t log_newest(void)
{
	uint64_t newest = 0;

	for (uint64_t i = 0; i < log_slots(); i++)
		newest = log_slot(i)->sequence > newest ? log_slot(i)->sequence : newest;
	return newest;
}

static void set_busy(void)
{
	((struct pm_shared *)(void *)section(0, PM_SECTION_SHARED))->busy = PM_BUSY;
}

/* --- damages --- */

static void nothing(void)
{
}
static void superblock_a_overwritten(void)
{
	memset(base(0), 0x5a, PM_PAGE_SIZE);
}
static void superblock_a_half_written(void)
{
	memset(base(1), 0, 16);
}
static void superblock_b_overwritten(void)
{
	memset(superblock(1, true), 0xff, PM_PAGE_SIZE);
}
static void a_byte_of_both_superblocks(void)
{
	base(0)[77] ^= 0x40;
	((uint8_t *)superblock(0, true))[200] ^= 0x01;
}
static void two_bytes_of_both_superblocks(void)
{
	a_byte_of_both_superblocks();
	base(0)[900] ^= 0x40;
	((uint8_t *)superblock(0, true))[300] ^= 0x01;
}
static void superblock_b_from_before_a_rename(void)
{
	superblock(0, false)->sequence++;
	pm_superblock_seal(superblock(0, false));
}
static void superblock_b_of_another_pool(void)
{
	superblock(0, true)->pool_uuid[3] ^= 1;
	pm_superblock_seal(superblock(0, true));
}
static void reserved_bytes_of_superblocks(void)
{
	for (int b = 0; b < 2; b++) {
		superblock(0, b)->reserved[7] = 1;
		pm_superblock_seal(superblock(0, b));
	}
}
static void member_with_another_address(void)
{
	struct pm_record *record = of_kind(PM_RECORD_MEMBER);

	record->member.physical_base += PM_PAGE_SIZE;
	history_seal(record);
}
static void member_that_is_not_there_yet(void)
{
	of_kind(PM_RECORD_MEMBER)->state = PM_RECORD_STATE(PM_RECORD_PENDING);
}
static void member_that_was_dropped(void)
{
	of_kind(PM_RECORD_MEMBER)->state = PM_RECORD_STATE(PM_RECORD_FREE);
}
static void half_of_a_block_state(void)
{
	section(0, PM_SECTION_BLOCKS)[8] = 0x13;
	section(0, PM_SECTION_BLOCKS)[9] = 0x13;
}
/* A free block: continues would fit as well. */
static void half_of_a_free_block_state(void)
{
	uint8_t *block = section(0, PM_SECTION_BLOCKS) + history.sb[0].page_count / PM_BLOCK_PAGES * 8;

	while (block[0] & 0x0f || block[-8] & 0x0f)
		block -= 8;
	block[0] |= 1;
	block[1] |= 1;
}
static void half_of_the_state_of_a_metadata_block(void)
{
	section(0, PM_SECTION_BLOCKS)[0] = 0x13;
	section(0, PM_SECTION_BLOCKS)[1] = 0x13;
}
static void two_page_states(void)
{
	section(0, PM_SECTION_PAGE_STATES)[40] ^= 0x80;
	section(0, PM_SECTION_PAGE_STATES)[70] ^= 0x01;
}
static void page_states_ahead_of_their_check(void)
{
	history_set_page(&history, 0, history.unnamed_page, PM_PAGE_BAD);
	section(0, PM_SECTION_BLOCKS)[history.unnamed_page / PM_BLOCK_PAGES * 8 + 5] ^= 0x77;
	set_busy();
}
static void metadata_that_reads_as_free(void)
{
	history_set_page(&history, 0, 2, PM_PAGE_FREE);
	history_set_page(&history, 0, 3, PM_PAGE_BAD);
}
static void head_of_an_unnamed_run_gone(void)
{
	history_set_page(&history, 0, history.unnamed_page, PM_PAGE_FREE);
}
static void head_of_an_unnamed_run_gone_in_a_crash(void)
{
	head_of_an_unnamed_run_gone();
	set_busy();
}
static void head_of_an_unnamed_run_bad(void)
{
	history_set_page(&history, 0, history.unnamed_page, PM_PAGE_BAD);
}
static void fence_of_an_unnamed_run(void)
{
	head_of_an_unnamed_run_bad();
	set_busy();
}
static void free_page_bad(void)
{
	history_set_page(&history, 0, history.sb[0].data_end - 1, PM_PAGE_BAD);
}
static void two_bytes_of_a_record(void)
{
	named("wide")->owner[3] ^= 1;
	named("wide")->purpose[3] ^= 1;
}
static void record_of_an_unknown_kind(void)
{
	struct pm_record *record = named("wide");

	record->kind = 9;
	history_seal(record);
}
static void record_with_reserved_bytes(void)
{
	struct pm_record *record = named("wide");

	record->reserved[1] = 9;
	history_seal(record);
}
static void half_of_a_record_state(void)
{
	uint8_t *state = (uint8_t *)&named("wide")->state;

	memset(state, 1, 4);
}
static void record_pending(void)
{
	named("wide")->state = PM_RECORD_STATE(PM_RECORD_PENDING);
}
static void record_replaced(void)
{
	struct pm_record *record = named("wide"), *free_slot = record;

	while (free_slot->state != PM_RECORD_STATE(PM_RECORD_FREE))
		free_slot++;
	*free_slot = *record;
	free_slot->id = 1000;
	free_slot->replaces = record->id;
	history_seal(free_slot);
}
static void record_of_a_run_without_head(void)
{
	history_set_page(&history, 0, history.named_page, PM_PAGE_FREE);
}
static void record_too_long(void)
{
	struct pm_record *record = named("wide");

	record->pages++;
	history_seal(record);
}
static void record_past_the_end(void)
{
	struct pm_record *record = named("wide");

	record->pages = history.sb[0].page_count;
	history_seal(record);
}
static void records_of_the_same_run(void)
{
	struct pm_record *record = named("wide"), *other = named("over blocks");

	other->page = record->page;
	other->pages = record->pages;
	history_seal(other);
}
static void names_alike(void)
{
	struct pm_record *record = named("wide");

	strncpy(record->name, "renamed", PM_NAME_BYTES);
	history_seal(record);
}
static void names_alike_in_two_regions(void)
{
	struct pm_record *record =
		history_record(&history, 1, history_slot(&history, 1, PM_RECORD_ALLOCATION, "elsewhere"));

	strncpy(record->name, "renamed", PM_NAME_BYTES);
	history_seal(record);
}
static void ids_alike(void)
{
	struct pm_record *record = named("wide");

	record->id = named("renamed")->id;
	history_seal(record);
}
static void quarantined_page_free(void)
{
	history_set_page(&history, 0, history.quarantine_page + 1, PM_PAGE_FREE);
}
static void quarantine_forgotten(void)
{
	of_kind(PM_RECORD_QUARANTINE)->state = PM_RECORD_STATE(PM_RECORD_FREE);
}
static void directory_too_long(void)
{
	struct pm_record *record = of_kind(PM_RECORD_DIRECTORY);

	record->pages = 1500;
	history_seal(record);
}
static void directory_in_a_circle(void)
{
	struct pm_record *first = of_kind(PM_RECORD_DIRECTORY);
	struct pm_record *next = history_record(&history, 0, first->page * PM_PAGE_SIZE);

	*next = *first;
	next->id = 1000;
	history_seal(next);
}
static void two_bytes_of_the_next_part(void)
{
	struct pm_record *record = of_kind(PM_RECORD_DIRECTORY);

	record->page ^= 1;
	record->pages ^= 4;
}
static void free_slot_half_written(void)
{
	struct pm_record *record = named("wide");

	while (record->state != PM_RECORD_STATE(PM_RECORD_FREE))
		record++;
	memset(record->name, 'x', 40);
}
static void two_bytes_of_a_log_entry(void)
{
	log_slot((log_newest() - 10) % log_slots())->time_ns ^= 0x10001;
}
static void log_entry_half_written(void)
{
	log_slot(log_newest() % log_slots())->time_ns ^= 0x10001;
}
static void log_entry_missing(void)
{
	memset(log_slot((log_newest() - 10) % log_slots()), 0, sizeof(struct pm_log_entry));
}
static void word_behind_the_last_block(void)
{
	section(0, PM_SECTION_BLOCKS)[PM_PAGE_SIZE - 8] = 0x11;
}

/* --- what is found --- */

#define NONE PM_FINDING_CODES

static const struct {
	void (*damage)(void);
	enum pm_finding_code codes[4]; /* all that are found, in any number */
	bool leftover; /* the first one is what a crash leaves */
	unsigned refused; /* findings of damage that repair leaves */
	bool attaches; /* afterwards */
} cases[] = {
	{nothing, {NONE, NONE, NONE, NONE}, false, 0, true},
	{superblock_a_overwritten, {PM_FINDING_SUPERBLOCK_A_DAMAGED, NONE, NONE, NONE}, false, 0, true},
	{superblock_a_half_written, {PM_FINDING_SUPERBLOCK_A_STALE, NONE, NONE, NONE}, true, 0, true},
	{superblock_b_overwritten, {PM_FINDING_SUPERBLOCK_B_DAMAGED, NONE, NONE, NONE}, false, 0, true},
	{a_byte_of_both_superblocks,
	 {PM_FINDING_SUPERBLOCK_A_DAMAGED, PM_FINDING_SUPERBLOCK_B_DAMAGED, NONE, NONE},
	 false,
	 0,
	 true},
	{two_bytes_of_both_superblocks,
	 {PM_FINDING_SUPERBLOCK_A_DAMAGED, PM_FINDING_SUPERBLOCK_B_DAMAGED, PM_FINDING_MEMBER_MISSING, NONE},
	 false,
	 3,
	 false},
	{superblock_b_from_before_a_rename, {PM_FINDING_SUPERBLOCK_B_STALE, NONE, NONE, NONE}, true, 0, true},
	{superblock_b_of_another_pool, {PM_FINDING_SUPERBLOCKS_DIFFER, NONE, NONE, NONE}, false, 1, true},
	{reserved_bytes_of_superblocks, {PM_FINDING_RESERVED_NOT_ZERO, NONE, NONE, NONE}, false, 0, true},
	{member_with_another_address, {PM_FINDING_MEMBER_DIFFERS, NONE, NONE, NONE}, false, 1, false},
	{member_that_is_not_there_yet, {PM_FINDING_RECORD_IN_FLIGHT, NONE, NONE, NONE}, true, 0, true},
	{member_that_was_dropped, {PM_FINDING_MEMBER_UNKNOWN, NONE, NONE, NONE}, true, 0, false},
	{half_of_a_block_state, {PM_FINDING_BLOCK_STATE_DAMAGED, NONE, NONE, NONE}, false, 0, true},
	{half_of_a_free_block_state,
	 {PM_FINDING_BLOCK_STATE_DAMAGED, PM_FINDING_RUN_WITHOUT_HEAD, NONE, NONE},
	 false,
	 2,
	 false},
	{half_of_the_state_of_a_metadata_block, {PM_FINDING_BLOCK_STATE_DAMAGED, NONE, NONE, NONE}, false, 0, true},
	{two_page_states,
	 {PM_FINDING_BLOCK_CHECK_WRONG, PM_FINDING_RECORD_LENGTH_WRONG, PM_FINDING_RUN_WITHOUT_HEAD, NONE},
	 false,
	 3,
	 false},
	{page_states_ahead_of_their_check,
	 {PM_FINDING_BLOCK_CHECK_LATE, PM_FINDING_FENCE_LEFT, NONE, NONE},
	 true,
	 0,
	 true},
	{metadata_that_reads_as_free, {PM_FINDING_METADATA_STATES_WRONG, NONE, NONE, NONE}, false, 0, true},
	{head_of_an_unnamed_run_gone, {PM_FINDING_RUN_WITHOUT_HEAD, NONE, NONE, NONE}, false, 1, true},
	{head_of_an_unnamed_run_gone_in_a_crash, {PM_FINDING_RUN_WITHOUT_HEAD, NONE, NONE, NONE}, true, 0, true},
	{head_of_an_unnamed_run_bad,
	 {PM_FINDING_BAD_WITHOUT_RECORD, PM_FINDING_RUN_WITHOUT_HEAD, NONE, NONE},
	 false,
	 2,
	 true},
	{fence_of_an_unnamed_run, {PM_FINDING_FENCE_LEFT, NONE, NONE, NONE}, true, 0, true},
	{free_page_bad, {PM_FINDING_BAD_WITHOUT_RECORD, NONE, NONE, NONE}, false, 1, true},
	{two_bytes_of_a_record, {PM_FINDING_RECORD_DAMAGED, NONE, NONE, NONE}, false, 1, false},
	{record_of_an_unknown_kind, {PM_FINDING_RECORD_DAMAGED, NONE, NONE, NONE}, false, 1, false},
	{record_with_reserved_bytes, {PM_FINDING_RESERVED_NOT_ZERO, NONE, NONE, NONE}, false, 0, true},
	{half_of_a_record_state, {PM_FINDING_RECORD_STATE_DAMAGED, NONE, NONE, NONE}, false, 1, false},
	{record_pending, {PM_FINDING_RECORD_IN_FLIGHT, NONE, NONE, NONE}, true, 0, true},
	{record_replaced, {PM_FINDING_RECORD_IN_FLIGHT, NONE, NONE, NONE}, true, 0, true},
	{record_of_a_run_without_head,
	 {PM_FINDING_RECORD_WITHOUT_HEAD, PM_FINDING_RUN_WITHOUT_HEAD, NONE, NONE},
	 false,
	 2,
	 false},
	{record_too_long, {PM_FINDING_RECORD_LENGTH_WRONG, NONE, NONE, NONE}, false, 1, false},
	{record_past_the_end, {PM_FINDING_RUN_PAST_END, NONE, NONE, NONE}, false, 1, false},
	{records_of_the_same_run, {PM_FINDING_RECORDS_OVERLAP, NONE, NONE, NONE}, false, 1, false},
	{names_alike, {PM_FINDING_NAME_TWICE, NONE, NONE, NONE}, false, 1, false},
	{names_alike_in_two_regions, {PM_FINDING_NAME_TWICE, NONE, NONE, NONE}, false, 1, false},
	{ids_alike, {PM_FINDING_ID_TWICE, NONE, NONE, NONE}, false, 1, true},
	{quarantined_page_free, {PM_FINDING_QUARANTINE_WITHOUT_PAGES, NONE, NONE, NONE}, false, 1, false},
	{quarantine_forgotten, {PM_FINDING_BAD_WITHOUT_RECORD, NONE, NONE, NONE}, false, 1, true},
	{directory_too_long,
	 {PM_FINDING_DIRECTORY_BROKEN, PM_FINDING_RECORD_LENGTH_WRONG, PM_FINDING_RECORDS_OVERLAP,
	  PM_FINDING_BAD_WITHOUT_RECORD},
	 false,
	 4,
	 false},
	{directory_in_a_circle, {PM_FINDING_DIRECTORY_BROKEN, PM_FINDING_RECORDS_OVERLAP, NONE, NONE}, false, 2, false},
	{two_bytes_of_the_next_part,
	 {PM_FINDING_RECORD_DAMAGED, PM_FINDING_DIRECTORY_BROKEN, PM_FINDING_BAD_WITHOUT_RECORD, NONE},
	 false,
	 3,
	 false},
	{free_slot_half_written, {PM_FINDING_FREE_SLOT_TORN, NONE, NONE, NONE}, false, 0, true},
	{two_bytes_of_a_log_entry, {PM_FINDING_LOG_ENTRY_DAMAGED, NONE, NONE, NONE}, false, 1, true},
	{log_entry_half_written, {PM_FINDING_LOG_ENTRY_TORN, NONE, NONE, NONE}, false, 0, true},
	{log_entry_missing, {PM_FINDING_LOG_GAP, NONE, NONE, NONE}, false, 1, true},
	{word_behind_the_last_block, {PM_FINDING_BLOCK_NOT_ZERO, NONE, NONE, NONE}, false, 0, true},
};

static void check_with(const struct pm_check_options *options, size_t regions)
{
	assert_int_equal(pm_check(history.mappings, regions, options, &model_memory, &check), PM_OK);
}

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

static void a_region_that_moved_is_left_alone(void **state)
{
	struct pm_mapping moved[HISTORY_REGIONS];

	(void)state;
	memcpy(moved, history.mappings, sizeof(moved));
	moved[0].physical_base += PM_PAGE_SIZE;
	superblock_b_overwritten();
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

static int make(void **state)
{
	(void)state;
	history_make(&history);
	return 0;
}

static int reset(void **state)
{
	(void)state;
	history_reset(&history);
	return 0;
}

static int end(void **state)
{
	(void)state;
	history_end(&history);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_damage_has_its_finding, reset),
		cmocka_unit_test_setup(each_code_has_a_case, reset),
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
