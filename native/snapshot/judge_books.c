// SPDX-License-Identifier: GPL-2.0-or-later
/* The pool's own books: superblocks, and the metadata as attaching sees it. */
#include "core/superblock.h"
#include "host/heap.h"
#include "judge.h"
#include "region/together.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS_MAX (UINT64_C(1) << 26)

struct choice {
	const struct pm_judged *judged;
	struct pm_superblock_choice choice;
	enum pm_code code;
};

static void choose_body(void *argument)
{
	struct choice *look = argument;

	look->code = pm_superblock_choose(look->judged->region.map, look->judged->sb->region_bytes, &look->choice);
}

static enum pm_code choose(struct choice *look, struct pm_error *err)
{
	enum pm_code code = pm_region_guarded(choose_body, look, err);

	if (code == PM_E_REGION_LOST)
		look->code = code;
	return code == PM_E_REGION_LOST ? PM_OK : code;
}

static bool is_expected(const struct choice *look)
{
	const struct pm_superblock *sb = look->judged->sb;

	return !look->code && memcmp(look->choice.sb.pool_uuid, sb->pool_uuid, sizeof(sb->pool_uuid)) == 0 &&
	       memcmp(look->choice.sb.region_uuid, sb->region_uuid, sizeof(sb->region_uuid)) == 0;
}

/* Everything but what mending renews, and the name, which may be given anew. */
static bool same_pool(const struct pm_superblock *expected, const struct pm_superblock *now)
{
	struct pm_superblock copy = *now;

	copy.sequence = expected->sequence;
	copy.crc = expected->crc;
	memcpy(copy.pool_name, expected->pool_name, sizeof(copy.pool_name));
	return memcmp(&copy, expected, sizeof(copy)) == 0;
}

static void superblock_lost(struct pm_judge *judge, const struct choice *look)
{
	char uuid[PM_UUID_TEXT];

	pm_uuid_format(look->choice.sb.pool_uuid, uuid);
	pm_judge_add(judge, look->judged, "superblock", PM_FAIL, "The superblock is lost",
		     "Restore a snapshot, or create the pool anew.", "%s%s",
		     look->code ? pm_error_reason(look->code) : "Another pool stands there: ", look->code ? "" : uuid);
	pm_judge_found(judge, PM_CLASS_SUPERBLOCK_LOST);
}

static void judge_copies(struct pm_judge *judge, const struct choice *look)
{
	const struct pm_judged *judged = look->judged;
	bool differs = !same_pool(judged->sb, &look->choice.sb);

	if (!differs && !look->choice.mend_a && !look->choice.mend_b) {
		pm_judge_add(judge, judged, "superblock", PM_PASS, "Both superblocks are there", "",
			     "Sequence %" PRIu64 ", checksum %#x.", look->choice.sb.sequence, look->choice.sb.crc);
		return;
	}
	pm_judge_add(judge, judged, "superblock", PM_FAIL,
		     differs ? "The superblock is another one" : "A copy of the superblock is damaged",
		     "Take a raw copy of the region before anything else; attaching mends a single damaged copy.",
		     differs ? "It names other sections, sizes or times than expected."
			     : "The copy at the %s of the region is damaged, the other one is whole.",
		     look->choice.mend_a ? "start" : "end");
	pm_judge_found(judge, PM_CLASS_METADATA_TORN);
}

enum pm_code pm_judge_superblock(struct pm_judge *judge, struct pm_judged *judged, struct pm_error *err)
{
	struct choice look = {.judged = judged};
	enum pm_code code = choose(&look, err);

	if (!code && !is_expected(&look)) {
		code = pm_judge_search(judge, judged, err);
		if (!code && judged->open)
			code = choose(&look, err);
	}
	if (code)
		return code;
	judged->known = is_expected(&look);
	judged->now = look.choice.sb;
	if (judged->known)
		judge_copies(judge, &look);
	else
		superblock_lost(judge, &look);
	return PM_OK;
}

/* --- attaching --- */

struct attach {
	struct pm_judge *judge;
	struct pm_mapping *mappings;
	size_t count;
	struct pm_pool pool;
	enum pm_code code;
	uint64_t sequence;
};

static uint64_t sequence_expected(const struct pm_judge *judge)
{
	struct json_object *sequence;

	return json_object_object_get_ex(judge->file.meta, "logSequence", &sequence) ? json_object_get_uint64(sequence)
										     : UINT64_MAX;
}

/* Pages that were free, then used, and are free again: they need not hold what they held. A log that was written by
 * somebody else may name the whole pool in each entry: *left words are looked at, no more. */
static void given_back(struct pm_judge *judge, uint64_t first, uint64_t pages, uint64_t *left)
{
	uint64_t page_end = judge->file.pool.page_end, end, page = first;

	if (!judge->free.given || first >= page_end)
		return;
	end = pages < page_end - first ? first + pages : page_end;
	for (; page < end && *left; --*left) {
		uint64_t next = (page / 64 + 1) * 64, bits = UINT64_MAX << page % 64;

		if (next > end)
			bits &= UINT64_MAX >> (next - end);
		judge->free.given[page / 64] |= bits;
		page = next;
	}
}

/* What the log tells since the expectation. Loading and jumping are logged too; only a free, or a shorter length,
 * explains an allocation that is not there as it was. */
static void log_look(struct attach *attach)
{
	uint64_t after = sequence_expected(attach->judge), slots = pm_log_slots(&attach->pool), first, pages;
	uint64_t left = LOOKS_MAX;
	struct pm_log_entry entry;

	for (uint64_t i = attach->sequence; i > after && attach->sequence - i < slots && left; i--) {
		pages = pm_log_read(&attach->pool, i, &entry) ? pm_log_given_back(&entry, &first) : 0;
		if (!pages)
			continue;
		attach->judge->freed_since = true;
		given_back(attach->judge, first, pages, &left);
	}
}

static void attach_body(void *argument)
{
	struct attach *attach = argument;

	attach->code =
		pm_pool_attach(&attach->pool, attach->mappings, attach->count, PM_ATTACH_READ_ONLY, &pm_heap, NULL);
	if (attach->code)
		return;
	attach->sequence = pm_log_sequence(&attach->pool);
	log_look(attach);
}

/* The pool tells where it was made; a verdict on a moved one goes on by that. */
static enum pm_code known_regions(struct pm_judge *judge, struct attach *attach, struct pm_error *err)
{
	attach->mappings = calloc(judge->region_count + 1, sizeof(*attach->mappings));
	if (!attach->mappings)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to attach the pool.");
	for (size_t i = 0; i < judge->region_count; i++) {
		const struct pm_judged *judged = &judge->regions[i];

		if (judged->open && judged->known)
			attach->mappings[attach->count++] = (struct pm_mapping){
				.base = judged->region.map,
				.bytes = judged->sb->region_bytes,
				.physical_base = judged->now.physical_base,
			};
	}
	return PM_OK;
}

static const struct pm_judged *first_unknown(const struct pm_judge *judge)
{
	for (size_t i = 0; i < judge->region_count; i++)
		if (judge->regions[i].open && !judge->regions[i].known)
			return &judge->regions[i];
	return NULL;
}

/* A region that is open and known, yet no part of the pool that was attached. */
static const struct pm_judged *first_refused(const struct pm_judge *judge, const struct pm_pool *pool)
{
	for (size_t i = 0; i < judge->region_count; i++) {
		const struct pm_judged *judged = &judge->regions[i];
		uint32_t index = judged->sb->region_index;

		if (judged->open && judged->known && (index >= pool->region_count || !pool->infos[index].present))
			return judged;
	}
	return NULL;
}

static void judge_attached(struct pm_judge *judge, const struct attach *attach)
{
	static const char remedy[] = "Keep the region as it is and take a raw copy before anything else.";
	const struct pm_judged *refused;

	if (attach->code) {
		pm_check_add(judge->checks, "metadata", PM_FAIL, "The pool cannot be attached", remedy, "%s",
			     pm_error_reason(attach->code));
		pm_judge_found(judge, PM_CLASS_METADATA_TORN);
		return;
	}
	refused = first_refused(judge, &attach->pool);
	if (refused) {
		uint32_t index = refused->sb->region_index;

		pm_check_add(judge->checks, "metadata", PM_FAIL, "A region of the pool cannot be attached", remedy,
			     "Region %" PRIu32 ": %s", index,
			     index < attach->pool.region_count ? pm_error_reason(attach->pool.infos[index].code)
							       : "the pool does not name it.");
		pm_judge_found(judge, PM_CLASS_METADATA_TORN);
		return;
	}
	if (first_unknown(judge)) {
		pm_check_add(judge->checks, "metadata", PM_FAIL, "The metadata of a region has no superblock",
			     "Restore a snapshot, or create the pool anew.",
			     "Region %" PRIu32 ": it is compared where it is expected to be.",
			     first_unknown(judge)->sb->region_index);
		return;
	}
	pm_check_add(judge->checks, "metadata", PM_PASS, "The pool can be attached", "",
		     "Page states and records agree with each other; event log at %" PRIu64 ".", attach->sequence);
}

/* Where the state folder cannot be written, nobody else can take the lock either. */
static enum pm_code lock_all(struct pm_judge *judge, struct pm_error *err)
{
	size_t count = 0;
	enum pm_code code;

	judge->locked = calloc(judge->region_count + 1, sizeof(struct pm_region *));
	if (!judge->locked)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to lock the pool.");
	for (size_t i = 0; i < judge->region_count; i++)
		if (judge->regions[i].open && judge->regions[i].known && judge->regions[i].region.lock_fd >= 0)
			judge->locked[count++] = &judge->regions[i].region;
	code = pm_regions_lock(judge->locked, count, err);
	judge->locked_count = code ? 0 : count;
	return code;
}

/* The mark of a holder that died stays: it is for the next one who changes the pool. */
void pm_judge_unlock(struct pm_judge *judge)
{
	pm_regions_unlock(judge->locked, judge->locked_count, true);
	free(judge->free.given);
	judge->free.given = NULL;
	free(judge->locked);
	judge->locked = NULL;
	judge->locked_count = 0;
}

enum pm_code pm_judge_metadata(struct pm_judge *judge, struct pm_error *err)
{
	struct attach attach = {.judge = judge};
	enum pm_code code = known_regions(judge, &attach, err);

	if (!code && attach.count == 0) {
		free(attach.mappings);
		pm_check_add(judge->checks, "metadata", PM_FAIL, "The metadata has no superblock",
			     "Restore a snapshot, or create the pool anew.",
			     "It is compared where it is expected to be.");
		return PM_OK;
	}
	if (!code)
		code = lock_all(judge, err);
	if (!code && judge->free.expected) {
		judge->free.given = calloc((size_t)(judge->file.pool.page_end / 64 + 1), sizeof(*judge->free.given));
		if (!judge->free.given)
			code = pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory to check free pages.");
	}
	if (!code)
		code = pm_region_guarded(attach_body, &attach, err);
	if (code == PM_E_REGION_LOST) {
		attach.code = code;
		code = PM_OK;
	}
	if (!code)
		judge_attached(judge, &attach);
	if (!code && !attach.code)
		pm_pool_detach(&attach.pool);
	free(attach.mappings);
	return code;
}
