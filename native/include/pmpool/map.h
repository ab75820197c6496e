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

/* The same in pieces, so that other work can be done in between: no piece is longer than `pages`, true after the last.
 * Between two pieces the pool may change, and be attached anew. Fields are the walk's own. */
struct pm_map_walk {
	struct pm_map_count now; /* of the cell that the walk is in */
	uint64_t mask; /* pages of a cell - 1 */
	uint64_t at, end; /* the next page; one past the last page asked for */
	pm_map_cell *cell;
	void *context;
};
void pm_map_cells_begin(const struct pm_pool *pool, unsigned level, uint64_t first, uint64_t cells, pm_map_cell *cell,
			void *context, struct pm_map_walk *walk);
bool pm_map_cells_step(const struct pm_pool *pool, struct pm_map_walk *walk, uint64_t pages);

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

/* The same in pieces; `found` is whole after the last. The walk must not be moved meanwhile. */
struct pm_map_range_walk {
	struct pm_map_range found;
	struct pm_map_walk cells;
	uint64_t open; /* where the free run begins that the last piece ended in; UINT64_MAX: in none */
};
void pm_map_range_begin(uint64_t from, uint64_t to, struct pm_map_range_walk *walk);
bool pm_map_range_step(const struct pm_pool *pool, struct pm_map_range_walk *walk, uint64_t pages);

enum pm_map_what { PM_MAP_FREE, PM_MAP_ALLOCATION, PM_MAP_BAD };
/* The first run with a page at or after `from`, the last one with a page at or before it. An allocation counts by its
 * first page and is whole; free and bad runs are cut at `from`, and a free one has at least `pages` pages then. False
 * when there is none. Any numbers. */
bool pm_map_next(const struct pm_pool *pool, enum pm_map_what what, uint64_t from, uint64_t pages,
		 struct pm_map_run *run);
bool pm_map_previous(const struct pm_pool *pool, enum pm_map_what what, uint64_t from, uint64_t pages,
		     struct pm_map_run *run);

/* The same in pieces: true when it is over, with a run or without one. */
struct pm_map_search {
	enum pm_map_what what;
	bool previous, found;
	uint64_t from, pages;
	struct pm_map_run run;
	uint64_t at; /* what is to be looked at next begins (previous: ends) here */
	uint64_t row; /* free pages in a row up to there */
};
void pm_map_search_begin(enum pm_map_what what, bool previous, uint64_t from, uint64_t pages,
			 struct pm_map_search *search);
bool pm_map_search_step(const struct pm_pool *pool, struct pm_map_search *search, uint64_t pages);

#endif
