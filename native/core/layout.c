/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout.h"
#include "text.h"
#include <string.h>

#define ENTRIES_PER_PAGE (PM_PAGE_SIZE / sizeof(struct pm_log_entry))
#define SLOTS_MAX (UINT64_C(1) << 24)
#define PHYSICAL_END (UINT64_C(1) << 52) /* what x86 and arm64 can address */
#define PAGES_PER_ENTRY 2048u
#define ENTRIES_MIN 128u
#define ENTRIES_MAX 65536u

static uint64_t clamp(uint64_t value, uint64_t low, uint64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static uint64_t pages_for(uint64_t items, uint64_t per_page)
{
	return (items + per_page - 1) / per_page;
}

static bool range_possible(uint64_t physical_base, uint64_t bytes)
{
	return physical_base < PHYSICAL_END && bytes <= PHYSICAL_END - physical_base;
}

/* Its place among the other regions' pool pages. */
static bool place_possible(uint32_t region_index, uint64_t first_pool_page, uint64_t page_count)
{
	if (region_index >= PM_REGIONS_MAX || first_pool_page % PM_BLOCK_PAGES || !first_pool_page != !region_index)
		return false;
	return first_pool_page < PM_POOL_PAGES_MAX && page_count <= PM_POOL_PAGES_MAX - first_pool_page;
}

static enum pm_code request_check(uint64_t bytes, const struct pm_pool_request *request)
{
	if (bytes < PM_MIN_REGION_BYTES)
		return PM_E_REGION_TOO_SMALL;
	if (bytes > PM_MAX_REGION_BYTES)
		return PM_E_UNSUPPORTED;
	if ((bytes | request->physical_base) & (PM_PAGE_SIZE - 1))
		return PM_E_REGION_UNALIGNED;
	if (!range_possible(request->physical_base, bytes))
		return PM_E_OUT_OF_RANGE;
	if (!place_possible(request->region_index, request->first_pool_page, bytes >> PM_PAGE_SHIFT))
		return PM_E_OUT_OF_RANGE;
	if (request->record_slots > SLOTS_MAX || request->log_slots > SLOTS_MAX)
		return PM_E_COUNT_INVALID;
	return PM_OK;
}

static void section_add(struct pm_layout *layout, enum pm_section_type type, uint64_t pages)
{
	layout->sections[layout->section_count++] = (struct pm_section){
		.type = type, .offset = layout->data_first << PM_PAGE_SHIFT, .bytes = pages << PM_PAGE_SHIFT};
	layout->data_first += pages;
}

enum pm_code pm_layout_compute(uint64_t bytes, const struct pm_pool_request *request, struct pm_layout *layout)
{
	uint64_t count = bytes >> PM_PAGE_SHIFT, blocks = pm_blocks_of(count);
	uint64_t records = request->record_slots ? request->record_slots : PM_RECORDS_PER_PAGE;
	uint64_t entries =
		request->log_slots ? request->log_slots : clamp(count / PAGES_PER_ENTRY, ENTRIES_MIN, ENTRIES_MAX);
	enum pm_code code = request_check(bytes, request);

	memset(layout, 0, sizeof(*layout));
	if (code)
		return code;
	layout->page_count = count;
	layout->data_first = 1;
	layout->data_end = count - 1;
	section_add(layout, PM_SECTION_BLOCKS, pages_for(blocks * 8, PM_PAGE_SIZE));
	section_add(layout, PM_SECTION_PAGE_STATES, pages_for(blocks * PM_WORDS_PER_BLOCK * 8, PM_PAGE_SIZE));
	section_add(layout, PM_SECTION_RECORDS, pages_for(records, PM_RECORDS_PER_PAGE));
	section_add(layout, PM_SECTION_SHARED, 1);
	if (!request->region_index)
		section_add(layout, PM_SECTION_LOG, pages_for(entries, ENTRIES_PER_PAGE));
	return layout->data_first < layout->data_end ? PM_OK : PM_E_REGION_TOO_SMALL;
}

const struct pm_section *pm_section_find(const struct pm_superblock *sb, enum pm_section_type type)
{
	for (uint32_t i = 0; i < sb->section_count && i < PM_SECTIONS_MAX; i++)
		if (sb->sections[i].type == (uint32_t)type)
			return &sb->sections[i];
	return NULL;
}

static bool sections_apart(const struct pm_section *a, const struct pm_section *b)
{
	return a->offset + a->bytes <= b->offset || b->offset + b->bytes <= a->offset;
}

static bool section_sane(const struct pm_superblock *sb, uint32_t index)
{
	const struct pm_section *section = &sb->sections[index];
	uint64_t end = sb->data_first << PM_PAGE_SHIFT; /* data_first < 2^32 was checked */

	if (section->type == PM_SECTION_NONE || section->flags)
		return false;
	if (!section->bytes || (section->offset | section->bytes) & (PM_PAGE_SIZE - 1))
		return false;
	if (section->offset < PM_PAGE_SIZE || section->offset >= end || section->bytes > end - section->offset)
		return false;
	for (uint32_t i = 0; i < index; i++)
		if (!sections_apart(section, &sb->sections[i]) || section->type == sb->sections[i].type)
			return false;
	return true;
}

static bool sections_sane(const struct pm_superblock *sb)
{
	const struct pm_section *blocks, *states, *records, *shared, *log;
	uint64_t count = pm_blocks_of(sb->page_count);

	if (sb->section_count > PM_SECTIONS_MAX)
		return false;
	for (uint32_t i = 0; i < sb->section_count; i++)
		if (!section_sane(sb, i))
			return false;
	blocks = pm_section_find(sb, PM_SECTION_BLOCKS);
	states = pm_section_find(sb, PM_SECTION_PAGE_STATES);
	records = pm_section_find(sb, PM_SECTION_RECORDS);
	shared = pm_section_find(sb, PM_SECTION_SHARED);
	log = pm_section_find(sb, PM_SECTION_LOG);
	if (!blocks || !states || !records || !shared || (!log && sb->region_index == 0))
		return false;
	if (blocks->bytes / 8 < count || states->bytes / 8 < count * PM_WORDS_PER_BLOCK)
		return false;
	return records->bytes / sizeof(struct pm_record) <= SLOTS_MAX &&
	       (!log || log->bytes / sizeof(struct pm_log_entry) <= SLOTS_MAX);
}

bool pm_superblock_sane(const struct pm_superblock *sb)
{
	if (sb->bytes != sizeof(*sb) || sb->page_shift != PM_PAGE_SHIFT || !sb->sequence)
		return false;
	if (sb->region_bytes < PM_MIN_REGION_BYTES || sb->region_bytes > PM_MAX_REGION_BYTES)
		return false;
	if ((sb->region_bytes | sb->physical_base) & (PM_PAGE_SIZE - 1))
		return false;
	if (!range_possible(sb->physical_base, sb->region_bytes))
		return false;
	if (sb->page_count != sb->region_bytes >> PM_PAGE_SHIFT || sb->data_end != sb->page_count - 1)
		return false;
	if (sb->data_first < 2 || sb->data_first >= sb->data_end)
		return false;
	if (!place_possible(sb->region_index, sb->first_pool_page, sb->page_count))
		return false;
	if (sb->medium > PM_MEDIUM_FILE || sb->numa_node < -1)
		return false;
	if (!pm_text_field_valid(sb->pool_name, PM_NAME_BYTES) || !pm_name_valid(sb->pool_name))
		return false;
	return sections_sane(sb);
}
