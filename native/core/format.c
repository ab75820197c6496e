/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Make a pool: everything else first, superblock A's magic as the commit, superblock B after it. */
#include "layout.h"
#include "log.h"
#include "pages.h"
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
	sb->section_count = 3;
	sb->region_count = 1;
	memcpy(sb->sections, layout->sections, sizeof(layout->sections));
	pm_superblock_seal(sb);
}

uint64_t pm_metadata_word(const struct pm_superblock *sb, uint64_t word)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < PM_PAGES_PER_WORD; i++) {
		uint64_t page = word * PM_PAGES_PER_WORD + i, state = PM_PAGE_FREE;

		if (page == 0 || page == sb->data_end)
			state = PM_PAGE_HEAD;
		else if (page < sb->data_first)
			state = PM_PAGE_CONTINUES;
		else if (page >= sb->page_count)
			state = PM_PAGE_BAD;
		bits |= state << (2 * i);
	}
	for (uint32_t i = 0; i < sb->section_count; i++) {
		uint64_t page = sb->sections[i].offset >> PM_PAGE_SHIFT;

		if (page / PM_PAGES_PER_WORD == word)
			bits |= (uint64_t)PM_PAGE_HEAD << (2 * (page % PM_PAGES_PER_WORD));
	}
	return bits;
}

static void write_states(uint8_t *base, const struct pm_superblock *sb)
{
	uint64_t *words = (uint64_t *)(void *)(base + sb->sections[0].offset), count = pm_states_words(sb->page_count);
	uint64_t first_data = sb->data_first / PM_PAGES_PER_WORD, last = sb->data_end / PM_PAGES_PER_WORD;

	pm_store_zero(words, sb->sections[0].bytes);
	for (uint64_t word = 0; word <= first_data; word++)
		pm_store64(words + word, pm_metadata_word(sb, word));
	for (uint64_t word = last; word < count; word++)
		pm_store64(words + word, pm_metadata_word(sb, word));
	pm_flush(words, sb->sections[0].bytes);
}

static void write_log(uint8_t *base, const struct pm_superblock *sb, const struct pm_act *act)
{
	struct pm_log_entry entry;

	pm_log_entry_make(&entry, 1, PM_VERB_POOL_CREATE, 0, sb->page_count, sb->pool_name, act);
	pm_store_zero(base + sb->sections[2].offset, sb->sections[2].bytes);
	pm_store_bytes(base + sb->sections[2].offset, &entry, sizeof(entry));
	pm_flush(base + sb->sections[2].offset, sb->sections[2].bytes);
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
	write_states(base, &sb);
	pm_store_zero((uint8_t *)base + sb.sections[1].offset, sb.sections[1].bytes);
	pm_flush((uint8_t *)base + sb.sections[1].offset, sb.sections[1].bytes);
	write_log(base, &sb, act);
	pm_fence();
	pm_superblock_write(base, &sb);
	pm_superblock_write((uint8_t *)base + bytes - PM_PAGE_SIZE, &sb);
	return PM_OK;
}
