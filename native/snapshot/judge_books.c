// SPDX-License-Identifier: GPL-2.0-or-later
/* The pool's own books: superblock, metadata as attach sees it, page states and records as they were expected. */
#include "core/layout.h"
#include "core/records.h"
#include "core/superblock.h"
#include "judge.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct look {
	struct pm_judge *judge;
	struct pm_superblock_choice choice;
	struct pm_pool pool;
	enum pm_code code;
	uint64_t sequence;
};

static void choose_body(void *argument)
{
	struct look *look = argument;

	look->code = pm_superblock_choose(look->judge->region.map, look->judge->file.sb.region_bytes, &look->choice);
}

static uint64_t sequence_expected(const struct pm_judge *judge)
{
	struct json_object *sequence;

	return json_object_object_get_ex(judge->file.meta, "logSequence", &sequence) ? json_object_get_uint64(sequence)
										     : UINT64_MAX;
}

/* Loading and jumping are logged too; only a free explains an allocation that is not there any more. */
static bool freed_since(const struct look *look)
{
	uint64_t after = sequence_expected(look->judge), slots = look->pool.log_slots;
	struct pm_log_entry entry;

	for (uint64_t i = look->sequence; i > after && look->sequence - i < slots; i--)
		if (pm_log_read(&look->pool, i, &entry) && entry.verb == PM_VERB_FREE)
			return true;
	return false;
}

/* The pool tells where it was made; a verdict on a moved one goes on by that. */
static void attach_body(void *argument)
{
	struct look *look = argument;

	look->code = pm_pool_attach(&look->pool, look->judge->region.map, look->judge->file.sb.region_bytes,
				    look->choice.sb.physical_base, PM_ATTACH_READ_ONLY, NULL);
	if (look->code)
		return;
	look->sequence = pm_log_sequence(&look->pool);
	look->judge->freed_since = freed_since(look);
}

/* Everything but what mending renews. */
static bool same_pool(const struct pm_superblock *expected, const struct pm_superblock *now)
{
	struct pm_superblock copy = *now;

	copy.sequence = expected->sequence;
	copy.crc = expected->crc;
	return memcmp(&copy, expected, sizeof(copy)) == 0;
}

static bool is_expected(const struct look *look)
{
	return !look->code && memcmp(look->choice.sb.pool_uuid, look->judge->file.sb.pool_uuid, 16) == 0;
}

static void superblock_lost(struct pm_judge *judge, const struct look *look)
{
	char uuid[PM_UUID_TEXT];

	pm_uuid_format(look->choice.sb.pool_uuid, uuid);
	pm_check_add(judge->checks, "superblock", PM_FAIL, "The superblock is lost",
		     "Restore a snapshot, or create the pool anew.", "%s%s",
		     look->code ? pm_error_reason(look->code) : "Another pool stands there: ", look->code ? "" : uuid);
	pm_judge_found(judge, PM_CLASS_SUPERBLOCK_LOST);
	pm_check_add(judge->checks, "metadata", PM_FAIL, "The metadata has no superblock",
		     "Restore a snapshot, or create the pool anew.", "It is compared where it is expected to be.");
}

static void judge_copies(struct pm_judge *judge, const struct look *look)
{
	bool differs = !same_pool(&judge->file.sb, &look->choice.sb);

	if (!differs && !look->choice.mend_a && !look->choice.mend_b) {
		pm_check_add(judge->checks, "superblock", PM_PASS, "Both superblocks are there", "",
			     "Sequence %" PRIu64 ", checksum %#x.", look->choice.sb.sequence, look->choice.sb.crc);
		return;
	}
	pm_check_add(judge->checks, "superblock", PM_FAIL,
		     differs ? "The superblock is another one" : "A copy of the superblock is damaged",
		     "Take a raw copy of the region before anything else; attaching mends a single damaged copy.",
		     differs ? "It names other sections, sizes or times than expected."
			     : "The copy at the %s of the region is damaged, the other one is whole.",
		     look->choice.mend_a ? "start" : "end");
	pm_judge_found(judge, PM_CLASS_METADATA_TORN);
}

static enum pm_code judge_metadata(struct pm_judge *judge, struct look *look, struct pm_error *err)
{
	enum pm_code code = pm_region_guarded(attach_body, look, err);

	if (code == PM_E_REGION_LOST)
		look->code = code;
	else if (code)
		return code;
	if (look->code) {
		pm_check_add(judge->checks, "metadata", PM_FAIL, "The pool cannot be attached",
			     "Keep the region as it is and take a raw copy before anything else.", "%s",
			     pm_error_reason(look->code));
		pm_judge_found(judge, PM_CLASS_METADATA_TORN);
		return PM_OK;
	}
	pm_check_add(judge->checks, "metadata", PM_PASS, "The pool can be attached", "",
		     "Page states and records agree with each other; event log at %" PRIu64 ".", look->sequence);
	return PM_OK;
}

enum pm_code pm_judge_superblock(struct pm_judge *judge, struct pm_error *err)
{
	struct look look = {.judge = judge};
	enum pm_code code = pm_region_guarded(choose_body, &look, err);
	bool found;

	if (code == PM_E_REGION_LOST)
		look.code = code;
	else if (code)
		return code;
	if (!is_expected(&look)) {
		code = pm_judge_search(judge, &found, err);
		if (!code && found && judge->open)
			code = pm_region_guarded(choose_body, &look, err);
		if (code)
			return code;
	}
	if (!is_expected(&look)) {
		superblock_lost(judge, &look);
		return PM_OK;
	}
	judge_copies(judge, &look);
	/* Where the state folder cannot be written, nobody else can take the lock either. */
	code = judge->region.lock_fd < 0 ? PM_OK : pm_region_lock(&judge->region, err);
	judge->locked = !code && judge->region.lock_fd >= 0;
	return code ? code : judge_metadata(judge, &look, err);
}

static void compare_states(struct pm_judge *judge, const uint64_t *expected, const uint64_t *now, size_t words)
{
	uint64_t page = judge->file.section_offset / sizeof(uint64_t) * PM_PAGES_PER_WORD;

	for (size_t i = 0; i < words; i++, page += PM_PAGES_PER_WORD) {
		if (expected[i] == now[i])
			continue;
		for (unsigned j = 0; j < PM_PAGES_PER_WORD; j++) {
			uint64_t was = expected[i] >> 2 * j & 3, is = now[i] >> 2 * j & 3, at = page + j;

			if (at < judge->file.sb.data_first || at >= judge->file.sb.data_end || !(was & 1) || was == is)
				continue;
			if (!judge->states_differ++)
				judge->states_first = at;
		}
	}
}

static enum pm_code states_next(struct pm_judge *judge, struct pm_error *err)
{
	uint64_t offset = pm_section_find(&judge->file.sb, PM_SECTION_PAGE_STATES)->offset + judge->file.section_offset;
	size_t bytes = (size_t)judge->file.reader.chunk.plain;
	enum pm_code code;

	if (!judge->open)
		return PM_OK;
	code = pm_region_copy(judge->now, judge->region.map + offset, bytes, err);
	if (code == PM_E_REGION_LOST)
		memset(judge->now, 0, bytes);
	else if (code)
		return code;
	compare_states(judge, (const uint64_t *)(const void *)judge->file.reader.data,
		       (const uint64_t *)(void *)judge->now, bytes / sizeof(uint64_t));
	return PM_OK;
}

enum pm_code pm_judge_section(struct pm_judge *judge, struct pm_error *err)
{
	const struct pm_file *file = &judge->file;
	uint64_t all = pm_section_find(&file->sb, PM_SECTION_RECORDS)->bytes;

	if (file->section == PM_COPY_STATES)
		return states_next(judge, err);
	if (file->section != PM_COPY_RECORDS)
		return PM_OK;
	if (!judge->record_bytes)
		judge->record_bytes = malloc((size_t)all);
	if (!judge->record_bytes)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the expected records.");
	memcpy(judge->record_bytes + file->section_offset, file->reader.data, (size_t)file->reader.chunk.plain);
	return PM_OK;
}

static int by_page(const void *a, const void *b)
{
	const struct pm_fate *left = a, *right = b;

	return left->record.page < right->record.page ? -1 : left->record.page > right->record.page;
}

static int by_id(const void *a, const void *b)
{
	const struct pm_record *left = a, *right = b;

	return left->id < right->id ? -1 : left->id > right->id;
}

/* Live records that make sense, packed at the front; how many. */
static size_t live_only(const struct pm_superblock *sb, struct pm_record *records, size_t slots)
{
	struct pm_pool shape = {.sb = *sb};
	size_t count = 0;

	for (size_t i = 0; i < slots; i++)
		if (records[i].state == PM_RECORD_LIVE && pm_record_sane(&shape, &records[i]))
			records[count++] = records[i];
	return count;
}

static enum pm_code fates_make(struct pm_judge *judge, struct pm_error *err)
{
	struct pm_record *expected = (struct pm_record *)(void *)judge->record_bytes;
	size_t slots = (size_t)pm_section_find(&judge->file.sb, PM_SECTION_RECORDS)->bytes / sizeof(*expected);

	judge->fate_count = live_only(&judge->file.sb, expected, slots);
	judge->fates = calloc(judge->fate_count + 1, sizeof(*judge->fates));
	if (!judge->fates)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the expected records.");
	for (size_t i = 0; i < judge->fate_count; i++)
		judge->fates[i].record = expected[i];
	qsort(judge->fates, judge->fate_count, sizeof(*judge->fates), by_page);
	return PM_OK;
}

static size_t fates_compare(struct pm_judge *judge, const struct pm_record *now, size_t count)
{
	size_t wrong = 0;

	for (size_t i = 0; i < judge->fate_count; i++) {
		struct pm_fate *fate = &judge->fates[i];
		const struct pm_record *found = bsearch(&fate->record, now, count, sizeof(*now), by_id);

		fate->missing = !found;
		fate->differs = found && memcmp(found, &fate->record, sizeof(*found)) != 0;
		wrong += fate->missing || fate->differs;
	}
	return wrong;
}

static void judge_allocations(struct pm_judge *judge)
{
	if (!judge->states_differ) {
		pm_check_add(judge->checks, "allocations", PM_PASS, "Every allocation is still one", "",
			     "The state of each expected page is as expected.");
		return;
	}
	pm_check_add(judge->checks, "allocations", PM_FAIL, "Allocations are not as expected",
		     "Compare the event log: were they freed since?",
		     "The states of %" PRIu64 " expected pages differ, the first of page %" PRIu64
		     "; the event log tells of %s since.",
		     judge->states_differ, judge->states_first, judge->freed_since ? "a free" : "no free");
	pm_judge_found(judge, judge->freed_since ? PM_CLASS_RECORDS_CHANGED : PM_CLASS_METADATA_TORN);
}

enum pm_code pm_judge_records(struct pm_judge *judge, struct pm_error *err)
{
	const struct pm_section *section = pm_section_find(&judge->file.sb, PM_SECTION_RECORDS);
	enum pm_code code = fates_make(judge, err);
	struct pm_record *now;
	size_t live, wrong;

	if (code || !judge->open)
		return code;
	judge_allocations(judge);
	/* The expected ones have been packed elsewhere, so their bytes can hold those of now. */
	now = (struct pm_record *)(void *)judge->record_bytes;
	code = pm_region_copy(now, judge->region.map + section->offset, (size_t)section->bytes, err);
	if (code == PM_E_REGION_LOST)
		memset(now, 0, (size_t)section->bytes);
	else if (code)
		return code;
	live = live_only(&judge->file.sb, now, (size_t)section->bytes / sizeof(*now));
	qsort(now, live, sizeof(*now), by_id);
	wrong = fates_compare(judge, now, live);
	if (wrong) {
		pm_check_add(judge->checks, "records", PM_FAIL, "Records are not as expected",
			     "The table of records says which.", "%zu of %zu expected records differ or are missing.",
			     wrong, judge->fate_count);
		pm_judge_found(judge, PM_CLASS_RECORDS_CHANGED);
	} else {
		pm_check_add(judge->checks, "records", PM_PASS, "Every record is unchanged", "",
			     "%zu expected, %zu there now.", judge->fate_count, live);
	}
	return PM_OK;
}
