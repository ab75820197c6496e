/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where there is room: volatile, hints only; the block and page words decide. Never too low while no other process
 * frees (pm_index_rebuild is for that), often too high until a search finds out.
 */
#ifndef PMPOOL_INDEX_H
#define PMPOOL_INDEX_H

#include "member.h"
#include "tree.h"

enum { PM_CLASSES = 3 }; /* orders 0 to 2, 3 to 5, 6 to 8: each fills blocks of its own while there are enough */

/* Where a thread looks next. Two threads on one lane are allowed. A cache line pair of its own. */
struct pm_lane {
	_Atomic uint64_t word[PM_CLASSES]; /* page word; PM_NO_WORD: none yet */
	_Atomic uint64_t group; /* of 64 blocks */
	_Atomic int64_t freed; /* pages freed less pages claimed */
	uint64_t apart[16 - PM_CLASSES - 2];
};
_Static_assert(sizeof(struct pm_lane) == 128, "a lane is a pair of cache lines");
#define PM_NO_WORD UINT64_MAX

struct pm_index {
	struct pm_lane lanes[PM_LANES];
	/* For each block: 1 + the largest free order in it while it is split, 10 when all of it is free; else 0. */
	struct pm_tree split;
	/* For each 64 blocks (as counted from `pad` before the first, so that groups are aligned by page frame number):
	 * 1 + the order of the largest aligned group of free blocks. */
	struct pm_tree whole;
	_Atomic uint64_t *free_blocks; /* a bit each */
	uint64_t pad;
	uint32_t base_order; /* page indexes are aligned up to this order where page frame numbers are */
	int64_t free_pages; /* when it was made */
	_Atomic bool told; /* pages_generation was moved since pm_index_begin */
	void *taken; /* from pm_memory */
	size_t taken_bytes;
};
#define PM_BLOCK_EMPTY_VALUE 10u

/* Make member->index from the words, in one pass. PM_OK or OUT_OF_MEMORY. */
enum pm_code pm_index_make(struct pm_member *member, const struct pm_memory *memory);
void pm_index_free(struct pm_member *member, const struct pm_memory *memory); /* without one is fine */
/* Another process may have freed: raise every hint to what the words say. Other threads may be at work. */
void pm_index_rebuild(struct pm_member *member);
bool pm_index_stale(const struct pm_member *member); /* did another process free since? */
/* To be called for each member by pm_pool_begin, after the lock was taken: the first free after it moves
 * shared->pages_generation once. */
void pm_index_begin(struct pm_member *member);
/* Pages that are free, as far as we know: exact while no other process works on the region. */
uint64_t pm_index_free_pages(const struct pm_member *member);

/* --- for claim.c and room.c --- */

static inline struct pm_lane *pm_lane(const struct pm_member *member, uint32_t lane)
{
	return &member->index->lanes[lane % PM_LANES];
}

/* A hint: threads that share a lane may lose some. */
static inline void pm_lane_count(struct pm_lane *lane, int64_t pages)
{
	int64_t freed = atomic_load_explicit(&lane->freed, memory_order_relaxed);

	atomic_store_explicit(&lane->freed, freed + pages, memory_order_relaxed);
}

/* 1 + the largest free order in a split block, by its words; 0 when it is not split or full. */
unsigned pm_block_value(const struct pm_member *member, uint64_t block);
/* A leaf of the split tree that says too much: to what the words say. Owned no more when `disown`. */
void pm_index_lower(struct pm_member *member, uint64_t block, bool disown);
/* Blocks [first, first + count) are claimed as a whole, by us / are FREE now. */
void pm_index_took(struct pm_member *member, uint64_t first, uint64_t count);
void pm_index_gave(struct pm_member *member, uint64_t first, uint64_t count);
/* A block that is not FREE, as we think. */
void pm_index_took_checked(struct pm_member *member, uint64_t block);
/* A split block of which all pages are free: join it, unless it is somebody's current one. */
void pm_index_emptied(struct pm_member *member, uint64_t block);
/* A leaf of the split tree that may say too little: to what the words say; joined when all pages are free. */
void pm_index_room(struct pm_member *member, uint64_t block);
/* The leaf of 64 blocks says too much: to what its bits say. */
void pm_index_lower_group(struct pm_member *member, uint64_t group);
/* First block from `block` on that is FREE as a whole by the hints, or PM_TREE_NONE. */
uint64_t pm_index_next_free(struct pm_member *member, uint64_t block);
/* Join all blocks that are split and empty; true when there were some. */
bool pm_index_join_all(struct pm_member *member);
/* The first free of this begin to end. */
void pm_index_tell(struct pm_member *member);

#endif
