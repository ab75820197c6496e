/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocated pages of a range, one after the other in an order that follows from a seed: each comes once, each place is
 * as likely as the other. Without a list of them, so that a pool of any size costs the same memory.
 */
#ifndef PMPOOL_MEMORY_CHOICE_H
#define PMPOOL_MEMORY_CHOICE_H

#include "pmpool/core.h"
#include "shuffle.h"

enum { CHOICE_MARKS = 1024 };

struct choice {
	const struct pm_pool *pool;
	uint64_t first, end; /* pool pages */
	bool heads; /* first pages of allocations only */
	uint64_t start, stride; /* a mark stands every `stride` pages from `start` on; both multiples of 32 */
	uint64_t before[CHOICE_MARKS + 1]; /* such pages before each mark */
	struct shuffle shuffle;
	uint64_t turn; /* of the page that comes next */
};

/* Metadata counts as allocated and is passed over when its turn comes. */
void choice_start(struct choice *choice, const struct pm_pool *pool, uint64_t first, uint64_t end, bool heads,
		  uint64_t seed);
/* False at the end. */
bool choice_next(struct choice *choice, uint64_t *page);
/* Again from the first one, in the same order. */
void choice_rewind(struct choice *choice);
/* Has choice_next given the page out since it was started or rewound? False for pages it never gives. */
bool choice_given(const struct choice *choice, uint64_t page);
/* Any of them (metadata as well), by a number; choice->end when there is none. */
uint64_t choice_any(const struct choice *choice, uint64_t number);

/* Allocated, and neither metadata nor one of the directory's. */
bool page_has_content(const struct pm_pool *pool, uint64_t page);

#endif
