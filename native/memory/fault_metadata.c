/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Faults of what the pool keeps about itself. Whoever attaches it afterwards has to notice. */
#include "core/blocks.h"
#include "fault_work.h"
#include <inttypes.h>
#include <stdio.h>

enum { SPAN = 256 };

/* Both copies of region 0: wiped, their magic gone, or bytes behind it that the checksum no longer fits. */
void inject_superblock(struct fault_work *work)
{
	const struct pm_member_info *info = &work->pool->infos[0];
	uint64_t places[2] = {info->first_pool_page, info->first_pool_page + info->page_count - 1};
	unsigned way = (unsigned)random_below(&work->random, 3);
	char detail[DETAIL_BYTES];
	size_t at = 0, bytes = PM_PAGE_SIZE;

	if (!info->present || places[0] < work->first || places[1] >= work->end)
		return;
	memset(work->after, 0, PM_PAGE_SIZE);
	if (way == 1) {
		bytes = sizeof(((struct pm_superblock *)0)->magic);
		random_bytes(&work->random, work->after, bytes);
	} else if (way == 2) {
		bytes = random_between(&work->random, 8, SPAN);
		at = random_between(&work->random, 16, PM_PAGE_SIZE - bytes);
		random_bytes(&work->random, work->after, bytes);
	}
	for (unsigned copy = 0; copy < 2; copy++) {
		uint8_t *place = (uint8_t *)pm_page_bytes(work->pool, places[copy]) + at;

		/* not what stands there already */
		if (way == 2)
			work->after[0] = (uint8_t)(place[0] ^ 0x5a);
		snprintf(detail, sizeof(detail), "superblock %c of region 0: %s", 'A' + (int)copy,
			 way == 0   ? "all zero"
			 : way == 1 ? "another magic"
				    : "other bytes under the checksum");
		fault_write_metadata(work, places[copy], place, work->after, bytes, detail);
		work->done++;
	}
}

static const char *state_name(unsigned state)
{
	static const char *const names[] = {"free", "continuing", "fenced", "head"};

	return names[state & 3];
}

/* Pool page in which a word of the metadata stands. */
static uint64_t page_of(const struct pm_member *member, const void *at)
{
	return pm_member_pool_page(member, (uint64_t)((const uint8_t *)at - member->base) >> PM_PAGE_SHIFT);
}

/* A page's two bits where its block is split, so that the block's check no longer fits; else a byte of the block's
 * word, so that it is no known one. */
static void spoil_state(struct fault_work *work, uint64_t page)
{
	char detail[DETAIL_BYTES];
	uint64_t index, word, changed;
	struct pm_member *member = pm_member_at(work->pool, page, &index);
	uint64_t block = index >> PM_BLOCK_SHIFT;

	if (pm_block_state(pm_block_load(member, block)) == PM_BLOCK_SPLIT) {
		unsigned shift = 2 * (unsigned)(index % PM_PAGES_PER_WORD);
		void *at = (void *)&member->states[index / PM_PAGES_PER_WORD];

		memcpy(&word, at, 8);
		changed = word ^ random_between(&work->random, 1, 3) << shift;
		snprintf(detail, sizeof(detail), "state of page %" PRIu64 ": %s to %s", page,
			 state_name((unsigned)(word >> shift)), state_name((unsigned)(changed >> shift)));
		fault_write_metadata(work, page_of(member, at), at, &changed, 8, detail);
	} else {
		void *at = (void *)&member->blocks[block];

		memcpy(&word, at, 8);
		changed = word ^ random_between(&work->random, 1, 255) << 8 * random_below(&work->random, 4);
		snprintf(detail, sizeof(detail),
			 "word of block %" PRIu64 ", of page %" PRIu64 ": 0x%016" PRIx64 " to 0x%016" PRIx64, block,
			 page, word, changed);
		fault_write_metadata(work, page_of(member, at), at, &changed, 8, detail);
	}
	work->done++;
}

void inject_states(struct fault_work *work)
{
	struct pm_run run;
	uint64_t head;

	while (work->done < work->wanted && choice_next(&work->choice, &head))
		if (pm_run_at(work->pool, head, &run) == PM_OK) {
			uint64_t end = run.pages < work->end - head ? head + run.pages : work->end;

			spoil_state(work, random_between(&work->random, head, end - 1));
		}
}

/* A live record about an allocation of the range. */
static const struct pm_record *next_record(const struct fault_work *work, uint64_t *cursor, uint32_t *region)
{
	const struct pm_record *record;

	while ((record = pm_record_next(work->pool, cursor, region)) != NULL) {
		uint64_t page = work->pool->infos[*region].first_pool_page + record->page;

		if (record->kind == PM_RECORD_ALLOCATION && page >= work->first && page < work->end)
			break;
	}
	return record;
}

/* Some bytes between `kind` and the end, which the record's checksum covers. */
static void spoil_record(struct fault_work *work, const struct pm_record *record, uint32_t region)
{
	struct pm_member *member = work->pool->members[region];
	size_t covered = offsetof(struct pm_record, kind), bytes = random_between(&work->random, 1, 16);
	size_t at = random_between(&work->random, covered, sizeof(*record) - bytes);
	uint8_t *place = (uint8_t *)(uintptr_t)record + at;
	char detail[DETAIL_BYTES];

	random_bytes(&work->random, work->after, bytes);
	work->after[0] = (uint8_t)(place[0] ^ random_between(&work->random, 1, 255));
	snprintf(detail, sizeof(detail), "record of page %" PRIu64 ": %zu bytes from byte %zu on",
		 pm_member_pool_page(member, record->page), bytes, at);
	fault_write_metadata(work, page_of(member, place), place, work->after, bytes, detail);
	work->done++;
}

/* One pass, in which each record is as likely as the other: a spoilt one is no longer told. */
void inject_record(struct fault_work *work)
{
	const struct pm_record *record;
	uint64_t cursor = 0, left = 0;
	uint32_t region;

	while (next_record(work, &cursor, &region))
		left++;
	cursor = 0;
	while (left && work->done < work->wanted && (record = next_record(work, &cursor, &region)) != NULL)
		if (random_below(&work->random, left--) < work->wanted - work->done)
			spoil_record(work, record, region);
}
