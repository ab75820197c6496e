/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attach: check everything, and only when all of it holds take back what a crash left. A region whose metadata
 * contradicts itself in a way that no crash makes is left exactly as it is.
 */
#include "layout.h"
#include "log.h"
#include "pages.h"
#include "records.h"
#include "superblock.h"
#include "text.h"
#include <string.h>

/* Both bits of the pages of a word that are metadata or past the end. */
static uint64_t metadata_mask(const struct pm_superblock *sb, uint64_t word)
{
	uint64_t first = word * PM_PAGES_PER_WORD, mask = 0;

	for (unsigned i = 0; i < PM_PAGES_PER_WORD; i++)
		if (first + i < sb->data_first || first + i >= sb->data_end)
			mask |= UINT64_C(3) << (2 * i);
	return mask;
}

static bool metadata_word_holds(const struct pm_pool *pool, uint64_t word)
{
	uint64_t mask = metadata_mask(&pool->sb, word);

	return (pm_word_load(pool, word) & mask) == (pm_metadata_word(&pool->sb, word) & mask);
}

static bool states_consistent(const struct pm_pool *pool)
{
	uint64_t words = pm_states_words(pool->sb.page_count);

	for (uint64_t word = 0; word <= pool->sb.data_first / PM_PAGES_PER_WORD; word++)
		if (!metadata_word_holds(pool, word))
			return false;
	for (uint64_t word = pool->sb.data_end / PM_PAGES_PER_WORD; word < words; word++)
		if (!metadata_word_holds(pool, word))
			return false;
	return true;
}

static void map_sections(struct pm_pool *pool)
{
	const struct pm_section *states = pm_section_find(&pool->sb, PM_SECTION_PAGE_STATES);
	const struct pm_section *records = pm_section_find(&pool->sb, PM_SECTION_RECORDS);
	const struct pm_section *log = pm_section_find(&pool->sb, PM_SECTION_LOG);

	pool->states = (_Atomic uint64_t *)(void *)(pool->base + states->offset);
	pool->records = (struct pm_record *)(void *)(pool->base + records->offset);
	pool->record_slots = records->bytes / sizeof(struct pm_record);
	pool->log = (struct pm_log_entry *)(void *)(pool->base + log->offset);
	pool->log_slots = log->bytes / sizeof(struct pm_log_entry);
}

static void take_back_orphans(struct pm_pool *pool)
{
	uint64_t page = pool->sb.data_first, end = pool->sb.data_end, after;

	while ((page = pm_pages_next_orphan(pool, page, end)) < end) {
		after = pm_pages_continue_end(pool, page, end);
		pm_pages_release(pool, page, after - page);
		pool->recovered.runs_taken_back++;
		pool->recovered.pages_taken_back += after - page;
		page = after;
	}
}

static void mend_superblocks(struct pm_pool *pool, const struct pm_superblock_choice *choice)
{
	if (choice->mend_a)
		pm_superblock_write(pool->base, &pool->sb);
	if (choice->mend_b)
		pm_superblock_write(pool->base + pool->sb.region_bytes - PM_PAGE_SIZE, &pool->sb);
	pool->recovered.superblock_mended = choice->mend_a || choice->mend_b;
}

static void log_recovery(struct pm_pool *pool, const struct pm_act *act)
{
	char detail[48];
	size_t used = 0;
	uint64_t records = pool->recovered.records_finished + pool->recovered.records_dropped;

	if (!pool->recovered.runs_taken_back && !records && !pool->recovered.superblock_mended)
		return;
	pm_text_append_number(detail, sizeof(detail), &used, pool->recovered.runs_taken_back);
	pm_text_append(detail, sizeof(detail), &used, " runs, ");
	pm_text_append_number(detail, sizeof(detail), &used, records);
	pm_text_append(detail, sizeof(detail), &used, " records");
	if (pool->recovered.superblock_mended)
		pm_text_append(detail, sizeof(detail), &used, ", superblock");
	pm_log_append(pool, PM_VERB_RECOVER, 0, pool->recovered.pages_taken_back, detail, act);
}

static void rebuild_hints(struct pm_pool *pool)
{
	struct pm_record_scan scan;

	pool->record_next_id = 1;
	pm_records_scan(pool, "", &scan);
	pool->record_next_id = scan.next_id;
	pool->log_next = pm_log_find_newest(pool) + 1;
	pool->hint_word = pool->sb.data_first / PM_PAGES_PER_WORD;
}

enum pm_code pm_pool_attach(struct pm_pool *pool, void *base, uint64_t bytes, uint64_t physical_base, unsigned flags,
			    const struct pm_act *act)
{
	struct pm_superblock_choice choice;
	enum pm_code code = pm_superblock_choose(base, bytes, &choice);

	memset(pool, 0, sizeof(*pool));
	if (code)
		return code;
	pool->base = base;
	pool->bytes = choice.sb.region_bytes;
	pool->sb = choice.sb;
	pool->read_only = flags & PM_ATTACH_READ_ONLY || choice.sb.ro_compat & ~PM_RO_COMPAT_KNOWN;
	if (choice.sb.physical_base != physical_base || choice.sb.region_bytes > bytes)
		return PM_E_REGION_MOVED;
	map_sections(pool);
	if (!states_consistent(pool) || !pm_records_consistent(pool))
		return PM_E_POOL_CORRUPT;
	rebuild_hints(pool);
	if (pool->read_only)
		return PM_OK;
	mend_superblocks(pool, &choice);
	pm_records_recover(pool);
	take_back_orphans(pool);
	log_recovery(pool, act);
	return PM_OK;
}
