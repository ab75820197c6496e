/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where there is room: volatile, hints only. The block and page words decide. */
#ifndef PMPOOL_INDEX_H
#define PMPOOL_INDEX_H

#include "member.h"

/* Make member->index from the words, in one pass. PM_OK or OUT_OF_MEMORY. */
enum pm_code pm_index_make(struct pm_member *member, const struct pm_memory *memory);
void pm_index_free(struct pm_member *member, const struct pm_memory *memory); /* NULL is fine */
/* Another process may have freed: raise every hint to what the words say. Other threads may be at work. */
void pm_index_rebuild(struct pm_member *member);
/* To be called for each member by pm_pool_begin, after the lock was taken: the first free after it moves
 * shared->pages_generation once. */
void pm_index_begin(struct pm_member *member);

/* Pages that are free, as far as we know: exact while no other process works on the region. */
uint64_t pm_index_free_pages(const struct pm_member *member);

#endif
