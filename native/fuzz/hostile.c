/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hostile.h"
#include "core/persist.h"
#include "core/superblock.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES (UINT64_C(10) << 20)
#define SECOND_BYTES ((UINT64_C(2) << 20) + 7 * 4096)
#define FIRST_BASE UINT64_C(0x100000000)
#define SECOND_BASE UINT64_C(0x20003000)
#define HOT_MAX 64u /* pages that hold metadata */
#define STORES_MAX (UINT64_C(1) << 20) /* bounded work: no recovery of this pool stores more */

static const struct pm_act act = {.time_ns = 1, .actor = "fuzz"};
static struct hostile_region regions[HOSTILE_REGIONS];
static struct pm_mapping mappings[HOSTILE_REGIONS];
static uint8_t *hot[HOT_MAX]; /* pages of metadata, in the regions */
static uint8_t *good, *before; /* what stood in them */
static size_t hot_count;
static struct pm_record *slots[8];
static uint64_t slot_counts[8];
static size_t slot_parts;
static uint64_t stores;
static int64_t memory_out;

#define MUST(condition)                                                                 \
	do                                                                              \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	while (0)

static void *take(size_t bytes)
{
	memory_out += (int64_t)bytes;
	return calloc(1, bytes);
}

static void give(void *memory, size_t bytes)
{
	memory_out -= memory ? (int64_t)bytes : 0;
	free(memory);
}

static const struct pm_memory memory = {.take = take, .give = give};

static void on_store(const void *at, size_t bytes)
{
	(void)at, (void)bytes;
	MUST(++stores <= STORES_MAX);
}

/* --- the good pool --- */

static void region_make(unsigned n, uint64_t bytes, uint64_t base)
{
	regions[n].bytes = bytes;
	regions[n].memory = aligned_alloc(4096, bytes);
	memset(regions[n].memory, 0, bytes);
	mappings[n] = (struct pm_mapping){.base = regions[n].memory, .bytes = bytes, .physical_base = base};
}

static void hot_add(uint8_t *page)
{
	MUST(hot_count < HOT_MAX);
	hot[hot_count++] = page;
}

static void part_add(void *at, uint64_t bytes)
{
	slots[slot_parts] = at;
	slot_counts[slot_parts++] = bytes / sizeof(struct pm_record);
}

static void metadata_find(struct pm_pool *pool)
{
	const struct pm_record *record;
	uint64_t cursor = 0, bytes = 0;
	uint32_t index;

	for (unsigned n = 0; n < HOSTILE_REGIONS; n++) {
		memcpy(&regions[n].sb, regions[n].memory, sizeof(regions[n].sb));
		for (uint64_t page = 0; page < regions[n].sb.data_first; page++)
			hot_add(regions[n].memory + page * 4096);
		hot_add(regions[n].memory + regions[n].bytes - 4096);
		part_add(hostile_section(&regions[n], PM_SECTION_RECORDS, &bytes), bytes);
	}
	while ((record = pm_record_next(pool, &cursor, &index)))
		if (record->kind == PM_RECORD_DIRECTORY) {
			uint8_t *at = regions[index].memory + record->page * 4096;

			for (uint64_t i = 0; i < record->pages; i++)
				hot_add(at + i * 4096);
			part_add(at, record->pages * 4096);
		}
}

static void history(struct pm_pool *pool)
{
	static const uint64_t pages[] = {1, 40, 3, 512, 1, 1, 700, 1, 1, 5, 1, 1, 1, 1, 1, 1, 2, 1};
	uint64_t heads[18];
	struct pm_run run;

	for (unsigned i = 0; i < 18; i++) {
		char name[16];
		struct pm_alloc_request one = {.pages = pages[i],
					       .align_order = pages[i] == 512 ? 9 : 0,
					       .placement = i % 5 ? PM_PLACE_FIRST : PM_PLACE_MOST_FREE,
					       .name = i % 7 == 6 ? NULL : name};

		snprintf(name, sizeof(name), "name %u", i);
		MUST(pm_alloc(pool, &one, &act, &run) == PM_OK);
		heads[i] = run.page;
	}
	MUST(pm_free(pool, heads[2], 0, &run) == PM_OK);
	MUST(pm_free(pool, heads[4], 0, &run) == PM_OK);
	MUST(pm_quarantine(pool, regions[0].bytes / 4096 - 100, 40, "worn", &act) == PM_OK);
	for (unsigned i = 0; i < 10; i++)
		pm_log_append(pool, PM_VERB_WRITE, i, 1, "text", &act);
}

static void make_good(void)
{
	struct pm_pool_request request = {.name = "fuzz", .physical_base = FIRST_BASE, .numa_node = -1};
	struct pm_pool pool;

	region_make(0, FIRST_BYTES, FIRST_BASE);
	region_make(1, SECOND_BYTES, SECOND_BASE);
	memset(request.pool_uuid, 7, 16);
	MUST(pm_pool_format(regions[0].memory, FIRST_BYTES, &request, &act) == PM_OK);
	MUST(pm_pool_attach(&pool, mappings, 1, 0, &memory, &act) == PM_OK);
	MUST(pm_pool_begin(&pool, false, &act) == PM_OK);
	memset(request.region_uuid, 8, 16);
	request.physical_base = SECOND_BASE;
	MUST(pm_pool_extend(&pool, &mappings[1], &request, &act) == PM_OK);
	history(&pool);
	pm_pool_end(&pool);
	metadata_find(&pool);
	pm_pool_detach(&pool);
	good = malloc(hot_count * 4096);
	before = malloc(hot_count * 4096);
	for (size_t i = 0; i < hot_count; i++)
		memcpy(good + i * 4096, hot[i], 4096);
}

struct hostile_region *hostile_start(void)
{
	if (!good)
		make_good();
	for (size_t i = 0; i < hot_count; i++)
		memcpy(hot[i], good + i * 4096, 4096);
	return regions;
}

/* --- finding and sealing --- */

void *hostile_section(struct hostile_region *region, enum pm_section_type type, uint64_t *bytes)
{
	for (uint32_t i = 0; i < region->sb.section_count; i++)
		if (region->sb.sections[i].type == (uint32_t)type) {
			if (bytes)
				*bytes = region->sb.sections[i].bytes;
			return region->memory + region->sb.sections[i].offset;
		}
	return NULL;
}

uint8_t *hostile_byte(uint64_t n)
{
	n %= hot_count * 4096;
	return hot[n / 4096] + n % 4096;
}

struct pm_record *hostile_record(uint64_t n)
{
	uint64_t all = 0;

	for (size_t i = 0; i < slot_parts; i++)
		all += slot_counts[i];
	n %= all;
	for (size_t i = 0;; n -= slot_counts[i++])
		if (n < slot_counts[i])
			return &slots[i][n];
}

void hostile_seal_superblocks(void)
{
	for (unsigned n = 0; n < HOSTILE_REGIONS; n++) {
		pm_superblock_seal((struct pm_superblock *)(void *)regions[n].memory);
		pm_superblock_seal((struct pm_superblock *)(void *)(regions[n].memory + regions[n].bytes - 4096));
	}
}

void hostile_seal_records(void)
{
	for (size_t part = 0; part < slot_parts; part++)
		for (uint64_t i = 0; i < slot_counts[part]; i++) {
			struct pm_record *record = &slots[part][i];

			record->crc = pm_crc32c(0, (const uint8_t *)record + offsetof(struct pm_record, kind),
						sizeof(*record) - offsetof(struct pm_record, kind));
		}
}

/* CRC32C from 0 and without the last inversion. */
static uint32_t word_check(uint64_t word, unsigned i)
{
	unsigned by = 2 * i + 3;

	word ^= (word << by | word >> (64 - by)) ^ (word << 31 | word >> 33);
	return ~pm_crc32c(UINT32_MAX, &word, 8);
}

void hostile_seal_blocks(void)
{
	for (unsigned n = 0; n < HOSTILE_REGIONS; n++) {
		uint64_t *blocks = hostile_section(&regions[n], PM_SECTION_BLOCKS, NULL);
		uint64_t *words = hostile_section(&regions[n], PM_SECTION_PAGE_STATES, NULL);

		for (uint64_t b = 0; b * PM_BLOCK_PAGES < regions[n].sb.page_count; b++) {
			uint64_t state = blocks[b] & 0xff, check = 0;

			for (unsigned i = 0; state == (PM_BLOCK_SPLIT | PM_BLOCK_ZEROED) && i < PM_WORDS_PER_BLOCK; i++)
				check ^= word_check(words[b * PM_WORDS_PER_BLOCK + i], i);
			blocks[b] = PM_BLOCK_CODE(state) | check << 32;
		}
	}
}

uint64_t hostile_take(const uint8_t **data, size_t *size, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes && *size; i++, ++*data, --*size)
		value |= (uint64_t) * *data << 8 * i;
	return value;
}

/* --- judging --- */

static bool unchanged(void)
{
	for (size_t i = 0; i < hot_count; i++)
		if (memcmp(before + i * 4096, hot[i], 4096) != 0)
			return false;
	return true;
}

static void check_sums(const struct pm_pool *pool)
{
	uint64_t pages = 0, runs = 0, all = 0;
	struct pm_usage usage;
	struct pm_run run;

	pm_usage_get(pool, &usage);
	for (uint64_t from = 0; pm_run_next(pool, from, &run); from = run.page + run.pages) {
		MUST(run.page >= from && run.pages && run.page + run.pages <= pool->page_end);
		if (run.record && run.record->kind == PM_RECORD_DIRECTORY)
			continue;
		pages += run.pages;
		runs++;
	}
	for (uint32_t i = 0; i < pool->region_count; i++)
		all += pool->infos[i].present ? pool->infos[i].page_count : 0;
	/* A reader sees what a crash left and nobody took back yet. */
	MUST(pool->read_only || (pages == usage.pages_allocated && runs == usage.allocations));
	MUST(usage.pages_free + usage.pages_allocated + usage.pages_bad + usage.pages_metadata == all);
}

/* What attaches must behave. */
static void use(struct pm_pool *pool)
{
	struct pm_alloc_request request = {.pages = 3, .align_order = 1, .name = "fuzz made this"};
	struct pm_log_entry entry;
	struct pm_run run;

	check_sums(pool);
	for (uint64_t n = pm_log_sequence(pool), i = 0; i < 5 && n > i; i++)
		pm_log_read(pool, n - i, &entry);
	for (uint64_t page = 0; page < 4096; page += 61)
		pm_page_state_get(pool, page);
	if (pool->read_only) {
		MUST(pm_alloc(pool, &request, &act, &run) != PM_OK);
		return;
	}
	MUST(pm_pool_begin(pool, false, &act) == PM_OK);
	if (pm_alloc(pool, &request, &act, &run) == PM_OK) {
		MUST(pm_record_find(pool, request.name, NULL));
		MUST(pm_free(pool, run.page, 0, &run) == PM_OK && run.pages == 3);
	}
	pm_log_append(pool, PM_VERB_WRITE, 0, 0, "x", &act);
	pm_pool_end(pool);
	check_sums(pool);
}

static bool recovered(const struct pm_pool *pool)
{
	return pool->recovered.runs_taken_back || pool->recovered.pages_taken_back ||
	       pool->recovered.records_finished || pool->recovered.records_dropped || pool->recovered.checks_renewed ||
	       pool->recovered.blocks_taken_back || pool->recovered.superblock_mended;
}

enum pm_code hostile_judge(void)
{
	struct pm_pool pool;
	enum pm_code code, again;
	bool read_only;

	for (size_t i = 0; i < hot_count; i++)
		memcpy(before + i * 4096, hot[i], 4096);
	stores = 0;
	pm_store_hook = on_store;
	code = pm_pool_attach(&pool, mappings, HOSTILE_REGIONS, PM_ATTACH_READ_ONLY, &memory, &act);
	MUST(!stores && unchanged());
	if (!code) {
		MUST(pool.read_only);
		use(&pool);
		pm_pool_detach(&pool);
	}
	MUST(!stores && unchanged() && !memory_out);
	again = pm_pool_attach(&pool, mappings, HOSTILE_REGIONS, 0, &memory, &act);
	MUST(again == code);
	if (code || pool.read_only)
		MUST(!stores && unchanged());
	if (!code) {
		use(&pool);
		read_only = pool.read_only;
		pm_pool_detach(&pool);
		MUST(pm_pool_attach(&pool, mappings, HOSTILE_REGIONS, 0, &memory, &act) == PM_OK);
		MUST(pool.read_only == read_only && !recovered(&pool));
		pm_pool_detach(&pool);
	}
	MUST(!memory_out);
	pm_store_hook = NULL;
	return code;
}
