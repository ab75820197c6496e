/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arithmetic on page counts and sections; nothing here touches a region. */
#ifndef PMPOOL_LAYOUT_H
#define PMPOOL_LAYOUT_H

#include "pmpool/core.h"

/* Does this superblock make sense by itself: sizes, ranges, sections inside their area, none over another. */
bool pm_superblock_sane(const struct pm_superblock *sb);
const struct pm_section *pm_section_find(const struct pm_superblock *sb, enum pm_section_type type);
/* What the states word must hold for metadata pages and for pages past the end; data pages are free. */
uint64_t pm_metadata_word(const struct pm_superblock *sb, uint64_t word);

static inline uint64_t pm_states_words(uint64_t page_count)
{
	return (page_count + PM_PAGES_PER_WORD - 1) / PM_PAGES_PER_WORD;
}

#endif
