/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the states tell. */
#include "directory.h"
#include "pages.h"
#include "records.h"
#include "runs.h"
#include <string.h>

enum pm_page_state pm_page_state_get(const struct pm_pool *pool, uint64_t page)
{
	uint64_t index;
	const struct pm_member *member = pm_member_at(pool, page, &index);

	return member ? pm_member_state(member, index) : PM_PAGE_BAD;
}

void pm_page_states(const struct pm_pool *pool, uint64_t first, uint64_t words, uint64_t *states)
{
	while (words) {
		uint64_t index, count;
		const struct pm_member *member = pm_member_at(pool, first, &index);

		if (member) {
			count = ((member->sb.page_count - index) + PM_PAGES_PER_WORD - 1) >> PM_WORD_SHIFT;
			count = count < words ? count : words;
			pm_member_states(member, index, count, states);
		} else {
			*states = PM_LOW_BITS * PM_PAGE_BAD;
			count = 1;
		}
		first += count << PM_WORD_SHIFT;
		states += count;
		words -= count;
	}
}

/* The record about a run of the region, if there can be one. */
static const struct pm_record *record_of(const struct pm_pool *pool, const struct pm_member *member, uint64_t page)
{
	return pm_directory_at(pool, member, page);
}

/* In one load: another thread may be writing the slot anew. */
static uint16_t kind_of(const struct pm_record *record)
{
	uint64_t word = __atomic_load_n((const uint64_t *)(const void *)&record->crc, __ATOMIC_RELAXED);
	uint16_t kind;

	memcpy(&kind, (const uint8_t *)&word + offsetof(struct pm_record, kind) - offsetof(struct pm_record, crc), 2);
	return kind;
}

/* False when the run at this head holds records: that is metadata. */
static bool run_fill(const struct pm_pool *pool, const struct pm_member *member, uint64_t page, struct pm_run *run)
{
	const struct pm_record *record = record_of(pool, member, page);

	if (record && kind_of(record) == PM_RECORD_DIRECTORY)
		return false;
	run->page = pm_member_pool_page(member, page);
	run->pages = pm_run_end(member, page + 1) - page;
	run->record = record && kind_of(record) == PM_RECORD_ALLOCATION ? record : NULL;
	return true;
}

enum pm_code pm_run_at(const struct pm_pool *pool, uint64_t page, struct pm_run *run)
{
	uint64_t index;
	const struct pm_member *member = pm_member_at(pool, page, &index);

	*run = (struct pm_run){.page = page};
	if (!member || index < member->sb.data_first || index >= member->sb.data_end)
		return PM_E_NOT_ALLOCATED;
	if (pm_member_state(member, index) != PM_PAGE_HEAD || !run_fill(pool, member, index, run))
		return PM_E_NOT_ALLOCATED;
	return PM_OK;
}

static bool run_next_in(const struct pm_pool *pool, const struct pm_member *member, uint64_t from, uint64_t to,
			struct pm_run *run)
{
	uint64_t end = to < member->sb.data_end ? to : member->sb.data_end;

	from = from > member->sb.data_first ? from : member->sb.data_first;
	for (; (from = pm_next_head(member, from, end)) < end; from++)
		if (run_fill(pool, member, from, run))
			return true;
	return false;
}

bool pm_run_next_below(const struct pm_pool *pool, uint64_t from, uint64_t to, struct pm_run *run)
{
	for (uint32_t i = 0; i < pool->region_count; i++) {
		const struct pm_member *member = pool->members[i];
		uint64_t first;

		if (!member)
			continue;
		first = member->sb.first_pool_page;
		if (from >= first + member->sb.page_count || to <= first)
			continue;
		if (run_next_in(pool, member, from > first ? from - first : 0, to - first, run))
			return true;
	}
	return false;
}

bool pm_run_next(const struct pm_pool *pool, uint64_t from, struct pm_run *run)
{
	return pm_run_next_below(pool, from, UINT64_MAX, run);
}

/* --- usage --- */

static unsigned floor_log2(uint64_t n)
{
	return 63 - (unsigned)__builtin_clzll(n);
}

/* A free run of page frame numbers [from, to). */
static void count_free(struct pm_usage *usage, uint64_t from, uint64_t to)
{
	unsigned size = floor_log2(to - from);

	usage->pages_free += to - from;
	usage->free_runs++;
	usage->largest_free_run = to - from > usage->largest_free_run ? to - from : usage->largest_free_run;
	usage->free_runs_by_size[size < PM_ORDERS ? size : PM_ORDERS - 1]++;
	usage->free_pages_by_size[size < PM_ORDERS ? size : PM_ORDERS - 1] += to - from;
	for (unsigned order = 0; order <= size && order < PM_ORDERS; order++) {
		uint64_t first = (from + (UINT64_C(1) << order) - 1) >> order, end = to >> order;

		if (end <= first)
			break;
		usage->fits[order] += end - first;
	}
}

static void count_free_runs(const struct pm_member *member, struct pm_usage *usage)
{
	uint64_t frame = member->sb.physical_base >> PM_PAGE_SHIFT, end = member->sb.data_end, to;

	for (uint64_t from = member->sb.data_first; (from = pm_next_free(member, from, end)) < end; from = to) {
		to = pm_next_used(member, from, end);
		if (to > from) /* else another thread has taken it meanwhile */
			count_free(usage, frame + from, frame + to);
	}
}

static void count_word(struct pm_usage *usage, uint64_t w)
{
	usage->allocations += (uint64_t)__builtin_popcountll(pm_word_heads(w));
	usage->pages_bad += (uint64_t)__builtin_popcountll(pm_word_bad(w));
	usage->pages_allocated += (uint64_t)__builtin_popcountll(w & PM_LOW_BITS);
}

static void count_split(const struct pm_member *member, uint64_t from, uint64_t to, struct pm_usage *usage)
{
	for (uint64_t word = from >> PM_WORD_SHIFT; word << PM_WORD_SHIFT < to; word++)
		count_word(usage, pm_word_load(member, word) & pm_part_mask(word, from, to));
}

static void count_used(const struct pm_member *member, struct pm_usage *usage)
{
	uint64_t end = member->sb.data_end, to;

	for (uint64_t from = member->sb.data_first; from < end; from = to) {
		uint64_t block = from >> PM_BLOCK_SHIFT;
		unsigned state = pm_block_state(pm_block_load(member, block));

		to = (block + 1) << PM_BLOCK_SHIFT;
		to = to < end ? to : end;
		if (state == PM_BLOCK_SPLIT)
			count_split(member, from, to, usage);
		else if (state == PM_BLOCK_FENCED)
			usage->pages_bad += to - from;
		else if (state != PM_BLOCK_FREE)
			usage->pages_allocated += to - from;
		usage->allocations += state == PM_BLOCK_HEAD;
	}
}

/* Slots, live records, and the pages that hold slots: those read as allocated, and are metadata. */
static void count_records(const struct pm_pool *pool, uint32_t region, struct pm_usage *usage)
{
	const struct pm_record *record;
	uint64_t cursor = 0;
	uint32_t of;

	while ((record = pm_record_next(pool, &cursor, &of)) != NULL) {
		struct pm_record copy;

		if (region != UINT32_MAX && of != region)
			continue;
		pm_record_load(record, &copy);
		if (!pm_record_sane(pool->members[of], &copy)) /* another thread writes it anew */
			continue;
		usage->records += copy.kind == PM_RECORD_ALLOCATION;
		if (copy.kind != PM_RECORD_DIRECTORY)
			continue;
		usage->allocations--;
		usage->pages_allocated -= copy.pages;
		usage->pages_metadata += copy.pages;
		usage->record_slots += copy.pages * PM_RECORDS_PER_PAGE;
	}
}

static uint64_t section_bytes(const struct pm_superblock *sb, enum pm_section_type type)
{
	for (uint32_t i = 0; i < sb->section_count && i < PM_SECTIONS_MAX; i++)
		if (sb->sections[i].type == (uint32_t)type)
			return sb->sections[i].bytes;
	return 0;
}

static void count_member(const struct pm_member *member, struct pm_usage *usage)
{
	const struct pm_superblock *sb = &member->sb;

	count_free_runs(member, usage);
	count_used(member, usage);
	usage->pages_metadata += sb->page_count - (sb->data_end - sb->data_first);
	usage->record_slots += section_bytes(sb, PM_SECTION_RECORDS) / sizeof(struct pm_record);
}

static void finish(struct pm_usage *usage)
{
	usage->metadata_bytes = usage->pages_metadata << PM_PAGE_SHIFT;
	usage->largest_free_order = UINT32_MAX;
	for (uint32_t order = 0; order < PM_ORDERS; order++)
		if (usage->fits[order])
			usage->largest_free_order = order;
}

bool pm_member_usage_get(const struct pm_pool *pool, uint32_t region_index, struct pm_usage *usage)
{
	memset(usage, 0, sizeof(*usage));
	if (region_index >= pool->region_count || !pool->members[region_index])
		return false;
	count_member(pool->members[region_index], usage);
	count_records(pool, region_index, usage);
	finish(usage);
	return true;
}

void pm_usage_get(const struct pm_pool *pool, struct pm_usage *usage)
{
	memset(usage, 0, sizeof(*usage));
	for (uint32_t i = 0; i < pool->region_count; i++)
		if (pool->members[i])
			count_member(pool->members[i], usage);
	count_records(pool, UINT32_MAX, usage);
	finish(usage);
}
