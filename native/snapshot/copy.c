// SPDX-License-Identifier: GPL-2.0-or-later
#include "copy.h"
#include "container.h"
#include "core/layout.h"
#include "pmpool/region.h"
#include <stdlib.h>
#include <string.h>

static const enum pm_section_type section_types[PM_COPY_SECTIONS] = {
	[PM_COPY_STATES] = PM_SECTION_PAGE_STATES,
	[PM_COPY_RECORDS] = PM_SECTION_RECORDS,
	[PM_COPY_LOG] = PM_SECTION_LOG,
};

struct asked {
	const struct pm_pool *pool;
	uint64_t sequence;
};

static void sequence_body(void *argument)
{
	struct asked *asked = argument;

	asked->sequence = pm_log_sequence(asked->pool);
}

/* Bit 0 of a page's two is set in HEAD and CONTINUES only. */
static bool allocated(const struct pm_copy *copy, uint64_t page)
{
	uint64_t word;

	memcpy(&word, copy->sections[PM_COPY_STATES].data + page / PM_PAGES_PER_WORD * sizeof(word), sizeof(word));
	return word >> (page % PM_PAGES_PER_WORD * 2) & 1;
}

static bool word_empty(const struct pm_copy *copy, uint64_t page)
{
	uint64_t word;

	memcpy(&word, copy->sections[PM_COPY_STATES].data + page / PM_PAGES_PER_WORD * sizeof(word), sizeof(word));
	return !(word & UINT64_C(0x5555555555555555));
}

bool pm_copy_run(const struct pm_copy *copy, uint64_t from, uint64_t *first, uint32_t *count)
{
	uint64_t page = from < copy->sb.data_first ? copy->sb.data_first : from, end = copy->sb.data_end;

	while (page < end && !allocated(copy, page))
		page = word_empty(copy, page) ? (page | (PM_PAGES_PER_WORD - 1)) + 1 : page + 1;
	if (page >= end)
		return false;
	*first = page;
	for (*count = 0; page < end && *count < PM_GROUP_PAGES && allocated(copy, page); page++)
		++*count;
	return true;
}

static enum pm_code section_take(const struct pm_pool *pool, struct pm_copy *copy, int index, struct pm_error *err)
{
	const struct pm_section *section = pm_section_find(&pool->sb, section_types[index]);

	if (!section)
		return pm_fail(err, PM_E_POOL_CORRUPT, "The superblock names no section of type %d.",
			       (int)section_types[index]);
	copy->sections[index].data = malloc((size_t)section->bytes);
	if (!copy->sections[index].data)
		return pm_fail(err, PM_E_OUT_OF_MEMORY, "No memory for %llu bytes of metadata.",
			       (unsigned long long)section->bytes);
	copy->sections[index].bytes = section->bytes;
	return pm_region_copy(copy->sections[index].data, pool->base + section->offset, (size_t)section->bytes, err);
}

enum pm_code pm_copy_take(const struct pm_pool *pool, struct pm_copy *copy, struct pm_error *err)
{
	struct asked asked = {.pool = pool};
	enum pm_code code;
	uint64_t page = 0;
	uint32_t count;

	*copy = (struct pm_copy){.sb = pool->sb};
	for (int i = 0; i < PM_COPY_SECTIONS; i++) {
		code = section_take(pool, copy, i, err);
		if (code)
			return code;
	}
	code = pm_region_guarded(sequence_body, &asked, err);
	if (code)
		return code;
	copy->log_sequence = asked.sequence;
	for (uint64_t from = 0; pm_copy_run(copy, from, &page, &count); from = page + count)
		copy->allocated += count;
	return PM_OK;
}

void pm_copy_free(struct pm_copy *copy)
{
	for (int i = 0; i < PM_COPY_SECTIONS; i++)
		free(copy->sections[i].data);
	*copy = (struct pm_copy){0};
}
