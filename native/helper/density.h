/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool's map in so many cells: how full each is, and whether something in it must not go unseen. No I/O. */
#ifndef PMPOOL_HELPER_DENSITY_H
#define PMPOOL_HELPER_DENSITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct density_cell {
	uint64_t pages, allocated, bad, metadata;
};

struct density {
	uint64_t page_count, data_first, data_end;
	uint64_t pages_per_cell; /* a power of two, so that cells keep their place in windows of other widths */
	size_t count;
	struct density_cell *cells;
	struct density_range {
		uint64_t first, end;
	} * own; /* few */
	size_t own_count;
};

/* At most max_cells cells; false without memory. */
bool density_begin(struct density *density, uint64_t page_count, uint64_t data_first, uint64_t data_end,
		   size_t max_cells);
/* States of pages [first, first+count), two bits each as pool/map answers them. */
void density_add(struct density *density, uint64_t first, uint64_t count, const uint8_t *states);
/* Pages among the data that the pool has for itself: to be said before any states are added. */
bool density_own(struct density *density, uint64_t first, uint64_t count);
void density_end(struct density *density);

/* 0: nothing allocated, 1 to 4: quarters, so that a lone page shows as 1 and only a full cell as 4. */
unsigned density_level(const struct density_cell *cell);

#endif
