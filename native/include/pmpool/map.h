/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page map of a pool: states counted and runs found over any number of pages. Blocks that are not split are one
 * step. For readers: no lock, writes nothing. Page numbers are pool pages.
 */
#ifndef PMPOOL_MAP_H
#define PMPOOL_MAP_H

#include "core.h"

/* Pages by what stands in them. Metadata: outside the data of a region, and the directory's pages among it. Absent:
 * of a missing region, or between two regions. */
struct pm_map_count {
	uint64_t free, allocated, bad, metadata, absent;
	uint64_t first; /* of the allocated ones: first pages of allocations */
};

enum { PM_MAP_LEVEL_MAX = 40 };
/* What stands in `cells` cells of 2^level pages from cell `first` on; one that begins in the pool may reach past its
 * end (and no other may be asked for). `cell` is told of each in order. level <= PM_MAP_LEVEL_MAX. */
typedef void pm_map_cell(void *context, const struct pm_map_count *count);
void pm_map_cells(const struct pm_pool *pool, unsigned level, uint64_t first, uint64_t cells, pm_map_cell *cell,
		  void *context);

struct pm_map_run {
	uint64_t page, pages;
};

struct pm_map_range {
	struct pm_map_count count;
	uint64_t free_runs; /* cut at the ends of the range */
	struct pm_map_run largest_free; /* the first of the longest; pages 0: none */
};
/* What stands in [from, to); `to` is at most the pool's page_end. */
void pm_map_range_get(const struct pm_pool *pool, uint64_t from, uint64_t to, struct pm_map_range *range);

enum pm_map_what { PM_MAP_FREE, PM_MAP_ALLOCATION, PM_MAP_BAD };
/* The first run with a page at or after `from`, the last one with a page at or before it. An allocation counts by its
 * first page and is whole; free and bad runs are cut at `from`, and a free one has at least `pages` pages then. False
 * when there is none. Any numbers. */
bool pm_map_next(const struct pm_pool *pool, enum pm_map_what what, uint64_t from, uint64_t pages,
		 struct pm_map_run *run);
bool pm_map_previous(const struct pm_pool *pool, enum pm_map_what what, uint64_t from, uint64_t pages,
		     struct pm_map_run *run);

#endif
