/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Check: the passes in their order, over each region and then over the pool. */
#include "check_work.h"
#include <string.h>

static void reserved(struct pm_check_side *side)
{
	const struct pm_superblock *sb = &side->region->sb;

	if (!check_all_zero(sb->reserved, sizeof(sb->reserved)) ||
	    !check_all_zero(&sb->sections[sb->section_count],
			    sizeof(sb->sections[0]) * (PM_SECTIONS_MAX - sb->section_count)))
		check_found(side, PM_FINDING_RESERVED_NOT_ZERO, CHECK_BYTES(0, PM_PAGE_SIZE), "of the superblock");
}

/* Where the region is, and where its sections are; without them nothing else can be looked at. */
void check_place(struct pm_check_side *side)
{
	const struct pm_superblock *sb = &side->region->sb;
	bool short_of = sb->region_bytes > side->bytes;

	reserved(side);
	if (sb->physical_base != side->physical_base || short_of) {
		side->frozen = true;
		check_refused(check_found(side, PM_FINDING_REGION_MOVED, CHECK_BYTES(0, PM_PAGE_SIZE),
					  "made for %x with %x bytes; here it is at %x with %x", sb->physical_base,
					  sb->region_bytes, side->physical_base, side->bytes),
			      "boot with the memmap= the pool was made with");
	}
	side->bytes = short_of ? side->bytes : sb->region_bytes;
	if (sb->data_first * PM_PAGE_SIZE > side->bytes)
		return;
	side->blocks = pm_section_find(sb, PM_SECTION_BLOCKS);
	side->states = pm_section_find(sb, PM_SECTION_PAGE_STATES);
	side->records = pm_section_find(sb, PM_SECTION_RECORDS);
	side->shared = pm_section_find(sb, PM_SECTION_SHARED);
	side->log = pm_section_find(sb, PM_SECTION_LOG);
	side->block_count = pm_blocks_of(sb->page_count);
	side->log_slots = side->log ? side->log->bytes / sizeof(struct pm_log_entry) : 0;
	side->region->busy = check_word(side, side->shared->offset + offsetof(struct pm_shared, busy)) == PM_BUSY;
	side->unsettled = side->region->busy;
}

static enum pm_code check_side(struct pm_check_side *side)
{
	enum pm_code code = check_superblocks(side);

	if (code != PM_OK || !side->region->readable)
		return code;
	check_place(side);
	if (!side->blocks)
		return PM_OK;
	check_blocks(side);
	check_records(side);
	check_block_checks(side);
	if (!side->check->work->out_of_memory)
		check_runs(side);
	if (side->log)
		check_log(side);
	return PM_OK;
}

static bool one_pool(const struct pm_check *check)
{
	const uint8_t *uuid = NULL;

	for (size_t i = 0; i < check->region_count; i++) {
		if (!check->regions[i].readable)
			continue;
		if (uuid && memcmp(uuid, check->regions[i].sb.pool_uuid, 16) != 0)
			return false;
		uuid = check->regions[i].sb.pool_uuid;
	}
	return true;
}

static void mix(uint64_t token[2], uint64_t word)
{
	token[0] = (token[0] ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	token[0] ^= token[0] >> 29;
	token[1] = (token[1] ^ (word + token[0])) * UINT64_C(0xe7037ed1a0b428db);
	token[1] ^= token[1] >> 32;
}

static void make_token(struct pm_check *check)
{
	uint64_t token[2] = {check->patch_count, check->region_count}, words[4];

	for (size_t i = 0; i < check->region_count; i++) {
		memcpy(words, check->regions[i].sb.pool_uuid, 16);
		memcpy(words + 2, check->regions[i].sb.region_uuid, 16);
		for (unsigned j = 0; j < 4; j++)
			mix(token, words[j]);
	}
	for (size_t i = 0; i < check->patch_count; i++) {
		mix(token, check->patches[i].mapping);
		mix(token, check->patches[i].offset);
		mix(token, check->patches[i].old_word);
		mix(token, check->patches[i].new_word);
	}
	memcpy(check->token, token, sizeof(check->token));
}

static bool begin(struct pm_check *check, const struct pm_mapping *mappings, const struct pm_check_options *options)
{
	struct pm_check_work *work = check->memory->take(sizeof(*work));

	check->work = work;
	if (!work)
		return false;
	work->options = options;
	work->findings.item_bytes = sizeof(struct pm_finding);
	work->patches.item_bytes = sizeof(struct pm_patch);
	work->copies.item_bytes = sizeof(struct pm_check_copy *);
	check_locate_init(work);
	work->sides = check->memory->take(check->region_count * sizeof(*work->sides));
	check->regions = check->memory->take(check->region_count * sizeof(*check->regions));
	for (size_t i = 0; work->sides && check->regions && i < check->region_count; i++) {
		check->regions[i].mapping = (uint32_t)i;
		work->sides[i] = (struct pm_check_side){
			.check = check,
			.region = &check->regions[i],
			.mapping = (uint32_t)i,
			.base = mappings[i].base,
			.bytes = mappings[i].bytes & ~(PM_PAGE_SIZE - 1),
			.physical_base = mappings[i].physical_base,
			.parts = {.item_bytes = sizeof(struct pm_check_part)},
			.used = {.item_bytes = sizeof(struct pm_check_record)},
			.members = {.item_bytes = sizeof(struct pm_check_record)},
		};
	}
	return work->sides && check->regions;
}

enum pm_code pm_check(const struct pm_mapping *mappings, size_t count, const struct pm_check_options *options,
		      const struct pm_memory *memory, struct pm_check *check)
{
	static const struct pm_check_options none;
	enum pm_code code = PM_OK;

	*check = (struct pm_check){.memory = memory, .region_count = count};
	if (!count || count > PM_REGIONS_MAX)
		return PM_E_COUNT_INVALID;
	if (!begin(check, mappings, options ? options : &none))
		code = PM_E_OUT_OF_MEMORY;
	for (size_t i = 0; i < count && code == PM_OK; i++)
		code = check_side(&check->work->sides[i]);
	if (code == PM_OK && !one_pool(check))
		code = PM_E_POOL_FOREIGN;
	if (code == PM_OK) {
		check_members(check);
		check_names(check);
		check_leaks(check);
	}
	if (code == PM_OK && check->work->out_of_memory)
		code = PM_E_OUT_OF_MEMORY;
	if (code != PM_OK) {
		pm_check_free(check);
		return code;
	}
	check->findings = check->work->findings.items;
	check->finding_count = check->work->findings.count;
	check->patches = check->work->patches.items;
	check->patch_count = check->work->patches.count;
	check->work->options = NULL;
	make_token(check);
	return PM_OK;
}

void pm_check_free(struct pm_check *check)
{
	const struct pm_memory *memory = check->memory;
	struct pm_check_work *work = check->work;
	const size_t count = check->region_count;

	for (size_t i = 0; work && work->sides && i < count; i++) {
		check_list_free(check, &work->sides[i].parts);
		check_list_free(check, &work->sides[i].used);
		check_list_free(check, &work->sides[i].members);
		pm_table_free(&work->sides[i].copies, memory);
	}
	for (size_t i = 0; work && i < work->copies.count; i++)
		memory->give(((struct pm_check_copy **)work->copies.items)[i], sizeof(struct pm_check_copy));
	if (check->regions)
		memory->give(check->regions, count * sizeof(*check->regions));
	if (work) {
		check_list_free(check, &work->findings);
		check_list_free(check, &work->patches);
		check_list_free(check, &work->copies);
		pm_table_free(&work->patched, memory);
		if (work->sides)
			memory->give(work->sides, count * sizeof(*work->sides));
		memory->give(work, sizeof(*work));
	}
	*check = (struct pm_check){.memory = memory};
}

bool pm_check_extent(const struct pm_check *check, uint32_t mapping, uint64_t *cursor, uint64_t *offset,
		     uint64_t *bytes)
{
	const struct pm_check_side *side = &check->work->sides[mapping];
	const struct pm_check_part *parts = side->parts.items;
	/* the metadata before the data, the parts of the directory among it, the last page */
	uint64_t at = (*cursor)++, extents = side->parts.count ? side->parts.count - 1 : 0;

	if (at == 0) {
		*offset = 0;
		*bytes = side->blocks ? side->region->sb.data_first * PM_PAGE_SIZE : PM_PAGE_SIZE;
	} else if (at <= extents) {
		*offset = parts[at].offset;
		*bytes = parts[at].slots * sizeof(struct pm_record);
	} else {
		*offset = side->bytes - PM_PAGE_SIZE;
		*bytes = PM_PAGE_SIZE;
	}
	return at <= extents + 1;
}
