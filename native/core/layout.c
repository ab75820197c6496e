/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "layout.h"
#include "text.h"
#include <string.h>

#define RECORDS_PER_PAGE (PM_PAGE_SIZE / sizeof(struct pm_record))
#define ENTRIES_PER_PAGE (PM_PAGE_SIZE / sizeof(struct pm_log_entry))
#define SLOTS_MAX (UINT64_C(1) << 24)
#define PHYSICAL_END (UINT64_C(1) << 52) /* what x86 and arm64 can address */

static uint64_t clamp(uint64_t value, uint64_t low, uint64_t high)
{
	return value < low ? low : value > high ? high : value;
}

static uint64_t pages_for(uint64_t items, uint64_t per_page)
{
	return (items + per_page - 1) / per_page;
}

enum pm_code pm_layout_compute(uint64_t bytes, const struct pm_pool_request *request, struct pm_layout *layout)
{
	uint64_t count = bytes >> PM_PAGE_SHIFT;
	uint64_t records = request->record_slots ? request->record_slots : clamp(count / 128, 64, 131072);
	uint64_t entries = request->log_slots ? request->log_slots : clamp(count / 64, 256, 65536);
	uint64_t pages[3], page = 1;
	static const uint32_t types[3] = {PM_SECTION_PAGE_STATES, PM_SECTION_RECORDS, PM_SECTION_LOG};

	memset(layout, 0, sizeof(*layout));
	if (bytes < PM_MIN_REGION_BYTES)
		return PM_E_REGION_TOO_SMALL;
	if (bytes > PM_MAX_REGION_BYTES)
		return PM_E_UNSUPPORTED;
	if ((bytes | request->physical_base) & (PM_PAGE_SIZE - 1))
		return PM_E_REGION_UNALIGNED;
	if (request->physical_base >= PHYSICAL_END || bytes > PHYSICAL_END - request->physical_base)
		return PM_E_OUT_OF_RANGE;
	if (records > SLOTS_MAX || entries > SLOTS_MAX)
		return PM_E_COUNT_INVALID;
	pages[0] = pages_for(pm_states_words(count) * 8, PM_PAGE_SIZE);
	pages[1] = pages_for(records, RECORDS_PER_PAGE);
	pages[2] = pages_for(entries, ENTRIES_PER_PAGE);
	for (int i = 0; i < 3; i++) {
		layout->sections[i].type = types[i];
		layout->sections[i].offset = page << PM_PAGE_SHIFT;
		layout->sections[i].bytes = pages[i] << PM_PAGE_SHIFT;
		page += pages[i];
	}
	layout->page_count = count;
	layout->data_first = page;
	layout->data_end = count - 1;
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
	const struct pm_section *states, *records, *log;

	if (sb->section_count > PM_SECTIONS_MAX)
		return false;
	for (uint32_t i = 0; i < sb->section_count; i++)
		if (!section_sane(sb, i))
			return false;
	states = pm_section_find(sb, PM_SECTION_PAGE_STATES);
	records = pm_section_find(sb, PM_SECTION_RECORDS);
	log = pm_section_find(sb, PM_SECTION_LOG);
	if (!states || !records || !log || states->bytes / 8 < pm_states_words(sb->page_count))
		return false;
	return records->bytes / sizeof(struct pm_record) <= SLOTS_MAX &&
	       log->bytes / sizeof(struct pm_log_entry) <= SLOTS_MAX;
}

bool pm_superblock_sane(const struct pm_superblock *sb)
{
	if (sb->bytes != sizeof(*sb) || sb->page_shift != PM_PAGE_SHIFT || !sb->sequence)
		return false;
	if (sb->region_bytes < PM_MIN_REGION_BYTES || sb->region_bytes > PM_MAX_REGION_BYTES)
		return false;
	if ((sb->region_bytes | sb->physical_base) & (PM_PAGE_SIZE - 1))
		return false;
	if (sb->physical_base >= PHYSICAL_END || sb->region_bytes > PHYSICAL_END - sb->physical_base)
		return false;
	if (sb->page_count != sb->region_bytes >> PM_PAGE_SHIFT || sb->data_end != sb->page_count - 1)
		return false;
	if (sb->data_first < 2 || sb->data_first >= sb->data_end)
		return false;
	if (sb->region_index != 0 || sb->region_count != 1)
		return false;
	if (!pm_text_field_valid(sb->pool_name, PM_NAME_BYTES) || !pm_name_valid(sb->pool_name))
		return false;
	return sections_sane(sb);
}
