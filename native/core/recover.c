/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recover.h"
#include "blocks.h"
#include "directory.h"
#include "log.h"
#include "persist.h"
#include "superblock.h"
#include "text.h"
#include <string.h>

#define LOOKS 4 /* of a reader at a region that others are changing */

static enum pm_code check(struct pm_pool *pool, struct pm_member *member, bool busy, bool strict)
{
	enum pm_code code;

	if (!pm_blocks_consistent(member, busy))
		return PM_E_POOL_CORRUPT;
	code = pm_directory_load(pool, member, strict);
	if (!code && strict && !busy && !pm_pages_owned(member))
		return PM_E_POOL_CORRUPT;
	return code;
}

struct look {
	uint64_t busy, records, pages;
};

static struct look look_at(const struct pm_member *member)
{
	return (struct look){
		__atomic_load_n(&member->shared->busy, __ATOMIC_ACQUIRE),
		__atomic_load_n(&member->shared->records_generation, __ATOMIC_ACQUIRE),
		__atomic_load_n(&member->shared->pages_generation, __ATOMIC_ACQUIRE),
	};
}

enum pm_code pm_member_check(struct pm_pool *pool, struct pm_member *member, bool reader, bool abandoned)
{
	bool moved = false;

	for (int i = 0; i < LOOKS; i++) {
		struct look before = look_at(member), after;
		enum pm_code code = check(pool, member, abandoned || before.busy == PM_BUSY, true);

		if (code != PM_E_POOL_CORRUPT || !reader)
			return code;
		after = look_at(member);
		moved |= memcmp(&before, &after, sizeof(before)) != 0;
	}
	/* Somebody changes it faster than we can look: what he is at may contradict itself. */
	return moved ? check(pool, member, true, false) : PM_E_POOL_CORRUPT;
}

void pm_member_busy(struct pm_member *member, bool busy)
{
	pm_store64(&member->shared->busy, busy ? PM_BUSY : 0);
	pm_persist_if(member->flush, &member->shared->busy, 8);
}

/* Both copies alike, and the name that of region 0. */
static void mend_superblocks(struct pm_pool *pool, struct pm_member *member)
{
	uint8_t *b = member->base + member->sb.region_bytes - PM_PAGE_SIZE;
	struct pm_superblock_choice choice;

	if (pm_superblock_choose(member->base, member->sb.region_bytes, &choice) ||
	    choice.sb.region_bytes != member->sb.region_bytes)
		return;
	if (member == pool->members[0])
		memcpy(pool->sb.pool_name, choice.sb.pool_name, PM_NAME_BYTES);
	if (memcmp(choice.sb.pool_name, pool->sb.pool_name, PM_NAME_BYTES) != 0) {
		memcpy(choice.sb.pool_name, pool->sb.pool_name, PM_NAME_BYTES);
		choice.sb.sequence++;
		pm_superblock_seal(&choice.sb);
		choice.mend_a = choice.mend_b = true;
	}
	if (choice.mend_a)
		pm_superblock_write(member->base, &choice.sb, member->flush);
	if (choice.mend_b)
		pm_superblock_write(b, &choice.sb, member->flush);
	if (choice.mend_a || choice.mend_b)
		pool->recovered.superblock_mended = true;
	member->sb.sequence = choice.sb.sequence;
	member->sb.crc = choice.sb.crc;
	memcpy(member->sb.pool_name, choice.sb.pool_name, PM_NAME_BYTES);
}

static bool quarantined(void *context, uint64_t page)
{
	return pm_directory_quarantined(context, page, NULL);
}

/* `died`: somebody did while he changed the pool. Said even when nothing is left to do, because the entry of what he
 * did last may be missing. */
static void log_recovery(struct pm_pool *pool, bool died, const struct pm_act *act)
{
	uint64_t records = pool->recovered.records_finished + pool->recovered.records_dropped;
	uint64_t runs = pool->recovered.runs_taken_back;
	char detail[48];
	size_t used = 0;

	if (!died && !runs && !records && !pool->recovered.checks_renewed && !pool->recovered.blocks_taken_back &&
	    !pool->recovered.superblock_mended)
		return;
	pm_text_append_number(detail, sizeof(detail), &used, runs);
	pm_text_append(detail, sizeof(detail), &used, " runs, ");
	pm_text_append_number(detail, sizeof(detail), &used, records);
	pm_text_append(detail, sizeof(detail), &used, " records");
	if (pool->recovered.superblock_mended)
		pm_text_append(detail, sizeof(detail), &used, ", superblock");
	pm_log_append(pool, PM_VERB_RECOVER, 0, pool->recovered.pages_taken_back, detail, act);
}

/* A crash in here is one like any other: the regions are marked until all is done. */
void pm_pool_recover(struct pm_pool *pool, struct pm_record *joined, const struct pm_act *act)
{
	bool died = false;

	memset(&pool->recovered, 0, sizeof(pool->recovered));
	for (uint32_t i = 0; i < pool->region_count; i++)
		died |= look_at(pool->members[i]).busy == PM_BUSY;
	for (uint32_t i = 0; i < pool->region_count; i++)
		pm_member_busy(pool->members[i], true);
	for (uint32_t i = 0; i < pool->region_count; i++) {
		mend_superblocks(pool, pool->members[i]);
		pm_records_settle(pool, pool->members[i], joined);
		pm_blocks_recover(pool, pool->members[i], quarantined, pool->members[i]);
	}
	pool->sb = pool->members[0]->sb;
	log_recovery(pool, died, act);
	for (uint32_t i = 0; i < pool->region_count; i++) {
		pm_fence_if(pool->members[i]->flush);
		pm_member_busy(pool->members[i], false);
	}
}
