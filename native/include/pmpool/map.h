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

#endif
