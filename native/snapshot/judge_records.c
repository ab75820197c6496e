// SPDX-License-Identifier: GPL-2.0-or-later
/* Records as they were expected, held against those on the medium, which are read without attaching. */
#include "core/layout.h"
#include "core/records.h"
#include "judge.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct pm_judged *judged_of(struct pm_judge *judge, const struct pm_superblock *sb)
{
	return &judge->regions[sb - judge->file.regions];
}

/* Live, and it makes sense in a region of this shape. */
static bool live(const struct pm_superblock *sb, const struct pm_record *record)
{
	struct pm_member shape = {.sb = *sb};

	return record->state == PM_RECORD_STATE(PM_RECORD_LIVE) && pm_record_sane(&shape, record);
}

static enum pm_code fate_add(struct pm_judge *judge, const struct pm_judged *judged, const struct pm_record *record,
			     struct pm_error *err)
{
	if (judge->fate_count == judge->fate_capacity) {
		size_t capacity = judge->fate_capacity ? 2 * judge->fate_capacity : 64;
		struct pm_fate *fates = realloc(judge->fates, capacity * sizeof(*fates));

		if (!fates)
			return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the expected records.");
		judge->fates = fates;
		judge->fate_capacity = capacity;
	}
	judge->fates[judge->fate_count++] = (struct pm_fate){
		.record = *record,
		.judged = judged,
		.page = judged->sb->first_pool_page + record->page,
		.unreadable = !judged->open,
	};
	return PM_OK;
}

static enum pm_code extent_add(struct pm_judge *judge, struct pm_judged *judged, uint64_t offset, uint64_t bytes,
			       struct pm_error *err)
{
	struct pm_extent *extents;

	/* extents do not overlap, so that together they fit */
	if (bytes > judged->sb->region_bytes - judged->directory_bytes)
		return pm_fail(err, PM_E_FILE_CORRUPT, "The directory of a region is larger than the region.");
	judged->directory_bytes += bytes;
	extents = realloc(judge->extents, (judge->extent_count + 1) * sizeof(*extents));
	if (!extents)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the expected records.");
	judge->extents = extents;
	extents[judge->extent_count++] = (struct pm_extent){judged, offset, bytes};
	return PM_OK;
}

enum pm_code pm_judge_records(struct pm_judge *judge, struct pm_error *err)
{
	struct pm_judged *judged = judged_of(judge, judge->file.records_of);
	const uint8_t *at = judge->file.reader.data + sizeof(judge->file.records);
	enum pm_code code = PM_OK;

	for (uint32_t i = 0; !code && i < judge->file.records.count; i++, at += sizeof(struct pm_record)) {
		struct pm_record record;

		memcpy(&record, at, sizeof(record));
		if (!live(judged->sb, &record))
			continue;
		if (record.kind == PM_RECORD_ALLOCATION)
			code = fate_add(judge, judged, &record, err);
		else if (record.kind == PM_RECORD_DIRECTORY)
			code = extent_add(judge, judged, record.page * PM_PAGE_SIZE, record.pages * PM_PAGE_SIZE, err);
	}
	return code;
}

static int by_page(const void *a, const void *b)
{
	const struct pm_fate *left = a, *right = b;

	return left->page < right->page ? -1 : left->page > right->page;
}

static int by_id(const void *a, const void *b)
{
	const struct pm_record *left = a, *right = b;

	return left->id < right->id ? -1 : left->id > right->id;
}

/* Live records of allocations that stand in the region's directory now, as far as it was expected. */
struct directory {
	struct pm_record *records;
	size_t count;
};

static enum pm_code read_extent(const struct pm_extent *extent, struct directory *now, struct pm_error *err)
{
	size_t slots = (size_t)extent->bytes / sizeof(struct pm_record);
	struct pm_record *records = realloc(now->records, (now->count + slots) * sizeof(*records)), *from;
	enum pm_code code;

	if (!records)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for the records.");
	now->records = records;
	from = records + now->count;
	code = pm_region_copy(from, extent->judged->region.map + extent->offset, slots * sizeof(*from), err);
	if (code)
		return code == PM_E_REGION_LOST ? PM_OK : code;
	for (size_t i = 0; i < slots; i++)
		if (live(extent->judged->sb, &from[i]) && from[i].kind == PM_RECORD_ALLOCATION)
			records[now->count++] = from[i];
	return PM_OK;
}

static enum pm_code read_directory(struct pm_judge *judge, const struct pm_judged *judged, struct directory *now,
				   struct pm_error *err)
{
	const struct pm_section *section = pm_section_find(judged->sb, PM_SECTION_RECORDS);
	struct pm_extent first = {judged, section->offset, section->bytes};
	enum pm_code code = read_extent(&first, now, err);

	for (size_t i = 0; !code && i < judge->extent_count; i++)
		if (judge->extents[i].judged == judged)
			code = read_extent(&judge->extents[i], now, err);
	if (!code)
		qsort(now->records, now->count, sizeof(*now->records), by_id);
	return code;
}

/* The fates of one region's records; how many are not what they were. */
static size_t fates_compare(struct pm_judge *judge, const struct pm_judged *judged, const struct directory *now)
{
	size_t wrong = 0;

	for (size_t i = 0; i < judge->fate_count; i++) {
		struct pm_fate *fate = &judge->fates[i];
		const struct pm_record *found;

		if (fate->judged != judged)
			continue;
		found = bsearch(&fate->record, now->records, now->count, sizeof(*now->records), by_id);
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

enum pm_code pm_judge_books(struct pm_judge *judge, struct pm_error *err)
{
	size_t wrong = 0, there = 0, unread = 0;
	enum pm_code code = PM_OK;

	if (judge->fate_count > 0)
		qsort(judge->fates, judge->fate_count, sizeof(*judge->fates), by_page);
	if (!pm_judge_any_open(judge))
		return PM_OK;
	judge_allocations(judge);
	for (size_t i = 0; !code && i < judge->region_count; i++) {
		struct directory now = {0};

		if (!judge->regions[i].open)
			continue;
		code = read_directory(judge, &judge->regions[i], &now, err);
		wrong += fates_compare(judge, &judge->regions[i], &now);
		there += now.count;
		free(now.records);
	}
	if (code)
		return code;
	for (size_t i = 0; i < judge->fate_count; i++)
		unread += judge->fates[i].unreadable;
	if (wrong || unread) {
		pm_check_add(judge->checks, "records", PM_FAIL, "Records are not as expected",
			     "The table of records says which.", "%zu of %zu expected records differ or are missing%s.",
			     wrong + unread, judge->fate_count, unread ? ", or stand in a region that is" : "");
		pm_judge_found(judge, PM_CLASS_RECORDS_CHANGED);
	} else {
		pm_check_add(judge->checks, "records", PM_PASS, "Every record is unchanged", "",
			     "%zu expected, %zu there now.", judge->fate_count, there);
	}
	return PM_OK;
}
