/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Check and repair of any bytes of the metadata; inputs as of fuzz_attach. Check writes nothing and holds nothing; what
 * attach refuses it finds; what it repairs stays repaired, and attaches when nothing was refused.
 */
#include "hostile.h"
#include "pmpool/check.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEAL_SUPERBLOCKS = 1, SEAL_RECORDS = 2, SEAL_BLOCKS = 4, ROUNDS_MAX = 4 };

#define MUST(condition)                                                                 \
	do                                                                              \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	while (0)

static const struct pm_act act = {.time_ns = 1, .actor = "fuzz"};
static struct pm_mapping mappings[HOSTILE_REGIONS];
static int64_t held;

static void *take(size_t bytes)
{
	held += (int64_t)bytes;
	return calloc(1, bytes);
}

static void give(void *memory, size_t bytes)
{
	held -= (int64_t)bytes;
	free(memory);
}

static const struct pm_memory memory = {.take = take, .give = give};

static void damage(const uint8_t *data, size_t size)
{
	uint64_t seals = hostile_take(&data, &size, 1);
	struct hostile_region *regions = hostile_start();

	for (unsigned n = 0; n < HOSTILE_REGIONS; n++)
		mappings[n] = (struct pm_mapping){.base = regions[n].memory,
						  .bytes = regions[n].bytes,
						  .physical_base = regions[n].sb.physical_base};
	while (size >= 4) {
		uint64_t at = hostile_take(&data, &size, 3), count = hostile_take(&data, &size, 1);

		for (; count && size; count--)
			*hostile_byte(at++) = (uint8_t)hostile_take(&data, &size, 1);
	}
	if (seals & SEAL_SUPERBLOCKS)
		hostile_seal_superblocks();
	if (seals & SEAL_RECORDS)
		hostile_seal_records();
	if (seals & SEAL_BLOCKS)
		hostile_seal_blocks();
}

static uint32_t sum(void)
{
	uint32_t crc = 0;

	for (unsigned n = 0; n < HOSTILE_REGIONS; n++) {
		const uint8_t *base = mappings[n].base;

		crc = pm_crc32c(crc, base, 64 * PM_PAGE_SIZE); /* all metadata but B, and some data */
		crc = pm_crc32c(crc, base + mappings[n].bytes - PM_PAGE_SIZE, PM_PAGE_SIZE);
	}
	return crc;
}

/* Attached for reading, whole. */
static bool attaches(void)
{
	struct pm_pool pool;
	enum pm_code code = pm_pool_attach(&pool, mappings, HOSTILE_REGIONS, PM_ATTACH_READ_ONLY, &memory, &act);
	bool whole = code == PM_OK && !pool.degraded;

	if (code == PM_OK)
		pm_pool_detach(&pool);
	return whole;
}

static bool nothing_wrong(const struct pm_check *check)
{
	return !check->severities[PM_SEVERITY_DAMAGE] && !check->counts[PM_FINDING_MEMBER_UNKNOWN];
}

/* True when there is nothing more to repair. */
static bool round_of(void)
{
	struct pm_check check, twice;
	uint32_t before = sum();
	bool done;

	if (pm_check(mappings, HOSTILE_REGIONS, NULL, &memory, &check) != PM_OK)
		return true;
	MUST(pm_check(mappings, HOSTILE_REGIONS, NULL, &memory, &twice) == PM_OK);
	MUST(memcmp(check.token, twice.token, sizeof(check.token)) == 0 && before == sum());
	pm_check_free(&twice);
	MUST(check.finding_count <= PM_CHECK_FINDINGS_MAX);
	MUST(attaches() || !nothing_wrong(&check));
	done = check.patch_count == 0 || pm_repair_apply(&check, mappings, &act) != PM_OK;
	pm_check_free(&check);
	return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool done = false;

	damage(data, size);
	for (unsigned i = 0; i < ROUNDS_MAX && !done; i++)
		done = round_of();
	MUST(done && held == 0);
	return 0;
}
