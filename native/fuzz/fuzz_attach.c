/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hostile region. The input patches a good 1 MiB pool: {offset: 3 bytes, length: 1 byte, bytes}, again and again;
 * its first byte says which checksums are made right again, so that the checks behind them are reached.
 */
#include "core/superblock.h"
#include "pmpool/core.h"
#include <stdlib.h>
#include <string.h>

#define BYTES (UINT64_C(1) << 20)
#define BASE UINT64_C(0x100000000)

enum { SEAL_SUPERBLOCKS = 1, SEAL_RECORDS = 2, RAW = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct pm_act act = {.time_ns = 1, .actor = "fuzz"};
static uint8_t *good, *memory, *before;

static void make_good(void)
{
	static const char *const names[] = {"one", "two", "three", ""};
	struct pm_pool_request request = {.name = "fuzz", .physical_base = BASE};
	struct pm_pool pool;
	struct pm_run run;

	good = aligned_alloc(4096, BYTES);
	memory = aligned_alloc(4096, BYTES);
	before = aligned_alloc(4096, BYTES);
	memset(good, 0, BYTES);
	if (pm_pool_format(good, BYTES, &request, &act) || pm_pool_attach(&pool, good, BYTES, BASE, 0, &act))
		abort();
	for (unsigned i = 0; i < 4; i++) {
		struct pm_alloc_request one = {.pages = 1 + 40 * (i % 2), .name = names[i]};

		if (pm_alloc(&pool, &one, &act, &run))
			abort();
	}
	pm_free(&pool, run.page, &run);
}

static void seal_record(struct pm_record *record)
{
	record->crc = pm_crc32c(0, &record->pad, sizeof(*record) - offsetof(struct pm_record, pad));
}

static void patch(const uint8_t *data, size_t size)
{
	uint8_t seals = size ? data[0] : 0;
	size_t at = 1;

	memcpy(memory, good, BYTES);
	if (seals & RAW) {
		memcpy(memory, data, size < BYTES ? size : BYTES);
		return;
	}
	while (at + 4 <= size) {
		size_t offset = (data[at] | (size_t)data[at + 1] << 8 | (size_t)data[at + 2] << 16) % BYTES;
		size_t count = data[at + 3];

		at += 4;
		count = count < size - at ? count : size - at;
		count = count < BYTES - offset ? count : BYTES - offset;
		memcpy(memory + offset, data + at, count);
		at += count;
	}
	if (seals & SEAL_SUPERBLOCKS) {
		pm_superblock_seal((struct pm_superblock *)(void *)memory);
		pm_superblock_seal((struct pm_superblock *)(void *)(memory + BYTES - 4096));
	}
	for (size_t slot = 0; seals & SEAL_RECORDS && slot < 8; slot++)
		seal_record((struct pm_record *)(void *)(memory + 0x2000 + slot * 256));
}

/* What attaches must behave: everything adds up, and allocating and freeing work. */
static void use(struct pm_pool *pool)
{
	struct pm_alloc_request request = {.pages = 3, .align_order = 1, .name = "fuzz made this"};
	struct pm_usage usage;
	struct pm_log_entry entry;
	struct pm_run run;
	uint64_t pages = 0;

	pm_usage_get(pool, &usage);
	for (uint64_t from = 0; pm_run_next(pool, from, &run); from = run.page + run.pages)
		pages += run.pages;
	if (pages != usage.pages_allocated ||
	    usage.pages_free + usage.pages_allocated + usage.pages_bad + usage.pages_metadata != pool->sb.page_count)
		abort();
	for (uint64_t n = pm_log_sequence(pool), i = 0; i < 5 && n > i; i++)
		pm_log_read(pool, n - i, &entry);
	if (pm_alloc(pool, &request, &act, &run) == PM_OK && (pm_free(pool, run.page, &run) != PM_OK || run.pages != 3))
		abort();
	pm_log_append(pool, PM_VERB_WRITE, 0, 0, "x", &act);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pm_pool pool;
	enum pm_code code, again;

	if (!good)
		make_good();
	patch(data, size);
	memcpy(before, memory, BYTES);
	code = pm_pool_attach(&pool, memory, BYTES, BASE, PM_ATTACH_READ_ONLY, &act);
	if (memcmp(before, memory, BYTES) != 0)
		abort();
	again = pm_pool_attach(&pool, memory, BYTES, BASE, 0, &act);
	if (again != code || (again && memcmp(before, memory, BYTES) != 0))
		abort();
	if (code)
		return 0;
	if (!pool.read_only) {
		use(&pool);
		if (pm_pool_attach(&pool, memory, BYTES, BASE, 0, &act) || pool.recovered.runs_taken_back ||
		    pool.recovered.records_finished || pool.recovered.records_dropped)
			abort();
	}
	return 0;
}
