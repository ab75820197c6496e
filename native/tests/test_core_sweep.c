/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every single byte of the metadata is damaged, one after the other. Check finds each; repair brings
 * back the pool that was there, byte for byte, or refuses and says so. It never makes another pool of it.
 */
#include "history.h"
#include "sanitized.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRIDE ROUNDS(1u, 7u) /* bytes; odd, so that each place in a word comes to its turn */

static struct history history;

struct counts {
	uint64_t damaged, repaired, refused, without_facts;
};

static int make(void **state)
{
	(void)state;
	history_make(&history);
	return 0;
}

static int end(void **state)
{
	(void)state;
	history_end(&history);
	assert_int_equal(model_memory_out(), 0);
	return 0;
}

static void check_now(struct pm_check *check)
{
	assert_int_equal(pm_check(history.mappings, HISTORY_REGIONS, NULL, &model_memory, check), PM_OK);
}

static void nothing_is_wrong_to_begin_with(void **state)
{
	struct pm_check check;

	(void)state;
	check_now(&check);
	for (size_t i = 0; i < check.finding_count; i++)
		print_message("%s: %s\n", pm_finding_name(check.findings[i].code), check.findings[i].text);
	assert_int_equal(check.finding_count, 0);
	assert_int_equal(check.patch_count, 0);
	pm_check_free(&check);
}

/* The patches alone, without the entry in the log that a repair makes. */
static void apply_patches(const struct pm_check *check)
{
	for (size_t i = 0; i < check->patch_count; i++) {
		const struct pm_patch *patch = &check->patches[i];
		uint8_t *at = (uint8_t *)history.mappings[patch->mapping].base + patch->offset;

		assert_memory_equal(at, &patch->old_word, 8);
		memcpy(at, &patch->new_word, 8);
	}
}

static void undo_patches(const struct pm_check *check)
{
	for (size_t i = 0; i < check->patch_count; i++)
		memcpy((uint8_t *)history.mappings[check->patches[i].mapping].base + check->patches[i].offset,
		       history.good[check->patches[i].mapping] + check->patches[i].offset, 8);
}

/* What attach takes for a pool at rest, check must not call damaged, and the other way round. */
static bool attaches(void)
{
	struct pm_pool pool;
	enum pm_code code = pm_pool_attach(&pool, history.mappings, HISTORY_REGIONS, PM_ATTACH_READ_ONLY, &model_memory,
					   &model_act);
	bool whole = code == PM_OK && !pool.degraded;

	if (code == PM_OK)
		pm_pool_detach(&pool);
	return whole;
}

/* All metadata as it was made. */
static bool metadata_is_good(const struct pm_check *check)
{
	for (uint32_t region = 0; region < HISTORY_REGIONS; region++) {
		uint64_t cursor = 0, offset, bytes;

		while (pm_check_extent(check, region, &cursor, &offset, &bytes))
			if (memcmp((uint8_t *)history.mappings[region].base + offset, history.good[region] + offset,
				   bytes) != 0)
				return false;
	}
	return true;
}

static void judge(unsigned region, uint64_t offset, uint8_t flip, bool thorough, struct counts *counts)
{
	uint8_t *byte = (uint8_t *)history.mappings[region].base + offset;
	const char *no_fact = history_no_fact(&history, region, offset);
	struct pm_check check;

	*byte ^= flip;
	check_now(&check);
	if (no_fact) {
		assert_int_equal(check.severities[PM_SEVERITY_DAMAGE], 0);
		assert_int_equal(check.patch_count, 0);
		assert_true(!thorough || attaches());
		counts->without_facts++;
	} else {
		if (!check.severities[PM_SEVERITY_DAMAGE] && !check.severities[PM_SEVERITY_LEFTOVER])
			fail_msg("region %u byte 0x%llx ^ 0x%02x is not found", region, (unsigned long long)offset,
				 flip);
		if (thorough && !attaches())
			assert_true(check.severities[PM_SEVERITY_DAMAGE] > 0);
		counts->damaged++;
	}
	apply_patches(&check);
	if (!no_fact && check.refused == 0) {
		if (*byte != history.good[region][offset] || (thorough && !metadata_is_good(&check)))
			fail_msg("region %u byte 0x%llx ^ 0x%02x is repaired wrongly", region,
				 (unsigned long long)offset, flip);
		counts->repaired++;
	} else if (!no_fact) {
		assert_true(check.patch_count == 0);
		counts->refused++;
	}
	undo_patches(&check);
	*byte = history.good[region][offset];
	pm_check_free(&check);
}

/* Whether the byte at `offset` is metadata of the region: before the data, the last page, a part of the directory. */
static uint64_t metadata_next(unsigned region, uint64_t offset)
{
	const struct pm_superblock *sb = &history.sb[region];
	uint64_t next = history_section(&history, region, PM_SECTION_RECORDS)->offset;

	if (offset < sb->data_first * PM_PAGE_SIZE || offset >= sb->data_end * PM_PAGE_SIZE)
		return offset;
	for (;;) {
		const struct pm_record *record = history_record(&history, region, next);

		if (record->state != PM_RECORD_STATE(PM_RECORD_LIVE))
			return sb->data_end * PM_PAGE_SIZE;
		next = record->page * PM_PAGE_SIZE;
		if (offset < next + record->pages * PM_PAGE_SIZE)
			return offset < next ? next : offset;
	}
}

static void every_byte_is_found_and_repaired_or_refused(void **state)
{
	struct counts counts = {0};
	uint64_t random = 1;

	(void)state;
	for (unsigned region = 0; region < HISTORY_REGIONS; region++)
		for (uint64_t offset = 0; offset < history.mappings[region].bytes; offset += STRIDE) {
			uint8_t flips[2] = {(uint8_t)(1u << model_random(&random) % 8),
					    (uint8_t)(1 + model_random(&random) % 255)};
			bool checksum_only;

			/* where nothing but a checksum looks, one value is as good as another */
			offset = metadata_next(region, offset);
			checksum_only = offset < PM_PAGE_SIZE || offset >= history.sb[region].data_end * PM_PAGE_SIZE ||
					history_no_fact(&history, region, offset);
			for (unsigned i = 0; i < (checksum_only ? 1 : 2); i++)
				judge(region, offset, flips[i ^ (offset & 1)], (offset + i) % 61 == 0, &counts);
		}
	assert_true(history_is_good(&history));
	print_message("%llu damages: %llu repaired, %llu refused; %llu of bytes without facts\n",
		      (unsigned long long)counts.damaged, (unsigned long long)counts.repaired,
		      (unsigned long long)counts.refused, (unsigned long long)counts.without_facts);
	assert_true(counts.damaged > 80000 / STRIDE);
	assert_int_equal(counts.refused, 0); /* one wrong byte is always located */
}

/* All 255 values of each byte where the structures are dense: page states, their checks, one record, one log entry. */
static void every_value_of_the_bytes_that_matter_most(void **state)
{
	struct counts counts = {0};
	const uint64_t block = 0,
		       places[][2] = {
			       {history_section(&history, 0, PM_SECTION_PAGE_STATES)->offset + block * 128, 128},
			       {history_section(&history, 0, PM_SECTION_BLOCKS)->offset, 16},
			       {history_slot(&history, 0, PM_RECORD_DIRECTORY, NULL), 24},
			       {history_slot(&history, 0, PM_RECORD_ALLOCATION, "renamed"), 48},
			       {history_section(&history, 0, PM_SECTION_LOG)->offset, 24},
		       };

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		for (uint64_t at = 0; at < places[i][1]; at++)
			for (unsigned flip = 1; flip < 256; flip += STRIDE)
				judge(0, places[i][0] + at, (uint8_t)flip, false, &counts);
	print_message("%llu damages: %llu repaired, %llu refused\n", (unsigned long long)counts.damaged,
		      (unsigned long long)counts.repaired, (unsigned long long)counts.refused);
	assert_true(counts.repaired > counts.damaged * 9 / 10);
}

/* Two bytes at once: the pool that was there, or damage that stays named. Never another pool that looks whole. */
static void two_bytes_never_make_another_pool(void **state)
{
	uint64_t random = 2, repaired = 0, named = 0;

	(void)state;
	for (unsigned round = 0; round < 20000 / STRIDE; round++) {
		uint64_t at[2];
		unsigned region[2];
		struct pm_check check;
		bool facts = false;

		for (unsigned i = 0; i < 2; i++) {
			bool near = i && round % 2;
			uint64_t bytes;

			region[i] = near ? region[0] : model_random(&random) % HISTORY_REGIONS;
			bytes = history.sb[region[i]].data_first * PM_PAGE_SIZE;
			at[i] = near ? (at[0] + 1 + model_random(&random) % 64) % bytes : model_random(&random) % bytes;
			facts = facts || !history_no_fact(&history, region[i], at[i]);
			((uint8_t *)history.mappings[region[i]].base)[at[i]] ^=
				(uint8_t)(1 + model_random(&random) % 255);
		}
		check_now(&check);
		if (facts && !check.finding_count && !metadata_is_good(&check))
			fail_msg("bytes 0x%llx of region %u and 0x%llx of region %u are not found",
				 (unsigned long long)at[0], region[0], (unsigned long long)at[1], region[1]);
		apply_patches(&check);
		for (unsigned i = 0; i < 2 && check.refused == 0; i++)
			if (!history_no_fact(&history, region[i], at[i]) && !check.counts[PM_FINDING_FREE_SLOT_TORN] &&
			    !check.counts[PM_FINDING_LOG_ENTRY_TORN])
				assert_int_equal(((uint8_t *)history.mappings[region[i]].base)[at[i]],
						 history.good[region[i]][at[i]]);
		repaired += check.refused == 0;
		named += check.refused != 0;
		undo_patches(&check);
		for (unsigned i = 0; i < 2; i++)
			((uint8_t *)history.mappings[region[i]].base)[at[i]] = history.good[region[i]][at[i]];
		pm_check_free(&check);
	}
	assert_true(history_is_good(&history));
	print_message("%llu repaired, %llu named and left\n", (unsigned long long)repaired, (unsigned long long)named);
	assert_true(repaired > 5000 / STRIDE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_wrong_to_begin_with),
		cmocka_unit_test(every_byte_is_found_and_repaired_or_refused),
		cmocka_unit_test(every_value_of_the_bytes_that_matter_most),
		cmocka_unit_test(two_bytes_never_make_another_pool),
	};

	return cmocka_run_group_tests(tests, make, end);
}
