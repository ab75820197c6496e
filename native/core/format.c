/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Make a pool: everything else first, superblock A's magic as the commit, superblock B after it. */
#include "blocks.h"
#include "layout.h"
#include "log.h"
#include "persist.h"
#include "superblock.h"
#include "text.h"
#include <string.h>

static void fill_superblock(struct pm_superblock *sb, uint64_t bytes, const struct pm_pool_request *request,
			    const struct pm_layout *layout, const struct pm_act *act)
{
	memset(sb, 0, sizeof(*sb));
	memcpy(sb->magic, PM_MAGIC, sizeof(sb->magic));
	sb->version = PM_FORMAT_VERSION;
	sb->bytes = sizeof(*sb);
	memcpy(sb->pool_uuid, request->pool_uuid, 16);
	memcpy(sb->region_uuid, request->region_uuid, 16);
	pm_text_put(sb->pool_name, PM_NAME_BYTES, request->name);
	sb->physical_base = request->physical_base;
	sb->region_bytes = bytes;
	sb->page_count = layout->page_count;
	sb->data_first = layout->data_first;
	sb->data_end = layout->data_end;
	sb->sequence = 1;
	sb->created_ns = act->time_ns;
	memcpy(sb->created_boot_id, act->boot_id, 16);
	sb->page_shift = PM_PAGE_SHIFT;
	sb->section_count = layout->section_count;
	sb->region_index = request->region_index;
	sb->medium = request->medium;
	sb->first_pool_page = request->first_pool_page;
	sb->numa_node = request->numa_node;
	memcpy(sb->sections, layout->sections, sizeof(layout->sections));
	pm_superblock_seal(sb);
}

static void zero_section(uint8_t *base, const struct pm_superblock *sb, enum pm_section_type type, bool flush)
{
	const struct pm_section *section = pm_section_find(sb, type);

	pm_store_zero(base + section->offset, section->bytes);
	pm_flush_if(flush, base + section->offset, section->bytes);
}

static void write_log(uint8_t *base, const struct pm_superblock *sb, bool flush, const struct pm_act *act)
{
	const struct pm_section *section = pm_section_find(sb, PM_SECTION_LOG);
	struct pm_log_entry entry;

	if (!section)
		return;
	zero_section(base, sb, PM_SECTION_LOG, flush);
	pm_log_entry_make(&entry, 1, PM_VERB_POOL_CREATE, 0, sb->page_count, sb->pool_name, act);
	pm_store_bytes(base + section->offset, &entry, sizeof(entry));
	pm_flush_if(flush, base + section->offset, sizeof(entry));
}

/* Until both magics are gone it is still whole. */
void pm_pool_erase(void *base, uint64_t bytes)
{
	uint8_t *b = (uint8_t *)base + bytes - PM_PAGE_SIZE;

	pm_store64(base, 0);
	pm_persist(base, 8);
	pm_store64((uint64_t *)(void *)b, 0);
	pm_persist(b, 8);
}

enum pm_code pm_pool_format(void *base, uint64_t bytes, const struct pm_pool_request *request, const struct pm_act *act)
{
	struct pm_superblock sb;
	struct pm_layout layout;
	enum pm_code code = pm_layout_compute(bytes, request, &layout);

	if (code)
		return code;
	if (!pm_text_field_valid(request->name, PM_NAME_BYTES) || !pm_name_fit(request->name))
		return PM_E_NAME_INVALID;
	fill_superblock(&sb, bytes, request, &layout, act);
	pm_pool_erase(base, bytes); /* an older pool here goes first */
	pm_blocks_format(base, &sb, request->flush);
	zero_section(base, &sb, PM_SECTION_RECORDS, request->flush);
	zero_section(base, &sb, PM_SECTION_SHARED, request->flush);
	write_log(base, &sb, request->flush, act);
	pm_fence_if(request->flush);
	pm_superblock_write(base, &sb, request->flush);
	pm_superblock_write((uint8_t *)base + bytes - PM_PAGE_SIZE, &sb, request->flush);
	return PM_OK;
}
