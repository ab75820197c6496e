/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damages to the pool of damaged.h, one of each kind; what each is called is what it does. For test_core_check.c. */
#ifndef PMPOOL_TESTS_DAMAGES_H
#define PMPOOL_TESTS_DAMAGES_H

#include "damaged.h"

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
static void record_zeroed(void)
{
	memset(named("over blocks"), 0, sizeof(struct pm_record));
}
/* The block of the unnamed allocation of 512 pages. */
static void block_word_zeroed(void)
{
	uint64_t *blocks = (uint64_t *)(void *)section(0, PM_SECTION_BLOCKS);

	for (uint64_t block = 1; block < history.sb[0].page_count / PM_BLOCK_PAGES; block++)
		if ((blocks[block] & 0x0f) == PM_BLOCK_HEAD && (blocks[block + 1] & 0x0f) != PM_BLOCK_CONTINUES &&
		    !(blocks[block + 1] & 0xff)) {
			struct pm_log_entry *entry = log_slot((log_newest() - 1) % log_slots());

			blocks[block] = 0;
			entry->verb = PM_VERB_ALLOCATE;
			entry->page = block * PM_BLOCK_PAGES;
			entry->pages = PM_BLOCK_PAGES;
			memset(entry->detail, 0, sizeof(entry->detail));
			entry->crc = pm_crc32c(0, &entry->verb, sizeof(*entry) - offsetof(struct pm_log_entry, verb));
			return;
		}
	fail_msg("no such block");
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

#endif
