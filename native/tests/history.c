/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "history.h"
#include "core/blocks.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BASE_1 (MODEL_BASE + (UINT64_C(1) << 30))

static const uint64_t sizes[HISTORY_REGIONS] = {(UINT64_C(10) * 512 + 37) * 4096, (UINT64_C(2) * 512 + 100) * 4096};

static uint64_t alloc(struct pm_pool *pool, uint64_t pages, const char *name)
{
	struct pm_alloc_request request = {
		.pages = pages, .name = name, .owner = name ? "tests" : NULL, .purpose = name ? "history" : NULL};
	struct pm_run run;

	assert_int_equal(pm_alloc(pool, &request, &model_act, &run), PM_OK);
	pm_log_append(pool, PM_VERB_ALLOCATE, run.page, run.pages, name, &model_act);
	return run.page;
}

static void free_page(struct pm_pool *pool, uint64_t page)
{
	struct pm_run freed;

	assert_int_equal(pm_free(pool, page, 0, &freed), PM_OK);
	pm_log_append(pool, PM_VERB_FREE, freed.page, freed.pages, NULL, &model_act);
}

static void names(struct pm_pool *pool)
{
	uint64_t pages[24];
	struct pm_run changed;
	char name[32];

	for (unsigned i = 0; i < 24; i++) {
		snprintf(name, sizeof(name), "allocation %u", i);
		pages[i] = alloc(pool, 1 + i % 5, name);
	}
	for (unsigned i = 0; i < 24; i += 4)
		free_page(pool, pages[i]);
	assert_int_equal(pm_record_change(pool, pages[1], &(struct pm_label){.name = "renamed"}, &model_act, &changed),
			 PM_OK);
}

static void acts(struct history *history, struct pm_pool *pool)
{
	static const uint64_t runs[] = {1, 1, 2, 31, 40, 1, 100, 512, 700};
	uint64_t gap;

	history->named_page = alloc(pool, 70, "wide");
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		uint64_t page = alloc(pool, runs[i], NULL);

		if (runs[i] == 40)
			history->unnamed_page = page;
	}
	gap = alloc(pool, 9, NULL);
	names(pool);
	alloc(pool, 600, "over blocks");
	free_page(pool, gap);
	history->quarantine_page = gap;
	assert_int_equal(pm_quarantine(pool, gap, 3, "it flips bits", &model_act), PM_OK);
	assert_int_equal(pm_quarantine(pool, gap + 3, 2, "its neighbour", &model_act), PM_OK);
	for (unsigned i = 0; i < 120; i++)
		pm_log_append(pool, PM_VERB_WRITE, history->named_page, 1, "bytes", &model_act);
}

static void region_one(struct pm_pool *pool)
{
	struct pm_alloc_request request = {.pages = 33, .placement = PM_PLACE_REGION, .node = 1, .name = "elsewhere"};
	struct pm_run run;

	assert_int_equal(pm_alloc(pool, &request, &model_act, &run), PM_OK);
	request.name = NULL;
	request.pages = 3;
	assert_int_equal(pm_alloc(pool, &request, &model_act, &run), PM_OK);
}

void history_make(struct history *history)
{
	struct pm_pool_request request = model_request();
	struct pm_pool pool;

	memset(history, 0, sizeof(*history));
	for (unsigned i = 0; i < HISTORY_REGIONS; i++) {
		history->mappings[i] = (struct pm_mapping){.base = aligned_alloc(4096, sizes[i]),
							   .bytes = sizes[i],
							   .physical_base = i ? BASE_1 : MODEL_BASE};
		history->good[i] = malloc(sizes[i]);
		assert_non_null(history->mappings[i].base);
		assert_non_null(history->good[i]);
		memset(history->mappings[i].base, 0, sizes[i]);
	}
	assert_int_equal(pm_pool_format(history->mappings[0].base, sizes[0], &request, &model_act), PM_OK);
	assert_int_equal(pm_pool_attach(&pool, history->mappings, 1, 0, &model_memory, &model_act), PM_OK);
	assert_int_equal(pm_pool_begin(&pool, false, &model_act), PM_OK);
	memset(request.region_uuid, 0x5a, 16);
	assert_int_equal(pm_pool_extend(&pool, &history->mappings[1], &request, &model_act), PM_OK);
	acts(history, &pool);
	region_one(&pool);
	pm_pool_end(&pool);
	pm_pool_detach(&pool);
	for (unsigned i = 0; i < HISTORY_REGIONS; i++) {
		memcpy(history->good[i], history->mappings[i].base, sizes[i]);
		memcpy(&history->sb[i], history->good[i], sizeof(history->sb[i]));
	}
}

void history_end(struct history *history)
{
	for (unsigned i = 0; i < HISTORY_REGIONS; i++) {
		free(history->mappings[i].base);
		free(history->good[i]);
	}
}

static void restore(struct history *history, unsigned region, uint64_t offset, uint64_t bytes)
{
	memcpy((uint8_t *)history->mappings[region].base + offset, history->good[region] + offset, bytes);
}

/* What stands in other pages says nothing. */
void history_reset(struct history *history)
{
	for (unsigned i = 0; i < HISTORY_REGIONS; i++) {
		uint64_t part = history_section(history, i, PM_SECTION_RECORDS)->offset;
		const struct pm_record *next = (const struct pm_record *)(const void *)(history->good[i] + part);

		restore(history, i, 0, history->sb[i].data_first * PM_PAGE_SIZE);
		restore(history, i, sizes[i] - PM_PAGE_SIZE, PM_PAGE_SIZE);
		while (next->state == PM_RECORD_STATE(PM_RECORD_LIVE)) {
			part = next->page * PM_PAGE_SIZE;
			restore(history, i, part, next->pages * PM_PAGE_SIZE);
			next = (const struct pm_record *)(const void *)(history->good[i] + part);
		}
	}
}

bool history_is_good(const struct history *history)
{
	for (unsigned i = 0; i < HISTORY_REGIONS; i++)
		if (memcmp(history->mappings[i].base, history->good[i], sizes[i]) != 0)
			return false;
	return true;
}

const struct pm_section *history_section(const struct history *history, unsigned region, enum pm_section_type type)
{
	const struct pm_superblock *sb = &history->sb[region];

	for (uint32_t i = 0; i < sb->section_count; i++)
		if (sb->sections[i].type == (uint32_t)type)
			return &sb->sections[i];
	return NULL;
}

struct pm_record *history_record(const struct history *history, unsigned region, uint64_t offset)
{
	return (struct pm_record *)(void *)((uint8_t *)history->mappings[region].base + offset);
}

static uint64_t slot_in(const struct history *history, unsigned region, uint64_t from, uint64_t slots,
			enum pm_record_kind kind, const char *name)
{
	for (uint64_t i = 0; i < slots; i++) {
		const struct pm_record *record = history_record(history, region, from + i * sizeof(*record));

		if (record->state == PM_RECORD_STATE(PM_RECORD_LIVE) && record->kind == kind &&
		    (!name || strcmp(record->name, name) == 0))
			return from + i * sizeof(*record);
	}
	return 0;
}

uint64_t history_slot(const struct history *history, unsigned region, enum pm_record_kind kind, const char *name)
{
	uint64_t from = history_section(history, region, PM_SECTION_RECORDS)->offset, slots = PM_RECORDS_PER_PAGE;

	for (;;) {
		uint64_t found = slot_in(history, region, from, slots, kind, name);
		const struct pm_record *next = history_record(history, region, from);

		if (found)
			return found;
		assert_int_equal(next->state, PM_RECORD_STATE(PM_RECORD_LIVE));
		from = next->page * PM_PAGE_SIZE;
		slots = next->pages * PM_RECORDS_PER_PAGE;
	}
}

void history_seal(struct pm_record *record)
{
	record->crc = pm_crc32c(0, &record->kind, sizeof(*record) - offsetof(struct pm_record, kind));
}

static uint64_t *words(const struct history *history, unsigned region, enum pm_section_type type)
{
	return (uint64_t *)(void *)((uint8_t *)history->mappings[region].base +
				    history_section(history, region, type)->offset);
}

void history_set_page(const struct history *history, unsigned region, uint64_t page, unsigned state)
{
	uint64_t *blocks = words(history, region, PM_SECTION_BLOCKS), word = page / PM_PAGES_PER_WORD;
	uint64_t *states = words(history, region, PM_SECTION_PAGE_STATES), old = states[word];
	unsigned shift = 2 * (page % PM_PAGES_PER_WORD);

	assert_int_equal(pm_block_state(blocks[page / PM_BLOCK_PAGES]), PM_BLOCK_SPLIT);
	states[word] = (old & ~(UINT64_C(3) << shift)) | (uint64_t)state << shift;
	blocks[page / PM_BLOCK_PAGES] ^= pm_check_of_word(word, old ^ states[word]);
}

const char *history_no_fact(const struct history *history, unsigned region, uint64_t offset)
{
	const struct pm_section *states = history_section(history, region, PM_SECTION_PAGE_STATES);
	const struct pm_section *shared = history_section(history, region, PM_SECTION_SHARED);
	uint64_t blocks = (history->sb[region].page_count + PM_BLOCK_PAGES - 1) / PM_BLOCK_PAGES, block, word;

	if (offset >= shared->offset && offset < shared->offset + shared->bytes)
		return "shared words";
	if (offset < states->offset || offset >= states->offset + states->bytes)
		return NULL;
	block = (offset - states->offset) / (PM_WORDS_PER_BLOCK * 8);
	if (block >= blocks)
		return "page states behind the last block";
	memcpy(&word, history->good[region] + history_section(history, region, PM_SECTION_BLOCKS)->offset + block * 8,
	       8);
	return word & PM_BLOCK_ZEROED ? NULL : "page states of a block that was never split";
}
