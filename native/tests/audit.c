/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The medium of an attached pool, read from docs/format.md and not with core's code: blocks, checks, page states and
 * records have to agree, whatever core believes; then core's own answers have to agree with them.
 */
#include "core/member.h"
#include "model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char wrong[256];

#define WRONG(...) (snprintf(wrong, sizeof(wrong), __VA_ARGS__), wrong)

struct sums {
	uint64_t free, used, bad, metadata, runs, directories, named;
};

struct region {
	const struct pm_member *member;
	const uint8_t *base;
	const struct pm_superblock *sb;
	const uint64_t *blocks, *words;
	uint8_t *states; /* of each page, as it counts */
	uint8_t *claimed; /* of each page: a live record says so */
};

static const void *section(const struct region *region, enum pm_section_type type, uint64_t *bytes)
{
	for (uint32_t i = 0; i < region->sb->section_count; i++)
		if (region->sb->sections[i].type == (uint32_t)type) {
			if (bytes)
				*bytes = region->sb->sections[i].bytes;
			return region->base + region->sb->sections[i].offset;
		}
	return NULL;
}

/* CRC32C of a word's eight bytes, from 0 and without the last inversion, bit by bit. */
static uint32_t word_crc(uint64_t word)
{
	static uint32_t table[256];
	uint32_t crc = 0;

	if (!table[1])
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t c = i;

			for (int bit = 0; bit < 8; bit++)
				c = c >> 1 ^ (c & 1 ? 0x82f63b78u : 0);
			table[i] = c;
		}
	for (int i = 0; i < 8; i++, word >>= 8)
		crc = crc >> 8 ^ table[(crc ^ word) & 0xff];
	return crc;
}

static uint32_t block_check(const uint64_t *words)
{
	uint32_t check = 0;

	for (unsigned i = 0; i < PM_WORDS_PER_BLOCK; i++) {
		uint64_t word = words[i];
		unsigned by = 2 * i + 3;

		if (word)
			check ^= word_crc(word ^ (word << by | word >> (64 - by)) ^ (word << 31 | word >> 33));
	}
	return check;
}

static const char *block_read(const struct region *region, uint64_t block)
{
	uint64_t word = region->blocks[block], first = block * PM_BLOCK_PAGES;
	const uint64_t *words = region->words + block * PM_WORDS_PER_BLOCK;
	uint32_t code = (uint32_t)word, check = (uint32_t)(word >> 32);
	uint8_t state = (uint8_t)(code & 0xff & ~PM_BLOCK_ZEROED);
	bool zeroed = code & PM_BLOCK_ZEROED;

	if (code != (code & 0xff) * 0x01010101u || state > PM_BLOCK_SPLIT)
		return WRONG("block %llu: no state 0x%08x", (unsigned long long)block, code);
	if (state == PM_BLOCK_SPLIT && (!zeroed || check != block_check(words)))
		return WRONG("block %llu: check 0x%08x, its pages say 0x%08x", (unsigned long long)block, check,
			     block_check(words));
	for (unsigned i = 0; state != PM_BLOCK_SPLIT && zeroed && i < PM_WORDS_PER_BLOCK; i++)
		if (words[i])
			return WRONG("block %llu: zeroed, but is not", (unsigned long long)block);
	if (state != PM_BLOCK_SPLIT && check)
		return WRONG("block %llu: a check without page states", (unsigned long long)block);
	memset(region->states + first, state == PM_BLOCK_HEAD ? PM_PAGE_CONTINUES : state, PM_BLOCK_PAGES);
	if (state == PM_BLOCK_HEAD)
		region->states[first] = PM_PAGE_HEAD;
	for (uint64_t i = 0; state == PM_BLOCK_SPLIT && i < PM_BLOCK_PAGES; i++)
		region->states[first + i] = words[i / 32] >> 2 * (i % 32) & 3;
	return NULL;
}

static const char *record_check(struct region *region, const struct pm_record *record, struct sums *sums)
{
	const struct pm_superblock *sb = region->sb;
	bool bad = record->kind == PM_RECORD_QUARANTINE;

	if (record->state == PM_RECORD_STATE(PM_RECORD_FREE))
		return NULL;
	if (record->state != PM_RECORD_STATE(PM_RECORD_LIVE))
		return WRONG("record %llu is in state 0x%llx", (unsigned long long)record->id,
			     (unsigned long long)record->state);
	if (record->crc != pm_crc32c(0, &record->kind, sizeof(*record) - offsetof(struct pm_record, kind)))
		return WRONG("record %llu: crc", (unsigned long long)record->id);
	if (record->kind == PM_RECORD_MEMBER)
		return NULL;
	if (record->page < sb->data_first || record->pages > sb->data_end - record->page || !record->pages)
		return WRONG("record %llu is about no pages", (unsigned long long)record->id);
	for (uint64_t i = 0; i < record->pages; i++) {
		uint8_t want = bad ? PM_PAGE_BAD : i ? PM_PAGE_CONTINUES : PM_PAGE_HEAD;

		if (region->claimed[record->page + i]++)
			return WRONG("page %llu is in two records", (unsigned long long)(record->page + i));
		if (region->states[record->page + i] != want)
			return WRONG("record %llu: page %llu is %u", (unsigned long long)record->id,
				     (unsigned long long)(record->page + i), region->states[record->page + i]);
	}
	if (!bad && record->page + record->pages < sb->data_end &&
	    region->states[record->page + record->pages] == PM_PAGE_CONTINUES)
		return WRONG("record %llu: its run is longer", (unsigned long long)record->id);
	sums->named += record->kind == PM_RECORD_ALLOCATION;
	sums->directories += record->kind == PM_RECORD_DIRECTORY ? record->pages : 0;
	return NULL;
}

/* Slot 0 of each part tells where the next part is. */
static const char *records_check(struct region *region, struct sums *sums)
{
	uint64_t bytes, parts = 0;
	const struct pm_record *part = section(region, PM_SECTION_RECORDS, &bytes);

	while (part) {
		const struct pm_record *next = NULL;

		for (uint64_t slot = 0; slot < bytes / sizeof(*part); slot++) {
			const char *said = record_check(region, &part[slot], sums);

			if (said)
				return said;
			if ((part[slot].state && part[slot].kind == PM_RECORD_DIRECTORY) != (part[slot].state && !slot))
				return WRONG("part %llu, slot %llu: a directory in the wrong place",
					     (unsigned long long)parts, (unsigned long long)slot);
		}
		if (part->state) {
			next = (const void *)(region->base + part->page * PM_PAGE_SIZE);
			bytes = part->pages * PM_PAGE_SIZE;
		}
		part = next;
		if (++parts > 64)
			return WRONG("the directory has no end");
	}
	return NULL;
}

static const char *pages_check(const struct region *region, struct sums *sums)
{
	const struct pm_superblock *sb = region->sb;

	for (uint64_t page = 0; page < sb->page_count; page++) {
		bool metadata = page < sb->data_first || page >= sb->data_end;
		bool head = page == 0 || page == sb->data_end;
		uint8_t state = region->states[page];

		if (!metadata && !(uint32_t)region->blocks[page / PM_BLOCK_PAGES] && page % PM_BLOCK_PAGES == 0) {
			sums->free += PM_BLOCK_PAGES; /* all of it is data: the block of data_end is split */
			page += PM_BLOCK_PAGES - 1;
			continue;
		}
		if (metadata && state != (head ? PM_PAGE_HEAD : PM_PAGE_CONTINUES))
			return WRONG("metadata page %llu is %u", (unsigned long long)page, state);
		sums->metadata += metadata;
		if (metadata)
			continue;
		if (state == PM_PAGE_CONTINUES &&
		    (page == sb->data_first || !(region->states[page - 1] & PM_PAGE_CONTINUES)))
			return WRONG("page %llu continues nothing", (unsigned long long)page);
		if (state == PM_PAGE_BAD && !region->claimed[page])
			return WRONG("page %llu is fenced off by nobody", (unsigned long long)page);
		sums->free += state == PM_PAGE_FREE;
		sums->bad += state == PM_PAGE_BAD;
		sums->used += state == PM_PAGE_HEAD || state == PM_PAGE_CONTINUES;
		sums->runs += state == PM_PAGE_HEAD;
	}
	return NULL;
}

/* Whole words, of pages that there are. */
static const char *core_agrees(const struct pm_pool *pool, const struct region *region)
{
	static const uint64_t patterns[] = {0, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa, 0x5555555555555555};
	uint64_t words[PM_WORDS_PER_BLOCK], count = region->sb->page_count / 32;

	for (uint64_t word = 0; word < count; word++) {
		unsigned state = region->blocks[word / PM_WORDS_PER_BLOCK] & 7, in_block = word % PM_WORDS_PER_BLOCK;
		uint64_t ours = state == PM_BLOCK_SPLIT ? region->words[word] : patterns[state];

		if (!in_block)
			pm_page_states(pool, region->sb->first_pool_page + 32 * word, PM_WORDS_PER_BLOCK, words);
		if (state == PM_BLOCK_HEAD && !in_block)
			ours |= PM_PAGE_HEAD;
		if (words[in_block] != ours)
			return WRONG("core calls the pages at %llu 0x%llx, the medium 0x%llx",
				     (unsigned long long)(32 * word), (unsigned long long)words[in_block],
				     (unsigned long long)ours);
	}
	return NULL;
}

static const char *region_audit(const struct pm_pool *pool, const struct pm_member *member, struct sums *sums)
{
	struct region region = {.member = member, .base = member->base, .sb = (const void *)member->base};
	uint64_t blocks = (region.sb->page_count + PM_BLOCK_PAGES - 1) / PM_BLOCK_PAGES;
	const char *said = NULL;

	region.blocks = section(&region, PM_SECTION_BLOCKS, NULL);
	region.words = section(&region, PM_SECTION_PAGE_STATES, NULL);
	region.states = malloc(blocks * PM_BLOCK_PAGES);
	region.claimed = calloc(region.sb->page_count, 1);
	for (uint64_t block = 0; !said && block < blocks; block++)
		said = block_read(&region, block);
	if (!said)
		said = records_check(&region, sums);
	if (!said)
		said = pages_check(&region, sums);
	if (!said)
		said = core_agrees(pool, &region);
	free(region.states);
	free(region.claimed);
	return said;
}

/* Runs as core walks them: in order, apart, and as many pages as the medium has. */
static const char *runs_check(const struct pm_pool *pool, const struct sums *sums)
{
	struct pm_run run;
	uint64_t pages = 0, end = 0, from;

	for (from = 0; pm_run_next(pool, from, &run); from = run.page + run.pages) {
		if (run.page < end || !run.pages)
			return WRONG("a run at %llu after one that ends at %llu", (unsigned long long)run.page,
				     (unsigned long long)end);
		end = run.page + run.pages;
		pages += run.record && run.record->kind == PM_RECORD_DIRECTORY ? 0 : run.pages;
	}
	if (pages != sums->used - sums->directories)
		return WRONG("runs of %llu pages, the medium has %llu", (unsigned long long)pages,
			     (unsigned long long)(sums->used - sums->directories));
	return NULL;
}

const char *model_audit(const struct pm_pool *pool)
{
	struct sums sums = {0};
	struct pm_usage usage;
	uint64_t pages = 0;
	const char *said;

	for (uint32_t i = 0; i < pool->region_count; i++) {
		if (!pool->members[i])
			continue;
		pages += pool->members[i]->sb.page_count;
		said = region_audit(pool, pool->members[i], &sums);
		if (said)
			return said;
	}
	said = runs_check(pool, &sums);
	if (said)
		return said;
	pm_usage_get(pool, &usage);
	if (usage.pages_free != sums.free || usage.pages_bad != sums.bad || usage.records != sums.named)
		return WRONG("usage: %llu free, %llu bad, %llu records; the medium: %llu, %llu, %llu",
			     (unsigned long long)usage.pages_free, (unsigned long long)usage.pages_bad,
			     (unsigned long long)usage.records, (unsigned long long)sums.free,
			     (unsigned long long)sums.bad, (unsigned long long)sums.named);
	if (usage.pages_free + usage.pages_allocated + usage.pages_bad + usage.pages_metadata != pages)
		return WRONG("usage does not add up to %llu pages", (unsigned long long)pages);
	return NULL;
}
