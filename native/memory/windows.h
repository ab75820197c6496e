/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The free pages of a range, piece by piece: lock, read which pages are free, work on the windows of the piece by all
 * cores, look at what they found on the calling thread, unlock.
 */
#ifndef PMPOOL_MEMORY_WINDOWS_H
#define PMPOOL_MEMORY_WINDOWS_H

#include "pmpool/memory.h"

enum { WINDOW_PAGES = 256, WINDOW_WORDS = WINDOW_PAGES / 64, PIECE_WINDOWS_MAX = 128 };

struct window {
	uint64_t first; /* pool page, a multiple of WINDOW_PAGES */
	uint64_t free[WINDOW_WORDS]; /* bit n of word i: page 64 i + n of the window is free, and of the range */
	uint64_t marked[WINDOW_WORDS]; /* for the work */
};

struct window_work {
	unsigned piece_windows; /* under one lock, at most PIECE_WINDOWS_MAX */
	/* Free pages [first, first + pages) of one window; on any thread, guarded: may be jumped out of. `number` is
	 * that of the window in the piece. */
	enum pm_code (*run)(void *context, struct window *window, unsigned number, uint64_t first, uint64_t pages,
			    struct pm_error *err);
	/* After all windows of a piece, under the lock, not guarded; may be NULL. */
	enum pm_code (*piece)(void *context, struct window *windows, unsigned count, struct pm_error *err);
	void (*progress)(void *context, uint64_t bytes); /* done of the range; may be NULL */
	void *context;
	uint64_t *turn_ns; /* when others last had the lock; the caller's, 0 at first */
};

/* counts->pages and ->skipped grow with each piece. */
enum pm_code windows_work(const struct pm_free_range *range, const struct window_work *work,
			  struct pm_free_counts *counts, struct pm_error *err);
enum pm_code windows_writable(const struct pm_free_range *range, struct pm_error *err); /* or POOL_READ_ONLY */
uint64_t windows_end(const struct pm_free_range *range); /* pool page, one past the last of the range */

static inline void window_mark(struct window *window, uint64_t page)
{
	window->marked[(page - window->first) / 64] |= UINT64_C(1) << (page - window->first) % 64;
}

/* The next run of pages whose bit is set, from pool page *first of the window on; false at its end. */
bool window_next(const struct window *window, const uint64_t bits[WINDOW_WORDS], uint64_t *first, uint64_t *pages);

#endif
