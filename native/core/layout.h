/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arithmetic on page counts and sections; nothing here touches a region. */
#ifndef PMPOOL_LAYOUT_H
#define PMPOOL_LAYOUT_H

#include "pmpool/core.h"

/* Does this superblock make sense by itself: sizes, ranges, sections inside their area, none over another. */
bool pm_superblock_sane(const struct pm_superblock *sb);
const struct pm_section *pm_section_find(const struct pm_superblock *sb, enum pm_section_type type);

static inline uint64_t pm_blocks_of(uint64_t page_count)
{
	return (page_count + PM_BLOCK_PAGES - 1) >> PM_BLOCK_SHIFT;
}

/* Pool page at which a region may begin behind one that ends there. */
static inline uint64_t pm_next_first_pool_page(uint64_t end)
{
	return (end + PM_BLOCK_PAGES - 1) & ~(PM_BLOCK_PAGES - 1);
}

#endif
